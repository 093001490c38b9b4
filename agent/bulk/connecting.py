"""A connection to Ray: to a cluster that runs, or to one of this machine's cores, started for it.

Ray itself tries for minutes to reach a cluster, and says little of why it could not. So an address
is looked at before Ray gets it, Ray tries once, and what it raises is told with what to do.
"""

from __future__ import annotations

import atexit
import logging
import os
import signal
import socket
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any, Self
from urllib.parse import urlsplit

from agent.errors import AssayError, UsageError

AUTO = "auto"
_HERE, _RUNNING = "local", "auto"
"""Ray's own words: a cluster that is started here, one of this machine that runs."""
_NAMED = "RAY_ADDRESS"
_ANSWERING = 5.0
"""Seconds in which a cluster's head takes a connection, and in which it answers."""
_LOOKS, _GONE = 2.0, 20.0
"""Seconds between two looks at the head, and for how long it is away before it is lost. Ray itself
gives up after 60, and ends the process."""
_PREFACE = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + bytes([0, 0, 0, 4, 0, 0, 0, 0, 0])
"""How HTTP/2, which Ray speaks, is begun: with settings, of which these change none. Its other side
begins with its own (RFC 9113, section 3.4)."""
_FRAME, _SETTINGS = 9, 4
"""Bytes at the head of a frame, of which the fourth is its type; that of settings."""
_LOOPBACK = ("localhost", "127.0.0.1", "::1")
_STORE = 200 * 2**20
"""Bytes of the object store of a Ray that is started here: it holds texts, not vectors of all."""
_ENVIRONMENT = {"RAY_USAGE_STATS_ENABLED": "0", "RAY_BACKEND_LOG_LEVEL": "fatal"}
"""Nothing is told to Ray's makers; what goes wrong is told here, once."""
_ONCE = {"RAY_NUM_REDIS_GET_RETRIES": "1", "RAY_py_gcs_connect_timeout_s": "5"}
"""How often Ray tries to reach a cluster that runs, whatever its name says, and for how long. It
reads both when it is imported."""
_QUIET: dict[str, Any] = {"log_to_driver": False, "logging_level": logging.ERROR}
_STARTED_HERE: dict[str, Any] = {
    "include_dashboard": False,
    "object_store_memory": _STORE,
    "_node_ip_address": "127.0.0.1",
}


class ClusterLost(AssayError):
    """The head of the cluster is gone; what came back from it is kept."""

    exit_code = 6
    ends_at_once = True


@contextmanager
def connected(address: str = AUTO) -> Iterator[None]:
    """Connects to Ray, unless this process is connected; lets go of it afterwards.

    Args:
        address: of a cluster's head; `auto` is the cluster that `RAY_ADDRESS` names, and where
            it names none, one of this machine's cores, which is started on the loopback interface
            and ends with this.

    Raises:
        UsageError: Ray is not installed, that is no address, no cluster answers there within some
            15 seconds, or it does not let this process in.
        ClusterLost: from within; nothing is asked of Ray any more then.
    """
    where = (os.environ.get(_NAMED) or _HERE) if address == AUTO else address
    for name, value in _ENVIRONMENT.items():
        os.environ.setdefault(name, value)
    with _set_within({} if where == _HERE else _ONCE):
        try:
            import ray
            import ray.data
        except ImportError as error:
            raise UsageError(
                f"Ray is not installed ({error.name} is missing)",
                "Install it: pip install 'assay-factcheck[ray]'",
            ) from error
        if is_ours := not ray.is_initialized():
            _connect(where)
    try:
        with unless_lost(ray.shutdown if is_ours else lambda: None):
            yield
    except ClusterLost:
        atexit.unregister(ray.shutdown)
        raise


@contextmanager
def unless_lost(end: Callable[[], object]) -> Iterator[None]:
    """Has something ended after the block, whatever ends it but a cluster that is lost.

    Ray would wait for a head that is gone until it ends this process.
    """
    try:
        yield
    except ClusterLost:
        raise
    except BaseException:
        end()
        raise
    end()


def _connect(where: str) -> None:
    import ray

    try:
        if where not in (_HERE, _RUNNING):
            look_for(where, own=ray.util.get_node_ip_address())  # type: ignore[no-untyped-call]
        with _own_handlers():
            ray.init(address=where, **_QUIET, **(_STARTED_HERE if where == _HERE else {}))
    except BaseException as error:
        ray.shutdown()
        if isinstance(error, UsageError) or not isinstance(error, Exception):
            raise
        raise _told(error, where) from error  # Ray raises many kinds, `Exception` itself among them


