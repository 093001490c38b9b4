"""How a language model is asked: what does not change its answers, but how they are come by."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from agent.errors import UsageError

Api = Literal["chat", "responses"]

CONCURRENCY = 32
"""Questions under way at once, unless said otherwise; `agent.gateway.pace` may send fewer."""


@dataclass(frozen=True)
class Asking:
    """How a model is asked.

    Attributes:
        concurrency: questions under way at once, at most; at least 1.
        timeout: seconds that one request may take in all; None sets no limit.
        api: OpenAI's chat completions, which all compatible servers know, or its Responses.
        trace: file for a debug trace, one JSON object a request; default `ASSAY_TRACE`.
    """

    concurrency: int = CONCURRENCY
    timeout: float | None = 60.0
    api: Api = "chat"
    trace: Path | None = None

    def __post_init__(self) -> None:
        if self.concurrency < 1:
            raise UsageError("the number of questions at once must be at least 1")
        if self.api not in ("chat", "responses"):
            raise UsageError(f"{self.api!r} is no way to ask", "Name chat or responses")
        if self.trace is None and (named := os.environ.get("ASSAY_TRACE")):
            object.__setattr__(self, "trace", Path(named))
