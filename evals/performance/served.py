"""A library on a server beside the same one in a folder: bringing it there, and finding passages.

    python -m evals.performance.served LIBRARY postgresql://USER@HOST/NAME [--chroma-url URL]

The database should be an empty one, and its password in PGPASSWORD. All sources of the library are
brought there and grouped, and the index is filled. Then passages are looked for, those of sentences
of the library, in a process of its own for each: in the folder, with the index on this machine, and
with one on the Chroma server, where one is named. Seconds are of the clock and, in brackets, of
this side's processor, since the servers have cores of their own.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from evals.performance.scale import apart, peak_memory
from tools.library import Library
from tools.library.address import local_folder
from tools.library.retrieval import retrieve_many
from tools.models.embedder import MiniLMEmbedder, StoredVectors
from tools.text.sentences import sentence_spans

CLAIMS, SHOWN = 50, 10
_WORDS = 8
"""A sentence of fewer says too little to be looked for."""


class Took(NamedTuple):
    """Seconds of something."""

    clock: float
    processor: float

    def __str__(self) -> str:
        return f"{self.clock:.2f} s ({self.processor:.2f})"


def took(work: Callable[[], Any]) -> Took:
    """What a call takes of the clock, and of this process."""
    clock, processor = time.perf_counter(), time.process_time()
    work()
    return Took(time.perf_counter() - clock, time.process_time() - processor)


def bring(library: Path, place: Path) -> tuple[Took, Took]:
    """Brings all sources of a library into another; groups them there and fills its index."""
    with Library.open(library, MiniLMEmbedder()) as given:
        vectors = StoredVectors(given.embedder.id, given.embedder.dimension)
        with Library.open(place, vectors, create=True) as into:
            brought = took(lambda: into.merge(given))
            return brought, took(into.prepare)


def claims(library: Library, count: int = CLAIMS) -> list[str]:
    """A sentence from the middle of each of so many sources, evenly from all of the library."""
    found: list[str] = []
    ids = [each.id for each in library.sources()]
    for id_ in ids[:: max(1, len(ids) // (2 * count))]:  # some have no sentence that is long enough
        text = library.source(id_).text
        said = [text[a:b] for a, b in sentence_spans(text) if text[a:b].count(" ") >= _WORDS]
        found += said[len(said) // 2 :][:1]
    return found[:count]


def find(place: Path, sought: Sequence[str]) -> dict[str, Any]:
    """Opens a library and finds the passages of claims in it; in a process of its own.

    Returns:
        `opened` and `found` as `Took`, `memory` in bytes at most, `ids` of the passages found.
    """
    embedder = MiniLMEmbedder()
    embedder.embed(["loads the weights"])
    started, processor = time.perf_counter(), time.process_time()
    with Library.open(place, embedder) as library:
        library.prepare()
        opened = Took(time.perf_counter() - started, time.process_time() - processor)
        hits: list[list[str]] = []

        def search() -> None:
            for each in retrieve_many(library, sought, n=SHOWN):
                hits.append([hit.passage.id for hit in each])

        found = took(search)
    return {"opened": opened, "found": found, "memory": peak_memory(), "ids": hits}


def compare(library: Path, places: dict[str, Path]) -> None:
    """Prints a line for each place of a library, the first of which the others are held to."""
    with Library.open(library, MiniLMEmbedder()) as opened:
        sought, state = claims(opened), opened.state()
    print(f"{len(sought)} claims, {state.passages:,} passages of {state.sources:,} sources")
    first: list[list[str]] | None = None
    for name, place in places.items():
        told = apart("served", "--find", place, given=json.dumps(sought))
        first = first or told["ids"]
        pairs = list(zip(first, told["ids"], strict=True))
        same = sum(len({*a} & {*b}) for a, b in pairs) / len(pairs)
        nearest = sum(a[:1] == b[:1] for a, b in pairs)
        print(
            f"  {name}: opening {Took(*told['opened'])}, finding {Took(*told['found'])}, "
            f"{told['memory'] / 2**20:.0f} MiB at most; {same:.1f} of {SHOWN} passages the same, "
            f"the first of {nearest}",
            flush=True,
        )


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("library", type=Path, nargs="?")
    parser.add_argument("database", nargs="?", help="address of an empty one")
    parser.add_argument("--chroma-url", help="address of a Chroma server")
    parser.add_argument("--find", type=Path, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.find:
        print(json.dumps(find(options.find, json.load(sys.stdin))))
        return
    if options.library is None or options.database is None:
        parser.error("name a library, and the address of a database")
    places = {"in the folder": options.library}
    here = local_folder(options.database)
    brought, index = bring(options.library, here)
    print(f"bringing all sources there {brought}; grouping and the index on this machine {index}")
    places["index on this machine"] = here
    if options.chroma_url:
        there = local_folder(options.database, options.chroma_url)
        again, index = bring(options.library, there)
        print(f"the same again, nothing new {again}; the index on the Chroma server {index}")
        places["index on the Chroma server"] = there
    compare(options.library, places)


if __name__ == "__main__":
    main()
