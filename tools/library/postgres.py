"""A connection to PostgreSQL that takes the statements written for SQLite.

The library's statements keep to what both databases understand. Three spellings differ and are
put right here: `?` for a value, `json_each(?)` for a list of them, and the types of columns.
Texts are compared by their bytes (`COLLATE "C"`), as SQLite does: the same order everywhere.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from agent.errors import LibraryError, LibraryLocked, LibraryMissing, UsageError
from tools.library.address import Server

if TYPE_CHECKING:
    from sqlalchemy import Connection, Engine
    from sqlalchemy.exc import DBAPIError

LEAST_VERSION = 11
"""Of PostgreSQL: `sha256()` is newer than its other functions that the statements use."""
_CONNECT_SECONDS = 10
_WAIT_SECONDS = 120
"""How long a statement waits for another writer: a transaction that groups the sources of a
large addition takes some seconds."""
_COLUMNS = (
    (re.compile(r"\bTEXT\b(?! SEARCH)"), 'TEXT COLLATE "C"'),
    (re.compile(r"\bBLOB\b"), "BYTEA"),
    (re.compile(r"\bWITHOUT ROWID\b"), ""),
    (re.compile(r"\bsha256\((\w+)\)"), r"encode(sha256(convert_to(\1, 'UTF8')), 'hex')"),
    # The order of adding, which SQLite keeps by itself.
    (
        re.compile(r"(CREATE TABLE appearances \()"),
        r"\1 rowid BIGINT GENERATED ALWAYS AS IDENTITY,",
    ),
)


class Postgres:
    """One connection, without transactions of its own accord, as `sqlite3` gives one.

    Args:
        server: where the database is.
        password: where the address came with one.

    Raises:
        LibraryMissing: there is no such database.
        LibraryError: the server cannot be reached, lets nobody in by this name, or is too old.
        UsageError: the packages for it are not installed.
    """

    def __init__(self, server: Server, password: str | None) -> None:
        self.place = server.database
        self._engine = _engine(server.database, password)
        with self._faults():
            self._connection: Connection = self._engine.connect()
        try:
            self._prepare()
        except BaseException:
            self.close()
            raise

    def _prepare(self) -> None:
        ((version,),) = self.execute("SELECT current_setting('server_version_num')")
        if int(version) < LEAST_VERSION * 10_000:
            raise LibraryError(
                f"the library {self.place} is on PostgreSQL {int(version) // 10_000}, which is "
                "too old",
                f"it needs {LEAST_VERSION} or later",
            )
        # Not in the address, whose own `options` these would replace.
        self.execute(f"SET lock_timeout = '{_WAIT_SECONDS}s'")
        self.execute("SET idle_in_transaction_session_timeout = 0")  # a snapshot may take long

    def execute(self, sql: str, parameters: Sequence[Any] = ()) -> Rows:
        with self._faults():
            result = self._connection.exec_driver_sql(_translated(sql), tuple(parameters))
            return Rows([tuple(row) for row in result] if result.returns_rows else [])

    def executemany(self, sql: str, rows: Iterable[Sequence[Any]]) -> None:
        many = [tuple(row) for row in rows]
        if many:
            with self._faults():
                self._connection.exec_driver_sql(_translated(sql), many)

    def define(self, script: str) -> None:
        """Runs statements that make or change tables, as `schema.py` has them."""
        for pattern, replacement in _COLUMNS:
            script = pattern.sub(replacement, script)
        with self._faults():
            self._connection.exec_driver_sql(script)

    @contextmanager
    def transaction(self, kind: str = "") -> Iterator[None]:
        """All of what is done inside, or nothing; on the server's disk on return."""
        self.execute(f"BEGIN {kind}")
        try:
            yield
        except BaseException:
            self.rollback()
            raise
        self.execute("COMMIT")

    @contextmanager
    def alone(self, key: int) -> Iterator[None]:
        """Nobody else of this database who asks for the same key is inside meanwhile.

        Raises:
            LibraryLocked: somebody else took too long.
        """
        self.execute("SELECT pg_advisory_lock(?)", (key,))
        try:
            yield
        except BaseException:
            # A transaction that failed takes no statement; the lock then ends with the connection.
            with suppress(LibraryError):
                self._give_back(key)
            raise
        self._give_back(key)

    def _give_back(self, key: int) -> None:
        if self._is_open:
            self.execute("SELECT pg_advisory_unlock(?)", (key,))

    def rollback(self) -> None:
        """Ends a transaction, or does nothing. A connection that is lost has none."""
        if self._is_open:
            self.execute("ROLLBACK")

    @property
    def _is_open(self) -> bool:
        return not (self._connection.closed or self._connection.invalidated)

    def close(self) -> None:
        self._connection.close()
        self._engine.dispose()

    @contextmanager
    def _faults(self) -> Iterator[None]:
        from sqlalchemy.exc import DBAPIError, SQLAlchemyError

        try:
            yield
        except DBAPIError as error:
            raise _told(error, self.place) from error
        except SQLAlchemyError as error:  # asked again after the connection was lost
            raise LibraryError(
                f"the connection to the library {self.place} was lost",
                "see that the server runs, and run the same command again",
            ) from error


class Rows:
    """What a statement gave; all of it is here already."""

    def __init__(self, rows: list[tuple[Any, ...]]) -> None:
        self._rows = iter(rows)

    def fetchone(self) -> Any:
        return next(self._rows, None)

    def fetchall(self) -> list[Any]:
        return list(self._rows)

    def __iter__(self) -> Iterator[Any]:
        return self._rows


def _engine(address: str, password: str | None) -> Engine:
    try:
        import psycopg  # noqa: F401
        from sqlalchemy import create_engine, make_url
    except ImportError as error:
        raise UsageError(
            "a library on PostgreSQL needs two more packages",
            "install them: pip install 'assay-factcheck[postgres]'",
        ) from error
    from sqlalchemy.pool import NullPool

    url = make_url(address).set(drivername="postgresql+psycopg")
    if password is not None:
        url = url.set(password=password)
    return create_engine(
        url,
        poolclass=NullPool,
        isolation_level="AUTOCOMMIT",
        hide_parameters=True,
        connect_args={
            "connect_timeout": _CONNECT_SECONDS,
            "client_encoding": "utf8",
            "application_name": "assay",
        },
    )


@lru_cache(maxsize=256)
def _translated(sql: str) -> str:
    listed = sql.replace("%", "%%").replace("json_each(?)", "json_array_elements_text(?::json)")
    return listed.replace("?", "%s")


def _told(error: DBAPIError, place: str) -> LibraryError:
    """A fault of the server, in words; what it was asked is left out."""
    cause = error.orig
    state = getattr(cause, "sqlstate", None) or ""
    detail = " ".join(str(cause).split()).rstrip(".") or type(cause).__name__
    if state == "3D000" or f'database "{place.rpartition("/")[2]}" does not exist' in detail:
        return LibraryMissing(
            f"no database at {place}", "make it on the server: createdb, see docs/team.md"
        )
    if state in ("55P03", "40P01", "40001"):  # lock not available, deadlock, overtaken
        return LibraryLocked(
            f"others are writing to the library {place}: {detail}", "run the same command again"
        )
    if state == "42501":  # insufficient privilege
        return LibraryError(
            f"the library {place} cannot be used: {detail}",
            "this user of the database lacks a right: see docs/team.md, Setting up",
        )
    return LibraryError(
        f"the library {place} cannot be used: {detail}",
        "see that the server runs and lets you in; nothing that was reported as done is lost",
    )
