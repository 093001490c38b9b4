"""PDF read as text: pages joined, broken lines and hyphenated words mended."""

from __future__ import annotations

import io
import itertools
import logging
import re
import time
from collections import Counter
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from agent.errors import InputError
from tools.readers.metadata import Metadata, clean_metadata

if TYPE_CHECKING:
    from pypdf import PageObject, PdfReader

MAX_PAGES = 2000
_NOT_DRAWN = 3
"""The text rendering mode that neither fills nor strokes (ISO 32000-2, 9.3.6)."""
_INVISIBLE = re.compile(rb"\b3\s+Tr\b")
_SHOWS_TEXT = (b"Tj", b"TJ", b"'", b'"')
_MAX_SECONDS = 60
"""A book of 2,000 plain pages takes about this long; a page made to hang is met earlier."""
_LIMITS: dict[str, Any] = {
    # What one stream may unpack to, in bytes, and how many operators it may hold: a dense
    # page has some 100 KB and 20,000.
    "zlib_maximum_output_length": 20_000_000,
    "lzw_maximum_output_length": 20_000_000,
    "run_length_maximum_output_length": 20_000_000,
    "brotli_maximum_output_length": 20_000_000,
    "array_based_stream_maximum_output_length": 20_000_000,
    "stream_decoding_work_maximum_length": 60_000_000,
    "stream_parsing_work_maximum_count": 500_000,
    "xform_maximum_invocations_per_extraction": 500,
}
_LIST_ITEM = re.compile(r"(?:[•◦▪‣–-]|\(?\d{1,2}[.)])\s+\S")
_PAGE_NUMBER = re.compile(r"(?:page\s*)?[-–]?\s*\d{1,4}\s*[-–]?(?:\s*(?:/|of)\s*\d{1,4})?", re.I)
_BROKEN_WORD = re.compile(r"([^\W\d_]+)[-‐\u00ad]$")
_DIGITS = re.compile(r"\d+")
_FULL_LINE = 0.85
"""Where the next word had fitted into this share of a usual line, the paragraph ended."""


def read_pdf(data: bytes, name: str, max_chars: int) -> tuple[str, Metadata]:
    """Text and metadata of a PDF with a text layer.

    Args:
        data: the file.
        name: its name, for messages.
        max_chars: the longest text to be read; more is an error, never a silent cut.

    Raises:
        InputError: encrypted, damaged, without a text layer, of more than 2,000 pages, too
            long, or built to exhaust its reader.
    """
    from pypdf import PdfReader, apply_configuration
    from pypdf.errors import DependencyError, FileNotDecryptedError, LimitReachedError

    logging.getLogger("pypdf").addHandler(logging.NullHandler())
    try:
        with apply_configuration(**_LIMITS):
            reader = PdfReader(io.BytesIO(data))
            return _read(reader, name, max_chars)
    except InputError:
        raise
    except (FileNotDecryptedError, DependencyError) as error:
        raise _encrypted(name) from error
    except LimitReachedError as error:
        raise InputError(
            f"{name} unpacks to more than a document can hold", "Print it to a new PDF"
        ) from error
    except Exception as error:
        # pypdf meets broken files with whatever its code runs into: KeyError, TypeError,
        # RecursionError, … All of them mean the same to the user.
        raise InputError(
            f"{name} is a damaged PDF ({type(error).__name__})",
            "Open it in a viewer and print it to a new PDF, or give its text",
        ) from error


def _read(reader: PdfReader, name: str, max_chars: int) -> tuple[str, Metadata]:
    # Many PDFs are encrypted with an empty password: anyone may read them, not change them.
    if reader.is_encrypted and not reader.decrypt(""):
        raise _encrypted(name)
    count = reader.get_num_pages()
    if count > MAX_PAGES:
        raise InputError(
            f"{name} has {count:,} pages, more than {MAX_PAGES:,}", "Give the pages that matter"
        )
    pages: list[list[str]] = []
    chars, deadline = 0, time.monotonic() + _MAX_SECONDS
    for number, page in enumerate(reader.pages, start=1):
        _drop_invisible(page)
        text = page.extract_text()
        chars += len(text)
        if chars > max_chars:
            raise InputError(
                f"{name} holds more than {max_chars:,} characters by page {number} of {count}",
                "Give the pages that matter",
            )
        if time.monotonic() > deadline:
            raise InputError(
                f"{name} takes too long to read (page {number} of {count} after "
                f"{_MAX_SECONDS} seconds)",
                "Give the pages that matter, or print them to a new PDF",
            )
        pages.append([line for raw in text.split("\n") if (line := " ".join(raw.split()))])
    text = join_pages(pages)
    if not text:
        raise InputError(
            f"{name} has no text layer: its pages are pictures", "Run text recognition (OCR) on it"
        )
    return text, _metadata(reader)


