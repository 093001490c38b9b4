"""What every request passes before anything else sees it.

- The `Host` header names this service: a page elsewhere cannot reach it under a name of its own
  that it lets point here (DNS rebinding).
- Only pages of the service itself change anything: `Origin` and `Sec-Fetch-Site` must not tell of
  another site. There is no CORS.
- Where a token is set, each request shows it: `Authorization: Bearer`, or the cookie that opening
  `/?token=…` once leaves.
- No body is longer than allowed, whatever its header says, nor takes longer to come; and no more
  requests, and bytes of bodies, are under way than there is room for.
- Answers carry a Content Security Policy without inline code, and are kept by no cache.
"""

from __future__ import annotations

import asyncio
import hmac
import time
from http import HTTPStatus
from http.cookies import CookieError, SimpleCookie
from urllib.parse import parse_qsl, urlencode, urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import RedirectResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from agent.server.problems import RETRY_AFTER, Problem
from agent.server.settings import Settings

COOKIE = "assay_token"
OPEN = frozenset({"/healthz"})
"""Asked for without a token, by whoever watches the service."""
_SILENCE, _BODY_SECONDS = 30.0, 600.0
"""Seconds between two parts of a body, and for the whole of it."""
_UPLOADS = frozenset({"/api/checks", "/api/sources"})
_WORDS = 2**16
"""Bytes of a body where no file or article is sent."""
_ROOM = 4
"""Largest bodies that may be held at once."""
_CLOSE = {"Connection": "close"}
"""Sent with a refusal where more of the body may come, which nobody would read."""
_READS = frozenset({"GET", "HEAD", "OPTIONS"})
_POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self' data:",
        "connect-src 'self'",
        "form-action 'self'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
    )
)
_HEADERS = {
    "Content-Security-Policy": _POLICY,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cache-Control": "no-store",
}


class Guard:
    """ASGI middleware; see the module."""

    def __init__(self, app: ASGIApp, settings: Settings) -> None:
        self._app = app
        self._settings = settings
        self._under_way = 0
        self._held = 0
        """Bytes of bodies of the requests that are under way."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        headers = Headers(scope=scope)

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                answer = MutableHeaders(scope=message)
                for name, value in _HEADERS.items():
                    answer.setdefault(name, value)
            await send(message)

        try:
            self._check_host(headers)
            if scope["method"] not in _READS:
                _check_origin(headers)
            response = self._check_token(scope, headers)
            if self._under_way >= self._settings.requests and scope["path"] not in OPEN:
                raise _busy()
            body = _Body(receive, self, headers, self._largest(scope["path"]))
        except Problem as problem:
            response = problem.response()
        if response is not None:
            await response(scope, receive, send_with_headers)
            return
        self._under_way += 1
        try:
            await self._app(scope, body.receive, send_with_headers)
        finally:
            self._under_way -= 1
            self._held -= body.seen

    def _largest(self, path: str) -> int:
        """Bytes that a body may have."""
        most = self._settings.upload_bytes
        return most if path in _UPLOADS else min(_WORDS, most)

    def hold(self, more: int) -> None:
        """Counts bytes of a body that were taken in.

        Raises:
            Problem: 503, there is no room for them.
        """
        self._held += more
        if self._held > _ROOM * self._settings.upload_bytes:
            raise _busy()

    def _check_host(self, headers: Headers) -> None:
        if _name(headers.get("host", "")) not in self._settings.hosts:
            raise Problem(
                HTTPStatus.MISDIRECTED_REQUEST,
                "this service is not known under that name",
                "Start it with --allow-host NAME",
            )

    def _check_token(self, scope: Scope, headers: Headers) -> Response | None:
        token = self._settings.token
        if token is None or scope["path"] in OPEN:
            return None
        query = parse_qsl(scope["query_string"].decode("latin-1"))
        scheme, _, shown = headers.get("authorization", "").partition(" ")
        candidates = [shown.strip()] if scheme.casefold() == "bearer" else []
        if cookie := _cookie(headers):
            candidates.append(cookie)
        if any(_same(candidate, token) for candidate in candidates):
            return None
        if scope["method"] == "GET" and any(k == "token" and _same(v, token) for k, v in query):
            rest = urlencode([(key, value) for key, value in query if key != "token"])
            path = "/" + scope["path"].lstrip("/\\")  # //NAME/ would be another site's
            response = RedirectResponse(path + (f"?{rest}" if rest else ""), 303)
            response.set_cookie(COOKIE, token, httponly=True, samesite="strict")
            return response
        raise Problem(
            HTTPStatus.UNAUTHORIZED,
            "this service asks for its token",
            "Open the address that was printed when it was started",
            {"WWW-Authenticate": "Bearer"},
        )


class _Body:
    """The body of a request, up to its limits."""

    def __init__(self, receive: Receive, guard: Guard, headers: Headers, largest: int) -> None:
        self._receive = receive
        self._guard = guard
        self._largest = largest
        self._ended = False
        self._until = time.monotonic() + _BODY_SECONDS
        self.seen = 0
        """Bytes so far."""
        declared = headers.get("content-length", "")
        if declared.isascii() and declared.isdecimal() and int(declared) > largest:
            raise self._too_large()

    async def receive(self) -> Message:
        if self._ended:  # what is waited for now is that the client goes away
            return await self._receive()
        try:
            left = min(_SILENCE, self._until - time.monotonic())
            message = await asyncio.wait_for(self._receive(), max(left, 0))
        except TimeoutError:
            raise Problem(
                HTTPStatus.REQUEST_TIMEOUT, "the request did not come to its end", "", _CLOSE
            ) from None
        self._ended = not message.get("more_body", False)
        if part := len(message.get("body", b"")):
            self.seen += part
            self._guard.hold(part)
            if self.seen > self._largest:
                raise self._too_large()
        return message

    def _too_large(self) -> Problem:
        return Problem(
            HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
            f"the request is larger than {_size(self._largest)}",
            "Send less at once",
            _CLOSE,
        )


def _size(number: int) -> str:
    return f"{number // 2**20} MiB" if number >= 2**20 else f"{number // 2**10} KiB"


def _busy() -> Problem:
    return Problem(
        HTTPStatus.SERVICE_UNAVAILABLE,
        "too much is asked of the service at once",
        "Try again later",
        {"Retry-After": str(RETRY_AFTER)} | _CLOSE,
    )


def _check_origin(headers: Headers) -> None:
    origin = headers.get("origin")
    site = headers.get("sec-fetch-site", "same-origin")
    foreign = origin is not None and _place(origin) != headers.get("host")
    if foreign or site not in ("same-origin", "none"):
        raise Problem(HTTPStatus.FORBIDDEN, "another site's page may not ask for this")


def _name(host: str) -> str:
    """The name of a `Host` header, without its port; empty where it is none."""
    try:
        return (urlsplit(f"//{host}").hostname or "").casefold().rstrip(".")
    except ValueError:
        return ""


def _place(origin: str) -> str | None:
    """Name and port of an `Origin` header; None where it is none."""
    try:
        return urlsplit(origin).netloc
    except ValueError:
        return None


def _cookie(headers: Headers) -> str | None:
    try:
        jar = SimpleCookie(headers.get("cookie", ""))
    except CookieError:
        return None
    return jar[COOKIE].value if COOKIE in jar else None


def _same(given: str, token: str) -> bool:
    return hmac.compare_digest(given.encode(), token.encode())
