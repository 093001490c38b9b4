"""Quotes against the sentences that decide: what is measured on, and how it is counted."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.errors import InputError
from agent.rate import evidence
from agent.types import Claim, Evidence, Hit, Stance
from evals.evidence import quotes
from evals.evidence.quotes import (
    BASELINES,
    DECIDED,
    JUDGE,
    Cited,
    Span,
    cited,
    compare,
    half_of,
    overlaps,
    quoted_by,
    run,
    table,
    token_f1,
)
from evals.suites import Suite, load
from tools.text.sentences import sentence_spans

MILL = [
    "The Aldern mill stands by the river and is known to everybody in the valley.",
    "It was built by the brothers Osk in 1871, after the great flood.",
    "Visitors are welcome on Sundays, and bread is baked on the first of each month.",
]
PORT = ["The port of Gremmen is small.", "Its cranes were sold in March."]
CLAIMS: list[dict[str, Any]] = [
    {"id": "1", "claim": "The Osk brothers built the mill.", "label": "supported",
     "gold_ids": ["m1"]},
    {"id": "2", "claim": "The port kept its cranes.", "label": "conflicting",
     "gold_ids": [["p1"], ["p0", "p1"]]},
    {"id": "3", "claim": "The mill was sold.", "label": "unverifiable", "gold_ids": ["m0"]},
    {"id": "4", "claim": "The mill has no owner.", "label": "not_supported", "gold_ids": [[]]},
]  # fmt: skip


def suite(folder: Path, claims: list[dict[str, Any]], rows: list[dict[str, Any]]) -> Suite:
    folder.mkdir(parents=True, exist_ok=True)
    for name, data in (("claims", claims), ("corpus", rows)):
        (folder / f"{name}.jsonl").write_text("\n".join(map(json.dumps, data)), "utf-8")
    return load(folder)


@pytest.fixture
def mills(tmp_path: Path) -> Suite:
    rows = [{"id": f"m{i}", "doc": "mill", "text": text} for i, text in enumerate(MILL)]
    rows += [{"id": f"p{i}", "doc": "port", "text": text} for i, text in enumerate(PORT)]
    return suite(tmp_path / "mills", CLAIMS, rows)


class Quotes:
    """A rater that quotes what it was told to of every passage, with one stance."""

    name = "told"

    def __init__(self, span: tuple[int, int], stance: Stance = "supports") -> None:
        self.span, self.stance = span, stance

    async def rate(self, claim: Claim, hits: Sequence[Hit]) -> list[Evidence]:
        return [evidence(hit, self.span, self.stance, 0.5) for hit in hits]


def gold_texts(sample: Cited) -> list[str]:
    return [sample.text[start:end] for start, end in sample.gold]


def test_the_gold_row_stands_among_its_neighbours(mills: Suite) -> None:
    (sample,) = [s for s in cited(mills) if s.family == "mill"]
    assert sample.text.split("\n\n") == MILL
    assert gold_texts(sample) == [MILL[1]]
    assert sample.stances == {"supports"}
    passage = sample.hit.passage
    assert sample.hit.source.text[passage.start : passage.end] == passage.text


def test_only_rows_that_decide_are_gold(mills: Suite) -> None:
    assert {s.claim for s in cited(mills)} == {CLAIMS[0]["claim"]}


def test_a_passage_with_nothing_but_gold_leaves_no_choice(mills: Suite) -> None:
    assert not [s for s in cited(mills) if s.family == "port"]


def test_rows_of_their_own_label_decide_by_that(tmp_path: Path) -> None:
    claim = {"id": "1", "claim": "Cranes were sold.", "label": "supported",
             "gold_ids": ["a", "b", "c"],
             "gold_labels": ["supported", "unverifiable", "conflicting"]}  # fmt: skip
    rows = [
        {"id": id_, "doc": id_, "title": title, "text": f"{text} {number}."}
        for number, (id_, title, text) in enumerate(
            [("a", "Port", "Cranes were sold"), ("b", "Port", "Ships came"), ("c", "Sea", "None"),
             ("d", "Sea", "The water is cold")]
        )
    ]  # fmt: skip
    samples = cited(suite(tmp_path / "one", [claim], rows))
    # Sources of one row are joined by their title, so that a sentence has neighbours.
    assert [gold_texts(s) for s in samples] == [["Cranes were sold 0."], ["None 2."]]
    assert [s.text.count("\n\n") for s in samples] == [1, 1]
    assert [s.stances for s in samples] == [{"supports"}, {"contradicts"}]
    # Claims are drawn with the source that they come from, not with the article made of several.
    assert {s.family for s in samples} == {"a"}


def test_a_row_that_no_passage_holds_is_left_out(tmp_path: Path) -> None:
    long = " ".join(["Boats came and went all day long."] * 60)
    rows = [{"id": "r", "doc": "d", "text": long}, {"id": "s", "doc": "d", "text": "It rained."}]
    claim = {"id": "1", "claim": "Boats came.", "label": "supported", "gold_ids": ["r"]}
    assert cited(suite(tmp_path / "long", [claim], rows)) == []


def test_the_halves_are_all_and_share_no_source(tmp_path: Path) -> None:
    rows: list[dict[str, Any]] = []
    claims: list[dict[str, Any]] = []
    for number in range(20):
        rows += [
            {"id": f"{number}-{i}", "doc": f"d{number}", "text": t} for i, t in enumerate(PORT)
        ]
        claims += [
            {"id": f"{number}.{i}", "claim": f"Claim {i} of {number}.", "label": "supported",
             "gold_ids": [f"{number}-{i}"]}
            for i in range(2)
        ]  # fmt: skip
    whole = suite(tmp_path / "many", claims, rows)
    tuned, held = (cited(whole, half) for half in ("tuned", "held"))
    assert tuned
    assert held
    assert {s.claim for s in tuned + held} == {s.claim for s in cited(whole)}
    assert not {s.family for s in tuned} & {s.family for s in held}
    assert {half_of(s.family) for s in tuned} == {"tuned"}


def test_a_suite_without_a_corpus_has_no_gold_sentences(tmp_path: Path) -> None:
    file = tmp_path / "pairs.jsonl"
    row = {"id": "1", "claim": "It rained.", "evidence": ["It rained."], "label": "supported"}
    file.write_text(json.dumps(row), "utf-8")
    with pytest.raises(InputError, match="'verify'"):
        cited(load(file))


SPANS = st.tuples(st.integers(0, 60), st.integers(1, 60)).map(lambda p: (p[0], p[0] + p[1]))


@pytest.mark.parametrize(
    ("quote", "gold", "hits"),
    [
        ((0, 10), (0, 10), True),
        ((0, 10), (5, 30), True),  # half of the quote, which is the shorter
        ((0, 10), (6, 30), False),
        ((0, 100), (40, 50), True),  # a long quote that holds the row
        ((40, 45), (0, 100), True),  # a clause of the row
        ((0, 10), (10, 20), False),
    ],
)
def test_a_quote_hits_by_half_of_the_shorter(
    quote: tuple[int, int], gold: tuple[int, int], hits: bool
) -> None:
    assert overlaps(quote, [gold]) is hits


@given(SPANS, SPANS)
def test_hitting_is_mutual(one: tuple[int, int], other: tuple[int, int]) -> None:
    assert overlaps(one, [other]) == overlaps(other, [one])
    assert overlaps(one, [one])
    assert not overlaps(one, [])


@given(st.text(max_size=40), st.text(max_size=40))
def test_token_f1_is_a_share_and_mutual(one: str, other: str) -> None:
    assert 0 <= token_f1(one, other) <= 1
    assert token_f1(one, other) == token_f1(other, one)


def test_token_f1_goes_by_content() -> None:
    assert token_f1("The cranes were sold.", "Its cranes are sold") == 1
    assert token_f1("The cranes were sold.", "Cranes") == pytest.approx(2 / 3)
    assert token_f1("", "Cranes") == 0


def test_figures_follow_from_the_quotes(mills: Suite) -> None:
    (sample,) = cited(mills)
    first = (0, len(MILL[0]))
    second = sample.gold[0]
    samples = [sample] * 4
    right: list[tuple[Span, Stance]] = [(second, "supports")] * 3
    judged = [*right, (first, "neutral")]
    figures = compare(samples, judged, seed=0)
    assert figures[JUDGE]["n"] == 4
    assert figures[JUDGE]["hits"] == 0.75
    assert 0.75 <= figures[JUDGE]["f1"] < 1
    assert figures[DECIDED]["n"] == 3
    assert figures[DECIDED]["hits"] == 1
    assert figures["first sentence"]["hits"] == 0
    assert figures["first sentence"]["judge_less"] == 0.75
    assert figures["most words of the claim"]["hits"] == 1
    words = [len(text.split()) for text in MILL]
    assert figures["first sentence"]["length"] == pytest.approx(words[0] / sum(words), abs=1e-6)
    # All come from one source: there is nothing to draw an interval from.
    assert figures[JUDGE]["ci"]["hits"] is None


def test_no_stance_that_is_right_has_no_share(mills: Suite) -> None:
    samples = cited(mills)
    figures = compare(samples, [(samples[0].gold[0], "contradicts")], seed=0)[DECIDED]
    assert (figures["n"], figures["hits"], figures["f1"]) == (0, None, None)


def test_a_rater_s_quote_is_taken_as_it_stands_in_the_passage(mills: Suite) -> None:
    samples = cited(mills)
    span = sentence_spans(samples[0].text)[2]
    assert asyncio.run(quoted_by(Quotes(span), samples)) == [(span, "supports")]


def test_chance_is_the_seed_s(mills: Suite) -> None:
    (sample,) = cited(mills)
    judged: list[tuple[Span, Stance]] = [(sample.gold[0], "supports")] * 9
    one, same = (compare([sample] * 9, judged, seed=3) for _ in range(2))
    assert one == same


def test_a_run_gives_each_set_that_has_gold(mills: Suite, tmp_path: Path) -> None:
    empty = suite(tmp_path / "none", CLAIMS[3:], [{"id": "m0", "doc": "mill", "text": MILL[0]}])
    paths = [str(mills.path), str(empty.path)]
    ((name, result),) = run(Quotes((0, 10)), paths, limit=None, seed=0, half="all")
    assert name == str(mills.path)
    assert (result["claims"], result["passages"]) == (1, 1)
    assert set(result["ways"]) == {JUDGE, DECIDED, *BASELINES}
    shown = table(name, result)
    assert shown.count("\n|") == 2 + len(result["ways"])
    assert "| judge | 1 | 0.000" in shown


def test_without_benchmarks_it_says_where_they_are_looked_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("ASSAY_BENCHMARKS", str(tmp_path))
    monkeypatch.setattr("sys.argv", ["quotes"])
    with pytest.raises(SystemExit):
        quotes.main()
    assert "ASSAY_BENCHMARKS" in capsys.readouterr().err
