"""How many requests may be under way at a server at once, and when none may be.

Three rules, shared by all questions to one provider with one key:

- The number under way begins modest and doubles while answers come; a 429 or an overloaded
  server halves it, and from the number that the server was seen to take it grows by about one
  a round. (Additive increase, multiplicative decrease: Chiu and Jain, 1989; slow start and the
  threshold after it as in TCP, RFC 5681.) Each 429 at the same level doubles the patience
  before the next step up, since the step costs a request that is refused.
- Where a server asks to wait, or says that nothing is left of its rate limit, nobody is sent
  to it before then.
- A breaker (Nygard, "Release It!"): after `FAULTS_IN_A_ROW` faults without an answer between
  them everybody pauses, then one request goes as a probe, of the question that has sent the
  fewest. `LONGEST_OUTAGE` seconds without an answer end the run, also where the server says
  nothing but that it is busy.

A request that waits here has not been sent: waiting costs a question none of its requests.
"""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import itertools
import logging
import threading
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from agent.errors import ModelUnavailable
from agent.gateway.faults import PassingFault
from agent.gateway.waits import rate_limit_left

START = 16
"""Requests under way at once until answers have come."""
FAULTS_IN_A_ROW = 4
LONGEST_OUTAGE = 120.0
"""Seconds without an answer, from the first fault of any kind, after which the run stops."""
FIRST_PAUSE = 1.0
"""Seconds until the first probe; doubles up to `LONGEST_PAUSE`."""
LONGEST_PAUSE = 30.0
FIRST_BUSY = 0.5
"""Seconds until a server that is busy and does not say for how long is asked again; each time
without an answer between takes four times as long, up to `LONGEST_PAUSE`."""

MOST = 256
"""Requests under way at once, however well a server answers."""

_DOWN = frozenset({"network", "server", "timeout"})
_MOST_PATIENT = 32

_log = logging.getLogger(__name__)

Sleep = Callable[[float], Awaitable[None]]


class Clock:
    """The time of one event loop, and how to wait.

    A `sleep` that does not wait, as in tests and replays, moves the time all the same:
    otherwise a pause would never be over.
    """

    def __init__(self, sleep: Sleep = asyncio.sleep) -> None:
        self._sleep = sleep
        self._skipped = 0.0

    def now(self) -> float:
        """Seconds; only differences mean something."""
        try:
            return asyncio.get_running_loop().time() + self._skipped
        except RuntimeError:
            return time.monotonic() + self._skipped

    async def sleep(self, seconds: float) -> None:
        """Waits, or does as if."""
        end = self.now() + seconds
        await self._sleep(seconds)
        # A timer may fire a little early: that is no skipped time, but does no harm either.
        self._skipped += max(0.0, end - self.now())


@dataclass(eq=False)
class _Waiter:
    """A request that is not sent yet."""

    sent: int
    """Requests of its question so far."""
    number: int
    loop: asyncio.AbstractEventLoop
    changed: asyncio.Event = field(default_factory=asyncio.Event)

    def tell(self) -> None:
        """Something has changed; the waiter may run in another thread's event loop."""
        with contextlib.suppress(RuntimeError):  # that loop has ended, and the waiter with it
            self.loop.call_soon_threadsafe(self.changed.set)


