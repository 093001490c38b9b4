"""Figures said otherwise: rounded, converted, spelled, told as a share or a bound.

Each rule yields the same value in other words, and its false twin: the same form with a
value that the sentence rules out. Half of the twins change the passage rather than the
claim, so that neither the hedge nor the figure of a claim tells its label.
"""

from __future__ import annotations

import random
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from math import floor, log10

from tools.numbers.quantities import quantities
from tools.training.pairs import CONFLICTING, SUPPORTED, UNVERIFIABLE
from tools.training.reworded.rewrite_text import NEGATED, Rewrite, is_quoted, replaced

_FIGURE = re.compile(
    r"(?<![\w.,/#$€£–-])(?P<money>[$€£])?(?P<digits>\d{1,3}(?:,\d{3})+|\d{1,9})(?P<decimals>\.\d+)?"
    r"(?P<scale> (?:million|billion|trillion))?(?P<percent> ?%| per ?cent)?"
    r"(?![\w%–-]|[.,:/]\d)"
)
_COUNTED = re.compile(
    r"\s(?!am\b|pm\b|times\b|points?\b|goals?\b|votes to\b|of\b|or\b|to\b|and\b|in\b|at\b)"
    r"(?:[a-z-]+\s){0,2}?(?:[a-z]+[^s\W]s|people|children|men|women|police|staff|troops)\b"
)
_BEFORE = re.compile(
    r"\b(?:the|these|those|other|all|first|last|next|past|number|no|age|aged|at|a|an|another|from|"
    r"between|and|or|to|under|chapter|about|than|article|least|over|every|top|his|her|their|its|"
    r"some|nearly|almost|around|roughly|approximately|just|only|exactly|version|season|episode|"
    r"minutes|hours|"
    r"(?:an?|the|his|her|their|its|this) [\w-]+)\s*$|\($|[–×x-]\s*$",
    re.I,
)


@dataclass(frozen=True)
class Figure:
    """A figure written in digits that may be written otherwise.

    Attributes:
        start, end: its span, with sign, magnitude word and per cent.
        value: the number in its own scale: 4.8 of `4.8 billion`.
        places: decimals written.
        money, scale, percent: what stands around the number, as written.
    """

    start: int
    end: int
    value: float
    places: int
    money: str
    scale: str
    percent: str

    def written(self, value: float, places: int | None = None) -> str:
        """Another value in the same form."""
        places = self.places if places is None else places
        grouped = value >= 10_000 or (value >= 1000 and not self.scale)
        number = f"{value:,.{places}f}" if grouped else f"{value:.{places}f}"
        return f"{self.money}{number}{self.scale}{self.percent}"


@lru_cache(maxsize=4096)
def figures(sentence: str) -> tuple[Figure, ...]:
    """Figures in digits that stand for themselves: no dates, names, ranges or hedged values."""
    fair = []
    for match in _FIGURE.finditer(sentence):
        bare = not (match["money"] or match["percent"] or match["scale"])
        if (
            _BEFORE.search(sentence[: match.start()])
            or (bare and not _COUNTED.match(sentence, match.end()))
            or re.match(r"(?: [a-z]+)? \(", sentence[match.end() :])  # told again in other units
            or is_quoted(sentence, match.start())
        ):
            continue
        fair.append(match)
    # Reading quantities is dear: only where the form is right.
    exact = {q.start for q in quantities(sentence) if q.bound == "exact"} if fair else set()
    found = []
    for match in fair:
        if match.start() not in exact:
            continue
        digits = match["digits"].replace(",", "")
        decimals = match["decimals"] or ""
        found.append(
            Figure(
                match.start(),
                match.end(),
                float(digits + decimals),
                max(0, len(decimals) - 1),
                match["money"] or "",
                match["scale"] or "",
                match["percent"] or "",
            )
        )
    return tuple(found)


def to_digits(value: float, digits: int) -> float:
    """A positive value rounded to so many significant digits."""
    return round(value, digits - 1 - floor(log10(value))) if value else 0.0


def _places(value: float) -> int:
    return 0 if value == int(value) else 1 if round(value, 1) == value else 2


