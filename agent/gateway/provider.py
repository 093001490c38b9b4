"""Opens the chat model that a name stands for, and guards its way to the network.

OpenAI and servers like it are asked through our own HTTP client, which follows no redirect
(the key goes to the named host only), asks for uncompressed replies, and reads no more than
`REPLY_LIMIT` bytes of one, counted after decompression. Other providers are asked through
their LangChain integrations, which bring their own clients.

Imports LangChain: import this module where a model is opened, not at start-up.
"""

from __future__ import annotations

import ipaddress
import os
import ssl
import warnings
import zlib
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field, replace
from functools import cache
from typing import Any
from urllib.parse import urlsplit

import httpx2
from langchain_core.language_models import BaseChatModel
from pydantic import SecretStr

from agent.errors import ClaimFailed, ModelUnavailable, UsageError
from agent.gateway.asking import Asking
from agent.gateway.faults import PassingFault, Server

OPENAI_URL = "https://api.openai.com/v1"
LIMITS = ("max_tokens", "max_completion_tokens")
"""What servers call the most tokens of an answer; OpenAI and Azure by the second name only."""
AZURE_VERSION = "2024-10-21"
"""Of the API; `OPENAI_API_VERSION` names another."""

REPLY_LIMIT = 8 * 2**20
"""Bytes. A thousand times an answer; a server that sends more is broken or hostile."""

CONNECT_TIMEOUT = 10.0
"""Seconds to wait for a connection; a server that is there accepts in far less."""

# Sent where no key is needed: to a server on this machine, or to a cassette.
_PLACEHOLDER_KEY = "no-key-needed-here"


Watcher = Callable[[Mapping[str, str]], None]


@dataclass(frozen=True)
class Provider:
    """An opened chat model and what the gateway must know about it."""

    chat: BaseChatModel
    server: Server
    optional: dict[str, Any] = field(default_factory=dict)
    """Parameters of a request that a server may refuse, e.g. the temperature."""
    takes_schema: bool = True
    """Whether a JSON schema can be sent with the request; else it goes into the prompt."""
    limits: tuple[str, ...] = ()
    """Names that the server may know the most tokens of an answer by, the likeliest first; none
    where the integration names it."""
    identity: dict[str, str] = field(default_factory=dict)
    """What else the answers depend on, for the journal's key."""
    close: Callable[[], Awaitable[None]] | None = None
    watch: Callable[[Watcher], None] | None = None
    """Has somebody told the headers of every reply, where our own client gets it."""


def open_provider(
    name: str,
    *,
    base_url: str | None = None,
    api_key: str | None = None,
    asking: Asking | None = None,
    replaying: bool = False,
    transport: httpx2.AsyncBaseTransport | None = None,
) -> Provider:
    """Opens `openai:MODEL`, `azure_openai:DEPLOYMENT`, or another `provider:model`.

    Args:
        name: the model as the user named it.
        base_url: the server's address; for OpenAI default `OPENAI_BASE_URL`, else its own.
        api_key: default the provider's environment variable.
        asking: how it is asked.
        replaying: no request reaches a server, so no key is needed.
        transport: what carries requests to an OpenAI-compatible server; default the network.

    Raises:
        UsageError: the address is none, or the provider's package is not installed.
        ModelUnavailable: there is no key, or it is none.
    """
    _no_tracing_unasked()
    asking = asking or Asking()
    provider, _, model = name.partition(":")
    if provider == "openai":
        base_url = base_url or os.environ.get("OPENAI_BASE_URL") or OPENAI_URL
        found = Server(name, _host(base_url), "OPENAI_API_KEY")
    elif provider == "azure_openai":
        base_url = base_url or os.environ.get("AZURE_OPENAI_ENDPOINT") or ""
        found = Server(name, _host(base_url), "AZURE_OPENAI_API_KEY")
    elif asking.api != "chat":
        raise UsageError(f"{name!r} is not asked through {asking.api}", "Leave out --api")
    else:
        return _open_other(name, base_url, api_key, asking.timeout)
    key = (api_key or os.environ.get(found.key_variable) or "").strip()
    if not (key or replaying or _is_loopback(found.host)):
        raise ModelUnavailable(
            "auth",
            f"{name} needs a key and {found.key_variable} is not set",
            f"Set {found.key_variable}, or use --model embedded, which needs none",
        )
    if replaying:
        key = ""
    _check_key(key, f"Set {found.key_variable} to the key as the provider shows it")
    server = replace(found, secrets=(key or _PLACEHOLDER_KEY,))
    return _open_openai(server, model, base_url, asking, transport)


