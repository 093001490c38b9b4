"""RSS and Atom feeds: their entries as documents. Sitemaps: named as lists of addresses.

Nothing is fetched: of an entry that only links to its article there is only its summary.
"""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from contextlib import suppress
from datetime import date
from typing import Any

from agent.errors import InputError
from tools.readers.documents import Parsed, Refused, normalise, printable
from tools.readers.html import visible_text
from tools.readers.metadata import clean_metadata, one_line, web_address

_SITEMAP = re.compile(r"<(?:\w{1,20}:)?(?:urlset|sitemapindex)\b")
_LOCATION = re.compile(r"<(?:\w{1,20}:)?loc\s*>\s*(?:<!\[CDATA\[)?\s*([^<\s\]]{1,2000})")
_HTML = ("text/html", "application/xhtml+xml")
_HEAD = 10_000
_SUMMARY = "The feed gives only a description of this entry, which may be a part of the article."


def read_feed(data: bytes, text: str, name: str) -> Iterator[Parsed | Refused]:
    """The entries of a feed, in its order.

    The publisher is the feed's title; the address is what the entry links to.

    Args:
        data: the file; its encoding is what the XML declares.
        text: the same, decoded, to tell sitemaps.
        name: the file's name, for messages.

    Yields:
        Entries with their content, or with their description and told as incomplete.
        Entries without either are refused.

    Raises:
        InputError: a sitemap, no feed, or one without entries.
    """
    if _SITEMAP.search(text[:_HEAD]):
        raise _sitemap(text, name)
    import feedparser

    # A stream, since it would take bytes for the name of a file first.
    try:
        feed = feedparser.parse(io.BytesIO(data), resolve_relative_uris=False, sanitize_html=False)
    except (LookupError, ValueError, TypeError, AttributeError) as error:
        # What its lenient parser runs into where tags are broken off.
        raise InputError(f"{name} is no feed or a damaged one", "Export it again") from error
    entries = feed.get("entries") or []
    if not entries:
        broken = feed.get("bozo_exception")
        reason = f" ({printable(str(broken))})" if broken else ""
        raise InputError(f"{name} holds no entry of a feed{reason}", "Check that it is whole")
    publisher = _plain(feed.get("feed", {}), "title")
    for number, entry in enumerate(entries, start=1):
        yield _entry(entry, number, name, publisher)


def _entry(entry: Any, number: int, name: str, publisher: str | None) -> Parsed | Refused:
    title = _plain(entry, "title")
    whole = [text for content in entry.get("content", ()) if (text := _shown(content))]
    summary = _shown(entry.get("summary_detail") or {"value": entry.get("summary", "")})
    text = max(whole, key=len, default="") or summary
    if not any(map(str.isalnum, text)):
        called = f" ({title})" if title else ""
        link = web_address(entry.get("link"))
        return Refused(
            name,
            f"{name}, entry {number}{called} holds no text",
            f"Its article is not fetched unless you name it: {link}" if link else "",
            minor=True,
        )
    return Parsed(
        text,
        clean_metadata(
            title=title,
            author=entry.get("author"),
            publisher=publisher,
            url=entry.get("link"),
            date=_date(entry),
        ),
        "feed",
        part=f"entry {number}",
        incomplete="" if whole else _SUMMARY,
    )


def _shown(content: Any) -> str:
    """A piece of a feed as text; what it is said to be is not always true."""
    value = content.get("value")
    if not isinstance(value, str):
        return ""
    if content.get("type") in _HTML or re.search(r"</?[a-zA-Z][^<>]*>", value):
        return visible_text(value)
    return normalise(value)


def _plain(fields: Any, name: str) -> str | None:
    return one_line(_shown(fields.get(f"{name}_detail") or {"value": fields.get(name, "")}))


def _date(entry: Any) -> date | str | None:
    for field in ("published_parsed", "updated_parsed", "created_parsed"):
        if when := entry.get(field):
            with suppress(ValueError, TypeError):
                return date(*when[:3])
    return entry.get("published") or entry.get("updated") or None


def _sitemap(text: str, name: str) -> InputError:
    addresses = [url for found in _LOCATION.finditer(text) if (url := web_address(found[1]))]
    example = f", for example: assay sources add {printable(addresses[0])}" if addresses else ""
    return InputError(
        f"{name} is a sitemap: it lists {len(addresses):,} addresses and holds no text",
        f"Nothing is fetched unless you name it{example}",
    )
