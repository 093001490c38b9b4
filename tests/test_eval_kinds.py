"""Each kind of suite: what is asked of its samples, and the figures that come of it."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from evals.corpora import libraries_folder
from evals.record import read_outcomes
from evals.results import Settings
from evals.run import run
from evals.suites import load
from tests.eval_runs import BRIDGE, PAIRS, ROWS, pairs, press, run_now, write
from tests.fake_embedder import WordEmbedder


def test_end_to_end_measures_retrieval_and_rating(tmp_path: Path) -> None:
    folder = tmp_path / "towns"
    claims = [
        {"id": "e1", "claim": "The Tallis Bridge cost 12 million euros.", "label": "supported",
         "gold_ids": ["b-1"]},
        {"id": "e2", "claim": "The night bus to Orrel runs hourly.", "label": "supported",
         "gold_ids": [["n-1"], ["b-1", "b-2"]]},
        {"id": "e3", "claim": "Orrel has a cathedral.", "label": "unverifiable", "gold_ids": []},
    ]  # fmt: skip
    write(folder / "claims.jsonl", claims)
    write(folder / "corpus.jsonl", ROWS)
    results = run_now(folder, tmp_path / "run", baselines=True)
    metrics = results["metrics"]
    assert results["kind"] == "end to end"
    # Two sources, one passage each: the right one is first for both claims that have one.
    assert metrics["recall_at"] == {"1": 1.0, "5": 1.0, "10": 1.0}
    assert metrics["mrr"] == 1.0
    assert set(metrics["ci"]["recall_at"]) == {"1", "5", "10"}
    assert results["baselines"]["gold_evidence"]["n"] == 2
    outcomes = {o["id"]: o for o in read_outcomes(tmp_path / "run")}
    assert outcomes["e3"]["retrieval"] is None
    first = outcomes["e1"]
    assert first["probabilities"][first["prediction"]] == max(first["probabilities"].values())
    assert {e["source"] for e in first["evidence"]} <= {"bridge", "bus"}
    assert all(e["quote"] in f"{BRIDGE}\n\n{ROWS[1]['text']}\n{ROWS[2]['text']}"
               for e in first["evidence"])  # fmt: skip


def test_a_library_is_made_once_for_all_runs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "towns"
    claim = {"id": "e1", "claim": "The bus is red.", "label": "unverifiable", "gold_ids": []}
    write(folder / "claims.jsonl", [claim])
    write(folder / "corpus.jsonl", ROWS)

    def ask(name: str) -> None:
        settings = Settings(baselines=False)
        asyncio.run(
            run(load(folder), settings, tmp_path / name, libraries=tmp_path / "libraries",
                embedder=WordEmbedder())
        )  # fmt: skip

    ask("one")
    (made,) = (tmp_path / "libraries").iterdir()
    monkeypatch.setattr("tools.library.Library.add", None)
    ask("two")
    assert list((tmp_path / "libraries").iterdir()) == [made]


def test_libraries_of_corpora_lie_in_the_cache(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ASSAY_CACHE", str(tmp_path / "cache"))
    folder = tmp_path / "towns"
    claim = {"id": "e1", "claim": "The bus is red.", "label": "unverifiable", "gold_ids": []}
    write(folder / "claims.jsonl", [claim])
    write(folder / "corpus.jsonl", ROWS)
    settings = Settings(baselines=False)
    asyncio.run(run(load(folder), settings, tmp_path / "run", embedder=WordEmbedder()))
    assert libraries_folder() == tmp_path / "cache/eval-libraries"
    assert len(list(libraries_folder().iterdir())) == 1
    assert not (tmp_path / "run/libraries").exists()
    monkeypatch.delenv("ASSAY_CACHE")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "user"))
    assert libraries_folder().name == "eval-libraries"


def test_extraction_matches_claims_one_to_one(tmp_path: Path) -> None:
    rows = [
        {"id": "x1", "text": "The mill opened in 1901.", "claims": ["The mill opened in 1901."]},
        {"id": "x2", "text": "What a day!", "claims": []},
        {"id": "x3", "text": "It has two wheels.", "context": "The mill opened. It has two wheels.",
         "claims": ["The mill has two wheels.", "The mill is for sale."]},
    ]  # fmt: skip
    results = run_now(write(tmp_path / "mill.jsonl", rows), tmp_path / "run")
    metrics = results["metrics"]
    assert (results["kind"], results["scored"]) == ("extraction", 3)
    assert metrics["recall"] == pytest.approx(2 / 3, abs=1e-6)
    assert metrics["verbatim_quotes"] == metrics["valid_offsets"] == 1.0
    assert results["baselines"]["sentences"]["recall"] == pytest.approx(2 / 3, abs=1e-6)
    outcomes = read_outcomes(tmp_path / "run")
    assert outcomes[0]["matches"] == [[0, 0, 1.0]]
    assert all(claim["quote"] in "It has two wheels." for claim in outcomes[2]["prediction"])


def test_a_text_that_yields_a_claim_is_check_worthy(tmp_path: Path) -> None:
    rows = [
        {"id": "w1", "text": "The mill opened in 1901.", "label": "check_worthy"},
        {"id": "w2", "text": "What do you think?", "label": "not_check_worthy"},
    ]
    results = run_now(write(tmp_path / "worth.jsonl", rows), tmp_path / "run")
    assert results["metrics"]["accuracy"] == 1.0
    assert (results["metrics"]["ece"], results["metrics"]["false_conflict_rate"]) == (None, None)


def test_articles_are_checked_against_the_sources_of_the_suite(tmp_path: Path) -> None:
    text = "The Tallis Bridge cost 12 million euros. The mayor of Orrel owns three cats."
    folder = press(tmp_path / "press", text, (0, 40, "supported"), (41, 76, "unverifiable"))
    results = run_now(folder, tmp_path / "run")
    counts = {n: results[n] for n in ("n", "scored", "unscored", "failed", "missed", "articles")}
    assert counts == {
        "n": 2, "scored": 2, "unscored": 0, "failed": 0, "missed": 0, "articles": 1,
    }  # fmt: skip
    metrics = results["metrics"]
    assert metrics["claims"]["recall"] == metrics["claims"]["precision"] == 1.0
    assert metrics["found_and_right"] == metrics["accuracy"]
    assert metrics["kept_out"] is None


def test_where_memory_and_source_disagree_its_wins_are_counted(tmp_path: Path) -> None:
    rows = [
        PAIRS[0] | {"meta": {"memory": "conflicting", "family": "cost"}},
        PAIRS[1] | {"meta": {"memory": "conflicting", "family": "cost"}},
    ]
    results = run_now(pairs(tmp_path / "bridge.jsonl", rows), tmp_path / "run")
    assert results["memory"]["n"] == 1
    assert results["families"]["cost"]["n"] == 2
