"""The first and the only of a kind: passages that do not say so cannot support it."""

from __future__ import annotations

import pytest

from agent.compare.checks import findings
from agent.compare.uniqueness import untold_uniqueness

FIRST = "Ada Holm was the first woman to row to Skell."
ONLY = "The Marl ferry is the only ferry on the lake."


@pytest.mark.parametrize(
    ("claim", "passage"),
    [
        (FIRST, "Ada Holm rowed to Skell in 1931."),
        (FIRST, "Ada Holm's first boat took her to Skell."),
        (FIRST, "Ada Holm's boat, which was first painted in 1931, took her to Skell."),
        (ONLY, "The Marl ferry crosses the lake twice a day."),
        (ONLY, "The Marl ferry had its first passengers on the lake in May."),
        ("Tern is the first probe sent to Keel.", "The probe Tern has sent its first pictures."),
    ],
)
def test_a_passage_that_does_not_say_so_cannot_support_it(claim: str, passage: str) -> None:
    untold = untold_uniqueness(claim, passage)
    assert untold is not None
    assert untold.elsewhere
    assert untold in findings(claim, passage)


@pytest.mark.parametrize(
    ("claim", "passage"),
    [
        (FIRST, "Ada Holm was first to row to Skell."),
        (FIRST, "Ada Holm rowed to Skell in 1931, the first woman who dared."),
        (FIRST, "No woman had rowed to Skell before Ada Holm."),
        (FIRST, "Ada Holm was the second woman to row to Skell, after the first in 1920."),
        (ONLY, "The Marl ferry alone crosses the lake."),
        (ONLY, "There is no ferry on the lake but the one from Marl."),
        ("Ada Holm rowed to Skell first.", "Ada Holm rowed to Skell in 1931."),
        ("Ada Holm is the only one to row faster than Brey.", "Holm 31 s, Brey 33 s, Corve 34 s."),
        ("It was the first time that Ada Holm rowed.", "Ada Holm rowed in 1931."),
    ],
)
def test_other_words_for_it_are_left_to_the_judge(claim: str, passage: str) -> None:
    assert untold_uniqueness(claim, passage) is None
