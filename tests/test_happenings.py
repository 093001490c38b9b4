"""What a passage tells of the claim's event: that it came about, that it did not, or neither."""

from __future__ import annotations

import pytest

from agent.compare.happenings import happenings
from agent.compare.subjects import Sentence
from tools.text.sentences import sentence_spans

Pair = tuple[str, str]

CONTRADICTED: list[Pair] = [
    ("The council approved the budget.", "The council failed to approve the budget on Monday."),
    ("Chemists have found a cure.", "Chemists have yet to find a cure for hay fever, or a test."),
    ("Marrin Foods recalled the yoghurt.", "Marrin Foods refused to recall the yoghurt."),
    ("The union accepted the offer.", "The union turned down the offer of the mill."),
    (
        "The court convicted Dellner of fraud.",
        "The court acquitted Dellner of fraud on all counts.",
    ),
    ("The fair took place on Friday.", "Friday’s fair was cancelled because of the storm."),
    (
        "The mayor has withdrawn her bid.",
        "Reports that the mayor had withdrawn her bid were false.",
    ),
    ("The union rejected the offer.", "The union did not reject the offer."),
    ("Gull Air flies to Velden.", "Gull Air stopped flying to Velden in 2019."),
    ("Mara Holt interviewed Jan Brandt.", "Jan Brandt interviewed Mara Holt for the Sunday paper."),
    ("Mara Holt hired Jan Brandt.", "Mara Holt was hired by Jan Brandt in 2011."),
    ("The dog bit the postman.", "The postman bit the dog."),
    ("Orsk City bought the horse from Velden.", "Velden bought the horse from Orsk City."),
    ("The train from Lorn to Orsk was delayed.", "The train from Orsk to Lorn was delayed."),
]
UNTOLD: list[Pair] = [
    ("The company has opened a mill in Lorn.", "The company plans to open a mill in Lorn."),
    ("The city banned cars from the quay.", "The city may ban cars from the quay next year."),
    ("The mayor took bribes.", "The mayor is accused of taking bribes, which he denies."),
    ("The bank laundered money.", "Prosecutors allege that the bank laundered money."),
    ("The minister has resigned.", "The minister denied that she had resigned."),
    ("Scientists found that coffee protects the liver.",
     "Scientists are to find out whether coffee protects the liver."),
    ("Rask criticised Olsen.", "Olsen criticised Rask in a radio interview."),  # both may have
]  # fmt: skip
BORNE_OUT: list[Pair] = [
    ("The council approved the budget.", "The council did not approve the budget until Monday."),
    ("The firm refused to pay the fine.", "The firm did not pay the fine."),
    ("The rescuers did not reach the hut until Monday.", "On Monday the rescuers reached the hut."),
    ("The mill opened in March.", "The mill did not open until March."),
    ("The union rejected the offer.", "Members of the union voted not to accept the offer."),
]
SAYS_NOTHING: list[Pair] = [
    ("The council approved the budget.", "The council approved the budget after a long debate."),
    ("The council approved the budget.",
     "The council first failed to approve the budget. On Friday it approved the budget."),
    ("The union accepted the offer.", "The union first turned down the offer."),
    ("The court convicted Dellner of fraud.", "The court cleared Dellner of theft."),
    ("The court convicted Dellner of fraud.", "The court acquitted Moor of fraud."),
    ("Dellner was convicted of fraud in 2019.", "Dellner was acquitted of fraud in 2011."),
    ("The fair took place on Friday.", "The concert at the fair was cancelled on Friday."),
    ("The company plans to open a mill.", "The company plans to open a mill in Lorn."),
    ("The company managed to open a mill.", "The company managed to open a mill in May."),
    ("Norex was bought by Aldane.", "Norex was bought by Aldane, which plans to close it."),
    ("Gull Air flew to Velden.", "Gull Air stopped flying to Velden in 2019."),
    ("Mara Holt met Jan Brandt.", "Jan Brandt met Mara Holt."),
    ("Mara Holt hired Jan Brandt.", "Jan Brandt was hired by Holt."),
    ("Mara Holt hired Jan Brandt.", "Brandt, whom Mara Holt hired, is her cousin."),
    ("Mara Holt hired Jan Brandt.", "Jan Brandt hired Lew Moor, and Mara Holt hired Jan Brandt."),
    ("Orsk and Velden share a border.", "Velden and Orsk share a border."),
    ("The train from Lorn to Orsk was delayed.", "The train from Orsk to Velden was delayed."),
    ("Rauma declared the drought over.", "Rauma and Lorn declared the drought over."),
    ("The train from Lorn to Orsk was delayed.",
     "The train from Lorn to Orsk and the train from Orsk to Lorn were delayed."),
    ("The zoo opened a tram.", "The zoo hoped to open a tram in 2019. The tram runs since 2021."),
    ("Has the council approved the budget?", "The council failed to approve the budget."),
]  # fmt: skip


def of(pair: Pair) -> list[tuple[str, bool]]:
    claim, passage = pair
    sentences = [Sentence(s, e, passage[s:e]) for s, e in sentence_spans(passage)]
    return [(found.relation, found.elsewhere) for found in happenings(claim, sentences)]


@pytest.mark.parametrize("pair", CONTRADICTED, ids=lambda pair: pair[1])
def test_what_did_not_come_about_or_was_done_the_other_way_round_contradicts(pair: Pair) -> None:
    assert of(pair) == [("differs", False)]


@pytest.mark.parametrize("pair", UNTOLD, ids=lambda pair: pair[1])
def test_what_is_planned_alleged_or_denied_supports_nothing(pair: Pair) -> None:
    assert of(pair) == [("silent", True)]


@pytest.mark.parametrize("pair", BORNE_OUT, ids=lambda pair: pair[1])
def test_a_denial_in_other_words_bears_out_a_denial(pair: Pair) -> None:
    assert of(pair) == [("same", False)]


@pytest.mark.parametrize("pair", SAYS_NOTHING, ids=lambda pair: pair[1])
def test_nothing_is_said_of_another_party_part_or_time(pair: Pair) -> None:
    assert of(pair) == []
