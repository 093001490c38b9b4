"""Words that tell apart what two figures are of, though all around them is alike.

`Wages of women rose by 4 per cent` says nothing of those of men, nor a figure before tax of one
after it. Texts that name two things of one group are of two things; one that names both, or none,
leaves it open.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final

# Words with other common senses stand with what makes theirs plain: a net weighs and guns are
# fired, and neither is told apart from gross pay or from those who were hired.
_MONEY = (
    r"(?:income|profits?|loss(?:es)?|pay|wages?|salar(?:y|ies)|earnings|revenues?|margins?|result|"
    r"weight|debts?|worth|sales|assets|receipts|gains?|interest)"
)
_PAID = "".join(
    f"|(?<={unit} )"
    for unit in ("euros", "pounds", "dollars", "crowns", "francs", "million", "billion", "month",
                 "year", "week", "hour")
)  # fmt: skip
_AFTER_PAY = rf"(?:(?<=\d ){_PAID})"
_STAFF = r"(?:people|workers|staff|employees|miners|clerks|cooks|drivers|engineers)"
_A_THING = r"(?! (?:an?|the|up|it|its|his|her|their|of|from|sure|good|clear|use)\b)"
_OWNED = (
    r"(?= (?:sector|schools?|hospitals?|clinics?|housing|transport|pensions?|universit\w+|debt|"
    r"spending|investments?|funds|employers|compan(?:y|ies)|firms?|owners?)\b)"
)
_TOP = r"(?= (?:speeds?|rates?|prices?|salar\w+|wages?|temperatures?|age|height|depth|pay)\b)"
_OF_SCHOOLS = r"(?= (?:schools?|education|pupils?|teachers?|classes|level)\b)"
_HEDGED = r"(?:(?:about|around|some|nearly|almost|up to|over|more than|at most|only|just) )?"
_GUESTS = r"(?:people|visitors|spectators|guests|passengers|fans|listeners)"
_IN_THE = r"(?:in|of|for|from) the (?-i:"
_OF_PLACES = r"(?:ern)?)\b(?! of (?:the|its) (?:north|south|east|west))"
_GROUPS: Final = (
    ("women|woman|girls?|females?", "men|man|boys?|males?"),
    (rf"before (?:tax|deductions)|gross(?= {_MONEY}\b)|{_AFTER_PAY}gross|pre-?tax",
     rf"after tax|net(?= {_MONEY}\b)|{_AFTER_PAY}net|take-home|tak(?:es?|ing) home|took home"),
    ("urban|cities", "rural|countryside|villages"),
    ("exports?|exported|exporting", "imports?|imported|importing"),
    (f"public{_OWNED}|publicly (?:owned|run|held|funded)",
     f"private{_OWNED}|privately (?:owned|run|held|funded)"),
    ("adults?", "child|children|minors"),
    ("births?", "deaths?", "marriages?", "divorces?"),
    ("arrivals?|arrived", "departures?|departed"),
    ("passengers?", "freight|cargo"),
    ("pupils?|students?", "teachers?", "parents"),
    ("nurses?", "doctors?|physicians?", "patients", "porters?"),
    ("tenants?", "landlords?"),
    ("full-time", "part-time"),
    ("indoors?", "outdoors?"),
    (f"primary{_OF_SCHOOLS}", f"secondary{_OF_SCHOOLS}"),
    ("domestic(?! (?:violence|abuse|workers?|animals?)\\b)",
     "foreign(?! (?:office|ministers?|secretary|ministry|affairs)\\b)|overseas"),
    (r"(?<!\bto )(?<!\bwill )trains?(?! (?:\d|an?\b|the\b|its\b|their\b|young\b|staff\b))|rail|"
     "railways?",
     "bus|buses|coach(?:es)?", "trams?", "ferry|ferries", "planes?|flights?(?! of )", "cars?",
     "bicycles?|bikes?|cyclists?|cycling", "pedestrians?"),
    (r"wind(?! (?:up|down)\b)", "solar", "nuclear", "coal", "hydro\\w*", "diesel"),
    ("gold", "silver", "bronze"),
    (f"top{_TOP}|maximum|peak{_TOP}|at (?:its|their|the) peak", "minimum",
     f"average|(?:the |a )mean|mean{_TOP}", "cruising"),
    (rf"(?:holds?|seats?|accommodates?|can (?:hold|seat|take)|room for|space for|"
     rf"capacity of|designed for|meant for|built for)(?= {_HEDGED}\d)",
     rf"(?:came|visited|attended|welcomed|drew|attracted|turned up|turned out)(?= {_HEDGED}\d)|"
     rf"{_GUESTS} (?:came|attended|visited|turned up|turned out|were there|were counted|filled)|"
     r"(?:was|were|is|are) (?:visited|attended) by|carried|audience of|attendance"),
    (f"(?:made|makes?|making){_A_THING}|produc(?:ed|es?|ing|tion)|built|"
     "builds?|manufactur\\w+",
     "sold|sells?|selling|sales", "repair(?:s|ed|ing)?", "scrapped|scraps?|demolish\\w+"),
    ("hired|hires?|hiring|recruit\\w*",
     rf"(?:fired|fires|dismissed|dismisses|axed|sacked)(?= (?:[\d,.]+ |[a-z]+ ){{0,2}}{_STAFF}\b)|"
     rf"{_STAFF} (?:were|are|was|have been|had been) (?:fired|dismissed|axed|sacked)|"
     "laid off|lays off"),
    ("readers?|read by", "viewers?|viewed by|watched", "listeners?|listened to by"),
    ("killed|died|dead|lost their lives", "injured|wounded|hurt", "arrested|detained"),
    ("applied|applicants?|applications?", "(?:was|were|been) (?:admitted|accepted|granted)"),
    (f"{_IN_THE}north{_OF_PLACES}", f"{_IN_THE}south{_OF_PLACES}", f"{_IN_THE}east{_OF_PLACES}",
     f"{_IN_THE}west{_OF_PLACES}"),
    ("(?-i:upper)(?= [a-z])", "(?-i:lower)(?= (?!than\\b)[a-z])"),
    ("first leg", "(?:second|return) leg", "on aggregate|over (?:the )?two legs"),
    ("weekdays?", "weekends?"),
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
