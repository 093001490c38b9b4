"""`assay batch`: many articles into a folder that is whole at every moment.

The model is a script and the embedder a bag of words, so that a run takes a tenth of a second.
"""

from __future__ import annotations

import asyncio
import html
import json
import re
import shutil
import signal
import sqlite3
import sys
from collections.abc import Iterable, Iterator
from contextlib import closing
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from agent import FactChecker
from agent.bulk import claims as claims_file
from agent.bulk import run as bulk_run
from agent.bulk.batch import Batch
from agent.bulk.items import Item, Outcome
from agent.bulk.keeping import Keeping
from agent.bulk.reading import read_items
from agent.bulk.run import check_all
from agent.bulk.settings import Settings
from agent.errors import LibraryDamaged, UsageError
from agent.types import Document, Report
from tests.bulk_runs import STORY, Run, failures, how, reports, write_archive
from tests.conftest import BRIDGE_SCRIPT, ROOT, Assay
from tests.fake_embedder import WordEmbedder

ALONE = {"supported": 1, "conflicting": 1, "unverifiable": 1, "failed": 0}
"""What one copy of the story comes to."""


@pytest.fixture(scope="module")
def done_template(word_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder in which the archive is finished."""
    library = shutil.copytree(word_template, tmp_path_factory.mktemp("bulk") / "library")
    archive = write_archive(tmp_path_factory.mktemp("bulk") / "archive")
    folder = tmp_path_factory.mktemp("bulk") / "out"
    with pytest.MonkeyPatch.context() as patch, Keeping(folder) as keeping:
        patch.setattr("tools.models.embedder.MiniLMEmbedder", WordEmbedder)
        patch.setattr("agent.check.MiniLMEmbedder", WordEmbedder)
        chosen = how(Path(library))
        check = partial(check_all, how=chosen)
        Batch(keeping, chosen.fingerprint()).run(read_items([*archive.iterdir()]), check)
    return folder


@pytest.fixture
def done(done_template: Path, out: Path) -> Path:
    """Where reports go, with all of them there already."""
    return Path(shutil.copytree(done_template, out))


# --- one run and the next -----------------------------------------------------------------


def test_each_article_has_a_report_and_is_not_checked_twice(bulk: Run, out: Path) -> None:
    result = bulk("--json")
    assert result.code == 0
    assert result.json["checked"] == result.json["done"] == 3
    assert result.json["claims"] == {name: 3 * number for name, number in ALONE.items()}
    first = reports(out)
    assert len(first) == 3
    assert all(Report.model_validate_json(text).claims for text in first.values())
    assert {path.name for path in out.iterdir()} == {
        *("reports", "batch.sqlite", "claims.parquet", "failed.jsonl", "index.html")
    }
    again = bulk("--json")
    assert (again.code, again.json["checked"], again.json["skipped"]) == (0, 0, 3)
    assert reports(out) == first


def test_an_article_that_moved_is_the_same_article(bulk: Run, archive: Path, done: Path) -> None:
    (archive / "0.md").rename(archive / "moved.md")
    (archive / "1.md").write_text((archive / "1.md").read_text() + "\n\nThat is all.")
    (archive / "copy.md").write_bytes((archive / "2.md").read_bytes())
    told = bulk("--json").json
    assert (told["skipped"], told["checked"], told["repeated"]) == (2, 1, 1)


def test_a_file_that_is_as_it_was_is_not_read_again(
    bulk: Run, archive: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (archive / "twice.jsonl").write_text(2 * (json.dumps({"text": STORY}) + "\n"))
    first = bulk("--json").json
    assert (first["checked"], first["repeated"]) == (4, 1)

    def refuse(*_: Any) -> Iterator[Document]:
        raise AssertionError("a file was read")

    monkeypatch.setattr("agent.bulk.reading.read_documents", refuse)
    monkeypatch.setattr("agent.bulk.reading.read_rows", refuse)
    again = bulk("--json").json
    assert (again["skipped"], again["repeated"], again["seen"]) == (4, 1, 5)


@pytest.mark.parametrize("change", ["an option", "the library", "a report that is gone"])
def test_what_is_out_of_date_is_checked_again(
    bulk: Run, assay: Assay, word_library: Path, done: Path, change: str
) -> None:
    more: tuple[str, ...] = ()
    expected = 3
    if change == "an option":
        more = ("--min-origins", "2")
    elif change == "the library":
        first = assay("sources", "list", "--library", word_library, "--json").json["sources"][0]
        assay("sources", "remove", first["id"], "--library", word_library)
    else:
        next((done / "reports").iterdir()).unlink()
        expected = 1
    assert bulk("--json", *more).json["checked"] == expected


def test_a_report_that_was_written_just_before_the_end_counts_once_it_is_recorded(
    bulk: Run, done: Path
) -> None:
    with sqlite3.connect(done / "batch.sqlite") as record:
        record.execute("delete from articles where title = 'Bridge 1'")
    assert bulk("--json").json["checked"] == 1
    assert len(reports(done)) == 3


def test_a_library_that_changes_while_a_run_begins_has_nothing_noted_under_its_former_state(
    bulk: Run, assay: Assay, word_library: Path, out: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = assay("sources", "list", "--library", word_library, "--json").json["sources"][0]

    def changed(items: Iterable[Item], how: Settings, **more: Any) -> Iterator[Outcome]:
        assay("sources", "remove", first["id"], "--library", word_library)
        return check_all(items, how, **more)

    with monkeypatch.context() as patch:
        patch.setattr(bulk_run, "check_all", changed)
        result = bulk()
    assert result.code == 4
    assert "was changed" in result.message
    assert reports(out) == {}
    assert bulk("--json").json["checked"] == 3


def test_a_limit_is_of_articles_that_are_checked(bulk: Run) -> None:
    first = bulk("--json", "--limit", "2")
    assert "2 of 2," in first.err, "three lie there, and two are on their way"
    rest = [bulk("--json", "--limit", "2").json["checked"] for _ in range(2)]
    assert [first.json["checked"], *rest] == [2, 1, 0]


def test_reports_are_those_of_single_checks(
    bulk: Run, assay: Assay, archive: Path, word_library: Path, out: Path
) -> None:
    bulk("--format", "markdown")
    written = reports(out)
    for path in archive.iterdir():
        asked = ("--library", word_library, "--model", BRIDGE_SCRIPT, "--format", "markdown")
        alone = assay("check", path, *asked)
        assert alone.out.encode() in written.values()


def test_another_form_of_a_report_is_made_without_another_check(bulk: Run, done: Path) -> None:
    told = bulk("--json", "--format", "html").json
    assert (told["checked"], told["skipped"]) == (0, 3)
    names = list(reports(done))
    assert sum(name.endswith(".html") for name in names) == 3
    assert re.search(r'"reports/[a-z0-9-]+\.html"', (done / "index.html").read_text())


def test_the_index_links_only_what_is_there(bulk: Run, archive: Path, done: Path) -> None:
    bulk("--format", "html", of=archive / "0.md")
    page = (done / "index.html").read_text("utf-8")
    data = json.loads(page.partition('id="articles">')[2].partition("</script>")[0])
    linked = [done / row[0] for row in data]
    assert sorted(path.suffix for path in linked) == [".html", ".json", ".json"]
    assert all(path.is_file() for path in linked)


# --- what goes wrong ----------------------------------------------------------------------


def test_what_cannot_be_read_is_listed_and_the_others_are_checked(
    bulk: Run, archive: Path, out: Path
) -> None:
    (archive / "broken.pdf").write_bytes(b"%PDF-1.7 and no more")
    (archive / "rows.jsonl").write_text(json.dumps({"text": STORY}) + "\nno JSON\n")
    result = bulk()
    assert result.code == 3
    assert len(reports(out)) == 4
    found = failures(out)
    assert [Path(each["article"]).name for each in found] == ["broken.pdf", "rows.jsonl, text 2"]
    assert {each["kind"] for each in found} == {"input"}
    (archive / "broken.pdf").unlink()
    (archive / "rows.jsonl").write_text(json.dumps({"text": STORY}))
    assert bulk().code == 0
    assert failures(out) == []


def test_an_article_that_failed_is_passed_over_until_it_is_asked_for(
    bulk: Run, out: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    check = FactChecker.acheck

    async def broken(self: FactChecker, article: Any = None, **more: Any) -> Report:
        if article.title == "Bridge 1":
            raise ZeroDivisionError("a defect")
        return await check(self, article, **more)

    with monkeypatch.context() as patch:
        patch.setattr(FactChecker, "acheck", broken)
        assert bulk().code == 5
    (failed,) = failures(out)
    assert failed == {
        "article": failed["article"],
        "kind": "defect",
        "reason": "ZeroDivisionError: a defect",
        "report": None,
    }
    passed = bulk("--json")
    assert (passed.code, passed.json["checked"], passed.json["passed_over"]) == (5, 0, 1)
    again = bulk("--json", "--retry-failed")
    assert (again.code, again.json["checked"], again.json["skipped"]) == (0, 1, 2)
    assert failures(out) == []


def test_a_spent_budget_begins_no_further_article_and_a_larger_one_goes_on(
    bulk: Run, out: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Of two articles under way at once, which is asked about first would decide what is left.
    monkeypatch.setattr(Settings, "at_once", 1)
    spent = bulk("--json", "--budget-tokens", "6000", "--concurrency", "1")
    assert spent.code == 7
    assert spent.json["partial"] >= 1
    assert failures(out)[0]["kind"] == "budget"
    assert bulk().code == 0
    assert failures(out) == []


def test_a_model_that_is_gone_ends_the_run_and_what_ended_before_is_kept(
    bulk: Run, tmp_path: Path, out: Path, word_library: Path
) -> None:
    assert bulk("--limit", "1").code == 0
    script = tmp_path / "refuses.json"
    fault = {"status": 401, "message": "no such key"}
    script.write_text(json.dumps({"answers": [{"prompt": "extract_claims", "fault": fault}]}))
    # The same settings but for the model: one report is out of date, none is lost.
    result = bulk(model=f"scripted:{script}")
    assert result.code == 6
    assert len(reports(out)) == 1
    assert (out / "index.html").is_file()


def test_an_interrupted_run_leaves_everything_whole_and_says_how_to_go_on(
    bulk: Run, out: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupted(items: Iterable[Item], how: Settings, **more: Any) -> Iterator[Outcome]:
        yield next(check_all(items, how, **more))
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(bulk_run, "check_all", interrupted)
        result = bulk()
    assert result.code == 130
    assert "the same command goes on from here" in result.err
    (report,) = reports(out).values()
    Report.model_validate_json(report)
    assert "Bridge" in (out / "index.html").read_text("utf-8")
    assert bulk("--json").json["skipped"] == 1


@pytest.mark.parametrize("of_a_script", [False, True])
def test_a_run_is_ended_by_sigterm_whatever_becomes_of_an_interrupt(
    bulk: Run, out: Path, monkeypatch: pytest.MonkeyPatch, of_a_script: bool
) -> None:
    check, begun = FactChecker.acheck, 0

    async def terminated(self: FactChecker, article: Any = None, **more: Any) -> Report:
        nonlocal begun
        begun += 1
        if begun == 2:
            signal.raise_signal(signal.SIGTERM)
            await asyncio.sleep(60)
        return await check(self, article, **more)

    monkeypatch.setattr(FactChecker, "acheck", terminated)
    before = signal.getsignal(signal.SIGINT)
    if of_a_script:  # whose shell has what it starts in the background ignore the terminal's
        signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        assert bulk("--concurrency", "4").code == 143
    finally:
        signal.signal(signal.SIGINT, before)
    assert begun == 2
    assert (out / "index.html").is_file()


@pytest.mark.parametrize("fault", [LibraryDamaged("the library is gone"), ZeroDivisionError()])
def test_whatever_ends_a_run_what_is_done_can_be_found(
    bulk: Run, out: Path, monkeypatch: pytest.MonkeyPatch, fault: Exception
) -> None:
    def ended(items: Iterable[Item], how: Settings, **more: Any) -> Iterator[Outcome]:
        yield next(check_all(items, how, **more))
        raise fault

    monkeypatch.setattr(bulk_run, "check_all", ended)
    assert bulk().code == getattr(fault, "exit_code", 1)
    assert "Bridge" in (out / "index.html").read_text("utf-8")
    assert failures(out) == []


def test_what_is_refused_before_anything_is_done_writes_nothing(
    bulk: Run, out: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refused(*_: Any, **__: Any) -> Iterator[Outcome]:
        raise UsageError("no cluster is there")

    monkeypatch.setattr(bulk_run, "check_all", refused)
    result = bulk()
    assert (result.code, "Wrote" in result.err) == (2, False)
    assert not (out / "index.html").exists()


@pytest.mark.parametrize("cluster", ["", " "])
def test_an_empty_cluster_is_refused(bulk: Run, assay: Assay, out: Path, cluster: str) -> None:
    result = bulk("--ray", cluster)
    assert (result.code, "--ray names no cluster" in result.err) == (2, True)
    assert not out.exists()
    assert assay("sources", "add", "a.txt", "--ray", cluster).code == 2


@pytest.mark.parametrize(
    ("code", "todo"),
    [
        (sqlite3.SQLITE_READONLY_DIRECTORY, "where you may write"),
        (sqlite3.SQLITE_FULL, "Make room"),
        (sqlite3.SQLITE_NOTADB, "Delete it"),
    ],
)
def test_a_record_is_to_be_deleted_only_where_it_is_lost(
    out: Path, monkeypatch: pytest.MonkeyPatch, code: int, todo: str
) -> None:
    fault = sqlite3.DatabaseError("it cannot be used")
    fault.sqlite_errorcode = code

    def broken(*_: object, **__: object) -> sqlite3.Connection:
        raise fault

    monkeypatch.setattr(sqlite3, "connect", broken)
    with pytest.raises(UsageError, match=todo):
        Keeping(out)


def test_two_runs_do_not_write_one_folder(bulk: Run, out: Path) -> None:
    with Keeping(out):
        result = bulk()
    assert result.code == 2
    assert "another assay batch writes into" in result.message


def test_a_dry_run_sends_nothing_and_makes_nothing(bulk: Run, out: Path) -> None:
    told = bulk("--dry-run", "--json").json
    assert (told["articles"], told["skipped"]) == (3, 0)
    assert told["requests"] >= 6
    assert not out.exists()


def test_a_dry_run_is_of_what_is_left(bulk: Run, archive: Path, done: Path) -> None:
    (archive / "0.md").write_text(STORY)
    left = bulk("--dry-run", "--json").json
    assert (left["articles"], left["skipped"]) == (1, 2)


def test_a_dry_run_changes_nothing_that_is_there(bulk: Run, archive: Path, done: Path) -> None:
    def state() -> dict[Path, tuple[int, bytes]]:
        files = (path for path in done.rglob("*") if path.is_file())
        return {path: (path.stat().st_mtime_ns, path.read_bytes()) for path in files}

    (archive / "broken.pdf").write_bytes(b"%PDF-1.7 and no more")
    before = state()
    with closing(sqlite3.connect(done / "batch.sqlite")) as reader:
        reader.execute("begin")
        reader.execute("select * from files").fetchall()  # nor does it take the record's lock
        assert bulk("--dry-run", "--json", "--format", "markdown").json["skipped"] == 3
    assert state() == before


def test_fail_on_counts_what_was_checked_before_too(bulk: Run, done: Path) -> None:
    assert bulk("--fail-on", "conflicting").code == 10


# --- claims.parquet and the index ---------------------------------------------------------


def test_the_claims_open_in_pandas_and_the_columns_are_documented(bulk: Run, done: Path) -> None:
    pandas = pytest.importorskip("pandas")
    bulk()
    table = pandas.read_parquet(done / "claims.parquet")
    assert len(table) == 9
    assert dict(table.verdict.value_counts()) == dict.fromkeys(list(ALONE)[:3], 3)
    assert set(table.report) == set(reports(done))
    conflicting = table[table.verdict == "conflicting"].iloc[0]
    assert conflicting.contradicting_origins == 1
    assert {each["stance"] for each in conflicting.evidence} == {"supports", "contradicts"}
    documented = (ROOT / "docs" / "batch.md").read_text("utf-8")
    assert [name for name in table.columns if f"`{name}`" not in documented] == []


def test_a_damaged_report_is_made_again(bulk: Run, archive: Path, done: Path) -> None:
    damaged = next((done / "reports").glob("bridge-0-*"))
    damaged.write_text("{}")
    # Of an article that is not asked for, it is told, and left out of the table.
    assert f"{damaged} is damaged" in bulk(of=archive / "1.md").err
    damaged.write_text("{}")
    again = bulk("--json")
    assert (again.code, again.json["checked"], again.json["skipped"]) == (0, 1, 2)
    assert damaged.stat().st_size > 1000


def test_without_pyarrow_it_is_said_how_to_install_it(
    bulk: Run, monkeypatch: pytest.MonkeyPatch, out: Path
) -> None:
    monkeypatch.setitem(sys.modules, "pyarrow.parquet", None)
    with pytest.raises(UsageError, match=r"pip install \"assay-factcheck\[batch\]\""):
        claims_file.need_pyarrow()
    assert bulk().code == 2
    assert bulk("--no-claims").code == 0
    assert not (out / "claims.parquet").exists()


def test_no_text_of_an_article_becomes_part_of_the_index_page(
    bulk: Run, archive: Path, done: Path
) -> None:
    hostile = "</script><script>alert(1)</script>"
    (archive / "0.md").write_text(f'---\ntitle: "{hostile}"\n---\n\n{STORY}')
    bulk()
    page = (done / "index.html").read_text("utf-8")
    assert page.count("<script") == page.count("</script>") == 2
    data = page.partition('id="articles">')[2].partition("</script>")[0]
    titles = [row[1] for row in json.loads(data)]
    assert hostile in titles
    assert "default-src 'none'" in html.unescape(page)
