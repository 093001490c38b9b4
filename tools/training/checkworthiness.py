"""Trains the weights of `tools/text/checkworthiness.py`; one command, the same weights every time.

    python -m tools.training.checkworthiness FOLDER

FOLDER holds the public sets: `extraction/checkworthiness_train.jsonl` (sentences of debates, each
labelled) and `train/news_bodies.jsonl`. Sentences of news have no labels. They count as worth
checking, which nearly all of them are, at a low weight: from debates alone a model learns that
whoever speaks calmly of a third party is off the subject. The sets that the check-worthiness
figures are taken on are never read, and a training sentence that stands in one is left out.
"""

from __future__ import annotations

import argparse
import json
import math
import random
import sys
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from agent.errors import InputError
from tools.models import CHECKWORTHINESS
from tools.text.checkworthiness import FORM, form, terms
from tools.text.sentences import sentence_spans
from tools.training.public import news_texts

_NAME = "checkworthiness-1"
_WORTHY = ("check_worthy", "yes")
_TESTS = ("checkworthiness_dev", "factcheck_bench_sentences")
_LEAST_SEEN = 4
"""Sentences that a word must stand in to have a weight."""
_INVERSE_STRENGTH = 2.0
"""Of the L2 penalty (scikit-learn's C)."""
_NEWS_WEIGHT = 0.3
_NEWS_PER_ARTICLE = 8
_DROPPED = 0.02
"""Weights of words smaller than this are left out: they move no score by more than it."""
_HELD_OUT = 0.1


class Labelled(NamedTuple):
    """A sentence, whether it is worth checking, and how much it counts."""

    text: str
    worthy: bool
    weight: float


class Fitted(NamedTuple):
    """What is written to the file of weights."""

    bias: float
    form: dict[str, float]
    words: dict[str, float]

    def scores(self, texts: Sequence[str]) -> NDArray[np.float64]:
        """Log-odds, one for each text."""
        out = []
        for text in texts:
            words = [self.words[word] for word in terms(text) if word in self.words]
            told = sum(a * b for a, b in zip(self.form.values(), form(text), strict=True))
            out.append(self.bias + told + math.fsum(words) / math.sqrt(len(words) or 1))
        return np.array(out)


def read_labelled(path: Path) -> list[Labelled]:
    """Lines of `{"text", "label"}`.

    Raises:
        InputError: the file is missing or malformed.
    """
    try:
        rows = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
        return [Labelled(row["text"], row["label"] in _WORTHY, 1.0) for row in rows]
    except OSError as error:
        raise InputError(f"{path} cannot be read: {error.strerror}") from error
    except (ValueError, KeyError, TypeError):
        raise InputError(f"{path} is no list of sentences", 'Give {"text", "label"}') from None


def news_sentences(folder: Path) -> list[Labelled]:
    """The first sentences of each article of news, those that end as sentences do."""
    found = []
    for _, text in news_texts(folder):
        spans = sentence_spans(text[:4000])[:_NEWS_PER_ARTICLE]
        sentences = [text[start:end] for start, end in spans]
        found += [
            Labelled(sentence, True, _NEWS_WEIGHT)
            for sentence in sentences
            if sentence.endswith(".") and len(sentence.split()) >= 5
        ]
    return found


def without(samples: Sequence[Labelled], tests: Sequence[Labelled]) -> list[Labelled]:
    """The samples whose sentence stands in no test, whatever its case and punctuation."""
    measured = {_bare(sample.text) for sample in tests}
    return [sample for sample in samples if _bare(sample.text) not in measured]


def _bare(text: str) -> str:
    return " ".join(text.lower().split()).strip(".!? ")


def fit(samples: Sequence[Labelled]) -> Fitted:
    """Fits the regression; the same samples give the same weights."""
    from scipy.sparse import csr_matrix, hstack
    from sklearn.linear_model import LogisticRegression

    found = [terms(sample.text) for sample in samples]
    seen = Counter(word for words in found for word in words)
    known = {word: n for n, word in enumerate(sorted(w for w in seen if seen[w] >= _LEAST_SEEN))}
    ends, columns, values = [0], [], []
    for words in found:
        here = sorted(known[word] for word in words if word in known)
        columns += here
        values += [1 / math.sqrt(len(here) or 1)] * len(here)
        ends.append(len(columns))
    lexical = csr_matrix((values, columns, ends), shape=(len(samples), len(known)))
    shape = csr_matrix(np.array([form(sample.text) for sample in samples]))
    model = LogisticRegression(C=_INVERSE_STRENGTH, solver="liblinear", max_iter=300)
    model.fit(
        hstack([shape, lexical]).tocsr(),
        [sample.worthy for sample in samples],
        sample_weight=[sample.weight for sample in samples],
    )
    weights = [round(float(weight), 3) for weight in model.coef_[0]]
    lexicon = {word: weights[len(FORM) + n] for word, n in known.items()}
    return Fitted(
        round(float(model.intercept_[0]), 3),
        dict(zip(FORM, weights[: len(FORM)], strict=True)),
        {word: weight for word, weight in lexicon.items() if abs(weight) >= _DROPPED},
    )


def measure(fitted: Fitted, samples: Sequence[Labelled]) -> dict[str, Any]:
    """Average precision, and F1 of the worthy and macro F1 at several thresholds."""
    from sklearn.metrics import average_precision_score, f1_score

    gold = [sample.worthy for sample in samples]
    odds = fitted.scores([sample.text for sample in samples])
    figures: dict[str, Any] = {
        "n": len(gold),
        "average precision": round(float(average_precision_score(gold, odds)), 3),
    }
    for threshold in (0.2, 0.25, 0.3, 0.35, 0.4, 0.5):
        told = odds > math.log(threshold / (1 - threshold))
        f1, macro = f1_score(gold, told), f1_score(gold, told, average="macro")
        figures[f"at {threshold}"] = {"F1": round(float(f1), 3), "macro F1": round(float(macro), 3)}
    return figures


def main(arguments: Sequence[str] | None = None) -> None:
    """Train, measure, and write the weights."""
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--out", type=Path, default=CHECKWORTHINESS)
    parser.add_argument("--seed", type=int, default=0)
    given = parser.parse_args(arguments)
    extraction = given.folder / "extraction"
    tests = {name: read_labelled(extraction / f"{name}.jsonl") for name in _TESTS}
    measured = [sample for samples in tests.values() for sample in samples]
    debates = without(read_labelled(extraction / "checkworthiness_train.jsonl"), measured)
    news = without(news_sentences(given.folder / "train"), measured)

    random.Random(given.seed).shuffle(debates)
    cut = round(len(debates) * _HELD_OUT)
    _tell("held out of training", measure(fit([*debates[cut:], *news]), debates[:cut]))
    fitted = fit([*debates, *news])
    for name, samples in tests.items():
        _tell(name, measure(fitted, samples))

    counts = {"debates": len(debates), "news": len(news)}
    data = {"name": _NAME, "trained_on": counts, **fitted._asdict()}
    text = json.dumps(data, ensure_ascii=False, indent=0, sort_keys=True)
    given.out.write_text(text + "\n", encoding="utf-8")
    _tell(given.out.name, {**counts, "words": len(fitted.words)})


def _tell(name: str, figures: dict[str, Any]) -> None:
    sys.stdout.write(f"{name}: {json.dumps(figures)}\n")


if __name__ == "__main__":
    main()
