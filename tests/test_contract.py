"""What the OpenAPI document allows is taken, and nothing else: a slice of `contract.py`."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator
from jsonschema.validators import validator_for
from starlette.testclient import TestClient

from agent.server.app import create_app
from agent.server.settings import Settings
from tests.fake_embedder import WordEmbedder

_TEXTS: list[Any] = [
    "",
    "A",
    "The bridge is 240 metres long.",
    "x" * 301,
    "x" * 1001,
    None,
    7,
    True,
    [],
    {},
]
_DAYS = ["2026-03-04", "2026-02-30", "20260304", "2026-W10", "0000", "2026", "2026-13", "2026-03"]
_ADDRESSES = [
    "https://x.example/", "HTTP://x.example", "ftp://x.example/", "//x", "https:/x",
    "https://x.example/a b", "https://x.example/\t",
]  # fmt: skip
_LISTS = [[], ["en"], ["EN"], ["english"], [""], ["a", "b"], [1], ["x"] * 21, "en", None, {}]
BODIES = st.fixed_dictionaries(
    {},
    optional={
        **{name: st.sampled_from(_TEXTS) for name in ("text", "title", "author", "colour")},
        **{name: st.sampled_from([*_TEXTS, *_ADDRESSES]) for name in ("text", "url")},
        **{name: st.sampled_from([*_TEXTS, *_DAYS]) for name in ("published_at", "as_of", "since")},
        **{name: st.sampled_from(_LISTS) for name in ("language", "tag", "exclude_source")},
        "min_origins": st.sampled_from([None, 0, 1, 20, 21, "2", 1.5]),
    },
)


class TakesAll:
    """In place of the checks of a service: takes them in, and carries none out."""

    async def submit(self, *_: object) -> SimpleNamespace:
        return SimpleNamespace(id="c-1")


@pytest.fixture
def client(tmp_path: Path) -> TestClient:
    app = create_app(Settings(library=tmp_path), WordEmbedder())
    app.state.runs = TakesAll()
    return TestClient(app, base_url="http://localhost")


def test_a_check_is_taken_in_exactly_where_the_document_allows_it(client: TestClient) -> None:
    document = client.get("/openapi.json").json()
    content = document["paths"]["/api/checks"]["post"]["requestBody"]["content"]
    schema = content["application/json"]["schema"]
    formats = Draft202012Validator.FORMAT_CHECKER
    allowed = validator_for(schema, Draft202012Validator)(schema, format_checker=formats)

    @settings(max_examples=80)
    @given(BODIES)
    def holds(body: dict[str, Any]) -> None:
        status = client.post("/api/checks", json=body).status_code
        assert (status, body) == (202 if allowed.is_valid(body) else 422, body)

    holds()
