"""What a check would take, without sending anything: `--dry-run`.

The check runs as it would, against a stand-in for the model. So requests follow from the same
code, prompts are the real ones, and answers that lie in the journal cost nothing. What only the
model could tell is estimated: it would find the claims that the rules find, and its answers are
as long as those that `evals/llm/dryrun.py` measured.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from operator import add
from typing import TYPE_CHECKING, Any, cast

from langchain_core.language_models import BaseChatModel
from langchain_core.messages import AIMessage, BaseMessage
from langchain_core.outputs import ChatGeneration, ChatResult
from pydantic import PrivateAttr

from agent.errors import ClaimFailed
from agent.gateway.budget import longest_answer
from agent.gateway.model import LanguageModel
from agent.gateway.opening import open_model
from agent.gateway.tokens import tokens_in

if TYPE_CHECKING:
    from langchain_core.callbacks import (
        AsyncCallbackManagerForLLMRun,
        CallbackManagerForLLMRun,
    )

    from agent.gateway.journal import Journal
    from agent.gateway.prices import Price
    from agent.types import Claim

EXTRACTION = 2.0
"""Tokens of an answer for each token of the sentences to be split."""
DECIDING = 2
"""Passages of a claim that are quoted, since they decide it, however many are shown."""
QUOTE = 12
"""Words of such a quote."""
_EXPLANATION = "One source gives the same figure as the claim; another, of a later day, does not."
_NUMBERED = re.compile(r"^\[(\d+)[^\]]*\] (.*(?:\n(?!\[\d).*)*)", re.MULTILINE)


@dataclass(frozen=True)
class Estimate:
    """What a check would take.

    Attributes:
        claims: that would be rated; found by the rules, but where the journal has the answer.
        requests: that would be sent.
        cached: answers that the journal has.
        prompt_tokens, completion_tokens: of these requests.
        cost_usd: dollars, where nothing is served from a provider's prompt cache, which is
            cheaper; None where the price is unknown.
        largest_tokens, largest_usd: what one request may take at most; a smaller budget does
            not reach for it.
        needed_tokens, needed_usd: a budget that reaches for all: what each request may take is
            reserved beside what those before it took.
    """

    claims: int
    requests: int
    cached: int
    prompt_tokens: int
    completion_tokens: int
    cost_usd: float | None
    largest_tokens: int = 0
    largest_usd: float | None = 0.0
    needed_tokens: int = 0
    needed_usd: float | None = 0.0

    def __add__(self, other: Estimate) -> Estimate:
        """Of both checks together."""
        taken = self.prompt_tokens + self.completion_tokens
        return Estimate(
            self.claims + other.claims,
            self.requests + other.requests,
            self.cached + other.cached,
            self.prompt_tokens + other.prompt_tokens,
            self.completion_tokens + other.completion_tokens,
            _known(add, self.cost_usd, other.cost_usd),
            max(self.largest_tokens, other.largest_tokens),
            _known(max, self.largest_usd, other.largest_usd),
            max(self.needed_tokens, taken + other.needed_tokens),
            _known(max, self.needed_usd, _known(add, self.cost_usd, other.needed_usd)),
        )

    def __str__(self) -> str:
        kept = f", {self.cached} answers from the journal" if self.cached else ""
        cost = "an unknown sum" if self.cost_usd is None else f"${self.cost_usd:.4f}"
        return (
            f"About {self.claims} claims: {self.requests} requests{kept}, {self.prompt_tokens:,} "
            f"tokens sent and {self.completion_tokens:,} answered, {cost}. Nothing was sent."
        ) + self._budgets()

    def _budgets(self) -> str:
        if not self.requests:
            return ""
        return (
            f" A budget of {_sum(self.needed_tokens, self.needed_usd)} should reach for all of it: "
            f"the most that a request may take, here up to "
            f"{_sum(self.largest_tokens, self.largest_usd)}, is reserved before it is sent."
        )


def _sum(tokens: int, usd: float | None) -> str:
    return f"{tokens:,} tokens" + (f" or ${usd:.4f}" if usd is not None else "")


def _known(
    of: Callable[[float, float], float], one: float | None, other: float | None
) -> float | None:
    return None if one is None or other is None else of(one, other)


@dataclass
class Tally:
    """What the stand-in was sent, and what a model would have answered."""

    sent: int = 0
    got: int = 0
    largest: tuple[int, int] = (0, 0)
    """Of the request that may take most: tokens sent, and the most that a budget lets it answer."""
    needed: tuple[int, int] = (0, 0)
    """The same of the request that reaches highest above what those before it took, with that."""


class StandIn(BaseChatModel):
    """Counts what it is asked; answers a rating, and refuses to split."""

    _tally: Tally = PrivateAttr(default_factory=Tally)

    @property
    def tally(self) -> Tally:
        return self._tally

    @property
    def _llm_type(self) -> str:
        return "stand-in"

    def _generate(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: CallbackManagerForLLMRun | None = None,
        **kwargs: Any,
    ) -> ChatResult:
        schema = kwargs.get("extra_body", {}).get("response_format")
        asked = sum(tokens_in(str(message.text)) for message in messages)
        asked += tokens_in(json.dumps(schema)) if schema else 0
        before = (self._tally.sent, self._tally.got)
        self._tally.sent += asked
        question = str(next(m for m in messages if m.type == "human").text)
        reserved = (asked, longest_answer(tokens_in(question)))
        self._tally.largest = max(self._tally.largest, reserved, key=sum)
        reached = (before[0] + reserved[0], before[1] + reserved[1])
        self._tally.needed = max(self._tally.needed, reached, key=sum)
        if sentences := _between(question, "sentences"):
            self._tally.got += round(EXTRACTION * tokens_in(sentences))
            raise ClaimFailed("not_sent", "nothing is sent in a dry run")
        passages = _NUMBERED.findall(_between(question, "passages"))
        self._tally.got += tokens_in(json.dumps(_likely(passages)))
        answer = json.dumps(_rating([], [int(number) for number, _ in passages]))
        return ChatResult(generations=[ChatGeneration(message=AIMessage(answer))])

    async def _agenerate(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: AsyncCallbackManagerForLLMRun | None = None,
        **kwargs: Any,
    ) -> ChatResult:
        return self._generate(messages, **kwargs)


class _ReadOnly:
    """A journal that is looked into and not written to: what the stand-in says is no answer."""

    def __init__(self, journal: Journal) -> None:
        self.get = journal.get

    def put(self, key: str, answer: str, **about: Any) -> None:
        """Keeps nothing."""


class Rehearsal:
    """A model that sends nothing, and what a run with it comes to.

    Args:
        name: of the model, as for `open_model`; no key is needed.
        base_url: of its server.
        journal: answers that lie there are taken from there.

    Raises:
        UsageError: as `open_model`.
    """

    def __init__(
        self, name: str, *, base_url: str | None = None, journal: Journal | None = None
    ) -> None:
        self._stand_in = StandIn()
        kept = cast("Journal", _ReadOnly(journal)) if journal is not None else None
        self.model: LanguageModel = open_model(
            name, base_url=base_url, journal=kept, replaying=True, chat=self._stand_in
        )

    def estimate(self, claims: Sequence[Claim], price: Price | None) -> Estimate:
        """What the questions so far would take."""
        tally, usage = self._stand_in.tally, self.model.usage
        cost = price.cost(tally.sent, tally.got) if price else None
        return Estimate(
            len(claims),
            usage.requests,
            usage.cached,
            tally.sent,
            tally.got,
            0.0 if not usage.requests else cost,
            sum(tally.largest),
            price.cost(*tally.largest) if price else None,
            sum(tally.needed),
            price.cost(*tally.needed) if price else None,
        )


def _between(text: str, tag: str) -> str:
    _, found, rest = text.rpartition(f"<{tag}>\n")
    return rest.partition(f"\n</{tag}>")[0] if found else ""


def _likely(passages: Sequence[tuple[str, str]]) -> dict[str, Any]:
    """A rating as long as a model's; its stances are nobody's opinion."""
    decided = [
        {
            "passage": int(number),
            "stance": "contradicts",
            "quote": " ".join(text.split()[:QUOTE]),
            "certainty": "high",
        }
        for number, text in passages[:DECIDING]
    ]
    return _rating(decided, [int(number) for number, _ in passages[DECIDING:]])


def _rating(decided: list[dict[str, Any]], neutral: list[int]) -> dict[str, Any]:
    return {"explanation": _EXPLANATION, "decided": decided, "close": [], "neutral": neutral}
