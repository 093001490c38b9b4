"""Publishers and sites over HTTP: who speaks in the library, and what the user makes of them."""

from __future__ import annotations

from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, Query, Request
from pydantic import BaseModel, ConfigDict, Field

from agent.errors import LibraryEmpty, LibraryMissing, UsageError
from agent.report.wording import one_line
from agent.server.known import Known, Publisher
from agent.server.problems import Problem, documented
from agent.server.shelf import Shelf
from agent.types import Reputation

router = APIRouter(prefix="/api", tags=["sources"])
_MOST = 1_000


class Mark(BaseModel):
    """What the user makes of a publisher."""

    model_config = ConfigDict(extra="forbid")

    name: Annotated[str, Field(min_length=1, max_length=1000)] = Field(
        description="Of a publisher, whatever its case, or its site, such as `press.example`."
    )
    reputation: Reputation


class Marks(BaseModel):
    """Publishers and sites that are not neutral."""

    reputations: dict[str, Reputation]


class Page(BaseModel):
    """Part of the list of publishers."""

    publishers: list[Publisher]
    total: int = Field(description="Names that match, of which these are some.")


@router.get("/publishers", response_model=Page, responses=documented(422, 503))
async def publishers(
    request: Request,
    q: Annotated[str, Query(max_length=200, description="Words of the name.")] = "",
    offset: Annotated[int, Query(ge=0, le=10**9)] = 0,
    limit: Annotated[int, Query(ge=1, le=_MOST)] = 100,
) -> Page:
    """Whom sources are of: first those that are not neutral, then by how many sources they have."""

    def read() -> Page:
        try:
            with _shelf(request).reading() as library:
                known = Known.of(library)
        except (LibraryMissing, LibraryEmpty):
            return Page(publishers=[], total=0)
        wanted = q.casefold().split()
        matching = [
            each for key, each in known.publishers.items() if all(word in key for word in wanted)
        ]
        matching.sort(key=lambda each: (each.reputation == "neutral", -each.sources, each.name))
        return Page(publishers=matching[offset : offset + limit], total=len(matching))

    return await _shelf(request).work(read)


@router.get("/reputations", response_model=Marks, responses=documented(409, 503))
async def reputations(request: Request) -> Marks:
    """Whom the user trusts and distrusts; all others are neutral."""

    def read() -> Marks:
        with _shelf(request).reading() as library:
            return Marks(reputations=library.reputations())

    return await _shelf(request).work(read)


@router.put(
    "/reputations",
    response_model=Marks,
    responses=documented(400, 403, 404, 408, 409, 413, 422, 503),
)
async def mark(request: Request, wanted: Mark) -> Marks:
    """Marks a publisher or a site; `neutral` takes a mark back. All marks are answered."""

    def write() -> Marks:
        with _shelf(request).reading():  # a library is made by adding to it, not by a mark
            pass
        with _shelf(request).writing() as library:
            try:
                library.set_reputation(wanted.name, wanted.reputation)
            except UsageError as error:
                raise Problem(HTTPStatus.NOT_FOUND, one_line(str(error))) from error
            return Marks(reputations=library.reputations())

    return await _shelf(request).work(write, writes=True)


def _shelf(request: Request) -> Shelf:
    shelf: Shelf = request.app.state.shelf
    return shelf
