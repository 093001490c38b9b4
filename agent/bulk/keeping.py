"""The folder that a bulk check writes into, and the record of what became of each article.

    reports/     a report of each article, named by its title and its key
    batch.sqlite    the record: what is finished, and with which settings

An article is finished when its report lies there and then its row is committed. A process that
dies in between leaves a report without a row: that article is checked once more, and the report
written again. So the record may know less than the folder has, never more.
"""

from __future__ import annotations

import re
import sqlite3
import threading
import unicodedata
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, closing
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from textwrap import shorten
from typing import Any, Literal, Self, get_args

from agent.bulk.items import Outcome, Unread
from agent.errors import UsageError
from agent.report import render
from agent.report.writing import remove_abandoned, write_atomically
from agent.types import Document, Fault, Report

State = Literal["done", "partial", "failed"]
"""`done`: a report in which every claim has a verdict. `partial`: claims of it failed. `failed`:
there is none."""
Form = Literal["json", "html", "markdown", "claimreview"]
FORMS: tuple[Form, ...] = get_args(Form)

_SUFFIXES: dict[Form, str] = {
    "json": ".json",
    "html": ".html",
    "markdown": ".md",
    "claimreview": ".claimreview.json",
}
RECORD = "batch.sqlite"
_REPORTS = "reports"
_VERSION = 1
_SLUG, _LEAD = 60, 200
"""Characters of a title in a file's name, and of a text in the index."""
_COLUMNS = (
    "key", "name", "stem", "how", "state", "kind", "reason", "title", "publisher", "published_at",
    "url", "lead", "supported", "conflicting", "unverifiable", "failed", "requests",
    "prompt_tokens", "completion_tokens", "cost_usd", "seconds", "checked_at",
)  # fmt: skip
_TABLES = f"""
create table if not exists articles (
    {", ".join(_COLUMNS)}, primary key (key)
);
create table if not exists files (file primary key, stamp not null, keys not null);
create table if not exists unread (name primary key, kind not null, reason not null);
pragma user_version = {_VERSION};
"""
_DELETE = "Delete it to have all articles checked again, or name another --out"
_MENDS = {
    sqlite3.SQLITE_CORRUPT: _DELETE,
    sqlite3.SQLITE_NOTADB: _DELETE,
    sqlite3.SQLITE_FULL: "Make room on the disk; the same command goes on",
    **dict.fromkeys(
        (sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_IOERR, sqlite3.SQLITE_READONLY),
        "Have it and its folder where you may write, or name another --out",
    ),
}
"""What to do about a fault of the record; nothing that costs what is finished unless it is lost."""
_PUT = f"insert or replace into articles values ({', '.join('?' * len(_COLUMNS))})"  # noqa: S608


@dataclass(frozen=True)
class Row:
    """What became of an article, as `articles` has it.

    Attributes:
        key, name: of the item.
        stem: of the names of its reports.
        how: fingerprint of what it was checked with.
        state: how that ended.
        kind, reason: why it, or the first of its claims that did, failed.
        title, publisher, published_at, url: what it says of itself.
        lead: how its text begins.
        supported, conflicting, unverifiable, failed: its claims, by outcome.
        requests, prompt_tokens, completion_tokens, cost_usd: what the model took; the last is
            None where its price is unknown.
        seconds: that the check took.
        checked_at: ISO 8601, UTC.
    """

    key: str
    name: str
    stem: str
    how: str
    state: State
    kind: str | None
    reason: str | None
    title: str | None
    publisher: str | None
    published_at: str | None
    url: str | None
    lead: str
    supported: int
    conflicting: int
    unverifiable: int
    failed: int
    requests: int
    prompt_tokens: int
    completion_tokens: int
    cost_usd: float | None
    seconds: float
    checked_at: str

    @property
    def fault(self) -> Fault | None:
        """Why it is not done."""
        if self.kind is None:
            return None
        return Fault(kind=self.kind, message=self.reason or "")


