"""Many texts: added together, resumed, and without locking readers out."""

from __future__ import annotations

import json
import shutil
import threading
import time
from pathlib import Path

import pytest

from agent.errors import InputError, LibraryError, LibraryLocked
from agent.types import Document
from tests.fake_embedder import WordEmbedder
from tests.libraries import document, make_library, run_python, top_ten
from tools.library import Addition, AddResult, Library, locks
from tools.library.adding import prepare
from tools.library.vectors import VectorCache


def test_texts_added_together_are_as_if_added_one_by_one(tmp_path: Path) -> None:
    documents = [document(number) for number in range(12)]
    with Library.open(tmp_path / "one", WordEmbedder(), create=True) as library:
        for each in documents:
            library.add(each)
        state = library.state()
    with Library.open(tmp_path / "all", WordEmbedder(), create=True) as library:
        results = library.add_all([Addition(each) for each in documents])
        assert library.state() == state
        assert sum(r.passages for r in results if isinstance(r, AddResult)) == state.passages
        assert library.verify() == []
    assert top_ten(tmp_path / "all") == top_ten(tmp_path / "one")


def test_a_text_without_words_keeps_no_other_from_being_added(tmp_path: Path) -> None:
    with Library.open(tmp_path, WordEmbedder(), create=True) as library:
        empty, broken = Document(text=" \n"), Document(text="A lone \ud800 is no text.")
        results = library.add_all([Addition(each) for each in (empty, document(1), broken)])
        assert [type(result) for result in results] == [InputError, AddResult, InputError]
        assert library.state().sources == 1


def test_what_is_there_is_not_embedded_again(tmp_path: Path) -> None:
    documents = [Addition(document(number)) for number in range(6)]
    embedder = WordEmbedder()
    with Library.open(tmp_path, embedder, create=True) as library:
        library.add_all(documents[:4])
    seen = embedder.texts_seen
    with Library.open(tmp_path, embedder, create=True) as library:
        results = library.add_all([*documents, documents[5]])
        added = [result.added for result in results if isinstance(result, AddResult)]
        assert added == [False] * 4 + [True] * 2 + [False]
        new = sum(result.passages for result in results if isinstance(result, AddResult))
        assert embedder.texts_seen - seen == new
        assert library.state().sources == 6


def test_texts_are_embedded_ahead_and_only_what_is_new(tmp_path: Path) -> None:
    broken = Document(text="A lone \ud800 is no text.")
    documents = [Addition(document(number)) for number in range(3)]
    with Library.open(tmp_path, WordEmbedder(), create=True) as library:
        library.add_all(documents[:1])
        state = library.state()
        given = [*documents, documents[2], Addition(broken)]
        ahead = library.embed_ahead(given).result()
        assert library.state() == state
        assert [each.prepared is not None for each in ahead] == [False, True, True, False, False]
        seen = library.embedder.texts_seen  # type: ignore[attr-defined]
        results = library.add_all(ahead)
        assert library.embedder.texts_seen == seen  # type: ignore[attr-defined]
        assert [result.added for result in results[:-1]] == [False, True, True, False]  # type: ignore[union-attr]
        assert isinstance(results[-1], InputError)
        assert library.verify() == []


def test_tags_of_the_same_text_come_together(tmp_path: Path) -> None:
    with Library.open(tmp_path, WordEmbedder(), create=True) as library:
        for _ in range(2):
            library.add_all([Addition(document(1), tags=[tag]) for tag in ("a", "b", "c")])
            (source,) = library.sources()
            assert source.tags == ["a", "b", "c"]


def test_a_reader_gets_the_library_between_two_batches(tmp_path: Path) -> None:
    with Library.open(tmp_path, WordEmbedder(), create=True) as library:
        library.add(document(0))
    stop, reported = threading.Event(), [0]
    notices: list[str] = []

    def work() -> None:
        with Library.open(
            tmp_path, WordEmbedder(), write=True, gives_way=True, on_notice=notices.append
        ) as library:
            while not stop.is_set():
                library.add_all([Addition(document(reported[0] + 1))])
                reported[0] += 1
                time.sleep(0.02)

    adding = threading.Thread(target=work)
    adding.start()
    while not reported[0]:
        time.sleep(0.01)
    waited: list[str] = []
    before = reported[0]
    try:
        with Library.open(tmp_path, WordEmbedder(), on_notice=waited.append) as library:
            library.prepare()
            seen = library.state().sources - 1
            # The last one is in, and its `add_all` returns once the reader is gone.
            assert before <= seen == reported[0] + 1
        deadline = time.monotonic() + 20
        while reported[0] <= seen and time.monotonic() < deadline:
            time.sleep(0.01)
    finally:
        stop.set()
        adding.join()
    assert reported[0] > seen
    assert len(waited) == 1
    assert "waiting: the library" in waited[0]
    assert not list((tmp_path / "locks").glob("*.waiting"))
    with Library.open(tmp_path, WordEmbedder()) as library:
        assert library.verify() == []
        assert library.state().sources == reported[0] + 1


