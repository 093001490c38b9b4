"""Sentences as claims: which read alone, and how they are worded for it."""

from __future__ import annotations

import re

from tools.text.words import WORD
from tools.training.altered.edits import Edit

SHORTEST, LONGEST = 8, 40
"""Words of a sentence that is made a claim."""
_PRONOUN = re.compile(
    r"^(?:[“\"‘(]|(?:And|But|So|Or|Yet|Nor|Then|However|Also|Instead|Meanwhile|Therefore|Thus)\b|"
    r"(?:He|She|It|They|We|I|You|This|That|These|Those|There|Here|His|Her|Its|Their|Our|My|Your|"
    r"Such|Another|Both|One|Others|Some|Who|Which|What|How|Why|Where|When|While|As|If|See)\b)"
)
_INNER_PRONOUN = re.compile(r"\b(?:he|she|it|they|him|them|I|we|you|my|our|your|us|me)\b")
_NAMED = re.compile(r"(?<=\s)[A-Z]\w+|^[A-Z]\w+ [A-Z]\w+")
_UNCLEAN = re.compile(r"https?:|www\.|@|\||\[|\]|[{}<>_•→…?!]|\.\.\.|\s-\s-")
_FINITE = re.compile(
    r"\b(?:is|are|was|were|has|have|had|will|would|can|could|may|might|must|should|did|does|do|"
    r"said|became|began|made|took|went|won|lost|led|held|wrote|told|left|found|gave|got|came|"
    r"\w{2,}ed|\w+s)\b"
)


def reads_alone(sentence: str) -> bool:
    """Whether a sentence can be a claim: whole, of ordinary length, its subject no bare pronoun."""
    words = WORD.findall(sentence)
    if (
        not SHORTEST <= len(words) <= LONGEST
        or sentence[-1] not in '.”"'
        or _PRONOUN.match(sentence)
    ):
        return False
    if not sentence[0].isupper() and not sentence[0].isdigit():
        return False
    if _UNCLEAN.search(sentence) or not _FINITE.search(sentence):
        return False
    if sentence.count('"') % 2 or sentence.count("“") != sentence.count("”"):
        return False
    if sentence.count("(") != sentence.count(")"):
        return False
    told = re.sub(r"[“\"][^”\"]*[”\"]", "", sentence)
    pronoun = _INNER_PRONOUN.search(told)
    return not pronoun or bool(_NAMED.search(told[: pronoun.start()]))


# Marks of the Penn Treebank, in which Wikipedia corpora are often kept.
_TREEBANK = [
    (re.compile(r"-LSB-.*?-RSB-"), ""), (re.compile("-LRB-"), "("), (re.compile("-RRB-"), ")"),
    (re.compile("``|''"), '"'), (re.compile(r"\( *[;,]? *\)"), ""),
    (re.compile(r"(?<=\w) (?=['’](?:s|re|ve|ll|d|m)?\b|n['’]t\b)"), ""),
    (re.compile(r"(?<=s) ' "), "' "),
    (re.compile(r"\( +"), "("), (re.compile(r" +([,.;:)%])"), r"\1"),
    (re.compile(r'" ([^"]*?) ?"'), r'"\1"'),
]  # fmt: skip


def tidied(text: str) -> str:
    """The text as people write it, on one line."""
    if " ," in text or " ." in text or "-LRB-" in text:
        for pattern, plain in _TREEBANK:
            text = pattern.sub(plain, text)
    return " ".join(text.split())


_LEADING = re.compile(
    r"^(?:However|Meanwhile|Moreover|Furthermore|In addition|Additionally|Nevertheless|Today|"
    r"Eventually|Subsequently|Afterwards|Historically|Originally|Later|Overall|In fact|In total|"
    r"As a result|For example|For instance|According to reports), "
)
_PARENTHESIS = re.compile(r" \([^()]{2,80}\)")
_APPOSITION = re.compile(
    r"(?<=[a-z]), (?:an?|the|who|which|whose|born)(?: [^\s,;“”\"]+){1,12},(?= [a-z])"
)
_TRAILING = re.compile(
    r"(?<=[a-z]), (?:which|who|whose|while|whereas|although|where|making|adding|leaving|including)"
    r"(?: [^\s,;“”\"]+){2,18}(?=\.$)"
)
# Under these, dropping words may make the claim stronger.
_DOWNWARD = re.compile(
    r"\b(?:not|no|never|none|nothing|nobody|neither|nor|only|few|hardly|all|every|each|any|most|"
    r"always|without|if|unless|first|last|\w{3,}est)\b|n[’']t\b"
)


def cuts(sentence: str, edit: Edit) -> list[tuple[int, int]]:
    """Spans that may be left out of both sentences, so that the rest stays true; none overlap."""
    if '"' in sentence or "“" in sentence:
        return []
    patterns = [_LEADING, _PARENTHESIS, _APPOSITION, _TRAILING]
    taken: list[tuple[int, int]] = []
    for pattern in patterns:
        if pattern is not _PARENTHESIS and _DOWNWARD.search(edit.new + " " + sentence):
            continue
        for match in pattern.finditer(sentence):
            start, stop = match.span()
            apart = stop <= edit.start - 1 or start >= edit.end
            left = len(sentence.split()) - len(match[0].split())
            if apart and left >= SHORTEST - 2 and all(stop <= a or b <= start for a, b in taken):
                taken.append((start, stop))
    return taken


def capitalised(text: str) -> str:
    """The text with a capital first letter."""
    return text[:1].upper() + text[1:]


_TYPE = [
    (re.compile(r"(?<=\d) per ?cent\b"), "%"),
    (re.compile(r"(?<=\d)%"), " per cent"),
    (re.compile(r"\b(was|were|is|are|has|have|had|did|does|do|would|could) not\b"), r"\1n't"),
    (re.compile(r"\b(was|were|is|are|has|have|had|did|does|do|would|could)n['’]t\b"), r"\1 not"),
    (re.compile(r"\b(January|February|March|April|June|July|August|September|October|November|"
                r"December) (\d{1,2}), (\d{4}),?"), r"\2 \1 \3"),
    (re.compile(r"\b(\d{1,2}) (January|February|March|April|June|July|August|September|October|"
                r"November|December) (\d{4})"), r"\2 \1, \3"),
    (re.compile(r"(?<=\d),(?=\d{3}\b)"), ""),
    (re.compile(r"\bUnited States\b"), "US"),
    (re.compile(r"\bU\.S\."), "US"),
    (re.compile(r"[“”]"), '"'),
]  # fmt: skip
_FRONTED = re.compile(
    r"^(In (?:\w+ )?\d{4}|On \d{1,2} \w+ \d{4}|On \w+ \d{1,2}, \d{4}), (?=[A-Z])([^,;]+)\.$"
)


def retyped(text: str) -> str:
    """The sentence with a date at its end, not its start, or with other typing of the same."""
    moved = _FRONTED.sub(lambda m: f"{m[2]} {m[1][0].lower()}{m[1][1:]}.", text)
    if moved != text:
        return moved
    for pattern, other in _TYPE:
        changed = pattern.sub(other, text)
        if changed != text:
            return changed
    return text
