"""Eval suites: found by name or path, and read whole, with every fault named by its line.

    FILE.jsonl of {"id", "claim", "evidence": […], "label"}                verify
    FOLDER with claims.jsonl and corpus.jsonl                              end to end
    FILE.jsonl of {"id", "text", "claims": […]}                            extraction
    FILE.jsonl of {"id", "text", "label": "check_worthy|not_check_worthy"} check-worthiness
    FOLDER with gold.jsonl, articles/ and sources/                         article
    FOLDER with documents.jsonl and corpus.jsonl                           article
    FOLDER with questions.jsonl and corpus.jsonl, or sources/, or suite.json with
        {"library": FOLDER of sources, from here}                          chat

A folder may also hold a single `pairs.jsonl`. The suites that ship lie in `evals/suites`;
public benchmarks lie where `ASSAY_BENCHMARKS` says.
"""

from __future__ import annotations

import difflib
import hashlib
import json
import os
import random
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import cached_property
from pathlib import Path
from typing import Any

from agent.errors import InputError, UsageError
from agent.types import VERDICTS, Document
from evals.articles import articles, checked_texts
from evals.lines import R, fault, objects, unique
from evals.samples import (
    LABELS,
    UNWORTHY,
    WORTHY,
    ClaimSample,
    CorpusRow,
    Kind,
    PairSample,
    QuestionSample,
    Sample,
    TextSample,
    WorthSample,
)

SHIPPED = Path(__file__).parent / "suites"
_BESIDE = Path(__file__).parents[2] / "shared" / "benchmarks"
_SECTIONS = ("verify_dev", "e2e", "extraction", "fetched")

# Some sets name the reason why a sentence is not worth checking.
_WORTH = {WORTHY: WORTHY, UNWORTHY: UNWORTHY, "yes": WORTHY} | dict.fromkeys(
    ("other", "opinion", "not_a_claim"), UNWORTHY
)


@dataclass(frozen=True)
class CorpusSource:
    """A source of a suite's corpus.

    Attributes:
        name: its `doc`, or its file's name.
        document: what goes into the library.
        rows: span in the document's text of each row, by the row's id.
    """

    name: str
    document: Document
    rows: dict[str, tuple[int, int]]


@dataclass(frozen=True)
class Suite:
    """A suite, read and checked.

    Attributes:
        name: as users call it.
        kind: what is measured, and how.
        path: file or folder.
        samples: in the file's order.
        corpus: lines of `corpus.jsonl`, or the files of sources; empty for other kinds.
    """

    name: str
    kind: Kind
    path: Path
    samples: tuple[Sample, ...]
    corpus: tuple[CorpusRow, ...] | tuple[Path, ...] = ()

    @cached_property
    def sha256(self) -> str:
        """Of everything that is measured against: samples and corpus."""
        digest = hashlib.sha256(self.kind.encode())
        for sample in self.samples:
            digest.update(hashlib.sha256(sample.model_dump_json().encode()).digest())
        digest.update(self.corpus_sha256.encode())
        return digest.hexdigest()

    @cached_property
    def corpus_sha256(self) -> str:
        """Of what things are looked up in."""
        digest = hashlib.sha256()
        for row in self.corpus:
            data = row.read_bytes() if isinstance(row, Path) else row.model_dump_json().encode()
            digest.update(hashlib.sha256(data).digest())
        return digest.hexdigest()

    def limited(self, limit: int | None, seed: int) -> Suite:
        """`limit` samples chosen at random by `seed`, in the file's order; None means all.

        The first lines of a file are often of one label or one topic: no fair sample.
        """
        if limit is None or limit >= len(self.samples):
            return self
        # No secret: the same seed has to give the same samples.
        chosen = random.Random(seed).sample(range(len(self.samples)), limit)  # noqa: S311
        return replace(self, samples=tuple(self.samples[i] for i in sorted(chosen)))

    def sources(self) -> Iterator[CorpusSource]:
        """The corpus as sources for a library; those without any word are left out."""
        from tools.readers import normalise, read_file

        of_doc: dict[str, list[CorpusRow]] = {}
        for row in self.corpus:
            if isinstance(row, Path):
                yield CorpusSource(row.name, read_file(row), {})
            else:
                of_doc.setdefault(row.doc, []).append(row)
        for doc, rows in of_doc.items():
            text, spans = "", {}
            for row in rows:
                part = normalise(row.text).strip()
                if part:
                    # A row is a paragraph: two rows never share a sentence.
                    text += "\n\n" if text else ""
                    spans[row.id] = (len(text), len(text) + len(part))
                    text += part
            if any(character.isalnum() for character in text):
                document = Document(text=text, title=rows[0].title, url=rows[0].url)
                yield CorpusSource(doc, document, spans)


# Finding


