"""Comparisons that a claim makes without a figure, worked out from the figures of a passage.

`The Arle is longer than the Brin`, `fewer lifts were ordered in May than in April`, `output fell in
2021`: where a passage tells just one figure of either side, the two decide which is the greater.
With a second figure of a side, another unit or another thing counted, nothing is told.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from agent.compare.matching import figures_of, one_thing
from agent.compare.placing import Place, Subject
from agent.compare.subjects import Finding, Sentence, own_names, same_subject
from tools.numbers.contrasts import set_apart
from tools.numbers.measures import kin
from tools.numbers.quantities import Quantity
from tools.numbers.units import CURRENCIES
from tools.text.words import content_stems, is_negated
from tools.times.dates import DateMention, agree, date_mentions, dates_in_order

_SHARED = 0.6
"""Least share of the claim around the two figures; of its words but names all must stand there."""
_MONEY = frozenset(CURRENCIES)
_LENGTH = frozenset({"metre"})
_OF_UNITS = {
    **dict.fromkeys(("tall", "high", "wide", "deep", "narrow", "shallow"), _LENGTH),
    "long": frozenset({"metre", "month", "day", "second"}),
    "short": frozenset({"metre", "month", "day", "second"}),
    **dict.fromkeys(("heavy", "light"), frozenset({"gram"})),
    **dict.fromkeys(("old", "young"), frozenset({"age"})),
    **dict.fromkeys(("hot", "warm", "cold", "cool"), frozenset({"degree"})),
    **dict.fromkeys(("fast", "slow"), frozenset({"metre an hour"})),
    **dict.fromkeys(("expensive", "dear", "costly", "cheap"), _MONEY),
    **dict.fromkeys(("big", "large", "small"), frozenset({"m2", "count", "litre"})),
    "populous": frozenset({"count"}),
}
_SHAPES = {
    **dict.fromkeys(("tall", "high"), "height"),
    **dict.fromkeys(("wide", "narrow"), "width"),
    **dict.fromkeys(("deep", "shallow"), "depth"),
    **dict.fromkeys(("long", "short"), "length"),
}
"""What a figure of lengths must be of, where its text tells."""
_SIZES = ("big", "large", "small", "populous")
_LESS = frozenset("narrow shallow short light young cold cool slow cheap small".split())
_IRREGULAR = {"bigger": "big", "hotter": "hot", "heavier": "heavy", "costlier": "costly"}
_COMPARATIVES = {
    **{f"{word.removesuffix('e')}er": word for word in _OF_UNITS if len(word) < 8},
    **_IRREGULAR,
    "more expensive": "expensive", "less expensive": "cheap", "more populous": "populous",
}  # fmt: skip
_THAN_NAMED = re.compile(
    r"(?P<one>.+?)\s+(?:is|was|are|were|has been|remains)\s+(?:much |far |slightly |a little |"
    rf"even |still |considerably )?(?P<how>{'|'.join(_COMPARATIVES)})\s+than\s+"
    r"(?P<other>[^,;]+?)\.?\s*$"
)
_COUNTED_THAN = re.compile(
    r"(?P<one>.+?)\s(?P<how>more|fewer|less)\s(?P<what>(?:[a-z-]+\s){1,3}?)"
    r"(?P<first>(?:in|on|at|during)\s.+?\s)?than\s(?P<other>[^,;]+?)\.?\s*$"
)
_MOVED = re.compile(
    r"\b(?:(?P<up>rose|grew|increased|climbed|went up|has risen|have risen|has grown|have grown)|"
    r"(?P<down>fell|dropped|declined|shrank|decreased|went down|has fallen|have fallen))\b"
    r"(?!\s+(?:by|to|from (?!(?:1[5-9]|20)\d\d)|short|ill|into|out|apart|asleep|in love)\b)"
)
_OTHERWISE = re.compile(
    r"\b(?:relative\w*|per|share|proportion|percentage|rate|average|on average|adjusted|real terms|"
    r"forecast|expected|expects?|will|would|could|(?-i:may)|might|plans?)\b",
    re.I,
)
_MOVES = kin(
    content_stems(
        "rise rose fall fell grow grew increase decrease decline drop climb shrink shrank more "
        "fewer less than number went risen fallen grown"
    )
)


@dataclass(frozen=True)
class _Comparison:
    """A claim that one thing is more than another.

    Attributes:
        more: whether the first is said to be the greater.
        units: that the figures may have.
        counted: stems of what is counted; empty for a measure.
        shape: which length of a thing is compared; empty for anything else.
        first, second: whether a figure is of the one or the other.
    """

    more: bool
    units: frozenset[str]
    counted: frozenset[str]
    first: Callable[[Place], bool]
    second: Callable[[Place], bool]
    shape: str = ""


def comparisons(
    claim: str, sentences: tuple[Sentence, ...], context: frozenset[str]
) -> list[Finding]:
    """The claim's comparison as the figures of a passage bear it out or not; at most one finding.

    Args:
        claim: the claim's text.
        sentences: those of the passage.
        context: content stems of the passage and of what is known of its source.
    """
    if is_negated(claim) or _OTHERWISE.search(claim):
        return []
    asked = _named(claim) or _timed(claim, sentences)
    if asked is None:
        return []
    found = [each for each in figures_of(sentences, context) if _is_level(asked, *each)]
    sides = [[each for each in found if side(each[1])] for side in (asked.first, asked.second)]
    if any(len({figure.values for figure, _ in side}) != 1 for side in sides):
        return []
    (one, here), (other, there) = sides[0][0], sides[1][0]
    if one.values == other.values and here.sentence == there.sentence and one.start == other.start:
        return []
    if one.unit != other.unit or one.rate != other.rate or one.modifiers != other.modifiers:
        return []
    if not one_thing(one, other) or not _is_about(claim, here, there):
        return []
    a, b = one.values[0], other.values[0]
    note = f"{one.phrase} against {other.phrase}"
    span = (there.sentence.start, there.sentence.end)
    if (a > b) == asked.more and a != b:
        return [Finding("figure", "same", *span, note, 1.0, worked_out=True)]
    return [Finding("figure", "differs", *span, note, 1.0)]


def _is_about(claim: str, here: Place, there: Place) -> bool:
    """Whether both figures stand among the claim's words."""
    place = Place.joined([here, there])
    content = Subject.of(claim, date_mentions(claim))
    compared = kin(content_stems(" ".join(_COMPARATIVES)))
    subject = Subject(content.names, content.words - _MOVES - compared)
    return place.shared(subject) >= _SHARED and subject.words <= place.near


