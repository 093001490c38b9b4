"""The figures of a claim, compared with those of a passage.

`tools.numbers.quantities` compares two figures, `tools.numbers.arithmetic` works out what follows
from several; here it is decided which of them are of the same thing. A figure of the passage stands
for a figure of the claim the better, the more of what the claim says stands around it: in its
clause, in its sentence, in the passage. Among all figures of one kind the best placed decides.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from agent.compare.actors import of_another_actor
from agent.compare.dating import dates
from agent.compare.elsewhere import of_another, only_of_another, subject_elsewhere
from agent.compare.matching import (
    MONTHS_OF,
    Asked,
    Match,
    Told,
    figures_of,
    matched,
    told_as_whole,
    told_figures,
)
from agent.compare.outcomes import (
    is_former,
    overtaken,
    put_right,
    superseded,
    turned_out,
)
from agent.compare.parts import share_told
from agent.compare.placing import Place, Subject, places
from agent.compare.standing import standings
from agent.compare.subjects import Finding, Sentence
from agent.compare.time_spans import of_another_day, over_another
from agent.compare.vocabulary import MOVES
from agent.compare.workings import worked_out
from tools.numbers.arithmetic import steps
from tools.numbers.implied import implied
from tools.numbers.measures import kin
from tools.numbers.quantities import Quantity, relate
from tools.numbers.standings import scores
from tools.numbers.units import CURRENCIES
from tools.text.words import antonyms, content_stems, is_negated
from tools.times.dates import date_mentions

__all__ = ["dates", "figures"]

_DIFFERS = 0.6
"""Least share of the claim around another figure of the same measure for a contradiction."""
_DIFFERS_UNNAMED = 0.75
"""The same where only one of the two texts names what its figure measures."""
_DIFFERS_BARE = 0.85
"""The same for bare numbers (`the average size was 2.35`)."""
_DIFFERS_ALIKE = 0.25
"""The same where both texts name the same measure of an amount or a rate (`revenue`) and at least
one name of the claim's stands in the passage."""
_CONVERTED = 0.4
"""The same where the passage tells the claim's number in another currency and converts it."""
_FEW = 12
"""Most of something that a claim takes for granted rather than tells (`the two unions`)."""
_TOLD_HERE = 0.5
"""Least share of the claim's words but names in the sentence of a figure that contradicts."""
_MOST_COMPARED = 20
"""Figures of a claim that are compared. A sentence with more is a table or made to keep the machine
busy: each is held against all others. What is not compared is told where it stands as it is."""
_MARGIN = 0.1
"""How much better another figure must be placed than the claim's own before that one counts."""


def figures(claim: str, sentences: tuple[Sentence, ...], context: frozenset[str]) -> list[Finding]:
    """One finding for each figure of the claim.

    Args:
        claim: the claim's text.
        sentences: those of the passage.
        context: content stems of the passage and of what is known of its source.
    """
    standing = standings(claim, sentences, context)
    results = [(score.start, score.end) for score in scores(claim)]
    ours = [
        figure
        for figure in told_figures(claim)
        if not any(start < figure.end and figure.start < end for start, end in results)
    ]
    if not ours:
        return standing
    if len(ours) > _MOST_COMPARED:
        ours, rest = ours[:_MOST_COMPARED], ours[_MOST_COMPARED:]
        told = "\n".join(sentence.text for sentence in sentences)
        if any(figure.text not in told for figure in rest):
            standing = [*standing, Finding("figure", "silent", absent=True)]
    by_words = implied(claim)
    found = figures_of(sentences, context)
    subject = Subject.of(claim, [*ours, *date_mentions(claim)])
    content = content_stems(claim)
    asked = [
        Asked(claim, figure, own, content, context, tuple(o for o in ours if o is not figure))
        for figure, own in zip(ours, _own_subjects(claim, ours, subject), strict=True)
    ]
    told_of = [_figure(each, found, sentences) for each in asked]
    computed = any(finding.worked_out for finding in told_of)
    return standing + [
        finding
        for finding, figure in zip(told_of, ours, strict=True)
        if finding.relation != "silent"
        or not ((figure in by_words and not computed) or (_known(claim, figure) and len(ours) > 1))
    ]


