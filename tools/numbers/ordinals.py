"""Places in an order as a text writes them: `21st`, `third-largest port`, `ranked fifth`.

An ordinal is a quantity of unit `ordinal` that is never rounded, so that `tools.numbers.quantities`
compares it: with other ordinals of the same things only. What looks like one and is none is left
out: a day of a date, a quarter or half of a year, a fraction (`two thirds`), the second that time
is measured in, `first` for `at first`, and `Firstly`.
"""

from __future__ import annotations

import re
from functools import lru_cache

from tools.numbers.amounts import Quantity
from tools.numbers.numerals import numerals
from tools.text.words import is_function_word, stem
from tools.times.dates import date_mentions

_UNITS = "first second third fourth fifth sixth seventh eighth ninth".split()
_TEENS = (
    "tenth eleventh twelfth thirteenth fourteenth fifteenth sixteenth seventeenth eighteenth "
    "nineteenth"
).split()
_TENS = "twent thirt fort fift sixt sevent eight ninet".split()
_WORDS = {
    **{word: place for place, word in enumerate(_UNITS + _TEENS, start=1)},
    **{f"{ten}ieth": 10 * (n + 2) for n, ten in enumerate(_TENS)},
    **{
        f"{ten}y-{one}": 10 * (n + 2) + place
        for n, ten in enumerate(_TENS)
        for place, one in enumerate(_UNITS, start=1)
    },
    "hundredth": 100,
    "thousandth": 1000,
}
_PLACE = re.compile(
    r"(?<![\w.,/-])(?:(?P<digits>\d{1,3}(?:,\d{3})*|\d+)(?P<ending>st|nd|rd|th)"
    rf"|(?P<word>{'|'.join(sorted(_WORDS, key=len, reverse=True))}))\b(?![’'])",
    re.I,
)
_ENDINGS = {1: "st", 2: "nd", 3: "rd"}
# What follows: `-largest`, `largest`, then the thing placed.
_NEXT = re.compile(
    r"(?:[\s-]+(?P<degree>(?:most|least)[\s-][a-z]+|(?!(?:for|int|har|cont|prot|inv|arr)?est\b)[a-z]{3,}est|"
    r"best|worst|last)\b)?(?:[\s-]+(?P<thing>[^\W\d_]+))?",
    re.I,
)
_RANKED = re.compile(
    r"\b(?:came|come[s]?|coming|finish\w*|rank\w*|placed?|ended|lies|lying|stood|stands|is|was|were|are|"
    r"in|joint|equal)\s+$",
    re.I,
)
_TIME = re.compile(r"(?:\b(?:a|an|per|each|every|split|half an?|one)|\d)[\s-]$", re.I)
_AFTER_TIME = frozenset(["", "later", "earlier", "before", "after", "ago", "and", "to", "of"])
_AT = re.compile(r"\bat\s$", re.I)
_PERIOD = re.compile(r"[\s-](?:quarter|half)\b", re.I)


@lru_cache(maxsize=4096)
def ordinals(text: str) -> tuple[Quantity, ...]:
    """The places in an order that a text tells, in order.

    Returns:
        Quantities of unit `ordinal`: `values` is the place, `head` the stem of what is placed
        and `modifiers` the superlative (`largest`), where the text has them.
    """
    taken = bytearray(len(text))
    spans = [(mention.start, mention.end) for mention in date_mentions(text)]
    spans += [(share.start, share.end) for share in numerals(text) if share.unit == "%"]
    for start, end in spans:
        taken[start:end] = b"\1" * (end - start)
    found = []
    for match in _PLACE.finditer(text):
        if any(taken[match.start() : match.end()]):
            continue
        place = _value(match)
        following = _NEXT.match(text, match.end())
        thing = (following["thing"] or "").lower() if following else ""
        degree = (following["degree"] or "").lower() if following else ""
        if place is None or _is_other(text, match, thing, degree):
            continue
        named = thing and not is_function_word(thing)
        found.append(
            Quantity(
                match.start(),
                match.end(),
                match[0],
                (float(place),),
                0.0,
                "ordinal",
                head=stem(thing) if named else "",
                modifiers=frozenset({degree}) if degree else frozenset(),
            )
        )
    return tuple(found)


def _value(match: re.Match[str]) -> int | None:
    """The place; None where the ending is not that of the digits (`21th`)."""
    if match["word"]:
        return _WORDS[match["word"].lower()]
    place = int(match["digits"].replace(",", ""))
    ending = "th" if place % 100 in (11, 12, 13) else _ENDINGS.get(place % 10, "th")
    return place if place and match["ending"].lower() == ending else None


def _is_other(text: str, match: re.Match[str], thing: str, degree: str) -> bool:
    """Whether what looks like an ordinal word is none here."""
    if not match["word"]:
        return False
    before = text[max(0, match.start() - 12) : match.start()]
    word = match["word"].lower()
    if word == "second" and _TIME.search(before) and not degree and thing in _AFTER_TIME:
        return True
    if _AT.search(before) or _PERIOD.match(text, match.end()):
        return True
    if degree or (thing and not is_function_word(thing)):
        return False
    return not _RANKED.search(before) and not re.search(r"\bthe\s$", before, re.I)
