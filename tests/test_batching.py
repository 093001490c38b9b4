"""Batches against the test server's endpoints: the same answers, each paid once."""

from __future__ import annotations

import asyncio
import json
import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Any, Literal

import pytest
from pydantic import BaseModel

from agent.errors import ClaimFailed, ModelUnavailable, UsageError
from agent.gateway.asking import Asking
from agent.gateway.batching import Batches, batched
from agent.gateway.budget import Amount, Budget, Ledger, Limits
from agent.gateway.counters import metered
from agent.gateway.journal import Journal
from agent.gateway.opening import open_model
from agent.gateway.prices import Price, paid
from prompts import Rendered
from tests.batch_endpoints import FakeBatches
from tests.conftest import BRIDGE, BRIDGE_SCRIPT, Assay, answers
from tests.model_server import ModelServer, error

KEY = "sk-test-4f9c1b7e2a6d"
TEXTS = [f"claim {name}" for name in ("one", "two", "three", "four", "five", "six")]


class Verdict(BaseModel):
    verdict: Literal["supported", "conflicting", "unverifiable"]


ANSWERS: list[dict[str, Any]] = [
    {"contains": [text], "answer": {"verdict": ("supported", "conflicting")[number % 2]}}
    for number, text in enumerate(TEXTS)
]
SAID = [("supported", "conflicting")[number % 2] for number in range(len(TEXTS))]


def question(text: str) -> Rendered:
    return Rendered("rate_claim", "0" * 64, "You rate claims.", text)


async def ask(
    url: str, journal: Path, texts: list[str] = TEXTS, budget: Budget | None = None
) -> list[str]:
    """What the model says of each, all asked at once."""
    with Journal(journal) as kept:
        async with open_model(
            "openai:judge-1", base_url=url, api_key=KEY, journal=kept, budget=budget
        ) as model:

            async def one(text: str) -> str:
                try:
                    return (await model.answer(question(text), Verdict)).verdict
                except ClaimFailed as fault:
                    return fault.kind

            async with asyncio.TaskGroup() as group:
                tasks = [group.create_task(one(text)) for text in texts]
            return [task.result() for task in tasks]


async def no_wait(_: float) -> None:
    await asyncio.sleep(0)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "batches"


@pytest.fixture
def journal(tmp_path: Path) -> Path:
    return tmp_path / "journal.sqlite"


@pytest.fixture
def in_batches(folder: Path) -> Callable[[], AbstractContextManager[Batches]]:
    return lambda: batched(folder, quiet=0.03, sleep=no_wait)


InBatches = Callable[[], AbstractContextManager[Batches]]


@contextmanager
def fake(**how: Any) -> Iterator[tuple[ModelServer, FakeBatches]]:
    endpoints = FakeBatches(**how)
    with ModelServer(ANSWERS, batches=endpoints) as server:
        yield server, endpoints


async def test_a_stage_goes_in_one_batch_after_one_direct_request(
    folder: Path, journal: Path
) -> None:
    with fake() as (server, endpoints):
        # Long enough for a busy machine to ask all five.
        with batched(folder, quiet=0.5, sleep=no_wait):
            assert await ask(server.url, journal) == SAID
        assert [len(endpoints.requests(n)) for n in range(len(endpoints.batches))] == [5]
        assert len(server.requests) == 1
        asked = endpoints.requests(0)[0]
        assert (asked["method"], asked["url"]) == ("POST", "/v1/chat/completions")
        assert asked["body"]["model"] == "judge-1"
        assert asked["body"]["response_format"]["type"] == "json_schema"
    assert list(folder.iterdir()) == []


async def test_answers_of_a_batch_are_in_the_journal_as_direct_ones_are(
    in_batches: InBatches, journal: Path, tmp_path: Path
) -> None:
    with fake() as (server, _):
        with in_batches():
            await ask(server.url, journal)
        asked = len(server.requests)
        assert await ask(server.url, journal) == SAID
        assert len(server.requests) == asked
        await ask(server.url, tmp_path / "direct.sqlite")
    rows = []
    for path in (journal, tmp_path / "direct.sqlite"):
        with Journal(path) as kept:
            query = "select key, answer, model, prompt_tokens, completion_tokens from answers"
            rows.append(sorted(kept._database.execute(query).fetchall()))
    assert rows[0] == rows[1] and len(rows[0]) == len(TEXTS)