def _own_subjects(claim: str, ours: Sequence[Quantity], subject: Subject) -> list[Subject]:
    """What the claim says of each of its figures: not what stands only beside another one.

    In `Revenue was $48 billion, a rise of 22 per cent on the year before` the rise says nothing of
    what the 48 billion are of, and a passage need not speak of it to contradict these.
    """
    clauses = [place.clause for place in places(Sentence(0, len(claim), claim), ours, frozenset())]
    found = []
    for index, clause in enumerate(clauses):
        beside: frozenset[str] = frozenset().union(
            *(other for place, other in enumerate(clauses) if place != index)
        )
        words = subject.words - (beside - clause) - _SAID_BY_UNIT.get(ours[index].unit, frozenset())
        words -= _SAID_BY_MEASURE.get(ours[index].head, frozenset())
        if ours[index].change and ours[index].unit in ("%", "points"):  # it tells that, too
            words -= MOVES
        found.append(Subject(subject.names, words))
    return found


_SAID_BY_UNIT = {"m2": content_stems("area")}
_SAID_BY_MEASURE = {"width": kin(content_stems("measures wide width across diameter"))}
"""What a unit or a measure says of what is measured: 40 hectares are an area."""
_KNOWN = re.compile(
    r"\b(?:the|its|their|his|her|these|those|both|our|first|last|past|next|previous)\s+$", re.I
)


def _known(claim: str, figure: Quantity) -> bool:
    """Whether a claim takes a figure for granted: `the merger of the two unions`."""
    before = claim[max(0, figure.start - 8) : figure.start]
    few = figure.high <= _FEW or figure.unit in MONTHS_OF
    return few and figure.unit in ("count", "month", "day") and bool(_KNOWN.search(before))


def _figure(asked: Asked, found: Sequence[Told], sentences: Sequence[Sentence]) -> Finding:
    matches = [
        m
        for figure, place in found
        if (m := matched(asked, figure, place)) and not of_another(asked, figure, place)
    ]
    by_share = share_told(asked, found)
    if by_share and asked.is_of_all():
        return _told(by_share)
    same = max((m for m in matches if m.relation == "same"), key=_well_placed, default=None)
    others = [m for m in matches if m.relation == "differs"]
    other = max(others, key=_well_placed, default=None)
    if same and (right := put_right(asked, same, others)):
        return _told(right)
    if same:
        others = [m for m in others if not overtaken(m, same) and not _over_another(asked, m)]
        other = max(others, key=_well_placed, default=None)
    better = max(
        (m.shared for m in (other, by_share) if m and m.relation == "differs"), default=0.0
    )
    if same and (
        same.shared >= better - _MARGIN or asked.claim.strip() in same.place.sentence.text
    ):
        if subject_elsewhere(asked, same.place, sentences) or only_of_another(
            asked, [(m.figure, m.place) for m in matches if m.relation == "same"]
        ):
            note = f"{asked.figure.phrase}: in the passage, of something else"
            return Finding("figure", "silent", note=note, elsewhere=True)
        return replace(_told(same), told=_is_told(asked, same))
    if follows := by_share or worked_out(asked, found, sentences):
        return replace(_told(follows), worked_out=True)
    if outcome := turned_out(asked, found):
        return _told(outcome)
    if same and _tells_too(asked, same):
        note = f"{asked.figure.phrase}: in the passage, of something else as it seems"
        return Finding("figure", "silent", note=note)
    contradicting = [
        m for m in others if _contradicts(asked, m, found) and not superseded(asked, m, sentences)
    ]
    if differs := max(contradicting, key=_well_placed, default=None):
        return _told(differs)
    note = f"{asked.figure.phrase}: not in the passage"
    rest = any(_other_part(asked, m, found) for m in others)  # from which the claim's follows
    absent = not same and not rest and _absent(asked, found, sentences)
    elsewhere = not same and only_of_another(asked, found)
    return Finding("figure", "silent", note=note, absent=absent, elsewhere=elsewhere)


_MEASURED = CURRENCIES | frozenset(
    ("%", "points", "metre", "m2", "gram", "litre", "watt", "wh", "metre an hour", "degree")
)
_TELLING = 4
"""Digits from which a figure is hardly met by chance."""
_LISTED, _OLDEST = 12, 100
"""Most things that a passage may list instead of counting them; and the largest bare number that
may be an age, a day or a chapter."""
_BETWEEN_DIGITS = re.compile(r"(?<=\d)[,.\s]+(?=\d)")


_ALIKE = 0.7
"""Least share of the claim around its own figure for the passage to tell it of the same thing."""

_ALMOST = 1e-9


def _weighty(figure: Quantity) -> bool:
    """Whether a claim stands or falls with a figure: an amount, a share, a measure, or a number of
    more things than a text lists."""
    counted = figure.unit == "count" and figure.low > (_LISTED if figure.head else _OLDEST)
    told = counted or figure.unit in _MEASURED
    return told and not figure.magnitude_unclear and figure.values != (100.0,)


