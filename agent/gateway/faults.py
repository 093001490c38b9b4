"""What a fault of a model server means: ask again, fail one claim, or stop the run.

    PassingFault      ask the same again after a wait; when it does not pass, the claim fails
    ClaimFailed       the same question would fail again, other questions may not
    ModelUnavailable  every question would fail: wrong key, no quota, unknown model, no such host

The exceptions of the providers' libraries are told apart by what they carry (a status, the
headers of the reply, a cause) and by the names of their classes, so that this module imports
none of them. Texts of the server reach a message shortened, without control characters and
without keys.
"""

from __future__ import annotations

import re
import socket
import ssl
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from agent.errors import ClaimFailed, ModelError, ModelUnavailable
from agent.gateway.cassette import not_recorded
from agent.gateway.redaction import Redactor
from agent.gateway.waits import wait_asked

LONGEST_WAIT = 120.0
"""Seconds. A server that asks for more is not going to answer this claim in time."""

RESUME = "The same command goes on from here"
"""What to do about a fault in a run; what was done is kept."""
_QUOTA = re.compile(r"quota|billing|balance|payment", re.IGNORECASE)
_CONTEXT = re.compile(
    r"context[_ ]length|context window|maximum context|prompt is too long|too many tokens"
    r"|input tokens exceed",
    re.IGNORECASE,
)
_FILTER = re.compile(r"content[_ ]filter|content management policy", re.IGNORECASE)
_OPTIONAL = re.compile(r"\b(response_format|temperature)\b")
_LIMIT = re.compile(r"\bmax_(?:completion_|output_)?tokens\b")
_AT_MOST = re.compile(
    r"(?:at most|less than or equal to|<=|maximum(?: allowed)?(?: value)?(?: is)?|\[ ?1 ?,)"
    r"\s*(\d{1,3}(?:,\d{3})+|\d+)",
    re.IGNORECASE,
)
_SCHEMA = re.compile(r"json_schema|structured output", re.IGNORECASE)
_WEAKER = re.compile(r"json_schema|structured output|json_object", re.IGNORECASE)
_OUR_SCHEMA = re.compile(r"invalid schema", re.IGNORECASE)
_KEY_LIKE = re.compile(r"\b(?:sk|pk|rk|key|api[-_]key|bearer)[-_ :=]+[\w*.-]{6,}", re.IGNORECASE)


@dataclass(frozen=True)
class Server:
    """Whom the messages name."""

    name: str
    """The model, as the user named it."""
    host: str = ""
    """Where it is asked; empty where the provider's own library knows."""
    key_variable: str = ""
    """Environment variable that the key is read from."""
    secrets: tuple[str, ...] = ()
    """Never to be shown."""

    def without_keys(self, text: str) -> str:
        """A text with whatever is a key, or looks like one, taken out."""
        return _KEY_LIKE.sub("[key]", _redactor(self.secrets).text(text))

    def without_secrets(self, value: Any) -> Any:
        """A JSON value, its strings without our keys; nothing else is taken out of answers."""
        if isinstance(value, str):
            return _redactor(self.secrets).text(value)
        if isinstance(value, list):
            return [self.without_secrets(child) for child in value]
        if isinstance(value, dict):
            return {name: self.without_secrets(child) for name, child in value.items()}
        return value

    def clean(self, text: str) -> str:
        """One short printable line of what a server said, without keys."""
        text = self.without_keys(text)
        text = " ".join("".join(c if c.isprintable() else " " for c in text).split())
        return text.rstrip(". ") if len(text) <= 200 else text[:199] + "…"

    def __str__(self) -> str:
        return f"{self.name} at {self.host}" if self.host else self.name


@lru_cache(maxsize=16)
def _redactor(secrets: tuple[str, ...]) -> Redactor:
    """What takes these out, however a server spells them; those too short for it stay."""
    redactor = Redactor()
    for secret in secrets:
        redactor.remember(secret)
    return redactor


class PassingFault(ClaimFailed):
    """A fault that may pass. Left over after the last request, it is how the claim failed.

    Args:
        wait: seconds the server asked for, 0..`LONGEST_WAIT`, or None.
        fatal: when it does not pass, no other claim can be rated either.
    """

    def __init__(
        self,
        kind: str,
        what: str,
        todo: str = RESUME,
        *,
        wait: float | None = None,
        fatal: bool = False,
    ) -> None:
        super().__init__(kind, what, todo)
        self.wait = wait
        self.fatal = fatal


class LimitRefused(ModelUnavailable):
    """The server does not take the most tokens that an answer may have: the name, or the number.

    Args:
        most: the number that it would take, if it says so.
        otherwise: what the fault means where no such limit was sent.
    """

    def __init__(self, what: str, todo: str, *, most: int | None, otherwise: ModelError) -> None:
        super().__init__("bad_request", what, todo)
        self.most = most
        self.otherwise = otherwise


class ParameterRefused(ModelUnavailable):
    """The server does not take an optional parameter; without it, it may answer.

    Args:
        parameter: its name in the request.
        takes_json_object: whether it may take the weaker `response_format` of that name.
    """

    def __init__(
        self, parameter: str, what: str, todo: str, *, takes_json_object: bool = False
    ) -> None:
        super().__init__("bad_request", what, todo)
        self.parameter = parameter
        self.takes_json_object = takes_json_object


