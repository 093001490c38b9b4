"""The service, put together."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from fastapi import FastAPI, Request
from pydantic import BaseModel

from agent import __version__
from agent.server import chat, checks, pages, publishers, sources
from agent.server.chat import Chats
from agent.server.guard import Guard
from agent.server.openapi import openapi
from agent.server.problems import answer_with_problems
from agent.server.runs import Runs
from agent.server.settings import Settings
from agent.server.shelf import Shelf

if TYPE_CHECKING:
    from agent.check import FactChecker
    from tools.models.embedder import Embedder

_log = logging.getLogger(__name__)


class Health(BaseModel):
    """Whether the service is alive, and how busy."""

    status: str
    version: str
    running: int
    waiting: int


def _load(checker: FactChecker) -> None:
    """What the first check, and its report, would wait for."""
    from agent.report import html

    checker.load()
    html.load()


def create_app(settings: Settings, embedder: Embedder | None = None) -> FastAPI:
    """The ASGI application of one library.

    Args:
        settings: what it is started with.
        embedder: of the library; default the one that ships.

    Raises:
        UsageError: the settings name a model that cannot be meant.
        ModelUnavailable: there is no key for it.
    """
    from agent.check import FactChecker
    from agent.judges import EMBEDDED, language_model_of
    from tools.models.embedder import MiniLMEmbedder

    embedder = embedder or MiniLMEmbedder()

    # What cannot be asked is told at the start, not by the first check.
    if settings.model != EMBEDDED:
        from agent.gateway.opening import open_model

        open_model(language_model_of(settings.model), base_url=settings.base_url)
    checker = FactChecker(
        settings.library,
        settings.model,
        base_url=settings.base_url,
        limits=settings.limits,
        embedder=embedder,
        on_notice=_log.info,
    )
    shelf = Shelf(settings.library, embedder)

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        runs = app.state.runs = Runs(settings, checker.narrowed, shelf)
        chats = app.state.chats = Chats(settings, shelf)
        await runs.start()
        warming = asyncio.create_task(asyncio.to_thread(_load, checker))
        try:
            yield
        finally:
            close()
            await runs.end()
            await chats.end()
            await warming

    app = FastAPI(
        title="Assay",
        version=__version__,
        summary="Checks what a text says against a library of sources.",
        lifespan=lifespan,
        docs_url=None,  # they load scripts from elsewhere
        redoc_url=None,
    )

    def close() -> None:
        """The service is about to end: no new work, and an end to what is under way. Answers
        that only wait for it end with it."""
        app.state.runs.close()
        app.state.chats.close()
        shelf.close()

    app.state.close = close
    app.state.settings = settings
    app.state.shelf = shelf
    answer_with_problems(app)
    app.include_router(checks.router)
    app.include_router(sources.router)
    app.include_router(publishers.router)
    app.include_router(chat.router)

    @app.get("/healthz", tags=["service"])
    async def healthz(request: Request) -> Health:
        """Answers while the service is alive, however busy it is."""
        runs: Runs = request.app.state.runs
        return Health(status="ok", version=__version__, running=runs.running, waiting=runs.waiting)

    pages.mount(app)
    app.add_middleware(Guard, settings=settings)
    app.openapi = lambda: openapi(app)  # type: ignore[method-assign]
    return app
