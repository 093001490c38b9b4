"""Runs a piece of Python in a process of its own and ends it, or fails it, at a chosen step.

A step is a system call that changes a folder: a write, a truncation, an fsync, a rename, a
removal, the making of a folder. The process is watched with ptrace(2), so that the steps of
SQLite and of Chroma's native core count as well, in whichever thread they are made. Linux on
x86-64 only.
"""

from __future__ import annotations

import ctypes
import errno
import os
import pickle
import platform
import signal
import traceback
from collections.abc import Callable, Sequence
from contextlib import suppress
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple, TypeVar

T = TypeVar("T")

_CALLS = {
    1: "write", 18: "pwrite64", 20: "writev", 296: "pwritev", 74: "fsync", 75: "fdatasync",
    77: "ftruncate", 82: "rename", 264: "renameat", 316: "renameat2", 83: "mkdir", 84: "rmdir",
    87: "unlink", 258: "mkdirat", 263: "unlinkat", 285: "fallocate",
}  # fmt: skip
"""Numbers on x86-64."""
_BY_DESCRIPTOR = {"write", "pwrite64", "writev", "pwritev", "fsync", "fdatasync", "ftruncate",
                  "fallocate"}  # fmt: skip
_GROWING = {"write", "pwrite64", "writev", "pwritev", "fallocate", "mkdir", "mkdirat"}
"""What a full disk refuses."""

_TRACEME, _POKEUSER, _SYSCALL, _SETOPTIONS, _GET_SYSCALL_INFO = 0, 6, 24, 0x4200, 0x420E
_OPTIONS = 0x1 | 0x8 | 0x10_0000  # mark stops at calls, follow threads, kill with the tracer
_ENTRY, _EXIT = 1, 2
_NUMBER_AT, _RESULT_AT = 15 * 8, 10 * 8  # of `orig_rax` and `rax` in `struct user`
_ALL_THREADS = 0x4000_0000  # __WALL


class Watched(NamedTuple):
    """How a watched run went."""

    steps: list[str]
    """Names of the system calls, in order, as far as it came."""
    status: int
    """As `os.waitpid` gives it."""


class _CallInfo(ctypes.Structure):
    _fields_ = (
        ("op", ctypes.c_uint8),
        ("pad", ctypes.c_uint8 * 3),
        ("arch", ctypes.c_uint32),
        ("instruction", ctypes.c_uint64),
        ("stack", ctypes.c_uint64),
        ("number", ctypes.c_uint64),
        ("arguments", ctypes.c_uint64 * 6),
    )


def available() -> bool:
    """Whether processes can be watched on this machine."""
    return platform.system() == "Linux" and platform.machine() == "x86_64"


def in_child(work: Callable[[], T]) -> T:
    """What `work` gives when it is done in a forked process, which shares nothing of ours.

    Raises:
        ChildProcessError: the process died before it was done.
    """
    return in_children([work])[0]


def in_children(works: Sequence[Callable[[], T]]) -> list[T]:
    """The same for several that are done side by side."""
    children = []
    for work in works:
        reading, writing = os.pipe()
        child = os.fork()
        if child == 0:
            status = 1
            try:
                os.close(reading)
                with os.fdopen(writing, "wb") as out:
                    pickle.dump(work(), out)
                status = 0
            except Exception:
                traceback.print_exc()
                raise
            finally:
                os._exit(status)
        os.close(writing)
        children.append((child, reading))
    results = []
    for child, reading in children:
        with os.fdopen(reading, "rb") as answer:
            data = answer.read()
        results.append((data, os.waitpid(child, 0)[1]))
    for _, status in results:
        if status:
            raise ChildProcessError(f"the child ended with status {status}")
    return [pickle.loads(data) for data, _ in results]  # noqa: S301 - our own child wrote it


