"""The service is ended in the middle of its work, in each way there is, and started again.

Checks are submitted and followed, questions asked; once a check is under way the process gets
SIGINT, SIGTERM or SIGKILL. Told are the seconds to its end and what became of the checks: the next
service must bring each of them to an end.
"""

from __future__ import annotations

import asyncio
import signal
import time
from collections.abc import Callable
from contextlib import AbstractContextManager, suppress
from typing import Any

from evals.service.serving import Service
from evals.service.visitors import ENDED, Tally, Visitor

SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGKILL)
_CHECKS = 6
_AFTER = 300.0
"""Seconds that the next service has for what was left."""
Serve = Callable[[], AbstractContextManager[Service]]


def ended(serve: Serve, how: signal.Signals) -> dict[str, Any]:
    """Ends one service in the middle, starts another, and waits for the checks.

    Returns:
        `signal`; `seconds` to the end of the process; its `exit_code`; how many checks were
        `accepted`, and how many of them `ended_before` and `ended_after`.
    """
    with serve() as first:
        checks = asyncio.run(_busy(first, how))
        first.process.send_signal(how)
        began = time.monotonic()
        code = first.process.wait(timeout=_AFTER)
        seconds = time.monotonic() - began
    with serve() as second:
        at_once, later = asyncio.run(_outcomes(second, checks))
        second.process.terminate()
        second.process.wait(timeout=_AFTER)
    return {
        "signal": how.name,
        "seconds": seconds,
        "exit_code": code,
        "accepted": len(checks),
        "ended_before": at_once,
        "ended_after": later - at_once,
    }


async def _busy(service: Service, how: signal.Signals) -> list[str]:
    """Submits checks, follows them and asks, until one check has been under way for a moment."""
    visitor = Visitor(service.port, 1000 + how, Tally())
    checks = [check for _ in range(_CHECKS) if (check := await visitor.submit())]
    following: list[asyncio.Task[Any]]
    following = [asyncio.create_task(visitor.follow(check)) for check in checks]
    following.append(asyncio.create_task(visitor.question()))
    until = time.monotonic() + _AFTER
    while not any(visitor.seen.get(check) for check in checks) and time.monotonic() < until:
        await asyncio.sleep(0.02)
    for task in following:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task
    return checks


async def _outcomes(service: Service, checks: list[str]) -> tuple[int, int]:
    """How many have ended at once, and at last."""
    visitor = Visitor(service.port, 0, Tally())
    until = time.monotonic() + _AFTER
    at_once = [await visitor.state(check) for check in checks]
    states = at_once
    while not set(states) <= set(ENDED) and time.monotonic() < until:
        await asyncio.sleep(0.2)
        states = [await visitor.state(check) for check in checks]
    return sum(s in ENDED for s in at_once), sum(s in ENDED for s in states)
