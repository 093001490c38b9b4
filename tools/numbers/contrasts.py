"""Words that tell apart what two figures are of, though all around them is alike.

`Wages of women rose by 4 per cent` says nothing of those of men, nor a figure before tax of one
after it. Texts that name two things of one group are of two things; one that names both, or none,
leaves it open.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final

_GROUPS: Final = (
    ("women|woman|girls?|females?", "men|man|boys?|males?"),
    ("before (?:tax|deductions)|gross|pre-?tax",
     "after tax|net|take-home|tak(?:es?|ing) home|took home"),
    ("urban|cities", "rural|countryside|villages"),
    ("exports?|exported|exporting", "imports?|imported|importing"),
    ("public(?:ly)?", "private(?:ly)?"),
    ("adults?", "child|children|minors?"),
    ("births?", "deaths?", "marriages?", "divorces?"),
    ("arrivals?|arrived", "departures?|departed"),
    ("passengers?", "freight|cargo"),
    ("pupils?|students?", "teachers?", "parents?"),
    ("nurses?", "doctors?|physicians?", "patients?", "porters?"),
    ("tenants?", "landlords?"),
    ("full-time", "part-time"),
    ("indoors?", "outdoors?"),
    ("primary", "secondary"),
    ("domestic", "foreign|overseas"),
    ("trains?|rail|railways?", "bus|buses|coach(?:es)?", "trams?", "ferry|ferries",
     "planes?|flights?", "cars?", "bicycles?|bikes?|cyclists?|cycling", "pedestrians?"),
    ("wind", "solar|sun", "nuclear", "coal", "hydro\\w*", "diesel"),
    ("gold", "silver", "bronze"),
    ("top|maximum|peak", "minimum", "average|mean|median", "cruising"),
    ("made|makes?|making|produc\\w+|built|builds?|building|manufactur\\w+",
     "sold|sells?|selling|sales", "repair(?:s|ed|ing)?", "scrapped|scraps?|demolish\\w+"),
    ("hired|hires?|hiring|recruit\\w*", "fired|dismiss\\w+|laid off|axed"),
    ("readers?|read", "viewers?|viewed|watched", "listeners?|listened"),
)  # fmt: skip
_ONE_OF: Final = re.compile(
    r"\b(?:"
    + "|".join(
        f"(?P<g{group}_{side}>{words})"
        for group, sides in enumerate(_GROUPS)
        for side, words in enumerate(sides)
    )
    + r")\b",
    re.I,
)


@lru_cache(maxsize=8192)
def _named(text: str) -> frozenset[tuple[str, str]]:
    """The sides that a text names, as (group, side)."""
    found = set()
    for match in _ONE_OF.finditer(text):
        group, _, side = (match.lastgroup or "").removeprefix("g").partition("_")
        found.add((group, side))
    return frozenset(found)


def set_apart(one: str, other: str) -> bool:
    """Whether two texts name different things of one group, and neither of them the other's."""
    ours, theirs = _named(one), _named(other)
    groups = {group for group, _ in ours} & {group for group, _ in theirs}
    return any(
        not {side for g, side in ours if g == group} & {side for g, side in theirs if g == group}
        for group in groups
    )
