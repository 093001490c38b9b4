"""Opens what the samples of a suite are asked of, with the embedded judge or a language model."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import ExitStack, asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from agent.errors import UsageError
from agent.judges import CASCADE, EMBEDDED
from agent.rate.judge import EmbeddedJudge
from evals.corpora import OnBuild, build_library
from evals.outcomes import (
    Outcome,
)
from evals.suites import Suite
from evals.tasks import ArticleTask, ChatTask, EndToEndTask, Product, SplitTask, VerifyTask
from tools.library import Library

if TYPE_CHECKING:
    from agent.gateway.counters import Counters
    from tools.models.embedder import Embedder


class Task(Protocol):
    """Asks for the outcomes of samples."""

    judge: str
    """Name and version of what rates or splits."""
    batch: int
    """Samples that are asked for together."""

    async def outcomes(self, samples: Sequence[Any]) -> list[Outcome]:
        """One outcome for each sample, in order.

        Raises:
            ModelUnavailable: no sample can be rated.
        """
        ...

    def counters(self) -> Counters | None:
        """What a language model has taken so far; None where none is asked."""
        ...


@asynccontextmanager
async def open_task(
    suite: Suite,
    model: str,
    *,
    folder: Path,
    libraries: Path,
    base_url: str | None = None,
    concurrency: int = 4,
    embedder: Embedder | None = None,
    on_build: OnBuild | None = None,
) -> AsyncIterator[Task]:
    """Opens what a suite's samples are asked of.

    Args:
        suite: the suite.
        model: as for `FactChecker`.
        folder: of the run; a language model's answers are kept there.
        libraries: where libraries made of corpora are kept, for all runs.
        base_url: address of an OpenAI-compatible server.
        concurrency: answers of a language model under way at once.
        embedder: default the one that ships.
        on_build: told how many sources of the corpus are in the library.

    Raises:
        UsageError: the model's name or address cannot be meant.
        LibraryError: the library cannot be made or read.
    """
    if suite.kind == "article":
        yield ArticleTask(suite, model, libraries, base_url, embedder, on_build)
        return
    if suite.kind == "chat" and model != EMBEDDED:
        raise UsageError(
            "questions cannot be put to a language model yet", "Run this suite with the default"
        )
    if suite.kind != "end to end" and model.startswith(CASCADE):
        raise UsageError(
            "a cascade chooses among retrieved passages, of which this suite has none",
            "Name the model alone, or a suite of articles or claims with a corpus",
        )
    with ExitStack() as closing:
        product = _open(model, folder, base_url, concurrency, closing)
        try:
            if suite.kind == "verify":
                yield VerifyTask(product)
            elif suite.kind == "end to end":
                built = build_library(suite, libraries, embedder, on_build)
                library = closing.enter_context(Library.open(built.folder, built.embedder))
                yield EndToEndTask(product, library, built)
            elif suite.kind == "chat":
                built = build_library(suite, libraries, embedder, on_build)
                library = closing.enter_context(Library.open(built.folder, built.embedder))
                yield ChatTask(product, library, built)
            else:
                yield SplitTask(product)
        finally:
            if product.model:
                await product.model.aclose()


def _open(
    model: str, folder: Path, base_url: str | None, concurrency: int, closing: ExitStack
) -> Product:
    if model == EMBEDDED:
        from agent.claims.rules import RuleSplitter
        from agent.rate.embedded import EmbeddedRater

        judge = EmbeddedJudge()
        # As a check has it: the libraries of suites are of the embedder that ships.
        return Product(RuleSplitter(), EmbeddedRater(judge, skips_far=True), judge, None)
    from agent.claims.model import ModelSplitter
    from agent.gateway.asking import Asking
    from agent.gateway.journal import Journal
    from agent.gateway.opening import open_model
    from agent.rate.model import ModelRater

    journal = closing.enter_context(Journal(folder / "journal.sqlite"))
    name = model.removeprefix(CASCADE)
    opened = open_model(name, base_url=base_url, journal=journal, asking=Asking(concurrency))
    if name != model:
        from agent.claims.rules import RuleSplitter
        from agent.rate.cascade import CascadeRater

        return Product(
            RuleSplitter(), CascadeRater(EmbeddedJudge(), ModelRater(opened)), None, opened
        )
    return Product(ModelSplitter(opened), ModelRater(opened), None, opened)
