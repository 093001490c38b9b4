"""What a claim gives away of its label, and pairs chosen so that it gives away little.

People who write false claims, and rules that do, leave traces: a `not`, an `only`, a round
figure. A judge that learns them rates claims without reading (Gururangan et al. 2018). A
bag-of-words classifier that sees claims alone, cross-validated by group, measures it. Pairs
are then dropped in proportion to how sure it is of their label, so that among those that
stay the label's share hardly depends on the claim's words; a milder form of adversarial
filtering (Le Bras et al. 2020), which would drop all that is easy.

Labels weigh alike, whatever their shares, and the pairs that decide are looked at by
themselves first: where each claim stands in an open pair too, a classifier of three labels
is at a loss, and still knows which of the others are false.
"""

from __future__ import annotations

import argparse
import random
import sys
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from agent.types import VERDICTS
from tools.training.overlap import read_pairs
from tools.training.pairs import UNVERIFIABLE, TrainingPair

_FOLDS = 5
_FEWEST = 200
"""Pairs below which a classifier learns too little for its accuracy to mean anything."""
_MARGIN = 0.03
"""Balanced accuracy above chance that is let pass."""
_ROUNDS = 8


@dataclass(frozen=True)
class Giveaway:
    """How well labels are told from claims alone.

    Attributes:
        pairs: how many there are.
        majority: share of the most frequent label.
        chance: one by the number of labels: what calling all alike gives in balanced accuracy.
        accuracy: balanced accuracy of the classifier on groups that it did not see; chance
            where there are too few pairs or groups, or one label only.
        decided: the same for supported against conflicting, where chance is a half.
    """

    pairs: int
    majority: float
    chance: float
    accuracy: float
    decided: float


def source(pair: TrainingPair) -> str:
    """Where a pair's claim comes from: what stands before the colon of its group.

    Pairs of several makers share their claims, and only together they balance them: a claim
    of a set, and the same with passages retrieved for it. Without a colon, the maker's rule.
    """
    before, colon, _ = pair.group.partition(":")
    return before if colon else pair.maker.partition("/")[0]


def giveaways(
    pairs: Sequence[TrainingPair], by: Callable[[TrainingPair], str] = source
) -> dict[str, Giveaway]:
    """What claims give away, apart for each value of `by`, in alphabetical order."""
    found = {}
    for name, places in sorted(_apart(pairs, by).items()):
        ours = [pairs[place] for place in places]
        counts = Counter(pair.label for pair in ours)
        decided = [pair for pair in ours if pair.label != UNVERIFIABLE]
        found[name] = Giveaway(
            pairs=len(ours),
            majority=max(counts.values()) / len(ours),
            chance=1 / len(counts),
            accuracy=_accuracy(ours, default=1 / len(counts)),
            decided=_accuracy(decided, default=0.5),
        )
    return found


def without_giveaways(pairs: Sequence[TrainingPair], rng: random.Random) -> list[TrainingPair]:
    """Pairs of which the claim alone gives little away, in their order.

    For each source of claims apart, first among the pairs that decide, then among all, until
    the classifier is within `_MARGIN` of chance: a pair stays with the root of chance by the
    classifier's probability of its label, at most 1.

    Args:
        pairs: of any makers; those whose claims come from one source are weighed together.
        rng: decides which pairs stay.
    """
    kept: list[int] = []
    for _, places in sorted(_apart(pairs, source).items()):
        decided = [place for place in places if pairs[place].label != UNVERIFIABLE]
        left_open = [place for place in places if pairs[place].label == UNVERIFIABLE]
        kept += _thinned(pairs, _thinned(pairs, decided, rng) + left_open, rng)
    return [pairs[place] for place in sorted(kept)]


def _thinned(pairs: Sequence[TrainingPair], places: list[int], rng: random.Random) -> list[int]:
    for _ in range(_ROUNDS):
        ours = [pairs[place] for place in places]
        told, labels = claim_only(ours), _labels(ours)
        fair = 1 / max(len(set(labels.tolist())), 1)
        if told is None or _balanced(told, labels) <= fair + _MARGIN:
            break
        # The root: by whole steps the classifier falls below chance, and chance is the aim.
        stay = np.sqrt(fair / np.maximum(told[np.arange(len(labels)), labels], 1e-6))
        places = [p for p, chance in zip(places, stay, strict=True) if rng.random() < chance]
    return places


