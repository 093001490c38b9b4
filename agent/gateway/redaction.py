"""Takes secrets out of what is recorded of requests and responses.

Two things are known of a secret: where it stands (a header, a cookie, a parameter of an address
or a field of a body whose name says so, a variable of the environment), and, once it was seen
there, what it is. So it is taken out by name where it stands, and by value wherever else it
turns up: as it is, percent-encoded, in base64, or spelled with the escapes of JSON and HTML.
"""

from __future__ import annotations

import base64
import binascii
import json
import os
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl, quote, unquote, urlencode, urlsplit, urlunsplit

REDACTED = "REDACTED"

_SECRET_HEADER = re.compile(r"auth|key|token|secret|cookie|organi[sz]ation|project", re.IGNORECASE)
# They count tokens of text, and a count would be found in other numbers.
_NO_SECRET_HEADER = re.compile(r"x-ratelimit|anthropic-ratelimit|:authority", re.IGNORECASE)
_SECRET_NAME = re.compile(
    r"(?:.*[_-])?(?:api-?_?key|key|secret|password|passwd|authorization|credentials?|cookie"
    r"|signature|sig)|(?:(?:access|auth|bearer|id|refresh|session|x)[_-]?)?token",
    re.IGNORECASE,
)
_SECRET_VARIABLE = re.compile(r".*(?:API_?KEY|TOKEN|SECRET|PASSWORD|PASSWD)", re.IGNORECASE)
_ASSIGNED = re.compile(
    r"\b([\w-]{0,40}(?:key|secret|password|passwd|token|authorization))"
    r"\\*[\"']?\s*[:=]\s*\\*[\"']?([^\s\"'&;,\\<>]{8,})",
    re.IGNORECASE,
)
"""In a text that is no JSON, as a form or a page of a gateway."""
_SHAPED = re.compile(
    r"\bsk-[\w-]{16,}|\bgh[pousr]_\w{20,}|\bgithub_pat_\w{20,}|\bxox[abprs]-[\w-]{10,}"
    r"|\bAKIA[0-9A-Z]{16}\b|\bAIza[\w-]{30,}|\beyJ[\w-]{10,}\.eyJ[\w-]{10,}\.[\w-]{10,}"
)
"""Keys of well-known services, which nobody need have named."""
_ESCAPES = re.compile(r"\\[ux\"/\\]|%[0-9A-Fa-f]{2}|&#")
_TEXTS_OF_TOKENS = "logprobs"
"""Its fields `token` hold pieces of the answer."""

SHORTEST = 8
"""Characters. Shorter secrets would be found in ordinary words."""


