"""From outcomes to figures: what counts as right, and which figures each kind of suite has.

Gold labels of three verdicts are compared as they are. `not_supported` and
`partially_supported` say only that the claim is not fully supported: against them any
verdict but `supported` is right. Where a suite has no other gold than these and
`supported`, all of it is scored two-way. Where it has three-way gold too, the main figures are
over that part alone: nothing could be called `not_supported` there and be wrong, so that
label's precision would be 1 by construction. All of it, read as supported or not, is measured
apart under `two_way`. Other labels are never scored; samples that failed are never scored as a
label.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np

from agent.types import VERDICTS
from evals import chat
from evals.metrics import Figures, Rated, classification, ratios
from evals.outcomes import DEPTHS, Outcome
from evals.samples import LABELS, TWO_WAY, UNWORTHY, WORTHY, Kind

NOT_SUPPORTED = "not_supported"
ALARMS = {
    "false_conflict_rate": (("supported", "unverifiable", *TWO_WAY), "conflicting"),
    "false_support_rate": (("unverifiable",), "supported"),
}
"""Verdicts that nothing bears out: among which golds, and which verdict."""
QUALITIES = {
    "verbatim_quotes": "verbatim",
    "valid_offsets": "offsets",
    "dangling_pronouns": "dangling_pronoun",
    "relative_dates": "relative_date",
    "unnamed_bodies": "unnamed_body",
    "stands_alone": "stands_alone",
    "entailed": "entailed",
}
"""Shares of extracted claims, and what says so of each claim."""
SPLIT = (*QUALITIES, "sentences_accounted")
"""Figures of every kind of suite that splits."""
EXTRACTION = (
    "precision", "recall", "f1", "claims_precision", "claims_recall", "claims_f1", *SPLIT,
)  # fmt: skip
"""Figures of what has gold claims, too."""
_NOTHING: Figures = dict.fromkeys(
    ("accuracy", "balanced_accuracy", "macro_f1", "ece", "brier", "aurc", *ALARMS)
) | {"f1": {}, "precision": {}, "recall": {}, "ci": {}}


class Rating(NamedTuple):
    """One gold label with what the product said."""

    gold: str
    prediction: str
    probabilities: dict[str, float] | None
    unit: str
    """What it is drawn with in a bootstrap: the article's id, or the sample's own."""


def is_right(gold: Any, prediction: Any) -> bool | None:
    """Whether a prediction is right, a label or an answer to a question; None where the gold
    is not scored or there is no prediction."""
    if prediction is None:
        return None
    if isinstance(gold, dict):
        return chat.is_right(gold, prediction)
    if gold in TWO_WAY:
        return bool(prediction != "supported")
    return bool(gold == prediction) if gold in (*VERDICTS, WORTHY, UNWORTHY) else None


def counts(kind: Kind, outcomes: Sequence[Outcome]) -> dict[str, int]:
    """`n`, `scored`, `unscored`, `failed`; for articles of their gold claims, with `missed`
    for those that no extracted claim matches."""
    if kind == "article":
        return _article_counts(outcomes)
    failed = sum(outcome["error"] is not None for outcome in outcomes)
    if kind == "extraction":
        unscored = 0
    else:
        answered = (o for o in outcomes if o["error"] is None)
        unscored = sum(is_right(o["gold"], o["prediction"]) is None for o in answered)
    n = len(outcomes)
    return {"n": n, "scored": n - failed - unscored, "unscored": unscored, "failed": failed}


def figures(kind: Kind, outcomes: Sequence[Outcome], seed: int) -> Figures:
    """The figures of a run.

    Args:
        kind: of the suite.
        outcomes: of its samples, in the suite's order.
        seed: of the bootstrap.
    """
    if kind == "chat":
        return chat.figures([o for o in outcomes if o["error"] is None], seed)
    if kind == "extraction":
        return _extraction([o for o in outcomes if o["error"] is None], seed)
    result = labels(ratings(kind, outcomes), seed)
    if kind == "end to end":
        _merge(result, _retrieval(outcomes, seed))
    if kind == "article":
        _merge(result, _articles([o for o in outcomes if o["error"] is None], seed))
    if kind == "check-worthiness":
        _merge(result, _split([o for o in outcomes if o["error"] is None], seed))
    if asked := against_memory(outcomes):
        _merge(result, _memory(asked, seed))
    return result


def ratings(kind: Kind, outcomes: Iterable[Outcome]) -> list[Rating]:
    """What is scored of the outcomes, label by label."""
    found = []
    for outcome in outcomes:
        if outcome["error"] is not None:
            continue
        pairs = [(outcome["gold"], outcome["prediction"], outcome["probabilities"])]
        if kind == "article":
            pairs = []
            for gold, claim, _ in outcome["matches"]:
                said = outcome["prediction"][claim]
                pairs.append(
                    (outcome["gold"][gold]["label"], said["verdict"], said["probabilities"])
                )
        found += [
            Rating(gold, prediction, probabilities, outcome["id"])
            for gold, prediction, probabilities in pairs
            if is_right(gold, prediction) is not None
        ]
    return found


def labels(rated: Sequence[Rating], seed: int) -> Figures:
    """`evals.metrics.classification` of ratings; all None where there is none."""
    if not rated:
        return {name: dict(v) if isinstance(v, dict) else v for name, v in _NOTHING.items()}
    golds = main_golds(r.gold for r in rated)
    main = [r for r in rated if r.gold in golds]
    result = _classified(main, seed)
    if {r.gold for r in rated} & {WORTHY, UNWORTHY}:
        return result | dict.fromkeys(ALARMS)
    _merge(result, _alarms(rated, seed))
    if only := len(rated) - len(main):
        told = _classified([r._replace(gold=_two_way(r.gold)) for r in rated], seed)
        intervals = told.pop("ci")
        result["two_way"] = {"n": len(rated), "only_two_way": only} | told
        result["ci"]["two_way"] = intervals
    return result


def main_golds(golds: Iterable[str]) -> set[str]:
    """Of the gold labels of a suite, those that its main figures are over."""
    known = set(golds)
    three_way = known - set(TWO_WAY)
    return three_way if three_way - {"supported"} else known


def _classified(rated: Sequence[Rating], seed: int) -> Figures:
    """`classification` of ratings that are all read alike."""
    space = Space.of(r.gold for r in rated)
    numbers: dict[str, int] = {}
    units = [numbers.setdefault(r.unit, len(numbers)) for r in rated]
    probabilities = None
    if all(r.probabilities for r in rated):
        probabilities = np.array([space.probabilities(r.probabilities or {}) for r in rated])
    return classification(
        Rated(
            labels=space.names,
            gold=np.array([space.names.index(space.read(r.gold)) for r in rated]),
            predicted=np.array([space.names.index(space.read(r.prediction)) for r in rated]),
            probabilities=probabilities,
            # Where each is a unit of its own, there is nothing to gather.
            units=np.array(units) if len(numbers) < len(units) else None,
        ),
        seed,
    )


def _two_way(gold: str) -> str:
    return gold if gold == "supported" else NOT_SUPPORTED


def _alarms(rated: Sequence[Rating], seed: int) -> Figures:
    """How often a verdict was given that nothing bears out, among those where it could be."""
    by_unit: dict[str, list[float]] = {}
    for r in rated:
        sums = by_unit.setdefault(r.unit, [0.0] * 2 * len(ALARMS))
        for i, (golds, verdict) in enumerate(ALARMS.values()):
            if r.gold in golds:
                sums[2 * i] += r.prediction == verdict
                sums[2 * i + 1] += 1
    columns = list(zip(*by_unit.values(), strict=True))
    return ratios({n: (columns[2 * i], columns[2 * i + 1]) for i, n in enumerate(ALARMS)}, seed)


class Space(NamedTuple):
    """The labels that ratings are scored in."""

    names: tuple[str, ...]

    @classmethod
    def of(cls, golds: Iterable[str]) -> Space:
        """The labels for these golds, which are all three-way or all two-way."""
        known = set(golds)
        if known & {WORTHY, UNWORTHY}:
            return cls((WORTHY, UNWORTHY))
        return cls(("supported", NOT_SUPPORTED)) if known & set(TWO_WAY) else cls(VERDICTS)

    def read(self, label: str) -> str:
        """A gold label or a prediction in these labels."""
        return label if label in self.names else NOT_SUPPORTED

    def probabilities(self, given: Mapping[str, float]) -> list[float]:
        if NOT_SUPPORTED in self.names:
            return [given["supported"], 1 - given["supported"]]
        return [given[name] for name in self.names]


# Baselines


def majority(rated: Sequence[Rating], seed: int) -> Figures:
    """The figures of what always says the most frequent gold label."""
    if not rated:
        return labels([], seed)
    golds = main_golds(r.gold for r in rated)
    space = Space.of(golds)
    frequency = Counter(space.read(r.gold) for r in rated if r.gold in golds)
    most = min(frequency, key=lambda name: (-frequency[name], name))
    # Of the verdicts any but `supported` stands for `not_supported`.
    said = "unverifiable" if most == NOT_SUPPORTED else most
    constant = [r._replace(prediction=said, probabilities=None) for r in rated]
    return labels(constant, seed) | {"label": most}


# Retrieval


def _retrieval(outcomes: Sequence[Outcome], seed: int) -> Figures:
    """Over the claims that something in the corpus decides, failed or not."""
    measured = [o["retrieval"] for o in outcomes if o["retrieval"]]
    if not measured:
        return {"recall_at": {str(depth): None for depth in DEPTHS}, "mrr": None, "ci": {}}
    ones = [1.0] * len(measured)
    parts = {str(depth): ([m["recall_at"][str(depth)] for m in measured], ones) for depth in DEPTHS}
    parts["mrr"] = ([m["reciprocal_rank"] for m in measured], ones)
    found = ratios(parts, seed)
    depths = [str(depth) for depth in DEPTHS]
    return {
        "recall_at": {depth: found[depth] for depth in depths},
        "mrr": found["mrr"],
        "ci": {
            "recall_at": {depth: found["ci"][depth] for depth in depths},
            "mrr": found["ci"]["mrr"],
        },
    }


# Memory


def against_memory(outcomes: Iterable[Outcome]) -> list[tuple[str, bool]]:
    """Gold, and whether common knowledge won, where it disagrees with what is to be read.

    Such samples name in `meta.memory` the label that a system going by memory would give.
    """
    return [
        (o["gold"], o["prediction"] == o["meta"]["memory"])
        for o in outcomes
        if (o.get("meta") or {}).get("memory") not in (None, o["gold"]) and o["error"] is None
    ]


def _memory(asked: Sequence[tuple[str, bool]], seed: int) -> Figures:
    """How often memory won, in all and for each gold label."""
    golds = sorted({gold for gold, _ in asked}, key=LABELS.index)
    parts = {"": ([won for _, won in asked], [True] * len(asked))} | {
        label: (
            [won and gold == label for gold, won in asked],
            [gold == label for gold, _ in asked],
        )
        for label in golds
    }
    found = ratios(parts, seed)
    by_gold = {label: found[label] for label in golds}
    intervals = {label: found["ci"][label] for label in golds}
    return {
        "memory_rate": found[""],
        "memory_rate_by_gold": by_gold,
        "ci": {"memory_rate": found["ci"][""], "memory_rate_by_gold": intervals},
    }


# Extraction


def _extraction(outcomes: Sequence[Outcome], seed: int) -> Figures:
    if not outcomes:
        return dict.fromkeys(EXTRACTION) | {"ci": {}}
    matched = [len(o["matches"]) for o in outcomes]
    found = [len(o["prediction"]) for o in outcomes]
    gold = [len(o["gold"]) for o in outcomes]
    said = [sum(claim["covered"] for claim in o["prediction"]) for o in outcomes]
    parts: dict[str, Part] = {
        "precision": (matched, found),
        "recall": (matched, gold),
        "claims_precision": (said, found),
        "claims_recall": ([sum(o["gold_covered"]) for o in outcomes], gold),
    }
    return ratios(
        parts | _qualities([o["prediction"] for o in outcomes]) | _accounted(outcomes),
        seed,
        f1=("precision", "recall"),
        harmonic=_CLAIMS_F1,
    )


def _split(outcomes: Sequence[Outcome], seed: int) -> Figures:
    """What the splitter's claims are like where no gold says which there should be."""
    if not outcomes:
        return dict.fromkeys(SPLIT) | {"ci": {}}
    return ratios(_qualities([o["claims"] for o in outcomes]) | _accounted(outcomes), seed)


