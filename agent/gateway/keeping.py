"""The journal as the gateway uses it: under which key an answer lies, and what is kept of it."""

from __future__ import annotations

import asyncio
import hashlib
import json
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

from pydantic import BaseModel

from agent.gateway.answers import AnswerProblem, read_answer, served_by, text_of

if TYPE_CHECKING:
    from langchain_core.messages import AIMessage

    from agent.gateway.journal import Entry
    from agent.gateway.provider import Provider
    from prompts import Rendered

T = TypeVar("T", bound=BaseModel)


class Answers(Protocol):
    """What keeps answers: `Journal`, or who asks another process's. Called from threads."""

    def get(self, key: str) -> Entry | None:
        """As `Journal.get`."""

    def put(
        self,
        key: str,
        answer: str,
        *,
        prompt: str,
        model: str | None,
        prompt_tokens: int | None,
        completion_tokens: int | None,
    ) -> None:
        """As `Journal.put`."""


def key_of(name: str, provider: Provider, prompt: Rendered, asked: dict[str, Any]) -> str:
    """Everything an answer depends on, hashed. Not the host: the same model may move.

    Args:
        name: the model, as the user named it.
        provider: its parameters and what else tells it apart.
        prompt: the rendered prompt.
        asked: the schema of the answer, as `agent.gateway.answers.answer_schema`.
    """
    identity = {
        "model": name,
        "prompt": prompt.name,
        "version": prompt.version,
        "system": prompt.system,
        "user": prompt.user,
        "parameters": provider.optional | provider.identity,
        "schema": asked["schema"],
    }
    return hashlib.sha256(json.dumps(identity, sort_keys=True).encode()).hexdigest()


async def recall(
    journal: Answers, key: str, schema: type[T], check: Callable[[T], None] | None
) -> tuple[T, Entry] | None:
    """The answer that lies in the journal; None where there is none that can be used."""
    entry = await asyncio.to_thread(journal.get, key)
    if entry is None:
        return None
    try:
        answer = read_answer(entry.answer, schema)
        if check:
            check(answer)
    except AnswerProblem:  # kept under an older, laxer check: ask again
        return None
    return answer, entry


async def keep(journal: Answers, key: str, prompt: Rendered, message: AIMessage) -> None:
    """Puts an answer into the journal; it is on the disk when this returns.

    Raises:
        ModelUnavailable: the journal cannot be written.
    """
    usage = message.usage_metadata
    await asyncio.to_thread(
        journal.put,
        key,
        text_of(message),
        prompt=prompt.name,
        model=served_by(message),
        prompt_tokens=usage["input_tokens"] if usage else None,
        completion_tokens=usage["output_tokens"] if usage else None,
    )
