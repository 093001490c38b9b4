"""Public data sets: downloads on request only, and each form becomes a suite.

The samples of foreign forms are our own sentences.
"""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from agent.errors import InputError, UsageError
from evals.fetch import DATA_SETS, data_set, fetch
from evals.samples import ClaimSample, PairSample
from evals.suites import load

SYMMETRIC = "".join(
    json.dumps({"id": "7", "claim": claim, "evidence": "The mill is closed .", "gold_label": label})
    + "\n"
    for claim, label in (
        ("The mill is open .", "REFUTES"),
        ("The mill is closed .", "SUPPORTS"),
        ("The mill is open .", "REFUTES"),
    )
)
TABLE = 'sentence1\tsentence2\tgold_label\nIt "rains.\tIt is dry.\tcontradiction\n'
CONJUNCTIONS = "\ufeffPremise\tHypothesis\tLabel\nAda and Bo sing.\tBo sings.\tentailment\n"
SUMMARIES = json.dumps(
    [
        {"id": "a", "doc": "Ada bought bread.", "summary": "Ada bought bread.", "label": 1},
        {"id": "b", "doc": "Ada bought bread.", "summary": "Ada sold bread.", "label": 0},
    ]
)
PAGES = json.dumps(
    {
        "label": "partially_supported",
        "supporting_sentences": [[0, 2], [2, 1]],
        "claim": "The red mill opened in 1901.",
        "evidence": ["The mill", "It is red.", "It opened in 1901."],
        "meta": {"id": "dev1"},
    }
)
FORMS = {
    "fever_symmetric_v02_dev": (SYMMETRIC, ["conflicting", "supported"]),
    "nli_counterfactual_dev": (TABLE, ["conflicting"]),
    "nli_conj_dev": (CONJUNCTIONS, ["supported"]),
    "summedits_news": (SUMMARIES, ["supported", "not_supported"]),
    "wice_dev": (PAGES, ["partially_supported"]),
}


def local(name: str, text: str, folder: Path) -> Path:
    file = folder / f"{name}.raw"
    file.write_text(text, "utf-8")
    return file


@pytest.mark.parametrize("name", FORMS)
def test_each_form_becomes_a_suite(name: str, tmp_path: Path) -> None:
    text, expected = FORMS[name]
    file = local(name, text, tmp_path)
    path, count = fetch(replace(data_set(name), url=file.as_uri()), tmp_path / "sets")
    suite = load(path)
    assert count == len(suite.samples) == len(expected)
    labels = [s.label for s in suite.samples if isinstance(s, PairSample | ClaimSample)]
    assert labels == expected
    origin = json.loads((tmp_path / f"sets/fetched/{name}.origin.json").read_text("utf-8"))
    assert origin["licence"] == data_set(name).licence
    assert len(origin["sha256"]) == 64


def test_sets_of_supporting_sentences_stay_apart(tmp_path: Path) -> None:
    file = local("wice", PAGES, tmp_path)
    path, _ = fetch(replace(data_set("wice_dev"), url=file.as_uri()), tmp_path / "sets")
    (sample,) = load(path).samples
    assert isinstance(sample, ClaimSample)
    (source,) = load(path).sources()
    told = [{source.document.text[slice(*source.rows[r])] for r in one} for one in sample.gold_sets]
    assert told == [{"The mill", "It opened in 1901."}, {"It is red.", "It opened in 1901."}]


def test_every_data_set_is_named_once_and_fetched_over_https() -> None:
    names = [data.name for data in DATA_SETS]
    assert len(names) == len(set(names))
    for data in DATA_SETS:
        assert data.url.startswith("https://")
        assert data.licence
        assert data.about


def test_an_unknown_data_set_is_answered_with_the_known_ones() -> None:
    with pytest.raises(UsageError, match="There are fever_symmetric_v02_dev"):
        data_set("everything")


def test_what_cannot_be_downloaded_leaves_nothing_behind(tmp_path: Path) -> None:
    data = replace(data_set("nli_conj_dev"), url=(tmp_path / "missing").as_uri())
    with pytest.raises(InputError, match="cannot be downloaded"):
        fetch(data, tmp_path / "sets")
    assert not (tmp_path / "sets").exists()


@pytest.mark.parametrize("text", ["<html>Not found</html>", "", "a\tb\n1\t2\n"])
def test_a_file_of_another_form_is_refused(text: str, tmp_path: Path) -> None:
    file = local("other", text, tmp_path)
    with pytest.raises(InputError, match="not in the form that is known"):
        fetch(replace(data_set("nli_conj_dev"), url=file.as_uri()), tmp_path / "sets")
    assert not (tmp_path / "sets").exists()


def test_nothing_but_https_is_asked_for(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="no https address"):
        fetch(replace(data_set("nli_conj_dev"), url="http://127.0.0.1:9/x"), tmp_path)
