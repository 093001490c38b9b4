"""The gateway to a language model: one question in, one validated answer out.

Whatever a provider does, `LanguageModel.answer` ends in one of three ways: an answer of the
type asked for, which passed the caller's check and lies in the journal; `ClaimFailed`, which
concerns this question only; or `ModelUnavailable`, after which nothing more is sent. A fault
is never an answer. `agent.gateway.faults` says which fault is which; the loop here is the only one
that repeats requests.
"""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from copy import copy
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Self, TypeVar

from pydantic import BaseModel
from tenacity import AsyncRetrying, RetryCallState, retry_if_exception_type, wait_exponential_jitter

from agent.errors import ClaimFailed, ModelError, ModelUnavailable
from agent.gateway.answers import (
    AnswerProblem,
    answer_schema,
    cached_tokens,
    charged,
    read_message,
    text_of,
    without_our_key,
    without_wrong_usage,
)
from agent.gateway.asking import Asking
from agent.gateway.budget import MAY_BE_CHARGED, longest_answer
from agent.gateway.counters import BATCH_TIER, Counters, with_meter
from agent.gateway.faults import LimitRefused, ParameterRefused, PassingFault, Server, fault_of
from agent.gateway.keeping import keep, key_of, recall
from agent.gateway.pace import Pace
from agent.gateway.question import AnswerForm, Question, answer_form, messages_of
from agent.gateway.tokens import tokens_in
from agent.gateway.tracing import Tracer

if TYPE_CHECKING:
    from langchain_core.messages import AIMessage, BaseMessage

    from agent.gateway.batching import Batches
    from agent.gateway.budget import Purse
    from agent.gateway.keeping import Answers
    from agent.gateway.provider import Provider
    from prompts import Rendered

T = TypeVar("T", bound=BaseModel)

REQUESTS_PER_ANSWER = 4
"""Retries and the repair turn together."""

LONGER_ANSWER = 8192
"""Tokens. Asked for once when an answer was cut short; otherwise the server's own limit holds."""

_BACK_OFF = wait_exponential_jitter(multiplier=0.5, max=20, jitter=1)

_log = logging.getLogger(__name__)


@dataclass
class _Learned:
    """What is known of a server by now."""

    optional: dict[str, Any]
    """Parameters of a request that it has not refused."""
    limits: list[str]
    """Names of the most tokens of an answer that it has not refused."""
    form: AnswerForm
    """How it is told what an answer has to look like."""
    longest: int = LONGER_ANSWER
    """The most tokens of an answer that it takes."""
    down: ModelUnavailable | None = None
    """Why nothing more is sent."""

    @classmethod
    def of(cls, provider: Provider) -> Self:
        form: AnswerForm = "json_schema" if provider.takes_schema else "text"
        return cls(dict(provider.optional), list(provider.limits or ("max_tokens",)), form)


