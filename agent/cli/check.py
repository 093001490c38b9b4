"""`assay check`: the main job."""

from __future__ import annotations

import sys
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from agent.cli import batches, options, tape
from agent.cli.codes import BUDGET, FAILED, MATCHED
from agent.cli.options import FailingVerdict, FormatName
from agent.cli.screen import check_progress, color_wanted, note
from agent.errors import UsageError
from agent.gateway.asking import CONCURRENCY, Asking
from agent.report import render, write_atomically

if TYPE_CHECKING:
    from agent.gateway.estimating import Estimate
    from agent.types import Document, Report

_SUFFIXES = {
    FormatName.terminal: ".txt",
    FormatName.json: ".json",
    FormatName.html: ".html",
    FormatName.markdown: ".md",
    FormatName.claimreview: ".claimreview.json",
}
_BY_SUFFIX = {".json": FormatName.json, ".html": FormatName.html, ".htm": FormatName.html,
              ".md": FormatName.markdown, ".txt": FormatName.terminal}  # fmt: skip


def check(
    context: typer.Context,
    article: Annotated[
        str,
        typer.Argument(
            metavar="ARTICLE",
            help="Text, Markdown, HTML, PDF, DOCX, EPUB or e-mail file; a web address; `-` for "
            "standard input.",
        ),
    ],
    library: options.Library = None,
    chroma_url: options.ChromaUrl = None,
    model: options.Model = "embedded",
    base_url: options.BaseUrl = None,
    format: Annotated[  # noqa: A002 - the option's name
        list[FormatName] | None,
        typer.Option(
            "--format",
            envvar="ASSAY_FORMAT",
            help="May be given several times, then with --out. "
            "[default: by --out's suffix, else terminal]",
            show_default=False,
        ),
    ] = None,
    json: options.AsJson = False,
    out: Annotated[
        Path | None,
        typer.Option(
            "--out",
            envvar="ASSAY_OUT",
            metavar="PATH",
            help="Write the report there; with several formats each takes its own suffix.",
        ),
    ] = None,
    as_of: options.AsOf = None,
    exclude_source: options.ExcludeSource = None,
    source_publisher: options.SourcePublisher = None,
    language: options.Language = None,
    since: options.Since = None,
    tag: options.Tag = None,
    min_origins: options.MinOrigins = 1,
    title: Annotated[str | None, typer.Option(help="The article's title.")] = None,
    author: Annotated[str | None, typer.Option(help="Its author.")] = None,
    publisher: Annotated[str | None, typer.Option(help="Its publisher.")] = None,
    url: Annotated[
        str | None, typer.Option(help="Where it was published; it is not fetched.")
    ] = None,
    date: Annotated[
        str | None, typer.Option("--date", metavar="DATE", help="When it was published.")
    ] = None,
    cassette: Annotated[
        Path | None,
        typer.Option(
            "--cassette",
            envvar="ASSAY_CASSETTE",
            metavar="FILE",
            help="Keep in it, or take from it, all that the model said.",
        ),
    ] = None,
    record: Annotated[
        bool, typer.Option("--record", envvar="ASSAY_RECORD", help="Record into --cassette.")
    ] = False,
    replay: Annotated[
        bool,
        typer.Option(
            "--replay",
            envvar="ASSAY_REPLAY",
            help="Make the report from --cassette: no network, no key.",
        ),
    ] = False,
    embedder: options.Embedder = None,
    batch: batches.Batch = False,
    budget_usd: options.BudgetUsd = None,
    budget_tokens: options.BudgetTokens = None,
    budget_usd_day: options.BudgetUsdDay = None,
    budget_tokens_day: options.BudgetTokensDay = None,
    prices: options.Prices = None,
    price_in: options.PriceIn = None,
    price_out: options.PriceOut = None,
    dry_run: Annotated[
        bool,
        typer.Option(
            "--dry-run", help="Say what it would take, and send nothing: requests, tokens, cost."
        ),
    ] = False,
    fail_on: options.FailOn = None,
    concurrency: options.Concurrency = CONCURRENCY,
    api: options.Api = options.ApiName.chat,
    trace: options.Trace = None,
    quiet: options.Quiet = False,
) -> None:
    """Check an article against the library and report a verdict for each of its claims.

    Examples:

      assay check article.md

      assay check article.pdf --format html --out report.html

      pbpaste | assay check - --model openai:gpt-5 --json > report.json

      assay check article.md --tag budget --since 2026-01-01

      assay check article.md --model cascade:openai:gpt-4.1-mini --budget-usd 0.05 --dry-run

    Exit codes: 0 every claim has a verdict; 2 wrong usage; 3 unreadable input; 4 library; 5
    claims failed (the same command resumes); 6 model unavailable; 7 the budget is spent (as
    5); 10 --fail-on matched.
    """
    typed = partial(options.is_typed, context)
    if typed("format") != typed("json"):
        format, json = (format, False) if typed("format") else (None, json)  # noqa: A001
    if typed("record") != typed("replay"):
        record, replay = (record, False) if typed("record") else (False, replay)
    if not (record or replay or typed("cassette")):
        cassette = None  # in the environment it waits for one of the two
    formats = _formats(format, json, out)
    check_out(out)
    tape.check_options(cassette, record=record, replay=replay, model=model)
    if batch:
        batches.check_model(model)
        if cassette:
            raise UsageError("--batch and --cassette do not go together", "Leave one of them out")
    document = _read(article)
    from agent.check import FactChecker
    from agent.gateway.budget import Limits
    from agent.gateway.prices import named_price, price_of
    from tools.models.embedder import embedder_named

    price = named_price(price_in, price_out) or price_of(model, prices, base_url=base_url)
    checker = FactChecker(
        options.library_folder(library, chroma_url),
        model,
        base_url=base_url,
        asking=Asking(concurrency, api=api.value, trace=trace),
        limits=Limits(budget_usd, budget_tokens, budget_usd_day, budget_tokens_day),
        price=price,
        as_of=as_of,
        since=since,
        exclude=exclude_source or (),
        publishers=source_publisher or (),
        languages=language or (),
        tags=tag or (),
        min_origins=min_origins,
        # What the journal answers would never reach the cassette.
        journal=cassette is None,
        embedder=embedder_named(embedder),
        on_notice=lambda text: note(text, quiet=quiet),
    )
    known = {
        "title": title,
        "author": author,
        "publisher": publisher,
        "url": url,
        "published_at": date,
    }
    if dry_run:
        _say_estimate(checker.estimate(document, **known), json=FormatName.json in formats)
        return
    with tape.on_tape(cassette, record=record, checker=checker, quiet=quiet) as finish:
        with (
            check_progress(quiet=quiet) as tell,
            batches.in_batches(batch, checker.library, quiet=quiet),
        ):
            report = checker.check(document, **known, on_progress=tell)
        report = finish(report)
        write_report(report, formats, out, quiet=quiet)
    if took := _took(report):
        note(took, quiet=quiet)
    code = _exit_code(report, fail_on or [])
    if code in (FAILED, BUDGET):
        note(_failure(report, code), quiet=False)
    raise typer.Exit(code)


