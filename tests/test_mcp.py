"""The MCP server, as the SDK's own client sees it, over each of its transports."""

from __future__ import annotations

import socket
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import httpx
import pytest
import uvicorn
from mcp.client import Client
from mcp.client.stdio import StdioServerParameters, stdio_client
from mcp.server.mcpserver import MCPServer
from mcp_types import TextContent

from agent.chat.tools import TOOLS
from agent.chat.turns import Chat
from agent.check import FactChecker
from agent.gateway.budget import Limits
from agent.mcp import build_server
from tests.conftest import ROOT, SOURCES, Assay
from tests.fake_embedder import WordEmbedder
from tools.library import Library
from tools.models.embedder import MiniLMEmbedder


@pytest.fixture
def server(word_library: Path) -> MCPServer:
    embedder = WordEmbedder()

    def opened() -> Library:
        return Library.open(word_library, embedder)

    checker = FactChecker(word_library, embedder=embedder)
    return build_server(word_library, opened, checker, Chat(word_library, opened))


async def tried(client: Client) -> None:
    """What holds over each transport."""
    tools = {tool.name: tool for tool in (await client.list_tools()).tools}
    assert set(tools) == {*TOOLS, "check_article"}
    for tool in tools.values():
        assert tool.description
        assert tool.output_schema
        assert tool.annotations is not None
        assert tool.annotations.read_only_hint
    found = (
        await client.call_tool("search_library", {"query": "Tallis Bridge"})
    ).structured_content
    assert found is not None
    assert found["passages"][0]["text"].startswith("The Tallis Bridge was opened")
    assert found["passages"][0]["number"] == 1
    wrong = await client.call_tool("read_source", {"source_id": "nobody"})
    assert wrong.is_error
    assert "no source of this id" in str(wrong.content)
    assert str(ROOT) not in str(wrong.content)
    unfit = await client.call_tool("read_source", {"source_id": 7, "length": "much"})
    assert unfit.is_error
    (content,) = unfit.content
    assert isinstance(content, TextContent)
    assert content.text.startswith("the arguments do not fit: source_id: ")
    assert "pydantic" not in content.text
    assert "\n" not in content.text
    unknown = await client.call_tool("read_source", {"source_id": "s", "min_origins": 3})
    assert unknown.is_error
    (content,) = unknown.content
    assert isinstance(content, TextContent)
    assert content.text.startswith("the arguments do not fit: there is no 'min_origins'; it has ")


def test_a_port_that_is_taken_is_told_before_the_address(assay: Assay, word_library: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        result = assay("mcp", "--http", "--port", port, "--library", word_library)
    assert result.code == 2
    assert "Name another with --port" in result.err
    assert "tools are at" not in result.err


def test_budgets_bound_the_checks_that_others_ask_for(
    assay: Assay, word_library: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    checkers: list[FactChecker] = []

    def built(_folder: Path, _opened: object, checker: FactChecker, _chat: Chat) -> Any:
        checkers.append(checker)
        return SimpleNamespace(run=lambda _transport: None)

    monkeypatch.setattr("agent.mcp.build_server", built)
    budgets = ("--budget-tokens", "9000", "--budget-usd-day", "2.5")
    assert assay("mcp", "--library", word_library, *budgets).code == 0
    assert checkers[0].judges.limits == Limits(None, 9000, 2.5, None)


async def test_an_article_is_checked_in_process(server: MCPServer) -> None:
    async with Client(server) as client:
        await tried(client)
        article = {"text": "The Tallis Bridge cost 12 million euros."}
        checked: dict[str, Any] | None = (
            await client.call_tool("check_article", article)
        ).structured_content
        assert checked is not None
        (claim,) = checked["claims"]
        assert claim["verdict"] == "conflicting"
        assert {quote["stance"] for quote in claim["evidence"]} == {"supports", "contradicts"}


@contextmanager
def served(server: MCPServer) -> Iterator[str]:
    """The server over streamable HTTP, as `assay mcp --http` runs it."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        app = server.streamable_http_app(host="127.0.0.1")
        running = uvicorn.Server(uvicorn.Config(app, log_level="error"))
        thread = threading.Thread(target=lambda: running.run(sockets=[listener]))
        thread.start()
        while not running.started:
            time.sleep(0.01)
        yield f"http://127.0.0.1:{listener.getsockname()[1]}/mcp"
        running.should_exit = True
        thread.join(10)


async def test_over_http_other_hosts_and_origins_are_refused(server: MCPServer) -> None:
    with served(server) as address:
        async with Client(address) as client:
            await tried(client)
        async with httpx.AsyncClient() as http:
            for header in ({"host": "evil.example"}, {"origin": "http://evil.example"}):
                answer = await http.post(address, json={}, headers=header)
                assert answer.status_code in (403, 421)


async def test_over_standard_input_and_output(tmp_path: Path) -> None:
    folder = tmp_path / "library"
    with Library.open(folder, MiniLMEmbedder(), create=True) as library:
        for document in SOURCES:
            library.add(document)
    command = StdioServerParameters(
        command=sys.executable,
        args=["-m", "agent.cli", "mcp", "--quiet", "--library", str(folder)],
        cwd=ROOT,
    )
    async with Client(stdio_client(command)) as client:
        await tried(client)


async def test_claims_over_mcp_take_as_many_origins_as_the_server_asks_for(
    word_library: Path,
) -> None:
    embedder = WordEmbedder()

    def opened() -> Library:
        return Library.open(word_library, embedder)

    checker = FactChecker(word_library, embedder=embedder, min_origins=9)
    server = build_server(word_library, opened, checker, Chat(word_library, opened))
    claim = "The Tallis Bridge was opened in May 2024."
    async with Client(server) as client:
        asked = {"text": claim}
        article = (await client.call_tool("check_article", asked)).structured_content
        single = (await client.call_tool("check_claim", {"claim": claim})).structured_content
    assert article is not None
    assert single is not None
    assert article["claims"][0]["explanation"].startswith("One origin only")
    assert single["verdict"] == "unverifiable"
