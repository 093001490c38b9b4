"""Passages that are near a claim and leave it open."""

from __future__ import annotations

import random
import re
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from tools.text.words import content_stems
from tools.training.pairs import TrainingPair
from tools.training.retrieved.articles import article_negatives
from tools.training.retrieved.negatives import Passage, passages_of, retrieved_negatives
from tools.training.retrieved.relation import is_near_copy, shared


class Words:
    """An embedder that knows only which words a text has."""

    id = "words"
    dimension = 64

    def __init__(self) -> None:
        self.calls = 0

    def embed(self, texts: Sequence[str]) -> NDArray[np.float32]:
        self.calls += 1
        vectors = np.full((len(texts), self.dimension), 1e-3, dtype=np.float32)
        for row, text in zip(vectors, texts, strict=True):
            for word in content_stems(text):
                row[sum(word.encode()) % self.dimension] += 1
        vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
        return vectors


# What may decide


@pytest.mark.parametrize(
    ("claim", "passage"),
    [
        # The same said in other order, or with another figure, is no open passage.
        ("Halden Foods closed its mill in Ostrey.", "The mill of Halden Foods in Ostrey closed."),
        ("Anna Roe was born in 1950.", "Anna Roe, born on 3 May 1962, is a composer."),
        # Nobody is named: the sentence before may have said who.
        ("Anna Roe directed music videos.", "She also directed several music videos."),
        # The surname alone may be the same person.
        ("Anna Roe directed music videos.", "Roe later directed videos."),
        # A claim that names nothing, and most of its words.
        ("masks lower the risk of infection", "Wearing masks lowers infection risk a little."),
    ],
)
def test_what_may_decide_is_no_negative(claim: str, passage: str) -> None:
    assert shared(claim, passage) is None


@pytest.mark.parametrize(
    ("claim", "passage", "kind"),
    [
        ("Anna Roe directed three operas.", "Anna Roe lives on a farm in Bree.", "same_subject"),
        ("Anna Roe was born in Ostrey.", "Anna Lind was born in Skarra.", "similar_name"),
        ("Anna Roe was born in Ostrey.", "Erik Lind was born in Skarra.", "other_subject"),
        (
            "She won a medal at the 2016 Summer Olympics.",
            "He rowed at the 2012 Summer Olympics and came fourth.",
            "other_year",
        ),
        ("Halden Foods closed its mill.", "Ground water has risen in Skarra.", "topic"),
    ],
)
def test_a_kind_tells_what_is_shared(claim: str, passage: str, kind: str) -> None:
    assert shared(claim, passage) == kind


@given(st.lists(st.sampled_from("Roe Lind mill closed opera risk 40 born".split()), min_size=1))
def test_no_text_is_a_negative_of_itself(words: list[str]) -> None:
    text = " ".join(words)
    assert shared(text, text) is None or is_near_copy(text, text)


# Retrieval


CLAIM = "Anna Roe directed three operas in Ostrey."
OWN = "Three operas were put on stage in Ostrey by the director Anna Roe."
POOL = [
    Passage("set:1", OWN),
    Passage("set:1", "Anna Roe keeps bees and sells honey at the weekly market."),
    Passage("set:2", OWN.replace("director", "well-known director")),
    Passage("set:3", "Anna Roe was awarded the freedom of the town of Bree."),
    Passage("set:4", "Anna Lind directed an opera about a flood in Skarra."),
    Passage("set:5", "The harbour of Ostrey freezes over in January."),
]


def _negatives(
    folder: Path, claims: list[TrainingPair] | None = None, **options: object
) -> list[TrainingPair]:
    claims = claims or [TrainingPair(CLAIM, OWN, "supported", "toy", "set:1")]
    settings: dict[str, object] = {"cache": folder, "embedder": Words(), "per_claim": 9} | options
    return list(retrieved_negatives(claims, POOL, random.Random(0), **settings))  # type: ignore[arg-type]


