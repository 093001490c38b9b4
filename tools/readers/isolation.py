"""Files parsed in a child process, so that a hostile one ends in an error and not in a dead run.

The child gets the bytes and gives back JSON, one line a text; what it says is cleaned again by
the caller. It has limits on processor time, memory and output, may open no connection, start no
program and write no file, and does not see the caller's environment, so no key. After a fault
it is killed and the next file gets a new one; otherwise it is kept for the next file, since
starting it costs more than reading most files.

Memory is limited on Linux only, processor time on Linux and macOS. On Windows, time on the clock
takes its place. A parser that was taken over altogether is not held by this: the limits are
against exhaustion, and what the child may not do is refused within Python only.
"""

from __future__ import annotations

import atexit
import json
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from typing import IO, Any, cast

from agent.errors import InputError
from tools.readers.decoding import binary_kind
from tools.readers.documents import MAX_CHARS, Parsed, Refused, printable
from tools.stopping import go_on, watched

CPU_SECONDS = 8
"""Processor time for each text of a file, and another second for each …"""
BYTES_A_SECOND = 1_000_000
"""… of its bytes; …"""
PACKED_BYTES_A_SECOND = 100_000
"""… fewer where they are packed: a dense PDF has some 160 KB a second, as measured once."""
MEMORY = 256 * 1024 * 1024
"""Bytes above what the child needs for itself, and so many more for each byte of the file: …"""
MEMORY_A_BYTE = 3
_PATIENCE = 4
"""Seconds on the clock for each of processor time: the machine may have other work."""
_MAX_REPLY = 16 * MAX_CHARS
"""Longest line in bytes: JSON takes up to twelve for a character."""
_MAX_PARTS = 1_000_000
_HANDED_ON = (
    "PATH", "HOME", "LANG", "LC_ALL", "LC_CTYPE", "TZ", "TMPDIR", "TEMP", "TMP",
    "SYSTEMROOT", "WINDIR", "LD_LIBRARY_PATH", "PYTHONHOME", "PYTHONPATH", "PYTHONUTF8",
)  # fmt: skip
_ROOT = str(Path(__file__).resolve().parents[2])
_START = (
    f"import sys; sys.path.insert(0, {_ROOT!r}); from tools.readers.isolation import main; main()"
)
_WINDOWS = sys.platform == "win32"


# --- the caller's side --------------------------------------------------------------------


def parse_apart(
    data: bytes, name: str, shown: str, columns: Mapping[str, str] | None = None
) -> Iterator[Parsed | Refused]:
    """What `tools.readers.parsing.parse` gives, from a child process.

    Any number of threads may read at the same time; each has a child of its own.

    Args:
        data, name, shown, columns: as `parse` takes them.

    Raises:
        InputError: as `parse`; or the file takes more time or memory than is allowed, or
            brings its reader down.
    """
    worker = _worker()
    whole = False
    try:
        yield from worker.parse(data, name, shown, columns or {})
        whole = True
    except _Told as error:
        # The child itself told what is wrong with the file: it is in order.
        whole = True
        raise InputError(error.what, error.todo) from None
    finally:
        # One that was left in the middle of a file would give the rest of it next time.
        if whole and not _idle:
            _idle.append(worker)
        else:
            worker.stop()


class _Told(InputError):
    """The reader's own word on the file."""


