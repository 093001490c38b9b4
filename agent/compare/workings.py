"""Figures of a claim that a passage does not tell but that follow from what it tells.

Two kinds: what a sentence says by two figures together (`845 million, of which 508 came from
abroad`) and so can be contradicted, and what the claim's own words ask to be worked out (`in all`,
`on average`, an age from two dates). A result that is not the claim's says nothing in the second
kind: other figures may have been meant.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import permutations

from agent.compare.matching import LATER, MONTHS_OF, Asked, Match, Told, one_thing
from agent.compare.parts import is_of
from agent.compare.placing import Place
from agent.compare.subjects import Relation, Sentence, same_subject
from agent.compare.vocabulary import MOVES, OF_THE
from tools.numbers.arithmetic import Derived, chance, derived, span, steps, told, total
from tools.numbers.contrasts import set_apart
from tools.numbers.numerals import SMALL_WORDS, small_number
from tools.numbers.quantities import Quantity, quantities, relate
from tools.times.dates import DateMention, agree, date_mentions, dates_in_order, periods_agree

_WORKED_OUT, _LOOSELY = 0.4, 0.75
"""Least share of the claim around the figures that a result is worked out from; the larger where
the claim allows much (`more than half`)."""
_DIFFERS = 0.6
"""Least share of the claim around two figures that together contradict it."""
_BY_CHANCE = 0.6
"""Most results that may be expected to hit the claim's figure by chance."""
_EACH_SHARED = 0.65
"""Least share of the claim around either of two shares whose difference is worked out."""
_FAR_APART = 2
"""Sentences between figures that are worked with."""
_AS_WELL = 0.15
"""How much better placed one pair of dates must be for another not to count."""
_MOST_DATES = 12
_SPANNED, _TOLD_HERE = 0.5, 0.5
"""Least share of the claim around two dates whose distance is the claim's; and, where it is not,
of the claim's words but names in the sentence of the later one."""


def worked_out(asked: Asked, found: Sequence[Told], sentences: Sequence[Sentence]) -> Match | None:
    """The claim's figure against what follows from the passage.

    Args:
        asked: the figure of the claim.
        found: the figures of the passage.
        sentences: the sentences of the passage, for its dates.
    """
    if asked.figure.change:  # that something rose is what is worked out
        subject = replace(asked.subject, words=asked.subject.words - MOVES)
        asked = replace(asked, subject=subject)
    return (
        _together(asked, found)
        or _summed(asked, found)
        or _by_steps(asked, found, sentences)
        or _spanned(asked, sentences)
    )


def _together(asked: Asked, found: Sequence[Told]) -> Match | None:
    """The claim's figure against what a sentence tells by two figures together."""
    ours = asked.figure
    best: Match | None = None
    for sentence in dict.fromkeys(place.sentence for _, place in found):
        there = [(f, p) for f, p in found if p.sentence == sentence and p.text]
        where = {f.start: p for f, p in there}
        figures_there = [f for f in quantities(sentence.text) if f.start in where]
        for result in told(sentence.text, figures_there):
            if result.step == "share":
                continue  # `agent.compare.parts` knows of what
            theirs = result.quantity
            if result.step == "level" and not _is_of_then(asked, where[result.operands[1].start]):
                continue
            if result.step == "product" and (
                _EACH.search(asked.claim) or not _is_counted(asked, theirs)
            ):
                continue
            changed = result.step not in ("level", "product") and (
                bool(ours.change) if ours.unit in ("%", "points") else True
            )
            if theirs.unit != ours.unit or (theirs.change is not None) != changed:
                continue
            place = Place.joined([where[operand.start] for operand in result.operands])
            relation = relate(ours, theirs)
            if relation is None or not _about(asked, place):
                continue
            if not periods_agree(asked.claim, sentence.text):
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


def _is_counted(asked: Asked, theirs: Quantity) -> bool:
    """Whether a claim counts what a product does: squares, and not their rows."""
    ours = asked.figure
    if ours.unit != "count":
        return True
    return bool(ours.head and theirs.head) and one_thing(ours, theirs)


def _is_of_then(asked: Asked, changed: Place) -> bool:
    """Whether a claim is of the time that a change led to: `in 2020 there were 140 fewer`."""
    ours, theirs = date_mentions(asked.claim), date_mentions(changed.text)
    return bool(ours) and all(any(agree(a, b) for b in theirs) for a in ours)


def _about(asked: Asked, place: Place) -> bool:
    """Whether a sentence may speak of what the claim speaks of."""
    text = place.sentence.text
    return same_subject(asked.claim, text) and not set_apart(asked.claim, text)


# How many parts a claim adds up: `the two dams together`.
_PARTS = re.compile(rf"\b(?:(both)|(?:the|all|its|their|these)\s+({SMALL_WORDS}))\b", re.I)


