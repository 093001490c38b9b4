"""Small suites, and runs of them with a bag of words for an embedder."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from evals.bounds import figure_names
from evals.page import flatten
from evals.results import Settings
from evals.run import run
from evals.suites import load
from tests.fake_embedder import WordEmbedder

BRIDGE = "The Tallis Bridge was opened on 3 May 2024 by Mayor Ada Berg. It cost 12 million euros."
PAIRS = [
    {"id": "p1", "claim": "The Tallis Bridge cost 12 million euros.", "label": "supported"},
    {"id": "p2", "claim": "The Tallis Bridge cost 15 million euros.", "label": "conflicting"},
    {"id": "p3", "claim": "The Tallis Bridge is painted red.", "label": "unverifiable"},
    {"id": "p4", "claim": "The Tallis Bridge is a mistake.", "label": "disputed"},
]
ROWS = [
    {"id": "b-1", "doc": "bridge", "title": "Bridge", "text": BRIDGE},
    {"id": "b-2", "doc": "bridge", "title": "Bridge", "text": "It is 240 metres long."},
    {"id": "n-1", "doc": "bus", "title": "Bus", "text": "The night bus to Orrel runs hourly."},
]


def write(path: Path, rows: Sequence[object]) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    return path


def pairs(path: Path, rows: Sequence[dict[str, Any]] = PAIRS) -> Path:
    return write(path, [{"evidence": [BRIDGE]} | row for row in rows])


def run_now(path: Path, folder: Path, **settings: Any) -> dict[str, Any]:
    fresh = settings.pop("fresh", False)
    settings = {"baselines": False} | settings
    results = asyncio.run(
        run(load(path), Settings(**settings), folder, libraries=folder / "libraries",
            embedder=WordEmbedder(), fresh=fresh)
    )  # fmt: skip
    # Bounds are checked by these names before anything is run.
    defined = {name for name, value in flatten(results["metrics"]).items() if value is not None}
    assert defined <= set(figure_names(results["kind"]))
    return results


def answer(claim: str, stance: str) -> dict[str, Any]:
    quote = "It cost 12 million euros."
    decides = {"passage": 1, "stance": stance, "quote": quote, "certainty": "high"}
    silent = stance == "neutral"
    given = {
        "explanation": "So it says.",
        "decided": [] if silent else [decides],
        "close": [],
        "neutral": [1] if silent else [],
    }
    return {"prompt": "rate_claim", "contains": [claim], "answer": given}


def script(path: Path, *answers: dict[str, Any]) -> str:
    path.write_text(json.dumps({"answers": answers}), "utf-8")
    return f"scripted:{path}"


def press(folder: Path, text: str, *gold: tuple[int, int, str]) -> Path:
    """A suite of one article, with span and verdict of its claims, and `BRIDGE` for a source."""
    for name in ("articles", "sources"):
        (folder / name).mkdir(parents=True)
    (folder / "articles/one.txt").write_text(text, "utf-8")
    (folder / "sources/courier.txt").write_text(BRIDGE, "utf-8")
    claims = [
        {"quote": text[a:b], "start": a, "end": b, "text": text[a:b], "verdict": verdict,
         "supports": ["courier.txt"] * (verdict == "supported"), "contradicts": []}
        for a, b, verdict in gold
    ]  # fmt: skip
    write(folder / "gold.jsonl", [{"id": "a1", "article": "articles/one.txt", "claims": claims}])
    return folder
