"""Cassettes: recorded over real HTTP from the local test server, replayed with it stopped.

The answers are hand-written; no provider was asked.
"""

from __future__ import annotations

import gzip
import json
import os
import signal
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Literal

import httpx2
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pydantic import BaseModel

from agent.errors import ClaimFailed, InputError, ModelUnavailable, UsageError
from agent.gateway.cassette import is_replaying, recording
from agent.gateway.cassette_file import body_of, bytes_of, document, read, sealed, write
from agent.gateway.opening import open_model
from prompts import Rendered
from tests.model_server import JSON, Fault, ModelServer, bomb, completion, error

KEY = "sk-test-4f9c1b7e2a6d"


class Verdict(BaseModel):
    verdict: Literal["supported", "conflicting", "unverifiable"]


ANSWERS: list[dict[str, Any]] = [
    {"contains": [name], "answer": {"verdict": verdict}}
    for name, verdict in (("one", "supported"), ("two", "conflicting"), ("three", "unverifiable"))
]


def question(text: str) -> Rendered:
    return Rendered("rate_claim", "0" * 64, "You rate claims.", text)


async def ask(url: str, *texts: str, key: str | None = KEY) -> list[str]:
    async with open_model("openai:judge-1", base_url=url, api_key=key) as model:
        return [(await model.answer(question(text), Verdict)).verdict for text in texts]


def elsewhere(path: Path, old: str, new: str) -> None:
    """Changes addresses in a cassette, and its seal with it."""
    text = path.read_text(encoding="utf-8").replace(old, new)
    path.write_text(json.dumps(sealed(json.loads(text))), encoding="utf-8")


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "cassettes" / "check.json"


@pytest.fixture
def server() -> Iterator[ModelServer]:
    with ModelServer(ANSWERS) as running:
        yield running


# --- record and replay --------------------------------------------------------------------


async def test_what_was_recorded_is_replayed_with_the_server_stopped(path: Path) -> None:
    with ModelServer(ANSWERS) as server, recording(path, "record") as tape:
        first = await ask(server.url, "one", "two", "three")
        assert len(tape) == 3 and not tape.unplayed
    with recording(path, "replay") as tape:
        assert len(tape.unplayed) == 3
        assert await ask(server.url, "one", "two", "three") == first
        assert not tape.unplayed
    assert len(server.requests) == 3


