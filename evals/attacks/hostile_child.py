"""The program as a process that is watched: what one run of it took, opened and reached for.

`hostile_files.py` starts it and sends it lines of JSON: `{"arguments": […]}` runs a
command in this process, `{"serve": FOLDER}` starts the service in a thread, `{"look": true}` only
looks. Each is answered with one line: how it ended, and what happened since the line before.

No name is resolved and no connection is opened: `row` says, as the rows of the collected addresses
do, what names resolve to and what a server answers. What gets past that is counted at the socket.
"""

from __future__ import annotations

import contextlib
import importlib
import io
import json
import os
import socket
import sys
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import httpcore2

from tools.web import fetch

if TYPE_CHECKING:
    import ssl

_CHANGING = frozenset(
    {"os.mkdir", "os.rename", "os.remove", "os.rmdir", "os.link", "os.symlink", "os.truncate",
     "os.chmod", "shutil.rmtree"}
)  # fmt: skip
_WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND
_EVERY = 0.02
"""Seconds between two looks at the memory of processes that may be gone at the end."""


@dataclass
class Watch:
    """What happens in this process.

    Attributes:
        inside: folders that may be written to.
        names: what names resolve to: addresses, or `{"sequence": [addresses, …]}`.
    """

    inside: Sequence[str]
    names: Mapping[str, Any]
    row: Mapping[str, Any] = field(default_factory=dict)
    written: list[str] = field(default_factory=list)
    reached: list[str] = field(default_factory=list)
    """Connections that were opened past the stand-in, and names looked up."""
    connected: list[str] = field(default_factory=list)
    """IP addresses that the stand-in was asked to connect to."""
    _looked_up: dict[str, int] = field(default_factory=dict)

    def begin(self, row: Mapping[str, Any]) -> None:
        """From here on, with the names and answers of a row."""
        self.row = row
        for found in (self.written, self.reached, self.connected, self._looked_up):
            found.clear()

    def hear(self, event: str, arguments: tuple[Any, ...]) -> None:
        """Audit hook."""
        if event in ("socket.connect", "socket.getaddrinfo"):
            self.reached.append(str(arguments[1] if event == "socket.connect" else arguments[0]))
        elif event == "open":
            path, _, flags = arguments
            if isinstance(flags, int) and flags & _WRITING:
                self._note(path)
        elif event in _CHANGING:
            self._note(arguments[0])

    def _note(self, path: object) -> None:
        if isinstance(path, str | bytes):
            real = os.path.realpath(os.fsdecode(path))
            if not real.startswith((*self.inside, "/dev/", "/proc/")):
                self.written.append(real)

    # In place of the network

    def resolve(self, host: str) -> list[str]:
        """What a row, or else the table, says of a name."""
        name = host.lower().removesuffix(".")
        number = self._looked_up[name] = self._looked_up.get(name, -1) + 1
        answers: Any = self.names.get(name, [])
        sequence = answers["sequence"] if isinstance(answers, dict) else None
        if sequence is None and "dns_sequence" in self.row:
            sequence = self.row["dns_sequence"]
        return list(sequence[min(number, len(sequence) - 1)] if sequence else answers)

    def connect(self, ip: str, port: int, seconds: float) -> httpcore2.NetworkStream:
        """Opens nothing."""
        self.connected.append(ip)
        events = self.row.get("connect_events", ())
        if events[len(self.connected) - 1 :][:1] == ["reset"]:
            raise httpcore2.ConnectError("the connection was reset")
        return Server(self.row)


class Server(httpcore2.NetworkStream):
    """Answers as the row says: a hop of it by its address, else with a line of text."""

    def __init__(self, row: Mapping[str, Any]) -> None:
        self._hops = {hop["url"]: hop for hop in row.get("hops", ())}
        self._scheme, self._sent, self._left = "http", b"", b""

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._sent += buffer
        if b"\r\n\r\n" not in self._sent:
            return
        head = self._sent.decode("latin-1").split("\r\n")
        self._sent = b""
        host = next(line[6:] for line in head if line.startswith("Host: "))
        path = head[0].split()[1]
        hop = self._hops.get(f"{self._scheme}://{host}{path}", {"status": 200})
        if path == "/robots.txt":
            hop = {"status": 404}
        body = hop.get("body", "Nothing stands here.").encode()
        if "file" in hop:
            body = Path(hop["file"]).read_bytes()
        headers = {"Content-Type": "text/plain", "Content-Length": len(body), "Connection": "close"}
        headers |= {"Location": hop["location"]} if "location" in hop else {}
        headers |= hop.get("headers", {})
        lines = [f"HTTP/1.1 {hop['status']} ?", *(f"{k}: {v}" for k, v in headers.items())]
        self._left = "\r\n".join([*lines, "", ""]).encode("latin-1", "replace") + body

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        piece, self._left = self._left[:max_bytes], self._left[max_bytes:]
        return piece

    def start_tls(
        self,
        ssl_context: ssl.SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,
    ) -> httpcore2.NetworkStream:
        self._scheme = "https"
        return self

    def close(self) -> None: ...


