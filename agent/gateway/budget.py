"""What may be spent: a request's cost is reserved before it is sent, and corrected after.

A reservation is for the most that a request can cost: its prompt as estimated, and the longest
answer that it allows. So requests side by side never overspend together. One that does not fit
waits for what is under way to be settled, since that mostly costs less than was reserved; where
nothing is under way the budget is spent, and the claim fails with the kind `budget`. The same
command with a larger budget goes on from there.

What was spent today is kept in a file beside the journal, by all runs that have a budget for
the day. A request whose process died stays in it with all that was reserved: the provider may
have charged it. One that is on its way in a batch keeps its entry: it is charged once, however
often the command is run that waits for it.

Where a server counts more tokens than were estimated, or writes longer answers than it was
allowed, the next reservations are larger accordingly.
"""

from __future__ import annotations

import asyncio
import math
import sqlite3
import threading
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Protocol, Self

from agent.errors import ClaimFailed, ModelUnavailable, UsageError
from agent.gateway.prices import Price

_NANO = 1_000_000_000
"""Sums are whole nanodollars, rounded up: sums of floats drift, and might pass a limit."""

MAY_BE_CHARGED = frozenset({"timeout", "network", "bad_reply", "too_large"})
"""Faults after which the provider may have worked, and charges: their reservation stays spent."""


_LONGEST = 8192
_REASONS = 1024
_TIMES_WHAT_IS_SENT = 3


def longest_answer(asked: int) -> int:
    """Tokens that an answer may have within a budget.

    An answer quotes what it was sent and says something of each piece. With the key of `newsroom`
    for a model, one that splits has about twice the tokens of its sentences, one that rates far
    fewer than its passages (`evals.llm.dryrun`). A longer one is cut, and asked for once more with
    more room.

    Args:
        asked: tokens of the question, without instructions.
    """
    return min(_REASONS + _TIMES_WHAT_IS_SENT * asked, _LONGEST)


class BudgetSpent(ClaimFailed):
    """The next request does not fit into what is left of the budget."""

    exit_code = 7


@dataclass(frozen=True)
class Limits:
    """What may be spent; None where there is no limit.

    Attributes:
        usd, tokens: by this run.
        usd_day, tokens_day: by all runs of today (UTC) with the same library that have a
            budget for the day.
    """

    usd: float | None = None
    tokens: int | None = None
    usd_day: float | None = None
    tokens_day: int | None = None

    def __post_init__(self) -> None:
        for name in ("usd", "tokens", "usd_day", "tokens_day"):
            value = getattr(self, name)
            if value is not None and not 0 < value < math.inf:
                option = f"--budget-{name.replace('_', '-')}"
                raise UsageError(f"{option} must be a number above 0, not {value}")

    def __bool__(self) -> bool:
        return self != Limits()

    @property
    def daily(self) -> bool:
        """Whether a ledger of the day is needed."""
        return self.usd_day is not None or self.tokens_day is not None


@dataclass(frozen=True)
class Amount:
    """What a request takes."""

    tokens: int = 0
    nanodollars: int = 0

    def __add__(self, other: Amount) -> Amount:
        return Amount(self.tokens + other.tokens, self.nanodollars + other.nanodollars)

    def __sub__(self, other: Amount) -> Amount:
        return Amount(self.tokens - other.tokens, self.nanodollars - other.nanodollars)

    def within(self, tokens: int | None, usd: float | None) -> bool:
        """Whether it is no more than these limits."""
        return (tokens is None or self.tokens <= tokens) and (
            usd is None or self.nanodollars <= math.floor(usd * _NANO)
        )


class Reservation:
    """What one request may take, until it is settled."""

    def __init__(self, amount: Amount, price: Price | None, entry: int | None = None) -> None:
        self.amount = amount
        self.entry = entry
        """In the day's ledger, if there is one."""
        self.took: tuple[int, int] | None = None
        """Tokens of the prompt and of the answer, once it is settled."""
        self._price = price

    def settle(
        self,
        sent: int,
        got: int,
        *,
        cached: int = 0,
        charged: float | None = None,
        batch: bool = False,
    ) -> None:
        """Puts what it took in place of what was reserved.

        Args:
            sent, got: tokens of the prompt and of the answer.
            cached: tokens of the prompt that lay in the provider's cache.
            charged: dollars that the server says it charges, if it does.
            batch: whether the answer came in a batch.
        """
        self.took = (sent, got)
        self.amount = _amount(sent, got, self._price, cached=cached, charged=charged, batch=batch)

    def release(self) -> None:
        """The server refused it: nothing is charged."""
        self.amount = Amount()


