"""Passages by their words: a cache in SQLite FTS5."""

from __future__ import annotations

import hashlib
import json
import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from itertools import islice
from pathlib import Path

from tools.library.caches import (
    Row,
    Stamp,
    Unusable,
    check_count,
    connect,
    delete,
    hashed,
    read_seal,
    sqlite_faults,
    write_seal,
)
from tools.library.checked import Checked
from tools.text.words import is_function_word

_SCORED = 25_000
"""Passages that a search by words scores, counted by word. To score one takes a microsecond or
two, and in a library of a million a claim's words are in hundreds of thousands."""
_QUERY_WORDS = 100
"""Most distinct words of a full-text query: a claim has fewer, a pasted article more."""
_PUNCTUATION = ".,;:!?()[]{}\"'“”‘’«»…–—"


class WordCache:
    """Passages by their words, in an FTS5 table of a file of its own, sealed by another."""

    _NOTED = "words"

    def __init__(self, folder: Path, checked: Checked, *, read_only: bool = False) -> None:
        self._path = folder / "fulltext.sqlite"
        self._seal = folder / "fulltext.json"
        self._checked = checked
        self._read_only = read_only
        self._passages = 0
        self._connection: sqlite3.Connection | None = None

    @property
    def is_open(self) -> bool:
        return self._connection is not None

    def open(self, stamp: Stamp) -> None:
        """As `VectorCache.open`."""
        if not self._path.is_file():
            raise Unusable("missing")
        self._check_seal(stamp)
        with sqlite_faults():
            self._connection = connect(self._path, read_only=self._read_only)
            check_count(self._count(), stamp)
        self._passages = stamp.passages
        self.match("probe", 1)

    def build(self, stamp: Stamp, rows: Iterable[Row]) -> None:
        """As `VectorCache.build`."""
        self._seal.unlink(missing_ok=True)
        fresh = self._path.with_name("fulltext.new")
        # A journal left beside the old file would be played into the new one.
        journals = [f"{self._path.name}{end}" for end in ("-journal", "-wal", "-shm")]
        for path in (fresh, *(self._path.with_name(name) for name in journals)):
            delete(path)
        with sqlite_faults():
            self._connection = connect(fresh)
            self._connection.execute(
                "CREATE VIRTUAL TABLE passages USING fts5(id UNINDEXED, context, text,"
                " tokenize = 'porter unicode61 remove_diacritics 2')"
            )
            self._write(stamp, (), rows)
        self.close()
        if self._path.is_dir():
            delete(self._path)
        fresh.replace(self._path)
        self._put_seal(stamp)

    def update(self, stamp: Stamp, removed: Sequence[str], added: Iterable[Row]) -> None:
        self._opened()
        self._seal.unlink(missing_ok=True)
        self._write(stamp, removed, added)
        self._put_seal(stamp)

    def _put_seal(self, stamp: Stamp) -> None:
        hashes = hashed(self._path.parent, [self._path])
        write_seal(self._seal, stamp, hashes)
        self._checked.note(self._NOTED, [self._path], {"files": hashes})

    def _check_seal(self, stamp: Stamp) -> None:
        sealed, hashes = read_seal(self._seal)
        if sealed != stamp:
            raise Unusable("out of date")
        if self._checked.holds(self._NOTED, [self._path]) == {"files": hashes}:
            return
        if hashes != hashed(self._path.parent, [self._path]):
            raise Unusable("damaged", "it is not as it was written")
        self._checked.note(self._NOTED, [self._path], {"files": hashes})

    def _write(self, stamp: Stamp, removed: Sequence[str], added: Iterable[Row]) -> None:
        connection = self._opened()
        with sqlite_faults(), _transaction(connection):
            connection.execute(
                "DELETE FROM passages WHERE id IN (SELECT value FROM json_each(?))",
                (json.dumps(removed),),
            )
            connection.executemany(
                "INSERT INTO passages (id, context, text) VALUES (?, ?, ?)",
                ((row.id, row.context, row.text) for row in added),
            )
            check_count(self._count(), stamp)
        self._passages = stamp.passages

    def _count(self) -> int:
        (count,) = self._opened().execute("SELECT count(*) FROM passages_docsize").fetchone()
        return int(count)  # a row for each passage, as in `passages`, without its text

    def catch_up(self, stamp: Stamp, rows: Iterable[Row]) -> bool:
        """Never: an id does not stand for what is above a passage, and building is fast."""
        return False

    def match(self, text: str, n: int) -> dict[str, float]:
        strings = self._telling([f'"{word}"' for word in query_words(text)])
        if not strings:
            return {}
        wanted = 2 * n
        with sqlite_faults():
            while True:
                # Sorting by id as well would fetch the id of every passage that has a word.
                scored = self._opened().execute(
                    "SELECT rowid, -bm25(passages) AS score FROM passages WHERE passages MATCH ?"
                    " ORDER BY score DESC LIMIT ?",
                    (" OR ".join(strings), wanted),
                )
                found = scored.fetchall()
                # Ties are broken by id; so all of the last place's must be here.
                if len(found) < wanted or found[-1][1] < found[n - 1][1]:
                    break
                wanted *= 4
            least = found[:n][-1][1] if found else 0.0
            found = [(row, score) for row, score in found if score >= least]
            ids = dict(
                self._opened().execute(
                    "SELECT rowid, id FROM passages"
                    " WHERE rowid IN (SELECT value FROM json_each(?))",
                    (json.dumps([row for row, _ in found]),),
                )
            )
        if len(ids) != len(found):
            raise Unusable("damaged", "it found passages that it does not hold")
        scores = sorted((-score, ids[row]) for row, score in found)[:n]
        return {id_: -score for score, id_ in scores}

    def _telling(self, strings: Sequence[str]) -> list[str]:
        """The strings that are in the fewest passages, in their order, as far as these may be
        scored in a few hundredths of a second; in a library of thousands that is all."""
        if self._passages * len(strings) <= _SCORED:
            return list(strings)
        with sqlite_faults():
            counts = {string: self._passages_with(string) for string in strings}
        kept, scored = set[str](), 0
        for string in sorted(strings, key=lambda each: (counts[each], each)):
            scored += counts[string]
            if kept and scored > _SCORED:
                break
            kept.add(string)
        return [string for string in strings if string in kept]

    def _passages_with(self, string: str) -> int:
        """How many passages hold a string, counted up to `_SCORED`."""
        (count,) = (
            self._opened()
            .execute(
                "SELECT count(*) FROM (SELECT 1 FROM passages WHERE passages MATCH ? LIMIT ?)",
                (string, _SCORED),
            )
            .fetchone()
        )
        return int(count)

    def agrees(self, rows: Iterable[Row]) -> bool:
        connection = self._opened()
        with sqlite_faults():
            # FTS5's own check: that its lists of words are those of the texts that it holds.
            connection.execute("INSERT INTO passages (passages) VALUES ('integrity-check')")
            held = _sum(connection.execute("SELECT id, context, text FROM passages"))
        return held == _sum((row.id, row.context, row.text) for row in rows)

    def close(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def _opened(self) -> sqlite3.Connection:
        if self._connection is None:
            raise Unusable("not open")
        return self._connection


def query_words(text: str) -> list[str]:
    """The distinct words to look for, each as a string of FTS5 stands in its quotation marks.

    FTS5 takes a string apart itself: `1.4bn` is looked for as `1 4bn`, and a lone dash as
    nothing. Function words are in every passage: they tell none apart, and their long lists
    are what a search takes its time for. Only a text that has no others is looked for by them.
    What has a hyphen in one text has none in another: `pre-symptomatic`, `presymptomatic`.
    """
    words = dict.fromkeys(text.replace("\0", " ").casefold().split())
    bare = {word: word.strip(_PUNCTUATION) for word in words}
    telling = [word for word in words if bare[word] and not is_function_word(bare[word])]
    telling += [word.replace("-", "") for word in telling if "-" in bare[word]]
    return [word.replace('"', '""') for word in islice(telling or words, _QUERY_WORDS)]


@contextmanager
def _transaction(connection: sqlite3.Connection) -> Iterator[None]:
    connection.execute("BEGIN IMMEDIATE")
    try:
        yield
    except BaseException:
        connection.rollback()
        raise
    connection.execute("COMMIT")


def _sum(rows: Iterable[tuple[str, ...]]) -> int:
    """Equal for the same rows in any order, without holding them."""
    return sum(int.from_bytes(hashlib.sha256(repr(tuple(row)).encode()).digest()) for row in rows)
