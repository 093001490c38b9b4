"""The two search caches of a library: Chroma for meaning, SQLite FTS5 for words.

Both hold nothing that the library's database does not hold, and are rebuilt from it
whenever they are not exactly what it says they should be. Damage is looked for *before*
Chroma opens its files: its native core has been seen to end the whole process on a vector
file with altered bytes, which no `except` can catch. So each cache is sealed after writing
(what it was built from; for Chroma also a hash of each vector file), the seal is broken
before the next write, and a cache without its seal is not opened. Large files that were found
whole are not read again while they are as they were (`checked.py`).

Whoever writes, or rebuilds, must hold the library's lock alone.
"""

from __future__ import annotations

import hashlib
import json
import shutil
import sqlite3
import tempfile
import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import closing, contextmanager, suppress
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple, cast

import numpy as np
from numpy.typing import NDArray

from agent.errors import LibraryError
from tools.library.checked import Checked
from tools.text.words import is_function_word

if TYPE_CHECKING:
    import chromadb
    from chromadb.api.client import Client

_BATCH = 250
"""Rows per call to Chroma; it refuses more than 5,461 and gains nothing above 250."""
_WIDTH = 1200
"""Candidates that Chroma's graph is searched with (`ef_search`; 100 is its default). Graphs of
the same vectors differ by the order in which these came, and each misses others. Two graphs of
10,000 random passages disagreed on the ten exactly scored best of 52 of 300 queries with 200,
of 5 with 400, of none with 800; a query took 1.6 ms of processor time with 800, 2.1 with 1200."""
_SCORED = 25_000
"""Passages that a search by words scores, counted by word. To score one takes a microsecond or
two, and in a library of a million a claim's words are in hundreds of thousands."""
_QUERY_WORDS = 100
"""Most distinct words of a full-text query: a claim has fewer, a pasted article more."""
_PUNCTUATION = ".,;:!?()[]{}\"'“”‘’«»…–—"


class Row(NamedTuple):
    """A passage as the caches take it."""

    id: str
    context: str
    """What stands above it: see `passages.passage_contexts`."""
    text: str
    vector: NDArray[np.float32]


class Stamp(NamedTuple):
    """What a cache was built from. Equal stamps, equal content."""

    embedder: str
    dimension: int
    fingerprint: str
    passages: int

    @property
    def built(self) -> str:
        """Which making of passages from texts, the end of the fingerprint; see `Library`."""
        return self.fingerprint.rpartition("/")[2]


class Unusable(LibraryError):
    """A cache is missing, damaged or out of date, and has to be rebuilt."""

    def __init__(
        self,
        reason: str,
        detail: object = "",
        todo: str = "rebuild it: assay sources rebuild",
    ) -> None:
        super().__init__(
            f"the search index is {reason}" + (f": {detail}" if detail else ""),
            todo,
        )
        self.reason = reason


_CLIENTS = threading.Lock()
"""Held while a client is made or closed. Chroma shares one system between all clients of a path
in a process; a client made while another is being made, or closed, is handed half of one."""


