"""Numbers as a text writes them: digits, number words, fractions and ranges.

Digits are read in the styles of the English-speaking world (`1,234.5`), the Continent (`1.234,5`,
`1 234,5`, `1'234.50`) and India (`12,34,567`). `1.234` alone is one and a bit, as in English; only
a euro or pound sign after it, or apart before it, tells that the style is continental.

What only looks like a number is left out: a time (`19:30`, `9.30am`), a score (`3-1`), a version
(`4.2.1`), a telephone number, an ordinal, a decade, `number 6`, `F-16`. Units and what a
number measures are read by `tools.amounts`. Number words are read by text2num.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, replace

_CURRENCIES = r"(?:us|hk|nz|au|ca|[acsr])\$|[$€£¥₹₽₺₩₴₪]"
# What follows a comma that is a decimal one: `1,5 million`, not `rooms 1,5`.
_MEASURED = (
    r"%|per|prozent|milli|billion|m(?:io|rd|ln|rn)\b|[€£°]|euro|[kcm]?m\b|kg\b|ha\b|tonne|hectare|"
    r"lit(?:re|er)|met(?:re|er)|kilo|degree|mile|point"
)
_NUMBER = re.compile(
    rf"(?<![\w.,/#])(?P<sign>(?<![\w)\]])[-−](?=\d|{_CURRENCIES}))?(?P<currency>{_CURRENCIES})?\s?"
    r"(?P<digits>\d{1,3}(?:,\d{3})+(?:\.\d{1,9})?"
    r"|\d{1,2}(?:,\d\d){1,5},\d{3}(?:\.\d{1,9})?"
    r"|\d{1,3}(?:[ '’\u00a0\u2009\u202f]\d{3}){1,5}(?!\d)(?:[.,]\d{1,3}(?!\d))?"
    r"|\d{1,3}(?:\.\d{3}){1,5},\d{1,9}"
    r"|\d{1,3}(?:\.\d{3}){2,5}"
    r"|(?P<dotted>[1-9]\d{0,2}\.\d{3}(?=\s?[€£]|\s(?-i:Euro|EUR)\b)"
    r"|(?<=[€£]\s)[1-9]\d{0,2}\.\d{3}(?!\d))"
    rf"|\d{{1,9}},\d{{1,2}}(?=\s?(?:{_MEASURED}))"
    r"|\d{1,15}(?:\.\d{1,9})?|\.\d{1,4}(?=\s?(?:%|per)))"
    r"(?:\s?[x×]\s?10(?:\^(?P<power>[-−]?\d{1,2})|(?P<raised>⁻?[⁰¹²³⁴-⁹]{1,2}))"
    r"|(?-i:e)(?P<exponent>[-+]?\d{1,2})(?!\w))?"
    r"(?P<suffix>(?(currency)[ \u00a0]?)(?:bn|mn|tn|mln|bln|trn|mio|mrd|[mbk])\b)?(?![.,:/]?\d)",
    re.I,
)
SUFFIXES = {"k": 1e3, "m": 1e6, "mn": 1e6, "mln": 1e6, "mio": 1e6, "b": 1e9, "bn": 1e9, "bln": 1e9,
            "mrd": 1e9, "tn": 1e12, "trn": 1e12}  # fmt: skip
# Letters right after digits that leave it a number: `5km`, `20kg`. Others make a name (`5G`).
_GLUED = re.compile(
    r"(?!(?:km|cm|mm|m|kg|mg|kw|mw|gw|tw|wh|kwh|mwh|gwh|twh|usd|eur|gbp|percent|per|bn|mn|tn|mln|bln|"
    r"trn|mio|mrd|b|k|mph|kph|kmh|ft|in|lbs?|oz|ml|ha|pp|bps|pc|kb|mb|gb|tb|hz|khz|mhz|ghz|h|"
    r"pc|pct|(?-i:[glpt]))\b)[^\W\d_]",
    re.I,
)
_METRES = re.compile(r"\s?-?(?:tall|high|long|wide|deep|above|below|away)\b")
_DASH = "-‐‑–—"
_NO_QUANTITY = re.compile(
    r"(?<![\d.])\d{1,2}(?:[:.]\d\d)?\s?[ap]\.?m\b"  # 9.30 am, 9 pm
    r"|(?<!\d)\d{1,4}(?::\d{1,4})+"  # 19:30, 4:1
    r"|(?<!\d)\d{1,4}/\d{1,4}(?:/\d{1,4})?"  # 12/05/2026, 24/7
    r"|\bv?(?<!\d)\d{1,4}\.\d{1,4}(?:\.\d{1,4})+(?!\d)"  # 4.2.1
    r"|\+\d[\d ()-]{6,20}\d|\(0\d{1,5}\)[ -]?\d[\d -]{3,15}"
    r"|(?<!\d)(?<!\d\s)0\d{2,5}[ -]\d[\d -]{3,15}\d"
    r"|(?<!\d)\d{3}-\d{3,4}(?:-\d{4})?(?!\d)"  # telephone
    r"|\b(?:1[5-9]|20)\d\d[-–/]\d\d(?:\d\d)?(?!\d)"  # 2019-20
    r"|\b\d{1,4}(?:st|nd|rd|th)\b|[’']?\b\d{2,4}[’']?s\b"  # 21st, 1990s
    r"|\b(?:number|no\.?|page|chapter|line|route|room|phase|article|section|version|part|step|"
    r"grade|level|flight|platform|gate|channel|figure|table|rule|version|type)\s\d+"
    r"|(?<=[^\W\d_])(?<!\d[bmk])(?<!\d[bmt]n)[-‐‑]\d+[^\W\d_]*",  # F-16, mid-50s; not 3bn-4bn
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
        scale: what one of the number's digits counts: 1e6 in `4m` and `four million`.
    """

    start: int
    end: int
    value: float
    step: float
    unit: str = ""
    rough: bool = False
    first: float | None = None
    scale: float = 1.0


