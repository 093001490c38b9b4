"""A question to a model, its good answer, and waits that are not slept."""

from __future__ import annotations

import asyncio
import json
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from agent.gateway.answers import AnswerProblem
from prompts import Rendered

PASSAGE = "The ferry carried 1,204 passengers in May."


class Quote(BaseModel):
    model_config = ConfigDict(extra="forbid", allow_inf_nan=False)
    passage: int
    text: str


class Verdict(BaseModel):
    model_config = ConfigDict(extra="forbid", allow_inf_nan=False)
    claim_id: str
    verdict: Literal["supported", "conflicting", "unverifiable"]
    confidence: float = 0.9
    quotes: list[Quote] = Field(default_factory=list)
    rationale: str | None = None


GOOD: dict[str, Any] = {
    "claim_id": "c1",
    "verdict": "supported",
    "confidence": 0.9,
    "quotes": [{"passage": 1, "text": "1,204 passengers"}],
    "rationale": "the figure is there",
}
OK = json.dumps(GOOD)
Answers = list[dict[str, Any]]


def question(text: str = f"Claim: 1,204 people took the ferry.\n[1] {PASSAGE}") -> Rendered:
    return Rendered("rate_claim", "0" * 64, "You rate claims.", text)


def quotes_are_there(answer: Verdict) -> None:
    if answer.claim_id != "c1":
        raise AnswerProblem("bad_reply", "the answer is about another claim")
    for quote in answer.quotes:
        if quote.passage != 1 or not quote.text or quote.text not in PASSAGE:
            raise AnswerProblem("bad_quote", "a quote is not in its passage")


class Waits(list[float]):
    """Sleeps that are noted instead of slept."""

    async def __call__(self, seconds: float) -> None:
        self.append(seconds)
        await asyncio.sleep(0)
