"""A local server that speaks OpenAI's chat completions, with hand-written answers and faults.

It answers from entries like those of a script (`agent/gateway/scripted.py`): the first whose
`contains` strings all stand in the messages, and whose `schema`, if it names one, is the
schema asked for. The cassettes of the tests are recorded from it over real HTTP. For people:

    python -m tests.model_server --answers FILE --port 8765
"""

from __future__ import annotations

import argparse
import gzip
import json
import socket
import struct
import threading
import time
import zlib
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, Literal, Self

from tests.batch_endpoints import FakeBatches

JSON = {"content-type": "application/json"}


@dataclass(frozen=True)
class Fault:
    """What the server does instead of answering well.

    `http` sends status, headers and body as given; without a body, the good answer. `cut` names
    a length that is not reached, `reset` breaks the connection after some bytes of the good
    answer, `hang` says nothing until the client leaves, `raw` sends the body and nothing else.
    """

    kind: Literal["http", "cut", "reset", "hang", "raw"] = "http"
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=lambda: JSON)
    body: bytes | str | Mapping[str, Any] | Sequence[Any] | None = None
    after_bytes: int = 300

    def encoded(self, good: bytes) -> bytes:
        if self.body is None:
            return good
        if isinstance(self.body, bytes):
            return self.body
        return (self.body if isinstance(self.body, str) else json.dumps(self.body)).encode()


def error(status: int, message: str = "no", code: str | None = None, **headers: str) -> Fault:
    """A fault with OpenAI's error object; headers with `_` for `-`."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    body = {"error": {"message": message, "type": "test", "param": None, "code": code}}
    return Fault(status=status, headers=JSON | named, body=body)


def message(content: Any = None, finish: str = "stop", **more: Any) -> Fault:
    """A well-formed reply with an answer of one's own."""
    return Fault(body=completion(content, finish=finish, **more))


def bomb(mebibytes: int) -> Fault:
    """A small reply that unpacks into zeros."""
    packed = gzip.compress(b"\0" * 2**20 * mebibytes)
    return Fault(headers=JSON | {"content-encoding": "gzip"}, body=packed)


def completion(
    content: Any, *, finish: str = "stop", model: str = "judge-1", refusal: str | None = None
) -> dict[str, Any]:
    """A chat completion, the same every time."""
    return {
        "id": "chatcmpl-1",
        "object": "chat.completion",
        "created": 1_795_300_000,
        "model": model,
        "choices": [
            {
                "index": 0,
                "message": {"role": "assistant", "content": content, "refusal": refusal},
                "finish_reason": finish,
            }
        ],
        "usage": {"prompt_tokens": 812, "completion_tokens": 64, "total_tokens": 876},
    }


def embeddings(texts: Sequence[str], *, dimension: int = 16) -> dict[str, Any]:
    """A reply of the embeddings API: texts are as near as the words that they share."""
    data = []
    for index, text in enumerate(texts):
        vector = [0.01] * dimension
        for word in text.lower().split():
            vector[zlib.crc32(word.encode()) % dimension] += 1.0
        data.append({"object": "embedding", "index": index, "embedding": vector})
    usage = {"prompt_tokens": 8, "total_tokens": 8}
    return {"object": "list", "data": data, "model": "words", "usage": usage}


@dataclass(frozen=True)
class Seen:
    """A request as it came."""

    method: str
    path: str
    headers: dict[str, str]
    body: dict[str, Any]
    at: float


