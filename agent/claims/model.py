"""Splits an article into claims with a language model, a stretch of text at a time.

The model sees a stretch of whole paragraphs as numbered sentences, and the paragraph before it
for context. Its answer is verified sentence by sentence (`agent.claims.verifying`). What does
not hold is asked about once more, those sentences only; what then does not hold, or was never
answered, is split by the rules, and the user is told. All stretches are asked about side by side;
the claims of one are told when those before it are done, so that their numbers are settled.
"""

from __future__ import annotations

import asyncio
from bisect import bisect_right
from collections.abc import Callable, Collection, Mapping, Sequence
from itertools import groupby, pairwise
from typing import TYPE_CHECKING

import prompts
from agent.claims import Finishing, OnClaims, Split, excluded
from agent.claims.linking import link
from agent.claims.rules import RuleSplitter
from agent.claims.verifying import Extraction, Span, Verified, Verifier
from agent.errors import ClaimFailed
from agent.types import Article, Excluded
from prompts import as_data
from tools.text.sentences import paragraph_spans, sentence_spans

if TYPE_CHECKING:
    from agent.gateway.model import LanguageModel

PROMPT = "extract_claims"
STRETCH = 9000
"""Most characters of a stretch: about 1,500 words of English. Characters, since not every
language has spaces between its words."""
SENTENCES = 100
"""Most sentences of a stretch: a list of a thousand words is a thousand sentences."""
_CONTEXT = 1200
"""Characters of the article before a stretch that are shown for context, at most."""
_TOO_MUCH = frozenset({"truncated", "context_length"})
"""Faults that half as much text may not have."""


class ModelSplitter:
    """Splits with a language model through the gateway.

    Args:
        model: the gateway.
        notify: is told in one line when sentences had to be split by the rules instead.
    """

    def __init__(
        self, model: LanguageModel, *, notify: Callable[[str], None] = lambda _: None
    ) -> None:
        self._model = model
        self._notify = notify

    async def split(
        self,
        article: Article,
        on_done: Callable[[int, int], None],
        on_claims: OnClaims = lambda _: None,
    ) -> Split:
        """As `agent.claims.Splitter`.

        What the model cannot split (its fault, not the provider's) is split by the rules: the
        article must not lose a part of itself.

        Raises:
            ModelUnavailable: nothing can be asked.
        """
        stretches = stretches_of(article)
        work = _Work(article, self._model)
        finishing = Finishing(article)
        left_out: list[Excluded] = []
        done: dict[int, Verified] = {}
        told = 0

        async def one(number: int, sentences: list[Span]) -> None:
            nonlocal told
            done[number] = await work.split(sentences)
            on_done(len(done), len(stretches))
            while told in done:
                left_out.extend(done[told].excluded)
                if new := finishing.add(done[told].claims):
                    on_claims(new)
                told += 1

        try:
            async with asyncio.TaskGroup() as group:
                for number, stretch in enumerate(stretches):
                    group.create_task(one(number, stretch))
        except ExceptionGroup as faults:  # the first one has cancelled what was under way
            raise faults.exceptions[0] from None
        if work.by_rules:
            why = next(iter(work.by_rules.values()))
            number = len(work.by_rules)
            count = f"{number} sentences were" if number != 1 else "1 sentence was"
            self._notify(f"{count} split by rules: {why}")
        return link(finishing.split(left_out))


