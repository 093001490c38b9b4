"""What a question asks for: a statement to be checked, a figure of some kind, a date, or more.

English questions only, by their form. Where the form does not tell, nothing is claimed: a
question without a readable statement is simply one that is not answered by yes or no, and
one whose figure may be of any kind is answered by any figure.
"""

from __future__ import annotations

import re
from typing import Literal

from tools.numbers.measures import PEOPLE, kin
from tools.numbers.numerals import numerals
from tools.numbers.quantities import Quantity, quantities
from tools.numbers.units import CURRENCIES, read_unit
from tools.text.words import WORD, is_function_word, stem
from tools.times.dates import date_mentions

Wanted = Literal[
    "any", "date", "figure", "money", "people", "count", "share", "length", "duration", "extent",
    "time", "area", "speed", "mass", "volume", "temperature", "age",
]  # fmt: skip
"""What a question wants: `any` sentence, a `date`, a `figure` of any kind, or one of a kind;
an `extent` is a length or a duration, which `how long` does not tell apart."""

_WHETHER = re.compile(
    r"(?:(?:is|was)(?:n[’']t)? it (?:really |not )?(?:true|correct|right|the case|a fact) that"
    r"|how (?:certain|sure|likely|true) is it that|(?:please )?(?:check|verify) (?:that|whether|if)"
    r"|is there (?:any )?(?:evidence|proof|confirmation) that"
    r"|(?:do|does|did) (?:the |any |these |our )?(?:sources?|library|documents?) "
    r"(?:say|confirm|show|support|report|agree) that) (?P<rest>.+)",
    re.I,
)
_AND_THAT = re.compile(r"(,? (?:and|but)) that\b", re.I)
_THAT = re.compile(r"(?<! and)(?<! but) that\b", re.I)
_POLAR = re.compile(
    r"(?P<auxiliary>did|does|do|is|are|was|were|has|have|had|will|can)(?:n[’']t)? "
    r"(?!you\b|I\b|we\b)(?P<rest>.+)",
    re.I,
)
_CHOICE = re.compile(r"\bor\b", re.I)
_TOLD = re.compile(r"[^?]*[.!]")
_NO_STATEMENT = frozenset(
    "who whom whose which what when where why how tell list name give show explain describe find "
    "say please let do does did is are was were has have had will can could would should "
    "summarise summarize compare translate write open search check verify help define discuss "
    "outline quote cite count read thanks thank hello compile collect suggest".split()
)
"""Words that open a question or a request, also where it ends with a full stop."""

