"""Fractions and shares as texts write them: `two thirds`, `one in ten`, `2½`, `half a million`.

A fraction of a thing named (`of voters`, `the`) is a share and comes in per cent; a fraction of a
unit or of a magnitude (`half a mile`, `a quarter of a million`) is a number.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator

from tools.numbers.number_words import SCALES, Numeral

_PARTS = {
    "third": 3, "quarter": 4, "fifth": 5, "sixth": 6, "seventh": 7, "eighth": 8, "ninth": 9,
    "tenth": 10,
}  # fmt: skip
_SMALL = {
    "a": 1, "an": 1, "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7,
    "eight": 8, "nine": 9, "ten": 10, "eleven": 11, "twelve": 12, "fifteen": 15, "twenty": 20,
    "fifty": 50, "hundred": 100, "thousand": 1000,
}  # fmt: skip
_SMALL_WORDS = "|".join(_SMALL)
_FRACTION = re.compile(
    rf"\b(?P<top>{_SMALL_WORDS})[\s-](?P<part>{'|'.join(_PARTS)})(?P<many>s)?\b(?P<of>\s+of\b)?"
    rf"|\b(?P<n>{_SMALL_WORDS}|\d{{1,3}})\s(?:in|out of)\s(?:every\s)?"
    rf"(?P<m>{_SMALL_WORDS}|\d{{1,4}})\b"
    r"(?!\s(?:seconds?|minutes?|hours?|days?|weeks?|months?|years?|decades?)\b|[.,:]\d)"
    r"|(?<!first )(?<!second )(?<!last )(?<!other )(?<!final )\bhalf(?=\s+(?:of|the|its|their|his|"
    r"her|our|all|those|these)\b(?!\s+(?:the\s+)?(?:year|season|match|game|century|\d)))",
    re.I,
)
_DOZEN = re.compile(r"\b(half a|an?|two|three|four|five|six) dozen\b", re.I)


_HALF = re.compile(
    r"\b(?P<half>half an? )(?=(?:year|century|decade|day|lit|tonne|kilo))"
    r"|\b(?P<whole>an? )(?=(?:year|decade|hour|mile|century|month|week|day) and a half\b)",
    re.I,
)


_PART_OF_ONE = re.compile(
    r"\b(?:(?P<many>an?|one|two|three)[\s-])?(?P<part>half|quarter|third|fifth|tenth)s?\s+(?:of\s+)?(?:an?|one)\s+"
    r"(?P<one>(?P<scale>hundred|thousand|lakh|million|crore|billion|trillion)\b"
    r"|(?:per\s?cent|(?:percentage\s)?point|degree|mile|inch|second|hour|kilomet(?:re|er)|"
    r"met(?:re|er))\b)",
    re.I,
)
_PART_VALUES = {"half": 2, "quarter": 4, "third": 3, "fifth": 5, "tenth": 10}
_ONES_COUNTED = {"a": 1, "an": 1, "one": 1, "two": 2, "three": 3}
_SCALES_PARTED = {**SCALES, "lakh": 1e5, "crore": 1e7}


def halves(text: str) -> Iterator[Numeral]:
    """`half a million`, `a quarter of a per cent`, `half a year`, `an hour and a half`."""
    for match in _PART_OF_ONE.finditer(text):
        part = match["part"].lower()
        share = _ONES_COUNTED[(match["many"] or "a").lower()] / _PART_VALUES[part]
        scale = _SCALES_PARTED[match["scale"].lower()] if match["scale"] else 1.0
        end = match.end() if match["scale"] else match.start("one") - 1
        value = share * scale
        yield Numeral(match.start(), end, value, 0.1 * value, rough=True, scale=scale)
    for match in _HALF.finditer(text):
        value = 0.5 if match["half"] else 1.5
        yield Numeral(match.start(), match.end() - 1, value, 0.05, rough=True)


_VULGAR = re.compile(r"(?<![\w.,/])(?P<whole>\d{1,4}\s?)?(?P<part>[¼-¾⅐-⅞])(?P<of>\s+of\b)?(?!\w)")
_SLASHED = re.compile(
    r"(?<![\w.,/-])(?:(?P<whole>\d{1,3})\s)?(?P<top>[1-9])/(?P<part>[234568]|10)(?![\w/.,])"
    r"(?P<share>\s+(?:of|majority)\b)?"
)


def slashed(text: str) -> Iterator[Numeral]:
    """`2½`, `2 1/2 miles`, `2/3 of`; a fraction alone is a share where `of` follows."""
    for match in _VULGAR.finditer(text):
        value, end = unicodedata.numeric(match["part"]), match.end("part")
        if match["whole"]:
            value += int(match["whole"])
        elif match["of"] and not re.match(r"\s+an?\b", text[match.end() : match.end() + 4]):
            yield Numeral(match.start(), end, 100 * value, 0.5, "%", rough=True)
            continue
        yield Numeral(match.start(), end, value, 0.05)
    for match in _SLASHED.finditer(text):
        value = int(match["top"]) / int(match["part"])
        if value < 1 and match["whole"]:
            yield Numeral(match.start(), match.end("part"), int(match["whole"]) + value, 0.05)
        elif value < 1 and match["share"]:
            yield Numeral(match.start(), match.end("part"), 100 * value, 0.5, "%", rough=True)


# A share that a hedge tells from the half of a match and from an ordinal: `more than a third`.
_HEDGED_SHARE = re.compile(
    r"\b(?:roughly|about|around|nearly|almost|over|under|at least|(?:more|less|fewer) than|"
    r"just (?:over|under)|close to|up to)\s+"
    r"(?P<share>(?P<half>half)|(?:a|one)[\s-](?P<part>third|quarter|fifth|sixth|tenth))\b"
    r"(?=\s*(?:[.,;:)]|$)|\s+(?:of(?!\s+(?:an?|one)\b)|in|on|more|less|higher|lower|larger|smaller|"
    r"fewer|from|since|to|by|said|says?|were|was|are|is|ha[sd]|have|will|would|over|and|or|but|"
    r"that|who|voted|live[ds]?|against|compared|between|during|for|at)\b)",
    re.I,
)


def fractions(text: str) -> Iterator[Numeral]:
    """`two thirds`, `a fifth of`, `one in ten`, `half the`: as per cent; and `two dozen`."""
    for match in _HEDGED_SHARE.finditer(text):
        share = 0.5 if match["half"] else 1 / _PARTS[match["part"].lower()]
        yield Numeral(*match.span("share"), 100 * share, 0.5, "%", rough=True)
    for match in _DOZEN.finditer(text):
        many = 0.5 if match[1].lower() == "half a" else _SMALL.get(match[1].lower(), 1)
        yield Numeral(*match.span(), 12.0 * many, 0.5, rough=True)
    for match in _FRACTION.finditer(text):
        if match["part"]:
            part, top = match["part"].lower(), _SMALL[match["top"].lower()]
            if part == "quarter" or not match["many"]:
                # Quarters are also those of a year; "a third" alone is also an ordinal.
                rest = text[match.end() : match.end() + 20]
                one = match["top"].lower() == "one" and part != "quarter" and rest[:1] != "-"
                if (not match["of"] and not one) or re.match(
                    r"\s+(?:the\s+|last\s+|this\s+)?(?:year|party|\d)", rest
                ):
                    continue
            share, end = top / _PARTS[part], match.end("many" if match["many"] else "part")
        elif match["n"]:
            if re.search(r"\bby (?:a )?$", text[max(0, match.start() - 6) : match.start()], re.I):
                continue
            top, whole = (
                int(w) if w.isdigit() else _SMALL[w.lower()] for w in (match["n"], match["m"])
            )
            if not 0 < top < whole or whole > 1000:
                continue
            share, end = top / whole, match.end()
        else:
            share, end = 0.5, match.end()
        if share < 1:
            yield Numeral(match.start(), end, 100 * share, 0.5, "%", rough=True)
