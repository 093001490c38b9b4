"""Runs: what they write, what a kill or a full disk cannot take, and what a model's faults cost."""

from __future__ import annotations

import asyncio
import errno
import io
import json
import os
import signal
import subprocess
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.errors import AssayError, ClaimFailed, ModelUnavailable, UsageError
from agent.rate.judge import EmbeddedJudge
from agent.rate.model import ModelRater
from agent.types import VERDICTS, Claim, Evidence, Hit, Verdict
from agent.verify import verify
from evals.outcomes import MAX_CLAIM, MAX_EVIDENCE, by_verdict, share_out
from evals.record import Record, read_outcomes, read_results
from tests.conftest import command
from tests.eval_runs import BRIDGE, PAIRS, answer, pairs, press, run_now, script


def test_results_have_the_published_shape(tmp_path: Path) -> None:
    results = run_now(pairs(tmp_path / "bridge.jsonl"), tmp_path / "run", baselines=True)
    assert results == json.loads((tmp_path / "run/results.json").read_text("utf-8"))
    counts = {n: results[n] for n in ("suite", "kind", "n", "scored", "unscored", "failed")}
    assert counts == {
        "suite": "bridge", "kind": "verify", "n": 4, "scored": 3, "unscored": 1, "failed": 0,
    }  # fmt: skip
    assert (results["model"], results["judge"]) == ("embedded", EmbeddedJudge.name)
    assert results["seconds"] > 0
    metrics = results["metrics"]
    for name in ("accuracy", "balanced_accuracy", "macro_f1", "ece", "brier"):
        low, high = metrics["ci"][name] or (0.0, 2.0)  # three samples may well all agree
        assert low - 1e-4 <= metrics[name] <= high + 1e-4
    for name in ("f1", "precision", "recall"):
        assert set(metrics[name]) == {"supported", "conflicting", "unverifiable"}
    assert metrics["false_conflict_rate"] in (0.0, 0.5, 1.0)
    assert set(results["baselines"]) == {"majority", "claim_only"}
    assert results["usage"]["requests"] == 0
    assert results["usage"]["per_sample"]["seconds"] > 0
    assert len(results["run"]["weights"]["judge.onnx"]) == 64


def test_samples_hold_input_gold_prediction_and_probabilities(tmp_path: Path) -> None:
    run_now(pairs(tmp_path / "bridge.jsonl"), tmp_path / "run")
    lines = (tmp_path / "run/samples.jsonl").read_text("utf-8").splitlines()
    samples = [json.loads(line) for line in lines]
    assert [s["id"] for s in samples] == ["p1", "p2", "p3", "p4"]
    for sample, pair in zip(samples, PAIRS, strict=True):
        assert sample["input"] == {"claim": pair["claim"], "evidence": [BRIDGE]}
        assert sample["gold"] == pair["label"]
        assert sum(sample["probabilities"].values()) == pytest.approx(1, abs=1e-5)
        assert sample["prediction"] == max(sample["probabilities"], key=sample["probabilities"].get)
        assert sample["error"] is None


def said(folder: Path) -> list[dict[str, Any]]:
    """The samples of a run, without what they took."""
    return [{k: v for k, v in o.items() if k != "usage"} for o in read_outcomes(folder)]


def test_a_run_is_the_same_every_time(tmp_path: Path) -> None:
    suite = pairs(tmp_path / "bridge.jsonl")
    first, second = (run_now(suite, tmp_path / name) for name in ("one", "two"))
    assert first["metrics"] == second["metrics"]
    assert said(tmp_path / "one") == said(tmp_path / "two")


