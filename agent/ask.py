"""One question, answered from the library by quoting it.

    question ─▶ passages ─▶ sentences that answer, one source an origin ─▶ do they disagree?
             ─▶ a statement to check, if it asks for one ─▶ rated and decided like a claim

There is no language model here and no reasoning: what comes out is what sources say, word
for word, each quote at its offsets. Where no sentence comes near, the answer is that the
library does not say. `Answer` is what any later way to answer gives, too.
"""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Literal

from pydantic import Field

from agent.decide import decide
from agent.errors import LibraryEmpty, ReportError, UsageError
from agent.rate import Rater
from agent.types import Claim, Data, Evidence, Hit, Source, Stance, Verdict
from tools.dates import date_mentions, parse_day, periods_agree
from tools.library import Library
from tools.quantities import meet, quantities
from tools.questions import Wanted, fits, statement, wanted
from tools.retrieval import retrieve
from tools.sentences import sentence_spans
from tools.spinning import is_spun
from tools.words import covered

NOT_SAID = "The library does not say."
PASSAGES = 10
"""Passages searched for an answer."""
_NEAR = 1.1
"""Least nearness (0..2) of a sentence that answers, see `_Sentence.nearness`. Chosen on the
33 questions of `evals/suites/questions` that ask for no verdict: from 1.0 to 1.12 none of the 22
answerable ones is refused, and 5 to 9 of the 11 others are; at 1.15 answers begin to be lost."""
_BESIDE = 0.08
"""How much farther than the nearest sentence one of another origin may be and still stand
beside it."""
_WITHIN = 0.04
"""The same for a second sentence of one source."""
_ORIGINS = 3

Status = Literal["answered", "not_said"]


class Citation(Data):
    """A sentence of a source, quoted."""

    source_id: str
    title: str | None = None
    publisher: str | None = None
    url: str | None = None
    published_at: str | None = None
    quote: str
    """Verbatim: `source.text[start:end] == quote`."""
    start: int
    end: int
    origin: str
    """Group of sources that copy one another; only one of a group is quoted."""
    also_in: list[str] = Field(default_factory=list)
    """Ids of the other sources of this origin among the passages found."""
    stance: Stance | None = None
    """Towards the statement that was asked for; null where the question asks for none."""


class Answer(Data):
    """What the library says on a question."""

    question: str
    status: Status
    text: str
    """The answer in words; an extractive one is its quotes, one a line."""
    method: Literal["extractive"] = "extractive"
    """How `text` came about: `extractive` is quoted, not reasoned."""
    citations: list[Citation] = Field(default_factory=list)
    statement: str | None = None
    """What a yes-or-no question asks to be checked."""
    verdict: Verdict | None = None
    """On `statement`; null where there is none."""
    confidence: float | None = Field(default=None, ge=0, le=1)
    explanation: str = ""
    """Why that verdict, or why nothing is said."""
    disagreement: bool = False
    """Whether the sources quoted contradict one another."""
    as_of: str | None = None
    sources_searched: int = 0


@dataclass(frozen=True)
class _Sentence:
    """A sentence that may answer.

    Attributes:
        hit: the passage that it stands in.
        start, end: in the source's text.
        near: cosine similarity of question and sentence, led by its source's title.
        nearness: `near` and the share of the question's content words that the passage and
            its title have, added up.
    """

    hit: Hit
    start: int
    end: int
    near: float
    nearness: float

    @property
    def source(self) -> Source:
        return self.hit.source

    @property
    def text(self) -> str:
        return self.source.text[self.start : self.end]


def ask(
    question: str,
    library: Library,
    *,
    rater: Rater | None = None,
    exclude: Collection[str] = (),
    as_of: str | None = None,
    passages: int = PASSAGES,
) -> Answer:
    """Answers a question; see `aask`, which is for where an event loop runs."""
    return asyncio.run(
        aask(question, library, rater=rater, exclude=exclude, as_of=as_of, passages=passages)
    )


