"""Claims of the first paragraphs are rated while the rest of an article is still split."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import agent.claims.model as splitting
from agent import FactChecker
from agent.check import Progress
from agent.claims import OnClaims, Split
from agent.claims.model import ModelSplitter, stretches_of
from agent.claims.rules import RuleSplitter
from agent.claims.verifying import Extraction
from agent.errors import ModelUnavailable
from agent.gateway.asking import Asking
from agent.gateway.budget import Limits
from agent.types import Article, Claim, Evidence, Hit
from evals.llm import model_server
from prompts import Rendered
from tests.conftest import BRIDGE, BRIDGE_SCRIPT

if TYPE_CHECKING:
    from agent.gateway.model import LanguageModel

TEXT = "The Tallis Bridge cost 12 million euros.\n\nThe new ferry carries 90 cars."


class Rating:
    """Rates nothing, and notes whom it was asked about."""

    name = "none"

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.began = asyncio.Event()

    async def rate(self, claim: Claim, hits: Sequence[Hit]) -> list[Evidence]:
        self.asked.append(claim.id)
        self.began.set()
        return []


class InParts:
    """Splits by rules; after the first claim is told the rest takes as long as `rest` does."""

    def __init__(self, rest: Callable[[], Any]) -> None:
        self._rest = rest

    async def split(
        self,
        article: Article,
        on_done: Callable[[int, int], None],
        on_claims: OnClaims = lambda _: None,
    ) -> Split:
        split = await RuleSplitter().split(article, on_done)
        on_claims(split.claims[:1])
        await self._rest()
        return split


def checker(library: Path, rest: Callable[[], Any], rating: Rating, **more: Any) -> FactChecker:
    made = FactChecker(library, **more)
    made.judges.open = lambda closing: (InParts(rest), rating, None)  # type: ignore[method-assign]
    return made


async def test_the_first_claims_are_rated_while_the_others_are_still_split(
    word_library: Path,
) -> None:
    rating = Rating()

    async def until_the_first_is_rated() -> None:
        await asyncio.wait_for(rating.began.wait(), 20)

    told: list[Progress] = []
    report = await checker(word_library, until_the_first_is_rated, rating).acheck(
        text=TEXT, on_progress=told.append
    )
    assert rating.asked == [claim.id for claim in report.claims] == ["c1", "c2"]
    stages = list(dict.fromkeys(progress.stage for progress in told))
    assert stages == ["read", "split", "retrieve", "rate", "report"]
    found = [(progress.done, progress.total) for progress in told if progress.stage == "retrieve"]
    assert found == [(1, 2), (2, 2)], "how far the search is, claims that go together at once"


async def test_within_a_budget_nothing_is_rated_before_all_is_split(word_library: Path) -> None:
    rating = Rating()

    async def a_while() -> None:
        await asyncio.sleep(0.1)
        assert rating.asked == []

    limits = Limits(tokens=100_000)
    await checker(word_library, a_while, rating, limits=limits).acheck(text=TEXT)
    assert rating.asked == ["c1", "c2"]


async def test_what_is_under_way_is_cancelled_when_splitting_fails(word_library: Path) -> None:
    ended = asyncio.Event()

    class Slow(Rating):
        async def rate(self, claim: Claim, hits: Sequence[Hit]) -> list[Evidence]:
            self.began.set()
            try:
                await asyncio.sleep(60)
            finally:
                ended.set()
            return []

    rating = Slow()

    async def fails() -> None:
        await rating.began.wait()
        raise RuntimeError("a defect")

    with pytest.raises(RuntimeError, match="a defect"):
        await checker(word_library, fails, rating).acheck(text=TEXT)
    assert ended.is_set()


async def test_answers_on_their_way_reach_the_journal_when_splitting_finds_no_model(
    word_library: Path,
) -> None:
    kept: list[str] = []

    class Answering(Rating):
        async def rate(self, claim: Claim, hits: Sequence[Hit]) -> list[Evidence]:
            self.began.set()
            await asyncio.sleep(0.05)
            kept.append(claim.id)
            return []

    rating = Answering()

    async def fails() -> None:
        await rating.began.wait()
        raise ModelUnavailable("quota", "nothing is left")

    with pytest.raises(ModelUnavailable, match="nothing is left"):
        await checker(word_library, fails, rating).acheck(text=TEXT)
    assert kept == ["c1"]


class OutOfOrder:
    """The model of the evals' server, whose answers on stretches come in an order of their own."""

    def __init__(self, order: Sequence[int]) -> None:
        self._order = iter(order)

    async def answer(self, prompt: Rendered, schema: type[Extraction]) -> Extraction:
        for _ in range(next(self._order)):
            await asyncio.sleep(0)
        body = {"messages": [{"content": prompt.system}, {"content": prompt.user}]}
        return schema.model_validate(model_server.answer(body))


@given(order=st.permutations(range(0, 40, 10)))
@settings(max_examples=8)
def test_claims_are_told_once_in_their_order_and_with_their_numbers(order: list[int]) -> None:
    text = "\n\n".join([model_server.article(9), model_server.article(3), "Nobody spoke."])
    article = Article(id="a-1", text=text, language="en")
    told: list[Claim] = []
    with pytest.MonkeyPatch.context() as changed:
        changed.setattr(splitting, "SENTENCES", 4)
        assert len(stretches_of(article)) == len(order)
        splitter = ModelSplitter(cast("LanguageModel", OutOfOrder(order)))
        split = asyncio.run(splitter.split(article, lambda *_: None, told.extend))
    assert [claim.id for claim in told] == [f"c{number}" for number in range(1, 10)]
    again: dict[str, object] = {"also_at": [], "linked": []}
    assert [claim.model_copy(update=again) for claim in split.claims] == told
    assert [len(claim.also_at) for claim in split.claims] == [1] * 3 + [0] * 6
    assert [excluded.quote for excluded in split.excluded] == ["Nobody spoke."]


def test_the_report_says_by_which_interface_a_model_was_asked(word_library: Path) -> None:
    for asking in (Asking(), Asking(api="responses")):
        report = FactChecker(word_library, BRIDGE_SCRIPT, journal=False, asking=asking).check(
            BRIDGE
        )
        assert report.run.settings.get("api", "chat") == asking.api
