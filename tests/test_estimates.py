"""Estimates of older sources against figures of later ones."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence

import pytest

from agent.compare.checks import findings
from agent.compare.ruling import by_figures, ruling
from agent.decide import decide
from agent.rate.embedded import EmbeddedRater
from agent.rate.judge import EmbeddedJudge, Judgement
from agent.rate.windows import Pair
from agent.types import Claim, Hit, Passage, Reputation, Source

UNSURE = (0.6, 0.2, 0.2)
ESTIMATE = "The Orne bridge will cost €246 million, according to an estimate of the planners."
CONTRACT = "The Orne bridge will cost €318 million, the council was told."


class ComputingJudge(EmbeddedJudge):
    """A judge that sees nothing but what is computed."""

    def judge(
        self, pairs: Sequence[Pair], on_done: Callable[[int], None] | None = None
    ) -> list[Judgement]:
        judged = []
        for pair in pairs:
            found = tuple(findings(pair.claim, pair.passage))
            rule = ruling(found, UNSURE, self.calibration.precision)
            told = rule.probabilities if rule else by_figures(found, UNSURE)
            span = (0, len(pair.passage))
            judged.append(Judgement(told, span, span, found, (), rule))
        return judged


def hit(text: str, published: str | None, origin: str) -> Hit:
    source = Source(
        id=f"s-{origin}", text=text, published_at=published, added_at="2026-05-02", origin=origin
    )
    passage = Passage(
        id=f"s-{origin}:0", source_id=source.id, number=0, start=0, end=len(text), text=text
    )
    return Hit(passage=passage, source=source, score=0.5)


def stances(text: str, *hits: Hit) -> list[str]:
    claim = Claim(id="c1", text=text, quote=text, start=0, end=len(text))
    rated = asyncio.run(EmbeddedRater(ComputingJudge()).rate(claim, hits))
    return [item.stance for item in rated]


@pytest.mark.parametrize(
    ("figure", "old", "new", "expected"),
    [
        (318, hit(ESTIMATE, "2024", "a"), hit(CONTRACT, "2026", "b"), "neutral"),
        # the estimate itself is refuted by the later figure
        (246, hit(ESTIMATE, "2024", "a"), hit(CONTRACT, "2026", "b"), "supports"),
        # an estimate of the same year, of no known day, or of the same origin was not replaced
        (318, hit(ESTIMATE, "2026", "a"), hit(CONTRACT, "2026", "b"), "contradicts"),
        (318, hit(ESTIMATE, None, "a"), hit(CONTRACT, "2026", "b"), "contradicts"),
        (318, hit(ESTIMATE, "2024", "b"), hit(CONTRACT, "2026", "b"), "contradicts"),
        # what was told for certain stands against what is told later
        (318, hit(CONTRACT.replace("318", "246"), "2024", "a"), hit(CONTRACT, "2026", "b"),
         "contradicts"),
    ],
)  # fmt: skip
def test_an_estimate_is_replaced_by_a_later_figure_of_another_origin(
    figure: int, old: Hit, new: Hit, expected: str
) -> None:
    first, second = stances(f"The Orne bridge will cost €{figure} million.", old, new)
    assert first == expected
    assert second == ("supports" if figure == 318 else "contradicts")


@pytest.mark.parametrize(
    ("sites", "alone"),
    [(["one.example"], True), (["a.one.example", "b.one.example"], True),
     (["one.example", "two.example"], False)],
)  # fmt: skip
def test_an_estimate_that_one_voice_alone_replaces_is_told_as_such(
    sites: list[str], alone: bool
) -> None:
    later = [
        Hit(
            passage=(h := hit(CONTRACT, "2026", name)).passage,
            source=h.source.model_copy(update={"url": f"https://{name}/x"}),
            score=0.5,
        )
        for name in sites
    ]
    text = "The Orne bridge will cost €318 million."
    claim = Claim(id="c1", text=text, quote=text, start=0, end=len(text))
    hits = [hit(ESTIMATE, "2024", "old"), *later]
    estimate, *_ = asyncio.run(EmbeddedRater(ComputingJudge()).rate(claim, hits))
    assert estimate.stance == "neutral"
    assert ("by one voice alone" in (estimate.note or "")) == alone


@pytest.mark.parametrize(
    ("reputation", "stance", "verdict"),
    [("distrusted", "contradicts", "conflicting"), ("neutral", "neutral", "supported"),
     ("trusted", "neutral", "supported")],
)  # fmt: skip
def test_a_distrusted_source_replaces_no_estimate(
    reputation: Reputation, stance: str, verdict: str
) -> None:
    text = "The Orne bridge will cost €318 million."
    claim = Claim(id="c1", text=text, quote=text, start=0, end=len(text))
    buzz = hit(CONTRACT, "2025", "buzz").model_copy(update={"reputation": reputation})
    rated = asyncio.run(
        EmbeddedRater(ComputingJudge()).rate(claim, [hit(ESTIMATE, "2024", "herald"), buzz])
    )
    assert [item.stance for item in rated] == [stance, "supports"]
    assert rated[1].reputation == reputation
    assert decide(claim, rated, sources_searched=2).verdict == verdict
