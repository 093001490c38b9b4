"""What a question asks for: a statement to be checked, a figure, a date, or something else.

English questions only, by their form. Where the form does not tell, nothing is claimed: a
question without a readable statement is simply one that is not answered by yes or no.
"""

from __future__ import annotations

import re
from typing import Literal

from tools.dates import date_mentions
from tools.numerals import numerals
from tools.words import is_function_word

Wanted = Literal["figure", "date", "any"]

_WHETHER = re.compile(
    r"(?:is|was) it (?:really )?(?:true|correct|right|the case|a fact) that (?P<rest>.+)", re.I
)
_POLAR = re.compile(
    r"(?P<auxiliary>did|does|do|is|are|was|were|has|have|had|will)(?:n[’']t)? (?P<rest>.+)", re.I
)
_CHOICE = re.compile(r"\bor\b", re.I)
_WHEN = re.compile(
    r"^(?:since |until |by )?when\b|\b(?:what|which) (?:day|date|month|year)\b", re.I
)
_FIGURE = re.compile(
    r"\bhow (?:many|much|long|far|old|large|big|high|tall|deep|wide|heavy|fast|strong|often|warm|"
    r"hot|cold|expensive)\b|\b(?:what|which)\b(?: \w+){0,4} (?:price|cost|costs|fee|fare|area|time|"
    r"speed|gust|share|rate|percentage|number|size|value|amount|sum|age|length|height|weight)\b|"
    r"^what (?:does|did|do|will|would)\b.*\bcosts?\b",
    re.I,
)
_CLOCK = re.compile(r"\d[:.]\d\d\b")
_PRONOUNS = frozenset("i you he she it we they there this that these those".split())
_JOINS = frozenset("of the de van von and &".split())
_BE = frozenset("is are was were".split())
_PARTICIPLE = re.compile(
    r"(?:ed|ing|wn)$|^(?:built|bought|brought|caught|cut|done|driven|fallen|found|given|held|hurt|"
    r"kept|laid|led|left|lost|made|meant|paid|put|said|seen|sent|set|shot|shut|sold|spent|struck|"
    r"taken|taught|told|won|written)$"
)


def statement(question: str) -> str | None:
    """The statement that a question asks to be checked, as a sentence; None where there is none.

    `Is it true that the mill burned down?` gives `The mill burned down.`, `Will Ada Berg
    resign?` gives `Ada Berg will resign.`; `Did` stays as an emphatic `did`. A question that
    offers a choice (`… or …`), and one whose subject does not show by its form, has none.
    """
    text = " ".join(question.split()).rstrip("? ").strip()
    if match := _WHETHER.fullmatch(text):
        return _sentence(match["rest"])
    match = _POLAR.fullmatch(text)
    if not match or _CHOICE.search(match["rest"]):
        return None
    words, auxiliary = match["rest"].split(), match["auxiliary"].lower()
    end = _subject_end(words, be=auxiliary in _BE)
    if end is None or end >= len(words):
        return None
    return _sentence(" ".join([*words[:end], auxiliary, *words[end:]]))


def wanted(question: str) -> Wanted:
    """What kind of answer the form of a question calls for."""
    if _WHEN.search(question):
        return "date"
    return "figure" if _FIGURE.search(question) else "any"


def fits(sentence: str, kind: Wanted) -> bool:
    """Whether a sentence holds what is wanted: a date, or a figure that is no date."""
    if kind == "any":
        return True
    dates = date_mentions(sentence)
    if kind == "date":
        return bool(dates)
    return bool(_CLOCK.search(sentence)) or any(
        not any(date.start <= number.start < date.end for date in dates)
        for number in numerals(sentence)
    )


def _sentence(text: str) -> str:
    return f"{text[0].upper()}{text[1:].rstrip('.!')}."


def _subject_end(words: list[str], *, be: bool) -> int | None:
    """How many words the subject has, or None.

    A name ends with its last capitalised word, a quoted title with its quotation mark. Any
    other subject ends before the verb: after `is` the first participle, article, figure or
    preposition; after the others the word that an article, figure, name or preposition follows.
    """
    first = words[0]
    if first.lower() in _PRONOUNS and not (
        first.lower() in ("this", "that", "these", "those") and len(words) > 2
    ):
        return 1
    if first[0] in "“\"'‘":
        closing = next((i for i, w in enumerate(words) if re.search(r"[”\"'’][,.]?$", w)), None)
        return None if closing is None else closing + 1
    if first[0].isupper():
        end = _name_end(words)
        if not re.search(r"[’']s?$", words[end - 1]):
            return end
    for i in range(1, len(words)):
        if re.search(r"[’']s?$", words[i - 1]) or all(map(is_function_word, words[:i])):
            continue  # `the`, `Velmora’s`: a noun is still to come
        if _is_verb(words, i, be=be):
            return i
    return None


def _name_end(words: list[str]) -> int:
    end = 1
    for i in range(1, len(words)):
        if words[i][0].isupper() or words[i][0].isdigit():
            end = i + 1
        elif words[i].lower() not in _JOINS:
            break
    return end


def _is_verb(words: list[str], i: int, *, be: bool) -> bool:
    """Whether the predicate begins with word `i`."""
    word = words[i]
    if be:
        opens = is_function_word(word) and word.lower() not in ("of", "and", "for", "to")
        return opens or not word[0].isalpha() or bool(_PARTICIPLE.search(word))
    if is_function_word(word) or not word.isalpha() or word[0].isupper():
        return False
    if i + 1 == len(words):
        return True
    following = words[i + 1]
    return following.lower() not in ("of", "and") and (
        is_function_word(following) or not following[0].islower()
    )
