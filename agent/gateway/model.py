"""The gateway to a language model: one question in, one validated answer out.

Whatever a provider does, `LanguageModel.answer` ends in one of three ways: an answer of the
type asked for, which passed the caller's check and lies in the journal; `ClaimFailed`, which
concerns this question only; or `ModelUnavailable`, after which nothing more is sent. A fault
is never an answer. `agent.gateway.faults` says which fault is which; the loop here is the only one
that repeats requests.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self, TypeVar

from pydantic import BaseModel
from tenacity import AsyncRetrying, RetryCallState, retry_if_exception_type, wait_exponential_jitter

from agent.errors import ClaimFailed, ModelError, ModelUnavailable, UsageError
from agent.gateway.answers import (
    AnswerProblem,
    answer_schema,
    cached_tokens,
    charged,
    read_answer,
    read_message,
    served_by,
    text_of,
)
from agent.gateway.budget import MAY_BE_CHARGED, longest_answer
from agent.gateway.cassette import is_replaying
from agent.gateway.faults import ParameterRefused, PassingFault, fault_of
from agent.gateway.tokens import tokens_in

if TYPE_CHECKING:
    from langchain_core.messages import AIMessage, BaseMessage

    from agent.gateway.budget import Budget
    from agent.gateway.journal import Journal
    from agent.gateway.provider import Provider
    from prompts import Rendered

T = TypeVar("T", bound=BaseModel)
Sleep = Callable[[float], Awaitable[None]]

REQUESTS_PER_ANSWER = 4
"""Retries and the repair turn together."""

LONGER_ANSWER = 8192
"""Tokens. Asked for once when an answer was cut short; otherwise the server's own limit holds."""

_FORMS = "Name a model as openai:MODEL, PROVIDER:MODEL, scripted:FILE or embedded"
_BACK_OFF = wait_exponential_jitter(multiplier=0.5, max=20, jitter=1)
__all__ = [
    "AnswerProblem",
    "Counters",
    "LanguageModel",
    "metered",
    "open_model",
]

_log = logging.getLogger(__name__)


@dataclass
class Counters:
    """What the model has taken so far."""

    requests: int = 0
    """Requests sent, failed ones included."""
    cached: int = 0
    """Answers taken from the journal instead."""
    prompt_tokens: int = 0
    completion_tokens: int = 0
    cached_tokens: int = 0
    """Those of the prompts that lay in the provider's prompt cache."""
    estimated: bool = False
    """Whether a server left out its count, so that ours (4 characters a token) stands in."""
    cost_usd: float = 0.0
    """What servers said they charge."""
    unpriced: int = 0
    """Answers for which the server named no charge; most name none."""
    served_by: set[str] = field(default_factory=set)
    """Models that the server says answered; may differ from the one asked for."""


_METER: ContextVar[Counters | None] = ContextVar("meter", default=None)


@contextmanager
def metered() -> Iterator[Counters]:
    """Counts apart what is taken within, by this task and those that it starts.

    So that of many questions side by side each knows its own share.
    """
    meter = Counters()
    token = _METER.set(meter)
    try:
        yield meter
    finally:
        _METER.reset(token)


@dataclass
class _Question:
    """One call of `answer` on its way."""

    prompt: Rendered
    schema: dict[str, Any]
    turns: list[tuple[str, str]] = field(default_factory=list)
    """Answers that could not be used, each with what was wrong."""
    max_tokens: int | None = None
    most: int | None = None
    """Tokens that the answer may have within a budget."""
    requests: int = 0