def _summed(asked: Asked, found: Sequence[Told]) -> Match | None:
    """The claim's sum against all the parts of it, where one sentence tells as many of them."""
    ours, parts = asked.figure, _PARTS.search(asked.claim)
    if not parts or "sum" not in steps(asked.claim, ours) or ours.unit in ("%", "points"):
        return None
    count = 2 if parts[1] else small_number(parts[2])
    for sentence in dict.fromkeys(place.sentence for _, place in found):
        like = {
            figure.start: (figure, place)
            for figure, place in found
            if place.sentence == sentence and figure.unit == ours.unit
        }
        figures = [figure for figure, _ in like.values()]
        plain = all(f.rate == ours.rate and not f.spread for f in figures)
        if not 2 <= count == len(like) or not plain or any(ours.text == f.text for f in figures):
            continue
        if not all(one_thing(ours, f) for f in figures):
            continue
        result = total(figures)
        place = Place.joined([place for _, place in like.values()])
        relation, shared = relate(ours, result.quantity), place.shared(asked.subject)
        least = _DIFFERS if relation == "differs" else _WORKED_OUT
        if relation and _about(asked, place) and shared >= least:
            note = f"{ours.phrase}: {result.note}"
            return Match(relation, shared, place, result.quantity, note)
    return None


_EACH = re.compile(
    r"\b(?:each|every|apiece|a head|per head|per person|per capita|on average|averag\w+)\b", re.I
)


def _by_steps(asked: Asked, found: Sequence[Told], sentences: Sequence[Sentence]) -> Match | None:
    """The claim's figure as it follows from others of the passage by a step it asks for."""
    ours = asked.figure
    usable = [
        (figure, place)
        for figure, place in found
        if _about(asked, place) and not (ours.aspect == "told" and figure.aspect == "expected")
    ]
    where = {id(figure): place for figure, place in usable}
    loose = ours.bound not in ("exact", "about", "just over", "just under")
    least = _LOOSELY if loose else _WORKED_OUT
    results = list(derived(ours, [figure for figure, _ in usable], steps(asked.claim, ours)))
    if chance(ours, results) > _BY_CHANCE:
        return None
    order = {sentence: number for number, sentence in enumerate(sentences)}
    best: Match | None = None
    for result in results:
        if relate(ours, result.quantity) != "same":
            continue
        if ours.change and result.quantity.change and ours.change != result.quantity.change:
            continue
        if result.step in ("sum", "difference", "level", "earlier") and not _of_one_thing(
            ours, result
        ):
            continue
        if result.step == "sum" and _of_two_times(
            asked.claim, [where[id(f)] for f in result.operands]
        ):
            continue
        if result.step == "change" and not asked.names_counted(*result.operands):
            continue
        if result.step == "change" and _against_order(result, where):
            continue
        if result.step == "change" and not one_thing(result.operands[0], result.operands[-1]):
            continue
        if result.step == "share":
            part, whole = result.operands
            if not is_of(asked, where[id(part)], whole, where[id(whole)]):
                continue
        part_claimed = result.step == "difference" and OF_THE.match(asked.claim, ours.end)
        if part_claimed and not _REST.search(asked.claim):
            continue
        if result.step == "quotient" and (loose or not one_thing(ours, result.operands[0])):
            continue
        there = [where[id(operand)] for operand in result.operands]
        numbers = [order[place.sentence] for place in there]
        if max(numbers) - min(numbers) > _FAR_APART:
            continue
        if result.quantity.unit == "points" and any(
            one.shared(asked.subject) < _EACH_SHARED for one in there
        ):
            continue  # two shares of other things have a difference, too
        if not any(periods_agree(asked.claim, one.sentence.text) for one in there):
            continue
        place = Place.joined(there)
        shared = place.shared(asked.subject)
        if shared >= least and (best is None or shared > best.shared):
            note = f"{ours.phrase}: {result.note}"
            best = Match("same", shared, place, result.quantity, note)
    return best


_COMPARED_WITH = re.compile(
    r"\b(?:previous|preceding|prior) (?:year|quarter|month|season)|\b(?:a|one|the) year "
    r"(?:earlier|before|ago)\b|\bup from\b|\bdown from\b",
    re.I,
)


def _of_two_times(claim: str, there: Sequence[Place]) -> bool:
    """Whether parts are told of two times, one only to compare: what was sold in this half and in
    the same one of the year before makes up no year."""
    if _COMPARED_WITH.search(claim):
        return False
    together = len({place.sentence for place in there}) == 1
    texts = [place.text if together else place.sentence.text for place in there]
    compared = {bool(_COMPARED_WITH.search(text)) for text in texts}
    return len(compared) > 1


def _against_order(result: Derived, where: Mapping[int, Place]) -> bool:
    """Whether a text tells two figures in the other order: `from 1.2 million in 2021 to 2.4` is no
    halving."""
    first, last = result.operands
    if first.aspect != last.aspect and "earlier" in (first.aspect, last.aspect):
        return last.aspect == "earlier"
    text = [where[id(figure)] for figure in (first, last)]
    years = [
        {date.year for date in date_mentions(place.text) if date.year is not None} for place in text
    ]
    return len(years[0]) == len(years[1]) == 1 and min(years[0]) > min(years[1])


