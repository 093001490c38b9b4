"""Chat over HTTP: one question at a time is answered as server-sent events.

    step       {"tool", "arguments"}                         a tool is called
    citation   {"number", "source_id", "quote", "start", …}  a passage that sentences after it cite
    sentence   {"text", "citations": [NUMBER], "status"}     a part of the answer, checked
    done       {"conversation", "answer"}                    the end: the whole answer, kept
    problem    problem details (RFC 9457)                    the end: there is no answer

Each question is answered in a thread, so many at once; one more is answered 429. Who hangs up
stops the work.
"""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import AsyncIterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from http import HTTPStatus
from typing import Any

from fastapi import APIRouter, Request, Response
from fastapi.responses import StreamingResponse
from pydantic import BaseModel, Field

from agent.ask import Answer
from agent.chat.conversations import (
    ID,
    Conversation,
    ConversationLine,
    Conversations,
    to_markdown,
)
from agent.chat.reports import RUN_ID, run_report
from agent.chat.turns import QUESTION_MOST, Chat, Event
from agent.errors import AssayError, UsageError
from agent.selection import Selection
from agent.server.fields import Narrowing
from agent.server.problems import RETRY_AFTER, Problem, documented, event_schema
from agent.server.settings import Settings
from agent.server.shelf import Shelf
from agent.types import Report

router = APIRouter(prefix="/api", tags=["chat"])
_KEEP_ALIVE = 15.0
"""Seconds without news after which a comment is sent, so that nobody hangs up."""
_log = logging.getLogger(__name__)


class ChatRequest(Narrowing):
    """A question, by itself or of a conversation."""

    question: str = Field(min_length=1, max_length=QUESTION_MOST)
    conversation: str | None = Field(
        default=None, pattern=f"^{ID.pattern}$", description="Goes on with this one."
    )
    report: str | None = Field(
        default=None,
        pattern=f"^{RUN_ID.pattern}$",
        description="Id of a check: its report is open from this question on.",
    )


class ConversationListing(BaseModel):
    """The conversations of this library, the latest first."""

    conversations: list[ConversationLine]


_News = tuple[str, dict[str, Any]]


class Reply:
    """One question under way. Its fields are changed in the service's event loop only, but for
    what `begin` sets."""

    def __init__(self, conversation: Conversation) -> None:
        self.conversation = conversation
        self.news: asyncio.Queue[_News] = asyncio.Queue()
        self.over = asyncio.Event()
        self._work: tuple[asyncio.AbstractEventLoop, asyncio.Task[Any] | None] | None = None
        self._stopped = False

    async def events(self) -> AsyncIterator[_News | None]:
        """Names and data of events up to `done` or `problem`; None where there is none for a
        while. Closing the iterator stops the work."""
        try:
            name = ""
            while name not in ("done", "problem"):
                try:
                    name, data = await asyncio.wait_for(self.news.get(), _KEEP_ALIVE)
                except TimeoutError:
                    yield None
                else:
                    yield name, data
        finally:
            self.stop()

    def begin(self) -> None:
        """Called in the task that does the work, in its thread."""
        self._work = asyncio.get_running_loop(), asyncio.current_task()
        if self._stopped:
            raise asyncio.CancelledError

    def stop(self) -> None:
        """Stops the work, or sees to it that it does not begin; nothing once it has ended."""
        self._stopped = True
        if self._work:
            loop, task = self._work
            if task:
                with suppress(RuntimeError):  # its loop has just been closed: it has ended
                    loop.call_soon_threadsafe(task.cancel)


