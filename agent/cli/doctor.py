"""`assay doctor`: what is configured, what works, what is missing, and how to mend it."""

from __future__ import annotations

import os
import platform
from collections.abc import Callable, Iterator
from importlib.metadata import version
from pathlib import Path

import typer

from agent import __version__
from agent.cli import options
from agent.errors import AssayError, LibraryMissing
from agent.report.wording import one_line

_PACKAGES = ("chromadb", "langchain-openai", "onnxruntime", "openai", "vcrpy")


def doctor(
    library: options.Library = None,
    model: options.Model = "embedded",
    base_url: options.BaseUrl = None,
) -> None:
    """Say what is configured, what works, what is missing, and how to mend it.

    Sends nothing: whether a key is accepted shows when it is used.

    Example:

      assay doctor --model openai:gpt-5
    """
    folder = options.library_folder(library)
    checks: list[tuple[str, Callable[[], Iterator[str]]]] = [
        ("Assay", _versions),
        ("Embedder", _embedder),
        ("Embedded judge", _judge),
        ("Library", lambda: _library(folder)),
        ("Model", lambda: _model(model, base_url)),
    ]
    broken = 0
    for name, run in checks:
        try:
            lines = list(run())
            mark = "ok"
        except LibraryMissing as error:
            mark, lines = "--", [error.what, error.todo]
        except (AssayError, OSError, ValueError, RuntimeError) as error:
            mark, broken = "!!", broken + 1
            lines = [error.what, error.todo] if isinstance(error, AssayError) else [str(error)]
        typer.echo(f"{mark}  {name}: {one_line(lines[0])}")
        for line in lines[1:]:
            if line:
                typer.echo(f"      {one_line(line)}")
    raise typer.Exit(1 if broken else 0)


def _versions() -> Iterator[str]:
    yield f"{__version__} on Python {platform.python_version()}, {os.cpu_count()} cores"
    yield ", ".join(f"{name} {version(name)}" for name in _PACKAGES)


def _embedder() -> Iterator[str]:
    from tools.models.embedder import MiniLMEmbedder

    embedder = MiniLMEmbedder()
    embedder.embed(["The bridge was opened in May."])
    yield f"{embedder.id}, {embedder.dimension} dimensions, works offline"


def _judge() -> Iterator[str]:
    from agent.rate.judge import EmbeddedJudge, Pair

    judge = EmbeddedJudge()
    judge.judge([Pair("The bridge was opened in May.", "The bridge opened on 3 May.")])
    yield f"{judge.name}, reads English, works offline"


def _library(folder: Path) -> Iterator[str]:
    from tools.library import Library
    from tools.models.embedder import MiniLMEmbedder

    notices: list[str] = []
    with Library.open(folder, MiniLMEmbedder(), on_notice=notices.append) as opened:
        state = opened.state()
    yield f"{folder}: {state.sources} sources, {state.passages} passages"
    yield from notices
    if not state.sources:
        yield "It is empty. Add sources: assay sources add PATH"


def _model(model: str, base_url: str | None) -> Iterator[str]:
    if model == "embedded":
        yield "embedded; nothing leaves this machine"
        key = "is set" if os.environ.get("OPENAI_API_KEY") else "is not set"
        yield f"OPENAI_API_KEY {key}; --model openai:MODEL would use it"
        return
    from agent.gateway.model import open_model

    open_model(model, base_url=base_url)
    yield f"{model} can be asked; nothing was sent"
    address = base_url or os.environ.get("OPENAI_BASE_URL")
    if address:
        yield f"requests go to {address}"
