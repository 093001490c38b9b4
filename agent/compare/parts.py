"""Shares that a passage tells by a part and its whole: `of the 450 beds, 90 are taken`.

Such a pair tells a share whatever the claim asks for, so that another share of the same thing
contradicts it; so does a claim of all (`all 24 miles are open`). Of several parts of one whole the
one counts whose words are the claim's.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import pairwise

from agent.compare.matching import Asked, Match, Told
from agent.compare.placing import Place
from agent.compare.subjects import Relation, same_subject
from agent.compare.vocabulary import ENDS_IN_OF_THE, OF_THEM
from tools.numbers.arithmetic import share_between, told
from tools.numbers.contrasts import set_apart
from tools.numbers.measures import kin
from tools.numbers.quantities import Quantity, relate
from tools.text.words import content_stems
from tools.times.dates import periods_agree

_SAME, _DIFFERS = 0.4, 0.6
"""Least share of the claim around a part and its whole for its share, and for another one."""
_OF_PART, _LOOSELY = 0.5, 0.2
"""Least share of what a claim says beside the whole that must stand in the clause of the part, for
another share to contradict, and for the same one to support."""


def share_told(asked: Asked, found: Sequence[Told]) -> Match | None:
    """The claim's share, or its `all`, against the part and whole that a passage tells.

    Args:
        asked: the figure of the claim.
        found: the figures of the passage.
    """
    ours = asked.figure
    whole_claimed = asked.is_of_all()
    if not whole_claimed and (ours.unit != "%" or ours.change):
        return None
    best: Match | None = None
    for (part, here), (whole, there) in parts_told(found):
        result = share_between(part, whole)
        text = there.told + there.sentence.text
        if result is None or not same_subject(asked.claim, text):
            continue
        if set_apart(asked.claim, here.text) or not periods_agree(asked.claim, text):
            continue
        place = Place.joined([there, here])
        shared = place.shared(asked.subject)
        relation: Relation | None
        if whole_claimed:
            relation = "differs" if relate(ours, whole) == "same" else None
            note = f"all of {ours.text} against {part.text} of {whole.text}"
        else:
            relation, note = relate(ours, result.quantity), f"{ours.phrase}: {result.note}"
        differs = relation == "differs"
        if differs and not whole_claimed and _is_one_of_several(asked, part, here, found):
            continue
        if relation is None or shared < (_DIFFERS if differs else _SAME):
            continue
        if not is_of(asked, here, whole, there, _OF_PART if differs else _LOOSELY):
            continue
        if best is None or shared > best.shared:
            best = Match(relation, shared, place, result.quantity, note)
    return best


_AND = re.compile(r"\s+((?:[\w’'-]+\s+){0,2}?)(?:and|plus|as well as)\s+", re.I)


def _is_one_of_several(asked: Asked, part: Quantity, here: Place, found: Sequence[Told]) -> bool:
    """Whether a text adds another part to one: `20 women and 20 men of the 80 members`.

    Not where it says of the first what the claim says: `20 walk and 60 take the bus`.
    """
    text = here.sentence.text
    like = [
        figure
        for figure, place in found
        if place.sentence == here.sentence and figure.unit == part.unit and _is_plain(figure)
    ]
    for first, second in pairwise(sorted(like, key=lambda figure: figure.start)):
        added = _AND.fullmatch(text[first.end : second.start])
        one = part.start in (first.start, second.start)
        if one and added and not kin(content_stems(added[1])) & asked.subject.words:
            return True
    return False


def is_of(
    asked: Asked, here: Place, whole: Quantity, there: Place, least: float = _LOOSELY
) -> bool:
    """Whether what a claim says of a part stands in the clause of that part.

    A claim that says no more than the whole does must tell its other figures there.
    """
    told = there.clause if there.sentence == here.sentence else there.near
    of_whole = told | kin(frozenset({whole.head}))
    of_part = asked.subject.words - (of_whole - here.clause)
    if of_part:
        return len(of_part & here.clause) >= least * len(of_part)
    others = [other for other in asked.others if relate(other, whole) != "same"]
    return all(other.text.lower() in here.sentence.text.lower() for other in others)


def parts_told(found: Sequence[Told]) -> Iterator[tuple[Told, Told]]:
    """Parts with their wholes, as a text tells them together."""
    plain = [each for each in found if each[1].text and _is_plain(each[0])]
    for number, (figure, place) in enumerate(plain):
        text = place.sentence.text
        before = [each for each in plain[:number] if each[0].values[0] > figure.values[0] > 0]
        if OF_THEM.match(text, figure.end):
            whole = next((each for each in reversed(before) if each[0].head), None)
            if whole and figure.unit in ("count", whole[0].unit):
                yield (figure, place), whole
            continue
        for whole in before:
            one = whole[1].sentence == place.sentence and figure.unit in ("count", whole[0].unit)
            if one and ENDS_IN_OF_THE.search(text[max(0, whole[0].start - 14) : whole[0].start]):
                yield (figure, place), whole
    for sentence in dict.fromkeys(place.sentence for _, place in plain):
        there = [each for each in plain if each[1].sentence == sentence]
        where = {figure.start: (figure, place) for figure, place in there}
        for result in told(sentence.text, [figure for figure, _ in there]):
            if result.step == "share":
                part, whole_told = (where[operand.start] for operand in result.operands)
                yield part, whole_told


def _is_plain(figure: Quantity) -> bool:
    return not (
        figure.unit in ("%", "points", "degree", "age", "rank")
        or figure.change
        or figure.spread
        or figure.magnitude_unclear
    )
