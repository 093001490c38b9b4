"""The suite `numbers` is whole, balanced, and gives nothing away.

These tests look at the data alone; what a judge makes of it is measured, not tested.
"""

from __future__ import annotations

import re
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

ROWS = rows_of("numbers")


def test_every_line_is_written_in_the_one_form() -> None:
    check_form("numbers")


def test_there_are_120_pairs_40_of_each_label() -> None:
    assert Counter(row["label"] for row in ROWS) == dict.fromkeys(VERDICTS, 40)


def test_the_readme_counts_the_families_as_they_are() -> None:
    assert promised_families("numbers") == families(ROWS)


def test_every_family_has_as_many_pairs_of_each_label() -> None:
    """So that the kind of figure tells nothing about the label."""
    for family, (supported, conflicting, unverifiable, _) in families(ROWS).items():
        assert supported == conflicting == unverifiable, family


@pytest.mark.parametrize("row", ROWS, ids=[row["id"] for row in ROWS])
def test_the_words_that_decide_are_in_the_evidence(row: Row) -> None:
    check_gold(row)


def test_no_two_pairs_are_near_duplicates() -> None:
    check_distinct(ROWS, alike=75)


def test_addresses_are_invented() -> None:
    check_invented_addresses(ROWS)


# Chance is 0.33; the standard error of such a share is 0.04.
def test_neither_the_claim_nor_the_evidence_alone_tells_the_label() -> None:
    assert guessed(ROWS, lambda row: row["claim"]) < 0.45
    assert guessed(ROWS, lambda row: " ".join(row["evidence"])) < 0.5


def test_a_figure_of_the_claim_in_the_evidence_tells_little() -> None:
    """Under each label there are claims whose figures all stand in the evidence, and others."""
    for label in VERDICTS:
        verbatim = [
            set(figures) <= set(re.findall(r"\d[\d.,]*\d|\d", " ".join(row["evidence"])))
            for row in ROWS
            if row["label"] == label and (figures := re.findall(r"\d[\d.,]*\d|\d", row["claim"]))
        ]
        assert 0.4 < sum(verbatim) / len(verbatim) < 0.65, label
