"""A chat model that answers from a file, for tests, demonstrations and tutorials.

`--model scripted:FILE` takes the place of a provider; everything else is the real thing. The
file is JSON:

    {"answers": [
        {"prompt": "rate_claim", "contains": ["Tallis Bridge", "2024"],
         "answer": {"verdict": "supported"}},
        {"prompt": "rate_claim", "fault": {"status": 429, "retry_after": 2}, "times": 1},
        {"prompt": "extract_claims", "answer": "text that is no JSON"},
        {"prompt": "rate_claim", "contains": ["weapon"], "refusal": "I cannot help with that."}
    ]}

The first entry answers whose `prompt` is the prompt's name and whose `contains` strings all
stand in the user's text. An entry has exactly one of

    answer    an object, sent as JSON, or a string, sent as it is
    fault     `{"status": 400..599, "code": …, "message": …, "retry_after": SECONDS}`, or
              `{"network": "refused" | "reset" | "timeout"}`
    refusal   what the model says when it refuses
    tool_calls  `[{"name": …, "args": {…}}, …]`: the tools that it calls before it answers

and may have `finish_reason` (default `stop`; `length` cuts, `content_filter` filters) and
`times`, after which it is used up (default: never). Where no entry fits, the claim fails with
the kind `no_script`.
"""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, Self

from langchain_core.language_models import BaseChatModel
from langchain_core.messages import AIMessage, BaseMessage
from langchain_core.outputs import ChatGeneration, ChatResult
from pydantic import BaseModel, ConfigDict, Field, PrivateAttr, ValidationError, model_validator

from agent.errors import ClaimFailed, UsageError
from agent.gateway.faults import Server

if TYPE_CHECKING:
    from langchain_core.callbacks import (
        AsyncCallbackManagerForLLMRun,
        CallbackManagerForLLMRun,
    )

    from agent.gateway.provider import Provider


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


class ScriptedFault(_Strict):
    """A fault in place of an answer."""

    status: int | None = Field(default=None, ge=400, le=599)
    code: str | None = None
    message: str = "a scripted fault"
    retry_after: float | None = None
    network: Literal["refused", "reset", "timeout"] | None = None

    @model_validator(mode="after")
    def _one_kind(self) -> Self:
        if (self.status is None) == (self.network is None):
            raise ValueError("a fault has either a status or a network fault")
        return self


class ScriptedToolCall(_Strict):
    """A call of a tool."""

    name: str
    args: dict[str, Any] = Field(default_factory=dict)


class ScriptedAnswer(_Strict):
    """One entry of the file."""

    prompt: str
    contains: tuple[str, ...] = Field(default=(), strict=False)
    answer: dict[str, Any] | str | None = None
    fault: ScriptedFault | None = None
    refusal: str | None = None
    tool_calls: tuple[ScriptedToolCall, ...] | None = Field(default=None, strict=False)
    finish_reason: str = "stop"
    times: int | None = Field(default=None, ge=1)

    @model_validator(mode="after")
    def _one_outcome(self) -> Self:
        if [self.answer, self.fault, self.refusal, self.tool_calls].count(None) != 3:
            raise ValueError("an entry has exactly one of answer, fault, refusal and tool_calls")
        return self


class Script(_Strict):
    """The file."""

    answers: tuple[ScriptedAnswer, ...] = Field(strict=False)


class ScriptedStatusError(Exception):
    """A status instead of an answer, with what a provider's own exception carries."""

    def __init__(self, fault: ScriptedFault) -> None:
        super().__init__(fault.message)
        self.status_code = fault.status
        self.body = {"code": fault.code, "message": fault.message}
        self.response = self
        self.headers = (
            {} if fault.retry_after is None else {"retry-after": f"{fault.retry_after:g}"}
        )


def read_script(path: Path) -> Script:
    """Reads the file.

    Raises:
        UsageError: it is missing, no JSON, or not as described above.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or "it is no text"
        raise UsageError(f"the script {path} cannot be read: {reason}") from error
    try:
        return Script.model_validate(json.loads(text))
    except (json.JSONDecodeError, RecursionError) as error:
        raise UsageError(f"the script {path} is no JSON: {error}") from error
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"]) or "the file"
        raise UsageError(f"the script {path} is wrong at {where}: {first['msg']}") from error


def open_script(name: str, path: Path) -> Provider:
    """The model that answers from `path`.

    Raises:
        UsageError: as `read_script`.
    """
    from agent.gateway.provider import Provider

    script = read_script(path)
    # An edited script is another model: its answers must not come from the journal.
    digest = hashlib.sha256(script.model_dump_json().encode()).hexdigest()
    return Provider(ScriptedChatModel(script=script), Server(name), identity={"script": digest})


class ScriptedChatModel(BaseChatModel):
    """The chat model; needs the prompt's name in the user's message (`additional_kwargs`)."""

    script: Script
    _used: Counter[int] = PrivateAttr(default_factory=Counter)

    @property
    def _llm_type(self) -> str:
        return "scripted"

    def bind_tools(self, tools: Sequence[Any], **_: Any) -> Self:
        """The model itself: which tools it calls stands in the script."""
        return self

    def _generate(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: CallbackManagerForLLMRun | None = None,
        **kwargs: Any,
    ) -> ChatResult:
        return ChatResult(generations=[ChatGeneration(message=self._reply(messages))])

    async def _agenerate(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: AsyncCallbackManagerForLLMRun | None = None,
        **kwargs: Any,
    ) -> ChatResult:
        # On the event loop's thread: which entry is used up must not depend on a race.
        return self._generate(messages)

    def _reply(self, messages: list[BaseMessage]) -> AIMessage:
        # A conversation has earlier questions before it, a repair has complaints after it.
        question = next(
            m for m in reversed(messages) if m.type == "human" and "prompt" in m.additional_kwargs
        )
        name = str(question.additional_kwargs.get("prompt", ""))
        text = str(question.text)
        for number, entry in enumerate(self.script.answers):
            if entry.times is not None and self._used[number] >= entry.times:
                continue
            if entry.prompt == name and all(part in text for part in entry.contains):
                self._used[number] += 1
                return _message(entry, messages)
        first_line = text.strip().partition("\n")[0][:120]
        raise ClaimFailed(
            "no_script",
            f"the script has no answer to the prompt {name!r} that begins {first_line!r}",
            "Add an entry to the script",
        )


def _message(entry: ScriptedAnswer, messages: list[BaseMessage]) -> AIMessage:
    if entry.fault:
        match entry.fault.network:
            case "refused":
                raise ConnectionRefusedError(entry.fault.message)
            case "reset":
                raise ConnectionResetError(entry.fault.message)
            case "timeout":
                raise TimeoutError(entry.fault.message)
        raise ScriptedStatusError(entry.fault)
    if isinstance(entry.answer, dict):
        content = json.dumps(entry.answer, ensure_ascii=False)
    else:
        content = entry.answer or ""
    # Words stand in for tokens, so that the counts are the same everywhere.
    sent = sum(len(str(message.text).split()) for message in messages)
    got = len(content.split())
    calls = [
        {"name": call.name, "args": call.args, "id": f"call-{len(messages)}-{number}"}
        for number, call in enumerate(entry.tool_calls or (), 1)
    ]
    return AIMessage(
        content,
        tool_calls=calls,
        additional_kwargs={"refusal": entry.refusal} if entry.refusal else {},
        response_metadata={"finish_reason": entry.finish_reason, "model_name": "scripted"},
        usage_metadata={"input_tokens": sent, "output_tokens": got, "total_tokens": sent + got},
    )
