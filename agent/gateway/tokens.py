"""How many tokens a text has, roughly: for budgets and estimates, before a server counts.

Tokenizers differ from model to model and most are not to be had offline. What is here counts
pieces as byte-pair tokenizers cut them before they merge.
"""

from __future__ import annotations

import re

_PIECE = re.compile(r"[A-Za-z]+|[0-9]{1,3}|[^\x00-\x7f]|[^A-Za-z0-9\s]+|\s{2,}|\n")
_LETTERS = 7
"""Letters of an English word that are mostly one token."""


def tokens_in(text: str) -> int:
    """Tokens of a text, estimated."""
    return sum(
        1 + (len(piece) - 1) // _LETTERS if piece.isascii() and piece.isalpha() else 1
        for piece in _PIECE.findall(text)
    )
