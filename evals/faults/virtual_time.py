"""An event loop whose clock jumps: what waits for an hour takes no time.

Where nothing is ready the clock moves to the next timer at once. What is handed to a thread is
done on the spot. Sockets take real time: code under it may not use them.
"""

from __future__ import annotations

import asyncio
import selectors
from collections.abc import Callable
from concurrent.futures import Executor
from typing import Any, TypeVar, TypeVarTuple

T = TypeVar("T")
Ts = TypeVarTuple("Ts")


class NothingToWaitFor(RuntimeError):
    """All tasks wait and no timer runs: in real time this would hang for ever."""


class _Jumping(selectors.DefaultSelector):
    """Moves the clock instead of blocking."""

    now = 0.0
    """Seconds."""

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        ready = super().select(0)
        if not ready and timeout is None:
            raise NothingToWaitFor("every task waits, and for nothing that will come")
        if not ready and timeout:
            self.now += timeout
        return ready


class VirtualLoop(asyncio.SelectorEventLoop):
    """The loop."""

    def __init__(self) -> None:
        self._jumping = _Jumping()
        self.problems: list[str] = []
        """What went wrong where nobody awaits it."""
        super().__init__(self._jumping)

    def run_in_executor(
        self, executor: Executor | None, func: Callable[[*Ts], T], *args: *Ts
    ) -> asyncio.Future[T]:
        """As the base class, but at once: a thread's work is none that the clock knows of."""
        done: asyncio.Future[T] = self.create_future()
        try:
            done.set_result(func(*args))
        except Exception as error:
            done.set_exception(error)
        return done

    def time(self) -> float:
        """Seconds; the same until something is waited for."""
        return self._jumping.now

    def call_exception_handler(self, context: dict[str, Any]) -> None:
        """Keeps what would only be logged."""
        self.problems.append(f"{context.get('message')}: {context.get('exception')!r}")
