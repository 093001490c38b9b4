"""One journal, one budget and one count of requests for the models of several processes."""

from __future__ import annotations

import asyncio
import pickle
from collections.abc import Iterator
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import pytest

from agent.bulk.granting import LEASE_SECONDS, Ask, Grants, lent
from agent.gateway.budget import BudgetSpent, Ledger, Limits
from agent.gateway.faults import PassingFault
from agent.gateway.pace import START
from agent.gateway.prices import Price
from agent.judges import Lent

SERVER, KEY = "model.example", "key"


class Time:
    """A clock that is set by hand."""

    now = 0.0

    def __call__(self) -> float:
        return self.now


class Granting:
    """Grants that can be ended and started again, and the processes that ask them."""

    def __init__(self, folder: Path, limits: Limits, price: Price | None = None) -> None:
        self.folder, self.limits, self.clock = folder, limits, Time()
        self.price = price
        self.grants = self._start()

    def _start(self) -> Grants:
        return Grants(
            self.folder,
            "r1",
            journal=True,
            limits=self.limits,
            price=self.price,
            model="a model",
            clock=self.clock,
        )

    def restart(self) -> None:
        self.grants.close()
        self.grants = self._start()

    def process(self) -> Lent:
        limited = bool(self.limits)
        loop = asyncio.get_running_loop()
        return lent(self._ask(), loop, journal=True, limited=limited, price=self.price)

    def _ask(self) -> Ask:
        async def ask(name: str, *arguments: Any) -> Any:
            """As between processes: what is said is pickled, and so is what comes back."""
            sent = pickle.loads(pickle.dumps(arguments))  # noqa: S301 - our own
            try:
                told = getattr(self.grants, name)(*sent)
                answer = await told if asyncio.iscoroutine(told) else told
            except Exception as error:
                raise pickle.loads(pickle.dumps(error)) from None  # noqa: S301 - our own
            return pickle.loads(pickle.dumps(answer))  # noqa: S301 - our own

        return ask

    def spent(self) -> int:
        with Ledger(self.folder / "spending.sqlite", today=lambda: "run r1") as ledger:
            return ledger.spent().tokens


@pytest.fixture
def granting(tmp_path: Path) -> Iterator[Granting]:
    made = Granting(tmp_path, Limits(tokens=100))
    yield made
    made.grants.close()


async def _soon() -> None:
    """Lets everything happen that need not wait for anything."""
    for _ in range(50):
        await asyncio.sleep(0)


async def test_processes_together_never_pass_the_budget(granting: Granting) -> None:
    one, other = granting.process(), granting.process()
    assert one.budget and other.budget
    order = []

    async def second() -> None:
        assert other.budget
        async with other.budget.reserved(20, 20) as reservation:
            order.append("second")
            reservation.settle(20, 20)

    async with one.budget.reserved(40, 40) as reservation:
        waiting = asyncio.create_task(second())
        await asyncio.sleep(0.05)
        order.append("first")
        reservation.settle(10, 10)
    await waiting
    assert order == ["first", "second"]
    assert granting.spent() == 60
    with pytest.raises(BudgetSpent, match="this run has taken 60 tokens"):
        async with other.budget.reserved(25, 25):
            pass


async def test_what_was_granted_before_a_crash_is_spent_until_it_is_settled(
    granting: Granting,
) -> None:
    process = granting.process()
    assert process.budget
    async with process.budget.reserved(30, 30) as reservation:
        granting.restart()
        with pytest.raises(BudgetSpent):
            async with process.budget.reserved(30, 30):
                pass
        reservation.settle(5, 5)
    assert granting.spent() == 10
    async with process.budget.reserved(45, 45) as reservation:
        reservation.settle(45, 45)
    assert granting.spent() == 100


async def test_settling_twice_counts_once(granting: Granting) -> None:
    grants = granting.grants
    granted = await grants.reserve("p", "t", 30, 30)
    for _ in range(2):  # as where the answer to the first was lost
        await grants.settle("t", granted, granted.amount, None)
    assert granting.spent() == 60


async def test_a_process_that_has_died_frees_its_places_and_stays_charged(
    granting: Granting,
) -> None:
    grants = granting.grants
    for number in range(START):
        await grants.enter("dead", f"place {number}", SERVER, 0)
    await grants.reserve("dead", "reserved", 30, 30)
    waiting = asyncio.create_task(grants.enter("living", "mine", SERVER, 0))
    granting.clock.now = LEASE_SECONDS - 1
    grants.alive("living")
    await _soon()
    assert not waiting.done()
    granting.clock.now = LEASE_SECONDS + 1
    grants.alive("living")
    await asyncio.wait_for(waiting, 5)
    with pytest.raises(BudgetSpent):  # nothing is under way that may leave more
        await asyncio.wait_for(grants.reserve("living", "more", 30, 30), 5)
    assert granting.spent() == 60


async def test_a_server_that_is_busy_slows_all_processes_down(granting: Granting) -> None:
    one, other = (granting.process().pace(SERVER, KEY) for _ in range(2))
    async with AsyncExitStack() as held:
        for pace in (one, other) * (START // 2):
            await held.enter_async_context(pace.place())
        waiting = asyncio.create_task(other.place().__aenter__())
        await _soon()
        assert not waiting.done()
        waiting.cancel()
    (shared,) = granting.grants._paces.values()
    before = shared.limit
    with pytest.raises(PassingFault):
        async with one.place():
            raise PassingFault("rate_limited", "the server is busy", "", wait=0.01)
    assert shared.limit < before
    assert shared.under_way == 0


async def test_who_stops_waiting_is_granted_nothing(granting: Granting) -> None:
    process = granting.process()
    assert process.budget
    async with process.budget.reserved(40, 40) as reservation:
        waiting = asyncio.create_task(process.budget.reserved(40, 40).__aenter__())
        await asyncio.sleep(0.05)
        waiting.cancel()
        with pytest.raises(asyncio.CancelledError):
            await waiting
        reservation.settle(10, 10)
    await asyncio.sleep(0.05)
    assert granting.spent() == 20
    async with process.budget.reserved(40, 40) as reservation:
        reservation.settle(1, 1)


async def test_what_one_process_was_answered_another_need_not_ask(granting: Granting) -> None:
    one, other = granting.process().journal, granting.process().journal
    assert one and other
    about = {"prompt": "rate", "model": "m", "prompt_tokens": 3, "completion_tokens": 4}
    await asyncio.to_thread(lambda: one.put("key", "{}", **about))  # type: ignore[arg-type]
    entry = await asyncio.to_thread(other.get, "key")
    assert entry is not None
    assert (entry.answer, entry.model, entry.prompt_tokens) == ("{}", "m", 3)
    assert await asyncio.to_thread(other.get, "another key") is None


async def test_dollars_are_reckoned_where_they_are_spent(tmp_path: Path) -> None:
    granting = Granting(tmp_path, Limits(usd=1.0), Price(1.0, 1.0))
    process = granting.process()
    assert process.budget
    async with process.budget.reserved(400_000, 400_000) as reservation:
        reservation.settle(100_000, 100_000)
    with Ledger(tmp_path / "spending.sqlite", today=lambda: "run r1") as ledger:
        assert ledger.spent().nanodollars == 200_000_000
    granting.grants.close()
