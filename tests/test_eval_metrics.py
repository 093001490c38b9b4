"""Figures: against cases computed by hand, against scikit-learn, and what always holds."""

from __future__ import annotations

import time
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.metrics import balanced_accuracy_score, f1_score, precision_score, recall_score

from agent.types import VERDICTS
from evals.matching import has_dangling_pronoun, has_relative_date, match, similarity
from evals.metrics import (
    Rated,
    Resampler,
    classification,
    ece,
    mcnemar,
    paired_difference,
    ratios,
    wilson,
)
from evals.scoring import Rating, figures, is_right, labels, majority


def rated(gold: list[int], predicted: list[int], confidence: float = 0.8) -> Rated:
    probabilities = np.full((len(gold), 3), (1 - confidence) / 2)
    probabilities[np.arange(len(gold)), predicted] = confidence
    return Rated(VERDICTS, np.array(gold), np.array(predicted), probabilities)


def rating(gold: str, prediction: str, supported: float = 0.5) -> Rating:
    rest = (1 - supported) / 2
    named = {"supported": supported, "conflicting": rest, "unverifiable": rest}
    return Rating(gold, prediction, named, f"{gold}/{prediction}/{supported}")


# Classification


def test_a_case_computed_by_hand() -> None:
    #                 gold       0  0  0  0  1  1  2  2
    found = classification(rated([0, 0, 0, 0, 1, 1, 2, 2], [0, 0, 0, 1, 1, 2, 2, 2]), seed=0)
    assert found["accuracy"] == 0.75
    assert found["recall"] == {"supported": 0.75, "conflicting": 0.5, "unverifiable": 1.0}
    assert found["precision"] == {"supported": 1.0, "conflicting": 0.5, "unverifiable": 0.666667}
    assert found["balanced_accuracy"] == 0.75
    assert found["f1"] == {"supported": 0.857143, "conflicting": 0.5, "unverifiable": 0.8}
    assert found["macro_f1"] == pytest.approx((6 / 7 + 0.5 + 0.8) / 3, abs=1e-6)
    assert found["confusion"]["counts"] == [[3, 1, 0], [0, 1, 1], [0, 0, 2]]
    # All at 0.8 with 0.75 right; squares: 0.06 where right, 1.46 where wrong.
    assert found["ece"] == pytest.approx(0.05)
    right, wrong = 0.2**2 + 2 * 0.1**2, 0.8**2 + 0.9**2 + 0.1**2
    assert found["brier"] == pytest.approx(0.75 * right + 0.25 * wrong, abs=1e-6)


CASES = st.integers(5, 60).flatmap(
    lambda n: st.tuples(
        st.lists(st.integers(0, 2), min_size=n, max_size=n),
        st.lists(st.integers(0, 2), min_size=n, max_size=n),
    )
)


@given(CASES)
@settings(max_examples=25)
def test_figures_are_those_of_scikit_learn_and_lie_in_their_intervals(
    case: tuple[list[int], list[int]],
) -> None:
    gold, predicted = case
    found = classification(rated(gold, predicted), seed=1)
    present = sorted(set(gold))
    options = {"labels": present, "average": "macro", "zero_division": 0}
    assert found["macro_f1"] == pytest.approx(f1_score(gold, predicted, **options), abs=1e-6)
    assert found["balanced_accuracy"] == pytest.approx(
        recall_score(gold, predicted, **options), abs=1e-6
    )
    if set(predicted) <= set(gold) and len(present) > 1:
        assert found["balanced_accuracy"] == pytest.approx(
            balanced_accuracy_score(gold, predicted), abs=1e-6
        )
    mean_precision = np.mean(list(found["precision"].values()))
    assert mean_precision == pytest.approx(precision_score(gold, predicted, **options), abs=1e-5)
    low, high = found["ci"]["accuracy"]
    assert 0 <= low <= found["accuracy"] + 1e-4
    assert found["accuracy"] - 1e-4 <= high <= 1
    for name in ("macro_f1", "balanced_accuracy", "ece", "brier", "aurc"):
        interval = found["ci"][name]
        assert interval is None or 0 <= interval[0] < interval[1]
    low, high = found["ci"]["ece"] or (0.0, 1.0)
    assert low - 1e-4 <= found["ece"] <= high + 1e-4