class LanguageModel:
    """A language model, asked for answers of a given type.

    Belongs to one event loop: open one per `asyncio.run`. Usable as an asynchronous context
    manager, which closes it.

    Args:
        name: as the user named it.
        provider: the opened chat model.
        journal: where answers are kept; None keeps none.
        timeout: seconds that one request may take in all.
        concurrency: answers under way at once, at least 1.
        budget: what may be spent; None is no limit.
        sleep: how to wait between requests; tests and replays do not.
    """

    def __init__(
        self,
        name: str,
        provider: Provider,
        *,
        journal: Journal | None = None,
        timeout: float = 60,
        concurrency: int = 4,
        budget: Budget | None = None,
        sleep: Sleep = asyncio.sleep,
    ) -> None:
        self.name = name
        self.usage = Counters()
        self._provider = provider
        self._journal = journal
        self._timeout = timeout
        self._budget = budget
        self._sleep = sleep
        self._optional = dict(provider.optional)
        self._takes_schema = provider.takes_schema
        self._places = asyncio.Semaphore(concurrency)
        self._first = asyncio.Lock()
        self._proven = asyncio.Event()
        self._down: ModelUnavailable | None = None

    async def answer(
        self, prompt: Rendered, schema: type[T], *, check: Callable[[T], None] | None = None
    ) -> T:
        """Asks the model, or takes the answer from the journal.

        An answer that is no valid `schema`, or that `check` objects to, is sent back once with
        what is wrong. The journal has the answer before this returns.

        Args:
            prompt: the rendered prompt.
            schema: type of the answer; its JSON schema is sent along.
            check: raises `AnswerProblem` for an answer that the type alone cannot refuse.

        Raises:
            ClaimFailed: this question has no usable answer; others may.
            ModelUnavailable: no question can be answered; raised at once from then on.
        """
        asked = answer_schema(schema)
        key = self._key(prompt, asked)
        kept = await self._recall(key, schema, check)
        if kept is not None:
            return kept
        question = _Question(prompt, asked)
        async with self._place():
            if self._down:
                raise ModelUnavailable(self._down.kind, self._down.what, self._down.todo)
            try:
                answer, message = await self._ask(question, schema, check)
                await self._keep(key, prompt, message)
            except ModelUnavailable as fault:
                self._down = fault
                raise
        return answer

    async def aclose(self) -> None:
        """Closes the connections; the journal stays open, its owner closes it."""
        if self._provider.close:
            await self._provider.close()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.aclose()

    # --- the journal ---------------------------------------------------------------------

    def _key(self, prompt: Rendered, asked: dict[str, Any]) -> str:
        """Everything the answer depends on. Not the host: the same model may move."""
        identity = {
            "model": self.name,
            "prompt": prompt.name,
            "version": prompt.version,
            "system": prompt.system,
            "user": prompt.user,
            "parameters": self._provider.optional | self._provider.identity,
            "schema": asked["schema"],
        }
        return hashlib.sha256(json.dumps(identity, sort_keys=True).encode()).hexdigest()

    async def _recall(
        self, key: str, schema: type[T], check: Callable[[T], None] | None
    ) -> T | None:
        if self._journal is None:
            return None
        entry = await asyncio.to_thread(self._journal.get, key)
        if entry is None:
            return None
        try:
            answer = read_answer(entry.answer, schema)
            if check:
                check(answer)
        except AnswerProblem:  # kept under an older, laxer check: ask again
            return None
        for counters in self._counters():
            counters.cached += 1
            if entry.model:
                counters.served_by.add(entry.model)
        return answer

    async def _keep(self, key: str, prompt: Rendered, message: AIMessage) -> None:
        if self._journal is None:
            return
        usage = message.usage_metadata
        await asyncio.to_thread(
            self._journal.put,
            key,
            text_of(message),
            prompt=prompt.name,
            model=served_by(message),
            prompt_tokens=usage["input_tokens"] if usage else None,
            completion_tokens=usage["output_tokens"] if usage else None,
        )

    # --- asking --------------------------------------------------------------------------

    @asynccontextmanager
    async def _place(self) -> AsyncIterator[None]:
        """Bounds the answers under way; the first question goes alone.

        So a wrong key or an unknown model costs one request, not one per place. The place is
        kept while waiting between requests: a busy server is not sent the next claim instead.
        """
        async with self._places:
            if not self._proven.is_set():
                await self._first.acquire()
                if not self._proven.is_set():
                    try:
                        yield
                    finally:
                        if self._down is None:
                            self._proven.set()
                        self._first.release()
                    return
                self._first.release()
            yield

    async def _ask(
        self, question: _Question, schema: type[T], check: Callable[[T], None] | None
    ) -> tuple[T, AIMessage]:
        """The question and at most one repair turn."""
        while True:
            message = await self._send_until_answered(question)
            try:
                answer = read_message(message, schema)
                if check:
                    check(answer)
                return answer, message
            except AnswerProblem as problem:
                repaired = bool(question.turns or question.max_tokens)
                if repaired or question.requests >= REQUESTS_PER_ANSWER:
                    what = f"{self.name} gave no usable answer: {problem.message}"
                    todo = "Run the command again, or use another model"
                    raise ClaimFailed(problem.kind, what, todo) from None
                _log.info("%s: %s; asking for a repair", self.name, problem.message)
                if problem.kind == "truncated":
                    question.max_tokens = LONGER_ANSWER
                else:
                    question.turns.append((text_of(message), problem.message))

    async def _send_until_answered(self, question: _Question) -> AIMessage:
        """The one loop that repeats a request."""
        attempts = AsyncRetrying(
            retry=retry_if_exception_type(PassingFault),
            stop=lambda _: question.requests >= REQUESTS_PER_ANSWER,
            wait=_wait,
            sleep=self._sleep,
            before_sleep=self._tell,
            reraise=True,
        )
        try:
            return await attempts(self._send, question)
        except PassingFault as fault:
            if fault.fatal:
                raise ModelUnavailable(fault.kind, fault.what, fault.todo) from None
            raise

    def _tell(self, state: RetryCallState) -> None:
        fault = state.outcome and state.outcome.exception()
        if fault:
            _log.info("%s; asking again in %.1f s", fault, state.upcoming_sleep)

    async def _send(self, question: _Question) -> AIMessage:
        """One request; within a budget its cost is reserved before and corrected after."""
        if self._budget is None:
            return await self._request(question)
        messages = _messages(question, spell_out_schema=not self._takes_schema)
        prompt = "".join(str(message.content) for message in messages)
        sent = tokens_in(prompt + json.dumps(question.schema))
        question.most = question.max_tokens or longest_answer(tokens_in(question.prompt.user))
        async with self._budget.reserved(sent, question.most) as reservation:
            try:
                message = await self._request(question)
            except ModelError as fault:
                if fault.kind not in MAY_BE_CHARGED:
                    reservation.release()
                raise
            if usage := message.usage_metadata:
                reservation.settle(
                    usage["input_tokens"],
                    usage["output_tokens"],
                    cached=cached_tokens(message),
                    charged=charged(message),
                )
            else:
                reservation.settle(sent, tokens_in(text_of(message)), charged=charged(message))
        return message

    async def _request(self, question: _Question) -> AIMessage:
        """One request.

        Exceptions of the provider's libraries end here and are not chained: their texts may
        repeat what the server said, a key included.
        """
        optional, takes_schema = dict(self._optional), self._takes_schema
        if takes_schema:
            # Not as `response_format`: the SDK then raises on a cut answer and loses its usage.
            schema = {"type": "json_schema", "json_schema": question.schema}
            optional["extra_body"] = {"response_format": schema}
        if most := question.max_tokens or question.most:
            optional["max_tokens"] = most
        question.requests += 1
        for counters in self._counters():
            counters.requests += 1
        messages = _messages(question, spell_out_schema=not takes_schema)
        try:
            async with asyncio.timeout(self._timeout):
                message = _answering(await self._provider.chat.ainvoke(messages, **optional))
        except Exception as error:
            fault = fault_of(error, self._provider.server)
            if fault is None:
                raise
            if isinstance(fault, ParameterRefused):
                if fault.parameter == "response_format" and takes_schema:
                    self._takes_schema = False
                elif fault.parameter in optional:
                    self._optional.pop(fault.parameter, None)
                else:
                    raise fault from None
                raise PassingFault(fault.kind, fault.what, fault.todo, fatal=True) from None
            raise fault from None
        self._count(messages, message)
        return message

    def _count(self, messages: list[BaseMessage], message: AIMessage) -> None:
        usage, model, cost = message.usage_metadata, served_by(message), charged(message)
        for counters in self._counters():
            if usage:
                counters.prompt_tokens += usage["input_tokens"]
                counters.completion_tokens += usage["output_tokens"]
                counters.cached_tokens += cached_tokens(message)
            else:
                counters.estimated = True
                counters.prompt_tokens += sum(len(str(m.content)) for m in messages) // 4
                counters.completion_tokens += len(message.text) // 4
            if cost is None:
                counters.unpriced += 1
            else:
                counters.cost_usd += cost
            if model:
                counters.served_by.add(model)

    def _counters(self) -> Iterator[Counters]:
        """The model's own, and those of whom the question is asked for."""
        yield self.usage
        if meter := _METER.get():
            yield meter


