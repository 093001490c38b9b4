"""`assay doctor`: what is configured, what works, what is missing, and how to mend it."""

from __future__ import annotations

import os
import platform
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from agent import __version__
from agent.cli import options
from agent.cli.screen import note
from agent.errors import AssayError, LibraryMissing
from agent.report.wording import one_line

if TYPE_CHECKING:
    from agent.gateway.probe import Found

_PACKAGES = ("chromadb", "langchain-openai", "onnxruntime", "openai", "vcrpy")


def doctor(
    library: options.Library = None,
    chroma_url: options.ChromaUrl = None,
    model: options.Model = "embedded",
    base_url: options.BaseUrl = None,
    embedder: options.Embedder = None,
    offline: Annotated[
        bool, typer.Option("--offline", help="Send nothing, so that it costs nothing.")
    ] = False,
) -> None:
    """Say what is configured, what works, what is missing, and how to mend it.

    A model behind HTTP is asked one tiny question, and again for each thing that its server
    refuses: structured output, log-probabilities, a stream. An embedder behind HTTP gets one
    sentence.

    Examples:

      assay doctor --model openai:gpt-5

      assay doctor --library newsroom/ --embedder openai:text-embedding-3-small
    """
    folder = options.library_folder(library, chroma_url)
    checks: list[tuple[str, Callable[[], Iterator[str]]]] = [
        ("Assay", _versions),
        ("Embedder", lambda: _embedder(embedder, offline)),
        ("Embedded judge", _judge),
        ("Library", lambda: _library(folder, embedder)),
        *([("Chroma", partial(_chroma, chroma))] if (chroma := _chroma_of(folder)) else []),
        ("Model", lambda: _model(model, base_url, offline)),
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
    from importlib.metadata import version

    yield f"{__version__} on Python {platform.python_version()}, {os.cpu_count()} cores"
    yield ", ".join(f"{name} {version(name)}" for name in _PACKAGES)


def _embedder(named: str | None, offline: bool) -> Iterator[str]:
    from tools.models.embedder import embedder_named
    from tools.models.remote import PREFIX

    embedder = embedder_named(named)
    remote = embedder.id.startswith(PREFIX)
    if remote and offline:
        yield f"{embedder.id} can be asked; nothing was sent"
        return
    embedder.embed(["The bridge was opened in May."])
    works = "answers" if remote else "works offline"
    yield f"{embedder.id}, {embedder.dimension} dimensions, {works}"


def _judge() -> Iterator[str]:
    from agent.rate.judge import EmbeddedJudge
    from agent.rate.windows import Pair

    judge = EmbeddedJudge()
    judge.judge([Pair("The bridge was opened in May.", "The bridge opened on 3 May.")])
    yield f"{judge.name}, reads English, works offline"


def _library(folder: Path, named: str | None) -> Iterator[str]:
    from tools.library import Library
    from tools.library.address import place_of, server_of
    from tools.models.embedder import embedder_named
    from tools.models.remote import PREFIX

    notices: list[str] = []
    with Library.open(folder, None, on_notice=notices.append) as opened:
        state, built_with = opened.state(), opened.embedder.id
    remote = built_with.startswith(PREFIX)
    if built_with != named and (named or not remote):
        Library.open(folder, embedder_named(named)).close()  # says so where it is another
    yield f"{place_of(folder)}: {state.sources} sources, {state.passages} passages"
    yield from notices
    server = server_of(folder)
    if server:
        yield f"What this machine alone keeps of it is in {folder}"
    if remote and built_with != named:
        yield f"Its vectors are of {built_with}: name it with --embedder or ASSAY_EMBEDDER"
    if not state.sources:
        yield "It is empty. Add sources: assay sources add PATH"


def _chroma_of(folder: Path) -> str | None:
    from tools.library.address import server_of

    server = server_of(folder)
    return server.chroma if server else None


def _chroma(url: str) -> Iterator[str]:
    from tools.library.chroma_server import TOKEN, SharedVectors, runs_in_python

    yield f"{url} answers, version {SharedVectors(url).version()}"
    if runs_in_python(url):
        raise RuntimeError(
            f"{url} is Chroma's server in Python, which runs the code of whoever reaches it before "
            "it asks for a token (CVE-2026-45829): stop it, and start `chroma run` instead"
        )
    yield "CVE-2026-45829: from 1.0.0 on, Chroma's server in Python runs whatever code it is sent."
    yield "Keep to `chroma run`, in a private network, behind a proxy that asks for the token"
    if not os.environ.get(TOKEN):
        yield f"No token is sent: {TOKEN} is not set"


def _model(model: str, base_url: str | None, offline: bool) -> Iterator[str]:
    if model == "embedded":
        yield "embedded; nothing leaves this machine"
        key = "is set" if os.environ.get("OPENAI_API_KEY") else "is not set"
        yield f"OPENAI_API_KEY {key}; --model openai:MODEL would use it"
        return
    from agent.gateway.opening import open_model
    from agent.judges import language_model_of

    name = language_model_of(model)
    open_model(name, base_url=base_url)
    address = base_url or os.environ.get("OPENAI_BASE_URL")
    if offline or name.partition(":")[0] not in ("openai", "azure_openai"):
        yield f"{model} can be asked; nothing was sent"
        if address:
            yield f"requests go to {address}"
        return
    import asyncio

    from agent.gateway.probe import REQUESTS, TOKENS, probe
    from agent.gateway.provider import open_provider

    where = f" at {address}" if address else ""
    note(f"Asking {name}{where}: 1 to {REQUESTS} requests of about {TOKENS} tokens each")
    note("A model that reasons takes more")

    async def ask() -> Found:
        provider = open_provider(name, base_url=base_url)
        try:
            return await probe(provider, name.partition(":")[2])
        finally:
            if provider.close:
                await provider.close()

    yield from _found(name, asyncio.run(ask()))


def _found(name: str, found: Found) -> Iterator[str]:
    taken = "" if found.tokens is None else f", {found.tokens} tokens"
    requests = f"{found.requests} request{'s' * (found.requests != 1)}"
    yield f"{name} answers ({found.seconds:.1f} s, {requests}{taken})"
    if found.served_by and found.served_by != name.partition(":")[2]:
        yield f"the server says that {found.served_by} answered"
    yield {
        "enforced": "structured output: by JSON schema",
        "ignored": "structured output: the schema is taken but not kept to; it is put into prompts",
        "refused": "structured output: none; the schema is put into prompts, answers are checked",
    }[found.schema]
    yield f"log-probabilities: {'yes' if found.logprobs else 'no'}"
    yield f"streaming: {'yes' if found.stream else 'no'}"
    context = f"{found.context:,} tokens" if found.context else "the server does not say"
    yield f"context length: {context}"
