"""The tables of a library's database, and how one of an older release gets them.

A database is made, brought up to date or put in place whole or not at all: what is being made
lies beside under another name, is written through to the disk, and takes its place by
renaming. Only a process that holds the library's lock alone may call what writes here.
"""

from __future__ import annotations

import hashlib
import os
import secrets
import sqlite3
from contextlib import closing
from pathlib import Path

MIGRATIONS = (
    """
    CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
    CREATE TABLE sources (
        id TEXT PRIMARY KEY,
        text TEXT NOT NULL,
        title TEXT, author TEXT, publisher TEXT, url TEXT, published_at TEXT, language TEXT,
        path TEXT,
        added_at TEXT NOT NULL,
        origin TEXT NOT NULL,
        warnings TEXT NOT NULL
    );
    CREATE TABLE passages (
        id TEXT PRIMARY KEY,
        source_id TEXT NOT NULL REFERENCES sources (id) ON DELETE CASCADE,
        number INTEGER NOT NULL,
        "start" INTEGER NOT NULL,
        "end" INTEGER NOT NULL,
        vector BLOB NOT NULL,
        UNIQUE (source_id, number)
    );
    """,
    # Where a source came from: with `path`, `url` and `added_at`, which were there before.
    # Nobody knows any more which reader read the sources of version 1, or the bytes it read.
    """
    ALTER TABLE sources ADD COLUMN reader TEXT;
    ALTER TABLE sources ADD COLUMN bytes_sha256 TEXT;
    ALTER TABLE sources ADD COLUMN text_sha256 TEXT NOT NULL DEFAULT '';
    UPDATE sources SET text_sha256 = sha256(text);
    """,
    # What the user files a source under: a JSON list of texts.
    """
    ALTER TABLE sources ADD COLUMN tags TEXT NOT NULL DEFAULT '[]';
    """,
    # Why a source is in the group of its origin, and by what it is found when another comes.
    # A source without a signature has yet to be grouped: here, all.
    """
    ALTER TABLE sources ADD COLUMN origin_reason TEXT;
    CREATE INDEX sources_by_origin ON sources (origin, id);
    CREATE TABLE signatures (
        source_id TEXT PRIMARY KEY REFERENCES sources (id) ON DELETE CASCADE,
        sketch BLOB NOT NULL,
        amounts BLOB NOT NULL,
        names BLOB NOT NULL,
        credited INTEGER NOT NULL
    ) WITHOUT ROWID;
    DELETE FROM meta WHERE key = 'origins_of';
    INSERT INTO meta VALUES ('origin_rules', '');
    """,
    # What the user makes of a publisher or a site; who is not in it is neutral. `name` is as the
    # user wrote it, `key` without case.
    """
    CREATE TABLE reputations (
        key TEXT PRIMARY KEY,
        name TEXT NOT NULL,
        reputation TEXT NOT NULL CHECK (reputation IN ('trusted', 'distrusted'))
    ) WITHOUT ROWID;
    """,
    # Where else a text appeared, and which files need not be read again.
    """
    CREATE TABLE appearances (
        source_id TEXT NOT NULL REFERENCES sources (id) ON DELETE CASCADE,
        title TEXT, publisher TEXT, published_at TEXT, url TEXT,
        path TEXT,
        added_at TEXT NOT NULL
    );
    CREATE INDEX appearances_by_source ON appearances (source_id);
    CREATE TABLE readings (
        file TEXT PRIMARY KEY,
        mark TEXT NOT NULL,
        bytes_sha256 TEXT NOT NULL,
        how TEXT NOT NULL,
        sources TEXT NOT NULL
    ) WITHOUT ROWID;
    """,
)
"""Entry n brings a database from schema version n to n + 1 (`PRAGMA user_version`)."""

VERSION = len(MIGRATIONS)

_CACHES_HOLD = 5
"""From this version on search caches are as this release makes them, and stay when the database is
brought up to date. A migration after which they would be others raises it to its own version."""

_DIGESTED = {
    "sources": "id",
    "passages": "source_id, number",
    "reputations": "key",
    "appearances": "source_id, rowid",
}
"""The tables that `digest` is over, and in which order of rows."""


