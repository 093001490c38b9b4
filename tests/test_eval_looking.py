"""Comparing runs, looking at them, and Inspect's log of them."""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path
from typing import Any

import lxml.html
import numpy as np
import pytest
from playwright.sync_api import Browser

from agent.errors import UsageError
from evals import charts
from evals.compare import compare
from evals.inspect_log import file_name, to_inspect
from evals.page import flatten, to_html
from evals.results import Settings, assemble
from evals.samples import Kind
from evals.scoring import is_right
from evals.suites import Suite
from tests.browsing import HOSTILE, PWN, PageVisit

GOLD = ["supported", "conflicting", "unverifiable", "supported"] * 10


def said(gold: str, right: bool) -> str:
    return gold if right else {"supported": "conflicting"}.get(gold, "supported")


def outcome(number: int, gold: str, right: bool, text: str = "") -> dict[str, Any]:
    prediction = said(gold, right)
    named = {
        v: 0.8 if v == prediction else 0.1 for v in ("supported", "conflicting", "unverifiable")
    }
    return {
        "id": f"s{number}",
        "input": {"claim": text or f"Claim {number}.", "evidence": [text or f"Evidence {number}."]},
        "gold": gold,
        "meta": {"family": "made up"},
        "prediction": prediction,
        "probabilities": named,
        "error": None,
        "evidence": [{"source": text or "a.txt", "stance": "supports", "probability": 0.8,
                      "quote": text or "Evidence.", "note": text or None}],
    }  # fmt: skip


def failed(number: int, text: str) -> dict[str, Any]:
    error = {"kind": "timeout", "message": text}
    fault: dict[str, Any] = {
        "prediction": None,
        "probabilities": None,
        "error": error,
        "evidence": [],
    }
    return outcome(number, "supported", True, text) | fault


def made_run(
    folder: Path, outcomes: list[dict[str, Any]], kind: Kind = "verify", name: str = "made"
) -> Path:
    """A complete run with these outcomes."""
    folder.mkdir(parents=True)
    suite = Suite(name, kind, Path("made.jsonl"), ())
    taken = [{"ids": [o["id"] for o in outcomes], "seconds": 1.5, "wall_seconds": 1.5}]
    results = assemble(suite, Settings(baselines=False), "judge-1", outcomes, taken)
    lines = "".join(json.dumps(o) + "\n" for o in outcomes)
    (folder / "samples.jsonl").write_text(lines, "utf-8")
    (folder / "results.json").write_text(json.dumps(results), "utf-8")
    return folder


@pytest.fixture
def runs(tmp_path: Path) -> tuple[Path, Path]:
    """Two runs: the second mends six samples and breaks one."""
    first = [outcome(n, gold, n % 4 != 0) for n, gold in enumerate(GOLD)]
    second = [outcome(n, gold, (n % 4 != 0 or n < 24) and n != 1) for n, gold in enumerate(GOLD)]
    return made_run(tmp_path / "a", first), made_run(tmp_path / "b", second)


def tree_of(*runs: Path) -> Any:
    return lxml.html.document_fromstring(to_html(runs).encode())


# Comparing


def test_runs_are_compared_sample_by_sample(runs: tuple[Path, Path]) -> None:
    found = compare(*runs)
    assert found["paired"] == 40
    assert found["mcnemar"] == {"only_first": 1, "only_second": 6, "p_value": 0.125}
    change = found["differences"]["accuracy"]
    assert (change["first"], change["second"], change["difference"]) == (0.75, 0.875, 0.125)
    assert change["ci"][0] <= 0.125 <= change["ci"][1]
    flips = {f["id"]: f["change"] for f in found["flips"]}
    assert flips == {f"s{n}": "mended" for n in range(0, 24, 4)} | {"s1": "broken"}


