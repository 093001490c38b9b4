"""What the service refuses, whom it asks for a token, and what it tells at its start."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from agent.errors import AssayError, ModelUnavailable, UsageError
from agent.server.app import create_app
from agent.server.settings import Settings, is_loopback
from tests.asking_service import ARTICLE, HOST, service, until


@pytest.fixture
def client(word_library: Path) -> Iterator[TestClient]:
    with service(word_library) as client:
        yield client


@pytest.mark.parametrize("host", ["evil.example", "localhost.evil.example", "", "127.0.0.2", "["])
def test_another_name_than_its_own_is_refused(client: TestClient, host: str) -> None:
    assert client.get("/api/checks", headers={"host": host}).status_code == 421


@pytest.mark.parametrize(
    "headers",
    [
        {"origin": "http://evil.example"},
        {"origin": "null"},
        {"origin": "http://["},
        {"origin": "http://localhost:1"},
        {"sec-fetch-site": "cross-site"},
        {"sec-fetch-site": "same-site"},
    ],
)
def test_a_page_of_another_site_changes_nothing(
    client: TestClient, headers: dict[str, str]
) -> None:
    assert client.post("/api/checks", json={"text": ARTICLE}, headers=headers).status_code == 403
    assert client.get("/api/checks").json()["checks"] == []


def test_a_token_is_asked_for_and_a_browser_keeps_it(word_library: Path) -> None:
    with service(word_library, token="open-sesame") as client:
        assert client.get("/api/checks").status_code == 401
        assert client.get("/healthz").status_code == 200
        assert client.get("/?token=wrong").status_code == 401
        shown = {"authorization": "Bearer open-sesame"}
        assert client.get("/api/checks", headers=shown).status_code == 200
        astray = client.get(f"{HOST}//evil.example/?token=open-sesame", follow_redirects=False)
        assert astray.headers["location"] == "/evil.example/"
        client.cookies.clear()
        opened = client.get("/?token=open-sesame&x=1", follow_redirects=False)
        assert (opened.status_code, opened.headers["location"]) == (303, "/?x=1")
        cookie = opened.headers["set-cookie"].casefold()
        assert "httponly" in cookie
        assert "samesite=strict" in cookie
        assert client.get("/api/checks").status_code == 200


@pytest.mark.parametrize("declared", [True, False])
def test_a_body_that_is_too_large_is_refused(word_library: Path, declared: bool) -> None:
    def chunks() -> Iterator[bytes]:
        yield from [b"x" * 100_000] * 30

    content = b"x" * 3_000_000 if declared else chunks()
    with service(word_library, upload_bytes=2**20) as client:
        for path in ("/api/checks", "/api/sources", "/api/chat"):
            answer = client.post(
                path, content=content, headers={"content-type": "application/json"}
            )
            assert answer.status_code == 413
            assert ("64 KiB" in answer.text) == (path == "/api/chat")
            content = b"x" * 3_000_000 if declared else chunks()


def test_every_answer_has_a_policy_without_inline_code(client: TestClient) -> None:
    for path in ("/", "/api/checks", "/api/nothing", "/static/nothing"):
        headers = client.get(path).headers
        assert "script-src 'self'" in headers["content-security-policy"]
        assert "unsafe" not in headers["content-security-policy"]
        assert headers["x-content-type-options"] == "nosniff"
        assert "access-control-allow-origin" not in headers


def test_a_defect_is_a_problem_that_tells_nothing(
    client: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object, **__: object) -> None:
        raise RuntimeError("the secret of the house")

    monkeypatch.setattr("agent.server.checks._run", broken)
    answer = client.get("/api/checks/x")
    assert answer.status_code == 500
    assert "secret" not in answer.text


@pytest.mark.parametrize(
    ("path", "methods"),
    [
        ("/api/checks", "GET, POST"),
        ("/api/checks/c-1", "DELETE, GET"),
        ("/api/sources/s-1", "DELETE, GET"),
        ("/api/sources/search", "GET"),
        ("/healthz", "GET"),
        ("/", "GET"),
    ],
)
def test_an_unknown_method_is_told_the_known_ones(
    client: TestClient, path: str, methods: str
) -> None:
    refused = client.put(path)
    assert (refused.status_code, refused.headers["allow"]) == (405, methods)


def test_the_openapi_document_names_every_problem(client: TestClient) -> None:
    document = client.get("/openapi.json").json()
    assert document["components"]["schemas"]["Problem"]
    assert set(document["paths"]) >= {
        "/api/checks", "/api/checks/{check_id}", "/api/checks/{check_id}/events",
        "/api/sources", "/healthz",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("host", "alone"),
    [
        ("127.0.0.1", True),
        ("::1", True),
        ("localhost", True),
        ("192.0.2.1", False),
        ("desk", False),
    ],
)
def test_only_loopback_needs_no_token(host: str, alone: bool) -> None:
    assert is_loopback(host) is alone


@pytest.mark.parametrize(
    ("model", "fault"), [("nonsense", UsageError), ("openai:x", ModelUnavailable)]
)
def test_a_model_that_cannot_be_asked_is_told_at_the_start(
    model: str, fault: type[AssayError], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("OPENAI_API_KEY", raising=False)
    with pytest.raises(fault):
        create_app(Settings(tmp_path, model))


def test_the_service_has_a_number_of_origins_for_requests_that_name_none(
    word_library: Path,
) -> None:
    with service(word_library, min_origins=2) as client:
        for asked, held_to in (({}, 2), ({"min_origins": 1}, 1)):
            sent = client.post("/api/checks", json={"text": ARTICLE, **asked}).json()["id"]
            until(client, sent, "done")
            settings = client.get(f"/api/checks/{sent}").json()["run"]["settings"]
            assert settings["min_origins"] == held_to


def test_publishers_are_marked_and_the_marks_listed_over_http(client: TestClient) -> None:
    assert client.get("/api/reputations").json() == {"reputations": {}}
    mark = {"name": "tallis courier", "reputation": "distrusted"}
    told = {"reputations": {"Tallis Courier": "distrusted"}}
    assert client.put("/api/reputations", json=mark).json() == told
    assert client.get("/api/reputations").json() == told
    listed = client.get("/api/sources").json()["sources"]
    assert {each["publisher"] for each in listed if each["reputation"] == "distrusted"} == {
        "Tallis Courier"
    }
    names = client.get("/api/publishers").json()
    assert [(each["name"], each["kind"], each["reputation"]) for each in names["publishers"]] == [
        ("Tallis Courier", "publisher", "distrusted"),
        ("Orrel Notes", "publisher", "neutral"),
        ("Valley Post", "publisher", "neutral"),
        ("courier.example", "site", "neutral"),
    ]
    found = client.get("/api/publishers", params={"q": "COURIER", "limit": 1}).json()
    assert (len(found["publishers"]), found["total"]) == (1, 2)
    (source,) = client.get("/api/sources", params={"q": "tallis courier"}).json()["sources"]
    goes_by = client.get(f"/api/sources/{source['id']}").json()["goes_by"]
    assert [each["name"] for each in goes_by] == ["Tallis Courier", "courier.example"]
    for wrong, status in (
        ({"name": "Nobody"}, 404),
        ({"reputation": "loved"}, 422),
        ({"a": 1}, 422),
    ):
        answer = client.put("/api/reputations", json={**mark, **wrong})
        assert answer.status_code == status
        assert answer.headers["content-type"] == "application/problem+json"
    again = client.put("/api/reputations", json={**mark, "reputation": "neutral"})
    assert again.json() == {"reputations": {}}
