"""What every request passes before anything else sees it.

- The `Host` header names this service: a page elsewhere cannot reach it under a name of its own
  that it lets point here (DNS rebinding).
- Only pages of the service itself change anything: `Origin` and `Sec-Fetch-Site` must not tell of
  another site. There is no CORS.
- Where a token is set, each request shows it: `Authorization: Bearer`, or the cookie that opening
  `/?token=…` once leaves.
- No body is longer than allowed, whatever its header says.
- Answers carry a Content Security Policy without inline code, and are kept by no cache.
"""

from __future__ import annotations

import hmac
from http import HTTPStatus
from http.cookies import CookieError, SimpleCookie
from urllib.parse import parse_qsl, urlencode, urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import RedirectResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from agent.server.problems import Problem
from agent.server.settings import Settings

COOKIE = "assay_token"
OPEN = frozenset({"/healthz"})
"""Asked for without a token, by whoever watches the service."""
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
            body = _Body(receive, self._settings.upload_bytes, headers)
        except Problem as problem:
            response = problem.response()
        if response is not None:
            await response(scope, receive, send_with_headers)
            return
        await self._app(scope, body.receive, send_with_headers)

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
            response = RedirectResponse(scope["path"] + (f"?{rest}" if rest else ""), 303)
            response.set_cookie(COOKIE, token, httponly=True, samesite="strict")
            return response
        raise Problem(
            HTTPStatus.UNAUTHORIZED,
            "this service asks for its token",
            "Open the address that was printed when it was started",
            {"WWW-Authenticate": "Bearer"},
        )


class _Body:
    """The body of a request, up to its limit."""

    def __init__(self, receive: Receive, limit: int, headers: Headers) -> None:
        self._receive = receive
        self._limit = limit
        self._seen = 0
        declared = headers.get("content-length", "")
        if declared.isascii() and declared.isdecimal() and int(declared) > limit:
            raise self.problem()

    async def receive(self) -> Message:
        message = await self._receive()
        if message["type"] == "http.request":
            self._seen += len(message.get("body", b""))
            if self._seen > self._limit:
                raise self.problem()
        return message

    def problem(self) -> Problem:
        return Problem(
            HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
            f"the request is larger than {self._limit // 2**20} MiB",
            "Send less at once",
        )


def _check_origin(headers: Headers) -> None:
    origin = headers.get("origin")
    site = headers.get("sec-fetch-site", "same-origin")
    foreign = origin is not None and urlsplit(origin).netloc != headers.get("host")
    if foreign or site not in ("same-origin", "none"):
        raise Problem(HTTPStatus.FORBIDDEN, "another site's page may not ask for this")


def _name(host: str) -> str:
    """The name of a `Host` header, without its port; empty where it is none."""
    try:
        return (urlsplit(f"//{host}").hostname or "").casefold().rstrip(".")
    except ValueError:
        return ""


def _cookie(headers: Headers) -> str | None:
    try:
        jar = SimpleCookie(headers.get("cookie", ""))
    except CookieError:
        return None
    return jar[COOKIE].value if COOKIE in jar else None


def _same(given: str, token: str) -> bool:
    return hmac.compare_digest(given.encode(), token.encode())
