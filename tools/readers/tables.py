"""Tables of texts: JSON Lines and CSV, one document a row, found by the names of its columns."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable, Iterator, Mapping
from itertools import chain
from typing import Any

from agent.errors import InputError
from tools.readers.documents import MAX_CHARS, Parsed, Refused, normalise, printable
from tools.readers.metadata import clean_metadata

COLUMNS: dict[str, tuple[str, ...]] = {
    "text": ("text", "body", "content"),
    "title": ("title", "headline"),
    "author": ("author", "byline"),
    "publisher": ("publisher", "source", "site"),
    "url": ("url", "link"),
    "date": ("date", "published_at", "published"),
}
"""What a column may hold, and the names by which it is known, the first that has a value."""
_DELIMITERS = ",;\t|"
_NAMED = 12
"""So many columns are named in a message."""


def read_jsonl(text: str, name: str, columns: Mapping[str, str]) -> Iterator[Parsed | Refused]:
    """As `jsonl_rows`, of the decoded file."""
    # Not `splitlines`, which would cut at a U+2028 inside of a string.
    yield from jsonl_rows(io.StringIO(text, newline="\n"), name, columns)


def jsonl_rows(
    lines: Iterable[str], name: str, columns: Mapping[str, str]
) -> Iterator[Parsed | Refused]:
    """One document for each line, which is a JSON object.

    Args:
        lines: of the decoded file.
        name: its name, for messages.
        columns: which key holds what, where it has none of the names of `COLUMNS`.

    Yields:
        Documents; lines that are no object or have no text as refused.

    Raises:
        InputError: the first line has no key for the text, or is no JSON object.
    """
    first = True
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        try:
            row = json.loads(line)
        except (ValueError, RecursionError) as error:  # ValueError also for huge integers
            fault = getattr(error, "msg", None) or "too deep or too large"
            if first:
                raise InputError(
                    f"{name} is no JSON Lines file (line {number}: {fault})",
                    "Give one JSON object a line",
                ) from error
            yield _refused(name, number, f"is no JSON ({fault})")
            continue
        if not isinstance(row, dict):
            if first:
                raise InputError(
                    f"{name} is no JSON Lines file (line {number} is no object)",
                    "Give one JSON object a line",
                )
            yield _refused(name, number, "is no JSON object")
            continue
        if first:
            check_columns(name, list(row), columns)
        first = False
        yield row_text(row, number, "jsonl", name, columns)


def read_csv(text: str, name: str, columns: Mapping[str, str]) -> Iterator[Parsed | Refused]:
    """As `csv_rows`, of the decoded file."""
    yield from csv_rows(io.StringIO(text, newline=""), name, columns)


def csv_rows(
    lines: Iterable[str], name: str, columns: Mapping[str, str]
) -> Iterator[Parsed | Refused]:
    """One document for each row of a table whose first row names the columns.

    Comma, semicolon, tabulator and vertical bar part the columns, whichever the first row
    has most of.

    Args, Yields and Raises: as `jsonl_rows`; line ends stay as they are in the file.
    """
    following = iter(lines)
    heading = next(following, "").removeprefix("\ufeff")
    delimiter = max(_DELIMITERS, key=heading.count)
    csv.field_size_limit(4 * MAX_CHARS)
    rows = csv.DictReader(chain((heading,), following), delimiter=delimiter)
    try:
        check_columns(name, list(rows.fieldnames or ()), columns)
        for row in rows:
            yield row_text(row, rows.line_num, "csv", name, columns)
    except csv.Error as error:
        raise InputError(
            f"{name} is no CSV that can be read (line {rows.line_num}: {error})",
            "Save it again as CSV in UTF-8",
        ) from error


def check_columns(name: str, found: list[Any], columns: Mapping[str, str]) -> None:
    """Complains of a table that has not the columns that it needs.

    Raises:
        InputError: one that was named is not there, or none for the text.
    """
    known = {str(column).strip().lower() for column in found if column is not None}
    wanted = {what: column for what, column in columns.items() if column.lower() not in known}
    if not wanted and ("text" in columns or known & set(COLUMNS["text"])):
        return
    shown = ", ".join(printable(str(column)[:40]) for column in found[:_NAMED]) or "none"
    missing = next(iter(wanted.values()), "text")
    raise InputError(
        f"{name} has no column {printable(missing)} (it has: {shown})",
        "Say which one holds the text: --column text=COLUMN",
    )


def row_text(
    row: Mapping[Any, Any], number: int, reader: str, name: str, columns: Mapping[str, str]
) -> Parsed | Refused:
    """The text of one row.

    Args:
        row: values by the names of their columns.
        number: of its line, from 1.
        reader: which reader read it.
        name, columns: as of `jsonl_rows`.
    """
    values = {str(key).strip().lower(): value for key, value in row.items() if key is not None}

    def find(what: str) -> str | list[str] | None:
        names = (columns[what].lower(),) if what in columns else COLUMNS[what]
        found = (values.get(column) for column in names)
        return next((value for value in found if isinstance(value, str | list) and value), None)

    text = find("text")
    if not isinstance(text, str) or not (text := normalise(text[: 2 * MAX_CHARS])):
        return _refused(name, number, "has no text")
    date = find("date")
    return Parsed(
        text,
        clean_metadata(
            title=find("title"),
            author=find("author"),
            publisher=find("publisher"),
            url=find("url"),
            date=date if isinstance(date, str) else None,
        ),
        reader,
        part=f"line {number}",
    )


def _refused(name: str, number: int, what: str) -> Refused:
    return Refused(name, f"{name}, line {number} {what}")
