"""Reads the quantities of a text, and what they measure.

A number with its unit, its rounding (`48 billion` covers 47.5 to 48.5), its hedge (`about`,
`more than`), and a description of what it measures (`revenue`, `net profit`, `increase of
revenue`, `passenger per day`). Two of them are compared by `tools.numbers.quantities`.

Numbers are found by `tools.numbers.numerals`, units read by `tools.numbers.units`; years and dates
are no quantities (`tools.times.dates` has those).
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import pairwise

from tools.numbers import measures
from tools.numbers.hedges import Bound, hedge, unhedged
from tools.numbers.measures import Aspect, Change, Measure
from tools.numbers.numerals import SMALL_WORDS, Numeral, is_move, numerals, small_number
from tools.numbers.units import CURRENCIES, CURRENCY, MAGNITUDES, read_unit
from tools.text.spinning import MAGNITUDE_WORD
from tools.text.words import is_function_word
from tools.times.dates import date_mentions


@dataclass(frozen=True)
class Quantity:
    """A number in a text.

    Attributes:
        start, end: span of the number with its unit.
        text: the text there.
        values: the value in `unit`; two where the magnitude word does not tell
            millions from billions.
        step: half a unit of the last digit that counts, in the scale of `values[0]`.
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
        spread: half the width of a range (`10 to 15`), in the scale of `values[0]`.
        approximate: whether its form alone says that it is not exact (`two thirds`).
        scale: what one of the digits counts before its unit: 1e9 in `4.2bn`, 1e5 in `3 lakh`.
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
    spread: float = 0.0
    approximate: bool = False
    scale: float = 1.0

    @property
    def currency(self) -> str | None:
        """The currency: an ISO 4217 code, or the name where the text does not tell the country."""
        return self.unit if self.unit in CURRENCIES else None

    @property
    def low(self) -> float:
        """The lower end of a range, in the first reading; the value where it is none."""
        return self.values[0] - self.spread

    @property
    def high(self) -> float:
        """The upper end of a range, in the first reading."""
        return self.values[0] + self.spread

    @property
    def phrase(self) -> str:
        """The quantity with its hedge, for people."""
        hedge = "" if self.bound == "exact" or self.approximate else f"{self.bound} "
        return hedge + self.text.strip()

    @property
    def magnitude_unclear(self) -> bool:
        return len(self.values) > 1


@lru_cache(maxsize=4096)
def quantities(text: str) -> tuple[Quantity, ...]:
    """The quantities of a sentence or short text, in order.

    Args:
        text: a sentence; clauses are told apart by punctuation and conjunctions. Of a text with
            more than 2,000 numbers, which no sentence has, the first are read.
    """
    dated = bytearray(len(text))
    for mention in date_mentions(text):
        dated[mention.start : mention.end] = b"\1" * (mention.end - mention.start)
    found: list[Quantity] = []
    for numeral in numerals(text)[:_MOST]:
        if any(dated[numeral.start : numeral.end]):
            continue
        if found and numeral.start < found[-1].end:
            continue
        if found and _PER_MANY.match(text[found[-1].end : numeral.end + 20]):
            continue  # the base of a rate, which `tools.numbers.measures.rate` reads
        quantity = _with_unit(text, numeral, found[-1].end if found else 0)
        if quantity is not None:
            found.append(quantity)
    return tuple(_with_measures(text, _merged(text, found)))


_BETWEEN = re.compile(r"\b(?:between|from)\s+$", re.I)
_TO = re.compile(r"\s*(?:[\w’'-]+\s+){0,4}?(?:and|to)\s+", re.I)


def _ranges(text: str, low: Quantity, high: Quantity, lead: str) -> bool:
    """Whether two quantities of one unit are the ends of a range."""
    gap = text[low.end : high.start]
    if is_move(text[max(0, low.start - 60) : low.start]):
        return False
    if not lead:  # `70 per cent to 80 per cent`
        return gap == " to " and low.unit != "count"
    return bool(_TO.fullmatch(gap)) and (lead == "between" or low.unit not in ("count", "%"))


# A part in a smaller unit: `6ft 2in`, `2 hours and 15 minutes`, `9 stone 4lb`.
_COMPOUND = re.compile(
    r"(?P<first>ft|feet|foot|hours?|h|stone|minutes?)(?:,?\s+(?:and\s+)?|\s?)(?P<n>\d{1,2}|"
    rf"{SMALL_WORDS})[\s-]?(?P<second>in(?:ch(?:es)?)?|minutes?|mins?|lbs?|pounds?|seconds?)\b",
    re.I,
)
_PARTED = {("f", "i"): 0.0254, ("h", "m"): 60.0, ("s", "l"): 453.59237, ("s", "p"): 453.59237,
           ("m", "s"): 1.0}  # fmt: skip


