"""A PostgreSQL and a Chroma server of one's own, on loopback, for tests that need a real one."""

from __future__ import annotations

import os
import secrets
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

import pytest

PASSWORD = "not-to-be-shown"
_USER = "postgres"
"""Who runs the server where the tests run as root, whom it refuses."""


class PostgresServer(NamedTuple):
    port: int

    def make_database(self, name: str | None = None) -> str:
        """Makes an empty database; gives its address, with the password."""
        import psycopg

        name = name or f"lib_{secrets.token_hex(4)}"
        with psycopg.connect(self.address("postgres"), autocommit=True) as connection:
            connection.execute(f'CREATE DATABASE "{name}"'.encode())
        return self.address(name)

    def address(self, name: str) -> str:
        return f"postgresql://assay:{PASSWORD}@127.0.0.1:{self.port}/{name}"


def _programs() -> Path | None:
    """The folder of PostgreSQL's programs: Debian has them outside of the search path."""
    found = shutil.which("initdb")
    folders = [Path(found).resolve().parent] if found else []
    folders += sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)
    return next((each for each in folders if (each / "initdb").exists()), None)


@contextmanager
def postgres_server() -> Iterator[PostgresServer]:
    """A server with passwords, in a folder of its own; the test is skipped where there is none."""
    programs = _programs()
    root = os.name == "posix" and os.geteuid() == 0
    as_user = ["runuser", "-u", _USER, "--"] if root else []
    if programs is None or (root and not shutil.which("runuser")):
        pytest.skip("no PostgreSQL here: apt-get install postgresql")
    folder = Path(tempfile.mkdtemp(prefix="assay-postgres-"))
    port = free_port()
    try:
        (folder / "password").write_text(PASSWORD, encoding="utf-8")
        if root:
            for each in (folder, folder / "password"):
                shutil.chown(each, _USER)
        _run(
            *as_user, programs / "initdb", "-D", folder / "data", "-U", "assay", "-E", "UTF8",
            "--locale=C.UTF-8", "--auth=scram-sha-256", f"--pwfile={folder / 'password'}",
            "--no-sync",
        )  # fmt: skip
        options = f"-p {port} -c listen_addresses=127.0.0.1 -c unix_socket_directories={folder}"
        control: list[str | Path] = [*as_user, programs / "pg_ctl", "-D", folder / "data"]
        _run(*control, "-o", options, "-l", folder / "log", "-w", "start")
        try:
            yield PostgresServer(port)
        finally:
            _run(*control, "-m", "immediate", "-w", "stop")
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def chroma_server(folder: Path) -> Iterator[str]:
    """`chroma run`, which is the server in Rust; gives its address."""
    port = free_port()
    program = Path(sys.executable).with_name("chroma")
    process = subprocess.Popen(
        [program, "run", "--host", "127.0.0.1", "--port", str(port), "--path", folder],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        until = time.monotonic() + 60
        while not _listens(port):
            assert process.poll() is None and time.monotonic() < until, "chroma run did not start"
            time.sleep(0.1)
        yield f"http://127.0.0.1:{port}"
    finally:
        process.kill()  # its data is thrown away
        process.wait()


def free_port() -> int:
    with socket.socket() as opened:
        opened.bind(("127.0.0.1", 0))
        return int(opened.getsockname()[1])


def _listens(port: int) -> bool:
    with socket.socket() as opened:
        return opened.connect_ex(("127.0.0.1", port)) == 0


def _run(*command: str | Path) -> None:
    done = subprocess.run(command, cwd="/", capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
