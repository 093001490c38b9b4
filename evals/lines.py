"""Files of one JSON object a line, read with every fault named by its line."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, TypeVar

from pydantic import ValidationError

from agent.errors import InputError
from evals.samples import Row

R = TypeVar("R", bound=Row)


def objects(path: Path) -> Iterator[tuple[int, dict[str, Any]]]:
    """The lines of a file that are not blank, with their numbers from 1."""
    try:
        file = path.open("rb")
    except OSError as error:
        raise InputError(f"{path} cannot be read: {error.strerror}") from error
    with file:
        for number, line in enumerate(file, start=1):
            if not line.strip():
                continue
            try:
                data = json.loads(line.decode("utf-8-sig" if number == 1 else "utf-8"))
            except UnicodeDecodeError:
                raise fault(path, number, "the line is not UTF-8") from None
            except (ValueError, RecursionError):
                raise fault(path, number, "the line is not JSON") from None
            if not isinstance(data, dict):
                raise fault(path, number, "the line is not a JSON object")
            yield number, data


def rows(path: Path, form: type[R]) -> Iterator[tuple[int, R]]:
    """The lines of a file as rows of a form, with their numbers from 1."""
    for number, data in objects(path):
        try:
            yield number, form.model_validate(data)
        except ValidationError as error:
            raise fault(path, number, told(error)) from None


def unique(path: Path, form: type[R]) -> list[tuple[int, R]]:
    """The rows of a file; at least one, and no two of one id."""
    found = list(rows(path, form))
    if not found:
        raise InputError(f"{path} is empty", "Give one JSON object a line")
    first_line: dict[str, int] = {}
    for number, row in found:
        if row.id in first_line:
            what = f"the id {row.id!r} stands on line {first_line[row.id]} already"
            raise fault(path, number, what)
        first_line[row.id] = number
    return found


def fault(path: Path, number: int, what: str) -> InputError:
    """What is wrong with a line; `number` is from 1."""
    return InputError(f"{path}, line {number}: {what}", "Mend or remove that line")


def told(error: ValidationError) -> str:
    """Where a row is not as it should be, and how: `claims.0.start: field required`."""
    first = error.errors()[0]
    where = ".".join(str(part) for part in first["loc"])
    # Of a check of our own it is the words that count, not the class that raised them.
    what = first["msg"].removeprefix("Value error, ")
    message = what if what != first["msg"] else what.lower()
    return f"{where}: {message}" if where else message
