"""What a passage says is not known, and what it says of that all the same."""

from __future__ import annotations

import pytest

from agent.compare.subjects import Sentence
from agent.compare.unknowns import unknown
from tools.text.sentences import sentence_spans

Pair = tuple[str, str]

UNKNOWN: list[Pair] = [
    ("Kiros did not write the letter.",
     "The letter bears his name. Experts disagree about who wrote it."),
    ("Kiros wrote the letter.", "Who wrote the letter, which bears his name, is unknown."),
    ("Solheim resigned over the death of the seals.",
     "Solheim has resigned from the aquarium, where five seals died. She gave no reasons."),
    ("The brewery paid 4 million for the barn.",
     "The brewery did not say what it paid for the barn."),
    ("The fire was caused by a heater.", "The cause of the fire in the mill is still not known."),
]  # fmt: skip
TOLD: list[Pair] = [
    ("The mill dismissed its head.", "The mill refused to comment after it dismissed its head."),
    ("The council banned the spray.",
     "Farmers who did not know that the council had banned the spray went on using it."),
    ("Kiros wrote the letter.", "Kiros wrote the letter. It is not known when he wrote it."),
    ("Five seals died in the aquarium.", "Five seals died in the aquarium. She gave no reasons."),
    ("The mill burned down.",
     "The mill burned down, but it is unclear whether anybody lived there."),
    ("The brewery bought the barn.", "The brewery bought the barn; it did not say for how much."),
    ("It is not known who wrote the letter.", "It is unclear who wrote the letter."),
]  # fmt: skip


def of(pair: Pair) -> list[bool]:
    claim, passage = pair
    sentences = [Sentence(s, e, passage[s:e]) for s, e in sentence_spans(passage)]
    return [found.elsewhere for found in unknown(claim, sentences)]


@pytest.mark.parametrize("pair", UNKNOWN, ids=lambda pair: pair[1])
def test_what_a_passage_calls_unknown_it_does_not_support(pair: Pair) -> None:
    assert of(pair) == [True]


@pytest.mark.parametrize("pair", TOLD, ids=lambda pair: pair[1])
def test_what_is_told_beside_something_unknown_may_be_supported(pair: Pair) -> None:
    assert of(pair) == []
