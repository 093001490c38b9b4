"""When: days, weeks, quarters, years and spans that a text tells, resolved to the calendar.

`31 March 2026`, `Q3`, `FY2025`, `mid-March`, `the 1990s`, `3–7 June`, and what depends on the day
of writing (`last Wednesday`, `two years ago`) or on a date told before (`a year earlier`, `the same
week`). What stays open is not guessed: `03/04/2026` has two readings, a fiscal year whose first
month nobody tells has none, and the note says so. `tools.times.dates` has the plain mentions that
this builds on.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import date

from tools.numbers.agreement import Agreement
from tools.times.calendars import MONTH_NAMES, Span, month_span, part_of, span_told
from tools.times.dates import DateMention, agree, date_mentions
from tools.times.named_dates import NAMED, fiscal_reading
from tools.times.relative_dates import (
    MONTHS,
    RELATIVE,
    SEASON_STARTS,
    WEEKDAYS,
    Anchor,
    Bound,
    Context,
    Reader,
    looking_ahead,
    step,
)


@dataclass(frozen=True)
class Period:
    """A span of time in a text.

    Attributes:
        start, end: span of the words; `text[start:end] == self.text`.
        text: the words.
        spans: first and last day, both included, in each reading, the likeliest first; two
            where the words are ambiguous; none where they do not tell enough.
        bound: `before`, `after`, `by` for a limit; `about` where the edges are not sharp
            (`mid-March`, `around 1990`, `the spring of 2026`).
        fiscal: label of a fiscal year or quarter (`FY2025`, `FY2025 Q3`), else None.
        mention: what the words alone tell, where they name a date.
        note: what was assumed or is left open, for people; empty where nothing is.
    """

    start: int
    end: int
    text: str
    spans: tuple[Span, ...] = ()
    bound: Bound = "exact"
    fiscal: str | None = None
    mention: DateMention | None = None
    note: str = ""

    @property
    def first(self) -> date | None:
        """The first day, in the likeliest reading."""
        return self.spans[0][0] if self.spans else None

    @property
    def last(self) -> date | None:
        """The last day, in the likeliest reading."""
        return self.spans[0][1] if self.spans else None

    @property
    def ambiguous(self) -> bool:
        """Whether the words have more than one reading."""
        return len(self.spans) > 1

    @property
    def reading(self) -> str | None:
        """The readings for people (`12 May 2026`, `3 April 2026 or 4 March 2026`)."""
        return " or ".join(span_told(span) for span in self.spans) or self.fiscal


def agreement(a: Period, b: Period) -> Agreement:
    """How two periods stand to each other; the same kind of answer whichever comes first.

    Returns:
        `equal` for the same days. `compatible` where one lies within the other (12 May 2026 and
        May 2026), where edges that are not sharp overlap, or where one reading agrees.
        `not comparable` where a fiscal year meets a calendar one, or one is not told.
    """
    both = f"{a.text} and {b.text}"
    if a.fiscal and b.fiscal:
        return _fiscal_agreement(a, b, both)
    if not a.spans or not b.spans:
        if a.fiscal or b.fiscal:
            return Agreement("not comparable", f"{both}: where the fiscal year begins is not told.")
        if a.mention and b.mention:
            if not agree(a.mention, b.mention):
                return Agreement("different", f"{both} differ in what both tell.")
            return Agreement("compatible", f"{both} agree as far as they tell.")
        return Agreement("not comparable", f"{both}: {a.note or b.note or 'one is not told'}.")
    pairs = [(ours, theirs) for ours in _days(a) for theirs in _days(b)]
    sharp = a.bound == b.bound == "exact"
    told = f"{a.text} ({a.reading}) and {b.text} ({b.reading})"
    if any(ours == theirs for ours, theirs in pairs) and a.bound == b.bound:
        if len(pairs) > 1 and not (a.ambiguous and a.spans == b.spans):
            return Agreement("compatible", f"{told} agree in one reading.")
        return Agreement("equal", f"{told} are the same days.")
    if any(_within(x, y) or _within(y, x) or (not sharp and _overlap(x, y)) for x, y in pairs):
        return Agreement("compatible", f"{told} can be the same time, as exactly as they are told.")
    return Agreement("different", f"{told} are different times.")


def _fiscal_agreement(a: Period, b: Period, both: str) -> Agreement:
    if a.fiscal == b.fiscal:
        return Agreement("equal", f"{both} are the same fiscal period.")
    ours, theirs = (p.fiscal or "" for p in (a, b))
    if ours.startswith(theirs) or theirs.startswith(ours):
        return Agreement("compatible", f"{both}: one is part of the other fiscal period.")
    return Agreement("different", f"{both} are different fiscal periods.")


def _days(period: Period) -> tuple[Span, ...]:
    """The readings with their limit opened: all days up to the first of `before 2020`."""
    match period.bound:
        case "before":
            return tuple((date.min, step(first, -1)) for first, _ in period.spans)
        case "by":
            return tuple((date.min, last) for _, last in period.spans)
        case "after":
            return tuple((step(last, 1), date.max) for _, last in period.spans)
        case _:
            return period.spans


def _within(inner: Span, outer: Span) -> bool:
    return outer[0] <= inner[0] and inner[1] <= outer[1]


def _overlap(a: Span, b: Span) -> bool:
    return a[0] <= b[1] and b[0] <= a[1]


# Reading.


def periods(
    text: str,
    published: date | None = None,
    *,
    day_first: bool | None = None,
    fiscal_start: int | None = None,
) -> tuple[Period, ...]:
    """The periods of a text, in order; they do not overlap.

    Args:
        text: a sentence, a paragraph or an article. Phrases that lean on another date lean on
            the last one told before them in their paragraph.
        published: the day of writing; without it `last Wednesday` has no reading.
        day_first: how `03/04/2026` is read, where the caller knows; else it has two readings.
        fiscal_start: the month in which fiscal years begin, 1..12, where the caller knows; FY2025
            is then the year that ends in 2025 (or is 2025, where it begins in January).

    Raises:
        ValueError: `fiscal_start` is not a month.
    """
    if fiscal_start is not None and not 1 <= fiscal_start <= 12:
        raise ValueError(f"no month: {fiscal_start}")
    taken = bytearray(len(text))
    candidates: list[tuple[int, int, Reader | DateMention, re.Match[str] | None]] = []
    for pattern, reader in [*NAMED, *RELATIVE]:
        for match in pattern.finditer(text):
            start, end = match.span()
            if not any(taken[start:end]):
                taken[start:end] = b"\1" * (end - start)
                candidates.append((start, end, reader, match))
    for mention in date_mentions(text):
        if not any(taken[mention.start : mention.end]):
            candidates.append((mention.start, mention.end, mention, None))
    ahead = looking_ahead(text)
    found: list[Period] = []
    known: Anchor | None = None
    for start, end, what, found_by in sorted(candidates, key=lambda c: c[0]):
        if found and start < found[-1].end:
            continue
        context = Context(text, published, known, day_first, fiscal_start, ahead)
        if isinstance(what, DateMention):
            period = _of_mention(what, context)
        elif found_by:
            read = what(found_by, context)
            words = text[start:end]
            period = Period(start, end, words, read.spans, read.bound, read.fiscal, note=read.note)
        period = _bounded(period, text)
        while found and period.start <= found[-1].start:
            found.pop()  # `from March to May 2025`: the second holds the first
        if found and period.start < found[-1].end:
            continue
        joined = _joined(found[-1], period, text) if found else None
        if joined:
            found[-1] = joined
        else:
            found.append(period)
        if found[-1].spans:
            known = Anchor(found[-1].end, found[-1].text, found[-1].spans[0])
    return tuple(found)


_LIMIT = re.compile(
    r"\b(?:(?P<before>before|prior to|earlier than)|(?P<after>after|later than|following)|"
    r"(?P<by>by|no later than)|(?P<about>around|about|circa|c\.|roughly))\s+(?:the\s+)?$",
    re.I,
)


def _bounded(period: Period, text: str) -> Period:
    match = _LIMIT.search(text, max(0, period.start - 20), period.start)
    if not match or not match.lastgroup or period.bound != "exact":
        return period
    bounds: dict[str, Bound] = {"before": "before", "after": "after", "by": "by", "about": "about"}
    return replace(period, bound=bounds[match.lastgroup])


def _joined(low: Period, high: Period, text: str) -> Period | None:
    """`between 1998 and 2004`, `from 3 May to 7 June`, `3 May – 7 June` as one period."""
    gap = text[low.end : high.start]
    lead = text[max(0, low.start - 14) : low.start].lower().removesuffix("the ").rstrip()
    dashed = gap.strip() in ("-", "–", "—")
    ranged = (gap.strip() == "and" and lead.endswith("between")) or (
        gap.strip() in ("to", "until", "through", "till") and lead.endswith(("from", "period"))
    )
    if not (dashed or ranged) or not low.spans or not high.spans or low.ambiguous or high.ambiguous:
        return None
    (first, _), (_, last) = low.spans[0], high.spans[0]
    if first > last:
        return None
    words = text[low.start : high.end]
    return Period(low.start, high.end, words, ((first, last),), note=high.note)


# Dates that name themselves.

# What the patterns of `tools.times.dates` take along to tell a month from a verb.
_LEAD = re.compile(
    r"(?:in|since|until|by|of|from|to|during|before|after|around|circa|about|year)\s+", re.I
)
_PART = re.compile(
    r"(?:\b(?P<early>early|the (?:start|beginning) of|at the start of)|(?P<mid>mid|the middle of)|"
    r"(?P<late>late|the end of))(?:[\s-]+in)?[\s-]+(?:the\s+)?$",
    re.I,
)
_PART_WITHIN = re.compile(r"(?:the\s+)?(?P<part>early|mid|late)[\s-]", re.I)
_WEEKDAY_BEFORE = re.compile(rf"\b(?P<weekday>{'|'.join(WEEKDAYS)}),?\s+(?:the\s+)?$")
_DAY_BEFORE = re.compile(r"\b(?P<day>\d{1,2})(?:st|nd|rd|th)?\s?(?:[-–—]|to|and|until)\s?$")
_MONTH_BEFORE = re.compile(
    rf"\b(?P<month>{MONTHS})\s?(?:[-–—]|to|until|through|and)\s?$",
)
_SAME_YEAR = re.compile(r"\s+(?:of\s+)?(?:the same|that(?: same)?) year\b", re.I)
_OF_YEAR = re.compile(r"\s+(?:of\s+)?(?P<which>this|last|next) year\b", re.I)
_ERA = re.compile(r"\s?(?:BC|BCE)\b")


def _of_mention(mention: DateMention, context: Context) -> Period:
    """A date that names itself, with its part, its weekday and the other end of its range."""
    text, start, end = context.text, mention.start, mention.end
    note, year = "", mention.year or mention.decade or mention.century
    if era := _ERA.match(text, end):
        end = era.end()
        return Period(start, end, text[start:end], note="it is before the calendar of this tool")
    if mention.fiscal:  # 2024/25 is the year that ends in 2025
        read = fiscal_reading((mention.year or 0) + 1, None, context.fiscal_start)
        words = text[start:end]
        return Period(start, end, words, read.spans, "exact", read.fiscal, mention, read.note)
    if lead := _LEAD.match(text, start, end):
        start = lead.end()
    if not year and (same := _SAME_YEAR.match(text, end)):
        anchor, note = context.anchor(start)
        if anchor:
            year, end = anchor[0].year, same.end()
    elif not year and (of := _OF_YEAR.match(text, end)) and context.published:
        shift = {"this": 0, "last": -1, "next": 1}[of["which"].lower()]
        year, end = context.published.year + shift, of.end()
    if not year:
        year, note = _year_of(mention, context)
    span = _span(mention, year) if year else None
    if not span:
        note = note or "there is no such day"
        return Period(start, end, text[start:end], mention=mention, note=note)
    start, span, weekday_note = _widened(mention, start, span, text)
    bound: Bound = "about" if mention.season else "exact"
    part = _PART.search(text, max(0, start - 26), start)
    within = _PART_WITHIN.match(text[start:end])
    if part and part.lastgroup:
        span, bound, start = part_of(span, part.lastgroup), "about", part.start()
    elif within:
        span, bound = part_of(span, within["part"].lower()), "about"
    return Period(
        start, end, text[start:end], (span,), bound, mention=mention, note=weekday_note or note
    )


def _widened(mention: DateMention, start: int, span: Span, text: str) -> tuple[int, Span, str]:
    """A date with what stands before it: `3–7 June`, `March to May 2025`, `Tuesday 12 May`."""
    before = (text, max(0, start - 24), start)
    if mention.day and mention.month and (match := _DAY_BEFORE.search(*before)):
        day = int(match["day"])
        if 1 <= day < mention.day:
            return match.start(), (span[0].replace(day=day), span[1]), ""
    if mention.month and not mention.day and (match := _MONTH_BEFORE.search(*before)):
        month = MONTH_NAMES.index(match["month"]) + 1
        if month != mention.month:
            year = span[0].year - (month > mention.month)
            return match.start(), (date(year, month, 1), span[1]), ""
    if mention.day and (match := _WEEKDAY_BEFORE.search(*before)):
        told = WEEKDAYS[span[0].weekday()]
        wrong = told != match["weekday"]
        return match.start(), span, f"{span_told(span)} is a {told}" if wrong else ""
    return start, span, ""


def _year_of(mention: DateMention, context: Context) -> tuple[int | None, str]:
    """The year of a date told without one: the latest up to the day of writing, or the next."""
    if not context.published:
        return None, "the year is not told"
    future = context.future(mention.start, mention.end)
    years = range(context.published.year - 1, context.published.year + 2)
    spans = [(year, span) for year in years if (span := _span(mention, year))]
    if future:
        year = next((y for y, (_, last) in spans if last >= context.published), None)
        return year, "the year is not told; read as the next after the day of writing"
    year = next((y for y, (first, _) in reversed(spans) if first <= context.published), None)
    return year, "the year is not told; read as the latest up to the day of writing"


def _span(mention: DateMention, year: int) -> Span | None:
    try:
        if mention.day and mention.month:
            day = date(year, mention.month, mention.day)
            return day, day
        if mention.month:
            return month_span(year, mention.month)
        if mention.quarter:
            return month_span(year, 3 * mention.quarter - 2, 3)
        if mention.half:
            return month_span(year, 6 * mention.half - 5, 6)
        if mention.season:
            return month_span(year, SEASON_STARTS[mention.season], 3)
        if mention.decade:
            return month_span(mention.decade, 1, 120)
        if mention.century:
            return month_span(mention.century, 1, 1200)
        return month_span(year, 1, 12)
    except ValueError:
        return None
