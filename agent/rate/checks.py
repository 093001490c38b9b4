"""What can be computed about a claim and a passage, instead of guessed by a model.

Figures, dates and quotations are compared by `tools`; here it is decided whether the
passage is about the same thing at all. Each finding names the sentence of the passage
that it rests on.
"""

from __future__ import annotations

import re

from agent.rate.figures import dates, figures
from agent.rate.sayings import sayings
from agent.rate.subjects import Finding, Sentence, same_event, same_subject, share
from tools.quantities import quantities
from tools.sentences import sentence_spans
from tools.spinning import plain_reading
from tools.words import content_stems, names

__all__ = ["Finding", "findings"]

_SHARED_OPPOSITE = 0.5
"""How much of the claim's content a sentence must share before its opposite counts."""
_SIDE = re.compile(
    r"\b(vote[ds]?|voting|spoke|speaks?|argued?|decided?|ruled?|campaigned?|came out)\s+"
    r"(for|in favou?r of|against)\b",
    re.I,
)


def findings(claim: str, passage: str, *, setting: str = "", spun: bool = False) -> list[Finding]:
    """Everything computed about a claim and a passage.

    Args:
        claim: the claim's text.
        passage: the passage's text.
        setting: more of the source (its title, its opening), where its names may stand.
        spun: whether the source is machine-spun; its altered quotations say nothing.
    """
    if found := sayings(claim, passage, setting=setting, spun=spun):
        return found  # whether somebody said so is not decided by the figures around
    context = content_stems(f"{setting}\n{plain_reading(passage, spun=spun)}")
    if names(claim) and not names(claim) & context:
        return [Finding("figure", "silent") for _ in quantities(claim)]
    sentences = [
        Sentence(start, end, plain_reading(passage[start:end], spun=spun))
        for start, end in sentence_spans(passage)
    ]
    return [
        *figures(claim, sentences, context),
        *dates(claim, sentences),
        *_sides(claim, sentences),
    ]


def _sides(claim: str, sentences: list[Sentence]) -> list[Finding]:
    """Who voted, spoke or decided *for* something in one text and *against* it in the other."""
    ours = _sides_in(claim)
    if len(ours) != 1:
        return []
    subject = content_stems(_SIDE.sub(" ", claim))
    for sentence in sentences:
        theirs = _sides_in(sentence.text)
        # Of a sentence that names both sides it is not known who stands on which.
        if len(theirs) != 1 or ours.keys() == theirs.keys():
            continue
        # Twelve for and nine against are no contradiction, but the two sides of one vote.
        if quantities(claim) or quantities(sentence.text):
            continue
        alike = share(subject, sentence.text) >= _SHARED_OPPOSITE
        if (
            alike
            and same_subject(claim, sentence.text)
            and same_event(subject, claim, sentence.text)
        ):
            note = f"“{next(iter(ours.values()))}” against “{next(iter(theirs.values()))}”"
            return [Finding("opposite", "differs", sentence.start, sentence.end, note)]
    return []


def _sides_in(text: str) -> dict[bool, str]:
    """The sides that a text tells, against or not, with the words for each."""
    return {match[2].lower() == "against": match[0] for match in _SIDE.finditer(text)}
