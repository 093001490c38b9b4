"""Places in an order and results of contests: `third-largest`, `in fifth place`, `3–1`, `54 to 46`.

Neither is a quantity: a fifth place is not less than a third, and a 3–1 is two figures that only
mean something together.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from tools.numbers.numerals import SMALL_WORDS, small_number
from tools.text.words import stem

_ORDINALS = {
    word: place
    for place, words in enumerate(
        "first 1st|second 2nd|third 3rd|fourth 4th|fifth 5th|sixth 6th|seventh 7th|eighth 8th|"
        "ninth 9th|tenth 10th|eleventh 11th|twelfth 12th|thirteenth 13th|fourteenth 14th|"
        "fifteenth 15th|sixteenth 16th|seventeenth 17th|eighteenth 18th|nineteenth 19th|"
        "twentieth 20th".split("|"),
        start=1,
    )
    for word in words.split()
}
_ORDINAL = rf"(?P<ordinal>{'|'.join(_ORDINALS)})"
_SUPERLATIVE = re.compile(
    rf"\b(?:{_ORDINAL}[\s-]+)?(?P<what>"
    r"(?<!at )(?<!at the )(?:best|worst|most|least)(?:[\s-](?!of\b|in\b)[a-z]+)?|"
    r"(?!honest|forest|interest|harvest|request|protest|contest|invest|arrest|suggest|earnest|"
    r"tempest|modest|conquest|manifest|guest|quest|west|test|rest|nest|chest|midwest|north\w*|"
    r"latest|priest|digest|ingest|attest|detest|infest|molest|bequest|inquest|behest|earliest)"
    r"[a-z]{3,}est)\b",
    re.I,
)
# `Most notably, …`, and `Most cases …` at the beginning, which is a share.
_NO_PLACE = re.compile(r"(?i:most|least)[\s-][a-z]+ly$|Most\s[a-z]+$")
# `It was first lit in 1854`: when, and not which place. Nothing is `third built`.
_DONE = (
    r"(?!(?:place|rank)d\b)[a-z]{2,}ed|lit|built|seen|shown|held|sung|sold|made|found|put|set|told|"
    r"heard|known|taken|given|written|drawn|begun|worn|sent|cut|laid|used"
)
_PLACED = re.compile(
    rf"\b{_ORDINAL}[\s-](?:place|placed|position|rank|spot)\b"
    rf"|\b(?:came|come|comes|coming|finish(?:ed|es|ing)?|place[ds]?|rank(?:s|ed|ing)?|was|were|"
    rf"ended|lies|lying|stood|stands)\s+(?:up\s+)?(?:in\s+)?(?P<when>(?:a|the)\s+(?:season|race|year|"
    rf"campaign|championship|league|contest|table)\s+(?:in\s+)?)?(?:a\s+|the\s+)?"
    rf"{_ORDINAL.replace('ordinal', 'after')}\b"
    r"(?!\s+(?:time|day|week|year|half|quarter|of|to|and)\b)"
    rf"(?!\s+(?:{_DONE})\b)",
    re.I,
)
_PLACE = re.compile(r"[\s-](?:place|position|rank|spot)\b", re.I)
_DIGITS = re.compile(
    r"(?<![\w.,/:–-])(?P<a>\d{1,3})\s?[-–—]\s?(?P<b>\d{1,3})(?![\w%–:-]|[.,/]\d)(?P<next>\s+[a-z]+)?"
)
_AFTER_SCORE = re.compile(
    r"\s+(?:to|win|victory|lead|on|at|in|against|over|defeat|draw|loss|after|by|and|with|away|home|"
    r"for|from|thanks|the|a|when|before|vote)$"
)
_CONTEST = re.compile(
    r"\b(?:beat|beats|won|wins|win|lost|loses|defeat\w*|drew|draw|score\w*|led|match|game|final|"
    r"vote[sd]?|goals?|set|sets|leg|tie|result|against)\b",
    re.I,
)
# Bounded, since three runs of blanks with nothing between them take cubic time.
_VOTES = re.compile(
    rf"\b(?P<a>\d{{1,4}}|{SMALL_WORDS})"
    r"\s{0,3}(?:votes?|members?|delegates|seats|points|goals|runs|games)?"
    r"\s{0,3}(?:in favou?r|for(?: it)?|voted (?:for|in favou?r)(?: it)?|yes)?\s{0,3}"
    r"(?:(?:votes?\s+)?to|against|,? and|,|versus|;|while|with)\s{0,3}"
    rf"(?P<b>\d{{1,4}}|{SMALL_WORDS})\b"
    r"(?:\s{0,3}(?:votes?|points|goals|(?:voted |were )?against))?",
    re.I,
)
_VOTING = re.compile(r"\b(?:votes?|voted|in favou?r|against|points|goals)\b", re.I)


@dataclass(frozen=True)
class Rank:
    """A place in an order: `second-deepest` is 2 of `deepest`, `fifth place` 5 of `place`."""

    start: int
    end: int
    place: int
    order: str


@dataclass(frozen=True)
class Score:
    """The result of a contest or vote, the higher number first."""

    start: int
    end: int
    high: int
    low: int


@lru_cache(maxsize=4096)
def ranks(text: str) -> tuple[Rank, ...]:
    """The places of a sentence, in order."""
    found: list[Rank] = []
    for match in _SUPERLATIVE.finditer(text):
        if _NO_PLACE.match(match["what"]):
            continue
        place = _ORDINALS[match["ordinal"].lower()] if match["ordinal"] else 1
        order = " ".join(stem(word) for word in re.split(r"[\s-]+", match["what"].lower()))
        found.append(Rank(*match.span(), place, order))
    for match in _PLACED.finditer(text):
        word = match["ordinal"] or match["after"]
        start, end = match.span()
        if match["when"]:  # what was finished says what the place is of
            start = match.start("after")
            end = named.end() if (named := _PLACE.match(text, end)) else end
        if not any(r.start < end and start < r.end for r in found):
            found.append(Rank(start, end, _ORDINALS[word.lower()], "place"))
    return tuple(sorted(found, key=lambda rank: rank.start))


@lru_cache(maxsize=4096)
def scores(text: str) -> tuple[Score, ...]:
    """The results of contests and votes in a sentence, in order."""
    return tuple(sorted(_scores(text), key=lambda score: score.start))


def _scores(text: str) -> Iterator[Score]:
    contest = bool(_CONTEST.search(text))
    for match in _DIGITS.finditer(text):
        if contest and (not match["next"] or _AFTER_SCORE.match(match["next"])):
            yield _score(match.start(), match.end("b"), int(match["a"]), int(match["b"]))
    for match in _VOTES.finditer(text):
        if _VOTING.search(match[0]):
            a, b = small_number(match["a"]), small_number(match["b"])
            yield _score(match.start(), match.end(), a, b)


def _score(start: int, end: int, a: int, b: int) -> Score:
    return Score(start, end, max(a, b), min(a, b))
