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
from tools.quantities import Comparison, Quantity, compare, meet, quantities
from tools.quotes import find_quote, quotations
from tools.sentences import sentence_spans
from tools.spinning import plain_reading
from tools.words import antonyms, content_stems, names

What = Literal["figure", "date", "quotation", "opposite"]
# How much of the claim's content a sentence must share before a difference in it counts.
_SHARED_FIGURE, _SHARED_COUNT, _SHARED_DATE, _SHARED_OPPOSITE = 0.2, 0.5, 0.5, 0.5
_SHARED_EVENT = 0.5
"""The same for what is left without the names: on the calibration pairs, asking for it raises
the share of differing dates that are labelled conflicting from 0.64 to 0.73."""
_OPENING = 4
"""Words at the beginning of a sentence in which its subject is named."""
# Parts of names that tell nobody apart.
_COMMON_PARTS = frozenset(
    "line group bank company council university ministry agency authority party committee union "
    "institut club school hospit inc corp ltd plc ceo cfo coo mr mrs ms dr sir mayor presid minist "
    "prime secretari director chancellor senat chief execut north south east west new the".split()
)
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
    context = content_stems(f"{setting}\n{plain_reading(passage, spun=spun)}")
    if names(claim) and not names(claim) & context:
        return found + [Finding("figure", "silent") for _ in quantities(claim)]
    sentences = [
        _Sentence(start, end, plain_reading(passage[start:end], spun=spun))
        for start, end in sentence_spans(passage)
    ]
    return [
        *found,
        *_figures(claim, sentences, context),
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


def _figures(claim: str, sentences: list[_Sentence], context: frozenset[str]) -> list[Finding]:
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
                    and (differs is None or shared > differs[0])
                    and periods_agree(claim, sentence.text)
                    and _same_subject(claim, sentence.text)
                    and _same_scope(ours, theirs, content_stems(claim), context)
                ):
                    differs = (shared, finding)
        found.append(same or (differs and differs[1]) or Finding("figure", "silent"))
    return found


def _bare_match(ours: Quantity, theirs: Quantity) -> Comparison | None:
    """A figure without a measure of its own (`… to 18`) agrees with the same figure."""
    if ours.head or ours.unit != theirs.unit:
        return None
    if not set(ours.values) & set(theirs.values) and (
        ours.bound == "exact" or not meet(ours, theirs)
    ):
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
        if not _same_subject(claim, sentence.text):
            continue
        if not _same_event(subject, claim, sentence.text) or antonyms(claim, sentence.text):
            continue
        if quantities(claim) and not _shares_figure(claim, sentence.text):
            continue  # another figure for another period is no contradiction
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
    ours = _sides_in(claim)
    if len(ours) != 1:
        return []
    subject = content_stems(_SIDE.sub(" ", claim))
    for sentence in sentences:
        theirs = _sides_in(sentence.text)
        # Of a sentence that names both sides it is not known who stands on which.
        if len(theirs) != 1 or ours.keys() == theirs.keys():
            continue
        # Twelve for and nine against are no contradiction, but the two sides of one vote.
        if quantities(claim) or quantities(sentence.text):
            continue
        alike = _share(subject, sentence.text) >= _SHARED_OPPOSITE
        if (
            alike
            and _same_subject(claim, sentence.text)
            and _same_event(subject, claim, sentence.text)
        ):
            note = f"“{next(iter(ours.values()))}” against “{next(iter(theirs.values()))}”"
            return [Finding("opposite", "differs", sentence.start, sentence.end, note)]
    return []


def _sides_in(text: str) -> dict[bool, str]:
    """The sides that a text tells, against or not, with the words for each."""
    return {match[2].lower() == "against": match[0] for match in _SIDE.finditer(text)}


def _shares_figure(claim: str, sentence: str) -> bool:
    return any(
        (comparison := compare(ours, theirs) or _bare_match(ours, theirs))
        and comparison.relation == "same"
        for ours in quantities(claim)
        for theirs in quantities(sentence)
    )


def _same_subject(claim: str, sentence: str) -> bool:
    """Whether a sentence may be about whom the claim is about, as far as names tell.

    Where both name somebody, they must share a name; where both begin with a name, those
    must be the same. A sentence without a name may be about anybody: `The company …`.
    """
    ours, theirs = _own_names(claim), _own_names(sentence)
    if ours and theirs and not ours & theirs:
        return False
    first, second = (_own_names(" ".join(t.split()[:_OPENING])) for t in (claim, sentence))
    return not first or not second or bool(first & second)


def _own_names(text: str) -> frozenset[str]:
    return names(text) - _COMMON_PARTS


def _same_scope(
    ours: Quantity, theirs: Quantity, claim: frozenset[str], context: frozenset[str]
) -> bool:
    """Whether neither figure is narrowed to something that the other text does not speak of.

    Sales of electric cars are no sales of cars; twelve injured are not twelve killed.
    """
    if ours.unit == "count" and ours.modifiers != theirs.modifiers:
        return False
    return ours.scope <= context and theirs.scope <= claim


def _same_event(subject: frozenset[str], claim: str, sentence: str) -> bool:
    """Whether a sentence shares with the claim more than the names of those concerned."""
    event = subject - names(claim)
    return not event or _share(event, sentence) >= _SHARED_EVENT


def _share(subject: frozenset[str], sentence: str) -> float:
    return len(subject & content_stems(sentence)) / max(len(subject), 1)


def _without(text: str, spans: Sequence[Quantity | DateMention]) -> str:
    for span in reversed(spans):
        text = text[: span.start] + " " + text[span.end :]
    return text


def _sentence_around(text: str, start: int, end: int) -> tuple[int, int]:
    spans = [(a, b) for a, b in sentence_spans(text) if a < end and start < b]
    return (spans[0][0], spans[-1][1]) if spans else (start, end)
