"""Texts on their way into the library: in batches, with the rate and the time that is left."""

from __future__ import annotations

import time
from collections.abc import Callable, Collection
from pathlib import Path
from typing import TYPE_CHECKING

from agent.cli.screen import note
from agent.errors import InputError

if TYPE_CHECKING:
    from agent.cli.screen import Bar
    from agent.types import Document, LibraryState, Source
    from tools.library import Addition, Library

_BATCH_CHARACTERS = 60_000
"""About a hundred passages: enough to keep the cores busy, added within seconds."""
_WARNED = 10
"""Most warnings that are told one by one."""
_NOTED = {"publisher": "publisher", "published_at": "date", "url": "address"}
"""What is told of an appearance that is not kept; another title is usual."""
_BATCH_SECONDS = 2.0
"""Slow files do not keep what was read before them, nor those who wait for the library."""


class Adding:
    """Gathers texts, hands them to a library, and keeps the count.

    Args:
        opened: opens the library for writing. It is called at the first text: what cannot be
            read is told whether or not the library can be had.
        shown: tells the user how far it is, in files.
        files: how many there are.
        tags: what all that is added is filed under.
        quiet: whether refusals alone are told.
    """

    def __init__(
        self,
        opened: Callable[[], Library],
        shown: Bar,
        files: int,
        *,
        tags: Collection[str] = (),
        quiet: bool,
    ) -> None:
        self.added: list[str] = []
        """Ids of new sources."""
        self.present: list[str] = []
        """Ids of those that were there already."""
        self.refused: list[dict[str, str]] = []
        self.warnings: list[dict[str, str]] = []
        """What a reader of the new sources should know about them."""
        self.superseded: list[str] = []
        """Ids of sources that have a newer version, where one of the two is new."""
        self._opened, self._shown, self._files, self._quiet = opened, shown, files, quiet
        self._library: Library | None = None
        self._tags = tags
        self._waiting: list[Addition] = []
        self._origins: list[Path | str] = []
        self._characters = 0
        self._ignored = 0
        self._since = self._started = time.monotonic()
        self._passages = self._done = 0

    def take(self, document: Document, origin: Path | str) -> None:
        """One text, read from a file or an address."""
        from tools.library import Addition

        if self._library is None:
            self._library = self._opened()
        if not self._waiting:
            self._since = time.monotonic()
        if isinstance(origin, Path):
            name: str | None = origin.name
        else:  # a row of a table has no address of its own, but came from somewhere
            name = None if document.url else origin
        self._waiting.append(Addition(document, name, self._tags))
        self._origins.append(origin)
        self._characters += len(document.text)
        if (
            self._characters >= _BATCH_CHARACTERS
            or time.monotonic() - self._since >= _BATCH_SECONDS
        ):
            self.flush()

    def flush(self) -> None:
        """Adds what was taken; then it is on the disk."""
        waiting, origins = self._waiting, self._origins
        self._waiting, self._origins, self._characters = [], [], 0
        results = self._library.add_all(waiting) if self._library and waiting else []
        for addition, origin, result in zip(waiting, origins, results, strict=True):
            if isinstance(result, InputError):
                self.refuse(origin, result)
            else:
                (self.added if result.added else self.present).append(result.source.id)
                self._passages += result.passages
                if result.added:
                    self._warn(result.source)
                else:
                    self._compare(origin, addition.document, result.source)
        self._shown.step(self._done, self._files, detail=self._pace())

    def file_done(self) -> None:
        """All texts of a file were taken, or refused."""
        self._done += 1
        if not self._waiting or self._done == self._files:
            self.flush()

    def refuse(self, origin: Path | str, why: object) -> None:
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
        if len(self.warnings) > _WARNED:
            more = len(self.warnings) - _WARNED
            note(f"{more} more warnings: see assay sources show ID", quiet=self._quiet)
        if (more := self._ignored - _WARNED) > 0:
            note(
                f"{more} more texts are there already, by other publishers, dates or addresses",
                quiet=self._quiet,
            )
        if number := len(self.superseded):
            note(
                f"{number} source{'s are' if number > 1 else ' is'} superseded: the library has a "
                "newer one of the same address",
                quiet=self._quiet,
            )

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

    def _compare(self, origin: Path | str, given: Document, held: Source) -> None:
        """Tells what is said about a text that is there already and is not what is held."""
        ignored = [
            f"{name} {value}"
            for field, name in _NOTED.items()
            if (value := getattr(given, field)) and value != getattr(held, field)
        ]
        if not ignored:
            return
        self._ignored += 1
        if self._ignored <= _WARNED:
            were = "were" if len(ignored) > 1 else "was"
            note(
                f"{origin} is there already as {held.id}; its {', '.join(ignored)} {were} "
                "not noted",
                quiet=self._quiet,
            )

    def _pace(self) -> str:
        texts = len(self.added) + len(self.present)
        return pace(
            texts, self._passages, time.monotonic() - self._started, self._done, self._files
        )


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
