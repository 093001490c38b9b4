"""Passages by meaning for a library on a server: an index on this machine, without any lock.

All vectors in one file, in the order of their passages' ids, read by memory mapping and compared
one and all: the nearest are found exactly. A file is never changed: for another revision of the
library another is written beside it and takes its place by renaming, from the one before and
what changed since. So any number of processes may use it. It takes 1.5 KB of disk a passage, and
a search reads all of it: beyond some hundred thousand passages a Chroma server is faster.
"""

from __future__ import annotations

import json
import os
import time
from abc import ABC, abstractmethod
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from agent.errors import LibraryError
from tools.library.caches import Stamp, hashed
from tools.library.checked import Checked
from tools.library.served import ServedDatabase

_TRIES = 3
"""How often a file is written: another process may delete it for that of a later revision."""
_DRAFT_SECONDS = 3600.0


class Nearby(ABC):
    """An index by meaning of a library on a server. It may be ahead of a snapshot, not behind."""

    @abstractmethod
    def ready(self, db: ServedDatabase) -> None:
        """Brings it up to date with what the database shows now.

        Raises:
            LibraryError: it cannot be.
        """

    @abstractmethod
    def query(self, vector: NDArray[np.float32], n: int) -> list[str]:
        """Ids of about the `n` passages nearest in meaning, nearest first; see `Index.query`.

        Some may be of passages that the database does not show (yet, or any more).
        """

    @abstractmethod
    def agrees(self, db: ServedDatabase) -> bool:
        """Whether it holds every passage that the database shows, with the same vector."""

    @abstractmethod
    def drop(self) -> None:
        """Forgets all of it; `ready` makes it anew."""

    @abstractmethod
    def close(self) -> None:
        """Lets go of files and connections; `ready` opens it again."""

    @property
    @abstractmethod
    def is_shared(self) -> bool:
        """Whether others use it, too: then a writer brings it up to date for them."""


class LocalVectors(Nearby):
    """In a folder of this machine.

    Args:
        folder: of the library on this machine.
    """

    is_shared = False

    def __init__(self, folder: Path) -> None:
        self._folder = folder / "vectors"
        self._checked = Checked(folder)
        self._stamp: Stamp | None = None
        self._ids: list[str] = []
        self._vectors: NDArray[np.float32] = np.empty((0, 0), np.float32)

    def ready(self, db: ServedDatabase) -> None:
        stamp = db.stamp()
        if stamp == self._stamp:
            return
        self.close()
        for _ in range(_TRIES):
            if self._open(stamp):
                return
            self._write(db, stamp)
        if not self._open(stamp):
            raise LibraryError(
                f"the search index in {self._folder} does not stay as it was written",
                "see that the disk is sound, and run the same command again",
            )

    def query(self, vector: NDArray[np.float32], n: int) -> list[str]:
        scores = self._vectors @ vector
        n = min(n, len(scores))
        best = np.argpartition(-scores, n - 1)[:n] if n else np.empty(0, np.int64)
        order = np.lexsort((best, -scores[best]))
        return [self._ids[place] for place in best[order].tolist()]

    def agrees(self, db: ServedDatabase) -> bool:
        held = dict(zip(self._ids, self._vectors, strict=True))
        count = 0
        for id_, vector in db.vectors():
            count += 1
            if id_ not in held or not np.array_equal(held[id_], vector):
                return False
        return count == len(held)

    def drop(self) -> None:
        self.close()
        for path in self._folder.glob("*.*"):
            path.unlink(missing_ok=True)

    def close(self) -> None:
        self._stamp, self._ids = None, []
        self._vectors = np.empty((0, 0), np.float32)

    def _open(self, stamp: Stamp) -> bool:
        """Opens the file of a stamp; says whether it is there and whole."""
        file = self._file(stamp)
        try:
            read = json.loads(file.with_suffix(".json").read_text(encoding="utf-8"))
            if read["stamp"] != [*stamp] or not self._is_whole(file, read["sha256"]):
                return False
            vectors = np.load(file, mmap_mode="r", allow_pickle=False)
        except (OSError, ValueError, KeyError, TypeError):  # missing, or damaged
            return False
        self._stamp, self._ids, self._vectors = stamp, read["ids"], vectors
        return True

    def _is_whole(self, file: Path, sha256: Mapping[str, str]) -> bool:
        if self._checked.holds("nearby", [file]) == sha256:
            return True
        whole = hashed(file.parent, [file]) == sha256
        if whole:
            self._checked.note("nearby", [file], sha256)
        return whole

    def _write(self, db: ServedDatabase, stamp: Stamp) -> None:
        held = self._kept(db, stamp)
        if held is None:
            held = dict(db.vectors())
        ids = sorted(held)
        shape = (len(ids), stamp.dimension)
        vectors = np.empty(shape, np.float32)
        for place, id_ in enumerate(ids):
            vectors[place] = held[id_]
        self._folder.mkdir(parents=True, exist_ok=True)
        file = self._file(stamp)
        draft = file.with_name(f"{file.stem}.{os.getpid()}.new")
        with draft.open("wb") as opened:
            np.save(opened, vectors, allow_pickle=False)
        draft.replace(file)
        sealed = {"stamp": [*stamp], "sha256": hashed(file.parent, [file]), "ids": ids}
        draft.write_text(json.dumps(sealed), encoding="utf-8")
        draft.replace(file.with_suffix(".json"))
        self._tidy(int(stamp.fingerprint.split("/")[0]))

    def _tidy(self, revision: int) -> None:
        """Deletes what is older than a revision, which goes up through all makings of passages.

        A reader of an earlier revision so leaves the file of a later one, and a draft goes once
        nobody can be writing it any more.
        """
        for path in self._folder.glob("*.*"):
            with suppress(OSError):  # where a file that is open cannot be deleted
                if path.suffix == ".new":
                    old = time.time() - path.stat().st_mtime > _DRAFT_SECONDS
                else:
                    number = path.stem.rpartition("-")[2]
                    old = not number.isdecimal() or int(number) < revision
                if old:
                    path.unlink()

    def _kept(self, db: ServedDatabase, stamp: Stamp) -> dict[str, NDArray[np.float32]] | None:
        """What the newest earlier file holds, brought up to date; None where there is none."""
        revision, built = stamp.fingerprint.split("/")
        for seal in sorted(self._folder.glob(f"{built}-*.json"), reverse=True):
            before = int(seal.stem.rpartition("-")[2])
            with suppress(OSError, ValueError, KeyError, TypeError):
                earlier = Stamp(*json.loads(seal.read_text(encoding="utf-8"))["stamp"])
                if before < int(revision) and self._open(earlier):
                    changed = db.changed_since(before)
                    held = {
                        id_: vector
                        for id_, vector in zip(self._ids, self._vectors, strict=True)
                        if id_.rpartition(":")[0] not in changed
                    }
                    held |= dict(db.vectors([*changed]))
                    return held
        return None

    def _file(self, stamp: Stamp) -> Path:
        revision, built = stamp.fingerprint.split("/")
        return self._folder / f"{built}-{int(revision):012d}.npy"
