"""Sentences and paragraphs: where they end, and what holds on any text."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tools.text.sentences import paragraph_spans, sentence_spans

LANGUAGES = [None, "en", "de", "fr", "ru", "zh", "ar", "el", "xx"]
# Pieces that splitters trip over, and any other text between them.
PIECES = st.one_of(
    st.sampled_from(
        "Mr. |U.S. |9:30 a.m. |i.e. |IV. | 2) |1. |a) |…|“|”|«|. |! |? |\n|\n\n|。|\t|\x1c1. |\x85|"
        "\u2028|\u00a0|(|)|e\u0301|😀|👩‍👧|שלום |مرحبا؟ |क्या? |∯|&&|\\|\x00|²|١".split("|")
    ),
    st.text(max_size=12),
)
TEXTS = st.lists(PIECES, max_size=25).map("".join)


def sentences(text: str, language: str | None = None) -> list[str]:
    return [text[start:end] for start, end in sentence_spans(text, language)]


def paragraphs(text: str) -> list[str]:
    return [text[start:end] for start, end in paragraph_spans(text)]


def check_spans(text: str, spans: list[tuple[int, int]]) -> None:
    """In order, without overlap, without white space at their ends, and nothing left out."""
    assert all(0 <= start < end <= len(text) for start, end in spans)
    assert all(left[1] <= right[0] for left, right in itertools.pairwise(spans))
    assert all(text[start:end] == text[start:end].strip() for start, end in spans)
    bounds = [0, *itertools.chain.from_iterable(spans), len(text)]
    gaps = zip(bounds[::2], bounds[1::2], strict=True)
    assert not "".join(text[start:end] for start, end in gaps).strip()


@given(TEXTS, st.sampled_from(LANGUAGES))
def test_sentences_cover_any_text_in_order(text: str, language: str | None) -> None:
    check_spans(text, sentence_spans(text, language))


@given(TEXTS)
def test_paragraphs_cover_any_text_in_order(text: str) -> None:
    check_spans(text, paragraph_spans(text))


@given(TEXTS)
def test_a_sentence_never_crosses_a_paragraph(text: str) -> None:
    spans = paragraph_spans(text)
    for start, end in sentence_spans(text):
        assert any(left <= start and end <= right for left, right in spans)


@pytest.mark.parametrize("text", ["", " ", "\n \n\t\n", "\u00a0", "\x1c"])
def test_a_text_without_a_letter_or_mark_has_no_sentence(text: str) -> None:
    assert sentence_spans(text) == []
    assert paragraph_spans(text) == []


def test_paragraphs_end_at_a_blank_line() -> None:
    assert paragraphs("One line\nand its second.\n \t\n\nNext. ") == [
        "One line\nand its second.",
        "Next.",
    ]


def test_without_any_blank_line_each_line_is_a_paragraph() -> None:
    assert paragraphs("Headline\nFirst paragraph.\nSecond paragraph.\n") == [
        "Headline",
        "First paragraph.",
        "Second paragraph.",
    ]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("The ferry sank. Nobody was hurt.", ["The ferry sank.", "Nobody was hurt."]),
        ("Tarn Inc. said so. It rained.", ["Tarn Inc. said so.", "It rained."]),
        ("Mr. Reyk and Dr. Lind came.", ["Mr. Reyk and Dr. Lind came."]),
        ("It cost €3.5 million. Why?", ["It cost €3.5 million.", "Why?"]),
        ("“We are late.” The mayor left.", ["“We are late.”", "The mayor left."]),
        ("“We sail!” she said. They did.", ["“We sail!” she said.", "They did."]),
        ("“Is it open?” Ana Brandt asked. No.", ["“Is it open?” Ana Brandt asked.", "No."]),
        (
            "They played “The Last Story.” It rained.",
            ["They played “The Last Story.”", "It rained."],
        ),
        ("It had to do so. Rauma’s crew left.", ["It had to do so.", "Rauma’s crew left."]),
        ("We say no. Rauma says yes.", ["We say no.", "Rauma says yes."]),
        ("It is No. 10. A bus stops there.", ["It is No. 10.", "A bus stops there."]),
        ("In May, Lt. Muath Reyk sailed.", ["In May, Lt. Muath Reyk sailed."]),
        ("It rose that day. —Ida Moor wrote it.", ["It rose that day.", "—Ida Moor wrote it."]),
        ("She was ten. Her role was small.", ["She was ten.", "Her role was small."]),
        ("The U.S. economy grew. So did ours.", ["The U.S. economy grew.", "So did ours."]),
        (
            "They stood in a row. Rain fell. The gen. Hall left.",
            ["They stood in a row.", "Rain fell.", "The gen. Hall left."],
        ),
    ],
)
def test_english_sentences(text: str, expected: list[str]) -> None:
    assert sentences(text) == expected


def test_other_languages_are_split_by_their_own_rules() -> None:
    assert sentences("Das sind z. B. Fähren. Sie fahren.", "de") == [
        "Das sind z. B. Fähren.",
        "Sie fahren.",
    ]
    assert sentences("船来了。人下来了。", "zh") == ["船来了。", "人下来了。"]


def test_a_wrapped_line_goes_on_and_a_list_item_does_not() -> None:
    wrapped = "The council met on Tuesday evening in the old town hall and\nagreed."
    text = f"Notes\n\n{wrapped}\nItem one;\nItem two"
    assert sentences(text) == [
        "Notes",
        wrapped,
        "Item one;",
        "Item two",
    ]


def test_a_run_without_an_end_is_cut_at_white_space() -> None:
    spans = sentence_spans("word " * 2000)
    assert max(end - start for start, end in spans) <= 2000
    assert all(len(piece.split()) * 5 - 1 == len(piece) for piece in sentences("word " * 2000))
