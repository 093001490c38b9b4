"""Sends a model's questions in batches, for a part of the price and within a day.

A batch is another way for the same requests. Whoever asks a language model inside `batched()`
asks it as always; only what carries its requests (`agent.gateway.batch_transport`) hands each
one over here and waits. When nothing new has come for `QUIET` seconds, what has gathered is one
batch: all of a stage, since the next stage waits for it. The answers go back the way a direct
answer does, so they are read, checked and journalled under the same keys.

Asked directly are the first request, so that a wrong key or a refused parameter shows at once
and not after a day; repairs of an answer; and what a batch gave no good answer to.

A batch that was sent is written down in the folder before its answers are waited for. The same
command finds it there after an interruption and waits for it: no request is sent twice. It stays
written down until all its answers were asked for, since what a budget kept back is paid for, too.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
import os
import secrets
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from agent.errors import ModelUnavailable, UsageError
from agent.gateway.pace import Pace

if TYPE_CHECKING:
    from httpx2 import AsyncBaseTransport, Response

    from agent.gateway.asking import Asking
    from agent.gateway.batch_api import Ended

Sleep = Callable[[float], Awaitable[None]]

QUIET = 5.0
"""Seconds without a new request after which what has gathered is sent."""
MOST_REQUESTS = 50_000
MOST_BYTES = 150 * 2**20
"""Of one batch; the provider's limits are 50,000 and 200 MB."""
KEPT = 30 * 86_400.0
"""Seconds after which a batch is forgotten: its provider has deleted the answers by then."""
AT_ONCE = 100_000
"""Questions that may wait for batches together."""
_DIRECTLY = 4
"""Requests under way directly."""

_UNSENT = "unsent"
_LIMITS = frozenset({"max_tokens", "max_completion_tokens", "max_output_tokens"})
_OK = 200

_current: Batches | None = None


def current() -> Batches | None:
    """The batches that questions of this process go into now; None: they are asked directly."""
    return _current


@contextmanager
def batched(
    folder: Path,
    *,
    tell: Callable[[str], None] = lambda _: None,
    quiet: float | None = None,
    sleep: Sleep = asyncio.sleep,
) -> Iterator[Batches]:
    """Lets all questions of the block go in batches.

    One at a time in a process. The models that are asked must be opened within the block.

    Args:
        folder: where it is written down which batches are on their way; made when one is.
        tell: is told in one line what becomes of a batch.
        quiet: seconds without a new request after which a batch is sent; default `QUIET`.
        sleep: how to wait for a batch.

    Raises:
        UsageError: batches are in use already.
    """
    global _current
    if _current is not None:
        raise UsageError("batches are in use already", "Use them once at a time in a process")
    _current = Batches(folder, tell=tell, quiet=QUIET if quiet is None else quiet, sleep=sleep)
    try:
        yield _current
        _current.forget()
    finally:
        _current.stop()
        _current = None


@dataclass(frozen=True)
class Asked:
    """One request for a chat completion."""

    body: Mapping[str, Any]
    base_url: str
    key: str = field(repr=False)

    @property
    def id(self) -> str:
        """The same for the same request, however long its answer may be.

        Only a budget limits that, and what is on its way shall be found with another one.
        """
        body = {name: value for name, value in self.body.items() if name not in _LIMITS}
        text = json.dumps([self.base_url, body], sort_keys=True)
        return hashlib.sha256(text.encode()).hexdigest()[:40]

    @property
    def is_repair(self) -> bool:
        """Whether an answer is sent back: too few of these come together for a batch."""
        return any(turn.get("role") == "assistant" for turn in self.body.get("messages", ()))