def test_a_holder_gives_way_again_and_again(tmp_path: Path) -> None:
    def gives_way() -> bool:
        (note,) = (tmp_path / "locks").glob("*.json")
        return bool(json.loads(note.read_text())["gives_way"])

    with Library.open(tmp_path, WordEmbedder(), create=True, gives_way=True) as library:
        for number in range(2):
            assert gives_way()
            seen: list[int] = []

            def read(seen: list[int] = seen) -> None:
                with Library.open(tmp_path, WordEmbedder()) as reader:
                    seen.append(reader.state().sources)

            reading = threading.Thread(target=read)
            reading.start()
            while not list((tmp_path / "locks").glob("*.waiting")):
                time.sleep(0.005)
            library.add(document(number))
            reading.join()
            assert seen == [number + 1]
        assert gives_way()


def test_another_writer_does_not_wait_for_its_turn(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(locks, "WAIT_SECONDS", 0.1)
    with (
        Library.open(tmp_path, WordEmbedder(), create=True, gives_way=True),
        pytest.raises(LibraryLocked),
    ):
        Library.open(tmp_path, WordEmbedder(), write=True)


def test_a_reader_does_not_wait_for_ever(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(locks, "WAIT_SECONDS", 0.1)
    monkeypatch.setattr(locks, "HAND_OVER_SECONDS", 0.5)
    with Library.open(tmp_path, WordEmbedder(), create=True, gives_way=True) as library:
        with pytest.raises(LibraryLocked):
            Library.open(tmp_path, WordEmbedder())
        assert library.add(document(1)).added


def test_requests_of_the_dead_are_forgotten(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with Library.open(tmp_path, WordEmbedder(), create=True, gives_way=True) as library:
        (tmp_path / "locks" / "1-0.waiting").touch()
        monkeypatch.setattr(locks, "_FORGOTTEN", 0.0)
        library.add(document(1))
        assert not list((tmp_path / "locks").glob("*.waiting"))


STOPPED = """
import os, sys
from tests.fake_embedder import WordEmbedder
from tests.libraries import document
from tools.library import Addition, Library
library = Library.open(sys.argv[1], WordEmbedder(), write=True)
library.remove(library.sources()[0].id)
library.add_all([Addition(document(number)) for number in (50, 51)])
os._exit(0)
"""


RETITLED = """
import os, sys
from tests.fake_embedder import WordEmbedder
from tests.libraries import document
from tools.library import Library
library = Library.open(sys.argv[1], WordEmbedder(), write=True)
if sys.argv[2] == "remove":
    library.remove(next(each.id for each in library.sources() if each.title == "Vote 7"))
else:
    library.add(document(7).model_copy(update={"title": "Whales near the lighthouse"}))
os._exit(0)
"""


def test_a_text_that_came_back_under_another_title_gets_its_new_vector(tmp_path: Path) -> None:
    folder = make_library(tmp_path / "library")
    for step in ("remove", "add"):
        run_python(RETITLED, folder, step).communicate()
    notices: list[str] = []
    with Library.open(folder, WordEmbedder(), on_notice=notices.append) as library:
        assert library.verify() == []
    assert ["out of date" in notice for notice in notices] == [True]


def test_vectors_are_brought_up_to_date_not_built_anew_after_an_adding_was_stopped(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = make_library(tmp_path / "library")
    run_python(STOPPED, folder).communicate()
    notices: list[str] = []
    with monkeypatch.context() as patched:
        patched.setattr(VectorCache, "build", None)
        with Library.open(folder, WordEmbedder(), on_notice=notices.append) as library:
            library.prepare()
    assert len(notices) == 1
    assert "out of date" in notices[0]
    with Library.open(folder, WordEmbedder()) as library:
        assert library.verify() == []
        assert library.state().sources == 21
    before = top_ten(folder)
    shutil.rmtree(folder / "chroma")
    assert top_ten(folder) == before


def test_a_text_that_was_prepared_elsewhere_is_stored_as_if_added_here(tmp_path: Path) -> None:
    embedder, one = WordEmbedder(), document(1)
    with (
        Library.open(tmp_path / "here", embedder, create=True) as here,
        Library.open(tmp_path / "there", embedder, create=True) as there,
    ):
        here.add(one)
        (result,) = there.add_all([Addition(one, prepared=prepare(one, embedder))])
        assert not isinstance(result, InputError) and result.added
        ids = [passage.id for passage in here.passages(result.source.id)]
        assert [passage.id for passage in there.passages(result.source.id)] == ids
        assert (there.vectors(ids) == here.vectors(ids)).all()
        assert there.matching(one.text, 3) == here.matching(one.text, 3)


def test_vectors_of_another_embedder_are_refused(tmp_path: Path) -> None:
    prepared = prepare(document(1), WordEmbedder())._replace(embedder="another")
    with (
        Library.open(tmp_path / "library", WordEmbedder(), create=True) as library,
        pytest.raises(LibraryError, match="of another"),
    ):
        library.add_all([Addition(document(1), prepared=prepared)])
