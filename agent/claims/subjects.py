"""What the subject of a sentence is, by its form: a thing, several people, somebody unnamed.

The subject is what the next sentence most likely goes on about, as `it`, `they` or `she`.
"""

from __future__ import annotations

import re

from agent.claims.attribution import NAME
from agent.claims.finite import has_verb
from tools.text.grammar import verbs

_OTHER_THING = re.compile(
    r"\b(?:the|an?|its|his|her|their|this|that|of)\s+[a-z]|(?<!\bin )(?<!\bon )\b"
    r"(?!(?:January|February|March|April|May|June|July|August|September|October|November|December|"
    r"Monday|Tuesday|Wednesday|Thursday|Friday|Saturday|Sunday)\b)[A-Z]"
)
_ANIMATE = re.compile(
    r"(?:mayor|minister|president|man|woman|boy|girl|wife|husband|mother|father|chief|head|chair|victim|"
    r"police|general|attorney|year-old|(?<![ft])er|or|ist|ian|ant|person|people|child|star|spokes\w+)$"
)
SOMEBODY = re.compile(
    rf"\b(?:the|an?|one|his|her|their)\s(?:[\w-]+\s){{0,2}}?[\w-]*{_ANIMATE.pattern[:-1]}\b"
)
"""A person who is spoken of without a name: `the masked man`."""
_PLURAL = re.compile(r"The\s(?:[a-z][\w-]*\s){0,2}(?:[a-z]\w*[^\Wsui]s|men|women|people|children)")
_TWO_NAMES = re.compile(rf"{NAME}\sand\s{NAME}")
_OTHER_PLURAL = re.compile(
    r"\b(?:[a-z][\w-]*(?:[^\Wsui]s|ies)|men|women|people|children|police|staff)\b|[A-Z]\w+\sand\s[A-Z]"
)


def acts(name: re.Match[str], sentence: str) -> bool:
    """Whether a name owns or does something: `Meta’s apps`, `Meta is`; not `American ideas`."""
    following = re.match(r"\s+(\w+)", sentence[name.end() :])
    return name[0].endswith(("’s", "'s")) or bool(following and has_verb(following[1]))


def single_thing(sentence: str) -> str | None:
    """The definite noun phrase that opens a sentence, where it is a single thing (`the bridge`) and
    the sentence names nothing else that `it` may stand for."""
    match = re.match(r"The\s(?:[a-z][\w-]*\s){0,3}?(?P<head>[a-z][\w-]*)(?=\s)", sentence)
    found = verbs(sentence)
    if not match or not found or _OTHER_THING.search(sentence[found[0].end :]):
        return None
    phrase = sentence[: found[0].start].strip()
    words = phrase.split()
    if not 2 <= len(words) <= 4 or not all(word[0].islower() for word in words[1:]):
        return None
    if _ANIMATE.search(words[-1]) or words[-1].endswith("s") or "," in phrase:
        return None
    return "the " + " ".join(words[1:])


def several(sentence: str) -> str | None:
    """The plural that opens a sentence (`the engineers`, `Ida Moor and Jon Vale`), where the
    sentence has no other that `they` may stand for."""
    found = verbs(sentence)
    if not found:
        return None
    phrase, rest = sentence[: found[0].start].strip(), sentence[found[0].end :]
    if _OTHER_PLURAL.search(rest):
        return None
    if _TWO_NAMES.fullmatch(phrase):
        return phrase
    if _PLURAL.fullmatch(phrase):
        return "the " + phrase.split(maxsplit=1)[1]
    return None
