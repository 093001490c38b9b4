"""Leaving a component of the mixture out of a training run."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tools.training.components import COMPONENTS, chosen

MAKERS = ["infotabs", "altered/figure", "framed/date", "negatives/topic", "article/own"]


def file_of(folder: Path, groups: int = 10) -> Path:
    """Three pairs of each group, two groups of each maker."""
    rows = [
        {"claim": f"c{n}", "passage": "p", "label": label, "maker": MAKERS[n % 5], "group": f"g{n}"}
        for n in range(groups)
        for label in ("supported", "conflicting", "unverifiable")
    ]
    path = folder / "pairs.jsonl"
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    return path


def makers(rows: list[dict[str, Any]]) -> set[str]:
    return {row["maker"] for row in rows}


def test_without_made_pairs_only_public_ones_are_left(tmp_path: Path) -> None:
    assert makers(chosen(file_of(tmp_path), without=["made"])) == {"infotabs"}


def test_without_hard_negatives_other_made_pairs_stay(tmp_path: Path) -> None:
    left = makers(chosen(file_of(tmp_path), without=["negatives"]))
    assert left == {"infotabs", "altered/figure", "framed/date"}


def test_an_unknown_component_is_refused(tmp_path: Path) -> None:
    assert "swaps" not in COMPONENTS
    with pytest.raises(KeyError):
        chosen(file_of(tmp_path), without=["swaps"])


@settings(max_examples=30)
@given(most=st.integers(0, 40), seed=st.integers(0, 5))
def test_as_many_are_kept_as_asked_for_and_a_claim_keeps_its_labels(
    tmp_path_factory: pytest.TempPathFactory, most: int, seed: int
) -> None:
    file = file_of(tmp_path_factory.mktemp("pairs"))
    rows = chosen(file, most=most, seed=seed)
    assert len(rows) == min(most, 30)
    assert rows == chosen(file, most=most, seed=seed)
    parted = [n for n in Counter(row["group"] for row in rows).values() if n != 3]
    assert len(parted) <= 1
    everything = chosen(file)
    assert [r for r in everything if r in rows] == rows


def test_separators_within_a_text_do_not_end_its_line(tmp_path: Path) -> None:
    file = tmp_path / "pairs.jsonl"
    row = {"claim": "a\u2028b", "passage": "c\x85d", "label": "supported"}
    file.write_text(json.dumps(row, ensure_ascii=False) + "\n", encoding="utf-8")
    assert chosen(file) == [row]
