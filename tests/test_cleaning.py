"""Texts cleaned for reading, and the way back to them as they stand."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tools.text.cleaning import clean, recased

PLAIN = st.text(alphabet="abcdefghij XYZ.,;:!?'0123456789()€-", max_size=80).map(
    lambda text: " ".join(text.split())
)
MESS = st.text(
    alphabet=st.sampled_from(
        list("abc AB1.,-<>/&;#p\n\t\u00a0\u00ad\u200b\ufb01\uff21\u0301e\u0000")
    ),
    max_size=60,
)


def found(text: str, part: str) -> str:
    """What stands in a text where its cleaned form has a part."""
    cleaned = clean(text)
    start = cleaned.text.index(part)
    left, right = cleaned.span(start, start + len(part))
    return text[left:right]


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("The com\u00adpany earned\u200b much.", "The company earned much."),
        ("a vari\u00ad\nety", "a variety"),
        ("all \u200bstyles, page.\u200bRead on", "all styles, page. Read on"),
        ("\ufb01nance, \uff26\uff35\uff2c\uff2c, km²", "finance, FULL, km²"),
        ("\U0001d41b\U0001d428\U0001d425\U0001d41d", "bold"),
        ("e\u0301cole", "école"),
        ("trans-\nport of well-\n  known goods", "transport of well-known goods"),
        ("It cost  5\u00a0million,\tas\u2009said.", "It cost 5 million, as said."),
        ("12\u00a0000 people", "12\u00a0000 people"),
        ("Revenue &amp; profit &#8805;5 %&nbsp;rose", "Revenue & profit ≥5 % rose"),
        ("A <b class='x'>bold</b> <a href=\"#\">word</a>.", "A bold word."),
        ("One.<br/>Two.</p><p>Three.", "One.\n\nTwo.\n\nThree."),
        ("Seen.<script>var x = 1 < 2;</script><!-- not --> Seen too.", "Seen. Seen too."),
        ("where p < 0.05 and x > 3", "where p < 0.05 and x > 3"),
        ("use <name> here", "use <name> here"),
        ("the mayor\nof Castrow said\nthat 300\nMillion were\npaid.\nThen he\nleft.",
         "the mayor of Castrow said that 300 Million were paid.\nThen he left."),
        ("Born: 1950\nDied: 1999", "Born: 1950\nDied: 1999"),
        ("A heading\n\nThe text below\nis short.", "A heading\n\nThe text below is short."),
    ],
)  # fmt: skip
def test_what_copying_leaves_is_taken_out(text: str, wanted: str) -> None:
    assert clean(text).text == wanted


def test_the_way_back_leads_to_the_text_as_it_stands() -> None:
    assert found("The com\u00adpany grew.", "company") == "com\u00adpany"
    assert found("of trans-\nport.", "transport") == "trans-\nport"
    assert found("<p>A <b>bold</b> word.</p>", "A bold word.") == "A <b>bold</b> word."
    assert found("&euro;5 million &amp; more", "€5 million") == "&euro;5 million"


@given(PLAIN)
def test_a_plain_text_comes_back_as_it_is(text: str) -> None:
    cleaned = clean(text)
    assert cleaned.text == text
    assert cleaned.span(0, len(text)) == ((0, len(text)) if text else (0, 0))


@given(MESS)
def test_spans_lead_into_the_original_in_order(text: str) -> None:
    cleaned = clean(text)
    spans = [cleaned.span(i, i + 1) for i in range(len(cleaned.text))]
    assert all(0 <= start < end <= len(text) for start, end in spans)
    assert [start for start, _ in spans] == sorted(start for start, _ in spans)
    assert [end for _, end in spans] == sorted(end for _, end in spans)


@given(MESS)
def test_letters_that_stay_stand_where_the_way_back_leads(text: str) -> None:
    cleaned = clean(text)
    for i, character in enumerate(cleaned.text):
        if character in "abcAB":
            start, end = cleaned.span(i, i + 1)
            assert character in text[start:end] or text[start:end] in ("\uff21", "a\u0301")


@given(PLAIN, st.integers(0, 80), st.sampled_from(["\u00ad", "\u200b", "\u2060", "\ufeff"]))
def test_a_character_that_does_not_show_changes_nothing(text: str, at: int, unseen: str) -> None:
    marked = f"{text[:at]}{unseen}{text[at:]}"
    assert clean(marked).text.replace(" ", "") == text.replace(" ", "")


@given(PLAIN.filter(bool))
def test_markup_around_a_text_changes_nothing(text: str) -> None:
    assert clean(f"<div><p><span>{text}</span></p></div>").text.strip() == text.strip()


def test_long_texts_take_no_longer_than_their_length() -> None:
    for text in (
        "<" * 100_000, "<p " * 50_000, "&a" * 50_000, "a-\n" * 50_000, "\n" * 100_000,
        "<!--a" * 20_000, "<style>" * 15_000, "x" + " " * 50_000 + "y<b>", "<" + " " * 50_000,
        "a" + "\u0300\u0323" * 25_000,
    ):  # fmt: skip
        clean(text)


def test_a_comment_without_an_end_hides_nothing_and_one_with_an_end_all_within() -> None:
    assert clean("Seen <!-- still <STYLE>no</Style > seen").text == "Seen <!-- still seen"
    assert clean("Seen <!-- <script> --> too</script> <!-- on").text == "Seen too</script> <!-- on"


LIKE = "The mayor of Castrow, Ada Berg, met NATO in May."


@pytest.mark.parametrize("change", [str.upper, str.lower])
def test_a_text_in_one_case_gets_the_capitals_of_the_other_text(
    change: Callable[[str], str],
) -> None:
    text = "Ada Berg spoke to NATO. The mayor will come again."
    assert recased(change(text), LIKE) == text


def test_where_nothing_tells_names_only_sentences_get_capitals() -> None:
    text = "ADA BERG SPOKE TO NATO. SHE LEFT."
    assert recased(text, "WHAT ADA BERG SAID TO NATO") == "Ada berg spoke to nato. She left."


@pytest.mark.parametrize(
    "text", ["Ada Berg spoke to NATO, and she left.", "one small word", "NATO", "4 MAY 2019"]
)
def test_ordinary_and_short_texts_keep_their_case(text: str) -> None:
    assert recased(text, LIKE) == text


@given(st.text(max_size=60), st.text(max_size=60))
def test_offsets_stay_when_capitals_change(text: str, like: str) -> None:
    assert len(recased(text, like)) == len(text)
    assert [c.isspace() for c in recased(text, like)] == [c.isspace() for c in text]


@given(st.text(alphabet="ABCDE \n.!ÄÖİSSß", min_size=20, max_size=60), st.just(LIKE))
def test_offsets_stay_in_capitals(text: str, like: str) -> None:
    assert len(recased(text, like)) == len(text)
