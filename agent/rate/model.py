"""Rates with a language model: one claim a request, numbered passages, quotes checked here.

The model's answer is data: a stance and a quote for each passage number. Ids, titles,
addresses and dates come from the library. A quote that is not in its passage voids the
answer; the gateway sends it back once, then the claim fails.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import TYPE_CHECKING, Literal

from pydantic import BaseModel, ConfigDict

import prompts
from agent.gateway.answers import AnswerProblem
from agent.rate import evidence
from agent.types import Claim, Evidence, Hit
from prompts import as_data
from tools.text.alignment import find_verbatim

if TYPE_CHECKING:
    from agent.gateway.model import LanguageModel

PROMPT = "rate_claim"
CERTAINTY = {"high": 0.95, "medium": 0.8, "low": 0.6}
"""Probability that stands for a model's own words. Set, not measured: an eval of a model
can replace them."""
SILENT, CLOSE = CERTAINTY["high"], CERTAINTY["medium"]
"""The same for passages that decide nothing: plainly, or nearly deciding."""


class Decided(BaseModel):
    """What the model says of a passage that decides."""

    model_config = ConfigDict(extra="forbid")
    passage: int
    stance: Literal["supports", "contradicts"]
    quote: str
    certainty: Literal["high", "medium", "low"]


class Rating(BaseModel):
    """The model's answer on one claim; every passage stands in one of the three lists.

    Most passages decide nothing, so these are numbers only. The explanation is read by nobody
    but the journal: it comes first, so that the model compares before it decides.
    """

    model_config = ConfigDict(extra="forbid")
    explanation: str
    decided: list[Decided]
    close: list[int]
    neutral: list[int]

    @property
    def passages(self) -> list[int]:
        """The numbers of all passages, as the model gave them."""
        return [item.passage for item in self.decided] + self.close + self.neutral


class ModelRater:
    """Rates with a language model through the gateway."""

    def __init__(self, model: LanguageModel) -> None:
        self._model = model

    @property
    def name(self) -> str:
        return self._model.name

    async def rate(self, claim: Claim, hits: Sequence[Hit]) -> list[Evidence]:
        """As `agent.rate.Rater`."""
        if not hits:
            return []
        # The order of passages is part of the journal's key: by source, not by score, so
        # that a rebuilt index cannot change it.
        ordered = sorted(hits, key=lambda hit: (hit.source.id, hit.passage.start))
        prompt = prompts.load(PROMPT).render(
            claim=as_data(claim.text),
            passages="\n\n".join(
                f"[{number}{_published(hit)}] {as_data(hit.passage.text)}"
                for number, hit in enumerate(ordered, 1)
            ),
        )
        rating = await self._model.answer(prompt, Rating, check=lambda r: _check(r, ordered))
        silent = dict.fromkeys(rating.close, CLOSE) | dict.fromkeys(rating.neutral, SILENT)
        decided = {item.passage: item for item in rating.decided}
        items = []
        for number, hit in enumerate(ordered, 1):
            if number in silent:
                opening = _opening(hit.passage.text)
                items.append(evidence(hit, opening, "neutral", silent[number]))
            else:
                item = decided[number]
                probability = CERTAINTY[item.certainty]
                items.append(evidence(hit, _quoted(item, hit), item.stance, probability))
        return items


def _published(hit: Hit) -> str:
    """The day of publication, from the library, for what a passage says of `Tuesday`."""
    return f", {hit.source.published_at}" if hit.source.published_at else ""


def _check(rating: Rating, hits: Sequence[Hit]) -> None:
    numbers = sorted(rating.passages)
    if numbers != list(range(1, len(hits) + 1)):
        raise AnswerProblem(
            "bad_reply", f"give each passage from 1 to {len(hits)} exactly once, not {numbers}"
        )
    for item in rating.decided:
        _quoted(item, hits[item.passage - 1])


def _quoted(item: Decided, hit: Hit) -> tuple[int, int]:
    """Where the passage has the quote."""
    if not item.quote.strip():
        raise AnswerProblem("bad_quote", f"passage {item.passage}: a quote is needed")
    if (span := find_verbatim(item.quote, hit.passage.text)) is None:
        told = f"passage {item.passage}: the quote is not in the passage word for word"
        raise AnswerProblem("bad_quote", f"{told}: {item.quote[:120]!r}", told=told)
    return span


@lru_cache(maxsize=4096)  # claims near one another are shown the same passages
def _opening(passage: str) -> tuple[int, int]:
    """A neutral passage is shown by its first sentence."""
    from tools.text.sentences import sentence_spans

    return sentence_spans(passage)[0]
