"""Days of publication as files write them, read only where they are certain.

A wrong date is worse than none: it decides which source is later than an article, and which
version of a page supersedes another. So `03/05/2024`, which is 3 May to some and 5 March to
others, is none; what was found is told, and the user can say which it is.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import suppress
from datetime import date, datetime

_MAX_LENGTH = 100
"""Characters; a date that takes more is none."""
_ISO = re.compile(r"(\d{4})-(\d{2})-(\d{2})(?!\d)")
_COARSE = re.compile(r"(\d{4})(?:-(\d{2}))?|(\d{1,2})/(\d{4})")
_COMPACT = re.compile(r"((?:1[5-9]|2[01])\d\d)(\d\d)(\d\d)")
"""ISO 8601's basic format: `20240503`."""
_FIGURES = re.compile(r"(?<!\d)(\d{1,4})\s?([./-])\s?(\d{1,2})\s?\2\s?(\d{1,4})(?!\d)")
_ONLY_FIGURES = re.compile(r"[\d\s.,:/-]*")
_EAST_ASIAN = re.compile(r"(\d{4})\s?[年년]\s?(\d{1,2})\s?[月월](?:\s?(\d{1,2})\s?[日일號号])?")
_YEAR = re.compile(r"(?<!\d)(?:1[5-9]|2[01])\d\d(?!\d)")
_NAME = re.compile(r"[^\W\d_]{3,}")
"""A word that may name a month; `No. 5` is no November."""
_BASES = datetime(2001, 1, 1), datetime(2010, 12, 28)
"""Days of reading that have no year, month or day in common."""


def iso_date(value: object) -> str | None:
    """A day, month or year as ISO 8601, or None where it is not certain.

    Args:
        value: a date, or text such as `2026-05-13`, `2026-5-13`, `13/05/2026`, `2026-05`,
            `May 2026`, `2026-05-13T07:30:00+02:00`, `13th of May 2026`, `4. März 2026`.
    """
    if isinstance(value, datetime):
        return value.date().isoformat()
    if isinstance(value, date):
        return value.isoformat()
    if not isinstance(value, str) or not 0 < len(value := value.strip()) <= _MAX_LENGTH:
        return None
    if match := _ISO.match(value):
        found = _day(*match.groups())
        return found.isoformat() if found else None
    if match := _COARSE.fullmatch(value):
        year, month = match[1] or match[4], match[2] or match[3]
        first = _day(year, month or "1", "1")
        return first.isoformat()[: 7 if month else 4] if first else None
    if match := _EAST_ASIAN.match(value):
        year, month, day = match.groups()
        found = _day(year, month, day or "1")
        return found.isoformat()[: 10 if day else 7] if found else None
    readings = list(_readings(value))
    if readings or _FIGURES.search(value) or _ONLY_FIGURES.fullmatch(value):
        return readings[0].isoformat() if len(readings) == 1 else None
    return _in_words(value)


def doubt(value: str) -> str:
    """Why a text gives no date, to follow it in a sentence.

    Args:
        value: what `iso_date` makes nothing of.
    """
    match [f"{day.day} {day:%B} {day.year}" for day in _readings(value)]:
        case [first, second]:
            return f"may be {first} or {second}"
        case _:
            return "is not a certain date"


def _readings(value: str) -> Iterator[date]:
    """Each day that figures alone may mean; the order of year, month and day is not known."""
    if compact := _COMPACT.fullmatch(value):
        orders = [compact.groups()]
    elif figures := _FIGURES.search(value):
        first, _, second, third = figures.groups()
        if len(first) == 4:  # nobody writes the day before the month after the year
            orders = [(first, second, third)]
        elif len(third) == 4:
            orders = [(third, second, first), (third, first, second)]
        else:  # of two figures nobody knows whether they are the year
            orders = []
    else:
        orders = []
    days = (_day(*order) for order in orders)
    yield from dict.fromkeys(day for day in days if day is not None)


def _day(year: str, month: str, day: str) -> date | None:
    with suppress(ValueError):
        return date(int(year), int(month), int(day))
    return None


def _in_words(value: str) -> str | None:
    # Absolute dates with a year only: `yesterday` would depend on the day of reading.
    year = _YEAR.search(value)
    required = ["month", "year"] if year else ["day", "month", "year"]
    # What a text does not write out is filled from the base: only what two have in common counts.
    first, locale = _parsed(value, required, _BASES[0])
    if first is None or locale is None:
        return None
    second, _ = _parsed(value, required, _BASES[1], locale)
    if second is None or (first.year, first.month) != (second.year, second.month):
        return None
    if not any(_is_month(word, first.month, locale) for word in _NAME.findall(value)):
        return None
    return first.isoformat()[:7] if first.day != second.day else first.isoformat()


def _is_month(word: str, month: int, locale: str) -> bool:
    """Whether a word alone names the month, as `W18` and `5 minutes` do not."""
    found, _ = _parsed(f"{word} 2000", ["month", "year"], _BASES[0], locale)
    return found is not None and found.month == month


def _parsed(
    value: str, required: list[str], base: datetime, locale: str | None = None
) -> tuple[date | None, str | None]:
    """A date in words, and the locale that it was understood in."""
    from dateparser.date import DateDataParser

    parser = DateDataParser(
        locales=[locale] if locale else None,
        settings={
            "STRICT_PARSING": "day" in required,
            "REQUIRE_PARTS": required,
            "PARSERS": ["absolute-time"],
            "RELATIVE_BASE": base,
        },
    )
    found = parser.get_date_data(value)
    return (found.date_obj.date() if found.date_obj else None), found.locale
