"""Everything that a piece of code asks of the system outside a folder: addresses, files, programs.

Python tells an audit hook (PEP 578) of each before it happens, whichever module does it. A hook
cannot be taken out again, so there is one, which looks only while a watch is on. What a package
in C opens past Python it does not see.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

_ADDRESSES = frozenset({"socket.connect", "socket.getaddrinfo", "socket.sendto", "urllib.Request"})
_PROGRAMS = frozenset({"subprocess.Popen", "os.system", "os.exec", "os.posix_spawn", "os.fork"})
_CHANGES = frozenset({"os.remove", "os.rename", "os.mkdir", "os.rmdir", "os.truncate", "os.link"})
_WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND


class Watch:
    """What was asked for while it was on.

    Attributes:
        seen: one line each, e.g. `socket.connect ('192.0.2.1', 80)`.
    """

    def __init__(self, allowed: Path) -> None:
        """Args: allowed: a folder, in which files may be written."""
        self.seen: list[str] = []
        self._allowed = f"{allowed.resolve()}{os.sep}"
        self._on = False
        sys.addaudithook(self._heard)

    @contextmanager
    def on(self) -> Iterator[None]:
        """Watches while the block runs, in every thread."""
        self._on = True
        try:
            yield
        finally:
            self._on = False

    def _heard(self, event: str, arguments: tuple[Any, ...]) -> None:
        if not self._on:
            return
        if event in _ADDRESSES or event in _PROGRAMS:
            self.seen.append(f"{event} {arguments[-1] if arguments else ''!r}"[:200])
        elif event == "open":
            path, mode, flags = arguments
            writes = isinstance(flags, int) and bool(flags & _WRITING)
            writes = writes or (isinstance(mode, str) and bool(set(mode) & set("wax+")))
            if writes and self._outside(path) and not _is_folder(path):
                self.seen.append(f"open {path!r}"[:200])
        elif event in _CHANGES and self._outside(arguments[0]):
            self.seen.append(f"{event} {arguments[0]!r}"[:200])

    def _outside(self, path: object) -> bool:
        if not isinstance(path, str | bytes | os.PathLike):
            return False  # a file that is open already
        # Not `Path.resolve`, which looks at the disk.
        name = os.path.abspath(os.fsdecode(path))  # noqa: PTH100
        return not (f"{name}{os.sep}".startswith(self._allowed) or name == os.devnull)


def _is_folder(path: object) -> bool:
    """What is written "to" a folder is a file without a name, which is gone when it is closed."""
    return isinstance(path, str | bytes | os.PathLike) and Path(os.fsdecode(path)).is_dir()