def test_the_figures_compared_are_those_of_the_runs(runs: tuple[Path, Path]) -> None:
    found = compare(*runs)["differences"]
    for side, path in zip(("first", "second"), runs, strict=True):
        metrics = json.loads((path / "results.json").read_text("utf-8"))["metrics"]
        for name in ("accuracy", "macro_f1"):
            assert found[name][side] == pytest.approx(metrics[name], abs=1e-6)


def test_a_run_is_no_better_for_failing_on_the_hard_ones(tmp_path: Path) -> None:
    hard = [outcome(n, "supported", n > 2) for n in range(10)]
    skipped = [failed(n, "slow") if n < 3 else outcome(n, "supported", True) for n in range(10)]
    found = compare(made_run(tmp_path / "a", hard), made_run(tmp_path / "b", skipped))
    assert found["differences"]["accuracy"]["difference"] == 0
    assert found["flips"] == []


def test_a_sample_whose_gold_was_mended_is_left_out(tmp_path: Path) -> None:
    before = [outcome(0, "supported", True), outcome(1, "supported", True)]
    after = [outcome(0, "supported", True), outcome(1, "conflicting", True)]
    found = compare(made_run(tmp_path / "a", before), made_run(tmp_path / "b", after))
    counts = [found[name] for name in ("paired", "only_in_first", "only_in_second", "changed")]
    assert counts == [1, 0, 0, 1]
    assert "another input or gold" in found["notes"][0]


def test_a_sample_of_another_text_is_another_sample(tmp_path: Path) -> None:
    before = [outcome(n, "supported", True) for n in range(3)]
    after = [outcome(n, "supported", n > 0, "Another." if n < 2 else "") for n in range(3)]
    one, other = made_run(tmp_path / "a", before), made_run(tmp_path / "b", after)
    assert (compare(one, other)["paired"], compare(one, other)["flips"]) == (1, [])
    third = made_run(tmp_path / "c", after[:2])
    with pytest.raises(UsageError, match="share ids, but no sample has the same input and gold"):
        compare(one, third)


def test_runs_on_different_sources_are_not_compared(tmp_path: Path) -> None:
    rows = [outcome(0, "supported", True)]
    runs = [made_run(tmp_path / name, rows) for name in "ab"]
    for number, path in enumerate(runs):
        data = json.loads((path / "results.json").read_text("utf-8"))
        data["run"]["corpus_sha256"] = str(number)
        (path / "results.json").write_text(json.dumps(data), "utf-8")
    with pytest.raises(UsageError, match=r"the sources of .* are not the same"):
        compare(runs[0], runs[1])


def test_it_is_said_how_many_failed_and_that_they_count_as_wrong(tmp_path: Path) -> None:
    whole = [outcome(n, "supported", True) for n in range(4)]
    broken = [failed(0, "slow") | {"input": whole[0]["input"]}, *whole[1:]]
    one, other = made_run(tmp_path / "a", whole), made_run(tmp_path / "b", broken)
    found = compare(one, other)
    assert found["notes"] == ["0 failed in A, 1 in B: here they count as wrong"]
    assert found["differences"]["accuracy"]["difference"] == -0.25
    assert found["flips"][0]["second"] == "failed"


def test_three_way_gold_is_compared_as_the_runs_measure_it(tmp_path: Path) -> None:
    golds = ["supported", "unverifiable", "conflicting", "supported", "not_supported"] * 4
    first = [outcome(n, gold, n % 3 != 0) for n, gold in enumerate(golds)]
    second = [outcome(n, gold, n % 4 != 0) for n, gold in enumerate(golds)]
    for row in (*first, *second):
        if row["prediction"] == "not_supported":  # no verdict: what the gold is called
            row["prediction"] = "conflicting"
    runs = made_run(tmp_path / "a", first), made_run(tmp_path / "b", second)
    found = compare(*runs)["differences"]
    for side, path in zip(("first", "second"), runs, strict=True):
        metrics = json.loads((path / "results.json").read_text("utf-8"))["metrics"]
        for name in ("accuracy", "macro_f1"):
            assert found[name][side] == pytest.approx(metrics[name], abs=1e-6)
        whole = metrics["two_way"]["accuracy"]
        assert found["two_way.accuracy"][side] == pytest.approx(whole, abs=1e-6)


