"""Suites of whole articles: gold claims with their spans, verdicts and sources, all checked.

A line of `gold.jsonl`: `{"id", "article", "claims": [{"quote", "start", "end", "verdict",
"text"?, "supports"?, "contradicts"?}], "excluded"?: [{"quote", "reason"?}]}`; `article` is a path
from the suite's folder, offsets are into the text that is read of it. A line of
`documents.jsonl`: `{"id", "text", "sentences": [{"claims": [{"claim", "factual",
"human_evidence_id"?}]}]}`.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from agent.errors import InputError
from agent.types import Document
from evals.lines import fault, unique
from evals.samples import LABELS, UNSCORED, ArticleSample, GoldClaim, GoldExcluded, Row


class _GoldLine(BaseModel):
    """A claim of an article, as `gold.jsonl` has it."""

    model_config = ConfigDict(frozen=True, extra="ignore", coerce_numbers_to_str=True)
    id: str | None = None
    quote: str = Field(min_length=1)
    start: int = Field(ge=0)
    end: int
    verdict: str
    text: str | None = None
    supports: list[str] = Field(default_factory=list)
    contradicts: list[str] = Field(default_factory=list)


class _ArticleLine(Row):
    """A line of `gold.jsonl`."""

    article: str = Field(min_length=1)
    claims: list[_GoldLine]
    excluded: list[GoldExcluded] = Field(default_factory=list)


class _CheckedClaim(BaseModel):
    """A claim of a sentence, as `documents.jsonl` has it."""

    model_config = ConfigDict(frozen=True, extra="ignore")
    claim: str = Field(min_length=1)
    factual: Any
    """True or false; anything else is open."""
    human_evidence_id: str | None = None


class _Sentence(BaseModel):
    """A sentence with its claims; it may have none."""

    model_config = ConfigDict(frozen=True, extra="ignore")
    claims: list[_CheckedClaim]


class _TextLine(Row):
    """A line of `documents.jsonl`."""

    text: str = Field(min_length=1)
    sentences: list[_Sentence]


def articles(path: Path, sources: set[str]) -> list[ArticleSample]:
    """The articles of a suite of our own form.

    Args:
        path: of `gold.jsonl`.
        sources: names of the files that lie in `sources/`.

    Raises:
        InputError: a line is malformed, its article cannot be read, its gold does not stand in
            the article or names a source that is not there, or no line has a claim.
    """
    from tools.readers import read_file

    samples, claim_ids = [], set[str]()
    for number, row in unique(path, _ArticleLine):
        try:
            document = read_file(path.parent / row.article)
        except InputError as error:
            raise fault(path, number, f"article: {error.what}") from error
        if not row.claims and not row.excluded:
            raise fault(path, number, "the article has neither claims nor excluded passages")
        for claim in row.claims:
            if what := _wrong(claim, document.text, sources, claim_ids):
                raise fault(path, number, what)
            claim_ids |= {claim.id} if claim.id else set()
        for passage in row.excluded:
            if passage.quote not in document.text:
                what = f"the excluded quote is not in the article: {passage.quote[:60]!r}"
                raise fault(path, number, what)
        claims = [_gold(claim) for claim in row.claims]
        samples.append(
            ArticleSample(id=row.id, document=document, claims=claims, excluded=row.excluded)
        )
    return _with_claims(path, samples)


def _wrong(claim: _GoldLine, text: str, sources: set[str], ids: set[str]) -> str | None:
    """What is wrong with a gold claim, if anything."""
    if text[claim.start : claim.end] != claim.quote:
        return f"the quote is not at its offsets: {claim.quote[:60]!r}"
    if claim.verdict not in LABELS:
        return f"the verdict {claim.verdict!r} is none of {', '.join(LABELS)}"
    if claim.id in ids:
        return f"the claim id {claim.id!r} stands on it, or on a line above, already"
    missing = [name for name in (*claim.supports, *claim.contradicts) if name not in sources]
    return f"sources/ has no file {missing[0]!r}" if missing else None


def _gold(claim: _GoldLine) -> GoldClaim:
    return GoldClaim(
        text=claim.text or claim.quote,
        label=None if claim.verdict in UNSCORED else claim.verdict,
        quote=claim.quote,
        start=claim.start,
        end=claim.end,
        sources=[*claim.supports, *claim.contradicts],
    )


def checked_texts(path: Path, doc_of: dict[str, str]) -> list[ArticleSample]:
    """Texts whose sentences carry claims, each with whether it is factual and by what.

    A claim that is not factual may be contradicted or merely without support: it is scored
    two-way. What the gold calls unknown or an opinion is left open.

    Args:
        path: of `documents.jsonl`.
        doc_of: the source of each row of the corpus, by the row's id.

    Raises:
        InputError: a line is malformed, or none has a claim.
    """
    samples = []
    for _, row in unique(path, _TextLine):
        claims = [
            GoldClaim(
                text=claim.claim,
                label=_FACTUAL.get(claim.factual) if isinstance(claim.factual, bool) else None,
                sources=[doc_of[claim.human_evidence_id]]
                if claim.human_evidence_id in doc_of
                else [],
            )
            for sentence in row.sentences
            for claim in sentence.claims
        ]
        samples.append(ArticleSample(id=row.id, document=Document(text=row.text), claims=claims))
    return _with_claims(path, samples)


_FACTUAL = {True: "supported", False: "not_supported"}


def _with_claims(path: Path, samples: list[ArticleSample]) -> list[ArticleSample]:
    if not any(sample.claims for sample in samples):
        raise InputError(f"{path} has no gold claim", "Give at least one article its claims")
    return samples
