"""The embedded judge: probabilities, windows, and that no pair depends on another."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import agent.rate.calibration as calibration_module
from agent.compare.ruling import RULES
from agent.rate.calibration import FEATURES, Calibration
from agent.rate.judge import EmbeddedJudge, Judgement
from agent.rate.windows import Pair, Reading, telling, windows_of
from agent.types import VERDICTS

PAIRS = [
    Pair("Revenue was €5 million.", "Skarra Line had revenue of €5 million. It owns nine ships."),
    Pair("Revenue was €5 million.", "Revenue was €7 million. It owns nine ships."),
    Pair("The bridge is open.", ""),
    Pair("The bridge is open.", " \n "),
    Pair("The bridge is open.", "Boats come and go here all day long. " * 120),
    Pair("", "Boats come and go."),
    Pair("Nan bridge", "nan bridge is unfastened", spun=True),
    Pair(
        "The mayor said: “We will not raise any taxes now.”", "“We will now raise any taxes now.”"
    ),
]


@pytest.fixture(scope="module")
def judge() -> EmbeddedJudge:
    return EmbeddedJudge()


@pytest.fixture(scope="module")
def judgements(judge: EmbeddedJudge) -> list[Judgement]:
    return judge.judge(PAIRS)


def test_probabilities_are_probabilities(judgements: list[Judgement]) -> None:
    for judgement in judgements:
        assert len(judgement.probabilities) == len(VERDICTS)
        assert all(0 <= p <= 1 for p in judgement.probabilities)
        assert sum(judgement.probabilities) == pytest.approx(1)


def test_a_pair_is_judged_the_same_alone_and_in_any_order(
    judge: EmbeddedJudge, judgements: list[Judgement]
) -> None:
    for pair, together in zip(PAIRS[:4], judgements, strict=False):
        (alone,) = judge.judge([pair])
        np.testing.assert_allclose(alone.features, together.features, atol=1e-5)
        assert (alone.support, alone.conflict) == (together.support, together.conflict)
        assert alone.findings == together.findings
    backwards = judge.judge(PAIRS[::-1])[::-1]
    for one, other in zip(backwards, judgements, strict=True):
        np.testing.assert_allclose(one.probabilities, other.probabilities, atol=1e-6)


def test_what_is_quoted_is_a_sentence_of_the_passage(judgements: list[Judgement]) -> None:
    first = PAIRS[0].passage[slice(*judgements[0].support)]
    assert first == "Skarra Line had revenue of €5 million."
    assert PAIRS[1].passage[slice(*judgements[1].conflict)] == "Revenue was €7 million."
    for pair, judgement in zip(PAIRS, judgements, strict=True):
        for start, end in (judgement.support, judgement.conflict):
            assert 0 <= start <= end <= len(pair.passage)


@pytest.mark.parametrize("number", [2, 3])
def test_an_empty_passage_decides_nothing(judgements: list[Judgement], number: int) -> None:
    assert judgements[number].probabilities == (0.0, 0.0, 1.0)
    assert judgements[number].support == (0, 0)


def test_no_pair_no_judgement(judge: EmbeddedJudge) -> None:
    assert judge.judge([]) == []


def test_every_pair_is_counted_when_it_is_finished(judge: EmbeddedJudge) -> None:
    counts: list[int] = []
    judge.judge(PAIRS, counts.append)
    assert sum(counts) == len(PAIRS)


def test_windows_are_the_sentences_and_stretches_around_them() -> None:
    passage = "One boat came. Two boats left.\n\n" + f"The harbour was {'quite ' * 30}quiet. " * 5
    windows, readings = windows_of(Pair("The harbour is quiet.", passage))
    assert len(readings) == len(windows)
    texts = [passage[w.start : w.end] for w in windows]
    assert texts[:2] == ["One boat came.", "Two boats left."]
    assert all(text == text.strip() and text for text in texts)
    assert any(len(text.split()) > 50 for text in texts)
    assert all(len(text.split()) <= 100 for text in texts)
    assert len({(w.start, w.end) for w in windows}) == len(windows)


def test_of_a_long_passage_the_windows_nearest_to_the_claim_are_read() -> None:
    filler = "Visitors like the small cafés of the town. " * 60
    answer = "The ferry Skarra was built in Orrisholm. "
    passage = filler + answer + filler
    windows, readings = windows_of(Pair("The ferry Skarra was built in Orrisholm.", passage))
    assert len(windows) <= 12
    assert answer.strip() in readings
    assert [w.start for w in windows if w.sentence] == sorted(
        w.start for w in windows if w.sentence
    )
    assert any(
        answer.strip() in text for w, text in zip(windows, readings, strict=True) if not w.sentence
    )


def test_a_whole_is_read_without_scraps_and_beside_what_was_cut_without_what_is_apart() -> None:
    claim = "The ferry to Skarn is free."
    passage = "Timetable\n\nThe ferry to Skarn costs nothing. Snow fell. It runs all year."
    for cut, read in (
        (False, "The ferry to Skarn costs nothing. Snow fell. It runs all year."),
        (True, "The ferry to Skarn costs nothing. It runs all year."),
    ):
        windows, texts = windows_of(Pair(claim, passage, cut=cut))
        wholes = [t for w, t in zip(windows, texts, strict=True) if not w.sentence]
        assert [" ".join(text.split()) for text in wholes] == [read]
        assert {"Timetable", "Snow fell."} < set(texts)  # each is still read alone


def test_a_whole_is_read_without_short_paragraphs_of_something_else() -> None:
    passage = "The ferry to Skarn costs nothing.\n\nSnow fell in Orm.\n\nIt was built in Norra."
    long = "Snow fell in the hills above Orm and on the roads beyond."
    for text, left_out in ((passage, True), (passage.replace("Snow fell in Orm.", long), False)):
        windows, texts = windows_of(Pair("The ferry to Skarn is free.", text))
        (whole,) = [t for w, t in zip(windows, texts, strict=True) if not w.sentence]
        assert ("Snow" not in whole) == left_out
        assert "It was built" in whole


def test_a_whole_that_has_nothing_of_the_claim_is_read_as_it_is() -> None:
    _, texts = windows_of(Pair("Ada Berg resigned.", "Snow fell. Rain came.", cut=True))
    assert texts == ["Snow fell.", "Rain came.", "Snow fell. Rain came."]


def test_a_long_passage_hides_no_short_answer(judge: EmbeddedJudge) -> None:
    answer = "The ferry Skarra was built in the shipyard of Orrisholm. "
    filler = "Visitors like the harbour and its small cafés. " * 30
    claim = "The ferry Skarra was built in Orrisholm."
    short, hidden = judge.judge([Pair(claim, answer), Pair(claim, filler + answer + filler)])
    start, end = hidden.support
    assert (filler + answer + filler)[start:end] == answer.strip()
    assert hidden.probabilities[0] > 0.5 * short.probabilities[0]


def test_calibration_is_for_the_features_there_are(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    calibration = Calibration.load()
    assert calibration.weights.shape == (3, len(FEATURES))
    assert calibration.precision.keys() == set(RULES)
    stale = tmp_path / "calibration.json"
    stale.write_text(json.dumps({"features": ["other"], "weights": [], "bias": []}))
    monkeypatch.setattr(calibration_module, "CALIBRATION", stale)
    with pytest.raises(ValueError, match="other features"):
        Calibration.load()


def test_extreme_features_still_give_probabilities() -> None:
    for value in (-1e3, 1e3):
        probabilities = Calibration.load().apply([value] * len(FEATURES))
        assert sum(probabilities) == pytest.approx(1)
        assert all(0 <= p <= 1 for p in probabilities)


def reading_of(*said: tuple[str, float, float]) -> tuple[str, Reading]:
    """A passage, and a reading of it with the probabilities of support and conflict of each of
    its sentences."""
    passage = " ".join(text for text, _, _ in said)
    windows, texts = windows_of(Pair("", passage))
    rows = [(s, c, 1 - s - c) for _, s, c in said]
    rows += [(0.3, 0.3, 0.4)] * (len(windows) - len(rows))
    return passage, Reading(tuple(windows), tuple(texts), np.log(np.array(rows)))


def told(claim: str, *said: tuple[str, float, float]) -> tuple[str, str]:
    passage, reading = reading_of(*said)
    support, conflict = telling(claim, reading)
    return passage[slice(*support)], passage[slice(*conflict)]


OPEN, SHUT = "The bridge at Holm is open.", "The bridge at Holm is shut."


def test_each_side_is_quoted_by_the_sentence_that_takes_it() -> None:
    assert told(OPEN, (OPEN, 0.9, 0.05), (SHUT, 0.05, 0.9)) == (OPEN, SHUT)


def test_a_denial_in_the_claim_s_words_is_not_quoted_for_it() -> None:
    denial, other_words = "The bridge at Holm is not open.", "Since May, cars cross at Holm again."
    quotes = told(OPEN, (denial, 0.05, 0.9), (other_words, 0.6, 0.05))
    assert quotes == (other_words, denial)


def test_what_decides_for_the_other_side_is_nearer_than_what_does_not_decide() -> None:
    aside = "The bridge at Holm is painted."
    assert told(OPEN, (aside, 0.01, 0.01), (SHUT, 0.01, 0.9)) == (SHUT, SHUT)


def test_where_no_sentence_decides_the_one_most_alike_is_quoted() -> None:
    long = (
        "On the road from Orrisholm to the bridge at Holm, where the ferry used to land, the old "
        "inn is open to guests who come by bicycle in the summer."
    )
    near = "Holm's bridge is open."
    said = ((long, 0.01, 0.01), (near, 0.01, 0.01), ("Boats came.", 0.01, 0.01))
    assert told(OPEN, *said) == (near, near)


def test_what_shares_no_word_is_quoted_by_what_the_network_says() -> None:
    said = (("Boats came.", 0.01, 0.01), ("Cars cross it again.", 0.8, 0.01))
    assert told(OPEN, *said)[0] == "Cars cross it again."


def test_of_equal_sentences_the_first_is_quoted() -> None:
    _, reading = reading_of((OPEN, 0.5, 0.2), (OPEN, 0.5, 0.2))
    assert telling(OPEN, reading) == ((0, len(OPEN)), (0, len(OPEN)))


@given(
    st.text(max_size=30),
    st.lists(
        st.tuples(
            st.sampled_from([OPEN, SHUT, "Boats came.", "It rained."]),
            st.floats(1e-9, 0.5),
            st.floats(1e-9, 0.49),
        ),
        min_size=1,
        max_size=5,
    ),
)
def test_whatever_is_said_whole_sentences_are_quoted(
    claim: str, said: list[tuple[str, float, float]]
) -> None:
    _, reading = reading_of(*said)
    sentences = {(w.start, w.end) for w in reading.windows if w.sentence}
    assert set(telling(claim, reading)) <= sentences
