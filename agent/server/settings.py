"""What a service is started with."""

from __future__ import annotations

from dataclasses import dataclass, field
from ipaddress import ip_address
from pathlib import Path

from agent.gateway.budget import Limits

LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})


@dataclass(frozen=True)
class Settings:
    """All that a service is told at its start.

    Attributes:
        library: folder of the library; runs are kept in `runs` within.
        model, base_url, limits: as for `FactChecker`; each check is a run.
        hosts: names under which the service may be asked for (the `Host` header), without port.
        token: asked for in every request, or None on loopback.
        at_once: checks under way at once, at least 1.
        waiting: checks that may wait; one more is answered 429.
        seconds: after which a check is stopped.
        upload_bytes: largest body of a request.
        upload_files: most files of one request.
        requests: requests under way at once, streams of events among them; one more is answered
            503.
        keep: checks that have ended to keep, the oldest forgotten first; None keeps all.
        min_origins: independent origins that it takes to support a claim, where a request names
            no other number.
    """

    library: Path
    model: str = "embedded"
    base_url: str | None = None
    limits: Limits = field(default_factory=Limits)
    hosts: frozenset[str] = LOOPBACK
    token: str | None = None
    at_once: int = 2
    waiting: int = 50
    seconds: float = 900.0
    upload_bytes: int = 110 * 2**20
    upload_files: int = 100
    requests: int = 2_000
    keep: int | None = None
    min_origins: int = 1


def is_loopback(host: str) -> bool:
    """Whether only programs of this machine reach a server that listens on `host`."""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host.casefold() == "localhost"
