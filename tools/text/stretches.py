"""A pattern looked for in a long text a stretch at a time, with the matches of the whole.

While a pattern is matched no other thread of the interpreter does anything, and nobody can stop it:
in a book that is a second. So it is given so many characters at once, and what comes behind them
to look at.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from tools.stopping import go_on

STRETCH = 30_000
"""Characters in which a match may begin, of those that a pattern is given at once."""
REACH = 6_000
"""Characters that it sees behind them. A match that has to see more may be another one, or none."""


def matches(
    pattern: re.Pattern[str], text: str, stretch: int = STRETCH, reach: int = REACH
) -> Iterator[re.Match[str]]:
    """As `pattern.finditer(text)`, for a pattern that reaches so far.

    Args:
        pattern: what is looked for; it should match no empty string.
        text: of any length.
        stretch: characters in which a match may begin, of those looked at together.
        reach: characters from a match's beginning that decide about it.
    """
    at = 0
    while at < len(text):
        go_on()
        last = at + stretch
        match = pattern.search(text, at, last + reach)
        if match and match.start() < last:
            yield match
            at = max(match.end(), match.start() + 1)
        else:
            at = last


def occurs(pattern: re.Pattern[str], text: str) -> bool:
    """Whether a pattern matches anywhere; see `matches`."""
    return next(matches(pattern, text), None) is not None
