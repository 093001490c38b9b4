"""The suite `quotes` holds quotations of every kind under each label.

What every suite of pairs obeys stands in `test_suite_pairs.py`.
"""

from __future__ import annotations

import re

import pytest

from agent.types import VERDICTS
from tests.suite_pairs import Row, rows_of

ROWS = rows_of("quotes")
QUOTATION = re.compile(r"“[^”]+”|\"[^\"]+\"|‘[^’]+’(?!\w)")
STYLES = {"“": "curly", '"': "straight", "‘": "single"}


def quotations(row: Row) -> list[str]:
    """What the claim puts between marks, without the marks."""
    return [match[1:-1] for match in QUOTATION.findall(row["claim"])]


def words(text: str) -> str:
    return " ".join(re.findall(r"\w+", text.lower()))


def of_family(*names: str) -> list[Row]:
    return [row for row in ROWS if row["meta"]["family"] in names]


def test_each_label_has_claims_in_every_kind_of_marks_and_in_none() -> None:
    for label in VERDICTS:
        claims = [row["claim"] for row in ROWS if row["label"] == label]
        styles = {
            STYLES[match[0][0]] if (match := QUOTATION.search(claim)) else "none"
            for claim in claims
        }
        assert styles >= {"curly", "straight", "single", "none"}, label


def test_each_label_has_claims_that_negate() -> None:
    for label in VERDICTS:
        claims = [row["claim"] for row in ROWS if row["label"] == label]
        assert sum(bool(re.search(r"\b(?:not|no|never|none|nobody)\b", c)) for c in claims) >= 4


@pytest.mark.parametrize("row", of_family("absent", "extended"), ids=lambda row: row["id"])
def test_an_absent_quotation_is_not_in_the_evidence(row: Row) -> None:
    evidence = words(" ".join(row["evidence"]))
    assert quotations(row)
    assert all(words(quotation) not in evidence for quotation in quotations(row))


@pytest.mark.parametrize("row", of_family("trimmed", "misattributed"), ids=lambda row: row["id"])
def test_cut_and_misattributed_words_are_in_the_evidence(row: Row) -> None:
    """So that looking the words up is not enough to find the conflict."""
    evidence = words(" ".join(row["evidence"]))
    parts = [part for quotation in quotations(row) for part in quotation.split("[…]")]
    assert parts
    assert all(words(part) in evidence for part in parts)


@pytest.mark.parametrize("row", of_family("altered"), ids=lambda row: row["id"])
def test_an_altered_quotation_differs_by_one_word(row: Row) -> None:
    (quotation,) = quotations(row)
    claimed = words(quotation).split()
    said = words(" ".join(row["evidence"])).split()
    differences = [
        sum(a != b for a, b in zip(claimed, said[i : i + len(claimed)], strict=True))
        for i in range(len(said) - len(claimed) + 1)
    ]
    assert min(differences) == 1