def test_own_evidence_its_group_and_near_copies_are_left_out(tmp_path: Path) -> None:
    made = _negatives(tmp_path)
    assert {pair.passage for pair in made} == {passage.text for passage in POOL[3:]}
    assert {pair.label for pair in made} == {"unverifiable"}
    assert {pair.group for pair in made} == {"set:1"}
    assert {pair.maker for pair in made} == {
        "negatives/same_subject",
        "negatives/similar_name",
        "negatives/topic",
    }


def test_claims_that_are_only_ever_open_are_not_searched_for(tmp_path: Path) -> None:
    only_open = [TrainingPair(CLAIM, OWN, "unverifiable", "toy", "set:1")]
    assert _negatives(tmp_path, only_open) == []


def test_claims_that_do_not_read_alone_are_not_searched_for(tmp_path: Path) -> None:
    leaning = [TrainingPair("She directed Anna Roe.", OWN, "supported", "toy", "set:1")]
    assert _negatives(tmp_path, leaning) == []


def test_what_the_judge_is_sure_of_is_left_out_where_the_subject_is_named(tmp_path: Path) -> None:
    asked: list[tuple[str, str]] = []

    def judge(pairs: Sequence[tuple[str, str]]) -> NDArray[np.float32]:
        asked.extend(pairs)
        sure = [[0.9, 0.05, 0.05] if "Bree" in text else [0.1, 0.7, 0.2] for _, text in pairs]
        return np.array(sure, dtype=np.float32)

    made = _negatives(tmp_path, judge=judge)
    assert {pair.passage for pair in made} == {POOL[4].text, POOL[5].text}
    assert {text for _, text in asked} == {POOL[3].text, POOL[4].text}


def test_the_same_texts_are_embedded_once(tmp_path: Path) -> None:
    first, second = Words(), Words()
    assert _negatives(tmp_path, embedder=first) == _negatives(tmp_path, embedder=second)
    assert (first.calls, second.calls) == (2, 0)


def test_a_pool_is_evidence_and_windows_of_texts_each_once() -> None:
    pairs = [TrainingPair("c", OWN, "supported", "toy", "set:1")] * 2
    text = "The mill closed in June of that year. Nobody knew why. Too short."
    pool = passages_of(pairs, [("news:1", text)])
    assert pool == [
        Passage("set:1", OWN),
        Passage("news:1", "The mill closed in June of that year. Nobody knew why."),
    ]


# Articles


ARTICLE = (
    "Halden Foods will close its mill in Ostrey after 112 years, the company announced. "
    "Halden Foods makes flour, oats and animal feed for most of the valley. "
    "Mayor Anna Roe called a meeting of the town council for Thursday evening. "
    "Unions in Ostrey say that nobody asked them. "
    "The mill of Halden Foods used 40 tonnes of wheat a day in its best years. "
    "Rain fell on Ostrey for most of the week."
)


def test_each_claim_of_an_article_comes_open_and_decided() -> None:
    made = list(article_negatives([("news:1", ARTICLE)], random.Random(3)))
    assert made
    for left_open, decided in zip(made[::2], made[1::2], strict=True):
        assert left_open.claim == decided.claim
        assert left_open.group == decided.group == "news:1"
        assert left_open.label == "unverifiable"
        changed = decided.maker.endswith("_figure")
        assert decided.label == ("conflicting" if changed else "supported")
        assert (decided.claim in decided.passage) != changed
        assert decided.claim not in left_open.passage


@given(st.integers(0, 500))
def test_a_changed_figure_is_the_only_change(seed: int) -> None:
    digits = re.compile(r"[\d,.]+")
    for pair in article_negatives([("news:1", ARTICLE)], random.Random(seed)):
        if pair.maker == "article/own_figure":
            assert digits.sub("#", pair.claim) in digits.sub("#", pair.passage)
            assert pair.claim not in pair.passage


def test_the_same_seed_gives_the_same_pairs() -> None:
    texts = [("news:1", ARTICLE), ("news:2", ARTICLE)]
    first = list(article_negatives(texts, random.Random(1)))
    assert first == list(article_negatives(texts, random.Random(1)))
