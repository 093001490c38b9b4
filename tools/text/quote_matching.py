"""Finding the words of a quotation in another text.

A quotation is checked word by word. Verbatim and altered (`misquoting.py`) are told apart, and so
is a cut that turns the sense round (`… if the rain holds`). What the conventions of quoting allow
is no alteration: other marks and spelling, an ellipsis, `she said` in between.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator
from dataclasses import dataclass

from tools.text.misquoting import altered
from tools.text.quotes import MIN_WORDS, QuoteMatch, quotations
from tools.text.spelling import PlainWord, plain_words
from tools.text.trimming import turned_after, turned_before
from tools.text.words import WORD

_TERM = 2
"""Single words are not looked for at all."""
_LONGEST_CUT = 80
"""Most words that `…` stands for."""
_LONGEST_GAP = 30
"""Most words between two parts of one quotation: `said Runa Espeland, a biologist who …`."""
_OMITTED = re.compile(r"\[\s*(?:…|\.\.\.|\. \. \.)\s*\]|…|\.\.\.|\. \. \.")
_OPENING_LETTER = re.compile(r"\[(\w)\](?=\w)")
_ABBREVIATION = re.compile(r"\b(?:Mr|Mrs|Ms|Dr|St|Prof|[A-Z])\.")
_STOP = re.compile(r"[.!?…]|\n")
_MARK = re.compile(r"[“”\"„«»「」]|(?<!\w)[‘']|[’'](?!\w)")
_MOST_PLACES = 500
"""Places of one quotation that are looked at; a passage is too short to have as many."""
_SENTENCE = 100
"""Words on either side of a match beyond which no start or end of its sentence is looked for: in a
text without stops, each of many matches would walk through all of it."""


def find_quote(quotation: str, text: str) -> QuoteMatch | None:
    """Finds the words of a quotation in a text: the first of `find_quotes`.

    Returns:
        None when the text does not have it.
    """
    return next(iter(find_quotes(quotation, text)), None)


def find_quotes(quotation: str, text: str, *, negated: bool = False) -> list[QuoteMatch]:
    """The places of a text that have a quotation word for word, else the one that alters it.

    Case, marks and white space are no alterations. The sign of an altered quotation is
    that most of it stands there word for word; at most a quarter of the words differ.
    Words that stand there but were cut off from `if …`, `not …` or the like are altered, too.

    Args:
        quotation: the words, without marks.
        text: where to look.
        negated: whether the words before the quotation deny it (`He does not “trust a word of
            it”`): then a denial in the text is not cut off.

    Returns:
        Verbatim matches before altered ones; empty when the text does not have it.
    """
    quotation = _OPENING_LETTER.sub(r"\1", quotation)
    pieces = [piece for part in _OMITTED.split(quotation) if (piece := plain_words(part))]
    short = len(WORD.findall(quotation)) < MIN_WORDS
    if len(WORD.findall(quotation)) < _TERM:
        return []
    streams = list(_streams(text))[::-1]  # joined first: it knows how the sentence goes on
    marked = [(q.start, q.end) for q in quotations(text, min_words=1)] if short else []
    matches: dict[int, QuoteMatch] = {}
    for stream in streams:
        exact = _exact([[w.plain for w in piece] for piece in pieces], stream)
        for places in itertools.islice(exact, _MOST_PLACES):
            match = _verbatim(places, stream, text, negated, asked="?" in quotation)
            said = not short or any(a <= match.start and match.end <= b for a, b in marked)
            if said and match.start not in matches:
                matches[match.start] = match
    if matches or short:
        return sorted(matches.values(), key=lambda m: (m.relation != "verbatim", m.start))
    if _OMITTED.search(quotation.strip(" …")):
        return _piecewise(quotation, text, negated)
    for stream in streams:
        if found := altered(quotation, text, stream):
            return [found]
    return []


@dataclass(frozen=True)
class _Word(PlainWord):
    """A word with the text before it; `joined` tells that this only names the speaker
    (`,” she said, “`)."""

    gap: str = ""
    joined: bool = False


def _streams(text: str) -> Iterator[list[_Word]]:
    """The words of a text; and once more without what stands between two parts of a quotation."""
    words = plain_words(text)
    yield _linked([(word, False) for word in words], text)
    quoted = quotations(text, min_words=1)
    gaps = [
        (left.end, right.start)
        for left, right in itertools.pairwise(quoted)
        if "\n\n" not in (gap := text[left.end : right.start])
        and len(WORD.findall(gap)) <= _LONGEST_GAP
    ]
    if not gaps:
        return
    kept: list[tuple[PlainWord, bool]] = []
    place, skipped = 0, False
    for word in words:
        while place < len(gaps) and word.start >= gaps[place][1]:
            place += 1
        if place < len(gaps) and word.start >= gaps[place][0]:
            skipped = True
            continue
        kept.append((word, skipped))
        skipped = False
    yield _linked(kept, text)


def _linked(words: list[tuple[PlainWord, bool]], text: str) -> list[_Word]:
    """The words, each with the text before it."""
    ends = [0, *(word.end for word, _ in words)]
    return [
        _Word(word.plain, word.start, word.end, text[end : word.start], joined)
        for (word, joined), end in zip(words, ends, strict=False)
    ]


def _exact(pieces: list[list[str]], stream: list[_Word]) -> Iterator[list[tuple[int, int]]]:
    """Places (first, last word) of all pieces in order, a bounded number of words apart."""
    plain = [word.plain for word in stream]

    def find(piece: list[str], low: int, high: int) -> Iterator[int]:
        for place in range(low, min(high, len(plain) - len(piece)) + 1):
            if plain[place] == piece[0] and plain[place : place + len(piece)] == piece:
                yield place

    for first in find(pieces[0], 0, len(plain)):
        places = [(first, first + len(pieces[0]) - 1)]
        for piece in pieces[1:]:
            after = places[-1][1] + 1
            place = next(find(piece, after, after + _LONGEST_CUT), None)
            if place is None:
                break
            places.append((place, place + len(piece) - 1))
        if len(places) == len(pieces):
            yield places


def _verbatim(
    places: list[tuple[int, int]],
    stream: list[_Word],
    text: str,
    negated: bool,
    *,
    asked: bool,
) -> QuoteMatch:
    """The match of words that stand there, altered where the cut turns them."""
    start, end = stream[places[0][0]].start, stream[places[-1][1]].end
    for i, (first, last) in enumerate(places):
        low = places[i - 1][1] + 1 if i else 0
        high = places[i + 1][0] if i + 1 < len(places) else len(stream)
        kept = _said(stream[first : last + 1], text)
        left = _before(stream, first, low)
        right, further = _after(stream, last, high)
        pause = "," if left and "," in stream[first].gap else ""
        before = _said(left, text) + pause
        cut = "" if negated else turned_before(before, kept)
        cut = cut or turned_after(
            kept, _said(right, text, lead=True), _said(further, text), whole=not left
        )
        if not (cut or left or right or asked or i) and _is_asked(stream, last, text):
            cut = "?"
        if cut:
            return QuoteMatch("altered", start, end, (("", cut),), cut)
    return QuoteMatch("verbatim", start, end)


def _said(words: list[_Word], text: str, *, lead: bool = False) -> str:
    """The words with what stands between them, without what names the speaker.

    Args:
        words: neighbours in a stream.
        text: the text they stand in.
        lead: whether to keep the punctuation before the first one.
    """
    parts: list[str] = []
    for i, word in enumerate(words):
        gap = " , " if word.joined and "," in word.gap else " " if word.joined else word.gap
        if i == 0:
            gap = gap if lead else ""
        if i == 0 or word.start != words[i - 1].start:  # of a contraction, once
            parts.append(gap + text[word.start : word.end])
    return "".join(parts)


def _is_asked(stream: list[_Word], last: int, text: str) -> bool:
    """Whether the sentence that ends with the word at `last` is a question."""
    return text[stream[last].end : stream[last].end + 1] == "?"


def _ends_sentence(word: _Word) -> bool:
    """Whether a sentence, or the quotation, ends before this word."""
    gap = _ABBREVIATION.sub("", word.gap)
    return bool(_STOP.search(gap)) or (not word.joined and bool(_MARK.search(gap)))


def _before(stream: list[_Word], first: int, low: int) -> list[_Word]:
    """The words of the same sentence before the word at `first`."""
    place, low = first, max(low, first - _SENTENCE)
    while place > low and not _ends_sentence(stream[place]):
        place -= 1
    return stream[place:first]


def _after(stream: list[_Word], last: int, high: int) -> tuple[list[_Word], list[_Word]]:
    """The words of the same sentence after `last`, and the sentence after that."""

    high = min(high, last + 1 + _SENTENCE)

    def until_stop(place: int) -> int:
        while place < high and not _ends_sentence(stream[place]):
            place += 1
        return place

    middle = until_stop(last + 1)
    if middle == high or not (stream[middle].joined or not _MARK.search(stream[middle].gap)):
        return stream[last + 1 : middle], []
    return stream[last + 1 : middle], stream[middle : until_stop(middle + 1)]


def _piecewise(quotation: str, text: str, negated: bool) -> list[QuoteMatch]:
    """A quotation with omissions of which one piece at least was altered."""
    found = []
    for piece in _OMITTED.split(quotation):
        if len(WORD.findall(piece)) < MIN_WORDS:
            continue
        matches = find_quotes(piece, text, negated=negated)
        if not matches:
            return []
        found.append(matches[0])
    altered = [match for match in found if match.relation == "altered"]
    return altered[:1]
