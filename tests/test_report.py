"""The record, its rules, and the renderings as text."""

from __future__ import annotations

import fcntl
import json
import os
import re
import stat
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator
from markdown_it import MarkdownIt
from markdown_it.token import Token

from agent.errors import ReportError, UsageError
from agent.report import FORMATS, render, schema_text, to_json, validate, write_atomically
from agent.report import validity as validity_module
from agent.report.text import escaped
from agent.report.wording import (
    OriginGroup,
    day,
    likelihood,
    one_line,
    percent,
    reading,
    share_checked,
    side,
    tally,
    web_address,
)
from agent.report.writing import _temporary
from agent.types import Coverage, Report, SourceLeftOut
from tests.sample_report import report_with, sample_report

HOSTILE = (
    "<script>window.__pwned=1</script>",
    '"><img src=x onerror=alert(1)>',
    "[click](javascript:alert(1)) ![](https://x.example/p.png) <b>b</b>",
    "# Heading\n\n- item\n1. one\n> quote\n```\ncode\n```",
    "x\n===\n\n---\n\n| a | b |\n|---|---|",
    "https://phish.example www.phish.example a@phish.example @someone #12",
    "\x1b[2J\x1b]8;;https://x.example\x07link\x1b]8;;\x07\x9b31m\x00\x08",
    "abc\u202edesrever\u2066\u061c\u200f",
    "{{ 7 * 7 }} {% raw %} ${x} &lt;b&gt; &amp;",
    "\\\\ \\` ``` ~~~ *a* _b_ $$x$$ ^1 [^1]: note",
    "line\u2028separator\u2029end",
    "]]></script></style></title><!-- -->",
)
ANY_TEXT = st.text(min_size=1, max_size=80) | st.sampled_from(HOSTILE)
MARKED = st.text(alphabet="ab1 .:/@#*_-[]()<>!&|`~+=\\\n\"'wh$^{}", min_size=1, max_size=40)


def changed(report: Report, **fields: Any) -> Report:
    return report.model_copy(update=fields)


def with_claim(report: Report, number: int, **fields: Any) -> Report:
    claims = list(report.claims)
    claims[number] = claims[number].model_copy(update=fields)
    return changed(report, claims=claims)


def with_evidence(report: Report, number: int, **fields: Any) -> Report:
    first, *rest = report.claims[number].evidence
    return with_claim(report, number, evidence=[first.model_copy(update=fields), *rest])


# --- JSON and the contract -----------------------------------------------------------


def test_json_reads_back_as_the_same_report() -> None:
    report = sample_report()
    assert Report.model_validate_json(to_json(report)) == report


def test_json_is_readable_and_ends_in_a_line_feed() -> None:
    text = to_json(sample_report())
    assert text.startswith('{\n  "schema_version": "1",\n  "run": {')
    assert text.endswith("}\n")
    assert "Lindhaven’s electric ferries" in text


def test_json_does_not_depend_on_the_order_in_which_free_dictionaries_were_filled() -> None:
    report = sample_report()
    turned = changed(
        report,
        run=report.run.model_copy(
            update={"settings": dict(reversed(list(report.run.settings.items())))}
        ),
        usage=report.usage.model_copy(
            update={"seconds": dict(reversed(list(report.usage.seconds.items())))}
        ),
    )
    assert to_json(turned) == to_json(report)


def test_a_lone_surrogate_never_reaches_a_file() -> None:
    report = with_claim(sample_report(), 0, explanation="half \ud83d of a pair")
    for name in FORMATS:
        render(report, name).encode("utf-8")
    assert "half \ufffd of a pair" in to_json(report)


def test_schema_file_is_current() -> None:
    shipped = Path(validity_module.__file__).with_name(validity_module.SCHEMA_FILE)
    assert shipped.read_text("utf-8") == schema_text(), "run: python -m agent.report"


