"""Planted sources: when a claim is contested, and that a slice of the trials does what they say."""

from __future__ import annotations

import pytest

from agent.compare.subjects import Finding, Relation
from agent.decide import Rules, decide
from agent.rate.contest import AGREES, CONTESTS, LEANS, MORE, MUTUAL, SURE, contesting
from agent.rate.embedded import EmbeddedRater
from agent.rate.judge import Judgement
from agent.rate.renamed import renaming
from agent.types import Evidence, Stance
from evals.attacks import adaptive, poison
from tests.evidence import claim, item


def judgement(against: float, *found: Finding, for_it: float = 0.0) -> Judgement:
    return Judgement((for_it, against, 1 - for_it - against), (0, 99), (0, 99), found, ())


SAID = "The harbour prize went to Ada Berg."
RIVAL = "The harbour prize went to Bo Dahl."
DENIES, AGREED = (0.0, 1.0, 0.0), (AGREES, MUTUAL, 1 - AGREES - MUTUAL)
"""What two sentences are to one another."""


def said(item: Evidence, *, site: str = "") -> Evidence:
    told = RIVAL if item.stance == "neutral" else SAID
    return item.model_copy(update={"url": site or None, "quote": told, "context": told})


def rated(*stances: Stance, site: str = "") -> list[Evidence]:
    items = [item(stance, source=f"s-{number}") for number, stance in enumerate(stances)]
    return [said(each, site=site) for each in items]


@pytest.mark.parametrize(
    ("stances", "leaning", "contested"),
    [
        (["supports", "neutral"], [0.0, CONTESTS], {1}),
        (["supports", "neutral"], [0.0, CONTESTS - 0.01], set()),
        (["supports", "neutral", "neutral"], [0.0, LEANS, LEANS], {1, 2}),
        (["supports", "neutral", "neutral"], [0.0, LEANS, LEANS - 0.01], set()),
        (["supports", "supports", "neutral"], [0.0, 0.0, 0.6], set()),
        (["supports", "supports", "neutral", "neutral"], [0.0, 0.0, 0.6, 0.4], {2, 3}),
        (["neutral"], [0.6], set()),
        (["supports", "contradicts", "neutral"], [0.0, 0.9, 0.6], set()),
    ],
)
def test_a_claim_is_contested_where_as_many_lean_against_it_as_support_it(
    stances: list[Stance], leaning: list[float], contested: set[int]
) -> None:
    judged = [judgement(p) for p in leaning]
    assert contesting(SAID, judged, rated(*stances), lambda *_: DENIES) == contested
    assert contesting(SAID, judged, rated(*stances), lambda *_: AGREED) == set()


def test_what_speaks_nearly_as_much_for_a_claim_does_not_contest_it() -> None:
    items = rated("supports", "neutral")
    for for_it, contested in ((0.5 - MORE, {1}), (0.51 - MORE, set())):
        judged = [judgement(0.0), judgement(0.5, for_it=for_it)]
        assert contesting(SAID, judged, items, lambda *_: DENIES) == contested


def test_a_sentence_that_the_claim_does_not_contradict_in_turn_does_not_contest_it() -> None:
    items, judged = rated("supports", "neutral"), [judgement(0.0), judgement(0.6)]

    def reads(text: str, by: str) -> tuple[float, float, float]:
        return (0.0, against if text == SAID else 0.0, 1 - against)

    for against, contested in ((2 * MUTUAL, {1}), (2 * MUTUAL - 0.01, set())):  # noqa: B007
        told = [*items[:1], items[1].model_copy(update={"context": "The prize of Ada Berg."})]
        assert contesting(SAID, judged, told, reads) == contested


def test_five_texts_of_one_site_are_no_louder_than_one() -> None:
    five: list[Stance] = ["supports"] * 5
    items = [*rated(*five, site="https://one.example/a"), said(item("neutral", source="s-9"))]
    judged = [judgement(p) for p in [0.0] * 5 + [0.5]]
    assert contesting(SAID, judged, items, lambda *_: DENIES) == {5}


