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

_TIMES: Final[dict[str, tuple[float, Change]]] = {
    "doubl": (100.0, "up"), "tripl": (200.0, "up"), "trebl": (200.0, "up"),
    "quadrupl": (300.0, "up"), "halv": (50.0, "down"),
}  # fmt: skip
_MULTIPLIED = re.compile(
    r"\b(?P<stem>doubl|tripl|trebl|quadrupl|halv)(?:ed|es|ing)\b"
    r"|\b(?:to|will|would|could|can|did|not)\s(?P<infinitive>doubl|tripl|trebl|quadrupl|halv)e\b",
    re.I,
)
_PARTS: Final = {"half": 50.0, "third": 100 / 3, "quarter": 25.0, "fifth": 20.0, "sixth": 100 / 6,
                 "tenth": 10.0}  # fmt: skip
_BY_A_PART = re.compile(
    r"\bby\s(?:(?:about|around|almost|nearly|more than|less than|over|roughly|some|"
    r"just (?:over|under)|at least)\s)?"
    r"(?P<share>(?P<many>a|an|one|two|three)\s(?P<part>third|quarter|fifth|sixth|tenth)s?"
    r"|half)\b(?!\s+(?:of\s+)?(?:an?|one)\b)",
    re.I,
)
_MANY: Final = {"a": 1, "an": 1, "one": 1, "two": 2, "three": 3}
_MOST = re.compile(
    r"\b(?P<over>[Mm]ost of (?:the|its|their|his|her|all|these|those)|[Mm]ost(?=\s[a-z]+s\b)|"
    r"(?:the|a) (?:\w+ )?majority(?: of)?)\b|\b(?P<under>(?:the|a) (?:\w+ )?minority(?: of)?)\b"
)
_ROUGH = 0.1
"""Share by which `doubled` and the like may miss the exact figure."""


@lru_cache(maxsize=4096)
def implied(text: str) -> tuple[Quantity, ...]:
    """The changes and shares that a sentence tells without a number, in order, in per cent.

    `doubled` is a rise of 100 per cent, `halved` a fall of 50, `by a quarter` a change of 25 in
    the direction that its clause tells; `most of the` is over 50 per cent, a minority under it.
    """
    found = []
    for match in _MULTIPLIED.finditer(text):
        value, way = _TIMES[(match["stem"] or match["infinitive"]).lower()]
        found.append(_figure(text, match.span(), value, way))
    for match in _BY_A_PART.finditer(text):
        value = _PARTS[(match["part"] or "half").lower()] * _MANY[(match["many"] or "a").lower()]
        before = measures.last_clause(text[: match.start()])
        way_told = measures.change(before, "")
        if way_told and value < 100:
            found.append(_figure(text, match.span("share"), value, way_told))
    for match in _MOST.finditer(text):
        bound: Bound = "over" if match["over"] else "under"
        found.append(_figure(text, match.span(), 50.0, None, bound))
    return tuple(sorted(found, key=lambda figure: figure.start))


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
