"""The program as a process: its streams, a reader that leaves early, an interrupt."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from pathlib import Path

import pytest

from tests.conftest import BRIDGE, ROOT, command, run_program
from tests.model_server import Fault, ModelServer
from tools.library import Library
from tools.models.embedder import MiniLMEmbedder


def test_as_a_process_the_program_keeps_its_streams_apart(example_template: Path) -> None:
    asked = ("check", "-", "--library", example_template, "--json", "--title", "Kürze")
    result = run_program(
        *asked, stdin="Building the Harbour Line extension will cost €246 million.\n",
        env={"PYTHONIOENCODING": "ascii", "TERM": "xterm-256color", "FORCE_COLOR": "1"},
    )  # fmt: skip
    assert result.code == 0, result.err
    assert result.json["article"]["title"] == "Kürze"
    assert result.json["summary"]["conflicting"] == 1
    assert "≠ conflicting" in result.err
    assert "\x1b" not in result.out + result.err


@pytest.mark.parametrize(
    "arguments", [["sources", "list"], ["sources", "list", "--json"], ["--help"]], ids=" ".join
)
def test_a_reader_that_leaves_early_is_no_error_to_speak_of(
    example_template: Path, arguments: list[str]
) -> None:
    # As in `assay … | head -1`, only surer: nobody reads at all.
    reader, writer = os.pipe()
    os.close(reader)
    try:
        done = subprocess.run(
            command(*arguments),
            stdout=writer,
            stderr=subprocess.PIPE,
            env={**os.environ, "ASSAY_LIBRARY": str(example_template)},
            cwd=ROOT,
            timeout=60,
            check=False,
        )
    finally:
        os.close(writer)
    assert done.stderr == b""
    assert done.returncode == 141


def _heeds_interrupts() -> None:
    """Where the tests themselves run in the background, the shell has interrupts ignored, and
    what they start would inherit that."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


def test_an_interrupt_ends_the_run_at_once_and_gives_the_library_back(
    example_library: Path,
) -> None:
    with ModelServer(forever=Fault("hang")) as server:
        asked = ("--library", example_library, "--model", "openai:m", "--base-url", server.url)
        running = subprocess.Popen(
            command("check", BRIDGE, *asked), stdout=-1, stderr=-1, text=True, cwd=ROOT,
            preexec_fn=_heeds_interrupts,
        )  # fmt: skip
        deadline = time.monotonic() + 60
        while not server.requests and time.monotonic() < deadline:
            time.sleep(0.02)
        running.send_signal(signal.SIGINT)
        interrupted = time.monotonic()
        out, err = running.communicate(timeout=20)
    assert time.monotonic() - interrupted < 5
    assert running.returncode == 130
    assert out == ""
    assert err.splitlines()[-2:] == [
        "assay: interrupted",
        "Nothing is lost: what a model has answered or a library has taken in is kept. "
        "The same command goes on from here.",
    ]
    assert "Traceback" not in err
    with Library.open(example_library, MiniLMEmbedder(), write=True):
        pass
