"""Sentences that order, by their own form: which parts of a text address whoever checks it.

A text is read as it stands, and rotated, reversed or with figures for letters where it then tells.
It is cut into pieces finer than sentences, each is weighed (`tools.text.order_weight`), and what
stands beside an order, between two, or above one as its heading belongs to it.
"""

from __future__ import annotations

import codecs
import itertools
import re
import unicodedata
from collections.abc import Iterator
from typing import Final

from tools.stopping import go_on
from tools.text.answers import DICTATED, SPACED
from tools.text.cleaning import Cleaned
from tools.text.languages import foreign
from tools.text.literals import Literals
from tools.text.order_weight import (
    AT_ONCE,
    FOREIGN_LETTER,
    FOREIGN_LETTERS,
    LEAST,
    addresses,
    may_order,
    sure_marks,
    weight_of,
)
from tools.text.reported import without_reported
from tools.text.sentences import sentence_spans
from tools.text.stretches import matches
from tools.text.terms import STEMS, Stems, groups, stems_in

_CUT: Final = re.compile(
    r"[.!?…][\"'”’)]*\s+|[。！？।]\s*|[;)\]}>\"'`–—-]\s+(?=[A-Z][a-z]+\s)|[)\]}>`](?=[A-Z][a-z]+\s)"
    r"|\n\s*|[\u200e\u200f\u202c\u2069]+\s+"
    # What is put in without a stop at its end takes the sentence after it along.
    r"|(?<=[\w%])\s+(?=(?:The|A|An|It|He|She|They|This|These|There|In|On|At|But|When|After)\s[a-z])"
    r"|(?<=\d)\s+(?=[A-Z][a-z]+\s(?:is|are|was|were|has|have|had|will|said)\b)"
    r"|(?<=[\w%])\s+(?=[A-Z][a-z]+\s[A-Z][a-z]+\s[a-z]+(?:ed|ld|de|ve|nt)\b)"
)
_BESIDE: Final = 1.0
"""Weight from which a sentence that stands beside an order is one."""
_ENCLOSED: Final = 200
"""Characters between two orders up to which what they enclose belongs to them."""
_SCRAP: Final = 3
"""Letters below which a piece beside an order is what is left of its wrapping."""
_BRACKETED: Final = re.compile(r"\W*\([^()\n]{0,30}\)\W*")
_HEADER: Final = re.compile(
    r"(?:From|To|Cc|Bcc|Subject|Sent|Reply-To|Message-ID|Received|Return-Path): [^\n]{1,200}", re.I
)
"""A line above a message: of whoever wrote that."""
_HEADING_WORDS: Final = 3
_RUN_END: Final = 8
"""Signs and blanks that are read of either end of a run of them."""
_LONG_RUN: Final = re.compile(rf"[\W_]{{{2 * _RUN_END + 1},}}")
_DIGIT_LETTERS: Final = str.maketrans("0134578@$", "oieastbas")
_MIXED_WORD: Final = re.compile(r"(?<!\w)(?=\w*[013457])(?=\w*[A-Za-z])[A-Za-z013457]{3,}(?!\w)")
_MARKS: Final = re.compile("[\u0300-\u036f\u20d0-\u20ff]+")
_PILED: Final = re.compile("[\u0300-\u036f\u20d0-\u20ff]")

_CORE: Final = tuple(
    "supported conflicting unverifiable verdict claim passage instruction ignore prompt answer "
    "rationale system evidence output reply language rating judge".split()
)


def orders(seen: Cleaned, *, again: bool = True) -> Iterator[tuple[int, int]]:
    """Sentences of a cleaned text that address its checker, as spans of the cleaned text."""
    squeezed = _squeezed(seen.text)
    yield from (squeezed.span(*span) for span in _orders(squeezed.text, again))


def _squeezed(text: str) -> Cleaned:
    """The text without the middles of its long runs of signs and blanks.

    Many a pattern here runs to the end of what may stand between two words, from each place where
    that may begin. So what is read has no long run of it, whatever the run is made of.
    """
    pieces: list[str] = []
    places: list[int] = []
    at = 0
    for run in _LONG_RUN.finditer(text):
        left, right = run.start() + _RUN_END, run.end() - _RUN_END
        pieces.append(text[at:left])
        places += range(at, left)
        at = right
    if not pieces:
        return Cleaned(text)
    places += range(at, len(text))
    return Cleaned("".join([*pieces, text[at:]]), places, [place + 1 for place in places])


