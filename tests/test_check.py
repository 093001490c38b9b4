"""The whole check, from an article to its report, on the embedded judge.

The example is checked against its key once; what takes no real embedder runs on three short
sources (`conftest.SOURCES`) under the fake one.
"""

from __future__ import annotations

import asyncio
import json
import re
import shutil
import socket
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from agent import FactChecker
from agent.check import Progress
from agent.errors import (
    InputError,
    LibraryEmpty,
    LibraryMissing,
    UsageError,
)
from agent.report import FORMATS, Format, render, schema_text
from agent.types import VERDICTS, CheckedClaim, Document, Excluded, Report
from tests.conftest import EXAMPLE, SOURCES
from tests.fake_embedder import WordEmbedder
from tools.library import Library
from tools.models.embedder import MiniLMEmbedder

KEY: dict[str, Any] = json.loads((EXAMPLE / "expected.json").read_text("utf-8"))
NAMES = sorted(KEY["articles"])

ARTICLE = """Bridge over the Tallis

The Tallis Bridge was opened on 3 May 2024. Building the Tallis Bridge cost 12 million euros.

The new ferry carries 90 cars. It is a splendid sight. Was it worth the money?
"""


# --- the example --------------------------------------------------------------------------


@pytest.fixture(scope="session")
def reports(example_template: Path) -> dict[str, Report]:
    """Reports on the example's articles, by the file's name."""
    checker = FactChecker(example_template)
    return {name: checker.check(EXAMPLE / "articles" / name) for name in NAMES}


@pytest.fixture(scope="session")
def file_names(example_template: Path) -> dict[str, str]:
    """Names of the example's source files, by the source's id."""
    with Library.open(example_template, MiniLMEmbedder()) as library:
        return {source.id: source.path or "" for source in library.sources()}


def found_for(entry: dict[str, Any], report: Report) -> list[CheckedClaim]:
    """The report's claims that overlap a quote of the key."""
    start = report.article.text.index(entry["quote"])
    end = start + len(entry["quote"])
    return [claim for claim in report.claims if claim.start < end and start < claim.end]


def entries(part: str, *, hard: bool) -> list[Any]:
    return [
        pytest.param(name, entry, id=f"{name}-{number}")
        for name in NAMES
        for number, entry in enumerate(KEY["articles"][name][part], 1)
        if entry["hard"] is hard
    ]


@pytest.mark.parametrize(("name", "entry"), entries("claims", hard=False))
def test_a_claim_of_the_example_gets_the_verdict_of_the_key(
    name: str, entry: dict[str, Any], reports: dict[str, Report], file_names: dict[str, str]
) -> None:
    claims = found_for(entry, reports[name])
    assert [claim.verdict for claim in claims] == [entry["verdict"]]
    for stance in ("supports", "contradicts"):
        items = [e for e in claims[0].evidence if e.stance == stance]
        named = {file_names[item.source_id] for item in items}
        assert named <= set(entry[stance]), "a source is cited that says nothing of the kind"
        assert bool(named) == bool(entry[stance])
        assert len({item.origin for item in items}) <= entry["origins"][stance]


@pytest.mark.parametrize(("name", "entry"), entries("claims", hard=True))
def test_a_hard_claim_of_the_example_is_found_and_not_turned_into_its_opposite(
    name: str, entry: dict[str, Any], reports: dict[str, Report]
) -> None:
    (claim,) = found_for(entry, reports[name])
    assert claim.verdict in (entry["verdict"], "unverifiable")


@pytest.mark.parametrize(("name", "entry"), entries("excluded", hard=False))
def test_what_is_no_claim_is_excluded_with_the_reason_of_the_key(
    name: str, entry: dict[str, Any], reports: dict[str, Report]
) -> None:
    report = reports[name]
    assert found_for(entry, report) == []
    start = report.article.text.index(entry["quote"])
    reasons = {
        item.reason
        for item in report.excluded
        if item.start < start + len(entry["quote"]) and start < item.end
    }
    assert reasons == {entry["reason"]}


