"""Which figures of a passage may be of what a figure of the claim is of.

Unit, rate, change and what is counted must be the same, the sentence must speak of the claim's
people and period, and a plan tells nothing of the outcome. How well a figure fits beyond that is
told by where it stands (`agent.compare.placing`).
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from functools import lru_cache

from agent.compare.placing import Place, Subject, places
from agent.compare.subjects import Relation, Sentence
from tools.numbers.implied import implied
from tools.numbers.measures import first_clause, kin, last_clause, rated
from tools.numbers.measures import measured as measure_of
from tools.numbers.quantities import Quantity, quantities, relate, told_apart
from tools.numbers.units import CURRENCIES, read_unit
from tools.text.words import content_stems, stem
from tools.times.dates import date_mentions

Told = tuple[Quantity, Place]
"""A figure of a passage, and where it stands."""
_MOST = 200
"""Figures of a passage that are looked at; a passage of more is a table."""
_LEAST_ELIDED = 20
"""Least bare figure that is read as an amount of the currency told before it."""
MONTHS_OF = {"month": 1.0, "day": 30.44, "age": 12.0}
"""Units of time that are compared with the distance of dates; days in a mean month."""
LATER = re.compile(r"\s+(?:later|earlier|ago|before|after(?:wards)?|from now|hence)\b", re.I)
_PRONOUN = re.compile(
    r"\s*(?:it|this|that|they|these|the (?:figure|rate|number|total|result))\b", re.I
)


@dataclass(frozen=True)
class Match:
    """How a figure of the passage stands to the claim's.

    Attributes:
        relation: the same, or another one.
        shared: share of the rest of the claim that stands around it, 0..1.
        place: where it stands.
        figure: the figure of the passage.
        note: what was compared, for people.
    """

    relation: Relation
    shared: float
    place: Place
    figure: Quantity
    note: str


_ALL = re.compile(r"\b(?:all|every one)\s+(?:of\s+)?(?:(?:the|its|their|these|his|her)\s+)?$", re.I)
_PRICED = re.compile(
    r"\b(?:price[sd]?|costs?|rents?|wages?|salar(?:y|ies)|fees?|fares?|earn(?:s|ed|ings)?|paid|pay|"
    r"revenues?|turnover|profits?|debts?|spending|spent|budgets?)\b",
    re.I,
)


@dataclass(frozen=True)
class Asked:
    """A figure of the claim, with what else the claim says.

    Attributes:
        claim: the claim's text.
        figure: the figure that is looked for.
        subject: what the claim says beside its figures and dates.
        content: the claim's content stems.
        context: content stems of the passage and of what is known of its source.
        others: the other figures of the claim.
    """

    claim: str
    figure: Quantity
    subject: Subject
    content: frozenset[str]
    context: frozenset[str]
    others: tuple[Quantity, ...] = ()

    def is_of_all(self) -> bool:
        """Whether the claim says something of all that its figure counts: `all 24 miles`."""
        return bool(_ALL.search(self.claim[max(0, self.figure.start - 20) : self.figure.start]))

    def names_counted(self, *levels: Quantity) -> bool:
        """Whether the claim names the things that some levels count; a price counts none."""
        counted = {level.head for level in levels if level.unit == "count" and level.head}
        named = self.subject.words | self.subject.names
        if any(level.unit == "count" for level in levels) and _PRICED.search(self.claim):
            return False
        return all(kin(frozenset({head})) <= named for head in counted)

    def is_of_another(self, theirs: Quantity) -> bool:
        """Whether a figure of the passage is another one of the claim's."""
        return any(
            other.unit == theirs.unit and relate(other, theirs) == "same" for other in self.others
        )


def told_figures(text: str) -> list[Quantity]:
    """The figures of a sentence, those told without a number among them, in order."""
    told = list(quantities(text))
    for figure in implied(text):
        if not any(other.start < figure.end and figure.start < other.end for other in told):
            told.append(figure)
    return sorted(told, key=lambda figure: figure.start)


@lru_cache(maxsize=512)  # a passage is found for several claims of an article
def figures_of(sentences: tuple[Sentence, ...], context: frozenset[str]) -> tuple[Told, ...]:
    """The figures of a passage; a bare one also in the unit of the figure before it."""
    found: list[Told] = []
    measured: Quantity | None = None
    before = dated = ""
    for number, sentence in enumerate(sentences):
        if len(found) >= _MOST:
            break
        after = sentences[number + 1].text if number + 1 < len(sentences) else ""
        there = [
            figure
            for figure in told_figures(sentence.text)[:_MOST]
            if not _torn(figure, before, sentence.text, after)
        ]
        around = places(sentence, there, context, before)
        before = sentence.text
        if date_mentions(before):
            dated = before
        elif dated:
            around = [replace(place, dated=dated) for place in around]
        for figure, place in zip(there, around, strict=True):
            found.append((figure, place))
            if figure.unit not in ("count", "age", "rank"):
                measured = figure
                continue
            bare = figure.unit == "count" and not figure.head
            if bare and measured and (elided := _elided(figure, measured)):
                if elided.unit in CURRENCIES:
                    elided = _named(elided, sentence.text)
                found.append((elided, place))
    return tuple(found)


