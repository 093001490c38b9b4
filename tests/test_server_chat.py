"""Chat over HTTP: events to the end, conversations, and as many at once as may."""

from __future__ import annotations

import asyncio
import json
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient

from agent.ask import Answer
from agent.chat.turns import Chat
from agent.errors import ModelUnavailable
from agent.report import to_json
from agent.server.app import create_app
from agent.server.chat import Chats
from agent.server.problems import Problem
from agent.server.settings import Settings
from agent.server.shelf import Shelf
from tests.fake_embedder import WordEmbedder
from tests.sample_report import sample_report

RUN = "c-" + "0" * 24
TRUE = "Is it true that the Tallis Bridge cost 12 million euros?"
Told = list[tuple[str, dict[str, Any]]]


@pytest.fixture
def client(word_library: Path) -> Iterator[TestClient]:
    app = create_app(Settings(library=word_library, at_once=1), WordEmbedder())
    with TestClient(app, base_url="http://localhost") as client:
        yield client


def told(client: TestClient, question: str, **more: str | list[str]) -> Told:
    answer = client.post("/api/chat", json={"question": question, **more})
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"].startswith("text/event-stream")
    blocks = (
        dict(line.split(": ", 1) for line in block.splitlines())
        for block in answer.text.split("\n\n")
        if block
    )
    return [(block["event"], json.loads(block["data"])) for block in blocks]


def test_a_question_is_answered_in_events_and_kept(client: TestClient) -> None:
    events = told(client, TRUE)
    names = [name for name, _ in events]
    assert names == ["citation"] * names.count("citation") + ["sentence"] * names.count(
        "sentence"
    ) + ["done"]
    done = events[-1][1]
    answer = Answer.model_validate(done["answer"])
    assert answer.verdict is not None
    cited = [data for name, data in events if name == "citation"]
    assert [c["quote"] for c in cited] == [c.quote for c in answer.citations]
    told(client, "And in 2025?", conversation=done["conversation"])
    (line,) = client.get("/api/conversations").json()["conversations"]
    assert (line["id"], line["turns"], line["title"]) == (done["conversation"], 2, TRUE)
    address = f"/api/conversations/{line['id']}"
    assert client.get(address).json()["turns"][0]["question"] == TRUE
    assert client.delete(address).status_code == 204
    assert client.get(address).status_code == client.delete(address).status_code == 404


def test_sources_are_narrowed_as_for_a_check(client: TestClient) -> None:
    answer = told(client, TRUE, source_publisher=["Valley Post"], since="2024-01-01")[-1][1][
        "answer"
    ]
    assert answer["sources_searched"] == 1
    assert {each["publisher"] for each in answer["citations"]} <= {"Valley Post"}
    (name, problem) = told(client, TRUE, tag=["harbour"])[-1]
    assert (name, problem["status"]) == ("problem", 422)


def test_a_report_stays_open_for_its_conversation(client: TestClient, word_library: Path) -> None:
    folder = word_library / "runs" / RUN
    folder.mkdir(parents=True)
    report = sample_report()
    (folder / "report.json").write_text(to_json(report), "utf-8")
    done = told(client, "Explain claim 1.", report=RUN)[-1][1]
    assert done["answer"]["statement"] == report.claims[0].text
    again = told(client, "Explain claim 2.", conversation=done["conversation"])[-1][1]
    assert again["answer"]["statement"] == report.claims[1].text


WRONG: list[tuple[dict[str, str], int]] = [
    ({}, 422),
    ({"question": ""}, 422),
    ({"question": "x" * 2001}, 422),
    ({"question": "Who?", "model": "openai:x"}, 422),
    ({"question": "Who?", "report": "../../etc/passwd"}, 422),
    ({"question": "Who?", "report": RUN}, 404),
    ({"question": "Who?", "conversation": "d-" + "0" * 24}, 404),
]


def test_what_cannot_be_asked_is_a_problem(client: TestClient) -> None:
    for asked, status in WRONG:
        answer = client.post("/api/chat", json=asked)
        assert (answer.status_code, answer.json()["status"]) == (status, status), asked


