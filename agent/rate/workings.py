"""Figures of a claim that a passage does not tell but that follow from what it tells.

Two kinds: what a sentence says by two figures together (`845 million, of which 508 came from
abroad`) and so can be contradicted, and what the claim's own words ask to be worked out (`in all`,
`on average`, an age from two dates). A result that is not the claim's says nothing in the second
kind: other figures may have been meant.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace

from agent.rate.matching import LATER, MONTHS_OF, Asked, Match, one_thing
from agent.rate.placing import Place
from agent.rate.subjects import Relation, Sentence, same_subject
from tools.arithmetic import derived, span, steps, told
from tools.dates import DateMention, dates_in_order
from tools.quantities import Quantity, quantities, relate

_WORKED_OUT, _LOOSELY = 0.4, 0.75
"""Least share of the claim around the figures that a result is worked out from; the larger where
the claim allows much (`more than half`)."""
_DIFFERS = 0.6
"""Least share of the claim around two figures that together contradict it."""
_SPANNED, _TOLD_HERE = 0.5, 0.5
"""Least share of the claim around two dates whose distance is the claim's; and, where it is not,
of the claim's words but names in the sentence of the later one."""


def worked_out(
    asked: Asked, found: Sequence[tuple[Quantity, Place]], sentences: Sequence[Sentence]
) -> Match | None:
    """The claim's figure against what follows from the passage.

    Args:
        asked: the figure of the claim.
        found: the figures of the passage.
        sentences: the sentences of the passage, for its dates.
    """
    return _together(asked, found) or _by_steps(asked, found) or _spanned(asked, sentences)


def _together(asked: Asked, found: Sequence[tuple[Quantity, Place]]) -> Match | None:
    """The claim's figure against what a sentence tells by two figures together."""
    ours = asked.figure
    best: Match | None = None
    for sentence in dict.fromkeys(place.sentence for _, place in found):
        there = [(f, p) for f, p in found if p.sentence == sentence and p.text]
        where = {f.start: p for f, p in there}
        figures_there = [f for f in quantities(sentence.text) if f.start in where]
        for result in told(sentence.text, figures_there):
            theirs = result.quantity
            changed = bool(ours.change) if ours.unit in ("%", "points") else True
            if theirs.unit != ours.unit or (theirs.change is not None) != changed:
                continue
            place = Place.joined([where[operand.start] for operand in result.operands])
            relation = relate(ours, theirs)
            if not same_subject(asked.claim, sentence.text) or relation is None:
                continue
            if ours.change and theirs.change and ours.change != theirs.change:
                relation = "differs"
            shared, here = place.shared(asked.subject), place.told_here(asked.subject)
            least = _DIFFERS if relation == "differs" else _WORKED_OUT
            if shared < least or (relation == "differs" and here < _DIFFERS):
                continue
            if best is None or (shared, relation == "same") > (best.shared, False):
                note = f"{ours.phrase}: {result.note}"
                best = Match(relation, shared, place, theirs, note)
    return best


def _by_steps(asked: Asked, found: Sequence[tuple[Quantity, Place]]) -> Match | None:
    """The claim's figure as it follows from others of the passage by a step it asks for."""
    ours = asked.figure
    usable = [
        (figure, place)
        for figure, place in found
        if same_subject(asked.claim, place.sentence.text)
        and not (ours.aspect == "told" and figure.aspect == "expected")
    ]
    where = {id(figure): place for figure, place in usable}
    loose = ours.bound not in ("exact", "about", "just over", "just under")
    least = _LOOSELY if loose else _WORKED_OUT
    best: Match | None = None
    for result in derived(ours, [figure for figure, _ in usable], steps(asked.claim, ours)):
        if relate(ours, result.quantity) != "same":
            continue
        if ours.change and result.quantity.change and ours.change != result.quantity.change:
            continue
        if result.step in ("sum", "difference", "level") and not all(
            one_thing(a, b) for a in (ours, *result.operands) for b in result.operands
        ):
            continue
        if result.step == "quotient" and (loose or not one_thing(ours, result.operands[0])):
            continue
        place = Place.joined([where[id(operand)] for operand in result.operands])
        shared = place.shared(asked.subject)
        if shared >= least and (best is None or shared > best.shared):
            note = f"{ours.phrase}: {result.note}"
            best = Match("same", shared, place, result.quantity, note)
    return best


_BORN = re.compile(r"\bborn\b|\*\s?\d", re.I)
_LASTED = re.compile(
    r"\b(?:for|lasted|lasts|took|takes|after|within|spent|served|reigned|during|ran|between|"
    r"later|passed|old|aged?|was|stood|years?)\b",
    re.I,
)


def _spanned(asked: Asked, sentences: Sequence[Sentence]) -> Match | None:
    """An age or a time that passed, from two dates of the passage."""
    ours = asked.figure
    if ours.unit not in MONTHS_OF or ours.rate or LATER.match(asked.claim, ours.end):
        return None
    if not _LASTED.search(asked.claim):
        return None
    dated = [
        (mention, Place.around(sentence, mention.start, mention.end))
        for sentence, mentions in zip(
            sentences, dates_in_order([s.text for s in sentences]), strict=True
        )
        for mention in mentions
    ][:12]
    in_sentence = Counter(place.sentence.start for _, place in dated)
    best: Match | None = None
    for first, begun in dated:
        born = bool(_BORN.search(begun.sentence.text[max(0, first.start - 20) : first.end]))
        if (ours.unit == "age") != born:
            continue
        for second, ended in dated:
            passed = span(first, second)
            if first is second or passed is None:
                continue
            relation = _lasting(ours, *passed)
            place = Place.joined([begun, ended])
            shared = place.shared(asked.subject)
            if relation is None or (best and shared <= best.shared):
                continue
            note = f"{ours.phrase}: from {_phrase(first, begun)} to {_phrase(second, ended)}"
            alone = begun.sentence == ended.sentence and in_sentence[begun.sentence.start] == 2
            other = relation == "differs" and (born or (alone and not born and begun is not ended))
            other = other and ended.told_here(asked.subject) >= _TOLD_HERE
            if (relation == "same" and shared >= _SPANNED) or (other and shared >= _DIFFERS):
                best = Match(relation, shared, place, ours, note)
    return best


def _phrase(mention: DateMention, place: Place) -> str:
    return place.sentence.text[mention.start : mention.end]


def _lasting(ours: Quantity, least: float, most: float) -> Relation | None:
    """How a span of time in the claim stands to one that the passage tells, in months."""
    factor = MONTHS_OF[ours.unit] if ours.unit != "day" else 1 / MONTHS_OF["day"]
    scaled = replace(
        ours,
        values=tuple(v * factor for v in ours.values),
        step=(12.0 if ours.unit == "age" else ours.step * factor),
        spread=ours.spread * factor,
        unit="month",
    )
    if ours.unit == "age" and ours.bound == "exact":
        age = ours.values[0] * 12
        if most >= age and least < age + 12:
            return "same" if most - least <= 24 else None
        return "differs"
    middle = replace(
        scaled, values=((least + most) / 2,), spread=(most - least) / 2, step=0.01, bound="exact"
    )
    if most - least > 26:
        return None
    relation = relate(scaled, middle)
    if relation is None and ours.bound == "exact" and least <= scaled.values[0] <= most:
        return "same"
    return relation
