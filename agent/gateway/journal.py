"""Keeps every model answer, so that finished work is never paid for twice.

One SQLite file of plain JSON values, appended to and never changed. A key is a hash of
everything that the answer depends on (`agent.gateway.keeping` makes it); an answer is stored
only after it was validated and checked, and is on the disk before `put` returns. Answers that
arrive together share one write. Several processes may use one journal at once.

A file that is damaged is moved aside, never deleted, and what can still be read of it goes into
the new one; each answer has a digest, so what was altered on the disk is asked for again and
never taken for the model's word. Lost answers cost money, not correctness.
"""

from __future__ import annotations

import hashlib
import json
import logging
import shutil
import sqlite3
import tempfile
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Self, TypeVar

from agent.errors import ModelUnavailable, UsageError

R = TypeVar("R")

VERSION = 1
_TABLE = """
create table if not exists answers (
    id integer primary key,
    key text not null,
    prompt text not null,
    answer text not null,
    model text,
    prompt_tokens integer,
    completion_tokens integer,
    created_at text not null,
    digest text
)
"""
_INDEX = "create index if not exists answers_by_key on answers (key, id)"
_COLUMNS = "key, prompt, answer, model, prompt_tokens, completion_tokens, created_at, digest"
_INSERT = f"insert into answers ({_COLUMNS}) values (?, ?, ?, ?, ?, ?, ?, ?)"  # noqa: S608 - no input
_SMALLEST_ROW = 100
"""Bytes: a key has 64 of them, a time 25."""
_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Entry:
    """An answer as it was given."""

    answer: str
    """The raw text, JSON."""
    model: str | None
    """The model that the server says answered."""
    prompt_tokens: int | None
    completion_tokens: int | None
    created_at: str
    """ISO 8601, UTC."""


class _Put:
    """An answer that waits to be written, by its own thread or by another's."""

    def __init__(self, row: tuple[Any, ...]) -> None:
        self.row = row
        self.fault: ModelUnavailable | None = None
        self.written = False


