"""How a library grows: time to add, bytes, opening, searching and memory at several sizes.

    python -m evals.performance.scale                   # 10,000 and 100,000 passages
    python -m evals.performance.scale --sizes 10000 100000 1000000 --folder DIR --json FILE
    python -m evals.performance.scale --embedding 2000  # adding with the embedder that ships
    python -m evals.performance.scale --write FOLDER 1000000   # for `assay sources add FOLDER`

Texts are random: sentences over a vocabulary as uneven as a language's (Zipf-Mandelbrot), the words
of a source's topic more often. Vectors are drawn from the words as well, for a network would take
hours: each word has a random direction, a text the sum of its words', the rarer the longer. So
texts of one topic are neighbours, as with a network; what adding takes *with* one is measured
apart (`--embedding`). Each size is filled, closed, and then opened and searched by a process of its
own, whose memory is told. A folder that is given is kept, and filling goes on from what it holds.

`--write` makes sources of one passage, a sentence each, in words that the embedder knows whole: the
least that a passage can cost with it, and the most sources that so many passages can be of.
"""

from __future__ import annotations

import argparse
import json
import random
import resource
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import cache
from operator import itemgetter
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from agent.types import Document
from tools.library import Addition, AddResult, Library
from tools.library.database import Database
from tools.library.fulltext import WordCache
from tools.library.retrieval import retrieve
from tools.library.upkeep import Upkeep
from tools.library.vectors import VectorCache
from tools.models import TOKENIZER
from tools.models.embedder import Embedder, MiniLMEmbedder
from tools.readers import read_bytes, read_file, source_files
from tools.text.sentences import sentence_spans

_BATCH = 16
"""Sources added together: about as many as the command line adds at once."""
WORDS, TOPICS, TOPIC_WORDS = 60_000, 2_000, 150
SENTENCES_OF_SOURCE = 56
_ROWS = 10_000
"""Of a file of short sources."""
_FUNCTION = (
    "the of and to in a is that for it as was with be by on not he his but at are this have from or"
    " had an they which one you were all her she there would their we him been has when who will no"
    " more if out so up said what its about than into them can only other time new some could two"
    " these may first then do any like my now over such our even most after also made many before"
).split()


def vocabulary() -> list[str]:
    """Words by frequency: function words, then others of two to four syllables."""
    draw = np.random.default_rng(1)
    syllables = [c + v + e for c in "bdfgklmnprstvz" for v in "aeiou" for e in ("", "n", "r", "s")]
    words = dict.fromkeys(_FUNCTION)
    while len(words) < WORDS:
        parts = draw.integers(len(syllables), size=draw.integers(2, 5))
        words["".join(syllables[part] for part in parts)] = None
    return list(words)


def _day(number: int) -> str:
    return f"20{10 + number % 16}-{1 + number % 12:02}-{1 + number % 28:02}"


