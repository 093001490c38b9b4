"""Passages: the spans of a source that are embedded, searched and shown to a judge.

A passage is a window of whole sentences, small enough for the embedder to read to its
end and for a person to take in at a glance. Short neighbours (a heading, the one-line
paragraphs of news) share a window, because alone they say too little; a paragraph that
needs several windows repeats one sentence, because pronouns need the sentence before.

What a reader knows who comes to a passage from above (the title, the heading, the first row of
the table) is no part of it: it is searched along with the passage and never shown as its text.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Sequence
from itertools import islice, pairwise
from typing import NamedTuple

from tools.text.sentences import paragraph_spans, sentence_spans

# A unit of reading: a word, or one character of a script that is written without spaces.
# Endless "words" (base64, URLs) count by 40 characters, or they would never be cut.
_SPACELESS = (
    "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff"  # Thai, Lao, Myanmar, Khmer
    "\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"  # kana, Han
)
_WORD = re.compile(rf"[{_SPACELESS}]|[^\s{_SPACELESS}]{{1,40}}")

_CONTEXT_WORDS = 20
"""Most words of a title or a first row that are searched along. With a passage of 130 words the
embedder still reads nearly to its end."""
_HEADING_WORDS = 12
_LINE = re.compile(r"[^\n]+|\n(?=\n)")
_SENTENCE_END = re.compile(r"[.!?:;,…。！？][\"'”’»)\]]*$")
_CELLS = " | "
"""What the readers write between the cells of a row; a row is a line."""


class _Piece(NamedTuple):
    """A sentence, or a part of one that is longer than a whole passage may be."""

    start: int
    end: int
    words: int


def passage_spans(
    text: str, language: str | None = None, max_words: int = 130
) -> list[tuple[int, int]]:
    """Cuts a text into passages.

    Args:
        text: any text.
        language: ISO 639-1 code, for the sentence splitter; None means English.
        max_words: most words of one passage, at least 1. The embedder reads 256 word
            pieces, which is about 150 words of English; 130 leaves room for names and
            numbers, which take several pieces each. With 100, fewer of the sentences that
            decide a claim were found (`evals/evidence/retrieval.py`).

    Returns:
        Half-open spans, in order of their start and of their end, each without white
        space at its ends. Every character that is not white space is covered; two
        neighbours overlap by at most one sentence.
    """
    if max_words < 1:
        raise ValueError(f"max_words must be at least 1, not {max_words}")
    spans: list[tuple[int, int]] = []
    for block in _blocks(_paragraphs(text, language, max_words), max_words):
        spans += _windows(block, max_words)
    return spans


def passage_contexts(
    text: str, spans: Sequence[tuple[int, int]], title: str | None = None
) -> list[str]:
    """What stands above each passage and is needed to know what it is about.

    Args:
        text: the text that the spans were cut from.
        spans: of passages, in order of their start.
        title: of the text.

    Returns:
        One string for each span, of up to three lines: the title, the nearest heading above,
        and the first row of the table that the passage goes on with. Without what the passage
        begins with itself; empty where nothing is left.
    """
    headings, rows = _headings(text), _first_rows(text)
    contexts = []
    for start, end in spans:
        above = [_clipped(title or ""), _at(headings, start), _clipped(_at(rows, start))]
        opening = text[start:end].lstrip("# ").casefold()
        lines = [line for line in above if line and not opening.startswith(line.casefold())]
        contexts.append("\n".join(dict.fromkeys(lines)))
    return contexts


class _Marks(NamedTuple):
    """What holds from a place of the text on, until the next one."""

    starts: list[int]
    said: list[str]


def _at(marks: _Marks, place: int) -> str:
    number = bisect_right(marks.starts, place)
    return marks.said[number - 1] if number else ""


def _headings(text: str) -> _Marks:
    marks = _Marks([], [])
    paragraphs = paragraph_spans(text)
    for (start, end), (below, below_end) in pairwise(paragraphs):
        paragraph = text[start:end]
        if _is_heading(paragraph, text[below:below_end]):
            marks.starts.append(start)
            marks.said.append(paragraph.lstrip("# "))
    return marks


def _first_rows(text: str) -> _Marks:
    """For each line the first row of its table; nothing for that row, and outside of tables."""
    marks = _Marks([], [])
    first = ""
    for match in _LINE.finditer(text):
        line = match[0].strip()
        # A rule below the first row is part of the table.
        inside = _CELLS in line or (first and line and not line.strip("-|: "))
        marks.starts.append(match.start())
        marks.said.append(first if inside else "")
        first = (first or line) if inside else ""
    return marks


def _is_heading(paragraph: str, below: str) -> bool:
    """A line of a few words that is no sentence, above a paragraph that says more."""
    if "\n" in paragraph or _CELLS in paragraph or _SENTENCE_END.search(paragraph):
        return False
    words = _words(paragraph, _HEADING_WORDS + 1)
    if words > _HEADING_WORDS:
        return False
    if paragraph.startswith("#") or _CELLS in below:
        return True
    says_more = _words(below, words + 1) > words and _SENTENCE_END.search(below)
    return bool(says_more) and not paragraph[0].islower()


def _words(text: str, most: int) -> int:
    """How many words there are, counted up to `most`."""
    return sum(1 for _ in islice(_WORD.finditer(text), most))


def _clipped(text: str) -> str:
    line = " ".join(text.split())
    words = [match.end() for match in islice(_WORD.finditer(line), _CONTEXT_WORDS)]
    return line[: words[-1]].strip() if words else ""


def _paragraphs(text: str, language: str | None, max_words: int) -> list[list[_Piece]]:
    """The pieces of each paragraph that has any."""
    bounds = paragraph_spans(text)
    paragraphs: list[list[_Piece]] = [[] for _ in bounds]
    current = 0
    for start, end in sentence_spans(text, language):
        while start >= bounds[current][1]:
            current += 1
        paragraphs[current] += _pieces(text, start, end, max_words)
    return [pieces for pieces in paragraphs if pieces]


def _pieces(text: str, start: int, end: int, max_words: int) -> list[_Piece]:
    words = [match.span() for match in _WORD.finditer(text, start, end)]
    parts = [words[i : i + max_words] for i in range(0, len(words), max_words)]
    return [_Piece(part[0][0], part[-1][1], len(part)) for part in parts]


def _blocks(paragraphs: list[list[_Piece]], max_words: int) -> list[list[_Piece]]:
    """Joins short paragraphs to their neighbours, as long as they fit one passage.

    A paragraph is short below a third of a passage. A short one at the start of a block
    is taken for a heading: it joins what follows even where the two need two windows.
    """
    short = max_words / 3
    blocks: list[list[_Piece]] = []
    last_words = 0
    for paragraph in paragraphs:
        words = sum(piece.words for piece in paragraph)
        if blocks:
            block_words = sum(piece.words for piece in blocks[-1])
            fits = block_words + words <= max_words
            if block_words < short or (fits and min(last_words, words) < short):
                blocks[-1] += paragraph
                last_words = words
                continue
        blocks.append(list(paragraph))
        last_words = words
    return blocks


def _windows(pieces: list[_Piece], max_words: int) -> list[tuple[int, int]]:
    """Spans of as many whole pieces as fit, each starting with the last one of the window before.

    Where that one and the next do not fit one window together, nothing is repeated.
    """
    spans = []
    first = 0
    while True:
        after, words = first, 0
        while after < len(pieces) and words + pieces[after].words <= max_words:
            words += pieces[after].words
            after += 1
        spans.append((pieces[first].start, pieces[after - 1].end))
        if after == len(pieces):
            return spans
        repeats = after - 1 > first and pieces[after - 1].words + pieces[after].words <= max_words
        first = after - 1 if repeats else after
