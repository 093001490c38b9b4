"""From what the network says to probabilities.

A multinomial logistic regression (Platt 1999, for three classes), by `evals/judge/calibrate.py`:
its inputs are what the windows of a passage say, how much of the claim the passage covers, and
what was computed about figures and dates. The number of windows is one of them, so that long
passages are not punished. From passages to claims: `evals/judge/calibrate_claims.py`.
"""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from agent.compare.checks import Finding
from agent.rate.windows import Pair, Reading
from tools.models import CALIBRATION
from tools.text.spinning import plain_reading
from tools.text.words import antonyms, content_stems, covered, denies, is_negated, names

FEATURES = (
    "support", "conflict", "neutral", "support_nearest", "conflict_nearest", "neutral_nearest",
    "windows", "covered", "covered_nearest", "figures_same", "figures_differ", "figures_silent",
    "dates_same", "dates_differ", "negation", "denied", "antonym", "nobody_named",
)  # fmt: skip
"""Inputs of the calibration, in order."""
_ALIKE = 0.5
"""Least share of the claim's content words from which a `not` or an antonym may tell."""


def features_of(pair: Pair, reading: Reading, found: Sequence[Finding]) -> tuple[float, ...]:
    """The inputs of the calibration, in the order of `FEATURES`."""
    said = reading.log_probabilities
    passage = plain_reading(pair.passage, spun=pair.spun)
    shares = np.array([covered(pair.claim, text) for text in reading.texts])
    nearest = max(range(len(said)), key=lambda i: (shares[i], -i))
    count = {
        (what, relation): sum(f.what == what and f.relation == relation for f in found)
        for what in ("figure", "date")
        for relation in ("same", "differs", "silent")
    }
    shared = covered(pair.claim, passage)
    return (
        float(said[:, 0].max()),
        float(said[:, 1].max()),
        float(said[:, 2].min()),
        *(float(x) for x in said[nearest]),
        float(np.log(len(said))),
        shared,
        float(shares[nearest]),
        float(count["figure", "same"] > 0 and not count["figure", "silent"]),
        float(count["figure", "differs"] > 0),
        float(count["figure", "silent"] > 0),
        float(count["date", "same"] > 0),
        float(count["date", "differs"] > 0),
        float(shared >= _ALIKE and is_negated(pair.claim) != is_negated(passage)),
        float(denies(pair.claim, reading.texts[nearest])),
        float(shared >= _ALIKE and antonyms(pair.claim, passage) is not None),
        float(len(names(pair.claim)) > 0 and not names(pair.claim) & content_stems(passage)),
    )


@dataclass(frozen=True)
class ClaimCalibration:
    """From one passage to a claim that several were read for (`evals/judge/calibrate_claims.py`).

    Attributes:
        supports, contradicts: least probability of a stance. The more passages are read, the
            more likely one of them seems to contradict by accident.
        curves: of each stance, intercept and slope of a logistic curve over the log odds of
            the surest passage: how often a verdict that rests on it is right.
    """

    supports: float
    contradicts: float
    curves: dict[str, tuple[float, float]]

    def apply(self, stance: str, probability: float) -> float:
        """How often a verdict that rests on a passage of this probability is right."""
        intercept, slope = self.curves[stance]
        limited = min(max(probability, 1e-4), 1 - 1e-4)
        return 1 / (1 + math.exp(-(intercept + slope * math.log(limited / (1 - limited)))))


@dataclass(frozen=True)
class Calibration:
    """The fitted regression and the measured precision of what is computed.

    Attributes:
        weights: (3, len(FEATURES)), for supported, conflicting, unverifiable.
        bias: (3,).
        precision: by the name of a rule (`agent.compare.ruling.RULES`), how often it is right.
        claims: how verdicts on whole claims follow.
    """

    weights: NDArray[np.float64]
    bias: NDArray[np.float64]
    precision: dict[str, float]
    claims: ClaimCalibration

    @classmethod
    def load(cls) -> Calibration:
        data = json.loads(CALIBRATION.read_text(encoding="utf-8"))
        if tuple(data["features"]) != FEATURES:
            raise ValueError(f"{CALIBRATION.name} was fitted for other features")
        claims = data["claims"]
        curves = {stance: (a, b) for stance, (a, b) in claims["curves"].items()}
        return cls(
            np.array(data["weights"]),
            np.array(data["bias"]),
            data["precision"],
            ClaimCalibration(claims["supports"], claims["contradicts"], curves),
        )

    def apply(self, features: Sequence[float]) -> tuple[float, float, float]:
        """Probabilities of supported, conflicting, unverifiable."""
        scores = self.weights @ np.asarray(features) + self.bias
        exponentials = np.exp(scores - scores.max())
        probabilities = exponentials / exponentials.sum()
        return (float(probabilities[0]), float(probabilities[1]), float(probabilities[2]))
