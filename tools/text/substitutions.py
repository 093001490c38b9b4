"""Words that one spinner puts for others, and reading them back.

The tables hold substitutions of a spinner seen in the wild that are one-to-one there. A word that
nobody writes (`nan`, `beryllium` for `be`) is read back wherever it stands in a spun text; one
that a person might mean (`successful`, `connected`) only where the plain word fits its neighbours
better, see `tools.text.neighbours`.

Reading back is for comparing and rating. What is shown and quoted is the text as it stands;
`cardinal` stays ambiguous, see `tools.numbers.amounts`.
"""

from __future__ import annotations

import re
from typing import Final

from tools.text.neighbours import END, OTHER, neighbours, shape, tokens

# Words that no edited English text uses in this place; they prove the spinning.
TELLTALE: Final = {
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
# Ordinary words, read back where the plain word fits better.
_LIKELY: Final = {
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

WORD = re.compile(r"[A-Za-z0-9]+(?:[’'-][A-Za-z]+)*")
_PHRASES = [
    # The spinner renders both "fourth" and "quarter" as 4th.
    (re.compile(r"\b(\w+) 4th\b(?= (?:of|was|is|were)\b|[.,;)]|$)"), r"\1 quarter"),
    (re.compile(r"\bfourth-quarter nett telephone\b"), "fourth-quarter earnings call"),
    (re.compile(r"\bgoing to net for\b"), "going to pay for"),
    (re.compile(r"\bnett (profit|income|loss|sales)\b"), r"net \1"),
]
_BETTER: Final = 1.5
"""How much better a plain word must fit its neighbours than an ordinary one that stands there."""


def read_back(text: str) -> str:
    """A part of a spun text with its substitutions read back; offsets do not carry over.

    Where the part has a word that proves this spinner all its words are read back. Elsewhere the
    text may be another spinner's, whose `successful` means just that: then only rare words are,
    and those that do not fit where they stand.
    """
    for pattern, replacement in _PHRASES:
        text = pattern.sub(replacement, text)
    words = [word.lower() for word in WORD.findall(text)]
    proven = any(word in TELLTALE for word in words)
    text = WORD.sub(lambda match: _plain(match[0], TELLTALE), text)
    if proven:
        return WORD.sub(lambda match: _plain(match[0], _LIKELY), text)
    return _misfits_read(text) if any(word in _LIKELY for word in words) else text


def _misfits_read(text: str) -> str:
    """The text with those words read back that are rare, or that fit worse than the plain one."""
    model = neighbours()
    end, other = model.known[END], model.known[OTHER]
    found = tokens(text)
    parts, copied, before = [], 0, end
    for at, token in enumerate(found):
        here = model.known.get(shape(token.text, model.known), other)
        plain = _LIKELY.get(token.text.lower())
        if plain is not None:
            following = found[at + 1].text if at + 1 < len(found) else "."
            # What follows may be a substitution itself.
            following = _LIKELY.get(following.lower(), following)
            after = model.known.get(shape(following, model.known), other)
            meant = model.known.get(shape(plain, model.known), other)
            gain = model.between(before, meant, after) - model.between(before, here, after)
            if gain >= _BETTER or token.text.lower() not in model.known:
                parts += [text[copied : token.start], _plain(token.text, _LIKELY)]
                copied, here = token.end, meant
        before = here
    return "".join([*parts, text[copied:]])


def _plain(word: str, table: dict[str, str]) -> str:
    plain = table.get(word.lower())
    if plain is None:
        return word
    return plain.capitalize() if word[0].isupper() else plain
