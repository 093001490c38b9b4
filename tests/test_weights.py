"""The weights that ship and their model cards say the same."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import pytest

from agent.compare.ruling import RULES
from agent.rate.calibration import FEATURES
from tools.models import CALIBRATION, EMBEDDER, JUDGE

_LIMIT = 40 * 2**20


@pytest.mark.parametrize(("weights", "card"), [(EMBEDDER, "EMBEDDER.md"), (JUDGE, "JUDGE.md")])
def test_the_card_names_size_and_hash_of_its_file(weights: Path, card: str) -> None:
    data = weights.read_bytes()
    text = (weights.parent / card).read_text(encoding="utf-8")
    assert len(data) < _LIMIT
    assert f"{len(data):,} bytes" in text
    assert hashlib.sha256(data).hexdigest() in text


def test_the_calibration_fits_the_judge_and_tells_how_it_was_made() -> None:
    data = json.loads(CALIBRATION.read_text(encoding="utf-8"))
    assert tuple(data["features"]) == FEATURES
    assert [len(row) for row in data["weights"]] == [len(FEATURES)] * 3
    assert set(data["precision"]) == set(RULES)
    assert 0 < data["claims"]["supports"] <= data["claims"]["contradicts"] < 1
    assert sum(data["fitted_on"].values()) > 3000
