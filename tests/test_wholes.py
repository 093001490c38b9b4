"""What is told of all of a kind says nothing of all: `nearly every new house`."""

from __future__ import annotations

import pytest

from agent.compare.checks import findings

HOUSES = "Nearly every house in Brae has a solar panel."
PATIENTS = "All patients recovered within a week."


@pytest.mark.parametrize(
    ("claim", "passage"),
    [
        (HOUSES, "Nearly every new house in Brae has a solar panel."),
        (PATIENTS, "All younger patients recovered within a week."),
        ("Most members voted for the plan.", "Most older members voted for the plan."),
        ("No schools were closed.", "No primary schools were closed."),
    ],
)
def test_what_is_told_of_some_kind_does_not_support_it_of_all(claim: str, passage: str) -> None:
    assert any(finding.elsewhere for finding in findings(claim, passage))


@pytest.mark.parametrize(
    ("claim", "passage"),
    [
        (HOUSES, "Nearly every single house in Brae has a solar panel."),
        (PATIENTS, "All 60 patients recovered within a week."),
        (PATIENTS, "All of the patients recovered, and all younger patients in a day."),
        ("All younger patients recovered.", "All younger patients recovered within a week."),
        ("Every other house was empty.", "Every other house was empty."),
    ],
)
def test_what_is_told_of_all_is_left_to_the_judge(claim: str, passage: str) -> None:
    assert not any(finding.elsewhere for finding in findings(claim, passage))