class Texts:
    """Random documents: the same number gives the same text."""

    def __init__(self) -> None:
        self.words = np.array(vocabulary(), dtype=object)
        ranks = np.arange(1, WORDS + 1)
        frequency = 1 / (ranks + 2.7) ** 1.07
        self._cumulated = np.cumsum(frequency / frequency.sum())
        topics = np.random.default_rng(2)
        # What a topic has of its own are words that are neither everywhere nor nearly nowhere.
        self._topics = topics.integers(200, WORDS, size=(TOPICS, TOPIC_WORDS))

    def sentences(self, draw: np.random.Generator, topic: int, count: int) -> list[str]:
        lengths = draw.integers(10, 22, size=count)
        total = int(lengths.sum())
        ids = np.searchsorted(self._cumulated, draw.random(total)).clip(max=WORDS - 1)
        own = draw.random(total) < 0.2
        ids[own] = self._topics[topic][draw.integers(TOPIC_WORDS, size=int(own.sum()))]
        words, sentences, start = self.words[ids], [], 0
        figures = draw.integers(2, 5000, size=count)
        for length, figure in zip(lengths, figures, strict=True):
            some = list(words[start : start + length])
            some[length // 2] = str(figure)
            start += length
            text = " ".join(some)
            sentences.append(text[0].upper() + text[1:] + ".")
        return sentences

    def document(self, number: int) -> Document:
        draw = np.random.default_rng([3, number])
        topic = int(draw.integers(TOPICS))
        said = self.sentences(draw, topic, SENTENCES_OF_SOURCE)
        paragraphs = [" ".join(said[i : i + 7]) for i in range(0, len(said), 7)]
        return Document(
            text="\n\n".join(paragraphs),
            title=said[0][:60],
            publisher=f"Paper {number % 97}",
            published_at=_day(number),
            language="en",
        )

    def claims(self, count: int, sources: int) -> list[str]:
        """Each a sentence of a source in other order, with a few words of its topic."""
        claims = []
        for number in range(count):
            draw = np.random.default_rng([4, number])
            text = self.document(int(draw.integers(sources))).text
            said = text.replace("\n\n", " ").split(". ")
            words = said[int(draw.integers(len(said)))].split()
            draw.shuffle(words)
            claims.append(" ".join(words) + ".")
        return claims


def write(folder: Path, sources: int) -> None:
    """Writes short sources as JSON Lines, 10,000 to a file: the same number, the same text."""
    from tokenizers import Tokenizer

    known = sorted(Tokenizer.from_file(str(TOKENIZER)).get_vocab().items(), key=itemgetter(1))
    # The vocabulary is by frequency.
    words = np.array([w for w, _ in known if w.isascii() and w.isalpha() and len(w) > 1], object)
    frequency = 1 / (np.arange(1, len(words) + 1) + 2.7) ** 1.07
    cumulated = np.cumsum(frequency / frequency.sum())
    folder.mkdir(parents=True, exist_ok=True)
    for first in range(0, sources, _ROWS):
        with (folder / f"{first // _ROWS:04}.jsonl").open("w", encoding="utf-8") as file:
            for number in range(first, min(first + _ROWS, sources)):
                draw = np.random.default_rng([7, number])
                drawn = draw.random(int(draw.integers(16, 28)))
                some = list(words[np.searchsorted(cumulated, drawn).clip(max=len(words) - 1)])
                some[len(some) // 2] = str(int(draw.integers(2, 5000)))
                text = " ".join(some)
                row = {
                    "text": text[0].upper() + text[1:] + ".",
                    "title": " ".join(some[:5]),
                    "publisher": f"Paper {number % 97}",
                    "published_at": _day(number),
                    "language": "en",
                }
                file.write(json.dumps(row) + "\n")


class DrawnVectors:
    """Random projection of a text's words, weighted by rank: a stand-in for a network."""

    id = "drawn-from-words-1"
    dimension = 384

    def __init__(self) -> None:
        self._place = {word: place for place, word in enumerate(vocabulary())}
        draw = np.random.default_rng(5)
        self._directions = draw.standard_normal((WORDS, self.dimension), dtype=np.float32)
        weights = np.log1p(np.arange(WORDS, dtype=np.float32))
        self._directions *= weights[:, None] / np.sqrt(self.dimension)

    def embed(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Unit vectors, (n, 384)."""
        vectors = np.empty((len(texts), self.dimension), dtype=np.float32)
        for row, text in enumerate(texts):
            words = (word.strip(".").lower() for word in text.split())
            places = [self._place[word] for word in words if word in self._place]
            vectors[row] = self._directions[places].sum(axis=0) if places else 1
        vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
        return vectors


class Parts:
    """Processor seconds of each part of adding, while it is watched."""

    _WATCHED = (
        (VectorCache, "update", "Chroma"),
        (VectorCache, "build", "Chroma"),
        (WordCache, "update", "full text"),
        (WordCache, "build", "full text"),
        (Database, "insert", "SQLite"),
        (Upkeep, "settle_origins", "origins"),
    )

    def __init__(self) -> None:
        self.seconds: defaultdict[str, float] = defaultdict(float)

    @contextmanager
    def timed(self, part: str) -> Iterator[None]:
        started = time.process_time()
        try:
            yield
        finally:
            self.seconds[part] += time.process_time() - started

    @contextmanager
    def watching(self, embedder: Embedder) -> Iterator[None]:
        watched: list[tuple[Any, str, str]] = [
            *self._WATCHED,
            (type(embedder), "embed", "embedding"),
        ]
        before = [getattr(owner, name) for owner, name, _ in watched]
        for (owner, name, part), function in zip(watched, before, strict=True):
            setattr(owner, name, self._timing(part, function))
        try:
            yield
        finally:
            for (owner, name, _), function in zip(watched, before, strict=True):
                setattr(owner, name, function)

    def _timing(self, part: str, function: Callable[..., Any]) -> Callable[..., Any]:
        def timing(*args: Any, **named: Any) -> Any:
            with self.timed(part):
                return function(*args, **named)

        return timing


def fill(
    folder: Path, passages: int, document: Callable[[int], Document], embedder: Embedder
) -> dict[str, Any]:
    """Adds until the library holds so many passages.

    Returns:
        `added` passages, `seconds`, `cpu_seconds` with making the texts left out, and the
        processor seconds of each of the `parts`.
    """
    parts, seconds, added = Parts(), 0.0, 0
    with Library.open(folder, embedder, create=True) as library, parts.watching(embedder):
        state = library.state()
        number = state.sources
        while state.passages + added < passages:
            documents = [document(number + i) for i in range(_BATCH)]
            number += _BATCH
            started = time.monotonic()
            with parts.timed("all"):
                results = library.add_all([Addition(each) for each in documents])
            seconds += time.monotonic() - started
            added += sum(result.passages for result in results if isinstance(result, AddResult))
        started = time.monotonic()
        with parts.timed("all"):
            library.prepare()
        seconds += time.monotonic() - started
    cpu = parts.seconds.pop("all")
    return {"added": added, "seconds": seconds, "cpu_seconds": cpu, "parts": dict(parts.seconds)}


def look(folder: Path, queries: int) -> dict[str, Any]:
    """Opens and searches; to be called in a process of its own, whose memory it tells."""
    embedder, texts = DrawnVectors(), Texts()
    before = peak_memory()
    started = time.monotonic()
    with Library.open(folder, embedder) as library:
        library.prepare()
        opened = time.monotonic() - started
        state = library.state()
        took = []
        for claim in texts.claims(queries, state.sources):
            started = time.perf_counter()
            retrieve(library, claim)
            took.append(1000 * (time.perf_counter() - started))
        memory = peak_memory()
    size = sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())
    p50, p95 = np.percentile(took, [50, 95])
    return {
        "passages": state.passages,
        "sources": state.sources,
        "bytes": size,
        "open_seconds": opened,
        "p50_ms": float(p50),
        "p95_ms": float(p95),
        "memory_bytes": memory - before,
    }


def peak_memory() -> int:
    """Most bytes in memory so far (Linux tells kibibytes, macOS bytes)."""
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return most if sys.platform == "darwin" else most * 1024


def news(number: int) -> Document:
    """A text of sentences of the newsroom suite, at random: for the embedder that ships."""
    draw = random.Random(number)  # noqa: S311 - repeatable
    said = draw.choices(sentences(), k=40)
    paragraphs = [" ".join(said[i : i + 5]) for i in range(0, len(said), 5)]
    return Document(text="\n\n".join(paragraphs), title=f"Report {number}", language="en")


@cache
def sentences() -> tuple[str, ...]:
    """Those of the sources of the newsroom suite."""
    folder = Path(__file__).parents[1] / "suites" / "newsroom" / "sources"
    texts = [read_file(path).text for path in source_files([folder]).files]
    return tuple(text[a:b] for text in texts for a, b in sentence_spans(text))


def embedding(passages: int) -> None:
    """Prints what adding takes with the embedder that ships, and what each part has of it."""
    embedder, reading = MiniLMEmbedder(), Parts()
    embedder.embed(["loads the weights"])
    read_bytes(news(-1).text.encode(), "loads what it is read with.txt")

    def read(number: int) -> Document:
        data = news(number).text.encode()
        with reading.timed("reading"):
            return read_bytes(data, f"Report {number}.txt")

    with tempfile.TemporaryDirectory() as folder:
        told = fill(Path(folder), passages, read, embedder)
    added = told["added"]
    told["parts"]["the rest"] = told["cpu_seconds"] - sum(told["parts"].values())
    told["parts"] |= reading.seconds
    cpu = sum(told["parts"].values())
    print(
        f"with {embedder.id}: {added} passages, {1000 * cpu / added:.1f} ms of processor time each:"
    )
    for part, seconds in sorted(told["parts"].items(), key=lambda item: -item[1]):
        print(f"  {part:<10}{1000 * seconds / added:6.2f} ms {seconds / cpu:5.0%}")


def step(what: str, folder: Path, number: int) -> dict[str, Any]:
    """Runs `fill` or `look` in a process of its own."""
    return apart("scale", "--step", what, folder, number)


def apart(module: str, *arguments: object, given: str | None = None) -> dict[str, Any]:
    """What a module of this package tells as its last line of JSON, in a process of its own.

    Args:
        module: its name here.
        arguments: of its command line.
        given: its standard input.
    """
    command = [sys.executable, "-m", f"{__package__}.{module}", *map(str, arguments)]
    done = subprocess.run(command, check=True, input=given, stdout=subprocess.PIPE, text=True)
    told: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return told


def curve(sizes: Sequence[int], base: Path, queries: int) -> Iterator[dict[str, Any]]:
    """A line for each size, smallest first; each in a folder of its own."""
    for size in sorted(sizes):
        folder = base / str(size)
        filled = step("fill", folder, size)
        first = step("look", folder, queries)
        yield {**filled, **step("look", folder, queries), "first_open": first["open_seconds"]}


def line(told: dict[str, Any]) -> str:
    added = told["added"]
    rate = f"{added / told['seconds']:>9,.0f}" if added else f"{'–':>9}"
    return (
        f"{told['passages']:>10,} {told['sources']:>9,} {rate} {told['bytes'] / 1e6:>9,.0f} "
        f"{told['bytes'] / told['passages']:>9,.0f} {told['first_open']:>7.2f} "
        f"{told['open_seconds']:>7.2f} {told['p50_ms']:>7.1f} {told['p95_ms']:>7.1f} "
        f"{told['memory_bytes'] / 1e6:>7,.0f}"
    )


_HEAD = (
    f"{'passages':>10} {'sources':>9} {'added/s':>9} {'MB':>9} {'B/passage':>9} {'open s':>7} "
    f"{'again s':>7} {'p50 ms':>7} {'p95 ms':>7} {'MB held':>7}"
)


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--sizes", type=int, nargs="+", default=[10_000, 100_000])
    parser.add_argument("--queries", type=int, default=200)
    parser.add_argument("--folder", type=Path, help="keeps the libraries; default: a passing one")
    parser.add_argument("--json", type=Path, metavar="FILE", help="one line for each size")
    parser.add_argument("--embedding", type=int, metavar="N", help="add N passages with MiniLM")
    parser.add_argument("--write", nargs=2, metavar=("FOLDER", "N"), help="write N short sources")
    parser.add_argument("--step", nargs=3, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.step:
        what, folder, number = options.step[0], Path(options.step[1]), int(options.step[2])
        told = (
            fill(folder, number, Texts().document, DrawnVectors())
            if what == "fill"
            else look(folder, number)
        )
        print(json.dumps(told))
        return
    if options.write:
        write(Path(options.write[0]), int(options.write[1]))
        return
    if options.embedding:
        embedding(options.embedding)
        return
    print("Vectors are drawn from words, not embedded; added/s is without embedding.")
    print(_HEAD)
    with tempfile.TemporaryDirectory() as passing:
        for told in curve(options.sizes, options.folder or Path(passing), options.queries):
            print(line(told), flush=True)
            if options.json:
                with options.json.open("a", encoding="utf-8") as file:
                    file.write(json.dumps(told) + "\n")


if __name__ == "__main__":
    main()
