"""Does any fault of a model server become a verdict, an uncaught error, or a waste of requests?

    python -m evals.faults                      # the table, then 10,000 random schedules
    python -m evals.faults --schedules 500 --seed 7
    python -m evals.faults --only "busy, says seconds" "500"

A server in this process (`FakeServer`, beneath the HTTP client: no sockets) answers as a careful
model would (`evals.model_server`), late, and in between as `evals.fault_table` says; the clock
jumps over all waiting. Asked is in three ways: three articles are split (*extract*), their claims
rated (*rate*), and pairs verified (*verify*).

The table: each fault at the first, the middle and the last question of each of the three. The
schedules: each draws its latencies, how often which faults come, outages of the whole server, a
number of places above which it answers 429, or a number of requests a minute. Beside them stand
servers that are merely busy, which must cost no claim its verdict. Of every run must hold:

- each claim ends rated or failed, once; a rated one has the verdict of its sources;
- nothing but `ModelUnavailable` ends a run, and after a fault that must end it nothing is sent;
- no question takes more than four requests, or fewer where the fault's row says so;
- nobody asks again before the time that the server asked to wait for.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import random
import re
import sys
import time
from collections import Counter
from collections.abc import (
    AsyncIterator,
    Awaitable,
    Callable,
    Collection,
    Iterable,
    Iterator,
    Mapping,
    Sequence,
)
from dataclasses import dataclass, field
from typing import Any, Literal, NamedTuple, TypeVar

import httpx2

from agent.claims.model import ModelSplitter
from agent.decide import decide
from agent.errors import ClaimFailed, ModelUnavailable
from agent.gateway.model import REQUESTS_PER_ANSWER, LanguageModel
from agent.gateway.pace import Pace
from agent.gateway.provider import Provider, open_provider
from agent.rate.model import ModelRater
from agent.types import Article, Claim, Hit, Passage, Source
from evals import model_server
from evals.fault_table import FAULTS, JSON, Fault, envelope
from evals.virtual_time import VirtualLoop

Way = Literal["extract", "rate", "verify"]
WAYS: tuple[Way, ...] = ("extract", "rate", "verify")
PLACES = {"first": 0.0, "middle": 0.5, "last": 1.0}
MODEL, KEY = "openai:judge-1", "sk-test-51c07de2"
NUMBERS = [0, 7, 9, 1, 17, 19]
"""Of the towns that claims are about: two claims of each verdict of `evals.model_server`."""
ARTICLES = 3
"""That claims are parted among where articles are split."""
_TOWNS = {model_server.town(number): number for number in range(1000)}
_LONGEST = 3600.0
_ASKED = 1.0
"""Seconds. A wait of a row from here on is the server's, and holds for every question."""


class Seen(NamedTuple):
    """One request, as the server saw it."""

    question: str
    at: float


class Told(NamedTuple):
    """One fault that the server answered with."""

    question: str
    at: float
    fault: Fault
    after: int
    """Requests that had come by then."""


Faulty = Callable[["FakeServer", str, str], Fault | None]
"""Given the server, the prompt's kind and the question: what to answer with; None is well."""


@dataclass
class FakeServer(httpx2.AsyncBaseTransport):
    """Answers in place of the network, as `faulty` says or well; `latency` gives seconds."""

    faulty: Faulty = lambda *_: None
    latency: Callable[[], float] = lambda: 1.0
    answer: Callable[[Mapping[str, Any]], dict[str, Any]] = model_server.answer
    """The right answer to a request."""
    seen: list[Seen] = field(default_factory=list)
    told: list[Told] = field(default_factory=list)
    under_way: int = 0

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        """As of a transport."""
        body = json.loads(await request.aread())
        question = str(body["messages"][1]["content"])
        self.seen.append(Seen(question, self.now()))
        kind = "extract" if is_extraction(question) else "rate"
        fault = self.faulty(self, kind, question)
        self.under_way += 1
        try:
            if fault and fault.hangs:
                self.told.append(Told(question, self.now(), fault, len(self.seen)))
                await asyncio.sleep(_LONGEST)
            quick = fault is not None and fault.status != 200
            await asyncio.sleep(0.05 if quick else self.latency())
        finally:
            self.under_way -= 1
        if fault:
            self.told.append(Told(question, self.now(), fault, len(self.seen)))
        if fault and fault.raised:
            raise fault.raised(request)
        content = json.dumps(self.answer(body))
        return httpx2.Response(
            fault.status if fault else 200,
            headers=dict(fault.headers if fault else JSON),
            stream=Body(fault.body(content) if fault else envelope(content)),
            request=request,
        )

    @staticmethod
    def now() -> float:
        """Seconds."""
        return asyncio.get_running_loop().time()

    def questions(self, kind: str) -> list[str]:
        """The different questions of a kind so far, in the order they came."""
        found = dict.fromkeys(one.question for one in self.seen)
        return [q for q in found if is_extraction(q) == (kind == "extract")]


