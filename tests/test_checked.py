"""What was checked once is believed only while the files are as they were."""

from __future__ import annotations

import json
import os
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from tests.fake_embedder import WordEmbedder
from tests.libraries import make_library, top_ten
from tools.library import Library, checked, fulltext, vectors
from tools.library.checked import Checked


@pytest.fixture
def noted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(checked, "WORTH_NOTING", 1)


@pytest.fixture
def file(tmp_path: Path, noted: None) -> Path:
    file = tmp_path / "vectors"
    file.write_bytes(b"0123456789")
    Checked(tmp_path).note("v", [file], {"passages": 3})
    return file


def overwrite_a_byte(file: Path) -> None:
    before = file.stat()
    with file.open("rb+") as opened:
        opened.write(b"9")
    os.utime(file, ns=(before.st_atime_ns, before.st_mtime_ns))


def replace(file: Path) -> None:
    other = file.with_name("other")
    other.write_bytes(file.read_bytes())
    other.replace(file)


def test_facts_are_given_back_while_the_file_is_as_it_was(file: Path) -> None:
    assert Checked(file.parent).holds("v", [file]) == {"passages": 3}
    assert Checked(file.parent).holds("w", [file]) is None
    assert Checked(file.parent).holds("v", [file, file.with_name("gone")]) is None


@pytest.mark.parametrize(
    "change", [overwrite_a_byte, replace, Path.unlink, lambda file: os.truncate(file, 9)]
)
def test_any_change_voids_the_note(file: Path, change: Callable[[Path], object]) -> None:
    change(file)
    assert Checked(file.parent).holds("v", [file]) is None


@pytest.mark.parametrize("junk", ["", "[]", '{"v": 1}', '{"v": {"files": {}}}', "\x00"])
def test_junk_for_a_note_is_no_note(file: Path, junk: str) -> None:
    (file.parent / "checked.json").write_text(junk)
    assert Checked(file.parent).holds("v", [file]) is None


def test_a_note_with_an_altered_fact_or_mark_is_no_note(file: Path) -> None:
    note = file.parent / "checked.json"
    written = note.read_text()
    for was, now in [('"passages": 3', '"passages": 4'), ('"facts"', '"fact"')]:
        note.write_text(written.replace(was, now))
        assert Checked(file.parent).holds("v", [file]) is None
    note.write_text(written)
    assert Checked(file.parent).holds("v", [file]) == {"passages": 3}


def test_facts_of_another_release_are_not_believed(tmp_path: Path, noted: None) -> None:
    folder = make_library(tmp_path / "library", 2)
    Checked(folder).note("library", [folder / "library.sqlite"], {"sources": "two"})
    with Library.open(folder, WordEmbedder()) as library:
        assert library.state().sources == 2


def test_nothing_is_noted_while_a_log_lies_beside(tmp_path: Path, noted: None) -> None:
    folder = make_library(tmp_path / "library", 2)
    with (
        closing(sqlite3.connect(folder / "library.sqlite")) as other,
        Library.open(folder, WordEmbedder()) as library,
    ):
        (folder / "checked.json").unlink()
        with other:
            other.execute("UPDATE sources SET author = 'Ada Berg'")
        assert library.state().sources == 2
        assert not (folder / "checked.json").exists()


def test_small_files_and_coarse_clocks_are_not_noted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "small"
    file.write_bytes(b"0")
    Checked(tmp_path).note("s", [file], {})
    monkeypatch.setattr(checked, "WORTH_NOTING", 1)
    os.utime(file, ns=(10**18, 10**18))
    Checked(tmp_path).note("s", [file], {})
    assert not (tmp_path / "checked.json").exists()


def test_a_library_that_was_checked_is_not_read_whole_again(
    tmp_path: Path, noted: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = make_library(tmp_path / "library")
    with Library.open(folder, WordEmbedder()) as library:
        library.prepare()
        state = library.state()
    assert set(json.loads((folder / "checked.json").read_text())) >= {"library", "words", "chroma"}
    before = top_ten(folder)

    def refuse(*_: object) -> None:
        raise AssertionError("was read again")

    monkeypatch.setattr(vectors, "content_of", refuse)
    monkeypatch.setattr(fulltext, "hashed", refuse)
    with Library.open(folder, WordEmbedder()) as library:
        assert library.state() == state
    assert top_ten(folder) == before


def test_verify_believes_no_note(tmp_path: Path, noted: None) -> None:
    folder = make_library(tmp_path / "library")
    before = top_ten(folder)
    notices: list[str] = []
    with Library.open(folder, WordEmbedder(), on_notice=notices.append) as library:
        library.prepare()
        # As if bits had flipped under an unchanged file: the note is made to fit afterwards.
        damaged = folder / "fulltext.sqlite"
        data = bytearray(damaged.read_bytes())
        data[len(data) // 2 : len(data) // 2 + 400] = b"\xa5" * 400
        damaged.write_bytes(data)
        Checked(folder).note("words", [damaged], {})
    with Library.open(folder, WordEmbedder(), on_notice=notices.append) as library:
        assert library.verify() == []
    assert len(notices) == 1
    assert top_ten(folder) == before