class Keeping:
    """A folder of reports with its record, open for one process; a context manager.

    Its methods may be called from any thread: articles may be asked for in another than the one
    that keeps their reports.

    Args:
        folder: made where there is none, unless it is only read.
        forms: in which each report is written beside JSON.
        reads_only: nothing is written, and the folder is nobody's alone: what there is to be
            noted is let go.

    Raises:
        UsageError: the folder cannot be made or written to, another process writes into it, or
            its record is damaged or of a later version.
    """

    def __init__(
        self, folder: Path, forms: Sequence[Form] = (), *, reads_only: bool = False
    ) -> None:
        self.folder = folder
        self.reports = folder / _REPORTS
        self.forms: tuple[Form, ...] = tuple(dict.fromkeys(("json", *forms)))
        self._turn = threading.Lock()
        self._reads_only = reads_only
        if reads_only:
            self._database = self._opened(self._look)
            return
        try:
            self.reports.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise UsageError(
                f"cannot make the folder {folder}: {error.strerror or error}", "Name another --out"
            ) from error
        self._database = self._opened(self._take)
        remove_abandoned(self.reports)

    def _opened(self, how: Callable[[], sqlite3.Connection]) -> sqlite3.Connection:
        try:
            with ExitStack() as opening:
                database = opening.enter_context(closing(how()))
                (version,) = database.execute("pragma user_version").fetchone()
                if version > _VERSION:
                    raise UsageError(
                        f"a later version of Assay made {self.folder / RECORD}",
                        "Update Assay, or name another --out",
                    )
                if not (self._reads_only and version):
                    database.executescript(_TABLES)
                database.execute(f"select {', '.join(_COLUMNS)} from articles limit 1")  # noqa: S608
                opening.pop_all()
                return database
        except sqlite3.Error as error:
            raise self._unusable(error) from error

    def _take(self) -> sqlite3.Connection:
        """The record for this process alone, from now until it ends."""
        database = self._connected(self.folder / RECORD)
        try:
            database.execute("pragma locking_mode = exclusive")
            database.execute("pragma synchronous = full")
            database.execute("begin exclusive")
            database.execute("commit")
        except BaseException:
            database.close()
            raise
        return database

    def _look(self) -> sqlite3.Connection:
        """The record to be read; an empty one in memory where there is none."""
        path = self.folder / RECORD
        if not path.is_file() or not path.stat().st_size:
            return self._connected(":memory:")
        return self._connected(f"{path.absolute().as_uri()}?mode=ro", uri=True)

    def _connected(self, to: Path | str, *, uri: bool = False) -> sqlite3.Connection:
        return sqlite3.connect(
            to, timeout=1, isolation_level=None, check_same_thread=False, uri=uri
        )

    def _unusable(self, error: sqlite3.Error) -> UsageError:
        code = getattr(error, "sqlite_errorcode", sqlite3.SQLITE_ERROR) & 0xFF
        if code in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
            return UsageError(
                f"another assay batch writes into {self.folder}",
                "Wait until it has ended, or name another --out",
            )
        return UsageError(
            f"the record {self.folder / RECORD} cannot be used ({error})",
            _MENDS.get(code, "Name another --out"),
        )

    def row(self, key: str) -> Row | None:
        """What became of an article; None where it is not known."""
        with self._turn:
            return next(self._rows("where key = ?", key), None)

    def has_report(self, row: Row) -> bool:
        """Whether its report lies there, whole; what is missing of the other forms is made of it.

        Raises:
            UsageError: it cannot be written.
        """
        try:
            report = Report.model_validate_json(self.path(row).read_bytes())
        except (OSError, ValueError):  # gone, or no report of ours any more
            return False
        for form in self.forms:
            if not (self._reads_only or self.path(row, form).is_file()):
                write_atomically(self.path(row, form), render(report, form), tidies=False)
        return True

    def rows(self) -> Iterator[Row]:
        """All articles, in the order of their reports' names."""
        return self._rows("order by stem, key")

    def failures(self) -> Iterator[tuple[str, Row | None, Fault]]:
        """What was not read, which has no row, then each article that is not done: the name, and
        why."""
        for name, kind, reason in self._read("select name, kind, reason from unread order by name"):
            yield name, None, Fault(kind=kind, message=reason)
        for row in self._rows("where state <> 'done' order by name, key"):
            if row.fault:
                yield row.name, row, row.fault

    def path(self, row: Row, form: Form = "json") -> Path:
        """Where the report of an article lies, if it has one."""
        return self._path(row.stem, form)

    def keys_of(self, file: str, stamp: str) -> list[str] | None:
        """The articles of a file, where it was read and is as it was; else None."""
        query = "select keys from files where file = ? and stamp = ?"
        with self._turn:
            found = next(self._read(query, (file, stamp)), None)
        return str(found[0]).split() if found else None

    def note_file(self, file: str, stamp: str, keys: Sequence[str]) -> None:
        """Notes which articles a file has."""
        values = (file, stamp, " ".join(keys))
        self._write("insert or replace into files values (?, ?, ?)", values)

    def begin(self) -> None:
        """Forgets what could not be read: all that is given is read again."""
        self._write("delete from unread", ())

    def unread(self, unread: Unread) -> None:
        """Notes what cannot be read."""
        values = (unread.name, unread.fault.kind, unread.fault.message)
        self._write("insert or replace into unread values (?, ?, ?)", values)

    def forget(self, row: Row) -> None:
        """Has an article checked again."""
        self._write("delete from articles where key = ?", (row.key,))

    def keep(self, outcome: Outcome, document: Document, how: str) -> Row:
        """Writes the reports of an article, then notes what became of it.

        Args:
            outcome: of its check.
            document: the article.
            how: fingerprint of what it was checked with.

        Raises:
            UsageError: it cannot be written.
        """
        row = _row(outcome, document, how)
        for form in self.forms:
            path = self._path(row.stem, form)
            if outcome.report:
                write_atomically(path, render(outcome.report, form), tidies=False)
            else:  # a report of what was checked with other settings is none of this
                self._remove(path)
        self._write(_PUT, tuple(getattr(row, column) for column in _COLUMNS))
        return row

    def _remove(self, path: Path) -> None:
        try:
            path.unlink(missing_ok=True)
        except OSError as error:
            raise UsageError(
                f"cannot remove the report {path} of an earlier run: {error.strerror or error}",
                "Have the folder where you may write; the same command goes on",
            ) from error

    def close(self) -> None:
        """Lets another process have the folder."""
        self._database.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _path(self, stem: str, form: Form) -> Path:
        return self.reports / f"{stem}{_SUFFIXES[form]}"

    def _rows(self, clause: str, *values: str) -> Iterator[Row]:
        for found in self._read(f"select {', '.join(_COLUMNS)} from articles {clause}", values):  # noqa: S608
            yield Row(*found)

    def _read(self, query: str, values: Sequence[Any] = ()) -> Iterator[tuple[Any, ...]]:
        try:
            yield from self._database.execute(query, values)
        except sqlite3.Error as error:
            raise self._unusable(error) from error

    def _write(self, query: str, values: Sequence[Any]) -> None:
        if self._reads_only:
            return
        try:
            with self._turn:
                self._database.execute(query, values)
        except sqlite3.Error as error:
            raise self._unusable(error) from error