async def test_what_a_batch_gives_no_good_answer_to_is_asked_directly(
    in_batches: InBatches, journal: Path
) -> None:
    instead = {0: "missing", 1: "error", 3: "status", 4: "broken"}
    with fake(unanswered=instead) as (server, endpoints):
        with in_batches():
            assert await ask(server.url, journal) == SAID
        assert (len(endpoints.batches), len(server.requests)) == (1, 1 + len(instead))


async def test_what_a_batch_had_no_time_for_goes_into_one_more_and_then_directly(
    in_batches: InBatches, journal: Path
) -> None:
    with fake(ends=["expired", "expired"]) as (server, endpoints):
        with in_batches():
            assert await ask(server.url, journal) == SAID
        sizes = [len(endpoints.requests(n)) for n in range(len(endpoints.batches))]
        assert (sizes, len(server.requests)) == ([5, 4], 1 + 3)


async def test_a_refused_batch_stops_the_run_and_says_why(
    in_batches: InBatches, folder: Path, journal: Path
) -> None:
    with fake(ends=["failed"]) as (server, endpoints):
        with pytest.raises(ExceptionGroup) as raised, in_batches():
            await ask(server.url, journal)
        (first, *_) = raised.value.exceptions
        assert isinstance(first, ModelUnavailable)
        assert "line 1: no" in first.what and "--batch" in first.todo
        assert len(server.requests) == 1  # nothing at the full price behind the user's back
        with in_batches():
            assert await ask(server.url, journal) == SAID
        assert len(endpoints.batches) == 2
    assert list(folder.iterdir()) == []


async def test_a_cancelled_batch_stops_the_run_and_the_same_command_sends_the_rest(
    in_batches: InBatches, journal: Path
) -> None:
    with fake(ends=["cancelled"]) as (server, endpoints):
        with pytest.raises(ExceptionGroup) as raised, in_batches():
            await ask(server.url, journal)
        assert "was cancelled" in str(raised.value.exceptions[0])
        with in_batches():
            assert await ask(server.url, journal) == SAID
        assert [len(endpoints.requests(n)) for n in (0, 1)] == [5, 4]
        assert len(server.requests) == 1


async def interrupted(server: ModelServer, folder: Path, journal: Path, budget: Budget) -> None:
    """A run that is stopped when its batch is on its way."""

    async def interrupt(_: float) -> None:
        run.cancel()
        await asyncio.Event().wait()

    with pytest.raises(asyncio.CancelledError), batched(folder, quiet=0.03, sleep=interrupt):
        run = asyncio.create_task(ask(server.url, journal, budget=budget))
        await run


async def test_answers_that_a_budget_kept_back_stay_to_be_fetched_from_their_batch(
    folder: Path, journal: Path, in_batches: InBatches
) -> None:
    with fake(looks=3) as (server, endpoints):
        await interrupted(server, folder, journal, Budget(Limits(tokens=90_000), None))
        with in_batches():
            some = await ask(server.url, journal, budget=Budget(Limits(tokens=3000), None))
        assert 0 < some.count("budget") < len(TEXTS) - 1
        (left,) = folder.iterdir()
        assert len(json.loads(left.read_text())["requests"]) == some.count("budget")
        # A budget limits answers, none does not: the requests are the same for that.
        with in_batches():
            assert await ask(server.url, journal) == SAID
        assert (len(endpoints.batches), len(server.requests)) == (1, 1)
    assert list(folder.iterdir()) == []


