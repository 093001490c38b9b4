"""Records what goes over the wire to a model server, and plays it back without a network.

For tests, and for users who want to keep how a report came about (`--cassette FILE` with
`--record` or `--replay`). vcrpy does the work; here is what it must not be left to decide:

- A request is recognised by method, address and body (JSON compared without its key order).
- Only the headers named below are kept, and no secret: whatever a request sends as a key, an
  organisation or a cookie is taken out wherever else it stands.
- A cassette is written once, whole or not at all, and never over another one.
- In a replay nothing reaches the network; a request that was not recorded is an error.

A cassette is one JSON file in which JSON bodies stand as JSON, so that it can be reviewed.
"""

from __future__ import annotations

import base64
import json
import logging
import os
import re
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from agent.errors import InputError, ModelError, ModelUnavailable, UsageError
from agent.gateway.answers import strict_json

if TYPE_CHECKING:
    from vcr.cassette import Cassette
    from vcr.request import Request

Mode = Literal["record", "replay"]

FORMAT = 1
REQUEST_HEADERS = frozenset({"accept", "content-type"})
RESPONSE_HEADERS = frozenset(
    {"content-encoding", "content-type", "location", "retry-after", "retry-after-ms"}
)
REDACTED = "REDACTED"

_SECRET_HEADER = re.compile(r"auth|key|token|secret|cookie|organi[sz]ation|project", re.IGNORECASE)
_SECRET_NAME = re.compile(
    r"(?:.*[_-])?(?:api-?_?key|key|secret|password|passwd|authorization|credentials?|cookie"
    r"|signature|sig)|(?:(?:access|auth|bearer|id|refresh|session|x)[_-]?)?token",
    re.IGNORECASE,
)
# Shorter ones would be found in ordinary words.
_SHORTEST_SECRET = 8

# vcrpy patches the HTTP libraries of the whole process: two cassettes would mix.
_in_use = threading.Lock()
_replaying = False


def is_replaying() -> bool:
    """Whether a cassette is being replayed in this process."""
    return _replaying


class Tape:
    """The cassette in use."""

    def __init__(self, cassette: Cassette) -> None:
        self._cassette = cassette

    def __len__(self) -> int:
        """Interactions recorded so far, or to be replayed."""
        return len(self._cassette)

    @property
    def unplayed(self) -> list[str]:
        """Recorded interactions that nobody has asked for yet, as `METHOD URL`.

        After a replay this should be empty: otherwise the run did not do what was recorded.
        Always empty while recording.
        """
        if self._cassette.record_mode != "none":
            return []
        return [
            f"{request.method} {request.uri}"
            for number, request in enumerate(self._cassette.requests)
            if not self._cassette.play_counts[number]
        ]


@contextmanager
def recording(path: Path, mode: Mode) -> Iterator[Tape]:
    """Records all HTTP of the block into a new cassette, or answers it from an existing one.

    One at a time in a process, and with asynchronous code in one event loop. A block that
    raises leaves no cassette: half a recording would replay half a run.

    Args:
        path: the cassette.
        mode: `record` or `replay`.

    Yields:
        The tape; see `Tape.unplayed` after a replay.

    Raises:
        UsageError: another cassette is in use, or there is one at `path` to be recorded over.
        InputError: the cassette to be replayed is missing or damaged.
        ModelUnavailable: kind `not_recorded`, a request was made that the cassette lacks.
    """
    global _replaying
    path = Path(path)
    if mode == "record" and path.exists():
        raise UsageError(
            f"the cassette {path} exists and is never recorded over",
            "Delete it first, or name another file",
        )
    if mode == "replay" and not path.is_file():
        raise InputError(f"there is no cassette {path}", "Record it first, with --record")
    if not _in_use.acquire(blocking=False):
        raise UsageError("another cassette is in use", "Use one at a time in a process")
    try:
        _replaying = mode == "replay"
        yield from _use(path, mode)
    finally:
        _replaying = False
        _in_use.release()


