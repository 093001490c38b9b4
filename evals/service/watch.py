"""Looks at a service from outside, in a process of its own: how soon `/healthz` answers, and what
the service's process holds.

The process that makes the load is busy itself; what it measured of the service's patience would
be its own. On systems without `/proc` only the answers are timed.
"""

from __future__ import annotations

import argparse
import http.client
import json
import os
import select
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import NamedTuple

_PAUSE = 0.2
"""Seconds between two looks."""
_LATEST = 30.0
"""Seconds after which an answer is given up."""


class Look(NamedTuple):
    """One look. What the system does not tell is 0."""

    at: float
    """Seconds since watching began."""
    health: float
    """Seconds to the answer of `/healthz`; `_LATEST` where none came."""
    status: int
    """0 where no answer came."""
    rss: int
    """Bytes in memory."""
    threads: int
    files: int
    """Open files and sockets."""
    cpu: float
    """Processor seconds so far."""


def look(port: int, process: int, began: float) -> Look:
    """Asks and reads once."""
    started = time.perf_counter()
    status, took = 0, _LATEST
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=_LATEST)
    with suppress(OSError, http.client.HTTPException):
        connection.request("GET", "/healthz")
        status = connection.getresponse().status
        took = time.perf_counter() - started
    connection.close()
    return Look(time.monotonic() - began, took, status, *held(process))


def held(process: int) -> tuple[int, int, int, float]:
    """Bytes in memory, threads, open files and processor seconds of a process."""
    folder = Path(f"/proc/{process}")
    try:
        fields = (folder / "stat").read_text().rpartition(")")[2].split()
        files = sum(1 for _ in (folder / "fd").iterdir())
    except OSError:
        return 0, 0, 0, 0.0
    tick, page = os.sysconf("SC_CLK_TCK"), os.sysconf("SC_PAGE_SIZE")
    cpu = (int(fields[11]) + int(fields[12])) / tick
    return int(fields[21]) * page, int(fields[17]), files, cpu


@contextmanager
def watching(port: int, process: int) -> Iterator[list[Look]]:
    """Watches while the block runs; the list is filled when it ends."""
    looks: list[Look] = []
    program = [sys.executable, "-m", "evals.service.watch", str(port), str(process)]
    with subprocess.Popen(
        program, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as watcher:
        try:
            yield looks
        finally:
            told, _ = watcher.communicate("")
            looks += [Look(*each) for each in json.loads(told)]


def main() -> None:
    """Looks until standard input ends, then prints all that was seen."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("port", type=int)
    parser.add_argument("process", type=int)
    given = parser.parse_args()
    looks, began = [], time.monotonic()
    while not select.select([sys.stdin], [], [], _PAUSE)[0]:
        looks.append(look(given.port, given.process, began))
    print(json.dumps(looks))


if __name__ == "__main__":
    main()