class Memory:
    """How far the memory of this process and of its reader rose, while it is watched.

    One reader is at work at a time; of those that were, the largest counts, and one that was killed
    is looked at while it lives.
    """

    def __init__(self) -> None:
        self._peaks: dict[int, int] = {}
        self._before = 0
        threading.Thread(target=self._sample, daemon=True).start()

    def begin(self) -> None:
        """From here on."""
        for process in _processes():
            with contextlib.suppress(OSError):
                Path(f"/proc/{process}/clear_refs").write_text("5")  # its peak is what it has now
        self._before = _both({process: _kib(process, "VmRSS") for process in _processes()})
        self._peaks = {}

    def more(self) -> int:
        """Bytes that were needed beyond those in use at the beginning."""
        self._look()
        return 1024 * max(0, _both(self._peaks) - self._before)

    def _sample(self) -> None:
        while True:
            self._look()
            time.sleep(_EVERY)

    def _look(self) -> None:
        here, *readers = _processes()
        # Until it runs its own program, a new process has all that this one has.
        own = _command(here)
        for process in (here, *(each for each in readers if _command(each) != own)):
            peak = _kib(process, "VmHWM")
            self._peaks[process] = max(peak, self._peaks.get(process, 0))


def _both(sizes: Mapping[int, int]) -> int:
    """Of this process, and of the largest of its children."""
    children = [size for process, size in sizes.items() if process != os.getpid()]
    return sizes.get(os.getpid(), 0) + max(children, default=0)


def _processes() -> list[int]:
    here = os.getpid()
    found = [here]
    for task in Path(f"/proc/{here}/task").iterdir():
        with contextlib.suppress(OSError):
            found += map(int, (task / "children").read_text().split())
    return found


def _command(process: int) -> bytes:
    try:
        return Path(f"/proc/{process}/cmdline").read_bytes()
    except OSError:
        return b""


def _kib(process: int, name: str) -> int:
    try:
        status = Path(f"/proc/{process}/status").read_text()
    except OSError:
        return 0
    return int(status.partition(f"{name}:")[2].split()[0]) if f"{name}:" in status else 0


def _processor() -> float:
    """Seconds of this process and of children that have ended, and of those that have not."""
    own = os.times()
    ticks = os.sysconf("SC_CLK_TCK")
    living = 0
    for process in _processes()[1:]:
        with contextlib.suppress(OSError):
            fields = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
            living += int(fields[11]) + int(fields[12])
    return own.user + own.system + own.children_user + own.children_system + living / ticks


def run(arguments: Sequence[str]) -> dict[str, Any]:
    """Runs a command; how it ended and what it said."""
    # As the interpreter would run it: what is measured is not imported by what measures.
    main = importlib.import_module("agent.cli").main
    out, errors = io.StringIO(), io.StringIO()
    code: object = None
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(errors):
        try:
            main(arguments)
        except SystemExit as ended:
            code = ended.code
    return {"code": code, "out": out.getvalue(), "error": errors.getvalue()[-2000:]}


def serve(library: Path) -> dict[str, Any]:
    """Starts the service in a thread."""
    import uvicorn

    settings = importlib.import_module("agent.server.settings").Settings(library=library)
    app = importlib.import_module("agent.server.app").create_app(settings)
    listener = socket.create_server(("127.0.0.1", 0))
    server = uvicorn.Server(uvicorn.Config(app, log_level="warning"))
    threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True).start()
    while not server.started:
        time.sleep(0.01)
    return {"port": listener.getsockname()[1]}


def main() -> None:
    settings = json.loads(sys.stdin.readline())
    watch, memory = Watch(settings["inside"], settings["names"]), Memory()
    fetch._resolve, fetch._connect = watch.resolve, watch.connect
    sys.addaudithook(watch.hear)
    replies = os.fdopen(os.dup(1), "w", encoding="utf-8")
    environment = dict(os.environ)
    began = 0.0
    for line in sys.stdin:
        asked = json.loads(line)
        if not asked.get("look"):
            watch.begin(asked.get("row") or {})
            os.environ.clear()
            os.environ.update(environment | watch.row.get("env", {}))
            memory.begin()
            began = _processor()
        told: dict[str, Any] = {}
        if "arguments" in asked:
            # Names that are no text came as JSON has them, with lone surrogates.
            told = run(asked["arguments"])
        elif "serve" in asked:
            told = serve(Path(asked["serve"]))
        told |= {
            "processor": _processor() - began, "memory": memory.more(), "written": watch.written,
            "reached": watch.reached, "connected": watch.connected,
        }  # fmt: skip
        replies.write(json.dumps(told) + "\n")
        replies.flush()


if __name__ == "__main__":
    main()
