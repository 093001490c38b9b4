"""`assay eval`: measure the agent on suites, compare runs, look at them."""

from __future__ import annotations

import asyncio
import json as jsonlib
import re
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from agent.cli import batches, options
from agent.cli.codes import FAILED, MATCHED
from agent.cli.eval_screen import line, number, progress, show_results, write
from agent.cli.screen import note
from agent.errors import UsageError
from agent.report.wording import one_line

if TYPE_CHECKING:
    from collections.abc import Sequence

    from evals.results import Settings
    from evals.suites import Suite

app = typer.Typer(
    help="Measure the agent on suites: list, run, compare, show, export, fetch.",
    no_args_is_help=True,
    rich_markup_mode=None,
)
RUNS = Path("eval-runs")
"""Where runs go unless `--out` says otherwise."""
_SIDES = (("first", "A"), ("second", "B"))
_RunFolder = Annotated[Path, typer.Argument(metavar="RUN", help="Folder of a run.")]
_OpenIt = Annotated[bool, typer.Option("--open/--no-open", help="Open it in the browser.")]


@app.command("list")
def list_suites(json: options.AsJson = False) -> None:
    """List the suites: those that ship, the benchmarks that are there, what can be fetched.

    ASSAY_BENCHMARKS names the folder of benchmarks.

    Example:

      assay eval list
    """
    from evals.fetch import DATA_SETS
    from evals.suites import available

    suites = available()
    there = {suite.path.stem for suite in suites}
    missing = [data for data in DATA_SETS if data.name not in there]
    if json:
        listed = [
            {"name": s.name, "kind": s.kind, "samples": s.count(), "ships": s.shipped}
            for s in suites
        ]
        names = [{"name": d.name, "licence": d.licence, "url": d.url} for d in missing]
        write(jsonlib.dumps({"suites": listed, "fetchable": names}, indent=2))
        return
    for title, shipped in (("Suites that ship", True), ("Benchmarks", False)):
        rows = [s for s in suites if s.shipped is shipped]
        if rows:
            line(title)
            width = max(len(s.name) for s in rows)
            for s in rows:
                line(f"  {s.name:<{width}}  {s.kind:<16} {s.count():>6} samples")
    if missing:
        line("To be fetched: assay eval fetch NAME")
        for data in missing:
            line(f"  {data.name:<28} {data.licence}")