def test_copies_of_the_example_share_an_origin_and_count_once(
    reports: dict[str, Report], file_names: dict[str, str]
) -> None:
    groups: dict[str, set[str]] = {}
    for report in reports.values():
        for claim in report.claims:
            for item in claim.evidence:
                groups.setdefault(item.origin, set()).add(file_names[item.source_id])
    together = [group for group in groups.values() if len(group) > 1]
    expected = [{copy, original} for copy, original in KEY["copies"].items()]
    assert sorted(map(sorted, together)) == sorted(map(sorted, expected))
    (vote,) = found_for(KEY["articles"]["harbour-line.md"]["claims"][0], reports["harbour-line.md"])
    assert vote.explanation.startswith("3 independent origins (4 sources) support it")


def test_the_articles_of_the_example_show_every_verdict(reports: dict[str, Report]) -> None:
    for report in reports.values():
        assert {claim.verdict for claim in report.claims} == set(VERDICTS)
        assert report.summary.failed == 0


# --- what holds in every report -----------------------------------------------------------


def spans(report: Report) -> list[CheckedClaim | Excluded]:
    return [*report.claims, *report.excluded]


@pytest.mark.parametrize("name", NAMES)
def test_every_quote_stands_at_its_offsets_in_the_article_and_in_the_stored_source(
    name: str, reports: dict[str, Report], example_template: Path
) -> None:
    report = reports[name]
    with Library.open(example_template, MiniLMEmbedder()) as library:
        stored = {source.id: source for source in library.sources()}
    for item in spans(report):
        assert report.article.text[item.start : item.end] == item.quote != ""
    for claim in report.claims:
        for evidence in claim.evidence:
            source = stored[evidence.source_id]
            assert source.text[evidence.start : evidence.end] == evidence.quote != ""
            assert source.text[evidence.context_start :].startswith(evidence.context)
            assert evidence.origin == source.origin
            known = (source.title, source.publisher, source.url, source.published_at)
            assert known == (
                evidence.title,
                evidence.publisher,
                evidence.url,
                evidence.published_at,
            )


@pytest.mark.parametrize("name", NAMES)
def test_every_sentence_of_the_article_is_claimed_or_excluded(
    name: str, reports: dict[str, Report]
) -> None:
    report = reports[name]
    left = list(report.article.text)
    for item in spans(report):
        left[item.start : item.end] = " " * (item.end - item.start)
    assert re.sub(r"[\W_]|\bbut\b|\band\b", "", "".join(left)) == ""


@pytest.mark.parametrize("name", NAMES)
def test_a_report_follows_its_schema_and_appears_in_every_format(
    name: str, reports: dict[str, Report]
) -> None:
    report = reports[name]
    Draft202012Validator(json.loads(schema_text())).validate(json.loads(render(report, "json")))
    assert Report.model_validate_json(render(report, "json")) == report
    reviews = json.loads(render(report, "claimreview"))
    assert len(json.dumps(reviews)) > 1000
    for format_ in FORMATS:
        text = render(report, format_)
        assert text.endswith("\n")
        for claim in report.claims:
            words = re.findall(r"\w+", claim.quote)
            assert words[-1] in text
    assert sum(report.summary.model_dump().values()) == len(report.claims)


def stable(report: Report) -> Report:
    """The report without what may differ between two runs of the same."""
    run = report.run.model_copy(update={"created_at": "1970-01-01T00:00:00+00:00"})
    usage = report.usage.model_copy(update={"seconds": {}})
    return report.model_copy(update={"run": run, "usage": usage})


def assert_same(one: Report, other: Report, formats: Sequence[Format] = FORMATS) -> None:
    for format_ in formats:
        assert render(stable(one), format_) == render(stable(other), format_), format_


def test_the_same_check_gives_the_same_report_also_when_the_search_index_was_lost(
    word_library: Path,
) -> None:
    notices: list[str] = []
    checker = FactChecker(word_library, on_notice=notices.append)
    report = checker.check(text=ARTICLE)
    shutil.rmtree(word_library / "chroma")
    (word_library / "fulltext.sqlite").unlink()
    assert_same(checker.check(text=ARTICLE), report)
    (notice,) = notices
    assert "rebuilt from the library" in notice


