"""Files, uploads, addresses and texts read into documents.

`read_file`, `read_bytes`, `read_stream` and `read_text` give an `agent.types.Document`: text in NFC
with `\\n` line ends, and what the file says about itself. `read_documents` gives all that a file
holds: a feed, a table, a mail with attachments. Files are parsed in a child process
(`tools.readers.isolation`); only small text without markup is not, since no third-party parser sees
it. Only an address that the user names is fetched, and nothing in a file is run. Whatever cannot be
read is an `InputError` that says why and what to do.
"""

from __future__ import annotations

import hashlib
import os
import re
import stat
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO, NamedTuple

from agent.errors import InputError, UsageError
from agent.types import Document, TextWarning
from tools.readers.dates import doubt, iso_date
from tools.readers.documents import (
    MAX_BYTES,
    MAX_CHARS,
    READABLE,
    Parsed,
    Refused,
    first_line_title,
    normalise,
    printable,
)
from tools.readers.isolation import parse_apart
from tools.readers.metadata import Metadata, clean_metadata, web_address
from tools.readers.parsing import SUFFIXES, check_size, limit_of, parse_plain, suffix_of, too_long
from tools.text.instructions import instructions_warning
from tools.text.languages import surely_english
from tools.text.spinning import spun_warning

if TYPE_CHECKING:
    from tools.web.fetch import Fetcher

__all__ = [
    "READABLE",
    "SUFFIXES",
    "Found",
    "Refused",
    "describe",
    "is_address",
    "language_of",
    "normalise",
    "printable",
    "read_bytes",
    "read_bytes_all",
    "read_documents",
    "read_file",
    "read_stream",
    "read_text",
    "read_url",
    "source_files",
]

_SMALL = 256 * 1024
"""Plain text up to this is decoded here: all that is done to it takes linear time, and a child
would cost more than the reading."""
_OF_ONE_TEXT = frozenset({"html", "pdf", "docx", "epub", "text", "markdown"})
"""Readers of files whose address is their text's. An entry of a feed, a row of a table has its own
or none: of sources with one address, the library takes the newest for a version of the others."""
_MIN_LETTERS = 40
"""Fewer tell no language."""
_LANGUAGE_SAMPLE = 20_000
_SHOWN_DATE = 60
"""Characters of what stands in place of a date."""
_ADDRESS = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*://")


class Found(NamedTuple):
    """What `source_files` came upon."""

    files: list[Path]
    left_out: list[tuple[Path, str]]
    """Path and reason, e.g. `hidden`, `unknown kind of file`."""


def read_file(path: Path | str) -> Document:
    """Reads a file that holds one text, or one page where a web address is given.

    Raises:
        InputError: missing, a folder, not a regular file, not permitted, larger than 20 MiB
            (PDF, DOCX, EPUB, tables and WARC: 100 MiB), several texts in one file, or as
            `read_bytes` and `read_url` say.
    """
    return read_url(str(path)) if is_address(path) else _one(*_opened(path))


def read_documents(
    path: Path | str, columns: Mapping[str, str] | None = None
) -> Iterator[Document | Refused]:
    """All texts of a file or of what an address gives.

    Args:
        path: file, or http or https address.
        columns: for tables, which column or key holds `text`, `title`, `author`, `publisher`,
            `url` or `date`, where that is not its name.

    Yields:
        Documents in the order of the file; parts that give none, and why.

    Raises:
        InputError: nothing of the file can be read; or it breaks off, after what came before.
    """
    if is_address(path):
        body, name, shown = _fetched(str(path), None)
        for item in _documents(body, name, shown, columns):
            if isinstance(item, Document) and not item.url and item.reader in _OF_ONE_TEXT:
                yield describe(item, url=shown)
            else:
                yield item
    else:
        yield from _documents(*_opened(path), columns)


def is_address(given: Path | str) -> bool:
    """Whether a user means an address and not a path."""
    return bool(_ADDRESS.match(str(given)))


def read_url(url: str, fetcher: Fetcher | None = None) -> Document:
    """Fetches one page and reads it; its address is where redirects led.

    Raises:
        InputError: as `tools.web.fetch.fetch` and `read_bytes` say.
    """
    body, name, final = _fetched(url, fetcher)
    return describe(_one(body, name, final), url=final)