def _named(amount: Quantity, text: str) -> Quantity:
    """An amount with what it measures, which is read otherwise for a bare number."""
    before, after = last_clause(text[: amount.start]), first_clause(text[amount.end :])
    measure = measure_of(amount.unit, before, after)
    return replace(
        amount, head=measure.head, modifiers=measure.modifiers, scope=amount.scope | measure.scope
    )


_NUMBER_BEFORE_UNIT = re.compile(r"[\d.,\s\u2009\u202f]*\d")


def _elided(figure: Quantity, measured: Quantity) -> Quantity | None:
    """A bare figure in the unit told before it: `12 millimetres fell in Vellin, 58 in Halvern`."""
    if measured.unit in CURRENCIES:
        if abs(figure.values[0]) < _LEAST_ELIDED:
            return None
        return replace(figure, unit=measured.unit, rate=None)
    if figure.bound != "exact" or measured.unit == "%":
        return None  # "people under 25", "one in five"
    number = _NUMBER_BEFORE_UNIT.match(measured.text)
    known = read_unit(measured.text[number.end() :]) if number else None
    if known is None or known[0].name != measured.unit or known[0].offset:
        return None
    factor = known[0].factor
    return replace(
        figure,
        values=tuple(value * factor for value in figure.values),
        step=figure.step * factor,
        spread=figure.spread * factor,
        unit=measured.unit,
        rate=None,
    )


# Texts that were cut into words have `235, 000` and `2. 4 miles`.
_TORN_BEFORE, _TORN_AFTER = re.compile(r"\d, $"), re.compile(r", \d{3}(?!\d)")
_GROUP, _FIRST_DIGIT, _ENDS = (re.compile(r"\D*\d{3}(?!\d)"), re.compile(r"\s*\d"),
                               re.compile(r"\d\.\s*$"))  # fmt: skip


def _torn(figure: Quantity, before: str, text: str, after: str) -> bool:
    """Whether a figure of a sentence, between two others, is part of one torn up by spaces."""
    digits = figure.text
    if _FIRST_DIGIT.match(text) and not text[: figure.start].strip() and _ENDS.search(before):
        return True
    if digits[-1:].isdigit() and _FIRST_DIGIT.match(after) and text[figure.end :].strip() == ".":
        return True
    if _GROUP.match(digits) and _TORN_BEFORE.search(text[: figure.start]):
        return True
    return digits[-1:].isdigit() and bool(_TORN_AFTER.match(text, figure.end))


def matched(asked: Asked, theirs: Quantity, place: Place) -> Match | None:
    """How a figure stands to the one asked for; None where it is of something else."""
    ours = asked.figure
    text = place.sentence.text
    if not place.of_claim(asked.claim):
        return None
    if theirs.aspect == "earlier" and _in_a_year(asked.claim) and _in_a_year(place.text):
        theirs = replace(theirs, aspect="told")  # `up from 900 in 2022`, asked of 2022
    ours, theirs = _limits(asked.claim, ours, text, theirs)
    if ours.aspect == "told" and theirs.aspect == "expected":
        return None  # a plan tells nothing of the outcome
    shared = place.shared(asked.subject) - _only_whole(asked, theirs, place)
    if {ours.head, theirs.head} == {"profit", "loss"}:
        if ours.aspect != theirs.aspect or ours.unit != theirs.unit or ours.change != theirs.change:
            return None
        note = f"a {ours.head} of {ours.text} against a {theirs.head} of {theirs.text}"
        return Match("differs", shared, place, theirs, note)
    if not _one_kind(ours, theirs, text, (kin(asked.content), place.near)):
        return None
    if ours.unit == "%" and _of_other(asked.claim, ours, text, theirs):
        return None
    if _stock_and_flow(asked.claim, ours, text, theirs):
        return None
    if ours.change and _compared_otherwise(asked.claim, ours, text, theirs):
        return None
    relation = relate(ours, theirs)
    if ours.change and theirs.change and ours.change != theirs.change:
        relation = "differs"
    if relation is None or (relation == "differs" and asked.is_of_another(theirs)):
        return None
    if relation == "differs" and _too_close(ours, theirs):
        return None
    note = told_apart(ours, theirs, relation)
    return Match(relation, shared, place, theirs, note)


_NEAR = 80
"""Characters before a figure in which a word of what is allowed stands."""


