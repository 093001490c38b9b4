"""Runs a suite: every outcome is on the disk before the next, and the same command goes on.

What a killed run had finished is not asked again, samples that failed are. With the
embedded judge `samples.jsonl` and the figures are the same bytes every time.
"""

from __future__ import annotations

import asyncio
import json
import time
from collections import deque
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from agent.check import EMBEDDED
from evals.judging import Task, open_task
from evals.outcomes import Outcome
from evals.record import Record, Results
from evals.results import TOKENS, Settings, assemble, identity
from evals.samples import Sample
from evals.suites import Suite

if TYPE_CHECKING:
    from tools.embedder import Embedder

OnProgress = Callable[[str, int, int], None]


async def run(
    suite: Suite,
    settings: Settings,
    folder: Path,
    *,
    libraries: Path | None = None,
    fresh: bool = False,
    embedder: Embedder | None = None,
    on_progress: OnProgress | None = None,
) -> Results:
    """Runs a suite, or what is left of it.

    Args:
        suite: all of it; `settings.limit` chooses.
        settings: what to run it with.
        folder: of this run; made where there is none.
        libraries: where libraries of corpora are kept. Default: beside the run.
        fresh: start over, whatever the folder has.
        embedder: for libraries; default the one that ships.
        on_progress: told stage, finished and total.

    Returns:
        What was written to `results.json`.

    Raises:
        UsageError: the folder holds a run of something else.
        ModelUnavailable: the model cannot be used; what is done is kept.
        AssayError: the disk is full, or cannot be written to; what is done is kept.
    """
    tell = on_progress or (lambda *_: None)
    chosen = suite.limited(settings.limit, settings.seed)
    files = Record(folder)
    files.begin(identity(chosen, settings), fresh=fresh)
    order = {sample.id: number for number, sample in enumerate(chosen.samples)}
    done = {o["id"]: o for o in files.finished() if o["id"] in order}
    left = [sample for sample in chosen.samples if sample.id not in done]
    judge = files.judge()
    if left or judge is None:
        opened = time.perf_counter()
        async with open_task(
            suite,
            settings.model,
            folder=folder,
            libraries=libraries or folder / "libraries",
            base_url=settings.base_url,
            concurrency=settings.concurrency,
            embedder=embedder,
            on_build=lambda n, total: tell("Building the library", n, total),
        ) as task:
            judge = task.judge
            took = round(time.perf_counter() - opened, 4)
            files.append_usage({"judge": judge, "opening_seconds": took})
            await _ask(task, left, settings, files, done, tell)
    outcomes = sorted(done.values(), key=lambda o: order[o["id"]])
    files.settle(outcomes)
    tell("Computing the figures", 0, 1)
    results = assemble(chosen, settings, judge or "", outcomes, files.taken())
    files.write("results.json", json.dumps(results, indent=1, ensure_ascii=False) + "\n")
    return results


# Asking


async def _ask(
    task: Task,
    samples: Sequence[Sample],
    settings: Settings,
    files: Record,
    done: dict[str, Outcome],
    tell: OnProgress,
) -> None:
    """Asks for all samples, a few batches side by side; each is kept at once."""
    batches = deque(
        samples[start : start + task.batch] for start in range(0, len(samples), task.batch)
    )
    total = len(samples) + len(done)
    tell("Rating", len(done), total)
    since = _Since(task)

    async def work() -> None:
        while batches:
            batch = batches.popleft()
            started = time.perf_counter()
            outcomes = await task.outcomes(batch)
            took = time.perf_counter() - started
            files.append(outcomes)
            files.append_usage({"ids": [s.id for s in batch], "seconds": round(took, 4)} | since())
            done.update((outcome["id"], outcome) for outcome in outcomes)
            tell("Rating", len(done), total)

    # Articles are checked one by one: the claims of each are rated side by side already.
    alone = settings.model == EMBEDDED or task.counters() is None
    try:
        async with asyncio.TaskGroup() as group:
            for _ in range(1 if alone else settings.concurrency):
                group.create_task(work())
    except ExceptionGroup as faults:  # the first one has cancelled what was under way
        raise faults.exceptions[0] from None


class _Since:
    """What was taken since it was asked last."""

    def __init__(self, task: Task) -> None:
        self._task, self._clock = task, time.perf_counter()
        self._last = dict.fromkeys(TOKENS, 0)

    def __call__(self) -> dict[str, float]:
        now, counters = time.perf_counter(), self._task.counters()
        taken: dict[str, float] = {"wall_seconds": round(now - self._clock, 4)}
        self._clock = now
        for name in TOKENS if counters else ():
            value = getattr(counters, name)
            taken[name] = value - self._last[name]
            self._last[name] = value
        return taken
