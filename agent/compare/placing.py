"""Where something of a passage stands: how much of a claim's words are around it.

A figure or a date has no measure of its own; the words beside it tell what it is of. Those of its
clause count most, those that stand beside another figure of the sentence least. Names count half:
a passage tells once whom it is about.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from agent.compare.subjects import Sentence, own_names, same_subject, twin_named
from tools.numbers.contrasts import set_apart
from tools.numbers.hedges import HEDGING
from tools.numbers.measures import first_clause, kin, last_clause
from tools.text.words import content_stems, names
from tools.times.dates import date_mentions, periods_agree

_MOST = 60
"""Figures of a sentence that are placed; more stand in no sentence but a table."""
_CLAUSE, _SENTENCE, _BESIDE_ANOTHER, _PASSAGE = 1.0, 0.9, 0.6, 0.6
"""What a word of the claim counts for, by where the nearest one like it stands."""
# A time that something is only compared with is not when it happened.
_COMPARED = re.compile(
    r"\b(?:than|compared (?:with|to)|against|up from|down from)\s+(?:in\s+|that of\s+)?"
    r"(?:[\w-]+\s+){0,2}?(?:1[5-9]|20)\d\d\b",
    re.I,
)
_CONTRAST = re.compile(
    r";|\b(?:while|whereas|but|although|(?:before|after)(?!\s+(?:tax|deductions))|until|when)\b",
    re.I,
)
_PART_OF = re.compile(r"\s*(?:out )?of (?:(?:the|its|their|these|all|his|her|our)\s+)*", re.I)
_GOES_ON = re.compile(r"\s*(?:It|They|He|She|This|That|These|Its|Their|His|Her)\b")
# `Among all towns it came second`: of whom is told before, of what is not.
_COMES_BACK = re.compile(
    r"\s*(?:Among|In|At|On|After|By|For|Over|With|Of)\s[^.;,]{0,70}\s(?:it|they|he|she)\s"
)
# `Its nucleus is elongated; depending on the axis, its diameter …`: it is told of before.
_OF_IT = re.compile(r"\W*(?:[a-z][^,;]{2,40},\s)?(?:its|their|it|they)\s")
_NAME = 0.5
"""What a name weighs beside another word."""
_HEDGING = content_stems(HEDGING)
"""Words that say how exact a figure is, and nothing of what it is of."""
_PEOPLE = content_stems("women men children people girls boys")
"""Words that open a sentence as a name does."""


class Span(Protocol):
    """A part of a text."""

    @property
    def start(self) -> int: ...
    @property
    def end(self) -> int: ...


@dataclass(frozen=True)
class Subject:
    """What a claim says beside its figures and dates: stems of names and of other words."""

    names: frozenset[str]
    words: frozenset[str]

    @classmethod
    def of(cls, claim: str, apart: Sequence[Span]) -> Subject:
        """The subject of a claim, without the spans `apart`."""
        text = claim
        for part in sorted(apart, key=lambda part: part.start, reverse=True):
            text = f"{text[: part.start]} {text[part.end :]}"
        content = content_stems(text) - _HEDGING
        named = names(claim) & content - _PEOPLE
        return cls(kin(named), kin(content - named))


@dataclass(frozen=True)
class Place:
    """What stands around something in a passage, as content stems.

    Attributes:
        sentence: where it stands.
        clause: of its own clause.
        near: of its sentence.
        beside: of the clauses of other figures in that sentence.
        far: of the passage and what is known of its source.
        text: the clause itself.
        others: the text of the other clauses.
        told: the sentence before, where this one goes on with its subject (`He …`).
        dated: the last sentence with a date, where this one has none.
    """

    sentence: Sentence
    clause: frozenset[str]
    near: frozenset[str]
    beside: frozenset[str] = frozenset()
    far: frozenset[str] = frozenset()
    text: str = ""
    others: str = ""
    told: str = ""
    dated: str = ""

    def of_claim(self, claim: str) -> bool:
        """Whether the clause may speak of the claim's people, places and time.

        It does not where it names another one while the claim's stands in a clause beside it:
        `7.5 per cent in Rauma and 5.1 per cent in Ketter` tells of two towns.
        """
        sentence = _COMPARED.sub(" ", self.sentence.text)
        if twin_named(claim, self.text) or set_apart(claim, self.text):
            return False
        if not periods_agree(claim, sentence) or not same_subject(claim, self.told + sentence):
            return False
        ours, here, there = own_names(claim), own_names(self.text), own_names(self.others)
        if ours and here and not ours & here and ours & there:
            return False
        apart = (ours & there) - here
        if apart and here - ours and not (ours & here) - there:
            return False
        return not date_mentions(self.text) or periods_agree(claim, _COMPARED.sub(" ", self.text))

    def told_here(self, subject: Subject) -> float:
        """Share of the claim's words other than names that stand in the sentence, 0..1."""
        words = subject.words
        return len(words & self.near) / len(words) if words else 1.0

    def shared(self, subject: Subject) -> float:
        """Share of a claim's subject that stands here, 0..1, weighted by nearness.

        A claim without a subject (`It was 40 per cent`) is half shared by every place.
        """
        weight = len(subject.words) + _NAME * len(subject.names)
        if not weight:
            return 0.5
        counts = [self._counts(word) for word in subject.words]
        counts += [_NAME * self._counts(word) for word in subject.names]
        # Rounded once, so that the order of the words, which no two processes share, is no matter.
        return math.fsum(counts) / weight

    def _counts(self, word: str) -> float:
        if word in self.clause:
            return _CLAUSE
        if word in self.near:
            return _BESIDE_ANOTHER if word in self.beside else _SENTENCE
        return _PASSAGE if word in self.far else 0.0

    @classmethod
    def around(
        cls, sentence: Sentence, start: int, end: int, far: frozenset[str] = frozenset()
    ) -> Place:
        """The place of a span of a sentence, in its clause."""
        before, after = last_clause(sentence.text[:start]), first_clause(sentence.text[end:])
        clause = kin(content_stems(f"{before} {after}"))
        return cls(sentence, clause, kin(content_stems(sentence.text)), frozenset(), far)

    @classmethod
    def joined(cls, parts: Sequence[Place]) -> Place:
        """The place of what follows from several; its sentence is that of the last."""
        return cls(
            parts[-1].sentence,
            frozenset().union(*(part.clause for part in parts)),
            frozenset().union(*(part.near for part in parts)),
            frozenset(),
            frozenset().union(*(part.far for part in parts)),
        )


