"""Estimates that later sources have replaced.

Before it is built a bridge is put at 246 million, and at 318 million when the contract is signed.
Who writes 318 afterwards is not refuted by the estimate: it tells what was known at its time. So an
estimate contradicts a figure only as long as no later source, of another origin, tells that figure.
The other way round nothing is excused: 246 is refuted by the later sources.

A later source can be planted. Where one voice alone tells the claim's figure, the estimate does not
decide against it either, but its note says that no second voice replaced it; `--min-origins 2`
asks for one. A publisher that the user distrusts is no voice and replaces nothing.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import combinations

from agent.rate.judge import Judgement
from agent.types import Hit, Source
from tools.library.sites import site
from tools.times.publication import certainly_later

_ESTIMATE = re.compile(
    r"\b(?:estimat\w+|forecasts?|projected|projections?|provisional(?:ly)?|preliminary|"
    r"planners|budgeted|expected to|first put at)\b",
    re.I,
)


def replaced(hits: Sequence[Hit], judgements: Sequence[Judgement]) -> dict[int, str]:
    """The passages whose figure is an estimate that a later source has replaced by the claim's.

    Args:
        hits: the passages of one claim.
        judgements: of each.

    Returns:
        By the place in `hits`, a note for people.
    """
    found = {}
    for number, (hit, judgement) in enumerate(zip(hits, judgements, strict=True)):
        rule = judgement.ruling
        if not rule or rule.verdict != "conflicting" or rule.finding.what != "figure":
            continue
        if not _ESTIMATE.search(hit.passage.text[rule.finding.start : rule.finding.end]):
            continue
        later = [
            other.source
            for other, theirs in zip(hits, judgements, strict=True)
            if other.reputation != "distrusted"
            and other.source.origin != hit.source.origin
            and certainly_later(other.source.published_at, hit.source.published_at)
            and _tells(theirs)
        ]
        if later:
            by = "" if _are_several(later) else ", by one voice alone"
            found[number] = f"an estimate, since replaced{by}: {rule.finding.note}"
    return found


def _are_several(sources: Sequence[Source]) -> bool:
    """Whether two of them differ in origin and site, and in publisher where both name one."""
    return any(
        one.origin != other.origin
        and not ((owner := site(one.url)) and owner == site(other.url))
        and not (one.publisher and _folded(one) == _folded(other))
        for one, other in combinations(sources, 2)
    )


def _folded(source: Source) -> str:
    return (source.publisher or "").casefold().strip()


def _tells(judgement: Judgement) -> bool:
    """Whether a passage tells all figures of the claim."""
    figures = [finding for finding in judgement.findings if finding.what == "figure"]
    return bool(figures) and all(finding.relation == "same" for finding in figures)
