"""The service on a port of its own, and visits to its pages as a person makes them."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import uvicorn

from agent.check import FactChecker, Progress
from agent.server.app import create_app
from agent.server.settings import Settings
from agent.types import Report
from tests.sample_report import sample_report

if TYPE_CHECKING:
    from playwright.sync_api import Browser, ConsoleMessage, Page, Request

    from tools.models.embedder import Embedder

ARTICLE = "The Tallis Bridge cost 12 million euros. The bridge is 240 metres long."


@contextmanager
def serving(
    library: Path, embedder: Embedder | None = None, *, at: int = 0, **settings: Any
) -> Iterator[str]:
    """Serves a library from a thread, at a port; gives the address, without a slash at its end."""
    app = create_app(Settings(library=library, **settings), embedder)
    listener = socket.create_server(("127.0.0.1", at))
    config = uvicorn.Config(app, log_level="warning", timeout_graceful_shutdown=1, lifespan="on")
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
    thread.start()
    try:
        while not server.started:
            if not thread.is_alive():
                raise RuntimeError("the service did not start")
            time.sleep(0.01)
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    finally:
        server.should_exit = True
        thread.join()


def held_after(rated: int, release: threading.Event) -> Callable[..., Coroutine[Any, Any, Report]]:
    """A way of a check that has rated some claims of the sample and waits for the event."""
    report = sample_report()

    async def acheck(self: FactChecker, *_: object, **known: Any) -> Report:
        tell, claims = known["on_progress"], report.claims
        tell(Progress("read", 1, 1))
        for done, claim in enumerate(claims[:rated], start=1):
            tell(Progress("rate", done, len(claims), claim))
        while not release.is_set():
            time.sleep(0.01)
            tell(Progress("rate", rated, len(claims)))
        return report

    return acheck


def complaints_of(page: Page, address: str) -> list[str]:
    """Grows by each error, warning and dialog of a page, and each request to anybody else.

    An answer of 400 and more is no error of the page: what it makes of one is for the test.
    """
    complaints: list[str] = []

    def heard(message: ConsoleMessage) -> None:
        if message.type in ("error", "warning") and "Failed to load resource" not in message.text:
            complaints.append(message.text)

    def asked(request: Request) -> None:
        if not request.url.startswith((address, "data:", "blob:")):
            complaints.append(request.url)

    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("dialog", lambda dialog: complaints.append(f"dialog {dialog.message}"))
    page.on("console", heard)
    page.on("request", asked)
    return complaints


@contextmanager
def visiting(browser: Browser, address: str, **options: Any) -> Iterator[Page]:
    """A page of the service that at the end has had nothing to complain of."""
    context = browser.new_context(base_url=address, **options)
    page = context.new_page()
    page.set_default_timeout(15_000)
    complaints = complaints_of(page, address)
    try:
        yield page
    finally:
        context.close()
    assert complaints == []


def submit(page: Page, text: str = ARTICLE) -> None:
    """Pastes a text and has it checked."""
    page.goto("/")
    page.get_by_label("Text of the article").fill(text)
    page.get_by_role("button", name="Check", exact=True).click()


def list_of_checks(page: Page) -> str:
    """What the page of all checks lists."""
    page.goto("/")
    page.wait_for_selector("#checks .row")
    return page.inner_text("#checks")
