"""Dates that name themselves beyond the plain ones of `tools.times.dates`.

Figures with slashes or dots, spans of years, centuries, decades in words, fiscal years and
quarters, and feasts of a fixed day.
"""

from __future__ import annotations

import re
from datetime import date

from tools.times.calendars import month_span, part_of
from tools.times.relative_dates import YEAR, Context, Reader, Reading


def _numeric(match: re.Match[str], context: Context) -> Reading:
    """`03/04/2026`: day and month either way round, unless one is above 12 or dots part them."""
    a, b, year = int(match["a"]), int(match["b"]), int(match["year"])
    if year < 100:
        year += 2000 if year < 70 else 1900
    day_first, month_first = _day(year, b, a), _day(year, a, b)
    dotted = match["mark"] == "."
    if dotted or context.day_first is True or not month_first:
        chosen = [day_first or (None if dotted else month_first)]
    elif context.day_first is False or not day_first:
        chosen = [month_first]
    else:
        chosen = [day_first, month_first]
    spans = tuple(dict.fromkeys((day, day) for day in chosen if day))
    if not spans:
        return Reading(note="there is no such day")
    if len(spans) > 1:
        return Reading(spans, note="day and month may be either way round")
    return Reading(spans)


def _day(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None


def _year_first(match: re.Match[str], context: Context) -> Reading:
    day = _day(int(match["year"]), int(match["month"]), int(match["day"]))
    return Reading(((day, day),)) if day else Reading(note="there is no such day")


def _century(match: re.Match[str], context: Context) -> Reading:
    number = int(match["century"])
    span = month_span(100 * (number - 1) + 1, 1, 1200)
    if part := (match["part"] or "").lower().rstrip("-"):
        return Reading((part_of(span, part),), "about")
    return Reading((span,))


_NINETIES = {word: 10 * (n + 2) for n, word in enumerate(
    "twenties thirties forties fifties sixties seventies eighties nineties".split())}  # fmt: skip


def _decade(match: re.Match[str], context: Context) -> Reading:
    digits = match["digits"]
    decade = int(digits) if digits else _NINETIES[match["word"].lower()]
    span = month_span(1900 + decade, 1, 120)
    note = "read as of the twentieth century"
    if part := (match["part"] or "").lower().rstrip("- "):
        return Reading((part_of(span, part),), "about", note)
    return Reading((span,), note=note)


def _years(match: re.Match[str], context: Context) -> Reading:
    low, high = int(match["low"]), int(match["high"])
    if low >= high:
        return Reading(note="the span ends before it begins")
    return Reading(((date(low, 1, 1), date(high, 12, 31)),))


_QUARTERS = {"first": 1, "second": 2, "third": 3, "fourth": 4, "final": 4}
_HALF_YEAR = 50
"""Two figures of a year below this are of this century: FY25."""


def _fiscal(match: re.Match[str], context: Context) -> Reading:
    """`FY2025`, `the third quarter of fiscal 2025`; 2024/25 is the year that ends in 2025."""
    year = int(match["year"])
    if year < 100:
        year += 2000 if year < _HALF_YEAR else 1900
    year += bool(match["ends"])
    named = (match["quarter"] or "").lower()
    quarter = _QUARTERS.get(named) or (int(named[1]) if named else None)
    return fiscal_reading(year, quarter, context.fiscal_start)


def fiscal_reading(year: int, quarter: int | None, begins: int | None) -> Reading:
    """A fiscal year or quarter; without days where the first month (`begins`) is not known."""
    label = f"FY{year}" + (f" Q{quarter}" if quarter else "")
    if begins is None:
        return Reading(note="where the fiscal year begins is not told", fiscal=label)
    first, _ = month_span(year - (begins > 1), begins)
    month = first.month + 3 * ((quarter or 1) - 1)
    return Reading((month_span(first.year, month, 3 if quarter else 12),), fiscal=label)


_FEASTS = {"christmas eve": (12, 24), "christmas day": (12, 25), "boxing day": (12, 26),
           "new year’s eve": (12, 31), "new year’s day": (1, 1)}  # fmt: skip


def _feast(match: re.Match[str], context: Context) -> Reading:
    month, day = _FEASTS[re.sub(r"\s+", " ", match["feast"].lower().replace("'", "’"))]
    if match["year"]:
        found, note = date(int(match["year"]), month, day), ""
    elif context.published:
        year, future = context.published.year, context.future(*match.span())
        days = [date(y, month, day) for y in (year - 1, year, year + 1)]
        if future:
            found = next(d for d in days if d >= context.published)
        else:
            found = [d for d in days if d <= context.published][-1]
        note = f"read as the {'next after' if future else 'latest up to'} the day of writing"
    else:
        return Reading(note="the year is not told")
    return Reading(((found, found),), note=note)


NAMED: list[tuple[re.Pattern[str], Reader]] = [
    (re.compile(r"(?<![\w/.-])(?P<a>\d{1,2})(?P<mark>[/.-])(?P<b>\d{1,2})(?P=mark)"
                r"(?P<year>(?:1[5-9]|20)\d\d|\d\d)(?![\w/-]|\.\d)"), _numeric),
    (re.compile(r"(?<![\w/.-])(?P<year>(?:1[5-9]|20)\d\d)[/.](?P<month>\d{1,2})[/.](?P<day>\d{1,2})"
                r"(?![\w/-]|\.\d)"), _year_first),
    (re.compile(rf"(?<![\w.,$€£/-])(?P<low>{YEAR})\s?[-–—]\s?(?P<high>{YEAR})\b(?![-/])"), _years),
    (re.compile(r"\b(?:the\s+)?(?:(?P<part>early|mid|late)[\s-])?(?P<century>\d{1,2})(?:st|nd|rd|th)"
                r"[\s-]century\b", re.I), _century),
    (re.compile(r"(?:\bthe\s+|(?<!\w)(?=[’']))(?:(?P<part>early|mid|late)[\s-])?"
                rf"(?:[’'](?P<digits>[2-9]0)s|(?P<word>{'|'.join(_NINETIES)}))\b", re.I), _decade),
    (re.compile(r"\b(?:(?P<quarter>first|second|third|fourth|final|Q[1-4])(?:[\s-]quarter)?\s+(?:of\s+)?"
                r"(?:the\s+)?)?(?:(?:fiscal|financial|tax)(?:[\s-]years?)?\s+(?:of\s+)?|FY\s?)"
                rf"(?P<year>{YEAR}|(?<=FY)\d\d|(?<=FY\s)\d\d)(?P<ends>[-/–](?:\d\d){{1,2}})?\b(?![-/–]\d)",
                re.I), _fiscal),
    (re.compile(rf"\b(?P<feast>(?:Christmas|Boxing|New\s+Year[’']s)\s+(?:Day|Eve))\b"
                rf"(?:,?\s+(?:of\s+)?(?P<year>{YEAR})\b)?"), _feast),
]  # fmt: skip
"""Patterns in the order in which they are tried, each with what its words mean."""