PROMISES = {"dangling_pronoun": False, "relative_date": False, "unnamed_body": False,
            "stands_alone": True, "entailed": True}  # fmt: skip


def article(number: int, *verdicts: str) -> dict[str, Any]:
    """An article with a supported claim for each verdict that was given."""
    claim: dict[str, Any] = {"quote": "q", "start": 0, "end": 1, "verbatim": True, "offsets": True,
             **PROMISES, "covered": True, "probabilities": None,
             "confidence": 0.8, "error": None, "evidence": []}  # fmt: skip
    gold: dict[str, Any] = {
        "label": "supported",
        "quote": None,
        "start": None,
        "end": None,
        "sources": [],
    }
    return {
        "id": f"a{number}", "input": {"title": None, "text": f"Article {number}."},
        "gold": [gold | {"text": f"Claim {n}."} for n in range(len(verdicts))],
        "gold_excluded": [], "probabilities": None, "error": None,
        "prediction": [claim | {"text": f"Claim {n}.", "verdict": v}
                       for n, v in enumerate(verdicts)],
        "matches": [[n, n, 1.0] for n in range(len(verdicts))],
        "gold_covered": [True] * len(verdicts),
        "accounted": {"sentences": len(verdicts), "accounted": len(verdicts)},
    }  # fmt: skip


def test_claims_of_one_article_are_not_taken_for_independent(tmp_path: Path) -> None:
    one = made_run(tmp_path / "a", [article(0, *["supported"] * 20)], "article")
    other = made_run(tmp_path / "b", [article(0, *["conflicting"] * 20)], "article")
    found = compare(one, other)
    assert found["mcnemar"] is None
    assert any("not independent" in note for note in found["notes"])
    change = found["differences"]["accuracy"]
    assert (change["difference"], change["ci"]) == (-1.0, None)


def test_runs_of_different_suites_are_not_compared(tmp_path: Path) -> None:
    rows = [outcome(0, "supported", True)]
    one = made_run(tmp_path / "a", rows)
    other = made_run(tmp_path / "b", rows, name="other")
    data = json.loads((other / "results.json").read_text("utf-8"))
    data["run"]["suite_sha256"] = "0" * 64
    (other / "results.json").write_text(json.dumps(data), "utf-8")
    with pytest.raises(UsageError, match="Compare runs of one suite"):
        compare(one, other)


def extracted(number: int, gold: int, found: int, matched: int) -> dict[str, Any]:
    claims = [
        {"text": f"F{i}", "quote": "q", "start": 0, "end": 1, "verbatim": True, "offsets": True,
         **PROMISES, "covered": i < matched}
        for i in range(found)
    ]  # fmt: skip
    return {
        "id": f"x{number}", "input": {"text": "A text."}, "gold": [f"G{i}" for i in range(gold)],
        "prediction": claims, "probabilities": None, "error": None,
        "matches": [[i, i, 1.0] for i in range(matched)],
        "gold_covered": [i < matched for i in range(gold)],
        "accounted": {"sentences": 1, "accounted": 1},
        "sentences": {"found": 1, "matched": 1, "covered": 1, "gold_covered": gold},
    }  # fmt: skip


def test_extraction_is_compared_by_its_sums(tmp_path: Path) -> None:
    one = made_run(tmp_path / "a", [extracted(0, 4, 2, 2), extracted(1, 2, 2, 1)], "extraction")
    other = made_run(tmp_path / "b", [extracted(0, 4, 4, 4), extracted(1, 2, 2, 1)], "extraction")
    found = compare(one, other)
    assert found["mcnemar"] is None
    recall = found["differences"]["recall"]
    assert (recall["first"], recall["second"]) == (0.5, round(5 / 6, 6))
    assert [flip["id"] for flip in found["flips"]] == ["x0"]


