"""The file of a cassette: one JSON document in which JSON bodies stand as JSON.

    {"cassette": 2,
     "sha256": …,            over all the rest: an edited or cut cassette is refused
     "run": {…} or null,     what was recorded; `agent.report.recorded` makes and reads it
     "interactions": [{"request": {"method", "url", "headers", BODY},
                       "response": {"status", "reason", "headers", BODY}}, …]}

BODY is one of `json`, `text` and `base64`, or nothing.
"""

from __future__ import annotations

import base64
import hashlib
import json
import os
import tempfile
import time
from contextlib import suppress
from pathlib import Path
from typing import Any

from agent.errors import InputError, UsageError
from agent.gateway.answers import strict_json

FORMAT = 2
_LITTER_AGE = 60.0
"""Seconds after which an unfinished file of a killed process is removed; writing takes less."""

Interaction = dict[str, Any]
Document = dict[str, Any]


def document(interactions: list[Interaction], run: dict[str, Any] | None = None) -> Document:
    """A cassette's content with its seal."""
    return sealed({"cassette": FORMAT, "run": run, "interactions": interactions})


def sealed(content: Document) -> Document:
    """The content with the digest that belongs to it; for those who edit one on purpose."""
    rest = {name: value for name, value in content.items() if name not in ("cassette", "sha256")}
    return {"cassette": FORMAT, "sha256": _digest(rest), **rest}


def read(path: Path) -> Document:
    """Reads a cassette.

    Raises:
        InputError: there is none, it cannot be read, or it is not as it was written.
    """
    if not path.is_file():
        raise InputError(f"there is no cassette {path}", "Record it first, with --record")
    try:
        content = strict_json(path.read_text(encoding="utf-8"))
        if not isinstance(content, dict) or "cassette" not in content:
            raise ValueError("it is no cassette")
        if content["cassette"] != FORMAT:
            raise ValueError(f"its format {content['cassette']!r} is not {FORMAT}")
        if content.get("sha256") != sealed(content)["sha256"]:
            raise ValueError("it was changed or cut after it was recorded")
        for interaction in content["interactions"]:
            _check(interaction)
        if not isinstance(content.get("run"), dict | None):
            raise ValueError("its run is no object")
    except (OSError, ValueError, LookupError, TypeError, AttributeError, RecursionError) as error:
        why = error.strerror if isinstance(error, OSError) else error
        raise InputError(
            f"the cassette {path} cannot be read ({why})",
            "It is left as it is; restore it, or delete it and record again",
        ) from error
    return content


def unfinished(path: Path) -> Path:
    """Where the answers of a recording that was interrupted are kept for the next one."""
    return path.with_name(f"{path.name}.part")


def write(path: Path, content: Document, *, replace: bool = False) -> None:
    """Writes a cassette whole or not at all.

    Args:
        path: where to.
        content: as `document` makes it.
        replace: whether one that is there may be replaced.

    Raises:
        UsageError: it cannot be written, or there is one by now.
    """
    text = json.dumps(content, ensure_ascii=False, indent=1, allow_nan=False) + "\n"
    try:
        temporary = _temporary(path)
        try:
            with temporary.open("w", encoding="utf-8", newline="\n") as file:
                file.write(text)
                file.flush()
                os.fsync(file.fileno())
            if path.exists() and not replace:
                raise UsageError(
                    f"the cassette {path} was made by somebody else meanwhile",
                    "Delete it, or name another file, and record again",
                )
            temporary.replace(path)
        finally:
            temporary.unlink(missing_ok=True)
    except OSError as error:
        raise _unwritable(path, error) from error
    with suppress(OSError):  # some systems cannot sync folders; the file is whole all the same
        handle = os.open(path.parent, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


def check_place(path: Path) -> None:
    """Complains before the run, not after it, of a place that a cassette cannot be written to.

    Removes what processes left that were killed while they wrote to it.

    Raises:
        UsageError: there is something, or the folder cannot be made or written to.
    """
    if path.exists():
        raise UsageError(
            f"the cassette {path} exists and is never recorded over",
            "Delete it first, or name another file",
        )
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        _temporary(path).unlink()
        for litter in path.parent.glob(f".{_glob(path.name)}.*.tmp"):
            if time.time() - litter.stat().st_mtime > _LITTER_AGE:
                litter.unlink(missing_ok=True)
    except OSError as error:
        raise _unwritable(path, error) from error


def body_of(data: bytes | str | None) -> dict[str, Any]:
    """A body as it is written: `json`, else `text`, else `base64`; nothing for none."""
    if not data:
        return {}
    if isinstance(data, str):
        data = data.encode()
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError:
        return {"base64": base64.b64encode(data).decode("ascii")}
    try:
        value = strict_json(text)
        dumped(value).encode()
    except (ValueError, RecursionError):
        # No JSON, or JSON that would not come back as it was: a key given twice, a lone
        # surrogate, a number beyond a float.
        return {"text": text}
    return {"json": value}


def bytes_of(body: dict[str, Any]) -> bytes:
    """The body that `body_of` took apart; other keys are ignored."""
    if "json" in body:
        return dumped(body["json"]).encode()
    if "base64" in body:
        return base64.b64decode(body["base64"], validate=True)
    return str(body.get("text", "")).encode()


def dumped(value: Any) -> str:
    """A JSON value as it is sent again in a replay."""
    return json.dumps(value, ensure_ascii=False, allow_nan=False)


def _digest(value: Any) -> str:
    text = json.dumps(value, sort_keys=True, allow_nan=False)
    return hashlib.sha256(text.encode()).hexdigest()


def _check(interaction: Interaction) -> None:
    """Complains of an interaction that vcrpy could not play; a forged seal is no excuse."""
    asked, got = interaction["request"], interaction["response"]
    texts = [asked["method"], asked["url"], got["reason"], *_flat(asked), *_flat(got)]
    if not all(isinstance(text, str) for text in texts) or not got["reason"].isascii():
        raise ValueError("an interaction is no texts")
    if not isinstance(got["status"], int) or not 100 <= got["status"] <= 999:
        raise ValueError(f"{got['status']!r} is no status")
    bytes_of(asked)
    bytes_of(got)


def _flat(message: dict[str, Any]) -> list[Any]:
    return [text for pair in message["headers"].items() for text in pair]


def _temporary(path: Path) -> Path:
    """A new empty file beside a path."""
    handle, name = tempfile.mkstemp(prefix=f".{path.name}.", suffix=".tmp", dir=path.parent)
    os.close(handle)
    return Path(name)


def _glob(name: str) -> str:
    return "".join(f"[{c}]" if c in "*?[" else c for c in name)


def _unwritable(path: Path, error: OSError) -> UsageError:
    return UsageError(
        f"the cassette {path} cannot be written ({error.strerror or error})",
        "Free space, or name another place with --cassette",
    )
