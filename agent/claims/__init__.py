"""From an article to its claims: by rules, or by a language model, to the same types.

Nothing of the article vanishes: every sentence ends in a claim or in an exclusion with
its reason. Both splitters pass through `finish`, which gives numbers, drops repeated
claims, and refuses a claim whose quote is not verbatim at its offsets.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Protocol

from agent.errors import ReportError
from agent.types import Article, Claim, Excluded, ExclusionReason


@dataclass(frozen=True)
class Split:
    """The claims of an article, in its order, and what was excluded and why."""

    claims: list[Claim]
    excluded: list[Excluded]


class Splitter(Protocol):
    """Turns an article into claims."""

    async def split(self, article: Article, on_done: Callable[[int, int], None]) -> Split:
        """Splits `article`; calls `on_done(done, total)` as its parts are finished."""
        ...


def excluded(
    article: Article, start: int, end: int, reason: ExclusionReason, detail: str
) -> Excluded:
    return Excluded(
        quote=article.text[start:end], start=start, end=end, reason=reason, detail=detail
    )


def finish(article: Article, claims: Iterable[Claim], left_out: Iterable[Excluded]) -> Split:
    """Numbers the claims in the article's order and turns repetitions into exclusions.

    Raises:
        ReportError: a quote is not what stands at its offsets.
    """
    kept: list[Claim] = []
    excluded_spans = list(left_out)
    seen: dict[str, str] = {}
    for claim in sorted(claims, key=lambda c: (c.start, c.end)):
        if article.text[claim.start : claim.end] != claim.quote or not claim.quote:
            raise ReportError(f"a claim's quote is not at its offsets: {claim.quote[:60]!r}")
        key = " ".join(claim.text.lower().split()).rstrip(".!")
        if key in seen:
            detail = f"says the same as claim {seen[key]}"
            excluded_spans.append(excluded(article, claim.start, claim.end, "duplicate", detail))
            continue
        numbered = claim.model_copy(update={"id": f"c{len(kept) + 1}"})
        seen[key] = numbered.id
        kept.append(numbered)
    for span in excluded_spans:
        if article.text[span.start : span.end] != span.quote:
            raise ReportError(f"an excluded quote is not at its offsets: {span.quote[:60]!r}")
    return Split(kept, sorted(excluded_spans, key=lambda e: (e.start, e.end)))
