"""What a model's answer must be: the JSON schema to ask with, and a strict reading of it."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Mapping
from functools import cache
from typing import TYPE_CHECKING, Any, TypeVar

from pydantic import BaseModel, ValidationError

from agent.errors import ClaimFailed

if TYPE_CHECKING:
    from langchain_core.messages import AIMessage

    from agent.gateway.faults import Server

T = TypeVar("T", bound=BaseModel)

_TRUNCATED = {
    "length",
    "max_tokens",
    "max_output_tokens",
    "model_length",
    "model_context_window_exceeded",
}
_FILTERED = {"content_filter", "content_filtered", "safety", "recitation", "prohibited_content"}
_THINKING = re.compile(r"\A\s*<(think|thinking)>.*?</\1>", re.DOTALL)
_FENCE = re.compile(r"\A```(?:json)?\s*\n(.*)\n```\Z", re.DOTALL)


class AnswerProblem(Exception):
    """An answer that cannot be used as it stands; the model is told, and asked once more.

    Args:
        kind: short name of the fault should the second answer be no better, e.g. `bad_quote`.
        message: what is wrong, said to the model and, in the end, to the user.
        of_form: it is not of the schema; a server that enforces that gives no such answer.
        told: what the user is told instead, where `message` repeats words of the answer: they
            may be anything, our prompt for one.
    """

    def __init__(
        self, kind: str, message: str, *, of_form: bool = False, told: str | None = None
    ) -> None:
        super().__init__(message)
        self.of_form = of_form
        self.kind = kind
        self.message = message
        self.told = told or message


def served_by(message: AIMessage) -> str | None:
    """The model that the server says answered."""
    name = message.response_metadata.get("model_name")
    return name if isinstance(name, str) and name else None


def charged(message: AIMessage) -> float | None:
    """Dollars that the server says it charges for an answer; most servers do not say."""
    usage = message.response_metadata.get("token_usage")
    cost = usage.get("cost") if isinstance(usage, dict) else None
    if isinstance(cost, bool) or not isinstance(cost, int | float):
        return None
    return float(cost) if 0 <= cost < math.inf else None


def without_wrong_usage(message: AIMessage) -> AIMessage:
    """The message; counts below zero, which would refill a budget, are taken for none."""
    usage = message.usage_metadata
    if usage and min(usage["input_tokens"], usage["output_tokens"], cached_tokens(message)) < 0:
        message.usage_metadata = None
    return message


def without_our_key(message: AIMessage, server: Server) -> AIMessage:
    """The message; a server may repeat what it was sent, and its key with it."""
    said = {
        "content": message.content,
        "additional_kwargs": message.additional_kwargs,
        "response_metadata": message.response_metadata,
        "tool_calls": message.tool_calls,
    }
    cleaned = server.without_secrets(said)
    return message if cleaned == said else message.model_copy(update=cleaned)


def cached_tokens(message: AIMessage) -> int:
    """Tokens of the prompt that the server had in its prompt cache."""
    usage = message.usage_metadata
    details = usage.get("input_token_details") if usage else None
    return (details.get("cache_read") or 0) if details else 0


def text_of(message: AIMessage) -> str:
    """The text of a message, its lone surrogates replaced: no file or database takes them."""
    return str(message.text).encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def ended_by(message: AIMessage) -> str:
    """How an answer ended, as its provider says it, in lower case; empty where it does not."""
    metadata = message.response_metadata
    if metadata.get("status") == "incomplete":  # of Responses
        details = metadata.get("incomplete_details")
        return str(details.get("reason") if isinstance(details, dict) else "").lower()
    return str(metadata.get("finish_reason") or metadata.get("stop_reason") or "").lower()


def _refused(message: AIMessage) -> bool:
    blocks = message.content if isinstance(message.content, list) else []
    return bool(message.additional_kwargs.get("refusal")) or any(
        isinstance(block, dict) and block.get("type") == "refusal" for block in blocks
    )


def whole_text(message: AIMessage) -> str:
    """The text of an answer that is whole; how it ended is looked at before what it says.

    Raises:
        ClaimFailed: it refused, or a filter cut it.
        AnswerProblem: it is cut short, or empty.
    """
    ended = ended_by(message)
    if _refused(message) or ended == "refusal":
        raise ClaimFailed("refusal", "the model refused to answer", "Use another model")
    if ended in _FILTERED:
        todo = "Use a model with another content filter"
        raise ClaimFailed("content_filter", "the provider's filter cut the answer", todo)
    if ended in _TRUNCATED:
        raise AnswerProblem("truncated", "the answer is cut short by its limit of tokens")
    text = text_of(message)
    if not text.strip():
        raise AnswerProblem("bad_reply", "the answer is empty")
    return text


def read_message(message: AIMessage, schema: type[T]) -> T:
    """What the model answered.

    Raises:
        ClaimFailed: as `whole_text`.
        AnswerProblem: it is cut short, empty, or not of the type.
    """
    return read_answer(whole_text(message), schema)


def without_reasoning(text: str) -> str:
    """An answer without the leading block of reasoning that some models show."""
    return _THINKING.sub("", text, count=1).strip()


def read_answer(text: str, schema: type[T]) -> T:
    """Reads one JSON object of a type, strictly.

    A leading block of reasoning and a code fence around the whole are taken off. Nothing is
    guessed: two objects, a key given twice, NaN, or a value outside an enumeration are refused.

    Raises:
        AnswerProblem: kind `bad_reply`, with what is wrong and where.
    """
    body = without_reasoning(text)
    if fenced := _FENCE.match(body):
        body = fenced[1]
    try:
        value = strict_json(body)
    except (ValueError, RecursionError) as error:
        reason = error.msg if isinstance(error, json.JSONDecodeError) else str(error)
        what = f"it is not one JSON object ({reason})"
        raise AnswerProblem("bad_reply", what, of_form=True) from None
    if not isinstance(value, dict):
        raise AnswerProblem("bad_reply", "it is not a JSON object", of_form=True)
    try:
        return schema.model_validate_json(body)
    except ValidationError as error:
        faults = [
            f"{'.'.join(str(part) for part in fault['loc'])}: {fault['msg']}"[:200]
            for fault in error.errors(include_url=False, include_input=False)[:3]
        ]
        # The name of a surplus field is the model's own text.
        shown = "".join(c if c.isprintable() else "?" for c in "; ".join(faults))
        raise AnswerProblem("bad_reply", shown, of_form=True) from None


def strict_json(text: str) -> Any:
    """Parses JSON that can mean one thing only.

    Raises:
        ValueError: it is no JSON, a key is given twice, or a number is NaN or infinite.
        RecursionError: it is nested too deeply.
    """
    return json.loads(text, object_pairs_hook=_no_key_twice, parse_constant=_no_constant)


def _no_key_twice(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    value = dict(pairs)
    if len(value) != len(pairs):
        raise ValueError("a key is given twice")
    return value


def _no_constant(name: str) -> None:
    raise ValueError(f"{name} is no JSON")


@cache  # 5 ms each, and the same for all claims; nobody changes what is given out
def answer_schema(schema: type[BaseModel]) -> dict[str, Any]:
    """The `json_schema` of a request: the type's own, made strict where that is possible.

    Strict output wants every property required and no others; optional ones keep their null
    or empty value. A type with free keys cannot be strict. See OpenAI, "Structured outputs".
    What is paid for with every request and says nothing new is left out: titles, descriptions
    (a prompt says what its fields mean), and a name for a type that is used once.
    """
    document = schema.model_json_schema()
    types = document.pop("$defs", {})
    refers = json.dumps([document, types])
    once = {name: types[name] for name in types if refers.count(f'"#/$defs/{name}"') == 1}
    shared = {name: child for name, child in types.items() if name not in once}
    document = _inlined(document | ({"$defs": shared} if shared else {}), once)
    strict = _make_strict(document)
    return {"name": schema.__name__, "schema": document, "strict": strict}


def _inlined(node: Any, types: Mapping[str, Any]) -> Any:
    """The schema with these types written out where they are named."""
    if isinstance(node, list):
        return [_inlined(child, types) for child in node]
    if not isinstance(node, dict):
        return node
    # A type that is named once and can be reached cannot contain itself.
    if isinstance(named := node.get("$ref"), str) and named.removeprefix("#/$defs/") in types:
        return _inlined(types[named.removeprefix("#/$defs/")], types)
    return {name: _inlined(child, types) for name, child in node.items()}


def _make_strict(node: Any) -> bool:
    if isinstance(node, list):
        # A list first: every member is to be changed, also after one that cannot be strict.
        strict = [_make_strict(child) for child in node]
        return all(strict)
    if not isinstance(node, dict):
        return True
    for name in ("default", "title", "description"):
        node.pop(name, None)
    if node.get("type") == "object" and "properties" in node:
        node["additionalProperties"] = False
        node["required"] = list(node["properties"])
    free_keys = node.get("type") == "object" and "properties" not in node
    # `properties` maps names to schemas: a property may be called `default` or `title`.
    children = [
        list(child.values()) if name in ("properties", "$defs") else child
        for name, child in node.items()
        if name not in ("enum", "const", "required", "additionalProperties")
    ]
    strict = [_make_strict(child) for child in children]
    return all(strict) and not free_keys
