"""`assay demo`: the main job on the example that ships with the project."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from agent.cli import options
from agent.cli.check import write_report
from agent.cli.options import FormatName
from agent.cli.screen import check_progress, note
from agent.errors import UsageError

ARTICLE = "harbour-line.md"


def demo(
    out: Annotated[
        Path, typer.Option("--out", metavar="DIR", help="Folder for the library and the report.")
    ] = Path("demo"),
    embedder: options.Embedder = None,
    quiet: options.Quiet = False,
) -> None:
    """Check the example article against the example library; offline, but for --embedder.

    The example is fiction: nine sources of invented outlets, some of them copies, outdated
    or altered, and an article with claims of every verdict.

    Example:

      assay demo
    """
    from agent.check import FactChecker
    from tools.library import Library
    from tools.models.embedder import embedder_named
    from tools.readers import read_file, source_files

    example = Path(str(_example()))
    try:
        out.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise UsageError(
            f"the folder {out} cannot be made: {error.strerror}", "Name another with --out"
        ) from error
    library, vectors = out / "library", embedder_named(embedder)
    article = example / "articles" / ARTICLE
    with Library.open(library, vectors, create=True) as opened:
        files = source_files([example / "sources"]).files
        added = sum(opened.add(read_file(path), path=path.name).added for path in files)
    note(
        f"The example library has {len(files)} sources"
        + (f"; {added} were added now." if added else "; all were there already."),
        quiet=quiet,
    )
    checker = FactChecker(library, embedder=vectors, on_notice=lambda text: note(text, quiet=quiet))
    with check_progress(quiet=quiet) as tell:
        report = checker.check(article, on_progress=tell)
    write_report(report, [FormatName.terminal], None, quiet=quiet)
    page = out / "report.html"
    write_report(report, [FormatName.html], page, quiet=True)
    typer.echo(f"\nThe same as a page: {page}  (open it in a browser)")
    typer.echo(f"Check a text of yours: assay check FILE --library {library}")


def _example() -> object:
    from importlib.resources import files

    return files("evals") / "example"
