"""What follows from several figures or dates, and what only seems to."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.compare.checks import findings
from agent.compare.ruling import by_figures, ruling
from agent.compare.subjects import Finding
from tools.numbers.arithmetic import chance, derived, steps
from tools.numbers.quantities import quantities


def figure(claim: str, passage: str) -> Finding:
    """The finding on the claim's last figure."""
    return [found for found in findings(claim, passage) if found.what == "figure"][-1]


@pytest.mark.parametrize(
    ("claim", "passage", "relation", "note"),
    [
        pytest.param(
            "Together, the two dams of Orne store 760 million litres.",
            "At Orne the upper dam stores 350 million litres, the lower one 410 million litres.",
            "same",
            "760 million litres: 350 million litres + 410 million litres = 760 million litres",
            id="all the parts of a sum",
        ),
        pytest.param(
            "Together, the two dams of Orne store 900 million litres.",
            "At Orne the upper dam stores 350 million litres, the lower one 410 million litres.",
            "differs",
            "900 million litres: 350 million litres + 410 million litres = 760 million litres",
            id="all the parts of another sum",
        ),
        pytest.param(
            "The repairs in Ketter add up to 87 million euros.",
            "The repairs in Ketter cost 52 million euros for roads and 35 million for rails.",
            "same",
            "87 million euros: 52 million euros + 35 million = 87 million",
            id="a part whose unit was told before",
        ),
        pytest.param(
            "Support for the Harbour List rose by five percentage points.",
            "In March 23 per cent supported the Harbour List. "
            "In May support for it was 28 per cent.",
            "same",
            "five percentage points: 28 per cent − 23 per cent = 5",
            id="points between two shares",
        ),
        pytest.param(
            "The regatta in Vell drew 80,000 people.",
            "The regatta in Vell had hoped for 80,000 people. Owing to the storm, 57,000 came.",
            "differs",
            "80,000 was expected; it was 57,000",
            id="what came of a plan",
        ),
    ],
)
def test_what_several_figures_tell_together(
    claim: str, passage: str, relation: str, note: str
) -> None:
    found = figure(claim, passage)
    assert (found.relation, found.note) == (relation, note)


@pytest.mark.parametrize(
    ("claim", "passage"),
    [
        pytest.param(
            "The band has been active for over 45 years.",
            "The band was active from 1973 to 1984; it has played since 1985.",
            id="of several times none is the one",
        ),
        pytest.param(
            "The championships of Ketter took 3 weeks.",
            "The 2018 championships of Ketter took place until 27 October 2018.",
            id="a year does not begin before its own day",
        ),
        pytest.param(
            "He married a woman 20 years younger.",
            "He married her in 2004 and resigned in 2012.",
            id="a difference of ages is no time that passed",
        ),
        pytest.param(
            "A game in Ketter takes two hours.",
            "A game in Ketter takes anywhere from ten minutes to six hours.",
            id="a range is no move",
        ),
        pytest.param(
            "Orne raised the tax by six percentage points.",
            "Orne is governed by the Farmers' List. 50 per cent of its wells and 44 per cent of "
            "its bridges are old.",
            id="the difference of two other shares",
        ),
        pytest.param(
            "The fleet of Skarra carried 235,000 people.",
            "The fleet of Skarra carried 235, 000 people.",
            id="a number torn up by spaces",
        ),
        pytest.param(
            "The walk from Orne measures 2.4 miles.",
            "The walk from Orne measures 2. 4 miles.",
            id="a number torn into two sentences",
        ),
        pytest.param(
            "The band sold over 100 million records.",
            "The band sold 100 million records.",
            id="more than a round number",
        ),
        pytest.param(
            "Nearly one third of the households have a well.",
            "28.2 per cent of the households have a well.",
            id="a rough share",
        ),
    ],
)
def test_what_does_not_follow_is_neither_the_same_nor_another(claim: str, passage: str) -> None:
    found = figure(claim, passage)
    assert found.relation != "differs"
    assert not found.worked_out


def test_a_result_that_any_figures_would_give_does_not_count() -> None:
    claim = "Orne has about 7 wells more."
    wanted = quantities(claim)[0]
    passage = "Orne has 31 wells, 20 wells, 17 wells, 38 wells, 12 wells and 52 wells."
    results = list(derived(wanted, quantities(passage), steps(claim, wanted)))
    few = list(derived(wanted, quantities("Orne has 31 wells and 24 wells."), steps(claim, wanted)))
    assert chance(wanted, results) > chance(wanted, few)


@pytest.mark.parametrize(
    ("claim", "passage", "absent"),
    [
        ("Orne has 3,150 wells.", "Orne has wells.", True),
        ("The bridge cost 40 million euros.", "The bridge was dear.", True),
        ("Orne has 3,150 wells.", "Orne lists 3 150 springs.", True),  # of something else
        ("Orne has 31,502 wells.", "Orne lists 31 502 springs.", False),  # no coincidence
        ("Orne lost 3,150 hens.", "Orne has 3,150 hens.", True),
        ("Orne has 3,150 wells.", "Orne, 3, 150 wells.", False),
        ("Orne has about 3,150 wells.", "Orne has wells.", False),  # may be told in other words
        ("Orne has two wells.", "Orne has a deep well and a shallow one.", False),  # listed
        ("She has sung since she was 17.", "Born in 1976, she has sung since 1993.", False),
    ],
)
def test_which_figures_are_absent(claim: str, passage: str, absent: bool) -> None:
    assert any(found.absent for found in findings(claim, passage)) is absent