def _in_a_year(text: str) -> bool:
    return any(date.year for date in date_mentions(text))


_LIMITED = re.compile(
    r"\b(?:may|must|allowed|permitted|limit(?:ed|s)?|maximum|capped?|ceiling|forbidden|banned|"
    r"no more than|not more than|shall|cannot|can)\b",
    re.I,
)


def _limits(claim: str, ours: Quantity, text: str, theirs: Quantity) -> tuple[Quantity, Quantity]:
    """Two figures of what is allowed, as the limits that they are: `up to 8` is not `up to 12`."""
    bounds = {ours.bound, theirs.bound}
    told = ((claim, ours), (text, theirs))
    if "at most" not in bounds or not bounds <= {"at most", "over"}:
        return ours, theirs
    if not all(_LIMITED.search(whole[max(0, f.start - _NEAR) : f.start]) for whole, f in told):
        return ours, theirs
    return (
        replace(ours, bound="exact", aspect="told"),
        replace(theirs, bound="exact", aspect="told"),
    )


# How many there are, and how many came or went: `has 12,000 members`, `gained 12,000 members`.
_STOCK = re.compile(
    r"\b(?:has|have|had|with|counts|numbers|comprises|totals|employs|holds)\s+(?:[a-z]+\s+){0,2}$"
)
_FLOW = re.compile(
    r"\b(?:gain(?:s|ed)?|los[te]|loses|add(?:s|ed)?|sheds?|hired?|recruit(?:s|ed)?|dismiss(?:ed)?|"
    r"attracted|bought|sold|acquired?|cuts?|axed?|closed?|scrap(?:ped)?)\s+(?:[a-z]+\s+){0,2}$"
)
_PART_OF_STOCK = re.compile(r"\s+of\s+(?:them|these|whom|which)\b", re.I)
_STOCK_TOLD = re.compile(
    r"\b(?:has|have|had|counts|numbers|comprises|totals|employs|holds|buys|runs|owns)\s+"
    r"(?:[a-z]+\s+){0,3}[\d.,]+\s[^;.]*$"
)


def _stock_and_flow(claim: str, ours: Quantity, text: str, theirs: Quantity) -> bool:
    """Whether one of two figures tells how many there are, the other how many came or went."""
    (a, b), (c, d) = (
        [bool(kind.search(whole[max(0, figure.start - 30) : figure.start]))
         for kind in (_STOCK, _FLOW)]
        for whole, figure in ((claim, ours), (text, theirs))
    )  # fmt: skip
    part = _PART_OF_STOCK.match(text, theirs.end) or _STOCK_TOLD.search(text[: theirs.start])
    return (a and not b and d) or (b and not d and bool(c or part))


_THAN = re.compile(r"[^.;,]*?\bthan\s+([^.;,]+)")
_WHEN = re.compile(
    r"\b(?:a|the|one|last|previous|this|same|in|for) (?:year|month|week|quarter|decade|time)\b|"
    r"\b(?:expected|planned|forecast|average|before|ago|earlier|previously)\b|\d{4}", re.I
)  # fmt: skip


def _compared_otherwise(claim: str, ours: Quantity, text: str, theirs: Quantity) -> bool:
    """Whether two differences are from different things: `more than in 2021`, `more than films`."""
    with_what = [
        match[1] if (match := _THAN.match(whole, figure.end)) else ""
        for whole, figure in ((claim, ours), (text, theirs))
    ]
    if not all(with_what):
        return _beyond(claim, ours) != _beyond(text, theirs)
    timed = [bool(_WHEN.search(told)) for told in with_what]
    if all(timed):
        return False
    return not kin(content_stems(with_what[0])) & kin(content_stems(with_what[1]))


# By how much less or more than something else, not than before: `30% less than promised`.
_BEYOND = re.compile(
    r"\s*(?:\w+\s+){0,2}?(?:more|less|fewer|faster|slower|higher|lower|quicker)\s+(?:\w+\s+){0,2}?"
    r"than\s+(?!(?:in|at|on|during|before|ever|it|they|that of|the|last|previously|earlier|a|one|"
    r"\w+\s+(?:months?|years?|decades?|weeks?))\b|\d)",
    re.I,
)
_MOVED_BY = re.compile(
    r"\b(?:rose|risen|rises?|rising|fell|fallen|falls?|falling|gr[eo]w|grown|grows|increased?|"
    r"decreased?|declined?|dropped|climbed|went (?:up|down))\s+(?:by\s+)?(?:\w+\s+){0,2}$",
    re.I,
)


def _beyond(text: str, figure: Quantity) -> bool:
    """Whether a text tells by how much something moved beyond something else that did."""
    moved = _MOVED_BY.search(text[max(0, figure.start - 40) : figure.start])
    return bool(moved and _BEYOND.match(text, figure.end))