def test_a_text_that_failed_is_compared_as_one_where_nothing_was_found(tmp_path: Path) -> None:
    fault: dict[str, Any] = {
        "prediction": None,
        "matches": [],
        "error": {"kind": "timeout", "message": "slow"},
    }
    whole = [extracted(0, 2, 2, 2), extracted(1, 2, 2, 1)]
    one = made_run(tmp_path / "a", whole, "extraction")
    other = made_run(tmp_path / "b", [whole[0], whole[1] | fault], "extraction")
    found = compare(one, other)
    assert found["differences"]["recall"]["second"] == 0.5
    assert [flip["second"] for flip in found["flips"]] == ["failed"]


def test_texts_with_nothing_to_find_have_no_f1(tmp_path: Path) -> None:
    runs = [made_run(tmp_path / n, [extracted(0, 0, 0, 0)], "extraction") for n in "ab"]
    assert compare(runs[0], runs[1])["differences"]["f1"] == {
        "first": None, "second": None, "difference": None, "ci": None,
    }  # fmt: skip


# The page


def test_the_page_is_the_same_bytes_every_time(runs: tuple[Path, Path]) -> None:
    assert to_html([runs[0]]) == to_html([runs[0]])


def test_the_page_shows_figures_charts_and_wrong_samples_first(runs: tuple[Path, Path]) -> None:
    tree = tree_of(runs[0])
    assert "0.750" in tree.text_content()
    titles = [t.text for t in tree.iter("title")][1:]
    assert [t.partition(":")[0] for t in titles] == [
        "Reliability", "Risk and coverage", "Cost against quality",
    ]  # fmt: skip
    states = [li.get("data-state") for li in tree.find_class("sample")]
    assert states == ["wrong"] * 10 + ["right"] * 30


def test_several_runs_stand_side_by_side(runs: tuple[Path, Path]) -> None:
    tree = tree_of(*runs)
    row = next(r for r in tree.iter("tr") if r[0].text_content() == "accuracy")
    assert [cell.text_content()[:5] for cell in row[1:]] == ["0.750", "0.875"]


def test_failures_of_every_run_are_shown_beside_its_figures(tmp_path: Path) -> None:
    one = made_run(tmp_path / "a", [outcome(n, "supported", True) for n in range(3)])
    rows = [failed(n, "slow") if n else outcome(0, "supported", True) for n in range(3)]
    tree = tree_of(one, made_run(tmp_path / "b", rows))
    cells = {
        row[0].text_content(): [c.text_content() for c in row[1:]]
        for row in tree.iter("tr")
    }  # fmt: skip
    assert (cells["Scored"], cells["Failed"]) == (["3", "1"], ["0", "2"])
    assert "counts it as wrong" in tree.text_content()


def test_runs_of_two_suites_are_no_page(tmp_path: Path) -> None:
    one = made_run(tmp_path / "a", [outcome(0, "supported", True)])
    other = made_run(tmp_path / "b", [extracted(0, 1, 1, 1)], "extraction", name="other")
    with pytest.raises(UsageError, match=r"made \(verify\), .* of other \(extraction\)"):
        to_html([one, other])


def test_results_of_another_time_are_a_message(runs: tuple[Path, Path]) -> None:
    file = runs[0] / "results.json"
    data = json.loads(file.read_text("utf-8"))
    del data["usage"]
    file.write_text(json.dumps(data), "utf-8")
    with pytest.raises(UsageError, match="it has no 'usage'"):
        to_html([runs[0]])


def test_a_page_needs_a_complete_run(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="no results of a complete run"):
        to_html([tmp_path])


def test_of_a_folder_above_runs_it_is_said_which_there_are(runs: tuple[Path, Path]) -> None:
    with pytest.raises(UsageError, match="no results of a complete run") as refused:
        compare(runs[0].parent, runs[1])
    assert refused.value.todo == f"Name one of the runs in it: {runs[0]}, {runs[1]}"


