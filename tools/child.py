"""Child processes of ours, spoken with through their standard input and output.

A child runs one of our own functions in a fresh interpreter: nothing of a user's script is
imported again, so it needs no guard. It sees none of the caller's environment that may hold a
key, leaves Ctrl-C to its caller, and ends when its input does, so also with a caller that was
killed.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import IO

_HANDED_ON = (
    "PATH", "HOME", "LANG", "LC_ALL", "LC_CTYPE", "TZ", "TMPDIR", "TEMP", "TMP",
    "SYSTEMROOT", "WINDIR", "LD_LIBRARY_PATH", "PYTHONHOME", "PYTHONPATH", "PYTHONUTF8",
)  # fmt: skip
_ROOT = str(Path(__file__).resolve().parents[1])


def start(code: str) -> subprocess.Popen[bytes]:
    """Starts a process that runs some Python code of ours; both pipes are binary.

    Each numerical library has one thread there. What the child says on standard error is seen
    with ASSAY_DEBUG=1 only.

    Raises:
        OSError: no process can be started.
    """
    environment = {key: os.environ[key] for key in _HANDED_ON if key in os.environ}
    environment |= {"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"}
    return subprocess.Popen(
        # -P: a file of the folder one happens to be in is not taken for a module.
        [sys.executable, "-P", "-B", "-c", f"import sys; sys.path.insert(0, {_ROOT!r})\n{code}"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=None if os.environ.get("ASSAY_DEBUG") == "1" else subprocess.DEVNULL,
        env=environment,
    )


def streams() -> tuple[IO[bytes], IO[bytes]]:
    """In the child: where requests come from and replies go, once called first of all."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the caller, who ends this
    requests, replies = sys.stdin.buffer, os.fdopen(os.dup(1), "wb")
    # What a library prints must not be taken for a reply.
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
    return requests, replies
