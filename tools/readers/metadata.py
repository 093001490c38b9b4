"""What a file says about itself: title, author, publisher, address, date.

All of it is text from strangers. It comes out as single lines of bounded length without
control characters, addresses only as http or https, dates only where they are certain.
"""

from __future__ import annotations

import re
import unicodedata
from datetime import date, datetime
from typing import TypedDict
from urllib.parse import urlsplit

MAX_LINE = 300
"""Longest title, author or publisher, in characters; a longer one is cut."""
_MAX_URL = 2000
_ISO_DATE = re.compile(r"(\d{4})(?:-(\d{2})(?:-(\d{2}))?)?(?![\d-])")
_ONLY_FIGURES = re.compile(r"[\d\s./-]*")


class Metadata(TypedDict, total=False):
    """The fields of `agent.types.Document` that describe its text."""

    title: str | None
    author: str | None
    publisher: str | None
    url: str | None
    published_at: str | None


def clean_metadata(
    *,
    title: object = None,
    author: object = None,
    publisher: object = None,
    url: object = None,
    date: object = None,
) -> Metadata:
    """Metadata as found in a file, made safe to store and show; what is no use is None."""
    return Metadata(
        title=one_line(title),
        author=one_line(author),
        publisher=one_line(publisher),
        url=web_address(url),
        published_at=iso_date(date),
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


def iso_date(value: object) -> str | None:
    """A day, month or year as ISO 8601, or None where it is not certain.

    Args:
        value: a date, or text such as `2026-05-13`, `2026-05`, `2026-05-13T07:30:00+02:00`,
            `13 May 2026`, `4. März 2026`. Of `03/04/2026` nobody knows the month: None.
    """
    if isinstance(value, datetime):
        return value.date().isoformat()
    if isinstance(value, date):
        return value.isoformat()
    if not isinstance(value, str) or not (value := value.strip()[:100]):
        return None
    if match := _ISO_DATE.match(value):
        year, month, day = match.groups()
        try:
            date(int(year), int(month or 1), int(day or 1))
        except ValueError:
            return None
        return "-".join(part for part in (year, month, day) if part)
    if _ONLY_FIGURES.fullmatch(value):
        return None
    import dateparser

    # Absolute and complete dates only: `yesterday` would depend on the day of reading.
    found = dateparser.parse(value, settings={"STRICT_PARSING": True, "PARSERS": ["absolute-time"]})
    return found.date().isoformat() if found else None