class Purse(Protocol):
    """What grants a request its cost: `Budget`, or who asks another process's."""

    def reserved(
        self, sent: int, most: int, *, entry: int | None = None
    ) -> AbstractAsyncContextManager[Reservation]:
        """As `Budget.reserved`."""


class Budget:
    """The limits of a run, and what it has spent of them. Belongs to one event loop.

    Args:
        limits: what may be spent.
        price: of the model; None where it is unknown.
        ledger: what is spent today; needed for limits of the day.
        model: its name, for messages.

    Raises:
        UsageError: dollars are limited and the model's price is unknown.
    """

    def __init__(
        self,
        limits: Limits,
        price: Price | None,
        *,
        ledger: Ledger | None = None,
        model: str = "the model",
    ) -> None:
        if price is None and (limits.usd is not None or limits.usd_day is not None):
            raise UsageError(
                f"nobody knows what {model} costs, so a budget in dollars cannot be kept",
                "Name its prices with --price-in and --price-out, or limit --budget-tokens",
            )
        if limits.daily and ledger is None:
            raise UsageError("a budget for the day needs a library to keep it beside")
        self.limits = limits
        self.spent = Amount()
        """What requests took, or may take where they are under way."""
        self._price = price
        self._ledger = ledger
        self._under_way = 0
        self._short = 1.0
        """How often the estimate of a prompt went into what a server counted, at most."""
        self._seen = (0, 0)
        """Most tokens of prompts and of answers where an answer was longer than was allowed."""
        self._turn = asyncio.Lock()
        self._settled = asyncio.Event()
        """Set when a request is settled, and replaced by another."""

    @asynccontextmanager
    async def reserved(
        self, sent: int, most: int, *, entry: int | None = None
    ) -> AsyncIterator[Reservation]:
        """Reserves a request's cost while it is under way.

        What is not settled in the body stays spent.

        Args:
            sent: tokens of the prompt, estimated.
            most: tokens that the answer may have.
            entry: in the day's ledger, where an earlier run has reserved the same request.

        Raises:
            BudgetSpent: it does not fit, and nothing is under way that may leave more.
            ModelUnavailable: kind `budget`, the ledger cannot be written.
        """
        reservation = await self._reserve(sent, most, entry)
        wanted = reservation.amount
        try:
            yield reservation
        finally:
            # Before anything is awaited: a cancelled task must leave the sums right, too.
            self.spent += reservation.amount - wanted
            if reservation.took:
                self._learn(sent, most, *reservation.took)
            try:
                if self._ledger and reservation.entry is not None:
                    await asyncio.to_thread(
                        self._ledger.correct, reservation.entry, reservation.amount
                    )
            finally:
                self._under_way -= 1
                self._settled.set()
                self._settled = asyncio.Event()

    async def _reserve(self, sent: int, most: int, entry: int | None) -> Reservation:
        while True:
            settled = self._settled
            # In turn: asking the ledger takes a while, and two must not both see it fit.
            async with self._turn:
                likely = max(math.ceil(sent * self._short), self._seen[0])
                wanted = _amount(likely, max(most, self._seen[1]), self._price)
                if (self.spent + wanted).within(self.limits.tokens, self.limits.usd):
                    if self._ledger:
                        entry = await asyncio.to_thread(
                            self._ledger.reserve, wanted, self.limits, entry
                        )
                    if entry is not None or self._ledger is None:
                        self.spent += wanted
                        self._under_way += 1
                        return Reservation(wanted, self._price, entry)
            if not self._under_way and not settled.is_set():
                raise self._is_spent(wanted)
            await settled.wait()

    def _learn(self, sent: int, most: int, took: int, got: int) -> None:
        """Notes where a server counts more than was reserved."""
        self._short = max(self._short, took / sent if sent else 1.0)
        if got > most:
            self._seen = (max(self._seen[0], took), max(self._seen[1], got))

    def _is_spent(self, wanted: Amount) -> BudgetSpent:
        ours = (self.spent + wanted).within(self.limits.tokens, self.limits.usd)
        which = "budget for the day" if ours else "budget"
        in_dollars = self.limits.usd is not None or self.limits.usd_day is not None
        taken = f"{self.spent.tokens:,} tokens"
        if in_dollars:
            taken += f" and ${self.spent.nanodollars / _NANO:.4f}"
        return BudgetSpent(
            "budget",
            f"the {which} is spent: this run has taken {taken}, and its next request may take "
            f"{wanted.tokens:,} tokens" + (f" and ${wanted.nanodollars / _NANO:.4f}" * in_dollars),
            "Raise it and run the command again: nothing finished is asked for again",
        )


