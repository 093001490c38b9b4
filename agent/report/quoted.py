"""Which words of a quotation were altered, in the article and in the source."""

from __future__ import annotations

import re
from dataclasses import dataclass
from difflib import SequenceMatcher

from agent.types import CheckedClaim, Evidence
from tools.text.quote_matching import find_quote
from tools.text.quotes import quotations

_WORD = re.compile(r"\w+(?:[’'\-]\w+)*")
_ALIKE = 0.5
"""Least share of words in common for two quotations to be versions of one."""

Pieces = list[tuple[str, bool]]
"""A text in pieces; True marks altered words."""


@dataclass(frozen=True)
class Alteration:
    """One quotation in two versions."""

    article: Pieces
    """What the article has between its quotation marks."""
    source: Pieces
    """The whole of the evidence's quote."""


def alteration(claim: CheckedClaim, item: Evidence) -> Alteration | None:
    """The words that differ between the claim's quotation and the one in the evidence.

    Returns:
        None where the evidence is of something else, or holds no version of the quotation.
    """
    if item.compared != "quotation" or item.stance != "contradicts":
        return None
    ours = max(quotations(claim.text, min_words=1), key=lambda q: len(q.text), default=None)
    theirs = quotations(item.quote, min_words=1)
    if ours is None or not theirs:
        return None
    match = find_quote(ours.text, item.quote)
    if match and match.cut and (at := item.quote.find(match.cut)) >= 0:
        left_out = [[(at, at + len(match.cut))]]
        return Alteration([(ours.text, False)], _pieces(item.quote, left_out))
    said, written = _words(ours.text), []
    for part in theirs:  # what stands between the parts only names the speaker
        written += [(a + part.start, b + part.start) for a, b in _words(part.text)]
    matcher = SequenceMatcher(
        None,
        [ours.text[a:b].casefold() for a, b in said],
        [item.quote[a:b].casefold() for a, b in written],
        autojunk=False,
    )
    if matcher.ratio() < _ALIKE:
        return None
    changes = [opcode for opcode in matcher.get_opcodes() if opcode[0] != "equal"]
    # The article may quote a part: what only the source has before and after it is no alteration.
    changes = [c for c in changes if c[0] != "insert" or 0 < c[1] < len(said)]
    if not changes:
        return None
    return Alteration(
        _pieces(ours.text, [said[a:b] for _, a, b, _, _ in changes]),
        _pieces(item.quote, [written[a:b] for *_, a, b in changes]),
    )


def _words(text: str) -> list[tuple[int, int]]:
    return [match.span() for match in _WORD.finditer(text)]


def _pieces(text: str, runs: list[list[tuple[int, int]]]) -> Pieces:
    pieces, position = [], 0
    for run in filter(None, runs):
        start, end = run[0][0], run[-1][1]
        pieces += [(text[position:start], False), (text[start:end], True)]
        position = end
    pieces.append((text[position:], False))
    return [piece for piece in pieces if piece[0]]
