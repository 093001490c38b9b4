"""Fits what `tools/text/spinning.py` weighs its signs with; the same sets give the same weights.

    python -m tools.training.spin_weights FOLDER

FOLDER holds the public sets (`train/news_bodies.jsonl`, `train/check_covid_abstract.jsonl`,
`extraction/checkworthiness_train.jsonl`). Of the articles of news every second is read, spun with
one half of the thesaurus and of the tables; `evals/attacks/spinning.py` measures on the others,
with the other half. Beside them stand what is no spun text though it breaks rules: the same
articles with mistakes that learners of English make, talk of debates, and abstracts.
"""

from __future__ import annotations

import argparse
import json
import math
import random
import re
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

import numpy as np

from agent.errors import InputError
from tools.text.neighbours import OTHER, neighbours, tokens
from tools.text.spinning import FEATURES, WEIGHTS, features
from tools.training.public import news_texts
from tools.training.spinner import half_of, inflected_synonyms, spin

_NAME = "spinning-1"
_HALF: Final = "first"
_LENGTHS = (60, 400)
"""Words of the stretches that articles are cut to."""
_SEEN_TOO_OFTEN = 20
"""Times in a million words of the encyclopedia from which a substitute is an ordinary word."""
_LEAST_WEIGHT = 0.4
_ORDINARY = 4.0
"""How much a text that is not spun counts against one that is: a false alarm is dearer."""
_ALARMS = 0.002
"""Share of the ordinary texts that are let score 0.5 or more."""


def split_news(folder: Path) -> tuple[list[str], list[str]]:
    """The articles of news: those that are built on, and those that are measured on."""
    found = [text for _, text in news_texts(folder)]
    return found[::2], found[1::2]


def substitutes(news: Sequence[str]) -> dict[str, tuple[float, str]]:
    """Words that the thesaurus offers, each with how surely nobody wrote it, and its half.

    The weight falls with how often the word stands in ordinary text: `twelvemonth` has one near 1,
    `large` is left out.
    """
    model = neighbours()
    often = Counter(token.text.lower() for text in news for token in tokens(text) if token.is_word)
    found: dict[str, tuple[float, str]] = {}
    for head, word in inflected_synonyms():
        low = word.lower()
        if not low.isalpha() or not low.isascii():
            continue
        seen = 0.0
        if low in model.known and low != OTHER:
            seen = math.exp(model.rarity[model.known[low]]) * 1e6
        weight = 1 / (1 + seen / _SEEN_TOO_OFTEN) / (1 + often[low] / 3)
        if weight >= _LEAST_WEIGHT and low not in found:
            found[low] = (round(weight, 2), half_of(head))
    return dict(sorted(found.items()))