@dataclass(frozen=True)
class Listed:
    """A suite that can be named."""

    name: str
    kind: Kind
    path: Path
    shipped: bool

    def count(self) -> int:
        """How many samples it has."""
        with _shape(self.path)[1].open("rb") as file:
            return sum(1 for line in file if line.strip())


def available() -> list[Listed]:
    """The suites that ship and the benchmarks that are there, by name."""
    found = [(path.name, path, True) for path in sorted(SHIPPED.glob("*"))]
    for root in benchmark_folders():
        for section in _SECTIONS:
            for path in sorted((root / section).glob("*")):
                if path.is_dir() or path.suffix == ".jsonl":
                    found.append((f"{section}/{path.stem}", path, False))
    listed = []
    for name, path, shipped in found:
        try:
            listed.append(Listed(name, _shape(path)[0], path, shipped))
        except InputError:  # not a suite, or a broken one: `run` says why
            continue
    return listed


def benchmark_folders() -> list[Path]:
    """Where benchmarks lie: `ASSAY_BENCHMARKS`, beside the project, and what was fetched."""
    named = os.environ.get("ASSAY_BENCHMARKS")
    if named:
        return [Path(named).expanduser()]
    return [path for path in (_BESIDE, fetched_folder()) if path.is_dir()]


def fetched_folder() -> Path:
    """Where `assay eval fetch` puts what it downloads, unless told otherwise."""
    from platformdirs import user_data_path

    return user_data_path("assay", appauthor=False) / "benchmarks"


def find(name: str) -> Path:
    """The file or folder that a suite's name or path stands for.

    Raises:
        UsageError: there is none, or there are several benchmarks of that name.
    """
    if (SHIPPED / name).is_dir() and Path(name).name == name:
        return SHIPPED / name
    path = Path(name).expanduser()
    if path.exists():
        return path
    wanted = name.removesuffix(".jsonl")
    listed = available()
    matching = [suite for suite in listed if suite.name == wanted]
    matching = matching or [suite for suite in listed if suite.name.endswith(f"/{wanted}")]
    if len(matching) == 1:
        return matching[0].path
    if matching:
        names = ", ".join(suite.name for suite in matching)
        raise UsageError(f"{name!r} names several suites: {names}", "Give one of these names")
    near = difflib.get_close_matches(name, [s.name for s in listed] + _stems(listed), n=1)
    hint = f"Do you mean {near[0]}? " if near else ""
    raise UsageError(f"there is no suite {name!r}", f"{hint}See: assay eval list")


def _stems(listed: Sequence[Listed]) -> list[str]:
    return [suite.name.rpartition("/")[2] for suite in listed]


# Reading


def load(name: str | Path) -> Suite:
    """Finds a suite and reads it.

    Raises:
        UsageError: there is no such suite.
        InputError: it is malformed; the message names file and line.
    """
    path = name if isinstance(name, Path) else find(name)
    kind, file = _shape(path)
    title = path.stem if path.is_file() else path.resolve().name
    corpus: tuple[CorpusRow, ...] | tuple[Path, ...] = ()
    samples: list[Any]
    if kind == "verify":
        samples = _labelled(file, PairSample, LABELS)
    elif kind == "end to end":
        corpus = tuple(row for _, row in unique(file.with_name("corpus.jsonl"), CorpusRow))
        samples = _labelled(file, ClaimSample, LABELS)
        _check_gold_ids(file, samples, {row.id for row in corpus})
    elif kind == "extraction":
        samples = [row for _, row in unique(file, TextSample)]
    elif kind == "check-worthiness":
        samples = _labelled(file, WorthSample, tuple(_WORTH))
        samples = [row.model_copy(update={"label": _WORTH[row.label]}) for row in samples]
    elif file.name == "gold.jsonl":
        from tools.readers import source_files

        files = tuple(source_files([file.with_name("sources")]).files)
        samples, corpus = articles(file, {source.name for source in files}), files
    elif kind == "chat":
        corpus = _sources_of_questions(path)
        known = {row.name if isinstance(row, Path) else row.doc for row in corpus}
        samples = list(_questions(file, known))
    else:
        corpus = tuple(row for _, row in unique(file.with_name("corpus.jsonl"), CorpusRow))
        samples = checked_texts(file, {row.id: row.doc for row in corpus})
    return Suite(title, kind, path, tuple(samples), corpus)


