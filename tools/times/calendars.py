"""Arithmetic on spans of days: months, quarters, weeks, and moving one by so many of them.

A span is its first and last day, both included. Weeks begin on Monday (ISO 8601).
"""

from __future__ import annotations

from datetime import date, timedelta
from typing import Literal

from tools.times.dates import spelled

Span = tuple[date, date]
Unit = Literal["day", "week", "month", "quarter", "half", "year", "decade", "century"]
_MONTHS: dict[Unit, int] = {"month": 1, "quarter": 3, "half": 6, "year": 12, "decade": 120}
_ORDER: tuple[Unit, ...] = ("day", "week", "month", "quarter", "half", "year", "decade", "century")
MONTH_NAMES = (
    "January February March April May June July August September October November December"
).split()


def month_span(year: int, month: int, months: int = 1) -> Span:
    """The span of `months` months from a month on; months beyond 1..12 count on into other years.

    Raises:
        ValueError: the span is outside the years 1 to 9999.
    """
    begin, after = 12 * year + month - 1, 12 * year + month - 1 + months
    first = date(begin // 12, begin % 12 + 1, 1)
    if after == 12 * 10_000:
        return first, date.max
    return first, date(after // 12, after % 12 + 1, 1) - timedelta(days=1)


def span_of(day: date, unit: Unit) -> Span:
    """The week, month, quarter, … that a day lies in. A century is 1901 to 2000."""
    if unit == "day":
        return day, day
    if unit == "week":
        monday = day - timedelta(days=day.weekday())
        return monday, monday + timedelta(days=6)
    if unit == "century":
        first = (day.year - 1) // 100 * 100 + 1
        return month_span(first, 1, 1200)
    if unit == "decade":
        return month_span(max(day.year // 10 * 10, 1), 1, 120)
    months = _MONTHS[unit]
    return month_span(day.year, (day.month - 1) // months * months + 1, months)


def unit_of(span: Span) -> Unit | None:
    """The unit that a span is one of; None where it is none, as 3 to 7 June."""
    return next((unit for unit in _ORDER if span == span_of(span[0], unit)), None)


def moved(span: Span, unit: Unit, count: int) -> Span | None:
    """The span that lies so many units later than another (earlier where `count` is negative).

    A span moved by years keeps its month or quarter, so that `a year earlier` than the third
    quarter is a third quarter; but two years after a day is a year, not a day. A week after a day
    is a day.

    Returns:
        None where the span is not exact enough (two days after May 2026), or out of the calendar.
    """
    own = unit_of(span)
    if own is None and unit in ("day", "week"):
        return None
    try:
        if unit in ("day", "week"):
            if own not in ("day", "week") or (own == "week" and unit == "day"):
                return None
            shift = timedelta(days=count * (7 if unit == "week" else 1))
            return span[0] + shift, span[1] + shift
        if unit == "century":
            return span_of(span[0].replace(year=span[0].year + 100 * count), "century")
        months = _MONTHS[unit] * count
        if own is None or own in ("month", "quarter", "half"):
            if own and _ORDER.index(own) > _ORDER.index(unit):
                return None
            length = 12 * (span[1].year - span[0].year) + span[1].month - span[0].month + 1
            if own is None and span != month_span(span[0].year, span[0].month, length):
                return None
            return month_span(span[0].year, span[0].month + months, length)
        if _ORDER.index(own) > _ORDER.index(unit):
            return None
        within, _ = span_of(span[0], unit)
        first, _ = month_span(within.year, within.month + months)
        return span_of(first, unit)
    except (ValueError, OverflowError):
        return None


def part_of(span: Span, part: str) -> Span:
    """The first, middle or last third of a span: `early`, `mid`, `late`.

    Raises:
        ValueError: `part` is another word.
    """
    if part not in ("early", "mid", "late"):
        raise ValueError(f"no part of a span: {part}")
    days = (span[1] - span[0]).days + 1
    third = max(days // 3, 1)
    if part == "early":
        return span[0], span[0] + timedelta(days=third - 1)
    if part == "late":
        return span[1] - timedelta(days=third - 1), span[1]
    return span[0] + timedelta(days=third), span[1] - timedelta(days=third)


def span_told(span: Span) -> str:
    """A span for people: `12 May 2026`, `May 2026`, `the third quarter of 2025`, `2026`."""
    first, last = span
    match unit_of(span):
        case "day":
            return spelled(first)
        case "month":
            return f"{MONTH_NAMES[first.month - 1]} {first.year}"
        case "quarter":
            name = ("first", "second", "third", "fourth")[first.month // 3]
            return f"the {name} quarter of {first.year}"
        case "half":
            return f"the {'first' if first.month == 1 else 'second'} half of {first.year}"
        case "year":
            return str(first.year)
        case "decade":
            return f"the {first.year}s"
        case "week":
            return f"the week of {spelled(first)}"
    whole = first.day == 1 and (last == date.max or (last + timedelta(days=1)).day == 1)
    if whole and first.month == 1 and last.month == 12:
        return f"{first.year} to {last.year}"
    if whole:
        begin = MONTH_NAMES[first.month - 1] + ("" if first.year == last.year else f" {first.year}")
        return f"{begin} to {MONTH_NAMES[last.month - 1]} {last.year}"
    return f"{spelled(first)} to {spelled(last)}"
