"""One page from the web, fetched because a user named its address.

Every hop is an address by `tools.web.addresses`; its name is resolved once, all answers must be
public, and the connection goes to one of exactly these, so that a name server cannot change
its mind in between (DNS rebinding). TLS is verified for the name. Redirects start over.
Proxies and credentials of the environment are not used. robots.txt is asked first, and
obeyed (RFC 9309). Size, time and hops are bounded, also of what is packed.
"""

from __future__ import annotations

import http
import socket
import ssl
import threading
import time
import zlib
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.message import Message
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import urljoin

from agent.errors import InputError
from tools.stopping import go_on, watched
from tools.web.addresses import Address, is_number, is_public, parse

if TYPE_CHECKING:
    from httpcore2 import NetworkBackend, NetworkStream, Response

AGENT = "Assay"
"""Our name in robots.txt."""
MAX_BYTES = 20 * 1024 * 1024
"""Largest body, after unpacking."""
MAX_HOPS = 10
"""Redirects that are followed."""
SECONDS = 60.0
"""For the whole, robots.txt and redirects included."""
_CONNECT_SECONDS = 10.0
_READ_SECONDS = 20.0
_MAX_ROBOTS = 512 * 1024
_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_ACCEPT = "text/html,application/xhtml+xml,text/plain,application/pdf;q=0.9,*/*;q=0.5"

Resolve = Callable[[str], Sequence[str]]
"""IP addresses of a host; raises OSError where there are none."""
Connect = Callable[[str, int, float], "NetworkStream"]
"""Opens a connection to an IP address and a port within some seconds."""


class Fetched(NamedTuple):
    """What an address gave.

    Attributes:
        url: as it was asked for.
        final_url: where redirects led.
        content_type: in lower case, without parameters; empty where none was given.
        charset: the parameter of that name, or None.
        body: unpacked.
        fetched_at: ISO 8601, UTC.
    """

    url: str
    final_url: str
    content_type: str
    charset: str | None
    body: bytes
    fetched_at: str


def fetch(url: str) -> Fetched:
    """Fetches one page.

    Raises:
        InputError: the address is refused, its host is not public, robots.txt disallows it,
            the server cannot be reached or answers with an error, or a bound is exceeded.
    """
    return Fetcher().fetch(url)


@dataclass
class Fetcher:
    """Fetches pages; what it learns of a host is kept for its lifetime only.

    Attributes:
        resolve: by default the system's resolver.
        connect: by default a plain socket. Both exist for tests; no option reaches them.
        tls: by default the system's authorities.
        seconds: for one `fetch`.
    """

    resolve: Resolve = field(default_factory=lambda: _resolve)
    connect: Connect = field(default_factory=lambda: _connect)
    tls: ssl.SSLContext = field(default_factory=ssl.create_default_context)
    seconds: float = SECONDS

    def fetch(self, url: str) -> Fetched:
        """As the function of this name."""
        return _Visit(self, url).run()


