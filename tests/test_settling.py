"""Figures whose magnitude is open: no conflict is called on magnitude alone."""

from __future__ import annotations

import pytest

from agent.compare.checks import findings
from agent.compare.settling import settled
from agent.rate.judge import EmbeddedJudge
from agent.rate.windows import Pair

OPEN, MILLION = "The city paid $25 cardinal for it.", "The city paid $25 million for it."


@pytest.mark.parametrize(
    ("text", "other", "read"),
    [
        (OPEN, MILLION, MILLION),
        (OPEN, "It cost $25 billion.", "The city paid $25 billion for it."),
        (OPEN, "It cost $31 million.", OPEN),  # 25 of neither magnitude
        (OPEN, OPEN, OPEN),
        (OPEN, "It cost 25 million kroner.", OPEN),
        (MILLION, OPEN, MILLION),
        ("The cardinal paid $25 million.", MILLION, "The cardinal paid $25 million."),
    ],
)
def test_an_open_magnitude_is_read_as_the_other_text_has_it(
    text: str, other: str, read: str
) -> None:
    assert settled(text, other) == read


@pytest.mark.parametrize(
    ("claim", "passage"),
    [
        ("Holm is paying Ida Moor $25 cardinal to settle a suit.",
         "Holm is paying Ida Moor $25 million to settle a suit."),
        ("Holm is paying Ida Moor $25 million to settle a suit.",
         "Holm is paying Ida Moor $25 cardinal to settle a suit."),
        ("The ferry app will reach 1 cardinal users this year.",
         "The ferry app will reach 1 billion users this year."),
    ],
)  # fmt: skip
def test_the_judge_calls_no_conflict_on_magnitude_alone(claim: str, passage: str) -> None:
    (judgement,) = EmbeddedJudge().judge([Pair(claim, passage)])
    assert judgement.probabilities[1] < 0.5


def test_no_figure_differs_by_a_power_of_a_thousand_where_a_magnitude_is_open() -> None:
    assert not [f for f in findings(MILLION.replace("million", "thousand"), OPEN)
                if f.relation == "differs"]  # fmt: skip


def test_a_figure_of_other_digits_still_differs() -> None:
    assert [f for f in findings("The city paid $31 million for it.", OPEN)
            if f.relation == "differs"]  # fmt: skip
