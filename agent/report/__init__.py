"""The verdict report, rendered: the record as JSON, and the views that people read.

JSON is the record; HTML, Markdown, the terminal's summary and ClaimReview are made
from the same `Report` and never carry more than it does.
"""

from __future__ import annotations

import contextlib
import json
import os
import re
import secrets
from pathlib import Path
from typing import Literal, get_args

from agent.errors import UsageError
from agent.report.validity import schema_text, validate
from agent.types import Report

__all__ = ["FORMATS", "Format", "render", "schema_text", "to_json", "validate", "write_atomically"]

Format = Literal["terminal", "json", "html", "markdown", "claimreview"]
FORMATS: tuple[Format, ...] = get_args(Format)

_SURROGATES = re.compile(r"[\ud800-\udfff]")


def render(
    report: Report,
    format: Format,  # noqa: A002 - the name of the option on the command line
    *,
    color: bool = False,
    width: int = 88,
) -> str:
    """The report in one of `FORMATS`, ending in a newline.

    Args:
        report: a report that `validate` has passed.
        format: which rendering.
        color: whether the terminal's rendering may use ANSI colours.
        width: columns of the terminal, at least 20; other formats ignore it.

    Raises:
        UsageError: the format is not one of `FORMATS`.
    """
    # The renderers load their template engines here: `assay --help` must not wait for them.
    if format == "json":
        return to_json(report)
    if format == "html":
        from agent.report.html import to_html

        return to_html(report)
    if format == "claimreview":
        from agent.report.claimreview import to_claimreview

        return to_claimreview(report)
    from agent.report.text import to_markdown, to_terminal

    if format == "markdown":
        return to_markdown(report)
    if format == "terminal":
        return to_terminal(report, color=color, width=width)
    raise UsageError(f"there is no report format {format!r}", f"Use one of {', '.join(FORMATS)}")


def to_json(report: Report) -> str:
    """The record: indented JSON in UTF-8, keys in the order of the types.

    Free dictionaries are sorted by key, so the same report gives the same bytes. A lone
    surrogate, which no UTF-8 file can hold, becomes U+FFFD; offsets stay.
    """
    record = report.model_dump(mode="json")
    for part, name in (("run", "prompts"), ("run", "settings"), ("usage", "seconds")):
        record[part][name] = dict(sorted(record[part][name].items()))
    text = json.dumps(record, indent=2, ensure_ascii=False, allow_nan=False)
    return _SURROGATES.sub("\ufffd", text) + "\n"


def write_atomically(path: Path | str, text: str) -> None:
    """Writes `text` so that a reader sees the old file or the whole new one, never a part.

    A temporary file in the same folder is flushed to the disk and renamed. Links are
    followed; a device or pipe, which cannot be renamed onto, is written to directly.

    Raises:
        UsageError: the folder does not exist, the path is a folder, or neither can be
            written to.
    """
    path = Path(path)
    target = path.resolve()
    if target.is_dir():
        raise UsageError(f"{path} is a folder", "Name a file to write the report to")
    if not target.parent.is_dir():
        raise UsageError(
            f"the folder {path.parent} does not exist", "Create it, or name another place"
        )
    temporary = target.with_name(f".assay-{secrets.token_hex(8)}.tmp")
    try:
        if target.exists() and not target.is_file():
            target.write_text(text, encoding="utf-8", newline="\n")
            return
        try:
            with temporary.open("x", encoding="utf-8", newline="\n") as file:
                file.write(text)
                file.flush()
                os.fsync(file.fileno())
            if target.exists():
                temporary.chmod(target.stat().st_mode & 0o777)
            temporary.replace(target)
        finally:
            temporary.unlink(missing_ok=True)
    except OSError as error:
        raise UsageError(
            f"cannot write {path}: {error.strerror or error}", "Name another place with --out"
        ) from error
    _sync_folder(target.parent)


def _sync_folder(folder: Path) -> None:
    """Makes the rename last through a power cut, where the system can do that."""
    # Windows cannot open folders and some network file systems cannot sync them; the
    # file is whole all the same.
    with contextlib.suppress(OSError):
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
