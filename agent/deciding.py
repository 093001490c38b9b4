"""The verdicts on the claims of an article, each as soon as its evidence is there.

`agent/decide.py` is the verdict of one claim.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field

from agent.decide import Rules, decide
from agent.errors import ClaimFailed
from agent.types import CheckedClaim, Claim, Evidence, Fault


@dataclass(frozen=True)
class Deciding:
    """What verdicts follow from beside the evidence.

    Attributes:
        searched: how many sources were.
        rules: what the user asks for.
    """

    searched: int = 0
    rules: Rules = field(default_factory=Rules)

    async def decided(
        self,
        claims: Sequence[Claim],
        evidence_on: Callable[[Claim], Awaitable[list[Evidence]]],
        on_decided: Callable[[int, CheckedClaim], None] = lambda *_: None,
    ) -> list[CheckedClaim]:
        """The claims with their verdicts, in order; one that could not be rated is failed.

        Args:
            claims: of the article.
            evidence_on: waits for the evidence on one of them.
            on_decided: told of each, with how many are decided by then.
        """
        done = 0

        async def one(claim: Claim) -> CheckedClaim:
            nonlocal done
            checked = await self._one(claim, evidence_on)
            done += 1
            on_decided(done, checked)
            return checked

        return list(await asyncio.gather(*(one(claim) for claim in claims)))

    async def _one(
        self, claim: Claim, evidence_on: Callable[[Claim], Awaitable[list[Evidence]]]
    ) -> CheckedClaim:
        try:
            evidence = await evidence_on(claim)
        except ClaimFailed as fault:
            return CheckedClaim(
                **claim.model_dump(),
                status="failed",
                error=Fault(kind=fault.kind, message=str(fault)),
                explanation="This claim could not be rated.",
            )
        decision = decide(claim, evidence, sources_searched=self.searched, rules=self.rules)
        return CheckedClaim(
            **claim.model_dump(),
            status="rated",
            verdict=decision.verdict,
            confidence=decision.confidence,
            explanation=decision.explanation,
            missing=decision.missing,
            evidence=decision.evidence,
            otherwise=decision.otherwise,
        )