class Index:
    """Both caches of the library in `folder`. Nothing is opened before it is asked for."""

    def __init__(self, folder: Path) -> None:
        self._checked = Checked(folder)
        self._vectors = VectorCache(folder, self._checked)
        self._words = WordCache(folder, self._checked)
        self._caches: tuple[VectorCache | WordCache, ...] = (self._vectors, self._words)

    def faults(self, stamp: Stamp) -> list[str]:
        """Opens the caches that are not open yet; gives for each that cannot be used why:
        `missing`, `out of date` or `damaged`. Changes nothing."""
        reasons = []
        for cache in self._caches:
            if not cache.is_open:
                try:
                    cache.open(stamp)
                except Unusable as unusable:
                    cache.close()
                    reasons.append(unusable.reason)
        return reasons

    def rebuild(
        self, stamp: Stamp, rows: Callable[[], Iterable[Row]], *, whole: bool = False
    ) -> None:
        """Builds anew what is not open (or all, where `whole`) and opens it.

        Each cache is built beside the old one and takes its place by renaming.

        Args:
            stamp: what the rows come from.
            rows: gives all passages of the library, in the same order at each call.
            whole: also rebuild what seems to be in order.

        Raises:
            Unusable: it cannot be built either, for instance because the disk is full.
        """
        for cache in self._caches:
            if whole or not cache.is_open:
                cache.close()
                if whole or not cache.catch_up(stamp, rows()):
                    cache.build(stamp, rows())
                cache.open(stamp)

    def update(self, stamp: Stamp, *, removed: Sequence[str], added: Sequence[Row]) -> None:
        """Takes passages out, puts others in, and seals the result as `stamp`.

        Raises:
            Unusable: the cache that failed is closed and will show in `faults`.
        """
        for cache in self._caches:
            with _closing_on_fault(cache):
                cache.update(stamp, removed, added)

    def query(self, vector: NDArray[np.float32], n: int) -> list[str]:
        """Ids of about the `n` passages nearest in meaning, nearest first.

        The neighbours are approximate, and ties come in any order: score them exactly.

        Args:
            vector: of unit length, (dimension,).
            n: at least 1; more than there are gives all.
        """
        with _closing_on_fault(self._vectors):
            return self._vectors.query(vector, n)

    def match(self, text: str, n: int) -> dict[str, float]:
        """The `n` passages with the best match in words: their BM25 by id, best first.

        The text is never read as a query: its words are looked for, any of them.
        """
        with _closing_on_fault(self._words):
            return self._words.match(text, n)

    def agrees(self, rows: Callable[[], Iterable[Row]]) -> bool:
        """Whether both caches hold these passages entry by entry. Both must be open.

        Seals say that files are as they were written; this says that what was written is right.

        Args:
            rows: as for `rebuild`.
        """
        try:
            return all(cache.agrees(rows()) for cache in self._caches)
        except Unusable:
            return False

    def distrust(self) -> None:
        """Closes both; what was checked once is checked again before it is opened."""
        self.close()
        self._checked.forget()

    def close(self) -> None:
        for cache in self._caches:
            cache.close()


@contextmanager
def _closing_on_fault(cache: VectorCache | WordCache) -> Iterator[None]:
    try:
        yield
    except Unusable:
        cache.close()
        raise