Part = tuple[Sequence[float], Sequence[float]]
_CLAIMS_F1 = {"claims_f1": ("claims_precision", "claims_recall")}


def _qualities(claims: Sequence[Sequence[dict[str, Any]]]) -> dict[str, Part]:
    """Shares of the extracted claims of each sample that keep a promise, or break one."""
    found = [len(of_one) for of_one in claims]
    return {
        name: ([sum(claim[flag] for claim in of_one) for of_one in claims], found)
        for name, flag in QUALITIES.items()
    }


def _accounted(outcomes: Sequence[Outcome]) -> dict[str, Part]:
    told = [o["accounted"] for o in outcomes]
    return {"sentences_accounted": ([t["accounted"] for t in told], [t["sentences"] for t in told])}


def sentences_as_claims(outcomes: Sequence[Outcome], seed: int) -> Figures:
    """The figures of what takes every sentence for one claim."""
    answered = [o for o in outcomes if o["error"] is None]
    if not answered:
        return {}
    matched = [o["sentences"]["matched"] for o in answered]
    found = [o["sentences"]["found"] for o in answered]
    gold = [len(o["gold"]) for o in answered]
    parts: dict[str, Part] = {
        "precision": (matched, found),
        "recall": (matched, gold),
        "claims_precision": ([o["sentences"]["covered"] for o in answered], found),
        "claims_recall": ([o["sentences"]["gold_covered"] for o in answered], gold),
    }
    return ratios(parts, seed, f1=("precision", "recall"), harmonic=_CLAIMS_F1)


