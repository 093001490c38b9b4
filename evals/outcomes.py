"""The parts that outcomes are put together from."""

from __future__ import annotations

import itertools
from bisect import bisect_left
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from agent.decide import Decision
from agent.errors import ClaimFailed
from agent.types import VERDICTS, Claim, Evidence, Excluded, Verdict
from evals.matching import has_dangling_pronoun, has_relative_date, has_unnamed_body

Outcome = dict[str, Any]
"""What a sample came to, as it stands in `samples.jsonl`."""
DEPTHS = (1, 5, 10)
"""Ranks at which the recall of retrieval is measured."""
MAX_CLAIM = 5_000
"""Characters, as for `assay verify`."""
MAX_EVIDENCE = 100_000
"""Characters of all passages of a pair. The judge reads evidence window by window: more would
hold up a run for minutes without a word. Nine times the longest of the public sets."""
_LEAST = 0.333334
"""Of three probabilities of six decimals, the least that is above the others."""


def bare_claim(text: str) -> Claim:
    """A claim that stands in no article."""
    return Claim(id="c1", text=text, quote=text, start=0, end=len(text))


def rated(verdict: Verdict, probabilities: Sequence[float]) -> Outcome:
    """What was rated, with the probabilities of the three verdicts."""
    return {"prediction": verdict, "probabilities": by_verdict(probabilities), "error": None}


def decided(decision: Decision, names: Mapping[str, str]) -> Outcome:
    """What was decided, with its evidence; `names` are the suite's for sources' ids."""
    outcome = rated(decision.verdict, share_out(decision.verdict, decision.confidence))
    return outcome | {"evidence": cited(decision.evidence, names)}


def failed(fault: ClaimFailed) -> Outcome:
    """What could not be rated: no prediction, never a label."""
    error = {"kind": fault.kind, "message": str(fault)}
    return {"prediction": None, "probabilities": None, "error": error}


def unfit(claim: str, evidence: Sequence[str] = ()) -> ClaimFailed | None:
    """Why a claim cannot be rated on evidence, whatever rates; None where it can."""
    if not any(map(str.isalnum, claim)):
        return ClaimFailed("bad_input", "the claim has no words")
    if len(claim) > MAX_CLAIM:
        return ClaimFailed("bad_input", f"the claim has more than {MAX_CLAIM:,} characters")
    if sum(map(len, evidence)) > MAX_EVIDENCE:
        return ClaimFailed("bad_input", f"the evidence has more than {MAX_EVIDENCE:,} characters")
    return None


def share_out(verdict: Verdict, confidence: float) -> tuple[float, ...]:
    """A decision gives one confidence; the two other verdicts share the rest.

    Neither gets as much as the verdict: a decision of less than a third is given a third, so
    that what is likeliest is always what was decided.
    """
    sure = max(confidence, _LEAST)
    rest = (1 - sure) / 2
    return tuple(sure if v == verdict else rest for v in VERDICTS)


def by_verdict(probabilities: Sequence[float]) -> dict[str, float]:
    """Probabilities in the order of `VERDICTS`, by name."""
    return {v: round(p, 6) for v, p in zip(VERDICTS, probabilities, strict=True)}


def cited(items: Sequence[Evidence], names: Mapping[str, str]) -> list[dict[str, Any]]:
    """Evidence as `samples.jsonl` has it."""
    return [
        {
            "source": names.get(item.source_id, item.source_id),
            "stance": item.stance,
            "probability": item.probability,
            "quote": item.quote,
            "note": item.note,
        }
        for item in items
    ]


def extracted(claim: Claim, whole: str) -> dict[str, Any]:
    """A claim that the splitter found in a text, and whether it keeps its promises.

    Whether it says what its sentence says, and what the gold says, is `evals.entailment`'s to add.
    """
    dangling, undated = has_dangling_pronoun(claim.text), has_relative_date(claim.text)
    unnamed = has_unnamed_body(claim.text)
    return {
        "text": claim.text,
        "quote": claim.quote,
        "start": claim.start,
        "end": claim.end,
        "verbatim": bool(claim.quote) and claim.quote in whole,
        "offsets": whole[claim.start : claim.end] == claim.quote,
        "dangling_pronoun": dangling,
        "relative_date": undated,
        "unnamed_body": unnamed,
        "stands_alone": not (dangling or undated or unnamed),
    }


def accounted(
    sentences: Sequence[tuple[int, int]], spans: Iterable[tuple[int, int]]
) -> dict[str, int]:
    """How many sentences there are, and how many share a character with a span: of a claim, or of
    what was set aside. `spans` may come in any order."""
    taken = sorted(spans)
    starts = [start for start, _ in taken]
    # The furthest end of all spans up to each one.
    ends = list(itertools.accumulate((end for _, end in taken), max))
    reached = 0
    for start, end in sentences:
        before = bisect_left(starts, end)
        reached += bool(before) and ends[before - 1] > start
    return {"sentences": len(sentences), "accounted": reached}


def places(claims: Iterable[Claim], excluded: Iterable[Excluded]) -> list[tuple[int, int]]:
    """Every span of a text that a claim is from or that was set aside."""
    of_claims = [span for c in claims for span in ((c.start, c.end), *c.also_at)]
    return of_claims + [(e.start, e.end) for e in excluded]


def splitting(text: str, seconds: float | None) -> dict[str, float]:
    """What splitting took; stands under `usage`, because it differs from run to run."""
    if seconds is None:
        return {}
    return {"characters": len(text), "split_seconds": round(seconds, 6)}
