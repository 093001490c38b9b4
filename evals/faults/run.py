"""What is asked of a server in trouble, and what must hold of every run.

Asked is in three ways: three articles are split (*extract*), their claims rated (*rate*), and pairs
verified (*verify*). Of every run must hold:

- each claim ends rated or failed, once; a rated one has the verdict of its sources;
- nothing but `ModelUnavailable` ends a run, and after a fault that must end it nothing is sent;
- no question takes more than four requests, or fewer where the fault's row says so;
- nobody asks again before the time that the server asked to wait for.
"""

from __future__ import annotations

import asyncio
import re
from collections import Counter
from collections.abc import (
    Iterator,
    Sequence,
)
from dataclasses import dataclass, field
from typing import Literal

from agent.claims.model import ModelSplitter
from agent.decide import decide
from agent.errors import ClaimFailed, ModelUnavailable
from agent.gateway.model import REQUESTS_PER_ANSWER, LanguageModel
from agent.gateway.pace import Pace
from agent.gateway.provider import Provider
from agent.rate.model import ModelRater
from agent.types import Article, Claim, Hit, Passage, Source
from evals.faults.server import FakeServer
from evals.llm import model_server

Way = Literal["extract", "rate", "verify"]
MODEL, KEY = "openai:judge-1", "sk-test-51c07de2"
NUMBERS = [0, 7, 9, 1, 17, 19]
"""Of the towns that claims are about: two claims of each verdict of `evals.llm.model_server`."""
ARTICLES = 3
"""That claims are parted among where articles are split."""
_TOWNS = {model_server.town(number): number for number in range(1000)}
_ASKED = 1.0
"""Seconds. A wait of a row from here on is the server's, and holds for every question."""


def claim_about(number: int) -> str:
    """A claim about a town, of the verdict of `evals.llm.model_server`."""
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
