"""`assay chat`: a conversation over the library."""

from __future__ import annotations

import io
import sys
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from agent.cli import options
from agent.cli.ask import step, to_text
from agent.cli.screen import note
from agent.errors import ClaimFailed, UsageError

if TYPE_CHECKING:
    from agent.chat.conversations import Conversation, Conversations
    from agent.chat.turns import Chat
    from agent.types import Report


_END = frozenset({"quit", "exit", "/quit", "/exit", "/q"})
_HELP = frozenset({"help", "/help"})


class ExportFormat(StrEnum):
    """How a conversation is written out."""

    markdown = "markdown"
    json = "json"


def chat(
    library: options.Library = None,
    chroma_url: options.ChromaUrl = None,
    model: options.Model = "embedded",
    base_url: options.BaseUrl = None,
    min_origins: options.MinOrigins = 1,
    report: Annotated[
        str | None,
        typer.Option(
            "--report",
            metavar="FILE|ID",
            help="A report to ask about: its JSON file, or the id of a check of the service.",
        ),
    ] = None,
    resume: Annotated[
        str | None, typer.Option("--resume", metavar="ID", help="Go on with a conversation.")
    ] = None,
    listing: Annotated[
        bool, typer.Option("--list", help="List the conversations of the library, and end.")
    ] = False,
    export: Annotated[
        str | None, typer.Option("--export", metavar="ID", help="Print a conversation, and end.")
    ] = None,
    format_: Annotated[
        ExportFormat, typer.Option("--format", help="With --export.")
    ] = ExportFormat.markdown,
    delete: Annotated[
        str | None, typer.Option("--delete", metavar="ID", help="Delete a conversation, and end.")
    ] = None,
    embedder: options.Embedder = None,
    quiet: options.Quiet = False,
) -> None:
    """Ask the library one question after another; `quit` or an empty line ends.

    Answers are as of `assay ask`. With a language model a question may rest on those before it;
    without one each stands alone. The conversation is kept with the library, as plain JSON.

    Examples:

      assay chat

      assay chat --model openai:gpt-5.5 --report report.json

      assay chat --list

      assay chat --export d-0123456789abcdef01234567 > conversation.md
    """
    from agent.chat.conversations import Conversations

    folder = options.library_folder(library, chroma_url)
    kept = Conversations(folder)
    if sum(map(bool, (resume, listing, export, delete))) > 1:
        raise UsageError(
            "--resume, --list, --export and --delete exclude one another", "Give one of them"
        )
    if listing:
        _list(kept)
    elif export:
        _export(kept.get(export), format_)
    elif delete:
        kept.delete(delete)
        note("Deleted.", quiet=quiet)
    else:
        from agent.chat.reports import RUN_ID, named_report
        from agent.chat.turns import Chat
        from tools.library import Library
        from tools.models.embedder import embedder_named

        vectors = embedder_named(embedder)

        def opened() -> Library:
            return Library.open(folder, vectors, on_notice=lambda text: note(text, quiet=quiet))

        opened().close()  # a library that is not there is told now, not after a question
        conversation = kept.get(resume) if resume else kept.start()
        if report:
            named = report if RUN_ID.fullmatch(report) else str(Path(report).expanduser().resolve())
            conversation = conversation.model_copy(update={"report": named})
        about = named_report(folder, conversation.report) if conversation.report else None
        asked = Chat(folder, opened, model=model, base_url=base_url, min_origins=min_origins)
        _converse(asked, kept, conversation, about, quiet=quiet)


def _converse(
    chat: Chat,
    kept: Conversations,
    conversation: Conversation,
    report: Report | None,
    *,
    quiet: bool,
) -> None:
    """Questions from standard input until it ends. What fails one question ends no conversation."""
    import asyncio

    if isinstance(sys.stdin, io.TextIOWrapper):
        sys.stdin.reconfigure(encoding="utf-8", errors="replace")
    if sys.stdin.isatty():
        note("Ask the library; `quit` or an empty line ends.", quiet=quiet)
    while True:
        if sys.stdin.isatty():
            print("\n> ", end="", file=sys.stderr, flush=True)  # noqa: T201
        line = sys.stdin.readline()
        question = line.strip()
        if not question:
            if line and not sys.stdin.isatty():
                continue  # a blank line in a file is no end of it
            break
        if question.casefold() in _END:
            break
        if question.casefold() in _HELP:
            note("Ask in full sentences, in English. `quit` or an empty line ends.", quiet=False)
            continue
        try:
            answer = asyncio.run(
                chat.answer(
                    question,
                    history=conversation.turns,
                    report=report,
                    tell=lambda event: step(event, quiet=quiet),
                )
            )
            conversation = kept.add(conversation, answer.question, answer)
        except (UsageError, ClaimFailed) as error:
            note(f"assay: {error}", quiet=False)
            continue
        if not sys.stdin.isatty():
            print(f"> {_shown(question)}")  # noqa: T201
        print(to_text(answer), flush=True)  # noqa: T201
    if conversation.turns:
        note(f"Kept. Go on with: assay chat --resume {conversation.id}", quiet=quiet)


def _list(kept: Conversations) -> None:
    lines = kept.all()
    for line in lines:
        day = line.updated_at[:16].replace("T", " ")
        asked = f"{line.turns} question{'s' * (line.turns != 1)}"
        print(_shown(f"{line.id}  {day}  {asked}  {line.title}"))  # noqa: T201
    if not lines:
        note("There are no conversations.")


def _export(conversation: Conversation, format_: ExportFormat) -> None:
    from agent.chat.conversations import to_markdown

    if format_ is ExportFormat.markdown:
        sys.stdout.write(to_markdown(conversation))
    else:
        sys.stdout.write(conversation.model_dump_json(indent=2) + "\n")


def _shown(text: str) -> str:
    """One line that cannot steer a terminal."""
    from agent.report.wording import one_line

    return one_line(text)
