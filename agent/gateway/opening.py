"""Opens the model that a name stands for: its provider or script, its limiter, its batches."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from agent.errors import UsageError
from agent.gateway.asking import Asking
from agent.gateway.batching import AT_ONCE, FreePace
from agent.gateway.batching import current as current_batches
from agent.gateway.cassette import is_replaying
from agent.gateway.model import LanguageModel
from agent.gateway.pace import Clock, Pace, Sleep, shared_pace

if TYPE_CHECKING:
    from langchain_core.language_models import BaseChatModel

    from agent.gateway.budget import Purse
    from agent.gateway.keeping import Answers

_FORMS = "Name a model as openai:MODEL, PROVIDER:MODEL, scripted:FILE or embedded"


def open_model(
    name: str,
    *,
    base_url: str | None = None,
    api_key: str | None = None,
    journal: Answers | None = None,
    asking: Asking | None = None,
    budget: Purse | None = None,
    pace_of: Callable[[str, str], Pace] = shared_pace,
    replaying: bool | None = None,
    chat: BaseChatModel | None = None,
    sleep: Sleep = asyncio.sleep,
) -> LanguageModel:
    """Opens the model that a name stands for; sends nothing yet.

    Args:
        name: `openai:MODEL`, `scripted:FILE`, or any `provider:model` that LangChain's
            `init_chat_model` takes.
        base_url: address of a compatible server; for OpenAI default `OPENAI_BASE_URL`.
        api_key: default the provider's variable, `OPENAI_API_KEY` for OpenAI. Not needed for a
            server on this machine.
        journal: where answers are kept.
        asking: how it is asked. One limiter for all models of a provider and key in this
            process decides how many requests are under way.
        budget: what may be spent.
        pace_of: gives the limiter of a server and a key.
        replaying: a cassette answers, so no key is needed and recorded waits are skipped.
            Default: whether one is being replayed now.
        chat: is asked in place of the provider's own, as in a dry run.
        sleep: how to wait between requests; with one of its own a model has its own limiter.

    Raises:
        UsageError: the name has no known form, the provider's package is not installed, the
            address is none, or the script cannot be read.
        ModelUnavailable: there is no key.
    """
    batches = current_batches()
    kind, colon, rest = name.partition(":")
    if not (colon and kind and rest):
        raise UsageError(f"{name!r} is not a model's name", _FORMS)
    asking = asking or Asking()
    if replaying is None:
        replaying = is_replaying()
    if kind == "scripted":
        from agent.gateway.scripted import open_script

        provider = open_script(name, Path(rest))
    else:
        from agent.gateway.provider import open_provider

        provider = open_provider(
            name,
            base_url=base_url,
            api_key=api_key,
            asking=asking,
            replaying=replaying,
            transport=batches.transport(name, asking) if batches else None,
        )
    if chat is not None:
        provider = replace(provider, chat=chat)
    if replaying:
        # Nobody is spared by waiting, and what is asked must not depend on an earlier run.
        pace = Pace(str(provider.server), clock=Clock(_no_wait))
    elif sleep is not asyncio.sleep or not provider.server.host:
        pace = Pace(str(provider.server), clock=Clock(sleep))
    else:
        pace = pace_of(provider.server.host, "".join(provider.server.secrets))
    if provider.watch:
        provider.watch(pace.observe)
    if batches:
        asking = replace(asking, timeout=None, concurrency=AT_ONCE)
    return LanguageModel(
        name,
        provider,
        journal=journal,
        asking=asking,
        budget=budget,
        pace=FreePace() if batches else pace,
        batches=batches,
    )


async def _no_wait(_: float) -> None:
    await asyncio.sleep(0)
