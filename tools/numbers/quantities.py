"""Quantities in a text, what they measure, and whether two of them agree.

A language model compares figures badly; this module computes. Quantities are read by
`tools.numbers.amounts`. Two are compared only when unit and measure are the same, a net profit never
contradicts a revenue, and they agree within what rounding and hedges allow.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from itertools import product
from typing import Literal

from tools.numbers.agreement import Agreement
from tools.numbers.amounts import Quantity, quantities
from tools.numbers.measures import kin

__all__ = [
    "Comparison",
    "Quantity",
    "Relation",
    "agreement",
    "compare",
    "meet",
    "quantities",
    "relate",
    "same_measure",
    "told_apart",
]

Relation = Literal["same", "differs"]


@dataclass(frozen=True)
class Comparison:
    """How a quantity of the claim stands to one of the evidence."""

    relation: Relation
    claim: Quantity
    evidence: Quantity
    note: str
    """One clause for people: `48.39 billion against 47.3 billion: 2.3 % apart`."""


_OPPOSITE = {"profit": "loss", "loss": "profit"}


def compare(claim: Quantity, evidence: Quantity) -> Comparison | None:
    """Compares two quantities if they measure the same thing.

    Returns:
        None when unit, measure, rate or change differ, or when `relate` does not tell: then
        nothing is said. Nor is it when the figures differ and so does their aspect: a result
        refutes no forecast.
    """
    if not same_measure(claim, evidence):
        turned = replace(claim, head=_OPPOSITE.get(claim.head, ""))
        if claim.aspect == evidence.aspect and same_measure(turned, evidence):
            note = f"a {claim.head} of {claim.text} against a {evidence.head} of {evidence.text}"
            return Comparison("differs", claim, evidence, note)
        return None
    relation = relate(claim, evidence)
    if claim.change and evidence.change and claim.change != evidence.change:
        relation = "differs"
    if relation is None or (relation == "differs" and claim.aspect != evidence.aspect):
        return None
    return Comparison(relation, claim, evidence, told_apart(claim, evidence, relation))


def told_apart(claim: Quantity, evidence: Quantity, relation: Relation) -> str:
    """One clause for people on how two quantities of one unit stand to each other."""
    left, right = claim.phrase, evidence.phrase
    unclear = claim.magnitude_unclear or evidence.magnitude_unclear
    if relation == "same":
        if left.lower() == right.lower() and not unclear:
            return f"{left}: the same"
        if unclear:
            return f"{left} against {right}: the same, read as the same magnitude"
        alike = math.isclose(claim.values[0], evidence.values[0], rel_tol=1e-9)
        return f"{left} against {right}: the same{'' if alike else ' but for rounding'}"
    if claim.change and evidence.change and claim.change != evidence.change:
        return f"{left} {claim.change} against {right} {evidence.change}"
    if claim.bound != "exact" or claim.low != claim.high or evidence.low != evidence.high:
        return f"{left} against {right}"
    apart = min(
        abs(a - b) / max(abs(a), abs(b), 1e-12) for a in claim.values for b in evidence.values
    )
    if claim.unit in ("%", "points"):
        points = abs(claim.values[0] - evidence.values[0])
        note = f"{left} against {right}: {points:.3g} point{'s' * (points != 1)} apart"
    elif apart < _TIMES:
        note = f"{left} against {right}: {100 * apart:.2g} % apart"
    else:
        note = f"{left} against {right}: {1 / max(1 - apart, 1e-12):,.0f} times as much"
    if unclear:
        note += " at the nearest reading"
    return note + ", beyond rounding"


def meet(a: Quantity, b: Quantity) -> bool:
    """Whether two quantities may be the same value, whatever they measure."""
    return relate(a, b) == "same" or relate(b, a) == "same"


_UP, _DOWN = ("over", "at least"), ("under", "at most")
_SLACK = 1e-6
"""Least overlap, as a share of the narrower rounding: two exact figures of the same rounding
touch at their ends, and that is not agreement."""


def relate(claim: Quantity, evidence: Quantity) -> Relation | None:
    """How the value of a claim stands to that of the evidence, whatever they measure.

    The claim allows a range: its rounding (`48 billion` is 47.5 to 48.5), widened by its hedge
    (about: 5 % either way; nearly and just over: 10 % to one side; more than, at least, under,
    up to: all on that side). The evidence tells a range likewise, but its own `more than` is
    taken to reach a quarter further, since nobody calls 900 more than 500.

    Returns:
        `same` where the figure of the evidence lies within what the claim allows, or the claim's
        within the rounding of the evidence; `differs` where the ranges do not meet; None where
        they meet and neither holds: `between 40 and 60` does not tell whether it is above 50.
        None, too, where one of them leaves its magnitude open and only that parts them: `25
        cardinal` against `25 thousand`.
    """
    readings = [
        _relate(claim, ours, evidence, theirs)
        for ours in range(len(claim.values))
        for theirs in range(len(evidence.values))
    ]
    for relation in ("same", None, "differs"):
        if relation in readings:
            return None if relation == "differs" and _magnitude_alone(claim, evidence) else relation
    return None


def _magnitude_alone(a: Quantity, b: Quantity) -> bool:
    """Whether one of the two leaves its magnitude open and some power of a thousand would do."""
    if not (a.magnitude_unclear or b.magnitude_unclear) or not (a.values[0] and b.values[0]):
        return False
    ratio = abs(a.values[0] / b.values[0])
    thousands = 1000.0 ** round(math.log(ratio, 1000))
    scaled = tuple(value * thousands for value in b.values)
    moved = replace(b, values=scaled, step=b.step * thousands, spread=b.spread * thousands)
    return any(
        _relate(a, ours, moved, theirs) == "same"
        for ours in range(len(a.values))
        for theirs in range(len(scaled))
    )


def _relate(claim: Quantity, ours: int, evidence: Quantity, theirs: int) -> Relation | None:
    low, high = _allowed(claim, ours, math.inf)
    least, most = _allowed(evidence, theirs, 1.25)
    if claim.bound in _UP and evidence.bound in _UP:
        most = math.inf  # both leave open how much more it is
    if claim.bound in _DOWN and evidence.bound in _DOWN:
        least = -math.inf
    first, last = (_scaled(evidence, theirs, edge) for edge in (evidence.low, evidence.high))
    strict = claim.bound in ("over", "under", "just over", "just under")
    value = claim.values[ours]
    exactly = evidence.bound == "exact" and first == last
    if strict and exactly and abs(first - value) <= 1e-9 * abs(value):
        return "differs" if claim.bound in ("over", "under") else "same"
    if evidence.bound in _UP:
        last = math.inf if claim.bound in _UP else first
    if evidence.bound in _DOWN:
        first = -math.inf if claim.bound in _DOWN else last
    overlap = min(high, most) - max(low, least)
    touching = _SLACK * min(high - low, most - least, 1 + abs(value))
    if overlap <= touching:
        return "differs"
    if low <= first and last <= high and not math.isinf(last - first):
        return "same"
    if first == -math.inf or last == math.inf:  # both hedge to the same side
        inside = (low <= first) if last == math.inf else (last <= high)
        return "same" if inside else None
    if evidence.bound in (*_UP, *_DOWN) and claim.bound == "exact" and not low <= first <= high:
        return None  # `up to 250` does not tell that it is 214
    # A claim that is more exact than the evidence agrees with it as far as it tells.
    if claim.bound in ("exact", "about", "just over", "just under") and claim.low == claim.high:
        return "same" if first == last and least <= value <= most else None
    return "same" if claim.low != claim.high and least <= low and high <= most else None


_LEAST = 1e-300
"""Least value that another reading is scaled from without running over."""


def _scaled(quantity: Quantity, reading: int, edge: float) -> float:
    """An edge that is told for the first reading, in another reading."""
    first = quantity.values[0]
    if not reading or abs(first) < _LEAST:
        return edge
    return edge * quantity.values[reading] / first


def _allowed(quantity: Quantity, reading: int, reach: float) -> tuple[float, float]:
    """The values that a quantity stands for; an open end reaches `reach` times as far."""
    low, high = (_scaled(quantity, reading, edge) for edge in (quantity.low, quantity.high))
    step = abs(_scaled(quantity, reading, quantity.step))
    wide = max(abs(low), abs(high))
    further = math.inf if math.isinf(reach) else (reach - 1) * wide
    match quantity.bound:
        case "about":
            return low - max(step, 0.05 * wide), high + max(step, 0.05 * wide)
        case "just over":
            return low - _SLACK * wide, high + max(step, 0.1 * wide)
        case "just under":
            return low - max(step, 0.1 * wide), high + _SLACK * wide
        case "over" | "at least":
            return low - _SLACK * wide, high + max(further, step)
        case "under" | "at most":
            return low - max(further, step), high + _SLACK * wide
        case "exact":
            return low - step, high + step


def same_measure(a: Quantity, b: Quantity) -> bool:
    """Whether two quantities measure the same thing in the same unit."""
    if a.unit != b.unit or a.rate != b.rate or not a.head or a.head != b.head:
        return False
    if (a.change is None) != (b.change is None):
        return False
    return a.unit == "count" or a.modifiers == b.modifiers


_TIMES = 0.9
"""Share apart from which figures are told as multiples: nobody reads 99.9 % apart."""


def agreement(a: Quantity, b: Quantity) -> Agreement:
    """How two quantities stand to each other; the same kind of answer whichever comes first.

    A quantity stands for the values that its rounding and its hedge leave open: `48 billion` for
    47.5 to 48.5, `about 500` for 5 per cent either way, `more than 500` for all above. Two are
    compatible where these meet. What a text leaves unsaid (what is measured, of what) is taken
    to be the same.

    Returns:
        `not comparable` where the two are in different units, of different measures, rates or
        things counted, a change and a level, or a forecast and a result. Per cent and percentage
        points are different units; pence and pounds are one.
    """
    a, b = _in_pounds(a), _in_pounds(b)
    if reason := _unlike(a, b):
        return Agreement("not comparable", f"{_told(a)} and {_told(b)}: {reason}.")
    if a.change and b.change and a.change != b.change:
        return Agreement("different", f"{_told(a)} is {a.change}, {_told(b)} is {b.change}.")
    readings = list(product(range(len(a.values)), range(len(b.values))))
    if any(_equal(a, i, b, j) for i, j in readings):
        if len(readings) > 1:
            unclear = "one magnitude is not told; they agree in one reading"
            return Agreement("compatible", f"{_told(a)} and {_told(b)}: {unclear}.")
        return Agreement("equal", f"{_told(a)} and {_told(b)} are the same value.")
    if any(_meets(a, i, b, j) for i, j in readings):
        reason = "both can be true, as precisely as they are stated"
        return Agreement("compatible", f"{_told(a)} and {_told(b)}: {reason}.")
    return Agreement("different", f"{_told(a)} and {_told(b)}: {_difference(a, b)}.")


def _told(quantity: Quantity) -> str:
    return quantity.phrase


def _difference(a: Quantity, b: Quantity) -> str:
    if {a.head, b.head} == {"profit", "loss"}:
        return "one is a profit, the other a loss"
    if a.unit == "ordinal":
        return "these are two places in an order"
    if a.bound != b.bound or a.bound != "exact" or a.spread or b.spread:
        return "one leaves no room for the other"
    return told_apart(a, b, "differs").partition(": ")[2]


def _in_pounds(quantity: Quantity) -> Quantity:
    if quantity.unit != "PENNY":
        return quantity
    return replace(
        quantity,
        unit="GBP",
        values=tuple(value / 100 for value in quantity.values),
        step=quantity.step / 100,
        spread=quantity.spread / 100,
    )


_UNIT_NAMES = {
    "%": "per cent",
    "points": "percentage points",
    "count": "a number of things",
    "ordinal": "a place in an order",
    "degree": "a temperature",
    "age": "an age",
}


def _unlike(a: Quantity, b: Quantity) -> str | None:
    """Why two quantities are of different kinds; None where they can be compared."""
    if a.unit != b.unit:
        units = (_UNIT_NAMES.get(q.unit, f"in {q.unit}s" if q.unit.islower() else f"in {q.unit}")
                 for q in (a, b))  # fmt: skip
        return "one is {}, the other {}".format(*units)
    if a.rate != b.rate:
        rates = (f"per {q.rate.removeprefix('each ')}" if q.rate else "no rate" for q in (a, b))
        return "one is {}, the other {}".format(*rates)
    if (a.change is None) != (b.change is None):
        return "one is a change, the other a level"
    if a.aspect != b.aspect:
        names = {
            "told": "a result",
            "expected": "a forecast or plan",
            "earlier": "an earlier figure",
        }
        return f"one is {names[a.aspect]}, the other {names[b.aspect]}"
    ours, theirs = (kin(frozenset({q.head})) if q.head else None for q in (a, b))
    if ours and theirs and ours != theirs and {a.head, b.head} != {"profit", "loss"}:
        if a.unit in ("count", "ordinal"):
            return "they count different things"
        return f"one is of {a.head}, the other of {b.head}"
    narrow = a.unit != "count" and a.head and b.head and a.modifiers != b.modifiers
    if narrow or (a.scope and b.scope and kin(a.scope) != kin(b.scope)):
        parts = (" ".join(sorted(q.modifiers | q.scope)) or "all" for q in (a, b))
        return "one is narrowed to {}, the other to {}".format(*parts)
    return None


_STRICT = {"over": 1, "under": -1}
_OPEN = {"over": 1, "at least": 1, "under": -1, "at most": -1}


def _equal(a: Quantity, i: int, b: Quantity, j: int) -> bool:
    ours, theirs = a.values[i], b.values[j]
    spreads = _scaled(a, i, a.spread), _scaled(b, j, b.spread)
    return (
        a.bound == b.bound
        and {a.head, b.head} != {"profit", "loss"}
        and _near(ours, theirs)
        and abs(spreads[0] - spreads[1]) <= 1e-9 * max(abs(ours), abs(theirs), 1e-300)
    )


def _near(a: float, b: float) -> bool:
    return abs(a - b) <= 1e-9 * max(abs(a), abs(b))


def _meets(a: Quantity, i: int, b: Quantity, j: int) -> bool:
    """Whether the values that two quantities stand for meet."""
    if {a.head, b.head} == {"profit", "loss"}:
        return False
    (low, high), (least, most) = _allowed(a, i, math.inf), _allowed(b, j, math.inf)
    if _near(a.values[i], b.values[j]):
        sides = _OPEN.get(a.bound, 0), _OPEN.get(b.bound, 0)
        strict = _STRICT.get(a.bound, 0) or _STRICT.get(b.bound, 0)
        exactly = "exact" in (a.bound, b.bound) and not (a.spread or b.spread)
        if strict and (exactly or sides[0] * sides[1] < 0):
            return False  # `more than 500` is not 500, nor `at most 500`
    overlap = min(high, most) - max(low, least)
    wide = max(abs(a.values[i]), abs(b.values[j]))
    return overlap > _SLACK * min(high - low, most - least, 1 + wide)
