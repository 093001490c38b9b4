"""Files, uploads and texts read into documents.

`read_file`, `read_bytes`, `read_stream` and `read_text` give an `agent.types.Document`: text
in NFC with `\\n` line ends, and what the file says about itself. The kind of a file is told
by its content first, by its name second. Only an address that the user names is fetched, and
nothing in a file is run.
Whatever cannot be read is an `InputError` that says why and what to do.
"""

from __future__ import annotations

import os
import re
import stat
import unicodedata
from collections.abc import Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, Literal, NamedTuple

from agent.errors import InputError, UsageError
from agent.types import Document
from tools.decoding import binary_kind, decode
from tools.metadata import Metadata, clean_metadata, iso_date, web_address
from tools.spinning import spun_warning

if TYPE_CHECKING:
    from tools.fetch import Fetcher

MAX_BYTES = 20 * 1024 * 1024
"""Largest text, Markdown or HTML file."""
MAX_BINARY_BYTES = 100 * 1024 * 1024
"""Largest PDF or DOCX, whose pictures are not text."""
MAX_CHARS = 2_000_000
"""Longest text after reading: a thousand pages."""

Kind = Literal["text", "markdown", "html", "pdf", "docx"]
SUFFIXES: dict[str, Kind] = {
    ".txt": "text",
    ".text": "text",
    ".md": "markdown",
    ".markdown": "markdown",
    ".html": "html",
    ".htm": "html",
    ".xhtml": "html",
    ".pdf": "pdf",
    ".docx": "docx",
}
READABLE = "Give a text, Markdown, HTML, PDF or DOCX file"

_MIN_LETTERS = 40
"""Fewer tell no language."""
_LANGUAGE_SAMPLE = 20_000
_TITLE_LENGTH = 120
_ADDRESS = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*://")
_MARKUP = re.compile(
    r"\s*(?:<\?xml[^>]*>\s*|<!--.*?-->\s*)*<(?:!doctype\s+html|html|head|body)\b", re.I | re.S
)
_XML = re.compile(r"\s*<(?:\?xml|!doctype|svg|rss|feed)\b", re.I)
_LINE_END = re.compile("\r\n|[\r\x0b\x0c\x1c-\x1e\x85\u2028]")
_CONTROL = re.compile("[\x00-\x08\x0e-\x1f\x7f-\x9f]")
_SURROGATE = re.compile("[\ud800-\udfff]")
# Unicode's stream-safe format (UAX #15) allows 30 marks on one letter; normalising sorts
# them, which takes quadratic time.
_MAX_MARKS = 30
_MARKS = re.compile(rf"[^\w\s\x00-\x7f]{{{_MAX_MARKS + 1},}}")
# What a pipe brings has no name; a head of `key: value` lines tells that it is Markdown.
_FRONT_MATTER = re.compile(r"---\n(?:[A-Za-z_-]+:.*\n(?:[ \t].*\n)*)+---\n")
_BLANK_LINES = re.compile(r"\n[ \t]*(?:\n[ \t]*){2,}")


class Found(NamedTuple):
    """What `source_files` came upon."""

    files: list[Path]
    left_out: list[tuple[Path, str]]
    """Path and reason, e.g. `hidden`, `unknown kind of file`."""


def read_file(path: Path | str) -> Document:
    """Reads one file, or one page where a web address is given.

    Raises:
        InputError: missing, a folder, not a regular file, not permitted, larger than 20 MiB
            (PDF and DOCX: 100 MiB), or as `read_bytes` and `read_url` say.
    """
    name = printable(path)
    if is_address(path):
        return read_url(str(path))
    try:
        mode = Path(path).stat().st_mode
        if stat.S_ISDIR(mode):
            raise InputError(
                f"{name} is a folder: assay check takes one article",
                f"To add a folder of sources use `assay sources add {name}`",
            )
        if not stat.S_ISREG(mode):
            raise InputError(
                f"{name} is not a regular file", "Give a file, or `-` to read standard input"
            )
        with Path(path).open("rb") as file:
            return read_stream(file, name)
    except FileNotFoundError as error:
        raise InputError(f"there is no file {name}", "Check the path") from error
    except PermissionError as error:
        raise InputError(f"{name} may not be read by this user", "Check its permissions") from error
    except (OSError, ValueError) as error:
        # Loops of links, names too long, bytes that no path can hold, failing disks.
        reason = error.strerror if isinstance(error, OSError) else str(error)
        raise InputError(f"{name} cannot be read ({reason})", "Check the path") from error