def _amount(
    sent: int,
    got: int,
    price: Price | None,
    *,
    cached: int = 0,
    charged: float | None = None,
    batch: bool = False,
) -> Amount:
    usd = charged
    if usd is None:
        usd = price.cost(sent, got, cached=cached, batch=batch) if price else 0.0
    # Rounded first: what a float adds to a whole number of nanodollars is no cost.
    return Amount(sent + got, math.ceil(round(usd * _NANO, 3)))


_TABLE = """
create table if not exists spending (
    id integer primary key,
    day text not null,
    tokens integer not null,
    nanodollars integer not null
);
create index if not exists spending_by_day on spending (day);
"""


def _today() -> str:
    return datetime.now(UTC).date().isoformat()


class Ledger:
    """What is spent each day, in one SQLite file that several processes may share.

    Args:
        path: the file; made where there is none.
        today: the day, ISO 8601; tests have another.

    Raises:
        UsageError: the file cannot be opened, or is no ledger.
    """

    def __init__(self, path: Path, *, today: Callable[[], str] = _today) -> None:
        self.path = path
        self._today = today
        self._lock = threading.Lock()
        try:
            self._database = sqlite3.connect(
                path, timeout=30, isolation_level=None, check_same_thread=False
            )
            self._database.execute("pragma journal_mode = wal")
            self._database.execute("pragma synchronous = normal")
            self._database.executescript(_TABLE)
        except sqlite3.Error as error:
            raise UsageError(
                f"the day's spending cannot be read from {path.name} ({error})",
                "Check the folder's permissions, or delete the file to begin anew",
            ) from error

    def spent(self) -> Amount:
        """What is spent today, what is under way included."""
        with self._lock:
            return self._spent()

    def reserve(self, wanted: Amount, limits: Limits, entry: int | None = None) -> int | None:
        """Enters what a request may take; None, and no entry, where it does not fit.

        Args:
            wanted: what it may take.
            limits: those of the day count.
            entry: an earlier one for the same request, which is used again. It was let through
                when the request was sent, and stays with its day.

        Raises:
            ModelUnavailable: kind `budget`, the file cannot be written.
        """
        with self._lock:
            try:
                # One writer at a time from here: two processes must not both see it fit.
                self._database.execute("begin immediate")
                if entry is not None and self._enter(entry, wanted):
                    self._database.execute("commit")
                    return entry
                entry = None
                fits = (self._spent() + wanted).within(limits.tokens_day, limits.usd_day)
                if fits:
                    row = (self._today(), wanted.tokens, wanted.nanodollars)
                    entry = self._database.execute(
                        "insert into spending (day, tokens, nanodollars) values (?, ?, ?)", row
                    ).lastrowid
                self._database.execute("commit")
                return entry
            except sqlite3.Error as error:
                if self._database.in_transaction:
                    self._database.execute("rollback")
                raise self._unusable(error) from error

    def correct(self, entry: int, amount: Amount) -> None:
        """Puts what a request took in place of what was reserved.

        Raises:
            ModelUnavailable: kind `budget`, the file cannot be written.
        """
        with self._lock:
            try:
                self._enter(entry, amount)
            except sqlite3.Error as error:
                raise self._unusable(error) from error

    def close(self) -> None:
        """Closes the file."""
        with self._lock:
            self._database.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _enter(self, entry: int, amount: Amount) -> bool:
        """Whether there is such an entry."""
        row = (amount.tokens, amount.nanodollars, entry)
        query = "update spending set tokens = ?, nanodollars = ? where id = ?"
        return self._database.execute(query, row).rowcount == 1

    def _spent(self) -> Amount:
        tokens, nanodollars = self._database.execute(
            "select coalesce(sum(tokens), 0), coalesce(sum(nanodollars), 0)"
            " from spending where day = ?",
            (self._today(),),
        ).fetchone()
        return Amount(int(tokens), int(nanodollars))

    def _unusable(self, error: sqlite3.Error) -> ModelUnavailable:
        return ModelUnavailable(
            "budget",
            f"the day's spending cannot be kept in {self.path.name} ({error})",
            "Check the disk's free space; the same command goes on from here",
        )
