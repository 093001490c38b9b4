"""Quotations that outlets report in other words.

Who listens to one speaker, or translates one, does not write down quite the same words as the
next. So a source that words a quotation otherwise contradicts it only as long as it is not
outvoted: where two voices at least have the quotation word for word, and more than have it
otherwise, the article has it from them. One planted text is no second voice, and a publisher that
the user distrusts is none. What has more than other words is never outvoted: a denial, a figure,
another name, a known opposite, words cut off, another speaker.
"""

from __future__ import annotations

from collections.abc import Sequence

from agent.compare.subjects import Relation
from agent.rate.judge import Judgement
from agent.types import Evidence
from tools.library.voices import one_voice_each

_VOICES = 2
"""Fewest voices that make a wording the usual one."""


def outvoted(judgements: Sequence[Judgement], rated: Sequence[Evidence]) -> dict[int, str]:
    """The passages that word a claim's quotation otherwise than most.

    Args:
        judgements: of the passages of one claim.
        rated: the evidence that they were found to be, in the same order.

    Returns:
        By position, a note for people.
    """
    otherwise = _quoted("differs", judgements, rated)
    if any(not rule.finding.reworded for place in otherwise if (rule := judgements[place].ruling)):
        return {}
    usual = _voices(rated, _quoted("same", judgements, rated))
    if not otherwise or usual < _VOICES or usual <= _voices(rated, otherwise):
        return {}
    return {place: f"worded otherwise here: {note}" for place, note in otherwise.items()}


def _quoted(
    relation: Relation, judgements: Sequence[Judgement], rated: Sequence[Evidence]
) -> dict[int, str]:
    """The passages whose quotation decides and is so related to the claim's, with the notes."""
    return {
        place: rule.finding.note
        for place, (judgement, item) in enumerate(zip(judgements, rated, strict=True))
        if (rule := judgement.ruling)
        and (rule.finding.what, rule.finding.relation) == ("quotation", relation)
        and item.reputation != "distrusted"
    }


def _voices(rated: Sequence[Evidence], places: dict[int, str]) -> int:
    return len({item.origin for item in one_voice_each([rated[place] for place in places])})
