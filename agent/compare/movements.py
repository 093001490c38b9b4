"""By how much a claim says that something differs, against two figures of the passage.

`Rents doubled between 2015 and 2023`, `it cost five million more than planned`, `Arle is 300 metres
higher than Brae`: where a passage has just two figures of the kind, told of the two times, as plan
and outcome, or of the two that the claim names, their difference is the claim's or contradicts it.
With a third figure of the kind nothing is told.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import combinations

from agent.compare.matching import Asked, Match, Told, one_thing
from agent.compare.placing import Place
from agent.compare.subjects import own_names, same_subject
from agent.compare.vocabulary import DIFFERENCES
from tools.numbers.arithmetic import Derived, change_between
from tools.numbers.contrasts import set_apart
from tools.numbers.quantities import Quantity, relate
from tools.times.dates import DateMention, agree, date_mentions, dates_in_order

_SAME, _DIFFERS, _TOLD = 0.5, 0.6, 0.6
"""Least share of the claim around the two figures for the claim's, and for another one to
contradict; and of the claim's words but names in their sentences for the latter."""
_FAR_APART = 300
"""Characters between the sentences of two figures that a text compares."""
_THAN_PLANNED = re.compile(
    r"\b(?:than|over|above|below|under)\s+(?:\w+\s+){0,4}?(?:plan(?:ned|s)?|expected|forecasts?|"
    r"predicted|budget(?:ed)?|estimated?|targets?|hoped|intended|foreseen)\b",
    re.I,
)
_NAMES_THAN = re.compile(r"\bthan\s+(?:the\s+)?((?:[A-Z][\w’-]*\s?)+)")
_AFTERWARDS = re.compile(
    r"\b(?:now|today|since|later|then|currently|afterwards|in the end|second|last|by the end)\b",
    re.I,
)
_SINCE = re.compile(r"\bsince\b", re.I)


def movement(asked: Asked, found: Sequence[Told]) -> Match | None:
    """The claim's change or difference against the two figures that it is one of.

    Args:
        asked: the figure of the claim.
        found: the figures of the passage.
    """
    ours = asked.figure
    if not ours.change or ours.rate or ours.aspect == "expected":
        return None
    usable = [(figure, place) for figure, place in found if _is_level(asked, figure, place)]
    about = own_names(asked.claim)
    named = [(figure, place) for figure, place in usable if about & own_names(place.text)]
    if len(named) > 1:
        usable = named  # those of somebody else are no third
    subject = type(asked.subject)(asked.subject.names, asked.subject.words - DIFFERENCES)
    for first, last in _pairs(asked, usable):
        for result in change_between(first[0], last[0]):
            if result.quantity.unit != ours.unit:
                continue
            place = Place.joined([first[1], last[1]])
            relation = relate(ours, result.quantity)
            if result.quantity.change != ours.change and not _is_still(result):
                relation = "differs"
            shared, here = place.shared(subject), place.told_here(subject)
            if relation == "same" and shared >= _SAME:
                note = f"{ours.phrase}: {result.note}"
                return Match("same", shared, place, result.quantity, note)
            if relation == "differs" and shared >= _DIFFERS and here >= _TOLD:
                note = f"{ours.phrase} {ours.change}: {result.note} {result.quantity.change}"
                return Match("differs", shared, place, result.quantity, note)
    return None


def _is_still(result: Derived) -> bool:
    return result.quantity.values[0] == 0


def _is_level(asked: Asked, figure: Quantity, place: Place) -> bool:
    """Whether a figure tells a level that the claim's change may be between."""
    ours = asked.figure
    if figure.change or figure.spread or figure.magnitude_unclear or not place.text:
        return False
    if figure.bound not in ("exact", "about") or figure.unit in ("points", "age", "rank", "degree"):
        return False
    wanted = {"%": figure.unit != "%", "points": figure.unit == "%"}
    if not wanted.get(ours.unit, figure.unit == ours.unit):
        return False
    text = place.sentence.text
    return same_subject(asked.claim, place.told + text) and not set_apart(asked.claim, text)


