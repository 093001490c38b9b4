"""Words for a time that lean on another: on the day of writing, or on a date told before.

`last Wednesday`, `three years ago` and `earlier this month` are counted from the day of writing; `a
year earlier`, `the following week` and `the same week` from the date that the paragraph told
last, or else from the day of writing. Each reader returns what its words can mean and a note on
what it was counted from. `tools.times.periods` puts them together with the dates that name
themselves.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal

from tools.numbers.numerals import SMALL_WORDS, small_number
from tools.times.calendars import MONTH_NAMES, Span, Unit, month_span, moved, part_of, span_of

Bound = Literal["exact", "about", "before", "after", "by"]
WEEKDAYS = "Monday Tuesday Wednesday Thursday Friday Saturday Sunday".split()
MONTHS = "|".join(MONTH_NAMES)
YEAR = r"(?:1[0-9]|20)\d\d"
SEASON_STARTS = {"spring": 3, "summer": 6, "autumn": 9, "fall": 9, "winter": 12}
"""First months of the seasons of the northern hemisphere, three months each."""
_DAY = rf"(?P<weekday>{'|'.join(WEEKDAYS)})"
_UNITS = r"day|week|fortnight|month|quarter|year|decade|century"
_COUNT = rf"(?P<n>(?:a\s+)?(?:couple of|few)|an?|\d{{1,3}}|{SMALL_WORDS}|several)"
_FUTURE = re.compile(
    r"\b(?:will|would|shall|going to|(?:is|are|was|were) (?:due|to|set|scheduled|expected|planned)|"
    r"plans? to|hopes? to|from next|starting)\b",
    re.I,
)
_REACH = 500
"""Characters after a date within which `a year earlier` is counted from it."""


@dataclass(frozen=True)
class Anchor:
    """The date that was told last: where its words end, the words, and its likeliest reading."""

    end: int
    text: str
    span: Span


@dataclass(frozen=True)
class Context:
    """What words for a time are resolved against; see `tools.times.periods.periods`."""

    text: str
    published: date | None
    known: Anchor | None
    day_first: bool | None
    fiscal_start: int | None
    ahead: Sequence[int]
    """Where the text has words that look ahead, as `looking_ahead` finds them."""

    def anchor(self, at: int) -> tuple[Span | None, str]:
        """The date told last before a place in the paragraph, else the day of writing."""
        known = self.known
        if known and at - known.end <= _REACH and "\n\n" not in self.text[known.end : at]:
            return known.span, f"counted from {known.text}"
        if self.published:
            return (self.published, self.published), "counted from the day of writing"
        return None, "the date that it is counted from is not told"

    def future(self, start: int, end: int) -> bool:
        """Whether the clause around a phrase speaks of what is to come."""
        near = bisect_left(self.ahead, start - 120)
        if near == len(self.ahead) or self.ahead[near] >= end + 60:
            return False
        before = re.split(r"[.!?;\n]\s", self.text[max(0, start - 120) : start])[-1]
        after = re.split(r"[.!?;\n]", self.text[end : end + 60])[0]
        return bool(_FUTURE.search(before) or _FUTURE.search(after))


def looking_ahead(text: str) -> list[int]:
    """Where a text has words that speak of what is to come (`will`, `is due to`)."""
    return [match.start() for match in _FUTURE.finditer(text)]


@dataclass(frozen=True)
class Reading:
    """What words can mean: the fields of `periods.Period` that do not depend on the text."""

    spans: tuple[Span, ...] = ()
    bound: Bound = "exact"
    note: str = ""
    fiscal: str | None = None


Reader = Callable[[re.Match[str], Context], Reading]
_UNTOLD = Reading(note="the day of writing is not known")
_OUTSIDE = Reading(note="it is outside the calendar")
_UNCOUNTED = Reading(note="how many is not told")


def step(day: date, by: int) -> date:
    """The day so many days later; the day itself at the ends of the calendar."""
    try:
        return day + timedelta(days=by)
    except OverflowError:
        return day


def _near_day(match: re.Match[str], context: Context) -> Reading:
    if not context.published:
        return _UNTOLD
    words = match[0].lower()
    shift = {"yesterday": -1, "last night": -1, "tomorrow": 1, "the day before yesterday": -2,
             "the day after tomorrow": 2}.get(words, 0)  # fmt: skip
    day = step(context.published, shift)
    return Reading(((day, day),))


def _weekday(match: re.Match[str], context: Context) -> Reading:
    """`on Wednesday` is the latest, up to the day of writing, unless the clause looks ahead.

    `last Wednesday` is the one before the day of writing; said within the same week it may as
    well be that of the week before, and `next` likewise.
    """
    if not context.published:
        return _UNTOLD
    today, weekday = context.published, WEEKDAYS.index(match["weekday"].capitalize())
    which = (match["which"] or "").lower()
    monday = today - timedelta(days=today.weekday())
    here = step(monday, weekday)  # of the week of writing
    if which in ("last", "this past", "past"):
        day = here if here < today else step(here, -7)
        days = [day, step(day, -7)] if day >= monday and which == "last" else [day]
    elif which in ("next", "this coming", "coming"):
        day = here if here > today else step(here, 7)
        days = [day, step(day, 7)] if day <= step(monday, 6) and which == "next" else [day]
    elif which == "this":
        days = [here]
    elif context.future(*match.span()):
        days = [here if here >= today else step(here, 7)]
    else:
        days = [here if here <= today else step(here, -7)]
    further = "a week before" if which == "last" else "a week on"
    note = f"the {match['weekday']} nearest to the day of writing, or {further}" if days[1:] else ""
    return Reading(tuple((day, day) for day in days), note=note)


def _unit(word: str) -> tuple[Unit, int]:
    low = word.lower()
    if low == "fortnight":
        return "week", 2
    return low, 1  # type: ignore[return-value]


def _this_unit(match: re.Match[str], context: Context) -> Reading:
    """`last month`, `this year`, `earlier this week`, `next quarter`."""
    if not context.published:
        return _UNTOLD
    unit, _ = _unit(match["unit"])
    shift = {"last": -1, "this": 0, "next": 1, "this past": -1, "this coming": 1}
    which = re.sub(r"\s+", " ", match["which"].lower())
    span = moved(span_of(context.published, unit), unit, shift[which])
    if not span:
        return _OUTSIDE
    if when := (match["when"] or "").lower():
        if when == "earlier":
            return Reading(((span[0], min(context.published, span[1])),))
        if when == "later":
            return Reading(((max(context.published, span[0]), span[1]),))
        return Reading((part_of(span, when),), "about")
    return Reading((span,))


def _weekend(match: re.Match[str], context: Context) -> Reading:
    if not context.published:
        return _UNTOLD
    monday = context.published - timedelta(days=context.published.weekday())
    shift = {"last": -7, "this": 0, "next": 7}[match["which"].lower()]
    saturday = step(monday, 5 + shift)
    return Reading(((saturday, step(saturday, 1)),))


def _last_month(match: re.Match[str], context: Context) -> Reading:
    """`last May`, `next spring`: the latest that is over, or the next that has not begun."""
    if not context.published:
        return _UNTOLD
    name, which = match["name"], match["which"].lower()
    season = name.lower() in SEASON_STARTS
    month = SEASON_STARTS[name.lower()] if season else MONTH_NAMES.index(name) + 1
    year = context.published.year
    spans = [month_span(y, month, 3 if season else 1) for y in range(year - 2, year + 3)]
    if which == "last":
        span = [s for s in spans if s[1] < context.published][-1]
    elif which == "next":
        span = next(s for s in spans if s[0] > context.published)
    else:
        span = spans[2]
    return Reading((span,), "about" if season else "exact")


_SOME = {"a": 1, "an": 1}


def _count(word: str) -> int | None:
    low = re.sub(r"^an?\s+|\s(?=of)", "", word.lower())
    if low in ("coupleof", "few", "several"):
        return 2 if low == "coupleof" else None
    return _SOME[low] if low in _SOME else small_number(low)


def _ago(match: re.Match[str], context: Context) -> Reading:
    """`three days ago`, `in two weeks’ time`: a day for days, else the week, month or year."""
    if not context.published:
        return _UNTOLD
    count = _count(match["n"])
    if count is None:
        return _UNCOUNTED
    unit, times = _unit(match["unit"])
    sign = -1 if match["ago"] else 1
    span = moved(span_of(context.published, unit), unit, sign * count * times)
    if not span:
        return _OUTSIDE
    bound: Bound = "exact" if unit == "day" else "about"
    return Reading((span,), bound, "counted from the day of writing")


def _past_units(match: re.Match[str], context: Context) -> Reading:
    """`the past three years`, `over the last 12 months`, `the next two weeks`."""
    if not context.published:
        return _UNTOLD
    count = _count(match["n"])
    if count is None:
        return _UNCOUNTED
    unit, times = _unit(match["unit"])
    day, count = context.published, count * times
    sign = 1 if match["which"].lower() in ("next", "coming") else -1
    if unit in ("day", "week"):
        other = step(day, sign * count * (7 if unit == "week" else 1))
    else:
        months = {"month": 1, "quarter": 3, "year": 12, "decade": 120, "century": 1200}[unit]
        try:
            begin, last = month_span(day.year, day.month + sign * months * count)
        except ValueError:
            return _OUTSIDE
        other = begin.replace(day=min(day.day, last.day))
    return Reading(
        ((min(day, other), max(day, other)),), "about", "counted from the day of writing"
    )


# Words that depend on a date told before.


def _later(match: re.Match[str], context: Context) -> Reading:
    """`a year earlier`, `two days later`."""
    anchor, note = context.anchor(match.start())
    count = _count(match["n"])
    if anchor is None or count is None:
        return Reading(note=note) if anchor is None else _UNCOUNTED
    unit, times = _unit(match["unit"])
    sign = -1 if re.match(r"earlier|before|previous", match["way"], re.I) else 1
    span = moved(anchor, unit, sign * count * times)
    if not span:
        return Reading(note=f"{note}, which is not exact enough")
    return Reading((span,), note=note)


def _following(match: re.Match[str], context: Context) -> Reading:
    """`the following week`, `the previous year`, `the year before`."""
    anchor, note = context.anchor(match.start())
    if anchor is None:
        return Reading(note=note)
    unit, times = _unit(match["unit"] or match["unit2"])
    way = (match["way"] or match["way2"]).lower()
    sign = -1 if way in ("previous", "preceding", "before", "prior") else 1
    own = span_of(anchor[0], unit)
    if unit != "day" and own[1] < anchor[1]:
        return Reading(note=f"{note}, which is not exact enough")
    span = moved(own, unit, sign * times) if unit != "day" else moved(anchor, "day", sign)
    if not span:
        return Reading(note=f"{note}, which is not exact enough")
    return Reading((span,), note=note)


def _same(match: re.Match[str], context: Context) -> Reading:
    """`the same week`, `the same period last year`, `that month`.

    A quarter or a period leans on a time told before, never on a day: who writes in April of `the
    same quarter of last year` mostly means the first, since the second has hardly begun.
    """
    anchor, note = context.anchor(match.start())
    if anchor is None:
        return Reading(note=note)
    word = match["unit"].lower()
    if word in ("quarter", "period") and anchor[0] == anchor[1]:
        return Reading(note=f"which {word} is meant is not told")
    own = anchor
    if word != "period":
        unit, _ = _unit(word)
        own = span_of(anchor[0], unit)
        if own[1] < anchor[1]:
            return Reading(note=f"{note}, which is not exact enough")
    years = int(match["year"]) - own[0].year if match["year"] else -1 if match["back"] else 0
    span = moved(own, "year", years) if years else own
    if not span:
        return Reading(note=f"{note}, which is not exact enough")
    return Reading((span,), note=note)


_WHICH = r"(?P<which>last|this|next|this past|this coming)"
RELATIVE: list[tuple[re.Pattern[str], Reader]] = [
    (re.compile(r"\b(?:(?:the|that|this) same|that)\s+(?P<unit>day|week|month|quarter|year|"
                r"period)\b(?:\s+(?:of\s+)?(?:(?P<back>last year|a year (?:earlier|ago|before)|the "
                rf"(?:previous|preceding) year|the year before)|(?P<year>{YEAR})))?", re.I), _same),
    (re.compile(rf"\b{_COUNT}\s+(?P<unit>{_UNITS})s?\s+(?P<way>later|after(?:wards?)?(?!\s+(?:the|his|"
                r"her|its|a)\b)|earlier|before(?!\s+(?:the|his|her|its|a)\b)|previously)\b", re.I),
     _later),
    (re.compile(rf"\bthe\s+(?:(?P<way>next|following|previous|preceding|prior)\s+(?P<unit>{_UNITS})"
                rf"|(?P<unit2>{_UNITS})\s+(?P<way2>before|after)(?=[.,;]|$))\b", re.I), _following),
    (re.compile(rf"\b(?:{_COUNT}\s+(?P<unit>{_UNITS})s?\s+(?P<ago>ago)\b)", re.I), _ago),
    (re.compile(rf"\bin\s+{_COUNT}\s+(?P<unit>{_UNITS})s?(?:[’']s?)?\s+(?:time|from now)\b"
                r"(?P<ago>)", re.I), _ago),
    (re.compile(rf"\bthe\s+(?P<which>past|last|next|coming)\s+{_COUNT}\s+(?P<unit>{_UNITS})s\b",
                re.I), _past_units),
    (re.compile(rf"\b(?:(?P<when>earlier|later|early|late|mid)\s+)?{_WHICH}\s+"
                r"(?P<unit>week|month|quarter|year|decade|century)\b", re.I), _this_unit),
    (re.compile(r"\b(?P<which>last|this|next)\s+weekend\b", re.I), _weekend),
    (re.compile(rf"\b(?P<which>(?i:last|this|next))\s+(?P<name>{MONTHS}|[Ss]pring|[Ss]ummer|"
                rf"[Aa]utumn|[Ff]all|[Ww]inter)\b(?!\s+\d)"), _last_month),
    (re.compile(rf"\b(?:(?P<which>(?i:last|this past|this coming|this|next|past|coming|on|late|"
                rf"early|by|until|since|said|from))\s+|(?=\w{{3,6}}day[’']s\b)){_DAY}\b"
                rf"(?!,?\s+(?:the\s+)?(?:\d|{MONTHS}))"), _weekday),
    (re.compile(r"\b(?:the day before yesterday|the day after tomorrow|yesterday|tomorrow|tonight|"
                r"last night|this (?:morning|afternoon|evening))\b|(?<!USA )\btoday\b", re.I),
     _near_day),
]  # fmt: skip
"""Patterns in the order in which they are tried, each with what its words mean."""
