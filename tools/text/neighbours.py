"""How well the words of an English text fit their neighbours.

Each word is taken with the one before it: how much likelier does it stand there than anywhere?
`The company` and `on Wednesday` are likelier together than apart, `connected Wednesday` and
`the of` are not. Rare words and names go by their form (`<ed>`, `<name>`), so that the fit does
not tell what a text is about, only whether its words stand where such words can.

The pairs are counted in encyclopedic text (`tools/models/NEIGHBOURS.md`), with absolute
discounting (Ney, Essen and Kneser 1994); `tools/training/spin_neighbours.py` makes the file.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path
from typing import Final, NamedTuple

import numpy as np

MODEL: Final = Path(__file__).parents[1] / "models" / "neighbours.npz"
END: Final = "<end>"
"""Before the first word, at the end of a sentence, and at the end of a line."""
SCALE: Final = 20.0
"""Steps to a natural logarithm in the file: eight bits reach from -6.3 to 6.3."""

_TOKEN = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)*|\d[\d.,]*|[.!?\n]|[,;:—–()]")
_FORMS: Final = (
    ("<ly>", ("ly",)),
    ("<ing>", ("ing",)),
    ("<ed>", ("ed",)),
    ("<noun>", ("ion", "ment", "ness", "ity", "ance", "ence", "ism", "ship")),
    ("<adj>", ("al", "ous", "ive", "ful", "ic", "able", "ible", "less")),
    ("<s>", ("s",)),
)
_WEEKDAYS: Final = frozenset("monday tuesday wednesday thursday friday saturday sunday".split())
OTHER: Final = "<word>"
UNKNOWN_FORMS: Final = frozenset({*(form for form, _ in _FORMS), OTHER})
"""What rare words in small letters are taken as."""

MOST_CHARACTERS: Final = 20_000
"""A longer text is judged by its beginning: some 3,000 words."""
_ENGLISH: Final = 0.5
"""Least share of known words among those in small letters; less is another language, or a list."""
_SYMBOL = re.compile(r"[{}<>=_|;$\\/#*`\[\]@^~+&]")
_SYMBOLIC: Final = 0.12
"""Symbols for each word of a line from which it is taken for code or a table."""


class Token(NamedTuple):
    """A word, figure or mark of a text.

    Attributes:
        text: as it stands.
        start, end: its span.
    """

    text: str
    start: int
    end: int

    @property
    def is_word(self) -> bool:
        return self.text[0].isalpha()


def tokens(text: str) -> list[Token]:
    """The words, figures, ends of sentences and marks within them; quotation marks are left out."""
    return [Token(match[0], *match.span()) for match in _TOKEN.finditer(text)]


def shape(token: str, known: dict[str, int]) -> str:
    """What a token counts as: itself, where it is a word that is known, or its form."""
    first = token[0]
    if first.isdigit():
        return "<num>"
    if first in ".!?\n":
        return END
    if not first.isalpha():
        return "<mark>"
    low = token.lower().replace("’", "'")
    if low in _WEEKDAYS:
        return "<day>"  # hardly any in an encyclopedia, and nearly all of news has one
    if low in known:
        return low
    if low.endswith("'s"):
        return "<'s>"
    if first.isupper():
        return "<name>"
    for form, ends in _FORMS:
        if low.endswith(ends):
            return form
    return OTHER


@dataclass(frozen=True)
class Neighbours:
    """The counts, read.

    Attributes:
        known: words and forms, each with its number.
        pairs: of numbers `first * len(known) + second`, the logarithm of how much likelier the
            second is after the first than anywhere.
        others: the same for pairs that were hardly seen, by the first.
        rarity: by number, the share of the words that it makes up, as a natural logarithm.
    """

    known: dict[str, int]
    pairs: dict[int, float]
    others: list[float]
    rarity: list[float]

    def numbers(self, found: list[Token]) -> list[int]:
        """The tokens as numbers, with an end before the first and after the last."""
        end = self.known[END]
        other = self.known[OTHER]
        # A text says most of its words more than once.
        told = {
            text: self.known.get(shape(text, self.known), other)
            for text in {token.text for token in found}
        }
        return [end, *(told[token.text] for token in found), end]

    def fit(self, first: int, second: int) -> float:
        """How much likelier the second stands after the first than anywhere, as a logarithm."""
        found = self.pairs.get(first * len(self.known) + second)
        return self.others[first] if found is None else found

    def between(self, before: int, word: int, after: int) -> float:
        """How well a word stands between two others."""
        return self.fit(before, word) + self.fit(word, after)


@cache
def neighbours() -> Neighbours:
    """The counts that ship."""
    with np.load(MODEL, allow_pickle=False) as data:
        words = bytes(data["words"]).decode("utf-8").split("\n")
        ends, seconds = data["ends"].tolist(), data["seconds"].tolist()
        fits = (data["fits"].astype(np.float64) / SCALE).tolist()
        others = (data["others"].astype(np.float64) / SCALE).tolist()
        rarity = (data["rarity"].astype(np.float64) / 10.0).tolist()
    size = len(words)
    pairs = {
        first * size + seconds[at]: fits[at]
        for first in range(size)
        for at in range(ends[first], ends[first + 1])
    }
    return Neighbours({word: n for n, word in enumerate(words)}, pairs, others, rarity)


def prose(text: str) -> list[Token]:
    """The tokens of the lines that are prose; empty where they are not English, or not most of it.

    Of a long text the first 20,000 characters are read.
    """
    return list(_prose(text[:MOST_CHARACTERS]))


@lru_cache(maxsize=4)  # asked for what is spun, and then for what is garbled
def _prose(text: str) -> tuple[Token, ...]:
    found: list[Token] = []
    words = start = passed = 0
    for line in text.splitlines(keepends=True):
        here = tokens(line)
        count = sum(token.is_word for token in here)
        if count and len(_SYMBOL.findall(line)) <= _SYMBOLIC * count:
            found += [Token(t.text, t.start + start, t.end + start) for t in here]
            words += count
        else:
            passed += count
        start += len(line)
    if passed > words:
        return ()  # code with its comments
    known = neighbours().known
    small = [token.text.lower() for token in found if token.text[0].islower()]
    if sum(word in known for word in small) < _ENGLISH * len(small):
        return ()
    return tuple(found)