_VERBS = r"(?:did|does|do|will|would|must|may|can|should|has|have|had)"
_ASKS = r"\b(?:what|which)\b(?: [\w’'-]+){0,4}? "
_PAYS = (
    r"(?:sell|sold|costs?|pay|pays|paid|spend|spent|earn|earned|fetch|fetched|charge|charged|priced?|"
    r"fees?|fares?|worth|fined?|invest|invested|borrow|borrowed|donated?|owed?|budget|salary|wages?|"
    r"revenue|profit|loss|turnover|debts?|funding|grant)"
)
_FORMS: list[tuple[Wanted, str]] = [
    ("date", r"^(?:since |until |by |from )?when\b|\b(?:what|which) (?:day|date|month|year)\b"),
    ("share", rf"{_ASKS}(?:share|percentage|proportion|fraction|per ?cent)\b"),
    ("money", rf"{_ASKS}(?:price|costs?|fees?|fares?|sum|salary|wages?|fine|rent)\b"),
    ("money", r"^what (?:does|did|do|will|would)\b.*\bcosts?\b|\bhow (?:expensive|dear)\b"),
    ("money", r"\bhow much(?: [\w-]+)? (?:money|cash|compensation|aid)\b"),
    ("money", rf"\bhow much (?:is|are|was|were|{_VERBS})\b.*\b{_PAYS}\b|\bfor how much\b"),
    ("duration", rf"\bhow long {_VERBS}\b"),
    ("extent", r"\bhow long\b"),
    ("length", rf"\bhow (?:far|tall|deep|wide|thick)\b|{_ASKS}(?:length|height|width|depth|"
               r"distance)\b"),
    ("age", rf"\bhow old\b|{_ASKS}age\b"),
    ("mass", rf"\bhow heavy\b|{_ASKS}weight\b"),
    ("temperature", rf"\bhow (?:warm|hot|cold)\b|{_ASKS}temperature\b"),
    ("area", rf"{_ASKS}area\b"),
    ("speed", rf"{_ASKS}(?:speed|gust)\b"),
    ("time", r"\b(?:what|which) time\b"),
    ("figure", r"\bhow (?:much|large|big|high|low|fast|strong|often|small|short)\b"),
    ("figure", rf"{_ASKS}(?:time|rate|number|size|value|amount)\b"),
]  # fmt: skip
_HOW_MANY = re.compile(r"\bhow many(?P<rest>(?: [\w’'-]+){1,4})", re.I)
_TIMES = frozenset({"second", "day", "month"})
_UNITS: dict[Wanted, frozenset[str]] = {
    "money": CURRENCIES,
    "people": frozenset({"count"}),
    "count": frozenset({"count", "gram", "litre"}),  # plums come by the tonne
    "share": frozenset({"%"}),
    "length": frozenset({"metre"}),
    "duration": _TIMES,
    "extent": _TIMES | {"metre"},
    "time": _TIMES,
    "area": frozenset({"m2"}),
    "speed": frozenset({"metre an hour"}),
    "mass": frozenset({"gram"}),
    "volume": frozenset({"litre"}),
    "temperature": frozenset({"degree"}),
    "age": frozenset({"age", "month", "count"}),
}
"""Units, as `tools.numbers.quantities` names them, of the figures of each kind."""
_KIND_OF: dict[str, Wanted] = {
    **dict.fromkeys(CURRENCIES, "money"),
    **dict.fromkeys(_TIMES, "duration"),
    "metre": "length", "m2": "area", "gram": "mass", "litre": "volume", "%": "share",
}  # fmt: skip
_CLOCK = re.compile(
    r"\b\d{1,2}:\d\d\b|\b\d{1,2}(?:\.\d\d)?\s?[ap]\.?m\b|\b(?:noon|midnight)\b|\bo[’']clock\b"
)
_STOPPED = re.compile(r"\b\d{1,2}:\d\d:\d\d\b")
"""A duration as clocks that are stopped show it: `2:26:41`."""
_OF_THE_DAY = re.compile(r"\s*[ap]\.?m\b|\s*o[’']clock", re.I)
_PERSONS = PEOPLE | frozenset(
    "person persons adult baby infant boy girl man woman child kid pupil student teenager parent "
    "inhabitant resident citizen guest participant attendee spectator patient employee worker "
    "staff runner finisher starter entrant passenger traveller rider commuter voter visitor member "
    "lifeguard nurse doctor soldier volunteer victim player guard official agent migrant refugee "
    "tenant applicant candidate client customer scientist councillor firefighter farmer grower "
    "teacher director lawyer singer actor artist painter".split()
)
_PERSON_STEMS = frozenset(map(stem, _PERSONS))
_PERSON_ENDS = re.compile(r"(?:[a-z]{3}(?:er|or|ist|ian|eer)|men|man|people)s?$")
_NO_PERSONS = frozenset(
    "number letter paper tower computer charger meter order quarter corner river water "
    "winter summer door floor motor error sector offer matter layer chapter center centre folder "
    "shelter server tanker trailer container filter finger shower dinner tumour colour hour "
    "labour harbour poster flower sensor tractor reactor mirror".split()
)
_PRONOUNS = frozenset("i you he she it we they there this that these those".split())
_JOINS = frozenset("of the de van von and &".split())
_BE = frozenset("is are was were".split())
_LATE = frozenset("today now yet again still already tomorrow yesterday here there".split())
_PARTICIPLE = re.compile(
    r"(?:ed|ing|wn)$|^(?:built|bought|brought|caught|cut|done|driven|fallen|found|given|held|hurt|"
    r"kept|laid|led|left|lost|made|meant|paid|put|said|seen|sent|set|shot|shut|sold|spent|struck|"
    r"taken|taught|told|won|written)$"
)
_PLURAL = re.compile(r"[a-z]{2}[^\W\disu]s$")


def statement(question: str) -> str | None:
    """The statement that a question asks to be checked, as a sentence; None where there is none.

    `Is it true that the mill burned down?` gives `The mill burned down.`, `Will Ada Berg
    resign?` gives `Ada Berg will resign.`; `Did` stays as an emphatic `did`. What ends with a
    full stop and neither asks nor requests is its own statement. A question that offers a
    choice (`… or …`), and one whose subject does not show by its form, has none.
    """
    text = " ".join(question.split())
    words = text.split()
    if len(words) > 2 and _TOLD.fullmatch(text) and words[0].lower() not in _NO_STATEMENT:
        return _sentence(text)
    text = text.rstrip("?. ").strip()
    if match := _WHETHER.fullmatch(text):
        rest = match["rest"]
        # `that A and that B`; within `that somebody said that A and that B` it stays
        return _sentence(rest if _THAT.search(rest) else _AND_THAT.sub(r"\1", rest))
    match = _POLAR.fullmatch(text)
    if not match or _CHOICE.search(match["rest"]):
        return None
    words, auxiliary = match["rest"].split(), match["auxiliary"].lower()
    end = subject_end(words, be=auxiliary in _BE)
    if end is None or end >= len(words):
        return None
    return _sentence(" ".join([*words[:end], auxiliary, *words[end:]]))


