"""Numbers as a text writes them: digits, number words, fractions and ranges.

Digits are read in the styles of the English-speaking world (`1,234.5`), the Continent (`1.234,5`,
`1 234,5`, `1'234.50`) and India (`12,34,567`). `1.234` alone is one and a bit, as in English; only
a euro or pound sign after it, or apart before it, tells that the style is continental.

What only looks like a number is left out: a time (`19:30`, `9.30am`), a score (`3-1`), a version
(`4.2.1`), a telephone number, an ordinal, a decade, `number 6`, `F-16`. Units and what a
number measures are read by `tools.numbers.amounts`. Number words are read by text2num.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

from tools.numbers.fractions import fractions, halves, slashed
from tools.numbers.number_words import SCALES, SMALL_WORDS, Numeral, small_number

__all__ = ["SMALL_WORDS", "SUFFIXES", "Numeral", "is_move", "numerals", "small_number"]

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
_ARTICLE = re.compile(r"\b(?:(half\s+)?an?)\s+$", re.I)


def numerals(text: str) -> list[Numeral]:
    """The numbers of a text, in order; they do not overlap."""
    taken = bytearray(len(text))
    found: list[Numeral] = []
    for numeral in slashed(text):
        found.append(numeral)
        taken[numeral.start : numeral.end] = b"\1" * (numeral.end - numeral.start)
    for start, end in _no_quantities(text):
        if not taken[start]:
            taken[start:end] = b"\1" * (end - start)
    for reader in (halves, fractions, _digits, _words):
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
        if phrase.rstrip("s") in SCALES:
            # "a million dollars"; alone it ends "4 million", or tells nothing ("thousands of").
            article = _ARTICLE.search(text, max(0, start - 12), start)
            if not article or phrase.endswith("s"):
                continue
        scale = next((m for w, m in SCALES.items() if phrase.endswith(w) and m > 100), 1.0)
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
    return next((word for word, value in SCALES.items() if value == scale), "-")


# `rose from 4 to 5 per cent` is no range.
_MOVES = re.compile(
    r"\b(?:rose|ris\w+|increas\w+|gr[eo]w\w*|climb\w*|jump\w*|up|rais\w+|fell|fall\w*|dropp?\w*|"
    r"decreas\w+|declin\w+|down|cut\w*|reduc\w+|shr[aui]nk\w*|went|g\w+ up|chang\w+|mov\w+|slid\w*|"
    r"lift\w+|lower\w+|improv\w+|expand\w+|shorten\w+|extend\w+|doubl(?:ed?|es|ing)|tripl\w+|"
    r"trebl\w+|quadrupl\w+|halv(?:ed?|es|ing)|soar\w*|surg\w+|swell\w*|swollen|balloon\w*|"
    r"multipl\w+|plung\w+|plummet\w*|tumbl\w+|sank|sunk|sink\w*|slump\w*|leap\w*|leapt|"
    r"slip\w*|edg(?:ed|es|ing)|dip(?:s|ped|ping)?|eas(?:ed|es|ing)|creep\w*|crept|inch(?:ed|es|ing))\b",
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


_IN_A_YEAR = re.compile(r"\b(?:in|since|of|by)\s(?:1[5-9]|20)\d\d$")
"""A year before the second figure: `from 40,000 in 2022 to 50,000`."""
_APART = 4
"""How many times as much the second figure of `by 120 to 780` is, from which it is a level."""


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
                and not _IN_A_YEAR.search(text[max(0, last.start - 6) : last.end])
                and not (before.endswith("by ") and numeral.value > _APART * last.value)
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
