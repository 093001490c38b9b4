"""The library keeps every source as it was given, and says what it holds."""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from agent.errors import (
    EmbedderMismatch,
    InputError,
    LibraryError,
    LibraryMissing,
    UsageError,
)
from agent.types import Document, TextWarning
from tests.fake_embedder import WordEmbedder
from tests.libraries import document, make_library, top_ten
from tools.library import Library
from tools.library.retrieval import retrieve


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_library(tmp_path_factory.mktemp("template") / "library")


@pytest.fixture
def folder(template: Path, tmp_path: Path) -> Path:
    """A library of twenty sources."""
    return Path(shutil.copytree(template, tmp_path / "library"))


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
        source, added, *_ = library.add(given_document, path="a.md")
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
        again, added, *_ = library.add(
            document(3).model_copy(update={"title": "Other"}), path="b.txt"
        )
        assert not added
        assert (again.title, again.path) == ("Vote 3", "3.txt")
        assert (library.sources(), library.state()) == before
    assert embedder.texts_seen == 0


def test_tags_are_kept_and_a_text_that_is_there_gets_the_new_ones(tmp_path: Path) -> None:
    with Library.open(tmp_path, WordEmbedder(), create=True) as library:
        assert library.add(document(1), tags=["port", "budget", "port"]).source.tags == [
            "budget",
            "port",
        ]
        state = library.state()
        again = library.add(document(1), tags=["vote"])
        assert (again.source.tags, again.added) == (["budget", "port", "vote"], False)
        assert library.state() == state, "tags say nothing about a text: no index is made anew"
    with Library.open(tmp_path, WordEmbedder()) as library:
        assert library.sources()[0].tags == ["budget", "port", "vote"]


def test_a_newer_source_of_an_address_supersedes_the_older_while_it_is_there(
    tmp_path: Path,
) -> None:
    def version(number: int, day: str) -> Document:
        page = {"url": "https://ledger.example/vote", "published_at": day}
        return document(number).model_copy(update=page)

    with Library.open(tmp_path, WordEmbedder(), create=True) as library:
        old = library.add(version(1, "2026-03-01")).source
        assert library.source(old.id).superseded_by is None
        new = library.add(version(2, "2026-03-09")).source
        assert library.source(old.id).superseded_by == new.id
        assert [source.superseded_by for source in library.sources()] == [new.id, None]
        assert library.superseded() == {old.id: new.id}
        assert library.superseded(as_of="2026-03-08") == {}
        library.remove(new.id)
        assert library.source(old.id).superseded_by is None


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
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=50)
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
        sources = library.sources()[2::-1]
        passages = [library.passages(source.id)[0] for source in sources]
        vectors = library.vectors([passage.id for passage in passages])
        read = [f"{s.title}\n{p.text}" for s, p in zip(sources, passages, strict=True)]
        expected = WordEmbedder().embed(read)
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

    monkeypatch.setattr("tools.library.adding._RECUT", 5)
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
