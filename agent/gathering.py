"""The evidence on claims, gathered for the first of them while the last are still being split.

Passages are looked for in the order of the article, a few claims at a time, since one thread
reads the library. Claims that have theirs are rated side by side.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Sequence
from types import TracebackType
from typing import Any, Self

from agent.errors import ModelUnavailable
from agent.rate import Rater
from agent.types import Claim, Evidence, Hit

AT_ONCE = 16
"""Claims that passages are looked for together: as many as a model server is asked about at
first, so that it waits for no more than these."""
FIRST = 4
"""The same of an article's first claims: until they have their passages, no rater has work."""
_GRACE = 5.0
"""Seconds for answers on their way to reach the journal."""

Retrieve = Callable[[Sequence[Claim]], Awaitable[list[list[Hit]]]]


class Gathering:
    """What is under way for the claims of one article; an asynchronous context manager.

    When the model becomes unavailable, answers on their way are given `_GRACE` seconds to
    reach the journal, since they are paid for; the gateway sends nothing more. Any other
    fault cancels what is under way at once.

    Args:
        retrieve: finds the passages closest to each of some claims.
        rater: rates a claim by its passages.
    """

    def __init__(self, retrieve: Retrieve, rater: Rater) -> None:
        self._retrieve = retrieve
        self._rater = rater
        self._turn = asyncio.Lock()
        self._begun: set[str] = set()
        self._found = 0
        """Claims that have their passages."""
        self._retrieving: list[asyncio.Task[None]] = []
        self._rating: dict[str, asyncio.Task[list[Evidence]]] = {}

    def begin(self, claims: Sequence[Claim]) -> None:
        """Begins with those of these claims that were not begun with; they follow the others."""
        new = [claim for claim in claims if claim.id not in self._begun]
        self._begun.update(claim.id for claim in new)
        start = 0
        while start < len(new):
            end = start + (AT_ONCE if self._retrieving else FIRST)
            self._retrieving.append(asyncio.create_task(self._part(new[start:end])))
            start = end

    def prepare(self, load: Callable[[], Awaitable[object]]) -> None:
        """Loads what retrieval needs, before it begins: while the splitter waits for an answer."""
        self._retrieving.append(asyncio.create_task(self._load(load)))

    async def retrieved(self, tell: Callable[[int], object] = lambda _: None) -> None:
        """Waits until all claims that were begun with have their passages.

        Args:
            tell: told how many have them, as they get them.

        Raises:
            LibraryError: the library cannot be read.
        """
        for part in self._retrieving:  # they end in this order
            await part
            tell(self._found)

    async def evidence(self, claim: Claim) -> list[Evidence]:
        """The evidence on a claim whose passages are `retrieved`.

        Raises:
            ClaimFailed: it cannot be rated.
            ModelUnavailable: none can be rated.
        """
        return await self._rating[claim.id]

    async def _load(self, load: Callable[[], Awaitable[object]]) -> None:
        async with self._turn:
            await load()

    async def _part(self, claims: Sequence[Claim]) -> None:
        async with self._turn:  # whoever came first has it first
            hits = await self._retrieve(claims)
        self._found += len(claims)
        for claim, found in zip(claims, hits, strict=True):
            self._rating[claim.id] = asyncio.create_task(self._rate(claim, found))

    async def _rate(self, claim: Claim, hits: Sequence[Hit]) -> list[Evidence]:
        return await self._rater.rate(claim, hits)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, _: type[BaseException] | None, fault: BaseException | None, __: TracebackType | None
    ) -> None:
        await _end(self._retrieving)
        rating = self._rating.values()
        if isinstance(fault, ModelUnavailable) and rating:
            await asyncio.wait(rating, timeout=_GRACE)
        await _end(rating)


async def _end(tasks: Iterable[asyncio.Task[Any]]) -> None:
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
