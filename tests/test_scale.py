"""The benchmark of large libraries, on a small one."""

from __future__ import annotations

from pathlib import Path

import pytest

from evals.performance import scale


@pytest.fixture(autouse=True)
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(scale, "WORDS", 1_000)
    monkeypatch.setattr(scale, "TOPICS", 10)
    monkeypatch.setattr(scale, "_BATCH", 3)


def test_a_library_is_filled_up_to_a_size_and_looked_at(tmp_path: Path) -> None:
    texts, embedder = scale.Texts(), scale.DrawnVectors()
    first = scale.fill(tmp_path, 20, texts.document, embedder)
    assert first["added"] >= 20
    assert {"embedding", "Chroma", "full text", "SQLite"} <= set(first["parts"])
    again = scale.fill(tmp_path, 30, texts.document, embedder)
    assert again["added"] >= 1  # went on from what was there, with other texts
    told = scale.look(tmp_path, 3)
    assert told["passages"] == first["added"] + again["added"]
    assert 0 < told["p50_ms"] <= told["p95_ms"]
    assert f"{told['passages']:,}" in scale.line(
        {**told, "added": 0, "seconds": 0.0, "first_open": 0.1}
    )
