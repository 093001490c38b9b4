"""The sentences of the library that answer a question, and whether they disagree.

    passages ─▶ sentences by nearness ─▶ of the kind and period asked for ─▶ one source an origin

What a question wants is read by `tools.text.questions`; nothing here reasons on what is said.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from agent.rate import Rater
from agent.types import Claim, Evidence, Hit, Source
from tools.library import Library
from tools.numbers.quantities import compare, meet
from tools.text.grammar import verbs
from tools.text.questions import Wanted, answering, fits, wanted
from tools.text.sentences import sentence_spans
from tools.text.spinning import is_spun
from tools.text.when import asks_when, is_time, tells_when
from tools.text.words import covered
from tools.times.dates import agree, date_mentions, parse_day, periods_agree, resolve
from tools.times.publication import certainly_later

_NEAR = 1.1
"""Least nearness (0..2) of a sentence that answers, see `Sentence.nearness`. Tried on the 33
questions of `evals/suites/questions` that ask for no verdict: from 1.0 to 1.13 whether to
answer is decided rightly for 31 of them; from 1.14 on one answer is lost."""
_BESIDE = 0.08
"""How much farther than the nearest sentence one of another origin may be and still stand
beside it."""
_BESIDE_IN_KIND = 0.12
"""The same where a figure of one kind is asked for: what has one needs to be less near. On those
questions one more is answered with both sides so (28 of 33 rightly, not 27)."""
_WITHIN = 0.04
"""The same for a second sentence of one source."""
_ORIGINS = 3
PER_ORIGIN = 3
"""Most sentences of one origin."""
_SHARED = 0.3
"""Least share of the question's content words that a sentence has which answers with no figure;
from 0 to 0.5 it decides nothing on those questions (30 of 33 rightly), and fewer are quoted."""
_IT = re.compile(r"[\"'“‘]?(?:It|He|She|They|This|That|These|Those)\b")
_WHOLE = re.compile(r"(?:\S+\s+){3,}\S*[.!?…][\"'”’»)\]]*", re.S)
"""At least four words with a full stop behind them."""


@dataclass(frozen=True)
class Sentence:
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


def sentences_of(question: str, library: Library, hits: Sequence[Hit]) -> list[Sentence]:
    """All sentences of the passages, the nearest to the question first.

    A sentence is compared together with the title of its source: `The new date is Monday`
    says little without it. One that repeats the figure that its title gives for an answer is
    as near as the title is.
    """
    kind = wanted(question)
    titles = {s.id: s.title for s in (h.source for h in hits) if s.title}
    told = {id_: figures for id_, title in titles.items() if (figures := answering(title, kind))}
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
    vectors = library.embedder.embed([question, *(titles[id_] for id_ in told), *texts])
    leads = {id_: float(vectors[0] @ vectors[i]) for i, id_ in enumerate(told, 1)}
    found = []
    for (place, hit), vector in zip(places.items(), vectors[1 + len(told) :], strict=True):
        near = float(vectors[0] @ vector)
        said = answering(hit.source.text[place[1] : place[2]], kind) if place[0] in told else ()
        if any(a.unit == b.unit and meet(a, b) for a in said for b in told[place[0]]):
            near = max(near, leads[place[0]])
        about = covered(question, f"{hit.source.title or ''}\n{hit.passage.text}")
        found.append(Sentence(hit, place[1], place[2], near, near + about))
    return sorted(found, key=lambda s: (-s.near, s.source.id, s.start))


def choose(
    question: str, kind: Wanted, sentences: Sequence[Sentence]
) -> tuple[list[Sentence], bool]:
    """The sentences that answer, nearest first; none where the library does not say.

    Those of another period than the question's only stand where there are no others; whether
    they do is the second value. Each origin speaks through one source: the one with the nearest
    sentence, a machine-spun copy only where there is no other.
    """
    nearest: dict[str, Sentence] = {}
    for sentence in sentences:
        nearest.setdefault(sentence.source.origin, sentence)
    fitting = [
        sentence
        for sentence in sentences
        if sentence.nearness >= _NEAR
        and _answers(question, kind, sentence, leads=sentence is nearest[sentence.source.origin])
        and _of_the_year(question, sentence.source)
        and (kind == "date" or _years_agree(question, sentence))
    ]
    then = [s for s in fitting if kind == "date" or _months_agree(question, s)]
    other_period = not then
    fitting = then or fitting
    if kind == "any":
        fitting = _beyond_titles(question, fitting)
    if not fitting:
        return [], False
    speaks: dict[str, Source] = {}
    for sentence in sorted(fitting, key=lambda s: is_spun(s.source.text)):
        speaks.setdefault(sentence.source.origin, sentence.source)
    spoken = [s for s in fitting if speaks[s.source.origin].id == s.source.id]
    beside = _BESIDE if kind in ("any", "date", "figure") else _BESIDE_IN_KIND
    least = spoken[0].near - beside
    chosen: list[Sentence] = []
    leads: dict[str, float] = {}
    for sentence in spoken:
        if sum(s.source.origin == sentence.source.origin for s in chosen) == PER_ORIGIN:
            continue
        lead = leads.get(sentence.source.origin)
        if lead is None and len(leads) < _ORIGINS and sentence.near >= least:
            leads[sentence.source.origin] = sentence.near
            chosen.append(sentence)
        elif lead is not None and sentence.near >= max(least, lead - _WITHIN):
            chosen.append(sentence)
    return chosen, other_period


def _answers(question: str, kind: Wanted, sentence: Sentence, *, leads: bool) -> bool:
    """Whether a sentence has what is asked for: of a date, one of what is asked about.

    Where no figure is asked for it is a whole sentence with words of the question, or the
    nearest of its origin that says `it` or `she` instead. By the title of its source alone
    headings and addresses are as near, and whatever else stands there.
    """
    if kind == "any":
        has_words = covered(question, sentence.text) >= _SHARED
        return _is_told(sentence) and (has_words or (leads and bool(_IT.match(sentence.text))))
    if kind == "date" and asks_when(question):
        return tells_when(sentence.text, question, sentence.source.title)
    return fits(sentence.text, kind) or (kind == "time" and is_time(sentence.text))


def _beyond_titles(question: str, sentences: list[Sentence]) -> list[Sentence]:
    """Those that have more of the question's words than the title of their source, where any has:
    of a source on Skarra Line every sentence is near to `Who is finance director of Skarra Line?`.
    """

    def has_more(sentence: Sentence) -> bool:
        title = sentence.source.title or ""
        return covered(question, f"{title}\n{sentence.text}") > covered(question, title)

    return [sentence for sentence in sentences if has_more(sentence)] or sentences


def _is_told(sentence: Sentence) -> bool:
    """Whether it is no heading, no line of an address and no date alone."""
    text = sentence.text.strip()
    if text == (sentence.source.title or "").strip():
        return False
    return bool(_WHOLE.fullmatch(text) or verbs(text))


def _of_the_year(question: str, source: Source) -> bool:
    """Whether a source can speak of the years that a question names: it names them, too, or
    was published then."""
    told = f"{source.published_at or ''}\n{source.title or ''}\n{source.text}"
    years = {date.year for date in date_mentions(question) if date.year}
    return all(str(year) in told for year in years)


_MONTH = (
    r"(?:January|February|March|April|May|June|July|August|September|October|November|December)"
)
_SPAN = re.compile(
    rf"\b(?:[Ff]rom|[Bb]etween) (?:[\w ]{{0,15}} )?({_MONTH})\b(?: \d{{4}})? "
    rf"(?:and|to|until|through) (?:[\w ]{{0,15}} )?({_MONTH})\b"
)
_IN_MONTH = re.compile(rf"\b(?:in|during) {_MONTH}\b")


def dated(text: str, published_at: str | None) -> str:
    """A text with `this year` and `last year` as years, as far as the day of writing is known."""
    written = parse_day(published_at)
    for start, end, reading in reversed(resolve(text, written) if written else []):
        if reading.isdigit():
            text = f"{text[:start]}in {reading}{text[end:]}"
    return text


def _years_agree(question: str, sentence: Sentence) -> bool:
    """Whether a sentence that names years names all those of the question."""
    told = date_mentions(dated(sentence.text, sentence.source.published_at))
    years = {date.year for date in told if date.year}
    return not years or {date.year for date in date_mentions(question) if date.year} <= years


def _months_agree(question: str, sentence: Sentence) -> bool:
    """Whether the part of the year that a sentence names is not another than the question's.

    From January to May is not May. Asked for a month, a sentence without a date is of the
    period that the last one before it in the passage names.
    """
    of_a_month = bool(_IN_MONTH.search(question)) and not _SPAN.search(question)
    told = sentence.text
    if of_a_month and not _tells_a_period(told):
        before = sentence.hit.passage.text[: sentence.start - sentence.hit.passage.start]
        earlier = [before[start:end] for start, end in sentence_spans(before)]
        told = next((text for text in reversed(earlier) if _tells_a_period(text)), told)
    if of_a_month and _SPAN.search(told):
        return False
    told = dated(_SPAN.sub(r"from \1 to \2", told), sentence.source.published_at)
    named = date_mentions(told)
    finer = [date for date in named if date.months()]
    return all(
        any(agree(asked, date) for date in others)
        for asked in date_mentions(question)
        # `this year up to April` is not May, though May is of this year
        if (others := finer if finer and asked.months() else named)
    )


def _tells_a_period(text: str) -> bool:
    return bool(_SPAN.search(text) or date_mentions(text))


async def disagree(kind: Wanted, chosen: Sequence[Sentence], rater: Rater) -> bool:
    """Whether a sentence of another origin says otherwise than the nearest one: asked for a
    figure, it gives another for the same; asked for anything else, its passage contradicts it."""
    lead = chosen[0]
    said: dict[str, list[Sentence]] = {}
    for sentence in chosen:
        said.setdefault(sentence.source.origin, []).append(sentence)
    first, *others = (" ".join(s.text for s in group) for group in said.values())
    if not others:
        return False
    if kind not in ("any", "date"):
        return any(_other_figure(first, other, kind) for other in others)
    claim = Claim(id="c1", text=lead.text, quote=lead.text, start=0, end=len(lead.text))
    hits = {s.hit.passage.id: s.hit for s in chosen if s.source.origin != lead.source.origin}
    evidence = await rater.rate(claim, list(hits.values()))
    return any(item.stance == "contradicts" for item in evidence)


async def otherwise(
    kind: Wanted, chosen: Sequence[Sentence], hits: Sequence[Hit], rater: Rater
) -> list[Evidence]:
    """What other origins among the passages found say against the nearest sentence, where a figure
    is asked for.

    A source whose title repeats the question is nearest whatever else the library has, and may be
    an estimate that has long been replaced. What the rater takes for a contradiction counts where
    it gives a figure of the kind asked for, and not where it is of an earlier month.
    """
    if kind in ("any", "date"):
        return []
    lead, known = chosen[0], {sentence.source.origin for sentence in chosen}
    others = [hit for hit in hits if hit.source.origin not in known]
    if not others:
        return []
    claim = Claim(id="c1", text=lead.text, quote=lead.text, start=0, end=len(lead.text))
    found = [
        item
        for item in await rater.rate(claim, others)
        if item.stance == "contradicts"
        and _other_figure(lead.text, item.quote, kind)
        and not certainly_later(_month(lead.source.published_at), _month(item.published_at))
    ]
    found.sort(key=lambda item: (-item.probability, item.source_id))
    origins = list(dict.fromkeys(item.origin for item in found))[: _ORIGINS - 1]
    return [item for item in found if item.origin in origins]


def _month(day: str | None) -> str | None:
    return day[:7] if day else None


def _other_figure(one: str, other: str, kind: Wanted) -> bool:
    """Whether two texts on one period have figures of one measure that differ, and none that
    may be the same."""
    pairs = [
        (ours, theirs)
        for ours in answering(one, kind)
        for theirs in answering(other, kind)
        if ours.unit == theirs.unit
    ]
    if not periods_agree(one, other) or any(meet(*pair) for pair in pairs):
        return False
    found = [compare(*pair) for pair in pairs if pair[0].scope == pair[1].scope]
    return any(comparison and comparison.relation == "differs" for comparison in found)
