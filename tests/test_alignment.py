"""Quotes are found in their text whatever their typography, and nothing else is."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from tools.text.alignment import find_verbatim

TYPOGRAPHY = str.maketrans("“”„«»‘’–—‐‑‹›", '"""""\'\'----<>')
TEXTS = st.text(
    st.one_of(st.sampled_from("ab “”\"'’–-—\n\u00a0ﬁéé½Å…e\u0301"), st.characters()), max_size=40
)


def plain(text: str) -> str:
    """Independent of the code under test: text without its typography."""
    folded = unicodedata.normalize("NFKD", text).translate(TYPOGRAPHY)
    return " ".join(folded.split())


@given(TEXTS, st.data())
def test_any_cut_of_a_text_is_found(text: str, data: st.DataObject) -> None:
    start = data.draw(st.integers(0, len(text)))
    end = data.draw(st.integers(start, len(text)))
    assume(not unicodedata.combining(text[end : end + 1] or " "))  # no part of a letter
    quote = text[start:end].strip()
    if quote:
        span = find_verbatim(quote, text)
        assert span is not None
        assert text[slice(*span)] == quote


@given(TEXTS, TEXTS)
def test_what_is_found_equals_the_quote_up_to_typography(quote: str, text: str) -> None:
    span = find_verbatim(quote, text)
    if span is not None:
        assert plain(text[slice(*span)]) == plain(quote)


@pytest.mark.parametrize(
    ("quote", "text", "found"),
    [
        ('"We won\'t go"', "He said: “We won’t go” twice.", "“We won’t go”"),
        ("a - b", "x a — b y", "a — b"),
        ("two words", "these two\n  words here", "two\n  words"),
        ("  two words ", "these two words here", "two words"),
        ("cafe\u0301", "the café is open", "café"),
        ("café", "the cafe\u0301 is open", "cafe\u0301"),
        ("file", "a ﬁle", "ﬁle"),
        ("5 km", "5\u00a0km away", "5\u00a0km"),
        ("and so on...", "and so on…", "and so on…"),
    ],
)
def test_typography_is_no_difference(quote: str, text: str, found: str) -> None:
    span = find_verbatim(quote, text)
    assert span is not None
    assert text[slice(*span)] == found


@pytest.mark.parametrize(
    ("quote", "text"),
    [
        ("we will not", "We will not"),  # case
        ("we will, not", "we will not"),  # punctuation
        ("we will now", "we will not"),
        ("cafe", "the café"),  # every letter, with its accent
        ("cafe", "the cafe\u0301"),
        ("f", "ﬁ"),  # no part of a character
        ("", "text"),
        (" \n", "text"),
        ("longer than the text", "text"),
    ],
)
def test_other_words_are_not_found(quote: str, text: str) -> None:
    assert find_verbatim(quote, text) is None


def test_the_search_begins_at_start() -> None:
    text = "to be or not “to be”"
    assert find_verbatim("to be", text) == (0, 5)
    assert find_verbatim("to be", text, 1) == (14, 19)
    assert find_verbatim('"to be"', text, 13) == (13, 20)
    assert find_verbatim("to be", text, 15) is None
    assert find_verbatim("to be", text, 99) is None
