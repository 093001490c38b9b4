"""`assay sources` as a user meets it."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest

from agent.errors import InputError
from tests.conftest import (
    SOURCES,
    Assay,
)
from tools.library import Addition, AddResult, Library

FIELDS = ["id", "title", "publisher", "author", "url", "published_at"]
FIELDS += ["language", "passages", "origin", "added_at", "tags", "superseded_by"]
FIELDS += ["origin_reason"]


@pytest.fixture
def texts(tmp_path: Path) -> Path:
    """A folder with three good files, two that cannot be read, and one of another kind."""
    folder = tmp_path / "texts"
    (folder / "deep").mkdir(parents=True)
    (folder / "one.txt").write_text("The pier was built in 1911.", encoding="utf-8")
    (folder / "two.md").write_text(
        "---\ntitle: Two\npublisher: Gazette\ndate: 2024-02-03\nurl: https://g.example/2\n---\n"
        "The lighthouse is 31 metres tall.",
        encoding="utf-8",
    )
    (folder / "deep" / "three.html").write_text(
        "<html><head><title>Three</title></head><body><p>The ferry leaves at nine.</p></body>",
        encoding="utf-8",
    )
    (folder / "empty.txt").write_bytes(b"")
    (folder / "picture.txt").write_bytes(b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR")
    (folder / "photo.png").write_bytes(b"\x89PNG")
    (folder / ".hidden.txt").write_text("hidden", encoding="utf-8")
    return folder


@pytest.fixture
def new_library(word_library: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where there is no library yet; the fake embedder is in use."""
    folder = word_library.with_name("new-library")
    monkeypatch.setenv("ASSAY_LIBRARY", str(folder))
    return folder


def test_good_files_of_a_folder_are_added_and_the_others_named(
    assay: Assay, texts: Path, new_library: Path
) -> None:
    result = assay("sources", "add", texts)
    assert result.code == 3
    assert result.out == ""
    assert "Left out" in result.err
    assert "photo.png" in result.err
    assert ".hidden" not in result.err
    assert result.err.count("Not added: ") == 2
    assert "Added 3 sources, 2 not readable. The library holds 3 sources" in result.err
    again = assay("sources", "add", texts, "--json")
    assert again.code == 3
    assert again.json["added"] == []
    assert len(again.json["already_there"]) == 3
    assert sorted(Path(r["path"]).name for r in again.json["refused"]) == [
        "empty.txt",
        "picture.txt",
    ]


def test_a_text_that_the_library_refuses_does_not_stop_the_others(
    assay: Assay, texts: Path, new_library: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    add_all = Library.add_all

    def refusing(self: Library, given: Sequence[Addition]) -> list[AddResult | InputError]:
        fault = InputError("one.txt holds no text")
        return [fault if each.path == "one.txt" else add_all(self, [each])[0] for each in given]

    monkeypatch.setattr(Library, "add_all", refusing)
    result = assay("sources", "add", texts / "one.txt", texts / "two.md")
    assert result.code == 3
    assert "Not added: one.txt holds no text" in result.err
    assert "Added 1 source, 1 not readable" in result.err


def test_adding_the_same_twice_changes_nothing(
    assay: Assay, texts: Path, new_library: Path
) -> None:
    first = assay("sources", "add", texts / "one.txt", texts / "two.md", "--json")
    listed = assay("sources", "list", "--json").json
    second = assay("sources", "add", texts / "one.txt", texts / "two.md", "--json")
    assert (first.code, second.code) == (0, 0)
    assert second.json == {
        "added": [], "already_there": first.json["added"], "refused": [], "superseded": [],
        "disputed": [], "warnings": [], "appeared": [], "completed": [], "unchanged_files": 2,
    }  # fmt: skip
    assert assay("sources", "list", "--json").json == listed


def test_sources_are_listed_and_shown_as_the_contract_says(
    assay: Assay, texts: Path, new_library: Path
) -> None:
    assay("sources", "add", texts / "one.txt", texts / "two.md")
    listed = assay("sources", "list", "--json")
    assert list(listed.json) == ["sources"]
    one, two = listed.json["sources"]
    assert list(one) == list(two) == FIELDS
    assert {name: two[name] for name in FIELDS[1:6]} == {
        "title": "Two",
        "publisher": "Gazette",
        "author": None,
        "url": "https://g.example/2",
        "published_at": "2024-02-03",
    }
    assert (two["passages"], two["origin"]) == (1, two["id"])
    shown = assay("sources", "show", two["id"][:10], "--json").json
    assert shown == {**two, "appearances": [], "text": "The lighthouse is 31 metres tall."}
    for result in (assay("sources", "list"), assay("sources", "show", two["id"])):
        assert result.code == 0
        assert two["id"] in result.out
        assert "Gazette" in result.out


def test_options_describe_what_is_added(assay: Assay, texts: Path, new_library: Path) -> None:
    said = {"title": "T", "author": "A", "publisher": "P", "url": "https://p.example/"}
    options = [part for name, value in said.items() for part in (f"--{name}", value)]
    assay("sources", "add", texts / "two.md", *options, "--date", "2025-01-01")
    (source,) = assay("sources", "list", "--json").json["sources"]
    assert {name: source[name] for name in said} == said
    assert source["published_at"] == "2025-01-01"


def test_sources_are_removed_all_or_none(assay: Assay, texts: Path, new_library: Path) -> None:
    added = assay("sources", "add", texts / "one.txt", texts / "two.md", "--json").json["added"]
    assert assay("sources", "remove", added[0], "s-nothing").code == 2
    assert len(assay("sources", "list", "--json").json["sources"]) == 2
    assert assay("sources", "remove", added[0], added[0][:9]).code == 0
    assert [s["id"] for s in assay("sources", "list", "--json").json["sources"]] == added[1:]
    assert assay("sources", "remove", added[1], "--quiet").err == ""
    empty = assay("sources", "list")
    assert (empty.code, empty.out) == (0, "")
    assert "empty" in empty.err
    assert assay("sources", "list", "--json").json == {"sources": []}


def test_a_library_is_verified_and_rebuilt(assay: Assay, word_library: Path) -> None:
    well = assay("sources", "verify", "--library", word_library)
    assert (well.code, well.out) == (0, "")
    assert f"All is well: {len(SOURCES)} sources" in well.err
    rebuilt = assay("sources", "rebuild", "--library", word_library)
    assert rebuilt.code == 0
    assert f"of {len(SOURCES)} sources" in rebuilt.err
    assert assay("sources", "verify", "--library", word_library).code == 0


def test_a_path_that_is_not_there_stops_before_anything_is_added(
    assay: Assay, texts: Path, new_library: Path
) -> None:
    result = assay("sources", "add", texts / "one.txt", "missing.txt")
    assert result.code == 3
    assert result.message
    assert not new_library.exists()
