"""Both pipelines against the same servers in trouble: what becomes of the claims, at what cost.

The servers, their faults and the clock that jumps are those of `evals.faults`, and so is the way
of asking: three articles of a claim each are split and rated, through the client that each
pipeline uses. A fault is at the first, the middle or the last question of a kind. What a row came
to, the worst first:

- *elsewhere*: an article or a claim was sent to a host that nobody named;
- *wrong*: a claim has a verdict that its passages do not give, or one with a quote or a number of a
  passage that is not there;
- *lost*: a claim has no verdict, though the fault was one to get over, or another claim's;
- *held*: else. A claim whose own fault stays has no verdict and is told as failed; after a
  fault of the account or the address nothing more is expected.
"""

from __future__ import annotations

import asyncio
import json
import re
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any, Literal, NamedTuple

import httpx2
from langchain_core.documents import Document
from langchain_openai import ChatOpenAI
from openai import DefaultAsyncHttpxClient

from agent.gateway.provider import Provider
from evals.bare.pipeline import BareChecker, Outcome
from evals.bare.reader import as_verdict
from evals.faults import trials
from evals.faults.run import ARTICLES, KEY, claim_about, hits_for, town_of
from evals.faults.server import FakeServer, Wire
from evals.faults.table import FAULTS, Fault, envelope
from evals.faults.trials import BUSY, ROW, Busy, Row, in_virtual_time
from evals.llm import model_server
from evals.llm.oracle import between

HOST = "model.example"
Ended = Literal["held", "lost", "wrong", "elsewhere"]
ENDS: tuple[Ended, ...] = ("held", "lost", "wrong", "elsewhere")
THEN = {
    "retry": "to be asked again",
    "repair": "to be repaired",
    "fail": "of one claim, stays",
    "stop": "of account or address",
    "use": "good enough",
}


class Trial(NamedTuple):
    """How a pipeline came through.

    Attributes:
        ended: what became of the claims.
        requests: that were sent.
        seconds: on the server's clock.
    """

    ended: Ended
    requests: int
    seconds: float


def answer(body: Mapping[str, Any]) -> dict[str, Any]:
    """As `evals.llm.model_server` answers, in the forms of the bare pipeline."""
    article = between(str(body["messages"][1]["content"]), "article")
    if article:
        claims = re.findall(r"\S[^.\n]*\.", article)
        return {"claims": [{"text": claim, "quote": claim} for claim in claims]}
    return as_verdict(model_server.answer(body))


def _changed(**new: Any) -> Callable[[str], bytes]:
    return lambda content: envelope(json.dumps(json.loads(content) | new))


_INVENTED = {"verdict": "conflicting", "passage": 1}
OWN: dict[str, Callable[[str], bytes]] = {
    "stance in capitals": _changed(verdict="SUPPORTED"),
    "stance null": _changed(verdict=None),
    "quote invented": _changed(**_INVENTED, quote="nobody wrote this"),
    "quote invented for ever": _changed(**_INVENTED, quote="nobody wrote this"),
    "quote empty": _changed(**_INVENTED, quote=""),
    "quote with a gap": _changed(**_INVENTED, quote="The ... said"),
    "a passage too many": _changed(passage=99),
    "script in the explanation": _changed(explanation="<script>alert(1)</script>\u001b[31m"),
}
"""Faults of a rating's content, as the bare pipeline's answers have them."""
BARE_FAULTS: dict[str, Fault] = {
    name: replace(fault, body=OWN[name]) if fault.only else fault
    for name, fault in FAULTS.items()
    if not fault.only or name in OWN
}
"""Those that both can meet: a bare answer has no list of passages to leave one out of."""
FEW = tuple({fault.then: name for name, fault in BARE_FAULTS.items()}.values())
"""One for each way to get over a fault."""


class Hosts(httpx2.AsyncBaseTransport):
    """Carries requests on, and notes to whom they went."""

    def __init__(self, wire: Wire) -> None:
        self._wire = wire
        self.asked: set[str] = set()

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        """As of a transport."""
        self.asked.add(request.url.host)
        return await self._wire.handle_async_request(request)


def documents(claim: str) -> list[Document]:
    """The same passages as `evals.faults` shows."""
    return [Document(hit.passage.text) for hit in hits_for(claim)]


def rows(only: Sequence[str] = ()) -> list[Row]:
    """The rows of the table that both can meet."""
    return [
        row
        for row in trials.rows()
        if row.way != "verify" and row.name in (only or BARE_FAULTS) and row.name in BARE_FAULTS
    ]


def bare(wanted: Sequence[Row]) -> dict[Row, Trial]:
    """The rows with the bare pipeline."""

    async def trial(_: Provider, wire: Wire) -> dict[Row, Trial]:
        hosts = Hosts(wire)
        async with DefaultAsyncHttpxClient(transport=hosts) as client:
            checker = BareChecker(_chat(client), documents)
            return {row: await _try_row(checker, wire, hosts, row) for row in wanted}

    return in_virtual_time(trial)


def _chat(client: Any) -> ChatOpenAI:
    return ChatOpenAI(
        model="judge-1",
        base_url=f"http://{HOST}/v1",
        api_key=KEY,  # type: ignore[arg-type]
        http_async_client=client,
    )


