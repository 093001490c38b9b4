"""Sets when a passage counts for or against a claim, and how sure the verdict then is.

    python -m evals.calibrate_claims           # measure, print
    python -m evals.calibrate_claims --write   # and write it into tools/models/calibration.json

A claim is rated by ten passages; with each, the chance grows that one seems to contradict.
So the least probability of a stance is not the one that is best for single pairs. It is chosen
on a random half of the claims of the end-to-end sets: the best macro F1 among those with false
conflicts and false support of at most `MOST_FALSE_CONFLICTS` and `MOST_FALSE_SUPPORT`, and
measured on the others. On the same half a
logistic curve over the log odds of the surest passage is fitted for each verdict (Platt 1999).
Run after `evals.calibrate`.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from agent.check import PASSAGES
from agent.rate.embedded import pair_of, stance_of
from agent.rate.judge import EmbeddedJudge, Judgement
from agent.types import VERDICTS
from evals.corpora import build_library
from evals.judged import read_pairs
from evals.metrics import ece
from evals.outcomes import bare_claim
from evals.samples import ClaimSample
from evals.suites import load
from tools.library import Library
from tools.models import CALIBRATION
from tools.retrieval import retrieve_many

SETS = {"e2e/check_covid": 207, "e2e/climate_fever": 300}
"""Sets with three labels whose licence allows it, and how many claims of each."""
MOST_FALSE_CONFLICTS, MOST_FALSE_SUPPORT = 0.03, 0.30
_STANCES = ("supports", "contradicts", "neutral")
SEED = 0


@dataclass(frozen=True)
class Rated:
    """A claim with what the judge says of each of its passages."""

    judgements: list[Judgement]
    label: int
    set: int


def rated_claims(name: str, count: int, cache: Path, number: int) -> list[Rated]:
    """Retrieves for and rates the claims of a set, `count` at most, chosen by chance."""
    suite = load(name)
    samples = [s for s in suite.samples if isinstance(s, ClaimSample) and s.label in VERDICTS]
    rng = np.random.default_rng(SEED)
    samples = [samples[i] for i in sorted(rng.permutation(len(samples))[:count])]
    built = build_library(suite, cache / "libraries", None, None)
    with Library.open(built.folder, built.embedder) as library:
        found = retrieve_many(library, [s.claim for s in samples], n=PASSAGES)
    pairs = [
        [pair_of(bare_claim(s.claim), hit) for hit in hits]
        for s, hits in zip(samples, found, strict=True)
    ]
    readings = iter(read_pairs([pair for of_claim in pairs for pair in of_claim], cache))
    judge = EmbeddedJudge()
    return [
        Rated(
            [judge.judgement(pair, next(readings)) for pair in of_claim],
            VERDICTS.index(sample.label),
            number,
        )
        for sample, of_claim in zip(samples, pairs, strict=True)
    ]


def verdict(
    judgements: Sequence[Judgement], supports: float, contradicts: float
) -> tuple[int, float]:
    """The verdict by the rule of `agent.decide`, as an index, and its surest passage."""
    best = dict.fromkeys(_STANCES, 0.0)
    least = 1.0
    for judgement in judgements:
        stance, probability = stance_of(judgement, supports, contradicts)
        best[stance] = max(best[stance], probability)
        if stance == "neutral":
            least = min(least, probability)
    if best["contradicts"]:
        return 1, best["contradicts"]
    if best["supports"]:
        return 0, best["supports"]
    return 2, least


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--write", action="store_true", help="write tools/models/calibration.json")
    parser.add_argument("--cache", type=Path, required=True, help="folder for libraries")
    args = parser.parse_args()
    claims = []
    for number, (name, count) in enumerate(SETS.items()):
        claims += rated_claims(name, count, args.cache, number)
        print(f"{name}: rated", flush=True)
    order = np.random.default_rng(SEED).permutation(len(claims))
    halves = order % 2 == 0
    fitted = [claim for claim, first in zip(claims, halves, strict=True) if first]
    held = [claim for claim, first in zip(claims, halves, strict=True) if not first]
    best, chosen = (-1.0, 1.0), (0.5, 0.9)
    for supports in np.arange(0.3, 0.71, 0.05):
        for contradicts in np.arange(0.4, 0.96, 0.05):
            f1, alarms, wrong = _measures(fitted, supports, contradicts)
            wanted = alarms <= MOST_FALSE_CONFLICTS and wrong <= MOST_FALSE_SUPPORT
            score = (f1, -alarms) if wanted else (-alarms - wrong, -alarms)
            if score > best:
                best, chosen = score, (round(float(supports), 2), round(float(contradicts), 2))
    curves = {}
    for place, stance in ((0, "supports"), (1, "contradicts"), (2, "neutral")):
        curves[stance] = _curve(fitted, chosen, place)
    print(f"least probability: supports {chosen[0]}, contradicts {chosen[1]}; curves {curves}")
    print("| Half | Set | claims | macro F1 | false conflicts | false support | ECE |")
    print("|---|---|---|---|---|---|---|")
    for half, ours in (("fitted on", fitted), ("held", held)):
        for number, name in enumerate(SETS):
            of_set = [c for c in ours if c.set == number]
            f1, alarms, wrong = _measures(of_set, *chosen)
            error = _ece(of_set, chosen, curves)
            figures = " | ".join(f"{x:.3f}" for x in (f1, alarms, wrong, error))
            print(f"| {half} | {name} | {len(of_set)} | {figures} |")
    if args.write:
        data = json.loads(CALIBRATION.read_text(encoding="utf-8"))
        data["claims"] = {"supports": chosen[0], "contradicts": chosen[1], "curves": curves}
        CALIBRATION.write_text(json.dumps(data, indent=1) + "\n", encoding="utf-8")


def _measures(
    claims: list[Rated], supports: float, contradicts: float
) -> tuple[float, float, float]:
    """Macro F1, the share of claims that are not conflicting and called so, and of claims that
    are not supported and called so; each set weighs the same."""
    from sklearn.metrics import f1_score

    rows = []
    for number in sorted({claim.set for claim in claims}):
        ours = [claim for claim in claims if claim.set == number]
        gold = np.array([claim.label for claim in ours])
        guess = np.array([verdict(c.judgements, supports, contradicts)[0] for c in ours])
        f1 = f1_score(gold, guess, average="macro", labels=sorted(set(gold)))
        rows.append((f1, (guess[gold != 1] == 1).mean(), (guess[gold != 0] == 0).mean()))
    return tuple(float(x) for x in np.mean(rows, axis=0))  # type: ignore[return-value]


def _curve(claims: list[Rated], chosen: tuple[float, float], place: int) -> list[float]:
    from sklearn.linear_model import LogisticRegression

    told = [(verdict(c.judgements, *chosen), c.label) for c in claims]
    ours = [(p, label == place) for (guess, p), label in told if guess == place]
    x = _log_odds(np.array([p for p, _ in ours]))[:, None]
    y = np.array([right for _, right in ours])
    if len(set(y.tolist())) < 2:
        return [0.0, 1.0]  # nothing to learn from: the probability stays as it is
    model = LogisticRegression(C=1.0).fit(x, y)
    if model.coef_[0, 0] <= 0:  # the surer, the less often right: by chance, so the share is told
        return [round(float(np.log((y.sum() + 1) / (len(y) - y.sum() + 1))), 4), 0.0]
    return [round(float(model.intercept_[0]), 4), round(float(model.coef_[0, 0]), 4)]


def _ece(claims: list[Rated], chosen: tuple[float, float], curves: dict[str, list[float]]) -> float:
    told = [(verdict(c.judgements, *chosen), c.label) for c in claims]
    sure = []
    for (guess, p), _ in told:
        intercept, slope = curves[_STANCES[guess]]
        sure.append(1 / (1 + np.exp(-(intercept + slope * _log_odds(np.array([p]))[0]))))
    return ece(np.array(sure), np.array([guess == label for (guess, _), label in told]))


def _log_odds(p: NDArray[np.float64]) -> NDArray[np.float64]:
    limited = np.clip(p, 1e-4, 1 - 1e-4)
    odds: NDArray[np.float64] = np.log(limited / (1 - limited))
    return odds


if __name__ == "__main__":
    main()
