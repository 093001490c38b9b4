"""Sources go from one library into another, whichever kind each of them is.

A source has the same id everywhere, and its vectors go with it where both libraries have one
embedder: nothing is embedded again. What is there already stays as it is and gets what the other
library knows beyond: tags, and where else the text appeared.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from agent.types import Document, Source
from tools.library import schema
from tools.library.appearances import Appearance, is_another
from tools.library.caches import Row
from tools.library.database import METADATA, Database

if TYPE_CHECKING:
    from tools.library.served import ServedDatabase

_BATCH = 50
"""Sources in one transaction: so many at most are sent again after an interruption."""
_CHOSEN = "IN (SELECT value FROM json_each(?))"
_BY_SOURCE = {
    "sources": f"WHERE id {_CHOSEN} ORDER BY id",
    "passages": f"WHERE source_id {_CHOSEN} ORDER BY source_id, number",
    "signatures": f"WHERE source_id {_CHOSEN} ORDER BY source_id",
}
_WHOLE = {"reputations": "key", "readings": "file"}


class Merged(NamedTuple):
    """What became of the sources of a library that went into another."""

    added: int
    passages: int
    """Of those added."""
    known: int
    """That were there already."""
    left_out: list[str]
    """Ids of those that the other kind of database cannot hold: texts with NUL characters."""


def merge(
    given: Database,
    into: Database,
    *,
    on_rows: Callable[[list[Row]], None],
    on_progress: Callable[[int, int], None] | None = None,
) -> Merged:
    """Brings all sources of one database into another, a batch in each transaction.

    Args:
        given: is only read.
        into: has the same embedder.
        on_rows: takes the new passages for the search index, after each batch.
        on_progress: told how many sources are through, and of how many.
    """
    added = passages = known = 0
    left_out: list[str] = []
    all_ids = given.source_ids()
    for start in range(0, len(all_ids), _BATCH):
        rows: list[Row] = []
        batch = all_ids[start : start + _BATCH]
        with into.transaction():
            there = into.held(batch)  # a question for all: a server is some milliseconds away
            for id_ in batch:
                source = given.find(id_)
                told = [getattr(source, name) for name in ("text", "path", *METADATA)]
                if not into.takes_nul and any("\0" in each for each in told if each):
                    left_out.append(id_)
                    continue
                if id_ in there:
                    _complete(given, into, source)
                    known += 1
                else:
                    rows += _put(given, into, source)
                    added += 1
        passages += len(rows)
        on_rows(rows)
        if on_progress:
            on_progress(min(start + _BATCH, len(all_ids)), len(all_ids))
    named = {name.casefold() for name in into.reputations.all()}
    with into.transaction():
        for name, reputation in given.reputations.all().items():
            if name.casefold() not in named:
                into.reputations.put(name, reputation)
    return Merged(added, passages, known, left_out)


def _put(given: Database, into: Database, source: Source) -> list[Row]:
    """Puts a source that is not there into a database; gives its passages."""
    cuts = given.cuts(source)
    alone = source.model_copy(update={"origin": source.id, "origin_reason": None})
    into.insert(alone, _document(given, source), [*cuts.values()])
    for appearance in given.appearances.of(source.id):
        into.appearances.insert(source.id, appearance)
    return [
        Row(id_, each.context, source.text[each.start : each.end], each.vector)
        for id_, each in cuts.items()
    ]


def _complete(given: Database, into: Database, source: Source) -> None:
    """Tells a database what another one knows beyond of a source that both have."""
    there = into.find(source.id)
    tags = sorted({*there.tags, *source.tags})
    if tags != there.tags:
        into.set_tags(source.id, tags)
    known: list[Source | Appearance] = [there, *into.appearances.of(source.id)]
    own = Appearance(*(getattr(source, name) for name in Appearance._fields))
    for appearance in (own, *given.appearances.of(source.id)):
        said = {name: getattr(appearance, name) for name in METADATA if hasattr(appearance, name)}
        if all(is_another(Document(text=source.text, **said), each) for each in known):
            into.appearances.insert(source.id, appearance)
            known.append(appearance)


def _document(db: Database, source: Source) -> Document:
    provenance = db.provenance(source)
    return Document(
        **source.model_dump(include={"text", "warnings", *METADATA}),
        reader=provenance.reader,
        bytes_sha256=provenance.bytes_sha256,
    )


def copy_out(
    db: ServedDatabase, connection: sqlite3.Connection, file: Path, *, digest: bool
) -> None:
    """Writes all that a library on a server holds into one SQLite file.

    Args:
        db: the database; in a snapshot, or nobody else may write.
        connection: to it.
        file: replaced once the copy is whole.
        digest: whether the copy says by a digest what it holds.
    """
    draft = file.with_name(f"{file.name}.new")
    draft.unlink(missing_ok=True)
    try:
        schema.create(draft, db.meta("embedder"), int(db.meta("dimension")))
        with closing(sqlite3.connect(draft, isolation_level=None)) as copied:
            copied.execute("PRAGMA journal_mode = DELETE")  # all of it is in one file
            copied.execute("BEGIN")
            ids = db.source_ids()
            for start in range(0, len(ids), _BATCH):
                chosen = json.dumps(ids[start : start + _BATCH])
                for table, which in _BY_SOURCE.items():
                    _copy(table, which, [chosen], connection, copied)
            _copy("appearances", "ORDER BY source_id, rowid", [], connection, copied)
            for table, key in _WHOLE.items():
                _copy(table, f"ORDER BY {key}", [], connection, copied)
            meta = db.common_meta()
            if digest:
                meta["digest"] = schema.digest(copied)
            copied.executemany("INSERT OR REPLACE INTO meta VALUES (?, ?)", list(meta.items()))
            copied.execute("COMMIT")
        schema.put_in_place(draft, file)
    finally:
        draft.unlink(missing_ok=True)


def _copy(
    table: str,
    which: str,
    parameters: list[str],
    connection: sqlite3.Connection,
    copied: sqlite3.Connection,
) -> None:
    described = copied.execute(f"PRAGMA table_info({table})")
    columns = [f'"{row[1]}"' for row in described]
    listed = ", ".join(columns)
    copied.executemany(
        f"INSERT INTO {table} ({listed}) VALUES ({', '.join('?' * len(columns))})",  # noqa: S608
        connection.execute(f"SELECT {listed} FROM {table} {which}", parameters),  # noqa: S608
    )
