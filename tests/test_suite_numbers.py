"""The suite `numbers` is balanced in all its families and gives nothing away.

What every suite of pairs obeys stands in `test_suite_pairs.py`.
"""

from __future__ import annotations

import re

from agent.types import VERDICTS
from tests.suite_pairs import families, guessed, rows_of

ROWS = rows_of("numbers")


def test_every_family_has_as_many_pairs_of_each_label() -> None:
    """So that the kind of figure tells nothing about the label."""
    for family, (supported, conflicting, unverifiable, _) in families(ROWS).items():
        assert supported == conflicting == unverifiable, family


# Chance is 0.33; the standard error of such a share is 0.04.
def test_the_evidence_alone_does_not_tell_the_label() -> None:
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
