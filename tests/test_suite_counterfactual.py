"""The suite `counterfactual` is whole, balanced, and cannot be rated from memory.

These tests look at the data alone; what a judge makes of it is measured, not tested.
"""

from __future__ import annotations

import json
import unicodedata
from collections import Counter

import pytest

from agent.types import VERDICTS
from tests.suite_pairs import (
    Row,
    check_distinct,
    check_gold,
    check_invented_addresses,
    families,
    guessed,
    lines_of,
    promised_families,
    rows_of,
)

ROWS = rows_of("counterfactual")


def test_every_line_is_written_in_the_one_form() -> None:
    for number, line in enumerate(lines_of("counterfactual"), start=1):
        row = json.loads(line)
        assert line == json.dumps(row, ensure_ascii=False)
        assert list(row) == ["id", "claim", "evidence", "label", "meta"]
        assert list(row["meta"]) == ["family", "memory", "gold"]
        assert row["id"] == f"counterfactual-{number:03d}"
        for text in (row["claim"], *row["evidence"]):
            assert text == unicodedata.normalize("NFC", " ".join(text.split()))


def test_there_are_60_pairs_20_of_each_label() -> None:
    assert Counter(row["label"] for row in ROWS) == dict.fromkeys(VERDICTS, 20)


def test_the_readme_counts_the_families_as_they_are() -> None:
    assert promised_families("counterfactual") == families(ROWS)


def test_every_family_has_as_many_pairs_of_each_label() -> None:
    """So that the subject tells nothing about the label."""
    for family, (supported, conflicting, unverifiable, _) in families(ROWS).items():
        assert supported == conflicting == unverifiable, family


def test_memory_is_never_right() -> None:
    """Memory knows every claim: false where its source supports it, true everywhere else."""
    for row in ROWS:
        expected = "conflicting" if row["label"] == "supported" else "supported"
        assert row["meta"]["memory"] == expected, row["id"]


@pytest.mark.parametrize("row", ROWS, ids=[row["id"] for row in ROWS])
def test_the_words_that_decide_are_in_the_evidence(row: Row) -> None:
    check_gold(row)


def test_the_words_that_decide_stand_at_the_beginning_in_the_middle_and_at_the_end() -> None:
    middles = [
        (gold["start"] + gold["end"]) / 2 / len(row["evidence"][0])
        for row in ROWS
        if (gold := row["meta"]["gold"])
    ]
    thirds = Counter(int(middle * 3) for middle in middles)
    assert set(thirds) == {0, 1, 2}
    assert min(thirds.values()) >= 0.2 * len(middles)


def test_a_source_is_one_text_of_40_to_90_words() -> None:
    for row in ROWS:
        (text,) = row["evidence"]
        assert 40 <= len(text.split()) <= 90, row["id"]


def test_no_two_pairs_are_near_duplicates() -> None:
    check_distinct(ROWS, alike=75)


def test_addresses_are_invented() -> None:
    check_invented_addresses(ROWS)


def test_words_alone_do_not_tell_the_label() -> None:
    assert guessed(ROWS, lambda row: row["claim"]) < 0.45
    assert guessed(ROWS, lambda row: " ".join(row["evidence"])) < 0.45


def test_claims_that_deny_something_occur_under_each_label() -> None:
    denying = {"no", "not", "never", "cannot"}
    labels = {row["label"] for row in ROWS if denying & set(row["claim"].lower().split())}
    assert labels == set(VERDICTS)