def _drop_invisible(page: PageObject) -> None:
    """Takes out text that is drawn in no way (render mode 3), where it is the lesser part.

    The text layer under a scanned page is of that mode, too, and is then nearly all there is.
    """
    from pypdf.generic import ContentStream, NameObject

    contents = page.get_contents()
    if contents is None or not _INVISIBLE.search(contents.get_data()):
        return
    shown: list[Any] = []
    mode, modes, visible, invisible = 0, [0], 0, 0
    for operands, operator in contents.operations:
        if operator == b"q":
            modes.append(mode)
        elif operator == b"Q" and len(modes) > 1:
            mode = modes.pop()
        elif operator == b"Tr" and operands:
            mode = operands[0]
        elif operator in _SHOWS_TEXT:
            size = len(str(operands))
            if mode == _NOT_DRAWN:
                invisible += size
                continue
            visible += size
        shown.append((operands, operator))
    if 0 < invisible < visible:
        kept = ContentStream(None, page.pdf)
        kept.operations = shown
        page[NameObject("/Contents")] = kept


def _metadata(reader: PdfReader) -> Metadata:
    info = reader.metadata
    if info is None:
        return Metadata()
    try:
        created = info.creation_date
    except ValueError:  # a date that is none
        created = None
    return clean_metadata(title=info.title, author=info.author, date=created)


def _encrypted(name: str) -> InputError:
    return InputError(f"{name} is encrypted", "Open it with its password and print it to a new PDF")


def join_pages(pages: Sequence[Sequence[str]]) -> str:
    """Running text of printed lines.

    Lines repeated at the head or foot of pages and page numbers are left out. A line goes
    on in the next one where that begins in lower case, or where its first word had no room
    in this line; otherwise a paragraph ends. Words broken at a line end are put together.

    Args:
        pages: the lines of each page, without white space around them, none empty.
    """
    lines = [line for page in _without_running_heads(pages) for line in page]
    if not lines:
        return ""
    width = sorted(map(len, lines))[int(0.9 * len(lines))]
    words = Counter(word.strip(".,;:!?()") for line in lines for word in line.split())
    paragraphs = [lines[0]]
    for previous, line in itertools.pairwise(lines):
        first = line.split(maxsplit=1)[0]
        had_room = len(previous) + 1 + len(first) <= _FULL_LINE * width
        if _LIST_ITEM.match(line) or (had_room and not line[0].islower()):
            paragraphs.append(line)
        else:
            paragraphs[-1] = _join(paragraphs[-1], line, words)
    return "\n\n".join(paragraphs)


def _join(text: str, line: str, words: Counter[str]) -> str:
    broken = _BROKEN_WORD.search(text)
    if not broken or not line[0].islower():
        return f"{text} {line}"
    # "well-" and "known" may be one word or two: the rest of the text knows which.
    tail = line.split(maxsplit=1)[0].strip(".,;:!?()")
    if words[f"{broken[1]}-{tail}"] > words[f"{broken[1]}{tail}"]:
        return f"{text}{line}"
    return f"{text[:-1]}{line}"


def _without_running_heads(pages: Sequence[Sequence[str]]) -> list[list[str]]:
    """The pages without what stands at the head or foot of at least half of them."""
    edges = Counter(
        key
        for page in pages
        for key in {_DIGITS.sub("#", line) for line in (*page[:1], *page[-1:])}
    )
    repeated = {key for key, n in edges.items() if n >= 3 and n >= len(pages) / 2}

    def is_running(line: str) -> bool:
        return _DIGITS.sub("#", line) in repeated or (
            len(pages) > 1 and bool(_PAGE_NUMBER.fullmatch(line))
        )

    kept = []
    for page in pages:
        start, end = 0, len(page)
        # A head or foot may have two lines: the title and, within it, the page number.
        for _ in range(2):
            start += start < end and is_running(page[start])
            end -= start < end and is_running(page[end - 1])
        kept.append(list(page[start:end]))
    return kept
