"""Who says what stands in a text."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tools.people.persons import same_name
from tools.people.speakers import Speaker, denied, same_speaker, speaker_of, statements
from tools.text.quotes import quotations


def says(text: str) -> str | None:
    """The speaker of the last quotation of a text: the name, else the words for the office."""
    quotation = quotations(text, min_words=1)[-1]
    speaker = speaker_of(text, quotation.start, quotation.end)
    return (speaker.name or speaker.text) if speaker else None


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("“It is late,” said Ida Crane.", "Ida Crane"),
        ("“It is late,” Ida Crane said.", "Ida Crane"),
        ("“It is late,” said the mayor, Ida Crane, and left.", "Ida Crane"),
        ("“It is late,” Ida Crane, who is mayor of Holm, told Lew Pettifer.", "Ida Crane"),
        ("“It is late,” Ida Crane, the founder of Pavo Systems, told reporters.", "Ida Crane"),
        ("“It is late,” according to Ida Crane.", "Ida Crane"),
        ("“It is late” – Ida Crane", "Ida Crane"),
        ("“It is late” were the words of Ida Crane.", "Ida Crane"),
        ("“Is it late?” Ida Crane asked.", "Ida Crane"),
        ("Ida Crane said: “It is late.”", "Ida Crane"),
        ("At a meeting in Holm, a plumber, Ida Crane, told the board: “It is late.”", "Ida Crane"),
        ("It was Ida Crane who said: “It is late.”", "Ida Crane"),
        ("Ida Crane was heard to say: “It is late.”", "Ida Crane"),
        ("Ida Crane shook her head: “It is late.”", "Ida Crane"),
        ("In Ida Crane’s words, “it is late”.", "Ida Crane"),
        ("According to Ida Crane, the train is “too late”.", "Ida Crane"),
        # whoever spoke before
        ("“It is late,” said Ida Crane. “We should go.”", "Ida Crane"),
        ("Ida Crane stood up. “It is late,” she said.", "Ida Crane"),
        ("Ida Crane looked at the clock. “It is late.”", "Ida Crane"),
        # nobody in particular
        ("Ida Crane and Lew Pettifer sat there. “It is late,” one of them said.", "one of"),
        ("“It is late,” somebody shouted at Ida Crane.", "somebody"),
        ("“It is late,” a lawyer said.", "a lawyer"),
        ("“It is late.” The room was cold.", None),
    ],
)
def test_who_says_a_quotation(text: str, expected: str | None) -> None:
    assert says(text) == expected


def test_a_transcript_names_the_speaker_at_the_beginning_of_the_line() -> None:
    text = "Island Radio: Was it cold?\nMarit Coll: It was cold and we had no light."
    speaker = speaker_of(text, text.index("It was"), len(text))
    assert speaker is not None
    assert speaker.name == "Marit Coll"


def test_a_reported_statement_has_a_speaker() -> None:
    text = "The mayor, Ida Crane, said on Monday that the road was safe."
    (statement,) = statements(text)
    assert statement.speaker.name == "Ida Crane"
    assert text[statement.start : statement.end].strip() == "the road was safe."


@pytest.mark.parametrize(
    ("first", "second", "expected"),
    [
        ("Ida Crane", "Crane", True),
        ("Dr Ida Crane", "Ida Crane", True),
        ("I. Crane", "Ida Crane", True),
        ("Ida Crane", "Olaf Crane", False),
        ("Ida Crane", "Ida Falk", False),
        ("", "Ida Crane", False),
    ],
)
def test_which_names_are_one(first: str, second: str, expected: bool) -> None:
    assert same_name(first, second) is expected
    assert same_name(second, first) is expected


OFFICE = Speaker("the mayor", offices=frozenset({"mayor"}))


@pytest.mark.parametrize(
    ("context", "expected"),
    [
        ("The mayor, Ida Crane, opened the road.", True),
        ("Ida Crane has been mayor of Holm since 2020.", True),
        ("The mayor, Lew Pettifer, met Ida Crane at the station.", False),
        ("Ida Crane opened the road.", None),
    ],
)
def test_an_office_is_whom_the_text_names_beside_it(context: str, expected: bool | None) -> None:
    assert same_speaker(Speaker("Ida Crane", "Ida Crane"), OFFICE, context) is expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Ida Crane denies having said “it is late”.", True),
        ("Ida Crane never said “it is late”.", True),
        ("The words “it is late” are wrongly attributed to Ida Crane.", True),
        ("“I never said that it is late,” said Ida Crane.", False),
        ("“It is late,” said Ida Crane.", False),
    ],
)
def test_words_that_nobody_said(text: str, expected: bool) -> None:
    quotation = quotations(text, min_words=1)[0]
    assert denied(text, quotation.start, quotation.end) is expected


TEXTS = st.lists(
    st.sampled_from(
        "Ida Crane |the mayor |said |told |“it is late” |, |. |: |he |according to |who |A. |\n|"
        '"we go" |’s |and |“'.split("|")
    ),
    max_size=16,
).map("".join)


@given(TEXTS, st.data())
def test_any_text_is_read_and_a_name_stands_in_it(text: str, data: st.DataObject) -> None:
    start = data.draw(st.integers(0, len(text)))
    end = data.draw(st.integers(start, len(text)))
    speaker = speaker_of(text, start, end)
    if speaker and speaker.name:
        assert speaker.name in text
    for statement in statements(text):
        assert 0 <= statement.start <= statement.end <= len(text)


@pytest.mark.parametrize("piece", ["“a b c d” ", "Ida Crane ", "said ", "“a,” he said. ", "A: b\n"])
def test_a_hostile_text_of_50_000_characters_takes_under_five_seconds(piece: str) -> None:
    text = (piece * 50_000)[:50_000]
    begin = time.perf_counter()
    speaker_of(text, 25_000, 25_010)
    list(statements(text))
    assert time.perf_counter() - begin < 5.0
