"""The library as a service uses it: many read, one writes, nobody waits for ever.

The library's own lock refuses a writer while anybody reads, after two seconds, and a reader who
finds something to mend while anybody else reads. Within a service that would mean: no source can
be added while passages are looked for, and checks fail where the search index is behind. So here
a writer waits until the checks that are under way have let the library go, and new ones wait for
it; who only looks something up waits while it is written, no longer. What has to be mended is
mended in a writer's turn. Looking up and writing have threads of their own, so that neither holds
up what else a service does.

Opening takes longer than what is looked for once it is open. So who is done leaves the library
open for whoever comes next; it is closed when nobody came for a while, or as soon as somebody wants
to write, in whatever process.
"""

from __future__ import annotations

import asyncio
import math
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager, suppress
from functools import partial
from typing import TYPE_CHECKING, NamedTuple, TypeVar

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
_KEPT, _KEPT_SECONDS = 4, 60.0
"""How many open libraries wait for whoever comes next, and for how long."""
_GLANCE = 0.2
"""Seconds between two looks whether another process wants to write, which itself waits for longer
before it gives up (`locks.WAIT_SECONDS`)."""

_CHECK, _LOOK = "check", "look"

T = TypeVar("T")


class _Idle(NamedTuple):
    """An open library that nobody uses."""

    library: Library
    which: object
    since: float


class Shelf:
    """Opens the library for reading and for writing, from any thread.

    Args:
        folder: of the library.
        embedder: of the library.
        patience: seconds that are waited for others.
    """

    def __init__(self, folder: Path, embedder: Embedder, patience: float = PATIENCE) -> None:
        from tools.library.locks import FolderLock

        self.folder = folder
        self._embedder = embedder
        self._lock = FolderLock(folder)
        """Never held: tells whether others want it."""
        self._patience = patience
        self._turn = threading.Condition()
        self._readers = {_CHECK: 0, _LOOK: 0}
        """That have the library open, by what for."""
        self._writers = 0
        """That write or wait."""
        self._idle: list[_Idle] = []
        """The last used at the end."""
        self._watcher: threading.Thread | None = None
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
        self._close_idle()
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
                library, which = self._open(searched)
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
            with ExitStack() as closing:
                closing.enter_context(library)
                yield library
                # What ended in a fault is not handed on: it may be the library's.
                if self._keep(library, which):
                    closing.pop_all()
        finally:
            self._leave(kind)

    def _open(self, searched: bool) -> tuple[Library, object]:
        """A library that was left open, else a fresh one; and which file it is of."""
        from tools.library import Library

        while True:
            which = self._which()
            with self._turn:
                idle = self._idle.pop() if self._idle else None
            if idle is None or idle.which == which:
                break
            idle.library.close()  # the folder has been replaced since
        library = idle.library if idle else Library.open(self.folder, self._embedder)
        try:
            if searched:
                library.prepare()
        except BaseException:
            library.close()
            raise
        return library, which

    def _keep(self, library: Library, which: object) -> bool:
        """Leaves a library open for whoever comes next, unless somebody wants to write."""
        # One on a server shows what was there when it was opened, and others write meanwhile.
        if library.is_served or self._lock.is_wanted_alone():
            return False
        with self._turn:
            if self._closed or self._writers or len(self._idle) >= _KEPT:
                return False
            self._idle.append(_Idle(library, which, time.monotonic()))
            if self._watcher is None:
                self._watcher = threading.Thread(target=self._watch, name="shelf", daemon=True)
                self._watcher.start()
        return True

    def _watch(self) -> None:
        """Closes what was left open once it is not to be; ends when nothing is left."""
        while True:
            time.sleep(_GLANCE)
            wanted = self._lock.is_wanted_alone()
            self._close_idle(math.inf if wanted else time.monotonic() - _KEPT_SECONDS)
            with self._turn:
                if not self._idle:
                    self._watcher = None
                    return

    def _close_idle(self, before: float = math.inf) -> None:
        """Closes what was left open at an earlier time."""
        with self._turn:
            closing = [each for each in self._idle if each.since < before]
            self._idle = [each for each in self._idle if each.since >= before]
        for each in closing:
            each.library.close()

    def _which(self) -> object:
        """Tells the library in the folder from another one in its place."""
        try:
            found = (self.folder / "library.sqlite").stat()
        except OSError:
            return None
        return found.st_dev, found.st_ino

    def _mend(self, searched: bool, wanted: Callable[[], bool]) -> None:
        """Opens the library while nobody else of this service has it: that mends it, unless
        another process has it."""
        with suppress(LibraryLocked), self._alone(wanted):
            self._open(searched)[0].close()
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
            self._close_idle()
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
