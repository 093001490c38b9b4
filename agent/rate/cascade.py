"""Rates with the embedded judge first, and with a language model what that leaves open.

The embedded judge reads every passage. A claim that it is sure of is settled by it; of any
other claim the language model sees the passages that may decide, and no others. What is sure
enough was measured by `evals/llm/cascade.py`, which keeps its thresholds in
`tools/models/cascade.json`, each for a stated share of errors.
"""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

from agent.rate import Rater
from agent.rate.calibration import FEATURES
from agent.rate.embedded import EmbeddedRater, stance_of
from agent.rate.judge import EmbeddedJudge, Judgement
from agent.types import Claim, Evidence, Hit, Verdict
from tools.models import CALIBRATION

FILE = CALIBRATION.with_name("cascade.json")
RELEVANCE = ("covered", "neutral", "similarity")
"""What a passage's relevance is told by: the share of the claim's words that it has, the log
odds that it does not decide, and the cosine similarity that it was found with."""
_COVERED = FEATURES.index("covered")


@dataclass(frozen=True)
class Thresholds:
    """What is sure enough.

    Attributes:
        weights, bias: of a logistic regression over `RELEVANCE`: does a passage decide?
        relevant: least probability with which a passage is shown to the language model.
        settled: by verdict, least probability of its surest passage with which the embedded
            judge settles a claim; None where it never does.
    """

    weights: tuple[float, ...]
    bias: float
    relevant: float
    settled: dict[Verdict, float | None]

    def relevance(self, judgement: Judgement, hit: Hit) -> float:
        """Probability that a passage decides its claim."""
        if judgement.unread:  # the judge cannot read it; the language model may
            return 1.0
        return relevance(relevance_inputs(judgement, hit), self.weights, self.bias)


def relevance_inputs(judgement: Judgement, hit: Hit) -> tuple[float, float, float]:
    """The inputs of the regression, in the order of `RELEVANCE`."""
    neutral = min(max(judgement.probabilities[2], 1e-4), 1 - 1e-4)
    return judgement.features[_COVERED], math.log(neutral / (1 - neutral)), hit.score


def relevance(inputs: Sequence[float], weights: Sequence[float], bias: float) -> float:
    """The logistic regression."""
    score = bias + sum(w * x for w, x in zip(weights, inputs, strict=True))
    return 1 / (1 + math.exp(-score)) if score >= 0 else math.exp(score) / (1 + math.exp(score))


def surest(
    judgements: Sequence[Judgement], supports: float, contradicts: float
) -> tuple[Verdict, float]:
    """The verdict that follows from judgements, and how sure its surest passage is.

    A support is no surer than it is that no passage contradicts; that nothing decides is as sure
    as it is of the passage that comes nearest to deciding.

    Args:
        judgements: of the passages of one claim, at least one.
        supports, contradicts: least probability of a stance, as for `stance_of`.
    """
    stances = [stance_of(each, supports, contradicts) for each in judgements]
    against = [p for stance, p in stances if stance == "contradicts"]
    if against:
        return "conflicting", max(against)
    doubt = 1 - max(each.probabilities[1] for each in judgements)
    for_it = [p for stance, p in stances if stance == "supports"]
    if for_it:
        return "supported", min(max(for_it), doubt)
    return "unverifiable", min(each.probabilities[2] for each in judgements)


@cache
def load() -> Thresholds:
    """The thresholds that ship.

    Raises:
        ValueError: the file is of other inputs.
    """
    data = json.loads(FILE.read_text(encoding="utf-8"))
    if tuple(data["inputs"]) != RELEVANCE:
        raise ValueError(f"{FILE.name} was fitted for other inputs")
    return Thresholds(tuple(data["weights"]), data["bias"], data["relevant"], data["settled"])


class CascadeRater:
    """Settles what the embedded judge is sure of, and leaves the rest to another rater.

    Args:
        judge: the embedded judge.
        rater: is asked about the rest; shown the passages that may decide.
        thresholds: default those that ship.
    """

    def __init__(
        self, judge: EmbeddedJudge, rater: Rater, thresholds: Thresholds | None = None
    ) -> None:
        self._embedded = EmbeddedRater(judge)
        self._rater = rater
        self._thresholds = thresholds or load()

    @property
    def name(self) -> str:
        return f"{self._embedded.name}, then {self._rater.name}"

    async def rate(self, claim: Claim, hits: Sequence[Hit]) -> list[Evidence]:
        """As `agent.rate.Rater`; what was not shown to the language model is neutral."""
        if not hits:
            return []
        judgements = await self._embedded.judgements(claim, hits)
        items = self._embedded.told(claim, hits, judgements)
        # What is not counted settles nothing.
        counted = [
            judgement
            for judgement, hit in zip(judgements, hits, strict=True)
            if hit.reputation != "distrusted"
        ]
        if self.settles(counted or judgements):
            return items
        relevant = [
            self._thresholds.relevance(judgement, hit)
            for judgement, hit in zip(judgements, hits, strict=True)
        ]
        least = self._thresholds.relevant
        shown = [hit for hit, sure in zip(hits, relevant, strict=True) if sure >= least]
        rated = {
            (item.source_id, item.context_start): item
            for item in (await self._rater.rate(claim, shown) if shown else [])
        }
        return [
            rated.get((item.source_id, item.context_start)) or _set_aside(item, 1 - sure)
            for item, sure in zip(items, relevant, strict=True)
        ]

    def settles(self, judgements: Sequence[Judgement]) -> bool:
        """Whether the embedded judge is sure of a claim, by the judgements of its passages."""
        if any(judgement.unread for judgement in judgements):
            return False
        claims = self._embedded.judge.calibration.claims
        verdict, probability = surest(judgements, claims.supports, claims.contradicts)
        least = self._thresholds.settled[verdict]
        return least is not None and probability >= least


def _set_aside(item: Evidence, probability: float) -> Evidence:
    """A passage that is taken not to decide, whatever the embedded judge made of it."""
    told: dict[str, object] = {"stance": "neutral", "probability": round(probability, 4)}
    if item.stance != "neutral":
        told |= {"note": None, "compared": None}
    return item.model_copy(update=told)
