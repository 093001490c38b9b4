"""What a source is called where people read of it."""

from __future__ import annotations

from pathlib import PurePath
from textwrap import shorten

from agent.types import Source
from tools.readers.rows import is_table

_READ, _OPENING = 400, 60
"""Characters of a row that are looked at, and at most shown."""


def called(source: Source) -> str | None:
    """The title of a source, else its file's name; None where it has neither.

    The rows of a table have one file, so each is told by its opening: `rows.csv: The mill …`.
    """
    if source.title or not source.path or not is_table(PurePath(source.path)):
        return source.title or source.path
    return f"{source.path}: {shorten(source.text[:_READ], _OPENING, placeholder=' …')}"
