"""Figures of a claim against those of a passage: agree, contradict, or say nothing."""

from __future__ import annotations

import pytest

from agent.compare.checks import Finding, findings


def found(claim: str, passage: str) -> list[Finding]:
    return [f for f in findings(claim, passage) if f.what in ("figure", "date")]


def relations(claim: str, passage: str) -> set[str]:
    return {finding.relation for finding in found(claim, passage)}


@pytest.mark.parametrize(
    ("claim", "passage"),
    [
        pytest.param(
            "Orvane's solar parks fed about 3.1 terawatt-hours into the grid in 2020.",
            "Orvane's solar parks fed 3,084 gigawatt-hours into the grid in 2020, the "
            "regulator said.",
            id="rounding",
        ),
        pytest.param(
            "The new ferry at Rindal is 320 feet long.",
            "The new ferry at Rindal measures 97.5 metres in length and takes 140 cars.",
            id="units",
        ),
        pytest.param(
            "The central bank of Torrel raised its key rate by half a percentage point.",
            "The central bank of Torrel raised its key rate by 50 basis points to 3.25 per "
            "cent on Wednesday.",
            id="points",
        ),
        pytest.param(
            "The merger values Quillon Steel at 2.4 billion dollars.",
            "Under the terms of the merger, Quillon Steel is valued at 2,400 million dollars.",
            id="magnitude",
        ),
        pytest.param(
            "A kilo of Dalmere honey costs between 12 and 18 euros.",
            "A kilo of Dalmere honey costs 12 to 18 euros at the market, depending on the season.",
            id="range",
        ),
        pytest.param(
            "More than a hundred flights were cancelled at Nordholt airport on Sunday.",
            "At Nordholt airport 137 flights were cancelled on Sunday because of the ice.",
            id="bound",
        ),
        pytest.param(
            "The comet was discovered in the second quarter of 2016.",
            "The comet was discovered on 19 May 2016 by two amateurs in the hills above Rauma.",
            id="date",
        ),
        pytest.param(
            "Agnes Tilmark led the observatory for eleven years.",
            "Agnes Tilmark became head of the observatory in 1996 and handed it over to "
            "her deputy in 2007.",
            id="duration",
        ),
        pytest.param(
            "The composer Leo Varn was 54 when he died.",
            "Leo Varn, born on 3 March 1811, was a composer and organist. He died in "
            "Ketter on 20 August 1865.",
            id="duration-2",
        ),
        pytest.param(
            "The painting was sold for 4.5 million dollars.",
            "The painting was sold for 4 million euros (4.5 million dollars) at an auction "
            "in Vesper on Friday.",
            id="currency",
        ),
        pytest.param(
            "One in four pupils in Westerby has no breakfast.",
            "A survey found that 25 per cent of the pupils in Westerby have no breakfast "
            "before school.",
            id="number_words",
        ),
        pytest.param(
            "Kesmark beat Lunne 3–1.",
            "Kesmark won the cup for the first time: 3–1 against Lunne, after a goal in "
            "the second minute.",
            id="score",
        ),
        pytest.param(
            "In all, 310 workers will be laid off at Fennel Glass.",
            "Fennel Glass will lay off 190 workers in Ostel and 120 workers in Belmere.",
            id="sum",
        ),
        pytest.param(
            "A fifth of the hospital's 450 beds are in intensive care.",
            "The hospital has 450 beds, 90 of them in intensive care.",
            id="share",
        ),
        pytest.param(
            "Rents in Astrup rose by 10 per cent to 990 euros.",
            "Rents in Astrup, which stood at 900 euros a year ago, have reached 990 euros.",
            id="change_level",
        ),
        pytest.param(
            "Each of the 40 buses carries 250 passengers a day on average.",
            "The 40 buses carry 10,000 passengers a day.",
            id="rate",
        ),
        pytest.param(
            "After costs, the bazaar left 4,000 pounds for the school.",
            "The bazaar took 6,500 pounds; costs were 2,500 pounds, and the rest went to "
            "the school.",
            id="net_gross",
        ),
        pytest.param(
            "Quillon Steel employs some 3,400 people.",
            "Quillon Steel has 3,412 employees, a third of them in Ostel.",
            id="employs",
        ),
    ],
)
def test_a_figure_that_says_the_same_agrees(claim: str, passage: str) -> None:
    assert relations(claim, passage) == {"same"}


