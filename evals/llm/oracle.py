"""A model that answers from the key of `newsroom`: what a check costs with one that errs nowhere.

It takes the place of a language model behind the gateway, so that prompts, requests, repairs
and verdicts are those of a real check. Of an article it finds the key's claims; a passage that
shows the words of the key's evidence has their stance, any other is neutral.
"""

from __future__ import annotations

import json
import re
from collections import defaultdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from langchain_core.language_models import BaseChatModel
from langchain_core.messages import AIMessage, BaseMessage
from langchain_core.outputs import ChatGeneration, ChatResult

from agent.gateway.tokens import tokens_in
from prompts import as_data

if TYPE_CHECKING:
    from langchain_core.callbacks import (
        AsyncCallbackManagerForLLMRun,
        CallbackManagerForLLMRun,
    )

_NUMBERED = re.compile(r"^\[(\d+)[^\]]*\] (.*(?:\n(?!\[\d).*)*)", re.MULTILINE)
_TALK = ("opinion", "question", "boilerplate", "incomplete", "not_checkable")


class Oracle(BaseChatModel):
    """The chat model.

    Attributes:
        key: the articles of `gold.jsonl`.
    """

    key: list[dict[str, Any]]

    @property
    def _llm_type(self) -> str:
        return "oracle"

    def _generate(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: CallbackManagerForLLMRun | None = None,
        **kwargs: Any,
    ) -> ChatResult:
        question = str(next(m for m in messages if m.type == "human").text)
        if sentences := between(question, "sentences"):
            answer = self.extraction(sentences)
        else:
            claim, passages = between(question, "claim"), between(question, "passages")
            answer = self.rating(claim, passages)
        text = json.dumps(answer, ensure_ascii=False)
        schema = kwargs.get("extra_body", {}).get("response_format")
        sent = sum(tokens_in(str(message.text)) for message in messages)
        sent += tokens_in(json.dumps(schema)) if schema else 0
        got = tokens_in(text)
        usage: Any = {"input_tokens": sent, "output_tokens": got, "total_tokens": sent + got}
        said = AIMessage(text, usage_metadata=usage, response_metadata={"finish_reason": "stop"})
        return ChatResult(generations=[ChatGeneration(message=said)])

    async def _agenerate(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: AsyncCallbackManagerForLLMRun | None = None,
        **kwargs: Any,
    ) -> ChatResult:
        return self._generate(messages, **kwargs)

    def extraction(self, sentences: str) -> dict[str, Any]:
        """The answer that `agent.claims.model` asks for, of numbered sentences."""
        claims, left_out = [], []
        for number, sentence in _NUMBERED.findall(sentences):
            found = self._claims_of(sentence)
            claims += [{"sentence": int(number)} | claim for claim in found]
            if not found:
                reason = "boilerplate" if len(sentence.split()) < 12 else "opinion"
                told = {"reason": reason, "detail": "it states nothing that can be checked"}
                left_out.append({"sentence": int(number)} | told)
        return {"claims": claims, "excluded": left_out}

    def _claims_of(self, sentence: str) -> list[dict[str, Any]]:
        said = " ".join(sentence.split())
        found = []
        for claim in (claim for article in self.key for claim in article["claims"]):
            quote = as_data(" ".join(claim["quote"].split()))
            if quote in said:
                # The key's own text may add what its story knows; the quote is always grounded.
                found.append(
                    {
                        "quote": quote,
                        "text": quote,
                        "kind": claim["kind"],
                        "speaker": None,
                        "context_added": [],
                        "unclear": [],
                    }
                )
        return found

    def rating(self, claim: str, passages: str) -> dict[str, Any]:
        """The answer that `agent.rate.model` asks for, of numbered passages."""
        known = self._evidence().get(claim, [])
        decided, neutral = [], []
        for number, passage in numbered_passages(passages):
            stance = next(
                ((s, quote) for s, quote in known if quote in " ".join(passage.split())), None
            )
            if stance is None or stance[0] == "neutral":
                neutral.append(number)
                continue
            told = {"stance": stance[0], "quote": stance[1], "certainty": "high"}
            decided.append({"passage": number} | told)
        said = "The sources that are quoted give the same words or figures, or others for them."
        return {"explanation": said, "decided": decided, "close": [], "neutral": neutral}

    def _evidence(self) -> dict[str, list[tuple[str, str]]]:
        """By a claim's text and by its quote: stances with their words."""
        found: dict[str, list[tuple[str, str]]] = defaultdict(list)
        for claim in (claim for article in self.key for claim in article["claims"]):
            items = [
                (item["stance"], as_data(" ".join(item["quote"].split())))
                for item in claim["evidence"]
            ]
            for name in {claim["text"], claim["quote"]}:
                found[as_data(name)] += items
        return found


def oracle(folder: Path) -> Oracle:
    """The model for a suite's folder."""
    lines = (folder / "gold.jsonl").read_text(encoding="utf-8").splitlines()
    return Oracle(key=[json.loads(line) for line in lines])


def numbered_passages(text: str) -> list[tuple[int, str]]:
    """The passages of a prompt, each with its number."""
    return [(int(number), passage.strip()) for number, passage in _NUMBERED.findall(text)]


def between(text: str, tag: str) -> str:
    """What stands in the last pair of such tags; empty where there is none."""
    _, found, rest = text.rpartition(f"<{tag}>\n")
    return rest.partition(f"\n</{tag}>")[0] if found else ""