_CLOSE = 0.2
"""Share by which a figure must miss a rough one (`nearly a third`) to contradict it."""


def _too_close(ours: Quantity, theirs: Quantity) -> bool:
    """Whether two figures differ only by the letter: `more than 100 million` of 100 million."""
    a, b = ours.values[0], theirs.values[0]
    apart = abs(a - b) / max(abs(a), abs(b), 1e-12)
    rough = ours.unit == "%" and ours.bound != "exact" and not re.search(r"\d", ours.text)
    rounded = ours.bound in ("over", "under") and theirs.step > _EXACT_TO * abs(b)
    return apart < _CLOSE if rough else rounded and apart == 0


_EXACT_TO = 1e-3
"""Rounding, as a share of a figure, from which it may be a little more or less than told."""
_WHOLE = re.compile(r"\b(?:of|out of|among)\s+(?:(?:the|its|their|his|her|all|these)\s+)+$", re.I)
_ONLY_WHOLE = 0.3
"""What it takes from a figure that it is told only as the whole of which another is a part."""


def told_as_whole(text: str, start: int) -> bool:
    """Whether a figure that begins at `start` is what others are a part of: `of the 1,200 hens`."""
    return bool(_WHOLE.search(text[max(0, start - 25) : start]))


def _only_whole(asked: Asked, theirs: Quantity, place: Place) -> float:
    """`Of the 1,200 hens, 430 were killed` does not tell what became of 1,200."""
    text = place.sentence.text
    if theirs.unit != "count" or not told_as_whole(text, theirs.start):
        return 0.0
    told_of_part = (
        asked.subject.words - kin(content_stems(theirs.text)) - kin(frozenset({theirs.head}))
    )
    of_whole = kin(content_stems(first_clause(text[theirs.end : theirs.end + 60])))
    return _ONLY_WHOLE if told_of_part & (place.near - of_whole) else 0.0


_ANY = frozenset({"time", "use"})
"""Rates that name no unit of their own: `each time` is once per crossing, ride or visit."""
_OF_TIME = frozenset("day week month year hour night minute second".split())


def _one_rate(ours: str | None, theirs: str | None, text: str) -> bool:
    """Whether two figures may be per the same."""
    if ours == theirs:
        return True
    if ours and theirs and {ours, theirs} & _ANY and not {ours, theirs} & _OF_TIME:
        return True
    return bool(ours and not theirs and rated(ours, text))


def _one_kind(
    ours: Quantity, theirs: Quantity, text: str, around: tuple[frozenset[str], frozenset[str]]
) -> bool:
    """Whether two figures may measure the same: unit, rate, change, and what is counted."""
    if ours.unit != theirs.unit:
        return False
    if not _one_rate(ours.rate, theirs.rate, text):
        return False
    if ours.unit in MONTHS_OF and LATER.match(text, theirs.end):
        return False  # "half a year later" is not how long it took
    if (ours.change is None) != (theirs.change is None):
        # "Growth … It turned out to be 1.8 per cent": what it measures was told before.
        told_before = ours.change and not theirs.head and _PRONOUN.match(text)
        if not told_before:
            return False
    if ours.aspect != theirs.aspect and "earlier" in (ours.aspect, theirs.aspect):
        return False
    if ours.modifiers and theirs.modifiers and not ours.modifiers & theirs.modifiers:
        return ours.unit == "count"  # an operating profit is no net profit
    return one_thing(ours, theirs, around)


_PEOPLE = "peopl"
_OF_WHOLE = re.compile(
    r"(?:\s+of|(?<=\d)(?=\s))\s+(?!(?:them|these|those|whom|which)\b)((?:[^\W\d_’']+[\s-]?){1,4})",
    re.I,
)


def _of_other(claim: str, ours: Quantity, text: str, theirs: Quantity) -> bool:
    """Whether two shares are of different things: of the seats, of the speeches."""
    wholes = []
    for whole, figure in ((claim, ours), (text, theirs)):
        match = _OF_WHOLE.match(whole, figure.end)
        if not match:
            return False
        wholes.append(kin(content_stems(match[1])))
    return bool(wholes[0]) and bool(wholes[1]) and not wholes[0] & wholes[1]


def one_thing(
    ours: Quantity,
    theirs: Quantity,
    around: tuple[frozenset[str], frozenset[str]] = (frozenset(), frozenset()),
) -> bool:
    """Whether two figures count the same; `people` are whoever the other text speaks of.

    Args:
        around: content of the claim and of the passage's sentence.
    """
    if not ours.head or not theirs.head or ours.head == theirs.head:
        return True
    (a,), (b,) = kin(frozenset({stem(ours.head)})), kin(frozenset({stem(theirs.head)}))
    if a == b:
        return True
    return (a == _PEOPLE and b in around[0]) or (b == _PEOPLE and a in around[1])
