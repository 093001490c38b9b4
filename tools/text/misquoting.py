"""A quotation in other words: what of it another text has differently.

One word can turn a promise round (`We will not …`, `We will now …`), so what differs is named.
What the conventions of quoting allow is no alteration: contractions, fillers, `she said` in
between, words in brackets.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from typing import Literal

from rapidfuzz import fuzz

from tools.text.quotes import MARKS, MIN_WORDS, QuoteMatch, quotations
from tools.text.rewording import Run, aligned, runs_of
from tools.text.spelling import PlainWord, plain_words

_ALTERED = 82.0
"""Least similarity (rapidfuzz, 0..100) of two wordings of one quotation. Set between the few
of the example library: two altered ones score 92 and 98, different ones at most 59, which
`tests/test_quotes.py` holds. That is thirteen quotations; no larger set was looked at."""
_NEAR = 70.0
"""The same for the place to look closer at."""
_MARGIN = 4
_MOST_CHANGES = 0.25
_ADDED = re.compile(r"\[[^\]\n]*\]|\([A-Z][^()\n]{2,40}\)")
"""What an editor put into a quotation, or in place of its words: `[sic]`, `(Northern Front)`."""
_CLOSES = re.compile(r"[”\"“»」’']")
_OPENS = re.compile(r"[“\"„«「‘']$")
# What a speaker says without saying anything, and `that`, which may stand or not.
_FILLERS = frozenset(
    "well|um|uh|er|erm|ah|oh|look|you know|i mean|frankly|honestly|of course|so|and|that|you see|"
    "well you know|well look|and so|basically|actually|to be honest".split("|")
)
_MAGNITUDES = {"m": "million", "mn": "million", "bn": "billion", "tn": "trillion"}
_MAGNITUDE = re.compile(r"(?<=\d)(?:mn?|bn|tn)$")
_LIGHT = frozenset("a an the this that these those and just".split())
"""Words that of two reporters one writes down and the other leaves out; the sense stays."""


def altered(quotation: str, text: str, words: Sequence[PlainWord]) -> QuoteMatch | None:
    """The place of a text that has most of the words of a quotation, with those that differ.

    Args:
        quotation: the words, without marks.
        text: where to look.
        words: of the text, those to look among.

    Returns:
        None where less than three quarters stand there, or only a part, unaltered; verbatim where
        all that differs is what the conventions of quoting allow.
    """
    ours = plain_words(quotation)
    if len(words) < MIN_WORDS:
        return None
    left, right = [word.plain for word in ours], [word.plain for word in words]
    joined = " ".join(right)
    near = fuzz.partial_ratio_alignment(" ".join(left), joined, score_cutoff=_NEAR)
    if near is None:
        return None
    # The window is exact to a few words; laying word along word finds its true edges.
    first = max(0, joined[: near.dest_start].count(" ") - _MARGIN)
    last = joined[: near.dest_end].count(" ") + _MARGIN
    there, right = words[first : last + 1], right[first : last + 1]
    runs = runs_of(aligned(left, right), left, right)
    runs = _untrimmed(runs, text, there)
    if all(run.equal for run in runs):
        return None  # only a part of the quotation, unaltered
    added = [range(*match.span()) for match in _ADDED.finditer(quotation)]
    bracketed = {i for i, word in enumerate(ours) if any(word.start in span for span in added)}
    changed = [
        run for run in runs
        if not run.equal and not _conventional(run, left, right, bracketed, text, there)
    ]  # fmt: skip
    if changed and not (changed := _as_quoted(changed, runs, text, there)):
        return None  # what the text puts in quotation marks is unaltered, the rest retold
    cost = sum(max(len(run.ours), len(run.theirs)) for run in changed)
    if cost > max(1, _MOST_CHANGES * len(left)):
        return None
    places = [place for run in runs for place in run.theirs]
    wording = " ".join(left[place] for run in runs for place in run.ours)
    if changed and fuzz.ratio(wording, " ".join(right[place] for place in places)) < _ALTERED:
        return None
    changes = tuple(
        (
            _shown([(ours[i].start, ours[i].end) for i in run.ours], quotation),
            _shown([(there[j].start, there[j].end) for j in run.theirs], text),
        )
        for run in changed
    )
    relation: Literal["verbatim", "altered"] = "altered" if changes else "verbatim"
    return QuoteMatch(relation, there[places[0]].start, there[places[-1]].end, changes)


def _shown(spans: list[tuple[int, int]], text: str) -> str:
    """Words as they are written; a contraction, which is compared as two words, once."""
    return " ".join(text[start:end] for start, end in dict.fromkeys(spans))


def _conventional(
    run: Run,
    left: list[str],
    right: list[str],
    bracketed: set[int],
    text: str,
    there: Sequence[PlainWord],
) -> bool:
    """Whether a difference is one that the conventions of quoting allow.

    Words that an editor put in brackets, in addition or for a pronoun; fillers; a word written
    as one or as two; and a speaker named within the quotation, between its closing and its
    opening mark (`“We will sail,” she said, “every day.”`).
    """
    ours, theirs = [left[i] for i in run.ours], [right[j] for j in run.theirs]
    if run.ours and all(place in bracketed for place in run.ours):
        return len(theirs) <= 3 and not {"not", "no", "never"} & set(theirs)
    if _letters(ours) == _letters(theirs):
        return True
    if theirs and len(ours) <= 3 and _in_brackets([there[j] for j in run.theirs], text):
        name = text[there[run.theirs[0]].start].isupper()
        return (name or not ours) and not {"not", "no", "never"} & {*ours, *theirs}
    if {*ours, *theirs} <= _LIGHT:
        return True
    if not ours or not theirs:
        if " ".join(ours or theirs) in _FILLERS:
            return True
        if ours:
            return False
        first, last = there[run.theirs[0]], there[run.theirs[-1]]
        before = text[max(0, first.start - 4) : first.start]
        after = text[last.end : last.end + 4]
        return bool(_CLOSES.search(before)) and bool(_OPENS.search(after.rstrip()))
    return False


def _as_quoted(
    changed: list[Run], runs: list[Run], text: str, there: Sequence[PlainWord]
) -> list[Run]:
    """The changes within what a text puts in quotation marks; all, where it marks nothing there.

    `She said that, as long as it rained, “our boats stay in port”` retells the first half, so
    only a change of the second alters her words.
    """
    marked = [(quote.start, quote.end) for quote in quotations(text, min_words=1)]

    def mark(place: int) -> int | None:
        start = there[place].start
        return next((number for number, (a, b) in enumerate(marked) if a <= start < b), None)

    kept = sum(mark(place) is not None for run in runs if run.equal for place in run.theirs)
    least = min(MIN_WORDS, len([place for run in runs for place in run.theirs]) // 2 + 1)
    if kept < least or len({mark(place) for run in runs for place in run.theirs}) == 1:
        return changed
    found = []
    for number, run in enumerate(runs):
        # Words left out stand between their neighbours.
        before = [left.theirs[-1] for left in runs[:number][-1:] if left.theirs]
        after = [right.theirs[0] for right in runs[number + 1 :][:1] if right.theirs]
        around = {mark(place) for place in (run.theirs or [*before, *after])}
        if run in changed and len(around) == 1 and None not in around:
            found.append(run)
    return found


def _in_brackets(words: Sequence[PlainWord], text: str) -> bool:
    """Whether the source's editor put the words in: `taking [sic] advantage`."""
    added = [range(*match.span()) for match in _ADDED.finditer(text)]
    return all(any(word.start in span for span in added) for word in words)


