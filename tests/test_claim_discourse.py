"""Claims that read alone, whose words they are, and which are of the same content."""

from __future__ import annotations

import asyncio

import pytest

from agent.claims import Split, coverage
from agent.claims.rules import RuleSplitter
from agent.types import Article, Claim


def split(text: str) -> Split:
    subject = Article(id="a-1", text=text, published_at="2026-05-14")
    result = asyncio.run(RuleSplitter().split(subject, lambda *_: None))
    coverage(subject, result)
    return result


def last(text: str) -> Claim:
    return split(text).claims[-1]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        # a pronoun after an opening phrase
        (
            "Mayor Ilse Vantreau opened the line. In 2010 she closed the old one.",
            "In 2010 Ilse Vantreau closed the old one.",
        ),
        ("Tomas Reyk is a painter. He lives in Skell.", "Tomas Reyk lives in Skell."),
        # a thing that was the subject
        ("The bridge was opened in 1998. It has four lanes.", "The bridge has four lanes."),
        (
            "The members of Skarra Council met. The council approved the plan.",
            "Skarra Council approved the plan.",
        ),
        (
            "Skarra Line had a good spring. In April, its revenue was €84 million.",
            "In April, Skarra Line’s revenue was €84 million.",
        ),
        # what stands on the clause before
        (
            "Revenue rose by 9 per cent. Costs did not.",
            "Costs did not [Revenue rose by 9 per cent].",
        ),
        (
            "The line carried 1.9 million people. That is about 21,000 a day.",
            "That [The line carried 1.9 million people] is about 21,000 a day.",
        ),
        (
            "The line was opened in May 1998. In the same year the bridge was closed.",
            "In the same year (1998) the bridge was closed.",
        ),
    ],
)
def test_what_the_text_tells_is_written_in_and_listed(text: str, expected: str) -> None:
    claim = last(text)
    assert claim.text == expected
    assert claim.context_added


@pytest.mark.parametrize(
    "sentence",
    [
        "It is clear that the bridge was late.",
        "It takes an hour to cross the bridge.",
        "Ida Moor sold her house.",
        "The mayor and his wife left the hall.",
        "Moor spoke about his time in Skell.",
    ],
)
def test_a_pronoun_that_its_own_clause_explains_is_left_alone(sentence: str) -> None:
    claim = last(f"Mayor Tomas Reyk opened the bridge. {sentence}")
    assert (claim.text, claim.context_added) == (sentence, [])


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        # whoever a sentence goes on about stays who is meant
        (
            "Tomas Reyk is a painter. He met Ida Moor in Skell. He sold her a painting.",
            "Tomas Reyk sold her a painting.",
        ),
        # a first name rules out whom the pronoun cannot mean
        ("Christina Vale wrote to the town. He lives there.", "He lives there."),
        # somebody else is the subject since
        ("Tomas Reyk is a painter. The mayor bought a house. He paid a lot.", "He paid a lot."),
    ],
)
def test_who_is_meant_follows_the_subject(text: str, expected: str) -> None:
    assert last(text).text == expected


def test_who_may_be_meant_is_said_and_not_guessed() -> None:
    claim = last("Mayor Ilse Vantreau and Dr. Ida Moor were late. She left the hall.")
    assert claim.text == "She left the hall."
    assert claim.unclear == ["“She” may be Ilse Vantreau or Ida Moor."]


def test_which_council_may_be_meant_is_said_and_not_guessed() -> None:
    claim = last("Holm Council met Skell Council in May. The council approved the plan.")
    assert claim.text == "The council approved the plan."
    assert claim.unclear == ["“The council” may be Holm Council or Skell Council."]


def test_the_sentences_of_a_long_quotation_are_words_of_its_speaker() -> None:
    text = "“The line is open every day. The bridge will follow in May,” said Ilse Vantreau."
    first, second = split(text).claims
    assert (first.kind, first.speaker) == ("quotation", "Ilse Vantreau")
    assert first.text == "“The line is open every day. (words of Ilse Vantreau)"
    assert first.context_added == ["Ilse Vantreau"]
    assert (second.kind, second.speaker) == ("quotation", "Ilse Vantreau")


@pytest.mark.parametrize(
    "sentence",
    [
        "“We will not raise local taxes,” Ilse Vantreau said.",
        '"We will not raise local taxes," said Ilse Vantreau.',
        "“We will not raise,” Ilse Vantreau said, “the local taxes of this town.”",
        "„We will not raise local taxes“, said Ilse Vantreau.",
        "« We will not raise local taxes », said Ilse Vantreau.",
    ],
)
def test_a_quotation_is_one_claim_with_its_speaker(sentence: str) -> None:
    (claim,) = split(sentence).claims
    assert (claim.kind, claim.speaker, claim.text) == ("quotation", "Ilse Vantreau", sentence)


