"""What carries the requests of a model whose questions go in batches."""

from __future__ import annotations

import asyncio
import json

import httpx2

from agent.gateway.batching import Asked, Batches
from agent.gateway.counters import BATCH_TIER
from agent.gateway.provider import trust_store

_CHAT = "/chat/completions"


class BatchTransport(httpx2.AsyncBaseTransport):
    """Hands requests for chat completions over, and gives back what a server would reply.

    Args:
        batches: what the requests go into.
        limit: seconds that a request may take which is sent directly.
        network: carries these; default the network.
    """

    def __init__(
        self,
        batches: Batches,
        limit: float | None,
        network: httpx2.AsyncBaseTransport | None = None,
    ) -> None:
        self._batches = batches
        self._limit = limit
        self._network = network or httpx2.AsyncHTTPTransport(verify=trust_store())

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        """The reply, after up to a day."""

        async def directly() -> httpx2.Response:
            async with asyncio.timeout(self._limit):
                return await self._network.handle_async_request(request)

        address = str(request.url.copy_with(query=None))
        if not address.endswith(_CHAT):
            return await directly()
        body = json.loads(await request.aread())
        key = request.headers.get("authorization", "").removeprefix("Bearer ")
        asked = Asked(body, address.removesuffix(_CHAT), key)
        reply = await self._batches.answer(asked, directly)
        if isinstance(reply, httpx2.Response):
            return reply
        return httpx2.Response(
            200,
            headers={"content-type": "application/json"},
            stream=httpx2.ByteStream(json.dumps(reply | {"service_tier": BATCH_TIER}).encode()),
        )

    async def aclose(self) -> None:
        """Closes the connections of what is sent directly."""
        await self._network.aclose()
