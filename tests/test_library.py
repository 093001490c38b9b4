"""The library keeps every source that it said it has, whatever happens to its files."""

from __future__ import annotations

import hashlib
import os
import shutil
import signal
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from agent.errors import (
    EmbedderMismatch,
    InputError,
    LibraryDamaged,
    LibraryError,
    LibraryLocked,
    LibraryMissing,
    UsageError,
)
from agent.types import Document, TextWarning
from tests.fake_embedder import WordEmbedder
from tools import locks
from tools.library import Library
from tools.retrieval import retrieve

ROOT = Path(__file__).parent.parent
TOPICS = ["the harbour wall", "a school roof", "the night bus", "the fish market", "a footbridge"]


def document(number: int) -> Document:
    """Twenty of these differ in more than a number, or they would count as copies."""
    topic = TOPICS[number % 5]
    return Document(
        text=f"The council voted on {topic}, item {number}.\n\n"
        f"“We had waited {number} years,” said Ada Berg about {topic}. Work begins in May.",
        title=f"Vote {number}",
        publisher="Harbour Courier",
        published_at="2026-03-04",
        language="en",
    )


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("template") / "library"
    with Library.open(folder, WordEmbedder(), create=True) as library:
        for number in range(20):
            library.add(document(number), path=f"{number}.txt")
    return folder


@pytest.fixture
def folder(template: Path, tmp_path: Path) -> Path:
    """A library of twenty sources."""
    return Path(shutil.copytree(template, tmp_path / "library"))


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(locks, "WAIT_SECONDS", 0.1)


def top_ten(folder: Path, notices: list[str] | None = None) -> list[str]:
    told = notices if notices is not None else []
    with Library.open(folder, WordEmbedder(), on_notice=told.append) as library:
        return [hit.passage.id for hit in retrieve(library, "Ada Berg on the night bus")]


def run_python(code: str, *arguments: str | Path) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", code, *map(str, arguments)],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        text=True,
    )


# Adding, showing, removing


def test_a_source_is_stored_as_it_was_given(tmp_path: Path) -> None:
    warning = TextWarning(code="truncated", message="Cut short.", spans=[(0, 3)])
    given_document = Document(
        text="Zoë said “no”. 漢字 follow 😀 here.",
        title="A title",
        author="Kim Öz",
        url="https://example.org/a",
        warnings=[warning],
    )
    with Library.open(tmp_path / "new" / "library", WordEmbedder(), create=True) as library:
        source, added = library.add(given_document, path="a.md")
        assert added
        assert library.source(source.id) == source
        assert source.id == "s-" + hashlib.sha256(given_document.text.encode()).hexdigest()[:16]
        assert (source.path, source.origin) == ("a.md", source.id)
        assert source.model_dump(include=set(Document.model_fields)) == given_document.model_dump()
        (passage,) = library.passages(source.id)
        assert passage.text == given_document.text[passage.start : passage.end]


def test_the_same_text_again_changes_nothing(folder: Path) -> None:
    embedder = WordEmbedder()
    with Library.open(folder, embedder, write=True) as library:
        before = library.sources(), library.state()
        again, added = library.add(document(3).model_copy(update={"title": "Other"}), path="b.txt")
        assert not added
        assert (again.title, again.path) == ("Vote 3", "3.txt")
        assert (library.sources(), library.state()) == before
    assert embedder.texts_seen == 0


def test_a_removed_source_is_not_found_any_more(folder: Path) -> None:
    with Library.open(folder, WordEmbedder(), write=True) as library:
        first = library.sources()[0]
        assert library.remove(first.id[:10]) == first
        assert first not in library.sources()
        assert first.id not in {hit.source.id for hit in retrieve(library, first.text, n=50)}
        assert library.verify() == []
        with pytest.raises(UsageError, match="there is no source"):
            library.passages(first.id)
    assert not {id_ for id_ in top_ten(folder) if id_.startswith(first.id)}


