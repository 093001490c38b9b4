"""Cutting texts into passages."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tools.library.passages import passage_contexts, passage_spans

SENTENCE = "The harbour office counted nine boats before the storm came. "


def passages(text: str, max_words: int = 100) -> list[str]:
    return [text[start:end] for start, end in passage_spans(text, max_words=max_words)]


def test_a_short_text_is_one_passage() -> None:
    assert passages("  One sentence. And another one.\n") == ["One sentence. And another one."]


@pytest.mark.parametrize("text", ["", " ", "\n\n \t\n"])
def test_a_text_without_a_word_has_no_passage(text: str) -> None:
    assert passage_spans(text) == []


def test_a_heading_stays_with_the_paragraph_below_it() -> None:
    text = f"Storm over the harbour\n\n{SENTENCE * 4}\n\n{SENTENCE * 6}"
    first, second = passages(text, max_words=60)
    assert first.startswith("Storm over the harbour\n\nThe harbour office")
    assert second == (SENTENCE * 6).strip()


def test_a_heading_stays_with_a_paragraph_that_needs_several_passages() -> None:
    text = f"Storm over the harbour\n\n{SENTENCE * 9}"
    assert passages(text, max_words=40)[0].startswith("Storm over the harbour\n\nThe harbour")


def test_one_line_paragraphs_share_a_passage() -> None:
    text = "\n\n".join(f"Boat {number} came back late." for number in range(8))
    assert passages(text, max_words=60) == [text]


def test_paragraphs_of_some_length_stay_apart() -> None:
    paragraph = (SENTENCE * 5).strip()
    assert passages(f"{paragraph}\n\n{paragraph}") == [paragraph, paragraph]


def test_the_next_passage_of_a_paragraph_repeats_one_sentence() -> None:
    text = " ".join(f"Sentence number {number} is about boats." for number in range(12))
    cut = passages(text, max_words=24)
    assert len(cut) > 2
    for before, after in itertools.pairwise(cut):
        last = before[before.rindex("Sentence") :]
        assert after.startswith(last)
        assert after != last


def test_a_sentence_longer_than_a_passage_is_cut_between_words() -> None:
    text = " ".join(["boat"] * 250)
    assert [len(passage.split()) for passage in passages(text)] == [100, 100, 50]


def test_text_without_spaces_is_cut_as_well() -> None:
    assert [len(passage) for passage in passages("船" * 250)] == [100, 100, 50]
    assert max(len(passage) for passage in passages("x" * 10_000)) <= 4_000


def test_a_limit_below_one_word_is_refused() -> None:
    with pytest.raises(ValueError, match="at least 1"):
        passage_spans("text", max_words=0)


def contexts(text: str, title: str | None = None, max_words: int = 40) -> list[tuple[str, str]]:
    """Each passage of a text with what stands above it."""
    spans = passage_spans(text, max_words=max_words)
    above = passage_contexts(text, spans, title)
    return [(text[start:end], line) for (start, end), line in zip(spans, above, strict=True)]


def test_the_title_goes_with_every_passage_that_does_not_begin_with_it() -> None:
    text = f"Storm over the harbour\n\n{SENTENCE * 9}"
    first, *others = contexts(text, "Storm over the harbour")
    assert first[1] == ""
    assert others
    assert {above for _, above in others} == {"Storm over the harbour"}
    assert {above for _, above in contexts(SENTENCE * 9)} == {""}


def test_a_heading_goes_with_all_passages_below_it_until_the_next() -> None:
    text = f"{SENTENCE * 4}\n\nBerths\n\n{SENTENCE * 9}\n\n## Cranes in use\n\n{SENTENCE * 9}"
    found = contexts(text, "Fees")
    seen = [above for passage, above in found if passage.startswith("The harbour")]
    assert list(dict.fromkeys(seen)) == ["Fees", "Fees\nBerths", "Fees\nCranes in use"]
    assert {above for passage, above in found if not passage.startswith("The harbour")} == {"Fees"}


@pytest.mark.parametrize(
    "line",
    [
        "It was closed.",
        "“Closed!”",
        "and then the rest of it",
        "One of very many words that stand in a line without an end as captions do",
        "Berths\nCranes",
    ],
)
def test_a_sentence_a_list_and_a_long_line_are_no_headings(line: str) -> None:
    assert {above for _, above in contexts(f"{line}\n\n{SENTENCE * 9}")} == {""}


@pytest.mark.parametrize("rule", ["", "---|---\n"])
def test_a_table_that_goes_on_is_searched_with_its_first_row(rule: str) -> None:
    rows = "\n".join(f"{10 * i} m | {40 * i}" for i in range(40))
    text = f"Berths\n\nLength | Fee in crowns\n{rule}{rows}\n\n{SENTENCE * 9}"
    table = [above for passage, above in contexts(text) if " m | " in passage.split("\n")[0]]
    assert table
    assert set(table) == {"Berths\nLength | Fee in crowns"}
    assert contexts(text)[-1][1] == "Berths"


def test_what_stands_above_is_cut_where_it_is_long() -> None:
    text = f"{'a | ' * 60}\n" + "\n".join(f"{i} | {i}" for i in range(90))
    for passage, above in contexts(text, "word " * 60):
        assert len(above.split("\n")[0].split()) == 20
        assert passage in text


WHITE_SPACE = [" ", "  ", "\n", "\n\n", "\t", "\u00a0"]
TEXTS = st.lists(
    st.sampled_from(
        [
            *"Boats came back. Dr. Ada said: “No!” 1.4bn 漢字。 é 😀 \u0301".split(),
            "x" * 90,
            *WHITE_SPACE,
        ]
    ),
    max_size=120,
).map(" ".join)


@given(st.one_of(st.text(max_size=400), TEXTS), st.integers(min_value=1, max_value=30))
def test_every_visible_character_is_in_a_passage_and_the_spans_are_in_order(
    text: str, max_words: int
) -> None:
    spans = passage_spans(text, max_words=max_words)
    covered: set[int] = set()
    for start, end in spans:
        assert 0 <= start < end <= len(text)
        assert text[start:end] == text[start:end].strip()
        assert len(text[start:end].split()) <= max_words
        covered.update(range(start, end))
    assert all(text[i].isspace() for i in range(len(text)) if i not in covered)
    assert all(a[0] < b[0] and a[1] < b[1] for a, b in itertools.pairwise(spans))
    above = passage_contexts(text, spans, text[:30])
    assert len(above) == len(spans)
    assert all(line == line.strip() and line.count("\n") <= 2 for line in above)
