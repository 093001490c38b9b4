"""The search caches: whole, or known to be not whole; never a crash."""

from __future__ import annotations

import random
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tools.library.caches import Row, Stamp, Unusable
from tools.library.index import Index

DIMENSION = 16
WORDS = ["harbour", "storm", "boat", "mayor", "budget", "bridge", "school", "vote"]


def rows(count: int, first: int = 0) -> list[Row]:
    made = []
    for number in range(first, first + count):
        vector = np.random.default_rng(number).normal(size=DIMENSION).astype(np.float32)
        text = f"{WORDS[number % 8]} {WORDS[number % 7]} number{number}"
        made.append(Row(f"s-{number}:0", "Title", text, vector / np.linalg.norm(vector)))
    return made


def stamp(count: int, fingerprint: str = "f") -> Stamp:
    return Stamp("fake", DIMENSION, fingerprint, count)


def build(folder: Path, count: int) -> Stamp:
    folder.mkdir(exist_ok=True)
    index = Index(folder)
    index.rebuild(stamp(count), lambda: rows(count))
    index.close()
    return stamp(count)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    build(tmp_path, 40)
    return tmp_path


@pytest.fixture
def index(folder: Path) -> Iterator[Index]:
    index = Index(folder)
    assert index.faults(stamp(40)) == []
    yield index
    index.close()


def test_the_nearest_passage_comes_first(index: Index) -> None:
    assert index.query(rows(40)[7].vector, 3)[0] == "s-7:0"
    assert len(set(index.query(rows(40)[7].vector, 100))) == 40


def test_words_are_matched_whatever_their_case_ending_or_accents(folder: Path) -> None:
    index = Index(folder)
    index.faults(stamp(40))
    texts = ["Übermäßige Gebühren", "The café was closed.", "Rising prices hurt savers."]
    vector = rows(1)[0].vector
    added = [Row(f"s-x:{i}", "", text, vector) for i, text in enumerate(texts)]
    index.update(stamp(43, "g"), removed=[], added=added)
    assert list(index.match("GEBÜHREN", 5)) == ["s-x:0"]
    assert next(iter(index.match("a CAFE, closed", 5))) == "s-x:1"
    assert list(index.match("price rises", 5)) == ["s-x:2"]
    index.close()


def test_function_words_are_looked_for_only_where_there_are_no_others(index: Index) -> None:
    added = [
        row._replace(text=text)
        for row, text in zip(
            rows(2, first=900), ["who is it and what of the", "the pilot slept"], strict=True
        )
    ]
    index.update(stamp(42, "g"), removed=[], added=added)
    assert list(index.match("Is it the pilot?", 5)) == ["s-901:0"]
    assert next(iter(index.match("Who is it?", 5))) == "s-900:0"
    assert index.match("— the —", 5)


def test_a_hyphen_makes_no_difference(index: Index) -> None:
    row = rows(1, first=900)[0]._replace(text="presymptomatic spread in a night-bus")
    index.update(stamp(41, "g"), removed=[], added=[row])
    for text in ("pre-symptomatic", "presymptomatic", "night bus", "night-bus"):
        assert list(index.match(text, 5)) == ["s-900:0"], text


@pytest.mark.parametrize(
    "text",
    [
        '"', '""', "'; DROP TABLE passages; --", "text:harbour", "harbour* NEAR(storm, 2)",
        "NOT harbour", "AND OR NOT", "(", "^harbour", "{title}: x", "harbour +", "—", "\0", "",
        " ".join(WORDS) * 400, "a" * 100_000,
    ],
)  # fmt: skip
def test_no_text_is_read_as_a_query(index: Index, text: str) -> None:
    assert isinstance(index.match(text, 5), dict)
    assert len(index.match("harbour", 50)) > 5


@given(st.text())
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_text_can_be_looked_for(index: Index, text: str) -> None:
    index.match(text, 3)


def test_passages_come_and_go(index: Index, folder: Path) -> None:
    index.update(stamp(41, "g"), removed=["s-7:0", "s-8:0"], added=rows(3, first=100))
    assert index.query(rows(1, first=101)[0].vector, 1) == ["s-101:0"]
    assert "s-7:0" not in index.query(rows(40)[7].vector, 50)
    assert list(index.match("number102", 5)) == ["s-102:0"]
    assert not index.match("number8", 5)
    index.close()
    assert Index(folder).faults(stamp(40)) == ["out of date"] * 2
    assert index.faults(stamp(41, "g")) == []


def test_a_cache_of_something_else_is_out_of_date(folder: Path) -> None:
    for other in (stamp(40, "g"), stamp(41), Stamp("other", DIMENSION, "f", 40)):
        index = Index(folder)
        assert index.faults(other) == ["out of date"] * 2
        index.close()


def test_a_missing_cache_is_told_and_rebuilt_alone(folder: Path) -> None:
    (folder / "fulltext.sqlite").unlink()
    untouched = (folder / "chroma" / "seal.json").stat().st_mtime_ns
    index = Index(folder)
    assert index.faults(stamp(40)) == ["missing"]
    index.rebuild(stamp(40), lambda: rows(40))
    assert list(index.match("number3", 1)) == ["s-3:0"]
    assert (folder / "chroma" / "seal.json").stat().st_mtime_ns == untouched
    index.close()


