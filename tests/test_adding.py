"""`assay sources add` with files that hold many texts: what is added, refused and left out."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from agent.cli import adding
from agent.types import Document
from tests.conftest import Assay
from tests.fake_embedder import WordEmbedder
from tests.test_readers_many import make_mail
from tools import readers
from tools.library import Library
from tools.readers import Refused


@pytest.fixture
def new_library(word_library: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = word_library.with_name("new-library")
    monkeypatch.setenv("ASSAY_LIBRARY", str(folder))
    return folder


def test_each_row_of_a_table_is_a_source_of_its_own(
    assay: Assay, new_library: Path, tmp_path: Path
) -> None:
    table = tmp_path / "stories.csv"
    table.write_text("Day;Copy\n2026-05-04;The lamp burns.\n2026-05-05;The ferry sails.\n")
    result = assay("sources", "add", table, "--column", "text=Copy", "--column", "date=Day")
    assert result.code == 0
    assert "Added 2 sources" in result.err
    listed = assay("sources", "list", "--json").json["sources"]
    assert {source["published_at"] for source in listed} == {"2026-05-04", "2026-05-05"}


def test_a_table_without_the_column_says_which_it_has(
    assay: Assay, new_library: Path, tmp_path: Path
) -> None:
    (tmp_path / "stories.csv").write_text("Day;Copy\n2026-05-04;The lamp burns.\n")
    result = assay("sources", "add", tmp_path / "stories.csv")
    assert result.code == 3
    assert "has no column text (it has: Day, Copy)" in result.err
    assert "--column text=COLUMN" in result.err


@pytest.mark.parametrize("column", ["text", "text=", "colour=Red"])
def test_a_column_that_cannot_be_meant_is_wrong_usage(
    assay: Assay, new_library: Path, tmp_path: Path, column: str
) -> None:
    result = assay("sources", "add", tmp_path, "--column", column)
    assert result.code == 2
    assert "Give WHAT=COLUMN" in result.message
    assert not new_library.exists()


def test_a_row_that_cannot_be_read_is_refused_and_the_others_are_added(
    assay: Assay, new_library: Path, tmp_path: Path
) -> None:
    rows = [{"text": "The lamp burns."}, {"title": "Nothing"}, {"text": "The ferry sails."}]
    (tmp_path / "a.jsonl").write_text("\n".join(map(json.dumps, rows)))
    result = assay("sources", "add", tmp_path / "a.jsonl", "--json")
    assert result.code == 3
    assert len(result.json["added"]) == 2
    (refused,) = result.json["refused"]
    assert "line 2 has no text" in refused["error"]


def test_a_picture_in_a_mail_is_left_out_and_no_failure(
    assay: Assay, new_library: Path, tmp_path: Path
) -> None:
    mail = make_mail()
    mail.add_attachment(b"\x89PNG", maintype="image", subtype="png", filename="lamp.png")
    (tmp_path / "lamp.eml").write_bytes(mail.as_bytes())
    result = assay("sources", "add", tmp_path)
    assert result.code == 0
    assert "Left out: " in result.err
    assert "attachment lamp.png" in result.err
    assert "Added 1 source." in result.err


def test_an_article_is_one_text(assay: Assay, word_library: Path, tmp_path: Path) -> None:
    (tmp_path / "a.jsonl").write_text('{"text": "The lamp burns."}\n{"text": "It sails."}\n')
    result = assay("check", tmp_path / "a.jsonl", "--library", word_library)
    assert result.code == 3
    assert "holds several texts" in result.message


STORY = "---\npublisher: {0}\ndate: {1}\n---\nThe lamp of the Orrel light was lit again on Monday."


def test_what_is_said_of_a_text_that_is_there_already_is_told_and_kept(
    assay: Assay, new_library: Path, tmp_path: Path
) -> None:
    for number, told in enumerate([("The Post", "2026-05-04"), ("The Echo", "2026-05-06")]):
        (tmp_path / f"{number}.md").write_text(STORY.format(*told))
    again = assay("sources", "add", tmp_path / "0.md", tmp_path / "1.md")
    id_ = assay("sources", "list", "--json").json["sources"][0]["id"]
    assert "1 already there" in again.err
    said = f"1.md is there already as {id_}; its publisher The Echo, date 2026-05-06 are kept"
    assert said in " ".join(again.err.split())
    (tmp_path / "1.md").rename(tmp_path / "2.md")
    third = assay("sources", "add", tmp_path / "0.md", tmp_path / "2.md")
    assert "are kept" not in third.err
    shown = assay("sources", "show", id_).out
    assert "publisher: The Post" in shown
    assert "appeared also: The Echo, 2026-05-06, 1.md" in shown
    (kept,) = assay("sources", "show", id_, "--json").json["appearances"]
    assert (kept["publisher"], kept["published_at"]) == ("The Echo", "2026-05-06")


def test_the_same_file_with_what_was_not_known_of_it_completes_its_source(
    assay: Assay, new_library: Path, tmp_path: Path
) -> None:
    story = tmp_path / "a.md"
    story.write_text(STORY.format("The Post", "03/05/2024"))
    first = assay("sources", "add", story, "--json")
    assert "“03/05/2024” may be 3 May 2024 or 5 March 2024" in " ".join(first.err.split())
    (id_,) = first.json["added"]
    again = assay("sources", "add", story, "--date", "2024-05-03", "--json")
    assert again.json["completed"] == [id_]
    assert f"as {id_}; its date 2024-05-03 is known now" in " ".join(again.err.split())
    shown = assay("sources", "show", id_)
    assert "published_at: 2024-05-03" in shown.out
    assert "warning:" not in shown.out
    assert "appeared also" not in shown.out
    assert assay("sources", "verify").code == 0
    other = assay("sources", "add", story, "--date", "2024-03-05", "--json")
    assert (other.json["completed"], other.json["appeared"]) == ([], [id_])


@pytest.fixture
def reads(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Names of the files that are read."""
    names: list[str] = []
    genuine = readers.read_documents

    def read(path: Path, columns: dict[str, str]) -> Iterator[Document | Refused]:
        names.append(path.name)
        return genuine(path, columns)

    monkeypatch.setattr(readers, "read_documents", read)
    return names


