"""Numbers as a text writes them: digits, number words, fractions and ranges.

What only looks like a number is left out: a time (`19:30`), a score (`3-1`), a version
(`4.2.1`), a telephone number, an ordinal, a decade, `number 6`, `F-16`. Units and what a
number measures are read by `tools.quantities`. Number words are read by text2num.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

_CURRENCIES = r"us\$|[ac]\$|[$€£¥₹]"
_NUMBER = re.compile(
    rf"(?<![\w.,/#])(?P<sign>(?<![\w)\]])[-−](?=\d|{_CURRENCIES}))?(?P<currency>{_CURRENCIES})?\s?"
    r"(?P<digits>\d{1,3}(?:,\d{3})+(?:\.\d{1,9})?"
    r"|\d{1,3}(?:[ '’\u00a0\u2009\u202f]\d{3}){1,5}(?!\d)"
    r"|\d{1,3}(?:\.\d{3}){2,5}(?:,\d{1,9})?"
    r"|\d{1,9},\d{1,2}(?=\s?(?:%|per|million|billion|[€£]|euro|km\b|kg\b))"
    r"|\d{1,15}(?:\.\d{1,9})?)"
    r"(?P<suffix>(?:bn|mn|tn|mln|bln|[mbk])\b)?(?![.,:/]?\d)",
    re.I,
)
SUFFIXES = {"k": 1e3, "m": 1e6, "mn": 1e6, "mln": 1e6, "b": 1e9, "bn": 1e9, "bln": 1e9, "tn": 1e12}
# Letters right after digits that leave it a number: `5km`, `20kg`. Others make a name (`5G`).
_GLUED = re.compile(
    r"(?!(?:km|cm|mm|m|kg|mw|gw|kwh|mwh|usd|eur|gbp|percent|per|bn|mn|tn|mln|bln|b|k)\b)[^\W\d_]",
    re.I,
)
_METRES = re.compile(r"\s?-?(?:tall|high|long|wide|deep|above|below|away)\b")
_DASH = "-‐‑–—"
_NO_QUANTITY = re.compile(
    r"(?<![\d.])\d{1,2}[:.]\d\d\s?[ap]\.?m\b"  # 9.30 am
    r"|(?<!\d)\d{1,4}(?::\d{1,4})+"  # 19:30, 4:1
    r"|(?<!\d)\d{1,4}/\d{1,4}(?:/\d{1,4})?"  # 12/05/2026, 24/7
    r"|\bv?(?<!\d)\d{1,4}\.\d{1,4}(?:\.\d{1,4})+(?!\d)"  # 4.2.1
    r"|\+\d[\d ()-]{6,20}\d|\(0\d{1,5}\)[ -]?\d[\d -]{3,15}|(?<!\d)0\d{2,5}[ -]\d[\d -]{3,15}\d"
    r"|(?<!\d)\d{3}-\d{3,4}(?:-\d{4})?(?!\d)"  # telephone
    r"|\b(?:1[5-9]|20)\d\d[-–/]\d\d(?:\d\d)?(?!\d)"  # 2019-20
    r"|\b\d{1,4}(?:st|nd|rd|th)\b|[’']?\b\d{2,4}[’']?s\b"  # 21st, 1990s
    r"|\b(?:number|no\.?|page|chapter|line|route|room|phase|article|section|version|part|step|"
    r"grade|level|flight|platform|gate|channel|figure|table|rule|version|type)\s\d+"
    r"|(?<=[^\W\d_])[-‐‑]\d+[^\W\d_]*",  # F-16, mid-50s
    re.I,
)
_GROUPED_DOTS = re.compile(r"\d{1,3}(?:\.\d{3}){2,}")
_WORD = re.compile(r"[^\W\d_]+(?:[’'][^\W\d_]+)?")
_SCALES = {"hundred": 1e2, "thousand": 1e3, "million": 1e6, "billion": 1e9, "trillion": 1e12}
_ARTICLE = re.compile(r"\b(?:(half\s+)?an?)\s+$", re.I)
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
_TENS = dict(zip("twenty thirty forty fifty sixty seventy eighty ninety".split(),
                 range(20, 100, 10), strict=True))  # fmt: skip
_TEENS = dict(zip("ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen "
                  "nineteen".split(), range(10, 20), strict=True))  # fmt: skip
_ONES = {w: n for n, w in enumerate("nil one two three four five six seven eight nine".split())}
SMALL_WORDS = (
    rf"(?:{'|'.join(_TENS)})(?:[\s-](?:{'|'.join(_ONES)}))?|{'|'.join(_TEENS)}|{'|'.join(_ONES)}"
)
"""Pattern of the number words below a hundred."""


def small_number(written: str) -> int:
    """The value of digits or of a number word below a hundred.

    Raises:
        KeyError: it is neither.
    """
    if written.isdigit():
        return int(written)
    values = {**_TENS, **_TEENS, **_ONES}
    return sum(values[word] for word in re.split(r"[\s-]+", written.lower()))


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


@dataclass(frozen=True)
class Numeral:
    """A number in a text, without its unit.

    Attributes:
        start, end: its span.
        value: the number.
        step: half a unit of the last digit written.
        unit: the sign of a currency written before it, `%` for a fraction, else empty.
        rough: whether its form (`two thirds`) says that it is not exact.
        first: of a range (`10 to 15`), its lower end; there `value` is the middle.
    """

    start: int
    end: int
    value: float
    step: float
    unit: str = ""
    rough: bool = False
    first: float | None = None


def numerals(text: str) -> list[Numeral]:
    """The numbers of a text, in order; they do not overlap."""
    taken = bytearray(len(text))
    found: list[Numeral] = []
    for span in _no_quantities(text):
        taken[slice(*span)] = b"\1" * (span[1] - span[0])
    for reader in (_halves, _fractions, _digits, _words):
        for numeral in reader(text):
            if not any(taken[numeral.start : numeral.end]):
                found.append(numeral)
                taken[numeral.start : numeral.end] = b"\1" * (numeral.end - numeral.start)
    return _joined(text, sorted(found, key=lambda n: n.start))


def _no_quantities(text: str) -> Iterator[tuple[int, int]]:
    for match in _NO_QUANTITY.finditer(text):
        if not _GROUPED_DOTS.fullmatch(match[0]):
            yield match.span()


_SEPARATORS = re.compile(r"[ '’\u00a0\u2009\u202f]")
_CONTINENTAL = re.compile(r"\d{1,3}(?:\.\d{3}){2,}(?:,\d+)?|\d+,\d{1,2}")
_MINUS = re.compile(r"\bminus\s$", re.I)


def _digits(text: str) -> Iterator[Numeral]:
    for match in _NUMBER.finditer(text):
        if not match["suffix"] and _GLUED.match(text, match.end()):
            continue
        digits = _SEPARATORS.sub("", match["digits"])
        if _CONTINENTAL.fullmatch(digits):
            digits = digits.replace(".", "").replace(",", ".")  # written the continental way
        digits = digits.replace(",", "")
        scale = SUFFIXES[match["suffix"].lower()] if match["suffix"] else 1.0
        value, step = float(digits), 0.5 * 10.0 ** -len(digits.partition(".")[2])
        unit = (match["currency"] or "").lower()
        end = match.end()
        if match["suffix"] in ("m", "M") and not match["currency"] and _METRES.match(text, end):
            unit, scale = "metre", 1.0  # metres, not millions
        start = match.start() + len(match[0]) - len(match[0].lstrip())
        negative = match["sign"] or _MINUS.search(text, max(0, start - 7), start)
        value *= -scale if negative else scale
        yield Numeral(start, end, value, step * scale, unit)


class _Token:
    """What text2num's find_numbers wants of a token."""

    def __init__(self, word: str, glued: bool) -> None:
        self._word, self._glued = word, glued

    def text(self) -> str:
        return self._word

    def nt_separated(self, previous: _Token) -> bool:
        # Two number words with a comma or other mark between them are two numbers.
        return not self._glued

    def not_a_number_part(self) -> bool:
        return False


