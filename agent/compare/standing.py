"""The places and results that a claim tells, compared with those of a passage.

`third-largest` against `fifth-largest`, `3–1` against `3–2`: see `tools.numbers.standings`.
"""

from __future__ import annotations

import re
from collections.abc import Sequence, Set

from agent.compare.placing import Place, Subject, places
from agent.compare.rankings import rankings
from agent.compare.subjects import Finding, Relation, Sentence, own_names
from tools.numbers.measures import kin, last_clause
from tools.numbers.numerals import numerals
from tools.numbers.standings import Rank, Score, ranks, scores
from tools.text.words import content_stems, names
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
    told = {number.value for each in sentences for number in numerals(each.text)}
    found = [finding for one in ours if (finding := _standing(claim, one, subject, placed, told))]
    silent = all(finding.relation == "silent" for finding in found)
    if silent and (ranked := rankings(claim, sentences, context)):
        found = ranked
    return found + (_divided(claim, unanimous[0], subject, placed) if unanimous else [])


_UNANIMOUS = re.compile(
    r"\b(?:unanimous(?:ly)?|without (?:a|any) (?:dissenting|opposing) votes?|"
    r"with no votes? against)\b",
    re.I,
)
_VOTES = re.compile(r"\b(?:votes?|voted|in favou?r|against)\b", re.I)
_HARDLY = re.compile(r"\b(?:not|never|nearly|almost|far from|less than)\b|n[’']t\b", re.I)
# What is told behind these may be of another body or thing than the clause opens with.
_OF_OTHERS = re.compile(r"\b(?:and|that|which|whose|who|had|unanimous\w*)\b", re.I)
_WITH = re.compile(r",\s(?:with|by)\s*$")
_BODY = re.compile(r"(?:(?:The|A|An|Its|Their|All)\s)?([\w-]+)(?![’'])\b")


def _divided(
    claim: str, told: str, subject: Subject, placed: Sequence[tuple[Rank | Score, Place]]
) -> list[Finding]:
    """A vote with votes on both sides, which a claim calls unanimous.

    One body votes on many things, and many bodies on one: the clause of the vote must open with
    what the claim opens with, and tell all that the claim does.
    """
    rest = claim.replace(told, " ")
    body = _BODY.match(rest.strip(" ,"))
    if not body or _HARDLY.search(claim):
        return []
    words = subject.words - content_stems(told)
    for score, place in placed:
        sentence = place.sentence
        if not isinstance(score, Score) or not score.low or not place.of_claim(claim):
            continue
        shared = place.shared(subject)
        votes = sentence.text[score.start : score.end]
        if not _VOTES.search(votes) or shared < _DIFFERS:
            continue
        before = last_clause(_WITH.sub(" ", sentence.text[: score.start]))
        theirs = _BODY.match(before.strip())
        if not theirs or theirs[1].lower() != body[1].lower() or _OF_OTHERS.search(before):
            continue
        if words <= kin(content_stems(before)) and not names(before) - names(claim):
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
    told: Set[float],
) -> Finding | None:
    """The best placed one that tells the same, else the best that tells another."""
    best: dict[Relation, tuple[float, Place, Rank | Score]] = {}
    passed = False
    for theirs, place in placed:
        relation = _related(ours, theirs)
        if relation is None:
            continue
        if _on_the_way(claim, place):
            named = own_names(claim) <= own_names(place.sentence.text)
            passed = passed or (relation == "same" and (named or place.of_claim(claim)))
            continue
        if not place.of_claim(claim):
            continue
        if not _names_order(claim, subject, ours, theirs, place):
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
    if passed and "same" not in best:
        note = f"{left}: in the passage, before the end"
        return Finding("figure", "silent", note=note, elsewhere=True)
    # Who does not tell the result of a match can hardly support or contradict it; but it may be
    # told in two numbers: nine voted for it and three against.
    note = f"{left}: not in the passage"
    apart = isinstance(ours, Score) and not {ours.high, ours.low} <= told
    return Finding("figure", "silent", note=note, absent=apart)


_SIZE = re.compile(r"(?:larg|bigg)(?:est)?")
_AMONG = re.compile(r"\b[Aa]mong\s|(?:^|,\s)[Oo]f (?:all )?(?:the|its|their)\s")
# A place in a ranking by something else says nothing of size.
_RANKED_BY = re.compile(
    r"\b(?:by|for|terms|rank\w*|lists?|listed|tables?|polls?|surveys?|index|leagues?|contests?|"
    r"competitions?|championships?|races?|cups?|awards?|prizes?|votes?|elections?|seasons?|"
    r"finish\w*|popular\w*|quality|value|speed|growth)\b",
    re.I,
)
_NO_MORE = re.compile(r"\s*(?:$|[.,;:)]|behind\b|after\b|in size\b)")
_OF_SIZE = re.compile(
    r"\s((?:[a-z-]+\s){0,3}?[a-z-]+)(?=\s(?:of|in|on|by|for|at|to|that)\b|[.,;]|$)"
)
# Where it stood on some day, and where it ended.
_ENDED = re.compile(r"\b(?:finish(?:ed|es)?|ended|final)\b", re.I)
_ON_THE_WAY = re.compile(
    r"\b(?:climb(?:s|ed|ing)?|mov(?:es|ed|ing)|slip(?:s|ped|ping)?|dropp(?:ed|ing)|rose|fell|"
    r"currently|so far|at the moment|halfway|at half-time|remain(?:ed|ing)? to be|to play)\b",
    re.I,
)


def _names_order(
    claim: str, subject: Subject, ours: Rank | Score, theirs: Rank | Score, place: Place
) -> bool:
    """Whether two places are of one order by name, or a bare one can only be one of size.

    `Among the makers of tractors it comes second` denies that it is the biggest maker, while one
    that is fifth for customer service may well be the second largest, and one that is second may
    be the biggest of the north: all that the claim tells must be told here.
    """
    if not (isinstance(ours, Rank) and isinstance(theirs, Rank)) or ours.order == theirs.order:
        return True
    text = place.sentence.text
    of_what = _OF_SIZE.match(claim, ours.end)
    if not of_what or _RANKED_BY.search(text) or not _NO_MORE.match(text, theirs.end):
        return False
    head = kin(content_stems(of_what[1].split()[-1]))
    return bool(head and head | subject.words <= place.near and _AMONG.search(text))


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
