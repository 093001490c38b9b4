"""What splits an article and rates its claims, as the user named it.

`embedded` is rules and the judge that ships; a model's name asks that model about everything;
in `cascade:MODEL` rules split, and the judge leaves out passages that decide nothing; a claim that
it is sure of it settles itself, which for the thresholds as they ship is none.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import ExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from threading import Thread
from typing import TYPE_CHECKING

from agent.claims import Splitter
from agent.errors import UsageError
from agent.gateway.asking import Api, Asking
from agent.gateway.budget import Budget, Ledger, Limits
from agent.gateway.pace import shared_pace
from agent.gateway.prices import Price, paid
from agent.rate import Rater
from agent.types import Usage

if TYPE_CHECKING:
    from langchain_core.language_models import BaseChatModel

    from agent.gateway.budget import Purse
    from agent.gateway.estimating import Rehearsal
    from agent.gateway.journal import Journal
    from agent.gateway.keeping import Answers
    from agent.gateway.model import LanguageModel
    from agent.gateway.pace import Pace
    from agent.rate.judge import EmbeddedJudge

EMBEDDED, CASCADE = "embedded", "cascade:"


def language_model_of(name: str) -> str:
    """The language model within what the user named, `embedded` excepted.

    Raises:
        UsageError: a cascade names none.
    """
    model = name.removeprefix(CASCADE)
    if name.startswith(CASCADE) and model in ("", EMBEDDED):
        raise UsageError(
            f"{name!r} names no language model for the embedded judge to choose for",
            "Name one, as cascade:openai:MODEL, or use embedded alone",
        )
    return model


@dataclass(frozen=True)
class Lent:
    """What the models of several processes share, as one of them has it.

    Attributes:
        journal: keeps answers; None keeps none.
        budget: what may be spent; None is no limit.
        pace: gives the limiter of a server and a key.
        holder: names this process to who lends.
    """

    journal: Answers | None
    budget: Purse | None
    pace: Callable[[str, str], Pace]
    holder: str


@dataclass
class Judges:
    """Opens what splits and what rates.

    Attributes:
        model: as the user named it.
        base_url: address of an OpenAI-compatible server.
        folder: of the library; the journal of answers and what was spent are kept there.
        journal: whether answers are kept, and taken from there.
        limits, price: what may be spent, and what the model costs.
        notify: told in one line what the user should know.
        asking: how the model is asked.
        skips_far: whether the embedded judge may leave far passages unread (`EmbeddedRater`).
        lent: in place of a journal, budget and limiter of its own.
        chat: stands in for the model, as evals need it; no server is asked then.
    """

    model: str
    base_url: str | None
    folder: Path
    journal: bool
    limits: Limits
    price: Price | None
    notify: Callable[[str], None]
    asking: Asking | None = None
    lent: Lent | None = None
    chat: BaseChatModel | None = None
    skips_far: bool = False
    _judge: EmbeddedJudge | None = field(default=None, init=False, repr=False)
    _model: LanguageModel | None = field(default=None, init=False, repr=False)
    """Shared by all checks, within `sharing`."""

    def open(self, closing: ExitStack) -> tuple[Splitter, Rater, LanguageModel | None]:
        """The splitter, the rater, and the model that they ask; the caller closes the model.

        Args:
            closing: closes what stays open until then.

        Raises:
            UsageError: the model's name has no known form.
            ModelUnavailable: there is no key.
        """
        if self.model == EMBEDDED:
            return *self._offline(), None
        model = self._model.apart() if self._model else self._opened(closing)
        return *self._asking(model, self.notify), model

    @asynccontextmanager
    async def sharing(self) -> AsyncIterator[None]:
        """Within, all checks ask one model: with one journal, one budget, and so many questions
        at once as one check may have. Belongs to one event loop, as the model does.

        Raises:
            UsageError, ModelUnavailable: as `open`.
        """
        with ExitStack() as closing:
            model = None if self.model == EMBEDDED else self._opened(closing)
            self._model = model
            try:
                yield
            finally:
                self._model = None
                if model:
                    await model.aclose()

    def rehearse(self, closing: ExitStack) -> tuple[Splitter, Rater, Rehearsal | None]:
        """The same with a stand-in for the model: nothing is sent, and nothing is kept."""
        if self.model == EMBEDDED:
            return *self._offline(), None
        from agent.gateway.estimating import Rehearsal

        known = self._journal(closing) if self._journal_path.exists() else None
        rehearsal = Rehearsal(self._asked, base_url=self.base_url, journal=known)
        return *self._asking(rehearsal.model, lambda _: None), rehearsal

    def load(self) -> None:
        """Loads the embedded judge now, where it is needed."""
        if self.model == EMBEDDED or self.model.startswith(CASCADE):
            self._embedded().load()

    def usage(self, model: LanguageModel | None, seconds: dict[str, float]) -> Usage:
        """What the model has taken; the embedded judge takes time only."""
        if model is None:
            return Usage(cost_usd=0.0, seconds=seconds)
        taken = model.usage
        return Usage(
            requests=taken.requests,
            cached=taken.cached,
            prompt_tokens=taken.prompt_tokens,
            completion_tokens=taken.completion_tokens,
            cost_usd=paid(taken, self.price),
            seconds=seconds,
        )

    def prompts(self) -> dict[str, str]:
        """Version of each prompt that is used, by its name."""
        if self.model == EMBEDDED:
            return {}
        import prompts
        from agent.claims.model import PROMPT as EXTRACT
        from agent.rate.model import PROMPT as RATE

        asked = (RATE,) if self.model.startswith(CASCADE) else (EXTRACT, RATE)
        return {name: prompts.load(name).version for name in asked}

    @property
    def api(self) -> Api:
        """What a model is asked by."""
        return (self.asking or Asking()).api

    def _opened(self, closing: ExitStack) -> LanguageModel:
        from agent.gateway.opening import open_model

        return open_model(
            self._asked,
            base_url=self.base_url,
            journal=self.lent.journal if self.lent else self._journal(closing),
            asking=self.asking,
            budget=self.lent.budget if self.lent else self._budget(closing),
            pace_of=self.lent.pace if self.lent else shared_pace,
            replaying=True if self.chat else None,
            chat=self.chat,
        )

    @property
    def _asked(self) -> str:
        return language_model_of(self.model)

    def _offline(self) -> tuple[Splitter, Rater]:
        from agent.claims.rules import RuleSplitter
        from agent.rate.embedded import EmbeddedRater

        is_new = self._judge is None
        judge = self._embedded()
        if is_new:  # loaded while the article is split and the library searched
            Thread(target=judge.load, name="loading").start()
        return RuleSplitter(), EmbeddedRater(judge, skips_far=self.skips_far)

    def _asking(
        self, model: LanguageModel, notify: Callable[[str], None]
    ) -> tuple[Splitter, Rater]:
        """What asks a language model: about all, or in a cascade about what is left."""
        from agent.rate.model import ModelRater

        if self.model.startswith(CASCADE):
            from agent.claims.rules import RuleSplitter
            from agent.rate.cascade import CascadeRater

            return RuleSplitter(), CascadeRater(self._embedded(), ModelRater(model))
        from agent.claims.model import ModelSplitter

        return ModelSplitter(model, notify=notify), ModelRater(model)

    def _embedded(self) -> EmbeddedJudge:
        """The judge is kept, since it is slow to load; a rater's lock belongs to one event loop."""
        from agent.rate.judge import EmbeddedJudge

        self._judge = self._judge or EmbeddedJudge()
        return self._judge

    @property
    def _journal_path(self) -> Path:
        return self.folder / "journal.sqlite"

    def _journal(self, closing: ExitStack) -> Journal | None:
        """The journal beside the library, where answers are kept."""
        if not self.journal:
            return None
        from agent.gateway.journal import Journal

        return closing.enter_context(Journal(self._journal_path, notify=self.notify))

    def _budget(self, closing: ExitStack) -> Budget | None:
        if not self.limits:
            return None
        ledger = None
        if self.limits.daily:
            ledger = closing.enter_context(Ledger(self.folder / "spending.sqlite"))
        return Budget(self.limits, self.price, ledger=ledger, model=self.model)
