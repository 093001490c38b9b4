"""What a check with a language model takes: time, requests, tokens, processor time.

    python -m evals.llm.gateway [--only EXPERIMENT…] [--json FILE] [--profile]

Asked is `evals.llm.model_server` on this machine, in a process of its own, which answers each
request after 1.0 s. The library has a source of about 100 words for each claim; five passages
are shown with each. Each check is the first of its library, so nothing comes from the journal;
imports and the embedder are loaded before, as in a server or a batch, and the line of the whole
command has them in. Tokens are characters by four, on both sides of the comparison.

- *wall*: seconds from the article to its report; *own*: processor time of this process, without
  the server's, in milliseconds a claim;
- *requests*, *tokens*: a claim, splitting included; refused requests count;
- *verdicts*: claims with a verdict; *right*: those that the server's texts give them.
"""

from __future__ import annotations

import argparse
import cProfile
import json
import os
import pstats
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from contextlib import nullcontext
from pathlib import Path
from typing import NamedTuple

from agent.check import FactChecker
from agent.types import Document, Report
from evals.llm.model_server import Running, article, running, source, verdict
from tools.library import Library
from tools.models.embedder import MiniLMEmbedder

MODEL = "openai:judge-1"
PASSAGES = 5
LATENCY = 1.0
PLACES = 4
"""That the server of the last experiment has."""


class Line(NamedTuple):
    """One line of the table; seconds, and figures a claim."""

    experiment: str
    claims: int
    wall: float
    own_ms: float
    requests: float
    tokens: float
    verdicts: int
    right: int
    stages: dict[str, float]


def make_library(folder: Path, sources: int) -> None:
    """A library with a source for each of so many towns."""
    with Library.open(folder, MiniLMEmbedder(), create=True) as library:
        for number in range(sources):
            library.add(Document(text=source(number), title=f"Minutes {number}", language="en"))


def check(
    experiment: str, server: Running, library: Path, claims: int, *, profile: bool = False
) -> Line:
    """One article of so many claims through the whole check, in this process."""
    journal = library / "journal.sqlite"
    with running(latency=0) as instant:  # imports, weights, templates, the schema
        warm = FactChecker(library, MODEL, base_url=instant.url("warm"))
        warm.check(text=article(1))
    for part in library.glob("journal.sqlite*"):
        part.unlink()
    url = server.url(experiment.replace(" ", "-"))
    checker = FactChecker(library, MODEL, base_url=url, passages=PASSAGES)
    text = article(claims)
    profiler = cProfile.Profile(time.process_time) if profile else nullcontext()
    started, own = time.perf_counter(), time.process_time()
    with profiler:
        report = checker.check(text=text, title="Costs of the year")
    wall, own = time.perf_counter() - started, time.process_time() - own
    if isinstance(profiler, cProfile.Profile):
        pstats.Stats(profiler).sort_stats("cumulative").print_stats(60)
    if not journal.exists():
        raise RuntimeError("the check kept no journal; its time is not that of a user's check")
    return _line(experiment, report, wall, own)


def command(server: Running, library: Path, folder: Path, claims: int) -> Line:
    """The same as `assay check`, from the start of the program to its end."""
    for part in library.glob("journal.sqlite*"):
        part.unlink()
    (folder / "article.txt").write_text(article(claims), encoding="utf-8")
    out = folder / "report.json"
    program = [sys.executable, "-m", "agent.cli", "check", str(folder / "article.txt")]
    program += ["--library", str(library), "--out", str(out), "--quiet", "--model", MODEL]
    started, before = time.perf_counter(), os.times()
    subprocess.run([*program, "--base-url", server.url("command")], check=True)
    wall, after = time.perf_counter() - started, os.times()
    own = sum(after[2:4]) - sum(before[2:4])
    report = Report.model_validate_json(out.read_text(encoding="utf-8"))
    return _line("the whole command", report, wall, own)


def _line(experiment: str, report: Report, wall: float, own: float) -> Line:
    count, usage = len(report.claims), report.usage
    right = sum(claim.verdict == verdict(number) for number, claim in enumerate(report.claims))
    return Line(
        experiment,
        count,
        wall,
        1000 * own / count,
        usage.requests / count,
        (usage.prompt_tokens + usage.completion_tokens) / count,
        sum(claim.verdict is not None for claim in report.claims),
        right,
        dict(usage.seconds),
    )


def run(base: Path, only: Sequence[str] = (), *, profile: bool = False) -> list[Line]:
    """All experiments (or some, by name)."""
    large, small = base / "large", base / "small"
    experiments: dict[str, Callable[[Running], Line]] = {
        "12": lambda server: check("12 claims", server, small, 12, profile=profile),
        "200": lambda server: check("200 claims", server, large, 200, profile=profile),
        "places": lambda server: check(f"{PLACES} places", server, small, 12, profile=profile),
        "asking": lambda server: check("asks to wait", server, small, 12, profile=profile),
        "command": lambda server: command(server, small, base, 12),
    }
    chosen = [name for name in experiments if not only or name in only]
    make_library(small, 12)
    if "200" in chosen:
        make_library(large, 200)
    lines = []
    for name in chosen:
        places = PLACES if name in ("places", "asking") else None
        wait = 1.0 if name == "asking" else None
        with running(LATENCY, places, wait) as server:
            lines.append(experiments[name](server))
    return lines


def main() -> None:
    """Prints the table."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--only", nargs="+", default=[], metavar="EXPERIMENT")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures there, too")
    parser.add_argument("--profile", action="store_true", help="where the processor's time went")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="gateway-") as base:
        lines = run(Path(base).resolve(), given.only, profile=given.profile)
    print(f"{'':18} claims   wall s  own ms  requests  tokens  verdicts  right  seconds by stage")
    for line in lines:
        stages = ", ".join(f"{name} {seconds:.2f}" for name, seconds in line.stages.items())
        print(
            f"{line.experiment:18}{line.claims:7}{line.wall:9.2f}{line.own_ms:8.1f}"
            f"{line.requests:10.2f}{line.tokens:8.0f}{line.verdicts:10}{line.right:7}  {stages}"
        )
    if given.json:
        given.json.write_text(json.dumps([line._asdict() for line in lines], indent=2))


if __name__ == "__main__":
    main()
