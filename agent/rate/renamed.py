"""When two sources tell of another what one source alone tells of the claim's.

The harbour prize went to Ada Berg, says one; to Bo Dahl, say two. A small judge does not always see
that these exclude one another, and neither text denies the other. So where one voice alone supports
a claim, it is contested by two voices more that do not know a name of the claim at all, have most
of the rest in one sentence, and agree there on a name that neither the claim nor its support
has. One alone may tell of something else; two seldom agree on another name by chance.

Of 93 claims that were supported where many outlets tell of one event (the first texts of
`python -m evals.evidence.outlets FILE --every 36` and `--every 53`) none is contested so. With half
of the rest, and names that the support has, too, 5 of 44 of these were, all wrongly. What a thing
may have several of is beyond it: that Ghana signed a treaty contests that Kenya did.

As with any contest (`agent.rate.contest`), a claim that quotes or does not say whom it is about is
left alone, and what is distrusted, or later than what supports the claim, is no voice.
"""

from __future__ import annotations

import itertools
from collections.abc import Collection, Sequence
from typing import NamedTuple

from agent.compare.subjects import sentences_of
from agent.rate.contest import is_beyond, is_voice, unopposed
from agent.types import Evidence
from tools.library.voices import one_voice_each
from tools.text.words import content_stems, names

REST = 0.6
"""Least share of the claim's content words, without the names that a passage lacks, that its
sentence has. With 0.75 one of 34 planted claims was contested, with 0.6 six."""
_LEAST = 2
"""Fewest of these words."""


class _Told(NamedTuple):
    span: tuple[int, int]
    lacks: frozenset[str]
    """Names of the claim that the passage has nowhere."""
    names: frozenset[str]
    """Names of the sentence that neither the claim nor its support has."""

    def agrees(self, other: _Told) -> bool:
        return bool(self.lacks & other.lacks and self.names & other.names)


def renaming(
    claim: str, rated: Sequence[Evidence], decided: Collection[int] = ()
) -> dict[int, tuple[int, int]]:
    """Positions of the passages that contest a claim so, each with the sentence to quote.

    Args:
        claim: its text.
        rated: the evidence on it.
        decided: positions of passages on which something computed decides.
    """
    if is_beyond(claim) or not (supporting := unopposed(rated)):
        return {}
    if len({item.origin for item in one_voice_each(supporting)}) > 1:
        return {}
    sources = {item.source_id for item in supporting}
    known = content_stems(claim).union(*(names(item.context) for item in supporting))
    told = {}
    for place, item in enumerate(rated):
        if item.stance != "neutral" or item.source_id in sources or place in decided:
            continue
        if is_voice(item, supporting) and (found := _told(claim, item.context, known)):
            told[place] = found
    voices = one_voice_each([rated[p].model_copy(update={"stance": "contradicts"}) for p in told])
    origins = {place: item.origin for place, item in zip(told, voices, strict=True)}
    agreed = {
        place
        for one, other in itertools.combinations(told, 2)
        if origins[one] != origins[other] and told[one].agrees(told[other])
        for place in (one, other)
    }
    return {place: told[place].span for place in sorted(agreed)}


def _told(claim: str, passage: str, known: frozenset[str]) -> _Told | None:
    wanted = content_stems(claim)
    lacks = (names(claim) & wanted) - content_stems(passage)
    rest = wanted - lacks
    if not lacks:
        return None
    for start, end in sentences_of(passage):
        sentence = passage[start:end]
        shared = len(rest & content_stems(sentence))
        others = names(sentence) - known
        if others and shared >= max(_LEAST, REST * len(rest)):
            return _Told((start, end), lacks, others)
    return None
