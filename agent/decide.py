"""From the evidence on a claim to its verdict, its confidence and the reasons.

- *conflicting*: some source contradicts the claim, whatever others say.
- *supported*: an independent origin supports it and none contradicts it.
- *unverifiable*: no source decides.

Sources that copy one another share an origin and count once: an origin is as sure as
its surest copy. Where origins rest on what was computed, they are taken as independent: n
of them are wrong together with the product of their probabilities (noisy-or, Pearl 1988).
Where they rest on a model alone, its mistakes repeat themselves, and only the surest counts.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from agent.types import Claim, Evidence, Stance, Verdict

_MOST = 0.99
"""No verdict is surer than this: retrieval, splitting and the library can be wrong too."""
_NEUTRAL_SHOWN = 3
_NAMED = 3


@dataclass(frozen=True)
class Decision:
    """The outcome for one claim; `evidence` holds what the report shows, best first."""

    verdict: Verdict
    confidence: float
    explanation: str
    missing: str | None
    evidence: list[Evidence]


def decide(claim: Claim, evidence: Sequence[Evidence], *, sources_searched: int) -> Decision:
    """Decides a claim.

    Args:
        claim: the claim.
        evidence: one item for each passage that was rated.
        sources_searched: how many sources of the library were searched.
    """
    supports = _by_origin(evidence, "supports")
    contradicts = _by_origin(evidence, "contradicts")
    neutral = _distinct(
        sorted(
            (e for e in evidence if e.stance == "neutral"), key=lambda e: (e.probability, _key(e))
        )
    )[:_NEUTRAL_SHOWN]
    shown = [*_flat(supports), *_flat(contradicts), *neutral]
    if contradicts:
        against = _says(contradicts, "contradicts", "contradict")
        for_it = f" {_says(supports, 'supports', 'support')}" if supports else ""
        return Decision("conflicting", _any(contradicts), f"{against}{for_it}", None, shown)
    if supports:
        text = _says(supports, "supports", "support")
        return Decision("supported", _any(supports), text, None, shown)
    closest = neutral[0] if neutral else None
    explanation = "No source in the library decides this."
    if closest:
        why = f": {closest.note}" if closest.note else ""
        explanation += f" The closest passage is from {_name(closest)}{why}."
    confidence = min((e.probability for e in evidence), default=_MOST)
    return Decision(
        "unverifiable",
        round(min(confidence, _MOST), 4),
        explanation,
        _missing(claim, len(evidence), sources_searched),
        shown,
    )


def _by_origin(evidence: Sequence[Evidence], stance: Stance) -> list[list[Evidence]]:
    """The items of one stance, grouped by origin, surest group and surest item first."""
    groups: dict[str, list[Evidence]] = {}
    for item in _distinct(
        sorted((e for e in evidence if e.stance == stance), key=lambda e: (-e.probability, _key(e)))
    ):
        groups.setdefault(item.origin, []).append(item)
    return list(groups.values())


def _distinct(items: list[Evidence]) -> list[Evidence]:
    """The first item of each quote: passages overlap, and two can be decided by one sentence."""
    first: dict[tuple[str, int, int], Evidence] = {}
    for item in items:
        first.setdefault((item.source_id, item.start, item.end), item)
    return list(first.values())


def _key(item: Evidence) -> tuple[str, int, int, str, int]:
    return item.source_id, item.start, item.end, item.note or "", item.context_start


def _flat(groups: list[list[Evidence]]) -> list[Evidence]:
    return [item for group in groups for item in group]


def _any(groups: list[list[Evidence]]) -> float:
    wrong = 1 - max((g[0].probability for g in groups if g[0].note is None), default=0.0)
    for group in groups:
        if group[0].note is not None:
            wrong *= 1 - group[0].probability
    return round(min(1 - wrong, _MOST), 4)


def _says(groups: list[list[Evidence]], one: str, many: str) -> str:
    sources = {item.source_id for group in groups for item in group}
    number = len(groups)
    counted = f"{number} independent origin{'s' * (number != 1)}"
    if len(sources) > number:
        counted += f" ({len(sources)} sources)"
    names = [_name(group[0]) for group in groups[:_NAMED]]
    if number > _NAMED:
        names.append("others")
    text = f"{counted} {one if number == 1 else many} it: {', '.join(names)}."
    # What differs is worth a sentence; what agrees, and the rest, stands with its quote.
    differs = next((i.note for g in groups for i in g if i.note and i.stance == "contradicts"), "")
    if differs:
        text += f" {differs[0].upper()}{differs[1:]}."
    return text[0].upper() + text[1:]


def _name(item: Evidence) -> str:
    return item.publisher or item.title or item.source_id


def _missing(claim: Claim, passages: int, sources: int) -> str:
    searched = (
        f"Searched {sources} source{'s' * (sources != 1)} and read the {passages} closest "
        f"passage{'s' * (passages != 1)}."
        if passages
        else f"Searched {sources} source{'s' * (sources != 1)}; no passage comes near it."
    )
    wanted = {
        "quantity": "a source that gives this figure",
        "quotation": "a source that has this quotation, or a record of what was said",
        "forecast": "a source that reports this forecast or plan",
        "fact": "a source that states this or its opposite",
    }[claim.kind]
    return f"{searched} It would take {wanted}."
