"""Whether a library's database says what was stored in it: everything against everything."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np

from tools.library import schema
from tools.library.ids import passage_id, source_id

if TYPE_CHECKING:
    from agent.types import Source
    from tools.library.database import Database


def problems(db: Database, connection: sqlite3.Connection) -> Iterator[str]:
    """One line for each thing that is wrong; none if all is well."""
    lines = [line for (line,) in connection.execute("PRAGMA integrity_check")]
    if lines != ["ok"]:  # what is read through its indexes may be anything
        yield from (f"{db.file.name}: {line}" for line in lines)
        return
    for table, row, parent, _ in connection.execute("PRAGMA foreign_key_check"):
        yield f"{db.file.name}: row {row} of {table} refers to nothing in {parent}"
    yield from problems_of_content(db, connection)


def problems_of_content(db: Database, connection: sqlite3.Connection) -> Iterator[str]:
    """The same of what was stored alone, whatever kind of database has it."""
    dimension = int(db.meta("dimension"))
    for source in db.sources():
        hashed = db.provenance(source).text_sha256
        if source_id(source.text) != source.id or schema.text_sha256(source.text) != hashed:
            yield f"{source.id}: its text is not the one that was added"
        yield from _of_passages(source, connection, dimension)


def _of_passages(source: Source, connection: sqlite3.Connection, dimension: int) -> Iterator[str]:
    rows = connection.execute(
        'SELECT id, number, "start", "end", vector FROM passages'
        " WHERE source_id = ? ORDER BY number",
        (source.id,),
    ).fetchall()
    if not rows:
        yield f"{source.id}: it has no passages"
    for expected, (id_, number, start, end, blob) in enumerate(rows):
        if (id_, number) != (passage_id(source.id, expected), expected):
            yield f"{source.id}: passage {expected} is missing"
            return
        if not 0 <= start < end <= len(source.text):
            yield f"{id_}: its span lies outside of the text"
        if len(blob) != 4 * dimension:
            yield f"{id_}: its vector has the wrong length"
        elif not abs(float(np.linalg.norm(np.frombuffer(blob, dtype="<f4"))) - 1) < 1e-3:
            yield f"{id_}: its vector is not of unit length"
