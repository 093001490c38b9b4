"""Finding, among very many texts, those that another may be akin to.

A text has a signature of some hundred numbers. Texts whose signatures have two of them in common,
and which do not differ in their figures and names, are worth comparing. What very many texts have
in common is a form, an advertisement or a story told everywhere; it brings each text together
with its neighbours only, which is enough to join the copies of a story one after another.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import lru_cache
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


class Sketches(NamedTuple):
    """The sketches of all texts, one after another in the order of their ids."""

    values: Numbers
    ends: NDArray[np.int64]
    """Where each text's numbers end."""


class Origin(NamedTuple):
    """What a source goes back to."""

    id: str
    """Of the earliest source of its group; its own where it is that."""
    reason: OriginReason | None
    """Why it is in the group; None for the earliest."""


def end_to_end(sketches: Sequence[Numbers]) -> Sketches:
    """Several sketches as one array."""
    sizes = np.fromiter(map(len, sketches), dtype=np.int64, count=len(sketches))
    values = np.concatenate(sketches) if sketches else np.empty(0, dtype=np.uint32)
    return Sketches(values, np.cumsum(sizes))


def akin(
    sketches: Sketches,
    signature_of: Callable[[int], Signature],
    chosen: Sequence[int] | None = None,
    *,
    popular: int = POPULAR,
) -> Iterator[tuple[int, int]]:
    """Pairs of positions whose texts are worth comparing, each at most once.

    Args:
        sketches: of all texts.
        signature_of: the signature of the text at a position; asked of few.
        chosen: only pairs with at least one of these; None for all.
        popular: what more texts than this have in common proposes neighbours only.
    """
    ends = sketches.ends
    wanted = range(len(ends)) if chosen is None else chosen
    if not len(wanted) or len(ends) < 2:
        return

    @lru_cache(maxsize=8192)
    def facts(number: int) -> tuple[frozenset[int], frozenset[int], bool]:
        one = signature_of(number)
        return frozenset(one.amounts.tolist()), frozenset(one.names.tolist()), one.credited

    def sketch(number: int) -> Numbers:
        return sketches.values[ends[number - 1] if number else 0 : ends[number]]

    asked = None if chosen is None else np.concatenate([sketch(number) for number in chosen])
    values, holders = _postings(sketches, asked)
    chosen_ones = frozenset(wanted)
    for number in wanted:
        starts = np.searchsorted(values, sketch(number), "left")
        stops = np.searchsorted(values, sketch(number), "right")
        met = []
        for start, stop in zip(starts.tolist(), stops.tolist(), strict=True):
            if stop - start > popular:
                place = start + int(np.searchsorted(holders[start:stop], number))
                start, stop = max(start, place - _NEIGHBOURS), min(stop, place + _NEIGHBOURS + 1)
            if stop - start > 1:
                met.append(holders[start:stop])
        if not met:
            continue
        others, shared = np.unique(np.concatenate(met), return_counts=True)
        for other in others[shared >= _SHARED].tolist():
            if other == number or (other < number and other in chosen_ones):
                continue
            mine, theirs = facts(number), facts(other)
            shares = [_shared(*pair) for pair in zip(mine[:2], theirs[:2], strict=True)]
            # Two cuts of one agency's report may have either in common alone.
            cuts = (mine[2] or theirs[2]) and any(share >= _ALIKE for share, _ in shares)
            if cuts or all(share >= _ALIKE or of < MIN_FACTS for share, of in shares):
                yield number, other


def _shared(mine: frozenset[int], theirs: frozenset[int]) -> tuple[float, int]:
    """What two texts have in common, as a share of the one with fewer; and how many that has."""
    fewer = min(len(mine), len(theirs))
    return (len(mine & theirs) / fewer if fewer else 0.0), fewer


def _postings(sketches: Sketches, asked: Numbers | None) -> tuple[Numbers, NDArray[np.int64]]:
    """Numbers of sketches, ascending, and the text that has each, ascending among equals.

    Args:
        sketches: of all texts.
        asked: only these numbers; None for all.
    """
    values = sketches.values
    if asked is None:
        places = np.arange(len(values))
    else:
        # Most of very many numbers are told from few by their lower half alone.
        lower = np.zeros(1 << 16, dtype=bool)
        lower[asked & np.uint32(0xFFFF)] = True
        places = np.flatnonzero(lower[values.astype(np.uint16)])
        places = places[np.isin(values[places], asked)]
        values = values[places]
    holders = np.searchsorted(sketches.ends, places, side="right")
    order = np.argsort(values, kind="stable")
    return values[order], holders[order]
