"""What the user makes of publishers and of sites; who is not noted is neutral."""

from __future__ import annotations

import sqlite3

from agent.types import Reputation


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
