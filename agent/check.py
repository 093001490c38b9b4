"""The way of an article to its report, top to bottom.

    read ─▶ split ─▶ retrieve ─▶ rate ─▶ decide ─▶ report

Each step is one call into one module. With a language model, claims are rated side by
side, the first of them while the last are still split, and every answer is in the journal
before its claim counts as done, so that the same command resumes what was interrupted.
"""

from __future__ import annotations

import asyncio
import hashlib
import time
from collections.abc import Awaitable, Callable, Collection, Iterator, Sequence
from contextlib import AbstractContextManager, ExitStack, contextmanager
from copy import copy
from dataclasses import dataclass, field
from datetime import date
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from agent import __version__
from agent.assembling import Settings, assemble
from agent.decide import Rules
from agent.deciding import Deciding
from agent.errors import LibraryEmpty, UsageError
from agent.gateway.asking import Asking
from agent.gateway.budget import Limits
from agent.gateway.prices import Price, price_of
from agent.gathering import Gathering
from agent.judges import EMBEDDED, Judges
from agent.rate.gate import MEASURED_WITH
from agent.report import validate
from agent.selection import Selection
from agent.types import Article, CheckedClaim, Claim, Document, Hit, Report
from tools.library import Library
from tools.library.address import local_folder
from tools.library.retrieval import retrieve_many
from tools.library.snapshots import notes_folder
from tools.models.embedder import Embedder, MiniLMEmbedder
from tools.readers import describe, read_file, read_text
from tools.text.words import names
from tools.times.publication import certainly_later

if TYPE_CHECKING:
    from agent.gateway.estimating import Estimate
    from agent.gateway.model import LanguageModel

PASSAGES = 10
"""Passages rated for each claim."""


@dataclass(frozen=True)
class Progress:
    """How far a check is: told to `on_progress` as things finish.

    Attributes:
        stage: `read`, `split`, `retrieve`, `rate`, `report`.
        done, total: finished parts of the stage; claims in `retrieve` and `rate`.
        claim: in `rate`, the claim that was just finished.
    """

    stage: str
    done: int
    total: int
    claim: CheckedClaim | None = None


OnProgress = Callable[[Progress], None]
OpenLibrary = Callable[[], AbstractContextManager[Library]]


