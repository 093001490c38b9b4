"""Records what goes over the wire to a model server, and plays it back without a network.

For tests, and for users who want to keep how a report came about (`--cassette FILE` with
`--record` or `--replay`). vcrpy does the work; here is what it must not be left to decide:

- A request is recognised by method, address and body (JSON compared without its key order).
- Only the headers named below are kept, and no secret (`agent.gateway.redaction`).
- A cassette is written once, whole or not at all, never over another one, and one that was
  changed since is refused (`agent.gateway.cassette_file`).
- In a replay nothing reaches the network; a request that was not recorded is an error that says
  in what it differs from the closest one that was.
"""

from __future__ import annotations

import hashlib
import json
import logging
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from http import HTTPStatus
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal
from urllib.parse import urlsplit

from agent.errors import InputError, ModelError, ModelUnavailable, UsageError
from agent.gateway import cassette_file
from agent.gateway.cassette_file import body_of, bytes_of
from agent.gateway.difference import closest, difference
from agent.gateway.redaction import Redactor

if TYPE_CHECKING:
    from vcr.cassette import Cassette
    from vcr.request import Request

Mode = Literal["record", "replay"]

REQUEST_HEADERS = frozenset({"accept", "content-type"})
RESPONSE_HEADERS = frozenset(
    {"content-encoding", "content-type", "location", "retry-after", "retry-after-ms"}
)
_ANEW = "Article, library, model, prompts or settings differ from the recording: record it anew"

# vcrpy patches the HTTP libraries of the whole process: two cassettes would mix.
_in_use = threading.Lock()
_tape: Tape | None = None


def is_replaying() -> bool:
    """Whether a cassette is being replayed in this process."""
    return _tape is not None and _tape.mode == "replay"


class Tape:
    """The cassette in use.

    Attributes:
        mode: `record` or `replay`.
        run: what is recorded beside the requests; set before the recording ends, read in a
            replay. A JSON object, or None.
    """

    def __init__(self, cassette: Cassette, mode: Mode, run: dict[str, Any] | None = None) -> None:
        self.mode = mode
        self.run = run
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
        if self.mode == "record":
            return []
        return [
            f"{request.method} {request.uri}"
            for number, request in enumerate(self._cassette.requests)
            if not self._cassette.play_counts[number]
        ]

    def nearest(self, request: Request) -> str | None:
        """In what a request differs from the closest recorded one of its address.

        Returns:
            None where nothing was recorded there, the empty text where nothing differs.
        """
        asked = self._cassette.filter_request(request)
        address = (asked.method, asked.uri)
        there = [r for r in self._cassette.requests if (r.method, r.uri) == address]
        body = _comparable(asked)
        recorded = closest(body, [_comparable(r) for r in there])
        if not there:
            return None
        return difference(recorded, body)


@contextmanager
def recording(path: Path, mode: Mode) -> Iterator[Tape]:
    """Records all HTTP of the block into a new cassette, or answers it from an existing one.

    One at a time in a process, and with asynchronous code in one event loop. A block that
    raises leaves no cassette, since half a recording would replay half a run; what was answered
    until then is kept beside it, and the next recording there asks for the rest only.

    Args:
        path: the cassette.
        mode: `record` or `replay`.

    Yields:
        The tape; see `Tape.unplayed` after a replay.

    Raises:
        UsageError: another cassette is in use, or one cannot be written at `path` or is there.
        InputError: the cassette to be replayed is missing, damaged or was changed.
        ModelUnavailable: kind `not_recorded`, a request was made that the cassette lacks.
    """
    global _tape
    path = Path(path)
    if not _in_use.acquire(blocking=False):
        raise UsageError("another cassette is in use", "Use one at a time in a process")
    try:
        if mode == "record":
            cassette_file.check_place(path)
            yield from _use(path, mode, _begun(path))
        else:
            yield from _use(path, mode, cassette_file.read(path))
    finally:
        _tape = None
        _in_use.release()


