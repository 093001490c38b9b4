"""A question, answered by a language model that is given the tools.

LangChain's agent calls the model and the tools in turn, within limits. A fault of the provider,
a refusal or a spent limit ends the turn as an error, never as an answer. Nothing is asked twice:
the provider's own retries are off, and a person who is waiting can ask again.

Imports LangChain inside functions: answers without a model need none of it.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import prompts
from agent.chat.tools import TOOLS, Tools
from agent.errors import ClaimFailed, InputError, LibraryEmpty, UsageError
from prompts import as_data

if TYPE_CHECKING:
    from langchain.agents.middleware import AgentMiddleware
    from langchain_core.messages import AIMessage, BaseMessage
    from langchain_core.tools import BaseTool

    from agent.gateway.provider import Provider

PROMPT = "chat"
MODEL_CALLS = 8
"""Requests to the model for one question, at most."""
TOOL_CALLS = 12
TURN_SECONDS = 300.0
_STEPS = 100
"""Of the agent's graph; the two limits above end a turn far earlier."""
OnStep = Callable[[str, Mapping[str, Any]], None]
"""Told the name of a tool and its arguments before it is called."""


def open_chat(name: str, base_url: str | None = None) -> Provider:
    """Opens the chat model that a name stands for; sends nothing yet.

    Raises:
        UsageError, ModelUnavailable: as `agent.gateway.opening.open_model`.
    """
    kind, colon, rest = name.partition(":")
    if not (colon and kind and rest) or kind == "cascade":
        raise UsageError(
            f"{name!r} is no model that a question can be put to",
            "Name it as openai:MODEL, PROVIDER:MODEL or scripted:FILE; embedded asks none",
        )
    if kind == "scripted":
        from agent.gateway.scripted import open_script

        return open_script(name, Path(rest))
    from agent.gateway.provider import open_provider

    return open_provider(name, base_url=base_url)


async def compose(
    question: str,
    about: str,
    history: Sequence[tuple[str, str]],
    tools: Tools,
    provider: Provider,
    on_step: OnStep,
) -> str:
    """The model's answer, as it wrote it.

    Args:
        question: of the user.
        about: what there is, in one line: how many sources, which report.
        history: earlier questions with their answers, oldest first.
        tools: what it may use; keeps the passages that were shown.
        provider: the opened chat model; the caller closes it.
        on_step: told each call of a tool.

    Raises:
        ClaimFailed: the model refused, was cut short, ran into a limit, or had a passing fault.
        ModelUnavailable: it cannot be used.
    """
    from langchain.agents import create_agent
    from langchain.agents.middleware import ModelCallLimitMiddleware, ToolCallLimitMiddleware
    from langchain.agents.middleware.model_call_limit import ModelCallLimitExceededError
    from langchain_core.messages import AIMessage, HumanMessage

    prompt = prompts.load(PROMPT).render(about=as_data(about), question=as_data(question))
    messages: list[BaseMessage] = []
    for earlier, answered in history:
        messages += [HumanMessage(earlier), AIMessage(answered)]
    messages.append(HumanMessage(prompt.user, additional_kwargs={"prompt": prompt.name}))
    limits: list[AgentMiddleware[Any, Any, Any]] = [
        ModelCallLimitMiddleware(run_limit=MODEL_CALLS, exit_behavior="error"),
        ToolCallLimitMiddleware(run_limit=TOOL_CALLS),
        _faults_of(provider),
    ]
    turn = asyncio.Lock()
    agent = create_agent(
        provider.chat,
        [langchain_tool(getattr(tools, name), on_step, turn) for name in TOOLS],
        system_prompt=prompt.system,
        middleware=limits,
    )
    asked: Any = {"messages": messages}
    try:
        async with asyncio.timeout(TURN_SECONDS):
            ended = await agent.ainvoke(asked, config={"recursion_limit": _STEPS})
    except ModelCallLimitExceededError:
        raise _limit(f"it called the model {MODEL_CALLS} times without an answer") from None
    except TimeoutError:
        raise _limit(f"it took longer than {TURN_SECONDS:.0f} s") from None
    return _text(ended["messages"][-1])


def langchain_tool(
    method: Callable[..., Awaitable[Any]], on_step: OnStep, turn: asyncio.Lock
) -> BaseTool:
    """A method of `Tools` as a LangChain tool: JSON comes out, wrong use is told to the model.

    Args:
        method: of `Tools`.
        on_step: told each call.
        turn: shared by all tools. Calls that come together are carried out in their order, so
            that no passage's number depends on which is the faster.
    """
    from langchain_core.tools import StructuredTool

    name = method.__name__

    async def call(**arguments: Any) -> str:
        async with turn:
            on_step(name, arguments)
            try:
                result = await method(**arguments)
            except (UsageError, InputError, LibraryEmpty) as error:
                return json.dumps({"error": str(error)}, ensure_ascii=False)
        return as_data(str(result.model_dump_json(exclude_none=True)))

    described = StructuredTool.from_function(coroutine=method)
    return StructuredTool(
        name=name,
        description=(method.__doc__ or name).strip(),
        args_schema=described.args_schema,
        coroutine=call,
    )


def _faults_of(provider: Provider) -> AgentMiddleware[Any, Any, Any]:
    """Gives faults of the model's server their meaning, before anything else sees them.

    What it answers goes on without our key, which a server may repeat.
    """
    from langchain.agents.middleware import wrap_model_call
    from langchain_core.messages import AIMessage

    from agent.gateway.answers import without_our_key
    from agent.gateway.faults import PassingFault, fault_of

    @wrap_model_call
    async def with_meaning(request: Any, handler: Callable[[Any], Awaitable[Any]]) -> Any:
        try:
            reply = await handler(request)
        except Exception as error:
            fault = fault_of(error, provider.server)
            if fault is None:
                raise
            if isinstance(fault, PassingFault):  # what is said of a run that resumes is not so here
                fault = ClaimFailed(fault.kind, fault.what, "Ask again")
            # Not chained: the provider's text may repeat what the server said, a key included.
            raise fault from None
        reply.result = [
            without_our_key(said, provider.server) if isinstance(said, AIMessage) else said
            for said in reply.result
        ]
        return reply

    return with_meaning


def _limit(why: str) -> ClaimFailed:
    return ClaimFailed("limit", f"the question was given up: {why}", "Ask for less at once")


def _text(message: AIMessage) -> str:
    """What the model says in the end."""
    from agent.gateway.answers import AnswerProblem, whole_text, without_reasoning

    try:
        return without_reasoning(whole_text(message))
    except AnswerProblem as problem:
        what = f"the model gave no usable answer: {problem.message}"
        raise ClaimFailed(problem.kind, what, "Ask again, or use another model") from None
