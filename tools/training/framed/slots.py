"""What fills the slots of frames: people, firms, places, periods, figures, votes, changes.

A slot is given as a few words: `person`, `firm`, `money 1e6 9e9`, `measure kilometres 2 90`,
`day 2019 2025`, or as a list of its values. `Slot.draw` draws a value, `Slot.another` one that
a text cannot mean at once with the first, `Slot.sibling` one that is easily taken for it.
"""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from random import Random
from typing import Final

from agent.errors import InputError
from tools.training.framed.measures import CURRENCIES, MONTHS, Day, Measure, quarter_text

_NAMES: Final = Path(__file__).with_name("names.toml")


class Name(str):
    """A proper name, or any other words that fill a slot as they stand."""


class Person(Name):
    """A person's name, with what pronouns need."""

    woman: bool

    @property
    def last(self) -> str:
        """The surname."""
        return self.split(" ", 1)[1]

    @property
    def she(self) -> str:
        """`she` or `he`."""
        return "she" if self.woman else "he"

    @property
    def her(self) -> str:
        """The possessive, `her` or `his`."""
        return "her" if self.woman else "his"


class Firm(Name):
    """A firm's name; the first word is shared by firms that are confused."""

    @property
    def stem(self) -> str:
        """The name without its branch: `Halden` of `Halden Foods`."""
        return self.rsplit(" ", 1)[0]


@dataclass(frozen=True)
class Quarter:
    """A quarter of a year; each text may write it in another form."""

    year: int
    number: int

    def write(self, rng: Random) -> str:
        """One of its forms, to stand after `in`."""
        return quarter_text(self.year, self.number, rng)


@dataclass(frozen=True)
class Change:
    """A figure that went from `old` to `new`, upwards; `by` is the difference.

    Attributes:
        percent: the difference in per cent of the old figure.
        points: the difference, for shares (in points) as for sums (in their unit).
    """

    old: Measure
    new: Measure
    by: Measure
    percent: Measure

    @property
    def points(self) -> Name:
        """The difference of two shares as a bare number of percentage points."""
        return Name(f"{self.by.value:g}")

    @property
    def as_percent(self) -> Name:
        """The number of points, taken for per cent."""
        return Name(f"{self.by.value:g} per cent")


@dataclass(frozen=True)
class Vote:
    """A vote of a body: how many members it has and how they voted."""

    seats: Measure
    yes: Measure
    no: Measure
    away: Measure


@dataclass(frozen=True)
class Split:
    """A total and its two parts."""

    total: Measure
    part: Measure
    rest: Measure
    share: Measure


@dataclass(frozen=True)
class Score:
    """The result of a match, more goals first."""

    more: int
    fewer: int

    @property
    def text(self) -> Name:
        """`3-1`."""
        return Name(f"{self.more}-{self.fewer}")

    @property
    def goals(self) -> Name:
        """How many goals fell in all."""
        words = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")
        return Name(words[self.more + self.fewer])


Value = Name | Measure | Day | Quarter | Change | Vote | Split | Score


@dataclass(frozen=True)
class Slot:
    """How the values of one slot are drawn.

    Attributes:
        draw: a value.
        another: a value that contradicts the given one.
        sibling: a value that is something else, often of a similar name.
    """

    draw: Callable[[Random], Value]
    another: Callable[[Random, Value], Value]
    sibling: Callable[[Random, Value], Value]


@cache
def _pool(name: str) -> tuple[str, ...]:
    """A pool of names.toml by its key."""
    with _NAMES.open("rb") as file:
        text = tomllib.load(file)[name]
    return tuple(part.strip() for part in (text.split("|") if "|" in text else text.split()))


def person(rng: Random, *, woman: bool | None = None) -> Person:
    """A person of any culture: given name and surname."""
    woman = rng.random() < 0.5 if woman is None else woman
    given = rng.choice(_pool("female" if woman else "male"))
    name = Person(f"{given} {rng.choice(_pool('surnames'))}")
    name.woman = woman
    return name


def _namesake(rng: Random, value: Value) -> Value:
    """Someone of the same surname, or anybody."""
    other = person(rng)
    if isinstance(value, Person) and rng.random() < 0.5:
        namesake = Person(f"{other.split(' ', 1)[0]} {value.last}")
        namesake.woman = other.woman
        return namesake
    return other