_TOLD_TOO = 0.5
"""Least share of the claim around its own figure for another one, better placed, not to count."""


def _tells_too(asked: Asked, same: Match) -> bool:
    """Whether a passage tells the claim's figure as well as the one that is placed better.

    Asked of figures that are hardly met twice by chance, and that the passage does not take back.
    """
    telling = _weighty(asked.figure) and _digits(asked.figure) > 1
    return telling and same.shared >= _TOLD_TOO and not is_former(same)


_NUMBER = re.compile(r"\d[\d.,’'\u00a0\u2009\u202f]*")


def _digits(figure: Quantity) -> int:
    """Digits that count of the longest number of a figure: 3 in `900 to 1,050`, 2 in `47,000`."""
    numbers = _NUMBER.findall(figure.text)
    return max((len(re.sub(r"\D", "", number).strip("0")) for number in numbers), default=0)


def _is_told(asked: Asked, same: Match) -> bool:
    """Whether a passage tells the claim's figure of the same thing, and neither denies it nor
    says the opposite of it."""
    ours, text = asked.figure, same.place.sentence.text
    opposed = is_negated(asked.claim) != is_negated(text) or antonyms(asked.claim, text)
    # A claim of 701 of which the text tells 700 is not refuted, but it is not told either.
    apart = abs(ours.values[0] - same.figure.values[0])
    exact = ours.bound == "exact" and apart > ours.step + _ALMOST * abs(ours.values[0])
    return _weighty(ours) and same.shared >= _ALIKE and not opposed and not exact


def _absent(asked: Asked, found: Sequence[Told], sentences: Sequence[Sentence]) -> bool:
    """Whether a passage does not tell the claim's figure: it has it nowhere, in no unit and in no
    writing, or only of something else.

    Asked of figures that no list counts and no two dates make up: amounts, shares and measures,
    and large numbers. That one is nowhere tells only of an exact one.
    """
    ours = asked.figure
    if not _weighty(ours):
        return False
    open_end = ours.bound in ("over", "under", "at least", "at most")
    if any(
        relate(ours, replace(theirs, unit=ours.unit)) == "same"
        and (not open_end or theirs.values[0] == ours.values[0])
        for theirs, _ in found
    ):
        # The same long number twice is no coincidence, whatever the words around it.
        return _digits(ours) < _TELLING
    if ours.bound != "exact" or ours.approximate:
        return False
    digits = _BETWEEN_DIGITS.sub("", re.sub(r"[^\d.,]", "", ours.text)).strip(".,")
    passage = _BETWEEN_DIGITS.sub("", " ".join(sentence.text for sentence in sentences))
    return not (digits and digits in passage)


def _well_placed(match: Match) -> float:
    return match.shared


def _told(match: Match) -> Finding:
    sentence = match.place.sentence
    shared = round(min(match.shared, 1.0), 4)
    return Finding("figure", match.relation, sentence.start, sentence.end, match.note, shared)


def _contradicts(asked: Asked, match: Match, found: Sequence[Told]) -> bool:
    """Whether another figure is of the same measure, so that both cannot be true."""
    ours, theirs = asked.figure, match.figure
    opposed = {ours.head, theirs.head} == {"profit", "loss"}
    if ours.aspect != theirs.aspect:
        return False
    if ours.modifiers != theirs.modifiers and not (opposed and _is_one_result(asked, match)):
        return False
    if of_another_actor(asked.claim, match.place.text, match.place.sentence.text):
        return False
    if _over_another(asked, match) or _of_last_told(ours, theirs, match.place):
        return False
    if _other_part(asked, match, found) or _of_more(asked, match):
        return False
    if of_another_day(asked.claim, ours, match.place):
        return False
    whole = told_as_whole(asked.claim, ours.start)
    if whole and not told_as_whole(match.place.sentence.text, theirs.start):
        return False
    narrower, narrowing = ours.scope - theirs.scope, theirs.scope - ours.scope
    if not narrower <= asked.context or not narrowing <= asked.content:
        return False
    if theirs.high < ours.low and "sum" in steps(asked.claim, ours):
        return False  # a part of what the claim adds up
    if ours.unit in CURRENCIES and _same_in_another_currency(ours, match.place, found):
        return match.shared >= _CONVERTED
    if _names_alike(asked, match) and match.shared >= _DIFFERS_ALIKE:
        return True
    if match.place.told_here(asked.subject) < _TOLD_HERE:
        return False
    if ours.unit == "count" and not (ours.head and theirs.head):
        bare = not ours.head and not theirs.head
        return bare and min(match.shared, match.place.told_here(asked.subject)) >= _DIFFERS_BARE
    if ours.unit != "count" and _named_apart(ours, theirs) and not opposed:
        return False
    named = bool(ours.head) == bool(theirs.head)
    return match.shared >= (_DIFFERS if named else _DIFFERS_UNNAMED)


