"""What of a text is compared with other texts to see whether both have one origin.

A profile is made of the text alone: its words in order, which of them are quoted, which are
figures and which names, and whom it credits or relies on. Case, punctuation and the writing of
figures do not matter, and a machine-spun text is read back first. Words are kept as hashes.
"""

from __future__ import annotations

import hashlib
import re
import unicodedata
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from tools.text.spinning import is_spun, plain_reading

SHINGLE = 4
"""Words of a shingle."""

Hashes = NDArray[np.uint64]
Flags = NDArray[np.bool_]

_WORD = re.compile(
    # One token each: a figure with its separators, one sign of a script written without
    # spaces (Thai, kana, Chinese), a word with its apostrophes.
    r"\d+(?:[.,]\d+)*"
    r"|[\u0e00-\u0e7f\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff]"
    r"|[^\W\d_\u0e00-\u0e7f\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff]+(?:['’][^\W\d_]+)*"
)
_QUOTATION = re.compile(
    # An opening curly mark without its partner runs to the end of the paragraph, as is
    # usual where a quotation goes on in the next one.
    r"“[^“”\n]*(?:”|\n|$)|„[^“”„\n]*(?:[“”]|\n|$)|«[^«»\n]*»"
    r'|"[^"\n]*"|‘[^‘\n]{15,}?’(?![^\W\d_])'
)
_SENTENCE_END = re.compile(r"[.!?:;\n“”„«»\"‘]")
_THOUSANDS = re.compile(r"(?<=\d)[.,\u00a0\u202f](?=\d{3}(?!\d))")
_PER_CENT = re.compile(r"\s?%|\bper\s+cent\b", re.IGNORECASE)
# Soft hyphens, joiners, marks of direction: they differ between two copies of one text.
_INVISIBLE = re.compile("[\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2064\ufeff]")

_NAME = r"[A-Z][\w’'.&-]*(?:[ ](?:(?:of|for|and|the|on|at)[ ]){0,2}[A-Z][\w’'&-]*){0,5}"
_CREDIT = re.compile(
    # `(Northmere News)` where a dateline ends or a text does; `Source: Northmere News`;
    # `With material from Northmere News`; `Northmere News contributed to this report`.
    # As names stand in the text: no list of agencies. Before the dash of a dateline stands a
    # place as often as an agency, so it has to stand in brackets there.
    rf"(?:^|\n)[ ]*\(({_NAME}(?:/{_NAME})*)\)"
    rf"|(?:^|\n)[^\n()]{{0,60}}\(({_NAME}(?:/{_NAME})*)\)(?=[ ]*[–—:-])"
    rf"|\(({_NAME}(?:/{_NAME})*)\)[ ]*(?=\n|$)"
    rf"|[–—-][ ]?({_NAME})[ ]*(?=\n|$)"
    rf"|(?:^|\n)[ ]*(?:Source|Agency|Agencies|Credit)s?:[ ]*({_NAME})"
    rf"|\b(?:[Ww]ith|[Uu]sing|[Aa]dditional|[Ii]ncludes?)[ ](?:material|reporting|reports?|text)"
    rf"[ ](?:from|of|by)[ ](?:the[ ])?({_NAME})"
    rf"|({_NAME})[ ]contributed[ ]to[ ]this[ ](?:report|article|story)"
)
_REPORT = re.compile(
    r"\b(?:report|study|survey|paper|analysis|review|audit|statistics|census|poll|inquiry"
    r"|figures[ ]from|data[ ]from|according[ ]to[ ]figures)\b",
    re.IGNORECASE,
)
_PROPER = re.compile(
    r"(?:[A-Z][\w’'-]+|[A-Z]{2,})(?:[ ](?:(?:of|for|and|the)[ ]){0,2}[A-Z][\w’'-]+){1,5}"
    r"|\b[A-Z]{3,}\b"
)
_TITLE = re.compile(r"[“\"«„‘]([A-Z][^”\"»“’\n]{3,60})[”\"»“’]")
_SENTENCE = re.compile(r"[^.!?\n]+")


class _Token(NamedTuple):
    word: str
    quoted: bool
    figure: bool
    name: bool
    """Capitalised inside a sentence."""


@dataclass(frozen=True, eq=False)
class Profile:
    """What of a text is compared. Arrays other than of words hold sorted, distinct hashes.

    Attributes:
        key: of the words alone, for equality.
        words: one hash a word, in order.
        quoted, figure, name: one flag a word.
        credits: agencies that the text names as where it was taken from.
        reports: names and titles in sentences that speak of a report, a study or the like.
        publisher: who published it, as credits are written; may be empty.
        spun: whether it was machine-spun.
    """

    key: int
    words: Hashes
    quoted: Flags
    figure: Flags
    name: Flags
    credits: frozenset[str]
    reports: frozenset[str]
    publisher: str
    spun: bool

    @cached_property
    def own_words(self) -> Hashes:
        """Words outside quotations, in order."""
        return self.words[~self.quoted]

    @cached_property
    def shingles(self) -> Hashes:
        return np.unique(grams(self.words, SHINGLE))

    @cached_property
    def own_shingles(self) -> Hashes:
        """Shingles that stand outside quotations as a whole."""
        whole = _windows(~self.quoted, SHINGLE).all(axis=1)
        return np.unique(grams(self.words, SHINGLE)[whole])

    @cached_property
    def figures(self) -> Hashes:
        """Word 3-grams with a figure in the middle: small figures soon meet by chance."""
        return np.unique(grams(self.words, 3)[self.figure[1:-1]])

    @cached_property
    def amounts(self) -> Hashes:
        """The figures by themselves."""
        return np.unique(self.words[self.figure])

    @cached_property
    def names(self) -> Hashes:
        return np.unique(self.words[self.name])


