"""Where else a text appeared: one that several publishers carry word for word is one source.

The first appearance is the source itself, with its publisher, date and address. Each further one
is kept beside it, for whoever wants to know where a text has been; verdicts do not rest on it.
"""

from __future__ import annotations

import sqlite3
from typing import NamedTuple

from agent.types import Document, Source

TELLING = ("publisher", "published_at", "url")
"""What makes an appearance another one. A title or a file name may differ within one."""


class Appearance(NamedTuple):
    """One further place of a source's text; what is not known of it is None."""

    title: str | None
    publisher: str | None
    published_at: str | None
    url: str | None
    path: str | None
    """Name of the file it was read from."""
    added_at: str
    """ISO 8601 date and time, UTC."""


class Appearances:
    """The table of them in an open database. Its methods raise SQLite's errors."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    def of(self, source_id: str) -> list[Appearance]:
        """The further appearances of a source, in the order in which they were added."""
        rows = self._connection.execute(
            f"SELECT {', '.join(Appearance._fields)} FROM appearances"  # noqa: S608
            " WHERE source_id = ? ORDER BY rowid",
            (source_id,),
        )
        return list(map(Appearance._make, rows))

    def insert(self, source_id: str, appearance: Appearance) -> None:
        columns = ("source_id", *Appearance._fields)
        self._connection.execute(
            f"INSERT INTO appearances ({', '.join(columns)})"  # noqa: S608
            f" VALUES ({', '.join('?' * len(columns))})",
            (source_id, *appearance),
        )


def completed(given: Document, path: str | None, held: Source) -> Source | None:
    """The source with what was not known of it, where the same file says more than before.

    Args:
        given: the same text, read anew.
        path: name of its file.
        held: the source as it is.

    Returns:
        None for another file, or one that says otherwise, or nothing new.
    """
    said = {name: value for name in (*TELLING, "author") if (value := getattr(given, name))}
    missing = {name: value for name, value in said.items() if getattr(held, name) is None}
    others = said.keys() - missing.keys() - {"author"}
    if not missing or path != held.path or any(said[n] != getattr(held, n) for n in others):
        return None
    warnings = [each for each in held.warnings if each.code != "date_unclear"]
    return held.model_copy(
        update={**missing, "warnings": warnings if "published_at" in missing else held.warnings}
    )


def is_another(given: Document, known: Source | Appearance) -> bool:
    """Whether a text that is there already says of itself what is not known of this appearance."""
    said = {name: value for name in TELLING if (value := getattr(given, name))}
    return any(value != getattr(known, name) for name, value in said.items())
