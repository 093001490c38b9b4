"""Keeps every model answer, so that finished work is never paid for twice.

One SQLite file of plain JSON values, appended to and never changed. A key is a hash of
everything that the answer depends on (`LanguageModel` makes it); an answer is stored only
after it was validated and checked, and is on the disk before `put` returns. Several processes
may use one journal at once. A file that is damaged is moved aside, never deleted: its loss
costs money, not correctness.
"""

from __future__ import annotations

import logging
import sqlite3
import threading
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Self, TypeVar

from agent.errors import ModelUnavailable, UsageError

R = TypeVar("R")

VERSION = 1
_TABLES = """
create table if not exists answers (
    id integer primary key,
    key text not null,
    prompt text not null,
    answer text not null,
    model text,
    prompt_tokens integer,
    completion_tokens integer,
    created_at text not null
);
create index if not exists answers_by_key on answers (key, id);
"""
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

        def read(database: sqlite3.Connection) -> Entry | None:
            row = database.execute(
                "select answer, model, prompt_tokens, completion_tokens, created_at"
                " from answers where key = ? order by id desc limit 1",
                (key,),
            ).fetchone()
            return Entry(*row) if row else None

        return self._run(read)

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

        def write(database: sqlite3.Connection) -> None:
            database.execute(
                "insert into answers (key, prompt, answer, model, prompt_tokens,"
                " completion_tokens, created_at) values (?, ?, ?, ?, ?, ?, ?)",
                row,
            )

        self._run(write)

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
            try:
                try:
                    return operation(self._database)
                except sqlite3.DatabaseError as error:
                    if not _is_damage(error):
                        raise
                    self._database.close()
                    self._set_aside(error)
                    self._database = self._open()
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
        except sqlite3.DatabaseError as error:
            if not _is_damage(error):
                raise
            self._set_aside(error)
            return self._connect()

    def _connect(self) -> sqlite3.Connection:
        # Autocommit: each `put` is a transaction of its own. 30 s: other processes write briefly.
        database = sqlite3.connect(
            self.path, timeout=30, isolation_level=None, check_same_thread=False
        )
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
            database.executescript(f"begin immediate; {_TABLES} pragma user_version = 1; commit;")
            database.execute(
                "select key, prompt, answer, model, prompt_tokens, completion_tokens, created_at"
                " from answers limit 1"
            )
        except BaseException:
            database.close()
            raise
        return database

    def _set_aside(self, error: sqlite3.DatabaseError) -> None:
        stamp = datetime.now(UTC).strftime("%Y%m%dT%H%M%S%f")
        aside = self.path.with_name(f"{self.path.name}.damaged-{stamp}")
        for suffix in ("", "-wal", "-shm"):
            part = self.path.with_name(self.path.name + suffix)
            if part.exists():
                part.rename(aside.with_name(aside.name + suffix))
        self._notify(
            f"the journal {self.path.name} was damaged ({error}); it is kept as {aside.name}, "
            "and a new one is begun"
        )


class _Damaged(sqlite3.DatabaseError):
    """The file is a database, but not a sound one."""


def _is_damage(error: sqlite3.DatabaseError) -> bool:
    """Damage, as opposed to a lock, a full disk, a missing permission or a closed file."""
    if isinstance(error, _Damaged):
        return True
    code = getattr(error, "sqlite_errorcode", 0) & 0xFF  # the rest of the bits are details
    if code == sqlite3.SQLITE_ERROR:  # no such table or column: a database of something else
        return isinstance(error, sqlite3.OperationalError)
    return code in (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB)
