"""Answers of a language model: each sentence is held to the passages that it cites."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import httpx2
import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.ask import NOT_SAID
from agent.chat.checking import written
from agent.chat.model import compose
from agent.chat.tools import TOOLS, Tools
from agent.chat.turns import Chat, Event
from agent.errors import ClaimFailed, ModelUnavailable, UsageError
from agent.gateway.provider import open_provider
from tests.chatting import FIFTEEN, SEARCH, TWELVE, Judge, asked, chat, opening
from tests.fake_embedder import WordEmbedder
from tools.library import Library

JSON = {"content-type": "application/json"}
WRITTEN = (
    "The bridge cost 12 million euros. [1] The bridge cost 15 million euros [2]. "
    "It is wrong [1]. It is popular [1]. Everybody likes it. It is made of glass [99]."
)


def of_kind(events: Sequence[Event], kind: str) -> list[dict[str, Any]]:
    return [event.data for event in events if event.event == kind]


def test_each_sentence_is_held_to_the_passages_that_it_cites(word_library: Path) -> None:
    answer, events = asked(
        chat(word_library, {"tool_calls": [SEARCH], "times": 1}, {"answer": WRITTEN})
    )
    assert [(s.status, s.citations) for s in answer.sentences] == [
        ("supported", [1]), ("supported", [2]), ("unsupported", [3]), ("uncited", []),
        ("uncited", []),
    ]  # fmt: skip
    assert answer.dropped == 1
    assert "left out" in answer.explanation
    assert (answer.method, answer.status) == ("model", "answered")
    assert answer.text == (
        "The bridge cost 12 million euros [1]. The bridge cost 15 million euros [2]."
    )
    assert [s["tool"] for s in of_kind(events, "step")] == ["search_library"]
    assert [c["number"] for c in of_kind(events, "citation")] == [1, 2, 3]
    assert of_kind(events, "sentence") == [s.model_dump() for s in answer.sentences]
    with Library.open(word_library, WordEmbedder()) as library:
        for citation in answer.citations:
            text = library.source(citation.source_id).text
            assert text[citation.start : citation.end] == citation.quote


def test_an_answer_that_no_passage_backs_is_none(word_library: Path) -> None:
    answer, _ = asked(chat(word_library, {"answer": "It cost 9 million euros [1]."}))
    assert (answer.status, answer.text) == ("not_said", NOT_SAID)
    assert "No sentence" in answer.explanation
    said, events = asked(chat(word_library, {"answer": "the library does not say"}))
    assert (said.status, said.text, said.explanation) == ("not_said", NOT_SAID, "")
    assert of_kind(events, "sentence") == [
        {"text": NOT_SAID, "citations": [], "status": "not_said"}
    ]


@pytest.mark.parametrize(
    ("entry", "kind"),
    [
        ({"fault": {"status": 503}}, "server"),
        ({"fault": {"status": 401}}, "auth"),
        ({"refusal": "No."}, "refusal"),
        ({"answer": "The bridge cost", "finish_reason": "length"}, "truncated"),
        ({"answer": " "}, "bad_reply"),
        ({"tool_calls": [{"name": "list_sources"}]}, "limit"),
    ],
)
def test_a_fault_ends_the_turn_and_is_never_an_answer(
    word_library: Path, entry: dict[str, Any], kind: str
) -> None:
    with pytest.raises((ClaimFailed, ModelUnavailable)) as fault:
        asked(chat(word_library, entry))
    assert fault.value.kind == kind


def test_wrong_use_of_a_tool_is_told_to_the_model_and_ends_nothing(word_library: Path) -> None:
    wrong = [
        {"name": "read_source", "args": {"source_id": "nobody"}},
        {"name": "search_library", "args": {"query": "bridge", "limit": 1000}},
        {"name": "open_report", "args": {"check_id": "../../etc"}},
        {"name": "remove_source", "args": {}},
    ]
    answer, _ = asked(chat(word_library, {"tool_calls": wrong, "times": 1}, {"answer": NOT_SAID}))
    assert answer.status == "not_said"


async def test_a_server_is_sent_the_tools_and_what_they_gave_and_repeats_no_key(
    word_library: Path,
) -> None:
    sent: list[dict[str, Any]] = []
    steps: list[object] = []
    key = "key-of-tests-4b1d"
    asked = {"query": f"the bridge {key}"}
    call = {
        "id": "call-1",
        "type": "function",
        "function": {"name": "search_library", "arguments": json.dumps(asked)},
    }
    replies: list[dict[str, Any]] = [
        {"content": key, "tool_calls": [call]},
        {"content": f"It is 240 metres long [1]. {key}"},
    ]

    def answer(request: httpx2.Request) -> httpx2.Response:
        sent.append(json.loads(request.content))
        message = {"role": "assistant", **dict(replies[len(sent) - 1])}
        ended = "tool_calls" if message.get("tool_calls") else "stop"
        choices = [{"index": 0, "message": message, "finish_reason": ended}]
        body = {"id": "x", "object": "chat.completion", "created": 1, "model": "m"}
        packed = json.dumps({**body, "choices": choices}).encode()
        return httpx2.Response(200, headers=JSON, stream=httpx2.ByteStream(packed))

    provider = open_provider(
        "openai:m",
        base_url="http://127.0.0.1:9/v1",
        api_key=key,
        transport=httpx2.MockTransport(answer),
    )
    tools = Tools(word_library, opening(word_library), Judge)
    history = [("Who opened it?", "Ada Berg did.")]
    text = await compose(
        "How long is it?", "3 sources", history, tools, provider, lambda *step: steps.append(step)
    )
    assert text.startswith("It is 240 metres long [1].")
    assert key not in f"{text} {steps} {sent[1]}"
    assert {tool["function"]["name"] for tool in sent[0]["tools"]} == set(TOOLS)
    search = sent[0]["tools"][0]["function"]["parameters"]
    assert search["required"] == ["query"]
    assert search["properties"]["limit"]["maximum"] == 20
    roles = [message["role"] for message in sent[1]["messages"]]
    assert roles == ["system", "user", "assistant", "user", "assistant", "tool"]
    given = json.loads(sent[1]["messages"][-1]["content"])
    assert given["passages"][0]["number"] == 1
    assert str(word_library) not in json.dumps(sent)


@pytest.mark.parametrize("name", ["embedded-2", "openai:", "cascade:openai"])
def test_a_name_that_no_question_can_be_put_to_is_wrong_usage(
    word_library: Path, name: str
) -> None:
    with pytest.raises(UsageError):
        asked(Chat(word_library, opening(word_library), model=name, rater=Judge))


_SENTENCE = st.sampled_from([TWELVE, FIFTEEN, "It is 240 metres long.", "Nobody said “no”."])


@given(st.lists(st.tuples(_SENTENCE, st.lists(st.integers(1, 99), max_size=3)), max_size=5))
def test_markers_before_and_after_the_full_stop_mean_the_same(
    parts: list[tuple[str, list[int]]],
) -> None:
    wanted = [(text, list(dict.fromkeys(numbers))) for text, numbers in parts]
    after = " ".join(f"{text} {''.join(f'[{n}]' for n in numbers)}" for text, numbers in parts)
    before = " ".join(
        f"{text[:-1]} [{', '.join(map(str, numbers))}]." if numbers else text
        for text, numbers in parts
    )
    assert [tuple(w) for w in written(after)] == wanted
    assert [tuple(w) for w in written(before)] == wanted
