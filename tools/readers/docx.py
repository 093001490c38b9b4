"""Word documents (DOCX) read as text: paragraphs, headings, lists and tables in order."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from agent.errors import InputError
from tools.readers.documents import READABLE
from tools.readers.metadata import Metadata, clean_metadata

if TYPE_CHECKING:
    from lxml.etree import _Element

_MAX_UNPACKED = 100 * 1024 * 1024
_MAX_PARTS = 2000
_MAX_TEXT_PART = 20 * 1024 * 1024
"""The XML of the text itself: a thousand pages take some 10 MiB."""
_W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_SKIPPED = {
    # Deleted or moved away in tracked changes; the old form of a drawing, given twice.
    f"{_W}del",
    f"{_W}moveFrom",
    "{http://schemas.openxmlformats.org/markup-compatibility/2006}Fallback",
}
_TEMPLATE_AUTHOR = "python-docx"
_TEMPLATE_DATE = datetime(2013, 12, 23, 23, 15, tzinfo=UTC)


def read_docx(data: bytes, name: str) -> tuple[str, Metadata]:
    """Text and core properties of a Word document.

    Tracked insertions are read, tracked deletions and hidden text are not. Each row of a
    table is a line; headers, footers, notes and comments are left out.

    Args:
        data: the file.
        name: its name, for messages.

    Raises:
        InputError: another kind of ZIP archive, damaged, encrypted, or built to exhaust
            its reader.
    """
    _check_archive(data, name)
    from docx import Document

    try:
        document = Document(io.BytesIO(data))
        body = document.element.body
        properties = document.core_properties
        metadata = clean_metadata(
            title=properties.title,
            author=properties.author if properties.author != _TEMPLATE_AUTHOR else None,
            # A library's template keeps its own day in every document made from it.
            date=properties.created if properties.created != _TEMPLATE_DATE else None,
        )
        return "\n\n".join(block for block in _blocks(body) if block), metadata
    except Exception as error:
        # python-docx meets broken files with KeyError, ValueError, lxml's errors, …
        raise InputError(
            f"{name} is a damaged Word document ({type(error).__name__})",
            "Open it in a word processor and save it again, or give its text",
        ) from error


def _check_archive(data: bytes, name: str) -> None:
    """Looks at the archive's directory only, before anything is unpacked."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            parts = archive.infolist()
    except (zipfile.BadZipFile, ValueError, OSError, EOFError) as error:
        raise InputError(
            f"{name} is a damaged or truncated Word document (or another ZIP archive)",
            "Open it in a word processor and save it again, or give its text",
        ) from error
    names = [part.filename for part in parts]
    if "word/document.xml" not in names:
        raise InputError(
            f"{name} is no Word document (it looks like another kind of ZIP archive)",
            READABLE,
        )
    if any(part.flag_bits & 1 for part in parts):
        raise InputError(f"{name} is encrypted", "Save it without a password")
    if len(set(names)) < len(names):
        raise InputError(
            f"{name} holds two parts of the same name, so its text is not certain",
            "Open it in a word processor and save it again",
        )
    size = sum(part.file_size for part in parts)
    text = sum(part.file_size for part in parts if part.filename.endswith((".xml", ".rels")))
    if len(parts) > _MAX_PARTS or size > _MAX_UNPACKED or text > _MAX_TEXT_PART:
        raise InputError(
            f"{name} unpacks to {size / 2**20:,.0f} MiB in {len(parts):,} parts, more than a "
            "document can hold",
            "Save it without pictures, or give its text",
        )


def _blocks(parent: _Element) -> Iterator[str]:
    for element in parent:
        if element.tag == f"{_W}p":
            yield _text(element)
        elif element.tag == f"{_W}tbl":
            yield "\n".join(line for line in map(_row, element.iter(f"{_W}tr")) if line)
        elif element.tag not in _SKIPPED:
            # Content controls and custom XML wrap paragraphs.
            yield from _blocks(element)


def _row(row: _Element) -> str:
    cells = (" ".join(map(_text, cell.iterfind(f"{_W}p"))) for cell in row.iterfind(f"{_W}tc"))
    return " | ".join(cell.replace("\n", " ") for cell in cells if cell.strip())


def _text(paragraph: _Element) -> str:
    """All text of a paragraph, tracked insertions, links and text boxes included."""
    from lxml.etree import iterwalk

    text = ""
    walk: Any = iterwalk(paragraph, events=("start",))
    for _, element in walk:
        if element.tag in _SKIPPED or (element.tag == f"{_W}r" and _is_hidden(element)):
            walk.skip_subtree()
        elif element.tag == f"{_W}t":
            text += element.text or ""
        elif element.tag in (f"{_W}tab", f"{_W}br", f"{_W}cr"):
            text += "\t" if element.tag == f"{_W}tab" else "\n"
        elif element.tag == f"{_W}noBreakHyphen":
            text += "\u2011"
    return text.strip()


def _is_hidden(run: _Element) -> bool:
    mark = run.find(f"{_W}rPr/{_W}vanish")
    return mark is not None and mark.get(f"{_W}val", "1") not in ("0", "false", "off")