def other_figure(figure: Figure, rng: random.Random) -> float:
    """A value of the same form, at least a quarter away and as exact."""
    for _ in range(8):
        value = figure.value * rng.choice((0.3, 0.45, 0.6, 0.72, 1.35, 1.6, 2.1, 3.2))
        value = round(value * rng.uniform(0.97, 1.03), figure.places)
        if abs(value - figure.value) > 0.25 * figure.value and not (
            figure.percent and value > 100 >= figure.value
        ):
            return value
    return figure.value * 2 + 10 if not figure.percent else round(figure.value / 2, figure.places)


_UP = ("nearly", "almost", "just under", "close to", "about", "around", "roughly", "approximately")
_DOWN = ("more than", "over", "just over", "at least", "about", "around", "roughly", "some")


def rounded(sentence: str, rng: random.Random) -> Iterator[Rewrite]:
    """Figures rounded, with the hedge on the right side; and too far, or on the wrong side."""
    for figure in figures(sentence):
        value = figure.value
        if value < 11 and not figure.places:
            continue
        near = {to_digits(value, n) for n in (1, 2, 3)}
        near = {r for r in near if 0 < abs(r - value) <= 0.05 * value}
        if not near:
            continue
        goal = rng.choice(sorted(near))
        bare = (figure.places or value >= 1000) and abs(goal - value) <= 0.015 * value
        hedge = "" if bare and rng.random() < 0.5 else rng.choice(_UP if goal > value else _DOWN)
        written = f"{hedge} {figure.written(goal, _places(goal))}".strip()
        claim = replaced(sentence, figure.start, figure.end, written)
        yield Rewrite("rounded", claim)
        other = other_figure(figure, rng)
        open_end = hedge in ("more than", "over", "just over", "at least") and other > goal
        if rng.random() < 0.5 and not open_end:  # the claim stays, the passage changes
            changed = figure.written(other)
            told = replaced(sentence, figure.start, figure.end, changed)
            yield Rewrite("rounded", claim, CONFLICTING, told)
        else:
            yield Rewrite("rounded", _too_far(sentence, figure, rng), CONFLICTING)


def _too_far(sentence: str, figure: Figure, rng: random.Random) -> str:
    if rng.random() < 0.3:
        over = rng.random() < 0.5
        goal = to_digits(figure.value * (1.25 if over else 0.8), 2)
        hedge = rng.choice(
            ("more than", "over", "at least") if over else ("less than", "under", "at most")
        )
    else:
        goal = to_digits(other_figure(figure, rng), rng.choice((1, 2)))
        if abs(goal - figure.value) < 0.2 * figure.value:
            goal = to_digits(figure.value * 0.5, 1)
        hedge = rng.choice((*_UP, *_DOWN[:3], ""))
        if hedge in _DOWN[:4] and goal < figure.value:
            hedge = "about"  # "more than" a smaller figure would be true
        if hedge in ("just under", "nearly", "almost", "close to") and goal > figure.value:
            hedge = rng.choice((hedge, "more than"))
    if figure.percent and goal > 100:
        goal, hedge = to_digits(figure.value * 0.5, 1), "about"
    written = f"{hedge} {figure.written(goal, _places(goal))}".strip()
    return replaced(sentence, figure.start, figure.end, written)


def bounded(sentence: str, rng: random.Random) -> Iterator[Rewrite]:
    """`At least 40` of 52, `fewer than 60`; and of `more than 1,000` what it leaves open."""
    if NEGATED.search(sentence):
        return
    for figure in figures(sentence):
        if figure.value < 5 or figure.places or (figure.percent and figure.value > 60):
            continue
        few = "less" if figure.percent or figure.money else "fewer"
        low, high = (to_digits(figure.value * f, 2 if figure.value > 99 else 1) for f in (0.8, 1.3))
        if not low < figure.value < high:
            continue
        for hedge, goal, label in (
            (rng.choice(("at least", "more than", "over")), low, SUPPORTED),
            (rng.choice((f"{few} than", "under", "at most")), high, SUPPORTED),
            (rng.choice(("at least", "more than", "over")), high, CONFLICTING),
            (rng.choice((f"{few} than", "under", "at most")), low, CONFLICTING),
        ):
            text = f"{hedge} {figure.written(goal, 0)}"
            claim = replaced(sentence, figure.start, figure.end, text)
            yield Rewrite("bounded", claim, label)
    for quantity, match in _hedged(sentence):
        value, over = quantity, match["over"]
        many = rng.choice((1.5, 2, 3))
        higher, lower = to_digits(value * many, 2), to_digits(value * rng.choice((0.5, 0.7)), 2)
        if lower == int(lower) and higher == int(higher) and value >= 20:
            for goal, hedge, label in (
                (higher, over, UNVERIFIABLE),
                (lower, over, SUPPORTED),
                (lower, "fewer than" if match["plain"] else "less than", CONFLICTING),
            ):
                written = f"{hedge} {match['sign'] or ''}{goal:,.0f}"
                claim = replaced(sentence, match.start(), match.end(), written)
                yield Rewrite("bounded", claim, label)