@pytest.mark.parametrize(
    ("claim", "passage"),
    [
        pytest.param(
            "Roughly 7,400 people ran the Belmere half marathon in 2018.",
            "The Belmere half marathon of 2018 had 8,106 runners, more than in any year before.",
            id="rounding",
        ),
        pytest.param(
            "Around 1.2 million tourists visited the fjords of Kesmark last summer.",
            "Last summer 1,486,000 tourists visited the fjords of Kesmark. The year before "
            "it had been 1,190,000.",
            id="rounding-2",
        ),
        pytest.param(
            "The Haldor quarry ships 40,000 kilograms of slate a week.",
            "Slate is shipped by rail. The Haldor quarry ships 60 tonnes of slate a week, "
            "most of it to the south.",
            id="units",
        ),
        pytest.param(
            "The national park of Lunne covers 1,500 square kilometres.",
            "Lunne has one national park, which was founded in 1962. It covers 95,000 "
            "hectares of moor and forest.",
            id="units-2",
        ),
        pytest.param(
            "Support for the Green List in Hadley rose by 6 percentage points.",
            "In Hadley, support for the Green List rose from 12 per cent to 15 per cent "
            "between the two polls.",
            id="points",
        ),
        pytest.param(
            "The city of Astrup owes its banks 640 million euros.",
            "The city of Astrup owes its banks 6.4 billion euros, the treasurer told the council.",
            id="magnitude",
        ),
        pytest.param(
            "The telescope has photographed 3 million galaxies.",
            "The telescope has photographed 3 billion galaxies since it was switched on, "
            "the institute said.",
            id="magnitude-2",
        ),
        pytest.param(
            "The operation takes 30 to 45 minutes.",
            "According to the clinic, the operation takes between 90 and 120 minutes and "
            "is done under full anaesthetic.",
            id="range",
        ),
        pytest.param(
            "Forecasters expect 5 to 10 centimetres of snow in the Orne hills tonight.",
            "Tonight 20 to 30 centimetres of snow are expected in the Orne hills, "
            "forecasters said.",
            id="range-2",
        ),
        pytest.param(
            "At least 50 houses in Penvale were damaged by the flood.",
            "The flood damaged 38 houses in Penvale, the fire brigade counted; nobody was hurt.",
            id="bound",
        ),
        pytest.param(
            "No more than 15 patients died of the infection at Sankt Olav hospital.",
            "At Sankt Olav hospital 22 patients died of the infection, an inquiry has found.",
            id="bound-2",
        ),
        pytest.param(
            "The law on river water came into force on 1 July 2012.",
            "Parliament passed the law on river water on 14 March 2012; it came into force "
            "on 1 January 2013.",
            id="date",
        ),
        pytest.param(
            "The strike at the docks of Ebbing lasted six weeks.",
            "The docks of Ebbing were on strike for nineteen days, the longest strike "
            "there since the war.",
            id="duration",
        ),
        pytest.param(
            "The swimmer Ada Krol was 19 years old when she won her first medal.",
            "Ada Krol was born in 1990. She won her first medal in 2006, in the relay.",
            id="duration-2",
        ),
        pytest.param(
            "The stadium in Harrow Bay cost 90 million pounds.",
            "The stadium in Harrow Bay cost 70 million pounds, or about 90 million dollars.",
            id="currency",
        ),
        pytest.param(
            "Half of the bees in the Corran valley died over the winter.",
            "Over the winter, 31 per cent of the bees in the Corran valley died, "
            "beekeepers reported.",
            id="number_words",
        ),
        pytest.param(
            "A dozen ships are waiting outside the port of Lissmund.",
            "Thirty-one ships are waiting outside the port of Lissmund, twelve of them tankers.",
            id="number_words-2",
        ),
        pytest.param(
            "Brandt Motors is the country's third-largest maker of tractors.",
            "Brandt Motors is the country's fifth-largest maker of tractors and its oldest.",
            id="rank",
        ),
        pytest.param(
            "Tova Lind came third in the women's downhill.",
            "Tova Lind finished the women's downhill in fifth place, two seconds behind "
            "the winner.",
            id="rank-2",
        ),
        pytest.param(
            "The senate passed the pensions bill by 61 votes to 39.",
            "The senate passed the pensions bill on Tuesday by 54 votes to 46, after a "
            "debate of two days.",
            id="score",
        ),
        pytest.param(
            "Rauma lost the final 2–4 to Ketter.",
            "Ketter beat Rauma 3–2 in the final, in front of 12,000 people.",
            id="score-2",
        ),
        pytest.param(
            "Together, the two dams store 900 million litres.",
            "The upper dam stores 350 million litres, the lower one 410 million litres.",
            id="sum",
        ),
        pytest.param(
            "Exports made up 70 per cent of Hallam Foods' sales.",
            "Hallam Foods had sales of 200 million euros, of which exports made up 84 "
            "million euros.",
            id="share",
        ),
        pytest.param(
            "The price of a season ticket rose to 80 euros.",
            "The price of a season ticket rose by 80 euros to 420 euros.",
            id="change_level",
        ),
        pytest.param(
            "The herd of bison at Orne grew by 140 animals.",
            "The herd of bison at Orne grew to 140 animals, 23 more than last year.",
            id="change_level-2",
        ),
        pytest.param(
            "The pump moves 300 litres of water an hour.",
            "The pump moves 900 litres of water an hour at full power.",
            id="rate",
        ),
        pytest.param(
            "Norvik Airlines made a net profit of 45 million dollars in 2019.",
            "In 2019 Norvik Airlines made an operating profit of 45 million dollars and a "
            "net profit of 28 million dollars.",
            id="net_gross",
        ),
        pytest.param(
            "In 2021 the Lunne park had 84,000 visitors.",
            "In 2020 the Lunne park had 84,000 visitors; in 2021 it had 103,000 visitors.",
            id="period",
        ),
        pytest.param(
            "Unemployment in Ketter is 7.5 per cent.",
            "Unemployment is 7.5 per cent in Rauma and 5.1 per cent in Ketter.",
            id="place",
        ),
        pytest.param(
            "The harvest in Corran came to 64,000 tonnes of wheat.",
            "The harvest in Corran came to 51,000 tonnes of wheat; the ministry had "
            "expected 64,000 tonnes.",
            id="forecast",
        ),
        pytest.param(
            "The earthquake killed 45 people.",
            "The earthquake killed 52 people, the authorities said on Monday, correcting "
            "an earlier figure of 45.",
            id="revised",
        ),
        pytest.param(
            "Quillon Steel employs 4,300 people.",
            "Quillon Steel has 3,400 employees, a third of them in Ostel.",
            id="employs",
        ),
    ],
)
def test_another_figure_of_the_same_thing_contradicts(claim: str, passage: str) -> None:
    assert "differs" in relations(claim, passage)


