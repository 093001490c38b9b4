"""Which files were read whole and found in order, so that a large library opens at once.

To read gigabytes for every question would take longer than to answer it. So what was checked
is noted with the size, inode and times of each file, and is checked again once any of these is
another: nothing that writes to a file leaves its time of change as it was. A disk that loses
bits under an unchanged file is what `sources verify` is for; it believes no note. Small
libraries are read whole whenever they are opened.
"""

from __future__ import annotations

import hashlib
import json
import os
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

WORTH_NOTING = 64 * 2**20
"""Bytes. Less than this is checked in a few tenths of a second."""
_TICK_SECONDS = 0.05
"""A file changed again so soon after may bear the same time: clocks of file systems tick."""
_COARSE = 10**9
"""Nanoseconds. A time without a fraction is of a file system that counts whole seconds."""

Facts = dict[str, Any]


class Checked:
    """The note in a library's folder. Losing it costs one check.

    Args:
        folder: of the library.
        keeps: whether anything is noted; a folder that is only read gets no note.
    """

    def __init__(self, folder: Path, *, keeps: bool = True) -> None:
        self._path = folder / "checked.json"
        self._keeps = keeps

    def holds(self, name: str, files: Sequence[Path]) -> Facts | None:
        """What was noted with files that are exactly as they were then; None for others."""
        entry = self._read().get(name)
        if not isinstance(entry, dict) or not isinstance(entry.get("facts"), dict):
            return None
        marks, facts = _marks(files), entry["facts"]
        if marks is None or entry.get("files") != marks:
            return None
        return facts if entry.get("sha256") == _sha256(name, marks, facts) else None

    def note(self, name: str, files: Sequence[Path], facts: Mapping[str, Any]) -> None:
        """Notes that these files were found in order, if they are large.

        Nobody may be writing to them. They are on the disk before the note is: a power cut
        must not leave an old note with a file whose last bytes were lost.
        """
        marks = _marks(files) if self._keeps else None
        if marks is None or sum(mark[0] for mark in marks.values()) < WORTH_NOTING:
            return
        youngest = max(max(mark[1:3]) for mark in marks.values())
        if any(mark[1] % _COARSE == 0 for mark in marks.values()):
            return
        time.sleep(min(max(_TICK_SECONDS - (time.time_ns() - youngest) / 1e9, 0), _TICK_SECONDS))
        with suppress(OSError):  # no note, no harm
            for file in files:
                _to_disk(file)
            sealed = _sha256(name, marks, facts)
            entry = {"files": marks, "facts": dict(facts), "sha256": sealed}
            entries = {**self._read(), name: entry}
            draft = self._path.with_name(f"checked.{os.getpid()}.tmp")
            draft.write_text(json.dumps(entries), encoding="utf-8")
            draft.replace(self._path)

    def forget(self) -> None:
        """Everything is to be checked again."""
        if self._keeps:
            self._path.unlink(missing_ok=True)

    def _read(self) -> dict[str, Any]:
        try:
            read = json.loads(self._path.read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return {}
        return read if isinstance(read, dict) else {}


def _marks(files: Sequence[Path]) -> dict[str, list[int]] | None:
    """Size, times of writing and of change, and inode, by name; None where one is missing."""
    marks = {}
    for file in files:
        try:
            status = file.stat()
        except OSError:
            return None
        marks[f"{file.parent.name}/{file.name}"] = [
            status.st_size,
            status.st_mtime_ns,
            status.st_ctime_ns,
            status.st_ino,
        ]
    return marks


def _sha256(name: str, marks: Mapping[str, list[int]], facts: Mapping[str, Any]) -> str:
    """Of a whole entry: a note with altered bytes is none."""
    entry = json.dumps([name, dict(marks), dict(facts)], sort_keys=True)
    return hashlib.sha256(entry.encode()).hexdigest()


def _to_disk(file: Path) -> None:
    descriptor = os.open(file, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
