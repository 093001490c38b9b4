"""Comparisons that a claim makes without a figure, worked out from the figures of a passage.

`The Arle is longer than the Brin`, `fewer lifts were ordered in May than in April`, `output fell in
2021`: where a passage tells just one figure of either side, the two decide which is the greater.
With a second figure of a side, another unit or another word around one of them (`before tax`, `of
card`, `in the first nine months`), nothing is told: they may not be of one thing. How often this is
right has not been measured; a conflict found here is held no surer than a figure worked out.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise

from agent.compare.matching import figures_of, one_thing
from agent.compare.placing import Place, Subject
from agent.compare.subjects import Finding, Sentence, own_names, same_subject
from agent.compare.vocabulary import COUNTED_MOVES
from tools.numbers.contrasts import set_apart
from tools.numbers.measures import kin
from tools.numbers.quantities import Quantity, quantities
from tools.numbers.units import CURRENCIES
from tools.text.words import WORD, content_stems, is_function_word, is_negated, stem
from tools.times.dates import DateMention, agree, date_mentions, dates_in_order

_SHARED = 0.6
"""Least share of the claim around the two figures; of its words but names all must stand there."""
_QUOTED = 240
"""Most characters of a quote with both figures."""
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
_COMPARATIVES = {
    "taller": "tall", "higher": "high", "wider": "wide", "deeper": "deep", "narrower": "narrow",
    "shallower": "shallow", "longer": "long", "shorter": "short", "heavier": "heavy",
    "lighter": "light", "older": "old", "younger": "young", "hotter": "hot", "warmer": "warm",
    "colder": "cold", "cooler": "cool", "faster": "fast", "slower": "slow", "dearer": "dear",
    "costlier": "costly", "cheaper": "cheap", "bigger": "big", "larger": "large",
    "smaller": "small", "more expensive": "expensive", "less expensive": "cheap",
    "more populous": "populous",
}  # fmt: skip
_THAN_NAMED = re.compile(
    r"(?P<one>.+?)\s+(?:is|was|are|were|has been|remains)\s+(?:much |far |slightly |a little |"
    rf"even |still |considerably )?(?P<how>{'|'.join(_COMPARATIVES)})\s+than\s+"
    r"(?P<other>[^,;]+?)\.?\s*$"
)
_BY_FAR = r"(?:far |many |slightly |even |considerably )?"
_PLURAL = r"(?:[a-z-]+s|people|men|women|children|staff)"
_COUNTS_MORE = re.compile(
    rf"(?P<one>.+?)\s[a-z]+\s{_BY_FAR}(?P<how>more|fewer)\s(?P<what>{_PLURAL})\sthan\s"
    r"(?P<other>[^,;]+?)\.?\s*$"
)
_MORE_IN = re.compile(
    rf"{_BY_FAR}(?P<how>more|fewer)\s(?P<what>{_PLURAL})\s(?:[a-z]+\s){{1,2}}?"
    r"(?P<one>(?P<led>in|at|on|from|to)\s.+?)\sthan\s(?P<other>(?P=led)\s[^,;]+?)\.?\s*$",
    re.I,
)
_EXCEEDS = re.compile(
    r"(?P<one>.+?)\s(?:exceeds?|exceeded|surpass(?:es|ed)?|outnumber(?:s|ed)?)\s"
    r"(?P<other>[^,;]+?)\.?\s*$"
)
_PEOPLE = frozenset({"peopl", "popul"})
_COMPARING = content_stems("exceed surpass outnumber")
_INHABITANTS = _PEOPLE | kin(content_stems("live"))
_ANY_OTHER = re.compile(r"\b(?:any|all|every\w*|other|others|most|ever|before|usual)\b", re.I)
_SAID_OF = re.compile(r"\s*(?:with|which|who|at|has|had|is|was)\b")
_NAME_BEFORE = re.compile(r"((?:[A-Z][\w’-]*\s?)+),\s*$")
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
_MERE = content_stems(
    "stand stands stood come comes came amount amounts amounted total totals totalled reach "
    "reaches reached count counts counted number numbers numbered worth own one ones"
)
"""Words that lead to a figure and say nothing of what it is of."""
_TAKES_UP = re.compile(r"\b(?:it|they|that|those)\b", re.I)
_PART = re.compile(
    r"\b(?:of|from|before|after|among|for|excluding|including|without|except)\s+"
    r"(?:(?:the|its|their|all|an?)\s+)?([a-z][\w-]*)"
)
_LASTS = re.compile(r"\b(?:long|last(?:s|ed)?|length|duration)\b")
_TIMES = frozenset({"month", "day", "second"})
_AT_A_TIME = re.compile(r"\b(?:was|were|when|at|died)\b", re.I)
_TENSES = re.compile(r"\b(?:(is|are|has|have)|(was|were|had))\b", re.I)


@dataclass(frozen=True)
class _Comparison:
    """A claim that one thing is more than another.

    Attributes:
        more: whether the first is said to be the greater.
        units: that the figures may have.
        counted: stems of what is counted; empty for a measure.
        shape: which length of a thing is compared; empty for anything else.
        first, second: whether a figure is of the one or the other.
        timed: whether one thing is compared at two times, and not two things.
        sides: stems of the words that tell the two things apart.
    """

    more: bool
    units: frozenset[str]
    counted: frozenset[str]
    first: Callable[[Place], bool]
    second: Callable[[Place], bool]
    shape: str = ""
    timed: bool = False
    sides: frozenset[str] = frozenset()


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
    return _compared(claim, asked, sentences, context) or _untold(asked, sentences)


def _untold(asked: _Comparison, sentences: Sequence[Sentence]) -> list[Finding]:
    """That a passage compares nothing, where its figures do not decide either."""
    if asked.timed or any(_COMPARES.search(sentence.text) for sentence in sentences):
        return []
    return [Finding("figure", "silent", note="compared with nothing", elsewhere=True)]


_COMPARES = re.compile(
    r"\b(?:than|more|less|fewer|most|least|as|only|both|while|whereas|but|unlike|against|compared|"
    r"twice|half|double|overt\w+|ahead|behind|beat\w*|lead|leads|led|exceed\w*|surpass\w*|outnumber"
    r"\w*|outstrip\w*|(?!other|after|over|under|ever|never|number|member|whether|rather|together)"
    r"[a-z]{3,}er|[a-z]{3,}est|difference|gap|majority|minority|second|third|rank\w*|record)\b",
    re.I,
)


def _compared(
    claim: str, asked: _Comparison, sentences: tuple[Sentence, ...], context: frozenset[str]
) -> list[Finding]:
    """The two figures that a passage tells of the two sides."""
    found = [each for each in figures_of(sentences, context) if _is_level(asked, *each)]
    sides = [[each for each in found if side(each[1])] for side in (asked.first, asked.second)]
    if any(len({figure.values for figure, _ in side}) != 1 for side in sides):
        return []
    (one, here), (other, there) = sides[0][0], sides[1][0]
    if one.values == other.values and here.sentence == there.sentence and one.start == other.start:
        return []
    if one.unit != other.unit or one.rate != other.rate or one.modifiers != other.modifiers:
        return []
    apart = {one.head, other.head} <= asked.sides  # `more women than men`
    if not (apart or one_thing(one, other)) or not _is_about(claim, here, there):
        return []
    if not _one_measure(claim, asked, sides[0][0], sides[1][0]):
        return []
    a, b = one.values[0], other.values[0]
    note = f"{one.phrase} against {other.phrase}"
    span = _quoted(here.sentence, there.sentence)
    if (a > b) == asked.more and a != b:
        return [Finding("figure", "same", *span, note, 1.0, worked_out=True)]
    return [Finding("figure", "differs", *span, note, 1.0, worked_out=True)]


def _quoted(here: Sentence, there: Sentence) -> tuple[int, int]:
    """What to quote: both sentences, where they stand near each other; else that of the first."""
    start, end = min(here.start, there.start), max(here.end, there.end)
    near = end - start <= _QUOTED or here == there
    return (start, end) if near else (here.start, here.end)


def _one_measure(
    claim: str, asked: _Comparison, one: tuple[Quantity, Place], other: tuple[Quantity, Place]
) -> bool:
    """Whether the words around both figures are the same, but for what the claim sets apart.

    The later may leave out what the earlier has said; one with a word more is of something else.
    """
    pair = sorted((one, other), key=lambda told: (told[1].sentence.start, told[0].start))
    together = one[1].sentence == other[1].sentence
    texts = [place.text if together else place.sentence.text for _, place in pair]
    if not asked.timed and not _of_one_time(one[0], texts):
        return False
    if one[0].unit in _TIMES and not all(map(_LASTS.search, texts if not together else texts[:1])):
        return False
    earlier, later = (
        _around(claim, text, told[0], timed=asked.timed) - asked.sides
        for text, told in zip(texts, pair, strict=True)
    )
    if asked.timed:
        parts = (match[1] for text in texts for match in _PART.finditer(text))
        if any((content_stems(part) - content_stems(claim)) & (earlier | later) for part in parts):
            return False
        if any(_is_of_a_kind(claim, text) for text in texts):
            return False
    if asked.counted & _PEOPLE and kin(earlier | later) - _INHABITANTS:
        return False  # people of whom more is told than that they live there
    leaves_out = together or bool(_TAKES_UP.search(texts[1]))
    return earlier == later or (leaves_out and later <= earlier)


def _is_of_a_kind(claim: str, text: str) -> bool:
    """Whether a word before one of the claim's narrows it: `wine exports` are not all exports."""
    ours = content_stems(claim)
    words = [match[0] for match in WORD.finditer(text)]
    return any(
        stem(word) in ours
        and before.isalpha()
        and not is_function_word(before)
        and stem(before) not in ours | _MERE
        for before, word in pairwise(words)
        if not date_mentions(word)
    )


