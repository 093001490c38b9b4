"""How providers are asked, what `assay doctor` finds out, and what traces and spans tell.

The servers are functions beneath the HTTP client; no socket is opened.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx2
import pytest
from pydantic import BaseModel

from agent.errors import ClaimFailed, ModelError, ModelUnavailable, UsageError
from agent.gateway.asking import Asking
from agent.gateway.journal import Journal
from agent.gateway.model import LanguageModel
from agent.gateway.pace import Clock, Pace
from agent.gateway.probe import Found, probe
from agent.gateway.provider import Provider, open_provider
from evals.faults.table import envelope
from prompts import Rendered

KEY = "sk-test-7d1f40b2c9ae"
PROMPT = Rendered("rate_claim", "0" * 64, "You rate claims.", "Is the ferry red?")
Handler = Callable[[httpx2.Request, dict[str, Any]], httpx2.Response]


class Answer(BaseModel):
    red: bool


YES = '{"red": true}'


class Server:
    """Answers by a function of the request and its body; remembers both."""

    def __init__(self, handler: Handler) -> None:
        self.requests: list[httpx2.Request] = []
        self.bodies: list[dict[str, Any]] = []

        def handle(request: httpx2.Request) -> httpx2.Response:
            body = json.loads(request.content) if request.content else {}
            self.requests.append(request)
            self.bodies.append(body)
            return handler(request, body)

        self.transport = httpx2.MockTransport(handle)

    def provider(self, name: str = "openai:judge-1", **options: Any) -> Provider:
        url = "https://models.example/v1" if name.startswith("openai") else "https://r.example"
        options = {"base_url": url, "api_key": KEY} | options
        return open_provider(name, transport=self.transport, **options)

    async def ask(self, name: str = "openai:judge-1", **asking: Any) -> Answer:
        how = Asking(**asking)
        model = LanguageModel(
            name, self.provider(name, asking=how), asking=how, pace=Pace(clock=Clock(at_once))
        )
        async with model:
            return await model.answer(PROMPT, Answer)


async def at_once(_: float) -> None:
    return


def good(_: httpx2.Request, __: dict[str, Any]) -> httpx2.Response:
    return reply(envelope(YES))


def reply(body: bytes | dict[str, Any], status: int = 200, kind: str = "json") -> httpx2.Response:
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    types = {"json": "application/json", "stream": "text/event-stream"}
    stream = httpx2.ByteStream(content)  # `content=` counts as read already
    return httpx2.Response(status, headers={"content-type": types[kind]}, stream=stream)


def refusal(message: str) -> httpx2.Response:
    return reply({"error": {"message": message, "type": "x", "param": None, "code": None}}, 400)


# --- forms of an answer -------------------------------------------------------------------


async def test_a_server_without_schemas_is_asked_for_an_object_and_then_for_text() -> None:
    def handler(_: httpx2.Request, body: dict[str, Any]) -> httpx2.Response:
        form = body.get("response_format", {}).get("type")
        if form == "json_schema":
            return refusal("json_schema is not supported; use json_object")
        return refusal("response_format is not supported") if form else reply(envelope(YES))

    server = Server(handler)
    assert (await server.ask()).red
    forms = [body.get("response_format", {}).get("type") for body in server.bodies]
    assert forms == ["json_schema", "json_object", None]
    assert '"red"' in server.bodies[2]["messages"][0]["content"]


async def test_a_schema_that_the_server_passes_over_is_spelled_out_from_the_repair_on() -> None:
    def handler(_: httpx2.Request, body: dict[str, Any]) -> httpx2.Response:
        told = '"red"' in body["messages"][0]["content"]
        return reply(envelope(YES if told else '{"colour": "red"}'))

    server = Server(handler)
    async with LanguageModel("openai:judge-1", server.provider()) as model:
        for user in ("one", "two"):
            await model.answer(Rendered("p", "0" * 64, "System.", user), Answer)
    assert len(server.bodies) == 3  # the second question knows


# --- other ways to ask --------------------------------------------------------------------


async def test_azure_is_asked_by_deployment_with_its_own_header() -> None:
    server = Server(good)
    assert (await server.ask("azure_openai:our-judge")).red
    (request,) = server.requests
    assert request.url.path == "/openai/deployments/our-judge/chat/completions"
    assert request.url.params["api-version"]
    assert request.headers["api-key"] == KEY
    assert "response_format" in server.bodies[0]


def test_azure_names_its_own_variables(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("AZURE_OPENAI_API_KEY", raising=False)
    with pytest.raises(ModelUnavailable, match="AZURE_OPENAI_API_KEY"):
        open_provider("azure_openai:judge", base_url="https://r.example")
    monkeypatch.delenv("AZURE_OPENAI_ENDPOINT", raising=False)
    with pytest.raises(UsageError, match="base URL"):
        open_provider("azure_openai:judge", api_key=KEY)


def response(status: str = "completed", **part: Any) -> dict[str, Any]:
    said = {"type": "output_text", "text": YES, "annotations": []} | part
    return {
        "id": "resp_1",
        "object": "response",
        "created_at": 1_795_300_000,
        "model": "judge-1",
        "status": status,
        "incomplete_details": {"reason": "max_output_tokens"} if status != "completed" else None,
        "output": [
            {
                "type": "message",
                "id": "m1",
                "role": "assistant",
                "status": status,
                "content": [said],
            }
        ],
        "usage": {
            "input_tokens": 80,
            "output_tokens": 6,
            "total_tokens": 86,
            "input_tokens_details": {"cached_tokens": 0},
            "output_tokens_details": {"reasoning_tokens": 0},
        },
        "parallel_tool_calls": True,
        "tool_choice": "auto",
        "tools": [],
    }


async def test_responses_are_asked_for_on_demand_and_not_kept_by_the_provider() -> None:
    server = Server(lambda _, __: reply(response()))
    assert (await server.ask(api="responses")).red
    (body,) = server.bodies
    assert server.requests[0].url.path == "/v1/responses"
    assert body["store"] is False and not body.get("stream")
    assert body["text"]["format"]["type"] == "json_schema"
    assert body["text"]["format"]["name"] == "Answer"


@pytest.mark.parametrize(
    ("sent", "kind"),
    [
        (response("incomplete"), "truncated"),
        (response(type="refusal", refusal="No.", text=None), "refusal"),
    ],
)
async def test_responses_that_are_cut_or_refuse_fail_the_claim(
    sent: dict[str, Any], kind: str
) -> None:
    with pytest.raises(ClaimFailed) as failed:
        await Server(lambda _, __: reply(sent)).ask(api="responses")
    assert failed.value.kind == kind


def test_a_way_of_asking_that_a_provider_does_not_have_is_refused() -> None:
    with pytest.raises(UsageError, match="responses"):
        open_provider("anthropic:some-model", asking=Asking(api="responses"))
    with pytest.raises(UsageError, match="at least 1"):
        Asking(concurrency=0)


# --- keys ---------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["openai:judge-1", "azure_openai:judge-1"])
@pytest.mark.parametrize("key", ["ключ-от-сервера", "sk-test-\n7d1f40b2c9ae", "sk-test-\x7f"])
def test_a_key_that_no_request_can_carry_is_refused_at_once(
    name: str, key: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", key)
    monkeypatch.setenv("AZURE_OPENAI_API_KEY", key)
    for given in (key, None):
        with pytest.raises(ModelUnavailable) as failed:
            Server(good).provider(name, api_key=given)
        assert failed.value.kind == "auth" and key not in str(failed.value)


async def test_white_space_around_a_key_is_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    server = Server(good)
    monkeypatch.setenv("OPENAI_API_KEY", f" {KEY}\n")
    provider = server.provider(api_key=None)
    async with LanguageModel("openai:judge-1", provider) as model:
        await model.answer(PROMPT, Answer)
    assert server.requests[0].headers["authorization"] == f"Bearer {KEY}"


async def test_a_key_that_a_server_repeats_is_neither_given_out_nor_kept(tmp_path: Path) -> None:
    spelled = "".join(f"\\u{ord(letter):04x}" for letter in KEY)
    coded = base64.b64encode(KEY.encode()).decode()

    class Said(BaseModel):
        said: str

    said = f'{{"said": "Key findings: {KEY}, {spelled}, {coded}"}}'
    server = Server(lambda _, __: reply(json.loads(envelope(said)) | {"model": KEY}))
    file = tmp_path / "journal.sqlite"
    with Journal(file) as journal:
        async with LanguageModel("openai:judge-1", server.provider(), journal=journal) as model:
            answer = await model.answer(PROMPT, Said)
        assert answer.said.startswith("Key findings: ") and KEY not in str(model.usage.served_by)
    kept = b"".join(part.read_bytes() for part in tmp_path.iterdir())
    for spelling in (KEY, coded.rstrip("=")[:-1]):
        assert spelling not in answer.said and spelling.encode() not in kept


@pytest.mark.parametrize("key", ["x", "none"])
def test_what_is_too_short_for_a_key_is_not_looked_for_in_words(key: str) -> None:
    server = Server(good).provider(api_key=key).server
    assert server.clean("none of the taxes is exempt") == "none of the taxes is exempt"


# --- what a server can do -----------------------------------------------------------------


def stream(content: str, *, logprobs: bool) -> httpx2.Response:
    delta = {"index": 0, "delta": {"role": "assistant", "content": content}, "finish_reason": None}
    if logprobs:
        delta["logprobs"] = {"content": [{"token": "{", "logprob": -0.1, "top_logprobs": []}]}
    head = {"id": "c", "object": "chat.completion.chunk", "created": 1, "model": "judge-1-mini"}
    usage = {"prompt_tokens": 70, "completion_tokens": 9, "total_tokens": 79}
    events = [head | {"choices": [delta]}, head | {"choices": [], "usage": usage}]
    lines = [f"data: {json.dumps(event)}\n\n" for event in events] + ["data: [DONE]\n\n"]
    return reply("".join(lines).encode(), kind="stream")


def able(
    refuses: str = "",
    content: str = '{"seven_is_larger": true}',
    context: dict[str, Any] | None = None,
) -> Handler:
    """A server that can do all but what it refuses, or takes without doing it."""

    def handler(request: httpx2.Request, body: dict[str, Any]) -> httpx2.Response:
        if request.method == "GET":
            return reply({"id": "judge-1", **(context or {})}) if context else refusal("none")
        if refuses and refuses in body:
            return refusal(f"'{refuses}' is not supported by this model")
        if body.get("stream"):
            return stream(content, logprobs=body.get("logprobs", False))
        return reply(envelope(content))

    return handler


async def found(handler: Handler) -> tuple[Found, Server]:
    server = Server(handler)
    return await probe(server.provider(), "judge-1"), server


async def test_one_request_finds_out_what_an_able_server_can_do() -> None:
    what, server = await found(able(context={"max_model_len": 32_768}))
    assert (what.schema, what.logprobs, what.stream) == ("enforced", True, True)
    assert (what.context, what.served_by, what.tokens) == (32_768, "judge-1-mini", 79)
    assert what.requests == 1 and len(server.requests) == 2
    assert "seven_is_larger" not in json.dumps(server.bodies[0]["messages"])


@pytest.mark.parametrize(
    ("refuses", "left"),
    [
        ("response_format", ("refused", True, True)),
        ("logprobs", ("enforced", False, True)),
        ("stream", ("enforced", True, False)),
        ("temperature", ("enforced", True, True)),
    ],
)
async def test_what_a_server_refuses_is_left_out_and_told(
    refuses: str, left: tuple[str, bool, bool]
) -> None:
    what, _ = await found(able(refuses))
    assert what.requests == 2 and what.context is None
    # Without a stream this server gives no log-probabilities either.
    assert (what.schema, what.logprobs or refuses == "stream", what.stream) == left


async def test_a_schema_that_is_taken_but_not_kept_to_is_told() -> None:
    what, _ = await found(able(content="It is."))
    assert what.schema == "ignored"


async def test_a_wrong_key_is_told_and_not_repeated() -> None:
    refused = {"error": {"message": f"wrong key {KEY}", "code": "invalid_api_key"}}
    with pytest.raises(ModelUnavailable) as failed:
        await found(lambda _, __: reply(refused, 401))
    assert failed.value.kind == "auth" and KEY not in str(failed.value)


async def test_a_fault_of_a_probe_promises_nothing_to_go_on_from() -> None:
    with pytest.raises(ModelError) as failed:
        await found(lambda _, __: reply({"error": {"message": "oops"}}, 500))
    assert failed.value.todo == "Try again later"


# --- traces and spans ---------------------------------------------------------------------


async def test_a_trace_tells_each_request_and_holds_no_key(tmp_path: Path) -> None:
    answers = iter([refusal(f"temperature: no, {KEY}"), reply(envelope(f'{{"red": "{KEY}"}}'))])

    def handler(_: httpx2.Request, __: dict[str, Any]) -> httpx2.Response:
        return next(answers, reply(envelope(YES)))

    file = tmp_path / "trace.jsonl"
    await Server(handler).ask(trace=file)
    lines = [json.loads(line) for line in file.read_text("utf-8").splitlines()]
    assert [line["request"] for line in lines] == [1, 2, 3]
    assert lines[0]["fault"]["kind"] == "bad_request"
    assert lines[2]["answer"]["text"] == YES and lines[2]["answer"]["usage"]["input_tokens"] == 800
    assert lines[2]["messages"][1] == {"role": "human", "text": "Is the ferry red?"}
    assert KEY not in file.read_text("utf-8")
    assert file.stat().st_mode & 0o777 == 0o600


def test_a_trace_is_named_by_the_environment_too(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("ASSAY_TRACE", str(tmp_path / "t.jsonl"))
    assert Asking().trace == tmp_path / "t.jsonl"


def test_a_trace_that_cannot_be_written_is_refused_before_anything_is_sent(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="trace"):
        LanguageModel("m", Server(good).provider(), asking=Asking(trace=tmp_path / "none" / "t"))


@pytest.fixture
def exported(monkeypatch: pytest.MonkeyPatch) -> Callable[[], tuple[Any, ...]]:
    """Spans as an exporter that the program has set up gets them."""
    from opentelemetry import trace
    from opentelemetry.sdk.trace import TracerProvider
    from opentelemetry.sdk.trace.export import SimpleSpanProcessor
    from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

    exporter, provider = InMemorySpanExporter(), TracerProvider()
    provider.add_span_processor(SimpleSpanProcessor(exporter))
    monkeypatch.setattr(trace, "get_tracer", provider.get_tracer)
    return exporter.get_finished_spans


async def test_a_span_tells_model_tokens_and_place_and_no_text(
    exported: Callable[[], tuple[Any, ...]],
) -> None:
    await Server(good).ask()
    (span,) = exported()
    told = dict(span.attributes)
    assert span.name == "chat judge-1" and span.kind.name == "CLIENT"
    assert told["gen_ai.operation.name"] == "chat"
    assert told["gen_ai.provider.name"] == "openai"
    assert (told["gen_ai.usage.input_tokens"], told["gen_ai.usage.output_tokens"]) == (800, 60)
    assert told["gen_ai.response.finish_reasons"] == ("stop",)
    assert told["server.address"] == "models.example"
    assert "ferry" not in span.to_json() and KEY not in span.to_json()


async def test_a_span_tells_a_fault_by_its_kind_only(
    exported: Callable[[], tuple[Any, ...]],
) -> None:
    server = Server(lambda _, __: reply({"error": {"message": f"no {KEY}"}}, 401))
    with pytest.raises(ModelError):
        await server.ask()
    (span,) = exported()
    assert span.attributes["error.type"] == "auth" and not span.events
    assert KEY not in span.to_json()
