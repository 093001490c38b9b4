"""What it saves to leave far passages unread, and what it costs.

    python -m evals.gate newsroom negatives e2e/check_covid --limit 100

Every passage that retrieval finds for a claim is read by the network; then those are taken as far
that `agent.rate.gate` calls so, and the claim is decided again. Printed are the share of the
windows that is still read, which passages that supported or contradicted were lost, how many
verdicts changed, which way, and what the judge said of far passages on average: of the last the
constants of `agent.rate.gate.of_far` are made.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from agent.decide import decide
from agent.rate.embedded import EmbeddedRater, stance_of
from agent.rate.judge import Judgement, windows_of
from agent.types import Hit, Verdict
from evals.corpora import libraries_folder
from evals.judged import Asked, asked
from evals.scoring import is_right
from evals.suites import load


@dataclass(frozen=True)
class Weighed:
    """One claim, decided by all its passages and without reading the far ones.

    Attributes:
        gold: its label.
        whole, gated: the verdict either way.
        windows, read: of all passages, and of those that the gate lets through.
        decided, lost: passages that supported or contradicted, and of these the far ones.
        far: probabilities that the judge gave far passages where nothing computed decided, and
            the cosine of each.
    """

    gold: str
    whole: Verdict
    gated: Verdict
    windows: int
    read: int
    decided: int
    lost: int
    far: list[tuple[float, tuple[float, float, float]]]


def weighed(question: Asked, rater: EmbeddedRater) -> Weighed:
    """A claim, decided with and without its far passages."""
    hits = question.hits or ()
    near = [
        replace(pair, similarity=hit.score) for pair, hit in zip(question.pairs, hits, strict=True)
    ]
    whole = rater.judge.judge(question.pairs)
    gated = rater.judge.judge(near)
    read = [is_read(judgement) for judgement in gated]
    windows = [len(windows_of(pair)[0]) for pair in question.pairs]
    claims = rater.judge.calibration.claims
    decided = [
        stance_of(judgement, claims.supports, claims.contradicts)[0] != "neutral"
        for judgement in whole
    ]
    return Weighed(
        question.gold,
        _verdict(question, rater, hits, whole),
        _verdict(question, rater, hits, gated),
        sum(windows),
        sum(count for count, here in zip(windows, read, strict=True) if here),
        sum(decided),
        sum(
            told and not here and not judgement.ruling
            for told, here, judgement in zip(decided, read, whole, strict=True)
        ),
        [
            (hit.score, judgement.probabilities)
            for hit, judgement, here in zip(hits, whole, read, strict=True)
            if not here and not judgement.ruling and not judgement.unread
        ],
    )


def is_read(judgement: Judgement) -> bool:
    """Whether the network was asked; the inputs of the calibration are its answers."""
    return any(judgement.features)


def _verdict(
    question: Asked, rater: EmbeddedRater, hits: Sequence[Hit], judgements: Sequence[Judgement]
) -> Verdict:
    evidence = rater.told(hits, judgements)
    return decide(question.claim, evidence, sources_searched=question.searched).verdict


def shown(name: str, claims: Sequence[Weighed]) -> str:
    """A row of the table."""
    changed = [claim for claim in claims if claim.whole != claim.gated]
    right = [
        sum(bool(is_right(claim.gold, verdict)) for claim, verdict in told)
        for told in (
            [(claim, claim.whole) for claim in claims],
            [(claim, claim.gated) for claim in claims],
        )
    ]
    others = [claim for claim in claims if claim.gold != "conflicting"]
    alarms = [
        sum(claim.whole == "conflicting" for claim in others),
        sum(claim.gated == "conflicting" for claim in others),
    ]
    windows, read = sum(c.windows for c in claims), sum(c.read for c in claims)
    cells = (
        name,
        len(claims),
        f"{read / windows:.2f}",
        f"{sum(c.lost for c in claims)} of {sum(c.decided for c in claims)}",
        len(changed),
        f"{right[0]} → {right[1]}",
        f"{alarms[0]} → {alarms[1]} of {len(others)}",
    )
    return f"| {' | '.join(map(str, cells))} |"


def fitted(sets: Sequence[Sequence[Weighed]]) -> tuple[float, float, float]:
    """The line of `of_far`, each set of the same weight: at zero, for one of cosine, and the part
    of the rest that goes to a support."""
    lines, shares = [], []
    for claims in sets:
        far = [item for claim in claims for item in claim.far]
        if len(far) < 2:
            continue
        cosines = np.array([cosine for cosine, _ in far])
        told = np.array([probabilities for _, probabilities in far])
        lines.append(np.polynomial.Polynomial.fit(cosines, told[:, 2], 1).convert().coef)
        shares.append(told[:, 0].sum() / told[:, :2].sum())
    at_zero, slope = np.array(lines, dtype=float).mean(axis=0)
    return float(at_zero), float(slope), float(np.mean(shares))


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("suites", nargs="+", help="suites that retrieve: articles or end to end")
    parser.add_argument("--limit", type=int, help="most samples of a suite")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--libraries", type=Path, default=libraries_folder())
    args = parser.parse_args()
    rater = EmbeddedRater()
    sets = []
    print("| Suite | claims | windows read | deciding lost | changed | right | false conflicts |")
    print("|---|---|---|---|---|---|---|")
    for name in args.suites:
        questions = asked(load(name).limited(args.limit, args.seed), args.libraries)
        sets.append([weighed(question, rater) for question in questions])
        print(shown(name, sets[-1]), flush=True)
    line = ", ".join(f"{value:.2f}" for value in fitted(sets))
    print(f"\nfar passages: {line} (at cosine 0, for one of cosine, part for)")


if __name__ == "__main__":
    main()
