"""A lock on a folder: readers share it, a writer has it alone, and it names who holds it.

The lock is SQLite's own, on an empty database that nothing is ever written to: a reader
keeps a read transaction open, a writer an exclusive one. So it works wherever the library
itself works, and the system drops it when its holder dies, however it dies. Who holds it
stands in a note beside; notes are for messages, and say whether the holder will give way to
those who wait: then a request is laid beside them. Who waits to have the folder alone lays
one as well, for those who hold it only to have it at hand.
"""

from __future__ import annotations

import json
import os
import secrets
import socket
import sqlite3
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path

from agent.errors import LibraryDamaged, LibraryError, LibraryLocked

WAIT_SECONDS = 1.5
"""How long a process waits for another to finish before it says who holds the lock: with the
start of the process, an answer comes within two seconds."""
HAND_OVER_SECONDS = 120.0
"""How long a reader waits where the holder gives way; it was told who that is."""
_SLICE = 0.25
"""Seconds of one attempt. Whoever waits long pauses for as long, so that others can come in."""
ALONE_SECONDS = 8.0
"""How long readers who find something to mend wait for one another."""
_FORGOTTEN = 10.0
"""Seconds after which a request that nobody renewed is one of the dead."""


class FolderLock:
    """One holder's view of the lock; another `FolderLock` is another holder, also within
    one process. May be acquired in one thread and released in another."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        """Of the library."""
        self._folder = folder / "locks"
        self._connection: sqlite3.Connection | None = None
        self._note: Path | None = None
        self.exclusive = False
        """Whether it is held, and by this holder alone."""

    def acquire(
        self,
        *,
        exclusive: bool,
        gives_way: bool = False,
        patience: float | None = None,
        on_wait: Callable[[str], None] | None = None,
    ) -> None:
        """Takes the lock.

        Args:
            exclusive: to have it alone.
            gives_way: promises to look at `is_wanted` every few seconds and to let go. Who
                wants to read then waits for its turn, up to `HAND_OVER_SECONDS`.
            patience: seconds to wait for others, with pauses in which they may come in;
                default: `WAIT_SECONDS`.
            on_wait: is told once who is waited for, where that may take long.

        Raises:
            LibraryLocked: another holder kept it for so long; names the process.
            LibraryDamaged: the lock's own file is not what it should be.
            LibraryError: the folder cannot be written to.
        """
        if self._connection is not None:
            raise RuntimeError("this lock is already held")
        until = time.monotonic() + (WAIT_SECONDS if patience is None else patience)
        until_handed_over = time.monotonic() + HAND_OVER_SECONDS
        request: Path | None = None
        try:
            while True:
                left = max(until - time.monotonic(), 0.0)
                try:
                    self._acquire(exclusive, gives_way, wait=min(left, _SLICE))
                except LibraryLocked as error:
                    now = time.monotonic()
                    handed_over = (
                        not exclusive and now < until_handed_over and self._gives_somebody_way()
                    )
                    if now >= until and not handed_over:
                        raise
                    asked = request is not None
                    if handed_over or exclusive:
                        request = request or self._name(".waiting" if handed_over else ".alone")
                        with suppress(OSError):  # without it the wait may be in vain, no more
                            request.touch()
                    if handed_over:
                        first = not asked
                        until = max(until, now + _SLICE)
                    else:
                        first = patience is not None and on_wait is not None
                    if first and on_wait is not None:
                        on_wait(f"waiting: {error.what}")
                        on_wait = None
                    if patience is not None:
                        time.sleep(_SLICE)
                else:
                    return
        finally:
            if request is not None:
                request.unlink(missing_ok=True)

    def is_wanted(self) -> bool:
        """Whether somebody waits for a holder who gives way."""
        return self._is_asked_for("*.waiting")

    def is_wanted_alone(self) -> bool:
        """Whether somebody waits to have the folder alone: to write there, or to mend."""
        return self._is_asked_for("*.alone")

    def _is_asked_for(self, requests: str) -> bool:
        wanted = False
        for request in self._folder.glob(requests):
            with suppress(FileNotFoundError):
                if time.time() - request.stat().st_mtime < _FORGOTTEN:
                    wanted = True
                else:
                    request.unlink()  # whoever waited has died
        return wanted

    def stand_back(self) -> None:
        """After `release`: waits until those who waited had their chance."""
        until = time.monotonic() + WAIT_SECONDS
        while self.is_wanted() and time.monotonic() < until:
            time.sleep(0.01)

    def _acquire(self, exclusive: bool, gives_way: bool, *, wait: float) -> None:
        file = self._folder / "lock"
        connection: sqlite3.Connection | None = None
        try:
            self._folder.mkdir(exist_ok=True)
            connection = sqlite3.connect(
                file, timeout=wait, isolation_level=None, check_same_thread=False
            )
            connection.execute("BEGIN EXCLUSIVE" if exclusive else "BEGIN")
            connection.execute("SELECT 1 FROM sqlite_master").fetchall()
        except (sqlite3.Error, OSError) as error:
            if connection is not None:
                connection.close()
            raise self._refusal(error, file) from error
        self._connection, self.exclusive = connection, exclusive
        if exclusive:  # alone: whatever notes lie here were left by the dead
            for note in self._folder.glob("*.json"):
                note.unlink(missing_ok=True)
        try:
            self._note = self._write_note("writing" if exclusive else "reading", gives_way)
        except OSError as error:
            self.release()
            raise self._refusal(error, file) from error

    @contextmanager
    def alone(self) -> Iterator[None]:
        """Nobody else has the library meanwhile; shared again afterwards, where it was.

        Raises:
            LibraryLocked: another holder kept it for `ALONE_SECONDS`.
        """
        if self.exclusive:
            yield
            return
        self.release()
        try:
            self.acquire(exclusive=True, patience=ALONE_SECONDS)
            yield
        finally:
            self.release()
            self.acquire(exclusive=False, patience=ALONE_SECONDS)

    def release(self) -> None:
        """Gives the lock back; does nothing where it is not held."""
        if self._note is not None:
            self._note.unlink(missing_ok=True)
            self._note = None
        if self._connection is not None:
            self._connection.close()
            self._connection = None
        self.exclusive = False

    def __enter__(self) -> FolderLock:
        return self

    def __exit__(self, *_: object) -> None:
        self.release()

    def _refusal(self, error: Exception, file: Path) -> LibraryError:
        code = getattr(error, "sqlite_errorcode", None)
        if code is not None and code & 0xFF == sqlite3.SQLITE_BUSY:
            return LibraryLocked(
                f"the library {self.folder} is in use by {self._holders()}",
                "wait until it is done, or end it, and run the same command again",
            )
        if code is not None and code & 0xFF == sqlite3.SQLITE_NOTADB:
            return LibraryDamaged(
                f"the lock file {file} is damaged",
                "no source is lost: delete that file while nothing else uses the library",
            )
        detail = error.strerror or error if isinstance(error, OSError) else error
        return LibraryError(
            f"the library {self.folder} cannot be locked: {detail}",
            "check that you may write to this folder and that the disk is not full",
        )

    def _write_note(self, doing: str, gives_way: bool) -> Path:
        command = " ".join([Path(sys.argv[0]).name or "python", *sys.argv[1:3]])
        note = {
            "pid": os.getpid(),
            "host": socket.gethostname(),
            "command": command[:80],
            "doing": doing,
            "since": datetime.now(UTC).isoformat(timespec="seconds"),
            "gives_way": gives_way,
        }
        path = self._name(".json")
        path.write_text(json.dumps(note), encoding="utf-8")
        return path

    def _name(self, ending: str) -> Path:
        return self._folder / f"{os.getpid()}-{secrets.token_hex(4)}{ending}"

    def _gives_somebody_way(self) -> bool:
        """Whether a living holder does, by its note."""
        for path in self._folder.glob("*.json"):
            try:
                note = json.loads(path.read_text(encoding="utf-8"))
                here = note["host"] == socket.gethostname()
                if note["gives_way"] and (not here or _may_live(int(note["pid"]))):
                    return True
            except (OSError, ValueError, KeyError, TypeError):
                continue
        return False

    def _holders(self) -> str:
        """`process 4711 (assay serve, reading since 2026-03-04 08:15:00 UTC)`, and so on: for
        every note whose process may live."""
        names = []
        for path in sorted(self._folder.glob("*.json")):
            try:
                note = json.loads(path.read_text(encoding="utf-8"))
                pid, host = int(note["pid"]), str(note["host"])
                since = datetime.fromisoformat(note["since"]).astimezone(UTC)
                told = f"{note['command']}, {note['doing']} since {since:%Y-%m-%d %H:%M:%S} UTC"
            except (OSError, ValueError, KeyError, TypeError):
                continue  # given back this moment, or no note of ours
            here = host == socket.gethostname()
            if here and not _may_live(pid):
                continue
            where = "" if here else f" on {host}"
            printable = "".join(c for c in told + where if c.isprintable())
            names.append(f"process {pid} ({printable})")
        return " and ".join(names) or "another process"


def _may_live(pid: int) -> bool:
    if os.name != "posix":  # elsewhere signal 0 is no question but a kill
        return True
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except (PermissionError, OverflowError):
        return True
    return True
