"""The plain parts: a text splitter, Chroma as a vector store, the embedder that ships.

LangChain keeps its splitter and its Chroma store in packages of their own, which this project
does not depend on. These two do the same with the same defaults, so that the comparison runs
wherever the project does.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Sequence
from typing import Any

import chromadb
from chromadb.config import Settings
from langchain_core.documents import Document
from langchain_core.embeddings import Embeddings
from langchain_core.vectorstores import VectorStore

from tools.models.embedder import Embedder

SEPARATORS = ("\n\n", "\n", " ", "")
"""Tried in this order: paragraphs, lines, words, characters."""


class RecursiveSplitter:
    """As `RecursiveCharacterTextSplitter`: pieces at the first separator that a text has, merged
    up to a size; what is still too long is split at the next.

    Args:
        size: most characters of a chunk.
        overlap: most characters that a chunk repeats of the one before.
    """

    def __init__(self, size: int = 1000, overlap: int = 200) -> None:
        self._size, self._overlap = size, overlap

    def split_text(self, text: str) -> list[str]:
        """The chunks, in order, without blanks around them."""
        return self._split(text, SEPARATORS)

    def _split(self, text: str, separators: Sequence[str]) -> list[str]:
        place = next((i for i, each in enumerate(separators) if not each or each in text), -1)
        separator, finer = separators[place], separators[place + 1 :]
        # A separator stays with what follows it.
        parts = text.split(separator) if separator else list(text)
        pieces = parts[:1] + [separator + part for part in parts[1:]]
        chunks: list[str] = []
        short: list[str] = []
        for piece in filter(None, pieces):
            if len(piece) < self._size:
                short.append(piece)
                continue
            chunks += self._merged(short)
            short = []
            chunks += self._split(piece, finer) if finer else [piece]
        return chunks + self._merged(short)

    def _merged(self, pieces: Iterable[str]) -> list[str]:
        chunks: list[str] = []
        held: list[str] = []
        total = 0
        for piece in pieces:
            if held and total + len(piece) > self._size:
                chunks.append("".join(held).strip())
                while total > self._overlap or (total and total + len(piece) > self._size):
                    total -= len(held.pop(0))
            held.append(piece)
            total += len(piece)
        return [chunk for chunk in [*chunks, "".join(held).strip()] if chunk]


class ShippedEmbeddings(Embeddings):
    """An embedder of ours as LangChain asks for one."""

    def __init__(self, embedder: Embedder) -> None:
        self._embedder = embedder

    def embed_documents(self, texts: list[str]) -> list[list[float]]:
        """A vector for each text."""
        return [vector.tolist() for vector in self._embedder.embed(texts)]

    def embed_query(self, text: str) -> list[float]:
        """The vector of a question."""
        return self.embed_documents([text])[0]


class ChromaStore(VectorStore):
    """Texts with what is known about them, by meaning, in a collection with Chroma's defaults.

    Args:
        embeddings: of texts and questions.
        path: of a folder that keeps it; None keeps it in memory.
    """

    def __init__(self, embeddings: Embeddings, path: str | None = None) -> None:
        self._embeddings = embeddings
        settings = Settings(anonymized_telemetry=False)
        self._client = (
            chromadb.PersistentClient(path, settings)
            if path
            else chromadb.EphemeralClient(settings)
        )
        self._name = f"bare-{uuid.uuid4()}"
        self._collection = self._client.create_collection(self._name, embedding_function=None)

    def add_texts(
        self,
        texts: Iterable[str],
        metadatas: list[dict[str, Any]] | None = None,
        *,
        ids: list[str] | None = None,
        **kwargs: Any,
    ) -> list[str]:
        """Embeds and adds; returns the ids."""
        added = list(texts)
        ids = ids or [str(uuid.uuid4()) for _ in added]
        most = self._client.get_max_batch_size()
        for start in range(0, len(added), most):
            part = slice(start, start + most)
            self._collection.add(
                ids=ids[part],
                documents=added[part],
                embeddings=self._embeddings.embed_documents(added[part]),  # type: ignore[arg-type]
                metadatas=metadatas[part] if metadatas else None,  # type: ignore[arg-type]
            )
        return ids

    def similarity_search(self, query: str, k: int = 4, **kwargs: Any) -> list[Document]:
        """The nearest texts, nearest first."""
        vector = self._embeddings.embed_query(query)
        found = self._collection.query(query_embeddings=vector, n_results=k)
        texts, about = found["documents"] or [[]], found["metadatas"] or [[]]
        return [
            Document(page_content=text, metadata=dict(known or {}))
            for text, known in zip(texts[0], about[0], strict=True)
        ]

    @classmethod
    def from_texts(
        cls,
        texts: list[str],
        embedding: Embeddings,
        metadatas: list[dict[str, Any]] | None = None,
        *,
        ids: list[str] | None = None,
        **kwargs: Any,
    ) -> ChromaStore:
        """A store that holds these texts."""
        store = cls(embedding, **kwargs)
        store.add_texts(texts, metadatas, ids=ids)
        return store

    def close(self) -> None:
        """Drops the collection."""
        self._client.delete_collection(self._name)
