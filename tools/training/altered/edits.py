"""Edits of one fact in a sentence, what follows from them, and those of figures and dates.

An edit turns a sentence into one that differs from it in a single fact. `stands` says what each of
the two says of the other. Mostly they exclude each other (conflicting). Some do not: the figure of
another company, of another year or of something else decides nothing, nor does a plan what came
of it (unverifiable). Where the form of a sentence leaves that open, no edit is made.

Figures and dates are read by `tools.numbers.quantities` and `tools.times.dates`, which also check
what was made of them: an altered figure that its rounding or hedge allows is no alteration.
"""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from agent.types import Verdict
from tools.numbers.numerals import numerals
from tools.numbers.quantities import Quantity, meet, quantities
from tools.times.dates import date_mentions
from tools.training.pairs import CONFLICTING, UNVERIFIABLE


@dataclass(frozen=True)
class Edit:
    """One fact of a sentence, changed.

    Attributes:
        kind: `figure`, `date`, `negation`, …
        start, end: span of the words that change.
        new: the words in their place.
        stands: what the sentence, as a passage, says of its edited form as a claim: conflicting
            or unverifiable; None where that is open.
        back: what the edited form, as a passage, says of the sentence.
    """

    kind: str
    start: int
    end: int
    new: str
    stands: Verdict | None = CONFLICTING
    back: Verdict | None = CONFLICTING

    def applied(self, sentence: str) -> str:
        """The sentence with the fact changed."""
        return sentence[: self.start] + self.new + sentence[self.end :]


Finder = Callable[[str, random.Random], Iterator[Edit]]


def undecided(kind: str, start: int, end: int, new: str) -> Edit:
    """An edit that makes it another matter, of which the sentence is silent."""
    return Edit(kind, start, end, new, UNVERIFIABLE, UNVERIFIABLE)


_WORDS = "two three four five six seven eight nine ten eleven twelve".split()
_SCALES = {"thousand": "million", "million": "billion", "billion": "million", "trillion": "billion"}
_NEIGHBOURS = 4
# "Come with Me 2 Hell", "the iPhone 6 sales"; not the first word of the sentence.
_IN_A_NAME = re.compile(r"[\s“\"(][a-z]*[A-Z]\w* $")
# A second figure after one of these belongs to the first, as what it is part of or grew from.
_NOT_FREE = re.compile(r"(?:\b(?:one|half|quarters?|thirds?)\b|[-–/:]\d|\d[-–/:])", re.I)


def figures(sentence: str, rng: random.Random) -> Iterator[Edit]:
    """Another number, off by a little or by much, or of another magnitude."""
    found = quantities(sentence)
    for quantity in found:
        if quantity.bound in ("over", "under") or quantity.magnitude_unclear:
            continue  # "more than 40" does not exclude "more than 52"
        if _IN_A_NAME.search(sentence[: quantity.start]):
            continue
        if re.match(r" (?:BC|AD|BCE|CE|under \d)\b", sentence[quantity.end :]):
            continue
        if _NOT_FREE.search(sentence[max(0, quantity.start - 1) : quantity.end + 1]):
            continue
        edits = [_other_number(sentence, quantity, rng), _other_scale(sentence, quantity)]
        for edit in edits:
            if edit is not None and _differs(sentence, edit, quantity):
                yield edit


def _other_number(sentence: str, quantity: Quantity, rng: random.Random) -> Edit | None:
    spans = [n for n in numerals(sentence) if quantity.start <= n.start < quantity.end]
    if len(spans) != 1:
        return None
    start = spans[0].start + len(spans[0].unit)
    match = re.compile(r"[^\w]*([A-Za-z]+|\d[\d,]*(?:\.\d+)?)").match(sentence, spans[0].start)
    if match is None:
        return None
    start, written = match.start(1), match[1]
    if written.lower() in _WORDS:
        place = _WORDS.index(written.lower())
        near = [w for i, w in enumerate(_WORDS) if 0 < abs(i - place) <= _NEIGHBOURS]
        word = rng.choice(near)
        new = word.capitalize() if written[0].isupper() else word
        return Edit("figure", start, start + len(written), new)
    if not written[0].isdigit():
        return None
    grouped, _, decimals = written.partition(".")
    digits = grouped.replace(",", "")
    value = float(written.replace(",", ""))
    if value < 2 and not decimals:
        return None
    if rng.random() < 0.5:  # by a little, where it stands on its last digits
        step = 10.0 ** -len(decimals) * 10 ** (
            len(digits) - len(digits.rstrip("0")) if not decimals else 0
        )
        changed = value + rng.choice((-1, 1)) * step * rng.randint(2, 9)
    else:
        changed = value * rng.choice((0.2, 0.3, 0.4, 0.5, 0.6, 1.5, 1.7, 2, 2.5, 3, 4))
    if changed <= 0 or (quantity.unit == "%" and value <= 100 < changed):
        changed = value * 0.6
    text = f"{changed:,.{len(decimals)}f}" if "," in grouped else f"{changed:.{len(decimals)}f}"
    if not decimals and len(digits) > 2 and digits.endswith("0"):
        zeros = len(digits) - len(digits.rstrip("0"))
        rounded = round(changed, -min(zeros, len(digits) - 2))
        text = f"{rounded:,.0f}" if "," in grouped else f"{rounded:.0f}"
    if float(text.replace(",", "")) < 2 and not decimals:
        return None  # "1 passengers"
    return Edit("figure", start, start + len(written), text)


