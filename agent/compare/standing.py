"""The places and results that a claim tells, compared with those of a passage.

`third-largest` against `fifth-largest`, `3–1` against `3–2`: see `tools.numbers.standings`.
"""

from __future__ import annotations

import re
from collections.abc import Sequence, Set
from dataclasses import replace

from agent.compare.placing import Place, Subject, places
from agent.compare.rankings import rankings
from agent.compare.subjects import Finding, Relation, Sentence, own_names
from tools.numbers.measures import kin
from tools.numbers.numerals import numerals
from tools.numbers.standings import Rank, Score, ranks, scores
from tools.text.words import content_stems, is_negated, stem
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
    before = ""
    for sentence in sentences:
        for kind in (ranks(sentence.text), scores(sentence.text)):
            placed += zip(kind, places(sentence, kind, context, before), strict=True)
        before = sentence.text
    told = {number.value for each in sentences for number in numerals(each.text)}
    found = [finding for one in ours if (finding := _standing(claim, one, subject, placed, told))]
    silent = all(finding.relation == "silent" for finding in found)
    if silent and (ranked := rankings(claim, sentences, context)):
        return ranked
    return found


def _standing(
    claim: str,
    ours: Rank | Score,
    subject: Subject,
    placed: Sequence[tuple[Rank | Score, Place]],
    told: Set[float],
) -> Finding | None:
    """The best placed one that tells the same, else the best that tells another."""
    best: dict[Relation, tuple[float, Place, Rank | Score]] = {}
    passed = less = False
    wanted = ours
    if isinstance(ours, Rank) and _AFTER_ANOTHER.match(claim, ours.end):
        wanted = replace(ours, place=ours.place + 1)  # `the largest after Brede`
    for theirs, place in placed:
        relation = _related(wanted, theirs)
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
        if relation == "same" and _less_told(claim, ours, place.sentence.text, theirs):
            less = True
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
            if left.lower() == right.lower():
                note = f"{left}: the same"
            return Finding("figure", relation, sentence.start, sentence.end, note, round(shared, 4))
    left = claim[ours.start : ours.end]
    if less and "same" not in best:
        note = f"{left}: in the passage, of several or of less"
        return Finding("figure", "silent", note=note, elsewhere=True)
    if isinstance(ours, Rank) and ours.place == 1:
        return None  # "the largest" is often told in other words
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
    if theirs.order in _CONTRARY.get(ours.order, ()):
        return _of_one_order(claim, subject, ours, theirs, place)
    if not of_what or _RANKED_BY.search(text) or not _NO_MORE.match(text, theirs.end):
        return False
    head = kin(content_stems(of_what[1].split()[-1]))
    return bool(head and head | subject.words <= place.near and _AMONG.search(text))


def _contraries(pairs: str) -> dict[str, frozenset[str]]:
    found: dict[str, frozenset[str]] = {}
    for pair in pairs.split():
        sides = [frozenset(map(stem, side.split("+"))) for side in pair.split("/")]
        for one, other in (sides, sides[::-1]):
            found.update(dict.fromkeys(one, other))
    return found


_CONTRARY = _contraries(
    "largest+biggest/smallest highest/lowest longest/shortest oldest/youngest+newest "
    "hottest+warmest/coldest+coolest wettest+rainiest/driest richest/poorest best/worst "
    "fastest/slowest heaviest/lightest deepest/shallowest strongest/weakest busiest/quietest "
    "cheapest/dearest widest/narrowest sunniest/cloudiest"
)
"""Superlatives of which one thing among several has one at most."""


