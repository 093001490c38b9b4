"""`assay sources`: the library."""

from __future__ import annotations

import json as jsonlib
import sys
from contextlib import ExitStack
from contextlib import closing as closes
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from agent.cli import keeping, options
from agent.cli.adding import Adding
from agent.cli.codes import UNREAD
from agent.cli.keeping import opened_library
from agent.cli.rereading import how
from agent.cli.screen import bar, note
from agent.errors import InputError, UsageError
from agent.report.wording import KINSHIPS, count, one_line

if TYPE_CHECKING:
    from agent.bulk.preparing import Text
    from agent.types import Document, Source
    from tools.library import Library

app = typer.Typer(
    help="The library of sources: add, list, show, remove, trust, verify, rebuild, export, import, "
    "snapshot, push, pull.",
    no_args_is_help=True,
    rich_markup_mode=None,
)


class ReputationName(StrEnum):
    """What the user makes of a publisher, as `agent.types.Reputation`."""

    trusted = "trusted"
    neutral = "neutral"
    distrusted = "distrusted"


@app.command("add")
def add(
    paths: Annotated[
        list[str],
        typer.Argument(
            metavar="PATH…",
            help="Files, folders of them, or web addresses. Read are text, Markdown, HTML, PDF, "
            "DOCX, EPUB, e-mail, JSON Lines, CSV, RSS and Atom feeds, WARC.",
        ),
    ],
    library: options.Library = None,
    chroma_url: options.ChromaUrl = None,
    title: Annotated[str | None, typer.Option(help="For all that is added: the title.")] = None,
    author: Annotated[str | None, typer.Option(help="… the author.")] = None,
    publisher: Annotated[str | None, typer.Option(help="… the publisher.")] = None,
    url: Annotated[
        str | None, typer.Option(help="For one text: its address; it is not fetched.")
    ] = None,
    date: Annotated[
        str | None, typer.Option("--date", metavar="DATE", help="… the day of publication.")
    ] = None,
    column: options.Column = None,
    tag: Annotated[
        list[str] | None,
        typer.Option("--tag", metavar="TAG", help="… what to file it under; repeatable."),
    ] = None,
    embedder: options.Embedder = None,
    ray: options.Ray = None,
    json: options.AsJson = False,
    quiet: options.Quiet = False,
) -> None:
    """Add sources to the library; makes the library if there is none.

    Title, author, publisher, date and address are read from the file; options win over it.
    A text that is in the library already is not added again, so the same command goes on where
    it was stopped; with --tag it gets that tag. Another publisher, date or address of it is kept.
    Files that are as they were when they were added are not read again. A source of the same
    address as another and of a newer date supersedes it. Other commands can read the library
    between two batches. Tables, feeds, web archives and mails with attachments give a source for
    each text that they hold.

    Examples:

      assay sources add reports/

      assay sources add interview.txt --publisher "The Ledger" --date 2026-03-31

      assay sources add budget-2026/ --tag budget

      assay sources add stories.csv --column text=Copy --column date=Day

      assay sources add https://example.org/annual-report.pdf

      assay sources add reports/ --embedder openai:text-embedding-3-small

      assay sources add archive/ stories.jsonl --ray auto
    """
    from agent.bulk.preparing import prepare_all
    from tools.readers import READABLE, Refused, describe, is_address, read_documents, source_files

    options.check_cluster(ray)
    if ray and url:
        raise _one_address("--ray is for many")
    columns = options.columns(column)
    addresses = list(dict.fromkeys(filter(is_address, paths)))
    found = source_files([path for path in paths if path not in addresses])
    inputs: list[Path | str] = [*found.files, *addresses]
    unknown = [(path, reason) for path, reason in found.left_out if reason != "hidden"]
    for path, reason in unknown[:10]:
        note(f"Left out {path}: {reason}", quiet=quiet)
    if len(unknown) > 10:
        note(f"Left out {len(unknown) - 10} more files", quiet=quiet)
    if not inputs:
        raise InputError("there is no file to add", READABLE)
    if url and len(inputs) > 1:
        raise _one_address(f"{count(len(inputs), 'file')} were given")
    said = {
        "title": title, "author": author, "publisher": publisher, "url": url, "published_at": date
    }  # fmt: skip
    tags = _tags(tag or [])
    with ExitStack() as closing, bar("Adding", len(inputs), quiet=quiet) as shown:

        def opened() -> Library:
            return closing.enter_context(
                opened_library(
                    library,
                    embedder,
                    chroma_url=chroma_url,
                    quiet=quiet,
                    create=True,
                    gives_way=True,
                )
            )

        adding = Adding(
            opened,
            shown,
            len(inputs),
            how=how(said, columns),
            there=_is_there(options.library_folder(library)),
            tags=tags,
            quiet=quiet,
        )
        left = (each for each in inputs if not _is_done(adding, each))
        if ray:
            prepared = prepare_all(left, columns=columns, said=said, embedder=embedder, address=ray)
            for origin, texts, last in closing.enter_context(closes(prepared)):
                adding.go_on(origin)
                for text in texts:
                    _take(adding, text, origin)
                if last:
                    adding.file_done()
        else:
            for each in left:
                try:
                    items = read_documents(each, columns)
                    if url and (several := list(items)):
                        if sum(not isinstance(item, Refused) for item in several) > 1:
                            raise _one_address(f"{each} holds more than one text")
                        items = iter(several)
                    for item in items:
                        described = item if isinstance(item, Refused) else describe(item, **said)
                        _take(adding, described, each)
                except InputError as error:
                    adding.refuse(each, error)
                adding.file_done()
        adding.tell()
        total = adding.state()
    if json:
        _print_json(
            {
                "added": adding.added,
                "already_there": adding.present,
                "appeared": adding.appeared,
                "completed": adding.completed,
                "unchanged_files": adding.unchanged,
                "refused": adding.refused,
                "superseded": adding.superseded,
                "disputed": adding.disputed,
                "warnings": adding.warnings,
            }
        )
    already = f", {len(adding.present)} already there" if adding.present else ""
    if adding.unchanged:
        already += f" ({count(adding.unchanged, 'file')} unchanged)"
    wrong = f", {len(adding.refused)} not readable" if adding.refused else ""
    holds = (
        f" The library holds {count(total.sources, 'source')} in "
        f"{count(total.passages, 'passage')}."
        if total
        else ""
    )
    note(f"Added {count(len(adding.added), 'source')}{already}{wrong}.{holds}", quiet=quiet or json)
    if adding.refused:
        raise typer.Exit(UNREAD)


