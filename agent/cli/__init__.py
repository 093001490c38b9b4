"""The command line, `assay`: every command, its options, exit codes and messages.

What each command does stands in the modules it calls; here is what a user types and sees.
"""

from __future__ import annotations

import errno
import os
import sys
from collections.abc import Sequence
from functools import cache

import typer
from typer._click.core import Command
from typer._click.exceptions import ClickException, NoArgsIsHelpError

from agent import __version__
from agent.cli import ask, batch, chat, check, demo, doctor, mcp, serve, sources, verify
from agent.cli import eval as eval_
from agent.cli.codes import BROKEN, BROKEN_PIPE, INTERRUPTED, USAGE
from agent.errors import AssayError
from agent.report.wording import one_line

app = typer.Typer(
    name="assay",
    epilog="Start with: assay demo",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
app.command("check")(check.check)
app.command("batch")(batch.batch)
app.command("verify")(verify.verify)
app.command("ask")(ask.ask)
app.command("chat")(chat.chat)
app.add_typer(sources.app, name="sources")
app.add_typer(eval_.app, name="eval")
app.command("serve")(serve.serve)
app.command("mcp")(mcp.mcp)
app.command("doctor")(doctor.doctor)
app.command("demo")(demo.demo)


def _version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"assay {__version__}")
        raise typer.Exit


@app.callback()
def _root(
    version: bool = typer.Option(
        False, "--version", callback=_version, is_eager=True, help="Print the version."
    ),
) -> None:
    """Check what a text says against sources that you trust.

    First add sources to a library, then check articles against it:

      assay sources add reports/ interview.pdf

      assay check article.md
    """


def main(arguments: Sequence[str] | None = None) -> None:
    """Runs the command line and exits; errors are one or two lines on standard error."""
    for stream in (sys.stdout, sys.stderr):
        # Reports hold any script; a terminal that cannot show a character shows another.
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(encoding="utf-8", errors="replace")
    try:
        code = _run(sys.argv[1:] if arguments is None else arguments)
    except NoArgsIsHelpError as error:
        print(error.format_message(), file=sys.stderr)  # noqa: T201
        code = USAGE
    except AssayError as error:
        if os.environ.get("ASSAY_DEBUG") == "1":
            raise
        _say(f"assay: {error.what}", error.todo)
        code = error.exit_code
        if error.ends_at_once:
            sys.stdout.flush()
            os._exit(code)
    except ClickException as error:
        context = getattr(error, "ctx", None)
        command = context.command_path if context else "assay"
        said = error.format_message().replace("Value error, ", "")  # pydantic's, for developers
        _say(f"assay: {said}", f"See: {command} --help")
        code = USAGE
    except KeyboardInterrupt:
        _say(
            "assay: interrupted",
            "Nothing is lost: what a model has answered or a library has taken in is kept. "
            "The same command goes on from here.",
        )
        code = INTERRUPTED
    except BrokenPipeError:
        # Whoever read our output has gone, as `head` does; there is nobody left to tell.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        code = BROKEN_PIPE
    except OSError as error:
        if os.environ.get("ASSAY_DEBUG") == "1":
            raise
        where = f" {error.filename}" if error.filename else ""
        full = error.errno in (errno.ENOSPC, errno.EFBIG, errno.EDQUOT)
        todo = "Make room on the disk, also where temporary files go (TMPDIR)" if full else ""
        _say(f"assay: cannot read or write{where}: {error.strerror or error}", todo)
        code = BROKEN
    except Exception as error:
        if os.environ.get("ASSAY_DEBUG") == "1":
            raise
        _say(
            f"assay: a defect of Assay: {type(error).__name__}: {error}",
            "Please report it; ASSAY_DEBUG=1 shows where it happened.",
        )
        code = BROKEN
    sys.exit(code)


def _run(arguments: Sequence[str]) -> int:
    """Runs the command named; not by typer's own `main`, which would answer an interrupt and
    a reader that has gone in our place."""
    command = _command()
    try:
        with command.make_context("assay", list(arguments)) as context:
            command.invoke(context)
        code = 0
    except typer.Exit as finished:
        code = finished.exit_code
    sys.stdout.flush()
    return code


@cache
def _command() -> Command:
    """All commands; to read their signatures takes longer than most of them do."""
    return typer.main.get_command(app)


def _say(what: str, todo: str) -> None:
    for line in (what, todo):
        if line:
            print(one_line(line), file=sys.stderr)  # noqa: T201
