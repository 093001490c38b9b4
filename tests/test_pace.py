"""The common pace: how many requests are under way, when none may be, and when a run ends."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Coroutine
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agent.errors import ClaimFailed, ModelUnavailable
from agent.gateway.faults import PassingFault
from agent.gateway.pace import (
    FAULTS_IN_A_ROW,
    LONGEST_OUTAGE,
    LONGEST_PAUSE,
    MOST,
    START,
    Clock,
    Pace,
    shared_pace,
)
from agent.gateway.waits import rate_limit_left, seconds_of, wait_asked
from evals.faults.virtual_time import VirtualLoop

BUSY = PassingFault("rate_limited", "busy")
DOWN = PassingFault("server", "down")


def run(work: Coroutine[Any, Any, Any]) -> Any:
    with asyncio.Runner(loop_factory=VirtualLoop) as runner:
        return runner.run(work)


def now() -> float:
    return asyncio.get_running_loop().time()


async def ask(
    pace: Pace, fault: Exception | None = None, *, takes: float = 1.0, sent: int = 0
) -> float:
    """One request; when it was sent."""
    try:
        async with pace.place(sent):
            at = now()
            await asyncio.sleep(takes)
            if fault:
                raise fault
    except (PassingFault, ClaimFailed) as met:
        if met is not fault:
            raise
    return at


def test_at_most_the_limit_is_under_way_and_nobody_is_left_waiting() -> None:
    async def work() -> None:
        pace = Pace(start=3)
        most = 0

        async def one() -> None:
            nonlocal most
            async with pace.place():
                most = max(most, pace.under_way)
                await asyncio.sleep(1)
                raise asyncio.CancelledError  # teaches nothing

        await asyncio.gather(*(one() for _ in range(10)), return_exceptions=True)
        assert most == 3 and pace.under_way == 0 and now() == 4

    run(work())


def test_the_limit_grows_while_answers_come_and_is_halved_once_for_a_burst_of_refusals() -> None:
    async def work() -> None:
        pace = Pace()
        await asyncio.gather(*(ask(pace) for _ in range(START)))
        assert pace.limit == 2 * START
        refused = [ask(pace, BUSY, takes=0.1) for _ in range(4)]
        await asyncio.gather(*(ask(pace) for _ in range(START)), *refused)
        assert START <= pace.limit < 2 * START

    run(work())


def test_what_stays_under_way_beside_refusals_is_what_the_server_takes() -> None:
    async def work() -> None:
        pace = Pace(start=12)
        await asyncio.gather(
            *(ask(pace) for _ in range(4)), *(ask(pace, BUSY, takes=0.1) for _ in range(8))
        )
        assert pace.limit == 4

    run(work())


def test_where_a_server_asks_to_wait_nobody_is_sent_before_then() -> None:
    async def work() -> None:
        pace = Pace()
        await ask(pace, PassingFault("rate_limited", "busy", wait=30))
        assert await ask(pace) >= 31
        await ask(pace, PassingFault("server", "busy", wait=7), takes=0)
        later = now() + 7
        assert min(await asyncio.gather(ask(pace), ask(pace))) >= later

    run(work())


def test_when_nothing_is_left_of_a_rate_limit_nobody_is_sent_before_its_reset() -> None:
    async def work() -> None:
        pace = Pace()
        pace.observe({"x-ratelimit-remaining-requests": "2", "x-ratelimit-reset-requests": "20s"})
        await asyncio.gather(*(ask(pace) for _ in range(4)))
        assert now() == 2  # two at once
        pace.observe({"x-ratelimit-remaining-requests": "0", "x-ratelimit-reset-requests": "20s"})
        assert await ask(pace) == 22

    run(work())


def test_who_was_refused_before_goes_first() -> None:
    async def work() -> None:
        pace, order = Pace(start=1), []

        async def one(sent: int) -> None:
            async with pace.place(sent):
                order.append(sent)
                await asyncio.sleep(1)

        await asyncio.gather(*(one(sent) for sent in (1, 0, 2, 3, 0)))
        assert order == [1, 3, 2, 0, 0]

    run(work())


def test_after_faults_in_a_row_all_pause_and_one_goes_first_who_has_sent_least() -> None:
    async def work() -> None:
        pace = Pace()
        await asyncio.gather(*(ask(pace, DOWN, takes=0) for _ in range(FAULTS_IN_A_ROW)))
        assert pace.is_open
        began = now()
        sent = await asyncio.gather(*(ask(pace, sent=3 - n) for n in range(4)))
        assert sorted(sent)[0] == sent[3] >= began + 1
        assert sorted(sent)[1] >= sent[3] + 1  # the others wait for its answer
        assert not pace.is_open

    run(work())


def test_an_answer_between_faults_keeps_the_breaker_closed() -> None:
    async def work() -> None:
        pace = Pace()
        for _ in range(10):
            for _ in range(FAULTS_IN_A_ROW - 1):
                await ask(pace, DOWN)
            await ask(pace, ClaimFailed("refusal", "no"))
        assert not pace.is_open

    run(work())


def test_an_outage_ends_the_run_for_all_who_wait_and_a_later_run_tries_anew() -> None:
    async def work() -> None:
        pace = Pace("model.example")

        async def claim() -> int:
            for sent in range(100):
                await ask(pace, DOWN, takes=0.1, sent=sent)
            return 0

        ended = await asyncio.gather(*(claim() for _ in range(20)), return_exceptions=True)
        assert {type(fault) for fault in ended} == {ModelUnavailable}
        assert "model.example has not answered" in str(ended[0])
        assert LONGEST_OUTAGE < now() < 2 * LONGEST_OUTAGE
        await asyncio.sleep(3600)
        await ask(pace)
        assert not pace.is_open

    run(work())


@pytest.mark.parametrize("wait", [None, 1, 100, LONGEST_OUTAGE])
def test_a_server_that_only_refuses_ends_the_run_after_it_was_asked_as_it_wished(
    wait: float | None,
) -> None:
    async def work() -> None:
        pace, refused = Pace("model.example"), 0

        async def claim() -> None:
            nonlocal refused
            for sent in range(100):
                await ask(pace, PassingFault("rate_limited", "busy", wait=wait), takes=0, sent=sent)
                refused += 1

        ended = await asyncio.gather(*(claim() for _ in range(20)), return_exceptions=True)
        assert all(isinstance(end, ModelUnavailable) for end in ended)
        assert {getattr(end, "kind", "") for end in ended} == {"rate_limited"}
        assert "model.example has refused every request" in str(ended[0])
        assert LONGEST_OUTAGE < now() <= LONGEST_OUTAGE + max(wait or 0, LONGEST_PAUSE)
        # Sixteen at first; afterwards one at a time.
        assert START < refused < START + 10
        await asyncio.sleep(3 * LONGEST_OUTAGE)
        await ask(pace)

    run(work())


def test_refusals_and_faults_in_turn_end_the_run_as_well() -> None:
    async def work() -> None:
        pace = Pace()
        with pytest.raises(ModelUnavailable):
            for turn in range(1000):
                await ask(pace, (BUSY, DOWN, DOWN)[turn % 3])
        assert LONGEST_OUTAGE < now() < 2 * LONGEST_OUTAGE

    run(work())


def test_a_busy_server_that_answers_now_and_then_goes_on() -> None:
    async def work() -> None:
        pace = Pace()
        for _ in range(5):
            began = now()
            while now() < began + LONGEST_OUTAGE - LONGEST_PAUSE - 1:
                await ask(pace, BUSY)
            await ask(pace)
        slow = [asyncio.ensure_future(ask(pace, takes=2 * LONGEST_OUTAGE)) for _ in range(2)]
        await asyncio.sleep(1)
        while not slow[0].done():  # what it is at work on may yet be answered
            await ask(pace, BUSY, takes=5)
        await asyncio.gather(*slow)

    run(work())


def test_one_who_leaves_while_waiting_holds_nobody_up() -> None:
    async def work() -> None:
        pace = Pace(start=1)
        held = asyncio.create_task(ask(pace, takes=5))
        waiting = [asyncio.create_task(ask(pace)) for _ in range(3)]
        await asyncio.sleep(1)
        waiting[0].cancel()
        assert [await waiting[1], await waiting[2], await held] == [5, 5, 0]

    run(work())


def test_threads_with_event_loops_of_their_own_share_a_pace() -> None:
    pace = Pace(start=1)
    pace._grow = lambda number: None  # type: ignore[method-assign]  # what is shared is the limit
    most: list[int] = []

    async def work() -> None:
        for _ in range(20):
            async with pace.place():
                most.append(pace.under_way)
                await asyncio.sleep(0)

    threads = [threading.Thread(target=asyncio.run, args=(work(),)) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    assert len(most) == 60 and set(most) == {1}


def test_a_server_and_key_have_one_pace_in_a_process() -> None:
    first = shared_pace("one.example", "a key")
    assert shared_pace("one.example", "a key") is first
    assert shared_pace("one.example", "another") is not first
    assert shared_pace("two.example", "a key") is not first


def test_a_sleep_that_does_not_wait_moves_the_time_once_for_all_who_sleep() -> None:
    async def work() -> float:
        async def at_once(_: float) -> None:
            await asyncio.sleep(0)

        clock = Clock(at_once)
        began = clock.now()
        await asyncio.gather(*(clock.sleep(10) for _ in range(5)))
        return clock.now() - began

    assert run(work()) == pytest.approx(10)


@given(
    st.lists(st.tuples(st.sampled_from([None, BUSY, DOWN]), st.floats(0.1, 3)), max_size=40),
    st.integers(1, 8),
)
@settings(max_examples=40)
def test_whatever_comes_back_all_have_their_turn(
    requests: list[tuple[PassingFault | None, float]], start: int
) -> None:
    async def work() -> None:
        pace = Pace(start=start)
        asked = [ask(pace, fault, takes=takes) for fault, takes in requests]
        ended = await asyncio.gather(*asked, return_exceptions=True)
        assert pace.under_way == 0
        assert all(isinstance(end, float | ModelUnavailable) for end in ended)
        assert 1 <= pace.limit <= MOST

    run(work())


@pytest.mark.parametrize(
    ("said", "seconds"),
    [
        ("6s", 6),
        ("1m30s", 90),
        ("120ms", 0.12),
        ("1h", 3600),
        ("17", 17),
        ("0.5", 0.5),
        ("", None),
        ("soon", None),
        ("5x", None),
        ("1795300000", None),
    ],
)
def test_how_long_a_limit_says_that_it_takes(said: str, seconds: float | None) -> None:
    assert seconds_of(said) == seconds


def test_what_is_left_of_a_rate_limit_is_the_least_of_what_is_said() -> None:
    requests = {"x-ratelimit-remaining-requests": "59", "x-ratelimit-reset-requests": "1s"}
    tokens = {"x-ratelimit-remaining-tokens": "0", "x-ratelimit-reset-tokens": "6m0s"}
    assert rate_limit_left(requests) == (59, 1)
    assert rate_limit_left(requests | tokens) == (0, 360)
    assert rate_limit_left(requests | tokens | {"x-ratelimit-remaining-tokens": "7"}) == (59, 1)
    assert rate_limit_left({"x-ratelimit-remaining-requests": "0"}) is None
    assert rate_limit_left({}) is None


def test_a_spent_rate_limit_asks_to_wait_where_nothing_else_does() -> None:
    spent = {"x-ratelimit-remaining-requests": "0", "x-ratelimit-reset-requests": "6s"}
    assert wait_asked(spent) == 6
    assert wait_asked(spent | {"retry-after": "2"}) == 2


@given(
    st.dictionaries(
        st.sampled_from([f"x-ratelimit-{a}-requests" for a in ("remaining", "reset")]), st.text()
    )
)
def test_no_header_breaks_the_reading_of_a_rate_limit(headers: dict[str, str]) -> None:
    left = rate_limit_left(headers)
    assert left is None or (left[0] >= 0 and left[1] >= 0)