def create(file: Path, embedder: str, dimension: int) -> None:
    """Writes an empty database: it is there whole or not at all."""
    draft = file.with_name("library.new")
    draft.unlink(missing_ok=True)
    with closing(sqlite3.connect(draft, isolation_level=None)) as connection:
        _migrate(connection, 0)
        meta = {"embedder": embedder, "dimension": str(dimension)}
        connection.executemany("INSERT INTO meta VALUES (?, ?)", list(meta.items()))
        connection.execute("PRAGMA journal_mode = WAL")
    put_in_place(draft, file)


def version_of(file: Path) -> int:
    """Schema version of a database; 0 for one that is no library's."""
    with closing(sqlite3.connect(f"{file.absolute().as_uri()}?mode=rw", uri=True)) as connection:
        (version,) = connection.execute("PRAGMA user_version").fetchone()
        return int(version)


def upgrade(file: Path) -> Path:
    """Brings the database of an older release to this one's schema, in one transaction.

    Returns:
        A copy of the database as it was, beside it: `library.version-1.sqlite`. An earlier
        copy of the same name is replaced; it was made by an upgrade that did not end.
        The search caches of an old one do not match the database any more (`_CACHES_HOLD`): their
        form has changed as well.

    Raises:
        sqlite3.Error: it is damaged, or the disk is full; then nothing has changed.
    """
    with closing(sqlite3.connect(file, isolation_level=None)) as connection:
        (found,) = connection.execute("PRAGMA user_version").fetchone()
        (verdict,) = connection.execute("PRAGMA quick_check(1)").fetchone()
        if verdict != "ok":
            raise sqlite3.DatabaseError(verdict)
        backup = file.with_name(f"library.version-{found}.sqlite")
        copy(connection, backup)
        connection.execute("PRAGMA synchronous = FULL")
        _migrate(connection, found)
    return backup


def copy(connection: sqlite3.Connection, target: Path, **meta: str) -> None:
    """Writes all that the database holds into one file, which needs no other beside it.

    The file replaces what is there once it is whole.

    Args:
        connection: to the database.
        target: the file.
        meta: what the copy says about itself beyond what the database says.
    """
    draft = target.with_name(f"{target.name}.new")
    draft.unlink(missing_ok=True)
    try:
        connection.execute("VACUUM INTO ?", (str(draft),))
        with closing(sqlite3.connect(draft, isolation_level=None)) as copied:
            copied.executemany("INSERT INTO meta VALUES (?, ?)", list(meta.items()))
            copied.execute("PRAGMA application_id = 0")  # a copy of a snapshot is none
        put_in_place(draft, target)
    finally:
        draft.unlink(missing_ok=True)


def put_in_place(draft: Path, target: Path) -> None:
    """Renames a file once its content is on the disk, and waits until the new name is, too."""
    with draft.open("rb+") as file:
        os.fsync(file.fileno())
    draft.replace(target)
    if os.name == "posix":  # elsewhere a folder cannot be opened
        folder = os.open(target.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)


def digest(connection: sqlite3.Connection) -> str:
    """SHA-256 over all that cannot be made again: equal content, equal digest.

    Of a database of an older release it is over the tables that this has.
    """
    hashed = hashlib.sha256()
    tables = {name for (name,) in connection.execute("SELECT name FROM sqlite_master")}
    for table, key in _DIGESTED.items():
        if table not in tables:
            continue
        for row in connection.execute(f"SELECT * FROM {table} ORDER BY {key}"):  # noqa: S608
            hashed.update(repr(row).encode())
    return hashed.hexdigest()


def text_sha256(text: str) -> str:
    """SHA-256 of a text in UTF-8, in hexadecimal."""
    return hashlib.sha256(text.encode()).hexdigest()


def _migrate(connection: sqlite3.Connection, version: int) -> None:
    connection.create_function("sha256", 1, text_sha256, deterministic=True)
    steps = "".join(MIGRATIONS[version:])
    if version < _CACHES_HOLD:
        built = secrets.token_hex(8)
        steps += f"INSERT OR REPLACE INTO meta VALUES ('built', '{built}');"  # noqa: S608
    try:
        connection.executescript(
            f"BEGIN IMMEDIATE; {steps} PRAGMA user_version = {VERSION}; COMMIT"
        )
    except BaseException:
        if connection.in_transaction:
            connection.rollback()
        raise
