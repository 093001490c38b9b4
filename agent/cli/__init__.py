"""The command line, `assay`: every command, its options, exit codes and messages.

What each command does stands in the modules it calls; here is what a user types and sees.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence

import typer
from typer._click.exceptions import ClickException

from agent import __version__
from agent.cli import check, demo, doctor, sources, verify
from agent.errors import AssayError
from agent.report.wording import one_line

app = typer.Typer(
    name="assay",
    help="Check what a text says against sources that you trust.",
    epilog="Start with: assay demo",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
app.command("check")(check.check)
app.command("verify")(verify.verify)
app.add_typer(sources.app, name="sources")
app.command("doctor")(doctor.doctor)
app.command("demo")(demo.demo)

INTERRUPTED = 130
_BROKEN_PIPE = 141


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
        code = app(args=arguments, standalone_mode=False)
    except AssayError as error:
        if os.environ.get("ASSAY_DEBUG") == "1":
            raise
        _say(f"assay: {error.what}", error.todo)
        code = error.exit_code
    except ClickException as error:
        context = getattr(error, "ctx", None)
        command = context.command_path if context else "assay"
        _say(f"assay: {error.format_message()}", f"See: {command} --help")
        code = 2
    except (KeyboardInterrupt, typer.Abort):
        _say("assay: interrupted", "What a model has answered is kept; the same command resumes.")
        code = INTERRUPTED
    except BrokenPipeError:
        # Whoever read our output has gone, as `head` does; there is nobody left to tell.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        code = _BROKEN_PIPE
    except Exception as error:
        if os.environ.get("ASSAY_DEBUG") == "1":
            raise
        _say(
            f"assay: a defect of Assay: {type(error).__name__}: {error}",
            "Please report it; ASSAY_DEBUG=1 shows where it happened.",
        )
        code = 1
    sys.exit(code if isinstance(code, int) else 0)


def _say(what: str, todo: str) -> None:
    for line in (what, todo):
        if line:
            print(one_line(line), file=sys.stderr)  # noqa: T201
