"""A model server on this machine that answers well, late and within its limits; and its texts.

    python -m evals.llm.model_server --latency 1.0 --places 4

Speaks OpenAI's chat completions on 127.0.0.1. It answers the two prompts of a check as a
careful model would, for articles and sources made by `article` and `source`: a sentence with
a cost is a claim, and a passage about the same town decides it by its figure. So the
answer to a request depends on nothing but the request. Requests under one base path are counted
together; what came in is told at `PATH/seen`. Standard library only: it starts at once, in a
process of its own, so that its work is in no figure of the client's.
"""

from __future__ import annotations

import argparse
import asyncio
import hashlib
import json
import random
import re
import subprocess
import sys
import urllib.request
from collections import defaultdict
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from typing import Any, NamedTuple

TOKEN = 4
"""Characters that are counted as a token, as English has it on average."""
_PLACES = ["harbour", "school", "bridge", "market", "library", "station", "museum", "quarry"]
_WORDS = (
    "committee report northern repair spring budget evening council timber contract vote delay "
    "meeting engineer season shelter ferry weather letter survey plan district morning crew"
).split()
_SENTENCE = re.compile(r"[^.\n]*\bin (\w+) cost ([\d,]+) crowns[^.\n]*\.")
_NUMBERED = re.compile(r"^\[(\d+)[^\]]*\] (.*(?:\n(?!\[\d).*)*)", re.MULTILINE)


# --- the texts ---------------------------------------------------------------------------------


def town(number: int) -> str:
    """A name for each number."""
    syllables = ("ba", "der", "fil", "gom", "kun", "las", "mer", "nid", "pol", "tur")
    return "".join(syllables[int(digit)] for digit in f"{number:03}").capitalize()


def statement(number: int, crowns: int) -> str:
    """One checkable sentence about a town of its own."""
    return f"The {_PLACES[number % 8]} in {town(number)} cost {crowns:,} crowns, the council said."


def cost(number: int) -> int:
    """What the building in a town cost, as the sources have it."""
    return 10_000 + number * 7_919 % 90_000


def verdict(number: int) -> str:
    """What a claim of `article` is, judged by the sources."""
    return {7: "conflicting", 9: "unverifiable"}.get(number % 10, "supported")


def article(claims: int) -> str:
    """An article of so many claims: of ten, one has another figure, one has no source."""
    lines = [
        statement(number, cost(number) + (4_000 if number % 10 == 7 else 0))
        for number in range(claims)
    ]
    return "\n\n".join(" ".join(lines[start : start + 4]) for start in range(0, claims, 4)) + "\n"


def source(number: int, words: int = 100) -> str:
    """A source of about so many words; it says what the building in one town cost."""
    draw = random.Random(number)  # noqa: S311 - repeatable
    said = statement(number, cost(number)) if number % 10 != 9 else "Nothing was decided."
    sentences = [said]
    while sum(len(sentence.split()) for sentence in sentences) < words:
        filler = " ".join(draw.choice(_WORDS) for _ in range(9))
        sentences.append(f"Of {town(number)} a {filler} was noted.")
    draw.shuffle(sentences)
    return " ".join(sentences)


# --- the answers -------------------------------------------------------------------------------


def answer(body: Mapping[str, Any]) -> dict[str, Any]:
    """The answer to the messages of a request: claims of sentences, or stances of passages."""
    text = str(body["messages"][1]["content"])
    if sentences := _between(text, "sentences"):
        return {"claims": list(_claims(sentences)), "excluded": list(_exclusions(sentences))}
    claim = _SENTENCE.search(_between(text, "claim"))
    passages = _NUMBERED.findall(_between(text, "passages"))
    stances = {int(number): _stance(int(number), passage, claim) for number, passage in passages}
    return {
        "explanation": "The figures were compared.",
        "decided": [stance for stance in stances.values() if stance],
        "close": [],
        "neutral": [number for number, stance in stances.items() if not stance],
    }


def _between(text: str, tag: str) -> str:
    _, found, rest = text.rpartition(f"<{tag}>\n")
    return rest.partition(f"\n</{tag}>")[0] if found else ""


def _claims(sentences: str) -> Iterator[dict[str, Any]]:
    for number, sentence in _NUMBERED.findall(sentences):
        if _SENTENCE.search(sentence):
            words = sentence.strip()
            yield {
                "sentence": int(number),
                "quote": words,
                "text": words,
                "kind": "quantity",
                "speaker": None,
                "context_added": [],
                "unclear": [],
            }


def _exclusions(sentences: str) -> Iterator[dict[str, Any]]:
    for number, sentence in _NUMBERED.findall(sentences):
        if not _SENTENCE.search(sentence):
            yield {"sentence": int(number), "reason": "boilerplate", "detail": "no statement"}


def _stance(number: int, passage: str, claim: re.Match[str] | None) -> dict[str, Any] | None:
    """What is said of a passage that decides; None of any other."""
    for said in _SENTENCE.finditer(passage):
        if claim and said[1] == claim[1]:
            stance = "supports" if said[2] == claim[2] else "contradicts"
            quote = said[0].strip()
            return {"passage": number, "stance": stance, "quote": quote, "certainty": "high"}
    return None


