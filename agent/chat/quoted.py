"""A question, answered without a language model: by quoting, and by what a report says.

    claim 7 …                      ─▶ that claim of the open report: verdict, both sides, figures
    which claims are conflicting   ─▶ those of the open report
    which sources disagree on …    ─▶ pairs of sentences of different origins that contradict
    what do the sources say of …   ─▶ the sentences nearest to it
    anything else                  ─▶ `agent.ask`

By their form, in English; nothing is reasoned, and each question is read by itself.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Sequence
from typing import NamedTuple

from agent.ask import NOT_SAID, Answer, AnswerSentence, Citation, aask, by_origin
from agent.chat.reports import claim_of
from agent.errors import UsageError
from agent.quoting import Sentence, sentences_of
from agent.rate import Rater
from agent.report.wording import WORDS, Outcome, outcome
from agent.selection import Selection
from agent.types import CheckedClaim, Claim, Evidence, Hit, Report
from tools.library import Library
from tools.library.retrieval import retrieve
from tools.text.words import covered, names

STANDS_ALONE = (
    "Without a language model each question stands alone: what was asked before is not read."
)
_SOURCES = r"(?:the |our |my |these |those |any )?(?:sources|library|documents|papers)"
_CLAIM = re.compile(
    r"\b(?:claim\s+(?:no\.?\s*|number\s+|#\s*)?(?=c?\d)|(?=c\d))(c?\d{1,6})\b", re.I
)
_NTH_CLAIM = re.compile(r"\b(\d{1,6})(?:st|nd|rd|th)\s+claim\b", re.I)
_FIRST = "first second third fourth fifth sixth seventh eighth ninth tenth".split()
_FIRST_CLAIM = re.compile(rf"\b({'|'.join(_FIRST)})\s+claim\b", re.I)
_OUTCOMES: dict[str, Outcome] = {
    "support": "supported", "confirm": "supported", "true": "supported",
    "conflict": "conflicting", "contradict": "conflicting", "false": "conflicting",
    "wrong": "conflicting", "unverif": "unverifiable", "fail": "failed",
}  # fmt: skip
"""What a claim's outcome is called in questions, by the beginning of the word."""
_CLAIMS = re.compile(
    r"(?:which|what|list|show|name|how many)\b[^?.!]*?\bclaims\b[^?.!]*?"
    rf"\b(?:(?P<after>{'|'.join(_OUTCOMES)})\w*)[?.!\s]*"
    rf"|(?:which|what|list|show|name|how many)\b[^?.!]*?\b(?P<before>{'|'.join(_OUTCOMES)})\w*"
    r" claims\b[^?.!]*[?.!\s]*",
    re.I,
)
_DISAGREE = re.compile(
    rf"(?:which|what|where|do|does|how|on what)\b.*?\b{_SOURCES}\b.*?"
    r"\b(?:disagree|differ|contradict|conflict)\w*(?: (?:one another|each other))?"
    r"(?:\s+(?:on|about|over|regarding|as to|concerning)\s+(?P<topic>.+?))?[?.!\s]*",
    re.I,
)
_SAY = re.compile(
    rf"what (?:do|does|did|can) {_SOURCES} (?:say|tell|report|know|write|hold)(?: us| me)? "
    r"(?:about|on|of|regarding) (?P<topic>.+?)[?.!\s]*",
    re.I,
)
_FOLLOWS_UP = re.compile(r"(?:and|but|or|then|what about|how about)\b", re.I)
_POINTS_BACK = re.compile(r"\b(?:it|its|they|them|their|he|him|his|she|her)\b", re.I)
_EXPLETIVE = re.compile(
    r"\b(?:is|was) it (?:really )?(?:true|correct|right|the case|a fact)\b", re.I
)
_SENTENCES = 8
"""Sentences on a topic that are held against the passages of other origins."""
_PER_ORIGIN = 3
_PAIRS = 5