def fork(work: Callable[[], object]) -> int:
    """Starts `work` in a process of its own, which ends with 0, `SystemExit`'s code, or 1.

    Returns:
        The process's id; to be waited for.
    """
    child = os.fork()
    if child == 0:
        status = 1
        try:
            work()
            status = 0
        except SystemExit as end:
            status = int(end.code or 0)
        finally:
            os._exit(status)
    return child


def watch(
    work: Callable[[], object],
    folder: Path,
    *,
    kill_before: int | None = None,
    full_from: int | None = None,
    before: Callable[[int], None] = lambda _: None,
) -> Watched:
    """Does `work` in a process of its own, and counts its steps in a folder.

    Args:
        work: what to do; an exception ends the process with status 1.
        folder: whose files are meant.
        kill_before: SIGKILL comes before this step is done, counted from 0.
        full_from: from this step on each step that needs space fails with ENOSPC.
        before: called in the watching process before each step, with its number. The folder is
            then what SIGKILL would leave of it: the thread waits, and every other one is held at
            its next system call.
    """
    return in_child(lambda: _watch(work, folder, kill_before, full_from, before))


def _watch(
    work: Callable[[], object],
    folder: Path,
    kill_before: int | None,
    full_from: int | None,
    before: Callable[[int], None],
) -> Watched:
    child = os.fork()
    if child == 0:
        status = 1
        try:
            _ptrace(_TRACEME, 0, None, 0)
            os.kill(os.getpid(), signal.SIGSTOP)
            work()
            status = 0
        finally:
            os._exit(status)
    os.waitpid(child, 0)
    _ptrace(_SETOPTIONS, child, None, _OPTIONS)
    _ptrace(_SYSCALL, child, None, 0)
    steps: list[str] = []
    refused: set[int] = set()
    while True:
        thread, status = os.waitpid(-1, _ALL_THREADS)
        if thread == child and (os.WIFEXITED(status) or os.WIFSIGNALED(status)):
            return Watched(steps, status)
        if not os.WIFSTOPPED(status):
            continue
        passed_on = 0
        if os.WSTOPSIG(status) == signal.SIGTRAP | 0x80:
            step = _step(thread, str(folder))
            if step is None:
                if thread in refused:  # this stop is the return from the call
                    refused.discard(thread)
                    _ptrace(_POKEUSER, thread, _RESULT_AT, -errno.ENOSPC)
            else:
                if len(steps) == kill_before:
                    os.kill(child, signal.SIGKILL)
                    continue
                if full_from is not None and len(steps) >= full_from and step in _GROWING:
                    _ptrace(_POKEUSER, thread, _NUMBER_AT, -1)
                    refused.add(thread)
                before(len(steps))
                steps.append(step)
        elif os.WSTOPSIG(status) not in (signal.SIGTRAP, signal.SIGSTOP):
            passed_on = os.WSTOPSIG(status)
        _ptrace(_SYSCALL, thread, None, passed_on)


def _step(thread: int, folder: str) -> str | None:
    """The step that a stopped thread is about to make, if it is one."""
    info = _CallInfo()
    _ptrace(_GET_SYSCALL_INFO, thread, ctypes.sizeof(info), ctypes.addressof(info))
    name = _CALLS.get(info.number) if info.op == _ENTRY else None
    if name in _BY_DESCRIPTOR:
        with suppress(OSError):
            if str(Path(f"/proc/{thread}/fd/{info.arguments[0]}").readlink()).startswith(folder):
                return name
        return None
    return name


def _ptrace(request: int, pid: int, address: int | None, data: int) -> None:
    if _library().ptrace(request, pid, address, data) == -1:
        problem = ctypes.get_errno()
        if problem != errno.ESRCH:  # a thread that was killed meanwhile
            raise OSError(problem, os.strerror(problem))


@lru_cache
def _library() -> ctypes.CDLL:
    library = ctypes.CDLL(None, use_errno=True)
    library.ptrace.argtypes = [ctypes.c_long, ctypes.c_long, ctypes.c_void_p, ctypes.c_void_p]
    library.ptrace.restype = ctypes.c_long
    return library
