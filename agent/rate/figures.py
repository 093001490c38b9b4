"""The figures and dates of a claim, compared with those of a passage.

`tools.quantities` and `tools.dates` compare two of them; here it is decided which two are of
the same thing.
"""

from __future__ import annotations

from collections.abc import Sequence

from agent.rate.subjects import Finding, Sentence, same_event, same_subject, share
from tools.dates import DateMention, agree, alike, date_mentions, periods_agree
from tools.quantities import Comparison, Quantity, compare, meet, quantities
from tools.words import antonyms, content_stems

# How much of the claim's content a sentence must share before a difference in it counts.
_SHARED_FIGURE, _SHARED_COUNT, _SHARED_DATE = 0.2, 0.5, 0.5


def figures(claim: str, sentences: list[Sentence], context: frozenset[str]) -> list[Finding]:
    """For each figure of the claim: the same one in a sentence, else another one for the
    same measure in the sentence that shares most with the claim, else nothing."""
    found = []
    subject = content_stems(_without(claim, quantities(claim)))
    for ours in quantities(claim):
        same: Finding | None = None
        differs: tuple[float, Finding] | None = None
        for sentence in sentences:
            shared = share(subject, sentence.text)
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
                    and same_subject(claim, sentence.text)
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


def dates(claim: str, sentences: list[Sentence]) -> list[Finding]:
    """The date in the sentence that shares most with the claim, if it tells one."""
    mentions = date_mentions(claim)
    subject = content_stems(_without(claim, mentions))
    best: tuple[float, Finding] | None = None
    for sentence in sentences if mentions else []:
        theirs = date_mentions(sentence.text)
        shared = share(subject, sentence.text)
        if not theirs or shared < _SHARED_DATE or (best and shared <= best[0]):
            continue
        if all(any(agree(a, b) for b in theirs) for a in mentions):
            best = (shared, Finding("date", "same", sentence.start, sentence.end))
            continue
        if not same_subject(claim, sentence.text):
            continue
        if not same_event(subject, claim, sentence.text) or antonyms(claim, sentence.text):
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


def _shares_figure(claim: str, sentence: str) -> bool:
    return any(
        (comparison := compare(ours, theirs) or _bare_match(ours, theirs))
        and comparison.relation == "same"
        for ours in quantities(claim)
        for theirs in quantities(sentence)
    )


def _same_scope(
    ours: Quantity, theirs: Quantity, claim: frozenset[str], context: frozenset[str]
) -> bool:
    """Whether neither figure is narrowed to something that the other text does not speak of.

    Sales of electric cars are no sales of cars; twelve injured are not twelve killed.
    """
    if ours.unit == "count" and ours.modifiers != theirs.modifiers:
        return False
    return ours.scope <= context and theirs.scope <= claim


def _without(text: str, spans: Sequence[Quantity | DateMention]) -> str:
    for span in reversed(spans):
        text = text[: span.start] + " " + text[span.end :]
    return text
