"""The places and results that a claim tells, compared with those of a passage.

`third-largest` against `fifth-largest`, `3–1` against `3–2`: see `tools.numbers.standings`.
"""

from __future__ import annotations

import re
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
    unanimous = _UNANIMOUS.search(claim)
    if not ours and not unanimous:
        return []
    subject = Subject.of(claim, [*ours, *date_mentions(claim)])
    placed: list[tuple[Rank | Score, Place]] = []
    before = ""
    for sentence in sentences:
        for kind in (ranks(sentence.text), scores(sentence.text)):
            placed += zip(kind, places(sentence, kind, context, before), strict=True)
        before = sentence.text
    found = [finding for one in ours if (finding := _standing(claim, one, subject, placed))]
    return found + (_divided(claim, unanimous[0], subject, placed) if unanimous else [])


_UNANIMOUS = re.compile(
    r"\b(?:unanimous(?:ly)?|without (?:a|any) (?:dissenting|opposing) votes?|"
    r"with no votes? against)\b",
    re.I,
)
_VOTES = re.compile(r"\b(?:votes?|voted|in favou?r|against)\b", re.I)


def _divided(
    claim: str, told: str, subject: Subject, placed: Sequence[tuple[Rank | Score, Place]]
) -> list[Finding]:
    """A vote with votes on both sides, which a claim calls unanimous."""
    for score, place in placed:
        sentence = place.sentence
        if not isinstance(score, Score) or not score.low or not place.of_claim(claim):
            continue
        shared = place.shared(subject)
        votes = sentence.text[score.start : score.end]
        if _VOTES.search(votes) and shared >= _DIFFERS and place.told_here(subject) >= _TOLD_HERE:
            note = f"{told} against {votes}"
            return [
                Finding("figure", "differs", sentence.start, sentence.end, note, round(shared, 4))
            ]
    return []


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
        if relation is None or not place.of_claim(claim) or _on_the_way(claim, place):
            continue
        if not _names_order(ours, theirs, place):
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


_SIZE = re.compile(r"(?:larg|bigg|great|lead)(?:est)?")
_AMONG = re.compile(
    r"\b(?:[Aa]mong|[Oo]f|[Ii]n the (?:list|ranking|table))\s+(?:all\s+)?(?:the\s+)?\w+"
)
# Where it stood on some day, and where it ended.
_ENDED = re.compile(r"\b(?:finish(?:ed|es)?|ended|final)\b", re.I)
_ON_THE_WAY = re.compile(
    r"\b(?:climb(?:s|ed|ing)?|mov(?:es|ed|ing)|slip(?:s|ped|ping)?|dropp(?:ed|ing)|rose|fell|"
    r"currently|so far|at the moment|halfway|at half-time|remain(?:ed|ing)? to be|to play)\b",
    re.I,
)


def _names_order(ours: Rank | Score, theirs: Rank | Score, place: Place) -> bool:
    """Whether two places are of one order by name, or the sentence of a bare one tells of what."""
    if not (isinstance(ours, Rank) and isinstance(theirs, Rank)) or ours.order == theirs.order:
        return True
    return bool(_AMONG.search(place.sentence.text))


def _on_the_way(claim: str, place: Place) -> bool:
    """Whether a claim tells how something ended, and a sentence where it stood before the end."""
    text = place.sentence.text
    return bool(_ENDED.search(claim) and _ON_THE_WAY.search(text) and not _ENDED.search(text))


def _related(ours: Rank | Score, theirs: Rank | Score) -> Relation | None:
    if isinstance(ours, Rank) and isinstance(theirs, Rank):
        if _SIZE.fullmatch(ours.order) and theirs.order == "place":
            return None if ours.place == theirs.place else "differs"
        if ours.order != theirs.order:
            return None
        return "same" if ours.place == theirs.place else "differs"
    if isinstance(ours, Score) and isinstance(theirs, Score):
        return "same" if (ours.high, ours.low) == (theirs.high, theirs.low) else "differs"
    return None
