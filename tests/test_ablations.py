"""Measuring the judge without one of its parts: what is left out, and what is counted."""

from __future__ import annotations

import asyncio
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agent.compare.ruling import ruling, verdict_of
from agent.compare.subjects import Finding
from agent.rate.calibration import FEATURES, Calibration
from agent.rate.judge import Judgement
from agent.rate.windows import Pair
from agent.types import VERDICTS, Hit, Passage, Source, Verdict
from evals.judge import judged
from evals.judge.ablations import (
    COMPUTED,
    MAXIMA,
    VARIANTS,
    WINDOWS,
    Measured,
    Said,
    Variant,
    drawn,
    said,
    table,
    varied,
    without_claims,
)
from evals.judge.judged import Asked, asked, read_pairs
from evals.outcomes import bare_claim, by_verdict
from evals.scoring import Rating, labels
from evals.suites import load

CALIBRATION = Calibration.load()
DIFFERS = Finding("figure", "differs", 0, 4, "40 against 60", 1.0)
SHIPPED = VARIANTS[0]


def judgement(*maxima: float, found: tuple[Finding, ...] = ()) -> Judgement:
    """As the judge that ships would give it, for these outputs of the network."""
    features = (*(float(np.log(p)) for p in maxima), *(0.0,) * (len(FEATURES) - len(maxima)))
    by_model = CALIBRATION.apply(features)
    rule = ruling(found, by_model, CALIBRATION.precision)
    return Judgement(
        rule.probabilities if rule else by_model, (0, 4), (0, 4), found, features, rule
    )


def question(*passages: str, gold: str = "supported") -> Asked:
    """A claim for which these passages were retrieved, each of a source of its own."""
    claim = bare_claim("The ferry carried 60 guests.")
    hits = []
    for number, text in enumerate(passages):
        id_ = f"s-{number:016x}"
        source = Source(id=id_, text=text, added_at="2026-01-01T00:00:00Z", origin=id_)
        passage = Passage(id=f"{id_}:0", source_id=id_, number=0, start=0, end=len(text), text=text)
        hits.append(Hit(passage=passage, source=source, score=0.0))
    pairs = tuple(Pair(claim.text, text) for text in passages)
    return Asked(claim, gold, "one", pairs, tuple(hits), len(hits))


class TestParts:
    def test_the_parts_are_inputs_of_the_regression(self) -> None:
        assert set(COMPUTED) | set(WINDOWS) | set(MAXIMA) <= set(FEATURES)
        assert {"figures_differ", "dates_differ"} <= set(COMPUTED)

    @settings(max_examples=30)
    @given(st.tuples(*[st.floats(0.01, 1)] * 3), st.booleans())
    def test_with_all_parts_the_judge_says_what_it_says(
        self, maxima: tuple[float, ...], differs: bool
    ) -> None:
        base = judgement(*maxima, found=(DIFFERS,) if differs else ())
        assert varied(base, SHIPPED, CALIBRATION) == base

    def test_without_a_regression_the_network_s_own_probabilities_count(self) -> None:
        base = judgement(0.6, 0.3, 0.3)
        told = varied(base, Variant("", (), rules=False), CALIBRATION)
        assert told.probabilities == pytest.approx((0.5, 0.25, 0.25))

    def test_without_what_was_computed_no_rule_decides(self) -> None:
        base = judgement(0.9, 0.05, 0.05, found=(DIFFERS,))
        assert base.ruling is not None
        told = varied(base, VARIANTS[1], CALIBRATION)
        assert told.ruling is None
        assert verdict_of(told.probabilities) != "conflicting"

    def test_the_surest_passage_can_decide_alone(self) -> None:
        asks = question("The ferry carried sixty.", "It carried nobody.")
        plain = without_claims(CALIBRATION)
        answers = [
            replace(judgement(0.5, 0.5, 0.5), probabilities=p)
            for p in ((0.9, 0.05, 0.05), (0.2, 0.6, 0.2))
        ]
        both = asyncio.run(said(asks, answers, SHIPPED, plain))
        best = asyncio.run(said(asks, answers, Variant("", best_passage=True), plain))
        assert (both.verdict, best.verdict) == ("conflicting", "supported")


