"""Revenue, profit and loss, where a claim names them without a figure.

A small judge takes one for another: that a firm had revenue seems to say that it made a profit.
"""

from __future__ import annotations

import re
from functools import lru_cache

from tools.numbers.quantities import quantities

_MONEY = (
    r"(?:[€$£¥]\s?\d|\d[\d.,]*\s?(?:[€$£¥]|(?:(?:thousand|million|billion|[mb]n)\s)?"
    r"(?:euros?|dollars?|pounds?|crowns?|francs?|yen|EUR|USD|GBP|CHF)\b))"
)
_NAMES = {
    "revenue": re.compile(
        r"\b(?:revenues?(?!\s(?:officials?|officers?|agents?|services?|commission\w*|"
        r"authorit\w+|department|office|inspectors?))|turnover|takings)\b",
        re.I,
    ),
    "result": re.compile(
        r"\b(?:profit\w*|unprofitable|earnings|net income|lost money|"
        r"deficits?|surplus(?:es)?|broke even|in the (?:red|black))\b",
        re.I,
    ),
}
"""What is taken in, and what is left of it: a loss may contradict a profit."""
_UNSURE = re.compile(
    r"\bearned\s(?:(?:about|around|nearly|almost|over|more than|some|only|just)\s)?"
    rf"(?:{_MONEY}|money\b|nothing\b)|\bloss(?:es)?\sof\s(?:[a-z]+\s){{0,2}}{_MONEY}|"
    r"\b(?:net|operating|trading|financial|annual|quarterly|pre-?tax|half-year|full-year)\s"
    r"loss(?:es)?\b|"
    r"\b(?:made|makes?|making|posted|posts?|booked|reported|incurred|ran up|ran at|turned)\s"
    r"(?:(?:an?|its|their|no|big|heavy|small|first)\s){0,3}loss(?:es)?\b(?!\sof\b)",
    re.I,
)
"""`Earned` and `loss` have other senses (a medal, a forest), so that they count only beside money
or in the words of accounts."""
_BUSINESS = (
    r"\b(?:compan(?:y|ies)|firms?|business(?:es)?|shareholders?|investors?|subsidiar(?:y|ies))\b"
)
_LOSS = r"(?<!\bjob\s)\bloss(?:es)?\b(?!\sof\b)"
_BESIDE = re.compile(
    rf"{_BUSINESS}[^.!?\n]{{0,80}}{_LOSS}|{_LOSS}[^.!?\n]{{0,80}}{_BUSINESS}", re.I
)
"""A loss that stands in one sentence with a word of business."""
_RESULT_PERHAPS = re.compile(r"\b(?:earned|loss(?:es)?)\b", re.I)


@lru_cache(maxsize=2048)
def accounts(text: str) -> frozenset[str]:
    """Which of the two a text names: `revenue`, `result`."""
    found = {name for name, words in _NAMES.items() if words.search(text)}
    if _UNSURE.search(text) or _BESIDE.search(text):
        found.add("result")
    return frozenset(found)


def only_another(claim: str, passage: str) -> bool:
    """Whether a claim without a figure names one of the two, and a passage only the other.

    A passage that may speak of a result (`its losses narrowed`) does not lack it.
    """
    ours = accounts(claim)
    if len(ours) != 1 or quantities(claim):
        return False
    theirs = accounts(passage)
    if not theirs or ours & theirs:
        return False
    return "result" not in ours or not _RESULT_PERHAPS.search(passage)