class Journal:
    """The journal in one file. Safe for several threads and processes; closable by `with`.

    Args:
        path: the file; made, with its folders, where there is none.
        notify: is told when a damaged file had to be moved aside. Default: a warning is logged.

    Raises:
        UsageError: the file cannot be opened or made, or a later version of Assay made it.
    """

    def __init__(self, path: Path, *, notify: Callable[[str], None] = _log.warning) -> None:
        self.path = Path(path)
        self._notify = notify
        self._lock = threading.Lock()
        self._arriving = threading.Lock()
        self._waiting: list[_Put] = []
        self._told_of_alterations = False
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            self._database = self._open()
        except (OSError, sqlite3.OperationalError) as error:
            raise UsageError(
                f"the journal {self.path.name} cannot be opened ({error})",
                "Check the folder's permissions and the free space",
            ) from error

    def get(self, key: str) -> Entry | None:
        """The latest answer under a key.

        Raises:
            ModelUnavailable: kind `journal`, the file cannot be read.
        """

        def read(database: sqlite3.Connection) -> tuple[Any, ...] | None:
            row: tuple[Any, ...] | None = database.execute(
                f"select {_COLUMNS} from answers where key = ? order by id desc limit 1",  # noqa: S608 - no input
                (key,),
            ).fetchone()
            return row

        row = self._run(read)
        if row is None:
            return None
        if not _is_as_written(row):
            if not self._told_of_alterations:
                self._told_of_alterations = True
                self._notify(
                    f"the journal {self.path.name} was damaged: what is not as it was written "
                    "is asked for again"
                )
            return None
        return Entry(*row[2:7])

    def put(
        self,
        key: str,
        answer: str,
        *,
        prompt: str,
        model: str | None = None,
        prompt_tokens: int | None = None,
        completion_tokens: int | None = None,
    ) -> None:
        """Appends an answer; it is on the disk when this returns.

        Raises:
            ModelUnavailable: kind `journal`, the file cannot be written.
        """
        now = datetime.now(UTC).isoformat(timespec="seconds")
        row = (key, prompt, answer, model, prompt_tokens, completion_tokens, now)
        mine = _Put((*row, _digest(row)))
        with self._arriving:
            self._waiting.append(mine)
        with self._lock:
            # Whoever comes first writes for all who wait: one flush of the disk for them together.
            if not (mine.written or mine.fault):
                with self._arriving:
                    together, self._waiting = self._waiting, []
                self._write(together)
        if mine.fault:
            raise mine.fault
        if not mine.written:  # who took it along was broken off before
            raise _broken_off(self.path)

    def _write(self, together: Sequence[_Put]) -> None:
        def write(database: sqlite3.Connection) -> None:
            database.execute("begin immediate")
            try:
                database.executemany(_INSERT, [each.row for each in together])
                database.execute("commit")
            except BaseException:
                if database.in_transaction:
                    database.execute("rollback")
                raise

        fault = _broken_off(self.path)
        try:
            self._run_locked(write)
        except BaseException as error:
            if isinstance(error, ModelUnavailable):
                fault = error
            for each in together:  # each thread raises one of its own
                each.fault = ModelUnavailable(fault.kind, fault.what, fault.todo)
            raise
        for each in together:
            each.written = True

    def close(self) -> None:
        """Closes the file."""
        with self._lock:
            self._database.close()

    def __len__(self) -> int:
        def count(database: sqlite3.Connection) -> int:
            (number,) = database.execute("select count(*) from answers").fetchone()
            return int(number)

        return self._run(count)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _run(self, operation: Callable[[sqlite3.Connection], R]) -> R:
        with self._lock:
            return self._run_locked(operation)

    def _run_locked(self, operation: Callable[[sqlite3.Connection], R]) -> R:
        try:
            try:
                return operation(self._database)
            except (sqlite3.DatabaseError, UnicodeDecodeError) as error:
                if not _is_damage(error):
                    raise
                self._database.close()
                self._database = self._begin_anew(error)
                return operation(self._database)
        except (OSError, sqlite3.Error) as error:
            # Unkept answers would be paid for again: better to stop and say so.
            raise ModelUnavailable(
                "journal",
                f"the journal {self.path.name} cannot be used ({error})",
                "Check the disk's free space; the same command goes on from here",
            ) from error

    def _open(self) -> sqlite3.Connection:
        try:
            return self._connect()
        except (sqlite3.DatabaseError, UnicodeDecodeError) as error:
            if not _is_damage(error):
                raise
            return self._begin_anew(error)

    def _connect(self) -> sqlite3.Connection:
        # Autocommit: each `put` is a transaction of its own. 30 s: other processes write briefly.
        database = sqlite3.connect(
            self.path, timeout=30, isolation_level=None, check_same_thread=False
        )
        database.text_factory = _as_text
        try:
            database.execute("pragma journal_mode = wal")
            database.execute("pragma synchronous = full")
            (found,) = database.execute("pragma quick_check(1)").fetchone()
            if found != "ok":
                raise _Damaged(found)
            (version,) = database.execute("pragma user_version").fetchone()
            if version > VERSION:
                raise UsageError(
                    f"a later version of Assay made the journal {self.path.name}",
                    "Update Assay, or name another journal",
                )
            database.execute("begin immediate")
            database.execute(_TABLE)
            database.execute(_INDEX)
            database.execute(f"pragma user_version = {VERSION}")
            columns = {name for _, name, *_ in database.execute("pragma table_info(answers)")}
            if "digest" not in columns:  # version 0.1.0 made it; it ignores the column
                database.execute("alter table answers add column digest text")
            database.execute("commit")
            database.execute(f"select {_COLUMNS} from answers limit 1")  # noqa: S608 - no input
        except BaseException:
            database.close()
            raise
        return database

    def _begin_anew(self, error: Exception) -> sqlite3.Connection:
        """Moves a damaged file aside; the new one has what can still be read of it."""
        stamp = datetime.now(UTC).strftime("%Y%m%dT%H%M%S%f")
        aside = self.path.with_name(f"{self.path.name}.damaged-{stamp}")
        for suffix in ("", "-wal", "-shm"):
            part = self.path.with_name(self.path.name + suffix)
            if part.exists():
                part.rename(aside.with_name(aside.name + suffix))
        database = self._connect()
        rows = _readable(aside)
        with database:
            database.execute("begin immediate")
            database.executemany(_INSERT, rows)
        self._notify(
            f"the journal {self.path.name} was damaged ({error}); it is kept as {aside.name}, "
            f"and a new one is begun with the {len(rows)} answers that could be read"
        )
        return database


