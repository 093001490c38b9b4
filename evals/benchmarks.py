"""Benchmark pairs on disk, in one format; where there are none, callers say so.

One JSON object a line: `{"id", "claim", "evidence": [passage, …], "label"}`. The data is
not part of the project: `ASSAY_BENCHMARKS` names its folder.
"""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from pathlib import Path

from agent.errors import InputError

_BESIDE = Path(__file__).parents[2] / "shared" / "benchmarks"


@dataclass(frozen=True)
class LabelledPair:
    """A claim, its evidence joined to one text, and the gold label."""

    id: str
    claim: str
    evidence: str
    label: str


def folder() -> Path:
    """Where the benchmarks lie.

    Raises:
        InputError: nowhere.
    """
    named = os.environ.get("ASSAY_BENCHMARKS")
    path = Path(named) if named else _BESIDE
    if not path.is_dir():
        raise InputError(
            f"there are no benchmarks at {path}",
            "Set ASSAY_BENCHMARKS to the folder that has them.",
        )
    return path


def pairs(path: Path, limit: int | None = None) -> list[LabelledPair]:
    """The pairs of a file, the first `limit` of them."""
    result: list[LabelledPair] = []
    with path.open(encoding="utf-8") as lines:
        for line in lines:
            if limit is not None and len(result) >= limit:
                break
            row = json.loads(line)
            evidence = "\n".join(row["evidence"])
            result.append(LabelledPair(str(row["id"]), row["claim"], evidence, row["label"]))
    return result
