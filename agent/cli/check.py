"""`assay check`: the main job."""

from __future__ import annotations

import sys
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from agent.cli import options
from agent.cli.options import FailOn, FormatName
from agent.cli.screen import check_progress, color_wanted, note
from agent.errors import UsageError
from agent.report import render, write_atomically

if TYPE_CHECKING:
    from agent.types import Document, Report

FAILED, MATCHED = 5, 10
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
    article: Annotated[
        str,
        typer.Argument(
            metavar="ARTICLE",
            help="Text, Markdown, HTML, PDF, DOCX, EPUB or e-mail file; a web address; `-` for "
            "standard input.",
        ),
    ],
    library: options.Library = None,
    model: options.Model = "embedded",
    base_url: options.BaseUrl = None,
    format: Annotated[  # noqa: A002 - the option's name
        list[FormatName] | None,
        typer.Option(
            "--format",
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
            metavar="PATH",
            help="Write the report there; with several formats each takes its own suffix.",
        ),
    ] = None,
    as_of: Annotated[
        str | None,
        typer.Option("--as-of", metavar="DATE", help="Leave out sources published after this day."),
    ] = None,
    exclude_source: Annotated[
        list[str] | None,
        typer.Option("--exclude-source", metavar="ID", help="Leave out a source; repeatable."),
    ] = None,
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
            "--cassette", metavar="FILE", help="Cassette of the model's answers over HTTP."
        ),
    ] = None,
    record: Annotated[bool, typer.Option("--record", help="Record into --cassette.")] = False,
    replay: Annotated[
        bool, typer.Option("--replay", help="Answer from --cassette, without network.")
    ] = False,
    fail_on: Annotated[
        list[FailOn] | None,
        typer.Option("--fail-on", help="Exit with 10 if a claim has this verdict; repeatable."),
    ] = None,
    quiet: options.Quiet = False,
) -> None:
    """Check an article against the library and report a verdict for each of its claims.

    Examples:

      assay check article.md

      assay check article.pdf --format html --out report.html

      pbpaste | assay check - --model openai:gpt-5 --json > report.json

    Exit codes: 0 every claim has a verdict; 2 wrong usage; 3 unreadable input; 4 library; 5
    claims failed (the same command resumes); 6 model unavailable; 10 --fail-on matched.
    """
    formats = _formats(format, json, out)
    check_out(out)
    if (record or replay) != (cassette is not None) or (record and replay):
        raise UsageError(
            "--cassette FILE goes with either --record or --replay",
            "For example: --cassette report.cassette.json --record",
        )
    if cassette and (model == "embedded" or model.startswith("scripted:")):
        raise UsageError(
            f"the model {model!r} sends nothing that a cassette could record",
            "Leave out --cassette, or name a model behind HTTP such as openai:MODEL",
        )
    document = _read(article)
    from agent.check import FactChecker

    checker = FactChecker(
        options.library_folder(library),
        model,
        base_url=base_url,
        as_of=as_of,
        exclude=exclude_source or (),
        # What the journal answers would never reach the cassette.
        journal=cassette is None,
        on_notice=lambda text: note(text, quiet=quiet),
    )
    unplayed: list[str] = []
    with ExitStack() as closing:
        tell = closing.enter_context(check_progress(quiet=quiet))
        tape = None
        if cassette:
            from agent.gateway.cassette import recording

            tape = closing.enter_context(recording(cassette, "record" if record else "replay"))
        report = checker.check(
            document,
            title=title,
            author=author,
            publisher=publisher,
            url=url,
            published_at=date,
            on_progress=tell,
        )
        unplayed = tape.unplayed if tape else []
    if unplayed:
        note(f"{len(unplayed)} recorded answers of {cassette} were not asked for", quiet=quiet)
    write_report(report, formats, out, quiet=quiet)
    raise typer.Exit(_exit_code(report, fail_on or []))


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


def _exit_code(report: Report, fail_on: list[FailOn]) -> int:
    if report.summary.failed:
        return FAILED
    if any(getattr(report.summary, verdict.value) for verdict in fail_on):
        return MATCHED
    return 0


def _width() -> int:
    import shutil

    return min(shutil.get_terminal_size((88, 24)).columns, 100)
