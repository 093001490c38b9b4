"""Machine-spun text: how much a text looks like one, and where it shows.

Spinners rewrite a stolen article word by word with a thesaurus that knows no context. `the` becomes
`nan`, `on` becomes `connected`, `year` becomes `twelvemonth`. Four things tell it, and none needs
the spinner to have been seen before:

- words stand where such words cannot (`tools.text.neighbours`);
- a word that is no function word stands throughout where only a function word can: `nan`;
- function words are missing;
- many words are ones that thesauri offer and people hardly write.

A logistic regression weighs them (`tools/models/SPINNING.md`). Verse, code, lists and the mistakes
of people who write a language they are learning break rules, too, but not these together.
"""

from __future__ import annotations

import json
import math
from collections import Counter, defaultdict
from dataclasses import dataclass
from functools import cache, lru_cache
from itertools import pairwise
from pathlib import Path
from typing import Final, Literal

from agent.types import TextWarning
from tools.text.garbling import garblings
from tools.text.languages import foreign
from tools.text.neighbours import END, MOST_CHARACTERS, Neighbours, Token, neighbours, prose, tokens
from tools.text.substitutions import MAGNITUDE_WORD, TELLTALE, WORD, read_back
from tools.text.words import is_function_word

__all__ = [
    "FEATURES",
    "MAGNITUDE_WORD",
    "Sign",
    "Spinning",
    "features",
    "is_spun",
    "plain_reading",
    "spinning",
    "spun_warning",
]

WEIGHTS: Final = Path(__file__).parents[1] / "models" / "spinning.json"
SignKind = Literal["telltale", "function word", "substitute", "misfit"]
Half = Literal["first", "second"]

_STANDING_FOR: Final = (
    "the a of in to and for on with as at by from be is was that it not had".split()
)
"""Function words that spinners replace. No pronouns: a name stands where one could."""
FEATURES: Final = (
    "misfits",
    "function words",
    "stand-ins",
    "substitutes",
)
_LEAST_WORDS: Final = 40
"""A shorter text is told only by words that prove it."""
_ENOUGH_WORDS: Final = 200
"""From here on a text's shares are taken at their face value, see `features`."""
_MISFIT: Final = -1.0
_BAD_MISFIT: Final = -2.0
_CLIP: Final = 4.0
_LEAST_TIMES, _LEAST_SHARE = 3, 0.008
"""How often a word must stand in a text to be looked at as standing for a function word."""
_BETTER_IN_PLACE: Final = 1.0
_MOST_BETTER: Final = 3.0
_FITS: Final = 0.0
_MISSING: Final = 0.5
_TELLING: Final = 0.4
"""Least weight of a substitute that is shown."""
_MIN_HITS, _MIN_KINDS, _MIN_SHARE = 4, 2, 0.01
_NEAR: Final = 40
_PROVEN: Final = 0.97
_SPUN: Final = 0.9
"""Score from which a text is taken for spun, if it shows it, see `Spinning.spun`."""
_ENOUGH_OFFERED: Final = 0.04
_LEAST_OFFERED: Final = 6
"""Substitutes that show spinning where no function word is replaced: six, one word in 25."""
_MOST_SPANS: Final = 10


@dataclass(frozen=True)
class Sign:
    """A place that shows the spinning.

    Attributes:
        start, end: span of the word.
        kind: why it is one.
        instead: the word that it stands for, where that is known.
    """

    start: int
    end: int
    kind: SignKind
    instead: str = ""


@dataclass(frozen=True)
class Spinning:
    """How much a text looks machine-spun.

    Attributes:
        score: 0..1. Of texts like those it was fitted to it is a probability that they are spun;
            texts on unusual things and of invented names score high, too.
        signs: where it shows, in the order of the text.
        words: how many words were read.
    """

    score: float
    signs: tuple[Sign, ...]
    words: int

    @property
    def spun(self) -> bool:
        """Whether the text is taken for spun: the score is high, and a replaced function word or
        many substitutes show it. A rare word in an odd place is no proof."""
        kinds = Counter(sign.kind for sign in self.signs)
        shown = kinds["telltale"] + kinds["function word"] > 0
        offered = kinds["substitute"] >= max(_LEAST_OFFERED, _ENOUGH_OFFERED * self.words)
        return self.score >= _SPUN and (shown or offered)


@dataclass(frozen=True)
class Weights:
    """What `spinning.json` holds: a logistic regression, and words that thesauri offer."""

    bias: float
    centre: dict[str, float]
    weights: dict[str, float]
    substitutes: dict[str, tuple[float, Half]]


def spinning(
    text: str, *, known: Half | Literal["none"] | None = None, proofs: bool = True
) -> Spinning:
    """How much a text looks machine-spun, and where.

    Args:
        text: a whole text; of one of more than 20,000 characters the beginning is read. Only of
            English prose is anything told.
        known: the half of the known substitutes to go by, or `none` of them; None for all.
        proofs: whether words of the one spinner that was seen prove it.
    """
    weights = _weights()
    substitutes = {
        word: weight
        for word, (weight, half) in weights.substitutes.items()
        if known is None or half == known
    }
    return _judged(text, weights, substitutes, proofs)


