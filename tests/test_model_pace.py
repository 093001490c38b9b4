"""Waiting for a server as it asks, and many claims at once."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.errors import ClaimFailed, ModelUnavailable
from agent.gateway.faults import LONGEST_WAIT, PassingFault
from agent.gateway.model import LanguageModel
from agent.gateway.waits import wait_asked
from tests.asking_model import asking, outcome
from tests.model_server import Fault, ModelServer, error
from tests.questions import (
    GOOD,
    Answers,
    Verdict,
    question,
)

# --- waiting ------------------------------------------------------------------------------

NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)
LATER = format_datetime(NOON + timedelta(seconds=15), usegmt=True)


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({"retry-after": "7"}, 7),
        ({"retry-after-ms": "2500"}, 2.5),
        ({"retry-after": "4", "retry-after-ms": "9000"}, 9),
        ({"retry-after": "9", "retry-after-ms": "4000"}, 9),
        ({"retry-after": LATER, "date": format_datetime(NOON, usegmt=True)}, 15),
        ({"retry-after": LATER}, 15),
        ({"retry-after": "Mon, 01 Jan 2001 00:00:00 GMT"}, None),
        ({"retry-after": "-5"}, None),
        ({"retry-after": "0"}, None),
        ({"retry-after": "soon"}, None),
        ({"retry-after": "nan"}, None),
        ({"retry-after": "-5", "retry-after-ms": "300"}, 0.3),
        ({"retry-after": "inf"}, float("inf")),
        ({}, None),
    ],
)
def test_the_wait_that_a_server_asks_for(headers: dict[str, str], seconds: float | None) -> None:
    assert wait_asked(headers, now=NOON) == seconds


@given(st.dictionaries(st.sampled_from(["retry-after", "retry-after-ms", "date"]), st.text()))
def test_no_header_of_a_server_breaks_the_reading_of_its_wait(headers: dict[str, str]) -> None:
    wait = wait_asked(headers)
    assert wait is None or wait > 0


async def test_a_wait_is_never_shorter_than_asked_for() -> None:
    answer, _, waits = await outcome([error(429, retry_after="7"), error(503, retry_after="2")])
    assert isinstance(answer, Verdict)
    assert 7 <= waits[0] <= 10 and 2 <= waits[1] <= 7


async def test_a_server_that_is_always_busy_is_given_its_wait_each_time() -> None:
    failed, _, waits = await outcome([], error(429, retry_after="30"))
    assert isinstance(failed, PassingFault) and failed.kind == "rate_limited"
    assert len(waits) == 3 and min(waits) >= 30
    # Where it has asked for more than a run waits, it is asked again only once.
    failed, _, waits = await outcome([], error(429, retry_after=f"{LONGEST_WAIT:.0f}"))
    assert isinstance(failed, ModelUnavailable) and failed.kind == "rate_limited"
    assert len(waits) == 1 and waits[0] >= LONGEST_WAIT


# --- many claims --------------------------------------------------------------------------


async def test_one_claim_that_fails_does_not_stop_the_others() -> None:
    answers: Answers = [{"contains": ["bad"], "answer": "no JSON"}, {"answer": GOOD}]
    with ModelServer(answers) as server:
        async with asking(server) as model:
            texts = ["good 1", "bad", "good 2", "good 3"]
            results = await asyncio.gather(
                *(model.answer(question(text), Verdict) for text in texts),
                return_exceptions=True,
            )
    assert [isinstance(result, Verdict) for result in results] == [True, False, True, True]
    assert isinstance(results[1], ClaimFailed)


async def test_a_failed_first_claim_does_not_hold_the_others_up_one_by_one() -> None:
    with ModelServer([{"answer": GOOD}], faults=[error(500)] * 4) as server:
        async with asking(server) as model:
            results = await asyncio.gather(
                *(model.answer(question(str(number)), Verdict) for number in range(5)),
                return_exceptions=True,
            )
    assert [type(result) for result in results] == [PassingFault, *[Verdict] * 4]


async def test_no_more_claims_are_under_way_than_allowed() -> None:
    class Counting:
        now = most = 0

    async def run(model: LanguageModel, text: str) -> None:
        def check(_: Verdict) -> None:
            Counting.most = max(Counting.most, busy())

        await model.answer(question(text), Verdict, check=check)

    with ModelServer([{"answer": GOOD}]) as server:
        async with asking(server, concurrency=2) as model:

            def busy() -> int:
                return 2 - model._places._value

            await asyncio.gather(*(run(model, str(number)) for number in range(8)))
    assert Counting.most == 2


async def test_a_cancelled_claim_ends_at_once_and_leaves_the_model_usable() -> None:
    with ModelServer([{"answer": GOOD}], faults=[Fault("hang")]) as server:
        async with asking(server, timeout=30) as model:
            task = asyncio.create_task(model.answer(question(), Verdict))
            while not server.requests:
                await asyncio.sleep(0.01)
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task
            assert (await model.answer(question(), Verdict)).verdict == "supported"
