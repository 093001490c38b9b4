"""What a figure measures, told from the words of its clause.

`Net profit was 20.8 billion` measures profit, made another measure by `net`; `sales of
electric cars` measures sales, narrowed to electric cars. Tables of words do this, since
nothing that parses sentences ships with us; a word they lack leaves the figure without a
measure, and it is then compared with nothing.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Literal

from tools.text.words import content_stems, is_function_word, stem

Aspect = Literal["told", "expected", "earlier"]
Change = Literal["up", "down"]


@dataclass(frozen=True)
class Measure:
    """What is measured.

    Attributes:
        head: canonical name (`revenue`), or the stem of the thing counted; may be empty.
        modifiers: words that make it another measure (`net`, `ad`).
        scope: stems of what narrows it: `car` in `sales of cars`, `dead` where the people
            counted died.
    """

    head: str = ""
    modifiers: frozenset[str] = frozenset()
    scope: frozenset[str] = frozenset()


_WORD = re.compile(r"[^\W\d_]+(?:[’'][^\W\d_]+)?")
_CLAUSE_END = re.compile(r"[;:—–()]|,(?!\d)|\s-\s|\b(?:while|whereas|but|although|and)\b")
_UP = set("increase rise growth gain jump surge grow grew up higher climb climbed rose risen "
          "increased jumped gained expansion improvement grown raised raises lifted lifts widened "
          "widens soared crept swelled".split())  # fmt: skip
_DOWN = set("decrease fall drop decline loss down lower fell dropped declined decreased shrank "
            "reduction plunge slump fallen cut cuts lowered lowers reduced reduces narrowed "
            "narrows slashed slipped slid dipped sank plunged tumbled slumped "
            "eased".split())  # fmt: skip
_RATES = {"day": "day", "daily": "day", "week": "week", "weekly": "week", "month": "month",
          "monthly": "month", "year": "year", "annually": "year", "annual": "year", "hour": "hour",
          "share": "share", "head": "person", "person": "person", "capita": "person",
          "night": "night", "minute": "minute", "second": "second", "hectare": "hectar",
          "acre": "acr", "litre": "litr", "kilo": "kilo", "tonne": "tonn",
          "barrel": "barrel", "mile": "mile", "kilometre": "kilometr"}  # fmt: skip
_RATE = re.compile(
    r"\b(?:a|an|per|each|every)\s+"
    r"(day|week|month|year|hour|share|head|person|capita|night|minute|second|hectare|acre|litre|kilo|"
    r"tonne|barrel|mile|kilometre)\b"
    r"(?!\s+(?:(?:before|after)(?!\s+(?:tax|deductions))|earlier|later|ago))",
    re.I,
)
_PER = re.compile(r"\b(?:per|for (?:each|every)|each|every)\s+(?!cent\b)([a-z]{3,})", re.I)
# What is measured, by the word a text uses for it. Values are canonical names.
_MEASURES = {
    **dict.fromkeys(["revenue", "revenues", "turnover", "sales", "takings", "gross"], "revenue"),
    **dict.fromkeys(["profit", "profits", "earnings", "income"], "profit"),
    **dict.fromkeys(["loss", "losses", "deficit"], "loss"),
    **dict.fromkeys(["cost", "costs", "costing", "price", "priced"], "cost"),
    **dict.fromkeys(["budget", "budgets"], "budget"),
    **dict.fromkeys(["spend", "spends", "spent", "spending", "expenditure", "invest", "invested",
                     "investing", "investment", "investments"], "spending"),
    **dict.fromkeys(["pay", "pays", "paid", "paying", "payment", "settlement", "settle", "fine",
                     "fined"], "payment"),
    **dict.fromkeys(["dividend", "dividends"], "dividend"),
    **dict.fromkeys(["fund", "funds", "grant", "grants", "subsidy", "loan", "borrow"], "fund"),
    **dict.fromkeys(["debt", "debts"], "debt"),
    **dict.fromkeys(["worth", "value", "valued", "valuation", "capitalisation"], "value"),
    **dict.fromkeys(["salary", "wage", "wages", "salaries"], "wage"),
    **dict.fromkeys(["inflation"], "inflation"),
    **dict.fromkeys(["unemployment"], "unemployment"),
    **dict.fromkeys(["turnout"], "turnout"),
    **dict.fromkeys(["population", "inhabitants", "residents"], "population"),
    **dict.fromkeys(["long", "length", "stretch", "stretches"], "length"),
    **dict.fromkeys(["tall", "height", "high"], "height"),
    **dict.fromkeys(["wide", "width", "across", "diameter"], "width"),
    **dict.fromkeys(["deep", "depth"], "depth"),
    **dict.fromkeys(["shares", "stock"], "share price"),
    **dict.fromkeys(["traffic", "ridership", "numbers"], "number"),
}  # fmt: skip
# Words that stand before a measure without making it another one.
_NEUTRAL = set(
    "total overall whole full annual yearly quarterly reported record group company firm its their "
    "his her our the a an of staggering huge strong first second third fourth quarter half year "
    "month week last this next same consolidated estimated building construction new".split()
)
# Words that make a measure another measure.
_MODIFIERS = {
    word: word
    for word in "net gross operating tax ad subscription cloud passenger freight retail online "
    "export import domestic foreign fuel maintenance labour core headline youth average median "
    "minimum maximum ticket".split()
} | {"advertising": "ad", "advertisement": "ad", "pretax": "tax", "labor": "labour"}


# Words that texts exchange for one another beside a figure, by stem; the first stands for all.
_KIN = {
    stem(word): stem(group.split()[0])
    for group in (
        "people person persons visitors inhabitants residents guests participants attendees "
        "spectators citizens patients cases",
        "member members membership",
        "employ employs employed employees staff workers workforce jobs posts",
        "cost costs price priced paid pay payment charge charges fare fee spent spend spending "
        "bill bills",
        "revenue turnover sales",
        "weigh weighs weight heavy",
        "long length longer measures measure stretch",
        "tall height high higher",
        "wide width",
        "deep depth",
        "rise rose risen increase increased grew grow growth growing climbed gained jumped",
        "fall fell fallen decrease decreased declined decline dropped drop shrank shrink",
        "dead died killed deaths die kills",
        "hurt injured wounded injuries",
        "begin began begun start started starts opened opens open opening",
        "build built building construct constructed construction",
        "sell sold sells sale",
        "produce produced production produces generate generated generates output make made",
        "buy bought purchase purchased acquire acquired",
        "school pupils students",
        "live lives lived living home homes households house houses",
        "show showed shows found find finds",
        "children kids child",
        "doctor physicians doctors",
        "car cars vehicle vehicles",
        "company firm group business",
        "votes vote voted",
        "win won wins beat defeated",
        "finish finished finishers completed",
        "temperature thermometer degrees celsius fahrenheit",
        "carry carried carries transported",
        "book books titles volumes",
        "run ran running runner runners starters entrants",
        "voter voters electorate",
        "passenger passengers travellers riders commuters",
        "lay laid off",
        "dismissed axed",
        "wolf wolves",
        "mouse mice",
        "goose geese",
        "calf calves",
        "thief thieves",
    )
    for word in group.split()
}


@lru_cache(maxsize=4096)
def kin(stems: frozenset[str]) -> frozenset[str]:
    """Stems with those that texts exchange for one another beside a figure made one."""
    return frozenset(_KIN.get(s, s) for s in stems)


def last_clause(text: str) -> str:
    """What of `text` belongs to the clause that goes on after it."""
    cuts = [m.end() for m in _CLAUSE_END.finditer(text)]
    return text[cuts[-1] :] if cuts else text


def first_clause(text: str) -> str:
    """What of `text` belongs to the clause that began before it."""
    cut = _CLAUSE_END.search(text)
    return text[: cut.start()] if cut else text


_BY = re.compile(r"\bby\s+(?:[\w-]+\s+){0,3}$", re.I)
_COMPARED = re.compile(
    r"\s*(?!or\b|and\b)(?:[\w-]+\s+){0,2}?(?:(?P<up>more|higher|longer|older|larger|bigger|dearer|taller|up|"
    r"above)|(?P<down>fewer|less|lower|shorter|younger|smaller|cheaper|down|below))\b"
    r"(?!\s*(?:of|from|to)\b)"
)


def difference(before: str, after: str) -> Change | None:
    """Whether a figure tells by how much something changed or exceeds something else.

    `rose by 400`, `400 more than`, `140 fewer`: unlike `change`, which reads per cent and
    points, a bare figure in a clause with `rose` is a level unless the words say otherwise.
    """
    if match := _COMPARED.match(after):
        return "up" if match["up"] else "down"
    return change(before, "") if _BY.search(before) else None


# `made up 40 per cent` is no rise.
_PHRASAL = re.compile(
    r"\b(?:ma[dk]e?s?|making|took|taken?s?|set|signed|turned|picked|opened|gave|given?|broke[n]?|"
    r"showed|drew|drawn|wr(?:ote|itten)|shut|closed|put|came|handed|settled|cut|laid|lay|broken) "
    r"(?:up|down)\b|\bup to\b|\bdown to\b",
    re.I,
)


# `before the cut the rate was 3 per cent` tells of a cut, but not how large it was.
_WHEN = re.compile(
    r"\b(?:before|after|until|since|despite)\s+(?:the|this|that|its|their)\s+[a-z]+\b", re.I
)
# `rose to 5 per cent` tells where it stands now.
_REACHED = re.compile(r"\bto\s+(?:(?:an?|the|its|their)\s+)?(?:[a-z-]+\s+)?$", re.I)


# `That was 9 per cent more than a year earlier`.
_MORE_THAN = re.compile(r"\s+(more|less|fewer)\b(?=[^.;]{0,120}\bthan\b)", re.I)


def change(before: str, after: str) -> Change | None:
    """Whether a clause tells a rise or a fall by the figure between its two parts."""
    before = _WHEN.sub(" ", _PHRASAL.sub(" ", before))
    if match := _MORE_THAN.match(after):
        return "up" if match[1].lower() == "more" else "down"
    if _REACHED.search(before):
        return None
    found = [*_WORD.finditer(before), *list(_WORD.finditer(after))[:4]]
    # "Lower Saxony" and "Fall River" are names.
    words = [w[0].lower() for w in found if w[0].islower() or not w.start() or w[0].isupper()]
    direction = next((w for w in words if w in _UP | _DOWN), None)
    return ("up" if direction in _UP else "down") if direction else None


_RATE_BEFORE = re.compile(r"\b(daily|weekly|monthly)\s+[^\W\d_]+", re.I)


def rated(rate: str, text: str) -> bool:
    """Whether a text tells a rate apart from its figures: `month` in `a monthly wage of`."""
    adverb = {"day": "daily", "year": "yearly|annual(?:ly)?"}.get(rate, f"{re.escape(rate)}ly")
    pattern = rf"\b(?:{adverb}|(?:an?|per|each|every) {re.escape(rate)})\b"
    return bool(re.search(pattern, text, re.I))


_PER_MANY = re.compile(
    r"(?:\s[a-z]+){0,2}?\s(?:per|(?:for|in) every)\s"
    r"(100|1,000|10,000|100,000|thousand|million|1 million)\s([a-z]{3,})",
)
_MANY = {"thousand": "1,000", "million": "1,000,000", "1 million": "1,000,000"}


def rate(after: str, before: str = "") -> str | None:
    """`day` for `21,000 passengers a day`, from what follows the figure."""
    if match := _PER_MANY.match(after):
        return f"{_MANY.get(match[1], match[1])} {stem(match[2].lower())}"
    if match := _RATE.search(after[:30]):
        return _RATES[match[1].lower()]
    if match := _PER.search(after[:40]):
        return stem(match[1].lower())
    if match := _RATE_BEFORE.search(before):
        return _RATES[match[1].lower()]
    adverb = re.search(r"\b(daily|weekly|monthly|annually)\b", after)
    return _RATES[adverb[1]] if adverb else None


# `It would have been 40` is no plan; `it would have 320 beds` is one.
_EXPECTED = re.compile(
    r"\b(?:will|would|expect(?:s|ed|ing)?|forecasts?|predict(?:s|ed|ing)?|projected|"
    r"planned|plans?|target(?:s|ed)?|guidance|hop(?:es|ed|ing)|aim(?:s|ed|ing)?|"
    r"estimated to|due to|set to|going to|is to|are to|could|(?-i:may)|might|"
    r"set aside|earmarked|allocated|budgeted)\b(?! by\b)",
    re.I,
)
_EARLIER_BEFORE = re.compile(
    r"\b(?:from|against|versus|compar(?:ed|es) (?:with|to)|previous(?:ly)?|last year[’']s)\s+"
    r"(?:[\w’']+\s+){0,3}$|^\s*(?:a|one|the) (?:year|month|week|quarter|decade) "
    r"(?:earlier|before(?!\s+(?:tax|deductions))|ago|previously)\b",
    re.I,
)
_EARLIER_AFTER = re.compile(
    r"\s+(?:(?:a|one|the) (?:year|month|week|quarter|decade) "
    r"(?:earlier|before(?!\s+(?:tax|deductions))|ago|previously)|"
    r"previously|in the (?:same|previous|prior|year-ago|preceding)\b)",
    re.I,
)


_EXPECTED_AFTER = re.compile(
    # Whom they would vote for is what those who are asked for a poll tell.
    r"\b(?:will|would(?! (?:have voted|vote)\b)|(?:are|is) "
    r"(?:to (?!have)|expected|planned|due|scheduled|set to))\b",
    re.I,
)


def aspect(before: str, after: str) -> Aspect:
    """How a clause presents a figure, from the words of it before and after the figure."""
    if _EARLIER_BEFORE.search(before) or _EARLIER_AFTER.match(after):
        return "earlier"
    return "expected" if _EXPECTED.search(before) or _EXPECTED_AFTER.search(after[:80]) else "told"


_NAMED_AFTER = re.compile(
    r"\s*(?:[a-z-]+\s+)?(?:increase|rise|growth|gain|drop|fall|decline)?\s*(?:in|of)\s+(.+)", re.I
)
_LENGTHS = frozenset({"length", "height", "width", "depth"})
# How far off something is, which is none of its own lengths.
_OFF_BEFORE = re.compile(
    r"\b(?:at|from|within|to) (?:a|the) (?:[a-z]+ )?distance of[^,;.]{0,20}$", re.I
)
_OFF_AFTER = re.compile(r"\s+(?:away|off|distant|apart)\b", re.I)
_PREPOSITIONS = frozenset("of in to for and or on at from per".split())
PEOPLE = frozenset("people women men children staff police".split())
_OF_THE = re.compile(r"\s+of (?:the|its|their|these|those|his|her|our|all)(?=\s)", re.I)
_BETWEEN = frozenset("other more such own further fewer less".split())
_NO_THING = frozenset("one ones times percent later earlier ago today yesterday votes".split())
# A verb after a bare figure: `5,312 made it to the finish`.
_VERB = re.compile(
    r"(?:made|came|took|went|left|got|had|became|come|go|take|make|live|work|lives|works|voted|chose|"
    r"said|stood|fell|rose|were|was|are|is|has|have|do|did|does|needs|need|remain|remains|gave|won|"
    r"lost|saw|met|ran|held|kept|died|use|uses|study|wins|takes|makes|comes|goes|[a-z]{2,}ed)"
)
# What happened to the things counted: 12 injured are not 12 killed.
_OUTCOMES = {
    **dict.fromkeys(["killed", "died", "dead", "drowned", "perished"], "dead"),
    **dict.fromkeys(["injured", "wounded", "hurt"], "hurt"),
    **dict.fromkeys(["arrested", "detained", "held"], "held"),
    **dict.fromkeys(["hired", "recruited", "added", "additional", "new", "extra", "more"], "new"),
    **dict.fromkeys(["dismissed", "cut", "lost", "axed", "fired", "fewer"], "gone"),
    **{w: w for w in "missing rescued evacuated infected cancelled for against abstained".split()},
}


_STAFF_OF = re.compile(
    r"\b(?:workforce|staff|payroll)\s+of\s+(?:(?:about|around|some|nearly|almost|over|just|only|"
    r"more than|fewer than|less than|at least|up to)\s+)*$",
    re.I,
)


def measured(unit: str, before: str, after: str) -> Measure:
    """What a quantity measures, from the words of its clause before and after it."""
    narrowed = _narrowed(f"{before} {after[:60]}")
    if unit == "count":
        if of := _OF_THE.match(after):
            after = after[of.end() :]
        words = [w[0].lower() for w in _WORD.finditer(after[:60])]
        outcome = {_OUTCOMES[w] for w in words[:5] if w in _OUTCOMES}
        outcome |= {_OUTCOMES[w] for w in _WORD.findall(before)[-2:] if w in _OUTCOMES}
        scope = narrowed | outcome
        for place, low in enumerate(words[:4]):
            if low in _BETWEEN:
                continue
            if low in _PREPOSITIONS or is_function_word(low) or _VERB.fullmatch(low):
                break
            if low.endswith("s") or low in PEOPLE:
                return Measure(stem(low), frozenset(stem(w) for w in words[:place]), scope)
        adjacent = re.match(r"[\s-]?[^\W\d_]", after)
        told = words and adjacent and words[0] not in _PREPOSITIONS | _NO_THING | _BETWEEN
        if told and not is_function_word(words[0]) and not _VERB.fullmatch(words[0]):
            return Measure(stem(words[0]), scope=scope)
        return Measure(stem("staff") if _STAFF_OF.search(before) else "", scope=scope)
    named = _NAMED_AFTER.match(after[:120])
    measure = _named_measure(named[1][:40], last=False) if named else None
    if measure and measure.head in _LENGTHS and unit != "metre":
        measure = None
    if measure is None and unit == "metre":
        shape = re.match(r"\s*(long|tall|high|wide|across|deep)\b", after)
        measure = Measure(_MEASURES[shape[1]]) if shape else None
        if _OFF_BEFORE.search(before) or _OFF_AFTER.match(after):
            measure = Measure("distance")
    if measure is None:
        measure = _named_measure(before, last=True) or Measure()
        if measure.head in _LENGTHS and unit != "metre":
            measure = Measure(scope=measure.scope)  # "a high of 38 degrees"
    return replace(measure, scope=measure.scope | narrowed)


_NARROWING = re.compile(
    r"\b(?:among|excluding|except(?: for)?|apart from|outside|aged)\s+(?:the\s+)?"
    r"([\w-]+(?:\s+[\w-]+)?)",
    re.I,
)


def _narrowed(clause: str) -> frozenset[str]:
    match = _NARROWING.search(clause)
    return content_stems(match[1]) if match else frozenset()


def _named_measure(text: str, *, last: bool) -> Measure | None:
    found = list(_WORD.finditer(text))
    words = [w[0].lower() for w in found]
    places = [i for i, w in enumerate(words) if w in _MEASURES]
    if not places:
        return None
    # The subject of the clause names the measure: "revenue reached a record of".
    place = places[0]
    if last and len(places) > 1 and _MEASURES[words[places[-1]]] in {"profit", "loss", "revenue"}:
        place = places[-1]
    modifiers = set()
    for word in words[max(0, place - 2) : place]:
        if word in _MODIFIERS and word not in _MEASURES:
            modifiers.add(_MODIFIERS[word])
    scope = _scope(text[found[place].end() :])
    return Measure(_MEASURES[words[place]], frozenset(modifiers), scope)


_OF_WHAT = re.compile(r"\s+(?:of|from|for|at|in)\s+((?:[^\W\d_]+[\s-]?){1,4})")


def _scope(after: str) -> frozenset[str]:
    """Stems of what a measure is the measure of: `electric cars` in `sales of electric cars`."""
    match = _OF_WHAT.match(after)
    kept: list[str] = []
    for word in match[1].lower().split() if match else []:
        if word in _UP | _DOWN or word in _VERBS or (word.endswith("ed") and len(word) > 4):
            break
        if word not in _NEUTRAL and not is_function_word(word):
            kept.append(stem(word))
    return frozenset(kept[:2])


_VERBS = frozenset("is are was were has had have will would reached hit came to by".split())
