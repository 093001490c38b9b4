"""Whether a sentence tells when something happened that a question asks the time of.

A date beside another verb is the time of something else: asked when the dam burst, `Engineers
inspected the wall in January` says nothing, and `It burst shortly before dawn` does. So the verb
is read from the question, and a sentence must have it, in whatever form. Where no verb shows, or
one that says no more than that something happened, any time will do.
"""

from __future__ import annotations

import re
from functools import lru_cache

from tools.text.inversion import group_of, subject_end
from tools.text.words import WORD, is_function_word, stem
from tools.times.clock import clock_times
from tools.times.dates import agree, date_mentions

_WHEN = re.compile(
    r"\b(?P<asked>when|(?:what|which) (?:day|date|month|year))\b,? (?P<auxiliary>did|does|do|is|"
    r"are|was|were|has|have|had|will|would|shall|should|must|may|might|can|could)(?:n[’']t)? "
    r"(?P<rest>[^,;:?]+)",
    re.I,
)
_BEFORE_THE_VERB = frozenset(
    "due expected set scheduled planned supposed meant likely going able allowed to be been being "
    "have has not first last next finally ever also again then".split()
)
_SAYS_NOTHING = re.compile(
    r"\btake (?:place|effect|part|office|hold)\b|\bcome (?:true|into force)\b", re.I
)

# Forms of one verb, and what texts say in its place; the first stands for all.
_ALIKE = {
    stem(word): stem(group.split()[0])
    for group in (
        "arise arose arisen", "beat beaten", "become became", "begin began begun start commence",
        "bite bit bitten", "bleed bled", "blow blew blown", "break broke broken", "bring brought",
        "build built construct construction erect", "burn burnt", "buy bought purchase acquire",
        "catch caught", "choose chose chosen choice", "close closure shut", "collide collision",
        "come came", "creep crept", "deal dealt", "decide decision", "depart departure leave left",
        "die dead death kill", "dig dug", "draw drew drawn", "drink drank drunk",
        "drive drove driven", "eat ate eaten", "elect election", "end finish conclude conclusion",
        "expand expansion", "explode explosion", "extend extension", "fail failure",
        "fall fell fallen", "feed fed", "fight fought", "find found", "flee fled",
        "fly flew flown flight", "forbid forbade forbidden", "freeze froze frozen",
        "get got gotten", "give gave given", "go went gone", "grow grew grown growth",
        "hang hung", "hear heard", "hide hid hidden", "hit strike struck", "hold held",
        "introduce introduction", "invade invasion", "keep kept", "know knew known",
        "lie lay lain laid", "lead led", "lend lent", "light lit", "lose lost loss", "make made",
        "marry marriage wed wedding", "meet met", "open inaugurate", "pay paid",
        "publish release issue", "ride rode ridden", "ring rang rung", "rise rose risen",
        "run ran", "say said", "see saw seen", "sell sold sale", "send sent", "shake shook shaken",
        "shine shone", "shoot shot", "sing sang sung", "sink sank sunk sunken", "sit sat",
        "sleep slept", "speak spoke spoken", "spend spent", "spread", "stand stood",
        "steal stole stolen", "sweep swept", "swim swam swum", "take took taken", "teach taught",
        "tear tore torn", "tell told", "think thought", "throw threw thrown",
        "understand understood", "wake woke woken", "wear wore worn", "win won",
        "withdraw withdrew withdrawn withdrawal", "write wrote written",
    )
    for word in group.split()
}  # fmt: skip

_LIGHT = frozenset(
    _ALIKE.get(stem(word), stem(word))
    for word in "happen occur have do get become come go hold".split()
)
"""Verbs that leave to others what happens: `become mayor`, `hold a vote`."""

_DAY = r"(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day"
_UNIT = r"(?:minutes?|hours?|days?|weeks?|weekends?|months?|years?|decades?)"
_TIME = re.compile(
    rf"\b{_DAY}s?\b|\b(?i:dawn|daybreak|sunrise|sunset|dusk|nightfall|noon|midday|midnight|"
    r"lunchtime|overnight|tonight|yesterday|today|tomorrow|rush hour|small hours|"
    r"(?:at|by|last|that|one|over|during|through|in|into)(?: the)? night|"
    rf"(?:the|that|this|every|early|late|next|one|{_DAY})(?: \w+)? (?:morning|afternoon|evening)|"
    rf"{_DAY} night|(?:last|next|this|that|the same|the following|the previous) {_UNIT}|"
    rf"{_UNIT} (?:later|earlier|ago|before|after)|(?:with)?in \w+ {_UNIT}|"
    r"(?:shortly|soon|just|right|immediately|straight|long) (?:before|after|afterwards)|"
    r"at the weekend)\b"
)
"""A time that is no date."""
_THE_DATE = re.compile(r"\b(?:date|day|deadline)\b (?:is|was|will be|has been)\b", re.I)


def asks_when(question: str) -> bool:
    """Whether a question asks when something happens, in the form that is read here."""
    return bool(_WHEN.search(question))


@lru_cache(maxsize=256)
def asked_verb(question: str) -> str | None:
    """The verb whose time a question asks for, as it stands there; None where none shows.

    `When did the dam burst?` gives `burst`, `When is the bath expected to be reopened?`
    `reopened`; `When is the vote?` and `When did that happen?` give none.
    """
    match = _WHEN.search(question)
    if not match or _SAYS_NOTHING.search(match["rest"]):
        return None
    words = [word for word in match["rest"].split() if not word.endswith("ly")]
    end = subject_end(words, group_of(match["auxiliary"].lower())) if words else None
    if end is None:
        return None
    after = [word.lower() for word in words[end:]]
    while after and after[0] in _BEFORE_THE_VERB:
        after = after[1:]
    verb = after[0].strip(".!’'\"”") if after else ""
    if not verb.isalpha() or is_function_word(verb) or _root(verb) in _LIGHT:
        return None
    return verb


def tells_when(sentence: str, question: str, title: str | None = None) -> bool:
    """Whether a sentence has a time, and the verb of the question.

    The title of its source may have the verb for it, where the sentence repeats the title's date
    or speaks of a date itself: `Viaduct: reopening on 14 September` and `The new date is Monday,
    14 September`. Asked for a year or a month, a time of the day is none.
    """
    match = _WHEN.search(question)
    dates = date_mentions(sentence)
    if not dates:
        asked = match["asked"].lower() if match else ""
        if asked.endswith(("month", "year", "date")) or not is_time(sentence):
            return False
    verb = asked_verb(question)
    if verb is None or has_verb(sentence, verb):
        return True
    return bool(title and has_verb(title, verb)) and (
        bool(_THE_DATE.search(sentence))
        or any(agree(ours, theirs) for ours in dates for theirs in date_mentions(title or ""))
    )


def is_time(sentence: str) -> bool:
    """Whether a sentence has a time that is no date: a day of the week, `dawn`, `2.30 a.m.`,
    `shortly after`."""
    return bool(_TIME.search(sentence) or clock_times(sentence))


def has_verb(text: str, verb: str) -> bool:
    """Whether a text has a verb in any form, or a word that stands for it."""
    wanted = _root(verb)
    return any(_root(match[0].lower()) == wanted for match in WORD.finditer(text))


def _root(word: str) -> str:
    root = stem(word)
    return _ALIKE.get(root, root)