def test_charts_carry_no_style_and_no_script(runs: tuple[Path, Path]) -> None:
    page = tree_of(runs[0])
    for drawing in page.iter("svg"):
        for element in drawing.iter():
            assert element.tag not in ("style", "script", "metadata")
            assert "style" not in element.attrib
            assert not any(name.startswith("on") for name in element.attrib)
    ids = [e.get("id") for e in page.iter() if isinstance(e.tag, str) and e.get("id")]
    assert len(ids) == len(set(ids))


def test_one_bin_is_enough_for_a_chart() -> None:
    bins = [{"confidence": 0.5, "accuracy": 1.0, "n": 1}]
    assert charts.reliability(bins).startswith("<svg")
    assert charts.risk_coverage([{"coverage": 1.0, "risk": 0.0}]).startswith("<svg")
    assert charts.cost_quality([("<b>", 0.0, 0.5)], "Seconds", "f1").count("<b>") == 0


@pytest.mark.filterwarnings("error")
def test_a_long_name_does_not_push_a_drawing_together() -> None:
    drawn = charts.cost_quality([("x" * 200, 1.0, 0.5), ("y" * 200, 9.0, 0.5)], "Seconds", "f1")
    assert "x" * 28 + "…" in drawn
    assert "x" * 29 not in drawn


@pytest.fixture
def hostile(tmp_path: Path) -> Path:
    rows = [outcome(n, "supported", n % 2 == 0, text) for n, text in enumerate(HOSTILE)]
    rows += [failed(100 + n, text) for n, text in enumerate(HOSTILE)]
    for row in rows:
        row["meta"] = {"family": row["input"]["claim"]}
    return made_run(tmp_path / "hostile", rows, name=HOSTILE[0])


def test_no_text_of_a_sample_becomes_an_element(hostile: Path, tmp_path: Path) -> None:
    plain = [outcome(n, "supported", n % 2 == 0, "plain text") for n in range(len(HOSTILE))]
    plain += [failed(100 + n, "plain text") for n in range(len(HOSTILE))]
    for number, row in enumerate(plain):
        row["meta"] = {"family": f"family {number % len(HOSTILE)}"}

    def shape(run: Path) -> list[tuple[str, tuple[str, ...]]]:
        tree = tree_of(run)
        drawn = {e for svg in tree.iter("svg") for e in svg.iter()}
        return [
            (e.tag, tuple(e.attrib))
            for e in tree.iter()
            if isinstance(e.tag, str) and e not in drawn
        ]

    assert shape(hostile) == shape(made_run(tmp_path / "plain", plain))


def test_the_wrong_ones_can_be_filtered(
    browser: Browser, tmp_path: Path, runs: tuple[Path, Path]
) -> None:
    with PageVisit(browser, tmp_path, to_html([runs[0]])) as visit:
        page = visit.page
        assert page.locator(".sample:visible").count() == 40
        page.get_by_role("button", name="Wrong 10").click()
        assert page.locator(".sample:visible").count() == 10
        page.locator("#search").fill("Claim 12.")
        assert page.locator(".sample:visible").count() == 1
        assert page.locator("#shown").inner_text() == "1 of 40"
        page.locator(".sample:visible summary").click()
        assert page.get_by_text("Evidence 12.").is_visible()
        visit.assert_quiet()


def test_nothing_of_a_hostile_sample_runs(browser: Browser, tmp_path: Path, hostile: Path) -> None:
    with PageVisit(browser, tmp_path, to_html([hostile])) as visit:
        visit.page.get_by_role("button", name="Failed").click()
        assert visit.page.locator(".sample:visible").count() == len(HOSTILE)
        assert visit.page.evaluate(PWN.split("=")[0]) is None
        visit.assert_quiet()


# Inspect


