"""Keeps what follows from all sources together up to date: their origins and the search caches.

Nothing of it is written when a source is added, but before it is next read, or when the library
is closed. Whoever holds the library's lock alone brings it up to date; a reader who finds it
behind, or damaged, has the lock alone for that moment.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Collection, Sequence
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from agent.errors import LibraryDamaged, LibraryError, LibraryLocked
from agent.types import LibraryState
from tools.library.caches import Row, Stamp, Unusable
from tools.library.database import Database
from tools.library.keeping import Caches
from tools.library.locks import FolderLock

_Found = TypeVar("_Found", bound=Collection[str])


class Keeper(ABC):
    """What keeps up to date that which follows from a database.

    Args:
        db: the database.
    """

    def __init__(self, db: Database) -> None:
        self._db = db
        self._grouped: LibraryState | None = None
        """The state in which every source was in its group."""

    @abstractmethod
    def begin(self) -> None:
        """The search index is expected to hold what the database holds now."""

    @abstractmethod
    def close(self) -> None:
        """Lets go of the search index."""

    @property
    @abstractmethod
    def stamp(self) -> Stamp:
        """What the search index is sealed as where it is up to date."""

    # For a writer

    @abstractmethod
    def added(self, rows: Sequence[Row]) -> None:
        """Passages that the library has now."""

    @abstractmethod
    def dropped(self, passage_ids: Collection[str]) -> None:
        """Passages that it no longer has."""

    @abstractmethod
    def settle(self) -> None:
        """Brings origins and search index up to date."""

    @abstractmethod
    def rebuild_index(self, *, reason: str | None = None) -> None:
        """Makes the search index anew; tells the reason, if any."""

    def settle_origins(self) -> None:
        """Groups the sources that are in no group yet; does nothing where there are none."""
        if self._grouped is self._db.state():  # the same object as long as nothing was written
            return
        from tools.library import grouping

        if not grouping.is_settled(self._db):
            grouping.settle(self._db)
        self._grouped = self._db.state()

    # For readers, too

    def origins_stale(self) -> bool:
        """Whether a source is not in its group yet."""
        if self._grouped is self._db.state():
            return False
        from tools.library import grouping

        return not grouping.is_settled(self._db)

    @abstractmethod
    def prepare(self) -> None:
        """Brings origins and search index up to date and opens the index.

        Raises:
            LibraryLocked: something has to be mended and another process is reading.
        """

    @abstractmethod
    def nearest(self, vector: NDArray[np.float32], n: int) -> list[str]:
        """Ids of about the `n` passages nearest in meaning; see `Index.query`."""

    @abstractmethod
    def matching(self, text: str, n: int) -> dict[str, float]:
        """The `n` passages with the best match in words and how good it is; see `Index.match`."""

    @abstractmethod
    def verify(self) -> None:
        """Compares the search index with the database entry by entry; mends what differs.

        Raises:
            LibraryError: it cannot be mended; the sources are whole.
        """

    @abstractmethod
    def mend(self, *, origins_only: bool = False) -> None:
        """What `settle` does, for a reader.

        Raises:
            LibraryLocked: another process is reading, or has changed the library meanwhile.
            LibraryDamaged: what is mended does not stay whole.
        """


class Upkeep(Keeper):
    """Of a library in a folder: the caches beside its database.

    Args:
        db: the database.
        lock: of its folder; held alone, or shared.
        notice: is told in one line what was mended.
    """

    def __init__(self, db: Database, lock: FolderLock, notice: Callable[[str], None]) -> None:
        super().__init__(db)
        self.caches = Caches(db.folder, notice, read_only=db.read_only)
        self._lock = lock

    def begin(self) -> None:
        self.caches.mark(self._stamp())

    def close(self) -> None:
        self.caches.index.close()

    @property
    def stamp(self) -> Stamp:
        return self._stamp()

    # For whoever holds the lock alone

    def added(self, rows: Sequence[Row]) -> None:
        self.caches.add(rows)
        if self.caches.are_full:
            self._settle_index()

    def dropped(self, passage_ids: Collection[str]) -> None:
        self.caches.drop(passage_ids)

    def settle(self, *, open_index: bool = False) -> None:
        self.settle_origins()
        if open_index or self._stamp() != self.caches.stamp:
            self._settle_index()

    def rebuild_index(self, *, reason: str | None = None) -> None:
        self.caches.rebuild(self._stamp(), self._db.rows, whole=True, reason=reason)

    def _settle_index(self) -> None:
        self.caches.settle(self._stamp(), self._db.rows)

    # For readers, too

    def nearest(self, vector: NDArray[np.float32], n: int) -> list[str]:
        return self._search(lambda: self.caches.index.query(vector, n), [])

    def matching(self, text: str, n: int) -> dict[str, float]:
        return self._search(lambda: self.caches.index.match(text, n), {})

    def prepare(self) -> None:
        if self._lock.exclusive:
            self.settle(open_index=True)
        else:
            self.mend()

    def _search(self, ask: Callable[[], _Found], nothing: _Found) -> _Found:
        """What a search of the caches gives, once they are up to date.

        Args:
            ask: searches.
            nothing: what an empty library gives.
        """
        self.prepare()
        if not self._db.state().passages:
            return nothing
        try:
            found = ask()
        except Unusable:  # the files were damaged after they had been opened
            self.prepare()
            found = ask()
        if not self._db.has_passages(found):
            self._replace_index()
            self.prepare()
            found = ask()
        return found

    def verify(self) -> None:
        try:
            self.caches.index.distrust()
            self.prepare()
            if self._db.state().passages and not self.caches.index.agrees(self._db.rows):
                self._replace_index()
        except (Unusable, LibraryLocked) as error:
            kind = LibraryLocked if isinstance(error, LibraryLocked) else LibraryError
            raise kind(f"all sources are whole, but {error.what}", error.todo) from error

    def mend(self, *, origins_only: bool = False) -> None:
        for _ in range(3):  # between two locks another process may come in
            stamp = self._stamp()
            if stamp != self.caches.stamp:
                raise LibraryLocked(
                    f"another process changed the library {self._db.folder} meanwhile",
                    "run the same command again",
                )
            faults = ["out of date"] if self.origins_stale() else []
            if stamp.passages and not origins_only:
                faults += self.caches.index.faults(stamp)
            if not faults:
                return
            self.caches.index.close()
            try:
                with self._lock.alone():
                    self._db.forget_state()
                    if self._stamp() == stamp:
                        self.settle(open_index=not origins_only)
                    # Nobody may have it open who does not hold the lock.
                    self.caches.index.close()
            except LibraryLocked as error:
                raise _not_now(faults[0], error) from error
            finally:
                self.caches.index.close()
                self._db.forget_state()
        raise LibraryDamaged(
            f"the search index of the library {self._db.folder} does not stay whole",
            f"check the disk, and see: assay sources verify --library {self._db.folder}",
        )

    def _replace_index(self) -> None:
        """Makes the caches anew that open as if whole but say what the database denies."""
        self.caches.index.close()
        try:
            with self._lock.alone():
                self._db.forget_state()
                self.rebuild_index(reason="damaged")
                self.caches.index.close()  # as in `mend`
        except LibraryLocked as error:
            raise _not_now("damaged", error) from error

    def _stamp(self) -> Stamp:
        state = self._db.state()
        return Stamp(
            embedder=self._db.meta("embedder"),
            dimension=int(self._db.meta("dimension")),
            # `built` tells apart two sets of passages of the same sources.
            fingerprint=f"{state.fingerprint}/{self._db.meta('built')}",
            passages=state.passages,
        )


def _not_now(fault: str, error: LibraryLocked) -> LibraryLocked:
    return LibraryLocked(
        f"the search index is {fault} and cannot be rebuilt now: {error.what}", error.todo
    )
