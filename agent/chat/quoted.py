"""A question, answered without a language model: by quoting, and by what a report says.

    claim 7, the report …          ─▶ what the open report says (`agent.chat.reported`)
    which sources are there        ─▶ their titles
    which sources disagree on …    ─▶ pairs of sentences of different origins that contradict
    what does the Herald say of …  ─▶ the sentences nearest to it, of that publisher
    what do the sources say of …   ─▶ of all
    anything else                  ─▶ `agent.ask`

By their form, in English; nothing is reasoned, and each question is read by itself.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Sequence
from dataclasses import replace
from typing import NamedTuple

from agent.ask import NOT_SAID, Answer, AnswerSentence, Citation, aask, by_origin
from agent.chat.reported import LISTED, not_asked, of_report
from agent.quoting import PER_ORIGIN, Sentence, sentences_of
from agent.rate import Rater
from agent.report.wording import day
from agent.selection import Selection
from agent.types import Claim, Evidence, Hit, Report
from tools.library import Library
from tools.library.retrieval import retrieve
from tools.text.words import WORD, covered, names

STANDS_ALONE = (
    "Without a language model each question stands alone: what was asked before is not read."
)
_SOURCES = (
    r"(?:(?:the|our|my|these|those|any|all|both|two|of) )*(?:sources|library|documents|papers)"
)
_ABOUT = r"(?:on|about|over|regarding|as to|concerning|of)"
_DISAGREE = re.compile(
    rf"(?:which|what|where|do|does|how|on what)\b.*?\b{_SOURCES}\b.*?"
    r"\b(?:(?:dis)?agree|differ|contradict|conflict)\w*(?: (?:one another|each other))?"
    rf"(?:\s+{_ABOUT}\s+(?P<topic>.+?))?[?.!\s]*"
    r"|(?:is|are) there (?:any |a |some )?(?:disagreements?|contradictions?|conflicts?)"
    rf"(?: (?:between|among|in) {_SOURCES})?(?:\s+{_ABOUT}\s+(?P<on>.+?))?[?.!\s]*",
    re.I,
)
_SAY = re.compile(
    r"what (?:do|does|did|can|has|have) (?P<who>.+?) "
    r"(?:say|said|tell|told|report|reported|know|write|written|hold)(?: us| me)? "
    r"(?:about|on|of|regarding) (?P<topic>.+?)[?.!\s]*",
    re.I,
)
_ACCORDING = re.compile(
    r"according to (?P<who>[^,]+), (?P<rest>.+)"
    r"|(?P<before>.+?),? according to (?P<whom>[^,?]+?)[?.!\s]*",
    re.I,
)
_NAME = re.compile(r"(?:the )?[A-Z][\w.’'&-]*(?: (?:(?:of|the|and|de|&) )*[A-Z][\w.’'&-]*)*")
"""Of a newspaper, an agency, a person; `the council` is none."""
_IN_IT = (
    r"(?: (?:are there|there are|do you have|have you(?: got)?|does the library (?:have|hold)"
    r"|(?:are )?(?:there )?in (?:the|this|your) library))"
)
_WHICH_SOURCES = re.compile(
    rf"(?:which|what|how many) (?:sources|documents|texts){_IN_IT}[?.!\s]*"
    r"|(?:list|show|name)(?: me)?(?: all)?(?: of)?(?: the| your)? (?:sources|documents)"
    rf"{_IN_IT}?[?.!\s]*|what is in (?:the|this|your) library[?.!\s]*",
    re.I,
)
_GREETS = re.compile(
    r"(?:hello|hi|hey|help|thanks|thank you|good (?:morning|afternoon|evening)|who are you"
    r"|what (?:can|do) you do|what can I ask(?: you)?|how does (?:this|it) work)"
    r"(?: there| very much| a lot)?[?.!\s]*",
    re.I,
)
_NO_PUBLISHER = (
    "No one publisher of the library’s sources is known as “{}”, so the search was not narrowed."
)
_HINT = (
    "Ask what the sources say on something, whether a statement is true, or which sources "
    "disagree on something; of a report that is open, about its claims."
)
_FOLLOWS_UP = re.compile(r"(?:and|but|or|then|what about|how about)\b", re.I)
_POINTS_BACK = re.compile(r"\b(?:it|its|they|them|their|he|him|his|she|her)\b", re.I)
_EXPLETIVE = re.compile(
    r"\b(?:is|was) it (?:really )?(?:true|correct|right|the case|a fact)\b", re.I
)
_SENTENCES = 8
"""Sentences on a topic that are held against the passages of other origins."""
_PAIRS = 5
_ON_TOPIC = 0.5
"""Least share of a topic's content words that a sentence on it has, with its source's title."""


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
    if answer := of_report(text, report):
        return answer
    if _GREETS.fullmatch(text):
        return not_asked(text, _HINT)
    if _WHICH_SOURCES.fullmatch(text):
        return _sources(text, library, selection)
    if match := _DISAGREE.fullmatch(text):
        topic = match["topic"] or match["on"]
        return await _disagreements(text, topic, library, rater, selection)
    if _FOLLOWS_UP.match(text):
        return not_asked(text, f"{STANDS_ALONE} Ask it in full.")
    asked, publisher, unknown = _asked(text, library, selection)
    if publisher:
        selection = replace(selection, publishers=(publisher,))
    answer = await aask(asked, library, rater=rater, selection=selection)
    notes = [answer.explanation]
    if publisher:
        notes.append(f"Only what {publisher} published was searched.")
    if unknown and not any(_names(unknown, citation.quote) for citation in answer.citations):
        notes.append(_NO_PUBLISHER.format(unknown))
    if follows and _POINTS_BACK.search(_EXPLETIVE.sub("", text)) and not names(text):
        notes.append(STANDS_ALONE)
    explanation = " ".join(filter(None, notes))
    if asked != text:
        answer = answer.model_copy(update={"question": text})
    return answer.model_copy(update={"explanation": explanation})


def _asked(text: str, library: Library, selection: Selection) -> tuple[str, str | None, str | None]:
    """What is looked up for a question, the publisher that it names as the one to say it, and
    the name of who is to say it where that is no publisher."""
    match = _SAY.fullmatch(text)
    if match and re.fullmatch(_SOURCES, match["who"], re.I):
        return match["topic"], None, None
    if not match and not (match := _ACCORDING.fullmatch(text)):
        return text, None, None
    found = match.groupdict()
    who = found.get("who") or found["whom"]
    publisher = _publisher(who, library, selection)
    if not publisher:
        return text, None, who if _NAME.fullmatch(who) else None
    return found.get("topic") or found.get("rest") or found["before"], publisher, None


def _names(name: str, text: str) -> bool:
    """Whether a text has a name: who is quoted in a source need not have published it."""
    words = _name(text)
    wanted = _name(name)
    return any(words[i : i + len(wanted)] == wanted for i in range(len(words)))


def _publisher(name: str, library: Library, selection: Selection) -> str | None:
    """The one publisher that a name stands for: all of its name, or how it begins or ends."""
    words = _name(name)
    wanted = [s.publisher for s in library.described() if s.publisher and selection.wants(s)]
    alike = {publisher for publisher in wanted if words and _is_short_for(words, _name(publisher))}
    exact = {publisher for publisher in alike if _name(publisher) == words}
    found = exact or alike
    return found.pop() if len(found) == 1 else None


def _name(publisher: str) -> list[str]:
    words = [match[0].casefold() for match in WORD.finditer(publisher)]
    return words[1:] if words[:1] == ["the"] else words


def _is_short_for(words: list[str], name: list[str]) -> bool:
    begins = len(words) > 1 and name[: len(words)] == words
    return begins or name[-len(words) :] == words


def _sources(question: str, library: Library, selection: Selection) -> Answer:
    """What is in the library, by title."""
    excluded = selection.outside(library)
    found = [source for source in library.described() if source.id not in excluded]
    lines = [f"The library has {len(found)} source{'s' * (len(found) != 1)}."]
    for source in found[:LISTED]:
        parts = [source.title or source.id, source.publisher, day(source.published_at)]
        lines.append(" · ".join(part for part in parts if part))
    if more := len(found[LISTED:]):
        lines.append(f"And {more} more: assay sources list")
    return Answer(
        question=question,
        status="answered",
        text="\n".join(lines),
        sentences=[AnswerSentence(text=line, status="quoted") for line in lines],
    )


def _not_said(question: str, why: str, searched: int) -> Answer:
    return Answer(
        question=question,
        status="not_said",
        text=NOT_SAID,
        explanation=why,
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
        return not_asked(question, "Name what: Which sources disagree on …?")
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
    """The sentences nearest to a topic that have a word of it and, with the titles of their
    sources, half of its words; where none has, those of sources whose title does. Of a source on
    several things the others stay out so, and of several lines the others but `Harbour Line`."""

    def is_on(sentence: Sentence) -> bool:
        return covered(topic, f"{sentence.source.title or ''}\n{sentence.text}") >= _ON_TOPIC

    own = [s for s in sentences if covered(topic, s.text) and is_on(s)]
    taken: dict[str, int] = {}
    found: list[Sentence] = []
    for sentence in own or [s for s in sentences if is_on(s)]:
        origin = sentence.source.origin
        if taken.get(origin, 0) < PER_ORIGIN and len(found) < _SENTENCES:
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
