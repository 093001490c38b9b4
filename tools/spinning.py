"""Machine-spun text: telling it, and reading its commonest substitutions back.

Spinners rewrite a stolen article word by word with a thesaurus that knows no context,
so `the` becomes `nan`, `in` becomes `successful`, `on` becomes `connected`, `million`
and `billion` both become `cardinal`. The function words betray it: no English text has
`nan` as its commonest word. The table below holds substitutions that are one-to-one in
such texts; a word that a person might mean (`successful`, `connected`) is only read
back once the text is known to be spun.

Reading back is for comparing and rating. What is shown and quoted is the text as it
stands; `magnitude` words stay ambiguous, see `tools.quantities`.
"""

from __future__ import annotations

import re
from collections import Counter

from agent.types import TextWarning

# Words that no edited English text uses in this place; they prove the spinning.
_TELLTALE = {
    "nan": "the",
    "beryllium": "be",
    "astatine": "at",
    "arsenic": "as",
    "pinch": "with",
    "astir": "about",
    "nary": "no",
    "overmuch": "much",
    "twelvemonth": "year",
    "immoderate": "any",
    "statesmanlike": "presidential",
    "lawman": "deputy",
    "nett": "earnings",
    "slightest": "least",
    "fto": "let",
    "ain": "own",
    "galore": "many",
}
# Ordinary words; read back only in a text that is spun.
_LIKELY = {
    "connected": "on",
    "successful": "in",
    "caller": "new",
    "tin": "can",
    "personification": "have",
    "aggregate": "multiple",
    "summation": "increase",
    "complete": "over",
    "retired": "out",
    "disconnected": "off",
    "backmost": "back",
    "play": "period",
    "clip": "time",
    "instrumentality": "implement",
    "manufacture": "industry",
    "guidance": "administration",
    "exertion": "technology",
    "conclusion": "inference",
    "petition": "require",
    "connection": "line",
    "telephone": "call",
    "narration": "account",
    "relationship": "account",
    "institution": "company",
    "merchandise": "release",
    "scope": "reach",
    "adjunct": "assistant",
    "settee": "settle",
    "group": "people",
    "utilized": "used",
    "locomotion": "spend",
    "constituent": "thing",
    "condemnation": "conviction",
    "inclination": "trend",
    "owed": "due",
    "spell": "go",
    "execute": "do",
    "mini": "little",
    "worth": "quality",
    "immense": "vast",
    "mostly": "majority",
    "cloaked": "veiled",
    "monolithic": "massive",
    "betterment": "development",
    "needfully": "necessarily",
    "strategical": "strategic",
    "visit": "see",
    "extracurricular": "outside",
    "wrong": "inside",
    "aboriginal": "early",
    "portion": "while",
    "comparatively": "relatively",
    "regular": "daily",
    "4th": "fourth",
    "deliberation": "think",
    "dense": "heavily",
    "opportunity": "chance",
    "squad": "team",
    "ridden": "driven",
    "bid": "order",
    "cognize": "know",
    "judge": "sure",
    "awesome": "impressive",
    "existent": "real",
    "privation": "want",
    "extremity": "end",
    "commencement": "start",
    "nonstop": "direct",
    "disposable": "available",
    "matter": "issue",
}
MAGNITUDE_WORD = "cardinal"
"""Stands for `million`, `billion` and number words alike: its value is not known."""

_WORD = re.compile(r"[A-Za-z0-9]+(?:[’'-][A-Za-z]+)*")
_MIN_HITS, _MIN_KINDS, _MIN_SHARE = 4, 2, 0.01
_PHRASES = [
    # The spinner renders both "fourth" and "quarter" as 4th.
    (re.compile(r"\b(\w+) 4th\b(?= (?:of|was|is|were)\b|[.,;)]|$)"), r"\1 quarter"),
    (re.compile(r"\bfourth-quarter nett telephone\b"), "fourth-quarter earnings call"),
    (re.compile(r"\bgoing to net for\b"), "going to pay for"),
    (re.compile(r"\bnett (profit|income|loss|sales)\b"), r"net \1"),
]


def is_spun(text: str) -> bool:
    """Whether `text` was rewritten by a spinner.

    True when telltale words occur at least four times, of two kinds, and make up one
    per cent of all words.
    """
    words = [match[0].lower() for match in _WORD.finditer(text)]
    hits = Counter(word for word in words if word in _TELLTALE)
    total = hits.total()
    return total >= _MIN_HITS and len(hits) >= _MIN_KINDS and total >= _MIN_SHARE * len(words)


def plain_reading(text: str, *, spun: bool | None = None) -> str:
    """The text with a spinner's substitutions read back; unchanged when it is not spun.

    Args:
        text: a whole text, or a part of one.
        spun: whether the whole text is spun, where `text` is only a part; otherwise told
            from `text` itself.

    Returns:
        A text for comparing and rating. Offsets do not carry over.
    """
    if not (is_spun(text) if spun is None else spun):
        return text
    for pattern, replacement in _PHRASES:
        text = pattern.sub(replacement, text)
    return _WORD.sub(_read_back, text)


def _read_back(match: re.Match[str]) -> str:
    word = match[0]
    plain = _TELLTALE.get(word.lower()) or _LIKELY.get(word.lower())
    if plain is None:
        return word
    return plain.capitalize() if word[0].isupper() else plain


def spun_warning(text: str) -> TextWarning | None:
    """The warning for a spun text, with the spans of up to ten telltale words."""
    if not is_spun(text):
        return None
    spans = [m.span() for m in _WORD.finditer(text) if m[0].lower() in _TELLTALE]
    examples = Counter(text[start:end].lower() for start, end in spans).most_common(3)
    shown = ", ".join(f"“{word}” for “{_TELLTALE[word]}”" for word, _ in examples)
    return TextWarning(
        code="machine_spun",
        message=f"This text reads like one rewritten by a machine, word by word ({shown}); "
        "quotations and figures in it may be altered.",
        spans=spans[:10],
    )
