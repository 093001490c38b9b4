"""Quantities in a text, what they measure, and whether two of them agree.

A language model compares figures badly; this module computes. It finds each number
with its unit, its rounding (`48 billion` covers 47.5 to 48.5) and its hedge (`about`,
`more than`), and a description of what it measures (`revenue`, `net profit`, `increase
of revenue`, `passenger per day`). Two quantities are compared only when unit and
measure are the same: a net profit never contradicts a revenue.

Number words are read by text2num; years, dates and ordinals are no quantities
(`tools.dates` has those).
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Literal

from tools.dates import date_mentions
from tools.spinning import MAGNITUDE_WORD
from tools.words import stem

Bound = Literal["exact", "about", "over", "under"]

_MAGNITUDES = {
    "hundred": 1e2, "thousand": 1e3, "k": 1e3, "million": 1e6, "mln": 1e6, "mn": 1e6, "m": 1e6,
    "billion": 1e9, "bln": 1e9, "bn": 1e9, "b": 1e9, "trillion": 1e12, "tn": 1e12,
}  # fmt: skip
_UNCLEAR = (1e6, 1e9)
_CURRENCY = {
    "$": "USD", "us$": "USD", "€": "EUR", "£": "GBP", "¥": "JPY", "₹": "INR", "usd": "USD",
    "eur": "EUR", "gbp": "GBP", "dollar": "USD", "dollars": "USD", "euro": "EUR", "euros": "EUR",
    "pound": "GBP", "pounds": "GBP", "cent": "CENT", "cents": "CENT", "yen": "JPY", "rupees": "INR",
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
_PERCENT = re.compile(r"(?:%|-?per\s?cent\b|\s?percent\b|-percent\b|\s?per\s?cent\b)", re.I)
_POINTS = re.compile(r"^\s*points?\b", re.I)
_HEDGES: list[tuple[re.Pattern[str], Bound]] = [
    (re.compile(r"\b(?:about|around|roughly|approximately|some|nearly|almost|close to|circa|"
                r"an estimated|an astir|astir|just under|just over)\s*(?:the\s+)?$", re.I), "about"),
    (re.compile(r"\b(?:over|more than|at least|exceeding|above|upwards of|no fewer than|"
                r"beyond|surpassing)\s*$", re.I), "over"),
    (re.compile(r"\b(?:under|less than|fewer than|at most|up to|below|no more than|"
                r"as many as)\s*$", re.I), "under"),
]  # fmt: skip
_NUMBER = re.compile(
    r"(?<![\w.,])(?P<currency>us\$|[$€£¥₹])?\s?(?P<digits>\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d+(?:\.\d+)?)"
    r"(?P<suffix>(?:bn|mn|tn|mln|bln|[mbk])\b)?(?![\d])",
    re.I,
)
_WORD = re.compile(r"[^\W\d_]+(?:[’'][^\W\d_]+)?")
_CLAUSE_END = re.compile(r"[;:—–()]|,(?!\d)|\s-\s|\b(?:while|whereas|but|although|and)\b")
_UP = set("increase rise growth gain jump surge grow grew up higher climb climbed rose risen "
          "increased jumped gained expansion improvement grown".split())  # fmt: skip
_DOWN = set("decrease fall drop decline loss down lower fell dropped declined decreased shrank "
            "reduction plunge slump fallen".split())  # fmt: skip
_RATES = {"day": "day", "daily": "day", "week": "week", "weekly": "week", "month": "month",
          "monthly": "month", "year": "year", "annually": "year", "annual": "year", "hour": "hour",
          "share": "share", "head": "person", "person": "person", "night": "night"}  # fmt: skip
_RATE = re.compile(
    r"\b(?:a|an|per|each|every)\s+"
    r"(day|week|month|year|hour|share|head|person|night)\b(?!\s+(?:before|earlier|ago))",
    re.I,
)
# What is measured, by the word a text uses for it. Values are canonical names.
_MEASURES = {
    **dict.fromkeys(["revenue", "revenues", "turnover", "sales", "takings", "gross"], "revenue"),
    **dict.fromkeys(["profit", "profits", "earnings", "income"], "profit"),
    **dict.fromkeys(["loss", "losses", "deficit"], "loss"),
    **dict.fromkeys(["cost", "costs", "costing", "price", "priced"], "cost"),
    **dict.fromkeys(["budget", "budgets"], "budget"),
    **dict.fromkeys(["spend", "spends", "spent", "spending", "expenditure", "invest", "invested",
                     "investing", "investment", "investments"], "spending"),
    **dict.fromkeys(["pay", "pays", "paid", "paying", "payment", "settlement", "settle", "fine",
                     "fined"], "payment"),
    **dict.fromkeys(["dividend", "dividends"], "dividend"),
    **dict.fromkeys(["fund", "funds", "grant", "grants", "subsidy", "loan", "borrow"], "fund"),
    **dict.fromkeys(["debt", "debts"], "debt"),
    **dict.fromkeys(["worth", "value", "valued", "valuation", "capitalisation"], "value"),
    **dict.fromkeys(["salary", "wage", "wages", "salaries"], "wage"),
    **dict.fromkeys(["inflation"], "inflation"),
    **dict.fromkeys(["unemployment"], "unemployment"),
    **dict.fromkeys(["turnout"], "turnout"),
    **dict.fromkeys(["population", "inhabitants", "residents"], "population"),
    **dict.fromkeys(["long", "length", "stretch", "stretches"], "length"),
    **dict.fromkeys(["tall", "height", "high"], "height"),
    **dict.fromkeys(["wide", "width"], "width"),
    **dict.fromkeys(["deep", "depth"], "depth"),
    **dict.fromkeys(["shares", "stock"], "share price"),
    **dict.fromkeys(["traffic", "ridership", "numbers"], "number"),
}  # fmt: skip
# Words that stand before a measure without making it another one.
_NEUTRAL = set(
    "total overall whole full annual yearly quarterly reported record group company firm its their "
    "his her our the a an of staggering huge strong first second third fourth quarter half year "
    "month week last this next same consolidated estimated building construction new".split()
)


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
    change: Literal["up", "down"] | None = None
    rate: str | None = None

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
    dates = [(mention.start, mention.end) for mention in date_mentions(text)]
    found: list[Quantity] = []
    for number in sorted(_digits(text) + _number_words(text), key=lambda q: q.start):
        inside_date = any(a < number.end and number.start < b for a, b in dates)
        if inside_date or (found and number.start < found[-1].end):
            continue
        quantity = _with_unit(text, number)
        if quantity is not None:
            found.append(quantity)
    return tuple(_with_measures(text, found))


def _digits(text: str) -> list[Quantity]:
    result = []
    for match in _NUMBER.finditer(text):
        digits = match["digits"].replace(",", "")
        decimals = len(digits.partition(".")[2])
        unit = _CURRENCY[match["currency"].lower()] if match["currency"] else ""
        value, step = float(digits), 0.5 * 10**-decimals
        if not decimals and digits.endswith("00"):  # trailing zeros are rounding: 21,000 ± 500
            zeros = len(digits) - len(digits.rstrip("0"))
            step = max(0.5, min(0.5 * 10**zeros, 0.025 * value))
        scale = _MAGNITUDES[match["suffix"].lower()] if match["suffix"] else 1.0
        start = match.start() + (len(match[0]) - len(match[0].lstrip()))
        result.append(
            Quantity(start, match.end(), match[0].strip(), (value * scale,), step * scale, unit)
        )
    return result


class _Token:
    """What text2num's find_numbers wants of a token."""

    def __init__(self, word: str, glued: bool) -> None:
        self._word, self._glued = word, glued

    def text(self) -> str:
        return self._word

    def nt_separated(self, previous: _Token) -> bool:
        # Two number words with a comma or other mark between them are two numbers.
        return not self._glued

    def not_a_number_part(self) -> bool:
        return False


