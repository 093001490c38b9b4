"""A run as one self-contained page: figures, charts, and every sample with its evidence.

Built like the report's page: nothing is loaded, no text of a sample becomes an element or
an attribute, and the Content Security Policy admits just the two inline blocks by their
hashes. The page works without its script, which only filters the samples.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Any

from markupsafe import Markup

from agent.report.html import content_security_policy
from agent.report.wording import showable
from evals import charts, chat
from evals.metrics import TABLES
from evals.outcomes import Outcome
from evals.record import Results, check_one_suite, read_outcomes, read_results
from evals.scoring import is_right

if TYPE_CHECKING:
    from jinja2 import Template

SAMPLES = 5000
"""Most samples on a page; more make it too heavy to scroll. Wrong ones come first."""
_QUALITY = ("macro_f1", "f1", "accuracy")
_COUNTS = {
    "n": "In all",
    "scored": "Scored",
    "unscored": "Unscored",
    "failed": "Failed",
    "missed": "Not found",
}
_USAGE = {
    "seconds": "Seconds",
    "requests": "Requests",
    "cached": "Answers from the journal",
    "prompt_tokens": "Tokens sent",
    "completion_tokens": "Tokens answered",
}


def to_html(runs: Sequence[Path]) -> str:
    """The page of a run, beside others of the same suite if there are more.

    Args:
        runs: folders of complete runs; the first is shown in full.

    Raises:
        UsageError: one of them is not complete, or of another suite.
    """
    results = [read_results(path) for path in runs]
    check_one_suite(runs, results, "Make a page of each suite by itself")
    main = results[0]
    samples = [_sample(main["kind"], outcome) for outcome in read_outcomes(runs[0])]
    shown = sorted(samples, key=lambda s: _ORDER[s["state"]])[:SAMPLES]
    style, script = _asset("page.css"), _asset("page.js")
    page = _template().render(
        run=main,
        runs=results,
        rows=figure_rows(results),
        counts=_count_rows(results),
        usage=_usage_rows(results),
        confusion=_confusion(main),
        charts=[Markup(chart) for chart in _charts(results)],  # noqa: S704 - made by matplotlib
        baselines=main.get("baselines", {}),
        samples=shown,
        left_out=len(samples) - len(shown),
        tally={state: sum(s["state"] == state for s in samples) for state in _ORDER},
        policy=content_security_policy(style, script),
        style=Markup(style),  # noqa: S704 - our own file
        script=Markup(script),  # noqa: S704 - our own file
    )
    return page.strip() + "\n"


def figure_rows(results: Sequence[Results]) -> list[tuple[str, list[tuple[Any, Any]]]]:
    """The figures that are single numbers: name, and value and interval for each run.

    Nested figures are named by their path, `f1.supported`, `recall_at.5`.
    """
    flat = [flatten(run["metrics"]) for run in results]
    intervals = [flatten(run["metrics"].get("ci", {})) for run in results]
    names = list(dict.fromkeys(name for figures in flat for name in figures))
    return [
        (name, [(f.get(name), ci.get(name)) for f, ci in zip(flat, intervals, strict=True)])
        for name in names
        if any(f.get(name) is not None for f in flat)
    ]


def flatten(figures: dict[str, Any], prefix: str = "") -> dict[str, Any]:
    """Numbers, and intervals, by their path; what is a table is left out."""
    found: dict[str, Any] = {}
    for name, value in figures.items():
        if name in ("ci", *TABLES):
            continue
        if isinstance(value, dict):
            found |= flatten(value, f"{prefix}{name}.")
        else:
            found[prefix + name] = value
    return found


_ORDER = {"wrong": 0, "failed": 1, "right": 2, "unscored": 3}


def _sample(kind: str, outcome: Outcome) -> dict[str, Any]:
    """What the table shows of a sample, for all kinds alike."""
    given = outcome["input"]
    row: dict[str, Any] = {
        "id": outcome["id"],
        "text": next((given[n] for n in ("claim", "question", "title") if given.get(n)), None)
        or given.get("text", ""),
        "error": outcome["error"],
        "evidence": outcome.get("evidence", []),
        "passages": given.get("evidence", []),
        "probabilities": outcome["probabilities"],
        "lines": [],
        "took": _took(outcome.get("usage", {})),
    }
    if kind in ("extraction", "article"):
        return row | _pairs(kind, outcome)
    if kind == "chat":
        return row | _answer(outcome)
    right = is_right(outcome["gold"], outcome["prediction"])
    state = {True: "right", False: "wrong", None: "unscored"}[right]
    claims = [claim["text"] for claim in outcome.get("claims", [])]
    return row | {
        "gold": outcome["gold"],
        "said": outcome["prediction"],
        "state": "failed" if outcome["error"] else state,
        "lines": [("", text, "") for text in claims],
    }


def _took(usage: dict[str, Any]) -> str:
    """What a sample took, in a few words; nothing for runs that did not note it."""
    if "seconds" not in usage:
        return ""
    words = [f"{usage['seconds']:.3g} s"]
    if usage["requests"]:
        sent, got = usage["prompt_tokens"], usage["completion_tokens"]
        words += [f"{usage['requests']:.3g} requests", f"{sent:.0f} + {got:.0f} tokens"]
    return ", ".join(words)


def _answer(outcome: Outcome) -> dict[str, Any]:
    """What a question should have brought and did."""
    gold, said = outcome["gold"], outcome["prediction"]
    row = {"gold": ", ".join(chat.expected(gold)) or "cited", "said": chat.told(said)}
    if said is None:
        return row | {"said": None, "state": "failed"}
    lines = [
        ("found" if found else "missed", " | ".join(fact), "")
        for fact, found in zip(chat.either(gold["facts"]), said["facts_found"], strict=True)
    ]
    for item in chat.either(gold["cite"]):
        met = set(item) & set(said["cited"])
        lines.append(("cited" if met else "not cited", " | ".join(sorted(met) or item), ""))
    forbidden = set(gold["not_cite"]) & set(said["cited"])
    lines += [("must not be cited", name, "") for name in sorted(forbidden)]
    return row | {"state": "right" if is_right(gold, said) else "wrong", "lines": lines}


def _pairs(kind: str, outcome: Outcome) -> dict[str, Any]:
    """Gold and found claims of a text side by side, missed and superfluous ones too."""
    gold = [c if isinstance(c, str) else c["text"] for c in outcome["gold"]]
    if outcome["error"]:
        return {"gold": f"{len(gold)} claims", "said": None, "state": "failed"}
    found = outcome["prediction"]
    matched = {g: f for g, f, _ in outcome["matches"]}
    lines, wrong = [], 0
    for number, text in enumerate(gold):
        if number not in matched:
            lines.append(("missed", text, ""))
            wrong += 1
            continue
        claim, note = found[matched[number]], ""
        if kind == "article":
            label = outcome["gold"][number]["label"]
            note = f"{label or 'open'} → {claim['verdict'] or 'failed'}"
            wrong += is_right(label, claim["verdict"]) is False
        lines.append(("found", claim["text"], note))
    others = [c["text"] for n, c in enumerate(found) if n not in matched.values()]
    lines += [("not in the gold", text, "") for text in others]
    evidence = [e for c in found for e in c.get("evidence", []) if e["stance"] != "neutral"]
    return {
        "gold": f"{len(gold)} claims",
        "said": f"{len(found)} claims",
        "state": "wrong" if wrong or (kind == "extraction" and others) else "right",
        "lines": lines,
        "evidence": evidence,
    }


def _confusion(run: Results) -> dict[str, Any] | None:
    table = run["metrics"].get("confusion")
    if not table:
        return None
    rows = []
    for name, counts in zip(table["labels"], table["counts"], strict=True):
        total = sum(counts)
        if total:
            # Shade by share of the row, in ten steps: a class each, styles are not allowed.
            cells = [(count, round(9 * count / total)) for count in counts]
            rows.append((name, cells, total))
    return {"labels": table["labels"], "rows": rows}


def _charts(results: Sequence[Results]) -> list[str]:
    metrics = results[0]["metrics"]
    drawn = []
    if metrics.get("reliability"):
        drawn.append(charts.reliability(metrics["reliability"]))
    if metrics.get("risk_coverage"):
        drawn.append(charts.risk_coverage(metrics["risk_coverage"]))
    name = next((n for n in _QUALITY if isinstance(metrics.get(n), float)), None)
    if name:
        priced = all(_cost(run) is not None for run in results) and any(map(_cost, results))
        axis = "Dollars a sample" if priced else "Seconds a sample"
        points = [
            (
                run["model"],
                run["usage"]["per_sample"]["cost_usd" if priced else "seconds"],
                run["metrics"].get(name) or 0.0,
            )
            for run in results
        ]
        drawn.append(charts.cost_quality(points, axis, name.replace("_", " ")))
    return drawn


def _cost(run: Results) -> float | None:
    cost: float | None = run["usage"]["per_sample"].get("cost_usd")
    return cost


def _count_rows(results: Sequence[Results]) -> list[tuple[str, list[int | None]]]:
    """What each run's figures rest on: they are over what was scored, and no more."""
    names = [name for name in _COUNTS if any(name in run for run in results)]
    return [(_COUNTS[name], [run.get(name) for run in results]) for name in names]


