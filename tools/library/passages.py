"""Passages: the spans of a source that are embedded, searched and shown to a judge.

A passage is a window of whole sentences, small enough for the embedder to read to its
end and for a person to take in at a glance. Short neighbours (a heading, the one-line
paragraphs of news) share a window, because alone they say too little; a paragraph that
needs several windows repeats one sentence, because pronouns need the sentence before.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from tools.text.sentences import paragraph_spans, sentence_spans

# A unit of reading: a word, or one character of a script that is written without spaces.
# Endless "words" (base64, URLs) count by 40 characters, or they would never be cut.
_SPACELESS = (
    "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff"  # Thai, Lao, Myanmar, Khmer
    "\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"  # kana, Han
)
_WORD = re.compile(rf"[{_SPACELESS}]|[^\s{_SPACELESS}]{{1,40}}")


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
            decide a claim were found (`evals/retrieval.py`).

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
