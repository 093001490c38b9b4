"""What went to a model and came back, for people: a debug trace, and OpenTelemetry spans.

The debug trace is a JSON Lines file that the user names, one object a request, with the messages
as sent: articles and passages stand in it, keys do not. Spans follow OpenTelemetry's semantic
conventions for generative AI (`chat MODEL`, `gen_ai.*`) and hold no texts; they are made where the
program around us, or `opentelemetry-instrument`, has set up an exporter.
"""

from __future__ import annotations

import json
import logging
import os
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from agent.errors import ModelError, UsageError
from agent.gateway.answers import ended_by, served_by, text_of

if TYPE_CHECKING:
    from langchain_core.messages import AIMessage, BaseMessage
    from opentelemetry.trace import Span

    from agent.gateway.faults import Server

_log = logging.getLogger(__name__)


@dataclass
class Exchange:
    """One request on its way; `answer` is set when it has come."""

    answer: AIMessage | None = None


class Tracer:
    """Tells of the requests to one model.

    Args:
        server: whom they go to; its secrets are taken out of the trace.
        file: where the trace is appended to; None writes none.

    Raises:
        UsageError: the file cannot be written.
    """

    def __init__(self, server: Server, file: Path | None = None) -> None:
        self._server = server
        self._file = file
        if file:
            try:
                self._append("")
            except OSError as error:
                raise UsageError(
                    f"the trace {file} cannot be written: {error.strerror}", "Name another file"
                ) from error

    @contextmanager
    def request(
        self, prompt: str, number: int, messages: list[BaseMessage], options: dict[str, Any]
    ) -> Iterator[Exchange]:
        """Tells of the request that is made within.

        Args:
            prompt: its name.
            number: of the request among those of its question, from 1.
            messages, options: as sent.
        """
        exchange, started = Exchange(), time.perf_counter()
        fault: BaseException | None = None
        with ExitStack() as closing:
            span = closing.enter_context(_span(self._server, options))
            try:
                yield exchange
            except BaseException as error:
                fault = error
                raise
            finally:
                if span:
                    _describe(span, exchange.answer, fault)
                if self._file:
                    seconds = time.perf_counter() - started
                    about = {"prompt": prompt, "request": number, "seconds": round(seconds, 3)}
                    self._write(about | _told(messages, options, exchange.answer, fault))

    def _write(self, record: dict[str, Any]) -> None:
        head = {
            "at": datetime.now(UTC).isoformat(timespec="milliseconds"),
            "model": self._server.name,
            "host": self._server.host,
        }
        try:
            self._append(json.dumps(self._clean(head | record), ensure_ascii=False) + "\n")
        except OSError as error:  # no reason to lose a run
            _log.warning("the trace %s cannot be written: %s", self._file, error.strerror)
            self._file = None

    def _clean(self, value: Any) -> Any:
        """Without keys, in values and names alike; a lone surrogate fits into no file."""
        if isinstance(value, str):
            return self._server.without_keys(value).encode("utf-8", "replace").decode()
        if isinstance(value, dict):
            return {self._clean(str(name)): self._clean(item) for name, item in value.items()}
        if isinstance(value, list | tuple):
            return [self._clean(item) for item in value]
        return value if isinstance(value, int | float | bool | None) else self._clean(str(value))

    def _append(self, text: str) -> None:
        if self._file is None:
            return
        # Articles may be confidential. One write a line: several checks may share a trace.
        flags = os.O_WRONLY | os.O_APPEND | os.O_CREAT
        handle = os.open(self._file, flags, 0o600)
        try:
            os.write(handle, text.encode())
        finally:
            os.close(handle)


def _told(
    messages: list[BaseMessage],
    options: dict[str, Any],
    answer: AIMessage | None,
    fault: BaseException | None,
) -> dict[str, Any]:
    told: dict[str, Any] = {
        "messages": [{"role": message.type, "text": str(message.text)} for message in messages],
        "options": options,
    }
    if answer is not None:
        told["answer"] = {
            "text": text_of(answer),
            "model": served_by(answer),
            "ended": ended_by(answer),
            "usage": dict(answer.usage_metadata) if answer.usage_metadata else None,
        }
    if isinstance(fault, ModelError):
        told["fault"] = {"kind": fault.kind, "what": fault.what}
    elif fault is not None:
        told["fault"] = {"kind": type(fault).__name__}
    return told


@contextmanager
def _span(server: Server, options: dict[str, Any]) -> Iterator[Span | None]:
    # Whoever set up an exporter has imported it: without one the import would be for nothing.
    if "opentelemetry.trace" not in sys.modules:
        yield None
        return
    from opentelemetry import trace

    provider, _, model = server.name.partition(":")
    host, _, port = server.host.partition(":")
    attributes: dict[str, str | int | float] = {
        "gen_ai.operation.name": "chat",
        "gen_ai.provider.name": provider,
        "gen_ai.request.model": model,
        "gen_ai.output.type": "json",
    }
    for name, value in (
        ("server.address", host),
        ("server.port", int(port) if port.isdigit() else None),
        ("gen_ai.request.temperature", options.get("temperature")),
        ("gen_ai.request.max_tokens", _limit(options)),
    ):
        if value not in (None, ""):
            attributes[name] = value
    tracer = trace.get_tracer("assay")
    with tracer.start_as_current_span(
        f"chat {model}",
        kind=trace.SpanKind.CLIENT,
        attributes=attributes,
        record_exception=False,  # its text may repeat what the server said
        set_status_on_exception=False,
    ) as span:
        yield span


def _limit(options: dict[str, Any]) -> int | None:
    """The most tokens of the answer, by whichever name the server takes."""
    sent = options | options.get("extra_body", {})
    most: int | None = sent.get("max_tokens") or sent.get("max_completion_tokens")
    return most


def _describe(span: Span, answer: AIMessage | None, fault: BaseException | None) -> None:
    if fault is not None:
        from opentelemetry.trace import Status, StatusCode

        kind = fault.kind if isinstance(fault, ModelError) else type(fault).__name__
        span.set_attribute("error.type", kind)
        span.set_status(Status(StatusCode.ERROR, kind))
    if answer is None:
        return
    if model := served_by(answer):
        span.set_attribute("gen_ai.response.model", model)
    if ended := ended_by(answer):
        span.set_attribute("gen_ai.response.finish_reasons", [ended])
    if usage := answer.usage_metadata:
        span.set_attribute("gen_ai.usage.input_tokens", usage["input_tokens"])
        span.set_attribute("gen_ai.usage.output_tokens", usage["output_tokens"])
