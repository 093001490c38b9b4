"""Who says it: speakers, quotations over several sentences, and the kind of a claim.

`X said Y` is the claim that X said it. Its text keeps the attribution, so that it is checked
as what it is: a report of somebody's words.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from dataclasses import dataclass

from agent.claims.naming import Cast
from agent.types import ClaimKind
from tools.numbers.quantities import quantities
from tools.people.roles import BODIES, OFFICES
from tools.people.speakers import Speaker, speaker_of
from tools.text.grammar import REPORTING, SHIELD, verbs
from tools.text.quotes import quotations
from tools.text.words import is_opener

TITLE = (
    r"(?:[Mm]ayor|[Pp]resident|[Cc]hancellor|[Pp]rime [Mm]inister|[Mm]inister|[Ss]enator|"
    r"[Cc]ouncillor|"
    r"[Jj]udge|[Pp]rofessor|[Gg]overnor|[Ss]ecretary|[Dd]irector|[Cc]hair(?:man|woman)?|CEO|CFO|COO|CTO|"
    r"[Cc]hief [Ee]xecutive|[Oo]pposition leader,?|[Ff]inance director|"
    r"[Ss]pokes(?:man|woman|person)|"
    r"Dr\.?|Mr\.?|Mrs\.?|Ms\.?|Sir|Harbourmaster)"
)
NAME = r"[A-ZÀ-Þ][\w’'-]*\w(?:\s(?:(?:de|van|von|der|la|of|bin|al)\s){0,2}[A-ZÀ-Þ][\w’'.-]*\w){0,5}"
SPEAKS = re.compile(
    r"\b(?:said|says|told|added|argued|claimed|noted|expects?|expected|predicts?|predicted|"
    r"announced|warned|believes?|plans?|stated|explained|insisted|denied|emphasi[sz]ed|"
    r"highlighted|mentioned|commended|praised|hopes?|promised|vowed|lauds?|wrote)\b"
)
_FORECAST = re.compile(
    r"\b(?:will|expects?|expected to|predicts?|predicted|forecasts?|plans? to|is due to|are due to|"
    r"is set to|set to|is to|are to|gearing up to|aims? to|intends? to|going to)\b"
)
_ATTRIBUTION = re.compile(
    rf"\b[Aa]ccording to ({NAME})|({NAME}) {SPEAKS.pattern}|[,”\"“»’]\s*(?:said|says) ({NAME})"
)
_REPORTED = re.compile(
    r"\b(?:said|says|told|tells|argued|claimed|stated|insisted|announced|added|warned|confirmed|"
    r"reported|wrote|believes?|explained|noted|denied)\b(?:\s+(?:on\s+\w+day|\w+ly))?(?:\s+that\b)?\s+(?P<after>.+)"
    r"|^(?P<before>.+?),\s+(?:according to\b|(?:[\w’'.-]+\s+){1,6}(?:said|says|added)\W*$|"
    r"(?:said|says)\s).*$"
    r"|^According to [^,]+,\s+(?P<rest>.+)",
    re.S,
)

_OFFICE = rf"[Tt]he (?:[a-z-]+ ){{0,2}}?(?:{OFFICES}|{BODIES})"
_OFFICE_SAID = re.compile(
    rf"\b[Aa]ccording to ({_OFFICE})(?=[,.])|^({_OFFICE}) {SPEAKS.pattern}|"
    rf"[,”\"“»’]\s*(?:said|says) ({_OFFICE})(?=[,.])"
)


@dataclass(frozen=True)
class LongQuotation:
    """A quotation that goes over a bound of sentences; the span is that of its words."""

    start: int
    end: int
    speaker: str | None
    sure: bool = True


class Quotations:
    """The quotations of an article that are longer than a sentence, with their speakers.

    Args:
        text: the article.
        paragraphs: its paragraphs; no quotation is looked for across their bounds.
        sentences: its sentences.
    """

    def __init__(
        self, text: str, paragraphs: list[tuple[int, int]], sentences: list[tuple[int, int]]
    ) -> None:
        ends = [end for _, end in sentences]
        self._found: list[LongQuotation] = []
        for start, end in paragraphs:
            paragraph = text[start:end]
            if not _MARK.search(paragraph):
                continue
            for quotation in quotations(paragraph):
                first, last = start + quotation.start, start + quotation.end
                sentence = bisect_right(ends, first)
                if sentence < len(ends) and last > ends[sentence]:
                    low = max(0, quotation.start - _AROUND)
                    around = paragraph[low : quotation.end + _AROUND]
                    said = speaker_of(around, quotation.start - low, quotation.end - low)
                    who = _named(said) if said else None
                    passed_on = re.match(r"[^.]{0,60}\bquot(?:ed|ing)\b", text[last : last + 80])
                    self._found.append(
                        LongQuotation(
                            first, last, None if passed_on else who, said is not None and said.sure
                        )
                    )
        self._starts = [found.start for found in self._found]

    def around(self, start: int, end: int) -> LongQuotation | None:
        """The long quotation that has the whole or a part of `start:end` and goes on beyond it."""
        place = bisect_right(self._starts, end) - 1
        while place >= 0 and (found := self._found[place]).end > start:
            if found.start < end and not (start <= found.start and found.end <= end):
                return found
            place -= 1
        return None


def _named(speaker: Speaker) -> str | None:
    """The name of a speaker, or a short office; None for `she` or what is nobody in particular."""
    if speaker.name:
        return speaker.name
    office = len(speaker.text.split()) <= _LONGEST_OFFICE and speaker.text[:4].lower() == "the "
    return speaker.text if office and speaker.definite else None


_MARK = re.compile("[“„«»「‘\"']")
_LONGEST_OFFICE = 5
"""Words: `the chief executive of Skarra`."""
_AROUND = 1500
"""Characters before and after a quotation in which its speaker is looked for."""


def kind_of(text: str) -> ClaimKind:
    """The kind of a claim by its words."""
    if quotations(text):
        return "quotation"
    if _FORECAST.search(text):
        return "forecast"
    return "quantity" if quantities(text) else "fact"


def speaker_in(text: str, full: dict[str, str], cast: Cast) -> str | None:
    """Whom a clause attributes its statement to.

    Args:
        text: the clause.
        full: the fullest names so far, by surname.
        cast: the people and bodies of the article: a capital alone makes no speaker.
    """
    outside = text
    for quotation in reversed(quotations(text)):
        outside = outside[: quotation.start] + " " + outside[quotation.end :]
    for match in _ATTRIBUTION.finditer(outside):
        name = next((group for group in match.groups() if group), "")
        words = name.split()
        while words and is_opener(words[0]):
            words.pop(0)
        if words:
            titled = re.sub(rf"^{TITLE}\s+", "", " ".join(words))
            if not titled:
                return None
            known = full.get(titled.split()[-1], titled)
            if cast.is_named(titled) or known in full.values():
                return known
    office = _OFFICE_SAID.search(outside)
    return next(group for group in office.groups() if group) if office else None


def reported(text: str) -> str | None:
    """What a claim reports somebody as saying: the words quoted, else those after `said`."""
    quoted = quotations(text)
    if quoted:
        return " ".join(quotation.text for quotation in quoted)
    match = _REPORTED.search(text)
    return next((group for group in match.groups() if group), None) if match else None


def unreported(masked: str) -> list[tuple[int, int]]:
    """The spans of a sentence that report nobody's words; they may be empty.

    After `X said` all is what X said, up to a semicolon; before `, X said` all is.
    """
    if trailing := _TRAILING_SAID.search(masked):
        begin = masked.rfind(";", 0, trailing.start()) + 1
        before = masked[begin : trailing.start()]
        if verbs(before) or SHIELD in before:
            return [(0, begin + 1 if begin else 0), (trailing.start() + 1, len(masked))]
    if re.match(r"According to\b", masked):
        return []
    if reporting := REPORTING.search(masked):
        stop = masked.find(";", reporting.end())
        # `said Ana Brandt, who …`: what follows the speaker is the article's own again.
        inverted = re.match(
            r"\s+[A-Z][\w’'-]+(?:\s[A-Z][\w’'-]+)+,\s+(?:who|the|an?)\b", masked[reporting.end() :]
        )
        if inverted and SHIELD in masked[: reporting.start()]:
            return [(0, len(masked))]
        return [(0, reporting.start()), *([(stop, len(masked))] if stop > 0 else [])]
    return [(0, len(masked))]


_TRAILING_SAID = re.compile(
    r",\s+(?:according to\b|(?:as\s+)?(?:[\w’'.-]+\s+){1,7}?(?:said|says|told|added|adds|argued|"
    r"noted|reported|explained|claimed|wrote|warned)\b|(?:said|says|added|adds|reported)\s)"
)
