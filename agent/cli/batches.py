"""`--batch`: a model's questions go in OpenAI's batches."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer

from agent.cli.screen import note
from agent.errors import UsageError

FOLDER = "batches"

Batch = Annotated[
    bool,
    typer.Option(
        "--batch",
        help="Send the model's questions in OpenAI's batches: for a part of the price, within a "
        "day. Interrupted, the same command goes on.",
    ),
]


def check_model(model: str) -> None:
    """Complains of a model that is asked over no network."""
    if model == "embedded" or model.startswith("scripted:"):
        raise UsageError(
            f"the model {model!r} is not asked in batches",
            "Leave out --batch, or name openai:MODEL",
        )


@contextmanager
def in_batches(wanted: bool, folder: Path, *, quiet: bool) -> Iterator[None]:
    """Sends what the block asks a model in batches, if that is wanted.

    Args:
        wanted: whether it is.
        folder: in which it is written down what is on its way.
        quiet: says nothing of how far they are.
    """
    if not wanted:
        yield
        return
    from agent.gateway.batching import batched

    with batched(folder / FOLDER, tell=lambda text: note(text, quiet=quiet)):
        yield
