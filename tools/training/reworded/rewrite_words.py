"""Words said otherwise: synonyms that hold in news prose, opposites, and a spinner's words.

The tables are made by hand and keep to what can be swapped without reading the sentence:
each entry that holds only in some surroundings says in which. Verbs are inflected here.
"""

from __future__ import annotations

import random
import re
from collections.abc import Iterator
from functools import lru_cache

from tools.training.pairs import CONFLICTING
from tools.training.reworded.rewrite_tables import (
    IRREGULAR,
    OPPOSITE_WORDS,
    OPPOSITES,
    PHRASES,
    SPUN,
    VERBS,
)
from tools.training.reworded.rewrite_text import NEGATED, QUOTED, Rewrite, capitalised


def _inflected(phrase: str) -> tuple[str, str, str, str, str]:
    """Base, third person, past, participle and gerund of a verb with its particles."""
    verb, _, rest = phrase.partition(" ")
    rest = f" {rest}" if rest else ""
    stem = verb[:-1] if verb.endswith("e") and not verb.endswith("ee") else verb
    consonant_y = verb.endswith("y") and verb[-2] not in "aeiou"
    if verb in IRREGULAR:
        past, participle = IRREGULAR[verb].split()
    elif consonant_y:
        past = participle = verb[:-1] + "ied"
    else:
        past = participle = verb + "d" if verb.endswith("e") else verb + "ed"
    third = (
        verb[:-1] + "ies"
        if consonant_y
        else verb + "es"
        if verb.endswith(("s", "sh", "ch", "x", "z", "go"))
        else verb + "s"
    )
    doubled = past == verb + verb[-1] + "ed" or verb in _DOUBLING
    gerund = "lying" if verb == "lie" else (verb + verb[-1] if doubled else stem) + "ing"
    return (verb + rest, third + rest, past + rest, participle + rest, gerund + rest)


_DOUBLING = frozenset("begin get win set put step quit run cut shut forget wed".split())

_Entry = tuple[str, re.Pattern[str] | None, re.Pattern[str] | None, str]
_FIGURE = r"\s(?:by|to|from)\s(?:about\s|around\s|nearly\s|some\s)?[$£€\d]"
_AUX = re.compile(
    r"\b(?:has|have|had|having|was|were|is|are|been|be|being|get|got|not|also|recently|since)\s"
    r"(?:\w+ly\s|also\s|not\s|never\s|already\s|since\s|been\s|being\s)?$"
)
_PASSIVE = re.compile(r"\b(?:was|were|is|are|been|be|being|get|got)\s(?:\w+ly\s|also\s)?$")
_BASE_BEFORE = re.compile(
    r"\b(?:to|will|would|could|may|might|can|must|should|did|not|n['’]t)\s(?:\w+ly\s)?$"
)
_THIRD_BEFORE = re.compile(r"\b(?:[A-Z][\w’']+|he|she|it|who|which|that)\s(?:also\s|\w+ly\s)?$")


@lru_cache(maxsize=4)
def _table(verbs: str, phrases: str) -> dict[str, list[_Entry]]:
    """From each word or phrase to what may stand for it, with its surroundings and form."""
    table: dict[str, list[_Entry]] = {}
    for source, is_verb in ((verbs, True), (phrases, False)):
        for line in source.splitlines():
            entry, _, before = line.partition(" || ")
            entry, _, after = entry.partition(" | ")
            both = " = " in entry
            left, right = entry.split(" = " if both else " > ")
            right = right.rstrip()
            after_re = re.compile(after.replace("@FIGURE", _FIGURE)) if after else None
            before_re = re.compile(before) if before else None
            ways = [(left, right), (right, left)] if both else [(left, right)]
            for old, new in ways:
                forms = (
                    zip(_inflected(old), _inflected(new), _FORMS, strict=True)
                    if is_verb
                    else [(old, new, "")]
                )
                for old_form, new_form, form in forms:
                    table.setdefault(old_form, []).append((new_form, after_re, before_re, form))
    return table


_FORMS = ("base", "third", "past", "participle", "gerund")


@lru_cache(maxsize=4)
def _finder(verbs: str, phrases: str) -> re.Pattern[str]:
    words = sorted(_table(verbs, phrases), key=len, reverse=True)
    return re.compile(rf"(?<![\w-])(?:{'|'.join(map(re.escape, words))})(?![\w-])")


