"""Targets that read texts: sentences, claims, quotations, figures, dates, questions, addresses, and
what compares two texts."""

from __future__ import annotations

import asyncio
import itertools
import math
from collections.abc import Iterable
from datetime import date
from functools import cache
from typing import Protocol

from agent.errors import InputError
from agent.types import Report
from evals.fuzzing.seeds import texts_of
from evals.fuzzing.target import require

_WRITTEN = date(2026, 11, 22)
_MOST_PAIRS = 4
"""Figures or dates of one text that are held against each other."""
_LONGEST_CLAIM = 2000
"""Characters; sentences are never longer (`tools.text.sentences`)."""
_OPENING = 100
"""Characters of a passage that are taken for its source's opening."""


class _Spanned(Protocol):
    @property
    def start(self) -> int: ...
    @property
    def end(self) -> int: ...


def sentences(data: bytes) -> None:
    """Sentences are in order, do not overlap, and leave out white space only."""
    from tools.text.sentences import sentence_spans

    text = texts_of(data)
    at = 0
    for start, end in sentence_spans(text):
        require(at <= start < end <= len(text), "sentences overlap or are out of order")
        require(not text[at:start].strip(), "a character is in no sentence")
        require(text[start:end] == text[start:end].strip(), "a sentence is not trimmed")
        at = end
    require(not text[at:].strip(), "the end of the text is in no sentence")


def claims(data: bytes) -> None:
    """Quotes are verbatim, every sentence is accounted for, claims are numbered in order."""
    from agent.claims import coverage
    from agent.claims.rules import RuleSplitter
    from agent.types import Article
    from tools.readers import normalise

    text = normalise(texts_of(data).encode("utf-8", "replace").decode())
    if not text:
        return
    article = Article(id="a-0", text=text, published_at="2026-11-22", language="en")
    split = asyncio.run(RuleSplitter().split(article, lambda done, of: None))
    coverage(article, split)
    for number, claim in enumerate(split.claims, 1):
        require(claim.id == f"c{number}", "claims are not numbered in order")
        require(text[claim.start : claim.end] == claim.quote != "", "a quote is not verbatim")
        require(bool(claim.text.strip()), "a claim says nothing")
        require(all(0 <= a < b <= len(text) for a, b in claim.also_at), "a place is none")
    for left_out in split.excluded:
        require(text[left_out.start : left_out.end] == left_out.quote, "an exclusion has moved")


def quotes(data: bytes) -> None:
    """What is found stands there: the span in the text is the quotation, typography aside."""
    from tools.text.alignment import find_verbatim
    from tools.text.quote_matching import find_quotes
    from tools.text.quotes import quotations

    quote, _, text = texts_of(data).partition("\n")
    for said in quotations(text):
        require(text[said.start : said.end] == said.text, "a quotation is not at its offsets")
    for match in find_quotes(quote, text):
        require(0 <= match.start < match.end <= len(text), "a match is outside of the text")
        require(bool(match.note), "a match says nothing of itself")
    place = find_verbatim(quote, text)
    if quote and quote == quote.strip() and quote in text.split("\n"):
        require(place is not None, "a whole line is not found")
    if place:
        start, end = place
        require(0 <= start < end <= len(text), "a span is outside of the text")
        require(_plain(text[start:end]) == _plain(quote), "a span is not the quotation")


def quoting(data: bytes) -> None:
    """Of the sentences of two sources those are chosen that stand there, the nearest first."""
    from agent.quoting import Sentence, choose, dated
    from agent.types import Hit, Passage, Source
    from tools.readers import normalise
    from tools.text.questions import wanted
    from tools.text.sentences import sentence_spans

    question, _, text = normalise(texts_of(data)).partition("\n")
    found = []
    for number, published in enumerate(("2026-11-22", None)):
        known = {"id": f"s-{number}", "origin": f"s-{number}", "published_at": published}
        source = Source.model_validate({**known, "text": text, "added_at": "2026-11-22T00:00:00Z"})
        place = {"source_id": source.id, "number": 0, "start": 0, "end": len(text), "text": text}
        passage = Passage.model_validate({**place, "id": f"{source.id}:0"})
        hit = Hit(passage=passage, source=source, score=0.9)
        spans = sentence_spans(text)
        found += [Sentence(hit, *span, 0.9 - n / 100, 1.5) for n, span in enumerate(spans)]
    found.sort(key=lambda sentence: -sentence.near)
    for kind in (wanted(question), "any"):
        chosen, _ = choose(question, kind, found)
        require(all(sentence in found for sentence in chosen), "a sentence was made up")
        near = [sentence.near for sentence in chosen]
        require(near == sorted(near, reverse=True), "the nearest is not first")
    dated(text, "2026-11-22")


