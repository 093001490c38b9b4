"""An embedder for tests: a bag of hashed words. Fast, deterministic, and readable: two
texts are as near as the words they share."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray


class WordEmbedder:
    id = "words-1"

    def __init__(self, id: str = "words-1", dimension: int = 64) -> None:  # noqa: A002
        self.id = id
        self.dimension = dimension
        self.texts_seen = 0

    def embed(self, texts: Sequence[str]) -> NDArray[np.float32]:
        self.texts_seen += len(texts)
        vectors = np.zeros((len(texts), self.dimension), dtype=np.float32)
        for vector, text in zip(vectors, texts, strict=True):
            vector[0] = 1e-3  # a text without words has a direction, too
            for word in re.findall(r"\w+", text.casefold()):
                digest = hashlib.sha256(word.encode()).digest()
                vector[int.from_bytes(digest[:4], "big") % self.dimension] += 1
            vector /= np.linalg.norm(vector)
        return vectors
