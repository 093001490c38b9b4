"""What each part of the embedded judge carries: it is measured with the part, and without it.

    python -m evals.judge.ablations --held held.jsonl             # parts after the network
    python -m evals.judge.ablations --network "as trained"=a.onnx --network "without made"=b.onnx

On the sets of `verify_dev`, sampled as `evals.baseline` samples them, and end to end. What is left
out of the regression is left out when it is fitted, too: by the recipe of `calibrate.py`, on its
sets and, with `--held`, the made pairs kept aside. The network's outputs are the same in
all and kept in `$ASSAY_CACHE`. With `--network`, networks stand against the first one, each by
itself: no regression, nothing computed. Figures are differences from the first column, with 95 %
intervals of a paired bootstrap; of means over sets, each set is resampled by itself.
"""

from __future__ import annotations

import argparse
import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import NamedTuple

import numpy as np

from agent.compare.ruling import ruling, verdict_of
from agent.decide import decide
from agent.rate.calibration import FEATURES, Calibration, ClaimCalibration
from agent.rate.embedded import EmbeddedRater
from agent.rate.judge import EmbeddedJudge, Judgement
from agent.rate.windows import Pair
from agent.types import VERDICTS, Evidence, Verdict
from evals.baseline import plan
from evals.corpora import libraries_folder
from evals.judge import calibrate
from evals.judge.judged import Asked, asked, read_pairs
from evals.metrics import (
    BINS,
    Floats,
    Resampler,
    cell_columns,
    interval,
    macro,
    per_label,
    quotient,
)
from evals.outcomes import share_out
from evals.scoring import Space, main_golds
from evals.suites import load
from tools.models import JUDGE

COMPUTED = tuple(f for f in FEATURES if f.partition("_")[0] in ("figures", "dates"))
WINDOWS = ("support_nearest", "conflict_nearest", "neutral_nearest", "windows", "covered_nearest")
MAXIMA = ("support", "conflict", "neutral")
SEED = 0


@dataclass(frozen=True)
class Variant:
    """A judge that lacks a part.

    Attributes:
        name: for the table.
        inputs: what the regression has; without any there is none, and the network's own
            probabilities count, of the window that says most for each.
        rules: whether what was computed can decide alone.
        best_passage: the surest passage of a claim decides, if its stance is likelier than not,
            in place of least probabilities that were fitted and of origins.
    """

    name: str
    inputs: tuple[str, ...] = FEATURES
    rules: bool = True
    best_passage: bool = False


def _but(left_out: Sequence[str]) -> tuple[str, ...]:
    return tuple(name for name in FEATURES if name not in left_out)


VARIANTS = (
    Variant("as shipped"),
    Variant("nothing computed", _but(COMPUTED), rules=False),
    Variant("no inputs of windows", _but(WINDOWS)),
    Variant("maximum over windows alone", MAXIMA),
    Variant("no calibration", ()),
    Variant("maximum over passages", best_passage=True),
)
NETWORK = Variant("", (), rules=False)
"""What a network says by itself."""


class Said(NamedTuple):
    """What one variant made of one claim."""

    verdict: Verdict
    probabilities: tuple[float, ...]


# The judge without a part


def refitted(sets: Mapping[str, calibrate.Set], inputs: Sequence[str]) -> Calibration:
    """The calibration that `calibrate.py` would fit if the regression had these inputs alone."""
    left_out = [name for name in FEATURES if name not in inputs]
    model = calibrate.fit(*calibrate.pooled(calibrate.without(sets, left_out)))
    return replace(Calibration.load(), weights=model.coef_, bias=model.intercept_)


def varied(base: Judgement, variant: Variant, calibration: Calibration) -> Judgement:
    """What the judge would have said without the part.

    Args:
        base: what it says.
        variant: which part is left out.
        calibration: fitted without it.
    """
    if variant.inputs:
        by_model = calibration.apply(base.features)
    else:
        raw = np.exp(base.features[:3])
        supported, conflicting, unverifiable = (float(p) for p in raw / (raw.sum() or 1.0))
        by_model = (supported, conflicting, unverifiable)
    rule = ruling(base.findings, by_model, calibration.precision) if variant.rules else None
    return replace(base, probabilities=rule.probabilities if rule else by_model, ruling=rule)


class _Answered(EmbeddedJudge):
    """A judge whose answers are known."""

    def __init__(self, judgements: list[Judgement], calibration: Calibration) -> None:
        self.calibration = calibration
        self._judgements = judgements

    def judge(
        self, pairs: Sequence[Pair], on_done: Callable[[int], None] | None = None
    ) -> list[Judgement]:
        return self._judgements


