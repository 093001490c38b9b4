"""The checks of a service: a queue, those under way, and those that have ended.

A check that was waiting or under way when the service ended is begun again by the next one; with
a language model nothing that was answered is paid for twice, since the journal has it. One that
three services did not outlive is given up: it may be what ended them.
"""

from __future__ import annotations

import asyncio
import logging
import secrets
import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import UTC, datetime
from functools import partial
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from agent.errors import AssayError, LibraryLocked, UsageError
from agent.report import to_json, write_atomically
from agent.selection import Selection
from agent.server.kept import Kept
from agent.server.problems import RETRY_AFTER, Problem
from agent.server.run import Asked, Run, RunState, State, Stopped
from agent.server.settings import Settings
from agent.server.shelf import Shelf
from agent.types import Report
from tools.library.snapshots import work_folder

if TYPE_CHECKING:
    from agent.check import FactChecker, OpenLibrary, Progress

_REMEMBERED = 50
"""Checks that have ended whose every event can still be followed; of older ones, the last."""
_TITLE = 120
"""Characters of a title that a text is given."""
_GIVEN_UP = 3
"""Services that a check may end."""
_RENDERED = 4
"""Renderings of reports that are held in memory."""
_log = logging.getLogger(__name__)


class TooManyWaiting(Exception):
    """The queue is full."""


