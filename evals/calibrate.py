"""Fits the calibration of the embedded judge and measures it by cross-validation.

    python -m evals.calibrate            # measure, print
    python -m evals.calibrate --write    # and write tools/models/calibration.json

The pairs are those of `verify_dev` whose licences allow it; nothing of them was trained
on. Measures are out of fold (five folds, fixed seed), each set weighing the same.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from agent.rate.judge import FEATURES, EmbeddedJudge, Pair
from agent.types import VERDICTS
from evals.metrics import ece
from evals.samples import PairSample
from evals.suites import load
from tools.models import CALIBRATION

# Three labels; licence allows use beyond evaluation.
SETS = [
    "check_covid_dev", "infotabs_dev", "nli_counterfactual_dev", "nli_new_protocols_val_paragraph",
    "nli_conj_dev", "factcheck_bench_stance",
]  # fmt: skip
TWO_WAY = ["fever_symmetric_v02_dev"]
PER_SET, FOLDS, SEED = 600, 5, 0


class _Uncalibrated:
    """Stands in while the calibration is being made."""

    def apply(self, features: Any) -> tuple[float, float, float]:
        return (1 / 3, 1 / 3, 1 / 3)


def features_of(name: str) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """Features (n, 12) and labels (n,) as indices into `VERDICTS` of one set."""
    judge = EmbeddedJudge()
    judge.__dict__["calibration"] = _Uncalibrated()
    samples = load(f"verify_dev/{name}").samples
    rows = [p for p in samples if isinstance(p, PairSample) and p.label in VERDICTS]
    rng = np.random.default_rng(SEED)
    rows = [rows[i] for i in sorted(rng.permutation(len(rows))[:PER_SET])]
    judged = judge.judge([Pair(p.claim, "\n".join(p.evidence)) for p in rows])
    labels = [VERDICTS.index(p.label) for p in rows if p.label in VERDICTS]
    return np.array([j.features for j in judged]), np.array(labels)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--write", action="store_true", help="write tools/models/calibration.json")
    parser.add_argument("--cache", type=Path, help="keep the features in this .npz file")
    args = parser.parse_args()
    names = SETS + TWO_WAY
    if args.cache and args.cache.exists():
        stored = np.load(args.cache)
        data = {name: (stored[f"{name}_x"], stored[f"{name}_y"]) for name in names}
    else:
        data = {}
        for name in names:
            data[name] = features_of(name)
            print(f"{name}: {len(data[name][1])} pairs", flush=True)
        if args.cache:
            flat = {f"{n}_{k}": v for n, xy in data.items() for k, v in zip("xy", xy, strict=True)}
            np.savez(args.cache, **flat)
    report(data, names, write=args.write)


def report(
    data: dict[str, tuple[NDArray[np.float64], NDArray[np.int64]]], names: list[str], *, write: bool
) -> None:
    from sklearn.linear_model import LogisticRegression
    from sklearn.metrics import f1_score
    from sklearn.model_selection import StratifiedKFold

    x = np.concatenate([data[n][0] for n in names])
    y = np.concatenate([data[n][1] for n in names])
    group = np.concatenate([np.full(len(data[n][1]), i) for i, n in enumerate(names)])
    weight = 1.0 / np.bincount(group)[group]
    weight /= weight.mean()

    def fit(rows: NDArray[Any]) -> Any:
        model = LogisticRegression(C=1.0, max_iter=2000)
        return model.fit(x[rows], y[rows], sample_weight=weight[rows])

    out = np.zeros((len(y), 3))
    folds = StratifiedKFold(FOLDS, shuffle=True, random_state=SEED)
    for train, test in folds.split(x, group * 3 + y):
        out[test] = fit(train).predict_proba(x[test])
    raw = np.exp(x[:, :3])
    raw /= raw.sum(axis=1, keepdims=True)
    print(
        f"{'set':34} {'n':>5} {'macro F1':>9} {'uncal.':>7} "
        f"{'false conf.':>11} {'uncal.':>7} {'ECE':>6} {'uncal.':>7}"
    )
    for i, name in enumerate(names):
        rows = group == i
        cells = []
        for p in (out[rows], raw[rows]):
            guess = p.argmax(axis=1)
            f1 = f1_score(y[rows], guess, average="macro", labels=sorted(set(y[rows])))
            other = y[rows] != 1
            cells.append(
                (f1, float((guess[other] == 1).mean()), ece(p.max(axis=1), guess == y[rows]))
            )
        (f, c, e), (rf, rc, re_) = cells
        print(
            f"{name:34} {rows.sum():5} {f:9.3f} {rf:7.3f} {c:11.3f} {rc:7.3f} {e:6.3f} {re_:7.3f}"
        )
    print("\nleast probability of a stance → mean macro F1, precision, false conflicts")
    for supports in (0.34, 0.38, 0.42, 0.5):
        for contradicts in (0.45, 0.5, 0.55, 0.6):
            said = (out[:, 0] >= supports) & (out[:, 0] >= out[:, 1])
            denied = (out[:, 1] >= contradicts) & ~said
            guess = np.where(said, 0, np.where(denied, 1, 2))
            f1s = [
                f1_score(
                    y[group == i],
                    guess[group == i],
                    average="macro",
                    labels=sorted(set(y[group == i])),
                )
                for i in range(len(names))
            ]
            print(
                f"{supports:.2f} {contradicts:.2f}: {np.mean(f1s):.3f}, "
                f"{(y[said] == 0).mean():.2f} / {(y[denied] == 1).mean():.2f}, "
                f"{(guess[y != 1] == 1).mean():.3f}"
            )
    figures, dates = (
        x[:, FEATURES.index("figures_differ")] > 0,
        x[:, FEATURES.index("dates_differ")] > 0,
    )
    precision = {
        "figure": float(np.average(y[figures] == 1)) if figures.any() else 0.0,
        "date": float(np.average(y[dates] == 1)) if dates.any() else 0.0,
    }
    print(f"figures differ: {figures.sum()} pairs, {precision['figure']:.3f} labelled conflicting")
    print(f"dates differ: {dates.sum()} pairs, {precision['date']:.3f} labelled conflicting")
    model = fit(np.arange(len(y)))
    for label, row in zip(VERDICTS, model.coef_, strict=True):
        print(label, {f: round(float(v), 2) for f, v in zip(FEATURES, row, strict=True)})
    if write:
        written = {
            "features": list(FEATURES),
            "weights": np.round(model.coef_, 6).tolist(),
            "bias": np.round(model.intercept_, 6).tolist(),
            "precision": {k: round(v, 3) for k, v in precision.items()},
            "fitted_on": {n: len(data[n][1]) for n in names},
            "command": "python -m evals.calibrate --write",
        }
        CALIBRATION.write_text(json.dumps(written, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
