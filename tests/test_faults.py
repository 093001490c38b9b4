"""What faults of a model server lead to, through the real client, in virtual time.

`python -m evals.faults` runs all of this at full size; here is a part of each.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator

import pytest

from agent.gateway.provider import Provider
from evals.faults.run import Result
from evals.faults.server import Wire
from evals.faults.table import FAULTS
from evals.faults.trials import BUSY, Row, busy_servers, in_virtual_time, rows, try_row
from evals.faults.trials import schedules as run_schedules
from evals.faults.virtual_time import NothingToWaitFor, VirtualLoop


def part_of_the_table() -> Iterator[Row]:
    """Each fault once, the ways and places in turn."""
    for number, name in enumerate(FAULTS):
        of_it = [row for row in rows() if row.name == name]
        yield of_it[number % len(of_it)]


@pytest.fixture(scope="module")
def tried() -> dict[str, Result]:
    """One client for all: opening one takes longer than most runs."""

    async def trial(provider: Provider, wire: Wire) -> dict[str, Result]:
        return {row.name: await try_row(provider, wire, row) for row in part_of_the_table()}

    return in_virtual_time(trial)


@pytest.mark.parametrize("name", FAULTS)
def test_a_fault_leads_to_what_the_table_says_and_never_to_a_verdict(
    name: str, tried: dict[str, Result]
) -> None:
    assert tried[name].wrong == []


def test_in_random_trouble_every_claim_ends_once_and_no_fault_is_a_verdict() -> None:
    results = run_schedules(range(25))
    assert {seed: result.wrong for seed, result in results.items() if result.wrong} == {}
    assert any(result.stopped for result in results.values())
    states = {state for result in results.values() for _, state in result.states}
    assert {"supported", "conflicting", "unverifiable"} < states


@pytest.mark.parametrize("busy", [BUSY[0], BUSY[3]], ids=["four at once", "ten a minute"])
def test_a_server_that_is_merely_busy_costs_no_claim_its_verdict(busy: object) -> None:
    ((_, result),) = busy_servers(one for one in BUSY if one == busy).items()
    assert result.wrong == []
    assert result.requests < 2 * len(result.states)


def test_in_virtual_time_an_hour_takes_none_and_a_hang_is_told() -> None:
    async def wait() -> float:
        loop = asyncio.get_running_loop()
        started = loop.time()
        await asyncio.gather(asyncio.sleep(3600), asyncio.sleep(1800))
        return loop.time() - started

    async def hang() -> None:
        await asyncio.Event().wait()

    with asyncio.Runner(loop_factory=VirtualLoop) as runner:
        assert runner.run(wait()) == 3600
        with pytest.raises(NothingToWaitFor):
            runner.run(hang())
