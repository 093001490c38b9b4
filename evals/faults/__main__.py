"""Does any fault of a model server become a verdict, an uncaught error, or a waste of requests?

    python -m evals.faults                      # the table, then 10,000 random schedules
    python -m evals.faults --schedules 500 --seed 7
    python -m evals.faults --only "busy, says seconds" "500"

A server in this process (`server.py`) answers as a careful model would, late, and in between as
`table.py` says; the clock jumps over all waiting (`virtual_time.py`). What is asked of it, and what
must hold of every run, is in `run.py`; what is tried, in `trials.py`.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import (
    Mapping,
)
from typing import Any

from evals.faults.run import Result
from evals.faults.table import FAULTS
from evals.faults.trials import busy_servers, schedules, table


def main() -> None:
    """Prints what went wrong, if anything did, and how runs ended."""
    parser = argparse.ArgumentParser(description="Faults of a model server, and what they lead to.")
    parser.add_argument("--schedules", type=int, default=10_000, metavar="N")
    parser.add_argument("--seed", type=int, default=0, help="of the first schedule")
    parser.add_argument("--only", nargs="*", default=[], metavar="FAULT", choices=[*FAULTS])
    options = parser.parse_args()
    started = time.process_time()
    results: dict[Any, Result] = dict(table(options.only))
    print(f"{len(results)} rows of the table: {_summary(results)}", flush=True)
    if not options.only:
        busy = busy_servers()
        for server, result in busy.items():
            print(
                f"{server.claims:>4} claims, {server.places or '-':>2} places, "
                f"{server.a_minute or '-':>3} a minute, {server.says:<24} "
                f"{result.requests:>4} requests, {result.seconds:>6.1f} s"
            )
        print(f"{len(busy)} busy servers: {_summary(busy)}", flush=True)
        drawn = schedules(range(options.seed, options.seed + options.schedules))
        print(f"{len(drawn):,} random schedules: {_summary(drawn)}")
        results |= drawn | busy
    wrong = {key: result.wrong for key, result in results.items() if result.wrong}
    for key, said in list(wrong.items())[:40]:
        print(f"WRONG  {key}: {'; '.join(said)}")
    print(f"{len(wrong)} wrong; {time.process_time() - started:.0f} s of processor time")
    sys.exit(bool(wrong))


def _summary(results: Mapping[Any, Result]) -> str:
    states = [state for result in results.values() for _, state in result.states]
    failed = sum(state.startswith("failed: ") for state in states)
    stopped = sum(bool(result.stopped) for result in results.values())
    requests = sum(result.requests for result in results.values())
    hours = sum(result.seconds for result in results.values()) / 3600
    return (
        f"{len(states) - failed:,} claims rated, {failed:,} failed, {stopped:,} runs stopped, "
        f"{requests:,} requests, {hours:,.1f} hours of the servers' time"
    )


if __name__ == "__main__":
    main()