def numerals(text: str) -> list[Numeral]:
    """The numbers of a text, in order; they do not overlap."""
    taken = bytearray(len(text))
    found: list[Numeral] = []
    for numeral in _slashed(text):
        found.append(numeral)
        taken[numeral.start : numeral.end] = b"\1" * (numeral.end - numeral.start)
    for start, end in _no_quantities(text):
        if not taken[start]:
            taken[start:end] = b"\1" * (end - start)
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
_CONTINENTAL = re.compile(r"\d{1,3}(?:\.\d{3}){2,}|\d{1,3}(?:\.\d{3})+,\d+|\d+,\d{1,2}")
_MINUS = re.compile(r"\bminus\s$", re.I)
_RAISED = str.maketrans("⁻−⁰¹²³⁴⁵⁶⁷⁸⁹", "--0123456789")


def _digits(text: str) -> Iterator[Numeral]:
    for match in _NUMBER.finditer(text):
        if not match["suffix"] and _GLUED.match(text, match.end()):
            continue
        digits = _SEPARATORS.sub("", match["digits"])
        grouped = len(digits) < len(match["digits"])
        if match["dotted"] or _CONTINENTAL.fullmatch(digits) or (grouped and "." not in digits):
            digits = digits.replace(".", "").replace(",", ".")  # written the continental way
        digits = digits.replace(",", "")
        suffix = (match["suffix"] or "").strip().lower()
        scale = SUFFIXES[suffix] if suffix else 1.0
        if power := match["power"] or match["raised"] or match["exponent"]:
            scale *= 10.0 ** int(power.translate(_RAISED))
        value, step = float(digits), 0.5 * 10.0 ** -len(digits.partition(".")[2])
        unit = (match["currency"] or "").lower()
        end = match.end()
        if match["suffix"] in ("m", "M") and not match["currency"] and _METRES.match(text, end):
            unit, scale = "metre", 1.0  # metres, not millions
        start = match.start() + len(match[0]) - len(match[0].lstrip())
        minus = _MINUS.search(text, max(0, start - 7), start)
        value *= -scale if match["sign"] or minus else scale
        start = minus.start() if minus else start
        yield Numeral(start, end, value, step * scale, unit, scale=scale)


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
        half = _AND_A_HALF.match(text, end)
        if found.is_ordinal or phrase in {"ones", "a", "second"} or value > 1e15:
            continue
        if phrase == "one" and not half and not _ONE_UNIT.match(text, end):
            continue
        if phrase in {"tens", "hundreds", "thousands"} or (value == 0 and phrase != "zero"):
            continue
        if phrase.rstrip("s") in _SCALES:
            # "a million dollars"; alone it ends "4 million", or tells nothing ("thousands of").
            article = _ARTICLE.search(text, max(0, start - 12), start)
            if not article or phrase.endswith("s"):
                continue
        scale = next((m for w, m in _SCALES.items() if phrase.endswith(w) and m > 100), 1.0)
        step = 0.5 * min(scale, max(value, 1.0))
        if _POINT.search(phrase):
            step *= 10.0 ** -len(_POINT.split(phrase)[1].removesuffix(_last_word(scale)).split())
        if half:
            value, end, step = value + 0.5 * scale, half.end(), 0.1 * step
        if minus := _MINUS.search(text, max(0, start - 7), start):
            value, start = -value, minus.start()
        yield Numeral(start, end, value, step, scale=scale)


