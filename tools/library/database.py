"""The database of a library: one SQLite file that holds all that cannot be made again.

Texts, what is known about them, their passages and vectors. It knows nothing of search
caches, origins or locks; `tools.library` brings them together. Only a process that holds
the library's lock alone may write. Its tables are in `tools.library.schema`.
"""

from __future__ import annotations

import hashlib
import json
import sqlite3
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from pydantic import ValidationError

from agent.errors import LibraryDamaged, LibraryError, UsageError
from agent.types import Document, LibraryState, Passage, Source
from tools.library import schema
from tools.library.appearances import Appearances
from tools.library.caches import Row
from tools.library.checked import Checked
from tools.library.faults import damaged
from tools.library.groups import Groups
from tools.library.health import problems
from tools.library.ids import passage_id
from tools.library.passages import passage_contexts
from tools.library.readings import Readings
from tools.library.reputations import Reputations
from tools.library.versions import Version

METADATA = ("title", "author", "publisher", "url", "published_at", "language")
"""What is known about a text, other than where it came from and when."""

_TABLES = {
    "meta", "sources", "passages", "signatures", "reputations", "appearances", "readings",
}  # fmt: skip
_KEPT = ("path", "added_at", "origin", "origin_reason", "warnings", "tags")
_COLUMNS = ("id", "text", *METADATA, *_KEPT)
_LISTS = ("warnings", "tags")
"""Columns that hold JSON."""
_SELECT_SOURCES = f"SELECT {', '.join(_COLUMNS)} FROM sources"  # noqa: S608
_STORED = (*_COLUMNS, "reader", "bytes_sha256", "text_sha256")
_INSERT_SOURCE = (
    f"INSERT INTO sources ({', '.join(_STORED)}) VALUES ({', '.join('?' * len(_STORED))})"  # noqa: S608
)
_DESCRIBE_SOURCES = f"SELECT {', '.join(('id', *METADATA))} FROM sources ORDER BY id"  # noqa: S608


_NOTED = "library"
"""Under this name the database is noted as checked."""


class Cut(NamedTuple):
    """A span of a source's text, with its vector: what becomes a passage."""

    start: int
    end: int
    vector: NDArray[np.float32]
    context: str
    """What stands above it and was embedded with it; follows from the text, so is not stored."""


class Candidate(NamedTuple):
    """What choosing among passages needs to know, without the texts."""

    id: str
    source_id: str
    start: int
    end: int
    published_at: str | None
    publisher: str | None
    url: str | None
    origin: str
    vector: NDArray[np.float32]


class Described(NamedTuple):
    """What choosing among sources needs to know, without the texts."""

    id: str
    title: str | None
    publisher: str | None
    language: str | None
    published_at: str | None
    tags: list[str]


class Provenance(NamedTuple):
    """Where the text of a source came from."""

    added_at: str
    """ISO 8601 date and time, UTC."""
    path: str | None
    """Name of the file."""
    url: str | None
    reader: str | None
    """Which reader read it: `html`, `pdf`; `mail/pdf` for an attachment. None where the text
    was given as such, or added by the first release."""
    bytes_sha256: str | None
    """Of the file as it was read, in hexadecimal; None as for `reader`."""
    text_sha256: str


