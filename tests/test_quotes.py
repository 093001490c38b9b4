"""Quotations: which there are, and whether another text has the same words."""

from __future__ import annotations

import itertools
from pathlib import Path

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from rapidfuzz import fuzz

from tools.readers import read_file, source_files
from tools.text.quote_matching import find_quote, find_quotes
from tools.text.quotes import MIN_WORDS, quotations
from tools.text.words import WORD

VOCABULARY = (
    "harbour ferry winter timetable council promise sailing captain island lantern market bridge "
    "copper silent narrow journey weather machine orchard button kettle pencil garden thunder "
    "velvet ribbon saddle anchor meadow cotton"
).split()
# No word twice: then the one that was changed is beyond doubt.
WORDS = st.lists(st.sampled_from(VOCABULARY), min_size=8, max_size=20, unique=True)
PADDING = st.lists(st.sampled_from("alpha bravo delta echo".split()), max_size=12)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("He said: “We will not sail today.”", ["We will not sail today."]),
        ('He said: "We will not sail today."', ["We will not sail today."]),
        ("Sie sagte: „Wir fahren heute nicht ab.“", ["Wir fahren heute nicht ab."]),
        ("Elle dit : «nous ne partons pas demain»", ["nous ne partons pas demain"]),
        ("He said: ‘We will not sail today.’", ["We will not sail today."]),
        ("“One two three four.” She nodded. “Five six seven eight.”", [
            "One two three four.", "Five six seven eight."]),
        ("“We said ‘we will not sail today’ twice.”", ["We said ‘we will not sail today’ twice."]),
        ("The “agentic” model", []),  # a term, not a quotation
        ("“Not a chance”", []),
        ('He said "we will not sail today,” and went.', ["we will not sail today,"]),
        ('He said “we will not sail today," and went.', ["we will not sail today,"]),
        ("The company’s ferries and the captain’s boats are late", []),
        ("“An opening without its end goes on and on", []),
        ("“One paragraph is open\nand another closes it here”", []),
        ("", []),
    ],
)  # fmt: skip
def test_what_is_a_quotation(text: str, expected: list[str]) -> None:
    assert [quotation.text for quotation in quotations(text)] == expected


@given(st.text(st.one_of(st.sampled_from('“”"‘’„«» ab\n'), st.characters()), max_size=80))
def test_quotations_are_verbatim_and_do_not_overlap(text: str) -> None:
    found = quotations(text)
    assert all(text[q.start : q.end] == q.text for q in found)
    assert all(left.end <= right.start for left, right in itertools.pairwise(found))
    assert all(len(WORD.findall(q.text)) >= MIN_WORDS for q in found)


@given(
    st.lists(
        st.sampled_from([*VOCABULARY, "won’t", "U.S.-led", "12.5", "É", "—", ",", "\n"]),
        max_size=30,
    ).map(" ".join),
    st.data(),
)
def test_any_run_of_words_of_a_text_is_found_verbatim(text: str, data: st.DataObject) -> None:
    words = list(WORD.finditer(text))
    assume(len(words) >= MIN_WORDS)
    first = data.draw(st.integers(0, len(words) - MIN_WORDS))
    last = data.draw(st.integers(first + MIN_WORDS - 1, len(words) - 1))
    quote = text[words[first].start() : words[last].end()]
    match = find_quote(quote, text)
    assert match is not None
    assert match.relation == "verbatim" or match.cut  # or the cut left out what denies it
    found = [w.lower() for w in WORD.findall(text[match.start : match.end])]
    assert found == [w.lower() for w in WORD.findall(quote)]


@given(WORDS, PADDING, PADDING, st.data())
def test_one_changed_word_is_named(
    words: list[str], before: list[str], after: list[str], data: st.DataObject
) -> None:
    place = data.draw(st.integers(0, len(words) - 1))
    changed = [*words[:place], "purple", *words[place + 1 :]]
    match = find_quote(" ".join(words), " ".join([*before, *changed, *after]))
    assert match is not None
    assert match.relation == "altered"
    assert match.changes == ((words[place], "purple"),)


