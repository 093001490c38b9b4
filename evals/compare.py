"""Whether one run is better than another: paired, tested, and sample by sample.

Samples are paired by id, and only where both runs had the same input and the same gold.
Figures get the interval of their difference by the paired bootstrap (both runs on the same
resamples; articles are drawn whole). Right and wrong are tested with McNemar's exact test,
but for articles: it takes claims for independent, and those of one article are not. What
flipped is listed, because a figure that stands still can hide many.

What failed counts as wrong: a run must not look better for leaving the hard ones out.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from agent.errors import UsageError
from evals import chat
from evals.metrics import (
    Figures,
    Floats,
    cell_columns,
    macro,
    mcnemar,
    paired_difference,
    per_label,
    quotient,
)
from evals.outcomes import Outcome
from evals.record import Results, check_one_suite, read_outcomes, read_results
from evals.samples import TWO_WAY
from evals.scoring import Space, is_right, main_golds

_SAME = ("input", "gold", "meta", "gold_ids", "gold_excluded")
"""What of a sample has to be alike in two runs for it to be one sample."""
_FAILED = "failed"
_CLUSTERED = (
    "claims of one article are not independent, so McNemar's test is left out: "
    "the intervals draw whole articles"
)


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
        `suite`, `kind`, `first` and `second` (model, judge, the run's code, and `failed`),
        `paired` (samples alike in both), `only_in_first`, `only_in_second`, `changed` (in
        both by id, but with another input or gold: left out), `notes` (what to know before
        the figures are read), `mcnemar` (None for extraction and articles), `differences`
        (by figure: first, second, difference, ci) and `flips`.

    Raises:
        UsageError: a run is not complete, they are of different suites or sources, or share
            no sample.
    """
    paths = (first, second)
    results = [read_results(path) for path in paths]
    check_one_suite(paths, results, "Compare runs of one suite")
    samples = [{o["id"]: o for o in read_outcomes(path)} for path in paths]
    known = [id_ for id_ in samples[0] if id_ in samples[1]]
    pairs = [(samples[0][id_], samples[1][id_]) for id_ in known]
    pairs = [pair for pair in pairs if _alike(*pair)]
    changed = len(known) - len(pairs)
    if not pairs:
        if changed:
            raise UsageError(
                f"{first} and {second} share ids, but no sample has the same input and gold",
                "Compare runs of one suite: these are of two, or of two states of one",
            )
        raise UsageError(f"{first} and {second} have no sample in common", "Use the same --seed")
    kind = results[0]["kind"]
    found: dict[str, Any] = {
        "suite": results[0]["suite"],
        "kind": kind,
        "first": _about(results[0]),
        "second": _about(results[1]),
        "paired": len(pairs),
        "only_in_first": len(samples[0]) - len(known),
        "only_in_second": len(samples[1]) - len(known),
        "changed": changed,
        "notes": _notes(kind, results, changed),
    }
    if kind == "extraction":
        return found | {"mcnemar": None, **_extraction(pairs, seed)}
    if kind == "chat":
        return found | chat.compare(pairs, seed)
    answers = _answers(pairs, kind)
    if not answers:
        raise UsageError(f"{first} and {second} have no scored sample in common")
    right = [np.array([pair[i].right for pair in answers]) for i in (0, 1)]
    return found | {
        "mcnemar": None if kind == "article" else mcnemar(right[0], right[1]),
        "differences": _differences(answers, seed),
        "flips": [
            {
                "id": a.id,
                "text": a.text,
                "gold": a.gold,
                "first": a.said or _unsaid(kind),
                "second": b.said or _unsaid(kind),
                "change": "mended" if b.right else "broken",
            }
            for a, b in answers
            if a.right != b.right
        ],
    }


def _alike(first: Outcome, second: Outcome) -> bool:
    return all((first.get(name) or None) == (second.get(name) or None) for name in _SAME)


def _about(results: Results) -> dict[str, Any]:
    run = results.get("run", {})
    about = {"model": results["model"], "judge": results.get("judge"), "code": run.get("code")}
    return about | {"failed": results.get("failed", 0)}


