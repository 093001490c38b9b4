"""Quotations of a text: where they stand, and what matching one with another text says.

The words of one are looked for in another text by `tools.text.quote_matching`.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from dataclasses import dataclass
from typing import Literal

from tools.text.words import WORD, is_function_word

MARKS = [("“", "”"), ('"', '"'), ("„", "“"), ("«", "»"), ("「", "」"), ("‘", "’")]
"""Pairs of marks: English curly and straight, German, French, Chinese/Japanese, single."""


def _between(left: str, right: str) -> re.Pattern[str]:
    """What stands between two marks; of two equal ones the white space tells which opens."""
    first, last = (r"(?=\S)", r"(?<=\S)") if left == right else ("", "")
    inner = rf"([^{re.escape(left + right)}\n]{{2,600}})"
    return re.compile(rf"{re.escape(left)}{first}{inner}{last}{re.escape(right)}")


_QUOTED = [_between(left, right) for left, right in MARKS[:-1]]
# Single quotes open after white space and close before it, or they are apostrophes.
_QUOTED += [
    re.compile(r"(?<![\w])‘([^‘\n]{12,600}?)’(?![\w])"),
    # An apostrophe within is followed by a letter, so the first that is not closes.
    re.compile(r"(?<![\w'])'(?=\w)([^'\n]{6}(?:[^'\n]|'\w){0,594}?[^\s'])'(?![\w'])"),
]
# Opened straight and closed curly, or the other way round, by two hands.
_QUOTED += [
    re.compile(r'"(?=\S)([^"“”\n]{2,600})”'),
    re.compile(r'“([^"“”\n]{2,600})(?<=\S)"'),
]
_OPENING = re.compile(f"[{''.join(left for left, _ in MARKS)}']")
MIN_WORDS = 4
"""Shorter quotations (`“agentic”`) may be terms or scare quotes; the words are looked for, but only
within the marks of the other text."""
_TITLE_SHARE = 0.8
"""Share of the content words of a title that are capitalised: `Brown v. Board of Education`."""


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
        cut: for words that stand there, the words beside them without which they say something
            else; empty where the cut is fair.
    """

    relation: Literal["verbatim", "altered"]
    start: int
    end: int
    changes: tuple[tuple[str, str], ...] = ()
    cut: str = ""

    @property
    def note(self) -> str:
        """`“not” in the article, “now” in the source`."""
        if self.relation == "verbatim":
            return "the quotation stands in the source word for word"
        if self.cut:
            return f"the article leaves out “{self.cut}”"
        return "; ".join(
            f"“{ours or '…'}” in the article, “{theirs or '…'}” in the source"
            for ours, theirs in self.changes
        )


def quotations(text: str, *, min_words: int = MIN_WORDS) -> list[Quotation]:
    """The quotations of a text that have at least `min_words` words, in order."""
    found: list[Quotation] = []
    if not _OPENING.search(text):
        return found  # most sentences quote nobody
    for pattern in _QUOTED:
        # Those found so far lie apart and in order: the last that begins before is the nearest.
        starts = [quotation.start for quotation in found]
        added = []
        for match in pattern.finditer(text):
            start, end = match.span(1)
            before = bisect_left(starts, end)
            if before and found[before - 1].end > start:
                continue
            if len(WORD.findall(match[1])) >= min_words:
                added.append(Quotation(start, end, match[1]))
        found = sorted(found + added, key=lambda quotation: quotation.start)
    return found


def is_title(quotation: str) -> bool:
    """Whether words in marks are a name (`“A Winter without Snow”`): all but its function words
    are capitalised, and it ends without a stop."""
    words = [m[0] for m in WORD.finditer(quotation) if not is_function_word(m[0])]
    capital = sum(not word[0].islower() for word in words)
    return quotation[-1] not in ".!?;:…" and len(words) > 1 and capital >= _TITLE_SHARE * len(words)
