"""What each kind of suite asks of the product, one sample after the other.

    VerifyTask      the judge, on the evidence given
    EndToEndTask    retrieval from a library of the suite's corpus, rating, decision
    SplitTask       the splitter: extraction, and check-worthiness (a text that yields a claim)
    ChatTask        the answer to a question from such a library
    ArticleTask     the whole check against a library of the suite's sources

An outcome is a plain JSON object: `id`, `input`, `gold`, `prediction`, `probabilities`,
`error`, and what the kind adds. A sample that fails has an error and no prediction.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from agent.ask import aask
from agent.check import PASSAGES, FactChecker
from agent.claims import Splitter
from agent.compare.ruling import verdict_of
from agent.decide import decide
from agent.errors import ClaimFailed
from agent.judges import EMBEDDED
from agent.rate import Rater
from agent.rate.judge import EmbeddedJudge
from agent.rate.windows import Pair
from agent.types import Article, CheckedClaim, Claim, Hit, Passage, Report, Source
from evals import chat
from evals.corpora import Built, OnBuild, build_library
from evals.entailment import Covered, Statement, covering, held_against
from evals.matching import match
from evals.outcomes import (
    DEPTHS,
    Outcome,
    accounted,
    bare_claim,
    by_verdict,
    cited,
    decided,
    failed,
    places,
    rated,
    share_out,
    splitting,
    unfit,
)
from evals.samples import (
    UNWORTHY,
    WORTHY,
    ArticleSample,
    ClaimSample,
    PairSample,
    QuestionSample,
    TextSample,
    WorthSample,
)
from evals.suites import Suite
from tools.library import Library
from tools.library.retrieval import retrieve, retrieve_many
from tools.text.sentences import sentence_spans
from tools.text.spinning import is_spun

if TYPE_CHECKING:
    from agent.gateway.counters import Counters
    from agent.gateway.model import LanguageModel
    from tools.models.embedder import Embedder

_EMBEDDED_BATCH = 16
"""Pairs judged together: enough to keep all cores busy, few enough to lose when killed."""


@dataclass
class Product:
    """What the product splits and rates with."""

    splitter: Splitter
    rater: Rater
    judge: EmbeddedJudge | None
    model: LanguageModel | None

    @property
    def batch(self) -> int:
        return 1 if self.model else _EMBEDDED_BATCH

    def counters(self) -> Counters | None:
        return self.model.usage if self.model else None


class VerifyTask:
    """The judge alone, as `assay verify` asks it."""

    def __init__(self, product: Product) -> None:
        self._product = product
        self.judge = product.rater.name
        self.batch = product.batch
        self.counters = product.counters

    async def outcomes(self, samples: Sequence[PairSample]) -> list[Outcome]:
        faults = {s.id: fault for s in samples if (fault := unfit(s.claim, s.evidence))}
        fit = [sample for sample in samples if sample.id not in faults]
        judge = self._product.judge
        if judge is None:
            said = [await self._with_model(sample) for sample in fit]
        else:
            said = await asyncio.to_thread(self._with_judge, judge, fit)
        by_id = dict(zip((sample.id for sample in fit), said, strict=True))
        by_id |= {id_: failed(fault) for id_, fault in faults.items()}
        return [_pair(sample) | by_id[sample.id] for sample in samples]

    @staticmethod
    def _with_judge(judge: EmbeddedJudge, samples: Sequence[PairSample]) -> list[Outcome]:
        if not samples:
            return []
        texts = ["\n".join(sample.evidence) for sample in samples]
        pairs = [
            Pair(sample.claim, text, spun=is_spun(text))
            for sample, text in zip(samples, texts, strict=True)
        ]
        return [
            rated(verdict_of(judgement.probabilities), judgement.probabilities)
            for judgement in judge.judge(pairs)
        ]

    async def _with_model(self, sample: PairSample) -> Outcome:
        hits = [_given(number, text) for number, text in enumerate(sample.evidence) if text.strip()]
        try:
            evidence = await self._product.rater.rate(bare_claim(sample.claim), hits)
        except ClaimFailed as fault:
            return failed(fault)
        decision = decide(bare_claim(sample.claim), evidence, sources_searched=len(hits))
        return decided(decision, {})


def _pair(sample: PairSample) -> Outcome:
    asked = {"claim": sample.claim, "evidence": sample.evidence}
    return {"id": sample.id, "input": asked, "gold": sample.label, "meta": sample.meta}


def _given(number: int, text: str) -> Hit:
    """Evidence that comes without a library: each passage a source of its own."""
    id_ = f"s-{number:016x}"
    source = Source(id=id_, text=text, added_at="1970-01-01T00:00:00Z", origin=id_)
    passage = Passage(id=f"{id_}:0", source_id=id_, number=0, start=0, end=len(text), text=text)
    return Hit(passage=passage, source=source, score=0.0)


class EndToEndTask:
    """A claim is retrieved for, rated and decided."""

    def __init__(self, product: Product, library: Library, built: Built) -> None:
        self._product, self._library, self._built = product, library, built
        self._sources = library.state().sources
        self.judge = product.rater.name
        self.batch = 1
        self.counters = product.counters

    async def outcomes(self, samples: Sequence[ClaimSample]) -> list[Outcome]:
        found = await asyncio.to_thread(
            retrieve_many, self._library, [sample.claim for sample in samples], n=PASSAGES
        )
        return [await self._one(s, hits) for s, hits in zip(samples, found, strict=True)]

    async def _one(self, sample: ClaimSample, hits: list[Hit]) -> Outcome:
        outcome = {
            "id": sample.id,
            "input": {"claim": sample.claim},
            "gold": sample.label,
            "gold_ids": sample.gold_ids,
            "meta": sample.meta,
            "retrieval": self._retrieval(sample, hits),
        }
        if fault := unfit(sample.claim):
            return outcome | failed(fault)
        try:
            evidence = await self._product.rater.rate(bare_claim(sample.claim), hits)
        except ClaimFailed as failure:
            return outcome | failed(failure)
        decision = decide(bare_claim(sample.claim), evidence, sources_searched=self._sources)
        return outcome | decided(decision, self._built.names)

    def _retrieval(self, sample: ClaimSample, hits: list[Hit]) -> dict[str, Any] | None:
        """Recall at each depth and reciprocal rank; None where nothing decides the claim.

        Where several sets of rows decide, the one that was found best counts.
        """
        if not sample.gold_sets:
            return None
        # First rank at which each gold row was met.
        ranks = {
            row: next((r for r, hit in enumerate(hits, 1) if self._meets(hit, row)), None)
            for gold in sample.gold_sets
            for row in gold
        }
        recall = {
            str(depth): max(
                sum((ranks[row] or depth + 1) <= depth for row in gold) / len(gold)
                for gold in sample.gold_sets
            )
            for depth in DEPTHS
        }
        first = min((rank for rank in ranks.values() if rank), default=None)
        return {
            "recall_at": {depth: round(value, 6) for depth, value in recall.items()},
            "reciprocal_rank": round(1 / first, 6) if first else 0.0,
        }

    def _meets(self, hit: Hit, row: str) -> bool:
        """Whether a passage shows a row: they share half of the shorter one."""
        source, start, end = self._built.rows.get(row, ("", 0, 0))
        passage = hit.passage
        shared = min(end, passage.end) - max(start, passage.start)
        shorter = min(end - start, passage.end - passage.start)
        return source == passage.source_id and 2 * shared >= shorter > 0


class SplitTask:
    """The splitter on a text, within its context if that is known.

    Whatever splits, what its claims say is measured by the embedded judge: one measure for all.
    """

    def __init__(self, product: Product) -> None:
        self._product = product
        self._measure = product.judge or EmbeddedJudge()
        self.judge = product.model.name if product.model else "rules"
        self.batch = 1
        self.counters = product.counters

    async def outcomes(self, samples: Sequence[TextSample | WorthSample]) -> list[Outcome]:
        return [await self._one(sample) for sample in samples]

    async def _one(self, sample: TextSample | WorthSample) -> Outcome:
        context = sample.context if isinstance(sample, TextSample) else ""
        whole, offset = sample.text, 0
        if sample.text in context:
            whole, offset = context, context.index(sample.text)
        gold: Any = sample.claims if isinstance(sample, TextSample) else sample.label
        outcome: Outcome = {"id": sample.id, "input": {"text": sample.text}, "gold": gold}
        if offset or whole != sample.text:
            outcome["input"]["context"] = context
        article = Article(id="a-0000000000000000", text=whole)
        started = time.perf_counter()
        try:
            split = await self._product.splitter.split(article, lambda *_: None)
        except ClaimFailed as fault:
            return outcome | failed(fault)
        outcome["usage"] = splitting(whole, time.perf_counter() - started)
        end = offset + len(sample.text)
        claims = [c for c in split.claims if c.start < end and offset < c.end]
        sentences = [(a, b) for a, b in sentence_spans(whole) if a < end and offset < b]
        outcome |= {"probabilities": None, "error": None}
        outcome["accounted"] = accounted(sentences, places(split.claims, split.excluded))
        found = await asyncio.to_thread(held_against, self._measure, article, claims)
        if isinstance(sample, WorthSample):
            return outcome | {"prediction": WORTHY if claims else UNWORTHY, "claims": found}
        return outcome | await asyncio.to_thread(self._beside_gold, sample, claims, found)

    def _beside_gold(
        self, sample: TextSample, claims: list[Claim], found: list[dict[str, Any]]
    ) -> Outcome:
        """What was found, with what it covers of the gold claims, and they of it."""
        texts = [claim.text for claim in claims]
        gold = [Statement(text) for text in sample.claims]
        told = [Statement(claim.text, added=claim.context_added) for claim in claims]
        covered = covering(self._measure, gold, told)
        # What takes every sentence for one claim would have found.
        sentences = [sample.text[a:b] for a, b in sentence_spans(sample.text)]
        whole = covering(self._measure, gold, [Statement(text) for text in sentences])
        return {
            "prediction": _told(found, covered),
            "matches": match(sample.claims, texts),
            "gold_covered": covered.gold,
            "sentences": {
                "found": len(sentences),
                "matched": len(match(sample.claims, sentences)),
                "covered": sum(whole.found),
                "gold_covered": sum(whole.gold),
            },
        }


def _told(found: list[dict[str, Any]], covered: Covered) -> list[dict[str, Any]]:
    """Extracted claims with whether the gold has them."""
    return [claim | {"covered": c} for claim, c in zip(found, covered.found, strict=True)]


class ChatTask:
    """A question is answered from the library, as `assay ask` does it."""

    batch = 1

    def __init__(self, product: Product, library: Library, built: Built) -> None:
        self._product, self._library, self._built = product, library, built
        self.judge = product.rater.name
        self.counters = product.counters

    async def outcomes(self, samples: Sequence[QuestionSample]) -> list[Outcome]:
        return [await self._one(sample) for sample in samples]

    async def _one(self, sample: QuestionSample) -> Outcome:
        first = await asyncio.to_thread(
            retrieve, self._library, sample.question, n=1, published_until=sample.as_of
        )
        try:
            answer = await aask(
                sample.question, self._library, rater=self._product.rater, as_of=sample.as_of
            )
        except ClaimFailed as fault:
            return chat.asked(sample) | failed(fault)
        return chat.outcome(sample, answer, first, self._library, self._built.names)


class ArticleTask:
    """The whole check, as `assay check` does it."""

    batch = 1

    def __init__(
        self,
        suite: Suite,
        model: str,
        libraries: Path,
        base_url: str | None,
        embedder: Embedder | None,
        on_build: OnBuild | None,
    ) -> None:
        self._built = build_library(suite, libraries, embedder, on_build)
        self._checker = FactChecker(
            self._built.folder, model, base_url=base_url, embedder=self._built.embedder
        )
        self.judge = model if model != EMBEDDED else EmbeddedJudge.name
        self._measure = EmbeddedJudge()
        self._taken: Counters | None = None

    def counters(self) -> Counters | None:
        return self._taken

    async def outcomes(self, samples: Sequence[ArticleSample]) -> list[Outcome]:
        return [await self._one(sample) for sample in samples]

    async def _one(self, sample: ArticleSample) -> Outcome:
        outcome = {
            "id": sample.id,
            "input": {"title": sample.document.title, "text": sample.document.text},
            "gold": [claim.model_dump() for claim in sample.claims],
            "gold_excluded": [passage.quote for passage in sample.excluded],
        }
        try:
            report = await self._checker.acheck(sample.document)
        except ClaimFailed as fault:
            return outcome | failed(fault)
        self._count(report)
        outcome["usage"] = splitting(report.article.text, report.usage.seconds.get("split"))
        spans = [
            (c.start, c.end) if c.start is not None and c.end is not None else None
            for c in sample.claims
        ]
        sentences = sentence_spans(report.article.text, report.article.language)
        gold = [Statement(c.text, c.quote, s) for c, s in zip(sample.claims, spans, strict=True)]
        told = [Statement(c.text, None, (c.start, c.end), c.context_added) for c in report.claims]
        covered = await asyncio.to_thread(covering, self._measure, gold, told, sentences)
        found = await asyncio.to_thread(held_against, self._measure, report.article, report.claims)
        return outcome | {
            "prediction": [
                claim | self._checked(checked)
                for claim, checked in zip(_told(found, covered), report.claims, strict=True)
            ],
            "probabilities": None,
            "error": None,
            "matches": match(
                [claim.text for claim in sample.claims],
                [claim.text for claim in report.claims],
                gold_spans=spans,
                found_spans=[(claim.start, claim.end) for claim in report.claims],
            ),
            "gold_covered": covered.gold,
            "accounted": accounted(sentences, places(report.claims, report.excluded)),
        }

    def _checked(self, claim: CheckedClaim) -> dict[str, Any]:
        probabilities = None
        if claim.verdict is not None and claim.confidence is not None:
            probabilities = by_verdict(share_out(claim.verdict, claim.confidence))
        return {
            "verdict": claim.verdict,
            "confidence": claim.confidence,
            "probabilities": probabilities,
            "error": claim.error.model_dump() if claim.error else None,
            "evidence": cited(claim.evidence, self._built.names),
        }

    def _count(self, report: Report) -> None:
        from agent.gateway.counters import Counters

        taken = self._taken or Counters()
        for name in ("requests", "cached", "prompt_tokens", "completion_tokens"):
            setattr(taken, name, getattr(taken, name) + getattr(report.usage, name))
        self._taken = taken
