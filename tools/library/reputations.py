"""What the user makes of publishers and of sites; who is not noted is neutral."""

from __future__ import annotations

import sqlite3
from collections.abc import Collection, Mapping

from agent.types import Reputation
from tools.library.sites import site

_STRONGEST_FIRST: tuple[Reputation, ...] = ("distrusted", "trusted")


def reputation_of(
    publisher: str | None, url: str | None, reputations: Mapping[str, Reputation]
) -> Reputation:
    """What the user makes of a source.

    Args:
        publisher: its publisher, as it names itself.
        url: its address, whose site counts.
        reputations: by name, whatever its case. Where a publisher and its site differ, distrust
            wins: a publisher's name is what a page says of itself.
    """
    known = {name.casefold(): reputation for name, reputation in reputations.items()}
    names = ((publisher or "").strip().casefold(), site(url) or "")
    found = {known.get(name, "neutral") for name in names}
    return strongest(found)


def strongest(found: Collection[Reputation]) -> Reputation:
    """Which of several reputations of one source applies: distrust, then trust."""
    return next((each for each in _STRONGEST_FIRST if each in found), "neutral")


class Reputations:
    """The table of them in an open database. Its methods raise SQLite's errors."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    def all(self) -> dict[str, Reputation]:
        """Those that are not neutral, by the names as the user wrote them."""
        return dict(
            self._connection.execute("SELECT name, reputation FROM reputations ORDER BY key")
        )

    def put(self, name: str, reputation: Reputation) -> None:
        """Notes it in place of an earlier one; the case of the name does not matter."""
        self._connection.execute("DELETE FROM reputations WHERE key = ?", (name.casefold(),))
        if reputation != "neutral":
            self._connection.execute(
                "INSERT INTO reputations VALUES (?, ?, ?)", (name.casefold(), name, reputation)
            )
