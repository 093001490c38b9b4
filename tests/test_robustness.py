"""The judge on texts as they come: what it reads of them, what it quotes, what it declines."""

from __future__ import annotations

import asyncio
import json
import random

import numpy as np
import pytest

from agent.compare.ruling import verdict_of
from agent.rate.embedded import EmbeddedRater
from agent.rate.judge import UNREAD, EmbeddedJudge
from agent.rate.windows import Pair
from agent.types import VERDICTS, Claim, Hit, Passage, Source
from agent.verify import verify
from evals.judge.robustness import WAYS, Told, foreign_pairs, row_of, samples_of, texts, told

PLAIN = Pair(
    "Revenue was €5 million in the first quarter.",
    "Skarra Line had revenue of €5 million in the first quarter. It owns nine ships.",
)
GERMAN = Pair("The bridge is closed.", "Die Brücke bleibt bis zum Herbst gesperrt.")
CLEANED_AWAY = ("characters that do not show", "ligatures, full-width letters")


@pytest.fixture(scope="module")
def judge() -> EmbeddedJudge:
    return EmbeddedJudge()


@pytest.mark.parametrize("way", CLEANED_AWAY)
def test_what_does_not_show_changes_no_probability(judge: EmbeddedJudge, way: str) -> None:
    passage = WAYS[way](PLAIN.passage, random.Random(0))
    assert passage != PLAIN.passage
    plain, other = judge.judge([PLAIN, Pair(PLAIN.claim, passage)])
    np.testing.assert_allclose(plain.probabilities, other.probabilities, atol=1e-6)


def test_a_claim_is_cleaned_as_well(judge: EmbeddedJudge) -> None:
    claim = "<p>" + PLAIN.claim.replace("quarter", "quar\u00adter") + "</p>"
    plain, other = judge.judge([PLAIN, Pair(claim, PLAIN.passage)])
    np.testing.assert_allclose(plain.probabilities, other.probabilities, atol=1e-6)


@pytest.mark.parametrize("way", WAYS)
def test_quotes_and_findings_are_spans_of_the_passage_as_it_stands(
    judge: EmbeddedJudge, way: str
) -> None:
    passage = WAYS[way](PLAIN.passage, random.Random(0))
    (judgement,) = judge.judge([Pair(PLAIN.claim, passage)])
    spans = [judgement.support, judgement.conflict]
    spans += [(finding.start, finding.end) for finding in judgement.findings]
    for start, end in spans:
        assert 0 <= start <= end <= len(passage)
        assert passage[start:end] == passage[start:end].strip()
    assert verdict_of(judgement.probabilities) == "supported"


def test_a_quote_keeps_the_markup_within_it(judge: EmbeddedJudge) -> None:
    passage = (
        "<p>It owns nine ships.</p><p>Revenue was <b>&euro;5</b> million in the first quarter.</p>"
    )
    (judgement,) = judge.judge([Pair(PLAIN.claim, passage)])
    quote = passage[slice(*judgement.support)]
    assert quote == "Revenue was <b>&euro;5</b> million in the first quarter."


def test_what_is_not_in_english_is_unverifiable_and_unsure(judge: EmbeddedJudge) -> None:
    for which, pairs in foreign_pairs(texts()).items():
        chosen = pairs[:: max(1, len(pairs) // 12)]
        said, judged = told(judge, chosen)
        assert said.unread.mean() > 0.9, which
        assert all(j.probabilities == UNREAD for j in judged if j.unread and not j.ruling), which


def test_what_is_computed_decides_in_any_language(judge: EmbeddedJudge) -> None:
    claim = "El puerto recibió 410 barcos."
    passage = "El puerto recibió 310 barcos, frente a 290 el año anterior."
    (judgement,) = judge.judge([Pair(claim, passage)])
    assert judgement.unread
    assert judgement.ruling
    assert verdict_of(judgement.probabilities) == "conflicting"


def test_the_report_says_why_a_passage_was_not_read(judge: EmbeddedJudge) -> None:
    source = Source(id="s-1", text=GERMAN.passage, added_at="2026-05-02T00:00:00Z", origin="s-1")
    passage = Passage(
        id="s-1:0", source_id="s-1", number=0, start=0, end=len(source.text), text=source.text
    )
    claim = Claim(id="c1", text=GERMAN.claim, quote=GERMAN.claim, start=0, end=len(GERMAN.claim))
    hit = Hit(passage=passage, source=source, score=0.5)
    (item,) = asyncio.run(EmbeddedRater(judge).rate(claim, [hit]))
    assert (item.stance, item.probability) == ("neutral", UNREAD[2])
    assert item.note == "the passage is in German, which the embedded judge does not read"
    assert item.quote in GERMAN.passage


def test_pairs_given_are_held_to_the_same() -> None:
    line = json.dumps({"id": 1, "claim": GERMAN.claim, "evidence": [GERMAN.passage]})

    async def results() -> list[dict[str, object]]:
        return [result async for result in verify([line])]

    (result,) = asyncio.run(results())
    assert (result["label"], result["confidence"]) == ("unverifiable", UNREAD[2])


def test_pairs_that_ship_hold_all_labels_alike() -> None:
    samples = samples_of(0)
    labels = [sample.label for sample in samples]
    assert len(samples) >= 60
    assert {labels.count(verdict) for verdict in VERDICTS} == {len(samples) // 3}


def test_the_table_tells_change_from_the_undisturbed() -> None:
    samples = samples_of(0)
    gold = np.array([VERDICTS.index(sample.label) for sample in samples])
    unread = np.zeros(len(gold), dtype=bool)
    right, wrong = Told(gold, unread), Told((gold + 1) % len(VERDICTS), unread)
    cells = row_of("some way", wrong, right, samples).split("|")
    assert [cell.split()[0] for cell in cells[2:5]] == ["0.000", "-1.000", "0.000"]


@pytest.mark.parametrize("way", WAYS)
def test_disturbing_a_text_is_repeatable_and_keeps_its_words(way: str) -> None:
    first, second = (WAYS[way](PLAIN.passage, random.Random(3)) for _ in range(2))
    assert first == second
    assert len(first.split()) >= len(PLAIN.passage.split()) - 1
