"""Who voted, spoke or decided for something in one text and against it in the other."""

from __future__ import annotations

import re
from collections.abc import Sequence

from agent.compare.subjects import Finding, Sentence, same_event, same_subject, share
from tools.numbers.quantities import quantities
from tools.text.words import content_stems

_SHARED = 0.5
"""How much of the claim's content a sentence must share before its opposite counts."""
_SIDE = re.compile(
    r"\b(vote[ds]?|voting|spoke|speaks?|argued?|decided?|ruled?|campaigned?|came out)\s+"
    r"(for|in favou?r of|against)\b",
    re.I,
)


def opposites(claim: str, sentences: Sequence[Sentence]) -> list[Finding]:
    """The first sentence that has the claim's party on the other side, if one does.

    Args:
        claim: the claim's text.
        sentences: those of the passage.
    """
    ours = _sides(claim)
    # Twelve for and nine against are no contradiction, but the two sides of one vote.
    if len(ours) != 1 or quantities(claim):
        return []
    subject = content_stems(_SIDE.sub(" ", claim))
    for sentence in sentences:
        theirs = _sides(sentence.text)
        # Of a sentence that names both sides it is not known who stands on which.
        if len(theirs) != 1 or ours.keys() == theirs.keys() or quantities(sentence.text):
            continue
        if (
            share(subject, sentence.text) >= _SHARED
            and same_subject(claim, sentence.text)
            and same_event(subject, claim, sentence.text)
        ):
            note = f"“{next(iter(ours.values()))}” against “{next(iter(theirs.values()))}”"
            return [Finding("opposite", "differs", sentence.start, sentence.end, note)]
    return []


def _sides(text: str) -> dict[bool, str]:
    """The sides that a text tells, against or not, with the words for each."""
    return {match[2].lower() == "against": match[0] for match in _SIDE.finditer(text)}