async def quoted(
    question: str,
    library: Library,
    rater: Rater,
    *,
    report: Report | None = None,
    follows: bool = False,
    selection: Selection | None = None,
) -> Answer:
    """Answers a question.

    Args:
        question: in English.
        library: open.
        rater: what rates statements.
        report: the report that is open.
        follows: whether something was asked before.
        selection: which sources are searched.

    Raises:
        UsageError, LibraryEmpty, ClaimFailed, ModelUnavailable: as `agent.ask.aask`.
    """
    text = " ".join(question.split())
    selection = selection or Selection()
    if match := _CLAIM.search(text) or _NTH_CLAIM.search(text):
        return _about_claim(text, match[1], report)
    if match := _FIRST_CLAIM.search(text):
        return _about_claim(text, str(_FIRST.index(match[1].lower()) + 1), report)
    if match := _CLAIMS.fullmatch(text):
        called = (match["after"] or match["before"]).lower()
        return _claims(text, _OUTCOMES[called], report)
    if match := _DISAGREE.fullmatch(text):
        return await _disagreements(text, match["topic"], library, rater, selection)
    if _FOLLOWS_UP.match(text):
        return _not_asked(text, f"{STANDS_ALONE} Ask it in full.")
    match = _SAY.fullmatch(text)
    asked = match["topic"] if match else text
    answer = await aask(asked, library, rater=rater, selection=selection)
    if match:
        answer = answer.model_copy(update={"question": text})
    if follows and _POINTS_BACK.search(_EXPLETIVE.sub("", text)) and not names(text):
        note = f"{answer.explanation} {STANDS_ALONE}".strip()
        answer = answer.model_copy(update={"explanation": note})
    return answer


def _not_asked(question: str, why: str) -> Answer:
    """Nothing was looked up, so nothing is said of what the library says."""
    return Answer(question=question, status="not_said", text=why)


def _not_said(question: str, why: str, searched: int) -> Answer:
    return Answer(
        question=question,
        status="not_said",
        text=NOT_SAID,
        explanation=why,
        sources_searched=searched,
    )


# A claim of a report


_NO_REPORT = "No report is open: name one to ask about its claims."


def _about_claim(question: str, name: str, report: Report | None) -> Answer:
    if report is None:
        return _not_asked(question, _NO_REPORT)
    try:
        claim = claim_of(report, name)
    except UsageError as error:
        return _not_asked(question, f"{str(error)[:1].upper()}{str(error)[1:]}.")
    return explained(question, claim, report.run.library.sources)


def _claims(question: str, wanted: Outcome, report: Report | None) -> Answer:
    """The claims of a report that have an outcome, with their numbers."""
    if report is None:
        return _not_asked(question, _NO_REPORT)
    found = [claim for claim in report.claims if outcome(claim) == wanted]
    are = "claim of the report is" if len(found) == 1 else "claims of the report are"
    told = [f"{len(found) or 'No'} {are} {WORDS[wanted].lower()}."]
    told += [f"Claim {claim.id.removeprefix('c')}: {claim.text}" for claim in found]
    return Answer(
        question=question,
        status="answered",
        text="\n".join(told),
        sentences=[AnswerSentence(text=line, status="quoted") for line in told],
    )


def explained(question: str, claim: CheckedClaim, searched: int) -> Answer:
    """Why a claim of a report has its verdict: both sides, what was computed, what is missing."""
    decided = [item for item in claim.evidence if item.stance != "neutral"]
    citations = by_origin(decided)
    why = [claim.explanation, claim.missing or "", *claim.unclear]
    if claim.error:
        why.append(f"It failed: {claim.error.message}.")
    return Answer(
        question=question,
        status="answered",
        text="\n".join([claim.explanation, *(citation.quote for citation in citations)]),
        citations=citations,
        statement=claim.text,
        verdict=claim.verdict,
        confidence=claim.confidence,
        explanation=" ".join(part for part in why if part),
        disagreement=len({citation.stance for citation in citations}) > 1,
        sources_searched=searched,
    )


