"""Figures with their uncertainty: classification, calibration, retrieval, extraction.

Figures come from scikit-learn where it has them. Each has a 95 % interval by the
percentile bootstrap (Efron and Tibshirani 1993, chapter 13): 2,000 resamples of the
samples, or of the articles where several claims come from one. Almost every figure is a
function of sums over the samples, so all resamples together are one matrix product: a
row of weights (how often each sample was drawn) times a column for each sum.

Where all resamples agree a bootstrap would claim certainty. A share of 0 or 1 then has
Wilson's interval (1927), over the articles where claims share one; any other figure has
none: `ci` holds None for it.

Figures are rounded to 6 decimals, intervals to 4: noise of the last bits never shows.
"""

from __future__ import annotations

import math
import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

RESAMPLES = 2000
TABLES = ("confusion", "reliability", "risk_coverage")
"""Figures that are no numbers."""
BINS = 10
"""Equal-width bins of confidence, for ECE and the reliability diagram."""
_CHUNK = 2_000_000
"""Most weights in memory at once (16 MB)."""
_SAME = 1e-9
"""What resamples of one value differ by at most: noise of their sums."""

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Figures = dict[str, Any]


@dataclass(frozen=True)
class Rated:
    """Gold and prediction of n samples, as arrays.

    Attributes:
        labels: names of the k labels.
        gold: (n,) indices into `labels`.
        predicted: (n,) indices into `labels`.
        probabilities: (n, k), rows sum to 1; None where the system gives none.
        units: (n,) which unit each sample is drawn with, 0..; None for itself.
    """

    labels: tuple[str, ...]
    gold: Ints
    predicted: Ints
    probabilities: Floats | None = None
    units: Ints | None = None


