"""What a library survives: a few trials of each kind that `evals.crashes.durability` makes."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from functools import partial
from pathlib import Path

import pytest

from evals.crashes.durability import SMALL, Sizes
from evals.crashes.stepping import available, in_child, watch
from tests.libraries import ROOT

watched = pytest.mark.skipif(not available(), reason="processes can be watched on Linux only")


@pytest.mark.parametrize(
    "experiments",
    [["cuts", "writers", "rebuild"], ["kills", "sizes", *["steps", "nospace"] * available()]],
    ids="-".join,
)
def test_nothing_reported_is_lost_and_the_library_opens_and_finds_the_same(
    experiments: list[str], tmp_path: Path
) -> None:
    file = tmp_path / "lines.json"
    # In a process of its own, since trials fork.
    program = [sys.executable, "-m", "evals.crashes.durability", "--small", "--json", str(file)]
    subprocess.run(
        [*program, "--only", *experiments],
        cwd=ROOT,
        check=True,
        stdout=subprocess.DEVNULL,
        env={**os.environ, "TMPDIR": str(tmp_path)},
    )
    lines = json.loads(file.read_text())
    assert len(lines) >= len(experiments)
    for line in lines:
        assert line["trials"], line
        # A database that was cut short cannot be mended: it is told.
        refused = line["trials"] if line["experiment"] == "cut: library.sqlite" else 0
        counts = {name: line[name] for name in ("lost", "wrong", "refused", "died")}
        assert counts == {"lost": 0, "wrong": 0, "refused": refused, "died": 0}, line


def test_the_full_size_is_what_is_promised() -> None:
    assert Sizes() == Sizes(200, 1, 20, 20, 300, 10_000, 300)
    assert all(few <= many for few, many in zip(SMALL, Sizes(), strict=True) if few != 150)


def write_thrice(folder: Path) -> None:
    for name in ("one", "two", "three"):
        (folder / name).write_text(name)
    (folder / "three").rename(folder / "four")


@watched
def test_steps_in_the_folder_are_counted_and_others_are_not(tmp_path: Path) -> None:
    inside, outside = tmp_path / "inside", tmp_path / "outside"
    inside.mkdir()
    outside.mkdir()

    def work() -> None:
        (outside / "note").write_text("elsewhere")
        write_thrice(inside)

    assert watch(work, inside).steps == ["write", "write", "write", "rename"]


@watched
def test_a_process_is_killed_before_the_step_named(tmp_path: Path) -> None:
    killed = watch(partial(write_thrice, tmp_path), tmp_path, kill_before=2)
    assert os.WTERMSIG(killed.status) == signal.SIGKILL
    assert [path.read_text() for path in sorted(tmp_path.iterdir())] == ["one", "", "two"]


@watched
def test_a_disk_is_full_from_the_step_named(tmp_path: Path) -> None:
    refused: list[str] = []

    def work() -> None:
        try:
            write_thrice(tmp_path)
        except OSError as error:
            refused.append(str(error))
            os._exit(7 if error.errno == 28 else 1)

    assert os.WEXITSTATUS(watch(work, tmp_path, full_from=1).status) == 7
    assert (tmp_path / "one").read_text() == "one"
    assert (tmp_path / "two").read_text() == ""


def test_a_child_gives_its_answer_or_is_known_to_have_died() -> None:
    assert in_child(lambda: [1, 2]) == [1, 2]
    with pytest.raises(ChildProcessError):
        in_child(lambda: os.kill(os.getpid(), signal.SIGKILL))
