"""The socket that a server of ours listens on."""

from __future__ import annotations

import socket

from agent.errors import UsageError


def listening(host: str, port: int) -> socket.socket:
    """A socket that is bound, so that a port that is taken is told before the address is.

    Raises:
        UsageError: it cannot be listened on.
    """
    listener = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
    except (OSError, UnicodeError) as error:
        listener.close()
        raise UsageError(
            f"cannot listen on {host} port {port}: {error}", "Name another with --port"
        ) from error
    return listener
