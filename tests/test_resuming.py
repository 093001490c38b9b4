"""What a check survives: a few trials of those that `evals.crashes.resuming` makes."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from evals.crashes.resuming import SMALL, Sizes
from evals.crashes.stepping import available, watch
from tests.libraries import ROOT


def trials(tmp_path: Path, *experiments: str) -> list[dict[str, object]]:
    """The lines of some experiments; in a process of its own, since trials fork."""
    file = tmp_path / "lines.json"
    program = [sys.executable, "-m", "evals.crashes.resuming", "--small", "--json", str(file)]
    subprocess.run(
        [*program, "--only", *experiments],
        cwd=ROOT,
        check=True,
        stdout=subprocess.DEVNULL,
        env={**os.environ, "TMPDIR": str(tmp_path)},
    )
    lines: list[dict[str, object]] = json.loads(file.read_text())
    return lines


def test_a_killed_check_and_a_killed_writer_leave_nothing_but_what_is_whole(
    tmp_path: Path,
) -> None:
    lines = trials(tmp_path, "kills", "writes")
    assert [line["trials"] for line in lines] == [SMALL.writes, SMALL.kills]
    for line in lines:
        counts = {name: line[name] for name in ("lost", "twice", "differ", "litter", "died")}
        assert counts == dict.fromkeys(counts, 0), line


def test_the_full_size_is_what_is_promised() -> None:
    assert Sizes() == Sizes(200, 500, 1, 50, 1_000, 20)


@pytest.mark.skipif(not available(), reason="processes cannot be watched here")
def test_what_the_files_hold_before_a_step_is_what_a_kill_before_it_leaves(tmp_path: Path) -> None:
    def write(folder: Path) -> None:
        for name in ("one", "two"):
            with (folder / name).open("wb", buffering=0) as file:
                file.write(name.encode())
                os.fsync(file.fileno())
            (folder / name).rename(folder / f"{name}-kept")

    def held(folder: Path) -> dict[str, str]:
        return {part.name: part.read_text() for part in folder.iterdir()}

    watched = tmp_path / "watched"
    watched.mkdir()
    seen = tmp_path / "seen"
    seen.mkdir()

    def note(step: int) -> None:
        (seen / str(step)).write_text(json.dumps(held(watched)))

    steps = watch(lambda: write(watched), watched, before=note).steps
    assert steps == ["write", "fsync", "rename"] * 2
    for step in range(len(steps)):
        killed = tmp_path / f"killed-{step}"
        killed.mkdir()
        watch(lambda: write(killed), killed, kill_before=step)  # noqa: B023 - done at once
        assert held(killed) == json.loads((seen / str(step)).read_text())