def _usage_rows(results: Sequence[Results]) -> list[tuple[str, list[str]]]:
    """What a sample took on average, for each run; what no run took is left out."""
    rows = []
    for name, title in _USAGE.items():
        values = [run["usage"]["per_sample"].get(name) for run in results]
        if any(values):
            rows.append((title, ["–" if v is None else f"{v:.4g}" for v in values]))
    rows.append(("Dollars", [_dollars(run) for run in results]))
    peaks = [run["usage"].get("peak_memory_mib") for run in results]
    if any(peaks):
        shown = ["–" if peak is None else f"{peak:.0f}" for peak in peaks]
        rows.append(("Peak memory of the process, MiB", shown))
    return rows


def _dollars(run: Results) -> str:
    """With who says so."""
    cost, source = _cost(run), run["usage"].get("cost_from")
    return "unknown" if cost is None else f"{cost:.3g} ({source})"


@cache
def _asset(name: str) -> str:
    return files(__package__).joinpath(name).read_text("utf-8")


@cache
def _template() -> Template:
    from jinja2 import Environment, StrictUndefined

    environment = Environment(
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=_finalize,
    )
    environment.filters["figure"] = _figure
    return environment.from_string(_asset("page.html.j2"))


def _finalize(value: Any) -> Any:
    """Last step before escaping of everything that the template prints."""
    return showable(value) if isinstance(value, str) and not isinstance(value, Markup) else value


def _figure(value: Any) -> str:
    return "–" if value is None else f"{value:.3f}" if isinstance(value, float) else str(value)
