"""Conversations for tests: a judge that goes by what stands there, and models that are scripts."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from agent.ask import Answer
from agent.chat.turns import Chat, Event
from agent.rate import evidence
from agent.types import Claim, Evidence, Hit, Stance
from tests.fake_embedder import WordEmbedder
from tools.library import Library

TWELVE, FIFTEEN = "The bridge cost 12 million euros.", "The bridge cost 15 million euros."
SEARCH = {"name": "search_library", "args": {"query": "Tallis Bridge cost"}}


class Judge:
    """Rates by what stands in claim and passage: the same figure supports, `wrong` contradicts."""

    name = "judge"

    async def rate(self, claim: Claim, hits: Sequence[Hit]) -> list[Evidence]:
        return [evidence(hit, (0, 20), self._stance(claim.text, hit), 0.9) for hit in hits]

    def _stance(self, text: str, hit: Hit) -> Stance:
        if "wrong" in text:
            return "contradicts"
        for ours, theirs in (("12 million", "15 million"), ("15 million", "12 million")):
            if ours in text:
                here = hit.passage.text
                return (
                    "supports" if ours in here else "contradicts" if theirs in here else "neutral"
                )
        return "neutral"


def opening(folder: Path) -> Any:
    return lambda: Library.open(folder, WordEmbedder())


def script(folder: Path, *entries: Mapping[str, Any]) -> str:
    path = folder.parent / "chat.json"
    path.write_text(json.dumps({"answers": [{"prompt": "chat", **entry} for entry in entries]}))
    return f"scripted:{path}"


def chat(folder: Path, *entries: Mapping[str, Any]) -> Chat:
    model = script(folder, *entries) if entries else "embedded"
    return Chat(folder, opening(folder), model=model, rater=Judge)


def asked(
    chat: Chat, question: str = "What did the bridge cost?", **more: Any
) -> tuple[Answer, list[Event]]:
    events: list[Event] = []
    return asyncio.run(chat.answer(question, tell=events.append, **more)), events
