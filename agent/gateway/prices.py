"""What models cost: a dated list that ships with the project, and what a user puts in its place.

A wrong price is worse than none, so the list is short, a name must be met exactly, and a model
that is not on it costs an unknown sum, never nothing. A list of one's own has the form of
`prices.json`:

    {"as_of": "2026-11-22", "source": "the provider's page on that day",
     "models": {"openai:some-model": {"input": 2.0, "cached_input": 0.5, "output": 8.0}}}

in dollars per million tokens. `cached_input` is for what the provider had in its prompt cache
(default: as `input`); `batch` is the share of the price that its batch interface charges.
"""

from __future__ import annotations

import json
import math
import os
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from agent.errors import UsageError

if TYPE_CHECKING:
    from agent.gateway.counters import Counters

_MILLION = 1_000_000
_HOST = "api.openai.com"
"""Whose prices ship."""
_FIELDS = {"input", "cached_input", "output", "batch"}
FREE = ("embedded", "scripted")
"""What asks no server, and so costs nothing."""


@dataclass(frozen=True)
class Price:
    """Of one model, in dollars per million tokens.

    Attributes:
        input: for what is sent.
        output: for what is answered, reasoning included.
        cached_input: for what is sent and lay in the provider's prompt cache; None: as `input`.
        batch: share of these prices that is charged in the provider's batch interface; None
            where there is none, or nobody said.
    """

    input: float
    output: float
    cached_input: float | None = None
    batch: float | None = None

    def __post_init__(self) -> None:
        for name in sorted(_FIELDS):
            value = getattr(self, name)
            known = isinstance(value, int | float) and not isinstance(value, bool)
            if value is None and name in ("cached_input", "batch"):
                continue
            if not known or not 0 <= value < math.inf:
                raise UsageError(f"the price {name} must be a number from 0, not {value!r}")

    def cost(self, sent: int, got: int, *, cached: int = 0, batch: bool = False) -> float:
        """Dollars for `sent` tokens, `cached` of them from the provider's cache, and `got` back."""
        cheaper = self.input if self.cached_input is None else self.cached_input
        fresh = max(sent - cached, 0)
        dollars = (fresh * self.input + min(cached, sent) * cheaper + got * self.output) / _MILLION
        return dollars * (self.batch if batch and self.batch is not None else 1)


NOTHING = Price(0.0, 0.0)


def price_of(name: str, prices: Path | None = None, *, base_url: str | None = None) -> Price | None:
    """What a model costs; None where nobody said.

    Args:
        name: as the user names it, `openai:gpt-4.1`; of a cascade the language model counts.
        prices: a list of the user's own, which goes before the one that ships; default
            `ASSAY_PRICES`.
        base_url: address of the server, if it is named; default `OPENAI_BASE_URL`. Whoever
            serves a model elsewhere has prices of his own.

    Raises:
        UsageError: the list cannot be read, or is not as described above.
    """
    name = name.removeprefix("cascade:")
    own = prices or (Path(path) if (path := os.environ.get("ASSAY_PRICES")) else None)
    if own and (price := read_prices(own).get(name)):
        return price
    if name.partition(":")[0] in FREE:
        return NOTHING
    elsewhere = base_url or os.environ.get("OPENAI_BASE_URL")
    if elsewhere and urlsplit(elsewhere).hostname != _HOST:
        return None
    return _shipped().get(name)


def named_price(input: float | None, output: float | None) -> Price | None:  # noqa: A002
    """The price that `--price-in` and `--price-out` name; None where neither is given.

    Raises:
        UsageError: one of the two is missing, or no price.
    """
    if input is None and output is None:
        return None
    if input is None or output is None:
        raise UsageError("--price-in and --price-out belong together", "Name both, or neither")
    for option, value in (("--price-in", input), ("--price-out", output)):
        if not 0 <= value < math.inf:
            raise UsageError(f"{option} must be a number of dollars from 0, not {value}")
    return Price(input, output)


def read_prices(path: Path) -> dict[str, Price]:
    """Reads a list of prices.

    Raises:
        UsageError: it is missing, no JSON, or not as described above.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or "it is no text"
        raise UsageError(f"the prices {path} cannot be read: {reason}") from error
    return _parse(text, str(path))


def paid(taken: Counters, price: Price | None) -> float | None:
    """Dollars for what a model has taken; None where nobody knows.

    What its server said it charges goes before what a price comes to.
    """
    if not taken.requests:
        return 0.0
    if taken.prompt_tokens and not taken.unpriced:
        return round(taken.cost_usd, 8)
    if price is None:
        return None
    in_batches = (taken.batch_prompt_tokens, taken.batch_completion_tokens)
    sent, got = taken.prompt_tokens - in_batches[0], taken.completion_tokens - in_batches[1]
    cached = taken.cached_tokens - taken.batch_cached_tokens
    dollars = price.cost(sent, got, cached=cached)
    dollars += price.cost(*in_batches, cached=taken.batch_cached_tokens, batch=True)
    return round(dollars, 8)


@cache
def _shipped() -> dict[str, Price]:
    text = files("agent.gateway").joinpath("prices.json").read_text(encoding="utf-8")
    return _parse(text, "prices.json")


def _parse(text: str, where: str) -> dict[str, Price]:
    try:
        models = json.loads(text)["models"]
        entries: list[tuple[str, Any]] = list(models.items())
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        todo = 'Write {"as_of": DATE, "source": …, "models": {NAME: {"input": 2, "output": 8}}}'
        raise UsageError(f"the prices {where} are not a list of models", todo) from error
    found = {}
    for name, entry in entries:
        if not isinstance(entry, dict) or not {"input", "output"} <= entry.keys() <= _FIELDS:
            what = f"the prices {where}: {name!r} needs input and output"
            raise UsageError(what, "Beside them stand cached_input and batch, and nothing else")
        try:
            found[name] = Price(**entry)
        except UsageError as error:
            raise UsageError(f"the prices {where}: of {name!r}, {error.what}") from None
    return found
