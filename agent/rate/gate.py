"""Which passages the network need not read, because no reading would make them decide.

A search gives the nearest passages there are, however far these are. So a passage is read where
it is near its claim in one of two ways: in meaning, by the cosine that it was found with, or in
words, by the share of the claim's content words that it has. It is one rule of claim and passage
alone, and what can be computed about the two is computed all the same
(`agent.compare.checks`). Where a claim is supported and nothing speaks against it, what has to
do with the support is read after all (`agent.rate.contest.rivals`).

`evals/judge/gate.py` measures what it saves and what it costs.
"""

from __future__ import annotations

from agent.compare.subjects import sentences_of
from tools.models.embedder import MiniLMEmbedder
from tools.text.words import content_stems, covered

MEASURED_WITH = MiniLMEmbedder.id
"""The embedder whose cosines `NEAR` is of; with another one everything is read."""
NEAR = 0.45
"""Cosine from which a passage is read whatever its words."""
SHARED = 0.5
"""Share of the claim's content words from which it is read whatever its cosine.

Both were chosen on `newsroom` and `check_covid`, where the model decides by 260 passages and none
of them is far. Of 976 claims of these and of `negatives`, `climate_fever`, `wice` and `averitec`
one had another verdict, the right one.
"""
AGAIN = 0.0
"""Cosine from which a far passage is read after all where it may contest what others support: a
short claim often lacks the names that its sources share. `python -m evals.judge.gate --duels`
counts what is found so and what would be lost without."""

_AT_ZERO, _PER_COSINE = 0.76, -0.15
"""Of the line that gives a far passage's probability to decide nothing, by its cosine."""
_FOR = 0.39
"""Of the rest, the part that goes to a support."""


def is_far(claim: str, passage: str, similarity: float) -> bool:
    """Whether a passage is too far from a claim to decide it.

    Args:
        claim: the claim's text.
        passage: the passage as it is read.
        similarity: cosine of the two, -1..1.
    """
    return similarity < NEAR and covered(claim, passage) < SHARED


def of_far(similarity: float) -> tuple[float, float, float]:
    """What the judge says of far passages on average: supported, conflicting, unverifiable.

    A line through the calibrated probabilities that it gave those of six sets which it did read,
    each set of the same weight (`evals/judge/gate.py`).
    """
    nothing = min(max(_AT_ZERO + _PER_COSINE * similarity, 0.0), 1.0)
    return (1 - nothing) * _FOR, (1 - nothing) * (1 - _FOR), nothing


def nearest_sentence(claim: str, passage: str) -> tuple[int, int]:
    """The sentence of a passage that is most alike to a claim in its content words, as a span."""
    spans = sentences_of(passage)
    if not spans:
        return 0, 0
    return max(spans, key=lambda span: (alike(claim, passage[span[0] : span[1]]), -span[0]))


def alike(one: str, other: str) -> float:
    """Dice's coefficient (1945) of the content stems of two texts, 0..1."""
    ours, theirs = content_stems(one), content_stems(other)
    return 2 * len(ours & theirs) / (len(ours) + len(theirs)) if ours or theirs else 0.0