@given(st.integers(1, 6), st.integers(0, 2))
@settings(max_examples=20)
def test_no_interval_of_few_samples_that_agree_claims_certainty(n: int, label: int) -> None:
    found = classification(rated([label] * n, [label] * n), seed=0)
    for name in ("macro_f1", "balanced_accuracy", "ece", "brier", "aurc"):
        assert found["ci"][name] is None
    for name in ("precision", "recall"):
        ((low, high),) = found["ci"][name].values()
        assert (low, high) == tuple(found["ci"]["accuracy"])
        assert low < 1 == high
    assert list(found["ci"]["f1"].values()) == [None]


def test_one_article_of_several_claims_has_no_interval() -> None:
    for predicted in ([0, 1, 2, 0], [0, 1, 2, 1]):
        alone = rated([0, 1, 2, 0], predicted)
        one = Rated(VERDICTS, alone.gold, alone.predicted, alone.probabilities,
                    units=np.zeros(4, dtype=np.int64))  # fmt: skip
        found = classification(one, seed=0)["ci"]
        for name in ("accuracy", "macro_f1", "ece", "brier", "aurc"):
            assert found[name] is None


def test_where_all_articles_agree_it_is_articles_that_count() -> None:
    claims = rated([0] * 30, [0] * 30)
    clustered = Rated(VERDICTS, claims.gold, claims.predicted, claims.probabilities,
                      units=np.repeat(np.arange(3), 10))  # fmt: skip
    low, _ = classification(clustered, seed=0)["ci"]["accuracy"]
    assert low == pytest.approx(0.4385, abs=1e-4)  # Wilson, 3 of 3


def test_the_interval_of_an_ece_is_rid_of_the_bias_of_its_resamples() -> None:
    # Confidence is right in every bin, and any gap is noise: 0 has to be among what may be so.
    rng = np.random.default_rng(1)
    confidence = rng.uniform(0.4, 1.0, size=600)
    wrong = (rng.random(600) > confidence).astype(np.int64)
    rows = np.column_stack([confidence, 1 - confidence, np.zeros(600)])
    case = Rated(VERDICTS, wrong, np.zeros(600, dtype=np.int64), rows)
    found = classification(case, seed=0)
    low, high = found["ci"]["ece"]
    assert low <= found["ece"] <= high
    assert low < 0.02
    assert high < 2.5 * found["ece"]


def test_the_interval_of_an_accuracy_is_that_of_the_binomial() -> None:
    gold, predicted = [0] * 400, [0] * 300 + [1] * 100
    low, high = classification(rated(gold, predicted), seed=0)["ci"]["accuracy"]
    width = 1.96 * (0.75 * 0.25 / 400) ** 0.5
    assert low == pytest.approx(0.75 - width, abs=0.006)
    assert high == pytest.approx(0.75 + width, abs=0.006)


def test_perfection_on_few_samples_is_not_certain() -> None:
    found = classification(rated([0, 1, 2] * 3, [0, 1, 2] * 3), seed=0)
    assert found["accuracy"] == 1.0
    assert found["ci"]["accuracy"][0] == pytest.approx(0.7009, abs=1e-4)  # Wilson, 9 of 9


def test_claims_of_one_article_are_drawn_together() -> None:
    gold, predicted = [0] * 100, [0] * 50 + [1] * 50
    alone = rated(gold, predicted)
    clustered = Rated(VERDICTS, alone.gold, alone.predicted, alone.probabilities,
                      units=np.repeat(np.arange(4), 25))  # fmt: skip
    narrow = classification(alone, seed=0)["ci"]["accuracy"]
    wide = classification(clustered, seed=0)["ci"]["accuracy"]
    assert wide[1] - wide[0] > 3 * (narrow[1] - narrow[0])


def test_two_thousand_resamples_of_two_thousand_samples_take_about_a_second() -> None:
    rng = np.random.default_rng(0)
    gold = rng.integers(3, size=2000)
    case = rated(gold.tolist(), rng.integers(3, size=2000).tolist())
    start = time.perf_counter()
    classification(case, seed=0)
    assert time.perf_counter() - start < 10  # 0.5 s on one quiet core


