"""The library over HTTP: list, search, add, show and remove sources."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import partial
from http import HTTPStatus
from pathlib import PurePath
from typing import TYPE_CHECKING, Annotated, Any

from fastapi import APIRouter, Query, Request
from pydantic import BaseModel, ConfigDict, Field

from agent.errors import InputError, LibraryEmpty, LibraryMissing, UsageError
from agent.report.wording import one_line
from agent.server.fields import About, WebAddress, form_schema, from_form, from_json
from agent.server.known import Known, Publisher
from agent.server.problems import Problem, documented
from agent.server.shelf import Shelf
from agent.server.uploads import upload
from agent.types import Document, OriginReason, Reputation, Source, WarningCode

if TYPE_CHECKING:
    from tools.library import AddResult

router = APIRouter(prefix="/api/sources", tags=["sources"])
_MOST = 1_000


class Listed(BaseModel):
    """A source without its text."""

    id: str
    title: str | None
    file_name: str | None = Field(description="Of the file it was read from, without its folder.")
    author: str | None
    publisher: str | None
    url: str | None
    published_at: str | None
    language: str | None
    passages: int
    origin: str
    origin_reason: OriginReason | None = Field(description="None for the earliest of its origin.")
    copies: int = Field(description="How many other sources have the same origin.")
    superseded_by: str | None
    tags: list[str]
    reputation: Reputation = Field(description="What the user made of its publisher or site.")
    warnings: list[str]
    added_at: str


class Page(BaseModel):
    """Part of the list of sources."""

    sources: list[Listed]
    total: int = Field(description="Sources that match, of which these are some.")


class PassageText(BaseModel):
    """A passage: a span of the source's text."""

    id: str
    start: int
    end: int


class AlsoAt(BaseModel):
    """A further place where the text of a source appeared."""

    title: str | None
    publisher: str | None
    published_at: str | None
    url: str | None
    added_at: str


class Shown(Listed):
    """A source with its text, where it is cut and where else it appeared."""

    text: str
    cut: list[PassageText]
    appearances: list[AlsoAt]
    same_origin: list[Listed] = Field(description="The other sources of its origin.")
    goes_by: list[Publisher] = Field(
        description="Its publisher and its site; each has a reputation of its own."
    )


class Found(BaseModel):
    """A passage that a search found."""

    source: Listed
    passage: str
    start: int
    end: int
    score: float = Field(description="Cosine similarity, -1 to 1.")


class Results(BaseModel):
    """What a search found, best first."""

    results: list[Found]


class Address(BaseModel):
    """A page to fetch and add."""

    model_config = ConfigDict(extra="forbid")

    url: WebAddress


class Refusal(BaseModel):
    """A file, or a part of one, that was not added."""

    name: str
    detail: str


class ToKnow(BaseModel):
    """What a reader of a new source should know about its text."""

    id: str
    code: WarningCode
    message: str


class AddedSources(BaseModel):
    """What became of the files or the address."""

    added: list[str] = Field(default_factory=list)
    already_there: list[str] = Field(default_factory=list)
    appeared: list[str] = Field(
        default_factory=list,
        description="Already there, but not from this publisher, day or address; it is kept.",
    )
    completed: list[str] = Field(
        default_factory=list, description="Already there; more is known of it now."
    )
    refused: list[Refusal] = Field(default_factory=list)
    warnings: list[ToKnow] = Field(default_factory=list, description="Of those added.")
    superseded: list[str] = Field(
        default_factory=list,
        description="With a newer version, where one of the two was added.",
    )
    disputed: list[list[str]] = Field(
        default_factory=list,
        description="Of one address and no versions of one text, where one of them was added.",
    )


class Flaw(BaseModel):
    """Something that is wrong with the library's data."""

    source: str | None = Field(description="Id of the source that it is in, where it is in one.")
    detail: str


class Verified(BaseModel):
    """What a look at every text, passage and vector found; nothing, if all is well."""

    flaws: list[Flaw]


_BODY: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "content": {
            "application/json": {"schema": Address.model_json_schema()},
            "multipart/form-data": {
                "schema": {
                    "type": "object",
                    "required": ["file"],
                    "properties": {
                        "file": {
                            "type": "array",
                            "minItems": 1,
                            "items": {"type": "string", "format": "binary"},
                        },
                        **form_schema(About),
                    },
                }
            },
        },
    }
}


