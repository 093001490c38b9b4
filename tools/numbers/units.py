"""Units and currencies as texts write them, with exact factors to one canonical unit each.

Lengths are in metres, areas in square metres, masses in grams, volumes in litres, powers in watts,
energies in watt-hours, speeds in metres an hour, temperatures in degrees Celsius, spans of time in
seconds, days or months: a month has no fixed number of days, nor does a text that says `two days`
mean 48 hours. Factors are those of the International System and, for imperial units, of the
international yard and pound agreement of 1959; `ton` and `gallon` differ between countries and are
left out. Currencies are never converted here: a rate is a fact of its day.
"""

from __future__ import annotations

import re
from typing import Final, NamedTuple

MAGNITUDES: Final = {
    "hundred": 1e2, "thousand": 1e3, "lakh": 1e5, "million": 1e6, "mn": 1e6, "mln": 1e6,
    "crore": 1e7, "billion": 1e9, "bn": 1e9, "bln": 1e9, "trillion": 1e12, "tn": 1e12,
    "trn": 1e12, "mio": 1e6, "mrd": 1e9, "milliard": 1e9, "millionen": 1e6, "milliarden": 1e9,
    "lakh crore": 1e12, "thousand crore": 1e10, "hundred thousand": 1e5, "thousand million": 1e9,
}  # fmt: skip
CURRENCY: Final = {
    "$": "USD", "us$": "USD", "a$": "AUD", "au$": "AUD", "c$": "CAD", "ca$": "CAD", "hk$": "HKD",
    "nz$": "NZD", "s$": "SGD", "r$": "BRL", "€": "EUR", "£": "GBP", "¥": "JPY", "₽": "ROUBLE",
    "₺": "LIRA", "₩": "KRW", "₴": "UAH", "₪": "ILS", "won": "KRW", "rupiah": "IDR",
    "hryvnia": "UAH", "shekel": "ILS", "shekels": "ILS", "reais": "BRL",
    "kr": "KRONE", "rs": "RUPEE", "inr": "RUPEE", "¢": "CENT",
    "₹": "RUPEE", "dollar": "USD", "dollars": "USD", "euro": "EUR", "euros": "EUR", "pound": "GBP",
    "pounds": "GBP", "cent": "CENT", "cents": "CENT", "pence": "PENNY", "penny": "PENNY",
    "sterling": "GBP",
    "yen": "JPY", "yuan": "CNY", "renminbi": "CNY", "zloty": "PLN", "kronor": "SEK",
    "kroner": "KRONE", "krone": "KRONE", "lira": "LIRA", "baht": "THB", "rand": "ZAR",
    **{f"{name}{s}": name.upper() for name in "crown mark franc rouble ruble peso dinar shilling "
       "guilder rupee dirham forint florin thaler ducat kroon".split() for s in ("", "s")},
    **{code.lower(): code for code in "USD EUR GBP JPY CHF CNY SEK NOK DKK PLN AUD CAD "
       "HKD NZD SGD BRL KRW CZK HUF RON UAH ILS ZAR MXN".split()},
}  # fmt: skip
CURRENCIES: Final = frozenset(CURRENCY.values())
_DOLLARS: Final = {"us": "USD", "american": "USD", "canadian": "CAD", "australian": "AUD",
                   "hong kong": "HKD", "singapore": "SGD", "new zealand": "NZD"}  # fmt: skip


class Unit(NamedTuple):
    """A canonical unit and how a value becomes one in it: `value * factor + offset`."""

    name: str
    factor: float
    offset: float = 0.0


