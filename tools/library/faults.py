"""What goes wrong with a library's files, in words for whoever has to do something about it."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from agent.errors import LibraryDamaged, LibraryError


@contextmanager
def errors(file: Path) -> Iterator[None]:
    """Turns the errors of SQLite and of the file system into the library's.

    Args:
        file: the library's database.
    """
    try:
        yield
    except OSError as error:
        raise _unusable(file, error.strerror or error) from error
    except sqlite3.OperationalError as error:  # disk full, no permission, …
        raise _unusable(file, error) from error
    except sqlite3.DatabaseError as error:
        raise damaged(file, error) from error


def damaged(file: Path, detail: object) -> LibraryDamaged:
    """The error to raise where a database does not hold what it must."""
    return LibraryDamaged(
        f"the library's database {file} is damaged: {detail}",
        "it was left as it is: restore it from a backup (assay sources import FILE --replace), "
        "or add the sources to a new library",
    )


def _unusable(file: Path, detail: object) -> LibraryError:
    return LibraryError(
        f"the library {file.parent} cannot be used: {detail}",
        "check that its folder may be written to and that the disk is not full",
    )
