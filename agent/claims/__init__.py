"""From an article to its claims: by rules, or by a language model, to the same types.

Nothing of the article vanishes: every sentence ends in a claim or in an exclusion with
its reason. Both splitters pass through `finish`, which gives numbers, makes what the
article says twice one claim of several places, and refuses a claim whose quote is not
verbatim at its offsets; `coverage` counts what became of the sentences.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Protocol

from agent.claims.magnitudes import open_magnitudes
from agent.errors import ReportError
from agent.types import Article, Claim, Coverage, Excluded, ExclusionReason
from tools.text.garbling import spam_tail
from tools.text.sentences import sentence_spans


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
    """Numbers the claims in the article's order; what is said again is a further place of one.

    A tail of spam is cut off whole: no claim is in it, and it is one exclusion.

    Raises:
        ReportError: a quote is not what stands at its offsets.
    """
    claims, left_out = _without_spam_tail(article, list(claims), list(left_out))
    kept: dict[str, Claim] = {}
    again: dict[str, list[tuple[int, int]]] = {}
    for claim in sorted(claims, key=lambda c: (c.start, c.end)):
        if article.text[claim.start : claim.end] != claim.quote or not claim.quote:
            raise ReportError(f"a claim's quote is not at its offsets: {claim.quote[:60]!r}")
        key = " ".join(claim.text.lower().split()).rstrip(".!")
        if claim.unclear:  # the same words may be of somebody else there
            key += f"@{claim.start}"
        if key in kept:
            again.setdefault(key, [*kept[key].also_at]).append((claim.start, claim.end))
        else:
            unclear = list(dict.fromkeys([*claim.unclear, *open_magnitudes(claim.quote)]))
            number = f"c{len(kept) + 1}"
            kept[key] = claim.model_copy(update={"id": number, "unclear": unclear})
    for key, places in again.items():
        kept[key] = kept[key].model_copy(update={"also_at": places})
    excluded_spans = sorted(left_out, key=lambda e: (e.start, e.end))
    for span in excluded_spans:
        if article.text[span.start : span.end] != span.quote:
            raise ReportError(f"an excluded quote is not at its offsets: {span.quote[:60]!r}")
    return Split(list(kept.values()), excluded_spans)


def _without_spam_tail(
    article: Article, claims: list[Claim], left_out: list[Excluded]
) -> tuple[list[Claim], list[Excluded]]:
    tail = spam_tail(article.text)
    if tail is None:
        return claims, left_out
    start, end = tail
    cut = excluded(
        article, start, end, "boilerplate", "spam tail: links, domains or offers after the text"
    )
    before = [claim for claim in claims if claim.start < start]
    return before, [*(span for span in left_out if span.start < start), cut]


def coverage(article: Article, split: Split) -> Coverage:
    """Counts the article's sentences by what became of them.

    Raises:
        ReportError: a sentence is in no claim and not set aside; its beginning is named.
    """
    claimed = sorted(
        place for claim in split.claims for place in ((claim.start, claim.end), *claim.also_at)
    )
    set_aside = [(span.start, span.end) for span in split.excluded]
    sentences = sentence_spans(article.text, article.language)
    in_claims, aside = _touched(sentences, claimed), _touched(sentences, set_aside)
    if lost := [n for n in range(len(sentences)) if n not in in_claims and n not in aside]:
        start, end = sentences[lost[0]]
        raise ReportError(
            f"{len(lost)} of {len(sentences)} sentences are in no claim and not set aside, "
            f"the first of them {article.text[start:end][:60]!r}",
            "This is a defect of Assay: please report it together with the article",
        )
    return Coverage(
        sentences=len(sentences), claimed=len(in_claims), set_aside=len(aside - in_claims)
    )


def _touched(sentences: list[tuple[int, int]], spans: list[tuple[int, int]]) -> set[int]:
    """Numbers of the sentences that share a character with a span; both lists are in order."""
    touched, first = set(), 0
    for start, end in spans:
        while first < len(sentences) and sentences[first][1] <= start:
            first += 1
        number = first
        while number < len(sentences) and sentences[number][0] < end:
            touched.add(number)
            number += 1
    return touched