def places(
    sentence: Sentence,
    spans: Sequence[Span],
    context: frozenset[str],
    told: str = "",
) -> list[Place]:
    """The place of each of the figures of a sentence.

    Args:
        sentence: a sentence of the passage.
        spans: its figures, in order.
        context: content stems of the passage and of what is known of its source.
        told: the sentence before; `It covers …` goes on with its subject.
    """
    goes_on = bool(_GOES_ON.match(sentence.text))
    told = f"{told} " if told and (goes_on or _COMES_BACK.match(sentence.text)) else ""
    before = kin(content_stems(told)) if goes_on else frozenset()
    text, far = sentence.text, kin(context)
    texts = []
    for index, part in enumerate(spans):
        left = spans[index - 1].end if index else 0
        right = spans[index + 1].start if index + 1 < len(spans) else len(text)
        left_of = last_clause(text[left : part.start])
        right_of = first_clause(text[part.end : right])
        if index + 1 < len(spans) and _PART_OF.fullmatch(text[part.end : right]):
            # What is said after "two of the six plants" is said of the two.
            end = spans[index + 2].start if index + 2 < len(spans) else len(text)
            right_of = text[part.end : right] + first_clause(text[right:end])
        texts.append(f"{left_of}{text[part.start : part.end]}{right_of}")
    clauses = [kin(content_stems(clause)) for clause in texts]
    often = Counter(word for clause in clauses for word in clause)
    found = []
    for index, part in enumerate(spans):
        low, high = _segment(text, part.start, part.end)
        if low and _OF_IT.match(text, low):
            low = 0
        found.append(
            Place(
                sentence,
                clauses[index],
                kin(content_stems(text[low:high])) | before,
                frozenset(w for w, n in often.items() if n > (w in clauses[index])),
                far | kin(content_stems(text)),
                texts[index],
                " ; ".join(clause for i, clause in enumerate(texts) if i != index),
                told,
            )
        )
    return found


def _segment(text: str, start: int, end: int) -> tuple[int, int]:
    """The part of a sentence between semicolons and contrasting conjunctions."""
    cuts = [match.span() for match in _CONTRAST.finditer(text)]
    low = max((stop for _, stop in cuts if stop <= start), default=0)
    high = min((begin for begin, _ in cuts if begin >= end), default=len(text))
    return low, high
