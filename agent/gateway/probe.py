"""What a model server can do, found out with as few and as small requests as that takes.

One request asks for all at once: an answer by a JSON schema whose names the prompt does not tell,
log-probabilities, a stream. What the server refuses is left out of the next. A list of the
server's models, which costs nothing, may say how long a context can be.
"""

from __future__ import annotations

import asyncio
import re
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from agent.errors import ClaimFailed, ModelError, ModelUnavailable
from agent.gateway.answers import strict_json
from agent.gateway.faults import RESUME, ParameterRefused, fault_of

if TYPE_CHECKING:
    from agent.gateway.provider import Provider

REQUESTS = 5
"""Sent at most: one, and one for each thing that is refused."""
TOKENS = 150
"""That each takes about, sent and answered, of a model that does not reason. No limit is sent: a
model that reasons would spend it before it answers, and some servers refuse one."""

_WISHES: dict[str, dict[str, Any]] = {
    "schema": {
        "response_format": {
            "type": "json_schema",
            "json_schema": {
                "name": "Larger",
                "strict": True,
                "schema": {
                    "type": "object",
                    "properties": {"seven_is_larger": {"type": "boolean"}},
                    "required": ["seven_is_larger"],
                    "additionalProperties": False,
                },
            },
        }
    },
    "logprobs": {"logprobs": True},
    "stream": {"stream": True, "stream_options": {"include_usage": True}},
    "temperature": {"temperature": 0},
}
_NAMED = re.compile(r"\b(logprobs|stream|temperature|response_format|json_schema)", re.IGNORECASE)
_CONTEXT = (
    "max_model_len",
    "context_length",
    "context_window",
    "max_context_length",
    "n_ctx_train",
)
_MESSAGES = [{"role": "user", "content": "Is 7 larger than 4? Answer with one JSON object."}]


@dataclass(frozen=True)
class Found:
    """What a server can do.

    Attributes:
        schema: `enforced`, `ignored` (taken, but the answer was another) or `refused`.
        logprobs, stream: whether it gives log-probabilities, and answers piece by piece.
        context: tokens that fit into the model, where the server tells.
        served_by: the model that the server says answered.
        requests, tokens, seconds: what finding out took; tokens where the server tells.
    """

    schema: str
    logprobs: bool
    stream: bool
    context: int | None
    served_by: str
    requests: int
    tokens: int | None
    seconds: float


async def probe(provider: Provider, model: str, *, timeout: float = 30) -> Found:
    """Asks an OpenAI-compatible server what it can do.

    Args:
        provider: as `agent.gateway.provider.open_provider` opens it for such a server.
        model: the model's name there.
        timeout: seconds that each request may take.

    Raises:
        ModelError: the server does not answer, or refuses the key or the model.
    """
    client: Any = getattr(provider.chat, "root_async_client", None)
    if client is None:
        raise ModelUnavailable("bad_request", f"{provider.server} cannot be probed")
    wishes, started = dict(_WISHES), time.perf_counter()
    for sent in range(1, REQUESTS + 1):
        options = {name: value for wish in wishes.values() for name, value in wish.items()}
        try:
            async with asyncio.timeout(timeout):
                reply = await client.chat.completions.create(
                    model=model, messages=_MESSAGES, **options
                )
                chunks = [piece async for piece in reply] if "stream" in wishes else [reply]
        except Exception as error:
            fault = fault_of(error, provider.server)
            if fault is None:
                raise
            refused = _refused(fault, error, wishes)
            if refused is None:
                # Nothing is kept of a probe that could be gone on from.
                fault.todo = fault.todo.replace(RESUME, "").strip() or "Try again later"
                raise fault from None
            del wishes[refused]
            continue
        if not chunks:  # it took the wish for a stream, and sent none
            del wishes["stream"]
            continue
        return Found(
            schema=_schema_of(_text(chunks)) if "schema" in wishes else "refused",
            logprobs=any(_choice(chunk, "logprobs") for chunk in chunks),
            stream="stream" in wishes,
            context=await _context(client, model, provider, timeout),
            served_by=str(getattr(chunks[0], "model", "") or ""),
            requests=sent,
            tokens=next((u.total_tokens for c in chunks if (u := getattr(c, "usage", None))), None),
            seconds=time.perf_counter() - started,
        )
    what = f"{provider.server} gave no answer to {REQUESTS} requests"
    raise ClaimFailed("bad_reply", what, "Check the model's name and --base-url")


def _refused(fault: ModelError, error: Exception, wishes: Mapping[str, Any]) -> str | None:
    """Which wish a server refuses, as far as it says."""
    if isinstance(fault, ParameterRefused):
        named = "temperature" if fault.parameter == "temperature" else "schema"
        return named if named in wishes else None
    if fault.kind != "bad_request":
        return None
    for found in _NAMED.findall(f"{getattr(error, 'body', '')} {error}"):
        name = found.lower()
        name = "schema" if name in ("response_format", "json_schema") else name
        if name in wishes:
            return name
    return None


def _choice(chunk: Any, name: str) -> Any:
    choices = getattr(chunk, "choices", None) or []
    return getattr(choices[0], name, None) if choices else None


def _text(chunks: list[Any]) -> str:
    parts = (_choice(chunk, "delta") or _choice(chunk, "message") for chunk in chunks)
    return "".join(str(part.content) for part in parts if part is not None and part.content)


def _schema_of(text: str) -> str:
    try:
        answer = strict_json(text)
    except (ValueError, RecursionError):
        return "ignored"
    follows = isinstance(answer, dict) and list(answer) == ["seven_is_larger"]
    return "enforced" if follows else "ignored"


async def _context(client: Any, model: str, provider: Provider, timeout: float) -> int | None:
    """Tokens of context, where the server's list of models has a field for it."""
    try:
        async with asyncio.timeout(timeout):
            told = await client.get(f"/models/{model}", cast_to=object)
    except Exception as error:
        if fault_of(error, provider.server) is None:
            raise
        return None
    if not isinstance(told, dict):
        return None
    meta = told.get("meta")
    fields = told | (meta if isinstance(meta, dict) else {})
    lengths = [fields.get(name) for name in _CONTEXT]
    return next((n for n in lengths if isinstance(n, int) and n > 0), None)