def _shape(path: Path) -> tuple[Kind, Path]:
    """What kind of suite a path holds, and the file of its samples."""
    if path.is_dir():
        has = {name for name in _FOLDERS if (path / name).is_file()}
        if "gold.jsonl" in has:
            for part in ("articles", "sources"):
                if not (path / part).is_dir():
                    raise InputError(f"{path} has a gold.jsonl but no folder {part}", _FORMATS)
            return "article", path / "gold.jsonl"
        for name in ("claims.jsonl", "documents.jsonl"):
            if name in has and not (path / "corpus.jsonl").is_file():
                raise InputError(f"{path} has {name} but no corpus.jsonl", _FORMATS)
        if "claims.jsonl" in has:
            return "end to end", path / "claims.jsonl"
        if "documents.jsonl" in has:
            return "article", path / "documents.jsonl"
        if "questions.jsonl" in has:
            return "chat", path / "questions.jsonl"
        if "pairs.jsonl" in has:
            return "verify", path / "pairs.jsonl"
        raise InputError(f"{path} is no suite: it has none of {', '.join(_FOLDERS)}", _FORMATS)
    if not path.is_file():
        raise InputError(f"there is no file {path}", _FORMATS)
    first = next((data for _, data in objects(path)), None)
    if first is None:
        raise InputError(f"{path} is empty", "Give one JSON object a line")
    fields = set(first)
    beside = path.with_name("corpus.jsonl").is_file()
    if {"claim", "evidence"} <= fields:
        return "verify", path
    if {"claim", "gold_ids"} <= fields and beside:
        return "end to end", path
    if {"text", "sentences"} <= fields and beside:
        return "article", path
    if {"text", "claims"} <= fields:
        return "extraction", path
    if {"text", "label"} <= fields:
        return "check-worthiness", path
    if "question" in fields:
        raise InputError(
            f"{path} holds questions, but not what they are asked of",
            "Put them as questions.jsonl into a folder with corpus.jsonl or sources/, and name it",
        )
    raise InputError(
        f"{path}, line 1: no kind of suite has just the fields {', '.join(sorted(fields))}",
        _FORMATS,
    )


_FOLDERS = ("gold.jsonl", "claims.jsonl", "documents.jsonl", "questions.jsonl", "pairs.jsonl")
_FORMATS = "The forms that a suite may have: assay eval run --help"


def _labelled(path: Path, form: type[R], labels: Sequence[str]) -> list[R]:
    numbered = unique(path, form)
    for number, row in numbered:
        label = getattr(row, "label", None)
        if label not in labels:
            raise fault(path, number, f"the label {label!r} is none of {', '.join(labels)}")
    return [row for _, row in numbered]


def _check_gold_ids(path: Path, samples: Iterable[ClaimSample], known: set[str]) -> None:
    for number, (_, sample) in zip(
        (number for number, _ in objects(path)), enumerate(samples), strict=True
    ):
        missing = [row for one in sample.gold_sets for row in one if row not in known]
        if missing:
            raise fault(path, number, f"corpus.jsonl has no row with the gold id {missing[0]!r}")


def _sources_of_questions(folder: Path) -> tuple[CorpusRow, ...] | tuple[Path, ...]:
    """What the questions of a suite are asked of: a corpus, sources of its own, or those of
    another suite."""
    from tools.readers import source_files

    if (corpus := folder / "corpus.jsonl").is_file():
        return tuple(row for _, row in unique(corpus, CorpusRow))
    sources = folder / "sources"
    if (named := folder / "suite.json").is_file():
        try:
            sources = folder / json.loads(named.read_text("utf-8"))["library"]
        except (ValueError, KeyError, TypeError):
            todo = 'Write {"library": "../other-suite/sources"}'
            raise InputError(f"{named} names no library", todo) from None
    if not sources.is_dir():
        what = "a corpus.jsonl, a folder sources or a suite.json that names one"
        raise InputError(f"{folder} has questions.jsonl but not {what}", _FORMATS)
    return tuple(source_files([sources]).files)


def _questions(path: Path, known: set[str]) -> Iterator[QuestionSample]:
    """Questions; every source that they name is one of `known`."""
    for number, row in unique(path, QuestionSample):
        named = [*row.cite, row.not_cite]
        names = [n for item in named for n in ([item] if isinstance(item, str) else item)]
        if missing := next((name for name in names if name not in known), None):
            raise fault(path, number, f"there is no source {missing!r}")
        if row.verdict not in (None, *VERDICTS):
            what = f"the verdict {row.verdict!r} is none of {', '.join(VERDICTS)}"
            raise fault(path, number, what)
        if row.answerable and not (row.facts or row.cite):
            raise fault(path, number, "a question that is answerable has facts or cite")
        if not row.answerable and (row.facts or row.cite or row.verdict not in _OPEN):
            what = "a question that is not answerable has no facts, cite or verdict that decides"
            raise fault(path, number, what)
        if not all(fact and all(fact) for fact in row.facts):
            raise fault(path, number, "a fact is empty")
        try:
            date.fromisoformat(row.as_of or "2000-01-01")
        except ValueError:
            what = f"as_of: {row.as_of!r} is no date, write it as 2026-03-31"
            raise fault(path, number, what) from None
        yield row


_OPEN = (None, "unverifiable")
