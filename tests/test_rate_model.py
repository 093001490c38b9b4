"""What a language model's answer on one claim becomes; how a server asks it is another matter."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from typing import Any, cast

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import prompts
from agent.gateway.answers import AnswerProblem, answer_schema
from agent.gateway.model import LanguageModel
from agent.rate.model import CERTAINTY, CLOSE, SILENT, ModelRater, Rating
from agent.types import Claim, Evidence, Hit, Passage, Source
from prompts import Rendered

TEXT = "The ferry carried {} people in May. It was repainted in June."
MOST = 6


def hits(count: int, published_at: str | None = None) -> list[Hit]:
    found = []
    for number in range(count):
        text = TEXT.format(number)
        source = Source(
            id=f"s{number}", text=text, published_at=published_at,
            added_at="2026-05-20T00:00:00+00:00", origin=f"s{number}",
        )  # fmt: skip
        passage = Passage(
            id=f"p{number}", source_id=source.id, number=0, start=0, end=len(text), text=text
        )
        found.append(Hit(passage=passage, source=source, score=0.5))
    return found


class Answering:
    """A model with one answer, which the gateway's checks are put to."""

    name = "answering"

    def __init__(self, rating: Rating) -> None:
        self.rating, self.asked = rating, list[Rendered]()

    async def answer(
        self, prompt: Rendered, schema: type[Rating], *, check: Callable[[Rating], None]
    ) -> Rating:
        self.asked.append(prompt)
        assert schema is Rating
        check(self.rating)
        return self.rating


def rated(rating: dict[str, Any], shown: Sequence[Hit]) -> tuple[list[Evidence], Rendered]:
    model = Answering(Rating.model_validate(rating))
    claim = Claim(id="c1", text="It sails.", quote="It sails.", start=0, end=9)
    items = asyncio.run(ModelRater(cast("LanguageModel", model)).rate(claim, shown))
    return items, model.asked[0]


def said(places: Sequence[str]) -> dict[str, Any]:
    """The answer that puts passages there, in order: a stance, `close` or `neutral`."""
    decided = [
        {
            "passage": number,
            "stance": place,
            "quote": f"carried {number - 1} people",
            "certainty": "low",
        }
        for number, place in enumerate(places, 1)
        if place in ("supports", "contradicts")
    ]
    lists = {
        name: [number for number, place in enumerate(places, 1) if place == name]
        for name in ("close", "neutral")
    }
    return {"explanation": "So it is.", "decided": decided, **lists}


PLACES = st.lists(
    st.sampled_from(["supports", "contradicts", "close", "neutral"]), min_size=1, max_size=MOST
)


@settings(max_examples=40)
@given(PLACES)
def test_each_passage_becomes_evidence_of_the_stance_that_it_was_given(places: list[str]) -> None:
    items, _ = rated(said(places), hits(len(places)))
    for number, (item, place) in enumerate(zip(items, places, strict=True)):
        assert item.source_id == f"s{number}"
        if place in ("supports", "contradicts"):
            assert (item.stance, item.probability) == (place, CERTAINTY["low"])
            assert item.quote == f"carried {number} people"
        else:
            assert item.stance == "neutral"
            assert item.probability == (CLOSE if place == "close" else SILENT)
            assert item.quote == f"The ferry carried {number} people in May."


@settings(max_examples=40)
@given(PLACES, st.sampled_from(["decided", "close", "neutral"]), st.data())
def test_an_answer_without_each_passage_exactly_once_is_refused(
    places: list[str], name: str, data: st.DataObject
) -> None:
    rating = said(places)
    if rating[name] and data.draw(st.booleans()):
        rating[name].pop()
    else:
        number = data.draw(st.integers(-1, len(places)) | st.just(len(places) + 2))
        one = {"passage": number, "stance": "supports", "quote": "The", "certainty": "high"}
        rating[name].append(one if name == "decided" else number)
    with pytest.raises(AnswerProblem) as refused:
        rated(rating, hits(len(places)))
    assert refused.value.kind == "bad_reply"


@pytest.mark.parametrize("quote", ["", " ", "carried 7 people", "The ferry ... in May"])
def test_a_quote_that_is_not_in_its_passage_is_refused(quote: str) -> None:
    rating = said(["supports", "neutral"])
    rating["decided"][0]["quote"] = quote
    with pytest.raises(AnswerProblem) as refused:
        rated(rating, hits(2))
    assert refused.value.kind == "bad_quote"


def test_passages_are_shown_by_number_with_the_day_they_were_published() -> None:
    _, prompt = rated(said(["neutral"]), hits(1, "2026-05-14"))
    assert f"[1, 2026-05-14] {TEXT.format(0)}" in prompt.user
    _, undated = rated(said(["neutral"]), hits(1))
    assert f"[1] {TEXT.format(0)}" in undated.user


def test_what_is_the_same_for_all_claims_stays_short() -> None:
    """It is paid for with every claim; whoever needs more says why here."""
    system = prompts.load("rate_claim").system
    assert len(system.split()) < 520
    assert len(str(answer_schema(Rating))) < 800
