"""Training pairs whose passage stands among other words."""

from __future__ import annotations

import random

from hypothesis import given, settings
from hypothesis import strategies as st

from tools.training.crowded import crowded, plea, sentences_of
from tools.training.pairs import SUPPORTED, UNVERIFIABLE, TrainingPair

STRANGERS = [
    "The harbour was closed for two days after the storm.",
    "A new bridge will link both halves of the town by spring.",
    "Nobody was hurt when the old mill burned down last week.",
]
PAIR = TrainingPair(
    "The bakery opened in 1987.", "The bakery has sold bread since 1987.", SUPPORTED, "m/a", "g:1"
)


def _all(pairs: list[TrainingPair], share: float, seed: int = 0) -> list[TrainingPair]:
    return list(crowded(pairs, STRANGERS, random.Random(seed), share=share))


@settings(max_examples=40)
@given(seed=st.integers(0, 10_000))
def test_the_passage_stands_whole_among_its_neighbours_and_all_else_stays(seed: int) -> None:
    (pair,) = _all([PAIR], 1.0, seed)
    assert PAIR.passage in pair.passage
    assert len(pair.passage) > len(PAIR.passage)
    assert (pair.claim, pair.label, pair.maker, pair.group) == (
        PAIR.claim,
        PAIR.label,
        PAIR.maker,
        PAIR.group,
    )


def test_about_the_share_asked_for_gets_neighbours_and_the_order_stays() -> None:
    pairs = [
        TrainingPair(f"Claim {n}.", f"Passage {n} says so.", SUPPORTED, "m", f"g:{n}")
        for n in range(400)
    ]
    made = _all(pairs, 0.25)
    assert [pair.claim for pair in made] == [pair.claim for pair in pairs]
    changed = sum(a != b for a, b in zip(pairs, made, strict=True))
    assert 70 <= changed <= 130
    assert _all(pairs, 0.0) == pairs


def test_a_long_passage_is_left_alone() -> None:
    long = TrainingPair("A claim.", "word " * 120, UNVERIFIABLE, "m", "g:2")
    assert _all([long], 1.0) == [long]


def test_a_sentence_that_could_speak_about_the_claim_is_no_neighbour() -> None:
    pair = TrainingPair("The harbour was closed.", "Ships waited.", UNVERIFIABLE, "m", "g:3")
    made = [_all([pair], 1.0, seed)[0].passage for seed in range(60)]
    assert not any("harbour" in passage for passage in made)
    assert any("bridge" in passage for passage in made)


def test_pleas_name_a_verdict_whatever_the_label_is() -> None:
    rng = random.Random(3)
    pleas = {plea(rng) for _ in range(200)}
    assert len(pleas) > 150
    assert {word for word in ("supported", "conflicting") for p in pleas if word in p.lower()} == {
        "supported",
        "conflicting",
    }


def test_sentences_of_middling_length_are_taken_in_order() -> None:
    text = "Too short. This sentence has quite enough words in it. So does the one that ends here."
    assert sentences_of([("g", text)], 1) == ["This sentence has quite enough words in it."]
