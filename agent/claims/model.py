"""Splits an article into claims with a language model, a stretch of text at a time.

The model sees numbered sentences and answers with claims and exclusions by sentence
number. Here its quotes are found in the sentences, and what it forgot is accounted for:
an answer that leaves a sentence out goes back to it once.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from pydantic import BaseModel, ConfigDict, Field

import prompts
from agent.answers import AnswerProblem
from agent.claims import Split, excluded, finish
from agent.claims.rules import RuleSplitter
from agent.errors import ClaimFailed
from agent.types import Article, Claim, ClaimKind, Excluded, ExclusionReason
from prompts import as_data
from tools.alignment import find_verbatim
from tools.sentences import paragraph_spans, sentence_spans

if TYPE_CHECKING:
    from agent.model import LanguageModel

PROMPT = "extract_claims"
STRETCH = 15
"""Most sentences in one request: answers stay short enough to be whole."""
_CONTEXT = 1200
"""Characters of the article before a stretch that are shown for context."""


class FoundClaim(BaseModel):
    """A claim as the model gives it."""

    model_config = ConfigDict(extra="forbid")
    sentence: int
    quote: str = Field(description="verbatim from the sentence")
    text: str = Field(description="the claim, readable alone")
    kind: ClaimKind
    speaker: str | None
    context_added: list[str]


class FoundExclusion(BaseModel):
    """A sentence that is no claim."""

    model_config = ConfigDict(extra="forbid")
    sentence: int
    reason: ExclusionReason
    detail: str


class Extraction(BaseModel):
    """The model's answer on one stretch."""

    model_config = ConfigDict(extra="forbid")
    claims: list[FoundClaim]
    excluded: list[FoundExclusion]


class ModelSplitter:
    """Splits with a language model through the gateway.

    Args:
        model: the gateway.
        notify: is told in one line when a part had to be split by the rules instead.
    """

    def __init__(
        self, model: LanguageModel, *, notify: Callable[[str], None] = lambda _: None
    ) -> None:
        self._model = model
        self._notify = notify

    async def split(self, article: Article, on_done: Callable[[int, int], None]) -> Split:
        """As `agent.claims.Splitter`.

        A stretch that the model cannot split (its fault, not the provider's) is split by the
        rules: the article must not lose a part of itself.

        Raises:
            ModelUnavailable: nothing can be asked.
        """
        stretches = _stretches(article)
        done = 0

        async def one(sentences: list[tuple[int, int]]) -> tuple[list[Claim], list[Excluded]]:
            nonlocal done
            try:
                result = await self._split_stretch(article, sentences)
            except ClaimFailed as fault:
                self._notify(f"{len(sentences)} sentences were split by rules: {fault.what}")
                result = await _by_rules(article, sentences)
            done += 1
            on_done(done, len(stretches))
            return result

        try:
            async with asyncio.TaskGroup() as group:
                tasks = [group.create_task(one(stretch)) for stretch in stretches]
        except ExceptionGroup as faults:  # the first one has cancelled what was under way
            raise faults.exceptions[0] from None
        results = [task.result() for task in tasks]
        return finish(
            article,
            [claim for claims, _ in results for claim in claims],
            [span for _, spans in results for span in spans],
        )

    async def _split_stretch(
        self, article: Article, sentences: list[tuple[int, int]]
    ) -> tuple[list[Claim], list[Excluded]]:
        texts = [article.text[start:end] for start, end in sentences]
        before = article.text[max(0, sentences[0][0] - _CONTEXT) : sentences[0][0]].strip()
        prompt = prompts.load(PROMPT).render(
            about=as_data(_about(article)),
            context=as_data(before) or "(this is the beginning)",
            sentences="\n".join(f"[{n}] {as_data(text)}" for n, text in enumerate(texts, 1)),
        )
        answer = await self._model.answer(prompt, Extraction, check=lambda e: _check(e, texts))
        claims = []
        for found in answer.claims:
            start, end = sentences[found.sentence - 1]
            span = find_verbatim(found.quote, article.text[start:end])
            if span is None:  # _check has refused it; kept for the type's sake
                continue
            claims.append(
                Claim(
                    id="c0",
                    text=" ".join(found.text.split()),
                    quote=article.text[start + span[0] : start + span[1]],
                    start=start + span[0],
                    end=start + span[1],
                    kind=found.kind,
                    speaker=found.speaker or None,
                    context_added=found.context_added,
                )
            )
        left_out = [
            excluded(article, *sentences[item.sentence - 1], item.reason, item.detail)
            for item in answer.excluded
        ]
        return claims, left_out


def _check(answer: Extraction, texts: Sequence[str]) -> None:
    numbers = range(1, len(texts) + 1)
    claimed = {item.sentence for item in answer.claims}
    left_out = [item.sentence for item in answer.excluded]
    if unknown := sorted((claimed | set(left_out)) - set(numbers)):
        raise AnswerProblem("bad_reply", f"there are no sentences {unknown}")
    if forgotten := [n for n in numbers if n not in claimed and n not in left_out]:
        raise AnswerProblem("bad_reply", f"sentences {forgotten} are in no claim and no exclusion")
    if twice := sorted({n for n in left_out if left_out.count(n) > 1 or n in claimed}):
        raise AnswerProblem("bad_reply", f"sentences {twice} are excluded twice, or also claimed")
    for found in answer.claims:
        if not found.text.strip():
            raise AnswerProblem("bad_reply", f"sentence {found.sentence}: a claim has no text")
        if find_verbatim(found.quote, texts[found.sentence - 1]) is None:
            raise AnswerProblem(
                "bad_quote",
                f"sentence {found.sentence} does not have these words: {found.quote[:120]!r}",
            )


def _stretches(article: Article) -> list[list[tuple[int, int]]]:
    """The sentences in stretches that end with a paragraph where they can."""
    ends = {end for _, end in paragraph_spans(article.text)}
    stretches: list[list[tuple[int, int]]] = [[]]
    for span in sentence_spans(article.text, article.language):
        current = stretches[-1]
        at_end = bool(current) and current[-1][1] in ends and len(current) >= STRETCH * 2 // 3
        if len(current) >= STRETCH or at_end:
            stretches.append([])
        stretches[-1].append(span)
    return [stretch for stretch in stretches if stretch]


async def _by_rules(
    article: Article, sentences: list[tuple[int, int]]
) -> tuple[list[Claim], list[Excluded]]:
    split = await RuleSplitter().split(article, lambda *_: None)
    start, end = sentences[0][0], sentences[-1][1]
    return (
        [claim for claim in split.claims if start <= claim.start < end],
        [
            span
            for span in split.excluded
            if start <= span.start < end and span.reason != "duplicate"
        ],
    )


def _about(article: Article) -> str:
    known = [
        f"title: {article.title}" if article.title else "",
        f"publisher: {article.publisher}" if article.publisher else "",
        f"published: {article.published_at}" if article.published_at else "",
    ]
    return "; ".join(part for part in known if part) or "nothing is known"
