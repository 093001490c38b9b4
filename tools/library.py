"""The library: all sources that claims are checked against, in one folder.

    library.sqlite     the truth: texts, metadata, passages, vectors
    chroma/, fulltext.sqlite     search caches, see `tools.index`; deleting them loses nothing
    locks/             who uses the library now, see `tools.locks`

A source is added in one transaction and is on the disk when `add` returns. What follows
from all sources together is brought up to date later, before it is next read or when the
library is closed: the search caches, and the groups of sources that copy one another. A
process that dies in between leaves work to do, never a wrong answer: whoever opens the
library next sees that the caches do not match the database and makes them again.
"""

from __future__ import annotations

import hashlib
import json
import secrets
import sqlite3
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, closing, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from agent.errors import (
    EmbedderMismatch,
    InputError,
    LibraryDamaged,
    LibraryError,
    LibraryLocked,
    LibraryMissing,
    UsageError,
)
from agent.types import Document, LibraryState, Passage, Source
from tools.index import Index, Row, Stamp, Unusable
from tools.locks import FolderLock
from tools.passages import passage_spans

if TYPE_CHECKING:
    from tools.embedder import Embedder

_MIGRATIONS = (
    """
    CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
    CREATE TABLE sources (
        id TEXT PRIMARY KEY,
        text TEXT NOT NULL,
        title TEXT, author TEXT, publisher TEXT, url TEXT, published_at TEXT, language TEXT,
        path TEXT,
        added_at TEXT NOT NULL,
        origin TEXT NOT NULL,
        warnings TEXT NOT NULL
    );
    CREATE TABLE passages (
        id TEXT PRIMARY KEY,
        source_id TEXT NOT NULL REFERENCES sources (id) ON DELETE CASCADE,
        number INTEGER NOT NULL,
        "start" INTEGER NOT NULL,
        "end" INTEGER NOT NULL,
        vector BLOB NOT NULL,
        UNIQUE (source_id, number)
    );
    """,
)
"""Entry n brings a database from schema version n to n + 1 (`PRAGMA user_version`)."""

_TABLES = {"meta", "sources", "passages"}
_METADATA = ("title", "author", "publisher", "url", "published_at", "language")
_COLUMNS = ("id", "text", *_METADATA, "path", "added_at", "origin", "warnings")
_SELECT_SOURCES = f"SELECT {', '.join(_COLUMNS)} FROM sources"  # noqa: S608
_FLUSH = 500
"""Passages that wait in memory for the search caches: one seal for many small sources."""


class AddResult(NamedTuple):
    source: Source
    """As stored. Its `origin` is its own id until it is next read from the library."""
    added: bool
    """False where the library held this text already; then nothing changed."""


class Candidate(NamedTuple):
    """What choosing among passages needs to know, without the texts."""

    id: str
    source_id: str
    start: int
    end: int
    published_at: str | None
    origin: str
    vector: NDArray[np.float32]