async def _try_row(checker: BareChecker, wire: Wire, hosts: Hosts, row: Row) -> Trial:
    wire.server = server = FakeServer(trials.at_place(row, BARE_FAULTS), answer=answer)
    hosts.asked.clear()
    each = len(ROW) // ARTICLES
    texts = [
        " ".join(map(claim_about, ROW[start : start + each])) for start in range(0, len(ROW), each)
    ]
    started = server.now()
    ended = await asyncio.gather(*map(checker.acheck, texts), return_exceptions=True)
    outcomes = [one for each in ended if not isinstance(each, BaseException) for one in each]
    verdicts = {town_of(one.claim): one.verdict for one in outcomes if one.verdict}
    lost = len(ROW) - len(verdicts)
    if hosts.asked - {HOST}:
        told: Ended = "elsewhere"
    elif any(map(_is_wrong, outcomes)):
        told = "wrong"
    else:
        told = "lost" if lost > _may_lose(FAULTS[row.name]) else "held"
    return Trial(told, len(server.seen), server.now() - started)


def _may_lose(fault: Fault) -> int:
    return {"fail": 1, "stop": len(ROW)}.get(fault.then, 0)


def _is_wrong(outcome: Outcome) -> bool:
    """Whether a verdict is not what the passages say, or points at what is not there."""
    judged = outcome.judged
    if judged is None:
        return False
    if judged.verdict != model_server.verdict(town_of(outcome.claim)):
        return True
    if judged.passage is None:
        return False
    there = 1 <= judged.passage <= len(outcome.passages)
    return (
        not there or (judged.quote or "") not in outcome.passages[judged.passage - 1].page_content
    )


def assay(wanted: Sequence[Row]) -> dict[Row, Trial]:
    """The same rows with Assay."""

    async def trial(provider: Provider, wire: Wire) -> dict[Row, Trial]:
        return {row: await one(provider, wire, row) for row in wanted}

    async def one(provider: Provider, wire: Wire, row: Row) -> Trial:
        result = await trials.try_row(provider, wire, row)
        fault = FAULTS[row.name]
        rated = {
            town_of(claim): state
            for claim, state in result.states
            if not state.startswith("failed: ")
        }
        if any(state != model_server.verdict(number) for number, state in rated.items()):
            told: Ended = "wrong"
        else:
            told = "lost" if len(ROW) - len(rated) > _may_lose(fault) else "held"
        return Trial(told, result.requests, result.seconds)

    return in_virtual_time(trial)


def fault_lines(only: Sequence[str] = ()) -> Iterable[str]:
    """Both pipelines on the table of faults, as Markdown, and where the bare one fell short."""
    wanted = rows(only)
    sides = {"bare": bare(wanted), "Assay": assay(wanted)}
    yield "| Faults | rows | Pipeline | " + " | ".join(ENDS) + " | requests | server's seconds |"
    yield "|---" * (len(ENDS) + 5) + "|"
    for then, name in THEN.items():
        of_it = [row for row in wanted if FAULTS[row.name].then == then]
        for side, tried in sides.items():
            if of_it:
                yield _row(name, side, [tried[row] for row in of_it])
    for side, tried in sides.items():
        yield _row("all", side, list(tried.values()))
    for ended in ENDS[1:]:
        for side, tried in sides.items():
            names = dict.fromkeys(row.name for row in wanted if tried[row].ended == ended)
            if names:
                yield f"\n{side}, {ended}: {'; '.join(names)}."


def _row(name: str, side: str, trials: Sequence[Trial]) -> str:
    ends = Counter(trial.ended for trial in trials)
    counted = " | ".join(str(ends[ended]) for ended in ENDS)
    requests = sum(trial.requests for trial in trials)
    seconds = sum(trial.seconds for trial in trials)
    return f"| {name} | {len(trials)} | {side} | {counted} | {requests:,} | {seconds:,.0f} |"


# --- servers that are merely busy --------------------------------------------------------------

WELL = Busy(40, None, None, "busy, says nothing")
SERVERS = [WELL, *(busy for busy in BUSY if busy.says != "busy, says milliseconds")]


async def _verdicts(checker: BareChecker, wire: Wire, busy: Busy) -> tuple[int, int, float]:
    wire.server = server = FakeServer(busy.faulty(), answer=answer)
    started = server.now()
    outcomes = await checker.ajudge([claim_about(number) for number in range(busy.claims)])
    rated = sum(one.verdict is not None for one in outcomes)
    return rated, len(server.seen), server.now() - started


def busy_lines(servers: Sequence[Busy] = SERVERS) -> Iterable[str]:
    """Both pipelines on servers with a limit, 1.0 s an answer, as Markdown."""

    async def trial(_: Provider, wire: Wire) -> list[tuple[int, int, float]]:
        async with DefaultAsyncHttpxClient(transport=wire) as client:
            checker = BareChecker(_chat(client), documents)
            return [await _verdicts(checker, wire, busy) for busy in servers]

    ours = trials.busy_servers(servers)
    yield (
        "| claims | places | a minute | refuses | bare: verdicts | requests | s "
        "| Assay: verdicts | requests | s |"
    )
    yield "|---" * 10 + "|"
    for busy, (rated, requests, seconds) in zip(servers, in_virtual_time(trial), strict=True):
        result = ours[busy]
        verdicts = sum(not state.startswith("failed: ") for _, state in result.states)
        says = "–" if busy is WELL else busy.says.removeprefix("busy, ")
        yield (
            f"| {busy.claims} | {busy.places or '–'} | {busy.a_minute or '–'} | {says} "
            f"| {rated} | {requests} | {seconds:,.1f} "
            f"| {verdicts} | {result.requests} | {result.seconds:,.1f} |"
        )
