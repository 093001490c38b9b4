"""Web addresses that may be fetched, and the machines that may be reached.

A user names an address, a page redirects to another: neither may lead into the network
that the program runs in (server-side request forgery, CWE-918). What stands here decides by
rules alone and opens nothing: `parse` for the address, `is_public` for what its host's
name resolves to.
"""

from __future__ import annotations

import ipaddress
import re
from typing import NamedTuple
from urllib.parse import quote, urlsplit

from agent.errors import InputError

MAX_LENGTH = 8000
"""Characters; servers refuse longer ones."""
PORTS = frozenset({80, 443})

_HOST = re.compile(r"(?=.{1,253}\Z)(?:[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?\.)+[a-z0-9-]{1,63}")
_PLAIN_V4 = re.compile(r"(?:(?:0|[1-9]\d{0,2})\.){3}(?:0|[1-9]\d{0,2})")
# What the URL standard takes for a number, and so the whole host for an IPv4 address.
_NUMBER = re.compile(r"\d+|0x[0-9a-f]*")
# Names that mean a machine nearby whatever they resolve to (RFC 6761, 6762, 8375, 9476 and
# what clouds and clusters use); asking a name server for them tells it about the network.
_NEARBY = ("localhost", "local", "internal", "intranet", "lan", "home", "corp", "private",
           "home.arpa", "svc", "test", "invalid", "onion", "alt")  # fmt: skip
_V6_GLOBAL = ipaddress.IPv6Network("2000::/3")
# Inside of it: protocol assignments with Teredo, 6to4, documentation.
_V6_REFUSED = tuple(
    map(ipaddress.IPv6Network, ("2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20"))
)
# Protocol assignments, some of which the standard library calls global; 6to4 relays; and the
# one public address at which a cloud (Azure) serves its own machines.
_V4_REFUSED = tuple(
    map(ipaddress.IPv4Network, ("192.0.0.0/24", "192.88.99.0/24", "168.63.129.16/32"))
)
_KEPT = "/%:@!$&'()*+,;=-._~"


class Address(NamedTuple):
    """An address that may be asked for, if its host is public.

    Attributes:
        url: the whole, in ASCII and without fragment.
        scheme: `http` or `https`.
        host: in lower case, international names as A-labels; of IPv6 without brackets.
        port: 80 or 443.
        target: path and query, as they are sent.
    """

    url: str
    scheme: str
    host: str
    port: int
    target: str

    @property
    def origin(self) -> str:
        """Scheme, host and port: what one robots.txt speaks for."""
        return self.url[: len(self.url) - len(self.target)]


def parse(url: str) -> Address:
    """Reads an address strictly: whatever parsers disagree on is refused.

    Args:
        url: absolute, `http` or `https`, port 80 or 443, no user name. Its host is a public
            name, or an IP address in plain form.

    Raises:
        InputError: it is none of these; says which.
    """
    shown = "".join(c if c.isprintable() else "\ufffd" for c in url[:100])
    _check_length(url, shown)
    if any(c.isspace() or not c.isprintable() or c == "\\" for c in url):
        raise _refused(shown, "it holds blanks, control characters or backslashes")
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError as error:
        raise _refused(shown, "it is malformed") from error
    scheme = parts.scheme.lower()
    if scheme not in ("http", "https") or not url[len(scheme) :].startswith("://"):
        raise _refused(shown, "only http:// and https:// addresses are fetched")
    if "@" in parts.netloc:
        raise _refused(shown, "it carries a user name")
    if port is None:
        port = 443 if scheme == "https" else 80
    if port not in PORTS:
        raise _refused(shown, f"port {port} is not one of the web's, 80 and 443")
    host = _host(parts.netloc, parts.hostname or "", shown)
    written = f"[{host}]" if ":" in host else host
    usual = (scheme, port) in (("http", 80), ("https", 443))
    target = quote(parts.path or "/", safe=_KEPT)
    if parts.query:
        target += "?" + quote(parts.query, safe=_KEPT + "?")
    whole = f"{scheme}://{written}{'' if usual else f':{port}'}{target}"
    _check_length(whole, shown)  # with other letters written as %C3%A9
    return Address(whole, scheme, host, port, target)


def _check_length(url: str, shown: str) -> None:
    if len(url) > MAX_LENGTH:
        raise InputError(f"the address {shown}… is longer than {MAX_LENGTH:,} characters")


def is_public(address: str) -> bool:
    """Whether an IP address belongs to the public internet, as far as its number tells.

    Refused are private, loopback, link-local (with the metadata services of clouds), carrier
    NAT, multicast, documentation, benchmark and reserved ranges (IANA's special-purpose
    registries), and IPv6 forms that carry an IPv4 address (mapped, NAT64, 6to4, Teredo).
    """
    try:
        ip = ipaddress.ip_address(address)
    except ValueError:
        return False
    if isinstance(ip, ipaddress.IPv6Address):
        return ip in _V6_GLOBAL and not any(ip in network for network in _V6_REFUSED)
    special = ip.is_multicast or ip.is_reserved or not ip.is_global
    return not special and not any(ip in network for network in _V4_REFUSED)


def _host(netloc: str, host: str, shown: str) -> str:
    if netloc.startswith("["):
        literal, _, rest = netloc[1:].partition("]")
        try:
            ip = ipaddress.IPv6Address(literal)
        except ValueError as error:
            raise _refused(shown, "its host is no IPv6 address") from error
        if ip.scope_id or not re.fullmatch(r"(?::\d*)?", rest):
            raise _refused(shown, "its host is no IPv6 address")
        return str(ip)
    given = host
    if not host.isascii():
        import idna

        try:
            host = idna.encode(host, uts46=True).decode("ascii")
        except UnicodeError as error:
            raise _refused(shown, "its host is no name that the web knows") from error
    host = host.lower().removesuffix(".")
    last = host.rpartition(".")[2]
    if _NUMBER.fullmatch(last):
        if host == given and _PLAIN_V4.fullmatch(host) and is_number(host):
            return host
        raise _refused(shown, "its host is a number that is not written as a plain IP address")
    if not _HOST.fullmatch(host):
        raise _refused(shown, "its host is not the full name of a machine on the web")
    if any(host == name or host.endswith(f".{name}") for name in _NEARBY):
        raise _refused(shown, "its host is a name for machines nearby")
    return host


def is_number(host: str) -> bool:
    """Whether a host is an IP address and not a name."""
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True


def _refused(shown: str, why: str) -> InputError:
    return InputError(f"the address {shown} is not fetched: {why}", "Save the page, give the file")