async def aask(
    question: str,
    library: Library,
    *,
    rater: Rater | None = None,
    exclude: Collection[str] = (),
    as_of: str | None = None,
    passages: int = PASSAGES,
) -> Answer:
    """Answers a question with sentences of the library.

    Args:
        question: in English. One that asks whether a statement is true gets a verdict, too.
        library: open.
        rater: what rates the statement. Default: the embedded judge.
        exclude: ids of sources to leave out, or their beginnings where no other begins so.
        as_of: ISO date; sources published later are left out.
        passages: passages searched, at least 1.

    Returns:
        The answer; every quote was compared with its source.

    Raises:
        UsageError: the question has no word, `as_of` is no date, or a source to be left out is
            not there.
        LibraryEmpty: the library holds no source, or none is left.
        ClaimFailed, ModelUnavailable: as the rater.
    """
    text = " ".join(question.split())
    if not any(character.isalnum() for character in text):
        raise UsageError("the question is empty", 'Ask one: assay ask "When did it open?"')
    until = _day(as_of)
    excluded = {library.source(prefix).id for prefix in exclude}
    if until:
        published = {source.id: source.published_at or "" for source in library.sources()}
        excluded |= {id_ for id_, day in published.items() if day > until}
    searched = library.state().sources - len(excluded)
    if not searched:
        raise LibraryEmpty(
            f"the library {library.path} has no source to answer from",
            "Add sources: assay sources add PATH",
        )
    stated = statement(text)
    hits = await asyncio.to_thread(
        retrieve,
        library,
        stated or text,
        n=passages,
        exclude=excluded,
        published_until=until,
    )
    answer = Answer(
        question=text, status="not_said", text=NOT_SAID, as_of=until, sources_searched=searched
    )
    if stated:
        return await _checked(answer, stated, hits, _rater(rater))
    chosen = _chosen(text, await asyncio.to_thread(_sentences, text, library, hits))
    if not chosen:
        return answer.model_copy(update={"explanation": _searched(searched)})
    disagreement = await _disagree(text, chosen, _rater(rater))
    return _answered(
        answer, [_citation(sentence, hits) for sentence in chosen], disagreement=disagreement
    )


def _day(text: str | None) -> str | None:
    if text is None:
        return None
    day = parse_day(text)
    if day is None or day.isoformat() != text:
        raise UsageError(f"{text!r} is no date", "Write it as 2026-03-31")
    return text


def _rater(given: Rater | None) -> Rater:
    if given:
        return given
    from agent.rate.embedded import EmbeddedRater

    return EmbeddedRater()


def _answered(answer: Answer, citations: list[Citation], *, disagreement: bool) -> Answer:
    text = "\n".join(citation.quote for citation in citations)
    return answer.model_copy(
        update={
            "status": "answered",
            "text": text,
            "citations": citations,
            "disagreement": disagreement,
        }
    )


def _searched(sources: int) -> str:
    return f"Searched {sources} source{'s' * (sources != 1)}; no passage comes near the question."


# A statement to be checked


async def _checked(answer: Answer, stated: str, hits: list[Hit], rater: Rater) -> Answer:
    """Rates a statement as a claim of an article is rated. One that no source decides is one
    that the library says nothing on."""
    claim = Claim(id="c1", text=stated, quote=stated, start=0, end=len(stated))
    evidence = await rater.rate(claim, hits)
    decision = decide(claim, evidence, sources_searched=answer.sources_searched)
    rated = answer.model_copy(
        update={
            "statement": stated,
            "verdict": decision.verdict,
            "confidence": decision.confidence,
            "explanation": decision.explanation,
        }
    )
    citations = _by_origin([item for item in decision.evidence if item.stance != "neutral"])
    sides = {citation.stance for citation in citations}
    return _answered(rated, citations, disagreement=len(sides) > 1) if citations else rated


def _by_origin(items: Sequence[Evidence]) -> list[Citation]:
    """One citation for each origin and stance, the surest, in the order given."""
    groups: dict[tuple[str, Stance], list[Evidence]] = {}
    for item in items:
        groups.setdefault((item.origin, item.stance), []).append(item)
    return [
        Citation(
            **lead.model_dump(include=set(Citation.model_fields) - {"also_in"}),
            also_in=sorted({i.source_id for i in group} - {lead.source_id}),
        )
        for group in groups.values()
        for lead in group[:1]
    ]


# Anything else: the sentences that answer


