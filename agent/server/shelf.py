"""The library as a service uses it: many read, one writes, nobody waits for ever.

The library's own lock refuses a writer while anybody reads, after two seconds. Within a service
that would mean: no source can be added while checks go on. So here a writer waits until the
checks that are under way have ended, and new ones wait for it; who only looks something up waits
while it is written, no longer. Looking up and writing have threads of their own, so that neither
holds up what else a service does.
"""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import TYPE_CHECKING, TypeVar

from agent.errors import LibraryLocked

if TYPE_CHECKING:
    from pathlib import Path

    from tools.library import Library
    from tools.models.embedder import Embedder

PATIENCE = 120.0
"""Seconds that a writer waits for the checks under way, and others for a writer."""
_SLICE = 0.25
"""Seconds of one wait: then it is seen whether it is still wanted."""
_LOOKING, _WRITING = 8, 1
"""Threads. Writers would wait for one another anyway."""
_IN_LINE = 64
"""Of either kind that may be under way or wait; one more is refused."""

T = TypeVar("T")


class Shelf:
    """Opens the library for reading and for writing, from any thread.

    Args:
        folder: of the library.
        embedder: of the library.
        patience: seconds that are waited for others.
    """

    def __init__(self, folder: Path, embedder: Embedder, patience: float = PATIENCE) -> None:
        self.folder = folder
        self._embedder = embedder
        self._patience = patience
        self._turn = threading.Condition()
        self._checks = 0
        self._looks = 0
        self._writers = 0
        """That write or wait."""
        self._closed = False
        self._threads = {
            writes: ThreadPoolExecutor(many, thread_name_prefix=name)
            for writes, many, name in ((False, _LOOKING, "look"), (True, _WRITING, "write"))
        }
        self._in_line = {False: 0, True: 0}

    async def work(self, do: Callable[[], T], *, writes: bool = False) -> T:
        """Does something that opens the library, in a thread. Called in the event loop.

        Args:
            do: what to do.
            writes: whether it opens the library for writing.

        Raises:
            LibraryLocked: too much waits to be done, or the shelf was closed.
        """
        if self._closed:
            raise _ending()
        if self._in_line[writes] >= _IN_LINE:
            raise LibraryLocked("too many wait for the library", "Try again later")
        self._in_line[writes] += 1
        try:
            return await asyncio.get_running_loop().run_in_executor(self._threads[writes], do)
        finally:
            self._in_line[writes] -= 1

    def close(self) -> None:
        """Lets nobody in any more: whoever waits is refused."""
        with self._turn:
            self._closed = True
            self._turn.notify_all()
        for threads in self._threads.values():
            threads.shutdown(wait=False, cancel_futures=True)

    @contextmanager
    def shared(self, wanted: Callable[[], bool] = lambda: True) -> Iterator[None]:
        """While somebody else opens the library for reading and keeps it, as a check does.

        Args:
            wanted: asked now and then while a writer is waited for, which may take long.

        Raises:
            LibraryLocked: it is not wanted any more, or the shelf was closed.
        """
        with self._turn:
            self._wait(lambda: not self._writers, wanted)
            self._checks += 1
        try:
            yield
        finally:
            with self._turn:
                self._checks -= 1
                self._turn.notify_all()

    @contextmanager
    def reading(self) -> Iterator[Library]:
        """The library, open for looking something up.

        Raises:
            LibraryLocked: a writer did not end in time.
            LibraryError: as `Library.open`.
        """
        from tools.library import Library

        until = time.monotonic() + self._patience
        with self._turn:
            # A writer that waits for checks waits for those who look things up as well; only
            # once the last check has ended they give way.
            self._wait(
                lambda: not self._writers or self._checks > 0, lambda: time.monotonic() < until
            )
            self._looks += 1
        try:
            with Library.open(self.folder, self._embedder) as library:
                yield library
        finally:
            with self._turn:
                self._looks -= 1
                self._turn.notify_all()

    @contextmanager
    def writing(self) -> Iterator[Library]:
        """The library, open for writing; made where there is none.

        Raises:
            LibraryLocked: checks, or other writers, did not end in time.
            LibraryError: as `Library.open`.
        """
        from tools.library import Library

        until = time.monotonic() + self._patience

        def in_time() -> bool:
            return time.monotonic() < until

        with self._turn:
            # A writer that waits keeps new checks out; another writer waits for it.
            self._wait(lambda: not self._writers, in_time)
            self._writers += 1
            try:
                self._wait(lambda: not self._checks and not self._looks, in_time)
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

    def _wait(self, free: Callable[[], bool], wanted: Callable[[], bool]) -> None:
        while not self._turn.wait_for(lambda: self._closed or free(), _SLICE):
            if not wanted():
                raise LibraryLocked(
                    "checks are under way that use the library, or sources are being added",
                    "Try again when they ended",
                )
        if self._closed:
            raise _ending()


def _ending() -> LibraryLocked:
    return LibraryLocked("the service is ending", "Try again when it was started again")
