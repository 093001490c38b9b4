"""Standard error: notes and progress. Without a terminal there is no bar and no colour."""

from __future__ import annotations

import logging
import os
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from agent.report.wording import GLYPHS, WORDS, one_line, outcome

if TYPE_CHECKING:
    from agent.check import OnProgress, Progress

_STAGES = {
    "read": "Reading",
    "split": "Finding claims",
    "retrieve": "Searching the library",
    "rate": "Rating claims",
    "report": "Writing the report",
}
# Many claims make many lines in a log: then every tenth of the way is enough.
_LOG_LINES = 10
_LOG_SECONDS = 10.0


def note(text: str, *, quiet: bool = False) -> None:
    """One line for the user, on standard error."""
    if not quiet:
        print(one_line(text), file=sys.stderr, flush=True)  # noqa: T201


def has_terminal() -> bool:
    return sys.stderr.isatty() and os.environ.get("TERM") != "dumb"


def color_wanted() -> bool:
    return sys.stdout.isatty() and "NO_COLOR" not in os.environ and os.environ.get("TERM") != "dumb"


@contextmanager
def bar(label: str, total: int | None, *, quiet: bool) -> Iterator[Bar]:
    """A progress bar, a few log lines, or nothing."""
    if quiet:
        yield Bar()
        return
    if not has_terminal():
        yield _Log(label, total)
        return
    from rich.console import Console
    from rich.progress import (
        BarColumn,
        MofNCompleteColumn,
        Progress,
        TextColumn,
        TimeElapsedColumn,
    )

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    console = Console(stderr=True)
    with Progress(*columns, TimeElapsedColumn(), console=console, transient=True) as progress:
        task = progress.add_task(label, total=total)

        class _Rich(Bar):
            def step(
                self,
                done: int,
                total: int | None = None,
                label: str | None = None,
                detail: str = "",
            ) -> None:
                text = one_line(label or detail)[:60] or None
                progress.update(task, completed=done, total=total, description=text)

        yield _Rich()


class Bar:
    """Progress that shows nothing."""

    def step(
        self, done: int, total: int | None = None, label: str | None = None, detail: str = ""
    ) -> None:
        """`done` of `total` are finished.

        Args:
            done: how many.
            total: of how many.
            label: what is under way.
            detail: how it goes: the rate, the time left.
        """


class _Log(Bar):
    def __init__(self, label: str, total: int | None) -> None:
        self._label, self._total, self._told = label, total, -1
        self._told_at = time.monotonic()

    def step(
        self, done: int, total: int | None = None, label: str | None = None, detail: str = ""
    ) -> None:
        total = total or self._total or 0
        tenth = done * _LOG_LINES // total if total else done
        # One file may hold thousands of texts: then time tells, too.
        long_silent = detail and time.monotonic() - self._told_at >= _LOG_SECONDS
        if total and (tenth > self._told or long_silent):
            self._told, self._told_at = tenth, time.monotonic()
            note(f"{self._label}: {done} of {total}" + (f", {detail}" if detail else ""))


@contextmanager
def model_notes(*, quiet: bool) -> Iterator[None]:
    """Shows what the gateway logs: that it waits and asks again. Silence would look hung."""

    class Notes(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            note(record.getMessage(), quiet=quiet)

    log, handler = logging.getLogger("agent.gateway"), Notes(logging.INFO)
    before = log.level
    log.addHandler(handler)
    log.setLevel(logging.INFO)
    try:
        yield
    finally:
        log.removeHandler(handler)
        log.setLevel(before)


@contextmanager
def check_progress(*, quiet: bool) -> Iterator[OnProgress]:
    """Shows how far a check is."""
    with model_notes(quiet=quiet), bar(_STAGES["read"], None, quiet=quiet) as shown:
        log = not has_terminal() and not quiet

        def tell(progress: Progress) -> None:
            label = _STAGES[progress.stage]
            if log:
                if progress.stage == "rate" and progress.claim:
                    result = outcome(progress.claim)
                    note(
                        f"[{progress.done}/{progress.total}] {GLYPHS[result]} "
                        f"{WORDS[result].lower()}: {progress.claim.text[:100]}"
                    )
                return
            shown.step(progress.done, progress.total, label)

        yield tell
