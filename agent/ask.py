"""One question, answered from the library by quoting it.

    question ─▶ passages ─▶ sentences that answer, one source an origin ─▶ do they disagree?
             ─▶ a statement to check, if it asks for one ─▶ rated and decided like a claim

There is no language model here and no reasoning: what comes out is what sources say, word
for word, each quote at its offsets. Where no sentence comes near, the answer is that the
library does not say. `Answer` is what any later way to answer gives, too.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Collection, Sequence
from typing import Literal

from pydantic import Field

from agent.decide import Rules, decide, mark_reputations
from agent.errors import LibraryEmpty, ReportError, UsageError
from agent.quoting import Sentence, choose, dated, disagree, otherwise, sentences_of
from agent.rate import Rater
from agent.selection import Selection
from agent.types import Claim, Data, Evidence, Hit, Reputation, Stance, Verdict
from tools.library import Library
from tools.library.retrieval import retrieve
from tools.library.titles import called
from tools.library.voices import one_voice_each
from tools.numbers.measures import aspect
from tools.text.grammar import verbs
from tools.text.instructions import without_instructions
from tools.text.questions import foreign, statement, wanted
from tools.times.dates import date_mentions

NOT_SAID = "The library does not say."
PASSAGES = 10
"""Passages searched for an answer."""
_NEAREST = 2
"""Most sentences that are quoted where none decides."""
Status = Literal["answered", "not_said"]
Backing = Literal["supported", "disputed", "unsupported", "uncited", "not_said", "quoted"]


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
    """Towards the statement that was asked for, or the sentence that cites it; null where neither
    is compared with it."""
    note: str | None = None
    """What was computed, as `Evidence.note`."""
    reputation: Reputation = "neutral"
    """What the user made of the publisher or site; what is distrusted decides no verdict."""

    @classmethod
    def of(
        cls, hit: Hit, quote: str, start: int, end: int, also_in: Sequence[str] = ()
    ) -> Citation:
        """A span of the text of a passage's source, quoted."""
        source = hit.source
        return cls(
            source_id=source.id,
            title=called(source),
            publisher=source.publisher,
            url=source.url,
            published_at=source.published_at,
            quote=quote,
            start=start,
            end=end,
            origin=source.origin,
            also_in=list(also_in),
            reputation=hit.reputation,
        )


class AnswerSentence(Data):
    """A sentence of an answer that a language model wrote, and what the judge says of it."""

    text: str
    """Without the numbers of what it cites."""
    citations: list[int] = Field(default_factory=list)
    """Numbers of `Answer.citations`, counted from 1."""
    status: Backing
    """`supported`: a passage cited supports it and none contradicts it. `disputed`: one does, one
    contradicts it. `unsupported`: none decides it. `uncited`: it cites no passage. `not_said`: it
    says that the library does not say. `quoted`: it is a source's own sentence, or the report's."""


class Answer(Data):
    """What the library says on a question."""

    question: str
    status: Status
    text: str
    """The answer in words; an extractive one is its quotes, one a line."""
    method: Literal["extractive", "model"] = "extractive"
    """How `text` came about: `extractive` is quoted, not reasoned; of a `model` each sentence
    was held to the passages that it cites."""
    model: str | None = None
    """The language model, as the user named it."""
    sentences: list[AnswerSentence] = Field(default_factory=list)
    """Of a model's answer, or of one on a report; any other that is extractive has its quotes."""
    dropped: int = 0
    """Sentences of a model's answer that the passages cited contradict; they are not shown."""
    citations: list[Citation] = Field(default_factory=list)
    statement: str | None = None
    """What a yes-or-no question asks to be checked."""
    verdict: Verdict | None = None
    """On `statement`; null where there is none."""
    confidence: float | None = Field(default=None, ge=0, le=1)
    explanation: str = ""
    """Why that verdict, why nothing is said, or what to know of what is quoted."""
    disagreement: bool = False
    """Whether the sources quoted contradict one another."""
    other_period: bool = False
    """Whether what is quoted is of another period of the year than the question's."""
    as_of: str | None = None
    sources_searched: int = 0


def ask(
    question: str,
    library: Library,
    *,
    rater: Rater | None = None,
    exclude: Collection[str] = (),
    as_of: str | None = None,
    passages: int = PASSAGES,
    min_origins: int = 1,
) -> Answer:
    """Answers a question; see `aask`, which is for where an event loop runs."""
    return asyncio.run(
        aask(
            question,
            library,
            rater=rater,
            exclude=exclude,
            as_of=as_of,
            passages=passages,
            min_origins=min_origins,
        )
    )