def _of_one_order(claim: str, subject: Subject, ours: Rank, theirs: Rank, place: Place) -> bool:
    """Whether two opposite superlatives are of one thing among the same others: `July was the
    wettest month of the year`, `It was the driest month of the year apart from May`."""
    text = place.sentence.text
    if len(ranks(text)) > 1 or len(ranks(claim)) > 1 or is_negated(claim) or is_negated(text):
        return False
    if any(_ONE_OF_SEVERAL.search(t[: r.start]) for t, r in ((claim, ours), (text, theirs))):
        return False
    what, of_theirs = (_OF_SIZE.match(t, r.end) for t, r in ((claim, ours), (text, theirs)))
    if not what or not of_theirs or what[1].split()[-1] != of_theirs[1].split()[-1]:
        return False
    who = content_stems(claim[: ours.start])
    told = content_stems(f"{place.told} {text[: theirs.start]}")
    return (
        bool(who) and who <= told and subject.words <= kin(content_stems(place.told)) | place.near
    )


_ONE_OF_SEVERAL = re.compile(
    r"\b(?:(?:one|some|several|two|three|many|part) of|among|amongst)\s+"
    r"(?:the|its|their|his|her|our)\s+(?:[\w’'-]+\s+){0,3}$",
    re.I,
)
_OF_EVER = re.compile(
    r"\b(?:ever|on record|in (?:its|the|their) (?:\w+ )?history|of all time|since records began|"
    r"to date)\b",
    re.I,
)
# `The lowest since 2010`, `the largest after Brede`, `in five years`.
_OF_LESS = re.compile(
    r"[^.;,]{0,40}?\b(?:since (?!records?\b|measure\w+ began)|in (?:the (?:last|past) )?(?:[\w-]+ )"
    r"(?:years|decades|months)\b|this (?:year|season|month)\b|"
    r"of the (?:year|season|month|decade)\b|so far\b)",
    re.I,
)
_SINCE = re.compile(r"[^.;,]*?\bsince (?:[a-z]+ ){0,2}((?:1[5-9]|20)\d\d)\b", re.I)
_AFTER_ANOTHER = re.compile(
    r"(?:\s+[a-z-]+){0,5}\s+(?:after|apart from|except(?: for)?|bar|behind|next to)\s+"
    r"(?:the\s+)?[A-Z]"
)


def _less_told(claim: str, ours: Rank | Score, text: str, theirs: Rank | Score) -> bool:
    """Whether a passage tells less than the place that a claim tells: of one of several, of the
    first but for another, or of a shorter time than ever."""
    if not (isinstance(ours, Rank) and isinstance(theirs, Rank)):
        return False
    several = [
        _ONE_OF_SEVERAL.search(whole[: rank.start])
        for whole, rank in ((claim, ours), (text, theirs))
    ]
    if several[1] and not several[0]:
        return True
    if _AFTER_ANOTHER.match(text, theirs.end) and not _AFTER_ANOTHER.match(claim, ours.end):
        return True
    if _OF_EVER.search(text):
        return False
    ours_since, theirs_since = _SINCE.search(claim), _SINCE.match(text, theirs.end)
    if ours_since and theirs_since:
        return int(theirs_since[1]) > int(ours_since[1])
    return bool(_OF_EVER.search(claim) and _OF_LESS.match(text, theirs.end))


def _on_the_way(claim: str, place: Place) -> bool:
    """Whether a claim tells how something ended, and a sentence where it stood before the end."""
    text = place.sentence.text
    return bool(_ENDED.search(claim) and _ON_THE_WAY.search(text) and not _ENDED.search(text))


def _related(ours: Rank | Score, theirs: Rank | Score) -> Relation | None:
    if isinstance(ours, Rank) and isinstance(theirs, Rank):
        if _SIZE.fullmatch(ours.order) and theirs.order == "place":
            return None if ours.place == theirs.place else "differs"
        if theirs.order in _CONTRARY.get(ours.order, ()):
            return "differs" if ours.place == theirs.place == 1 else None
        if ours.order != theirs.order:
            return None
        return "same" if ours.place == theirs.place else "differs"
    if isinstance(ours, Score) and isinstance(theirs, Score):
        return "same" if (ours.high, ours.low) == (theirs.high, theirs.low) else "differs"
    return None
