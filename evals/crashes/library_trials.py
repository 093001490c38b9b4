"""Trials of what a library survives: texts to fill it with, and questions to ask it afterwards."""

from __future__ import annotations

import hashlib
import random
import re
import shutil
import tempfile
import time
from collections.abc import Sequence
from functools import cache
from itertools import count
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from agent.errors import LibraryError
from agent.types import Document
from evals.crashes.stepping import in_child
from tools.library import Library, keeping
from tools.library.retrieval import retrieve

_PLACES = ["harbour", "school", "bridge", "market", "library", "station", "museum", "quarry"]
_DOINGS = ["was closed", "will be mended", "cost more than planned", "opened on Monday"]
_FLUSH = 2
"""Passages per update of the search caches: a trial of few sources meets several."""
_PROBES = 5
START = 6
"""Sources that a trial's library has from the beginning."""


class Line(NamedTuple):
    """One line of the table: a kind of trial."""

    experiment: str
    trials: int
    lost: int
    wrong: int
    told: int
    refused: int
    died: int
    seconds: float
    remark: str = ""


class Found(NamedTuple):
    """What the next process finds."""

    lost: int
    wrong: bool
    told: bool
    refused: bool = False


class HashedWords:
    """Texts are as near as the words they share; a thousand times as fast as a network."""

    id = "hashed-words"
    dimension = 64

    def embed(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Unit vectors, (n, 64)."""
        vectors = np.zeros((len(texts), self.dimension), dtype=np.float32)
        for vector, text in zip(vectors, texts, strict=True):
            vector[0] = 1e-3
            for word in re.findall(r"\w+", text.casefold()):
                digest = hashlib.blake2b(word.encode(), digest_size=8).digest()
                vector[digest[0] % self.dimension] += 1 if digest[1] % 2 else -1
            vector /= np.linalg.norm(vector)
        return vectors


def document(number: int) -> Document:
    """Short texts that are no copies of one another."""
    place, doing = _PLACES[number % 8], _DOINGS[number // 8 % 4]
    return Document(
        text=f"The {place} of ward {number} {doing}. Engineer {number * 7919 % 10_007} said so.",
        title=f"{place} {number}",
        published_at="2026-03-04",
        language="en",
    )


@cache
def book(number: int) -> str:
    """A text of twenty paragraphs, at random from so many words that no two are alike."""
    draw = random.Random(number)  # noqa: S311 - repeatable
    paragraphs = [
        " ".join(" ".join(_word(draw) for _ in range(12)).capitalize() + "." for _ in range(9))
        for _ in range(20)
    ]
    return "\n\n".join(paragraphs)


def _word(draw: random.Random) -> str:
    return "".join(draw.choice("bdfgklmnprst") + draw.choice("aeiou") for _ in range(3))


def probe(number: int) -> str:
    """A query that several documents answer, with words of one book."""
    words = book(number % 50)[number * 7 :][:60]
    return f"The {_PLACES[number % 8]} of ward {number * 3} {_DOINGS[number % 4]}: {words}."


def add(folder: Path, numbers: Sequence[int], reported: Path) -> None:
    """Adds documents; what was added stands in `reported` once `add` has returned."""
    keeping._FLUSH = _FLUSH
    with (
        reported.open("a", encoding="ascii") as report,
        Library.open(folder, HashedWords(), create=True) as library,
    ):
        for number in numbers:
            print(library.add(document(number)).source.id, file=report, flush=True)


def make_books(folder: Path, passages: int, reported: Path) -> None:
    """A library of at least so many passages, twenty or more to a source."""
    held, numbers = 0, count()
    with (
        reported.open("a", encoding="ascii") as report,
        Library.open(folder, HashedWords(), create=True) as library,
    ):
        while held < passages:
            number = next(numbers)
            source = library.add(Document(text=book(number), title=f"Book {number}")).source
            held += len(library.passages(source.id))
            print(source.id, file=report)


def top_tens(library: Library, probes: int) -> list[list[str]]:
    """Passage ids for so many probes."""
    return [[hit.passage.id for hit in retrieve(library, probe(n), n=10)] for n in range(probes)]


def look(folder: Path, reported: Path, probes: int = _PROBES) -> Found:
    """What the next process finds; the library is rebuilt in the course."""
    ids = set(reported.read_text(encoding="ascii").split()) if reported.exists() else set()
    notices: list[str] = []
    try:
        with Library.open(folder, HashedWords(), on_notice=notices.append) as library:
            held = {source.id for source in library.sources()}
            before = top_tens(library, probes)
            problems = library.verify()
        with Library.open(folder, HashedWords(), rebuild=True) as library:
            after = top_tens(library, probes)
    except LibraryError:
        return Found(0, wrong=False, told=False, refused=True)
    return Found(len(ids - held), bool(problems) or before != after, bool(notices))


class Trials:
    """Runs trials of one kind and counts what is found."""

    def __init__(self, base: Path) -> None:
        self.base = base
        self.found: list[Found] = []
        self.trials = 0
        self.died = 0
        self.started = time.monotonic()
        for number in range(_PROBES):
            probe(number)  # made here once, and not in the process of each trial

    def look(self, folder: Path, reported: Path) -> Found | None:
        """Counts what is found in a folder, and deletes it."""
        self.trials += 1
        try:
            self.found.append(in_child(lambda: look(folder, reported)))
        except ChildProcessError:
            self.died += 1
            return None
        finally:
            shutil.rmtree(folder)
        return self.found[-1]

    def line(self, experiment: str, remark: str = "") -> Line:
        return Line(
            experiment,
            self.trials,
            sum(found.lost for found in self.found),
            sum(found.wrong for found in self.found),
            sum(found.told for found in self.found),
            sum(found.refused for found in self.found),
            self.died,
            time.monotonic() - self.started,
            remark,
        )


class Start(NamedTuple):
    """A library that trials begin with, and the sources that were reported for it."""

    folder: Path
    reported: Path

    @classmethod
    def make(cls, base: Path) -> Start:
        start = cls(base / "start", base / "start.txt")
        in_child(lambda: add(start.folder, range(START), start.reported))
        return start

    def copy(self, base: Path) -> Start:
        folder = Path(tempfile.mkdtemp(dir=base))
        shutil.copytree(self.folder, folder / "library")
        shutil.copy(self.reported, folder / "reported.txt")
        return Start(folder / "library", folder / "reported.txt")
