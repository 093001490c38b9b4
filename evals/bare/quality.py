"""Verdicts of both pipelines on the suites' claims, from the same reader.

Each is given the claims of the key, finds its own passages and asks. Where a suite gives the
evidence, both are shown that. What is measured is thus retrieval and deciding, not splitting.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

from langchain_core.documents import Document
from langchain_openai import ChatOpenAI
from openai import DefaultAsyncHttpxClient

from agent.decide import decide
from agent.errors import ClaimFailed
from agent.gateway.asking import Asking
from agent.gateway.model import LanguageModel
from agent.gateway.pace import Pace
from agent.gateway.provider import open_provider
from agent.rate import Rater
from agent.rate.embedded import EmbeddedRater
from agent.rate.judge import EmbeddedJudge
from agent.rate.model import ModelRater
from agent.types import Hit, Passage, Source
from evals import scoring
from evals.bare.parts import ChromaStore
from evals.bare.pipeline import BareChecker, store_of
from evals.bare.reader import Endpoint, Rate, judge_reader, key_reader
from evals.corpora import libraries_folder
from evals.judge.judged import Asked, asked
from evals.llm.oracle import oracle
from evals.suites import Suite, load
from tools.models.embedder import MiniLMEmbedder

SUITES = ("newsroom", "negatives", "numbers", "quotes", "counterfactual")
FEW = ("newsroom", "numbers")
"""One with passages to be found, one with them given."""
MODEL, URL, KEY = "openai:judge-1", "http://model.example/v1", "sk-none"
SHOWN = (4, 10)
"""Passages that the bare pipeline is shown: the default of its store, and as many as Assay's."""
FIGURES = ("accuracy", "macro_f1", "false_conflict_rate", "false_support_rate")


class Line(NamedTuple):
    """How one pipeline did on one suite.

    Attributes:
        suite, reader, pipeline: names; the reader is empty where no model was asked.
        claims, failed: how many there were, and without a verdict.
        figures: those of `FIGURES`, each with its interval.
        requests, tokens: a claim.
        seconds: the pipeline's and the reader's together.
    """

    suite: str
    reader: str
    pipeline: str
    claims: int
    failed: int
    figures: dict[str, tuple[float | None, list[float] | None]]
    requests: float
    tokens: float
    seconds: float


@dataclass(frozen=True)
class Given:
    """A suite's claims, with what Assay found for each, and the bare pipeline's store."""

    suite: Suite
    questions: list[Asked]
    store: ChromaStore | None
    """None where the evidence is given."""


def given(suite: Suite, limit: int | None = None) -> Given:
    """Retrieves for a suite's claims and fills the bare store."""
    if limit is not None:
        suite = replace(suite, samples=suite.samples[:limit])
    questions = asked(suite, libraries_folder())
    if suite.kind == "verify":
        return Given(suite, questions, None)
    documents = [source.document for source in suite.sources()]
    texts = [
        (d.text, {"title": d.title or "", "published_at": d.published_at or ""}) for d in documents
    ]
    return Given(suite, questions, store_of(texts, MiniLMEmbedder()))


def run(
    names: Sequence[str] = SUITES, *, limit: int | None = None, shown: Sequence[int] = SHOWN
) -> Iterable[Line]:
    """A line for each suite, reader and pipeline."""
    judge = EmbeddedJudge()
    for name in names:
        what = given(load(name), limit)
        readers: dict[str, Rate] = {"judge": judge_reader(judge)}
        if (what.suite.path / "gold.jsonl").is_file():
            readers = {"key": key_reader(oracle(what.suite.path)), **readers}
        try:
            for reader, rate in readers.items():
                for k in shown if what.store else (0,):
                    yield _line(what, reader, f"bare, {k} passages" if k else "bare", rate, k)
                yield _line(what, reader, "Assay", rate, None)
        finally:
            if what.store:
                what.store.close()
        yield _embedded(what, judge)


def _line(what: Given, reader: str, pipeline: str, rate: Rate, shown: int | None) -> Line:
    endpoint = Endpoint(rate)
    if shown is None:
        work: Callable[[], Awaitable[list[str | None]]] = lambda: _assay(what, endpoint)  # noqa: E731
    else:
        work = lambda: _bare(what, endpoint, shown)  # noqa: E731
    started = time.perf_counter()
    verdicts = asyncio.run(_awaited(work))
    return _told(what, reader, pipeline, verdicts, time.perf_counter() - started, endpoint)


