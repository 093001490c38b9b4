"""OpenAI's Files and Batches endpoints for the test server, with faults.

A batch is answered at the second look at it, by whatever answers chat completions there.
"""

from __future__ import annotations

import json
import re
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

Answer = Callable[[Mapping[str, Any]], Mapping[str, Any] | None]
End = Literal["completed", "failed", "expired", "cancelled"]


@dataclass
class FakeBatches:
    """The endpoints.

    Attributes:
        ends: how one batch after the other ends; those after the last are completed.
        unanswered: places (from 0) in a batch that get no answer, by what they get instead:
            `missing`, `error` (a line in the file of errors), `status` (one with another
            status), `broken` (a line that is no JSON). Of a batch that is not completed, all
            but the first request are missing as well.
        deaf: batches that are taken in without the client's hearing of it, by number.
        looks: times that a batch is looked at until it has ended.
    """

    ends: Sequence[End] = ()
    unanswered: Mapping[int, str] = field(default_factory=dict)
    deaf: Sequence[int] = ()
    looks: int = 2
    files: dict[str, bytes] = field(default_factory=dict)
    batches: list[dict[str, Any]] = field(default_factory=list)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def requests(self, number: int) -> list[dict[str, Any]]:
        """What stood in a batch."""
        lines = self.files[self.batches[number]["input_file_id"]].splitlines()
        return [json.loads(line) for line in lines]

    def reply(
        self, method: str, path: str, data: bytes, answer: Answer
    ) -> tuple[int, bytes] | None:
        """Status and body; None for what is no business of these endpoints.

        Status 0 stands for a connection that is closed without a word.
        """
        path = path.partition("?")[0].removeprefix("/v1")
        with self.lock:
            if (method, path) == ("POST", "/files"):
                return self._file(data)
            if (method, path) == ("POST", "/batches"):
                return self._create(json.loads(data))
            if (method, path) == ("GET", "/batches"):
                listed = [self._shown(batch) for batch in reversed(self.batches)]
                return _json({"object": "list", "data": listed, "has_more": False})
            if found := re.fullmatch(r"/batches/batch-(\d+)", path):
                return _json(self._looked_at(int(found[1]), answer))
            if found := re.fullmatch(r"/files/([\w-]+)/content", path):
                return 200, self.files[found[1]]
        return None

    def _file(self, data: bytes) -> tuple[int, bytes]:
        id_ = f"file-{len(self.files)}"
        boundary, _, rest = data.partition(b"\r\n")
        parts = rest.split(boundary)
        content = next(part for part in parts if b'name="file"' in part)
        self.files[id_] = content.partition(b"\r\n\r\n")[2].removesuffix(b"\r\n")
        shape = {"object": "file", "bytes": 1, "created_at": 1, "filename": "f", "purpose": "batch"}
        return _json({"id": id_, "status": "processed", **shape})

    def _create(self, asked: dict[str, Any]) -> tuple[int, bytes]:
        number = len(self.batches)
        self.batches.append({**asked, "id": f"batch-{number}", "looks": 0})
        status, body = _json(self._shown(self.batches[number]))
        return (0, b"") if number in self.deaf else (status, body)

    def _looked_at(self, number: int, answer: Answer) -> dict[str, Any]:
        batch = self.batches[number]
        batch["looks"] += 1
        if batch["looks"] >= self.looks and "end" not in batch:
            batch["end"] = self.ends[number] if number < len(self.ends) else "completed"
            if batch["end"] != "failed":
                self._answer(number, answer)
        return self._shown(batch)

    def _answer(self, number: int, answer: Answer) -> None:
        batch = self.batches[number]
        good, bad = [], []
        for place, request in enumerate(self.requests(number)):
            instead = self.unanswered.get(place) if number == 0 else None
            if batch["end"] != "completed" and place:
                instead = "missing"
            line = {"id": f"r-{place}", "custom_id": request["custom_id"], "error": None}
            if instead is None:
                body = answer(request["body"])
                good.append(json.dumps(line | {"response": {"status_code": 200, "body": body}}))
            elif instead == "broken":
                good.append('{"custom_id": ')
            elif instead == "status":
                body = {"error": {"message": "busy"}}
                good.append(json.dumps(line | {"response": {"status_code": 500, "body": body}}))
            elif instead == "error":
                error = {"code": "server_error", "message": "no"}
                bad.append(json.dumps(line | {"response": None, "error": error}))
        # In any order, as the provider warns.
        self.files[f"out-{number}"] = "\n".join(reversed(good)).encode()
        self.files[f"bad-{number}"] = "\n".join(bad).encode()

    def _shown(self, batch: dict[str, Any]) -> dict[str, Any]:
        number = int(batch["id"].removeprefix("batch-"))
        end = batch.get("end")
        total = len(self.requests(number))
        counts = {"total": total, "completed": total if end == "completed" else 0, "failed": 0}
        return {
            "id": batch["id"],
            "object": "batch",
            "endpoint": batch["endpoint"],
            "input_file_id": batch["input_file_id"],
            "completion_window": batch["completion_window"],
            "metadata": batch["metadata"],
            "created_at": 1_795_300_000,
            "status": end or "in_progress",
            "output_file_id": f"out-{number}" if f"out-{number}" in self.files else None,
            "error_file_id": f"bad-{number}" if f"bad-{number}" in self.files else None,
            "request_counts": counts,
            "errors": {"object": "list", "data": [{"code": "bad_line", "message": "line 1: no"}]}
            if end == "failed"
            else None,
        }


def _json(value: Mapping[str, Any]) -> tuple[int, bytes]:
    return 200, json.dumps(value).encode()
