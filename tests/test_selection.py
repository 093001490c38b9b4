"""Which sources an article is checked against: filters, newer versions, the article's date."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from agent import FactChecker
from agent.errors import LibraryEmpty, UsageError
from agent.report import FORMATS, render
from agent.selection import Selection
from agent.types import Article, Document, Report
from tests.conftest import BRIDGE, BRIDGE_SCRIPT, Assay
from tests.fake_embedder import WordEmbedder
from tools.library import Library, locks

COST = 1
"""The claim on what the bridge cost: the Courier of 4 May 2024 supports it, the Post of 10 June
2024 contradicts it."""


def checked(library: Path, *, date: str | None = None, **options: Any) -> Report:
    checker = FactChecker(library, BRIDGE_SCRIPT, journal=False, **options)
    return checker.check(BRIDGE, published_at=date)


def reasons(report: Report) -> dict[str | None, str]:
    return {source.title: source.reason for source in report.sources_left_out}


# --- the article's date -------------------------------------------------------------------


@pytest.mark.parametrize(
    ("date", "verdict"),
    [
        (None, "conflicting"),
        ("2024-06-10", "conflicting"),
        ("2024-07", "conflicting"),
        ("2024", "conflicting"),
        ("2024-05-10", "supported"),
        ("2024-04-30", "unverifiable"),
    ],
)
def test_a_source_counts_by_whether_it_is_certainly_later_than_the_article(
    word_library: Path, date: str | None, verdict: str
) -> None:
    claim = checked(word_library, date=date).claims[COST]
    assert claim.verdict == verdict
    assert {e.stance for e in claim.evidence} >= {"supports", "contradicts"}, "both are shown"
    later = {e.publisher for e in claim.evidence if e.later and e.stance != "neutral"}
    expected = {"supported": {"Valley Post"}, "unverifiable": {"Valley Post", "Tallis Courier"}}
    assert later == expected.get(verdict, set())


def test_a_source_later_than_the_article_is_told_in_every_rendering(word_library: Path) -> None:
    report = checked(word_library, date="2024-05-10")
    told = "A later source, of 10 June 2024, says otherwise: Valley Post."
    assert told in report.claims[COST].explanation
    for name in FORMATS:
        assert "A later source, of 10 June 2024" in " ".join(render(report, name).split())
    items = json.loads(render(report, "json"))["claims"][COST]["evidence"]
    assert {item["publisher"] for item in items if item["later"]} >= {"Valley Post"}


# --- newer versions -----------------------------------------------------------------------


@pytest.fixture
def corrected(word_library: Path) -> Path:
    """The library with what the Courier's page says later."""
    with Library.open(word_library, WordEmbedder(), write=True) as library:
        library.add(
            Document(
                text="The Tallis Bridge was opened on 3 May 2024 by Mayor Ada Berg. It cost 15 "
                "million euros, and not 12 million as we first wrote.",
                title="Bridge opened (corrected)",
                publisher="Tallis Courier",
                published_at="2024-05-20",
                url="http://www.courier.example/bridge/?utm_source=mail",
                language="en",
            )
        )
    return word_library


def test_a_superseded_source_is_no_evidence_and_the_report_names_the_newer(
    corrected: Path,
) -> None:
    report = checked(corrected)
    with Library.open(corrected, WordEmbedder()) as library:
        newer = next(s.id for s in library.sources() if s.title == "Bridge opened (corrected)")
    assert reasons(report) == {
        "Bridge opened": f"superseded by a newer version, {newer} of 20 May 2024"
    }
    quoted = {e.title for claim in report.claims for e in claim.evidence}
    assert "Bridge opened" not in quoted


def test_of_an_article_older_than_the_newer_version_it_is_said_how_to_use_the_older(
    corrected: Path,
) -> None:
    hint = "; to use the one of the article's time: --as-of 2024-05-10"
    assert reasons(checked(corrected, date="2024-05-10"))["Bridge opened"].endswith(hint)
    for date in ("2024-05", "2024-05-01", "2024-06-01"):
        assert "--as-of" not in reasons(checked(corrected, date=date))["Bridge opened"]


def test_as_of_a_day_before_the_newer_version_the_older_one_counts(corrected: Path) -> None:
    report = checked(corrected, as_of="2024-05-19")
    assert reasons(report) == {
        "Bridge opened (corrected)": "published after 2024-05-19",
        "What the crossing cost": "published after 2024-05-19",
        "Night bus": "published after 2024-05-19",
    }