def _firm(rng: Random) -> Firm:
    return Firm(f"{rng.choice(_pool('stems'))} {rng.choice(_pool('sectors'))}")


def _similar_firm(rng: Random, value: Value) -> Value:
    if isinstance(value, Firm) and rng.random() < 0.6:
        return Firm(f"{value.stem} {rng.choice(_pool('sectors'))}")
    return _firm(rng)


def _team(rng: Random) -> Name:
    return Name(f"{rng.choice(_pool('towns'))} {rng.choice(_pool('suffixes'))}")


def _similar_team(rng: Random, value: Value) -> Value:
    if isinstance(value, str) and rng.random() < 0.5:
        return Name(f"{value.rsplit(' ', 1)[0]} {rng.choice(_pool('suffixes'))}")
    return _team(rng)


def _product(rng: Random) -> Name:
    return Name(f"{rng.choice(_pool('products'))} {rng.randint(2, 9)}")


def _school(rng: Random) -> Name:
    return Name(f"the University of {rng.choice(_pool('towns'))}")


def _hospital(rng: Random) -> Name:
    return Name(f"{rng.choice(_pool('surnames'))} Hospital")


def _bridge(rng: Random) -> Name:
    kind = rng.choice(("Bridge", "Tunnel", "Viaduct", "Ferry Terminal", "Tramway", "Interchange"))
    return Name(f"the {rng.choice(_pool('towns'))} {kind}")


def _distinct(draw: Callable[[Random], Value]) -> Slot:
    def another(rng: Random, value: Value) -> Value:
        for _ in range(40):
            other = draw(rng)
            if other != value and not (
                isinstance(other, Person) and isinstance(value, Person) and other.last == value.last
            ):
                return other
        raise InputError("A slot has too few values", "Give it at least two that differ.")

    return Slot(draw, another, another)


def _with_sibling(slot: Slot, sibling: Callable[[Random, Value], Value]) -> Slot:
    def other(rng: Random, value: Value) -> Value:
        drawn = sibling(rng, value)
        return drawn if drawn != value else slot.another(rng, value)

    return Slot(slot.draw, slot.another, other)


def _from_pool(name: str) -> Slot:
    return _distinct(lambda rng: Name(rng.choice(_pool(name))))


def _year(low: int, high: int) -> Slot:
    def another(rng: Random, value: Value) -> Value:
        year = int(str(value))
        others = [year + by for by in (-10, -3, -2, -1, 1, 2, 3, 10) if low <= year + by <= high]
        return Name(rng.choice(others))

    return Slot(lambda rng: Name(rng.randint(low, high)), another, another)


def _measured(unit: str, low: float, high: float) -> Slot:
    """A figure; its currency, where it is money, is drawn with it."""

    def draw(rng: Random) -> Value:
        drawn = rng.choice(CURRENCIES[:3] * 2 + CURRENCIES[3:]) if unit == "money" else unit
        return Measure.draw(rng, drawn, low, high)

    def another(rng: Random, value: Value) -> Value:
        if not isinstance(value, Measure):
            raise InputError("Only a figure has another figure", "Look at the slot's kind.")
        return value.another(rng)

    return Slot(draw, another, another)


def _day(low: int, high: int) -> Slot:
    def another(rng: Random, value: Value) -> Value:
        if not isinstance(value, Day):
            raise InputError("Only a date has another date", "Look at the slot's kind.")
        return value.another(rng)

    return Slot(lambda rng: Day.draw(rng, low, high), another, another)


def _measure(value: float, unit: str) -> Measure:
    return Measure(round(value, 4), unit, max(value / 3, 0.1), value * 3 + 1)


def _change(unit: str, low: float, high: float) -> Slot:
    """A rise by whole figures; shares rise by few points, sums by a part of themselves."""

    def draw(rng: Random) -> Value:
        if unit == "%":
            old = float(rng.randint(int(low), int(high)))
            by = float(rng.randint(2, 9))
        else:
            drawn = rng.choice(CURRENCIES[:3]) if unit == "money" else unit
            scale = 1e6 if low >= 1e6 else 1.0
            old = Measure.draw(rng, drawn, low, high).value
            old = round(old / scale, 0 if scale == 1.0 else 1) * scale
            by = max(round(old * rng.choice((0.05, 0.1, 0.2, 0.25, 0.4, 0.5)) / scale), 1) * scale
            return Change(
                _measure(old, drawn), _measure(old + by, drawn), _measure(by, drawn),
                _measure(round(100 * by / old, 1), "%"),
            )  # fmt: skip
        percent = round(100 * by / old, 1)
        return Change(
            _measure(old, "%"), _measure(old + by, "%"), _measure(by, "%"), _measure(percent, "%")
        )

    return _distinct(draw)


