"""Articles in, outcomes out, in this process: everything that is slow to load is loaded once.

With the embedded judge one article is checked after the other. Where a language model is asked,
several are under way in one event loop: they share the model's connections, its journal, its
budget, and how many questions it is asked at once.
"""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import Callable, Collection, Generator, Iterable, Iterator
from contextlib import AsyncExitStack, nullcontext
from typing import TYPE_CHECKING, Self

from agent.bulk.items import Item, Outcome
from agent.bulk.settings import Settings
from agent.check import FactChecker
from agent.errors import (
    AssayError,
    ClaimFailed,
    InputError,
    LibraryEmpty,
    LibraryError,
    ReportError,
)
from agent.types import Fault, Usage
from tools.library import Library

if TYPE_CHECKING:
    from agent.gateway.estimating import Estimate
    from agent.judges import Lent


def check_all(
    items: Iterable[Item], how: Settings, *, on_notice: Callable[[str], None] | None = None
) -> Generator[Outcome, None, None]:
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
        ModelUnavailable: no article can be checked any more; those under way were waited for.
        UsageError: an option that cannot be meant.
    """
    waiting = iter(items)
    under_way: set[asyncio.Task[Outcome]] = set()
    fatal: BaseException | None = None
    with asyncio.Runner() as runner:
        checking = Checking(how, on_notice)
        runner.run(checking.__aenter__())
        try:
            while True:
                while fatal is None and len(under_way) < how.at_once:
                    if (item := next(waiting, None)) is None:
                        break
                    under_way.add(runner.get_loop().create_task(checking.check(item)))
                if not under_way:
                    break
                ended = runner.run(_first(under_way))
                under_way -= ended
                for task in ended:
                    if fault := task.exception():
                        # Others have answers on their way, which are paid for.
                        fatal = fatal or fault
                    else:
                        yield task.result()
        finally:
            runner.run(_end(under_way))
            runner.run(checking.__aexit__())
    if fatal:
        raise fatal


def estimate_all(
    items: Iterable[Item], how: Settings, *, on_notice: Callable[[str], None] | None = None
) -> Iterator[Estimate]:
    """What checking each of some articles would take; sends nothing.

    Args and Raises: as of `check_all`.
    """
    checker = how.checker(on_notice)
    with Library.open(checker.library, checker.embedder, on_notice=on_notice) as library:
        checker = checker.narrowed(checker.selection, lambda: nullcontext(library))
        for item in items:
            yield checker.estimate(item.document)


async def _first(tasks: set[asyncio.Task[Outcome]]) -> set[asyncio.Task[Outcome]]:
    ended, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    return ended


async def _end(tasks: Collection[asyncio.Task[Outcome]]) -> None:
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)


class Checking:
    """A checker with the library open and the models loaded, for as many articles as there are.

    An asynchronous context manager; belongs to one event loop. The library stays open for
    reading from the first article to the last, so all are checked against one state of it.

    Args:
        how: with what articles are checked.
        on_notice: as of `FactChecker`.
        lent: what the model shares with other processes.

    Raises:
        UsageError: an option that cannot be meant.
    """

    def __init__(
        self,
        how: Settings,
        on_notice: Callable[[str], None] | None = None,
        lent: Lent | None = None,
    ) -> None:
        self._how = how
        self._checker: FactChecker = how.checker(on_notice)
        self._checker.judges.lent = lent
        self._closing = AsyncExitStack()

    async def check(self, item: Item) -> Outcome:
        """Checks one article. What goes wrong with it alone is its outcome.

        Raises:
            AssayError, OSError: no article can be checked.
        """
        begun = time.perf_counter()
        report, fault = None, None
        try:
            report = await self._checker.acheck(item.document)
        except (InputError, LibraryEmpty, ClaimFailed, ReportError) as error:
            fault = Fault(kind=_kind(error), message=str(error))
        except (AssayError, OSError):  # of the whole run, not of this article
            raise
        except Exception as error:
            # A defect that one article of many thousands meets must not keep the others from
            # being checked; it stands in the record, and ASSAY_DEBUG=1 shows where it is.
            if os.environ.get("ASSAY_DEBUG") == "1":
                raise
            fault = Fault(kind="defect", message=f"{type(error).__name__}: {error}")
        seconds = time.perf_counter() - begun
        usage = report.usage if report else Usage()
        return Outcome(item.key, item.name, report, fault, seconds, usage)

    async def __aenter__(self) -> Self:
        checker = self._checker
        async with AsyncExitStack() as opening:  # lets all go again where the last cannot be had
            library = opening.enter_context(
                Library.open(checker.library, checker.embedder, on_notice=checker.on_notice)
            )
            self._compare(library)
            await opening.enter_async_context(checker.judges.sharing())
            self._checker = checker.narrowed(checker.selection, lambda: nullcontext(library))
            checker.load()
            self._closing = opening.pop_all()
        return self

    def _compare(self, library: Library) -> None:
        """Complains of a library that is not what reports will be noted to be made with."""
        expected = self._how.expected
        if expected and self._how.fingerprint_with(self._checker, library) != expected:
            raise LibraryError(
                f"the library {self._checker.library} was changed while this command began",
                "The same command checks against it as it is now",
            )

    async def __aexit__(self, *_: object) -> None:
        await self._closing.aclose()


def _kind(error: AssayError) -> str:
    if isinstance(error, ClaimFailed):
        return error.kind
    if isinstance(error, LibraryEmpty):
        return "library"
    return "input" if isinstance(error, InputError) else "defect"
