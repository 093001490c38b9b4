"""Clients of the service as they come: patient and impatient ones, and such as break off.

A connection is used for one request and then closed; so what the service keeps of one shows.
"""

from __future__ import annotations

import asyncio
import json
import random
import time
from collections import Counter, defaultdict
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable
from contextlib import aclosing, asynccontextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

from evals.llm.model_server import cost, statement

_PATIENCE = 60.0
"""Seconds without a word after which an answer has failed; the service sends one each 15 s."""
_LONGEST_PAUSE = 3.0
"""Seconds between two things that a client does, at most."""
_EXAMPLE = Path(__file__).parents[1] / "example" / "articles"
_SEARCHES = ("harbour line cost", "opening of the station", "cost crowns council", "engineer")
_QUESTIONS = (
    "What did the harbour line cost?",
    "When does the line open?",
    "Is it true that the harbour line cost 12 million euros?",
    "Which sources disagree on the cost?",
    "Who is the mayor?",
)
ENDED = ("done", "failed", "stopped")


class Answer(NamedTuple):
    """What came back at once."""

    status: int
    headers: dict[str, str]
    body: bytes


@dataclass
class Tally:
    """What all clients saw."""

    requests: dict[str, Counter[str]] = field(default_factory=lambda: defaultdict(Counter))
    """For each route how often each status came; `broken`: no whole answer."""
    seconds: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    """Of whole answers, by route; `check`: from the submission of a check to its end."""
    faults: list[str] = field(default_factory=list)
    """Whatever must not be, one line each."""
    runs: dict[str, str | None] = field(default_factory=dict)
    """Checks that were accepted, with how each ended, where that was seen."""
    questions: Counter[str] = field(default_factory=Counter)
    """How answers of the chat ended: `done`, `problem STATUS`, `left`, `refused` or `no end`."""

    def note(self, route: str, answer: Answer, seconds: float) -> None:
        """Counts an answer, and judges it: busy is no fault where it says when to come back."""
        self.requests[route][str(answer.status)] += 1
        self.seconds[route].append(seconds)
        if answer.status in (429, 503):
            if not answer.headers.get("retry-after", "").isdecimal():
                self.faults.append(f"{route}: {answer.status} without Retry-After")
        elif answer.status >= 500 or answer.status == 0:
            self.faults.append(f"{route}: {answer.status} {answer.body[:200]!r}")

    def broken(self, route: str, error: Exception) -> None:
        self.requests[route]["broken"] += 1
        self.faults.append(f"{route}: {type(error).__name__} {error}")


