"""Checks under way and done: a queue, and a folder for each.

    runs/ID/request.json    what was asked: title, author, …, the name of the file
            article         the bytes that were sent, or the address
            state.json      where it stands; written when it changes for good
            report.json     the record, once it is done

A check that was waiting or under way when the service ended is begun again by the next one; with
a language model nothing that was answered is paid for twice, since the journal has it.
"""

from __future__ import annotations

import asyncio
import logging
import re
import secrets
import shutil
import threading
import time
from collections.abc import AsyncIterator, Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from pydantic import Field, ValidationError

from agent.errors import AssayError, InputError
from agent.report import to_json, write_atomically
from agent.selection import Selection
from agent.server.fields import About, Narrowing
from agent.server.problems import Problem
from agent.server.settings import Settings
from agent.server.shelf import Shelf
from agent.types import Data, Document, Report, Summary

if TYPE_CHECKING:
    from agent.check import FactChecker, Progress

ID = re.compile(r"c-[0-9a-f]{24}")
State = Literal["waiting", "running", "done", "failed", "stopped"]
FINAL = frozenset({"done", "failed", "stopped"})
_KEEP_ALIVE = 15.0
"""Seconds without news after which a listener is sent a comment, so that nobody hangs up."""
_log = logging.getLogger(__name__)


class Asked(About, Narrowing):
    """What a check is of. A text or a file is checked; without either, `url` is fetched."""

    text: str | None = None
    file: str | None = None
    """The name that an upload had."""


class RunState(Data):
    """Where a check stands."""

    id: str
    state: State
    title: str | None = None
    created_at: str
    """ISO 8601, UTC."""
    finished_at: str | None = None
    stage: str | None = None
    """`read`, `split`, `retrieve`, `rate`, `report`: what it is at."""
    done: int = 0
    total: int = 0
    """Claims rated, and claims in all; 0 before the article is split."""
    summary: Summary | None = None
    problem: dict[str, Any] | None = None
    """Why it failed, as problem details."""


class Event(Data):
    """One piece of news of a check."""

    id: int
    """Counts from 1."""
    event: Literal["state", "stage", "claim"]
    data: dict[str, Any] = Field(default_factory=dict)


class TooManyWaiting(Exception):
    """The queue is full."""


class _Stopped(Exception):
    pass


class Run:
    """One check. Its fields are changed in the service's event loop only."""

    def __init__(self, state: RunState, folder: Path) -> None:
        self.state = state
        self.folder = folder
        self.events: list[Event] = []
        self._news = asyncio.Event()
        self._stop = threading.Event()
        self._abort: Callable[[], object] | None = None

    @property
    def id(self) -> str:
        return self.state.id

    @property
    def is_final(self) -> bool:
        return self.state.state in FINAL

    def note(self, event: Literal["state", "stage", "claim"], data: dict[str, Any]) -> None:
        """Tells everybody who listens."""
        self.events.append(Event(id=len(self.events) + 1, event=event, data=data))
        self._news.set()
        self._news = asyncio.Event()

    async def listen(self, after: int = 0) -> AsyncIterator[Event | None]:
        """News from `after` on until the check has ended; None where there is none for a while."""
        while True:
            news = self._news
            while after < len(self.events):  # more may come while one is sent
                after += 1
                yield self.events[after - 1]
            if self.is_final:
                return
            try:
                await asyncio.wait_for(news.wait(), _KEEP_ALIVE)
            except TimeoutError:
                yield None

    def stop(self) -> None:
        """Ends the work: within one claim where the embedded judge rates, at once where a model
        is waited for."""
        self._stop.set()
        if self._abort:
            self._abort()

    # In the thread of the check

    def carry_out(
        self, checker: FactChecker, seconds: float, tell: Callable[[Progress], None]
    ) -> Report:
        """Checks the article; blocks.

        Raises:
            AssayError: as `FactChecker.acheck`.
            TimeoutError: it took longer than `seconds`.
            _Stopped: `stop` was called.
        """
        deadline = time.monotonic() + seconds

        def watch(progress: Progress) -> None:
            if self._stop.is_set():
                raise _Stopped
            if time.monotonic() > deadline:
                raise TimeoutError
            tell(progress)

        async def work() -> Report:
            loop, task = asyncio.get_running_loop(), asyncio.current_task()
            self._abort = lambda: loop.call_soon_threadsafe(task.cancel) if task else None
            if self._stop.is_set():
                raise _Stopped
            asked = Asked.model_validate_json((self.folder / "request.json").read_text("utf-8"))
            document = await asyncio.to_thread(_document, asked, self.folder / "article")
            async with asyncio.timeout(seconds):
                return await checker.acheck(
                    document,
                    title=asked.title,
                    author=asked.author,
                    publisher=asked.publisher,
                    url=asked.url,
                    published_at=asked.published_at,
                    on_progress=watch,
                )

        try:
            return asyncio.run(work())
        except asyncio.CancelledError:
            raise _Stopped from None
        finally:
            self._abort = None