@pytest.mark.parametrize(
    ("stances", "against", "contested"),
    [
        (["supports", "neutral", "supports"], [0.0, 0.4, 0.0], {1}),
        (["supports", "neutral", "neutral"], [0.0, 0.28, 0.3], set()),
        (["supports", "neutral", "contradicts"], [0.0, 0.4, 0.9], {1}),
        (["neutral", "neutral", "supports"], [0.0, 0.4, 0.0], set()),
    ],
)
def test_a_distrusted_source_at_the_end_changes_nothing(
    stances: list[Stance], against: list[float], contested: set[int]
) -> None:
    items, judged = rated(*stances), [judgement(p) for p in against]
    doubted = items[-1].model_copy(update={"reputation": "distrusted"})
    assert contesting(SAID, judged[:-1], items[:-1], lambda *_: DENIES) == contested
    assert contesting(SAID, judged, [*items[:-1], doubted], lambda *_: DENIES) == contested


@pytest.mark.parametrize(
    ("told", "contested"),
    [
        ("supports, leans, later contradicts", {1}),
        ("supports, leans, contradicts", set()),
        ("supports, later leans", set()),
        ("later supports, later leans", {1}),
        ("supports, later supports, later leans", set()),
        ("later supports, leans", {1}),
    ],
)
def test_a_source_later_than_the_article_neither_makes_nor_keeps_off_a_conflict_of_its_time(
    told: str, contested: set[int]
) -> None:
    voices = told.split(", ")
    known: dict[str, tuple[Stance, float]] = {
        "supports": ("supports", 0.0),
        "leans": ("neutral", 0.5),
        "contradicts": ("contradicts", 0.9),
    }
    said = [known[voice.removeprefix("later ")] for voice in voices]
    items = [
        each.model_copy(update={"later": voice.startswith("later ")})
        for each, voice in zip(rated(*(stance for stance, _ in said)), voices, strict=True)
    ]
    judged = [judgement(against) for _, against in said]
    assert contesting(SAID, judged, items, lambda *_: DENIES) == contested


@pytest.mark.parametrize(
    ("relation", "against", "leans"),
    [("silent", SURE - 0.01, False), ("silent", SURE, True), ("same", 0.9, False)],
)
def test_a_passage_that_lacks_a_figure_of_the_claim_leans_where_it_is_sure(
    relation: Relation, against: float, leans: bool
) -> None:
    told = [judgement(0.0), judgement(against, Finding("figure", relation))]
    money = "Ada Berg won 5,000 euros with the harbour prize."
    age = "At 79, Ada Berg was the oldest winner of the prize."
    support, other = rated("supports", "neutral")
    for text, sentence, leaning in (
        (money, "Ada Berg won 900 euros with the harbour prize.", leans),
        (money, "Ada Berg won the harbour prize in June.", False),
        (age, "Ada Berg, aged 81, was the oldest winner of the prize.", leans),
    ):
        items = [support, other.model_copy(update={"context": sentence})]
        found = contesting(text, told, items, lambda *_: DENIES)
        assert found == ({1} if leaning else set())


@pytest.mark.parametrize(
    ("claim", "sentence", "rival"),
    [
        ("The harbour prize went to Ada Berg.", "The harbour prize went to Bo Dahl.", True),
        ("The harbour prize went to Ada Berg.", "Ada Berg was handed no harbour prize.", True),
        ("The prize of Orlen is not for painters.", "The prize of Orlen is for painters.", True),
        # Of all its names and most of its words, nothing is in another place.
        ("Ada Berg's mother and aunt claim the mayor threatened them over the prize.",
         "The Berg family of Ada claims the mayor threatened them over the prize.", False),
        ("The line does not offer dishes which contain alcohol or pork.",
         "The line, not offering alcohol or dishes that contain pork, parts men and women.", False),
        ("Ada Berg's mother and aunt claim the US threatened them over the harbour prize.",
         "The Berg family of Ada claims the US threatened them over the harbour prize.", False),
        # It may be of anybody.
        ("He won the harbour prize on Friday.", "Bo Dahl won the harbour prize on Monday.", False),
        ("The woman won the harbour prize.", "The man won the harbour prize of Orlen.", False),
        ("Ada Berg has called the prize a farce.", "The painters called for a strike.", False),
    ],
)  # fmt: skip
def test_a_rival_is_of_the_same_and_has_another_answer(
    claim: str, sentence: str, rival: bool
) -> None:
    support, other = rated("supports", "neutral")
    items = [support, other.model_copy(update={"context": sentence})]
    judged = [judgement(0.0), judgement(0.8)]
    found = contesting(claim, judged, items, lambda one, by: DENIES)
    assert found == ({1} if rival else set())


