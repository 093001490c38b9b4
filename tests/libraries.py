"""Libraries for tests: twenty sources, and processes that use them."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from agent.types import Document
from tests.fake_embedder import WordEmbedder
from tools.library import Library
from tools.library.retrieval import retrieve

ROOT = Path(__file__).parent.parent
TOPICS = ["the harbour wall", "a school roof", "the night bus", "the fish market", "a footbridge"]


def document(number: int) -> Document:
    """Twenty of these differ in more than a number, or they would count as copies."""
    topic = TOPICS[number % 5]
    return Document(
        text=f"The council voted on {topic}, item {number}.\n\n"
        f"“We had waited {number} years,” said Ada Berg about {topic}. Work begins in May.",
        title=f"Vote {number}",
        publisher="Harbour Courier",
        published_at="2026-03-04",
        language="en",
    )


def make_library(folder: Path, count: int = 20) -> Path:
    """A library of the first so many documents."""
    with Library.open(folder, WordEmbedder(), create=True) as library:
        for number in range(count):
            library.add(document(number), path=f"{number}.txt")
    return folder


def top_ten(folder: Path, notices: list[str] | None = None) -> list[str]:
    told = notices if notices is not None else []
    with Library.open(folder, WordEmbedder(), on_notice=told.append) as library:
        return [hit.passage.id for hit in retrieve(library, "Ada Berg on the night bus")]


def run_python(code: str, *arguments: str | Path) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", code, *map(str, arguments)],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        text=True,
    )
