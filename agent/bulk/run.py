"""Articles in, outcomes out, in this process: everything that is slow to load is loaded once.

With the embedded judge one article is checked after the other. Where a language model is asked,
several are under way in one event loop: they share the model's connections, its journal, its
budget, and how many questions it is asked at once.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import AsyncExitStack, nullcontext
from typing import Self

from agent.bulk.items import Item, Outcome
from agent.bulk.settings import Settings
from agent.check import FactChecker
from agent.errors import AssayError, LibraryEmpty, LibraryError, ModelError, ModelUnavailable
from agent.types import Fault
from tools.library import Library


def check_all(
    items: Iterable[Item], how: Settings, *, on_notice: Callable[[str], None] | None = None
) -> Iterator[Outcome]:
    """Checks articles; each item ends in exactly one outcome.

    Items are asked for when there is room for them, so however many there are, only a few
    stand in memory. Who wants to end early lets `items` end, and takes the outcomes of those
    under way; who closes the iterator drops them.

    Args:
        items: the articles.
        how: with what they are checked.
        on_notice: told in one line what the user should know, e.g. that a cache was rebuilt.

    Yields:
        Outcomes as they end, which where several are under way is not the order of the items.

    Raises:
        LibraryError: the library is missing, locked or damaged.
        ModelUnavailable: no article can be checked any more; those that ended were yielded.
        UsageError: an option that cannot be meant.
    """
    waiting = iter(items)
    under_way: set[asyncio.Task[Outcome]] = set()
    with asyncio.Runner() as runner:
        checking = Checking(how, on_notice)
        runner.run(checking.__aenter__())
        try:
            while True:
                while len(under_way) < how.at_once:
                    if (item := next(waiting, None)) is None:
                        break
                    under_way.add(runner.get_loop().create_task(checking.check(item)))
                if not under_way:
                    return
                ended = runner.run(_first(under_way))
                under_way -= ended
                faults = [fault for task in ended if (fault := task.exception())]
                yield from (task.result() for task in ended if not task.exception())
                if faults:
                    raise faults[0]
        finally:
            for task in under_way:
                task.cancel()
            runner.run(checking.__aexit__())


async def _first(tasks: set[asyncio.Task[Outcome]]) -> set[asyncio.Task[Outcome]]:
    ended, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    return ended


class Checking:
    """A checker with the library open and the models loaded, for as many articles as there are.

    An asynchronous context manager; belongs to one event loop. The library stays open for
    reading from the first article to the last, so all are checked against one state of it.

    Args:
        how: with what articles are checked.
        on_notice: as of `FactChecker`.

    Raises:
        UsageError: an option that cannot be meant.
    """

    def __init__(self, how: Settings, on_notice: Callable[[str], None] | None = None) -> None:
        self._checker: FactChecker = how.checker(on_notice)
        self._closing = AsyncExitStack()

    async def check(self, item: Item) -> Outcome:
        """Checks one article. What goes wrong with it alone is its outcome.

        Raises:
            LibraryError: the library cannot be used.
            ModelUnavailable: the model cannot.
        """
        begun = time.perf_counter()
        try:
            report = await self._checker.acheck(item.document)
        except (ModelUnavailable, LibraryError) as error:
            if not isinstance(error, LibraryEmpty):
                raise
            fault = Fault(kind="library", message=str(error))
        except AssayError as error:
            kind = error.kind if isinstance(error, ModelError) else "input"
            fault = Fault(kind=kind, message=str(error))
        else:
            seconds = time.perf_counter() - begun
            return Outcome(item.key, item.name, report, None, seconds, report.usage)
        return Outcome(item.key, item.name, None, fault, time.perf_counter() - begun)

    async def __aenter__(self) -> Self:
        checker = self._checker
        library = self._closing.enter_context(
            Library.open(checker.library, checker.embedder, on_notice=checker.on_notice)
        )
        await self._closing.enter_async_context(checker.judges.sharing())
        self._checker = checker.narrowed(checker.selection, lambda: nullcontext(library))
        checker.load()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._closing.aclose()
