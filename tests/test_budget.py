"""Budgets: reserved before a request is sent, corrected after, never overspent."""

from __future__ import annotations

import asyncio
import random
import sqlite3
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agent.errors import UsageError
from agent.gateway.budget import (
    Amount,
    Budget,
    BudgetSpent,
    Ledger,
    Limits,
    longest_answer,
)
from agent.gateway.prices import Price

PRICE = Price(2.0, 8.0, cached_input=0.5)


def spend(budget: Budget, *requests: tuple[int, int, int, int]) -> list[bool]:
    """Sends requests side by side: tokens sent and the most to get, then what they took."""

    async def one(number: int, sent: int, most: int, took: int, got: int) -> bool:
        try:
            async with budget.reserved(sent, most) as reservation:
                for _ in range(number % 3):
                    await asyncio.sleep(0)
                reservation.settle(took, got)
        except BudgetSpent:
            return False
        return True

    async def all_of_them() -> list[bool]:
        return list(await asyncio.gather(*(one(n, *each) for n, each in enumerate(requests))))

    return asyncio.run(all_of_them())


# --- within a run -------------------------------------------------------------------------


@settings(max_examples=40)
@given(
    st.lists(st.tuples(*[st.integers(0, 900)] * 2, *[st.floats(0, 1)] * 2), max_size=12),
    st.integers(1, 4000),
    st.floats(1e-5, 0.02),
    st.randoms(use_true_random=False),
)
def test_whatever_requests_cost_and_however_they_interleave_a_budget_is_never_overspent(
    requests: list[tuple[int, int, float, float]], tokens: int, usd: float, draw: random.Random
) -> None:
    limits = Limits(usd=usd, tokens=tokens)
    most_seen = Amount()

    async def run() -> None:
        nonlocal most_seen
        budget = Budget(limits, PRICE)
        under_way = Amount()

        async def one(sent: int, most: int, share: float, answered: float) -> None:
            nonlocal most_seen, under_way
            for _ in range(draw.randrange(3)):
                await asyncio.sleep(0)
            try:
                async with budget.reserved(sent, most) as reservation:
                    assert budget.spent.within(limits.tokens, limits.usd)
                    most_seen = max(most_seen, budget.spent, key=lambda a: a.tokens)
                    for _ in range(draw.randrange(4)):
                        await asyncio.sleep(0)
                    if draw.random() < 0.2:
                        raise ConnectionError
                    reservation.settle(int(sent * share), int(most * answered))
            except (BudgetSpent, ConnectionError):
                pass

        tasks = [asyncio.create_task(one(*each)) for each in requests]
        if tasks and draw.random() < 0.3:
            await asyncio.sleep(0)
            draw.choice(tasks).cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        assert budget.spent.within(limits.tokens, limits.usd)

    asyncio.run(run())
    assert most_seen.within(limits.tokens, limits.usd)


def test_a_request_that_does_not_fit_waits_for_what_others_leave() -> None:
    budget = Budget(Limits(tokens=1000), None)
    assert spend(budget, (100, 800, 100, 50), (100, 700, 100, 60)) == [True, True]
    assert budget.spent.tokens == 310


def test_a_spent_budget_is_told_at_once_with_what_would_help() -> None:
    budget = Budget(Limits(tokens=500), None)
    assert spend(budget, (100, 300, 100, 300), (100, 300, 0, 0)) == [True, False]

    async def ask() -> None:
        async with budget.reserved(100, 300):
            pass

    with pytest.raises(BudgetSpent, match=r"taken 400 tokens.* may take 400 tokens.*Raise it"):
        asyncio.run(ask())


def test_a_server_that_counts_or_writes_more_than_was_reserved_is_reserved_more_for() -> None:
    budget = Budget(Limits(tokens=60_000), None)
    answered = spend(budget, (1000, 1100, 5000, 5000))
    answered += spend(budget, *[(1000, 1100, 5000, 5000)] * 12)
    assert answered.count(True) == 6
    assert budget.spent.tokens == 60_000