async def said(
    question: Asked, judgements: list[Judgement], variant: Variant, calibration: Calibration
) -> Said:
    """The verdict that follows from what is said of each pair.

    Args:
        question: the claim.
        judgements: of its pairs, by the variant.
        variant: how passages come to a verdict.
        calibration: its least probabilities and curves.
    """
    if question.hits is None:
        (judgement,) = judgements
        return Said(verdict_of(judgement.probabilities), judgement.probabilities)
    rater = EmbeddedRater(_Answered(judgements, calibration))
    evidence = await rater.rate(question.claim, question.hits)
    if variant.best_passage:
        evidence = _surest(evidence)
    decision = decide(question.claim, evidence, sources_searched=question.searched)
    return Said(decision.verdict, share_out(decision.verdict, decision.confidence))


def _surest(evidence: Sequence[Evidence]) -> list[Evidence]:
    """The passage that decides alone; all of them where none takes sides."""
    telling = [item for item in evidence if item.stance != "neutral"]
    return [max(telling, key=lambda item: item.probability)] if telling else list(evidence)


def without_claims(calibration: Calibration) -> Calibration:
    """Where nothing was fitted on whole claims: a stance is what is likelier than not."""
    curves = dict.fromkeys(calibration.claims.curves, (0.0, 1.0))
    return replace(calibration, claims=ClaimCalibration(0.5, 0.5, curves))


# Figures


@dataclass(frozen=True)
class Measured:
    """A set with what each variant said of it, the first one to compare with.

    Attributes:
        name: of the suite.
        questions: n claims.
        said: for each variant, of each claim.
    """

    name: str
    questions: list[Asked]
    said: list[list[Said]]

    @property
    def space(self) -> Space:
        return Space.of(main_golds(q.gold for q in self.questions))

    @property
    def two_way(self) -> bool:
        return self.space.names != VERDICTS


MEASURES = ("quality", "false conflicts", "ece")


def drawn(measured: Measured, number: int, seed: int) -> dict[str, Floats]:
    """The figures of one variant over the set itself, and over each resample.

    Args:
        measured: the set.
        number: of the variant.
        seed: of the resamples; the same for all variants of a set.

    Returns:
        (1 + RESAMPLES,) for each of `MEASURES`: macro F1, or balanced accuracy where the gold
        is two-way; the share of claims that are not conflicting and were called so; ECE over
        `BINS` bins.
    """
    space, questions, told = measured.space, measured.questions, measured.said[number]
    k = len(space.names)
    golds = main_golds(q.gold for q in questions)
    main = np.array([q.gold in golds for q in questions])
    # Gold that the main figures are not over counts among the false conflicts alone.
    gold = np.array(
        [space.names.index(space.read(q.gold)) if q.gold in golds else 0 for q in questions]
    )
    guess = np.array([space.names.index(space.read(s.verdict)) for s in told])
    open_to = np.array([q.gold != "conflicting" for q in questions])
    alarm = open_to & np.array([s.verdict == "conflicting" for s in told])
    sure = np.array(
        [
            space.probabilities(dict(zip(VERDICTS, s.probabilities, strict=True)))[g]
            for s, g in zip(told, guess, strict=True)
        ]
    )
    bins = np.clip((sure * BINS).astype(int), 0, BINS - 1)
    gaps = np.eye(BINS)[bins] * (sure - (gold == guess))[:, None] * main[:, None]
    cells = cell_columns(gold, guess, k) * main[:, None]
    columns = np.column_stack([cells, alarm, open_to, gaps, main]).astype(np.float64)
    numbers: dict[str, int] = {}
    units = np.array([numbers.setdefault(q.unit, len(numbers)) for q in questions])
    summed = np.zeros((len(numbers), columns.shape[1]))
    np.add.at(summed, units, columns)
    sums = np.vstack([summed.sum(axis=0), Resampler(len(numbers), seed).sums(summed)])
    figures = per_label(sums[:, : k * k].reshape(-1, k, k))
    present = np.unique(gold[main])
    return {
        "quality": macro(figures[1 if measured.two_way else 2][:, present]),
        "false conflicts": quotient(sums[:, k * k], sums[:, k * k + 1]),
        "ece": quotient(np.abs(sums[:, k * k + 2 : -1]).sum(axis=1), sums[:, -1]),
    }


def table(sets: Sequence[Measured], names: Sequence[str]) -> str:
    """Means over groups of sets, then every set, as Markdown.

    Args:
        sets: what was measured.
        names: of the variants, in the order of `Measured.said`.
    """
    # A seed for each set: sets of one size must not share their resamples.
    figures = [[drawn(m, i, SEED + n) for i in range(len(names))] for n, m in enumerate(sets)]
    lines: list[str] = []
    for title, measure in zip(
        ("Macro F1; of two-way sets balanced accuracy", "False conflicts", "ECE"),
        MEASURES,
        strict=True,
    ):
        lines += ["", f"## {title}", "", "| Set | n | " + " | ".join(names) + " |"]
        lines.append("|---" * (len(names) + 2) + "|")
        for label, chosen in _groups(sets):
            rows = [
                macro(np.stack([figures[n][i][measure] for n in chosen], axis=1))
                for i in range(len(names))
            ]
            if np.isnan(rows[0][0]):
                continue
            count = sum(len(sets[n].questions) for n in chosen)
            cells = [f"{rows[0][0]:.3f}", *(_difference(rows[0], row) for row in rows[1:])]
            lines.append(f"| {label} | {count} | " + " | ".join(cells) + " |")
    return "\n".join(lines[1:]) + "\n"


