"""Ways to calibrate are compared on sets that they were not fitted on."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agent.compare.ruling import RULES
from agent.rate.calibration import FEATURES
from agent.rate.judge import Judgement
from agent.types import Hit, Passage, Source
from evals.judge import calibrate
from evals.judge.calibrate_choices import (
    ON_CLAIMS,
    ON_PAIRS,
    OnPairs,
    figures,
    on_claims,
    on_pairs,
    others,
)
from evals.judge.calibrate_claims import Rated, measures, preference


def pairs(seed: int, n: int = 60) -> calibrate.Set:
    """Pairs whose first three inputs tell their label."""
    rng = np.random.default_rng(seed)
    y = np.arange(n) % 3
    x = rng.normal(size=(n, len(FEATURES))) * 0.1
    x[:, :3] = -3 + 3 * np.eye(3)[y]
    return calibrate.Set(x, y, np.full(n, -1))


def claim(label: int, number: int, seed: int) -> Rated:
    """A claim of three passages, one of which says what the label says."""
    rng = np.random.default_rng(seed)
    rows = [(0.05, 0.05, 0.9), (0.1, 0.02, 0.88), tuple(0.05 + 0.85 * np.eye(3)[label])]
    judgements = [
        Judgement(tuple(float(p + rng.normal() * 0.01) for p in row), (0, 1), (0, 1), (), ())  # type: ignore[arg-type]
        for row in rows
    ]
    return Rated(judgements, label, number, tuple(hit(n) for n in range(len(rows))))


def hit(number: int) -> Hit:
    id_ = f"s-{number:016x}"
    source = Source(id=id_, text="Boats left.", added_at="2026-01-01T00:00:00Z", origin=id_)
    passage = Passage(id=f"{id_}:0", source_id=id_, number=0, start=0, end=11, text=source.text)
    return Hit(passage=passage, source=source, score=0.5)


class TestSets:
    def test_sets_that_share_claims_are_left_out_together(self) -> None:
        sets = {name: pairs(0) for name in ("covid", "covid_abstract", "tables")}
        assert set(others(sets, "covid")) == set(others(sets, "covid_abstract")) == {"tables"}

    def test_sets_weigh_the_same_whatever_their_size_and_made_ones_less(self) -> None:
        sets = {"a": pairs(0, 30), "b": pairs(1, 90), "framed": pairs(2, 60)}
        _, y, weight = calibrate.pooled(sets)
        sums = np.add.reduceat(weight, [0, 30, 120])
        assert sums[0] == pytest.approx(sums[1])
        assert sums[2] == pytest.approx(calibrate.MADE_WEIGHT * sums[0])
        assert weight.mean() == pytest.approx(1)
        assert len(y) == 180


class TestInputs:
    def test_an_input_that_is_left_out_has_no_weight(self) -> None:
        sets = calibrate.without({"a": pairs(0), "b": pairs(1)}, ["support", "windows"])
        weights = calibrate.fit(*calibrate.pooled(sets)).coef_
        without_weight = {name for name, w in zip(FEATURES, weights.T, strict=True) if not w.any()}
        assert without_weight == {"support", "windows"}


class TestRuled:
    @given(st.lists(st.floats(0.01, 1), min_size=3, max_size=3), st.integers(-1, len(RULES) - 1))
    @settings(max_examples=40)
    def test_a_rule_gives_its_verdict_its_precision_and_the_others_the_rest(
        self, p: list[float], rule: int
    ) -> None:
        before = np.array([p]) / sum(p)
        (after,) = calibrate.ruled(before, np.array([rule]), dict.fromkeys(RULES, 0.9))
        assert after.sum() == pytest.approx(1)
        if rule < 0:
            assert after == pytest.approx(before[0])
        else:
            assert after[calibrate.LABEL_OF[RULES[rule]]] == pytest.approx(0.9)


class TestWays:
    @pytest.mark.parametrize("way", ON_PAIRS, ids=lambda way: way.name)
    def test_every_way_finds_what_the_inputs_tell_on_a_set_it_has_not_seen(
        self, way: OnPairs
    ) -> None:
        sets = {"a": pairs(0), "b": pairs(1), "framed": pairs(2)}
        found = on_pairs(sets, way)
        assert set(found) == {"a", "b"}
        assert all(f.f1 == 1 for f in found.values())

    @pytest.mark.parametrize("name", ON_CLAIMS)
    def test_every_way_finds_what_one_passage_of_a_claim_tells(self, name: str) -> None:
        claims = [claim(n % 3, n % 2, n) for n in range(36)]
        assert all(f.f1 > 0.85 for f in on_claims(claims, ON_CLAIMS[name]))


class TestFigures:
    def test_confidences_that_are_exactly_right_show_no_more_than_chance(self) -> None:
        rng = np.random.default_rng(1)
        sure = rng.uniform(0.3, 1, 4000)
        y = np.where(rng.random(4000) < sure, 0, 2)
        found = figures(y, np.zeros(4000, dtype=np.int64), sure)
        assert found.ece == pytest.approx(found.by_chance, abs=0.02)

    def test_verdicts_with_too_many_false_conflicts_are_never_preferred(self) -> None:
        claims = [claim(n % 3, 0, n) for n in range(9)]
        right = [c.label for c in claims]
        alarmed = [1 for _ in claims]
        assert measures(claims, right) == (1, 0, 0)
        assert preference(claims, alarmed) < (0, 0) < preference(claims, right)
