"""Whatever happens to its files, the library mends what it can and says what it cannot."""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from agent.errors import (
    LibraryDamaged,
    LibraryError,
)
from agent.types import Document
from tests.fake_embedder import WordEmbedder
from tests.libraries import make_library, top_ten
from tools.library import Library
from tools.library.caches import Row, Unusable, read_seal
from tools.library.checked import Checked
from tools.library.retrieval import retrieve
from tools.library.vectors import VectorCache


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_library(tmp_path_factory.mktemp("template") / "library")


@pytest.fixture
def folder(template: Path, tmp_path: Path) -> Path:
    """A library of twenty sources."""
    return Path(shutil.copytree(template, tmp_path / "library"))


def delete_folder(folder: Path) -> None:
    shutil.rmtree(folder / "chroma")


def delete_chroma_database(folder: Path) -> None:
    (folder / "chroma" / "chroma.sqlite3").unlink()


def cut_chroma_database(folder: Path) -> None:
    path = folder / "chroma" / "chroma.sqlite3"
    path.write_bytes(path.read_bytes()[:5000])


def scramble_chroma_database(folder: Path) -> None:
    path = folder / "chroma" / "chroma.sqlite3"
    path.write_bytes(b"\xa5" * path.stat().st_size)


def empty_every_chroma_file(folder: Path) -> None:
    for path in (folder / "chroma").rglob("*"):
        if path.is_file():
            path.write_bytes(b"")


def file_in_place_of_chroma(folder: Path) -> None:
    delete_folder(folder)
    (folder / "chroma").write_text("not a folder")


def break_the_seal(folder: Path) -> None:
    (folder / "chroma" / "seal.json").unlink()


def scramble_word_index(folder: Path) -> None:
    (folder / "fulltext.sqlite").write_bytes(b"\xa5" * 9000)


def delete_all_caches(folder: Path) -> None:
    delete_folder(folder)
    (folder / "fulltext.sqlite").unlink()


@pytest.mark.parametrize(
    "damage",
    [
        delete_folder,
        delete_chroma_database,
        cut_chroma_database,
        scramble_chroma_database,
        empty_every_chroma_file,
        file_in_place_of_chroma,
        break_the_seal,
        scramble_word_index,
        delete_all_caches,
    ],
)
@pytest.mark.parametrize("write", [False, True])
def test_a_damaged_cache_is_rebuilt_and_told_and_finds_the_same(
    folder: Path, damage: Callable[[Path], None], write: bool
) -> None:
    before = top_ten(folder)
    assert len(before) == 10
    damage(folder)
    notices: list[str] = []
    if write:
        with Library.open(folder, WordEmbedder(), write=True, on_notice=notices.append) as library:
            library.prepare()
    assert top_ten(folder, notices) == before
    (notice,) = notices
    assert notice.startswith("the search index was ")
    assert "; rebuilt from the library: 20 passages in " in notice
    assert top_ten(folder) == before


