"""Snapshots of a library: a folder that is only read, by any number of processes at once."""

from __future__ import annotations

import io
import json
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from agent.errors import LibraryDamaged, LibraryError, UsageError
from tests.conftest import ROOT, SOURCES, Assay
from tests.fake_embedder import WordEmbedder
from tools.library import Library
from tools.library.moving import import_library
from tools.library.retrieval import retrieve
from tools.library.snapshots import notes_folder, passing, work_folder

QUESTION = "What did the Tallis Bridge cost?"

Tree = dict[str, tuple[int, int]]


def _tree(folder: Path) -> Tree:
    """Size and time of writing of all that lies in a folder."""
    return {
        path.relative_to(folder).as_posix(): (path.stat().st_size, path.stat().st_mtime_ns)
        for path in (folder, *folder.rglob("*"))
    }


def _found(library: Library) -> list[str]:
    return [hit.passage.id for hit in retrieve(library, QUESTION)]


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, list[str]]:
    """A snapshot, and what its library found; to be read only."""
    folder = tmp_path_factory.mktemp("snapshots")
    with Library.open(folder / "library", WordEmbedder(), create=True) as library:
        for source in SOURCES:
            library.add(source)
        library.set_reputation("Valley Post", "distrusted")
        found = _found(library)
        library.snapshot(folder / "snapshot")
    return folder / "snapshot", found


@pytest.fixture
def own(made: tuple[Path, list[str]], tmp_path: Path) -> Path:
    """A copy of it with which anything may be done."""
    copied = Path(shutil.copytree(made[0], tmp_path / "copied"))
    for path in copied.rglob("*"):
        path.chmod(0o755 if path.is_dir() else 0o644)
    return copied


def test_a_snapshot_finds_what_its_library_finds_and_is_left_as_it_is(
    made: tuple[Path, list[str]],
) -> None:
    folder, found = made
    before = _tree(folder)
    with (
        Library.open(folder, WordEmbedder()) as one,
        Library.open(folder, WordEmbedder()) as other,
    ):
        assert _found(one) == _found(other) == found
        assert one.reputations() == {"Valley Post": "distrusted"}
        assert [source.title for source in one.sources()] == [each.title for each in SOURCES]
        assert other.verify() == []
    assert _tree(folder) == before
    assert {path.name for path in folder.iterdir()} == {
        "chroma", "fulltext.json", "fulltext.sqlite", "library.sqlite", "snapshot.json",
    }  # fmt: skip


def test_nobody_writes_to_a_snapshot(made: tuple[Path, list[str]]) -> None:
    for how in ("write", "create", "rebuild"):
        with pytest.raises(LibraryError, match="is a snapshot"):
            Library.open(made[0], WordEmbedder(), **{how: True})  # type: ignore[arg-type]


def test_a_snapshot_is_never_written_over_another(made: tuple[Path, list[str]]) -> None:
    with Library.open(made[0], None) as library, pytest.raises(UsageError, match="exists already"):
        library.snapshot(made[0])


def test_of_a_snapshot_another_can_be_made(made: tuple[Path, list[str]], tmp_path: Path) -> None:
    with Library.open(made[0], WordEmbedder()) as library:
        library.snapshot(tmp_path / "second")
    with Library.open(tmp_path / "second", WordEmbedder()) as library:
        assert _found(library) == made[1]