def _use(path: Path, mode: Mode) -> Iterator[Tape]:
    import vcr
    from vcr.errors import CannotOverwriteExistingCassetteException

    # It logs whole addresses, keys in them included.
    logging.getLogger("vcr").setLevel(logging.WARNING)
    redactor = Redactor()
    recorder = vcr.VCR(
        # "all" asks the network for every request; the file is new, so nothing is replaced.
        record_mode="none" if mode == "replay" else "all",
        match_on=("method", "scheme", "host", "port", "path", "query", "body"),
        before_record_request=redactor.request,
        before_record_response=redactor.response,
    )
    recorder.register_persister(_Persister)
    try:
        with recorder.use_cassette(str(path)) as cassette:
            yield Tape(cassette)
    except CannotOverwriteExistingCassetteException as error:
        raise not_recorded(error.failed_request) from None
    if mode == "record":
        # Once more over the whole: a secret may have been seen later than it was recorded.
        document = redactor.value(_document(cassette))
        _save(path, json.dumps(document, ensure_ascii=False, indent=1) + "\n")


def not_recorded(request: Any) -> ModelUnavailable:
    """The error of a request (vcrpy's) that a cassette lacks.

    The address goes without its query and the request's text: both may hold secrets.
    """
    address = urlsplit(getattr(request, "uri", ""))
    where = f"{getattr(request, 'method', 'a request')} {address.hostname}{address.path}"
    return ModelUnavailable(
        "not_recorded",
        f"the cassette holds no (further) answer to {where}",
        "Article, library, model, prompts or settings differ from the recording: record it anew",
    )


# --- what is left out --------------------------------------------------------------------


@dataclass
class Redactor:
    """Takes secrets out of requests and responses, and remembers them."""

    seen: set[str] = field(default_factory=set)

    def request(self, request: Request) -> Request:
        """Called by vcrpy on a copy, before a request is compared or stored."""
        for name, value in request.headers.items():
            if _SECRET_HEADER.search(name):
                self._remember_header(name.lower(), _string(value))
        body = _body_of(request.body)
        parts = urlsplit(request.uri)
        query = parse_qsl(parts.query, keep_blank_values=True)
        for name, value in query:
            if _SECRET_NAME.fullmatch(name):
                self._remember(value)
        self._remember_fields(body.get("json"))

        request.headers = {
            name.lower(): _string(value)
            for name, value in request.headers.items()
            if name.lower() in REQUEST_HEADERS
        }
        kept = [(n, REDACTED if _SECRET_NAME.fullmatch(n) else v) for n, v in query]
        host = parts.netloc.rpartition("@")[2]
        address = urlunsplit((parts.scheme, host, parts.path, urlencode(kept), ""))
        request.uri = self.text(address)
        request.body = _bytes_of(self._without_secrets(body))
        return request

    def response(self, response: dict[str, Any]) -> dict[str, Any]:
        """Called by vcrpy on a copy, before a response is stored."""
        headers = {name.lower(): list(values) for name, values in response["headers"].items()}
        for value in headers.get("set-cookie", []):
            self._remember_header("set-cookie", value)
        data = response["body"]["string"] or b""
        data, packed = _unpacked(data, headers)
        body = _body_of(data)
        self._remember_fields(body.get("json"))
        kept = {
            name: [self.text(value) for value in values]
            for name, values in headers.items()
            if name in RESPONSE_HEADERS and (packed or name != "content-encoding")
        }
        if "retry-after" in kept and "date" in headers:  # it may be a date, relative to this one
            kept["date"] = headers["date"]
        string = data if packed else _bytes_of(self._without_secrets(body))
        return {"status": response["status"], "headers": kept, "body": {"string": string}}

    def text(self, text: str) -> str:
        """The text without the secrets seen so far."""
        # The longest first: one may be part of another.
        for secret in sorted(self.seen, key=len, reverse=True):
            text = text.replace(secret, REDACTED)
        return text

    def value(self, value: Any) -> Any:
        """A JSON value without secrets, by content and by the names of fields."""
        if isinstance(value, str):
            return self.text(value)
        if isinstance(value, list):
            return [self.value(child) for child in value]
        if isinstance(value, dict):
            return {
                self.text(name): REDACTED
                if isinstance(child, str) and _SECRET_NAME.fullmatch(name)
                else self.value(child)
                for name, child in value.items()
            }
        return value

    def _remember(self, value: str) -> None:
        if len(value) >= _SHORTEST_SECRET and value != REDACTED:
            self.seen.add(value)

    def _remember_header(self, name: str, value: str) -> None:
        if name == "set-cookie":
            value = value.partition(";")[0]
        if "cookie" in name:
            for cookie in value.split(";"):
                self._remember(cookie.partition("=")[2].strip())
        else:
            self._remember(value)
            self._remember(value.rpartition(" ")[2])  # without the scheme

    def _remember_fields(self, value: Any) -> None:
        if isinstance(value, dict):
            for name, child in value.items():
                if isinstance(child, str) and _SECRET_NAME.fullmatch(name):
                    self._remember(child)
                self._remember_fields(child)
        elif isinstance(value, list):
            for child in value:
                self._remember_fields(child)

    def _without_secrets(self, body: dict[str, Any]) -> dict[str, Any]:
        if "json" in body:
            return {"json": self.value(body["json"])}
        return {kind: self.text(text) for kind, text in body.items()}


