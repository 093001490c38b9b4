"""Several articles at once: how many are asked for, the places at the model, batches."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from agent.bulk.items import Item, item
from agent.bulk.run import check_all
from agent.gateway.asking import Asking
from agent.gateway.model import LanguageModel
from agent.types import Document
from tests.batch_endpoints import FakeBatches
from tests.bulk_runs import STORY, how, runs_of, write_archive
from tests.conftest import Assay, answers
from tests.model_server import ModelServer


def stories(number: int) -> Iterator[Item]:
    for each in range(number):
        yield item(Document(text=STORY, title=f"Bridge {each}"), f"{each}")


def test_articles_are_asked_for_when_there_is_room_for_them(word_library: Path) -> None:
    taken = 0

    def counted() -> Iterator[Item]:
        nonlocal taken
        for each in stories(50):
            taken += 1
            yield each

    chosen = how(word_library, asking=Asking(8))
    outcomes = check_all(counted(), chosen)
    for ended in range(1, 4):
        next(outcomes)
        assert taken <= chosen.at_once + ended
    outcomes.close()


def test_articles_share_the_places_at_the_model(
    word_library: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    under_way = most = 0
    exchange = LanguageModel._exchange

    async def counted(self: LanguageModel, *given: Any) -> Any:
        nonlocal under_way, most
        under_way += 1
        most = max(most, under_way)
        try:
            return await exchange(self, *given)
        finally:
            under_way -= 1

    monkeypatch.setattr(LanguageModel, "_exchange", counted)
    outcomes = list(check_all(stories(6), how(word_library, asking=Asking(3))))
    assert most <= 3
    # Each knows its own share, though one model answered all.
    assert [each.usage.requests + each.usage.cached for each in outcomes] == [4] * 6
    assert sorted(each.name for each in outcomes) == [str(number) for number in range(6)]


def test_the_questions_of_several_articles_go_in_batches(
    assay: Assay, word_library: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    bulk = runs_of(assay, word_library, write_archive(tmp_path / "archive"), tmp_path / "out")
    monkeypatch.setattr("agent.gateway.batching.QUIET", 0.2)
    monkeypatch.setattr("agent.gateway.batch_api.FIRST_LOOK", 0.01)
    monkeypatch.setenv("OPENAI_API_KEY", "sk-test-93b1f06e7d2c")
    endpoints = FakeBatches()
    with ModelServer(answers("bridge"), batches=endpoints) as server:
        result = bulk("--batch", "--base-url", server.url, model="openai:judge-1")
    assert result.code == 0, result.err
    # The first of three splittings goes alone; the three claims are the same in all articles.
    batches = range(len(endpoints.batches))
    assert sum(len(endpoints.requests(number)) for number in batches) == 2 + 3
    assert len(server.requests) == 1