@router.get("", response_model=Page, responses=documented(422, 503))
async def listing(
    request: Request,
    q: Annotated[str, Query(max_length=200, description="Words of title, publisher, …")] = "",
    offset: Annotated[int, Query(ge=0, le=10**9)] = 0,
    limit: Annotated[int, Query(ge=1, le=_MOST)] = 100,
) -> Page:
    """Sources, last added first; those of one origin stand together, the earliest first."""

    def read() -> Page:
        try:
            with _shelf(request).reading() as library:
                sources = library.sources()
                known = Known.of(library, sources)
        except (LibraryMissing, LibraryEmpty):
            return Page(sources=[], total=0)
        wanted = q.casefold().split()
        matching = [each for each in sources if all(word in _words(each) for word in wanted)]
        shown = _together(matching)[offset : offset + limit]
        return Page(
            sources=_all_listed(shown, known),
            total=len(matching),
        )

    return await _shelf(request).work(read)


@router.get("/search", response_model=Results, responses=documented(409, 422, 503))
async def search(
    request: Request,
    q: Annotated[str, Query(min_length=1, max_length=1000)],
    limit: Annotated[int, Query(ge=1, le=50)] = 10,
) -> Results:
    """Passages near a text, by meaning and by words."""

    def find() -> Results:
        from tools.library.retrieval import retrieve

        with _shelf(request).searching() as library:
            known = Known.of(library)
            hits = retrieve(library, q, n=limit)
        listed = _all_listed([hit.source for hit in hits], known)
        return Results(
            results=[
                Found(
                    source=source,
                    passage=hit.passage.text,
                    start=hit.passage.start,
                    end=hit.passage.end,
                    score=hit.score,
                )
                for hit, source in zip(hits, listed, strict=True)
            ]
        )

    return await _shelf(request).work(find)


@router.get("/{source_id}", response_model=Shown, responses=documented(404, 409, 422, 503))
async def show(request: Request, source_id: str) -> Shown:
    """One source with its text and its passages."""

    def read() -> Shown:
        with _shelf(request).reading() as library:
            sources = library.sources()
            known = Known.of(library, sources)
            source = _found(sources, source_id)
            passages = library.passages(source.id)
            appearances = library.appearances(source.id)
        akin = [each for each in sources if each.origin == source.origin and each is not source]
        listed, *others = _all_listed([source, *akin], known)
        return Shown(
            **listed.model_dump(),
            text=source.text,
            cut=[PassageText(id=each.id, start=each.start, end=each.end) for each in passages],
            appearances=[AlsoAt.model_validate(each, from_attributes=True) for each in appearances],
            same_origin=others,
            goes_by=known.publishers_of(source),
        )

    return await _shelf(request).work(read)


@router.post(
    "",
    response_model=AddedSources,
    responses=documented(400, 403, 408, 413, 415, 422, 503, 507),
    openapi_extra=_BODY,
)
async def add(request: Request) -> AddedSources:
    """Adds the texts of files, or of an address that is fetched; makes the library if need be."""
    from tools.readers import Refused, describe, read_bytes_all, read_documents

    kind = request.headers.get("content-type", "").partition(";")[0].strip().casefold()
    if kind == "application/json":
        url = from_json(Address, await request.body()).url
        about = About()
        named: list[tuple[str, Callable[[], Iterable[Document | Refused]]]]
        named = [(url, partial(read_documents, url))]
    elif kind == "multipart/form-data":
        sent = await upload(request, most=request.app.state.settings.upload_files)
        about = from_form(About, sent.fields)
        named = [
            (each.name, partial(read_bytes_all, each.content, each.name)) for each in sent.files
        ]
    else:
        raise Problem(
            HTTPStatus.UNSUPPORTED_MEDIA_TYPE,
            "sources are sent as application/json or multipart/form-data",
        )

    outcome = AddedSources()

    def read_all() -> list[tuple[str, Document]]:
        documents = []
        for name, read in named:
            try:
                for item in read():
                    if isinstance(item, Refused):
                        outcome.refused.append(Refusal(name=name, detail=one_line(str(item))))
                    else:
                        documents.append((name, describe(item, **about.model_dump())))
            except (InputError, UsageError) as error:
                outcome.refused.append(Refusal(name=name, detail=one_line(str(error))))
        return documents

    def store() -> None:
        with shelf.writing() as library:
            for name, document in documents:
                try:
                    result = library.add(document, path=None if "://" in name else name)
                except InputError as error:
                    outcome.refused.append(Refusal(name=name, detail=one_line(str(error))))
                    continue
                _note(outcome, result)
            if fresh := set(outcome.added):
                newer = library.superseded()
                outcome.superseded = [old for old, new in newer.items() if {old, new} & fresh]
                outcome.disputed = [ids for ids in library.disputed() if fresh & set(ids)]

    shelf = _shelf(request)
    # Read before there is a turn to write: others need not wait for a slow page or a long file.
    if documents := await shelf.work(read_all):
        await shelf.work(store, writes=True)
    return outcome