@pytest.mark.parametrize(
    ("claim", "passage"),
    [
        pytest.param(
            "Turnout in Marne rose by 4 percentage points.",
            "The number of voters in Marne rose by 4 per cent, partly because the town has grown.",
            id="points",
        ),
        pytest.param(
            "The ministry spent 80 million crowns on the new radar.",
            "For the new radar, the ministry had asked parliament for 80 billion crowns. "
            "What it got was not made public.",
            id="magnitude",
        ),
        pytest.param(
            "Guides at the Solvey caves earn more than 20 euros an hour.",
            "Guides at the Solvey caves earn between 17 and 24 euros an hour, depending on "
            "their languages.",
            id="range",
        ),
        pytest.param(
            "Fewer than 200 workers will lose their jobs at the Tessel mill.",
            "The Tessel mill employs 610 workers. How many of them will lose their jobs is "
            "being negotiated.",
            id="bound",
        ),
        pytest.param(
            "The Skarn mine was closed in 1974.",
            "The Skarn mine was opened in 1902. From 1974 on, its ore was shipped through "
            "the harbour of Lund.",
            id="date",
        ),
        pytest.param(
            "Norvik Airlines paid 30 million dollars for the landing rights.",
            "For the landing rights, Norvik Airlines paid 28 million euros.",
            id="currency",
        ),
        pytest.param(
            "Women hold 40 per cent of the seats in the parliament of Torrel.",
            "In the parliament of Torrel, 40 per cent of the speeches last year were given "
            "by women.",
            id="share",
        ),
        pytest.param(
            "The pump moves 300 litres of water an hour.",
            "The tank holds 300 litres of water and is emptied by a pump.",
            id="rate",
        ),
        pytest.param(
            "In 2022 the Lunne park had 84,000 visitors.",
            "In 2020 the Lunne park had 84,000 visitors.",
            id="period",
        ),
        pytest.param(
            "Unemployment in Ostel is 7.5 per cent.",
            "Unemployment is 7.5 per cent in Rauma and 5.1 per cent in Ketter.",
            id="place",
        ),
        pytest.param(
            "The harvest in Corran came to 64,000 tonnes of wheat.",
            "The ministry expects a harvest of 64,000 tonnes of wheat in Corran.",
            id="forecast",
        ),
    ],
)
def test_a_figure_of_something_else_says_nothing(claim: str, passage: str) -> None:
    figures = [finding for finding in found(claim, passage) if finding.what == "figure"]
    assert {finding.relation for finding in figures} <= {"silent"}
    assert "differs" not in relations(claim, passage)


