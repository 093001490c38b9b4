"""Runs of `assay batch`: the archive, the command, and what a run leaves."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Protocol

from agent.bulk.settings import Settings
from tests.conftest import BRIDGE, BRIDGE_SCRIPT, Assay, Result

STORY = BRIDGE.read_text("utf-8")


class Run(Protocol):
    """Runs `assay batch`, by default on the archive and with the script."""

    def __call__(self, *more: str | Path, model: str = ..., of: Path | str = ...) -> Result: ...


def runs_of(assay: Assay, library: Path, archive: Path, out: Path) -> Run:
    """What runs the command with these."""

    def run(*more: str | Path, model: str = BRIDGE_SCRIPT, of: Path | str = archive) -> Result:
        asked = ("--out", out, "--library", library, "--model", model)
        return assay("batch", of, *asked, *more)

    return run


def write_archive(folder: Path) -> Path:
    """Three articles of one text and different titles: the script has an answer for each."""
    folder.mkdir()
    for number in range(3):
        (folder / f"{number}.md").write_text(
            f"---\ntitle: Bridge {number}\npublisher: Paper {number % 2}\n"
            f"date: 2024-07-0{number + 1}\n---\n\n{STORY}"
        )
    return folder


def reports(out: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in sorted((out / "reports").iterdir())}


def failures(out: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (out / "failed.jsonl").read_text("utf-8").splitlines()]


def how(library: Path, **more: Any) -> Settings:
    return Settings(library, BRIDGE_SCRIPT, **more)
