"""The plain data that every maker of training pairs yields."""

from __future__ import annotations

from dataclasses import dataclass

from agent.types import VERDICTS, Verdict

SUPPORTED, CONFLICTING, UNVERIFIABLE = VERDICTS


@dataclass(frozen=True)
class TrainingPair:
    """A claim, a passage, and what the passage says of the claim.

    Attributes:
        claim: a statement, readable alone.
        passage: the text to rate it by.
        label: supported, conflicting or unverifiable.
        maker: the public set, or the rule, that it comes from; `rule/kind` for made ones.
        group: pairs made from one text share it, so that none is split from its siblings.
    """

    claim: str
    passage: str
    label: Verdict
    maker: str
    group: str
