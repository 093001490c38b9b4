"""Suites of questions: how facts are found, answers scored, runs compared, faults named."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.errors import InputError, UsageError
from evals import chat
from evals.compare import compare
from evals.inspect_log import to_inspect
from evals.outcomes import Outcome
from evals.page import to_html
from evals.record import read_outcomes
from evals.results import Settings
from evals.run import run
from evals.samples import QuestionSample
from evals.suites import SHIPPED, load
from tests.conftest import Assay
from tests.fake_embedder import WordEmbedder
from tools.readers import read_file

ROWS = [
    {"id": "b-1", "doc": "bridge", "title": "Bridge",
     "text": "The Tallis Bridge was opened on 3 May 2024 by Mayor Ada Berg."},
    {"id": "b-2", "doc": "bridge", "title": "Bridge", "text": "It cost 12 million euros."},
    {"id": "n-1", "doc": "bus", "title": "Bus", "text": "The night bus to Orrel runs hourly."},
]  # fmt: skip
OPENED: dict[str, Any] = {
    "id": "q1", "question": "When was the Tallis Bridge opened?", "answerable": True,
    "facts": [["3 May 2024", "3 May"]], "cite": ["bridge"], "not_cite": ["bus"],
}  # fmt: skip
PAINTED: dict[str, Any] = {
    "id": "q2", "question": "Which painter lives at the quarry?", "answerable": False,
}  # fmt: skip
TRUE: dict[str, Any] = {
    "id": "q3", "question": "Is it true that the Tallis Bridge cost 12 million euros?",
    "answerable": True, "cite": ["bridge"], "verdict": "supported",
}  # fmt: skip


def suite(folder: Path, questions: Sequence[object] = (OPENED, PAINTED, TRUE)) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    for name, rows in (("questions.jsonl", questions), ("corpus.jsonl", ROWS)):
        text = "".join(json.dumps(row) + "\n" for row in rows)
        (folder / name).write_text(text, encoding="utf-8")
    return folder


def run_now(path: Path, folder: Path, **settings: Any) -> dict[str, Any]:
    return asyncio.run(run(load(path), Settings(**settings), folder, embedder=WordEmbedder()))


def said(gold: dict[str, Any], **prediction: Any) -> Outcome:
    """An outcome by hand."""
    whole = {"facts": [], "cite": [], "not_cite": [], "verdict": None} | gold
    return {
        "id": gold.get("id", "q"), "input": {"question": "?"}, "gold": whole, "error": None,
        "prediction": {"answered": True, "text": "", "words": 3, "cited": [], "facts_found": [],
                       "verdict": None, "disagreement": False, "verbatim": []} | prediction,
        "first_passage": [],
    }  # fmt: skip


# Facts


@pytest.mark.parametrize(
    ("fact", "answer"),
    [
        ("£7.4 million", "The work will cost £7.4 million."),
        ("€1,850,000", "Hammer price: €1850000."),
        ("It's over", "“It’s over,” she said."),
        ("40 per cent", "It goes up to 40 percent."),
        ("22 votes to 15", "They voted by 22 votes to 15."),
        ("a plant of 240 people", "The plant has work for 240 people of the town."),
    ],
)
def test_a_fact_is_found_whatever_its_dress(fact: str, answer: str) -> None:
    assert chat.has_fact(fact, answer)


@pytest.mark.parametrize(
    ("fact", "answer"),
    [
        ("£7.4 million", "The work will cost €7.4 million."),
        ("£7.4 million", "The work will cost £7.4 billion."),
        ("22", "It was built in 2022."),
        ("7", "It cost 7.4 million."),
        ("three people were hurt in Skell", "Two people were hurt in Skell."),
        ("she plans to pay a dividend", "She does not plan to pay a dividend."),
        ("Edmund Carrow will appeal", "Carrow."),
        ("anything", ""),
    ],
)
def test_another_figure_a_denial_or_a_part_is_not_the_fact(fact: str, answer: str) -> None:
    assert not chat.has_fact(fact, answer)


@given(st.text(max_size=60), st.text(max_size=60))
def test_what_an_answer_holds_word_for_word_is_found(before: str, after: str) -> None:
    fact = "in 87 transfers"
    assert chat.has_fact(fact, f"{before}\n\n{fact}\n\n{after}")


# Scores


def test_an_answer_is_right_only_as_a_whole() -> None:
    gold = OPENED | {"verdict": None}
    good = {"facts_found": [True], "cited": ["bridge"]}
    wrong: list[dict[str, Any]] = [
        {"facts_found": [False]}, {"cited": []}, {"cited": ["bridge", "bus"]}, {"answered": False},
    ]  # fmt: skip
    assert chat.is_right(gold, said(gold, **good)["prediction"])
    for change in wrong:
        assert not chat.is_right(gold, said(gold, **good | change)["prediction"])
    both = gold | {"cite": [["a", "b"], "c"], "not_cite": []}
    assert chat.is_right(both, said(both, **good | {"cited": ["b", "c"]})["prediction"])
    assert not chat.is_right(both, said(both, **good | {"cited": ["a", "b"]})["prediction"])


def test_figures_are_counted_over_facts_citations_and_questions() -> None:
    two = {"answerable": True, "facts": ["x", "y"], "cite": [["a", "b"], "c"], "not_cite": ["d"]}
    checked = {"answerable": True, "cite": ["a"], "verdict": "supported"}
    open_ = {"answerable": False}
    figures = chat.figures(
        [
            said(two, facts_found=[True, False], cited=["a", "d", "e"], verbatim=[True] * 3),
            said(checked, cited=["a"], verdict="supported", verbatim=[True], words=5),
            said(checked, answered=False, verdict="unverifiable", words=0),
            said(open_, answered=False, words=0),
            said(open_, cited=["a"], verbatim=[False]),
        ],
        seed=0,
    )
    ci = figures.pop("ci")
    assert figures == {
        "accuracy": 0.4,
        "fact_recall": 0.5,
        "citation_precision": 0.4,  # a and a of a, d, e, a, a: nothing is welcome to open_
        "citation_recall": 0.5,
        "forbidden_citations": 1.0,
        "unanswerable_refused": 0.5,
        "answerable_refused": round(1 / 3, 6),
        "verdict_accuracy": 0.5,
        "verbatim_quotes": 0.8,
        "answer_words": 3.67,
    }
    assert set(ci) == set(figures)
    assert ci.pop("fact_recall") is None  # one question alone asks for facts
    for name, (low, high) in ci.items():
        assert low - 1e-4 <= figures[name] <= high + 0.01


def test_without_an_answer_there_is_no_figure() -> None:
    figures = chat.figures([], seed=0)
    assert set(figures.pop("ci")) == set()
    assert set(figures.values()) == {None}


# Runs


def test_a_run_holds_answers_figures_and_the_baseline(tmp_path: Path) -> None:
    results = run_now(suite(tmp_path / "bridges"), tmp_path / "run")
    assert (results["kind"], results["n"], results["scored"], results["failed"]) == (
        "chat", 3, 3, 0,
    )  # fmt: skip
    metrics = results["metrics"]
    assert metrics["unanswerable_refused"] == 1.0
    assert metrics["fact_recall"] == metrics["verbatim_quotes"] == 1.0
    baseline = results["baselines"]["first_passage"]
    assert baseline["unanswerable_refused"] == 0.0
    assert (baseline["verdict_accuracy"], baseline["fact_recall"]) == (None, 1.0)
    opened, painted, _ = read_outcomes(tmp_path / "run")
    assert opened["input"] == {"question": OPENED["question"]}
    assert opened["gold"]["facts"] == OPENED["facts"]
    assert opened["prediction"]["cited"] == ["bridge"]
    assert "3 May 2024" in opened["evidence"][0]["quote"]
    assert not painted["prediction"]["answered"]


def test_a_run_is_the_same_bytes_every_time(tmp_path: Path) -> None:
    path = suite(tmp_path / "bridges")
    first, second = (run_now(path, tmp_path / name) for name in ("one", "two"))
    assert first["metrics"] == second["metrics"]
    one, two = ((tmp_path / n / "samples.jsonl") for n in ("one", "two"))
    strip = [[{**o, "usage": None} for o in read_outcomes(f.parent)] for f in (one, two)]
    assert strip[0] == strip[1]


def test_as_of_leaves_out_what_was_published_later(tmp_path: Path) -> None:
    folder = tmp_path / "dated"
    (folder / "sources").mkdir(parents=True)
    for year, count in ((2024, 12), (2025, 19)):
        text = f"---\ntitle: Storks of Orrel\ndate: {year}-06-01\n---\nOrrel has {count} storks."
        (folder / f"sources/storks-{year}.md").write_text(text, "utf-8")
    asked = {"question": "How many storks has Orrel?", "answerable": True}
    rows = [
        asked | {"id": "then", "facts": ["12"], "cite": ["storks-2024.md"],
                 "not_cite": ["storks-2025.md"], "as_of": "2024-12-31"},
        asked | {"id": "now", "facts": ["19"], "cite": ["storks-2025.md"]},
    ]  # fmt: skip
    lines = "".join(json.dumps(row) + "\n" for row in rows)
    (folder / "questions.jsonl").write_text(lines, "utf-8")
    run_now(folder, tmp_path / "run")
    then, now = read_outcomes(tmp_path / "run")
    assert then["input"]["as_of"] == "2024-12-31"
    assert then["prediction"]["cited"] == ["storks-2024.md"]
    assert then["first_passage"][0]["cited"] == ["storks-2024.md"]
    assert "storks-2025.md" in now["prediction"]["cited"]


def test_a_run_is_compared_shown_and_exported(tmp_path: Path) -> None:
    path = suite(tmp_path / "bridges")
    run_now(path, tmp_path / "a")
    run_now(path, tmp_path / "b")
    outcomes = read_outcomes(tmp_path / "b")
    outcomes[0] |= {"prediction": None, "error": {"kind": "timeout", "message": "<late>"}}
    lines = "".join(json.dumps(outcome) + "\n" for outcome in outcomes)
    (tmp_path / "b/samples.jsonl").write_text(lines, "utf-8")
    found = compare(tmp_path / "a", tmp_path / "b")
    assert found["mcnemar"]["only_first"] == 1
    assert found["differences"]["fact_recall"]["difference"] == -1.0
    (flip,) = found["flips"]
    assert (flip["id"], flip["first"], flip["second"], flip["change"]) == (
        "q1", "answered, 1 of 1 facts", "failed", "broken",
    )  # fmt: skip
    page = to_html([tmp_path / "b"])
    assert "&lt;late&gt;" in page
    assert "Which painter lives at the quarry?" in page
    samples = {s["id"]: s for s in to_inspect(tmp_path / "b")["samples"]}
    assert samples["q1"]["error"]
    assert samples["q2"]["scores"]["assay"]["value"] == "C"
    assert samples["q2"]["target"] == ["not said"]


def test_what_failed_is_counted_as_failed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from agent.errors import ClaimFailed

    async def fails(*_: Any, **__: Any) -> None:
        raise ClaimFailed("timeout", "nobody answered")

    monkeypatch.setattr("evals.tasks.aask", fails)
    results = run_now(suite(tmp_path / "bridges"), tmp_path / "run")
    assert (results["n"], results["scored"], results["failed"]) == (3, 0, 3)
    assert results["metrics"]["accuracy"] is None
    assert results["errors"] == {"timeout": 3}


def test_a_language_model_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="cannot be put to a language model yet"):
        run_now(suite(tmp_path / "bridges"), tmp_path / "run", model="openai:some")


def test_the_command_runs_and_lists_questions(
    assay: Assay, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tools.models.embedder.MiniLMEmbedder", WordEmbedder)
    monkeypatch.chdir(tmp_path)
    suite(tmp_path / "sets/e2e/bridges")
    monkeypatch.setenv("ASSAY_BENCHMARKS", "sets")
    monkeypatch.setenv("ASSAY_CACHE", "cache")
    listed = assay("eval", "list", "--json").json["suites"]
    assert {"name": "e2e/bridges", "kind": "chat", "samples": 3, "ships": False} in listed
    arguments = ("eval", "run", "e2e/bridges", "--out", "run", "--quiet")
    result = assay(*arguments, "--fail-under", "fact_recall=0.9")
    assert result.code == 0, result.err
    assert "[first passage]" in result.out
    assert assay(*arguments, "--fail-over", "answer_words=1").code == 10


# Reading


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"cite": ["b9"]}, "there is no source 'b9'"),
        ({"cite": [["bridge", "b9"]]}, "there is no source 'b9'"),
        ({"not_cite": ["b9"]}, "there is no source 'b9'"),
        ({"verdict": "true"}, "the verdict 'true' is none of supported"),
        ({"facts": [], "cite": []}, "a question that is answerable has facts or cite"),
        ({"answerable": False}, "a question that is not answerable has no facts"),
        ({"facts": [[]]}, "a fact is empty"),
        ({"facts": [""]}, "a fact is empty"),
        ({"as_of": "soon"}, "as_of: 'soon' is no date"),
        ({"answerable": None}, "answerable: "),
        ({"question": ""}, "question: "),
        ({"id": "q2"}, "the id 'q2' stands on line 1 already"),
    ],
)
def test_a_malformed_line_is_named(tmp_path: Path, change: dict[str, Any], message: str) -> None:
    path = suite(tmp_path / "bad", [PAINTED, OPENED | change])
    with pytest.raises(InputError) as caught:
        load(path)
    assert "questions.jsonl, line 2: " in str(caught.value)
    assert message in str(caught.value)


def test_questions_need_sources(tmp_path: Path) -> None:
    path = suite(tmp_path / "alone")
    (path / "corpus.jsonl").unlink()
    with pytest.raises(InputError, match=r"has questions\.jsonl but not a corpus\.jsonl"):
        load(path)
    (path / "suite.json").write_text('["sources"]', "utf-8")
    with pytest.raises(InputError, match=r"suite\.json names no library"):
        load(path)
    (path / "suite.json").write_text('{"library": "nowhere"}', "utf-8")
    with pytest.raises(InputError, match=r"has questions\.jsonl but not"):
        load(path)


# The suite that ships

QUESTIONS = [s for s in load("questions").samples if isinstance(s, QuestionSample)]
SOURCES = {path.name: read_file(path) for path in sorted((SHIPPED / "newsroom/sources").iterdir())}


def test_the_suite_has_the_size_that_it_promises() -> None:
    assert len(QUESTIONS) == 40
    assert sum(sample.answerable for sample in QUESTIONS) == 28
    assert len({sample.question for sample in QUESTIONS}) == 40
    assert {path.name for path in load("questions").corpus if isinstance(path, Path)} == set(
        SOURCES
    )


@pytest.mark.parametrize("sample", QUESTIONS, ids=lambda s: str(s.id))
def test_every_fact_stands_in_a_source_that_is_to_be_cited(sample: QuestionSample) -> None:
    welcome = [name for item in chat.either(sample.cite) for name in item]
    assert not set(welcome) & set(sample.not_cite)
    for fact in chat.either(sample.facts):
        assert any(chat.has_fact(w, SOURCES[name].text) for w in fact for name in welcome)