@pytest.mark.parametrize("model", ["embedded", "scripted"])
def test_what_judges_says_what_assay_verify_says(tmp_path: Path, model: str) -> None:
    suite = pairs(tmp_path / "bridge.jsonl")
    if model == "scripted":
        stances = ("supports", "contradicts", "neutral", "contradicts")
        known = (answer(p["claim"], s) for p, s in zip(PAIRS, stances, strict=True))
        model = script(tmp_path / "model.json", *known)
    run_now(suite, tmp_path / "run", model=model)

    async def rated() -> list[dict[str, Any]]:
        lines = suite.read_text("utf-8").splitlines()
        return [result async for result in verify(lines, model)]

    expected = [(r["id"], r["label"], r["probabilities"]) for r in asyncio.run(rated())]
    outcomes = read_outcomes(tmp_path / "run")
    assert [(o["id"], o["prediction"], o["probabilities"]) for o in outcomes] == expected
    if model != "embedded":
        assert [label for _, label, _ in expected[:3]] == [p["label"] for p in PAIRS[:3]]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"claim": "?!"}, "the claim has no words"),
        ({"claim": "a" * (MAX_CLAIM + 1)}, "the claim has more than 5,000 characters"),
        ({"evidence": ["a " * MAX_EVIDENCE]}, "the evidence has more than 100,000 characters"),
    ],
)
def test_what_no_judge_could_rate_fails_and_the_others_are_rated(
    tmp_path: Path, change: dict[str, Any], message: str
) -> None:
    suite = pairs(tmp_path / "bridge.jsonl", [PAIRS[0], PAIRS[1] | change, PAIRS[2]])
    results = run_now(suite, tmp_path / "run")
    assert (results["scored"], results["failed"]) == (2, 1)
    fault = read_outcomes(tmp_path / "run")[1]
    assert fault["prediction"] is None
    assert fault["error"] == {"kind": "bad_input", "message": message}


@given(st.sampled_from(VERDICTS), st.floats(0, 1))
def test_what_is_likeliest_is_what_was_decided(verdict: Verdict, confidence: float) -> None:
    named = by_verdict(share_out(verdict, confidence))
    assert max(named, key=lambda v: named[v]) == verdict
    assert sum(p == named[verdict] for p in named.values()) == 1
    assert sum(named.values()) == pytest.approx(1, abs=2e-6)
    if confidence > 1 / 3 + 1e-6:
        assert named[verdict] == pytest.approx(confidence, abs=1e-6)


# Going on


