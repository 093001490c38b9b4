"""One batch at a provider: OpenAI's Files and Batches endpoints, and servers like it.

A batch is a file of requests, one a line, answered within a day for a part of the price. What
is sent twice is paid twice, so a batch carries a tag of ours: when it is not known whether the
server took one in, it is looked for by its tag before it is sent again.

See OpenAI, "Batch API" (guide) and "Batches" (API reference).
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TypeVar

from agent.errors import ModelUnavailable
from agent.gateway.faults import PassingFault, Server, fault_of

if TYPE_CHECKING:
    from openai import AsyncOpenAI
    from openai.types import Batch

R = TypeVar("R")
Sleep = Callable[[float], Awaitable[None]]

TAG = "assay_batch"
FIRST_LOOK, LONGEST_LOOK = 5.0, 60.0
"""Seconds between two looks at a batch; each wait is half as long again as the one before."""
ENDED = frozenset({"completed", "failed", "expired", "cancelled"})
LARGEST_FILE = 512 * 2**20
"""Bytes of answers that are read."""

_TRIES = 8
_LONGEST_PAUSE = 60.0
_RESUME = "The same command goes on from here"


@dataclass(frozen=True)
class Ended:
    """How a batch ended."""

    status: str
    answers: dict[str, dict[str, Any]] = field(default_factory=dict)
    """Chat completions by the id of their request; only good ones."""
    why: str = ""


class BatchApi:
    """The endpoints of one server. Belongs to one event loop.

    Args:
        base_url: of the server, as for its chat completions.
        key: for it.
        tell: is told in one line how far a batch is, when that has changed.
        sleep: how to wait.
    """

    def __init__(
        self,
        base_url: str,
        key: str,
        *,
        tell: Callable[[str], None] = lambda _: None,
        sleep: Sleep = asyncio.sleep,
    ) -> None:
        from urllib.parse import urlsplit

        self._server = Server("the batch", urlsplit(base_url).netloc, secrets=(key,))
        self._tell = tell
        self._sleep = sleep
        self._client = _client(base_url, key)

    async def submit(self, requests: Mapping[str, Mapping[str, Any]], tag: str) -> str:
        """Sends a batch once.

        Args:
            requests: bodies of chat completions by id.
            tag: of this batch and no other.

        Returns:
            The server's id of the batch.

        Raises:
            ModelUnavailable: it cannot be sent.
        """
        lines = [
            json.dumps(
                {"custom_id": id_, "method": "POST", "url": "/v1/chat/completions", "body": body},
                ensure_ascii=False,
            )
            for id_, body in requests.items()
        ]
        content = ("\n".join(lines) + "\n").encode()
        file = await self._call(
            lambda: self._client.files.create(file=(f"{tag}.jsonl", content), purpose="batch")
        )
        tried = False

        async def create() -> str:
            nonlocal tried
            # The one before may have reached the server without our hearing of it.
            if tried and (known := await self._search(tag)):
                return known
            tried = True
            batch = await self._client.batches.create(
                input_file_id=file.id,
                endpoint="/v1/chat/completions",
                completion_window="24h",
                metadata={TAG: tag},
            )
            return batch.id

        return await self._call(create)

    async def find(self, tag: str) -> str | None:
        """The server's id of the batch of this tag; None if it has none.

        Raises:
            ModelUnavailable: the server cannot be asked.
        """
        return await self._call(lambda: self._search(tag))

    async def wait(self, id_: str) -> Ended:
        """Waits until a batch has ended, and reads its answers.

        Raises:
            ModelUnavailable: the server cannot be asked, or knows no such batch.
        """
        pause, told = FIRST_LOOK, ""
        while True:
            batch = await self._call(lambda: self._client.batches.retrieve(id_))
            counts = batch.request_counts
            done = f", {counts.completed} of {counts.total} answered" if counts else ""
            now = f"Batch {id_}: {batch.status.replace('_', ' ')}{done}"
            if now != told:
                self._tell(now)
                told = now
            if batch.status in ENDED:
                return Ended(batch.status, await self._answers(batch), self._why(batch))
            await self._sleep(pause)
            pause = min(pause * 1.5, LONGEST_LOOK)

    async def aclose(self) -> None:
        """Closes the connections."""
        await self._client.close()

    async def _search(self, tag: str) -> str | None:
        async for batch in self._client.batches.list(limit=100):
            if (batch.metadata or {}).get(TAG) == tag:
                return batch.id
        return None

    async def _answers(self, batch: Batch) -> dict[str, dict[str, Any]]:
        """What stands in the file of answers; that of errors holds none."""
        if not batch.output_file_id:
            return {}
        file = batch.output_file_id
        lines = await self._call(lambda: self._lines(file))
        found: dict[str, dict[str, Any]] = {}
        for line in lines:
            try:
                entry = json.loads(line)
                response = entry["response"]
                if response["status_code"] == 200 and isinstance(response["body"], dict):
                    found[str(entry["custom_id"])] = response["body"]
            except (ValueError, LookupError, TypeError):  # as good as missing
                continue
        return found

    async def _lines(self, file: str) -> list[bytes]:
        return (await _read(self._content(file))).splitlines()

    async def _content(self, file: str) -> AsyncIterator[bytes]:
        async with self._client.files.with_streaming_response.content(file) as response:
            async for part in response.iter_bytes():
                yield part

    def _why(self, batch: Batch) -> str:
        errors = batch.errors.data if batch.errors and batch.errors.data else []
        return self._server.clean("; ".join(str(error.message or error.code) for error in errors))

    async def _call(self, ask: Callable[[], Awaitable[R]]) -> R:
        """Asks, again where a fault may pass."""
        pause, number = 1.0, 0
        while True:
            number += 1
            try:
                return await ask()
            except Exception as error:
                fault = fault_of(error, self._server)
                if fault is None:
                    raise
                if isinstance(fault, PassingFault) and number < _TRIES:
                    await self._sleep(max(pause, fault.wait or 0.0))
                    pause = min(pause * 2, _LONGEST_PAUSE)
                    continue
                if getattr(error, "status_code", None) == 404:
                    raise ModelUnavailable(
                        "batch", f"{fault.what}: it knows no batches, or not this one",
                        "Leave out --batch",
                    ) from None  # fmt: skip
                raise ModelUnavailable(fault.kind, fault.what, fault.todo or _RESUME) from None


async def _read(parts: AsyncIterator[bytes]) -> bytes:
    data = bytearray()
    async for part in parts:
        data += part
        if len(data) > LARGEST_FILE:
            what = f"the batch's answers are larger than {LARGEST_FILE // 2**20} MiB"
            raise ModelUnavailable("too_large", what, "Use another server")
    return bytes(data)


def _client(base_url: str, key: str) -> AsyncOpenAI:
    import httpx2
    from openai import AsyncOpenAI

    from agent.gateway.provider import CONNECT_TIMEOUT, trust_store

    timeout = httpx2.Timeout(120, connect=CONNECT_TIMEOUT)
    return AsyncOpenAI(
        api_key=key,
        base_url=base_url,
        max_retries=0,
        timeout=timeout,
        http_client=httpx2.AsyncClient(
            verify=trust_store(),
            timeout=timeout,
            follow_redirects=False,
            headers={"accept-encoding": "identity"},
        ),
    )
