"""Days of publication: ISO 8601 dates, or the beginnings of such, down to the year."""

from __future__ import annotations

import re

_DATE = re.compile(r"(\d{4})(?:-(\d{2})(?:-(\d{2}))?)?")
_MONTHS = (
    "January February March April May June July August September October November December"
).split()


def certainly_later(day: str | None, than: str | None) -> bool:
    """Whether an ISO date, or a prefix of one, is later than another, however coarse they are.

    Nothing is certain about a date that is missing, nor about March against 4 March.
    """
    if day is None or than is None:
        return False
    precision = min(len(day), len(than))
    return day[:precision] > than[:precision]


def day(written: str | None) -> str | None:
    """`2026-03-04` as `4 March 2026`, `2026-03` as `March 2026`; anything else as it is."""
    match = _DATE.match(written or "")
    rest = (written or "")[match.end() :] if match else ""
    if not match or (rest and not rest.startswith("T")):
        return written
    year, month, number = match.groups()
    if month is None:
        return year
    if not 1 <= int(month) <= 12:
        return written
    name = f"{_MONTHS[int(month) - 1]} {year}"
    return f"{int(number)} {name}" if number else name
