"""Dates in a text, as far as it tells them, and whether two of them agree.

`12 May 2026`, `May 2026`, `the fourth quarter of 2024`, `Q4`, `autumn 2028`, `in 1998`.
A part that the text does not tell stays unknown, and unknown agrees with everything.
Words that depend on the day of writing (`on Tuesday`, `last year`) are resolved only
against a day that the caller knows (`resolve`).
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from functools import lru_cache

_MONTHS = ("january february march april may june july august september october november "
           "december").split()  # fmt: skip
_MONTH = {
    **{m: i + 1 for i, m in enumerate(_MONTHS)},
    **{m[:3]: i + 1 for i, m in enumerate(_MONTHS)},
}
_MONTH["sept"] = 9
_SEASONS = {"spring": "spring", "summer": "summer", "autumn": "autumn", "fall": "autumn",
            "winter": "winter"}  # fmt: skip
_SEASON_MONTHS = {"spring": {3, 4, 5, 6}, "summer": {6, 7, 8, 9}, "autumn": {9, 10, 11, 12},
                  "winter": {12, 1, 2, 3}}  # fmt: skip
_QUARTERS = {"first": 1, "second": 2, "third": 3, "fourth": 4, "final": 4, "last": 4,
             "1st": 1, "2nd": 2, "3rd": 3, "4th": 4, "1": 1, "2": 2, "3": 3, "4": 4}  # fmt: skip
_WEEKDAYS = "monday tuesday wednesday thursday friday saturday sunday".split()
_YEAR = r"(?:1[5-9]|20)\d\d"
# "may" alone is a verb far more often than a month: it needs a capital and a neighbour.
_MONTH_NAMES = "|".join(
    [m.capitalize() for m in _MONTHS]
    + ["Jan", "Feb", "Mar", "Apr", "Jun", "Jul", "Aug", "Sept?", "Oct", "Nov", "Dec"]
)
_HUNDREDS = (1500, 1600, 1700, 1800, 1900)
_QUARTER_ENDS = {"march": 1, "june": 2, "september": 3, "december": 4}
_QUARTER_MONTHS = {"january": 1, "april": 2, "july": 3, "october": 4}
_FISCAL = r"(?P<fiscal>(?:fiscal|financial|business|tax|school|academic)(?:[\s-]years?)?|FY)"
_BARE_YEAR = re.compile(rf"(?<![\w.,$€£-])(?P<year>{_YEAR})\b(?!\s*(?:%|per\s?cent|million|billion|km|people|passengers|kilometres|metres)|[.,]\d)")  # fmt: skip
_PATTERNS = [
    re.compile(rf"\b(?P<quarter>first|second|third|fourth|final|1st|2nd|3rd|4th)[\s-]quarter\s+of\s+(?:(?:its|the|their)\s+)?{_FISCAL}\s*(?P<year>{_YEAR})\b", re.I),
    re.compile(rf"\b{_FISCAL}\s*(?P<year>{_YEAR})(?:[-–/]\d\d(?:\d\d)?)?\b", re.I),
    re.compile(rf"(?<![\w.,$€£-])(?P<year>{_YEAR})(?P<fiscal>[-/–]\d\d)(?!\d|-)\b"),
    re.compile(rf"\b(?:three months|quarter)\s+(?:to|through|ended|ending|that ended)\s+(?:(?:in|on|the end of)\s+)?(?:\d{{1,2}}\s+)?(?P<quarterend>March|June|September|December)(?:\s+\d{{1,2}}\b)?(?:,?\s+(?:of\s+)?(?P<year>{_YEAR}))?\b"),
    re.compile(rf"\b(?P<quarterbegin>January|April|July|October)\s?(?:to|through|until|–|-)\s?(?:the end of\s+)?(?P<quarterend>March|June|September|December)(?:,?\s+(?:of\s+)?(?P<year>{_YEAR}))?\b(?!\s+\d)"),
    re.compile(rf"\b(?:the\s+)?(?P<half>first|second|1st|2nd)[\s-](?:half|six months)(?:[\s-]year)?\s+of\s+(?:the\s+year\s+)?(?P<year>{_YEAR})\b", re.I),
    re.compile(rf"\bH(?P<half>[12])(?:\s+(?:of\s+)?(?P<year>{_YEAR}))\b"),
    re.compile(r"\b(?:the\s+)?(?:(?:early|mid|late)[\s-])?(?P<decade>(?:1[5-9]|20)\d0)[’']?s\b"),
    re.compile(rf"\b(?P<year>{_YEAR})-(?P<monthnumber>\d\d)-(?P<day>\d\d)\b"),
    re.compile(rf"\b(?P<day>\d{{1,2}})(?:st|nd|rd|th)?(?:\s+of)?\s+(?P<month>{_MONTH_NAMES})\.?(?:,?\s+(?P<year>{_YEAR}))?\b"),
    re.compile(rf"\b(?P<month>{_MONTH_NAMES})\.?\s+(?P<day>\d{{1,2}})(?:st|nd|rd|th)?\b(?:,?\s+(?P<year>{_YEAR}))?(?!\s*(?:per|%|million|billion)|[.,]\d)"),
    re.compile(rf"\b(?P<month>{_MONTH_NAMES})\.?,?\s+(?:of\s+)?(?P<year>{_YEAR})\b"),
    re.compile(rf"\bQ(?P<quarter>[1-4])(?:\s+(?:of\s+)?(?P<year>{_YEAR}))?\b"),
    re.compile(rf"\b[Qq]uarter\s+(?P<quarter>[1-4])(?:,?\s+(?:of\s+)?(?P<year>{_YEAR}))?\b"),
    re.compile(rf"\b(?P<quarter>first|second|third|fourth|final|1st|2nd|3rd|4th)[\s-](?:quarter|4th)(?:,?\s+(?:of\s+)?(?P<year>{_YEAR}))?\b", re.I),
    re.compile(rf"\b(?P<season>[Ss]pring|[Ss]ummer|[Aa]utumn|[Ww]inter|[Ff]all(?=\s+(?:of\s+)?{_YEAR}\b))(?:,?\s+(?:of\s+)?(?P<year>{_YEAR}))?\b"),
    re.compile(r"\b(?i:in|since|until|by|of|from|to|during|before|after|early|late|mid)[\s-]+(?P<month>January|February|March|April|June|July|August|September|October|November|December|May)\b"),
    _BARE_YEAR,
    re.compile(r"\b(?:in|since|until|by|around|circa|about|[Oo]f|year)\s+(?P<year>1[0-4]\d\d)\b(?!\s*(?:%|per\s?cent|[a-z]+s\b)|[.,]\d)"),
]  # fmt: skip


_COUNTED = re.compile(
    r"\b(?:more than|less than|fewer than|at least|nearly|almost|up to)\s*$", re.I
)


@dataclass(frozen=True)
class DateMention:
    """A date in a text; None for what the text does not tell.

    `decade` is its first year (1990), `century` the year before its first (1800 of the nineteenth);
    a `fiscal` year begins where nobody tells.
    """

    start: int
    end: int
    year: int | None = None
    month: int | None = None
    day: int | None = None
    quarter: int | None = None
    season: str | None = None
    half: int | None = None
    decade: int | None = None
    fiscal: bool = False
    century: int | None = None

    def years(self) -> tuple[int, int] | None:
        """The first and last year it may fall in; None where it tells none.

        The nineteenth century has 1800 and 1900: which of the two is in it is told either way.
        """
        if self.year:
            return self.year, self.year
        if self.decade:
            return self.decade, self.decade + 9
        return (self.century, self.century + 100) if self.century else None

    def months(self) -> frozenset[int] | None:
        """The months it may fall in, 1..12; None for all."""
        if self.month:
            return frozenset({self.month})
        if self.quarter:
            return frozenset(range(3 * self.quarter - 2, 3 * self.quarter + 1))
        if self.half:
            return frozenset(range(6 * self.half - 5, 6 * self.half + 1))
        return frozenset(_SEASON_MONTHS[self.season]) if self.season else None


@lru_cache(maxsize=8192)
def date_mentions(text: str) -> tuple[DateMention, ...]:
    """The dates of a text, in order, the most telling reading of each."""
    found: list[DateMention] = []
    taken = bytearray(len(text))  # characters that belong to a date already
    for pattern in _PATTERNS:
        for match in pattern.finditer(text):
            if any(taken[match.start() : match.end()]):
                continue
            if pattern is _BARE_YEAR and _COUNTED.search(
                text[max(0, match.start() - 12) : match.start()]
            ):
                continue  # "more than 1900 people"
            parts = match.groupdict()
            month = parts.get("month")
            number = parts.get("monthnumber")
            season = parts.get("season")
            quarter = _quarter(parts)
            if quarter == 0:
                continue  # "January to June" is no quarter
            season_of = re.fullmatch(r"[-/–](\d\d)", parts.get("fiscal") or "")
            if season_of and int(season_of[1]) != (int(parts["year"] or 0) + 1) % 100:
                continue  # "2008-12" is a span of years
            day = int(parts["day"]) if parts.get("day") else None
            decade = int(parts["decade"]) if parts.get("decade") else None
            hundreds = decade in _HUNDREDS  # "the 1800s" are a century, the 2000s a decade
            mention = DateMention(
                match.start(),
                match.end(),
                year=int(parts["year"]) if parts.get("year") else None,
                month=_MONTH[month.lower()] if month else int(number) if number else None,
                day=day,
                quarter=quarter,
                season=_SEASONS[season.lower()] if season else None,
                half=_QUARTERS[parts["half"].lower()] if parts.get("half") else None,
                decade=None if hundreds else decade,
                fiscal=bool(parts.get("fiscal")),
                century=decade if hundreds else None,
            )
            if (day is None or 1 <= day <= 31) and (
                mention.month is None or 1 <= mention.month <= 12
            ):
                found.append(mention)
                taken[mention.start : mention.end] = b"\1" * (mention.end - mention.start)
    return tuple(sorted(found, key=lambda mention: mention.start))


def _quarter(parts: dict[str, str | None]) -> int | None:
    """The quarter that a pattern found; 0 where two months do not make one."""
    if end := parts.get("quarterend"):
        quarter = _QUARTER_ENDS[end.lower()]
        begin = parts.get("quarterbegin")
        return quarter if not begin or _QUARTER_MONTHS[begin.lower()] == quarter else 0
    named = parts.get("quarter")
    return _QUARTERS[named.lower()] if named else None


_ORDINALS = {word: n for n, words in enumerate(
    "eleventh 11th|twelfth 12th|thirteenth 13th|fourteenth 14th|fifteenth 15th|sixteenth 16th|"
    "seventeenth 17th|eighteenth 18th|nineteenth 19th|twentieth 20th|twenty-first 21st".split("|"),
    start=11,
) for word in words.split()}  # fmt: skip
# `In the nineteenth century`, not `a twentieth-century composer`.
_CENTURY = re.compile(
    r"\b(?:in|of|during|since|from|until|to)\s+the\s+(?:(?:early|mid|late)[\s-]|(?:first|second)\s+"
    rf"half\s+of\s+the\s+|(?:beginning|end|middle)\s+of\s+the\s+)?(?P<which>{'|'.join(_ORDINALS)})"
    r"\s+century\b(?=\s*(?:$|[.,;:!?)]|(?:and|but|or|by|in|on|at|as|when|while|the|is|was|were|has|"
    r"had|with|for|to|from)\b))",
    re.I,
)


@lru_cache(maxsize=4096)
def century_mentions(text: str) -> tuple[DateMention, ...]:
    """The centuries in which a text tells that something was, from the eleventh on."""
    return tuple(
        DateMention(*match.span("which"), century=100 * (_ORDINALS[match["which"].lower()] - 1))
        for match in _CENTURY.finditer(text)
    )


def agree(a: DateMention, b: DateMention) -> bool:
    """Whether two dates may be the same: what both tell is equal or overlaps."""
    if a.fiscal != b.fiscal and not (a.decade or b.decade or a.century or b.century):
        return False  # of a fiscal year it is not told which months it has
    ours, theirs = a.years(), b.years()
    if ours and theirs and (ours[1] < theirs[0] or theirs[1] < ours[0]):
        return False
    if a.month and b.month and a.day and b.day and a.day != b.day:
        return False
    left, right = a.months(), b.months()
    return left is None or right is None or bool(left & right)


def alike(a: DateMention, b: DateMention) -> bool:
    """Whether two dates are told alike enough to contradict each other."""
    if a.fiscal != b.fiscal:
        return False
    if a.years() and b.years():
        return True
    return a.months() is not None and b.months() is not None and not (a.years() or b.years())


def periods_agree(claim: str, passage: str) -> bool:
    """Whether no date of the claim is ruled out by the passage's dates.

    True where either tells none, or where some pair agrees: a passage may compare the
    quarter in question with an earlier one.
    """
    ours, theirs = date_mentions(claim), date_mentions(passage)
    return not ours or not theirs or all(any(agree(a, b) for b in theirs) for a in ours)


_COUNTS = {word: n for n, word in enumerate(
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen "
    "sixteen seventeen eighteen nineteen twenty".split()
)} | {"a": 1, "an": 1, "thirty": 30, "forty": 40, "fifty": 50, "a hundred": 100}  # fmt: skip
_LATER = re.compile(
    rf"\b(?P<n>a hundred|{'|'.join(_COUNTS)}|\d{{1,3}})\s+"
    r"(?P<unit>day|week|fortnight|month|year|decade)s?\s+"
    r"(?P<way>later|after(?:wards?| that)?|earlier|before(?:hand| that)?|previously)\b",
    re.I,
)
_NEXT = re.compile(
    r"\b(?:(?P<same>(?:of |in |on )?(?:the same|that(?: same|very)?))"
    r"|the (?P<way>next|following|previous|preceding)) (?P<unit>day|month|year|decade)\b",
    re.I,
)


def dates_in_order(texts: Sequence[str]) -> list[tuple[DateMention, ...]]:
    """The dates of consecutive sentences, with those that are told from one before.

    `two days later`, `the following year`, `30 November of the same year` are reckoned from the
    last date told before them that is exact enough: a day for days, a month for months.

    Args:
        texts: the sentences of a passage, in order.
    """
    known: DateMention | None = None
    found = []
    for text in texts:
        mentions = list(date_mentions(text))
        told: list[DateMention | re.Match[str]] = [
            *mentions, *_LATER.finditer(text), *_NEXT.finditer(text)
        ]  # fmt: skip
        told.sort(key=lambda item: item.start if isinstance(item, DateMention) else item.start())
        resolved: list[DateMention] = []
        for item in told:
            if isinstance(item, DateMention):
                resolved.append(item)
                known = item if item.year or not known else known
                continue
            same = item.re is _NEXT and item["same"] and item["unit"].lower() == "year"
            if same and resolved and resolved[-1].year is None and known and known.year:
                resolved[-1] = replace(resolved[-1], year=known.year)
            elif known and (mention := _reckoned(item, known)):
                resolved.append(mention)
                known = mention
        found.append(tuple(resolved))
    return found


def _reckoned(match: re.Match[str], known: DateMention) -> DateMention | None:
    """The date that a phrase tells from a known one; None where that is not exact enough."""
    parts = match.groupdict()
    if parts.get("same"):
        count = 0
    elif "n" in parts:
        number = parts["n"].lower()
        count = int(number) if number.isdigit() else _COUNTS[number]
    else:
        count = 1
    way = (parts.get("way") or "").lower()
    count = -count if way.startswith(("earlier", "before", "prev", "prec")) else count
    unit = parts["unit"].lower()
    start, end = match.span()
    if unit == "decade" and "n" not in parts:  # "over the next decade" begins with that year
        past = known.year and count < 0
        return DateMention(start, end, decade=(known.year or 0) // 10 * 10 - 10) if past else None
    if unit in ("year", "decade") and known.year:
        # "two years later" tells the year, not that it was the same day.
        return DateMention(start, end, year=known.year + count * (10 if unit == "decade" else 1))
    if unit == "month" and known.month:
        months = 12 * (known.year or 0) + known.month - 1 + count
        return DateMention(start, end, year=months // 12 if known.year else None,
                           month=months % 12 + 1)  # fmt: skip
    if unit in ("day", "week", "fortnight") and known.month and known.day:
        days = count * {"day": 1, "week": 7, "fortnight": 14}[unit]
        try:
            moved = date(known.year or 2001, known.month, known.day) + timedelta(days=days)
        except (ValueError, OverflowError):
            return None
        return DateMention(start, end, year=moved.year if known.year else None,
                           month=moved.month, day=moved.day)  # fmt: skip
    return None


_WEEKDAY = re.compile(rf"\bon ({'|'.join(d.capitalize() for d in _WEEKDAYS)})\b(?!,?\s+\d)")
_RELATIVE_YEAR = re.compile(r"\b(this|last|next) year\b", re.I)
_ENDS = frozenset(["", ".", "!", "?", ":", "\n"])
_RELATIVE_DAY = re.compile(r"\b(yesterday|today|tomorrow)\b", re.I)


def resolve(text: str, written: date) -> list[tuple[int, int, str]]:
    """Resolves words that depend on the day of writing.

    Args:
        text: a sentence.
        written: the day it was published.

    Returns:
        (start, end, reading) for each: `on Tuesday` is the last Tuesday up to the day of
        writing, unless the sentence speaks of the future; then it is left alone.
    """
    found = []
    future = re.search(r"\b(?:will|next|plans?|going to|is to|are to|due)\b", text)
    for match in _WEEKDAY.finditer(text):
        if not future:
            back = (written.weekday() - _WEEKDAYS.index(match[1].lower())) % 7
            found.append((*match.span(), spelled(written - timedelta(days=back))))
    for match in _RELATIVE_DAY.finditer(text):
        if match[0][0].isupper() and text[: match.start()].rstrip(" “\"'‘(")[-1:] not in _ENDS:
            continue  # the newspaper "USA Today"
        shift = {"yesterday": -1, "today": 0, "tomorrow": 1}[match[1].lower()]
        found.append((*match.span(), spelled(written + timedelta(days=shift))))
    for match in _RELATIVE_YEAR.finditer(text):
        shift = {"last": -1, "this": 0, "next": 1}[match[1].lower()]
        found.append((*match.span(), str(written.year + shift)))
    return sorted(found)


def spelled(day: date) -> str:
    """`12 May 2026`."""
    return f"{day.day} {_MONTHS[day.month - 1].capitalize()} {day.year}"


def parse_day(text: str | None) -> date | None:
    """The day of an ISO 8601 date; None for None, a coarser date, or anything else.

    Years that no article is from (before 1500, after 2099) are mistakes of a file's metadata.
    """
    try:
        day = date.fromisoformat((text or "")[:10])
    except ValueError:
        return None
    return day if 1500 <= day.year < 2100 else None