def _vote(low: int, high: int) -> Slot:
    def draw(rng: Random) -> Value:
        seats = rng.randint(low, high)
        away = rng.randint(2, max(3, seats // 8))
        yes = rng.randint((seats - away) // 2 + 2, seats - away - 3)
        return Vote(*(_measure(n, "") for n in (seats, yes, seats - away - yes, away)))

    return _distinct(draw)


def _split(unit: str, low: float, high: float) -> Slot:
    def draw(rng: Random) -> Value:
        total = round(Measure.draw(rng, unit, low, high).value)
        part = max(2, round(total * rng.uniform(0.2, 0.8)))
        share = _measure(round(100 * part / total, 1), "%")
        return Split(
            _measure(total, unit), _measure(part, unit), _measure(total - part, unit), share
        )

    return _distinct(draw)


def _score(rng: Random) -> Value:
    more = rng.randint(1, 5)
    return Score(more, rng.randint(0, more - 1))


def _listed(values: Sequence[str]) -> Slot:
    """One of the values; the first, where there are more than two, as often as any two others."""
    names = [Name(value) for value in values]
    weights = [2.0] + [1.0] * (len(names) - 1) if len(names) > 2 else [1.0] * len(names)
    return _distinct(lambda rng: rng.choices(names, weights)[0])


def _even(values: str) -> Slot:
    names = [Name(value) for value in values.split()]
    return _distinct(lambda rng: rng.choice(names))


_NAMED: Final[dict[str, Callable[[], Slot]]] = {
    "person": lambda: _with_sibling(_distinct(person), _namesake),
    "woman": lambda: _distinct(lambda rng: person(rng, woman=True)),
    "firm": lambda: _with_sibling(_distinct(_firm), _similar_firm),
    "team": lambda: _with_sibling(_distinct(_team), _similar_team),
    "product": lambda: _distinct(_product),
    "university": lambda: _distinct(_school),
    "hospital": lambda: _distinct(_hospital),
    "bridge": lambda: _distinct(_bridge),
    "score": lambda: _distinct(_score),
    "month": lambda: _even(" ".join(MONTHS)),
    "weekday": lambda: _even("Monday Tuesday Wednesday Thursday Friday Saturday Sunday"),
} | {
    name: (lambda pool=pool: _from_pool(pool))
    for name, pool in {
        "town": "towns", "country": "countries", "region": "regions", "river": "rivers",
        "agency": "agencies", "title": "titles", "work": "works", "surname": "surnames",
    }.items()
}  # fmt: skip


def slot(spec: str | Sequence[str]) -> Slot:
    """The slot that a frame asks for.

    Args:
        spec: a list of values, or a kind with its numbers, as the module's docstring shows.

    Raises:
        InputError: no such kind, or numbers that do not fit it.
    """
    if not isinstance(spec, str):
        return _listed(spec)
    kind, *rest = spec.split()
    try:
        if kind in _NAMED and not rest:
            return _NAMED[kind]()
        if kind in ("measure", "change", "split"):
            *unit, low, high = rest
            make = {"measure": _measured, "change": _change, "split": _split}[kind]
            name = {"count": "", "percent": "%"}.get(" ".join(unit), " ".join(unit))
            return make(name, float(low), float(high))
        low, high = rest
        if kind in ("count", "percent", "money"):
            return _measured({"count": "", "percent": "%"}.get(kind, kind), float(low), float(high))
        if kind == "quarter":
            first, last = int(low), int(high)
            return _distinct(lambda rng: Quarter(rng.randint(first, last), rng.randint(1, 4)))
        return {"day": _day, "year": _year, "vote": _vote}[kind](int(low), int(high))
    except (KeyError, ValueError) as error:
        raise InputError(
            f"Unknown slot “{spec}”", "Kinds of slots are listed in tools/training/framed/slots.py."
        ) from error
