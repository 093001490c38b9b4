"""What a form sends: files with their bytes, and fields."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from http import HTTPStatus
from pathlib import PurePosixPath, PureWindowsPath

from fastapi import Request
from starlette.datastructures import UploadFile
from starlette.exceptions import HTTPException
from starlette.formparsers import MultiPartException

from agent.server.problems import Problem
from tools.readers import printable

_FIELDS = 200
_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Sent:
    name: str
    """The last part of the name that the sender gave, printable; used as a name only."""
    content: bytes


@dataclass(frozen=True)
class Upload:
    files: list[Sent]
    fields: dict[str, list[str]]
    """Values by name; one that is sent several times has several."""


async def upload(request: Request, *, most: int) -> Upload:
    """Reads a `multipart/form-data` body with one to `most` files.

    Raises:
        Problem: 400 where it is malformed, 422 where there is no file or one too many, 507
            where there is no room for it.
    """
    files: list[Sent] = []
    fields: dict[str, list[str]] = {}
    try:
        async with request.form(max_files=most, max_fields=_FIELDS) as form:
            for name, value in form.multi_items():
                if isinstance(value, UploadFile):
                    if value.filename:
                        files.append(Sent(file_name(value.filename), await value.read()))
                else:
                    fields.setdefault(name, []).append(value)
    except Problem:
        raise
    except (MultiPartException, HTTPException) as error:
        detail = getattr(error, "detail", None) or getattr(error, "message", "a malformed form")
        raise Problem(HTTPStatus.BAD_REQUEST, str(detail)) from None
    except OSError as error:
        _log.error("an upload cannot be kept: %s", error)
        raise Problem(
            HTTPStatus.INSUFFICIENT_STORAGE, "the upload cannot be kept", "Make room on the disk"
        ) from error
    if not files:
        raise Problem(HTTPStatus.UNPROCESSABLE_ENTITY, "the form holds no file")
    return Upload(files, fields)


def file_name(given: str) -> str:
    """A name without folders, of any system."""
    name = PurePosixPath(PureWindowsPath(given).name).name
    return printable(name)[:200] or "upload"