def is_extraction(question: str) -> bool:
    """Whether a question is for claims; else it is for a rating."""
    return "<sentences>" in question or "<article>" in question


class Body(httpx2.AsyncByteStream):
    """The bytes as they come over the wire: `content=` would be unpacked at once."""

    def __init__(self, data: bytes) -> None:
        self._data = data

    async def __aiter__(self) -> AsyncIterator[bytes]:
        for start in range(0, len(self._data), 2**16):
            yield self._data[start : start + 2**16]


class Wire(httpx2.AsyncBaseTransport):
    """Carries the requests of one client to the server of the run that is on."""

    server = FakeServer()

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        """As of a transport."""
        return await self.server.handle_async_request(request)


# --- what is asked -----------------------------------------------------------------------------


def claim_about(number: int) -> str:
    """A claim about a town, of the verdict of `evals.model_server`."""
    crowns = model_server.cost(number) + (4_000 if number % 10 == 7 else 0)
    return model_server.statement(number, crowns)


def hits_for(claim: str) -> list[Hit]:
    """The passage about the claim's town, and one about another."""
    own = town_of(claim)
    hits = []
    for number in (own, own + 1):
        id_, text = f"s-{number:016x}", model_server.source(number, words=12)
        source = Source(id=id_, text=text, added_at="1970-01-01T00:00:00Z", origin=id_)
        passage = Passage(id=f"{id_}:0", source_id=id_, number=0, start=0, end=len(text), text=text)
        hits.append(Hit(passage=passage, source=source, score=0.0))
    return hits


def town_of(claim: str) -> int:
    """Which town a claim is about."""
    found = re.search(r" in (\w+) cost ", claim)
    return _TOWNS[found[1]] if found else -1


State = tuple[str, str]
"""A claim's text, and its verdict or `failed: KIND`."""


async def _rate(model: LanguageModel, claim: Claim) -> State:
    hits = hits_for(claim.text)
    try:
        evidence = await ModelRater(model).rate(claim, hits)
    except ClaimFailed as fault:
        return claim.text, f"failed: {fault.kind}"
    return claim.text, decide(claim, evidence, sources_searched=len(hits)).verdict


async def _verify(model: LanguageModel, number: int) -> list[State]:
    text = claim_about(number)
    return [await _rate(model, Claim(id="c1", text=text, quote=text, start=0, end=len(text)))]


async def _check(model: LanguageModel, numbers: Sequence[int]) -> list[State]:
    text = " ".join(claim_about(number) for number in numbers)
    article = Article(id=f"a-{numbers[0]:016x}", text=text, language="en", warnings=[])
    split = await ModelSplitter(model).split(article, lambda *_: None)
    return list(await asyncio.gather(*(_rate(model, claim) for claim in split.claims)))


@dataclass
class Result:
    """How a run ended: the claims' states, the kind of fault that ended it, what must not be."""

    states: list[State] = field(default_factory=list)
    stopped: str = ""
    wrong: list[str] = field(default_factory=list)
    requests: int = 0
    seconds: float = 0.0


async def run(
    provider: Provider, server: FakeServer, way: Way, numbers: Sequence[int] = NUMBERS
) -> Result:
    """Asks all that there is to ask about some towns, in one of the three ways."""
    model = LanguageModel(MODEL, provider, pace=Pace("the server"))
    if provider.watch:
        provider.watch(model.pace.observe)
    if way == "verify":
        work = [_verify(model, number) for number in numbers]
    else:
        each = len(numbers) // ARTICLES
        starts = range(0, len(numbers), each)
        work = [_check(model, numbers[at : at + each]) for at in starts]
    result, started = Result(), server.now()
    for ended in await asyncio.gather(*work, return_exceptions=True):
        if isinstance(ended, ModelUnavailable):
            result.stopped = ended.kind
            if KEY in str(ended):
                result.wrong.append("the key is in a message")
        elif isinstance(ended, BaseException):
            result.wrong.append(f"escaped: {type(ended).__name__}: {ended}")
        else:
            result.states += ended
    result.seconds, result.requests = server.now() - started, len(server.seen)
    result.wrong += [*_wrong_states(result, numbers), *_wrong_requests(server)]
    return result