def wanted(question: str) -> Wanted:
    """What kind of answer the form of a question calls for."""
    for kind, pattern in _FORMS:
        if re.search(pattern, question, re.I):
            return kind
    match = _HOW_MANY.search(question)
    return _counted(match["rest"].split()) if match else "any"


def _counted(words: list[str]) -> Wanted:
    """What `how many` asks for, from the words after it: people, a unit, or things."""
    for word in words:
        if is_function_word(word):
            break
        if stem(word) in _PERSON_STEMS:
            return "people"
        if unit := read_unit(f" {word}"):
            return _KIND_OF.get(unit[0].name, "figure")
    return "count"


def _is_person(word: str) -> bool:
    root = stem(word)
    return root in _PERSON_STEMS or (
        bool(_PERSON_ENDS.search(word)) and word.removesuffix("s") not in _NO_PERSONS
    )


def fits(sentence: str, kind: Wanted) -> bool:
    """Whether a sentence holds what is wanted: a date, or a figure of the kind that is no date."""
    if kind == "any":
        return True
    dates = date_mentions(sentence)
    if kind == "date":
        return bool(dates)
    if kind in ("figure", "time") and _CLOCK.search(sentence):
        return True
    if kind in ("figure", "duration", "extent") and _STOPPED.search(sentence):
        return True
    if kind == "figure":
        return any(
            not any(date.start <= number.start < date.end for date in dates)
            for number in numerals(sentence)
        )
    return bool(answering(sentence, kind))


def answering(sentence: str, kind: Wanted) -> tuple[Quantity, ...]:
    """The quantities of a sentence that are of the kind wanted, in order.

    Where people are wanted, a number counts that counts persons, or that does not say what it
    counts (`nineteen of them`).
    """
    if kind in ("any", "date"):
        return ()
    return tuple(
        quantity
        for quantity in quantities(sentence)
        if not _OF_THE_DAY.match(sentence, quantity.end)
        and (kind == "figure" or quantity.unit in _UNITS[kind])
        and (kind != "people" or _counts_people(sentence, quantity))
        and (kind != "age" or not quantity.head or quantity.unit != "count")
    )


def _counts_people(sentence: str, quantity: Quantity) -> bool:
    if not quantity.head:
        return True
    counted = WORD.search(sentence, quantity.end)
    return (
        quantity.head in _PERSON_STEMS
        or bool(kin(frozenset({quantity.head})) & kin(_PERSON_STEMS))
        or (counted is not None and _is_person(counted[0].lower()))
    )


# The language

_ENGLISH = frozenset(
    "the how who whom whose which what when where why is are were did does do has have had can "
    "could would should tell that with from by".split()
)
_AMBIGUOUS = frozenset("is are do has had by".split())
"""Words of other languages, too; they only tell where they open the question."""
_GAP = 16.0
"""Least difference of log-probabilities between another language and English. Of ten
short English questions that open with no word of `_ENGLISH` the widest is 15 (`Was Łódź
flooded?`); of 22 questions in other languages 18 are told."""


def foreign(question: str) -> str | None:
    """The language of a question that is not in English, as an ISO 639-1 code; else None.

    Names make the language of a short question hard to tell (py3langid), so what has a word that
    only English has, or nothing but names, is taken for English.
    """
    words = [match[0] for match in WORD.finditer(question)]
    if not words or words[0].lower() in _ENGLISH or (_ENGLISH - _AMBIGUOUS) & set(words):
        return None
    if all(word[0].isupper() or word[0].isdigit() for word in words):
        return None
    from py3langid import rank

    ranked = rank(question)
    best, probability = next((item for item in ranked if len(item[0]) == 2), ranked[0])
    return best if probability - dict(ranked)["en"] >= _GAP else None


def _sentence(text: str) -> str:
    return f"{text[0].upper()}{text[1:].rstrip('.!')}."


def subject_end(words: list[str], *, be: bool) -> int | None:
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
            return i if be or not _PLURAL.search(words[i]) else _verb_before(words, i)
    return _before_last(words) if be else None


def _verb_before(words: list[str], plural: int) -> int | None:
    """Where the verb is if a plural takes its place: `the bridge | carry lorries`.

    No form of a verb after `can`, `did` or `has` ends in such an -s. Where more stands before it
    than a noun and one word, the verb does not show.
    """
    content = [i for i in range(plural) if not is_function_word(words[i])]
    return plural - 1 if len(content) == 2 and content[1] == plural - 1 else None


def _before_last(words: list[str]) -> int | None:
    """Where the subject ends if the predicate is one word: `the bath | open`, `… | open today`."""
    end = len(words) - 1
    while end > 0 and words[end].lower() in _LATE:
        end -= 1
    return end if any(not is_function_word(word) for word in words[:end]) else None


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