_HEDGED = re.compile(
    r"\b(?P<over>[Mm]ore than|[Aa]t least|[Oo]ver) (?P<sign>[$€£])?"
    r"(?P<number>\d{1,3}(?:,\d{3})+|\d{2,4})\b(?![.,]\d|%|[\w-])"
    r"(?=(?P<plain> [a-z-]+s\b| people| men| women| children)?)"
)


def _hedged(sentence: str) -> Iterator[tuple[float, re.Match[str]]]:
    for match in _HEDGED.finditer(sentence):
        value = float(match["number"].replace(",", ""))
        if (match["plain"] or match["sign"]) and not is_quoted(sentence, match.start()):
            yield value, match


_TIME = frozenset(["minutes", "hours", "days", "weeks", "months", "years"])
# Unit as written → (unit to tell it in, factor). Conversions of time are only made where whole.
_CONVERSIONS: dict[str, list[tuple[str, float]]] = {
    "km": [("miles", 0.621371)], "kilometres": [("miles", 0.621371)],
    "kilometers": [("miles", 0.621371)],
    "miles": [("km", 1.609344), ("kilometres", 1.609344)],
    "metres": [("feet", 3.28084)], "meters": [("feet", 3.28084)],
    "feet": [("metres", 0.3048), ("meters", 0.3048)], "ft": [("metres", 0.3048)],
    "kg": [("pounds", 2.20462), ("lb", 2.20462)], "kilograms": [("pounds", 2.20462)],
    "lbs": [("kg", 0.453592)], "lb": [("kg", 0.453592)],
    "inches": [("centimetres", 2.54), ("cm", 2.54)], "cm": [("inches", 0.393701)],
    "hectares": [("acres", 2.47105)], "acres": [("hectares", 0.404686)],
    "tonnes": [("kilograms", 1000)], "gallons": [("litres", 3.78541)],
    "square miles": [("square kilometres", 2.58999)],
    "square kilometres": [("square miles", 0.386102)],
    "square kilometers": [("square miles", 0.386102)],
    "minutes": [("hours", 1 / 60), ("seconds", 60)], "hours": [("minutes", 60), ("days", 1 / 24)],
    "days": [("weeks", 1 / 7), ("hours", 24)], "weeks": [("days", 7)],
    "months": [("years", 1 / 12)], "years": [("months", 12), ("decades", 0.1)],
}  # fmt: skip
SMALL = dict(
    enumerate(
        "two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen "
        "sixteen seventeen eighteen nineteen twenty".split(),
        start=2,
    )
) | {30: "thirty", 40: "forty", 50: "fifty", 60: "sixty", 70: "seventy", 80: "eighty", 90: "ninety"}
_VALUE = {word: value for value, word in SMALL.items()}
_MEASURED = re.compile(
    rf"(?<![\w.,/$€£(–-])(?P<number>\d{{1,3}}(?:,\d{{3}})+|\d{{1,6}}(?:\.\d+)?|{'|'.join(_VALUE)}) "
    rf"(?P<unit>{'|'.join(sorted(_CONVERSIONS, key=len, reverse=True))})\b"
    r"(?!-|[’'] ?\w| \(| of age|/| and \w+ (?:inches|months|minutes)\b| in(?:\)|$))"
)
_HEDGE = re.compile(
    r"\b(?:about|around|roughly|approximately|some|nearly|almost|over|than|least|to|under|most|"
    r"every|or|and|between|next|last|past|first|only|within|just)\s*$",
    re.I,
)