def test_the_same_seed_gives_the_same_resamples() -> None:
    columns = np.random.default_rng(3).random((50, 2))
    assert np.array_equal(Resampler(50, 7).sums(columns), Resampler(50, 7).sums(columns))
    assert not np.array_equal(Resampler(50, 7).sums(columns), Resampler(50, 8).sums(columns))


def test_every_resample_has_as_many_draws_as_there_are_samples() -> None:
    totals = np.concatenate([w.sum(axis=1) for w in Resampler(17, 0).weights()])
    assert totals.shape == (2000,)
    assert set(totals) == {17.0}


def test_risk_falls_where_confidence_tells() -> None:
    knows = rated([0, 0, 0, 0], [0, 0, 1, 1])
    assert knows.probabilities is not None
    knows.probabilities[:2] = (0.96, 0.02, 0.02)
    found = classification(knows, seed=0)
    assert [p["risk"] for p in found["risk_coverage"]] == [0.0, 0.0, 0.333333, 0.5]
    assert found["aurc"] == pytest.approx((0 + 0 + 1 / 3 + 1 / 2) / 4, abs=1e-6)


def test_ece_weighs_bins_by_their_samples() -> None:
    confidence = np.array([0.95, 0.95, 0.95, 0.55])
    hit = np.array([True, True, False, True])
    # Bin of three: 0.95 against 2/3. Bin of one: 0.55 against 1.
    expected = 0.75 * (0.95 - 2 / 3) + 0.25 * 0.45
    assert ece(confidence, hit) == pytest.approx(expected)


# Gold of other kinds


@pytest.mark.parametrize(
    ("gold", "prediction", "right"),
    [
        ("supported", "supported", True),
        ("supported", "conflicting", False),
        ("not_supported", "conflicting", True),
        ("not_supported", "unverifiable", True),
        ("not_supported", "supported", False),
        ("partially_supported", "supported", False),
        ("partially_supported", "unverifiable", True),
        ("disputed", "supported", None),
        ("mixed", "unverifiable", None),
        ("supported", None, None),
    ],
)
def test_what_is_right(gold: str, prediction: str | None, right: bool | None) -> None:
    assert is_right(gold, prediction) is right


def test_two_way_gold_is_scored_two_way() -> None:
    found = labels(
        [
            rating("supported", "supported", 0.9),
            rating("supported", "conflicting", 0.2),
            rating("not_supported", "unverifiable", 0.1),
            rating("partially_supported", "supported", 0.6),
        ],
        seed=0,
    )
    assert found["confusion"] == {
        "labels": ["supported", "not_supported"],
        "counts": [[1, 1], [1, 1]],
    }
    assert found["accuracy"] == 0.5
    # One claim of four was rated conflicting, and the gold of none is.
    assert found["false_conflict_rate"] == 0.25
    assert "two_way" not in found


def test_a_false_conflict_is_one_wherever_the_gold_is_another() -> None:
    golds = ["supported", "unverifiable", "not_supported", "partially_supported", "conflicting"]
    found = labels([rating(gold, "conflicting") for gold in golds[:3]]
                   + [rating(gold, "supported") for gold in golds[3:]], seed=0)  # fmt: skip
    assert found["false_conflict_rate"] == 0.75


def test_false_support_is_about_what_the_gold_leaves_open() -> None:
    said = ["supported", "supported", "conflicting", "unverifiable"]
    rows = [rating("unverifiable", verdict) for verdict in said]
    # Support of what is contradicted, or only partly supported, is another error.
    rows += [rating("conflicting", "supported"), rating("supported", "supported")]
    found = labels(rows, seed=0)
    assert found["false_support_rate"] == 0.5
    low, high = found["ci"]["false_support_rate"]
    assert 0 <= low < 0.5 < high <= 1
    # Three golds leave room for a false conflict, and one claim of five is one.
    assert found["false_conflict_rate"] == 0.2


