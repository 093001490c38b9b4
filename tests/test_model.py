"""The gateway: what each fault of a model server leads to, over real HTTP where there is any.

The servers and answers here are hand-written; no provider is asked.
"""

from __future__ import annotations

import asyncio
import json
import socket
import ssl
import time
from typing import Any

import pytest

from agent.errors import ClaimFailed, ModelError, ModelUnavailable
from agent.gateway.budget import Budget, Limits
from agent.gateway.faults import Server, fault_of
from agent.gateway.opening import open_model
from tests.asking_model import KEY, asking, outcome
from tests.model_server import JSON, Fault, ModelServer, bomb, completion, error, message
from tests.questions import (
    GOOD,
    OK,
    Verdict,
    Waits,
    question,
    quotes_are_there,
)

# --- the good way -------------------------------------------------------------------------


async def test_an_answer_comes_back_as_the_type_that_was_asked_for() -> None:
    answer, server, waits = await outcome([])
    assert answer == Verdict.model_validate(GOOD)
    assert len(server.requests) == 1 and not waits


async def test_a_request_says_model_temperature_and_strict_schema_and_no_stream() -> None:
    _, server, _ = await outcome([])
    body = server.requests[0].body
    assert body["model"] == "judge-1" and body["temperature"] == 0
    assert not body.get("stream")
    asked = body["response_format"]["json_schema"]
    assert asked["name"] == "Verdict" and asked["strict"] is True
    assert asked["schema"]["required"] == list(Verdict.model_fields)
    assert [m["role"] for m in body["messages"]] == ["system", "user"]
    assert set(body["messages"][1]) == {"role", "content"}


async def test_the_counters_say_what_was_sent_and_who_answered() -> None:
    with ModelServer([{"answer": GOOD}], faults=[error(500)]) as server:
        async with asking(server) as model:
            await model.answer(question(), Verdict)
    usage = model.usage
    assert (usage.requests, usage.prompt_tokens, usage.completion_tokens) == (2, 812, 64)
    assert usage.served_by == {"judge-1"} and not usage.estimated


async def test_without_a_count_of_the_server_the_tokens_are_estimated() -> None:
    reply = completion(OK)
    del reply["usage"]
    with ModelServer(faults=[Fault(body=reply)]) as server:
        async with asking(server) as model:
            await model.answer(question(), Verdict)
    assert model.usage.estimated and model.usage.prompt_tokens > 0


async def test_another_model_than_asked_for_is_used_and_noted() -> None:
    with ModelServer(faults=[message(OK, model="judge-1-mini")]) as server:
        async with asking(server) as model:
            await model.answer(question(), Verdict)
    assert model.usage.served_by == {"judge-1-mini"}


def test_two_event_loops_one_after_the_other_each_get_an_answer() -> None:
    async def ask(server: ModelServer) -> Verdict:
        async with asking(server) as model:
            return await model.answer(question(), Verdict)

    with ModelServer([{"answer": GOOD}]) as server:
        for _ in range(2):
            with asyncio.Runner() as runner:
                assert runner.run(ask(server)).verdict == "supported"


# --- faults -------------------------------------------------------------------------------

# What only a socket can do, and some of the rest; `test_faults` has the whole table.
PASSING = {
    "429": (error(429, code="rate_limit_exceeded"), "rate_limited"),
    "502 page": (Fault(status=502, headers={"content-type": "text/html"}, body="<p>"), "server"),
    "reset in body": (Fault("reset", after_bytes=100), "network"),
    "early end": (Fault("cut"), "network"),
    "not HTTP": (Fault("raw", body="NOT HTTP AT ALL\r\n\r\n"), "network"),
    "nothing at all": (Fault("raw", body=b""), "network"),
    "envelope cut": (Fault(body='{"id": "x", "choices": [{"index": 0, "mess'), "bad_reply"),
    "not gzip": (Fault(headers=JSON | {"content-encoding": "gzip"}, body=b"x" * 99), "bad_reply"),
    "null choices": (Fault(body=completion(OK) | {"choices": None}), "bad_reply"),
    "nobody's message": (
        Fault(body={"choices": [{"message": {"role": "oracle", "content": OK}}]}),
        "bad_reply",
    ),
}