def _use(path: Path, mode: Mode, content: dict[str, Any] | None) -> Iterator[Tape]:
    global _tape
    import vcr
    from vcr.errors import CannotOverwriteExistingCassetteException

    # It logs whole addresses, keys in them included.
    logging.getLogger("vcr").setLevel(logging.WARNING)
    kept = len(content["interactions"]) if content and mode == "record" else 0
    redactor = Redactor()
    redactor.learn_environment()
    recorder = vcr.VCR(
        # "all" asks the network for every request, "new_episodes" for those without an answer.
        record_mode="none" if mode == "replay" else "new_episodes" if content else "all",
        match_on=("identity",),
        before_record_request=lambda request: _cleaned_request(redactor, request),
        before_record_response=lambda response: _cleaned_response(redactor, response),
    )
    recorder.register_matcher("identity", lambda a, b: _identity(a) == _identity(b))
    recorder.register_persister(_Persister(content))
    try:
        with recorder.use_cassette(str(path)) as cassette:
            tape = _tape = Tape(cassette, mode, content and content["run"])
            try:
                yield tape
            except BaseException:
                if mode == "record":
                    _keep(path, _interactions(cassette, kept), redactor)
                raise
    except CannotOverwriteExistingCassetteException as error:
        raise not_recorded(error.failed_request) from None
    if mode == "record":
        # Once more over the whole: a secret may have been seen later than it was recorded.
        written = redactor.value(_interactions(cassette, kept))
        cassette_file.write(path, cassette_file.document(written, redactor.value(tape.run)))
        cassette_file.unfinished(path).unlink(missing_ok=True)


def _begun(path: Path) -> dict[str, Any] | None:
    """What an interrupted recording has kept, if it can be read."""
    try:
        return cassette_file.read(cassette_file.unfinished(path))
    except InputError:
        return None


def _keep(path: Path, answered: list[dict[str, Any]], redactor: Redactor) -> None:
    """Keeps the good answers of a recording that ends early; faults are to be met again."""
    good = [i for i in answered if i["response"]["status"] == HTTPStatus.OK]
    if good:
        content = cassette_file.document(redactor.value(good))
        with suppress(UsageError):  # as on a full disk; why the block ended matters more
            cassette_file.write(cassette_file.unfinished(path), content, replace=True)


def not_recorded(request: Any) -> ModelUnavailable:
    """The error of a request (vcrpy's) that the cassette in use lacks.

    The address goes without its query, which may hold secrets; of the request's text a few
    words are shown, where it differs from what was recorded.
    """
    address = urlsplit(getattr(request, "uri", ""))
    where = f"{getattr(request, 'method', 'a request')} {address.hostname}{address.path}"
    found = _tape.nearest(request) if _tape else None
    if found is None:
        what = f"the cassette holds no answer to {where}"
    elif found:
        what = f"the cassette holds no answer to {where}; closest recorded request: {found}"
    else:
        what = f"the cassette holds no further answer to {where}"
    return ModelUnavailable("not_recorded", what, _ANEW)


# --- what is recorded ----------------------------------------------------------------------


def _cleaned_request(redactor: Redactor, request: Request) -> Request:
    """Called by vcrpy on a copy, before a request is compared or stored."""
    redactor.learn_headers({name: [_string(value)] for name, value in request.headers.items()})
    redactor.learn_address(request.uri)
    body = _learned(redactor, body_of(request.body))
    request.headers = {
        name.lower(): redactor.text(_string(value))
        for name, value in request.headers.items()
        if name.lower() in REQUEST_HEADERS
    }
    request.uri = redactor.address(request.uri)
    request.body = bytes_of(_cleaned(redactor, body))
    return request