@dataclass
class _Job:
    """One batch: gathering, on its way, or ended."""

    path: Path
    ids: list[str] = field(default_factory=list)
    batch: str | None = None
    """The server's id, once it has taken it in."""
    cancelled: bool = False
    """Whether a run was stopped because it was cancelled."""
    known_cancelled: bool = False
    """Whether an earlier run was: this one sends the rest."""
    requests: dict[str, Mapping[str, Any]] = field(default_factory=dict)
    size: int = 0
    last: float = 0.0
    """When the last request came."""
    ended: Ended | None = None
    given: set[str] = field(default_factory=set)
    """Requests whose answers were given out."""
    entries: dict[str, int] = field(default_factory=dict)
    """What is reserved in the day's ledger, by question."""
    task: asyncio.Task[Ended] | None = None

    @property
    def tag(self) -> str:
        return self.path.stem

    def save(self) -> None:
        """Writes down what is known of it, whole or not at all.

        Raises:
            ModelUnavailable: it cannot be; what is not written down would be sent twice.
        """
        state = {
            "batch": self.batch,
            "cancelled": self.cancelled,
            "requests": self.ids,
            "reserved": self.entries,
        }
        text = json.dumps(state, indent=1)
        temporary = self.path.with_suffix(".tmp")
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            with temporary.open("w", encoding="utf-8") as file:
                file.write(text)
                file.flush()
                os.fsync(file.fileno())
            temporary.replace(self.path)
        except OSError as error:
            raise ModelUnavailable(
                "batch",
                f"batches cannot be written down in {self.path.parent} ({error.strerror})",
                "Check the folder's permissions and the free space",
            ) from error


def _loaded(path: Path) -> _Job | None:
    try:
        state = json.loads(path.read_text(encoding="utf-8"))
        if path.stat().st_mtime < time.time() - KEPT:
            path.unlink()
            return None
        ids, stopped = [str(id_) for id_ in state["requests"]], bool(state["cancelled"])
        entries = {str(key): int(entry) for key, entry in state.get("reserved", {}).items()}
        return _Job(path, ids, state["batch"], stopped, stopped, entries=entries)
    except (OSError, ValueError, LookupError, TypeError, AttributeError):
        return None  # not ours, or of a later version


