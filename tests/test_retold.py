"""Many outlets tell of one event: what is told in other words and details contradicts nothing."""

from __future__ import annotations

import pytest

from agent.compare.checks import findings
from agent.compare.ruling import Ruling, rule_of
from agent.compare.subjects import Finding, Relation, is_run_on
from agent.rate.judge import Judgement
from agent.rate.wordings import outvoted
from agent.types import Reputation, Stance, Verdict
from tests.evidence import item

SAID = "“The tide gates will be shut on every night of the festival,” Mara Lind said."


@pytest.mark.parametrize(
    ("claim", "passage"),
    [
        (SAID, "Mara Lind said: as ever, “gates will be shut on every night of the festival”."),
        (SAID, "“Tide gates will be shut on every night of that festival,” Mara Lind said."),
        ("“The U.S. envoy paid 3 billion for a quiet word with them,” Ola Brandt said.",
         "“The US envoy paid 3bn for a quiet word with them,” Ola Brandt said."),
        ("“They were taking turns at the old naïve painter,” said Ola Brandt.",
         "“They were taking [sic] turns at the old naive painter,” said Ola Brandt."),
        ("“I heard them shout from the boat,” Tom’s mother said.",
         "Ida Crane, 41, said: “I heard them shout from the boat.” Her son Tom was unhurt."),
        ("“My boat was never in danger that night,” Ola Brandt said.",
         "The Arle Times met the skipper. “My boat was never in danger that night,” he said."),
        ("The guild published a leaflet titled “A short word to our neighbours”.",
         "The leaflet by Ola Brandt reads: “A short word to our neighbours”."),
        ("“They ask for $1 million before the boat sails,” Ola Brandt said.",
         "“They ask for $1m before the boat sails,” Ola Brandt said."),
        ("“We fear for the ferries in waters under NFL control,” Mara Lind said.",
         "“We fear for the ferries in waters under (Northern Front) control,” Mara Lind said."),
        ("“The tolls that ISIL takes grow by the day,” Mara Lind said.",
         "“The tolls that ISIS takes grow by the day,” Mara Lind said."),
        ("Lind noted reports that the Northern Front group takes tolls, but he said only that “the "
         "means they use grow by the day.”",
         "Lind was asked on Monday. “The means they use grow by the day,” Lind said."),
        ("“Beware the harbour thief,” the council warned.",
         "It was too late, the harbour thief had been there."),
        ("She left the choir in March of 2008.", "He left the choir in 2002."),
    ],
)  # fmt: skip
def test_what_is_retold_decides_nothing_against_a_claim(claim: str, passage: str) -> None:
    ruled = rule_of(findings(claim, passage))
    assert ruled is None or ruled[1] != "conflicting"


@pytest.mark.parametrize(
    "passage",
    [
        "“The tide gates will be shut on no night of the festival,” Mara Lind said.",
        "“The tide gates will be open on every night of the festival,” Mara Lind said.",
        "“The tide gates will be shut on every night of the festival,” Ola Brandt said.",
        "“The tide gates will be [not] shut on every night of the festival,” Mara Lind said.",
    ],
)
def test_a_word_that_matters_or_another_speaker_still_contradicts(passage: str) -> None:
    ruled = rule_of(findings(SAID, passage))
    assert ruled is not None
    assert ruled[1] == "conflicting"


def test_figures_of_headlines_that_run_into_one_another_contradict_nothing() -> None:
    claim = "The ferry to Orlen costs 12 euros."
    assert rule_of(findings(claim, "The ferry to Orlen costs 15 euros.")) is not None
    headlines = (
        "Ferry to Orlen costs 15 euros moreFestival opens with a drum paradeCouncil names five new "
        "wardensWhat to cook when the herring comesThe ten best walks round the lake in the fog "
        "and one to leave to others"
    )
    assert is_run_on(headlines)
    assert rule_of(findings(claim, headlines)) is None


def _told(relation: Relation, *, reworded: bool = True) -> Judgement:
    note = "“shut” in the article, “closed” in the source"
    found = Finding("quotation", relation, 0, 9, note, reworded=reworded)
    verdict: Verdict = "supported" if relation == "same" else "conflicting"
    split = (0.9, 0.1, 0.0) if relation == "same" else (0.1, 0.9, 0.0)
    return Judgement(split, (0, 9), (0, 9), (found,), (), Ruling(verdict, found, split))


@pytest.mark.parametrize(
    ("relations", "reputation", "places"),
    [
        (["same", "same", "differs"], "neutral", {2}),
        (["same", "differs"], "neutral", set()),
        (["same", "same", "differs", "differs"], "neutral", set()),
        (["differs", "same", "same"], "distrusted", set()),
        (["same", "same"], "neutral", set()),
    ],
)
def test_a_wording_is_outvoted_by_two_voices_and_more_than_have_it_so(
    relations: list[Relation], reputation: Reputation, places: set[int]
) -> None:
    stances: dict[Relation, Stance] = {"same": "supports", "differs": "contradicts"}
    rated = [item(stances[each], source=f"s-{n}") for n, each in enumerate(relations)]
    rated[-1] = rated[-1].model_copy(update={"reputation": reputation})
    told = outvoted([_told(each) for each in relations], rated)
    assert set(told) == places
    assert all(note.startswith("worded otherwise here: “shut”") for note in told.values())


def test_a_turned_quotation_is_never_outvoted() -> None:
    rated = [item("supports", source=f"s-{n}") for n in range(4)] + [
        item("contradicts", source="s-9")
    ]
    told = [_told("same") for _ in range(4)] + [_told("differs", reworded=False)]
    assert outvoted(told, rated) == {}


@pytest.mark.parametrize(
    ("passage", "reworded"),
    [
        ("“The tide gates will be closed on every night of the festival,” Mara Lind said.", True),
        ("“The tide gates will be shut on no night of the festival,” Mara Lind said.", False),
        (
            "“The tide gates will be shut on every night of the [long] festival,” Mara Lind said.",
            None,
        ),
        ("“The tide gates will be [left] on every night of the festival,” Mara Lind said.", True),
    ],
)
def test_what_is_only_worded_otherwise_is_told_from_what_is_turned(
    passage: str, reworded: bool | None
) -> None:
    (found,) = findings(SAID, passage)
    assert (found.relation, found.reworded) == (
        ("same", False) if reworded is None else ("differs", reworded)
    )


def test_somebody_whose_name_is_a_newspapers_too_is_somebody() -> None:
    ruled = rule_of(findings(SAID, SAID.replace("Mara Lind", "Emily Post")))
    assert ruled is not None
    assert ruled[1] == "conflicting"