def test_schema_is_a_valid_2020_12_schema_with_a_name() -> None:
    schema = json.loads(schema_text())
    Draft202012Validator.check_schema(schema)
    assert schema["title"] == "Assay verdict report"
    assert schema["$id"]


def test_the_sample_and_a_report_of_hostile_texts_are_valid() -> None:
    validate(sample_report())
    for text in HOSTILE:
        validate(report_with(text))


BREACHES: dict[str, tuple[Callable[[Report], Report], str]] = {
    "claim quote moved": (lambda r: with_claim(r, 3, start=r.claims[3].start + 1), "claims[3]"),
    "claim span empty": (lambda r: with_claim(r, 3, quote="", end=r.claims[3].start), "claims[3]"),
    "claim past the end": (lambda r: with_claim(r, 3, end=10**6), "claims[3]"),
    "claim before the start": (lambda r: with_claim(r, 3, start=-5), "claims[3]"),
    "exclusion moved": (
        lambda r: changed(r, excluded=[r.excluded[0].model_copy(update={"start": 1})]),
        "excluded[0]",
    ),
    "warning outside": (
        lambda r: changed(
            r,
            article=r.article.model_copy(
                update={
                    "warnings": [
                        r.article.warnings[0].model_copy(update={"spans": [(0, 10**6)]}),
                    ]
                }
            ),
        ),
        "warnings[0]",
    ),
    "rated without verdict": (lambda r: with_claim(r, 0, verdict=None), "come together"),
    "failed with verdict": (lambda r: with_claim(r, 6, verdict="supported"), "come together"),
    "failed without error": (lambda r: with_claim(r, 6, error=None), "come together"),
    "verdict with error": (lambda r: with_claim(r, 0, error=r.claims[6].error), "come together"),
    "same id twice": (lambda r: with_claim(r, 1, id="c1"), "share the id 'c1'"),
    "further place outside": (lambda r: with_claim(r, 0, also_at=[(5, 10**6)]), "lies outside"),
    "linked to nothing": (lambda r: with_claim(r, 0, linked=["c99"]), "linked to 'c99'"),
    "linked to itself": (lambda r: with_claim(r, 0, linked=["c1"]), "linked to 'c1'"),
    "sentences lost": (
        lambda r: changed(r, coverage=Coverage(sentences=16, claimed=9, set_aside=6)),
        "do not make up all",
    ),
    "nothing missing": (lambda r: with_claim(r, 9, missing=None), "what is missing"),
    "supported by nothing": (lambda r: with_claim(r, 1, evidence=[]), "supports it"),
    "conflicting with nothing": (lambda r: with_claim(r, 3, evidence=[]), "contradicts it"),
    "summary off by one": (
        lambda r: changed(r, summary=r.summary.model_copy(update={"supported": 7})),
        "summary.supported is 7, but 6",
    ),
    "evidence quote altered": (lambda r: with_evidence(r, 0, quote="x"), "evidence[0]"),
    "evidence before its context": (lambda r: with_evidence(r, 0, context_start=900), "evidence"),
    "source left out and quoted": (
        lambda r: with_evidence(r, 0, source_id=r.sources_left_out[0].source_id),
        "was left out",
    ),
    "later by word alone": (
        lambda r: with_evidence(r, 0, later=True),
        "does not follow from the dates",
    ),
    "conflict of later sources alone": (
        lambda r: with_claim(
            r, 3, evidence=[e.model_copy(update={"later": True}) for e in r.claims[3].evidence]
        ),
        "of its time that contradicts it",
    ),
    "probability above one": (lambda r: with_evidence(r, 0, probability=1.5), "$.claims[0]"),
    "unknown verdict": (lambda r: with_claim(r, 0, verdict="true"), "$.claims[0].verdict"),
}


@pytest.mark.parametrize("breach", BREACHES)
@pytest.mark.filterwarnings("ignore:Pydantic serializer warnings")
def test_a_breach_of_the_contract_is_refused_and_named(breach: str) -> None:
    break_it, named = BREACHES[breach]
    with pytest.raises(ReportError) as caught:
        validate(break_it(sample_report()))
    assert named in caught.value.what
    assert "\n" not in str(caught.value)
    assert caught.value.todo


