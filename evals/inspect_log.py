"""A run as a log of Inspect, so that its viewer opens ours.

The shape is that of Inspect's JSON log, version 2 (`inspect_ai.log.EvalLog`): spec,
results, and samples with their scores. Nothing of Inspect is needed to write it.
"""

from __future__ import annotations

import hashlib
import json
import re
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from agent.ask import NOT_SAID
from evals import chat
from evals.outcomes import Outcome
from evals.page import flatten
from evals.record import Results, read_outcomes, read_results
from evals.scoring import is_right

VERSION = 2
SCORER = "assay"


def to_inspect(path: Path) -> dict[str, Any]:
    """The log of a run.

    Args:
        path: folder of a complete run, or its `results.json`.

    Raises:
        UsageError: the run is not complete.
    """
    run, outcomes = read_results(path), read_outcomes(path)
    file = path / "results.json" if path.is_dir() else path
    used = _model_usage(run, run.get("usage", {}))
    ended = datetime.fromtimestamp(file.stat().st_mtime, UTC).isoformat(timespec="seconds")
    digest = hashlib.sha256(json.dumps(run.get("run", {}), sort_keys=True).encode()).hexdigest()
    failed = sum(outcome["error"] is not None for outcome in outcomes)
    return {
        "version": VERSION,
        "status": "success",
        "eval": {
            "eval_id": digest[:22],
            "run_id": digest[22:44],
            "task_id": digest[:22],
            "created": ended,
            "task": run["suite"],
            "task_version": 0,
            "task_attribs": {},
            "task_args": {"kind": run["kind"]},
            "dataset": {
                "name": run["suite"],
                "samples": len(outcomes),
                "sample_ids": [outcome["id"] for outcome in outcomes],
                "shuffled": False,
            },
            # Inspect takes the part before the slash for the provider.
            "model": f"assay/{run['model']}",
            "model_args": {},
            "config": {"limit": run.get("run", {}).get("limit"), "epochs": 1},
            "packages": {"assay-factcheck": run.get("run", {}).get("version", "")},
            "metadata": {"judge": run.get("judge"), **run.get("run", {})},
        },
        "plan": {"name": "assay", "steps": [{"solver": run["kind"], "params": {}}]},
        "results": {
            "total_samples": len(outcomes),
            "completed_samples": len(outcomes) - failed,
            "scores": [
                {
                    "name": SCORER,
                    "scorer": SCORER,
                    "params": {},
                    "scored_samples": run["scored"],
                    "unscored_samples": run["n"] - run["scored"],
                    "metrics": _metrics(run),
                }
            ],
        },
        "stats": {"started_at": ended, "completed_at": ended, "model_usage": used},
        "samples": [_sample(run, outcome) for outcome in outcomes],
    }


def file_name(log: dict[str, Any]) -> str:
    """A name that Inspect's viewer knows for a log: it lists no other JSON files."""
    told = log["eval"]
    parts = (told["created"], told["task"], told["task_id"])
    return "_".join(re.sub(r"[^\w+-]+", "-", part) for part in parts) + ".json"


def _model_usage(run: Results, taken: dict[str, Any]) -> dict[str, Any]:
    """Tokens and dollars as Inspect counts them; nothing where no model was asked."""
    if not taken.get("requests"):
        return {}
    sent, got = taken["prompt_tokens"], taken["completion_tokens"]
    # Inspect's counts are whole.
    counts = {"input_tokens": sent, "output_tokens": got, "total_tokens": sent + got}
    whole: dict[str, Any] = {name: round(count) for name, count in counts.items()}
    return {f"assay/{run['model']}": whole | {"total_cost": taken.get("cost_usd")}}


def _metrics(run: Results) -> dict[str, Any]:
    """Each figure with its interval; half of its width stands for 1.96 standard errors."""
    intervals = flatten(run["metrics"].get("ci", {}))
    found: dict[str, Any] = {}
    for name, value in flatten(run["metrics"]).items():
        if isinstance(value, float | int):
            found[name] = {"name": name, "value": value, "params": {}}
            if interval := intervals.get(name):
                error = (interval[1] - interval[0]) / 2 / 1.96
                found[name]["metadata"] = {"ci": interval, "stderr": round(error, 6)}
    return found


def _sample(run: Results, outcome: Outcome) -> dict[str, Any]:
    given, said = outcome["input"], outcome["prediction"]
    text = given.get("claim") or given.get("question") or given.get("text", "")
    if evidence := given.get("evidence"):
        text = "\n\n".join([text, *evidence])
    gold = outcome["gold"]
    many = isinstance(gold, list)
    answer = "\n".join(map(_line, said or [])) if many else said
    target = [g if isinstance(g, str) else g["text"] for g in gold] if many else gold
    if run["kind"] == "chat":
        target = chat.expected(gold)
        answer = said["text"] or NOT_SAID if said else ""
    sample: dict[str, Any] = {
        "id": outcome["id"],
        "epoch": 1,
        "input": text,
        "target": target,
        "messages": [],
        "output": {
            "model": f"assay/{run['model']}",
            "choices": [
                {
                    "message": {"role": "assistant", "content": answer or "", "source": "generate"},
                    "stop_reason": "stop",
                }
            ],
        },
        "metadata": outcome.get("meta") or {},
        "store": {},
        "events": [],
        "model_usage": _model_usage(run, outcome.get("usage", {})),
        "total_time": outcome.get("usage", {}).get("seconds"),
        "attachments": {},
    }
    if outcome["error"]:
        fault = f"{outcome['error']['kind']}: {outcome['error']['message']}"
        return sample | {
            "scores": {},
            "error": {"message": fault, "traceback": "", "traceback_ansi": ""},
        }
    if many:
        value: Any = _share(run, outcome)
    else:
        # Inspect's own marks: correct, incorrect, no answer to score.
        value = {True: "C", False: "I", None: "N"}[is_right(gold, said)]
    details = {k: outcome[k] for k in ("probabilities", "evidence", "matches") if outcome.get(k)}
    score = {"value": value, "answer": answer, "metadata": details}
    return sample | {"scores": {SCORER: score}}


def _line(claim: dict[str, Any]) -> str:
    """A claim that was found, with its verdict if it has one."""
    return (
        f"{claim['verdict'] or 'failed'}: {claim['text']}" if "verdict" in claim else claim["text"]
    )


def _share(run: Results, outcome: Outcome) -> float | str:
    """Share of the gold claims that were found, in articles found and rated right."""
    gold, said, found = outcome["gold"], outcome["prediction"], outcome["matches"]
    if run["kind"] == "article":
        scored = sum(claim["label"] is not None for claim in gold)
        right = sum(is_right(gold[g]["label"], said[f]["verdict"]) is True for g, f, _ in found)
        return round(right / scored, 6) if scored else "N"
    return round(len(found) / len(gold), 6) if gold else "N"