def open_model(
    name: str,
    *,
    base_url: str | None = None,
    api_key: str | None = None,
    journal: Journal | None = None,
    timeout: float = 60,
    concurrency: int = 4,
    budget: Budget | None = None,
    replaying: bool | None = None,
    sleep: Sleep = asyncio.sleep,
) -> LanguageModel:
    """Opens the model that a name stands for; sends nothing yet.

    Args:
        name: `openai:MODEL`, `scripted:FILE`, or any `provider:model` that LangChain's
            `init_chat_model` takes.
        base_url: address of a compatible server; for OpenAI default `OPENAI_BASE_URL`.
        api_key: default the provider's variable, `OPENAI_API_KEY` for OpenAI. Not needed for a
            server on this machine.
        journal: where answers are kept.
        timeout: seconds that one request may take.
        concurrency: answers under way at once.
        budget: what may be spent.
        replaying: a cassette answers, so no key is needed and recorded waits are skipped.
            Default: whether one is being replayed now.
        sleep: how to wait between requests.

    Raises:
        UsageError: the name has no known form, the provider's package is not installed, the
            address is none, or the script cannot be read.
        ModelUnavailable: there is no key.
    """
    kind, colon, rest = name.partition(":")
    if not (colon and kind and rest):
        raise UsageError(f"{name!r} is not a model's name", _FORMS)
    if concurrency < 1:
        raise UsageError("the number of questions at once must be at least 1")
    if replaying is None:
        replaying = is_replaying()
    if kind == "scripted":
        from agent.gateway.scripted import open_script

        provider = open_script(name, Path(rest))
    else:
        from agent.gateway.provider import open_provider

        provider = open_provider(
            name, base_url=base_url, api_key=api_key, timeout=timeout, replaying=replaying
        )
    return LanguageModel(
        name,
        provider,
        journal=journal,
        timeout=timeout,
        concurrency=concurrency,
        budget=budget,
        sleep=_no_wait if replaying else sleep,
    )


