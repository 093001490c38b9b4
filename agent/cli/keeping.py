"""`assay sources` for a library as a whole: it is opened, checked, moved, copied and shared."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from agent.cli import options
from agent.cli.codes import LIBRARY
from agent.cli.screen import bar, note
from agent.errors import InputError, UsageError
from agent.report.wording import count

if TYPE_CHECKING:
    from tools.library import Library

NONE = "none"
"""For `opened_library`: nothing will be embedded."""


def opened_library(
    library: Path | None,
    embedder: str | None = NONE,
    *,
    chroma_url: str | None = None,
    quiet: bool = False,
    **how: bool,
) -> Library:
    from tools.library import Library
    from tools.models.embedder import embedder_named

    return Library.open(
        options.library_folder(library, chroma_url),
        None if embedder == NONE else embedder_named(embedder),
        on_notice=lambda text: note(text, quiet=quiet),
        **how,
    )


def verify(library: options.Library = None, chroma_url: options.ChromaUrl = None) -> None:
    """Check every text, passage and vector of the library, and every entry of its search index.

    A search index that is not what it should be is rebuilt; the sources are only looked at.

    Example:

      assay sources verify
    """
    with opened_library(library, chroma_url=chroma_url) as opened:
        problems, state = opened.verify(), opened.state()
    for problem in problems:
        note(problem)
    if problems:
        if opened.is_snapshot:
            note("Copy the snapshot again, or make another: `assay sources snapshot FOLDER`.")
        else:
            note("Run `assay sources rebuild`; sources it cannot mend must be added again.")
        raise typer.Exit(LIBRARY)
    note(f"All is well: {count(state.sources, 'source')}, {count(state.passages, 'passage')}.")


def rebuild(
    library: options.Library = None,
    chroma_url: options.ChromaUrl = None,
    embedder: options.Embedder = None,
    quiet: options.Quiet = False,
) -> None:
    """Make passages, vectors, origins and the search index anew from the stored texts.

    Example:

      assay sources rebuild
    """
    with opened_library(
        library, embedder, chroma_url=chroma_url, quiet=quiet, rebuild=True
    ) as opened:
        state = opened.state()
    note(
        f"Rebuilt {count(state.passages, 'passage')} of {count(state.sources, 'source')}.",
        quiet=quiet,
    )


def export(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="To write; must not be there yet.")],
    library: options.Library = None,
    quiet: options.Quiet = False,
) -> None:
    """Write the whole library into one file, to move it or to keep it as a backup.

    Other processes may read the library meanwhile.

    Example:

      assay sources export library-2026-03.assay
    """
    with opened_library(library, quiet=quiet) as opened:
        opened.export(file)
        state = opened.state()
    note(
        f"Exported {count(state.sources, 'source')} in {count(state.passages, 'passage')}, "
        f"{file.stat().st_size:,} bytes.",
        quiet=quiet,
    )


def snapshot(
    folder: Annotated[
        Path, typer.Argument(metavar="FOLDER", help="To make; must not be there yet.")
    ],
    library: options.Library = None,
    quiet: options.Quiet = False,
) -> None:
    """Write the library with its search index into a folder that is only read.

    Copy the folder, or put it on shared storage: any number of processes open it with --library,
    also where nobody may write.

    Example:

      assay sources snapshot newsroom-2026-03

      assay check article.md --library newsroom-2026-03
    """
    with opened_library(library, quiet=quiet) as opened:
        opened.snapshot(folder)
        state = opened.state()
    size = sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())
    note(
        f"Made a snapshot of {count(state.sources, 'source')} in "
        f"{count(state.passages, 'passage')}, {size:,} bytes.",
        quiet=quiet,
    )


def import_(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="That `sources export` wrote.")],
    library: options.Library = None,
    replace: Annotated[
        bool,
        typer.Option(
            "--replace", help="Replace the library that is there; its database is kept beside."
        ),
    ] = False,
    quiet: options.Quiet = False,
) -> None:
    """Make the library from an exported file, once all that it holds was checked.

    Example:

      assay sources import library-2026-03.assay --library newsroom
    """
    from tools.library.address import server_of
    from tools.library.moving import import_library

    folder = options.library_folder(library)
    if server_of(folder):
        raise UsageError(
            "a file is imported into a folder, and this library is on a server",
            "Import it into a folder, and bring it there with: assay sources push ADDRESS",
        )
    state = import_library(
        file, folder, replace=replace, on_notice=lambda text: note(text, quiet=quiet)
    )
    note(
        f"Imported {count(state.sources, 'source')} in {count(state.passages, 'passage')}. "
        "The search index is built when it is first needed.",
        quiet=quiet,
    )


def push(
    server: Annotated[
        str, typer.Argument(metavar="ADDRESS", help="Of the library on a server: `postgresql://…`")
    ],
    library: options.Library = None,
    chroma_url: options.ChromaUrl = None,
    quiet: options.Quiet = False,
) -> None:
    """Bring all sources of the library in a folder into one on a server, with their vectors.

    What is there already stays, and gets tags and appearances that it lacks. It may be
    interrupted, and run again. A library is made where the database has none.

    Example:

      assay sources push postgresql://ada@db.example/newsroom --library newsroom/
    """
    place = _server(server, chroma_url)
    with opened_library(library, quiet=quiet) as mine:
        _merge(mine, place, quiet=quiet)


def pull(
    server: Annotated[
        str, typer.Argument(metavar="ADDRESS", help="Of the library on a server: `postgresql://…`")
    ],
    library: options.Library = None,
    quiet: options.Quiet = False,
) -> None:
    """Bring all sources of a library on a server into the one in a folder, with their vectors.

    As `push`, the other way: to work without the server, or as a backup.

    Example:

      assay sources pull postgresql://ada@db.example/newsroom --library newsroom/
    """
    from tools.library import Library

    place = _server(server)
    with Library.open(place, None, on_notice=partial(note, quiet=quiet)) as theirs:
        _merge(theirs, options.library_folder(library), quiet=quiet)


def _server(address: str, chroma_url: str | None = None) -> Path:
    from tools.library.address import is_address, local_folder

    if not is_address(address):
        local_folder(address)  # refuses other addresses, without their passwords
        raise UsageError(
            f"{address} is not the address of a library on a server",
            "Write postgresql://USER@HOST/NAME",
        )
    return local_folder(address, chroma_url)


def _merge(given: Library, place: Path, *, quiet: bool) -> None:
    from tools.library import Library
    from tools.models.embedder import StoredVectors

    vectors = StoredVectors(given.embedder.id, given.embedder.dimension)
    with (
        Library.open(place, vectors, create=True, on_notice=partial(note, quiet=quiet)) as into,
        bar("Bringing sources", None, quiet=quiet) as shown,
    ):
        merged = into.merge(given, on_progress=shown.step)
    note(
        f"{count(merged.added, 'source')} in {count(merged.passages, 'passage')} added to "
        f"{into.place}; {merged.known:,} there already.",
        quiet=quiet,
    )
    if merged.left_out:
        raise InputError(
            f"{count(len(merged.left_out), 'source')} with NUL characters left out, which "
            f"PostgreSQL does not take: {', '.join(merged.left_out[:5])}",
            "Take them out of the texts and add these again",
        )
