"""Suites: found by name or path, read whole, and every fault named by file and line."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.errors import InputError, UsageError
from evals.samples import ArticleSample, ClaimSample, PairSample, WorthSample
from evals.suites import SHIPPED, Suite, available, find, load

PAIR = {"id": "1", "claim": "It rained.", "evidence": ["It rained."], "label": "supported"}
ROW = {"id": "d1-1", "doc": "d1", "text": "The mill opened in 1901.", "title": "Mill"}
CLAIM = {
    "id": "c1",
    "claim": "The mill opened in 1901.",
    "label": "supported",
    "gold_ids": ["d1-1"],
}


def write(path: Path, rows: Sequence[object]) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    lines = [row if isinstance(row, str) else json.dumps(row) for row in rows]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def corpus_suite(
    folder: Path, claim: dict[str, Any] = CLAIM, rows: Sequence[object] = (ROW,)
) -> Path:
    write(folder / "claims.jsonl", [claim])
    write(folder / "corpus.jsonl", rows)
    return folder


# Kinds


@pytest.mark.parametrize(
    ("row", "kind"),
    [
        (PAIR, "verify"),
        ({"id": 1, "text": "It rained.", "claims": ["It rained."]}, "extraction"),
        ({"id": 1, "text": "It rained.", "label": "check_worthy"}, "check-worthiness"),
    ],
)
def test_a_file_tells_its_kind_by_its_fields(tmp_path: Path, row: object, kind: str) -> None:
    suite = load(str(write(tmp_path / "some.jsonl", [row])))
    assert (suite.name, suite.kind, len(suite.samples)) == ("some", kind, 1)
    assert suite.samples[0].id == "1"


def test_a_folder_with_a_corpus_is_end_to_end(tmp_path: Path) -> None:
    second = ROW | {"id": "d1-2", "text": "It burned down."}
    suite = load(str(corpus_suite(tmp_path / "mills", rows=[ROW, second])))
    assert suite.kind == "end to end"
    (source,) = suite.sources()
    assert source.name == "d1"
    for row, (start, end) in source.rows.items():
        assert source.document.text[start:end] == {"d1-1": ROW, "d1-2": second}[row]["text"]


def test_gold_rows_may_be_one_set_or_several() -> None:
    def sets(gold: object) -> list[list[str]]:
        return ClaimSample.model_validate(CLAIM | {"gold_ids": gold}).gold_sets

    assert sets(["a", "b"]) == [["a", "b"]]
    assert sets([["a"], ["b", "c"]]) == [["a"], ["b", "c"]]
    assert sets([]) == []


def test_an_article_suite_has_its_gold_at_offsets(tmp_path: Path) -> None:
    text = "The mill opened in 1901. A fine year!"
    (tmp_path / "articles").mkdir()
    (tmp_path / "sources").mkdir()
    (tmp_path / "articles/mill.txt").write_text(text, "utf-8")
    (tmp_path / "sources/news.txt").write_text("The mill opened in 1901.", "utf-8")
    gold = {"quote": text[:24], "start": 0, "end": 24, "text": text[:24], "verdict": "supported",
            "supports": ["news.txt"], "contradicts": []}  # fmt: skip
    row = {"id": "a1", "article": "articles/mill.txt", "claims": [gold],
           "excluded": [{"quote": "A fine year!", "reason": "opinion"}]}  # fmt: skip
    write(tmp_path / "gold.jsonl", [row])
    suite = load(tmp_path)
    (sample,) = suite.samples
    assert isinstance(sample, ArticleSample)
    assert suite.kind == "article"
    assert sample.claims[0].sources == ["news.txt"]
    assert [source.name for source in suite.sources()] == ["news.txt"]
    write(tmp_path / "gold.jsonl", [row | {"claims": [gold | {"end": 23}]}])
    with pytest.raises(InputError, match=r"gold\.jsonl, line 1: the quote is not at its offsets"):
        load(tmp_path)


MILL = "The mill opened in 1901. A fine year!"
GOLD = {"id": "c1", "quote": MILL[:24], "start": 0, "end": 24, "verdict": "supported",
        "supports": ["news.txt"], "contradicts": []}  # fmt: skip
ARTICLE = {"id": "a1", "article": "articles/mill.txt", "claims": [GOLD],
           "excluded": [{"quote": "A fine year!", "reason": "opinion"}]}  # fmt: skip


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        ([], "is empty"),
        ([ARTICLE | {"claims": [GOLD | {"supports": ["old.txt"]}]}],
         "line 1: sources/ has no file 'old.txt'"),
        ([ARTICLE | {"excluded": [{"quote": "A poor year!"}]}],
         "line 1: the excluded quote is not in the article: 'A poor year!'"),
        ([ARTICLE | {"claims": [], "excluded": []}],
         "line 1: the article has neither claims nor excluded passages"),
        ([ARTICLE | {"claims": []}], "has no gold claim"),
        ([ARTICLE, ARTICLE | {"claims": []}], "line 2: the id 'a1' stands on line 1 already"),
        ([ARTICLE | {"claims": [GOLD, GOLD]}], "line 1: the claim id 'c1' stands on it"),
        ([ARTICLE | {"claims": [GOLD | {"start": "first"}]}],
         "line 1: claims.0.start: input should be a valid integer"),
        ([ARTICLE | {"claims": [{"quote": "The mill"}]}], "line 1: claims.0.start: field required"),
        ([ARTICLE | {"claims": "one"}], "line 1: claims: input should be a valid list"),
        ([ARTICLE | {"claims": [GOLD | {"verdict": "true"}]}], "line 1: the verdict 'true' is"),
        ([ARTICLE | {"article": "articles/lost.txt"}], "line 1: article: "),
    ],
)  # fmt: skip
def test_what_is_wrong_with_an_article_is_named(
    tmp_path: Path, rows: list[object], message: str
) -> None:
    for folder, text in (("articles/mill.txt", MILL), ("sources/news.txt", MILL[:24])):
        (tmp_path / folder).parent.mkdir()
        (tmp_path / folder).write_text(text, "utf-8")
    write(tmp_path / "gold.jsonl", rows)
    with pytest.raises(InputError) as caught:
        load(tmp_path)
    assert "gold.jsonl" in str(caught.value)
    assert message in str(caught.value)


@pytest.mark.parametrize(
    ("document", "message"),
    [
        ({"sentences": [{"text": "…"}]}, "line 1: sentences.0.claims: field required"),
        ({"sentences": [{"claims": [{"claim": "It rained."}]}]},
         "line 1: sentences.0.claims.0.factual: field required"),
        ({"sentences": [{"claims": []}]}, "has no gold claim"),
        ({"sentences": 3}, "line 1: sentences: input should be a valid list"),
    ],
)  # fmt: skip
def test_what_is_wrong_with_a_checked_text_is_named(
    tmp_path: Path, document: dict[str, Any], message: str
) -> None:
    write(tmp_path / "documents.jsonl", [{"id": "t1", "text": "It opened."} | document])
    write(tmp_path / "corpus.jsonl", [ROW])
    with pytest.raises(InputError) as caught:
        load(tmp_path)
    assert message in str(caught.value)


def test_texts_with_factual_sentences_are_articles(tmp_path: Path) -> None:
    claims = [
        {"claim": "It opened in 1901.", "factual": True, "human_evidence_id": "d1-1"},
        {"claim": "It burned in 1902.", "factual": False, "human_evidence_id": None},
        {"claim": "It is haunted.", "factual": "unknown", "human_evidence_id": None},
    ]
    document = {"id": "t1", "text": "It opened.", "sentences": [{"text": "…", "claims": claims}]}
    write(tmp_path / "documents.jsonl", [document])
    write(tmp_path / "corpus.jsonl", [ROW])
    (sample,) = load(tmp_path).samples
    assert isinstance(sample, ArticleSample)
    assert [c.label for c in sample.claims] == ["supported", "not_supported", None]
    assert sample.claims[0].sources == ["d1"]


def test_reasons_for_not_checking_are_not_check_worthy(tmp_path: Path) -> None:
    labels = ["yes", "opinion", "other", "not_a_claim", "check_worthy"]
    rows = [{"id": i, "text": "Hm.", "label": label} for i, label in enumerate(labels)]
    samples = load(write(tmp_path / "s.jsonl", rows)).samples
    worth = [s.label for s in samples if isinstance(s, WorthSample)]
    assert worth == ["check_worthy", *["not_check_worthy"] * 3, "check_worthy"]


# Faults


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        ([PAIR, "{not json"], "line 2: the line is not JSON"),
        ([PAIR, "", '["list"]'], "line 3: the line is not a JSON object"),
        ([PAIR, PAIR | {"id": "2", "label": "true"}], "line 2: the label 'true' is none of"),
        ([PAIR, PAIR | {"id": "2", "evidence": "one text"}], "line 2: evidence: "),
        ([PAIR, {"id": "2", "evidence": [], "label": "supported"}], "line 2: claim: "),
        ([PAIR, PAIR], "line 2: the id '1' stands on line 1 already"),
        ([{"id": "1", "a": 2}], "line 1: no kind of suite"),
        ([{"id": "1", "question": "Who?"}], "holds questions, but not what they are asked of"),
        (["  "], "is empty"),
    ],
)
def test_a_malformed_line_is_named(tmp_path: Path, rows: list[object], message: str) -> None:
    file = write(tmp_path / "bad.jsonl", rows)
    with pytest.raises(InputError) as caught:
        load(str(file))
    assert str(file) in str(caught.value)
    assert message in str(caught.value)


def test_a_line_that_is_not_utf_8_is_named(tmp_path: Path) -> None:
    file = tmp_path / "bad.jsonl"
    file.write_bytes(json.dumps(PAIR).encode() + b'\n{"id": "\xff"}\n')
    with pytest.raises(InputError, match="line 2: the line is not UTF-8"):
        load(str(file))


def test_a_gold_row_that_the_corpus_lacks_is_named(tmp_path: Path) -> None:
    folder = corpus_suite(tmp_path, CLAIM | {"gold_ids": ["d1-1", "d9-9"]})
    with pytest.raises(InputError, match=r"claims\.jsonl, line 1: corpus\.jsonl has no row .*d9-9"):
        load(str(folder))


def test_claims_without_a_word_on_gold_rows_are_refused(tmp_path: Path) -> None:
    claim = {name: value for name, value in CLAIM.items() if name != "gold_ids"}
    with pytest.raises(InputError, match=r"claims\.jsonl, line 1: gold_ids: field required"):
        load(str(corpus_suite(tmp_path, claim)))


def test_a_corpus_is_needed(tmp_path: Path) -> None:
    write(tmp_path / "claims.jsonl", [CLAIM])
    with pytest.raises(InputError, match=r"has claims\.jsonl but no corpus\.jsonl"):
        load(str(tmp_path))


def test_a_row_of_the_corpus_that_is_malformed_is_named(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"corpus\.jsonl, line 2: doc: field required"):
        load(str(corpus_suite(tmp_path, rows=[ROW, {"id": "x", "text": "y"}])))


@given(st.lists(st.text(max_size=30), min_size=1, max_size=4))
def test_any_line_is_read_or_named(
    tmp_path_factory: pytest.TempPathFactory, lines: list[str]
) -> None:
    file = tmp_path_factory.mktemp("any") / "any.jsonl"
    file.write_text("\n".join(lines), encoding="utf-8", errors="replace")
    with pytest.raises(InputError):
        load(file)


# Names


def test_shipped_suites_are_there_by_name() -> None:
    ours = {suite.name for suite in available() if suite.shipped}
    assert ours == {path.name for path in SHIPPED.iterdir() if path.is_dir()}
    for name in ours:
        assert load(name).name == name


def test_an_unknown_name_is_answered_with_a_near_one() -> None:
    with pytest.raises(UsageError) as caught:
        find("nunbers")
    assert str(caught.value) == (
        "there is no suite 'nunbers'. Do you mean numbers? See: assay eval list"
    )


def test_benchmarks_are_found_where_the_variable_says(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ASSAY_BENCHMARKS", str(tmp_path))
    file = write(tmp_path / "verify_dev/rain.jsonl", [PAIR])
    corpus_suite(tmp_path / "e2e/rain")
    write(tmp_path / "verify_dev/notes.md", ["no suite"])
    listed = {s.name: (s.kind, s.count()) for s in available() if not s.shipped}
    assert listed == {"verify_dev/rain": ("verify", 1), "e2e/rain": ("end to end", 1)}
    assert find("verify_dev/rain") == find("verify_dev/rain.jsonl") == file
    with pytest.raises(UsageError, match="names several suites: verify_dev/rain, e2e/rain"):
        find("rain")


# Choosing


def suite_of(n: int) -> Suite:
    samples = tuple(PairSample.model_validate(PAIR | {"id": i}) for i in range(n))
    return Suite("s", "verify", Path("s.jsonl"), samples)


@given(st.integers(1, 40), st.integers(1, 50), st.integers(0, 5))
def test_a_limit_chooses_by_seed_and_keeps_the_order(n: int, limit: int, seed: int) -> None:
    chosen = [int(s.id) for s in suite_of(n).limited(limit, seed).samples]
    assert chosen == sorted(set(chosen))
    assert len(chosen) == min(n, limit)
    assert chosen == [int(s.id) for s in suite_of(n).limited(limit, seed).samples]


def test_another_seed_chooses_others_and_the_digest_tells() -> None:
    one, other = (suite_of(50).limited(5, seed) for seed in (0, 1))
    assert one.samples != other.samples
    assert one.sha256 != other.sha256
    assert one.sha256 == suite_of(50).limited(5, 0).sha256
