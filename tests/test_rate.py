"""Rating: what the embedded judge's findings and probabilities become as evidence."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.rate import evidence
from agent.rate.checks import Finding
from agent.rate.embedded import CONTRADICTS, QUOTED, SET, SUPPORTS, EmbeddedRater
from agent.rate.judge import Calibration, EmbeddedJudge, Judgement, Pair
from agent.types import STANCES, Claim, Evidence, Hit, Passage, Source

OPENING = "The Holm harbour has been busy all year long. "
SENTENCES = ["Skarra Line had revenue of €5 million.", "It owns nine ships.", "Nobody came."]
TEXT = OPENING + " ".join(SENTENCES)
FIRST = (0, len(SENTENCES[0]))
SECOND = (len(SENTENCES[0]) + 1, len(SENTENCES[0]) + 1 + len(SENTENCES[1]))


def hit(text: str = TEXT, start: int = len(OPENING)) -> Hit:
    source = Source(
        id="s-1", text=text, title="A busy year", publisher="The Ledger", url="https://ledger.example",
        published_at="2026-05-01", added_at="2026-05-02T00:00:00+00:00", origin="s-0",
    )  # fmt: skip
    passage = Passage(
        id="s-1:0", source_id="s-1", number=0, start=start, end=len(text), text=text[start:]
    )
    return Hit(passage=passage, source=source, score=0.5)


def claim(text: str, context: Sequence[str] = ()) -> Claim:
    return Claim(
        id="c1", text=text, quote=text, start=0, end=len(text), context_added=list(context)
    )


class ToldJudge(EmbeddedJudge):
    """A judge that answers what it was told to, and keeps what it was asked."""

    def __init__(self, probabilities: tuple[float, float, float], found: Sequence[Finding]) -> None:
        self._answer = Judgement(probabilities, FIRST, SECOND, tuple(found), ())
        self.asked: list[Pair] = []

    def judge(
        self, pairs: Sequence[Pair], on_done: Callable[[int], None] | None = None
    ) -> list[Judgement]:
        self.asked += pairs
        return [self._answer for _ in pairs]


def rate(
    probabilities: tuple[float, float, float], *found: Finding, text: str = "It owns nine ships."
) -> Evidence:
    rater = EmbeddedRater(ToldJudge(probabilities, found))
    (item,) = asyncio.run(rater.rate(claim(text), [hit()]))
    return item


SURE_FOR, SURE_AGAINST, UNSURE = (0.9, 0.05, 0.05), (0.05, 0.9, 0.05), (0.3, 0.3, 0.4)
FIGURE_SAME, FIGURE_DIFFERS = (
    Finding("figure", "same", *SECOND),
    Finding("figure", "differs", *SECOND),
)
FIGURE_SILENT = Finding("figure", "silent")
PRECISION = Calibration.load().precision


@pytest.mark.parametrize(
    ("probabilities", "found", "stance", "probability", "span"),
    [
        # the judge alone
        (SURE_FOR, [], "supports", 0.9, FIRST),
        (SURE_AGAINST, [], "contradicts", 0.9, SECOND),
        (UNSURE, [], "neutral", 0.4, FIRST),
        ((SUPPORTS, 0.3, 0.32), [], "supports", SUPPORTS, FIRST),
        ((0.05, CONTRADICTS, 0.4), [], "contradicts", CONTRADICTS, SECOND),
        ((0.05, CONTRADICTS - 0.01, 0.41), [], "neutral", 0.41, FIRST),
        ((0.4, 0.45, 0.15), [], "neutral", 0.15, FIRST),  # more against than for
        # a figure or date that is computed to differ outweighs the judge
        (SURE_FOR, [FIGURE_DIFFERS], "contradicts", PRECISION["figure"], SECOND),
        (SURE_FOR, [Finding("date", "differs", *SECOND)], "contradicts", PRECISION["date"], SECOND),
        (SURE_FOR, [Finding("opposite", "differs", *SECOND)], "contradicts", SET, SECOND),
        # … and is as sure as the judge where that is surer
        (SURE_AGAINST, [FIGURE_DIFFERS], "contradicts", 0.9, SECOND),
        # a figure that the passage does not have forbids any stance
        (SURE_FOR, [FIGURE_SILENT], "neutral", 0.1, FIRST),
        (SURE_AGAINST, [FIGURE_SILENT], "neutral", 0.1, FIRST),
        (SURE_FOR, [FIGURE_SAME, FIGURE_SILENT], "neutral", 0.1, FIRST),
        # one that it has is where the quote is taken from
        (SURE_FOR, [FIGURE_SAME], "supports", 0.9, SECOND),
        # words of a quotation
        (UNSURE, [Finding("quotation", "same", *SECOND)], "supports", QUOTED, SECOND),
        (SURE_FOR, [Finding("quotation", "differs", *SECOND)], "contradicts", QUOTED, SECOND),
        (SURE_FOR, [Finding("quotation", "silent")], "neutral", 0.1, FIRST),
        (
            SURE_FOR,
            [Finding("quotation", "same", *FIRST), Finding("quotation", "differs", *SECOND)],
            "contradicts",
            QUOTED,
            SECOND,
        ),
    ],
)  # fmt: skip
def test_findings_and_probabilities_make_a_stance(
    probabilities: tuple[float, float, float],
    found: list[Finding],
    stance: str,
    probability: float,
    span: tuple[int, int],
) -> None:
    item = rate(probabilities, *found)
    assert item.stance == stance
    assert item.probability == pytest.approx(probability)
    assert item.quote == TEXT[len(OPENING) :][slice(*span)]


def test_what_was_computed_is_noted_where_it_decides() -> None:
    same = Finding("figure", "same", *FIRST, note="5 against 5: the same")
    differs = Finding("figure", "differs", *FIRST, note="5 against 6: 17 % apart")
    assert rate(SURE_FOR, same).note == "5 against 5: the same"
    assert rate(SURE_FOR, differs).note == "5 against 6: 17 % apart"
    assert rate(SURE_FOR).note is None


FINDINGS = st.builds(
    Finding,
    st.sampled_from(["figure", "date", "quotation", "opposite"]),
    st.sampled_from(["same", "differs", "silent"]),
    st.just(FIRST[0]),
    st.just(FIRST[1]),
)


@given(st.lists(FINDINGS, max_size=4), st.tuples(*[st.floats(0.01, 1)] * 3))
def test_any_answer_of_the_judge_makes_evidence(
    found: list[Finding], weights: tuple[float, float, float]
) -> None:
    total = sum(weights)
    item = rate((weights[0] / total, weights[1] / total, weights[2] / total), *found)
    assert item.stance in STANCES
    assert 0 <= item.probability <= 1
    assert TEXT[item.start : item.end] == item.quote
    # A finding that differs is never evidence for the claim.
    if any(finding.relation == "differs" for finding in found) and item.stance == "supports":
        assert any(f.what == "quotation" and f.relation == "same" for f in found)


def test_all_but_stance_and_quote_comes_from_the_library() -> None:
    item = evidence(hit(), SECOND, "supports", 1.7, "a note")
    assert item.model_dump() == {
        "source_id": "s-1",
        "title": "A busy year",
        "publisher": "The Ledger",
        "url": "https://ledger.example",
        "published_at": "2026-05-01",
        "quote": "It owns nine ships.",
        "start": len(OPENING) + SECOND[0],
        "end": len(OPENING) + SECOND[1],
        "stance": "supports",
        "probability": 1.0,
        "origin": "s-0",
        "context": TEXT[len(OPENING) :],
        "context_start": len(OPENING),
        "note": "a note",
    }
    assert evidence(hit(), SECOND, "supports", -0.2).probability == 0


def test_the_judge_is_asked_with_the_source_s_setting_and_without_added_days() -> None:
    judge = ToldJudge(UNSURE, [])
    stated = claim("Skarra Line sailed on Tuesday (12 May 2026).", ["Skarra Line", "12 May 2026"])
    asyncio.run(EmbeddedRater(judge).rate(stated, [hit(), hit()]))
    assert len(judge.asked) == 2
    assert judge.asked[0].claim == "Skarra Line sailed on Tuesday."
    assert judge.asked[0].passage == TEXT[len(OPENING) :]
    assert judge.asked[0].setting.startswith("A busy year\nThe Holm harbour")
    assert not judge.asked[0].spun


def test_a_spun_source_is_told_to_the_judge() -> None:
    spun = "Nan boat came pinch nan squad. " * 4
    judge = ToldJudge(UNSURE, [])
    asyncio.run(EmbeddedRater(judge).rate(claim("The boat came."), [hit(spun, 0)]))
    assert judge.asked[0].spun


def test_no_hit_no_evidence() -> None:
    assert asyncio.run(EmbeddedRater(ToldJudge(UNSURE, [])).rate(claim("x"), [])) == []


@pytest.mark.parametrize(
    ("text", "source", "stance"),
    [
        (
            "Skarra Line had revenue of €5 million.",
            "In the year, the ferry operator Skarra Line had revenue of €5 million.",
            "supports",
        ),
        (
            "Skarra Line had revenue of €5 million.",
            "In the year, the ferry operator Skarra Line had revenue of €7 million.",
            "contradicts",
        ),
        (
            "Skarra Line had revenue of €5 million.",
            "In the year, the ferry operator Skarra Line had net profit of €7 million.",
            "neutral",
        ),
        (
            "Skarra Line had revenue of €5 million.",
            "In the year, the rival Tern Ferries had revenue of €7 million.",
            "neutral",
        ),
        (
            "Reyk voted for the plan.",
            "In the council, Tomas Reyk voted against the plan.",
            "contradicts",
        ),
        (
            "“We will not raise local taxes this year,” Vantreau said.",
            "“We will now raise local taxes this year,” Vantreau told the council.",
            "contradicts",
        ),
    ],
)
def test_the_embedded_rater_end_to_end(text: str, source: str, stance: str) -> None:
    (item,) = asyncio.run(EmbeddedRater().rate(claim(text), [hit(source, 0)]))
    assert item.stance == stance
    assert source[item.start : item.end] == item.quote
