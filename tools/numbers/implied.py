"""Figures that a text tells without a number: `doubled`, `rose by a quarter`, `most of`.

They are changes and shares in per cent, read so that they can be compared with those that are
told in digits. `tools.numbers.quantities` leaves them out: `doubled` is not quoted as a figure.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final

from tools.numbers import measures
from tools.numbers.amounts import Quantity
from tools.numbers.hedges import Bound, hedge
from tools.numbers.measures import Change
from tools.numbers.numerals import SMALL_WORDS, small_number

_TIMES: Final[dict[str, tuple[float, Change]]] = {
    "doubl": (100.0, "up"), "tripl": (200.0, "up"), "trebl": (200.0, "up"),
    "quadrupl": (300.0, "up"), "halv": (50.0, "down"),
}  # fmt: skip
# The women's doubles, both halves and a hall that doubled as a school are no changes: `doubles`
# is a verb only where what follows is an object, a time or the end of a clause with a subject.
_MULTIPLIED = re.compile(
    r"\b(?P<stem>doubl|tripl|trebl|quadrupl|halv)(?:ed|ing)\b(?!\s(?:as|back|up|down|over)\b)"
    r"|(?<!the )(?<!both )(?<!mixed )(?<!two )(?<!of )(?<!in )(?<!into )(?<!won )(?<!play )"
    r"(?<!played )(?<!['’]s )(?<!s['’] )\b(?P<verb>doubl|tripl|trebl|quadrupl|halv)es\b"
    r"(?=\s(?:the|its|their|his|her|our|from|to|between|since|every|each|within)\b)"
    r"|\b(?:to|will|would|could|can|did)\s(?P<infinitive>doubl|tripl|trebl|quadrupl|halv)e\b"
    r"(?!\s(?:as|back|up|down|over)\b)",
    re.I,
)
_FOLD = re.compile(
    rf"\b(?P<times>{SMALL_WORDS}|\d{{1,3}})[\s-]?fold\b(?=(?P<risen>\s(?:rise|increase|growth))?)",
    re.I,
)
_PARTS: Final = {"half": 50.0, "third": 100 / 3, "quarter": 25.0, "fifth": 20.0, "sixth": 100 / 6,
                 "tenth": 10.0}  # fmt: skip
_BY_A_PART = re.compile(
    r"\bby\s(?:(?:about|around|almost|nearly|more than|less than|over|roughly|some|"
    r"just (?:over|under)|at least)\s)?"
    r"(?P<share>(?P<many>a|an|one|two|three)\s(?P<part>third|quarter|fifth|sixth|tenth)s?"
    r"|half)"
    # `By a third party` and `by half past nine` go on with a word that no share has behind it.
    r"(?=\s*(?:$|[.,;:!?()—–\"”’])|\s+(?:in|from|to|since|between|over|compared|on|and|or|but|"
    r"last|this|next|during|within|after|before|by|for|as|while|when|at|with|per|every|each|year|"
    r"because|thanks|under|than|against|until|through|without|again|overall|annually|more|less|"
    r"of (?:the|its|their))\b)",
    re.I,
)
_MANY: Final = {"a": 1, "an": 1, "one": 1, "two": 2, "three": 3}
# `The most famous brand`, `most of all` and `a majority of 5,000 votes` tell no share. Before a
# bare plural only the beginning of a clause tells `most` from a superlative.
_MOST = re.compile(
    r"(?<!\b[Tt]he )\b(?P<over>[Mm]ost of (?:the|its|their|his|her|these|those)|"
    r"(?:the|a) (?:\w+ )?majority of(?=\s(?:the|its|their|his|her|these|those|[a-z]{3,}s)\b)"
    r"(?!\s(?:votes|seats|points)\b))\b"
    r"|(?:^[\"“‘'(]?|[.;:,]\s|\b(?:that|and|but|while|whereas|because|though|although|where|when|"
    r"if|so)\s)(?P<clause>[Mm]ost)"
    r"(?=\s(?![a-z]*(?:s|i|u|way|time|part|goal|point|win|medal)s\b)[a-z]{3,}s\b)"
    r"|\b(?P<under>(?:the|a) (?:\w+ )?minority of(?=\s(?:the|its|their|his|her|these|those|"
    r"[a-z]{3,}s)\b)(?!\s(?:votes|seats|points)\b))"
    r"|\b(?P<fewer>in (?:the|a) (?:\w+ )?minority)\b"
    r"|\b(?P<greater>in (?:the|a) (?:\w+ )?majority)\b"
)
# What was denied was not told: `did not double`, `never halved`, `not all of it rose by a third`.
_DENIED = re.compile(
    r"(?:\b(?:not|never|nor|neither|hardly|without|fail(?:s|ed|ing)?)|n[’']t)\b(?:\s\w+){0,4}\s*$",
    re.I,
)
_ROUGH = 0.1
"""Share by which `doubled` and the like may miss the exact figure."""


@lru_cache(maxsize=4096)
def implied(text: str) -> tuple[Quantity, ...]:
    """The changes and shares that a sentence tells without a number, in order, in per cent.

    `doubled` is a rise of 100 per cent, `grew tenfold` of 900, `halved` a fall of 50, `by a
    quarter` a change of 25 in the direction that its clause tells; `most of the` is over 50 per
    cent, a minority under it. What is denied is left out.
    """
    found = []
    for match in _MULTIPLIED.finditer(text):
        value, way = _TIMES[(match["stem"] or match["verb"] or match["infinitive"]).lower()]
        found.append(_figure(text, match.span(), value, way))
    for match in _FOLD.finditer(text):
        before = measures.last_clause(text[: match.start()])
        times = small_number(match["times"])
        if times > 1 and (match["risen"] or measures.change(before, "") == "up"):
            found.append(_figure(text, match.span(), 100.0 * (times - 1), "up"))
    for match in _BY_A_PART.finditer(text):
        value = _PARTS[(match["part"] or "half").lower()] * _MANY[(match["many"] or "a").lower()]
        before = measures.last_clause(text[: match.start()])
        way_told = measures.change(before, "")
        if way_told and value < 100:
            found.append(_figure(text, match.span("share"), value, way_told))
    for match in _MOST.finditer(text):
        named = match.lastgroup or 0
        bound: Bound = "under" if named in ("under", "fewer") else "over"
        found.append(_figure(text, match.span(named), 50.0, None, bound))
    told = (figure for figure in found if not _DENIED.search(text, 0, figure.start))
    return tuple(sorted(told, key=lambda figure: figure.start))


def _figure(
    text: str, span: tuple[int, int], value: float, way: Change | None, bound: Bound | None = None
) -> Quantity:
    start, end = span
    before = measures.last_clause(text[:start])
    measure = measures.measured("%", before, measures.first_clause(text[end:]))
    told = None if bound else hedge(text, start, end, "%")
    return Quantity(
        start,
        end,
        text[start:end],
        (value,),
        _ROUGH * value if way else 0.0,
        "%",
        bound or told or "exact",
        head=measure.head,
        modifiers=measure.modifiers,
        scope=measure.scope,
        change=way,
        aspect=measures.aspect(before, text[end:]),
        approximate=told is None,
    )
