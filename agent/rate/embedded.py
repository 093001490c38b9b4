"""Rates with the embedded judge: computed findings first, the cross-encoder for the rest."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from functools import lru_cache

from agent.rate import evidence
from agent.rate.judge import EmbeddedJudge, Judgement, Pair
from agent.types import Claim, Evidence, Hit, Source, Stance
from tools.spinning import is_spun

SUPPORTS, CONTRADICTS = 0.38, 0.55
"""Least calibrated probability of a stance. `python -m evals.calibrate` prints macro F1 and
false conflicts for a grid of both: F1 is flat from 0.34 to 0.42 for support. For a
contradiction it is best at 0.45, at 10 % false conflicts; 0.55 halves these. A false alarm
costs a reader more than a miss, which still ends as `unverifiable` and is shown."""
QUOTED = 0.97
"""Probability of a stance that rests on a word-for-word comparison. Set, not measured:
what can be wrong is only whether the two quotations are meant to be the same."""
SET = 0.75
"""Probability of a computed contradiction whose precision no benchmark measures."""
_SETTING = 400
"""Characters of a source's opening in which its names are looked for."""


class EmbeddedRater:
    """Rates offline. Claims are rated one after another: the judge uses all cores."""

    def __init__(self, judge: EmbeddedJudge | None = None) -> None:
        self.judge = judge or EmbeddedJudge()
        self._turn = asyncio.Lock()

    @property
    def name(self) -> str:
        return self.judge.name

    async def rate(self, claim: Claim, hits: Sequence[Hit]) -> list[Evidence]:
        """As `agent.rate.Rater`; never fails."""
        pairs = [
            Pair(_bare(claim), hit.passage.text, _setting(hit.source), _is_spun(hit.source.text))
            for hit in hits
        ]
        async with self._turn:
            judgements = await asyncio.to_thread(self.judge.judge, pairs)
        precision = self.judge.calibration.precision
        return [
            evidence(hit, *_stance(judgement, precision))
            for hit, judgement in zip(hits, judgements, strict=True)
        ]


def _stance(
    judgement: Judgement, precision: dict[str, float]
) -> tuple[tuple[int, int], Stance, float, str | None]:
    """Quote, stance, its probability, and what was computed.

    A figure or a quotation that is computed to differ outweighs the model; a figure of the
    claim that the passage does not have forbids any stance, because the model takes any
    other figure for a contradiction.
    """
    supported, conflicting, neutral = judgement.probabilities
    found = judgement.findings
    quotations = [f for f in found if f.what == "quotation" and f.relation != "silent"]
    if altered := next((f for f in quotations if f.relation == "differs"), None):
        return (altered.start, altered.end), "contradicts", QUOTED, altered.note
    if quotations:
        verbatim = quotations[0]
        return (verbatim.start, verbatim.end), "supports", QUOTED, verbatim.note
    if differs := next((f for f in found if f.relation == "differs"), None):
        probability = max(conflicting, precision.get(differs.what, SET))
        return (differs.start, differs.end), "contradicts", probability, differs.note
    figures = [f for f in found if f.what == "figure"]
    if any(f.relation == "silent" for f in found):
        return judgement.support, "neutral", max(neutral, 1 - max(supported, conflicting)), None
    note = "; ".join(f.note for f in figures if f.note) or None
    span = (figures[0].start, figures[0].end) if figures else judgement.support
    if supported >= max(SUPPORTS, conflicting):
        if judgement.denied:
            return span, "neutral", 1 - supported, None
        return span, "supports", supported, note
    if conflicting >= CONTRADICTS:
        return judgement.conflict, "contradicts", conflicting, None
    return judgement.support, "neutral", neutral, None


def _bare(claim: Claim) -> str:
    """The claim without the days that were written in: the cross-encoder takes a date that
    only one side tells for a contradiction."""
    text = claim.text
    for added in claim.context_added:
        text = text.replace(f" ({added})", "")
    return text


def _setting(source: Source) -> str:
    return f"{source.title or ''}\n{source.text[:_SETTING]}"


@lru_cache(maxsize=256)
def _is_spun(text: str) -> bool:
    return is_spun(text)
