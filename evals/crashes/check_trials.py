"""Trials of a check that is disturbed and run again: what `resuming.py` counts.

A trial runs `assay check` with a language model (`evals.llm.model_server`, on this machine) in a
process of its own, on a copy of one article and library; `Trials.finish` runs the same command to
its end and compares what it leaves with what a run leaves that nothing disturbed.
"""

from __future__ import annotations

import gc
import hashlib
import importlib
import json
import os
import runpy
import shutil
import signal
import sqlite3
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import closing, suppress
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple, TypeVar
from unittest.mock import patch

from agent import check
from agent.assembling import assemble
from agent.gateway.provider import open_provider
from agent.report import render, validate
from agent.types import Document, Report, Usage
from evals.crashes.library_trials import HashedWords
from evals.crashes.stepping import fork, in_child, in_children
from evals.llm.model_server import Running, article, source
from tools.library import Library
from tools.models import embedder
from tools.readers import read_text
from tools.text.sentences import sentence_spans
from tools.text.spinning import spun_warning

J = TypeVar("J")

_LAZY = (
    "agent.cli", "agent.claims.model", "agent.gateway.opening", "agent.rate.model",
    "agent.report.html", "agent.report.text", "tools.library.grouping", "jsonschema", "chromadb",
    "chromadb.api.rust", "anyio._backends._asyncio", "h11", "httpcore2", "jiter",
    "langchain_core.tracers.langchain", "langchain_core.tracers.stdout",
    "openai.lib.streaming.chat", "openai.resources.chat", "text_to_num", "truststore",
)  # fmt: skip


def load() -> None:
    """What a check loads on its way: once, so that each process starts at once.

    Threads do not survive a fork, so nothing is started. What was loaded is no garbage: no process
    looks through it, nor copies its pages to do so.
    """
    for module in _LAZY:
        importlib.import_module(module)
    text = article(4)
    spun_warning(read_text(text).text)  # the models of languages and of misplaced words
    sentence_spans(text)
    open_provider("openai:judge-1", base_url="http://127.0.0.1:9/v1")  # the trust store
    gc.collect()
    gc.freeze()


class Line(NamedTuple):
    """One line of the table: a kind of trial."""

    experiment: str
    trials: int
    lost: int
    twice: int
    differ: int
    litter: int
    died: int
    again: int
    seconds: float
    remark: str = ""


class Folder(NamedTuple):
    """Where one trial's runs find the article and the library, and leave the report."""

    path: Path

    @property
    def journal(self) -> Path:
        return self.path / "library" / "journal.sqlite"

    def reports(self) -> list[bytes]:
        """The three renderings."""
        return [(self.path / f"report.{end}").read_bytes() for end in ("json", "html", "md")]

    def record(self) -> dict[str, Any]:
        record: dict[str, Any] = json.loads((self.path / "report.json").read_text("utf-8"))
        return record

    def cached(self) -> int:
        """Answers that the last run took from the journal."""
        return int(self.path.with_name("cached.txt").read_text("utf-8"))

    def digest(self) -> str:
        """The same for the same files."""
        found = hashlib.sha256()
        for part in sorted(self.path.rglob("*")):
            found.update(f"{part.relative_to(self.path)}\0".encode())
            found.update(part.read_bytes() if part.is_file() else b"")
        return found.hexdigest()

    def kept(self) -> list[str]:
        """Digests of the answers in the journal; of a copy, since opening it may change it."""
        with tempfile.TemporaryDirectory(dir=self.path.parent) as copy:
            for part in self.journal.parent.glob("journal.sqlite*"):
                shutil.copy(part, copy)
            with (
                closing(sqlite3.connect(Path(copy) / "journal.sqlite")) as database,
                suppress(sqlite3.DatabaseError),  # it is not made yet
            ):
                answers = database.execute("select key || answer from answers")
                return [hashlib.sha256(answer.encode()).hexdigest() for (answer,) in answers]
        return []


