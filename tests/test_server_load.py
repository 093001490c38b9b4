"""The service when much is asked of it, when clients misbehave, and when it is ended."""

from __future__ import annotations

import asyncio
import socket
import threading
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any

import pytest
from fastapi import FastAPI, Response
from starlette.testclient import TestClient

from agent.check import FactChecker
from agent.errors import LibraryLocked, UsageError
from agent.report import write_atomically
from agent.server import guard, runs
from agent.server.app import create_app
from agent.server.hosting import Server
from agent.server.kept import Kept
from agent.server.run import Asked, RunState
from agent.server.settings import Settings
from agent.server.shelf import Shelf
from agent.types import Report
from tests.fake_embedder import WordEmbedder
from tests.sample_report import sample_report
from tools.library import Library

ARTICLE = "The Tallis Bridge cost 12 million euros."


def app_of(library: Path, **settings: Any) -> FastAPI:
    return create_app(Settings(library=library, **settings), WordEmbedder())


def service(library: Path, **settings: Any) -> TestClient:
    return TestClient(app_of(library, **settings), base_url="http://localhost")


@pytest.fixture
def held(monkeypatch: pytest.MonkeyPatch) -> Iterator[threading.Event]:
    """Checks go on until this is set."""
    release = threading.Event()

    async def endless(*_: object, **__: object) -> Report:
        while not release.is_set():
            await asyncio.sleep(0.005)
        return sample_report()

    monkeypatch.setattr(FactChecker, "load", lambda _: None)
    monkeypatch.setattr(FactChecker, "acheck", endless)
    yield release
    release.set()


@pytest.fixture
def quick(held: threading.Event) -> None:
    """Checks are done at once."""
    held.set()


def submitted(client: TestClient, text: str = ARTICLE) -> str:
    return str(client.post("/api/checks", json={"text": text}).json()["id"])


def until(client: TestClient, check_id: str, *wanted: str) -> RunState:
    for _ in range(1000):
        listed = client.get("/api/checks?limit=1000").json()["checks"]
        (state,) = (RunState(**each) for each in listed if each["id"] == check_id)
        if state.state in wanted:
            return state
        time.sleep(0.005)
    raise AssertionError(state)


def left_over(library: Path, number: int, **state: Any) -> str:
    """The folder of a check whose service was killed."""
    kept = Kept(library / "runs")
    given = {"state": "running", "created_at": f"2026-03-04T00:00:{number:02}.000+00:00"}
    left = RunState(id=f"c-{number:024x}", **{**given, **state})
    kept.take_in(left, Asked(text=ARTICLE), None)
    return left.id


# --- the queue and what is kept -------------------------------------------------------------


def test_a_check_that_is_stopped_while_it_waits_gives_its_place_back(
    word_library: Path, held: threading.Event
) -> None:
    with service(word_library, at_once=1, waiting=1) as client:
        until(client, submitted(client), "running")
        for _ in range(3):
            client.post(f"/api/checks/{submitted(client)}/stop")
        assert client.get("/healthz").json()["waiting"] == 0


