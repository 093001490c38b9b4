"""The dates of a claim, compared with those of a passage.

`tools.times.dates` tells whether two dates agree; here it is decided whether they are of one event.
As with figures, the date that is placed best among the claim's words decides; a day to which
something was put off decides against the first one.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import pairwise

from agent.compare.placing import Place, Subject, places
from agent.compare.subjects import Finding, Sentence, same_event, same_subject, share
from tools.numbers.quantities import quantities
from tools.numbers.standings import ranks
from tools.text.words import antonyms, content_stems, names
from tools.times.dates import (
    DateMention,
    agree,
    alike,
    century_mentions,
    date_mentions,
    dates_in_order,
)

_SHARED = 0.5
"""How much of the claim's content a sentence must share before a date in it counts."""
_SAME = 0.4
"""Least share of the claim around its date, with what is told before the sentence."""
_COARSER = 0.7
"""The same for a date that is coarser than the claim's: the sentence must tell of the event."""
_SOMEBODY = re.compile(r"\W*(?:he|she|it|they|this|that|these|those)\b", re.I)
_KNOWN = re.compile(
    r"(?:The|This|His|Her|Its|Their)\s(?:article|story|report|post|tweet|video|clip|photo\w*|"
    r"picture|image|interview|statement|letter|study|column)\b"
)
"""What opens a claim of a text or picture, one of many: `The article was published in May`."""
_TELLING = 3
"""Fewest content words, beside its dates, by which a claim is known that names nobody."""
_MARGIN = 0.05
"""How much better another date must be placed than the claim's own before that one counts."""


def dates(
    claim: str, sentences: Sequence[Sentence], context: frozenset[str] = frozenset()
) -> list[Finding]:
    """Whether the passage tells the claim's dates for the same event, or others; at most one.

    Args:
        claim: the claim's text; dates that hang on a figure of it never differ.
        sentences: those of the passage.
        context: content stems of the passage and of what is known of its source.
    """
    mentions = _dates_of(claim)
    if not mentions:
        return []
    subject = Subject.of(claim, mentions)
    same: Finding | None = None
    differs: Finding | None = None
    coarser: Finding | None = None
    told = dates_in_order([sentence.text for sentence in sentences])
    for sentence, exact in zip(sentences, told, strict=True):
        theirs = sorted((*exact, *century_mentions(sentence.text)), key=lambda date: date.start)
        if not theirs:
            continue
        there = places(sentence, theirs, context)
        shared = _least_shared(mentions, theirs, there, subject)
        if shared >= _SAME and (same is None or shared > same.subject_shared):
            same = Finding("date", "same", sentence.start, sentence.end, "", shared)
        coarser = coarser or _coarser(claim, mentions, sentence, theirs, there, subject)
        other = _other(claim, mentions, sentence, theirs, there, subject)
        if other and (differs is None or other.subject_shared > differs.subject_shared):
            differs = other
    if same and (not differs or same.subject_shared >= differs.subject_shared - _MARGIN):
        return [same]
    if differs and _tells_of_what(claim, mentions):
        return [differs]
    return [coarser] if coarser else []


def _dates_of(claim: str) -> tuple[DateMention, ...]:
    """The dates of a claim; its centuries where it tells nothing more exact."""
    return date_mentions(claim) or century_mentions(claim)


def _tells_of_what(claim: str, mentions: Sequence[DateMention]) -> bool:
    """Whether a claim tells of what its dates are: `She graduated in 2008` is true of many."""
    if not _SOMEBODY.match(claim) and not _KNOWN.match(claim):
        return True
    rest = claim
    for mention in sorted(mentions, key=lambda mention: -mention.start):
        rest = f"{rest[: mention.start]} {rest[mention.end :]}"
    return bool(names(rest)) or len(content_stems(rest)) >= _TELLING


def _least_shared(
    mentions: Sequence[DateMention],
    theirs: Sequence[DateMention],
    there: Sequence[Place],
    subject: Subject,
) -> float:
    """How much of the claim stands around the worst placed of its dates; 0 where one is not told,
    or only a month or season of a day."""
    return min(
        max(
            (
                place.shared(subject)
                for b, place in zip(theirs, there, strict=True)
                if agree(a, b) and not _open(a, b)
            ),
            default=0.0,
        )
        for a in mentions
    )


_BY_WEEKDAY = re.compile(
    r"\b(?:(?:mon|tues|wednes|thurs|fri|satur|sun)day|yesterday|today|tonight|tomorrow)\b", re.I
)


def _open(a: DateMention, b: DateMention) -> bool:
    """Whether the claim tells a day, and the passage no more than its month, season or year."""
    return bool(a.day and a.month and not b.day)


def _coarser(
    claim: str,
    mentions: Sequence[DateMention],
    sentence: Sentence,
    theirs: Sequence[DateMention],
    there: Sequence[Place],
    subject: Subject,
) -> Finding | None:
    """That a sentence tells of the claim's event, but not on which day it was."""
    if _BY_WEEKDAY.search(sentence.text) or not same_subject(claim, sentence.text):
        return None
    for a in mentions:
        for b, place in zip(theirs, there, strict=True):
            if agree(a, b) and _open(a, b) and place.shared(subject) >= _COARSER:
                told = sentence.text[b.start : b.end]
                note = f"{claim[a.start : a.end]}: the passage tells only {told}"
                return Finding("date", "silent", note=note, absent=True)
    return None


