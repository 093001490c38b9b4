"""Claims that a passage turns round: who did it to whom, which is the greater, who was for it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.compare.contraries import contraries
from agent.compare.opposites import opposites
from agent.compare.subjects import Sentence
from tools.text.sentences import sentence_spans

Pair = tuple[str, str]

TURNED: list[Pair] = [
    ("Skarra Line bought Tern Ferries.", "In May, Tern Ferries bought Skarra Line."),
    ("Skarra Line bought Tern Ferries.", "Skarra Line was bought by Tern Ferries in the spring."),
    ("Tern Ferries was taken over by Skarra.", "Skarra was taken over by Tern Ferries."),
    ("Holm beat Vellin in the final.", "Vellin narrowly beat Holm in the final."),
    ("Holm beat Vellin in the final.", "Holm lost to Vellin in the final."),
    ("Vellin lost to Holm.", "Holm was beaten by Vellin."),
    ("Nora Quist sued Alan Moor.", "Nora Quist was sued by Alan Moor."),
    ("Nora Quist accused Alan Moor of fraud.", "Alan Moor accused Nora Quist of fraud."),
    ("Ida Crane succeeded Lew Pettifer as mayor.", "Ida Crane was succeeded by Lew Pettifer."),
    ("Ida Crane replaced Lew Pettifer.", "Lew Pettifer has replaced Ida Crane as mayor."),
    ("Arne Tveit was taught by Lena Moss.", "Arne Tveit taught Lena Moss to skate."),
    ("Karl Brod is the father of Olga Fenn.", "Karl Brod is the son of Olga Fenn, a pianist."),
    ("Quarne is larger than Ambrel.", "Ambrel is larger than Quarne."),
    ("Quarne is larger than Ambrel.", "Quarne is much smaller than Ambrel, by any count."),
    ("The new ferry is slower than the old ferry.", "The new ferry is faster than the old ferry."),
    ("The Skell is longer than the Orre.", "The Skell is shorter than the Orre."),
]
NOT_TURNED: list[Pair] = [
    ("Skarra Line bought Tern Ferries.", "Tern Ferries was bought by Skarra Line."),
    ("Skarra Line bought Tern Ferries.", "Skarra bought Tern Ferries from Alan Moor."),
    ("Skarra Line bought Tern Ferries.", "Tern Ferries bought Gull Air."),
    ("Skarra Line bought Tern Ferries.", "Tern Ferries did not buy Skarra Line."),
    ("Holm beat Vellin.", "Vellin lost to Holm."),
    ("Holm beat Vellin in May 2024.", "In June 2025, Vellin beat Holm."),  # another match
    ("Holm beat Vellin.", "Holm beat Vellin; last year Vellin beat Holm."),
    ("Holm did not beat Vellin.", "Vellin beat Holm."),
    ("Ida Crane succeeded Lew Pettifer.", "Lew Pettifer was succeeded by Ida Crane."),
    ("Quarne is larger than Ambrel.", "Ambrel is smaller than Quarne."),
    ("Quarne is larger than Ambrel.", "Ambrel is richer than Quarne."),
    ("Quarne is larger than Ambrel.", "Ambrel is larger than Vellin."),
    ("Nora Quist sued Alan Moor.", "Alan Moor accused Nora Quist of fraud."),
]


def turned(pair: Pair) -> bool:
    claim, passage = pair
    sentences = [Sentence(a, b, passage[a:b]) for a, b in sentence_spans(passage)]
    return any(finding.relation == "differs" for finding in opposites(claim, sentences))


@pytest.mark.parametrize("pair", TURNED, ids="|".join)
def test_the_parties_in_each_others_place_differ(pair: Pair) -> None:
    assert turned(pair)


@pytest.mark.parametrize("pair", NOT_TURNED, ids="|".join)
def test_the_same_in_other_words_or_something_else_does_not_differ(pair: Pair) -> None:
    assert not turned(pair)


NAMES = st.sampled_from(["Skarra", "Tern", "Ida Crane", "Lew Pettifer", "Holm", "the old ferry"])
VERBS = st.sampled_from(
    "bought|lost to|was sued by|succeeded|is larger than|is older than".split("|")
)


@given(NAMES, VERBS, NAMES, st.lists(st.tuples(NAMES, VERBS, NAMES), max_size=3))
def test_no_statement_is_turned_round_by_a_text_that_makes_it(
    first: str, verb: str, second: str, others: list[tuple[str, str, str]]
) -> None:
    claim = f"{first} {verb} {second}."
    text = " ".join([claim, *(f"{' '.join(other)}." for other in others)])
    assert not turned((claim, text))


def test_the_note_sets_one_against_the_other() -> None:
    passage = "It rained. Holm lost to Vellin."
    sentences = [Sentence(a, b, passage[a:b]) for a, b in sentence_spans(passage)]
    (finding,) = opposites("Holm beat Vellin.", sentences)
    assert finding.note == "“Holm beat Vellin” against “Holm lost to Vellin”"
    assert passage[finding.start : finding.end] == "Holm lost to Vellin."


IN_PLACE: list[Pair] = [
    ("Rydal won the cup final against Oakham.", "Oakham lost the cup final against Rydal."),
    ("Holm beat Vellin.", "Vellin lost to Holm."),
]
CONTRARY: list[Pair] = [
    (
        "Belcastle has a railway station.",
        "Belcastle has no railway station; Wick has one.",
    ),
    (
        "Mara Toll has visited the island of Jura.",
        "Mara Toll has never visited the island of Jura.",
    ),
    ("Sales of the Lunt bakery fell last year.", "Sales of the Lunt bakery rose last year."),
    ("Fishing with nets is legal on Lake Orr.", "Fishing with nets is illegal on Lake Orr."),
    ("The board of Quill approved the merger.", "The board of Quill rejected the merger."),
    ("The Marl post office did not close.", "The Marl post office closed."),
    ("Rydal won the cup final.", "Rydal lost the cup final."),
    ("The climber is alive.", "The climber is dead."),
    ("Amber repels dust.", "Glass stays clean, but amber attracts dust."),
]
NOT_CONTRARY: list[Pair] = [
    ("Belcastle has a railway station.", "Belcastle has no railway station for goods trains."),
    ("Belcastle has a railway station.", "Wick has no railway station."),
    ("Trains to Elm stop at Birch.", "Not all trains to Elm stop at Birch."),
    ("The Ketts ferry ran on Sundays.", "The Ketts ferry no longer runs on Sundays."),
    ("Rents in Marl rose in 2023.", "Rents in Marl fell in 2021."),
    ("The council of Finch approved the plan.", "If the council of Finch rejected the plan, …"),
    ("The council of Finch approved the bypass.", "The council of Finch rejected the car park."),
    ("Rents in Marl rose.", "The mayor denied that rents in Marl fell."),
    # Both can have happened.
    ("The Bray street pool opened in May.", "The Bray street pool closed in May."),
    ("The hearing at Quill began.", "The hearing at Quill ended."),
    ("Tarn imports timber.", "Tarn exports timber."),
    ("The dairy at Holm took on drivers.", "The dairy at Holm dismissed drivers."),
    ("The barge left Wick.", "The barge arrived in Wick."),
    ("The fund bought the bonds.", "The fund sold the bonds."),
    ("The oldest juror of Finch wept.", "The youngest juror of Finch wept."),
    ("The east tower of Rydal leaned.", "The west tower of Rydal leaned."),
    ("Rents in Marl rose.", "Rents in Marl fell."),
    ("The Greens won seats.", "The Greens lost seats."),
    ("The wet season at Orr is long.", "The dry season at Orr is long."),
    ("Farmers backed the dam.", "Farmers opposed the dam."),
    ("Nurses at Orr joined the strike.", "Nurses at Orr did not join the strike."),
    # A detail is denied, or what is denied comes about after all.
    ("Judge Ames retired.", "Judge Ames did not retire willingly."),
    ("Judge Ames retired.", "Judge Ames did not retire because of her health."),
    ("The Marl post office closed.", "The Marl post office did not close at once."),
    ("The diver searched the wreck.", "The diver did not search the wreck twice."),
    ("The envoy signed the pact.", "The envoy did not sign the pact on Friday but on Sunday."),
    ("The envoy signed the pact.", "The envoy did not sign the pact. A day later she signed."),
    ("The senate passed the bill.", "The senate rejected the bill, then passed it."),
    ("The senate passed the bill.", "In 2011, the senate rejected the bill."),
    ("Critics like the play.", "Critics cannot but like the play."),
    ("The dog bit the postman.", "The postman did not bite the dog."),
    ("A boy of Wick was hurt.", "A boy of Wick was not hurt."),
]


def contrary(pair: Pair) -> bool:
    claim, passage = pair
    sentences = [Sentence(a, b, passage[a:b]) for a, b in sentence_spans(passage)]
    return any(finding.relation == "differs" for finding in contraries(claim, sentences))


@pytest.mark.parametrize("pair", IN_PLACE, ids="|".join)
def test_the_parties_in_their_places_are_the_same(pair: Pair) -> None:
    claim, passage = pair
    found = opposites(claim, [Sentence(0, len(passage), passage)])
    assert [finding.relation for finding in found] == ["same"]


@pytest.mark.parametrize("pair", CONTRARY, ids="|".join)
def test_the_claims_own_words_denied_or_turned_are_contrary(pair: Pair) -> None:
    assert contrary(pair)


@pytest.mark.parametrize("pair", NOT_CONTRARY, ids="|".join)
def test_a_denial_of_something_else_is_no_contrary(pair: Pair) -> None:
    assert not contrary(pair)
