"""Which sources copy one another, so that a story told ten times counts once.

Outlets print the same agency story under their own headlines, cut it to fit, and machines
reword it. All of these say no more than the first text did. Two reporters who were at the
same event are another matter, even where both quote the same sentence. What tells them
apart is how much the outlets wrote in the same words *outside* quotation marks:

- A **copy** shares half of its word 4-grams with the other text (containment, Broder 1997,
  "On the resemblance and containment of documents"), so a shortened copy still counts.
- A **reworded copy** keeps the order of its words, figures and names though every third
  word is swapped: its longest common subsequence gives it away.
- A **form letter** (two weather reports, two quarterly results) shares the words as well,
  but not the figures or names that stand in them. It is no copy.

The thresholds were set on 842 news texts, many of them on the same events. Of 354,061
pairs 94 are copies by these rules; a dozen pairs on either side of the thresholds were
read to set them, no pair was labelled. Of copies made from the same texts by a program,
99 % are found when cut to 40 % or with sentences in another order, 99 % with a third of
the words swapped at random, 90 % with 40 % swapped, 76 % with a third swapped and cut to
60 %. How often independent reports are taken for copies elsewhere is not measured.
"""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from agent.types import Source
from tools.text.spinning import plain_reading

_SHINGLE = 4
_MIN_WORDS = 30
"""A shorter text is a copy only of the very same words: two headlines are soon alike."""

_COPIED = 0.5
"""Containment, quotations left out, from which a text is a copy."""
_MIN_OWN_WORDS = 12
"""Two texts with fewer words outside quotations (transcripts, say) are compared whole."""
_SAME_FACTS = 0.5
"""Share of figures, and of names, that a copy has in common with the other text."""

_REWORDED = 0.65
"""Common subsequence, as a share of the shorter text, from which a text is reworded."""
_REWORDED_SHINGLES = 0.1
"""Containment that a reworded text keeps by chance; below it no alignment is tried."""
_REWORDED_FACTS = 0.8
"""Share of figures, and of names, that a reworded text keeps in their order."""
_REWORDED_LENGTHS = 2.5
"""Largest ratio of lengths: a long text holds most short ones as a subsequence."""
_MIN_FACTS = 4
"""Fewer figures or names than this prove nothing either way."""

_MAX_POSTINGS = 1_000_000
"""Shingles looked at for proposing pairs; a larger library is sampled evenly."""
_NEIGHBOURS = 16
"""Each holder of a shingle is paired with so many of the next; groups are transitive."""

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

Hashes = NDArray[np.uint64]


class _Token(NamedTuple):
    word: str
    quoted: bool
    figure: bool
    name: bool
    """Capitalised inside a sentence."""


@dataclass(frozen=True, eq=False)
class _Profile:
    """What of a text is compared. All arrays hold sorted, distinct hashes."""

    key: str
    """The words alone, for equality."""
    words: int
    own_words: int
    """Words outside quotations."""
    shingles: Hashes
    own_shingles: Hashes
    figures: Hashes
    """Word 3-grams with a figure in the middle: small figures soon meet by chance."""
    names: Hashes


def similar(a: str, b: str) -> float:
    """How much of the shorter text stands in the other, word for word.

    Returns:
        Containment of word 4-grams, |A∩B| / min(|A|, |B|), from 0 to 1; symmetric. Case,
        punctuation and the writing of figures do not matter, and machine-spun text is read
        back first. Texts of fewer than four words are either equal (1) or not (0).
    """
    left, right = _profile(a), _profile(b)
    if left.key == right.key:
        return 1.0
    return _containment(left.shingles, right.shingles)


def is_copy(a: str, b: str) -> bool:
    """Whether one text copies the other: whole, shortened, retitled, reordered or reworded.

    Symmetric. Texts of fewer than 30 words are copies only if their words are the same.
    """
    left, right = _profile(a), _profile(b)
    if left.key == right.key:
        return True
    if min(left.words, right.words) < _MIN_WORDS:
        return False
    shared = _containment(left.shingles, right.shingles)
    if shared < _REWORDED_SHINGLES:
        return False
    if max(left.own_words, right.own_words) >= _MIN_OWN_WORDS:
        shared = _containment(left.own_shingles, right.own_shingles)
    if shared >= _COPIED:
        return _same_facts(left, right)
    return _is_reworded(a, b)


def origin_groups(sources: Sequence[Source]) -> dict[str, str]:
    """Groups sources that copy one another, directly or through a third.

    Args:
        sources: any sources with distinct ids, in any order; the order does not matter.

    Returns:
        For each source's id the id of its group's earliest source: by date of publication
        where it is known, then by the time it was added, then by id.
    """
    ordered = sorted(sources, key=_age)
    leader = list(range(len(ordered)))

    def root(number: int) -> int:
        while leader[number] != number:
            leader[number] = leader[leader[number]]
            number = leader[number]
        return number

    for one, other in _candidates([_profile(source.text) for source in ordered]):
        first, second = sorted((root(one), root(other)))
        if first != second and is_copy(ordered[one].text, ordered[other].text):
            leader[second] = first
    return {source.id: ordered[root(number)].id for number, source in enumerate(ordered)}


def _age(source: Source) -> tuple[bool, str, str, str]:
    return source.published_at is None, source.published_at or "", source.added_at, source.id