# Articles


def _article_counts(outcomes: Sequence[Outcome]) -> dict[str, int]:
    count: Counter[str] = Counter()
    for outcome in outcomes:
        gold = outcome["gold"]
        count["n"] += len(gold)
        if outcome["error"] is not None:
            count["failed"] += len(gold)
            continue
        matched = {g: outcome["prediction"][f] for g, f, _ in outcome["matches"]}
        for number, claim in enumerate(gold):
            said = matched.get(number)
            if claim["label"] is None:
                count["unscored"] += 1
            elif said is None:
                count["missed"] += 1
            else:
                count["failed" if said["error"] else "scored"] += 1
    names = ("n", "scored", "unscored", "failed", "missed")
    return {name: count[name] for name in names} | {"articles": len(outcomes)}


def _articles(outcomes: Sequence[Outcome], seed: int) -> Figures:
    """Extraction within articles, and what reaches the reader: found *and* rated right."""
    if not outcomes:
        return {"claims": None, "found_and_right": None, "evidence_recall": None, "ci": {}}
    claims = _extraction(outcomes, seed)
    claims_ci = claims.pop("ci")
    right: list[int] = []
    scored: list[int] = []
    cited: list[int] = []
    wanted: list[int] = []
    kept_out: list[int] = []
    excluded: list[int] = []
    for o in outcomes:
        pairs = [(o["gold"][g], o["prediction"][f]) for g, f, _ in o["matches"]]
        right.append(sum(is_right(g["label"], p["verdict"]) is True for g, p in pairs))
        scored.append(sum(g["label"] is not None for g in o["gold"]))
        decided = [(set(g["sources"]), _deciding(p)) for g, p in pairs if g["sources"]]
        cited.append(sum(len(gold & said) for gold, said in decided))
        wanted.append(sum(len(gold) for gold, _ in decided))
        quotes = [claim["quote"] for claim in o["prediction"]]
        excluded.append(len(o["gold_excluded"]))
        kept_out.append(sum(not any(q in e or e in q for q in quotes) for e in o["gold_excluded"]))
    rest = ratios(
        {
            "found_and_right": (right, scored),
            "evidence_recall": (cited, wanted),
            "kept_out": (kept_out, excluded),
        },
        seed,
    )
    rest_ci = rest.pop("ci")
    return {"claims": claims, **rest, "ci": {"claims": claims_ci, **rest_ci}}


def _deciding(claim: dict[str, Any]) -> set[str]:
    return {e["source"] for e in claim["evidence"] if e["stance"] != "neutral"}


def _merge(into: Figures, more: Figures) -> None:
    ci = into.get("ci", {}) | more.pop("ci", {})
    into |= more
    into["ci"] = ci


def breakdown(
    outcomes: Sequence[Outcome], key: Callable[[Outcome], str | None]
) -> dict[str, dict[str, int]]:
    """`n` and `right` of the scored samples for each value of a property, e.g. the family."""
    found: dict[str, dict[str, int]] = {}
    for outcome in outcomes:
        name, right = key(outcome), is_right(outcome["gold"], outcome["prediction"])
        if name is not None and right is not None:
            cell = found.setdefault(name, {"n": 0, "right": 0})
            cell["n"] += 1
            cell["right"] += right
    return dict(sorted(found.items()))
