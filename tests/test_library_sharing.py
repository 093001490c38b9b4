"""Several processes and threads: many read, one writes, and who waits is told for whom."""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from agent.errors import (
    LibraryDamaged,
    LibraryError,
    LibraryLocked,
)
from tests.fake_embedder import WordEmbedder
from tests.libraries import document, make_library, run_python, top_ten
from tools.library import Library, locks
from tools.library.retrieval import retrieve


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_library(tmp_path_factory.mktemp("template") / "library")


@pytest.fixture
def folder(template: Path, tmp_path: Path) -> Path:
    """A library of twenty sources."""
    return Path(shutil.copytree(template, tmp_path / "library"))


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(locks, "WAIT_SECONDS", 0.1)


HOLD = """
import sys, time
from tests.fake_embedder import WordEmbedder
from tools.library import Library
library = Library.open(sys.argv[1], WordEmbedder(), write=sys.argv[2] == "write")
print("open", flush=True)
time.sleep(60)
"""


@pytest.fixture
def hold(folder: Path) -> Iterator[Callable[[str], subprocess.Popen[str]]]:
    processes = []

    def hold(mode: str) -> subprocess.Popen[str]:
        process = run_python(HOLD, folder, mode)
        processes.append(process)
        assert process.stdout is not None
        assert process.stdout.readline() == "open\n"
        return process

    yield hold
    for process in processes:
        process.kill()
        process.wait()
        if process.stdout is not None:
            process.stdout.close()


Hold = Callable[[str], subprocess.Popen[str]]


@pytest.mark.parametrize(("theirs", "ours"), [("write", False), ("write", True), ("read", True)])
def test_who_cannot_have_the_library_is_told_who_has_it(
    folder: Path, hold: Hold, theirs: str, ours: bool
) -> None:
    process = hold(theirs)
    started = time.monotonic()
    with pytest.raises(LibraryLocked, match=rf"in use by process {process.pid} \(") as caught:
        Library.open(folder, WordEmbedder(), write=ours)
    waited = time.monotonic() - started
    assert locks.WAIT_SECONDS - 0.1 < waited < locks.WAIT_SECONDS + 2  # a busy machine is slow
    doing = "writing" if theirs == "write" else "reading"
    since = datetime.now(UTC).strftime("%Y-%m-%d")
    assert re.search(rf"\(-c .*, {doing} since {since} [\d:]+ UTC\)$", caught.value.what)


def test_readers_share_the_library(folder: Path, hold: Hold) -> None:
    hold("read")
    assert len(top_ten(folder)) == 10


def test_a_killed_holder_does_not_block_and_is_not_named(
    folder: Path, hold: Hold, impatient: None
) -> None:
    dead = hold("write")
    dead.send_signal(signal.SIGKILL)
    dead.wait()
    living = hold("read")
    with pytest.raises(LibraryLocked) as caught:
        Library.open(folder, WordEmbedder(), write=True)
    assert str(living.pid) in caught.value.what
    assert str(dead.pid) not in caught.value.what
    living.kill()
    living.wait()
    with Library.open(folder, WordEmbedder(), write=True) as library:
        assert library.verify() == []


def test_a_reader_cannot_rebuild_a_cache_that_another_reads(
    folder: Path, hold: Hold, impatient: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(locks, "ALONE_SECONDS", 0.5)
    reader = hold("read")
    shutil.rmtree(folder / "chroma")
    with pytest.raises(LibraryLocked, match=f"is missing and cannot be rebuilt now.*{reader.pid}"):
        top_ten(folder)
    reader.kill()
    reader.wait()
    assert len(top_ten(folder)) == 10


def test_two_holders_in_one_process_are_two_holders(folder: Path, impatient: None) -> None:
    with Library.open(folder, WordEmbedder()) as library:
        assert len(top_ten(folder)) == 10
        with pytest.raises(LibraryLocked, match=f"process {os.getpid()} "):
            Library.open(folder, WordEmbedder(), write=True)
        assert library.verify() == []


def test_a_damaged_lock_file_is_told(folder: Path) -> None:
    (folder / "locks" / "lock").write_bytes(b"\xa5" * 9000)
    with pytest.raises(LibraryDamaged, match="no source is lost: delete that file"):
        Library.open(folder, WordEmbedder())


def test_a_folder_that_takes_no_note_is_told(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object, **__: object) -> int:
        raise PermissionError(13, "Permission denied")

    with monkeypatch.context() as patched:
        patched.setattr(Path, "write_text", refuse)
        with pytest.raises(LibraryError, match="cannot be locked: Permission denied"):
            Library.open(folder, WordEmbedder())
    with Library.open(folder, WordEmbedder(), write=True):
        pass  # the lock was given back


def test_junk_among_the_notes_does_no_harm(folder: Path, impatient: None) -> None:
    with Library.open(folder, WordEmbedder(), write=True):
        for name, text in [("a", "{"), ("b", "[]"), ("c", '{"pid": "x"}'), ("d", "\x1b[31m")]:
            (folder / "locks" / f"{name}.json").write_text(text)
        with pytest.raises(LibraryLocked) as caught:
            Library.open(folder, WordEmbedder())
    assert caught.value.what.isprintable()


def test_a_library_serves_several_threads(folder: Path) -> None:
    expected = top_ten(folder)
    found: list[list[str]] = []
    with Library.open(folder, WordEmbedder()) as library:

        def work() -> None:
            for _ in range(5):
                hits = retrieve(library, "Ada Berg on the night bus")
                found.append([hit.passage.id for hit in hits])

        threads = [threading.Thread(target=work) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert found == [expected] * 20


def test_a_closed_library_or_one_for_reading_refuses(folder: Path) -> None:
    with (
        Library.open(folder, WordEmbedder()) as library,
        pytest.raises(RuntimeError, match="for reading only"),
    ):
        library.add(document(1))
    library.close()
    with pytest.raises(RuntimeError, match="closed"):
        library.sources()


ADD = """
import sys
from tests.fake_embedder import WordEmbedder
from tests.libraries import document
from tools import library
from tools.library import keeping
keeping._FLUSH = 7  # so that a kill also meets the search caches being written
with library.Library.open(sys.argv[1], WordEmbedder(), create=True) as opened:
    for number in range(int(sys.argv[2]), 10_000):
        print(opened.add(document(number)).source.id, flush=True)
"""


def test_no_source_is_lost_when_an_adding_process_is_killed(tmp_path: Path) -> None:
    folder = tmp_path / "library"
    reported: list[str] = []
    for kill_after in (1, 9, 16):
        process = run_python(ADD, folder, str(len(reported)))
        assert process.stdout is not None
        reported += [process.stdout.readline().strip() for _ in range(kill_after)]
        process.send_signal(signal.SIGKILL)
        rest = process.stdout.read()  # what it had reported before the signal came
        reported += [line for line in rest.splitlines(keepends=True) if line.endswith("\n")]
        reported = [line.strip() for line in reported]
        process.wait()
        process.stdout.close()
        with Library.open(folder, WordEmbedder()) as library:
            assert {source.id for source in library.sources()} >= set(reported)
            assert library.verify() == []
            hits = retrieve(library, "The council voted on the night bus", n=5)
            assert len(hits) == min(5, library.state().passages)