def command(folder: Path, url: str) -> None:
    """The command of all trials, as a user gives it; ends the process."""
    embedder.embedder_named = lambda name: HashedWords()  # a thousand times as fast
    timeless = partial(_assembled, folder.with_name("cached.txt"))
    patch.object(check, "assemble", timeless).start()
    # A third of a run's time; whatever is byte for byte a valid report is one.
    patch.object(check, "validate", lambda _: None).start()
    said = os.open(folder.with_name("said.txt"), os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    for stream in (1, 2):
        os.dup2(said, stream)
    # A shell that starts this in the background has Ctrl-C ignored.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    sys.argv = ["assay", "check", str(folder / "article.txt"), "--library", str(folder / "library")]
    sys.argv += [
        "--model",
        "openai:judge-1",
        "--base-url",
        url,
        "--out",
        str(folder / "report.json"),
    ]
    sys.argv += ["--format", "json", "--format", "html", "--format", "markdown"]
    code: Any = 1
    try:
        runpy.run_module("agent.cli", run_name="__main__", alter_sys=True)
    except SystemExit as end:
        code = end.code
    finally:
        sys.stderr.flush()
        os._exit(code)


def _assembled(file: Path, *parts: Any, usage: Usage, **more: Any) -> Report:
    """The report without what differs between two runs of the same; `cached` goes into a file."""
    file.write_text(str(usage.cached), encoding="utf-8")
    report = assemble(*parts, usage=Usage(), **more)
    run = report.run.model_copy(update={"created_at": "2000-01-01T00:00:00+00:00"})
    return report.model_copy(update={"run": run})


@dataclass
class Found:
    """What trials came to."""

    trials: int = 0
    lost: int = 0
    twice: int = 0
    differ: int = 0
    litter: int = 0
    died: int = 0
    again: int = 0
    most: int = 0
    """Requests sent again in one trial."""
    seen: Counter[str] = field(default_factory=Counter)
    """What else is told of them."""

    def add(self, other: Found) -> None:
        for name in ("trials", "lost", "twice", "differ", "litter", "died", "again"):
            setattr(self, name, getattr(self, name) + getattr(other, name))
        self.most = max(self.most, other.most)
        self.seen += other.seen


class Trials:
    """Runs trials of one kind and counts what is found."""

    def __init__(self, undisturbed: Undisturbed) -> None:
        self.start = undisturbed
        self.found = Found()
        self.began = time.monotonic()

    def side_by_side(self, jobs: Sequence[J], one: Callable[[Trials, J], None]) -> None:
        """Makes a trial of each job, in as many processes as there are processors."""
        workers = min(os.cpu_count() or 1, len(jobs))

        def share(number: int) -> Found:
            trials = Trials(self.start)
            for job in jobs[number::workers]:
                one(trials, job)
            return trials.found

        for found in in_children([partial(share, number) for number in range(workers)]):
            self.found.add(found)

    def folder(self) -> Folder:
        """A trial of its own: the library, and the journal if there is one."""
        path = Path(tempfile.mkdtemp(dir=self.start.base))
        shutil.copytree(self.start.path, path / "run")
        return Folder(path / "run")

    def finish(self, folder: Folder, *, kept: Sequence[str] = (), before: int = 0) -> str:
        """Runs the same command to its end, counts what is found, and deletes the folder.

        Args:
            folder: as the disturbed run has left it.
            kept: the answers that the journal had then.
            before: requests that were sent by then.

        Returns:
            What both runs said.
        """
        found = self.found
        found.trials += 1
        url = self.start.server.url(f"{folder.path.parent.name}-again")
        _, status = os.waitpid(fork(partial(command, folder.path, url)), 0)
        said = folder.path.with_name("said.txt").read_text(encoding="utf-8")
        if status:
            found.died += 1
            print(f"{folder.path}: status {status}: {said}", file=sys.stderr)
            return said
        if folder.reports() != self.start.reports:
            found.differ += 1
            claims = folder.record()["claims"]
            found.lost += sum(claim["verdict"] is None for claim in claims)
            found.lost += self.start.claims - len(claims)
        now = folder.kept()
        found.twice += len(now) - len(set(now)) + max(0, len(kept) - folder.cached())
        again = before - len(kept)
        found.again += again
        found.most = max(found.most, again)
        parts = {part.relative_to(folder.path) for part in folder.path.rglob("*")}
        extra = {str(part) for part in parts - self.start.parts if "damaged-" not in part.name}
        litter = extra - {"library/journal.sqlite-wal", "library/journal.sqlite-shm"}
        # Notes of who reads a library: the next who writes it removes those of the dead.
        litter = {name for name in litter if not name.startswith("library/locks/")}
        found.litter += len(litter)
        if litter:
            print(f"{folder.path}: left {sorted(litter)}", file=sys.stderr)
        shutil.rmtree(folder.path.parent)
        return said

    def line(self, experiment: str, remark: str = "") -> Line:
        found, took = self.found, time.monotonic() - self.began
        return Line(
            experiment,
            found.trials,
            found.lost,
            found.twice,
            found.differ,
            found.litter,
            found.died,
            found.again,
            took,
            remark,
        )


class Undisturbed:
    """The library and the article that all trials begin with, and what a run makes of them."""

    def __init__(self, base: Path, claims: int, server: Running) -> None:
        self.base, self.claims, self.server = base, claims, server
        self.path = base / "start"
        self.path.mkdir()
        (self.path / "article.txt").write_text(article(claims), encoding="utf-8")
        in_child(self._make_library)
        whole = base / "undisturbed" / "run"
        shutil.copytree(self.path, whole)
        began = time.monotonic()
        _, status = os.waitpid(fork(partial(command, whole, server.url("undisturbed"))), 0)
        if status:
            said = whole.with_name("said.txt").read_text(encoding="utf-8")
            raise RuntimeError(f"the undisturbed run ended with status {status}: {said}")
        self.took = time.monotonic() - began
        self.finished = Folder(whole)
        self.reports = self.finished.reports()
        # The page's template and the schema, read once for all that are forked from here.
        report = Report.model_validate_json(self.reports[0])
        render(report, "html")
        validate(report)
        gc.freeze()
        self.requests = len(server.seen("undisturbed"))
        self.parts = {part.relative_to(whole) for part in whole.rglob("*")}

    def _make_library(self) -> None:
        with Library.open(self.path / "library", HashedWords(), create=True) as library:
            for number in range(self.claims):
                library.add(Document(text=source(number, 30), title=f"Minutes {number}"))
