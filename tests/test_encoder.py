"""Encoder and embedder: a text's result is its own, whatever runs beside it."""

from __future__ import annotations

import os
import random
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tools.models import EMBEDDER, JUDGE
from tools.models.embedder import MiniLMEmbedder
from tools.models.encoder import MAX_TOKENS, Encoder

TEXTS = [
    "",
    "Two ferries are late.",
    "Revenue was €84.6 million in the first quarter.",
    "שלום עולם 😀 e\u0301",
    "!!!???...",
    "word " * 5000,
    "x" * 20_000,
]
PAIRS = [(a, b) for a in TEXTS[:4] for b in TEXTS]


@pytest.fixture(scope="module")
def embedder() -> MiniLMEmbedder:
    return MiniLMEmbedder()


@pytest.fixture(scope="module")
def judge() -> Encoder:
    return Encoder(JUDGE, threads=2)


def test_running_a_model_leaves_nothing_behind_and_reports_to_nobody(tmp_path: Path) -> None:
    """Of a process of its own: what onnxruntime may do is decided when it is first imported."""
    code = "from tools.models.embedder import MiniLMEmbedder; MiniLMEmbedder().embed(['a'])"
    home = {name: str(tmp_path) for name in ("HOME", "TMPDIR", "XDG_CACHE_HOME")}
    kept = {name: os.environ[name] for name in ("PATH", "PYTHONPATH") if name in os.environ}
    root = Path(__file__).parents[1]
    subprocess.run([sys.executable, "-B", "-c", code], env=kept | home, cwd=root, check=True)
    assert list(tmp_path.rglob("*")) == []


def test_vectors_have_unit_length(embedder: MiniLMEmbedder) -> None:
    vectors = embedder.embed(TEXTS)
    assert vectors.shape == (len(TEXTS), embedder.dimension)
    assert vectors.dtype == np.float32
    np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-5)


def test_a_text_has_the_same_vector_alone_and_in_any_batch(embedder: MiniLMEmbedder) -> None:
    together = embedder.embed(TEXTS)
    for text, vector in zip(TEXTS, together, strict=True):
        np.testing.assert_allclose(embedder.embed([text])[0], vector, atol=1e-6)
    order = random.Random(3).sample(range(len(TEXTS)), len(TEXTS))
    np.testing.assert_allclose(
        embedder.embed([TEXTS[i] for i in order]), together[order], atol=1e-6
    )


@pytest.mark.parametrize("graph", [EMBEDDER, JUDGE])
def test_the_number_of_threads_does_not_matter(graph: Path) -> None:
    texts = PAIRS if graph == JUDGE else TEXTS
    one, two = (Encoder(graph, threads=n).run(texts) for n in (1, 2))
    np.testing.assert_allclose(one, two, atol=1e-6)


def test_a_pair_has_the_same_result_alone_and_in_any_order(judge: Encoder) -> None:
    together = judge.run(PAIRS)
    assert together.shape == (len(PAIRS), 3)
    np.testing.assert_allclose(judge.run(PAIRS[::-1])[::-1], together, atol=1e-6)
    np.testing.assert_allclose(judge.run(PAIRS[7:8])[0], together[7], atol=1e-6)


def test_nothing_in_nothing_out(embedder: MiniLMEmbedder, judge: Encoder) -> None:
    assert embedder.embed([]).shape == (0, 384)
    assert judge.run([]).shape == (0, 3)


@settings(max_examples=25)
@given(text=st.text(max_size=300))
def test_any_text_has_a_vector(embedder: MiniLMEmbedder, text: str) -> None:
    assert np.isfinite(embedder.embed([text])).all()


def test_a_text_is_cut_at_the_most_tokens(embedder: MiniLMEmbedder) -> None:
    cut, longer = embedder.embed(["word " * MAX_TOKENS, "word " * MAX_TOKENS + "ferry " * 50])
    np.testing.assert_allclose(cut, longer, atol=1e-6)


def test_of_a_pair_the_longer_part_is_cut(judge: Encoder) -> None:
    claim = "The ferry Skarra is late."
    passage = "The ferry Skarra is late. " + "Boats come and go. " * 100
    short, long = judge.run([(claim, passage), (claim, passage * 2)])
    np.testing.assert_allclose(short, long, atol=1e-6)
    (other,) = judge.run([("The ferry Skarra is early.", passage)])
    assert np.abs(other - short).max() > 1e-3


def test_each_finished_text_is_counted(judge: Encoder) -> None:
    counts: list[int] = []
    judge.run(PAIRS[:5], counts.append)
    assert counts == [1] * 5


def test_like_texts_are_nearer_than_unlike_ones(embedder: MiniLMEmbedder) -> None:
    a, b, c = embedder.embed(
        ["The ferry company lost money.", "The shipping line made a loss.", "Bread needs yeast."]
    )
    assert a @ b > a @ c + 0.2


def test_where_the_system_does_not_tell_affinity_all_cores_are_used(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.delattr(os, "sched_getaffinity", raising=False)  # as on macOS and Windows
    monkeypatch.setattr(os, "cpu_count", lambda: None)
    assert Encoder(JUDGE).run([("a", "b")]).shape == (1, 3)