def _other(
    claim: str,
    mentions: Sequence[DateMention],
    sentence: Sentence,
    theirs: Sequence[DateMention],
    there: Sequence[Place],
    subject: Subject,
) -> Finding | None:
    """The date that a sentence tells for the claim's event instead of the claim's."""
    if quantities(claim) or _THAN.search(claim):
        return None  # another figure for another period is no contradiction
    stems = content_stems(_without(claim, mentions))
    if not same_subject(claim, sentence.text) or antonyms(claim, sentence.text):
        return None
    if share(stems, sentence.text) < _SHARED or not same_event(stems, claim, sentence.text):
        return None
    if any(_OR.fullmatch(claim, a.end, b.start) for a, b in pairwise(mentions)):
        return None  # "in 1889 or 1890"
    for a in mentions:
        if any(agree(a, b) for b in theirs):
            continue
        placed = [
            (p.shared(subject), -i)
            for i, p in enumerate(there)
            if _contradicts(claim, a, mentions, sentence.text, theirs[i])
            and not _between(a, theirs, sentence.text)
        ]
        if placed:
            shared, index = max(placed)
            b = theirs[-index]
            if (a.century or b.century) and not _ONCE.search(claim):
                note = f"{claim[a.start : a.end]} century: not in the passage"
                return Finding("date", "silent", note=note, elsewhere=True)
            note = f"{claim[a.start : a.end]} against {sentence.text[b.start : b.end]}"
            return Finding("date", "differs", sentence.start, sentence.end, note, shared)
    return None


# What happens to one thing once; coffee may be grown in two centuries, which tells of neither.
_ONCE = re.compile(
    r"\b(?:born|died|built|founded|established|created|invented|discovered|composed|written|painted|"
    r"published|printed|carved|cast|completed|inaugurated|abolished|first|last|extinct|extinction)\b",
    re.I,
)
_THAN = re.compile(r"\b(?:more|fewer|less|\w+er) (?:[\w-]+ ){0,4}than (?:in|on|at)\b", re.I)
_OR = re.compile(r",?\s+or(?:\s+in)?\s+", re.I)
_BOUNDED = re.compile(
    r"\b(after|before|until|till|by|since|prior to|no later than)\s+(?:the year\s+)?$", re.I
)
_TO = re.compile(r"\s*(?:[-–—]|to|until|till|through|and)\s*", re.I)
_SINCE_THEN = re.compile(r"\bsince\b", re.I)
_LIFE = re.compile(r"\(\s*(?:born\b|b\.|\*)?[^()]*$", re.I)
_LIVED = re.compile(r"\b(?:born|birth|died|death|dead|lived|age[ds]?|old)\b|\d\s*[–-]", re.I)


def _contradicts(
    claim: str, a: DateMention, mentions: Sequence[DateMention], text: str, b: DateMention
) -> bool:
    """Whether a date of a sentence is told where the claim tells another one.

    It is not where one side tells a bound (`after 1996`), where it is a lifetime in brackets and
    the claim is not about that, nor where it is the date of something else that the claim tells.
    """
    if not alike(a, b) or agree(a, b) or any(agree(other, b) for other in mentions):
        return False
    if _is_dateline(text, b):
        return False
    if _bound(claim, a) != _bound(text, b) or (_SINCE_THEN.search(claim) and ranks(claim)):
        return False  # the lowest since 2005 is that since 2010, too
    return bool(_LIVED.search(claim)) or not _LIFE.search(text[: b.start])


_LED = re.compile(
    r"(?:^|[^\w\s]|\b(?:an?|the|on|of|in|at|by|to|from|since|until|till|for|and|or|before|after|"
    r"between|through|during|around|about|circa|was|is|early|late|mid|this|last|next|born|died|"
    r"dated|published|released|updated|year|autumn|fall|spring|summer|winter))\s*$",
    re.I,
)
_WEEKDAY = re.compile(r"(?:mon|tues|wednes|thurs|fri|satur|sun)day,?\s*$", re.I)
_RUNS_ON = re.compile(r"\s+[A-Z]")


def _is_dateline(text: str, date: DateMention) -> bool:
    """Whether a day stands between two sentences as a page has it below its headline: `Ada Holm
    Tuesday 2 September 2014 Fighters have …`."""
    if not (date.day and date.year) or not _RUNS_ON.match(text, date.end):
        return False
    return not _LED.search(_WEEKDAY.sub("", text[: date.start]))


def _bound(text: str, date: DateMention) -> str:
    match = _BOUNDED.search(text[max(0, date.start - 25) : date.start])
    return match[1].lower() if match else ""


def _between(a: DateMention, theirs: Sequence[DateMention], text: str) -> bool:
    """Whether a date lies in a time of which a sentence tells beginning and end."""
    return any(
        first.year and last.year and a.year and first.year <= a.year <= last.year
        for first, last in pairwise(theirs)
        if first.end <= last.start and _TO.fullmatch(text, first.end, last.start)
    )


def _without(text: str, spans: Sequence[DateMention]) -> str:
    for span in reversed(spans):
        text = text[: span.start] + " " + text[span.end :]
    return text
