"""The pages that people see; what they show comes from the API."""

from __future__ import annotations

from collections.abc import Callable
from importlib.resources import files
from pathlib import Path

from fastapi import FastAPI
from fastapi.responses import HTMLResponse
from fastapi.staticfiles import StaticFiles

_FOLDER = Path(str(files("agent.server").joinpath("static")))
_PAGES = {"/": "index.html", "/sources": "sources.html", "/chat": "chat.html"}


def mount(app: FastAPI) -> None:
    """Adds the pages and their files to the application."""
    for path, name in _PAGES.items():
        app.add_api_route(
            path, _page(name), include_in_schema=False, response_class=HTMLResponse, name=name
        )
    app.add_api_route(
        "/checks/{check_id}", _page("check.html"), include_in_schema=False, name="check.html"
    )
    app.mount("/static", StaticFiles(directory=_FOLDER), name="static")


def _page(name: str) -> Callable[[], HTMLResponse]:
    def page() -> HTMLResponse:
        return HTMLResponse((_FOLDER / name).read_text("utf-8"))

    return page
