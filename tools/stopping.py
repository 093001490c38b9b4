"""Work that can be given up: whoever waits for it can say so, and long work asks now and then."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar, copy_context

_LOOK = 0.2
"""Seconds between two looks at whether what is waited for is still wanted."""
_why: ContextVar[Callable[[], Exception | None] | None] = ContextVar("why", default=None)


@contextmanager
def stoppable(why: Callable[[], Exception | None]) -> Iterator[None]:
    """Makes work stoppable: what is done in the block, and by `asyncio.to_thread` from it.

    Args:
        why: what is to end the work, or None while it is wanted; called often, from any thread.
    """
    token = _why.set(why)
    try:
        yield
    finally:
        _why.reset(token)


def go_on() -> None:
    """Called between two parts of long work; raises what is to end it, if anything is."""
    if fault := _reason():
        raise fault


@contextmanager
def watched(seconds: float, end: Callable[[], object]) -> Iterator[None]:
    """Has somebody look after a block that waits for what cannot ask.

    Args:
        seconds: that it may take.
        end: called once, from another thread, if it takes longer or is not wanted any more.
    """
    over = threading.Event()
    until = time.monotonic() + seconds
    look = _LOOK if _why.get() else seconds

    def watch() -> None:
        while not over.wait(max(0.0, min(look, until - time.monotonic()))):
            if time.monotonic() >= until or _reason():
                end()
                return

    run = copy_context().run
    threading.Thread(target=run, args=(watch,), name="watch", daemon=True).start()
    try:
        yield
    finally:
        over.set()


def _reason() -> Exception | None:
    why = _why.get()
    return why() if why else None