@app.command("list")
def list_(
    library: options.Library = None,
    publisher: Annotated[
        list[str] | None,
        typer.Option("--publisher", metavar="NAME", help="Only of this publisher; repeatable."),
    ] = None,
    language: Annotated[
        list[str] | None,
        typer.Option("--language", metavar="CODE", help="Only in this language; repeatable."),
    ] = None,
    tag: Annotated[
        list[str] | None,
        typer.Option("--tag", metavar="TAG", help="Only with this tag; repeatable."),
    ] = None,
    json: options.AsJson = False,
) -> None:
    """List the sources, oldest addition first.

    Examples:

      assay sources list --json

      assay sources list --publisher "The Ledger" --tag budget
    """
    from agent.selection import Selection

    wanted = Selection(
        publishers=tuple(publisher or ()), languages=tuple(language or ()), tags=tuple(tag or ())
    )
    with opened_library(library) as opened:
        counts = opened.passage_counts()
        held = opened.sources()
        sources = [source for source in held if wanted.wants(source)]
    if json:
        _print_json({"sources": [_record(source, counts[source.id]) for source in sources]})
        return
    if held and not sources:
        note(f"None of the {count(len(held), 'source')} is such a one.")
        return
    if not sources:
        note("The library is empty. Add sources: assay sources add PATH")
        return
    from tools.library.titles import called

    for source in sources:
        facts = [source.publisher, source.published_at, count(counts[source.id], "passage")]
        if source.origin != source.id:
            how = KINSHIPS[source.origin_reason or "copy"]
            facts.append(f"same origin as {source.origin} ({how})")
        if source.superseded_by:
            facts.append(f"superseded by {source.superseded_by}")
        facts += [f"#{tag}" for tag in source.tags]
        print(  # noqa: T201
            one_line(f"{source.id}  {called(source) or '(no title)'}"),
            one_line("  " + ", ".join(fact for fact in facts if fact)),
            sep="\n",
        )


@app.command("show")
def show(
    id: Annotated[  # noqa: A002 - the argument's name in help
        str, typer.Argument(metavar="ID", help="Id of a source, or its beginning.")
    ],
    library: options.Library = None,
    json: options.AsJson = False,
) -> None:
    """Show a source with its text.

    Example:

      assay sources show s-54e0b124
    """
    with opened_library(library) as opened:
        source = opened.source(id)
        passages = len(opened.passages(source.id))
        provenance = opened.provenance(source.id)
        appearances = opened.appearances(source.id)
    record = _record(source, passages)
    if json:
        also = {"appearances": [appearance._asdict() for appearance in appearances]}
        _print_json({**record, **also, "text": source.text})
        return
    for name, value in (record | provenance._asdict()).items():
        if value is not None and value != []:
            print(one_line(f"{name}: {_shown(value)}"))  # noqa: T201
    for each in appearances:
        facts = (each.publisher, each.published_at, each.url, each.title, each.path)
        print(one_line(f"appeared also: {', '.join(filter(None, facts))}"))  # noqa: T201
    for warning in source.warnings:
        print(one_line(f"warning: {warning.message}"))  # noqa: T201
    print()  # noqa: T201
    for line in source.text.split("\n"):
        print(one_line(line))  # noqa: T201