class VectorCache:
    """Passages by meaning, in Chroma: our own vectors, cosine, no embedding function."""

    _COLLECTION = "passages"
    _DATABASE, _VECTORS = "chroma", "vectors"  # what is noted as checked

    def __init__(self, folder: Path, checked: Checked) -> None:
        self._path = folder / "chroma"
        self._checked = checked
        self._client: Client | None = None
        self._passages: chromadb.Collection | None = None

    @property
    def is_open(self) -> bool:
        return self._passages is not None

    def open(self, stamp: Stamp) -> None:
        """Opens the cache if it is whole and holds what `stamp` says.

        Raises:
            Unusable: otherwise.
        """
        if not self._path.is_dir():
            raise Unusable("missing")
        self._check_seal(stamp)
        if self._checked.holds(self._DATABASE, [self._database()]) is None:
            _check_database(self._database())
        with _chroma_faults():
            self._client = _chroma_client(self._path)
            passages = self._client.get_collection(self._COLLECTION, embedding_function=None)
            if dict(passages.metadata or {}) != stamp._asdict():
                raise Unusable("out of date")
            _check_count(passages.count(), stamp)
            _probe(passages, stamp)
            self._passages = passages
        # Only now: Chroma writes to its database whenever it opens it.
        self._checked.note(self._DATABASE, [self._database()], {})

    def build(self, stamp: Stamp, rows: Iterable[Row]) -> None:
        """Replaces whatever is there. The cache must be closed, and is so afterwards."""
        fresh, old = (self._path.with_name(f"chroma.{word}") for word in ("new", "old"))
        _delete(fresh)
        _delete(old)
        _check_room(fresh.parent, stamp, stamp.passages)
        with _chroma_faults():
            self._client = _chroma_client(fresh)
            self._passages = self._client.create_collection(
                self._COLLECTION,
                embedding_function=None,
                # One thread: the same rows give the same graph.
                configuration={"hnsw": {"space": "cosine", "ef_search": _WIDTH, "num_threads": 1}},
                metadata={"unfinished": True},
            )
            self._write(rows)
            self._seal(fresh, stamp)
        self.close()
        with suppress(FileNotFoundError):
            self._path.rename(old)
        fresh.rename(self._path)
        _delete(old)

    def update(self, stamp: Stamp, removed: Sequence[str], added: Sequence[Row]) -> None:
        passages = self._opened()
        _check_room(self._path, stamp, len(added))
        (self._path / "seal.json").unlink(missing_ok=True)
        with _chroma_faults():
            for batch in _batches(removed):
                passages.delete(ids=list(batch))
            self._write(added)
            self._seal(self._path, stamp)
        self._checked.note(self._DATABASE, [self._database()], {})

    def catch_up(self, stamp: Stamp, rows: Iterable[Row]) -> bool:
        """Brings a cache up to date that is whole but was left behind, by a process that was
        stopped between two seals: a graph of a million passages takes an hour to build.

        An id stands for one text and vector as long as `stamp` names the same making of
        passages, so the difference is one of ids. The cache must be closed, and is so afterwards.

        Returns:
            Whether it could; if not, it has to be built.
        """
        try:
            sealed, _ = self._read_seal()
            made_alike = (stamp.embedder, stamp.dimension, stamp.built)
            if (sealed.embedder, sealed.dimension, sealed.built) != made_alike:
                return False
            self.open(sealed)
            with _chroma_faults():
                held = set(self._opened().get(include=[])["ids"])
            missing = []
            for row in rows:
                if row.id in held:
                    held.remove(row.id)
                else:
                    missing.append(row)
                    if 2 * len(missing) > stamp.passages:
                        return False
            self.update(stamp, sorted(held), missing)
        except Unusable:
            return False
        finally:
            self.close()
        return True

    def query(self, vector: NDArray[np.float32], n: int) -> list[str]:
        passages = self._opened()
        with _chroma_faults():
            return _nearest(passages, vector, n)

    def agrees(self, rows: Iterable[Row]) -> bool:
        passages = self._opened()
        for batch in _batches(rows):
            with _chroma_faults():
                held = passages.get(ids=[row.id for row in batch], include=["embeddings"])
            vectors = dict(zip(held["ids"], cast("Any", held["embeddings"]), strict=True))
            for row in batch:
                # Chroma brings each vector to unit length once more, which moves its last bits.
                if row.id not in vectors or not np.allclose(vectors[row.id], row.vector, atol=1e-5):
                    return False
        return True

    def close(self) -> None:
        """Lets go of the files; the cache can be opened again."""
        self._passages = None
        if self._client is not None:
            client, self._client = self._client, None
            with _chroma_faults(), _CLIENTS:
                client.close()

    def _database(self) -> Path:
        return self._path / "chroma.sqlite3"

    def _opened(self) -> chromadb.Collection:
        if self._passages is None:
            raise Unusable("not open")
        return self._passages

    def _write(self, rows: Iterable[Row]) -> None:
        passages = self._opened()
        for batch in _batches(rows):
            passages.upsert(
                ids=[row.id for row in batch], embeddings=np.stack([row.vector for row in batch])
            )

    def _seal(self, path: Path, stamp: Stamp) -> None:
        passages = self._opened()
        _check_count(passages.count(), stamp)
        _probe(passages, stamp)  # makes Chroma bring its files up to date first
        passages.modify(metadata=stamp._asdict())
        files = _vector_files(path)
        seal = {"stamp": stamp._asdict(), "files": _hashed(path, files)}
        draft = path / "seal.tmp"
        draft.write_text(json.dumps(seal), encoding="utf-8")
        draft.replace(path / "seal.json")
        self._checked.note(self._VECTORS, files, {"files": seal["files"]})

    def _read_seal(self) -> tuple[Stamp, dict[str, str]]:
        """What the cache was sealed as, and the hash of each vector file."""
        try:
            seal = json.loads((self._path / "seal.json").read_text(encoding="utf-8"))
            stamp, files = Stamp(**seal["stamp"]), dict(seal["files"])
            if not isinstance(stamp.fingerprint, str):
                raise TypeError("a fingerprint is a string")
        except FileNotFoundError as error:  # a writer was stopped half-way
            raise Unusable("out of date") from error
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise Unusable("damaged", error) from error
        return stamp, files

    def _check_seal(self, stamp: Stamp) -> None:
        sealed, files = self._read_seal()
        if sealed != stamp:
            raise Unusable("out of date")
        found = _vector_files(self._path)
        if self._checked.holds(self._VECTORS, found) == {"files": files}:
            return
        if files != _hashed(self._path, found):
            raise Unusable("damaged", "its vector files are not as they were written")
        self._checked.note(self._VECTORS, found, {"files": files})


