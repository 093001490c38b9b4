"""Texts that tempt a pattern are read to their end; `growth.py` measures how long it takes."""

from __future__ import annotations

import pytest

from evals.performance.growth import SKILLS, measure, text_of


@pytest.mark.timeout(20)
@pytest.mark.parametrize("skill", SKILLS)
def test_a_text_that_tempts_a_pattern_is_read_to_its_end(skill: str) -> None:
    for piece in SKILLS[skill].pieces:
        SKILLS[skill].read(text_of(piece, 3_000))


def test_a_text_is_as_long_as_asked_for() -> None:
    assert text_of("ab", 5) == "ababa"


def test_growth_has_a_time_for_each_length() -> None:
    growth = measure("clock", "9:30", [100, 200, 400])
    assert len(growth.seconds) == 3
    assert growth.exponent == 0.0