@pytest.mark.parametrize(("fault", "_"), PASSING.values(), ids=PASSING)
async def test_a_passing_fault_is_asked_again_and_the_claim_gets_its_answer(
    fault: Fault, _: str
) -> None:
    answer, server, waits = await outcome([fault])
    assert isinstance(answer, Verdict)
    assert len(server.requests) == 2
    assert len(waits) == 1 and waits[0] >= 0.2


@pytest.mark.parametrize(("fault", "kind"), PASSING.values(), ids=PASSING)
async def test_a_fault_that_stays_fails_the_claim_after_four_requests(
    fault: Fault, kind: str
) -> None:
    failed, server, _ = await outcome([], fault)
    assert isinstance(failed, ClaimFailed) and failed.kind == kind
    assert len(server.requests) == 4


STOPPING = {
    "no quota": (error(429, code="insufficient_quota"), "quota", "quota"),
    "billing limit": (error(429, code="billing_hard_limit_reached"), "quota", "billing"),
    "payment": (error(402, "Insufficient Balance"), "quota", "402"),
    "wrong key": (error(401, f"Incorrect API key provided: {KEY}"), "auth", "OPENAI_API_KEY"),
    "country": (error(403, "Country not supported"), "auth", "Country"),
    "unknown model": (error(404, "The model judge-1 does not exist"), "unknown_model", "judge-1"),
    "validation": (Fault(status=422, body={"detail": [{"loc": ["body"]}]}), "bad_request", "422"),
    "teapot": (Fault(status=418, headers={}, body="teapot"), "bad_request", "418"),
    "bad request": (error(400, "messages must not be empty"), "bad_request", "messages"),
    "redirect": (
        Fault(status=307, headers={"location": "http://127.0.0.1:9/v1"}, body=""),
        "redirect",
        "base-url",
    ),
}


@pytest.mark.parametrize(("fault", "kind", "named"), STOPPING.values(), ids=STOPPING)
async def test_a_permanent_fault_costs_one_request_however_many_claims_there_are(
    fault: Fault, kind: str, named: str
) -> None:
    with ModelServer(forever=fault) as server:
        async with asking(server) as model:
            faults = await asyncio.gather(
                *(model.answer(question(str(n)), Verdict) for n in range(10)),
                return_exceptions=True,
            )
    assert {type(fault) for fault in faults} == {ModelUnavailable}
    assert {fault.kind for fault in faults if isinstance(fault, ModelError)} == {kind}
    assert named in str(faults[0]) and KEY not in str(faults)
    assert len(server.requests) == 1


FAILING = {
    "context": (error(400, code="context_length_exceeded"), "context_length", 1),
    "context said": (error(400, "maximum context length is 8192 tokens"), "context_length", 1),
    "filter": (error(400, code="content_filter"), "content_filter", 1),
    "filter in the answer": (message(OK[:20], "content_filter"), "content_filter", 1),
    "refusal": (message(None, refusal="I can't help with that."), "refusal", 1),
    "too long a wait": (error(429, retry_after="3600"), "rate_limited", 1),
    "bomb": (bomb(9), "too_large", 1),
    "too large": (Fault(body=b" " * 9 * 2**20), "too_large", 1),
    "cut answer": (message(OK[:20], "length"), "truncated", 2),
    "empty": (message(""), "bad_reply", 2),
    "wrong quote": (message(OK.replace("1,204", "1,205")), "bad_quote", 2),
    "no quote": (message(OK.replace("1,204 passengers", "")), "bad_quote", 2),
}


@pytest.mark.parametrize(("fault", "kind", "requests"), FAILING.values(), ids=FAILING)
async def test_a_fault_of_one_claim_fails_that_claim_only(
    fault: Fault, kind: str, requests: int
) -> None:
    with ModelServer([{"answer": GOOD}], faults=[fault] * requests) as server:
        async with asking(server) as model:
            with pytest.raises(ClaimFailed) as failed:
                await model.answer(question("one"), Verdict, check=quotes_are_there)
            assert len(server.requests) == requests
            assert (await model.answer(question("two"), Verdict)).verdict == "supported"
    assert failed.value.kind == kind


