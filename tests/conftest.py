"""What all tests share: no network, a clean environment, the example library, the program.

The example library is built once with the real embedder and copied for each test that asks
for it. Tests for which the embedder is not the point use `word_library`.
"""

from __future__ import annotations

import json
import os
import shutil
import socket
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from ipaddress import ip_address
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

import pytest
from hypothesis import settings

from agent.cli import main
from agent.types import Document
from tests.browsing import ARGUMENTS, CHROMIUM
from tests.fake_embedder import WordEmbedder
from tools.library import Library
from tools.models.embedder import MiniLMEmbedder
from tools.models.encoder import Encoder
from tools.readers import read_file, source_files

if TYPE_CHECKING:
    from playwright.sync_api import Browser

    from tests.bulk_runs import Run

# How long an example takes says more about the machine than about the code.
settings.register_profile("assay", deadline=None)
settings.load_profile("assay")

ROOT = Path(__file__).parents[1]
EXAMPLE = ROOT / "evals" / "example"


# --- what no test may do ------------------------------------------------------------------


class NetworkUsed(BaseException):
    """A test reached for the network. No `Exception`: nothing may take it for a mere fault."""


def _is_local(address: object) -> bool:
    if not isinstance(address, tuple):  # a path: a socket of this machine
        return True
    host = str(address[0])
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host in ("", "localhost")


@pytest.fixture(scope="session", autouse=True)
def _only_this_machine() -> Iterator[None]:
    """Sockets connect to 127.0.0.1 and ::1 and nowhere else; names are not looked up."""
    connect, connect_ex = socket.socket.connect, socket.socket.connect_ex
    look_up = socket.getaddrinfo

    def guarded_connect(self: socket.socket, address: Any) -> None:
        if not _is_local(address):
            raise NetworkUsed(f"connect {address!r}")
        connect(self, address)

    def guarded_connect_ex(self: socket.socket, address: Any) -> int:
        if not _is_local(address):
            raise NetworkUsed(f"connect {address!r}")
        return connect_ex(self, address)

    def guarded_look_up(host: Any, *rest: Any, **more: Any) -> Any:
        name = host.decode() if isinstance(host, bytes) else host
        if name is not None and not _is_local((name,)):
            raise NetworkUsed(f"look up {name!r}")
        return look_up(host, *rest, **more)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(socket.socket, "connect", guarded_connect)
        patch.setattr(socket.socket, "connect_ex", guarded_connect_ex)
        patch.setattr(socket, "getaddrinfo", guarded_look_up)
        yield