def test_nothing_is_sent_anywhere(word_library: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise AssertionError("a socket was used")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    monkeypatch.setattr(socket, "getaddrinfo", refuse)
    assert FactChecker(word_library).check(text=ARTICLE).claims


# --- what is searched ---------------------------------------------------------------------


def left_out(report: Report) -> dict[str | None, str]:
    return {source.title: source.reason for source in report.sources_left_out}


def test_an_article_is_not_rated_against_itself_or_a_near_copy_of_it(word_library: Path) -> None:
    near = ARTICLE.replace("90 cars", "ninety cars").replace("Was it worth the money?", "")
    with Library.open(word_library, WordEmbedder(), write=True) as library:
        library.add(Document(text=ARTICLE.strip(), title="Itself"))
        library.add(Document(text=near.strip(), title="Nearly"))
    report = FactChecker(word_library).check(text=ARTICLE)
    assert left_out(report) == {
        "Itself": "the article itself",
        "Nearly": "a copy of the article",
    }
    cited = {item.title for claim in report.claims for item in claim.evidence}
    assert cited <= {source.title for source in SOURCES}
    assert "Searched 3 sources" in next(c.missing for c in report.claims if c.missing)


def test_a_library_of_nothing_but_the_article_cannot_check_it(word_library: Path) -> None:
    with Library.open(word_library, WordEmbedder(), write=True) as library:
        for source in library.sources():
            library.remove(source.id)
        library.add(Document(text=ARTICLE.strip(), title="Itself"))
    with pytest.raises(LibraryEmpty):
        FactChecker(word_library).check(text=ARTICLE)


@pytest.mark.parametrize(
    "day", ["2024-06-09", date(2024, 6, 9), datetime(2024, 6, 9, 12, tzinfo=UTC)]
)
def test_sources_of_a_later_day_are_left_out(word_library: Path, day: str | date) -> None:
    report = FactChecker(word_library, as_of=day).check(text=ARTICLE)
    reason = "published after 2024-06-09"
    assert left_out(report) == {"What the crossing cost": reason, "Night bus": reason}
    assert report.run.as_of == "2024-06-09"


def test_a_source_without_a_certain_day_is_left_out_only_if_all_of_it_is_later(
    word_library: Path,
) -> None:
    with Library.open(word_library, WordEmbedder(), write=True) as library:
        for day in ("2024", "2024-06", "2024-07"):
            library.add(Document(text=f"A note on {day}.", title=day, published_at=day))
        library.add(Document(text="A note without a date.", title="undated"))
    report = FactChecker(word_library, as_of="2024-06-09").check(text=ARTICLE)
    assert set(left_out(report)) == {"What the crossing cost", "Night bus", "2024-07"}


@pytest.mark.parametrize("form", ["id", "beginning", "one text"])
def test_a_source_is_left_out_by_its_id_or_the_beginning_of_it(
    word_library: Path, form: str
) -> None:
    with Library.open(word_library, WordEmbedder()) as library:
        wanted = library.sources()[1]
    exclude = {"id": [wanted.id], "beginning": (wanted.id[:8],), "one text": wanted.id}[form]
    report = FactChecker(word_library, exclude=exclude).check(text=ARTICLE)
    assert left_out(report) == {wanted.title: "left out by request"}
    cited = {item.source_id for claim in report.claims for item in claim.evidence}
    assert wanted.id not in cited


@pytest.mark.parametrize("id_", ["s-0000000000000000", "s-", ""])
def test_an_id_that_names_no_single_source_is_not_passed_over(word_library: Path, id_: str) -> None:
    with pytest.raises(UsageError):
        FactChecker(word_library, exclude=[id_]).check(text=ARTICLE)


# --- the interface ------------------------------------------------------------------------


def test_an_article_without_a_checkable_claim_gives_a_report_that_says_why(
    word_library: Path,
) -> None:
    report = FactChecker(word_library).check(text="What a day! Is it not lovely here?")
    assert report.claims == []
    assert {item.reason for item in report.excluded} <= {"opinion", "question", "incomplete"}
    assert "".join(item.quote for item in report.excluded).count("lovely") == 1
    for format_ in FORMATS:
        assert render(report, format_).strip()


async def test_check_and_acheck_give_the_same_and_a_checker_can_be_used_again(
    word_library: Path, tmp_path: Path
) -> None:
    file = tmp_path / "article.txt"
    file.write_text(ARTICLE, encoding="utf-8")
    checker = FactChecker(word_library)
    awaited = await checker.acheck(file)
    # In another thread, because an event loop runs in this one.
    for _ in range(2):
        assert_same(await asyncio.to_thread(checker.check, file), awaited)
    assert_same(await checker.acheck(text=ARTICLE), awaited)
    with pytest.raises(UsageError, match="acheck"):
        checker.check(file)


def test_what_is_known_about_the_article_wins_over_what_its_file_says(word_library: Path) -> None:
    known = {
        "title": "Another title",
        "author": "A. B.",
        "publisher": "Gazette",
        "url": "https://gazette.example/x",
        "published_at": "2024-05-05",
    }
    article = FactChecker(word_library).check(text=ARTICLE, **known).article  # type: ignore[arg-type]
    assert {name: getattr(article, name) for name in known} == known
    assert article.text == ARTICLE.strip()


@pytest.mark.parametrize(
    ("call", "error"),
    [
        (lambda c: c.check(), UsageError),
        (lambda c: c.check("article.txt", text=ARTICLE), UsageError),
        (lambda c: c.check(text=""), InputError),
        (lambda c: c.check("missing.txt"), InputError),
        (lambda c: c.check(text=ARTICLE, published_at="soon"), UsageError),
        (lambda c: FactChecker(c.library, as_of="next week"), UsageError),
        (lambda c: FactChecker(c.library, passages=0), UsageError),
        (lambda c: FactChecker(c.library, "no-such-model").check(text=ARTICLE), UsageError),
        (lambda c: FactChecker(c.library / "no").check(text=ARTICLE), LibraryMissing),
    ],
)
def test_what_cannot_be_meant_is_refused(
    word_library: Path, call: Callable[[FactChecker], object], error: type[Exception]
) -> None:
    with pytest.raises(error):
        call(FactChecker(word_library))


def test_progress_is_told_stage_by_stage_and_claim_by_claim(word_library: Path) -> None:
    told: list[Progress] = []
    report = FactChecker(word_library).check(text=ARTICLE, on_progress=told.append)
    stages = list(dict.fromkeys(progress.stage for progress in told))
    assert stages == ["read", "split", "retrieve", "rate", "report"]
    for stage in stages:
        done = [(p.done, p.total) for p in told if p.stage == stage]
        assert done == sorted(done)
        assert done[-1][0] == done[-1][1]
    rated = [p.claim for p in told if p.stage == "rate" and p.claim]
    assert sorted(rated, key=lambda claim: claim.start) == report.claims  # two at a time
    assert {p.claim for p in told if p.stage != "rate"} == {None}
    assert list(report.usage.seconds) == ["read", "split", "retrieve", "rate"]


def test_hostile_text_reaches_a_report_only_as_text(word_library: Path) -> None:
    hostile = "<script>alert(1)</script> \x1b[31mThe Tallis Bridge\x1b[0m cost 12 million euros."
    with Library.open(word_library, WordEmbedder(), write=True) as library:
        library.add(
            Document(
                text="The Tallis Bridge cost 12 million euros, says <img src=x onerror=alert(2)>.",
                title="\x1b]0;title\x07<script>alert(3)</script>",
                publisher="\u202egnp.exe",
            )
        )
    report = FactChecker(word_library).check(text=hostile, title="<script>alert(4)</script>")
    page = render(report, "html")
    assert "<script>alert" not in page
    assert "<img src=x" not in page
    for format_ in ("terminal", "markdown"):
        assert not re.search(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u202e]", render(report, format_))


# --- several at once ----------------------------------------------------------------------


# Making and closing Chroma's clients in several threads is not safe in chromadb 1.5.


async def test_several_checks_at_once_in_one_event_loop_give_what_each_gives_alone(
    word_library: Path,
) -> None:
    checker = FactChecker(word_library)
    alone = await checker.acheck(text=ARTICLE)
    for report in await asyncio.gather(*(checker.acheck(text=ARTICLE) for _ in range(4))):
        assert_same(report, alone, ["json"])


@pytest.mark.parametrize("lost", [False, True], ids=["whole", "search index lost"])
def test_several_checkers_at_once_in_threads_share_a_library(
    word_library: Path, lost: bool
) -> None:
    alone = FactChecker(word_library).check(text=ARTICLE)
    if lost:
        shutil.rmtree(word_library / "chroma")
    with ThreadPoolExecutor(4) as pool:
        reports = list(pool.map(lambda _: FactChecker(word_library).check(text=ARTICLE), range(4)))
    for report in reports:
        assert_same(report, alone, ["json"])


def test_a_base_url_without_a_model_is_refused(word_library: Path) -> None:
    with pytest.raises(UsageError, match="asks no server"):
        FactChecker(word_library, base_url="http://127.0.0.1:9/v1")