def stretch(text: str, rng: random.Random) -> str:
    """A stretch of a text of some length, from the beginning of a sentence where there is one."""
    words = rng.randint(*_LENGTHS)
    ends = [match.end() for match in re.finditer(r"[.!?]\s+(?=[A-Z“\"])", text)]
    start = rng.choice([0, *ends[: len(ends) // 2]])
    found = list(re.finditer(r"\S+", text[start:]))[:words]
    return text[start : start + found[-1].end()] if found else ""


def mistaken(text: str, rng: random.Random) -> str:
    """The text with mistakes that learners make: articles, prepositions, endings of words."""
    articles, prepositions, endings = (rng.uniform(0, most) for most in (0.7, 0.35, 0.3))
    small = "in on at for to of from by with".split()

    def changed(match: re.Match[str]) -> str:
        word = match[0]
        low = word.lower()
        if low in ("the", "a", "an") and rng.random() < articles:
            return ""
        if low in small and rng.random() < prepositions:
            return rng.choice(small)
        if len(low) > 4 and rng.random() < endings:
            return re.sub(r"(?:ed|ing|(?<!s)s)$", "", word)
        return word

    return re.sub(r"  +", " ", re.sub(r"[A-Za-z]+", changed, text))


def ordinary(folder: Path, news: Sequence[str], rng: random.Random) -> Iterator[str]:
    """Texts that are not spun, of every kind that there is."""
    for text in news:
        yield stretch(text, rng)
        yield mistaken(stretch(text, rng), rng)
    yield from (stretch(text, rng) for text in news[:200])
    talk = _column(folder / "extraction" / "checkworthiness_train.jsonl", "text")
    rng.shuffle(talk)
    yield from (" ".join(talk[at : at + 12]) for at in range(0, 2400, 12))
    abstracts = _column(folder / "train" / "check_covid_abstract.jsonl", "evidence")
    yield from (abstract for abstract in dict.fromkeys(abstracts[:150]))


def spun(news: Sequence[str], rng: random.Random) -> Iterator[str]:
    """Spun texts, of the half of the thesaurus that is trained on."""
    for text in news:
        yield spin(stretch(text, rng), "function words", rng, half=_HALF)
        yield spin(stretch(text, rng), "thesaurus", rng, share=rng.uniform(0.3, 1), half=_HALF)
        yield spin(stretch(text, rng), "both", rng, share=rng.uniform(0.3, 1), half=_HALF)


def fit(folder: Path) -> dict[str, object]:
    """The weights, as they are written.

    Raises:
        InputError: a set is missing or malformed.
    """
    from sklearn.linear_model import LogisticRegression

    rng = random.Random(0)
    news, _ = split_news(folder / "train")
    news = [text for text in news if len(text.split()) >= _LENGTHS[0]]
    offered = substitutes(news)
    ours = {word: weight for word, (weight, half) in offered.items() if half == _HALF}
    plain = [f for text in ordinary(folder, news, rng) if (f := features(text, ours))]
    made = [f for text in spun(news, rng) if (f := features(text, ours))]
    centre = {name: float(np.mean([f[name] / f["size"] for f in plain])) for name in FEATURES}
    rows = np.array([[f[n] - centre[n] * f["size"] for n in FEATURES] for f in [*plain, *made]])
    spread = rows.std(axis=0)
    gold = np.array([0] * len(plain) + [1] * len(made))
    model = LogisticRegression(C=1.0, class_weight={0: _ORDINARY, 1: 1.0}, max_iter=2000)
    model.fit(rows / spread, gold)
    weights = model.coef_[0] / spread
    odds = rows @ weights
    bias = -float(np.quantile(odds[gold == 0], 1 - _ALARMS))
    caught = float((odds[gold == 1] + bias >= 0).mean())
    sys.stdout.write(
        f"{len(plain)} ordinary, {len(made)} spun; {caught:.3f} of the spun score 0.5\n"
    )
    return {
        "name": _NAME,
        "trained_on": {"ordinary": len(plain), "spun": len(made)},
        "bias": round(bias, 4),
        "centre": {name: round(value, 5) for name, value in centre.items()},
        "weights": {n: round(float(w), 4) for n, w in zip(FEATURES, weights, strict=True)},
        "substitutes": offered,
    }


def _column(path: Path, name: str) -> list[str]:
    try:
        rows = [json.loads(line)[name] for line in path.read_text(encoding="utf-8").splitlines()]
    except OSError as error:
        raise InputError(f"{path} cannot be read: {error.strerror}") from error
    except (ValueError, KeyError, TypeError):
        raise InputError(f"{path} is no list of texts", f'A line has "{name}"') from None
    return [row if isinstance(row, str) else " ".join(row) for row in rows]


def main() -> None:
    """Fits, and writes the weights."""
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--out", type=Path, default=WEIGHTS)
    given = parser.parse_args()
    text = json.dumps(fit(given.folder), ensure_ascii=False, indent=0)
    given.out.write_text(re.sub(r"\[\n([\d.]+),\n(\"\w+\")\n\]", r"[\1, \2]", text) + "\n", "utf-8")


if __name__ == "__main__":
    main()
