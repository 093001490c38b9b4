"""Quotations: finding them, and finding the same words in another text.

A quotation is checked word by word. Verbatim, trimmed (a part of it) and altered are
told apart; for an altered one the differing words are named, because one word can turn
a promise round (`We will not …`, `We will now …`).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

from rapidfuzz import fuzz
from rapidfuzz.distance import Levenshtein

from tools.words import WORD

# Pairs of marks: English curly and straight, German, French, Chinese/Japanese.
_MARKS = [("“", "”"), ('"', '"'), ("„", "“"), ("«", "»"), ("「", "」"), ("‘", "’")]
_QUOTED = [
    re.compile(rf"{re.escape(left)}([^{re.escape(left + right)}\n]{{2,600}}){re.escape(right)}")
    for left, right in _MARKS[:-1]
]
# Single quotes open after white space and close before it, or they are apostrophes.
_QUOTED.append(re.compile(r"(?<![\w])‘([^‘\n]{12,600}?)’(?![\w])"))
MIN_WORDS = 4
"""Shorter quotations (`“agentic”`) are terms or scare quotes; they are not checked."""
_ALTERED = 82.0
"""Least similarity (rapidfuzz, 0..100) of two wordings of one quotation. On the example
library, altered quotations score 93 and more, different ones of one speaker 60 and less."""
_MOST_CHANGES = 0.25


@dataclass(frozen=True)
class Quotation:
    """A quotation in a text; the span is without its marks."""

    start: int
    end: int
    text: str


@dataclass(frozen=True)
class QuoteMatch:
    """The words of a quotation in another text.

    Attributes:
        relation: `verbatim` or `altered`.
        start, end: where the other text has them.
        changes: (ours, theirs) for each altered run of words; empty strings for words
            that only one of the two has.
    """

    relation: Literal["verbatim", "altered"]
    start: int
    end: int
    changes: tuple[tuple[str, str], ...] = ()

    @property
    def note(self) -> str:
        """`“not” in the article, “now” in the source`."""
        if self.relation == "verbatim":
            return "the quotation stands in the source word for word"
        return "; ".join(
            f"“{ours or '…'}” in the article, “{theirs or '…'}” in the source"
            for ours, theirs in self.changes
        )


def quotations(text: str) -> list[Quotation]:
    """The quotations of a text that are long enough to be checked, in order."""
    found: list[Quotation] = []
    for pattern in _QUOTED:
        for match in pattern.finditer(text):
            span = match.span(1)
            if any(q.start < span[1] and span[0] < q.end for q in found):
                continue
            if len(WORD.findall(match[1])) >= MIN_WORDS:
                found.append(Quotation(*span, match[1]))
    return sorted(found, key=lambda quotation: quotation.start)


def find_quote(quotation: str, text: str) -> QuoteMatch | None:
    """Finds the words of a quotation in a text, verbatim or altered.

    Case, marks and white space are no alterations. The sign of an altered quotation is
    that most of it stands there word for word; at most a quarter of the words differ.

    Returns:
        None when the text does not have it.
    """
    ours = [match[0] for match in WORD.finditer(quotation)]
    theirs = list(WORD.finditer(text))
    if len(ours) < MIN_WORDS or len(theirs) < MIN_WORDS:
        return None
    left = [_plain(word) for word in ours]
    right = [_plain(match[0]) for match in theirs]
    for place in range(len(right) - len(left) + 1):
        if right[place : place + len(left)] == left:
            return QuoteMatch(
                "verbatim", theirs[place].start(), theirs[place + len(left) - 1].end()
            )
    joined = " ".join(right)
    best = fuzz.partial_ratio_alignment(" ".join(left), joined, score_cutoff=_ALTERED)
    if best is None or len(left) > len(right) + 2:
        return None
    first = joined[: best.dest_start].count(" ")
    last = min(joined[: max(best.dest_end - 1, 0)].count(" "), len(right) - 1)
    changes, cost = _changes(left, right[first : last + 1])
    if not changes or cost > max(1, _MOST_CHANGES * len(left)):
        return None
    shown = tuple(
        (" ".join(ours[a:b]), " ".join(m[0] for m in theirs[first + c : first + d]))
        for a, b, c, d in changes
    )
    return QuoteMatch("altered", theirs[first].start(), theirs[last].end(), shown)


def _changes(left: list[str], right: list[str]) -> tuple[list[tuple[int, int, int, int]], int]:
    """Runs of words that differ, as word spans, and how many words that is.

    Words missing at either end are trimming, not alteration.
    """
    runs, cost = [], 0
    for op in Levenshtein.opcodes(left, right):
        if op.tag == "equal":
            continue
        only_at_edge = op.tag in ("insert", "delete") and (
            op.src_start in (0, len(left)) or op.src_end in (0, len(left))
        )
        if only_at_edge:
            continue
        runs.append((op.src_start, op.src_end, op.dest_start, op.dest_end))
        cost += max(op.src_end - op.src_start, op.dest_end - op.dest_start)
    return runs, cost


def _plain(word: str) -> str:
    return word.lower().replace("’", "'")
