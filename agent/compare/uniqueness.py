"""Claims that something was the first or the only one of its kind, and passages that do not say so.

A small judge takes `was a lighthouse` for `was the first lighthouse`. Of the pairs of public sets
whose claim says so and whose passage has no word of it, hardly any is supported.
"""

from __future__ import annotations

import re

from agent.compare.subjects import Finding
from tools.text.words import content_stems

_CLAIMED = re.compile(
    r"\b(?:is|was|are|were|be|been|became|becomes?)\s(?:the|its|their|his|her)\s(first|only)\s"
    r"(?!time\b|day\b|to\b)((?:[\w’-]+\s){0,2}[\w’-]+)"
)
_ALONE = re.compile(
    r"\b(?:only|sole|never|no|nobody|none|except\w*|maiden|inaugural|earliest|oldest|"
    r"debut\w*|pioneer\w*|original\w*|until then|before|earlier|previous\w*|preced\w*|unique\w*|"
    r"initial\w*|until|led|apart from|second|others?|not|one|single|alone|found(?:ed|er|ing)\w*|"
    r"establish\w*|open(?:ed|ing)|invent\w*|"
    r"introduc\w*|start\w*|beg[aiu]n\w*|new|since|ever|1st|record|history)\b",
    re.I,
)
# `The only one to have run faster than Corla Mennick` may follow from a list of times.
_COMPUTED = re.compile(r"\b(?:than|ever)\b", re.I)
# `The first` of something, which `its first pictures` and `was first lit` are only of themselves.
_FIRST = re.compile(
    r"(?P<own>\b(?:its|their|his|her|my|our)\s|[’']s?\s)?\b(?:first|firsts)\b(?:\s(?P<what>[\w’-]+))?",
    re.I,
)
_WAS_FIRST = re.compile(r"\b(?:is|was|are|were|been)\s$", re.I)


def untold_uniqueness(claim: str, passage: str) -> Finding | None:
    """That a passage does not tell what a claim says: the first or only one of its kind.

    Args:
        claim: the claim's text.
        passage: the passage's text.
    """
    claimed = _CLAIMED.search(claim)
    if not claimed or _COMPUTED.search(claim) or _ALONE.search(passage):
        return None
    kind = content_stems(claimed[2])
    for first in _FIRST.finditer(passage):
        what = content_stems(first["what"] or "")
        before = passage[: first.start()]
        adverb = _WAS_FIRST.search(before) and (first["what"] or "").endswith(("ed", "lit", "en"))
        if not adverb and (not first["own"] or not what or what & kind):
            return None
    note = f"the {claimed[1]} {claimed[2]}: the passage does not say so"
    return Finding("figure", "silent", note=note, elsewhere=True)
