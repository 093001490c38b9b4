"""Finding a quote in the text it was taken from, whatever its typography."""

from __future__ import annotations

import unicodedata

_SAME = str.maketrans({"“": '"', "”": '"', "„": '"', "«": '"', "»": '"', "‘": "'", "’": "'",
                       "–": "-", "—": "-", "‐": "-", "‑": "-", "‹": "<", "›": ">"})  # fmt: skip


def find_verbatim(quote: str, text: str, start: int = 0) -> tuple[int, int] | None:
    """Where `text` has the words of `quote`, as a span of `text`.

    Only typography may differ: kind of quotation mark and dash, white space, compatibility
    forms (NFKC). Case, punctuation and every letter must be the same.

    Returns:
        The first span at or after `start`; None when there is none or the quote is empty.
    """
    found = text.find(quote, start) if quote.strip() else -1
    if found >= 0 and quote == quote.strip():
        return found, found + len(quote)
    needle, _ = _folded(quote)
    hay, places = _folded(text)
    needle = needle.strip()
    if not needle:
        return None
    position = hay.find(needle)
    while position >= 0 and places[position] < start:
        position = hay.find(needle, position + 1)
    if position < 0:
        return None
    return places[position], places[position + len(needle) - 1] + 1


def _folded(text: str) -> tuple[str, list[int]]:
    """The text without its typography, and the place of each character in the original."""
    letters: list[str] = []
    places: list[int] = []
    for place, character in enumerate(text):
        for folded in unicodedata.normalize("NFKC", character).translate(_SAME):
            if folded.isspace():
                if letters and letters[-1] == " ":
                    continue
                folded = " "
            letters.append(folded)
            places.append(place)
    return "".join(letters), places
