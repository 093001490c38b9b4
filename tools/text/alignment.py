"""Finding a quote in the text it was taken from, whatever its typography."""

from __future__ import annotations

import unicodedata

_SAME = str.maketrans({"“": '"', "”": '"', "„": '"', "«": '"', "»": '"', "‘": "'", "’": "'",
                       "–": "-", "—": "-", "‐": "-", "‑": "-", "‹": "<", "›": ">"})  # fmt: skip


def find_verbatim(quote: str, text: str, start: int = 0) -> tuple[int, int] | None:
    """Where `text` has the words of `quote`, as a span of `text`.

    Only typography may differ: kind of quotation mark and dash, white space, compatibility
    and composed forms (NFKD). Case, punctuation and every letter must be the same.

    Returns:
        The first span at or after `start`; None when there is none or the quote is empty.
    """
    found = text.find(quote, start) if quote.strip() else -1
    end = found + len(quote)
    if (
        found >= 0
        and quote == quote.strip()
        and not unicodedata.combining(text[end : end + 1] or " ")
    ):
        return found, end
    needle = _folded(quote)[0].strip()
    if not needle or start > len(text):
        return None
    hay, places = _folded(text)
    position = hay.find(needle)
    while position >= 0:
        after = position + len(needle)
        if places[position] >= start and _is_edge(hay, places, position, after):
            return places[position], places[after - 1] + 1
        position = hay.find(needle, position + 1)
    return None


def _is_edge(hay: str, places: list[int], start: int, end: int) -> bool:
    """Whether a span of folded text takes no character of the original apart (`fi` of `ﬁ`)."""
    if start and places[start - 1] == places[start]:
        return False
    return end == len(hay) or (
        places[end - 1] != places[end] and not unicodedata.combining(hay[end])
    )


def _folded(text: str) -> tuple[str, list[int]]:
    """The text without its typography, and the place of each character in the original."""
    letters: list[str] = []
    places: list[int] = []
    for place, character in enumerate(text):
        for folded in unicodedata.normalize("NFKD", character).translate(_SAME):
            if folded.isspace():
                if letters and letters[-1] == " ":
                    continue
                folded = " "
            letters.append(folded)
            places.append(place)
    return "".join(letters), places
