"""What samples take: seconds, requests, tokens, dollars, memory.

Each outcome of `samples.jsonl` has its own under `usage`:

    seconds                      from question to answer, waits for the server included
    requests, cached             sent to a model server; taken from the run's journal instead
    prompt_tokens, completion_tokens
    cost_usd                     as the server charged it; null where it did not say
    max_rss_mib                  the process's highest resident memory *so far*: an operating
                                 system tells no maximum of a stretch of time
    characters, split_seconds    of the text that was split, and how long that alone took

The embedded judge rates sixteen pairs at once; each of them is given a sixteenth.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from agent.gateway.prices import NOTHING, Price
from agent.judges import EMBEDDED
from evals.outcomes import Outcome

if TYPE_CHECKING:
    from agent.gateway.counters import Counters

TOKENS = ("requests", "cached", "prompt_tokens", "completion_tokens")


def taken(seconds: float, counters: Counters) -> dict[str, Any]:
    """What a batch of samples took."""
    cost = None if counters.unpriced else counters.cost_usd
    found: dict[str, Any] = {"seconds": round(seconds, 6)}
    found |= {name: getattr(counters, name) for name in TOKENS}
    found |= {"cost_usd": cost, "max_rss_mib": max_rss()}
    # Said only where it is so: the server left out its count of tokens, ours stands in.
    return found | ({"estimated": True} if counters.estimated else {})


def share(found: dict[str, Any], samples: int) -> dict[str, Any]:
    """Each sample's part of what a batch took; memory is the process's and is not shared."""
    if samples == 1:
        return found
    parted = ("seconds", *TOKENS, "cost_usd")
    return found | {
        name: round(found[name] / samples, 6) for name in parted if found[name] is not None
    }


def max_rss() -> float | None:
    """The highest resident memory of this process so far, in MiB; None where no one tells."""
    try:
        import resource
    except ImportError:  # Windows
        return None
    import sys

    unit = 2**20 if sys.platform == "darwin" else 2**10
    return round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / unit, 1)


def summary(
    entries: Sequence[dict[str, Any]],
    outcomes: Sequence[Outcome],
    model: str,
    price: Price | None = None,
    listed: Price | None = None,
) -> dict[str, Any]:
    """Totals of a run, and the mean a sample.

    Answers that were asked for twice, because the first time failed, count twice: they were
    paid for twice.

    Args:
        entries: the lines of `usage.jsonl`.
        outcomes: of all samples.
        model: what rated or split.
        price: that a user named, for what its server did not charge by itself.
        listed: the price that stands in the list, used where nobody named one.
    """
    asked = [entry for entry in entries if "ids" in entry]
    totals = {name: sum(entry.get(name, 0) for entry in asked) for name in TOKENS}
    cost, source = _cost(asked, totals, model, price, listed)
    seconds = sum(entry.get("seconds", 0.0) for entry in asked)
    each = max(len(outcomes), 1)
    peaks = [o["usage"]["max_rss_mib"] for o in outcomes if o.get("usage", {}).get("max_rss_mib")]
    return {
        **totals,
        # Loading, and making the library of a corpus where there was none: not in `seconds`.
        "opening_seconds": round(sum(entry.get("opening_seconds", 0.0) for entry in entries), 2),
        "cost_usd": cost,
        "cost_from": source,
        "tokens_estimated": any(entry.get("estimated") for entry in asked),
        "per_sample": {"seconds": round(seconds / each, 4)}
        | {name: round(value / each, 4) for name, value in totals.items()}
        | {"cost_usd": None if cost is None else round(cost / each, 8)},
        "characters_per_second": _speed(outcomes),
        "peak_memory_mib": max(peaks, default=None),
    }


def _speed(outcomes: Sequence[Outcome]) -> float | None:
    """Characters split a second; None where nothing was split."""
    told = [o["usage"] for o in outcomes if o.get("usage", {}).get("split_seconds")]
    seconds = sum(entry["split_seconds"] for entry in told)
    return round(sum(entry["characters"] for entry in told) / seconds) if seconds else None


def _cost(
    asked: Sequence[dict[str, Any]],
    totals: dict[str, Any],
    model: str,
    price: Price | None,
    listed: Price | None,
) -> tuple[float | None, str | None]:
    """Dollars, and who says so: what was charged goes before what prices come to."""
    if model == EMBEDDED:
        return 0.0, "no model server"
    charges = [entry.get("cost_usd") for entry in asked if entry.get("requests")]
    charged = [charge for charge in charges if charge is not None]
    if charged and len(charged) == len(charges):
        return round(sum(charged), 8), "charged by the server"
    known = price or (None if listed == NOTHING else listed)
    if known is None:
        return None, None
    cost = known.cost(totals["prompt_tokens"], totals["completion_tokens"])
    return round(cost, 8), "prices named" if price else "the list of prices"
