"""Checks over HTTP: submit, follow, stop, read, remove."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable
from functools import partial
from http import HTTPStatus
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Header, Query, Request, Response
from fastapi.responses import JSONResponse, StreamingResponse
from pydantic import BaseModel, Field

from agent.report import render
from agent.server.fields import (
    About,
    ArticleText,
    Narrowing,
    WebAddress,
    form_schema,
    from_form,
    from_json,
)
from agent.server.problems import RETRY_AFTER, Problem, documented, event_schema
from agent.server.run import Asked, Run, RunState
from agent.server.runs import Runs, TooManyWaiting
from agent.server.uploads import upload
from agent.types import Report

router = APIRouter(prefix="/api/checks", tags=["checks"])
_MOST = 1_000
_TYPES = {
    "html": "text/html; charset=utf-8",
    "json": "application/json",
    "markdown": "text/markdown; charset=utf-8",
    "claimreview": "application/ld+json",
}
_JSON = {"json": "object", "claimreview": "array"}
_RenderedFormat = Literal["html", "json", "markdown", "claimreview"]
_SUFFIXES: dict[str, _RenderedFormat] = {
    "html": "html",
    "json": "json",
    "md": "markdown",
    "claimreview.json": "claimreview",
}


class CheckRequest(About, Narrowing):
    """An article to check: a text, or an address to fetch."""

    text: ArticleText | None = None
    url: WebAddress | None = Field(default=None, description="Fetched where no text is given.")


class _FormFields(About, Narrowing):
    """What a form says beside its file."""


class Accepted(BaseModel):
    """A check was taken in."""

    id: str


class Listing(BaseModel):
    """The checks of this library, newest first."""

    checks: list[RunState]
    total: int = Field(description="All checks, of which these are some.")


def _one_of(schema: dict[str, Any], *names: str) -> dict[str, Any]:
    """The schema where one of these must be there, and not null."""
    given = [{"required": [name], "properties": {name: {"type": "string"}}} for name in names]
    return schema | {"anyOf": given}


_BODY: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "content": {
            "application/json": {
                "schema": _one_of(CheckRequest.model_json_schema(), "text", "url")
            },
            "multipart/form-data": {
                "schema": {
                    "type": "object",
                    "required": ["file"],
                    "properties": {
                        "file": {"type": "string", "format": "binary"},
                        **form_schema(_FormFields),
                    },
                }
            },
        },
    }
}


@router.post(
    "",
    status_code=HTTPStatus.ACCEPTED,
    response_model=Accepted,
    responses={
        202: {"headers": {"Location": {"schema": {"type": "string"}, "description": "Of it."}}},
        **documented(400, 403, 408, 413, 415, 422, 429, 503, 507),
    },
    openapi_extra=_BODY,
)
async def submit(request: Request, response: Response) -> Accepted:
    """Takes an article in; its events tell how the check goes on."""
    kind = request.headers.get("content-type", "").partition(";")[0].strip().casefold()
    content = None
    if kind == "application/json":
        asked = Asked.model_validate((await _json(request)).model_dump())
    elif kind == "multipart/form-data":
        sent = await upload(request, most=1)
        fields = from_form(_FormFields, sent.fields)
        (file,) = sent.files
        content = file.content
        asked = Asked.model_validate(fields.model_dump() | {"file": file.name})
    else:
        raise Problem(
            HTTPStatus.UNSUPPORTED_MEDIA_TYPE,
            "an article is sent as application/json or multipart/form-data",
        )
    return await _accepted(response, _runs(request).submit(asked, content))


@router.get("", response_model=Listing, responses=documented(422))
async def listing(
    request: Request,
    offset: Annotated[int, Query(ge=0, le=10**9)] = 0,
    limit: Annotated[int, Query(ge=1, le=_MOST)] = 100,
) -> Listing:
    """Checks, newest first."""
    checks, total = await _runs(request).listing(offset, limit)
    return Listing(checks=checks, total=total)


@router.get(
    "/{check_id}",
    responses={
        200: {"description": "Its report where it is done.", "model": Report | RunState},
        **documented(404),
    },
)
async def show(request: Request, check_id: str) -> Response:
    """The report, or where the check stands."""
    run = _run(request, check_id)
    if run.state.state == "done":
        return await _rendered(request, run, "json")
    return JSONResponse(run.state.model_dump(mode="json"))


_NEWS = event_schema("state", "stage", "claim")


@router.get(
    "/{check_id}/events",
    response_class=StreamingResponse,
    responses={
        200: {"content": {"text/event-stream": {"schema": _NEWS}}},
        204: {"description": "It has ended, and nothing was told since: do not ask again."},
        **documented(404, 422),
    },
)
async def events(
    request: Request,
    check_id: str,
    last_event_id: Annotated[int, Header(ge=0, le=2**31)] = 0,
) -> Response:
    """Server-sent events: `state`, `stage` and `claim`, until the check has ended."""
    run = _run(request, check_id)
    if run.is_final and last_event_id == len(run.events):
        return Response(status_code=HTTPStatus.NO_CONTENT)  # else a browser would ask for ever

    async def stream() -> AsyncIterator[str]:
        async for some in run.listen(last_event_id):
            yield "".join(event.text for event in some) or ": still at it\n\n"

    return StreamingResponse(stream(), media_type="text/event-stream")


@router.post("/{check_id}/stop", response_model=RunState, responses=documented(403, 404))
async def stop(request: Request, check_id: str) -> RunState:
    """Stops a check that waits or is under way; one that has ended stays as it is."""
    run = _run(request, check_id)
    await _runs(request).stop(run)
    return run.state


@router.post(
    "/{check_id}/again",
    status_code=HTTPStatus.ACCEPTED,
    response_model=Accepted,
    responses=documented(403, 404, 422, 429, 503, 507),
)
async def again(request: Request, response: Response, check_id: str) -> Accepted:
    """Takes the same article in once more, with all that was said of it, as another check."""
    run = _run(request, check_id)
    return await _accepted(response, _runs(request).again(run))


@router.delete(
    "/{check_id}", status_code=HTTPStatus.NO_CONTENT, responses=documented(403, 404, 409)
)
async def remove(request: Request, check_id: str) -> None:
    """Forgets a check that has ended, and its report."""
    run = _run(request, check_id)
    if not run.is_final:
        raise Problem(HTTPStatus.CONFLICT, "the check has not ended", "Stop it first")
    await _runs(request).remove(run)


@router.get(
    "/{check_id}/report.{suffix}",
    responses={
        200: {
            "content": {
                kind: {"schema": {"type": _JSON.get(form, "string")}}
                for form, kind in _TYPES.items()
            }
        },
        **documented(404, 409, 422),
    },
)
async def report(
    request: Request, check_id: str, suffix: Literal["html", "json", "md", "claimreview.json"]
) -> Response:
    """The report of a check that is done, in one of its forms."""
    run = _run(request, check_id)
    if run.state.state != "done":
        raise Problem(HTTPStatus.CONFLICT, f"there is no report: the check is {run.state.state}")
    return await _rendered(request, run, _SUFFIXES[suffix])


async def _rendered(request: Request, run: Run, format_: _RenderedFormat) -> Response:
    headers = {}
    if format_ == "html":
        from agent.report.html import page_policy

        # The page's two inline blocks, by their hashes; framed by nobody.
        headers["Content-Security-Policy"] = f"{page_policy()}; frame-ancestors 'none'"
    # It takes long for a long article, and others are to be answered meanwhile.
    draw = partial(render, format=format_)
    text = await asyncio.to_thread(_runs(request).rendered, run, format_, draw)
    return Response(text, media_type=_TYPES[format_], headers=headers)


async def _accepted(response: Response, taking: Awaitable[Run]) -> Accepted:
    try:
        run = await taking
    except TooManyWaiting:
        raise Problem(
            HTTPStatus.TOO_MANY_REQUESTS,
            "too many checks are waiting",
            "Send it again later",
            {"Retry-After": str(RETRY_AFTER)},
        ) from None
    response.headers["Location"] = f"/api/checks/{run.id}"
    return Accepted(id=run.id)


async def _json(request: Request) -> CheckRequest:
    given = from_json(CheckRequest, await request.body())
    if given.text is None and given.url is None:
        raise Problem(HTTPStatus.UNPROCESSABLE_ENTITY, "give a text or an address to fetch")
    return given


def _runs(request: Request) -> Runs:
    runs: Runs = request.app.state.runs
    return runs


def _run(request: Request, check_id: str) -> Run:
    run = _runs(request).get(check_id)
    if run is None:
        raise Problem(HTTPStatus.NOT_FOUND, "there is no such check")
    return run
