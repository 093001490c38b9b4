"""Other ways to calibrate and to aggregate, each measured on sets it was not fitted on.

    python -m evals.judge.calibrate_choices --held held.jsonl --cache FOLDER

Folds of the same sets tell how a calibration does on more of the same. What it does on texts of
another kind is told by leaving out one set whole, with those that share its claims. What ships
is the first line of each table; another way has to do better there to take its place.

On pairs: the regression of `calibrate.py`; regularised more; followed by classwise isotonic
regression (Zadrozny and Elkan 2002), or by one temperature (Guo et al. 2017) that is fitted on sets
left out in turn; with inputs that tell the kind of evidence; with fewer inputs. Beside each ECE
matters what the same confidences would show by chance alone if they were exactly right.

On claims: the rule of `calibrate_claims.py`, fitted anew on the other sets; a regression on the
surest two passages of each stance, how many origins they have and how near they are; and a noisy-or
with a leak (Pearl 1988). All choose their least probabilities under the same limits.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from agent.compare.ruling import verdict_of
from agent.rate.calibration import FEATURES
from agent.types import VERDICTS
from evals.judge import calibrate
from evals.judge.ablations import WINDOWS
from evals.judge.calibrate_claims import (
    SETS,
    Rated,
    confidence,
    fitted_curves,
    least_probabilities,
    log_odds,
    preference,
    rated_claims,
    verdict,
)
from evals.metrics import Floats, Ints, ece

SEED = 0
CLAIMS = SETS | {"negatives": 100, "newsroom": 20}
"""Sets of claims, with the most samples of each: claims, or articles."""
_DRAWS = 200
_WINDOWS = FEATURES.index("windows")


class Figures(NamedTuple):
    """What is measured on a set that was left out."""

    f1: float
    false_conflicts: float
    ece: float
    by_chance: float
    squared: float


def figures(y: Ints, told: Ints, sure: Floats) -> Figures:
    """The figures of n verdicts, as indices into `VERDICTS`, given with these confidences."""
    from sklearn.metrics import f1_score

    hit, rng = told == y, np.random.default_rng(SEED)
    return Figures(
        float(f1_score(y, told, average="macro", labels=sorted(set(y)))),
        float((told[y != 1] == 1).mean()),
        ece(sure, hit),
        float(np.mean([ece(sure, rng.random(len(sure)) < sure) for _ in range(_DRAWS)])),
        float(((sure - hit) ** 2).mean()),
    )


# Pairs

After = Callable[[Mapping[str, calibrate.Set], "OnPairs", Floats, Floats], Floats]
"""From the sets fitted on, the way, probabilities there and on the set left out to others there."""


@dataclass(frozen=True)
class OnPairs:
    """A way to calibrate pairs.

    Attributes:
        name: for the table.
        inputs: (n, features) to the inputs of the regression.
        strength: of its regularisation, the less the stronger (`C` of scikit-learn).
        after: what is done with its probabilities.
    """

    name: str
    inputs: Callable[[Floats], Floats] = lambda x: x
    strength: float = 1.0
    after: After | None = None

    def fit(self, sets: Mapping[str, calibrate.Set]) -> Any:
        from sklearn.linear_model import LogisticRegression

        x, y, weight = calibrate.pooled(sets)
        model = LogisticRegression(C=self.strength, max_iter=4000)
        return model.fit(self.inputs(x), y, sample_weight=weight)

    def apply(self, sets: Mapping[str, calibrate.Set], left_out: calibrate.Set) -> Floats:
        """Probabilities (n, 3) of the set left out, by the model alone."""
        model = self.fit(sets)
        found: Floats = model.predict_proba(self.inputs(left_out.x))
        if self.after is None:
            return found
        x, _, _ = calibrate.pooled(sets)
        return self.after(sets, self, model.predict_proba(self.inputs(x)), found)


def _isotonic(
    sets: Mapping[str, calibrate.Set], way: OnPairs, known: Floats, found: Floats
) -> Floats:
    from sklearn.isotonic import IsotonicRegression

    _, y, weight = calibrate.pooled(sets)
    columns: list[Floats] = []
    for k in range(len(VERDICTS)):
        curve = IsotonicRegression(y_min=0.005, y_max=0.995, out_of_bounds="clip")
        columns.append(curve.fit(known[:, k], y == k, weight).predict(found[:, k]))
    return _sharpened(np.column_stack(columns), 1.0)


def _temperature(
    sets: Mapping[str, calibrate.Set], way: OnPairs, _: Floats, found: Floats
) -> Floats:
    from scipy.optimize import minimize_scalar

    inner = OnPairs(way.name, way.inputs, way.strength)
    public = [name for name in sets if name not in calibrate.MADE]
    told = [(inner.apply(others(sets, name), sets[name]), sets[name].y) for name in public]

    def loss(power: float) -> float:
        at = (_sharpened(p, power)[np.arange(len(y)), y] for p, y in told)
        return float(sum(-np.log(p).mean() for p in at))

    return _sharpened(found, minimize_scalar(loss, bounds=(0.3, 2), method="bounded").x)


def _sharpened(probabilities: Floats, power: float) -> Floats:
    raised = np.maximum(probabilities, 1e-9) ** power
    result: Floats = raised / raised.sum(axis=1, keepdims=True)
    return result


def _no_windows(x: Floats) -> Floats:
    kept: Floats = x * np.array([name not in WINDOWS for name in FEATURES])
    return kept


def _by_windows(x: Floats) -> Floats:
    return np.hstack([x, x[:, :3] * x[:, _WINDOWS : _WINDOWS + 1]])


ON_PAIRS = (
    OnPairs("as it ships"),
    OnPairs("regularised more", strength=0.1),
    OnPairs("isotonic", after=_isotonic),
    OnPairs("temperature of other sets", after=_temperature),
    OnPairs("what windows say, by their number", _by_windows),
    OnPairs("what windows say and their number alone", lambda x: x[:, : _WINDOWS + 1]),
    OnPairs("no inputs of windows", _no_windows),
    OnPairs("maxima over windows alone", lambda x: x[:, :3]),
)


def others(sets: Mapping[str, calibrate.Set], name: str) -> dict[str, calibrate.Set]:
    """The sets without one and those that share its claims: of one name but for the ending."""
    stem = name.removesuffix("_abstract")
    return {n: ours for n, ours in sets.items() if n.removesuffix("_abstract") != stem}


def on_pairs(sets: Mapping[str, calibrate.Set], way: OnPairs) -> dict[str, Figures]:
    """The figures of a way on each public set, fitted on the others; rules decide as they do."""
    found = {}
    for name in sets:
        if name in calibrate.MADE:
            continue
        ours, rest = sets[name], others(sets, name)
        p = way.apply(rest, ours)
        y = np.concatenate([s.y for s in rest.values()])
        sure = calibrate.precisions(y, np.concatenate([s.rule for s in rest.values()]))
        p = calibrate.ruled(p, ours.rule, sure)
        told = np.array([VERDICTS.index(verdict_of(tuple(row))) for row in p])
        found[name] = figures(ours.y, told, p[np.arange(len(p)), told])
    return found


# Claims


Told = Callable[[Sequence[Rated]], tuple[Ints, Floats]]
"""A way that was fitted: from claims to verdicts, as indices, and how sure they are."""


def as_it_ships(claims: list[Rated]) -> Told:
    """Least probabilities and curves, as `evals.judge.calibrate_claims` fits them."""
    chosen = least_probabilities(claims)
    curves = fitted_curves(claims, chosen)

    def told(asked: Sequence[Rated]) -> tuple[Ints, Floats]:
        found = [verdict(c.judgements, *chosen) for c in asked]
        sure = [confidence(guess, p, curves) for guess, p in found]
        return np.array([guess for guess, _ in found]), np.array(sure)

    return told


def regression(claims: list[Rated], *, near: bool) -> Told:
    """A multinomial regression on what the passages say together.

    Args:
        claims: to fit on; each set weighs the same.
        near: with the number of origins and the similarity of the nearest passage as inputs.
    """
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    def inputs(asked: Sequence[Rated]) -> Floats:
        return np.array([_together(c, near=near) for c in asked])

    model = make_pipeline(StandardScaler(), LogisticRegression(max_iter=3000))
    labels = [c.label for c in claims]
    model.fit(inputs(claims), labels, logisticregression__sample_weight=_weights(claims))
    return _limited(claims, lambda asked: model.predict_proba(inputs(asked)))


def noisy_or(claims: list[Rated]) -> Told:
    """Each passage fails on its own, with a fitted chance, to be what it seems; a leak stands for
    all that was not read."""
    from scipy.optimize import minimize

    weight = _weights(claims)
    labels = np.array([c.label for c in claims])

    def probabilities(asked: Sequence[Rated], odds: Floats) -> Floats:
        trust, leak = (1 / (1 + np.exp(-np.clip(half, -30, 30))) for half in np.split(odds, 2))
        rows = []
        for claim in asked:
            p = np.array([j.probabilities[:2] for j in claim.judgements]).reshape(-1, 2)
            rows.append(1 - (1 - leak) * np.prod(1 - trust * p, axis=0))
        supports, against = np.clip(np.array(rows), 1e-4, 1 - 1e-4).T
        return np.column_stack([supports * (1 - against), against, (1 - supports) * (1 - against)])

    def loss(odds: Floats) -> float:
        p = probabilities(claims, odds)[np.arange(len(labels)), labels]
        return float(-(weight * np.log(p)).mean())

    start = np.array([0.0, 0.0, -3.0, -3.0])
    odds = minimize(loss, start, method="Nelder-Mead", options={"maxiter": 150}).x
    return _limited(claims, lambda asked: probabilities(asked, odds))


def _together(claim: Rated, *, near: bool) -> list[float]:
    free = [j.probabilities for j in claim.judgements if j.ruling is None]
    ruled = {j.ruling.verdict for j in claim.judgements if j.ruling is not None}
    found = [float("supported" in ruled), float("conflicting" in ruled)]
    for k in (0, 1):
        surest = sorted((p[k] for p in free), reverse=True)
        found += [float(x) for x in log_odds(np.array([*surest, 0.0, 0.0][:2]))]
    if near:
        for k in (0, 1):
            taking = [
                hit.source.origin
                for hit, j in zip(claim.hits, claim.judgements, strict=True)
                if verdict_of(j.probabilities) == VERDICTS[k]
            ]
            found.append(float(np.log1p(len(set(taking)))))
        found.append(max((hit.score for hit in claim.hits), default=0.0))
    return found


def _weights(claims: Sequence[Rated]) -> Floats:
    """Of each claim, so that sets weigh the same; 1 in the mean."""
    sets = np.array([c.set for c in claims])
    share = 1 / np.bincount(sets)[sets]
    weight: Floats = share * len(sets) / share.sum()
    return weight


def _limited(claims: list[Rated], probabilities: Callable[[Sequence[Rated]], Floats]) -> Told:
    """Verdicts by the least probabilities that are best on the claims fitted on."""
    known = probabilities(claims)
    grid = [(s, c) for s in np.arange(0.2, 0.71, 0.05) for c in np.arange(0.1, 0.96, 0.05)]
    best = max(grid, key=lambda least: preference(claims, _verdicts(known, *least).tolist()))

    def told(asked: Sequence[Rated]) -> tuple[Ints, Floats]:
        p = probabilities(asked)
        guess = _verdicts(p, *best)
        return guess, p[np.arange(len(p)), guess]

    return told


def _verdicts(p: Floats, supports: float, contradicts: float) -> Ints:
    return np.where(p[:, 1] >= contradicts, 1, np.where(p[:, 0] >= supports, 0, 2))


ON_CLAIMS: dict[str, Callable[[list[Rated]], Told]] = {
    "least probabilities, as it ships": as_it_ships,
    "regression, two surest passages": lambda claims: regression(claims, near=False),
    "and origins and similarity": lambda claims: regression(claims, near=True),
    "noisy-or with a leak": noisy_or,
}


def on_claims(claims: list[Rated], way: Callable[[list[Rated]], Told]) -> list[Figures]:
    """The figures of a way on each set, fitted on the others."""
    found = []
    for number in sorted({c.set for c in claims}):
        ours = [c for c in claims if c.set == number]
        told, sure = way([c for c in claims if c.set != number])(ours)
        found.append(figures(np.array([c.label for c in ours]), told, sure))
    return found


# Tables


def line(name: str, of_sets: Sequence[Figures]) -> str:
    """A row: means over sets, then the ECE of each."""
    mean = np.mean(of_sets, axis=0)
    cells = [f"{x:.3f}" for x in (*mean, *(f.ece for f in of_sets))]
    return f"| {name} | {' | '.join(cells)} |"


def heading(sets: Sequence[str]) -> str:
    columns = ["Way", "macro F1", "false conflicts", "ECE", "by chance", "squared error", *sets]
    return f"| {' | '.join(columns)} |\n{'|---' * len(columns)}|"


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--held", type=Path, help="made pairs kept aside from training")
    parser.add_argument("--cache", type=Path, required=True, help="folder for what is read")
    args = parser.parse_args(arguments)
    sets = {name: calibrate.public_set(name, args.cache) for name in calibrate.PUBLIC}
    if args.held:
        sets |= calibrate.made_sets(args.held, args.cache)
    print(heading(calibrate.PUBLIC))
    for way in ON_PAIRS:
        print(line(way.name, list(on_pairs(sets, way).values())), flush=True)
    claims: list[Rated] = []
    for number, (name, count) in enumerate(CLAIMS.items()):
        claims += rated_claims(name, count, args.cache, number)
    print("\n" + heading(list(CLAIMS)))
    for title, fit in ON_CLAIMS.items():
        print(line(title, on_claims(claims, fit)), flush=True)


if __name__ == "__main__":
    main()