@pytest.mark.parametrize(
    ("claim", "passage", "note"),
    [
        (
            "In all, Fennel Glass will lay off 310 workers.",
            "Fennel Glass will lay off 190 workers in Ostel and 120 workers in Belmere.",
            "310: 190 + 120 = 310",
        ),
        (
            "Forty per cent of the hospital's beds are in intensive care.",
            "The hospital has 450 beds, of which 180 are in intensive care.",
            "Forty per cent: 180 of 450 = 40 per cent",
        ),
        (
            "The composer Leo Varn was 54 when he died.",
            "Leo Varn, born on 3 March 1811, was a composer. He died in Ketter on 20 August 1865.",
            "54: from 3 March 1811 to 20 August 1865",
        ),
    ],
)
def test_what_follows_by_arithmetic_says_how(claim: str, passage: str, note: str) -> None:
    worked_out = [finding for finding in found(claim, passage) if finding.worked_out]
    assert [finding.note for finding in worked_out] == [note]
    assert all(finding.relation == "same" for finding in worked_out)


def test_what_is_written_there_is_not_worked_out() -> None:
    (finding,) = found("Skarra carried 310 cars.", "Skarra carried 310 cars.")
    assert not finding.worked_out
    assert finding.note == "310: the same"


def test_the_share_of_the_claim_around_a_figure_is_told() -> None:
    claim = "The Orne quarry sold 410 tonnes of marble to churches."
    (whole,) = found(claim, claim)
    (part,) = found(claim, "The Orne quarry is old. It weighs 410 tonnes.")
    assert whole.subject_shared == 1.0
    assert part.subject_shared < 0.6


def test_a_figure_that_is_nowhere_is_named() -> None:
    (finding,) = found("Orne has about 410 wells.", "Orne lies on a hill.")
    assert (finding.relation, finding.note) == ("silent", "about 410: not in the passage")


CLAIM_OF_TWO = (
    "Revenue for the fourth quarter of 2024 was €48.4 billion — a 22-percent increase on the "
    "year before."
)
REPORTED = (
    "Halden reported a strong performance in the fourth quarter, with revenue reaching "
    "€47.3 billion, marking a 21% year-on-year increase."
)


@pytest.mark.parametrize(
    ("claim", "passage"),
    [(CLAIM_OF_TWO, REPORTED), (REPORTED, CLAIM_OF_TWO.replace("Revenue", "Halden’s revenue"))],
)
def test_what_a_claim_says_of_another_figure_does_not_hide_a_contradiction(
    claim: str, passage: str
) -> None:
    told = {f.relation for f in findings(claim, passage) if f.what == "figure"}
    assert "differs" in told


def test_of_a_claim_of_very_many_figures_those_that_are_not_compared_must_stand_there() -> None:
    claim = "The mills took " + ", ".join(f"{number},500 crowns" for number in range(31, 56)) + "."
    for passage, absent in ((claim, False), (claim.replace("55,500", "55,700"), True)):
        assert absent == any(f.absent for f in findings(claim, passage) if f.what == "figure")
