"""A library that comes as one file is checked, and only then takes its place.

`Library.export` writes such a file: the database without anything beside it, and with a digest
of all that it holds. The database of a library that nobody uses will do, too.
"""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

from agent.errors import InputError, LibraryError
from agent.types import LibraryState
from tools.library import schema
from tools.library.database import Database, errors
from tools.library.locks import FolderLock

REPLACED = "library.replaced.sqlite"
"""Under this name the database that an import replaced is kept."""


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
        replace: whether a library that is there may be replaced. It is kept as `REPLACED`.
        on_notice: is told in one line what was kept.

    Returns:
        What the library holds now.

    Raises:
        InputError: there is no such file, or it cannot be read.
        LibraryDamaged: it is no library, or not whole; or the one to be replaced is damaged.
        LibraryLocked: another process uses the library in this folder.
        LibraryError: there is a library and `replace` is not given; or the folder cannot be
            written to.
    """
    target, draft = folder / "library.sqlite", folder / "library.import"
    if not file.is_file():
        raise InputError(f"there is no file {file}", "name one that `sources export` wrote")
    with errors(target):
        folder.mkdir(parents=True, exist_ok=True)
    with FolderLock(folder) as lock:
        lock.acquire(exclusive=True)
        if target.exists() and not replace:
            raise LibraryError(
                f"there is a library in {folder} already",
                "choose another folder with --library, or let it be replaced with --replace",
            )
        try:
            with errors(target):
                shutil.copyfile(file, draft)
            with errors(file):
                state = _check(draft)
            if target.exists():
                with errors(target), closing(Database(target)) as old:
                    old.write_copy(folder / REPLACED)
                if on_notice:
                    on_notice(f"the library that was there is kept in {folder / REPLACED}")
            with errors(target):
                schema.put_in_place(draft, target)
        finally:
            for end in ("", "-wal", "-shm", "-journal"):
                draft.with_name(f"{draft.name}{end}").unlink(missing_ok=True)
    return state


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
        connection.execute("PRAGMA journal_mode = WAL")
    if version < schema.VERSION:
        schema.upgrade(draft).unlink()  # the file that is imported is copy enough
    with closing(Database(draft)) as db:
        for problem in db.problems():
            raise sqlite3.DatabaseError(problem)
        return db.state()
