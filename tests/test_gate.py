"""Which passages the network is not asked about, and what is said of them all the same."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agent.check import FactChecker
from agent.rate.embedded import EmbeddedRater, pair_of
from agent.rate.gate import NEAR, is_far, nearest_sentence, of_far
from agent.rate.judge import EmbeddedJudge, Judgement
from agent.rate.windows import Pair, Reading
from evals.judge.gate import duels, shown, weighed
from evals.judge.judged import Asked
from evals.performance.stages import watched
from tests.conftest import EXAMPLE
from tests.test_rate import claim, hit

CLAIM = "Skarra Line had revenue of €5 million in 2025."
FAR = "The harbour was painted green. Skarra has two cinemas, and a museum of clocks."
FAR_BY_COSINE = NEAR - 0.1


class CountingJudge(EmbeddedJudge):
    """Keeps which passages the network was asked about."""

    def __init__(self) -> None:
        self.read_texts: list[str] = []

    def read(
        self, pairs: Sequence[Pair], on_done: Callable[[int], None] | None = None
    ) -> list[Reading]:
        self.read_texts += [pair.passage for pair in pairs if pair.passage]
        return super().read(pairs, on_done)


@pytest.fixture(scope="module")
def judge() -> CountingJudge:
    return CountingJudge()


def judged(judge: CountingJudge, *pairs: Pair) -> tuple[list[Judgement], list[str]]:
    judge.read_texts.clear()
    return judge.judge(pairs), list(judge.read_texts)


def test_a_far_passage_is_not_read_and_decides_nothing(judge: CountingJudge) -> None:
    (told,), read = judged(judge, Pair(CLAIM, FAR, similarity=FAR_BY_COSINE))
    assert read == []
    assert told.ruling is None
    assert max(told.probabilities) == told.probabilities[2]
    assert FAR[slice(*told.support)] == "Skarra has two cinemas, and a museum of clocks."


@pytest.mark.parametrize("similarity", [None, NEAR, 1.0])
def test_what_is_near_in_meaning_or_was_given_is_read(
    judge: CountingJudge, similarity: float | None
) -> None:
    _, read = judged(judge, Pair(CLAIM, FAR, similarity=similarity))
    assert read == [FAR]


def test_what_is_near_in_words_is_read(judge: CountingJudge) -> None:
    passage = "Revenue of the Skarra Line fell."
    assert not is_far(CLAIM, passage, -1.0)
    _, read = judged(judge, Pair(CLAIM, passage, similarity=-1.0))
    assert read == [passage]


@pytest.mark.parametrize(
    ("stated", "passage", "verdict"),
    [
        (
            "“We will not raise taxes,” Vantreau said after visiting the fair, the harbour, the "
            "museum and the school.",
            "Vantreau said: “We will now raise taxes.”",
            "conflicting",
        ),
        (
            "20,000 spectators watched the Lake Orrin Marathon of 2026.",
            "The loudest cheers were for the last to finish. The police counted 60,000 spectators "
            "along the lake.",
            "conflicting",
        ),
    ],
)
def test_what_is_computed_decides_however_far_a_passage_is(
    judge: CountingJudge, stated: str, passage: str, verdict: str
) -> None:
    pair = Pair(stated, passage, setting="The Lake Orrin Marathon of 2026", similarity=-1.0)
    assert is_far(stated, passage, -1.0)
    (told,), read = judged(judge, pair)
    (whole,), _ = judged(judge, replace(pair, similarity=None))
    assert read == []
    assert told.ruling and whole.ruling
    assert told.ruling.verdict == whole.ruling.verdict == verdict
    assert told.ruling.finding == whole.ruling.finding


def test_a_far_passage_in_another_language_is_said_to_be_in_one(judge: CountingJudge) -> None:
    passage = "Der Hafen wurde im Frühjahr grün gestrichen, und niemand hat sich beschwert."
    (told,), _ = judged(judge, Pair(CLAIM, passage, similarity=0.1))
    assert told.unread and "German" in told.unread


def test_a_far_passage_is_told_the_same_alone_and_in_company(judge: CountingJudge) -> None:
    pairs = [
        Pair(CLAIM, FAR, similarity=FAR_BY_COSINE),
        Pair(CLAIM, "Skarra Line had revenue of €5 million in 2025.", similarity=0.9),
        Pair(CLAIM, f"\u200b{FAR}", similarity=0.2),
    ]
    together, _ = judged(judge, *pairs)
    assert [judged(judge, pair)[0][0] for pair in pairs] == together
    assert judged(judge, *pairs[::-1])[0] == together[::-1]


def test_everything_is_read_unless_the_rater_may_skip(judge: CountingJudge) -> None:
    far = hit(FAR, 0).model_copy(update={"score": FAR_BY_COSINE})
    judge.read_texts.clear()
    asyncio.run(EmbeddedRater(judge).rate(claim(CLAIM), [far]))
    assert judge.read_texts == [FAR]
    judge.read_texts.clear()
    (item,) = asyncio.run(EmbeddedRater(judge, skips_far=True).rate(claim(CLAIM), [far]))
    assert judge.read_texts == []
    assert (item.stance, item.note) == ("neutral", None)


@given(st.floats(-1, 1), st.floats(-1, 1))
def test_of_far_passages_the_nearer_is_likelier_to_decide(one: float, other: float) -> None:
    told = of_far(one)
    assert sum(told) == pytest.approx(1)
    assert all(0 <= p <= 1 for p in told)
    if one > other:
        assert told[2] <= of_far(other)[2]


@given(st.text(max_size=200), st.text(max_size=200))
@settings(max_examples=50)
def test_the_sentence_that_is_quoted_stands_in_the_passage(stated: str, passage: str) -> None:
    start, end = nearest_sentence(stated, passage)
    assert 0 <= start <= end <= len(passage)
    assert (start < end) == bool(passage.strip())


def test_verdicts_on_the_example_are_the_same_with_and_without_the_gate(
    example_library: Path,
) -> None:
    article = (EXAMPLE / "articles/harbour-line.md").read_text(encoding="utf-8")[:450]
    checker = FactChecker(example_library)
    skipping = checker.check(text=article)
    checker.judges.skips_far = False
    reading = checker.check(text=article)
    assert [claim.verdict for claim in skipping.claims] == [c.verdict for c in reading.claims]


def test_what_the_gate_costs_is_measured_by_claim(judge: CountingJudge) -> None:
    far = hit(FAR, 0).model_copy(update={"score": FAR_BY_COSINE})
    near = hit(f"It is said that {CLAIM}", 0)
    stated = claim(CLAIM)
    pairs = tuple(pair_of(stated, found) for found in (far, near))
    question = Asked(stated, "supported", "a", pairs, (far, near), searched=2)
    told = weighed(question, EmbeddedRater(judge))
    assert (told.whole, told.gated) == ("supported", "supported")
    assert (told.decided, told.lost) == (1, 0)
    assert 0 < told.read < told.windows
    assert [cosine for cosine, _ in told.far] == [FAR_BY_COSINE]
    assert "| 1 → 1 |" in shown("one", [told])


def test_where_the_time_of_a_check_goes_is_told_by_stage(word_library: Path) -> None:
    judge = EmbeddedJudge.judge
    with watched() as stages:
        FactChecker(word_library).check(text="The Tallis Bridge cost 15 million euros.")
    assert {"split", "search", "network", "rules", "decide", "report"} <= set(stages.seconds)
    assert 0 < stages.passages <= stages.windows
    assert "windows read" in stages.shown(1)
    assert EmbeddedJudge.judge is judge


def test_what_has_to_do_with_an_unopposed_support_is_read_after_all() -> None:
    (opposed,) = [q for q in duels() if q.claim.text == "The factory will stay open."]
    told = weighed(opposed, EmbeddedRater())
    assert told.whole == told.gated == "conflicting"
