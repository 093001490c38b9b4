"""Rating: what the embedded judge's findings and probabilities become as evidence."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.compare.checks import Finding
from agent.compare.ruling import RULES, ruling, verdict_of
from agent.rate import evidence
from agent.rate.calibration import FEATURES, Calibration, ClaimCalibration
from agent.rate.embedded import EmbeddedRater
from agent.rate.judge import EmbeddedJudge, Judgement
from agent.rate.windows import Pair
from agent.types import STANCES, Claim, Evidence, Hit, Passage, Source
from tools.text.spinning import spun_warning

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


SUPPORTS, CONTRADICTS, RIGHT = 0.4, 0.6, 0.88
CALIBRATION = Calibration(
    weights=np.zeros((3, len(FEATURES))),
    bias=np.zeros(3),
    precision=dict.fromkeys(RULES, RIGHT),
    claims=ClaimCalibration(
        SUPPORTS, CONTRADICTS, dict.fromkeys(("supports", "contradicts", "neutral"), (0.0, 1.0))
    ),
)


class ToldJudge(EmbeddedJudge):
    """A judge that answers what it was told to, and keeps what it was asked."""

    def __init__(self, probabilities: tuple[float, float, float], found: Sequence[Finding]) -> None:
        rule = ruling(found, probabilities, CALIBRATION.precision)
        told = rule.probabilities if rule else probabilities
        self._answer = Judgement(told, FIRST, SECOND, tuple(found), (), rule)
        self.__dict__["calibration"] = CALIBRATION
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
FIGURE_WORKED_OUT = Finding("figure", "same", *SECOND, worked_out=True)
DATE_DIFFERS = Finding("date", "differs", *SECOND, subject_shared=0.8)


@pytest.mark.parametrize(
    ("probabilities", "found", "stance", "probability", "span"),
    [
        # the judge alone
        (SURE_FOR, [], "supports", 0.9, FIRST),
        (SURE_AGAINST, [], "contradicts", 0.9, SECOND),
        (UNSURE, [], "neutral", 0.4, FIRST),
        ((SUPPORTS, 0.3, 0.3), [], "supports", SUPPORTS, FIRST),
        ((0.05, CONTRADICTS, 0.35), [], "contradicts", CONTRADICTS, SECOND),
        ((0.05, CONTRADICTS - 0.01, 0.36), [], "neutral", 0.36, FIRST),
        ((0.4, 0.45, 0.15), [], "neutral", 0.15, FIRST),  # more against than for
        # what is computed to differ outweighs the judge
        (SURE_FOR, [Finding("figure", "differs", *SECOND)], "contradicts", RIGHT, SECOND),
        (SURE_FOR, [DATE_DIFFERS], "contradicts", RIGHT, SECOND),
        (SURE_FOR, [Finding("opposite", "differs", *SECOND)], "contradicts", RIGHT, SECOND),
        (SURE_FOR, [Finding("speaker", "differs", *SECOND)], "contradicts", RIGHT, SECOND),
        # … but another date only where it is the date of the same thing
        (SURE_FOR, [Finding("date", "differs", *SECOND)], "supports", 0.9, FIRST),
        # figures that the claim's follow from support it; one that is silent leaves it to the judge
        (UNSURE, [FIGURE_WORKED_OUT], "supports", RIGHT, SECOND),
        (UNSURE, [FIGURE_WORKED_OUT, FIGURE_SILENT], "neutral", 0.4, FIRST),
        (SURE_FOR, [FIGURE_SILENT], "supports", 0.9, FIRST),
        # a figure that the passage has is where the quote is taken from
        (SURE_FOR, [FIGURE_SAME], "supports", 0.9, SECOND),
        # words of a quotation
        (UNSURE, [Finding("quotation", "same", *SECOND)], "supports", RIGHT, SECOND),
        (SURE_FOR, [Finding("quotation", "differs", *SECOND)], "contradicts", RIGHT, SECOND),
        (SURE_FOR, [Finding("quotation", "silent")], "neutral", RIGHT, FIRST),
        (
            SURE_FOR,
            [Finding("quotation", "same", *FIRST), Finding("quotation", "silent")],
            "neutral",
            RIGHT,
            FIRST,
        ),
        (
            SURE_FOR,
            [Finding("quotation", "same", *FIRST), Finding("quotation", "differs", *SECOND)],
            "contradicts",
            RIGHT,
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


def test_the_surer_the_passage_the_surer_the_verdict() -> None:
    claims = Calibration.load().claims
    for stance in STANCES:
        sure = [claims.apply(stance, p) for p in (0.0, 0.4, 0.6, 0.9, 1.0)]
        assert sure == sorted(sure)
        assert 0 < sure[0] <= sure[-1] < 1


@given(
    st.lists(st.sampled_from(RULES), min_size=1, max_size=3),
    st.tuples(*[st.floats(0.0, 1)] * 3).filter(lambda p: sum(p) > 0),
)
def test_a_ruling_gives_probabilities(
    names: list[str], weights: tuple[float, float, float]
) -> None:
    found = []
    for name in names:
        what, _, relation = name.partition(" ")
        if relation == "worked out":
            found.append(FIGURE_WORKED_OUT)
        else:
            found.append(Finding(what, relation, *FIRST, subject_shared=1.0))  # type: ignore[arg-type]
    total = sum(weights)
    by_model = (weights[0] / total, weights[1] / total, weights[2] / total)
    rule = ruling(found, by_model, dict.fromkeys(RULES, RIGHT))
    if rule is None:  # a figure worked out beside something that is not a rule
        return
    assert sum(rule.probabilities) == pytest.approx(1)
    assert max(rule.probabilities) == pytest.approx(RIGHT)


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
    if any(finding.relation == "differs" and finding.what != "date" for finding in found):
        assert item.stance == "contradicts"


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
        "origin_reason": None,
        "reputation": "neutral",
        "later": False,
        "context": TEXT[len(OPENING) :],
        "context_start": len(OPENING),
        "note": "a note",
        "compared": None,
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
    found = hit(spun, 0)
    warned = found.source.model_copy(update={"warnings": [spun_warning(spun)]})
    found = found.model_copy(update={"source": warned})
    asyncio.run(EmbeddedRater(judge).rate(claim("The boat came."), [found]))
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
            "The council rejected the plan.",
            "At its meeting in March, the council approved the plan.",
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


@pytest.mark.parametrize(
    ("probabilities", "verdict"),
    [
        ((0.2, 0.5, 0.3), "conflicting"),
        ((0.34, 0.45, 0.21), "unverifiable"),  # a conflict is likelier, but not sure enough
        ((0.46, 0.44, 0.1), "supported"),
        ((0.3, 0.3, 0.4), "unverifiable"),
    ],
)
def test_what_conflicts_more_likely_than_it_is_supported_is_never_supported(
    probabilities: tuple[float, float, float], verdict: str
) -> None:
    assert verdict_of(probabilities) == verdict