class Library:
    """An open library; a context manager. Made by `Library.open`.

    Several processes may have it open for reading, or one for writing. Its methods may be
    called from any thread.
    """

    def __init__(
        self,
        folder: Path,
        embedder: Embedder,
        *,
        write: bool,
        on_notice: Callable[[str], None] | None,
    ) -> None:
        self.path = folder
        self.embedder = embedder
        self._file = folder / "library.sqlite"
        self._write = write
        self._notice = on_notice or (lambda _: None)
        self._guard = threading.RLock()
        self._lock = FolderLock(folder)
        self._index = Index(folder)
        self._db: sqlite3.Connection | None = None
        self._state: LibraryState | None = None
        self._indexed: Stamp | None = None
        """What the search caches hold if all went well: the state at opening, or at the
        last time that they were brought up to date."""
        self._new_rows: list[Row] = []
        self._gone_ids: list[str] = []

    @classmethod
    def open(
        cls,
        path: Path | str,
        embedder: Embedder,
        *,
        create: bool = False,
        write: bool = False,
        rebuild: bool = False,
        on_notice: Callable[[str], None] | None = None,
    ) -> Library:
        """Opens the library in a folder.

        Args:
            path: the folder.
            embedder: must be the one that the library was built with.
            create: make the folder and an empty library where there is none; implies `write`.
            write: to add or remove sources; nobody else can use the library meanwhile.
            rebuild: call `rebuild` at once; implies `write`. The only way to open a library
                that was built with another embedder.
            on_notice: is told in one line what was mended.

        Raises:
            LibraryMissing: there is no library in this folder.
            LibraryLocked: another process uses it and did not finish within two seconds.
            LibraryDamaged: its database cannot be read; it is left as it is.
            EmbedderMismatch: it was built with another embedder.
        """
        folder = Path(path).expanduser().absolute()
        library = cls(folder, embedder, write=write or create or rebuild, on_notice=on_notice)
        try:
            library._open(create=create, rebuild=rebuild)
        except BaseException:
            library._let_go()
            raise
        return library

    def close(self) -> None:
        """Brings caches and origins up to date, and gives files and lock back."""
        with self._guard:
            try:
                if self._db is not None and self._write and self._indexed is not None:
                    with self._database():
                        self._settle()
            finally:
                self._let_go()

    def __enter__(self) -> Library:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    # Writing

    def add(self, document: Document, *, path: str | None = None) -> AddResult:
        """Adds a text with what is known about it; it is on the disk on return.

        Args:
            document: what a reader made of a file.
            path: name of that file, for people.

        Raises:
            InputError: the text has no word, or cannot be stored.
        """
        known = (document.text, path, *(getattr(document, name) for name in _METADATA))
        try:
            "".join(part for part in known if part).encode()
        except UnicodeEncodeError as error:
            raise InputError(
                f"{path or document.title or 'the text'} holds broken characters: {error.reason}",
                "save it as UTF-8 and add it again",
            ) from error
        source_id = _source_id(document.text)
        with self._writing() as db:
            row = db.execute(f"{_SELECT_SOURCES} WHERE id = ?", (source_id,)).fetchone()
            if row is not None:
                return AddResult(_source(row), False)
            source = Source(
                id=source_id,
                path=path,
                added_at=datetime.now(UTC).isoformat(timespec="milliseconds"),
                origin=source_id,
                **document.model_dump(),
            )
            rows, spans = self._make_passages(source)
            if not rows:
                raise InputError(f"{path or document.title or 'the text'} holds no text")
            values = source.model_dump()
            values["warnings"] = json.dumps(values["warnings"])
            marks = ", ".join("?" * len(_COLUMNS))
            with _transaction(db):
                db.execute(
                    f"INSERT INTO sources ({', '.join(_COLUMNS)}) VALUES ({marks})",  # noqa: S608
                    [values[column] for column in _COLUMNS],
                )
                _insert_passages(db, source_id, rows, spans)
            self._state = None
            self._new_rows += rows
            if len(self._new_rows) >= _FLUSH:
                self._settle_index()
            return AddResult(source, True)

    def remove(self, source_id: str) -> Source:
        """Takes a source out, with its passages.

        Args:
            source_id: its id, or the beginning of it where no other begins so.

        Returns:
            The source as it was.

        Raises:
            UsageError: no source, or more than one, has such an id.
        """
        with self._writing() as db:
            source = self._find(source_id)
            gone = [passage.id for passage in self._passages(source)]
            with _transaction(db):
                db.execute("DELETE FROM sources WHERE id = ?", (source.id,))
            self._state = None
            prefix = f"{source.id}:"
            self._new_rows = [row for row in self._new_rows if not row.id.startswith(prefix)]
            self._gone_ids += gone
            return source

    def rebuild(self) -> None:
        """Makes passages, vectors, origins and search caches anew from the texts.

        After a change of the embedder, or of the rules by which texts are cut. Passages
        and vectors change in one transaction: an interrupted rebuild changes nothing.
        """
        with self._writing() as db:
            with _transaction(db):
                # From now on the caches do not match, whatever happens next.
                self._set_meta(built=secrets.token_hex(8), origins_of="")
                self._set_meta(embedder=self.embedder.id, dimension=str(self.embedder.dimension))
                for (source_id,) in db.execute("SELECT id FROM sources ORDER BY id").fetchall():
                    source = self._find(source_id)
                    rows, spans = self._make_passages(source)
                    db.execute("DELETE FROM passages WHERE source_id = ?", (source_id,))
                    _insert_passages(db, source_id, rows, spans)
            self._state = None
            self._settle_origins()
            self._rebuild_index(whole=True)

    # Reading

    def source(self, source_id: str) -> Source:
        """The source with this id, or with the only id that begins so.

        Raises:
            UsageError: no source, or more than one, has such an id.
        """
        with self._database():
            self._settle_origins()
            return self._find(source_id)

    def sources(self) -> list[Source]:
        """All sources, in the order of adding."""
        with self._database() as db:
            self._settle_origins()
            return [_source(row) for row in db.execute(f"{_SELECT_SOURCES} ORDER BY added_at, id")]

    def passages(self, source_id: str) -> list[Passage]:
        """The passages of a source, in order; `source_id` as for `source`."""
        with self._database():
            return self._passages(self._find(source_id))

    def passage_counts(self) -> dict[str, int]:
        """How many passages each source has, by its id."""
        with self._database() as db:
            return dict(
                db.execute("SELECT source_id, count(*) FROM passages GROUP BY source_id").fetchall()
            )

    def state(self) -> LibraryState:
        """Counts, and a fingerprint of the ids and metadata of all sources.

        The fingerprint does not depend on when, from which files, or in which order the
        sources were added.
        """
        with self._database() as db:
            if self._state is None:
                columns = ", ".join(("id", *_METADATA))
                described = db.execute(f"SELECT {columns} FROM sources ORDER BY id").fetchall()  # noqa: S608
                (passages,) = db.execute("SELECT count(*) FROM passages").fetchone()
                self._state = LibraryState(
                    fingerprint=hashlib.sha256(json.dumps(described).encode()).hexdigest(),
                    sources=len(described),
                    passages=passages,
                )
            return self._state

    def vectors(self, passage_ids: Sequence[str]) -> NDArray[np.float32]:
        """The vectors of these passages as the database has them, (n, dimension).

        Raises:
            UsageError: there is no such passage.
        """
        found = [candidate.vector for candidate in self.candidates(passage_ids)]
        return np.stack(found) if found else np.empty((0, self.embedder.dimension), np.float32)

    def candidates(self, passage_ids: Sequence[str]) -> list[Candidate]:
        """What there is to know about these passages, in the order given.

        Raises:
            UsageError: there is no such passage.
        """
        with self._database() as db:
            self._settle_origins()
            rows = db.execute(
                'SELECT passages.id, source_id, "start", "end", published_at, origin, vector'
                " FROM passages JOIN sources ON sources.id = source_id"
                " WHERE passages.id IN (SELECT value FROM json_each(?))",
                (json.dumps(list(passage_ids)),),
            )
            found = {
                row[0]: Candidate._make((*row[:-1], self._vector(row[0], row[-1]))) for row in rows
            }
        unknown = next((id_ for id_ in passage_ids if id_ not in found), None)
        if unknown is not None:
            raise UsageError(f"there is no passage {unknown} in the library {self.path}")
        return [found[id_] for id_ in passage_ids]

    def nearest(self, vector: NDArray[np.float32], n: int) -> list[str]:
        """Ids of about the `n` passages nearest in meaning; see `Index.query`."""
        return self._search(lambda: self._index.query(vector, n))

    def matching(self, text: str, n: int) -> list[str]:
        """Ids of the `n` passages with the best match in words; see `Index.match`."""
        return self._search(lambda: self._index.match(text, n))

    # Care

    def prepare(self) -> None:
        """Brings origins and search caches up to date and opens them.

        Searching does so by itself; calling it first separates the time that mending takes
        from the time of the search.

        Raises:
            LibraryLocked: something has to be mended and another process is reading.
        """
        with self._database():
            if self._write:
                self._settle(open_index=True)
            else:
                self._mend()

    def verify(self) -> list[str]:
        """Checks everything against everything; one line for each problem, none if all is well.

        The search caches are no problem: they are mended, once the database is known to be whole.
        """
        problems = []
        with self._database() as db:
            problems += [
                f"library.sqlite: {line}"
                for (line,) in db.execute("PRAGMA integrity_check")
                if line != "ok"
            ]
            problems += [
                f"library.sqlite: row {row[1]} of {row[0]} refers to nothing in {row[2]}"
                for row in db.execute("PRAGMA foreign_key_check")
            ]
            for source in self.sources():
                if _source_id(source.text) != source.id:
                    problems.append(f"{source.id}: its text is not the one that was added")
                problems += self._passage_problems(db, source)
            if not problems:
                self.prepare()
        return problems

    # Below here: how it is done

    def _open(self, *, create: bool, rebuild: bool) -> None:
        if self.path.exists() and not self.path.is_dir():
            raise LibraryMissing(f"{self.path} is not a folder", "name a folder with --library")
        if not create and not self._file.exists():
            raise LibraryMissing(
                f"no library at {self.path}",
                f"add sources first: assay sources add PATH --library {self.path}",
            )
        try:
            self.path.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise LibraryError(
                f"the folder {self.path} cannot be made: {error.strerror}",
                "choose another with --library",
            ) from error
        self._lock.acquire(exclusive=self._write)
        with self._sqlite_errors():
            if create and not self._file.exists():
                self._create()
            self._db = self._connect()
            if rebuild:
                self.rebuild()
            self._check_embedder()
            self._indexed = self._stamp()
            if not self._write and self._origins_stale():
                self._mend(origins_only=True)

    def _create(self) -> None:
        """Writes an empty database beside and renames it: it is there whole or not at all."""
        draft = self._file.with_name("library.new")
        draft.unlink(missing_ok=True)
        with closing(sqlite3.connect(draft, isolation_level=None)) as db:
            db.executescript("".join(_MIGRATIONS))
            db.execute(f"PRAGMA user_version = {len(_MIGRATIONS)}")
            db.executemany(
                "INSERT INTO meta VALUES (?, ?)",
                [
                    ("embedder", self.embedder.id),
                    ("dimension", str(self.embedder.dimension)),
                    ("built", secrets.token_hex(8)),
                    ("origins_of", ""),
                ],
            )
            db.execute("PRAGMA journal_mode = WAL")
        draft.replace(self._file)

    def _connect(self) -> sqlite3.Connection:
        """Opens the database after a look at its health that writes nothing."""
        db = sqlite3.connect(
            f"{self._file.as_uri()}?mode=rw",
            uri=True,
            isolation_level=None,
            check_same_thread=False,
        )
        try:
            (verdict,) = db.execute("PRAGMA quick_check(1)").fetchone()
            if verdict != "ok":
                raise self._damaged(verdict)
            (version,) = db.execute("PRAGMA user_version").fetchone()
            if version > len(_MIGRATIONS):
                raise LibraryError(
                    f"the library {self.path} was written by a newer release", "update assay"
                )
            tables = {name for (name,) in db.execute("SELECT name FROM sqlite_master")}
            if version < 1 or not tables >= _TABLES:
                raise self._damaged("it is no library, or tables are missing")
            db.execute("PRAGMA foreign_keys = ON")
            db.execute("PRAGMA synchronous = FULL")
        except BaseException:
            db.close()
            raise
        return db

    def _let_go(self) -> None:
        with ExitStack() as steps:  # each is done even if another fails; the last one first
            steps.callback(self._lock.release)
            if self._db is not None:
                steps.callback(self._db.close)
                self._db = None
            steps.callback(self._index.close)

    @contextmanager
    def _database(self) -> Iterator[sqlite3.Connection]:
        with self._guard, self._sqlite_errors():
            if self._db is None:
                raise RuntimeError("this library is closed")
            yield self._db

    @contextmanager
    def _writing(self) -> Iterator[sqlite3.Connection]:
        with self._database() as db:
            if not self._write:
                raise RuntimeError("this library was opened for reading only")
            yield db

    @contextmanager
    def _sqlite_errors(self) -> Iterator[None]:
        try:
            yield
        except sqlite3.OperationalError as error:  # disk full, no permission, …
            raise LibraryError(
                f"the library {self.path} cannot be used: {error}",
                "check that its folder may be written to and that the disk is not full",
            ) from error
        except sqlite3.DatabaseError as error:
            raise self._damaged(error) from error

    def _damaged(self, detail: object) -> LibraryDamaged:
        return LibraryDamaged(
            f"the library's database {self._file} is damaged: {detail}",
            "it was left as it is: restore it from a backup, or add the sources to a new library",
        )

    def _check_embedder(self) -> None:
        stored = self._meta("embedder"), self._meta("dimension")
        if stored != (self.embedder.id, str(self.embedder.dimension)):
            raise EmbedderMismatch(
                f"the library {self.path} was built with the embedder {stored[0]}, "
                f"not with {self.embedder.id}",
                f"make its vectors anew: assay sources rebuild --library {self.path}",
            )

    def _meta(self, key: str) -> str:
        with self._database() as db:
            row = db.execute("SELECT value FROM meta WHERE key = ?", (key,)).fetchone()
        if row is None:
            raise self._damaged(f"it does not say its {key}")
        return str(row[0])

    def _set_meta(self, **values: str) -> None:
        with self._database() as db:
            db.executemany("INSERT OR REPLACE INTO meta VALUES (?, ?)", list(values.items()))

    def _find(self, source_id: str) -> Source:
        with self._database() as db:
            rows = db.execute(
                f"{_SELECT_SOURCES} WHERE substr(id, 1, length(?)) = ? ORDER BY id LIMIT 2",
                (source_id, source_id),
            ).fetchall()
        if len(rows) == 1 and source_id:
            return _source(rows[0])
        wrong = f"more than one source has an id like {source_id}" if source_id else "no id given"
        raise UsageError(
            wrong if rows else f"there is no source {source_id} in the library {self.path}",
            f"see their ids: assay sources list --library {self.path}",
        )

    def _passages(self, source: Source) -> list[Passage]:
        with self._database() as db:
            return [
                Passage(
                    id=id_,
                    source_id=source.id,
                    number=number,
                    start=start,
                    end=end,
                    text=source.text[start:end],
                )
                for id_, number, start, end in db.execute(
                    'SELECT id, number, "start", "end" FROM passages'
                    " WHERE source_id = ? ORDER BY number",
                    (source.id,),
                )
            ]

    def _make_passages(self, source: Source) -> tuple[list[Row], list[tuple[int, int]]]:
        spans = passage_spans(source.text, source.language)
        texts = [source.text[start:end] for start, end in spans]
        vectors = np.asarray(self.embedder.embed(texts), np.float32) if texts else np.empty(0)
        if texts and (
            vectors.shape != (len(texts), self.embedder.dimension) or not np.isfinite(vectors).all()
        ):
            raise LibraryError(
                f"the embedder {self.embedder.id} gave no usable vectors for {source.id}"
            )
        rows = [
            Row(f"{source.id}:{number}", source.title or "", text, vector)
            for number, (text, vector) in enumerate(zip(texts, vectors, strict=True))
        ]
        return rows, spans

    def _passage_problems(self, db: sqlite3.Connection, source: Source) -> list[str]:
        problems = []
        rows = db.execute(
            'SELECT id, number, "start", "end", vector FROM passages'
            " WHERE source_id = ? ORDER BY number",
            (source.id,),
        ).fetchall()
        if not rows:
            problems.append(f"{source.id}: it has no passages")
        for expected, (id_, number, start, end, blob) in enumerate(rows):
            if (id_, number) != (f"{source.id}:{expected}", expected):
                problems.append(f"{source.id}: passage {expected} is missing")
                break
            if not 0 <= start < end <= len(source.text):
                problems.append(f"{id_}: its span lies outside of the text")
            if len(blob) != 4 * self.embedder.dimension:
                problems.append(f"{id_}: its vector has the wrong length")
            elif not abs(float(np.linalg.norm(self._vector(id_, blob))) - 1) < 1e-3:
                problems.append(f"{id_}: its vector is not of unit length")
        return problems

    def _vector(self, passage_id: str, blob: bytes) -> NDArray[np.float32]:
        if len(blob) != 4 * self.embedder.dimension:
            raise self._damaged(f"the vector of {passage_id} has the wrong length")
        return np.frombuffer(blob, dtype="<f4").astype(np.float32, copy=False)

    # What follows from all sources together: origins and search caches

    def _settle(self, *, open_index: bool = False) -> None:
        """Brings both up to date. The lock must be held alone."""
        self._settle_origins()
        if open_index or self._stamp() != self._indexed:
            self._settle_index()

    def _origins_stale(self) -> bool:
        return self._meta("origins_of") != self.state().fingerprint

    def _settle_origins(self) -> None:
        if not self._origins_stale():
            return
        from tools.origins import origin_groups

        with self._database() as db:
            sources = [_source(row) for row in db.execute(_SELECT_SOURCES)]
            groups = origin_groups(sources)
            with _transaction(db):
                db.executemany(
                    "UPDATE sources SET origin = ? WHERE id = ?",
                    [(groups[s.id], s.id) for s in sources if groups[s.id] != s.origin],
                )
                self._set_meta(origins_of=self.state().fingerprint)

    def _stamp(self) -> Stamp:
        state = self.state()
        return Stamp(
            embedder=self.embedder.id,
            dimension=self.embedder.dimension,
            # `built` tells apart two sets of passages of the same sources.
            fingerprint=f"{state.fingerprint}/{self._meta('built')}",
            passages=state.passages,
        )

    def _settle_index(self) -> None:
        stamp = self._stamp()
        if stamp.passages and self._indexed is not None:
            faults = self._index.faults(self._indexed)
            changed = stamp != self._indexed
            if changed and not faults:
                try:
                    self._index.update(stamp, removed=self._gone_ids, added=self._new_rows)
                except Unusable as unusable:
                    faults = [unusable.reason]
            if faults:
                # No news where there was nothing to search before.
                self._rebuild_index(
                    whole=changed, reason=faults[0] if self._indexed.passages else None
                )
        self._indexed = stamp
        self._new_rows, self._gone_ids = [], []

    def _rebuild_index(self, *, whole: bool, reason: str | None = None) -> None:
        started = time.monotonic()
        stamp = self._stamp()
        if stamp.passages:
            self._index.rebuild(stamp, self._rows, whole=whole)
        self._indexed = stamp
        self._new_rows, self._gone_ids = [], []
        if reason:
            passages = f"{stamp.passages} passage{'s' * (stamp.passages != 1)}"
            self._notice(
                f"the search index was {reason}; rebuilt from the library: "
                f"{passages} in {time.monotonic() - started:.1f} s"
            )

    def _rows(self) -> Iterator[Row]:
        with self._database() as db:
            for (source_id,) in db.execute("SELECT id FROM sources ORDER BY id").fetchall():
                source = self._find(source_id)
                vectors = db.execute(
                    "SELECT vector FROM passages WHERE source_id = ? ORDER BY number", (source_id,)
                ).fetchall()
                for passage, (blob,) in zip(self._passages(source), vectors, strict=True):
                    vector = self._vector(passage.id, blob)
                    yield Row(passage.id, source.title or "", passage.text, vector)

    def _mend(self, *, origins_only: bool = False) -> None:
        """What `_settle` does, for a reader: has the lock alone for that moment."""
        for _ in range(3):  # between two locks another process may come in
            stamp = self._stamp()
            if stamp != self._indexed:
                raise LibraryLocked(
                    f"another process changed the library {self.path} meanwhile",
                    "run the same command again",
                )
            faults = ["out of date"] if self._origins_stale() else []
            if stamp.passages and not origins_only:
                faults += self._index.faults(stamp)
            if not faults:
                return
            self._index.close()
            self._lock.release()
            try:
                self._lock.acquire(exclusive=True)
                self._state = None
                if self._stamp() == stamp:
                    self._settle(open_index=not origins_only)
            except LibraryLocked as error:
                raise LibraryLocked(
                    f"the search index is {faults[0]} and cannot be rebuilt now: {error.what}",
                    error.todo,
                ) from error
            finally:
                self._index.close()
                self._lock.release()
                self._lock.acquire(exclusive=False)
                self._state = None
        raise LibraryDamaged(
            f"the search index of the library {self.path} does not stay whole",
            f"check the disk, and see: assay sources verify --library {self.path}",
        )

    def _search(self, ask: Callable[[], list[str]]) -> list[str]:
        with self._database():
            self.prepare()
            if not self.state().passages:
                return []
            try:
                return ask()
            except Unusable:  # the files were damaged after they had been opened
                self.prepare()
                return ask()


def _source_id(text: str) -> str:
    return f"s-{hashlib.sha256(text.encode()).hexdigest()[:16]}"


def _source(row: tuple[Any, ...]) -> Source:
    values = dict(zip(_COLUMNS, row, strict=True))
    return Source(**{**values, "warnings": json.loads(values["warnings"])})


def _insert_passages(
    db: sqlite3.Connection, source_id: str, rows: Sequence[Row], spans: Sequence[tuple[int, int]]
) -> None:
    db.executemany(
        "INSERT INTO passages VALUES (?, ?, ?, ?, ?, ?)",
        [
            (row.id, source_id, number, *span, row.vector.astype("<f4").tobytes())
            for number, (row, span) in enumerate(zip(rows, spans, strict=True))
        ],
    )


@contextmanager
def _transaction(db: sqlite3.Connection) -> Iterator[None]:
    db.execute("BEGIN IMMEDIATE")
    try:
        yield
    except BaseException:
        db.rollback()
        raise
    db.execute("COMMIT")