class LanguageModel:
    """A language model, asked for answers of a given type.

    Belongs to one event loop: open one per `asyncio.run`. Usable as an asynchronous context
    manager, which closes it.

    Args:
        name: as the user named it.
        provider: the opened chat model.
        journal: where answers are kept; None keeps none.
        asking: how it is asked: concurrency, timeout, trace.
        budget: what may be spent; None is no limit.
        pace: the limiter and breaker; default one of its own.
        batches: what its questions go into, if they do.
    """

    def __init__(
        self,
        name: str,
        provider: Provider,
        *,
        journal: Answers | None = None,
        asking: Asking | None = None,
        budget: Purse | None = None,
        pace: Pace | None = None,
        batches: Batches | None = None,
    ) -> None:
        self.name = name
        self.usage = Counters()
        self._provider = provider
        self._journal = journal
        self._asking = asking or Asking()
        self._tracer = Tracer(provider.server, self._asking.trace)
        self._budget = budget
        self.pace = pace or Pace(str(provider.server))
        self._batches = batches
        self._learned = _Learned.of(provider)
        self._places = asyncio.Semaphore(self._asking.concurrency)
        self._first = asyncio.Lock()
        self._proven = asyncio.Event()
        if batches and batches.proven:
            self._proven.set()  # a first question that goes alone would be a batch of one

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
        key = key_of(self.name, self._provider, prompt, asked)
        if self._journal is not None and (kept := await recall(self._journal, key, schema, check)):
            answer, entry = kept
            for counters in with_meter(self.usage):
                counters.cached += 1
                if entry.model:
                    counters.served_by.add(entry.model)
            return answer
        async with self._place():
            try:
                answer, message = await self._ask(Question(prompt, key, asked), schema, check)
                if self._journal is not None:
                    await keep(self._journal, key, prompt, message)
            except ModelUnavailable as fault:
                self._learned.down = self._learned.down or fault
                raise
        return answer

    def apart(self) -> LanguageModel:
        """The same model for one of several checks: with counters of its own, and closing it
        closes nothing. All else is shared: connections, journal, budget, how many questions are
        under way, and what is known of the server."""
        other = copy(self)
        other.usage = Counters()
        other._provider = replace(self._provider, close=None)
        return other

    async def aclose(self) -> None:
        """Closes the connections; the journal stays open, its owner closes it."""
        if self._provider.close:
            await self._provider.close()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.aclose()

    @asynccontextmanager
    async def _place(self) -> AsyncIterator[None]:
        """Bounds the questions under way; the first one goes alone.

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
                        if self._learned.down is None:
                            self._proven.set()
                        self._first.release()
                    return
                self._first.release()
            yield

    async def _ask(
        self, question: Question, schema: type[T], check: Callable[[T], None] | None
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
                if problem.kind == "truncated":
                    # No longer answer is to be had.
                    repaired |= (
                        not self._learned.limits or (question.most or 0) >= self._learned.longest
                    )
                if repaired or question.requests >= REQUESTS_PER_ANSWER:
                    what = f"{self.name} gave no usable answer: {problem.told}"
                    todo = "Run the command again, or use another model"
                    raise ClaimFailed(problem.kind, what, todo) from None
                _log.info("%s: %s; asking for a repair", self.name, problem.told)
                if problem.kind == "truncated":
                    question.max_tokens = LONGER_ANSWER
                else:
                    self._note_form(question, problem)
                    question.turns.append((text_of(message), problem.message))

    async def _send_until_answered(self, question: Question) -> AIMessage:
        """The one loop that repeats a request."""
        attempts = AsyncRetrying(
            retry=retry_if_exception_type(PassingFault),
            stop=lambda _: question.requests >= REQUESTS_PER_ANSWER,
            wait=_wait,
            sleep=self.pace.clock.sleep,
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

    async def _send(self, question: Question) -> AIMessage:
        """One request; within a budget its cost is reserved before and corrected after."""
        if self._budget is None:
            return await self._request(question)
        prompt = "".join(
            str(message.content) for message in messages_of(question, self._learned.form)
        )
        sent = tokens_in(prompt + json.dumps(question.schema))
        most = question.max_tokens or longest_answer(tokens_in(question.prompt.user))
        question.most = min(most, self._learned.longest)
        earlier = self._batches.reserved(question.key) if self._batches else None
        async with self._budget.reserved(sent, question.most, entry=earlier) as reservation:
            if self._batches:
                self._batches.note(question.key, reservation.entry)
            try:
                message = await self._request(question)
            except ModelError as fault:
                if fault.kind not in MAY_BE_CHARGED:
                    reservation.release()
                raise
            if self._batches:
                self._batches.note(question.key, None)
            batch = message.response_metadata.get("service_tier") == BATCH_TIER
            if usage := message.usage_metadata:
                reservation.settle(
                    usage["input_tokens"],
                    usage["output_tokens"],
                    cached=cached_tokens(message),
                    charged=charged(message),
                    batch=batch,
                )
            else:
                got = tokens_in(text_of(message))
                reservation.settle(sent, got, charged=charged(message), batch=batch)
        return message

    async def _request(self, question: Question) -> AIMessage:
        """One request when its turn has come, unless nothing more is to be sent."""
        self._stop_if_down()
        async with self.pace.place(question.requests):
            self._stop_if_down()  # found out by another question while this one waited
            question.requests += 1
            for counters in with_meter(self.usage):
                counters.requests += 1
            form, optional = self._learned.form, dict(self._learned.optional)
            messages = messages_of(question, form)
            if body := answer_form(question, form, self._asking.api):
                # As a keyword of its own the SDK raises on a cut answer and loses its usage.
                optional["extra_body"] = body
            limit, most = None, question.max_tokens or question.most
            if most and self._learned.limits:
                limit, most = self._learned.limits[0], min(most, self._learned.longest)
                if self._provider.limits:  # LangChain would send the name that OpenAI takes
                    optional["extra_body"] = {**optional.get("extra_body", {}), limit: most}
                else:
                    optional[limit] = most
            name, number = question.prompt.name, question.requests
            try:
                with self._tracer.request(name, number, messages, optional) as exchange:
                    exchange.answer = message = await self._exchange(messages, optional)
            except ParameterRefused as refused:
                raise self._without(refused, form, optional) from None
            except LimitRefused as refused:
                raise self._with_less(refused, limit, most, question) from None
        for counters in with_meter(self.usage):
            counters.count_answer(messages, message)
        return message

    def _stop_if_down(self) -> None:
        if self._learned.down:
            raise ModelUnavailable(
                self._learned.down.kind, self._learned.down.what, self._learned.down.todo
            )

    async def _exchange(self, messages: list[BaseMessage], options: dict[str, Any]) -> AIMessage:
        """What goes to the provider and comes back; a fault has its meaning from here on.

        Exceptions of the provider's libraries end here and are not chained: their texts may
        repeat what the server said, a key included.
        """
        try:
            async with asyncio.timeout(self._asking.timeout):
                reply = await self._provider.chat.ainvoke(messages, **options)
            return _answering(reply, self._provider.server)
        except Exception as error:
            fault = fault_of(error, self._provider.server)
            if fault is None:
                raise
            raise fault from None

    # --- what a server does not take ---------------------------------------------------------

    def _without(
        self, refused: ParameterRefused, form: AnswerForm, sent: dict[str, Any]
    ) -> ModelError:
        """Leaves a refused parameter out from now on; the request is to be sent again at once."""
        if refused.parameter == "response_format" and form != "text":
            if self._learned.form == form:  # else another question has seen to it
                weaker = form == "json_schema" and refused.takes_json_object
                self._learned.form = "json_object" if weaker else "text"
        elif refused.parameter in sent:
            self._learned.optional.pop(refused.parameter, None)
        else:
            return refused
        return PassingFault(refused.kind, refused.what, refused.todo, fatal=True)

    def _with_less(
        self, refused: LimitRefused, limit: str | None, most: int | None, question: Question
    ) -> ModelError:
        """Sends a smaller limit from now on, or by another name, or none; as `_without`."""
        if limit is None or most is None:
            return refused.otherwise
        if refused.most and refused.most < most:
            self._learned.longest = min(self._learned.longest, refused.most)
        elif limit in self._learned.limits:  # else another question has seen to it
            self._learned.limits.remove(limit)
            if question.max_tokens and not self._learned.limits:
                what = f"{refused.what}, and its answer was cut short"
                return ClaimFailed("truncated", what, "Use a model with longer answers")
        return PassingFault(refused.kind, refused.what, refused.todo)

    def _note_form(self, question: Question, problem: AnswerProblem) -> None:
        """Spells the schema out where an answer shows that the server does not enforce it.

        From then on for all questions if it was the first one; later only for this question:
        which others see the change must not depend on how fast a server answers.
        """
        if (
            self._learned.form != "json_schema"
            or problem.kind != "bad_reply"
            or not problem.of_form
        ):
            return
        question.schema_unseen = True
        if not self._proven.is_set():
            self._learned.form = "json_object"


def _wait(state: RetryCallState) -> float:
    """What the server asked for and the jittered back-off on top, so that claims spread out."""
    fault = state.outcome and state.outcome.exception()
    if isinstance(fault, PassingFault) and fault.kind == "bad_request":
        return 0.0  # sent again without the parameter that was refused
    asked = fault.wait if isinstance(fault, PassingFault) else None
    return (asked or 0.0) + _BACK_OFF(state)


def _answering(message: BaseMessage, server: Server) -> AIMessage:
    """The answer, as far as it is one."""
    from langchain_core.messages import AIMessage

    if not isinstance(message, AIMessage):
        raise PassingFault("bad_reply", "the model server's reply is nobody's answer")
    return without_wrong_usage(without_our_key(message, server))
