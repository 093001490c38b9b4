"""Sentences and paragraphs as spans of the text they stand in.

nupunkt splits English (unsupervised Punkt, Kiss and Strunk 2006, with legal-domain
abbreviations), pysbd the 21 other languages it has rules for. Both are wrapped so
that what comes out are offsets into the original text, whatever they return.
"""

from __future__ import annotations

import itertools
import re
from functools import lru_cache
from typing import Any

_BLANK_LINE = re.compile(r"\n[ \t]*(?:\n[ \t]*)+")
_LINE = re.compile(r"[^\n]+")
_MARK = re.compile(r"[^\w\s]")
_STOP_MARK = re.compile(r"[.!?…。！？][\"'”’»)]*\s+")
# White space to Python, letters to pysbd's list rules, which then fail on them.
_SEPARATORS = dict.fromkeys(map(ord, "\x1c\x1d\x1e\x1f\x85"), " ")
_LONGEST = 2000
"""Most characters of a sentence; a longer run without an end is cut at white space."""
# Languages that pysbd 0.3.4 has rules for, English apart.
_PYSBD = frozenset("am ar bg da de el es fa fr hi hy it ja kk mr my nl pl ru sk ur zh".split())


def paragraph_spans(text: str) -> list[tuple[int, int]]:
    """Spans of the paragraphs of `text`, in order, without surrounding white space.

    Paragraphs end at a blank line. A text without any blank line has one paragraph a
    line: that is how copied web text arrives.
    """
    if _BLANK_LINE.search(text.strip()):
        bounds = [0]
        for gap in _BLANK_LINE.finditer(text):
            bounds += [gap.start(), gap.end()]
        bounds.append(len(text))
        raw = list(zip(bounds[::2], bounds[1::2], strict=True))
    else:
        raw = [match.span() for match in _LINE.finditer(text)]
    return [span for span in (_trimmed(text, *span) for span in raw) if span[0] < span[1]]


def sentence_spans(text: str, language: str | None = None) -> list[tuple[int, int]]:
    """Spans of the sentences of `text`, in order; a sentence never crosses a paragraph.

    Args:
        text: any text.
        language: ISO 639-1 code; None or an unknown one is treated as English.

    Returns:
        Half-open spans, trimmed of white space, that do not overlap and cover every
        character that is not white space.
    """
    spans = []
    for start, end in paragraph_spans(text):
        # Within a paragraph a single line break may be a wrapped line or a list item.
        for line in _lines(text, start, end):
            for block_start, block_end in _blocks(text, *line):
                cuts = _cuts(text[block_start:block_end], language)
                bounds = [block_start, *(block_start + cut for cut in cuts), block_end]
                for left, right in itertools.pairwise(bounds):
                    span = _trimmed(text, left, right)
                    if span[0] < span[1]:
                        spans.append(span)
    return spans


def _lines(text: str, start: int, end: int) -> list[tuple[int, int]]:
    """Lines of a paragraph, joined where the break is only a wrapped line.

    A break is a wrap when the next line goes on in lower case or the line before it
    ends in a word without closing punctuation and is long enough to have been filled.
    """
    lines: list[tuple[int, int]] = []
    for match in _LINE.finditer(text, start, end):
        span = _trimmed(text, *match.span())
        if span[0] == span[1]:
            continue
        if lines:
            last_start, last_end = lines[-1]
            length = last_end - max(last_start, text.rfind("\n", last_start, last_end) + 1)
            unfinished = text[last_end - 1] not in ".!?:;\"'”’»)"
            if unfinished and (text[span[0]].islower() or length >= 60):
                lines[-1] = (lines[-1][0], span[1])
                continue
        lines.append(span)
    return lines


