"""The model that both pipelines ask: it stands in for a language model, where none can be called.

Two readers answer a rating prompt. *Key*: from the key of `newsroom`, so that it errs nowhere;
what is then wrong comes of what it was shown. *Judge*: by the embedded judge, which errs as it
does. Each gives every passage a stance. Assay is answered with these; the bare pipeline, which
asks for a verdict, with the verdict that follows: conflicting if a passage contradicts, else
supported if one supports. So the same reader has the same opinion of the same passage on both
sides, and what differs is what each pipeline shows to it and makes of the answer.

`Endpoint` carries a client's requests to a reader in place of the network, and counts them.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from functools import cache
from typing import Any

import httpx2

from agent.gateway.tokens import tokens_in
from agent.rate.embedded import stance_of
from agent.rate.judge import EmbeddedJudge
from agent.rate.windows import Pair
from evals.faults.server import Body
from evals.faults.table import JSON, envelope
from evals.llm.oracle import Oracle, between, numbered_passages
from prompts import as_data

Answer = dict[str, Any]
Rate = Callable[[str, str], Answer]
"""Given a claim and its numbered passages, as they stand in a prompt: the answer that
`agent.rate.model` asks for."""


def key_reader(oracle: Oracle) -> Rate:
    """Answers from a key."""
    return lambda claim, passages: oracle.rating(as_data(claim), as_data(passages))


def judge_reader(judge: EmbeddedJudge | None = None) -> Rate:
    """Answers by the embedded judge, with the thresholds that it has among several passages."""
    judge = judge or EmbeddedJudge()
    bounds = judge.calibration.claims

    @cache  # the pipelines show many of the same passages
    def stance(claim: str, passage: str) -> Answer | None:
        (told,) = judge.judge([Pair(claim, passage)])
        side, _ = stance_of(told, bounds.supports, bounds.contradicts)
        if side == "neutral":
            return None
        start, end = told.conflict if side == "contradicts" else told.support
        if told.ruling and told.ruling.finding.end:
            start, end = told.ruling.finding.start, told.ruling.finding.end
        return {"stance": side, "quote": passage[start:end], "certainty": "high"}

    def rate(claim: str, passages: str) -> Answer:
        stances = {number: stance(claim, text) for number, text in numbered_passages(passages)}
        return {
            "explanation": "The passages were compared with the claim.",
            "decided": [{"passage": n} | told for n, told in stances.items() if told],
            "close": [],
            "neutral": [n for n, told in stances.items() if not told],
        }

    return rate


def as_verdict(rating: Answer) -> Answer:
    """A rating as the bare pipeline asks for it: a verdict and the passage that decides."""
    for stance, verdict in (("contradicts", "conflicting"), ("supports", "supported")):
        for told in rating["decided"]:
            if told["stance"] == stance:
                found = {"verdict": verdict, "passage": told["passage"], "quote": told["quote"]}
                return {"explanation": rating["explanation"]} | found
    nothing = {"verdict": "unverifiable", "passage": None, "quote": None}
    return {"explanation": rating["explanation"]} | nothing


def is_bare(body: Mapping[str, Any]) -> bool:
    """Whether a request is the bare pipeline's, which names what it asks for."""
    schema = body.get("response_format", {}).get("json_schema", {})
    return schema.get("name") in ("Claims", "Judged")


class Endpoint(httpx2.AsyncBaseTransport):
    """OpenAI's chat completions, answered by a reader; ratings only.

    Attributes:
        requests, sent, got: what came in, and its tokens both ways, as `agent.gateway.tokens`
            counts them; a schema that goes with a request counts.
    """

    def __init__(self, rate: Rate) -> None:
        self._rate = rate
        self.requests = self.sent = self.got = 0

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        """As of a transport."""
        body = json.loads(await request.aread())
        question = str(body["messages"][-1]["content"])
        answer = self._rate(between(question, "claim"), between(question, "passages"))
        content = json.dumps(as_verdict(answer) if is_bare(body) else answer, ensure_ascii=False)
        self.requests += 1
        self.sent += sum(tokens_in(str(message["content"])) for message in body["messages"])
        self.sent += tokens_in(json.dumps(body.get("response_format", "")))
        self.got += tokens_in(content)
        stream = Body(envelope(content))
        return httpx2.Response(200, headers=dict(JSON), stream=stream, request=request)