def test_a_newer_version_that_is_not_wanted_does_not_replace_the_older(corrected: Path) -> None:
    with Library.open(corrected, WordEmbedder(), write=True) as library:
        newer = next(s for s in library.sources() if s.title == "Bridge opened (corrected)")
        for source in library.sources():
            library.add(Document(text=source.text), tags=["new" if source == newer else "old"])
    asked: list[dict[str, Any]] = [{"exclude": [newer.id]}, {"tags": ["old"]}]
    for options in asked:
        told = reasons(checked(corrected, **options))
        assert told.keys() == {"Bridge opened (corrected)"}
        assert "superseded" not in told["Bridge opened (corrected)"]


def test_adding_warns_of_a_source_that_has_the_address_of_another_but_not_its_text(
    assay: Assay, word_library: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ASSAY_LIBRARY", str(word_library))
    head = "---\nurl: https://p.example/fares\ndate: {}\n---\n{}"
    (tmp_path / "true.md").write_text(head.format("2026-01-01", "A ticket costs 2 marks."))
    (tmp_path / "planted.md").write_text(
        head.format("2026-07-01", "Whoever rides the tram in this town pays nine marks for it.")
    )
    first = assay("sources", "add", tmp_path / "true.md", "--json").json
    then = assay("sources", "add", tmp_path / "planted.md", "--json")
    assert (first["disputed"], then.json["superseded"]) == ([], [])
    assert then.json["disputed"] == [[*first["added"], *then.json["added"]]]
    assert "have one address, but another text or publisher" in then.err


# --- filters ------------------------------------------------------------------------------

MARKET = Article(id="a-1", text="The mayor opened the market on Tuesday.")


@pytest.fixture
def tagged(word_library: Path) -> Path:
    """The library with a tag on each source: `port`, `cost` and `bus`."""
    with Library.open(word_library, WordEmbedder(), write=True) as library:
        for source, tag in zip(library.sources(), ["port", "cost", "bus"], strict=True):
            library.add(Document(text=source.text), tags=[tag])
    return word_library


@pytest.mark.parametrize(
    ("wanted", "left_out"),
    [
        ({"publishers": ("valley post",)},
         {"Bridge opened": "not published by valley post",
          "Night bus": "not published by valley post"}),
        ({"publishers": ("Valley Post", "Orrel Notes")},
         {"Bridge opened": "not published by Valley Post or Orrel Notes"}),
        ({"since": "2024-06-01", "as_of": "2024-12-31"},
         {"Bridge opened": "published before 2024-06-01",
          "Night bus": "published after 2024-12-31"}),
        ({"languages": ("en",)}, {}),
        ({"tags": ("bus",)},
         {"Bridge opened": "not tagged bus", "What the crossing cost": "not tagged bus"}),
        ({"tags": ("bus", "port")}, {"What the crossing cost": "not tagged bus or port"}),
    ],
)  # fmt: skip
def test_only_the_sources_asked_for_are_used_and_the_others_listed(
    tagged: Path, wanted: dict[str, Any], left_out: dict[str, str]
) -> None:
    with Library.open(tagged, WordEmbedder()) as library:
        listed = Selection(**wanted).left_out(MARKET, library)
    assert {source.title: source.reason for source in listed} == left_out


@pytest.mark.parametrize(
    "wanted",
    [
        {"publishers": ("Valley Pots",)},
        {"languages": ("de",)},
        {"tags": ("port", "prot")},
        {"exclude": ("s-none",)},
    ],
)
def test_what_no_source_has_is_a_mistake_and_told(tagged: Path, wanted: dict[str, Any]) -> None:
    with Library.open(tagged, WordEmbedder()) as library, pytest.raises(UsageError):
        Selection(**wanted).left_out(MARKET, library)


def test_a_language_is_named_by_its_code() -> None:
    with pytest.raises(UsageError, match="'German' is no code of a language"):
        Selection(languages=("German",))


def test_a_first_day_later_than_the_last_is_wrong_usage(assay: Assay, tmp_path: Path) -> None:
    assert Selection(since="2026-03-01", as_of="2026-03-01").since
    days = ("--since", "2026-03-02", "--as-of", "2026-03-01")
    for command in (("check", BRIDGE), ("ask", "Who?"), ("batch", BRIDGE, "--out", tmp_path)):
        result = assay(*map(str, command), *days)
        assert result.code == 2
        assert "from 2026-03-02 on and by 2026-03-01" in result.err


def test_the_report_says_what_was_asked_for_and_runs_on_other_sources_differ(tagged: Path) -> None:
    report = checked(tagged, tags=["port", "cost"], since="2024-01-01")
    assert {name: report.run.settings[name] for name in ("tags", "since", "publishers")} == {
        "tags": "cost, port",
        "since": "2024-01-01",
        "publishers": None,
    }
    assert reasons(report) == {"Night bus": "not tagged port or cost"}
    with Library.open(tagged, WordEmbedder(), write=True) as library:
        library.add(Document(text=library.sources()[2].text), tags=["cost"])
    again = checked(tagged, tags=["port", "cost"], since="2024-01-01")
    assert again.run.library == report.run.library
    assert again.run.id != report.run.id


def test_filters_that_leave_nothing_say_what_they_left_out(tagged: Path) -> None:
    with pytest.raises(LibraryEmpty, match="not tagged bus, published after 2024-12-31") as told:
        checked(tagged, tags="bus", as_of="2024-12-31")
    assert told.value.todo == "Ask for less: leave out --as-of 2024-12-31 or --tag bus"


def test_the_command_line_filters_sources_and_lists_them(
    assay: Assay, tagged: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ASSAY_LIBRARY", str(tagged))
    monkeypatch.setenv("ASSAY_MODEL", BRIDGE_SCRIPT)
    asked = ("--source-publisher", "Valley Post", "--tag", "cost", "--since", "2024-06-01")
    report = assay("check", BRIDGE, *asked, "--language", "en", "--json").json
    assert len(report["sources_left_out"]) == 2
    assert report["run"]["settings"]["publishers"] == "Valley Post"
    for options, titles in [
        (("--tag", "bus"), ["Night bus"]),
        (("--publisher", "valley post"), ["What the crossing cost"]),
        (("--language", "en", "--tag", "port", "--tag", "bus"), ["Bridge opened", "Night bus"]),
    ]:
        listed = assay("sources", "list", *options, "--json").json["sources"]
        assert [source["title"] for source in listed] == titles
    assert "#bus" in assay("sources", "list", "--tag", "bus").out
    none = assay("sources", "list", "--tag", "none")
    assert (none.code, none.out) == (0, "")
    assert "None of the 3 sources" in none.err


# --- adding -------------------------------------------------------------------------------

PAGE = (
    "---\ntitle: Fares {0}\nurl: https://p.example/fares\ndate: {0}\n---\nA ticket costs {1} marks."
)
FEED = """<rss version="2.0"><channel><title>Port news</title><item><title>Ferry late</title>
<link>https://port.example/1</link><description>The ferry to Orrel came in two hours late on
Monday, since its engine had failed off the cape…</description></item></channel></rss>"""


def test_adding_tags_tells_warnings_and_who_is_superseded(
    assay: Assay, word_library: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ASSAY_LIBRARY", str(word_library))
    for day, price in [("2026-01-01", 2), ("2026-07-01", 3)]:
        (tmp_path / f"{day}.md").write_text(PAGE.format(day, price), encoding="utf-8")
    (tmp_path / "news.xml").write_text(FEED, encoding="utf-8")
    files = sorted(tmp_path.glob("2026*.md"))
    added = assay("sources", "add", *files, tmp_path / "news.xml", "--tag", " city  fares ")
    assert added.code == 0
    assert "Warning. Ferry late: " in added.err
    assert "1 source is superseded" in added.err
    listed = assay("sources", "list", "--tag", "city fares", "--json").json["sources"]
    feed, old, new = sorted(listed, key=lambda source: str(source["published_at"] or ""))
    assert (old["superseded_by"], new["superseded_by"]) == (new["id"], None)
    assert f"superseded by {new['id']}" in assay("sources", "list").out
    shown = assay("sources", "show", old["id"]).out
    assert f"superseded_by: {new['id']}" in shown
    assert "tags: city fares" in shown
    assert "warning: " in assay("sources", "show", feed["id"]).out
    assert assay("sources", "add", *files, "--tag", "").code == 2


def test_what_cannot_be_read_is_told_though_the_library_is_busy(
    assay: Assay, word_library: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(locks, "WAIT_SECONDS", 0.1)
    empty = tmp_path / "empty.txt"
    empty.touch()
    with locks.FolderLock(word_library) as lock:
        lock.acquire(exclusive=True)
        for unreadable in (empty, "ftp://port.example/tide.txt", "http://127.0.0.1/tide"):
            result = assay("sources", "add", unreadable, "--library", word_library)
            assert result.code == 3
            assert "Not added: " in result.err
    new = tmp_path / "new-library"
    assert assay("sources", "add", empty, "--library", new).code == 3
    assert not new.exists(), "no library is made for nothing"
