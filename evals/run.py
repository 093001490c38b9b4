"""Runs a suite: every outcome is on the disk before the next, and the same command goes on.

What a killed run had finished is not asked again, samples that failed are. With the
embedded judge `samples.jsonl` and the figures are the same every time, but for what each
sample took (`usage`).
"""

from __future__ import annotations

import asyncio
import json
import time
from collections import deque
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from agent.gateway.batching import AT_ONCE
from agent.gateway.batching import current as current_batches
from agent.gateway.counters import metered
from agent.judges import EMBEDDED
from evals import usage
from evals.corpora import libraries_folder
from evals.judging import Task, open_task
from evals.outcomes import Outcome
from evals.record import Record, Results
from evals.results import Settings, assemble, identity
from evals.samples import Sample
from evals.suites import Suite

if TYPE_CHECKING:
    from tools.models.embedder import Embedder

_ARTICLES = 16
"""Articles that wait for batches together; each has the library open."""

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
        libraries: where libraries of corpora are kept. Default: `libraries_folder()`.
        fresh: start over, whatever the folder has.
        embedder: for libraries; default the one that ships.
        on_progress: told stage, finished and total.

    Returns:
        What was written to `results.json`.

    Raises:
        UsageError: the folder holds a run of something else, or another process runs there.
        ModelUnavailable: the model cannot be used; what is done is kept.
        AssayError: the disk is full, or cannot be written to; what is done is kept.
    """
    files = Record(folder)
    tell = on_progress or (lambda *_: None)
    with files.alone():
        return await _run(suite, settings, files, libraries, fresh, embedder, tell)


async def _run(
    suite: Suite,
    settings: Settings,
    files: Record,
    libraries: Path | None,
    fresh: bool,
    embedder: Embedder | None,
    tell: OnProgress,
) -> Results:
    chosen = suite.limited(settings.limit, settings.seed)
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
            folder=files.folder,
            libraries=libraries or libraries_folder(),
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
    last = time.perf_counter()

    async def work() -> None:
        nonlocal last
        while batches:
            batch = batches.popleft()
            started = time.perf_counter()
            with metered() as counters:
                outcomes = await task.outcomes(batch)
            now = time.perf_counter()
            taken = usage.taken(now - started, counters)
            each = usage.share(taken, len(batch))
            outcomes = [o | {"usage": each | o.get("usage", {})} for o in outcomes]
            files.append(outcomes)
            # Side by side, samples take more seconds together than pass on the clock.
            passed, last = now - last, now
            ids = [sample.id for sample in batch]
            files.append_usage({"ids": ids, "wall_seconds": round(passed, 4)} | taken)
            done.update((outcome["id"], outcome) for outcome in outcomes)
            tell("Rating", len(done), total)

    try:
        async with asyncio.TaskGroup() as group:
            for _ in range(min(_at_once(task, settings), len(batches))):
                group.create_task(work())
    except ExceptionGroup as faults:  # the first one has cancelled what was under way
        raise faults.exceptions[0] from None


def _at_once(task: Task, settings: Settings) -> int:
    """Samples that are asked side by side."""
    if settings.model == EMBEDDED:
        return 1
    whole_articles = task.counters() is None
    if current_batches():  # a sample that waits for its batch takes nothing but memory
        return _ARTICLES if whole_articles else AT_ONCE
    # Articles one by one: the claims of each are rated side by side already.
    return 1 if whole_articles else settings.concurrency
