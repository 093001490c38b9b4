"""When a source that leans against a claim is enough to contest it.

A small judge seldom sees that two answers exclude one another where neither text denies the other:
that a prize went to Ada Berg speaks against the claim that it went to Bo Dahl, but less loudly
than a denial. Over ten passages a low threshold would call conflicts everywhere, so a lone passage
needs much (`agent.rate.embedded`). It needs less where the claim rests on little: where at
least as many voices lean against a claim as support it, they contest it. Else one planted text
would be louder than two sources that say otherwise.

What was computed is left as it is, and so is a passage that lacks a figure of the claim or has the
same one: such a passage does not lean.
"""

from __future__ import annotations

from collections.abc import Sequence

from agent.rate.judge import Judgement
from agent.types import Evidence
from tools.library.voices import one_voice_each

LEANS = 0.3
"""Least probability of a contradiction with which a passage leans against a claim. Of 220 claims of
the newsroom suite it turns two from supported to conflicting, as 0.4 does; 0.25 turns four."""


def contesting(judgements: Sequence[Judgement], rated: Sequence[Evidence]) -> set[int]:
    """Positions of the passages that contest a claim, though by themselves they decide nothing.

    Args:
        judgements: of the passages of one claim.
        rated: the evidence that they were found to be, in the same order.
    """
    if any(item.stance == "contradicts" for item in rated):
        return set()
    leaning = {
        place
        for place, (judgement, item) in enumerate(zip(judgements, rated, strict=True))
        if item.stance == "neutral" and _leans(judgement)
    }
    # Whose passage supports the claim does not lean against it with another one.
    supporting = [item for item in rated if item.stance == "supports"]
    if not supporting or not leaning:
        return set()
    against = [
        rated[place].model_copy(update={"stance": "contradicts"}) for place in sorted(leaning)
    ]
    voices_for = {item.origin for item in one_voice_each(supporting)}
    sources_for = {item.source_id for item in supporting}
    others = [item for item in against if item.source_id not in sources_for]
    voices_against = {item.origin for item in one_voice_each(others)}
    if len(voices_against) < len(voices_for):
        return set()
    return {place for place in leaning if rated[place].source_id not in sources_for}


def _leans(judgement: Judgement) -> bool:
    if judgement.ruling or judgement.unread or judgement.probabilities[1] < LEANS:
        return False
    return not any(
        finding.what == "figure" and (finding.absent or finding.relation in ("same", "silent"))
        for finding in judgement.findings
    )