async def _no_wait(_: float) -> None:
    await asyncio.sleep(0)


def _wait(state: RetryCallState) -> float:
    """What the server asked for and the jittered back-off on top, so that claims spread out."""
    fault = state.outcome and state.outcome.exception()
    asked = fault.wait if isinstance(fault, PassingFault) else None
    return (asked or 0.0) + _BACK_OFF(state)


# --- messages ----------------------------------------------------------------------------


def _messages(question: _Question, *, spell_out_schema: bool) -> list[BaseMessage]:
    from langchain_core.messages import AIMessage, HumanMessage, SystemMessage

    system = question.prompt.system
    if spell_out_schema:
        schema = json.dumps(question.schema["schema"], ensure_ascii=False)
        system += f"\n\nAnswer with one JSON object of this schema and nothing else:\n{schema}"
    messages: list[BaseMessage] = [
        SystemMessage(system),
        # Additional keywords stay on this side; the scripted model reads the name.
        HumanMessage(question.prompt.user, additional_kwargs={"prompt": question.prompt.name}),
    ]
    for answer, problem in question.turns:
        # Servers refuse an empty turn.
        messages.append(AIMessage(answer or "(no answer)"))
        messages.append(
            HumanMessage(
                f"This answer cannot be used: {problem}. Answer the question again, with one "
                "JSON object of the schema given and nothing else."
            )
        )
    return messages


def _answering(message: BaseMessage) -> AIMessage:
    from langchain_core.messages import AIMessage

    if isinstance(message, AIMessage):
        return message
    raise PassingFault("bad_reply", "the model server's reply is nobody's answer")
