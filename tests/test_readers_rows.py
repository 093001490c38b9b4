"""Tables larger than memory: the same texts as of small ones, a row at a time."""

from __future__ import annotations

import csv
import json
from itertools import islice
from pathlib import Path

import pytest

from agent.errors import InputError
from agent.types import Document
from tools.readers import Refused, read_documents, rows
from tools.readers.rows import is_table, read_rows, rows_in

TEXTS = ["The lamp burns.", "Line one.\nLine “two”, with; marks.", "Ünder the bridge.", "", "Fine."]


@pytest.fixture(autouse=True)
def _all_tables_are_large(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rows, "SMALL", 0)


def table(path: Path) -> Path:
    """A table of `TEXTS` in the form that its name tells."""
    records = [
        {"Text": text, "title": f"T{number}", "date": f"2026-03-0{number + 1}"}
        for number, text in enumerate(TEXTS)
    ]
    if path.suffix == ".jsonl":
        path.write_text("\n".join(map(json.dumps, records)) + "\n\n", "utf-8")
    elif path.suffix == ".parquet":
        arrow = pytest.importorskip("pyarrow")
        from pyarrow.parquet import write_table

        write_table(arrow.Table.from_pylist(records), path)
    else:
        with path.open("w", encoding="utf-8-sig", newline="") as file:
            writer = csv.DictWriter(file, list(records[0]), delimiter=";")
            writer.writeheader()
            writer.writerows(records)
    return path


@pytest.mark.parametrize("name", ["a.jsonl", "a.csv", "a.parquet"])
def test_large_tables_give_what_small_ones_give(tmp_path: Path, name: str) -> None:
    path = table(tmp_path / name)
    assert is_table(path)
    assert rows_in(path) == len(TEXTS)
    found = list(read_rows(path))
    if name != "a.parquet":
        small = list(read_documents(path))
        assert [each.model_dump() for each in found if isinstance(each, Document)] == [
            each.model_dump() for each in small if isinstance(each, Document)
        ]
        assert list(map(str, found[3:4])) == list(map(str, small[3:4]))
    texts = [each.text for each in found if isinstance(each, Document)]
    assert texts == [text for text in TEXTS if text]
    (refused,) = (each for each in found if isinstance(each, Refused))
    assert "has no text" in refused.what


def test_the_rows_before_a_fault_are_read_and_those_after_it_not_before_they_are_asked_for(
    tmp_path: Path,
) -> None:
    path = tmp_path / "a.jsonl"
    path.write_bytes(b'{"text": "One."}\n' * 2000 + b'{"text": "caf\xe9"}\n')
    texts = read_rows(path)
    assert len(list(islice(texts, 3))) == 3
    with pytest.raises(InputError, match="not in UTF-8"):
        list(texts)


@pytest.mark.parametrize(
    ("name", "content", "why"),
    [
        ("a.jsonl", b'{"lamp": 1}\n', "has no column text"),
        ("a.csv", b"lamp;year\n1;2\n", "has no column text"),
        ("a.parquet", b"PAR1 and no more", "is no Parquet file"),
        ("missing.parquet", None, "cannot be read"),
        ("missing.jsonl", None, "there is no file"),
        ("long.jsonl", b'{"text": "' + b"a" * 200 + b'"}\n', "more than 100 characters"),
    ],
)
def test_a_table_that_is_none_says_why(
    tmp_path: Path, name: str, content: bytes | None, why: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rows, "_LONGEST_LINE", 100)
    if content is not None:
        (tmp_path / name).write_bytes(content)
    with pytest.raises(InputError, match=why):
        list(read_rows(tmp_path / name))
