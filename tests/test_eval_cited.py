"""What the check of an answer's sentences is worth."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from evals.evidence.cited import become, wilson
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


@given(st.integers(0, 50), st.integers(0, 50))
def test_the_interval_of_a_share_holds_the_share(part: int, rest: int) -> None:
    low, high = wilson(part, part + rest)
    share = part / (part + rest) if part + rest else 0.5
    assert 0 <= low <= share + 1e-9
    assert share - 1e-9 <= high <= 1
