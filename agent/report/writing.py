"""Writing a file so that it is always whole: the old one or the new one."""

from __future__ import annotations

import contextlib
import errno
import os
import secrets
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import IO

from agent.errors import UsageError

if sys.platform != "win32":  # where nobody can delete a file that another has open
    import fcntl

_PREFIX, _SUFFIX = ".assay-", ".part"


def write_atomically(path: Path | str, text: str, *, tidies: bool = True) -> None:
    """Writes `text` so that a reader sees the old file or the whole new one, never a part.

    As `written_whole`; a device or pipe, which cannot be renamed onto, is written to directly.

    Args:
        path: the file.
        text: all that is to stand in it.
        tidies: as of `written_whole`.

    Raises:
        UsageError: as `written_whole`.
    """
    target = _target(path)
    if target.exists() and not target.is_file():
        with _told(path):
            target.write_text(text, encoding="utf-8", newline="\n")
        return
    with written_whole(path, tidies=tidies) as file:
        file.write(text.encode())


@contextlib.contextmanager
def written_whole(path: Path | str, *, tidies: bool = True) -> Iterator[IO[bytes]]:
    """A file to write into, which takes the place of `path` when the block ends without a fault.

    A temporary file in the same folder is flushed to the disk and renamed. What a process that
    was killed left of its own is removed by the next one that writes into the folder. Links
    are followed.

    Args:
        path: the file.
        tidies: whether to look for what killed processes left; that takes a while in a folder
            with many thousands of files, where `remove_abandoned` once does.

    Raises:
        UsageError: the folder does not exist, the path is a folder, or neither can be
            written to.
    """
    target = _target(path)
    with _told(path):
        if tidies:
            remove_abandoned(target.parent)
        with _temporary(target.parent) as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
            temporary = Path(file.name)
            if target.exists():
                temporary.chmod(target.stat().st_mode & 0o777)
            if sys.platform == "win32":
                file.close()  # nor can it be renamed
            temporary.replace(target)
    _sync_folder(target.parent)


def _target(path: Path | str) -> Path:
    target = Path(path).resolve()
    if target.is_dir():
        raise UsageError(f"{path} is a folder", "Name a file to write the report to")
    if not target.parent.is_dir():
        raise UsageError(
            f"the folder {Path(path).parent} does not exist", "Create it, or name another place"
        )
    return target


@contextlib.contextmanager
def _told(path: Path | str) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        full = error.errno in (errno.ENOSPC, errno.EDQUOT)
        raise UsageError(
            f"cannot write {path}: {error.strerror or error}",
            f"{'Make room on the disk, or name' if full else 'Name'} another place with --out",
        ) from error


@contextlib.contextmanager
def _temporary(folder: Path) -> Iterator[IO[bytes]]:
    """A new file, locked as long as its writer lives; it is gone afterwards, or renamed."""
    while True:
        path = folder / f"{_PREFIX}{secrets.token_hex(8)}{_SUFFIX}"
        try:
            with path.open("xb") as file:
                if _is_locked(file):
                    yield file
                    return
        finally:
            path.unlink(missing_ok=True)


def _is_locked(file: IO[bytes]) -> bool:
    """Locks a new file; it is not ours if it was taken for abandoned just before."""
    if sys.platform == "win32":
        return True
    # Where a file system has no locks nothing can be told for abandoned, and nothing is removed.
    with contextlib.suppress(OSError):
        fcntl.flock(file, fcntl.LOCK_EX)
    return os.fstat(file.fileno()).st_nlink > 0


def remove_abandoned(folder: Path) -> None:
    """Removes what processes that were killed left in a folder while they wrote there."""
    for path in folder.glob(f"{_PREFIX}*{_SUFFIX}"):
        # Somebody is writing it, has renamed it meanwhile, or it is not ours to remove.
        with contextlib.suppress(OSError):
            if sys.platform == "win32":
                path.unlink()
                continue
            # Neither a link nor a pipe can lead or hold us elsewhere.
            handle = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
            try:
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
                path.unlink()
            finally:
                os.close(handle)


def _sync_folder(folder: Path) -> None:
    """Makes the rename last through a power cut, where the system can do that."""
    # Windows cannot open folders and some network file systems cannot sync them; the
    # file is whole all the same.
    with contextlib.suppress(OSError):
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