@given(st.tuples(*[st.floats(0.01, 1)] * 3), st.booleans())
def test_a_passage_without_the_figure_neither_supports_nor_contradicts(
    weights: tuple[float, float, float], absent: bool
) -> None:
    total = sum(weights)
    by_model = (weights[0] / total, weights[1] / total, weights[2] / total)
    found = [Finding("figure", "silent", absent=absent)]
    supported, conflicting, unverifiable = by_figures(found, by_model)
    assert supported + conflicting + unverifiable == pytest.approx(1)
    assert conflicting == (min(by_model[1], 0.45) if absent else by_model[1])
    assert supported == (min(by_model[0], 0.1) if absent else by_model[0])
    assert ruling(found, by_model, {}) is None


@pytest.mark.parametrize(
    ("claim", "passage"),
    [
        (
            "In Orne 6.4 per cent of people under 25 had no work.",
            "In Orne the rate was 9.8 per cent. Among people under 25 it was not counted.",
        ),
        (
            "Of the 1,164 coins found at Orne, six are of gold.",
            "At Orne 980 of the coins that were found have been cleaned; six are of gold.",
        ),
    ],
)
def test_an_age_is_no_share_and_a_part_no_other_whole(claim: str, passage: str) -> None:
    notes = [found.note for found in findings(claim, passage) if found.relation == "differs"]
    assert not [note for note in notes if "25" in note.split("against")[-1] or "980" in note]


@pytest.mark.parametrize(
    ("claim", "passage"),
    [
        ("A fire burned 31 barns of Lower Orne.", "A fire burned 31 barns of Upper Orne."),
        ("Orne lent 150 more maps than globes.", "Orne lent 800 maps, 150 more than in 2019."),
        ("Orne grew 18 tonnes of rye a hectare.", "Orne grew 18 tonnes of rye."),
        ("Orne counts 1,200 anglers.", "The anglers of Orne gained 1,200 members."),
        ("The Orne bridge opened on 3 May 2021.", "The Orne bridge opened in the spring of 2021."),
    ],
)
def test_what_is_told_of_another_thing_or_less_exactly_cannot_support(
    claim: str, passage: str
) -> None:
    found = findings(claim, passage)
    assert any(one.absent for one in found)
    assert not any(one.relation == "differs" for one in found)


@pytest.mark.parametrize(
    ("claim", "passage", "told"),
    [
        ("The Orne tunnel is five miles long.", "The Orne tunnel is 8 kilometres long.", True),
        ("Orne sold 9,000 lamps in 2021.", "In 2021 Orne sold 9,004 lamps.", True),
        ("Orne sold 9,004 lamps in 2021.", "In 2021 Orne sold 9,000 lamps.", False),  # as far
        ("Orne sold 9,000 lamps in 2021.", "In 2021 Orne never sold 9,000 lamps.", False),
        ("Orne sold two lamps in 2021.", "In 2021 Orne sold two lamps.", False),  # hardly telling
    ],
)
def test_a_figure_is_told_where_it_stands_for_the_same_thing_as_exactly(
    claim: str, passage: str, told: bool
) -> None:
    assert [one.told for one in findings(claim, passage) if one.what == "figure"] == [told]


@given(st.tuples(*[st.floats(0.01, 1)] * 3))
def test_a_conflict_is_not_believed_where_every_figure_is_told(
    weights: tuple[float, float, float],
) -> None:
    total = sum(weights)
    by_model = (weights[0] / total, weights[1] / total, weights[2] / total)
    found = [Finding("figure", "same", 0, 4, told=True)]
    supported, conflicting, unverifiable = by_figures(found, by_model)
    assert supported + conflicting + unverifiable == pytest.approx(1)
    assert conflicting == min(by_model[1], 0.1)
    assert (supported >= unverifiable) == (by_model[0] >= by_model[2])
    assert by_figures([*found, Finding("figure", "silent")], by_model) == by_model


@pytest.mark.parametrize(
    ("claim", "passage", "note"),
    [
        (
            "Before the cut the Orne rate was 3.25 per cent.",
            "The Orne bank cut its rate by 0.75 percentage points to 2.5 per cent.",
            "3.25 per cent: 2.5 per cent + 0.75 percentage points = 3.25 per cent",
        ),
        (
            "The Orne school had 900 pupils before.",
            "The Orne school shrank by 120 to 780 pupils.",
            "900: 780 + 120 = 900",
        ),
    ],
)
def test_what_it_was_before_follows_from_the_change(claim: str, passage: str, note: str) -> None:
    (found,) = findings(claim, passage)
    assert (found.relation, found.note, found.worked_out) == ("same", note, True)


def test_how_far_something_moved_is_not_how_far_it_got() -> None:
    (found,) = findings(
        "Orne raised its output by 6 million tonnes.",
        "Orne raised its output from 5.6 to 6 million tonnes.",
    )
    assert found.relation == "differs"
    assert found.note.endswith("= 0.4 million tonnes")