def _cleaned_response(redactor: Redactor, response: dict[str, Any]) -> dict[str, Any]:
    """Called by vcrpy on a copy, before a response is stored."""
    headers = {name.lower(): list(values) for name, values in response["headers"].items()}
    redactor.learn_headers(headers)
    for value in headers.get("location", []):
        redactor.learn_address(value)
    data, packed = _unpacked(response["body"]["string"] or b"", headers)
    body = _learned(redactor, body_of(data))
    kept = {
        name: [redactor.address(v) if name == "location" else redactor.text(v) for v in values]
        for name, values in headers.items()
        if name in RESPONSE_HEADERS and (packed or name != "content-encoding")
    }
    if "retry-after" in kept and "date" in headers:  # it may be a date, relative to this one
        kept["date"] = headers["date"]
    reason = str(response["status"]["message"] or "").encode("ascii", "replace").decode()
    status = {"code": response["status"]["code"], "message": redactor.text(reason)}
    string = data if packed else bytes_of(_cleaned(redactor, body))
    return {"status": status, "headers": kept, "body": {"string": string}}


def _learned(redactor: Redactor, body: dict[str, Any]) -> dict[str, Any]:
    if "json" in body:
        redactor.learn_value(body["json"])
    elif "text" in body:
        redactor.learn_text(body["text"])
    return body


def _cleaned(redactor: Redactor, body: dict[str, Any]) -> dict[str, Any]:
    if "json" in body:
        return {"json": redactor.value(body["json"])}
    return {kind: redactor.text(text) for kind, text in body.items() if kind == "text"} or body


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


def _string(value: str | bytes) -> str:
    return value.decode("latin-1") if isinstance(value, bytes) else value


def _identity(request: Request) -> str:
    """What a request is recognised by. Kept with it: each is compared with all recorded ones."""
    known = getattr(request, "_identity", None)
    if known is None:
        body = body_of(request.body)
        text = json.dumps([request.method, request.uri, body], sort_keys=True)
        known = request._identity = hashlib.sha256(text.encode()).hexdigest()
    return str(known)


def _comparable(request: Request) -> Any:
    """A request's body as JSON, for a comparison that people read."""
    body = body_of(request.body)
    return body.get("json", body)


def _interactions(cassette: Cassette, kept: int) -> list[dict[str, Any]]:
    """All that was asked in this run, in the form of the file.

    Args:
        cassette: vcrpy's.
        kept: how many interactions are of an earlier try; those that nobody asked for go.
    """
    return [
        {
            "request": {
                "method": request.method,
                "url": request.uri,
                "headers": dict(request.headers),
                **body_of(request.body),
            },
            "response": {
                "status": response["status"]["code"],
                "reason": response["status"]["message"],
                "headers": {n: ", ".join(v) for n, v in response["headers"].items()},
                **body_of(response["body"]["string"]),
            },
        }
        for number, (request, response) in enumerate(cassette.data)
        if number >= kept or cassette.play_counts[number]
    ]


class _Persister:
    """Gives vcrpy what was read; saves nothing, because vcrpy would leave its patches behind on
    a failure."""

    def __init__(self, content: dict[str, Any] | None) -> None:
        self._content = content

    def load_cassette(
        self, path: str, serializer: object
    ) -> tuple[Sequence[Request], Sequence[dict[str, Any]]]:
        from vcr.persisters.filesystem import CassetteNotFoundError
        from vcr.request import Request

        if self._content is None:
            raise CassetteNotFoundError
        requests, responses = [], []
        for interaction in self._content["interactions"]:
            asked, got = interaction["request"], interaction["response"]
            requests.append(
                Request(asked["method"], asked["url"], bytes_of(asked), asked["headers"])
            )
            responses.append(
                {
                    "status": {"code": got["status"], "message": got["reason"]},
                    "headers": {name: [value] for name, value in got["headers"].items()},
                    "body": {"string": bytes_of(got)},
                }
            )
        return requests, responses

    def save_cassette(self, path: str, content: object, serializer: object) -> None:
        return
