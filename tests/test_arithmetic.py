"""What follows from the figures of a text by one step of arithmetic."""

from __future__ import annotations

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from tools.numbers.arithmetic import derived, span, steps, told
from tools.numbers.quantities import quantities, relate
from tools.times.dates import date_mentions


def agreeing(claim: str, passage: str) -> list[str]:
    """The workings whose result is the claim's figure."""
    wanted = quantities(claim)[0]
    results = derived(wanted, quantities(passage), steps(claim, wanted))
    return [result.note for result in results if relate(wanted, result.quantity) == "same"]


@given(st.integers(1, 10**6), st.integers(1, 10**6))
def test_a_sum_and_a_difference_are_found(a: int, b: int) -> None:
    assume(a != b)
    passage = f"Orne has {a:,}.0 wells and Ketter has {b:,}.0 wells."
    assert agreeing(f"Altogether there are {a + b:,}.0 wells.", passage)
    assert agreeing(f"There are {abs(a - b):,}.0 wells more in one town.", passage)


@given(st.integers(1, 10**5), st.integers(2, 10**5))
def test_a_share_is_found(part: int, whole: int) -> None:
    assume(part < whole and 100 * part / whole > 0.5)
    claim = f"{100 * part / whole:.1f} per cent of the wells are dry."
    assert agreeing(claim, f"Of {whole:,} wells, {part:,} wells are dry.")


@given(st.integers(50, 10**5), st.integers(50, 10**5))
def test_a_change_in_per_cent_has_a_direction(before: int, after: int) -> None:
    assume(before != after and 0.1 < after / before < 10)
    passage = f"The number rose from {before:,} wells to {after:,} wells."
    percent = [r for r in told(passage, quantities(passage)) if r.step == "change"]
    assert [r.quantity.change for r in percent] == ["up" if after > before else "down"]
    assert percent[0].quantity.values[0] == pytest.approx(100 * abs(after / before - 1))


@pytest.mark.parametrize(
    ("claim", "passage"),
    [
        ("Each bus carries 250 passengers on average.", "40 buses carry 10,000 passengers."),
        ("Orne has 2,310 wells.", "Orne had 2,450 wells; ten years later it was 140 fewer."),
        ("A ticket costs 55 euros.", "A ticket cost 50 euros; the price rose by 10 per cent."),
        ("The ship costs 10 million euros.", "It costs 250 million crowns, 25 crowns to the euro."),
    ],
)
def test_other_steps(claim: str, passage: str) -> None:
    assert agreeing(claim, passage)


def test_without_a_word_that_asks_for_it_no_sum_is_made() -> None:
    assert not agreeing("Orne has 12 wells.", "Ketter has 7 wells and Lunne has 5 wells.")


@pytest.mark.parametrize(
    ("text", "unit", "value"),
    [
        ("Support rose from 12 per cent to 15 per cent.", "points", 3),
        ("It has 450 beds, of which 90 are empty.", "%", 20),
        ("Of the 450 beds, 90 are empty.", "%", 20),
        ("90 of the 450 beds are empty.", "%", 20),
    ],
)
def test_what_a_sentence_tells_by_two_figures(text: str, unit: str, value: float) -> None:
    results = [r.quantity for r in told(text, quantities(text)) if r.quantity.unit == unit]
    assert any(result.values[0] == pytest.approx(value) for result in results)


@pytest.mark.parametrize(
    ("earlier", "later", "years"),
    [("2 May 1971", "20 March 2010", 38), ("1996", "2007", 11), ("June 2001", "May 2011", 9.9)],
)
def test_the_time_between_two_dates_allows_for_what_they_do_not_tell(
    earlier: str, later: str, years: float
) -> None:
    (first,), (second,) = date_mentions(f"in {earlier}"), date_mentions(f"in {later}")
    passed = span(first, second)
    assert passed is not None
    assert passed[0] <= 12 * (years + 1)
    assert passed[1] >= 12 * years


def test_no_time_passes_without_years_or_backwards() -> None:
    (first,), (second,) = date_mentions("in 2007"), date_mentions("in 1996")
    assert span(first, second) is None
    (bare,) = date_mentions("in May")
    assert span(bare, first) is None
