"""The service asked in process: checks sent, followed and waited for."""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import Any

from starlette.testclient import TestClient

from agent.server.app import create_app
from agent.server.settings import Settings
from tests.fake_embedder import WordEmbedder

ARTICLE = "The Tallis Bridge cost 12 million euros. The bridge is 240 metres long."
HOST = "http://localhost"


def service(library: Path, **more: Any) -> TestClient:
    app = create_app(Settings(library=library, **more), WordEmbedder())
    return TestClient(app, base_url=HOST, raise_server_exceptions=False)


def submitted(client: TestClient, **asked: str) -> str:
    answer = client.post("/api/checks", json=asked or {"text": ARTICLE})
    assert answer.status_code == 202
    check_id = answer.json()["id"]
    assert answer.headers["location"] == f"/api/checks/{check_id}"
    return str(check_id)


def events(client: TestClient, check_id: str, after: int = 0) -> list[tuple[str, dict[str, Any]]]:
    """All events until the check has ended, as name and data."""
    body = client.get(f"/api/checks/{check_id}/events", headers={"last-event-id": str(after)}).text
    found = []
    for block in filter(None, body.split("\n\n")):
        fields = dict(line.split(": ", 1) for line in block.splitlines() if line[0] != ":")
        if fields:
            found.append((fields["event"], json.loads(fields["data"])))
    return found


def state(client: TestClient, check_id: str) -> dict[str, Any]:
    (found,) = (
        each for each in client.get("/api/checks").json()["checks"] if each["id"] == check_id
    )
    return dict(found)


def until(client: TestClient, check_id: str, wanted: str) -> dict[str, Any]:
    for _ in range(500):
        if (found := state(client, check_id))["state"] == wanted:
            return found
        time.sleep(0.01)
    raise AssertionError(state(client, check_id))
