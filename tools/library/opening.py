"""An open library: its lock, its database, and what keeps up to date that which follows from it.

How it is opened, made, brought up to date and let go of again, whatever is done meanwhile; that is
in the package itself.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Self

from agent.errors import EmbedderMismatch, LibraryError, LibraryMissing
from tools.library import schema
from tools.library.adding import recut
from tools.library.address import place_of
from tools.library.database import Database
from tools.library.faults import errors
from tools.library.locks import FolderLock
from tools.library.snapshots import SnapshotLock, check_size, is_snapshot, tidy
from tools.library.upkeep import Keeper, Upkeep
from tools.models.embedder import StoredVectors

if TYPE_CHECKING:
    from tools.models.embedder import Embedder

_COME_BACK = 600.0
"""Seconds that a process which gave way waits until it may go on."""


class OpenLibrary:
    """What is open of a library; a context manager.

    Args:
        folder: of the library.
        embedder: must be the one that it was built with; None where nothing is to be embedded.
        write: to change it.
        gives_way: as of `Library.open`.
        on_notice: is told in one line what was mended, or is waited for.
    """

    is_served = False
    """Whether it is on a server, where others write while it is open."""

    def __init__(
        self,
        folder: Path,
        embedder: Embedder | None,
        *,
        write: bool,
        gives_way: bool = False,
        on_notice: Callable[[str], None] | None,
    ) -> None:
        self.path = folder
        self.place = place_of(folder)
        """What people call it: its folder, or its address without a password."""
        self.embedder: Embedder = embedder or StoredVectors("", 0)
        self._write = write
        self._gives_way = gives_way
        self._notice = on_notice or (lambda _: None)
        self._guard = threading.RLock()
        self.is_snapshot = is_snapshot(folder)
        """Whether it is a snapshot of a library: nothing is written there."""
        self._lock = (SnapshotLock if self.is_snapshot else FolderLock)(folder)
        self._db: Database | None = None
        self._upkeep: Keeper | None = None

    def close(self) -> None:
        """Brings origins and search caches up to date, and gives files and lock back."""
        with self._guard:
            try:
                if self._db is not None and self._write:
                    with self._kept() as (_, upkeep):
                        upkeep.settle()
            finally:
                self._let_go()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def rebuild(self) -> None:
        """Makes passages, vectors, origins and search caches anew from the texts.

        After a change of the embedder, or of the rules by which texts are cut. Passages
        and vectors change in one transaction: an interrupted rebuild changes nothing.
        """
        with self._writing() as (db, upkeep):
            recut(db, self.embedder)
            upkeep.settle_origins()
            upkeep.rebuild_index()

    def _open(self, *, create: bool, rebuild: bool) -> None:
        file = self.path / "library.sqlite"
        if self.path.exists() and not self.path.is_dir():
            raise LibraryMissing(f"{self.path} is not a folder", "name a folder with --library")
        if not (create or self.is_snapshot or file.exists()):
            raise LibraryMissing(
                f"no library at {self.path}",
                f"add sources first: assay sources add PATH --library {self.path}",
            )
        try:
            self.path.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise LibraryError(
                f"the folder {self.path} cannot be made: {error.strerror}",
                "choose another with --library",
            ) from error
        self._lock.acquire(exclusive=self._write, gives_way=self._gives_way, on_wait=self._notice)
        if self.is_snapshot:
            check_size(self.path)
        elif self._write:
            tidy(self.path)
        with errors(file):
            if create and not file.exists():
                schema.create(file, self.embedder.id, self.embedder.dimension)
            self._upgrade(file)
            upkeep = self._attach(file)
            if rebuild:
                self.rebuild()
            self._begin()
            if not self._write and upkeep.origins_stale():
                upkeep.mend(origins_only=True)

    def _attach(self, file: Path) -> Keeper:
        self._db = Database(file, read_only=self.is_snapshot)
        self._upkeep = Upkeep(self._db, self._lock, self._notice)
        return self._upkeep

    def _begin(self) -> None:
        with self._kept() as (db, upkeep):
            self._check_embedder(db)
            upkeep.begin()

    def _upgrade(self, file: Path) -> None:
        if not 1 <= schema.version_of(file) < schema.VERSION:
            return
        with self._lock.alone():
            found = schema.version_of(file)
            if found < schema.VERSION:  # no other process did it while nobody held the lock
                backup = schema.upgrade(file)
                self._notice(
                    f"the library was brought from version {found} to {schema.VERSION}; "
                    f"as it was, it is kept in {backup.name}"
                )

    def _check_embedder(self, db: Database) -> None:
        id_, dimension = db.meta("embedder"), int(db.meta("dimension"))
        if not self.embedder.id:
            self.embedder = StoredVectors(id_, dimension)
        if id_ != self.embedder.id or dimension != self.embedder.dimension:
            named = f"use --embedder {id_}, or " if ":" in id_ else ""
            raise EmbedderMismatch(
                f"the library {self.place} was built with the embedder {id_}, "
                f"not with {self.embedder.id}",
                f"{named}make its vectors anew: assay sources rebuild --library {self.place}",
            )

    def _let_go(self) -> None:
        with ExitStack() as steps:  # each is done even if another fails; the last one first
            steps.callback(self._lock.release)
            if self._db is not None:
                steps.callback(self._db.close)
                self._db = None
            if self._upkeep is not None:
                steps.callback(self._upkeep.close)
                self._upkeep = None

    @contextmanager
    def _kept(self) -> Iterator[tuple[Database, Keeper]]:
        """The database, with what keeps up to date that which follows from it."""
        with self._guard:
            if self._db is None or self._upkeep is None:
                raise RuntimeError("this library is closed")
            with errors(self._db.file):
                yield self._db, self._upkeep

    @contextmanager
    def _database(self) -> Iterator[Database]:
        with self._kept() as (db, _):
            yield db

    @contextmanager
    def _writing(self) -> Iterator[tuple[Database, Keeper]]:
        with self._kept() as kept:
            if not self._write:
                raise RuntimeError("this library was opened for reading only")
            yield kept

    def _give_way(self) -> None:
        """Lets go of the library in good order until whoever waits for it had it."""
        with self._kept() as (_, upkeep):
            upkeep.settle()
        self._let_go()
        self._lock.stand_back()
        self._lock.acquire(
            exclusive=True, gives_way=True, patience=_COME_BACK, on_wait=self._notice
        )
        self._attach(self.path / "library.sqlite")
        self._begin()