def test_of_old_checks_the_end_can_be_followed_and_the_report_read(
    word_library: Path, quick: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(runs, "_REMEMBERED", 1)
    with service(word_library) as client:
        ids = [submitted(client) for _ in range(3)]
        for each in ids:
            until(client, each, "done")
        told = client.get(f"/api/checks/{ids[0]}/events", headers={"last-event-id": "9"}).text
        assert told.count("event:") == 1
        assert '"state": "done"' in told
        assert client.get(f"/api/checks/{ids[0]}/report.json").status_code == 200
        page = client.get("/api/checks?offset=1&limit=1").json()
        assert ([each["id"] for each in page["checks"]], page["total"]) == ([ids[1]], 3)


def test_no_more_checks_are_kept_than_is_wanted(word_library: Path, quick: None) -> None:
    with service(word_library, keep=2) as client:
        ids = []
        for _ in range(4):
            ids.append(submitted(client))
            until(client, ids[-1], "done")
        listed = [each["id"] for each in client.get("/api/checks").json()["checks"]]
        assert listed == ids[:1:-1]
        assert client.get(f"/api/checks/{ids[0]}").status_code == 404
    assert len(list((word_library / "runs").glob("c-*"))) == 2


def test_what_a_killed_service_left_is_done_by_the_next(word_library: Path, quick: None) -> None:
    left = [left_over(word_library, 1, begun=1), left_over(word_library, 2, state="waiting")]
    (word_library / "runs" / f"c-{'f' * 24}").mkdir()  # killed before it was accepted
    with service(word_library) as client:
        for each in left:
            assert until(client, each, "done").begun == 0
        assert client.get("/api/checks").json()["total"] == 2


def test_a_check_that_services_do_not_outlive_is_given_up(word_library: Path, quick: None) -> None:
    left = left_over(word_library, 1, begun=3)
    with service(word_library) as client:
        problem = until(client, left, "failed").problem
        assert problem
        assert "3 services" in problem["detail"]


def test_a_service_that_is_ended_is_not_counted_against_a_check(
    word_library: Path, held: threading.Event
) -> None:
    with service(word_library) as client:
        check_id = submitted(client)
        until(client, check_id, "running")
    state = Kept(word_library / "runs").state(check_id)
    assert state
    assert (state.state, state.begun) == ("waiting", 0)


def test_a_check_ends_for_who_follows_it_though_its_end_cannot_be_kept(
    word_library: Path, held: threading.Event, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise UsageError("cannot write: no space left on device")

    with service(word_library) as client:
        check_id = submitted(client)
        until(client, check_id, "running")
        monkeypatch.setattr(Kept, "save", full)
        monkeypatch.setattr(runs, "write_atomically", full)
        held.set()
        until(client, check_id, "failed")
        refused = client.post("/api/checks", json={"text": ARTICLE})
        assert refused.status_code == 507
        monkeypatch.setattr(Kept, "save", lambda *_: None)
        monkeypatch.setattr(runs, "write_atomically", write_atomically)
        until(client, submitted(client), "done")  # others are still checked
    assert len(list((word_library / "runs").glob("c-*"))) == 2


# --- what a request may take ----------------------------------------------------------------


def test_too_many_requests_at_once_are_told_to_come_again(word_library: Path) -> None:
    with service(word_library, requests=0) as client:
        refused = client.get("/api/checks")
        assert (refused.status_code, refused.headers["retry-after"]) == (503, "5")
        assert client.get("/healthz").status_code == 200


def test_bodies_of_all_requests_have_a_limit_together(
    word_library: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(guard, "_ROOM", 0)
    with service(word_library) as client:
        for _ in range(2):
            refused = client.post("/api/checks", json={"text": ARTICLE})
            assert (refused.status_code, refused.headers["retry-after"]) == (503, "5")
        monkeypatch.setattr(guard, "_ROOM", 1)
        assert client.post("/api/checks", json={"text": ARTICLE}).status_code == 202


Streams = tuple[asyncio.StreamReader, asyncio.StreamWriter]


class Hosted:
    """An application that is served from this event loop."""

    def __init__(self, server: Server, port: int) -> None:
        self.server = server
        self.port = port
        self._open: list[asyncio.StreamWriter] = []

    async def send(self, text: str, **options: Any) -> Streams:
        reader, writer = await asyncio.open_connection("127.0.0.1", self.port, **options)
        self._open.append(writer)
        writer.write(text.replace("\n", "\r\n").encode())
        return reader, writer

    async def get(self, path: str) -> bytes:
        reader, _ = await self.send(f"GET {path} HTTP/1.1\nHost: localhost\nConnection: close\n\n")
        return await reader.read()

    def hang_up(self) -> None:
        for writer in self._open:
            writer.close()


@asynccontextmanager
async def hosted(app: FastAPI, **options: Any) -> AsyncIterator[Hosted]:
    listener = socket.create_server(("127.0.0.1", 0))
    server = Server(app, **options)
    serving = asyncio.create_task(server._serve([listener]))  # without taking the signals over
    while not server.started:
        await asyncio.sleep(0.005)
    here = Hosted(server, listener.getsockname()[1])
    try:
        yield here
    finally:
        here.hang_up()
        server.should_exit = True
        await serving


async def _until(true: Callable[[], Any]) -> Any:
    """What it gives, once that is anything."""
    for _ in range(1000):
        if found := true():
            return found
        await asyncio.sleep(0.005)
    raise AssertionError


def bare() -> FastAPI:
    """Nothing but a large answer."""
    app = FastAPI()
    app.state.close = lambda: None
    app.add_api_route("/large", lambda: Response(b"x" * 20_000_000))
    return app


async def test_a_connection_that_never_finishes_asking_is_dropped() -> None:
    async with hosted(bare(), stale=30) as here:
        reader, writer = await here.send("GET /large HTTP/1.1\nHost: local")
        await asyncio.sleep(0.02)
        here.server._drop_stale(1000)
        writer.write(b"host")
        here.server._drop_stale(1029)
        assert not reader.at_eof()
        here.server._drop_stale(1031)
        with suppress(ConnectionError):
            assert await reader.read() == b""


async def test_a_client_that_does_not_read_is_dropped_and_a_slow_one_is_not() -> None:
    async with hosted(bare(), stale=30) as here:
        asked = "GET /large HTTP/1.1\nHost: localhost\n\n"
        connections = here.server.server_state.connections
        idle, _ = await here.send(asked, limit=2**10)
        (of_idle,) = await _until(lambda: list(connections))
        slow, _ = await here.send(asked, limit=2**10)
        (of_slow,) = await _until(lambda: [each for each in connections if each is not of_idle])
        await _until(of_idle.transport.get_write_buffer_size)
        for now in (1000, 1020, 1040):
            unsent = await _until(of_slow.transport.get_write_buffer_size)
            here.server._drop_stale(now)
            await slow.readexactly(5_000_000)
            while of_slow.transport.get_write_buffer_size() == unsent:
                await asyncio.sleep(0.005)
        assert list(connections) == [of_slow]
        with suppress(ConnectionError):
            assert len(await idle.read()) < 20_000_000


async def test_a_body_that_does_not_come_is_not_waited_for(
    word_library: Path, held: threading.Event, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(guard, "_SILENCE", 0.02)
    async with hosted(app_of(word_library)) as here:
        head = "POST /api/checks HTTP/1.1\nHost: localhost\nContent-Type: application/json\n"
        reader, _ = await here.send(f"{head}Content-Length: 50\n\n{{")
        answer = await asyncio.wait_for(reader.read(), 5)  # it ends: the connection is closed
        assert answer.startswith(b"HTTP/1.1 408 ")


# --- many who listen, and the end -----------------------------------------------------------


async def test_hundreds_who_listen_hold_nobody_up_and_are_let_go_at_the_end(
    word_library: Path, held: threading.Event
) -> None:
    async with hosted(app_of(word_library, at_once=1)) as here:
        check_id = (await here.server._app.state.runs.submit(Asked(text=ARTICLE))).id
        path = f"/api/checks/{check_id}/events"
        listeners = [
            (await here.send(f"GET {path} HTTP/1.1\nHost: localhost\n\n"))[0] for _ in range(200)
        ]
        for reader in listeners:
            await reader.readuntil(b'"running"')
        began = time.monotonic()
        assert b"200 OK" in await here.get("/healthz")
        assert time.monotonic() - began < 1
        here.server.should_exit = True
        for reader in listeners:
            assert (await reader.read()).endswith(b"0\r\n\r\n")  # ended, not broken off
    state = Kept(word_library / "runs").state(check_id)
    assert state
    assert not state.is_final


async def test_who_hangs_up_while_listening_leaves_nothing_behind(
    word_library: Path, held: threading.Event
) -> None:
    async with hosted(app_of(word_library, at_once=1)) as here:
        check_id = (await here.server._app.state.runs.submit(Asked(text=ARTICLE))).id
        path = f"/api/checks/{check_id}/events"
        closed, halved = [
            await here.send(f"GET {path} HTTP/1.1\nHost: localhost\n\n") for _ in range(2)
        ]
        for reader, _ in (closed, halved):
            await reader.readuntil(b'"running"')
        closed[1].close()
        halved[1].write_eof()
        for _ in range(200):
            if not here.server.server_state.tasks:
                break
            await asyncio.sleep(0.005)
        assert not here.server.server_state.tasks


async def test_a_service_that_ends_takes_nothing_in(
    word_library: Path, held: threading.Event
) -> None:
    app = app_of(word_library)
    with TestClient(app, base_url="http://localhost") as client:
        app.state.close()
        for path, body in (("/api/checks", {"text": ARTICLE}), ("/api/chat", {"question": "Who?"})):
            refused = client.post(path, json=body)
            assert (refused.status_code, refused.headers["retry-after"]) == (503, "5")
        assert client.get("/api/sources").status_code == 503


# --- the library ----------------------------------------------------------------------------


def test_nobody_waits_for_the_library_once_it_is_closed_or_not_wanted(word_library: Path) -> None:
    shelf = Shelf(word_library, WordEmbedder(), patience=60)
    with shelf.writing():
        with pytest.raises(LibraryLocked), shelf.shared(lambda: False):
            pass
        threading.Timer(0.02, shelf.close).start()
        with pytest.raises(LibraryLocked), shelf.reading():
            pass


def test_the_index_is_loaded_by_a_query_since_a_count_would_hold_up_all_threads(
    word_library: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from chromadb import Collection

    asked, answers = list[str](), {name: getattr(Collection, name) for name in ("count", "query")}

    def noting(name: str) -> Callable[..., Any]:
        def asking(*given: Any, **known: Any) -> Any:
            asked.append(name)
            return answers[name](*given, **known)

        return asking

    for name in answers:
        monkeypatch.setattr(Collection, name, noting(name))
    with Library.open(word_library, WordEmbedder()) as library:
        library.prepare()
    assert asked[:2] == ["query", "count"]