class WordCache:
    """Passages by their words, in an FTS5 table of a file of its own."""

    _NOTED = "words"

    def __init__(self, folder: Path, checked: Checked) -> None:
        self._path = folder / "fulltext.sqlite"
        self._checked = checked
        self._passages = 0
        self._connection: sqlite3.Connection | None = None

    @property
    def is_open(self) -> bool:
        return self._connection is not None

    def open(self, stamp: Stamp) -> None:
        """As `VectorCache.open`."""
        if not self._path.is_file():
            raise Unusable("missing")
        if self._checked.holds(self._NOTED, [self._path]) is None:
            _check_database(self._path)
            self._checked.note(self._NOTED, [self._path], {})
        with _sqlite_faults():
            self._connection = _connect(self._path)
            sealed = self._connection.execute("SELECT * FROM seal").fetchone()
            if sealed != stamp:
                raise Unusable("out of date")
            _check_count(self._count(), stamp)
        self._passages = stamp.passages
        self.match("probe", 1)

    def build(self, stamp: Stamp, rows: Iterable[Row]) -> None:
        """As `VectorCache.build`."""
        fresh = self._path.with_name("fulltext.new")
        # A journal left beside the old file would be played into the new one.
        journals = [f"{self._path.name}{end}" for end in ("-journal", "-wal", "-shm")]
        for path in (fresh, *(self._path.with_name(name) for name in journals)):
            _delete(path)
        with _sqlite_faults():
            self._connection = _connect(fresh)
            self._connection.execute(
                "CREATE VIRTUAL TABLE passages USING fts5(id UNINDEXED, context, text,"
                " tokenize = 'porter unicode61 remove_diacritics 2')"
            )
            self._connection.execute("CREATE TABLE seal (embedder, dimension, fingerprint, n)")
            self._write(stamp, (), rows)
        self.close()
        if self._path.is_dir():
            _delete(self._path)
        fresh.replace(self._path)

    def update(self, stamp: Stamp, removed: Sequence[str], added: Iterable[Row]) -> None:
        self._write(stamp, removed, added)
        self._checked.note(self._NOTED, [self._path], {})

    def _write(self, stamp: Stamp, removed: Sequence[str], added: Iterable[Row]) -> None:
        connection = self._opened()
        with _sqlite_faults(), _transaction(connection):
            connection.execute(
                "DELETE FROM passages WHERE id IN (SELECT value FROM json_each(?))",
                (json.dumps(removed),),
            )
            connection.executemany(
                "INSERT INTO passages (id, context, text) VALUES (?, ?, ?)",
                ((row.id, row.context, row.text) for row in added),
            )
            _check_count(self._count(), stamp)
            connection.execute("DELETE FROM seal")
            connection.execute("INSERT INTO seal VALUES (?, ?, ?, ?)", stamp)
        self._passages = stamp.passages

    def _count(self) -> int:
        (count,) = self._opened().execute("SELECT count(*) FROM passages_docsize").fetchone()
        return int(count)  # a row for each passage, as in `passages`, without its text

    def catch_up(self, stamp: Stamp, rows: Iterable[Row]) -> bool:
        """Never: an id does not stand for what is above a passage, and building is fast."""
        return False

    def match(self, text: str, n: int) -> dict[str, float]:
        strings = self._telling([f'"{word}"' for word in _query_words(text)])
        if not strings:
            return {}
        wanted = 2 * n
        with _sqlite_faults():
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
        with _sqlite_faults():
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
        with _sqlite_faults():
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


def _query_words(text: str) -> list[str]:
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


def _chroma_client(path: Path) -> Client:
    import chromadb
    from chromadb.api.shared_system_client import SharedSystemClient
    from chromadb.config import Settings

    try:
        with _CLIENTS:
            client = chromadb.PersistentClient(
                path=str(path), settings=Settings(anonymized_telemetry=False)
            )
        return cast("Client", client)  # declared as its interface, which has no `close`
    except BaseException:
        # Chroma keeps one system per path and process, also one that failed to start: the
        # next client at this path would be handed the broken one. It has no public way to
        # drop a single one; `clear_system_cache` would take other libraries' along.
        SharedSystemClient._identifier_to_system.pop(str(path), None)
        SharedSystemClient._identifier_to_refcount.pop(str(path), None)
        raise