def is_address(given: Path | str) -> bool:
    """Whether a user means an address and not a path."""
    return bool(_ADDRESS.match(str(given)))


def read_url(url: str, fetcher: Fetcher | None = None) -> Document:
    """Fetches one page and reads it; its address is where redirects led.

    Raises:
        InputError: as `tools.fetch.fetch` and `read_bytes` say.
    """
    from tools.fetch import Fetcher

    page = (fetcher or Fetcher()).fetch(url)
    body = page.body
    if page.charset and page.content_type.startswith("text/"):
        # What the server says counts before what the page says of itself (HTML, 13.2.3.2).
        with suppress(LookupError, UnicodeError):
            body = body.decode(page.charset).encode()
    suffix = ".html" if "html" in page.content_type else ".txt"
    document = read_bytes(body, f"{printable(page.final_url)}{suffix}", shown=page.final_url)
    return describe(document, url=page.final_url)


def read_stream(stream: BinaryIO, name: str = "-") -> Document:
    """Reads an open file or standard input to its end, but no more than is allowed.

    Raises:
        InputError: as `read_bytes` says.
    """
    head = stream.read(MAX_BYTES + 1)
    if len(head) > MAX_BYTES and binary_kind(head) in ("pdf", "zip"):
        head += stream.read(MAX_BINARY_BYTES + 1 - len(head))
    return read_bytes(head, name)


def read_bytes(data: bytes, name: str = "-", *, shown: str = "") -> Document:
    """Reads the content of a file: standard input, an upload.

    Args:
        data: the content.
        name: the file's name, for its suffix and for messages; never opened.
        shown: what messages call it instead.

    Raises:
        InputError: empty, not text, too large, encrypted, damaged, without a text layer.
    """
    shown = "standard input" if name == "-" else printable(shown or name)
    kind = SUFFIXES.get(Path(name).suffix.lower(), "text")
    binary = binary_kind(data)
    limit = MAX_BINARY_BYTES if binary in ("pdf", "zip") else MAX_BYTES
    if len(data) > limit:
        raise InputError(
            f"{shown} is larger than {limit // 2**20} MiB, the most that is read",
            "Give the part that matters",
        )
    if binary == "pdf":
        from tools.pdf_reader import read_pdf

        return _document(*read_pdf(data, shown, MAX_CHARS), shown)
    if binary == "zip":
        from tools.docx_reader import read_docx

        return _document(*read_docx(data, shown), shown)
    if binary:
        raise InputError(f"{shown} is not text (it looks like {binary})", READABLE)
    text = decode(data, shown, html=kind == "html")
    if Path(name).suffix.lower() in (".json", ".jsonl"):
        raise InputError(f"{shown} is no article (it looks like JSON)", READABLE)
    if _MARKUP.match(text[:10_000]):
        kind = "html"
    elif kind != "html" and _XML.match(text):
        raise InputError(f"{shown} is no article (it looks like XML)", READABLE)
    if kind == "html":
        from tools.html_reader import read_html

        return _document(*read_html(text, shown), shown)
    text = normalise(text)
    if len(text) > MAX_CHARS:
        raise _too_long(shown, len(text))
    if kind == "markdown" or (not Path(name).suffix and _FRONT_MATTER.match(text)):
        from tools.markdown_reader import read_markdown

        return _document(*read_markdown(text, shown), shown)
    return _document(text, Metadata(title=first_line_title(text)), shown)


def read_text(
    text: str,
    *,
    title: str | None = None,
    author: str | None = None,
    publisher: str | None = None,
    url: str | None = None,
    published_at: str | None = None,
) -> Document:
    """A document from a text that is already at hand.

    Raises:
        InputError: empty or too long.
        UsageError: as `describe` says.
    """
    if len(text) > 2 * MAX_CHARS:  # not worth normalising
        raise _too_long("the text", len(text))
    text = normalise(text)
    document = _document(text, Metadata(title=first_line_title(text)), "the text")
    return describe(
        document,
        title=title,
        author=author,
        publisher=publisher,
        url=url,
        published_at=published_at,
    )


def describe(
    document: Document,
    *,
    title: str | None = None,
    author: str | None = None,
    publisher: str | None = None,
    url: str | None = None,
    published_at: str | None = None,
) -> Document:
    """The document with what the user says about it in place of what the file says.

    Raises:
        UsageError: `url` is no http or https address, `published_at` no certain date.
    """
    if url and not web_address(url):
        raise UsageError(f"{printable(url)} is no web address", "Give one such as https://x.org/a")
    if published_at and not iso_date(published_at):
        raise UsageError(f"{printable(published_at)} is no date", "Give one such as 2026-03-04")
    said = clean_metadata(
        title=title, author=author, publisher=publisher, url=url, date=published_at
    )
    return document.model_copy(update={key: value for key, value in said.items() if value})