class Visitor:
    """One client: does one thing after another until told to leave.

    Args:
        port: of the service, on this machine.
        number: draws what it does; the same number does the same.
        tally: shared by all.
        pace: share of the pauses between two things, 1 as people read.
    """

    def __init__(self, port: int, number: int, tally: Tally, pace: float = 1.0) -> None:
        self.port = port
        self._tally = tally
        self._pace = pace
        self._draw = random.Random(number)  # noqa: S311 - repeatable
        self._own: list[str] = []
        self.seen: dict[str, int] = {}
        """Of checks that it follows, the number of claims that were rated."""

    async def visit(self, until: float) -> None:
        """Goes on until `time.monotonic()` is `until`; a check that it follows it follows on."""
        ways: list[tuple[int, Callable[[], Awaitable[None]]]] = [
            (30, self._check),
            (30, self._read),
            (20, self._search),
            (15, self.question),
            (1, self._add_source),
        ]
        weights = [weight for weight, _ in ways]
        while time.monotonic() < until:
            ((_, way),) = self._draw.choices(ways, weights)
            await way()
            await asyncio.sleep(self._draw.uniform(0, _LONGEST_PAUSE) * self._pace)

    # --- what a client does -----------------------------------------------------------------

    async def submit(self) -> str | None:
        """Submits an article, as text or as a file; gives the id of the check, if it was taken."""
        text = article(self._draw)
        if self._draw.random() < 0.3:
            body, kind = _form("article.md", text)
            answer = await self.ask("POST", "/api/checks", body, kind)
        else:
            title = f"Article {self._draw.randrange(10**6)}"
            answer = await self.ask("POST", "/api/checks", _json(text=text, title=title))
        if answer is None or answer.status != 202:
            await self._wait(answer)
            return None
        check = str(json.loads(answer.body)["id"])
        self._tally.runs[check] = None
        return check

    async def state(self, check: str) -> str:
        """Where a check stands; `done` where there is a report."""
        answer = await self.ask("GET", f"/api/checks/{check}")
        if answer is None or answer.status != 200:
            return f"status {answer.status if answer else 0}"
        told = json.loads(answer.body)
        return "done" if "claims" in told else str(told["state"])

    async def _check(self) -> None:
        """Submits an article and follows it: to its end, to a stop, or breaking off and back."""
        began = time.monotonic()
        if (check := await self.submit()) is None:
            return
        chance = self._draw.random()
        if chance < 0.1:
            return  # never asks again
        if chance < 0.25:
            await self.follow(check, most=self._draw.randint(1, 4))
            await self.ask("POST", f"/api/checks/{check}/stop")
        elif chance < 0.4:
            seen = await self.follow(check, most=self._draw.randint(1, 6))
            await asyncio.sleep(self._draw.uniform(0, 2) * self._pace)
            await self.follow(check, after=seen)
        else:
            await self.follow(check)
            if self._tally.runs[check] == "done":
                self._tally.seconds["check"].append(time.monotonic() - began)
        self._own.append(check)
        if self._tally.runs[check] == "done":
            await self.ask("GET", f"/api/checks/{check}")
            await self.ask("GET", f"/api/checks/{check}/report.html")

    async def follow(self, check: str, after: int = 0, most: int | None = None) -> int:
        """Reads events, at most so many; gives the number of the last one."""
        route = "GET /api/checks/ID/events"
        head = {"last-event-id": str(after)}
        async with self._events(route, f"/api/checks/{check}/events", head=head) as events:
            async for number, event, data in events:
                after = max(after, number)
                if event == "state":
                    state = str(data["state"])
                    if state in ENDED:
                        self._tally.runs[check] = state
                elif event == "claim":
                    self.seen[check] = int(data["done"])
                if most is not None and (most := most - 1) <= 0:
                    break
        return after

    async def _read(self) -> None:
        """Pages, the list, and a report of its own in one of its forms."""
        some = ["/", "/sources", "/chat", "/static/check.js", "/api/checks?limit=50", "/healthz"]
        if self._own:
            check = self._draw.choice(self._own)
            some += [f"/checks/{check}", f"/api/checks/{check}"]
            if self._tally.runs[check] == "done":
                forms = ("html", "json", "md", "claimreview.json")
                some += [f"/api/checks/{check}/report.{form}" for form in forms]
        await self.ask("GET", self._draw.choice(some))

    async def _search(self) -> None:
        """The list of sources, a search in them, one of them."""
        words = self._draw.choice(_SEARCHES).replace(" ", "+")
        found = await self.ask("GET", f"/api/sources/search?q={words}")
        if found and found.status == 200 and (results := json.loads(found.body)["results"]):
            await self.ask("GET", f"/api/sources/{results[0]['source']['id']}")
        await self.ask("GET", "/api/sources?limit=50")

    async def question(self) -> None:
        """A question to the chat, listened to until its end or left before."""
        leaves = self._draw.random() < 0.2
        asked: dict[str, Any] = {"question": self._draw.choice(_QUESTIONS)}
        done = [check for check in self._own if self._tally.runs[check] == "done"]
        if done and self._draw.random() < 0.3:
            asked = {"question": "Explain claim 1.", "report": self._draw.choice(done)}
        ended = "left"
        async with self._events("POST /api/chat", "/api/chat", _json(**asked), wait=True) as events:
            if leaves:
                await asyncio.sleep(self._draw.uniform(0, 0.5))
            else:
                ended = "refused"
                async for _, event, data in events:
                    ended = "no end"
                    if event in ("done", "problem"):
                        ended = f"problem {data['status']}" if event == "problem" else "done"
        self._tally.questions[ended] += 1
        if ended == "no end":
            self._tally.faults.append("POST /api/chat: the answer has no end")

    async def _add_source(self) -> None:
        """Adds a source of one paragraph, and mostly takes it out again."""
        number = self._draw.randrange(10**6)
        body, kind = _form(f"note-{number}.txt", f"{statement(number % 1000, number)} Noted.")
        answer = await self.ask("POST", "/api/sources", body, kind)
        if answer is None or answer.status != 200:
            await self._wait(answer)
            return
        added = json.loads(answer.body)["added"]
        if added and self._draw.random() < 0.8:
            await self.ask("DELETE", f"/api/sources/{added[0]}")

    async def _wait(self, answer: Answer | None) -> None:
        """As long as a busy service asks to, and up to as long again."""
        asked = (answer.headers if answer else {}).get("retry-after", "1")
        await asyncio.sleep(self._draw.uniform(1, 2) * float(asked) * self._pace)

    # --- HTTP -------------------------------------------------------------------------------

    async def ask(
        self, method: str, path: str, body: bytes = b"", kind: str = "application/json"
    ) -> Answer | None:
        """One request with its whole answer; None where there was none."""
        route, began = f"{method} {_route(path)}", time.monotonic()
        try:
            async with asyncio.timeout(3 * _PATIENCE), self._connected() as (reader, writer):
                writer.write(_request(method, path, body, {"content-type": kind}))
                status, headers = await _head(reader)
                chunks = [chunk async for chunk in _chunks(reader, headers)]
        except (OSError, EOFError, TimeoutError, ValueError) as error:
            self._tally.broken(route, error)
            return None
        answer = Answer(status, headers, b"".join(chunks))
        self._tally.note(route, answer, time.monotonic() - began)
        return answer

    @asynccontextmanager
    async def _events(
        self,
        route: str,
        path: str,
        body: bytes = b"",
        head: dict[str, str] | None = None,
        wait: bool = False,
    ) -> AsyncIterator[AsyncIterator[tuple[int, str, dict[str, Any]]]]:
        """Number, name and data of server-sent events; none where the answer has another status.
        Leaving the block breaks the connection off."""
        method = "POST" if body else "GET"
        began, refused = time.monotonic(), None

        async def events(
            reader: asyncio.StreamReader, headers: dict[str, str]
        ) -> AsyncGenerator[tuple[int, str, dict[str, Any]], None]:
            rest = b""
            try:
                async for chunk in _chunks(reader, headers):
                    *blocks, rest = (rest + chunk).split(b"\n\n")
                    for block in blocks:
                        lines = block.decode().splitlines()
                        fields = dict(line.split(": ", 1) for line in lines if line[:1] != ":")
                        if fields:
                            data = json.loads(fields["data"])
                            yield int(fields.get("id", 0)), fields["event"], data
            except (OSError, EOFError, TimeoutError, ValueError) as error:
                self._tally.broken(route, error)

        async def nothing() -> AsyncIterator[tuple[int, str, dict[str, Any]]]:
            return
            yield

        async with self._connected() as (reader, writer):
            try:
                writer.write(_request(method, path, body, head or {}))
                status, headers = await _head(reader)
            except (OSError, EOFError, TimeoutError, ValueError) as error:
                self._tally.broken(route, error)
                yield nothing()
                return
            self._tally.note(route, Answer(status, headers, b""), time.monotonic() - began)
            if status != 200:
                refused = Answer(status, headers, b"")
                yield nothing()
            else:
                async with aclosing(events(reader, headers)) as found:
                    yield found
        if refused and wait:
            await self._wait(refused)

    @asynccontextmanager
    async def _connected(
        self,
    ) -> AsyncIterator[tuple[asyncio.StreamReader, asyncio.StreamWriter]]:
        reader, writer = await asyncio.open_connection("127.0.0.1", self.port, limit=2**24)
        try:
            yield reader, writer
        finally:
            writer.close()
            with suppress(OSError):
                await writer.wait_closed()