def _plain(text: str) -> str:
    """Letters and digits alone, in compatibility form."""
    import unicodedata

    return "".join(c for c in unicodedata.normalize("NFKD", text) if c.isalnum())


def cleaning(data: bytes) -> None:
    """Each character of a cleaned text has its place in the original, in order."""
    from tools.text.cleaning import clean

    text = texts_of(data)
    cleaned = clean(text)
    if not cleaned.starts:
        require(cleaned.text in ("", text), "a text was changed and has no offsets")
        return
    require(len(cleaned.starts) == len(cleaned.ends) == len(cleaned.text), "offsets are missing")
    places = zip(cleaned.starts, cleaned.ends, strict=True)
    require(all(0 <= a <= b <= len(text) for a, b in places), "an offset is outside of the text")


def hostile(data: bytes) -> None:
    """What addresses the checker, what is spun and what is garbled is at its offsets."""
    from tools.text.garbling import garblings, spam_tail
    from tools.text.instructions import instructions, without_instructions
    from tools.text.spinning import plain_reading, spun_warning

    text = texts_of(data)
    _ordered(text, instructions(text))
    require(len(without_instructions(text)) == len(text), "blanked instructions move offsets")
    garblings(text)
    plain_reading(text)
    if warning := spun_warning(text):
        require(all(0 <= a <= b <= len(text) for a, b in warning.spans), "a span is outside")
    if tail := spam_tail(text):
        require(0 <= tail[0] <= tail[1] <= len(text), "a tail is outside of the text")


def numbers(data: bytes) -> None:
    """Figures are at their offsets, finite, and compare without a fault, both ways alike."""
    from tools.numbers.numerals import numerals
    from tools.numbers.ordinals import ordinals
    from tools.numbers.quantities import agreement, compare, quantities, relate
    from tools.numbers.standings import ranks, scores

    text = texts_of(data)
    found = quantities(text)
    for quantity in (*found, *ordinals(text)):
        require(text[quantity.start : quantity.end] == quantity.text, "a figure is not there")
        require(
            all(map(math.isfinite, (*quantity.values, quantity.step))), "a figure is not finite"
        )
        require(bool(quantity.values) and quantity.step >= 0, "a figure has no value")
    for spanned in (found, numerals(text), ranks(text), scores(text)):
        _ordered(text, spanned)
    for a, b in itertools.pairwise(found[: _MOST_PAIRS + 1]):
        compare(a, b)
        relate(a, b)
        ours, theirs = agreement(a, b), agreement(b, a)
        require(ours.kind == theirs.kind, "two figures agree one way only")


def compared(data: bytes) -> None:
    """What is computed about a claim and a passage stands in the passage, and decides as told."""
    from agent.compare.checks import findings
    from agent.compare.corrections import without_retracted
    from agent.compare.ruling import by_figures, rule_of
    from agent.compare.settling import settled
    from tools.numbers.contrasts import set_apart
    from tools.numbers.implied import implied

    claim, _, passage = texts_of(data).partition("\n")
    claim = claim[:_LONGEST_CLAIM]
    for spun in (False, True):
        found = findings(claim, passage, setting=passage[:_OPENING], spun=spun)
        for finding in found:
            require(0 <= finding.start <= finding.end <= len(passage), "a finding is outside")
            require(0 <= finding.subject_shared <= 1, "a share is none")
            require(finding.relation == "silent" or finding.end > 0, "a finding is nowhere")
        rule_of(found)
        left = by_figures(found, (0.5, 0.3, 0.2))
        require(min(left) >= 0 and math.isclose(sum(left), 1), "probabilities do not sum to one")
    settled(claim, passage)
    require(set_apart(claim, passage) == set_apart(passage, claim), "two texts differ one way only")
    for figure in implied(passage):
        require(passage[figure.start : figure.end] == figure.text, "a figure is not there")
    require(len(without_retracted(passage)) == len(passage), "blanked corrections move offsets")


