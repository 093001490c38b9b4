"""`assay verify`: the judge alone."""

from __future__ import annotations

import asyncio
import json
import sys
from contextlib import ExitStack
from io import TextIOWrapper
from pathlib import Path
from typing import IO, Annotated

import typer

from agent.cli import options
from agent.cli.check import check_out
from agent.cli.codes import FAILED
from agent.cli.screen import bar, note
from agent.errors import InputError
from agent.gateway.asking import CONCURRENCY, Asking


def verify(
    pairs: Annotated[
        str,
        typer.Argument(
            metavar="PAIRS.jsonl",
            help='One {"id", "claim", "evidence": [passage, …]} a line; `-` for standard input.',
        ),
    ],
    model: options.Model = "embedded",
    base_url: options.BaseUrl = None,
    out: Annotated[
        Path | None,
        typer.Option(
            "--out", envvar="ASSAY_OUT", metavar="FILE", help="[default: standard output]"
        ),
    ] = None,
    concurrency: options.Concurrency = CONCURRENCY,
    api: options.Api = options.ApiName.chat,
    trace: options.Trace = None,
    quiet: options.Quiet = False,
) -> None:
    """Rate claims whose evidence is given; no library is needed.

    Writes {"id", "label", "confidence", "probabilities"} a line, in the same order, or
    {"id", "error"} for a line that cannot be rated; then the exit code is 5.

    The passages of a line are one body of evidence. The embedded judge reads them as one text,
    in their order: one may complete another, and of two that contradict each other only one may
    show. A language model takes a stance on each. To have passages rated alone, give each a line.

    Example:

      assay verify pairs.jsonl --out verdicts.jsonl
    """
    check_out(out)
    asking = Asking(concurrency, api=api.value, trace=trace)
    failed = asyncio.run(_run(pairs, model, base_url, asking, out, quiet))
    if failed:
        lines = f"{failed} line{'s' * (failed != 1)}"
        note(f"{lines} could not be rated; what was wrong stands in the output.", quiet=quiet)
        raise typer.Exit(FAILED)


async def _run(
    pairs: str,
    model: str,
    base_url: str | None,
    asking: Asking,
    out: Path | None,
    quiet: bool,
) -> int:
    from agent.report import write_atomically
    from agent.verify import verify as verify_lines

    failed = 0
    with ExitStack() as closing:
        lines, total = _open(pairs, closing)
        written: list[str] = []
        shown = closing.enter_context(bar("Rating", total, quiet=quiet))
        done = 0
        async for result in verify_lines(lines, model, base_url=base_url, asking=asking):
            failed += "error" in result
            done += 1
            line = json.dumps(result, ensure_ascii=False) + "\n"
            if out:
                written.append(line)
            else:
                sys.stdout.write(line)
            shown.step(done, total)
        if not done:
            raise InputError(f"{pairs} holds no line", "Give one JSON object a line")
        if out:
            write_atomically(out, "".join(written))
    sys.stdout.flush()
    return failed


def _open(pairs: str, closing: ExitStack) -> tuple[IO[str], int | None]:
    """The lines, and how many there are if that can be told."""
    if pairs == "-":
        # Not `sys.stdin`, whose encoding is the terminal's and which stops at a bad byte.
        return TextIOWrapper(sys.stdin.buffer, encoding="utf-8-sig", errors="replace"), None
    path = Path(pairs)
    if not path.is_file():
        raise InputError(f"there is no file {path}", "Give a JSON Lines file, or `-`")
    try:
        with path.open("rb") as file:
            total = sum(1 for line in file if line.strip())
        lines = closing.enter_context(path.open(encoding="utf-8-sig", errors="replace"))
    except OSError as error:
        raise InputError(f"{path} cannot be read ({error.strerror})", "Check the path") from error
    return lines, total
