"""How much a sentence sounds like something to check, by its words and its form.

A logistic regression (`tools/models/CHECKWORTHINESS.md`). It was trained on sentences of
debates, each labelled by whether a fact-checker would take it up, and on sentences of news. It
knows the words people use when they assert facts, and those they use when they argue, promise,
or thank. It does not know whether a sentence is true, or in which text it stands.
"""

from __future__ import annotations

import itertools
import json
import math
import re
from dataclasses import dataclass
from functools import cache
from typing import Final

from tools.models import CHECKWORTHINESS

_TOKEN = re.compile(r"[^\W_]+(?:'[^\W_]+)?|[$€£%?!]")
_DIGITS = re.compile(r"\d+")
_MAX_TOKENS: Final = 256
"""A longer sentence is judged by its beginning, as the other models here do it."""

_FORM: Final[dict[str, re.Pattern[str]]] = {
    name: re.compile(pattern, 0 if name == "name" else re.I)
    for name, pattern in {
        "figure": r"\d",
        "unit": r"\b(?:million|billion|thousand|hundred|per ?cent|dollars?|euros?|pounds?)\b"
        r"|[%$€£]",
        "I": r"\b(?:I|me|my|mine|myself)\b",
        "we": r"\b(?:we|us|our|ours)\b",
        "you": r"\b(?:you|your|yours)\b",
        "third person": r"\b(?:he|she|his|her|him|they|their|them)\b",
        "past": r"\b(?:[a-z]{2,}ed|was|were|had|did|said|went|took|gave|made|became|got|left|"
        r"came)\b",
        "modal": r"\b(?:will|would|should|could|can|may|might|must|ought|going to|gonna|let's|"
        r"got to|have to|need to|want to)\b",
        "question": r"\?\W{0,8}$",
        "name": r"(?<=[a-z,] )[A-Z]\w+",
        "mental": r"\b(?:think|believe|feel|hope|know|want|wish|like)\b",
        "contraction": r"\b'(?:s|re|ve|ll|d|m|t)\b",
        "opener": r"^(?:well|so|but|and|now|look|yes|no|okay|thank)\b",
        "comparison": r"\b(?:more|most|less|than|every|all|never|only|first|largest|biggest|"
        r"highest|lowest)\b",
        "record": r"\b(?:voted|passed|signed|vetoed|law|bill|budget|deficit|tax(?:es)?|jobs|"
        r"unemployment|rate|since|years?)\b",
    }.items()
}
FORM: Final = (*_FORM, "length", "short", "long")
"""Names of the features of form, in the order of `form`."""
_MOST_COUNTED: Final = 3


@dataclass(frozen=True)
class _Weights:
    name: str
    bias: float
    form: list[float]
    words: dict[str, float]


def check_worthiness(sentence: str) -> float:
    """How likely a fact-checker would take up a sentence, 0..1, by how it sounds.

    Nearly all sentences of news are near 1, talk is near 0; the number orders sentences, and
    is a probability only for a mixture like that of the training data.
    """
    weights = _weights()
    words = [weights.words[word] for word in terms(sentence) if word in weights.words]
    score = weights.bias
    score += sum(a * b for a, b in zip(weights.form, form(sentence), strict=True))
    # `fsum` is exact, so that the order of a set does not show in the last digit.
    score += math.fsum(words) / math.sqrt(len(words) or 1)
    return 1 / (1 + math.exp(-score))


def name() -> str:
    """Name and version of the weights."""
    return _weights().name


def form(sentence: str) -> list[float]:
    """The features of form: how often each pattern is met (3 at most), then three of length."""
    text = _plain(sentence)
    counts = [float(min(len(pattern.findall(text)), _MOST_COUNTED)) for pattern in _FORM.values()]
    length = len(text.split())
    return [*counts, math.log1p(length), float(length < 6), float(length > 25)]


def terms(sentence: str) -> set[str]:
    """Words and pairs of neighbouring words; every figure reads `0`."""
    words = _TOKEN.findall(_DIGITS.sub("0", _plain(sentence).lower()))[:_MAX_TOKENS]
    return {*words, *(f"{a} {b}" for a, b in itertools.pairwise(words))}


def _plain(sentence: str) -> str:
    return sentence.replace("’", "'")


@cache
def _weights() -> _Weights:
    data = json.loads(CHECKWORTHINESS.read_text(encoding="utf-8"))
    return _Weights(
        data["name"], data["bias"], [data["form"][name] for name in FORM], data["words"]
    )