class Pace:
    """The limiter and breaker of one provider and key. May be shared between threads.

    Args:
        server: whom messages name.
        start: requests under way at once at first.
        clock: the time; tests and replays have another.
    """

    def __init__(
        self, server: str = "the model server", *, start: int = START, clock: Clock | None = None
    ) -> None:
        self.clock = clock or Clock()
        self._server = server
        self._lock = threading.Lock()
        self._waiting: list[_Waiter] = []
        self._numbers = itertools.count()
        self._under_way = 0

        self._limit = float(start)
        self._threshold = float(MOST)
        self._taken = 1
        """Requests that stayed under way when others were refused."""
        self._patience = 1
        self._cut_at = 0
        """Number of the first request after the last cut: earlier ones belong to its cause."""

        self._quiet_until = 0.0
        self._busy = 0
        self._left: int | None = None
        self._left_until = 0.0

        self._faults = 0
        self._silent_since: float | None = None
        """When the first fault came after the last answer."""
        self._last_fault = 0.0
        self._last_kind = "server"
        self._refused_at = 0.0
        """When a request was last refused while no other was under way that may be answered."""

    @property
    def limit(self) -> int:
        """Requests that may be under way at once."""
        return max(1, int(self._limit))

    @property
    def under_way(self) -> int:
        """Requests under way."""
        return self._under_way

    @property
    def is_open(self) -> bool:
        """Whether the breaker is open: only a probe is sent."""
        return self._faults >= FAULTS_IN_A_ROW

    @property
    def _probing(self) -> bool:
        """Whether the last requests were refused again after a pause, or the breaker is open."""
        return self.is_open or self._busy > 1

    @asynccontextmanager
    async def place(self, sent: int = 0) -> AsyncIterator[None]:
        """Waits for a place, holds it for one request, and learns from how that ends.

        Args:
            sent: requests that the same question has sent before.

        Raises:
            ModelUnavailable: the outage lasts too long.
        """
        number = await self._enter(sent)
        try:
            yield
        except BaseException as error:
            if ended := self._leave(number, error):
                raise ended from None
            raise
        else:
            self._leave(number, None)

    def _leave(self, number: int, fault: BaseException | None) -> ModelUnavailable | None:
        """Learns from how a request ended; what ends the run, where this was one too many."""
        with self._lock:
            self._under_way -= 1
            self._learn(number, fault)
            ended = self._outage() if isinstance(fault, PassingFault) else None
        self._tell_next()
        return ended

    def observe(self, headers: Mapping[str, str]) -> None:
        """Reads what a reply says is left of the rate limit, where it says so.

        Args:
            headers: of any reply; names in lower case or a case-insensitive mapping.
        """
        seen = rate_limit_left(headers)
        with self._lock:
            if seen is None:
                return
            self._left, reset = seen
            self._left_until = self.clock.now() + min(reset, LONGEST_OUTAGE)

    # --- waiting -------------------------------------------------------------------------

    async def _enter(self, sent: int) -> int:
        me = _Waiter(sent, next(self._numbers), asyncio.get_running_loop())
        with self._lock:
            self._waiting.append(me)
        try:
            while True:
                with self._lock:
                    me.changed.clear()
                    delay = self._delay(me)
                    if delay == 0.0:
                        self._under_way += 1
                        return next(self._numbers)
                await self._change(me, delay)
        finally:
            with self._lock:
                self._waiting.remove(me)
            self._tell_next()

    def _delay(self, me: _Waiter) -> float | None:
        """Seconds that a waiter has to wait; None until something changes."""
        now = self.clock.now()
        if now - max(self._last_fault, self._quiet_until) > LONGEST_OUTAGE:
            self._faults = 0  # of a run long ago
            self._silent_since = None
        if outage := self._outage():
            raise outage
        if me is not self._next():
            return None
        if now < self._quiet_until:
            return self._quiet_until - now
        if self._under_way >= (1 if self._probing else self.limit):
            return None
        if self._left is not None and self._under_way >= self._left:
            if now < self._left_until:
                return None if self._under_way else self._left_until - now
            self._left = None
        return 0.0

    def _outage(self) -> ModelUnavailable | None:
        """What ends the run when there was no answer for too long.

        A server that refuses is there, so its silence counts only until it last refused a
        request: whoever waited as long as it asked is sent to it once more.
        """
        if self._silent_since is None:
            return None
        until = self.clock.now() if self.is_open else self._refused_at
        silence = until - self._silent_since
        if silence <= LONGEST_OUTAGE:
            return None
        refused = self._last_kind == "rate_limited"
        said = "has refused every request" if refused else "has not answered"
        return ModelUnavailable(
            self._last_kind,
            f"{self._server} {said} for {silence:.0f} s",
            "The same command goes on from here when it answers",
        )

    async def _change(self, me: _Waiter, delay: float | None) -> None:
        if delay is None:
            await me.changed.wait()
            return
        changed = asyncio.ensure_future(me.changed.wait())
        slept = asyncio.ensure_future(self.clock.sleep(delay))
        try:
            await asyncio.wait({changed, slept}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            changed.cancel()
            slept.cancel()

    def _next(self) -> _Waiter:
        """Whose turn it is: a probe goes at the cost of who has sent least; else who was refused
        goes first, having the fewest requests left."""
        if self._probing:
            return min(self._waiting, key=lambda waiter: (waiter.sent, waiter.number))
        return min(self._waiting, key=lambda waiter: (-waiter.sent, waiter.number))

    def _tell_next(self) -> None:
        """Lets the next one look again; it tells the one after it when it goes."""
        with self._lock:
            if self._waiting:
                self._next().tell()

    # --- learning ------------------------------------------------------------------------

    def _learn(self, number: int, fault: BaseException | None) -> None:
        if isinstance(fault, asyncio.CancelledError):
            return
        now = self.clock.now()
        kind = fault.kind if isinstance(fault, PassingFault) else ""
        wait = fault.wait if isinstance(fault, PassingFault) else None
        if wait:
            self._quiet_until = max(self._quiet_until, now + wait)
        if kind == "rate_limited" or kind in _DOWN:
            if self._silent_since is None:
                self._silent_since = now
            self._last_fault, self._last_kind = now, kind
            if not self._under_way:
                self._refused_at = now
        if kind == "rate_limited":
            if number >= self._cut_at:
                # A server that asks for too little time is believed once.
                if not wait or self._busy:
                    pause = min(FIRST_BUSY * 4**self._busy, LONGEST_PAUSE)
                    self._quiet_until = max(self._quiet_until, now + pause)
                self._busy += 1
            self._faults = 0  # it is there, and says so
            self._cut(number)
        elif kind in _DOWN:
            self._faults += 1
            self._cut(number)
            if self.is_open:
                pause = min(FIRST_PAUSE * 2 ** (self._faults - FAULTS_IN_A_ROW), LONGEST_PAUSE)
                _log.info(
                    "%s: %d requests failed in a row; all wait %.0f s, then one is tried",
                    *(self._server, self._faults, pause),
                )
                self._quiet_until = max(self._quiet_until, now + pause)
        else:
            self._faults = self._busy = 0
            self._silent_since = None
            self._grow(number)

    def _cut(self, number: int) -> None:
        """Halves once for all requests that were under way together."""
        taken = max(1, self._under_way)
        if number >= self._cut_at:
            if self._threshold == taken:
                self._patience = min(2 * self._patience, _MOST_PATIENT)
            self._limit = max(1.0, self.limit / 2)
            self._threshold = self._limit
            self._cut_at = next(self._numbers)
        self._taken = taken
        self._limit = min(self._limit, taken)

    def _grow(self, number: int) -> None:
        if number < self._cut_at:
            # Others were refused beside it: what stayed under way is what the server takes.
            self._threshold = self._taken
        if self._limit < self._threshold:
            self._limit = min(self._limit + 1, self._threshold)
        else:
            self._limit = min(self._limit + 1 / (self._limit * self._patience), MOST)


_paces: dict[tuple[str, str], Pace] = {}
_paces_lock = threading.Lock()


def shared_pace(server: str, key: str) -> Pace:
    """The process's one limiter of a server and a key.

    It outlives a run: a server that asked for a wait is owed it by the next run as well.
    """
    identity = (server, hashlib.sha256(key.encode()).hexdigest())
    with _paces_lock:
        return _paces.setdefault(identity, Pace(server))
