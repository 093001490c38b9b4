"""Places in an order and results of contests."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tools.numbers.contrasts import set_apart
from tools.numbers.standings import ranks, scores


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("the third-largest maker of tractors", [(3, "largest")]),
        ("the largest maker", [(1, "largest")]),
        ("the second most visited museum", [(2, "most visit")]),
        ("She came third in the downhill.", [(3, "place")]),
        ("She finished in fifth place.", [(5, "place")]),
        ("The third quarter was at least as good.", []),
        ("an honest protest in the forest", []),
        ("It was second to none.", []),
        ("Most notably, most cases (58) were told from Orlen.", [(1, "most case")]),
        ("Most cases (58) were told from Orlen.", []),
        ("Orlen has the most cases.", [(1, "most case")]),
    ],
)
def test_places_in_an_order(text: str, expected: list[tuple[int, str]]) -> None:
    assert [(rank.place, rank.order) for rank in ranks(text)] == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Kesmark beat Lunne 3–1.", [(3, 1)]),
        ("They won 6–4, 3–6, 7–5 after two hours.", [(6, 4), (6, 3), (7, 5)]),
        ("The bill passed by 61 votes to 39.", [(61, 39)]),
        ("It passed, with 58 votes in favour and 41 against.", [(58, 41)]),
        ("Forty-one votes to nine decided it.", [(41, 9)]),
        ("The match lasts 80-90 minutes.", []),
        ("Pages 12-14 of the book.", []),
        ("She won in 2:26:41.", []),
        ("The game on 2019-20 tour.", []),
    ],
)
def test_results(text: str, expected: list[tuple[int, int]]) -> None:
    assert [(score.high, score.low) for score in scores(text)] == expected


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        ("The mill hired 30 men.", "The mill dismissed 30 workers.", True),
        ("The mill hired 30 men.", "A gun was fired 30 times.", False),
        ("Net pay was 900 crowns.", "The gross pay was 1,200 crowns.", True),
        ("It earns her 900 crowns net.", "It earns her 1,200 crowns gross.", True),
        ("The net weighs 30 kilos.", "It was a gross error of 30 kilos.", False),
        ("Public schools have 40 pupils.", "Private schools have 30 pupils.", True),
        ("Public debt rose by 40.", "She spoke in private of a rise by 30.", False),
        ("The college trains 40 nurses.", "The cars carry 40 nurses.", False),
        ("The plant made cars for 40 towns.", "The plant sold cars for 30 towns.", True),
        ("It made a loss of 40.", "It sold 40 cars.", False),
    ],
)
def test_words_of_other_senses_set_nothing_apart(one: str, other: str, expected: bool) -> None:
    assert set_apart(one, other) is expected


def test_blanks_after_a_figure_are_read_in_little_time() -> None:
    assert not scores("They won by 5" + " " * 20_000 + "votes")


@given(st.text(st.one_of(st.sampled_from("won 3-1 votes to first 12–4 best, "), st.characters())))
def test_spans_lie_within_the_text(text: str) -> None:
    spans = [(f.start, f.end) for f in ranks(text)] + [(f.start, f.end) for f in scores(text)]
    assert all(0 <= start < end <= len(text) for start, end in spans)
