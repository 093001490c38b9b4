"""Whether a sentence of a passage speaks of what the claim speaks of.

Names tell who is spoken of, the other content words what happened. A figure or a date that is
not the claim's contradicts it only where both texts are about the same thing.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

from agent.types import Compared
from tools.text.sentences import sentence_spans
from tools.text.words import content_stems, names

What = Compared
Relation = Literal["same", "differs", "silent"]
_SHARED_EVENT = 0.5
"""Least share of the claim's content without its names: on the calibration pairs, asking for it
raises the share of differing dates that are labelled conflicting from 0.64 to 0.73."""
_OPENING = 4
"""Words at the beginning of a sentence in which its subject is named."""
# Parts of names that tell nobody apart.
_COMMON_PARTS = frozenset(
    "line group bank company council university ministry agency authority party committee union "
    "institut club school hospit inc corp ltd plc ceo cfo coo mr mrs ms dr sir mayor presid minist "
    "prime secretari director chancellor senat chief execut north south east west new the".split()
)


_LONG, _VERY_LONG = 30, 60
"""Words from which a sentence in which words run into one another, or any, is taken for several."""
_GLUED = re.compile(r"[a-z0-9][A-Z][a-z]")


def is_run_on(text: str) -> bool:
    """Whether what passes for a sentence is several: the headlines, captions and bylines of a page
    where nobody put a stop. Two figures of it need not be of one thing."""
    words = len(text.split())
    return words > _VERY_LONG or (words > _LONG and len(_GLUED.findall(text)) > 1)


@lru_cache(maxsize=2048)
def sentences_of(passage: str) -> tuple[tuple[int, int], ...]:
    """Spans of the sentences of a passage; kept, since several rules and claims ask for them."""
    return tuple(sentence_spans(passage))


@dataclass(frozen=True)
class Finding:
    """One computed result.

    Attributes:
        what: what was compared.
        relation: whether the passage says the same, something else, or nothing.
        start, end: the sentence of the passage; 0, 0 where it is silent.
        note: what was compared, for people.
        subject_shared: how much of the rest of the claim stands around what was compared,
            0..1, by nearness; 0 where that was not measured.
        worked_out: whether the passage does not say it but it follows from two of its figures
            or dates by arithmetic.
        absent: whether the passage does not tell it at all, or a figure only of something else,
            so that it cannot support the claim.
        elsewhere: whether the passage tells it only of something that the words of both set apart;
            it cannot support the claim, but may still contradict it.
        reworded: whether a quotation that differs is only worded otherwise: no denial, figure,
            name or known opposite is among what differs.
        told: whether the passage tells this very figure of the same thing; asked of amounts,
            shares, measures and large numbers.
    """

    what: What
    relation: Relation
    start: int = 0
    end: int = 0
    note: str = ""
    subject_shared: float = 0.0
    worked_out: bool = False
    absent: bool = False
    elsewhere: bool = False
    told: bool = False
    reworded: bool = False


@dataclass(frozen=True)
class Sentence:
    """A sentence of the passage: its span there, and its text in plain reading."""

    start: int
    end: int
    text: str


# Who told it is not whom it is about: `…, the Health Office said on Tuesday`.
_ATTRIBUTED = re.compile(
    r",\s+(?:the\s+)?(?:[A-Z][\w’'-]*\s+){1,5}(?:said|says|reported|reports|announced|found|told|"
    r"estimates?|estimated)\b[^,.;]*(?=[.,;])|\b[Aa]ccording to\s+(?:the\s+)?(?:[A-Z][\w’'-]*\s*)+"
    r"|^[A-Z](?:[\w’'-]+\s+){1,5}(?:shows?|showed|say|says|said|found|finds?|suggests?|reveal(?:s|ed)?|"
    r"estimates?|estimated|reports?|reported|confirm(?:s|ed)?)\s+that\s+"
)


@lru_cache(maxsize=1024)  # it is asked of each figure of a sentence
def same_subject(claim: str, sentence: str) -> bool:
    """Whether a sentence may be about whom the claim is about, as far as names tell.

    Where both name somebody, they must share a name; where both begin with a name, the
    sentence must begin with one that the claim has too. A sentence without a name may be about
    anybody: `The company …`; but she is not he.
    """
    sentence = _ATTRIBUTED.sub(" ", sentence)
    her, him = _PERSON.match(claim), _PERSON.match(sentence)
    if her and him and her[1].lower() != him[1].lower():
        return False
    ours, theirs = own_names(claim), own_names(sentence)
    if ours and theirs and not ours & theirs:
        return False
    first, second = (own_names(_opening(text)) for text in (claim, sentence))
    return not first or not second or bool(first & second) or second <= ours


_PERSON = re.compile(r"\W*(?:(?:in|on|after|before|since|by)\b[^,]{1,30},\s+)?(she|he)\b", re.I)


def own_names(text: str) -> frozenset[str]:
    return names(text) - _COMMON_PARTS


# Words that tell two places of one name apart.
_SIDES = (
    "north south east west northern southern eastern western upper lower new old great little "
    "inner outer greater lesser"
).split()
_SIDED = re.compile(rf"\b({'|'.join(side.capitalize() for side in _SIDES)}) ([A-Z][\w’-]+)")


def twin_named(claim: str, text: str) -> bool:
    """Whether a text names the twin of a place of the claim (`Upper Sarn`, `Lower Sarn`) and not
    that place itself."""
    ours = set(_SIDED.findall(claim))
    theirs = set(_SIDED.findall(text))
    known = {place for _, place in ours & theirs}
    return any(
        place == other and side != which and place not in known
        for side, place in ours
        for which, other in theirs
    )


def _opening(text: str) -> str:
    """The first words of a text, with the whole of a name that they break off in."""
    words = text.split()
    end = _OPENING
    while end < len(words) and words[end - 1][:1].isupper() and words[end][:1].isupper():
        end += 1
    return " ".join(words[:end])


def same_event(subject: frozenset[str], claim: str, sentence: str) -> bool:
    """Whether a sentence shares with the claim more than the names of those concerned."""
    event = subject - names(claim)
    return not event or share(event, sentence) >= _SHARED_EVENT


def share(subject: frozenset[str], sentence: str) -> float:
    return len(subject & content_stems(sentence)) / max(len(subject), 1)
