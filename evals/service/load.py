"""The service under load: many clients at once, and what becomes of time, memory and checks.

    python -m evals.service.load                     # 50 clients, 10 minutes, embedded judge
    python -m evals.service.load --model-faults 0.1  # a model that fails on every tenth
    python -m evals.service.load --minutes 2 --clients 20 --json load.json

Starts `assay serve` as a user does, on a library of the example's sources and such as the model
server's articles are about. Clients (`visitors.py`) submit, follow, stop and drop checks,
read reports and pages, search, ask, add and remove sources. When the time is over nothing new is
submitted, every check that was accepted is waited for, and the service is told to end. Asked of it:

- no answer of 500 and more; 429 and 503 only with `Retry-After`, and no broken connection;
- every check that was accepted has ended;
- `/healthz`, asked every 0.2 s by another process, is answered within a second each time;
- memory is flat: after the first quarter it grows by no more than a tenth;
- when all has ended the service uses next to no processor time, and on SIGTERM it ends in time;
- ended in the middle of its work, by SIGINT, SIGTERM and SIGKILL, it leaves every check to the
  next service, which brings it to an end (`ends.py`).

Ends with 1 where one of these is missed, and says which.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import signal
import tempfile
import time
from collections import Counter
from collections.abc import Sequence
from contextlib import nullcontext
from pathlib import Path
from statistics import linear_regression, median
from typing import Any

from evals.llm import model_server
from evals.service.ends import SIGNALS, ended
from evals.service.serving import fill, serving
from evals.service.visitors import ENDED, Tally, Visitor
from evals.service.watch import Look, held, watching

_AFTER = 600.0
"""Seconds that checks are waited for at the end."""
_SLOWEST = 1.0
_GROWTH = 0.1
_IDLE = 0.05
"""Processor seconds a second of a service that has nothing to do, at most."""
_STOPPING = 15.0
"""Seconds from SIGTERM to the end of the process, at most."""


async def visit(port: int, clients: int, seconds: float, pace: float = 1.0) -> Tally:
    """Lets clients come for so long, and waits for every check that was accepted."""
    tally = Tally()
    until = time.monotonic() + seconds
    visitors = [Visitor(port, number, tally, pace) for number in range(clients)]
    await asyncio.gather(*(visitor.visit(until) for visitor in visitors))
    patience = time.monotonic() + _AFTER
    for check in tally.runs:
        while (state := await visitors[0].state(check)) not in ENDED:
            if time.monotonic() > patience:
                tally.faults.append(f"the check {check} has not ended: {state}")
                break
            await asyncio.sleep(0.2)
        tally.runs[check] = state
    return tally


def summary(tally: Tally, looks: Sequence[Look], seconds: float) -> dict[str, Any]:
    """All figures, as they are written to the file."""
    answered = sum(sum(statuses.values()) for statuses in tally.requests.values())
    times = [look.health for look in looks]
    return {
        "seconds": seconds,
        "requests_per_second": answered / seconds,
        "requests": {route: dict(tally.requests[route]) for route in sorted(tally.requests)},
        "faults": tally.faults,
        "checks": {"accepted": len(tally.runs), **Counter(map(str, tally.runs.values()))},
        "questions": dict(tally.questions),
        "answer_seconds": {route: _spread(tally.seconds[route]) for route in sorted(tally.seconds)},
        "healthz_seconds": _spread(times),
        "healthz_failed": sum(look.status != 200 for look in looks),
        "memory": memory(looks),
        "threads": _range([look.threads for look in looks]),
        "files": _range([look.files for look in looks]),
        "processor_seconds": looks[-1].cpu if looks else 0.0,
    }


def memory(looks: Sequence[Look]) -> dict[str, Any]:
    """Bytes over time. Growth is that of the last quarter's median over the second quarter's; the
    first is for what is loaded once."""
    quarter = len(looks) // 4
    if not quarter or not looks[-1].rss:
        return {}
    sizes = [look.rss for look in looks]
    later = looks[quarter:]
    slope = linear_regression([look.at / 60 for look in later], [look.rss for look in later]).slope
    every = max(1, len(looks) // 20)
    return {
        "start": sizes[0],
        "most": max(sizes),
        "end": sizes[-1],
        "over_time": sizes[::every],
        "slope_per_minute": slope,
        "growth": median(sizes[-quarter:]) / median(sizes[quarter : 2 * quarter]) - 1,
    }


def missed(told: dict[str, Any]) -> list[str]:
    """Which goals were missed, in words."""
    slowest = told["healthz_seconds"]["most"]
    held = told["memory"].get("growth", 0.0)
    found = {
        f"{len(told['faults'])} answers or checks at fault": bool(told["faults"]),
        f"/healthz took {slowest:.2f} s": slowest > _SLOWEST,
        f"/healthz failed {told['healthz_failed']} times": told["healthz_failed"] > 0,
        f"memory grew by {held:.0%}": held > _GROWTH,
        f"an idle service used {told['idle']:.2f} of a core": told["idle"] > _IDLE,
        f"ending took {told['stopping_seconds']:.1f} s": told["stopping_seconds"] > _STOPPING,
        f"the service ended with {told['exit_code']}": told["exit_code"]
        not in (0, -signal.SIGTERM),
    }
    for end in told["ends"]:
        if end["ended_before"] + end["ended_after"] < end["accepted"]:
            found[f"after {end['signal']} some checks did not end"] = True
        if end["seconds"] > _STOPPING:
            found[f"after {end['signal']} the process took {end['seconds']:.1f} s to end"] = True
    return [what for what, is_so in found.items() if is_so]


def _spread(seconds: Sequence[float]) -> dict[str, float]:
    ordered = sorted(seconds)
    if not ordered:
        return {"n": 0, "p50": 0.0, "p99": 0.0, "most": 0.0}
    at = [ordered[min(len(ordered) - 1, int(len(ordered) * share))] for share in (0.5, 0.99)]
    return {"n": len(ordered), "p50": at[0], "p99": at[1], "most": ordered[-1]}


def _range(counts: Sequence[int]) -> dict[str, int]:
    return {"start": counts[0], "most": max(counts), "end": counts[-1]} if counts else {}


def trial(folder: Path, given: argparse.Namespace) -> dict[str, Any]:
    """Fills, serves, visits, looks, ends; gives all figures."""
    library = folder / "library"
    fill(library)
    faulty = given.model_faults is not None
    model = (
        model_server.running(given.latency, faults=given.model_faults) if faulty else nullcontext()
    )
    log = folder / "serve.log"
    with model as server:
        named = ["--model", "openai:judge-1", "--base-url", server.url("load")] if server else []
        named += given.serve
        with serving(library, log, *named) as service:
            began = time.monotonic()
            with watching(service.port, service.process.pid) as looks:
                tally = asyncio.run(visit(service.port, given.clients, 60 * given.minutes))
            seconds = time.monotonic() - began
            told = summary(tally, looks, seconds)
            told["idle"] = idle(service.process.pid)
            asked = time.monotonic()
            service.process.send_signal(signal.SIGTERM)
            told["exit_code"] = service.process.wait(timeout=10 * _STOPPING)
            told["stopping_seconds"] = time.monotonic() - asked
        told["log"] = log.read_text("utf-8").splitlines()[-50:]
        told["ends"] = [ended(lambda: serving(library, log, *named), how) for how in SIGNALS]
    told["runs_bytes"] = sum(
        path.stat().st_size for path in (library / "runs").rglob("*") if path.is_file()
    )
    return told


def idle(process: int, seconds: float = 3.0) -> float:
    """Processor seconds a second of a process that should have nothing to do."""
    before = held(process)[3]
    time.sleep(seconds)
    return (held(process)[3] - before) / seconds


def show(told: dict[str, Any]) -> None:
    """Prints the figures for people."""
    print(f"{told['requests_per_second']:.1f} requests a second for {told['seconds']:.0f} s")
    for route, statuses in told["requests"].items():
        took = told["answer_seconds"].get(route, _spread([]))
        counts = ", ".join(f"{status}: {count}" for status, count in sorted(statuses.items()))
        print(f"  {route:<40} p50 {took['p50']:6.2f} s  p99 {took['p99']:6.2f} s   {counts}")
    print(f"checks     {told['checks']}")
    print(f"questions  {told['questions']}")
    for name, key in (("check", "check"),):
        took = told["answer_seconds"].get(key, _spread([]))
        print(f"{name:<10} p50 {took['p50']:.1f} s, p99 {took['p99']:.1f} s, waiting included")
    health = told["healthz_seconds"]
    print(
        f"healthz    p50 {health['p50']:.3f} s, p99 {health['p99']:.3f} s, "
        f"most {health['most']:.3f} s of {health['n']}"
    )
    if told["memory"]:
        kept = told["memory"]
        sizes = ", ".join(f"{size / 1e6:.0f}" for size in kept["over_time"])
        print(
            f"memory     {sizes} MB; {kept['slope_per_minute'] / 1e6:+.2f} MB a minute after the "
            f"first quarter, growth {kept['growth']:+.1%}"
        )
    print(f"threads    {told['threads']}\nfiles      {told['files']}")
    print(
        f"processor  {told['processor_seconds']:.0f} s; idle {told['idle']:.3f} of a core; "
        f"ended in {told['stopping_seconds']:.1f} s"
    )
    done = max(1, sum(told["checks"].values()) // 2)
    print(
        f"disk       {told['runs_bytes'] / 1e6:.1f} MB of checks, "
        f"{told['runs_bytes'] // done:,} bytes each"
    )
    for end in told["ends"]:
        print(
            f"{end['signal']:<10} ended in {end['seconds']:.1f} s with {end['exit_code']}; of "
            f"{end['accepted']} checks {end['ended_before']} had ended and {end['ended_after']} "
            "were ended by the next service"
        )
    for line, count in Counter(told["faults"]).most_common(20):
        print(f"FAULT {count} times: {line}")
    for line in told["log"]:
        print(f"log: {line}")


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--minutes", type=float, default=10)
    parser.add_argument("--clients", type=int, default=50)
    parser.add_argument(
        "--model-faults",
        type=float,
        metavar="SHARE",
        help="check with a model server that fails on this share of its requests",
    )
    parser.add_argument("--latency", type=float, default=0.3, help="seconds to a model's answer")
    parser.add_argument("--json", type=Path, metavar="FILE", help="all figures")
    parser.add_argument("serve", nargs="*", help="options of `assay serve`, after --")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        told = trial(Path(folder), given)
    show(told)
    if given.json:
        given.json.write_text(json.dumps(told, indent=2), encoding="utf-8")
    found = missed(told)
    for what in found:
        print(f"MISSED: {what}")
    raise SystemExit(1 if found else 0)


if __name__ == "__main__":
    main()
