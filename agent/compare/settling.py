"""Figures whose magnitude one text leaves open, read as the other text has them.

A spinner writes one word for `million` and `billion`. The network takes `25 cardinal` for
something else than `25 million` and calls a conflict that nobody can know of. So it is shown the
reading that agrees, if one does; what parts the two beyond their magnitude still shows.
"""

from __future__ import annotations

from dataclasses import replace

from tools.numbers.quantities import Quantity, quantities, relate
from tools.text.spinning import MAGNITUDE_WORD

_NAMES = {1e3: "thousand", 1e6: "million", 1e9: "billion", 1e12: "trillion"}


def settled(text: str, other: str) -> str:
    """`text` with each open magnitude word as the figure of `other` that agrees with it has it.

    Where none agrees, or the other text leaves it open as well, the text stays as it is.
    """
    if MAGNITUDE_WORD not in text.lower():
        return text
    clear = [figure for figure in quantities(other) if not figure.magnitude_unclear]
    for figure in reversed(quantities(text)):
        at = figure.text.lower().rfind(MAGNITUDE_WORD)
        if not figure.magnitude_unclear or at < 0:
            continue
        alike = next((name for each in clear if (name := _shared(figure, each))), None)
        if alike:
            start = figure.start + at
            text = text[:start] + alike + text[start + len(MAGNITUDE_WORD) :]
    return text


def _shared(figure: Quantity, other: Quantity) -> str | None:
    """The magnitude in which two figures agree."""
    if not figure.values[0] or figure.unit != other.unit:
        return None
    for value in figure.values:
        reading = replace(figure, values=(value,), step=figure.step * value / figure.values[0])
        if relate(reading, other) == "same":
            return _NAMES.get(float(f"{figure.scale * value / figure.values[0]:.6g}"))
    return None