async def test_a_replay_needs_no_key_and_may_come_in_another_order(
    path: Path, server: ModelServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("OPENAI_API_KEY", raising=False)
    with recording(path, "record"):
        await ask(server.url, "one", "two")
    elsewhere(path, f"http://127.0.0.1:{server.port}", "https://models.example")
    with recording(path, "replay") as tape:
        verdicts = await ask("https://models.example/v1", "two", "one", key=None)
    assert verdicts == ["conflicting", "supported"] and not tape.unplayed


async def test_recorded_retries_are_replayed_without_their_waits(path: Path) -> None:
    faults = [error(429, retry_after="1"), None]
    with ModelServer(ANSWERS, faults=faults) as server, recording(path, "record"):
        await ask(server.url, "one")
    recorded = json.loads(path.read_text(encoding="utf-8"))
    recorded["interactions"][0]["response"]["headers"]["retry-after"] = "100"
    path.write_text(json.dumps(sealed(recorded)), encoding="utf-8")
    with recording(path, "replay") as tape:
        assert await ask(server.url, "one") == ["supported"]
    assert not tape.unplayed


async def test_a_request_that_was_not_recorded_is_an_error_and_reaches_no_server(
    path: Path, server: ModelServer
) -> None:
    with recording(path, "record"):
        await ask(server.url, "one")
    with (
        recording(path, "replay"),
        pytest.raises(ModelUnavailable, match="record it anew") as missing,
    ):
        await ask(server.url, "one", "two")
    assert missing.value.kind == "not_recorded"
    assert len(server.requests) == 1


async def test_an_answer_is_replayed_as_often_as_it_was_recorded(
    path: Path, server: ModelServer
) -> None:
    with recording(path, "record"):
        await ask(server.url, "one", "one")
    with recording(path, "replay"), pytest.raises(ModelUnavailable, match="further"):
        await ask(server.url, "one", "one", "one")


async def test_a_miss_shows_where_it_differs_from_the_closest_recorded_request(
    path: Path, server: ModelServer
) -> None:
    text = "one claim\nand its passage, as it was\nand an end"
    with recording(path, "record"):
        await ask(server.url, "two", text)
    changed = text.replace("as it was", "as it is now")
    with recording(path, "replay"), pytest.raises(ModelUnavailable) as missing:
        await ask(server.url, changed)
    assert "message 2.content, line 2: recorded “" in missing.value.what
    assert "as it was”, now “" in missing.value.what and "as it is now”" in missing.value.what
    assert len(missing.value.what) < 500
    with recording(path, "replay"), pytest.raises(ModelUnavailable) as missing:
        async with open_model("openai:judge-2", base_url=server.url) as model:
            await model.answer(question("two"), Verdict)
    assert "model: recorded “judge-1”, now “judge-2”" in missing.value.what


async def test_a_miss_of_another_client_is_the_same_error(path: Path, server: ModelServer) -> None:
    with recording(path, "record"):
        pass
    with pytest.raises(ModelUnavailable, match="holds no"), recording(path, "replay"):
        httpx2.get(f"{server.url}/models?key={KEY}")
    assert not server.requests


async def test_what_was_not_asked_for_again_is_reported(path: Path, server: ModelServer) -> None:
    with recording(path, "record"):
        await ask(server.url, "one", "two")
    with recording(path, "replay") as tape:
        await ask(server.url, "one")
    assert tape.unplayed == [f"POST {server.url}/chat/completions"]


def test_the_order_of_keys_does_not_matter_but_every_value_does(
    path: Path, server: ModelServer
) -> None:
    url = f"{server.url}/chat/completions"
    with recording(path, "record"):
        httpx2.post(url, json={"messages": [{"content": "one"}], "temperature": 0})
    with recording(path, "replay"):
        httpx2.post(url, json={"temperature": 0, "messages": [{"content": "one"}]})
    with pytest.raises(ModelUnavailable, match="holds no"), recording(path, "replay"):
        httpx2.post(url, json={"messages": [{"content": "one"}], "temperature": 1})


@pytest.mark.parametrize(
    "fault",
    [
        Fault(headers=JSON | {"content-encoding": "gzip"}, body=b"no gzip at all"),
        Fault(body=b'{"model": "judge-\xff"}'),
        Fault(status=502, headers={"content-type": "text/html"}, body="<p>Grüße</p>"),
        Fault(body=""),
    ],
    ids=["not gzip", "not UTF-8", "page", "nothing"],
)
async def test_a_recorded_fault_is_the_same_fault_again(path: Path, fault: Fault) -> None:
    with ModelServer(ANSWERS, faults=[fault]) as server, recording(path, "record"):
        await ask(server.url, "one")
    with recording(path, "replay") as tape:
        assert await ask(server.url, "one") == ["supported"]
    assert not tape.unplayed


async def test_a_packed_reply_is_stored_unpacked(path: Path) -> None:
    reply = gzip.compress(json.dumps(completion('{"verdict": "supported"}')).encode())
    fault = Fault(headers=JSON | {"content-encoding": "gzip"}, body=reply)
    with ModelServer(faults=[fault]) as server, recording(path, "record"):
        await ask(server.url, "one")
    (interaction,) = json.loads(path.read_text(encoding="utf-8"))["interactions"]
    assert interaction["response"]["json"]["model"] == "judge-1"
    with recording(path, "replay"):
        assert await ask(server.url, "one") == ["supported"]


async def test_a_bomb_is_recorded_as_small_as_it_came(path: Path) -> None:
    with ModelServer(faults=[bomb(32)]) as server:
        for mode in ("record", "replay"):
            with recording(path, mode), pytest.raises(ClaimFailed) as failed:
                await ask(server.url, "one")
            assert failed.value.kind == "too_large"
    assert path.stat().st_size < 100_000


# --- the file -----------------------------------------------------------------------------


async def test_a_cassette_can_be_read_by_people(path: Path, server: ModelServer) -> None:
    with recording(path, "record"):
        await ask(server.url, "one – “über”")
    text = path.read_text(encoding="utf-8")
    assert "one – “über”" in text
    (interaction,) = json.loads(text)["interactions"]
    assert interaction["request"]["json"]["messages"][1]["content"] == "one – “über”"
    assert interaction["response"]["json"]["choices"][0]["finish_reason"] == "stop"
    assert set(interaction["request"]["headers"]) == {"accept", "content-type"}
    assert set(interaction["response"]["headers"]) == {"content-type"}


async def test_the_same_recording_gives_the_same_file(tmp_path: Path) -> None:
    first, second = tmp_path / "a.json", tmp_path / "b.json"
    with ModelServer(ANSWERS) as server:
        for path in (first, second):
            with recording(path, "record"):
                await ask(server.url, "one", "two")
    assert first.read_bytes() == second.read_bytes()


def test_a_user_name_in_an_address_is_left_out(path: Path, server: ModelServer) -> None:
    with recording(path, "record"):
        httpx2.get(f"http://someone:{KEY}@127.0.0.1:{server.port}/v1/models")
    assert KEY not in path.read_text(encoding="utf-8")


def test_an_existing_cassette_is_never_recorded_over(path: Path, server: ModelServer) -> None:
    with recording(path, "record"):
        httpx2.get(f"{server.url}/models")
    before = path.read_bytes()
    with pytest.raises(UsageError, match="Delete it first"), recording(path, "record"):
        httpx2.get(f"{server.url}/models")
    assert path.read_bytes() == before


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\xff\xfe broken",
        b"{",
        b"[]",
        b'{"cassette": 99, "interactions": []}',
        b'{"cassette": 2, "interactions": []}',
        json.dumps(document([{"request": {}}])).encode(),
        json.dumps(document([{"request": 5, "response": {}}])).encode(),
        json.dumps(sealed({"run": 5, "interactions": []})).encode(),
    ],
)
def test_a_damaged_cassette_is_an_error_and_stays_as_it_is(path: Path, content: bytes) -> None:
    path.parent.mkdir()
    path.write_bytes(content)
    with pytest.raises(InputError, match="cannot be read"), recording(path, "replay"):
        pass
    with pytest.raises(UsageError), recording(path, "record"):
        pass
    assert path.read_bytes() == content and not is_replaying()


