"""What is kept about the groups of sources that copy one another: who is in which, and why.

Each source that has been grouped has a signature, by which it is found when another comes. What
the groups follow from is in `origins.py`, what keeps them up to date in `grouping.py`.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Collection, Mapping

import numpy as np

from agent.errors import LibraryDamaged
from tools.library.signatures import Origin, Signature, Sketches


class Groups:
    """The tables of them in an open database. Its methods raise SQLite's errors.

    Args:
        connection: to the database.
        damaged: makes the error to raise where the database does not hold what it must.
    """

    def __init__(
        self, connection: sqlite3.Connection, damaged: Callable[[object], LibraryDamaged]
    ) -> None:
        self._connection = connection
        self._damaged = damaged

    def all_grouped(self) -> bool:
        """Whether every source has a signature; each signature has its source."""
        (equal,) = self._connection.execute(
            "SELECT (SELECT count(*) FROM sources) = (SELECT count(*) FROM signatures)"
        ).fetchone()
        return bool(equal)

    def ungrouped(self) -> list[str]:
        """Ids of the sources that have no signature yet, ascending."""
        rows = self._connection.execute(
            "SELECT id FROM sources WHERE id NOT IN (SELECT source_id FROM signatures) ORDER BY id"
        )
        return [id_ for (id_,) in rows]

    def sketches(self) -> tuple[list[str], Sketches]:
        """The ids of all sources that have a signature, ascending, and their sketches."""
        rows = self._connection.execute(
            "SELECT source_id, sketch FROM signatures ORDER BY source_id"
        ).fetchall()
        sizes = np.fromiter((len(blob) // 4 for _, blob in rows), np.int64, count=len(rows))
        values = np.frombuffer(b"".join([blob for _, blob in rows]), dtype="<u4")
        return [id_ for id_, _ in rows], Sketches(values, np.cumsum(sizes))

    def signature(self, source_id: str) -> Signature:
        """The signature of a source, which must have one."""
        row = self._connection.execute(
            "SELECT sketch, amounts, names, credited FROM signatures WHERE source_id = ?",
            (source_id,),
        ).fetchone()
        if row is None:
            raise self._damaged(f"the signature of {source_id} is missing")
        *blobs, credited = row
        sketch, amounts, names = (np.frombuffer(blob, dtype="<u4") for blob in blobs)
        return Signature(sketch, amounts, names, bool(credited))

    def set_signature(self, source_id: str, signature: Signature) -> None:
        *parts, credited = signature
        self._connection.execute(
            "INSERT INTO signatures VALUES (?, ?, ?, ?, ?)",
            (source_id, *(part.astype("<u4").tobytes() for part in parts), int(credited)),
        )

    def forget(self, source_id: str) -> None:
        """All of the group of a source have to be grouped anew."""
        self._connection.execute(
            "DELETE FROM signatures WHERE source_id IN (SELECT id FROM sources WHERE origin ="
            " (SELECT origin FROM sources WHERE id = ?))",
            (source_id,),
        )

    def forget_signatures(self) -> None:
        self._connection.execute("DELETE FROM signatures")

    def origin(self, source_id: str) -> str:
        """The id of a source's origin; the source must be there."""
        row = self._connection.execute(
            "SELECT origin FROM sources WHERE id = ?", (source_id,)
        ).fetchone()
        if row is None:
            raise self._damaged(f"the source {source_id} is missing")
        return str(row[0])

    def members(self, origins: Collection[str]) -> dict[str, Origin]:
        """The sources of these origins, by their ids."""
        rows = self._connection.execute(
            "SELECT id, origin, origin_reason FROM sources"
            " WHERE origin IN (SELECT value FROM json_each(?)) ORDER BY id",
            (json.dumps(list(origins)),),
        )
        return {id_: Origin(origin, reason) for id_, origin, reason in rows}

    def set_origins(self, origins: Mapping[str, Origin]) -> None:
        self._connection.executemany(
            "UPDATE sources SET origin = ?, origin_reason = ? WHERE id = ?",
            [(origin.id, origin.reason, source_id) for source_id, origin in origins.items()],
        )