def _compound(text: str, unit_start: int) -> tuple[int, float, float] | None:
    """Of a unit followed by a part in a smaller one: where it ends, the part's value and step."""
    match = _COMPOUND.match(text, unit_start)
    factor = _PARTED.get((match["first"][0].lower(), match["second"][0].lower())) if match else None
    if not match or not factor:
        return None
    return match.end(), factor * small_number(match["n"]), 0.5 * factor


_AND_A_HALF = re.compile(r"\s+and a half\b", re.I)
_PER_MANY = re.compile(
    r"\s(?:cases?\s|deaths?\s|births?\s)?(?:per|(?:for|in) every)\s"
    r"(?P<n>100|1,000|10,000|100,000|thousand|million|1 million)(?=\s(?!per\s?cent)[a-z])",
)


_WRITTEN_OUT = 1000
"""Least bare figure that is not told in the millions of the one after it."""


def _from(text: str, quantity: Quantity, then: Quantity) -> Quantity:
    """The first figure of `rose from 5.6 to 6 million tonnes`, in the measure of the second."""
    bare = quantity.unit == "count" and quantity.scale == 1 and then.unit != "count"
    scaled = quantity.unit == "count" and quantity.scale == 1 and then.scale > 1
    if not (bare or scaled) or text[quantity.end : then.start].strip() != "to":
        return quantity
    before = text[max(0, quantity.start - 60) : quantity.start]
    number = next(iter(numerals(text[then.start : then.end])), None)
    if not is_move(before, before) or number is None or not number.value or then.unit == "degree":
        return quantity
    if quantity.values[0] >= _WRITTEN_OUT and then.scale > 1:
        return quantity  # `from 940,000 to 1.2 million`
    by = then.values[0] * number.scale / number.value
    return replace(
        quantity,
        values=tuple(value * by for value in quantity.values),
        step=quantity.step * by,
        unit=then.unit,
        scale=then.scale,
    )


def _merged(text: str, found: list[Quantity]) -> list[Quantity]:
    """Ranges whose ends have a unit each: `between 1,120 marks in the first and 1,390 marks`."""
    found = [
        *(_from(text, one, then) for one, then in pairwise(found)), *found[-1:]
    ]  # fmt: skip
    result: list[Quantity] = []
    for quantity in found:
        last = result[-1] if result else None
        between = last and _BETWEEN.search(text[max(0, last.start - 10) : last.start])
        if (
            last
            and last.unit == quantity.unit
            and not last.spread
            and not quantity.spread
            and last.values[0] < quantity.values[0]
            and _ranges(text, last, quantity, (between[0] if between else "").strip().lower())
        ):
            low, high = last.values[0], quantity.values[0]
            result[-1] = replace(
                quantity,
                start=last.start,
                bound=last.bound,
                text=text[last.start : quantity.end],
                values=((low + high) / 2,),
                spread=(high - low) / 2,
            )
        else:
            result.append(quantity)
    return result


_MOST = 2000
"""Numbers of a text that are read; no sentence has more."""
_NEAR = 40
"""Characters before and after a number in which its unit and hedge are looked for."""
_MAGNITUDE = re.compile(
    rf"[\s-]*({'|'.join(sorted(MAGNITUDES, key=len, reverse=True))}|{MAGNITUDE_WORD})s?\b"
    r"(?:(?<=mio)\.|(?<=mrd)\.)?",
    re.I,
)
_NEXT_WORD = re.compile(r"[\s-]*([A-Za-z]+)")
_BEFORE = re.compile(r"([A-Za-z]\w*)(?:(?<=\b[Rr]s)\.)?[\s-]*$")