def test_a_source_can_be_removed_and_added_again_at_once(folder: Path) -> None:
    before = top_ten(folder)
    with Library.open(folder, WordEmbedder(), write=True) as library:
        for _ in range(2):
            library.remove(library.add(document(7)).source.id)
            assert library.add(document(7)).added
    notices: list[str] = []
    assert top_ten(folder, notices) == before
    assert notices == []


@pytest.mark.parametrize("source_id", ["s-", "", "s-zzzz", "%", "s-_"])
def test_an_unknown_or_ambiguous_id_says_how_to_list_them(folder: Path, source_id: str) -> None:
    with (
        Library.open(folder, WordEmbedder()) as library,
        pytest.raises(UsageError, match="assay sources list"),
    ):
        library.source(source_id)


@pytest.mark.parametrize("text", ["", " \n\n\t", "\u00a0"])
def test_a_text_without_words_is_refused(folder: Path, text: str) -> None:
    with Library.open(folder, WordEmbedder(), write=True) as library:
        with pytest.raises(InputError, match="holds no text"):
            library.add(Document(text=text), path="blank.txt")
        with pytest.raises(InputError, match="broken characters"):
            library.add(Document(text="half a \ud83d character"))
        assert library.state().sources == 20


@given(text=st.text(min_size=1, max_size=300))
@settings(
    suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=50
)
def test_passages_are_verbatim_in_any_text(open_library: Library, text: str) -> None:
    try:
        source = open_library.add(Document(text=text)).source
    except InputError:
        return
    assert open_library.source(source.id).text == text
    assert all(p.text == text[p.start : p.end] for p in open_library.passages(source.id))


@pytest.fixture
def open_library(tmp_path: Path) -> Iterator[Library]:
    with Library.open(tmp_path / "library", WordEmbedder(), create=True) as library:
        yield library


def test_copies_share_the_origin_of_the_earliest(open_library: Library) -> None:
    wire = " ".join(
        f"Councillor {name} told reporters that the {thing} would be mended before {month}."
        for name, thing, month in [
            ("Berg", "harbour wall", "May"), ("Okafor", "old school roof", "June"),
            ("Lind", "footbridge", "July"), ("Moreau", "fish market", "August"),
            ("Tanaka", "night bus stop", "September"),
        ]
    )  # fmt: skip
    late = open_library.add(Document(text=wire, published_at="2026-03-05")).source
    assert late.origin == late.id
    early = open_library.add(Document(text="Wire. " + wire, published_at="2026-03-01")).source
    other = open_library.add(document(1)).source
    assert open_library.source(late.id).origin == early.id
    assert open_library.source(other.id).origin == other.id
    open_library.remove(early.id)
    assert open_library.source(late.id).origin == late.id


def test_vectors_come_from_the_database_in_the_order_asked(folder: Path) -> None:
    with Library.open(folder, WordEmbedder()) as library:
        passages = [library.passages(source.id)[0] for source in library.sources()[:3]]
        vectors = library.vectors([passage.id for passage in reversed(passages)])
        expected = WordEmbedder().embed([passage.text for passage in reversed(passages)])
        np.testing.assert_array_equal(vectors, expected)
        assert library.vectors([]).shape == (0, 64)
        with pytest.raises(UsageError, match="no passage"):
            library.vectors(["s-none:0"])


# State


def test_the_fingerprint_depends_on_texts_and_metadata_only(tmp_path: Path) -> None:
    def fingerprint(name: str, documents: list[Document]) -> str:
        with Library.open(tmp_path / name, WordEmbedder(), create=True) as library:
            for each in documents:
                library.add(each, path=name)
            return library.state().fingerprint

    documents = [document(number) for number in range(4)]
    one = fingerprint("one", documents)
    assert fingerprint("two", documents[::-1]) == one
    assert fingerprint("three", documents[:3]) != one
    renamed = documents[0].model_copy(update={"publisher": "Other"})
    assert fingerprint("four", [renamed, *documents[1:]]) != one