class Resampler:
    """Draws the resamples; the same seed and number of units give the same ones."""

    def __init__(self, units: int, seed: int) -> None:
        self.units, self.seed = units, seed

    def weights(self) -> Iterator[Floats]:
        """Chunks of (resamples, units): how often each unit was drawn."""
        rng = np.random.default_rng(self.seed)
        size = max(1, min(RESAMPLES, _CHUNK // max(self.units, 1)))
        left = RESAMPLES
        while left:
            rows = min(size, left)
            drawn = rng.integers(self.units, size=(rows, self.units))
            drawn += np.arange(rows)[:, None] * self.units
            counts = np.bincount(drawn.ravel(), minlength=rows * self.units)
            yield counts.reshape(rows, self.units).astype(np.float64)
            left -= rows

    def sums(self, columns: Floats) -> Floats:
        """Sums of each column over each resample: (units, m) to (RESAMPLES, m)."""
        return np.concatenate([w @ columns for w in self.weights()])


def interval(values: Floats) -> list[float] | None:
    """The middle 95 % of a figure over the resamples; None where it is never defined, or
    the same in all of them: that is no certainty, only too little to resample."""
    known = values[~np.isnan(values)]
    if not known.size or np.ptp(known) < _SAME:
        return None
    low, high = np.percentile(known, (2.5, 97.5))
    return [round(float(low), 4), round(float(high), 4)]


def debiased_interval(value: float, values: Floats) -> list[float] | None:
    """As `interval`, for a figure in 0..1 whose resamples lie above it by a bias of their own.

    An ECE adds up gaps without their signs, so each resample's noise adds to it. The
    bootstrap's estimate of that bias, the mean of the resamples less the figure (Efron and
    Tibshirani 1993, chapter 10), is taken off both bounds. The basic bootstrap would take it
    off twice: of a small ECE it leaves an interval of next to no width.
    """
    found = interval(values - (np.nanmean(values) - value))
    return found and [min(max(bound, 0.0), 1.0) for bound in found]


def share(
    hits: float, of: float, values: Floats, units: int
) -> tuple[float | None, list[float] | None]:
    """A proportion with its interval.

    Args:
        hits: part.
        of: whole; nothing is known where it is 0.
        values: the proportion over the resamples.
        units: what is drawn together and adds to the whole: samples, texts or articles. Where
            all agree, Wilson's interval counts these, as if all of one article were one: the
            wider, since what comes from one article is not independent. With one article of
            several claims there is none.
    """
    if not of:
        return None, None
    if 0 < hits < of:
        return rounded(hits / of), interval(values)
    if units == 1 < of:
        return rounded(hits / of), None
    n = min(units, round(of))
    return rounded(hits / of), [round(bound, 4) for bound in wilson(n if hits else 0, n)]


def wilson(hits: int, of: int) -> tuple[float, float]:
    """Wilson's interval (1927) of a proportion, 95 %; 0 to 1 where `of` is 0."""
    from scipy.stats import binomtest

    if not of:
        return 0.0, 1.0
    found = binomtest(hits, of).proportion_ci(method="wilson")
    return float(found.low), float(found.high)


def rounded(value: float) -> float | None:
    """To 6 decimals; None for what is undefined."""
    return None if math.isnan(value) else round(float(value), 6)


# Classification


def classification(rated: Rated, seed: int) -> Figures:
    """Accuracy, balanced accuracy, F1, calibration and risk of ratings.

    Averages over labels are over those that the gold has. Brier is the sum of squared
    differences over all labels (Brier 1950), 0..2. A share without a denominator is None.

    Args:
        rated: at least one sample.
        seed: of the bootstrap.

    Returns:
        `accuracy`, `balanced_accuracy`, `macro_f1`, `precision`, `recall`, `f1` (by label),
        `confusion`, `ece`, `brier`, `reliability`, `risk_coverage`, `aurc`,
        and `ci` with the intervals of the same names.
    """
    from sklearn.metrics import confusion_matrix, precision_recall_fscore_support

    k = len(rated.labels)
    gold, predicted = rated.gold, rated.predicted
    present = [int(i) for i in np.unique(gold)]
    names = [rated.labels[i] for i in present]
    precision, recall, f1, _ = precision_recall_fscore_support(
        gold, predicted, labels=present, average=None, zero_division=0.0
    )
    sampler, gather = _gathering(rated, seed)
    each = gather(cell_columns(gold, predicted, k))
    cells = sampler.sums(each).reshape(-1, k, k)
    by_label = per_label(cells)[:, :, present]
    figures: Figures = {
        "balanced_accuracy": rounded(recall.mean()),
        "macro_f1": rounded(f1.mean()),
        "f1": _named(names, f1),
        "precision": _named(names, precision),
        "recall": _named(names, recall),
        "confusion": {
            "labels": list(rated.labels),
            "counts": confusion_matrix(gold, predicted, labels=range(k)).tolist(),
        },
    }
    ci: Figures = {
        "balanced_accuracy": interval(macro(by_label[1])),
        "macro_f1": interval(macro(by_label[2])),
        "f1": {n: interval(by_label[2, :, i]) for i, n in enumerate(names)},
    }
    cells_of_units = each.reshape(-1, k, k)
    for place, (name, axis) in enumerate((("precision", 1), ("recall", 2))):
        # Of what was said, or of what is true: both are shares.
        wholes = cells_of_units.sum(axis=axis)[:, present]
        hits = np.diagonal(cells_of_units, axis1=1, axis2=2)[:, present]
        ci[name] = {
            n: share(
                hits[:, i].sum(),
                wholes[:, i].sum(),
                by_label[place, :, i],
                int((wholes[:, i] > 0).sum()),
            )[1]
            for i, n in enumerate(names)
        }
    for name, value, its_interval in _calibration(rated, sampler, gather):
        figures[name] = value
        if name not in TABLES:
            ci[name] = its_interval
    accuracy, accuracy_ci = share(
        float((gold == predicted).sum()),
        len(gold),
        cells.trace(axis1=1, axis2=2) / cells.sum((1, 2)),
        len(each),
    )
    return {"accuracy": accuracy} | figures | {"ci": {"accuracy": accuracy_ci} | ci}


def cell_columns(gold: Ints, predicted: Ints, k: int) -> Floats:
    """(n, k * k): a one where each sample stands in the confusion matrix, flattened."""
    columns: Floats = np.eye(k * k)[gold * k + predicted]
    return columns


def macro(by_label: Floats) -> Floats:
    """Mean over labels, (rows, k) to (rows,), of those that the row knows: a resample may be
    without any of a label."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)  # a row that knows none is unknown
        mean: Floats = np.nanmean(by_label, axis=1)
    return mean


def _gathering(rated: Rated, seed: int) -> tuple[Resampler, Callable[[Floats], Floats]]:
    """The resampler, and what sums columns of the samples into columns of its units."""
    if rated.units is None:
        return Resampler(len(rated.gold), seed), lambda columns: columns
    units, count = rated.units, int(rated.units.max()) + 1

    def gather(columns: Floats) -> Floats:
        result = np.zeros((count, columns.shape[1]))
        np.add.at(result, units, columns)
        return result

    return Resampler(count, seed), gather


def per_label(cells: Floats) -> Floats:
    """Precision, recall and F1 of each label, (3, resamples, k), from confusion matrices."""
    hits = np.diagonal(cells, axis1=1, axis2=2)
    said, true = cells.sum(axis=1), cells.sum(axis=2)
    precision = np.where(said > 0, quotient(hits, said), np.where(true > 0, 0.0, np.nan))
    return np.stack([precision, quotient(hits, true), quotient(2 * hits, said + true)])


def quotient(part: Floats, whole: Floats) -> Floats:
    """Part by whole, each (rows,) or of one shape; unknown where the whole is 0."""
    result: Floats = np.divide(part, whole, out=np.full_like(part, np.nan), where=whole > 0)
    return result


def _named(names: Sequence[str], values: Floats) -> dict[str, float | None]:
    return {name: rounded(value) for name, value in zip(names, values, strict=True)}


# Calibration and risk


def ece(confidence: Floats, hit: NDArray[np.bool_], bins: int = BINS) -> float:
    """Expected calibration error (Guo et al. 2017): confidence against accuracy, equal bins.

    Args:
        confidence: (n,), 0..1.
        hit: (n,) whether the prediction was right.
        bins: number of bins.
    """
    gaps = np.bincount(_bin_of(confidence, bins), weights=confidence - hit, minlength=bins)
    return float(np.abs(gaps).sum() / len(confidence))


def _bin_of(confidence: Floats, bins: int) -> Ints:
    return np.clip((confidence * bins).astype(np.int64), 0, bins - 1)


def _calibration(
    rated: Rated, sampler: Resampler, gather: Callable[[Floats], Floats]
) -> Iterator[tuple[str, Any, list[float] | None]]:
    """Name, figure and interval of what needs probabilities."""
    if rated.probabilities is None:
        yield from ((name, None, None) for name in ("ece", "brier", "aurc"))
        return
    n, k = rated.probabilities.shape
    hit = rated.gold == rated.predicted
    confidence = rated.probabilities[np.arange(n), rated.predicted]
    squares = ((rated.probabilities - np.eye(k)[rated.gold]) ** 2).sum(axis=1)
    which = _bin_of(confidence, BINS)
    gaps = np.eye(BINS)[which] * (confidence - hit)[:, None]
    drawn = sampler.sums(gather(np.column_stack([gaps, squares, np.ones(n)])))
    total = drawn[:, -1]
    gap = ece(confidence, hit)
    yield (
        "ece",
        rounded(gap),
        debiased_interval(gap, np.abs(drawn[:, :BINS]).sum(axis=1) / total),
    )
    yield "brier", rounded(squares.mean()), interval(drawn[:, BINS] / total)
    yield "reliability", _reliability(which, confidence, hit), None
    order = np.argsort(-confidence, kind="stable")
    wrong = (~hit[order]).astype(np.float64)
    everything = np.ones((1, n))
    yield "risk_coverage", _curve(wrong), None
    units = np.arange(n) if rated.units is None else rated.units
    areas = np.concatenate([_aurc(w[:, units[order]], wrong) for w in sampler.weights()])
    yield "aurc", rounded(_aurc(everything, wrong)[0]), interval(areas)


def _reliability(which: Ints, confidence: Floats, hit: NDArray[np.bool_]) -> list[Figures]:
    return [
        {
            "from": round(b / BINS, 2),
            "to": round((b + 1) / BINS, 2),
            "n": int((which == b).sum()),
            "confidence": rounded(confidence[which == b].mean()),
            "accuracy": rounded(hit[which == b].mean()),
        }
        for b in range(BINS)
        if (which == b).any()
    ]


def _curve(wrong: Floats, points: int = 20) -> list[Figures]:
    """Share of errors among the surest samples, for growing shares of them (selective risk,
    El-Yaniv and Wiener 2010)."""
    n = len(wrong)
    risk = np.cumsum(wrong) / np.arange(1, n + 1)
    counts = sorted({max(1, round(n * i / points)) for i in range(1, points + 1)})
    return [{"coverage": rounded(c / n), "risk": rounded(risk[c - 1])} for c in counts]


def _aurc(weights: Floats, wrong: Floats) -> Floats:
    """Area under the risk–coverage curve, (rows,): mean risk over all coverages. Samples are
    ordered by falling confidence; 0 is perfect."""
    taken = np.cumsum(weights, axis=1)
    risk = np.cumsum(weights * wrong, axis=1) / np.maximum(taken, 1)
    area: Floats = (risk * weights).sum(axis=1) / weights.sum(axis=1)
    return area


# Sums of per-sample counts: retrieval, extraction


def ratios(
    parts: Mapping[str, tuple[Sequence[float], Sequence[float]]],
    seed: int,
    f1: tuple[str, str] | None = None,
    harmonic: Mapping[str, tuple[str, str]] | None = None,
) -> Figures:
    """Ratios of sums over samples: recall at k, precision of extraction and the like.

    Args:
        parts: for each figure the (n,) numerators and denominators; a sample that a figure
            does not concern has 0 and 0.
        seed: of the bootstrap.
        f1: names of the precision and the recall, of the same hits, whose harmonic mean is
            added as `f1`: twice the hits by the sum of both denominators. So it is 0 where
            something was to be found and nothing was, and None where nothing was to be found
            and nothing was: that is no fault (`zero_division=nan` of scikit-learn).
        harmonic: further figures, each the harmonic mean of a precision and a recall whose hits
            differ: of what was found, and of what was to be found. 0 and None as for `f1`.

    Returns:
        The figures, and `ci` with their intervals; None where all denominators are 0.
    """
    names = list(parts)
    columns = np.array([part for pair in parts.values() for part in pair], dtype=np.float64).T
    drawn = Resampler(len(columns), seed).sums(columns)
    totals = columns.sum(axis=0)
    figures: Figures = {}
    ci: Figures = {}
    for i, name in enumerate(names):
        part, whole = float(totals[2 * i]), float(totals[2 * i + 1])
        values = quotient(drawn[:, 2 * i], drawn[:, 2 * i + 1])
        concerned = int((columns[:, 2 * i + 1] > 0).sum())
        figures[name], ci[name] = share(part, whole, values, concerned)
    if f1:
        p, r = (2 * names.index(name) for name in f1)
        both = np.array([2 * totals[p], totals[p + 1] + totals[r + 1]])
        figures["f1"] = rounded(float(quotient(both[:1], both[1:])[0]))
        ci["f1"] = interval(quotient(2 * drawn[:, p], drawn[:, p + 1] + drawn[:, r + 1]))
    for name, pair in (harmonic or {}).items():
        p, r = (2 * names.index(part) for part in pair)
        figures[name] = rounded(
            float(_harmonic(totals[None, p : p + 2], totals[None, r : r + 2])[0])
        )
        ci[name] = interval(_harmonic(drawn[:, p : p + 2], drawn[:, r : r + 2]))
    return figures | {"ci": ci}


def _harmonic(first: Floats, second: Floats) -> Floats:
    """Harmonic mean of two shares, (rows,), each given as hits and their whole, (rows, 2)."""
    one, other = quotient(first[:, 0], first[:, 1]), quotient(second[:, 0], second[:, 1])
    nothing = np.isnan(one) & np.isnan(other)
    one, other = np.nan_to_num(one), np.nan_to_num(other)
    mean = np.divide(2 * one * other, one + other, out=np.zeros_like(one), where=one + other > 0)
    result: Floats = np.where(nothing, np.nan, mean)
    return result


# Two runs of one suite


def mcnemar(first: NDArray[np.bool_], second: NDArray[np.bool_]) -> dict[str, float]:
    """McNemar's exact test on paired right and wrong (McNemar 1947).

    Args:
        first, second: (n,) whether each sample was right.

    Returns:
        `only_first`, `only_second`: samples that just one of them had right; `p_value`: of
        the hypothesis that both are right equally often, two-sided.
    """
    from scipy.stats import binomtest

    only_first, only_second = int((first & ~second).sum()), int((second & ~first).sum())
    discordant = only_first + only_second
    p = binomtest(only_second, discordant).pvalue if discordant else 1.0
    return {"only_first": only_first, "only_second": only_second, "p_value": round(float(p), 6)}


def paired_difference(
    figure: Callable[[Floats], tuple[Floats, Floats]], units: int, seed: int
) -> Figures:
    """The difference of a figure between two runs, with the same resamples for both.

    Args:
        figure: from weights (rows, units) to the figure of the first and of the second run,
            (rows,) each.
        units: number of paired samples.
        seed: of the bootstrap.

    Returns:
        `first`, `second`, `difference` (second minus first) and its interval `ci`.
    """
    first, second = (float(v[0]) for v in figure(np.ones((1, units))))
    drawn = [figure(w) for w in Resampler(units, seed).weights()]
    differences = np.concatenate([b - a for a, b in drawn])
    return {
        "first": rounded(first),
        "second": rounded(second),
        "difference": rounded(second - first),
        "ci": interval(differences),
    }