def source_files(paths: Sequence[Path | str]) -> Found:
    """Files to be read as sources: files as named, folders walked in sorted order.

    In folders, hidden files, links to folders and kinds of file that are not read are left
    out. A file met twice is read once. Nothing is opened.

    Raises:
        InputError: a path that does not exist, or an address.
    """
    found = Found([], [])
    seen: set[Path] = set()
    for path in map(Path, paths):
        if _ADDRESS.match(str(path)) or re.match(r"https?:/", str(path)):
            raise InputError(f"{printable(path)} is an address and no file")
        if not os.path.lexists(path):
            raise InputError(f"there is no file or folder {printable(path)}", "Check the path")
        for file, reason in _walk(path) if path.is_dir() else [(path, "")]:
            if not reason and (real := Path(os.path.realpath(file))) in seen:
                reason = "named twice"
            if reason:
                found.left_out.append((file, reason))
            else:
                seen.add(real)
                found.files.append(file)
    return found


def _walk(folder: Path) -> Iterator[tuple[Path, str]]:
    """Files of a folder with the reason to leave them out, empty for those to be read."""
    try:
        entries = sorted(folder.iterdir())
    except OSError as error:
        yield folder, error.strerror or "cannot be opened"
        return
    for entry in entries:
        if entry.name.startswith("."):
            yield entry, "hidden"
        elif entry.is_dir():
            if entry.is_symlink():
                yield entry, "link to a folder"
            else:
                yield from _walk(entry)
        elif entry.suffix.lower() not in SUFFIXES:
            yield entry, "unknown kind of file"
        else:
            yield entry, "" if entry.is_file() else "not a regular file"


def printable(value: Path | str) -> str:
    """A name as it may be shown: nothing in it can steer a terminal or turn a line round."""
    text = str(value)[:300].encode("utf-8", "replace").decode()
    return "".join(c if c.isprintable() else "\N{REPLACEMENT CHARACTER}" for c in text)


def normalise(text: str) -> str:
    """Text as it is stored, which offsets refer to: NFC, `\\n`, no control characters.

    Tabs and no-break spaces stay as they are; three and more empty lines become one; there
    is no white space at either end.
    """
    text = _LINE_END.sub("\n", text.removeprefix("\ufeff")).replace("\u2029", "\n\n")
    text = _SURROGATE.sub("\N{REPLACEMENT CHARACTER}", _CONTROL.sub("", text))
    text = unicodedata.normalize("NFC", _MARKS.sub(_fewer_marks, text))
    return _BLANK_LINES.sub("\n\n", text).strip()


def _fewer_marks(run: re.Match[str]) -> str:
    kept, marks = [], 0
    for character in run[0]:
        marks = marks + 1 if unicodedata.category(character)[0] == "M" else 0
        if marks <= _MAX_MARKS:
            kept.append(character)
    return "".join(kept)


def first_line_title(text: str) -> str | None:
    """The first line where it reads as a title: short, no full stop, and something follows."""
    first, _, rest = text.partition("\n")
    first = first.strip()
    if not rest.strip() or len(first) > _TITLE_LENGTH or first.endswith((".", ",", ";", ":")):
        return None
    return first


def language_of(text: str) -> str | None:
    """ISO 639-1 code of the language, or None where fewer than 40 letters can tell it."""
    sample = text[:_LANGUAGE_SAMPLE]
    if sum(map(str.isalpha, sample)) < _MIN_LETTERS:
        return None
    from py3langid import rank

    # Its dialects have codes of three letters only: Moroccan Arabic is ary.
    return next((code for code, _ in rank(sample) if len(code) == 2), None)


def _too_long(name: str, length: int) -> InputError:
    return InputError(
        f"{name} holds {length:,} characters, more than {MAX_CHARS:,}",
        "Give the part that matters",
    )


def _document(text: str, metadata: Metadata, name: str) -> Document:
    text = normalise(text)
    if not text:
        raise InputError(f"{name} is empty", "Give a file that holds text")
    if not any(character.isalnum() for character in text):
        raise InputError(f"{name} holds no words", "Give a file that holds text")
    if len(text) > MAX_CHARS:
        raise _too_long(name, len(text))
    spun = spun_warning(text)
    return Document(
        text=text, language=language_of(text), warnings=[spun] if spun else [], **metadata
    )
