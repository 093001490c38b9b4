"""A library that comes as one file is checked, and only then takes its place.

`Library.export` writes such a file: the database without anything beside it, and with a digest
of all that it holds. The database of a library that nobody uses will do, too.
"""

from __future__ import annotations

import os
import shutil
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from itertools import count
from pathlib import Path

from agent.errors import InputError, LibraryDamaged, LibraryError
from agent.types import LibraryState
from tools.library import schema
from tools.library.database import Database
from tools.library.faults import errors
from tools.library.locks import FolderLock
from tools.library.snapshots import SnapshotLock, is_snapshot

REPLACED = "library.replaced.sqlite"
"""Under this name the database that an import replaced is kept; the second as
`library.replaced-2.sqlite`, and so on."""
_SQLITE = b"SQLite format 3\0"
"""How every file of SQLite begins."""
_BESIDE = ("-wal", "-shm", "-journal")
"""What SQLite may have beside a database whose process was killed."""


def write_export(db: Database, file: Path) -> None:
    """Writes what a library holds into one file that is not there yet.

    Raises:
        LibraryError: the file cannot be written.
    """
    try:
        db.write_copy(file)
    except (OSError, sqlite3.OperationalError) as error:
        detail = (error.strerror if isinstance(error, OSError) else None) or error
        raise LibraryError(
            f"the file {file} cannot be written: {detail}",
            "check that its folder may be written to and that the disk is not full",
        ) from error


def import_library(
    file: Path,
    folder: Path,
    *,
    replace: bool = False,
    on_notice: Callable[[str], None] | None = None,
) -> LibraryState:
    """Makes a folder's library of an exported file, once every text and passage was checked.

    The search caches are built when it is first searched.

    Args:
        file: what `Library.export` wrote, by this release or an older one.
        folder: of the library.
        replace: whether a library that is there may be replaced, be it whole, damaged or of
            another release. Its database is kept as it is, see `REPLACED`.
        on_notice: is told in one line what was kept.

    Returns:
        What the library holds now.

    Raises:
        InputError: there is no such file, or it is no database.
        LibraryDamaged: it is no library, or not whole.
        LibraryLocked: another process uses the library in this folder.
        LibraryError: there is a library and `replace` is not given; or the folder cannot be
            written to, or is a snapshot.
    """
    target = folder / "library.sqlite"
    if not file.is_file():
        raise InputError(f"there is no file {file}", "name one that `sources export` wrote")
    _check_kind(file)
    is_new, is_unlocked = not folder.exists(), not (folder / "locks").exists()
    with errors(target):
        folder.mkdir(parents=True, exist_ok=True)
    try:
        return _import(file, folder, replace, on_notice)
    except LibraryError:
        if is_unlocked:
            _unmake(folder, whole=is_new)
        raise


def _import(
    file: Path, folder: Path, replace: bool, on_notice: Callable[[str], None] | None
) -> LibraryState:
    target, draft = folder / "library.sqlite", folder / "library.import"
    with (SnapshotLock if is_snapshot(folder) else FolderLock)(folder) as lock:
        lock.acquire(exclusive=True)
        if target.exists() and not replace:
            raise LibraryError(
                f"there is a library in {folder} already",
                "choose another folder with --library, or let it be replaced with --replace",
            )
        try:
            with errors(target):
                shutil.copyfile(file, draft)
                if _beside(file, "-wal").exists():  # of a process that was killed
                    shutil.copyfile(_beside(file, "-wal"), _beside(draft, "-wal"))
            with _faults_of(file), errors(target):
                state = _check(draft)
            with errors(target):
                if target.exists():
                    kept = _keep(target)
                    if on_notice:
                        on_notice(f"the library that was there is kept in {kept}")
                for end in _BESIDE:  # would be played into the database that comes
                    _beside(target, end).unlink(missing_ok=True)
                schema.put_in_place(draft, target)
        finally:
            draft.unlink(missing_ok=True)
            for end in _BESIDE:
                _beside(draft, end).unlink(missing_ok=True)
    return state


def _unmake(folder: Path, *, whole: bool) -> None:
    """Removes the lock's folder, and `whole` the library's; not where anybody has it or waits."""
    locks = folder / "locks"
    with suppress(OSError):
        if [path.name for path in locks.iterdir()] == ["lock"]:
            (locks / "lock").unlink()
            locks.rmdir()
        if whole:
            folder.rmdir()


def _check_kind(file: Path) -> None:
    """Refuses what is no database at all before anything is made for it."""
    try:
        with file.open("rb") as opened:
            start = opened.read(len(_SQLITE))
    except OSError as error:
        raise InputError(f"the file {file} cannot be read: {error.strerror}") from error
    if start != _SQLITE:
        raise InputError(
            f"the file {file} is not an exported library",
            "name one that `sources export` wrote; texts are added with `sources add`",
        )


@contextmanager
def _faults_of(file: Path) -> Iterator[None]:
    """Says of the file that is imported what `errors` would say of a library."""
    try:
        yield
    except LibraryDamaged as error:
        cause = error.__cause__ or error
        raise LibraryDamaged(
            f"the file {file} is no whole library: {cause}",
            "nothing was changed: name another copy, or export the library again",
        ) from error


def _keep(target: Path) -> Path:
    """Gives a database a second name, with what lies beside it, and gives that name back.

    It is not opened: what is damaged, or of another release, is kept just as it is. Nor is the
    first name taken from it, so that there is a library at every moment.
    """
    folder, name = target.parent, Path(REPLACED)
    numbered = (folder / f"{name.stem}-{number}{name.suffix}" for number in count(2))
    kept = folder / name
    while kept.exists():
        kept = next(numbered)
    for end in ("-wal", "-journal"):
        if _beside(target, end).exists():
            shutil.copyfile(_beside(target, end), _beside(kept, end))
    try:
        os.link(target, kept)
    except OSError:  # a file system without links
        shutil.copyfile(target, kept)
    return kept


def _beside(file: Path, end: str) -> Path:
    return file.with_name(f"{file.name}{end}")


def _check(draft: Path) -> LibraryState:
    """Checks the file and makes it what a library's database is."""
    version = schema.version_of(draft)
    if version < 1:
        raise sqlite3.DatabaseError("it is no library")
    with closing(sqlite3.connect(draft, isolation_level=None)) as connection:
        found = dict(connection.execute("SELECT key, value FROM meta WHERE key = 'digest'"))
        if found and found["digest"] != schema.digest(connection):
            raise sqlite3.DatabaseError("it does not hold what was exported")
        # It holds true for the file as it was written, not for a library that goes on.
        connection.execute("DELETE FROM meta WHERE key = 'digest'")
        connection.execute("PRAGMA application_id = 0")  # it may come from a snapshot
        connection.execute("PRAGMA journal_mode = WAL")
    if version < schema.VERSION:
        schema.upgrade(draft).unlink()  # the file that is imported is copy enough
    with closing(Database(draft)) as db:
        for problem in db.problems():
            raise sqlite3.DatabaseError(problem)
        return db.state()
