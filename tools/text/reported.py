"""Speech that a report frames: whose words they are, and that they were said.

News quotes orders of all kinds (`“Tell me the verdict,” the widow whispered`), and they order whom
they were said to. A frame is a speaker with a verb of saying, in the past as reports are, beside
a quotation; or one that closes a sentence (`…, the leaflet advises`). Whoever hides an order can
write a frame, too: words that name labels, passages, models or a checker are never excused.
"""

from __future__ import annotations

import re
from typing import Final

from tools.text.answers import DICTATED, LABEL, SPACED

_SAID: Final = (
    r"(?:said|told|wrote|wired|cabled|telegraphed|signalled|signaled|radioed|whispered|shouted"
    r"|cried|yelled|called|asked|begged|pleaded|urged|warned|advised|ordered|commanded|replied"
    r"|answered|responded|added|noted|explained|joked|quipped|insisted|argued|declared|announced"
    r"|recalled|remarked|demanded|tweeted|posted|texted|read|testified|informed|instructed"
    r"|muttered|snapped|sighed|repeated|promised|stated|ruled)"
)
_FOUND: Final = r"(?:found|showed|reported|discovered|demonstrated|said|explained|wrote|noted)"
_SAYS: Final = r"(?:says?|advises?|warns?|writes?|recommends?|urges?|explains?)"
_WHO: Final = r"(?:[\w’'.-]{1,30}\s+){1,8}?"
_QUOTED: Final = re.compile(r"[“\"„«]([^“”\"„«»\n]{2,400})[”\"»“]")
_FRAME: Final = re.compile(
    rf"[”\"»],?\s*(?:{_WHO}{_SAID}\b|{_SAID}\s+(?:the|an?|his|her|their|[A-Z])\b)"
    rf"|\b{_WHO}{_SAID}\b[^“”\"„«»:.!?\n]{{0,60}}[:,]\s*[“\"„«]"
)
_FINDING: Final = re.compile(
    rf"\b{_WHO}{_FOUND}\s+that\b[^“”\"„«».!?\n]{{1,80}}\s[“\"„«][^“”\"„«»\n]{{2,400}}[”\"»“]"
    r"\s+\w"
)
"""A quotation amid a finding: its words are spoken of, not spoken."""
_RATING: Final = re.compile(
    r"\b(?:rated|called|labell?ed|ruled|judged|deemed|declared)\s+(?:the|an?|his|her|its|their"
    r"|[\w-]{1,30}['’]s)\s(?:[\w’'-]{1,30}\s){1,5}?(?:as\s)?"
    r"[“\"](mostly[ _-]true|unsupported|contradicted)[”\"]",
    re.I,
)
"""Somebody else's rating of something else, in none of the three labels of this checker."""
_CLOSING: Final = re.compile(
    rf",\s+(?:the|an?|his|her|its|their|[A-Z][\w’'.-]{{0,30}})\s(?:[\w’'.-]{{1,30}}\s){{0,6}}?"
    rf"(?:{_SAID}|{_SAYS})(?:\s[^,.:;!?\n]{{0,60}})?[.!?]?\s*\Z"
    r"|,\s+[\w’'-]{1,30}\s(?:was|were)\stold\b"
)
_LEADING: Final = re.compile(
    r"\A\W{0,3}(?:[\w’'.-]{1,30}\s){1,6}?(?:said|say|says|advised?|warn|warned)\s"
    r"(?:that\s)?(?=you\b)"
)
_SPEAKER: Final = re.compile(
    rf"\b(?:[\w’'.-]{{1,30}}\s+){{1,8}}?(?={_SAID}\b[^“”\"„«»\n]{{0,60}}:)"
)
"""Who speaks before a colon: that a chatbot did so orders nothing."""
_NAMES: Final = re.compile(
    rf"\b(?:{LABEL}|supports|contradicts|stances?|passages?|verdict\s+(?:is|as|to)|rationale"
    r"|(?:fact[- ]?)?checkers?|raters?|evaluators?|graders?|system (?:prompt|message)|prompts?"
    r"|language models?|llms?|ais?|chatbots?|assistants?|models?"
    r"|(?:every|each|all) (?:claims?|statements?|sentences?) (?:is|are)|gold label|rubric|json"
    r"|claims|users?|file paths?|code block|explanation|everything above|https?)\b"
    r"|[{}<>$@;\\[\]=\u0300-\u036f]",
    re.I,
)
_LETTER: Final = re.compile(r"\w")


def without_reported(sentence: str) -> str:
    """The sentence, of the same length, with an `x` for each letter of what it reports as said.

    Args:
        sentence: one sentence, of any length; the time is linear in it.
    """
    spans = [] if DICTATED.search(sentence) or SPACED.search(sentence) else _spans(sentence)
    parts: list[str] = []
    position = 0
    for start, end in spans:
        parts += sentence[position:start], _LETTER.sub("x", sentence[start:end])
        position = end
    return "".join([*parts, sentence[position:]])


def _spans(sentence: str) -> list[tuple[int, int]]:
    """Where a sentence reports what was said, if that names nothing of a checker's."""
    quoted = [match.span(1) for match in _QUOTED.finditer(sentence)]
    if rating := _RATING.search(sentence):
        return [rating.span(1)]
    if quoted and _FINDING.search(sentence):
        return [] if any(_NAMES.search(sentence[a:b]) for a, b in quoted) else quoted
    speaker = _SPEAKER.match(sentence)
    if _NAMES.search(sentence, speaker.end() if speaker else 0):
        return []
    if quoted and _FRAME.search(sentence):
        return quoted
    if closing := _CLOSING.search(sentence):
        return [(0, closing.start())]
    if leading := _LEADING.match(sentence):
        return [(leading.end(), len(sentence))]
    return []