@router.post("/verify", response_model=Verified, responses=documented(403, 409, 503))
async def verify(request: Request) -> Verified:
    """Checks every text, passage and vector; a damaged search index is rebuilt."""

    def look() -> Verified:
        with _shelf(request).reading() as library:
            known = {source.id for source in library.sources()}
            problems = library.verify()
        # A problem begins with the source or the passage (`SOURCE:NUMBER`) that it is in.
        named = [(problem.partition(":")[0], problem) for problem in problems]
        return Verified(
            flaws=[Flaw(source=i if i in known else None, detail=one_line(p)) for i, p in named]
        )

    return await _shelf(request).work(look)


@router.delete(
    "/{source_id}",
    status_code=HTTPStatus.NO_CONTENT,
    responses=documented(403, 404, 409, 422, 503),
)
async def remove(request: Request, source_id: str) -> None:
    """Takes a source out of the library for good."""

    def take_out() -> None:
        with _shelf(request).reading() as library:
            _found(library.sources(), source_id)
        with _shelf(request).writing() as library:
            library.remove(source_id)

    await _shelf(request).work(take_out, writes=True)


def _note(outcome: AddedSources, result: AddResult) -> None:
    """What became of one text."""
    source = result.source
    (outcome.added if result.added else outcome.already_there).append(source.id)
    if result.added:
        outcome.warnings += [
            ToKnow(id=source.id, code=warning.code, message=one_line(warning.message))
            for warning in source.warnings
        ]
    elif result.completed:
        outcome.completed.append(source.id)
    elif result.appeared:
        outcome.appeared.append(source.id)


def _shelf(request: Request) -> Shelf:
    shelf: Shelf = request.app.state.shelf
    return shelf


def _found(sources: list[Source], source_id: str) -> Source:
    # Whole ids only: the beginning of one, which people may type, is no address.
    for source in sources:
        if source.id == source_id:
            return source
    raise Problem(HTTPStatus.NOT_FOUND, "there is no such source")


def _words(source: Source) -> str:
    known = (source.title, source.author, source.publisher, source.url, source.published_at)
    return " ".join([source.id, *filter(None, known), *source.tags]).casefold()


def _together(sources: list[Source]) -> list[Source]:
    """Last added first; an origin stands where its last added source does."""
    last: dict[str, str] = {}
    for source in sources:
        last[source.origin] = max(source.added_at, last.get(source.origin, ""))
    ordered = sorted(sources, key=lambda each: (each.id != each.origin, each.added_at, each.id))
    return sorted(ordered, key=lambda each: (last[each.origin], each.origin), reverse=True)


def _all_listed(some: Iterable[Source], known: Known) -> list[Listed]:
    """Sources, with how many passages each has and its reputation."""
    return [
        Listed(
            id=source.id,
            title=source.title,
            file_name=PurePath(source.path).name if source.path else None,
            author=source.author,
            publisher=source.publisher,
            url=source.url,
            published_at=source.published_at,
            language=source.language,
            passages=known.passages.get(source.id, 0),
            origin=source.origin,
            origin_reason=source.origin_reason,
            copies=known.sizes[source.origin] - 1,
            superseded_by=source.superseded_by,
            tags=source.tags,
            reputation=known.reputation_of(source),
            warnings=[warning.message for warning in source.warnings],
            added_at=source.added_at,
        )
        for source in some
    ]
