"""Libraries made of suites' corpora: once for all runs, found again by their content."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from agent.errors import UsageError
from agent.report import write_atomically
from agent.types import Document, Hit, Passage, Source
from evals.record import disk_fault
from evals.suites import Suite
from tools.library import Library
from tools.library.passages import passage_spans

if TYPE_CHECKING:
    from tools.models.embedder import Embedder

OnBuild = Callable[[int, int], None]


@dataclass(frozen=True)
class Built:
    """A library that was made of a suite's corpus.

    Attributes:
        folder: where it is.
        embedder: what it was made with.
        names: name of each source in the suite, by the source's id.
        rows: id of the source and span of each row of the corpus, by the row's id.
    """

    folder: Path
    embedder: Embedder
    names: dict[str, str]
    rows: dict[str, tuple[str, int, int]]


def libraries_folder() -> Path:
    """Where libraries made of corpora are kept, for all runs: `$ASSAY_CACHE`, else the
    platform's folder for caches. What lies there can be deleted at any time."""
    from platformdirs import user_cache_path

    named = os.environ.get("ASSAY_CACHE")
    root = Path(named).expanduser() if named else user_cache_path("assay", appauthor=False)
    return root / "eval-libraries"


def build_library(
    suite: Suite, libraries: Path, embedder: Embedder | None, on_build: OnBuild | None
) -> Built:
    """Makes the library of a suite's corpus, or finds the one made before.

    What was interrupted goes on: a source that is there is not added again.

    Raises:
        LibraryError: the folder cannot be written to, or is locked.
    """
    if embedder is None:
        from tools.models.embedder import MiniLMEmbedder

        embedder = MiniLMEmbedder()
    sources = list(suite.sources())
    if not sources:
        raise UsageError(f"no source of the suite {suite.name} holds any text", "Mend its corpus")
    folder = libraries / _library_key(suite, embedder)
    complete = folder / "complete.json"
    if not complete.is_file():
        try:
            folder.parent.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise disk_fault(error, folder.parent, "Name another folder: ASSAY_CACHE") from error
        with Library.open(folder, embedder, create=True) as library:
            ids = {}
            for done, source in enumerate(sources):
                if on_build:
                    on_build(done, len(sources))
                ids[source.name] = library.add(source.document, path=source.name).source.id
        write_atomically(complete, json.dumps(ids))
    ids = json.loads(complete.read_text(encoding="utf-8"))
    rows = {
        row: (ids[source.name], start, end)
        for source in sources
        for row, (start, end) in source.rows.items()
    }
    return Built(folder, embedder, {id_: name for name, id_ in ids.items()}, rows)


def _library_key(suite: Suite, embedder: Embedder) -> str:
    """Changes with the corpus, the embedder, and the rules by which texts are cut."""
    from tools.library import passages
    from tools.text import sentences

    digest = hashlib.sha256(embedder.id.encode())
    digest.update(suite.corpus_sha256.encode())
    for module in (passages, sentences):
        digest.update(Path(module.__file__ or "").read_bytes())
    return digest.hexdigest()[:16]


def hits_of(document: Document, name: str) -> list[Hit]:
    """All passages of a document, as if they were found."""
    source = Source(
        id=f"s-{name}",
        text=document.text,
        title=document.title,
        publisher=document.publisher,
        path=name,
        added_at="2026-01-01T00:00:00+00:00",
        origin=f"s-{name}",
    )
    return [
        Hit(
            passage=Passage(
                id=f"s-{name}:{number}",
                source_id=source.id,
                number=number,
                start=start,
                end=end,
                text=source.text[start:end],
            ),
            source=source,
            score=0.5,
        )
        for number, (start, end) in enumerate(passage_spans(source.text))
    ]
