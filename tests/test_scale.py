"""The benchmark of large libraries, on a small one."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from evals.performance import scale
from tools.library.passages import passage_spans


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


def test_short_sources_are_one_passage_each(tmp_path: Path) -> None:
    scale.write(tmp_path, 3)
    rows = [json.loads(line) for line in (tmp_path / "0000.jsonl").read_text().splitlines()]
    assert len({row["text"] for row in rows}) == 3
    assert all(len(passage_spans(row["text"], row["language"])) == 1 for row in rows)
