"""A sentence answers `when` if it tells a time of what is asked about."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tools.text.when import asked_verb, asks_when, has_verb, is_time, tells_when


@pytest.mark.parametrize(
    ("question", "verb"),
    [
        ("When did the dam burst?", "burst"),
        ("When did rescue workers finally reach Kellin?", "reach"),
        ("When was the Tallis Bridge opened?", "opened"),
        ("When will Kestle Viaduct reopen, according to the notice of June?", "reopen"),
        ("In which year was the mill built?", "built"),
        ("When is the bath expected to be reopened?", "reopened"),
        ("When did Velmora take over Sonarc?", "take"),
        ("When is the vote?", None),
        ("When did that happen?", None),
        ("When will the vote take place?", None),
        ("Who opened it?", None),
    ],
)
def test_the_verb_whose_time_is_asked_for_is_read(question: str, verb: str | None) -> None:
    assert asked_verb(question) == verb


@pytest.mark.parametrize(
    ("question", "tells", "does_not"),
    [
        (
            "When did the dam burst?",
            "The dam burst shortly before dawn.",
            "Engineers had inspected the wall in January.",
        ),
        ("When did Velmora take over Sonarc?", "It took it over in May.", "It met it on 3 May."),
        ("When did Ada Berg die?", "Her death came on Tuesday.", "Ada Berg spoke on Tuesday."),
        ("When was the town evacuated?", "It was evacuated at night.", "It was evacuated."),
        ("In which year did the mill burn?", "It burned in 1931.", "It burned before dawn."),
        ("When did that happen?", "It was noon.", "The night bus was late."),
    ],
)
def test_a_time_answers_only_beside_the_verb_that_is_asked_about(
    question: str, tells: str, does_not: str
) -> None:
    assert tells_when(tells, question)
    assert not tells_when(does_not, question)


def test_a_title_has_the_verb_for_a_sentence_that_speaks_of_its_date() -> None:
    question, title = "When will the line reopen?", "Viaduct: reopening on 14 September"
    assert tells_when("The new date is 14 September 2026.", question, title)
    assert tells_when("Trains run again from 14 September.", question, title)
    assert not tells_when("The crack was found on 3 February.", question, title)
    assert not tells_when("The new date is 14 September 2026.", question, "The viaduct")


@pytest.mark.parametrize(
    "time",
    ["at dawn", "in the early evening", "by noon", "at midday", "last night", "on Sunday morning",
     "shortly after", "two hours later", "at 2.30 a.m.", "in three days", "the next morning",
     "overnight", "on Tuesday", "last year"],
)  # fmt: skip
def test_a_time_need_be_no_date(time: str) -> None:
    assert is_time(f"The dam burst {time}.")


@given(st.text(max_size=80))
def test_any_text_is_read_without_a_fault(text: str) -> None:
    assert asked_verb(text) is None or asks_when(text)
    assert not tells_when("", text)
    assert not text.isalpha() or has_verb(text, text)
