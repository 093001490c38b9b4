"""What a training run takes of a file of pairs: all of it, or all but a named component.

Leaving a component out, with the number of pairs kept the same, is how its worth is measured
(`evals/judge/ablations.py`).
"""

from __future__ import annotations

import json
import random
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

NEGATIVES = ("negatives", "article")
"""Makers of passages near a claim that do not decide it. `article` also shows each of its claims
with the passage that does, so that the claim alone gives nothing away; these go with it."""
COMPONENTS = {"made": ("altered", "rewritten", "framed", *NEGATIVES), "negatives": NEGATIVES}
"""The makers of each component that can be left out; what is in none comes from public sets."""


def chosen(
    file: Path, *, without: Sequence[str] = (), most: int | None = None, seed: int = 0
) -> list[dict[str, Any]]:
    """Reads pairs and keeps those wanted, in the file's order.

    Args:
        file: lines of `{"claim", "passage", "label", "maker", "group"}`.
        without: components to leave out, names of `COMPONENTS`.
        most: number of pairs to keep, chosen by chance in whole groups but for the last one:
            a claim that comes with several labels keeps them. None keeps all.
        seed: of the choice.

    Raises:
        KeyError: there is no such component.
    """
    left_out = {maker for name in without for maker in COMPONENTS[name]}
    rows = [r for r in _rows(file) if r.get("maker", "").partition("/")[0] not in left_out]
    if most is None or len(rows) <= most:
        return rows
    of_group: dict[str, list[int]] = {}
    for place, row in enumerate(rows):
        of_group.setdefault(row["group"], []).append(place)
    groups = list(of_group.values())
    random.Random(seed).shuffle(groups)
    places = [place for group in groups for place in group][:most]
    return [rows[place] for place in sorted(places)]


def _rows(file: Path) -> Iterator[dict[str, Any]]:
    # By line feeds alone: `splitlines` would also cut at separators that texts hold.
    with file.open(encoding="utf-8", newline="\n") as lines:
        for line in lines:
            yield json.loads(line)