def converted(sentence: str, rng: random.Random) -> Iterator[Rewrite]:
    """Figures in other units, converted; and converted wrongly, or only renamed."""
    for match in _MEASURED.finditer(sentence):
        before = sentence[: match.start()]
        # "114 ft 4 in", "12 ft lanes": not a whole measure
        if re.match(r" \d| (?:lanes?|walls?|shoulders?|gun)\b", sentence[match.end() :]):
            continue
        if _HEDGE.search(before) or is_quoted(sentence, match.start()):
            continue
        number = match["number"]
        value = float(_VALUE.get(number, 0) or number.replace(",", ""))
        unit, factor = rng.choice(_CONVERSIONS[match["unit"]])
        if value < 2 or _too_odd(value * factor, unit, match["unit"]):
            continue
        right = _amount(value * factor, unit, rng)
        if right is None:
            continue
        claim = replaced(sentence, match.start(), match.end(), right)
        yield Rewrite("converted", claim)
        wrong = rng.choice((1 / factor, 1.0, factor * 1.6, factor * 0.6, factor * 2.5))
        if abs(wrong - factor) < 0.2 * factor:
            wrong = factor * 1.7
        if match["unit"] in _TIME:
            wrong = factor * rng.choice((0.5, 1.5, 2, 3))
        false = _amount(value * wrong, unit, rng)
        if false is not None:
            false_claim = replaced(sentence, match.start(), match.end(), false)
            yield Rewrite("converted", false_claim, CONFLICTING)
        altered = round(value * rng.choice((1.5, 2, 3)))
        if abs(altered - value) > 0.3 * value:
            told = replaced(sentence, match.start(), match.end(), f"{altered:,} {match['unit']}")
            yield Rewrite("converted", claim, CONFLICTING, told)


def _too_odd(amount: float, unit: str, of: str) -> bool:
    """Conversions that nobody makes: 31 years in months, 45 minutes in seconds."""
    if of not in _TIME:
        return not 0.4 <= amount < 1e7
    most = {"months": 36, "hours": 96, "days": 56, "minutes": 300, "seconds": 300}
    return amount > most.get(unit, 1e6) or amount != round(amount, 1) or amount < 1


def _amount(value: float, unit: str, rng: random.Random) -> str | None:
    if value <= 0:
        return None
    if unit in _TIME | {"seconds", "decades"}:
        if value != int(value) or value < 1:
            return None
        if value == 1:
            return f"{'an' if unit == 'hours' else 'a'} {unit[:-1]}"
        name = SMALL.get(int(value)) if value <= 10 and rng.random() < 0.5 else None
        return f"{name or format(int(value), ',')} {unit}"
    exact = to_digits(value, 3)
    rough = to_digits(value, 2)
    number = rough if abs(rough - value) < 0.015 * value and rng.random() < 0.6 else exact
    hedge = rng.choice(("about ", "around ", "roughly ", "", ""))
    return f"{hedge}{number:,.{_places(number)}f} {unit}"


_WORD_NUMBER = re.compile(
    rf"(?<![\w-])(?P<word>{'|'.join(_VALUE)})(?P<scale> (?:hundred|million|billion))?"
    r"(?= [a-z]+(?:s|people|children|men|women)\b)(?! (?:of|or|thirds|quarters|fifths|times)\b)"
)
_TAKEN = re.compile(
    r"\b(?:the|these|those|all|other|another|least|most|than|one|or|to|and|about|only|of|every|"
    r"first|last|next|past|between|some|over|nearly|almost|around|his|her|their|its|within)\s*$",
    re.I,
)