def _with_unit(text: str, number: Numeral, left: int) -> Quantity | None:
    """Reads magnitude, unit and hedge around a bare number; None for what is no quantity.

    What stands before `left` belongs to another quantity: `1 Rs 2` has one in rupees.
    """
    start, end, step = number.start, number.end, number.step
    spread = abs(number.value - number.first) if number.first is not None else 0.0
    values: tuple[float, ...] = (number.value,)
    before, rest = text[max(0, start - _NEAR) : start], text[end : end + _NEAR]
    unit, scale = CURRENCY.get(number.unit, number.unit), number.scale
    if magnitude := _MAGNITUDE.match(rest):
        word = magnitude[1].lower()
        # Read the larger first: it is what such texts are about, and where step is scaled to.
        scales = (1e9, 1e6) if word == MAGNITUDE_WORD else (MAGNITUDES[word],)
        step, spread = step * scales[0], spread * scales[0]
        values = tuple(number.value * scale for scale in scales)
        scale *= scales[0]
        end += magnitude.end()
    elif step == 0.5 and not spread and number.value and number.value % 100 == 0:
        # Trailing zeros are rounding: 21,000 ± 500, but never more than a fortieth.
        zeros = len(str(int(number.value))) - len(str(int(number.value)).rstrip("0"))
        step = max(0.5, min(0.5 * 10.0**zeros, 0.025 * abs(number.value)))
    rest = text[end : end + _NEAR]
    preceding = _BEFORE.search(before)
    aged = _age(text, number)
    if aged is not None:
        unit, end = "age", aged
    elif not unit and (found := read_unit(rest)):
        (unit, factor, offset), length = found
        values = tuple(value * factor + offset for value in values)
        step, spread = step * factor, spread * factor
        word = end + len(rest[:length]) - len(rest[:length].lstrip(" \u00a0-"))
        end += length
        if number.rough and (half := _AND_A_HALF.match(text, end)):
            end = half.end()  # `an hour and a half`, whose value is read already
        elif not spread and (part := _compound(text, word)):
            end, more, step = part
            values = tuple(value + more for value in values)
    if unit == "KRW" and number.value < 1000 and scale < 1000:
        return None  # "only three won seats"
    if unit == "PENNY" and number.value in _SCREENS and text[end - 1] == "p":
        return None
    own = preceding is not None and start - len(preceding[0]) >= left
    if not unit and preceding and own and _is_code(preceding[1]):
        unit, start = CURRENCY[preceding[1].lower()], start - len(preceding[0])
    bound = hedge(text, start, end, unit)
    if not unit:
        if not bound and text[start:end].isdigit() and _NUMBERED_NAME.match(text, end):
            return None
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
        spread=spread,
        approximate=number.rough and not bound,
        scale=scale,
    )


_SCREENS = frozenset({144, 240, 360, 480, 720, 1080, 1440, 2160})
"""Lines of a screen, written as pence are: `1080p`."""


def _is_code(word: str) -> bool:
    """Whether a word before a figure is a currency: `SEK 40`, `Rs 40`; not `won two`, `Mark 5`."""
    low = word.lower()
    known = low in {"rs", "kr", "eur", "usd", "gbp", "chf"}
    return known or (low in CURRENCY and len(word) == 3 and word.isupper() and low != "won")


_AGED = re.compile(r"\b(?:aged?|ages|age of|turned|turns)\s+$", re.I)
_WAS = re.compile(r"\b(?:was|is|at|only)\s+$", re.I)
_WHEN = re.compile(r"\s*(?:when|as he|as she|on (?:his|her) (?:death|election))\b", re.I)
_YEARS_OLD = re.compile(r"[\s-]*years?(?:[\s-]+old|[\s-]+of[\s-]+age)\b", re.I)
_OLDEST = 125


def _age(text: str, number: Numeral) -> int | None:
    """Where the text of an age ends (`aged 38`, `38 years old`), or None for what is none."""
    if number.unit or number.first is not None or not 0 < number.value < _OLDEST:
        return None
    before, rest = (
        text[max(0, number.start - _NEAR) : number.start],
        text[number.end : number.end + _NEAR],
    )
    if match := _YEARS_OLD.match(rest):
        return number.end + match.end()
    if _AGED.search(before) or (_WAS.search(before) and _WHEN.match(rest)):
        return (
            None if re.match(r"\s*(?:%|per cent|million|days|weeks|months)", rest) else number.end
        )
    return None


_GROUPED = re.compile(r"\d[,\u202f\u2009]\d{3}\b")


def _is_name(word: str, text: str, start: int, end: int) -> bool:
    """Whether the word before a number makes it part of a name; not `In 12 towns`."""
    if word.islower() or is_function_word(word):
        return False
    before = text[max(0, start - _NEAR) : start].rstrip(" -").removesuffix(word).rstrip()
    if text[start:end].isalpha() and _is_gapped(text, start, end):
        return False
    following = _NEXT_WORD.match(text, end)
    if following and following[1] in measures.PEOPLE:
        return False  # "In the fire at Holm 3 people …"
    if _GROUPED.search(text, start, end):
        return False  # "Marsk 67,000": no name has so large a number
    opens = not before or before[-1] in '.!?:;“"‘('
    return not opens or text[start:end].isdigit()