def test_an_unknown_format_is_a_usage_error_that_names_the_formats() -> None:
    with pytest.raises(UsageError, match="terminal, json, html, markdown, claimreview"):
        render(sample_report(), "pdf")  # type: ignore[arg-type]


@pytest.mark.parametrize("name", FORMATS)
def test_every_format_is_the_same_each_time_and_ends_in_a_line_feed(name: Any) -> None:
    text = render(sample_report(), name)
    assert text == render(sample_report(), name)
    assert text.endswith("\n")


@pytest.mark.parametrize("name", FORMATS)
def test_a_report_without_any_claim_can_be_rendered(name: Any) -> None:
    empty = changed(
        sample_report(),
        claims=[],
        excluded=[],
        sources_left_out=[],
        summary=type(sample_report().summary)(),
    )
    validate(empty)
    assert render(empty, name)


# --- Writing -------------------------------------------------------------------------


def test_writing_replaces_the_file_and_leaves_nothing_else(tmp_path: Path) -> None:
    path = tmp_path / "report.json"
    path.write_text("old")
    write_atomically(path, "neu – new\n")
    assert path.read_bytes() == "neu – new\n".encode()
    assert [entry.name for entry in tmp_path.iterdir()] == ["report.json"]


def test_writing_keeps_the_permissions_of_the_file_it_replaces(tmp_path: Path) -> None:
    path = tmp_path / "report.json"
    path.write_text("old")
    path.chmod(0o600)
    write_atomically(path, "new")
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_writing_follows_a_link(tmp_path: Path) -> None:
    (tmp_path / "real.json").write_text("old")
    (tmp_path / "link.json").symlink_to("real.json")
    write_atomically(tmp_path / "link.json", "new")
    assert (tmp_path / "link.json").is_symlink()
    assert (tmp_path / "real.json").read_text() == "new"


