"""The parts that outcomes are put together from."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from agent.decide import Decision
from agent.errors import ClaimFailed
from agent.types import VERDICTS, Claim, Evidence, Verdict
from evals.matching import has_dangling_pronoun, has_relative_date

Outcome = dict[str, Any]
"""What a sample came to, as it stands in `samples.jsonl`."""


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


def share_out(verdict: Verdict, confidence: float) -> tuple[float, ...]:
    """A decision gives one confidence; the two other verdicts share the rest."""
    rest = (1 - confidence) / 2
    return tuple(confidence if v == verdict else rest for v in VERDICTS)


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
    """A claim that the splitter found in a text, and whether it keeps its promises."""
    return {
        "text": claim.text,
        "quote": claim.quote,
        "start": claim.start,
        "end": claim.end,
        "verbatim": bool(claim.quote) and claim.quote in whole,
        "offsets": whole[claim.start : claim.end] == claim.quote,
        "dangling_pronoun": has_dangling_pronoun(claim.text),
        "relative_date": has_relative_date(claim.text),
    }
