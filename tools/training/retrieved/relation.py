"""What a passage shares with a claim that it leaves open, told by words, names and figures.

`shared` names the kind: `same_subject`, `similar_name`, `other_subject` (the attribute without
the subject), `other_year`, `topic`; or says that the passage may decide the claim after all.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

from tools.text.words import WORD, content_stems, names, stem
from tools.times.dates import date_mentions

Kind = Literal["same_subject", "similar_name", "other_subject", "other_year", "topic"]
_COPY = 0.5
"""Share of the shorter text's word 3-grams from which two texts say the same."""


@dataclass(frozen=True)
class Parts:
    """What a claim names, and what it says.

    Attributes:
        subject: stems of its first name, in order; empty where it names nothing.
        names: stems of all its names.
        figures: words with a digit.
        others: stems of its other content words.
    """

    subject: tuple[str, ...]
    names: frozenset[str]
    figures: frozenset[str]
    others: frozenset[str]


@lru_cache(maxsize=65536)
def parts_of(claim: str) -> Parts:
    """A claim in parts; its subject is taken to be the first name in it."""
    named = names(claim)
    subject: list[str] = []
    for match in WORD.finditer(claim):
        # `Burr's final year`: the name is without its ending.
        word = stem(re.sub(r"[’']s$", "", match[0]).lower())
        if word in named and match[0][0].isupper():
            subject.append(word)
        elif subject:
            break
    content = content_stems(claim)
    figures = frozenset(word for word in content if any(c.isdigit() for c in word))
    return Parts(tuple(subject), named, figures, content - named - figures)


_NAMED_YEAR = re.compile(r"\b((?:18|19|20)\d\d)(?:[–-]\d\d)? ((?:[A-Z][\w’'-]+ ?){1,4})")


def _years(text: str) -> frozenset[int]:
    return frozenset(mention.year for mention in date_mentions(text) if mention.year)


def _same_event_other_year(claim: str, passage: str) -> bool:
    """`the 2008 Summer Olympics` in the claim, `the 2012 Summer Olympics` in the passage."""
    ours = {match[2].strip() for match in _NAMED_YEAR.finditer(claim)}
    if not ours or not any(m[2].strip() in ours for m in _NAMED_YEAR.finditer(passage)):
        return False
    return not _years(claim) & _years(passage)


def shared(claim: str, passage: str) -> Kind | None:
    """What a passage shares with a claim that it leaves open; None where it may decide it.

    It may decide it if it has the claim's subject and half of what is said of it; or the
    larger part of all its words, names no matter; or, without naming anybody (`He was born
    …`), half of what the claim says.
    """
    parts = parts_of(claim)
    words = _words(passage)
    if not parts.others:
        return None
    said = len(parts.others & words) / len(parts.others)
    whole = parts.others | parts.names | parts.figures
    covered = len(whole & words) / len(whole)
    if _same_event_other_year(claim, passage):
        return "other_year"
    if covered >= _MAY_COVER and parts.names <= words:
        return None
    if not parts.subject:
        return None if covered >= _MAY_SAY else "topic"
    named = _names(passage)
    there = [word for word in parts.subject if word in named]
    if not named:
        return None if said >= _MAY_SAY else "topic"
    if len(there) == len(parts.subject):
        return None if said >= _MAY_SAY else "same_subject"
    if there:
        is_other = _other_full_name(parts.subject, passage)
        return "similar_name" if is_other or said < _MAY_SAY else None
    return "other_subject" if said >= _MAY_SAY else "topic"


_MAY_COVER = 0.6
_MAY_SAY = 0.5


def _other_full_name(subject: Sequence[str], passage: str) -> bool:
    """Whether a word of the subject's name only stands in longer names of something else.

    `Aaron Copland` is not `Aaron Burr`; `Aaron` alone may be.
    """
    found = [stem(re.sub(r"[’']s$", "", match[0]).lower()) for match in WORD.finditer(passage)]
    capital = [match[0][0].isupper() for match in WORD.finditer(passage)]
    for place, word in enumerate(found):
        if word not in subject or not capital[place]:
            continue
        around = [place + 1] if word == subject[0] else [place - 1]
        # A surname has a given name before it, a given name a surname behind it.
        if not any(0 <= i < len(found) and capital[i] and found[i] not in subject for i in around):
            return False
    return True


# A passage of the pool is met by many claims: these caches hold all of a pool.
_words = lru_cache(maxsize=65536)(content_stems.__wrapped__)
_names = lru_cache(maxsize=65536)(names.__wrapped__)


@lru_cache(maxsize=65536)
def _shingles(text: str) -> frozenset[int]:
    words = [match[0].lower() for match in WORD.finditer(text)]
    return frozenset(hash(tuple(words[i : i + 3])) for i in range(max(1, len(words) - 2)))


def is_near_copy(a: str, b: str) -> bool:
    """Whether half of the shorter text's word 3-grams stand in the other."""
    left, right = _shingles(a), _shingles(b)
    return len(left & right) >= _COPY * min(len(left), len(right))