def test_an_update_that_stops_half_way_leaves_no_seal(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from chromadb.api.models.Collection import Collection

    def fail(*_: object, **__: object) -> None:
        raise OSError("no space left on device")

    index = Index(folder)
    assert index.faults(stamp(40)) == []
    monkeypatch.setattr(Collection, "upsert", fail)
    with pytest.raises(Unusable, match="no space left"):
        index.update(stamp(41, "g"), removed=[], added=rows(1, first=90))
    monkeypatch.undo()
    index.close()
    assert Index(folder).faults(stamp(40))[0] == "out of date"


class PanicException(BaseException):
    """Named like the one of Chroma's Rust core."""


def test_a_panic_of_the_native_core_is_damage_and_an_interrupt_is_not(
    index: Index, monkeypatch: pytest.MonkeyPatch
) -> None:
    from chromadb.api.models.Collection import Collection

    def raising(error: type[BaseException]) -> Callable[..., None]:
        def query(*_: object, **__: object) -> None:
            raise error("index out of bounds")

        return query

    monkeypatch.setattr(Collection, "query", raising(KeyboardInterrupt))
    with pytest.raises(KeyboardInterrupt):
        index.query(rows(1)[0].vector, 1)
    monkeypatch.setattr(Collection, "query", raising(PanicException))
    with pytest.raises(Unusable, match="out of bounds"):
        index.query(rows(1)[0].vector, 1)
    monkeypatch.undo()
    assert index.faults(stamp(40)) == []  # the panicked one was let go, and opened anew


# Chroma keeps vector files of its own, which crash it if altered.
@pytest.fixture(scope="module")
def large(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("large")
    build(folder, 120)
    assert list(folder.glob("chroma/*/index_metadata.pickle"))
    return folder


def empty(path: Path) -> None:
    path.write_bytes(b"")


def halve(path: Path) -> None:
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])


def scramble(path: Path) -> None:
    path.write_bytes(random.Random(1).randbytes(path.stat().st_size))


def alter(path: Path) -> None:
    content = bytearray(path.read_bytes())
    for place in random.Random(2).choices(range(len(content)), k=20):
        content[place] ^= 0xFF
    path.write_bytes(content)


@pytest.mark.parametrize(
    "name",
    ["data_level0.bin", "header.bin", "length.bin", "link_lists.bin", "index_metadata.pickle"],
)
@pytest.mark.parametrize("damage", [empty, halve, scramble, alter, Path.unlink])
def test_a_damaged_vector_file_is_noticed_before_chroma_loads_it(
    large: Path, tmp_path: Path, name: str, damage: Callable[[Path], None]
) -> None:
    shutil.copytree(large / "chroma", tmp_path / "chroma")
    for file in large.glob("fulltext.*"):
        shutil.copy(file, tmp_path)
    damage(next((tmp_path / "chroma").glob(f"*/{name}")))
    index = Index(tmp_path)
    assert index.faults(stamp(120)) == ["damaged"]
    index.close()


def test_a_rebuilt_cache_is_really_reopened(large: Path, tmp_path: Path) -> None:
    shutil.copytree(large, tmp_path, dirs_exist_ok=True)
    vector = rows(1, first=70)[0].vector
    index = Index(tmp_path)
    assert index.faults(stamp(120)) == []
    before = index.query(vector, 10)
    index.rebuild(stamp(30, "g"), lambda: rows(30, first=60), whole=True)
    assert set(index.query(vector, 100)) == {row.id for row in rows(30, first=60)}
    index.rebuild(stamp(120), lambda: rows(120), whole=True)
    assert index.query(vector, 10) == before
    index.close()
    assert sorted(path.name for path in tmp_path.iterdir()) == [
        "chroma", "fulltext.json", "fulltext.sqlite"
    ]  # fmt: skip


def test_a_journal_left_by_a_dead_writer_is_not_played_into_a_new_file(folder: Path) -> None:
    (folder / "fulltext.sqlite-wal").write_bytes(b"left over" * 100)
    (folder / "fulltext.sqlite-journal").write_bytes(b"left over" * 100)
    index = Index(folder)
    index.rebuild(stamp(20, "g"), lambda: rows(20), whole=True)
    assert list(index.match("number19", 3)) == ["s-19:0"]
    index.close()


def test_a_damaged_word_index_is_told(folder: Path) -> None:
    with sqlite3.connect(folder / "fulltext.sqlite") as connection:
        connection.execute("DROP TABLE passages")
    connection.close()
    index = Index(folder)
    assert index.faults(stamp(40)) == ["damaged"]
    index.close()


def test_a_word_index_with_one_letter_altered_is_damaged(folder: Path) -> None:
    file = folder / "fulltext.sqlite"
    content = file.read_bytes()
    file.write_bytes(content.replace(b"number19", b"xumber19"))
    assert file.read_bytes() != content
    with closing(Index(folder)) as index:
        assert index.faults(stamp(40)) == ["damaged"]


def test_importing_the_library_does_not_import_chromadb() -> None:
    code = "import sys, tools.library, tools.library.retrieval; sys.exit('chromadb' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_a_disk_without_room_is_found_out_before_anything_is_written(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    usage = shutil.disk_usage(folder)
    monkeypatch.setattr(shutil, "disk_usage", lambda _: usage._replace(free=100_000))
    index = Index(folder)
    assert index.faults(stamp(40)) == []
    with pytest.raises(Unusable, match="100,000 bytes are free"):
        index.update(stamp(41, "more"), removed=[], added=rows(1, 40))
    index.close()
    assert Index(folder).faults(stamp(40)) == []