class Batches:
    """The batches of one run; see `batched`.

    Attributes:
        proven: whether the server has answered, so that nothing need be asked alone first.
    """

    def __init__(
        self, folder: Path, *, tell: Callable[[str], None], quiet: float, sleep: Sleep
    ) -> None:
        self._folder = folder
        self._tell = tell
        self._quiet = quiet
        self._sleep = sleep
        self._jobs = [job for path in sorted(folder.glob("*.json")) if (job := _loaded(path))]
        self._job_of = {id_: job for job in self._jobs for id_ in job.ids}
        self._reserved = {key: entry for job in self._jobs for key, entry in job.entries.items()}
        self._gathering: _Job | None = None
        self._again: set[str] = set()
        """Requests that were in a batch that expired; they are put into one other."""
        self._direct: set[str] = set()
        self._places = asyncio.Semaphore(_DIRECTLY)
        self._proof = asyncio.Lock()
        self.proven = bool(self._jobs)

    def transport(self, model: str, asking: Asking) -> AsyncBaseTransport:
        """What is to carry the requests of a model.

        Args:
            model: as the user named it.
            asking: how it is asked.

        Raises:
            UsageError: it is asked in a way that knows no batches.
        """
        if not model.startswith("openai:") or asking.api != "chat":
            raise UsageError(
                f"{model!r} is not asked in batches this way",
                "Leave out --batch, or name openai:MODEL, asked by chat completions",
            )
        from agent.gateway.batch_transport import BatchTransport

        return BatchTransport(self, asking.timeout)

    async def answer(
        self, asked: Asked, directly: Callable[[], Awaitable[Response]]
    ) -> Response | dict[str, Any]:
        """The answer to a request from a batch, or what asking directly gives.

        Args:
            asked: the request.
            directly: sends it by itself.

        Raises:
            ModelUnavailable: its batch failed as a whole, or was cancelled.
        """
        id_ = asked.id
        while True:
            job = self._job_of.get(id_)
            if job is None:
                if not self.proven:
                    async with self._proof:
                        if not self.proven:
                            reply = await directly()
                            self.proven = reply.status_code == _OK
                            return reply
                if asked.is_repair or id_ in self._direct:
                    async with self._places:
                        return await directly()
                job = self._job_of.get(id_) or self._gather(id_, asked)
            if job.task is None:
                job.task = asyncio.create_task(self._finish(job, asked))
                # Whoever waited for it may have been cancelled meanwhile.
                job.task.add_done_callback(lambda task: task.cancelled() or task.exception())
            ended = await asyncio.shield(job.task)
            if id_ in ended.answers:
                # Whoever asks the same once more found no use for this answer.
                self._leaves(id_, job)
                self._direct.add(id_)
                job.given.add(id_)
                return ended.answers[id_]
            self._left_over(id_, job, ended)

    def forget(self) -> None:
        """Removes what was written down of answers that were given out: they are in the journal.

        Raises:
            ModelUnavailable: as `_Job.save`.
        """
        for job in self._jobs:
            if job.ended is None:
                continue
            left = [id_ for id_ in job.ids if id_ in job.ended.answers.keys() - job.given]
            if left:  # paid for; a budget kept it back
                job.ids, job.entries = left, dict(self._reserved)
                job.save()
            else:
                job.path.unlink(missing_ok=True)

    def reserved(self, question: str) -> int | None:
        """The entry in the day's ledger that a question has since it went into a batch.

        Args:
            question: its key, as `agent.gateway.keeping.key_of`.
        """
        return self._reserved.get(question)

    def note(self, question: str, entry: int | None) -> None:
        """Notes the entry of a question under way; None: it is settled."""
        if entry is None:
            self._reserved.pop(question, None)
        else:
            self._reserved[question] = entry

    def stop(self) -> None:
        """Waits for no batch any longer; at the server they go on."""
        for job in self._jobs:
            if job.task and not job.task.done():
                job.task.cancel()

    def _gather(self, id_: str, asked: Asked) -> _Job:
        """Puts a request into the batch that is gathering."""
        job = self._gathering
        if job is None or len(job.ids) >= MOST_REQUESTS or job.size >= MOST_BYTES:
            job = self._gathering = _Job(self._folder / f"{secrets.token_hex(8)}.json")
            self._jobs.append(job)
        job.ids.append(id_)
        job.requests[id_] = asked.body
        job.size += len(json.dumps(asked.body))
        job.last = asyncio.get_running_loop().time()
        self._job_of[id_] = job
        return job

    async def _finish(self, job: _Job, asked: Asked) -> Ended:
        """Sends a batch unless it was sent, and waits for its end."""
        from agent.gateway.batch_api import BatchApi, Ended

        if job is self._gathering:
            await self._until_quiet(job)
            if job is self._gathering:  # else it was full, and another one has begun
                self._gathering = None
        api = BatchApi(asked.base_url, asked.key, tell=self._tell, sleep=self._sleep)
        try:
            if job.batch is None:
                if job.requests:
                    job.entries = dict(self._reserved)
                    job.save()
                    job.batch = await api.submit(job.requests, job.tag)
                    self._tell(
                        f"Sent a batch of {len(job.ids)} requests; if this is interrupted, the "
                        "same command goes on from here"
                    )
                else:  # an earlier run was interrupted while it sent it
                    job.batch = await api.find(job.tag)
                if job.batch is None:
                    job.path.unlink(missing_ok=True)
                    return Ended(_UNSENT)
                job.save()
            ended = await api.wait(job.batch)
        finally:
            await api.aclose()
        if ended.status == "failed":
            job.path.unlink(missing_ok=True)
            raise ModelUnavailable(
                "batch",
                f"the server refused the batch {job.batch}: {ended.why or 'it does not say why'}",
                "Nothing of it was answered; mend what it says, or leave out --batch",
            )
        job.ended = ended
        return ended

    async def _until_quiet(self, job: _Job) -> None:
        now = asyncio.get_running_loop().time
        while job is self._gathering and (left := job.last + self._quiet - now()) > 0:
            await asyncio.sleep(left)

    def _left_over(self, id_: str, job: _Job, ended: Ended) -> None:
        """Decides what becomes of a request that its batch did not answer."""
        if ended.status == "cancelled" and not job.known_cancelled:
            job.cancelled = True
            job.save()
            raise ModelUnavailable(
                "batch",
                f"the batch {job.batch} was cancelled before all was answered",
                "The same command sends the rest in a new one",
            )
        self._leaves(id_, job)
        if ended.status == "completed" or (ended.status == "expired" and id_ in self._again):
            self._direct.add(id_)
        self._again.add(id_)

    def _leaves(self, id_: str, job: _Job) -> None:
        if self._job_of.get(id_) is job:
            del self._job_of[id_]


class FreePace(Pace):
    """No limiter: what waits for a batch is not under way at the server."""

    @asynccontextmanager
    async def place(self, sent: int = 0) -> AsyncIterator[None]:
        """Always at once."""
        yield
