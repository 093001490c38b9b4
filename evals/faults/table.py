"""Faults of a server of OpenAI's chat completions, and what a sound client does about each.

Each fault is one way in which a reply goes wrong, made from the reply that would have been right.
`then` says what is right:

    retry    the same again, after at least `wait` seconds; the claim then has its verdict
    repair   once more, with what was wrong; the claim then has its verdict
    fail     the question fails with `kind`, the others go on; as `stays`, so does the fault
    stop     nothing more is sent, and the run ends with `kind`
    use      the reply is good enough
"""

from __future__ import annotations

import gzip
import json
import socket
import ssl
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, cast

import httpx2

Then = Literal["retry", "repair", "fail", "stop", "use"]
JSON = {"content-type": "application/json"}
PAGE = {"content-type": "text/html"}


@dataclass(frozen=True)
class Fault:
    """One way in which a reply goes wrong.

    Attributes:
        status, headers, body: of the reply; a body is made from the content of the good answer.
        raised: in place of a reply: the connection fails so.
        hangs: nothing comes at all.
        then: what a sound client does.
        kind: the fault's name where it is reported.
        wait: seconds until the question may be asked again, at least.
        stays: the same question meets the fault again and again.
        requests: that one question may take, at most.
        only: `rate` where it makes sense only for a rating.
    """

    then: Then
    kind: str = ""
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=lambda: JSON)
    body: Callable[[str], bytes] = lambda content: envelope(content)
    raised: Callable[[httpx2.Request], Exception] | None = None
    hangs: bool = False
    wait: float = 0.0
    stays: bool = False
    requests: int = 4
    only: str = ""


def envelope(content: Any, finish: str = "stop", **changed: Any) -> bytes:
    """A chat completion."""
    message = {"role": "assistant", "content": content, "refusal": changed.pop("refusal", None)}
    whole = {
        "id": "chatcmpl-1",
        "object": "chat.completion",
        "created": 1_795_300_000,
        "model": "judge-1",
        "choices": [{"index": 0, "message": message, "finish_reason": finish}],
        "usage": {"prompt_tokens": 800, "completion_tokens": 60, "total_tokens": 860},
    }
    return json.dumps(whole | changed).encode()


def _said(status: int, then: Then, kind: str, message: str = "no", **more: Any) -> Fault:
    """An error object; `code` and `param` go into it, `header_` names into the headers."""
    error = {"message": message, "type": "test"}
    error |= {name: more.pop(name, None) for name in ("code", "param")}
    headers = {
        name.removeprefix("header_").replace("_", "-"): more.pop(name)
        for name in list(more)
        if name.startswith("header_")
    }
    body = json.dumps({"error": error}).encode()
    return Fault(then, kind, status=status, headers=JSON | headers, body=lambda _: body, **more)


def _page(status: int, then: Then, kind: str, text: str, **more: Any) -> Fault:
    headers = PAGE | more.pop("headers", {})
    return Fault(then, kind, status=status, headers=headers, body=lambda _: text.encode(), **more)


def _broken(then: Then, kind: str, error: Callable[[httpx2.Request], Exception]) -> Fault:
    return Fault(then, kind, raised=error, wait=0.2 if then == "retry" else 0)


def _caused(text: str, cause: Exception) -> Callable[[httpx2.Request], Exception]:
    def make(request: httpx2.Request) -> Exception:
        error = httpx2.ConnectError(text, request=request)
        error.__cause__ = cause
        return error

    return make


def _in_answer(change: Callable[[str], Any], then: Then = "repair", **more: Any) -> Fault:
    """A well-formed reply whose content is another."""
    kind = more.pop("kind", "bad_reply")
    return Fault(then, kind, body=lambda content: envelope(change(content)), **more)


def _rating(change: Callable[[dict[str, Any]], object], **more: Any) -> Fault:
    """A rating with other stances."""

    def changed(content: str) -> str:
        rating = json.loads(content)
        change(rating)
        return json.dumps(rating)

    return _in_answer(changed, only="rate", **more)


def _quote(rating: dict[str, Any], quote: str | None) -> None:
    _decided(rating).update(stance="contradicts", quote=quote)


def _decided(rating: dict[str, Any]) -> dict[str, Any]:
    """A passage that the rating says decides; one is made so where there is none."""
    if not rating["decided"]:
        passage = rating["neutral"].pop(0)
        made = {"passage": passage, "stance": "supports", "quote": "", "certainty": "high"}
        rating["decided"].append(made)
    return cast("dict[str, Any]", rating["decided"][0])


def _without_choices(content: str) -> dict[str, Any]:
    return {**json.loads(envelope(content)), "choices": []}


