"""A model's answer, sentence by sentence, held to the passages that it cites.

The model names passages by number; here the numbers become citations with offsets, and the judge
says whether the passages carry the sentence. A number that no tool has shown counts for nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from agent.ask import NOT_SAID, AnswerSentence, Backing, Citation
from agent.chat.tools import Excerpts
from agent.rate import Rater
from agent.types import Claim, Evidence, Hit
from tools.text.sentences import sentence_spans

_MARKER = re.compile(r"\s*\[(\d{1,4}(?:\s*[,;]\s*\d{1,4})*)\]")
_MARKERS_AFTER = re.compile(r"([.!?…][”\"’)]?)((?:\s*\[\d{1,4}(?:\s*[,;]\s*\d{1,4})*\])+)")
_SENTENCE_MOST = 1000
"""Characters; what is longer is no sentence and is not compared with anything."""


class Written(NamedTuple):
    """A sentence as a model wrote it."""

    text: str
    """Without its markers."""
    numbers: list[int]
    """What it cites, as the model gave it, each once."""


def written(answer: str) -> Iterator[Written]:
    """The sentences of an answer with what each cites.

    A marker after a full stop belongs to the sentence that the full stop ends.
    """
    moved = _MARKERS_AFTER.sub(r"\2\1", answer)
    for paragraph in moved.splitlines():
        for start, end in sentence_spans(paragraph):
            piece = paragraph[start:end]
            numbers = [int(n) for m in _MARKER.finditer(piece) for n in re.findall(r"\d+", m[1])]
            text = " ".join(_MARKER.sub("", piece).split()).lstrip("-*• ")
            if any(character.isalnum() for character in text):
                yield Written(text, list(dict.fromkeys(numbers)))


def unmarked(answer: str) -> str:
    """An answer without its markers, which mean nothing in a later turn."""
    return _MARKER.sub("", answer)


class Backed:
    """The sentences of one answer that were compared, and the citations that they share."""

    def __init__(self, excerpts: Excerpts, rater: Rater) -> None:
        self.citations: list[Citation] = []
        self._excerpts = excerpts
        self._rater = rater

    async def check(self, sentence: Written) -> AnswerSentence | None:
        """What the passages cited say of a sentence; None where they contradict it.

        Raises:
            ClaimFailed, ModelUnavailable: as the rater.
        """
        text = sentence.text
        if text.casefold().rstrip(".") == NOT_SAID.casefold().rstrip("."):
            return AnswerSentence(text=NOT_SAID, status="not_said")
        hits = [hit for number in sentence.numbers if (hit := self._excerpts.get(number))]
        if not hits:
            return AnswerSentence(text=text, status="uncited")
        evidence: Sequence[Evidence] = []
        if len(text) <= _SENTENCE_MOST:
            claim = Claim(id="c1", text=text, quote=text, start=0, end=len(text))
            evidence = await self._rater.rate(claim, hits)
        by_stance = {s: [e for e in evidence if e.stance == s] for s in ("supports", "contradicts")}
        if by_stance["contradicts"] and not by_stance["supports"]:
            return None
        status: Backing = "unsupported"
        if by_stance["supports"]:
            status = "disputed" if by_stance["contradicts"] else "supported"
        deciding = [*by_stance["supports"], *by_stance["contradicts"]]
        cited = [_of_evidence(e) for e in deciding] or [_of_hit(hit) for hit in hits]
        numbers = [self._number(citation) for citation in cited]
        return AnswerSentence(text=text, citations=list(dict.fromkeys(numbers)), status=status)

    def _number(self, citation: Citation) -> int:
        """The citation's number in this answer, counted from 1."""
        place = (citation.source_id, citation.start, citation.end, citation.stance)
        for number, known in enumerate(self.citations, 1):
            if (known.source_id, known.start, known.end, known.stance) == place:
                return number
        self.citations.append(citation)
        return len(self.citations)


def _of_evidence(item: Evidence) -> Citation:
    return Citation(**item.model_dump(include=set(Citation.model_fields) - {"also_in"}))


def _of_hit(hit: Hit) -> Citation:
    """A passage that decides nothing, quoted whole."""
    passage = hit.passage
    return Citation.of(hit, passage.text, passage.start, passage.end)