def fault_of(error: Exception, server: Server) -> ModelError | None:
    """What an exception of a provider's library means; None for what is no fault of a server.

    Args:
        error: as it came out of the LangChain model.
        server: for the messages.
    """
    if isinstance(error, ModelError):
        return error
    if type(error).__name__ == "CannotOverwriteExistingCassetteException":  # vcrpy's
        return not_recorded(getattr(error, "failed_request", "a request"))
    status = getattr(error, "status_code", None)
    if isinstance(status, int):
        return _fault_of_status(status, error, server)
    return _fault_of_connection(error, server) or _fault_of_reply(error, server)


def _fault_of_status(
    status: int, error: Exception, server: Server, *, limit_seen: bool = False
) -> ModelError:
    response = getattr(error, "response", None)
    headers: Mapping[str, str] = getattr(response, "headers", None) or {}
    body = getattr(error, "body", None)
    if isinstance(body, dict) and isinstance(body.get("error"), dict):
        body = body["error"]
    details: dict[str, Any] = body if isinstance(body, dict) else {}
    codes = f"{details.get('code') or ''} {details.get('type') or ''}"
    text = str(details.get("message") or body or "")
    said = f": {server.clean(text)}" if text and status != 401 else ""
    what = f"{server} answered {status}{said}"

    if status in (401, 403):
        variable = server.key_variable or "the provider's key"
        return ModelUnavailable("auth", what, f"Set {variable} to a key that is valid there")
    if status == 402 or (status == 429 and _QUOTA.search(codes)):
        return ModelUnavailable(
            "quota", f"{what} (quota or billing)", f"Top up the account. {RESUME}"
        )
    if 300 <= status < 400:
        return ModelUnavailable(
            "redirect",
            f"{server} answered {status}, a redirect, which is never followed with a key",
            "Give the server's final address as --base-url",
        )
    if status == 404:
        return ModelUnavailable("unknown_model", what, "Check the model's name and --base-url")
    refused = f"{details.get('param') or ''} {body}"
    if status in (400, 422) and not limit_seen and _LIMIT.search(refused):
        number = _AT_MOST.search(text)
        return LimitRefused(
            what,
            "Use another model",
            most=int(number[1].replace(",", "")) if number else None,
            otherwise=_fault_of_status(status, error, server, limit_seen=True),
        )
    if status == 413 or (status in (400, 422) and _CONTEXT.search(f"{codes} {text}")):
        return ClaimFailed("context_length", what, "Use a model with a longer context")
    if status == 400 and _FILTER.search(f"{codes} {text}"):
        return ClaimFailed("content_filter", what, "Use a model with another content filter")
    if status in (408, 409, 425, 429) or status >= 500:
        kind = {408: "timeout", 429: "rate_limited"}.get(status, "server")
        wait = wait_asked(headers)
        if wait is not None and wait > LONGEST_WAIT:
            return ClaimFailed(kind, f"{what} and asks to wait {wait:,.0f} s", RESUME)
        return PassingFault(kind, what, wait=wait)
    todo = "Check the model's name and --base-url, or use another model"
    # Frameworks put the parameter's name into `param`, into `detail[].loc` or into the message.
    parameter = _OPTIONAL.search(refused)
    if status in (400, 422) and (parameter or _SCHEMA.search(text)):
        name = parameter[1] if parameter else "response_format"
        weaker = bool(_WEAKER.search(text)) and not _OUR_SCHEMA.search(text)
        return ParameterRefused(name, what, todo, takes_json_object=weaker)
    return ModelUnavailable("bad_request", what, todo)


def _chain(error: BaseException) -> Iterator[BaseException]:
    """The error and what caused it, also inside groups (one member per address tried)."""
    queue: list[BaseException | None] = [error]
    seen: set[int] = set()
    while queue:
        link = queue.pop(0)
        if link is None or id(link) in seen:
            continue
        seen.add(id(link))
        yield link
        queue += [link.__cause__, link.__context__]
        if isinstance(link, BaseExceptionGroup):
            queue += link.exceptions


def _fault_of_connection(error: Exception, server: Server) -> ModelError | None:
    links = list(_chain(error))
    names = {kind.__name__ for link in links for kind in type(link).__mro__}
    where = server.host or server.name
    if any(isinstance(link, socket.gaierror) for link in links):
        return ModelUnavailable(
            "network", f"the host {where} cannot be found", "Check --base-url and the network"
        )
    if any(isinstance(link, ssl.SSLCertVerificationError) for link in links):
        return ModelUnavailable(
            "network",
            f"the certificate of {where} cannot be verified",
            "Check --base-url, or add the certificate to the system's trust store",
        )
    if names & {"TimeoutError", "TimeoutException", "APITimeoutError"}:
        what = f"{server} did not answer in time"
        return PassingFault("timeout", what, fatal="ConnectTimeout" in names)
    if names & {"ConnectError", "ConnectionRefusedError"}:
        todo = f"Check that the server runs and --base-url. {RESUME}"
        return PassingFault("network", f"{where} cannot be reached", todo, fatal=True)
    if names & {"OSError", "TransportError", "APIConnectionError"}:
        return PassingFault("network", f"the connection to {server} broke")
    return None


def _fault_of_reply(error: Exception, server: Server) -> ModelError | None:
    # LangChain and the SDKs surface a garbled envelope (no choices, no message, a list, broken
    # JSON or UTF-8) as any of these, with nothing to tell it by.
    if isinstance(error, ValueError | TypeError | LookupError | AttributeError):
        kind = type(error).__name__
        return PassingFault("bad_reply", f"the reply of {server} is no chat completion ({kind})")
    return None
