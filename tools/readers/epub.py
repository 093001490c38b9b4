"""Electronic books (EPUB 2 and 3) read as text: chapters in the order of reading."""

from __future__ import annotations

import io
import posixpath
import re
import zipfile
from collections.abc import Iterator
from typing import TYPE_CHECKING
from urllib.parse import unquote, urlsplit

from agent.errors import InputError
from tools.readers.decoding import decode
from tools.readers.html import visible_text
from tools.readers.metadata import Metadata, clean_metadata

if TYPE_CHECKING:
    from lxml.etree import _Element

_MAX_PARTS = 10_000
_MAX_TEXT = 50 * 1024 * 1024
"""Of all chapters together, unpacked, in bytes of markup."""
_MAX_CHAPTER = 20 * 1024 * 1024
_MAX_DIRECTORY = 5 * 1024 * 1024
"""Of the container, package and encryption files."""
_CONTAINER = "{urn:oasis:names:tc:opendocument:xmlns:container}"
_OPF = "{http://www.idpf.org/2007/opf}"
_DC = "{http://purl.org/dc/elements/1.1/}"
_ENCRYPTED = "{http://www.w3.org/2001/04/xmlenc#}CipherReference"
_CHAPTER_TYPES = ("application/xhtml+xml", "text/html", "text/x-oeb1-document")
_HEAD = re.compile(r"<head\b.*?</head\s*>|<(script|style)\b.*?</\1\s*>|<[^>]*>", re.I | re.S)


def read_epub(data: bytes, name: str, max_chars: int) -> tuple[str, Metadata]:
    """Text and Dublin Core metadata of a book, its chapters in the order of the spine.

    Pictures, navigation and notes that lie outside the spine are left out. The language is
    told from the text, as for every file, since books often name a wrong one.

    Args:
        data: the file.
        name: its name, for messages.
        max_chars: the longest text to be read; more is an error, never a silent cut.

    Raises:
        InputError: no EPUB, damaged, protected against copying, too long, or built to
            exhaust its reader.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            book = _Book(archive, name)
            return "\n\n".join(book.chapters(max_chars)), book.metadata()
    except (zipfile.BadZipFile, zipfile.LargeZipFile, NotImplementedError, OSError, EOFError,
            RuntimeError, ValueError) as error:  # fmt: skip
        # What zipfile raises for cut, lying, encrypted and oddly packed entries.
        raise _damaged(name, type(error).__name__) from error


class _Book:
    def __init__(self, archive: zipfile.ZipFile, name: str) -> None:
        self._archive, self._name = archive, name
        names = archive.namelist()
        if len(names) > _MAX_PARTS:
            raise InputError(
                f"{name} holds {len(names):,} parts, more than a book can",
                "Give its text, or save it again as EPUB",
            )
        if len(set(names)) < len(names):
            raise InputError(
                f"{name} holds two parts of the same name, so its text is not certain",
                "Save it again as EPUB",
            )
        root = self._xml("META-INF/container.xml").find(f".//{_CONTAINER}rootfile")
        path = root.get("full-path") if root is not None else None
        if not path:
            raise _damaged(name, "its container names no book")
        self._folder = posixpath.dirname(path)
        self._package = self._xml(path)

    def metadata(self) -> Metadata:
        dates = sorted(
            self._package.iter(f"{_DC}date"),
            # EPUB 2 tells what a date is of; the day of conversion is none of publication.
            key=lambda element: {"publication": 0, None: 1}.get(element.get(f"{_OPF}event"), 2),
        )
        usable = [date for date in dates if date.get(f"{_OPF}event") in ("publication", None)]
        return clean_metadata(
            title=self._first("title"),
            author=[text for e in self._package.iter(f"{_DC}creator") if (text := _text(e))],
            publisher=self._first("publisher"),
            url=self._first("source"),
            date=_text(usable[0]) if usable else None,
        )

    def chapters(self, max_chars: int) -> Iterator[str]:
        locked, left, chars = self._encrypted(), _MAX_TEXT, 0
        for path in self._spine():
            if path in locked:
                raise InputError(
                    f"{self._name} is protected against copying (DRM)",
                    "Give a copy without protection, or its text",
                )
            markup = self._part(path, min(left, _MAX_CHAPTER))
            left -= len(markup)
            page = decode(markup, f"{self._name}, {posixpath.basename(path)}", html=True)
            text = visible_text(page)
            if not text and any(map(str.isalnum, _HEAD.sub("", page))):
                raise InputError(
                    f"{self._name} has a chapter that cannot be read ({posixpath.basename(path)})",
                    "Save it again as EPUB, or give its text",
                )
            chars += len(text)
            if chars > max_chars:
                raise InputError(
                    f"{self._name} holds more than {max_chars:,} characters",
                    "Give the chapters that matter",
                )
            if text:
                yield text

    def _spine(self) -> Iterator[str]:
        """Paths of the chapters within the archive, each once."""
        items = {
            item.get("id"): item.get("href", "")
            for item in self._package.iter(f"{_OPF}item")
            if item.get("media-type") in _CHAPTER_TYPES
        }
        seen = set()
        for reference in self._package.iter(f"{_OPF}itemref"):
            href = items.get(reference.get("idref"))
            path = self._path(href) if href else ""
            if path and path not in seen:
                seen.add(path)
                yield path

    def _encrypted(self) -> set[str]:
        if "META-INF/encryption.xml" not in self._archive.namelist():
            return set()
        references = self._xml("META-INF/encryption.xml").iter(_ENCRYPTED)
        return {unquote(reference.get("URI", "")) for reference in references}

    def _path(self, href: str) -> str:
        # A name to look up in the archive's directory; nothing is ever written.
        return posixpath.normpath(posixpath.join(self._folder, unquote(urlsplit(href).path)))

    def _part(self, path: str, limit: int) -> bytes:
        try:
            with self._archive.open(path) as part:
                data = part.read(limit + 1)
        except KeyError as error:
            raise _damaged(self._name, f"{posixpath.basename(path)} is missing") from error
        if len(data) > limit:
            raise InputError(
                f"{self._name} unpacks to more than a book can hold",
                "Give the chapters that matter",
            )
        return data

    def _xml(self, path: str) -> _Element:
        from lxml import etree

        # Entities would let a book name files of this machine and grow without end.
        parser = etree.XMLParser(
            resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False
        )
        try:
            return etree.fromstring(self._part(path, _MAX_DIRECTORY), parser)
        except etree.XMLSyntaxError as error:
            raise _damaged(self._name, f"{posixpath.basename(path)} is no XML") from error

    def _first(self, name: str) -> str | None:
        return next((text for e in self._package.iter(f"{_DC}{name}") if (text := _text(e))), None)


def _text(element: _Element) -> str:
    return " ".join("".join(map(str, element.itertext())).split())


def _damaged(name: str, reason: str) -> InputError:
    return InputError(
        f"{name} is no EPUB or a damaged one ({reason})",
        "Open it in a reader of books and save it again, or give its text",
    )
