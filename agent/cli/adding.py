"""Texts on their way into the library: in batches, with the rate and the time that is left."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Collection
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from agent.cli.rereading import File
from agent.cli.screen import note
from agent.errors import InputError, LibraryError

if TYPE_CHECKING:
    from concurrent.futures import Future

    from agent.cli.screen import Bar
    from agent.types import Document, LibraryState, Source
    from tools.library import Addition, AddResult, Library
    from tools.library.adding import Prepared

_BATCH_CHARACTERS = 60_000
"""About a hundred passages: enough to keep the cores busy, added within seconds."""
_WARNED = 10
"""Most warnings that are told one by one."""
_TOLD = {"publisher": "publisher", "published_at": "date", "url": "address"}
"""What is told of a further appearance; another title is usual."""
_BATCH_SECONDS = 2.0
"""Slow files do not keep what was read before them, nor those who wait for the library."""


class _Batch(NamedTuple):
    """Texts that are added together, once they are embedded."""

    texts: list[tuple[Addition, Path | str, File | None]]
    embedded: Future[list[Addition]]
    read: list[File]
    """Files that are done with when these texts are added."""
    known: list[str]
    """Ids of sources that are there already, to be tagged."""


class Adding:
    """Gathers texts, hands them to a library, and keeps the count.

    While texts are embedded the next are read, and those before them stored. What is embedded is
    stored between two texts or files; so while one of them is read, what came just before may be
    in memory alone, and is read again if the process ends there.

    Args:
        opened: opens the library for writing. What cannot be read is told whether or not the
            library can be had: that it cannot is raised at the first text.
        shown: tells the user how far it is, in files.
        files: how many there are.
        how: what, beside their bytes, their texts depend on; see `rereading.how`.
        there: whether there is a library already, which may know files.
        tags: what all that is added is filed under.
        quiet: whether refusals alone are told.
    """

    def __init__(
        self,
        opened: Callable[[], Library],
        shown: Bar,
        files: int,
        *,
        how: str,
        there: bool,
        tags: Collection[str] = (),
        quiet: bool,
    ) -> None:
        self.added: list[str] = []
        """Ids of new sources."""
        self.present: list[str] = []
        """Ids of those that were there already."""
        self.appeared: list[str] = []
        """Ids of those that were there, but not from this publisher, day or address."""
        self.completed: list[str] = []
        """Ids of those that were there, and of which their file says more now."""
        self.unchanged = 0
        """Files that were not read again."""
        self.refused: list[dict[str, str]] = []
        self.warnings: list[dict[str, str]] = []
        """What a reader of the new sources should know about them."""
        self.superseded: list[str] = []
        """Ids of sources that have a newer version, where one of the two is new."""
        self.disputed: list[list[str]] = []
        """Ids of sources with one address that are no versions of one text; one of each is new."""
        self._opened, self._shown, self._files, self._quiet = opened, shown, files, quiet
        self._library: Library | None = None
        self._how, self._tags = how, tags
        self._there = there
        self._file: File | None = None
        self._files_under_way: dict[Path, File] = {}
        self._read: list[File] = []
        """Done with, and to be noted."""
        self._known: list[str] = []
        """Ids of sources that are there already, to be tagged."""
        self._waiting: list[tuple[Addition, Path | str, File | None]] = []
        self._embedding: _Batch | None = None
        self._characters = 0
        self._since = self._started = time.monotonic()
        self._passages = self._done = 0

    def is_unchanged(self, path: Path) -> bool:
        """Whether a file was added before as it is now: then it need not be read.

        To be asked of each file, before its texts are taken.
        """
        self._file = self._files_under_way[path] = File(path, self._how)
        if self._there:
            try:
                self._opened_library()
            except LibraryError:  # raised again at the first text, if there is one
                self._there = False
        known = self._file.unchanged(self._library) if self._library else None
        if known is None:
            return False
        self.unchanged += 1
        self.present += known
        self._known += known
        return True

    def go_on(self, origin: Path | str) -> None:
        """What comes next is of this file or address; for files that are read side by side."""
        self._file = self._files_under_way.get(origin) if isinstance(origin, Path) else None

    def take(
        self, document: Document, origin: Path | str, prepared: Prepared | None = None
    ) -> None:
        """One text, read from a file or an address.

        Args:
            document: the text.
            origin: the file, or the address.
            prepared: its passages, where they were made already.
        """
        from tools.library import Addition

        self._opened_library()
        if not self._waiting:
            self._since = time.monotonic()
        if isinstance(origin, Path):
            name: str | None = origin.name
        else:  # a row of a table has no address of its own, but came from somewhere
            name = None if document.url else origin
        addition = Addition(document, name, self._tags, prepared)
        self._waiting.append((addition, origin, self._file))
        self._characters += len(document.text)
        if (
            self._characters >= _BATCH_CHARACTERS
            or time.monotonic() - self._since >= _BATCH_SECONDS
        ):
            self.flush()
        else:
            self._settle()

    def flush(self, *, whole: bool = False) -> None:
        """Has what was taken embedded, and adds what was given to be embedded before.

        Args:
            whole: adds what was taken as well; then all of it is on the disk.
        """
        waiting, self._waiting, self._characters = self._waiting, [], 0
        self._since = time.monotonic()
        before, self._embedding = self._embedding, None
        if self._library:
            embedded = self._library.embed_ahead([each for each, _, _ in waiting])
            self._embedding = _Batch(waiting, embedded, self._read, self._known)
            self._read, self._known = [], []
            if before:
                self._store(before, self._library)
            if whole:
                last, self._embedding = self._embedding, None
                self._store(last, self._library)
        self._step()

    def _settle(self) -> None:
        """Adds what is embedded by now: what is read next may take long."""
        if self._embedding and self._library and self._embedding.embedded.done():
            embedded, self._embedding = self._embedding, None
            self._store(embedded, self._library)

    def _store(self, batch: _Batch, library: Library) -> None:
        # Without anything to add, too: it lets in those who wait for the library.
        results = library.add_all(batch.embedded.result())
        for (addition, origin, file), result in zip(batch.texts, results, strict=True):
            if isinstance(result, InputError):
                self._refuse(origin, result, file)
                continue
            (self.added if result.added else self.present).append(result.source.id)
            self._passages += result.passages
            if file:
                file.gave(result.source.id, addition.document.bytes_sha256)
            if result.added:
                self._warn(result.source)
            elif result.appeared or result.completed:
                self._tell_more(origin, addition.document, result)
        if batch.known and self._tags:
            library.tag(batch.known, self._tags)
        if readings := [reading for file in batch.read if (reading := file.reading())]:
            library.note_readings(readings)

    def file_done(self) -> None:
        """All texts of a file were taken, or refused."""
        if self._file:
            self._read.append(self._file)
            self._files_under_way.pop(self._file.path, None)
            self._file = None
        self._done += 1
        late = not self._waiting and time.monotonic() - self._since >= _BATCH_SECONDS
        if late or self._done == self._files:
            self.flush(whole=True)
            return
        self._settle()
        if not self._waiting:
            self._step()

    def refuse(self, origin: Path | str, why: object) -> None:
        """A text, or the rest of a file, cannot be read; it is tried again the next time."""
        self._refuse(origin, why, self._file)

    def _refuse(self, origin: Path | str, why: object, file: File | None) -> None:
        if file:
            file.whole = False
        self.refused.append({"path": str(origin), "error": str(why)})
        note(f"Not added: {why}")

    def leave_out(self, what: object) -> None:
        note(f"Left out: {what}", quiet=self._quiet)

    def tell(self) -> None:
        """What is to be known about all that was added; to be called once, at the end."""
        if self._library is not None and self.added:
            added = set(self.added)
            newer = self._library.superseded()
            self.superseded = [old for old, new in newer.items() if {old, new} & added]
            self.disputed = [ids for ids in self._library.disputed() if added & set(ids)]
        if len(self.warnings) > _WARNED:
            more = len(self.warnings) - _WARNED
            note(f"{more} more warnings: see assay sources show ID", quiet=self._quiet)
        if (more := len(self.appeared) + len(self.completed) - _WARNED) > 0:
            note(
                f"{more} more texts are there already, and more is known of them now",
                quiet=self._quiet,
            )
        if number := len(self.superseded):
            note(
                f"{number} source{'s are' if number > 1 else ' is'} superseded: the library has a "
                "newer one of the same address",
                quiet=self._quiet,
            )
        for ids in self.disputed[:_WARNED]:
            note(
                f"Warning. {' and '.join(ids)} have one address, but another text or "
                "publisher: none supersedes the other, and all count. Remove what is not of it",
                quiet=self._quiet,
            )
        if (more := len(self.disputed) - _WARNED) > 0:
            note(f"{more} more addresses have several texts", quiet=self._quiet)

    def state(self) -> LibraryState | None:
        """Of the library, where it was opened."""
        return self._library.state() if self._library else None

    def _warn(self, source: Source) -> None:
        for warning in source.warnings:
            self.warnings.append(
                {"id": source.id, "code": warning.code, "message": warning.message}
            )
            if len(self.warnings) <= _WARNED:
                name = source.title or source.path or source.id
                note(f"Warning. {name}: {warning.message}", quiet=self._quiet)

    def _tell_more(self, origin: Path | str, given: Document, result: AddResult) -> None:
        """Tells what is said about a text that is there already, and was not known of it."""
        held = result.source
        (self.completed if result.completed else self.appeared).append(held.id)
        if len(self.appeared) + len(self.completed) > _WARNED:
            return
        new = [
            f"{name} {value}"
            for field, name in _TOLD.items()
            if (value := getattr(given, field))
            and (field in result.completed if result.completed else value != getattr(held, field))
        ]
        how = "known now" if result.completed else "kept as another appearance"
        note(
            f"{origin} is there already as {held.id}; its {', '.join(new) or 'author'} "
            f"{'are' if len(new) > 1 else 'is'} {how}",
            quiet=self._quiet,
        )

    def _opened_library(self) -> Library:
        if self._library is None:
            self._library = self._opened()
        return self._library

    def _step(self) -> None:
        texts, seconds = len(self.added) + len(self.present), time.monotonic() - self._started
        told = pace(texts, self._passages, seconds, self._done, self._files)
        if memory := _peak_memory():
            told = f"{told}, {memory / 2**20:,.0f} MB" if told else ""
        self._shown.step(self._done, self._files, detail=told)


def _peak_memory() -> int | None:
    """Most bytes of memory that this process has had; None where the system does not say."""
    try:
        import resource
    except ImportError:  # Windows
        return None
    unit = 1 if sys.platform == "darwin" else 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit


def pace(texts: int, passages: int, seconds: float, done: int, total: int) -> str:
    """`1,204 texts, 143 passages a second, 4 min left`.

    Args:
        texts: added so far, or there already.
        passages: added so far.
        seconds: that this took.
        done: files that are done.
        total: files in all.
    """
    parts = [f"{texts:,} text{'s' * (texts != 1)}"] if texts else []
    if seconds and passages >= seconds:
        parts.append(f"{passages / seconds:,.0f} passages a second")
    if 0 < done < total:
        parts.append(f"{duration(seconds * (total - done) / done)} left")
    return ", ".join(parts)


def duration(seconds: float) -> str:
    """`40 s`, `12 min`, `3 h 5 min`."""
    if seconds < 90:
        return f"{seconds:.0f} s"
    minutes = round(seconds / 60)
    return f"{minutes} min" if minutes < 90 else f"{minutes // 60} h {minutes % 60} min"
