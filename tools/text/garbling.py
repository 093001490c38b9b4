"""Garbled text: what it is garbled by, and where it shows.

Wrong decoding, a bad scan, words in no order, one phrase over and over, and lists of links and
domains at the end. Each is told by signs of its own, on the careful side: what is named here is
shown to readers, and nothing is mended.
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from itertools import pairwise
from typing import Final, Literal

from tools.text.languages import foreign
from tools.text.neighbours import END, MOST_CHARACTERS, Token, neighbours, prose
from tools.text.sentences import sentence_spans
from tools.text.words import is_function_word

Kind = Literal["mojibake", "scan", "salad", "stuffing"]

# UTF-8 read as Latin-1 or Windows-1252, and what could not be decoded at all.
_MOJIBAKE = re.compile(
    "Ã[\u0080-\u00bfŒ-žƒˆ˜–—‘’‚“”„†‡•…‰‹›€™]|Â[\u00a0-\u00bf]|â€.|â‚¬|ï»¿|\ufffd+"
)
_SCANNED = re.compile(
    r"(?<![\w.,|-])(?=[A-Z]?[a-z0156|]{0,24}[a-z])(?=[A-Za-z]{0,24}[0156|])[A-Za-z0156|]{2,25}(?![\w|])"
)
_READ_AS: Final = tuple(str.maketrans("0156|", f"o{one}sb{one}") for one in "li")
_LEAST_PLACES: Final = 3
_LEAST_SHARE: Final = 0.005
"""Of the words, that must be misread."""
_LEAST_WORDS: Final = 40
_SALAD_FIT: Final = -0.45
"""Mean fit of neighbours from which words are in no order; prose is above 0, verse near it."""
_LINE_WORDS: Final = 8
"""Least words a line: in shorter ones stand verse, code and tables."""
_STUFFED_SHARE: Final = 0.2
"""Share of the words that one phrase of two words makes up."""
_STUFFED_TIMES: Final = 6
_LINK = re.compile(
    r"(?:https?://|www\.)\S{1,200}|\b[a-z0-9][a-z0-9-]{0,62}(?:\.[a-z0-9-]{1,63}){0,3}\."
    r"(?:com|net|org|info|biz|xyz|top|shop|site|online|club|ru|cn|co|io|me|us|uk|de|in|pl|bet|casino)"
    r"\b(?:/\S{0,200})?",
    re.I,
)
_OFFER = re.compile(
    r"\b(?:best|lowest|cheap(?:est)?|discount(?:ed)?|great) (?:price|deal|rate|offer|quality)s?\b"
    r"|\bbuy (?:\w+ ){0,3}(?:online|now|cheap)\b|\border (?:now|online|today)\b"
    r"|\bclick (?:here|now) (?:to|for) (?:buy|order|win)\b"
    r"|\bfree (?:shipping|bonus|spins|download|trial)\b|\bno prescription\b|\bonline (?:casino|"
    r"pharmacy|loans?|betting|slots)\b|\bcasino bonus\b|\bpayday loans?\b|\bpromo code\b"
    r"|\b(?:viagra|cialis|replica watches|backlinks|guest posts?)\b"
    r"|\b100 ?% (?:free|original|safe)\b",
    re.I,
)
_WORD = re.compile(r"[^\W_]+(?:[’'.-][^\W_]+)*")
_CLOSED = re.compile(r"[.!?…:][\"'”’)»]*\s*$")
_TAIL: Final = 6000
"""Characters at the end of a text that are looked through for a tail."""
_LIST_WORDS, _LIST_STRANGE, _LIST_FUNCTION = 6, 0.6, 0.06
_LINKS_ALONE: Final = 3
_LINK_SHARE: Final = 0.5


@dataclass(frozen=True)
class Garbling:
    """One way in which a text is garbled.

    Attributes:
        kind: `mojibake`, `scan`, `salad` or `stuffing`.
        detail: what it is, for people, with an example.
        spans: where it shows; up to ten.
    """

    kind: Kind
    detail: str
    spans: tuple[tuple[int, int], ...]


def garblings(text: str) -> list[Garbling]:
    """All ways in which a text is garbled; of a long text the beginning is read."""
    text = text[:MOST_CHARACTERS]
    found = [_mojibake(text), _scan(text), *_disorder(text)]
    return [garbling for garbling in found if garbling]


def _mojibake(text: str) -> Garbling | None:
    spans = [match.span() for match in _MOJIBAKE.finditer(text)]
    if len(spans) < _LEAST_PLACES:
        return None
    start, end = spans[0]
    detail = f"characters were decoded wrongly (“{text[start:end]}”)"
    return Garbling("mojibake", detail, tuple(spans[:10]))


def _scan(text: str) -> Garbling | None:
    """Words that are known once figures in them are read as letters: `c0mpany`, `wi1l`."""
    known = neighbours().known
    spans = [
        match.span()
        for match in _SCANNED.finditer(text)
        if any(match[0].lower().translate(table) in known for table in _READ_AS)
    ]
    kinds = {text[start:end].lower() for start, end in spans}
    if len(kinds) < _LEAST_PLACES or len(spans) < _LEAST_SHARE * len(text.split()):
        return None
    start, end = spans[0]
    return Garbling("scan", f"letters were misread (“{text[start:end]}”)", tuple(spans[:10]))


def _disorder(text: str) -> list[Garbling]:
    """Words in no order, and a phrase that makes up much of the text."""
    found = prose(text)
    words = [token for token in found if token.is_word]
    if len(words) < _LEAST_WORDS:
        return []
    garbled: list[Garbling] = []
    lines = 1 + sum(token.text == "\n" for token in found)
    disordered = len(words) >= _LINE_WORDS * lines and mean_fit(found) < _SALAD_FIT
    if disordered and not foreign(text):
        span = (words[0].start, words[-1].end)
        garbled.append(Garbling("salad", "its words stand in no order", (span,)))
    phrases = Counter(
        (a.text.lower(), b.text.lower())
        for a, b in pairwise(words)
        if not is_function_word(a.text) and not is_function_word(b.text)
    )
    if phrases:
        phrase, times = phrases.most_common(1)[0]
        if times >= _STUFFED_TIMES and 2 * times >= _STUFFED_SHARE * len(words):
            spans = tuple(
                (a.start, b.end)
                for a, b in pairwise(words)
                if (a.text.lower(), b.text.lower()) == phrase
            )
            shown = f"“{' '.join(phrase)}” stands in it {times} times in {len(words)} words"
            garbled.append(Garbling("stuffing", shown, spans[:10]))
    return garbled


def mean_fit(found: list[Token]) -> float:
    """How well tokens fit the one before them, on average, each within -3..3."""
    model = neighbours()
    end = model.known[END]
    pairs = [pair for pair in pairwise(model.numbers(found)) if pair != (end, end)]
    return sum(max(-3.0, min(3.0, model.fit(a, b))) for a, b in pairs) / max(len(pairs), 1)


def spam_tail(text: str) -> tuple[int, int] | None:
    """The span of what stands at the end of a text and is no part of it, or None.

    Lists of links or domains, of words that are no words, and offers with a link. What ends as a
    sentence does is cut only where it offers something; a single link, a list of names, tags or
    references are no spam.
    """
    offset = max(0, len(text) - _TAIL)
    sentences = [(a + offset, b + offset) for a, b in sentence_spans(text[offset:])]
    start = None
    for a, b in reversed(sentences):
        if not _is_spam(text[a:b]):
            break
        start = a
    if start is None or not text[:start].strip() or (offset and start == offset):
        return None
    return start, len(text.rstrip())


def _is_spam(line: str) -> bool:
    links = [match.span() for match in _LINK.finditer(line)]
    words = _WORD.findall(_LINK.sub(" ", line))
    functional = sum(is_function_word(word) for word in words)
    if len(links) >= _LINKS_ALONE and len(words) <= len(links) / _LINK_SHARE:
        return True
    offers = len(_OFFER.findall(line))
    if offers >= 2 or (offers and links):
        return True
    if _CLOSED.search(line) or len(words) < _LIST_WORDS:
        return False
    known = neighbours().known
    strange = sum(word[0].islower() and word.lower() not in known for word in words)
    strange += sum(word[0].isdigit() and not word.isdigit() for word in words)
    return strange >= _LIST_STRANGE * len(words) and functional <= _LIST_FUNCTION * len(words)
