"""Faults in the middle of a check: a claim's, the run's, and a check that is cancelled."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest

from agent import FactChecker
from agent.errors import (
    ClaimFailed,
    ModelUnavailable,
)
from agent.rate.embedded import EmbeddedRater
from agent.types import Claim, Evidence, Hit
from tests.fake_embedder import WordEmbedder
from tools.library import Library

ARTICLE = """Bridge over the Tallis

The Tallis Bridge was opened on 3 May 2024. Building the Tallis Bridge cost 12 million euros.

The new ferry carries 90 cars. It is a splendid sight. Was it worth the money?
"""
Rate = Callable[[EmbeddedRater, Claim, Sequence[Hit]], Any]
REAL_RATE: Rate = EmbeddedRater.rate


def test_a_claim_that_cannot_be_rated_ends_as_failed_and_the_others_go_on(
    word_library: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def rate(self: EmbeddedRater, claim: Claim, hits: Sequence[Hit]) -> list[Evidence]:
        if "12 million" in claim.text:
            raise ClaimFailed("bad_reply", "no usable answer", "Run again")
        rated: list[Evidence] = await REAL_RATE(self, claim, hits)
        return rated

    monkeypatch.setattr(EmbeddedRater, "rate", rate)
    report = FactChecker(word_library).check(text=ARTICLE)
    (failed,) = (claim for claim in report.claims if claim.status == "failed")
    assert "12 million" in failed.text
    assert (failed.verdict, failed.confidence, failed.evidence) == (None, None, [])
    assert failed.error
    assert (failed.error.kind, failed.error.message) == (
        "bad_reply",
        "no usable answer. Run again",
    )
    assert len(report.claims) == 3
    assert report.summary.failed == 1
    for claim in report.claims:
        assert (claim.status == "failed") == (claim.verdict is None)


@pytest.mark.parametrize(
    "fault",
    [ModelUnavailable("auth", "wrong key"), RuntimeError("a defect")],
    ids=["run", "defect"],
)
def test_a_fault_of_the_run_cancels_what_is_under_way_and_gives_the_library_back(
    word_library: Path, monkeypatch: pytest.MonkeyPatch, fault: Exception
) -> None:
    cancelled: list[str] = []

    async def rate(self: EmbeddedRater, claim: Claim, hits: Sequence[Hit]) -> list[Evidence]:
        if "12 million" in claim.text:
            await asyncio.sleep(0.01)
            raise fault
        try:
            await asyncio.sleep(60)
        except asyncio.CancelledError:
            cancelled.append(claim.id)
            raise
        return []

    monkeypatch.setattr(EmbeddedRater, "rate", rate)
    monkeypatch.setattr("agent.gathering._GRACE", 0.05)
    started = time.monotonic()
    with pytest.raises(type(fault)) as raised:
        FactChecker(word_library).check(text=ARTICLE)
    assert raised.value is fault
    assert time.monotonic() - started < 10
    assert cancelled == ["c1", "c3"]
    with Library.open(word_library, WordEmbedder(), write=True):
        pass


async def test_a_check_that_is_cancelled_gives_the_library_back(
    word_library: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rating = asyncio.Event()

    async def rate(self: EmbeddedRater, claim: Claim, hits: Sequence[Hit]) -> list[Evidence]:
        rating.set()
        await asyncio.sleep(60)
        return []

    monkeypatch.setattr(EmbeddedRater, "rate", rate)
    task = asyncio.create_task(FactChecker(word_library).acheck(text=ARTICLE))
    await rating.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    with Library.open(word_library, WordEmbedder(), write=True):
        pass