def test_a_killed_run_goes_on_and_ends_the_same(tmp_path: Path) -> None:
    filler = " ".join(f"Pier {n} stands in {n} metres of water." for n in range(6))
    many = [
        {"id": f"k{n}", "claim": f"Pier {n % 6} stands in {n} metres of water.",
         "evidence": [filler], "label": "supported" if n < 6 else "conflicting"}
        for n in range(64)
    ]  # fmt: skip
    suite = pairs(tmp_path / "piers.jsonl", many)
    killed, whole = tmp_path / "killed", tmp_path / "whole"
    arguments = ("eval", "run", suite, "--no-baselines", "--quiet")
    process = subprocess.Popen(
        command(*arguments, "--out", killed), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    samples = killed / "samples.jsonl"
    deadline = time.monotonic() + 60
    while process.poll() is None and time.monotonic() < deadline:
        if samples.exists() and samples.read_bytes().count(b"\n") >= 16:
            break
        time.sleep(0.002)
    process.send_signal(signal.SIGKILL)
    process.wait()
    before = [json.loads(line)["id"] for line in samples.read_text("utf-8").splitlines()]
    assert 16 <= len(before) < 64
    assert not (killed / "results.json").exists()

    with pytest.raises(UsageError, match="Finish the run first"):
        read_results(killed)
    resumed, straight = (run_now(suite, folder) for folder in (killed, whole))
    assert resumed["metrics"] == straight["metrics"]
    assert said(killed) == said(whole)
    asked = [i for taken in Record(killed).taken() for i in taken.get("ids", [])]
    assert set(asked) == {str(pair["id"]) for pair in many}
    assert all(asked.count(id_) == 1 for id_ in before[:16])


def test_a_line_that_was_cut_off_is_asked_again(tmp_path: Path) -> None:
    suite = pairs(tmp_path / "bridge.jsonl")
    expected = run_now(suite, tmp_path / "run")["metrics"]
    samples = tmp_path / "run/samples.jsonl"
    whole, before = samples.read_bytes(), said(tmp_path / "run")
    samples.write_bytes(whole[: len(whole) // 2])
    (tmp_path / "run/results.json").unlink()
    assert run_now(suite, tmp_path / "run")["metrics"] == expected
    assert said(tmp_path / "run") == before


def test_a_finished_run_asks_nothing_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    suite = pairs(tmp_path / "bridge.jsonl")
    first = run_now(suite, tmp_path / "run")
    monkeypatch.setattr("evals.run.open_task", None)
    assert run_now(suite, tmp_path / "run")["metrics"] == first["metrics"]


@pytest.mark.parametrize("change", [{"limit": 2}, {"seed": 1}])
def test_a_folder_belongs_to_one_run(tmp_path: Path, change: dict[str, int]) -> None:
    suite = pairs(tmp_path / "bridge.jsonl")
    run_now(suite, tmp_path / "run")
    with pytest.raises(UsageError, match="holds a run with another"):
        run_now(suite, tmp_path / "run", **change)
    assert run_now(suite, tmp_path / "run", fresh=True, **change)["n"] == change.get("limit", 4)


def test_a_changed_suite_is_another_run(tmp_path: Path) -> None:
    suite = pairs(tmp_path / "bridge.jsonl")
    run_now(suite, tmp_path / "run")
    pairs(suite, [PAIRS[0] | {"label": "conflicting"}, *PAIRS[1:]])
    with pytest.raises(UsageError, match="another suite_sha256"):
        run_now(suite, tmp_path / "run")


def test_an_edited_script_is_another_run(tmp_path: Path) -> None:
    suite = pairs(tmp_path / "bridge.jsonl", PAIRS[:1])
    model = script(tmp_path / "model.json", answer(PAIRS[0]["claim"], "supports"))
    run_now(suite, tmp_path / "run", model=model)
    script(tmp_path / "model.json", answer(PAIRS[0]["claim"], "neutral"))
    with pytest.raises(UsageError, match="another script_sha256"):
        run_now(suite, tmp_path / "run", model=model)


def test_two_processes_do_not_run_in_one_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tools.library.locks.WAIT_SECONDS", 0.05)
    suite = pairs(tmp_path / "bridge.jsonl")
    with (
        Record(tmp_path / "run").alone(),
        pytest.raises(
            UsageError, match=r"run is in use by process \d+ .*another folder with --out"
        ),
    ):
        run_now(suite, tmp_path / "run")
    assert not (tmp_path / "run/samples.jsonl").exists()
    assert run_now(suite, tmp_path / "run")["n"] == 4


def test_what_is_no_run_is_not_written_over(tmp_path: Path) -> None:
    (tmp_path / "samples.jsonl").write_text("precious\n", "utf-8")
    with pytest.raises(UsageError, match=r"holds a samples\.jsonl that is of no run"):
        run_now(pairs(tmp_path / "bridge.jsonl"), tmp_path)
    assert (tmp_path / "samples.jsonl").read_text("utf-8") == "precious\n"


class _FullDisk(io.RawIOBase):
    """Takes a part of what it is given, then has no room."""

    def __init__(self, path: Path, room: int) -> None:
        self._path, self._room = path, room

    def writable(self) -> bool:
        return True

    def write(self, data: Any) -> int:
        taken = bytes(data)[: self._room]
        if not taken:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(self._path))
        self._room -= len(taken)
        with self._path.open("ab+") as file:
            return file.write(taken)


def test_a_full_disk_loses_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    suite = pairs(tmp_path / "bridge.jsonl")
    real = Path.open

    def full(self: Path, mode: str = "r", *rest: Any, **more: Any) -> Any:
        if mode == "ab" and self.name == "samples.jsonl":
            return _FullDisk(self, 500)
        return real(self, mode, *rest, **more)

    monkeypatch.setattr(Path, "open", full)
    with pytest.raises(AssayError) as caught:
        run_now(suite, tmp_path / "run")
    assert caught.value.exit_code == 1
    assert "No space left on device" in caught.value.what
    assert "the same command goes on" in caught.value.todo
    monkeypatch.undo()
    assert (tmp_path / "run/samples.jsonl").stat().st_size == 500
    assert run_now(suite, tmp_path / "run")["n"] == 4
    run_now(suite, tmp_path / "whole")
    assert said(tmp_path / "run") == said(tmp_path / "whole")


def late(monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    """The model does not answer on one claim."""
    rate = ModelRater.rate

    async def hesitant(
        self: ModelRater, claim: Claim, hits: Sequence[Hit], *rest: Any, **more: Any
    ) -> list[Evidence]:
        if claim.text == text:
            raise ClaimFailed("timeout", "nobody answered")
        return await rate(self, claim, hits, *rest, **more)

    monkeypatch.setattr(ModelRater, "rate", hesitant)


def test_a_model_that_fails_on_a_sample_is_asked_again_next_time(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    suite = pairs(tmp_path / "bridge.jsonl", PAIRS[:3])
    stances = ("supports", "contradicts", "neutral")
    known = (answer(p["claim"], s) for p, s in zip(PAIRS, stances, strict=False))
    model = script(tmp_path / "model.json", *known)
    late(monkeypatch, PAIRS[2]["claim"])
    first = run_now(suite, tmp_path / "run", model=model)
    assert (first["scored"], first["failed"], first["errors"]) == (2, 1, {"timeout": 1})
    # What failed is no label: both that were answered are right.
    assert first["metrics"]["accuracy"] == 1.0
    (failed,) = [o for o in read_outcomes(tmp_path / "run") if o["error"]]
    assert (failed["id"], failed["prediction"]) == ("p3", None)

    monkeypatch.undo()
    second = run_now(suite, tmp_path / "run", model=model)
    assert (second["scored"], second["failed"], second["metrics"]["accuracy"]) == (3, 0, 1.0)
    assert second["usage"]["requests"] >= 3


def test_a_model_that_is_not_there_ends_the_run_and_keeps_what_is_done(tmp_path: Path) -> None:
    suite = pairs(tmp_path / "bridge.jsonl", PAIRS[:3])
    refusal = {"prompt": "rate_claim", "fault": {"status": 401, "message": "no"}}
    model = script(tmp_path / "model.json", answer(PAIRS[0]["claim"], "supports"), refusal)
    with pytest.raises(ModelUnavailable):
        run_now(suite, tmp_path / "run", model=model, concurrency=1)
    assert [o["id"] for o in read_outcomes(tmp_path / "run")] == ["p1"]
    assert not (tmp_path / "run/results.json").exists()


def test_a_claim_of_an_article_that_fails_is_asked_again_and_the_others_are_kept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = "The Tallis Bridge cost 12 million euros. The Tallis Bridge is red."
    spans = [(0, 40, "supported"), (41, 66, "unverifiable")]
    folder = press(tmp_path / "press", text, *spans)
    found: list[dict[str, Any]] = [
        {"sentence": n, "quote": text[a:b], "text": text[a:b], "kind": "fact", "speaker": None,
         "context_added": []}
        for n, (a, b, _) in enumerate(spans, start=1)
    ]  # fmt: skip
    split = {"prompt": "extract_claims", "answer": {"claims": found, "excluded": []}}
    model = script(tmp_path / "model.json", split, *(answer(text[a:b], s) for (a, b, _), s in zip(
        spans, ("supports", "neutral"), strict=True)))  # fmt: skip
    late(monkeypatch, text[41:66])
    first = run_now(folder, tmp_path / "run", model=model)
    assert (first["n"], first["scored"], first["failed"]) == (2, 1, 1)
    assert first["metrics"]["accuracy"] == 1.0

    monkeypatch.undo()
    second = run_now(folder, tmp_path / "run", model=model)
    assert (second["scored"], second["failed"], second["metrics"]["accuracy"]) == (2, 0, 1.0)
    assert second["usage"]["requests"] > first["usage"]["requests"]
