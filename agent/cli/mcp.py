"""`assay mcp`: the tools for other programs."""

from __future__ import annotations

from contextlib import suppress
from typing import Annotated

import typer

from agent.cli import options
from agent.cli.screen import note


def mcp(
    library: options.Library = None,
    chroma_url: options.ChromaUrl = None,
    model: options.Model = "embedded",
    base_url: options.BaseUrl = None,
    embedder: options.Embedder = None,
    min_origins: options.MinOrigins = 1,
    budget_usd: options.BudgetUsd = None,
    budget_tokens: options.BudgetTokens = None,
    budget_usd_day: options.BudgetUsdDay = None,
    budget_tokens_day: options.BudgetTokensDay = None,
    http: Annotated[
        bool, typer.Option("--http", help="Serve streamable HTTP on 127.0.0.1, at /mcp.")
    ] = False,
    port: Annotated[
        int, typer.Option("--port", metavar="P", min=1, max=65535, help="With --http.")
    ] = 8766,
    quiet: options.Quiet = False,
) -> None:
    """Serve the tools over the Model Context Protocol, to an assistant or an editor.

    Search the library, read a source, check a claim or an article, compare figures, list sources,
    open a report. Nothing is changed. The model splits and rates in `check_article`, and budgets
    are those of each such check and of a day's together; single claims are rated by the embedded
    judge.

    Examples:

      assay mcp --library newsroom/

      assay mcp --http --port 9100
    """
    from agent.chat.turns import Chat
    from agent.check import FactChecker
    from agent.gateway.budget import Limits
    from agent.mcp import build_server
    from tools.library import Library
    from tools.models.embedder import embedder_named

    folder, vectors = options.library_folder(library, chroma_url), embedder_named(embedder)

    def open_library() -> Library:
        return Library.open(folder, vectors)

    open_library().close()  # a library that is not there is told now, not by the first call
    checker = FactChecker(
        folder,
        model,
        base_url=base_url,
        limits=Limits(budget_usd, budget_tokens, budget_usd_day, budget_tokens_day),
        embedder=vectors,
        min_origins=min_origins,
    )
    server = build_server(folder, open_library, checker, Chat(folder, open_library))
    with suppress(KeyboardInterrupt):  # how a server is meant to end
        if http:
            import uvicorn

            from agent.cli.listening import listening

            host = "127.0.0.1"  # by which the SDK knows whom to refuse
            with listening(host, port) as listener:
                note(f"Assay's tools are at http://{host}:{port}/mcp. Ctrl-C ends.", quiet=quiet)
                application = server.streamable_http_app(host=host)
                config = uvicorn.Config(application, log_level="warning")
                uvicorn.Server(config).run(sockets=[listener])
        else:
            note("Assay's tools are on standard input and output.", quiet=quiet)
            server.run("stdio")
