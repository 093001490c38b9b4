"""The library as a service uses it: many read, one writes, nobody waits for ever.

The library's own lock refuses a writer while anybody reads, after two seconds. Within a service
that would mean: no source can be added while checks go on. So here a writer waits until the
checks that are under way have ended, and new ones wait for it.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from agent.errors import LibraryLocked

if TYPE_CHECKING:
    from pathlib import Path

    from tools.library import Library
    from tools.models.embedder import Embedder

PATIENCE = 120.0
"""Seconds that a writer waits for the checks under way."""


class Shelf:
    """Opens the library for reading and for writing, from any thread."""

    def __init__(self, folder: Path, embedder: Embedder, patience: float = PATIENCE) -> None:
        self.folder = folder
        self._embedder = embedder
        self._patience = patience
        self._turn = threading.Condition()
        self._readers = 0
        self._writers = 0

    @contextmanager
    def shared(self) -> Iterator[None]:
        """While somebody else opens the library for reading, as a check does."""
        with self._turn:
            self._turn.wait_for(lambda: not self._writers)
            self._readers += 1
        try:
            yield
        finally:
            with self._turn:
                self._readers -= 1
                self._turn.notify_all()

    @contextmanager
    def reading(self) -> Iterator[Library]:
        """The library, open for reading.

        Raises:
            LibraryError: as `Library.open`.
        """
        from tools.library import Library

        with self.shared(), Library.open(self.folder, self._embedder) as library:
            yield library

    @contextmanager
    def writing(self) -> Iterator[Library]:
        """The library, open for writing; made where there is none.

        Raises:
            LibraryLocked: checks, or other writers, did not end in time.
            LibraryError: as `Library.open`.
        """
        from tools.library import Library

        until = time.monotonic() + self._patience
        with self._turn:
            # A writer that waits keeps new readers out; another writer waits for it.
            if not self._turn.wait_for(lambda: not self._writers, self._patience):
                raise _busy()
            self._writers += 1
            try:
                left = max(0.0, until - time.monotonic())
                if not self._turn.wait_for(lambda: not self._readers, left):
                    raise _busy()
            except BaseException:
                self._writers -= 1
                self._turn.notify_all()
                raise
        try:
            with Library.open(self.folder, self._embedder, create=True) as library:
                yield library
        finally:
            with self._turn:
                self._writers -= 1
                self._turn.notify_all()


def _busy() -> LibraryLocked:
    return LibraryLocked("checks are under way that use the library", "Try again when they ended")