@app.command("remove")
def remove(
    ids: Annotated[list[str], typer.Argument(metavar="ID…", help="Ids, or their beginnings.")],
    library: options.Library = None,
    quiet: options.Quiet = False,
) -> None:
    """Remove sources from the library.

    Example:

      assay sources remove s-54e0b124
    """
    from tools.library.titles import called

    with opened_library(library, write=True, quiet=quiet) as opened:
        # All or nothing: a wrong id must not leave half of the work done.
        wanted = list({source.id: source for source in map(opened.source, ids)}.values())
        for source in wanted:
            opened.remove(source.id)
            note(f"Removed {source.id} {called(source) or ''}", quiet=quiet)


@app.command("trust")
def trust(
    name: Annotated[
        str | None,
        typer.Argument(
            metavar="PUBLISHER", help="A publisher, or its site, such as `press.example`."
        ),
    ] = None,
    reputation: Annotated[
        ReputationName | None,
        typer.Argument(metavar="trusted|neutral|distrusted", help="What you make of it."),
    ] = None,
    library: options.Library = None,
    json: options.AsJson = False,
    quiet: options.Quiet = False,
) -> None:
    """Mark a publisher as trusted, neutral or distrusted; without arguments, list the marks.

    What a distrusted publisher says is shown and not counted, on either side of a claim; the
    report says how the verdict would change. Trust outweighs nothing: the report says what
    trusted sources alone would decide. Name the site, too: anybody can claim a publisher's name.

    Examples:

      assay sources trust "The Daily Buzz" distrusted

      assay sources trust buzz.example distrusted

      assay sources trust
    """
    if (name is None) != (reputation is None):
        raise UsageError(
            "a publisher and its reputation go together",
            'Give both: assay sources trust "The Ledger" trusted',
        )
    if name is not None and reputation is not None:
        with opened_library(library, write=True, quiet=quiet) as opened:
            found = opened.set_reputation(name, reputation.value)
        note(f"{one_line(found)} is {reputation.value} now.", quiet=quiet)
        return
    with opened_library(library) as opened:
        marks = opened.reputations()
    if json:
        _print_json({"reputations": marks})
    elif not marks:
        note("All publishers are neutral.")
    else:
        for publisher, marked in marks.items():
            print(one_line(f"{marked}  {publisher}"))  # noqa: T201


app.command("verify")(keeping.verify)
app.command("rebuild")(keeping.rebuild)
app.command("export")(keeping.export)
app.command("snapshot")(keeping.snapshot)
app.command("import")(keeping.import_)
app.command("push")(keeping.push)
app.command("pull")(keeping.pull)


def _is_there(folder: Path) -> bool:
    """Whether there may be sources in a library already."""
    from tools.library.address import server_of

    return server_of(folder) is not None or (folder / "library.sqlite").exists()


def _is_done(adding: Adding, given: Path | str) -> bool:
    """Whether a file was added before as it is now."""
    unchanged = isinstance(given, Path) and adding.is_unchanged(given)
    if unchanged:
        adding.file_done()
    return unchanged


def _take(adding: Adding, text: Text | Document, origin: Path | str) -> None:
    """One text of a file or an address, or why it gives none."""
    from tools.readers import Refused

    if isinstance(text, Refused) and text.minor:
        adding.leave_out(text)
    elif isinstance(text, Refused | InputError):
        adding.refuse(origin, text)
    elif isinstance(text, tuple):
        adding.take(text[0], origin, text[1])
    else:
        adding.take(text, origin)


def _one_address(what: str) -> UsageError:
    return UsageError(
        f"--url is the address of one text, and {what}",
        "Add them one by one, or let the files name their addresses",
    )


def _record(source: Source, passages: int) -> dict[str, Any]:
    return {
        "id": source.id,
        "title": source.title,
        "publisher": source.publisher,
        "author": source.author,
        "url": source.url,
        "published_at": source.published_at,
        "language": source.language,
        "passages": passages,
        "origin": source.origin,
        "added_at": source.added_at,
        "tags": source.tags,
        "superseded_by": source.superseded_by,
        "origin_reason": source.origin_reason,
    }


def _shown(value: Any) -> str:
    return ", ".join(value) if isinstance(value, list) else str(value)


def _tags(given: list[str]) -> tuple[str, ...]:
    tags = tuple(" ".join(one_line(tag).split()) for tag in given)
    if not all(tags):
        raise UsageError("--tag is empty", 'Give a word or a few: --tag "city budget"')
    return tags


def _print_json(data: dict[str, Any]) -> None:
    sys.stdout.write(jsonlib.dumps(data, indent=2, ensure_ascii=False) + "\n")