@dataclass
class Redactor:
    """Takes secrets out, and remembers those that it saw."""

    seen: set[str] = field(default_factory=set)
    _spelled: dict[str, tuple[tuple[str, ...], re.Pattern[str]]] = field(
        default_factory=dict, repr=False
    )

    def learn_environment(self, environment: Mapping[str, str] = os.environ) -> None:
        """Remembers what variables hold whose names say that it is secret."""
        for name, value in environment.items():
            if _SECRET_VARIABLE.fullmatch(name) and not re.search(r"\s", value):
                self.remember(value)

    def remember(self, value: str) -> None:
        """Takes this value out from now on, unless it is too short to be told from words."""
        if len(value) >= SHORTEST and value != REDACTED:
            self.seen.add(value)

    def learn_headers(self, headers: Mapping[str, list[str]]) -> None:
        """Remembers what secret headers hold.

        Args:
            headers: values by name.
        """
        for name, values in headers.items():
            if _SECRET_HEADER.search(name) and not _NO_SECRET_HEADER.match(name):
                for value in values:
                    self._learn_header(name.lower(), value)

    def learn_value(self, value: Any, *, secret: bool = False) -> None:
        """Remembers the strings of a JSON value that stand under secret names."""
        if isinstance(value, str):
            self._learn_shapes(value)
            if secret:
                self.remember(value)
            elif (inner := _json_within(value)) is not None:
                self.learn_value(inner)
        elif isinstance(value, list):
            for child in value:
                self.learn_value(child, secret=secret)
        elif isinstance(value, dict):
            for name, child in value.items():
                if name != _TEXTS_OF_TOKENS:
                    self.learn_value(child, secret=secret or bool(_SECRET_NAME.fullmatch(name)))

    def learn_text(self, text: str) -> None:
        """Remembers what a text that is no JSON gives to secret names."""
        self._learn_shapes(text)
        for _, value in _ASSIGNED.findall(text):
            self.remember(value)
            self.remember(unquote(value))

    def learn_address(self, address: str) -> None:
        """Remembers the secret parameters of an address, and a password in it."""
        self._learn_shapes(address)
        parts = urlsplit(address)
        if "@" in parts.netloc:
            self._learn_pair(parts.netloc.rpartition("@")[0])
        for name, value in _parameters(parts.query):
            if _SECRET_NAME.fullmatch(name):
                self.remember(value)

    def text(self, text: str) -> str:
        """The text without the secrets seen so far."""
        # The longest first: one may be part of another.
        for secret in sorted(self.seen, key=len, reverse=True):
            plain, escaped = self._spellings(secret)
            for spelling in plain:
                text = text.replace(spelling, REDACTED)
            if _ESCAPES.search(text):
                text = escaped.sub(REDACTED, text)
        return text

    def address(self, address: str) -> str:
        """An address without user, password, secret parameters and fragment."""
        parts = urlsplit(address)
        kept = [
            (name, REDACTED if _SECRET_NAME.fullmatch(name) else value)
            for name, value in _parameters(parts.query)
        ]
        host = parts.netloc.rpartition("@")[2]
        return self.text(urlunsplit((parts.scheme, host, parts.path, urlencode(kept), "")))

    def value(self, value: Any) -> Any:
        """A JSON value without secrets, by content and by the names of fields."""
        if isinstance(value, str):
            inner = _json_within(value)
            if inner is not None and (cleaned := self.value(inner)) != inner:
                return self.text(json.dumps(cleaned, ensure_ascii=False))
            return self.text(value)
        if isinstance(value, list):
            return [self.value(child) for child in value]
        if isinstance(value, dict):
            return {
                self.text(name): _blank(child)
                if _SECRET_NAME.fullmatch(name)
                else child
                if name == _TEXTS_OF_TOKENS
                else self.value(child)
                for name, child in value.items()
            }
        return value

    def _learn_shapes(self, text: str) -> None:
        for value in _SHAPED.findall(text):
            self.remember(value)

    def _learn_header(self, name: str, value: str) -> None:
        if name == "set-cookie":
            value = value.partition(";")[0]
        if "cookie" in name:
            for cookie in value.split(";"):
                self.remember(cookie.partition("=")[2].strip())
            return
        self.remember(value)
        scheme, _, credentials = value.rpartition(" ")
        self.remember(credentials)
        if scheme.lower() == "basic":
            try:
                pair = base64.b64decode(credentials, validate=True).decode()
            except (binascii.Error, UnicodeDecodeError):
                return
            self._learn_pair(pair)

    def _learn_pair(self, pair: str) -> None:
        """Of a user and a password, as in an address or a basic authorisation."""
        self.remember(pair)
        self.remember(unquote(pair.partition(":")[2]))

    def _spellings(self, secret: str) -> tuple[tuple[str, ...], re.Pattern[str]]:
        """How a secret may stand in a text: fixed spellings, and a pattern for the others."""
        if secret not in self._spelled:
            fixed = dict.fromkeys([secret, quote(secret, safe=""), *_in_base64(secret)])
            pattern = re.compile("".join(map(_escaped, secret)))
            self._spelled[secret] = (tuple(fixed), pattern)
        return self._spelled[secret]


def _blank(value: Any) -> Any:
    """A value under a secret name: its strings go, its shape stays."""
    if isinstance(value, str):
        return REDACTED
    if isinstance(value, list):
        return [_blank(child) for child in value]
    if isinstance(value, dict):
        return {name: _blank(child) for name, child in value.items()}
    return value


def _parameters(query: str) -> list[tuple[str, str]]:
    return parse_qsl(query, keep_blank_values=True)


def _json_within(text: str) -> Any:
    """The object or list that a string spells in JSON, as the arguments of a tool are sent."""
    if text.lstrip()[:1] not in ("{", "["):
        return None
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        return None
    return found if isinstance(found, dict | list) else None


def _in_base64(secret: str) -> Iterator[str]:
    """The characters that a secret gives in base64, wherever in the data it begins.

    Those that neighbouring bytes have a part in are left out.
    """
    data = secret.encode("utf-8", "surrogatepass")
    for offset in range(3):
        coded = base64.b64encode(b"\0" * offset + data).decode("ascii").rstrip("=")
        whole = (offset + len(data)) * 8 // 6
        inner = coded[(offset * 8 + 5) // 6 : whole]
        if len(inner) >= SHORTEST:
            yield inner
            yield inner.replace("+", "-").replace("/", "_")


def _escaped(character: str) -> str:
    """A pattern of a character as it is or as JSON, addresses and HTML may spell it."""
    code = ord(character)
    spelled = [re.escape(character), rf"&#(?:0*{code}|[xX]0*(?i:{code:x}));"]
    if code < 0x10000:
        spelled.append(rf"\\+u(?i:{code:04x})")
    else:
        high, low = divmod(code - 0x10000, 0x400)
        spelled.append(rf"\\+u(?i:{0xD800 + high:04x})\\+u(?i:{0xDC00 + low:04x})")
    if code < 0x100:
        spelled.append(rf"\\+x(?i:{code:02x})")
    if character in '/"\\':
        spelled.append(r"\\+" + re.escape(character))
    encoded = character.encode("utf-8", "surrogatepass")
    spelled.append("".join(rf"%(?:25)*(?i:{byte:02x})" for byte in encoded))
    return f"(?:{'|'.join(spelled)})"
