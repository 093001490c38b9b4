"""What `assay batch` is given: folders, patterns, tables, and files that are none of them."""

from __future__ import annotations

import json
import os
import re
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agent.bulk.items import Item, item
from agent.bulk.keeping import stem_of
from agent.bulk.reading import input_files, read_items
from agent.types import Document
from tests.bulk_runs import STORY, Run
from tests.conftest import Assay


def test_folders_patterns_and_tables_give_the_same_articles(tmp_path: Path, out: Path) -> None:
    import pyarrow as pa
    import pyarrow.parquet as pq

    rows = [
        {"text": f"{STORY.strip()} {n}", "title": f"Bridge {n}", "date": f"2024-07-0{n}"}
        for n in (1, 2)
    ]
    texts = tmp_path / "texts" / "deep"
    texts.mkdir(parents=True)
    for row in rows:
        head = f"---\ntitle: {row['title']}\ndate: {row['date']}\n---\n\n"
        (texts / f"{row['title']}.md").write_text(head + row["text"])
    (tmp_path / "rows.jsonl").write_text("\n".join(map(json.dumps, rows)))
    pq.write_table(pa.Table.from_pylist(rows), tmp_path / "rows.parquet")
    given = [
        str(tmp_path / "texts"),
        str(tmp_path / "**" / "*.md"),
        str(tmp_path / "rows.jsonl"),
        str(tmp_path / "rows.parquet"),
    ]
    keys = []
    for each in given:
        found = list(read_items(input_files([each], out).files, {}))
        assert all(isinstance(each, Item) for each in found), found
        keys.append(sorted(each.key for each in found if isinstance(each, Item)))
    assert keys[0] == keys[1] == keys[2] == keys[3]
    assert len(set(keys[0])) == 2


def test_what_lies_in_the_folder_for_reports_is_no_article(tmp_path: Path, out: Path) -> None:
    (tmp_path / "a.txt").write_text(STORY)
    out.mkdir()
    (out / "index.html").write_text("<p>An index.</p>")
    assert input_files([str(tmp_path)], out).files == [tmp_path / "a.txt"]


def test_a_name_that_is_no_text_keeps_no_article_from_being_checked(
    bulk: Run, assay: Assay, archive: Path, word_library: Path
) -> None:
    odd = os.fsencode(archive) + b"/bad\xff.md"
    try:
        Path(os.fsdecode(odd)).write_text(STORY)
    except OSError:
        pytest.skip("this file system takes names in UTF-8 only")
    first, again = bulk("--json"), bulk("--json")
    assert (first.code, first.json["done"]) == (0, 4)
    assert (again.code, again.json["skipped"]) == (0, 4)
    added = assay("sources", "add", os.fsdecode(odd), "--library", word_library)
    assert added.code == 3
    assert "the name" in added.err
    assert "UTF-8" in added.err


@pytest.mark.parametrize("name", ["none.jsonl", "none.csv", "none.md"])
def test_a_file_without_a_text_is_not_readable(bulk: Run, archive: Path, name: str) -> None:
    (archive / name).touch()
    assert bulk(of=archive / name).code == 3


def test_an_empty_name_is_not_the_folder_one_is_in(bulk: Run, tmp_path: Path) -> None:
    result = bulk(of="")
    assert result.code == 3
    assert "an empty name" in result.message


def test_it_is_said_why_files_are_left_out(bulk: Run, archive: Path, out: Path) -> None:
    out.mkdir()
    (out / "a.md").write_text(STORY)
    (archive / "a.xyz").touch()
    result = bulk("--dry-run", out)
    assert "Left out 1 file: in the folder for reports" in result.err
    assert "Left out 1 file: unknown kind of file" in result.err


@settings(max_examples=40)
@given(st.text(), st.text(min_size=1))
def test_a_report_has_a_name_that_any_file_system_takes(title: str, text: str) -> None:
    article = item(Document(text=text, title=title), "x")
    name = stem_of(article.key, article.document)
    assert re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*-[0-9a-f]{16}", name)
    assert len(name) < 100