def is_spun(text: str) -> bool:
    """Whether `text` was rewritten by a spinner, as far as can be told."""
    return _of_all(text).spun


@lru_cache(maxsize=64)
def _of_all(text: str) -> Spinning:
    return _judged(text, _weights(), _substitutes(), True)


def _judged(text: str, weights: Weights, substitutes: dict[str, float], proofs: bool) -> Spinning:
    text = text[:MOST_CHARACTERS]
    signs = _telltales(text) if proofs else []
    score = _PROVEN if signs else 0.0
    words = len(WORD.findall(text))
    found = prose(text)
    if measured := _measured(found, substitutes):
        values, shown = measured
        odds = weights.bias + sum(
            weights.weights[name] * (values[name] - weights.centre[name] * values["size"])
            for name in FEATURES
        )
        if odds >= 0 and foreign(text):
            return Spinning(score, tuple(signs), words)  # a kin of English, by its small words
        score = max(score, 1 / (1 + math.exp(-odds)))
        taken = {(sign.start, sign.end) for sign in signs}
        signs += [sign for sign in shown if (sign.start, sign.end) not in taken]
    return Spinning(round(score, 4), tuple(sorted(signs, key=lambda s: (s.start, s.end))), words)


def _telltales(text: str) -> list[Sign]:
    """The words that prove the spinner that was seen, where they do: at least four, of two kinds,
    one in a hundred, and not in places of their own, as beryllium and arsenic have in chemistry."""
    words = list(WORD.finditer(text))
    hits = [match for match in words if match[0].lower() in TELLTALE]
    kinds = {match[0].lower() for match in hits}
    if len(hits) < max(_MIN_HITS, _MIN_SHARE * len(words)) or len(kinds) < _MIN_KINDS:
        return []
    model = neighbours()
    found = tokens(text[: hits[-1].end() + _NEAR])
    numbers = model.numbers(found)
    at = {token.start: place for place, token in enumerate(found)}
    gains = [
        _mean_fit(model, numbers, [place], model.known[plain])
        - _mean_fit(model, numbers, [place], None)
        for match in hits
        if (plain := TELLTALE[match[0].lower()]) in model.known
        and (place := at.get(match.start())) is not None
    ]
    if not gains or sum(gains) / len(gains) < 0:
        return []
    return [Sign(*m.span(), "telltale", TELLTALE[m[0].lower()]) for m in hits]


def features(text: str, substitutes: dict[str, float]) -> dict[str, float] | None:
    """What the regression goes by, and `size`; None for what is too short or no English prose.

    All are shares or means, taken the less seriously the shorter the text: below 200 words they
    are multiplied by `size`, the square root of the part of these that it has.
    """
    measured = _measured(prose(text), substitutes)
    return measured[0] if measured else None


def _measured(
    found: list[Token], substitutes: dict[str, float]
) -> tuple[dict[str, float], list[Sign]] | None:
    words = sum(token.is_word for token in found)
    if words < _LEAST_WORDS:
        return None
    model = neighbours()
    numbers = model.numbers(found)
    end = model.known[END]
    fits = [max(-_CLIP, min(_CLIP, model.fit(a, b))) for a, b in pairwise(numbers)]
    told = [
        fit for fit, a, b in zip(fits, numbers[:-1], numbers[1:], strict=True) if not a == b == end
    ]
    function = {model.known[word] for word in _STANDING_FOR}
    gain, signs = _stand_ins(found, numbers, model, words)
    offered = {
        t.text.lower(): weight
        for t in found
        if t.text[0].islower() and (weight := substitutes.get(t.text.lower(), 0.0))
    }
    signs += [
        Sign(t.start, t.end, "substitute")
        for t in found
        if offered.get(t.text.lower(), 0.0) >= _TELLING
    ]
    signs += _worst(found, fits)
    size = math.sqrt(min(1.0, words / _ENOUGH_WORDS))
    values = {
        "misfits": sum(fit < _BAD_MISFIT for fit in told) / len(told),
        "function words": sum(n in function for n in numbers) / words,
        "stand-ins": gain / words,
        # Each counts once: a text on physicians has many, a spun text has many different ones.
        "substitutes": math.fsum(offered.values()) / words,
    }
    return {**{name: value * size for name, value in values.items()}, "size": size}, signs


def _stand_ins(
    found: list[Token], numbers: list[int], model: Neighbours, words: int
) -> tuple[float, list[Sign]]:
    """Words that stand throughout where a missing function word fits: how much better, and where.

    Missing is one that the text has less than half as often as others do.
    """
    often = Counter(numbers)
    missing = {
        word: number
        for word in _STANDING_FOR
        if often[number := model.known[word]] < _MISSING * math.exp(model.rarity[number]) * words
    }
    places: dict[str, list[int]] = defaultdict(list)
    for at, token in enumerate(found):
        if token.is_word:
            places[token.text.lower()].append(at)
    candidates = {
        word: here
        for word, here in places.items()
        if missing and _may_stand_in(found, numbers, here, words)
    }
    gain = 0.0
    signs: list[Sign] = []
    read = list(numbers)
    # What is told first is read back at once: it is what the others stand beside.
    while missing and (best := _best_stand_in(model, read, candidates, missing)):
        better, word, instead = best
        here = candidates.pop(word)
        gain += len(here) * min(better, _MOST_BETTER)
        signs += [Sign(found[at].start, found[at].end, "function word", instead) for at in here]
        for at in here:
            read[at + 1] = missing[instead]
    return gain, signs