def measured(golds: list[str], *columns: list[Verdict]) -> Measured:
    told = [
        [Said(v, tuple(0.6 if v == w else 0.2 for w in VERDICTS)) for v in column]
        for column in columns
    ]
    asks = [Asked(bare_claim("x"), g, str(n), ()) for n, g in enumerate(golds)]
    return Measured("set", asks, told)


class TestFigures:
    @settings(max_examples=30)
    @given(
        st.lists(
            st.tuples(st.sampled_from([*VERDICTS, "not_supported"]), st.sampled_from(VERDICTS)),
            min_size=1,
            max_size=12,
        )
    )
    def test_they_are_those_that_runs_of_suites_have(
        self, pairs: list[tuple[str, Verdict]]
    ) -> None:
        golds, verdicts = [g for g, _ in pairs], [v for _, v in pairs]
        ours = measured(golds, verdicts)
        figures = {name: values[0] for name, values in drawn(ours, 0, 0).items()}
        ratings = [
            Rating(gold, s.verdict, by_verdict(s.probabilities), str(n))
            for n, (gold, s) in enumerate(zip(golds, ours.said[0], strict=True))
        ]
        runs = labels(ratings, 0)
        quality = "balanced_accuracy" if ours.two_way else "macro_f1"
        assert figures["quality"] == pytest.approx(runs[quality], abs=1e-6)
        assert figures["ece"] == pytest.approx(runs["ece"], abs=1e-6)
        rate = runs["false_conflict_rate"]
        assert figures["false conflicts"] == pytest.approx(
            np.nan if rate is None else rate, abs=1e-6, nan_ok=True
        )

    def test_what_changes_nothing_differs_by_nothing(self) -> None:
        ours = measured([*VERDICTS], [*VERDICTS], [*VERDICTS])
        (row, *_) = [r for r in table([ours], ["all", "same"]).splitlines() if "| set |" in r]
        assert row == "| set | 3 | 1.000 | +0.000 |"


class _CountingEncoder:
    runs = 0

    def __init__(self, graph: Path) -> None:
        self._graph = graph

    def run(self, texts: list[Any]) -> Any:
        type(self).runs += len(texts)
        return np.array([[len(c), len(t), 1.0] for c, t in texts]).reshape(-1, 3)


class TestReading:
    def test_what_was_read_is_not_read_again_unless_pairs_network_or_windows_change(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(judged, "Encoder", _CountingEncoder)
        monkeypatch.setattr(_CountingEncoder, "runs", 0)
        graphs = [tmp_path / "a.onnx", tmp_path / "b.onnx"]
        for graph in graphs:
            graph.write_text(graph.name)
        pairs = [Pair("Nine boats left.", "Boats left. Nine of them."), Pair("None.", "")]
        first = read_pairs(pairs, tmp_path, graphs[0])
        assert [len(reading.windows) for reading in first] == [3, 0]
        runs = _CountingEncoder.runs
        again = read_pairs(pairs, tmp_path, graphs[0])
        assert _CountingEncoder.runs == runs
        assert np.array_equal(first[0].log_probabilities, again[0].log_probabilities)
        read_pairs(pairs, tmp_path, graphs[1])
        assert _CountingEncoder.runs == 2 * runs
        monkeypatch.setattr(judged, "windows_of", lambda _: ([], []))
        assert all(len(r.log_probabilities) == 0 for r in read_pairs(pairs, tmp_path, graphs[0]))

    def test_only_what_is_scored_is_asked(self, tmp_path: Path) -> None:
        file = tmp_path / "pairs.jsonl"
        rows = [("supported", "Boats left."), ("disputed", "Boats left."), ("conflicting", "…")]
        file.write_text(
            "".join(
                json.dumps({"id": str(n), "claim": claim, "evidence": ["a"], "label": label}) + "\n"
                for n, (label, claim) in enumerate(rows)
            )
        )
        assert [(a.unit, a.gold) for a in asked(load(file), tmp_path)] == [("0", "supported")]
