"""Where something of a passage stands."""

from __future__ import annotations

from itertools import permutations
from typing import cast

from agent.compare.placing import Place, Subject
from agent.compare.subjects import Sentence


def test_what_is_shared_is_the_same_to_the_last_bit_in_whatever_order_words_come() -> None:
    words = ("profit", "second", "quarter", "third")
    place = Place(Sentence(0, 0, ""), frozenset(words[:1]), frozenset(words))
    shares = {
        place.shared(Subject(frozenset(), cast(frozenset[str], order)))
        for order in permutations(words)
    }
    assert len(shares) == 1
