"""`assay batch`: many articles."""

from __future__ import annotations

import signal
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, replace
from enum import StrEnum
from functools import partial, reduce
from itertools import islice
from operator import add
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from agent.cli import batches, options
from agent.cli.adding import duration
from agent.cli.codes import BUDGET, FAILED, INTERRUPTED, MATCHED, TERMINATED, UNREAD
from agent.cli.options import FailingVerdict
from agent.cli.screen import Bar, bar, model_notes, note
from agent.errors import AssayError, InputError, UsageError
from agent.gateway.asking import CONCURRENCY, Asking
from agent.report.wording import GLYPHS, OUTCOMES, WORDS, count

if TYPE_CHECKING:
    from agent.bulk.batch import Batch, Tally
    from agent.bulk.items import Item, Unread
    from agent.bulk.settings import Settings

_TOLD = 10
"""Most unreadable files that are told one by one."""


class FormName(StrEnum):
    """Forms that a report is written in beside JSON, as `agent.bulk.keeping.FORMS`."""

    json = "json"
    html = "html"
    markdown = "markdown"
    claimreview = "claimreview"


def batch(
    inputs: Annotated[
        list[str],
        typer.Argument(
            metavar="INPUT…",
            help="Folders, patterns (`'archive/**/*.html'`), files of any kind that `assay check` "
            "reads, web addresses; JSON Lines, CSV and Parquet with one article a row.",
        ),
    ],
    out: Annotated[
        Path,
        typer.Option(
            "--out",
            envvar="ASSAY_OUT",
            metavar="DIR",
            help="Folder for the reports; what is finished there is skipped.",
        ),
    ],
    library: options.Library = None,
    chroma_url: options.ChromaUrl = None,
    model: options.Model = "embedded",
    base_url: options.BaseUrl = None,
    format: Annotated[  # noqa: A002 - the option's name
        list[FormName] | None,
        typer.Option(
            "--format",
            envvar="ASSAY_FORMAT",
            help="Write each report in this form, too, beside JSON; repeatable.",
        ),
    ] = None,
    json: options.AsJson = False,
    column: options.Column = None,
    limit: Annotated[
        int | None,
        typer.Option("--limit", metavar="N", min=1, help="Check N articles at most, then end."),
    ] = None,
    retry_failed: Annotated[
        bool,
        typer.Option("--retry-failed", help="Check again what failed in an earlier run, too."),
    ] = False,
    no_claims: Annotated[
        bool, typer.Option("--no-claims", help="Write no claims.parquet, which takes pyarrow.")
    ] = False,
    as_of: options.AsOf = None,
    exclude_source: options.ExcludeSource = None,
    source_publisher: options.SourcePublisher = None,
    language: options.Language = None,
    since: options.Since = None,
    tag: options.Tag = None,
    min_origins: options.MinOrigins = 1,
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
            "--dry-run",
            help="Say what the articles that are left would take, and send nothing: requests, "
            "tokens, cost. With --limit, of so many.",
        ),
    ] = False,
    fail_on: options.FailOn = None,
    concurrency: options.Concurrency = CONCURRENCY,
    api: options.Api = options.ApiName.chat,
    trace: options.Trace = None,
    ray: options.Ray = None,
    quiet: options.Quiet = False,
) -> None:
    """Check many articles against the library.

    Into DIR go reports/, one JSON file an article; claims.parquet, all their claims as one
    table; failed.jsonl, what was not read or not rated, and why; index.html, a page over all
    reports with filters. Interrupted, even by a power cut, the same command goes on: an article
    that is finished with the same library, model and options is not checked again, wherever it
    lies now.

    Examples:

      assay batch archive/ --out reports/

      assay batch 'archive/2026-*/*.html' --out reports/ --format html

      assay batch stories.parquet --column text=body --out reports/

      assay batch archive/ --out reports/ --model openai:gpt-4.1-mini --dry-run --limit 100

      assay batch archive/ --out reports/ --ray auto

      assay batch archive/ --out reports/ --retry-failed

    Exit codes: 0 every claim of every article has a verdict; 2 wrong usage; 3 some articles
    cannot be read, the others are done; 4 library; 5 articles or claims failed; 6 model
    unavailable, or the cluster lost; 7 the budget is spent; 10 --fail-on matched. After 6 and 7,
    and an interruption, the same command goes on.
    """
    from agent.bulk.batch import Batch
    from agent.bulk.claims import need_pyarrow
    from agent.bulk.keeping import Keeping
    from agent.bulk.reading import expected, input_files, read_items
    from agent.bulk.settings import Settings
    from agent.gateway.budget import Limits
    from agent.gateway.prices import named_price, price_of
    from tools.readers import READABLE, is_address

    if out.exists() and not out.is_dir():
        raise UsageError(f"--out {out} is no folder", "Name a folder")
    if batch:
        batches.check_model(model)
    options.check_cluster(ray)
    if not no_claims and not dry_run:
        need_pyarrow()
    columns = options.columns(column)
    how = Settings(
        library=options.library_folder(library, chroma_url),
        model=model,
        base_url=base_url,
        embedder=embedder,
        as_of=as_of,
        since=since,
        exclude=tuple(exclude_source or ()),
        publishers=tuple(source_publisher or ()),
        languages=tuple(language or ()),
        tags=tuple(tag or ()),
        min_origins=min_origins,
        asking=Asking(concurrency, api=api.value, trace=trace),
        limits=Limits(budget_usd, budget_tokens, budget_usd_day, budget_tokens_day),
        price=named_price(price_in, price_out) or price_of(model, prices, base_url=base_url),
        in_batches=batch,
    )
    addresses = list(dict.fromkeys(filter(is_address, inputs)))
    found = input_files([each for each in inputs if each not in addresses], out)
    files: list[Path | str] = [*found.files, *addresses]
    for reason, number in Counter(reason for _, reason in found.left_out).items():
        if reason != "hidden":
            note(f"Left out {count(number, 'file')}: {reason}", quiet=quiet)
    if not files:
        raise InputError("there is no article to check", READABLE)
    tell = partial(note, quiet=quiet)
    fingerprint = how.fingerprint(tell)
    how = replace(how, expected=fingerprint)
    with Keeping(out, [form.value for form in format or ()], reads_only=dry_run) as keeping:
        run = Batch(keeping, fingerprint, retry_failed=retry_failed, limit=limit)
        items = read_items(files, columns, run)
        if dry_run:
            _say_estimate(run, items, how, json, tell)
            return
        try:
            code = _carry_out(run, items, how, expected(files), limit, ray, quiet=quiet)
        except Exception as ended_by:
            # Whatever ended it, what is done shall be found; no fault of that hides this one.
            # What was refused before anything was done, as a cluster that is not there, leaves
            # the folder as it was.
            if not isinstance(ended_by, UsageError) or run.tally.checked or run.tally.unread:
                try:
                    _finish(run, claims=not no_claims, quiet=quiet)
                except AssayError as error:
                    note(f"assay: {error}")
            raise
        _finish(run, claims=not no_claims and not code, quiet=quiet)
    if code:
        later = "" if no_claims else ", and writes claims.parquet"
        note(
            "assay: interrupted. Every report that is there is whole; the same command goes on "
            f"from here{later}."
        )
    if json:
        _print_json(run.tally, out)
    raise typer.Exit(code or _exit_code(run.tally, fail_on or []))


