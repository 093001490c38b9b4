"""Articles in, outcomes out, on a Ray cluster: the same reports as in one process.

Each worker has a core. It loads the judge and the embedder and opens a snapshot of the library
once, and checks one article after the other; where a language model is asked, several at once.
What is granted once for all of them, answers, budget and places at the server, an actor on this
machine grants (`granting.py`). Only this process writes: workers give their outcomes back.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

from agent import __version__
from agent.bulk.cluster import AUTO, connected, spread
from agent.bulk.items import Item, Outcome
from agent.bulk.run import Checking
from agent.bulk.settings import Settings
from agent.errors import UsageError
from agent.types import Fault
from tools.library import Library
from tools.library.snapshots import is_snapshot


def check_on_ray(
    items: Iterable[Item],
    how: Settings,
    address: str = AUTO,
    *,
    on_notice: Callable[[str], None] | None = None,
) -> Iterator[Outcome]:
    """Checks articles as `agent.bulk.run.check_all` does, on all cores of a cluster.

    Args:
        items: the articles; asked for in a thread of their own.
        how: with what they are checked. Its library is opened on every machine: where it is no
            snapshot, one is made inside its folder for as long as this runs, so either has to lie
            where every machine of the cluster finds it under the same path.
        address: as of `agent.bulk.cluster.connected`.
        on_notice: told in one line what the user should know.

    Yields:
        Outcomes as they end, one for each item. An article over which several workers ended has
        a fault of the kind `worker`.

    Raises:
        LibraryError, ModelUnavailable: as `check_all`.
        UsageError: also where Ray is not there, or its machines have another release of Assay.
    """
    how.checker()  # refuses what cannot be meant before anything is started
    with connected(address), _shared(how, on_notice) as shared:
        make = partial(_Checker, shared, __version__)
        for given in spread(items, make, at_once=shared.at_once):
            yield given.result or _lost(given.thing, given.lost)


def _lost(item: Item, workers: int) -> Outcome:
    what = f"{workers} workers ended while they checked it; it may take too much memory"
    return Outcome(item.key, item.name, fault=Fault(kind="worker", message=what))


@contextmanager
def _shared(how: Settings, on_notice: Callable[[str], None] | None) -> Iterator[Settings]:
    """The settings with a snapshot for a library."""
    if is_snapshot(how.library):
        yield how
        return
    with Library.open(how.library, None, on_notice=on_notice) as library:
        home = TemporaryDirectory(prefix="snapshot-", dir=how.library, ignore_cleanup_errors=True)
        snapshot = Path(home.name).absolute() / "library"
        library.snapshot(snapshot)
    with home:
        yield replace(how, library=snapshot)


class _Checker:
    """A worker: an event loop in a thread, in which articles are checked.

    Args:
        how: with what.
        version: of Assay, where the outcomes go.

    Raises:
        UsageError: this machine has another release.
        LibraryError: the library cannot be used here.
    """

    def __init__(self, how: Settings, version: str) -> None:
        if version != __version__:
            raise UsageError(
                f"a machine of the cluster has Assay {__version__}, and this one {version}",
                "Install the same release on all of them",
            )
        self._loop = asyncio.new_event_loop()
        threading.Thread(target=self._loop.run_forever, daemon=True).start()
        self._checking = Checking(how)
        asyncio.run_coroutine_threadsafe(self._checking.__aenter__(), self._loop).result()

    def __call__(self, item: Item) -> Outcome:
        """Checks one article; may be called from several threads."""
        return asyncio.run_coroutine_threadsafe(self._checking.check(item), self._loop).result()