def _check_key(key: str, todo: str = "Set the provider's key as the provider shows it") -> None:
    """Refuses a key that no header can hold: with it, no request would reach a server.

    Raises:
        ModelUnavailable: kind `auth`.
    """
    if not (key.isascii() and key.isprintable()):
        what = "the key holds a line break or another character that no key has"
        raise ModelUnavailable("auth", what, todo)


def _no_tracing_unasked() -> None:
    """Articles go to LangSmith only where the user's own environment says so."""
    if (
        not {"LANGSMITH_TRACING", "LANGSMITH_TRACING_V2", "LANGCHAIN_TRACING_V2"}
        & os.environ.keys()
    ):
        os.environ["LANGSMITH_TRACING"] = "false"


def _open_openai(
    server: Server,
    model: str,
    base_url: str,
    asking: Asking,
    transport: httpx2.AsyncBaseTransport | None,
) -> Provider:
    from langchain_openai import AzureChatOpenAI, ChatOpenAI

    # Its advice on a refused schema is meant for another way of asking than ours.
    warnings.filterwarnings("ignore", message=r".*structured output feature", category=UserWarning)
    responses = asking.api == "responses"
    timeout = httpx2.Timeout(asking.timeout, connect=CONNECT_TIMEOUT)
    client = BoundedClient(
        verify=trust_store(),
        timeout=timeout,
        follow_redirects=False,
        headers={"accept-encoding": "identity"},
        transport=transport,
    )
    options: dict[str, Any] = {
        "model": model,
        "api_key": SecretStr(server.secrets[0]),
        "timeout": timeout,
        "max_retries": 0,
        "use_responses_api": responses,
        # Responses are kept at the provider unless it is told otherwise.
        "store": False if responses else None,
        "streaming": False,
        "cache": False,
        # The client that LangChain would make is shared by the whole process, and closed
        # together with the first event loop that used it.
        "http_async_client": client,
        "http_client": httpx2.Client(verify=trust_store()),  # never used; spares making another
    }
    if server.key_variable == "AZURE_OPENAI_API_KEY":
        version = os.environ.get("OPENAI_API_VERSION") or AZURE_VERSION
        chat: BaseChatModel = AzureChatOpenAI(
            azure_endpoint=base_url, azure_deployment=model, api_version=version, **options
        )
    else:
        chat = ChatOpenAI(base_url=base_url, **options)
    openais_own = server.key_variable == "AZURE_OPENAI_API_KEY" or base_url.startswith(OPENAI_URL)
    names = LIMITS[::-1] if openais_own else LIMITS
    return Provider(
        chat,
        server,
        optional={"temperature": 0},
        limits=() if responses else names,
        identity={"api": "responses"} if responses else {},
        close=client.aclose,
        watch=client.watch,
    )


def _open_other(
    name: str, base_url: str | None, api_key: str | None, timeout: float | None
) -> Provider:
    from langchain.chat_models import init_chat_model
    from langchain_openai.chat_models.base import BaseChatOpenAI

    api_key = (api_key or "").strip()
    _check_key(api_key)
    server = Server(name, _host(base_url) if base_url else "", "", (api_key,) if api_key else ())
    options: dict[str, Any] = {"temperature": 0}
    if base_url:
        options["base_url"] = base_url
    if api_key:
        options["api_key"] = api_key
    try:
        try:
            chat = init_chat_model(name, max_retries=0, timeout=timeout, **options)
        except TypeError:  # an integration that does not take these two
            chat = init_chat_model(name, **options)
    except ImportError as error:
        package = getattr(error.__cause__, "name", None) or "the integration"
        package = package.partition(".")[0].replace("_", "-")
        raise UsageError(
            f"{name!r} needs the package {package}, which is not installed",
            f"pip install {package}",
        ) from error
    except ValueError as error:
        if "Unsupported provider" in str(error) or "infer model provider" in str(error):
            raise UsageError(
                f"{name!r} names no provider that LangChain knows",
                "See `init_chat_model` in LangChain's documentation for their names",
            ) from None
        # Mostly a missing key; the text names the variable, and may hold a wrong value.
        raise ModelUnavailable(
            "auth", f"{name} cannot be opened: {server.clean(str(error))}", "Set the provider's key"
        ) from None
    # Where the integration took its key from the environment, it is found there only.
    held = {v.get_secret_value() for v in vars(chat).values() if isinstance(v, SecretStr)}
    for key in held:
        _check_key(key)
    server = replace(server, secrets=tuple(sorted({*server.secrets, *held} - {""})))
    return Provider(chat, server, takes_schema=isinstance(chat, BaseChatOpenAI))


