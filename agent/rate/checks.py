"""What can be computed about a claim and a passage, instead of guessed by a model.

Figures, dates and quotations are compared by `tools`; here it is decided whether the
passage is about the same thing at all. Each finding names the sentence of the passage
that it rests on.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from tools.dates import agree, alike, date_mentions, periods_agree
from tools.quantities import Comparison, compare, quantities
from tools.quotes import find_quote, quotations
from tools.sentences import sentence_spans
from tools.words import content_stems, covered, names

What = Literal["figure", "date", "quotation"]
# How much of the claim's content a sentence must share before a difference in it counts.
_SHARED_FIGURE, _SHARED_COUNT, _SHARED_DATE = 0.2, 0.5, 0.5


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
    return found + _figures(claim, passage) + _dates(claim, passage)


def _quotations(claim: str, passage: str, spun: bool) -> list[Finding]:
    found = []
    for quotation in quotations(claim):
        match = find_quote(quotation.text, passage)
        if match is None or (match.relation == "altered" and spun):
            found.append(Finding("quotation", "silent"))
        else:
            relation: Literal["same", "differs"] = (
                "same" if match.relation == "verbatim" else "differs"
            )
            span = _sentence_around(passage, match.start, match.end)
            found.append(Finding("quotation", relation, *span, match.note))
    return found


def _figures(claim: str, passage: str) -> list[Finding]:
    found = []
    subject = content_stems(_without_figures(claim))
    for ours in quantities(claim):
        same: tuple[Comparison, int, int] | None = None
        differs: tuple[float, Comparison, int, int] | None = None
        for start, end in sentence_spans(passage):
            sentence = passage[start:end]
            shared = len(subject & content_stems(sentence)) / max(len(subject), 1)
            least = _SHARED_COUNT if ours.unit == "count" else _SHARED_FIGURE
            for theirs in quantities(sentence):
                comparison = compare(ours, theirs)
                if comparison is None:
                    if ours.unit == theirs.unit and not ours.head and _equal(ours, theirs):
                        same = same or (
                            Comparison("same", ours, theirs, f"{theirs.text}: the same figure"),
                            start,
                            end,
                        )
                elif comparison.relation == "same":
                    same = same or (comparison, start, end)
                elif shared >= least and periods_agree(claim, sentence):
                    if differs is None or shared > differs[0]:
                        differs = (shared, comparison, start, end)
        if same:
            found.append(Finding("figure", "same", same[1], same[2], same[0].note))
        elif differs:
            found.append(Finding("figure", "differs", differs[2], differs[3], differs[1].note))
        else:
            found.append(Finding("figure", "silent"))
    return found


def _equal(ours: object, theirs: object) -> bool:
    from tools.quantities import Quantity

    if not (isinstance(ours, Quantity) and isinstance(theirs, Quantity)):
        return False
    return bool(set(ours.values) & set(theirs.values))


def _dates(claim: str, passage: str) -> list[Finding]:
    mentions = date_mentions(claim)
    if not mentions:
        return []
    subject = content_stems(_without_dates(claim))
    best: tuple[float, Finding] | None = None
    for start, end in sentence_spans(passage):
        sentence = passage[start:end]
        theirs = date_mentions(sentence)
        shared = len(subject & content_stems(sentence)) / max(len(subject), 1)
        if not theirs or shared < _SHARED_DATE:
            continue
        if all(any(agree(a, b) for b in theirs) for a in mentions):
            finding = Finding("date", "same", start, end)
        else:
            pairs = [
                (a, b)
                for a in mentions
                for b in theirs
                if alike(a, b) and not any(agree(a, other) for other in theirs)
            ]
            if not pairs:
                continue
            a, b = pairs[0]
            note = f"{claim[a.start : a.end]} against {sentence[b.start : b.end]}"
            finding = Finding("date", "differs", start, end, note)
        if best is None or shared > best[0]:
            best = (shared, finding)
    return [best[1]] if best else []


def _without_figures(text: str) -> str:
    for quantity in reversed(quantities(text)):
        text = text[: quantity.start] + " " + text[quantity.end :]
    return text


def _without_dates(text: str) -> str:
    for mention in reversed(date_mentions(text)):
        text = text[: mention.start] + " " + text[mention.end :]
    return text


def _sentence_around(text: str, start: int, end: int) -> tuple[int, int]:
    spans = [(a, b) for a, b in sentence_spans(text) if a < end and start < b]
    return (spans[0][0], spans[-1][1]) if spans else (start, end)


__all__ = ["Finding", "covered", "findings"]