def _words(text: str) -> Iterator[Numeral]:
    from text_to_num import find_numbers

    words = list(_WORD.finditer(text))
    if not words:
        return
    tokens, before = [], 0
    for word in words:
        between = text[before : word.start()].strip(" \n\t-‐‑")
        tokens.append(_Token(word[0].lower(), not between))
        before = word.end()
    for found in find_numbers(tokens, "en", threshold=0.0):
        start, end = words[found.start].start(), words[found.end - 1].end()
        phrase = text[start:end].lower()
        value = float(found.value)
        if found.is_ordinal or phrase in {"one", "ones", "a", "second"} or value > 1e15:
            continue
        if value == 0 and phrase != "zero":
            continue
        if phrase.rstrip("s") in _SCALES:
            # "a million dollars"; alone it ends "4 million", or tells nothing ("thousands of").
            article = _ARTICLE.search(text[max(0, start - 12) : start])
            if not article or phrase.endswith("s"):
                continue
            value *= 0.5 if article[1] else 1.0
        scale = next((m for w, m in _SCALES.items() if phrase.endswith(w) and m > 100), 1.0)
        if half := re.match(r"\s+and\s+a\s+half\b", text[end : end + 20], re.I):
            value, end = value + 0.5, end + half.end()
        yield Numeral(start, end, value, 0.5 * min(scale, max(value, 1.0)))


