"""The database of a library that a team shares, in PostgreSQL.

It has the tables of `schema.py` and the statements of `database.py`, and three things of its own.

Writers take turns by one row, `revision` in `meta`: each transaction first counts it up, and the
next waits for that. A reader sees the library as it was when it was opened (a snapshot,
`REPEATABLE READ`), whatever others write meanwhile, and keeps nobody waiting.

`changes` says of each source, also of one that was removed, in which revision its passages last
changed, so that a search index elsewhere can be brought up to date by what changed since.

`words` has the words of each passage for PostgreSQL's full-text search, written with the passage.
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple, cast

import numpy as np
from numpy.typing import NDArray
from pydantic import ValidationError

from agent.errors import LibraryDamaged, LibraryError, LibraryLocked, LibraryMissing
from agent.types import LibraryState, Source
from tools.library import schema
from tools.library.address import NOTE
from tools.library.caches import Stamp
from tools.library.database import Cut, Database
from tools.library.health import problems_of_content
from tools.library.postgres import Postgres
from tools.library.served_words import Words

if TYPE_CHECKING:
    import sqlite3

SNAPSHOT = "ISOLATION LEVEL REPEATABLE READ READ ONLY"
_MAKING = 4_771_023_581
"""Of the advisory lock that is held while tables are made or changed."""
_OWN_META = ("schema_version", "revision", "state", "library")
"""What this database says about itself, and no copy of it."""
_SERVED = (
    """
    CREATE TABLE changes (
        source_id TEXT PRIMARY KEY,
        revision BIGINT NOT NULL,
        passages INTEGER NOT NULL
    );
    CREATE INDEX changes_by_revision ON changes (revision);
    CREATE TEXT SEARCH DICTIONARY assay_stem (TEMPLATE = pg_catalog.snowball, LANGUAGE = english);
    CREATE TEXT SEARCH CONFIGURATION assay (COPY = pg_catalog.simple);
    ALTER TEXT SEARCH CONFIGURATION assay ALTER MAPPING FOR asciiword, word WITH assay_stem;
    CREATE TABLE words (
        passage_id TEXT PRIMARY KEY REFERENCES passages (id) ON DELETE CASCADE,
        size INTEGER NOT NULL,
        words TSVECTOR NOT NULL
    );
    CREATE INDEX words_by_word ON words USING gin (words);
    INSERT INTO meta VALUES ('revision', '0');
    """,
)
"""What PostgreSQL has beyond the tables of `schema.py`, in steps as there."""
_BATCH = 200
"""Sources whose vectors are read at once."""


class ServedDatabase(Database):
    """An open database on a server. Its errors are the library's own.

    Args:
        postgres: the connection, which it closes.
        folder: of the library on this machine.
    """

    is_shared = True
    takes_nul = False

    def __init__(self, postgres: Postgres, folder: Path) -> None:
        self._postgres = postgres
        # It takes the same statements.
        self._connection = cast("sqlite3.Connection", postgres)
        self.folder, self.file = folder, folder / NOTE
        self.place = postgres.place
        self.read_only = False
        """Whether it shows a snapshot."""
        self._state: LibraryState | None = None
        self._stamp: Stamp | None = None
        self._state_of = -1
        self._words = Words(self._connection)
        self._open_tables()
        self._check()

    def _check(self) -> None:
        version = int(self.meta("schema_version"))
        if version > schema.VERSION:
            raise LibraryError(
                f"the library {self.place} was written by a newer release", "update assay"
            )
        self._built = self.meta("built")
        self.library = self.meta("library")
        """Tells it from the other libraries of a Chroma server."""

    def close(self) -> None:
        self._postgres.close()

    def damaged(self, detail: object) -> LibraryDamaged:
        return LibraryDamaged(
            f"the library {self.place} is damaged: {detail}",
            "restore it from a backup of the server, see docs/team.md",
        )

    # Reading and writing

    def begin_snapshot(self) -> None:
        """From now on it shows the library as it is at this moment, until `end_snapshot`."""
        self._connection.execute(f"BEGIN {SNAPSHOT}")
        self.read_only = True
        self.forget_state()
        self._built = self.meta("built")  # the first look is what is kept

    def end_snapshot(self) -> None:
        self._postgres.rollback()
        self.read_only = False
        self.forget_state()

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """All of what is written inside, or nothing; on the server's disk on return.

        Other writers wait meanwhile. What is read inside is what the last one left.

        Raises:
            LibraryLocked: another writer took too long, or made all passages anew.
        """
        try:
            with self._postgres.transaction():
                self._connection.execute(
                    "UPDATE meta SET value = (CAST(value AS BIGINT) + 1) WHERE key = 'revision'"
                )
                if self.meta("built") != self._built:
                    raise LibraryLocked(
                        f"the library {self.place} was rebuilt by somebody else meanwhile",
                        "run the same command again",
                    )
                yield
        finally:
            self.forget_state()
        self._built = self.meta("built")

    @contextmanager
    def alone_with(self, built: str) -> Iterator[None]:
        """Nobody else brings an index of this making of passages up to date meanwhile.

        Raises:
            LibraryLocked: somebody else took too long.
        """
        with self._postgres.alone(int(built, 16) - (1 << 63)):
            yield

    def may_write(self) -> bool:
        """Whether the user of this connection may change the library, and the server takes it."""
        row = self._connection.execute(
            "SELECT has_table_privilege('meta', 'UPDATE') AND NOT pg_is_in_recovery()"
            " AND current_setting('default_transaction_read_only') = 'off'"
        ).fetchone()
        return bool(row[0])

    def revision(self) -> int:
        """Counts the transactions that wrote."""
        return int(self.meta("revision"))

    def state(self) -> LibraryState:
        """Counts and fingerprint: the same object until somebody writes."""
        if self.read_only and self._state is not None:
            return self._state
        revision = self.revision()
        if self._state is None or self._state_of != revision:
            self._state = self._noted_state(revision) or self._counted()
            self._state_of = revision
        return self._state

    def note_state(self) -> None:
        """Notes the state, so that nobody has to count it again before the next change."""
        state = self.state()
        if self._noted_state(self._state_of) is None:
            noted = {"revision": self._state_of, **state.model_dump()}
            self.set_meta(state=json.dumps(noted))

    def forget_state(self) -> None:
        self._state = self._stamp = None

    def _noted_state(self, revision: int) -> LibraryState | None:
        row = self._connection.execute("SELECT value FROM meta WHERE key = 'state'").fetchone()
        noted = json.loads(row[0]) if row else {}
        if noted.pop("revision", None) != revision:
            return None
        try:
            return LibraryState(**noted)
        except ValidationError:  # noted by another release: count anew
            return None

    # Passages

    def _add_passages(self, source: Source, cuts: Sequence[Cut]) -> None:
        super()._add_passages(source, cuts)
        self._words.put(
            source.id, [f"{cut.context}\n{source.text[cut.start : cut.end]}" for cut in cuts]
        )
        self._connection.execute(
            "INSERT INTO changes VALUES"
            " (?, (SELECT CAST(value AS BIGINT) FROM meta WHERE key = 'revision'), ?)"
            " ON CONFLICT (source_id) DO UPDATE SET revision = excluded.revision,"
            " passages = greatest(changes.passages, excluded.passages)",
            (source.id, len(cuts)),
        )

    def delete(self, source_id: str) -> None:
        super().delete(source_id)
        self._connection.execute(
            "UPDATE changes SET revision = ? WHERE source_id = ?", (self.revision(), source_id)
        )

    def stamp(self) -> Stamp:
        """What a search index of this database holds."""
        if self.read_only and self._stamp is not None:
            return self._stamp
        (revision,) = self._connection.execute(
            "SELECT coalesce(max(revision), 0) FROM changes"
        ).fetchone()
        self._stamp = Stamp(
            embedder=self.meta("embedder"),
            dimension=int(self.meta("dimension")),
            fingerprint=f"{revision}/{self.meta('built')}",
            passages=self.state().passages,
        )
        return self._stamp

    def vectors(self, source_ids: Sequence[str] | None = None) -> Iterator[Vector]:
        """The vectors of all passages of these sources, or of all; in the order of the ids."""
        ids = self.source_ids() if source_ids is None else list(source_ids)
        for start in range(0, len(ids), _BATCH):
            rows = self._connection.execute(
                "SELECT id, vector FROM passages"
                " WHERE source_id IN (SELECT value FROM json_each(?)) ORDER BY source_id, number",
                (json.dumps(ids[start : start + _BATCH]),),
            )
            for id_, blob in rows:
                yield Vector(id_, self._vector(id_, blob))

    def changed_since(self, revision: int) -> dict[str, int]:
        """The sources whose passages changed after a revision, with the most they ever had."""
        return dict(
            self._connection.execute(
                "SELECT source_id, passages FROM changes WHERE revision > ? ORDER BY source_id",
                (revision,),
            ).fetchall()
        )

    def known(self, passage_ids: Collection[str]) -> set[str]:
        """Which of these passages are there."""
        rows = self._connection.execute(
            "SELECT id FROM passages WHERE id IN (SELECT value FROM json_each(?))",
            (json.dumps(list(passage_ids)),),
        )
        return {id_ for (id_,) in rows}

    def matching(self, text: str, n: int) -> dict[str, float]:
        """The `n` passages with the best match in words: their BM25 by id, best first."""
        return self._words.matching(text, n, self.state())

    # As a whole

    def problems(self) -> Iterator[str]:
        yield from problems_of_content(self, self._connection)
        if lost := self._words.missing():
            yield f"{lost} passages cannot be found by their words: assay sources rebuild"

    def write_copy(self, file: Path, *, digest: bool = True) -> None:
        from tools.library.transfer import copy_out

        copy_out(self, self._connection, file, digest=digest)

    def common_meta(self) -> dict[str, str]:
        """What it says about itself that a copy says as well."""
        rows = self._connection.execute("SELECT key, value FROM meta ORDER BY key")
        return {key: value for key, value in rows if key not in _OWN_META}


class Vector(NamedTuple):
    """A passage as a search index by meaning takes it."""

    id: str
    vector: NDArray[np.float32]


def open_database(
    postgres: Postgres, folder: Path, *, make: tuple[str, int] | None
) -> ServedDatabase:
    """Opens the library's database, and brings its tables up to date.

    Args:
        postgres: the connection; closed where this fails.
        folder: of the library on this machine.
        make: an embedder's id and dimension, for which tables are made where there are none.

    Raises:
        LibraryMissing: there are no tables, and `make` is None.
        LibraryError: the server refuses, or a newer release made the tables.
    """
    try:
        if _version(postgres) is None and make is None:
            raise LibraryMissing(
                f"no library at {postgres.place}",
                f"add sources first: assay sources add PATH --library {postgres.place}",
            )
        if (_version(postgres) or 0) < schema.VERSION:
            _migrate(postgres, make)
        return ServedDatabase(postgres, folder)
    except BaseException:
        postgres.close()
        raise


def _version(postgres: Postgres) -> int | None:
    (meta,) = postgres.execute("SELECT to_regclass('meta')").fetchone()
    if meta is None:
        return None
    row = postgres.execute("SELECT value FROM meta WHERE key = 'schema_version'").fetchone()
    if row is None:
        raise LibraryDamaged(
            f"{postgres.place} has tables that are no library's", "name another database"
        )
    return int(row[0])


def _migrate(postgres: Postgres, make: tuple[str, int] | None) -> None:
    """In one transaction; whoever else comes meanwhile waits and finds it done."""
    # The lock comes first: what others made is certain to be seen by a transaction begun later.
    with postgres.alone(_MAKING), postgres.transaction():
        found = _version(postgres)
        if found is not None and found >= schema.VERSION:
            return
        for step in schema.MIGRATIONS[found or 0 :]:
            postgres.define(step)
        meta: dict[str, Any] = {"schema_version": schema.VERSION, "built": secrets.token_hex(8)}
        if found is None and make is not None:
            for step in _SERVED:
                postgres.define(step)
            meta |= {"library": secrets.token_hex(8)}
            meta |= {"embedder": make[0], "dimension": make[1]}
        postgres.executemany(
            "INSERT INTO meta VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value",
            [(key, str(value)) for key, value in meta.items()],
        )