def test_an_interrupted_snapshot_leaves_nothing(
    made: tuple[Path, list[str]], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("tools.library.snapshots._copy_caches", full)
    with Library.open(made[0], None) as library, pytest.raises(LibraryError, match="No space"):
        library.snapshot(tmp_path / "half")
    assert list(tmp_path.iterdir()) == []


def test_a_copy_that_was_broken_off_is_refused(own: Path) -> None:
    with (own / "fulltext.sqlite").open("rb+") as file:
        file.truncate(4096)
    with pytest.raises(LibraryDamaged, match=r"fulltext\.sqlite has 4,096 bytes"):
        Library.open(own, WordEmbedder())
    (own / "fulltext.sqlite").unlink()
    with pytest.raises(LibraryDamaged, match=r"fulltext\.sqlite is missing"):
        Library.open(own, WordEmbedder())


def test_a_copy_that_was_broken_off_before_its_manifest_is_no_library(own: Path) -> None:
    (own / "snapshot.json").unlink()
    before = _tree(own)
    with pytest.raises(LibraryDamaged, match=r"snapshot\.json cannot be read"):
        Library.open(own, WordEmbedder())
    with pytest.raises(LibraryError, match="is a snapshot"):
        Library.open(own, WordEmbedder(), create=True)
    assert _tree(own) == before


def test_what_is_made_of_a_snapshot_is_a_library(
    made: tuple[Path, list[str]], tmp_path: Path
) -> None:
    with Library.open(made[0], WordEmbedder()) as library:
        library.export(tmp_path / "exported")
    for number, file in enumerate((tmp_path / "exported", made[0] / "library.sqlite")):
        import_library(file, tmp_path / str(number))
        with Library.open(tmp_path / str(number), WordEmbedder(), write=True) as library:
            assert len(library.sources()) == len(SOURCES)
    with pytest.raises(LibraryError, match="is a snapshot"):
        import_library(tmp_path / "exported", made[0], replace=True)


def test_a_damaged_snapshot_is_to_be_copied_again_not_rebuilt(assay: Assay, own: Path) -> None:
    with (own / "snapshot.json").open() as file:
        manifest = json.load(file)
    manifest["files"]["fulltext.json"][1] = "0" * 64
    (own / "snapshot.json").write_text(json.dumps(manifest))
    result = assay("sources", "verify", "--library", own)
    assert result.code == 4
    assert "Copy the snapshot again" in result.err and "rebuild" not in result.err


def test_altered_bytes_are_found_before_a_search_and_nothing_is_rebuilt(own: Path) -> None:
    file = own / "fulltext.sqlite"
    content = bytearray(file.read_bytes())
    content[-100] ^= 0xFF
    file.write_bytes(content)
    before = _tree(own)
    with Library.open(own, WordEmbedder()) as library:
        with pytest.raises(LibraryDamaged, match="copy it again"):
            _found(library)
        assert library.verify() == ["fulltext.sqlite: it is not as it was written"]
    assert _tree(own) == before


def test_a_snapshot_of_another_release_is_told_apart_from_a_damaged_one(own: Path) -> None:
    manifest = json.loads((own / "snapshot.json").read_text())
    (own / "snapshot.json").write_text(json.dumps({**manifest, "schema": 1}))
    with pytest.raises(LibraryError, match="another release"):
        Library.open(own, WordEmbedder())
    (own / "snapshot.json").write_text("{")
    with pytest.raises(LibraryDamaged, match=r"snapshot\.json"):
        Library.open(own, WordEmbedder())


_READ = """
import sys
from tests.fake_embedder import WordEmbedder
from tests.test_library_snapshots import _found
from tools.library import Library

with Library.open(sys.argv[1], WordEmbedder()) as library:
    found = _found(library)  # its search caches are open from here on
    print(*found, flush=True)
    sys.stdin.readline()
"""


@pytest.mark.scale
@pytest.mark.skipif(os.name != "posix", reason="takes permissions away as POSIX has them")
def test_three_processes_read_what_nobody_may_write(made: tuple[Path, list[str]]) -> None:
    folder, found = made
    before = _tree(folder)
    command = [sys.executable, "-c", _READ, str(folder)]
    if os.geteuid() == 0:  # whom permissions do not hold
        setpriv = shutil.which("setpriv")
        if setpriv is None:
            pytest.skip("setpriv is needed where the tests are run by root")
        command[:0] = [setpriv, "--bounding-set=-dac_override,-dac_read_search"]
    folders = [folder, *(path for path in folder.rglob("*") if path.is_dir())]
    modes = {path: path.stat().st_mode for path in folders}
    for path in folders:
        path.chmod(0o555)
    try:
        processes = [
            subprocess.Popen(
                command, cwd=ROOT, text=True, stdin=subprocess.PIPE, stdout=subprocess.PIPE
            )
            for _ in range(3)
        ]
        for process in processes:  # all have it open until the last one has read
            assert process.stdout is not None
            assert process.stdout.readline().split() == found
        assert [process.communicate("\n")[1] for process in processes] == [None] * 3
        assert [process.returncode for process in processes] == [0, 0, 0]
    finally:
        for path, mode in modes.items():
            path.chmod(mode)
    assert _tree(folder) == before


def test_what_is_noted_of_work_with_a_snapshot_lies_elsewhere(
    made: tuple[Path, list[str]], tmp_path: Path
) -> None:
    assert notes_folder(tmp_path) == tmp_path
    folder = notes_folder(made[0])
    assert folder.is_dir()
    assert not folder.is_relative_to(made[0])


def test_what_people_do_with_a_snapshot_is_kept_elsewhere_for_it_and_its_copies(
    made: tuple[Path, list[str]], own: Path, tmp_path: Path
) -> None:
    assert work_folder(tmp_path) == tmp_path
    folder = work_folder(made[0])
    assert not folder.is_relative_to(made[0])
    assert work_folder(own) == folder
    with (own / "snapshot.json").open("a") as file:
        file.write(" ")
    assert work_folder(own) != folder


def test_a_conversation_over_a_snapshot_leaves_it_as_it_is(
    assay: Assay, made: tuple[Path, list[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tools.models.embedder.embedder_named", lambda _: WordEmbedder())
    monkeypatch.setattr("sys.stdin", io.StringIO("When was the Tallis Bridge opened?\n"))
    before = _tree(made[0])
    assert assay("chat", "--library", made[0]).code == 0
    assert "Tallis" in assay("chat", "--list", "--library", made[0]).out
    assert _tree(made[0]) == before


@pytest.mark.skipif(os.name != "posix", reason="Windows has no such locks")
def test_what_a_killed_process_left_is_removed_by_the_next(
    made: tuple[Path, list[str]], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    left = tmp_path / "assay-snapshot-left"
    left.mkdir()
    (left / "lock").touch()
    (left / "chroma.sqlite3").touch()
    other = tmp_path / "assay-snapshot-of-nobody"  # it has no lock: it may be in the making
    other.mkdir()
    with (
        Library.open(made[0], WordEmbedder()) as one,
        Library.open(made[0], WordEmbedder()) as two,
    ):
        assert _found(one) == _found(two) == made[1]
        assert len(list(tmp_path.iterdir())) == 3  # of the living, none is touched
        assert not left.exists()
    assert list(tmp_path.iterdir()) == [other]


@pytest.mark.skipif(os.name != "posix", reason="Windows has no such locks")
def test_a_passing_snapshot_of_a_killed_process_is_removed_by_who_next_writes(
    made: tuple[Path, list[str]], tmp_path: Path
) -> None:
    import_library(made[0] / "library.sqlite", tmp_path)
    left = tmp_path / "snapshot-left"
    left.mkdir()
    (left / "lock").touch()
    living = passing(tmp_path)  # removes what was left, too
    assert not left.exists()
    left.mkdir()
    (left / "lock").touch()
    Library.open(tmp_path, WordEmbedder(), write=True).close()
    assert living.path.is_dir() and not left.exists()
    living.remove()
    assert list(tmp_path.glob("snapshot-*")) == []