class _Visit:
    """One `fetch`: its clock, and what the hosts on its way resolved to."""

    def __init__(self, fetcher: Fetcher, url: str) -> None:
        self._fetcher = fetcher
        self._url = url
        self._end = time.monotonic() + fetcher.seconds
        self._hosts: dict[str, list[str]] = {}
        self._rules: dict[str, Callable[[str], bool]] = {}
        self._open: list[socket.socket] = []

    def run(self) -> Fetched:
        # A server that sends a byte now and then keeps every single read within its time:
        # the whole ends when its connections are shut from outside.
        try:
            with watched(self._fetcher.seconds, self._shut):
                return self._followed()
        finally:
            self._shut()

    def _followed(self) -> Fetched:
        address = parse(self._url)
        for _ in range(MAX_HOPS + 1):
            self._public(address)  # refused by its own name, not by that of its robots.txt
            self._obey(address)
            answer = self._ask(address, MAX_BYTES)
            if answer.status not in _REDIRECTS or answer.location is None:
                return self._read(address, answer)
            address = self._next(address, answer.location)
        raise InputError(
            f"{address.url} redirects more than {MAX_HOPS} times", "Give the last address"
        )

    def _read(self, address: Address, answer: _Answer) -> Fetched:
        if answer.status != http.HTTPStatus.OK:
            try:
                words = f" {http.HTTPStatus(answer.status).phrase}"
            except ValueError:
                words = ""
            raise InputError(
                f"{address.url} answers {answer.status}{words}", "Open it in a browser and look"
            )
        header = Message()
        header["content-type"] = answer.content_type
        return Fetched(
            url=self._url,
            final_url=address.url,
            content_type=header.get_content_type() if answer.content_type else "",
            charset=header.get_content_charset(),
            body=answer.body,
            fetched_at=datetime.now(UTC).isoformat(timespec="seconds"),
        )

    @staticmethod
    def _next(address: Address, location: str) -> Address:
        if not location.isprintable() or "\\" in location or " " in location:
            raise InputError(f"{address.url} redirects to an address that is malformed")
        try:
            return parse(urljoin(address.url, location))
        except InputError as refused:
            raise InputError(f"{address.url} redirects, and {refused.what}", refused.todo) from None
        except ValueError as error:  # urljoin, of brackets
            raise InputError(f"{address.url} redirects to an address that is malformed") from error

    # --- robots.txt

    def _obey(self, address: Address) -> None:
        if address.origin not in self._rules:
            self._rules[address.origin] = self._rules_of(address)
        if not self._rules[address.origin](address.url):
            raise InputError(
                f"robots.txt of {address.host} does not allow programs to read {address.url}",
                "Save the page in your browser, and give the file",
            )

    def _rules_of(self, address: Address) -> Callable[[str], bool]:
        """RFC 9309, 2.3.1: no file, no rules; a server in trouble is left alone."""
        from protego import Protego

        at = parse(f"{address.origin}/robots.txt")
        for _ in range(5 + 1):
            answer = self._ask(at, _MAX_ROBOTS, cut=True)
            if answer.status in _REDIRECTS and answer.location is not None:
                at = self._next(at, answer.location)
                continue
            if answer.status == http.HTTPStatus.OK:
                rules = Protego.parse(answer.body.decode("utf-8", errors="replace"))
                return lambda url: bool(rules.can_fetch(url, AGENT))
            if answer.status >= http.HTTPStatus.INTERNAL_SERVER_ERROR:
                return lambda _: False
            break
        return lambda _: True

    # --- one request

    def _ask(self, address: Address, most: int, *, cut: bool = False) -> _Answer:
        import httpcore2

        self._check_time(address)
        pool = httpcore2.ConnectionPool(
            ssl_context=self._fetcher.tls,
            network_backend=self._backend(address),
        )
        written = f"[{address.host}]" if ":" in address.host else address.host
        headers = {
            "Host": written if address.port in (80, 443) else f"{written}:{address.port}",
            "User-Agent": _user_agent(),
            "Accept": _ACCEPT,
            "Accept-Encoding": "gzip",
            "Connection": "close",
        }
        timeout = {"connect": _CONNECT_SECONDS, "read": _READ_SECONDS, "write": _READ_SECONDS}
        try:
            with (
                pool,
                pool.stream(
                    "GET",
                    httpcore2.URL(
                        scheme=address.scheme.encode(),
                        host=address.host.encode(),
                        port=address.port,
                        target=address.target.encode(),
                    ),
                    headers=list(headers.items()),
                    extensions={"timeout": timeout},
                ) as response,
            ):
                answer = _answer(response, address, most, cut=cut)
        except httpcore2.TimeoutException as error:
            self._check_time(address)
            raise InputError(
                f"the server of {address.url} does not answer in time", "Try again later"
            ) from error
        except (httpcore2.NetworkError, httpcore2.ProtocolError, OSError) as error:
            self._check_time(address)
            raise InputError(
                f"{address.url} cannot be fetched: {_reason(error)}",
                "Check the address and the connection",
            ) from error
        self._check_time(address)  # a body that ends with its connection was cut by the watchdog
        return answer

    def _backend(self, address: Address) -> NetworkBackend:
        """Connects to the addresses that were checked, whatever host it is asked for."""
        import httpcore2

        visit, ips = self, self._public(address)

        class Pinned(httpcore2.NetworkBackend):
            def connect_tcp(
                self,
                host: str,
                port: int,
                timeout: float | None = None,
                local_address: str | None = None,
                socket_options: Iterable[httpcore2.SOCKET_OPTION] | None = None,
            ) -> NetworkStream:
                for number, ip in enumerate(ips, start=1):
                    try:
                        stream = visit._fetcher.connect(ip, port, timeout or _CONNECT_SECONDS)
                    except (httpcore2.ConnectError, httpcore2.ConnectTimeout):
                        if number == len(ips):
                            raise
                        continue
                    visit._watch(stream)
                    return stream
                raise httpcore2.ConnectError("no address")

        return Pinned()

    def _public(self, address: Address) -> list[str]:
        """What the host resolves to: looked up once, and refused if any of it is not public."""
        host = address.host
        if host not in self._hosts:
            try:
                found = [host] if is_number(host) else list(self._fetcher.resolve(host))
            except (OSError, UnicodeError):
                found = []
            if not found:
                raise InputError(f"there is no host {host}", "Check the address")
            if private := [ip for ip in found if not is_public(ip)]:
                raise InputError(
                    f"the address {address.url} is not fetched: {host} "
                    + ("is" if is_number(host) else f"is {private[0]}, which is")
                    + " not on the public internet",
                    "Save the page, give the file",
                )
            self._hosts[host] = found
        return self._hosts[host]

    # --- time

    def _check_time(self, address: Address) -> None:
        go_on()  # what is not wanted any more was cut, too
        if time.monotonic() >= self._end:
            raise InputError(
                f"{address.url} was not read within {self._fetcher.seconds:.0f} s",
                "Try again later, or save the page and give the file",
            )

    def _watch(self, stream: NetworkStream) -> None:
        # A second handle on the socket: TLS takes the first one for itself.
        if (plain := stream.get_extra_info("socket")) is not None:
            self._open.append(plain.dup())

    def _shut(self) -> None:
        while self._open:
            handle = self._open.pop()
            with handle, suppress(OSError):
                handle.shutdown(socket.SHUT_RDWR)