def _wrong_states(result: Result, numbers: Sequence[int]) -> Iterator[str]:
    ended = Counter(town_of(claim) for claim, _ in result.states)
    yield from (
        f"claim {number} ended {times} times" for number, times in ended.items() if times > 1
    )
    if not result.stopped and set(ended) != set(numbers):
        yield f"{len(ended)} claims ended of {len(numbers)}"
    for claim, state in result.states:
        truth = model_server.verdict(town_of(claim))
        if not state.startswith("failed: ") and state != truth:
            yield f"claim {town_of(claim)} is {state}, not {truth}"


def _wrong_requests(server: FakeServer) -> Iterator[str]:
    for question, at, fault, after in server.told:
        met = sum(told.question == question and told.fault is fault for told in server.told)
        if fault.stays and met > fault.requests:
            yield f"one question met {fault.kind} {met} times, not {fault.requests}"
        # Of other questions only those sent later: the client reads the reply when it has come.
        later = [
            one.at - at
            for one in server.seen[after:]
            if one.question == question or (fault.wait >= _ASKED and one.at > at)
        ]
        if later and min(later) < fault.wait - 1e-6:
            yield f"asked again after {min(later):.2f} s, not {fault.wait:g} s"
        if fault.then == "stop" and not fault.stays and any(one.at > at for one in server.seen):
            yield f"something was sent after a fault that must stop all: {fault.kind}"
    for question, times in Counter(one.question for one in server.seen).items():
        if times > REQUESTS_PER_ANSWER:
            yield f"{times} requests for one question: {question[-60:]!r}"


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
    if result.seconds > _LONGEST:
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


def main() -> None:
    """Prints what went wrong, if anything did, and how runs ended."""
    parser = argparse.ArgumentParser(description="Faults of a model server, and what they lead to.")
    parser.add_argument("--schedules", type=int, default=10_000, metavar="N")
    parser.add_argument("--seed", type=int, default=0, help="of the first schedule")
    parser.add_argument("--only", nargs="*", default=[], metavar="FAULT", choices=[*FAULTS])
    options = parser.parse_args()
    started = time.process_time()
    results: dict[Any, Result] = dict(table(options.only))
    print(f"{len(results)} rows of the table: {_summary(results)}", flush=True)
    if not options.only:
        busy = busy_servers()
        for server, result in busy.items():
            print(
                f"{server.claims:>4} claims, {server.places or '-':>2} places, "
                f"{server.a_minute or '-':>3} a minute, {server.says:<24} "
                f"{result.requests:>4} requests, {result.seconds:>6.1f} s"
            )
        print(f"{len(busy)} busy servers: {_summary(busy)}", flush=True)
        drawn = schedules(range(options.seed, options.seed + options.schedules))
        print(f"{len(drawn):,} random schedules: {_summary(drawn)}")
        results |= drawn | busy
    wrong = {key: result.wrong for key, result in results.items() if result.wrong}
    for key, said in list(wrong.items())[:40]:
        print(f"WRONG  {key}: {'; '.join(said)}")
    print(f"{len(wrong)} wrong; {time.process_time() - started:.0f} s of processor time")
    sys.exit(bool(wrong))


def _summary(results: Mapping[Any, Result]) -> str:
    states = [state for result in results.values() for _, state in result.states]
    failed = sum(state.startswith("failed: ") for state in states)
    stopped = sum(bool(result.stopped) for result in results.values())
    requests = sum(result.requests for result in results.values())
    hours = sum(result.seconds for result in results.values()) / 3600
    return (
        f"{len(states) - failed:,} claims rated, {failed:,} failed, {stopped:,} runs stopped, "
        f"{requests:,} requests, {hours:,.1f} hours of the servers' time"
    )


if __name__ == "__main__":
    main()