def _number_words(text: str) -> list[Quantity]:
    from text_to_num import find_numbers

    words = list(_WORD.finditer(text))
    if not words:
        return []
    tokens, before = [], 0
    for word in words:
        between = text[before : word.start()].strip(" \n\t-‐‑")
        tokens.append(_Token(word[0].lower(), not between))
        before = word.end()
    result = []
    for found in find_numbers(tokens, "en", threshold=0.0):
        start, end = words[found.start].start(), words[found.end - 1].end()
        phrase = text[start:end].lower()
        value = float(found.value)
        bare_magnitude = phrase in _MAGNITUDES  # "a million dollars" or the end of "4 million"
        if (
            found.is_ordinal
            or phrase in {"one", "a", "second"}
            or (value == 0 and phrase != "zero")
        ):
            continue
        if bare_magnitude and not re.search(
            r"\b(?:a|an|half a|quarter of a)\s+$", text[:start], re.I
        ):
            continue
        scale = next((m for w, m in _MAGNITUDES.items() if phrase.endswith(w) and len(w) > 2), 1.0)
        result.append(Quantity(start, end, text[start:end], (value,), 0.5 * min(scale, value), ""))
        if scale == 1.0:
            result[-1] = replace(result[-1], step=0.5)
    return result


def _with_unit(text: str, number: Quantity) -> Quantity | None:
    """Reads magnitude, unit and hedge around a bare number; None for what is no quantity."""
    end, values, step, unit = number.end, number.values, number.step, number.unit
    if magnitude := re.match(
        rf"[\s-]*(hundred|thousand|million|billion|trillion|bn|mn|{MAGNITUDE_WORD})s?\b",
        text[end:],
        re.I,
    ):
        word = magnitude[1].lower()
        end += magnitude.end()
        scales: tuple[float, ...] = _UNCLEAR if word == MAGNITUDE_WORD else (_MAGNITUDES[word],)
        # Read the larger first: it is what such texts are about, and where step is scaled to.
        scales = tuple(sorted(scales, reverse=True))
        step = _decimal_step(number) * scales[0]
        values = tuple(values[0] * scale for scale in scales)
    rest = text[end:]
    if percent := _PERCENT.match(rest.lstrip(" ")):
        end += len(rest) - len(rest.lstrip(" ")) + percent.end()
        unit = "%"
        if points := _POINTS.match(text[end:]):
            end += points.end()
            unit = "points"
    elif not unit and (word_match := re.match(r"[\s-]*([A-Za-z]+)", rest)):
        word = word_match[1].lower()
        singular = word[:-1] if word.endswith("s") and word not in _UNITS else word
        if word in _CURRENCY:
            unit, end = _CURRENCY[word], end + word_match.end()
        elif singular in _UNITS:
            canonical, factor = _UNITS[singular]
            unit, end = canonical, end + word_match.end()
            values, step = tuple(v * factor for v in values), step * factor
    if not unit:
        following = re.match(r"[\s-]*([A-Za-z]+)", text[end:])
        preceding = re.search(r"([A-Za-z]\w*)[\s-]*$", text[: number.start])
        if (
            preceding
            and preceding[1][0].isupper()
            and not (following and following[1] in ("people",))
        ):
            # "Llama 4", "Quarter 4", "Article 12": part of a name, unless it opens the sentence.
            opens = not text[: preceding.start()].strip()
            if not opens or number.text.isdigit():
                return None
        unit = "count"
    bound: Bound = "exact"
    before = text[: number.start]
    for pattern, kind in _HEDGES:
        if pattern.search(before):
            bound = kind
            break
    return replace(
        number,
        end=end,
        text=text[number.start : end],
        values=values,
        step=step,
        unit=unit,
        bound=bound,
    )