REPAIRED = {
    "null": None,
    "empty": "",
    "two objects": f"{OK}\n{OK.replace('supported', 'conflicting')}",
    "single quotes": "{'verdict': 'supported'}",
    "capitals": OK.replace("supported", "SUPPORTED"),
    "null label": OK.replace('"supported"', "null"),
    "key twice": OK[:-1] + ', "verdict": "conflicting"}',
    "not a number": OK.replace("0.9", "NaN"),
    "lone surrogate": OK.replace("the figure", r"\ud83d"),
    "a list": f"[{OK}]",
    "extra field": OK[:-1] + ', "url": "x"}',
    "deep": "[" * 100_000,
    "wrong claim": OK.replace("c1", "c2"),
    "wrong passage": OK.replace('"passage": 1', '"passage": 2'),
    "ellipsis": OK.replace("1,204 passengers", "1,204 ... May"),
}


@pytest.mark.parametrize("content", REPAIRED.values(), ids=REPAIRED)
async def test_an_unusable_answer_is_sent_back_once_with_what_is_wrong(
    content: str | None,
) -> None:
    answer, server, waits = await outcome([message(content)])
    assert isinstance(answer, Verdict) and answer.verdict == "supported"
    assert len(server.requests) == 2 and not waits
    turns = server.requests[1].body["messages"]
    assert [turn["role"] for turn in turns] == ["system", "user", "assistant", "user"]
    assert turns[2]["content"] == (content or "(no answer)")
    assert "cannot be used" in turns[3]["content"]


@pytest.mark.parametrize(
    "content",
    [
        [{"type": "text", "text": OK}],
        f'<think>Is it {{"verdict": "conflicting"}}?</think>\n{OK}',
        f"```json\n{OK}\n```",
        OK.replace("the figure", r"<script>alert(1)</script>\u001b[31m"),
    ],
    ids=["parts", "thinking", "fence", "markup"],
)
async def test_an_answer_in_other_clothes_is_taken(content: Any) -> None:
    answer, server, _ = await outcome([message(content)])
    assert isinstance(answer, Verdict) and answer.verdict == "supported"
    assert len(server.requests) == 1


async def test_a_byte_order_mark_before_the_reply_does_no_harm() -> None:
    answer, _, _ = await outcome([Fault(body="\ufeff" + json.dumps(completion(OK)))])
    assert isinstance(answer, Verdict)


async def test_a_cut_answer_is_asked_for_once_more_with_a_larger_limit() -> None:
    answer, server, _ = await outcome([message(OK[:20], "length")])
    assert isinstance(answer, Verdict)
    first, second = (request.body for request in server.requests)
    assert "max_tokens" not in first and second["max_tokens"] >= 4096
    assert len(second["messages"]) == 2


TOO_LARGE = "max_tokens is too large: 8192. This model supports at most 4096 completion tokens"


async def test_a_limit_that_is_too_large_for_the_model_is_made_smaller_or_fails_one_claim() -> None:
    cut = message(OK[:20], "length")
    answer, server, waits = await outcome([cut, error(400, TOO_LARGE)])
    assert isinstance(answer, Verdict) and not sum(waits)
    assert server.requests[2].body["max_tokens"] == 4096
    failed, server, _ = await outcome([cut], error(400, "max_tokens, max_completion_tokens: no"))
    assert isinstance(failed, ClaimFailed) and failed.kind == "truncated"
    assert len(server.requests) == 3


async def test_within_a_budget_a_limit_goes_by_the_name_that_the_server_takes_or_is_left_out() -> (
    None
):
    names = {"max_tokens", "max_completion_tokens"}
    for refusals, taken in (
        ([], {"max_tokens"}),
        (["max_tokens"], {"max_completion_tokens"}),
        (["max_tokens", "max_completion_tokens"], set()),
    ):
        budget = Budget(Limits(tokens=50_000), None)
        faults = [error(400, f"Unsupported parameter: '{name}'") for name in refusals]
        answer, server, _ = await outcome(list(faults), budget=budget)
        assert isinstance(answer, Verdict)
        assert server.requests[-1].body.keys() & names == taken
        assert budget.spent.tokens == 876


async def test_a_cut_answer_is_not_asked_for_again_with_the_limit_that_it_had() -> None:
    long = question("A claim. " * 8000)
    with ModelServer([{"answer": GOOD}], faults=[message(OK[:20], "length")]) as server:
        async with asking(server, budget=Budget(Limits(tokens=90_000), None)) as model:
            with pytest.raises(ClaimFailed) as failed:
                await model.answer(long, Verdict)
        assert failed.value.kind == "truncated" and len(server.requests) == 1


