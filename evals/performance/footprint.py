"""What a library takes on the disk, by part, for each page of 500 words.

    python -m evals.performance.footprint                       # 200 and 1,000 pages
    python -m evals.performance.footprint --pages 1000 10000

Pages are made of sentences of the suites' own sources in random order, one source each. Vectors
are drawn at random: their size does not depend on what they say, and embedding would take long.
"""

from __future__ import annotations

import argparse
import hashlib
import random
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from agent.types import Document
from evals.performance.scale import sentences
from tools.library import Addition, Library

WORDS = 500
PARTS = {
    "texts and vectors (library.sqlite)": "library.sqlite*",
    "vector index (chroma/)": "chroma/**/*",
    "full-text index (fulltext.sqlite)": "fulltext.sqlite*",
}
_BATCH = 100


class Drawn:
    """An embedder whose vectors follow from a text's hash, as long as the shipped one's."""

    id = "drawn"
    dimension = 384

    def embed(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """One unit vector for each text, (n, 384)."""
        seeds = (hashlib.sha256(text.encode()).digest()[:8] for text in texts)
        rows = [
            np.random.default_rng(int.from_bytes(seed, "big")).standard_normal(self.dimension)
            for seed in seeds
        ]
        vectors: NDArray[np.float32] = np.array(rows, np.float32).reshape(-1, self.dimension)
        vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
        return vectors


def page(number: int) -> Document:
    """A text of about `WORDS` words, in paragraphs of five sentences."""
    draw = random.Random(number)  # noqa: S311 - the same pages each time
    said: list[str] = []
    while sum(sentence.count(" ") + 1 for sentence in said) < WORDS:
        said.append(draw.choice(sentences()))
    paragraphs = [" ".join(said[at : at + 5]) for at in range(0, len(said), 5)]
    return Document(
        text="\n\n".join(paragraphs),
        title=f"Page {number}",
        publisher="The Ledger",
        url=f"https://ledger.example/{number}",
        published_at="2026-03-04",
        language="en",
    )


def sizes(folder: Path) -> dict[str, int]:
    """Bytes of each part of a library that nobody has open."""
    return {
        part: sum(file.stat().st_size for file in folder.glob(pattern) if file.is_file())
        for part, pattern in PARTS.items()
    }


def grow(folder: Path, pages: Sequence[int]) -> Iterator[tuple[int, int, dict[str, int], int]]:
    """Fills a library to each number of pages; gives it, passages, sizes, and an export's bytes."""
    filled = 0
    for wanted in sorted(pages):
        with Library.open(folder, Drawn(), create=True) as library:
            for start in range(filled, wanted, _BATCH):
                numbers = range(start, min(start + _BATCH, wanted))
                library.add_all([Addition(page(number)) for number in numbers])
        filled = wanted
        with Library.open(folder, Drawn()) as library:
            library.prepare()
            exported = folder.with_name(f"{wanted}.assay")
            library.export(exported)
            passages = library.state().passages
        yield wanted, passages, sizes(folder), exported.stat().st_size


def main() -> None:
    """Prints one table for each number of pages."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--pages", type=int, nargs="+", default=[200, 1000], metavar="N")
    with tempfile.TemporaryDirectory() as base:
        for pages, passages, parts, exported in grow(
            Path(base) / "library", parser.parse_args().pages
        ):
            print(f"{pages:,} pages of {WORDS} words, {passages / pages:.1f} passages each")
            for part, size in {**parts, "all": sum(parts.values()), "export": exported}.items():
                print(f"  {part:<36}{size / pages:>10,.0f} bytes a page")


if __name__ == "__main__":
    main()
