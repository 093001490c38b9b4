"""What holds for the shipped suites of pairs that are written in one form.

These tests look at the data alone; what a judge makes of it is measured, not tested.
"""

from __future__ import annotations

from collections import Counter

import pytest

from agent.types import VERDICTS
from tests.suite_pairs import (
    Row,
    check_distinct,
    check_form,
    check_gold,
    check_invented_addresses,
    families,
    guessed,
    promised_families,
    rows_of,
)

SIZES = {"numbers": 120, "quotes": 60}
ROWS = [row for suite in SIZES for row in rows_of(suite)]


@pytest.fixture(params=SIZES)
def suite(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def test_every_line_is_written_in_the_one_form(suite: str) -> None:
    check_form(suite)


def test_there_are_as_many_pairs_of_each_label(suite: str) -> None:
    labels = Counter(row["label"] for row in rows_of(suite))
    assert labels == dict.fromkeys(VERDICTS, SIZES[suite] // 3)


def test_the_readme_counts_the_families_as_they_are(suite: str) -> None:
    assert promised_families(suite) == families(rows_of(suite))


@pytest.mark.parametrize("row", ROWS, ids=[row["id"] for row in ROWS])
def test_the_words_that_decide_are_in_the_evidence(row: Row) -> None:
    check_gold(row)


def test_no_two_pairs_are_near_duplicates(suite: str) -> None:
    check_distinct(rows_of(suite), alike=75)


def test_addresses_are_invented(suite: str) -> None:
    check_invented_addresses(rows_of(suite))


# Chance is 0.33; the standard error of such a share is 0.04 for 120 pairs, 0.06 for 60.
def test_the_claim_alone_does_not_tell_the_label(suite: str) -> None:
    assert guessed(rows_of(suite), lambda row: row["claim"]) < 0.45