def _fetched(url: str, fetcher: Fetcher | None) -> tuple[bytes, str, str]:
    """Content of an address, a name that tells its kind, and where redirects led."""
    from tools.web.fetch import Fetcher

    page = (fetcher or Fetcher()).fetch(url)
    body = page.body
    if page.charset and page.content_type.startswith("text/"):
        # What the server says counts before what the page says of itself (HTML, 13.2.3.2).
        with suppress(LookupError, UnicodeError):
            body = body.decode(page.charset).encode()
    suffix = ".html" if "html" in page.content_type else ".txt"
    if page.content_type == "application/json":
        suffix = ".json"  # no article, as a file of that name is none
    return body, f"{printable(page.final_url)}{suffix}", page.final_url


def read_stream(stream: BinaryIO, name: str = "-") -> Document:
    """Reads an open file or standard input to its end, but no more than is allowed.

    Raises:
        InputError: as `read_bytes` says.
    """
    return read_bytes(_read_to_limit(stream, name), name)


def read_bytes(data: bytes, name: str = "-", *, shown: str = "") -> Document:
    """Reads the content of a file that holds one text: standard input, an upload.

    Args:
        data: the content.
        name: the file's name, for its suffix and for messages; never opened.
        shown: what messages call it instead.

    Raises:
        InputError: empty, not text, too large, encrypted, damaged, without a text layer,
            several texts in one file, or built to exhaust its reader.
    """
    return _one(data, name, "standard input" if name == "-" else printable(shown or name))


def read_bytes_all(data: bytes, name: str) -> Iterator[Document | Refused]:
    """All texts of an upload, as `read_documents` of a file.

    Args:
        data: the content.
        name: the file's name, for its suffix and for messages; never opened.
    """
    yield from _documents(data, name, printable(name))


def _opened(path: Path | str) -> tuple[bytes, str, str]:
    """Content of a file, its name, and what messages call it."""
    name = printable(path)
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
            return _read_to_limit(file, name), name, name
    except FileNotFoundError as error:
        raise InputError(f"there is no file {name}", "Check the path") from error
    except PermissionError as error:
        raise InputError(f"{name} may not be read by this user", "Check its permissions") from error
    except (OSError, ValueError) as error:
        # Loops of links, names too long, bytes that no path can hold, failing disks.
        reason = error.strerror if isinstance(error, OSError) else str(error)
        raise InputError(f"{name} cannot be read ({reason})", "Check the path") from error


def _read_to_limit(stream: BinaryIO, name: str) -> bytes:
    """The content, or one byte more than is allowed."""
    head = stream.read(MAX_BYTES + 1)
    limit = limit_of(head[:_SMALL], name)
    if len(head) > MAX_BYTES and limit > MAX_BYTES:
        head += stream.read(limit + 1 - len(head))
    return head


def _one(data: bytes, name: str, shown: str) -> Document:
    """The only text of a file."""
    found: Document | None = None
    refused: list[Refused] = []
    for item in _documents(data, name, shown):
        if isinstance(item, Refused):
            refused.append(item)
        elif found is None:
            found = item
        else:
            raise InputError(
                f"{shown} holds several texts: one is checked at a time",
                "Add it as sources with `assay sources add`, or give one text",
            )
    if found is not None:
        return found
    if refused:
        first = min(refused, key=lambda item: item.minor)
        raise InputError(first.what, first.todo or "Give a file that holds text")
    raise InputError(f"{shown} is empty", "Give a file that holds text")


