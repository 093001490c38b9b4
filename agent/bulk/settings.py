"""The choices of a bulk check, as any process can be sent them to build its own checker."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from agent import __version__
from agent.check import PASSAGES, FactChecker
from agent.decide import Rules
from agent.errors import LibraryEmpty
from agent.gateway.asking import Asking
from agent.gateway.budget import Limits
from agent.judges import EMBEDDED
from tools.library import Library

if TYPE_CHECKING:
    from agent.gateway.prices import Price


_QUESTIONS = 4
"""Questions that an article is taken to have under way: fewer than it has claims, since it is
also read, split and searched for."""
_IN_BATCHES = 256
"""Articles of which each stage is one batch: a batch takes up to a day, however small it is."""


@dataclass(frozen=True)
class Settings:
    """What `FactChecker` is made with; plain data that can be pickled.

    Attributes:
        library: folder of the library.
        embedder: its name, as `tools.models.embedder.embedder_named` takes it.
        in_batches: whether the model's questions go in a provider's batches.
        expected: the fingerprint under which reports will be noted: nothing is checked where it
            is another by the time the library is opened for that.
        model, base_url, as_of, since, exclude, publishers, languages, tags, min_origins, passages,
            journal, asking, limits, price: as of `FactChecker`.
    """

    library: Path
    model: str = EMBEDDED
    base_url: str | None = None
    embedder: str | None = None
    as_of: str | None = None
    since: str | None = None
    exclude: tuple[str, ...] = ()
    publishers: tuple[str, ...] = ()
    languages: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    min_origins: int = 1
    passages: int = PASSAGES
    journal: bool = True
    asking: Asking = field(default_factory=Asking)
    limits: Limits = field(default_factory=Limits)
    price: Price | None = None
    in_batches: bool = False
    expected: str | None = None

    def checker(self, on_notice: Callable[[str], None] | None = None) -> FactChecker:
        """A checker with these settings; loads nothing yet.

        Args:
            on_notice: told in one line what the user should know.

        Raises:
            UsageError: an option that cannot be meant.
        """
        from tools.models.embedder import embedder_named

        return FactChecker(
            self.library,
            self.model,
            base_url=self.base_url,
            as_of=self.as_of,
            since=self.since,
            exclude=self.exclude,
            publishers=self.publishers,
            languages=self.languages,
            tags=self.tags,
            min_origins=self.min_origins,
            passages=self.passages,
            journal=self.journal,
            asking=self.asking,
            limits=self.limits,
            price=self.price,
            on_notice=on_notice,
            embedder=embedder_named(self.embedder),
        )

    def fingerprint(self, on_notice: Callable[[str], None] | None = None) -> str:
        """SHA-256, in hexadecimal, of all that a report depends on beside its article: a report
        that was made with another is out of date.

        Args:
            on_notice: as of `checker`.

        Raises:
            LibraryError: the library is missing, empty, locked or damaged.
            UsageError: an option that cannot be meant.
        """
        checker = self.checker(on_notice)
        with Library.open(self.library, checker.embedder, on_notice=on_notice) as library:
            return self.fingerprint_with(checker, library)

    def fingerprint_with(self, checker: FactChecker, library: Library) -> str:
        """As `fingerprint`, of a library that is open.

        Args:
            checker: as of `checker`.
            library: opened with its embedder.

        Raises:
            LibraryEmpty: it has no source.
        """
        state = library.state()
        rules = Rules(self.min_origins, library.reputations())
        if not state.sources:
            raise LibraryEmpty(
                f"the library {self.library} has no source to check articles against",
                "Add sources: assay sources add PATH",
            )
        identity: list[Any] = [__version__, self.model, self.base_url, self.as_of, self.passages]
        identity += [self.asking.api, state.fingerprint, checker.embedder.id]
        identity += [checker.judges.prompts(), checker.selection.settings, rules.settings]
        return hashlib.sha256(json.dumps(identity, sort_keys=True).encode()).hexdigest()

    @property
    def at_once(self) -> int:
        """Articles under way at once in one process.

        The embedded judge takes all the processor there is for one article; a language model
        is waited for, and an article alone seldom has as many questions as may be under way.
        """
        if self.model == EMBEDDED:
            return 1
        if self.in_batches:
            return _IN_BATCHES
        return max(2, self.asking.concurrency // _QUESTIONS)
