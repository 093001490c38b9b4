"""The search caches of a library, and what of it they hold."""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Iterable, Sequence
from pathlib import Path

from tools.library.caches import Row, Stamp, Unusable
from tools.library.index import Index

_FLUSH = 500
"""Passages that wait in memory for the search caches: one seal for many small sources."""
_FLUSH_SHARE = 20
"""A library that holds so many times that waits for more."""
_FLUSH_MOST = 50_000
"""But never for more than this: about 120 MB."""


class Caches:
    """Takes changes in memory until they are worth a seal, and mends what does not fit.

    Whoever settles or rebuilds must hold the library's lock alone.

    Args:
        folder: of the library.
        notice: is told in one line what was mended.
        read_only: whether it is a snapshot.
    """

    def __init__(
        self, folder: Path, notice: Callable[[str], None], *, read_only: bool = False
    ) -> None:
        self.index = Index(folder, read_only=read_only)
        self.stamp: Stamp | None = None
        """What they hold if all went well: the state at opening, or at the last time that they
        were brought up to date."""
        self._notice = notice
        self._new: list[Row] = []
        self._gone: list[str] = []

    def add(self, rows: Sequence[Row]) -> None:
        """Passages that the library has now."""
        self._new += rows

    def drop(self, passage_ids: Collection[str]) -> None:
        """Passages that it no longer has."""
        self._new = [row for row in self._new if row.id not in passage_ids]
        self._gone += passage_ids

    @property
    def are_full(self) -> bool:
        """Whether so many passages wait that they should be written. Each seal hashes what there
        is, so that a large library is sealed less often: all in all adding stays linear."""
        held = self.stamp.passages if self.stamp else 0
        return len(self._new) >= min(max(_FLUSH, held // _FLUSH_SHARE), _FLUSH_MOST)

    def settle(self, stamp: Stamp, rows: Callable[[], Iterable[Row]]) -> None:
        """Brings them up to date: by what changed where they are whole, else anew.

        Args:
            stamp: the library as it is now.
            rows: gives all its passages, in the same order at each call.
        """
        held = self.stamp
        if not stamp.passages:
            self.index.close()  # nothing to search; whoever adds something builds it anew
        elif held is not None:
            faults = self.index.faults(held)
            changed = stamp != held
            if changed and not faults:
                try:
                    self.index.update(stamp, removed=self._gone, added=self._new)
                except Unusable as unusable:
                    faults = [unusable.reason]
            if faults:
                # No news where there was nothing to search before.
                reason = faults[0] if held.passages else None
                self.rebuild(stamp, rows, whole=changed, reason=reason)
        self.mark(stamp)

    def rebuild(
        self,
        stamp: Stamp,
        rows: Callable[[], Iterable[Row]],
        *,
        whole: bool,
        reason: str | None = None,
    ) -> None:
        """Builds them anew: all where `whole`, else what is not open. Tells the reason, if any."""
        started = time.monotonic()
        if stamp.passages:
            self.index.rebuild(stamp, rows, whole=whole)
        self.mark(stamp)
        if reason:
            passages = f"{stamp.passages} passage{'s' * (stamp.passages != 1)}"
            self._notice(
                f"the search index was {reason}; rebuilt from the library: "
                f"{passages} in {time.monotonic() - started:.1f} s"
            )

    def mark(self, stamp: Stamp) -> None:
        """They hold this now; nothing waits."""
        self.stamp = stamp
        self._new, self._gone = [], []
