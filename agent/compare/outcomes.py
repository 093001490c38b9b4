"""What came instead of a figure: the outcome of a plan, a first figure put right.

`80,000 had been hoped for; 57,000 came` contradicts 80,000 though it stands there in the claim's
own words. A text that says only that a figure was corrected does not contradict the corrected one.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from agent.compare.matching import Asked, Match, Told, one_thing
from agent.compare.subjects import Sentence
from tools.numbers.quantities import relate

# A figure that the passage itself takes back: `correcting an earlier figure of 45`.
_FORMER = re.compile(
    r"\b(?:earlier|first|initial(?:ly)?|original(?:ly)?|previous(?:ly)?|preliminary|provisional|"
    r"correct\w*|revis\w*|instead of|rather than|not)\b[^.;]{0,30}$",
    re.I,
)


def is_former(match: Match) -> bool:
    """Whether a text tells a figure only as one from before."""
    before = match.place.sentence.text[: match.figure.start]
    return match.figure.aspect == "earlier" or bool(_FORMER.search(before))


_FIRST_TOLD = re.compile(
    r"\b(?:first|initial(?:ly)?|original(?:ly)?|preliminary|provisional(?:ly)?|at first|"
    r"earlier (?:figure|count|estimate|report)s?(?: of)?)\b",
    re.I,
)
_PUT_RIGHT = re.compile(
    r"\b(?:final(?:ly)?|correct(?:ed|s|ing)|revised?|revis(?:es|ing)|definitive|re-?counted|"
    r"in the end|now (?:put|stands|said|thought|believed|estimated|reckoned))\b",
    re.I,
)
# A text that tells that a figure was put right, and not how: `it corrected its estimate`.
_IS_PUT_RIGHT = re.compile(
    r"\b(?:corrected|revised|withdr[ae]wn?|withdrew)\s+(?:its|the|their|his|her|that|this)\s+"
    r"(?:\w+\s+){0,2}?(?:estimate|figure|count|forecast|number|total|report|rate|value)s?\b",
    re.I,
)


def put_right(asked: Asked, same: Match, others: Sequence[Match]) -> Match | None:
    """What stands in place of the claim's figure, where a passage tells that only as a first one.

    `First put at 6.1, it was 5.7 in the final analysis` contradicts 6.1; not a claim that says
    itself that this was the first figure.
    """
    clause, told_final = same.place.text, bool(_PUT_RIGHT.search(asked.claim))
    if _FIRST_TOLD.search(asked.claim) or _PUT_RIGHT.search(clause):
        return None
    if not told_final and not (_FIRST_TOLD.search(clause) and same.figure.aspect == "told"):
        return None
    later = [
        other
        for other in others
        if _PUT_RIGHT.search(other.place.text)
        and not _FIRST_TOLD.search(other.place.text)
        and other.place.sentence.start >= same.place.sentence.start
        and other.figure.modifiers == same.figure.modifiers
        and one_thing(other.figure, same.figure)
    ]
    if len({other.figure.values for other in later}) != 1:
        return None
    note = (
        f"{same.figure.phrase} was the first figure; it was put right to {later[0].figure.phrase}"
    )
    return replace(later[0], note=note)


def superseded(asked: Asked, other: Match, sentences: Sequence[Sentence]) -> bool:
    """Whether a claim tells the figure put right, and the passage only the one before that."""
    if not _PUT_RIGHT.search(asked.claim) or _PUT_RIGHT.search(other.place.text):
        return False
    return any(
        sentence.start >= other.place.sentence.start and _IS_PUT_RIGHT.search(sentence.text)
        for sentence in sentences
    )


_PLANNED = 0.6
"""Least share of the claim around its figure as a plan, for what came of it to contradict."""


def turned_out(asked: Asked, found: Sequence[Told]) -> Match | None:
    """What came instead of a plan: `80,000 had been hoped for. Owing to the storm, 57,000 came.`

    The outcome is the next figure of its kind that is told as a fact; it need not repeat of what
    it is, since the plan has just said so.
    """
    ours = asked.figure
    if ours.aspect != "told":
        return None
    for number, (plan, place) in enumerate(found):
        planned = plan.aspect == "expected" and plan.unit == ours.unit
        if not planned or relate(ours, plan) != "same" or place.shared(asked.subject) < _PLANNED:
            continue
        if not place.of_claim(asked.claim):
            continue
        for outcome, there in found[number + 1 :]:
            if outcome.unit != plan.unit or outcome.rate != plan.rate:
                continue
            known = outcome.aspect == "told" and outcome.change == plan.change
            if not known or not there.of_claim(asked.claim) or not one_thing(plan, outcome):
                break
            if relate(ours, outcome) != "differs":
                break
            if any(relate(other, outcome) == "same" for other in asked.others):
                break  # the claim tells both
            shared = place.shared(asked.subject)
            note = f"{ours.phrase} was expected; it was {outcome.phrase}"
            return Match("differs", shared, there, outcome, note)
    return None


_REACHED = re.compile(
    r"\b(?:ris(?:en|es)|rose|gr[eo]wn?|climbed|increased|fell|fallen|dropped|gone (?:up|down)|"
    r"went (?:up|down)|shrunk|shrank|swollen|reached|raised|lowered|put)\s+(?:to|at)?\s*"
    r"(?:\w+\s+){0,2}$",
    re.I,
)


def overtaken(other: Match, same: Match) -> bool:
    """Whether another figure is a first one, and the claim's what became of it: `at first 3,000; by
    night it had risen to 5,000`."""
    if same.place.sentence.start < other.place.sentence.start:
        return False
    text, figure = same.place.sentence.text, same.figure
    first = other.place.sentence == same.place.sentence and other.figure.end <= figure.start
    later = first or other.place.sentence.start < same.place.sentence.start
    reached = _REACHED.search(text[max(0, figure.start - 40) : figure.start])
    return later and bool(reached) and bool(_FIRST_TOLD.search(other.place.text))
