"""Articles in, outcomes out, on a Ray cluster: the same reports as in one process.

Each worker has a core. It loads the judge and the embedder and opens a snapshot of the library
once, and checks one article after the other; where a language model is asked, several at once.
What is granted once for all of them, answers, budget and places at the server, an actor on this
machine grants (`granting.py`). Only this process writes: workers give their outcomes back.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Generator, Iterable, Iterator
from contextlib import ExitStack, closing, contextmanager
from dataclasses import replace
from functools import partial
from itertools import chain
from typing import Any
from uuid import uuid4

from agent import __version__
from agent.bulk.cluster import Actor, actor_here, spread
from agent.bulk.connecting import AUTO, connected, unless_lost
from agent.bulk.granting import Ask, Grants, lent, renew
from agent.bulk.items import Item, Outcome
from agent.bulk.run import Checking
from agent.bulk.settings import Settings
from agent.errors import LibraryError, UsageError
from agent.judges import EMBEDDED, Lent
from agent.types import Fault
from tools.library import Library
from tools.library.address import place_of, server_of
from tools.library.snapshots import is_snapshot, notes_folder, passing

_QUESTIONS = 10_000
"""That may wait for an answer of the actor that grants."""


def check_on_ray(
    items: Iterable[Item],
    how: Settings,
    address: str = AUTO,
    *,
    on_notice: Callable[[str], None] | None = None,
) -> Generator[Outcome]:
    """Checks articles as `agent.bulk.run.check_all` does, on all cores of a cluster.

    Args:
        items: the articles; asked for as there is room for them.
        how: with what they are checked. Its library is opened on every machine: where it is no
            snapshot, one is made inside its folder for as long as this runs, so either has to lie
            where every machine of the cluster finds it under the same path.
        address: as of `agent.bulk.connecting.connected`.
        on_notice: told in one line what the user should know.

    Yields:
        Outcomes as they end, one for each item. An article over which several workers ended has
        a fault of the kind `worker`.

    Raises:
        LibraryError, ModelUnavailable: as `check_all`.
        UsageError: also where Ray is not there, its machines have another release of Assay, or the
            library is on a server.
        ClusterLost: the cluster is lost; what was yielded stays true.
    """
    how.checker()  # refuses what cannot be meant before anything is started
    _refuse(how)
    waiting = iter(items)
    if (first := next(waiting, None)) is None:
        return
    items = chain([first], waiting)
    with connected(address), _shared(how, on_notice) as shared, _granting(how) as grants:
        make = partial(_Checker, shared, __version__, grants)
        with closing(spread(items, make, at_once=shared.at_once)) as all_given:
            for given in all_given:
                yield given.result or _lost(given.thing, given.lost)


def _refuse(how: Settings) -> None:
    if how.in_batches:
        raise UsageError(
            "--batch and --ray do not go together",
            "A provider's batches need no cluster: leave out --ray",
        )
    if server_of(how.library) is not None:
        raise UsageError(
            f"workers open a library in a folder, and {place_of(how.library)} is on a server",
            "Leave out --ray, or bring it into a folder first: assay sources pull ADDRESS",
        )


def _lost(item: Item, workers: int) -> Outcome:
    what = f"{workers} workers ended while they checked it; it may take too much memory"
    return Outcome(item.key, item.name, fault=Fault(kind="worker", message=what))


@contextmanager
def _shared(how: Settings, on_notice: Callable[[str], None] | None) -> Iterator[Settings]:
    """The settings with a snapshot for a library."""
    if is_snapshot(how.library):
        yield how
        return
    with ExitStack() as gone:
        with Library.open(how.library, None, on_notice=on_notice) as library:
            try:
                home = passing(how.library.absolute())
            except OSError as error:
                raise LibraryError(
                    f"no snapshot can be made in {how.library}: {error.strerror}",
                    "make one elsewhere, and use that: assay sources snapshot FOLDER",
                ) from error
            gone.callback(home.remove)
            snapshot = home.path / "library"
            library.snapshot(snapshot)
        yield replace(how, library=snapshot)


@contextmanager
def _granting(how: Settings) -> Iterator[Actor | None]:
    """The actor that grants what all workers take of one language model.

    It is on this machine, where journal and ledger are, and is started again if it ends.
    """
    if how.model == EMBEDDED:
        yield None
        return
    import ray

    what: dict[str, Any] = {
        "folder": notes_folder(how.library),
        "run": uuid4().hex,
        "journal": how.journal,
        "limits": how.limits,
        "price": how.price,
        "model": how.model,
    }
    Grants(**what).close()  # a fault of an actor's making comes without its words
    grants = actor_here(
        Grants, what, max_restarts=-1, max_task_retries=-1, max_concurrency=_QUESTIONS
    )
    with unless_lost(lambda: ray.kill(grants)):
        yield grants


def _asking(grants: Actor) -> Ask:
    from ray.exceptions import RayTaskError

    async def ask(name: str, *arguments: Any) -> Any:
        try:
            return await getattr(grants, name).remote(*arguments)
        except RayTaskError as error:
            raise error.cause from None

    return ask


class _Checker:
    """A worker: an event loop in a thread, in which articles are checked.

    Args:
        how: with what.
        version: of Assay, where the outcomes go.
        grants: where a language model is asked, what grants its use.

    Raises:
        UsageError: this machine has another release.
        LibraryError: the library cannot be used here.
    """

    def __init__(self, how: Settings, version: str, grants: Actor | None) -> None:
        if version != __version__:
            raise UsageError(
                f"a machine of the cluster has Assay {__version__}, and this one {version}",
                "Install the same release on all of them",
            )
        self._loop = asyncio.new_event_loop()
        threading.Thread(target=self._loop.run_forever, daemon=True).start()
        shared: Lent | None = None
        if grants is not None:
            ask = _asking(grants)
            shared = lent(
                ask,
                self._loop,
                journal=how.journal,
                limited=bool(how.limits),
                price=how.price,
            )
            self._alive = asyncio.run_coroutine_threadsafe(renew(ask, shared.holder), self._loop)
        self._checking = Checking(how, lent=shared)
        asyncio.run_coroutine_threadsafe(self._checking.__aenter__(), self._loop).result()

    def __call__(self, item: Item) -> Outcome:
        """Checks one article; may be called from several threads."""
        return asyncio.run_coroutine_threadsafe(self._checking.check(item), self._loop).result()