async def _awaited(work: Callable[[], Awaitable[list[str | None]]]) -> list[str | None]:
    return await work()


async def _bare(what: Given, endpoint: Endpoint, shown: int) -> list[str | None]:
    async with DefaultAsyncHttpxClient(transport=endpoint) as client:
        chat = ChatOpenAI(model="judge-1", base_url=URL, api_key=KEY, http_async_client=client)  # type: ignore[arg-type]
        if what.store:
            checker = BareChecker(chat, what.store.as_retriever(search_kwargs={"k": shown}))
        else:
            evidence = {q.claim.text: q.pairs for q in what.questions}
            checker = BareChecker(
                chat, lambda claim: [Document(pair.passage) for pair in evidence[claim]]
            )
        outcomes = await checker.ajudge([question.claim.text for question in what.questions])
    return [outcome.verdict for outcome in outcomes]


async def _assay(what: Given, endpoint: Endpoint) -> list[str | None]:
    provider = open_provider(MODEL, base_url=URL, api_key=KEY, transport=endpoint)
    try:
        # The reader holds up all other questions while it reads one: that is no fault of theirs.
        patient = Asking(timeout=None)
        model = LanguageModel(MODEL, provider, asking=patient, pace=Pace("the reader"))
        return await _rated(what, ModelRater(model))
    finally:
        if provider.close:
            await provider.close()


def _embedded(what: Given, judge: EmbeddedJudge) -> Line:
    started = time.perf_counter()
    verdicts = asyncio.run(_rated(what, EmbeddedRater(judge)))
    seconds = time.perf_counter() - started
    return _told(what, "", "Assay, no model", verdicts, seconds, None)


async def _rated(what: Given, rater: Rater) -> list[str | None]:
    async def one(question: Asked) -> str | None:
        hits = _given(question) if question.hits is None else question.hits
        try:
            evidence = await rater.rate(question.claim, hits)
        except ClaimFailed:
            return None
        return decide(question.claim, evidence, sources_searched=question.searched or 1).verdict

    return list(await asyncio.gather(*map(one, what.questions)))


def _given(question: Asked) -> list[Hit]:
    """Evidence that comes without a library, as a source of its own."""
    text, id_ = question.pairs[0].passage, "s-0000000000000000"
    source = Source(id=id_, text=text, added_at="1970-01-01T00:00:00Z", origin=id_)
    passage = Passage(id=f"{id_}:0", source_id=id_, number=0, start=0, end=len(text), text=text)
    return [Hit(passage=passage, source=source, score=0.0)]


def _told(
    what: Given,
    reader: str,
    pipeline: str,
    verdicts: Sequence[str | None],
    seconds: float,
    endpoint: Endpoint | None,
) -> Line:
    rated = [
        scoring.Rating(question.gold, verdict, None, question.unit)
        for question, verdict in zip(what.questions, verdicts, strict=True)
        if verdict is not None
    ]
    found: dict[str, Any] = scoring.labels(rated, seed=0)
    number = len(verdicts)
    return Line(
        what.suite.name,
        reader,
        pipeline,
        number,
        number - len(rated),
        {name: (found[name], found["ci"].get(name)) for name in FIGURES},
        endpoint.requests / number if endpoint else 0.0,
        (endpoint.sent + endpoint.got) / number if endpoint else 0.0,
        seconds,
    )


def table(lines: Iterable[Line]) -> Iterable[str]:
    """The lines as Markdown."""
    yield (
        "| Suite | Model | Pipeline | claims | " + " | ".join(FIGURES) + " "
        "| requests a claim | tokens a claim | failed | s |"
    )
    yield "|---" * (len(FIGURES) + 8) + "|"
    for line in lines:
        figures = " | ".join(_figure(*line.figures[name]) for name in FIGURES)
        yield (
            f"| {line.suite} | {line.reader or 'none'} | {line.pipeline} | {line.claims} "
            f"| {figures} | {line.requests:.2f} | {line.tokens:,.0f} | {line.failed} "
            f"| {line.seconds:.0f} |"
        )


def _figure(value: float | None, interval: list[float] | None) -> str:
    if value is None:
        return "–"
    return f"{value:.3f}" + (f" [{interval[0]:.2f}, {interval[1]:.2f}]" if interval else "")
