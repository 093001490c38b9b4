"""Fields of requests: what each may hold, said once for the schema and for what is refused.

A field's type carries both its check and its part of the OpenAPI document, so that what the
document allows is taken and what it does not is refused, in JSON and in forms alike.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import date
from http import HTTPStatus
from typing import Annotated, Any, TypeVar

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    ValidationError,
    ValidationInfo,
    WithJsonSchema,
    field_validator,
)
from pydantic_core import PydanticCustomError

from agent.report.wording import one_line
from agent.selection import Selection
from agent.server.problems import Problem

_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_COARSE = r"[1-9][0-9]{3}(-(0[1-9]|1[0-2]))?"
_ADDRESS = r"^[Hh][Tt][Tt][Pp][Ss]?://[^\u0000-\u0020\u007f]*$"
_EMPTY = {"type": "string", "maxLength": 0}
_MOST = 20
"""Values of one filter."""


def _day(value: str) -> str:
    try:
        if _DAY.fullmatch(value):  # which is stricter than what fromisoformat takes
            return date.fromisoformat(value).isoformat()
    except ValueError:
        pass
    raise PydanticCustomError("day", "this is no date; write it as 2026-03-31")


def _published(value: str) -> str:
    return value if re.fullmatch(_COARSE, value) else _day(value)


def _address(value: str) -> str:
    if not re.fullmatch(_ADDRESS, value):  # in which `$` stands before no line break
        raise PydanticCustomError(
            "address", "this is no web address; it begins with https:// and holds no blanks"
        )
    return value


Day = Annotated[str, AfterValidator(_day), WithJsonSchema({"type": "string", "format": "date"})]
"""A day, `2026-03-31`."""
Published = Annotated[
    str,
    AfterValidator(_published),
    WithJsonSchema({"type": "string", "anyOf": [{"format": "date"}, {"pattern": f"^{_COARSE}$"}]}),
]
"""A day, a month or a year."""
WebAddress = Annotated[
    str,
    Field(max_length=4096),
    AfterValidator(_address),
    WithJsonSchema({"type": "string", "pattern": _ADDRESS, "maxLength": 4096}),
]
"""Begins as an address does; whether it can be used is seen where it is."""
_Line = Annotated[str, Field(min_length=1, max_length=300)]
_Lines = Annotated[list[_Line], Field(max_length=_MOST)]
_Code = Annotated[str, Field(pattern="^[a-z]{2}$", max_length=2)]


def _with_words(value: str) -> str:
    if not value.strip():
        raise PydanticCustomError("blank", "this holds nothing but spaces")
    return value


ArticleText = Annotated[
    str,
    AfterValidator(_with_words),
    WithJsonSchema({"type": "string", "minLength": 1, "pattern": r"\S"}),
]
"""A text that is not blank."""


def _number(value: object, info: ValidationInfo) -> object:
    """In JSON a number is none in quotation marks; in a form there are only texts."""
    if info.mode == "json" and isinstance(value, str | bool):
        raise ValueError("must be a number")
    return value


class About(BaseModel):
    """What is known about a text."""

    model_config = ConfigDict(extra="forbid")

    title: str | None = Field(default=None, max_length=1000)
    author: str | None = Field(default=None, max_length=1000)
    publisher: str | None = Field(default=None, max_length=1000)
    url: WebAddress | None = Field(default=None, description="Where it was published.")
    published_at: Published | None = Field(
        default=None, description="ISO 8601 date, or a coarser prefix."
    )


class Narrowing(BaseModel):
    """Which sources are used; the words are those of the command line's options."""

    model_config = ConfigDict(extra="forbid")

    as_of: Day | None = Field(
        default=None, description="Leave out sources published after this day."
    )
    since: Day | None = Field(default=None, description="Leave out sources published earlier.")
    exclude_source: _Lines = Field(
        default=[], description="Leave out these: ids, or their beginnings."
    )
    source_publisher: _Lines = Field(default=[], description="Only sources of these publishers.")
    language: Annotated[list[_Code], Field(max_length=_MOST)] = Field(
        default=[], description="Only sources in these languages, ISO 639-1."
    )
    tag: _Lines = Field(default=[], description="Only sources with one of these tags.")
    min_origins: Annotated[int, Field(ge=1, le=20), BeforeValidator(_number)] | None = Field(
        default=None,
        description="Independent origins that it takes to support a claim; else what "
        "the service was started with, 1 by default.",
    )

    @field_validator("since")
    @classmethod
    def _before_the_end(cls, since: str | None, info: ValidationInfo) -> str | None:
        as_of = info.data.get("as_of")
        if since and as_of and since > as_of:
            raise PydanticCustomError("order", "this is later than `as_of`: no source is left")
        return since

    def selection(self, min_origins: int = 1) -> Selection:
        """The sources that are wanted.

        Args:
            min_origins: where the request names no other number.
        """
        return Selection(
            as_of=self.as_of,
            since=self.since,
            exclude=tuple(self.exclude_source),
            publishers=tuple(self.source_publisher),
            languages=tuple(self.language),
            tags=tuple(self.tag),
            min_origins=self.min_origins or min_origins,
        )


