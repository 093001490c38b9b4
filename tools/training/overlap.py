"""Training pairs that stand near anything a judge is measured on.

Claims are compared with claims and passages with evidence: by their words exactly, or by
containment of word 5-grams (Broder 1997), so that an altered figure, a cut or an added
sentence hides nothing. `python -m tools.training.overlap --train FILE --tests DIR…` prints
what was found, by set.

What a suite's corpus holds besides its gold is counted apart and not removed: a passage
that decides no claim of the suite tells none of its labels.
"""

from __future__ import annotations

import argparse
import json
import re
import sys
import unicodedata
from array import array
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

from agent.errors import InputError
from agent.types import VERDICTS
from tools.training.pairs import TrainingPair

Part = Literal["claim", "evidence", "corpus"]

GRAM = 5
CONTAINED = 0.6
"""Share of the shorter text's 5-grams from which two texts are near."""
_FEWEST: dict[Part, int] = {"claim": 4, "evidence": 8, "corpus": 8}
"""5-grams of the shorter text below which only equal words count: idioms would match, and
a single row of a table is alike in many."""
_EXACT_WORDS = 4
"""Words below which even the same words tell nothing: `Thank you.`"""
_BATCH = 20_000

Ids = NDArray[np.int64]
Hashes = NDArray[np.uint64]


class MeasuredText(NamedTuple):
    """A claim of a set, the evidence for one, or other text of its corpus."""

    name: str
    part: Part
    text: str


class Near(NamedTuple):
    """A training pair near a text of a set.

    Attributes:
        pair: its place in the list of pairs.
        name: of the set.
        part: which part of the pair is near: its claim, or its passage to evidence or corpus.
        exact: whether the words are the same.
        text: what it is near to.
    """

    pair: int
    name: str
    part: Part
    exact: bool
    text: str


@dataclass(frozen=True)
class Report:
    """What was found.

    Attributes:
        makers: of each pair, in order.
        near: one entry for each pair, set and part; the nearest text of them.
    """

    makers: tuple[str, ...]
    near: tuple[Near, ...]

    @property
    def removed(self) -> frozenset[int]:
        """The pairs to be removed: near a claim, or near evidence that decides one."""
        return frozenset(one.pair for one in self.near if one.part != "corpus")

    def kept(self, pairs: Sequence[TrainingPair]) -> list[TrainingPair]:
        """The pairs without those to be removed."""
        removed = self.removed
        return [pair for place, pair in enumerate(pairs) if place not in removed]

    def table(self) -> str:
        """Two tables in Markdown: by test set, and by maker of the pairs."""
        lines = [
            "| Set | claim, same words | claim, near | evidence, same words | evidence, near "
            "| corpus only | pairs removed |",
            "|---|---|---|---|---|---|---|",
        ]
        for name in sorted({one.name for one in self.near}):
            ours = [one for one in self.near if one.name == name]
            cells = [
                sum(one.part == part and one.exact == exact for one in ours)
                for part in ("claim", "evidence")
                for exact in (True, False)
            ]
            gone = {one.pair for one in ours if one.part != "corpus"}
            only = {one.pair for one in ours} - gone
            numbers = " | ".join(f"{n:,}" for n in (*cells, len(only), len(gone)))
            lines.append(f"| {name} | {numbers} |")
        lines += ["", "| Maker | pairs | removed |", "|---|---|---|"]
        removed = self.removed
        for maker in sorted(set(self.makers)):
            places = [place for place, one in enumerate(self.makers) if one == maker]
            gone_of = len(removed.intersection(places))
            lines.append(f"| {maker} | {len(places):,} | {gone_of:,} |")
        lines.append(f"| in all | {len(self.makers):,} | {len(removed):,} |")
        return "\n".join(lines)


def near_tests(pairs: Sequence[TrainingPair], tests: Iterable[MeasuredText]) -> Report:
    """Finds pairs whose claim is near a test's claim, or whose passage is near its evidence.

    Case, punctuation and compatibility forms do not matter. Exact means the same words;
    near means that three fifths of the word 5-grams of the shorter text stand in the other.

    Args:
        pairs: of any maker.
        tests: of `read_tests`.
    """
    tests = list(dict.fromkeys(tests))
    vocabulary: dict[str, int] = {}
    best: dict[tuple[int, str, Part], tuple[float, Near]] = {}
    for field, parts in (("claim", {"claim"}), ("passage", {"evidence", "corpus"})):
        sought = [test for test in tests if test.part in parts]
        places: dict[str, list[int]] = {}
        for place, pair in enumerate(pairs):
            places.setdefault(getattr(pair, field), []).append(place)
        texts = list(places)
        fewest = np.array([_FEWEST[test.part] for test in sought], dtype=np.int64)
        index = _Index([test.text for test in sought], fewest, vocabulary)
        for text, other, share in index.near(texts):
            test = sought[other]
            for place in places[texts[text]]:
                key = (place, test.name, test.part)
                if key not in best or share > best[key][0]:
                    best[key] = (share, Near(*key, share == _SAME, test.text))
    found = sorted((one for _, one in best.values()), key=lambda one: one[:3])
    return Report(tuple(pair.maker for pair in pairs), tuple(found))


