"""What follows from the figures of a text by one step of arithmetic.

A text says that 508 of 845 million came from abroad, and a claim that it was sixty per cent. The
steps are the plain ones of news: sums, differences, shares, changes in per cent, quotients, a level
and its change, an exchange rate that the text itself tells, and the time between two dates. Each
result carries how it was worked out, in words for people.

A claim says itself which step it asks for (`altogether`, `more than`, `on average`); without such
a word only shares and levels are worked out, because with a few figures on the page some sum or
difference hits every number by chance.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import combinations, pairwise, permutations
from typing import Literal

from tools.numbers.numerals import is_move
from tools.numbers.quantities import Quantity
from tools.numbers.units import CURRENCIES
from tools.times.dates import DateMention

Step = Literal[
    "sum",
    "difference",
    "share",
    "change",
    "quotient",
    "level",
    "earlier",
    "exchange",
    "span",
    "product",
]
_MOST = 12
"""Figures of a passage that are tried; a table of a hundred would give any result."""
_SUM = re.compile(
    r"\b(?:altogether|in all|(?:in )?total(?:s|led|ling)?|combined|together|overall|sum|both|"
    r"adds? up|added up|amounts? to|between them|jointly|all told|whole)\b",
    re.I,
)
_DIFFERENCE = re.compile(
    r"\b(?:more|fewer|less|higher|lower|gap|difference|margin|majority|lead|ahead|behind|net|gained|"
    r"left|remain(?:s|ed|ing)?|rest|surplus|deficit|shortfall|profit|loss|overran|overrun|exceeded|"
    r"saved?|after|without|unsold|unspent|still|rose|fell|grew|shrank|increased?|decreased?|cut|"
    r"raised|added|lost|balance|too (?:much|little|many|few)|turned down|short of|left over|by)\b",
    re.I,
)
_CHANGE = re.compile(
    r"\b(?:rise|rose|risen|grow|grew|grown|increased?|up|higher|more|climbed|jumped|fall|fell|fallen|"
    r"decreased?|down|lower|fewer|less|shrank|shrunk|dropped|declined|cut|reduced|cheaper|dearer|"
    r"expensive|doubled|tripled|trebled|halved|gained|lost|change[ds]?|growth|drop|decline)\b",
    re.I,
)
_EARLIER = re.compile(
    r"\b(?:before|previous(?:ly)?|earlier|had been|used to|until then|formerly|from)\b", re.I
)
_QUOTIENT = re.compile(
    r"\b(?:averag\w+|each|per (?!cent\b)|every|mean|apiece|a head|times|ratio|to one)\b",
    re.I,
)


@dataclass(frozen=True)
class Derived:
    """A figure that follows from those of a text.

    Attributes:
        quantity: the result, in the place and clause of its last operand.
        operands: the figures that it was worked out from.
        step: how.
        note: `52 million + 35 million = 87 million`.
    """

    quantity: Quantity
    operands: tuple[Quantity, ...]
    step: Step
    note: str


def steps(claim: str, wanted: Quantity) -> frozenset[Step]:
    """The steps that a claim asks for, from its words and from what its figure is."""
    asked: set[Step] = {"level", "exchange"}
    if wanted.unit == "points":
        return frozenset({"difference"})
    if _EARLIER.search(claim) and not wanted.change:
        asked.add("earlier")
    if wanted.unit == "%":
        asked.add("change" if wanted.change or _CHANGE.search(claim) else "share")
        return frozenset(asked)
    if _SUM.search(claim):
        asked.add("sum")
    if wanted.change or _DIFFERENCE.search(claim):
        asked.add("difference")
    if wanted.rate or _QUOTIENT.search(claim):
        asked.add("quotient")
    return frozenset(asked)


def derived(
    wanted: Quantity, figures: Sequence[Quantity], asked: frozenset[Step]
) -> Iterator[Derived]:
    """The results of all asked steps over the figures of a passage that have the wanted unit.

    Args:
        wanted: the figure of the claim; tells the unit.
        figures: the figures of the passage, in order; at most twelve are used.
        asked: what `steps` told.
    """
    exact = [
        f for f in figures if not f.magnitude_unclear and not f.spread and f.bound not in _OPEN
    ][:_MOST]
    if "share" in asked:
        yield from _shares(exact)
    if "change" in asked:
        yield from _changes(exact)
    unit = "%" if wanted.unit == "points" else wanted.unit
    alike = [f for f in exact if f.unit == unit]
    if "sum" in asked:
        yield from _sums(alike)
    if "difference" in asked:
        yield from _differences(alike)
    if "level" in asked:
        yield from _levels(alike, exact)
    if "earlier" in asked:
        yield from _earlier(alike, exact)
    if "quotient" in asked:
        yield from _quotients(wanted, exact)
    if "exchange" in asked:
        yield from _exchanged(wanted, exact)


_OPEN = ("over", "under", "at least", "at most")
_EXACTLY = 0.02
"""Relative width of a result that is the figure exactly."""


def chance(wanted: Quantity, results: Sequence[Derived]) -> float:
    """How many results would hit a figure by chance, if each could be anything as large.

    That is the number of different results, times the share of its value that the figure allows
    by its rounding; for an open end (`more than half`) a half.
    """
    value = abs(wanted.values[0])
    different = {round(result.quantity.values[0], 9) for result in results}
    if not different or not value:
        return 0.0
    if any(abs(result - value) <= 1e-9 * value for result in different):
        return len(different) * _EXACTLY
    if wanted.bound in _OPEN:
        width = 0.5
    else:
        loose = 0.05 * value if wanted.bound != "exact" or wanted.approximate else 0.0
        width = 2 * (max(wanted.step, loose) + wanted.spread) / value
    return len(different) * min(width, 0.5)


_OF_WHICH = re.compile(
    r"\b(?:of which|of whom|of these|of those|of them|including|out of (?:this|which|it))\b", re.I
)
_OUT_OF = re.compile(
    r"\s*(?:[\w-]+\s+){0,2}?(?:out )?of (?:the |its |their |all |these )*"
    r"(?:[\w-]+(?:[’']s|s[’']) )?$",
    re.I,
)
_OF_THE = re.compile(r"\b(?:out )?of (?:the|its|their|all|these)(?: \w+)?\s*$", re.I)


def told(text: str, figures: Sequence[Quantity]) -> Iterator[Derived]:
    """What a sentence says of two figures together, whatever a claim asks for.

    `rose from 12 to 15 per cent` is a rise of three points and of a quarter; `845 million, of
    which 508 came from abroad`, `90 of the 450 beds`, `of 450 beds, 90` are shares. Unlike the
    results of `derived` these are meant by the text, so that another figure contradicts them.
    """
    for first, second in pairwise(figures):
        if first.magnitude_unclear or second.magnitude_unclear or first.spread or second.spread:
            continue
        between = text[first.end : second.start]
        from_to = first.aspect == "earlier" and first.unit == second.unit
        moved = from_to and _FROM_TO.search(between)
        if moved and is_move(text[max(0, first.start - _MOVED) : first.start]):
            yield from _change_between(first, second)
        if second.change and not first.change and _FEWER.match(text, second.end):
            yield from _levels([first], [second])
        if _ROWS.fullmatch(between) and _EACH_AFTER.match(text, second.end) and first.head:
            if second is not figures[-1]:
                continue  # `… with 60 seats each and a buffet car with 40`
            yield _product(first, second)
        alike = first.unit == second.unit or "count" in (first.unit, second.unit)
        if first.unit in ("%", "points", "degree") or not alike:
            continue
        if _OUT_OF.fullmatch(between) and first.values[0] < second.values[0]:
            yield from _share_told(first, second)
        elif second.values[0] < first.values[0] and (
            _OF_WHICH.search(between)
            or _OF_THE.search(text[max(0, first.start - 20) : first.start])
        ):
            yield from _share_told(second, first)


# `Ten rows of ten squares each`, `eight coaches with 60 seats each`.
_ROWS = re.compile(r"\s+(?:[\w-]+\s+){1,2}(?:of|with|for)\s+", re.I)
_WHOLE_NUMBER = 0.5
"""Step of a number of things that is told to the last one."""
_EACH_AFTER = re.compile(r"\s*(?:[\w-]+\s+){0,3}(?:each|apiece)\b", re.I)


def _product(first: Quantity, second: Quantity) -> Derived:
    value = first.values[0] * second.values[0]
    counted = second.unit == "count" and second.step <= _WHOLE_NUMBER
    step = second.step if counted else first.values[0] * second.step
    how = f"{first.phrase} × {second.phrase}"
    return _result(second, value, step, second.unit, how, (first, second), "product")


# `2,450 in 2011; in 2021 it was 140 fewer`: the level that a sentence goes on from.
_FEWER = re.compile(r"\s+(?:fewer|more|less|higher|lower)\b(?!\s+than\b)", re.I)
_MOVED = 60
"""Characters before `from 12 to 15` in which its verb stands; without one it is a range."""
_FROM_TO = re.compile(r"\bto(?: (?:just )?(?:over|under|about|nearly|almost))?\s*$", re.I)


def _share_told(part: Quantity, whole: Quantity) -> Iterator[Derived]:
    if share := share_between(part, whole):
        yield share


def share_between(part: Quantity, whole: Quantity) -> Derived | None:
    """What per cent a part is of its whole; None where it is no part of it."""
    pair = [replace(part, unit=whole.unit, change=None, rate=None),
            replace(whole, change=None, rate=None)]  # fmt: skip
    return next(_shares(pair), None)


def _change_between(first: Quantity, second: Quantity) -> Iterator[Derived]:
    """The difference from one figure to another, and of levels the change in per cent."""
    direction: Literal["up", "down"] = "up" if second.values[0] > first.values[0] else "down"
    pair = [replace(q, change=None) for q in (first, second)]
    for found in [*_differences(pair), *_changes(pair)]:
        if found.step == "difference" or found.operands[0].values == first.values:
            yield replace(found, quantity=replace(found.quantity, change=direction))


def _result(
    last: Quantity, value: float, step: float, unit: str, how: str, operands: Sequence[Quantity],
    by: Step,
) -> Derived:  # fmt: skip
    approximate = any(o.bound != "exact" for o in operands)
    quantity = replace(
        last,
        text=_spell(value),
        values=(value,),
        step=max(step, 1e-9 * abs(value)),
        unit=unit,
        bound="about" if approximate else "exact",
        change=None,
        rate=None,
        spread=0.0,
        approximate=True,
    )
    return Derived(quantity, tuple(operands), by, f"{how} = {_written(value, unit, last)}")


_NUMBER = re.compile(r"[\d.,\s\u2009\u202f]*\d")


def _written(value: float, unit: str, like: Quantity) -> str:
    """A result for people: a measure in the unit that the text tells the figures in."""
    number = _NUMBER.match(like.text)
    measured = unit == like.unit and unit not in CURRENCIES | {"count", "%", "points"}
    told = float(re.sub(r"[^\d.]", "", number[0])) if number and measured else 0.0
    if not number or not told or not like.values[0] or unit == "degree":
        return f"{_spell(value)}{_sign(unit)}"
    return f"{value * told / like.values[0]:.4g}{like.text[number.end() :]}"


def _plain(figures: Sequence[Quantity]) -> list[Quantity]:
    return [f for f in figures if f.change is None and f.rate is None]


def _sums(figures: Sequence[Quantity]) -> Iterator[Derived]:
    plain = _plain(figures)
    chosen = [*combinations(plain, 2), *combinations(plain, 3)]
    if len(plain) > 3:
        chosen.append(tuple(plain))
    for parts in chosen:
        yield total(parts)


def total(parts: Sequence[Quantity]) -> Derived:
    """The sum of two or more figures of one unit."""
    value = sum(part.values[0] for part in parts)
    how = " + ".join(part.text for part in parts)
    return _result(parts[-1], value, max(p.step for p in parts), parts[0].unit, how, parts, "sum")


def _differences(figures: Sequence[Quantity]) -> Iterator[Derived]:
    for first, second in combinations(_plain(figures), 2):
        more, less = sorted((first, second), key=lambda f: f.values[0], reverse=True)
        how, step = f"{more.text} − {less.text}", max(more.step, less.step)
        gap = more.values[0] - less.values[0]
        unit = "points" if more.unit == "%" else more.unit
        if gap:
            yield _result(second, gap, step, unit, how, (first, second), "difference")


def _shares(figures: Sequence[Quantity]) -> Iterator[Derived]:
    plain = [f for f in _plain(figures) if f.unit not in ("%", "points", "degree", "rank")]
    for part, whole in permutations(plain, 2):
        if part.unit == whole.unit and 0 < part.values[0] < whole.values[0]:
            share = 100 * part.values[0] / whole.values[0]
            step = share * (part.step / part.values[0] + whole.step / whole.values[0])
            how = f"{part.text} of {whole.text}"
            yield _result(part, share, step, "%", how, (part, whole), "share")


def _changes(figures: Sequence[Quantity]) -> Iterator[Derived]:
    plain = [f for f in _plain(figures) if f.unit not in ("%", "points", "degree")]
    for before, after in permutations(plain, 2):
        if before.unit != after.unit or not before.values[0] > 0 or before.values == after.values:
            continue
        ratio = after.values[0] / before.values[0]
        if not 0.02 < ratio < 50:
            continue
        step = (
            100 * ratio * (after.step / max(after.values[0], 1e-9) + before.step / before.values[0])
        )
        how = f"{before.text} to {after.text}"
        found = _result(after, 100 * abs(ratio - 1), step, "%", how, (before, after), "change")
        yield replace(found, quantity=replace(found.quantity, change="up" if ratio > 1 else "down"))


def _levels(figures: Sequence[Quantity], all_of_them: Sequence[Quantity]) -> Iterator[Derived]:
    """`2,450 people; 140 fewer ten years later`, `50 marks, raised by a tenth`.

    Of a share only points make a level: `0.5 per cent, up 10 per cent` may mean a tenth.
    """
    yield from _moved_level(figures, all_of_them, 1, "level")


def _earlier(figures: Sequence[Quantity], all_of_them: Sequence[Quantity]) -> Iterator[Derived]:
    """What it was before: `raised by half a point to 3.5 per cent`."""
    yield from _moved_level(figures, all_of_them, -1, "earlier")


def _moved_level(
    figures: Sequence[Quantity], all_of_them: Sequence[Quantity], way: int, step_: Step
) -> Iterator[Derived]:
    for level in _plain(figures):
        if level.unit in ("points", "age", "degree"):
            continue
        for by in all_of_them:
            if not by.change or by is level or (way < 0 and by.end > level.start):
                continue
            sign = way if by.change == "up" else -way
            points = level.unit == "%" and by.unit == "points"
            if level.unit == "%" and not points:
                continue
            if (points or by.unit == level.unit) and by.values[0] < level.values[0]:
                value = level.values[0] + sign * by.values[0]
            elif by.unit == "%" and way > 0 and (sign > 0 or by.values[0] < 100):
                value = level.values[0] * (1 + sign * by.values[0] / 100)
            else:
                continue
            how = f"{level.text} {'+' if sign > 0 else '−'} {by.text}"
            step = max(level.step, by.step if points or by.unit == level.unit else 0.0)
            yield _result(by, value, step, level.unit, how, (level, by), step_)


def _quotients(wanted: Quantity, figures: Sequence[Quantity]) -> Iterator[Derived]:
    plain = [f for f in figures if f.change is None and f.unit not in ("%", "points", "degree")]
    for whole, parts in permutations(plain, 2):
        if whole.rate not in (None, wanted.rate) or parts.rate:
            continue
        if whole.unit != wanted.unit or parts.values[0] <= 1 or whole.values[0] <= 0:
            continue
        value = whole.values[0] / parts.values[0]
        step = value * (whole.step / whole.values[0] + parts.step / parts.values[0])
        how = f"{whole.text} ÷ {parts.text}"
        found = _result(whole, value, step, wanted.unit, how, (whole, parts), "quotient")
        yield replace(found, quantity=replace(found.quantity, rate=wanted.rate))


def _exchanged(wanted: Quantity, figures: Sequence[Quantity]) -> Iterator[Derived]:
    """A sum by a rate that the text tells: `25 crowns to the euro`."""
    if wanted.unit not in CURRENCIES:
        return
    for rate in figures:
        if rate.rate != f"each {wanted.unit}" or rate.values[0] <= 0:
            continue
        for amount in figures:
            if amount is not rate and amount.unit == rate.unit and amount.rate is None:
                value = amount.values[0] / rate.values[0]
                how = f"{amount.text} at {rate.text}"
                step = amount.step / rate.values[0]
                yield _result(amount, value, step, wanted.unit, how, (amount, rate), "exchange")


def span(earlier: DateMention, later: DateMention) -> tuple[float, float] | None:
    """The least and most months between two dates, as far as they tell; None without years."""
    if not earlier.year or not later.year:
        return None
    least = _months(later, last=False) - _months(earlier, last=True)
    most = _months(later, last=True) - _months(earlier, last=False)
    return (max(least, 0.0), most) if most > 0 else None


def _months(day: DateMention, *, last: bool) -> float:
    """Months since the year 0, at the last or first moment that the date may mean."""
    months = day.months()
    month = (max(months) if last else min(months)) if months else (12 if last else 1)
    if day.day:
        return 12.0 * (day.year or 0) + month - 1 + (day.day - 1) / 30.5
    return 12.0 * (day.year or 0) + month - 1 + (1.0 if last else 0.0)


def _spell(value: float) -> str:
    for scale, word in ((1e12, " trillion"), (1e9, " billion"), (1e6, " million")):
        if abs(value) >= scale:
            return f"{value / scale:.4g}{word}"
    return f"{value:,.0f}" if abs(value) >= 1000 else f"{value:.4g}"


def _sign(unit: str) -> str:
    return " per cent" if unit == "%" else ""