def _is_level(asked: _Comparison, figure: Quantity, place: Place) -> bool:
    if figure.unit not in asked.units or figure.change or figure.spread or not place.text:
        return False
    if figure.magnitude_unclear or figure.bound not in ("exact", "about"):
        return False
    if figure.aspect == "expected" or (asked.shape and figure.head not in ("", asked.shape)):
        return False
    head = kin(content_stems(figure.head)) if figure.head else frozenset()
    return not (asked.counted and head and not head & asked.counted)


def _named(claim: str) -> _Comparison | None:
    """`The Arle is longer than the Brin`: two that the claim names apart."""
    match = _THAN_NAMED.match(claim)
    if not match:
        return None
    how = _COMPARATIVES[match["how"]]
    one, other = own_names(match["one"]), own_names(match["other"])
    one, other = one - other, other - one
    if not one or not other:
        return None

    def of(these: frozenset[str], those: frozenset[str]) -> Callable[[Place], bool]:
        def told(place: Place) -> bool:
            named = own_names(place.text) or own_names(place.sentence.text)
            return bool(these & named) and not those & named

        return told

    people = frozenset({"peopl", "popul"}) if how in _SIZES else frozenset()
    return _Comparison(
        how not in _LESS,
        _OF_UNITS[how],
        kin(people),
        of(one, other),
        of(other, one),
        _SHAPES.get(how, ""),
    )


def _timed(claim: str, sentences: Sequence[Sentence]) -> _Comparison | None:
    """`Fewer lifts in May than in April`, `output fell in 2021`: one thing at two times."""
    than, moved = _COUNTED_THAN.match(claim), _MOVED.search(claim)
    dates = date_mentions(claim)
    if than:
        cut = than.start("other")
        first = [date for date in dates if date.start < cut]
        second = [date for date in dates if date.start >= cut]
        if len(first) != 1 or len(second) != 1 or agree(first[0], second[0]):
            return None
        more, counted = than["how"] == "more", kin(content_stems(than["what"]))
        units, (now, then) = frozenset({"count", *_MONEY}), (first[0], second[0])
    elif moved and dates:
        more, counted = bool(moved["up"]), frozenset[str]()
        units = frozenset({"count", "gram", "litre", "wh", *_MONEY})
        if len(dates) == 1 and dates[0].year and not (dates[0].month or dates[0].day):
            now, then = dates[0], DateMention(0, 0, year=dates[0].year - 1)
        elif len(dates) == 2 and all(date.year for date in dates):
            then, now = sorted(dates, key=lambda date: date.year or 0)
        else:
            return None
        if now.year == then.year:
            return None
    else:
        return None
    told = dates_in_order([sentence.text for sentence in sentences])
    by_sentence = {
        sentence.start: mentions for sentence, mentions in zip(sentences, told, strict=True)
    }

    def at(day: DateMention, other: DateMention) -> Callable[[Place], bool]:
        def holds(place: Place) -> bool:
            text = place.sentence.text
            if not same_subject(claim, place.told + text) or set_apart(claim, place.text):
                return False
            here = [
                d
                for d in by_sentence.get(place.sentence.start, ())
                if text[d.start : d.end] in place.text
            ]
            if len(here) != 1 or (not here[0].year and day.year and not day.month):
                return False
            return agree(here[0], day) and not agree(here[0], other) and _as_exact(here[0], day)

        return holds

    return _Comparison(more, units, counted, at(now, then), at(then, now))


def _as_exact(told: DateMention, wanted: DateMention) -> bool:
    """Whether a date tells no shorter stretch than the one asked for."""
    parts = [(d.month, d.quarter, d.half, d.season, d.day) for d in (told, wanted)]
    return parts[0] == parts[1]
