"""Passages by their words in PostgreSQL: its full-text search, ranked by BM25.

PostgreSQL stems and indexes the words and finds the passages. Its own ranks know nothing of how
rare a word is, so BM25 is worked out from what they tell of one word: how often it occurs.
"""

from __future__ import annotations

import math
import re
import unicodedata
from collections.abc import Sequence
from typing import TYPE_CHECKING

from agent.types import LibraryState
from tools.library.fulltext import query_words
from tools.library.ids import passage_id

if TYPE_CHECKING:
    import sqlite3

_SCORED = 25_000
"""As in `fulltext.py`: passages that a search by words scores, counted by word."""
_K1, _B = 1.2, 0.75
"""Of BM25; those of SQLite's FTS5, so that both kinds of library rank by one measure."""
_COUNTED = 12
"""How often a word may count in one passage."""
_OFTEN = [
    (sum(1 / k**2 for k in range(1, n + 1)) - 1 / (2 * n**2)) * 6 / math.pi**2
    for n in range(1, _COUNTED + 1)
]
"""`ts_rank` of one word that occurs n times is the n-th partial sum of 1/k², as a share of π²/6;
these thresholds lie half-way below, and bring the n back."""
_WORD = re.compile(r"[^\W_]+")


class Words:
    """The table of them in an open database.

    Args:
        connection: to the database.
    """

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        self._average: tuple[str, float] | None = None

    def put(self, source_id: str, passages: Sequence[str]) -> None:
        """Stores the words of all passages of a source, each with what stands above it."""
        words = [_words(text) for text in passages]
        self._connection.executemany(
            "INSERT INTO words VALUES (?, ?, to_tsvector('assay', ?))",
            [
                (passage_id(source_id, number), len(each), " ".join(each))
                for number, each in enumerate(words)
            ],
        )

    def missing(self) -> int:
        """How many passages have no words stored."""
        (lost,) = self._connection.execute(
            "SELECT count(*) FROM passages WHERE id NOT IN (SELECT passage_id FROM words)"
        ).fetchone()
        return int(lost)

    def matching(self, text: str, n: int, state: LibraryState) -> dict[str, float]:
        """The `n` passages with the best match in words: their BM25 by id, best first.

        A word of several parts (`1.4bn`, `state-run`) is looked for as a phrase, which counts
        once in a passage.

        Args:
            text: never read as a query.
            n: how many are wanted.
            state: of the library now.
        """
        terms = [" ".join(parts) for word in query_words(text) if (parts := _words(word))]
        total = state.passages
        if not terms or not total:
            return {}
        counts = self._counts(terms)
        counts = _telling({term: count for term, count in counts.items() if count}, total)
        if not counts:
            return {}
        weights = [
            max(math.log((total - count + 0.5) / (count + 0.5)), 1e-6) for count in counts.values()
        ]
        rows = self._connection.execute(
            "SELECT passage_id, CAST(round(CAST(sum(weight * times * ? / (times + ? * (? + ?"
            " * size / ?))) AS NUMERIC), 9) AS DOUBLE PRECISION) AS score"
            " FROM (SELECT phraseto_tsquery('assay', term) AS query, term LIKE '% %' AS phrase,"
            " weight FROM unnest(CAST(? AS TEXT[]), CAST(? AS DOUBLE PRECISION[]))"
            " AS given (term, weight)) AS asked"
            " CROSS JOIN LATERAL (SELECT passage_id, size, CASE WHEN phrase THEN 1 ELSE"
            " width_bucket(CAST(ts_rank('{1,1,1,1}', words, query) AS DOUBLE PRECISION),"
            " CAST(? AS DOUBLE PRECISION[])) END AS times FROM words WHERE words @@ query) AS found"
            " GROUP BY passage_id ORDER BY score DESC, passage_id LIMIT ?",
            (_K1 + 1, _K1, 1 - _B, _B, self._mean_size(state), list(counts), weights, _OFTEN, n),
        )
        return dict(rows.fetchall())

    def _counts(self, terms: Sequence[str]) -> dict[str, int]:
        """How many passages hold each term."""
        rows = self._connection.execute(
            "SELECT term, (SELECT count(*) FROM words"
            " WHERE words @@ phraseto_tsquery('assay', term))"
            " FROM unnest(CAST(? AS TEXT[])) AS given (term)",
            (list(dict.fromkeys(terms)),),
        )
        return dict(rows.fetchall())

    def _mean_size(self, state: LibraryState) -> float:
        fingerprint = state.fingerprint
        if self._average is None or self._average[0] != fingerprint:
            (mean,) = self._connection.execute(
                "SELECT CAST(coalesce(avg(size), 1) AS DOUBLE PRECISION) FROM words"
            ).fetchone()
            self._average = (fingerprint, max(float(mean), 1.0))
        return self._average[1]


def _telling(counts: dict[str, int], passages: int) -> dict[str, int]:
    """The terms that are in the fewest passages, in their order, as far as these may be scored
    in a few hundredths of a second; in a library of thousands that is all."""
    if passages * len(counts) <= _SCORED:
        return counts
    kept, scored = set[str](), 0
    for term in sorted(counts, key=lambda each: (counts[each], each)):
        scored += counts[term]
        if kept and scored > _SCORED:
            break
        kept.add(term)
    return {term: count for term, count in counts.items() if term in kept}


def _words(text: str) -> list[str]:
    """The words of a text without accents and case: PostgreSQL's own parser takes addresses,
    numbers and hyphens for more than words, and differs with the server's locale."""
    plain = unicodedata.normalize("NFKD", text.casefold())
    return _WORD.findall("".join(c for c in plain if not unicodedata.combining(c)))
