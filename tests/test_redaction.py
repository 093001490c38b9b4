"""No secret reaches a cassette: thirty canaries, each in its own place and spelling."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import quote

import httpx2
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agent.gateway.cassette import recording
from agent.gateway.redaction import Redactor
from tests.model_server import JSON, Fault, ModelServer

PLACES = (
    "authorization", "x-api-key", "api-key", "openai-organization", "openai-project",
    "proxy-authorization", "x-auth-token", "basic-password",
    "cookie-one", "cookie-two", "set-cookie-one", "set-cookie-two", "response-token",
    "query-key", "query-sig", "query-token", "location-query",
    "body-key", "body-nested", "body-list", "body-inner-json", "body-password", "form-secret",
    "reply-token", "reply-secret", "reply-inner", "page-key",
    "user-info", "environment", "shaped",
)  # fmt: skip
CANARY = {name: f"canary/{number:02d}+{name[::-1]}-q7Zx" for number, name in enumerate(PLACES)}
# Put together here, so that no scanner takes this file for one that holds a key.
CANARY["shaped"] = "-".join(("sk", "shaped0123456789abcdefXYZ"))


def spelled(secret: str) -> list[str]:
    """Ways in which a server may repeat a secret."""
    data = secret.encode()
    escaped = "".join(f"\\u{ord(c):04x}" for c in secret)
    return [
        secret,
        quote(secret, safe=""),
        quote(quote(secret, safe=""), safe=""),
        base64.b64encode(data).decode(),
        base64.b64encode(b"user:" + data).decode(),
        base64.urlsafe_b64encode(b"xy" + data).decode(),
        escaped,
        escaped[: 6 * 5] + secret[5:],
        json.dumps(json.dumps(secret))[1:-1].replace("/", "\\/"),
        "".join(f"&#x{ord(c):x};" for c in secret),
    ]


def traces(text: str, secret: str) -> list[str]:
    """The spellings of a secret that a text holds."""
    middles = [s if len(s) < 20 else s[4:-4] for s in spelled(secret)]
    return [s for s in middles if s in text]


def test_there_are_thirty_canaries() -> None:
    assert len(CANARY) == 30


def test_no_canary_reaches_the_file_however_it_is_spelled(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    c = CANARY
    monkeypatch.setenv("SOME_API_KEY", c["environment"])
    echo = {
        "error": {"message": " ".join(s for secret in c.values() for s in spelled(secret))},
        "access_token": c["reply-token"],
        "credentials": [{"value": c["reply-secret"]}],
        "arguments": json.dumps({"client_secret": c["reply-inner"]}),
    }
    # Met in a reply before they are known, too: all of it is gone through once more at the end.
    page = f"<p>{' '.join(c.values())}</p> api_key={c['page-key']}&x=1"
    user = quote(c["user-info"], safe="")
    headers = JSON | {
        "set-cookie": f"a={c['set-cookie-one']}; Path=/",
        "x-goog-iam-token": c["response-token"],
        "location": f"https://u:{user}@h.example/x?token={quote(c['location-query'])}",
    }
    more = JSON | {"set-cookie": f"b={c['set-cookie-two']}; HttpOnly"}
    faults = [
        Fault(status=400, headers={"content-type": "text/html"}, body=page),
        Fault(status=401, headers=headers, body=echo),
        Fault(status=401, headers=more, body=echo),
    ]
    path = tmp_path / "cassette.json"
    with ModelServer(faults=faults) as server, recording(path, "record"):
        url = f"{server.url}/chat/completions"
        basic = base64.b64encode(f"user:{c['basic-password']}".encode()).decode()
        httpx2.post(url, json={"note": "nothing is known yet"})
        httpx2.post(
            url,
            params={"api-key": c["query-key"], "sig": c["query-sig"], "token": c["query-token"],
                    "api-version": "2026-01", "echo": c["environment"]},
            headers={
                "authorization": f"Bearer {c['authorization']}",
                "x-api-key": c["x-api-key"],
                "api-key": c["api-key"],
                "openai-organization": c["openai-organization"],
                "openai-project": c["openai-project"],
                "proxy-authorization": f"Bearer {c['proxy-authorization']}",
                "x-auth-token": c["x-auth-token"],
                "cookie": f"a={c['cookie-one']}; b={c['cookie-two']}",
            },
            json={
                "api_key": c["body-key"],
                "options": {"credentials": {"user": "u", "value": c["body-nested"]}},
                "tools": [{"secret": [c["body-list"]]}],
                "arguments": json.dumps({"password": c["body-inner-json"]}),
                "password": c["body-password"],
                "max_tokens": 5,
                "content": f"{c['shaped']} {c['environment']}",
            },
        )  # fmt: skip
        httpx2.post(
            url,
            headers={"authorization": f"Basic {basic}"},
            json={"text": f"client_secret={c['form-secret']}", "client_secret": c["form-secret"]},
        )
    text = path.read_text(encoding="utf-8")
    found = {name: traces(text, secret) for name, secret in c.items()}
    assert {name: what for name, what in found.items() if what} == {}
    assert "canary" not in text and "REDACTED" in text
    assert '"max_tokens": 5' in text and "2026-01" in text


SECRETS = st.text(st.characters(min_codepoint=33, max_codepoint=126), min_size=12, max_size=40)


@settings(max_examples=50)
@given(SECRETS.filter(lambda s: s not in "REDACTED"), st.sampled_from(range(10)))
def test_a_known_secret_is_found_in_every_spelling(secret: str, way: int) -> None:
    cleaned = Redactor(seen={secret}).text(f"before {spelled(secret)[way]} after")
    assert re.fullmatch(r"before \S{0,12}REDACTED\S{0,12} after", cleaned)


@settings(max_examples=50)
@given(st.text(max_size=200))
def test_a_text_without_secrets_stays_as_it_is(text: str) -> None:
    assert Redactor(seen={"a-secret-of-nobody"}).text(text) == text


@pytest.mark.parametrize(
    "value",
    [
        {"usage": {"prompt_tokens": 12, "total_tokens": 14}},
        {"choices": [{"logprobs": {"content": [{"token": "supported", "logprob": -0.1}]}}]},
        {"messages": [{"content": "The key to the city was handed over; its secret is old."}]},
    ],
)
def test_answers_and_articles_are_no_secrets(value: Mapping[str, Any]) -> None:
    redactor = Redactor()
    redactor.learn_value(value)
    redactor.learn_headers({"x-ratelimit-remaining-tokens": ["149999999"]})
    assert redactor.value(value) == value and not redactor.seen
