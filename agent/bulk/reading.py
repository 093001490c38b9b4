"""Folders, globs, files, tables and addresses as items, each read when it is asked for."""

from __future__ import annotations

import glob
import hashlib
import json
import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Protocol

from agent import __version__
from agent.bulk.items import Item, Unread, item
from agent.errors import InputError
from agent.types import Fault
from tools.readers import Found, Refused, printable, read_documents, source_files
from tools.readers.parsing import suffix_of
from tools.readers.rows import PARQUET, is_table, read_rows, rows_in

_GLOB = frozenset("*?[")
_FEW = 1000
"""Articles of a file that are remembered together; a larger table is read again."""


def input_files(inputs: Sequence[str], out: Path) -> Found:
    """The files that are named, in their order, those of a folder or a pattern sorted.

    Args:
        inputs: paths of files and folders, and patterns such as `archive/**/*.html`.
        out: where reports are written; what lies there is no article.

    Raises:
        InputError: a path that does not exist, an empty one, a pattern that fits no file.
    """
    found = source_files([path for given in inputs for path in _matching(given)])
    # A library takes no Parquet as sources; of articles it may be a table.
    parquet = {path for path, why in found.left_out if _is_left_out_parquet(path, why)}
    files = [*found.files, *sorted(parquet)]
    left_out = [each for each in found.left_out if each[0] not in parquet]
    ours = os.path.realpath(out)
    written = {path for path in files if Path(os.path.realpath(path)).is_relative_to(ours)}
    left_out += [(path, "in the folder for reports") for path in sorted(written)]
    return Found([path for path in files if path not in written], left_out)


def _is_left_out_parquet(path: Path, why: str) -> bool:
    return why == "unknown kind of file" and suffix_of(path.name) == PARQUET


def _matching(given: str) -> list[str]:
    if os.path.lexists(given) or not _GLOB & set(given):
        return [given]
    if not (paths := sorted(glob.glob(given, recursive=True))):  # noqa: PTH207 - may be absolute
        raise InputError(f"no file fits {printable(given)}", "Check the pattern")
    return paths


class Known(Protocol):
    """What an earlier run knows of the files."""

    def is_settled(self, file: str, stamp: str) -> bool:
        """Whether nothing of a file has to be checked, so that it need not be read again."""

    def was_read(self, file: str, stamp: str, keys: Sequence[str]) -> None:
        """Notes which articles a file has, once all of it was read without a fault."""


def read_items(
    files: Sequence[Path | str],
    columns: Mapping[str, str] | None = None,
    known: Known | None = None,
) -> Iterator[Item | Unread]:
    """All articles of some files and addresses, in their order.

    Args:
        files: paths and web addresses.
        columns: for tables, as of `tools.readers.read_documents`.
        known: spares files that are as they were, by size and time of change.
    """
    for each in files:
        if known is None or not isinstance(each, Path) or not (stamp := _stamp(each, columns)):
            yield from _items_of(each, columns)
            continue
        file, keys, whole = _place(each), list[str](), True
        if known.is_settled(file, stamp):
            continue
        for found in _items_of(each, columns):
            if whole and isinstance(found, Item):
                keys.append(found.key)
            whole = whole and isinstance(found, Item) and len(keys) <= _FEW
            yield found
        if whole:
            known.was_read(file, stamp, keys)


def _place(path: Path) -> str:
    """Where a file lies, as a hash: its name may hold bytes that are no text."""
    return hashlib.sha256(os.fsencode(os.path.realpath(path))).hexdigest()


def _stamp(path: Path, columns: Mapping[str, str] | None) -> str:
    """What changes with a file, and with how it is read; empty where there is none."""
    try:
        stat = path.stat()
    except OSError:  # told when it is read
        return ""
    return json.dumps(
        [stat.st_size, stat.st_mtime_ns, __version__, sorted((columns or {}).items())]
    )


def _items_of(each: Path | str, columns: Mapping[str, str] | None) -> Iterator[Item | Unread]:
    name = printable(each)
    table = isinstance(each, Path) and is_table(each)
    texts = read_rows(Path(each), columns) if table else read_documents(each, columns)
    number = texts_read = 0
    waiting: Item | None = None
    try:
        for text in texts:
            number += 1
            if not isinstance(text, Refused):
                if waiting:
                    yield waiting
                waiting = item(text, f"{name}, text {number}")
                texts_read += 1
            elif not text.minor:
                yield Unread(f"{name}, text {number}", _fault(text))
    except InputError as error:
        yield Unread(name, _fault(error))
        number += 1  # told
    if not number:
        fault = Fault(kind="input", message=f"{name} holds no text. Give a file that holds some")
        yield Unread(name, fault)
    if waiting:
        # The only text of a file goes by the file's name.
        yield replace(waiting, name=name) if texts_read == 1 and not table else waiting


def expected(files: Sequence[Path | str]) -> int:
    """About how many articles there are: exact for JSON Lines and Parquet; a feed, an archive or
    an address counts as one."""
    return sum(rows_in(each) if isinstance(each, Path) and is_table(each) else 1 for each in files)


def _fault(why: object) -> Fault:
    return Fault(kind="input", message=str(why))