def _broken_off(path: Path) -> ModelUnavailable:
    what = f"writing the journal {path.name} was broken off"
    return ModelUnavailable("journal", what, "The same command goes on from here")


class _Damaged(sqlite3.DatabaseError):
    """The file is a database, but not a sound one."""


def _is_damage(error: sqlite3.DatabaseError | UnicodeDecodeError) -> bool:
    """Damage, as opposed to a lock, a full disk, a missing permission or a closed file."""
    # SQLite repeats a damaged name in what it says, and that is then no text.
    if isinstance(error, _Damaged | UnicodeDecodeError):
        return True
    code = getattr(error, "sqlite_errorcode", 0) & 0xFF  # the rest of the bits are details
    if code == sqlite3.SQLITE_ERROR:  # no such table or column: a database of something else
        return isinstance(error, sqlite3.OperationalError)
    return code in (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB)


def _digest(row: Sequence[Any]) -> str:
    """Of a row without its digest."""
    return hashlib.sha256(json.dumps(list(row)).encode()).hexdigest()[:32]


def _is_as_written(row: Sequence[Any]) -> bool:
    """Whether a row is what was put; of those of version 0.1.0, whether it could be."""
    *fields, digest = row
    if digest is None:
        return all(isinstance(fields[place], str) for place in (0, 1, 2, 6))
    return bool(digest == _digest(fields))


def _readable(damaged: Path) -> list[tuple[Any, ...]]:
    """The answers of a damaged file that are as they were written, in their order."""
    with tempfile.TemporaryDirectory() as folder:
        # Of a copy, since opening a file may change it; with the writes not yet merged into it.
        copies = []
        for suffix in ("", "-wal"):
            part = damaged.with_name(damaged.name + suffix)
            if part.exists():
                copies.append(shutil.copyfile(part, Path(folder) / f"journal{suffix}"))
        with closing(sqlite3.connect(copies[0], isolation_level=None)) as database:
            database.text_factory = _as_text
            return [row for row in _rows(database, copies) if _is_as_written(row)]


def _as_text(data: bytes) -> str:
    """What no longer is text is found by its digest, not by a fault of the decoder."""
    return data.decode(errors="replace")


def _rows(database: sqlite3.Connection, files: Sequence[Path]) -> Iterator[tuple[Any, ...]]:
    """What rows can be read, from the first to the last, past those that cannot."""
    try:
        database.execute("pragma writable_schema = on")  # else a file cut short is not opened
        names = {name for _, name, *_ in database.execute("pragma table_info(answers)")}
    except sqlite3.DatabaseError:  # its first page is gone
        return
    columns = _COLUMNS if "digest" in names else _COLUMNS.replace("digest", "null")
    after = f"select id, {columns} from answers where id > ? order by id limit 1"  # noqa: S608 - no input
    number, most = 0, sum(part.stat().st_size for part in files) // _SMALLEST_ROW
    while number < most:
        try:
            row = database.execute(after, (number,)).fetchone()
        except sqlite3.DatabaseError:
            number += 1
            continue
        if row is None:
            return
        number = max(number + 1, row[0])  # in a damaged file one may come back
        yield tuple(row[1:])
