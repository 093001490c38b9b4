"""Folders of one process, which others remove where it was killed.

Each holds the lock on a file in its folder, which the system drops when it ends, however it ends.
Whoever makes one removes those whose lock nobody holds. Windows has no such locks: what a process
that was killed left there stays.
"""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path
from typing import IO, cast

_LOCK = "lock"


class HeldFolder:
    """A new folder of this process.

    Args:
        where: the folder to make it in; what dead processes left there is removed.
        prefix: of its name; all that lie there under it are such folders.

    Raises:
        OSError: it cannot be made.
    """

    def __init__(self, where: Path, prefix: str) -> None:
        remove_left(where, prefix)
        self._folder = tempfile.TemporaryDirectory(
            prefix=prefix, dir=where, ignore_cleanup_errors=True
        )
        self.path = Path(self._folder.name)
        # Under its name only once it is held: else it would be there to be taken.
        if lock := _held(self.path / f"{_LOCK}.new", "xb"):
            (self.path / f"{_LOCK}.new").rename(self.path / _LOCK)
        self._lock = lock

    def remove(self) -> None:
        """With all that is in it."""
        self._folder.cleanup()
        if self._lock:
            self._lock.close()


def remove_left(where: Path, prefix: str) -> None:
    """Removes the folders of processes that are not there any more."""
    for left in where.glob(f"{prefix}*"):
        if lock := _held(left / _LOCK, "rb+"):
            with lock:
                shutil.rmtree(left, ignore_errors=True)


def _held(file: Path, mode: str) -> IO[bytes] | None:
    """The file, opened and locked; None where that cannot be."""
    try:
        import fcntl

        opened = cast("IO[bytes]", file.open(mode))
    except (ImportError, OSError):
        return None
    try:
        fcntl.flock(opened, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        opened.close()
        return None
    return opened