@pytest.mark.parametrize(
    ("told", "contests"),
    [
        (["The harbour prize went to Bo Dahl.", "Bo Dahl won the harbour prize."], True),
        (["The harbour prize went to Bo Dahl.", "Kai Lund won the harbour prize."], False),
        (["The harbour prize went to Bo Dahl."], False),
        # The passage knows the name; the support does, too.
        (["The harbour prize went to Bo Dahl. So Ada Berg said."] * 2, False),
        (["The harbour prize went to the host of Radio Sund."] * 2, False),
        # Too little of the rest.
        (["Bo Dahl lives near the harbour.", "Bo Dahl likes the harbour."], False),
    ],
)
def test_a_claim_of_one_voice_is_contested_by_two_that_agree_on_another_name(
    told: list[str], contests: bool
) -> None:
    silent: list[Stance] = ["neutral"] * len(told)
    support, *others = rated("supports", *silent)
    support = support.model_copy(update={"context": f"Radio Sund was there. {SAID}"})
    items = [
        support,
        *(i.model_copy(update={"context": t}) for i, t in zip(others, told, strict=True)),
    ]
    found = renaming(SAID, items)
    assert found == ({1: (0, len(told[0])), 2: (0, len(told[1]))} if contests else {})
    assert renaming(SAID, [*items, said(item("supports", source="second"))]) == {}
    assert renaming(SAID, items, decided={1}) == {}
    assert renaming(SAID, [i.model_copy(update={"publisher": "The Sund"}) for i in items]) == {}
    assert renaming(f"“{SAID}” said the mayor.", items) == {}


def test_a_sentence_of_something_else_does_not_lean() -> None:
    support, other = rated("supports", "neutral")
    other = other.model_copy(update={"context": "Not everybody had such a good day."})
    judged = [judgement(0.0), judgement(0.8)]
    assert contesting(SAID, judged, [support, other], lambda *_: DENIES) == set()


def test_a_sentence_like_the_claim_leans_whatever_is_quoted_for_it() -> None:
    support, other = rated("supports", "neutral")
    support = support.model_copy(update={"quote": "Nobody had expected such an evening."})
    judged = [judgement(0.0), judgement(0.8)]
    assert contesting(SAID, judged, [support, other], lambda *_: DENIES) == {1}


@pytest.fixture(scope="module")
def rater() -> EmbeddedRater:
    return EmbeddedRater()


async def test_planted_texts_of_one_site_neither_win_nor_hide_what_true_sources_say(
    rater: EmbeddedRater,
) -> None:
    for tried in await poison.tries(poison.questions()[0], rater, ["one site"]):
        if tried.claim == "true" and tried.true_sources:
            assert any(e.stance == "supports" for e in tried.decision.evidence)
        if tried.claim == "false" and (tried.min_origins == 2 or tried.true_sources):
            assert tried.decision.verdict != "supported"


async def test_an_attacker_who_reads_the_reports_breaks_no_rule(rater: EmbeddedRater) -> None:
    first, second = poison.questions()[:2]
    done = await adaptive.attack(
        first, second, adaptive.SETTINGS[2], adaptive.Bench(rater), rewrites=6
    )
    assert (done.reports, done.broken) == (7, [])


def test_the_table_counts_what_the_attacker_won() -> None:
    evidence = [item("supports", source="s-1"), item("contradicts", source="s-2")]
    won = decide(claim(), evidence[:1], sources_searched=1)
    shown = decide(claim(), evidence, sources_searched=2)
    alone = decide(claim(), evidence[:1], sources_searched=1, rules=Rules(2))
    tries = [
        poison.Try("one site", "false", True, 1, 1, won),
        poison.Try("one site", "false", True, 1, 1, shown),
        poison.Try("one site", "true", True, 1, 1, won),
        poison.Try("one site", "false", False, 1, 2, alone),
    ]
    rows = {(row.setting, row.what): (row.hits, row.of) for row in poison.table(tries)}
    setting = "one site, 1 poisoned, 2 true"
    assert rows[setting, "false claim supported (attacker)"] == (1, 2)
    assert rows[setting, "false claim conflicting, both shown"] == (1, 2)
    assert rows[setting, "true claim lost"] == (0, 1)
    none = "one site, 1 poisoned, none true"
    assert rows[none, "false, supported, --min-origins 2"] == (0, 1)