_POINT = re.compile(r"\spoint\s")
_AND_A_HALF = re.compile(r"[\s-]+and[\s-]+a[\s-]+half\b", re.I)
# `one` counts where it measures; elsewhere it is a pronoun (`one of them`, `one day`).
_ONE_UNIT = re.compile(
    r"[\s-](?:per\s?cent|percentage|basis|kilo\w+|met(?:re|er)|mile|tonne|hectare|acre|euro|dollar|"
    r"pound|lit(?:re|er)|degree|lakh|crore)\b",
    re.I,
)


def _last_word(scale: float) -> str:
    return next((word for word, value in _SCALES.items() if value == scale), "-")


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
_SCALES_PARTED = {**_SCALES, "lakh": 1e5, "crore": 1e7}


def _halves(text: str) -> Iterator[Numeral]:
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


def _slashed(text: str) -> Iterator[Numeral]:
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


def _fractions(text: str) -> Iterator[Numeral]:
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


# `rose from 4 to 5 per cent` is no range.
_MOVES = re.compile(
    r"\b(?:rose|ris\w+|increas\w+|gr[eo]w\w*|climb\w*|jump\w*|up|rais\w+|fell|fall\w*|dropp?\w*|"
    r"decreas\w+|declin\w+|down|cut\w*|reduc\w+|shr[aui]nk\w*|went|g\w+ up|chang\w+|mov\w+|slid\w*|"
    r"lift\w+|lower\w+|improv\w+|expand\w+|shorten\w+|extend\w+)\b",
    re.I,
)
_GOES_ON = re.compile(r"\s?[%€£]|[\s-]?[^\W\d_]")


def is_move(before: str, lead: str = "from ") -> bool:
    """Whether the words before `from 4 to 5` tell of a change, so that it is no range.

    Args:
        before: the words before the first figure.
        lead: the last of them; without `from` there it is a range: `rose 4 to 5 per cent`.
    """
    return lead.endswith("from ") and bool(_MOVES.search(before))


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
        measured = numeral.scale > 1 or bool(_GOES_ON.match(text, numeral.end))
        if last.scale == 1 < numeral.scale and 0 < last.value < numeral.value / numeral.scale:
            scaled = replace(  # `3-4bn`: the first is in billions as well
                last,
                value=last.value * numeral.scale,
                step=last.step * numeral.scale,
                scale=numeral.scale,
            )
        else:
            scaled = last
        dashed = len(gap.strip()) == 1 and gap.strip() in _DASH and len(gap) != 2
        ranged = (
            (dashed and (measured or numeral.unit))
            or (
                gap.strip() == "to"
                and (measured or (numeral.unit and numeral.unit == last.unit))
                and not before.endswith("vote of ")
                and not is_move(text[max(0, last.start - 60) : last.start], before)
            )
            or (gap.strip() == "and" and before.endswith("between "))
            or (gap.strip() == "or" and measured and _few(last, numeral))
        )
        ranged = ranged and scaled.value < numeral.value
        if ranged and last.unit in ("", numeral.unit):
            unit = numeral.unit
        elif ranged and not numeral.unit:
            unit = last.unit
        elif dashed and len(gap) == 1 and not numeral.unit:
            result.pop()  # a score
            continue
        else:
            result.append(numeral)
            continue
        middle, half = (scaled.value + numeral.value) / 2, (numeral.value - scaled.value) / 2
        result[-1] = Numeral(
            last.start, numeral.end, middle, numeral.step, unit, first=middle - half,
            scale=numeral.scale,
        )  # fmt: skip
    return result


def _few(first: Numeral, second: Numeral) -> bool:
    """Whether two numbers with `or` between them are a guess: `two or three days`."""
    gap = second.value - first.value
    return 0 < gap <= 0.5 * first.value and first.unit == second.unit and second.value <= 100