class ModelServer:
    """The server, on 127.0.0.1; runs inside `with`.

    Args:
        answers: entries with `contains`, `answer` (an object or a text), optionally `schema`
            and `times`.
        faults: one per request, in order; None answers well, and so
            does every request after the last.
        forever: the fault of every request after the last.
        batches: endpoints for batches; what they answer is in no list of requests.
        port: 0 lets the system choose.
    """

    def __init__(
        self,
        answers: Sequence[Mapping[str, Any]] = (),
        *,
        faults: Sequence[Fault | None] = (),
        forever: Fault | None = None,
        batches: FakeBatches | None = None,
        port: int = 0,
    ) -> None:
        self.answers = list(answers)
        self.faults = list(faults)
        self.forever = forever
        self.batches = batches
        self.requests: list[Seen] = []
        self.used: Counter[int] = Counter()
        self.lock = threading.Lock()
        self.closing = threading.Event()
        outer = self

        class Handler(_Handler):
            server_of_answers = outer

        self._http = ThreadingHTTPServer(("127.0.0.1", port), Handler)
        self._http.daemon_threads = True
        self._thread = threading.Thread(target=self._http.serve_forever, args=(0.02,), daemon=True)

    @property
    def port(self) -> int:
        return int(self._http.server_address[1])

    @property
    def url(self) -> str:
        """For `base_url`."""
        return f"http://127.0.0.1:{self.port}/v1"

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.closing.set()
        self._http.shutdown()
        self._http.server_close()
        self._thread.join()

    def answer_to(self, body: Mapping[str, Any]) -> dict[str, Any] | None:
        """The good reply, or None where no entry fits."""
        texts = [m.get("content") for m in body.get("messages", [])]
        text = "\n".join(part for part in texts if isinstance(part, str))
        asked = body.get("response_format", {}).get("json_schema", {}).get("name")
        with self.lock:
            for number, entry in enumerate(self.answers):
                if self.used[number] >= entry.get("times", float("inf")):
                    continue
                # Without a form to answer in, the request does not say what it asks for.
                if asked is not None and entry.get("schema", asked) != asked:
                    continue
                if all(part in text for part in entry.get("contains", ())):
                    self.used[number] += 1
                    answer = entry["answer"]
                    content = answer if isinstance(answer, str) else json.dumps(answer)
                    return completion(content)
        return None


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server_of_answers: ModelServer

    def do_GET(self) -> None:
        if self._batched(b""):
            return
        self._seen({})
        if self.path == "/v1/models":
            models = {"object": "list", "data": [{"id": "judge-1", "object": "model"}]}
            self._reply(200, JSON, json.dumps(models).encode())
        else:
            self._reply(404, JSON, b'{"error": {"message": "no such page"}}')

    def do_POST(self) -> None:
        data = self.rfile.read(int(self.headers.get("content-length") or 0))
        if self._batched(data):
            return
        if "multipart" in (self.headers.get("content-type") or ""):
            self._reply(404, JSON, b'{"error": {"message": "no such page"}}')
            return
        body = json.loads(data)
        number = self._seen(body)
        outer = self.server_of_answers
        if self.path == "/v1/embeddings":
            fault = outer.faults[number] if number < len(outer.faults) else outer.forever
            good_vectors = json.dumps(embeddings(body["input"])).encode()
            if fault is not None:
                self._fault(fault, good_vectors)
            else:
                self._reply(200, JSON, good_vectors)
            return
        if self.path.partition("?")[0] != "/v1/chat/completions":
            self._reply(404, JSON, b'{"error": {"message": "no such page"}}')
            return
        fault = outer.faults[number] if number < len(outer.faults) else outer.forever
        good = outer.answer_to(body)
        if fault is not None:
            self._fault(fault, json.dumps(good or completion("{}")).encode())
        elif good is None:
            text = "the test server has no answer to these messages"
            self._reply(400, JSON, json.dumps({"error": {"message": text}}).encode())
        else:
            self._reply(200, JSON, json.dumps(good).encode())

    def _batched(self, data: bytes) -> bool:
        """Whether this was for the endpoints for batches."""
        outer = self.server_of_answers
        if outer.batches is None:
            return False
        reply = outer.batches.reply(self.command, self.path, data, outer.answer_to)
        if reply is None:
            return False
        status, body = reply
        if status:
            self._reply(status, JSON, body)
        else:
            self.close_connection = True
        return True

    def _seen(self, body: dict[str, Any]) -> int:
        outer = self.server_of_answers
        headers = {name.lower(): value for name, value in self.headers.items()}
        with outer.lock:
            number = sum(request.method == "POST" for request in outer.requests)
            outer.requests.append(Seen(self.command, self.path, headers, body, time.monotonic()))
        return number

    def _reply(self, status: int, headers: Mapping[str, str], body: bytes, length: int = 0) -> None:
        self.send_response_only(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("content-length", str(length or len(body)))
        self.end_headers()
        self.wfile.write(body)

    def _fault(self, fault: Fault, good: bytes) -> None:
        body = fault.encoded(good)
        self.close_connection = fault.kind != "http"
        match fault.kind:
            case "http":
                self._reply(fault.status, fault.headers, body)
            case "cut":
                self._reply(200, JSON, body[: len(body) // 2], len(body))
            case "raw":
                self.wfile.write(body)
            case "hang":
                self.server_of_answers.closing.wait(30)
            case "reset":
                # Never the whole of a short answer: a quick client would have it before the end.
                sent = min(fault.after_bytes, len(body) // 2)
                self._reply(200, JSON, body[:sent], len(body))
                self.wfile.flush()
                # No lingering: the system sends RST instead of a clean end.
                linger = struct.pack("ii", 1, 0)
                self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
                self.connection.close()

    def log_message(self, *_: object) -> None:
        return


def main() -> None:
    """Serves until interrupted."""
    parser = argparse.ArgumentParser(description="An OpenAI-compatible server for tests.")
    parser.add_argument("--answers", type=Path, required=True, help="JSON: {'answers': […]}")
    parser.add_argument("--port", type=int, default=0)
    options = parser.parse_args()
    answers = json.loads(options.answers.read_text(encoding="utf-8"))["answers"]
    with ModelServer(answers, port=options.port) as server:
        print(f"--base-url {server.url}", flush=True)
        try:
            threading.Event().wait()
        except KeyboardInterrupt:
            return


if __name__ == "__main__":
    main()
