"""Statements made in passing: relative clauses, appositions, participles, brackets, dashes.

`Ana Brandt, the finance director, said …` says who she is besides what she said; one may be
true and the other false. Such a statement is taken out of its sentence and said of what it
stands beside. Only what adds something is taken out: a clause without commas restricts
(`the plant that closed`), and where it is not plain what a clause belongs to, or where its
end is, it stays where it is.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from tools.text.grammar import (
    ADVERB,
    PREPOSITION,
    SHIELD,
    is_clause,
    is_statement,
    phrase_before,
    verbs,
)
from tools.text.words import WORD

Piece = str | tuple[int, int]
"""Words that are written in, or a span of the sentence."""


@dataclass(frozen=True)
class Aside:
    """A statement made in passing.

    Attributes:
        start, end: of its quote in the sentence.
        pieces: what its wording is made of.
        hole: the span that the sentence reads on without.
    """

    start: int
    end: int
    pieces: tuple[Piece, ...]
    hole: tuple[int, int]


_RELATIVE = re.compile(rf",\s+(?P<word>who|which|whose|where)\s+(?=(?:{ADVERB}\s+)?\w)")
_APPOSITION = re.compile(
    r",\s+(?P<then>then\s+)?(?=(?:the|an?|its|their|his|her|one of (?:the|its|their))\s+\w)"
)
_AGE = re.compile(r",\s+(?P<age>(?:1[0-1]|[1-9])?\d),\s+")
_PARTICIPLE = re.compile(
    r",\s+(?:(?:also|better|best|formally|formerly|originally)\s+)?(?:founded|born|based|built|known|"
    r"located|named|called|opened|established|launched|elected|appointed|created|formed|written|"
    r"designed|published|owned|run|made|headquartered|released|chaired|headed|led)\s+"
    r"(?=in\b|by\b|as\b|at\b|on\b|from\b|of\b|for\b|after\b)"
)
_OPENING_PARTICIPLE = re.compile(
    r"(?!Compared|Based on|Given|Provided|Measured|Adjusted|Taken|Seen|Judged|United|"
    r"Combined|Needed)"
    r"(?:Born|Known|Built|Written|Made|Led|Driven|Held|Set|Found|Bought|Sold|Hit|[A-Z][a-z]{2,}ed)\s+"
    r"(?:(?:in|by|as|at|from|with|to|on|after)\b|\d)[^,;:]*,\s+"
)
_BRACKETS = re.compile(r"\s*\((?P<inner>[^()]{3,200})\)(?!\w)")
_BORN = re.compile(r"(?:born|died)\b.*\d|founded\b.*\d|opened\b.*\d", re.S)
_DASHES = re.compile(
    r"(?<!\s)\s+[—–-]\s+(?P<inner>[^—–]{8,200}?)\s+[—–-]\s+|—(?P<tight>[^—–]{8,200}?)—"
)
# What opens a clause that tells of a deed or a state of the thing before it. Others are often
# said of the whole sentence: `closed the plant, which angered the unions`.
_OF_THE_THING = re.compile(
    rf"(?:{ADVERB}\s+)?(?:(?:is|was|are|were|has been|had been)\s+(?:{ADVERB}\s+)?"
    r"(?:the\b(?! (?:reason|case|first time|result))|one of|in\b|at\b|"
    r"on\b|home to|owned|based|located|founded|built|named|called|known|set up|run by|opened|"
    r"part of|designed|published|established|launched|released|expected|due|\d)|"
    r"(?:has|have|had)\s+(?!led|made|caused|meant|prompted|raised|drawn|angered|become|been)\w+|owns|owned|opened|opens|"
    r"began|runs|ran|operates|operated|employs|employed|makes\s+\w+s\b|includes|included|contains|"
    r"serves|carries|closed|stands|lies|dates|features|provides|produces|won|received|sells|covers)\b"
)
_LATER_VERB = re.compile(rf",\s+(?=(?:{ADVERB}\s+){{0,2}}(\w[\w’']*))")
_NEXT_CLAUSE = re.compile(r",\s+(?:and|but|while|whereas|although|though)\s+|\s*;")
_INSTITUTION = re.compile(
    r"\b(?:University|College|School|Institute|Academy|Museum|Theatre|Theater|Hospital|Club|Bank|"
    r"Company|Agency|Studios?|Conservatory|Laborator(?:y|ies))\b"
)
_REPORT = re.compile(r"(?:the|his|her|its)\s\w+\s\w+[^s]s", re.I)
"""`the report says`: by its form no different from `the airline operators`, so neither is taken."""
_LONGEST_APPOSITION = 16
"""Words; longer ones are lists or clauses."""


def asides(sentence: str, masked: str, free: list[tuple[int, int]]) -> list[Aside]:
    """The statements made in passing, in order, none within another.

    Args:
        sentence: as it stands.
        masked: the same with quotations and brackets blotted out.
        free: the spans outside reported speech: what somebody says stays whole.
    """
    found: list[Aside] = []
    makers = (_bracketed, _dashed, _relatives, _participles, _opening, _ages, _appositions)
    for maker in makers:
        for aside in maker(sentence, masked):
            low, high = min(aside.start, aside.hole[0]), max(aside.end, aside.hole[1])
            inside = any(a <= low and high <= b for a, b in free)
            apart = all(high <= other.hole[0] or other.hole[1] <= aside.hole[0] for other in found)
            if inside and apart:
                found.append(aside)
    return sorted(found, key=lambda aside: aside.hole)


def _copula(masked: str, after: int) -> str:
    """`is` or `was`, by the tense of the sentence, or their plural."""
    for verb in verbs(masked[after:]):
        word = verb.word.lower()
        present = verb.form == "present" or word in {
            "said", "says", "told", "is", "are", "has", "have", "will",
        }  # fmt: skip
        return _agreeing("is" if present else "was", masked, after)
    return "is"


def _agreeing(copula: str, masked: str, after: int) -> str:
    """`is` or `was`, in the plural where the next verb of the sentence shows that."""
    following = next((verb.word.lower() for verb in verbs(masked[after:])), "")
    return {"is": "are", "was": "were"}[copula] if following in {"are", "were", "have"} else copula


def _subject(masked: str, end: int) -> tuple[int, int] | None:
    """The noun phrase before `end`, where it is plain that what follows is said of it."""
    span = phrase_before(masked, end)
    if span is None or SHIELD in masked[slice(*span)]:
        return None
    lead = masked[: span[0]].rstrip()
    if not PREPOSITION.search(lead):
        return span
    # `moved to Holm, which …` is of Holm; of `the bridge in Holm, which …` it is not plain.
    before = lead.rsplit(None, 2)[-2:]
    governor = before[0].lower() if len(before) == 2 else ""
    if before[-1].lower() == "by" or re.fullmatch(
        r"\w+(?:ed|ing)|born|went|came|sold|sent|built", governor
    ):
        return span
    return None


def _place(sentence: str, span: tuple[int, int]) -> tuple[int, int]:
    """A place with the place it lies in: `Holm, Ohio`; `Los Angeles` of a university there."""
    if match := re.search(r"[A-Z][^,;¤]{2,50},\s+$", sentence[: span[0]]):
        name = phrase_before(sentence, match.start() + len(match[0].rstrip().rstrip(",")))
        if name and sentence[span[0]].isupper() and re.search(r"[A-Z]", sentence[slice(*name)]):
            return name[0], span[1]
    return span


def _has_verb_before(masked: str, end: int) -> bool:
    return bool(verbs(masked[:end]))


def _medial_end(masked: str, start: int) -> int | None:
    """The comma that closes an inserted clause: the first that a finite verb follows."""
    for match in _LATER_VERB.finditer(masked, start):
        rest = masked[match.end() : match.end() + 60]
        opening = verbs("x " + rest)
        adverbs = re.match(rf"(?:{ADVERB}\s+)*", rest)
        if opening and opening[0].start - 2 <= (adverbs.end() if adverbs else 0):
            return match.start()
    return None


def _final_end(masked: str, start: int) -> int:
    """The end of a clause that goes on to the end of its sentence, or to the next clause."""
    stop = len(masked.rstrip(' .!?…"”’»'))
    for match in _NEXT_CLAUSE.finditer(masked, start, stop):
        if match[0].strip() == ";" or is_statement(masked[match.end() :]):
            return match.start()
    return stop


def _of(span: tuple[int, int], sentence: str) -> tuple[Piece, ...]:
    """A noun phrase as the subject of a statement of its own: `a ferry` is now `the ferry`."""
    phrase = sentence[slice(*span)]
    if match := re.match(r"[Aa]n?\s+", phrase):
        return ("The ", (span[0] + match.end(), span[1]))
    return (span,)


def _relatives(sentence: str, masked: str) -> Iterator[Aside]:
    for match in _RELATIVE.finditer(masked):
        span = _subject(masked, match.start())
        rest = masked[match.end() :]
        if span is None:
            continue
        before = _has_verb_before(masked, match.start())
        phrase = sentence[slice(*span)]
        word = match["word"]
        if word in {"who", "which"}:
            first = verbs("x " + rest[:60])
            adverbs = re.match(rf"(?:{ADVERB}\s+)*", rest)
            if not first or first[0].start - 2 > (adverbs.end() if adverbs else 0):
                continue  # `which the firm bought`: said of somebody else
            if word == "which" and (before or " of " in phrase) and not _OF_THE_THING.match(rest):
                continue
            if word == "who" and re.search(r"(?:^|\s)(?:those|people|anyone)$", phrase, re.I):
                continue
        if before:
            end = _final_end(masked, match.end())
            if re.search(r",(?!\s[A-Z\d]|\d)", masked[match.end() : end]):
                continue  # one of these commas may close it
        else:
            medial = _medial_end(masked, match.end())
            if medial is None:
                continue
            end = medial
        inner = masked[match.end() : end]
        if len(WORD.findall(inner)) < 2 or re.search(r",\s+(?:and|or|but)\s+\w+(?:ed|s)\b", inner):
            continue
        body = (match.end(), end)
        if word in {"who", "which"}:
            pieces: tuple[Piece, ...] = (*_of(span, sentence), " ", body, ".")
        elif word == "whose":
            pieces = (*_of(span, sentence), "’s ", body, ".")
        else:
            if (
                not before
                or not is_statement(sentence[body[0] : body[1]])
                or not re.match(r"(?:the\s.*)?[A-Z]", phrase)
            ):
                continue
            span = _place(sentence, span)
            phrase = sentence[slice(*span)]
            place = "At " if _INSTITUTION.search(phrase) else "In "
            pieces = (place, span, ", ", body, ".")
        closing = end + 1 if not before else end
        yield Aside(span[0], end, pieces, (match.start(), closing))


def _appositions(sentence: str, masked: str) -> Iterator[Aside]:
    for match in _APPOSITION.finditer(masked):
        span = phrase_before(masked, match.start())
        if (
            span is None
            or not re.search(r"[A-Z]", sentence[slice(*span)])
            or SHIELD in masked[slice(*span)]
        ):
            continue
        lead = masked[: span[0]].rstrip()
        if PREPOSITION.search(lead) or lead.endswith((",", "and", "or", "&")):
            continue
        comma = masked.find(",", match.end())
        stop = len(masked.rstrip(' .!?…"”’»'))
        end = comma if comma > 0 else stop
        inner = masked[match.end() : end]
        if verbs(inner) or _REPORT.fullmatch(inner) or SHIELD in inner:
            continue
        if len(WORD.findall(inner)) > _LONGEST_APPOSITION:
            continue
        medial = _medial_end(masked, match.end()) == end if comma > 0 else False
        before = _has_verb_before(masked, span[0])
        if not medial and not (
            comma < 0 and before and not re.search(r"\band\b|\bor\b|[;:]", inner)
        ):
            continue
        if medial and before:
            continue
        copula = "was" if match["then"] else _copula(masked, end if medial else 0)
        pieces: tuple[Piece, ...] = (span, f" {copula} ", (match.end(), end), ".")
        yield Aside(span[0], end, pieces, (match.start(), end + 1 if medial else end))


def _ages(sentence: str, masked: str) -> Iterator[Aside]:
    for match in _AGE.finditer(masked):
        span = phrase_before(masked, match.start())
        if (
            span is None
            or len(sentence[slice(*span)].split()) < 2
            or not sentence[span[0]].isupper()
        ):
            continue
        if (
            PREPOSITION.search(masked[: span[0]].rstrip())
            or _medial_end(masked, match.start("age")) is None
        ):
            continue
        age = match.span("age")
        pieces: tuple[Piece, ...] = (span, f" {_copula(masked, age[1])} aged ", age, ".")
        whole = _medial_end(masked, match.start("age")) == age[1]
        yield Aside(span[0], age[1], pieces, (match.start(), age[1] + whole))


def _participles(sentence: str, masked: str) -> Iterator[Aside]:
    for match in _PARTICIPLE.finditer(masked):
        end = _medial_end(masked, match.end())
        span = _subject(masked, match.start())
        if end is None or span is None or _has_verb_before(masked, match.start()):
            continue
        words = (match.start() + len(match[0]) - len(match[0][1:].lstrip()), end)
        copula = (
            "is"
            if re.match(
                r"(?:also |better |best )?(?:known|based|located|called|named|owned)",
                masked[words[0] :],
            )
            else "was"
        )
        yield Aside(
            span[0],
            end,
            (*_of(span, sentence), f" {_agreeing(copula, masked, end)} ", words, "."),
            (match.start(), end + 1),
        )


def _opening(sentence: str, masked: str) -> Iterator[Aside]:
    match = _OPENING_PARTICIPLE.match(masked)
    if not match or not is_statement(masked[match.end() :]):
        return
    rest = masked[match.end() :]
    subject = rest[: verbs(rest)[0].start].rstrip()
    if "," in subject or SHIELD in subject or re.match(r"(?:it|there|this|that)\b", subject):
        return
    if re.search(r"\s(?:of|in|for|from)\s", subject) and not re.match(r"(?:the|an?)\s", subject):
        return
    comma = match[0].rindex(",")
    span = (match.end(), match.end() + len(subject))
    opening = sentence[:comma]
    copula = " were " if re.match(r"(?:they|we|both|many|some)\b", subject) else " was "
    pieces: tuple[Piece, ...] = (span, copula, opening[:1].lower() + opening[1:], ".")
    yield Aside(0, span[1], pieces, (0, match.end()))


def _bracketed(sentence: str, masked: str) -> Iterator[Aside]:
    for match in _BRACKETS.finditer(sentence):
        if (
            sentence[match.start() : match.end()].strip()
            and SHIELD not in masked[slice(*match.span())]
        ):
            continue
        inner = match["inner"]
        span = phrase_before(sentence, match.start())
        if (
            _BORN.match(inner)
            and span
            and sentence[span[0]].isupper()
            and not _has_verb_before(masked, span[0])
        ):
            copula = " " if inner.startswith("died") else " was "
            pieces: tuple[Piece, ...] = (span, copula, match.span("inner"), ".")
            yield Aside(span[0], match.end(), pieces, match.span())
        elif (
            is_clause(inner)
            and len(WORD.findall(inner)) >= 4
            and re.match(r"(?:the|its?|this|he|she|they|his|her|their)\b", inner, re.I)
        ):
            yield Aside(*match.span("inner"), (match.span("inner"), "."), match.span())


def _dashed(sentence: str, masked: str) -> Iterator[Aside]:
    for match in _DASHES.finditer(masked):
        group = "inner" if match["inner"] else "tight"
        inner, words = match[group], match.span(group)
        if SHIELD in inner:
            continue
        if is_clause(inner) and re.match(
            r"(?:the|its?|this|that|he|she|they|his|her|their)\b", inner
        ):
            yield Aside(*words, (words, "."), (match.start(), match.end() - 1))
            continue
        span = phrase_before(masked, match.start())
        if (
            span is None
            or not sentence[span[0]].isupper()
            or verbs(inner)
            or _has_verb_before(masked, span[0])
        ):
            continue
        if re.match(r"(?:the|an?|its|their|one of)\s", inner):
            copula = _copula(masked, match.end())
            yield Aside(
                span[0],
                words[1],
                (span, f" {copula} ", words, "."),
                (match.start(), match.end() - 1),
            )
