"""Where the processor time of embedded checks goes, by stage.

What runs side by side is told apart by the threads' own clocks: the network has its threads, and
the rules of rating have theirs.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from functools import wraps
from typing import Any
from unittest.mock import patch

from agent.claims.rules import RuleSplitter
from agent.rate.embedded import EmbeddedRater
from agent.rate.judge import EmbeddedJudge
from tools.models import JUDGE
from tools.models.encoder import Encoder


@dataclass
class Stages:
    """What checks have taken, within `watched`.

    Attributes:
        seconds: of processor, by stage: `split`, `embed` and `search` (of retrieval), `network`
            and `rules` (of rating), `decide`, `report`.
        windows: texts that the judge's network was run on.
        passages: what the judge was asked about.
    """

    seconds: Counter[str] = field(default_factory=Counter)
    windows: int = 0
    passages: int = 0

    def add(self, stage: str, seconds: float) -> None:
        self.seconds[stage] += seconds  # type: ignore[assignment]

    def shown(self, articles: int) -> str:
        """One line, an article's share."""
        parts = [f"{stage} {taken / articles:.2f}" for stage, taken in self.seconds.items()]
        return (
            f"{', '.join(parts)} s of processor time; {self.windows / articles:.0f} windows read "
            f"of {self.passages / articles:.0f} passages"
        )


@contextmanager
def watched() -> Iterator[Stages]:
    """Counts what embedded checks take within."""
    stages = Stages()
    encoded, judged, split = Encoder._run_one, EmbeddedJudge.judge, RuleSplitter.split

    def timed(stage: str, run: Callable[..., Any]) -> Callable[..., Any]:
        @wraps(run)
        def timed_run(*given: Any, **named: Any) -> Any:
            before = time.thread_time()
            try:
                return run(*given, **named)
            finally:
                stages.add(stage, time.thread_time() - before)

        return timed_run

    @wraps(encoded)
    def run_one(self: Encoder, encoding: Any) -> Any:
        is_judge = self.graph == JUDGE
        stages.windows += is_judge
        return timed("network" if is_judge else "embed", encoded)(self, encoding)

    @wraps(judged)
    def judge(self: EmbeddedJudge, pairs: Any, *more: Any) -> Any:
        stages.passages += len(pairs)
        return judged(self, pairs, *more)

    @wraps(split)
    async def split_whole(*given: Any) -> Any:
        before = time.thread_time()  # it never waits, so nothing else runs within
        result = await split(*given)
        stages.add("split", time.thread_time() - before)
        return result

    with ExitStack() as patched:
        for owner, name, instead in (
            (RuleSplitter, "split", split_whole),
            (Encoder, "_run_one", run_one),
            (EmbeddedJudge, "judge", judge),
            (EmbeddedRater, "_rated", timed("rules", EmbeddedRater._rated)),
        ):
            patched.enter_context(patch.object(owner, name, instead))
        from agent import check, deciding

        for module, stage, name in (
            (check, "search", "retrieve_many"),
            (deciding, "decide", "decide"),
            (check, "report", "assemble"),
            (check, "report", "validate"),
        ):
            run = timed(stage, getattr(module, name))
            patched.enter_context(patch.object(module, name, run))
        yield stages