def _carry_out(
    run: Batch,
    items: Iterable[Item | Unread],
    how: Settings,
    total: int,
    limit: int | None,
    ray: str | None,
    *,
    quiet: bool,
) -> int:
    """Checks the articles; returns the exit code of what interrupted it, else 0.

    Raises:
        AssayError: as `agent.bulk.run.check_all`; what has ended is kept.
    """
    from agent.bulk.on_ray import check_on_ray
    from agent.bulk.run import check_all

    spread = partial(check_on_ray, address=ray) if ray else check_all
    check = partial(spread, how=how, on_notice=partial(note, quiet=quiet))
    with (
        _ends_gently() as ended_by,
        model_notes(quiet=quiet),
        batches.in_batches(how.in_batches, how.library, quiet=quiet),
        bar("Checking", total, quiet=quiet) as shown,
    ):
        try:
            run.run(items, check, partial(_show, shown, total, limit))
        except KeyboardInterrupt:
            return ended_by[0] if ended_by else INTERRUPTED
    return 0


def _finish(run: Batch, *, claims: bool, quiet: bool) -> None:
    """Writes what follows from all reports, and says what the run came to."""
    from agent.bulk.batch import write_failures
    from agent.bulk.claims import NAME, write_claims
    from agent.bulk.index import NAME as INDEX
    from agent.bulk.index import write_index

    def tell_damage(path: Path) -> None:
        note(f"{path} is damaged: the same command checks its article again")

    keeping, tally = run.keeping, run.tally
    written = [INDEX, write_failures(keeping).name]
    if claims:
        write_claims(keeping, tell_damage)
        written.append(NAME)
    write_index(keeping)
    if tally.troubled:
        for name, _, fault in islice(keeping.failures(), _TOLD):
            note(f"Failed: {name}: {fault.message}")
    note(_summary(tally), quiet=quiet)
    note(f"Wrote {', '.join(written)} in {keeping.folder}", quiet=quiet)


