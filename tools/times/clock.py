"""Times of day in a text: `9.30am`, `19:30`, `half past nine`, `noon`, and whether two agree.

A time is minutes after midnight. `half past nine` and `9 o’clock` may be of the morning or of the
evening and keep both readings, unless the text tells which.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

from tools.numbers.agreement import Agreement
from tools.numbers.numerals import SMALL_WORDS, small_number

_DAY = 24 * 60


@dataclass(frozen=True)
class Clock:
    """A time of day in a text.

    Attributes:
        start, end: its span; `text[start:end] == self.text`.
        text: the words.
        minutes: minutes after midnight, 0..1439, in each reading; two where morning and evening
            are both possible.
        exact: whether the minutes are told; `9 am` alone may be rounded.
        about: whether the text hedges it (`around 9 am`).
        zone: the time zone as written (`GMT`), or None.
    """

    start: int
    end: int
    text: str
    minutes: tuple[int, ...]
    exact: bool = True
    about: bool = False
    zone: str | None = None

    @property
    def reading(self) -> str:
        """`09:30`, `09:30 or 21:30`."""
        return " or ".join(f"{m // 60:02d}:{m % 60:02d}" for m in self.minutes)


_HOUR_WORDS = "one two three four five six seven eight nine ten eleven twelve".split()
_HOUR = rf"(?P<hour>\d{{1,2}}|{'|'.join(_HOUR_WORDS)})"
_ZONE = r"(?:\s?(?P<zone>GMT|UTC|BST|CES?T|EES?T|E[SD]T|P[SD]T|C[SD]T|IST|JST)\b)?"
_PART = r"(?:\s+(?:in the\s+(?P<part>morning|afternoon|evening)|at\s+(?P<night>night)))?"
_PATTERNS: list[re.Pattern[str]] = [
    re.compile(r"(?<![\d.,:])(?P<h>\d{1,2})(?:[:.](?P<m>\d\d))?\s?(?P<half>[ap])(?:m\b|\.\s?m\b\.?)"
               rf"{_ZONE}", re.I),
    re.compile(rf"(?<![\w.,:/])(?P<h>\d{{1,2}}):(?P<m>\d\d)(?::\d\d)?(?![\d:]){_PART}{_ZONE}"),
    re.compile(r"(?<![\w.,:/])(?P<h>\d{1,2})h(?P<m>\d\d)\b"),
    re.compile(r"(?<=\bat )(?P<h>\d{1,2})\.(?P<m>[0-5]\d)(?![\d%]|[.,]\d|\s?(?:per|million|billion|"
               rf"[a-z]?m\b)){_PART}{_ZONE}"),
    re.compile(rf"\b(?:(?P<past>half|(?:a\s+)?quarter|{SMALL_WORDS}|\d{{1,2}})\s+(?:minutes\s+)?"
               rf"(?P<way>past|to))\s+{_HOUR}\b(?!\s?[%.,]?\d|\s+(?:per|million|people)){_PART}",
               re.I),
    re.compile(rf"\b{_HOUR}\s+o[’']clock\b{_PART}", re.I),
    re.compile(r"\b(?P<named>noon|midday|midnight)\b", re.I),
]  # fmt: skip
_ABOUT = re.compile(r"\b(?:about|around|roughly|nearly|almost|shortly (?:before|after)|just "
                    r"(?:before|after)|circa|approximately)\s+$", re.I)  # fmt: skip
_NO_CLOCK = re.compile(r"\b(?:won|lost|beat|by|drew|score[ds]?|verses?|ratio(?: of)?)\s+$", re.I)


@lru_cache(maxsize=4096)
def clock_times(text: str) -> tuple[Clock, ...]:
    """The times of day of a text, in order; they do not overlap."""
    taken = bytearray(len(text))
    found = []
    for pattern in _PATTERNS:
        for match in pattern.finditer(text):
            start, end = match.span()
            minutes = _minutes(match)
            if not minutes or any(taken[start:end]):
                continue
            lead = (text, max(0, start - 16), start)
            if _NO_CLOCK.search(*lead) or (_may_be_range(match) and not _AT.search(*lead)):
                continue
            taken[start:end] = b"\1" * (end - start)
            parts = match.groupdict()
            exact = bool(parts.get("m") or parts.get("past") or parts.get("named"))
            about = bool(_ABOUT.search(text, max(0, start - 20), start))
            words = text[start:end]
            found.append(Clock(start, end, words, minutes, exact, about, parts.get("zone")))
    return tuple(sorted(found, key=lambda clock: clock.start))


_AT = re.compile(r"\b(?:at|around|about|by|until|till|since|before|after|just)\s+$", re.I)


def _may_be_range(match: re.Match[str]) -> bool:
    """Whether `ten to five` may go on from `from`."""
    parts = match.groupdict()
    told = parts.get("part") or parts.get("night") or "quarter" in (parts.get("past") or "")
    return (parts.get("way") or "").lower() == "to" and not told


def _minutes(match: re.Match[str]) -> tuple[int, ...]:
    """The readings of a match; none where it is no time (`31:70`)."""
    parts = match.groupdict()
    if named := parts.get("named"):
        return (0 if named.lower() == "midnight" else _DAY // 2,)
    if parts.get("hour"):
        return _spoken(parts)
    hour, minute = int(parts["h"] or 0), int(parts.get("m") or 0)
    if half := parts.get("half"):
        if not 1 <= hour <= 12 or minute > 59:
            return ()
        return (hour % 12 * 60 + minute + (_DAY // 2 if half.lower() == "p" else 0),)
    if hour > 24 or minute > 59 or (hour == 24 and minute):
        return ()
    return (_in_part(hour % 24 * 60 + minute, parts),)


def _spoken(parts: dict[str, str | None]) -> tuple[int, ...]:
    hour = small_number((parts["hour"] or "").lower())
    if not 1 <= hour <= 12:
        return ()
    shift = 0
    if past := parts.get("past"):
        low = past.lower()
        shift = 30 if low == "half" else 15 if "quarter" in low else small_number(low)
        if shift > 30 or (low == "half" and (parts["way"] or "").lower() == "to"):
            return ()
        shift = -shift if (parts["way"] or "").lower() == "to" else shift
    minutes = (hour % 12 * 60 + shift) % (_DAY // 2)
    if parts.get("part") or parts.get("night"):
        return (_in_part(minutes, parts),)
    return minutes, minutes + _DAY // 2


def _in_part(minutes: int, parts: dict[str, str | None]) -> int:
    """Moves a time into the afternoon where the text says so."""
    late = parts.get("part") in ("afternoon", "evening") or (
        parts.get("night") and minutes >= 6 * 60
    )
    return minutes + _DAY // 2 if late and minutes < _DAY // 2 else minutes


def agreement(a: Clock, b: Clock) -> Agreement:
    """How two times of day stand to each other; the same kind of answer whichever comes first.

    A time told without minutes stands for half an hour either way, one that is hedged for a
    quarter of an hour more.
    """
    both = f"{a.text} ({a.reading}) and {b.text} ({b.reading})"
    if a.zone and b.zone and a.zone.upper() != b.zone.upper():
        return Agreement("not comparable", f"{both} are in two time zones.")
    if a.minutes == b.minutes and not a.about and not b.about:
        return Agreement("equal", f"{both} are the same time.")
    slack = sum((0 if c.exact else 29) + (15 if c.about else 0) for c in (a, b))
    if not a.exact and not b.exact and not a.about and not b.about:
        slack = 0  # `9 am` and `10 am` are two times
    if min(_apart(x, y) for x in a.minutes for y in b.minutes) <= slack:
        return Agreement("compatible", f"{both} can be the same time, as exactly as they are told.")
    return Agreement("different", f"{both} are different times.")


def _apart(a: int, b: int) -> int:
    gap = abs(a - b)
    return min(gap, _DAY - gap)
