"""Bytes told apart by what they are and handed to their reader.

This is what runs in the child process of `tools.readers.isolation`. Only plain text that is small
is parsed in the caller's own process. The kind is told by content first, by name second.
"""

from __future__ import annotations

import re
import zipfile
import zlib
from collections.abc import Iterator, Mapping
from io import BytesIO
from pathlib import PurePath
from typing import Literal

from agent.errors import InputError
from tools.readers.decoding import binary_kind, decode
from tools.readers.documents import (
    MAX_BINARY_BYTES,
    MAX_BYTES,
    MAX_CHARS,
    READABLE,
    Carried,
    Parsed,
    Refused,
    first_line_title,
    normalise,
)
from tools.readers.metadata import Metadata

Kind = Literal[
    "text", "markdown", "html", "pdf", "docx", "epub", "mail", "jsonl", "csv", "feed", "warc"
]
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
    ".epub": "epub",
    ".eml": "mail",
    ".jsonl": "jsonl",
    ".ndjson": "jsonl",
    ".csv": "csv",
    ".tsv": "csv",
    ".rss": "feed",
    ".atom": "feed",
    ".xml": "feed",
    ".warc": "warc",
    ".warc.gz": "warc",
}
_MANY: frozenset[Kind] = frozenset({"jsonl", "csv", "warc"})
_BY_CONTENT: frozenset[Kind] = frozenset({"pdf", "docx", "epub", "warc", "feed"})
"""Their content tells; a name alone does not make one."""
_PROMISED = {
    ".pdf": "PDF file",
    ".docx": "Word document (DOCX)",
    ".epub": "EPUB",
    ".warc": "web archive (WARC)",
    ".warc.gz": "web archive (WARC)",
}
"""What a name promises that only content can keep."""
_MAX_DEPTH = 3
"""Mails in mails, and the like."""

_HEAD = 4096
_MARKUP = re.compile(
    r"\s*(?:<\?xml[^>]*>\s*|<!--.*?-->\s*)*<(?:!doctype\s+html|html|head|body)\b", re.I | re.S
)
_XML = re.compile(r"\s*<(?:\?xml|!doctype|svg|rss|feed|urlset|sitemapindex)\b", re.I)
_FEED = re.compile(r"<(?:rss|feed|rdf:RDF|(?:\w{1,20}:)?(?:urlset|sitemapindex))\b")
# What a pipe brings has no name; a head of `key: value` lines tells that it is Markdown.
_FRONT_MATTER = re.compile(r"---\n(?:[A-Za-z_-]+:.*\n(?:[ \t].*\n)*)+---\n")


def suffix_of(name: str) -> str:
    """The ending of a name that tells its kind, in lower case: `.txt`, `.warc.gz`."""
    lower = name.lower()
    return ".warc.gz" if lower.endswith(".warc.gz") else PurePath(lower).suffix


def kind_of(head: bytes, name: str) -> Kind:
    """The kind that the first bytes and the name of a file promise.

    Text whose markup tells that it is HTML or a feed still counts as what its name says;
    `parse` looks at that when it is decoded.
    """
    binary = binary_kind(head)
    if binary == "pdf":
        return "pdf"
    if binary == "zip":
        return "epub" if suffix_of(name) == ".epub" or _is_epub(head) else "docx"
    if head.startswith(b"WARC/") or (head[:2] == b"\x1f\x8b" and _unpacks_to_warc(head)):
        return "warc"
    named = SUFFIXES.get(suffix_of(name), "text")
    return "text" if named in _BY_CONTENT else named


def limit_of(head: bytes, name: str) -> int:
    """Largest size in bytes at which such a file is read."""
    large = binary_kind(head) in ("pdf", "zip") or kind_of(head, name) in _MANY
    return MAX_BINARY_BYTES if large else MAX_BYTES


def check_size(data: bytes, name: str, shown: str) -> None:
    """Complains of a file larger than its kind is read at.

    Raises:
        InputError: it is.
    """
    if len(data) > (limit := limit_of(data[:_HEAD], name)):
        raise InputError(
            f"{shown} is larger than {limit // 2**20} MiB, the most that is read",
            "Give the part that matters",
        )


def parse_plain(data: bytes, name: str, shown: str) -> Parsed | None:
    """The text of a file without markup, which no third-party parser has to see; else None.

    Raises:
        InputError: the file is not text, or too long.
    """
    if kind_of(data, name) != "text" or binary_kind(data):
        return None
    return _plain(_decoded(data, name, shown), name, shown)