@pytest.fixture(scope="module")
def whole() -> bytes:
    """A cassette of a check."""
    return (Path(__file__).parent / "cassettes" / "faults.json").read_bytes()


def test_a_cassette_that_was_cut_anywhere_is_an_error(path: Path, whole: bytes) -> None:
    path.parent.mkdir()
    for part in range(50):
        path.write_bytes(whole[: len(whole) * part // 50])
        with pytest.raises(InputError, match="cannot be read"):
            read(path)


@settings(max_examples=40, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_an_edited_cassette_is_an_error_or_says_the_same(
    tmp_path: Path, whole: bytes, data: st.DataObject
) -> None:
    start = data.draw(st.integers(0, len(whole)))
    end = data.draw(st.integers(start, min(start + 40, len(whole))))
    path = tmp_path / "edited.json"
    path.write_bytes(whole[:start] + data.draw(st.binary(max_size=20)) + whole[end:])
    try:
        assert read(path) == json.loads(whole)
    except InputError as error:
        assert "cannot be read" in error.what


def test_an_answer_that_was_edited_is_noticed(path: Path, whole: bytes) -> None:
    path.parent.mkdir()
    path.write_bytes(whole.replace(b"12 million", b"15 million"))
    with pytest.raises(InputError, match="changed or cut after it was recorded"):
        read(path)


def test_a_missing_cassette_is_an_error(path: Path) -> None:
    with pytest.raises(InputError, match="there is no cassette"), recording(path, "replay"):
        pass


def test_one_cassette_at_a_time(path: Path) -> None:
    second = path.with_name("second.json")
    with (
        recording(path, "record"),
        pytest.raises(UsageError, match="one at a time"),
        recording(second, "record"),
    ):
        pass
    with recording(second, "record"):
        assert not is_replaying()
    with recording(second, "replay"):
        assert is_replaying()


def test_a_run_that_raised_leaves_no_cassette(path: Path, server: ModelServer) -> None:
    def run() -> None:
        with recording(path, "record"):
            httpx2.get(f"{server.url}/models")
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run()
    assert not path.exists()


async def test_a_recording_goes_on_after_one_that_was_interrupted(path: Path) -> None:
    faults = [None, error(429, retry_after_ms="1"), None, error(400), None]
    with ModelServer(ANSWERS, faults=faults) as server:
        with pytest.raises(ModelUnavailable), recording(path, "record"):
            await ask(server.url, "one", "two", "three")
        assert [file.name for file in path.parent.iterdir()] == [f"{path.name}.part"]
        with recording(path, "record"):
            said = await ask(server.url, "one", "three", "two")
        assert len(server.requests) == 5  # only `three` was asked again
    assert [file.name for file in path.parent.iterdir()] == [path.name]
    with recording(path, "replay") as tape:
        assert await ask(server.url, "one", "three", "two") == said
    assert not tape.unplayed


def test_what_a_killed_process_left_beside_a_cassette_is_removed(path: Path) -> None:
    path.parent.mkdir()
    litter = path.with_name(f".{path.name}.abc.tmp")
    litter.write_text("half")
    os.utime(litter, (0, 0))
    with recording(path, "record"):
        pass
    assert [file.name for file in path.parent.iterdir()] == [path.name]


def test_a_process_killed_while_it_saves_leaves_the_old_file_or_the_new_one(
    tmp_path: Path,
) -> None:
    files = [document([], {"version": str(number) * 50_000}) for number in range(2)]
    kept = tmp_path / "cassette.json"
    write(kept, files[0])
    seen = set()
    for pause in range(8):
        if (child := os.fork()) == 0:
            try:
                while True:
                    for file in files:
                        write(kept, file, replace=True)
            finally:
                os._exit(1)
        time.sleep(0.003 + pause * 0.0017)
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
        seen.add(read(kept)["run"]["version"][0])
    assert seen <= {"0", "1"}


def test_a_failed_write_leaves_nothing_behind_and_the_network_as_it_was(
    path: Path, server: ModelServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patched:
        patched.setattr(os, "fsync", full)
        with pytest.raises(UsageError, match="No space"), recording(path, "record"):
            httpx2.get(f"{server.url}/models")
    assert list(path.parent.iterdir()) == []
    assert httpx2.get(f"{server.url}/models").status_code == 200
    with recording(path, "record"):
        httpx2.get(f"{server.url}/models")


def test_a_run_that_sends_nothing_has_an_empty_cassette(path: Path) -> None:
    with recording(path, "record"):
        pass
    with recording(path, "replay") as tape:
        assert len(tape) == 0 and not tape.unplayed


@given(st.binary() | st.text(st.characters(exclude_categories=["Cs"])).map(str.encode))
def test_every_body_comes_back_from_the_file_as_it_was(data: bytes) -> None:
    stored = json.loads(json.dumps(body_of(data)))
    again = bytes_of(stored)
    assert json.loads(again) == json.loads(data) if "json" in stored else again == data


@pytest.mark.parametrize("text", ['{"a": 1, "a": 2}', '["\\ud83d"]', "[NaN]", "[1e999]"])
def test_json_that_would_change_is_kept_as_text(text: str) -> None:
    assert body_of(text) == {"text": text}
