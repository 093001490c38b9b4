"""What is told of another thing contradicts nothing: the mill's people are not the hospital's."""

import pytest

from agent.compare.actors import actor, of_another_actor
from agent.compare.checks import findings


@pytest.mark.parametrize(
    ("claim", "sentence"),
    [
        ("The mill employs 240 people.", "The harbour employs 330 people."),
        ("The mill employs 240 people.", "The harbour employs 330 people, and 41 are pilots."),
        ("Tormund had 52,300 inhabitants in 2025.", "The mill at Tormund employs 240 people."),
        ("Tormund had 52,300 inhabitants.", "The hospital of Tormund treated 18,400 patients."),
        ("It cost 20,000 euros.", "The bridge cost 19 million euros."),
        ("They cost 400 euros.", "The bridge cost 19 million euros."),
        ("The stadium cost 41 million euros.", "In 2025, the theatre cost 23 million euros."),
        ("The library reopened in March 2026.", "The museum reopened in May 2026."),
        ("The choir has 60 members.", "The orchestra has 85 members, nine of them new."),
        ("The woman earns 900 euros a day.", "The man now earns 700 euros a day."),
        ("Police said they had arrested 78 people.", "Sixteen people were arrested at the lot."),
        ("Officials said 26 people were hurt.", "More than a dozen people were hurt, they said."),
        ("Its club was founded in 1940.", "The ferry Path was founded in 2010 by a singer."),
    ],
)
def test_what_is_told_of_another_does_not_contradict(claim: str, sentence: str) -> None:
    assert not [found for found in findings(claim, sentence) if found.relation == "differs"]


@pytest.mark.parametrize(
    ("claim", "sentence"),
    [
        ("The mill employs 240 people.", "The mill employs 330 people."),
        ("The paper mill employs 240 people.", "The mill at Tormund employs 330 people."),
        ("The company employs 240 people.", "The mill employs 330 people."),
        ("The mill employs 240 people.", "The company employs 330 people."),
        ("The mill employs 240 people.", "Nordhavn Paper employs 330 people."),
        ("The mill employs 240 people.", "It employs 330 people."),
        ("Tormund had 52,300 inhabitants.", "The town of Tormund had 48,000 inhabitants."),
        ("The stadium cost 41 million euros.", "The cost of the stadium was 52 million euros."),
        ("The library reopened in March 2026.", "The old library reopened in May 2026."),
        # Another word for the same thing, and the same word for nothing.
        ("The airline carried 12 million people.", "The carrier carried 9 million people."),
        ("The fire destroyed 40 homes on 3 May.", "The blaze destroyed 12 homes on 3 May."),
        ("The hospital treated 18,400 patients.", "The clinic treated 15,200 patients."),
        ("The bank cut 400 jobs in March 2025.", "The lender cut 250 jobs in March 2025."),
        ("The woman earns 900 euros a day.", "The woman now earns 700 euros a day."),
        ("Police in Orlen said they had arrested 78 people.", "In Orlen 16 people were arrested."),
        ("Its club was founded in 1940.", "The club was founded in 2010 by a singer."),
        ("It cost 20,000 euros.", "It cost 30,000 euros."),
        ("It is reported that Lornia has 900 inhabitants.", "Lornia has 600 inhabitants."),
        (
            "Tormund raised the wage to 14 euros.",
            "The council of Tormund raised the wage to 12 euros.",
        ),
        ("Tormund employs 240 people at the mill.", "The Tormund mill employs 330 people."),
    ],
)
def test_what_is_told_of_the_same_still_does(claim: str, sentence: str) -> None:
    assert [found for found in findings(claim, sentence) if found.relation == "differs"]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "Sold: 400 tickets",
        "The number of visitors rose to 400.",
        "There were 400 visitors.",
        "The mill",
        "Of the 400 tickets the theatre sold 300.",
    ],
)
def test_a_subject_that_cannot_be_read_says_nothing(text: str) -> None:
    assert actor(text) is None
    assert not of_another_actor("The mill employs 240 people.", text)


def test_the_clause_counts_before_the_sentence() -> None:
    sentence = "The mill closed in 2020, and the hospital employs 330 people."
    assert of_another_actor("The mill employs 240 people.", "the hospital employs 330", sentence)
    assert not of_another_actor("The mill employs 240 people.", "employs 330 people", sentence)