Model = TypeVar("Model", bound=BaseModel)


def from_json(model: type[Model], body: bytes) -> Model:
    """The model that a JSON body holds.

    Raises:
        Problem: 422, which field is wrong, and how.
    """
    try:
        return model.model_validate_json(body)
    except ValidationError as error:
        raise refusal(error) from None


def from_form(model: type[Model], fields: Mapping[str, Sequence[str]]) -> Model:
    """The model that a form's fields give; unknown ones are left out, and so are empty ones: a
    browser sends every field that a form has.

    Raises:
        Problem: 422, which field is wrong, and how.
    """
    given: dict[str, str | list[str]] = {}
    for name, field in model.model_fields.items():
        values = [value for value in fields.get(name, ()) if value]
        if isinstance(field.default, list):  # what may be given several times
            if len(fields.get(name, ())) > _MOST:  # the empty ones are of the form, too
                detail = f"{name}: given more than {_MOST} times"
                raise Problem(HTTPStatus.UNPROCESSABLE_ENTITY, detail)
            given[name] = values
        elif len(values) > 1:
            raise Problem(HTTPStatus.UNPROCESSABLE_ENTITY, f"{name}: given more than once")
        elif values:
            given[name] = values[0]
    try:
        return model.model_validate(given)
    except ValidationError as error:
        raise refusal(error) from None


def form_schema(model: type[BaseModel]) -> dict[str, Any]:
    """The properties of a form with the model's fields: a text each, or one or several; empty
    where nothing is said."""
    properties = {}
    for name, schema in model.model_json_schema()["properties"].items():
        if schema.get("type") == "array":
            items = _or_empty(schema["items"])
            several = {"type": "array", "items": items, "maxItems": schema["maxItems"]}
            properties[name] = {"anyOf": [schema["items"], several, _EMPTY]}
        else:  # or null, which a form cannot say
            properties[name] = _or_empty(schema["anyOf"][0])
        properties[name] |= {key: schema[key] for key in ("description",) if key in schema}
    return properties


def _or_empty(schema: dict[str, Any]) -> dict[str, Any]:
    is_text = schema.get("type") == "string"
    says_nothing = is_text and not {"minLength", "pattern", "format", "anyOf"} & set(schema)
    return schema if says_nothing else {"anyOf": [schema, _EMPTY]}


def refusal(error: ValidationError) -> Problem:
    """The first fault of a request, in one line."""
    first = error.errors()[0]
    where = ".".join(str(part) for part in first["loc"]) or "body"
    return Problem(HTTPStatus.UNPROCESSABLE_ENTITY, one_line(f"{where}: {first['msg']}"))
