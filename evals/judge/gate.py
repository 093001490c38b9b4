"""What it saves to leave far passages unread, and what it costs.

    python -m evals.judge.gate newsroom negatives e2e/check_covid --limit 100
    python -m evals.judge.gate --duels

Every passage that retrieval finds for a claim is read by the network; then those are taken as far
that `agent.rate.gate` calls so, and the claim is decided again. Printed are the share of the
windows that is still read, which passages that supported or contradicted were lost, how many
verdicts changed, which way, and what the judge said of far passages on average: of the last the
constants of `agent.rate.gate.of_far` are made.

`--duels` asks about the short claims of `duels.jsonl`, each with one text that supports it
and one in hardly any of its words: in 24 that contradicts the claim, in ten it does not.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from agent.decide import decide
from agent.rate.embedded import EmbeddedRater, pair_of, stance_of
from agent.rate.judge import Judgement
from agent.rate.windows import windows_of
from agent.types import Hit, Verdict
from evals.corpora import hits_of, libraries_folder
from evals.judge.judged import Asked, asked
from evals.outcomes import bare_claim
from evals.scoring import is_right
from evals.suites import load
from tools.models.embedder import MiniLMEmbedder
from tools.readers import read_text

DUELS = Path(__file__).parent / "duels.jsonl"


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
    whole = rater.judge.judge(question.pairs)
    gated = EmbeddedRater(rater.judge, skips_far=True).judged(question.claim, hits)
    read = [judgement.is_read for judgement in gated]
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


def _verdict(
    question: Asked, rater: EmbeddedRater, hits: Sequence[Hit], judgements: Sequence[Judgement]
) -> Verdict:
    evidence = rater.told(question.claim, hits, judgements)
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
    conflicts = [claim for claim in claims if claim.gold == "conflicting"]
    found = [
        sum(claim.whole == "conflicting" for claim in conflicts),
        sum(claim.gated == "conflicting" for claim in conflicts),
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
        f"{found[0]} → {found[1]} of {len(claims) - len(others)}",
    )
    return f"| {' | '.join(map(str, cells))} |"


def duels(file: Path = DUELS) -> list[Asked]:
    """The short claims with a text for each and another one, as if both had been found."""
    embedder = MiniLMEmbedder()
    questions = []
    for number, line in enumerate(file.read_text("utf-8").splitlines()):
        row = json.loads(line)
        text = row["claim"]
        claim = bare_claim(text)
        near, *vectors = embedder.embed([text, *row["evidence"]])
        hits = [
            hit.model_copy(update={"score": float(near @ vector)})
            for place, (evidence, vector) in enumerate(zip(row["evidence"], vectors, strict=True))
            for hit in hits_of(read_text(evidence), f"{number}-{place}")
        ]
        pairs = tuple(pair_of(claim, hit) for hit in hits)
        questions.append(Asked(claim, row["label"], str(number), pairs, tuple(hits), len(hits)))
    return questions


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
    parser.add_argument("suites", nargs="*", help="suites that retrieve: articles or end to end")
    parser.add_argument("--duels", action="store_true", help="ask about the short claims, too")
    parser.add_argument("--limit", type=int, help="most samples of a suite")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--libraries", type=Path, default=libraries_folder())
    args = parser.parse_args()
    if not args.suites and not args.duels:
        parser.error("name a suite, or --duels")
    rater = EmbeddedRater()
    sets = []
    print(
        "| Suite | claims | windows read | deciding lost | changed | right | false conflicts "
        "| conflicts found |"
    )
    print("|---" * 8 + "|")
    for name in args.suites:
        questions = asked(load(name).limited(args.limit, args.seed), args.libraries)
        sets.append([weighed(question, rater) for question in questions])
        print(shown(name, sets[-1]), flush=True)
    if args.duels:
        print(shown("duels", [weighed(question, rater) for question in duels()]))
    if not args.suites:
        return
    line = ", ".join(f"{value:.2f}" for value in fitted(sets))
    print(f"\nfar passages: {line} (at cosine 0, for one of cosine, part for)")


if __name__ == "__main__":
    main()
