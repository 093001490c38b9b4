"""Runs every suite that is on this machine and writes `evals/RESULTS.md`.

    python -m evals.baseline              # run what is missing, then write the table
    python -m evals.baseline --table      # only the table, from the runs in eval-runs/

Resumable: a finished run is taken as it is, as long as code, weights and suite are the
same. Large sets are sampled (seed 0); the table says how many samples it rests on.
"""

from __future__ import annotations

import argparse
import json
import platform
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from agent import __version__

RUNS = Path("eval-runs") / "baseline"
RESULTS = Path(__file__).parent / "RESULTS.md"
_OF_OTHERS = "\n## Retrieval\n"
"""Where the part begins that is not made here."""
SHIPPED = ["numbers", "quotes", "counterfactual", "varied", "negatives", "newsroom", "questions"]
PAIRS, TEXTS = 250, 200
# Most samples of the end-to-end sets, where one sample costs ten passages.
LIMITS = {
    "e2e/averitec": 100, "e2e/climate_fever": 150, "e2e/factcheck_bench": 15, "e2e/wice": 100,
    "extraction/checkworthiness_train": 0,
}  # fmt: skip
_SHOWN = {
    "verify": [
        "accuracy",
        "balanced_accuracy",
        "macro_f1",
        "ece",
        "false_conflict_rate",
        "false_support_rate",
        "memory_rate",
    ],
    "end to end": [
        "accuracy",
        "macro_f1",
        "ece",
        "false_conflict_rate",
        "false_support_rate",
        "recall_at.10",
        "mrr",
    ],
    "extraction": [
        "claims_precision",
        "claims_recall",
        "claims_f1",
        "entailed",
        "stands_alone",
        "sentences_accounted",
        "precision",
        "recall",
        "f1",
    ],
    "check-worthiness": [
        "f1.check_worthy",
        "accuracy",
        "balanced_accuracy",
        "macro_f1",
        "entailed",
        "stands_alone",
        "sentences_accounted",
    ],
    "article": [
        "claims.claims_precision",
        "claims.claims_recall",
        "claims.claims_f1",
        "claims.entailed",
        "claims.stands_alone",
        "claims.sentences_accounted",
        "claims.precision",
        "claims.recall",
        "found_and_right",
        "accuracy",
        "macro_f1",
        "false_conflict_rate",
        "false_support_rate",
    ],
    "chat": ["fact_recall", "citation_precision", "citation_recall", "unanswerable_refused"],
}


def plan() -> list[tuple[str, int | None]]:
    """The suites to run, with the most samples of each; None is all of them."""
    from evals.suites import available

    planned: list[tuple[str, int | None]] = [(name, None) for name in SHIPPED]
    for entry in available():
        if entry.name in SHIPPED:
            continue
        limit: int | None = LIMITS.get(entry.name, PAIRS if "/" in entry.name else TEXTS)
        if entry.name == "e2e/check_covid":
            limit = None
        if limit != 0:
            planned.append((entry.name, limit))
    return planned


def run(name: str, limit: int | None) -> int:
    """Runs one suite in a process of its own, so that memory is the suite's."""
    command = [sys.executable, "-m", "agent.cli", "eval", "run", name, "--out", str(RUNS / name)]
    if limit:
        command += ["--limit", str(limit)]
    return subprocess.run([*command, "--quiet"], check=False, stdout=subprocess.DEVNULL).returncode


