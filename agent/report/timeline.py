"""The sources that a report quotes, in the order of their publication, with the article."""

from __future__ import annotations

import datetime
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from agent.types import Evidence, Report

_DATE = re.compile(r"(\d{4})(?:-(\d{2})(?:-(\d{2}))?)?(?:T.*)?")
_EDGE = 2.0
"""Per cent of the line that stay free at each end, so that no mark is cut off."""


@dataclass(frozen=True)
class Moment:
    """A source, or the article, on the line."""

    published_at: str | None
    source: Evidence | None
    """Any evidence from the source; None for the article."""
    supports: tuple[int, ...] = ()
    """1-based numbers of the claims that it supports."""
    contradicts: tuple[int, ...] = ()
    place: float | None = None
    """Where on the line, 0..100; None without a date. A month or a year stands at its middle."""


def timeline(report: Report) -> list[Moment]:
    """Every source that supports or contradicts a claim, once, the earliest first.

    The article stands among them, after the sources of its day; what has no date comes last.
    Empty where no source decides anything.
    """
    quoted: dict[str, list[tuple[int, Evidence]]] = {}
    for number, claim in enumerate(report.claims, start=1):
        for item in claim.evidence:
            if item.stance != "neutral":
                quoted.setdefault(item.source_id, []).append((number, item))
    if not quoted:
        return []
    moments = [
        Moment(
            published_at=items[0][1].published_at,
            source=items[0][1],
            supports=_numbers(number for number, item in items if item.stance == "supports"),
            contradicts=_numbers(n for n, item in items if item.stance == "contradicts"),
        )
        for items in quoted.values()
    ]
    moments.append(Moment(report.article.published_at, None))
    return list(_placed(sorted(moments, key=_order)))


def _placed(moments: list[Moment]) -> Iterator[Moment]:
    days = [middle(moment.published_at) for moment in moments]
    known = [day for day in days if day is not None]
    first, last = (min(known), max(known)) if known else (0.0, 0.0)
    for moment, day in zip(moments, days, strict=True):
        place = None
        if day is not None:
            share = (day - first) / (last - first) if last > first else 0.5
            place = round(_EDGE + share * (100 - 2 * _EDGE), 2)
        yield Moment(moment.published_at, moment.source, moment.supports, moment.contradicts, place)


def middle(published_at: str | None) -> float | None:
    """The day in the middle of an ISO date, month or year, as its proleptic ordinal.

    None for what is none of these.
    """
    match = _DATE.fullmatch(published_at or "")
    if not match:
        return None
    year, month, day = (int(part) if part else None for part in match.groups())
    try:
        first = datetime.date(year or 0, month or 1, day or 1).toordinal()
    except ValueError:
        return None
    length = 1 if day else 30 if month else 365
    return first + (length - 1) / 2


def _order(moment: Moment) -> tuple[bool, float, bool, str]:
    day = middle(moment.published_at)
    name = moment.source.source_id if moment.source else ""
    return day is None, day or 0.0, moment.source is None, name


def _numbers(numbers: Iterable[int]) -> tuple[int, ...]:
    return tuple(dict.fromkeys(numbers))