def parse(
    data: bytes,
    name: str,
    shown: str,
    columns: Mapping[str, str] | None = None,
    *,
    depth: int = 0,
) -> Iterator[Parsed | Refused]:
    """The texts of a file, one after the other.

    Args:
        data: the content.
        name: the file's name, for its suffix; never opened.
        shown: what messages call it.
        columns: for tables, which column or key holds `text`, `title`, `author`,
            `publisher`, `url` or `date`, where that is not its name.
        depth: how many files this one is inside of.

    Raises:
        InputError: the whole file cannot be read.
    """
    check_size(data, name, shown)
    kind = kind_of(data, name)
    if kind == "pdf":
        from tools.readers.pdf import read_pdf

        yield Parsed(*read_pdf(data, shown, MAX_CHARS), "pdf")
    elif kind == "epub":
        from tools.readers.epub import read_epub

        yield Parsed(*read_epub(data, shown, MAX_CHARS), "epub")
    elif kind == "docx":
        from tools.readers.docx import read_docx

        yield Parsed(*read_docx(data, shown), "docx")
    elif kind == "warc":
        from tools.readers.warc import read_warc

        yield from _within("warc", read_warc(data, shown), shown, depth)
    elif binary := binary_kind(data):
        raise _not_text(name, shown, f"it looks like {binary}")
    elif kind == "mail":
        from tools.readers.mail import read_mail

        yield from _within("mail", read_mail(data, shown), shown, depth)
    else:
        yield from _parse_text(data, kind, name, shown, columns)


def _parse_text(
    data: bytes, kind: Kind, name: str, shown: str, columns: Mapping[str, str] | None
) -> Iterator[Parsed | Refused]:
    text = _decoded(data, name, shown, html=kind == "html")
    if kind in ("jsonl", "csv"):
        from tools.readers.tables import read_csv, read_jsonl

        yield from (read_jsonl if kind == "jsonl" else read_csv)(text, shown, columns or {})
        return
    if kind == "text" and (parsed := _plain(text, name, shown)):
        yield parsed
        return
    if suffix_of(name) == ".json":
        raise InputError(
            f"{shown} is no article (it looks like JSON)",
            "Give JSON Lines (.jsonl): one object a line, with the text under `text`",
        )
    if _MARKUP.match(text[:10_000]):
        kind = "html"
    elif kind != "html" and _XML.match(text):
        if not _FEED.search(text[:10_000]):
            raise InputError(f"{shown} is no article (it looks like XML)", READABLE)
        from tools.readers.feeds import read_feed

        yield from read_feed(data, text, shown)
        return
    if kind == "html":
        from tools.readers.html import read_html

        yield Parsed(*read_html(text, shown), "html")
        return
    from tools.readers.markdown import read_markdown

    yield Parsed(*read_markdown(_normalised(text, shown), shown), "markdown")


def _decoded(data: bytes, name: str, shown: str, *, html: bool = False) -> str:
    try:
        return decode(data, shown, html=html)
    except InputError as error:
        if suffix_of(name) not in _PROMISED:
            raise
        raise _not_text(name, shown, f"it begins with the bytes {data[:8].hex(' ')}") from error


def _not_text(name: str, shown: str, looks: str) -> InputError:
    if promised := _PROMISED.get(suffix_of(name)):
        return InputError(
            f"{shown} is no {promised}, whatever its name says: {looks}",
            "Get or save the file again, or give its text",
        )
    return InputError(f"{shown} is not text ({looks})", READABLE)


def _plain(text: str, name: str, shown: str) -> Parsed | None:
    if suffix_of(name) == ".json" or _MARKUP.match(text[:10_000]) or _XML.match(text):
        return None
    text = _normalised(text, shown)
    if not suffix_of(name) and _FRONT_MATTER.match(text):
        return None
    return Parsed(text, Metadata(title=first_line_title(text)), "text")


def _normalised(text: str, shown: str) -> str:
    text = normalise(text)
    if len(text) > MAX_CHARS:
        raise too_long(shown, len(text))
    return text


def too_long(shown: str, length: int) -> InputError:
    return InputError(
        f"{shown} holds {length:,} characters, more than {MAX_CHARS:,}",
        "Give the part that matters",
    )


def _within(
    outer: str, items: Iterator[Parsed | Refused | Carried], shown: str, depth: int
) -> Iterator[Parsed | Refused]:
    """Items of a file with those it carries parsed in their place."""
    for item in items:
        if not isinstance(item, Carried):
            yield item
            continue
        place = f"{shown}, {item.part}"
        if depth >= _MAX_DEPTH:
            yield Refused(place, f"{place} lies more than {_MAX_DEPTH} files deep")
            continue
        try:
            for inner in parse(item.data, item.name, place, depth=depth + 1):
                if isinstance(inner, Refused):
                    yield inner
                    continue
                said = {key: value for key, value in inner.metadata.items() if value}
                part = f"{item.part}, {inner.part}" if inner.part else item.part
                metadata = Metadata(**{**item.known, **said})  # type: ignore[typeddict-item]
                yield inner._replace(metadata=metadata, reader=f"{outer}/{inner.reader}", part=part)
        except InputError as error:
            yield Refused(place, error.what, error.todo)


def _is_epub(head: bytes) -> bool:
    # The first entry of an EPUB is its type, stored as it is (EPUB 3.3, 4.2.3).
    if head[30:58].startswith(b"mimetypeapplication/epub+zip"):
        return True
    try:
        with zipfile.ZipFile(BytesIO(head)) as archive:
            return "META-INF/container.xml" in archive.namelist()
    except (zipfile.BadZipFile, ValueError, OSError, EOFError):
        return False


def _unpacks_to_warc(head: bytes) -> bool:
    try:
        return zlib.decompressobj(31).decompress(head[:_HEAD], 64).startswith(b"WARC/")
    except zlib.error:
        return False