def test_dollars_are_what_the_server_charges_and_else_what_the_price_comes_to() -> None:
    async def run() -> None:
        budget = Budget(Limits(usd=1.0), PRICE)
        async with budget.reserved(1000, 1000) as reservation:
            assert budget.spent.nanodollars == 10_000_000
            reservation.settle(1000, 100, cached=500)
        assert budget.spent.nanodollars == 2_050_000
        async with budget.reserved(1000, 1000) as reservation:
            reservation.settle(1000, 100, charged=0.001)
        assert budget.spent.nanodollars == 3_050_000
        async with budget.reserved(1000, 1000) as reservation:
            reservation.release()
        assert budget.spent == Amount(2200, 3_050_000)

    asyncio.run(run())


def test_a_budget_in_dollars_needs_a_price() -> None:
    with pytest.raises(UsageError, match=r"nobody knows what openai:x costs.*--price-in"):
        Budget(Limits(usd=1), None, model="openai:x")
    with pytest.raises(UsageError, match="nobody knows"):
        Budget(Limits(usd_day=1), None)
    Budget(Limits(tokens=1), None)


@pytest.mark.parametrize("limits", [{"usd": 0}, {"tokens": -1}, {"usd_day": float("nan")}])
def test_a_limit_is_a_number_above_zero(limits: dict[str, float]) -> None:
    with pytest.raises(UsageError, match="--budget-"):
        Limits(**limits)  # type: ignore[arg-type]


def test_an_answer_may_be_longer_than_its_question_and_has_an_end() -> None:
    assert longest_answer(500) == 2524
    assert longest_answer(50_000) == 8192


# --- within a day -------------------------------------------------------------------------


def test_what_runs_of_a_day_spend_is_one_sum_and_ends_with_the_day(tmp_path: Path) -> None:
    day = ["2026-11-22"]
    with (
        Ledger(tmp_path / "spending.sqlite", today=lambda: day[0]) as ours,
        Ledger(tmp_path / "spending.sqlite", today=lambda: day[0]) as theirs,
    ):
        limits = Limits(tokens_day=1000)
        first, second = (Budget(limits, None, ledger=ledger) for ledger in (ours, theirs))
        assert spend(first, (100, 500, 100, 400)) == [True]
        assert spend(second, (100, 500, 100, 400)) == [False]
        assert spend(second, (100, 400, 100, 200)) == [True]
        assert theirs.spent() == ours.spent() == Amount(800)
        day[0] = "2026-11-23"
        assert spend(second, (100, 500, 100, 400)) == [True]


def test_two_processes_do_not_both_take_the_last_of_a_day(tmp_path: Path) -> None:
    limits = Limits(tokens_day=100)
    with Ledger(tmp_path / "s") as ours, Ledger(tmp_path / "s") as theirs:
        assert ours.reserve(Amount(60), limits) is not None
        assert theirs.reserve(Amount(60), limits) is None
        assert theirs.reserve(Amount(40), limits) is not None


def test_what_a_killed_run_had_under_way_stays_spent(tmp_path: Path) -> None:
    limits = Limits(tokens_day=100)
    with Ledger(tmp_path / "s") as killed:
        killed.reserve(Amount(60), limits)
    with Ledger(tmp_path / "s") as ours:
        assert ours.spent() == Amount(60)


def test_who_waits_for_the_ledger_does_not_hold_the_others_up(tmp_path: Path) -> None:
    async def run(ledger: Ledger) -> int:
        ticks = 0
        budget = Budget(Limits(tokens_day=1000), None, ledger=ledger)
        other = sqlite3.connect(ledger.path, isolation_level=None)
        other.execute("begin immediate")
        asked = asyncio.create_task(reserve(budget))
        while ticks < 5:
            await asyncio.sleep(0.01)
            ticks += not asked.done()
        other.execute("commit")
        other.close()
        await asked
        return ticks

    async def reserve(budget: Budget) -> None:
        async with budget.reserved(10, 10):
            pass

    with Ledger(tmp_path / "s") as ledger:
        assert asyncio.run(run(ledger)) == 5


def test_a_file_that_is_no_ledger_is_refused(tmp_path: Path) -> None:
    (tmp_path / "s").write_bytes(b"not a database, but long enough to be taken for one" * 30)
    with pytest.raises(UsageError, match="the day's spending cannot be read from s"):
        Ledger(tmp_path / "s")
