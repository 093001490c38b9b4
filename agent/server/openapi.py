"""The OpenAPI document: what FastAPI makes of the routes, and what the guard says before them."""

from __future__ import annotations

from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi

from agent.server.guard import OPEN
from agent.server.problems import SCHEMA, documented

_RETRY_AFTER = {
    "Retry-After": {
        "description": "Seconds after which it may be asked again.",
        "schema": {"type": "integer", "minimum": 0},
    }
}


def openapi(app: FastAPI) -> dict[str, Any]:
    """The document, made once.

    Every operation tells that it can be refused for its host (421) and fail by a defect (500); all
    but those that anybody may ask tell of the token (401), which a service on loopback alone does
    not want. What the framework says of bodies that do not fit is said as the problem that it is.
    """
    if app.openapi_schema is not None:
        return app.openapi_schema
    document = get_openapi(
        title=app.title, version=app.version, summary=app.summary, routes=app.routes
    )
    components = document.setdefault("components", {})
    schemas = components.setdefault("schemas", {})
    for framework in ("HTTPValidationError", "ValidationError"):
        schemas.pop(framework, None)
    schemas["Problem"] = SCHEMA
    components["securitySchemes"] = {
        "token": {
            "type": "http",
            "scheme": "bearer",
            "description": "Printed at the start of a service that listens beyond loopback.",
        }
    }
    for path, operations in document["paths"].items():
        for operation in operations.values():
            _complete(operation, open_to_all=path in OPEN)
    app.openapi_schema = document
    return document


def _complete(operation: dict[str, Any], *, open_to_all: bool) -> None:
    answers = operation["responses"]
    always = (421, 500) if open_to_all else (401, 421, 500)
    # 422 is made anew where the framework said it in its own way.
    of_ours = [*always, 422] if "422" in answers else [*always]
    answers |= {str(status): told for status, told in documented(*of_ours).items()}
    for status in ("429", "503"):
        if status in answers:
            answers[status]["headers"] = _RETRY_AFTER
    operation["responses"] = dict(sorted(answers.items()))
    if not open_to_all:
        operation["security"] = [{}, {"token": []}]
