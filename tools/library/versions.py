"""Which source is a newer version of another: the same address, published later.

A page that is corrected or kept up to date comes into a library once for each time that it
was added. What it says now is its newest version; the older ones say what was known before.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable
from contextlib import suppress
from typing import NamedTuple
from urllib.parse import parse_qsl, quote, unquote, urlencode, urlsplit

from tools.times.publication import certainly_later

# Parameters by which an address says where the reader came from. Those that some sites use
# for the text itself (`id`, `ref`, `source`, `page`) are none: a source must not be lost.
_TRACKING = re.compile(
    r"(?:utm|mtm|pk|itm)_\w+|fbclid|gclid|gclsrc|gbraid|wbraid|dclid|msclkid|twclid|yclid|igshid"
    r"|mc_[ce]id|_ga",
    re.IGNORECASE,
)
_PLAIN = re.compile(r"[A-Za-z0-9/_.~-]*")
_DEFAULT_PORTS = {"http": 80, "https": 443}


class Version(NamedTuple):
    """What tells versions of a page apart."""

    id: str
    url: str | None
    published_at: str | None


def same_page(url: str | None) -> str | None:
    """A key that two addresses share where they lead to one page; None where that is unknown.

    Scheme, `www.`, default port, fragment (but `#!`), a slash at the end, the order of
    parameters, those of tracking, and the writing of escapes do not matter. The address of a
    whole site is no page's: it is given for a publisher.
    """
    try:
        parts = urlsplit(url or "")
        host, port = (parts.hostname or "").removeprefix("www."), parts.port
    except ValueError:  # a malformed port or IPv6 address
        return None
    if parts.scheme not in _DEFAULT_PORTS or not host:
        return None
    path, query = parts.path, parts.query
    # Most addresses are plain, and a library has many: what follows is for the others.
    if not host.isascii():
        with suppress(UnicodeError):
            host = host.encode("idna").decode()
    if "%" in path or not _PLAIN.fullmatch(path):
        path = quote(unquote(path, errors="surrogateescape"), errors="surrogateescape")
    if query:
        fields = parse_qsl(query, keep_blank_values=True, errors="surrogateescape")
        kept = sorted(field for field in fields if not _TRACKING.fullmatch(field[0]))
        query = urlencode(kept, errors="surrogateescape")
    route = parts.fragment if parts.fragment.startswith("!") else ""
    if not (path.strip("/") or query or route):
        return None
    place = host if port in (None, _DEFAULT_PORTS[parts.scheme]) else f"{host}:{port}"
    return f"{place}{path.rstrip('/')}?{query}#{route}"


def superseded(versions: Iterable[Version], *, as_of: str | None = None) -> dict[str, str]:
    """Which sources have a newer version.

    Args:
        versions: all sources, in any order.
        as_of: ISO date; what was certainly published later is not there yet.

    Returns:
        The id of the newest version, by the id of each that was certainly published before it.
        Without an address or a date nothing is known; of the same day, both are the newest.
    """
    pages: dict[str, list[Version]] = defaultdict(list)
    for version in versions:
        if version.published_at is None or certainly_later(version.published_at, as_of):
            continue
        if page := same_page(version.url):
            pages[page].append(version)
    newer = {}
    for page_versions in pages.values():
        # ISO dates sort by time as they are; where any is certainly later than a version, so
        # is the last.
        newest = max(page_versions, key=lambda version: (version.published_at, version.id))
        for version in page_versions:
            if certainly_later(newest.published_at, version.published_at):
                newer[version.id] = newest.id
    return newer
