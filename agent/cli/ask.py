"""`assay ask`: one question over the library."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from agent.cli import options
from agent.cli.screen import note
from agent.errors import UsageError

if TYPE_CHECKING:
    from agent.ask import Answer, Citation
    from agent.chat.turns import Event


def ask(
    question: Annotated[
        str, typer.Argument(metavar="QUESTION", help="In English and in quotation marks.")
    ],
    library: options.Library = None,
    chroma_url: options.ChromaUrl = None,
    model: options.Model = "embedded",
    base_url: options.BaseUrl = None,
    report: Annotated[
        str | None,
        typer.Option(
            "--report",
            metavar="FILE|ID",
            help="A report to ask about: its JSON file, or the id of a check of the service.",
        ),
    ] = None,
    json: options.AsJson = False,
    out: Annotated[
        Path | None,
        typer.Option("--out", envvar="ASSAY_OUT", metavar="PATH", help="Write the answer there."),
    ] = None,
    as_of: options.AsOf = None,
    exclude_source: options.ExcludeSource = None,
    source_publisher: options.SourcePublisher = None,
    language: options.Language = None,
    since: options.Since = None,
    tag: options.Tag = None,
    min_origins: options.MinOrigins = 1,
    embedder: options.Embedder = None,
    quiet: options.Quiet = False,
) -> None:
    """Ask the library a question; the answer has its sources beside it.

    Without a language model, sentences that answer are found and quoted, nothing is reasoned or
    written. A question such as "Is it true that …?" also gets a verdict. Where no sentence
    comes near, the answer is that the library does not say.

    A model named with --model searches and reads by itself, and writes the answer; each sentence
    is held to the passages that it cites, and shown with what came of it.

    Examples:

      assay ask "How much did the new bridge cost?"

      assay ask "Is it true that the bridge was opened in 2024?" --json

      assay ask "Why is claim 7 conflicting?" --report report.json

      assay ask "What was decided?" --tag council --since 2026-01-01

    Exit codes: 0 answered, or not said; 2 wrong usage; 3 report; 4 library; 5 and 6 model.
    """
    from agent.cli.check import check_out

    check_out(out)
    from agent.selection import Selection

    selection = Selection(
        as_of=as_of,
        since=since,
        exclude=tuple(exclude_source or ()),
        publishers=tuple(source_publisher or ()),
        languages=tuple(language or ()),
        tags=tuple(tag or ()),
        min_origins=min_origins,
    )
    if report and selection.options:
        raise UsageError(
            "a report has its own sources", f"Leave out {' and '.join(selection.options)}"
        )
    from tools.library import Library
    from tools.models.embedder import embedder_named

    folder, vectors = options.library_folder(library, chroma_url), embedder_named(embedder)

    def opened() -> Library:
        return Library.open(folder, vectors, on_notice=lambda text: note(text, quiet=quiet))

    import asyncio

    from agent.chat.reports import named_report
    from agent.chat.turns import Chat

    chat = Chat(folder, opened, model=model, base_url=base_url, min_origins=min_origins)
    about = named_report(folder, report) if report else None
    answer = asyncio.run(
        chat.answer(
            question,
            report=about,
            selection=selection,
            tell=lambda event: step(event, quiet=quiet),
        )
    )
    shown = answer.model_dump_json(indent=2) + "\n" if json else to_text(answer)
    if out is None:
        sys.stdout.write(shown)
        sys.stdout.flush()
        return
    from agent.report import write_atomically

    write_atomically(out, shown)
    note(f"Wrote {out}", quiet=quiet)


def step(event: Event, *, quiet: bool) -> None:
    """Tells a step that a language model takes."""
    if event.event == "step":
        arguments = ", ".join(str(v) for v in event.data["arguments"].values() if v is not None)
        note(f"· {event.data['tool'].replace('_', ' ')}: {arguments[:100]}", quiet=quiet)


def to_text(answer: Answer) -> str:
    """An answer for people; nothing in it can steer a terminal."""
    from agent.chat.conversations import MARKS
    from agent.report.wording import GLYPHS, WORDS, confidence, one_line

    lines = []
    if answer.verdict and answer.confidence is not None:
        lines.append(
            f"{GLYPHS[answer.verdict]} {WORDS[answer.verdict]}, {confidence(answer.confidence)}: "
            f"{one_line(answer.statement or '')}"
        )
    if answer.status == "not_said":
        why = one_line(answer.explanation)
        lines.append(f"{answer.text} {why}".strip() if not answer.sentences else why)
    elif answer.explanation:
        lines.append(one_line(answer.explanation))
    if answer.disagreement:
        lines.append("The sources do not agree.")
    for sentence in answer.sentences:
        numbers = "".join(f" [{number}]" for number in sentence.citations)
        mark = f" ({MARKS[sentence.status]})" if sentence.status in MARKS else ""
        lines.append(f"{one_line(sentence.text)}{numbers}{mark}")
    for number, citation in enumerate(answer.citations, 1):
        stance = f" {citation.stance}:" if citation.stance in ("supports", "contradicts") else ""
        lines += ["", f"[{number}]{stance} {_quoted(citation)}", f"    {_credit(citation)}"]
    if answer.citations and answer.method == "extractive":
        lines += ["", "Quoted from the library, not reasoned."]
    elif answer.method == "model" and answer.sentences:
        lines += ["", f"Written by {one_line(answer.model or '')}; compared with the quotes."]
    return "\n".join(lines).strip("\n") + "\n"


def _quoted(citation: Citation) -> str:
    from agent.report.wording import one_line

    quote = one_line(citation.quote)
    return quote if quote[:1] in '“"«„' else f"“{quote}”"


def _credit(citation: Citation) -> str:
    from agent.report.wording import REPUTATIONS, day, one_line

    copies = len(citation.also_in)
    parts = [
        citation.publisher,
        citation.title,
        day(citation.published_at),
        f"also in {copies} cop{'ies' if copies > 1 else 'y'}" if copies else None,
        citation.source_id,
        REPUTATIONS.get(citation.reputation),
    ]
    return " · ".join(one_line(part) for part in parts if part)
