"""Trials of a server in trouble: the table of faults, random schedules, and servers merely busy.

The table: each fault at the first, the middle and the last question of each way of asking. The
schedules: each draws its latencies, how often which faults come, outages of the whole server, a
number of places above which it answers 429, or a number of requests a minute. Beside them stand
servers that are merely busy, which must cost no claim its verdict.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import (
    Awaitable,
    Callable,
    Collection,
    Iterable,
    Mapping,
)
from typing import NamedTuple, TypeVar

from agent.gateway.provider import Provider, open_provider
from evals.faults.run import ARTICLES, KEY, MODEL, NUMBERS, Result, Way, run
from evals.faults.server import LONGEST, FakeServer, Faulty, Wire
from evals.faults.table import FAULTS, Fault
from evals.faults.virtual_time import VirtualLoop

WAYS: tuple[Way, ...] = ("extract", "rate", "verify")
PLACES = {"first": 0.0, "middle": 0.5, "last": 1.0}


# --- the table ---------------------------------------------------------------------------------

ROW = NUMBERS[:3]
"""What is asked about in a row: a claim of each verdict."""


class Row(NamedTuple):
    """One fault at one place of one way."""

    name: str
    way: Way
    place: str


def rows() -> list[Row]:
    """All of the table."""
    return [
        Row(name, way, place)
        for name, fault in FAULTS.items()
        for way in WAYS
        for place in PLACES
        if not (way == "extract" and fault.only)
    ]


def at_place(row: Row, faults: Mapping[str, Fault] = FAULTS) -> Faulty:
    """The fault at the question of that place: once, or as long as it stays."""
    kind = "extract" if row.way == "extract" else "rate"
    there = len(ROW) if kind == "rate" else ARTICLES
    number, fault = round(PLACES[row.place] * (there - 1)), faults[row.name]

    def faulty(server: FakeServer, of: str, question: str) -> Fault | None:
        if of != kind or server.questions(kind).index(question) != number:
            return None
        again = any(told.question == question for told in server.told)
        return fault if fault.stays or not again else None

    return faulty


async def try_row(provider: Provider, wire: Wire, row: Row) -> Result:
    """Runs a row; `wrong` says where it did not end as it should."""
    wire.server = server = FakeServer(at_place(row))
    result, fault = await run(provider, server, row.way, ROW), FAULTS[row.name]
    failed = [state for _, state in result.states if state.startswith("failed: ")]
    # A stretch whose splitting fails is split by rules.
    fails = fault.then == "fail" and row.way != "extract"
    if failed != ([f"failed: {fault.kind}"] if fails else []):
        result.wrong.append(f"failed claims: {failed}")
    if result.stopped != (fault.kind if fault.then == "stop" else ""):
        result.wrong.append(f"stopped by {result.stopped or 'nothing'}")
    if not server.told:
        result.wrong.append("the fault was never met")
    elif fault.then != "stop" and not fault.stays:
        times = sum(one.question == server.told[0].question for one in server.seen)
        if times != (1 if fault.then == "use" else 2):
            result.wrong.append(f"{times} requests after a fault to {fault.then}")
    return result


# --- random schedules --------------------------------------------------------------------------


def random_server(seed: int) -> tuple[Way, FakeServer]:
    """A way of asking and a server in trouble, both drawn from a seed."""
    draw = random.Random(seed)  # noqa: S311 - repeatable
    share = draw.choice([0.0, 0.1, 0.3, 0.6, 0.9])
    stops = draw.random() < 0.1
    pool = [f for f in FAULTS.values() if (f.then != "stop" or stops) and not f.only]
    ratings = [f for f in FAULTS.values() if f.only]
    slowest = draw.choice([0.2, 2.0, 70.0])
    places = draw.choice([None, None, 1, 2, 4])
    a_minute = draw.choice([None, None, None, 3, 10])
    down_from, down_for = draw.uniform(0, 10), draw.choice([0, 0, 0, 5, 60, 1000])
    busy = draw.choice(["busy, says nothing", "busy, says seconds", "busy, says milliseconds"])
    staying: dict[str, Fault] = {}
    started: list[float] = []

    def faulty(server: FakeServer, kind: str, question: str) -> Fault | None:
        now = server.now()
        started.append(now)
        if 0 <= now - started[0] - down_from < down_for:
            return FAULTS[draw.choice(["500", "529", "refused once", "502, a page"])]
        if places is not None and server.under_way >= places:
            return FAULTS[busy]
        if a_minute and sum(now - 60 < one.at for one in server.seen) > a_minute:
            return FAULTS[busy]
        if question in staying:
            return staying[question]
        if draw.random() >= share:
            return None
        fault = draw.choice(pool + ratings if kind == "rate" else pool)
        if fault.stays:
            staying[question] = fault
        return fault

    latency = lambda: draw.uniform(0.01, slowest)  # noqa: E731
    return draw.choice(WAYS), FakeServer(faulty, latency)


async def try_schedule(provider: Provider, wire: Wire, seed: int) -> Result:
    """Runs a random schedule."""
    way, wire.server = random_server(seed)
    result = await run(provider, wire.server, way)
    if result.seconds > LONGEST:
        result.wrong.append(f"it took {result.seconds:,.0f} s")
    return result


# --- servers that are merely busy --------------------------------------------------------------


class Busy(NamedTuple):
    """A server that answers well up to its limit, and 429 above it.

    Attributes:
        claims: that are asked about at once.
        places: requests that it takes at once.
        a_minute: requests that it takes within any 60 s.
        says: which fault of the table it answers with.
    """

    claims: int
    places: int | None
    a_minute: int | None
    says: str

    def faulty(self) -> Faulty:
        """What it answers."""
        taken: list[float] = []

        def faulty(server: FakeServer, _: str, __: str) -> Fault | None:
            now = server.now()
            recent = sum(at > now - 60 for at in taken)
            if self.a_minute is not None and recent >= self.a_minute:
                return FAULTS[self.says]
            if self.places is not None and server.under_way >= self.places:
                return FAULTS[self.says]
            taken.append(now)
            return None

        return faulty


BUSY = [
    Busy(claims, places, a_minute, says)
    for says in ("busy, says nothing", "busy, says milliseconds", "busy, says seconds")
    for claims, places, a_minute in (
        (12, 4, None), (100, 4, None), (20, 1, None), (40, None, 10), (200, None, 60)
    )
]  # fmt: skip


async def try_busy(provider: Provider, wire: Wire, busy: Busy) -> Result:
    """Verifies claims against a busy server; each must have its verdict."""
    wire.server = FakeServer(busy.faulty())
    result = await run(provider, wire.server, "verify", range(busy.claims))
    if lost := sum(state.startswith("failed: ") for _, state in result.states):
        result.wrong.append(f"{lost} claims lost")
    return result


# --- running -----------------------------------------------------------------------------------


T = TypeVar("T")


def in_virtual_time(trial: Callable[[Provider, Wire], Awaitable[T]]) -> T:
    """Opens a client whose requests go to a fake server, and tries something with it."""

    async def all_of_it() -> T:
        wire = Wire()
        provider = open_provider(
            MODEL, base_url="http://model.example/v1", api_key=KEY, transport=wire
        )
        try:
            return await trial(provider, wire)
        finally:
            if provider.close:
                await provider.close()

    loop = VirtualLoop()
    with asyncio.Runner(loop_factory=lambda: loop) as runner:
        result = runner.run(all_of_it())
    if loop.problems:
        raise RuntimeError(f"nobody saw: {loop.problems[:3]}")
    return result


def table(only: Collection[str] = ()) -> dict[Row, Result]:
    """The rows, or those of some faults."""

    async def trial(provider: Provider, wire: Wire) -> dict[Row, Result]:
        wanted = [row for row in rows() if not only or row.name in only]
        return {row: await try_row(provider, wire, row) for row in wanted}

    return in_virtual_time(trial)


def schedules(seeds: Iterable[int]) -> dict[int, Result]:
    """Random schedules by their seeds."""

    async def trial(provider: Provider, wire: Wire) -> dict[int, Result]:
        return {seed: await try_schedule(provider, wire, seed) for seed in seeds}

    return in_virtual_time(trial)


def busy_servers(wanted: Iterable[Busy] = BUSY) -> dict[Busy, Result]:
    """Servers that are merely busy."""

    async def trial(provider: Provider, wire: Wire) -> dict[Busy, Result]:
        return {busy: await try_busy(provider, wire, busy) for busy in wanted}

    return in_virtual_time(trial)
