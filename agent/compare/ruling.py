"""Where what was computed decides, and what the model says does not.

The order is that of how sure each comparison is. How often each named rule was right is measured by
`evals/judge/calibrate.py` on the pairs that the calibration is fitted on, and is the probability
that its verdict gets; what the model thought of the two others shares the rest.

What a passage denies or tells the other way round (`happenings.py`) has not been measured of its
own: it has the figure of `opposite differs`. What is worked out from
a list (`rankings.py`) has the lower of those of figures that differ and that are worked out.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from agent.compare.subjects import Finding
from agent.types import VERDICTS, Verdict

Probabilities = tuple[float, float, float]
_DATED = 0.7
"""Least share of the claim around another date for it to decide alone."""

_LIKELIER_THAN_NOT = 0.5


@dataclass(frozen=True)
class Ruling:
    """What was computed decides.

    Attributes:
        verdict: for the one passage.
        finding: what it rests on.
        probabilities: of the three verdicts.
    """

    verdict: Verdict
    finding: Finding
    probabilities: Probabilities


def ruling(
    found: Sequence[Finding], by_model: Probabilities, precision: Mapping[str, float]
) -> Ruling | None:
    """The ruling that follows from what was computed; None where the model decides.

    Args:
        found: all that was computed on a claim and a passage.
        by_model: the model's probabilities.
        precision: by the name of a rule, how often it was right.
    """
    ruled = _rule(found)
    if ruled is None:
        return None
    name, verdict, finding = ruled
    sure = precision[name]
    if finding.worked_out:
        sure = min(sure, precision["figure worked out"])
    place = VERDICTS.index(verdict)
    rest = sum(p for i, p in enumerate(by_model) if i != place)
    shares = [p / rest if rest > 0 else 0.5 for p in by_model]
    split = [sure if i == place else (1 - sure) * shares[i] for i in range(len(VERDICTS))]
    return Ruling(verdict, finding, (split[0], split[1], split[2]))


_LEFT = 0.1
"""Probability left to support where the passage does not tell a figure of the claim (21 of 201
pairs of public sets that have it nowhere are labelled supported, most of them by mistake), and to
conflict where it tells them all."""
_AGAINST_WITHOUT = 0.45
"""Most probability left to conflict where the passage does not tell a figure of the claim: of 18
such pairs that the model took for conflicts (10 of public sets, 8 of our suites) 9 were."""


def by_figures(found: Sequence[Finding], by_model: Probabilities) -> Probabilities:
    """The model's probabilities, as far as the figures leave room for them.

    A passage cannot support a claim whose figure it does not tell, nor contradict it by what it
    does not tell: what is taken from both goes to unverifiable. Where it tells the figure of
    something else, it is kept from supporting only. One that tells every figure of the claim, of
    the same thing, hardly contradicts it: small judges call a conflict where only the unit or the
    rounding is another; so does one that tells the claim's event by its contrary (`did not accept`
    of `rejected`). What is taken from conflict is shared by the other two.
    """
    supported, conflicting, unverifiable = by_model
    if any(finding.absent for finding in found):
        return untold(by_model)
    if any(finding.elsewhere for finding in found):
        kept = min(supported, _LEFT)
        return kept, conflicting, 1 - kept - conflicting
    figures = [finding for finding in found if finding.what == "figure"]
    borne_out = any(f.what == "opposite" and f.relation == "same" for f in found)
    if (figures and all(finding.told for finding in figures)) or (borne_out and not figures):
        kept = min(conflicting, _LEFT)
        rest = supported + unverifiable
        share = supported / rest if rest else 0.5
        freed = conflicting - kept
        return supported + freed * share, kept, unverifiable + freed * (1 - share)
    return by_model


def untold(by_model: Probabilities) -> Probabilities:
    """The model's probabilities of a passage that does not tell a figure of the claim."""
    supported, conflicting, _ = by_model
    kept, against = min(supported, _LEFT), min(conflicting, _AGAINST_WITHOUT)
    return kept, against, 1 - kept - against


RULES = (
    "quotation differs", "speaker differs", "opposite differs", "figure differs", "date differs",
    "quotation silent", "quotation same", "figure worked out",
)  # fmt: skip
"""The names of the rules, in their order."""


def _rule(found: Sequence[Finding]) -> tuple[str, Verdict, Finding] | None:
    for what in ("quotation", "speaker", "opposite", "figure"):
        for finding in found:
            if finding.what == what and finding.relation == "differs":
                return f"{what} differs", "conflicting", finding
    for finding in found:
        dated = finding.what == "date" and finding.relation == "differs"
        if dated and finding.subject_shared >= _DATED:
            return "date differs", "conflicting", finding
    sayings = [f for f in found if f.what in ("quotation", "speaker")]
    for finding in sayings:
        if finding.relation == "silent":
            return "quotation silent", "unverifiable", finding
    if sayings:
        return "quotation same", "supported", sayings[0]
    figures = [f for f in found if f.what == "figure"]
    if figures and all(f.relation == "same" for f in figures):
        for finding in figures:
            if finding.worked_out:
                return "figure worked out", "supported", finding
    return None


def verdict_of(probabilities: Sequence[float]) -> Verdict:
    """The verdict on one passage: conflicting only where that is likelier than not, because a
    false alarm costs a reader more than a miss; supported where nothing is likelier.
    """
    supported, conflicting, unverifiable = probabilities
    if conflicting >= _LIKELIER_THAN_NOT:
        return "conflicting"
    return "supported" if supported >= max(unverifiable, conflicting) else "unverifiable"


def rule_of(found: Sequence[Finding]) -> tuple[str, Verdict] | None:
    """The name of the rule that decides, and for what; None where none does."""
    ruled = _rule(found)
    return ruled[:2] if ruled else None