def _bytes(make: Callable[[str], Any]) -> Callable[[str], bytes]:
    return lambda content: json.dumps(make(content)).encode()


_BUSY = {"message": "Too many requests for this minute", "code": "rate_limit_exceeded"}
_REFUSED = _caused("All connection attempts failed", ConnectionRefusedError(111, "refused"))

FAULTS: dict[str, Fault] = {
    # --- too many requests ---
    "busy, says seconds": _said(
        429, "retry", "rate_limited", header_retry_after="7", wait=7, **_BUSY
    ),
    "busy, says milliseconds": _said(
        429, "retry", "rate_limited", header_retry_after_ms="2500", wait=2.5, **_BUSY
    ),
    "busy, says two waits": _said(
        429, "retry", "rate_limited", header_retry_after="4", header_retry_after_ms="9000",
        wait=9, **_BUSY,
    ),
    "busy until a date, by its own clock": _said(
        429, "retry", "rate_limited", header_date="Wed, 05 Mar 2025 08:00:00 GMT",
        header_retry_after="Wed, 05 Mar 2025 08:00:12 GMT", wait=12, **_BUSY,
    ),
    "busy until a date long past": _said(
        429, "retry", "rate_limited", header_retry_after="Tue, 02 Feb 1999 00:00:00 GMT",
        wait=0.2, **_BUSY,
    ),
    "busy, a wait below zero": _said(
        429, "retry", "rate_limited", header_retry_after="-3", wait=0.2, **_BUSY
    ),
    "busy, says when its limit is reset": _said(
        429, "retry", "rate_limited", header_x_ratelimit_remaining_requests="0",
        header_x_ratelimit_reset_requests="1m5s", wait=65, **_BUSY,
    ),
    "busy, says nothing": _said(429, "retry", "rate_limited", wait=0.2, **_BUSY),
    "busy for ever": _said(
        429, "fail", "rate_limited", header_retry_after="1", wait=1, stays=True, **_BUSY
    ),
    "busy for an hour": _said(
        429, "fail", "rate_limited", header_retry_after="3600", stays=True, requests=1, **_BUSY
    ),
    # --- the account ---
    "no quota": _said(429, "stop", "quota", "You have used it up", code="insufficient_quota"),
    "billing limit": _said(429, "stop", "quota", code="billing_hard_limit_reached"),
    "payment required": _said(402, "stop", "quota", "Insufficient balance"),
    "wrong key": _said(401, "stop", "auth", "No such key", code="invalid_api_key"),
    "country": _said(403, "stop", "auth", "Not served in this country"),
    "unknown model": _said(404, "stop", "unknown_model", code="model_not_found"),
    # --- the request ---
    "too long for the model": _said(
        400, "fail", "context_length", code="context_length_exceeded", stays=True, requests=2
    ),
    "schema wrong": _said(
        400, "stop", "bad_request", "Invalid schema for response_format 'Rating'",
        param="response_format", stays=True, requests=2,
    ),
    "prompt filtered": _said(
        400, "fail", "content_filter", code="content_filter", stays=True, requests=1
    ),
    "not valid": Fault(
        "stop", "bad_request", status=422,
        body=_bytes(lambda _: {"detail": [{"loc": ["body", "messages"], "msg": "none"}]}),
    ),
    "teapot": _page(418, "stop", "bad_request", "short and stout"),
    # --- the server ---
    "500": _said(500, "retry", "server", wait=0.2),
    "502, a page": _page(502, "retry", "server", "<h1>Bad gateway</h1>", wait=0.2),
    "503, says seconds": _said(503, "retry", "server", header_retry_after="3", wait=3),
    "504": _page(504, "retry", "server", "upstream", wait=0.2),
    "529": _said(529, "retry", "server", "overloaded", wait=0.2),
    "409": _said(409, "retry", "server", wait=0.2),
    "408": _said(408, "retry", "timeout", wait=0.2),
    # --- the network ---
    "refused once": _broken("retry", "network", _REFUSED),
    "no such host": _broken(
        "stop", "network", _caused("Name not known", socket.gaierror(-2, "Name not known"))
    ),
    "certificate": _broken(
        "stop", "network",
        _caused("TLS", ssl.SSLCertVerificationError(1, "self-signed certificate")),
    ),
    "reset": _broken(
        "retry", "network", lambda request: httpx2.ReadError("reset by peer", request=request)
    ),
    "ends early": _broken(
        "retry", "network",
        lambda request: httpx2.RemoteProtocolError("closed without the body", request=request),
    ),
    "says nothing": Fault("retry", "timeout", hangs=True),
    # --- the transport ---
    "redirect elsewhere": _page(
        307, "stop", "redirect", "", headers={"location": "http://collector.example/v1"}
    ),
    "redirect to itself": _page(
        302, "stop", "redirect", "", headers={"location": "/v1/chat/completions"}
    ),
    "envelope cut": Fault(
        "retry", "bad_reply", body=lambda content: envelope(content)[:70], wait=0.2
    ),
    "not packed as it says": Fault(
        "retry", "bad_reply", headers=JSON | {"content-encoding": "gzip"}, wait=0.2
    ),
    "bomb": Fault(
        "fail", "too_large", headers=JSON | {"content-encoding": "gzip"},
        body=lambda _: gzip.compress(bytes(9 * 2**20), 1), stays=True, requests=2,
    ),
    "not UTF-8": Fault(
        "retry", "bad_reply", body=lambda _: b'{"model": "judge-\xff\xfe", "choices": []}',
        wait=0.2,
    ),
    "byte-order mark": Fault("use", body=lambda content: b"\xef\xbb\xbf" + envelope(content)),
    "a list": Fault("retry", "bad_reply", body=lambda content: b"[" + envelope(content) + b"]"),
    "a page": _page(200, "retry", "bad_reply", "<p>Please log in"),
    # --- the envelope ---
    "no choice": Fault("retry", "bad_reply", body=_bytes(_without_choices)),
    "no message": Fault(
        "retry", "bad_reply",
        body=_bytes(lambda _: {"model": "judge-1", "choices": [{"index": 0}]}),
    ),
    "error in a 200": Fault(
        "retry", "bad_reply", body=_bytes(lambda _: {"error": {"message": "overloaded"}})
    ),
    "content null": _in_answer(lambda _: None),
    "content empty": _in_answer(lambda _: ""),
    "content in parts": _in_answer(lambda content: [{"type": "text", "text": content}], "use"),
    "content an object": _in_answer(lambda _: {"decided": []}, "retry"),
    "refusal": Fault(
        "fail", "refusal", body=lambda _: envelope(None, refusal="I cannot help with that."),
        stays=True, requests=2,
    ),
    "cut by its length": Fault(
        "fail", "truncated", body=lambda content: envelope(content[:20], "length"),
        stays=True, requests=2,
    ),
    "cut once": Fault("repair", body=lambda content: envelope(content[:20], "length")),
    "answer filtered": Fault(
        "fail", "content_filter", body=lambda content: envelope(content, "content_filter"),
        stays=True, requests=1,
    ),
    "another model answers": Fault(
        "use", body=lambda content: envelope(content, model="judge-1-mini")
    ),
    "tokens not counted": Fault("use", body=lambda content: envelope(content, usage=None)),
    # --- the answer ---
    "prose": _in_answer(lambda _: "I would say that it is supported."),
    "prose for ever": _in_answer(lambda _: "It is so.", "fail", stays=True, requests=2),
    "two objects": _in_answer(lambda content: f"{content}\n{content}"),
    "reasoning first": _in_answer(
        lambda content: f'<think>{{"decided": []}} will not do</think>\n{content}', "use"
    ),
    "fenced": _in_answer(lambda content: f"```json\n{content}\n```", "use"),
    "single quotes": _in_answer(lambda content: content.replace('"', "'")),
    "key twice": _in_answer(lambda content: content[:-1] + ', ' + content[1:]),
    "NaN": _in_answer(lambda content: content[:-1] + ', "score": NaN}'),
    "surplus field": _in_answer(lambda content: content[:-1] + ', "url": "x"}'),
    "nested deep": _in_answer(lambda _: "[" * 100_000),
    "stance in capitals": _rating(lambda rating: _decided(rating).update(stance="SUPPORTS")),
    "stance null": _rating(lambda rating: _decided(rating).update(stance=None)),
    "quote invented": _rating(
        lambda rating: _quote(rating, "nobody wrote this"), kind="bad_quote"
    ),
    "quote invented for ever": _rating(
        lambda rating: _quote(rating, "nobody wrote this"), then="fail", kind="bad_quote",
        stays=True, requests=2,
    ),
    "quote empty": _rating(lambda rating: _quote(rating, ""), kind="bad_quote"),
    "quote with a gap": _rating(lambda rating: _quote(rating, "The ... said"), kind="bad_quote"),
    "a passage left out": _rating(lambda rating: rating["decided"].remove(_decided(rating))),
    "a passage twice": _rating(
        lambda rating: rating["neutral"].append(_decided(rating)["passage"])
    ),
    "a passage too many": _rating(lambda rating: rating["neutral"].append(99)),
    "script in the explanation": _rating(
        lambda rating: rating.update(explanation="<script>alert(1)</script>\u001b[31m"),
        then="use",
    ),
}  # fmt: skip
"""By name."""
