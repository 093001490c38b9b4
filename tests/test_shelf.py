"""The library of a service: who reads is answered, who writes gets a turn, and a lock is no end."""

from __future__ import annotations

import asyncio
import shutil
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient

from agent import check
from agent.check import FactChecker
from agent.errors import LibraryLocked
from agent.rate.embedded import EmbeddedRater
from agent.server.app import create_app
from agent.server.kept import claimed
from agent.server.settings import Settings
from agent.server.shelf import Shelf
from agent.types import Document, Evidence
from tests.conftest import Assay
from tests.fake_embedder import WordEmbedder
from tools.library import Library, locks, retrieval

ARTICLE = "The Tallis Bridge cost 12 million euros."
ADDING = """
import sys
from agent.types import Document
from tests.fake_embedder import WordEmbedder
from tools.library import Library
with Library.open(sys.argv[1], WordEmbedder(), write=True) as library:
    library.add(Document(text="The night bus to Orrel was full on Friday."))
"""
"""What another process does."""
BUS = {"file": ("bus.txt", b"The night bus to Orrel was full on Friday.")}


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """No judge is loaded, and locks are not waited for as long as in earnest."""

    async def nothing(*_: object) -> list[Evidence]:
        return []

    monkeypatch.setattr(FactChecker, "load", lambda _: None)
    monkeypatch.setattr(EmbeddedRater, "rate", nothing)
    monkeypatch.setattr(locks, "ALONE_SECONDS", 0.05)
    monkeypatch.setattr(locks, "WAIT_SECONDS", 0.05)


@pytest.fixture
def client(word_library: Path) -> Iterator[TestClient]:
    app = create_app(Settings(library=word_library), WordEmbedder())
    with TestClient(app, base_url="http://localhost") as client:
        yield client


def without_caches(library: Path) -> Path:
    """As a library is whose index has to be made anew."""
    for cache in (library / "chroma", *library.glob("fulltext*")):
        shutil.rmtree(cache) if cache.is_dir() else cache.unlink()
    assert not (library / "chroma").exists()
    return library


def submitted(client: TestClient) -> str:
    return str(client.post("/api/checks", json={"text": ARTICLE}).json()["id"])


def state(client: TestClient, check_id: str) -> Any:
    shown = client.get("/api/checks").json()["checks"]
    return next(each["state"] for each in shown if each["id"] == check_id)


def until(condition: Callable[[], bool]) -> None:
    for _ in range(1000):
        if condition():
            return
        time.sleep(0.005)
    raise AssertionError(condition)


# --- reading and writing while checks go on -------------------------------------------------