def _orders(text: str, again: bool) -> Iterator[tuple[int, int]]:
    readings = _readings(text) if again else [text]
    if not any(may_order(reading) for reading in readings):
        return
    # What no reading differs from has in its parts what it has itself.
    among = stems_in(text) if readings == [text] else STEMS
    spans = _pieces(text)
    heard = _without_reported(text, among)
    sure = sure_marks() if readings != [text] else sure_marks().within(heard)
    weights = [
        max(weight_of(way, among, sure) for way in _ways(heard[a:b], readings)) for a, b in spans
    ]
    flags = [weight >= LEAST for weight in weights]
    plain = [_unmarked(text[a:b]) for a, b in spans]
    addressed = [addresses(piece) for piece in plain]
    scraps = [_is_scrap(piece) for piece in plain]
    for pattern in (AT_ONCE, DICTATED, SPACED):
        if not Literals(pattern).occur(heard):
            continue
        number = 0
        for match in matches(pattern, heard):
            while number < len(spans) and spans[number][1] <= match.start():
                number += 1
            for beside in range(number, len(spans)):
                if spans[beside][0] >= match.end():
                    break
                flags[beside] = True
    flagged = [number for number, flag in enumerate(flags) if flag]
    for first, last in itertools.pairwise(flagged):  # What stands between two is of the same hand.
        if spans[last][0] - spans[first][1] <= _ENCLOSED:
            flags[first:last] = [True] * (last - first)
    for step in (1, -1):  # What stands beside an order is one of less.
        for number in flagged:
            beside = number + step
            while 0 <= beside < len(spans) and not flags[beside]:
                if weights[beside] < _BESIDE and not (scraps[beside] or addressed[beside]):
                    break
                if "\n\n" in text[slice(*sorted((spans[number][1], spans[beside][0])))]:
                    break
                flags[beside] = True
                number, beside = beside, beside + step
    for number in range(1, len(spans)):
        if flags[number] and not flags[number - 1] and _is_heading(text, spans, number - 1):
            flags[number - 1] = True
    for number in range(len(spans) - 1, 0, -1):
        if flags[number] and _HEADER.fullmatch(text[slice(*spans[number - 1])].strip()):
            flags[number - 1] = True
    yield from (span for span, flag in zip(spans, flags, strict=True) if flag)


def _without_reported(text: str, among: Stems) -> str:
    """The text without what its sentences report as somebody's words; letters stand where they
    stood."""
    parts: list[str] = []
    position = 0
    for start, end in sentence_spans(text):
        go_on()
        sentence = text[start:end]
        letters = len(FOREIGN_LETTER.findall(sentence))
        is_foreign = groups(sentence, among) >= 2 and (
            letters >= FOREIGN_LETTERS or foreign(sentence) is not None
        )
        parts += text[position:start], sentence if is_foreign else without_reported(sentence)
        position = end
    return "".join([*parts, text[position:]])


def _is_scrap(piece: str) -> bool:
    """What is left of an order's wrapping: signs, or a few words in brackets."""
    return sum(map(str.isalpha, piece)) < _SCRAP or bool(_BRACKETED.fullmatch(piece))


def _is_heading(text: str, spans: list[tuple[int, int]], number: int) -> bool:
    """Whether a piece is a line of few words of its own, above the next one."""
    (start, end), after = spans[number], spans[number + 1][0]
    opens = not number or "\n" in text[spans[number - 1][1] : start]
    words = text[start:end].split()
    return (
        opens
        and len(words) <= _HEADING_WORDS
        and "\n" in text[end:after]
        and not words[-1].endswith((".", "!", "?"))
    )


def _pieces(text: str) -> list[tuple[int, int]]:
    """Sentences, cut finer than they are: what is put into a text seldom ends as a sentence does,
    and must not take its neighbour with it."""
    spans = []
    for start, end in sentence_spans(text):
        bounds = [start, *(match.end() for match in _CUT.finditer(text, start, end)), end]
        spans += [(a, b) for a, b in itertools.pairwise(bounds) if a < b]
    return spans


def _readings(text: str) -> list[str]:
    """The text as it is, and rotated, reversed or with figures for letters if it then tells."""
    plain = _unmarked(text)
    found = [plain]
    if plain.isascii():
        found.append(codecs.encode(plain, "rot13"))
    found.append(plain[::-1])
    if len(_MIXED_WORD.findall(plain)) > 2:
        found.append(plain.translate(_DIGIT_LETTERS))
    return [plain] + [way for way in found[1:] if any(core in way.lower() for core in _CORE)]


def _ways(sentence: str, readings: list[str]) -> list[str]:
    return [_unmarked(sentence)] if len(readings) == 1 else _readings(sentence)


def _unmarked(text: str) -> str:
    """Without marks piled upon letters; one on a letter belongs to it."""
    if not _PILED.search(text):
        return text
    return _MARKS.sub("", unicodedata.normalize("NFD", text))
