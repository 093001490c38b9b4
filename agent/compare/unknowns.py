"""What a passage says is not known: who wrote it, why she resigned.

A small judge takes the subject for the answer. A passage that says that nobody knows who wrote a
letter tells of the letter, of its writing and of the man it is ascribed to, and does not decide
whether he wrote it; nor does one that says that no reasons were given tell the reason.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from agent.compare.subjects import Finding, Sentence
from tools.text.events import base_of, event_of
from tools.text.words import WORD, content_stems

_UNKNOWN = re.compile(
    r"(?<!\bI )\b(?:(?:do|does|did)(?:\s+not|n[’']t)\s+(?:say|tell|disclose|reveal|"
    r"explain|specify|mention|know)|"
    r"(?:is|was|are|were|remains?|remained)\s+(?:(?:still\s+)?not\s+(?:yet\s+)?(?:known|clear|certain|"
    r"established|disclosed|decided|recorded)|unknown|unclear|uncertain|undecided|undisclosed|"
    r"unexplained|disputed|an?\s+mystery|in\s+dispute|a\s+matter\s+of\s+dispute)|"
    r"(?:no\s+one|nobody)\s+knows|g(?:a|i)ven?\s+no\s+(?:reasons?|details?|explanation|figures?|names?)|"
    r"(?:declined|refused)\s+to\s+(?:say|name)|"
    r"(?:experts?|historians?|scholars?|scientists?|researchers?|witnesses|accounts|opinions?)\s+"
    r"(?:disagree|differ|are\s+divided)|(?:has|have)\s+never\s+been\s+(?:established|proved|proven|"
    r"explained|found\s+out)|without\s+(?:saying|giving\s+(?:a\s+)?reasons?))\b",
    re.I,
)
_WHY = re.compile(r"\b(?:why|reasons?|causes?|motives?|explanation)\b", re.I)
_BECAUSE = re.compile(
    r"\b(?:because|due\s+to|owing\s+to|over|caused|causes|cause|in\s+protest|as\s+a\s+result|"
    r"thanks\s+to|on\s+account\s+of|led\s+to|result\s+of)\b",
    re.I,
)
_ALIKE = 3
"""Content words that a claim shares with what is not known, for it to be of that."""


_QUESTION = re.compile(r"(?:who|what|whether|how|why|when|where|which)\b", re.I)
_GRANTED = re.compile(r"\s*(?:why|that)\b", re.I)
"""What follows is so: who does not know that the pesticide is banned could."""
_CLAUSE = re.compile(r"[;:,]\s|\s(?:but|and|while|although|though)\s")


def _clause(text: str) -> str:
    return text if _QUESTION.match(text) else _CLAUSE.split(text)[-1]


def unknown(claim: str, sentences: Sequence[Sentence]) -> list[Finding]:
    """That a passage calls unknown what the claim says, if it does, and nowhere tells it.

    Args:
        claim: the claim's text.
        sentences: those of the passage.
    """
    if _UNKNOWN.search(claim):
        return []
    ours = content_stems(claim)
    event = event_of(claim)
    for sentence in sentences:
        found = _UNKNOWN.search(sentence.text)
        if not found:
            continue
        before, after = sentence.text[: found.start()], sentence.text[found.end() :]
        asked = f"{found[0]} {after}" if len(after.split()) > 1 else f"{_clause(before)} {found[0]}"
        rest = " ".join(other.text for other in sentences if other != sentence)
        if ours <= content_stems(f"{rest} {before}" if after in asked else rest):
            continue
        verbs = {base_of(word[0]) for word in WORD.finditer(asked)}
        why = _WHY.search(asked) and _BECAUSE.search(claim)
        told = event is not None and event.base in verbs
        if why or (
            not _GRANTED.match(after) and (told or len(ours & content_stems(asked)) >= _ALIKE)
        ):
            note = "the passage says that this is not known"
            return [
                Finding("opposite", "silent", sentence.start, sentence.end, note, elsewhere=True)
            ]
    return []
