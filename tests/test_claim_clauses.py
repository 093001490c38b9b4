"""Clauses of a sentence: what may be true while the rest is false, each with its subject."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agent.claims.clauses import clauses
from tools.text.words import WORD


def texts(sentence: str) -> list[str]:
    return [clause.text.rstrip(".") for clause in clauses(sentence)]


@pytest.mark.parametrize(
    ("sentence", "expected"),
    [
        (
            "The firm cut 300 jobs and closed two plants.",
            ["The firm cut 300 jobs", "The firm closed two plants"],
        ),
        (
            "The firm cut 300 jobs, closed two plants and opened one.",
            ["The firm cut 300 jobs", "The firm closed two plants", "The firm opened one"],
        ),
        (
            "In 2010, the firm cut 300 jobs and closed two plants.",
            ["In 2010, the firm cut 300 jobs", "In 2010, the firm closed two plants"],
        ),
        (
            "The firm has won two awards and published three books.",
            ["The firm has won two awards", "The firm has published three books"],
        ),
        (
            "The bridge was built in 1950 and closed in 2010.",
            ["The bridge was built in 1950", "The bridge was closed in 2010"],
        ),
        (
            "Tomas Reyk was born in Holm and moved to Skell in 1950.",
            ["Tomas Reyk was born in Holm", "Tomas Reyk moved to Skell in 1950"],
        ),
        (
            "The section is 4.2 kilometres long and has five stops.",
            ["The section is 4.2 kilometres long", "The section has five stops"],
        ),
        (
            "The firm “Skarra” closed two plants and opened one.",
            ["The firm “Skarra” closed two plants", "The firm “Skarra” opened one"],
        ),
    ],
)
def test_predicates_of_one_subject_each_get_it(sentence: str, expected: list[str]) -> None:
    assert texts(sentence) == expected


@pytest.mark.parametrize(
    ("sentence", "expected"),
    [
        (
            "The plant, which opened in 1998, was closed in 2010.",
            ["The plant was closed in 2010", "The plant opened in 1998"],
        ),
        (
            "“We will sail,” said Ana Brandt, who joined the firm in 2010.",
            ["“We will sail,” said Ana Brandt", "Ana Brandt joined the firm in 2010"],
        ),
        (
            "Reyk moved to Skell, where he married Ida Moor.",
            ["Reyk moved to Skell", "In Skell, he married Ida Moor"],
        ),
        (
            "Ana Brandt, the finance director, said the firm would cut jobs and close plants.",
            [
                "Ana Brandt said the firm would cut jobs and close plants",
                "Ana Brandt is the finance director",
            ],
        ),
        (
            "The baths, built in 1931, were closed.",
            ["The baths were closed", "The baths were built in 1931"],
        ),
        (
            "Skarra Line, founded in 1921, has nine ferries.",
            ["Skarra Line has nine ferries", "Skarra Line was founded in 1921"],
        ),
        (
            "Founded in 1921, Skarra Line has nine ferries.",
            ["Skarra Line was founded in 1921", "Skarra Line has nine ferries"],
        ),
        (
            "Tomas Reyk (born 18 December 1949) is a painter.",
            ["Tomas Reyk is a painter", "Tomas Reyk was born 18 December 1949"],
        ),
        ("Ana Brandt, 45, won the race.", ["Ana Brandt won the race", "Ana Brandt was aged 45"]),
        (
            "The ferry – it is the oldest of the nine – will be sold.",
            ["The ferry will be sold", "it is the oldest of the nine"],
        ),
        (
            "Tomas Reyk is a painter born in Holm in 1949.",
            ["Tomas Reyk is a painter", "Tomas Reyk was born in Holm in 1949"],
        ),
        (
            "She is a lawyer who has represented miners.",
            ["She is a lawyer", "She has represented miners"],
        ),
        (
            "Although the fee for 2027 will rise to €95, the organisers expect to be sold out.",
            ["the fee for 2027 will rise to €95", "the organisers expect to be sold out"],
        ),
        (
            "The line is open and the bridge will follow in the next year.",
            ["The line is open", "the bridge will follow in the next year"],
        ),
    ],
)
def test_what_is_said_in_passing_is_a_statement_of_its_own(
    sentence: str, expected: list[str]
) -> None:
    assert texts(sentence) == expected


@pytest.mark.parametrize(
    "sentence",
    [
        # conditions, choices, comparisons, ranges
        "If it floods, the bridge will close and the ferry will stop.",
        "The bridge will close unless the rain stops and the river falls.",
        "Either the council pays the bill or the ferry stops.",
        "Both the mayor and the council agreed and signed it.",
        "The fare rose by between 3 and 5 per cent.",
        "The ferry carried more people than the tram did and cost less than it.",
        # what restricts, and what is said of the whole sentence
        "The plant that opened in 1998 was closed in 2010.",
        "The firm closed the plant, which angered the unions.",
        "The town of Holm, which was sold, and the port were lost.",
        # no subject that a second predicate may take
        "No firm cut jobs and closed plants.",
        "The firm bought and sold ships.",
        "The press has called him an irresponsible and detached father.",
        "The firm praised its plan to build larger boats and enhanced armour for them.",
        "The mayor greeted the crowd with a speech, filmed and posted on Monday.",
        # reported speech and quotations
        "Reyk said the firm had cut 300 jobs and closed two plants.",
        "Reyk said the plant, which opened in 1998, would be closed.",
        "The firm cut 300 jobs, which was a mistake, and closed two plants, Reyk said.",
        "“The firm cut 300 jobs and closed two plants,” she wrote.",
        "„Die Linie fährt, und die Brücke folgt ihr bald“, schrieb Reyk.",
        "« La ligne roule, et le pont la suivra », a dit Reyk.",
        # lists
        "Revenue, costs and profit rose in the year.",
        "The firm has ferries, trams, buses and a bridge.",
        "Reyk, Moor and Brandt founded the firm.",
    ],
)
def test_what_belongs_together_stays_together(sentence: str) -> None:
    assert [(c.start, c.end, c.text) for c in clauses(sentence)] == [(0, len(sentence), sentence)]


def test_a_sentence_in_brackets_is_read_without_them() -> None:
    (clause,) = clauses("(The council has denied it all.)")
    assert clause.text == "The council has denied it all."


def test_the_quote_is_verbatim_and_what_is_added_is_listed() -> None:
    sentence = "The firm cut 300 jobs and closed two plants."
    second = clauses(sentence)[1]
    assert sentence[second.start : second.end] == "closed two plants."
    assert second.added == ("The firm",)


def test_the_quote_of_a_relative_clause_has_what_it_is_said_of() -> None:
    sentence = "The plant, which opened in 1998, was closed in 2010."
    whole, relative = clauses(sentence)
    assert sentence[relative.start : relative.end] == "The plant, which opened in 1998"
    assert relative.added == ()
    assert (whole.start, whole.end) == (0, len(sentence))


PIECES = st.sampled_from(
    "The firm |Ana Brandt|, the director,|, who joined in 2010,|, which opened in 1998,| and |; |"
    "if | cut 300 jobs|closed two plants|, |was built in 1950|. |it floods|“We sail”|(born in 1950)"
    "| – |he said|founded in 1921|Founded in 1921, |while |although |is a painter who |has "
    "| where ".split("|")
)


@settings(max_examples=300)
@given(st.lists(PIECES, min_size=1, max_size=12).map("".join))
def test_every_word_of_a_sentence_is_in_a_quote_or_joins_two(sentence: str) -> None:
    found = clauses(sentence)
    assert found
    covered = bytearray(len(sentence))
    for clause in found:
        assert 0 <= clause.start < clause.end <= len(sentence) or not sentence
        covered[clause.start : clause.end] = b"\1" * (clause.end - clause.start)
    lost = [m[0] for m in WORD.finditer(sentence) if not all(covered[m.start() : m.end()])]
    assert set(map(str.lower, lost)) <= {
        "and", "but", "while", "whereas", "although", "though", "even", "who", "that", "which",
    }  # fmt: skip


@settings(max_examples=300)
@given(st.lists(PIECES, min_size=1, max_size=12).map("".join))
def test_a_clause_says_nothing_that_the_sentence_does_not(sentence: str) -> None:
    words = {match[0].lower() for match in WORD.finditer(sentence)}
    for clause in clauses(sentence):
        ours = {match[0].lower() for match in WORD.finditer(clause.text)}
        assert ours - words <= {"is", "was", "were", "in", "at", "the", "aged"}
