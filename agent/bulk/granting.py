"""What many processes may take of one language model, granted in one place.

`Grants` keeps it: the journal of answers, the budget of the run and of the day, and how many
requests may be under way at the server. `lent` gives a process stand-ins for these three, which
ask it. How a question gets there is the caller's: `Ask` awaits `Grants`' method of a name.

Each amount that is granted stands in a file before it is granted, with the run as its day. So who
keeps the grants may die and be started again: what was granted stays spent until its process says
what it took. A process that is silent for `LEASE_SECONDS` is given up: its places are free again,
and what was reserved for it stays spent, since the provider may charge it.
"""

from __future__ import annotations

import asyncio
import hashlib
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple, TypeVar
from uuid import uuid4

from agent.gateway.budget import Amount, Budget, Ledger, Limits, Reservation
from agent.gateway.faults import PassingFault
from agent.gateway.journal import Entry, Journal
from agent.gateway.pace import Pace
from agent.gateway.prices import Price
from agent.gateway.waits import rate_limit_left
from agent.judges import Lent

Ask = Callable[..., Awaitable[Any]]
"""`await ask("recall", key)`: what a method of `Grants` gives, or raises."""
T = TypeVar("T")

LEASE_SECONDS = 60.0
RENEW_SECONDS = 10.0


class Granted(NamedTuple):
    """What one request may take."""

    number: int
    """Of its entry in the ledger of the run."""
    amount: Amount
    entry: int | None
    """Of its entry in the ledger of the day, where there is one."""


@dataclass
class _Open:
    """A grant under way, of a process."""

    holder: str
    context: AbstractAsyncContextManager[Any]
    reservation: Reservation | None = None
    number: int = 0
    """In the ledger of the run, where something is reserved."""


