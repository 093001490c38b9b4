"""Places in an order and results of contests."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

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


def test_blanks_after_a_figure_are_read_in_little_time() -> None:
    assert not scores("They won by 5" + " " * 20_000 + "votes")


@given(st.text(st.one_of(st.sampled_from("won 3-1 votes to first 12–4 best, "), st.characters())))
def test_spans_lie_within_the_text(text: str) -> None:
    spans = [(f.start, f.end) for f in ranks(text)] + [(f.start, f.end) for f in scores(text)]
    assert all(0 <= start < end <= len(text) for start, end in spans)
