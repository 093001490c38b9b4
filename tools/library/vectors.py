"""Passages by meaning: a cache in Chroma, of our own vectors."""

from __future__ import annotations

import shutil
import tempfile
import threading
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import numpy as np
from numpy.typing import NDArray

from agent.errors import LibraryError
from tools.library.caches import (
    Row,
    Stamp,
    Unusable,
    check_count,
    content_of,
    delete,
    hashed,
    read_seal,
    write_seal,
)
from tools.library.checked import Checked
from tools.library.chroma import chroma_settings, load_chroma

if TYPE_CHECKING:
    import chromadb
    from chromadb.api.client import Client

_BATCH, _BATCH_MOST = 500, 5_000
"""Rows per call to Chroma, and most of them; it refuses more than 5,461. No other thread runs
during one. …"""
_BATCH_SHARE = 100
"""… So a cache that is to hold so many times more than the least is written in larger ones, since
Chroma saves its whole graph after each."""
_SAVED_FROM = 1
"""Rows from which a call has Chroma save its graph (`sync_threshold`, by default 1,000). What is
not saved is put into the graph again whenever the cache is opened: with 9,900 passages, the last
900 of them, that took 0.7 s of processor time, and 0.04 s with all saved."""
_WIDTH = 1200
"""Candidates that Chroma's graph is searched with (`ef_search`; 100 is its default). Graphs of
the same vectors differ by the order in which these came, and each misses others. Two graphs of
10,000 random passages disagreed on the ten exactly scored best of 52 of 300 queries with 200,
of 5 with 400, of none with 800; a query took 1.6 ms of processor time with 800, 2.1 with 1200."""
_DATABASE = "chroma.sqlite3"
_WRITTEN = "acquire_write"
"""The table that Chroma writes to whenever it opens its database."""
_CLIENTS = threading.Lock()
"""Held while a client is made or closed. Chroma shares one system between all clients of a path
in a process; a client made while another is being made, or closed, is handed half of one."""


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
        content = self._check_seal(stamp)
        with _chroma_faults():
            self._client = _chroma_client(self._path)
            passages = self._client.get_collection(self._COLLECTION, embedding_function=None)
            if dict(passages.metadata or {}) != stamp._asdict():
                raise Unusable("out of date")
            # First the query: what is asked first loads the index, and while `count` does,
            # Chroma lets no other thread of this process run, a second with 100,000 passages.
            _probe(passages, stamp)
            check_count(passages.count(), stamp)
            self._passages = passages
        # Only now: Chroma writes to its database whenever it opens it.
        self._checked.note(self._DATABASE, [self._database()], {"content": content})

    def build(self, stamp: Stamp, rows: Iterable[Row]) -> None:
        """Replaces whatever is there. The cache must be closed, and is so afterwards."""
        fresh, old = (self._path.with_name(f"chroma.{word}") for word in ("new", "old"))
        delete(fresh)
        delete(old)
        _check_room(fresh.parent, stamp, stamp.passages)
        with _chroma_faults():
            self._client = _chroma_client(fresh)
            self._passages = self._client.create_collection(
                self._COLLECTION,
                embedding_function=None,
                # One thread: the same rows give the same graph.
                configuration={
                    "hnsw": {
                        "space": "cosine",
                        "ef_search": _WIDTH,
                        "num_threads": 1,
                        "sync_threshold": _SAVED_FROM,
                    }
                },
                metadata={"unfinished": True},
            )
            self._write(rows, stamp)
            self._seal(fresh, stamp)
        self.close()
        with suppress(FileNotFoundError):
            self._path.rename(old)
        fresh.rename(self._path)
        delete(old)

    def update(self, stamp: Stamp, removed: Sequence[str], added: Sequence[Row]) -> None:
        passages = self._opened()
        _check_room(self._path, stamp, len(added))
        (self._path / "seal.json").unlink(missing_ok=True)
        with _chroma_faults():
            for batch in _batches(removed):
                passages.delete(ids=list(batch))
            self._write(added, stamp)
            content = self._seal(self._path, stamp)
        self._checked.note(self._DATABASE, [self._database()], {"content": content})

    def catch_up(self, stamp: Stamp, rows: Iterable[Row]) -> bool:
        """Brings a cache up to date that is whole but was left behind, by a process that was
        stopped between two seals: a graph of a million passages takes an hour to build.

        Vectors are compared as well as ids: a text that is removed and added under another
        title has the same ids, but its title is embedded with it. The cache must be closed, and
        is so afterwards.

        Returns:
            Whether it could; if not, it has to be built.
        """
        try:
            sealed, _ = read_seal(self._path / "seal.json")
            made_alike = (stamp.embedder, stamp.dimension, stamp.built)
            if (sealed.embedder, sealed.dimension, sealed.built) != made_alike:
                return False
            self.open(sealed)
            with _chroma_faults():
                held = set(self._opened().get(include=[])["ids"])
            missing: list[Row] = []
            for batch in _batches(rows):
                missing += self._unlike(batch)
                held.difference_update(row.id for row in batch)
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
        return not any(self._unlike(batch) for batch in _batches(rows))

    def close(self) -> None:
        """Lets go of the files; the cache can be opened again."""
        self._passages = None
        if self._client is not None:
            client, self._client = self._client, None
            with _chroma_faults(), _CLIENTS:
                client.close()

    def _database(self) -> Path:
        return self._path / _DATABASE

    def _opened(self) -> chromadb.Collection:
        if self._passages is None:
            raise Unusable("not open")
        return self._passages

    def _unlike(self, rows: Sequence[Row]) -> list[Row]:
        """Those of the rows that it does not hold, or with another vector."""
        with _chroma_faults():
            held = self._opened().get(ids=[row.id for row in rows], include=["embeddings"])
        vectors = dict(zip(held["ids"], cast("Any", held["embeddings"]), strict=True))
        return [
            row
            for row in rows
            # Chroma brings each vector to unit length once more, which moves its last bits.
            if row.id not in vectors or not np.allclose(vectors[row.id], row.vector, atol=1e-5)
        ]

    def _write(self, rows: Iterable[Row], stamp: Stamp) -> None:
        passages = self._opened()
        size = min(max(_BATCH, stamp.passages // _BATCH_SHARE), _BATCH_MOST)
        for batch in _batches(rows, size):
            passages.upsert(
                ids=[row.id for row in batch], embeddings=np.stack([row.vector for row in batch])
            )

    def _seal(self, path: Path, stamp: Stamp) -> str:
        """Seals what is in a folder; returns what its database says, see `content_of`."""
        passages = self._opened()
        check_count(passages.count(), stamp)
        _probe(passages, stamp)  # makes Chroma bring its files up to date first
        passages.modify(metadata=stamp._asdict())
        files = vector_files(path)
        hashes = hashed(path, files)
        content = content_of(path / _DATABASE, without=_WRITTEN)
        write_seal(path / "seal.json", stamp, {**hashes, _DATABASE: content})
        self._checked.note(self._VECTORS, files, {"files": hashes})
        return content

    def _check_seal(self, stamp: Stamp) -> str:
        """Returns what the database says, see `content_of`."""
        sealed, files = read_seal(self._path / "seal.json")
        content = files.pop(_DATABASE, None)
        if sealed != stamp or content is None:
            raise Unusable("out of date")
        found = vector_files(self._path)
        if self._checked.holds(self._VECTORS, found) != {"files": files}:
            if files != hashed(self._path, found):
                raise Unusable("damaged", "its vector files are not as they were written")
            self._checked.note(self._VECTORS, found, {"files": files})
        database = self._database()
        if (
            self._checked.holds(self._DATABASE, [database]) != {"content": content}
            and content_of(database, without=_WRITTEN) != content
        ):
            raise Unusable("damaged", "its database does not say what was written")
        return content


def _chroma_client(path: Path) -> Client:
    load_chroma()
    import chromadb
    from chromadb.api.shared_system_client import SharedSystemClient

    try:
        with _CLIENTS:
            client = chromadb.PersistentClient(path=str(path), settings=chroma_settings())
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


def _probe(passages: chromadb.Collection, stamp: Stamp) -> None:
    """One query: files that count right may still not answer."""
    vector = np.zeros(stamp.dimension, dtype=np.float32)
    vector[0] = 1
    if len(_nearest(passages, vector, 3)) != min(3, stamp.passages):
        raise Unusable("damaged", "it does not answer")


def _nearest(passages: chromadb.Collection, vector: NDArray[np.float32], n: int) -> list[str]:
    found = passages.query(query_embeddings=[vector.tolist()], n_results=n, include=[])
    return found["ids"][0]


def vector_files(folder: Path) -> list[Path]:
    """The vector files that Chroma will load.

    Where a segment has no `index_metadata.pickle`, Chroma has not saved it, as earlier releases
    had it do from a thousand passages on: it reads the vectors from its database, and writes the
    other files anew whenever it opens.
    """
    saved = sorted(folder.glob("*/index_metadata.pickle"))
    return [path for one in saved for path in sorted(one.parent.iterdir())]


def _batches(items: Iterable[Any], size: int = _BATCH) -> Iterator[tuple[Any, ...]]:
    iterator = iter(items)
    while batch := tuple(islice(iterator, size)):
        yield batch
