"""Texts to vectors, offline: all-MiniLM-L6-v2 in int8 (Wang et al. 2020; Reimers 2021)."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

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