def _may_stand_in(found: list[Token], numbers: list[int], here: list[int], words: int) -> bool:
    """Whether a word stands often enough, and among enough others, to be a function word's."""
    if len(here) < max(_LEAST_TIMES, _LEAST_SHARE * words):
        return False
    small = sum(found[at].text[0].islower() for at in here)
    if is_function_word(found[here[0]].text) or 2 * small < len(here):
        return False  # it is one itself, or a name
    # A refrain or a fixed phrase has few: function words have ever new neighbours.
    around = {(numbers[at], numbers[at + 2]) for at in here}
    return len(around) >= max(_LEAST_TIMES, len(here) / 2)


def _best_stand_in(
    model: Neighbours,
    numbers: list[int],
    candidates: dict[str, list[int]],
    missing: dict[str, int],
) -> tuple[float, str, str] | None:
    """How much better the missing word fits, the word that stands for it, and the missing word."""
    found = []
    for word, here in candidates.items():
        fit, instead = max(
            (_mean_fit(model, numbers, here, other), name) for name, other in missing.items()
        )
        better = fit - _mean_fit(model, numbers, here, None) - _BETTER_IN_PLACE
        if better > 0 and fit > _FITS:
            found.append((better, word, instead))
    return max(found, key=lambda one: (one[0] * len(candidates[one[1]]), one[1]), default=None)


def _mean_fit(model: Neighbours, numbers: list[int], at: list[int], word: int | None) -> float:
    """How well the words at some places fit, or would fit with another word there.

    A token's number is one further on: an end stands before the first.
    """
    fits = [
        max(-_CLIP, min(_CLIP, model.fit(numbers[place], here)))
        + max(-_CLIP, min(_CLIP, model.fit(here, numbers[place + 2])))
        for place in at
        for here in (numbers[place + 1] if word is None else word,)
    ]
    return sum(fits) / len(fits)


def _worst(found: list[Token], fits: list[float]) -> list[Sign]:
    """Words that fit neither the word before them nor the one after."""
    return [
        Sign(token.start, token.end, "misfit")
        for at, token in enumerate(found)
        if token.text[0].islower() and fits[at] < _MISFIT and fits[at + 1] < _MISFIT
    ]


def plain_reading(text: str, *, spun: bool | None = None) -> str:
    """The text with a spinner's known substitutions read back; unchanged when it is not spun.

    Args:
        text: a whole text, or a part of one.
        spun: whether the whole text is spun, where `text` is only a part; otherwise told
            from `text` itself.

    Returns:
        A text for comparing and rating. Offsets do not carry over.
    """
    return read_back(text) if (is_spun(text) if spun is None else spun) else text


def spun_warning(text: str) -> TextWarning | None:
    """The warning for a spun or garbled text, or None.

    Of a spun text it names the score, examples, and the spans of up to ten words; of a garbled one
    what it is garbled by and where.
    """
    told = _of_all(text)
    if not told.spun:
        return _garbled_warning(text)
    rank: dict[SignKind, int] = {"telltale": 0, "function word": 1, "substitute": 2, "misfit": 3}
    signs = sorted(told.signs, key=lambda sign: (rank[sign.kind], sign.start))
    shown = signs[:_MOST_SPANS]
    often = Counter((text[s.start : s.end].lower(), s.instead) for s in shown)
    examples = ", ".join(
        f"“{word}”" + (f" for “{instead}”" if instead else "")
        for (word, instead), _ in often.most_common(3)
    )
    return TextWarning(
        code="machine_spun",
        message="This text reads like one rewritten by a machine, word by word "
        f"(score {told.score:.2f}{f'; {examples}' if examples else ''}); quotations and figures in "
        "it may be altered.",
        spans=sorted((sign.start, sign.end) for sign in shown),
    )


def _garbled_warning(text: str) -> TextWarning | None:
    found = garblings(text)
    if not found:
        return None
    what = "; ".join(garbling.detail for garbling in found)
    return TextWarning(
        code="machine_spun",
        message=f"This text is garbled: {what}; quotations and figures in it may be altered.",
        spans=sorted({span for garbling in found for span in garbling.spans})[:_MOST_SPANS],
    )


@cache
def _weights() -> Weights:
    data = json.loads(WEIGHTS.read_text(encoding="utf-8"))
    substitutes = {word: (weight, half) for word, (weight, half) in data["substitutes"].items()}
    return Weights(data["bias"], data["centre"], data["weights"], substitutes)


@cache
def _substitutes() -> dict[str, float]:
    return {word: weight for word, (weight, _) in _weights().substitutes.items()}
