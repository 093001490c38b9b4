"""Texts to vectors. Offline: all-MiniLM-L6-v2 in int8 (Wang et al. 2020; Reimers 2021)."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from agent.errors import UsageError
from tools.models import EMBEDDER
from tools.models.encoder import Encoder


class Embedder(Protocol):
    """Anything that turns texts into unit vectors."""

    @property
    def id(self) -> str:
        """Name and version; a library remembers whose vectors it holds."""

    @property
    def dimension(self) -> int: ...

    def embed(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Vectors of unit length, (len(texts), dimension)."""


class MiniLMEmbedder:
    """The embedder that ships. The model is loaded on the first call."""

    id = "all-MiniLM-L6-v2-int8-2"
    dimension = 384

    @cached_property
    def _encoder(self) -> Encoder:
        # The fused kernel adds and normalises one number at a time; apart, both are vectorised,
        # and a text takes about two thirds of the time.
        return Encoder(EMBEDDER, without=["SkipLayerNormFusion"])

    def embed(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Vectors of unit length, (len(texts), 384); texts are cut at 256 tokens."""
        return self._encoder.run(texts)


class StoredVectors:
    """Stands in for the embedder of a library that is only looked at: it can embed nothing."""

    def __init__(self, id: str, dimension: int) -> None:  # noqa: A002 - as in `Embedder`
        self.id = id
        self.dimension = dimension

    def embed(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Raises:
        UsageError: always.
        """
        raise UsageError(
            f"the library was opened without its embedder {self.id}", f"use --embedder {self.id}"
        )


def embedder_named(name: str | None) -> Embedder:
    """The embedder that a user means.

    Args:
        name: `embedded` or None for the one that ships; `openai:MODEL` for one of OpenAI's, or
            of a server at `$OPENAI_BASE_URL` that speaks the same.

    Raises:
        UsageError: there is none of that name, or it needs a key that is not set.
    """
    from tools.models.remote import PREFIX, OpenAIEmbedder

    if not name or name in ("embedded", MiniLMEmbedder.id):
        return MiniLMEmbedder()
    if name.startswith(PREFIX):
        return OpenAIEmbedder(name.removeprefix(PREFIX))
    raise UsageError(f"there is no embedder {name}", "use `embedded` or `openai:MODEL`")
