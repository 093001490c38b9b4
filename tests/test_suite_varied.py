"""The suite `varied` is whole, balanced in both halves, and cannot be guessed.

These tests look at the data alone; what a judge makes of it is measured, not tested.
"""

from __future__ import annotations

from collections import Counter

from tests.suite_pairs import (
    check_distinct,
    check_form,
    check_invented_addresses,
    families,
    guessed,
    promised_families,
    rows_of,
)

ROWS = rows_of("varied")


def test_every_line_is_written_in_the_one_form() -> None:
    check_form("varied", meta=("family", "half"))


def test_the_readme_counts_the_families_as_they_are() -> None:
    assert promised_families("varied") == families(ROWS)


def test_both_halves_have_as_many_of_each_family() -> None:
    for half in ("open", "shut"):
        counts = Counter(row["meta"]["family"] for row in ROWS if row["meta"]["half"] == half)
        assert set(counts.values()) == {20}
        assert len(counts) == 8


def test_no_pair_is_like_another() -> None:
    check_distinct(ROWS, alike=85)


def test_addresses_are_invented() -> None:
    check_invented_addresses(ROWS)


def test_words_alone_do_not_tell_the_label() -> None:
    assert guessed(ROWS, lambda row: str(row["claim"])) < 0.42
    assert guessed(ROWS, lambda row: " ".join(row["evidence"])) < 0.42
