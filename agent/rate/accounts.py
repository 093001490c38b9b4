"""Revenue, profit and loss, where a claim names them without a figure.

A small judge takes one for another: that a firm had revenue seems to say that it made a profit.
"""

from __future__ import annotations

import re

from tools.numbers.quantities import quantities

_NAMES = {
    "revenue": re.compile(r"\b(?:revenues?|turnover|takings)\b", re.I),
    "result": re.compile(
        r"\b(?:profit\w*|unprofitable|earnings|earned|net income|loss(?:es)?|lost money|"
        r"deficits?|surplus(?:es)?|broke even|in the (?:red|black))\b",
        re.I,
    ),
}
"""What is taken in, and what is left of it: a loss may contradict a profit."""


def accounts(text: str) -> frozenset[str]:
    """Which of the two a text names: `revenue`, `result`."""
    return frozenset(name for name, words in _NAMES.items() if words.search(text))


def only_another(claim: str, passage: str) -> bool:
    """Whether a claim without a figure names one of the two, and a passage only the other."""
    ours, theirs = accounts(claim), accounts(passage)
    return len(ours) == 1 and bool(theirs) and not ours & theirs and not quantities(claim)