def write_report(
    report: Report, formats: list[FormatName], out: Path | None, *, quiet: bool
) -> list[Path]:
    """Prints the report, or writes it; returns the files."""
    if out is None:
        sys.stdout.write(render(report, formats[0].value, color=color_wanted(), width=_width()))
        sys.stdout.flush()
        return []
    files = []
    for format_ in formats:
        path = out if len(formats) == 1 else out.with_suffix(_SUFFIXES[format_])
        write_atomically(path, render(report, format_.value))
        files.append(path)
        note(f"Wrote {path}", quiet=quiet)
    if not report.claims:
        note("The article holds no checkable claim; the report says why.", quiet=quiet)
    return files


def _took(report: Report) -> str:
    """What the model took, in all and for each claim; empty where none was asked.

    Not in the report itself: what is rendered for readers is the same however often a run was
    interrupted.
    """
    usage, claims = report.usage, max(len(report.claims), 1)
    if not (usage.requests or usage.cached):
        return ""
    tokens = usage.prompt_tokens + usage.completion_tokens
    kept = f", {usage.cached} answers from the journal" if usage.cached else ""
    cost = "at an unknown price" if usage.cost_usd is None else f"${usage.cost_usd:.4f}"
    return (
        f"{usage.requests} requests and {tokens:,} tokens ({usage.requests / claims:.1f} and "
        f"{tokens / claims:,.0f} a claim){kept}, {cost}"
    )


def _say_estimate(estimate: Estimate, *, json: bool) -> None:
    """What a dry run found, on standard output."""
    from dataclasses import asdict
    from json import dumps

    typer.echo(dumps(asdict(estimate), indent=1) if json else str(estimate))


def _formats(given: list[FormatName] | None, json: bool, out: Path | None) -> list[FormatName]:
    formats = list(dict.fromkeys([*(given or []), *([FormatName.json] if json else [])]))
    if len(formats) > 1 and out is None:
        raise UsageError("several formats need --out PATH", "Or give one --format")
    if formats:
        return formats
    return [_BY_SUFFIX.get(out.suffix.lower(), FormatName.terminal) if out else FormatName.terminal]


def check_out(out: Path | None) -> None:
    """Complains about a place that cannot be written to before the work, not after it."""
    if out is None:
        return
    if out.is_dir():
        raise UsageError(f"--out {out} is a folder", "Name a file")
    if not out.parent.is_dir():
        raise UsageError(f"--out: there is no folder {out.parent}", "Make it first")


def _read(article: str) -> Document:
    from tools.readers import read_file, read_stream

    if article == "-":
        return read_stream(sys.stdin.buffer, "standard input")
    return read_file(article)


def _exit_code(report: Report, fail_on: list[FailingVerdict]) -> int:
    if report.summary.failed:
        spent = any(claim.error and claim.error.kind == "budget" for claim in report.claims)
        return BUDGET if spent else FAILED
    if any(getattr(report.summary, verdict.value) for verdict in fail_on):
        return MATCHED
    return 0


def _failure(report: Report, code: int) -> str:
    """Why claims failed and what to do, in one line: of the first that the exit code is for."""
    errors = [claim.error for claim in report.claims if claim.error]
    first = next(error for error in errors if code != BUDGET or error.kind == "budget")
    return f"assay: {len(errors)} of {len(report.claims)} claims failed: {first.message}"


def _width() -> int:
    import shutil

    return min(shutil.get_terminal_size((88, 24)).columns, 100)