_SAME = 2.0
"""Stands for the share of 5-grams where all words are the same, in the same order."""


class _Grams(NamedTuple):
    """The different word 5-grams of some texts.

    Attributes:
        owners: the text of each, ascending.
        hashes: one for each.
        sizes: how many each text has.
        words: all words of each text, as bytes.
    """

    owners: Ids
    hashes: Hashes
    sizes: Ids
    words: list[bytes]


class _Index:
    """Texts by their word 5-grams, in arrays: millions of lists would not fit in memory.

    Args:
        texts: what is looked for.
        fewest: of each, the fewest 5-grams that it can be near something by.
        vocabulary: numbers of words, shared with other indexes and added to.
    """

    def __init__(self, texts: Sequence[str], fewest: Ids, vocabulary: dict[str, int]) -> None:
        self._vocabulary = vocabulary
        self._fewest = fewest
        grams = _grams(texts, vocabulary)
        self._sizes = grams.sizes
        self._same: dict[bytes, list[int]] = {}
        for number, words in enumerate(grams.words):
            if len(words) >= _EXACT_WORDS * _WORD_BYTES:
                self._same.setdefault(words, []).append(number)
        order = np.argsort(grams.hashes, kind="stable")
        self._hashes, self._owners = grams.hashes[order], grams.owners[order]

    def near(self, texts: Sequence[str]) -> Iterator[tuple[int, int, float]]:
        """Places of texts and of the index's texts that they are near to, with the share."""
        for start in range(0, len(texts), _BATCH):
            grams = _grams(texts[start : start + _BATCH], self._vocabulary)
            for place, words in enumerate(grams.words):
                for other in self._same.get(words, ()):
                    yield start + place, other, _SAME
            for place, other, share in self._contained(grams):
                yield start + place, other, share

    def _contained(self, grams: _Grams) -> Iterator[tuple[int, int, float]]:
        left = np.searchsorted(self._hashes, grams.hashes, side="left")
        right = np.searchsorted(self._hashes, grams.hashes, side="right")
        times = right - left
        # One row for each 5-gram that a text and an indexed text share.
        ours = np.repeat(grams.owners, times)
        steps = np.arange(len(ours)) - np.repeat(np.cumsum(times) - times, times)
        theirs = self._owners[np.repeat(left, times) + steps]
        width = max(len(self._sizes), 1)
        both, shared = np.unique(ours * width + theirs, return_counts=True)
        ours, theirs = np.divmod(both, width)
        shorter = np.minimum(grams.sizes[ours], self._sizes[theirs])
        share = shared / np.maximum(shorter, 1)
        for i in np.flatnonzero((shorter >= self._fewest[theirs]) & (share >= CONTAINED)):
            yield int(ours[i]), int(theirs[i]), float(share[i])


_WORDS = re.compile(r"[^\W_]+")
_WORD_BYTES = 8
_PRIME = np.uint64(1_099_511_628_211)


def _grams(texts: Sequence[str], vocabulary: dict[str, int]) -> _Grams:
    """The different 5-grams of texts; words are numbered by `vocabulary`, which grows."""
    lengths, numbers, whole = [], array("q"), []
    for text in texts:
        words = _WORDS.findall(unicodedata.normalize("NFKC", text).casefold())
        numbered = array("q", [vocabulary.setdefault(w, len(vocabulary)) for w in words])
        lengths.append(len(numbered))
        whole.append(numbered.tobytes())
        numbers.extend(numbered)
    flat = np.frombuffer(numbers, dtype=np.int64) if numbers else np.zeros(0, dtype=np.int64)
    owner = np.repeat(np.arange(len(texts)), lengths)
    count = max(len(flat) - GRAM + 1, 0)
    hashes = np.zeros(count, dtype=np.uint64)
    for offset in range(GRAM):
        hashes = (hashes ^ (flat[offset : offset + count].astype(np.uint64) + 1)) * _PRIME
        hashes ^= hashes >> np.uint64(29)
    # A 5-gram does not cross from one text into the next.
    within = owner[:count] == owner[len(flat) - count :]
    owners, hashes = owner[:count][within], hashes[within]
    order = np.lexsort((hashes, owners))
    owners, hashes = owners[order], hashes[order]
    first = np.ones(len(owners), dtype=bool)
    first[1:] = (owners[1:] != owners[:-1]) | (hashes[1:] != hashes[:-1])
    owners, hashes = owners[first], hashes[first]
    return _Grams(owners, hashes, np.bincount(owners, minlength=len(texts)), whole)


# Reading


