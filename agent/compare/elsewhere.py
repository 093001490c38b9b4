"""Figures that a passage tells of something else, though the number and the unit are the claim's.

`The coach takes nine hours` says nothing of the train; `40 per cent of the hotels` nothing of 40
per cent of the guests; what was sold in the first quarter was not sold in the second; what a
pipeline can carry it need not carry. Only what the words of both texts set apart counts here: a
passage that merely uses other words may mean the same.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from agent.compare.matching import LATER, MONTHS_OF, Asked, Told
from agent.compare.placing import Place
from agent.compare.subjects import Sentence, own_names
from agent.compare.time_spans import apart, averaged_over_another
from agent.compare.vocabulary import MOVES, OF_THEM
from tools.numbers.contrasts import set_apart
from tools.numbers.hedges import HEDGING
from tools.numbers.measures import kin
from tools.numbers.quantities import Quantity, relate
from tools.text.words import content_stems, names, stem
from tools.times.dates import date_mentions, periods_agree

_OF_WHAT = re.compile(r"\s+of\s+((?:[^\W\d_’']+[\s-]?){1,4})", re.I)
_PLURAL = re.compile(r"\b[a-z]{2,}(?:s|men|people|children|staff)\b")
_NO_THINGS = frozenset("was is has its his this thus as does always perhaps besides".split())
_WHEN = re.compile(r"\s+(?:years old\s+)?when\s+(?:(?:he|she|it|they)\s+)?(.+)", re.I)
_AT_THE_TIME = re.compile(r"\b(?:then|at the time|that (?:day|year))\b", re.I)
_HAS = re.compile(r"(?:(?:The|An?|All|Most|Every)\s)?([a-z-]{3,})\s(?:has|have|had|needs?)\b", re.I)
_EACH = re.compile(
    r"\b(?:(?:each|every)(?! (?:other|time|day|week|month|quarter|year|season|hour)\b)|apiece)\b",
    re.I,
)
_TOGETHER = re.compile(
    r"\b(?:together|combined|altogether|in total|between them|in all(?=\W*$|[,.;]))\b", re.I
)
_OF_EACH = re.compile(r"\b(?:each|every one|all) of (?:(?:[\w’']+) ){0,4}$", re.I)
_THOSE = re.compile(
    r"\bof (?:those|(?:the|all) people)\s"
    r"(?:(?:who|that)\s(?:(?:had|have|has|were|are|was|been|did)\s)*"
    r"([a-z]{3,})|([a-z]{2,}ed|chosen|taken|given|sent|born)\b)",
    re.I,
)
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
        or _of_one_and_all(claim, ours, place)
        or _of_thing_beside(claim, theirs, place)
        or _of_other_number(claim, place)
        or (ours.unit == "%" and not ours.change and averaged_over_another(claim, place))
        or (
            ours.unit == "%" == theirs.unit
            and (_of_others_share(asked, theirs, place) or _of_those_others(asked, theirs, place))
        )
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
        or _only_possible(asked.claim, figure, place)
        or _is_distance_in_time(asked, figure, place)
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


def only_beside(asked: Asked, place: Place, sentences: Sequence[Sentence]) -> bool:
    """Whether nothing around a figure is of what the claim says, which another part of the passage
    tells: `Tickets bring in 3 million; artists' fees are the biggest expense`."""
    words = {word for word in asked.subject.words if word.isalpha()}
    if place.told or len(words) < _LEAST_BESIDE or words & place.near:
        return False
    if _GOES_ON.search(place.text) or asked.subject.names & place.near:
        return False
    own = place.clause - kin(asked.content) - _SAYING - MOVES - asked.subject.names
    if not any(word.isalpha() for word in own):
        return False
    parts = (part for sentence in sentences for part in _PARTS.split(sentence.text))
    return any(
        len(words & kin(content_stems(part))) >= _LEAST_BESIDE
        for part in parts
        if place.text.strip() not in part
    )


_GOES_ON = re.compile(
    r"\b(?:it|they|this|that|these|those|number|figure|total|count|toll|tally|rate|level)s?\b", re.I
)
_LEAST_BESIDE = 2
"""Words of the claim that another part of a passage has, to speak of what the claim speaks of."""
_PARTS = re.compile(r";|\b(?:while|whereas|but|although)\b")
# `The number of burglaries`, and that of car thefts.
_NUMBER_OF = re.compile(
    r"\b(?:number|share|proportion|percentage|value|price|production|consumption)s? of "
    r"((?:(?!in\b|at\b|on\b|of\b|who\b|that\b|which\b)[a-z-]+\s){0,3}?[a-z-]+)"
    r"(?=\s(?:in|at|on|of|for|from|by|to|who|that|which|was|were|is|are|has|have|had|will|"
    r"[a-z]+ed|rose|fell|grew|shrank|went|came|stood)\b|[.,;]|$)"
)


def _of_other_number(claim: str, place: Place) -> bool:
    """Whether a figure is of the number of other things, and the passage tells of the claim's apart
    from them."""
    ours, theirs = _NUMBER_OF.search(claim), _NUMBER_OF.search(place.text)
    if not ours or not theirs:
        return False
    wanted, told = (kin(content_stems(match[1])) for match in (ours, theirs))
    return bool(wanted and told) and not wanted & place.near and wanted <= place.far


_POSSIBLE = re.compile(
    r"\b(?:can|could|(?:is|are|was|were) able to)\s+(?P<verb>[a-z]+)\s[^.;]{0,30}$|"
    r"\b(?:designed|built|intended|meant|planned) for\s(?:[a-z]+\s){0,3}(?:of\s)?$"
)
_CAPACITY = re.compile(
    r"\b(?:can|could|able|capable|capacity|capacities|room|space|designed|built|intended|meant|"
    r"up to|maximum|at most|holds?|seats?|takes?|accommodates?|sleeps?|fits?|stores?)\b",
    re.I,
)


def _only_possible(claim: str, figure: Quantity, place: Place) -> bool:
    """Whether a passage tells what could be, and the claim what is: `can transport 40 million cubic
    metres a day`, `built for a garrison of 3,500`."""
    possible = _POSSIBLE.search(place.sentence.text[: figure.start])
    if not possible or _CAPACITY.search(claim):
        return False
    return not possible["verb"] or stem(possible["verb"]) in content_stems(claim)


def _is_distance_in_time(asked: Asked, figure: Quantity, place: Place) -> bool:
    """Whether a stretch of time is told as the distance of two events, and the claim tells how long
    something took: `ten years after his first book`."""
    if asked.figure.unit not in MONTHS_OF or LATER.match(asked.claim, asked.figure.end):
        return False
    return bool(LATER.match(place.sentence.text, figure.end))


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


def _of_one_and_all(claim: str, ours: Quantity, place: Place) -> bool:
    """Whether one figure is told of each, the other of all taken together.

    `Each of the four lines was 90 per cent full` does not follow from `together they were 91`. How
    many there are is the same in both.
    """
    text = place.text
    if not _EACH.search(text) and not _TOGETHER.search(text):
        text = place.sentence.text
    if ours.unit == "count" and _OF_EACH.search(claim[max(0, ours.start - 25) : ours.start]):
        return False
    each, theirs_each = bool(_EACH.search(claim)), bool(_EACH.search(text))
    all_told, theirs_all = bool(_TOGETHER.search(claim)), bool(_TOGETHER.search(text))
    one_to_all = each and theirs_all and not (all_told or theirs_each)
    return one_to_all or (all_told and theirs_each and not (each or theirs_all))


def _of_thing_beside(claim: str, theirs: Quantity, place: Place) -> bool:
    """Whether a sentence tells a figure of one thing, and another figure of the claim's: `a beetle
    has six legs, but a spider ten`."""
    ours, own = _HAS.match(claim), _HAS.match(place.text.strip(" ,;"))
    if not ours or not own or theirs.unit != "count" or not theirs.head:
        return False
    (one,), (other,) = (kin(frozenset({stem(match[1].lower())})) for match in (ours, own))
    named = one in place.clause or one in names(claim)
    return one != other and not named and one in kin(content_stems(place.others))


def _of_those_others(asked: Asked, theirs: Quantity, place: Place) -> bool:
    """Whether two shares are of people who did something else: `those admitted`, `who applied`."""
    claim = asked.claim
    ours = _THOSE.search(claim, asked.figure.end) or _THOSE.search(claim[: asked.figure.start])
    text = place.sentence.text
    told = _THOSE.search(text, theirs.end) or _THOSE.search(text[: theirs.start])
    if not ours or not told:
        return False
    did, done = (stem(next(filter(None, match.groups())).lower()) for match in (ours, told))
    return kin(frozenset({did})).isdisjoint(kin(frozenset({done})))


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