def test_a_source_is_added_and_removed_while_a_check_rates(
    client: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    rating, release = threading.Event(), threading.Event()

    async def slow(*_: object) -> list[Evidence]:
        rating.set()
        while not release.is_set():
            await asyncio.sleep(0.005)
        return []

    monkeypatch.setattr(EmbeddedRater, "rate", slow)
    before = client.get("/api/sources").json()["total"]
    check_id = submitted(client)
    shelf = client.app.state.shelf  # type: ignore[attr-defined]
    until(lambda: rating.is_set() and not any(shelf._readers.values()))
    added = client.post("/api/sources", files=BUS).json()["added"]
    assert client.get("/api/sources").json()["total"] == before + 1
    assert client.delete(f"/api/sources/{added[0]}").status_code == 204
    client.post("/api/sources", files=BUS)
    assert state(client, check_id) == "running"
    release.set()
    until(lambda: state(client, check_id) == "done")
    # The report is of the library that its passages are from.
    assert client.get(f"/api/checks/{check_id}").json()["run"]["library"]["sources"] == before


def test_reading_is_answered_while_a_writer_waits_for_a_check_that_looks_for_passages(
    client: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    release, looking = threading.Event(), threading.Event()
    retrieve_many = retrieval.retrieve_many

    def slow(*given: Any, **more: Any) -> Any:
        looking.set()
        release.wait(5)
        return retrieve_many(*given, **more)

    monkeypatch.setattr(check, "retrieve_many", slow)
    check_id = submitted(client)
    assert looking.wait(5)
    with ThreadPoolExecutor() as threads:
        adding = threads.submit(client.post, "/api/sources", files=BUS)
        until(lambda: bool(client.app.state.shelf._writers))  # type: ignore[attr-defined]
        for path in ("/api/sources", "/api/sources/search?q=bridge", "/api/conversations"):
            assert client.get(path).status_code == 200
        answered = client.post("/api/chat", json={"question": "How long is the bridge?"})
        assert "event: done" in answered.text
        assert not adding.done()
        release.set()
        assert adding.result(5).json()["added"]
    until(lambda: state(client, check_id) == "done")


# --- left open for whoever comes next -------------------------------------------------------


def test_the_library_is_opened_once_for_several_who_come_one_after_another(
    word_library: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened, open_library = [], Library.open

    def counted(*given: Any, **more: Any) -> Library:
        opened.append(given)
        return open_library(*given, **more)

    monkeypatch.setattr(Library, "open", counted)
    shelf = Shelf(word_library, WordEmbedder())
    for enter in (shelf.searching, shelf.reading, shelf.shared):
        with enter() as library:
            assert library.state().sources
    assert len(opened) == 1
    shelf.close()
    with pytest.raises(RuntimeError, match="closed"):
        library.state()


def test_a_library_that_was_left_open_keeps_nobody_from_writing(word_library: Path) -> None:
    shelf = Shelf(word_library, WordEmbedder())
    with shelf.searching() as library:
        before = library.state().sources
    theirs = [sys.executable, "-c", ADDING, str(word_library)]
    assert subprocess.run(theirs, capture_output=True, text=True, check=False).stderr == ""
    with shelf.searching() as library:
        assert library.state().sources == before + 1
    with shelf.writing() as ours:
        ours.add(Document(text="The morning bus to Orrel was empty on Friday."))
    with shelf.searching() as library:
        assert library.state().sources == before + 2
    shelf.close()


def test_a_library_that_was_put_in_the_place_of_another_is_the_one_that_is_read(
    word_library: Path, tmp_path: Path
) -> None:
    shelf = Shelf(word_library, WordEmbedder())
    with shelf.searching() as library:
        before = library.state().sources
    other = tmp_path / "other"
    shutil.copytree(word_library, other)
    with Library.open(other, WordEmbedder(), write=True) as opened:
        opened.add(Document(text="The night bus to Orrel was full on Friday."))
    word_library.rename(tmp_path / "old")
    other.rename(word_library)
    with shelf.searching() as library:
        assert library.state().sources == before + 1
    shelf.close()


def test_what_ended_in_a_fault_is_not_left_open(word_library: Path) -> None:
    shelf = Shelf(word_library, WordEmbedder())
    with pytest.raises(ValueError, match="of the reader"), shelf.searching() as library:
        raise ValueError("of the reader")
    with pytest.raises(RuntimeError, match="closed"):
        library.state()
    shelf.close()


# --- an index that has to be made anew ------------------------------------------------------


def test_checks_and_searches_at_once_find_an_index_that_is_gone(
    word_library: Path, client: TestClient
) -> None:
    without_caches(word_library)
    with ThreadPoolExecutor() as threads:
        searches = [threads.submit(client.get, "/api/sources/search?q=bridge") for _ in range(3)]
        checks = [submitted(client) for _ in range(3)]
        assert [each.result(10).status_code for each in searches] == [200] * 3
    for each in checks:
        until(lambda: state(client, each) in ("done", "failed"))  # noqa: B023
    assert [state(client, each) for each in checks] == ["done"] * 3


def test_what_has_to_be_mended_waits_for_who_reads_and_no_longer(word_library: Path) -> None:
    shelf = Shelf(without_caches(word_library), WordEmbedder())
    searched = threading.Event()

    def search() -> None:
        with shelf.shared() as library:
            assert library.state().sources
            searched.set()

    with shelf.reading():
        searching = threading.Thread(target=search)
        searching.start()
        assert not searched.wait(0.3)
    assert searched.wait(5)
    searching.join()


def test_a_check_waits_for_another_process_as_long_as_its_time_lasts(
    word_library: Path, client: TestClient
) -> None:
    with Library.open(word_library, WordEmbedder(), write=True):
        check_id = submitted(client)
        time.sleep(0.3)
        assert state(client, check_id) == "running"
    until(lambda: state(client, check_id) == "done")


def test_a_check_that_waits_for_another_process_is_stopped(
    word_library: Path, client: TestClient
) -> None:
    with Library.open(word_library, WordEmbedder(), write=True):
        check_id = submitted(client)
        until(lambda: state(client, check_id) == "running")
        client.post(f"/api/checks/{check_id}/stop")
        until(lambda: state(client, check_id) == "stopped")


def test_a_lock_that_comes_to_light_in_the_midst_of_a_check_is_no_end(
    client: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    faults = [LibraryLocked("the search index is damaged and cannot be rebuilt now")]
    retrieve_many = retrieval.retrieve_many

    def damaged(library: Library, texts: Sequence[str], **more: Any) -> Any:
        if faults:
            raise faults.pop()
        return retrieve_many(library, texts, **more)

    monkeypatch.setattr(check, "retrieve_many", damaged)
    check_id = submitted(client)
    until(lambda: state(client, check_id) in ("done", "failed"))
    assert state(client, check_id) == "done"


# --- two services ---------------------------------------------------------------------------


def test_a_second_service_on_the_same_library_is_refused(word_library: Path, assay: Assay) -> None:
    (word_library / "runs").mkdir()
    with claimed(word_library / "runs"):
        refused = assay("serve", "--library", word_library, "--port", "0")
    assert refused.code == 4
    assert "in use by process" in refused.message
    assert "runs already" in refused.message
    with claimed(word_library / "runs"):  # whoever had it has given it back
        pass