async def _head(reader: asyncio.StreamReader) -> tuple[int, dict[str, str]]:
    async with asyncio.timeout(3 * _PATIENCE):
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
    first, *lines = head.strip().split("\r\n")
    pairs = (line.partition(":") for line in lines)
    return int(first.split(" ")[1]), {name.casefold(): value.strip() for name, _, value in pairs}


async def _chunks(reader: asyncio.StreamReader, headers: dict[str, str]) -> AsyncIterator[bytes]:
    """The parts of a body as they come.

    Raises:
        EOFError: it ended before its end.
        TimeoutError: nothing came for a long time.
    """
    if headers.get("transfer-encoding") != "chunked":
        if length := int(headers.get("content-length", "0")):
            yield await asyncio.wait_for(reader.readexactly(length), _PATIENCE)
        return
    while True:
        line = await asyncio.wait_for(reader.readuntil(b"\r\n"), _PATIENCE)
        length = int(line, 16)
        chunk = await asyncio.wait_for(reader.readexactly(length + 2), _PATIENCE)
        if not length:
            return
        yield chunk[:-2]


def _request(method: str, path: str, body: bytes, headers: dict[str, str]) -> bytes:
    sent = {"host": "127.0.0.1", "connection": "close", "content-type": "application/json"}
    sent |= headers
    if body or method == "POST":
        sent["content-length"] = str(len(body))
    lines = [f"{method} {path} HTTP/1.1", *(f"{name}: {value}" for name, value in sent.items())]
    return "\r\n".join([*lines, "", ""]).encode() + body


def _route(path: str) -> str:
    """A path without what differs from one thing to another."""
    parts = path.partition("?")[0].split("/")
    known = ("c-", "s-", "d-")
    return "/".join("ID" if part.startswith(known) else part for part in parts)


def _json(**fields: Any) -> bytes:
    return json.dumps(fields).encode()


def _form(name: str, text: str) -> tuple[bytes, str]:
    """A form with one file, and its content type."""
    mark = "a-line-that-stands-in-no-text"
    head = f'content-disposition: form-data; name="file"; filename="{name}"\r\n\r\n'
    return (
        f"--{mark}\r\n{head}{text}\r\n--{mark}--\r\n".encode(),
        f"multipart/form-data; boundary={mark}",
    )


def article(draw: random.Random) -> str:
    """An article of its own: now one of the example's, mostly 3 to 12 claims of the kind that
    the model server can answer about; of ten, one has another figure than the sources."""
    if draw.random() < 0.2:
        text = draw.choice(_texts())
        return f"{text}\n\nThis is printing {draw.randrange(10**6)}.\n"
    numbers = draw.sample(range(1000), draw.randint(3, 12))
    wrong = [draw.randrange(1, 10**6) if draw.random() < 0.1 else 0 for _ in numbers]
    said = [statement(number, cost(number) + by) for number, by in zip(numbers, wrong, strict=True)]
    said.append(statement(draw.randrange(1000), draw.randrange(10**6)))  # asked of nobody before
    return "\n\n".join(" ".join(said[at : at + 4]) for at in range(0, len(said), 4)) + "\n"


def _texts() -> list[str]:
    return [path.read_text("utf-8") for path in sorted(_EXAMPLE.glob("*.md"))]