class FactChecker:
    """Checks articles against a library.

    Args:
        library: folder of the library, or `postgresql://…` of one on a server.
        model: `embedded`, or `openai:MODEL`, `provider:model`, `scripted:FILE`, or
            `cascade:MODEL`: rules split, the embedded judge leaves out passages that decide
            nothing, and the model is asked about the rest.
        base_url: address of an OpenAI-compatible server.
        as_of: judge as of this day: sources published later are left out.
        since: leave out sources published before this day.
        exclude: ids of sources to leave out, or their beginnings where no other begins so.
        publishers, languages, tags: only sources of these publishers, in these languages (ISO
            639-1), with one of these tags.
        min_origins: independent origins that it takes to support a claim, at least 1.
        passages: passages rated for each claim, at least 1.
        journal: keep a language model's answers with the library, and take them from there.
        asking: how a language model is asked: questions at once, time, which API, a trace.
        limits: what may be spent; claims that it does not reach for are failed, kind `budget`.
        price: of the model; default what `agent.gateway.prices` knows.
        on_notice: told in one line what the user should know, e.g. that a cache was rebuilt.

    Raises:
        UsageError: an option that cannot be meant.
    """

    def __init__(
        self,
        library: Path | str,
        model: str = EMBEDDED,
        *,
        base_url: str | None = None,
        as_of: str | date | None = None,
        since: str | date | None = None,
        exclude: Collection[str] = (),
        publishers: Collection[str] = (),
        languages: Collection[str] = (),
        tags: Collection[str] = (),
        min_origins: int = 1,
        passages: int = PASSAGES,
        journal: bool = True,
        asking: Asking | None = None,
        limits: Limits | None = None,
        price: Price | None = None,
        on_notice: Callable[[str], None] | None = None,
        embedder: Embedder | None = None,
    ) -> None:
        if passages < 1:
            raise UsageError("the number of passages must be at least 1")
        Rules(min_origins)  # refuses what cannot be meant
        if base_url and model == EMBEDDED:
            raise UsageError(
                "a base URL was given, but the embedded judge asks no server",
                "Name the model that the server has: --model openai:MODEL",
            )
        self.library = local_folder(library)
        self.model = model
        self.base_url = base_url
        self.selection = Selection.of(
            as_of=as_of,
            since=since,
            exclude=exclude,
            publishers=publishers,
            languages=languages,
            tags=tags,
            min_origins=min_origins,
        )
        self.passages = passages
        self.on_notice = on_notice or (lambda _: None)
        self.embedder: Embedder = embedder or MiniLMEmbedder()
        self._shared: OpenLibrary | None = None
        self.judges = Judges(
            model,
            base_url=base_url,
            folder=notes_folder(self.library),
            journal=journal,
            asking=asking,
            limits=limits or Limits(),
            price=price or price_of(model, base_url=base_url),
            notify=self.on_notice,
            skips_far=self.embedder.id == MEASURED_WITH,
        )

    def narrowed(
        self, selection: Selection, open_library: OpenLibrary | None = None
    ) -> FactChecker:
        """This checker for other sources; the two share the models that are loaded.

        Args:
            selection: the sources that are wanted.
            open_library: opens the library where others share it; it is let go as soon as all
                passages are found.
        """
        other = copy(self)
        other.selection = selection
        other._shared = open_library or self._shared
        return other

    def check(
        self,
        article: Path | str | Document | None = None,
        *,
        text: str | None = None,
        title: str | None = None,
        author: str | None = None,
        publisher: str | None = None,
        url: str | None = None,
        published_at: str | None = None,
        on_progress: OnProgress | None = None,
    ) -> Report:
        """Checks one article; see `acheck`.

        Raises:
            UsageError: an event loop runs in this thread already, as in a notebook.
        """
        _refuse_in_event_loop("check")
        return asyncio.run(
            self.acheck(
                article,
                text=text,
                title=title,
                author=author,
                publisher=publisher,
                url=url,
                published_at=published_at,
                on_progress=on_progress,
            )
        )

    async def acheck(
        self,
        article: Path | str | Document | None = None,
        *,
        text: str | None = None,
        title: str | None = None,
        author: str | None = None,
        publisher: str | None = None,
        url: str | None = None,
        published_at: str | None = None,
        on_progress: OnProgress | None = None,
    ) -> Report:
        """Checks one article.

        Args:
            article: path of a file of any kind that holds one text, or a document that was
                read already.
            text: the article's text, in place of a file.
            title, author, publisher, url, published_at: what is known about it; wins over
                what the file says.
            on_progress: told as stages and claims finish.

        Returns:
            The validated report. Claims that a model failed on are in it as failed.

        Raises:
            InputError: the article cannot be read.
            LibraryError: the library is missing, empty, locked or damaged.
            UsageError: a source to be left out is not in the library.
            ModelUnavailable: the model cannot be used; what was answered is in the journal.
        """
        tell = on_progress or (lambda _: None)
        clock = _Clock()

        with clock.stage("read"):
            known = {
                "title": title,
                "author": author,
                "publisher": publisher,
                "url": url,
                "published_at": published_at,
            }
            subject = _article(article, text, known)
        tell(Progress("read", 1, 1))

        with ExitStack() as closing:
            opened = closing.enter_context(ExitStack())
            library = opened.enter_context(self._open_library())
            left_out = self.selection.left_out(subject, library)
            searched = library.state().sources - len(left_out)
            rules = Rules(self.selection.min_origins, library.reputations())
            if not searched:
                reasons = ", ".join(sorted({source.reason for source in left_out}))
                raise LibraryEmpty(
                    f"the library {library.place} has no source to check this article against"
                    + (f" ({len(left_out)} left out: {reasons})" if left_out else ""),
                    f"Ask for less: leave out {' or '.join(asked)}"
                    if (asked := self.selection.options)
                    else "Add sources: assay sources add PATH",
                )
            deciding = Deciding(searched, rules)
            splitter, rater, model = self.judges.open(closing)
            search = partial(self._search, library, {source.source_id for source in left_out})
            try:
                async with Gathering(partial(_retrieve, search, subject), rater) as gathering:
                    with clock.stage("split"):
                        if model:
                            gathering.prepare(partial(search, ["ready"]))
                        split = await splitter.split(
                            subject,
                            lambda done, total: tell(Progress("split", done, total)),
                            # What is left of a budget once all is split is for rating.
                            _later if self.judges.limits else gathering.begin,
                        )
                        gathering.begin(split.claims)
                    with clock.stage("retrieve"):
                        total = len(split.claims)
                        await gathering.retrieved(partial(_searched, tell, total))
                    state = library.state()
                    opened.close()  # rating may take long, and others may want to write
                    tell(Progress("retrieve", total, total))
                    with clock.stage("rate"):
                        checked = await deciding.decided(
                            split.claims, gathering.evidence, partial(_rated, tell, total)
                        )
            finally:
                if model:
                    await model.aclose()
            with clock.stage("report"):
                report = assemble(
                    subject,
                    split,
                    checked,
                    left_out,
                    model=self.model,
                    judge=rater.name,
                    embedder=self.embedder.id,
                    library=state,
                    as_of=self.selection.as_of,
                    prompts=self.judges.prompts(),
                    settings={**self._settings(model), **rules.settings},
                    usage=self.judges.usage(model, clock.seconds),
                    version=__version__,
                )
                validate(report)
        tell(Progress("report", 1, 1))
        return report

    def estimate(self, article: Path | str | Document | None = None, **known: Any) -> Estimate:
        """What checking one article would take; sends nothing. See `aestimate`."""
        _refuse_in_event_loop("estimate")
        return asyncio.run(self.aestimate(article, **known))

    async def aestimate(
        self,
        article: Path | str | Document | None = None,
        *,
        text: str | None = None,
        **known: str | None,
    ) -> Estimate:
        """What checking one article would take: requests, tokens and dollars.

        The check runs against a stand-in for the model; nothing is sent, and nothing is kept.

        Args:
            article, text: as for `acheck`.
            known: title, author, publisher, url and published_at, as for `acheck`.

        Raises:
            InputError, LibraryError, UsageError: as `acheck`.
        """
        from agent.gateway.estimating import Estimate

        subject = _article(article, text, known)
        with ExitStack() as closing:
            library = closing.enter_context(self._open_library())
            left_out = self.selection.left_out(subject, library)
            splitter, rater, rehearsal = self.judges.rehearse(closing)
            split = await splitter.split(subject, lambda *_: None)
            if rehearsal is None:
                return Estimate(len(split.claims), 0, 0, 0, 0, 0.0)
            search = partial(self._search, library, {source.source_id for source in left_out})
            try:
                async with Gathering(partial(_retrieve, search, subject), rater) as gathering:
                    gathering.begin(split.claims)
                    await gathering.retrieved()
                    await Deciding().decided(split.claims, gathering.evidence)
            finally:
                await rehearsal.model.aclose()
            return rehearsal.estimate(split.claims, self.judges.price)

    def _open_library(self) -> AbstractContextManager[Library]:
        if self._shared:
            return self._shared()
        return Library.open(self.library, self.embedder, on_notice=self.on_notice)

    async def _search(
        self, library: Library, without: set[str], texts: Sequence[str]
    ) -> list[list[Hit]]:
        """The passages closest to each text."""
        reading = asyncio.ensure_future(
            asyncio.to_thread(
                retrieve_many,
                library,
                texts,
                n=self.passages,
                exclude=without,
                published_until=self.selection.as_of,
            )
        )
        try:
            return await asyncio.shield(reading)
        finally:  # a thread cannot be cancelled, and the library is not closed under it
            await asyncio.wait([reading])

    def _settings(self, model: LanguageModel | None) -> Settings:
        settings: Settings = {"passages": self.passages, **self.selection.settings}
        if model:
            settings["served_by"] = ", ".join(sorted(model.usage.served_by)) or None
            if self.judges.api != "chat":
                settings["api"] = self.judges.api
        return settings

    def load(self) -> None:
        """Loads the models that ship now, so that the first check need not wait for them."""
        self.embedder.embed(["ready"])
        self.judges.load()


