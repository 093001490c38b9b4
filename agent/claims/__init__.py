"""From an article to its claims: by rules, or by a language model, to the same types.

Nothing of the article vanishes: every sentence ends in a claim or in an exclusion with
its reason. Both splitters pass through `finish`, which gives numbers, makes what the
article says twice one claim of several places, and refuses a claim whose quote is not
verbatim at its offsets; `coverage` counts what became of the sentences.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Protocol

from agent.claims.magnitudes import open_magnitudes
from agent.errors import ReportError
from agent.types import Article, Claim, Coverage, Excluded, ExclusionReason
from tools.text.garbling import spam_tail
from tools.text.instructions import instructions
from tools.text.sentences import sentence_spans


@dataclass(frozen=True)
class Split:
    """The claims of an article, in its order, and what was excluded and why."""

    claims: list[Claim]
    excluded: list[Excluded]


OnClaims = Callable[[Sequence[Claim]], None]
"""Told claims that are found, each once and in the article's order, while others are still
looked for: as the `Split` will have them, but for the places that later text adds to one
(`also_at`, `linked`)."""


class Splitter(Protocol):
    """Turns an article into claims."""

    async def split(
        self,
        article: Article,
        on_done: Callable[[int, int], None],
        on_claims: OnClaims = lambda _: None,
    ) -> Split:
        """Splits `article`.

        Args:
            article: what is split.
            on_done: told how many parts of how many are finished.
            on_claims: told the claims of the beginning while the rest is still split.
        """
        ...


def excluded(
    article: Article, start: int, end: int, reason: ExclusionReason, detail: str
) -> Excluded:
    return Excluded(
        quote=article.text[start:end], start=start, end=end, reason=reason, detail=detail
    )


class Finishing:
    """Makes claims what a split has, a part of the article after the other.

    They are numbered in the article's order, and what is said again is a further place of one. A
    tail of spam is cut off whole: no claim is in it, and it is one exclusion. So is each place
    that addresses the checker.
    """

    def __init__(self, article: Article) -> None:
        self._article = article
        self._tail = spam_tail(article.text)
        self._orders = [(item.start, item.end) for item in instructions(article.text)]
        self._kept: dict[str, Claim] = {}
        self._again: dict[str, list[tuple[int, int]]] = {}

    def add(self, claims: Iterable[Claim]) -> list[Claim]:
        """Adds the claims of a part that stands after those added before; gives the new ones.

        Raises:
            ReportError: a quote is not what stands at its offsets.
        """
        new = []
        for claim in sorted(claims, key=lambda c: (c.start, c.end)):
            if self._tail and claim.start >= self._tail[0]:
                break
            if self._is_order(claim.start, claim.end):
                continue
            if self._article.text[claim.start : claim.end] != claim.quote or not claim.quote:
                raise ReportError(f"a claim's quote is not at its offsets: {claim.quote[:60]!r}")
            key = " ".join(claim.text.lower().split()).rstrip(".!")
            if claim.unclear:  # the same words may be of somebody else there
                key += f"@{claim.start}"
            if first := self._kept.get(key):
                places = self._again.setdefault(key, [*first.also_at])
                places.append((claim.start, claim.end))
                continue
            unclear = list(dict.fromkeys([*claim.unclear, *open_magnitudes(claim.quote)]))
            number = f"c{len(self._kept) + 1}"
            self._kept[key] = claim.model_copy(update={"id": number, "unclear": unclear})
            new.append(self._kept[key])
        return new

    def split(self, left_out: Iterable[Excluded]) -> Split:
        """All that was added, and what is set aside.

        Raises:
            ReportError: as `add`.
        """
        detail = "addresses whoever checks the text"
        orders = [
            excluded(self._article, start, end, "not_checkable", detail)
            for start, end in self._orders
        ]
        others = (span for span in left_out if not self._is_order(span.start, span.end))
        left_out = sorted([*others, *orders], key=lambda e: (e.start, e.end))
        if self._tail:
            start, end = self._tail
            detail = "spam tail: links, domains or offers after the text"
            cut = excluded(self._article, start, end, "boilerplate", detail)
            left_out = [*(span for span in left_out if span.start < start), cut]
        for span in left_out:
            if self._article.text[span.start : span.end] != span.quote:
                raise ReportError(f"an excluded quote is not at its offsets: {span.quote[:60]!r}")
        claims = [
            claim.model_copy(update={"also_at": self._again[key]}) if key in self._again else claim
            for key, claim in self._kept.items()
        ]
        return Split(claims, left_out)

    def _is_order(self, start: int, end: int) -> bool:
        return any(first <= start and end <= last for first, last in self._orders)


def finish(article: Article, claims: Iterable[Claim], left_out: Iterable[Excluded]) -> Split:
    """The split of these claims and of what is set aside; see `Finishing`.

    Raises:
        ReportError: a quote is not what stands at its offsets.
    """
    finishing = Finishing(article)
    finishing.add(claims)
    return finishing.split(left_out)


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