class _Worker:
    """A child process that reads one file at a time."""

    def __init__(self) -> None:
        environment = {key: os.environ[key] for key in _HANDED_ON if key in os.environ}
        # Threads of numerical libraries would take memory, and nothing here computes.
        environment |= {"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"}
        try:
            self._process = subprocess.Popen(
                # -P: a file of the folder one happens to be in is not taken for a module.
                [sys.executable, "-P", "-B", "-c", _START],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=None if os.environ.get("ASSAY_DEBUG") == "1" else subprocess.DEVNULL,
                env=environment,
            )
        except OSError as error:
            raise InputError(
                f"no process can be started to read the file ({error.strerror})",
                "End other programs and try again",
            ) from error
        self._in = cast(IO[bytes], self._process.stdin)
        self._out = cast(IO[bytes], self._process.stdout)
        self._late = False

    @property
    def alive(self) -> bool:
        return self._process.poll() is None

    def parse(
        self, data: bytes, name: str, shown: str, columns: Mapping[str, str]
    ) -> Iterator[Parsed | Refused]:
        rate = PACKED_BYTES_A_SECOND if binary_kind(data) else BYTES_A_SECOND
        seconds = CPU_SECONDS + len(data) // rate
        request = {
            "name": name, "shown": shown, "columns": dict(columns), "size": len(data),
            "seconds": seconds, "memory": MEMORY + MEMORY_A_BYTE * len(data),
        }  # fmt: skip
        # A child that has died is found at the first reply.
        with suppress(BrokenPipeError, ConnectionError):
            self._in.write(json.dumps(request).encode() + b"\n")
            self._in.write(data)
            self._in.flush()
        for _ in range(_MAX_PARTS):
            reply = self._reply(seconds if _WINDOWS else seconds * _PATIENCE, shown)
            if "end" in reply:
                return
            yield _item(reply, shown)
        raise InputError(f"{shown} holds more than {_MAX_PARTS:,} texts", "Split it")

    def _reply(self, seconds: float, shown: str) -> dict[str, Any]:
        with watched(seconds, self._give_up):
            line = self._out.readline(_MAX_REPLY)
        if not line.endswith(b"\n"):
            go_on()  # else it is said to take too long
            raise self._fault(shown, too_much=bool(line))
        try:
            reply = json.loads(line)
        except ValueError:
            reply = None
        if not isinstance(reply, dict):
            raise self._fault(shown)
        return reply

    def _give_up(self) -> None:
        self._late = True
        self._process.kill()

    def _fault(self, shown: str, *, too_much: bool = False) -> InputError:
        """Why the child no longer answers."""
        if self.alive and too_much:
            return InputError(f"{shown} holds too much text", "Give the part that matters")
        self.stop()
        code = self._process.returncode
        if self._late or code == -_signal("SIGXCPU"):
            return InputError(
                f"{shown} takes too long to read", "Give the part that matters, or its text"
            )
        return InputError(
            f"{shown} brought its reader down (exit {code}): it is damaged, built to exhaust "
            "its reader, or too large for this machine",
            "Give its text",
        )

    def stop(self) -> None:
        self._process.kill()
        with suppress(BrokenPipeError, OSError):
            self._in.close()
        self._out.close()
        self._process.wait()


_idle: list[_Worker] = []
"""The child kept for the next file; at most one."""


def _worker() -> _Worker:
    try:
        worker = _idle.pop()
    except IndexError:
        return _Worker()
    if worker.alive:
        return worker
    worker.stop()
    return _Worker()


def _stop_idle() -> None:
    while _idle:
        _idle.pop().stop()


atexit.register(_stop_idle)
if hasattr(os, "register_at_fork"):
    # Two processes that speak with one child would get one another's replies.
    os.register_at_fork(after_in_child=_idle.clear)


def _item(reply: Mapping[str, Any], shown: str) -> Parsed | Refused:
    """A reply as it may be used: every field has the type it must have."""

    def word(record: Mapping[str, Any], key: str) -> str:
        value = record.get(key)
        return value if isinstance(value, str) else ""

    if isinstance(told := reply.get("error"), dict):
        raise _Told(printable(word(told, "what")), printable(word(told, "todo")))
    if isinstance(fault := reply.get("fault"), str):
        raise InputError(
            f"{shown} cannot be read: it needs more memory than is allowed"
            if fault == "MemoryError"
            else f"{shown} cannot be read: its reader failed ({printable(fault)})",
            "Give the part that matters, or its text",
        )
    if isinstance(refused := reply.get("refused"), dict):
        return Refused(
            printable(word(refused, "name")),
            printable(word(refused, "what")),
            printable(word(refused, "todo")),
            refused.get("minor") is True,
        )
    parsed = reply.get("parsed")
    if not isinstance(parsed, dict) or not isinstance(parsed.get("metadata"), dict):
        raise InputError(f"{shown} cannot be read: its reader gave no text", "Give its text")
    from tools.readers.metadata import clean_metadata

    said = parsed["metadata"]
    return Parsed(
        word(parsed, "text"),
        clean_metadata(
            title=said.get("title"),
            author=said.get("author"),
            publisher=said.get("publisher"),
            url=said.get("url"),
            date=said.get("published_at") or said.get("unread_date"),
        ),
        printable(word(parsed, "reader")),
        printable(word(parsed, "part")),
        printable(word(parsed, "incomplete")),
    )


