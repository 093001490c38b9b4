"""Times of day: read in the styles of news, with both readings where morning is not told."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tools.times.clock import agreement, clock_times

CASES = tomllib.loads((Path(__file__).parent / "cases" / "clock.toml").read_text("utf-8"))
MINUTES = st.integers(0, 24 * 60 - 1)
PIECES = "9|.30|:30| am|pm |half past |ten |to |at |noon |o’clock |19:05 |GMT|h|around |12".split(
    "|"
)
TEXTS = st.lists(st.one_of(st.sampled_from(PIECES), st.text(max_size=4)), max_size=12).map("".join)


@pytest.mark.parametrize(("sentence", "words", "reading"), CASES["read"])
def test_a_time_is_read_as_it_is_written(sentence: str, words: str, reading: str) -> None:
    (clock,) = clock_times(sentence)
    assert (clock.text, clock.reading) == (words, reading)
    assert sentence[clock.start : clock.end] == words


@pytest.mark.parametrize("sentence", CASES["none"])
def test_figures_that_are_no_time_are_left_out(sentence: str) -> None:
    assert clock_times(sentence) == ()


@pytest.mark.parametrize(("left", "right", "kind"), CASES["agree"])
def test_two_times_are_compared_as_exactly_as_they_are_told(
    left: str, right: str, kind: str
) -> None:
    (a,), (b,) = clock_times(left), clock_times(right)
    assert (agreement(a, b).kind, agreement(b, a).kind) == (kind, kind)


@pytest.mark.parametrize(
    "style", ["{h:02d}:{m:02d}", "{t}.{m:02d}{half}m", "{t}:{m:02d} {half}.m."]
)
@given(minutes=MINUTES)
def test_a_time_is_read_back_in_every_style(style: str, minutes: int) -> None:
    h, m = divmod(minutes, 60)
    text = style.format(h=h, m=m, t=h % 12 or 12, half="p" if h >= 12 else "a")
    (clock,) = clock_times(f"It opened at {text} and closed.")
    assert clock.minutes == (minutes,)


@given(MINUTES, MINUTES, st.booleans(), st.booleans())
def test_comparing_times_is_symmetric(a: int, b: int, about: bool, whole: bool) -> None:
    left = clock_times(f"{'around ' * about}{a // 60:02d}:{a % 60:02d}")[0]
    right = clock_times(f"{b // 60 % 12 or 12}{'' if whole else f'.{b % 60:02d}'}pm")[0]
    assert agreement(left, right).kind == agreement(right, left).kind
    assert agreement(left, left)


@given(TEXTS)
def test_offsets_are_exact_and_nothing_overlaps(text: str) -> None:
    last = 0
    for clock in clock_times(text):
        assert last <= clock.start < clock.end <= len(text)
        assert text[clock.start : clock.end] == clock.text
        assert all(0 <= minute < 24 * 60 for minute in clock.minutes)
        last = clock.end
