"""A question put to a stand-in server, and what came of it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from agent.errors import ModelError
from agent.gateway.asking import Asking
from agent.gateway.model import LanguageModel
from agent.gateway.opening import open_model
from tests.model_server import Fault, ModelServer
from tests.questions import (
    GOOD,
    Verdict,
    Waits,
    question,
    quotes_are_there,
)

KEY = "sk-test-4f9c1b7e2a6d"


@asynccontextmanager
async def asking(
    server: ModelServer, waits: Waits | None = None, **options: Any
) -> AsyncIterator[LanguageModel]:
    if waits is None:
        waits = Waits()
    how = {name: options.pop(name) for name in ("concurrency", "api", "trace") if name in options}
    asking = Asking(timeout=options.pop("timeout", 5), **how)
    defaults: dict[str, Any] = {
        "base_url": server.url,
        "api_key": KEY,
        "asking": asking,
        "sleep": waits,
    }
    options = defaults | options
    async with open_model("openai:judge-1", **options) as model:
        yield model


async def outcome(
    faults: list[Fault | None], forever: Fault | None = None, **options: Any
) -> tuple[Verdict | ModelError, ModelServer, Waits]:
    """What one question ends in against a server with these faults, then good answers."""
    waits = Waits()
    with ModelServer([{"answer": GOOD}], faults=faults, forever=forever) as server:
        async with asking(server, waits, **options) as model:
            try:
                return (
                    await model.answer(question(), Verdict, check=quotes_are_there),
                    server,
                    waits,
                )
            except ModelError as fault:
                return fault, server, waits
