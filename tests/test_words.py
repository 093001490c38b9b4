"""Words as they are compared: stems, names, polarity, opposites."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tools.text.words import (
    antonyms,
    content_stems,
    covered,
    denies,
    is_function_word,
    is_negated,
    names,
    stem,
)


@pytest.mark.parametrize(
    ("a", "b"), [("ferries", "ferry"), ("carried", "carries"), ("Skarra’s", "skarra")]
)
def test_forms_of_a_word_share_a_stem(a: str, b: str) -> None:
    assert stem(a) == stem(b)


def test_content_words_are_those_that_carry_meaning() -> None:
    assert content_stems("The ferries of the company have carried 12.5 tonnes") == {
        "ferri", "compani", "carri", "12.5", "tonn",
    }  # fmt: skip
    assert is_function_word("The")
    assert not is_function_word("ferry")


@given(st.text(max_size=80))
def test_a_text_covers_itself(text: str) -> None:
    assert covered(text, text) == (1.0 if content_stems(text) else 0.0)


@given(st.text(max_size=80), st.text(max_size=80))
def test_coverage_is_a_share(claim: str, passage: str) -> None:
    assert 0 <= covered(claim, passage) <= 1


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("In May the ferry Skarra Line ran aground off Holm.", {"skarra", "line", "holm"}),
        ("Meta reported a loss.", {"meta"}),
        ("DeepSeek caused a sell-off.", {"deepseek"}),
        ("NATO met.", {"nato"}),
        ("Skarra’s ferries are late.", {"skarra"}),
        ("Revenue was up on Tuesday. Shareholders agreed.", set()),
        ("Unemployment fell in Holm.", {"holm"}),
        ("She said: “Tern Ferries is late.”", {"tern", "ferri"}),
        ("The company and its council met in March.", set()),
        ("", set()),
    ],
)
def test_names_are_capitalised_words_that_are_no_sentence_openers(
    text: str, expected: set[str]
) -> None:
    assert names(text) == expected


@pytest.mark.parametrize(
    ("text", "negated"),
    [
        ("He did not vote.", True),
        ("He didn’t vote.", True),
        ("He voted.", False),
        ("He did not say that nobody came.", False),
        ("The board rejected it.", True),
        ("A notable knot.", False),
    ],
)
def test_an_odd_number_of_negations_negates(text: str, negated: bool) -> None:
    assert is_negated(text) is negated


@pytest.mark.parametrize(
    ("claim", "passage", "expected"),
    [
        ("Prices rose.", "Prices fell.", ("rose", "fell")),
        ("Prices fell.", "Prices rose.", ("fell", "rose")),
        ("Prices rose.", "Prices rose before they fell.", None),
        ("Prices rose.", "Prices went on.", None),
        ("Reyk voted for it.", "Reyk voted against it.", ("for", "against")),
    ],
)
def test_opposites_count_where_neither_text_has_both(
    claim: str, passage: str, expected: tuple[str, str] | None
) -> None:
    assert antonyms(claim, passage) == expected


@pytest.mark.parametrize(
    ("claim", "sentence", "expected"),
    [
        ("The ban on plastic bags was lifted.", "The ban on plastic bags was not lifted.", True),
        ("Ann Lee did not win the election.", "Ann Lee won the election.", True),
        ("The plant will not close.", "The plant will close.", True),
        ("The plant will close.", "The plant will close in May.", False),
        ("The plant will not close.", "The plant won't close.", False),
        ("The ban was lifted.", "Nobody did not know that the ban was lifted.", False),
        ("The fare rises.", "The harbour is not deep.", False),
        ("", "No.", False),
    ],
)
def test_a_denial_is_a_not_more_in_nearly_the_same_words(
    claim: str, sentence: str, expected: bool
) -> None:
    assert denies(claim, sentence) is expected
    assert denies(sentence, claim) is expected


def test_threads_do_not_mix_their_stems() -> None:
    words = [
        f"{word}{number}s" for number in range(300) for word in ("carri", "votes", "reporting")
    ]
    expected = [stem(word) for word in words]

    def stems(_: int) -> list[str]:
        return [stem.__wrapped__(word) for word in words]

    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(stems, range(8))) == [expected] * 8
