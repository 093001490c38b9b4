"""Figures that a passage tells of something else, though the number and the unit are the claim's.

`The coach takes nine hours` says nothing of the train; `40 per cent of the hotels` nothing of 40
per cent of the guests; what was sold in the first quarter was not sold in the second. Only what
the words of both texts set apart counts here: a passage that merely uses other words may mean the
same.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from agent.compare.matching import Asked, Told
from agent.compare.placing import Place
from agent.compare.subjects import Sentence, own_names
from agent.compare.time_spans import apart
from agent.compare.vocabulary import OF_THEM
from tools.numbers.contrasts import set_apart
from tools.numbers.hedges import HEDGING
from tools.numbers.measures import kin
from tools.numbers.quantities import Quantity, relate
from tools.text.words import content_stems, names
from tools.times.dates import date_mentions, periods_agree

_OF_WHAT = re.compile(r"\s+of\s+((?:[^\W\d_’']+[\s-]?){1,4})", re.I)
_PLURAL = re.compile(r"\b[a-z]{2,}(?:s|men|people|children|staff)\b")
_NO_THINGS = frozenset("was is has its his this thus as does always perhaps besides".split())
_WHEN = re.compile(r"\s+(?:years old\s+)?when\s+(?:(?:he|she|it|they)\s+)?(.+)", re.I)
_AT_THE_TIME = re.compile(r"\b(?:then|at the time|that (?:day|year))\b", re.I)
_LEAST_OWN = 3
"""Words of its own that the clause of a figure has which is of another thing."""
_NOUNS = re.compile(
    r"(?:(?:The|Its|Their|His|Her|A|An|All|These|Those)\s+)?((?:[\w’-]+\s+){0,2}?[\w’-]+),?\s+"
    r"(?:of|from|in|at|on|for|with|to|is|are|was|were|will|would|has|have|had|can|could|does|do|did|"
    r"which|who|that)\b"
)
_PLANNED = re.compile(
    r"\b(?:set aside|earmarked|allocated|budgeted|planned|expected|forecast|target\w*|hoped)\b",
    re.I,
)
_TOLD_HERE = 0.7
"""Share of the claim's words but names from which a sentence speaks of the same thing."""
_SAYING = content_stems(
    f"{HEDGING} said says told report reported announced according official spokesman year month "
    "week day last first also now new total number figure"
)


def of_another(asked: Asked, theirs: Quantity, place: Place) -> bool:
    """Whether the words around a figure set it apart from the claim's.

    Args:
        asked: the figure of the claim.
        theirs: a figure of the passage.
        place: where that stands.
    """
    claim, ours = asked.claim, asked.figure
    return (
        apart(claim, place)
        or _of_year_before(claim, place)
        or (ours.unit == "%" == theirs.unit and _of_others_share(asked, theirs, place))
        or ("age" in (ours.unit, theirs.unit) and _at_another_event(asked, place))
    )


def only_of_another(asked: Asked, found: Sequence[Told]) -> bool:
    """Whether a passage has the claim's figure, and each time of something that is set apart."""
    ours = asked.figure
    like = [
        (figure, place)
        for figure, place in found
        if figure.unit == ours.unit and relate(ours, figure) == "same"
    ]
    return bool(like) and all(
        of_another(asked, figure, place)
        or set_apart(asked.claim, place.text)
        or (ours.aspect == "told" and figure.aspect == "expected" and _PLANNED.search(place.text))
        for figure, place in like
    )


def subject_elsewhere(asked: Asked, place: Place, sentences: Sequence[Sentence]) -> bool:
    """Whether a later sentence takes up what the claim is about, and that of the figure speaks of
    something else: `The band plays 12 concerts. The choir has announced none.`

    The claim's subject must be missing around the figure and open the other sentence, and the
    clause of the figure must have several words of its own.
    """
    if place.told or place.told_here(asked.subject) >= _TOLD_HERE:
        return False
    ours = _subject_told(asked.claim)
    missing = {word for word in ours if word.isalpha() and word not in place.near}
    if not missing:
        return False
    known = kin(asked.content) | asked.subject.words | asked.subject.names
    own = {word for word in place.clause - known if word.isalpha()} - _SAYING
    if len(own) < _LEAST_OWN:
        return False
    return any(
        sentence.start > place.sentence.start and missing & _subject_told(sentence.text)
        for sentence in sentences
    )


def _subject_told(text: str) -> frozenset[str]:
    """Stems of the nouns that a text opens with, names left out: `choir` of `The choir of Marsh
    Hill will …`. None where what follows them does not show where they end."""
    match = _NOUNS.match(text)
    return kin(content_stems(match[1]) - names(text)) if match else frozenset()


def _of_year_before(claim: str, place: Place) -> bool:
    """Whether a sentence goes on with one that tells another time: `In 2023 … . It made 40.`"""
    if not place.told or date_mentions(place.sentence.text):
        return False
    return not periods_agree(claim, place.told)


def _of_others_share(asked: Asked, theirs: Quantity, place: Place) -> bool:
    """Whether a share is of others: `they asked the hotels; 40 per cent of them` of the guests."""
    text = place.sentence.text
    wanted = _OF_WHAT.match(asked.claim, asked.figure.end)
    if not wanted or not OF_THEM.match(text, theirs.end):
        return False
    whole = kin(content_stems(wanted[1]))
    told_of = asked.subject.words - whole
    if told_of and not told_of & place.near:
        return True  # what is said of them is something else
    things = [
        match[0]
        for match in _PLURAL.finditer(f"{place.told}{text[: theirs.start]}")
        if match[0] not in _NO_THINGS
    ]
    return bool(things) and not kin(content_stems(things[-1])) & whole


def _at_another_event(asked: Asked, place: Place) -> bool:
    """Whether an age is told of another event: `was admitted at 64` of `was 64 when she fell ill`.

    A clause that has no event of its own (`She was 64 then`) goes on with the one before.
    """
    event = _WHEN.match(asked.claim, asked.figure.end)
    if not event or _AT_THE_TIME.search(place.text):
        return False
    wanted = kin(content_stems(event[1])) - asked.subject.names - _SAYING
    own = place.clause - kin(asked.content) - own_names(place.text) - _SAYING
    return bool(wanted) and not wanted & place.near and any(word.isalpha() for word in own)
