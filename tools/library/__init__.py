"""The library: all sources that claims are checked against, in one folder.

    library.sqlite     the truth, see `database.py`
    chroma/, fulltext.*     search caches, see `index.py`; deleting them loses nothing
    locks/             who uses the library now, see `locks.py`

A snapshot of it is a folder of the same kind that is only read, see `snapshots.py`.

A source is added in one transaction and is on the disk when `add` returns. What follows
from all sources together is brought up to date later, before it is next read or when the
library is closed: the search caches, and the groups of sources that copy one another. A
process that dies in between leaves work to do, never a wrong answer: whoever opens the
library next sees that the caches do not match the database and makes them again.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from agent.errors import EmbedderMismatch, InputError, UsageError
from agent.types import Document, LibraryState, Passage, Reputation, Source
from tools.library.adding import Addition, AddResult, Intake, bring_in
from tools.library.address import local_folder, server_of
from tools.library.appearances import Appearance
from tools.library.database import Candidate, Described, Provenance
from tools.library.moving import write_export
from tools.library.opening import OpenLibrary
from tools.library.readings import Reading
from tools.library.sites import site
from tools.library.snapshots import problems as snapshot_problems
from tools.library.snapshots import write_snapshot
from tools.library.transfer import Merged, merge
from tools.library.versions import Comparisons, disputed, superseded

if TYPE_CHECKING:
    from tools.models.embedder import Embedder

__all__ = ["AddResult", "Addition", "Library"]

_COMPARISONS = Comparisons()
"""Of all libraries: the service opens one anew for each request."""


class Library(OpenLibrary):
    """An open library; a context manager. Made by `Library.open`.

    Several processes may have it open for reading, or one for writing. Its methods may be
    called from any thread.
    """

    _newer: tuple[LibraryState, dict[str, str]] | None = None
    """Who supersedes whom, with the state of the library that it is of."""

    @classmethod
    def open(
        cls,
        path: Path | str,
        embedder: Embedder | None,
        *,
        create: bool = False,
        write: bool = False,
        rebuild: bool = False,
        gives_way: bool = False,
        on_notice: Callable[[str], None] | None = None,
    ) -> Library:
        """Opens the library, or the snapshot of one, in a folder.

        Args:
            path: the folder, or the address of a library on a server: `postgresql://…`.
            embedder: must be the one that the library was built with; None where nothing is
                to be embedded: to look at sources, remove them, export.
            create: make the folder and an empty library where there is none; implies `write`.
            write: to add or remove sources; nobody else can use the library meanwhile.
            rebuild: call `rebuild` at once; implies `write`. The only way to open a library
                that was built with another embedder.
            gives_way: for a long adding: between two calls of `add_all`, processes that wait
                to read get the library first. They wait, knowing that; so call it often.
            on_notice: is told in one line what was mended, or is waited for.

        Raises:
            LibraryMissing: there is no library in this folder.
            LibraryLocked: another process uses it and did not finish within two seconds.
            LibraryDamaged: its database cannot be read; it is left as it is.
            EmbedderMismatch: it was built with another embedder.
            LibraryError: the folder cannot be made or written to, or is a snapshot.
        """
        folder = local_folder(path).absolute()
        kind = cls
        if server_of(folder) is not None:
            from tools.library.serving import ServedLibrary

            kind = ServedLibrary
        library = kind(
            folder,
            embedder,
            write=write or create or rebuild,
            gives_way=gives_way,
            on_notice=on_notice,
        )
        try:
            library._open(create=create, rebuild=rebuild)
        except BaseException:
            library._let_go()
            raise
        return library

    def close(self) -> None:
        """Brings origins and search caches up to date, and gives files and lock back."""
        self._ahead.shutdown(cancel_futures=True)
        super().close()

    @cached_property
    def _ahead(self) -> ThreadPoolExecutor:
        """Embeds one set of texts after another: each takes all cores."""
        return ThreadPoolExecutor(1, thread_name_prefix="embed-ahead")

    # Writing

    def embed_ahead(self, additions: Sequence[Addition]) -> Future[list[Addition]]:
        """Cuts texts and has them embedded in the background, for `add_all` to store.

        Meanwhile this thread reads further texts, and stores what was embedded before. Nothing is
        added yet. Texts that are there already, or cannot be stored, stay as they are.

        Returns:
            The same texts with their passages. Its `result` raises LibraryError where the
            embedder gave no usable vectors.
        """
        with self._database() as db:
            intake = Intake(db)
            taken = [(addition, intake.take(addition)) for addition in additions]
        return self._ahead.submit(intake.prepared, taken, self.embedder)

    def add(
        self, document: Document, *, path: str | None = None, tags: Collection[str] = ()
    ) -> AddResult:
        """Adds a text with what is known about it; it is on the disk on return.

        Args:
            document: what a reader made of a file.
            path: name of that file, for people.
            tags: what to file it under; a source that is there already gets them, too.

        Raises:
            InputError: the text has no word, or cannot be stored.
        """
        (result,) = self.add_all([Addition(document, path, tags)])
        if isinstance(result, InputError):
            raise result
        return result

    def add_all(self, additions: Sequence[Addition]) -> list[AddResult | InputError]:
        """Adds several texts: embedded together, and on the disk together on return.

        Where the library was opened with `gives_way`, a process that waits to read gets it
        before this returns.

        Returns:
            One result for each; an `InputError` for a text that has no word, or cannot be
            stored, which keeps no other from being added.
        """
        with self._writing() as (db, upkeep):
            results, rows = bring_in(db, additions, self.embedder)
            upkeep.added(rows)
            if self._gives_way and self._lock.is_wanted():
                self._give_way()
            return results

    def tag(self, source_ids: Collection[str], tags: Collection[str]) -> None:
        """Files sources that are there under further tags.

        Raises:
            UsageError: no source, or more than one, has such an id.
        """
        with self._writing() as (db, _):
            new = [each for each in map(db.find, source_ids) if not {*tags} <= {*each.tags}]
            if new:
                with db.transaction():
                    for source in map(db.find, [each.id for each in new]):  # as it is by now
                        db.set_tags(source.id, sorted({*source.tags, *tags}))

    def note_readings(self, readings: Sequence[Reading]) -> None:
        """Notes which files were read, with all of their texts added; see `reading`."""
        with self._writing() as (db, _), db.transaction():
            for reading in readings:
                db.readings.put(reading)

    def merge(
        self, other: Library, *, on_progress: Callable[[int, int], None] | None = None
    ) -> Merged:
        """Brings all sources of another library into this one, with their vectors.

        What is there already stays, and gets the tags and appearances of the other. It may be
        interrupted and called again.

        Args:
            other: open, and made with the same embedder.
            on_progress: told how many sources are through, and of how many.

        Raises:
            EmbedderMismatch: it was made with another embedder.
        """
        if (other.embedder.id, other.embedder.dimension) != (
            self.embedder.id,
            self.embedder.dimension,
        ):
            raise EmbedderMismatch(
                f"{self.place} was built with the embedder {self.embedder.id}, and {other.place}"
                f" with {other.embedder.id}",
                "make the vectors of one of them anew: assay sources rebuild",
            )
        with other._database() as given, self._writing() as (db, upkeep):
            return merge(given, db, on_rows=upkeep.added, on_progress=on_progress)

    def remove(self, source_id: str) -> Source:
        """Takes a source out, with its passages.

        Args:
            source_id: its id, or the beginning of it where no other begins so.

        Returns:
            The source as it was.

        Raises:
            UsageError: no source, or more than one, has such an id.
        """
        with self._writing() as (db, upkeep):
            source = self._dated(db.find(source_id))
            gone = [passage.id for passage in db.passages(source)]
            with db.transaction():
                db.delete(source.id)
            upkeep.dropped(gone)
            return source

    def set_reputation(self, name: str, reputation: Reputation) -> str:
        """Notes what the user makes of a publisher or of a site.

        Args:
            name: of a publisher, whatever its case, or of its site: `press.example`, a host of it
                or an address there.
            reputation: `neutral` takes back what was noted.

        Returns:
            The name as the library has it.

        Raises:
            UsageError: no source is of such a publisher or site.
        """
        with self._writing() as (db, _):
            publishers, addresses = db.publishers()
            sites = {owner for url in addresses if (owner := site(url))}
            known = {
                known.casefold(): known for known in (*sites, *publishers, *db.reputations.all())
            }
            given = name.strip().casefold()
            owner = site(given if "://" in given else f"https://{given}")
            found = known.get(given) or known.get(owner or "")
            if found is None:
                there = [*sorted(publishers)[:10], *sorted(sites)[:10]]
                raise UsageError(
                    f"the library has no source of a publisher or site {name!r}",
                    f"It has: {', '.join(there)}" if there else "Its sources name none",
                )
            with db.transaction():
                db.reputations.put(found, reputation)
            return found

    # Reading

    def source(self, source_id: str) -> Source:
        """The source with this id, or with the only id that begins so.

        Raises:
            UsageError: no source, or more than one, has such an id.
        """
        with self._kept() as (db, upkeep):
            upkeep.settle_origins()
            return self._dated(db.find(source_id))

    def sources(self) -> list[Source]:
        """All sources, in the order of adding."""
        with self._kept() as (db, upkeep):
            upkeep.settle_origins()
            return [self._dated(source) for source in db.sources()]

    def described(self) -> list[Described]:
        """What is known about all sources, without the texts; in the order of adding."""
        with self._database() as db:
            return db.described()

    def reputations(self) -> dict[str, Reputation]:
        """What the user makes of publishers and sites, by name; who is not in it is neutral."""
        with self._database() as db:
            return db.reputations.all()

    def copies(self, text: str) -> set[str]:
        """Ids of the sources that are this text or copies of it, whatever else they hold.

        Other accounts of the same event are none, nor are texts that relay the same report.
        """
        from tools.library import grouping

        with self._kept() as (db, upkeep):
            upkeep.settle_origins()
            return grouping.copies(db, text)

    def superseded(
        self, *, as_of: str | None = None, without: Collection[str] = ()
    ) -> Mapping[str, str]:
        """Ids of sources that have a newer version, each with the newest's; see `versions`.

        Args:
            as_of: ISO date; what was certainly published later is not there yet.
            without: ids of sources that are not there at all.
        """
        with self._database() as db:
            if as_of or without:
                there = (version for version in db.versions() if version.id not in without)
                return superseded(there, self._keeps, as_of=as_of)
            state = db.state()
            if self._newer is None or self._newer[0] is not state:
                self._newer = (state, superseded(db.versions(), self._keeps))
            return self._newer[1]

    def disputed(self) -> list[list[str]]:
        """Ids of sources that share an address and are no versions of one text; see `versions`."""
        with self._database() as db:
            return disputed(db.versions(), self._keeps)

    def provenance(self, source_id: str) -> Provenance:
        """Where a source came from; `source_id` as for `source`."""
        with self._database() as db:
            return db.provenance(db.find(source_id))

    def appearances(self, source_id: str) -> list[Appearance]:
        """Where else the text of a source appeared; `source_id` as for `source`."""
        with self._database() as db:
            return db.appearances.of(db.find(source_id).id)

    def reading(self, file: str) -> Reading | None:
        """The last reading of a file, if all that it held is still here; see `Reading.file`."""
        with self._database() as db:
            return db.readings.get(file)

    def passages(self, source_id: str) -> list[Passage]:
        """The passages of a source, in order; `source_id` as for `source`."""
        with self._database() as db:
            return db.passages(db.find(source_id))

    def passage_counts(self) -> dict[str, int]:
        """How many passages each source has, by its id."""
        with self._database() as db:
            return db.passage_counts()

    def state(self) -> LibraryState:
        """Counts, and a fingerprint of the ids and metadata of all sources.

        The fingerprint does not depend on when, from which files, or in which order the
        sources were added.
        """
        with self._database() as db:
            return db.state()

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
        with self._kept() as (db, upkeep):
            upkeep.settle_origins()
            return db.candidates(passage_ids)

    def nearest(self, vector: NDArray[np.float32], n: int) -> list[str]:
        """Ids of about the `n` passages nearest in meaning; see `Index.query`."""
        with self._kept() as (_, upkeep):
            return upkeep.nearest(vector, n)

    def matching(self, text: str, n: int) -> dict[str, float]:
        """The `n` passages with the best match in words and how good it is; see `Index.match`."""
        with self._kept() as (_, upkeep):
            return upkeep.matching(text, n)

    # Care

    def prepare(self) -> None:
        """Brings origins and search caches up to date and opens them.

        Searching does so by itself; calling it first separates the time that mending takes
        from the time of the search.

        Raises:
            LibraryLocked: something has to be mended and another process is reading.
        """
        with self._kept() as (_, upkeep):
            upkeep.prepare()

    def verify(self) -> list[str]:
        """Checks everything against everything; one line for each problem, none if all is well.

        The search caches are compared with the database entry by entry once that is known to
        be whole. What is wrong with them is no problem: they are rebuilt, and `on_notice` is
        told.

        Raises:
            LibraryError: the sources are whole, but the search caches cannot be mended.
        """
        with self._kept() as (db, upkeep):
            if self.is_snapshot:
                return [*snapshot_problems(self.path), *db.problems()]
            problems = list(db.problems())
            if not problems:
                upkeep.verify()
            return problems

    def export(self, file: Path) -> None:
        """Writes the library into one file, for `tools.library.moving.import_library`.

        Raises:
            UsageError: there is such a file already, which is never overwritten; or there is
                no folder for it.
            LibraryError: the file cannot be written.
        """
        if file.exists():
            raise UsageError(f"{file} exists already", "name another file")
        if not file.absolute().parent.is_dir():
            raise UsageError(
                f"there is no folder {file.parent}", "make it, or name a file in another one"
            )
        with self._kept() as (db, upkeep):
            upkeep.settle_origins()
            write_export(db, file)

    def snapshot(self, folder: Path) -> None:
        """Makes a snapshot: a folder that `open` opens for reading, see `snapshots`.

        Raises:
            UsageError: there is such a folder already, or none to make it in.
            LibraryError: it cannot be written.
        """
        with self._kept() as (db, upkeep):
            upkeep.prepare()
            upkeep.close()  # what Chroma has open it may write to
            write_snapshot(db, folder.expanduser().absolute(), upkeep.stamp)

    def _dated(self, source: Source) -> Source:
        """The source with the newer one that supersedes it now."""
        newer = self.superseded().get(source.id)
        return source.model_copy(update={"superseded_by": newer}) if newer else source

    def _keeps(self, older: str, newer: str) -> bool:
        """Whether a source keeps much of the text of another one; both ids are there."""
        return _COMPARISONS.keeps(older, newer, self._text)

    def _text(self, id_: str) -> str:
        with self._database() as db:
            return db.find(id_).text
