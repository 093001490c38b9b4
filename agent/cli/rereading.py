"""Files that were added before and are as they were: they need not be read again.

A file counts as unchanged if it was read by this release, with the same options, and its size and
times of writing are those of then, or else its bytes. So a folder can be added again every day
for what is new in it.
"""

from __future__ import annotations

import hashlib
import json
import os
import stat
import time
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from agent import __version__

if TYPE_CHECKING:
    from tools.library import Library
    from tools.library.readings import Reading

_CERTAIN_SECONDS = 2.0
"""A file written to so short a time ago may be written to again and keep its time: those of file
systems tick, on some every other second."""


class File:
    """A file on its way into the library.

    Args:
        path: of the file.
        how: what else its texts depend on, see `how`.
    """

    def __init__(self, path: Path, how: str) -> None:
        self.path, self._how = path, how
        self._file = hashlib.sha256(os.fsencode(os.path.realpath(path))).hexdigest()
        self._mark = _mark(path)
        self._bytes_sha256: str | None = None
        self.sources: list[str] = []
        """Ids of its texts, as they are added."""
        self.whole = True
        """Whether all of it could be read and added."""

    def unchanged(self, library: Library) -> tuple[str, ...] | None:
        """Ids of its sources, if it was added as it is now; else None."""
        known = library.reading(self._file)
        if known is None or known.how != self._how:
            return None
        if known.mark and known.mark == self._mark:
            return known.sources
        if self._hash() != known.bytes_sha256:
            return None
        self.sources = list(known.sources)
        return known.sources

    def gave(self, source_id: str, bytes_sha256: str | None) -> None:
        """One of its texts was added, or is there; its reader read these bytes."""
        self.sources.append(source_id)
        self._bytes_sha256 = bytes_sha256

    def reading(self) -> Reading | None:
        """What is to be noted about it; None where it has to be read again the next time."""
        from tools.library.readings import Reading

        if not self.whole or not self.sources or self._bytes_sha256 is None:
            return None
        return Reading(self._file, self._mark, self._bytes_sha256, self._how, tuple(self.sources))

    def _hash(self) -> str | None:
        try:
            with self.path.open("rb") as file:
                if stat.S_ISREG(os.fstat(file.fileno()).st_mode):
                    self._bytes_sha256 = hashlib.file_digest(file, "sha256").hexdigest()
        except OSError:  # its reader says so
            return None
        return self._bytes_sha256


def how(said: Mapping[str, str | None], columns: Mapping[str, str]) -> str:
    """What, beside its bytes, the texts of a file depend on, as one short text.

    Args:
        said: by the user about the texts.
        columns: of tables.
    """
    facts = json.dumps([__version__, dict(said), dict(columns)], sort_keys=True)
    return hashlib.sha256(facts.encode("utf-8", "surrogatepass")).hexdigest()


def _mark(path: Path) -> str:
    """Size and times of a file; empty where they would say nothing certain."""
    try:
        found = path.stat()
    except OSError:
        return ""
    if time.time() - max(found.st_mtime, found.st_ctime) < _CERTAIN_SECONDS:
        return ""
    return f"{found.st_size} {found.st_mtime_ns} {found.st_ctime_ns}"
