"""The options that commands share, with their environment variables."""

from __future__ import annotations

import os
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer
from typer._click.core import ParameterSource

from agent.errors import UsageError


class ApiName(StrEnum):
    """How OpenAI is asked."""

    chat = "chat"
    responses = "responses"


def _place(given: str) -> Path:
    """What `--library` names: a folder, or the one that stands for a library on a server."""
    if ":/" not in given:  # no address: the library's modules need not be loaded for it
        return Path(given)
    from tools.library.address import local_folder

    return local_folder(given)


def is_typed(context: typer.Context, parameter: str) -> bool:
    """Whether an option was typed: one from the environment gives way to it."""
    return context.get_parameter_source(parameter) is ParameterSource.COMMANDLINE


Library = Annotated[
    Path | None,
    typer.Option(
        "--library",
        envvar="ASSAY_LIBRARY",
        metavar="DIR",
        parser=_place,
        help="Folder of the library, or `postgresql://…` of one on a server. "
        "[default: in the platform's user-data folder]",
        show_default=False,
    ),
]
ChromaUrl = Annotated[
    str | None,
    typer.Option(
        "--chroma-url",
        envvar="ASSAY_CHROMA_URL",
        metavar="URL",
        help="Chroma server, within a private network, that keeps the search index of a library "
        "on a server; its token: $ASSAY_CHROMA_TOKEN. [default: an index on this machine]",
        show_default=False,
    ),
]
Model = Annotated[
    str,
    typer.Option(
        "--model",
        envvar="ASSAY_MODEL",
        metavar="NAME",
        help="What splits and rates: `embedded` (no network), `openai:MODEL`, any "
        "`provider:model` of LangChain, `scripted:FILE`, or `cascade:` before one of these: the "
        "embedded judge leaves out passages that decide nothing.",
    ),
]
BaseUrl = Annotated[
    str | None,
    typer.Option(
        "--base-url",
        envvar="ASSAY_BASE_URL",
        metavar="URL",
        help="Address of an OpenAI-compatible server. [default: $OPENAI_BASE_URL]",
        show_default=False,
    ),
]
Concurrency = Annotated[
    int,
    typer.Option(
        "--concurrency",
        envvar="ASSAY_CONCURRENCY",
        metavar="N",
        help="Questions to a model at once, at most; fewer where the server asks for it.",
    ),
]
Api = Annotated[
    ApiName,
    typer.Option(
        "--api",
        envvar="ASSAY_API",
        help="OpenAI's chat completions, which compatible servers know, or its Responses.",
    ),
]
Trace = Annotated[
    Path | None,
    typer.Option(
        "--trace",
        envvar="ASSAY_TRACE",
        metavar="FILE",
        help="Append each request to a model and its answer to FILE, as JSON Lines, without keys.",
        show_default=False,
    ),
]
BudgetUsd = Annotated[
    float | None,
    typer.Option(
        "--budget-usd",
        envvar="ASSAY_BUDGET_USD",
        metavar="DOLLARS",
        help="Most that this run may cost; then it ends with 7, and a larger budget resumes it.",
    ),
]
BudgetTokens = Annotated[
    int | None,
    typer.Option(
        "--budget-tokens",
        envvar="ASSAY_BUDGET_TOKENS",
        metavar="N",
        help="Most tokens that this run may take, sent and answered.",
    ),
]
BudgetUsdDay = Annotated[
    float | None,
    typer.Option(
        "--budget-usd-day",
        envvar="ASSAY_BUDGET_USD_DAY",
        metavar="DOLLARS",
        help="Most that all runs of a day (UTC) on this library may cost.",
    ),
]
BudgetTokensDay = Annotated[
    int | None,
    typer.Option(
        "--budget-tokens-day",
        envvar="ASSAY_BUDGET_TOKENS_DAY",
        metavar="N",
        help="Most tokens that all runs of a day (UTC) on this library may take.",
    ),
]
Prices = Annotated[
    Path | None,
    typer.Option(
        "--prices",
        envvar="ASSAY_PRICES",
        metavar="FILE",
        help="Prices of models, as agent/gateway/prices.json has them.",
    ),
]
PriceIn = Annotated[
    float | None,
    typer.Option(
        "--price-in",
        envvar="ASSAY_PRICE_IN",
        metavar="DOLLARS",
        help="What the model costs per million tokens sent.",
    ),
]
PriceOut = Annotated[
    float | None,
    typer.Option(
        "--price-out",
        envvar="ASSAY_PRICE_OUT",
        metavar="DOLLARS",
        help="What the model costs per million tokens answered.",
    ),
]
Embedder = Annotated[
    str | None,
    typer.Option(
        "--embedder",
        envvar="ASSAY_EMBEDDER",
        metavar="NAME",
        help="What turns texts into vectors: `embedded` (no network), or `openai:MODEL` of OpenAI "
        "or the server at $OPENAI_BASE_URL; its key is read from OPENAI_API_KEY. A library keeps "
        "to one. [default: embedded]",
        show_default=False,
    ),
]
Ray = Annotated[
    str | None,
    typer.Option(
        "--ray",
        envvar="ASSAY_RAY",
        metavar="auto|ADDRESS",
        help="Spread the work over a Ray cluster: the one at ADDRESS; with `auto` the one of "
        "$RAY_ADDRESS, or else this machine's cores.",
        show_default=False,
    ),
]
MinOrigins = Annotated[
    int,
    typer.Option(
        "--min-origins",
        envvar="ASSAY_MIN_ORIGINS",
        metavar="N",
        min=1,
        help="Independent origins that it takes to support a claim; with fewer it is "
        "unverifiable. One that contradicts is always enough for a conflict.",
    ),
]
AsOf = Annotated[
    str | None,
    typer.Option(
        "--as-of",
        envvar="ASSAY_AS_OF",
        metavar="DATE",
        help="Leave out sources published after this day.",
    ),
]
ExcludeSource = Annotated[
    list[str] | None,
    typer.Option(
        "--exclude-source",
        envvar="ASSAY_EXCLUDE_SOURCE",
        metavar="ID",
        help="Leave out a source; repeatable.",
    ),
]
SourcePublisher = Annotated[
    list[str] | None,
    # Not in the environment, where values end at spaces.
    typer.Option(
        "--source-publisher", metavar="NAME", help="Only sources of this publisher; repeatable."
    ),
]
Language = Annotated[
    list[str] | None,
    typer.Option(
        "--language",
        envvar="ASSAY_LANGUAGE",
        metavar="CODE",
        help="Only sources in this language (en); repeatable.",
    ),
]
Since = Annotated[
    str | None,
    typer.Option(
        "--since",
        envvar="ASSAY_SINCE",
        metavar="DATE",
        help="Leave out sources published earlier.",
    ),
]
Tag = Annotated[
    list[str] | None,
    typer.Option(
        "--tag",
        envvar="ASSAY_TAG",
        metavar="TAG",
        help="Only sources with this tag; repeatable.",
    ),
]
Column = Annotated[
    list[str] | None,
    typer.Option(
        metavar="WHAT=COLUMN",
        help="For tables: which column holds the text, title, author, publisher, url or date, "
        "where its name does not tell. May be given several times.",
    ),
]
Quiet = Annotated[
    bool, typer.Option("--quiet", "-q", envvar="ASSAY_QUIET", help="No progress, no notes.")
]
AsJson = Annotated[bool, typer.Option("--json", envvar="ASSAY_JSON", help="Print JSON.")]


