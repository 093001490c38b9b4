"""What is counted as found, of which rows, and how the figures are shown."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.errors import InputError
from agent.types import Hit, Passage, Source
from evals.evidence.retrieval import (
    FIGURES,
    Asked,
    Place,
    fused,
    measured,
    proposed,
    run,
    shows,
    summary,
    table,
)
from tests.fake_embedder import WordEmbedder


def hit(source: str, start: int, end: int) -> Hit:
    text = "x" * 1000
    return Hit(
        passage=Passage(
            id=f"{source}:{start}",
            source_id=source,
            number=0,
            start=start,
            end=end,
            text=text[start:end],
        ),
        source=Source(id=source, text=text, added_at="2026-01-01T00:00:00Z", origin=source),
        score=0.0,
    )


def write(folder: Path, name: str, rows: list[dict[str, object]]) -> None:
    folder.mkdir(exist_ok=True)
    lines = "".join(json.dumps(row) + "\n" for row in rows)
    (folder / name).write_text(lines, encoding="utf-8")


@pytest.fixture
def suite(tmp_path: Path) -> Path:
    folder = tmp_path / "boats"
    said = [
        "The ferry Alma sank in the harbour in March.",
        "Rain fell on the hills for a week.",
        "The mayor of Ness opened a school.",
    ]
    corpus: list[dict[str, object]] = [
        {"id": f"r{i}", "doc": f"d{i}", "text": text, "title": "News"}
        for i, text in enumerate(said)
    ]
    write(folder, "corpus.jsonl", corpus)
    claims: list[dict[str, object]] = [
        {"id": "a", "claim": "The ferry Alma sank.", "label": "supported", "gold_ids": ["r0"]},
        {"id": "b", "claim": "Rain fell for a day.", "label": "unverifiable", "gold_ids": ["r1"]},
        {
            "id": "c",
            "claim": "The mayor opened a school.",
            "label": "supported",
            "gold_ids": ["r2", "r1"],
            "gold_labels": ["supported", "unverifiable"],
        },
        {"id": "d", "claim": "Nobody came.", "label": "unverifiable", "gold_ids": []},
    ]
    write(folder, "claims.jsonl", claims)
    return folder


def test_a_row_is_shown_from_half_of_the_shorter_on() -> None:
    row = Place("s", 100, 200)
    assert shows(hit("s", 0, 150), row)
    assert not shows(hit("s", 0, 149), row)
    assert shows(hit("s", 120, 140), row)
    assert not shows(hit("t", 100, 200), row)
    assert not shows(hit("s", 0, 500), Place("", 0, 0))


def test_the_figures_of_one_claim() -> None:
    rows = (Place("s", 0, 100), Place("s", 300, 400), Place("t", 0, 100))
    found = [hit("u", 0, 100), hit("s", 0, 100), *[hit("v", i, i + 9) for i in range(5)]]
    figures = measured(Asked("claim", "s", (rows,)), [*found, hit("s", 300, 400)])
    assert figures["recall@1"] == 0
    assert figures["recall@5"] == pytest.approx(1 / 3)
    assert figures["recall@10"] == pytest.approx(2 / 3)
    assert (figures["any@10"], figures["all@10"], figures["source@10"]) == (1, 0, 1)
    assert figures["mrr"] == 0.5


def test_of_several_sets_the_one_found_best_counts() -> None:
    two, one = (Place("s", 0, 9), Place("s", 50, 59)), (Place("t", 0, 9),)
    assert measured(Asked("claim", "s", (two, one)), [hit("t", 0, 9)])["all@10"] == 1


def test_the_right_source_is_found_where_the_row_is_not() -> None:
    figures = measured(Asked("claim", "s", ((Place("s", 0, 9),),)), [hit("s", 500, 600)])
    assert figures["source@10"] == 1
    assert figures["any@10"] == figures["mrr"] == 0


@given(st.lists(st.sampled_from("stuv"), max_size=12), st.sets(st.sampled_from("stuv"), min_size=1))
def test_figures_are_shares_and_grow_with_depth(found: list[str], gold: set[str]) -> None:
    claim = Asked("claim", "s", (tuple(Place(source, 0, 10) for source in sorted(gold)),))
    figures = measured(claim, [hit(source, 0, 10) for source in found])
    assert set(figures) == set(FIGURES)
    assert all(0 <= value <= 1 for value in figures.values())
    assert figures["recall@1"] <= figures["recall@5"] <= figures["recall@10"] <= figures["any@10"]
    assert figures["all@10"] <= figures["recall@10"]
    assert figures["source@10"] >= figures["any@10"]


def test_lists_are_fused_by_place_and_ties_by_id() -> None:
    a, b, c, d = (hit(source, 0, 10) for source in "abcd")
    assert fused([[a, b, c], [b, c, d]], 3) == [b, c, a]
    assert fused([[b, d], [d, b]], 2) == [b, d]
    assert fused([[], []], 2) == []


def test_what_either_list_holds_was_proposed() -> None:
    claim = Asked("claim", "s", ((Place("s", 0, 10), Place("t", 0, 10)), (Place("u", 0, 10),)))
    assert proposed(claim, [[hit("t", 0, 10)], []]) == 0.5
    assert proposed(claim, [[hit("t", 0, 10)], [hit("s", 0, 10)]]) == 1
    assert proposed(claim, [[], [hit("v", 0, 10)]]) == 0


def test_claims_on_one_source_are_drawn_together() -> None:
    hits = [[hit("s", 0, 10)]] * 6 + [[]] * 6
    place = (Place("s", 0, 10),)
    apart = [Asked("claim", f"s{i}", (place,)) for i in range(12)]
    together = [Asked("claim", f"s{i // 6}", (place,)) for i in range(12)]
    narrow, wide = (summary(claims, hits, 0) for claims in (apart, together))
    assert narrow["any@10"] == wide["any@10"] == 0.5
    assert wide["ci"]["any@10"] == [0, 1]
    assert narrow["ci"]["any@10"][0] > 0


def test_rows_that_decide_nothing_are_left_out_unless_asked_for(
    suite: Path, tmp_path: Path
) -> None:
    def claims(*, every_row: bool) -> int:
        ((_, result),) = run(
            [str(suite)],
            half="all",
            every_row=every_row,
            embedder=WordEmbedder(),
            libraries=tmp_path / "libraries",
        )
        assert list(result["ways"]) == ["by meaning", "by words", "by place", "by both"]
        assert result["proposed"] == 1
        assert result["ways"]["by both"]["any@10"] == 1
        return int(result["claims"])

    assert claims(every_row=False) == 2
    assert claims(every_row=True) == 3


def test_a_closer_look_is_one_more_way(suite: Path, tmp_path: Path) -> None:
    results = dict(
        run(
            [str(suite)],
            half="all",
            rerank=lambda _, hits: [0.0] * len(hits),
            embedder=WordEmbedder(),
            libraries=tmp_path / "libraries",
        )
    )
    ((_, result),) = results.items()
    plain, reranked = result["ways"]["by both"], result["ways"]["re-ranked"]
    assert plain | {"ms": 0} == reranked | {"ms": 0}
    shown = table(results).splitlines()
    assert len(shown) == 2 + len(result["ways"])
    assert len({line.count("|") for line in shown}) == 1


def test_a_suite_without_a_corpus_is_refused(tmp_path: Path) -> None:
    pairs = tmp_path / "pairs.jsonl"
    pair = {"id": "1", "claim": "Rain fell.", "evidence": ["Rain fell."], "label": "supported"}
    pairs.write_text(json.dumps(pair) + "\n", encoding="utf-8")
    with pytest.raises(InputError, match="kind 'verify'"):
        list(run([str(pairs)], embedder=WordEmbedder(), libraries=tmp_path))
