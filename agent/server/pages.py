"""The pages that people see; what they show comes from the API.

Plain files without a build step. What they share with the report, the colours, glyphs and words of
the verdicts, is served from the report's own.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable
from functools import cache, partial
from http import HTTPStatus
from importlib.resources import files
from pathlib import Path
from urllib.parse import quote

from fastapi import FastAPI, Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse
from fastapi.staticfiles import StaticFiles
from starlette.exceptions import HTTPException

from agent.chat.conversations import MARKS
from agent.report import wording
from agent.server.runs import Runs

_FOLDER = Path(str(files("agent.server").joinpath("static")))
_PAGES = {
    "/": "index.html",
    "/checks/{check_id}": "check.html",
    "/sources": "sources.html",
    "/chat": "chat.html",
}


def mount(app: FastAPI) -> None:
    """Adds the pages and their files to the application."""
    for path, name in _PAGES.items():
        app.add_api_route(
            path, _page(name), include_in_schema=False, response_class=HTMLResponse, name=name
        )
    app.add_api_route("/checks/{check_id}/report", _report, include_in_schema=False)
    app.add_api_route("/static/tones.css", _tones, include_in_schema=False)
    app.add_api_route("/static/words.js", _words, include_in_schema=False)
    app.mount("/static", StaticFiles(directory=_FOLDER), name="static")
    _tell_people(app)


def _tell_people(app: FastAPI) -> None:
    """An address that leads nowhere is a page for a browser; programs are given a problem."""
    problem = app.exception_handlers[HTTPException]
    text = (_FOLDER / "missing.html").read_text("utf-8")

    @app.exception_handler(HTTPException)
    async def missing(request: Request, error: HTTPException) -> Response:
        wants_page = "text/html" in request.headers.get("accept", "")
        if error.status_code != HTTPStatus.NOT_FOUND or not wants_page:
            answer: Response = await problem(request, error)  # type: ignore[misc]
            return answer
        return HTMLResponse(text, HTTPStatus.NOT_FOUND)


def _page(name: str) -> Callable[[], Awaitable[HTMLResponse]]:
    text = (_FOLDER / name).read_text("utf-8")

    async def page() -> HTMLResponse:
        return HTMLResponse(text)

    return page


async def _report(request: Request, check_id: str) -> Response:
    """The report of a check as the command line writes it, with the way to the other pages."""
    from agent.report.html import page_policy, to_html

    runs: Runs = request.app.state.runs
    run = runs.get(check_id)
    if run is None or run.state.state != "done":
        return RedirectResponse(f"/checks/{quote(check_id, safe='')}", HTTPStatus.SEE_OTHER)
    links = (
        ("Check", "/"),
        ("Sources", "/sources"),
        ("Ask about it", f"/chat?report={run.state.id}"),
        ("Files", f"/checks/{run.state.id}#files"),
    )
    draw = partial(to_html, pages=links)
    text = await asyncio.to_thread(runs.rendered, run, "page", draw)
    policy = f"{page_policy()}; frame-ancestors 'none'"
    return HTMLResponse(text, headers={"Content-Security-Policy": policy})


async def _tones() -> Response:
    return Response(_style(), media_type="text/css")


async def _words() -> Response:
    return Response(_module(), media_type="text/javascript")


@cache
def _style() -> str:
    return files("agent.report").joinpath("tones.css").read_text("utf-8")


@cache
def _module() -> str:
    words = {
        "WORDS": wording.WORDS,
        "KINSHIPS": wording.KINSHIPS,
        "REPUTATIONS": wording.REPUTATIONS,
        "DOUBTS": MARKS,
    }
    return "".join(f"export const {name} = {json.dumps(of)};\n" for name, of in words.items())