def spelled(sentence: str, rng: random.Random) -> Iterator[Rewrite]:
    """Numbers in words for digits and the reverse, amounts in another form; and other numbers."""
    for match in _WORD_NUMBER.finditer(sentence):
        if _TAKEN.search(sentence[: match.start()]) or is_quoted(sentence, match.start()):
            continue
        value, scale = _VALUE[match["word"]], match["scale"] or ""
        if scale == " hundred":
            right, wrong = f"{value * 100:,}", f"{_other_small(value, rng) * 100:,}"
        else:
            right, wrong = f"{value}{scale}", f"{_other_small(value, rng)}{scale}"
        span = match.span()
        yield Rewrite("spelled", replaced(sentence, *span, right))
        yield Rewrite("spelled", replaced(sentence, *span, wrong), CONFLICTING)
        told = SMALL.get(_other_small(value, rng), "two") + scale
        yield Rewrite(
            "spelled",
            replaced(sentence, *span, right),
            CONFLICTING,
            replaced(sentence, *span, told),
        )
    for figure in figures(sentence):
        span = figure.start, figure.end
        for amount, label in ((figure.value, SUPPORTED), (other_figure(figure, rng), CONFLICTING)):
            text = _other_form(figure, amount)
            if text is not None:
                yield Rewrite("spelled", replaced(sentence, *span, text), label)


def _other_small(value: int, rng: random.Random) -> int:
    return rng.choice([n for n in SMALL if n != value and n <= max(9, value + 5) and n < 91])


_CURRENCY_NAME = {"$": "dollars", "€": "euros", "£": "pounds"}


def _other_form(figure: Figure, value: float) -> str | None:
    """`3 million dollars` for `$3 million`, `seven` for `7`, `2.5 million` for `2,500,000`."""
    plain = figure.written(value)
    if figure.percent:
        return plain.replace("%", " percent") if "%" in plain else plain.replace(" per cent", "%")
    if not figure.scale and value >= 1e6 and to_digits(value, 3) == value:
        scale, name = (1e9, "billion") if value >= 1e9 else (1e6, "million")
        return f"{figure.money}{value / scale:g} {name}"
    if figure.money:
        return f"{plain[1:]} {_CURRENCY_NAME[figure.money]}"
    if not figure.places and not figure.scale:
        return SMALL.get(int(value))
    return None


# Per cent → ways to say about as much "of the".
_SHARES: list[tuple[float, tuple[str, ...]]] = [
    (10, ("a tenth of", "one in ten of")), (20, ("a fifth of", "one fifth of")),
    (25, ("a quarter of", "one quarter of")), (33.3, ("a third of", "one third of")),
    (40, ("two fifths of",)), (50, ("half of",)), (60, ("three fifths of",)),
    (66.7, ("two thirds of", "two-thirds of")), (75, ("three quarters of", "three-quarters of")),
    (80, ("four fifths of",)), (90, ("nine tenths of",)),
]  # fmt: skip
_SHARE_OF = re.compile(r"\s+of\b(?= (?:the|its|his|her|their|all|those|these|our)\b)")


def shares(sentence: str, rng: random.Random) -> Iterator[Rewrite]:
    """`A third of` for `33 % of`, `most of` for `62 % of`; and another share."""
    for figure in figures(sentence):
        of = _SHARE_OF.match(sentence, figure.end)
        if not figure.percent or not of or not 4 < figure.value < 96:
            continue
        span = figure.start, of.end()
        nearest = min(_SHARES, key=lambda share: abs(share[0] - figure.value))
        off = abs(nearest[0] - figure.value)
        if off <= 1.7:
            exact = off < 0.5
            hedge = rng.choice(("", "about ", "around ") if exact else ("about ", "roughly "))
            yield Rewrite("share", replaced(sentence, *span, hedge + rng.choice(nearest[1])))
        far = [share for share in _SHARES if abs(share[0] - figure.value) > 9]
        text = rng.choice(("", "about ")) + rng.choice(rng.choice(far)[1])
        yield Rewrite("share", replaced(sentence, *span, text), CONFLICTING)
        if not 46 < figure.value < 54 and not NEGATED.search(sentence):
            much, little = ("most of", "more than half of"), ("less than half of", "a minority of")
            right, wrong = (much, little) if figure.value > 50 else (little, much)
            for words, label in ((right, SUPPORTED), (wrong, CONFLICTING)):
                claim = replaced(sentence, *span, rng.choice(words))
                yield Rewrite("share", claim, label)