_HALF = re.compile(
    r"\b(?P<half>half an? )(?=(?:year|century|decade|hour|day|mile|kilomet|lit|tonne|"
    r"(?:percentage )?point))"
    r"|\b(?P<whole>an? )(?=(?:year|decade|hour|mile|century|month|week|day) and a half\b)",
    re.I,
)


def _halves(text: str) -> Iterator[Numeral]:
    """`half a year`, `an hour and a half`."""
    for match in _HALF.finditer(text):
        value = 0.5 if match["half"] else 1.5
        yield Numeral(match.start(), match.end() - 1, value, 0.05, rough=True)


def _fractions(text: str) -> Iterator[Numeral]:
    """`two thirds`, `a fifth of`, `one in ten`, `half the`: as per cent; and `two dozen`."""
    for match in _DOZEN.finditer(text):
        many = 0.5 if match[1].lower() == "half a" else _SMALL.get(match[1].lower(), 1)
        yield Numeral(*match.span(), 12.0 * many, 0.5, rough=True)
    for match in _FRACTION.finditer(text):
        if match["part"]:
            part, top = match["part"].lower(), _SMALL[match["top"].lower()]
            if part == "quarter" or not match["many"]:
                # Quarters are also those of a year; "a third" alone is also an ordinal.
                rest = text[match.end() : match.end() + 20]
                if not match["of"] or re.match(r"\s+(?:the\s+|last\s+|this\s+)?(?:year|\d)", rest):
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


# `rose from 4 to 5 per cent` is no range.
_MOVES = re.compile(
    r"\b(?:rose|ris\w+|increas\w+|gr[eo]w\w*|climb\w*|jump\w*|up|rais\w+|fell|fall\w*|dropp?\w*|"
    r"decreas\w+|declin\w+|down|cut\w*|reduc\w+|shr[aui]nk\w*|went|g\w+ up|chang\w+|mov\w+|slid\w*|"
    r"lift\w+|lower\w+|improv\w+|expand\w+|shorten\w+|extend\w+)\b",
    re.I,
)
_GOES_ON = re.compile(r"\s?[%€£]|[\s-]?[^\W\d_]")


def is_move(before: str) -> bool:
    """Whether the words before `from 4 to 5` tell of a change, so that it is no range."""
    return bool(_MOVES.search(before))


def _joined(text: str, found: list[Numeral]) -> list[Numeral]:
    """Ranges as one numeral; scores (`3-1`) dropped."""
    result: list[Numeral] = []
    for numeral in found:
        last = result[-1] if result else None
        if last is None or numeral.start - last.end > 5:
            result.append(numeral)
            continue
        gap = text[last.end : numeral.start].lower()
        before = text[max(0, last.start - 12) : last.start].lower()
        measured = bool(_GOES_ON.match(text, numeral.end))
        dashed = len(gap.strip()) == 1 and gap.strip() in _DASH and len(gap) != 2
        ranged = (
            (dashed and (measured or numeral.unit))
            or (
                gap.strip() == "to"
                and measured
                and not before.endswith("vote of ")
                and not (
                    before.endswith("from ") and is_move(text[max(0, last.start - 60) : last.start])
                )
            )
            or (gap.strip() == "and" and before.endswith("between "))
        )
        if ranged and last.value < numeral.value and last.unit in ("", numeral.unit):
            unit = numeral.unit
        elif ranged and last.value < numeral.value and not numeral.unit:
            unit = last.unit
        elif dashed and len(gap) == 1 and not numeral.unit:
            result.pop()  # a score
            continue
        else:
            result.append(numeral)
            continue
        middle, half = (last.value + numeral.value) / 2, (numeral.value - last.value) / 2
        result[-1] = Numeral(
            last.start, numeral.end, middle, numeral.step, unit, first=middle - half
        )
    return result
