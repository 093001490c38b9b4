"""The folders of checks: what a service keeps of each, in which order, and for how long.

    runs/ID/request.json    what was asked: title, author, …, the name of the file
            article         the bytes that were sent, or the address
            state.json      where it stands; written when it changes for good
            report.json     the record, once it is done

Of checks that have ended only ids and times are held in memory; the rest is read when it is asked
for. A folder without `state.json` is of a check that was never accepted.
"""

from __future__ import annotations

import logging
import re
import shutil
import threading
from bisect import bisect_left, insort
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from pydantic import ValidationError

from agent.errors import InputError, LibraryLocked
from agent.report import write_atomically
from agent.types import Report

if TYPE_CHECKING:
    from agent.server.run import Asked, RunState

ID = re.compile(r"c-[0-9a-f]{24}")
_log = logging.getLogger(__name__)


@contextmanager
def claimed(folder: Path) -> Iterator[None]:
    """While no other service keeps its checks in this folder, which is there: it would begin the
    same ones.

    Raises:
        LibraryLocked: one does; names its process.
        LibraryError: the folder cannot be written to.
    """
    from tools.library.locks import FolderLock

    lock = FolderLock(folder)
    try:
        lock.acquire(exclusive=True)
    except LibraryLocked as error:
        raise LibraryLocked(error.what, "Use the service that runs already, or end it") from error
    with lock:
        yield


class Kept:
    """The checks of a library, on the disk. May be used from any thread.

    Args:
        folder: `runs` of the library; made with the first check.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._order: list[tuple[str, str]] = []
        """Time of submission and id of each, oldest first."""
        self._lock = threading.Lock()

    def find(self) -> list[RunState]:
        """Finds what earlier services left; gives the checks that had not ended, oldest first."""
        unfinished = []
        for folder in self._folder.glob("c-*") if self._folder.is_dir() else ():
            if not ID.fullmatch(folder.name):
                continue
            if not (folder / "state.json").exists() and not (folder / "report.json").exists():
                shutil.rmtree(folder, ignore_errors=True)
            elif state := self._state(folder.name, log=True):
                self._order.append((state.created_at, state.id))
                if not state.is_final:
                    unfinished.append(state)
        self._order.sort()
        return sorted(unfinished, key=lambda state: (state.created_at, state.id))

    def take_in(self, state: RunState, asked: Asked, content: bytes | None) -> None:
        """Makes the folder of a new check; it is on the disk when this returns.

        Raises:
            UsageError, OSError: it cannot be written; then nothing of it is left.
        """
        folder = self.folder(state.id)
        try:
            folder.mkdir(parents=True)
            if content is not None:
                (folder / "article").write_bytes(content)
            write_atomically(folder / "request.json", asked.model_dump_json(indent=2))
            self.save(state)
        except BaseException:
            shutil.rmtree(folder, ignore_errors=True)
            raise
        with self._lock:
            insort(self._order, (state.created_at, state.id))

    def save(self, state: RunState) -> None:
        """Writes where a check stands.

        Raises:
            UsageError: it cannot be written.
        """
        write_atomically(self.folder(state.id) / "state.json", state.model_dump_json(indent=2))

    def state(self, run_id: str) -> RunState | None:
        """Where a check stands by its folder; None where there is none or it is damaged."""
        return self._state(run_id) if ID.fullmatch(run_id) else None

    def folder(self, run_id: str) -> Path:
        return self._folder / run_id

    def ids(self) -> list[str]:
        """Of all checks, newest first."""
        with self._lock:
            return [run_id for _, run_id in reversed(self._order)]

    def report(self, run_id: str) -> Report:
        """The report of a check that is done.

        Raises:
            InputError: its file is gone or damaged.
        """
        try:
            text = (self.folder(run_id) / "report.json").read_text("utf-8")
            return Report.model_validate_json(text)
        except (OSError, ValueError) as error:
            raise InputError(
                f"the report of {run_id} cannot be read", "Check the article again"
            ) from error

    def asked(self, run_id: str) -> tuple[Asked, bytes | None]:
        """What a check is of, and the bytes of its upload.

        Raises:
            InputError: its files are gone or damaged.
        """
        from agent.server.run import Asked

        folder = self.folder(run_id)
        try:
            asked = Asked.model_validate_json((folder / "request.json").read_text("utf-8"))
            return asked, (folder / "article").read_bytes() if asked.file else None
        except (OSError, ValueError) as error:
            raise InputError(
                f"what {run_id} was of cannot be read", "Send the article again"
            ) from error

    def remove(self, state: RunState) -> None:
        """Forgets a check, with its folder."""
        with self._lock:
            place = bisect_left(self._order, (state.created_at, state.id))
            if self._order[place : place + 1] == [(state.created_at, state.id)]:
                del self._order[place]
        shutil.rmtree(self.folder(state.id), ignore_errors=True)

    def forget_all_but(self, most: int) -> list[str]:
        """Forgets the oldest checks that have ended, so that so many are left; gives their ids."""
        forgotten = []
        for run_id in self.ids()[most:]:
            state = self.state(run_id)
            if state and state.is_final:
                self.remove(state)
                forgotten.append(run_id)
        return forgotten

    def _state(self, run_id: str, *, log: bool = False) -> RunState | None:
        from agent.server.run import RunState

        try:
            text = (self.folder(run_id) / "state.json").read_text("utf-8")
            state = RunState.model_validate_json(text)
        except (OSError, ValidationError, UnicodeError) as error:
            if log:
                _log.warning("the run %s is left out: %s", run_id, type(error).__name__)
            return None
        return state if state.id == run_id else None