class Runs:
    """All checks of a service.

    Args:
        settings: of the service.
        checker: gives the checker for the sources that are wanted, and for how the library is
            opened.
        shelf: the library, which checks share.
    """

    def __init__(
        self,
        settings: Settings,
        checker: Callable[[Selection, OpenLibrary], FactChecker],
        shelf: Shelf,
    ) -> None:
        self._settings = settings
        self._checker = checker
        self._shelf = shelf
        self._kept = Kept(work_folder(settings.library) / "runs")
        self._live: dict[str, Run] = {}
        """Those that have not ended."""
        self._ended: OrderedDict[str, Run] = OrderedDict()
        """The last of those that have."""
        self._waiting: dict[str, Run] = {}
        self._arriving = 0
        self._arrived = asyncio.Event()
        self._threads = ThreadPoolExecutor(settings.at_once, thread_name_prefix="check")
        self._workers: list[asyncio.Task[None]] = []
        self._closing = False
        self._rendered: dict[tuple[str, str], str] = {}
        """By check and form."""
        self._rendering = threading.Lock()

    async def start(self) -> None:
        """Finds what earlier services left, and begins to work."""
        for state in await asyncio.to_thread(self._kept.find):
            run = Run(state, self._kept.folder(state.id))
            self._live[run.id] = run
            if state.begun >= _GIVEN_UP:
                what = f"{state.begun} services ended while they were at this check"
                await self._finish(run, "failed", problem=_problem(what))
            else:
                run.state = state.model_copy(update={"state": "waiting", "stage": None})
                self._enqueue(run)
        self._workers = [asyncio.create_task(self._work()) for _ in range(self._settings.at_once)]

    def close(self) -> None:
        """Takes nothing in any more, stops what is under way, so that the next service begins it
        again, and lets go who listens."""
        self._closing = True
        self._arrived.set()
        for run in self._live.values():
            run.stop()
            run.close()

    async def end(self) -> None:
        """`close`, and waits until the work has stopped."""
        self.close()
        await asyncio.gather(*self._workers)
        await asyncio.to_thread(self._threads.shutdown)

    def get(self, run_id: str) -> Run | None:
        """A check; of one that ended long ago the last event only."""
        if run := self._live.get(run_id) or self._ended.get(run_id):
            return run
        state = self._kept.state(run_id)
        return Run(state, self._kept.folder(run_id)) if state and state.is_final else None

    async def listing(self, offset: int, limit: int) -> tuple[list[RunState], int]:
        """Checks, newest first, from `offset` on, at most `limit`; and how many there are."""
        ids = self._kept.ids()
        here = {**self._ended, **self._live}
        states = {run_id: here[run_id].state for run_id in ids if run_id in here}

        def read() -> list[RunState]:
            found = (states.get(i) or self._kept.state(i) for i in ids[offset : offset + limit])
            return [state for state in found if state]

        return await asyncio.to_thread(read), len(ids)

    @property
    def waiting(self) -> int:
        return len(self._waiting)

    @property
    def running(self) -> int:
        return sum(run.state.state == "running" for run in self._live.values())

    async def submit(self, asked: Asked, content: bytes | None = None) -> Run:
        """Takes a check in; it is on the disk when this returns.

        Args:
            asked: what it is of.
            content: the bytes of an upload.

        Raises:
            TooManyWaiting: as many wait as may.
            Problem: 503, the service is ending; 507, its folder cannot be written.
        """
        if self._closing:
            after = {"Retry-After": str(RETRY_AFTER)}
            raise Problem(
                HTTPStatus.SERVICE_UNAVAILABLE, "the service is ending", "Send it again", after
            )
        if len(self._waiting) + self._arriving >= self._settings.waiting:
            raise TooManyWaiting
        state = RunState(
            id=f"c-{secrets.token_hex(12)}",
            state="waiting",
            title=(asked.title or "").strip() or asked.file or asked.url or _beginning(asked.text),
            created_at=_now(),
        )
        self._arriving += 1
        try:
            await asyncio.to_thread(self._kept.take_in, state, asked, content)
        except (UsageError, OSError) as error:
            _log.error("a check cannot be kept: %s", error)
            raise Problem(
                HTTPStatus.INSUFFICIENT_STORAGE, "the check cannot be kept", "Make room on the disk"
            ) from error
        finally:
            self._arriving -= 1
        run = Run(state, self._kept.folder(state.id))
        self._live[run.id] = run
        run.note("state", state.model_dump(mode="json"))
        self._enqueue(run)
        return run

    async def again(self, run: Run) -> Run:
        """Takes what a check is of in once more.

        Raises:
            InputError: it is not there any more.
            TooManyWaiting, Problem: as `submit`.
        """
        return await self.submit(*await asyncio.to_thread(self._kept.asked, run.id))

    async def stop(self, run: Run) -> None:
        """Stops a check; one that waits is never begun."""
        run.stop()
        if self._waiting.pop(run.id, None):
            await self._finish(run, "stopped")

    async def remove(self, run: Run) -> None:
        """Forgets a check that has ended, with its folder."""
        self._ended.pop(run.id, None)
        await asyncio.to_thread(self._kept.remove, run.state)

    def rendered(self, run: Run, form: str, draw: Callable[[Report], str]) -> str:
        """The report of a check that is done, in a form. May be called from any thread.

        The last few are kept: a report does not change, and a long one takes seconds.

        Args:
            run: the check.
            form: the name of what `draw` makes of a report.
            draw: makes it.

        Raises:
            InputError: the report's file is gone or damaged.
        """
        text = self._rendered.get((run.id, form))
        if text is None:
            text = draw(self._kept.report(run.id))
            with self._rendering:
                self._rendered[run.id, form] = text
                while len(self._rendered) > _RENDERED:
                    del self._rendered[next(iter(self._rendered))]
        return text

    # --- working --------------------------------------------------------------------------

    def _enqueue(self, run: Run) -> None:
        self._waiting[run.id] = run
        self._arrived.set()

    async def _next(self) -> Run | None:
        """The one that has waited longest; None where the service ends."""
        while not self._waiting and not self._closing:
            self._arrived.clear()
            await self._arrived.wait()
        return None if self._closing else self._waiting.pop(next(iter(self._waiting)))

    async def _work(self) -> None:
        loop = asyncio.get_running_loop()
        while run := await self._next():
            # An end that cannot be kept must not end the work on all others.
            with suppress(AssayError, OSError):
                ended = await loop.run_in_executor(self._threads, self._carry_out, run, loop)
                if ended:
                    await self._finish(run, **ended)

    def _carry_out(self, run: Run, loop: asyncio.AbstractEventLoop) -> dict[str, Any] | None:
        """In a thread: the check with all its outcomes; None where the next service has it."""

        def tell(progress: Progress) -> None:
            loop.call_soon_threadsafe(self._progressed, run, progress)

        until = time.monotonic() + self._settings.seconds

        def wanted() -> bool:
            return not run.is_stopped and time.monotonic() < until

        waited = run.state
        try:
            began = waited.model_copy(update={"state": "running", "begun": waited.begun + 1})
            self._kept.save(began)
            loop.call_soon_threadsafe(self._stands, run, began)
            opened = partial(self._shelf.shared, wanted)
            selection = run.asked().selection(self._settings.min_origins)
            checker = self._checker(selection, opened)
            while True:
                try:
                    report = run.carry_out(checker, until - time.monotonic(), tell)
                    break
                except LibraryLocked:
                    # Damage came to light while others read: it is mended at the next opening.
                    if not wanted():
                        raise
            write_atomically(run.folder / "report.json", to_json(report))
        except Stopped:
            return self._stopped(waited)
        except TimeoutError:
            what = f"the check took longer than {self._settings.seconds:.0f} s"
            return {"state": "failed", "problem": _problem(what)}
        except AssayError as error:
            if run.is_stopped:
                return self._stopped(waited)
            return {
                "state": "failed",
                "problem": Problem.of(error, self._settings.library).details(),
            }
        except Exception:
            _log.exception("check %s", run.id)
            return {"state": "failed", "problem": _problem("a defect of Assay; its log has more")}
        title = report.article.title or run.state.title
        return {"state": "done", "summary": report.summary, "title": title}

    def _stopped(self, waited: RunState) -> dict[str, Any] | None:
        """What follows where the work was stopped: by somebody, or since the service ends."""
        if not self._closing:
            return {"state": "stopped"}
        self._kept.save(waited)  # as if it had not begun: it is not the check that ends the service
        return None

    def _stands(self, run: Run, state: RunState) -> None:
        run.state = state
        run.note("state", state.model_dump(mode="json"))

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

    async def _finish(self, run: Run, state: State, **update: Any) -> None:
        """Keeps the end of a check, then tells of it: what was told of is there to be read."""
        ended = run.state.model_copy(
            update={"state": state, "finished_at": _now(), "begun": 0} | update
        )
        try:
            await asyncio.to_thread(self._kept.save, ended)
        except AssayError as error:
            _log.error("the end of %s cannot be kept: %s", run.id, error)
        self._live.pop(run.id, None)
        self._ended[run.id] = run
        while len(self._ended) > _REMEMBERED:
            self._ended.popitem(last=False)
        self._stands(run, ended)
        if self._settings.keep is not None:
            for old in await asyncio.to_thread(self._kept.forget_all_but, self._settings.keep):
                self._ended.pop(old, None)


def _problem(detail: str) -> dict[str, Any]:
    return Problem(HTTPStatus.INTERNAL_SERVER_ERROR, detail).details()


def _beginning(text: str | None) -> str | None:
    """The first line that has a word: a rule of dashes names nothing."""
    lines = (line.strip() for line in (text or "").splitlines())
    line = next((line for line in lines if any(map(str.isalnum, line))), None)
    if line is None or len(line) <= _TITLE:
        return line
    start = line[: _TITLE - 1]
    words, space, _ = start.rpartition(" ")
    return (words if space else start).rstrip() + "…"


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="milliseconds")
