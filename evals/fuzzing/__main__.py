"""The command line; see the package."""

from __future__ import annotations

import argparse
import hashlib
import random
import sys
import time
import traceback
from collections.abc import Sequence
from pathlib import Path

from evals.fuzzing.mutation import altered
from evals.fuzzing.target import Finding, Target, put
from evals.fuzzing.targets import TARGETS

_MOST = 20
"""Findings of different places after which a target is left."""


def fuzz(target: Target, *, inputs: int, seconds: float, seed: int) -> tuple[int, list[Finding]]:
    """Tries a target: its seeds as they are, then altered.

    Args:
        target: the target.
        inputs: most inputs.
        seconds: most time of this process on the processor.
        seed: the same seed and number of an input are the same bytes.

    Returns:
        How many inputs were tried, and one finding for each place in the code.
    """
    found: dict[str, Finding] = {}
    seeds = target.seeds()
    begun = time.process_time()
    tried = 0
    while tried < inputs and time.process_time() - begun < seconds and len(found) < _MOST:
        if tried < len(seeds):
            data = seeds[tried]
        else:
            data = altered(random.Random(f"{seed} {tried}"), seeds, target.tokens)  # noqa: S311
        tried += 1
        if finding := put(target, data):
            kept = found.setdefault(finding.place, finding)
            if len(data) < len(kept.data):
                found[finding.place] = finding
    return tried, list(found.values())


def smaller(target: Target, finding: Finding, seconds: float = 20) -> Finding:
    """The finding with an input from which nothing can be cut without losing it.

    Args:
        target: the target.
        finding: what was found.
        seconds: of the processor; then what is left is as small as it got.
    """
    end = time.process_time() + seconds
    size = len(finding.data) // 2
    while size:
        start = 0
        while start < len(finding.data) and time.process_time() < end:
            less = finding.data[:start] + finding.data[start + size :]
            other = put(target, less)
            if other and other.place == finding.place:
                finding = other
            else:
                start += size
        size //= 2
    return finding


def kept(finding: Finding, folder: Path) -> Path:
    """Writes the bytes of a finding to a file of their own."""
    folder.mkdir(parents=True, exist_ok=True)
    digest = hashlib.sha256(finding.data).hexdigest()[:12]
    path = folder / f"{finding.target}-{digest}"
    path.write_bytes(finding.data)
    return path


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs the targets named; 1 where one broke."""
    parser = argparse.ArgumentParser(prog="python -m evals.fuzzing", description=__doc__)
    parser.add_argument("targets", nargs="*", metavar="TARGET", help=f"of {', '.join(TARGETS)}")
    parser.add_argument("--inputs", type=int, default=1_000_000, help="most inputs of a target")
    parser.add_argument(
        "--minutes", type=float, default=float("inf"), help="of processor, a target"
    )
    parser.add_argument("--seed", type=int, help="default: another one each time")
    parser.add_argument("--out", type=Path, default=Path("fuzz"), help="folder of what is found")
    parser.add_argument("--again", type=Path, help="one input, with its traceback")
    options = parser.parse_args(arguments)
    if unknown := [name for name in options.targets if name not in TARGETS]:
        parser.error(f"no target {', '.join(unknown)}; there are {', '.join(TARGETS)}")
    chosen = [TARGETS[name] for name in options.targets] or list(TARGETS.values())
    if options.again:
        findings = [put(target, options.again.read_bytes()) for target in chosen]
        for finding in filter(None, findings):
            traceback.print_exception(finding.error)
        return int(any(findings))
    seed = options.seed if options.seed is not None else random.SystemRandom().randrange(2**31)
    print(f"seed {seed}", flush=True)
    broken = 0
    for target in chosen:
        begun = time.process_time()
        limits = {"inputs": options.inputs, "seconds": options.minutes * 60}
        tried, found = fuzz(target, seed=seed, **limits)
        taken = time.process_time() - begun
        print(f"{target.name:10} {tried:9,} inputs {taken:7.1f} s {len(found):3} found", flush=True)
        for finding in found:
            finding = smaller(target, finding)
            path = kept(finding, options.out)
            print(f"    {finding.place}: {str(finding.error)[:200]!r}\n    {path}", flush=True)
        broken += len(found)
    return int(broken > 0)


if __name__ == "__main__":
    sys.exit(main())