def _document(asked: Asked, article: Path) -> Document:
    from tools.readers import read_bytes, read_text, read_url

    if asked.text is not None:
        return read_text(asked.text)
    if asked.file is not None:
        return read_bytes(article.read_bytes(), asked.file)
    return read_url(asked.url or "")


class Runs:
    """All checks of a service.

    Args:
        settings: of the service.
        checker: gives the checker for the sources that are wanted.
        shelf: the library, which checks share.
    """

    def __init__(
        self, settings: Settings, checker: Callable[[Selection], FactChecker], shelf: Shelf
    ) -> None:
        self._settings = settings
        self._checker = checker
        self._shelf = shelf
        self._folder = settings.library / "runs"
        self._runs: dict[str, Run] = {}
        self._queue: asyncio.Queue[Run] = asyncio.Queue()
        self._threads = ThreadPoolExecutor(settings.at_once, thread_name_prefix="check")
        self._workers: list[asyncio.Task[None]] = []
        self._ending = False

    def start(self) -> None:
        """Finds what earlier services left, and begins to work. Called in the event loop."""
        for folder in sorted(self._folder.glob("c-*")) if self._folder.is_dir() else ():
            self._find(folder)
        for run in self.all():
            if not run.is_final:
                run.state = run.state.model_copy(update={"state": "waiting", "stage": None})
                self._queue.put_nowait(run)
        self._workers = [asyncio.create_task(self._work()) for _ in range(self._settings.at_once)]

    async def end(self) -> None:
        """Stops what is under way, so that the next service begins it again."""
        self._ending = True
        for worker in self._workers:
            worker.cancel()
        for run in self._runs.values():
            run.stop()
        await asyncio.gather(*self._workers, return_exceptions=True)
        await asyncio.to_thread(self._threads.shutdown)

    def all(self) -> list[Run]:
        """Every check, oldest first."""
        return sorted(self._runs.values(), key=lambda run: (run.state.created_at, run.id))

    def get(self, run_id: str) -> Run | None:
        return self._runs.get(run_id)

    @property
    def waiting(self) -> int:
        return self._queue.qsize()

    @property
    def running(self) -> int:
        return sum(run.state.state == "running" for run in self._runs.values())

    def submit(self, asked: Asked, content: bytes | None = None) -> Run:
        """Takes a check in; it is on the disk when this returns.

        Args:
            asked: what it is of.
            content: the bytes of an upload.

        Raises:
            TooManyWaiting: as many wait as may.
            UsageError: its folder cannot be written.
        """
        if self._queue.qsize() >= self._settings.waiting:
            raise TooManyWaiting
        state = RunState(
            id=f"c-{secrets.token_hex(12)}",
            state="waiting",
            title=asked.title or asked.file or asked.url or _beginning(asked.text),
            created_at=_now(),
        )
        run = Run(state, self._folder / state.id)
        run.folder.mkdir(parents=True)
        if content is not None:
            (run.folder / "article").write_bytes(content)
        write_atomically(run.folder / "request.json", asked.model_dump_json(indent=2))
        self._save(run)
        self._runs[run.id] = run
        run.note("state", state.model_dump(mode="json"))
        self._queue.put_nowait(run)
        return run

    def stop(self, run: Run) -> None:
        """Stops a check; one that waits is never begun."""
        run.stop()
        if run.state.state == "waiting":
            self._finish(run, "stopped")

    def remove(self, run: Run) -> None:
        """Forgets a check that has ended, with its folder."""
        self._runs.pop(run.id, None)
        shutil.rmtree(run.folder, ignore_errors=True)

    def report(self, run: Run) -> Report:
        """The report of a check that is done.

        Raises:
            InputError: its file is gone or damaged.
        """
        path = run.folder / "report.json"
        try:
            return Report.model_validate_json(path.read_text("utf-8"))
        except (OSError, ValueError) as error:
            raise InputError(
                f"the report of {run.id} cannot be read", "Check the article again"
            ) from error

    # --- working --------------------------------------------------------------------------

    async def _work(self) -> None:
        loop = asyncio.get_running_loop()
        while True:
            run = await self._queue.get()
            if not run.is_final:
                run.state = run.state.model_copy(update={"state": "running"})
                run.note("state", run.state.model_dump(mode="json"))
                await loop.run_in_executor(self._threads, self._carry_out, run, loop)

    def _carry_out(self, run: Run, loop: asyncio.AbstractEventLoop) -> None:
        def tell(progress: Progress) -> None:
            loop.call_soon_threadsafe(self._progressed, run, progress)

        problem = None
        try:
            asked = Asked.model_validate_json((run.folder / "request.json").read_text("utf-8"))
            checker = self._checker(asked.selection)
            with self._shelf.shared():
                report = run.carry_out(checker, self._settings.seconds, tell)
            write_atomically(run.folder / "report.json", to_json(report))
            outcome: State = "done"
            update = {"summary": report.summary, "title": report.article.title or run.state.title}
        except _Stopped:
            if self._ending:
                return  # its state on the disk stays: the next service begins it again
            outcome, update = "stopped", {}
        except TimeoutError:
            outcome, update = "failed", {}
            problem = _problem(f"the check took longer than {self._settings.seconds:.0f} s")
        except AssayError as error:
            outcome, update = "failed", {}
            problem = Problem.of(error).details()
        except Exception:
            _log.exception("check %s", run.id)
            outcome, update = "failed", {}
            problem = _problem("a defect of Assay; its log has more")
        loop.call_soon_threadsafe(lambda: self._finish(run, outcome, problem=problem, **update))

    def _progressed(self, run: Run, progress: Progress) -> None:
        if run.is_final:
            return
        update: dict[str, Any] = {"stage": progress.stage}
        if progress.stage == "rate":
            update |= {"done": progress.done, "total": progress.total}
        run.state = run.state.model_copy(update=update)
        if progress.claim is not None:
            claim = progress.claim
            run.note(
                "claim",
                {
                    "done": progress.done,
                    "total": progress.total,
                    "id": claim.id,
                    "text": claim.text,
                    "status": claim.status,
                    "verdict": claim.verdict,
                    "confidence": claim.confidence,
                },
            )
        else:
            data = {"stage": progress.stage, "done": progress.done, "total": progress.total}
            run.note("stage", data)

    def _finish(self, run: Run, state: State, **update: Any) -> None:
        if run.is_final:
            return
        run.state = run.state.model_copy(update={"state": state, "finished_at": _now()} | update)
        self._save(run)
        run.note("state", run.state.model_dump(mode="json"))

    # --- the folders ----------------------------------------------------------------------

    def _save(self, run: Run) -> None:
        write_atomically(run.folder / "state.json", run.state.model_dump_json(indent=2))

    def _find(self, folder: Path) -> None:
        if not ID.fullmatch(folder.name):
            return
        try:
            state = RunState.model_validate_json((folder / "state.json").read_text("utf-8"))
        except (OSError, ValidationError, UnicodeError) as error:
            _log.warning("the run %s is left out: %s", folder.name, type(error).__name__)
            return
        if state.id == folder.name:
            run = self._runs[state.id] = Run(state, folder)
            if run.is_final:
                run.note("state", state.model_dump(mode="json"))


def _problem(detail: str) -> dict[str, Any]:
    from http import HTTPStatus

    return Problem(HTTPStatus.INTERNAL_SERVER_ERROR, detail).details()


def _beginning(text: str | None) -> str | None:
    line = next((line for line in (text or "").splitlines() if line.strip()), None)
    return None if line is None else line.strip()[:120]


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="milliseconds")
