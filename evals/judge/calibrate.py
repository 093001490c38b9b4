"""Fits the calibration of the embedded judge on pairs, and measures it by cross-validation.

    python -m evals.judge.calibrate                        # measure, print
    python -m evals.judge.calibrate --held held.jsonl --write  # into tools/models/calibration.json

The pairs are those of `verify_dev` whose licences allow it, and made pairs that training
kept aside (`held.jsonl` of `tools.training.mixture`); the network was trained on none of
them. Measures are out of fold (five folds, fixed seed); public sets weigh the same, made ones
less.
`evals/judge/calibrate_claims.py` goes on from here to whole claims.
"""

from __future__ import annotations

import argparse
import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from agent.compare.checks import findings
from agent.compare.ruling import RULES, rule_of, verdict_of
from agent.rate.calibration import FEATURES, features_of
from agent.rate.windows import Pair
from agent.types import VERDICTS
from evals.judge.judged import read_pairs
from evals.metrics import ece
from evals.samples import PairSample
from evals.suites import load
from tools.models import CALIBRATION

# Three labels; licence allows use beyond evaluation.
SETS = [
    "check_covid_dev", "check_covid_dev_abstract", "infotabs_dev", "nli_counterfactual_dev",
    "nli_new_protocols_val_paragraph", "nli_conj_dev", "factcheck_bench_stance",
]  # fmt: skip
TWO_WAY = ["fever_symmetric_v02_dev"]
PUBLIC = [*SETS, *TWO_WAY]
MADE = ("altered", "rewritten", "framed", "negatives", "article")
PER_SET, FOLDS, SEED = 800, 5, 0
MADE_WEIGHT = 0.2
"""Of a made set beside a public one. The network knows the makers' ways and is surer on their
pairs than on people's, so they must not set how sure it is; but they hold what is rare in
public sets, above all figures."""
LEFT_OUT = ("support_nearest", "conflict_nearest", "neutral_nearest", "windows", "covered_nearest")
"""Inputs whose weights stay 0: without them fewer false conflicts are called, on the sets that the
regression was fitted on (out of fold) and on those that it was not (`evals.judge.ablations`)."""
UNFITTED = {
    "supports": 0.5,
    "contradicts": 0.75,
    "curves": {stance: [0.0, 1.0] for stance in ("supports", "contradicts", "neutral")},
}
"""Stands until `evals.judge.calibrate_claims` has fitted it."""


@dataclass(frozen=True)
class Set:
    """Features (n, len(FEATURES)), labels (n,) as indices into `VERDICTS`, and for each pair
    the rule that decides it: an index into `RULES`, or -1."""

    x: NDArray[np.float64]
    y: NDArray[np.int64]
    rule: NDArray[np.int64]


def measured(pairs: list[Pair], labels: list[str], cache: Path | None) -> Set:
    """Features, labels and rules of pairs."""
    x, rules = [], []
    for pair, reading in zip(pairs, read_pairs(pairs, cache), strict=True):
        found = findings(pair.claim, pair.passage, setting=pair.setting, spun=pair.spun)
        x.append(features_of(pair, reading, found))
        rule = rule_of(found)
        rules.append(RULES.index(rule[0]) if rule else -1)
    return Set(np.array(x), np.array([VERDICTS.index(v) for v in labels]), np.array(rules))


def public_set(name: str, cache: Path | None, limit: int = PER_SET) -> Set:
    """The features of one set of `verify_dev`, of at most `limit` pairs chosen by chance."""
    samples = load(f"verify_dev/{name}").samples
    rows = [p for p in samples if isinstance(p, PairSample) and p.label in VERDICTS]
    rng = np.random.default_rng(SEED)
    rows = [rows[i] for i in sorted(rng.permutation(len(rows))[:limit])]
    pairs = [Pair(p.claim, "\n".join(p.evidence)) for p in rows]
    return measured(pairs, [p.label for p in rows], cache)


def made_sets(file: Path, cache: Path | None) -> dict[str, Set]:
    """The features of made pairs, by their makers."""
    rows = [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines()]
    sets = {}
    for maker in MADE:
        ours = [row for row in rows if row["maker"].partition("/")[0] == maker]
        rng = np.random.default_rng(SEED)
        ours = [ours[i] for i in sorted(rng.permutation(len(ours))[:PER_SET])]
        if ours:
            pairs = [Pair(row["claim"], row["passage"]) for row in ours]
            sets[maker] = measured(pairs, [row["label"] for row in ours], cache)
    return sets


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--held", type=Path, help="made pairs kept aside from training")
    parser.add_argument("--write", action="store_true", help="write tools/models/calibration.json")
    parser.add_argument("--cache", type=Path, help="folder to keep what the network said in")
    parser.add_argument(
        "--leave-out",
        action="append",
        choices=FEATURES,
        help="inputs to do without, in place "
        f"of those that are left out anyway: {', '.join(LEFT_OUT)}",
    )
    args = parser.parse_args()
    sets: dict[str, Set] = {}
    for name in PUBLIC:
        sets[name] = public_set(name, args.cache)
        print(f"{name}: {len(sets[name].y)} pairs", flush=True)
    if args.held:
        sets |= made_sets(args.held, args.cache)
    report(without(sets, args.leave_out or LEFT_OUT), write=args.write)


