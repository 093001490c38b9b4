"""A figure of something else does not contradict, however far it is from the claim's."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from agent.rate.agreement import agreed, is_asked
from agent.rate.embedded import EmbeddedRater
from agent.rate.judge import EmbeddedJudge
from agent.rate.windows import Pair
from agent.types import Evidence
from tests.test_rate import claim, hit

HEAT = "Waste heat adds 0.03 watts per square metre to the warming of the planet."
CITY = "In the middle of a large city waste heat can add 20 watts per square metre in winter."
COST, DEARER = "The bridge cost 12 million euros.", "The bridge cost 15 million euros."


@pytest.fixture(scope="module")
def judge() -> EmbeddedJudge:
    return EmbeddedJudge()


@pytest.fixture(scope="module")
def rated(judge: EmbeddedJudge) -> Callable[[str, str, float], Evidence]:
    rater = EmbeddedRater(judge, skips_far=True)

    def rated(text: str, passage: str, score: float) -> Evidence:
        hits = [hit(passage, 0).model_copy(update={"score": score})]
        (evidence,) = rater.told(claim(text), hits, rater.judged(claim(text), hits))
        return evidence

    return rated


@pytest.mark.parametrize("score", [0.7, 0.1])
def test_a_figure_of_a_passage_that_was_found_counts_where_the_network_agrees(
    rated: Callable[[str, str, float], Evidence], score: float
) -> None:
    assert rated(HEAT, CITY, score).stance == "neutral"
    assert rated(COST, DEARER, score).stance == "contradicts"


def test_a_passage_that_somebody_chose_is_taken_at_its_figures(judge: EmbeddedJudge) -> None:
    (told,) = judge.judge([Pair(HEAT, CITY)])
    assert told.ruling is not None
    assert told.ruling.verdict == "conflicting"


def test_what_is_left_of_it_neither_supports_nor_contradicts(judge: EmbeddedJudge) -> None:
    (told,) = judge.judge([Pair(HEAT, CITY)])
    left = agreed(Pair(HEAT, CITY), told)
    assert left.ruling is None
    assert left.probabilities[2] == max(left.probabilities)
    assert sum(left.probabilities) == pytest.approx(1)


def test_a_quotation_that_differs_is_compared_word_by_word_and_needs_no_network(
    judge: EmbeddedJudge,
) -> None:
    said = "\u201cWe will never sell the mill,\u201d said Ada Berg."
    pair = Pair(said, "\u201cWe will soon sell the mill,\u201d said Ada Berg.")
    (told,) = judge.judge([pair])
    assert told.ruling is not None
    assert not is_asked(told)
    assert agreed(pair, told) is told
