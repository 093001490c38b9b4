"""Questions: the statement that one asks to be checked, and what kind of answer it wants."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tools.questions import fits, statement, wanted


@pytest.mark.parametrize(
    ("question", "expected"),
    [
        ("Is it true that the mill burned down?", "The mill burned down."),
        ("Was it really the case that it rained", "It rained."),
        ("Did Ada Berg cut the ribbon?", "Ada Berg did cut the ribbon."),
        ("Will Ada Berg resign?", "Ada Berg will resign."),
        ("Did the town council vote to repair it?", "The town council did vote to repair it."),
        ("Has the line to Orrel reopened?", "The line to Orrel has reopened."),
        ("Was the mill built between 1865 and 1868?", "The mill was built between 1865 and 1868."),
        ("Is the next pool 19 kilometres away?", "The next pool is 19 kilometres away."),
        ("Is “The Salt Road” a forgery?", "“The Salt Road” is a forgery."),
        ("Will Berg’s plant at Orrel open in May?", "Berg’s plant at Orrel will open in May."),
        ("Didn’t she resign?", "She did resign."),
    ],
)  # fmt: skip
def test_a_question_of_yes_or_no_becomes_its_statement(question: str, expected: str) -> None:
    assert statement(question) == expected


@pytest.mark.parametrize(
    "question",
    ["Who resigned?", "When did it open?", "Is it red or blue?", "Did?", "", "How is the weather?"],
)
def test_other_questions_have_no_statement(question: str) -> None:
    assert statement(question) is None


@pytest.mark.parametrize(
    ("question", "kind"),
    [
        ("How many people came?", "figure"),
        ("What does a ticket cost?", "figure"),
        ("At what price was it sold?", "figure"),
        ("When did it open?", "date"),
        ("On which day did it open?", "date"),
        ("Who opened it?", "any"),
        ("Why was it closed?", "any"),
    ],
)
def test_the_form_of_a_question_tells_what_it_wants(question: str, kind: str) -> None:
    assert wanted(question) == kind


def test_a_date_is_no_figure_and_a_figure_no_date() -> None:
    assert not fits("It opened on 3 May 2024.", "figure")
    assert fits("It opened on 3 May 2024.", "date")
    assert fits("It cost twelve million euros.", "figure")
    assert not fits("It cost twelve million euros.", "date")
    assert fits("She won in 2:26:41.", "figure")
    assert fits("Nothing is told.", "any")


@given(st.text(max_size=80))
def test_any_text_is_read_without_a_fault(text: str) -> None:
    said = statement(text)
    assert said is None or said.endswith(".")
    assert fits(text, wanted(text)) in (True, False)
