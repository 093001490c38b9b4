"""Errors as problem details (RFC 9457), and which status each has.

Every answer that is no success is one JSON object: `type`, `title`, `status`, `detail`, and `todo`,
what to do about it, where there is something to do. The library's place on the server concerns its
owner alone and is left out. A fault of ours says no more than that it is one; the log has the rest.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Mapping
from http import HTTPStatus
from pathlib import Path
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException
from starlette.routing import Match

from agent import errors
from agent.report.wording import one_line

MEDIA_TYPE = "application/problem+json"
_METHODS = ("DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT")
RETRY_AFTER = 5
"""Seconds after which a busy service may be asked again."""

_log = logging.getLogger(__name__)
_STATUS: tuple[tuple[type[errors.AssayError], HTTPStatus], ...] = (
    (errors.UsageError, HTTPStatus.UNPROCESSABLE_ENTITY),
    (errors.InputError, HTTPStatus.UNPROCESSABLE_ENTITY),
    (errors.LibraryLocked, HTTPStatus.SERVICE_UNAVAILABLE),
    (errors.LibraryMissing, HTTPStatus.CONFLICT),
    (errors.LibraryEmpty, HTTPStatus.CONFLICT),
    (errors.LibraryReadOnly, HTTPStatus.CONFLICT),
    (errors.ModelError, HTTPStatus.BAD_GATEWAY),
)


class Problem(HTTPException):
    """A request that is answered with a problem.

    An `HTTPException`, since the framework takes any other fault in reading a body for its own.

    Args:
        status: the HTTP status, 400 to 599.
        detail: what was wrong, in one sentence.
        todo: what to do about it.
        headers: to send along, e.g. `Retry-After`.
    """

    def __init__(
        self,
        status: HTTPStatus,
        detail: str,
        todo: str = "",
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(status, detail, dict(headers or {}))
        self.detail: str = detail
        self.status = status
        self.todo = todo

    @classmethod
    def of(cls, error: errors.AssayError, library: Path) -> Problem:
        """The problem that one of our errors is.

        Args:
            error: as the command line would tell it.
            library: the service's; its folder is not named to who asks.
        """
        statuses = (status for kind, status in _STATUS if isinstance(error, kind))
        status = next(statuses, HTTPStatus.INTERNAL_SERVER_ERROR)
        busy = {"Retry-After": str(RETRY_AFTER)} if status == 503 else None
        what, todo = (one_line(_without(library, text)) for text in (error.what, error.todo))
        return cls(status, what, todo, busy)

    def details(self) -> dict[str, Any]:
        """The body of the answer."""
        body: dict[str, Any] = {
            "type": "about:blank",
            "title": self.status.phrase,
            "status": int(self.status),
            "detail": self.detail,
        }
        if self.todo:
            body["todo"] = self.todo
        return body

    def response(self) -> JSONResponse:
        return JSONResponse(
            self.details(), int(self.status), headers=self.headers, media_type=MEDIA_TYPE
        )


def _without(library: Path, text: str) -> str:
    """A text without the place of the library; what lies in its folder is named from there on."""
    from tools.library.address import place_of

    for place in {place_of(library), str(library.absolute()), str(library.resolve())}:
        named = rf"{re.escape(place)}(?![\w/-])"
        text = re.sub(rf" --library {named}|(?<=library) {named}", "", text)
        if "/" in place:  # else it may be any word
            text = re.sub(named, "the library", text).replace(f"{place}/", "")
    return text


def documented(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """How the OpenAPI document tells of problems."""
    schema = {"$ref": "#/components/schemas/Problem"}
    return {
        status: {
            "description": HTTPStatus(status).phrase,
            "content": {MEDIA_TYPE: {"schema": schema}},
        }
        for status in statuses
    }


def event_schema(*names: str) -> dict[str, Any]:
    """How the OpenAPI document tells of a stream of events: the schema of one."""
    return {
        "type": "object",
        "required": ["event", "data"],
        "properties": {
            "event": {"enum": list(names)},
            "data": {"type": "string", "contentMediaType": "application/json"},
            "id": {"type": "string"},
        },
    }


SCHEMA: dict[str, Any] = {
    "title": "Problem",
    "description": "Problem details, RFC 9457.",
    "type": "object",
    "required": ["type", "title", "status", "detail"],
    "properties": {
        "type": {"type": "string"},
        "title": {"type": "string"},
        "status": {"type": "integer", "minimum": 400, "maximum": 599},
        "detail": {"type": "string"},
        "todo": {"type": "string"},
    },
}


def answer_with_problems(app: FastAPI) -> None:
    """Makes every error of the application's routes a problem."""

    @app.exception_handler(Problem)
    async def of_ours(_: Request, problem: Problem) -> JSONResponse:
        return problem.response()

    @app.exception_handler(errors.AssayError)
    async def of_the_check(_: Request, error: errors.AssayError) -> JSONResponse:
        problem = Problem.of(error, app.state.settings.library)
        if problem.status == HTTPStatus.INTERNAL_SERVER_ERROR:
            _log.error("%s", error, exc_info=error)
        return problem.response()

    @app.exception_handler(RequestValidationError)
    async def of_the_request(_: Request, error: RequestValidationError) -> JSONResponse:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"])
        problem = Problem(HTTPStatus.UNPROCESSABLE_ENTITY, one_line(f"{where}: {first['msg']}"))
        return problem.response()

    @app.exception_handler(HTTPException)
    async def of_routing(request: Request, error: HTTPException) -> JSONResponse:
        headers = dict(error.headers or {})
        if error.status_code == HTTPStatus.METHOD_NOT_ALLOWED:
            # Each route knows its own methods; the resource has those of all of them.
            headers["Allow"] = ", ".join(_methods(app, request))
        problem = Problem(HTTPStatus(error.status_code), str(error.detail), headers=headers)
        return problem.response()

    @app.exception_handler(Exception)
    async def defect(_: Request, error: Exception) -> JSONResponse:
        return Problem(
            HTTPStatus.INTERNAL_SERVER_ERROR,
            "a defect of Assay",
            "Its log has more; please report it.",
        ).response()


def _methods(app: FastAPI, request: Request) -> list[str]:
    """Those that the resource of a request answers."""
    if documented := app.openapi()["paths"].get(request.scope["path"]):
        # `/api/sources/search` is none of `/api/sources/{source_id}`.
        return sorted(method.upper() for method in documented if method.upper() in _METHODS)
    scopes = {method: {**request.scope, "method": method} for method in _METHODS}
    return [
        method
        for method, scope in scopes.items()
        if any(route.matches(scope)[0] is Match.FULL for route in app.routes)
    ]