async def test_a_run_that_waits_for_an_earlier_batch_enters_it_into_the_ledger_once(
    folder: Path, journal: Path, in_batches: InBatches, tmp_path: Path
) -> None:
    limits, price = Limits(usd_day=1.0), Price(1.0, 10.0, batch=0.5)
    with fake(looks=3) as (server, _), Ledger(tmp_path / "spending.sqlite") as ledger:
        await interrupted(server, folder, journal, Budget(limits, price, ledger=ledger))
        with in_batches():
            budget = Budget(limits, price, ledger=ledger)
            assert await ask(server.url, journal, budget=budget) == SAID
        one = 812 * 1_000 + 64 * 10_000
        assert ledger.spent() == Amount(6 * 876, one + 5 * one // 2)


async def test_a_cut_answer_of_a_batch_is_asked_for_directly(
    in_batches: InBatches, journal: Path
) -> None:
    class Cutting(ModelServer):
        def answer_to(self, body: Mapping[str, Any]) -> dict[str, Any] | None:
            reply = super().answer_to(body)
            if reply and "claim six" in str(body) and "max_tokens" not in body:
                reply["choices"][0]["finish_reason"] = "length"
            return reply

    endpoints = FakeBatches()
    with Cutting(ANSWERS, batches=endpoints) as server:
        with in_batches():
            assert await ask(server.url, journal) == SAID
        assert (len(endpoints.batches), len(server.requests)) == (1, 2)


async def test_a_batch_older_than_its_answers_is_forgotten(folder: Path) -> None:
    folder.mkdir()
    old, new = folder / "old.json", folder / "new.json"
    for path in (old, new):
        path.write_text(json.dumps({"batch": "b", "cancelled": False, "requests": ["1"]}))
    os.utime(old, (0, 0))
    with batched(folder):
        pass
    assert list(folder.iterdir()) == [new]


async def test_an_interrupted_run_waits_for_the_batch_that_it_had_sent(
    folder: Path, journal: Path, in_batches: InBatches
) -> None:
    with fake(looks=3) as (server, endpoints):

        async def interrupt(_: float) -> None:
            run.cancel()
            await asyncio.Event().wait()

        with (
            pytest.raises(asyncio.CancelledError),
            batched(folder, quiet=0.03, sleep=interrupt),
        ):
            run = asyncio.create_task(ask(server.url, journal))
            await run
        assert len(endpoints.batches) == 1
        with in_batches():
            assert await ask(server.url, journal) == SAID
        assert (len(endpoints.batches), len(server.requests)) == (1, 1)
    assert list(folder.iterdir()) == []


@pytest.mark.parametrize("reached", [True, False], ids=["it had arrived", "it had not"])
async def test_a_run_that_was_killed_while_sending_does_not_send_twice(
    folder: Path, journal: Path, in_batches: InBatches, reached: bool
) -> None:
    with fake() as (server, endpoints):
        with in_batches():
            await ask(server.url, journal)
        journal.unlink()  # as if killed before an answer was read
        tag = endpoints.batches[0]["metadata"]["assay_batch"] if reached else "0123456789abcdef"
        ids = [request["custom_id"] for request in endpoints.requests(0)]
        state = {"batch": None, "cancelled": False, "requests": ids}
        (folder / f"{tag}.json").write_text(json.dumps(state))
        # Where the server has no such batch, all that comes while it is asked goes together.
        with batched(folder, quiet=0.03 if reached else 0.5, sleep=no_wait):
            assert await ask(server.url, journal) == SAID
        # The one that was asked directly is in no batch before.
        sizes = [len(endpoints.requests(n)) for n in range(len(endpoints.batches))]
        assert sizes == ([5, 1] if reached else [5, 6])


async def test_a_batch_whose_receipt_was_lost_is_found_by_its_tag(
    in_batches: InBatches, journal: Path
) -> None:
    with fake(deaf=[0]) as (server, endpoints):
        with in_batches():
            assert await ask(server.url, journal) == SAID
        assert len(endpoints.batches) == 1


async def test_answers_of_a_batch_cost_what_the_provider_charges_for_them(
    in_batches: InBatches, journal: Path
) -> None:
    price = Price(1.0, 10.0, batch=0.5)
    with fake() as (server, _), in_batches(), metered() as taken:
        await ask(server.url, journal)
    assert (taken.requests, taken.prompt_tokens) == (6, 6 * 812)
    assert paid(taken, price) == pytest.approx((1 + 5 / 2) * (812 * 1.0 + 64 * 10.0) / 1e6)


async def test_repairs_are_asked_directly(in_batches: InBatches, journal: Path) -> None:
    broken = [{"contains": ["claim six"], "answer": "no JSON", "times": 1}]
    endpoints = FakeBatches()
    with ModelServer(broken + ANSWERS, batches=endpoints) as server:
        with in_batches():
            assert await ask(server.url, journal) == SAID
        assert (len(endpoints.batches), len(server.requests)) == (1, 2)


async def test_a_wrong_key_shows_at_once(in_batches: InBatches, journal: Path) -> None:
    endpoints = FakeBatches()
    with ModelServer(forever=error(401), batches=endpoints) as server, in_batches():
        with pytest.raises(ExceptionGroup) as raised:
            await ask(server.url, journal)
        assert isinstance(raised.value.exceptions[0], ModelUnavailable)
        assert (len(server.requests), len(endpoints.batches)) == (1, 0)


async def test_a_server_without_batches_is_named(in_batches: InBatches, journal: Path) -> None:
    with ModelServer(ANSWERS) as server, pytest.raises(ExceptionGroup) as raised, in_batches():
        await ask(server.url, journal)
    assert "Leave out --batch" in str(raised.value.exceptions[0])


def test_only_models_behind_openais_interface_go_in_batches(in_batches: InBatches) -> None:
    with in_batches():
        with pytest.raises(UsageError, match="not asked in batches"):
            open_model("anthropic:claude")
        with pytest.raises(UsageError, match="not asked in batches"):
            open_model("openai:m", api_key=KEY, asking=Asking(api="responses"))
        with pytest.raises(UsageError, match="already"), in_batches():
            pass


# --- `--batch` ---------------------------------------------------------------------------------


@pytest.fixture
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Batches are sent and looked at without long waits."""
    monkeypatch.setattr("agent.gateway.batching.QUIET", 0.2)
    monkeypatch.setattr("agent.gateway.batch_api.FIRST_LOOK", 0.01)


def without_usage(text: str) -> dict[str, Any]:
    report: dict[str, Any] = json.loads(text)
    del report["usage"], report["run"]["created_at"]
    return report


@pytest.mark.usefixtures("at_once")
def test_a_check_in_batches_gives_the_report_of_a_direct_one(
    assay: Assay, word_library: Path
) -> None:
    endpoints = FakeBatches()
    with ModelServer(answers("bridge"), batches=endpoints) as server:
        arguments: list[str | Path] = ["check", BRIDGE, "--library", word_library, "--json"]
        arguments += ["--model", "openai:judge-1", "--base-url", server.url]
        batch = assay(*arguments, "--batch")
        (word_library / "journal.sqlite").unlink()
        direct = assay(*arguments)
    assert (batch.code, direct.code) == (0, 0), batch.err + direct.err
    assert without_usage(batch.out) == without_usage(direct.out)
    assert [len(endpoints.requests(n)) for n in range(len(endpoints.batches))] == [3]
    assert "Sent a batch of 3 requests" in batch.err
    assert list((word_library / "batches").iterdir()) == []


@pytest.mark.usefixtures("at_once")
def test_an_eval_in_batches_asks_each_sample_once_and_replays_from_its_journal(
    assay: Assay, tmp_path: Path
) -> None:
    names = ["one", "two", "three", "four"]
    suite = tmp_path / "pairs.jsonl"
    pairs = [
        {"id": n, "claim": f"Town {n} has a bridge.", "evidence": [f"{n}: a bridge."],
         "label": "supported"}
        for n in names
    ]  # fmt: skip
    suite.write_text("\n".join(map(json.dumps, pairs)))
    stance = {"passage": 1, "stance": "supports", "quote": "a bridge", "certainty": "high"}
    rating = {"explanation": "It says so.", "decided": [stance], "close": [], "neutral": []}
    endpoints = FakeBatches()
    with ModelServer([{"answer": rating}], batches=endpoints) as server:
        arguments: list[str | Path] = ["eval", "run", suite, "--model", "openai:judge-1"]
        arguments += ["--base-url", server.url, "--out", tmp_path / "run", "--no-baselines"]
        first = assay(*arguments, "--batch", "--json")
        assert first.code == 0, first.err
        assert (len(server.requests), len(endpoints.requests(0))) == (1, 3)
        (tmp_path / "run" / "samples.jsonl").unlink()
        (tmp_path / "run" / "results.json").unlink()
        again = assay(*arguments, "--json")
        assert again.code == 0, again.err
        assert (len(server.requests), len(endpoints.batches)) == (1, 1)
    assert first.json["metrics"] == again.json["metrics"]


@pytest.mark.parametrize(
    "arguments",
    [
        ["check", BRIDGE, "--batch"],
        ["check", BRIDGE, "--batch", "--model", BRIDGE_SCRIPT],
        ["check", BRIDGE, "--batch", "--model", "openai:m", "--cassette", "c.json", "--record"],
        ["eval", "run", "numbers", "--batch"],
    ],
)
def test_batches_where_there_can_be_none_are_a_wrong_option(
    assay: Assay, arguments: list[str | Path]
) -> None:
    result = assay(*arguments)
    assert result.code == 2
    assert "batch" in result.message