@app.command("run")
def run(
    suites: Annotated[
        list[str],
        typer.Argument(metavar="SUITE…", help="Names (assay eval list), files or folders."),
    ],
    model: Annotated[
        list[str] | None,
        typer.Option(
            "--model",
            envvar="ASSAY_MODEL",
            metavar="NAME",
            help="As for `assay check`; may be given several times, for a side-by-side table. "
            "[default: embedded]",
            show_default=False,
        ),
    ] = None,
    base_url: options.BaseUrl = None,
    limit: Annotated[
        int | None, typer.Option("--limit", metavar="N", help="N samples, chosen by --seed.")
    ] = None,
    seed: Annotated[int, typer.Option("--seed", help="Of that choice and the intervals.")] = 0,
    out: Annotated[
        Path | None,
        typer.Option(
            "--out",
            envvar="ASSAY_OUT",
            metavar="DIR",
            help="Folder of the run; several runs take folders in it. [default: in eval-runs]",
            show_default=False,
        ),
    ] = None,
    concurrency: Annotated[
        int, typer.Option("--concurrency", metavar="N", help="Answers of a model at once.")
    ] = 4,
    batch: batches.Batch = False,
    baselines: Annotated[
        bool, typer.Option("--baselines/--no-baselines", help="Also rate the claims alone.")
    ] = True,
    fresh: Annotated[bool, typer.Option("--fresh", help="Start over in a used folder.")] = False,
    fail_under: Annotated[
        list[str] | None,
        typer.Option(
            "--fail-under",
            metavar="FIGURE=X",
            help="Exit with 10 if a figure is lower, e.g. macro_f1=0.70; repeatable.",
        ),
    ] = None,
    fail_over: Annotated[
        list[str] | None,
        typer.Option(
            "--fail-over",
            metavar="FIGURE=X",
            help="… if it is higher, e.g. false_conflict_rate=0.05; repeatable.",
        ),
    ] = None,
    price_in: Annotated[
        float | None,
        typer.Option(
            "--price-in",
            envvar="ASSAY_PRICE_IN",
            metavar="USD",
            help="Of the model, per million tokens sent; for the dollars in the results. What "
            "its server charges by its own account goes before.",
            show_default=False,
        ),
    ] = None,
    price_out: Annotated[
        float | None,
        typer.Option(
            "--price-out",
            envvar="ASSAY_PRICE_OUT",
            metavar="USD",
            help="… per million tokens answered.",
            show_default=False,
        ),
    ] = None,
    json: options.AsJson = False,
    quiet: options.Quiet = False,
) -> None:
    """Run suites and write results.json and samples.jsonl. An interrupted run goes on.

    SUITE is a name, or a path:

      FILE.jsonl of {"id", "claim", "evidence": […], "label"}: the judge alone

      FOLDER with claims.jsonl and corpus.jsonl: retrieval and rating

      FILE.jsonl of {"id", "text", "claims": […]}: extraction

      FILE.jsonl of {"id", "text", "label": "check_worthy|not_check_worthy"}

      FOLDER with gold.jsonl, articles/ and sources/: whole articles

      FOLDER with questions.jsonl and corpus.jsonl or sources/: questions and their answers

    Examples:

      assay eval run numbers quotes

      assay eval run pairs.jsonl --limit 200 --seed 1 --out runs/first

      assay eval run numbers --model embedded --model openai:gpt-5

      assay eval run numbers --model openai:gpt-5 --price-in 1.25 --price-out 10

      assay eval run numbers --model openai:gpt-5-mini --batch

      assay eval run newsroom --fail-under macro_f1=0.70

    Libraries made of corpora are kept for all runs, in ASSAY_CACHE, else in the user's cache
    folder.

    Exit codes: 0 done; 2 wrong usage; 3 a malformed suite; 5 samples failed (the same
    command tries these again); 6 model unavailable; 10 a figure is beyond its bound.
    """
    from agent.gateway.prices import named_price
    from evals.bounds import beyond, check_names, parse
    from evals.results import Settings
    from evals.run import run as run_suite
    from evals.suites import load

    models = list(dict.fromkeys(model or ["embedded"]))
    price = named_price(price_in, price_out)
    if price and len([name for name in models if name != "embedded"]) > 1:
        raise UsageError(
            "--price-in and --price-out are the prices of one model",
            "Run the models one by one; `assay eval show A B` puts them side by side",
        )
    if batch and models == ["embedded"]:
        batches.check_model("embedded")
    bounds = [parse(text, above=False) for text in fail_under or []]
    bounds += [parse(text, above=True) for text in fail_over or []]
    # A suite may be named twice, in two ways.
    loaded = {suite.path.resolve(): suite for suite in map(load, suites)}
    for suite in loaded.values():
        check_names(bounds, suite.kind)
    plans = [
        (suite, Settings(each, base_url, limit, seed, concurrency, baselines, price))
        for suite in loaded.values()
        for each in models
    ]
    results, failed = [], 0
    for (suite, settings), folder in zip(plans, _folders(plans, out), strict=True):
        label = suite.name if len(models) == 1 else f"{suite.name}, {settings.model}"
        with (
            progress(label, quiet=quiet) as tell,
            batches.in_batches(batch and settings.model != "embedded", folder, quiet=quiet),
        ):
            result = asyncio.run(run_suite(suite, settings, folder, fresh=fresh, on_progress=tell))
        note(f"Wrote {folder / 'results.json'}", quiet=quiet)
        failed += result["failed"]
        results.append(result)
    show_results(results, json)
    missed = [told for result in results for told in beyond(result, bounds)]
    for told in missed:
        note(told)
    if failed:
        note(f"{failed} samples failed; the same command tries these again", quiet=quiet)
        raise typer.Exit(FAILED)
    raise typer.Exit(MATCHED if missed else 0)


@app.command("compare")
def compare(
    first: Annotated[Path, typer.Argument(metavar="A", help="Folder of a run.")],
    second: Annotated[Path, typer.Argument(metavar="B", help="Another run of that suite.")],
    seed: Annotated[int, typer.Option("--seed", min=0, help="Of the intervals.")] = 0,
    json: options.AsJson = False,
) -> None:
    """Compare two runs sample by sample: is B better than A, and what flipped?

    Only samples of the same input and gold are compared. What failed counts as wrong.

    Example:

      assay eval compare eval-runs/numbers/embedded eval-runs/numbers/openai-gpt-5
    """
    from evals.compare import compare as compare_runs

    found = compare_runs(first, second, seed)
    if json:
        write(jsonlib.dumps(found, indent=2, ensure_ascii=False))
        return
    alone = [f"{found[f'only_in_{side}']} only in {name}" for side, name in _SIDES]
    counts = ", ".join([f"{found['paired']} samples in both", *alone])
    line(f"{found['suite']} ({found['kind']}): {counts}")
    for side, name in _SIDES:
        line(f"{name}: {found[side]['model']}, {found[side]['failed']} failed")
    for text in found["notes"]:
        line(f"Note: {text}")
    width = max(len(name) for name in found["differences"]) + 2
    line(f"{'':<{width}}{'A':>7} {'B':>7} {'B - A':>7}  95 % interval")
    for name, row in found["differences"].items():
        sides = [f"{number(row[side]) or '–':>7}" for side, _ in _SIDES]
        difference = "–" if row["difference"] is None else f"{row['difference']:+.3f}"
        bounds = f"[{row['ci'][0]:+.3f}, {row['ci'][1]:+.3f}]" if row["ci"] else "none"
        line(f"{name:<{width}}{' '.join(sides)} {difference:>7}  {bounds}")
    if test := found["mcnemar"]:
        right = f"only A right {test['only_first']}, only B right {test['only_second']}"
        p = test["p_value"]
        line(f"McNemar's exact test: {right}, p {'< 0.0001' if p < 1e-4 else f'= {p:.4f}'}")
    for flip in found["flips"]:
        line(
            one_line(
                f"{flip['change']:<6} {flip['id']}: gold {flip['gold']}, "
                f"A {flip['first']}, B {flip['second']}: {flip['text'][:100]}"
            )
        )


