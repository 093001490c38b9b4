"""Assay beside a fact-checker of LangChain's plain parts, in one run.

    python -m evals.bare                            # quality, faults, busy servers
    python -m evals.bare --small                    # all three, on little
    python -m evals.bare --only quality --suites newsroom --limit 5
    python -m evals.bare --only faults busy

No language model is called. *Quality*: both pipelines ask the same stand-in (`evals.bare.reader`)
about the same claims. *Faults* and *busy*: both meet the same servers in trouble, under a clock
that jumps (`evals.faults`).
"""

from __future__ import annotations

import argparse
import time
import warnings
from collections.abc import Callable, Iterable

from evals.bare import quality, trouble


def main() -> None:
    """Prints the tables."""
    parser = argparse.ArgumentParser(
        prog="python -m evals.bare", description=(__doc__ or "").splitlines()[0]
    )
    parser.add_argument("--suites", nargs="+", default=[*quality.SUITES], choices=quality.SUITES)
    parser.add_argument("--limit", type=int, metavar="N", help="samples of each suite")
    parser.add_argument(
        "--shown",
        nargs="+",
        type=int,
        default=[*quality.SHOWN],
        metavar="K",
        help="passages that the bare pipeline shows",
    )
    parts = ("quality", "faults", "busy")
    parser.add_argument("--only", nargs="+", choices=parts, default=[*parts])
    parser.add_argument(
        "--small",
        action="store_true",
        help="two samples of two suites, a fault of each kind, two servers; --limit, --suites and "
        "--shown are not looked at",
    )
    options = parser.parse_args()
    if options.small:
        options.suites, options.limit, options.shown = quality.FEW, 2, quality.SHOWN[:1]
    faults, servers = (trouble.FEW, trouble.SERVERS[:2]) if options.small else ((), trouble.SERVERS)
    tables: dict[str, Callable[[], Iterable[str]]] = {
        "quality": lambda: quality.table(
            quality.run(options.suites, limit=options.limit, shown=options.shown)
        ),
        "faults": lambda: trouble.fault_lines(faults),
        "busy": lambda: trouble.busy_lines(servers),
    }
    # The client's own, where a reply is not of the form that it expects.
    warnings.filterwarnings("ignore", message="Pydantic serializer")
    started = time.process_time()
    for name in options.only:
        for line in tables[name]():
            print(line, flush=True)
        print()
    print(f"{time.process_time() - started:.0f} s of processor time")


if __name__ == "__main__":
    main()
