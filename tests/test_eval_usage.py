"""What samples take: each its own share, and the dollars that follow."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Any

import lxml.html
import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.gateway.answers import charged
from agent.gateway.counters import Counters, metered
from agent.gateway.prices import Price
from evals import usage
from evals.page import to_html
from evals.record import read_outcomes
from evals.usage import share, summary, taken
from tests.conftest import Assay
from tests.eval_runs import PAIRS, answer, pairs, run_now, script

TOKENS = st.integers(0, 10**6)


def attempt(*ids: str, cost: float | None = None, **more: Any) -> dict[str, Any]:
    """A line of usage.jsonl."""
    entry = {"ids": list(ids), "seconds": 1.0, "requests": 1, "cached": 0,
             "prompt_tokens": 1000, "completion_tokens": 100, "cost_usd": cost}  # fmt: skip
    return entry | more


def dollars(*entries: dict[str, Any], price: Price | None = None) -> tuple[Any, Any]:
    found = summary(entries, [{}] * len(entries), "openai:m", price)
    return found["cost_usd"], found["cost_from"]


# Each sample


def test_every_sample_tells_what_it_took(tmp_path: Path) -> None:
    results = run_now(pairs(tmp_path / "bridge.jsonl"), tmp_path / "run")
    found = [outcome["usage"] for outcome in read_outcomes(tmp_path / "run")]
    assert all(u["seconds"] > 0 and u["max_rss_mib"] > 0 for u in found)
    assert all((u["requests"], u["cost_usd"]) == (0, 0.0) for u in found)
    assert results["usage"]["cost_usd"] == 0.0
    assert results["usage"]["peak_memory_mib"] == max(u["max_rss_mib"] for u in found)


def test_samples_side_by_side_count_their_own_tokens(tmp_path: Path) -> None:
    suite = pairs(tmp_path / "bridge.jsonl", PAIRS[:3])
    model = script(tmp_path / "model.json", *(answer(p["claim"], "neutral") for p in PAIRS[:3]))
    alone, together = (
        run_now(suite, tmp_path / f"{n}", model=model, concurrency=n)["usage"] for n in (1, 3)
    )
    kept = [[o["usage"] for o in read_outcomes(tmp_path / n)] for n in ("1", "3")]
    for name in ("requests", "prompt_tokens", "completion_tokens"):
        one, other = ([u[name] for u in each] for each in kept)
        assert one == other
        assert sum(one) == alone[name] == together[name]
    assert len({u["prompt_tokens"] for u in kept[0]}) > 1


def test_a_meter_counts_only_what_is_asked_within() -> None:
    async def ask(tokens: int) -> int:
        from agent.gateway.counters import _METER

        with metered() as meter:
            await asyncio.sleep(0)
            assert _METER.get() is meter
            meter.prompt_tokens += tokens
            await asyncio.sleep(0)
        return meter.prompt_tokens

    async def both() -> list[int]:
        return list(await asyncio.gather(ask(1), ask(2)))

    assert asyncio.run(both()) == [1, 2]


@given(st.integers(1, 16), TOKENS, TOKENS, st.floats(0, 100))
def test_the_shares_of_a_batch_add_up(n: int, sent: int, got: int, seconds: float) -> None:
    whole = taken(seconds, Counters(requests=n, prompt_tokens=sent, completion_tokens=got))
    each = share(whole, n)
    for name in ("seconds", "requests", "prompt_tokens", "completion_tokens"):
        assert each[name] * n == pytest.approx(whole[name], abs=1e-5 * n)
    assert each["max_rss_mib"] == whole["max_rss_mib"]


# Dollars


def test_without_prices_dollars_are_unknown() -> None:
    assert dollars(attempt("a")) == (None, None)


def test_prices_that_are_named_are_used_where_the_server_says_nothing() -> None:
    found = dollars(attempt("a"), attempt("b", cost=0.5), price=Price(2, 10))
    assert found == (pytest.approx(0.006), "prices named")


def test_what_the_server_charges_goes_before_prices() -> None:
    found = dollars(attempt("a", cost=0.25), attempt("b", cost=0.5), price=Price(2, 10))
    assert found == (0.75, "charged by the server")


def test_what_came_from_the_journal_costs_nothing_more() -> None:
    kept = attempt("b", requests=0, cached=1, prompt_tokens=0, completion_tokens=0, cost=0.0)
    assert dollars(attempt("a", cost=0.25), kept) == (0.25, "charged by the server")


def test_a_second_attempt_is_paid_for_as_well() -> None:
    found = summary([attempt("a"), attempt("a")], [{}], "openai:m", Price(1, 1))
    assert found["per_sample"]["requests"] == 2
    assert found["cost_usd"] == pytest.approx(0.0022)


@pytest.mark.parametrize(
    ("reported", "expected"),
    [(0.5, 0.5), (0, 0.0), (-1, None), (float("nan"), None), (True, None), ("1", None)],
)
def test_only_a_charge_that_can_be_meant_is_taken(reported: Any, expected: float | None) -> None:
    from langchain_core.messages import AIMessage

    message = AIMessage("", response_metadata={"token_usage": {"cost": reported}})
    assert charged(message) == expected
    assert charged(AIMessage("", response_metadata={"token_usage": None})) is None


def test_the_list_of_prices_is_used_where_nobody_named_one() -> None:
    found = summary([attempt("a")], [{}], "openai:m", None, Price(2, 10))
    assert (found["cost_usd"], found["cost_from"]) == (0.003, "the list of prices")
    found = summary([attempt("a")], [{}], "openai:m", Price(1, 1), Price(2, 10))
    assert found["cost_from"] == "prices named"


# As it is shown


@pytest.fixture
def scripted(tmp_path: Path) -> tuple[str, ...]:
    suite = pairs(tmp_path / "bridge.jsonl", PAIRS[:3])
    model = script(tmp_path / "model.json", *(answer(p["claim"], "neutral") for p in PAIRS[:3]))
    out = str(tmp_path / "run")
    return ("eval", "run", str(suite), "--model", model, "--out", out, "--no-baselines", "--quiet")


def test_a_finished_run_learns_its_dollars_without_being_asked_again(
    assay: Assay, scripted: tuple[str, ...], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    first = assay(*scripted)
    assert "dollars unknown (--price-in, --price-out)" in first.out
    assert "Dollars are unknown" in to_html([tmp_path / "run"])
    monkeypatch.setattr("evals.run.open_task", None)
    monkeypatch.setenv("ASSAY_PRICE_IN", "1000")
    second = assay(*scripted, "--price-out", "2000")
    assert "(prices named)" in second.out
    results = json.loads((tmp_path / "run/results.json").read_text("utf-8"))
    sent, got = (results["usage"][f"{n}_tokens"] for n in ("prompt", "completion"))
    assert results["usage"]["cost_usd"] == pytest.approx(sent / 1000 + got / 500)
    page: Any = lxml.html.document_fromstring(to_html([tmp_path / "run"]).encode())
    assert "(prices named)" in page.text_content()
    assert any("Dollars a sample" in str(title.text) for title in page.iter("title"))


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--price-in", "1"), "belong together"),
        (("--price-in", "-1", "--price-out", "1"), "--price-in must be a number"),
        (("--price-in", "dear", "--price-out", "1"), "--price-in"),
        (("--price-in", "1", "--price-out", "1", "--model", "openai:x"), "the prices of one model"),
    ],
)
def test_wrong_prices_are_one_message(
    assay: Assay, scripted: tuple[str, ...], arguments: tuple[str, ...], message: str
) -> None:
    result = assay(*scripted, *arguments)
    assert result.code == 2
    assert message in result.message


def test_memory_never_falls() -> None:
    first, second = usage.max_rss(), usage.max_rss()
    assert first is None or (second or 0) >= first > 1