def test_the_log_has_inspects_shape(runs: tuple[Path, Path]) -> None:
    log = to_inspect(runs[0])
    assert (log["version"], log["status"]) == (2, "success")
    assert log["eval"]["task"] == "made"
    assert log["eval"]["dataset"]["sample_ids"][:2] == ["s0", "s1"]
    (score,) = log["results"]["scores"]
    assert score["metrics"]["accuracy"]["value"] == 0.75
    assert score["metrics"]["accuracy"]["metadata"]["stderr"] > 0
    marks = [sample["scores"]["assay"]["value"] for sample in log["samples"]]
    rows = [
        json.loads(line) for line in (runs[0] / "samples.jsonl").read_text("utf-8").splitlines()
    ]
    assert marks == ["C" if is_right(r["gold"], r["prediction"]) else "I" for r in rows]


def test_a_log_has_a_name_that_inspect_lists(runs: tuple[Path, Path]) -> None:
    log = to_inspect(runs[0])
    log["eval"]["task"] = "e2e/wice: a <suite>"
    # What `inspect_ai.log` looks for, and no character that a file system minds.
    assert re.fullmatch(
        r"\d{4}-\d{2}-\d{2}T\d{2}-\d{2}-\d{2}\+00-00_e2e-wice-a-suite-_\w+\.json", file_name(log)
    )


def test_texts_are_scored_by_the_share_of_claims_found(tmp_path: Path) -> None:
    run = made_run(tmp_path / "a", [extracted(0, 4, 2, 1), extracted(1, 0, 2, 0)], "extraction")
    first, second = to_inspect(run)["samples"]
    assert first["scores"]["assay"]["value"] == 0.25
    assert first["scores"]["assay"]["answer"] == "F0\nF1"
    assert second["scores"]["assay"]["value"] == "N"


def test_tokens_are_told_where_a_model_was_asked(tmp_path: Path) -> None:
    taken = {"seconds": 2.5, "requests": 1, "prompt_tokens": 90, "completion_tokens": 9,
             "cost_usd": None, "max_rss_mib": 50.0}  # fmt: skip
    asked = outcome(0, "supported", True) | {"usage": taken}
    first, second = to_inspect(made_run(tmp_path / "a", [asked, outcome(1, "supported", True)]))[
        "samples"
    ]
    assert first["total_time"] == 2.5
    assert first["model_usage"]["assay/embedded"]["total_tokens"] == 99
    assert second["model_usage"] == {}


def test_a_failed_sample_has_an_error_and_no_score(tmp_path: Path) -> None:
    run = made_run(tmp_path / "a", [outcome(0, "supported", True), failed(1, "slow")])
    good, bad = to_inspect(run)["samples"]
    assert "error" not in good
    assert (bad["scores"], bad["error"]["message"]) == ({}, "timeout: slow")


def test_inspect_reads_the_log(runs: tuple[Path, Path], tmp_path: Path) -> None:
    log_module = pytest.importorskip("inspect_ai.log")
    file = tmp_path / "log.json"
    file.write_text(json.dumps(to_inspect(runs[0])), "utf-8")
    read = log_module.read_eval_log(str(file))
    assert read.results.scores[0].metrics["accuracy"].value == 0.75
    assert len(read.samples) == 40


# Flattening


def test_figures_are_named_by_their_path() -> None:
    figures = {"accuracy": 0.5, "f1": {"supported": 1.0}, "confusion": {"labels": []},
               "ci": {"accuracy": [0, 1]}, "claims": {"f1": None}}  # fmt: skip
    assert flatten(figures) == {"accuracy": 0.5, "f1.supported": 1.0, "claims.f1": None}


def test_a_copied_run_is_the_same_run(runs: tuple[Path, Path], tmp_path: Path) -> None:
    copy = Path(shutil.copytree(runs[0], tmp_path / "copy"))
    found = compare(runs[0], copy / "results.json")
    assert found["flips"] == []
    assert np.isclose(found["differences"]["macro_f1"]["difference"], 0)
