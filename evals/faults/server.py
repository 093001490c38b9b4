"""A model server that is in this process: beneath the HTTP client, so there are no sockets.

It answers as a careful model would (`evals.llm.model_server`), late, and in between with a fault
(`evals.faults.table`). Its clock is that of the event loop, which may jump
(`evals.faults.virtual_time`).
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import (
    AsyncIterator,
    Callable,
    Mapping,
)
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import httpx2

from evals.faults.table import JSON, Fault, envelope
from evals.llm import model_server

LONGEST = 3600.0
"""Seconds. Whoever answers nothing does so for this long, and no run may take longer."""


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
                await asyncio.sleep(LONGEST)
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