@contextmanager
def _ends_gently() -> Iterator[list[int]]:
    """Within, SIGTERM ends the run as Ctrl-C does; yields the exit code that it asks for."""
    ended_by: list[int] = []

    def end(*_: object) -> None:
        ended_by.append(TERMINATED)
        if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
            # As a shell sets it for what a script runs in the background.
            raise KeyboardInterrupt
        signal.raise_signal(signal.SIGINT)  # an event loop ends what it has under way first

    before = signal.signal(signal.SIGTERM, end)
    try:
        yield ended_by
    finally:
        signal.signal(signal.SIGTERM, before)


def _show(shown: Bar, total: int, limit: int | None, tally: Tally) -> None:
    """How far it is: rate, time left, verdicts, cost."""
    parts = []
    if limit is not None:
        total = min(total, limit + tally.ended - tally.checked)
    if rate := tally.per_second:
        parts.append(f"{60 * rate:.1f} a minute")
        if 0 < tally.ended < total:
            parts.append(f"{duration((total - tally.ended) / rate)} left")
    verdicts = [f"{GLYPHS[name]}{tally.claims[name]:,}" for name in OUTCOMES if tally.claims[name]]
    parts.append(" ".join(verdicts))
    if tally.requests:
        parts.append(_cost(tally))
    shown.step(tally.ended, max(total, tally.seen), detail=", ".join(filter(None, parts)))


def _cost(tally: Tally) -> str:
    return "unknown cost" if tally.cost_usd is None else f"${tally.cost_usd:.4f}"


def _summary(tally: Tally) -> str:
    text = f"Checked {count(tally.checked, 'article')}"
    others = [
        f"{number:,} {what}"
        for number, what in (
            (tally.skipped, "finished before"),
            (tally.repeated, "met twice"),
            (tally.unread, "not readable"),
            (tally.failed, "failed"),
            (tally.passed_over, "failed before: --retry-failed checks them again"),
        )
        if number
    ]
    text += f" ({', '.join(others)})" if others else ""
    if tally.per_second:
        text += f", {60 * tally.per_second:.1f} a minute"
    if verdicts := [
        f"{tally.claims[name]:,} {WORDS[name].lower()}" for name in OUTCOMES if tally.claims[name]
    ]:
        text += f": {', '.join(verdicts)}"
    if tally.requests:
        text += f"; {tally.requests:,} requests, {tally.tokens:,} tokens, {_cost(tally)}"
    return text


def _say_estimate(
    run: Batch,
    items: Iterable[Item | Unread],
    how: Settings,
    json: bool,
    tell: Callable[[str], None],
) -> None:
    """What a dry run finds, on standard output."""
    from json import dumps

    from agent.bulk.run import estimate_all
    from agent.gateway.estimating import Estimate

    estimates = list(estimate_all(run.wanted(items), how, on_notice=tell))
    total = reduce(add, estimates, Estimate(0, 0, 0, 0, 0, 0.0))
    if json:
        said = {"articles": len(estimates), "skipped": run.tally.skipped, **asdict(total)}
        typer.echo(dumps(said, indent=1))
        return
    finished = f" ({run.tally.skipped:,} finished before)" if run.tally.skipped else ""
    typer.echo(f"{count(len(estimates), 'article')}{finished}. {total}")


def _print_json(tally: Tally, out: Path) -> None:
    from json import dumps

    said: dict[str, Any] = asdict(tally)
    for inner in ("met", "begun", "spent"):
        del said[inner]
    typer.echo(dumps({"out": str(out), "checked": tally.checked, **said}, indent=1))


def _exit_code(tally: Tally, fail_on: list[FailingVerdict]) -> int:
    if tally.spent:
        return BUDGET
    if tally.partial or tally.failed or tally.passed_over:
        return FAILED
    if tally.unread:
        return UNREAD
    return MATCHED if any(verdict.value in tally.met for verdict in fail_on) else 0
