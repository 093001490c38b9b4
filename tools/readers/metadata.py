"""What a file says about itself: title, author, publisher, address, date.

All of it is text from strangers. It comes out as single lines of bounded length without
control characters, addresses only as http or https, dates only where they are certain.
"""

from __future__ import annotations

import unicodedata
from typing import TypedDict
from urllib.parse import urlsplit

from tools.readers.dates import iso_date

MAX_LINE = 300
"""Longest title, author or publisher, in characters; a longer one is cut."""
_MAX_URL = 2000


class Metadata(TypedDict, total=False):
    """The fields of `agent.types.Document` that describe its text, and what gave none."""

    title: str | None
    author: str | None
    publisher: str | None
    url: str | None
    published_at: str | None
    unread_date: str | None
    """What stands in place of a date and is no certain one."""


def clean_metadata(
    *,
    title: object = None,
    author: object = None,
    publisher: object = None,
    url: object = None,
    date: object = None,
) -> Metadata:
    """Metadata as found in a file, made safe to store and show; what is no use is None."""
    published_at = iso_date(date)
    return Metadata(
        title=one_line(title),
        author=one_line(author),
        publisher=one_line(publisher),
        url=web_address(url),
        published_at=published_at,
        unread_date=one_line(date) if published_at is None else None,
    )


def one_line(value: object) -> str | None:
    """Text, or a list of texts, as one line; None for anything else and for nothing."""
    if isinstance(value, list | tuple):
        value = ", ".join(item for item in value if isinstance(item, str))
    if not isinstance(value, str):
        return None
    # Cut first: a title of two megabytes is not worth walking through.
    kept = (_printable(character) for character in value[: 10 * MAX_LINE])
    line = unicodedata.normalize("NFC", " ".join("".join(kept).split()))
    return (line if len(line) <= MAX_LINE else line[: MAX_LINE - 1].rstrip() + "…") or None


def _printable(character: str) -> str:
    # Control characters part words; marks of direction (Cf) could turn a whole line round.
    category = unicodedata.category(character)
    if category == "Cc":
        return " "
    return "" if category in ("Cf", "Cs", "Co", "Cn") else character


def web_address(value: object) -> str | None:
    """An http or https address without credentials, or None."""
    if not isinstance(value, str) or len(value) > _MAX_URL:
        return None
    value = value.strip()
    if not value.isprintable() or " " in value:
        return None
    try:
        parts = urlsplit(value)
        named = parts.scheme in ("http", "https") and bool(parts.hostname)
    except ValueError:
        return None
    return value if named and parts.username is None else None
