"""The pages that people see; what they show comes from the API.

Plain files without a build step, each the content of one frame. What they share with the report,
the colours, glyphs and words of the verdicts, is served from the report's own.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable
from functools import cache, partial
from http import HTTPStatus
from importlib.resources import files
from pathlib import Path
from typing import NamedTuple
from urllib.parse import quote

from fastapi import FastAPI, Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse
from fastapi.staticfiles import StaticFiles
from jinja2 import Environment
from markupsafe import Markup
from starlette.exceptions import HTTPException

from agent.chat.conversations import MARKS
from agent.report import wording
from agent.server.runs import Runs

_FOLDER = Path(str(files("agent.server").joinpath("static")))
_LINKS = (("/", "Check"), ("/sources", "Sources"), ("/chat", "Ask"))


class _Page(NamedTuple):
    """What stands in the frame that all pages share: a file of `static/`, and its script."""

    path: str
    content: str
    script: str
    title: str


_PAGES = (
    _Page("/", "index.html", "home.js", "Check an article"),
    _Page("/checks/{check_id}", "check.html", "check.js", "Checking"),
    _Page("/sources", "sources.html", "sources.js", "Sources"),
    _Page("/chat", "chat.html", "chat.js", "Ask the library"),
)
_MISSING = _Page("", "missing.html", "", "No such page")


def mount(app: FastAPI) -> None:
    """Adds the pages and their files to the application."""
    for page in _PAGES:
        app.add_api_route(
            page.path,
            _answering(_framed(page)),
            include_in_schema=False,
            response_class=HTMLResponse,
            name=page.content,
        )
    app.add_api_route("/checks/{check_id}/report", _report, include_in_schema=False)
    app.add_api_route("/static/tones.css", _tones, include_in_schema=False)
    app.add_api_route("/static/words.js", _words, include_in_schema=False)
    app.mount("/static", StaticFiles(directory=_FOLDER), name="static")
    _tell_people(app)


def _tell_people(app: FastAPI) -> None:
    """An address that leads nowhere is a page for a browser; programs are given a problem."""
    problem = app.exception_handlers[HTTPException]
    text = _framed(_MISSING)

    @app.exception_handler(HTTPException)
    async def missing(request: Request, error: HTTPException) -> Response:
        wants_page = "text/html" in request.headers.get("accept", "")
        if error.status_code != HTTPStatus.NOT_FOUND or not wants_page:
            answer: Response = await problem(request, error)  # type: ignore[misc]
            return answer
        return HTMLResponse(text, HTTPStatus.NOT_FOUND)


def _framed(page: _Page) -> str:
    frame = Environment(autoescape=True, trim_blocks=True, keep_trailing_newline=True)
    content = (_FOLDER / page.content).read_text("utf-8").rstrip()
    return frame.from_string((_FOLDER / "frame.html").read_text("utf-8")).render(
        page._asdict() | {"links": _LINKS, "content": Markup(content)}  # noqa: S704 - our own file
    )


def _answering(text: str) -> Callable[[], Awaitable[HTMLResponse]]:
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