def _notes(kind: str, results: Sequence[Results], changed: int) -> list[str]:
    notes = []
    if changed:
        notes.append(
            f"{changed} of one id have another input or gold in the two runs and are left out: "
            "the suite was changed between them, or they are of two"
        )
    failed = [r.get("failed", 0) for r in results]
    if any(failed):
        notes.append(f"{failed[0]} failed in A, {failed[1]} in B: here they count as wrong")
    if kind == "article":
        notes.append(_CLUSTERED)
    return notes


def _unsaid(kind: str) -> str:
    return "not found" if kind == "article" else _FAILED


def _answers(pairs: Sequence[tuple[Outcome, Outcome]], kind: str) -> list[tuple[Answer, Answer]]:
    """The scored things of both runs, in pairs."""
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
        for n, gold in enumerate(outcome["gold"])
    ]


def _differences(answers: Sequence[tuple[Answer, Answer]], seed: int) -> Figures:
    """The main figures of the runs, over the same claims as theirs; and, where these leave
    out two-way gold, how much of all is right read as supported or not."""
    golds = main_golds(a.gold for a, _ in answers)
    main = [pair for pair in answers if pair[0].gold in golds]
    accuracy, macro_f1 = _cells(main, Space.of(golds), seed)
    found = {"accuracy": accuracy, "macro_f1": macro_f1}
    if len(main) < len(answers):
        found["two_way.accuracy"], _ = _cells(answers, Space.of(TWO_WAY), seed)
    return found


def _cells(
    answers: Sequence[tuple[Answer, Answer]], space: Space, seed: int
) -> tuple[Figures, Figures]:
    """The differences of accuracy and of macro F1 in these labels."""
    units, count = _units([a for a, _ in answers])
    names = (*space.names, _FAILED)
    k = len(names)
    gold = np.array([names.index(space.read(a.gold)) for a, _ in answers])
    present = np.unique(gold)
    columns = []
    for i in (0, 1):
        said = [_FAILED if (s := pair[i].said) is None else space.read(s) for pair in answers]
        columns.append(cell_columns(gold, np.array([names.index(s) for s in said]), k))

    def of(figure: Callable[[Floats], Floats]) -> Figures:
        def both(weights: Floats) -> tuple[Floats, Floats]:
            each = weights[:, units]
            first, second = (figure((each @ c).reshape(-1, k, k)) for c in columns)
            return first, second

        return paired_difference(both, count, seed)

    return (
        of(lambda cells: quotient(cells.trace(axis1=1, axis2=2), cells.sum((1, 2)))),
        of(lambda cells: macro(per_label(cells)[2][:, present])),
    )


def _units(answers: Sequence[Answer]) -> tuple[Any, int]:
    """Number of the unit that each answer is drawn with, (n,), and how many there are."""
    numbers: dict[str, int] = {}
    units = np.array([numbers.setdefault(a.unit, len(numbers)) for a in answers])
    return units, len(numbers)


def _extraction(pairs: Sequence[tuple[Outcome, Outcome]], seed: int) -> dict[str, Any]:
    counts = [np.array([_found(pair[i]) for pair in pairs], dtype=np.float64) for i in (0, 1)]

    def figure(part: float, *wholes: int) -> Figures:
        def of(weights: Floats) -> tuple[Floats, Floats]:
            sums = [weights @ c for c in counts]
            first, second = (quotient(part * s[:, 0], s[:, wholes].sum(axis=1)) for s in sums)
            return first, second

        return paired_difference(of, len(pairs), seed)

    matched = [c[:, 0].astype(int).tolist() for c in counts]
    told = [
        [_FAILED if pair[i]["error"] else f"{n} found" for pair, n in zip(pairs, m, strict=True)]
        for i, m in enumerate(matched)
    ]
    return {
        "differences": {
            "precision": figure(1, 1),
            "recall": figure(1, 2),
            "f1": figure(2, 1, 2),
        },
        "flips": [
            {
                "id": a["id"],
                "text": a["input"]["text"],
                "gold": f"{len(a['gold'])} claims",
                "first": one,
                "second": other,
                "change": "mended" if after > before else "broken",
            }
            for (a, _), before, after, one, other in zip(pairs, *matched, *told, strict=True)
            if before != after
        ],
    }


def _found(outcome: Outcome) -> tuple[int, int, int]:
    """Matched, extracted and gold claims; a text that failed yields none."""
    gold = len(outcome["gold"])
    if outcome["error"] is not None:
        return 0, 0, gold
    return len(outcome["matches"]), len(outcome["prediction"]), gold
