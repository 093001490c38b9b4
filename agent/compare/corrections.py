"""What a text tells only to take it back: `We wrote that … That was wrong.`

A correction repeats the mistake in the words of the first report, and a judge that reads one
sentence at a time takes it for a statement. So it is shown the text with blanks in its place:
what the correction puts right still stands there, and speaks against the mistake.
"""

from __future__ import annotations

import re
from functools import lru_cache

from tools.text.sentences import sentence_spans

_WITHIN = 2
"""How many sentences after the one that repeats a mistake may take it back."""

_TOLD = (
    r"(?:wrote|reported|said|stated|claimed|gave|put|named|quoted|published|told|printed|misstated)"
)
_EARLIER = re.compile(
    # `we originally wrote`, `an earlier version of this article said`, `our report gave`.
    rf"\bwe\s+(?:\w+\s+){{0,3}}?{_TOLD}\b"
    r"|\b(?:(?:our|an?|the)\s+(?:earlier|previous|original|first|initial)"
    r"|our|this|yesterday[’']s|last\s+week[’']s)"
    rf"\s+(?:report|article|story|version|headline|post|caption)\b[^.;]{{0,60}}?\b{_TOLD}\b",
    re.IGNORECASE,
)
_WRONGLY = re.compile(
    r"\b(?:wrongly|incorrectly|mistakenly|erroneously|inaccurately|in\s+error|by\s+mistake"
    r"|misstated)\b",
    re.IGNORECASE,
)
_WITHDRAWN = re.compile(
    # Not `It was wrong of him to …`, `It should have been finished in May`.
    r"\b(?:that|this|it|which|(?:the|our|both|all|these|those)(?:\s+\w+){0,2})"
    r"\s+(?:was|is|were|are)\s+(?:wrong|incorrect|inaccurate|false|mistaken|erroneous|an?\s+error"
    r"|a\s+mistake|not\s+(?:correct|true|right|so|the\s+case))\b(?!\s+(?:of|to|for|that)\b)"
    r"|\bwe\s+(?:\w+\s+)?(?:apologi[sz]e|regret|were\s+(?:wrong|mistaken))\b"
    r"|\bshould\s+have\s+(?:said|read)\b"
    r"|\b(?:figure|number|sum|amount|total|share|date|day|year|name|title|spelling)s?"
    r"\s+should\s+have\s+been\b"
    r"|\b(?:that|this)\s+should\s+have\s+been\b(?!\s+\w+(?:ed|en)\b)",
    re.IGNORECASE,
)


_LONGEST_KEPT = 100_000
"""Characters of a text up to which it is remembered: passages of one source come again."""


def retracted(text: str) -> tuple[tuple[int, int], ...]:
    """Spans in which a text repeats what it, or its publisher, told before and takes back.

    The sentence, or the part of it before the words that take it back, where it says that
    `we wrote` something or `an earlier version said` it, and one of the next two sentences says
    that this was wrong, should have been otherwise, or is apologised for.
    """
    return (_kept if len(text) <= _LONGEST_KEPT else _retracted)(text)


def _retracted(text: str) -> tuple[tuple[int, int], ...]:
    if not _EARLIER.search(text):
        return ()
    sentences = sentence_spans(text)
    found = []
    for place, (start, end) in enumerate(sentences):
        sentence = text[start:end]
        told = _EARLIER.search(sentence)
        if told is None:
            continue
        if here := _WITHDRAWN.search(sentence, told.end()):
            found.append((start, start + here.end()))
        elif _WRONGLY.search(sentence):
            found.append((start, start + len(sentence.partition(";")[0])))
        elif any(
            _WITHDRAWN.search(text[a:b]) for a, b in sentences[place + 1 : place + 1 + _WITHIN]
        ):
            found.append((start, end))
    return tuple(found)


_kept = lru_cache(maxsize=256)(_retracted)


def without_retracted(text: str, start: int = 0, end: int | None = None) -> str:
    """A part of a text, of the same length, with blanks for what the text takes back.

    Args:
        text: the whole text; what takes a sentence back may stand behind the part.
        start, end: the part.
    """
    part = text[start:end]
    for first, last in retracted(text):
        first, last = max(first - start, 0), min(last - start, len(part))
        if first < last:
            part = f"{part[:first]}{' ' * (last - first)}{part[last:]}"
    return part
