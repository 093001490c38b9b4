"""`assay serve` as a user starts it, on a library for trials."""

from __future__ import annotations

import os
import re
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import NamedTuple

from agent.types import Document
from evals.llm import model_server
from tools.library import Addition, Library
from tools.models.embedder import MiniLMEmbedder
from tools.readers import read_file, source_files

_TOWNS = 200
"""Sources beside the example's, such as the model server's articles are about."""


class Service(NamedTuple):
    """A service that runs."""

    port: int
    process: subprocess.Popen[str]


def fill(folder: Path) -> None:
    """Makes the library."""
    example = Path(__file__).parents[1] / "example" / "sources"
    documents = [read_file(path) for path in source_files([example]).files]
    documents += [Document(text=model_server.source(number)) for number in range(_TOWNS)]
    with Library.open(folder, MiniLMEmbedder(), create=True) as library:
        library.add_all([Addition(document) for document in documents])


@contextmanager
def serving(library: Path, log: Path, *options: str) -> Iterator[Service]:
    """A service in a process of its own; killed at the end of the block if it still runs."""
    program = [sys.executable, "-m", "agent.cli", "serve", "--port", "0"]
    program += ["--library", str(library), *options]
    keys = {
        "OPENAI_API_KEY": os.environ.get("OPENAI_API_KEY", "none")
    }  # the model's server is ours
    with (
        log.open("w", encoding="utf-8") as errors,
        subprocess.Popen(program, stderr=errors, text=True, env=os.environ | keys) as process,
    ):
        try:
            yield Service(_port(process, log), process)
        finally:
            process.kill()


def _port(process: subprocess.Popen[str], log: Path) -> int:
    """The port that the service says it has, once it listens there."""
    while process.poll() is None:
        if found := re.search(r"http://127\.0\.0\.1:(\d+)/", log.read_text("utf-8")):
            with suppress(OSError), socket.create_connection(("127.0.0.1", int(found[1]))):
                return int(found[1])
        time.sleep(0.05)
    raise SystemExit(f"the service did not start: {log.read_text('utf-8')}")