@contextmanager
def _chroma_faults() -> Iterator[None]:
    """Turns whatever Chroma raises into `Unusable`: its errors have no common base, and a
    panic of its Rust core comes as a `BaseException`."""
    try:
        yield
    except LibraryError:
        raise
    except Exception as error:
        raise Unusable("damaged", error) from error
    except BaseException as error:
        if type(error).__name__ != "PanicException":
            raise
        raise Unusable("damaged", error) from error


@contextmanager
def _sqlite_faults() -> Iterator[None]:
    try:
        yield
    except sqlite3.Error as error:
        raise Unusable("damaged", error) from error


def _check_room(folder: Path, stamp: Stamp, added: int) -> None:
    """Refuses to begin where the disk, or a limit on the size of files, leaves no room.

    Chroma's core has been seen to wait for ever, with the interpreter locked, once a write had
    failed. So what it may need is looked for first: for each vector its queue, its graph, and
    the copy made when they grow; for the largest file half as much again.
    """
    sizes = [path.stat().st_size for path in folder.rglob("*") if path.is_file()]
    new = added * (12 * stamp.dimension + 4_000) + 1_000_000
    largest = max(sizes, default=0) * 3 // 2 + new
    try:
        free = shutil.disk_usage(folder).free
        with tempfile.TemporaryFile(dir=folder) as file:
            file.truncate(largest)  # a file with a hole: takes no room, but hits the limit
    except OSError as error:
        raise Unusable("not writable", error, "make room on the disk") from error
    if free < 2 * largest:
        raise Unusable(
            "not writable",
            f"{free:,} bytes are free and {2 * largest:,} may be needed",
            "make room on the disk",
        )


def _check_count(count: int, stamp: Stamp) -> None:
    if count != stamp.passages:
        raise Unusable("damaged", f"it holds {count} passages and should hold {stamp.passages}")


def _probe(passages: chromadb.Collection, stamp: Stamp) -> None:
    """One query: files that count right may still not answer."""
    vector = np.zeros(stamp.dimension, dtype=np.float32)
    vector[0] = 1
    if len(_nearest(passages, vector, 3)) != min(3, stamp.passages):
        raise Unusable("damaged", "it does not answer")


def _nearest(passages: chromadb.Collection, vector: NDArray[np.float32], n: int) -> list[str]:
    found = passages.query(query_embeddings=[vector.tolist()], n_results=n, include=[])
    return found["ids"][0]


def _check_database(path: Path) -> None:
    """SQLite's own check, with Python's SQLite, which reports damage and never panics."""
    if not path.is_file():
        raise Unusable("damaged", f"{path.name} is missing")
    with _sqlite_faults(), closing(_connect(path)) as connection:
        verdict = connection.execute("PRAGMA quick_check(1)").fetchone()
    if verdict != ("ok",):
        raise Unusable("damaged", verdict)


def _connect(path: Path) -> sqlite3.Connection:
    connection = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
    # A cache may lose its last writes in a power cut: then its seal is not there either.
    connection.execute("PRAGMA synchronous = OFF")
    return connection


@contextmanager
def _transaction(connection: sqlite3.Connection) -> Iterator[None]:
    connection.execute("BEGIN IMMEDIATE")
    try:
        yield
    except BaseException:
        connection.rollback()
        raise
    connection.execute("COMMIT")


def _vector_files(folder: Path) -> list[Path]:
    """The vector files that Chroma will load.

    Where a segment has no `index_metadata.pickle`, Chroma has not saved it yet: it reads
    the vectors from its database, and writes the other files anew whenever it opens.
    """
    saved = sorted(folder.glob("*/index_metadata.pickle"))
    return [path for one in saved for path in sorted(one.parent.iterdir())]


def _hashed(folder: Path, files: Iterable[Path]) -> dict[str, str]:
    """SHA-256 of each file, by its path in the folder."""
    hashes = {}
    for path in files:
        with path.open("rb") as file:
            digest = hashlib.file_digest(file, "sha256").hexdigest()
        hashes[path.relative_to(folder).as_posix()] = digest
    return hashes


def _sum(rows: Iterable[tuple[str, ...]]) -> int:
    """Equal for the same rows in any order, without holding them."""
    return sum(int.from_bytes(hashlib.sha256(repr(tuple(row)).encode()).digest()) for row in rows)


def _batches(items: Iterable[Any]) -> Iterator[tuple[Any, ...]]:
    iterator = iter(items)
    while batch := tuple(islice(iterator, _BATCH)):
        yield batch


def _delete(path: Path) -> None:
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)