_SCALED: Final = {
    "metre": {"mm millimetre millimeter": 1e-3, "cm centimetre centimeter": 1e-2,
              "metre meter": 1.0, "km kilometre kilometer": 1e3, "mile": 1609.344,
              "foot feet ft": 0.3048, "inch inches": 0.0254, "yard": 0.9144,
              "nautical-mile": 1852.0},
    "m2": {"hectare ha": 1e4, "acre": 4046.8564224},
    "gram": {"mg milligram": 1e-3, "gram": 1.0, "kg kilogram kilo": 1e3, "tonne": 1e6,
             "kilotonne": 1e9, "lb lbs": 453.59237, "ounce oz": 28.349523125,
             "stone": 6350.29318},
    "litre": {"ml millilitre milliliter": 1e-3, "cl centilitre": 1e-2, "litre liter": 1.0,
              "hectolitre": 1e2},
    "watt": {"watt": 1.0, "kw kilowatt": 1e3, "mw megawatt": 1e6, "gw gigawatt": 1e9,
             "tw terawatt": 1e12},
    "wh": {"kwh kilowatt-hour": 1e3, "mwh megawatt-hour": 1e6, "gwh gigawatt-hour": 1e9,
           "twh terawatt-hour": 1e12},
    "byte": {"kilobyte kb": 1e3, "megabyte mb": 1e6, "gigabyte gb": 1e9, "terabyte tb": 1e12},
    "second": {"second": 1.0, "minute": 60.0, "hour": 3600.0},
    "day": {"day": 1.0, "week": 7.0, "fortnight": 14.0},
    "month": {"month": 1.0, "quarter-year": 3.0, "year": 12.0, "decade": 120.0,
              "century centuries": 1200.0},
    "metre an hour": {"km/h kph kmh": 1e3, "mph": 1609.344, "knot": 1852.0},
    "degree": {"degree": 1.0},
}  # fmt: skip
_UNITS: Final = {
    word: Unit(name, factor)
    for name, scale in _SCALED.items()
    for words, factor in scale.items()
    for word in words.split()
}
_CELSIUS, _FAHRENHEIT = Unit("degree", 1.0), Unit("degree", 1 / 1.8, -32 / 1.8)
_DEGREES = re.compile(
    r"\s*(?:°\s*|degrees?\s+|deg\.?\s+)(?:(?P<c>C(?:elsius|entigrade)?)|(?P<f>F(?:ahrenheit)?))\b"
    r"|\s*°(?![\w′'])",
)
_BASIS_POINTS = re.compile(r"[\s-]*(?:basis[\s-]points?|bps?)\b", re.I)
_POINTS = re.compile(
    r"[\s-]*(?:percentage|per\s?cent|%)[\s-]points?\b|\s*pp\b|\s*%-points?\b", re.I
)
_PERCENT = re.compile(r"\s?%|[\s-]?per[\s-]?cent\b|\s?pct\b|pc\b", re.I)
_SQUARE = re.compile(
    r"[\s-]*(?:(?P<how>square|sq\.?|cubic)[\s-]+(?P<word>[A-Za-z]+)"
    r"|(?P<short>km|cm|mm|m)(?P<power>[²³])|(?P<plain>km|m)(?P<digit>[23])\b)",
    re.I,
)
_PER_HOUR = re.compile(
    r"[\s-]*(?P<word>kilomet(?:re|er)s?|km|miles?)\s?(?:an|per|/)\s?h(?:our)?\b", re.I
)
_WATT_HOURS = re.compile(r"[\s-]*(?P<word>(?:kilo|mega|giga|tera)watt)[\s-]?hours?\b", re.I)
_DOLLAR = re.compile(rf"\s*(?P<kind>{'|'.join(_DOLLARS)})\s+dollars?\b", re.I)
_WORD = re.compile(r"[\s-]*([A-Za-z]+(?:/h)?|[€£¥¢₽₺₩₴₪](?!\d))")
# `two stone bridges` are not a weight.
_STONE_THING = re.compile(r"\s+(?!(?:and|or|in|to|by|at|on|of|over|after|since|than)\b)[a-z]")
_NAUTICAL = re.compile(r"[\s-]*nautical[\s-]miles?\b", re.I)
# Single letters are units where they are small, and some only right after the figure: `20g`, `40p`.
_LETTER = re.compile(r"\s?(?P<spaced>[glt])\b(?![’'-]|\.\w)|(?P<glued>[ph]|in)\b(?![’'-]|\.\w)")
_LETTERS: Final = {
    "g": Unit("gram", 1.0),
    "l": Unit("litre", 1.0),
    "t": Unit("gram", 1e6),
    "p": Unit("PENNY", 1.0),
    "in": Unit("metre", 0.0254),
    "h": Unit("second", 3600.0),
}


def read_unit(rest: str) -> tuple[Unit, int] | None:
    """The unit that a text after a number begins with.

    Args:
        rest: what follows the number and its magnitude (`million`).

    Returns:
        The unit and the length of its text, or None. Currencies come as units of their code.
    """
    if match := _BASIS_POINTS.match(rest):
        return Unit("points", 0.01), match.end()
    if match := _POINTS.match(rest):
        return Unit("points", 1.0), match.end()
    if match := _PERCENT.match(rest):
        return Unit("%", 1.0), match.end()
    if match := _DEGREES.match(rest):
        return (_FAHRENHEIT if match["f"] else _CELSIUS), match.end()
    if match := _DOLLAR.match(rest):
        return Unit(_DOLLARS[match["kind"].lower()], 1.0), match.end()
    if match := _WATT_HOURS.match(rest):
        return _UNITS[f"{match['word'].lower()}-hour"], match.end()
    if match := _PER_HOUR.match(rest):
        return Unit("metre an hour", _named(match["word"]).factor), match.end()
    if match := _SQUARE.match(rest):
        power = 3 if (match["how"] or "").lower() == "cubic" or "³" in match[0] else 2
        power = int(match["digit"]) if match["digit"] else power
        word = match["word"] or match["short"] or match["plain"]
        length = Unit("metre", 1.0) if word.lower() == "m" else _named(word)
        if length.name == "metre":
            factor = length.factor**power
            unit = Unit("m2", factor) if power == 2 else Unit("litre", 1000 * factor)
            return unit, match.end()
    if match := _NAUTICAL.match(rest):
        return _UNITS["nautical-mile"], match.end()
    if match := _LETTER.match(rest):
        return _LETTERS[match["spaced"] or match["glued"]], match.end()
    if match := _WORD.match(rest):
        word = match[1].lower()
        if word == "stone" and _STONE_THING.match(rest, match.end()):
            return None
        if word in CURRENCY:
            return Unit(CURRENCY[word], 1.0), match.end()
        unit = _named(word)
        if unit.name:
            return unit, match.end()
    return None


def _named(word: str) -> Unit:
    low = word.lower()
    return _UNITS.get(low) or _UNITS.get(low.removesuffix("s")) or Unit("", 1.0)
