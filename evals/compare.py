"""Whether one run is better than another: paired, tested, and sample by sample.

Samples are paired by id. Right and wrong are tested with McNemar's exact test; figures
get the interval of their difference by the paired bootstrap (both runs on the same
resamples). What flipped is listed, because a figure that stands still can hide many.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from agent.errors import UsageError
from evals import chat
from evals.metrics import Figures, Floats, mcnemar, paired_difference
from evals.outcomes import Outcome
from evals.record import read_outcomes, read_results
from evals.scoring import is_right


@dataclass(frozen=True)
class Answer:
    """What one run said on one scored thing: a sample, or a gold claim of an article."""

    id: str
    unit: str
    text: str
    gold: str
    said: str | None
    """None where it failed, or the claim was not found."""

    @property
    def right(self) -> bool:
        return is_right(self.gold, self.said) is True


def compare(first: Path, second: Path, seed: int = 0) -> dict[str, Any]:
    """Compares two runs of one suite.

    Args:
        first, second: folders of complete runs.
        seed: of the bootstrap.

    Returns:
        `suite`, `kind`, `first` and `second` (model, judge, and the run's code),
        `paired` (samples in both), `only_in_first`, `only_in_second`, `mcnemar` (None for
        extraction), `differences` (by figure: first, second, difference, ci) and `flips`.

    Raises:
        UsageError: a run is not complete, they are of different suites, or share no sample.
    """
    results = [read_results(path) for path in (first, second)]
    one, other = results
    digests = [r.get("run", {}).get("suite_sha256") for r in results]
    other_suite = digests[0] != digests[1] and one["suite"] != other["suite"]
    if one["kind"] != other["kind"] or other_suite:
        raise UsageError(
            f"{first} is a run of {one['suite']}, {second} of {other['suite']}",
            "Compare runs of one suite",
        )
    samples = [{o["id"]: o for o in read_outcomes(path)} for path in (first, second)]
    # A sample whose gold was mended between the runs is another one.
    shared = [
        id_
        for id_, outcome in samples[0].items()
        if id_ in samples[1] and samples[1][id_]["gold"] == outcome["gold"]
    ]
    if not shared:
        raise UsageError(f"{first} and {second} have no sample in common", "Use the same --seed")
    pairs = [(samples[0][id_], samples[1][id_]) for id_ in shared]
    found: dict[str, Any] = {
        "suite": one["suite"],
        "kind": one["kind"],
        "first": _about(one),
        "second": _about(other),
        "paired": len(shared),
        "only_in_first": len(samples[0]) - len(shared),
        "only_in_second": len(samples[1]) - len(shared),
    }
    if one["kind"] == "extraction":
        answered = [(a, b) for a, b in pairs if a["error"] is None and b["error"] is None]
        if not answered:
            raise UsageError(f"{first} and {second} have no answered sample in common")
        return found | {"mcnemar": None, **_extraction(answered, seed)}
    if one["kind"] == "chat":
        return found | chat.compare(pairs, seed)
    answers = _answers(pairs, one["kind"])
    if not answers:
        raise UsageError(f"{first} and {second} have no scored sample in common")
    right = [np.array([pair[i].right for pair in answers]) for i in (0, 1)]
    return found | {
        "mcnemar": mcnemar(right[0], right[1]),
        "differences": _differences(answers, seed),
        "flips": [
            {
                "id": a.id,
                "text": a.text,
                "gold": a.gold,
                "first": a.said,
                "second": b.said,
                "change": "mended" if b.right else "broken",
            }
            for a, b in answers
            if a.right != b.right
        ],
    }


def _about(results: dict[str, Any]) -> dict[str, Any]:
    run = results.get("run", {})
    return {"model": results["model"], "judge": results.get("judge"), "code": run.get("code")}


def _answers(pairs: Sequence[tuple[Outcome, Outcome]], kind: str) -> list[tuple[Answer, Answer]]:
    """The scored things of both runs, in pairs. What failed counts as not right: a run must
    not look better for leaving the hard ones out."""
    found = []
    for outcomes in pairs:
        if kind == "article":
            found += list(zip(*(_of_article(o) for o in outcomes), strict=True))
            continue
        a, b = (
            Answer(
                o["id"],
                o["id"],
                o["input"].get("claim") or o["input"].get("text", ""),
                o["gold"],
                o["prediction"],
            )
            for o in outcomes
        )
        found.append((a, b))
    return [(a, b) for a, b in found if is_right(a.gold, a.gold) is not None]


def _of_article(outcome: Outcome) -> list[Answer]:
    said = {}
    if outcome["error"] is None:
        said = {g: outcome["prediction"][f]["verdict"] for g, f, _ in outcome["matches"]}
    return [
        Answer(f"{outcome['id']}#{n}", outcome["id"], gold["text"], gold["label"], said.get(n))
        for n, gold in enumerate(outcome["gold"], start=0)
    ]


def _differences(answers: Sequence[tuple[Answer, Answer]], seed: int) -> Figures:
    numbers: dict[str, int] = {}
    units = np.array([numbers.setdefault(a.unit, len(numbers)) for a, _ in answers])
    two_way = {a.gold for a, _ in answers} <= {
        "supported", "not_supported", "partially_supported"
    }  # fmt: skip
    read = [[_read(pair[i], two_way) for pair in answers] for i in (0, 1)]
    golds = sorted({gold for gold, _ in read[0]})

    def accuracy(weights: Floats) -> tuple[Floats, Floats]:
        each = weights[:, units]
        return _pair(each @ [pair[i].right for pair in answers] / each.sum(axis=1) for i in (0, 1))

    def macro_f1(weights: Floats) -> tuple[Floats, Floats]:
        each = weights[:, units]
        return _pair(_macro_f1(each, read[i], golds) for i in (0, 1))

    return {
        "accuracy": paired_difference(accuracy, len(numbers), seed),
        "macro_f1": paired_difference(macro_f1, len(numbers), seed),
    }


def _read(answer: Answer, two_way: bool) -> tuple[str, str]:
    """Gold and answer in the labels that they are scored in."""
    gold, said = answer.gold, answer.said or "failed"
    if gold in ("not_supported", "partially_supported"):
        return "not_supported", said if said in ("supported", "failed") else "not_supported"
    if two_way and said not in ("supported", "failed"):
        said = "not_supported"
    return gold, said


def _macro_f1(weights: Floats, read: Sequence[tuple[str, str]], golds: Sequence[str]) -> Floats:
    scores = []
    for label in golds:
        true = np.array([gold == label for gold, _ in read], dtype=np.float64)
        said = np.array([answer == label for _, answer in read], dtype=np.float64)
        both = weights @ (true + said)
        scores.append(np.divide(2 * (weights @ (true * said)), both, where=both > 0, out=both * 0))
    mean: Floats = np.mean(scores, axis=0)
    return mean


def _extraction(pairs: Sequence[tuple[Outcome, Outcome]], seed: int) -> dict[str, Any]:
    counts = [
        np.array(
            [[len(p[i]["matches"]), len(p[i]["prediction"]), len(p[i]["gold"])] for p in pairs]
        )
        for i in (0, 1)
    ]

    def figure(of: Callable[[Floats], Floats]) -> Figures:
        return paired_difference(lambda w: _pair(of(w @ c) for c in counts), len(pairs), seed)

    matched = [c[:, 0] for c in counts]
    return {
        "differences": {
            "precision": figure(lambda s: s[:, 0] / np.maximum(s[:, 1], 1)),
            "recall": figure(lambda s: s[:, 0] / np.maximum(s[:, 2], 1)),
            "f1": figure(lambda s: 2 * s[:, 0] / np.maximum(s[:, 1] + s[:, 2], 1)),
        },
        "flips": [
            {
                "id": a["id"],
                "text": a["input"]["text"],
                "gold": f"{len(a['gold'])} claims",
                "first": f"{before} found",
                "second": f"{after} found",
                "change": "mended" if after > before else "broken",
            }
            for (a, _), before, after in zip(pairs, *matched, strict=True)
            if before != after
        ],
    }


def _pair(values: Any) -> tuple[Floats, Floats]:
    first, second = values
    return first, second
