"""Rating: which stance each retrieved passage has to a claim, and the quote that decides.

Two raters share this interface: the embedded judge (`embedded.py`), and a language model
(`model.py`). Neither sees anything but the claim and the passages, and neither decides the
verdict: `agent.decide` does.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from agent.types import Claim, Compared, Evidence, Hit, Stance
from tools.library.titles import called


class Rater(Protocol):
    """Rates the passages that were retrieved for one claim."""

    @property
    def name(self) -> str:
        """Name and version, for the report."""

    async def rate(self, claim: Claim, hits: Sequence[Hit]) -> list[Evidence]:
        """The evidence for and against `claim`, one item a passage, in the order of `hits`.

        Raises:
            ClaimFailed: this claim cannot be rated.
            ModelUnavailable: none can.
        """
        ...


def evidence(
    hit: Hit,
    span: tuple[int, int],
    stance: Stance,
    probability: float,
    note: str | None = None,
    compared: Compared | None = None,
) -> Evidence:
    """Evidence from a hit; all but stance and quote comes from the library.

    Args:
        span: the quote, as offsets into the passage's text.
        note: what was computed, for people.
        compared: what the note compares.
    """
    source, passage = hit.source, hit.passage
    start, end = passage.start + span[0], passage.start + span[1]
    return Evidence(
        source_id=source.id,
        title=called(source),
        publisher=source.publisher,
        url=source.url,
        published_at=source.published_at,
        quote=passage.text[span[0] : span[1]],
        start=start,
        end=end,
        stance=stance,
        probability=round(min(max(probability, 0.0), 1.0), 4),
        origin=source.origin,
        origin_reason=source.origin_reason,
        context=passage.text,
        context_start=passage.start,
        later=hit.later,
        reputation=hit.reputation,
        note=note,
        compared=compared,
    )