class Chats:
    """The questions under way. Belongs to one event loop.

    Args:
        settings: of the service.
        shelf: the library, which checks and questions share.
    """

    def __init__(self, settings: Settings, shelf: Shelf) -> None:
        self.conversations = Conversations(settings.library)
        self._settings = settings
        self._chat = Chat(
            settings.library,
            shelf.searching,
            model=settings.model,
            base_url=settings.base_url,
            min_origins=settings.min_origins,
        )
        self._threads = ThreadPoolExecutor(settings.at_once, thread_name_prefix="chat")
        self._replies: dict[str, Reply] = {}
        self._closing = False

    def close(self) -> None:
        """Takes no question any more, and stops what is under way."""
        self._closing = True
        for reply in self._replies.values():
            reply.stop()

    async def end(self) -> None:
        """`close`, and waits until the work has stopped."""
        self.close()
        await asyncio.to_thread(self._threads.shutdown)

    def ask(
        self,
        question: str,
        conversation: Conversation,
        report: Report | None,
        selection: Selection | None = None,
    ) -> Reply:
        """Takes a question; the reply tells how it goes on.

        Raises:
            Problem: 429, as many are under way as may; 409, one of this conversation is; 503,
                the service is ending.
            UsageError: the conversation is full.
        """
        if conversation.id in self._replies:
            raise Problem(HTTPStatus.CONFLICT, "a question of this conversation is under way")
        if self._closing:
            raise Problem(
                HTTPStatus.SERVICE_UNAVAILABLE,
                "the service is ending",
                "Ask again",
                {"Retry-After": str(RETRY_AFTER)},
            )
        if len(self._replies) >= self._settings.at_once:
            raise Problem(
                HTTPStatus.TOO_MANY_REQUESTS,
                "too many questions are under way",
                "Ask again later",
                {"Retry-After": str(RETRY_AFTER)},
            )
        self.conversations.admit(conversation)
        reply = self._replies[conversation.id] = Reply(conversation)
        self._threads.submit(
            self._work, reply, question, report, selection, asyncio.get_running_loop()
        )
        return reply

    async def forget(self, conversation_id: str) -> None:
        """Deletes a conversation; a question of it that is under way is stopped first.

        Raises:
            UsageError: there is none.
        """
        if reply := self._replies.get(conversation_id):
            reply.stop()
            await reply.over.wait()
        await asyncio.to_thread(self.conversations.delete, conversation_id)

    def _ended(self, reply: Reply, last: _News) -> None:
        """Gives the place back before anybody is told of the end, who may ask on at once."""
        self._replies.pop(reply.conversation.id, None)
        reply.over.set()
        reply.news.put_nowait(last)

    # In a thread

    def _work(
        self,
        reply: Reply,
        question: str,
        report: Report | None,
        selection: Selection | None,
        loop: asyncio.AbstractEventLoop,
    ) -> None:
        """Answers, keeps the answer, and tells how it ended."""

        def tell(event: Event) -> None:
            loop.call_soon_threadsafe(reply.news.put_nowait, (event.event, event.data))

        async def answered() -> Answer:
            reply.begin()
            async with asyncio.timeout(self._settings.seconds):
                return await self._chat.answer(
                    question,
                    history=reply.conversation.turns,
                    report=report,
                    selection=selection,
                    tell=tell,
                )

        problem: dict[str, Any]
        try:
            answer = asyncio.run(answered())
            kept = self.conversations.add(reply.conversation, answer.question, answer)
        except asyncio.CancelledError:  # nobody listens any more
            problem = Problem(HTTPStatus.SERVICE_UNAVAILABLE, "the question was stopped").details()
        except TimeoutError:
            what = f"the question took longer than {self._settings.seconds:.0f} s"
            problem = Problem(HTTPStatus.GATEWAY_TIMEOUT, what).details()
        except AssayError as error:
            problem = Problem.of(error, self._settings.library).details()
        except Exception:
            _log.exception("a question of %s", reply.conversation.id)
            what = "a defect of Assay; its log has more"
            problem = Problem(HTTPStatus.INTERNAL_SERVER_ERROR, what).details()
        else:
            done = {"conversation": kept.id, "answer": answer.model_dump(mode="json")}
            loop.call_soon_threadsafe(self._ended, reply, ("done", done))
            return
        loop.call_soon_threadsafe(self._ended, reply, ("problem", problem))


