"""Splits an article into claims by rules: offline, at once, the same every time.

A claim is a sentence, or a clause of it that could be true while the rest is false; a
clause keeps its figures. What a reader would have to look up (who `he` is, which day
`Tuesday` was) is written into the claim's text and listed in `context_added`. Where
the rules do not know, they change nothing.

`clauses.py` splits a sentence, `asides.py` finds what is said in passing, `discourse.py`
makes a clause read alone, `attribution.py` tells who says it, `linking.py` which claims
are of the same content.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from datetime import date
from typing import TypeVar

from agent.claims import OnClaims, Split, excluded, finish
from agent.claims.attribution import LongQuotation, Quotations, kind_of, speaker_in
from agent.claims.clauses import Clause, clauses
from agent.claims.discourse import Discourse
from agent.claims.exclusions import Reason, is_vague, why_excluded
from agent.claims.finite import has_verb
from agent.claims.linking import link
from agent.claims.naming import Cast, place_words, proper_words
from agent.types import Article, Claim, Excluded
from tools.text.instructions import without_instructions
from tools.text.sentences import paragraph_spans, sentence_spans
from tools.text.spinning import is_spun, plain_reading
from tools.times.dates import parse_day
from tools.times.periods import Period, periods

_Item = TypeVar("_Item", Claim, Excluded)

_LEAD_IN = re.compile(
    r"^(?:(?:meanwhile|moreover|furthermore|nevertheless|nonetheless|and|but|even|yet|"
    r"so(?!\s+(?:far|long|many|much|few|little|do|does|did|is|are|was|were|has|have|had|will)\b))\b,?|"
    r"(?:however|indeed|even so|in addition|in fact|by contrast|as a result|also|still|besides|"
    r"instead|then|thus),)\s+",
    re.I,
)
_PRONOUNS = frozenset("he she it they".split())
_CLOSED = re.compile(r"[.!?…:;]\W*$")


class RuleSplitter:
    """The splitter that needs no model."""

    async def split(
        self,
        article: Article,
        on_done: Callable[[int, int], None],
        on_claims: OnClaims = lambda _: None,
    ) -> Split:
        """As `agent.claims.Splitter`: all claims are told together; never fails.

        What addresses the checker is blank to it, so that nothing around it is split otherwise.
        """
        whole, article = (
            article,
            article.model_copy(update={"text": without_instructions(article.text)}),
        )
        spun = is_spun(article.text)
        text = article.text
        discourse = Discourse(Cast(text), proper=proper_words(text), places=place_words(text))
        claims: list[Claim] = []
        left_out: list[Excluded] = []
        paragraphs = paragraph_spans(article.text)
        sentences = sentence_spans(article.text, article.language)
        said = Quotations(article.text, paragraphs, sentences)
        written = parse_day(article.published_at)
        previous: Reason | None = None
        paragraph = 0
        for done, (start, end) in enumerate(sentences, 1):
            while paragraphs[paragraph][1] <= start:
                paragraph, previous = paragraph + 1, None
            alone = paragraphs[paragraph] == (start, end)
            sentence = article.text[start:end]
            previous = why_excluded(article, start, end, alone=alone, after=previous)
            if previous:
                left_out.append(excluded(article, start, end, previous.reason, previous.detail))
                if previous.reason != "boilerplate":  # it may name who `she` is next
                    discourse.read(_reading(sentence, spun))
            elif quotation := said.around(start, end):
                claims.append(_quoted(article, start, end, quotation))
                discourse.before = ""
            else:
                for clause in clauses(sentence):
                    if is_vague(article.text[start + clause.start : start + clause.end]):
                        span = (start + clause.start, start + clause.end)
                        detail = "too vague to be checked"
                        left_out.append(excluded(article, *span, "not_checkable", detail))
                        continue
                    claims.append(_claim(article, start, clause, discourse, spun, written))
                    discourse.read(_reading(clause.text, spun))
                    discourse.before = claims[-1].text
            on_done(done, len(sentences))
        split = link(finish(whole, _as_written(whole, claims), _as_written(whole, left_out)))
        on_claims(split.claims)
        return split


def _as_written(article: Article, items: Sequence[_Item]) -> list[_Item]:
    """Claims or exclusions with their quotes as the article has them."""
    return [
        item.model_copy(update={"quote": article.text[item.start : item.end]}) for item in items
    ]


def _claim(
    article: Article,
    offset: int,
    clause: Clause,
    discourse: Discourse,
    spun: bool,
    written: date | None,
) -> Claim:
    start, end = offset + clause.start, offset + clause.end
    text, context = _reading(clause.text, spun), list(clause.added)
    if text != clause.text:
        context.append("plain reading of machine-spun words")
    if text.startswith("(") and text.endswith(")"):
        text = text[1:-1]
    text = _LEAD_IN.sub("", text)
    text = text[:1].upper() + text[1:]
    whole = discourse.alone(text, start)
    text = whole.text
    context = [told for told in context if told.lower() not in _PRONOUNS] + whole.added
    if written:
        for period in reversed(periods(text, written)):
            if told := _told(period, text, written):
                end_of_words = period.end
                if part := _PART_OF_DAY.match(text, period.end):
                    end_of_words = part.end()
                text = f"{text[:end_of_words]} ({told})" + text[end_of_words:]
                context.append(told)
    if text != article.text[start:end] and has_verb(text) and not _CLOSED.search(text):
        text += "."
    return Claim(
        id="c0",
        text=text,
        quote=article.text[start:end],
        start=start,
        end=end,
        kind=kind_of(text),
        speaker=speaker_in(text, discourse.full, discourse.cast),
        context_added=context,
        unclear=whole.unclear,
    )


_PART_OF_DAY = re.compile(r"\s(?:(?:early|late)\s)?(?:morning|afternoon|evening|night)\b")
_DAY = re.compile(
    r"(?:(?:on|late|early|by|until|since|said|from|last|this|next|this past|this coming|past|coming)\s)?"
    r"\w{3,6}day|yesterday|tomorrow|today|tonight|the day (?:before yesterday|after tomorrow)|"
    r"last night|this (?:morning|afternoon|evening)",
    re.I,
)
_SPAN = re.compile(r"(?:last|this|next)\s(?:month|quarter|year|decade|century)", re.I)
_OF_A_YEAR = re.compile(r"\b(?P<which>last|this|next) year$", re.I)
_LAST_MONTH = re.compile(r"last\s[A-Z][a-z]+")
_AHEAD = re.compile(r"\b(?:next|coming|tomorrow)\b", re.I)
_USES = re.compile(r"[’'-]|\s?\(")


def _told(period: Period, text: str, written: date) -> str | None:
    """What is written after words that depend on the day of writing; None where nothing is.

    Nothing where the words own something (`this year’s budget`), where their date stands beside
    them already, where they have two readings, and where a weekday may be the next one or
    `last May` that of this year.
    """
    words = period.text
    if len(period.spans) != 1 or _USES.match(text, period.end) or words.endswith(("’s", "'s")):
        return None
    (first, _) = period.spans[0]
    if year := _OF_A_YEAR.search(words):
        shift = {"last": -1, "this": 0, "next": 1}[year["which"].lower()]
        return str(written.year + shift) if period.bound == "about" else period.reading
    if period.mention or period.bound == "about":
        return None
    if _DAY.fullmatch(words):
        title = words[0].isupper() and text[: period.start].rstrip(" “\"'‘(")[-1:] not in _ENDS
        name = title and not words.lower().endswith(_WEEKDAYS)  # the newspaper `USA Today`
        return None if name or (first > written and not _AHEAD.search(words)) else period.reading
    if _LAST_MONTH.fullmatch(words):
        return period.reading if first.year < written.year else None
    return period.reading if _SPAN.fullmatch(words) else None


_WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_ENDS = frozenset(["", ".", "!", "?", ":", ";"])


def _quoted(article: Article, start: int, end: int, quotation: LongQuotation) -> Claim:
    """A sentence of a quotation that is longer than it: the words of its speaker."""
    quote = article.text[start:end]
    text, speaker = quote, quotation.speaker
    inside = quotation.start <= start or speaker is None or speaker not in quote
    context, unclear = [], []
    if speaker and not quotation.sure:
        unclear = [f"These may be words of {speaker}; the article does not say so."]
        speaker = None
    elif inside and speaker:
        text = f"{quote} (words of {speaker})"
        context = [speaker]
    elif inside:
        unclear = ["The article does not tell whose words these are."]
    return Claim(
        id="c0",
        text=text,
        quote=quote,
        start=start,
        end=end,
        kind="quotation",
        speaker=speaker,
        context_added=context,
        unclear=unclear,
    )


def _reading(quote: str, spun: bool) -> str:
    return plain_reading(quote, spun=True) if spun else quote