_REST = re.compile(r"\b(?:rest|remain\w*|other|left|not|still)\b", re.I)


def _of_one_thing(ours: Quantity, result: Derived) -> bool:
    figures = (ours, *result.operands)
    if result.quantity.unit == "points":
        figures = result.operands  # a change of points says what it is of in words of its own
    return all(one_thing(a, b) for a in figures for b in result.operands)


_BORN = re.compile(r"\bborn\b|\*\s?\d", re.I)
_LASTED = re.compile(
    r"\b(?:for|lasted|lasts|took|takes|taken|within|spent|served|reigned|during|ran|between|over|"
    r"passed|stood|long|career|tenure|term)\b",
    re.I,
)
_COMPARED = re.compile(
    r"[\s-]+(?:old|older|younger|junior|senior|his|her|early|late|more|longer)\b", re.I
)
_LINKED = re.compile(r"\s*(?:to|until|till|through|and|[-–—])\s*(?:[\w’']+\s+){0,2}", re.I)
_LASTS_STILL = re.compile(r"\b(?:present|today|now|still|since)\b", re.I)
_APART = 0.1
"""Share by which a time that passed must miss the claim's to contradict it."""
_YEARS_APART = 1.5
"""The same of an age, in years beyond what two dates leave open."""


def _spanned(asked: Asked, sentences: Sequence[Sentence]) -> Match | None:
    """An age or a time that passed, from two dates of the passage.

    Of several pairs of dates the two that a text joins (`from 1965 to 1972`) tell the time;
    without such a pair nothing is told where another pair, placed as well, says otherwise.
    """
    ours = asked.figure
    if ours.unit not in MONTHS_OF or ours.rate or LATER.match(asked.claim, ours.end):
        return None
    if _COMPARED.match(asked.claim, ours.end):
        return None
    if ours.unit != "age" and not (_LASTED.search(asked.claim) or _is_time_of_change(asked)):
        return None
    passed = [
        timed for first, second in _pairs(sentences) if (timed := _timed(asked, first, second))
    ]
    passed = [timed for timed in passed if timed.linked] or passed
    best = max(passed, key=lambda timed: timed.match.shared, default=None)
    if best is None or best.match.shared < _SPANNED:
        return None
    relations = {
        timed.match.relation
        for timed in passed
        if timed.match.shared > best.match.shared - _AS_WELL
    }
    if len(relations) > 1:
        return None
    if best.match.relation == "differs" and not (best.sure and best.match.shared >= _DIFFERS):
        return None
    return best.match


def _is_time_of_change(asked: Asked) -> bool:
    """Whether a claim tells in what time something changed: `doubled in ten years`."""
    within = asked.claim[: asked.figure.start].rstrip().lower().endswith((" in", " within"))
    return within and any(figure.change for figure in asked.others)


_Dated = tuple[DateMention, Place]


@dataclass(frozen=True)
class _Timed:
    """The time between two dates of a passage, compared with the claim's.

    Attributes:
        match: how they stand to each other.
        linked: whether the text joins the two dates.
        sure: whether another time contradicts.
    """

    match: Match
    linked: bool
    sure: bool


def _pairs(sentences: Sequence[Sentence]) -> Iterator[tuple[_Dated, _Dated]]:
    told = dates_in_order([sentence.text for sentence in sentences])
    dated = [
        (mention, Place.around(sentence, mention.start, mention.end))
        for sentence, mentions in zip(sentences, told, strict=True)
        for mention in mentions
    ][:_MOST_DATES]
    return permutations(dated, 2)


def _timed(asked: Asked, first: _Dated, second: _Dated) -> _Timed | None:
    (start, begun), (end, ended) = first, second
    ours, text = asked.figure, begun.sentence.text
    born = bool(_BORN.search(text[max(0, start.start - 20) : start.end]))
    months = span(start, end)
    if (ours.unit == "age") != born or months is None or agree(start, end):
        return None
    relation = _lasting(ours, *months)
    if relation is None:
        return None
    one = begun.sentence == ended.sentence
    linked = one and start.end <= end.start and bool(_LINKED.fullmatch(text, start.end, end.start))
    place = Place.joined([begun, ended])
    note = f"{ours.phrase}: from {_phrase(start, begun)} to {_phrase(end, ended)}"
    middle = sum(months) / 2 / (12.0 if ours.unit == "age" else 1.0)
    claimed = ours.values[0] / (MONTHS_OF["day"] if ours.unit == "day" else 1.0)
    apart = abs(middle - claimed) > _APART * max(middle, claimed)
    if ours.unit == "age":
        apart = abs(middle - claimed - 0.5) > (months[1] - months[0]) / 24 + _YEARS_APART
    told_here = ended.told_here(asked.subject) >= _TOLD_HERE
    dates_here = 2 if one else 1
    alone = len(date_mentions(text)) == dates_here and not _LASTS_STILL.search(text)
    sure = apart and told_here and (born or (one and alone))
    return _Timed(Match(relation, place.shared(asked.subject), place, ours, note), linked, sure)


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
        if most > age and least < age + 12:
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
