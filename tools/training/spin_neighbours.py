"""Counts which English words stand beside which: makes the file of `tools/text/neighbours.py`.

    python -m tools.training.spin_neighbours FOLDER

FOLDER holds the public sets. Only evidence whose publisher states a licence is read, nearly all of
it from Wikipedia: a table of pairs that stood together often enough holds no text, and says so
about none. Everything is sorted, so that the same sets give the same bytes.
"""

from __future__ import annotations

import argparse
import json
import math
import re
import sys
from collections import Counter
from collections.abc import Iterable, Iterator
from itertools import pairwise
from pathlib import Path

import numpy as np

from agent.errors import InputError
from tools.text.neighbours import END, MODEL, OTHER, SCALE, UNKNOWN_FORMS, shape, tokens

SETS = {
    "fever_dev_2way": "FEVER; text of Wikipedia, CC BY-SA",
    "fm2_dev": "Apache-2.0",
    "nli_conj_auto": "MIT",
    "nli_counterfactual": "Apache-2.0",
    "nli_new_protocols": "none stated for the labels, which are not read; text CC BY-SA",
    "nli_semi_automatic_wiki": "CC BY-SA",
}
_WORDS = 6000
_LEAST_SEEN = 4
"""Times that a pair must have stood together to be kept."""
_DISCOUNT = 0.75
_BRACKET = re.compile(r"-[LR][RS]B-")


def texts(folder: Path) -> Iterator[str]:
    """The evidence of all sets, each text once.

    Raises:
        InputError: a set is missing or malformed.
    """
    seen = set()
    for name in SETS:
        path = folder / f"{name}.jsonl"
        try:
            rows = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
            found = [text for row in rows for text in row["evidence"]]
        except OSError as error:
            raise InputError(f"{path} cannot be read: {error.strerror}") from error
        except (ValueError, KeyError, TypeError):
            raise InputError(f"{path} is no set of pairs", 'A line has "evidence"') from None
        for text in found:
            if text not in seen:
                seen.add(text)
                yield _BRACKET.sub(" ", text)


def count(found: Iterable[str]) -> tuple[list[str], Counter[str], Counter[tuple[str, str]]]:
    """The words that are told apart, and how often each, and each pair, stood in the texts."""
    tokenised = [[token.text for token in tokens(text)] for text in found]
    often = Counter(
        token.lower().replace("’", "'")
        for text in tokenised
        for token in text
        if token[0].isalpha()
    )
    ranked = sorted(often, key=lambda word: (-often[word], word))[:_WORDS]
    known = {word: n for n, word in enumerate(ranked)}
    single: Counter[str] = Counter()
    pairs: Counter[tuple[str, str]] = Counter()
    for text in tokenised:
        shapes = [END, *(shape(token, known) for token in text), END]
        single.update(shapes)
        pairs.update(pairwise(shapes))
    forms = {END, OTHER, "<num>", "<mark>", "<name>", "<'s>", "<day>", *UNKNOWN_FORMS}
    return [*sorted(forms), *sorted(ranked)], single, pairs


def write(
    path: Path, words: list[str], single: Counter[str], pairs: Counter[tuple[str, str]]
) -> int:
    """Writes the file; returns how many pairs it has."""
    total = single.total()
    number = {word: n for n, word in enumerate(words)}
    after: list[list[tuple[int, int]]] = [[] for _ in words]
    before: Counter[str] = Counter()
    for (first, second), seen in pairs.items():
        before[first] += seen
        if seen >= _LEAST_SEEN:
            after[number[first]].append((number[second], seen))
    ends, seconds, fits, others = [0], [], [], []
    for n, word in enumerate(words):
        kept = sorted(after[n])
        whole = before[word] or 1
        left = 1 - sum(seen - _DISCOUNT for _, seen in kept) / whole
        others.append(math.log(max(left, 1e-3)))
        for other, seen in kept:
            alone = single[words[other]] / total
            fits.append(math.log((seen - _DISCOUNT) / whole / alone + left))
            seconds.append(other)
        ends.append(len(seconds))
    rarity = [math.log((single[word] + 1) / total) for word in words]
    np.savez_compressed(
        path,
        words=np.frombuffer("\n".join(words).encode(), dtype=np.uint8),
        ends=np.array(ends, dtype=np.int32),
        seconds=np.array(seconds, dtype=np.uint16),
        fits=_small(fits, SCALE),
        others=_small(others, SCALE),
        rarity=np.round(np.array(rarity) * 10).astype(np.int16),
    )
    return len(seconds)


def _small(values: list[float], scale: float) -> np.ndarray[tuple[int], np.dtype[np.int8]]:
    return np.clip(np.round(np.array(values) * scale), -127, 127).astype(np.int8)


def main() -> None:
    """Counts, and writes the file."""
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--out", type=Path, default=MODEL)
    given = parser.parse_args()
    words, single, pairs = count(texts(given.folder))
    kept = write(given.out, words, single, pairs)
    sys.stdout.write(f"{single.total()} tokens, {len(words)} words and forms, {kept} pairs\n")


if __name__ == "__main__":
    main()
