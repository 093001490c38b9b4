"""Pairs from frames: right by rule, balanced, and with nothing for a reader of one side alone."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterator
from datetime import date
from functools import cache
from random import Random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.errors import InputError
from agent.types import VERDICTS
from tools.training.framed.filling import claimed, contradicts, parse, tell, undecided
from tools.training.framed.frames import framed_pairs, main
from tools.training.framed.grammar import covering, draw_world, grammar, read_frame
from tools.training.framed.measures import CURRENCIES, Day, Measure
from tools.training.framed.noise import noisy
from tools.training.framed.slots import Person, person, slot
from tools.training.pairs import CONFLICTING, SUPPORTED, TrainingPair

COUNT = 3000


@cache
def pairs() -> list[TrainingPair]:
    return list(framed_pairs(Random(7), COUNT))


def minimal(**changes: Any) -> dict[str, Any]:
    fact = {
        "claims": ["{p} is mayor of {t}."],
        "tells": ["{t} has a mayor, {p}."],
        "differs": ["p"],
        "elsewhere": ["t"],
    }
    slots = {"p": "person", "t": "town", "n": "count 20 90"}
    return {"name": "mayor", "kind": "person", "slots": slots, "fact": [fact | changes]}


# --- the pairs ----------------------------------------------------------------------------


def test_as_many_pairs_as_asked_for_and_the_same_for_the_same_seed() -> None:
    assert len(pairs()) == COUNT
    assert pairs()[:200] == list(framed_pairs(Random(7), 200))
    assert pairs()[:200] != list(framed_pairs(Random(8), 200))


def test_labels_are_balanced() -> None:
    assert Counter(pair.label for pair in pairs()) == dict.fromkeys(VERDICTS, COUNT // 3)


def test_every_claim_of_a_drawing_comes_with_all_three_labels() -> None:
    labels = defaultdict(list)
    for pair in pairs():
        labels[pair.group, pair.claim].append(pair.label)
    whole = list(labels.values())[:-2]  # the last drawing may be cut off
    assert all(set(found) == set(VERDICTS) for found in whole)


def test_many_passages_serve_claims_of_several_labels() -> None:
    labels = defaultdict(set)
    for pair in pairs():
        labels[pair.passage].add(pair.label)
    several = sum(len(found) > 1 for found in labels.values())
    assert several > 0.2 * len(labels)


def test_nothing_is_left_unfilled() -> None:
    for pair in pairs():
        assert not re.search(r"[{}]|<(?!/?p>)\w+>", pair.claim + pair.passage)
        assert pair.claim.strip() == pair.claim != ""
        assert pair.passage.strip()


def test_makers_name_the_kinds_that_reports_meet() -> None:
    kinds = {pair.maker.removeprefix("framed/") for pair in pairs()}
    assert kinds >= {
        "roles", "figure", "date", "money", "points", "change", "negation", "scope", "comparison",
        "order", "plan", "forecast", "outdated", "cause", "attribution", "quotation",
        "misattributed", "reported", "trimmed", "counterfactual", "vote", "score", "rank",
    }  # fmt: skip


def test_a_claim_is_rarely_copied_from_its_passage() -> None:
    supported = [pair for pair in pairs() if pair.label == SUPPORTED]
    assert sum(pair.claim in pair.passage for pair in supported) < 0.1 * len(supported)


def test_orders_in_a_passage_name_any_label() -> None:
    named: dict[str, set[str]] = defaultdict(set)
    for pair in pairs():
        order = re.search(
            r"(?:answer “|verdict is |as |claim is |word )(supported|conflicting|unverifiable)",
            pair.passage,
        )
        if order:
            named[pair.label].add(order[1])
    assert all(named[label] == set(VERDICTS) for label in VERDICTS)


def test_claims_alone_do_not_give_the_label_away() -> None:
    from sklearn.feature_extraction.text import HashingVectorizer
    from sklearn.linear_model import LogisticRegression
    from sklearn.model_selection import GroupKFold, cross_val_score

    texts = HashingVectorizer(n_features=2**14).transform(pair.claim for pair in pairs())
    labels = [pair.label for pair in pairs()]
    groups = [pair.group for pair in pairs()]
    scores = cross_val_score(
        LogisticRegression(max_iter=200), texts, labels, groups=groups, cv=GroupKFold(3)
    )
    assert scores.mean() < 0.40


def test_examples_are_printed(capsys: pytest.CaptureFixture[str]) -> None:
    main(["--sample", "3", "--maker", "roles"])
    assert capsys.readouterr().out.count("framed/roles") == 3


# --- the data -----------------------------------------------------------------------------


def test_there_are_many_frames_and_facts_known_to_all() -> None:
    frames = grammar().frames
    assert len(frames["frames.toml"]) >= 120
    assert len(frames["memory.toml"]) >= 60
    assert len({frame.name for some in frames.values() for frame in some}) == sum(
        map(len, frames.values())
    )


def test_every_wording_reads_as_whole_sentences() -> None:
    for some in grammar().frames.values():
        for frame in some:
            for fact in frame.facts:
                for text in (*fact.texts(), *frame.scene):
                    assert text.template.endswith((".", "”", ".”")), text.template
                    assert "  " not in text.template


def test_what_everyone_knows_is_contradicted_as_often_as_not() -> None:
    frames = {frame.name: frame for frame in grammar().frames["memory.toml"]}
    slots = next(iter(frames.values())).slots
    (name,) = slots
    rng = Random(1)
    drawn = Counter(str(draw_world(slots, rng)[name]) for _ in range(2000))
    assert 0.3 < drawn.most_common(1)[0][1] / 2000 < 0.5


# --- frames that would teach a wrong label are refused ----------------------------------------


def test_a_frame_is_read() -> None:
    assert len(read_frame(minimal()).facts) == 1


@pytest.mark.parametrize(
    ("changes", "what"),
    [
        ({"claims": ["{q} is mayor."]}, "knows its slots"),
        ({"tells": ["Nobody is mayor of {t}."]}, "tells what it claims"),
        ({"differs": []}, "something against each claim"),
        ({"elsewhere": []}, "can leave each claim open"),
        ({"labels": ["SC"]}, "one line of labels"),
        ({"labels": ["X"]}, "one line of labels"),
        ({"claims": [["{p}."], ["{p}!"]]}, "as many groups"),
        ({"near": ["{n} came."], "differs": ["p", "n"]}, "tells each fact apart"),
        ({"claims": ["{p is mayor."]}, "Bad template"),
    ],
)
def test_a_frame_that_breaks_a_rule_is_refused(changes: dict[str, Any], what: str) -> None:
    with pytest.raises(InputError, match=what):
        read_frame(minimal(**changes))


@pytest.mark.parametrize(
    "spec", ["nobody", "count 3", "money a b", "measure 1 2 3 4 x", "person 3"]
)
def test_an_unknown_slot_is_refused(spec: str) -> None:
    with pytest.raises(InputError, match="Unknown slot"):
        slot(spec)


def test_a_tell_supports_only_claims_whose_slots_it_has() -> None:
    (fact,) = read_frame(minimal(tells=["{t} has a mayor, {p}.", "{p} is mayor of a town."])).facts
    texts = [text.template for _, text in covering(fact, fact.claims[0][0], 0)]
    assert texts == ["{t} has a mayor, {p}."]


# --- figures and dates ------------------------------------------------------------------------

units = st.sampled_from(["", "%", "kilometres", "tonnes", "years", "minutes", *CURRENCIES])
seeds = st.integers(0, 2**32)


@given(units, st.floats(2, 90), st.floats(1.2, 1000), seeds)
def test_a_claim_on_a_figure_holds_for_the_figure(
    unit: str, low: float, times: float, seed: int
) -> None:
    rng = Random(seed)
    high = min(low * times, 99) if unit == "%" else low * times
    measure = Measure.draw(rng, unit, low, max(high, low + 1))
    wording = measure.claimed(rng)
    assert wording.range.holds(measure.point), wording
    assert not wording.range.excludes(measure.point)


@given(units, seeds)
def test_a_vague_wording_holds_for_the_figure(unit: str, seed: int) -> None:
    rng = Random(seed)
    measure = Measure.draw(rng, unit, 3, 80)
    assert measure.vague(rng).range.holds(measure.point)


@given(seeds)
def test_a_contradiction_lies_outside_what_the_claim_allows(seed: int) -> None:
    rng = Random(seed)
    world = {"n": Measure.draw(rng, "£", 1000, 1e9)}
    said = claimed(parse("It cost {n}."), world, rng)
    other = world["n"].another(rng)
    if contradicts(said, "n", world, other):
        assert said.wordings["n"].range.excludes(other.point)
    else:
        assert not said.wordings["n"].range.excludes(other.point)


@given(seeds)
def test_an_undecided_wording_neither_holds_nor_is_ruled_out(seed: int) -> None:
    rng = Random(seed)
    world = {"d": Day.draw(rng, 2010, 2025)}
    said = claimed(parse("It opened {d}."), world, rng)
    wording = undecided(said, "d", world, rng)
    if wording is not None:
        assert not said.wordings["d"].range.holds(wording.range)
        assert not said.wordings["d"].range.excludes(wording.range)


def test_dates_are_claimed_by_day_month_or_year() -> None:
    day = Day(date(2024, 3, 14), 2020, 2025)
    texts = {day.claimed(Random(seed)).text for seed in range(60)}
    assert texts == {"on 14 March 2024", "on March 14, 2024", "in March 2024", "in 2024"}


def test_another_currency_neither_supports_nor_contradicts() -> None:
    pounds = Measure(4.2e6, "£", 1e6, 1e7)
    said = claimed(parse("It cost {m}."), {"m": pounds}, Random(1))
    foreign = pounds.elsewhere(Random(2))
    assert foreign is not None
    assert foreign.unit != "£"
    assert not contradicts(said, "m", {"m": pounds}, foreign)
    assert Measure(7, "kilometres", 1, 9).elsewhere(Random(1)) is None


def composites() -> Iterator[str]:
    yield from ("change money 2e6 9e8", "change percent 4 30", "vote 21 120", "split count 30 900")


@pytest.mark.parametrize("spec", list(composites()))
def test_values_of_several_figures_add_up(spec: str) -> None:
    value: Any = slot(spec).draw(Random(4))
    if spec.startswith("change"):
        assert value.old.value + value.by.value == pytest.approx(value.new.value)
    elif spec.startswith("vote"):
        assert value.yes.value + value.no.value + value.away.value == value.seats.value
    else:
        assert value.part.value + value.rest.value == value.total.value


# --- texts --------------------------------------------------------------------------------


def test_sentences_start_with_a_capital_and_quotations_end_in_theirs() -> None:
    world = {"g": slot(["the Coast Guard", "the Mint"]).draw(Random(1)), "p": person(Random(1))}
    text = tell(parse("{g} came. {p.she} said: “it is late.”, and left."), world, Random(1))
    assert re.match(r"The (Coast Guard|Mint) came\. (She|He) said: “it is late”, and left\.$", text)


def test_nobody_is_contradicted_by_a_namesake() -> None:
    kind = slot("person")
    for seed in range(50):
        rng = Random(seed)
        name = kind.draw(rng)
        other = kind.another(rng, name)
        assert isinstance(name, Person)
        assert isinstance(other, Person)
        assert name.last != other.last


def test_siblings_of_firms_often_share_a_name_and_never_are_the_firm() -> None:
    kind, shared = slot("firm"), 0
    for seed in range(100):
        rng = Random(seed)
        firm = kind.draw(rng)
        sibling = kind.sibling(rng, firm)
        assert sibling != firm
        shared += str(sibling).split()[0] == str(firm).split()[0]
    assert shared > 30


@given(seeds)
def test_noise_keeps_every_figure(seed: int) -> None:
    text = "The council of Skelby paid £4,300 in 2019. Nobody voted against it; 37 people came."
    noise = noisy(text, Random(seed))
    assert [n for n in re.findall(r"\d[\d,]*", text) if n not in noise] == []


def test_roles_are_told_by_other_passages_of_the_same_claim() -> None:
    told: dict[tuple[str, str], dict[str, str]] = defaultdict(dict)
    for pair in pairs():
        if pair.maker == "framed/roles":
            told[pair.group, pair.claim][pair.label] = pair.passage
    whole = [passages for passages in told.values() if len(passages) == 3]
    assert whole
    assert all(passages[SUPPORTED] != passages[CONFLICTING] for passages in whole)