@contextmanager
def _set_within(values: Mapping[str, str]) -> Iterator[None]:
    """Variables of the environment, where they are not set already; not for what starts later."""
    added = {name: value for name, value in values.items() if name not in os.environ}
    os.environ.update(added)
    try:
        yield
    finally:
        for name in added:
            os.environ.pop(name, None)


@contextmanager
def _own_handlers() -> Iterator[None]:
    """What this process does on SIGTERM stays as it was, whatever is started within.

    Ray puts handlers of its own in place, in Python and beneath: a trace, and the end.
    """
    before = signal.getsignal(signal.SIGTERM)
    try:
        yield
    finally:
        # Only the main thread may; what was not set by Python cannot be set again.
        if threading.current_thread() is threading.main_thread() and before is not None:
            signal.signal(signal.SIGTERM, before)


class Watch(threading.Thread):
    """Sees that the head of the cluster is there, for as long as the block runs; a context manager.

    Where it is gone, Ray tries to reach it for a minute and then ends this process without a word.

    Args:
        tell: told of the loss, once, before Ray gives up.
    """

    def __init__(self, tell: Callable[[ClusterLost], None]) -> None:
        super().__init__(name="assay-watch", daemon=True)
        import ray

        self._head = str(ray.get_runtime_context().gcs_address)
        self._tell = tell
        self._over = threading.Event()

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()

    def run(self) -> None:
        host, _, port = self._head.rpartition(":")
        seen = time.monotonic()
        while not self._over.wait(_LOOKS):
            try:
                socket.create_connection((host.strip("[]"), int(port)), _ANSWERING).close()
                seen = time.monotonic()
            except OSError:
                if time.monotonic() - seen > _GONE:
                    self._tell(lost(f"its head {self._head} does not answer"))
                    return


def lost(why: str) -> ClusterLost:
    """The error where a cluster is lost in the middle of the work."""
    return ClusterLost(
        f"the Ray cluster is lost: {why}",
        "What had come back is kept. Start it again: the same command goes on from there",
    )


def look_for(address: str, *, own: str | None = None) -> None:
    """Sees that a cluster's head may be at an address: that what listens there speaks HTTP/2.

    Args:
        address: `HOST:PORT`.
        own: address of this machine, by which Ray reaches what is named as `localhost`.

    Raises:
        UsageError: it is no address, nobody takes a connection there, or it is no Ray that does.
    """
    try:
        parts = urlsplit(f"//{address}")
        host, port = parts.hostname, parts.port
    except ValueError:
        host, port = None, None
    if not host or not port or parts.netloc != address or parts.username is not None:
        raise UsageError(
            f"{address!r} is no address of a Ray cluster",
            "Write HOST:PORT of its head, or --ray auto for this machine's cores",
        )
    if own and host in _LOOPBACK:
        host = own
    try:
        with socket.create_connection((host, port), _ANSWERING) as connection:
            is_head = _encrypted() or _speaks_http2(connection)
    except OSError as error:
        raise _nobody(address) from error
    if not is_head:
        raise UsageError(
            f"what listens at {address!r} is no Ray cluster",
            "Write the HOST:PORT that `ray start --head` printed, by default with the port 6379",
        )


def _encrypted() -> bool:
    return os.environ.get("RAY_USE_TLS", "0").lower() in ("1", "true")


def _speaks_http2(connection: socket.socket) -> bool:
    try:
        connection.sendall(_PREFACE)
        with connection.makefile("rb") as answer:
            frame = answer.read(_FRAME)
    except OSError:  # silent, or gone
        return False
    return len(frame) == _FRAME and frame[3] == _SETTINGS


def _told(error: Exception, address: str) -> UsageError:
    """Why Ray did not connect, in words of ours where its own say nothing of what to do."""
    said = " ".join(f"{error} {error.__cause__ or ''}".split()).rstrip(".")
    if "uthenticat" in said:
        return UsageError(
            f"the Ray cluster at {address!r} asks for a token, and takes none that is here",
            "Set RAY_AUTH_MODE=token, and put the token of its head (`ray get-auth-token`) into "
            "~/.ray/auth_token or RAY_AUTH_TOKEN",
        )
    if "ersion mismatch" in said:
        return UsageError(
            f"the Ray cluster at {address!r} has another release of Ray or Python: {said}",
            "Have the same on all machines",
        )
    if address == _HERE:
        return UsageError(
            f"Ray does not start on this machine: {said}",
            "Run it again when less else runs here, or leave out --ray",
        )
    if isinstance(error, ConnectionError | ValueError):
        return _nobody(address)
    return UsageError(f"Ray cannot be used at {address!r}: {said}")


def _nobody(address: str) -> UsageError:
    return UsageError(
        f"no Ray cluster answers at {address!r}",
        "Start one with `ray start --head`, or use this machine's cores: --ray auto, with "
        "RAY_ADDRESS not set",
    )