# What sources disagree on


class _Pair(NamedTuple):
    said: Sentence
    against: Evidence


async def _disagreements(
    question: str, topic: str | None, library: Library, rater: Rater, selection: Selection
) -> Answer:
    if not topic:
        return _not_asked(question, "Name what: Which sources disagree on …?")
    excluded = selection.outside(library)
    searched = library.state().sources - len(excluded)

    def search() -> tuple[list[Hit], list[Sentence]]:
        hits = retrieve(library, topic, exclude=excluded, published_until=selection.as_of)
        return hits, sentences_of(topic, library, hits)

    hits, sentences = await asyncio.to_thread(search)
    pairs = await _contradicting(_on(topic, sentences), hits, rater)
    if not pairs:
        origins = len({hit.source.origin for hit in hits})
        why = (
            f"No two of the {len(hits)} passages found, of {origins} "
            f"origin{'s' * (origins != 1)}, were seen to contradict one another."
        )
        return _not_said(question, why, searched)
    citations: list[Citation] = []
    told = []
    for pair in pairs:
        one = _cite(citations, _citation_of(pair.said))
        other = _cite(citations, by_origin([pair.against])[0].model_copy(update={"stance": None}))
        # What was computed speaks of an article and a source; here both are sources.
        computed = (pair.against.note or "").replace("in the article", f"in [{one}]")
        computed = computed.replace("in the source", f"in [{other}]")
        note = f" ({computed})" if computed else ""
        told.append(f"[{one}] and [{other}] contradict one another{note}.")
    return Answer(
        question=question,
        status="answered",
        text="\n".join(citation.quote for citation in citations),
        citations=citations,
        explanation=" ".join(told),
        disagreement=True,
        sources_searched=searched,
    )


def _on(topic: str, sentences: Sequence[Sentence]) -> list[Sentence]:
    """The sentences nearest to a topic that share a word with it; where none does, those of
    sources whose title does. Of a source on several things the others stay out so."""
    own = [s for s in sentences if covered(topic, s.text)]
    taken: dict[str, int] = {}
    found: list[Sentence] = []
    for sentence in own or [s for s in sentences if covered(topic, s.source.title or "")]:
        origin = sentence.source.origin
        if taken.get(origin, 0) < _PER_ORIGIN and len(found) < _SENTENCES:
            taken[origin] = taken.get(origin, 0) + 1
            found.append(sentence)
    return found


async def _contradicting(
    sentences: Sequence[Sentence], hits: Sequence[Hit], rater: Rater
) -> list[_Pair]:
    """For each two origins that contradict one another their surest pair, the surest first."""
    best: dict[frozenset[str], _Pair] = {}
    for sentence in sentences:
        others = [hit for hit in hits if hit.source.origin != sentence.source.origin]
        if not others:
            continue
        text = sentence.text
        claim = Claim(id="c1", text=text, quote=text, start=0, end=len(text))
        for item in await rater.rate(claim, others):
            key = frozenset((sentence.source.origin, item.origin))
            if item.stance == "contradicts" and (
                key not in best or item.probability > best[key].against.probability
            ):
                best[key] = _Pair(sentence, item)
    ranked = sorted(best.values(), key=lambda p: (-p.against.probability, p.against.source_id))
    return ranked[:_PAIRS]


def _cite(citations: list[Citation], citation: Citation) -> int:
    """The number of a citation among those given, to which it is added."""
    for number, known in enumerate(citations, 1):
        if (known.source_id, known.start, known.end) == (
            citation.source_id,
            citation.start,
            citation.end,
        ):
            return number
    citations.append(citation)
    return len(citations)


def _citation_of(sentence: Sentence) -> Citation:
    return Citation.of(sentence.hit, sentence.text, sentence.start, sentence.end)
