"""Rates with the embedded judge: computed findings first, the cross-encoder for the rest."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from functools import lru_cache

from agent.compare.corrections import without_retracted
from agent.rate import evidence
from agent.rate.agreement import agreed, is_asked
from agent.rate.calibration import ClaimCalibration
from agent.rate.contest import contesting, rivals
from agent.rate.estimates import replaced
from agent.rate.gate import AGAIN
from agent.rate.judge import UNREAD, EmbeddedJudge, Judgement
from agent.rate.renamed import renaming
from agent.rate.windows import Pair
from agent.rate.wordings import outvoted
from agent.types import VERDICTS, Claim, Compared, Evidence, Hit, Source, Stance, Verdict
from tools.text.spinning import is_spun

_STANCES: dict[Verdict, Stance] = {
    "supported": "supports",
    "conflicting": "contradicts",
    "unverifiable": "neutral",
}
_SETTING = 400
"""Characters of a source's opening in which its names are looked for."""


_AT_ONCE = 2
"""Claims that are rated side by side: while the network reads for one, the rules of another run.
More would only wait, since the network has a thread for each core and the rules have one."""


class EmbeddedRater:
    """Rates offline, two claims at a time.

    Args:
        judge: default one of its own.
        skips_far: leave unread what is too far from a claim to decide it (`agent.rate.gate`). Only
            where hits were found by the embedder that ships, whose cosines the rule goes by.
    """

    def __init__(self, judge: EmbeddedJudge | None = None, *, skips_far: bool = False) -> None:
        self.judge = judge or EmbeddedJudge()
        self._skips_far = skips_far
        self._turns = asyncio.Semaphore(_AT_ONCE)

    @property
    def name(self) -> str:
        return self.judge.name

    async def rate(self, claim: Claim, hits: Sequence[Hit]) -> list[Evidence]:
        """As `agent.rate.Rater`; never fails."""
        async with self._turns:
            return await asyncio.to_thread(self._rated, claim, hits)

    async def judgements(self, claim: Claim, hits: Sequence[Hit]) -> list[Judgement]:
        """What the judge says of each passage."""
        async with self._turns:
            return await asyncio.to_thread(self.judged, claim, hits)

    def _rated(self, claim: Claim, hits: Sequence[Hit]) -> list[Evidence]:
        return self.told(claim, hits, self.judged(claim, hits))

    def judged(self, claim: Claim, hits: Sequence[Hit]) -> list[Judgement]:
        """`judgements`, in the caller's thread.

        Where far passages are left unread, those are read after all that seem to contradict by a
        figure, or that may contest a claim which others support.
        """
        pairs = [pair_of(claim, hit) for hit in hits]
        if not self._skips_far:
            return list(map(agreed, pairs, self.judge.judge(pairs)))
        placed = zip(pairs, hits, strict=True)
        judgements = self.judge.judge([replace(pair, similarity=hit.score) for pair, hit in placed])
        unread = [p for p, j in enumerate(judgements) if not (j.is_read or j.unread)]
        self._read(pairs, judgements, [p for p in unread if is_asked(judgements[p])])
        judgements = list(map(agreed, pairs, judgements))
        far = [
            place
            for place in unread
            if not (judgements[place].is_read or judgements[place].ruling)
            and hits[place].score >= AGAIN
        ]
        self._read(pairs, judgements, rivals(far, self._alone(hits, judgements)))
        return judgements

    def _read(
        self, pairs: Sequence[Pair], judgements: list[Judgement], places: Sequence[int]
    ) -> None:
        """Has pairs read by the network that were left unread as too far."""
        read = self.judge.judge([pairs[place] for place in places])
        for place, judgement in zip(places, read, strict=True):
            judgements[place] = agreed(pairs[place], judgement)

    def _reads(self, text: str, passage: str) -> tuple[float, float, float]:
        (judgement,) = self.judge.judge([Pair(text, passage)])
        return judgement.probabilities

    def told(
        self, claim: Claim, hits: Sequence[Hit], judgements: Sequence[Judgement]
    ) -> list[Evidence]:
        """What follows from judgements on a claim, as evidence."""
        claims = self.judge.calibration.claims
        rated = self._alone(hits, judgements)
        contested = contesting(claim.text, judgements, rated, self._reads)
        spans = {place: judgements[place].conflict for place in contested}
        if not spans:
            ruled = {place for place, judgement in enumerate(judgements) if judgement.ruling}
            spans = renaming(claim.text, rated, ruled)
        for place, span in spans.items():
            against = claims.apply("contradicts", judgements[place].probabilities[1])
            rated[place] = evidence(hits[place], span, "contradicts", against)
        undecided = replaced(hits, judgements) | outvoted(judgements, rated)
        for place, note in undecided.items():
            rule = judgements[place].ruling
            span = (rule.finding.start, rule.finding.end) if rule else judgements[place].conflict
            rated[place] = evidence(hits[place], span, "neutral", UNREAD[2], note)
        return rated

    def _alone(self, hits: Sequence[Hit], judgements: Sequence[Judgement]) -> list[Evidence]:
        """What follows from each judgement by itself."""
        claims = self.judge.calibration.claims
        return [
            evidence(hit, *_told(judgement, claims, len(hit.passage.text)))
            for hit, judgement in zip(hits, judgements, strict=True)
        ]


