"""Finding, among very many texts, those that another may be akin to.

A text has a signature of some hundred numbers. Texts whose signatures have two of them in common,
and which do not differ in their figures and names, are worth comparing. What very many texts have
in common is a form, an advertisement or a story told everywhere; it brings each text together
with its neighbours only, which is enough to join the copies of a story one after another.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from agent.types import OriginReason

POPULAR = 64
"""What more texts have in common is popular: …"""
_NEIGHBOURS = 8
"""… a text is then brought together with so many of the next, by id, on both sides."""
_SHARED = 2
"""What two signatures must have in common for their texts to be compared."""
_ALIKE = 0.4
"""Share of the figures, and of the names, of the text with fewer from which they are compared."""
MIN_FACTS = 4
"""Fewer figures or names than this prove nothing either way."""

Numbers = NDArray[np.uint32]


class Signature(NamedTuple):
    """What finds the texts that another may be akin to. All arrays hold distinct numbers."""

    sketch: Numbers
    amounts: Numbers
    names: Numbers
    credited: bool
    """Whether the text names an agency that it was taken from."""


class Origin(NamedTuple):
    """What a source goes back to."""

    id: str
    """Of the earliest source of its group; its own where it is that."""
    reason: OriginReason | None
    """Why it is in the group; None for the earliest."""


def akin(
    signatures: Sequence[Signature],
    chosen: Sequence[int] | None = None,
    *,
    popular: int = POPULAR,
) -> Iterator[tuple[int, int]]:
    """Pairs of positions whose texts are worth comparing, each at most once.

    Args:
        signatures: of all texts, in the order of their ids.
        chosen: only pairs with at least one of these; None for all.
        popular: what more texts than this have in common proposes neighbours only.
    """
    wanted = range(len(signatures)) if chosen is None else chosen
    if not len(wanted) or len(signatures) < 2:
        return
    values, holders = _postings([s.sketch for s in signatures], chosen)
    facts: dict[int, tuple[frozenset[int], frozenset[int]]] = {}

    def known(number: int) -> tuple[frozenset[int], frozenset[int]]:
        if number not in facts:
            one = signatures[number]
            facts[number] = frozenset(one.amounts.tolist()), frozenset(one.names.tolist())
        return facts[number]

    chosen_ones = frozenset(wanted)
    for number in wanted:
        sketch = signatures[number].sketch
        starts = np.searchsorted(values, sketch, "left")
        ends = np.searchsorted(values, sketch, "right")
        met = []
        for start, end in zip(starts.tolist(), ends.tolist(), strict=True):
            if end - start > popular:
                place = start + int(np.searchsorted(holders[start:end], number))
                start, end = max(start, place - _NEIGHBOURS), min(end, place + _NEIGHBOURS + 1)
            if end - start > 1:
                met.append(holders[start:end])
        if not met:
            continue
        others, shared = np.unique(np.concatenate(met), return_counts=True)
        for other in others[shared >= _SHARED].tolist():
            if other == number or (other < number and other in chosen_ones):
                continue
            credited = signatures[number].credited or signatures[other].credited
            if credited or all(map(_alike, known(number), known(other))):
                yield number, other


def _alike(mine: frozenset[int], theirs: frozenset[int]) -> bool:
    fewer = min(len(mine), len(theirs))
    return fewer < MIN_FACTS or len(mine & theirs) >= _ALIKE * fewer


def _postings(
    sketches: Sequence[Numbers], chosen: Sequence[int] | None
) -> tuple[Numbers, NDArray[np.int64]]:
    """Every number of every sketch, ascending, and the text that has it, ascending in each."""
    sizes = np.fromiter(map(len, sketches), dtype=np.int64, count=len(sketches))
    values = np.concatenate(sketches)
    places = np.arange(len(values))
    if chosen is not None:
        asked = np.unique(np.concatenate([sketches[number] for number in chosen]))
        nearest = np.minimum(np.searchsorted(asked, values), len(asked) - 1)
        places = np.flatnonzero(asked[nearest] == values)
        values = values[places]
    holders = np.searchsorted(np.cumsum(sizes), places, side="right")
    order = np.argsort(values, kind="stable")
    return values[order], holders[order]
