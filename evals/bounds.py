"""Bounds on figures, for CI: `--fail-under macro_f1=0.70`, `--fail-over brier=0.4`.

Names are checked before anything is run. A figure that a run of the kind may have, but this
suite gives no ground for, is undefined, and an undefined figure fails: a check that cannot
be made must not pass.
"""

from __future__ import annotations

import difflib
import math
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from agent.errors import UsageError
from agent.types import VERDICTS
from evals import chat
from evals.outcomes import DEPTHS
from evals.page import flatten
from evals.samples import LABELS, UNWORTHY, WORTHY, Kind
from evals.scoring import ALARMS, EXTRACTION, NOT_SUPPORTED, SPLIT

_OF_LABELS = ("accuracy", "balanced_accuracy", "macro_f1", "ece", "brier", "aurc")
_BY_LABEL = ("f1", "precision", "recall")
_OWN: dict[Kind, tuple[str, ...]] = {
    "verify": (),
    "end to end": (*(f"recall_at.{depth}" for depth in DEPTHS), "mrr"),
    "extraction": EXTRACTION,
    "check-worthiness": SPLIT,
    "article": (
        *(f"claims.{name}" for name in EXTRACTION),
        "found_and_right",
        "evidence_recall",
        "kept_out",
    ),
    "chat": (*chat.SHARES, "answer_words"),
}


@dataclass(frozen=True)
class Bound:
    """What a figure must not be below, or above.

    Attributes:
        name: of the figure, by its path: `f1.supported`.
        value: the bound, itself allowed.
        above: whether it is the most, and not the least, that is allowed.
    """

    name: str
    value: float
    above: bool


def parse(text: str, *, above: bool) -> Bound:
    """Reads `FIGURE=X`.

    Raises:
        UsageError: it is of another form, or X is no finite number.
    """
    name, sign, value = text.partition("=")
    try:
        bound = float(value)
    except ValueError:
        bound = math.nan
    # Nothing is below a NaN: such a check would always pass.
    if not math.isfinite(bound) or not re.fullmatch(r"[a-z_0-9]+(\.[a-z_0-9]+)*", name.strip()):
        missing = "" if sign else " (there is no =)"
        raise UsageError(
            f"{text!r} is no figure with its bound{missing}", "Write it as macro_f1=0.70"
        )
    return Bound(name.strip(), bound, above)


def figure_names(kind: Kind) -> list[str]:
    """Every figure that a run of a kind may have."""
    if kind in ("extraction", "chat"):
        return list(_OWN[kind])
    if kind == "check-worthiness":
        return [*_of_labels((WORTHY, UNWORTHY)), *SPLIT]
    two_way = [f"two_way.{name}" for name in ("n", "only_two_way")]
    two_way += [f"two_way.{name}" for name in _of_labels(("supported", NOT_SUPPORTED))]
    memory = ["memory_rate", *(f"memory_rate_by_gold.{label}" for label in LABELS)]
    return [*_of_labels((*VERDICTS, NOT_SUPPORTED)), *ALARMS, *_OWN[kind], *two_way, *memory]


def _of_labels(labels: Iterable[str]) -> list[str]:
    return [*_OF_LABELS, *(f"{name}.{label}" for label in labels for name in _BY_LABEL)]


def check_names(bounds: Sequence[Bound], kind: Kind) -> None:
    """That a run of this kind may have the figures.

    Raises:
        UsageError: one of them is unknown; says what is near, or what there is.
    """
    known = figure_names(kind)
    for bound in bounds:
        if bound.name not in known:
            near = difflib.get_close_matches(bound.name, known, n=1)
            todo = f"Do you mean {near[0]}?" if near else f"It has {', '.join(known)}"
            raise UsageError(f"a run of kind {kind!r} has no figure {bound.name!r}", todo)


def beyond(result: dict[str, Any], bounds: Sequence[Bound]) -> list[str]:
    """What there is to object to in a run, a line each; names suite, model and figure."""
    figures, lines = flatten(result["metrics"]), []
    for bound in bounds:
        value = figures.get(bound.name)
        if value is None or (value > bound.value if bound.above else value < bound.value):
            how = "undefined" if value is None else f"{value:.4f}"
            wanted = f"{'at most' if bound.above else 'at least'} {bound.value:g}"
            lines.append(
                f"{result['suite']}, {result['model']}: {bound.name} is {how}, wanted {wanted}"
            )
    return lines
