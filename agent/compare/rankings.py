"""Places in an order, worked out from a list of figures: `Ostrey 1,912,000; Castrow 280,000; …`.

`The third-largest city` follows from such a list, or cannot be: what has two above it in any list
of cities is not the largest. Only a list that says that nothing else counts (`no other town`) tells
the place itself. Without a word for the things that the claim ranks, and for all else that it says
of them (`in the north`), nothing is told: they may be of another kind.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import groupby

from agent.compare.placing import Span, Subject
from agent.compare.subjects import Finding, Sentence, own_names
from tools.numbers.measures import kin
from tools.numbers.quantities import Quantity, quantities
from tools.numbers.standings import Rank, ranks
from tools.text.words import content_stems, is_negated, names, stem
from tools.times.dates import date_mentions, periods_agree

_LEAST = 3
"""Fewest entries of a list."""
_MOST_FIRST, _LEAST_FIRST = (
    frozenset(stem(word) for word in words.split())
    for words in (
        "largest biggest highest tallest longest deepest heaviest oldest",
        "smallest lowest shortest lightest youngest",
    )
)
_OF_UNITS = {
    **dict.fromkeys(("highest", "tallest", "deepest", "lowest"), "metre"),
    **dict.fromkeys(("longest", "shortest"), "metre"),
    **dict.fromkeys(("heaviest", "lightest"), "gram"),
    **dict.fromkeys(("oldest", "youngest"), "age"),
}
_UNITS = {stem(word): unit for word, unit in _OF_UNITS.items()}
"""The unit that an order is of; sizes are of people or of areas."""
_OF_PEOPLE = re.compile(
    r"\b(?:populations?|inhabitants|residents|people|employees|members)\b", re.I
)
_NAME = re.compile(
    r"((?:[A-Z][\w’'-]+\s+){0,2}[A-Z][\w’'-]+)(?:\s*[(:,–—]|\s+(?:with|has|had|at|is|was))?\s*$"
)
_CLAIMED = re.compile(r"\s*(?:The\s+)?((?:[A-Z][\w’'-]+\s+){0,2}?[A-Z][\w’'-]+)\b")
_THINGS = re.compile(r"\s+((?:[a-z-]+\s+){0,2}?[a-z-]+)(?=\s+(?:of|in|on|by|for|at|to)\b|[.,;]|$)")
_NONE_ELSE = re.compile(
    r"\b(?:no other|none of the others?|all (?:the )?others|the others all|the rest)\b", re.I
)


def rankings(claim: str, sentences: Sequence[Sentence], context: frozenset[str]) -> list[Finding]:
    """The claim's place in an order against a list of figures; at most one finding.

    Args:
        claim: the claim's text.
        sentences: those of the passage.
        context: content stems of the passage and of what is known of its source.
    """
    told = [rank for rank in ranks(claim) if rank.order in _MOST_FIRST | _LEAST_FIRST]
    named, things = _CLAIMED.match(claim), None
    if len(told) == 1:
        things = _THINGS.match(claim, told[0].end)
    if not named or not things or is_negated(claim):
        return []
    rank, who, kind = told[0], own_names(named[1]), kin(content_stems(things[1]))
    figures = quantities(claim)
    apart: list[Span] = [rank, *figures, *date_mentions(claim)]
    said = Subject.of(claim, apart)
    known = kin(context)
    if not kind or not kind | (said.words - kin(content_stems("have has"))) <= known:
        return []
    if not said.names <= known:
        return []
    for number, sentence in enumerate(sentences):
        listed = _listed(sentence, rank)
        ours = [figure for name, figure in listed if name == who]
        if len(listed) < _LEAST or len(ours) != 1:
            continue
        near = " ".join(each.text for each in sentences[max(0, number - 1) : number + 1])
        if not kind <= kin(content_stems(near) - names(near)) or not periods_agree(
            claim, sentence.text
        ):
            continue
        if date_mentions(claim) and not date_mentions(sentence.text):
            continue  # a place that was another one then
        place = 1 + sum(_before(figure, ours[0], rank) for _, figure in listed)
        note = f"place {place} of {len(listed)} in the list: {ours[0].phrase}"
        span = (sentence.start, sentence.end)
        if place > rank.place:
            return [Finding("figure", "differs", *span, note, 1.0, worked_out=True)]
        rest = " ".join(each.text for each in sentences[number : number + 2])
        if place == rank.place and _NONE_ELSE.search(rest):
            return [Finding("figure", "same", *span, note, 1.0, worked_out=True)]
    return []


_QUALIFIED = re.compile(
    r"\b(?:alone|before|after|formerly|with(?:out)? (?:its|the)|including|excluding|in its)\b", re.I
)


def _listed(sentence: Sentence, rank: Rank) -> list[tuple[frozenset[str], Quantity]]:
    """The entries of a list, name and figure, where all are of one unit that the order is of."""
    if _QUALIFIED.search(sentence.text):
        return []  # not all entries are of one kind
    entries = list(_entries(sentence.text))
    wanted = _UNITS.get(rank.order)
    by_unit = {
        unit: list(group)
        for unit, group in groupby(
            sorted(entries, key=lambda entry: entry[1].unit), key=lambda entry: entry[1].unit
        )
    }
    unit = max(by_unit, key=lambda unit: len(by_unit[unit]), default="")
    listed = by_unit.get(unit, [])
    of_size = unit == "m2" or (unit == "count" and bool(_OF_PEOPLE.search(sentence.text)))
    if not (unit == wanted if wanted else of_size):
        return []
    if len({name for name, _ in listed}) != len(listed):
        return []  # one at two times
    return listed


def _entries(text: str) -> Iterator[tuple[frozenset[str], Quantity]]:
    end = 0
    for figure in quantities(text):
        match = _NAME.search(text[end : figure.start])
        if match and not figure.change and not figure.spread and figure.aspect == "told":
            yield own_names(match[1]), figure
        end = figure.end


def _before(one: Quantity, other: Quantity, rank: Rank) -> bool:
    if rank.order in _MOST_FIRST:
        return one.values[0] > other.values[0]
    return one.values[0] < other.values[0]
