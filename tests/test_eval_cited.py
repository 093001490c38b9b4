"""What the check of an answer's sentences is worth."""

from __future__ import annotations

from evals.evidence.cited import become
from evals.samples import PairSample
from tests.chatting import FIFTEEN, TWELVE, Judge


async def test_sentences_are_counted_by_what_they_are_and_what_became_of_them() -> None:
    samples = [
        PairSample(id="1", claim=TWELVE, evidence=[TWELVE], label="supported"),
        PairSample(id="2", claim=TWELVE, evidence=[FIFTEEN, "It rains."], label="conflicting"),
        PairSample(id="3", claim="It is popular.", evidence=[FIFTEEN], label="unverifiable"),
        PairSample(id="4", claim="It is popular.", evidence=[FIFTEEN], label="disputed"),
    ]
    table = await become(samples, Judge())
    assert {label: dict(counts) for label, counts in table.items()} == {
        "supported": {"supported": 1},
        "conflicting": {"left out": 1},
        "unverifiable": {"unsupported": 1},
    }
