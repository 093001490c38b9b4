"""Periods: resolved to the calendar where the text allows it, open where it does not."""

from __future__ import annotations

import tomllib
from datetime import date, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tools.times.calendars import Unit, month_span, moved, part_of, span_of, span_told, unit_of
from tools.times.periods import Period, agreement, periods
from tools.times.relative_dates import Bound

CASES = tomllib.loads((Path(__file__).parent / "cases" / "periods.toml").read_text("utf-8"))
THURSDAY = date(2026, 5, 14)
DAYS = st.dates(date(1500, 1, 1), date(2099, 12, 31))
UNITS: list[Unit] = ["day", "week", "month", "quarter", "half", "year", "decade"]
STYLES = [
    "{d} {B} {y}", "{B} {d}, {y}", "{d} {b} {y}", "{y}-{m:02d}-{d:02d}", "{d}.{m}.{y}",
    "{y}/{m}/{d}", "the {d}th of {B} {y}", "{b}. {d}, {y}", "{d:02d}.{m:02d}.{y}",
    "{A} {d} {B} {y}",
]  # fmt: skip
PIECES = (
    "2026|May |12 |Q3 |FY25|/|-|.|last |Wednesday|the |same week |a year earlier|two |days |"
    "later|ago|mid-|March |1990s|’90s|century |19th |between |and |from |to |on |’s|next |"
    "month|30 |\n\n"
).split("|")
TEXTS = st.lists(st.one_of(st.sampled_from(PIECES), st.text(max_size=4)), max_size=14).map("".join)


@pytest.mark.parametrize(("sentence", "words", "reading"), CASES["read"])
def test_a_period_is_resolved_as_a_reader_of_that_day_would(
    sentence: str, words: str, reading: str
) -> None:
    period = periods(sentence, THURSDAY)[-1]
    assert (period.text, period.reading or "") == (words, reading)
    assert sentence[period.start : period.end] == words
    assert period.note or len(period.spans) == 1, "what is open has a note"


@pytest.mark.parametrize("sentence", CASES["none"])
def test_words_that_tell_no_period_are_left_out(sentence: str) -> None:
    assert periods(sentence, THURSDAY) == ()


@pytest.mark.parametrize(("left", "right", "kind"), CASES["agree"])
def test_two_periods_are_compared_as_exactly_as_they_are_told(
    left: str, right: str, kind: str
) -> None:
    a, b = periods(left, THURSDAY)[-1], periods(right, THURSDAY)[-1]
    assert (agreement(a, b).kind, agreement(b, a).kind) == (kind, kind)


@pytest.mark.parametrize("words", ["last Wednesday", "two years ago", "a year earlier", "tomorrow"])
def test_without_the_day_of_writing_nothing_is_guessed(words: str) -> None:
    (period,) = periods(f"It sank {words}.")
    assert not period.spans
    assert period.note
    assert agreement(period, periods("in 2020")[0]).kind == "not comparable"


def test_dates_without_a_year_are_compared_by_what_they_tell() -> None:
    (told,), (other,), (full,) = periods("on 12 May"), periods("on 13 May"), periods("12 May 2026")
    assert agreement(told, full).kind == "compatible"
    assert agreement(other, full).kind == "different"


def test_the_caller_may_know_how_figures_are_ordered_and_when_fiscal_years_begin() -> None:
    (british,), (american,) = (periods("03/04/2026", day_first=first) for first in (True, False))
    assert (british.reading, american.reading) == ("3 April 2026", "4 March 2026")
    (fiscal,) = periods("Q3 FY2025", fiscal_start=4)
    assert fiscal.spans == ((date(2024, 10, 1), date(2024, 12, 31)),)
    (calendar,) = periods("FY2025", fiscal_start=1)
    assert calendar.spans == (month_span(2025, 1, 12),)
    with pytest.raises(ValueError, match="13"):
        periods("FY2025", fiscal_start=13)


def test_a_weekday_that_does_not_fit_its_date_is_noted() -> None:
    (period,) = periods("It opened on Tuesday, 13 May 2026.")
    assert period.note == "13 May 2026 is a Wednesday"