@pytest.fixture(scope="session", autouse=True)
def _clean_environment(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Nothing of the developer's own set-up: no key, no model, no library, no proxy."""
    with pytest.MonkeyPatch.context() as patch:
        for name in list(os.environ):
            if name.startswith(
                ("ASSAY_", "OPENAI_", "LANGCHAIN_", "LANGSMITH_")
            ) or name.upper() in (
                "HTTP_PROXY",
                "HTTPS_PROXY",
                "ALL_PROXY",
            ):
                patch.delenv(name)
        # Where the default library would be.
        patch.setenv("XDG_DATA_HOME", str(tmp_path_factory.mktemp("user-data")))
        patch.setenv("NO_COLOR", "1")
        yield


@pytest.fixture(scope="session", autouse=True)
def _networks_are_loaded_once() -> Iterator[None]:
    """Each judge and each embedder would load its weights anew."""
    loaded: dict[str, Encoder] = {}

    def load(graph: Path, *, without: Sequence[str] = ()) -> Encoder:
        if graph.name not in loaded:
            loaded[graph.name] = Encoder(graph, without=without)
        return loaded[graph.name]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("agent.rate.judge.Encoder", load)
        patch.setattr("tools.models.embedder.Encoder", load)
        yield


# --- libraries ----------------------------------------------------------------------------


@pytest.fixture(scope="session")
def example_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The example library, made once; to be read, never to be changed."""
    folder = tmp_path_factory.mktemp("example") / "library"
    with Library.open(folder, MiniLMEmbedder(), create=True) as library:
        for path in source_files([EXAMPLE / "sources"]).files:
            library.add(read_file(path), path=path.name)
    return folder


@pytest.fixture
def example_library(example_template: Path, tmp_path: Path) -> Path:
    """A copy of the example library of one's own."""
    return Path(shutil.copytree(example_template, tmp_path / "library"))


SOURCES = (
    Document(
        text="The Tallis Bridge was opened on 3 May 2024 by Mayor Ada Berg. It cost 12 million "
        "euros.\n\nThe bridge is 240 metres long.",
        title="Bridge opened",
        publisher="Tallis Courier",
        published_at="2024-05-04",
        url="https://courier.example/bridge",
        language="en",
    ),
    Document(
        text="Officials say that the crossing at Tallis cost 15 million euros, more than was "
        "planned.\n\nAda Berg cut the ribbon in May.",
        title="What the crossing cost",
        publisher="Valley Post",
        published_at="2024-06-10",
        language="en",
    ),
    Document(
        text="The night bus to Orrel runs every hour.\n\nA ticket is two euros.",
        title="Night bus",
        publisher="Orrel Notes",
        published_at="2025-01-15",
        language="en",
    ),
)
"""Three sources that have nothing to do with one another, in an order by date."""


@pytest.fixture(scope="session")
def word_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("words") / "library"
    with Library.open(folder, WordEmbedder(), create=True) as library:
        for document in SOURCES:
            library.add(document, path=f"{document.title}.txt")
    return folder


@pytest.fixture
def word_library(word_template: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A library of `SOURCES` under the fake embedder, which the program uses too."""
    monkeypatch.setattr("tools.models.embedder.MiniLMEmbedder", WordEmbedder)
    monkeypatch.setattr("agent.check.MiniLMEmbedder", WordEmbedder)
    return Path(shutil.copytree(word_template, tmp_path / "library"))


@pytest.fixture
def nothing_is_lost(request: pytest.FixtureRequest) -> Iterator[None]:
    """After the test `word_library` holds its sources and is whole, where the test has it."""
    used = "word_library" in request.fixturenames
    folder = request.getfixturevalue("word_library") if used else None
    yield
    if folder:
        with Library.open(folder, WordEmbedder()) as library:
            assert [source.text for source in library.sources()] == [s.text for s in SOURCES]
            assert library.verify() == []


# --- the program --------------------------------------------------------------------------


@dataclass(frozen=True)
class Result:
    """How the program ended and what it said."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)

    @property
    def message(self) -> str:
        """What it complained of, in one or two lines and without a traceback."""
        lines = self.err.strip().splitlines()
        start = next(i for i, line in enumerate(lines) if line.startswith("assay: "))
        assert len(lines) - start <= 2, self.err
        assert "Traceback" not in self.err
        assert "defect" not in self.err
        return "\n".join(lines[start:])


class Assay(Protocol):
    def __call__(self, *arguments: str | Path) -> Result: ...


@pytest.fixture
def assay(capsys: pytest.CaptureFixture[str]) -> Assay:
    """Runs the program within this process, which spares its start."""

    def run(*arguments: str | Path) -> Result:
        capsys.readouterr()
        with pytest.raises(SystemExit) as ended:
            main([str(argument) for argument in arguments])
        out, err = capsys.readouterr()
        code = ended.value.code
        assert isinstance(code, int)
        return Result(code, out, err)

    return run


def command(*arguments: str | Path) -> list[str]:
    """The program as a command of its own."""
    return [sys.executable, "-m", "agent.cli", *map(str, arguments)]


def run_program(
    *arguments: str | Path,
    stdin: str | bytes = b"",
    env: Mapping[str, str] | None = None,
    cwd: Path = ROOT,
) -> Result:
    """Runs the program as a process of its own, as a user does."""
    done = subprocess.run(
        command(*arguments),
        input=stdin.encode() if isinstance(stdin, str) else stdin,
        capture_output=True,
        env={**os.environ, **(env or {})},
        cwd=cwd,
        timeout=100,
        check=False,
    )
    return Result(done.returncode, done.stdout.decode(), done.stderr.decode())


# --- a language model ---------------------------------------------------------------------

ANSWERS = ROOT / "tests" / "answers"
BRIDGE = ANSWERS / "bridge.txt"
"""An article that `SOURCES` support in one claim, contradict in one, and do not know in one."""
BRIDGE_SCRIPT = f"scripted:{ANSWERS / 'bridge.json'}"

Entry = dict[str, Any]


def answers(name: str) -> list[Entry]:
    """Hand-written answers, as a script's entries; `tests.model_server` takes them too."""
    schemas = {"extract_claims": "Extraction", "rate_claim": "Rating"}
    entries = json.loads((ANSWERS / f"{name}.json").read_text("utf-8"))["answers"]
    return [{**entry, "schema": schemas[entry["prompt"]]} for entry in entries]


@pytest.fixture
def no_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    """Requests are repeated at once, unless the server asks for a wait."""
    monkeypatch.setattr("agent.gateway.model._BACK_OFF", lambda _: 0.0)
    monkeypatch.setattr("agent.gateway.pace.FIRST_PAUSE", 0.0)
    monkeypatch.setattr("agent.gateway.pace.FIRST_BUSY", 0.0)


# --- many articles ------------------------------------------------------------------------


@pytest.fixture
def archive(tmp_path: Path) -> Path:
    """A folder of three articles, as `tests.bulk_runs` has them."""
    from tests.bulk_runs import write_archive

    return write_archive(tmp_path / "archive")


@pytest.fixture
def out(tmp_path: Path) -> Path:
    """Where reports go; there is none yet."""
    return tmp_path / "out"


@pytest.fixture
def bulk(assay: Assay, word_library: Path, archive: Path, out: Path) -> Run:
    """`assay batch` on the archive, with `word_library` and the script."""
    from tests.bulk_runs import runs_of

    return runs_of(assay, word_library, archive, out)


# --- a browser ----------------------------------------------------------------------------


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """A real browser for the tests of a module."""
    if CHROMIUM is None:
        pytest.skip("no Chromium: install Debian's `chromium`, or set CHROMIUM to its path")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        launched = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        yield launched
        launched.close()
