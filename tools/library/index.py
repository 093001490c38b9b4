"""The two search caches of a library: Chroma for meaning, SQLite FTS5 for words.

Both hold nothing that the library's database does not hold, and are rebuilt from it
whenever they are not exactly what it says they should be. Damage is looked for *before*
Chroma opens its files: its native core has been seen to end the whole process on a vector
file with altered bytes, which no `except` can catch. So each cache is sealed after writing:
what it was built from, and a hash of each file. Of Chroma's database, which Chroma writes to
whenever it opens it, that is a hash of what it says, not of its bytes. The seal is broken before
the next write, and a cache without its seal is not opened. Large files that were found whole are
not read again while they are as they were (`checked.py`).

Whoever writes, or rebuilds, must hold the library's lock alone.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from tools.library.caches import Row, Stamp, Unusable
from tools.library.checked import Checked
from tools.library.fulltext import WordCache
from tools.library.snapshots import SnapshotVectors
from tools.library.vectors import VectorCache


class Index:
    """Both caches of a library. Nothing is opened before it is asked for.

    Args:
        folder: of the library.
        read_only: whether it is a snapshot: nothing is written there.
    """

    def __init__(self, folder: Path, *, read_only: bool = False) -> None:
        self._checked = Checked(folder, keeps=not read_only)
        self._vectors = (SnapshotVectors if read_only else VectorCache)(folder, self._checked)
        self._words = WordCache(folder, self._checked, read_only=read_only)
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