async def _retrieve(
    search: Callable[[Sequence[str]], Awaitable[list[list[Hit]]]],
    article: Article,
    claims: Sequence[Claim],
) -> list[list[Hit]]:
    """The passages closest to each claim, with what is certainly later than the article marked."""
    found = await search([_query(claim, article) for claim in claims])
    return [[_dated(hit, article) for hit in hits] for hits in found]


def _dated(hit: Hit, article: Article) -> Hit:
    later = certainly_later(hit.source.published_at, article.published_at)
    return hit.model_copy(update={"later": True}) if later else hit


def _searched(tell: OnProgress, total: int, done: int) -> None:
    """Tells of claims that have their passages; of the last when the library is let go."""
    if done < total:
        tell(Progress("retrieve", done, total))


def _rated(tell: OnProgress, total: int, done: int, claim: CheckedClaim) -> None:
    tell(Progress("rate", done, total, claim))


def _later(_: Sequence[Claim]) -> None:
    """Claims are begun with when all are split."""


def _article(
    given: Path | str | Document | None, text: str | None, known: dict[str, str | None]
) -> Article:
    if (given is None) == (text is None):
        raise UsageError("give either an article or a text")
    if text is not None:
        document = read_text(text)
    else:
        document = given if isinstance(given, Document) else read_file(given or "")
    document = describe(document, **known)
    digest = hashlib.sha256(document.text.encode()).hexdigest()
    return Article(id=f"a-{digest[:16]}", **document.model_dump())


def _query(claim: Claim, article: Article) -> str:
    """What is looked for: the claim, led by the headline where it names nobody itself."""
    if article.title and not names(claim.text):
        return f"{article.title}: {claim.text}"
    return claim.text


def _refuse_in_event_loop(method: str) -> None:
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return
    raise UsageError(
        f"{method}() was called where an event loop runs already",
        f"Write: await checker.a{method}(…)",
    )


@dataclass
class _Clock:
    """Wall-clock seconds by stage."""

    seconds: dict[str, float] = field(default_factory=dict)

    @contextmanager
    def stage(self, name: str) -> Iterator[None]:
        start = time.perf_counter()
        try:
            yield
        finally:
            self.seconds[name] = round(time.perf_counter() - start, 3)
