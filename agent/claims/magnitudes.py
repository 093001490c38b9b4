"""Figures of a claim whose magnitude the article leaves open.

Where a spinner puts one word for `million` and `billion` alike, both readings stay: the claim names
them, and figures are compared in each (`tools.numbers.quantities.relate`). Nothing is guessed.
"""

from __future__ import annotations

from tools.numbers.amounts import quantities

_NAMES = {1e3: "thousands", 1e6: "millions", 1e9: "billions", 1e12: "trillions"}


def open_magnitudes(quote: str) -> list[str]:
    """One sentence for each figure of a quote that can be read in several magnitudes.

    Args:
        quote: the claim's words as they stand in the article.

    Returns:
        Sentences that name all readings, the smallest first; none where all figures are clear.
    """
    told = []
    for figure in quantities(quote):
        first = figure.values[0]
        if figure.magnitude_unclear and first:
            scales = sorted(figure.scale * value / first for value in figure.values)
            readings = " or ".join(_named(scale) for scale in scales)
            shown = " ".join(figure.text.split())
            told.append(f"“{shown}” may be in {readings}; the article does not tell which.")
    return list(dict.fromkeys(told))


def _named(scale: float) -> str:
    """What one of the digits counts, in words: `millions`."""
    return _NAMES.get(float(f"{scale:.6g}"), f"units of {scale:,.6g}")
