"""Quantities in a text, what they measure, and whether two of them agree.

A language model compares figures badly; this module computes. It finds each number
with its unit, its rounding (`48 billion` covers 47.5 to 48.5) and its hedge (`about`,
`more than`), and a description of what it measures (`revenue`, `net profit`, `increase
of revenue`, `passenger per day`). Two quantities are compared only when unit and
measure are the same: a net profit never contradicts a revenue.

Numbers are found by `tools.numerals`; years and dates are no quantities (`tools.dates`
has those).
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Literal

from tools import measures
from tools.dates import date_mentions
from tools.measures import Aspect, Change, Measure
from tools.numerals import Numeral, numerals
from tools.spinning import MAGNITUDE_WORD
from tools.words import is_function_word

Bound = Literal["exact", "about", "over", "under"]

_MAGNITUDES = {"hundred": 1e2, "thousand": 1e3, "million": 1e6, "mn": 1e6, "billion": 1e9,
               "bn": 1e9, "trillion": 1e12}  # fmt: skip
_CURRENCY = {
    "$": "USD", "us$": "USD", "a$": "AUD", "c$": "CAD", "€": "EUR", "£": "GBP", "¥": "JPY",
    "₹": "RUPEE", "dollar": "USD", "dollars": "USD", "euro": "EUR", "euros": "EUR", "pound": "GBP",
    "pounds": "GBP", "cent": "CENT", "cents": "CENT", "yen": "JPY",
    "yuan": "CNY", "zloty": "PLN", "kronor": "SEK", "lira": "LIRA", "baht": "THB", "rand": "ZAR",
    **{f"{name}{s}": name.upper() for name in "crown mark franc rouble ruble peso dinar shilling "
       "guilder rupee".split() for s in ("", "s")},
    **{code.lower(): code for code in "USD EUR GBP JPY CHF CNY SEK NOK DKK PLN AUD CAD".split()},
}  # fmt: skip
# Unit → (canonical unit, factor). Only units whose names mean nothing else in running text.
_UNITS = {
    "km": ("metre", 1e3), "kilometre": ("metre", 1e3), "kilometer": ("metre", 1e3),
    "metre": ("metre", 1.0), "meter": ("metre", 1.0), "mile": ("metre", 1609.344),
    "centimetre": ("metre", 0.01), "centimeter": ("metre", 0.01), "cm": ("metre", 0.01),
    "mm": ("metre", 0.001), "foot": ("metre", 0.3048), "feet": ("metre", 0.3048),
    "kg": ("gram", 1e3), "kilogram": ("gram", 1e3), "gram": ("gram", 1.0), "tonne": ("gram", 1e6),
    "hectare": ("m2", 1e4), "acre": ("m2", 4046.856), "litre": ("litre", 1.0),
    "liter": ("litre", 1.0), "mw": ("watt", 1e6), "megawatt": ("watt", 1e6),
    "gw": ("watt", 1e9), "gigawatt": ("watt", 1e9), "kwh": ("wh", 1e3), "mwh": ("wh", 1e6),
    "degree": ("degree", 1.0), "second": ("second", 1.0), "minute": ("second", 60.0),
    "hour": ("second", 3600.0), "day": ("day", 1.0), "week": ("day", 7.0),
    "month": ("month", 1.0), "year": ("month", 12.0), "decade": ("month", 120.0),
}  # fmt: skip
_PERCENT = re.compile(r"\s?%|[\s-]?per[\s-]?cent\b", re.I)
_PERCENTAGE_POINTS = re.compile(r"[\s-]*percentage[\s-]points?\b", re.I)
_POINTS = re.compile(r"^\s*points?\b", re.I)
_HEDGES: list[tuple[re.Pattern[str], Bound]] = [
    (re.compile(r"\b(?:about|around|roughly|approximately|some|nearly|almost|close to|circa|"
                r"an estimated|an astir|astir|just under|just over)\s*(?:the\s+)?$", re.I), "about"),
    (re.compile(r"\b(?:over|more than|at least|exceeding|above|upwards of|no fewer than|"
                r"beyond|surpassing)\s*$", re.I), "over"),
    (re.compile(r"\b(?:under|less than|fewer than|at most|up to|below|no more than|"
                r"as many as)\s*$", re.I), "under"),
]  # fmt: skip


@dataclass(frozen=True)
class Quantity:
    """A number in a text.

    Attributes:
        start, end: span of the number with its unit.
        text: the text there.
        values: the value in `unit`; two where the magnitude word does not tell
            millions from billions.
        step: half a unit of the last digit written, in the scale of `values[0]`.
        unit: `USD`, `%`, `points`, `metre`, …, or `count` for numbers of things.
        bound: whether the text hedges it.
        head: what is measured, canonical (`revenue`), or the stem of the thing counted.
        modifiers: words that make it another measure (`net`, `ad`).
        change: whether it is the change of the measure, and its direction.
        rate: `day` in `21,000 a day`.
        aspect: `expected` for a forecast or plan, `earlier` for the figure it is compared
            with (`from 40 billion`, `40 billion a year before`).
        scope: stems of what narrows the measure: `car` in `sales of cars`, `under` and `30`
            in `turnout among the under-30s`.
    """

    start: int
    end: int
    text: str
    values: tuple[float, ...]
    step: float
    unit: str
    bound: Bound = "exact"
    head: str = ""
    modifiers: frozenset[str] = frozenset()
    change: Change | None = None
    rate: str | None = None
    aspect: Aspect = "told"
    scope: frozenset[str] = frozenset()

    @property
    def magnitude_unclear(self) -> bool:
        return len(self.values) > 1


@dataclass(frozen=True)
class Comparison:
    """How a quantity of the claim stands to one of the evidence."""

    relation: Literal["same", "differs"]
    claim: Quantity
    evidence: Quantity
    note: str
    """One clause for people: `48.39 billion against 47.3 billion: 2.3 % apart`."""


@lru_cache(maxsize=4096)
def quantities(text: str) -> tuple[Quantity, ...]:
    """The quantities of a sentence or short text, in order.

    Args:
        text: a sentence; clauses are told apart by punctuation and conjunctions.
    """
    dated = bytearray(len(text))
    for mention in date_mentions(text):
        dated[mention.start : mention.end] = b"\1" * (mention.end - mention.start)
    found: list[Quantity] = []
    for numeral in numerals(text):
        if any(dated[numeral.start : numeral.end]):
            continue
        if found and numeral.start < found[-1].end:
            continue
        quantity = _with_unit(text, numeral)
        if quantity is not None:
            found.append(quantity)
    return tuple(_with_measures(text, found))


_NEAR = 40
"""Characters before and after a number in which its unit and hedge are looked for."""
_MAGNITUDE = re.compile(rf"[\s-]*({'|'.join(_MAGNITUDES)}|{MAGNITUDE_WORD})s?\b", re.I)
_UNIT_WORD = re.compile(r"[\s-]*(?:US\s+(?=dollar))?([A-Za-z]+|[€£¥](?!\d))")
_BEFORE = re.compile(r"([A-Za-z]\w*)[\s-]*$")


def _with_unit(text: str, number: Numeral) -> Quantity | None:
    """Reads magnitude, unit and hedge around a bare number; None for what is no quantity."""
    start, end, step = number.start, number.end, number.step
    values: tuple[float, ...] = (number.value,)
    before, rest = text[max(0, start - _NEAR) : start], text[end : end + _NEAR]
    unit = _CURRENCY.get(number.unit, number.unit)
    if magnitude := _MAGNITUDE.match(rest):
        word = magnitude[1].lower()
        # Read the larger first: it is what such texts are about, and where step is scaled to.
        scales = (1e9, 1e6) if word == MAGNITUDE_WORD else (_MAGNITUDES[word],)
        step *= scales[0]
        values = tuple(number.value * scale for scale in scales)
        end += magnitude.end()
    elif step == 0.5 and number.value and number.value % 100 == 0:
        # Trailing zeros are rounding: 21,000 ± 500, but never more than a fortieth.
        zeros = len(str(int(number.value))) - len(str(int(number.value)).rstrip("0"))
        step = max(0.5, min(0.5 * 10.0**zeros, 0.025 * abs(number.value)))
    rest = text[end : end + _NEAR]
    preceding = _BEFORE.search(before)
    if unit == "%":
        pass  # a fraction
    elif points := _PERCENTAGE_POINTS.match(rest):
        unit, end = "points", end + points.end()
    elif percent := _PERCENT.match(rest):
        end += percent.end()
        unit = "%"
        if points := _POINTS.match(text[end : end + _NEAR]):
            end += points.end()
            unit = "points"
    elif not unit and (found := _UNIT_WORD.match(rest)):
        word = found[1].lower()
        singular = word[:-1] if word.endswith("s") and word not in _UNITS else word
        if word in _CURRENCY:
            unit, end = _CURRENCY[word], end + found.end()
        elif singular in _UNITS:
            unit, factor = _UNITS[singular]
            end += found.end()
            values, step = tuple(v * factor for v in values), step * factor
    if not unit and preceding and preceding[1].lower() in _CURRENCY:
        unit, start = _CURRENCY[preceding[1].lower()], start - len(preceding[0])
    bound = next((b for pattern, b in _HEDGES if pattern.search(before)), None)
    if not unit:
        if preceding and not bound and _is_name(preceding[1], text, start, end):
            return None  # "Llama 4", "Quarter 4", "Article 12"
        unit = "count"
    return Quantity(
        start,
        end,
        text[start:end],
        values,
        step,
        unit,
        bound or ("about" if number.rough else "exact"),
    )


def _is_name(word: str, text: str, start: int, end: int) -> bool:
    """Whether the word before a number makes it part of a name; not `In 12 towns`."""
    if not word[0].isupper() or is_function_word(word):
        return False
    before = text[max(0, start - _NEAR) : start].rstrip(" -").removesuffix(word).rstrip()
    following = _UNIT_WORD.match(text, end)
    if following and following[1] in measures.PEOPLE:
        return False  # "In the fire at Holm 3 people …"
    opens = not before or before[-1] in '.!?:;“"‘('
    return not opens or text[start:end].isdigit()


def _with_measures(text: str, found: list[Quantity]) -> list[Quantity]:
    result: list[Quantity] = []
    for index, quantity in enumerate(found):
        left = found[index - 1].end if index else 0
        right = found[index + 1].start if index + 1 < len(found) else len(text)
        before = measures.last_clause(text[left : quantity.start])
        after = measures.first_clause(text[quantity.end : right])
        values, direction = quantity.values, None
        if quantity.unit in ("%", "points"):
            direction = measures.change(before, after)
            if direction and values[0] < 0:  # "growth of -2 per cent"
                values, direction = tuple(-value for value in values), "down"
        measure = measures.measured(quantity.unit, before, after)
        told = result[-1] if result else None
        if (
            not measure.head
            and told
            # "revenue was 48 billion, a 22 % increase": the change is of what went before;
            # "2 % in May, 3 % in June": so is a figure with no words of its own.
            and (direction or (not before.strip(" ,—–-(") and quantity.unit == told.unit))
        ):
            measure = Measure(told.head, told.modifiers, told.scope)
        result.append(
            replace(
                quantity,
                values=values,
                head=measure.head,
                modifiers=measure.modifiers,
                scope=measure.scope,
                change=direction,
                rate=measures.rate(after),
                aspect=measures.aspect(before, after),
            )
        )
    return result


_OPPOSITE = {"profit": "loss", "loss": "profit"}


def compare(claim: Quantity, evidence: Quantity) -> Comparison | None:
    """Compares two quantities if they measure the same thing.

    They agree when their ranges overlap, where a range is what the rounding and the
    hedge of the text allow (about: ±5 %; over: up to a quarter more; under: down to a
    quarter less). Where a magnitude word is unclear, they agree if one reading does.

    Returns:
        None when unit, measure, rate or change differ: then nothing is said. Nor is it when
        the figures differ and so does their aspect: a result refutes no forecast.
    """
    if not same_measure(claim, evidence):
        turned = replace(claim, head=_OPPOSITE.get(claim.head, ""))
        if claim.aspect == evidence.aspect and same_measure(turned, evidence):
            note = f"a {claim.head} of {claim.text} against a {evidence.head} of {evidence.text}"
            return Comparison("differs", claim, evidence, note)
        return None
    same = meet(claim, evidence)
    opposite = claim.change and evidence.change and claim.change != evidence.change
    unclear = claim.magnitude_unclear or evidence.magnitude_unclear
    left, right = claim.text.strip(), evidence.text.strip()
    if same and not opposite:
        reading = ", read as the same magnitude" if unclear else ""
        return Comparison("same", claim, evidence, f"{left} against {right}: the same{reading}")
    if claim.aspect != evidence.aspect:
        return None
    if opposite:
        note = f"{left} {claim.change} against {right} {evidence.change}"
        return Comparison("differs", claim, evidence, note)
    apart = min(
        abs(a - b) / max(abs(a), abs(b), 1e-12) for a in claim.values for b in evidence.values
    )
    if claim.unit in ("%", "points"):
        points = abs(claim.values[0] - evidence.values[0])
        note = f"{left} against {right}: {points:.3g} point{'s' * (points != 1)} apart"
    else:
        if apart < _TIMES:
            note = f"{left} against {right}: {100 * apart:.2g} % apart"
        else:
            note = f"{left} against {right}: {1 / max(1 - apart, 1e-12):,.0f} times as much"
    if unclear:
        note += " at the nearest reading"
    return Comparison("differs", claim, evidence, note + ", beyond rounding")


def meet(a: Quantity, b: Quantity) -> bool:
    """Whether two quantities may be the same value, whatever they measure."""
    return any(_overlap(_range(a, x), _range(b, y)) for x in a.values for y in b.values)


def same_measure(a: Quantity, b: Quantity) -> bool:
    """Whether two quantities measure the same thing in the same unit."""
    if a.unit != b.unit or a.rate != b.rate or not a.head or a.head != b.head:
        return False
    if (a.change is None) != (b.change is None):
        return False
    return a.unit == "count" or a.modifiers == b.modifiers


def _range(quantity: Quantity, value: float) -> tuple[float, float]:
    # With two readings, `step` belongs to the first; it scales with the value.
    step = quantity.step * abs(value / quantity.values[0] if quantity.values[0] else 1)
    low, high = value - step, value + step
    if quantity.bound == "about":
        return min(low, value - 0.05 * abs(value)), max(high, value + 0.05 * abs(value))
    if quantity.bound == "over":
        return low, max(high, value + 0.25 * abs(value))
    if quantity.bound == "under":
        return min(low, value - 0.25 * abs(value)), high
    return low, high


_TIMES = 0.9
"""Share apart from which figures are told as multiples: nobody reads 99.9 % apart."""


def _overlap(a: tuple[float, float], b: tuple[float, float]) -> bool:
    # Two exact figures of the same rounding touch at their ends: that is not agreement.
    shared = min(a[1], b[1]) - max(a[0], b[0])
    return shared > 1e-6 * min(a[1] - a[0], b[1] - b[0])