def _blocks(text: str, start: int, end: int) -> list[tuple[int, int]]:
    """The span in blocks of at most `_LONGEST` characters, cut where a sentence may end.

    Both splitters take time with the square of the length; no sentence is this long, but
    hostile or broken text can be one line of a megabyte.
    """
    blocks = []
    while end - start > _LONGEST:
        window = text[start : start + _LONGEST]
        stops = [match.end() for match in _STOP_MARK.finditer(window, _LONGEST // 2)]
        gap = max(window.rfind(" "), window.rfind("\n"))
        cut = stops[-1] if stops else gap + 1 if gap > 0 else _LONGEST
        blocks.append((start, start + cut))
        start += cut
    return [*blocks, (start, end)]


@lru_cache(maxsize=4096)  # several readers of a passage ask, and each claim that it is found for
def _cuts(line: str, language: str | None) -> tuple[int, ...]:
    """Offsets within `line` at which a new sentence begins."""
    if not _MARK.search(line):
        return ()
    line = line.translate(_SEPARATORS)
    if language in _PYSBD:
        sentences = _pysbd(language).segment(line)
    else:
        from nupunkt import sent_tokenize

        sentences = sent_tokenize(line)
    cuts, position = [], 0
    for sentence in sentences:
        piece = str(sentence).strip()
        found = line.find(piece, position)
        if found < 0:  # the splitter changed the text: leave the rest whole
            break
        if found > 0 and piece:
            cuts.append(found)
        position = found + len(piece)
    # A plain word of four letters before the stop is no abbreviation, nor is a shorter one behind
    # an article (`in a row.`) or one that no abbreviation is written like (`to do so.`): cut what
    # was left whole.
    cuts += [match.end() for match in _PLAIN_STOP.finditer(line)]
    return tuple(_rejoin(line, sorted(set(cuts))))


_PLAIN_STOP = re.compile(
    r"\b(?:(?!(?:[Pp]rof|[Ss]ept|[Dd]ept|[Cc]orp)\.)[a-z]{4,}|ten)[.!?][\"”’)]?\s+(?=[A-Z“\"])"
    r"|\b(?:an?|the|his|her|its|their|our)\s(?!(?:gen|gov|sen|rep|rev|hon|col|sgt|maj|cpt)\.)[a-z]{3}\."
    r"\s+(?=[A-Z“\"])"
    r"|\b(?:so|no|do|go|it|us|me|he|she|we|him|her|on|up|off|out|by|be|is|was|had|has|did|too|not|yet|"
    r"now|ago|all|any|one|two|six)\.\s+(?=[A-Z“\"])"
    r"|[a-z]{3}[.!?][\"”]\s+(?=[A-Z“])"  # no abbreviation closes a quotation
    r"|\b[a-z]{3,}[.!?]\s+(?=[—–]\s?[A-Z])"  # who wrote it, behind a dash
    r"|[。！？]\s*(?=[A-Za-z“\"])|[a-z]{2}[.!?]\s+(?=[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af])"
)
_ASKED = re.compile(
    r"(?:[A-Z][\w’'.-]*\s+){1,4}(?:said|says|asked|asks|told|tells|wrote|added|adds|cried|called|"
    r"shouted|replied|answered|exclaimed|warned|joked|wondered)\b"
)
_CALLED_OUT = re.compile(r"[!?…][\"”»’]\s+$")
_OPENS_LOWER = re.compile(r"[a-z]")
_CLOSERS = "\"'”’»)]"
# A rank or title, which a name follows. `St.` is a street, too.
_TITLE = re.compile(
    r"\b(?:Lt|Col|Gen|Sgt|Maj|Capt|Cpl|Cmdr|Adm|Pvt|Sen|Rep|Gov|Rev|Prof|Dr|Mr|Mrs|Ms|Supt|Insp)\.\s+$"
)


def _rejoin(line: str, cuts: list[int]) -> list[int]:
    """Takes back cuts before a lower-case letter (`Inc. said`) or a closing mark, behind a title
    (`Lt. Moor`), and between what is asked or exclaimed and who says it (`“Is it open?” Brandt
    asked.`)."""
    kept = []
    for cut in cuts:
        first = line[cut : cut + 1]
        if _OPENS_LOWER.match(first) or (first in _CLOSERS and first not in "\"'"):
            continue
        if _TITLE.search(line, max(0, cut - 8), cut):
            continue
        if _CALLED_OUT.search(line, max(0, cut - 8), cut) and _ASKED.match(line, cut):
            continue
        kept.append(cut)
    return kept


@lru_cache(maxsize=8)
def _pysbd(language: str) -> Any:
    import pysbd

    return pysbd.Segmenter(language=language, clean=False)


def _trimmed(text: str, start: int, end: int) -> tuple[int, int]:
    while start < end and text[start].isspace():
        start += 1
    while end > start and text[end - 1].isspace():
        end -= 1
    return start, end
