"""`assay sources add` with files that hold many texts: what is added, refused and left out."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.conftest import Assay
from tests.test_readers_many import make_mail


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


def test_what_is_said_of_a_text_that_is_there_already_is_told_as_not_noted(
    assay: Assay, new_library: Path, tmp_path: Path
) -> None:
    for number, told in enumerate([("The Post", "2026-05-04"), ("The Echo", "2026-05-06")]):
        (tmp_path / f"{number}.md").write_text(STORY.format(*told))
    again = assay("sources", "add", tmp_path / "0.md", tmp_path / "1.md")
    id_ = assay("sources", "list", "--json").json["sources"][0]["id"]
    assert "1 already there" in again.err
    said = f"1.md is there already as {id_}; its publisher The Echo, date 2026-05-06 were not noted"
    assert said in " ".join(again.err.split())
    assert "not noted" not in assay("sources", "add", tmp_path / "0.md").err


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