def read_tests(folders: Sequence[Path]) -> list[MeasuredText]:
    """All claims and evidence below folders of sets and suites.

    Fields are taken by their names in any `.jsonl` file: `claim`, `claims` and `quote` are
    claims; `evidence` is evidence; `text` is evidence if a claim's gold names the row and
    corpus if none does; files of other kinds in `articles` and `sources` are evidence. Files
    named `…_train.jsonl` hold what may be trained on and are passed over.

    Args:
        folders: a set is named by the first file or folder below them.

    Raises:
        InputError: a folder is missing, or a line is not JSON.
    """
    found: list[MeasuredText] = []
    for folder in folders:
        if not folder.is_dir():
            raise InputError(f"there is no folder {folder}")
        is_set = (folder / "claims.jsonl").is_file()
        for path in sorted(folder.iterdir()):
            if path.suffix == ".jsonl" and not is_set:
                found += _of_set(path.stem, [path])
            elif path.is_dir() and not is_set:
                found += _of_set(path.name, sorted(p for p in path.rglob("*") if p.is_file()))
        if is_set:
            found += _of_set(folder.name, sorted(p for p in folder.rglob("*") if p.is_file()))
    return found


def _of_set(name: str, files: Sequence[Path]) -> Iterator[MeasuredText]:
    rows = []
    for path in files:
        if path.suffix == ".jsonl" and not path.stem.endswith("_train"):
            rows += list(_lines(path))
        elif path.parent.name in ("articles", "sources"):
            text = path.read_text(encoding="utf-8", errors="replace")
            yield MeasuredText(name, "evidence", text)
    gold: set[str] = set()
    for row in rows:
        gold.update(_strings([row.get(key) for key in ("gold_ids", "human_evidence_id")]))
        for sentence in row.get("sentences") or []:
            for claim in sentence.get("claims") or []:
                gold.update(_strings([claim.get("human_evidence_id")]))
    for row in rows:
        for text in _claims(row):
            yield MeasuredText(name, "claim", text)
        evidence = list(_strings(row.get("evidence")))
        for text in dict.fromkeys([*evidence, "\n".join(evidence)]) if evidence else ():
            yield MeasuredText(name, "evidence", text)
        if isinstance(row.get("text"), str):
            is_corpus = "doc" in row and row.get("id") not in gold
            yield MeasuredText(name, "corpus" if is_corpus else "evidence", row["text"])


def _claims(row: dict[str, Any]) -> Iterator[str]:
    if isinstance(row.get("claim"), str):
        yield row["claim"]
    for claim in row.get("claims") or []:
        if isinstance(claim, str):
            yield claim
        elif isinstance(claim, dict):
            yield from _strings([claim.get("claim"), claim.get("text"), claim.get("quote")])
    for sentence in row.get("sentences") or []:
        if isinstance(sentence, dict):
            yield from _claims(sentence)


def _strings(value: object) -> Iterator[str]:
    """The texts in lists of lists, which gold sets are."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, list):
        for one in value:
            yield from _strings(one)


def _lines(path: Path) -> Iterator[dict[str, Any]]:
    try:
        with path.open(encoding="utf-8") as file:
            for number, line in enumerate(file, start=1):
                if line.strip():
                    row = json.loads(line)
                    if not isinstance(row, dict):
                        raise InputError(f"{path}, line {number}: not a JSON object")
                    yield row
    except OSError as error:
        raise InputError(f"{path} cannot be read: {error.strerror}") from error
    except ValueError:
        raise InputError(f"{path} is not JSONL in UTF-8") from None


def read_pairs(path: Path) -> list[TrainingPair]:
    """Training pairs from JSONL, one object of their fields a line.

    Raises:
        InputError: the file is missing, or a line is no pair.
    """
    pairs = []
    for row in _lines(path):
        try:
            pair = TrainingPair(**row)
        except TypeError:
            pair = None
        if pair is None or pair.label not in VERDICTS:
            raise InputError(f"{path} holds a line that is no training pair: {str(row)[:80]}")
        pairs.append(pair)
    return pairs


def main(arguments: Sequence[str] | None = None) -> None:
    """`python -m tools.training.overlap --train FILE --tests DIR… [--out FILE]`."""
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("--train", type=Path, required=True, help="JSONL of training pairs")
    parser.add_argument("--tests", type=Path, nargs="+", required=True, help="folders of sets")
    parser.add_argument("--out", type=Path, help="where the pairs that may stay are written")
    given = parser.parse_args(arguments)
    lines = given.train.read_text(encoding="utf-8").splitlines() if given.out else []
    report = near_tests(read_pairs(given.train), read_tests(given.tests))
    if given.out:
        removed = report.removed
        kept = [line for place, line in enumerate(lines) if place not in removed]
        given.out.write_text("".join(f"{line}\n" for line in kept), encoding="utf-8")
    sys.stdout.write(report.table() + "\n")


if __name__ == "__main__":
    main()
