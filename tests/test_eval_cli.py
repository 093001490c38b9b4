"""`assay eval` as users and CI call it: output, folders, exit codes, messages."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from evals.suites import available
from tests.conftest import Assay, run_program
from tests.eval_runs import PAIRS, answer, pairs, script


@pytest.fixture(autouse=True)
def _own_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


@pytest.fixture
def suite(tmp_path: Path) -> Path:
    return pairs(tmp_path / "bridge.jsonl")


QUICK = ("--no-baselines", "--quiet")


def results_in(folder: Path) -> dict[str, Any]:
    data: dict[str, Any] = json.loads((folder / "results.json").read_text("utf-8"))
    return data


def test_out_is_the_folder_of_a_single_run(assay: Assay, suite: Path, tmp_path: Path) -> None:
    result = assay("eval", "run", suite, "--out", tmp_path / "here", "--json", *QUICK)
    assert (result.code, result.err) == (0, "")
    assert result.json == results_in(tmp_path / "here")
    assert (tmp_path / "here/samples.jsonl").is_file()


def test_without_out_every_setting_has_a_folder(assay: Assay, suite: Path) -> None:
    assert assay("eval", "run", suite, *QUICK).code == 0
    assert assay("eval", "run", suite, "--limit", "2", "--seed", "3", *QUICK).code == 0
    assert results_in(Path("eval-runs/bridge/embedded"))["n"] == 4
    assert results_in(Path("eval-runs/bridge/embedded-limit2-seed3"))["n"] == 2


def test_models_stand_side_by_side(assay: Assay, suite: Path, tmp_path: Path) -> None:
    sure = [answer(str(pair["claim"]), "neutral") for pair in PAIRS]
    model = script(tmp_path / "model.json", *sure)
    arguments = ("--model", "embedded", "--model", model, "--out", tmp_path / "both")
    result = assay("eval", "run", suite, *arguments, *QUICK)
    assert result.code == 0, result.err
    header = next(line for line in result.out.splitlines() if "embedded  " in line)
    assert "scripted:" in header
    (row,) = [line for line in result.out.splitlines() if line.strip().startswith("accuracy")]
    assert row.count("[") == 2
    assert len(list((tmp_path / "both/bridge").iterdir())) == 2


def test_progress_tells_the_stage(assay: Assay, suite: Path, tmp_path: Path) -> None:
    result = assay("eval", "run", suite, "--out", tmp_path / "run", "--no-baselines")
    assert "bridge: 4 of 4" in result.err
    assert "Wrote " in result.err
    assert result.out.startswith("bridge (verify)\n")


@pytest.mark.parametrize(
    ("bound", "code", "message"),
    [
        (("--fail-under", "accuracy=0"), 0, ""),
        (("--fail-under", "accuracy=1.01"), 10, "wanted at least 1.01"),
        (("--fail-over", "brier=0"), 10, "wanted at most 0"),
        (("--fail-under", "recall.supported=0"), 0, ""),
        (("--fail-under", "beauty=0.5"), 2, "has no figure 'beauty'"),
        (("--fail-under", "accuracy"), 2, "Write it as macro_f1=0.70"),
        (("--fail-under", "accuracy=high"), 2, "Write it as macro_f1=0.70"),
        (("--fail-under", "accuracy=nan"), 2, "Write it as macro_f1=0.70"),
        (("--fail-under", "=0.5"), 2, "Write it as macro_f1=0.70"),
        (("--fail-over", "false_support_rate=1"), 0, ""),
        # A verify run may have it, this one has no such gold.
        (("--fail-under", "two_way.accuracy=0"), 10, "two_way.accuracy is undefined"),
    ],
)
def test_bounds_decide_the_exit_code(
    assay: Assay, suite: Path, tmp_path: Path, bound: tuple[str, str], code: int, message: str
) -> None:
    result = assay("eval", "run", suite, "--out", tmp_path / "run", *bound, *QUICK)
    assert result.code == code
    assert message in result.err


def test_a_bound_on_an_unknown_figure_ends_before_the_run(
    assay: Assay, suite: Path, tmp_path: Path
) -> None:
    result = assay("eval", "run", suite, "--out", tmp_path / "run", "--fail-under", "macro-f1=0.5")
    assert result.code == 2
    result = assay("eval", "run", suite, "--out", tmp_path / "run", "--fail-under", "macrof1=0.5")
    assert (result.code, "Do you mean macro_f1?" in result.err) == (2, True)
    assert not (tmp_path / "run").exists()


def test_a_bound_that_is_missed_names_suite_and_model(assay: Assay, suite: Path) -> None:
    result = assay("eval", "run", suite, "--fail-under", "accuracy=1.01", *QUICK)
    assert "bridge, embedded: accuracy is " in result.err


def test_two_suites_of_one_name_do_not_share_a_folder(assay: Assay, tmp_path: Path) -> None:
    files = [pairs(tmp_path / folder / "bridge.jsonl") for folder in "ab"]
    result = assay("eval", "run", *files, "--out", tmp_path / "both", "--fresh", *QUICK)
    assert result.code == 2
    assert f"{files[0]} and {files[1]} would both be written to" in result.message
    assert not (tmp_path / "both").exists()
    # One suite named twice is one.
    assert assay("eval", "run", files[0], "a/bridge.jsonl", "--out", "one", *QUICK).code == 0
    assert results_in(Path("one"))["n"] == 4


def test_a_file_in_the_place_of_the_folder_is_wrong_usage(assay: Assay, suite: Path) -> None:
    result = assay("eval", "run", suite, "--out", suite)
    assert (result.code, "is a file" in result.message) == (2, True)


def test_long_names_are_not_cut_off(assay: Assay, suite: Path, tmp_path: Path) -> None:
    models = []
    for end in ("one", "two"):
        file = tmp_path / f"a-name-that-is-rather-long-{end}.json"
        models.append(script(file, *(answer(str(p["claim"]), "neutral") for p in PAIRS)))
    result = assay("eval", "run", suite, "--model", models[0], "--model", models[1], *QUICK)
    header = next(line for line in result.out.splitlines() if line.split() == models)
    assert header


def test_failed_samples_are_exit_code_5(assay: Assay, suite: Path, tmp_path: Path) -> None:
    model = script(tmp_path / "model.json", answer(str(PAIRS[0]["claim"]), "supports"))
    arguments = ("eval", "run", suite, "--model", model, "--out", tmp_path / "run")
    result = assay(*arguments, "--no-baselines")
    assert result.code == 5
    assert "3 samples failed; the same command tries these again" in result.err
    assert results_in(tmp_path / "run")["scored"] == 1


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        (("run", "no-such-suite"), 2, "there is no suite 'no-such-suite'"),
        (("run", "bad.jsonl"), 3, "bad.jsonl, line 2: the line is not JSON"),
        (("run", "bridge.jsonl", "--limit", "0"), 2, "--limit must be at least 1"),
        (("run", "bridge.jsonl", "--limit", "-3"), 2, "--limit must be at least 1"),
        (("run", "bridge.jsonl", "--seed", "-1"), 2, "--seed must be at least 0"),
        (("compare", "nowhere", "nowhere", "--seed", "-1"), 2, "--seed"),
        (("run", "bridge.jsonl", "--concurrency", "0"), 2, "--concurrency must be at least 1"),
        (("run", "bridge.jsonl", "--model", "nothing"), 2, "'nothing' is not a model's name"),
        (("run", "bridge.jsonl", "--model", "scripted:none.json"), 2, "cannot be read"),
        (("run",), 2, "SUITE"),
        (("show", "nowhere"), 2, "holds no results of a complete run"),
        (("compare", "nowhere", "nowhere"), 2, "holds no results of a complete run"),
        (("export", "nowhere"), 2, "holds no results of a complete run"),
        (("fetch", "no-such-set"), 2, "there is no data set 'no-such-set'"),
    ],
)
def test_wrong_input_is_one_message_with_its_code(
    assay: Assay, suite: Path, arguments: tuple[str, ...], code: int, message: str
) -> None:
    Path("bad.jsonl").write_text(suite.read_text("utf-8").splitlines()[0] + "\n{", "utf-8")
    result = assay("eval", *arguments)
    assert result.code == code
    assert message in result.message


def test_an_unwritable_folder_is_a_message(assay: Assay, suite: Path) -> None:
    Path("file").write_text("in the way", "utf-8")
    result = assay("eval", "run", suite, "--out", "file/run")
    assert result.code == 1
    assert "cannot write or read" in result.message


def test_list_names_what_there_is(assay: Assay, monkeypatch: pytest.MonkeyPatch) -> None:
    pairs(Path("sets/verify_dev/rain.jsonl"))
    monkeypatch.setenv("ASSAY_BENCHMARKS", "sets")
    listed = assay("eval", "list", "--json").json
    names = {s["name"]: s["samples"] for s in listed["suites"]}
    assert names["verify_dev/rain"] == 4
    assert {s.name for s in available() if s.shipped} < set(names)
    text = assay("eval", "list").out
    assert "Suites that ship" in text
    assert any(line.split()[:2] == ["questions", "chat"] for line in text.splitlines())


def test_a_run_is_compared_shown_and_exported(assay: Assay, suite: Path) -> None:
    assay("eval", "run", suite, "--out", "a", *QUICK)
    assay("eval", "run", suite, "--out", "b", *QUICK)
    compared = assay("eval", "compare", "a", "b")
    assert compared.code == 0
    assert "McNemar's exact test: only A right 0, only B right 0, p = 1.0000" in compared.out
    assert "4 samples in both, 0 only in A, 0 only in B" in compared.out
    assert "A: embedded, 0 failed" in compared.out
    assert assay("eval", "compare", "a", "b", "--json").json["flips"] == []
    assert assay("eval", "show", "a", "b", "--no-open").code == 0
    assert "<!doctype html>" in Path("a/page.html").read_text("utf-8")
    assert assay("eval", "export", "a").code == 0
    # Inspect lists JSON files only by a name of this form.
    (log,) = Path("a").glob("20??-??-??T??-??-??*_bridge_*.json")
    assert json.loads(log.read_text("utf-8"))["version"] == 2
    assert assay("eval", "export", "a", "--out", "log.json").code == 0
    assert Path("log.json").read_bytes() == log.read_bytes()


@pytest.mark.parametrize("name", ["list", "run", "compare", "show", "export", "fetch"])
def test_every_command_has_help_with_an_example(assay: Assay, name: str) -> None:
    result = assay("eval", name, "--help")
    assert result.code == 0
    assert f"assay eval {name}" in result.out.partition("Example")[2]


def test_eval_loads_nothing_heavy_for_its_help() -> None:
    result = run_program("eval", "--help", env={"PYTHONPROFILEIMPORTTIME": "1"})
    assert result.code == 0
    assert "typer" in result.err  # imports are listed at all
    assert not [m for m in ("sklearn", "scipy", "matplotlib", "evals.") if m in result.err]