class Grants:
    """The journal, the budget and the pace of one run. Belongs to one event loop.

    Args:
        folder: where the journal and what is spent are kept.
        run: names the run; started again under the same name, it goes on from what was granted.
        journal: whether answers are kept.
        limits, price, model: as of `Budget`.

    Raises:
        UsageError: dollars are limited and the model's price is unknown; a file cannot be opened.
    """

    def __init__(
        self,
        folder: Path,
        run: str,
        *,
        journal: bool,
        limits: Limits,
        price: Price | None,
        model: str,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._clock = clock
        self._heard: dict[str, float] = {}
        self._open: dict[str, _Open] = {}
        self._unwanted: set[str] = set()
        """Tokens of grants that nobody waits for any more."""
        self._paces: dict[str, Pace] = {}
        self._journal = Journal(folder / "journal.sqlite") if journal else None
        self._budget: Budget | None = None
        if limits:
            file = folder / "spending.sqlite"
            self._run = Ledger(file, today=lambda: f"run {run}")
            self._day = Ledger(file)
            self._budget = Budget(
                limits, price, ledger=self._day if limits.daily else None, model=model
            )
            self._budget.spent = self._run.spent()

    async def recall(self, key: str) -> Entry | None:
        """As `Journal.get`."""
        if self._journal is None:
            return None
        return await asyncio.to_thread(self._journal.get, key)

    async def keep(self, key: str, answer: str, about: Mapping[str, Any]) -> None:
        """As `Journal.put`."""
        if self._journal is not None:
            await asyncio.to_thread(self._journal.put, key, answer, **about)

    async def reserve(self, holder: str, token: str, sent: int, most: int) -> Granted:
        """Grants what a request may take, as soon as that fits.

        Args:
            holder: the process that asks.
            token: of this grant.
            sent, most: as of `Budget.reserved`.

        Raises:
            BudgetSpent, ModelUnavailable: as `Budget.reserved`.
        """
        if self._budget is None:
            raise RuntimeError("nothing is limited")
        self.alive(holder)
        context = self._budget.reserved(sent, most)
        reservation = await context.__aenter__()
        number = self._run.reserve(reservation.amount, Limits())
        if number is None:
            raise RuntimeError("a ledger without limits refused")
        await self._hold(token, _Open(holder, context, reservation, number))
        return Granted(number, reservation.amount, reservation.entry)

    async def settle(
        self, token: str, granted: Granted, amount: Amount, took: tuple[int, int] | None
    ) -> None:
        """Puts what a request took in place of what was granted; may be said again.

        Args:
            token: of the grant.
            granted: as `reserve` gave it.
            amount, took: as of `Reservation`.

        Raises:
            ModelUnavailable: the ledger cannot be written.
        """
        if self._budget is None:
            return
        await asyncio.to_thread(self._run.correct, granted.number, amount)
        open_ = self._open.pop(token, None)
        if open_ and open_.reservation:
            open_.reservation.amount, open_.reservation.took = amount, took
            await open_.context.__aexit__(None, None, None)
            return
        # It was granted before this was started again, or given up.
        if granted.entry is not None:
            await asyncio.to_thread(self._day.correct, granted.entry, amount)
        self._budget.spent = await asyncio.to_thread(self._run.spent)

    async def enter(self, holder: str, token: str, server: str, sent: int) -> None:
        """Grants a place at a server, as soon as there is one; see `Pace.place`.

        Raises:
            ModelUnavailable: the outage lasts too long.
        """
        self.alive(holder)
        context = self._pace(server).place(sent)
        await context.__aenter__()
        await self._hold(token, _Open(holder, context))

    async def leave(self, token: str, fault: BaseException | None) -> None:
        """Gives a place back.

        Args:
            token: of the grant.
            fault: how the request ended, if badly.

        Raises:
            ModelUnavailable: this fault was one too many.
        """
        if open_ := self._open.pop(token, None):  # else of before a start, or given up
            await open_.context.__aexit__(type(fault) if fault else None, fault, None)

    async def drop(self, token: str) -> None:
        """Whoever asked for a grant is not there any more; nothing was sent."""
        if open_ := self._open.pop(token, None):
            await self._dropped(open_)
        else:
            self._unwanted.add(token)

    def observe(self, server: str, headers: Mapping[str, str]) -> None:
        """As `Pace.observe`."""
        self._pace(server).observe(headers)

    def alive(self, holder: str) -> None:
        """A process says that it lives; who has been silent for too long is given up."""
        now = self._clock()
        self._heard[holder] = now
        for each in [one for one, when in self._heard.items() if now - when > LEASE_SECONDS]:
            del self._heard[each]
            for token in [one for one, open_ in self._open.items() if open_.holder == each]:
                # Not settled: what was reserved stays spent.
                asyncio.get_running_loop().create_task(_given_up(self._open.pop(token)))

    async def _hold(self, token: str, open_: _Open) -> None:
        if token in self._unwanted:
            self._unwanted.discard(token)
            await self._dropped(open_)
        else:
            self._open[token] = open_

    async def _dropped(self, open_: _Open) -> None:
        if open_.reservation:
            open_.reservation.release()
            self._run.correct(open_.number, Amount())
        await _given_up(open_)

    def close(self) -> None:
        """Closes the files."""
        if self._journal is not None:
            self._journal.close()
        if self._budget:
            self._run.close()
            self._day.close()

    def _pace(self, name: str) -> Pace:
        return self._paces.setdefault(name, Pace(name.partition(" ")[0]))


async def _given_up(open_: _Open) -> None:
    # As if cancelled: how it ended says nothing about the server.
    ended = asyncio.CancelledError()
    await open_.context.__aexit__(asyncio.CancelledError, ended, None)


def lent(
    ask: Ask, loop: asyncio.AbstractEventLoop, *, journal: bool, limited: bool, price: Price | None
) -> Lent:
    """Stand-ins that ask the grants, for the models of one process.

    Args:
        ask: asks them, in `loop`.
        loop: in which the models are.
        journal: whether answers are kept.
        limited: whether there is a budget.
        price: of the model.
    """
    holder = uuid4().hex
    return Lent(
        journal=_Answers(ask, loop) if journal else None,
        budget=_Purse(ask, holder, price) if limited else None,
        pace=lambda server, key: _Places(ask, holder, server, key),
        holder=holder,
    )


async def renew(ask: Ask, holder: str) -> None:
    """Tells the grants again and again that this process lives; ends when it is cancelled."""
    while True:
        await ask("alive", holder)
        await asyncio.sleep(RENEW_SECONDS)


class _Answers:
    """The journal, asked from any thread but the loop's."""

    def __init__(self, ask: Ask, loop: asyncio.AbstractEventLoop) -> None:
        self._ask, self._loop = ask, loop

    def get(self, key: str) -> Entry | None:
        entry: Entry | None = self._now("recall", key)
        return entry

    def put(self, key: str, answer: str, **about: Any) -> None:
        self._now("keep", key, answer, about)

    def _now(self, *question: Any) -> Any:
        async def asked() -> Any:
            return await self._ask(*question)

        return asyncio.run_coroutine_threadsafe(asked(), self._loop).result()


class _Purse:
    """The budget."""

    def __init__(self, ask: Ask, holder: str, price: Price | None) -> None:
        self._ask, self._holder, self._price = ask, holder, price

    @asynccontextmanager
    async def reserved(
        self, sent: int, most: int, *, entry: int | None = None
    ) -> AsyncIterator[Reservation]:
        """As `Budget.reserved`; requests in batches are no matter of a cluster's."""
        token = uuid4().hex
        granted: Granted = await _or_drop(
            self._ask, token, self._ask("reserve", self._holder, token, sent, most)
        )
        reservation = Reservation(granted.amount, self._price, granted.entry)
        try:
            yield reservation
        finally:
            # To its end, whoever is cancelled: what was taken has to be known.
            settled = self._ask("settle", token, granted, reservation.amount, reservation.took)
            await asyncio.shield(asyncio.ensure_future(settled))


class _Places(Pace):
    """The limiter of a server and a key."""

    def __init__(self, ask: Ask, holder: str, server: str, key: str) -> None:
        super().__init__(server)
        self._ask, self._holder = ask, holder
        self._name = f"{server} {hashlib.sha256(key.encode()).hexdigest()}"
        self._telling: set[asyncio.Future[Any]] = set()

    @asynccontextmanager
    async def place(self, sent: int = 0) -> AsyncIterator[None]:
        """As `Pace.place`."""
        token = uuid4().hex
        await _or_drop(self._ask, token, self._ask("enter", self._holder, token, self._name, sent))
        fault: BaseException | None = None
        try:
            yield
        except PassingFault as error:
            fault = error
            raise
        except asyncio.CancelledError:
            fault = asyncio.CancelledError()  # without what hangs on this one
            raise
        finally:
            await asyncio.shield(asyncio.ensure_future(self._ask("leave", token, fault)))

    def observe(self, headers: Mapping[str, str]) -> None:
        """As `Pace.observe`."""
        if rate_limit_left(headers) is not None:
            said = {name.lower(): value for name, value in headers.items()}
            telling = asyncio.ensure_future(self._ask("observe", self._name, said))
            self._telling.add(telling)
            telling.add_done_callback(self._telling.discard)


async def _or_drop(ask: Ask, token: str, asked: Awaitable[T]) -> T:
    """What was asked for; who is cancelled meanwhile has it dropped."""
    try:
        return await asked
    except asyncio.CancelledError:
        await asyncio.shield(asyncio.ensure_future(ask("drop", token)))
        raise
