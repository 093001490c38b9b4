"""What a language model answers about a stretch of an article, and what of it can be used.

Nothing is taken on the model's word: every sentence must be accounted for, every quote must
stand in its sentence, and every claim must say only what its quote says and what the article
tells elsewhere (`agent.claims.grounding`). What does not hold is a fault of that sentence; the
other sentences keep their claims.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from agent.claims import excluded
from agent.claims.grounding import Grounds
from agent.types import Article, Claim, ClaimKind, Excluded
from tools.numbers.quantities import quantities
from tools.text.alignment import find_verbatim
from tools.text.quotes import quotations

Span = tuple[int, int]

_PRONOUN_FIRST = re.compile(r"(?:He|She|They|His|Her|Their)\b")
_LONGEST_TEXT = 1200
"""Characters of a claim. A sentence has at most 2,000; so long a claim states no one thing."""


class FoundClaim(BaseModel):
    """A claim as the model gives it."""

    model_config = ConfigDict(extra="forbid")
    sentence: int
    quote: str = Field(description="verbatim from the sentence")
    text: str = Field(description="the claim, readable alone")
    kind: ClaimKind
    speaker: str | None
    context_added: list[str]
    unclear: list[str] = Field(default_factory=list)


class FoundExclusion(BaseModel):
    """A sentence that is no claim. What is said twice is a claim both times, so no `duplicate`."""

    model_config = ConfigDict(extra="forbid")
    sentence: int
    reason: Literal["opinion", "question", "boilerplate", "incomplete", "not_checkable"]
    detail: str


class Extraction(BaseModel):
    """The model's answer on one stretch."""

    model_config = ConfigDict(extra="forbid")
    claims: list[FoundClaim]
    excluded: list[FoundExclusion]


@dataclass(frozen=True)
class Verified:
    """What an answer gives, and what is wrong with it.

    Attributes:
        claims, excluded: of the sentences without a fault.
        faults: by the sentence's number, in order, each a clause that a model can mend by.
    """

    claims: list[Claim] = field(default_factory=list)
    excluded: list[Excluded] = field(default_factory=list)
    faults: dict[int, list[str]] = field(default_factory=dict)


class Verifier:
    """Checks answers about one article."""

    def __init__(self, article: Article) -> None:
        self._article = article
        self._grounds = Grounds(article)

    def verify(self, answer: Extraction, sentences: Mapping[int, Span]) -> Verified:
        """Checks an answer on the sentences that were asked about.

        Args:
            answer: the model's; what it says of other sentences is passed over.
            sentences: spans in the article by the numbers that the model was shown.
        """
        claims: dict[int, list[Claim]] = defaultdict(list)
        left_out: dict[int, Excluded] = {}
        faults: dict[int, list[str]] = defaultdict(list)
        for found in answer.claims:
            if found.sentence not in sentences:
                continue
            place = self._place(found, sentences)
            if place is None:
                missing = f"it does not have these words: {found.quote[:120]!r}"
                faults[found.sentence].append(missing)
                continue
            number, span = place
            claim, wrong = self._claim(found, span, sentences[number])
            faults[number] += wrong
            if claim and not any(_same(claim, other) for other in claims.get(number, ())):
                claims[number].append(claim)
        for item in answer.excluded:
            number = item.sentence
            if number in sentences and number not in claims and number not in left_out:
                span, detail = sentences[number], " ".join(item.detail.split())
                left_out[number] = excluded(self._article, *span, item.reason, detail)
        for number in sentences:
            if not (claims.get(number) or number in left_out or faults.get(number)):
                faults[number].append("it is in no claim and in no exclusion")
        faulty = {number: faults[number] for number in sentences if faults.get(number)}
        return Verified(
            [claim for n in sentences if n not in faulty for claim in claims.get(n, [])],
            [left_out[n] for n in sentences if n not in faulty and n in left_out],
            faulty,
        )

    def _claim(
        self, found: FoundClaim, span: Span, sentence_span: Span
    ) -> tuple[Claim | None, list[str]]:
        """The claim where nothing is wrong with it, else what is."""
        text = " ".join(found.text.split())
        if not text or len(text) > _LONGEST_TEXT:
            return None, ["a claim has no text" if not text else "a claim is too long for one"]
        quote = self._article.text[slice(*span)]
        sentence = self._article.text[slice(*sentence_span)]
        lower = text.lower()
        # What the text does not have was not added to it.
        added = [" ".join(item.split()) for item in found.context_added]
        added = [item for item in added if item and item.lower() in lower]
        faults = [f for item in added for f in self._grounds.faults_of_addition(item, sentence)]
        faults += self._grounds.faults_of_text(text, quote, added)
        faults += self._grounds.faults_of_names(text)
        speaker = " ".join((found.speaker or "").split()) or None
        if speaker and self._grounds.faults_of_addition(speaker, sentence):
            faults.append(f"the article names no speaker {speaker[:80]!r}")
        for what in found.unclear:
            faults += self._grounds.faults_of_names(what)
        if _PRONOUN_FIRST.match(text) and not found.unclear:
            pronoun = text.split()[0]
            faults.append(f"who is {pronoun!r}? Write the name, or say in unclear what is open")
        if faults:
            return None, [f"of the claim {text[:80]!r}: {fault}" for fault in dict.fromkeys(faults)]
        claim = Claim(
            id="c0",
            text=text,
            quote=quote,
            start=span[0],
            end=span[1],
            kind=_kind(found.kind, quote),
            speaker=speaker,
            context_added=[item for item in added if find_verbatim(item, quote) is None],
            unclear=[" ".join(what.split()) for what in found.unclear if what.strip()],
        )
        return claim, []

    def _place(self, found: FoundClaim, sentences: Mapping[int, Span]) -> tuple[int, Span] | None:
        """Where the quote stands: in its sentence, or in a neighbour by a slip of one number."""
        for number in (found.sentence, found.sentence + 1, found.sentence - 1):
            if number in sentences:
                start, end = sentences[number]
                if span := find_verbatim(found.quote, self._article.text[start:end]):
                    return number, (start + span[0], start + span[1])
        return None


def _kind(kind: ClaimKind, quote: str) -> ClaimKind:
    """The kind, unless it is a quotation of no words in quotation marks."""
    if kind == "quotation" and not quotations(quote):
        return "quantity" if quantities(quote) else "fact"
    return kind


def _same(one: Claim, other: Claim) -> bool:
    overlap = one.start < other.end and other.start < one.end
    return overlap and one.text.casefold() == other.text.casefold()
