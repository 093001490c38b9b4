"""Reports reach the disk whole or not at all."""

from __future__ import annotations

import fcntl
import os
import stat
import threading
from pathlib import Path

import pytest

from agent.errors import UsageError
from agent.report import write_atomically
from agent.report.writing import _temporary

# --- Writing -------------------------------------------------------------------------


def test_writing_replaces_the_file_and_leaves_nothing_else(tmp_path: Path) -> None:
    path = tmp_path / "report.json"
    path.write_text("old")
    write_atomically(path, "neu – new\n")
    assert path.read_bytes() == "neu – new\n".encode()
    assert [entry.name for entry in tmp_path.iterdir()] == ["report.json"]


def test_writing_keeps_the_permissions_of_the_file_it_replaces(tmp_path: Path) -> None:
    path = tmp_path / "report.json"
    path.write_text("old")
    path.chmod(0o600)
    write_atomically(path, "new")
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_writing_follows_a_link(tmp_path: Path) -> None:
    (tmp_path / "real.json").write_text("old")
    (tmp_path / "link.json").symlink_to("real.json")
    write_atomically(tmp_path / "link.json", "new")
    assert (tmp_path / "link.json").is_symlink()
    assert (tmp_path / "real.json").read_text() == "new"


def test_a_pipe_is_written_to_and_not_replaced(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    read: list[str] = []
    reader = threading.Thread(target=lambda: read.append(pipe.read_text()))
    reader.start()
    write_atomically(pipe, "through the pipe")
    reader.join(timeout=10)
    assert read == ["through the pipe"]
    assert stat.S_ISFIFO(pipe.stat().st_mode)


def test_a_fault_while_writing_leaves_the_old_file_whole(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "report.json"
    path.write_text("old")

    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(UsageError, match="No space left on device"):
        write_atomically(path, "new")
    assert path.read_text() == "old"
    assert [entry.name for entry in tmp_path.iterdir()] == ["report.json"]


def test_what_a_killed_writer_left_is_removed_and_a_living_ones_is_not(tmp_path: Path) -> None:
    (tmp_path / ".assay-0123456789abcdef.part").write_text("abandoned")
    (tmp_path / ".assay-of-somebody").write_text("no report")
    os.mkfifo(tmp_path / ".assay-pipe.part")
    with _temporary(tmp_path) as living:
        write_atomically(tmp_path / "report.json", "new")
        assert Path(living.name).exists()
    left = sorted(entry.name for entry in tmp_path.iterdir())
    assert left == [".assay-of-somebody", "report.json"]


def test_a_file_taken_for_abandoned_before_it_was_locked_is_made_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = fcntl.flock
    taken: list[Path] = []

    def lock(file: object, how: int) -> None:
        if not taken:
            taken.extend(tmp_path.glob("*.part"))
            taken[0].unlink()
        real(file, how)  # type: ignore[arg-type]

    monkeypatch.setattr(fcntl, "flock", lock)
    write_atomically(tmp_path / "report.json", "new")
    assert taken
    assert [entry.name for entry in tmp_path.iterdir()] == ["report.json"]


@pytest.mark.parametrize(("place", "said"), [("no/where.json", "does not exist"), (".", "folder")])
def test_a_place_that_cannot_be_written_is_a_usage_error(
    tmp_path: Path, place: str, said: str
) -> None:
    with pytest.raises(UsageError, match=said) as caught:
        write_atomically(tmp_path / place, "text")
    assert caught.value.todo