def asked_of_a_report(data: bytes) -> None:
    """An answer about a report is of one of its claims, or says that there is none."""
    from agent.chat.reported import of_report
    from agent.chat.turns import QUESTION_MOST

    question = " ".join(texts_of(data).encode("utf-8", "replace").decode().split())[:QUESTION_MOST]
    for report in (None, _report()):
        if answer := of_report(question, report):
            require(answer.question == question, "another question is answered")
            require(bool(answer.text.strip()), "an answer says nothing")


@cache
def _report() -> Report:
    from evals.fuzzing.seeds import report

    return Report.model_validate_json(report()[0])


def dates(data: bytes) -> None:
    """Dates, periods and times are at their offsets, and two compare both ways alike."""
    from tools.times import clock, periods
    from tools.times.dates import agree, date_mentions, parse_day, resolve

    text = texts_of(data)
    mentions = date_mentions(text)
    _ordered(text, mentions)
    for a, b in itertools.pairwise(mentions[: _MOST_PAIRS + 1]):
        require(agree(a, b) == agree(b, a), "two dates agree one way only")
    for start, end, reading in resolve(text, _WRITTEN):
        require(0 <= start < end <= len(text) and bool(reading), "a reading is not there")
    for written in (None, _WRITTEN):
        told = periods.periods(text, written)
        _ordered(text, told)
        for period in told:
            require(text[period.start : period.end] == period.text, "a period is not there")
            require(all(a <= b for a, b in period.spans), "a period ends before it begins")
        for one, other in itertools.pairwise(told[: _MOST_PAIRS + 1]):
            ours, theirs = periods.agreement(one, other), periods.agreement(other, one)
            require(ours.kind == theirs.kind, "two periods agree one way only")
    for time in clock.clock_times(text):
        require(text[time.start : time.end] == time.text, "a time is not there")
        require(all(0 <= m < 1440 for m in time.minutes), "a time is none of the day")
    parse_day(text)


def days(data: bytes) -> None:
    """What is written for a date is a day or nothing, and is told where it is nothing."""
    from tools.readers.dates import doubt, iso_date
    from tools.times.dates import parse_day

    text = texts_of(data)
    if day := iso_date(text):
        require(iso_date(day) == day, "a day is not read as itself")
    else:
        doubt(text)
    parse_day(text)


def questions(data: bytes) -> None:
    """A question gives one line to check or none; an answer's markers become numbers."""
    from agent.chat.checking import unmarked, written
    from tools.text.questions import answering, fits, foreign, statement, wanted

    text = texts_of(data).encode("utf-8", "replace").decode()
    said = statement(text)
    require(said is None or (bool(said.strip()) and "\n" not in said), "a statement is no line")
    kind = wanted(text)
    fits(text, kind)
    _ordered(text, answering(text, kind))
    if text.strip():
        foreign(text)
    for sentence in written(text):
        require(bool(sentence.text.strip()), "a sentence says nothing")
        require(len(set(sentence.numbers)) == len(sentence.numbers), "a number is cited twice")
    unmarked(text)


def addresses(data: bytes) -> None:
    """What is taken for an address is read alike again, and by another parser."""
    from urllib.parse import urlsplit

    from tools.web.addresses import PORTS, is_number, is_public, parse

    text = texts_of(data)
    is_public(text)
    try:
        address = parse(text)
    except InputError:
        return
    require(address.url.isascii() and address.url.isprintable(), "an address is no plain ASCII")
    require(address.port in PORTS and "@" not in address.url.split("/")[2], "another server")
    require(parse(address.url) == address, "an address reads otherwise again")
    require(urlsplit(address.url).hostname == address.host, "another host to urllib")
    import httpx2

    asked = httpx2.URL(address.url).raw_host.decode("ascii")
    require(asked == address.host, "another host to httpx")
    if is_number(address.host):
        is_public(address.host)


def _ordered(text: str, found: Iterable[_Spanned]) -> None:
    last = 0
    for item in found:
        require(0 <= item.start < item.end <= len(text), "a span is outside of the text")
        require(item.start >= last, "spans are out of order")
        last = item.start