def _sentences(question: str, library: Library, hits: Sequence[Hit]) -> list[_Sentence]:
    """All sentences of the passages, the nearest to the question first.

    A sentence is compared together with the title of its source: `The new date is Monday`
    says little without it.
    """
    places = {
        (hit.source.id, hit.passage.start + start, hit.passage.start + end): hit
        for hit in reversed(hits)  # of two passages that share it the better one
        for start, end in sentence_spans(hit.passage.text, hit.source.language)
    }
    texts = [
        f"{hit.source.title}: {hit.source.text[start:end]}"
        if hit.source.title
        else hit.source.text[start:end]
        for (_, start, end), hit in places.items()
    ]
    vectors = library.embedder.embed([question, *texts])
    found = []
    for (place, hit), vector in zip(places.items(), vectors[1:], strict=True):
        near = float(vectors[0] @ vector)
        about = covered(question, f"{hit.source.title or ''}\n{hit.passage.text}")
        found.append(_Sentence(hit, place[1], place[2], near, near + about))
    return sorted(found, key=lambda s: (-s.near, s.source.id, s.start))


def _chosen(question: str, sentences: Sequence[_Sentence]) -> list[_Sentence]:
    """The sentences that answer, nearest first; none where the library does not say.

    Each origin speaks through one source: the one with the nearest sentence, a machine-spun
    copy only where there is no other.
    """
    kind: Wanted = wanted(question)
    fitting = [
        sentence
        for sentence in sentences
        if sentence.nearness >= _NEAR
        and fits(sentence.text, kind)
        and _of_the_year(question, sentence.source)
    ]
    if not fitting:
        return []
    speaks: dict[str, Source] = {}
    for sentence in sorted(fitting, key=lambda s: is_spun(s.source.text)):
        speaks.setdefault(sentence.source.origin, sentence.source)
    spoken = [s for s in fitting if speaks[s.source.origin].id == s.source.id]
    least = spoken[0].near - _BESIDE
    chosen: list[_Sentence] = []
    leads: dict[str, float] = {}
    for sentence in spoken:
        lead = leads.get(sentence.source.origin)
        if lead is None and len(leads) < _ORIGINS and sentence.near >= least:
            leads[sentence.source.origin] = sentence.near
            chosen.append(sentence)
        elif lead is not None and sentence.near >= max(least, lead - _WITHIN):
            chosen.append(sentence)
    return chosen


def _of_the_year(question: str, source: Source) -> bool:
    """Whether a source can speak of the years that a question names: it names them, too, or
    was published then."""
    told = f"{source.published_at or ''}\n{source.title or ''}\n{source.text}"
    years = {date.year for date in date_mentions(question) if date.year}
    return all(str(year) in told for year in years)


def _citation(sentence: _Sentence, hits: Sequence[Hit]) -> Citation:
    source = sentence.source
    quote = source.text[sentence.start : sentence.end]
    if not quote or quote not in sentence.hit.passage.text:
        raise ReportError(f"a quote is not at its offsets: {quote[:60]!r}")
    copies = {hit.source.id for hit in hits if hit.source.origin == source.origin} - {source.id}
    return Citation(
        source_id=source.id,
        title=source.title or source.path,
        publisher=source.publisher,
        url=source.url,
        published_at=source.published_at,
        quote=quote,
        start=sentence.start,
        end=sentence.end,
        origin=source.origin,
        also_in=sorted(copies),
    )


async def _disagree(question: str, chosen: Sequence[_Sentence], rater: Rater) -> bool:
    """Whether a sentence of another origin says otherwise than the nearest one: its passage
    contradicts it, or, asked for a figure, it has none of the same period in common with it."""
    lead = chosen[0]
    said: dict[str, list[_Sentence]] = {}
    for sentence in chosen:
        said.setdefault(sentence.source.origin, []).append(sentence)
    first, *others = (" ".join(s.text for s in group) for group in said.values())
    if not others:
        return False
    if wanted(question) == "figure" and any(_other_figure(first, other) for other in others):
        return True
    claim = Claim(id="c1", text=lead.text, quote=lead.text, start=0, end=len(lead.text))
    hits = {s.hit.passage.id: s.hit for s in chosen if s.source.origin != lead.source.origin}
    evidence = await rater.rate(claim, list(hits.values()))
    return any(item.stance == "contradicts" for item in evidence)


def _other_figure(one: str, other: str) -> bool:
    """Whether two texts on one period have figures of one unit, and none that may be the same."""
    pairs = [
        (ours, theirs)
        for ours in quantities(one)
        for theirs in quantities(other)
        if ours.unit == theirs.unit
    ]
    return bool(pairs) and periods_agree(one, other) and not any(meet(*pair) for pair in pairs)