def _unpacked(data: bytes, headers: dict[str, list[str]]) -> tuple[bytes, bool]:
    """The response's body as it was before compression, and whether it still is packed."""
    encoding = ",".join(headers.get("content-encoding", []))
    if not encoding:
        return data, False
    from agent.gateway.provider import unpack

    try:
        return unpack(data, encoding), False
    except ModelError:  # not what the header says: kept as it came, to fail again in a replay
        return data, True


# --- the file ----------------------------------------------------------------------------


def _string(value: str | bytes) -> str:
    return value.decode("latin-1") if isinstance(value, bytes) else value


def _body_of(data: bytes | str | None) -> dict[str, Any]:
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
        _dumped(value).encode()
    except (ValueError, RecursionError):
        # No JSON, or JSON that would not come back as it was: a key given twice, a lone
        # surrogate, a number beyond a float.
        return {"text": text}
    return {"json": value}


def _bytes_of(body: dict[str, Any]) -> bytes:
    if "json" in body:
        return _dumped(body["json"]).encode()
    if "base64" in body:
        return base64.b64decode(body["base64"], validate=True)
    return str(body.get("text", "")).encode()


def _dumped(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, allow_nan=False)


def _document(cassette: Cassette) -> dict[str, Any]:
    interactions = []
    for request, response in cassette.data:
        interactions.append(
            {
                "request": {
                    "method": request.method,
                    "url": request.uri,
                    "headers": dict(request.headers),
                    **_body_of(request.body),
                },
                "response": {
                    "status": response["status"]["code"],
                    "reason": response["status"]["message"],
                    "headers": {n: ", ".join(v) for n, v in response["headers"].items()},
                    **_body_of(response["body"]["string"]),
                },
            }
        )
    return {"cassette": FORMAT, "interactions": interactions}


def _save(path: Path, text: str) -> None:
    """Writes the file whole or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
    temporary = Path(name)
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        if path.exists():
            raise UsageError(
                f"the cassette {path} was made by somebody else meanwhile",
                "Delete it, or name another file, and record again",
            )
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)


class _Persister:
    """Loads strictly; saves nothing, because vcrpy would leave its patches behind on a failure."""

    @staticmethod
    def load_cassette(path: str, serializer: object) -> tuple[list[Request], list[dict[str, Any]]]:
        from vcr.persisters.filesystem import CassetteNotFoundError
        from vcr.request import Request

        if not Path(path).exists():
            raise CassetteNotFoundError
        try:
            document = json.loads(Path(path).read_text(encoding="utf-8"))
            if document["cassette"] != FORMAT:
                raise ValueError(f"format {document['cassette']!r} is not {FORMAT}")
            requests, responses = [], []
            for interaction in document["interactions"]:
                asked, got = interaction["request"], interaction["response"]
                requests.append(
                    Request(asked["method"], asked["url"], _bytes_of(asked), asked["headers"])
                )
                responses.append(
                    {
                        "status": {"code": got["status"], "message": got["reason"]},
                        "headers": {name: [value] for name, value in got["headers"].items()},
                        "body": {"string": _bytes_of(got)},
                    }
                )
        except (OSError, ValueError, LookupError, TypeError, AttributeError) as error:
            raise InputError(
                f"the cassette {path} cannot be read ({error})",
                "It is left as it is; restore it, or delete it and record again",
            ) from error
        return requests, responses

    @staticmethod
    def save_cassette(path: str, content: object, serializer: object) -> None:
        return