def claim_only(pairs: Sequence[TrainingPair]) -> NDArray[np.float64] | None:
    """Probabilities (n, 3) of each pair's labels by its claim, from other groups' pairs.

    A logistic regression on hashed words and pairs of words, in which labels weigh alike; None
    where there are too few pairs or groups, or one label only.
    """
    if len(pairs) < _FEWEST or len({pair.label for pair in pairs}) < 2:
        return None
    numbers: dict[str, int] = {}
    groups = np.array([numbers.setdefault(pair.group, len(numbers)) for pair in pairs])
    if len(numbers) < _FOLDS:
        return None
    from sklearn.feature_extraction.text import HashingVectorizer
    from sklearn.linear_model import SGDClassifier
    from sklearn.model_selection import GroupKFold

    words = HashingVectorizer(n_features=2**17, ngram_range=(1, 2), alternate_sign=False)
    seen = words.transform([pair.claim for pair in pairs])
    labels = _labels(pairs)
    told = np.zeros((len(pairs), len(VERDICTS)))
    for train, held in GroupKFold(_FOLDS).split(seen, labels, groups):
        if len(set(labels[train])) < 2:
            return None
        # By stochastic gradients: a solver of second order waits for its vectors of all weights.
        model = SGDClassifier(
            loss="log_loss",
            alpha=1e-5,
            max_iter=8,
            tol=None,
            class_weight="balanced",
            random_state=0,
        )
        model.fit(seen[train], labels[train])
        told[np.ix_(held, model.classes_)] = model.predict_proba(seen[held])
    return told


def _labels(pairs: Sequence[TrainingPair]) -> NDArray[np.int64]:
    return np.array([VERDICTS.index(pair.label) for pair in pairs], dtype=np.int64)


def _accuracy(pairs: Sequence[TrainingPair], default: float) -> float:
    told = claim_only(pairs)
    return default if told is None else _balanced(told, _labels(pairs))


def _balanced(told: NDArray[np.float64], labels: NDArray[np.int64]) -> float:
    """The mean over labels of the share of their pairs that are told right."""
    right = told.argmax(axis=1) == labels
    return float(np.mean([right[labels == label].mean() for label in set(labels.tolist())]))


def _apart(
    pairs: Sequence[TrainingPair], by: Callable[[TrainingPair], str]
) -> dict[str, list[int]]:
    places: dict[str, list[int]] = {}
    for place, pair in enumerate(pairs):
        places.setdefault(by(pair), []).append(place)
    return places


def main(arguments: Sequence[str] | None = None) -> None:
    """`python -m tools.training.giveaways FILE…`: the claim alone, by source and by maker."""
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("files", type=Path, nargs="+", help="JSONL of training pairs")
    parser.add_argument("--seed", type=int, default=0)
    given = parser.parse_args(arguments)
    pairs = [pair for path in given.files for pair in read_pairs(path)]
    after = without_giveaways(pairs, random.Random(given.seed))
    by: Callable[[TrainingPair], str]
    for title, by in (("source of claims", source), ("maker", lambda pair: pair.maker)):
        head = "pairs | chance | claim alone | decided pairs"
        sys.stdout.write(f"| {title} | {head} | kept: {head} |\n{'|---' * 9}|\n")
        now = giveaways(after, by)
        for name, was in giveaways(pairs, by).items():
            cells = " | ".join(
                f"{one.pairs:,} | {one.chance:.2f} | {one.accuracy:.2f} | {one.decided:.2f}"
                for one in (was, now.get(name, Giveaway(0, 1.0, 1.0, 1.0, 0.5)))
            )
            sys.stdout.write(f"| {name} | {cells} |\n")
        sys.stdout.write("\n")


if __name__ == "__main__":
    main()