def _fits(form: str, sentence: str, match: re.Match[str]) -> bool:
    """Whether a verb stands at the match in this form."""
    before = sentence[max(0, match.start() - 40) : match.start()]
    if form == "base":
        return bool(_BASE_BEFORE.search(before))
    if form == "third":
        return bool(_THIRD_BEFORE.search(before))
    if form == "gerund":
        return not re.search(r"\b(?:the|a|an|of|this|its|his|her|their)\s$", before)
    by_somebody = re.match(r" by (?!about|around|nearly|some|[$£€\d])", sentence[match.end() :])
    participle = bool(_AUX.search(before) or by_somebody)
    return participle == (form == "participle")


def _swaps(verbs: str, phrases: str, sentence: str) -> list[tuple[int, int, list[str]]]:
    """Where in a sentence words of a table stand, and what may stand there instead."""
    table = _table(verbs, phrases)
    quoted = [match.span() for match in QUOTED.finditer(sentence)]
    found: list[tuple[int, int, list[str]]] = []
    text = sentence[0].lower() + sentence[1:] if sentence[:1].isupper() else sentence
    for source in (sentence, text):
        for match in _finder(verbs, phrases).finditer(source):
            start, end = match.span()
            if source is text and start > 0:
                break
            if any(low < start < high for low, high in quoted):
                continue
            # "Big Brother", "the New York Film": part of a name
            if re.match(r"\s[A-Z]", source[end:]) and match[0][0].isupper():
                continue
            before, after = source[:start], source[end:]
            choices = []
            for new, after_re, before_re, form in table[match[0]]:
                if after_re and not after_re.match(after):
                    continue
                if before_re and not before_re.search(before):
                    continue
                if form and not _fits(form, source, match):
                    continue
                # Verbs made of several words, or new ones, have no passive here.
                if form == "participle" and " " in new and _PASSIVE.search(before):
                    continue
                choices.append(new)
            if choices and not any(s < end and start < e for s, e, _ in found):
                found.append((start, end, choices))
    return sorted(found)


def _put(sentence: str, start: int, end: int, new: str) -> str:
    glued = new.endswith("-")
    if start == 0:
        new = capitalised(new)
    rest = sentence[end:].lstrip(" ") if glued else sentence[end:]
    before = sentence[:start]
    # The article before the word follows it.
    if match := re.search(r"\b([Aa])(n?) $", before):
        vowel = new[0] in "aeioAEIO" or new.startswith(("unsuccessful", "unable", "unsafe", "US"))
        vowel = vowel and not new.startswith(("US", "one", "eu"))
        vowel = vowel or new.startswith(("unsuccessful", "unable", "unsafe"))
        if match[2] != ("n" if vowel else ""):
            before = before[: match.start()] + match[1] + ("n " if vowel else " ")
    return before + new + rest


def synonyms(sentence: str, rng: random.Random, *, most: int = 4) -> str | None:
    """The sentence with words replaced by others that mean the same, or None if it has none."""
    swaps = _swaps(VERBS, PHRASES, sentence)
    if not swaps:
        return None
    rng.shuffle(swaps)
    for start, end, choices in sorted(swaps[:most], reverse=True):
        sentence = _put(sentence, start, end, rng.choice(choices))
    return sentence


def opposites(sentence: str) -> list[tuple[int, int, list[str]]]:
    """Spans of words whose opposite, put in their place, denies the sentence; with it."""
    if NEGATED.search(sentence):
        return []
    return _swaps(OPPOSITES, OPPOSITE_WORDS, sentence)


def put(sentence: str, swap: tuple[int, int, list[str]], rng: random.Random) -> str:
    """The sentence with a swap of `opposites` made."""
    start, end, choices = swap
    return _put(sentence, start, end, rng.choice(choices))


def reworded(sentence: str, rng: random.Random) -> Iterator[Rewrite]:
    """Synonyms; and the same frame with an opposite, in the claim or in the passage."""
    claim = synonyms(sentence, rng)
    if claim is None:
        return
    yield Rewrite("reworded", claim)
    ours = opposites(claim)
    if ours:
        yield Rewrite("reworded", put(claim, rng.choice(ours), rng), CONFLICTING)
    theirs = opposites(sentence)
    if theirs:
        told = put(sentence, rng.choice(theirs), rng)
        yield Rewrite("reworded", claim, CONFLICTING, told)


def spun(sentence: str, rng: random.Random) -> str:
    """The sentence as a spinner leaves it: common words replaced without regard to sense."""
    share = rng.uniform(0.5, 1)

    def swap(match: re.Match[str]) -> str:
        word = match[0]
        new = SPUN.get(word.lower())
        if new is None or rng.random() > share or word[1:] != word[1:].lower():
            return word
        return new.capitalize() if word[0].isupper() else new

    return re.sub(r"[A-Za-z]+", swap, sentence)