def profile(text: str, publisher: str | None = None, *, spun: bool | None = None) -> Profile:
    """The profile of a text.

    Args:
        text: the whole text.
        publisher: who published it.
        spun: whether it is machine-spun, where that is known; telling it takes most of the time.
    """
    return _profile(text, publisher or "", is_spun(text) if spun is None else spun)


# Of 800 words a profile takes some 40 KB.
@lru_cache(maxsize=2048)
def _profile(text: str, publisher: str, spun: bool) -> Profile:
    tokens = _tokens(plain_reading(text, spun=spun))
    words = " ".join(token.word for token in tokens)
    return Profile(
        key=_hash(words or f"\n{text.strip()}"),
        words=np.array([_word_hash(token.word) for token in tokens], dtype=np.uint64),
        quoted=np.array([token.quoted for token in tokens], dtype=bool),
        figure=np.array([token.figure for token in tokens], dtype=bool),
        name=np.array([token.name for token in tokens], dtype=bool),
        credits=_credits(text),
        reports=_reported(text),
        publisher=_plain_name(publisher),
        spun=spun,
    )


def grams(hashes: Hashes, size: int) -> Hashes:
    """One hash for each run of `size` words: a polynomial, then splitmix64's finisher."""
    found = np.zeros(max(0, len(hashes) - size + 1), dtype=np.uint64)
    for column in _windows(hashes, size).T:
        found = found * np.uint64(0x9E3779B97F4A7C15) + column
    found = (found ^ (found >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    found = (found ^ (found >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return found ^ (found >> np.uint64(31))


def hash_of(word: str) -> int:
    """A hash of 64 bits that is the same in every process, as Python's own is not."""
    return _word_hash(word)


def _windows(values: NDArray[Any], size: int) -> NDArray[Any]:
    if len(values) < size:
        return np.empty((0, size), dtype=values.dtype)
    return np.lib.stride_tricks.sliding_window_view(values, size)


def _credits(text: str) -> frozenset[str]:
    found = {
        name
        for match in _CREDIT.finditer(text)
        for group, name in enumerate(match.groups(), 1)
        if name and not _is_abbreviation(name, text[: match.start(group)])
    }
    return frozenset(
        plain for names in found for name in names.split("/") if len(plain := _plain_name(name)) > 1
    )


def _is_abbreviation(name: str, before: str) -> bool:
    """Whether `World Health Organization (WHO)` stands there: no credit."""
    initials = "".join(word[0] for word in re.findall(r"\w+", before) if word[0].isupper())
    return name.isupper() and initials.endswith(name)


def _reported(text: str) -> frozenset[str]:
    """Names of more than one word, and titles in quotation marks, beside a word for a report."""
    found: set[str] = set()
    for sentence in _SENTENCE.findall(text):
        if _REPORT.search(sentence):
            found.update(match[0] for match in _PROPER.finditer(sentence))
            found.update(match[1] for match in _TITLE.finditer(sentence))
    return frozenset(map(_plain_name, found))


def _plain_name(name: str) -> str:
    words = re.findall(r"\w+", re.sub(r"[’']s?\b", "", name.casefold()))
    return " ".join(words[1:] if words[:1] == ["the"] else words)


def _tokens(text: str) -> list[_Token]:
    text = _THOUSANDS.sub("", _INVISIBLE.sub("", text))
    text = _PER_CENT.sub(" percent", unicodedata.normalize("NFKC", text))
    quotations = [match.span() for match in _QUOTATION.finditer(text)]
    tokens: list[_Token] = []
    end, quotation = 0, 0
    for match in _WORD.finditer(text):
        while quotation < len(quotations) and quotations[quotation][1] <= match.start():
            quotation += 1
        quoted = quotation < len(quotations) and quotations[quotation][0] <= match.start()
        word = match[0]
        figure = word[0].isdecimal()
        tokens.append(
            _Token(
                word=_figure(word) if figure else word.casefold().replace("’", "'"),
                quoted=quoted,
                figure=figure,
                name=word[0].isupper()
                and bool(tokens)
                and not _SENTENCE_END.search(text, end, match.start()),
            )
        )
        end = match.end()
    return tokens


def _figure(figure: str) -> str:
    """`48,39` and `48.390` are `48.39`; thousands are already closed up."""
    whole, mark, decimals = figure.replace(",", ".").rpartition(".")
    return f"{whole}.{decimals}".rstrip("0").rstrip(".") if mark else figure


@lru_cache(maxsize=65536)
def _word_hash(word: str) -> int:
    return _hash(word)


def _hash(text: str) -> int:
    return int.from_bytes(hashlib.blake2b(text.encode(), digest_size=8).digest(), "big")
