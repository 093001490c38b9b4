"""Rates with a language model: one claim a request, numbered passages, quotes checked here.

The model's answer is data: a stance and a quote for each passage number. Ids, titles,
addresses and dates come from the library. A quote that is not in its passage voids the
answer; the gateway sends it back once, then the claim fails.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import TYPE_CHECKING, Literal

from pydantic import BaseModel, ConfigDict, Field

import prompts
from agent.gateway.answers import AnswerProblem
from agent.rate import evidence
from agent.types import Claim, Evidence, Hit, Stance
from prompts import as_data
from tools.text.alignment import find_verbatim

if TYPE_CHECKING:
    from agent.gateway.model import LanguageModel

PROMPT = "rate_claim"
CERTAINTY = {"high": 0.95, "medium": 0.8, "low": 0.6}
"""Probability that stands for a model's own words. Set, not measured: an eval of a model
can replace them."""


class PassageStance(BaseModel):
    """The model's view of one passage."""

    model_config = ConfigDict(extra="forbid")
    passage: int = Field(description="the passage's number")
    stance: Stance
    quote: str | None = Field(description="verbatim from the passage; null for neutral")
    certainty: Literal["high", "medium", "low"]


class Rating(BaseModel):
    """The model's answer on one claim."""

    model_config = ConfigDict(extra="forbid")
    stances: list[PassageStance]
    explanation: str
    missing: str | None


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
        items = []
        for item in sorted(rating.stances, key=lambda s: s.passage):
            hit = ordered[item.passage - 1]
            span = find_verbatim(item.quote or "", hit.passage.text)
            probability = CERTAINTY[item.certainty]
            if span is None:
                items.append(evidence(hit, _opening(hit.passage.text), "neutral", probability))
            else:
                items.append(evidence(hit, span, item.stance, probability))
        return items


def _published(hit: Hit) -> str:
    """The day of publication, from the library, for what a passage says of `Tuesday`."""
    return f", published {hit.source.published_at}" if hit.source.published_at else ""


def _check(rating: Rating, hits: Sequence[Hit]) -> None:
    numbers = [item.passage for item in rating.stances]
    if sorted(numbers) != list(range(1, len(hits) + 1)):
        raise AnswerProblem(
            "bad_reply", f"give each passage from 1 to {len(hits)} exactly once, not {numbers}"
        )
    for item in rating.stances:
        if item.stance == "neutral":
            continue
        passage = hits[item.passage - 1].passage.text
        if not (item.quote or "").strip():
            raise AnswerProblem("bad_quote", f"passage {item.passage}: a quote is needed")
        if find_verbatim(item.quote or "", passage) is None:
            raise AnswerProblem(
                "bad_quote",
                f"passage {item.passage}: the quote is not in the passage word for word: "
                f"{(item.quote or '')[:120]!r}",
            )


@lru_cache(maxsize=4096)  # claims near one another are shown the same passages
def _opening(passage: str) -> tuple[int, int]:
    """A neutral passage is shown by its first sentence."""
    from tools.text.sentences import sentence_spans

    return sentence_spans(passage)[0]