def without(sets: Mapping[str, Set], left_out: Sequence[str]) -> dict[str, Set]:
    """The sets with some inputs held at 0, so that the regression gives them no weight."""
    kept = np.array([name not in left_out for name in FEATURES])
    return {name: replace(ours, x=ours.x * kept) for name, ours in sets.items()}


def pooled(
    sets: Mapping[str, Set],
) -> tuple[NDArray[np.float64], NDArray[np.int64], NDArray[np.float64]]:
    """Features and labels of all sets, and what each pair weighs: public sets weigh the same,
    made ones `MADE_WEIGHT` of that."""
    x = np.concatenate([ours.x for ours in sets.values()])
    y = np.concatenate([ours.y for ours in sets.values()])
    weight = np.concatenate(
        [
            np.full(len(ours.y), (MADE_WEIGHT if name in MADE else 1.0) / len(ours.y))
            for name, ours in sets.items()
        ]
    )
    return x, y, weight * len(y) / weight.sum()


def fit(x: NDArray[np.float64], y: NDArray[np.int64], weight: NDArray[np.float64]) -> Any:
    """The regression that is the calibration."""
    from sklearn.linear_model import LogisticRegression

    return LogisticRegression(C=1.0, max_iter=4000).fit(x, y, sample_weight=weight)


def report(sets: Mapping[str, Set], *, write: bool) -> None:
    from sklearn.metrics import f1_score
    from sklearn.model_selection import StratifiedKFold

    names = list(sets)
    x, y, weight = pooled(sets)
    rule = np.concatenate([sets[n].rule for n in names])
    group = np.concatenate([np.full(len(sets[n].y), i) for i, n in enumerate(names)])
    out = np.zeros((len(y), 3))
    folds = StratifiedKFold(FOLDS, shuffle=True, random_state=SEED)
    for train, test in folds.split(x, group * 3 + y):
        out[test] = fit(x[train], y[train], weight[train]).predict_proba(x[test])
    precision = precisions(y, rule)
    decided = ruled(out, rule, precision)
    raw = np.exp(x[:, :3])
    raw /= raw.sum(axis=1, keepdims=True)
    print("| Set | pairs | macro F1 (network alone) | false conflicts | ECE |")
    print("|---|---|---|---|---|")
    for i, name in enumerate(names):
        rows = group == i
        cells = []
        for p in (decided[rows], raw[rows]):
            guess = np.array([VERDICTS.index(verdict_of(tuple(row))) for row in p])
            f1 = f1_score(y[rows], guess, average="macro", labels=sorted(set(y[rows])))
            other = y[rows] != 1
            alarms = float((guess[other] == 1).mean()) if other.any() else 0.0
            cells.append((f1, alarms, ece(p[np.arange(len(p)), guess], guess == y[rows])))
        (f, c, e), (rf, rc, re_) = cells
        figures = f"{f:.3f} ({rf:.3f}) | {c:.3f} ({rc:.3f}) | {e:.3f} ({re_:.3f})"
        print(f"| {name} | {rows.sum()} | {figures} |")
    print("\n| Rule | pairs | right |\n|---|---|---|")
    for number, name in enumerate(RULES):
        rows = rule == number
        right = int((y[rows] == LABEL_OF[name]).sum())
        print(f"| {name} | {int(rows.sum())} | {right} |")
    print(Counter(VERDICTS[i] for i in y))
    model = fit(x, y, weight)
    for verdict, row in zip(VERDICTS, model.coef_, strict=True):
        print(verdict, {f: round(float(v), 2) for f, v in zip(FEATURES, row, strict=True)})
    if write:
        kept = json.loads(CALIBRATION.read_text(encoding="utf-8")) if CALIBRATION.exists() else {}
        written = {
            "features": list(FEATURES),
            "weights": np.round(model.coef_, 6).tolist(),
            "bias": np.round(model.intercept_, 6).tolist(),
            "precision": {k: round(v, 3) for k, v in precision.items()},
            "fitted_on": {n: len(sets[n].y) for n in names},
            "claims": kept.get("claims", UNFITTED),
        }
        CALIBRATION.write_text(json.dumps(written, indent=1) + "\n", encoding="utf-8")


LABEL_OF = {
    name: 1 if name.endswith("differs") else 2 if name.endswith("silent") else 0 for name in RULES
}
"""The verdict that a rule decides for, as an index into `VERDICTS`."""


def ruled(
    p: NDArray[np.float64], rule: NDArray[np.int64], precision: Mapping[str, float]
) -> NDArray[np.float64]:
    """Probabilities (n, 3) with those of pairs that a rule decides as the rule gives them."""
    result = p.copy()
    for number, name in enumerate(RULES):
        label = LABEL_OF[name]
        rows = rule == number
        rest = 1 - p[rows, label]
        result[rows] = p[rows] * ((1 - precision[name]) / np.maximum(rest, 1e-9))[:, None]
        result[rows, label] = precision[name]
    return result


def precisions(y: NDArray[np.int64], rule: NDArray[np.int64]) -> dict[str, float]:
    """How often each rule was right, as the posterior mean under a flat prior: a rule that
    was met seldom stays far from certain."""
    found = {}
    for number, name in enumerate(RULES):
        rows = rule == number
        right = int((y[rows] == LABEL_OF[name]).sum())
        found[name] = (right + 1) / (int(rows.sum()) + 2)
    return found


if __name__ == "__main__":
    main()
