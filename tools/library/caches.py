"""What the search caches share: what goes in, what they are sealed with, why one is unusable."""

from __future__ import annotations

import hashlib
import json
import shutil
import sqlite3
from collections.abc import Iterable, Iterator, Mapping
from contextlib import closing, contextmanager
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from agent.errors import LibraryError


class Row(NamedTuple):
    """A passage as the caches take it."""

    id: str
    context: str
    """What stands above it: see `passages.passage_contexts`."""
    text: str
    vector: NDArray[np.float32]


class Stamp(NamedTuple):
    """What a cache was built from. Equal stamps, equal content."""

    embedder: str
    dimension: int
    fingerprint: str
    passages: int

    @property
    def built(self) -> str:
        """Which making of passages from texts, the end of the fingerprint; see `Library`."""
        return self.fingerprint.rpartition("/")[2]


class Unusable(LibraryError):
    """A cache is missing, damaged or out of date, and has to be rebuilt."""

    def __init__(
        self,
        reason: str,
        detail: object = "",
        todo: str = "rebuild it: assay sources rebuild",
    ) -> None:
        super().__init__(
            f"the search index is {reason}" + (f": {detail}" if detail else ""),
            todo,
        )
        self.reason = reason


@contextmanager
def sqlite_faults() -> Iterator[None]:
    try:
        yield
    except sqlite3.Error as error:
        raise Unusable("damaged", error) from error


def write_seal(seal: Path, stamp: Stamp, hashes: Mapping[str, str]) -> None:
    """Says what a cache was built from and the hash of each file, once all is written."""
    draft = seal.with_suffix(".tmp")
    draft.write_text(json.dumps({"stamp": stamp._asdict(), "files": hashes}), encoding="utf-8")
    draft.replace(seal)


def read_seal(seal: Path) -> tuple[Stamp, dict[str, str]]:
    """What a cache was sealed as, and the hash of each file.

    Raises:
        Unusable: there is no seal, or it is not one.
    """
    try:
        read = json.loads(seal.read_text(encoding="utf-8"))
        stamp, hashes = Stamp(**read["stamp"]), dict(read["files"])
        if not isinstance(stamp.fingerprint, str):
            raise TypeError("a fingerprint is a string")
    except FileNotFoundError as error:  # a writer was stopped half-way
        raise Unusable("out of date") from error
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise Unusable("damaged", error) from error
    return stamp, hashes


def hashed(folder: Path, files: Iterable[Path]) -> dict[str, str]:
    """SHA-256 of each file, by its path in the folder."""
    hashes = {}
    for path in files:
        with path.open("rb") as file:
            digest = hashlib.file_digest(file, "sha256").hexdigest()
        hashes[path.relative_to(folder).as_posix()] = digest
    return hashes


def check_count(count: int, stamp: Stamp) -> None:
    if count != stamp.passages:
        raise Unusable("damaged", f"it holds {count} passages and should hold {stamp.passages}")


def content_of(path: Path, *, without: str) -> str:
    """SHA-256 of all that an SQLite database says, in hexadecimal; its indexes are checked.

    For a file that is written to where nothing changes, so that a hash of its bytes is no seal.
    Python's SQLite reports damage and never panics.

    Args:
        path: the file.
        without: name of a table that may change.

    Raises:
        Unusable: the file is missing, or broken in its structure.
    """
    if not path.is_file():
        raise Unusable("damaged", f"{path.name} is missing")
    digest = hashlib.sha256()
    with sqlite_faults(), closing(connect(path)) as connection:
        verdict = connection.execute("PRAGMA integrity_check(1)").fetchone()
        if verdict != ("ok",):
            raise Unusable("damaged", verdict)
        made = connection.execute("SELECT type, name, sql FROM sqlite_master ORDER BY name, type")
        for kind, name, sql in made.fetchall():
            digest.update(repr((kind, name, sql)).encode())
            # What a virtual table holds is in its shadow tables, which are listed, too.
            if kind == "table" and name != without and not sql.startswith("CREATE VIRTUAL"):
                for row in connection.execute(f'SELECT * FROM "{name}"'):  # noqa: S608
                    digest.update(repr(row).encode("utf-8", "surrogatepass"))
    return digest.hexdigest()


def connect(path: Path, *, read_only: bool = False) -> sqlite3.Connection:
    """Opens the database of a cache; where `read_only`, nobody may be writing to it."""
    how = "?mode=ro&immutable=1" if read_only else ""
    connection = sqlite3.connect(
        f"{path.absolute().as_uri()}{how}", uri=True, isolation_level=None, check_same_thread=False
    )
    # A cache may lose its last writes in a power cut: then its seal is not there either.
    connection.execute("PRAGMA synchronous = OFF")
    return connection


def delete(path: Path) -> None:
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)