def _documents(
    data: bytes, name: str, shown: str, columns: Mapping[str, str] | None = None
) -> Iterator[Document | Refused]:
    check_size(data, name, shown)
    digest = hashlib.sha256(data).hexdigest()
    plain = parse_plain(data, name, shown) if len(data) <= _SMALL else None
    for item in [plain] if plain else parse_apart(data, name, shown, columns):
        if isinstance(item, Refused):
            yield item
            continue
        place = f"{shown}, {item.part}" if item.part else shown
        try:
            document = as_document(item, place)
        except InputError as error:
            if not item.part:
                raise
            yield Refused(shown, error.what, error.todo)
        else:
            yield document.model_copy(update={"bytes_sha256": digest})


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
        raise too_long("the text", len(text))
    text = normalise(text)
    document = as_document(Parsed(text, Metadata(title=first_line_title(text)), "text"), "the text")
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
        raise UsageError(
            f"{printable(published_at)} {doubt(published_at)}", "Give one such as 2026-03-04"
        )
    said = clean_metadata(
        title=title, author=author, publisher=publisher, url=url, date=published_at
    )
    update: dict[str, Any] = {key: value for key, value in said.items() if value}
    if published_at:
        update["warnings"] = [each for each in document.warnings if each.code != "date_unclear"]
    return document.model_copy(update=update)


def source_files(paths: Sequence[Path | str]) -> Found:
    """Files to be read as sources: files as named, folders walked in sorted order.

    In folders, hidden files, links to folders and kinds of file that are not read are left
    out. A file met twice is read once. Nothing is opened.

    Raises:
        InputError: a path that does not exist, an empty one, an address, or a link to a folder
            that it lies in.
    """
    found = Found([], [])
    seen: set[Path] = set()
    if "" in paths:  # to `Path` it is the folder one is in
        raise InputError("an empty name is no file and no folder", "Name it, or . for this folder")
    for path in map(Path, paths):
        if _ADDRESS.match(str(path)) or re.match(r"https?:/", str(path)):
            raise InputError(f"{printable(path)} is an address and no file")
        if not os.path.lexists(path):
            raise InputError(f"there is no file or folder {printable(path)}", "Check the path")
        if path.is_symlink() and path.is_dir() and path.resolve() in path.absolute().parents:
            raise InputError(f"{printable(path)} is a link to a folder that it lies in")
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
        elif entry.is_symlink():  # it may lead anywhere, and nobody named that place
            yield entry, "link"
        elif entry.is_dir():
            yield from _walk(entry)
        elif suffix_of(entry.name) not in SUFFIXES:
            yield entry, "unknown kind of file"
        else:
            yield entry, "" if entry.is_file() else "not a regular file"


def language_of(text: str) -> str | None:
    """ISO 639-1 code of the language, or None where fewer than 40 letters can tell it."""
    sample = text[:_LANGUAGE_SAMPLE]
    if sum(map(str.isalpha, sample)) < _MIN_LETTERS:
        return None
    if surely_english(sample):
        return "en"
    from py3langid import rank

    # Its dialects have codes of three letters only: Moroccan Arabic is ary.
    return next((code for code, _ in rank(sample) if len(code) == 2), None)


def as_document(parsed: Parsed, name: str) -> Document:
    """A parsed text in its stored form, with what can be told of it.

    Args:
        parsed: as a reader gave it; also what a child process gave is held to nothing else.
        name: what messages call it.

    Raises:
        InputError: it is empty, without words, or too long.
    """
    text = normalise(parsed.text)
    if not text:
        raise InputError(f"{name} is empty", "Give a file that holds text")
    if not any(character.isalnum() for character in text):
        raise InputError(f"{name} holds no words", "Give a file that holds text")
    if len(text) > MAX_CHARS:
        raise too_long(name, len(text))
    spun = spun_warning(text)
    warnings = [spun] if spun else []
    if told := instructions_warning(text):
        warnings.append(told)
    if parsed.incomplete:
        warnings.append(TextWarning(code="truncated", message=parsed.incomplete))
    known = parsed.metadata
    if (unread := known.get("unread_date")) and not known.get("published_at"):
        warnings.append(_undated(unread))
    return Document(
        text=text,
        language=language_of(text),
        warnings=warnings,
        reader=parsed.reader,
        title=known.get("title"),
        author=known.get("author"),
        publisher=known.get("publisher"),
        url=known.get("url"),
        published_at=known.get("published_at"),
    )


def _undated(written: str) -> TextWarning:
    shown = written if len(written) <= _SHOWN_DATE else f"{written[:_SHOWN_DATE]}…"
    return TextWarning(
        code="date_unclear",
        message=f"“{shown}” {doubt(written)}; it counts as undated",
    )