def _pairs(asked: Asked, usable: Sequence[Told]) -> Iterator[tuple[Told, Told]]:
    """The pairs of figures, the one that the claim starts from first, that no third is like."""
    for one, other in combinations(usable, 2):
        (a, here), (b, there) = one, other
        if a.unit != b.unit or not one_thing(a, b) or a.modifiers != b.modifiers:
            continue
        if a.rate != b.rate or (a.head and b.head and a.head != b.head):
            continue
        if there.sentence.start - here.sentence.end > _FAR_APART:
            continue
        # Of many figures alike nearly every pair has a third, which is seen at once.
        if any(
            c.unit == a.unit and one_thing(a, c) and one_thing(b, c)
            for c, _ in usable
            if c is not a and c is not b
        ):
            continue
        if not asked.names_counted(a, b):
            continue
        if _THAN_PLANNED.search(asked.claim):
            if {a.aspect, b.aspect} == {"expected", "told"}:
                yield (one, other) if a.aspect == "expected" else (other, one)
        elif than := _NAMES_THAN.search(asked.claim):
            yield from _by_names(asked.claim, own_names(than[1]), one, other)
        elif "expected" not in (a.aspect, b.aspect):
            yield from _by_time(asked.claim, one, other)


def _by_names(
    claim: str, less: frozenset[str], one: Told, other: Told
) -> Iterator[tuple[Told, Told]]:
    """The figure of whom the claim compares with, and that of whom it speaks of."""
    told = own_names(claim.partition("than")[0])
    more, less = told - less, less - told
    for first, last in ((one, other), (other, one)):
        of_first, of_last = own_names(first[1].text), own_names(last[1].text)
        if of_first & less and not of_first & more and of_last & more and not of_last & less:
            yield first, last


def _by_time(claim: str, one: Told, other: Told) -> Iterator[tuple[Told, Told]]:
    """The earlier figure and the later one, where both are of the times that the claim names."""
    (a, here), (b, there) = one, other
    first = _dated(here)
    last = _dated(there, first)
    if not _times_told(claim, first, last):
        return
    years = [date.year for date in (first, last) if date and date.year]
    if len(years) == 2 and years[0] != years[1]:
        yield (one, other) if years[0] < years[1] else (other, one)
        return
    if first and last and len(years) != 1:
        months = [min(date.months() or {0}) for date in (first, last) if date]
        if 0 not in months and months[0] != months[1]:
            yield (one, other) if months[0] < months[1] else (other, one)
        return
    if (a.aspect == "earlier") != (b.aspect == "earlier"):
        yield (one, other) if a.aspect == "earlier" else (other, one)
    elif a.aspect == "told" and _AFTERWARDS.search(there.text):
        yield one, other


def _dated(place: Place, other: DateMention | None = None) -> DateMention | None:
    """The date beside a figure: the only one there but that of the other figure."""
    text = place.sentence.text
    dates = [d for d in dates_in_order([text])[0] if text[d.start : d.end] in place.text]
    dates = [date for date in dates if date != other] if len(dates) > 1 else dates
    return dates[0] if len(dates) == 1 else None


def _times_told(claim: str, first: DateMention | None, last: DateMention | None) -> bool:
    """Whether the dates of a claim are those of the two figures."""
    ours = date_mentions(claim)
    if not ours:
        return True
    if not all(any(date and agree(a, date) for date in (first, last)) for a in ours):
        return False
    if len(ours) > 1 or not (first and last and first.year and last.year):
        return True
    if _SINCE.search(claim):
        return agree(ours[0], min((first, last), key=lambda date: date.year or 0))
    later = max((first, last), key=lambda date: date.year or 0)
    return agree(ours[0], later) and abs((first.year or 0) - (last.year or 0)) <= 1