async def test_a_context_that_is_too_long_is_no_refused_limit() -> None:
    said = "maximum context length is 4096 tokens; reduce the prompt or max_tokens"
    failed, server, _ = await outcome([], error(400, said))
    assert isinstance(failed, ClaimFailed) and failed.kind == "context_length"
    assert len(server.requests) == 1


async def test_counts_below_zero_do_not_refill_a_budget() -> None:
    wrong = completion(OK)
    wrong["usage"] = {"prompt_tokens": -5000, "completion_tokens": -5000, "total_tokens": -10000}
    budget = Budget(Limits(tokens=50_000), None)
    with ModelServer([], faults=[Fault(body=json.dumps(wrong))]) as server:
        async with asking(server, budget=budget) as model:
            await model.answer(question(), Verdict)
            assert model.usage.estimated and model.usage.prompt_tokens > 0
    assert budget.spent.tokens > 0


async def test_retries_and_repair_together_stay_within_four_requests() -> None:
    bad, busy = message("no JSON"), error(500)
    failed, server, _ = await outcome([busy, busy, bad], busy)
    assert isinstance(failed, ClaimFailed) and len(server.requests) == 4
    failed, server, _ = await outcome([busy, busy, busy], bad)
    assert isinstance(failed, ClaimFailed) and failed.kind == "bad_reply"
    assert len(server.requests) == 4


async def test_a_server_that_says_nothing_is_left_at_the_timeout() -> None:
    started = time.monotonic()
    answer, server, _ = await outcome([Fault("hang")], timeout=0.3)
    assert isinstance(answer, Verdict) and len(server.requests) == 2
    assert time.monotonic() - started < 3


@pytest.mark.parametrize("parameter", ["response_format", "temperature"])
async def test_a_parameter_that_the_server_refuses_is_left_out_from_then_on(
    parameter: str,
) -> None:
    refusal = error(400, f"{parameter} is not supported by this model")
    with ModelServer([{"answer": GOOD}], faults=[refusal]) as server:
        async with asking(server) as model:
            for text in ("one", "two"):
                await model.answer(question(text), Verdict)
    assert [parameter in request.body for request in server.requests] == [True, False, False]
    schema_in_prompt = "conflicting" in server.requests[2].body["messages"][0]["content"]
    assert schema_in_prompt == (parameter == "response_format")


async def test_a_schema_that_stays_refused_stops_the_run_after_two_requests() -> None:
    failed, server, _ = await outcome([], error(400, "Invalid schema for response_format 'V'"))
    assert isinstance(failed, ModelUnavailable) and failed.kind == "bad_request"
    assert len(server.requests) == 2


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


async def test_a_server_that_is_not_there_is_tried_four_times_then_the_run_stops() -> None:
    waits = Waits()
    url = f"http://127.0.0.1:{free_port()}/v1"
    async with open_model("openai:judge-1", base_url=url, sleep=waits) as model:
        for _ in range(2):
            with pytest.raises(ModelUnavailable) as failed:
                await model.answer(question(), Verdict)
    assert failed.value.kind == "network" and "127.0.0.1" in str(failed.value)
    assert len(waits) == 3 and model.usage.requests == 4


async def test_a_server_that_comes_up_meanwhile_answers() -> None:
    port = free_port()
    servers: list[ModelServer] = []

    async def start(_: float) -> None:
        servers.append(ModelServer([{"answer": GOOD}], port=port).__enter__())

    url = f"http://127.0.0.1:{port}/v1"
    async with open_model("openai:judge-1", base_url=url, sleep=start) as model:
        assert (await model.answer(question(), Verdict)).verdict == "supported"
    servers[0].__exit__()


def caused(cause: Exception) -> Exception:
    outer = RuntimeError("Connection error.")
    outer.__cause__ = cause
    return outer


@pytest.mark.parametrize(
    ("cause", "named"),
    [
        (socket.gaierror(-2, "Name or service not known"), "models.example"),
        (ssl.SSLCertVerificationError(1, "self-signed certificate"), "certificate"),
    ],
)
def test_an_unknown_host_and_a_bad_certificate_stop_the_run_at_once(
    cause: Exception, named: str
) -> None:
    fault = fault_of(caused(cause), Server("openai:x", "models.example"))
    assert isinstance(fault, ModelUnavailable) and fault.kind == "network"
    assert named in str(fault)


def test_what_is_no_fault_of_a_server_is_not_taken_for_one() -> None:
    assert fault_of(RuntimeError("a defect"), Server("openai:x")) is None