@router.post(
    "/chat",
    response_class=StreamingResponse,
    responses={
        200: {
            "description": "Server-sent events: any number of `step` (a tool is called), "
            "`citation` (a numbered passage) and `sentence` (text, numbers of its citations, and "
            "what the judge says of it), then one `done` (the conversation's id and the whole "
            "answer) or one `problem` (problem details: there is no answer).",
            "content": {
                "text/event-stream": {
                    "schema": event_schema("step", "citation", "sentence", "done", "problem")
                }
            },
        },
        **documented(400, 403, 404, 408, 409, 413, 422, 429, 503),
    },
)
async def ask(request: Request, asked: ChatRequest) -> StreamingResponse:
    """Answers a question, and keeps it with its answer in a conversation."""
    chats = _chats(request)
    if asked.conversation is None:
        conversation = chats.conversations.start(asked.report)
    else:
        conversation = await _conversation(request, asked.conversation)
        if asked.report:
            conversation = conversation.model_copy(update={"report": asked.report})
    report = None
    if conversation.report and RUN_ID.fullmatch(conversation.report):
        report = await asyncio.to_thread(
            _report, request.app.state.settings, conversation.report, bool(asked.report)
        )
    selection = asked.selection(request.app.state.settings.min_origins)
    reply = chats.ask(asked.question, conversation, report, selection)

    async def stream() -> AsyncIterator[str]:
        async for event in reply.events():
            if event is None:
                yield ": still at it\n\n"
            else:
                name, data = event
                yield f"event: {name}\ndata: {json.dumps(data, ensure_ascii=True)}\n\n"

    return StreamingResponse(stream(), media_type="text/event-stream")


@router.get("/conversations", response_model=ConversationListing)
async def listing(request: Request) -> ConversationListing:
    """All conversations, the latest first."""
    conversations = await asyncio.to_thread(_chats(request).conversations.all)
    return ConversationListing(conversations=conversations)


@router.get(
    "/conversations/{conversation_id}", response_model=Conversation, responses=documented(404, 422)
)
async def show(request: Request, conversation_id: str) -> Conversation:
    """A conversation with all questions and answers."""
    return await _conversation(request, conversation_id)


@router.get(
    "/conversations/{conversation_id}/export.md",
    response_class=Response,
    responses={
        200: {"content": {"text/markdown": {"schema": {"type": "string"}}}},
        **documented(404),
    },
)
async def export(request: Request, conversation_id: str) -> Response:
    """A conversation as Markdown, with what its answers cite."""
    conversation = await _conversation(request, conversation_id)
    return Response(to_markdown(conversation), media_type="text/markdown; charset=utf-8")


@router.delete(
    "/conversations/{conversation_id}",
    status_code=HTTPStatus.NO_CONTENT,
    responses=documented(403, 404),
)
async def delete(request: Request, conversation_id: str) -> None:
    """Forgets a conversation; a question of it that is under way is stopped."""
    try:
        await _chats(request).forget(conversation_id)
    except UsageError:
        raise _missing() from None


async def _conversation(request: Request, conversation_id: str) -> Conversation:
    try:
        return await asyncio.to_thread(_chats(request).conversations.get, conversation_id)
    except UsageError:
        raise _missing() from None


def _missing() -> Problem:
    return Problem(HTTPStatus.NOT_FOUND, "there is no such conversation")


def _report(settings: Settings, run_id: str, asked_for: bool) -> Report | None:
    """The report of a conversation; one that is gone by now is only missed when it is asked for."""
    try:
        return run_report(settings.library, run_id)
    except UsageError:
        if asked_for:
            raise Problem(HTTPStatus.NOT_FOUND, "there is no report of that check") from None
        return None


def _chats(request: Request) -> Chats:
    chats: Chats = request.app.state.chats
    return chats