_BOOKED = kin(
    content_stems("profit make made post posted report reported book booked record recorded")
)


def _is_one_result(asked: Asked, match: Match) -> bool:
    """Whether a profit without more (`a profit`, not `an operating profit`) may be the `net loss`
    of a passage, which tells it of all that the claim speaks of."""
    if asked.figure.modifiers and match.figure.modifiers:
        return False
    return asked.subject.words <= match.place.near | _BOOKED


def _of_last_told(ours: Quantity, theirs: Quantity, place: Place) -> bool:
    """Whether `They were 11 per cent higher` goes on with another measure than the claim's."""
    if not ours.head or theirs.head or not place.told:
        return False
    heads = [figure.head for figure in told_figures(place.told) if figure.head]
    return bool(heads) and heads[-1] != ours.head


def _over_another(asked: Asked, match: Match) -> bool:
    """Whether a figure is of another stretch of time, unless it is one itself (`nine months`)."""
    timed, change = asked.figure.unit in MONTHS_OF, bool(asked.figure.change)
    return not timed and over_another(asked.claim, match.place, change=change)


_BOTH = re.compile(
    r"(?:^|[,;:]\s+)\s*(?:(?:both|the|in \d{4},?)\s+)*([^\W\d_]+)\s+and\s+(?:the\s+)?([^\W\d_]+)\b",
    re.I,
)


def _of_more(asked: Asked, match: Match) -> bool:
    """Whether a larger figure is of the claim's thing together with another: of trains, and of
    `buses and trains`."""
    ours, theirs = asked.figure, match.figure
    if theirs.high <= ours.low or theirs.unit in ("%", "points", "degree", "age", "rank"):
        return False
    known = asked.subject.words | asked.subject.names
    for pair in _BOTH.finditer(match.place.sentence.text[: theirs.start]):
        one, other = (kin(content_stems(word)) for word in pair.groups())
        # Both words must tell something, and the claim must have just one of them.
        if one and other and bool(one & known) != bool(other & known):
            return True
    return False


def _other_part(asked: Asked, match: Match, found: Sequence[Told]) -> bool:
    """Whether another figure is the rest of the whole that the claim's is a part of: 30 of 150
    branches closed, 120 of 150 kept open."""
    ours, theirs = asked.figure, match.figure
    if ours.unit in ("points", "age", "rank", "degree") or ours.change or theirs.change:
        return False
    both = ours.values[0] + theirs.values[0]
    if ours.unit == "%":  # 60 per cent for it and 40 per cent for it are no rest of each other
        untold = asked.content - content_stems(match.place.sentence.text)
        return abs(both - 100) <= _ALMOST and any(word.isalpha() for word in untold)
    told = [figure for figure, place in found if place.sentence == match.place.sentence]
    if not any(
        whole.unit == ours.unit and abs(whole.values[0] - both) <= _ALMOST * both
        for whole in (*asked.others, *told)
    ):
        return False
    # With both parts told it is plain which of them is which.
    return not any(relate(ours, figure) == "same" for figure in told)


def _names_alike(asked: Asked, match: Match) -> bool:
    """Whether two amounts or shares are of one measure by name, of somebody both texts name."""
    ours, theirs = asked.figure, match.figure
    measured = ours.unit in CURRENCIES or ours.unit == "%"
    about = asked.subject.names & match.place.far
    one = ours.head == theirs.head or {ours.head, theirs.head} == {"profit", "loss"}
    return measured and bool(ours.head and about) and one


def _named_apart(ours: Quantity, theirs: Quantity) -> bool:
    """Whether two figures name different measures."""
    return bool(ours.head and theirs.head and ours.head != theirs.head)


def _same_in_another_currency(ours: Quantity, place: Place, found: Sequence[Told]) -> bool:
    """`50,000 euros` where the sentence tells 50,000 dollars and how much that is in euros."""
    return any(
        theirs.unit in CURRENCIES
        and theirs.unit != ours.unit
        and there.sentence == place.sentence
        and relate(replace(ours, unit=theirs.unit), theirs) == "same"
        for theirs, there in found
    )
