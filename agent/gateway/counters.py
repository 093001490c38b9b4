"""What the asking of a language model takes: requests, tokens, dollars."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from agent.gateway.answers import cached_tokens, charged, served_by

if TYPE_CHECKING:
    from langchain_core.messages import AIMessage, BaseMessage

BATCH_TIER = "batch"
"""How an answer says that it came in a batch."""


@dataclass
class Counters:
    """What the model has taken so far."""

    requests: int = 0
    """Requests sent, failed ones included."""
    cached: int = 0
    """Answers taken from the journal instead."""
    prompt_tokens: int = 0
    completion_tokens: int = 0
    cached_tokens: int = 0
    """Those of the prompts that lay in the provider's prompt cache."""
    batch_prompt_tokens: int = 0
    """Those of prompts that went in batches; they are in `prompt_tokens`, too, as the next two
    are in what they are called after."""
    batch_completion_tokens: int = 0
    batch_cached_tokens: int = 0
    estimated: bool = False
    """Whether a server left out its count, so that ours (4 characters a token) stands in."""
    cost_usd: float = 0.0
    """What servers said they charge."""
    unpriced: int = 0
    """Answers for which the server named no charge; most name none."""
    served_by: set[str] = field(default_factory=set)
    """Models that the server says answered; may differ from the one asked for."""

    def count_answer(self, messages: list[BaseMessage], answer: AIMessage) -> None:
        """Adds what an answer took, as the server says, or estimated."""
        if usage := answer.usage_metadata:
            self.prompt_tokens += usage["input_tokens"]
            self.completion_tokens += usage["output_tokens"]
            self.cached_tokens += cached_tokens(answer)
            if answer.response_metadata.get("service_tier") == BATCH_TIER:
                self.batch_prompt_tokens += usage["input_tokens"]
                self.batch_completion_tokens += usage["output_tokens"]
                self.batch_cached_tokens += cached_tokens(answer)
        else:
            self.estimated = True
            self.prompt_tokens += sum(len(str(message.content)) for message in messages) // 4
            self.completion_tokens += len(answer.text) // 4
        cost = charged(answer)
        if cost is None:
            self.unpriced += 1
        else:
            self.cost_usd += cost
        if model := served_by(answer):
            self.served_by.add(model)


_METER: ContextVar[Counters | None] = ContextVar("meter", default=None)


@contextmanager
def metered() -> Iterator[Counters]:
    """Counts apart what is taken within, by this task and those that it starts.

    So that of many questions side by side each knows its own share.
    """
    meter = Counters()
    token = _METER.set(meter)
    try:
        yield meter
    finally:
        _METER.reset(token)


def with_meter(counters: Counters) -> tuple[Counters, ...]:
    """The model's own counters, and those of whom the question is asked for."""
    meter = _METER.get()
    return (counters, meter) if meter else (counters,)
