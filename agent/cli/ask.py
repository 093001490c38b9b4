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


def ask(
    question: Annotated[
        str, typer.Argument(metavar="QUESTION", help="In English and in quotation marks.")
    ],
    library: options.Library = None,
    model: options.Model = "embedded",
    json: options.AsJson = False,
    out: Annotated[
        Path | None, typer.Option("--out", metavar="PATH", help="Write the answer there.")
    ] = None,
    as_of: Annotated[
        str | None,
        typer.Option(
            "--as-of",
            metavar="DATE",
            help="Leave out sources published after this day; those without a date stay in.",
        ),
    ] = None,
    exclude_source: Annotated[
        list[str] | None,
        typer.Option("--exclude-source", metavar="ID", help="Leave out a source; repeatable."),
    ] = None,
    embedder: options.Embedder = None,
    quiet: options.Quiet = False,
) -> None:
    """Ask the library a question; the answer is quoted from it, with its sources.

    Sentences that answer are found and quoted, nothing is reasoned or written. A question
    such as "Is it true that …?" also gets a verdict. Where no sentence comes near, the
    answer is that the library does not say.

    Examples:

      assay ask "How much did the new bridge cost?"

      assay ask "Is it true that the bridge was opened in 2024?" --json

    Exit codes: 0 answered, or not said; 2 wrong usage; 4 library.
    """
    from agent.cli.check import check_out

    if model != "embedded":
        raise UsageError(
            f"questions cannot be put to the model {model!r} yet",
            "Leave out --model (and ASSAY_MODEL): answers are quoted from the library",
        )
    check_out(out)
    from agent.ask import ask as answer_to
    from tools.library import Library
    from tools.models.embedder import embedder_named

    with Library.open(
        options.library_folder(library),
        embedder_named(embedder),
        on_notice=lambda text: note(text, quiet=quiet),
    ) as opened:
        answer = answer_to(question, opened, exclude=exclude_source or (), as_of=as_of)
    shown = answer.model_dump_json(indent=2) + "\n" if json else to_text(answer)
    if out is None:
        sys.stdout.write(shown)
        sys.stdout.flush()
        return
    from agent.report import write_atomically

    write_atomically(out, shown)
    note(f"Wrote {out}", quiet=quiet)


def to_text(answer: Answer) -> str:
    """An answer for people; nothing in it can steer a terminal."""
    from agent.report.wording import GLYPHS, WORDS, confidence, one_line

    lines = []
    if answer.verdict and answer.confidence is not None:
        lines.append(
            f"{GLYPHS[answer.verdict]} {WORDS[answer.verdict]}, {confidence(answer.confidence)}: "
            f"{one_line(answer.statement or '')}"
        )
    if answer.status == "not_said":
        lines.append(f"{answer.text} {one_line(answer.explanation)}".strip())
    elif answer.explanation:
        lines.append(one_line(answer.explanation))
    if answer.disagreement:
        lines.append("The sources do not agree.")
    for number, citation in enumerate(answer.citations, 1):
        stance = f" {citation.stance}:" if citation.stance else ""
        lines += ["", f"[{number}]{stance} {_quoted(citation)}", f"    {_credit(citation)}"]
    if answer.citations:
        lines += ["", "Quoted from the library, not reasoned."]
    return "\n".join(lines).strip("\n") + "\n"


def _quoted(citation: Citation) -> str:
    from agent.report.wording import one_line

    quote = one_line(citation.quote)
    return quote if quote[:1] in '“"«„' else f"“{quote}”"


def _credit(citation: Citation) -> str:
    from agent.report.wording import day, one_line

    copies = len(citation.also_in)
    parts = [
        citation.publisher,
        citation.title,
        day(citation.published_at),
        f"also in {copies} cop{'ies' if copies > 1 else 'y'}" if copies else None,
        citation.source_id,
    ]
    return " · ".join(one_line(part) for part in parts if part)
