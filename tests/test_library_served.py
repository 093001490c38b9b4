"""A library on PostgreSQL says what one in a folder says, to many readers and several writers.

Each test has a database of its own on a real server; the search index is on this machine, or on a
real Chroma server.
"""

from __future__ import annotations

import json
import signal
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from agent.check import FactChecker
from agent.errors import (
    EmbedderMismatch,
    InputError,
    LibraryError,
)
from agent.server.shelf import Shelf
from agent.types import Document
from tests.conftest import ROOT, Assay
from tests.fake_embedder import WordEmbedder
from tests.libraries import document, make_library, run_python
from tests.servers import PASSWORD, PostgresServer, chroma_server, postgres_server
from tools.library import Addition, AddResult, Library
from tools.library.address import local_folder, server_of
from tools.library.chroma_server import SharedVectors
from tools.library.moving import import_library
from tools.library.postgres import Postgres
from tools.library.retrieval import retrieve
from tools.models.embedder import StoredVectors

pytestmark = pytest.mark.scale

QUESTION = "Ada Berg on the night bus, item 7"


@pytest.fixture(scope="module")
def server() -> Iterator[PostgresServer]:
    with postgres_server() as started:
        yield started


@pytest.fixture(scope="module")
def chroma(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with chroma_server(tmp_path_factory.mktemp("chroma")) as address:
        yield address


@pytest.fixture
def address(server: PostgresServer) -> str:
    """Of an empty database."""
    return server.make_database()


@pytest.fixture(params=["local", "chroma"])
def place(request: pytest.FixtureRequest, address: str) -> Path:
    """An empty database, with the index here or there."""
    chroma = request.getfixturevalue("chroma") if request.param == "chroma" else None
    return local_folder(address, chroma)


@pytest.fixture(scope="module")
def embedded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same twenty sources in a folder."""
    return make_library(tmp_path_factory.mktemp("embedded") / "library")


def found(library: Library) -> list[tuple[str, float]]:
    return [(hit.passage.id, hit.score) for hit in retrieve(library, QUESTION)]


def test_both_kinds_of_library_hold_and_find_the_same(place: Path, embedded: Path) -> None:
    make_library(place)
    with (
        Library.open(place, WordEmbedder()) as served,
        Library.open(embedded, WordEmbedder()) as local,
    ):
        assert served.state() == local.state()
        unlike = {"added_at": ""}
        assert [each.model_copy(update=unlike) for each in served.sources()] == [
            each.model_copy(update=unlike) for each in local.sources()
        ]
        assert found(served) == found(local)
        for words in (QUESTION, "1.4bn for the schools’ roofs", "the and of", "…", "Ädä BERG"):
            assert served.matching(words, 8) == pytest.approx(local.matching(words, 8), abs=1e-8)
        one = local.sources()[3]
        assert served.source(one.id[:9]).text == one.text
        assert served.passages(one.id) == local.passages(one.id)
        assert served.copies(one.text) == {one.id}
        assert served.verify() == []


def test_what_is_removed_added_tagged_or_marked_is_so_for_who_opens_it_next(place: Path) -> None:
    make_library(place)
    with Library.open(place, WordEmbedder()) as library:
        first = found(library)[0][0].split(":")[0]
    with Library.open(place, WordEmbedder(), write=True) as library:
        library.remove(first)
        again = library.add(document(3), tags=["port"])
        assert not again.added
        library.add(document(30))
        library.set_reputation("Harbour Courier", "distrusted")
    with Library.open(place, WordEmbedder()) as library:
        assert first not in {id_.split(":")[0] for id_, _ in found(library)}
        assert library.source(again.source.id).tags == ["port"]
        assert library.reputations() == {"Harbour Courier": "distrusted"}
        assert retrieve(library, document(30).text)[0].source.title == "Vote 30"
        assert library.verify() == []


def test_a_reader_sees_the_library_as_it_was_opened_and_keeps_no_writer_waiting(
    place: Path,
) -> None:
    make_library(place)
    with Library.open(place, WordEmbedder()) as reader:
        before = reader.state(), found(reader)
        with Library.open(place, WordEmbedder(), write=True) as writer:
            writer.add(document(40))
            writer.remove(before[1][0][0].split(":")[0])
            writer.prepare()
        assert reader.state() == before[0]
        # A shared index does not propose what others removed; then its words do.
        assert found(reader)[:5] == before[1][:5]


def is_shared(library: Library) -> bool:
    """Whether its index is on a Chroma server."""
    known = server_of(library.path)
    return known is not None and known.chroma is not None


_WRITER = """
import sys
from agent.types import Document
from tests.fake_embedder import WordEmbedder
from tests.libraries import document
from tools.library import Addition, Library
place, number = sys.argv[1], int(sys.argv[2])
with Library.open(place, WordEmbedder(), create=True) as library:
    print("open", flush=True)
    for start in range(0, 20, 4):
        turn = [(start + 5 * number + k) % 20 for k in range(4)]
        for each in library.add_all(
            [Addition(document(n), f"{n}.txt", [f"w{number}"]) for n in turn]
        ):
            print(each.source.id, int(each.added), flush=True)
    library.add(Document(text=sys.argv[3] + f" Sent by wire {number}."))
"""
_STORY = """The harbour board of Gull Point sold its two old dredgers on Monday to a yard in Skarra.
Ada Berg, who chairs the board, said that the ships had cost the town 41,000 crowns a year to keep
and had lain idle since the spring floods. The yard wants to cut one of them up and to let the other
carry gravel to the islands. Members of the council had asked for a second offer, which did not come
before the end of the week. The money goes into the repair of the northern quay, where three berths
have been closed for two winters and ferries have had to wait outside the wall."""


def test_several_writers_at_once_lose_nothing_and_add_nothing_twice(
    address: str, embedded: Path
) -> None:
    writers = [run_python(_WRITER, address, str(number), _STORY) for number in range(4)]
    told = [writer.communicate(timeout=110)[0].split()[1:] for writer in writers]
    assert [writer.returncode for writer in writers] == [0] * 4
    added = [id_ for each in told for id_, new in zip(each[::2], each[1::2], strict=True)
             if new == "1"]  # fmt: skip
    with (
        Library.open(address, WordEmbedder()) as served,
        Library.open(embedded, WordEmbedder()) as local,
    ):
        sources = served.sources()
        ids = {source.id for source in local.sources()}
        assert sorted(added) == sorted(ids)  # each was new to one writer, and to one only
        assert {source.id for source in sources} >= ids
        assert len(sources) == 24
        for source in sources:
            if source.id in ids:
                assert source.tags == ["w0", "w1", "w2", "w3"]
        wired = {source.origin for source in sources if source.id not in ids}
        assert len(wired) == 1  # one text, sent on by four, is of one origin
        assert served.verify() == []


def test_a_writer_that_is_killed_leaves_what_it_reported_and_a_whole_library(address: str) -> None:
    writer = run_python(_WRITER, address, "0", _STORY)
    assert writer.stdout is not None
    assert writer.stdout.readline() == "open\n"
    told = [writer.stdout.readline().split()[0] for _ in range(6)]
    writer.send_signal(signal.SIGKILL)
    writer.communicate()
    with Library.open(address, WordEmbedder(), write=True) as library:
        assert {source.id for source in library.sources()} >= set(told)
        library.add(document(19))
    with Library.open(address, WordEmbedder()) as library:
        assert library.verify() == []
        assert retrieve(library, document(19).text)[0].source.title == "Vote 19"


def test_who_added_a_text_while_another_embedded_it_is_told_that_it_was_there(
    address: str,
) -> None:
    make_library(local_folder(address), 1)

    class Overtaken(WordEmbedder):
        def embed(self, texts: Sequence[str]) -> NDArray[np.float32]:
            if not other_added:
                other_added.append(other.add(document(5), tags=["first"]))
            return super().embed(texts)

    other_added: list[AddResult] = []
    with (
        Library.open(address, WordEmbedder(), write=True) as other,
        Library.open(address, Overtaken(), write=True) as mine,
    ):
        results = mine.add_all([Addition(document(n), None, ["second"]) for n in (5, 6)])
        assert [isinstance(each, AddResult) and each.added for each in results] == [False, True]
        assert other_added[0].added
        assert mine.source(other_added[0].source.id).tags == ["first", "second"]


def test_an_export_of_the_one_kind_is_a_library_of_the_other(
    address: str, embedded: Path, tmp_path: Path
) -> None:
    with Library.open(embedded, WordEmbedder()) as local:
        state = local.state()
        with Library.open(address, WordEmbedder(), create=True) as served:
            merged = served.merge(local)
            assert (merged.added, merged.passages, merged.known) == (20, 20, 0)
            assert served.merge(local).known == 20
            served.export(tmp_path / "out.assay")
    assert import_library(tmp_path / "out.assay", tmp_path / "back") == state
    with Library.open(tmp_path / "back", WordEmbedder()) as back:
        assert back.verify() == []
        with Library.open(embedded, WordEmbedder()) as local:
            assert found(back) == found(local)


def test_merging_keeps_what_is_there_and_takes_over_what_is_known_beyond(
    address: str, tmp_path: Path
) -> None:
    theirs = document(1).model_copy(update={"publisher": "Gull Point Gazette"})
    with Library.open(tmp_path / "mine", WordEmbedder(), create=True) as mine:
        mine.add(theirs, tags=["b"])
        mine.add(Document(text="Words\0with a NUL."))
        with Library.open(address, WordEmbedder(), create=True) as served:
            source = served.add(document(1), tags=["a"]).source
            merged = served.merge(mine)
            assert len(merged.left_out) == 1
            assert served.source(source.id).tags == ["a", "b"]
            assert served.source(source.id).publisher == "Harbour Courier"
            (appearance,) = served.appearances(source.id)
            assert appearance.publisher == "Gull Point Gazette"
            with pytest.raises(InputError, match="NUL"):
                served.add(Document(text="Other words\0with a NUL."))
        with (
            Library.open(address, WordEmbedder()) as served,
            Library.open(tmp_path / "other", StoredVectors("other", 3), create=True) as other,
            pytest.raises(EmbedderMismatch),
        ):
            other.merge(served)


def test_a_source_that_is_brought_there_takes_few_questions(
    address: str, embedded: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []

    def counted(how: Any) -> Any:
        def asking(self: Postgres, sql: str, *given: Any) -> Any:
            asked.append(sql)
            return how(self, sql, *given)

        return asking

    for name in ("execute", "executemany"):
        monkeypatch.setattr(Postgres, name, counted(getattr(Postgres, name)))
    with (
        Library.open(embedded, WordEmbedder()) as mine,
        Library.open(address, WordEmbedder(), create=True) as served,
    ):
        asked.clear()
        added = served.merge(mine).added
        assert len(asked) <= 4 * added + 12  # a server is some milliseconds away
        asked.clear()
        assert served.merge(mine).known == added
        assert len(asked) <= 2 * added + 12


def test_an_index_that_is_lost_behind_or_wrong_is_mended(place: Path, chroma: str) -> None:
    import chromadb

    client = chromadb.HttpClient(host="127.0.0.1", port=int(chroma.rpartition(":")[2]))
    others = {each.name for each in client.list_collections()}
    make_library(place)
    with Library.open(place, WordEmbedder()) as library:
        wanted = found(library)
    shared = is_shared(library)
    if shared:
        (name,) = {each.name for each in client.list_collections()} - others
        client.get_collection(name).delete(ids=[wanted[0][0]])
    else:
        (vectors,) = (place / "vectors").glob("*.npy")
        vectors.write_bytes(vectors.read_bytes()[:-8])
    notices: list[str] = []
    with Library.open(place, WordEmbedder(), on_notice=notices.append) as library:
        if shared:
            assert library.verify() == []
            assert notices == ["the search index was damaged; rebuilt from the library"]
            client.delete_collection(name)
        assert found(library) == wanted


def test_a_rebuild_with_another_embedder_takes_all_over(place: Path) -> None:
    make_library(place)
    other = WordEmbedder("other-words", 32)
    with pytest.raises(EmbedderMismatch, match="assay sources rebuild --library postgresql://"):
        Library.open(place, other)
    with Library.open(place, WordEmbedder(), write=True) as slow:
        with Library.open(place, other, rebuild=True) as library:
            assert library.verify() == []
        with pytest.raises(LibraryError, match="rebuilt by somebody else"):
            slow.add(document(30))
    with Library.open(place, other) as library:
        assert len(found(library)) == 10
        assert library.verify() == []


def test_a_report_is_the_same_from_both_kinds_of_library(
    address: str, chroma: str, example_template: Path
) -> None:
    article = ROOT / "evals" / "example" / "articles" / "harbour-line.md"
    with Library.open(example_template, None) as local:
        vectors = StoredVectors(local.embedder.id, local.embedder.dimension)
        with Library.open(address, vectors, create=True) as served:
            served.merge(local)

    def report(library: Path) -> dict[str, Any]:
        told = FactChecker(library).check(article).model_dump(mode="json")
        for name in ("id", "created_at"):
            told["run"].pop(name)
        told["usage"].pop("seconds")
        return told

    assert report(local_folder(address, chroma)) == report(example_template)


def test_push_and_pull_bring_everything_and_show_no_password(
    assay: Assay, address: str, embedded: Path, tmp_path: Path
) -> None:
    pushed = assay("sources", "push", address, "--library", embedded)
    pulled = assay("sources", "pull", address, "--library", tmp_path / "pulled")
    listed = assay("sources", "list", "--library", address, "--json")
    missing = assay("sources", "list", "--library", f"{address}x")
    refused = assay("sources", "list", "--library", address.replace(PASSWORD, PASSWORD[::-1]))
    imported = assay("sources", "import", tmp_path / "pulled", "--library", address)
    codes = [each.code for each in (pushed, pulled, listed, missing, refused, imported)]
    assert codes == [0, 0, 0, 4, 4, 2]
    assert "20 sources in 20 passages added" in pushed.err
    assert len(json.loads(listed.out)["sources"]) == 20
    with (
        Library.open(tmp_path / "pulled", WordEmbedder()) as back,
        Library.open(embedded, WordEmbedder()) as local,
    ):
        assert back.state() == local.state()
        assert found(back) == found(local)
    for each in (pushed, pulled, listed, missing, refused, imported):
        assert PASSWORD not in each.out + each.err
        assert PASSWORD[::-1] not in each.out + each.err
    written = [path for path in local_folder(address).parents[1].rglob("*") if path.is_file()]
    assert written
    assert not any(PASSWORD.encode() in path.read_bytes() for path in written)


def test_a_service_shows_what_others_add_to_the_library_meanwhile(address: str) -> None:
    make_library(local_folder(address), 3)
    shelf = Shelf(local_folder(address), WordEmbedder())
    try:
        with shelf.searching() as library:
            assert library.state().sources == 3
        with Library.open(address, WordEmbedder(), write=True) as library:
            library.add(document(5))
        with shelf.searching() as library:
            assert retrieve(library, document(5).text)[0].source.title == "Vote 5"
        with shelf.writing() as library:
            library.add(document(6))
        with shelf.reading() as library:
            assert library.state().sources == 5
    finally:
        shelf.close()


def test_doctor_says_which_chroma_server_answers_and_what_is_known_of_it(
    assay: Assay, address: str, chroma: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_library(local_folder(address, chroma), 1)
    monkeypatch.setattr("agent.cli.doctor._judge", lambda: iter(["works"]))
    told = assay("doctor", "--library", address, "--chroma-url", chroma, "--offline").out
    assert f"{chroma} answers, version {SharedVectors(chroma).version()}" in told
    assert "CVE-2026-45829" in told
    assert "ASSAY_CHROMA_TOKEN is not set" in told
