"""What a target is, and how one input is put to it."""

from __future__ import annotations

import io
import signal
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from dataclasses import dataclass, field
from types import FrameType

SECONDS = 1.0
"""Of the processor, for one input."""
_END = 30.0
"""The same, after which it is ended."""


class Broken(AssertionError):
    """What the code under trial gave does not keep a rule of its target."""


class TooSlow(BaseException):
    """An input took too long. No `Exception`: no parser may take it for a fault of its own."""


@dataclass(frozen=True)
class Target:
    """Something that reads what others wrote.

    Attributes:
        name: as the command line has it.
        attempt: puts one input to it; returns, or raises what is a finding.
        seeds: makes inputs of its format.
        tokens: pieces of its format, which altering bytes alone would hardly make.
    """

    name: str
    attempt: Callable[[bytes], object]
    seeds: Callable[[], Sequence[bytes]]
    tokens: tuple[bytes, ...] = field(default=())


@dataclass(frozen=True)
class Finding:
    """An input that a target should have taken."""

    target: str
    data: bytes
    error: BaseException

    @property
    def place(self) -> str:
        """The fault and where it was raised: findings of one place are one."""
        trace, where = self.error.__traceback__, ""
        while trace:
            code = trace.tb_frame.f_code
            where, trace = f"{code.co_filename.rpartition('/')[2]}:{trace.tb_lineno}", trace.tb_next
        if isinstance(self.error, TooSlow):
            return "TooSlow"
        if isinstance(self.error, Broken):
            return f"Broken: {self.error}"
        return f"{type(self.error).__name__} at {where}"


def put(target: Target, data: bytes) -> Finding | None:
    """Puts one input to a target.

    What takes too long is put to it again: the first may have waited for a model or a table that
    is loaded where it is first needed. What parsers print is dropped.
    """
    silent = io.StringIO()
    for again in (False, True):
        try:
            with redirect_stdout(silent), redirect_stderr(silent), _limited():
                target.attempt(data)
        except TooSlow as error:
            if again:
                return Finding(target.name, data, error)
        except Exception as error:
            return Finding(target.name, data, error)
        else:
            return None
    return None


def require(holds: bool, rule: str) -> None:
    """Complains where a rule is not kept.

    Raises:
        Broken: it is not; says which.
    """
    if not holds:
        raise Broken(rule)


@contextmanager
def _limited() -> Iterator[None]:
    """Ends the block after `SECONDS` of this process's own time on the processor.

    Raises:
        TooSlow: it took longer.
    """

    def late(_: int, __: FrameType | None) -> None:
        # Far beyond the limit, since to break into loading a module would leave it half loaded.
        raise TooSlow(f"more than {_END:g} s of the processor")

    begun = time.process_time()
    before = signal.signal(signal.SIGPROF, late)
    signal.setitimer(signal.ITIMER_PROF, _END)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.signal(signal.SIGPROF, before)
    if (taken := time.process_time() - begun) > SECONDS:
        raise TooSlow(f"{taken:.1f} s of the processor")
