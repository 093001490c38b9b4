"""Quantities in a text, what they measure, and whether two of them agree.

A language model compares figures badly; this module computes. Quantities are read by
`tools.amounts`. Two are compared only when unit and measure are the same, a net profit never
contradicts a revenue, and they agree within what rounding and hedges allow.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import Literal

from tools.amounts import Quantity, quantities

__all__ = [
    "Comparison",
    "Quantity",
    "Relation",
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
        reading = ", read as the same magnitude" if unclear else ""
        return f"{left} against {right}: the same{reading}"
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
    """
    readings = [
        _relate(claim, ours, evidence, theirs)
        for ours in range(len(claim.values))
        for theirs in range(len(evidence.values))
    ]
    for relation in ("same", None, "differs"):
        if relation in readings:
            return relation
    return None


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
    # A claim that is more exact than the evidence agrees with it as far as it tells.
    if claim.bound in ("exact", "about", "just over", "just under") and claim.low == claim.high:
        return "same" if first == last and least <= value <= most else None
    return "same" if claim.low != claim.high and least <= low and high <= most else None


def _scaled(quantity: Quantity, reading: int, edge: float) -> float:
    """An edge that is told for the first reading, in another reading."""
    first = quantity.values[0]
    return edge * quantity.values[reading] / first if reading and first else edge


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