# `the 569 Group`, `81 Squadron`: what is counted is told in the plural.
_NUMBERED_NAME = re.compile(
    r"\s(?:Group|Club|Series|Squadron|Regiment|Division|Battalion|Brigade|Street|Avenue|Highway)\b"
)
_GOES_ON = re.compile(r"(?:to|from|against|compared with|down to|up to)?", re.I)


_BY = ("%", "points")
# Whom a share is of: `turnout among voters under 30`.
_OF_AN_AGE = re.compile(r"\b(?:under|over|aged|below|above)[\s-](?:the age of\s)?\d\ds?$")


def _with_measures(text: str, found: list[Quantity]) -> list[Quantity]:
    result: list[Quantity] = []
    for index, quantity in enumerate(found):
        left = found[index - 1].end if index else 0
        if index and _OF_AN_AGE.search(text[max(0, found[index - 1].start - _NEAR) : left]):
            left = found[index - 2].end if index > 1 else 0  # `voters under 30`
        right = found[index + 1].start if index + 1 < len(found) else len(text)
        before = unhedged(measures.last_clause(text[left : quantity.start]))
        after = measures.first_clause(text[quantity.end : right])
        values, direction = quantity.values, None
        if quantity.unit in ("%", "points"):
            direction = measures.change(before, after)
            if direction and values[0] < 0:  # "growth of -2 per cent"
                values, direction = tuple(-value for value in values), "down"
        else:
            direction = measures.difference(before, after)
        measure = measures.measured(quantity.unit, before, after)
        if quantity.unit == "age":
            measure, direction = Measure("age"), None
        told = result[-1] if result else None
        if (
            not measure.head
            and told
            # "revenue was 48 billion, a 22 % increase": the change is of what went before;
            # "2 % in May, 3 % in June": so is a figure with no words of its own.
            and (
                direction
                or (_GOES_ON.fullmatch(before.strip(" ,—–-(")) and quantity.unit == told.unit)
                or (told.change and before.strip() in ("to", "to reach") and told.unit in _BY)
            )
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
                rate=_exchange_rate(quantity.unit, after) or measures.rate(after, before),
                aspect="told" if quantity.spread else measures.aspect(before, after),
            )
        )
    return _parts_named(text, result)


_PART_OF = re.compile(r"\s*(?:out )?of (?:(?:the|its|their|these|all|his|her|our)\s+)*", re.I)


def _parts_named(text: str, found: list[Quantity]) -> list[Quantity]:
    """`Two of the six plants` counts plants as well."""
    for index in range(len(found) - 1):
        part, whole = found[index], found[index + 1]
        counted = part.unit == whole.unit == "count" and whole.head and not part.head
        if counted and _PART_OF.fullmatch(text[part.end : whole.start]):
            found[index] = replace(
                part, head=whole.head, modifiers=whole.modifiers, aspect=whole.aspect
            )
    for index in range(len(found) - 1):
        whole, part = found[index], found[index + 1]
        counted = part.unit == whole.unit == "count" and whole.head and not part.head
        gapped = _is_gapped(text, part.start, part.end)
        if counted and (gapped or _OF_THEM.match(text, part.end)):
            found[index + 1] = replace(
                part, head=whole.head, modifiers=whole.modifiers, aspect=whole.aspect
            )
    return found


_OF_THEM = re.compile(r"\s+of (?:them|these|those)\b", re.I)
# A number whose noun was told before: `Hythe gets four of them and Corve two.`
_GAP = re.compile(r"(?:\band|,|;|\bwhile|\bbut)\s+(?:the\s+)?(?:[A-Z][\w’-]{1,20}\s){1,3}$")
_NUMBERED = re.compile(rf"\d|\b(?:{SMALL_WORDS})\b", re.I)
_ENDS_HERE = re.compile(r"\s*(?:[.,;)]|$)|\s+(?:and|but|while)\b")


def _is_gapped(text: str, start: int, end: int) -> bool:
    """Whether a number stands alone after a name, since another told of what they are."""
    before = text[max(0, start - 3 * _NEAR) : start]
    named = _GAP.search(before[-2 * _NEAR :])
    return bool(named and _ENDS_HERE.match(text, end) and _NUMBERED.search(before))


_PER_CURRENCY = re.compile(r"\s+(?:to|for|per|against) (?:the |an? |one |each |every )?(\w+)", re.I)


def _exchange_rate(unit: str, after: str) -> str | None:
    """`each EUR` for `25 crowns to the euro`."""
    match = _PER_CURRENCY.match(after) if unit in CURRENCIES else None
    code = CURRENCY.get(match[1].lower()) if match else None
    return f"each {code}" if code and code != unit else None
