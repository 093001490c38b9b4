"""Prices: an unknown one is unknown, never nothing."""

from __future__ import annotations

import json
from datetime import date
from importlib.resources import files
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agent.errors import UsageError
from agent.gateway.counters import Counters
from agent.gateway.prices import NOTHING, Price, named_price, paid, price_of, read_prices
from agent.gateway.tokens import tokens_in


@pytest.fixture(autouse=True)
def _no_address(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("OPENAI_BASE_URL", raising=False)
    monkeypatch.delenv("ASSAY_PRICES", raising=False)


def written(path: Path, models: object) -> Path:
    path.write_text(json.dumps({"as_of": "2026-11-22", "source": "ours", "models": models}))
    return path


def test_the_list_that_ships_is_dated_and_names_its_source() -> None:
    shipped = json.loads(files("agent.gateway").joinpath("prices.json").read_text("utf-8"))
    assert date.fromisoformat(shipped["as_of"]) <= date(2026, 11, 22)
    assert shipped["source"]
    for name in shipped["models"]:
        price = price_of(name)
        assert price is not None
        assert price.cached_input is not None
        assert price.cached_input < price.input < price.output


def test_a_model_is_met_by_its_whole_name_or_unknown() -> None:
    assert price_of("openai:gpt-4.1-mini") == price_of("cascade:openai:gpt-4.1-mini")
    assert price_of("openai:gpt-4.1-mini-2025-04-14") is None
    assert price_of("openai:gpt-4.1-min") is None
    assert price_of("azure_openai:gpt-4.1-mini") is None


def test_what_asks_no_server_costs_nothing() -> None:
    assert price_of("embedded") == price_of("scripted:answers.json") == NOTHING


def test_another_server_has_prices_of_its_own(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    own = written(tmp_path / "own.json", {"openai:gpt-4.1": {"input": 1, "output": 2}})
    assert price_of("openai:gpt-4.1", base_url="http://127.0.0.1:8000/v1") is None
    assert price_of("openai:gpt-4.1", base_url="https://api.openai.com/v1") is not None
    assert price_of("openai:gpt-4.1", own, base_url="http://127.0.0.1:8000/v1") == Price(1, 2)
    monkeypatch.setenv("OPENAI_BASE_URL", "http://127.0.0.1:8000/v1")
    assert price_of("openai:gpt-4.1") is None
    monkeypatch.setenv("ASSAY_PRICES", str(own))
    assert price_of("openai:gpt-4.1") == Price(1, 2)


@pytest.mark.parametrize(
    ("models", "said"),
    [
        ([], "not a list of models"),
        ({"openai:a": {"input": 1}}, "'openai:a' needs input and output"),
        ({"openai:a": {"input": 1, "output": 2, "per": "hour"}}, "'openai:a' needs"),
        ({"openai:a": {"input": -1, "output": 2}}, "'openai:a', the price input must be"),
        ({"openai:a": {"input": True, "output": 2}}, "the price input must be"),
        ({"openai:a": {"input": 1, "output": "2"}}, "the price output must be"),
        ({"openai:a": {"input": 1, "output": None}}, "the price output must be"),
    ],
)
def test_a_malformed_list_is_refused_with_its_place(
    tmp_path: Path, models: object, said: str
) -> None:
    with pytest.raises(UsageError, match=said):
        read_prices(written(tmp_path / "own.json", models))


def test_a_missing_list_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="cannot be read: No such file"):
        price_of("openai:gpt-4.1", tmp_path / "none.json")


def test_two_prices_are_named_together() -> None:
    assert named_price(None, None) is None
    assert named_price(1.0, 2.0) == Price(1.0, 2.0)
    with pytest.raises(UsageError, match="belong together"):
        named_price(1.0, None)
    with pytest.raises(UsageError, match="--price-out must be"):
        named_price(1.0, -2.0)


@settings(max_examples=30)
@given(st.integers(0, 10**7), st.integers(0, 10**7), st.integers(0, 10**6))
def test_a_cost_grows_with_tokens_and_falls_with_the_cache(
    sent: int, cached: int, got: int
) -> None:
    price = Price(2.0, 8.0, cached_input=0.5, batch=0.5)
    cost = price.cost(sent, got, cached=cached)
    assert 0 <= cost <= price.cost(sent, got) <= price.cost(sent + 1, got + 1)
    assert price.cost(sent, got, cached=cached, batch=True) == pytest.approx(cost / 2)


def test_a_run_costs_what_is_charged_else_what_the_price_says_else_nobody_knows() -> None:
    taken = Counters(requests=2, prompt_tokens=1000, completion_tokens=100, unpriced=2)
    assert paid(taken, None) is None
    assert paid(taken, Price(2.0, 8.0)) == 0.0028
    charged = Counters(requests=2, prompt_tokens=1000, cost_usd=0.5)
    assert paid(charged, None) == paid(charged, Price(2.0, 8.0)) == 0.5
    assert paid(Counters(cached=12), None) == 0.0


@pytest.mark.parametrize(
    ("text", "counted"),
    [("", 0), ("The council voted.", 4), ("£7.4 million", 5), ("北京", 2), ("unbelievably", 2)],
)
def test_tokens_are_counted_in_pieces(text: str, counted: int) -> None:
    assert tokens_in(text) == counted