def _other_scale(sentence: str, quantity: Quantity) -> Edit | None:
    for word, other in _SCALES.items():
        place = sentence.find(word, quantity.start, quantity.end)
        if place >= 0 and sentence[place - 1 : place] in " -":
            return Edit("magnitude", place, place + len(word), other)
    return None


def _differs(sentence: str, edit: Edit, quantity: Quantity) -> bool:
    """Whether the edited figure is read, and beyond what rounding and hedge of either allow."""
    edited = edit.applied(sentence)
    shift = len(edited) - len(sentence)
    read = [q for q in quantities(edited) if q.start == quantity.start]
    return bool(read) and read[0].end == quantity.end + shift and not meet(quantity, read[0])


# Units of one quantity of which neither could be the other, rounded.
_UNIT_SETS = [
    ("miles", "kilometres", "metres"), ("mile", "kilometre"), ("km", "miles"),
    ("metres", "kilometres", "feet"), ("meters", "feet", "miles"), ("feet", "metres", "inches"),
    ("inches", "centimetres", "feet"), ("kilograms", "tonnes", "grams"), ("kg", "tonnes"),
    ("pounds", "kilograms", "tonnes"), ("tonnes", "kilograms"), ("tons", "pounds"),
    ("acres", "hectares", "square miles"), ("hectares", "acres", "square kilometres"),
    ("seconds", "minutes"), ("minutes", "hours", "seconds"), ("hours", "days", "minutes"),
    ("days", "weeks", "months", "hours"), ("weeks", "days", "months", "years"),
    ("months", "weeks", "years", "days"), ("years", "months", "decades", "weeks"),
    ("litres", "gallons"), ("gallons", "litres"), ("megawatts", "gigawatts", "kilowatts"),
    ("Celsius", "Fahrenheit"), ("Fahrenheit", "Celsius"),
]  # fmt: skip
_COUNTED_UNIT = re.compile(
    rf"\b(?:\d[\d,.]*|{'|'.join(_WORDS)}|hundred|thousand|million|degrees)[\s-](?:of\s)?"
    rf"(?P<unit>{'|'.join(sorted({units[0] for units in _UNIT_SETS}, key=len, reverse=True))})\b"
    r"(?![- ](?:old|of age|\d)|[’']| (?:sterling|per|in jail with))"
)
_MONEY = re.compile(r"\b(?:cost|price|worth|paid|fined?|pay|sold|fee|debt|sum|spent)\b", re.I)
_CHANGED_BY = re.compile(
    r"\b(?:rose|fell|grew|increased|decreased|declined|dropped|climbed|risen|fallen|up|down|rise|"
    r"increase|drop|decline)\b[^,;.]{0,25}?\d[\d.]*(?P<unit> ?%| per ?cent)(?! of| points?)"
)


def units(sentence: str, rng: random.Random) -> Iterator[Edit]:
    """Another unit at the same number; percentage points for per cent."""
    for match in _COUNTED_UNIT.finditer(sentence):
        unit = match["unit"]
        if unit == "pounds" and _MONEY.search(sentence):
            continue
        others = next(others for first, *others in _UNIT_SETS if first == unit)
        yield Edit("unit", *match.span("unit"), rng.choice(others))
    for match in _CHANGED_BY.finditer(sentence):
        yield Edit("unit", *match.span("unit"), " percentage points")


