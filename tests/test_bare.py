"""The bare pipeline beside Assay, on a few claims: `python -m evals.bare` runs all of it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evals.bare import trouble
from evals.bare.parts import ChromaStore, RecursiveSplitter, ShippedEmbeddings
from evals.bare.reader import as_verdict
from evals.faults.table import FAULTS
from evals.faults.trials import Row
from tests.fake_embedder import WordEmbedder

TROUBLE = {
    "500": "held",
    "prose": "lost",
    "quote invented": "wrong",
    "redirect elsewhere": "elsewhere",
}


@pytest.fixture(scope="module")
def wanted() -> list[Row]:
    return [Row(name, "rate", "first") for name in TROUBLE]


def test_the_bare_pipeline_comes_through_some_faults_and_not_through_others(
    wanted: list[Row],
) -> None:
    trials = trouble.bare(wanted)
    assert {row.name: trial.ended for row, trial in trials.items()} == TROUBLE


def test_assay_holds_on_the_same_rows(wanted: list[Row]) -> None:
    assert {trial.ended for trial in trouble.assay(wanted).values()} == {"held"}


def test_every_fault_but_those_of_lists_of_passages_is_met_by_both() -> None:
    left_out = {row.name for row in trouble.rows()} ^ set(FAULTS)
    assert left_out == {"a passage left out", "a passage twice"}


@given(
    st.text(st.sampled_from("ab \n"), max_size=400),
    st.integers(min_value=1, max_value=60),
    st.integers(min_value=0, max_value=20),
)
def test_chunks_are_cut_from_the_text_and_lose_nothing_but_blanks(
    text: str, size: int, overlap: int
) -> None:
    chunks = RecursiveSplitter(size, min(overlap, size)).split_text(text)
    place = 0
    for chunk in chunks:
        assert 0 < len(chunk) <= size
        assert chunk in text
    for word in text.split():
        if len(word) < size:
            place = next(n for n, chunk in enumerate(chunks) if n >= place and word in chunk)


def test_the_store_finds_the_nearest_text_with_what_is_known_of_it() -> None:
    store = ChromaStore.from_texts(
        ["The ferry sails.", "The bridge is shut."],
        ShippedEmbeddings(WordEmbedder()),
        [{"title": "ferry"}, {"title": "bridge"}],
    )
    try:
        (found,) = store.similarity_search("The bridge is shut.", k=1)
        assert (found.page_content, found.metadata) == ("The bridge is shut.", {"title": "bridge"})
    finally:
        store.close()


def test_a_passage_that_contradicts_outweighs_one_that_supports() -> None:
    decided = [
        {"passage": 1, "stance": "supports", "quote": "a"},
        {"passage": 2, "stance": "contradicts", "quote": "b"},
    ]
    both = as_verdict({"explanation": "", "decided": decided})
    assert (both["verdict"], both["passage"]) == ("conflicting", 2)
    assert as_verdict({"explanation": "", "decided": []})["verdict"] == "unverifiable"