@pytest.mark.parametrize("gold", ["supported", "conflicting", "not_supported"])
def test_where_nothing_is_open_there_is_no_false_support(gold: str) -> None:
    found = labels([rating(gold, "supported")] * 3, seed=0)
    assert found["false_support_rate"] is None


def remembered(gold: str, said: str | None, memory: str | None) -> dict[str, Any]:
    error = None if said else {"kind": "timeout", "message": "slow"}
    return {"id": f"{gold}-{said}", "gold": gold, "prediction": said, "probabilities": None,
            "error": error, "meta": {"memory": memory}}  # fmt: skip


def test_memory_wins_where_its_label_is_given_instead_of_the_gold() -> None:
    found = figures(
        "verify",
        [
            remembered("supported", "conflicting", "conflicting"),
            remembered("supported", "supported", "conflicting"),
            remembered("supported", "unverifiable", "conflicting"),
            remembered("unverifiable", "supported", "supported"),
            # Memory and source agree; nothing was answered; nothing is known.
            remembered("supported", "supported", "supported"),
            remembered("unverifiable", None, "supported"),
            remembered("conflicting", "supported", None),
        ],
        seed=0,
    )
    assert found["memory_rate"] == 0.5
    assert found["memory_rate_by_gold"] == {"supported": round(1 / 3, 6), "unverifiable": 1.0}
    low, high = found["ci"]["memory_rate_by_gold"]["supported"]
    assert 0 <= low < 1 / 3 < high <= 1


def test_three_way_gold_is_measured_apart_from_two_way_gold() -> None:
    three_way = [
        rating("supported", "supported", 0.9), rating("supported", "conflicting", 0.2),
        rating("unverifiable", "conflicting", 0.1), rating("conflicting", "conflicting", 0.1),
    ]  # fmt: skip
    two_way = [rating("not_supported", "conflicting", 0.1)] * 3
    two_way.append(rating("partially_supported", "supported", 0.6))
    found, alone = labels(three_way + two_way, seed=0), labels(three_way, seed=0)
    for name in ("accuracy", "macro_f1", "balanced_accuracy", "precision", "ece", "confusion"):
        assert found[name] == alone[name]
    assert "two_way" not in alone
    apart = found["two_way"]
    assert (apart["n"], apart["only_two_way"]) == (8, 4)
    # Read as supported or not: six of eight are right.
    assert apart["accuracy"] == 0.75
    assert apart["confusion"]["counts"] == [[1, 1], [1, 5]]
    assert apart["precision"]["not_supported"] == pytest.approx(5 / 6, abs=1e-6)
    assert found["ci"]["two_way"]["accuracy"][0] < 0.75 < found["ci"]["two_way"]["accuracy"][1]


def test_the_majority_is_wrong_about_all_others() -> None:
    found = majority([rating("supported", "conflicting", c) for c in (0.1, 0.2, 0.3)]
                     + [rating("conflicting", "conflicting")], seed=0)  # fmt: skip
    assert (found["label"], found["accuracy"], found["balanced_accuracy"]) == (
        "supported",
        0.75,
        0.5,
    )


def test_nothing_scored_is_no_figure() -> None:
    found = labels([], seed=0)
    assert found["accuracy"] is None
    assert found["f1"] == {}


# Ratios, pairs


def test_precision_recall_and_f1_of_sums() -> None:
    found = ratios({"precision": ([2, 1], [4, 1]), "recall": ([2, 1], [2, 4])}, 0,
                   f1=("precision", "recall"))  # fmt: skip
    assert (found["precision"], found["recall"]) == (0.6, 0.5)
    assert found["f1"] == pytest.approx(2 * 0.6 * 0.5 / 1.1, abs=1e-5)


def test_f1_is_undefined_where_nothing_was_to_be_found_and_nothing_was() -> None:
    names = ("precision", "recall")
    empty = ratios({"precision": ([0, 0], [0, 0]), "recall": ([0, 0], [0, 0])}, 0, f1=names)
    assert (empty["f1"], empty["ci"]["f1"]) == (None, None)
    missed = ratios({"precision": ([0, 0], [0, 0]), "recall": ([0, 0], [2, 0])}, 0, f1=names)
    assert (missed["precision"], missed["f1"]) == (None, 0.0)
    # An empty text beside others changes nothing.
    one = ratios({"precision": ([2], [4]), "recall": ([2], [3])}, 0, f1=names)
    two = ratios({"precision": ([2, 0], [4, 0]), "recall": ([2, 0], [3, 0])}, 0, f1=names)
    assert one["f1"] == two["f1"]


