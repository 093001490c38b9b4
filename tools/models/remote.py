"""Vectors from a server that speaks OpenAI's embeddings API, where the user named one.

Texts of the library and of claims leave the machine for it, so it is never chosen by itself.
What comes back is held to be data: as many vectors as texts, one length, numbers only; each is
brought to unit length. The library remembers the name, not the address.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from agent.errors import ModelUnavailable, UsageError

if TYPE_CHECKING:
    from openai import OpenAI
    from tenacity import RetryCallState

PREFIX = "openai:"
_BATCH_TEXTS = 128
_BATCH_CHARACTERS = 200_000
"""Of one request: OpenAI takes 300,000 tokens in all, and a text in other scripts may have more
than one a character."""
_LONGEST = 8_000
"""Characters of a text that are sent; models take about as many tokens, passages are shorter."""
_REQUESTS = 4
_FIRST_WAIT = 0.5
_LONGEST_WAIT = 60.0
_TIMEOUT = 60.0
_PASSING = frozenset({408, 409, 425, 429, 500, 502, 503, 504, 529})


class OpenAIEmbedder:
    """A model of OpenAI's embeddings API, or of a server that speaks it.

    Args:
        model: as the server calls it, such as `text-embedding-3-small`.
        base_url: of the server; default `$OPENAI_BASE_URL`, else OpenAI's own.
        api_key: default `$OPENAI_API_KEY`; not needed where an address is named.

    Raises:
        UsageError: no model is named, or there is no key for OpenAI's own server.
        ModelUnavailable: kind `auth`, the key is none that a request can carry.
    """

    def __init__(
        self, model: str, *, base_url: str | None = None, api_key: str | None = None
    ) -> None:
        if not model.strip():
            raise UsageError(
                "--embedder openai: names no model", "name one: openai:text-embedding-3-small"
            )
        self.id = PREFIX + model
        self._model = model
        self._base_url = base_url or os.environ.get("OPENAI_BASE_URL") or None
        self._key = (api_key or os.environ.get("OPENAI_API_KEY") or "").strip()
        if not (self._key.isascii() and self._key.isprintable()):
            raise ModelUnavailable(
                "auth",
                "the key holds a line break or another character that no key has",
                "set OPENAI_API_KEY to the key as the provider shows it",
            )
        if not self._key and not self._base_url:
            raise UsageError(
                f"{self.id} needs a key and OPENAI_API_KEY is not set",
                "set OPENAI_API_KEY, or leave out --embedder: the embedder that ships needs none",
            )

    @cached_property
    def dimension(self) -> int:
        """Numbers of a vector; asked of the server once."""
        return int(self._ask(["dimension"]).shape[1])

    def embed(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Vectors of unit length, (len(texts), dimension).

        Raises:
            ModelUnavailable: the server cannot be reached, refuses, or gives no usable vectors;
                after at most four requests of the same.
        """
        if not texts:
            return np.zeros((0, self.dimension), dtype=np.float32)
        vectors = np.concatenate([self._ask(batch) for batch in _batches(texts)])
        self.__dict__.setdefault("dimension", int(vectors.shape[1]))
        if vectors.shape[1] != self.dimension:
            raise self._unusable(f"{vectors.shape[1]} numbers instead of {self.dimension}")
        return vectors

    @cached_property
    def _client(self) -> OpenAI:
        from openai import OpenAI

        return OpenAI(
            api_key=self._key or "none", base_url=self._base_url, max_retries=0, timeout=_TIMEOUT
        )

    def _ask(self, texts: Sequence[str]) -> NDArray[np.float32]:
        from openai import APIConnectionError, APIError, APIStatusError
        from tenacity import Retrying, retry_if_exception, stop_after_attempt

        asking = Retrying(
            stop=stop_after_attempt(_REQUESTS),
            wait=_wait,
            retry=retry_if_exception(_may_pass),
            reraise=True,
        )
        try:
            reply = asking(
                self._client.embeddings.create,
                model=self._model,
                # An empty text is refused; it has no meaning to be found by either.
                input=[text[:_LONGEST] or " " for text in texts],
                encoding_format="float",
            )
        except APIConnectionError as error:
            raise ModelUnavailable(
                "network",
                f"the embedder {self.id} cannot be reached: {self._said(error)}",
                "what was added is kept; the same command goes on from here",
            ) from None
        except APIStatusError as error:
            refused = error.status_code in (401, 403)
            raise ModelUnavailable(
                "auth" if refused else "server",
                f"the embedder {self.id} answered {error.status_code}: {self._said(error)}",
                "check OPENAI_API_KEY" if refused else "the same command goes on from here",
            ) from None
        except (APIError, ValueError) as error:  # a reply that is no JSON
            raise self._unusable(self._said(error)) from None
        return self._read(reply, len(texts))

    def _read(self, reply: Any, count: int) -> NDArray[np.float32]:
        """Checks a reply: the client's types promise nothing about what a server sent."""
        try:
            items = sorted(reply.data, key=lambda item: int(item.index))
            vectors = np.array([item.embedding for item in items], dtype=np.float32)
            places = [int(item.index) for item in items]
        except (AttributeError, TypeError, ValueError) as error:
            raise self._unusable(self._said(error)) from None
        if places != list(range(count)) or vectors.ndim != 2 or not vectors.shape[1]:
            raise self._unusable(f"{len(places)} vectors for {count} texts")
        lengths = np.linalg.norm(vectors.astype(np.float64), axis=1, keepdims=True)
        if not np.isfinite(lengths).all() or not (lengths > 0).all():
            raise self._unusable("a vector without a direction")
        unit: NDArray[np.float32] = (vectors / lengths).astype(np.float32)
        return unit

    def _unusable(self, detail: str) -> ModelUnavailable:
        return ModelUnavailable(
            "bad_reply",
            f"the embedder {self.id} gave no usable vectors: {detail}",
            "check that the server speaks OpenAI's embeddings API",
        )

    def _said(self, error: Exception) -> str:
        """One short line of a text that may repeat what the server said, our key included.

        For the same reason its exception is not chained.
        """
        text = str(error).replace(self._key, "[key]") if self._key else str(error)
        text = " ".join("".join(c if c.isprintable() else " " for c in text).split())
        return text if len(text) <= 200 else text[:199] + "…"


def _batches(texts: Sequence[str]) -> list[list[str]]:
    batches: list[list[str]] = [[]]
    size = 0
    for text in texts:
        length = min(len(text), _LONGEST)
        if batches[-1] and (len(batches[-1]) == _BATCH_TEXTS or size + length > _BATCH_CHARACTERS):
            batches.append([])
            size = 0
        batches[-1].append(text)
        size += length
    return batches


def _may_pass(error: BaseException) -> bool:
    """Whether the same request may be answered later. No quota left does not pass."""
    from openai import APIConnectionError, APIStatusError

    if isinstance(error, APIStatusError):
        return error.status_code in _PASSING and error.code != "insufficient_quota"
    return isinstance(error, APIConnectionError)


def _wait(state: RetryCallState) -> float:
    """Seconds: what the server asks for, else twice as long each time."""
    error = state.outcome.exception() if state.outcome else None
    headers = getattr(getattr(error, "response", None), "headers", {})
    try:
        asked = float(headers.get("retry-after", ""))
    except ValueError:
        asked = _FIRST_WAIT * 2 ** (state.attempt_number - 1)
    return min(max(asked, 0.0), _LONGEST_WAIT)
