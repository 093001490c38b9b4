"""What `assay eval` writes to a terminal: progress, and runs side by side."""

from __future__ import annotations

import json as jsonlib
import sys
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from agent.cli.screen import bar

if TYPE_CHECKING:
    from collections.abc import Iterator

    from evals.run import OnProgress


@contextmanager
def progress(label: str, *, quiet: bool) -> Iterator[OnProgress]:
    """A bar for each stage, with the time left in it."""
    with bar(label, None, quiet=quiet) as shown:
        stage_now, started, first = "", 0.0, 0

        def tell(stage: str, done: int, total: int) -> None:
            nonlocal stage_now, started, first
            if stage != stage_now:
                stage_now, started, first = stage, time.monotonic(), done
            left = ""
            if done > first and total > done:
                each = (time.monotonic() - started) / (done - first)
                left = f", {_span(each * (total - done))} left"
            shown.step(done, total, f"{label}: {stage.lower()}{left}")

        yield tell


def _span(seconds: float) -> str:
    if seconds < 60:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 5400 else f"{seconds / 3600:.1f} h"


def show_results(results: list[dict[str, Any]], json: bool) -> None:
    if json:
        data: Any = results[0] if len(results) == 1 else {"runs": results}
        write(jsonlib.dumps(data, indent=2, ensure_ascii=False))
        return
    from evals.page import figure_rows

    for name in dict.fromkeys(result["suite"] for result in results):
        runs = [result for result in results if result["suite"] == name]
        line(f"{name} ({runs[0]['kind']})")
        for result in runs:
            missed = f", {result['missed']} not found" if "missed" in result else ""
            counts = f"{result['n']} samples: {result['scored']} scored, "
            counts += f"{result['unscored']} unscored, {result['failed']} failed{missed}"
            line(f"  {result['model']}: {counts}; {result['seconds']:.0f} s")
            sample = "an article" if result["kind"] == "article" else "a sample"
            line(f"    {sample}: {_took(result['usage'])}")
        beside = [
            (f"[{base.replace('_', ' ')}]", figures)
            for base, figures in (runs[0]["baselines"] if len(runs) == 1 else {}).items()
        ]
        heads = [result["model"] for result in runs]
        rows = figure_rows(runs)
        # Heads are names, and what is cut off may be what tells two apart.
        table = [["", *heads, *(h for h, _ in beside)]] + [
            [
                figure,
                *(_cell(*cell) for cell in cells),
                *(number(figures.get(figure)) for _, figures in beside),
            ]
            for figure, cells in rows
        ]
        widths = [max(map(len, column)) + 2 for column in zip(*table, strict=True)]
        for row in table:
            cells_of_row = zip(row, widths, strict=True)
            line("  " + "".join(f"{cell:<{w}}" for cell, w in cells_of_row).rstrip())


def _took(usage: dict[str, Any]) -> str:
    """What a sample took on average, in words."""
    each = usage["per_sample"]
    parts = [f"{each['seconds']:.3g} s"]
    if usage["requests"] or usage["cached"]:
        about = "about " if usage["tokens_estimated"] else ""
        sent, got = each["prompt_tokens"], each["completion_tokens"]
        parts += [f"{each['requests']:.3g} requests", f"{about}{sent:.0f} + {got:.0f} tokens"]
        parts.append(
            "dollars unknown (--price-in, --price-out)"
            if each["cost_usd"] is None
            else f"${each['cost_usd']:.3g} ({usage['cost_from']})"
        )
    memory = f"; peak memory {usage['peak_memory_mib']:.0f} MiB" if usage["peak_memory_mib"] else ""
    return ", ".join(parts) + memory


def _cell(value: Any, interval: Any) -> str:
    bounds = f" [{number(interval[0])}, {number(interval[1])}]" if interval else ""
    return f"{number(value)}{bounds}"


def number(value: Any) -> str:
    if isinstance(value, int):  # a count
        return str(value)
    return f"{value:.3f}" if isinstance(value, float) else ""


def line(text: str) -> None:
    """Names come from files and users: nothing in them may steer a terminal."""
    write("".join(c if c.isprintable() else "\N{REPLACEMENT CHARACTER}" for c in text))


def write(text: str) -> None:
    sys.stdout.write(text + "\n")