def test_a_phrase_leans_on_no_date_of_another_paragraph() -> None:
    text = "It sank in 1998.\n\nA year earlier the owner had died."
    assert periods(text, THURSDAY)[-1].reading == "2025"


@pytest.mark.parametrize("style", STYLES)
@given(day=DAYS)
def test_a_day_is_read_back_in_every_style(style: str, day: date) -> None:
    words = style.format(
        d=day.day, m=day.month, y=day.year, B=f"{day:%B}", b=f"{day:%b}", A=f"{day:%A}"
    )
    (period,) = periods(f"It opened on {words} in Holm.")
    assert period.spans == ((day, day),)
    assert not period.note


@given(DAYS)
def test_figures_with_slashes_hold_the_day_in_one_of_their_readings(day: date) -> None:
    (period,) = periods(f"on {day.day:02d}/{day.month:02d}/{day.year}")
    assert (day, day) in period.spans
    assert period.ambiguous == (day.day <= 12 and day.day != day.month)


@given(DAYS, st.sampled_from(["Monday", "Friday", "Sunday"]))
def test_last_weekday_is_before_the_day_of_writing(day: date, name: str) -> None:
    (period,) = periods(f"It sank last {name}.", day)
    for first, last in period.spans:
        assert first == last < day
        assert f"{first:%A}" == name
    assert (day - period.spans[0][0]).days <= 7


@given(DAYS, st.integers(1, 99))
def test_days_ago_are_counted(day: date, count: int) -> None:
    (period,) = periods(f"It sank {count} days ago.", day)
    assert period.spans == ((day - timedelta(days=count),) * 2,)


@given(DAYS, st.sampled_from(UNITS))
def test_a_span_of_a_unit_is_told_and_holds_its_day(day: date, unit: Unit) -> None:
    first, last = span_of(day, unit)
    assert first <= day <= last
    assert unit_of((first, last)) == unit
    assert span_told((first, last))


@given(DAYS, st.sampled_from(UNITS), st.integers(-12, 12))
def test_moving_a_span_there_and_back_gives_it_again(day: date, unit: Unit, count: int) -> None:
    span = span_of(day, unit)
    there = moved(span, unit, count)
    assert there is not None
    assert moved(there, unit, -count) == span


@pytest.mark.parametrize("part", ["early", "mid", "late"])
@given(day=DAYS, unit=st.sampled_from(UNITS))
def test_a_part_of_a_span_lies_within_it(part: str, day: date, unit: Unit) -> None:
    first, last = span_of(day, unit)
    begin, end = part_of((first, last), part)
    if unit != "day":
        assert first <= begin <= end <= last


@st.composite
def _periods(draw: st.DrawFn) -> Period:
    spans = []
    for _ in range(draw(st.integers(0, 2))):
        day, unit = draw(st.dates(date(2024, 1, 1), date(2027, 1, 1))), draw(st.sampled_from(UNITS))
        spans.append(span_of(day, unit))
    bounds: list[Bound] = ["exact", "exact", "about", "before", "after", "by"]
    bound = draw(st.sampled_from(bounds))
    fiscal = draw(st.sampled_from([None, None, "FY2025", "FY2025 Q3", "FY2024"]))
    return Period(0, 1, "x", tuple(spans), bound, fiscal)


@given(_periods(), _periods())
def test_comparing_periods_is_symmetric(a: Period, b: Period) -> None:
    assert agreement(a, b).kind == agreement(b, a).kind


@given(_periods())
def test_a_period_is_equal_to_itself_where_it_is_told(a: Period) -> None:
    assert agreement(a, a).kind == ("equal" if a.spans or a.fiscal else "not comparable")


@given(TEXTS, st.none() | DAYS)
def test_offsets_are_exact_and_nothing_overlaps(text: str, published: date | None) -> None:
    last = 0
    for period in periods(text, published):
        assert last <= period.start < period.end <= len(text)
        assert text[period.start : period.end] == period.text
        assert all(first <= end for first, end in period.spans)
        last = period.end
