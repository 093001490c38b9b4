"""Writes `files/library-version-1.sqlite`: what the first release made of three sources.

    python -m tests.make_old_library

The tables are spelt out here and stay as they were: the file stands for libraries that are in
use, so neither it nor this script follows when the schema changes.
"""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from pathlib import Path

from agent.types import TextWarning
from tests.fake_embedder import WordEmbedder
from tools.library.ids import passage_id, source_id

FILE = Path(__file__).parent / "files" / "library-version-1.sqlite"
TEXTS = [
    "The council voted on the harbour wall. Work begins in May.",
    "A whale was seen near the lighthouse by two anglers on Sunday.",
    "Zoë Lind mended the footbridge for 14,000 crowns. “It will hold,” she said. 漢字 😀",
]
WARNING = TextWarning(code="truncated", message="Cut short.", spans=[(0, 3)])

_SCHEMA = """
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
    PRAGMA user_version = 1;
"""


def main() -> None:
    """Writes the file, in the place of the one there."""
    FILE.parent.mkdir(exist_ok=True)
    FILE.unlink(missing_ok=True)
    embedder = WordEmbedder()
    with closing(sqlite3.connect(FILE, isolation_level=None)) as connection:
        connection.executescript(_SCHEMA)
        connection.executemany(
            "INSERT INTO meta VALUES (?, ?)",
            [
                ("embedder", embedder.id),
                ("dimension", str(embedder.dimension)),
                ("origins_of", ""),
                ("built", "0011223344556677"),
            ],
        )
        for number, text in enumerate(TEXTS):
            id_ = source_id(text)
            warnings = json.dumps([WARNING.model_dump()] if number == 2 else [])
            connection.execute(
                "INSERT INTO sources VALUES (?, ?, ?, 'Kim Berg', 'Harbour Courier',"
                " 'https://example.org/a', '2026-03-04', 'en', ?, ?, ?, ?)",
                (
                    id_,
                    text,
                    f"Title {number}",
                    f"{number}.txt",
                    f"2026-03-0{number + 5}T08:00:00.000+00:00",
                    id_,
                    warnings,
                ),
            )
            (vector,) = embedder.embed([text])
            connection.execute(
                "INSERT INTO passages VALUES (?, ?, 0, 0, ?, ?)",
                (passage_id(id_, 0), id_, len(text), vector.astype("<f4").tobytes()),
            )
        connection.execute("PRAGMA journal_mode = WAL")


if __name__ == "__main__":
    main()
