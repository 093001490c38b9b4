"""Over what stretch of time a figure is told: a year, a quarter, `the first nine months`.

What was sold in nine months is a part of what was sold in the year, and contradicts it no more than
one quarter contradicts another.
"""

from __future__ import annotations

import re
from functools import lru_cache

from agent.compare.placing import Place
from tools.numbers.numerals import SMALL_WORDS, small_number
from tools.numbers.quantities import Quantity
from tools.numbers.units import CURRENCIES
from tools.times.dates import agree, date_mentions, periods_agree

_YEAR = "year"
_NUMBER = rf"\d{{1,2}}|{SMALL_WORDS}"
_SEVERAL = re.compile(
    rf"\b(?:(?:in|within|over|for|during)\s+(?:the\s+)?|the\s+)"
    rf"(?:(first|last|past|previous|final|opening)\s+)?({_NUMBER})\s+(months|weeks|days)\b|"
    rf"\b({_NUMBER})[\s-](months?)\s+(?:to|of|through|until|ended|ending|period)\b",
    re.I,
)
_ONE = re.compile(
    r"\b(first|second|third|fourth|last|final|opening|this|the|past|previous|latest)[\s-]"
    r"(quarter|half|month|week)\b(?!\s+of\s+(?:the|all|its|their)\s+(?!year\b))",
    re.I,
)
# Not yet all of a year: `so far this year`, `by the end of June`.
_SO_FAR = re.compile(
    r"\b(?:so far|(?:year )?to date|up to now|until now|year-to-date|"
    r"(?:until|till|through|up to|by)\s+(?:the\s+)?(?:end\s+of\s+|mid-?\s?)?(?:January|February|"
    r"March|April|May|June|July|August|September|October|November))\b"
)
_WHOLE_YEAR = re.compile(
    r"\b(?:(?:last|this|the|a|full|whole|entire|previous|calendar|financial|fiscal)\s+year|"
    r"annual(?:ly)?|yearly)\b",
    re.I,
)
_NAMED = re.compile(r"\b(half-year|quarterly|monthly|weekly|weekend|fortnight)(?:ly)?\b", re.I)
_OF_YEARS = re.compile(
    r"\b(?:from|between)\s+((?:1[5-9]|20)\d\d)\s+(?:to|and|until)\s+((?:1[5-9]|20)\d\d)\b", re.I
)
# A point in time, or an open stretch.
_SINCE = re.compile(
    r"\b(?:since|(?:at|by) the (?:end|start|beginning) of)\s+(?:1[5-9]|20)\d\d\b", re.I
)
# A time that a sentence begins with is that of all that follows: `By the end of September, …`.
_LEADING = re.compile(
    r"\s*(?:by|in|over|for|during|up to|until|from|between|through)\s[^,]{3,50},", re.I
)
# On `the same quarter of last year`: of which one is left open, and no year is told.
_SAME = re.compile(
    r"\b(?:same|corresponding|comparable|year-earlier)\s"
    r"(?:quarter|half|month|week|period|season|stage|time)\b",
    re.I,
)
# `Three in the first half of the year and seven in the second.`
_ELIDED = re.compile(
    r"\bin the (first|second|third|fourth|last)\b(?=\s*(?:$|[.,;:]|and\b|while\b|but\b))", re.I
)
_PARTS = re.compile(r"(?:quarter|half|month) .+|in month \d+|spring|summer|autumn|winter")
# Prices on an exchange; a share of a market is none.
_TRADED = re.compile(
    r"(?:(?<!market )\bshares|\bshare(?! (?:of|in)\b)|"
    r"(?<!fish )(?<!cod )(?<!oil )\bstocks?)\b[^.;]{0,60}\b(?:clos(?:ed?|ing)|"
    r"trad(?:ed?|es|ing)|open(?:ed|ing)|f[ae]ll|falling|rose|rising|dropped|climbed|jumped|slid|"
    r"surged|plunged|gained|lost|up|down)\b",
    re.I,
)
_WEEKDAY = re.compile(r"\b(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day\b")
_STARTED = re.compile(
    r"\b(?:built|founded|born|opened|elected|established|created|completed|launched|introduced)"
    r"\s+(?:in|on)\s[^,.;]*"
)
_ORDER = {"first": 1, "opening": 1, "second": 2, "third": 3, "fourth": 4}
_OF_MONTHS = {3: "quarter 1", 6: "half 1", 12: _YEAR}