@given(WORDS, PADDING, PADDING, st.data())
def test_a_word_left_out_or_put_in_is_named(
    words: list[str], before: list[str], after: list[str], data: st.DataObject
) -> None:
    place = data.draw(st.integers(1, len(words) - 2))
    shorter = [*words[:place], *words[place + 1 :]]
    match = find_quote(" ".join(words), " ".join([*before, *shorter, *after]))
    assert match is not None
    assert match.changes == ((words[place], ""),)
    match = find_quote(" ".join(shorter), " ".join([*before, *words, *after]))
    assert match is not None
    assert match.changes == (("", words[place]),)


def test_case_marks_and_white_space_are_no_alteration() -> None:
    match = find_quote("we won't sail, not today", "“We won’t\nsail – not TODAY”, he said")
    assert match is not None
    assert match.relation == "verbatim"
    assert match.note == "the quotation stands in the source word for word"


def test_one_word_can_turn_a_promise_round() -> None:
    text = "Vantreau said: “We will now raise local taxes to pay for this line.”"
    match = find_quote("We will not raise local taxes to pay for this line", text)
    assert match is not None
    assert match.relation == "altered"
    assert match.note == "“not” in the article, “now” in the source"
    assert text[match.start : match.end] == "We will now raise local taxes to pay for this line"


@pytest.mark.parametrize(
    ("quotation", "text"),
    [
        ("We will keep every sailing", "She spoke about the weather on the islands all evening."),
        ("We will keep every sailing", "We will sell all of our ferries and close every office."),
        ("We will keep", "We will keep"),  # too short to be told from chance
        ("We will keep every sailing", "every sailing"),
        ("", ""),
    ],
)
def test_other_words_are_not_a_quotation_of_the_text(quotation: str, text: str) -> None:
    assert find_quote(quotation, text) is None


@pytest.mark.parametrize(
    ("quotation", "text", "changes"),
    [
        # Trimmed by the source: what stands outside its marks is no part of the quotation.
        (
            "Our ferry will sail every single day this winter",
            "She said the “ferry will sail every other day this winter”, come what may.",
            (("single", "other"),),
        ),
        (
            "The ferry will sail every single day this winter",
            "“The ferry will sail every other day this winter.”",
            (("single", "other"),),
        ),
        ("The ferry will sail every day this winter", "The ferry will sail every day", None),
        ("The ferry will sail every day this winter", "“Every day this winter”", None),
    ],
)
def test_trimming_is_no_alteration(
    quotation: str, text: str, changes: tuple[tuple[str, str], ...] | None
) -> None:
    match = find_quote(quotation, text)
    assert (match.changes if match else None) == changes


@pytest.mark.parametrize(
    ("quotation", "text"),
    [
        (
            "Not one boat was lost, and the crews were home by supper",
            "“Not one boat was lost,” she said, “and the crews were home by supper.”",
        ),
        (
            "They [the captains] had every key in the house",
            "He said: “They had every key in the house.”",
        ),
        (
            "We looked everywhere … and found nothing in the harbour",
            "“We looked everywhere, from noon on, and found nothing in the harbour.”",
        ),
    ],
)
def test_what_the_conventions_of_quoting_allow_is_no_alteration(quotation: str, text: str) -> None:
    match = find_quote(quotation, text)
    assert match is not None
    assert match.relation == "verbatim"


def test_a_word_put_in_without_a_mark_is_an_alteration() -> None:
    match = find_quote(
        "They had every single key in the house", "“They had every key in the house.”"
    )
    assert match is not None
    assert match.changes == (("single", ""),)


def test_the_threshold_lies_between_the_wordings_of_the_example() -> None:
    folder = Path(__file__).parents[1] / "evals" / "example" / "sources"
    texts = [read_file(path).text for path in source_files([folder]).files]
    plain = [
        " ".join(match[0].lower() for match in WORD.finditer(quotation.text))
        for text in texts
        for quotation in quotations(text)
    ]
    scores = [fuzz.partial_ratio(a, b) for a, b in itertools.combinations(plain, 2)]
    assert len(plain) == 13
    assert [round(score) for score in scores if 60 <= score < 100] == [98, 98, 92]


def test_many_matches_in_a_text_without_stops_take_no_longer_than_its_length() -> None:
    found = find_quotes("find it’s 5 – 6", "find it's 5 - 6 of them, and " * 400)
    assert len(found) == 400
