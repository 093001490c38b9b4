"""The tools of a conversation: plain functions with small results, and none changes anything.

The same methods are LangChain tools for a language model (`model.py`) and MCP tools for other
programs (`agent.mcp`). Their docstrings and the descriptions of their arguments are what a model
reads. Every passage that a tool shows has a number, by which an answer cites it; ids, titles and
offsets come from the library.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field

from agent.chat.reports import claim_of, run_report
from agent.decide import Rules, decide
from agent.errors import UsageError
from agent.rate import Rater
from agent.types import (
    CheckedClaim,
    Claim,
    Data,
    Evidence,
    Hit,
    Passage,
    Report,
    Reputation,
    Source,
    Stance,
    Summary,
    Verdict,
)
from tools.library import Library
from tools.library.reputations import reputation_of
from tools.library.retrieval import retrieve
from tools.library.titles import called
from tools.numbers.quantities import (
    Comparison,
    Quantity,
    compare,
    quantities,
    relate,
    told_apart,
)

TOOLS = (
    "search_library",
    "read_source",
    "check_claim",
    "compare_quantities",
    "list_sources",
    "open_report",
)
"""Names of the methods of `Tools` that are given to others."""
READ_MOST = 4000
"""Characters that `read_source` gives at once."""
_LISTED = 50
_CLAIMS = 60
_TEXT_MOST = 2000
_Text = Annotated[str, Field(min_length=1, max_length=_TEXT_MOST)]
OpenLibrary = Callable[[], AbstractContextManager[Library]]


class Excerpt(Data):
    """A span of a source: `source.text[start:end] == text`."""

    number: int
    """Cite it by this: `[3]`."""
    source_id: str
    title: str | None = None
    publisher: str | None = None
    published_at: str | None = None
    start: int
    end: int
    text: str


class Found(Data):
    """The passages that say most about a query, best first; none where nothing is near."""

    passages: list[Excerpt]


class Reading(Data):
    """A stretch of a source."""

    passage: Excerpt
    length: int
    """Characters of the whole source."""


class Side(Data):
    """A passage with its stance to a claim."""

    stance: Stance
    probability: float
    quote: str
    """Verbatim, what decides."""
    note: str | None = None
    """What was computed."""
    origin: str
    """Sources that copy one another share one and count once."""
    passage: Excerpt | None = None
    """Null where the source is no longer in the library."""


class Checked(Data):
    """A claim, rated against the library."""

    claim: str
    verdict: Verdict | None = None
    """Null where the claim could not be rated."""
    confidence: float | None = None
    explanation: str
    missing: str | None = None
    evidence: list[Side]


class Compared(Data):
    """How the figures of two texts stand to one another."""

    relation: Literal["same", "differs", "not_comparable"]
    notes: list[str]
    """One for each pair that can be compared."""


class Listed(Data):
    """A source of the library, without its text."""

    id: str
    title: str | None = None
    publisher: str | None = None
    published_at: str | None = None
    language: str | None = None
    superseded_by: str | None = None


class Listing(Data):
    """Sources of the library, in the order of adding."""

    sources: list[Listed]
    total: int
    """Of all that were asked for; more are given from a later `offset` on."""


class ClaimLine(Data):
    """A claim of a report, without its evidence."""

    id: str
    text: str
    verdict: Verdict | None = None
    confidence: float | None = None


class Opened(Data):
    """A verdict report."""

    run: str
    title: str | None = None
    created_at: str
    summary: Summary
    claims: list[ClaimLine]
    truncated: bool = False
    """Whether the report has more claims than are listed."""
    claim: Checked | None = None
    """The claim that was asked for, with its evidence."""


class Excerpts:
    """The passages shown so far, each by its number."""

    def __init__(self) -> None:
        self._hits: list[Hit] = []
        self._numbers: dict[tuple[str, int, int], int] = {}

    def add(self, hit: Hit) -> Excerpt:
        """The passage with its number; one that was shown already keeps the number it has."""
        number = self._numbers.setdefault(_place(hit), len(self._hits) + 1)
        if number > len(self._hits):
            self._hits.append(hit)
        return Excerpt(
            number=number,
            source_id=hit.source.id,
            title=called(hit.source),
            publisher=hit.source.publisher,
            published_at=hit.source.published_at,
            start=hit.passage.start,
            end=hit.passage.end,
            text=hit.passage.text,
        )

    def get(self, number: int) -> Hit | None:
        """The passage with a number; None where none has it."""
        return self._hits[number - 1] if 1 <= number <= len(self._hits) else None


def _bare(one: Quantity, other: Quantity) -> list[Comparison]:
    """Two figures compared by their unit alone, as not both texts say what they measure."""
    relation = relate(one, other) if one.unit == other.unit else None
    if relation is None:
        return []
    return [Comparison(relation, one, other, told_apart(one, other, relation))]


def _place(hit: Hit) -> tuple[str, int, int]:
    return hit.source.id, hit.passage.start, hit.passage.end


class Tools:
    """The tools over one library.

    Args:
        folder: of the library.
        open_library: gives the library; it is let go after each call, so that others can write.
        rater: gives what rates claims; asked for in the event loop that it is used in.
        report: the report that the user has opened.
        min_origins: independent origins that it takes to support a claim.
    """

    def __init__(
        self,
        folder: Path,
        open_library: OpenLibrary,
        rater: Callable[[], Rater],
        *,
        report: Report | None = None,
        min_origins: int = 1,
    ) -> None:
        self.excerpts = Excerpts()
        self._folder = folder
        self._open = open_library
        self._rater = rater
        self._report = report
        self._min_origins = min_origins

    async def search_library(
        self,
        query: Annotated[_Text, Field(description="What is looked for, in plain words.")],
        limit: Annotated[int, Field(ge=1, le=20, description="Most passages.")] = 8,
    ) -> Found:
        """Search the library for the passages that say most about something."""

        def search() -> list[Hit]:
            with self._open() as library:
                left_out = library.superseded().keys()
                return retrieve(library, query, n=limit, exclude=left_out)

        hits = await asyncio.to_thread(search)
        return Found(passages=[self.excerpts.add(hit) for hit in hits])

    async def read_source(
        self,
        source_id: Annotated[str, Field(max_length=80, description="As a passage names it.")],
        start: Annotated[int, Field(ge=0, description="First character.")] = 0,
        length: Annotated[int, Field(ge=1, le=READ_MOST, description="Characters.")] = READ_MOST,
    ) -> Reading:
        """Read a stretch of a source, for what stands before or after a passage."""
        with self._open() as library:
            try:
                source = library.source(source_id)
            except UsageError:  # whose text names the library's folder, which is nobody's business
                raise UsageError(
                    "there is no source of this id, or more than one", "See list_sources"
                ) from None
            reputations = library.reputations()
        if start >= len(source.text):
            raise UsageError(f"the source has {len(source.text)} characters", "Start earlier")
        hit = _span(source, start, start + length, reputations)
        return Reading(passage=self.excerpts.add(hit), length=len(source.text))

    async def check_claim(
        self,
        claim: Annotated[
            _Text, Field(description="One statement that can be read alone: who, what, when.")
        ],
    ) -> Checked:
        """Rate a claim against the library: supported, conflicting or unverifiable, and by what."""

        def search() -> tuple[list[Hit], int, Rules]:
            with self._open() as library:
                left_out = library.superseded().keys()
                found = retrieve(library, claim, exclude=left_out)
                rules = Rules(self._min_origins, library.reputations())
                return found, library.state().sources - len(left_out), rules

        hits, searched, rules = await asyncio.to_thread(search)
        stated = Claim(id="c1", text=claim, quote=claim, start=0, end=len(claim))
        evidence = await self._rater().rate(stated, hits) if hits else []
        decision = decide(stated, evidence, sources_searched=searched, rules=rules)
        known = {_place(hit): hit for hit in hits}
        return Checked(
            claim=claim,
            verdict=decision.verdict,
            confidence=decision.confidence,
            explanation=decision.explanation,
            missing=decision.missing,
            evidence=[self._side(item, known.get(_context(item))) for item in decision.evidence],
        )

    async def compare_quantities(
        self,
        first: Annotated[_Text, Field(description="A text with figures.")],
        second: Annotated[_Text, Field(description="Another.")],
    ) -> Compared:
        """Compare the figures of two texts: whether those of one measure agree within rounding."""
        ours, theirs = quantities(first), quantities(second)
        found: list[Comparison] = []
        for one in ours:
            pairs = [pair for other in theirs if (pair := compare(one, other))]
            # A figure that is met somewhere is not refuted by the others.
            found += [p for p in pairs if p.relation == "same"] or pairs
        if not found and len(ours) == len(theirs) == 1:
            one, other = ours[0], theirs[0]
            # Where a text is its figure alone, nothing says that they measure different things.
            if first.strip(" .") == one.text or second.strip(" .") == other.text:
                found = _bare(one, other)
        if not found:
            return Compared(relation="not_comparable", notes=[])
        differs = any(pair.relation == "differs" for pair in found)
        return Compared(
            relation="differs" if differs else "same", notes=[pair.note for pair in found]
        )

    async def list_sources(
        self,
        containing: Annotated[
            str | None,
            Field(max_length=200, description="Only those whose title or publisher has this."),
        ] = None,
        offset: Annotated[int, Field(ge=0, description="Leave out so many.")] = 0,
    ) -> Listing:
        """List the sources of the library: ids, titles, publishers, dates."""
        with self._open() as library:
            newer = library.superseded()
            every = library.described()
        part = (containing or "").casefold()
        wanted = [s for s in every if part in f"{s.title or ''}\n{s.publisher or ''}".casefold()]
        listed = [
            Listed(
                id=source.id,
                title=source.title,
                publisher=source.publisher,
                published_at=source.published_at,
                language=source.language,
                superseded_by=newer.get(source.id),
            )
            for source in wanted[offset : offset + _LISTED]
        ]
        return Listing(sources=listed, total=len(wanted))

    async def open_report(
        self,
        check_id: Annotated[
            str | None,
            Field(max_length=40, description="Id of a check; none for the report that is open."),
        ] = None,
        claim: Annotated[
            str | None,
            Field(max_length=20, description="A claim, `c7` or `7`, to be given with evidence."),
        ] = None,
    ) -> Opened:
        """Open a verdict report: its claims with their verdicts, or one with its evidence."""
        report = self._report if check_id is None else run_report(self._folder, check_id)
        if report is None:
            raise UsageError("no report is open", "Give the id of a check")
        return Opened(
            run=report.run.id,
            title=report.article.title,
            created_at=report.run.created_at,
            summary=report.summary,
            claims=[
                ClaimLine(id=c.id, text=c.text, verdict=c.verdict, confidence=c.confidence)
                for c in report.claims[:_CLAIMS]
            ],
            truncated=len(report.claims) > _CLAIMS,
            claim=self._reported(claim_of(report, claim)) if claim else None,
        )

    def _reported(self, claim: CheckedClaim) -> Checked:
        """A claim of a report, its evidence numbered as far as the library still has it."""
        sides = []
        with self._open() as library:
            there = {source.id for source in library.described()}
            reputations = library.reputations()
            for item in claim.evidence:
                hit = None
                if item.source_id in there:
                    source = library.source(item.source_id)
                    _, start, end = _context(item)
                    if source.text[start:end] == item.context:
                        hit = _span(source, start, end, reputations)
                sides.append(self._side(item, hit))
        return Checked(
            claim=claim.text,
            verdict=claim.verdict,
            confidence=claim.confidence,
            explanation=claim.explanation,
            missing=claim.missing,
            evidence=sides,
        )

    def _side(self, item: Evidence, hit: Hit | None) -> Side:
        return Side(
            stance=item.stance,
            probability=item.probability,
            quote=item.quote,
            note=item.note,
            origin=item.origin,
            passage=self.excerpts.add(hit) if hit else None,
        )


def _context(item: Evidence) -> tuple[str, int, int]:
    return item.source_id, item.context_start, item.context_start + len(item.context)


def _span(source: Source, start: int, end: int, reputations: Mapping[str, Reputation]) -> Hit:
    """A span of a source in the form of a retrieved passage."""
    text = source.text[start:end]
    passage = Passage(
        id=f"{source.id}:{start}-{start + len(text)}",
        source_id=source.id,
        number=0,
        start=start,
        end=start + len(text),
        text=text,
    )
    reputation = reputation_of(source.publisher, source.url, reputations)
    return Hit(passage=passage, source=source, score=0.0, reputation=reputation)