@lru_cache(maxsize=4096)
def _stretches(text: str) -> frozenset[str]:
    """The stretches of time that a text tells; a year only where it tells no part of one."""
    found: set[str] = set()
    for match in _SEVERAL.finditer(text):
        word, unit = match[2] or match[4], (match[3] or match[5]).lower().rstrip("s")
        number = int(word) if word.isdigit() else small_number(word)
        known = _OF_MONTHS.get(number) if unit == "month" else None
        found.add(known or f"{number} {unit}")
    for match in _ONE.finditer(text):
        which = match[1].lower()
        found.add(f"{match[2].lower()} {_ORDER.get(which, which)}")
    found.update(match[1].lower() for match in _NAMED.finditer(text))
    if _SO_FAR.search(text):
        found.add("so far")
    dates = date_mentions(text)
    for date in dates:
        if date.quarter:
            found.add(f"quarter {date.quarter}")
        elif date.half:
            found.add(f"half {date.half}")
        elif date.season:
            found.add(date.season)
        elif date.month and not date.day:
            found.add(f"in month {date.month}")
    if not found and (_SINCE.search(text) or _SAME.search(text)):
        return frozenset()
    if not found and (years := _OF_YEARS.search(text)):
        return frozenset({f"{years[1]} to {years[2]}"})
    if not found:
        # A day is no stretch: what happened on it happened in the year as well.
        year = any(date.year and not (date.month or date.day) for date in dates)
        return frozenset({_YEAR}) if year or _WHOLE_YEAR.search(text) else frozenset()
    return frozenset(found - {_YEAR}) or frozenset(found)


def over_another(claim: str, place: Place, *, change: bool) -> bool:
    """Whether a figure is told over another stretch of time than the claim's.

    Two years are told apart elsewhere. A text that tells no stretch may be of any; and a change is
    told between two years as well as by the later one (`doubled by 2020`).
    """
    ours = _stretches(claim)
    theirs = (
        _elided(place)
        or _stretches(place.text)
        or _stretches(place.sentence.text)
        or _stretches(place.told)
    )
    leading = _LEADING.match(place.sentence.text)
    if leading and theirs <= {_YEAR} and leading[0] not in place.others:
        theirs = _stretches(leading[0]) or theirs
    if not ours or not theirs or ours & theirs:
        return False
    return not change or not any(_is_of_years(told) for told in (ours, theirs))


def _is_of_years(told: frozenset[str]) -> bool:
    return any(stretch[:4].isdigit() for stretch in told)


def apart(claim: str, place: Place) -> bool:
    """Whether a claim and a figure are each told of a part of a year, and of different ones.

    `Seven in the second half` is not what was made in the first. A part against the whole year is
    left open: what happened once in March happened in the year as well.
    """
    ours = _stretches(claim)
    if len(ours) != 1:
        return False
    theirs = _elided(place) or _stretches(place.text) or _stretches(place.sentence.text)
    theirs = theirs or _stretches(place.told)
    (one,) = ours
    if len(theirs) != 1 or one in theirs:
        return False
    (other,) = theirs
    return _kind(one) is not None and _kind(one) == _kind(other)


def of_another_day(claim: str, ours: Quantity, place: Place) -> bool:
    """Whether a figure that contradicts the claim's may be of another day or year.

    The price of a share is another one every day, so that both texts must tell the same day,
    weekday or, where neither tells a day, year. Of another year is what follows a sentence on that
    year and tells none itself; but a length stays, and since when something is there dates nothing.

    Args:
        claim: the claim's text.
        ours: its figure.
        place: where another figure stands.
    """
    if ours.unit not in CURRENCIES | {"%"} or not _TRADED.search(claim):
        if not place.dated or place.told or ours.unit == "metre":
            return False
        years = any(day.year for day in date_mentions(_STARTED.sub(" ", claim)))
        return years and not periods_agree(claim, place.dated)
    if set(_WEEKDAY.findall(claim)) & set(_WEEKDAY.findall(place.sentence.text)):
        return False
    days = date_mentions(claim)
    theirs = date_mentions(place.sentence.text) or date_mentions(place.dated)
    return not any(
        bool(a.day) == bool(b.day) and (a.day or a.year) and agree(a, b)
        for a in days
        for b in theirs
    )


def _kind(stretch: str) -> str | None:
    """Which parts of a year a stretch is one of; None for any other."""
    if not _PARTS.fullmatch(stretch):
        return None
    return stretch.partition(" ")[0] if " " in stretch else "season"


def _elided(place: Place) -> frozenset[str]:
    """The part that a clause tells by its number alone, of the kind told before it."""
    match = _ELIDED.search(place.text)
    if not match or _stretches(place.text) - {_YEAR}:
        return frozenset()
    text = place.sentence.text
    before = text[: text.find(place.text) + match.start()] if place.text in text else ""
    told = list(_ONE.finditer(before))
    if not told:
        return frozenset()
    which = match[1].lower()
    return frozenset({f"{told[-1][2].lower()} {_ORDER.get(which, which)}"})