def _candidates(profiles: Sequence[_Profile]) -> list[tuple[int, int]]:
    """Pairs of positions that may be copies, in order; the rest share too few shingles.

    An inverted index from shingle to texts. Where there are too many shingles, the same
    sample of them is taken of every text, which keeps the containment of any two (Broder
    1997, the mod-m sketch); MinHash keeps their Jaccard similarity instead, and would lose
    a paragraph taken out of a long report.
    """
    pairs = _equal_pairs(profiles)
    total = sum(len(profile.shingles) for profile in profiles)
    if total == 0:
        return sorted(pairs)
    highest = np.uint64(min(1.0, _MAX_POSTINGS / total) * 0xFFFF_FFFF_FFFF_F000)
    sketches = [profile.shingles[profile.shingles <= highest] for profile in profiles]
    sizes = np.array([len(sketch) for sketch in sketches])
    shingles = np.concatenate(sketches)
    holders = np.repeat(np.arange(len(sketches)), sizes)
    order = np.argsort(shingles, kind="stable")
    shingles, holders = shingles[order], holders[order]

    met = []
    for step in range(1, min(_NEIGHBOURS, len(profiles) - 1) + 1):
        same = shingles[:-step] == shingles[step:]
        met.append(holders[:-step][same] * len(profiles) + holders[step:][same])
    if met:
        codes, shared = np.unique(np.concatenate(met), return_counts=True)
        left, right = np.divmod(codes, len(profiles))
        # Half of what `is_copy` asks for at least, since a sample may fall short.
        enough = shared >= _REWORDED_SHINGLES / 2 * np.minimum(sizes[left], sizes[right])
        pairs.update(zip(left[enough].tolist(), right[enough].tolist(), strict=True))
    return sorted(pairs)


def _equal_pairs(profiles: Sequence[_Profile]) -> set[tuple[int, int]]:
    """Each text with the first of the same words: short ones have no shingle to meet by."""
    first: dict[str, int] = {}
    pairs = set()
    for number, profile in enumerate(profiles):
        earlier = first.setdefault(profile.key, number)
        if earlier != number:
            pairs.add((earlier, number))
    return pairs


def _same_facts(left: _Profile, right: _Profile) -> bool:
    """Whether the texts are about the same, and not one form filled in twice."""
    return all(
        min(len(mine), len(theirs)) < _MIN_FACTS or _containment(mine, theirs) >= _SAME_FACTS
        for mine, theirs in ((left.figures, right.figures), (left.names, right.names))
    )


def _is_reworded(a: str, b: str) -> bool:
    """Whether the order of words, figures and names betrays one text behind both."""
    left, right = ([token for token in _tokens(text) if not token.quoted] for text in (a, b))
    shorter, longer = sorted((len(left), len(right)))
    if shorter < _MIN_WORDS or longer > _REWORDED_LENGTHS * shorter:
        return False
    figures = _in_common(*([t.word for t in tokens if t.figure] for tokens in (left, right)))
    names = _in_common(*([t.word for t in tokens if t.name] for tokens in (left, right)))
    facts = [share for share in (figures, names) if share is not None]
    if not facts or min(facts) < _REWORDED_FACTS:
        return False
    words = _in_common(*([t.word for t in tokens] for tokens in (left, right)))
    return words is not None and words >= _REWORDED


def _in_common(a: Sequence[str], b: Sequence[str]) -> float | None:
    """Longest common subsequence as a share of the shorter; None where that is too short."""
    from rapidfuzz.distance import LCSseq

    shorter = min(len(a), len(b))
    return LCSseq.similarity(a, b) / shorter if shorter >= _MIN_FACTS else None


def _containment(a: Hashes, b: Hashes) -> float:
    if not len(a) or not len(b):
        return 0.0
    return len(np.intersect1d(a, b, assume_unique=True)) / min(len(a), len(b))


# A profile of 800 words takes some 15 KB; adding a source compares it with all others,
# which would otherwise take every text apart again.
@lru_cache(maxsize=8192)
def _profile(text: str) -> _Profile:
    tokens = _tokens(text)
    hashes = np.array([_word_hash(token.word) for token in tokens], dtype=np.uint64)
    own = np.array([not token.quoted for token in tokens], dtype=bool)
    shingles, triples = _grams(hashes, _SHINGLE), _grams(hashes, 3)
    middle = tokens[1:-1]
    words = " ".join(token.word for token in tokens)
    return _Profile(
        key=hashlib.sha256((words or text.strip()).encode()).hexdigest(),
        words=len(tokens),
        own_words=int(own.sum()),
        shingles=np.unique(shingles),
        own_shingles=np.unique(shingles[_windows(own, _SHINGLE).all(axis=1)]),
        figures=np.unique(triples[np.array([token.figure for token in middle], dtype=bool)]),
        names=np.unique(hashes[np.array([token.name for token in tokens], dtype=bool)]),
    )


def _tokens(text: str) -> list[_Token]:
    text = _THOUSANDS.sub("", _INVISIBLE.sub("", plain_reading(text)))
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
        plain = _figure(word) if figure else word.casefold().replace("’", "'")
        tokens.append(
            _Token(
                word=plain,
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
    # Python's own hash differs from process to process, and with it the sample of shingles.
    return int.from_bytes(hashlib.blake2b(word.encode(), digest_size=8).digest(), "big")


def _windows(values: NDArray[Any], size: int) -> NDArray[Any]:
    if len(values) < size:
        return np.empty((0, size), dtype=values.dtype)
    return np.lib.stride_tricks.sliding_window_view(values, size)


def _grams(hashes: Hashes, size: int) -> Hashes:
    """One hash for each run of `size` words: a polynomial, then splitmix64's finisher."""
    grams = np.zeros(max(0, len(hashes) - size + 1), dtype=np.uint64)
    for column in _windows(hashes, size).T:
        grams = grams * np.uint64(0x9E3779B97F4A7C15) + column
    grams = (grams ^ (grams >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    grams = (grams ^ (grams >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return grams ^ (grams >> np.uint64(31))