def table() -> str:
    """The results as Markdown."""
    records = []
    for name, _ in plan():
        file = RUNS / name / "results.json"
        if file.exists():
            records.append((name, json.loads(file.read_text(encoding="utf-8"))))
    if not records:
        raise SystemExit("there are no runs yet: python -m evals.baseline")
    weights = records[0][1]["run"]["weights"]
    lines = [
        "# Results of the embedded judge",
        "",
        f"`python -m evals.baseline`, {datetime.now(UTC).date()}, Assay {__version__}, "
        f"Python {platform.python_version()}.",
        "",
        *(f"- `{file}`: SHA-256 `{digest}`" for file, digest in weights.items()),
        "",
        "After every figure stands its 95 % interval, where there is one. In brackets stand the",
        "baselines: `maj`, always the most frequent gold label; `claim`, the judge shown the claim",
        "without a text; `first`, the first passage retrieved as the answer to every question;",
        "`sent`, every sentence taken for one claim.",
        "`s` are seconds in all, `MiB` is the process's peak memory. Sets with more samples than",
        "`n` were sampled with seed 0. What the figures mean: [README](README.md).",
        "The calibration was fitted on check_covid_dev, infotabs_dev,",
        "nli_counterfactual_dev, nli_new_protocols_val_paragraph, nli_conj_dev,",
        "factcheck_bench_stance and fever_symmetric_v02_dev, so their figures flatter it a little;",
        "`python -m evals.judge.calibrate` prints them out of fold.",
    ]
    for kind, shown in _SHOWN.items():
        rows = [(name, record) for name, record in records if record["kind"] == kind]
        if not rows:
            continue
        lines += ["", f"## {kind[0].upper()}{kind[1:]}", ""]
        # A figure that no suite of the kind on this machine has is no column.
        shown = [m for m in shown if any(_at(r["metrics"], m) is not None for _, r in rows)]
        splits = any(record["usage"].get("characters_per_second") for _, record in rows)
        columns = [*shown, *(["chars/s"] if splits else []), "s", "MiB"]
        lines.append(f"| Suite | n scored | {' | '.join(columns)} |")
        lines.append("|---" * (len(columns) + 2) + "|")
        for name, record in rows:
            cells = [_cell(record, metric) for metric in shown]
            if splits:
                speed = record["usage"].get("characters_per_second")
                cells.append(f"{speed:,}" if speed else "–")
            failed = f", {record['failed']} failed" if record["failed"] else ""
            lines.append(
                f"| {name} | {record['scored']}{failed} | {' | '.join(cells)} "
                f"| {record['seconds']:.0f} | {record['usage']['peak_memory_mib'] or '–'} |"
            )
    return "\n".join(lines) + "\n"


def _kept() -> str:
    """The sections of the results that other scripts print, as they stand there now."""
    written = RESULTS.read_text(encoding="utf-8") if RESULTS.exists() else ""
    _, heading, rest = written.partition(_OF_OTHERS)
    return heading + rest


def _cell(record: dict[str, Any], metric: str) -> str:
    value = _at(record["metrics"], metric)
    if value is None:
        return "–"
    interval = _at(record["metrics"].get("ci", {}), metric)
    text = f"**{value:.3f}**"
    if interval:
        text += f" [{interval[0]:.2f}, {interval[1]:.2f}]"
    beside = []
    for baseline, short in _BESIDE:
        other = _at(record.get("baselines", {}).get(baseline, {}), metric)
        if other is not None:
            beside.append(f"{short} {other:.2f}")
    return text + (f" ({', '.join(beside)})" if beside else "")


_BESIDE = (
    ("majority", "maj"),
    ("claim_only", "claim"),
    ("first_passage", "first"),
    ("sentences", "sent"),
)


def _at(values: dict[str, Any], path: str) -> Any:
    found: Any = values
    for key in path.split("."):
        if not isinstance(found, dict) or key not in found:
            return None
        found = found[key]
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--table", action="store_true", help="only write the table")
    args = parser.parse_args()
    if not args.table:
        for name, limit in plan():
            print(f"{name}{f', {limit} samples at most' if limit else ''} … ", end="", flush=True)
            code = run(name, limit)
            print("done" if code == 0 else f"exit code {code}", flush=True)
    RESULTS.write_text(table() + _kept(), encoding="utf-8")
    print(f"wrote {RESULTS}")


if __name__ == "__main__":
    main()