# Two measures of which a text gives one figure each: the figure of one is silent on the other.
_MEASURES = [
    ("revenue", "net profit"), ("revenues", "profits"), ("profit", "revenue"),
    ("profits", "revenues"), ("sales", "profits"), ("imports", "exports"), ("exports", "imports"),

    ("births", "deaths"),
    ("goals", "assists"),
    ("singles", "albums"), ("albums", "singles"),
    ("households", "families"), ("income", "rent"), ("teachers", "pupils"),
    ("students", "teachers"), ("wins", "losses"), ("losses", "wins"), ("length", "width"),
    ("height", "width"), ("width", "height"), ("depth", "length"), ("boats", "houses"),
    ("houses", "schools"), ("homes", "shops"), ("schools", "hospitals"), ("cars", "lorries"),
    ("soldiers", "civilians"), ("civilians", "soldiers"), ("novels", "plays"), ("films", "plays"),
    ("doctors", "nurses"), ("nurses", "doctors"), ("passengers", "crew members"),
]  # fmt: skip


_MANY = 10
_HAVING = re.compile(
    r"\b(?:had|has|have|having|employ\w*|with|of|sold|sell|reported|posted|recorded|produced?|carried|"
    r"carries|there (?:are|were|is)|includ\w+|brought in|earned|grossed|made|contains?|enrolled)"
    r"(?: (?:about|around|over|nearly|almost|some|more than|at least|an estimated|a total of))?"
    r" [$€£]?$"
)


def measures(sentence: str, rng: random.Random) -> Iterator[Edit]:
    """The same figure of something else, of which the sentence is silent."""
    words = set(re.findall(r"[a-z]+", sentence))
    for quantity in quantities(sentence):
        if quantity.unit in ("%", "points") and quantity.change is None:
            continue  # "49 % are women" says how many are men
        if quantity.unit == "count" and quantity.values[0] < _MANY:
            continue  # two men who did something are no two women
        if not _HAVING.search(sentence[: quantity.start]):
            continue
        for ours, theirs in _MEASURES:
            match = re.compile(
                rf"\s(?:in |of )?(?:(?!and |of |in |by |at )[a-z]+ ){{0,2}}({ours})\b"
            ).match(sentence, quantity.end)
            if match and theirs not in words and "other" not in match[0]:
                yield undecided("measure", *match.span(1), theirs)


_MONTHS = (
    "January February March April May June July August September October November December".split()
)
_WEEKDAYS = "Monday Tuesday Wednesday Thursday Friday Saturday Sunday".split()
# What happens to one thing once, so that another date or place of it contradicts.
ONCE = (
    "born|died|founded|established|incorporated|inaugurated|built|completed|demolished|destroyed|"
    "created|formed|dissolved|abolished|invented|discovered|premiered|debuted|crashed|collapsed|"
    "sank|exploded|assassinated|executed|murdered|killed|shot|arrested|sentenced|convicted|"
    "kidnapped|abducted|buried|drowned|beheaded|married|divorced|retired|graduated|resigned|"
    "ratified|adopted|abdicated|ordained|baptized|disappeared|hospitalized|taken to hospital|"
    "merged|acquired|renamed|opened|closed|launched|erected|constructed|designated|appointed"
)
_ONCE = re.compile(
    rf"\b(?:was|were|been|is|and|who|it|he|she|it|they|has|had)\s(?:\w+ly )?(?:{ONCE})\b"
    r"|\b(?:died|premiered|debuted|crashed|collapsed|sank|exploded|retired|graduated|resigned|"
    r"disappeared|took place|took office|came to power|came into force|went bankrupt)\b"
    r"|\((?:born )?[^()]{0,30}[–-][^()]{0,30}\)"
)
_REPEATED = re.compile(
    r"\b(?:every|each|annual|annually|usually|often|sometimes|again|also|other|another|several|"
    r"many|some|most|various|first and|such as|including|e\.g)\b",
    re.I,
)
_LOOSE = re.compile(
    r"\b(?:before|after|by|until|till|since|around|about|circa|c\.|or|between|than|early|late|mid)"
    r"[\s-](?:the )?$",
    re.I,
)
_PERIOD = re.compile(r"\b(?:in|for|during|of|as of)(?: early| late| mid)? $", re.I)
# Verbs of what is measured again each period, and words of what comes once after all.
_MEASURING = re.compile(
    r"\b(?:had|has|have|sold|earned|reported|recorded|carried|produced|exported|imported|received|"
    r"employed|attracted|generated|spent|scored|accounted for|counted|averaged|totall?ed|was|were|"
    r"population of|income of|revenue of|profits? of|sales of|rate of|there were)"
    r"(?: (?:about|around|over|nearly|almost|just|some|more than|at least|"
    r"an? [a-z]+ (?:rate )?of))?"
    r" [$€£]?\d"
)
_SINGLE = re.compile(
    r"\b(?:record|married|announced|taken over|acquired|bought|beginning|"
    r"peak\w*|high point|first|last|began|begun|started|founded|transfer\w*|loan|signed|"
    r"joined|moved|became|study|survey|estimate\w*|census|since|\w{3,}est|most|least|only|film|movie|"
    r"album|season|election|draft|tournament|war|battle|when)\b",
    re.I,
)
_MEASURED = frozenset(["USD", "GBP", "EUR", "JPY", "%", "points", "metre", "gram"])