class _Answer(NamedTuple):
    status: int
    location: str | None
    content_type: str
    body: bytes


def _answer(response: Response, address: Address, most: int, *, cut: bool) -> _Answer:
    headers = {
        name.decode("latin-1").lower(): value.decode("latin-1") for name, value in response.headers
    }
    location = headers.get("location")
    body = b""
    if response.status == http.HTTPStatus.OK:
        body = _unpacked(response.iter_stream(), headers.get("content-encoding", ""), most, address)
        if len(body) > most:
            if not cut:
                raise InputError(
                    f"{address.url} is larger than {most // 2**20} MiB, the most that is read",
                    "Save the part that matters, and give the file",
                )
            body = body[:most]
    return _Answer(response.status, location, headers.get("content-type", ""), body)


def _unpacked(chunks: Iterable[bytes], encoding: str, most: int, address: Address) -> bytes:
    """The body, of at most one byte more than `most`: what is packed is never unpacked further."""
    encoding = encoding.strip().lower()
    if encoding not in ("", "identity", "gzip", "x-gzip"):
        raise InputError(
            f"{address.url} comes packed as {encoding[:20]!r}, which was not asked for"
        )
    body = bytearray()
    unpack = zlib.decompressobj(31) if encoding.endswith("gzip") else None
    for chunk in chunks:
        try:
            # What is left to be read is one at least, and nought would mean no limit.
            body += unpack.decompress(chunk, most + 1 - len(body)) if unpack else chunk
        except zlib.error as error:
            raise InputError(f"{address.url} is packed wrongly: {error}") from error
        if len(body) > most:
            return bytes(body[: most + 1])
    if unpack and not unpack.eof:
        raise InputError(f"{address.url} is packed wrongly: it ends too early")
    return bytes(body)


def _resolve(host: str) -> list[str]:
    """The system's resolver, in a thread of its own: it knows no time limit."""
    found: list[str] = []

    def ask() -> None:
        with suppress(OSError, UnicodeError):
            infos = socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)
            found.extend(dict.fromkeys(str(info[4][0]) for info in infos))

    thread = threading.Thread(target=ask, daemon=True)
    thread.start()
    thread.join(_CONNECT_SECONDS)
    return list(found)


def _connect(ip: str, port: int, seconds: float) -> NetworkStream:
    from httpcore2 import SyncBackend

    return SyncBackend().connect_tcp(ip, port, timeout=seconds)


def _user_agent() -> str:
    from importlib.metadata import PackageNotFoundError, version

    try:
        number = version("assay-factcheck")
    except PackageNotFoundError:  # run from a folder that was never installed
        number = "0"
    return f"{AGENT}/{number} (fact checking; a person asked for this page)"


def _reason(error: BaseException) -> str:
    cause = error.__cause__ or error.__context__ or error
    if isinstance(cause, ssl.SSLCertVerificationError):
        return f"its certificate is not valid ({cause.verify_message})"
    if isinstance(cause, OSError) and cause.strerror:
        return cause.strerror
    return " ".join(str(error).split())[:120] or type(error).__name__
