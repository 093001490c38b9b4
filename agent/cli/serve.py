"""`assay serve`: the page and the HTTP API."""

from __future__ import annotations

import secrets
from contextlib import suppress
from typing import Annotated

import typer

from agent.cli import options
from agent.cli.screen import note
from agent.errors import UsageError

_ANY = frozenset({"0.0.0.0", "::"})  # noqa: S104 - compared, not listened on
"""Hosts that stand for all addresses of this machine, and name none."""


def serve(
    library: options.Library = None,
    chroma_url: options.ChromaUrl = None,
    model: options.Model = "embedded",
    base_url: options.BaseUrl = None,
    host: Annotated[
        str, typer.Option("--host", envvar="ASSAY_HOST", metavar="H", help="Listen there.")
    ] = "127.0.0.1",
    port: Annotated[
        int,
        typer.Option(
            "--port", envvar="ASSAY_PORT", metavar="P", min=0, max=65535, help="0 takes a free one."
        ),
    ] = 8765,
    allow_host: Annotated[
        list[str] | None,
        typer.Option(
            "--allow-host",
            metavar="NAME",
            help="A name under which the service may be asked for, besides the one it listens on; "
            "repeatable.",
        ),
    ] = None,
    token: Annotated[
        str | None,
        typer.Option(
            "--token",
            envvar="ASSAY_TOKEN",
            metavar="SECRET",
            help="Asked for in every request. [default: none on this machine alone, else made up "
            "and printed]",
            show_default=False,
        ),
    ] = None,
    at_once: Annotated[
        int, typer.Option("--at-once", min=1, max=64, help="Checks under way at once.")
    ] = 2,
    waiting: Annotated[
        int, typer.Option("--waiting", min=1, max=10_000, help="Checks that may wait.")
    ] = 50,
    seconds: Annotated[
        float, typer.Option("--seconds", min=1, help="After which a check is stopped.")
    ] = 900,
    keep: Annotated[
        int | None,
        typer.Option(
            "--keep",
            metavar="N",
            min=1,
            help="Checks to keep: of more, those that ended are forgotten with their reports, the "
            "oldest first. [default: all]",
            show_default=False,
        ),
    ] = None,
    min_origins: options.MinOrigins = 1,
    budget_usd: options.BudgetUsd = None,
    budget_tokens: options.BudgetTokens = None,
    budget_usd_day: options.BudgetUsdDay = None,
    budget_tokens_day: options.BudgetTokensDay = None,
    embedder: options.Embedder = None,
    quiet: options.Quiet = False,
) -> None:
    """Serve the page and the HTTP API until interrupted.

    Listens on this machine alone. On any other address everybody who asks must show a token.
    Budgets are those of each check, and of a day's checks together; answers of the chat have
    limits of their own. The number of origins holds where a request names none.

    Examples:

      assay serve

      assay serve --library newsroom/ --port 9000

      assay serve --host 0.0.0.0 --allow-host desk.example.org
    """
    from agent.cli.listening import listening
    from agent.gateway.budget import Limits
    from agent.server.app import create_app
    from agent.server.hosting import host as serve_app
    from agent.server.kept import claimed
    from agent.server.settings import LOOPBACK, Settings, is_loopback
    from tools.library.address import place_of
    from tools.library.snapshots import work_folder
    from tools.models.embedder import embedder_named

    vectors = embedder_named(embedder)
    if not is_loopback(host) and not token:
        token = secrets.token_urlsafe(24)
    listener = listening(host, port)
    names = {name.casefold().rstrip(".") for name in (host, *(allow_host or []))}
    settings = Settings(
        library=options.library_folder(library, chroma_url),
        model=model,
        base_url=base_url,
        limits=Limits(budget_usd, budget_tokens, budget_usd_day, budget_tokens_day),
        hosts=frozenset(LOOPBACK | names),
        token=token,
        at_once=at_once,
        waiting=waiting,
        seconds=seconds,
        keep=keep,
        min_origins=min_origins,
    )
    app = create_app(settings, vectors)
    runs = work_folder(settings.library) / "runs"
    try:
        runs.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        listener.close()
        raise UsageError(
            f"nothing can be kept in {runs.parent}: {error.strerror}",
            "Name another folder with --library",
        ) from error
    shown = f"[{host}]" if ":" in host else host
    address = f"http://{shown}:{listener.getsockname()[1]}/"
    with listener, claimed(runs):
        note(f"Assay serves {address}{f'?token={token}' if token else ''}", quiet=False)
        if host in _ANY and not allow_host:
            note("Other machines need the name they ask for: --allow-host NAME.", quiet=quiet)
        note(f"The library is {place_of(settings.library)}. Ctrl-C ends.", quiet=quiet)
        with suppress(KeyboardInterrupt):  # how a service is meant to end
            serve_app(app, listener)
    note("Ended; checks that were not done go on when it is started again.", quiet=quiet)
