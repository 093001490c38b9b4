"""Two wordings laid along each other: which words they share, and which stand for which."""

from __future__ import annotations

import itertools
from dataclasses import dataclass

_CHANGE = 10_000
_Pair = tuple[int | None, int | None]


@dataclass(frozen=True)
class Run:
    """Words of both texts that stand for each other: all equal, or none."""

    equal: bool
    ours: list[int]
    theirs: list[int]


def aligned(left: list[str], right: list[str]) -> list[_Pair]:
    """The words of `left` laid along those of `right` with the fewest changes (Sellers 1980).

    What `right` has before and after costs nothing.

    Returns:
        (place in left, place in right), None for a word that the other does not have.
    """

    def laid(word: str, other: str) -> int:
        return -1 if word == other else _CHANGE  # of as many changes, more equal words win

    rows = [[0] * (len(right) + 1)]
    for word in left:
        row = [rows[-1][0] + _CHANGE]
        for j, other in enumerate(right):
            diagonal = rows[-1][j] + laid(word, other)
            row.append(min(diagonal, rows[-1][j + 1] + _CHANGE, row[-1] + _CHANGE))
        rows.append(row)
    i, j = len(left), min(range(len(right), -1, -1), key=rows[-1].__getitem__)
    pairs: list[_Pair] = []
    while i:
        if j and rows[i][j] == rows[i - 1][j - 1] + laid(left[i - 1], right[j - 1]):
            i, j = i - 1, j - 1
            pairs.append((i, j))
        elif rows[i][j] == rows[i - 1][j] + _CHANGE:
            i -= 1
            pairs.append((i, None))
        else:
            j -= 1
            pairs.append((None, j))
    return pairs[::-1]


def runs_of(pairs: list[_Pair], left: list[str], right: list[str]) -> list[Run]:
    runs = []
    for equal, group in itertools.groupby(
        pairs, key=lambda p: p[0] is not None and p[1] is not None and left[p[0]] == right[p[1]]
    ):
        members = list(group)
        ours = [i for i, _ in members if i is not None]
        runs.append(Run(equal, ours, [j for _, j in members if j is not None]))
    return runs