def _groups(sets: Sequence[Measured]) -> list[tuple[str, list[int]]]:
    """Titles and the numbers of the sets that a line is the mean of."""
    pairs = [n for n, m in enumerate(sets) if m.questions[0].hits is None]
    whole = [n for n in range(len(sets)) if n not in pairs]
    groups = [
        ("**mean, pairs, three-way**", [n for n in pairs if not sets[n].two_way]),
        ("**mean, pairs, two-way**", [n for n in pairs if sets[n].two_way]),
        ("**mean, end to end**", whole),
    ]
    alone = [(sets[n].name, [n]) for n in [*pairs, *whole]]
    return [(title, chosen) for title, chosen in [*groups, *alone] if chosen]


def _difference(first: Floats, other: Floats) -> str:
    change = other - first
    between = interval(change[1:])
    text = f"{change[0] + 0.0:+.3f}"
    return f"{text} [{between[0]:+.2f}, {between[1]:+.2f}]" if between else text


# Running


def suites(most: int | None) -> list[tuple[str, int | None]]:
    """The sets, with the most samples of each; None is all of them."""
    found = []
    for name, limit in plan():
        section = name.partition("/")[0]
        if section in ("verify_dev", "e2e", "negatives", "newsroom"):
            found.append((name, limit if most is None else min(most, limit or most)))
    return found


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--held", type=Path, help="made pairs kept aside from training")
    parser.add_argument("--limit", type=int, help="most samples of each set")
    parser.add_argument(
        "--network", action="append", default=[], metavar="NAME=FILE.onnx", help="a network alone"
    )
    parser.add_argument("--suite", action="append", default=[], help="only these sets")
    parser.add_argument("--out", type=Path, help="write the tables there, too")
    args = parser.parse_args(arguments)
    libraries = libraries_folder()
    cache = libraries.parent / "readings"
    networks = [(name, Path(file)) for name, _, file in (n.partition("=") for n in args.network)]
    chosen = [(s, n) for s, n in suites(args.limit) if not args.suite or s in args.suite]
    fitted: dict[str, Calibration] = {}
    if not networks:
        fitted = _calibrations(cache, args.held)
    sets = []
    for name, limit in chosen:
        questions = asked(load(name).limited(limit, SEED), libraries)
        if not questions:
            continue
        if networks:
            told = [_by_network(questions, cache, graph) for _, graph in networks]
        else:
            told = _by_variants(questions, cache, fitted)
        sets.append(Measured(name, questions, told))
        print(f"{name}: {len(questions)} claims", flush=True)
    text = table(sets, [n for n, _ in networks] or [v.name for v in VARIANTS])
    print(f"\n{text}")
    if args.out:
        args.out.write_text(text, encoding="utf-8")


def _calibrations(cache: Path, held: Path | None) -> dict[str, Calibration]:
    """The calibration of each variant, by its name."""
    shipped = Calibration.load()
    sets = {name: calibrate.public_set(name, cache) for name in calibrate.PUBLIC}
    if held:
        sets |= calibrate.made_sets(held, cache)
    fitted = {}
    for variant in VARIANTS:
        found = shipped
        if variant.inputs and variant.inputs != FEATURES:
            found = refitted(sets, variant.inputs)
        if variant.best_passage or not variant.inputs:
            found = without_claims(found)
        fitted[variant.name] = found
    return fitted


def _read(questions: Sequence[Asked], cache: Path, graph: Path) -> list[list[Judgement]]:
    """What the judge as it ships makes of what the network says."""
    judge = EmbeddedJudge()
    pairs = [pair for question in questions for pair in question.pairs]
    readings = iter(read_pairs(pairs, cache, graph))
    return [[judge.judgement(pair, next(readings)) for pair in q.pairs] for q in questions]


def _by_variants(
    questions: Sequence[Asked], cache: Path, fitted: Mapping[str, Calibration]
) -> list[list[Said]]:
    bases = _read(questions, cache, JUDGE)
    return [_told(questions, bases, variant, fitted[variant.name]) for variant in VARIANTS]


def _by_network(questions: Sequence[Asked], cache: Path, graph: Path) -> list[Said]:
    calibration = without_claims(Calibration.load())
    return _told(questions, _read(questions, cache, graph), NETWORK, calibration)


def _told(
    questions: Sequence[Asked],
    bases: Sequence[Sequence[Judgement]],
    variant: Variant,
    calibration: Calibration,
) -> list[Said]:
    async def all_of_them() -> list[Said]:
        return [
            await said(q, [varied(b, variant, calibration) for b in base], variant, calibration)
            for q, base in zip(questions, bases, strict=True)
        ]

    return asyncio.run(all_of_them())


if __name__ == "__main__":
    main()