def _letters(words: list[str]) -> str:
    """Words without what some write and some do not: dots, blanks, accents (`U.S.`, `3bn`)."""
    plain = unicodedata.normalize("NFKD", "".join(words))
    plain = "".join(sign for sign in plain if sign != "." and not unicodedata.combining(sign))
    return _MAGNITUDE.sub(lambda match: _MAGNITUDES[match[0]], plain)


def _untrimmed(runs: list[Run], text: str, words: Sequence[PlainWord]) -> list[Run]:
    """Without the runs at either end that are trimming, not alteration.

    They are: words that the text does not have, and words that stand on the other side of its
    quotation mark: `Our ferry will sail` is trimmed in `said the “ferry will sail”`.
    """

    def trimmed(edge: Run, inner: Run) -> bool:
        if edge.equal or not edge.theirs or not inner.theirs:
            return not edge.equal
        a, b = sorted((edge, inner), key=lambda run: run.theirs[0])
        between = text[words[a.theirs[-1]].end : words[b.theirs[0]].start]
        return any(mark in between for pair in MARKS for mark in pair if mark not in "‘’")

    if len(runs) > 1 and trimmed(runs[0], runs[1]):
        runs = runs[1:]
    if len(runs) > 1 and trimmed(runs[-1], runs[-2]):
        runs = runs[:-1]
    return runs