class Database:
    """An open database. Its methods raise SQLite's errors; wrap them in `errors`."""

    is_shared = False
    """Whether others may write as long as it is open."""
    takes_nul = True
    """Whether a text may hold NUL characters."""
    _dimension = -1
    """Of the vectors, once one was read."""

    def __init__(self, file: Path, *, read_only: bool = False) -> None:
        """Opens the file after a look at its health that writes nothing.

        Args:
            file: the database.
            read_only: nobody writes to it as long as it is open; it may lie where nobody can.

        Raises:
            LibraryDamaged: it is not a whole database of a library.
            LibraryError: it was written by a newer release, or by an older one and needs
                `schema.upgrade`.
        """
        self.file = file
        self.folder = file.parent
        self.place = str(self.folder)
        """What people call the library."""
        self._state: LibraryState | None = None
        self.read_only = read_only
        self._checked = Checked(self.folder, keeps=not read_only)
        self._wrote = False
        how = "mode=ro&immutable=1" if read_only else "mode=rw"
        self._connection = sqlite3.connect(
            f"{file.absolute().as_uri()}?{how}",
            uri=True,
            isolation_level=None,
            check_same_thread=False,
        )
        try:
            self._check()
            self._open_tables()
            self._connection.execute("PRAGMA foreign_keys = ON")
            # A source that was reported as added survives a power cut.
            self._connection.execute("PRAGMA synchronous = FULL")
        except BaseException:
            self._connection.close()
            raise

    def _open_tables(self) -> None:
        self.groups = Groups(self._connection, self.damaged)
        self.reputations = Reputations(self._connection)
        self.appearances = Appearances(self._connection)
        self.readings = Readings(self._connection)

    def _check(self) -> None:
        self._noted = None if self._has_log() else self._checked.holds(_NOTED, [self.file])
        if self._noted is None:
            (verdict,) = self._connection.execute("PRAGMA quick_check(1)").fetchone()
            if verdict != "ok":
                raise self.damaged(verdict)
        (version,) = self._connection.execute("PRAGMA user_version").fetchone()
        if version > schema.VERSION:
            raise LibraryError(
                f"the library {self.folder} was written by a newer release", "update assay"
            )
        if 1 <= version < schema.VERSION:  # it need not have all tables
            raise LibraryError(
                f"the library {self.folder} was written by an older release",
                "open it with this release, which brings it up to date",
            )
        tables = {name for (name,) in self._connection.execute("SELECT name FROM sqlite_master")}
        if version < 1 or not tables >= _TABLES:
            raise self.damaged("it is no library, or tables are missing")

    def close(self) -> None:
        self._connection.close()
        if self._wrote:
            self._note()

    def _note(self) -> None:
        """Notes the file as checked, and what it holds: it was whole, and only SQLite wrote."""
        if self._state is not None and not self._has_log():
            self._checked.note(_NOTED, [self.file], self._state.model_dump())

    def _has_log(self) -> bool:
        """Whether part of the database still lies in the write-ahead log."""
        try:
            return self.file.with_name(f"{self.file.name}-wal").stat().st_size > 0
        except FileNotFoundError:
            return False

    def damaged(self, detail: object) -> LibraryDamaged:
        return damaged(self.file, detail)

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """All of what is written inside, or nothing; it is in the file itself on return.

        The write-ahead log is played back and emptied each time: nothing that was reported as
        done lies in a second file, whose loss or shortening SQLite takes for a crash.
        """
        self._connection.execute("BEGIN IMMEDIATE")
        try:
            yield
        except BaseException:
            self._connection.rollback()
            raise
        finally:
            self._state = self._noted = None
            self._wrote = True
        self._connection.execute("COMMIT")
        self._connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()

    # What it says about itself

    def meta(self, key: str) -> str:
        row = self._connection.execute("SELECT value FROM meta WHERE key = ?", (key,)).fetchone()
        if row is None:
            raise self.damaged(f"it does not say its {key}")
        return str(row[0])

    def set_meta(self, **values: str) -> None:
        self._connection.executemany(
            "INSERT INTO meta VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value",
            list(values.items()),
        )

    def state(self) -> LibraryState:
        """Counts and fingerprint, kept until something is written."""
        if self._state is None and self._noted is not None:
            with suppress(ValidationError):  # noted by another release: count anew
                self._state = LibraryState(**self._noted)
        if self._state is None:
            self._state = self._counted()
            if not self._wrote:
                self._note()
        return self._state

    def _counted(self) -> LibraryState:
        described = self._connection.execute(_DESCRIBE_SOURCES).fetchall()
        (passages,) = self._connection.execute("SELECT count(*) FROM passages").fetchone()
        return LibraryState(
            fingerprint=hashlib.sha256(json.dumps(described).encode()).hexdigest(),
            sources=len(described),
            passages=passages,
        )

    def forget_state(self) -> None:
        """To be called when another process may have written."""
        self._state = self._noted = None

    # Sources

    def get(self, source_id: str) -> Source | None:
        """The source with exactly this id."""
        row = self._connection.execute(f"{_SELECT_SOURCES} WHERE id = ?", (source_id,)).fetchone()
        return None if row is None else _source(row)

    def find(self, source_id: str) -> Source:
        """The source with this id, or with the only id that begins so.

        Raises:
            UsageError: no source, or more than one, has such an id.
        """
        exact = self.get(source_id)
        if exact is not None:
            return exact
        rows = self._connection.execute(
            f"{_SELECT_SOURCES} WHERE substr(id, 1, length(?)) = ? ORDER BY id LIMIT 2",
            (source_id, source_id),
        ).fetchall()
        if len(rows) == 1 and source_id:
            return _source(rows[0])
        wrong = f"more than one source has an id like {source_id}" if source_id else "no id given"
        raise UsageError(
            wrong if rows else f"there is no source {source_id} in the library {self.place}",
            f"see their ids: assay sources list --library {self.place}",
        )

    def sources(self) -> Iterator[Source]:
        """All sources, in the order of adding. Nothing may be written meanwhile."""
        for row in self._connection.execute(f"{_SELECT_SOURCES} ORDER BY added_at, id"):
            yield _source(row)

    def versions(self) -> Iterator[Version]:
        """Address, date and publisher of each source, which tell newer versions from older ones."""
        rows = self._connection.execute("SELECT id, url, published_at, publisher FROM sources")
        return map(Version._make, rows)

    def described(self) -> list[Described]:
        """All sources, in the order of adding."""
        rows = self._connection.execute(
            f"SELECT {', '.join(Described._fields)} FROM sources ORDER BY added_at, id"  # noqa: S608
        )
        return [Described._make((*row[:-1], json.loads(row[-1]))) for row in rows]

    def source_ids(self) -> list[str]:
        return [id_ for (id_,) in self._connection.execute("SELECT id FROM sources ORDER BY id")]

    def held(self, source_ids: Collection[str]) -> set[str]:
        """Which of these sources are there."""
        rows = self._connection.execute(
            "SELECT id FROM sources WHERE id IN (SELECT value FROM json_each(?))",
            (json.dumps(list(source_ids)),),
        )
        return {id_ for (id_,) in rows}

    def insert(self, source: Source, document: Document, cuts: Sequence[Cut]) -> None:
        """Stores a source, with which reader made its `document` and from what."""
        values = source.model_dump()
        for column in _LISTS:
            values[column] = json.dumps(values[column])
        values["reader"] = document.reader
        values["bytes_sha256"] = document.bytes_sha256
        values["text_sha256"] = schema.text_sha256(source.text)
        self._connection.execute(_INSERT_SOURCE, [values[column] for column in _STORED])
        self._add_passages(source, cuts)

    def provenance(self, source: Source) -> Provenance:
        return Provenance._make(
            self._connection.execute(
                f"SELECT {', '.join(Provenance._fields)} FROM sources WHERE id = ?",  # noqa: S608
                (source.id,),
            ).fetchone()
        )

    def delete(self, source_id: str) -> None:
        """Deletes a source and, by the foreign keys, its passages and its signature.

        The others of its group have to be grouped anew.
        """
        self.groups.forget(source_id)
        self._connection.execute("DELETE FROM sources WHERE id = ?", (source_id,))

    def complete(self, source: Source) -> None:
        """Stores what has become known of a source since it was added.

        Its group has to be grouped anew: which is the earliest follows from the dates.
        """
        self._connection.execute(
            "UPDATE sources SET author = ?, publisher = ?, published_at = ?, url = ?, warnings = ?"
            " WHERE id = ?",
            (
                source.author,
                source.publisher,
                source.published_at,
                source.url,
                json.dumps([warning.model_dump() for warning in source.warnings]),
                source.id,
            ),
        )
        self.groups.forget(source.id)

    def set_tags(self, source_id: str, tags: Sequence[str]) -> None:
        self._connection.execute(
            "UPDATE sources SET tags = ? WHERE id = ?", (json.dumps(list(tags)), source_id)
        )

    def publishers(self) -> tuple[set[str], set[str]]:
        """The publishers and the addresses of all sources."""
        rows = self._connection.execute("SELECT publisher, url FROM sources").fetchall()
        return {name for name, _ in rows if name}, {url for _, url in rows if url}

    # Passages

    def set_passages(self, source: Source, cuts: Sequence[Cut]) -> None:
        """Puts passages in place of those that a source has."""
        self._connection.execute("DELETE FROM passages WHERE source_id = ?", (source.id,))
        self._add_passages(source, cuts)

    def _add_passages(self, source: Source, cuts: Sequence[Cut]) -> None:
        self._connection.executemany(
            "INSERT INTO passages VALUES (?, ?, ?, ?, ?, ?)",
            [
                (
                    passage_id(source.id, number),
                    source.id,
                    number,
                    cut.start,
                    cut.end,
                    cut.vector.astype("<f4").tobytes(),
                )
                for number, cut in enumerate(cuts)
            ],
        )

    def passages(self, source: Source) -> list[Passage]:
        rows = self._connection.execute(
            'SELECT id, number, "start", "end" FROM passages WHERE source_id = ? ORDER BY number',
            (source.id,),
        )
        return [
            Passage(
                id=id_,
                source_id=source.id,
                number=number,
                start=start,
                end=end,
                text=source.text[start:end],
            )
            for id_, number, start, end in rows
        ]

    def passage_counts(self) -> dict[str, int]:
        return dict(
            self._connection.execute(
                "SELECT source_id, count(*) FROM passages GROUP BY source_id"
            ).fetchall()
        )

    def candidates(self, passage_ids: Sequence[str]) -> list[Candidate]:
        """What there is to know about these passages, in the order given.

        Raises:
            UsageError: there is no such passage.
        """
        rows = self._connection.execute(
            'SELECT passages.id, source_id, "start", "end", published_at, publisher, url, origin,'
            " vector FROM passages JOIN sources ON sources.id = source_id"
            " WHERE passages.id IN (SELECT value FROM json_each(?))",
            (json.dumps(list(passage_ids)),),
        )
        found = {
            row[0]: Candidate._make((*row[:-1], self._vector(row[0], row[-1]))) for row in rows
        }
        unknown = next((id_ for id_ in passage_ids if id_ not in found), None)
        if unknown is not None:
            raise UsageError(f"there is no passage {unknown} in the library {self.place}")
        return [found[id_] for id_ in passage_ids]

    def has_passages(self, passage_ids: Collection[str]) -> bool:
        """Whether it holds every one of these passages; they must differ."""
        (held,) = self._connection.execute(
            "SELECT count(*) FROM passages WHERE id IN (SELECT value FROM json_each(?))",
            (json.dumps(list(passage_ids)),),
        ).fetchone()
        return bool(held == len(passage_ids))

    def cuts(self, source: Source) -> dict[str, Cut]:
        """The passages of a source with their vectors, by id and in order."""
        rows = self._connection.execute(
            'SELECT id, "start", "end", vector FROM passages WHERE source_id = ? ORDER BY number',
            (source.id,),
        ).fetchall()
        contexts = passage_contexts(source.text, [row[1:3] for row in rows], source.title)
        return {
            id_: Cut(start, end, self._vector(id_, blob), context)
            for (id_, start, end, blob), context in zip(rows, contexts, strict=True)
        }

    def rows(self) -> Iterator[Row]:
        """All passages as the search caches take them, in the order of their sources' ids."""
        for source_id in self.source_ids():
            source = self.find(source_id)
            for id_, cut in self.cuts(source).items():
                yield Row(id_, cut.context, source.text[cut.start : cut.end], cut.vector)

    def _vector(self, id_: str, blob: bytes) -> NDArray[np.float32]:
        if len(blob) != 4 * self._dimension:  # read once, and again where it does not fit
            self._dimension = int(self.meta("dimension"))
            if len(blob) != 4 * self._dimension:
                raise self.damaged(f"the vector of {id_} has the wrong length")
        return np.frombuffer(blob, dtype="<f4").astype(np.float32, copy=False)

    # As a whole

    def problems(self) -> Iterator[str]:
        """Checks everything against everything; one line for each thing that is wrong."""
        return problems(self, self._connection)

    def write_copy(self, file: Path, *, digest: bool = True) -> None:
        """Writes all that is here into another file, which says by a digest what it holds."""
        meta = {"digest": schema.digest(self._connection)} if digest else {}
        schema.copy(self._connection, file, **meta)


def _source(row: tuple[Any, ...]) -> Source:
    values = dict(zip(_COLUMNS, row, strict=True))
    return Source(**{**values, **{name: json.loads(values[name]) for name in _LISTS}})
