"""The places and results that a claim tells, compared with those of a passage.

`third-largest` against `fifth-largest`, `3–1` against `3–2`: see `tools.numbers.standings`.
"""

from __future__ import annotations

from collections.abc import Sequence

from agent.rate.placing import Place, Subject, places
from agent.rate.subjects import Finding, Relation, Sentence
from tools.numbers.standings import Rank, Score, ranks, scores
from tools.times.dates import date_mentions

_DIFFERS = 0.6
"""Least share of the claim around another place or result for a contradiction."""
_SAME, _TOLD_HERE = 0.4, 0.5


def standings(claim: str, sentences: Sequence[Sentence], context: frozenset[str]) -> list[Finding]:
    """One finding for each place and each result of the claim.

    Args:
        claim: the claim's text.
        sentences: those of the passage.
        context: content stems of the passage and of what is known of its source.
    """
    ours: list[Rank | Score] = [*ranks(claim), *scores(claim)]
    if not ours:
        return []
    subject = Subject.of(claim, [*ours, *date_mentions(claim)])
    placed: list[tuple[Rank | Score, Place]] = []
    for sentence in sentences:
        for kind in (ranks(sentence.text), scores(sentence.text)):
            placed += zip(kind, places(sentence, kind, context), strict=True)
    return [finding for one in ours if (finding := _standing(claim, one, subject, placed))]


def _standing(
    claim: str,
    ours: Rank | Score,
    subject: Subject,
    placed: Sequence[tuple[Rank | Score, Place]],
) -> Finding | None:
    """The best placed one that tells the same, else the best that tells another."""
    best: dict[Relation, tuple[float, Place, Rank | Score]] = {}
    for theirs, place in placed:
        relation = _related(ours, theirs)
        if relation is None or not place.of_claim(claim):
            continue
        shared = place.shared(subject)
        if relation not in best or shared > best[relation][0]:
            best[relation] = (shared, place, theirs)
    for relation, least in (("same", _SAME), ("differs", _DIFFERS)):
        if relation in best and best[relation][0] >= least:
            shared, place, theirs = best[relation]
            if relation == "differs" and place.told_here(subject) < _TOLD_HERE:
                continue
            sentence = place.sentence
            left, right = claim[ours.start : ours.end], sentence.text[theirs.start : theirs.end]
            note = f"{left} against {right}" + (": the same" if relation == "same" else "")
            return Finding("figure", relation, sentence.start, sentence.end, note, round(shared, 4))
    if isinstance(ours, Rank) and ours.place == 1:
        return None  # "the largest" is often told in other words
    left = claim[ours.start : ours.end]
    return Finding("figure", "silent", note=f"{left}: not in the passage")


def _related(ours: Rank | Score, theirs: Rank | Score) -> Relation | None:
    if isinstance(ours, Rank) and isinstance(theirs, Rank):
        if ours.order != theirs.order:
            return None
        return "same" if ours.place == theirs.place else "differs"
    if isinstance(ours, Score) and isinstance(theirs, Score):
        return "same" if (ours.high, ours.low) == (theirs.high, theirs.low) else "differs"
    return None