@app.command("show")
def show(
    runs: Annotated[
        list[Path],
        typer.Argument(metavar="RUN…", help="Folder of a run; further ones stand beside it."),
    ],
    out: Annotated[
        Path | None, typer.Option("--out", metavar="FILE", help="[default: RUN/page.html]")
    ] = None,
    open_it: _OpenIt = True,
    quiet: options.Quiet = False,
) -> None:
    """Make a page of a run: figures, charts, and all samples with their evidence.

    Example:

      assay eval show eval-runs/numbers/embedded
    """
    from agent.report import write_atomically
    from evals.page import to_html

    page = to_html(runs)
    folder = runs[0] if runs[0].is_dir() else runs[0].parent
    path = out or folder / "page.html"
    write_atomically(path, page)
    note(f"Wrote {path}", quiet=quiet)
    if open_it and sys.stdout.isatty():
        import webbrowser

        webbrowser.open(path.resolve().as_uri())


@app.command("export")
def export(
    path: _RunFolder,
    out: Annotated[
        Path | None,
        typer.Option(
            "--out", metavar="FILE", help="[default: in RUN, named as Inspect names logs]"
        ),
    ] = None,
    quiet: options.Quiet = False,
) -> None:
    """Write a run as a log of Inspect, for its viewer: inspect view --log-dir RUN

    The viewer comes with `pip install "assay-factcheck[inspect]"`.

    Example:

      assay eval export eval-runs/numbers/embedded
    """
    from agent.report import write_atomically
    from evals.inspect_log import file_name, to_inspect

    log = to_inspect(path)
    file = out or (path if path.is_dir() else path.parent) / file_name(log)
    write_atomically(file, jsonlib.dumps(log, indent=1, ensure_ascii=False) + "\n")
    note(f"Wrote {file}", quiet=quiet)


@app.command("fetch")
def fetch(
    names: Annotated[
        list[str], typer.Argument(metavar="NAME…", help="Data sets of `assay eval list`.")
    ],
    out: Annotated[
        Path | None,
        typer.Option(
            "--out",
            metavar="DIR",
            help="[default: $ASSAY_BENCHMARKS, else in the user-data folder]",
            show_default=False,
        ),
    ] = None,
    quiet: options.Quiet = False,
) -> None:
    """Download public data sets and bring them into the form of a suite.

    The only command that goes to these addresses. Each data set has a licence of its own.

    Example:

      assay eval fetch fever_symmetric_v02_dev
    """
    from evals.fetch import data_set
    from evals.fetch import fetch as fetch_one

    wanted = [data_set(name) for name in dict.fromkeys(names)]
    for data in wanted:
        note(f"{data.name}: {data.url} (licence: {data.licence})", quiet=quiet)
        path, count = fetch_one(data, out)
        note(f"Wrote {path}, {count} samples. Run it: assay eval run {path}", quiet=quiet)


# Folders


def _folders(plans: Sequence[tuple[Suite, Settings]], out: Path | None) -> list[Path]:
    """The folder of each run, before anything is run.

    Raises:
        UsageError: `out` is a file, or two runs would write to one folder.
    """
    if out is not None and out.is_file():
        raise UsageError(f"--out {out} is a file", "Name a folder; it is made where there is none")
    # One run has --out to itself; so other programs find its results.json there.
    if out is not None and len(plans) == 1:
        return [out]
    taken: dict[Path, tuple[Suite, Settings]] = {}
    for suite, settings in plans:
        folder = (out or RUNS) / _folder_name(suite.name, settings, out is None)
        if folder in taken:
            other, others = taken[folder]
            one, two = ((other.path, suite.path) if other.path != suite.path
                        else (others.model, settings.model))  # fmt: skip
            raise UsageError(
                f"{one} and {two} would both be written to {folder}",
                "Run them one by one, each with an --out of its own",
            )
        taken[folder] = (suite, settings)
    return list(taken)


def _folder_name(suite: str, settings: Settings, with_settings: bool) -> Path:
    """The same command has to find the same folder; other settings another one."""
    name = _slug(settings.model)
    if with_settings and settings.limit is not None:
        name += f"-limit{settings.limit}"
    if with_settings and settings.seed:
        name += f"-seed{settings.seed}"
    return Path(_slug(suite)) / name


def _slug(text: str) -> str:
    return re.sub(r"[^\w.-]+", "-", text).strip("-.") or "run"