def _decimal_step(number: Quantity) -> float:
    decimals = len(re.sub(r"[^\d.]", "", number.text).partition(".")[2])
    return float(0.5 * 10**-decimals)


def _with_measures(text: str, found: list[Quantity]) -> list[Quantity]:
    result: list[Quantity] = []
    for index, quantity in enumerate(found):
        left = found[index - 1].end if index else 0
        right = found[index + 1].start if index + 1 < len(found) else len(text)
        before = _last_clause(text[left : quantity.start])
        after = _first_clause(text[quantity.end : right])
        if rate := _RATE.search(after[:30]):
            quantity = replace(quantity, rate=_RATES[rate[1].lower()])
        elif daily := re.search(r"\b(daily|weekly|monthly|annually)\b", after):
            quantity = replace(quantity, rate=_RATES[daily[1]])
        words = [w[0].lower() for w in _WORD.finditer(before)] + [
            w[0].lower() for w in list(_WORD.finditer(after))[:4]
        ]
        if quantity.unit in ("%", "points"):
            direction = next((w for w in words if w in _UP | _DOWN), None)
            if direction:
                quantity = replace(quantity, change="up" if direction in _UP else "down")
        head, modifiers = _measure(quantity, before, after)
        if not head and result and quantity.change:
            # "revenue was 48 billion, a 22 % increase": the change is of what went before.
            head, modifiers = result[-1].head, result[-1].modifiers
        if not head and not before.strip(" ,—–-(") and result and quantity.unit == result[-1].unit:
            head, modifiers = result[-1].head, result[-1].modifiers
        result.append(replace(quantity, head=head, modifiers=modifiers))
    return result


def _last_clause(text: str) -> str:
    cuts = [m.end() for m in _CLAUSE_END.finditer(text)]
    return text[cuts[-1] :] if cuts else text


def _first_clause(text: str) -> str:
    cut = _CLAUSE_END.search(text)
    return text[: cut.start()] if cut else text