def test_an_empty_library_opens_and_finds_nothing(tmp_path: Path) -> None:
    with Library.open(tmp_path, WordEmbedder(), create=True) as library:
        library.prepare()
    with Library.open(tmp_path, WordEmbedder()) as library:
        assert (library.state().sources, library.state().passages) == (0, 0)
        assert not library.sources()
        assert not library.verify()
        assert not retrieve(library, "boats")


def test_a_library_that_was_emptied_can_be_filled_again(folder: Path) -> None:
    notices: list[str] = []
    for number in (1, 2):
        with Library.open(folder, WordEmbedder(), write=True, on_notice=notices.append) as library:
            for source in library.sources():
                library.remove(source.id)
        assert top_ten(folder) == []
        with Library.open(folder, WordEmbedder(), write=True, on_notice=notices.append) as library:
            source = library.add(document(number)).source
        assert top_ten(folder, notices) == [f"{source.id}:0"]
    assert notices == []


def test_a_library_that_was_emptied_can_be_filled_again_at_once(folder: Path) -> None:
    with Library.open(folder, WordEmbedder(), write=True) as library:
        library.prepare()
        for source in library.sources():
            library.remove(source.id)
        assert retrieve(library, "night bus") == []
        source = library.add(document(1)).source
        assert [hit.source.id for hit in retrieve(library, "night bus")] == [source.id]


def test_no_library_says_how_to_make_one_and_makes_nothing(tmp_path: Path) -> None:
    for write in (False, True):
        with pytest.raises(LibraryMissing, match="add sources first: assay sources add PATH"):
            Library.open(tmp_path / "none", WordEmbedder(), write=write)
    assert list(tmp_path.iterdir()) == []
    (tmp_path / "file").write_text("x")
    with pytest.raises(LibraryMissing, match="not a folder"):
        Library.open(tmp_path / "file", WordEmbedder(), create=True)


def test_another_embedder_is_refused_until_the_library_is_rebuilt(folder: Path) -> None:
    other = WordEmbedder("words-2", dimension=32)
    with pytest.raises(EmbedderMismatch, match="words-1, not with words-2") as caught:
        Library.open(folder, other)
    assert "assay sources rebuild" in caught.value.todo
    with Library.open(folder, other, rebuild=True) as library:
        assert library.verify() == []
        assert retrieve(library, "night bus")
        assert library.state().sources == 20
    with pytest.raises(EmbedderMismatch):
        Library.open(folder, WordEmbedder())


def test_an_interrupted_rebuild_changes_nothing(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = top_ten(folder)
    other = WordEmbedder("words-2", dimension=32)
    embed = other.embed

    def tired(texts: list[str]) -> object:
        if other.texts_seen > 5:
            raise KeyboardInterrupt
        return embed(texts)

    monkeypatch.setattr(other, "embed", tired)
    with pytest.raises(KeyboardInterrupt):
        Library.open(folder, other, rebuild=True)
    notices: list[str] = []
    assert top_ten(folder, notices) == before
    assert notices == []


def test_an_embedder_that_gives_nonsense_is_an_error_and_nothing_is_stored(folder: Path) -> None:
    class Broken(WordEmbedder):
        def embed(self, texts: object) -> np.ndarray[tuple[int, int], np.dtype[np.float32]]:
            return np.full((1, self.dimension), np.nan, np.float32)

    with Library.open(folder, Broken(), write=True) as library:
        with pytest.raises(LibraryError, match="no usable vectors"):
            library.add(document(99))
        assert library.state().sources == 20


# Damage


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


# Several processes

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
    assert 1.5 < time.monotonic() - started < 4
    assert ("writing" if theirs == "write" else "reading") in caught.value.what


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
    folder: Path, hold: Hold, impatient: None
) -> None:
    reader = hold("read")
    delete_folder(folder)
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
from tests.test_library import document
from tools import library
library._FLUSH = 7  # so that a kill also meets the search caches being written
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
