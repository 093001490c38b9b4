"""Which source is a newer version of another: the same page, published later.

A page that is corrected or kept up to date comes into a library once for each time that it
was added. What it says now is its newest version; the older ones say what was known before.

An address and a date are what a text says of itself, and a version silences the older ones. So
more is asked for: an update keeps much of its text and is of the same publisher. What shares no
more than the address is another source, which counts beside the first.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Iterable
from contextlib import suppress
from typing import NamedTuple, TypeVar
from urllib.parse import parse_qsl, quote, unquote, urlencode, urlsplit

import numpy as np

from tools.library.profiles import Hashes, grams, profile
from tools.times.publication import certainly_later

# Parameters by which an address says where the reader came from. Those that some sites use
# for the text itself (`id`, `ref`, `source`, `page`) are none: a source must not be lost.
_TRACKING = re.compile(
    r"(?:utm|mtm|pk|itm)_\w+|fbclid|gclid|gclsrc|gbraid|wbraid|dclid|msclkid|twclid|yclid|igshid"
    r"|mc_[ce]id|_ga",
    re.IGNORECASE,
)
KEPT = 0.5
"""Share of the pairs of words of an older version that a newer one has, too."""
_TRIED = 8
"""Texts of one address that a further one is compared with, at most: a table can give all its
rows one address."""
_FOUND, _COMPARED = 50_000, 64
"""How many comparisons, and how many texts' pairs of words, are remembered."""
_PLAIN = re.compile(r"[A-Za-z0-9/_.~-]*")
_DEFAULT_PORTS = {"http": 80, "https": 443}

Key = TypeVar("Key")
Value = TypeVar("Value")


class Version(NamedTuple):
    """What tells versions of a page apart."""

    id: str
    url: str | None
    published_at: str | None
    publisher: str | None = None


Keeps = Callable[[str, str], bool]
"""Whether the second source, told by its id, keeps much of the text of the first."""


def keeps(older: str, newer: str) -> bool:
    """Whether a text has at least half of another one's pairs of words."""
    return _much(_pairs(older), _pairs(newer))


def _much(before: Hashes, after: Hashes) -> bool:
    return len(np.intersect1d(before, after, assume_unique=True)) >= KEPT * len(before)


def _pairs(text: str) -> Hashes:
    return np.unique(grams(profile(text).words, 2))


class Comparisons:
    """Which texts keep much of which, remembered by their ids.

    An id follows from its text, so what was found holds for every library, and for each opening
    of one. Threads may share it: at worst two of them find the same.
    """

    def __init__(self) -> None:
        self._found: dict[tuple[str, str], bool] = {}
        self._pairs: dict[str, Hashes] = {}

    def keeps(self, older: str, newer: str, text: Callable[[str], str]) -> bool:
        """As `keeps`, of two ids; `text` gives the text of one, and is asked only where needed."""
        found = self._found.get((older, newer))
        if found is None:
            found = _much(self._pairs_of(older, text), self._pairs_of(newer, text))
            _remember(self._found, (older, newer), found, _FOUND)
        return found

    def _pairs_of(self, id_: str, text: Callable[[str], str]) -> Hashes:
        pairs = self._pairs.get(id_)
        if pairs is None:
            pairs = _pairs(text(id_))
            _remember(self._pairs, id_, pairs, _COMPARED)
        return pairs


def _remember(memory: dict[Key, Value], key: Key, value: Value, most: int) -> None:
    if len(memory) >= most:
        memory.clear()
    memory[key] = value


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


def superseded(
    versions: Iterable[Version], keeps: Keeps, *, as_of: str | None = None
) -> dict[str, str]:
    """Which sources have a newer version.

    Args:
        versions: all sources, in any order.
        keeps: is asked of few: of sources of one page, the first the older one.
        as_of: ISO date; what was certainly published later is not there yet.

    Returns:
        The id of the newest version, by the id of each that was certainly published before it.
        Without an address or a date nothing is known; of the same day, both are the newest.
    """
    newer = {}
    for histories in _pages(versions, keeps, as_of):
        for history in histories:
            newest = history[-1]
            for version in history:
                if certainly_later(newest.published_at, version.published_at):
                    newer[version.id] = newest.id
    return newer


def disputed(versions: Iterable[Version], keeps: Keeps) -> list[list[str]]:
    """Sources that have the address of a page in common, but are no versions of one text.

    Args:
        versions: as for `superseded`.
        keeps: as for `superseded`.

    Returns:
        For each such page the ids of what each text says now, the oldest first.
    """
    return [
        [history[-1].id for history in histories]
        for histories in _pages(versions, keeps)
        if len(histories) > 1
    ]


def _pages(
    versions: Iterable[Version], keeps: Keeps, as_of: str | None = None
) -> list[list[list[Version]]]:
    """By page, the histories of its texts: versions by date, each an update of the one before."""
    pages: dict[str, list[Version]] = defaultdict(list)
    for version in versions:
        if version.published_at is None or certainly_later(version.published_at, as_of):
            continue
        if page := same_page(version.url):
            pages[page].append(version)
    return [_histories(each, keeps) for each in pages.values()]


def _histories(page: list[Version], keeps: Keeps) -> list[list[Version]]:
    histories: list[list[Version]] = []
    publishers: list[str] = []  # of each history; empty where none of its versions tells it
    # ISO dates sort by time as they are; where any is certainly later than a version, so is the
    # last.
    for version in sorted(page, key=lambda version: (version.published_at, version.id)):
        publisher = (version.publisher or "").casefold().strip()
        for at in reversed(range(max(0, len(histories) - _TRIED), len(histories))):
            one = not publisher or publishers[at] in ("", publisher)
            if one and keeps(histories[at][-1].id, version.id):
                histories[at].append(version)
                publishers[at] = publishers[at] or publisher
                break
        else:
            histories.append([version])
            publishers.append(publisher)
    return histories
