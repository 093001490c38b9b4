"""The library as a service uses it: many read, one writes, nobody waits for ever.

The library's own lock refuses a writer while anybody reads, after two seconds, and a reader who
finds something to mend while anybody else reads. Within a service that would mean: no source can
be added while passages are looked for, and checks fail where the search index is behind. So here
a writer waits until the checks that are under way have let the library go, and new ones wait for
it; who only looks something up waits while it is written, no longer. What has to be mended is
mended in a writer's turn. Looking up and writing have threads of their own, so that neither holds
up what else a service does.
"""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from functools import partial
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

_CHECK, _LOOK = "check", "look"

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
        self._readers = {_CHECK: 0, _LOOK: 0}
        """That have the library open, by what for."""
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
    def shared(self, wanted: Callable[[], bool] = lambda: True) -> Iterator[Library]:
        """The library, open for finding passages for a check, which may take a while.

        Args:
            wanted: asked now and then while others are waited for, which may take long.

        Raises:
            LibraryLocked: it is not wanted any more, or the shelf was closed.
            LibraryError: as `Library.open`.
        """
        with self._opened(_CHECK, wanted, searched=True) as library:
            yield library

    @contextmanager
    def reading(self, *, searched: bool = False) -> Iterator[Library]:
        """The library, open for looking something up.

        Args:
            searched: whether passages are looked for.

        Raises:
            LibraryLocked: a writer did not end in time.
            LibraryError: as `Library.open`.
        """
        until = time.monotonic() + self._patience
        in_time = partial(_before, until)
        with self._opened(_LOOK, in_time, searched=searched) as library:
            yield library

    @contextmanager
    def searching(self) -> Iterator[Library]:
        """As `reading`, where passages are looked for."""
        with self.reading(searched=True) as library:
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
        with (
            self._alone(partial(_before, until)),
            Library.open(self.folder, self._embedder, create=True) as library,
        ):
            yield library

    @contextmanager
    def _opened(
        self, kind: str, wanted: Callable[[], bool], *, searched: bool
    ) -> Iterator[Library]:
        """Open for reading, with all in order that is needed."""
        while True:
            self._enter(kind, wanted)
            try:
                library = self._open(searched)
            except LibraryLocked:
                self._leave(kind)
                if not wanted():
                    raise
                self._mend(searched, wanted)
            except BaseException:
                self._leave(kind)
                raise
            else:
                break
        try:
            with library:
                yield library
        finally:
            self._leave(kind)

    def _open(self, searched: bool) -> Library:
        from tools.library import Library

        library = Library.open(self.folder, self._embedder)
        try:
            if searched:
                library.prepare()
        except BaseException:
            library.close()
            raise
        return library

    def _mend(self, searched: bool, wanted: Callable[[], bool]) -> None:
        """Opens the library while nobody else of this service has it: that mends it, unless
        another process has it."""
        with suppress(LibraryLocked), self._alone(wanted):
            self._open(searched).close()
            return
        time.sleep(_SLICE)  # it is tried again, not without a pause

    @contextmanager
    def _alone(self, wanted: Callable[[], bool]) -> Iterator[None]:
        """While nobody else of this service has the library open."""
        with self._turn:
            # A writer that waits keeps new checks out; another writer waits for it.
            self._wait(lambda: not self._writers, wanted)
            self._writers += 1
            try:
                self._wait(lambda: not any(self._readers.values()), wanted)
            except BaseException:
                self._writers -= 1
                self._turn.notify_all()
                raise
        try:
            yield
        finally:
            with self._turn:
                self._writers -= 1
                self._turn.notify_all()

    def _enter(self, kind: str, wanted: Callable[[], bool]) -> None:
        """Waits for a reader's turn."""
        with self._turn:
            # A writer that waits for checks waits for those who look things up as well; only
            # once the last check has let go they give way.
            looks = kind == _LOOK
            self._wait(lambda: not self._writers or (looks and self._readers[_CHECK] > 0), wanted)
            self._readers[kind] += 1

    def _leave(self, kind: str) -> None:
        with self._turn:
            self._readers[kind] -= 1
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


def _before(until: float) -> bool:
    return time.monotonic() < until


def _ending() -> LibraryLocked:
    return LibraryLocked("the service is ending", "Try again when it was started again")