def completion(body: Mapping[str, Any]) -> dict[str, Any]:
    """The whole reply, with tokens counted by characters."""
    content = json.dumps(answer(body))
    asked = sum(len(str(message["content"])) for message in body["messages"]) // TOKEN
    said = len(content) // TOKEN
    return {
        "id": "chatcmpl-1",
        "object": "chat.completion",
        "created": 1_795_300_000,
        "model": "judge-1",
        "choices": [
            {
                "index": 0,
                "message": {"role": "assistant", "content": content, "refusal": None},
                "finish_reason": "stop",
            }
        ],
        "usage": {"prompt_tokens": asked, "completion_tokens": said, "total_tokens": asked + said},
    }


# --- the server --------------------------------------------------------------------------------


class Seen(NamedTuple):
    """A request as it came."""

    key: str
    """The same for the same request."""
    status: int
    """0 while it is not answered."""


_FAULTS: list[tuple[int, dict[str, Any]]] = [
    (0, {}),  # it hangs up
    (429, {"error": {"message": "too many requests"}}),
    (500, {"error": {"message": "the server had an error"}}),
    (503, {"error": {"message": "overloaded"}}),
    (200, {"id": "chatcmpl-1", "object": "chat.completion", "choices": []}),
]


class _Server:
    """Answers late; refuses what is more than its places, and fails on a share of the rest."""

    def __init__(
        self, latency: float, places: int | None, retry_after: float | None, faults: float
    ) -> None:
        self._latency = latency
        self._places = places
        self._retry_after = retry_after
        self._faults = faults
        self._draw = random.Random(1)  # noqa: S311 - repeatable
        self._busy: dict[str, int] = defaultdict(int)
        self._seen: dict[str, list[Seen]] = defaultdict(list)

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One connection, until the client leaves."""
        with suppress(asyncio.IncompleteReadError, ConnectionError):
            while True:
                head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
                length = re.search(r"^content-length: *(\d+)", head, re.IGNORECASE | re.MULTILINE)
                body = await reader.readexactly(int(length[1]) if length else 0)
                path = head.split(" ", 2)[1]
                status, headers, reply = await self._reply(path.partition("/v1/")[0], path, body)
                if not status:
                    break
                data = json.dumps(reply).encode()
                lines = [f"HTTP/1.1 {status} -", "content-type: application/json", *headers]
                lines += [f"content-length: {len(data)}", "", ""]
                writer.write("\r\n".join(lines).encode() + data)
                await writer.drain()
        writer.close()

    async def _reply(self, name: str, path: str, body: bytes) -> tuple[int, list[str], object]:
        if path.endswith("/seen"):
            return 200, [], self._seen[path.removesuffix("/seen")]
        seen = self._seen[name]
        number = len(seen)
        seen.append(Seen(hashlib.sha256(body).hexdigest()[:16], 0))
        if self._places is not None and self._busy[name] >= self._places:
            seen[number] = seen[number]._replace(status=429)
            wait = [] if self._retry_after is None else [f"retry-after: {self._retry_after:g}"]
            return 429, wait, {"error": {"message": "too many requests at once"}}
        self._busy[name] += 1
        try:
            await asyncio.sleep(self._latency)
        finally:
            self._busy[name] -= 1
        status, reply = 200, completion(json.loads(body))
        if self._draw.random() < self._faults:
            status, reply = self._draw.choice(_FAULTS)
        seen[number] = seen[number]._replace(status=status)
        return status, [], reply


class Running(NamedTuple):
    """A server that runs."""

    address: str

    def url(self, name: str) -> str:
        """A base URL; requests under different names are counted apart."""
        return f"{self.address}/{name}/v1"

    def seen(self, name: str) -> list[Seen]:
        """The requests under a name, in the order they came."""
        with urllib.request.urlopen(f"{self.address}/{name}/seen", timeout=30) as reply:  # noqa: S310 - our own server
            return [Seen(*each) for each in json.load(reply)]


@contextmanager
def running(
    latency: float,
    places: int | None = None,
    retry_after: float | None = None,
    faults: float = 0.0,
) -> Iterator[Running]:
    """A server in a process of its own, which ends with the block or with this process.

    Args:
        latency: seconds to each answer.
        places: requests under way at once, of one name; more are answered with 429 at once.
        retry_after: seconds that a refusal asks to wait; None asks for none.
        faults: share of the requests, 0 to 1, that end in one of several faults.
    """
    program = [sys.executable, "-m", "evals.llm.model_server", "--latency", str(latency)]
    program += ["--faults", str(faults)]
    if places is not None:
        program += ["--places", str(places)]
    if retry_after is not None:
        program += ["--retry-after", str(retry_after)]
    with subprocess.Popen(
        program, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout  # noqa: S101 - for the types: it is a pipe
        try:
            yield Running(process.stdout.readline().strip())
        finally:
            process.terminate()


async def _serve(
    latency: float, places: int | None, retry_after: float | None, faults: float
) -> None:
    ours = _Server(latency, places, retry_after, faults)
    server = await asyncio.start_server(ours.serve, "127.0.0.1", 0, limit=2**24, backlog=512)
    print(f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}", flush=True)
    # Whoever started it holds the other end: when that is gone, so is the need for it.
    await asyncio.to_thread(sys.stdin.read)


def main() -> None:
    """Prints its address and serves until standard input ends."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--latency", type=float, default=1.0, help="seconds to an answer")
    parser.add_argument("--places", type=int, help="requests at once; more are answered 429")
    parser.add_argument("--retry-after", type=float, help="seconds that a refusal asks to wait")
    parser.add_argument("--faults", type=float, default=0.0, help="share of requests that fail")
    given = parser.parse_args()
    asyncio.run(_serve(given.latency, given.places, given.retry_after, given.faults))


if __name__ == "__main__":
    main()