class _Work:
    """One article on its way. `by_rules` collects what is left to the rules, and why."""

    def __init__(self, article: Article, model: LanguageModel) -> None:
        self._article = article
        self._model = model
        self._verifier = Verifier(article)
        self._starts = [start for start, _ in paragraph_spans(article.text)]
        self.by_rules: dict[Span, str] = {}
        self._ruled: Split | None = None
        """What the rules make of the article, once that was asked for."""

    async def split(self, sentences: list[Span]) -> Verified:
        """What the model makes of a stretch, and the rules of what that leaves."""
        asked = await self._by_model(sentences)
        return _joined(asked, await self._by_rules([s for s in sentences if s in self.by_rules]))

    async def _by_model(self, sentences: list[Span]) -> Verified:
        """What the model makes of a stretch; each of its other sentences is in `by_rules`."""
        numbered = dict(enumerate(sentences, 1))
        try:
            first = await self._ask(numbered, {})
        except ClaimFailed as fault:
            if fault.kind in _TOO_MUCH and len(sentences) > 1:
                half = len(sentences) // 2
                return _joined(
                    *[await self._by_model(part) for part in (sentences[:half], sentences[half:])]
                )
            self.by_rules |= dict.fromkeys(sentences, fault.what)
            return Verified()
        if not first.faults:
            return first
        left = first.faults
        again = Verified()
        try:
            again = await self._ask(numbered, first.faults)
            left = again.faults
        except ClaimFailed:  # it had its chance; what was wrong at first is the reason to tell
            pass
        for number, faults in left.items():
            self.by_rules[numbered[number]] = faults[0]
        return _joined(first, again)

    async def _ask(self, numbered: Mapping[int, Span], faults: Mapping[int, list[str]]) -> Verified:
        """Asks about the sentences with faults; where there are none yet, about all."""
        asked = {n: span for n, span in numbered.items() if not faults or n in faults}
        wrong = [f"sentence {n}: {fault}" for n, found in faults.items() for fault in found]
        prompt = prompts.load(PROMPT).render(
            about=as_data(_about(self._article)),
            context=as_data(self._before(numbered[min(numbered)][0])) or "(this is the beginning)",
            sentences=as_data(self._laid_out(numbered, asked)),
            faults=as_data("\n".join(wrong)) or "(none: this is the first answer)",
        )
        answer = await self._model.answer(prompt, Extraction)
        return self._verifier.verify(answer, asked)

    async def _by_rules(self, sentences: Sequence[Span]) -> Verified:
        """What the rules make of some sentences, reading the whole article for who is meant."""
        if not sentences:
            return Verified()
        self._ruled = self._ruled or await RuleSplitter().split(self._article, lambda *_: None)
        article, starts = self._article, [start for start, _ in sentences]

        def is_wanted(place: int) -> bool:
            number = bisect_right(starts, place) - 1
            return number >= 0 and place < sentences[number][1]

        claims = []
        for claim in self._ruled.claims:
            for start, end in [(claim.start, claim.end), *claim.also_at]:
                if is_wanted(start):  # the claim may have other places; they are joined again
                    alone = {"quote": article.text[start:end], "start": start, "end": end}
                    claims.append(claim.model_copy(update={**alone, "also_at": [], "linked": []}))
        left_out = [
            excluded(article, span.start, span.end, span.reason, f"{span.detail} (split by rules)")
            for span in self._ruled.excluded
            if is_wanted(span.start)
        ]
        return Verified(claims, left_out)

    def _laid_out(self, numbered: Mapping[int, Span], asked: Collection[int]) -> str:
        """Paragraphs with a sentence that is asked about, and the ones before them.

        One sentence a line, so that no text can pass for the number of another.
        """
        by_paragraph = groupby(numbered, key=lambda n: self._paragraph(numbered[n][0]))
        paragraphs = [list(numbers) for _, numbers in by_paragraph]
        shown = []
        for numbers, following in pairwise([*paragraphs, []]):
            if not any(n in asked for n in (*numbers, *following)):
                continue
            lines = []
            for n in numbers:
                text = " ".join(self._article.text[slice(*numbered[n])].split())
                lines.append(f"[{n}] {text}" if n in asked else f"[-] {text}")
            shown.append("\n".join(lines))
        return "\n\n".join(shown)

    def _before(self, place: int) -> str:
        """The paragraphs before a place, whole where they fit."""
        first = self._paragraph(place)
        while first and place - self._starts[first - 1] <= _CONTEXT:
            first -= 1
        start = self._starts[first]
        if not 0 < place - start <= _CONTEXT:  # not even one: its end, then
            start = max(0, place - _CONTEXT)
        return self._article.text[start:place].strip()

    def _paragraph(self, place: int) -> int:
        """The number of the paragraph that a place stands in."""
        return bisect_right(self._starts, place) - 1


def stretches_of(article: Article) -> list[list[Span]]:
    """The article's sentences in stretches that end with a paragraph where they can.

    Returns:
        Stretches of at most `STRETCH` characters and `SENTENCES` sentences, in order; a
        paragraph is parted only where it alone is longer.
    """
    paragraphs: list[list[Span]] = []
    ends = iter(paragraph_spans(article.text))
    end = -1
    for span in sentence_spans(article.text, article.language):
        if span[0] >= end:
            end = next(b for _, b in ends if span[0] < b)
            paragraphs.append([])
        paragraphs[-1].append(span)
    stretches: list[list[Span]] = [[]]
    for paragraph in paragraphs:
        if _fits([*stretches[-1], *paragraph]):
            stretches[-1] += paragraph
            continue
        stretches.append([])
        for span in paragraph:
            if not _fits([*stretches[-1], span]):
                stretches.append([])
            stretches[-1].append(span)
    return [stretch for stretch in stretches if stretch]


def _fits(sentences: list[Span]) -> bool:
    return len(sentences) <= SENTENCES and sentences[-1][1] - sentences[0][0] <= STRETCH


def _joined(*parts: Verified) -> Verified:
    return Verified(
        [claim for part in parts for claim in part.claims],
        [span for part in parts for span in part.excluded],
    )


def _about(article: Article) -> str:
    known = [
        f"title: {article.title}" if article.title else "",
        f"author: {article.author}" if article.author else "",
        f"publisher: {article.publisher}" if article.publisher else "",
        f"published: {article.published_at}" if article.published_at else "",
    ]
    return " ".join("; ".join(part for part in known if part).split()) or "nothing is known"
