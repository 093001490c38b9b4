"""Words as quotations are compared: one form for spellings that house styles choose between."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

from tools.text.words import WORD

_CONTRACTED = {
    "won't": "will not", "can't": "can not", "cannot": "can not", "shan't": "shall not",
    "ain't": "is not", "i'm": "i am", "let's": "let us", "it's": "it is", "that's": "that is",
    "there's": "there is", "here's": "here is", "what's": "what is", "he's": "he is",
    "she's": "she is", "who's": "who is", "percent": "per cent", "im": "i am", "ive": "i have",
    "dont": "do not", "didnt": "did not", "doesnt": "does not", "isnt": "is not",
    "wasnt": "was not", "thats": "that is", "youre": "you are", "theyre": "they are",
}  # fmt: skip
_SUFFIXES = [
    (re.compile(r"n't$"), " not"),
    (re.compile(r"'ve$"), " have"),
    (re.compile(r"'ll$"), " will"),
    (re.compile(r"'re$"), " are"),
]
# British to American, where the ending tells; the words that only look alike stand apart.
_ENDINGS = [
    (re.compile(r"(?<=[a-z]{3})is(e[drs]?|ing|ation|ations|able)$"), r"iz\1"),
    (re.compile(r"(?<=[a-z]{2})yse([drs]?)$"), r"yze\1"),
    (re.compile(r"(?<=[a-z]{3})our(s|ed|ing|able|ite|ites|less|hood|hoods|ly|er|ers)?$"), r"or\1"),
    (re.compile(r"^(cent|theat|met|kilomet|centimet|lit|fib|calib|meag|somb|spect)re(s?)$"),
     r"\1er\2"),
    (re.compile(r"^(travel|cancel|label|model|signal|fuel|counsel|level|total|marvel|rival|"
                r"quarrel|tunnel|channel)l(ed|ing|er|ers)$"), r"\1\2"),
    (re.compile(r"^(def|off|lic|pret)ence(s?)$"), r"\1ense\2"),
    (re.compile(r"^(catalog|dialog|analog|monolog)ue(s?)$"), r"\1\2"),
]  # fmt: skip
_SPELLED = {
    "grey": "gray", "plough": "plow", "ploughs": "plows", "programme": "program",
    "programmes": "programs", "practise": "practice", "practised": "practiced",
    "aluminium": "aluminum", "sceptic": "skeptic", "sceptics": "skeptics",
    "sceptical": "skeptical", "ageing": "aging", "judgement": "judgment", "learnt": "learned",
    "burnt": "burned", "spelt": "spelled", "dreamt": "dreamed", "whilst": "while",
    "amongst": "among", "tyre": "tire", "tyres": "tires", "mum": "mom", "cheque": "check",
    "cheques": "checks", "jewellery": "jewelry", "towards": "toward", "afterwards": "afterward",
    "skilful": "skillful", "fulfil": "fulfill", "enrol": "enroll", "ok": "okay",
    "yeah": "yes", "isil": "isis", "isil's": "isis's",
}  # fmt: skip


@dataclass(frozen=True)
class PlainWord:
    """A word in its compared form; `text[start:end]` is what is written there."""

    plain: str
    start: int
    end: int


def plain_words(text: str) -> list[PlainWord]:
    """The words of a text in the form in which two wordings are compared.

    Lower case, American spelling, contractions and hyphens undone: `don’t` is two words at one
    place, `long-term` two words at two.
    """
    found = []
    for match in WORD.finditer(text):
        for part in re.finditer(r"[^-]+", match[0]):
            start = match.start() + part.start()
            end = match.start() + part.end()
            for plain in _expanded(part[0].lower().replace("’", "'")).split():
                found.append(PlainWord(_american(plain), start, end))
    return found


def _expanded(word: str) -> str:
    if word in _CONTRACTED:
        return _CONTRACTED[word]
    for pattern, replacement in _SUFFIXES:
        word, count = pattern.subn(replacement, word)
        if count:
            return word
    return word


@lru_cache(maxsize=65536)
def _american(word: str) -> str:
    if word in _SPELLED:
        return _SPELLED[word]
    for pattern, replacement in _ENDINGS:
        word, count = pattern.subn(replacement, word)
        if count:
            break
    return word
