"""Further processes that rate claims, since the rules of one process use one core.

They hold the same judge as this process, and what is rated follows from a claim and its passages
alone: who rates a claim shows in nothing but the time. All checks of a process share them.

Nothing is waited for that may not come. Until a process has loaded its judge it is given nothing;
what one had that died, or took too long, is rated here. They end with this process, however that
ends, because their input does.
"""

from __future__ import annotations

import atexit
import logging
import os
import pickle
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from threading import Lock, Thread, Timer
from typing import IO, TYPE_CHECKING, Any, cast

from agent.errors import UsageError
from tools import child
from tools.models.encoder import cores

if TYPE_CHECKING:
    from agent.rate.embedded import Asked
    from agent.types import Claim, Evidence

MOST = 4
"""Processes that rate unless more are asked for. One of them also reads, splits, searches and
reports, a third of all work; each takes memory for a judge of its own."""
PATIENCE = 60.0
"""Seconds after which a claim is no longer waited for; it takes a twentieth of one."""

_START = "from agent.rate.crew import main; main()"
_log = logging.getLogger(__name__)


def wanted_jobs(given: int | None = None) -> int:
    """How many processes are to rate, this one included; at least 1.

    Args:
        given: what was asked for; None asks `$ASSAY_JOBS`, then takes one for each core this
            process may use, up to `MOST`.

    Raises:
        UsageError: it is no number from 1 on.
    """
    told: int | str | None = given if given is not None else os.environ.get("ASSAY_JOBS")
    if told in (None, ""):
        return min(cores(), MOST)
    if not str(told).isdecimal() or int(told) < 1:
        raise UsageError(f"jobs are {told!r}", "Give a number from 1 on")
    return int(told)


class Crew:
    """Processes that rate, beside this one; its methods may be called from any thread.

    Args:
        jobs: as `wanted_jobs` gives them.
    """

    def __init__(self, jobs: int) -> None:
        self.jobs = jobs
        self._workers: list[_Worker] = []
        self._turn = Lock()

    def start(self) -> None:
        """Starts those that do not run, and returns at once."""
        with self._turn:
            self._workers = [worker for worker in self._workers if worker.lives]
            try:
                while len(self._workers) < self.jobs - 1:
                    self._workers.append(_Worker())
            except OSError as error:
                _log.warning("claims are rated in one process, for want of others: %s", error)

    def rated(self, claim: Claim, asked: Asked, *, skips_far: bool) -> list[Evidence] | None:
        """What `EmbeddedRater.rated` gives, or None where nobody else can tell."""
        with self._idle() as worker:
            if worker is None:
                return None
            try:
                return worker.rated(claim, asked, skips_far=skips_far)
            except (OSError, EOFError, ValueError, pickle.UnpicklingError):
                worker.stop()
                _log.warning("a process that rates claims ended; its claim is rated here")
                return None

    def pids(self) -> list[int]:
        """Those of the processes that run."""
        return [worker.pid for worker in self._workers if worker.lives]

    def ready(self) -> bool:
        """Whether all have loaded what they need."""
        return all(worker.is_ready for worker in self._workers)

    def stop(self) -> None:
        """Ends all of them; what one of them has is rated here."""
        with self._turn:
            for worker in self._workers:
                worker.stop()
            self._workers = []

    @contextmanager
    def _idle(self) -> Iterator[_Worker | None]:
        """One that has nothing to do, if there is one."""
        with self._turn:
            found = next((each for each in self._workers if each.is_ready and not each.busy), None)
            if found:
                found.busy = True
        try:
            yield found
        finally:
            if found:
                found.busy = False


def crew_of(jobs: int) -> Crew | None:
    """The crew that all checks of this process share which want so many jobs; None for one."""
    if jobs > 1 and jobs not in _crews:
        _crews[jobs] = Crew(jobs)
    return _crews.get(jobs)


_crews: dict[int, Crew] = {}


def _stop_all() -> None:
    for crew in _crews.values():
        crew.stop()


atexit.register(_stop_all)
if hasattr(os, "register_at_fork"):
    # Two processes that speak with one child would get one another's replies.
    os.register_at_fork(after_in_child=_crews.clear)


class _Worker:
    """A process that rates one claim at a time."""

    def __init__(self) -> None:
        self._process = child.start(_START)
        self._in = cast(IO[bytes], self._process.stdin)
        self._out = cast(IO[bytes], self._process.stdout)
        self.is_ready = False
        self.busy = False
        Thread(target=self._get_ready, name="crew", daemon=True).start()

    @property
    def pid(self) -> int:
        return self._process.pid

    @property
    def lives(self) -> bool:
        return self._process.poll() is None

    def rated(self, claim: Claim, asked: Asked, *, skips_far: bool) -> list[Evidence] | None:
        """None where it met a defect: whoever rates the claim then will meet it, too.

        Raises:
            OSError, EOFError, ValueError, pickle.UnpicklingError: it has ended.
        """
        late = Timer(PATIENCE, self._process.kill)
        late.daemon = True
        late.start()
        try:
            pickle.dump((claim, asked, skips_far), self._in, pickle.HIGHEST_PROTOCOL)
            self._in.flush()
            rated: list[Evidence] | None = pickle.load(self._out)  # noqa: S301 - of our own child
            return rated
        finally:
            late.cancel()

    def stop(self) -> None:
        """Ends it; whoever waits for its reply is told."""
        self.is_ready = False
        self._process.kill()
        with suppress(OSError):
            self._in.close()
        self._out.close()
        self._process.wait()

    def _get_ready(self) -> None:
        with suppress(OSError, ValueError):
            self.is_ready = self._out.read(1) == _READY


_READY = b"+"


# --- the child's side ---------------------------------------------------------------------


def main() -> None:
    """Rates what standard input asks for until it ends."""
    requests, replies = child.streams()
    from agent.rate.embedded import EmbeddedRater

    raters = {far: EmbeddedRater(skips_far=far) for far in (False, True)}
    raters[True].judge = raters[False].judge
    _warm(raters[True])
    with suppress(BrokenPipeError, EOFError, pickle.UnpicklingError):
        replies.write(_READY)
        replies.flush()
        while True:
            claim, asked, skips_far = pickle.load(requests)  # noqa: S301 - of our own parent
            pickle.dump(_answer(raters[skips_far], claim, asked), replies, -1)
            replies.flush()
    os._exit(0)  # nobody is there to be told, and nothing is to be saved


def _answer(rater: Any, claim: Claim, asked: Asked) -> list[Evidence] | None:
    try:
        rated: list[Evidence] = rater.rated(claim, asked)
    except Exception:
        # The caller rates it again and meets the same; ASSAY_DEBUG=1 shows it here, too.
        import traceback

        traceback.print_exc()
        return None
    return rated


def _warm(rater: Any) -> None:
    """Loads what is loaded when it is first needed."""
    from agent.rate.windows import Pair

    rater.judge.load()
    told = "On 3 May 2024 Ana Brandt said: “The ferry cost €12 million, twice as much.”"
    rater.judge.judge([Pair(told, told.replace("12", "13"))])