def test_a_pipe_is_written_to_and_not_replaced(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    read: list[str] = []
    reader = threading.Thread(target=lambda: read.append(pipe.read_text()))
    reader.start()
    write_atomically(pipe, "through the pipe")
    reader.join(timeout=10)
    assert read == ["through the pipe"]
    assert stat.S_ISFIFO(pipe.stat().st_mode)


def test_a_fault_while_writing_leaves_the_old_file_whole(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "report.json"
    path.write_text("old")

    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(UsageError, match="No space left on device"):
        write_atomically(path, "new")
    assert path.read_text() == "old"
    assert [entry.name for entry in tmp_path.iterdir()] == ["report.json"]


def test_what_a_killed_writer_left_is_removed_and_a_living_ones_is_not(tmp_path: Path) -> None:
    (tmp_path / ".assay-0123456789abcdef.part").write_text("abandoned")
    (tmp_path / ".assay-of-somebody").write_text("no report")
    os.mkfifo(tmp_path / ".assay-pipe.part")
    with _temporary(tmp_path) as living:
        write_atomically(tmp_path / "report.json", "new")
        assert Path(living.name).exists()
    left = sorted(entry.name for entry in tmp_path.iterdir())
    assert left == [".assay-of-somebody", "report.json"]


def test_a_file_taken_for_abandoned_before_it_was_locked_is_made_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = fcntl.flock
    taken: list[Path] = []

    def lock(file: object, how: int) -> None:
        if not taken:
            taken.extend(tmp_path.glob("*.part"))
            taken[0].unlink()
        real(file, how)  # type: ignore[arg-type]

    monkeypatch.setattr(fcntl, "flock", lock)
    write_atomically(tmp_path / "report.json", "new")
    assert taken
    assert [entry.name for entry in tmp_path.iterdir()] == ["report.json"]


@pytest.mark.parametrize(("place", "said"), [("no/where.json", "does not exist"), (".", "folder")])
def test_a_place_that_cannot_be_written_is_a_usage_error(
    tmp_path: Path, place: str, said: str
) -> None:
    with pytest.raises(UsageError, match=said) as caught:
        write_atomically(tmp_path / place, "text")
    assert caught.value.todo


# --- Words shared by the renderings --------------------------------------------------


@pytest.mark.parametrize(
    ("date", "shown"),
    [
        ("2026-03-04", "4 March 2026"),
        ("2026-03", "March 2026"),
        ("2026", "2026"),
        ("2026-11-02T09:41:07Z", "2 November 2026"),
        ("2026-13-01", "2026-13-01"),
        ("spring 2026", "spring 2026"),
        ("2026-03-04 <b>", "2026-03-04 <b>"),
        (None, None),
    ],
)
def test_dates_are_spelled_out_where_they_are_dates(date: str | None, shown: str | None) -> None:
    assert day(date) == shown


@pytest.mark.parametrize(
    ("share", "shown"),
    [(0, "0%"), (0.001, "under 1%"), (0.5, "50%"), (0.9991, "over 99%"), (1, "100%")],
)
def test_a_share_is_never_rounded_to_certainty(share: float, shown: str) -> None:
    assert percent(share) == shown


@given(st.floats(min_value=0, max_value=1))
def test_every_probability_has_words(probability: float) -> None:
    assert re.fullmatch(r"[a-z ]+ \((?:\d+|over 99|under 1)%\)", likelihood(probability))


@pytest.mark.parametrize(
    ("url", "linked"),
    [
        ("https://paper.example/a?b=c&d=(e)#f", True),
        ("HTTP://paper.example", True),
        ("https://zeitung.example/köpfe", True),
        ("javascript:alert(1)", False),
        ("data:text/html,x", False),
        ("//paper.example", False),
        ("https://", False),
        ("https://bank.example@evil.example/", False),
        ("https://paper.example:port/", False),
        ("https://[half/", False),
        ("https://paper.example/a b", False),
        ('https://paper.example/"onclick=', False),
        ("https://paper.example/<x>", False),
        ("https://paper.example\\@evil.example", False),
        ("https://paper.example/\u202egpj", False),
        ("https://paper.example/\n", False),
        ("", False),
        (None, False),
    ],
)
def test_only_plain_web_addresses_become_links(url: str | None, linked: bool) -> None:
    assert web_address(url) == (url if linked else None)


def test_copies_count_as_one_origin() -> None:
    groups = side(sample_report().claims[0], "supports")
    assert [[e.publisher for e in group.evidence] for group in groups] == [
        ["Coastal Wire", "Northsound Daily"],
        ["Skarvik Verft"],
    ]
    assert tally(groups) == "3 sources, 2 origins"
    assert groups[0].copies == ["Northsound Daily"]
    wire, daily = groups[0].evidence
    cut = daily.model_copy(update={"origin_reason": "wire"})
    assert OriginGroup((wire, cut)).copies == ["Northsound Daily (the same agency's report)"]
    assert OriginGroup((cut, wire)).copies == ["Coastal Wire (the earliest)"]


def test_reading_marks_what_the_quote_does_not_say() -> None:
    claim = sample_report().claims[11]
    assert [piece for piece, added in reading(claim) if added] == [
        "of Lindhaven",
        "of three electric vessels",
        "2026",
    ]
    assert "".join(piece for piece, _ in reading(claim)) == claim.text


def test_an_addition_that_is_not_in_the_text_is_shown_after_it() -> None:
    claim = sample_report().claims[9].model_copy(update={"context_added": ["the harbour", ""]})
    assert reading(claim)[-1] == ("the harbour", True)


def test_an_addition_in_brackets_is_shown_in_one_pair_of_them() -> None:
    report = sample_report()
    said = {"text": "It opened on Tuesday (10 March 2026).", "context_added": ["10 March 2026"]}
    claims = [report.claims[0].model_copy(update=said), *report.claims[1:]]
    shown = render(report.model_copy(update={"claims": claims}), "terminal")
    assert "It opened on Tuesday [10 March 2026]." in " ".join(shown.split())


def test_the_share_checked_counts_overlapping_claims_once_and_failed_ones_not() -> None:
    report = sample_report()
    text = report.article.text
    covered = {i for c in report.claims if c.verdict for i in range(c.start, c.end)}
    wanted = sum(not text[i].isspace() for i in covered) / sum(not c.isspace() for c in text)
    assert share_checked(report) == pytest.approx(wanted)


# --- Terminal ------------------------------------------------------------------------

FORBIDDEN = re.compile(
    r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff]"
)
COLOR = re.compile(r"\x1b\[[0-9;]*m")


def test_the_terminal_shows_verdicts_both_sides_copies_and_what_was_left_out() -> None:
    text = render(sample_report(), "terminal")
    for wanted in (
        "14 claims: ✓ 6 supported, ≠ 3 conflicting, ? 4 unverifiable, ! 1 not rated",
        "Warning. Instructions in the text",
        "5. ≠ Conflicting",
        "“Fuel and maintenance came to 47.3 million crowns in 2025.”",
        "48.39 million against 47.3 million: 2.3 % apart",
        "Supports: 2 sources, 1 origin",
        "Same origin, counted once: Northsound Daily",
        "City Audit Office, “Accounts of the municipal companies, 2025”, 20 February 2026",
        "Missing: Searched for the ferries’ costs in 2024",
        "7. ! Not rated",
        "7 passages set aside",
        "9 of 16 sentences in claims, 7 set aside.",
        "1 source left out",
    ):
        assert wanted in text, wanted


@pytest.mark.parametrize("name", ["terminal", "html", "markdown"])
def test_what_is_unclear_repeated_and_linked_is_shown(name: Any) -> None:
    report = with_claim(sample_report(), 0, unclear=["“He” may be Reyk or Lind."], linked=["c3"])
    report = with_claim(report, 0, also_at=[(0, 9)])
    text = " ".join(re.sub(r"<[^>]+>", " ", render(report, name)).split())
    for wanted in ("“He” may be Reyk or Lind.", "The article says this 2 times.", "claim 3"):
        assert wanted in text, wanted
    assert "Same content" in text


@pytest.mark.parametrize("name", ["terminal", "html", "markdown"])
def test_a_source_later_than_the_article_is_shown_as_such(name: Any) -> None:
    before = render(sample_report(), name)
    report = with_evidence(sample_report(), 0, published_at="2026-06-04", later=True)
    validate(report)
    assert before.count("later than the article") == 0
    after = " ".join(re.sub(r"<[^>]+>", " ", render(report, name)).split())
    assert re.search(r"4 June 2026,? later than the article", after)


@pytest.mark.parametrize("name", ["terminal", "html", "markdown"])
def test_sources_left_out_are_listed_and_many_of_one_kind_counted(name: Any) -> None:
    def out(number: int, reason: str) -> SourceLeftOut:
        return SourceLeftOut(source_id=f"s-{number}", title=f"Title {number}", reason=reason)

    sources = [
        *(out(n, "not tagged budget, port") for n in range(10, 16)),
        *(out(n, f"superseded by a newer version, s-{n}") for n in range(20, 29)),
        out(30, "left out by request"),
    ]
    text = render(changed(sample_report(), sources_left_out=sources), name)
    text = re.sub(r"<script.*?</script>", " ", text, flags=re.DOTALL)
    text = " ".join(re.sub(r"<[^>]+>", " ", text).replace("\\", "").split())
    assert re.search(r"6 sources:? not tagged budget, port", text)
    assert re.search(r"9 sources:? superseded by a newer version", text)
    assert re.search(r"Title 30:? left out by request", text)
    assert "Title 10" not in text
    assert "Title 20" not in text


def test_a_conflict_without_support_says_so_in_the_terminal() -> None:
    text = render(sample_report(), "terminal")
    assert "Supports: no source\n\n   Contradicts: 2 sources" in text


def test_colour_adds_only_colour() -> None:
    plain = render(sample_report(), "terminal")
    colored = render(sample_report(), "terminal", color=True)
    assert COLOR.search(colored)
    assert COLOR.sub("", colored).split() == plain.split()


@pytest.mark.parametrize("width", [20, 40, 88, 200])
def test_no_line_is_wider_than_the_terminal(width: int) -> None:
    text = render(sample_report(), "terminal", width=width)
    assert max(len(line) for line in text.splitlines()) <= width


@given(ANY_TEXT)
@settings(max_examples=60, deadline=None)
def test_no_text_can_control_a_terminal(text: str) -> None:
    shown = render(report_with(text), "terminal")
    assert not FORBIDDEN.search(shown)
    assert not FORBIDDEN.search(COLOR.sub("", render(report_with(text), "terminal", color=True)))


@given(st.text())
def test_one_line_is_one_line(text: str) -> None:
    flat = one_line(text)
    assert len(flat.splitlines()) <= 1
    assert flat == flat.strip()
    assert not FORBIDDEN.search(flat)


# --- Markdown ------------------------------------------------------------------------


def tokens_of(markdown: str) -> list[Token]:
    parser = MarkdownIt("commonmark").enable(["table", "strikethrough"])
    flat = []
    for token in parser.parse(markdown):
        flat.append(token)
        flat += token.children or []
    return flat


def shape(markdown: str) -> list[tuple[str, str]]:
    """What a document is made of: the kinds and tags of its elements, texts aside."""
    return [(t.type, t.tag) for t in tokens_of(markdown) if t.type not in ("text", "inline")]


@given(ANY_TEXT | MARKED)
@settings(max_examples=400, deadline=None)
def test_escaped_text_is_plain_text_in_markdown(text: str) -> None:
    inline = [t for t in tokens_of(f"a {escaped(text)}") if t.type == "inline"]
    flat = one_line(text)
    shown = "".join(t.content for t in inline[0].children or [])
    assert {t.type for t in inline[0].children or []} <= {"text"}
    assert shown.replace("\u2060", "") == f"a {flat}".rstrip().replace("\u2060", "")


@given(ANY_TEXT | MARKED)
@settings(max_examples=60, deadline=None)
def test_no_text_changes_what_a_markdown_report_is_made_of(text: str) -> None:
    def parts(value: str) -> list[tuple[str, str]]:
        # The one link that stands for an address ending in the text may or may not be one.
        links = ("link_open", "link_close")
        return [p for p in shape(render(report_with(value), "markdown")) if p[0] not in links]

    if one_line(text):
        assert parts(text) == parts("plain")


@given(ANY_TEXT | MARKED)
@settings(max_examples=60, deadline=None)
def test_markdown_links_lead_only_to_sources(text: str) -> None:
    markdown = render(report_with(text), "markdown")
    for token in tokens_of(markdown):
        assert token.type not in ("html_inline", "html_block", "image", "code_inline", "fence")
        if token.type == "link_open":
            assert str(token.attrs["href"]).lower().startswith(("http://", "https://"))


@pytest.mark.parametrize(
    "text", ["www.phish.example", "https://phish.example", "a@phish.example", "@someone"]
)
def test_nothing_is_left_that_github_would_make_a_link_of(text: str) -> None:
    assert not re.search(r"www\.|(?<!\\)://|@\w", escaped(text))


@pytest.mark.parametrize("text", ["1. one", "12) x", "- x", "+ x", "# x", "===", "> x", "    x"])
def test_no_text_opens_a_block_in_markdown(text: str) -> None:
    assert shape(escaped(text)) == [("paragraph_open", "p"), ("paragraph_close", "p")]


# --- ClaimReview ---------------------------------------------------------------------


def reviews(report: Report) -> list[dict[str, Any]]:
    read = json.loads(render(report, "claimreview"))
    assert isinstance(read, list)
    return read


def test_claimreview_leaves_failed_claims_out_and_names_the_program_as_author() -> None:
    found = reviews(sample_report())
    assert len(found) == 13
    assert {json.dumps(review["author"], sort_keys=True) for review in found} == {
        '{"@type": "SoftwareApplication", "name": "Assay", "softwareVersion": "0.1.0"}'
    }
    assert not any("nine minutes" in review["claimReviewed"] for review in found)


def test_claimreview_gives_the_unverifiable_no_number() -> None:
    for review in reviews(sample_report()):
        rating = review["reviewRating"]
        rated = rating["alternateName"] in ("Supported", "Conflicting")
        assert ("ratingValue" in rating) == rated
        if rated:
            assert rating["worstRating"] <= rating["ratingValue"] <= rating["bestRating"]


def test_claimreview_names_the_article_as_where_the_claim_appears() -> None:
    review = reviews(sample_report())[6]
    assert review["itemReviewed"]["author"] == {"name": "Ingrid Solberg"}
    assert review["itemReviewed"]["appearance"]["url"] == (
        "https://harbourpost.example/ferries-one-year-on"
    )
    assert review["datePublished"] == "2026-11-02"


# The properties that https://schema.org defines for each type that is used, and what may stand
# there; a list of such values may, too. `author` of a ClaimReview is never a Person.
SCHEMA_ORG: dict[str, dict[str, Any]] = {
    "ClaimReview": {
        "claimReviewed": str, "datePublished": str, "author": {"SoftwareApplication"},
        "reviewRating": {"Rating"}, "itemReviewed": {"Claim"}, "citation": {"CreativeWork"},
    },
    "SoftwareApplication": {"name": str, "softwareVersion": str},
    "Rating": {
        "alternateName": str, "ratingExplanation": str,
        "ratingValue": int, "bestRating": int, "worstRating": int,
    },
    "Claim": {"author": {None}, "datePublished": str, "appearance": {"CreativeWork"}},
    "CreativeWork": {
        "headline": str, "url": str, "datePublished": str,
        "publisher": {"Organization"}, "author": {None},
    },
    "Organization": {"name": str},
}  # fmt: skip


def breaches(node: dict[str, Any], allowed: set[str | None]) -> list[str]:
    kind = node.get("@type")
    if kind not in allowed:
        return [f"{kind} where {allowed} may stand"]
    if kind is None:  # who said or wrote it: a person or a body, which is not known
        return [] if set(node) == {"name"} else [f"without a type: {node}"]
    found = []
    for name, value in node.items():
        may = SCHEMA_ORG[str(kind)].get(name)
        for each in value if isinstance(value, list) else [value]:
            if name in ("@type", "@context"):
                continue
            if isinstance(may, set) and isinstance(each, dict):
                found += breaches(each, may)
            elif may is None or isinstance(may, set) or not isinstance(each, may):
                found.append(f"{kind}.{name}: {each!r}")
    return found


@pytest.mark.parametrize("report", [sample_report(), report_with("text")])
def test_claimreview_is_made_of_what_schema_org_defines(report: Report) -> None:
    required = {"claimReviewed", "author", "reviewRating", "itemReviewed", "datePublished"}
    for review in reviews(report):
        assert review["@context"] == "https://schema.org"
        assert required <= set(review)
        assert breaches(review, {"ClaimReview"}) == []


@given(ANY_TEXT)
@settings(max_examples=60, deadline=None)
def test_claimreview_can_stand_in_a_script_element(text: str) -> None:
    shown = render(report_with(text), "claimreview")
    assert not re.search(r"[<>&\u2028\u2029]", shown)
    for review in json.loads(shown):
        for work in review["citation"]:
            assert work.get("url", "https:").lower().startswith(("http:", "https:"))