def test_only_what_changed_in_a_folder_is_read_again(
    assay: Assay, new_library: Path, tmp_path: Path, reads: list[str]
) -> None:
    folder = tmp_path / "stories"
    folder.mkdir()
    for name in ("a", "b", "c", "d"):
        (folder / f"{name}.txt").write_text(f"The lamp of pier {name} was lit again on Monday.")
        os.utime(folder / f"{name}.txt", (1, 1))
    assert assay("sources", "add", folder).code == 0
    reads.clear()
    (folder / "b.txt").write_text("The lamp of pier b was put out on Sunday.")
    (folder / "c.txt").touch()  # another time, but the same bytes
    again = assay("sources", "add", folder, "--tag", "piers")
    assert reads == ["b.txt"]
    assert "Added 1 source, 3 already there (3 files unchanged)." in again.err
    listed = assay("sources", "list", "--json").json["sources"]
    assert sorted(source["tags"] for source in listed) == [[], *[["piers"]] * 4]
    once_more = assay("sources", "add", folder, "--json").json
    assert reads == ["b.txt"]
    assert once_more["unchanged_files"] == 4
    assert len(once_more["already_there"]) == 4


def test_a_file_is_read_again_for_what_is_not_in_the_library_or_said_otherwise(
    assay: Assay, new_library: Path, tmp_path: Path, reads: list[str]
) -> None:
    story, broken = tmp_path / "a.txt", tmp_path / "b.jsonl"
    story.write_text("The lamp burns.")
    broken.write_text('{"text": "The ferry sails."}\n{"title": "Nothing"}\n')
    for path in (story, broken):
        os.utime(path, (1, 1))
    for _ in range(2):
        assert assay("sources", "add", story, broken).code == 3
    assert reads == ["a.txt", "b.jsonl", "b.jsonl"]
    said = ("--publisher", "The Post", "--json")
    (id_,) = assay("sources", "add", story, *said).json["already_there"]
    assay("sources", "remove", id_)
    assert assay("sources", "add", story, *said).json["added"] == [id_]
    assert reads[3:] == ["a.txt", "a.txt"]


def test_one_address_is_of_one_text(assay: Assay, new_library: Path, tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("The lamp burns.")
    (tmp_path / "b.csv").write_text("text\nThe ferry sails.\nThe ferry stops.\n")
    address = ("--url", "https://p.example/1")
    for paths in ([tmp_path], [tmp_path / "b.csv"]):
        result = assay("sources", "add", *paths, *address)
        assert result.code == 2
        assert "--url is the address of one text" in result.message
    assert not new_library.exists()
    assert assay("sources", "add", tmp_path / "a.txt", *address).code == 0


def test_what_is_embedded_is_stored_before_the_next_file_is_read(
    word_library: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(adding, "_BATCH_CHARACTERS", 1)
    shown: Any = SimpleNamespace(step=lambda *_, **__: None)
    with Library.open(word_library, WordEmbedder(), create=True) as library:
        texts = adding.Adding(lambda: library, shown, 2, how="", there=True, quiet=True)
        texts.take(Document(text="The lamp burns on the pier."), tmp_path / "a.md")
        assert texts._embedding and not texts.added
        texts._embedding.embedded.result(60)
        texts.file_done()
        assert texts.added
