"""Hedges: whether a text says `about`, `more than`, `at least` of a figure, before or after it."""

from __future__ import annotations

import re
from typing import Literal

Bound = Literal["exact", "about", "over", "under", "at least", "at most", "just over", "just under"]

_HEDGE_WORDS: dict[Bound, str] = {
    "just under": r"just under|just below|nearly|almost|close to|not quite|approaching|"
    r"just short of|(?:slightly|a little|a bit) (?:under|less than|below|fewer than)",
    "just over": r"just over|just above|(?:slightly|a little|a bit|just) (?:over|more than|above)",
    "at most": r"no (?:more|higher|longer) than|not more than|at (?:the )?most|a maximum of|"
    r"(?<!adds )(?<!add )(?<!added )(?<!adding )(?<!amounts )(?<!amounted )up to|"
    r"as many as|as much as|not exceeding|within|[≤⩽]|<=",
    "at least": r"no (?:fewer|less) than|not (?:fewer|less) than|at (?:the very )?least|"
    r"a minimum of|upwards of|[≥⩾]|>=",
    "about": r"about|around|roughly|approximately|approx\.?|some|circa|ca\.?|c\.|an estimated|"
    r"in the region of|somewhere near|in the order of|an astir|astir|~|≈|±",
    "over": r"(?:more|higher|greater|longer|older|larger|bigger|heavier|taller|wider|deeper) than|"
    r"(?:well )?over|exceed(?:s|ed|ing)?|above|"
    r"beyond|surpass(?:es|ed|ing)?|in excess of|topp(?:ed|ing)|tops|>",
    "under": r"(?:less|fewer|lower|shorter|younger|smaller|lighter) than|"
    r"(?:well )?under|below|short of|<",
}
_HEDGE = re.compile(
    r"(?<![\w-])(?:"
    + "|".join(f"(?P<{b.replace(' ', '_')}>{words})" for b, words in _HEDGE_WORDS.items())
    + r")\s*(?:(?:the|a|an|as)\s+)?$",
    re.I,
)
HEDGING = (
    "about around roughly approximately some nearly almost exactly precisely just over under more "
    "less fewer than least most close well slightly little bit total altogether together only "
    "among depending whoever"
)
"""Words of hedges."""
_BOUNDS: dict[str, Bound] = {bound.replace(" ", "_"): bound for bound in _HEDGE_WORDS}
_HEDGES_AFTER: list[tuple[re.Pattern[str], Bound]] = [
    (re.compile(r"\s+(?:or|and) (?:more|over|above|older|higher|upwards)\b", re.I), "at least"),
    (re.compile(r"\s+(?:or|and) (?:less|fewer|under|below|younger|lower)\b", re.I), "at most"),
    (re.compile(r"\s+or so\b|[\s-]odd\b|\s+(?:give or take|or thereabouts)\b", re.I), "about"),
    (re.compile(r"\+(?!\s?\d)|[\s-](?-i:plus)\b(?!\s*(?:\d|an?\b|the\b|[$€£]))", re.I), "at least"),
    (re.compile(r"\s+at (?:the very )?least(?=\s*(?:[.,;:)]|$))", re.I), "at least"),
    (re.compile(r"\s+at (?:the )?most(?=\s*(?:[.,;:)]|$))", re.I), "at most"),
]
_DENIED: dict[Bound, Bound] = {"over": "at most", "under": "at least"}
_NEVER = re.compile(r"(?:\b(?:never|not|nor)|n[’']t)\s+(?:\w+\s+){0,2}$", re.I)
_TIMES_SPANNED = frozenset({"second", "day", "month"})
_NEAR = 40
"""Characters before a figure in which its hedge is looked for."""


def hedge(text: str, start: int, end: int, unit: str) -> Bound | None:
    """The hedge of the quantity that stands at `start` to `end`."""
    before = text[max(0, start - _NEAR) : start]
    match = _HEDGE.search(before)
    if match and match.lastgroup:
        over = unit in _TIMES_SPANNED and match[0].strip().lower() == "over"
        if not over or before[: match.start()].endswith("for "):  # "over four days" it took them
            bound = _BOUNDS[match.lastgroup]
            denied = bound in _DENIED and _NEVER.search(before[: match.start()])
            return _DENIED[bound] if denied else bound
    following = text[end : end + 1]
    if not following.isspace() and following not in ("+", "-"):
        return None
    return next((b for pattern, b in _HEDGES_AFTER if pattern.match(text, end)), None)


def unhedged(before: str) -> str:
    """The words before a figure without its hedge: `more` in `more than` counts nothing."""
    match = _HEDGE.search(before[-_NEAR:])
    return before[: max(0, len(before) - _NEAR) + match.start()] if match else before
