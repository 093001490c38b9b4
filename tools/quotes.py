"""Quotations: finding them, and finding the same words in another text.

A quotation is checked word by word. Verbatim, trimmed (a part of it) and altered are
told apart; for an altered one the differing words are named, because one word can turn
a promise round (`We will not …`, `We will now …`).
"""

from __future__ import annotations

import itertools
import re
from dataclasses import dataclass
from typing import Literal

from rapidfuzz import fuzz

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
"""Least similarity (rapidfuzz, 0..100) of two wordings of one quotation. Set between the few
of the example library: two altered ones score 92 and 98, different ones at most 59, which
`tests/test_quotes.py` holds. That is thirteen quotations; no larger set was looked at."""
_NEAR = 70.0
"""The same for the place to look closer at."""
_MARGIN = 4
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
    near = fuzz.partial_ratio_alignment(" ".join(left), joined, score_cutoff=_NEAR)
    if near is None:
        return None
    # The window is exact to a few words; laying word along word finds its true edges.
    first = max(0, joined[: near.dest_start].count(" ") - _MARGIN)
    last = joined[: near.dest_end].count(" ") + _MARGIN
    there, right = theirs[first : last + 1], right[first : last + 1]
    runs = _runs(_aligned(left, right), left, right)
    runs = _untrimmed(runs, text, there)
    if all(run.equal for run in runs):
        return None  # only a part of the quotation, unaltered
    changed = [
        run for run in runs if not run.equal and not _conventional(run, quotation, text, there)
    ]
    cost = sum(max(len(run.ours), len(run.theirs)) for run in changed)
    if cost > max(1, _MOST_CHANGES * len(left)):
        return None
    places = [place for run in runs for place in run.theirs]
    wording = " ".join(left[place] for run in runs for place in run.ours)
    if fuzz.ratio(wording, " ".join(right[place] for place in places)) < _ALTERED:
        return None
    changes = tuple(
        (" ".join(ours[i] for i in run.ours), " ".join(there[j][0] for j in run.theirs))
        for run in changed
    )
    relation: Literal["verbatim", "altered"] = "altered" if changes else "verbatim"
    return QuoteMatch(relation, there[places[0]].start(), there[places[-1]].end(), changes)


_ADDED = re.compile(r"\[[^\]\n]*\]")
_OMITTED = re.compile(r"…|\.\.\.")


def _conventional(run: _Run, quotation: str, text: str, there: list[re.Match[str]]) -> bool:
    """Whether a difference is one that the conventions of quoting allow.

    Words that an editor added in brackets; words left out where the article says so (`…`); and
    a speaker named within the quotation, between its closing and its opening mark (`“We will
    sail,” she said, “every day.”`).
    """
    if not run.theirs:
        added = {place for m in _ADDED.finditer(quotation) for place in range(*m.span())}
        words = list(WORD.finditer(quotation))
        return all(words[place].start() in added for place in run.ours)
    if run.ours:
        return False
    first, last = there[run.theirs[0]], there[run.theirs[-1]]
    before = text[max(0, first.start() - 4) : first.start()]
    after = text[last.end() : last.end() + 4]
    closed = any(right in before for _, right in _MARKS)
    opened = any(left in after for left, _ in _MARKS)
    return (closed and opened) or bool(_OMITTED.search(quotation))


_CHANGE = 10_000
_Pair = tuple[int | None, int | None]


@dataclass(frozen=True)
class _Run:
    """Words of both texts that stand for each other: all equal, or none."""

    equal: bool
    ours: list[int]
    theirs: list[int]


def _aligned(left: list[str], right: list[str]) -> list[_Pair]:
    """The words of `left` laid along those of `right` with the fewest changes (Sellers 1980).

    What `right` has before and after costs nothing.

    Returns:
        (place in left, place in right), None for a word that the other does not have.
    """

    def laid(word: str, other: str) -> int:
        return -1 if word == other else _CHANGE  # of as many changes, more equal words win

    rows = [[0] * (len(right) + 1)]
    for word in left:
        row = [rows[-1][0] + _CHANGE]
        for j, other in enumerate(right):
            diagonal = rows[-1][j] + laid(word, other)
            row.append(min(diagonal, rows[-1][j + 1] + _CHANGE, row[-1] + _CHANGE))
        rows.append(row)
    i, j = len(left), min(range(len(right), -1, -1), key=rows[-1].__getitem__)
    pairs: list[_Pair] = []
    while i:
        if j and rows[i][j] == rows[i - 1][j - 1] + laid(left[i - 1], right[j - 1]):
            i, j = i - 1, j - 1
            pairs.append((i, j))
        elif rows[i][j] == rows[i - 1][j] + _CHANGE:
            i -= 1
            pairs.append((i, None))
        else:
            j -= 1
            pairs.append((None, j))
    return pairs[::-1]


def _runs(pairs: list[_Pair], left: list[str], right: list[str]) -> list[_Run]:
    runs = []
    for equal, group in itertools.groupby(
        pairs, key=lambda p: p[0] is not None and p[1] is not None and left[p[0]] == right[p[1]]
    ):
        members = list(group)
        ours = [i for i, _ in members if i is not None]
        runs.append(_Run(equal, ours, [j for _, j in members if j is not None]))
    return runs


def _untrimmed(runs: list[_Run], text: str, words: list[re.Match[str]]) -> list[_Run]:
    """Without the runs at either end that are trimming, not alteration.

    They are: words that the text does not have, and words that stand on the other side of its
    quotation mark: `Our ferry will sail` is trimmed in `said the “ferry will sail”`.
    """

    def trimmed(edge: _Run, inner: _Run) -> bool:
        if edge.equal or not edge.theirs or not inner.theirs:
            return not edge.equal
        a, b = sorted((edge, inner), key=lambda run: run.theirs[0])
        between = text[words[a.theirs[-1]].end() : words[b.theirs[0]].start()]
        return any(mark in between for pair in _MARKS for mark in pair if mark not in "‘’")

    if len(runs) > 1 and trimmed(runs[0], runs[1]):
        runs = runs[1:]
    if len(runs) > 1 and trimmed(runs[-1], runs[-2]):
        runs = runs[:-1]
    return runs


def _plain(word: str) -> str:
    return word.lower().replace("’", "'")