def pair_of(claim: Claim, hit: Hit) -> Pair:
    """What the judge is asked of a claim and a passage that was retrieved for it."""
    source, passage = hit.source, hit.passage
    text = without_retracted(source.text, passage.start, passage.end)
    return Pair(_bare(claim), text, _setting(source), _is_spun(source))


def stance_of(judgement: Judgement, supports: float, contradicts: float) -> tuple[Stance, float]:
    """The stance and its probability as the judge gives it.

    Args:
        judgement: of one passage.
        supports: least probability of a support.
        contradicts: least probability of a contradiction.
    """
    supported, conflicting, neutral = judgement.probabilities
    if rule := judgement.ruling:
        return _STANCES[rule.verdict], rule.probabilities[VERDICTS.index(rule.verdict)]
    if supported >= max(supports, conflicting):
        return "supports", supported
    if conflicting >= contradicts:
        return "contradicts", conflicting
    return "neutral", neutral


def _told(
    judgement: Judgement, claims: ClaimCalibration, length: int
) -> tuple[tuple[int, int], Stance, float, str | None, Compared | None]:
    """Quote, stance, its probability among the passages of a claim, and what was computed of
    what. Of a passage of this length that is taken back as a whole nothing was read."""
    if not judgement.support[1]:
        return (0, length), "neutral", UNREAD[2], None, None
    stance, probability = stance_of(judgement, claims.supports, claims.contradicts)
    if rule := judgement.ruling:
        finding = rule.finding
        if is_asked(judgement):
            probability = claims.apply(stance, probability)
        span = (finding.start, finding.end) if finding.end else judgement.support
        if stance == "neutral" or not finding.note:
            return span, stance, probability, None, None
        return span, stance, probability, finding.note, finding.what
    if judgement.unread:
        return judgement.support, "neutral", UNREAD[2], judgement.unread, None
    probability = claims.apply(stance, probability)
    figures = [f for f in judgement.findings if f.what == "figure" and f.relation == "same"]
    if stance == "supports" and figures:
        note = "; ".join(f.note for f in figures if f.note) or None
        quote = (figures[0].start, figures[0].end)
        return quote, stance, probability, note, "figure" if note else None
    span = judgement.conflict if stance == "contradicts" else judgement.support
    return span, stance, probability, None, None


def _bare(claim: Claim) -> str:
    """The claim without the days that were written in: the cross-encoder takes a date that
    only one side tells for a contradiction."""
    text = claim.text
    for added in claim.context_added:
        text = text.replace(f" ({added})", "")
    return text


def _setting(source: Source) -> str:
    return f"{source.title or ''}\n{source.text[:_SETTING]}"


def _is_spun(source: Source) -> bool:
    """Whether a source is spun; of one whose reader saw nothing odd that is not asked again."""
    return any(warning.code == "machine_spun" for warning in source.warnings) and _spun(source.text)


@lru_cache(maxsize=256)
def _spun(text: str) -> bool:
    return is_spun(text)