def _measure(quantity: Quantity, before: str, after: str) -> tuple[str, frozenset[str]]:
    """What a quantity measures, from the words of its clause: (head, modifiers)."""
    if quantity.unit == "count":
        words = [w[0] for w in _WORD.finditer(after[:60])]
        for place, word in enumerate(words[:3]):
            low = word.lower()
            if low in {"of", "in", "to", "for", "a", "and", "or", "on", "at", "from", "per"}:
                break
            if low.endswith("s") or low in {"people", "women", "men", "children", "staff"}:
                return stem(low), frozenset(stem(w.lower()) for w in words[:place])
        if words and words[0].lower() not in {"of", "in", "to", "for", "and", "or", "at", "from"}:
            return stem(words[0].lower()), frozenset()
        return "", frozenset()
    named = re.match(
        r"\s*(?:[a-z-]+\s+)?(?:increase|rise|growth|gain|drop|fall|decline)?\s*(?:in|of)\s+(.+)",
        after,
        re.I,
    )
    if named and (measure := _named_measure(named[1][:40], last=False)):
        return measure
    if quantity.unit == "metre" and (named := re.match(r"\s*(long|tall|high|wide|deep)\b", after)):
        return _MEASURES[named[1]], frozenset()
    return _named_measure(before, last=True) or ("", frozenset())


def _named_measure(text: str, *, last: bool) -> tuple[str, frozenset[str]] | None:
    words = [w[0].lower() for w in _WORD.finditer(text)]
    places = [i for i, w in enumerate(words) if w in _MEASURES]
    if not places:
        return None
    # The subject of the clause names the measure: "revenue reached a record of".
    place = places[0]
    if last and len(places) > 1 and _MEASURES[words[places[-1]]] in {"profit", "loss", "revenue"}:
        place = places[-1]
    modifiers = set()
    for word in words[max(0, place - 2) : place]:
        if word in _NEUTRAL or word.endswith(("’s", "'s")) or word in _MEASURES:
            continue
        if word in _MODIFIERS:
            modifiers.add(word.removesuffix("ertising").removesuffix("ertisement"))
    return _MEASURES[words[place]], frozenset(modifiers)


_OPPOSITE = {"profit": "loss", "loss": "profit"}
# Words that make a measure another measure.
_MODIFIERS = set(
    "net gross operating pre-tax pretax ad advertising advertisement subscription cloud passenger "
    "freight retail online export import domestic foreign fuel maintenance labour labor core "
    "headline youth average median minimum maximum ticket monthly".split()
)


def compare(claim: Quantity, evidence: Quantity) -> Comparison | None:
    """Compares two quantities if they measure the same thing.

    They agree when their ranges overlap, where a range is what the rounding and the
    hedge of the text allow (about: ±5 %; over: up to a quarter more; under: down to a
    quarter less). Where a magnitude word is unclear, they agree if one reading does.

    Returns:
        None when unit, measure, rate or change differ: then nothing is said.
    """
    if not same_measure(claim, evidence):
        if same_measure(replace(claim, head=_OPPOSITE.get(claim.head, "")), evidence):
            note = f"a {claim.head} of {claim.text} against a {evidence.head} of {evidence.text}"
            return Comparison("differs", claim, evidence, note)
        return None
    same = any(
        _overlap(_range(claim, a), _range(evidence, b))
        for a in claim.values
        for b in evidence.values
    )
    opposite = claim.change and evidence.change and claim.change != evidence.change
    unclear = claim.magnitude_unclear or evidence.magnitude_unclear
    left, right = claim.text.strip(), evidence.text.strip()
    if same and not opposite:
        reading = ", read as the same magnitude" if unclear else ""
        return Comparison("same", claim, evidence, f"{left} against {right}: the same{reading}")
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
        note = f"{left} against {right}: {100 * apart:.2g} % apart"
    if unclear:
        note += " at the nearest reading"
    return Comparison("differs", claim, evidence, note + ", beyond rounding")


def same_measure(a: Quantity, b: Quantity) -> bool:
    """Whether two quantities measure the same thing in the same unit."""
    if a.unit != b.unit or a.rate != b.rate or not a.head or a.head != b.head:
        return False
    if (a.change is None) != (b.change is None):
        return False
    return a.unit == "count" or a.modifiers == b.modifiers


def _range(quantity: Quantity, value: float) -> tuple[float, float]:
    # With two readings, `step` belongs to the first; it scales with the value.
    step = quantity.step * (value / quantity.values[0] if quantity.values[0] else 1)
    low, high = value - step, value + step
    if quantity.bound == "about":
        return min(low, 0.95 * value), max(high, 1.05 * value)
    if quantity.bound == "over":
        return low, 1.25 * value
    if quantity.bound == "under":
        return 0.75 * value, high
    return low, high


def _overlap(a: tuple[float, float], b: tuple[float, float]) -> bool:
    # Two exact figures of the same rounding touch at their ends: that is not agreement.
    return a[0] < b[1] - 1e-9 * abs(b[1]) and b[0] < a[1] - 1e-9 * abs(a[1])