def test_a_fault_is_told_as_a_problem_and_keeps_nothing(
    client: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def down(*_: object, **__: object) -> Answer:
        raise ModelUnavailable("auth", "the key is wrong")

    monkeypatch.setattr(Chat, "answer", down)
    ((name, problem),) = told(client, "Who?")
    assert (name, problem["status"]) == ("problem", 502)
    assert client.get("/api/conversations").json() == {"conversations": []}


def test_one_question_too_many_is_refused_until_there_is_a_place(
    client: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun, release = threading.Event(), threading.Event()

    async def waits(*_: object, **__: object) -> Answer:
        begun.set()
        while not release.is_set():
            time.sleep(0.005)
        return Answer(question="?", status="not_said", text="")

    monkeypatch.setattr(Chat, "answer", waits)
    first: Told = []
    thread = threading.Thread(target=lambda: first.extend(told(client, "Who?")))
    thread.start()
    begun.wait(5)
    refused = client.post("/api/chat", json={"question": "Who else?"})
    release.set()
    thread.join(5)
    assert refused.status_code == 429
    assert refused.headers["retry-after"]
    assert first[-1][0] == "done"
    assert told(client, "Who?")[-1][0] == "done"


async def test_who_hangs_up_stops_the_work_and_frees_the_place(
    word_library: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def endless(*_: object, **__: object) -> Answer:
        await asyncio.sleep(60)
        raise AssertionError

    monkeypatch.setattr(Chat, "answer", endless)
    chats = Chats(Settings(library=word_library, at_once=1), Shelf(word_library, WordEmbedder()))
    reply = chats.ask("Who?", chats.conversations.start(), None)

    async def listen() -> None:
        async for _ in reply.events():
            pass

    listening = asyncio.create_task(listen())
    await asyncio.sleep(0.05)
    listening.cancel()
    name, problem = await reply.news.get()
    assert (name, problem["status"]) == ("problem", 503)
    again = chats.ask("Who?", reply.conversation, None)  # there is a place
    with pytest.raises(Problem) as refused:
        chats.ask("Who?", again.conversation, None)
    assert refused.value.status == 409
    await chats.end()
    assert chats.conversations.all() == []


async def test_a_conversation_that_is_deleted_in_a_question_does_not_come_back(
    word_library: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def endless(*_: object, **__: object) -> Answer:
        await asyncio.sleep(60)
        raise AssertionError

    monkeypatch.setattr(Chat, "answer", endless)
    chats = Chats(Settings(library=word_library), Shelf(word_library, WordEmbedder()))
    answer = Answer(question="?", status="not_said", text="")
    kept = chats.conversations.add(chats.conversations.start(), "Who?", answer)
    chats.ask("Who else?", kept, None)
    await chats.forget(kept.id)
    await chats.end()
    assert chats.conversations.all() == []


def test_hostile_questions_end_in_an_event(client: TestClient) -> None:
    for hostile in ("\x00 ?", '"NEAR(a b', "' OR 1=1 --", "\x1b[2J who", "𝕏\u202e who?"):
        ((name, _),) = told(client, hostile)[-1:]
        assert name in ("done", "problem"), hostile


def test_chat_is_in_the_openapi_document(client: TestClient) -> None:
    paths = client.get("/openapi.json").json()["paths"]
    text = paths["/api/chat"]["post"]["responses"]["200"]["description"]
    assert all(f"`{name}`" in text for name in ("step", "citation", "sentence", "done", "problem"))
    assert set(paths["/api/conversations/{conversation_id}"]) == {"get", "delete"}


def test_the_openapi_document_tells_of_every_answer(client: TestClient) -> None:
    document = client.get("/openapi.json").json()
    assert set(document["components"]["securitySchemes"]) == {"token"}
    assert "HTTPValidationError" not in json.dumps(document)
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            answers = operation["responses"]
            assert {"421", "500"} <= set(answers), (method, path)
            assert ("401" in answers) == (path != "/healthz"), (method, path)
            if "429" in answers:
                assert "Retry-After" in answers["429"]["headers"]
            for content in answers.get("200", {}).get("content", {}).values():
                assert content["schema"], (method, path)