def _signal(name: str) -> int:
    import signal

    return int(getattr(signal, name, 0))


# --- the child's side ---------------------------------------------------------------------


def main() -> None:
    """Reads requests from standard input until it ends: a line of JSON, then the bytes."""
    import signal

    from tools.readers.parsing import parse

    requests, replies = sys.stdin.buffer, os.fdopen(os.dup(1), "wb")
    # What a library prints must not be taken for a reply.
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the caller, who ends this
    limits = _Limits()
    sys.addaudithook(_forbid)
    for line in iter(requests.readline, b""):
        request = json.loads(line)
        data = requests.read(request["size"])
        limits.set_memory(request["memory"])
        limits.set_time(request["seconds"])
        try:
            for item in parse(data, request["name"], request["shown"], request["columns"]):
                _send(replies, _record(item))
                limits.set_time(request["seconds"])
            answer: dict[str, Any] = {"end": True}
        except InputError as error:
            answer = {"error": {"what": error.what, "todo": error.todo}}
        except Exception as error:
            # Parsers meet hostile files with whatever their code runs into. To the user they
            # all mean the same; ASSAY_DEBUG=1 shows where.
            import traceback

            traceback.print_exc()
            answer = {"fault": type(error).__name__}
        del data
        _send(replies, answer)


def _record(item: Parsed | Refused) -> dict[str, Any]:
    if isinstance(item, Refused):
        return {"refused": item._asdict()}
    if len(item.text) > 2 * MAX_CHARS:  # not worth sending
        from tools.readers.parsing import too_long

        raise too_long(item.part or "the file", len(item.text))
    return {"parsed": item._asdict()}


def _send(replies: IO[bytes], record: Mapping[str, Any]) -> None:
    replies.write(json.dumps(record).encode() + b"\n")
    replies.flush()


class _Limits:
    """Limits of this process, as far as its system has them."""

    def __init__(self) -> None:
        try:
            import resource
        except ImportError:  # Windows
            return
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))

    def set_time(self, seconds: int) -> None:
        """From now on."""
        if sys.platform != "win32":
            import resource

            used = resource.getrusage(resource.RUSAGE_SELF)
            _, most = resource.getrlimit(resource.RLIMIT_CPU)
            until = int(used.ru_utime + used.ru_stime) + seconds + 1
            resource.setrlimit(resource.RLIMIT_CPU, (until, most))

    def set_memory(self, size: int) -> None:
        """Above what is in use now. Only Linux counts what matters, private memory."""
        if sys.platform == "linux":
            import resource

            pages = int(Path("/proc/self/statm").read_text().split()[5])
            _, most = resource.getrlimit(resource.RLIMIT_DATA)
            resource.setrlimit(resource.RLIMIT_DATA, (pages * resource.getpagesize() + size, most))


_FORBIDDEN = (
    "socket.connect", "socket.bind", "socket.getaddrinfo", "socket.gethostbyname",
    "socket.sendto", "subprocess.Popen", "os.system", "os.exec", "os.fork", "os.forkpty",
    "os.posix_spawn", "os.spawn", "os.startfile", "os.remove", "os.rename", "os.rmdir",
    "os.mkdir", "os.link", "os.symlink", "os.truncate", "os.chmod", "os.chown", "pty.spawn",
)  # fmt: skip
_WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND


def _forbid(event: str, arguments: tuple[Any, ...]) -> None:
    """Audit hook: what reading a file never needs."""
    if event in _FORBIDDEN or (
        event == "open" and isinstance(flags := arguments[2], int) and flags & _WRITING
    ):
        raise PermissionError(f"a reader tried {event}")
