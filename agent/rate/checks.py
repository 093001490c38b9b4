"""What can be computed about a claim and a passage, instead of guessed by a model.

Figures, dates and quotations are compared by `tools`; here it is decided whether the
passage is about the same thing at all. Each finding names the sentence of the passage
that it rests on.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from tools.dates import DateMention, agree, alike, date_mentions, periods_agree
from tools.quantities import Comparison, Quantity, compare, quantities
from tools.quotes import find_quote, quotations
from tools.sentences import sentence_spans
from tools.spinning import plain_reading
from tools.words import content_stems, names

What = Literal["figure", "date", "quotation", "opposite"]
# How much of the claim's content a sentence must share before a difference in it counts.
_SHARED_FIGURE, _SHARED_COUNT, _SHARED_DATE, _SHARED_OPPOSITE = 0.2, 0.5, 0.5, 0.5
_SIDE = re.compile(
    r"\b(vote[ds]?|voting|spoke|speaks?|argued?|decided?|ruled?|campaigned?|came out)\s+"
    r"(for|in favou?r of|against)\b",
    re.I,
)


@dataclass(frozen=True)
class Finding:
    """One computed result.

    Attributes:
        what: what was compared.
        relation: whether the passage says the same, something else, or nothing.
        start, end: the sentence of the passage; 0, 0 where it is silent.
        note: for people.
    """

    what: What
    relation: Literal["same", "differs", "silent"]
    start: int = 0
    end: int = 0
    note: str = ""


def findings(claim: str, passage: str, *, setting: str = "", spun: bool = False) -> list[Finding]:
    """Everything computed about a claim and a passage.

    Args:
        claim: the claim's text.
        passage: the passage's text.
        setting: more of the source (its title, its opening), where its names may stand.
        spun: whether the source is machine-spun; its altered quotations say nothing.
    """
    found = _quotations(claim, passage, spun)
    if any(finding.what == "quotation" and finding.relation != "silent" for finding in found):
        return found  # who is quoted word for word is not contradicted by the figures around
    if names(claim) and not names(claim) & names(f"{setting}\n{passage}"):
        return found + [Finding("figure", "silent") for _ in quantities(claim)]
    sentences = [
        _Sentence(start, end, plain_reading(passage[start:end], spun=spun))
        for start, end in sentence_spans(passage)
    ]
    return [
        *found,
        *_figures(claim, sentences),
        *_dates(claim, sentences),
        *_sides(claim, sentences),
    ]


@dataclass(frozen=True)
class _Sentence:
    """A sentence of the passage: its span there, and its text in plain reading."""

    start: int
    end: int
    text: str


def _quotations(claim: str, passage: str, spun: bool) -> list[Finding]:
    """Each quotation of the claim: verbatim, altered, or silent where the claim is mostly
    made of it; a claim that only carries a quotation along can be settled without it."""
    found = []
    for quotation in quotations(claim):
        match = find_quote(quotation.text, passage)
        if match is None or (match.relation == "altered" and spun):
            if 2 * len(quotation.text) >= len(claim):
                found.append(Finding("quotation", "silent"))
        else:
            relation: Literal["same", "differs"] = (
                "same" if match.relation == "verbatim" else "differs"
            )
            span = _sentence_around(passage, match.start, match.end)
            found.append(Finding("quotation", relation, *span, match.note))
    return found


def _figures(claim: str, sentences: list[_Sentence]) -> list[Finding]:
    """For each figure of the claim: the same one in a sentence, else another one for the
    same measure in the sentence that shares most with the claim, else nothing."""
    found = []
    subject = content_stems(_without(claim, quantities(claim)))
    for ours in quantities(claim):
        same: Finding | None = None
        differs: tuple[float, Finding] | None = None
        for sentence in sentences:
            shared = _share(subject, sentence.text)
            least = _SHARED_COUNT if ours.unit == "count" else _SHARED_FIGURE
            for theirs in quantities(sentence.text):
                comparison = compare(ours, theirs) or _bare_match(ours, theirs)
                if comparison is None:
                    continue
                finding = Finding(
                    "figure", comparison.relation, sentence.start, sentence.end, comparison.note
                )
                if comparison.relation == "same":
                    same = same or finding
                elif (
                    shared >= least
                    and periods_agree(claim, sentence.text)
                    and (differs is None or shared > differs[0])
                ):
                    differs = (shared, finding)
        found.append(same or (differs and differs[1]) or Finding("figure", "silent"))
    return found


def _bare_match(ours: Quantity, theirs: Quantity) -> Comparison | None:
    """A figure without a measure of its own (`… to 18`) agrees with the same figure."""
    if ours.head or ours.unit != theirs.unit or not set(ours.values) & set(theirs.values):
        return None
    return Comparison("same", ours, theirs, f"{theirs.text}: the same figure")


def _dates(claim: str, sentences: list[_Sentence]) -> list[Finding]:
    """The date in the sentence that shares most with the claim, if it tells one."""
    mentions = date_mentions(claim)
    subject = content_stems(_without(claim, mentions))
    best: tuple[float, Finding] | None = None
    for sentence in sentences if mentions else []:
        theirs = date_mentions(sentence.text)
        shared = _share(subject, sentence.text)
        if not theirs or shared < _SHARED_DATE or (best and shared <= best[0]):
            continue
        if all(any(agree(a, b) for b in theirs) for a in mentions):
            best = (shared, Finding("date", "same", sentence.start, sentence.end))
            continue
        for a in mentions:
            others = [b for b in theirs if alike(a, b)]
            if others and not any(agree(a, b) for b in theirs):
                b = others[0]
                note = f"{claim[a.start : a.end]} against {sentence.text[b.start : b.end]}"
                best = (shared, Finding("date", "differs", sentence.start, sentence.end, note))
                break
    return [best[1]] if best else []


def _sides(claim: str, sentences: list[_Sentence]) -> list[Finding]:
    """Who voted, spoke or decided *for* something in one text and *against* it in the other."""
    ours = _SIDE.search(claim)
    if not ours:
        return []
    subject = content_stems(_SIDE.sub(" ", claim))
    for sentence in sentences:
        theirs = _SIDE.search(sentence.text)
        if not theirs or _share(subject, sentence.text) < _SHARED_OPPOSITE:
            continue
        if names(claim) and not names(claim) & names(sentence.text):
            continue
        against = [match[2].lower() == "against" for match in (ours, theirs)]
        if against[0] != against[1]:
            note = f"“{ours[0]}” against “{theirs[0]}”"
            return [Finding("opposite", "differs", sentence.start, sentence.end, note)]
    return []


def _share(subject: frozenset[str], sentence: str) -> float:
    return len(subject & content_stems(sentence)) / max(len(subject), 1)


def _without(text: str, spans: Sequence[Quantity | DateMention]) -> str:
    for span in reversed(spans):
        text = text[: span.start] + " " + text[span.end :]
    return text


def _sentence_around(text: str, start: int, end: int) -> tuple[int, int]:
    spans = [(a, b) for a, b in sentence_spans(text) if a < end and start < b]
    return (spans[0][0], spans[-1][1]) if spans else (start, end)
