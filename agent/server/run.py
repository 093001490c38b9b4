"""One check of a service: what it is of, where it stands, its news, and carrying it out."""

from __future__ import annotations

import asyncio
import json
import re
import threading
import time
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import suppress
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from pydantic import Field

from agent.server.fields import About, Narrowing
from agent.types import Data, Document, Report, Summary
from tools.stopping import go_on, stoppable

if TYPE_CHECKING:
    from agent.check import FactChecker, Progress

State = Literal["waiting", "running", "done", "failed", "stopped"]
FINAL = frozenset({"done", "failed", "stopped"})
_KEEP_ALIVE = 15.0
"""Seconds without news after which a listener is sent a comment, so that nobody hangs up."""
_EACH, _SLOWEST = 0.002, 2.0
"""Seconds between two pieces of news for each who listens, and at most: a thousand who are told of
every claim would take all the time there is."""


_HEAD = 20_000
"""Characters within which the front matter of a pasted text ends."""
_FIELD = re.compile(r"[\w-]{1,60}:")


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
    begun: int = 0
    """How many services began it without living to its end; 1 while it is under way."""

    @property
    def is_final(self) -> bool:
        return self.state in FINAL


class Event(Data):
    """One piece of news of a check."""

    id: int
    """Counts from 1."""
    event: Literal["state", "stage", "claim"]
    data: dict[str, Any] = Field(default_factory=dict)

    @cached_property
    def text(self) -> str:
        """As a stream of server-sent events has it; made once for all who listen."""
        data = json.dumps(self.data, ensure_ascii=True)
        return f"id: {self.id}\nevent: {self.event}\ndata: {data}\n\n"


class Stopped(Exception):
    """A check was stopped before its end."""


class Run:
    """One check. Its fields are changed in the service's event loop only."""

    def __init__(self, state: RunState, folder: Path) -> None:
        self.state = state
        self.folder = folder
        self.events: list[Event] = []
        self._news = asyncio.Event()
        self._closed = False
        self._listeners = 0
        self._stop = threading.Event()
        self._abort: Callable[[], object] | None = None
        if state.is_final:
            self.note("state", state.model_dump(mode="json"))

    @property
    def id(self) -> str:
        return self.state.id

    @property
    def is_final(self) -> bool:
        return self.state.is_final

    def note(self, event: Literal["state", "stage", "claim"], data: dict[str, Any]) -> None:
        """Tells everybody who listens."""
        self.events.append(Event(id=len(self.events) + 1, event=event, data=data))
        self._wake()

    def close(self) -> None:
        """Lets everybody go who listens, though the check has not ended: the service does."""
        self._closed = True
        self._wake()

    def _wake(self) -> None:
        self._news.set()
        self._news = asyncio.Event()

    async def listen(self, after: int = 0) -> AsyncIterator[Sequence[Event]]:
        """News from `after` on until the check has ended, as many at once as there are; none where
        there is none for a while.

        Who has seen more than there is listened to an earlier service: for them it begins anew.
        """
        after = after if after <= len(self.events) else 0
        self._listeners += 1
        try:
            while True:
                news, some = self._news, self.events[after:]
                if some:
                    yield some
                    after += len(some)
                if after == len(self.events) and (self.is_final or self._closed):
                    return
                if some:  # the more there are who listen, the more each is told at once
                    await asyncio.sleep(min(_SLOWEST, self._listeners * _EACH))
                try:
                    async with asyncio.timeout(_KEEP_ALIVE):
                        await news.wait()
                except TimeoutError:
                    yield []
        finally:
            self._listeners -= 1

    def stop(self) -> None:
        """Ends the work: at once where a model is waited for, else where it next asks: between two
        sentences of a long text, between two claims that the embedded judge rates."""
        self._stop.set()
        if abort := self._abort:
            with suppress(RuntimeError):  # its loop has just been closed: it has ended
                abort()

    @property
    def is_stopped(self) -> bool:
        """Whether `stop` was called."""
        return self._stop.is_set()

    # In the thread of the check

    def asked(self) -> Asked:
        """What it is of.

        Raises:
            OSError, ValueError: its file is gone or damaged.
        """
        return Asked.model_validate_json((self.folder / "request.json").read_text("utf-8"))

    def carry_out(
        self, checker: FactChecker, seconds: float, tell: Callable[[Progress], None]
    ) -> Report:
        """Checks the article; blocks.

        Raises:
            AssayError: as `FactChecker.acheck`.
            TimeoutError: it took longer than `seconds`.
            Stopped: `stop` was called.
        """
        deadline = time.monotonic() + seconds

        def why_end() -> Exception | None:
            if self._stop.is_set():
                return Stopped()
            return TimeoutError() if time.monotonic() > deadline else None

        def watch(progress: Progress) -> None:
            go_on()
            tell(progress)

        async def work() -> Report:
            loop, task = asyncio.get_running_loop(), asyncio.current_task()
            self._abort = lambda: loop.call_soon_threadsafe(task.cancel) if task else None
            go_on()
            async with asyncio.timeout_at(loop.time() + deadline - time.monotonic()):
                asked = self.asked()
                document = await asyncio.to_thread(_document, asked, self.folder / "article")
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
            with stoppable(why_end):
                return asyncio.run(work())
        except asyncio.CancelledError:
            raise Stopped from None
        finally:
            self._abort = None


def _begins_with_fields(text: str) -> bool:
    """Whether a text begins as Markdown's front matter does: fields between two lines of dashes."""
    lines = text[:_HEAD].splitlines()
    if len(lines) < 3 or lines[0].rstrip() != "---" or not _FIELD.match(lines[1]):
        return False
    return any(line.rstrip() == "---" for line in lines[2:])


def _document(asked: Asked, article: Path) -> Document:
    from tools.readers import read_bytes, read_text, read_url

    if asked.text is not None:
        if _begins_with_fields(asked.text):  # a Markdown file, pasted whole
            return read_bytes(asked.text.encode(), "article.md")
        return read_text(asked.text)
    if asked.file is not None:
        return read_bytes(article.read_bytes(), asked.file)
    return read_url(asked.url or "")