def test_a_report_and_the_articles_own_word_for_it_are_linked() -> None:
    report, own, other = split(
        "Tomas Reyk said the ferry costs fell by 4 per cent in May. "
        "The ferry costs fell by 4 per cent in May. The ferry costs fell by 6 per cent in June."
    ).claims
    assert report.speaker == "Tomas Reyk"
    assert (report.linked, own.linked, other.linked) == ([own.id], [report.id], [])


def test_a_report_that_says_the_opposite_is_not_linked() -> None:
    result = split(
        "Tomas Reyk said the ferry costs did not fall by 4 per cent in May. "
        "The ferry costs fell by 4 per cent in May."
    )
    assert [claim.linked for claim in result.claims] == [[], []]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        # introduced with a noun of the kind
        (
            "Skarra Line, a ferry operator, met Holm Council. The operator cut nine jobs.",
            "Skarra Line cut nine jobs.",
        ),
        # no other is named
        ("Skarra Line lost money. The company cut nine jobs.", "Skarra Line cut nine jobs."),
        # two are, and neither was called a company
        ("Skarra Line met Holm Ferries. The company cut nine jobs.", None),
        # a further one of the kind was brought in
        ("Holm Council set up another council. The council met in May.", None),
        # a place is no body
        ("In Holm it rained. Holm voted in May. The company cut nine jobs.", None),
    ],
)
def test_a_definite_noun_is_a_body_only_where_the_article_tells_which(
    text: str, expected: str | None
) -> None:
    claim = last(text)
    quote = claim.quote
    assert claim.text == (expected or quote)
    if expected is None and "company" in quote:
        assert claim.unclear


@pytest.mark.parametrize(
    "text",
    [
        "Mayor Tomas Reyk met Mr Jon Vale in May. He left early.",
        "The masked man warned President Tomas Reyk. He left early.",
    ],
)
def test_a_pronoun_that_two_may_be_is_left_and_said_to_be_open(text: str) -> None:
    claim = last(text)
    assert claim.text == "He left early."
    assert claim.unclear and "Tomas Reyk" in claim.unclear[0]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("The engineers closed the bridge. They left at noon.", "The engineers left at noon."),
        ("The engineers met the drivers. They left at noon.", "They left at noon."),
    ],
)
def test_they_is_the_only_plural_of_the_sentence_before(text: str, expected: str) -> None:
    claim = last(text)
    assert claim.text == expected
    assert bool(claim.unclear) == (claim.text == claim.quote)


@pytest.mark.parametrize(
    ("sentence", "speaker"),
    [
        ("Courageous said the boats were late.", None),
        ("Analysts said the boats were late.", None),
        ("The mayor said the boats were late.", "The mayor"),
        ("The Department of Ferries said the boats were late.", "Department of Ferries"),
    ],
)
def test_a_speaker_is_a_name_of_the_article_or_an_office(
    sentence: str, speaker: str | None
) -> None:
    assert last(sentence).speaker == speaker


@pytest.mark.parametrize(
    ("sentence", "expected"),
    [
        (
            "The bridge was closed on Tuesday night.",
            "The bridge was closed on Tuesday night (12 May 2026).",
        ),
        ("The bridge is in this year’s budget.", "The bridge is in this year’s budget."),
        (
            "The bridge was closed in April last year.",
            "The bridge was closed in April last year (April 2025).",
        ),
        ("The bridge was closed last month.", "The bridge was closed last month (April 2026)."),
        ("The bridge was in USA Today.", "The bridge was in USA Today."),
    ],
)
def test_a_date_is_written_after_the_whole_of_the_words_for_it(
    sentence: str, expected: str
) -> None:
    assert last(sentence).text == expected


def test_a_person_whom_the_article_calls_by_office_once_stays_known() -> None:
    text = (
        "“We waited,” said Tomas Reyk, the board’s chairman.\n\n"
        "Reyk joined the council in 2014. He told reporters that fares rose."
    )
    assert last(text).text == "Tomas Reyk told reporters that fares rose."


def test_a_body_keeps_the_article_that_the_text_gives_it() -> None:
    text = "The Brackenford Harbour Board runs four piers. In May the board approved a loan."
    assert last(text).text == "In May the Brackenford Harbour Board approved a loan."


@pytest.mark.parametrize(
    ("opening", "speaker"), [("Brandt", "Ana Brandt"), ("the mayor", "the mayor")]
)
def test_according_to_may_open_a_sentence(opening: str, speaker: str) -> None:
    text = f"Ana Brandt met the council. According to {opening}, the loan costs €2 million."
    assert last(text).speaker == speaker


def test_it_is_left_open_where_the_sentence_before_names_two_bodies() -> None:
    claim = last("Harbour Bank lent Pell Airlines 30 million in May. It went bankrupt in 2020.")
    assert claim.text == "It went bankrupt in 2020."
    assert claim.unclear


@pytest.mark.parametrize("where", ["in the port of Wexmoor", "near the village of Wexmoor"])
def test_a_place_is_no_company(where: str) -> None:
    claim = last(f"A fire destroyed a grain store {where}. The company lost 4.9 million pounds.")
    assert "Wexmoor" not in claim.text