def dates(sentence: str, rng: random.Random) -> Iterator[Edit]:
    """Another year, month, day or weekday of what happened once; else another period.

    A birth, a foundation, a crash has one date: another one conflicts. What is measured in one
    year is silent on another year. Dates of anything else are left alone: a band that played in
    2001 may have played in 2003.
    """
    mentions = date_mentions(sentence)
    repeated = _REPEATED.search(sentence)
    once = _ONCE.search(sentence)
    for mention in mentions:
        before = sentence[max(0, mention.start - 14) : mention.start]
        after = sentence[mention.end : mention.end + 3]
        if _LOOSE.search(before) or re.match(r"[-–/]| [A-Z]|[’']|s\b| or\b", after):
            continue
        edits = list(_other_dates(sentence, mention.start, mention.end, rng))
        years = [m.year for m in mentions if m.year]
        if once and not repeated and len(mentions) <= 2 and _near(once, mention.start, sentence):
            for edit in edits:
                if (
                    not edit.new.isdigit()
                    or len(edit.new) < 4
                    or _ordered(years, mention.year, int(edit.new))
                ):
                    yield edit
        elif len(mentions) == 1 and _PERIOD.search(before) and not once:
            held = [q for q in quantities(sentence) if q.head or q.unit in _MEASURED]
            edge = re.fullmatch(r"(?:In|During|For|As of) (?:the )?", sentence[: mention.start])
            edge = edge or re.fullmatch(r"\.|,.{0,20}\.", sentence[mention.end :])
            repeats = edge and _MEASURING.search(sentence) and not _SINGLE.search(sentence)
            if held and repeats and all(q.aspect == "told" for q in held):
                for edit in edits:
                    yield undecided("period", edit.start, edit.end, edit.new)
    if once and not repeated:
        for match in re.finditer(rf"\bon ({'|'.join(_WEEKDAYS)})\b(?!s| and| or)", sentence):
            if _near(once, match.start(), sentence):
                day = rng.choice([d for d in _WEEKDAYS if d != match[1]])
                yield Edit("date", *match.span(1), day)


def _near(event: re.Match[str], place: int, sentence: str) -> bool:
    """Whether event and date stand in one clause."""
    left, right = sorted((event.start(), place))
    between = sentence[left:right]
    return len(between) < 70 and not re.search(
        r"[;:]|\b(?:and|but|who|which|that|when|while)\b", between
    )


def _ordered(years: list[int], ours: int | None, new: int) -> bool:
    """Whether the years of the sentence keep their order: nobody dies before being born."""
    turned = [new if year == ours else year for year in years]
    return sorted(range(len(years)), key=years.__getitem__) == sorted(
        range(len(turned)), key=turned.__getitem__
    ) and len(set(turned)) == len(set(years))


def _other_dates(sentence: str, start: int, end: int, rng: random.Random) -> Iterator[Edit]:
    for match in re.compile(r"\b(?:1[5-9]|20)\d\d\b").finditer(sentence, start, end):
        shift = rng.choice((1, 2, 3, 4, 7, 10, 20)) * rng.choice((-1, 1))
        year = int(match[0]) + shift
        if year > 2024 >= int(match[0]):
            year = int(match[0]) - abs(shift)
        yield Edit("date", *match.span(), str(year))
    for match in re.compile(rf"\b(?:{'|'.join(_MONTHS)})\b").finditer(sentence, start, end):
        # No day after the 28th in February.
        others = [m for m in _MONTHS if m not in (match[0], "February")]
        yield Edit("date", *match.span(), rng.choice(others))
    for match in re.compile(r"\b\d{1,2}(?=(?:st|nd|rd|th)?\b)").finditer(sentence, start, end):
        if "-" in sentence[start:end] or sentence[match.end() : match.end() + 2] in (
            "st",
            "nd",
            "rd",
            "th",
        ):
            continue
        days = [day for day in range(1, 29) if day != int(match[0])]
        yield Edit("date", *match.span(), str(rng.choice(days)))
