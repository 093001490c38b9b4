"""Quotations that decide nothing about who said what."""

from __future__ import annotations

import pytest

from agent.compare.sayings import sayings

Pair = tuple[str, str]


def relations(pair: Pair) -> list[tuple[str, str]]:
    return [(finding.what, finding.relation) for finding in sayings(*pair)]


SILENT: list[Pair] = [
    # the words are not there
    (
        "“There will be no second term,” said President Ines Vogt.",
        "President Ines Vogt spoke for an hour about her plans. “The work is not done,” she said.",
    ),
    (
        "The surgeon Pell Ardo said of the strike: “We stand with the nurses on this.”",
        "The surgeon Pell Ardo was asked about the strike and listed the operations that had been "
        "put off.",
    ),
    (
        "The captain described the crossing as “the longest night of my life”.",
        "The captain, Jana Rost, described the crossing. The waves were nine metres high.",
    ),
    # the quotation goes on where the passage ends
    (
        "“The results are promising, and we shall have a vaccine by the summer,” Vik Lahti said.",
        "“The results are promising,” said Vik Lahti. He gave no date.",
    ),
    # nobody knows who said it
    (
        "“The lights went out before the shot,” said the caretaker, Sol Amber.",
        "“The lights went out before the shot,” a witness said. The caretaker, Sol Amber, and two "
        "guests were in the house.",
    ),
    (
        "Minister Runa Falk said: “This treaty is dead.”",
        "“This treaty is dead,” one of the ministers is reported to have said. Runa Falk and "
        "Bo Steen were both in the room.",
    ),
    # another one said nearly the same
    (
        "“We did not deserve to win this match,” said the captain, Ole Brand.",
        "“We did not deserve to lose this match,” said the goalkeeper, Finn Maar. The captain, Ole "
        "Brand, went home.",
    ),
    (
        "The older sister, Mona Keel, said: “We burned the will.”",
        "Mona Keel and her sister Jette sat side by side. “We burned the will,” one of them said.",
    ),
    (
        "“It was a mistake to come,” the guitarist, Sid Vale, said.",
        "Sid Vale, the guitarist, and Theo Marsh, the drummer, gave a short interview. “It "
        "was a mistake to come,” one of the two says on the tape.",
    ),
    (
        "“There was a smell of gas,” said the cook, Ronja Pell.",
        "According to the fire brigade, an employee said: “There was a smell of gas.” The "
        "cook, Ronja Pell, and two waiters were on duty.",
    ),
    (
        "Councillor Hal Brook said: “We will regret this vote.”",
        "Somebody shouted “We will regret this vote” from the back rows. Councillor Hal "
        "Brook had voted against.",
    ),
    (
        "“The engine was never checked,” the mechanic Tarik Amal said.",
        "Two mechanics worked on the plane, Tarik Amal and Jo Winter. “The engine was never "
        "checked,” reads an unsigned note.",
    ),
    (
        "“We have enough food for ten days,” said the expedition leader, Kim Dahl.",
        "The last radio message reached the base on Sunday: “We have enough food for ten "
        "days.” Eleven people are on the ice.",
    ),
    (
        "“I have asked the king to dissolve parliament,” said the prime minister, Elin Moe.",
        "The prime minister, Elin Moe, spoke for four minutes. “I have asked the king for "
        "an audience,” she said, and took no questions.",
    ),
]
NOT_ABOUT_WORDS: list[Pair] = [
    (
        "The film “A Winter Without Any Snow” won the prize in Vellin.",
        "“A Winter Without Any Snow” was shown in Vellin; the prize went to another film.",
    ),
    ("Oda Renn did not say “the bridge will be free for everyone”.", "“The bridge will be free.”"),
    ("The ferries were full.", "“The ferries were full,” said Oda Renn."),
]


@pytest.mark.parametrize("pair", SILENT, ids=lambda pair: pair[0][:40])
def test_words_that_are_not_there_or_nobodys_decide_nothing(pair: Pair) -> None:
    assert [relation for _, relation in relations(pair)] == ["silent"]


@pytest.mark.parametrize("pair", NOT_ABOUT_WORDS, ids=lambda pair: pair[0][:40])
def test_a_claim_that_is_not_about_what_was_said_is_left_alone(pair: Pair) -> None:
    assert relations(pair) == []


TOLD_OTHERWISE: list[Pair] = [
    (
        "The harbour master, Ane Lind, said she was “not in a position to confirm the loss” of the "
        "latest boat.",
        "The harbour master, Ane Lind, said she was “not in a position to confirm the loss of the "
        "boat or the crew”.",
    ),
    (
        "The crowd answered with the “hands up, stay dry” gesture, first seen in Orlen.",
        "The paper wrote of Orlen: “Everybody there says ‘hands up, stay dry!’”",
    ),
    (
        "Lind has not spoken, and the harbour office told the paper “we are seeking more advice”.",
        "Lind has not spoken, and the harbour office said they are “seeking more advice”.",
    ),
    (
        "The coach, Ed Marr, said they were “a bunch of brave boys”.",
        "“They are brave, the whole bunch of boys,” said the coach, Ed Marr.",
    ),
    (
        "Anna Birk called the ruling “a black day for the coast”.",
        "“It is a truly black day for our coast,” said Anna Birk about the ruling.",
    ),
    (
        "“Trams should run all night and cost nothing,” said the mayor, Lou Sand.",
        "The words ascribed to the mayor, Lou Sand, come from a satirical sketch.",
    ),
]
"""Of these a model knows more: words told in another order, or said to be invented."""


@pytest.mark.parametrize("pair", TOLD_OTHERWISE, ids=lambda pair: pair[0][:40])
def test_words_that_a_passage_may_tell_otherwise_are_left_to_a_model(pair: Pair) -> None:
    assert relations(pair) == []


BEGUN = "After the race Ada Holm said: “I saw nothing but fog and then the lake, which I love."


@pytest.mark.parametrize(
    ("passage", "relations"),
    [
        (
            "“I saw nothing but fog and then the lake, which I love. I rowed on,” Ada Holm said.",
            ["same"],
        ),
        ("Holm said: 'I saw nothing but fog and then the lake, which I love.'", ["same"]),
        ("“I saw the harbour, and then the lake, which I love,” Ada Holm said.", []),
        ("Ada Holm told of a “marvellous race” and went home.", ["silent"]),
    ],
)
def test_a_quotation_that_the_claim_does_not_close_is_contradicted_by_no_other_words(
    passage: str, relations: list[str]
) -> None:
    assert [finding.relation for finding in sayings(BEGUN, passage)] == relations


@pytest.mark.parametrize(
    ("claim", "relations"),
    [
        ("Ada Holm wrote that the crew “are a very special family.", ["silent"]),
        ("“I saw nothing but fog and then the lake.", ["same"]),
        ("I saw nothing but fog and then the lake, which I love.”", ["same"]),
        ('The new screen of the old boat measures 27"', []),  # inches
    ],
)
def test_a_claim_may_be_the_first_or_last_sentence_of_a_quotation(
    claim: str, relations: list[str]
) -> None:
    passage = "“I saw nothing but fog and then the lake, which I love,” Ada Holm said of her race."
    assert [finding.relation for finding in sayings(claim, passage)] == relations


def test_whose_words_an_unclosed_quotation_is_counts() -> None:
    assert not any(
        finding.relation == "same"
        for finding in sayings(
            BEGUN,
            "“I saw nothing but fog and then the lake, which I love,” said Jon Marsh.",
        )
    )