def test_a_cache_that_fails_while_in_use_is_rebuilt(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from chromadb.api.models.Collection import Collection

    notices: list[str] = []
    with Library.open(folder, WordEmbedder(), on_notice=notices.append) as library:
        before = retrieve(library, "Ada Berg on the night bus")
        genuine = Collection.query
        calls: list[int] = []

        def fails_once(self: Collection, *args: object, **options: object) -> object:
            calls.append(1)
            if len(calls) == 1:
                (folder / "chroma" / "seal.json").unlink()
                raise RuntimeError("disk read error")
            return genuine(self, *args, **options)  # type: ignore[arg-type]

        monkeypatch.setattr(Collection, "query", fails_once)
        assert retrieve(library, "Ada Berg on the night bus") == before
    assert len(notices) == 1


@pytest.mark.parametrize("write", [False, True])
def test_a_cache_that_names_what_is_not_in_the_library_is_rebuilt(
    folder: Path, write: bool
) -> None:
    before = top_ten(folder)
    with Library.open(folder, WordEmbedder()) as library:
        (vector,) = library.vectors(before[:1])
    stamp, _ = read_seal(folder / "chroma" / "seal.json")
    cache = VectorCache(folder, Checked(folder))
    cache.open(stamp)
    cache.update(stamp, before[:1], [Row("s-0123456789abcdef:0", "", "", vector)])
    cache.close()
    notices: list[str] = []
    with Library.open(folder, WordEmbedder(), write=write, on_notice=notices.append) as library:
        hits = retrieve(library, "Ada Berg on the night bus")
    assert [hit.passage.id for hit in hits] == before
    (notice,) = notices
    assert notice.startswith("the search index was damaged; rebuilt from the library: ")
    assert top_ten(folder, notices) == before
    assert len(notices) == 1


def test_what_chromas_database_says_is_sealed_and_what_it_writes_when_opened_is_not(
    folder: Path,
) -> None:
    before = top_ten(folder)
    file = folder / "chroma" / "chroma.sqlite3"
    content = file.read_bytes()
    notices: list[str] = []
    assert top_ten(folder, notices) == before
    assert file.read_bytes() != content
    assert notices == []
    with closing(sqlite3.connect(file)) as connection, connection:
        connection.execute("DELETE FROM embeddings WHERE embedding_id = ?", (before[0],))
    assert top_ten(folder, notices) == before
    assert [notice.partition(";")[0] for notice in notices] == ["the search index was damaged"]


def test_verify_says_that_the_sources_are_whole_where_the_index_cannot_be_made(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shutil.rmtree(folder / "chroma")

    def refuse(*_: object) -> None:
        raise Unusable("not writable", "the disk is full", "make room on the disk")

    monkeypatch.setattr(VectorCache, "build", refuse)
    with (
        Library.open(folder, WordEmbedder()) as library,
        pytest.raises(LibraryError, match=r"^all sources are whole, but the search index is not"),
    ):
        library.verify()


def test_adding_to_a_library_with_a_damaged_cache_keeps_everything(folder: Path) -> None:
    cut_chroma_database(folder)
    notices: list[str] = []
    with Library.open(folder, WordEmbedder(), write=True, on_notice=notices.append) as library:
        added = library.add(Document(text="A whale was seen near the lighthouse.")).source
    assert len(notices) == 1
    with Library.open(folder, WordEmbedder()) as library:
        assert retrieve(library, "whale at the lighthouse")[0].source == added
        assert library.state().sources == 21


def not_a_database(path: Path) -> None:
    path.write_bytes(b"\xa5" * 9000)


def cut_short(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:10_000])


def emptied(path: Path) -> None:
    path.write_bytes(b"")


def without_a_table(path: Path) -> None:
    connection = sqlite3.connect(path)
    connection.execute("DROP TABLE passages")
    connection.commit()
    connection.close()


def garbled(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[4096 : 4096 + 8192] = b"\xa5" * 8192
    path.write_bytes(content)


@pytest.mark.parametrize("damage", [not_a_database, cut_short, emptied, without_a_table, garbled])
@pytest.mark.parametrize("create", [False, True])
def test_a_damaged_database_is_told_and_left_as_it_is(
    folder: Path, damage: Callable[[Path], None], create: bool
) -> None:
    file = folder / "library.sqlite"
    damage(file)
    content = file.read_bytes()
    with pytest.raises(LibraryDamaged, match="left as it is"):
        Library.open(folder, WordEmbedder(), create=create)
    assert file.read_bytes() == content
    assert (folder / "chroma" / "chroma.sqlite3").exists()


def test_a_library_of_a_newer_release_is_not_touched(folder: Path) -> None:
    connection = sqlite3.connect(folder / "library.sqlite")
    connection.execute("PRAGMA user_version = 99")
    connection.close()
    with pytest.raises(LibraryError, match="newer release"):
        Library.open(folder, WordEmbedder())


def test_verify_finds_what_was_altered(folder: Path) -> None:
    with Library.open(folder, WordEmbedder()) as library:
        assert library.verify() == []
        ids = [source.id for source in library.sources()]
    connection = sqlite3.connect(folder / "library.sqlite")
    for statement, id_ in zip(
        [
            "UPDATE sources SET text = text || '!' WHERE id = ?",
            "DELETE FROM passages WHERE source_id = ?",
            'UPDATE passages SET "end" = 99999 WHERE source_id = ?',
            "UPDATE passages SET vector = x'0000' WHERE source_id = ?",
            "UPDATE passages SET vector = zeroblob(256) WHERE source_id = ?",
        ],
        ids,
        strict=False,
    ):
        connection.execute(statement, (id_,))
    connection.commit()
    connection.close()
    with Library.open(folder, WordEmbedder()) as library:
        problems = library.verify()
    assert [problem.partition(": ")[2] for problem in problems] == [
        "its text is not the one that was added",
        "it has no passages",
        "its span lies outside of the text",
        "its vector has the wrong length",
        "its vector is not of unit length",
    ]


def test_verify_finds_an_index_that_does_not_fit_its_table(folder: Path) -> None:
    connection = sqlite3.connect(folder / "library.sqlite")
    (root,) = connection.execute(
        "SELECT rootpage FROM sqlite_master WHERE name = 'sqlite_autoindex_sources_1'"
    ).fetchone()
    (size,) = connection.execute("PRAGMA page_size").fetchone()
    (id_,) = connection.execute("SELECT min(id) FROM sources").fetchone()
    connection.close()
    content = (folder / "library.sqlite").read_bytes()
    place = content.index(id_.encode(), (root - 1) * size, root * size) + len(id_) - 1
    other = b"0" if content[place : place + 1] != b"0" else b"1"
    (folder / "library.sqlite").write_bytes(content[:place] + other + content[place + 1 :])
    with Library.open(folder, WordEmbedder()) as library:
        problems = library.verify()
    assert problems
    assert all(problem.startswith("library.sqlite: ") for problem in problems)