@cache
def trust_store() -> ssl.SSLContext:
    """The system's certificates; reading them takes 45 ms, so once is enough."""
    return httpx2.create_ssl_context()


def _host(base_url: str) -> str:
    """The host of an address, with its port if it names one."""
    try:
        parts = urlsplit(base_url)
        valid = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        valid = False
    if not valid:
        raise UsageError(
            "the base URL is no http or https address",
            "Give --base-url, for example http://127.0.0.1:8000/v1",
        )
    if parts.username or parts.password:
        raise UsageError("the base URL holds a user name or password", "Leave it out; set a key")
    return parts.netloc


def _is_loopback(host: str) -> bool:
    name = urlsplit(f"//{host}").hostname or ""
    try:
        return ipaddress.ip_address(name).is_loopback
    except ValueError:
        return name == "localhost"


class BoundedClient(httpx2.AsyncClient):
    """An HTTP client that reads at most `REPLY_LIMIT` bytes of a reply, decompressed.

    The client's own decompression yields whole chunks: 825 bytes of twice-packed zeros
    become 400 MiB before anybody can count them.
    """

    _watcher: Watcher | None = None

    def watch(self, watcher: Watcher) -> None:
        """Has `watcher` told the headers of every reply."""
        self._watcher = watcher

    async def send(
        self, request: httpx2.Request, *, stream: bool = False, **options: Any
    ) -> httpx2.Response:
        """Sends and reads to the end; `stream` is accepted and ignored.

        Raises:
            ClaimFailed: kind `too_large`.
            PassingFault: kind `bad_reply`, the reply is not packed as it says.
        """
        response = await super().send(request, stream=True, **options)
        if self._watcher:
            self._watcher(response.headers)
        try:
            raw = bytearray()
            async for part in response.aiter_raw():
                raw += part
                if len(raw) > REPLY_LIMIT:
                    raise too_large()
        finally:
            await response.aclose()
        body = unpack(bytes(raw), response.headers.get("content-encoding", ""))
        headers = [
            (name, value)
            for name, value in response.headers.multi_items()
            if name.lower() not in ("content-encoding", "content-length", "transfer-encoding")
        ]
        return httpx2.Response(
            response.status_code,
            headers=headers,
            content=body,
            request=request,
            extensions=response.extensions,
        )


def too_large() -> ClaimFailed:
    """The fault of a reply beyond the limit."""
    what = f"the model server's reply is larger than {REPLY_LIMIT // 2**20} MiB"
    return ClaimFailed("too_large", what, "Use another server; this is no answer to a claim")


def unpack(data: bytes, encoding: str) -> bytes:
    """Undoes a `Content-Encoding`, up to `REPLY_LIMIT` bytes.

    Raises:
        ClaimFailed: kind `too_large`.
        PassingFault: kind `bad_reply`, the data are not what the header says.
    """
    encoding = encoding.strip().lower()
    if encoding in ("", "identity"):
        return data
    if encoding not in ("gzip", "x-gzip", "deflate"):
        raise PassingFault("bad_reply", "the model server packs its replies in an unasked way")
    unpacker = zlib.decompressobj(wbits=47 if "gzip" in encoding else 15)
    try:
        body = unpacker.decompress(data, REPLY_LIMIT + 1)
    except zlib.error:
        raise PassingFault(
            "bad_reply", "the model server's reply is not packed as it says"
        ) from None
    if len(body) > REPLY_LIMIT:
        raise too_large()
    if not unpacker.eof:
        raise PassingFault("bad_reply", "the model server's packed reply is cut short")
    return body