def test_a_ratio_of_nothing_is_unknown() -> None:
    found = ratios({"recall": ([0, 0], [0, 0])}, 0)
    assert (found["recall"], found["ci"]["recall"]) == (None, None)


def test_mcnemar_by_hand() -> None:
    first = np.array([True] * 10 + [False] * 1 + [True] * 5)
    second = np.array([False] * 10 + [True] * 1 + [True] * 5)
    # Two-sided binomial of 1 in 11: 2 * (1 + 11) / 2048.
    found = mcnemar(first, second)
    assert found == {"only_first": 10, "only_second": 1, "p_value": round(24 / 2048, 6)}
    assert mcnemar(first, first)["p_value"] == 1.0


def test_paired_runs_differ_less_than_their_own_intervals() -> None:
    rng = np.random.default_rng(0)
    first = rng.random(200) < 0.7
    second = first.copy()
    second[np.flatnonzero(~first)[:10]] = True
    found = paired_difference(
        lambda w: (w @ first / w.sum(axis=1), w @ second / w.sum(axis=1)), 200, seed=0
    )
    assert found["difference"] == pytest.approx(0.05)
    assert 0 < found["ci"][0] < 0.05 < found["ci"][1] < 0.09


# Matching


def test_claims_are_matched_one_to_one_for_the_best_sum() -> None:
    gold = ["The ferry carries 400 people.", "The ferry carries 60 cars and 400 people."]
    found = ["The ferry carries 60 cars, and 400 people too.", "It is painted green."]
    assert [(m.gold, m.found) for m in match(gold, found)] == [(1, 0)]


def test_claims_in_different_places_are_never_the_same() -> None:
    claim = "The mill opened in 1901."
    assert match([claim], [claim], gold_spans=[(0, 24)], found_spans=[(30, 54)]) == []


def test_a_claim_written_out_is_still_the_claim_of_its_clause() -> None:
    gold, found = "Pensioners will pay half the adult price at the baths.", "They get in for half."
    assert match([gold], [found]) == []
    (pair,) = match([gold], [found], gold_spans=[(100, 121)], found_spans=[(100, 121)])
    assert pair.similarity == 1.0


@given(st.text(max_size=40), st.text(max_size=40))
def test_similarity_is_symmetric_and_between_0_and_1(one: str, other: str) -> None:
    assert similarity(one, other) == similarity(other, one)
    assert 0 <= similarity(one, other) <= 1


@pytest.mark.parametrize(
    ("claim", "dangling"),
    [
        ("She resigned in May.", True),
        ("Its revenue rose by 4 per cent.", True),
        ("The mayor said that he would resign.", True),
        ("Mayor Ada Quill said that she would resign.", False),
        ("The company paid for its new ferry.", False),
        ("This was decided on 4 May 2026.", True),
    ],
)
def test_pronouns_without_a_name_dangle(claim: str, dangling: bool) -> None:
    assert has_dangling_pronoun(claim) is dangling


@pytest.mark.parametrize(
    ("claim", "relative"),
    [
        ("The council voted on Tuesday.", True),
        ("The council voted on Tuesday (12 May 2026).", False),
        ("The council voted on Tuesday, 12 May.", False),
        ("Sales fell last year.", True),
        ("Sales fell last year (2025).", False),
        ("Sales fell in 2025.", False),
    ],
)
def test_dates_that_need_a_calendar_are_relative(claim: str, relative: bool) -> None:
    assert has_relative_date(claim) is relative


@given(st.integers(0, 50), st.integers(0, 50))
def test_the_interval_of_a_share_holds_the_share(part: int, rest: int) -> None:
    low, high = wilson(part, part + rest)
    share = part / (part + rest) if part + rest else 0.5
    assert 0 <= low <= share + 1e-9
    assert share - 1e-9 <= high <= 1
