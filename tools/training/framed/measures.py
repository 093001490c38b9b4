"""Figures and dates as frames use them: a value, what a text may write for it, what that rules out.

A claim about a figure holds for a *range*: `about 40` for the figures near 40, `more than 40` for
those above it, `March 2024` for its days. What a passage writes is a range as well, mostly a
single point. Three labels follow: the passage's range lies within the claim's (supported),
apart from it (conflicting), or neither (unverifiable).
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date, timedelta
from random import Random

MONTHS = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September",
    "October", "November", "December",
)  # fmt: skip
_ORDINALS = ("first", "second", "third", "fourth")
_WORDS = (
    "zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten",
    "eleven", "twelve",
)  # fmt: skip
_CONVERSIONS = {
    "kilometres": ("miles", 0.621371), "miles": ("kilometres", 1.609344),
    "metres": ("feet", 3.28084), "hectares": ("acres", 2.471054),
    "square kilometres": ("hectares", 100.0), "kilograms": ("pounds", 2.204623),
    "tonnes": ("kilograms", 1000.0), "gigawatt hours": ("megawatt hours", 1000.0),
    "megawatts": ("kilowatts", 1000.0), "minutes": ("seconds", 60.0), "years": ("months", 12.0),
    "weeks": ("days", 7.0), "days": ("hours", 24.0), "centimetres": ("millimetres", 10.0),
}  # fmt: skip
_WHOLE = frozenset({"", "years", "days", "weeks", "minutes", "months"})
CURRENCIES = ("£", "$", "€", "kronor", "francs", "zlotys", "pesos", "rupees")


@dataclass(frozen=True)
class Range:
    """The values for which a wording is true, and how far off a value is plainly ruled out.

    Attributes:
        low, high: the bounds, both included.
        slack: a value farther than this from the bounds contradicts the wording.
    """

    low: float
    high: float
    slack: float = 0.0

    def holds(self, other: Range) -> bool:
        """True if all of the other range is within this one."""
        return self.low <= other.low and other.high <= self.high

    def excludes(self, other: Range) -> bool:
        """True if the other range is apart from this one by more than the slack."""
        return other.high < self.low - self.slack or other.low > self.high + self.slack


@dataclass(frozen=True)
class Wording:
    """What a text writes for a value, and the values that it is true of."""

    text: str
    range: Range


def digits(value: float) -> str:
    """The figure with separators of thousands and no more decimals than it has, at most two."""
    text = f"{value:,.2f}".rstrip("0").rstrip(".") if value % 1 else f"{value:,.0f}"
    return text or "0"


def _significant(value: float, places: int, rounding: Callable[[float], float] = round) -> float:
    step = 10.0 ** (math.floor(math.log10(abs(value))) - places + 1) if value else 1.0
    return round(rounding(value / step) * step, 6)


@dataclass(frozen=True)
class Measure:
    """A figure with its unit.

    Attributes:
        value: the figure, above zero.
        unit: `` for a bare count, `%`, one of CURRENCIES, or a unit in the plural.
        low, high: the range it was drawn from.
    """

    value: float
    unit: str
    low: float
    high: float

    @classmethod
    def draw(cls, rng: Random, unit: str, low: float, high: float) -> Measure:
        """A figure between `low` and `high`, evenly over magnitudes, written with few digits."""
        value = math.exp(rng.uniform(math.log(low), math.log(high)))
        if unit == "%":
            value = round(value, rng.choice((0, 1, 1))) or 1.0
        elif value >= 1e6:
            value = _significant(value, rng.choice((2, 3, 3, 4)))
        elif unit in CURRENCIES or value >= 100:
            value = round(_significant(value, rng.choice((3, 4, 5))))
        else:
            value = round(value, 1) if unit not in _WHOLE and value < 10 else round(value)
        return cls(max(value, 2.0 if unit in _WHOLE else 0.1), unit, low, high)

    @property
    def point(self) -> Range:
        """The figure as a range of one point."""
        return Range(self.value, self.value)

    def another(self, rng: Random) -> Measure:
        """Another figure of the same unit: of another magnitude, digits swapped, near, or new."""
        way = rng.random()
        value = self.value
        if way < 0.12 and value >= 1e6:
            value = value * 1000 if value < 1e9 else value / 1000
        elif way < 0.3 and value >= 100 and not value % 1:
            value = _swap_digits(value)
        elif way < 0.7:
            value *= rng.choice((0.6, 0.75, 0.85, 0.92, 1.08, 1.15, 1.3, 1.6, 2))
            if value >= 1e6:
                value = _significant(value, 3)
            else:
                value = round(value, 1 if value < 100 and self.unit not in _WHOLE else 0)
            if self.unit == "%":
                value = min(value, 100.0)
        else:
            return Measure.draw(rng, self.unit, self.low, self.high)
        return replace(self, value=max(value, 2.0 if self.unit in _WHOLE else 0.1))

    def write(self, value: float, rng: Random) -> str:
        """The figure with its unit in one of the usual forms."""
        if self.unit == "%":
            return digits(value) + rng.choice((" per cent", "%", " percent"))
        number = _magnitude(value, rng)
        if self.unit in ("£", "$", "€"):
            if rng.random() < 0.3 and number.endswith("illion"):
                number = number.replace(" million", "m").replace(" billion", "bn")
            return self.unit + number
        if not self.unit:
            whole = int(value)
            if value == whole and whole < len(_WORDS) and rng.random() < 0.5:
                return _WORDS[whole]
            return number
        unit = self.unit
        if value == 1 and unit.endswith("s") and unit not in CURRENCIES:
            unit = unit.removesuffix("s")
        return f"{number} {unit}"

    def exact(self, rng: Random) -> Wording:
        """The figure as it is."""
        return Wording(self.write(self.value, rng), self.point)

    def claimed(self, rng: Random) -> Wording:
        """The figure as a claim may write it: exact, rounded, hedged, as a bound, converted."""
        makers = (
            self._rounded, self._about, self._above, self._below, self._converted, self._between
        )  # fmt: skip
        if rng.random() < 0.55:
            worded = rng.choice(makers)(rng)
            if worded is not None:
                return worded
        text = self.write(self.value, rng)
        return Wording(text, Range(self.value, self.value, slack=0.03 * self.value))

    def _rounded(self, rng: Random) -> Wording | None:
        """Fewer digits with nothing said of it: only where readers expect it."""
        if self.unit == "%" and self.value % 1 and self.value > 2:
            value, half = float(round(self.value)), 0.5
        elif self.value >= 1e6:
            value = _significant(self.value, 2)
            half = 0.5 * 10.0 ** (math.floor(math.log10(value)) - 1)
        else:
            return self._about(rng)
        if value == self.value:
            return None
        return Wording(self.write(value, rng), Range(value - half, value + half, slack=half))

    def _about(self, rng: Random) -> Wording | None:
        if self.value < 15 and self.value % 1 == 0:
            return None
        value = _significant(self.value, rng.choice((1, 2)) if self.value > 30 else 2)
        if value == self.value or abs(value - self.value) > 0.06 * self.value:
            return None
        word = rng.choice(("about", "around", "roughly", "approximately", "some"))
        near = 0.1 * value
        return Wording(
            f"{word} {self.write(value, rng)}", Range(value - near, value + near, slack=near)
        )

    def _above(self, rng: Random) -> Wording | None:
        value = _significant(
            self.value * rng.uniform(0.88, 1), 1 + (rng.random() < 0.5), math.floor
        )
        if not 0.75 * self.value <= value < self.value:
            return None
        word = rng.choice(("more than", "over", "at least", "upwards of"))
        return Wording(
            f"{word} {self.write(value, rng)}", Range(value, math.inf, slack=0.05 * value)
        )

    def _below(self, rng: Random) -> Wording | None:
        value = _significant(self.value, 1 + (rng.random() < 0.5), math.ceil)
        if not self.value < value <= 1.25 * self.value or (self.unit == "%" and value >= 100):
            return None
        if value <= 1.06 * self.value and rng.random() < 0.6:
            word = rng.choice(("nearly", "almost", "just under"))
            return Wording(
                f"{word} {self.write(value, rng)}", Range(0.93 * value, value, slack=0.08 * value)
            )
        less = "less than" if self.unit else "fewer than"
        word = rng.choice((less, "under", "no more than"))
        return Wording(
            f"{word} {self.write(value, rng)}", Range(-math.inf, value, slack=0.05 * value)
        )

    def _between(self, rng: Random) -> Wording | None:
        if self.value < 20:
            return None
        low, high = _significant(self.value, 1, math.floor), _significant(self.value, 1, math.ceil)
        if low == high or (self.unit == "%" and high > 99):
            return None
        return Wording(self._from_to(low, high, rng), Range(low, high, slack=0.05 * low))

    def _from_to(self, low: float, high: float, rng: Random) -> str:
        """Both bounds, written alike."""
        state = rng.getstate()
        first = self.write(low, rng)
        rng.setstate(state)
        return f"between {first} and {self.write(high, rng)}"

    def _converted(self, rng: Random) -> Wording | None:
        if self.unit not in _CONVERSIONS or self.value < 2:
            return None
        unit, factor = _CONVERSIONS[self.unit]
        if self.unit == "years" and (self.value > 5 or self.value % 1):
            return None
        other = _significant(self.value * factor, 4)
        exact = abs(other - self.value * factor) < 1e-9
        if not exact:
            other = _significant(other, 2)
        back = other / factor
        near = 0.03 * back if exact else 0.06 * back
        text = replace(self, unit=unit).write(other, rng)
        if not exact:
            text = f"{rng.choice(('about', 'around', 'roughly'))} {text}"
        return Wording(text, Range(back - near, back + near, slack=near))

    def vague(self, rng: Random) -> Wording:
        """A bound or a span that the figure lies in, and many other figures as well."""
        low = _significant(self.value * rng.uniform(0.72, 0.93), 1 + (self.value < 100), math.floor)
        high = _significant(self.value * rng.uniform(1.07, 1.4), 1 + (self.value < 100), math.ceil)
        if self.unit == "%":
            high = min(high, 99.0)
        way = rng.random()
        if way < 0.4:
            word = rng.choice(("more than", "over", "at least"))
            return Wording(f"{word} {self.write(low, rng)}", Range(low, math.inf))
        if way < 0.7:
            word = "less than" if self.unit else "fewer than"
            return Wording(f"{word} {self.write(high, rng)}", Range(-math.inf, high))
        return Wording(self._from_to(low, high, rng), Range(low, high))

    def elsewhere(self, rng: Random) -> Measure | None:
        """The same sum or another in a currency that decides nothing, None without currency."""
        if self.unit not in CURRENCIES:
            return None
        value = self.value if rng.random() < 0.5 else self.another(rng).value
        unit = rng.choice([currency for currency in CURRENCIES if currency != self.unit])
        return replace(self, value=value, unit=unit)


def _swap_digits(value: float) -> float:
    """Two neighbouring digits swapped: 4,300 and 3,400."""
    text = str(int(value))
    for at in range(len(text) - 1):
        if text[at] != text[at + 1] and text[at + 1] != "0":
            return float(text[:at] + text[at + 1] + text[at] + text[at + 2 :])
    return value


def _magnitude(value: float, rng: Random) -> str:
    for name, size in (("billion", 1e9), ("million", 1e6)):
        if value >= size:
            if value < 1e9 and rng.random() < 0.08:
                break
            return f"{digits(round(value / size, 3))} {name}"
    return digits(value)


@dataclass(frozen=True)
class Day:
    """A date; a text writes it with its preposition: `on 3 May 2024`, `in May 2024`, `in 2024`."""

    value: date
    first: int
    last: int

    @classmethod
    def draw(cls, rng: Random, first: int, last: int) -> Day:
        """A day of the years `first` to `last`."""
        start = date(first, 1, 1)
        days = (date(last, 12, 31) - start).days
        return cls(start + timedelta(days=rng.randint(0, days)), first, last)

    @property
    def point(self) -> Range:
        """The day as a range of one day, in proleptic Gregorian ordinals."""
        return Range(self.value.toordinal(), self.value.toordinal())

    def another(self, rng: Random) -> Day:
        """Another date: other day, month or year, or all of them."""
        day, month, year = self.value.day, self.value.month, self.value.year
        way = rng.randrange(4)
        if way == 0:
            return replace(self, value=date(year, month, rng.randint(1, 28)))
        if way == 1:
            return replace(self, value=date(year, rng.randint(1, 12), min(day, 28)))
        if way == 2:
            return replace(self, value=date(year + rng.choice((-2, -1, 1, 2)), month, min(day, 28)))
        return Day.draw(rng, self.first, self.last)

    def exact(self, rng: Random) -> Wording:
        """The day itself."""
        day, month, year = self.value.day, MONTHS[self.value.month - 1], self.value.year
        text = rng.choice(
            (f"on {day} {month} {year}", f"on {month} {day}, {year}", f"on {day} {month} {year}")
        )
        return Wording(text, self.point)

    def claimed(self, rng: Random) -> Wording:
        """The day, its month, its quarter or its year."""
        way = rng.random()
        return self.exact(rng) if way < 0.4 else self._span(rng, 0 if way < 0.75 else 2)

    def vague(self, rng: Random) -> Wording:
        """The month, the quarter or the year."""
        return self._span(rng, rng.randrange(4))

    def _span(self, rng: Random, coarse: int) -> Wording:
        year, month = self.value.year, self.value.month
        if coarse == 0:
            return Wording(f"in {MONTHS[month - 1]} {year}", _months(year, month, 1))
        if coarse == 1:
            quarter = (month - 1) // 3
            text = f"in the {_ORDINALS[quarter]} quarter of {year}"
            return Wording(text, _months(year, 3 * quarter + 1, 3))
        return Wording(f"in {year}", _months(year, 1, 12))

    def elsewhere(self, rng: Random) -> Day | None:
        """None: another date of the same event contradicts."""
        return None


def _months(year: int, month: int, count: int) -> Range:
    first = date(year, month, 1).toordinal()
    after = month + count
    end = date(year + (after > 12), after - 12 if after > 12 else after, 1).toordinal()
    return Range(first, end - 1)


def quarter_text(year: int, quarter: int, rng: Random) -> str:
    """A quarter (1 to 4) in one of the usual forms, to stand after `in`."""
    last = MONTHS[3 * quarter - 1]
    return rng.choice(
        (
            f"the {_ORDINALS[quarter - 1]} quarter of {year}",
            f"the {_ORDINALS[quarter - 1]} quarter of {year}",
            f"Q{quarter} {year}",
            f"the three months to {last} {year}",
        )
    )