def _of_one_time(figure: Quantity, texts: Sequence[str]) -> bool:
    """Whether two things are measured at one time: ages and temperatures only as they are."""
    if figure.unit == "age" and any(map(_AT_A_TIME.search, texts)):
        return False
    if figure.unit == "degree" and any(map(date_mentions, texts)):
        return False
    told = [{bool(match[1]) for match in _TENSES.finditer(text)} for text in texts]
    return not told[0] or not told[1] or told[0] == told[1]


def _around(claim: str, text: str, figure: Quantity, *, timed: bool) -> frozenset[str]:
    """What stands around a figure but for what the claim compares: its two names or times."""
    apart = date_mentions(text) if timed else []
    for date in sorted(apart, key=lambda date: date.start, reverse=True):
        text = f"{text[: date.start]} {text[date.end :]}"
    content = content_stems(text.replace(figure.phrase, " ", 1))
    return content - _MERE if timed else content - _MERE - own_names(claim)


def _is_about(claim: str, here: Place, there: Place) -> bool:
    """Whether both figures stand among the claim's words."""
    place = Place.joined([here, there])
    content = Subject.of(claim, date_mentions(claim))
    compared = kin(content_stems(" ".join(_COMPARATIVES))) | _COMPARING
    if content.words & _PEOPLE:
        compared |= _INHABITANTS
    subject = Subject(content.names, content.words - COUNTED_MOVES - compared)
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
    """`The Arle is longer than the Brin`, `more people live in Velm than in Tarm`: two that the
    claim tells apart, by name or else by all the words that only one of them has."""
    match = _THAN_NAMED.match(claim)
    counted = frozenset[str]()
    if match:
        how = _COMPARATIVES[match["how"]]
        more, units, shape = how not in _LESS, _OF_UNITS[how], _SHAPES.get(how, "")
        if how in _SIZES:
            counted = _PEOPLE
    elif match := _COUNTS_MORE.match(claim) or _MORE_IN.match(claim):
        more, units, shape = match["how"].lower() == "more", frozenset({"count"}), ""
        counted = kin(content_stems(match["what"]))
        counted |= _PEOPLE if counted & _PEOPLE else frozenset()
    elif match := _EXCEEDS.match(claim):
        more, units, shape = True, frozenset({"count", *_MONEY}), ""
    else:
        return None
    if quantities(claim) or _ANY_OTHER.search(match["other"]):
        return None
    if date_mentions(match["one"]) or date_mentions(match["other"]):
        return None  # one thing at two times
    told = match["one"], match["other"]
    if match.re is _COUNTS_MORE and match["other"].isalpha() and match["other"].islower():
        told, counted = (match["what"], match["other"]), frozenset()  # `more women than men`
    one, other = own_names(told[0]), own_names(told[1])
    named = bool(one - other and other - one)
    if not named:
        one, other = content_stems(told[0]), content_stems(told[1])
    one, other = one - other, other - one
    if not one or not other:
        return None

    def of(these: frozenset[str], those: frozenset[str]) -> Callable[[Place], bool]:
        def told(place: Place) -> bool:
            if named:
                here = _whose(place)
                return bool(these & here) and not those & here
            words = content_stems(place.text)
            return these <= words and not those & words

        return told

    return _Comparison(
        more, units, counted, of(one, other), of(other, one), shape, sides=one | other
    )


def _whose(place: Place) -> frozenset[str]:
    """The names that tell whose a figure is: of its clause; of what that is said of (`Tornio, with
    21,300 people`); else of the sentence."""
    if here := own_names(place.text):
        return here
    before, clause, _ = place.sentence.text.partition(place.text)
    said_of = _NAME_BEFORE.search(before) if clause and _SAID_OF.match(clause) else None
    return own_names(said_of[1]) if said_of else own_names(place.sentence.text)


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

    return _Comparison(more, units, counted, at(now, then), at(then, now), timed=True)


def _as_exact(told: DateMention, wanted: DateMention) -> bool:
    """Whether a date tells no shorter stretch than the one asked for."""
    parts = [(d.month, d.quarter, d.half, d.season, d.day) for d in (told, wanted)]
    return parts[0] == parts[1]