def stem_of(key: str, document: Document) -> str:
    """What the names of an article's reports begin with: for people, and never twice the same."""
    words = (document.title or document.text[: 2 * _SLUG]).casefold()
    plain = unicodedata.normalize("NFKD", words).encode("ascii", "ignore").decode()
    slug = re.sub(r"[^a-z0-9]+", "-", plain)[:_SLUG].strip("-")
    return f"{slug or 'article'}-{key[:16]}"


def _row(outcome: Outcome, document: Document, how: str) -> Row:
    report, usage = outcome.report, outcome.usage
    fault = outcome.fault
    if report and report.summary.failed:
        faults = [claim.error for claim in report.claims if claim.error]
        # What the run ended by tells more than what happened to be first.
        fault = next((each for each in faults if each.kind == "budget"), faults[0])
    counts: Mapping[str, int] = report.summary.model_dump() if report else {}
    return Row(
        key=outcome.key,
        name=outcome.name,
        stem=stem_of(outcome.key, document),
        how=how,
        state="failed" if report is None else "partial" if fault else "done",
        kind=fault.kind if fault else None,
        reason=fault.message if fault else None,
        title=document.title,
        publisher=document.publisher,
        published_at=document.published_at,
        url=document.url,
        lead=shorten(document.text[: 4 * _LEAD], _LEAD, placeholder=" …"),
        supported=counts.get("supported", 0),
        conflicting=counts.get("conflicting", 0),
        unverifiable=counts.get("unverifiable", 0),
        failed=counts.get("failed", 0),
        requests=usage.requests,
        prompt_tokens=usage.prompt_tokens,
        completion_tokens=usage.completion_tokens,
        cost_usd=usage.cost_usd,
        seconds=round(outcome.seconds, 3),
        checked_at=datetime.now(UTC).isoformat(timespec="seconds"),
    )