async def aask(
    question: str,
    library: Library,
    *,
    selection: Selection | None = None,
    rater: Rater | None = None,
    exclude: Collection[str] = (),
    as_of: str | None = None,
    passages: int = PASSAGES,
    min_origins: int = 1,
) -> Answer:
    """Answers a question with sentences of the library.

    Args:
        question: in English. One that asks whether a statement is true gets a verdict, too.
        library: open.
        selection: which sources are searched; in place of `exclude`, `as_of` and `min_origins`.
        rater: what rates the statement. Default: the embedded judge.
        exclude: ids of sources to leave out, or their beginnings where no other begins so.
        as_of: ISO date; sources published later are left out. Those without a date stay in,
            which `Answer.explanation` tells. What a newer version by then supersedes is left out
            in any case.
        passages: passages searched, at least 1.
        min_origins: independent origins that it takes to support a statement, at least 1.

    Returns:
        The answer; every quote was compared with its source.

    Raises:
        UsageError: the question has no word or is not in English, `as_of` is no date, or a
            source to be left out is not there, nor one of a publisher, language or tag.
        LibraryEmpty: the library holds no source, or none is left.
        ClaimFailed, ModelUnavailable: as the rater.
    """
    text = " ".join(question.split())
    # What is pasted behind a question may address the checker.
    text = " ".join(without_instructions(text).split()) or text
    if not any(character.isalnum() for character in text):
        raise UsageError("the question is empty", 'Ask one: assay ask "When did it open?"')
    if language := foreign(text):
        raise UsageError(
            f"the question is not in English (its language looks like {language!r})",
            "Ask in English; other languages are not understood",
        )
    selection = selection or Selection(as_of=as_of, exclude=tuple(exclude), min_origins=min_origins)
    until = selection.as_of
    excluded = selection.outside(library)
    undated = 0
    if until:
        left = [source for source in library.described() if source.id not in excluded]
        undated = sum(not source.published_at for source in left)
    searched = library.state().sources - len(excluded)
    if not searched:
        raise LibraryEmpty(
            f"the library {library.place} has no source to answer from",
            f"Ask for less: leave out {' or '.join(asked)}"
            if (asked := selection.options)
            else "Add sources: assay sources add PATH",
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
        rules = Rules(selection.min_origins, library.reputations())
        answer = await _checked(answer, stated, hits, _rater(rater), rules)
        if answer.status == "not_said":
            answer = await asyncio.to_thread(_with_nearest, answer, library, hits)
    else:
        sentences = await asyncio.to_thread(sentences_of, text, library, hits)
        answer = await _quoted(answer, sentences, hits, _rater(rater))
    return _with_note(answer, _undated(undated, searched)) if undated else answer


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


def _with_note(answer: Answer, note: str) -> Answer:
    return answer.model_copy(update={"explanation": f"{answer.explanation} {note}".strip()})


def _undated(undated: int, searched: int) -> str:
    which = "1 tells" if undated == 1 else f"{undated} tell"
    return (
        f"Of the {searched} source{'s' * (searched != 1)} searched {which} no date and may be of a "
        "later day than was asked for."
    )


def _searched(sources: int) -> str:
    return f"Searched {sources} source{'s' * (sources != 1)}; no passage comes near the question."


# A statement to be checked


async def _checked(
    answer: Answer, stated: str, hits: list[Hit], rater: Rater, rules: Rules
) -> Answer:
    """Rates a statement as a claim of an article is rated. One that no source decides is one
    that the library says nothing on."""
    claim = Claim(id="c1", text=stated, quote=stated, start=0, end=len(stated))
    evidence = without_plans(stated, await _rated(claim, hits, rater))
    # Before publishers are named otherwise.
    evidence = one_voice_each(mark_reputations(evidence, rules.reputations))
    decision = decide(
        claim, _told_apart(evidence), sources_searched=answer.sources_searched, rules=rules
    )
    rated = answer.model_copy(
        update={
            "statement": stated,
            "verdict": decision.verdict,
            "confidence": decision.confidence,
            "explanation": decision.explanation,
        }
    )
    publishers = {item.source_id: item.publisher for item in evidence}
    decided = [
        item.model_copy(update={"publisher": publishers[item.source_id]})
        for item in decision.evidence
        if item.stance != "neutral"
    ]
    citations = by_origin(decided)
    sides = {citation.stance for citation in citations}
    return _answered(rated, citations, disagreement=len(sides) > 1) if citations else rated


def _with_nearest(answer: Answer, library: Library, hits: Sequence[Hit]) -> Answer:
    """The answer on what no source decides with the sentences nearest to the question: whoever
    asks may read more in them than the judge did."""
    chosen, _ = choose(answer.question, "any", sentences_of(answer.question, library, hits))
    if not chosen:
        return answer
    citations = [_citation(sentence, hits) for sentence in chosen[:_NEAREST]]
    citations = [citation.model_copy(update={"stance": "neutral"}) for citation in citations]
    note = "What comes nearest is quoted; none of it was found to decide."
    return _with_note(answer.model_copy(update={"citations": citations}), note)


async def _rated(claim: Claim, hits: Sequence[Hit], rater: Rater) -> list[Evidence]:
    """Rates a claim, with regard to the year that sources speak of.

    News rarely names its own year, and a rater sees no date beside a passage. So a claim of
    one year (`in 2025`) is put without it to sources that were published then, and what a
    source of another year says without naming one decides nothing.
    """
    years = {date.year for date in date_mentions(claim.text) if date.year}
    if len(years) != 1:
        return await rater.rate(claim, hits)
    (year,) = years
    text = re.sub(rf",? \b(?:in|during) {year}\b", "", claim.text)
    then = [hit for hit in hits if text != claim.text and _is_news_of(year, hit)]
    others = [hit for hit in hits if hit not in then]
    short = claim.model_copy(update={"text": text, "quote": text, "end": len(text)})
    rated = await rater.rate(claim, others) if others else []
    rated = [*rated, *(await rater.rate(short, then) if then else [])]
    return [
        item if _may_decide(item, year) else item.model_copy(update={"stance": "neutral"})
        for item in rated
    ]


_PAST = re.compile(r"\b(?:has|have|had|did|was|were)\b(?! to\b)")


def without_plans(stated: str, evidence: Sequence[Evidence]) -> list[Evidence]:
    """The evidence, where what is only planned or expected does not show that it has happened:
    `work is to begin in May` is no support for `work has begun`."""
    if not _PAST.search(stated) or aspect(stated, "") == "expected":
        return list(evidence)
    return [
        item.model_copy(update={"stance": "neutral"})
        if item.stance == "supports"
        and aspect(item.quote, "") == "expected"
        and not any(verb.form in ("past", "either") for verb in verbs(item.quote))
        and not _PAST.search(item.quote)
        else item
        for item in evidence
    ]


def _is_news_of(year: int, hit: Hit) -> bool:
    """Whether a passage was published in a year and names no other."""
    return _published(hit.source.published_at) == year and _years(
        hit.passage.text, hit.source.published_at
    ) <= {year}


def _may_decide(item: Evidence, year: int) -> bool:
    """Whether a quote can speak of a year: it names it or was published then. It may contradict
    with another year that it names, and foretell a later one."""
    named = _years(item.quote, item.published_at)
    if year in named or _published(item.published_at) in (year, None):
        return True
    if named:
        return item.stance == "contradicts"
    published = _published(item.published_at)
    return published is not None and published < year and aspect(item.quote, "") == "expected"


def _years(text: str, published_at: str | None) -> set[int]:
    return {date.year for date in date_mentions(dated(text, published_at)) if date.year}


def _published(day: str | None) -> int | None:
    return int(day[:4]) if day and day[:4].isdigit() else None


def _told_apart(evidence: Sequence[Evidence]) -> list[Evidence]:
    """The evidence with publishers named together with the title where several origins share
    one: two reports of one agency are told apart by their titles."""
    origins: dict[str | None, set[str]] = {}
    for item in evidence:
        if item.stance != "neutral":
            origins.setdefault(item.publisher, set()).add(item.origin)
    return [
        item.model_copy(update={"publisher": f"{item.publisher} (“{item.title}”)"})
        if item.publisher and item.title and len(origins.get(item.publisher, ())) > 1
        else item
        for item in evidence
    ]


def by_origin(items: Sequence[Evidence]) -> list[Citation]:
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

_WHY = re.compile(r"(?:why|how come|for what reason)\b", re.I)
_REASON = re.compile(
    r"\b(?:because|since|due to|owing to|so that|in order to|reasons?|following|for fear|lest|"
    r"caused?|causes|led to|thanks to|therefore)\b|, (?:as|given)\b",
    re.I,
)


def lacks_reason(question: str, quotes: Sequence[str]) -> bool:
    """Whether a question asks why and no quote has a word that gives a reason."""
    return bool(_WHY.match(question)) and not any(map(_REASON.search, quotes))


async def _quoted(
    answer: Answer, sentences: Sequence[Sentence], hits: Sequence[Hit], rater: Rater
) -> Answer:
    question = answer.question
    kind = wanted(question)
    chosen, other_period = choose(question, kind, sentences)
    if not chosen:
        return _with_note(answer, _searched(answer.sources_searched))
    citations = [_citation(sentence, hits) for sentence in chosen]
    against = await otherwise(kind, chosen, hits, rater)
    citations += [each.model_copy(update={"stance": None}) for each in by_origin(against)]
    disagreement = bool(against) or await disagree(kind, chosen, rater)
    answer = _answered(answer, citations, disagreement=disagreement)
    if lacks_reason(question, [citation.quote for citation in citations]):
        answer = _with_note(answer, "What is quoted gives no reason in so many words.")
    if not other_period:
        return answer
    asked = ", ".join(question[date.start : date.end] for date in date_mentions(question))
    note = f"The question names a period ({asked}); what is quoted is of another."
    return _with_note(answer.model_copy(update={"other_period": True}), note)


def _citation(sentence: Sentence, hits: Sequence[Hit]) -> Citation:
    source = sentence.source
    quote = source.text[sentence.start : sentence.end]
    if not quote or quote not in sentence.hit.passage.text:
        raise ReportError(f"a quote is not at its offsets: {quote[:60]!r}")
    copies = {hit.source.id for hit in hits if hit.source.origin == source.origin} - {source.id}
    return Citation.of(sentence.hit, quote, sentence.start, sentence.end, sorted(copies))
