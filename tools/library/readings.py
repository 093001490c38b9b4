"""Which files were read, and what became of them, so that the same need not be read again.

A file is known by a hash of its path: a library that is handed on names nobody's folders.
"""

from __future__ import annotations

import json
import sqlite3
from typing import NamedTuple


class Reading(NamedTuple):
    """A file that was read whole, with all of its texts in the library."""

    file: str
    """SHA-256 of its path, in hexadecimal."""
    mark: str
    """Its size and times of writing; empty where these say nothing certain."""
    bytes_sha256: str
    how: str
    """What else its texts depend on: which readers, what the user said about them."""
    sources: tuple[str, ...]
    """Ids of what it holds."""


class Readings:
    """The table of them in an open database. Its methods raise SQLite's errors."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    def get(self, file: str) -> Reading | None:
        """The last reading of a file, if all that it held is still in the library."""
        row = self._connection.execute(
            f"SELECT {', '.join(Reading._fields)} FROM readings WHERE file = ?",  # noqa: S608
            (file,),
        ).fetchone()
        if row is None:
            return None
        file, mark, bytes_sha256, how, listed = row
        sources = tuple(json.loads(listed))
        (held,) = self._connection.execute(
            "SELECT count(*) FROM sources WHERE id IN (SELECT value FROM json_each(?))", (listed,)
        ).fetchone()
        if held != len(set(sources)):
            return None
        return Reading(file, mark, bytes_sha256, how, sources)

    def put(self, reading: Reading) -> None:
        """In place of an earlier one of the same file."""
        *facts, sources = reading
        self._connection.execute(
            "INSERT INTO readings VALUES (?, ?, ?, ?, ?) ON CONFLICT (file) DO UPDATE SET"
            " mark = excluded.mark, bytes_sha256 = excluded.bytes_sha256, how = excluded.how,"
            " sources = excluded.sources",
            (*facts, json.dumps(sources)),
        )
