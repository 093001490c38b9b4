"""Tables of texts that may be larger than memory: JSON Lines, CSV and Parquet, row by row.

A table of up to `SMALL` bytes is read as any other file, in the child process and in whatever
encoding it has. A larger one would have to be sent there as a whole, so it is read here, a line
at a time: JSON and CSV by the standard library, in UTF-8 or with a byte-order mark; Parquet, of
any size, by pyarrow, a few rows at a time.
"""

from __future__ import annotations

import codecs
import csv
from collections.abc import Iterator, Mapping
from datetime import date
from pathlib import Path, PurePath
from typing import TYPE_CHECKING, Any, TextIO

from agent.errors import InputError, UsageError
from agent.types import Document
from tools.readers import as_document, read_documents
from tools.readers.documents import MAX_CHARS, Parsed, Refused, printable
from tools.readers.parsing import SUFFIXES, suffix_of
from tools.readers.tables import COLUMNS, check_columns, csv_rows, jsonl_rows, row_text

if TYPE_CHECKING:
    from pyarrow.parquet import ParquetFile

PARQUET = ".parquet"
SMALL = 8 * 1024 * 1024
"""Bytes."""
_LONGEST_LINE = 4 * MAX_CHARS
"""In characters: JSON takes up to twelve for one, but hardly ever for all of a text."""
_ROWS = 64
"""Of a Parquet file that stand in memory together; what it packed as one page does anyway."""
_MARKS = {
    codecs.BOM_UTF8: "utf-8-sig",
    codecs.BOM_UTF16_LE: "utf-16",
    codecs.BOM_UTF16_BE: "utf-16",
}


def is_table(path: PurePath) -> bool:
    """Whether the name is one of a table."""
    suffix = suffix_of(path.name)
    return suffix == PARQUET or SUFFIXES.get(suffix) in ("jsonl", "csv")


def read_rows(path: Path, columns: Mapping[str, str] | None = None) -> Iterator[Document | Refused]:
    """All texts of a table, each read when it is asked for.

    Args:
        path: of a file for which `is_table`.
        columns: as of `tools.readers.read_documents`.

    Yields:
        Documents in the order of the file; rows that give none, and why.

    Raises:
        InputError: nothing of the file can be read; or it breaks off, after what came before.
        UsageError: it is a Parquet file, and pyarrow is not installed.
    """
    try:
        large = path.is_file() and path.stat().st_size > SMALL
        if suffix_of(path.name) == PARQUET:
            rows = _parquet_rows(path, columns or {})
        elif large:
            rows = _text_rows(path, columns or {})
        else:
            yield from read_documents(path, columns)
            return
        for row in rows:
            yield row if isinstance(row, Refused) else _document(row, path)
    except OSError as error:
        reason = error.strerror or str(error)
        raise InputError(f"{printable(path)} cannot be read ({reason})", "Check the path") from None


def rows_in(path: Path) -> int:
    """How many rows a table has, about, for an estimate; 0 where it cannot be read."""
    try:
        if suffix_of(path.name) == PARQUET:
            _, file = _open_parquet(path)
            with file:
                return int(file.metadata.num_rows)
        with path.open(encoding="utf-8", errors="replace", newline="") as text:
            if SUFFIXES[suffix_of(path.name)] == "jsonl":
                return sum(not line.isspace() for line in _lines(text, path.name))
            csv.field_size_limit(_LONGEST_LINE)
            return max(0, sum(1 for _ in csv.reader(_lines(text, path.name))) - 1)
    except (OSError, InputError, UsageError, csv.Error):  # told when it is read
        return 0


def _document(row: Parsed, path: Path) -> Document | Refused:
    name = printable(path)
    try:
        return as_document(row, f"{name}, {row.part}")
    except InputError as error:
        return Refused(name, error.what, error.todo)


def _text_rows(path: Path, columns: Mapping[str, str]) -> Iterator[Parsed | Refused]:
    with path.open("rb") as file:
        head = file.read(4)
    encoding = next((name for mark, name in _MARKS.items() if head.startswith(mark)), "utf-8")
    name, is_csv = printable(path), SUFFIXES[suffix_of(path.name)] == "csv"
    # CSV may have line ends within a field, which are the field's; JSON Lines ends at `\n` alone.
    with path.open(encoding=encoding, newline="" if is_csv else "\n") as text:
        read = csv_rows if is_csv else jsonl_rows
        try:
            yield from read(_lines(text, name), name, columns)
        except UnicodeDecodeError as error:
            raise InputError(
                f"{name} is larger than {SMALL // 2**20} MiB and not in UTF-8 ({error.reason})",
                "Save it again in UTF-8, or in smaller parts",
            ) from None


def _lines(text: TextIO, name: str) -> Iterator[str]:
    while line := text.readline(_LONGEST_LINE):
        if len(line) == _LONGEST_LINE:
            raise InputError(
                f"{name} has a line of more than {_LONGEST_LINE:,} characters",
                "Give one article a line",
            )
        yield line


def _parquet_rows(path: Path, columns: Mapping[str, str]) -> Iterator[Parsed | Refused]:
    name = printable(path)
    with path.open("rb"):  # a missing file, or one that may not be read, is told as any other
        pass
    arrow_errors, file = _open_parquet(path)
    with file:
        found = list(file.schema_arrow.names)
        check_columns(name, found, columns)
        number = 0
        try:
            for batch in file.iter_batches(batch_size=_ROWS, columns=_used(found, columns)):
                for row in batch.to_pylist():
                    number += 1
                    values = {key: _plain(value) for key, value in row.items()}
                    parsed = row_text(values, number, "parquet", name, columns)
                    if isinstance(parsed, Parsed):
                        yield parsed._replace(part=f"row {number}")
                    else:
                        yield Refused(name, f"{name}, row {number} has no text")
        except arrow_errors as error:
            raise _no_parquet(name, error) from None


def _used(found: list[str], columns: Mapping[str, str]) -> list[str]:
    """The columns that a text or what is said of it may stand in."""
    named = {name for names in COLUMNS.values() for name in names}
    named |= {column.lower() for column in columns.values()}
    return [column for column in found if column.strip().lower() in named]


def _open_parquet(path: Path) -> tuple[tuple[type[Exception], ...], ParquetFile]:
    try:
        from pyarrow import ArrowException
        from pyarrow.parquet import ParquetFile
    except ImportError:
        raise UsageError(
            "Parquet files take pyarrow, which is not installed",
            'Install it: pip install "assay-factcheck[batch]"',
        ) from None
    try:
        return (ArrowException, OSError), ParquetFile(path)
    except (ArrowException, OSError) as error:
        raise _no_parquet(printable(path), error) from None


def _no_parquet(name: str, error: Exception) -> InputError:
    why = printable(" ".join(str(error).split())[:120])
    return InputError(f"{name} is no Parquet file that can be read ({why})", "Write it again")


def _plain(value: Any) -> Any:
    """A date as a table of text has it."""
    return value.isoformat() if isinstance(value, date) else value