class FormatName(StrEnum):
    """Formats of a report, as `agent.report.FORMATS`."""

    terminal = "terminal"
    json = "json"
    html = "html"
    markdown = "markdown"
    claimreview = "claimreview"


class FailingVerdict(StrEnum):
    """Verdicts that a caller may want an exit code for."""

    conflicting = "conflicting"
    unverifiable = "unverifiable"


FailOn = Annotated[
    list[FailingVerdict] | None,
    typer.Option(
        "--fail-on",
        envvar="ASSAY_FAIL_ON",
        help="Exit with 10 if a claim has this verdict; repeatable.",
    ),
]


def library_folder(given: Path | None, chroma_url: str | None = None) -> Path:
    """The library's folder, as given or in the platform's user-data folder; of one on a server,
    the folder that stands for it.

    Args:
        given: what was read of `--library`.
        chroma_url: of `--chroma-url`; from the environment it holds for libraries on a server.

    Raises:
        UsageError: a Chroma server was named with a library in a folder.
    """
    if given is not None and str(given).strip():
        folder = given.expanduser()
    else:
        from platformdirs import user_data_path

        folder = user_data_path("assay", appauthor=False) / "library"
    if not chroma_url:
        return folder
    from tools.library.address import server_of, with_chroma

    if server_of(folder) is None and chroma_url == os.environ.get("ASSAY_CHROMA_URL"):
        return folder
    return with_chroma(folder, chroma_url)


def columns(given: list[str] | None) -> dict[str, str]:
    """The columns that were named, by what they hold.

    Raises:
        UsageError: one is not understood.
    """
    from tools.readers.tables import COLUMNS

    named: dict[str, str] = {}
    for pair in given or ():
        what, equals, name = pair.partition("=")
        if what not in COLUMNS or not equals or not name:
            raise UsageError(
                f"--column {pair} is not understood",
                f"Give WHAT=COLUMN, where WHAT is one of {', '.join(COLUMNS)}",
            )
        named[what] = name
    return named


def check_cluster(given: str | None) -> None:
    """Complains of `--ray ""`: a variable of the shell that is not set shall not run it here.

    Raises:
        UsageError: it is empty.
    """
    if given is not None and not given.strip():
        raise UsageError("--ray names no cluster", "Give auto or an address, or leave out --ray")
