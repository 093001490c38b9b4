"""A library whose database is on a server: opened by many, written to by several at once."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from agent.errors import LibraryError, LibraryLocked, UsageError
from tools.library import Library
from tools.library.address import Server, password_for, server_of
from tools.library.caches import Row, Stamp
from tools.library.faults import errors
from tools.library.nearby import LocalVectors, Nearby
from tools.library.postgres import Postgres
from tools.library.served import ServedDatabase, open_database
from tools.library.upkeep import Keeper

_TRIES = 5
"""How often a reader groups sources before it gives up, where others keep adding some."""


class ServedLibrary(Library):
    """A library on a server. Made by `Library.open`, with a folder that stands for one.

    Who reads sees it as it was when it was opened, and keeps nobody from writing. Who writes
    has it alone for each transaction, and sees what others wrote before.
    """

    is_served = True

    def snapshot(self, folder: Path) -> None:
        raise UsageError(
            f"a snapshot is made of a library in a folder, and {self.place} is on a server",
            "first: assay sources pull",
        )

    def _open(self, *, create: bool, rebuild: bool) -> None:
        server = self._server()
        make = (self.embedder.id, self.embedder.dimension) if create else None
        db = open_database(Postgres(server, password_for(self.path)), self.path, make=make)
        self._db = db
        self._upkeep = ServedUpkeep(db, _nearby(server, self.path), self._notice)
        with errors(db.file):
            if rebuild:
                self.rebuild()
            self._begin()
            if not self._write:
                db.begin_snapshot()
                self._upkeep.mend()

    def _server(self) -> Server:
        server = server_of(self.path)
        if server is None:
            raise RuntimeError("this folder stands for no library on a server")
        return server


class ServedUpkeep(Keeper):
    """Of a library on a server: words are searched there, meaning in an index beside.

    Args:
        db: the database.
        vectors: the index by meaning.
        notice: is told in one line what was mended.
    """

    def __init__(self, db: ServedDatabase, vectors: Nearby, notice: Callable[[str], None]) -> None:
        super().__init__(db)
        self._served, self._vectors, self._notice = db, vectors, notice

    def begin(self) -> None:
        """Nothing is expected: the index says of itself what it holds."""

    def close(self) -> None:
        self._vectors.close()

    @property
    def stamp(self) -> Stamp:
        return self._served.stamp()

    def added(self, rows: Sequence[Row]) -> None:
        """Nothing waits: the database says what changed since the index was written."""

    def dropped(self, passage_ids: Collection[str]) -> None:
        """As `added`."""

    def settle(self) -> None:
        self.settle_origins()
        self._served.note_state()
        if self._vectors.is_shared and self._served.state().passages:
            try:
                self._vectors.ready(self._served)
            except LibraryError as error:  # whoever searches next brings it up to date
                self._notice(f"the sources are kept, and the search index is behind: {error.what}")

    def rebuild_index(self, *, reason: str | None = None) -> None:
        self._vectors.drop()
        if self._served.state().passages:
            self._vectors.ready(self._served)
        if reason:
            self._notice(f"the search index was {reason}; rebuilt from the library")

    def prepare(self) -> None:
        self.settle_origins()
        if self._served.state().passages:
            self._vectors.ready(self._served)

    def nearest(self, vector: NDArray[np.float32], n: int) -> list[str]:
        self.prepare()
        if not self._served.state().passages:
            return []
        try:
            found = self._vectors.query(vector, n)
        except LibraryError:  # the server lost its index since it was opened
            self._vectors.close()
            self._vectors.ready(self._served)
            found = self._vectors.query(vector, n)
        known = self._served.known(found)
        return [id_ for id_ in found if id_ in known]

    def matching(self, text: str, n: int) -> dict[str, float]:
        return self._served.matching(text, n)

    def verify(self) -> None:
        try:
            self.prepare()
            if not self._served.state().passages or self._vectors.agrees(self._served):
                return
            self.rebuild_index(reason="damaged")
        except LibraryError as error:
            kind = LibraryLocked if isinstance(error, LibraryLocked) else LibraryError
            raise kind(f"all sources are whole, but {error.what}", error.todo) from error

    def mend(self, *, origins_only: bool = False) -> None:
        """Groups what others added and did not group: the snapshot then begins anew.

        Who may not write reads the groups as they were last: a new source is on its own.
        """
        for _ in range(_TRIES):
            if not self.origins_stale():
                return
            if not self._served.may_write():
                self._notice("sources were added that are in no group yet: each counts on its own")
                self._grouped = self._served.state()
                return
            self._served.end_snapshot()
            self.settle_origins()
            self._served.begin_snapshot()
        raise LibraryLocked(
            f"others keep adding sources to the library {self._served.place}",
            "run the same command again",
        )


def _nearby(server: Server, folder: Path) -> Nearby:
    if server.chroma is None:
        return LocalVectors(folder)
    from tools.library.chroma_server import SharedVectors

    return SharedVectors(server.chroma)
