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
from tools.text.inversion import group_of, subject_end
from tools.text.words import WORD, is_function_word, stem
from tools.times.dates import date_mentions

Wanted = Literal[
    "any", "date", "figure", "money", "people", "count", "share", "length", "duration", "extent",
    "time", "area", "speed", "mass", "volume", "temperature", "age",
]  # fmt: skip
"""What a question wants: `any` sentence, a `date`, a `figure` of any kind, or one of a kind;
an `extent` is a length or a duration, which `how long` does not tell apart."""

_WHETHER = re.compile(
    r"(?:(?:is|was)(?:n[’']t)? it (?:really |not )?(?:true|correct|right|the case|a fact)"
    r"(?: to say)? that"
    r"|(?:is (?:this|it) (?:true|correct|right)|true or false|fact or fiction) ?[:–—-]"
    r"|how (?:certain|sure|likely|true) is it that|(?:please )?(?:check|verify) (?:that|whether|if)"
    r"|is there (?:any )?(?:evidence|proof|confirmation) that"
    r"|(?:do|does|did) (?:the |any |these |our )?(?:sources?|library|documents?) "
    r"(?:say|confirm|show|support|report|agree) (?:that|whether|if)) (?P<rest>.+)",
    re.I,
)
_SO = re.compile(
    r"(?:is|was) (?:this|that|it) (?:really )?(?:true|correct|right|so|the case|a fact)", re.I
)
"""What it is that shall be true stands elsewhere."""
_AND_THAT = re.compile(r"(,? (?:and|but)) that\b", re.I)
_THAT = re.compile(r"(?<! and)(?<! but) that\b", re.I)
_TAG = re.compile(
    r"(?:(?:I|we) (?:have )?(?:heard|read|was told|were told|saw) (?:\w+ )?that )?"
    r"(?P<rest>[^?]{9,}?)(?:[.!] (?:is|was) (?:that|this|it) (?:really )?(?:true|correct|right|so)"
    r"|[.!] (?:true|right|correct)|, (?:right|correct|true|not so)"
    r"|, (?:is|are|was|were|do|does|did|has|have|had|wo|will|ca|can)(?:n[’']t)? "
    r"(?:it|they|he|she|there))",
    re.I,
)
"""A statement, and then the question whether it is so: `The mill burned down, didn't it?`"""
_POLAR = re.compile(
    r"(?:(?:and|but|so|well|then),? )?"
    r"(?P<auxiliary>did|does|do|is|are|was|were|has|have|had|will|would|can|could|wo(?=n[’']t)|"
    r"ca(?=n[’']t))(?:n[’']t| not)? (?!you\b|I\b|we\b)(?P<rest>.+)",
    re.I,
)
_SHORTENED = {"wo": "will", "ca": "can"}
_WHAT_IS_KNOWN = re.compile(
    r"\b(?:know|say|says|tell|tells|explain|mention|show|describe|state) "
    r"(?:\w+ )?(?:who|whom|whose|what|when|where|why|how|which|if|whether|anything|something)\b",
    re.I,
)
"""`Does anybody know who built it?` wants to know who."""
_TWICE = re.compile(
    r",? (?:and|but|so) (?:did|does|do|is|are|was|were|has|have|had|will|can|why|how|when|who)\b",
    re.I,
)
_FREE_CHOICE = frozenset({"can", "could", "will", "would"})
"""`Can anyone visit?` means anyone; `Did anyone visit?` means someone."""
_ANY = re.compile(r"\bany(?=\b|one\b|body\b|thing\b)(?! (?:longer|more)\b)", re.I)
_NEVER_YET = re.compile(r" (?:ever|yet|any (?:longer|more))\b(?! another\b)")
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
_AND_HOW = re.compile(
    r", and (?:(?:for|at|by|to|since|from) )?"
    r"(?:how (?:long|much|many|often|far|soon)|when|where|why|who|whom|what|which)\b.*"
)
"""What a question that is answered by yes or no goes on to ask."""
_NO_PERSONS = frozenset(
    "number letter paper tower computer charger meter order quarter corner river water "
    "winter summer door floor motor error sector offer matter layer chapter center centre folder "
    "shelter server tanker trailer container filter finger shower dinner tumour colour hour "
    "labour harbour poster flower sensor tractor reactor mirror".split()
)


def statement(question: str) -> str | None:
    """The statement that a question asks to be checked, as a sentence; None where there is none.

    `Is it true that the mill burned down?` gives `The mill burned down.`, `Will Ada Berg
    resign?` gives `Ada Berg will resign.`; `Did` stays as an emphatic `did`. What ends with a
    full stop and neither asks nor requests is its own statement. A question that offers a
    choice (`… or …`), and one whose subject does not show by its form, has none. What is told
    behind a question is left out.
    """
    text = " ".join(question.split())
    asked, mark, _ = text.partition("? ")
    if mark:  # What is pasted behind a question is no part of it, nor is another question.
        text = f"{asked}?"
    words = text.split()
    if len(words) > 2 and _TOLD.fullmatch(text) and words[0].lower() not in _NO_STATEMENT:
        return _sentence(text)
    text = _AND_HOW.sub("", text.rstrip("?. ").strip())
    if _SO.fullmatch(text):
        return None
    if match := _WHETHER.fullmatch(text):
        rest = match["rest"]
        # `that A and that B`; within `that somebody said that A and that B` it stays
        return _sentence(rest if _THAT.search(rest) else _AND_THAT.sub(r"\1", rest))
    if match := _TAG.fullmatch(text):
        opens = match["rest"].split()[0].lower()
        return None if opens in _NO_STATEMENT else _sentence(match["rest"])
    match = _POLAR.fullmatch(text)
    if not match or any(each.search(match["rest"]) for each in (_CHOICE, _WHAT_IS_KNOWN, _TWICE)):
        return None
    auxiliary = match["auxiliary"].lower()
    auxiliary = _SHORTENED.get(auxiliary, auxiliary)
    words = match["rest"].split()
    end = subject_end(words, group_of(auxiliary))
    if end is None or end >= len(words):
        return None
    said = " ".join([*words[:end], auxiliary, *words[end:]])
    if auxiliary not in _FREE_CHOICE:
        said = _NEVER_YET.sub("", _ANY.sub("some", said))
    return _sentence(said)


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
