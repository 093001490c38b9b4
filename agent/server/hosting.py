"""What serves the application: uvicorn, with an end that keeps its time and no room for the idle.

Uvicorn waits for as long as a client takes. Here a connection is dropped that has had no request
under way for a while, be it that its headers come one letter at a time or that nobody reads the
answer; and when the service is told to end, streams of events end first, so that nobody is waited
for who only listens.
"""

from __future__ import annotations

import logging
import socket
import sys
import time
from typing import TYPE_CHECKING, Any
from weakref import WeakKeyDictionary

import uvicorn

if TYPE_CHECKING:
    from fastapi import FastAPI

_GRACE = 10
"""Seconds that answers under way are given when the service ends."""
_STALE = 30.0
"""Seconds that a connection may be open without a request, or an answer unread."""
_SWITCH = 0.001
"""Seconds after which a thread that computes makes room for the one that answers requests; with
Python's own 0.005 a request waits for that long at each step, and for each thread."""
_FILES = 10_240
"""Open files that a service may want: no more can be asked for on macOS."""
_TICKS = 10
"""Uvicorn ticks ten times a second."""
_log = logging.getLogger(__name__)


class Server(uvicorn.Server):
    """See the module.

    Args:
        app: the application; what its `state.closing` holds is called when the end begins.
        stale: seconds after which a connection without progress is dropped.
        grace: seconds that answers under way are given at the end.
    """

    def __init__(self, app: FastAPI, *, stale: float = _STALE, grace: int = _GRACE) -> None:
        super().__init__(
            uvicorn.Config(
                app,
                log_level="warning",
                access_log=False,
                server_header=False,
                timeout_graceful_shutdown=grace,
                lifespan="on",
            )
        )
        self._app = app
        self._stale = stale
        self._standing: WeakKeyDictionary[Any, tuple[float, int]] = WeakKeyDictionary()
        """Since when a connection has been as it is, with how many bytes unsent."""

    async def on_tick(self, counter: int) -> bool:
        """As uvicorn's; looks at the connections once a second."""
        if counter % _TICKS == 0:
            self._drop_stale(time.monotonic())
        return await super().on_tick(counter)

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """As uvicorn's, once the work has been told to stop and the streams to end."""
        self._app.state.close()
        await super().shutdown(sockets)

    def _drop_stale(self, now: float) -> None:
        for connection in list(self.server_state.connections):
            unsent = _waiting_for_client(connection)
            if unsent is None:
                self._standing.pop(connection, None)
                continue
            since, before = self._standing.get(connection, (now, unsent))
            if unsent != before:
                since = now
            self._standing[connection] = since, unsent
            if now - since > self._stale:
                connection.transport.abort()


def _waiting_for_client(connection: Any) -> int | None:
    """Bytes that a connection has not taken yet, where it is its client's turn; else None."""
    cycle = connection.cycle
    unsent: int = connection.transport.get_write_buffer_size()
    under_way = cycle is not None and not cycle.response_complete
    return None if under_way and not unsent else unsent


def host(app: FastAPI, listener: socket.socket) -> None:
    """Serves until interrupted or told to end (SIGINT, SIGTERM); both are raised again then."""
    sys.setswitchinterval(_SWITCH)
    _allow_many_files()
    Server(app).run(sockets=[listener])


def _allow_many_files() -> None:
    """As many open files as the system lets this process have: each connection is one."""
    try:
        import resource
    except ImportError:  # Windows has no such limit
        return
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    most = _FILES if hard == resource.RLIM_INFINITY else min(hard, _FILES)
    if soft < most:
        try:
            resource.setrlimit(resource.RLIMIT_NOFILE, (most, hard))
        except (OSError, ValueError) as error:
            _log.info("the limit on open files stays at %d: %s", soft, error)
