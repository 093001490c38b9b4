"""Dates: what a text tells, whether two may be the same day, and days told relatively."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tools.times.dates import (
    DateMention,
    agree,
    alike,
    century_mentions,
    date_mentions,
    dates_in_order,
    parse_day,
    periods_agree,
    resolve,
    spelled,
)

DAYS = st.dates(date(1500, 1, 1), date(2099, 12, 31))
MENTIONS = st.builds(
    DateMention,
    start=st.just(0),
    end=st.just(1),
    year=st.none() | st.integers(2020, 2022),
    month=st.none() | st.integers(1, 12),
    day=st.none() | st.integers(1, 28),
    quarter=st.none() | st.integers(1, 4),
    season=st.none() | st.sampled_from(["spring", "summer", "autumn", "winter"]),
)
FORMS = ["%Y-%m-%d", "%d %B %Y", "%B %d, %Y", "%d %b %Y", "the %dth of %B %Y", "%b. %d, %Y"]


def told(text: str) -> list[dict[str, int | str]]:
    """What each mention tells, without its span."""
    parts = ("year", "month", "day", "quarter", "season", "half", "decade", "fiscal", "century")
    return [
        {part: value for part in parts if (value := getattr(mention, part))}
        for mention in date_mentions(text)
    ]


@given(DAYS)
def test_a_spelled_day_is_read_back(day: date) -> None:
    assert told(spelled(day)) == [{"year": day.year, "month": day.month, "day": day.day}]


@pytest.mark.parametrize("form", FORMS)
@given(day=DAYS)
def test_a_day_is_read_in_its_usual_forms(form: str, day: date) -> None:
    text = f"It happened on {day.strftime(form)} in Holm."
    assert told(text) == [{"year": day.year, "month": day.month, "day": day.day}]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("on 12 May", [{"month": 5, "day": 12}]),
        ("in May 2026", [{"year": 2026, "month": 5}]),
        ("in May", [{"month": 5}]),
        ("May be late, may be not", []),
        ("in the fourth quarter of 2024", [{"year": 2024, "quarter": 4}]),
        ("in Q3", [{"quarter": 3}]),
        ("Q1 2025", [{"year": 2025, "quarter": 1}]),
        ("during the Quarter 4 call", [{"quarter": 4}]),
        ("its fourth-quarter revenue", [{"quarter": 4}]),
        ("in the autumn of 2028", [{"year": 2028, "season": "autumn"}]),
        ("in fall 2028", [{"year": 2028, "season": "autumn"}]),
        ("a fall of 20 per cent", []),
        ("in 1998 and in 2004", [{"year": 1998}, {"year": 2004}]),
        ("between January and March 2026", [{"year": 2026, "month": 3}]),
        ("2024 people came, 2000 km away", []),
        ("more than 1900 wells", []),
        ("a fee of €2024, up 1999.5", []),
        ("12 May 2026 to 3 June 2026", [
            {"year": 2026, "month": 5, "day": 12}, {"year": 2026, "month": 6, "day": 3}]),
        ("the three months to June 2024", [{"year": 2024, "quarter": 2}]),
        ("April to June 2024", [{"year": 2024, "quarter": 2}]),
        ("the quarter ended 30 September", [{"quarter": 3}]),
        ("the first half of 2024", [{"year": 2024, "half": 1}]),
        ("in the late 1990s", [{"decade": 1990}]),
        ("in the 1800s", [{"century": 1800}]),
        ("the second quarter of its fiscal year 2024", [
            {"year": 2024, "quarter": 2, "fiscal": True}]),
        ("fiscal 2024", [{"year": 2024, "fiscal": True}]),
        ("the 2023/24 season", [{"year": 2023, "fiscal": True}]),
        ("in 1344", [{"year": 1344}]),
        ("32 May 2026", [{"year": 2026, "month": 5}]),
        ("2026-13-40", [{"year": 2026}]),
        ("", []),
    ],
)  # fmt: skip
def test_what_a_text_tells_of_dates(text: str, expected: list[dict[str, int | str]]) -> None:
    assert told(text) == expected


@given(st.text(st.one_of(st.sampled_from("May Q4 2026 12 of -, "), st.characters()), max_size=60))
def test_mentions_are_in_order_and_do_not_overlap(text: str) -> None:
    last = 0
    for mention in date_mentions(text):
        assert last <= mention.start < mention.end <= len(text)
        last = mention.end


@given(MENTIONS)
def test_a_date_agrees_with_itself(mention: DateMention) -> None:
    assert agree(mention, mention)


@given(MENTIONS, MENTIONS)
def test_agreement_is_mutual(a: DateMention, b: DateMention) -> None:
    assert agree(a, b) == agree(b, a)
    assert alike(a, b) == alike(b, a)


@pytest.mark.parametrize(
    ("a", "b", "agreed"),
    [
        ("12 May 2026", "in May 2026", True),
        ("12 May 2026", "in 2026", True),
        ("12 May 2026", "Q2 2026", True),
        ("12 May 2026", "13 May 2026", False),
        ("12 May 2026", "12 June 2026", False),
        ("12 May", "12 May 2026", True),
        ("in May 2026", "in the spring of 2026", True),
        ("in the autumn of 2028", "in the spring of 2028", False),
        ("in December 2026", "in the winter of 2026", True),
        ("Q1 2026", "Q2 2026", False),
        ("Q2 2026", "the three months to June 2026", True),
        ("Q2 2026", "April to June 2026", True),
        ("Q3 2026", "the first half of 2026", False),
        ("May 2026", "the first half of 2026", True),
        ("in 1994", "in the 1990s", True),
        ("in 2004", "in the 1990s", False),
        ("in 2027", "in 2028", False),
        ("in 1843", "in the 1800s", True),
        ("in the 1840s", "in the 1800s", True),
        ("in 1743", "in the 1800s", False),
    ],
)
def test_what_is_not_told_agrees_with_everything(a: str, b: str, agreed: bool) -> None:
    (left,), (right,) = date_mentions(a), date_mentions(b)
    assert agree(left, right) is agreed


@pytest.mark.parametrize(
    ("claim", "passage", "agreed"),
    [
        ("Revenue in Q4 was 5.", "Revenue in Q4 was 6, in Q3 it was 4.", True),
        ("Revenue in Q4 was 5.", "Revenue in Q3 was 4.", False),
        ("Revenue was 5.", "Revenue in Q3 was 4.", True),
        ("Revenue in Q4 was 5.", "Revenue was 4.", True),
    ],
)
def test_periods_agree_unless_the_passage_speaks_of_others_only(
    claim: str, passage: str, agreed: bool
) -> None:
    assert periods_agree(claim, passage) is agreed


@pytest.mark.parametrize(
    ("text", "centuries"),
    [
        ("It was built in the nineteenth century.", [1800]),
        ("from the 18th century to the early 20th century", [1700, 1900]),
        ("a nineteenth-century chapel", []),
        ("in the nineteenth century chapel", []),
    ],
)
def test_a_century_is_one_in_which_something_was(text: str, centuries: list[int]) -> None:
    assert [mention.century for mention in century_mentions(text)] == centuries


def test_a_fiscal_year_is_no_calendar_year_and_does_not_contradict_one() -> None:
    (fiscal,), (calendar,) = date_mentions("fiscal 2024"), date_mentions("in 2024")
    assert not agree(fiscal, calendar)
    assert not alike(fiscal, calendar)


@pytest.mark.parametrize(
    ("sentences", "expected"),
    [
        (["They left on 3 March.", "She followed two days later."], (None, 3, 5)),
        (
            ["It opened on 8 January 2018 and closed on 30 November of the same year."],
            (2018, 11, 30),
        ),
        (["It was founded in 1998.", "The following year it moved."], (1999, None, None)),
        (["He died in June 2001.", "Three months earlier he had sung."], (2001, 3, None)),
        (["It began on 30 December 2020.", "A week later it was over."], (2021, 1, 6)),
        (["It was founded in 1998.", "Two days later it moved."], (1998, None, None)),
    ],
)
def test_dates_told_from_one_before_are_reckoned_where_it_is_exact_enough(
    sentences: list[str], expected: tuple[int | None, int | None, int | None]
) -> None:
    last = [mention for mentions in dates_in_order(sentences) for mention in mentions][-1]
    assert (last.year, last.month, last.day) == expected


THURSDAY = date(2026, 5, 14)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("It sank on Tuesday.", ["12 May 2026"]),
        ("It sank on Thursday.", ["14 May 2026"]),  # the day of writing itself
        ("It sank on Friday.", ["8 May 2026"]),
        ("It sank yesterday.", ["13 May 2026"]),
        ("Yesterday it sank; today it is gone.", ["13 May 2026", "14 May 2026"]),
        ("It opens next year, after last year’s delay.", ["2027", "2025"]),
        ("It will open on Tuesday.", []),  # which one is not told
        ("It opened on Tuesday 5 May.", []),  # told already
        ("It was in USA Today.", []),
        ("Tuesday is a good day.", []),
    ],
)
def test_days_told_relatively_are_resolved_where_it_is_certain(
    text: str, expected: list[str]
) -> None:
    assert [reading for _, _, reading in resolve(text, THURSDAY)] == expected


@given(DAYS)
def test_a_weekday_lies_in_the_week_up_to_the_day_of_writing(written: date) -> None:
    ((start, end, reading),) = resolve("It sank on Monday.", written)
    assert (start, end) == (8, 17)
    found = [
        written.fromordinal(written.toordinal() - back)
        for back in range(7)
        if spelled(written.fromordinal(written.toordinal() - back)) == reading
    ]
    assert [day.weekday() for day in found] == [0]


@given(DAYS)
def test_an_iso_day_is_parsed(day: date) -> None:
    assert parse_day(day.isoformat()) == day
    assert parse_day(f"{day.isoformat()}T12:00:00Z") == day


@pytest.mark.parametrize("text", [None, "", "2026", "2026-05", "soon", "2026-02-30", "0001-01-01"])
def test_what_is_no_day_is_none(text: str | None) -> None:
    assert parse_day(text) is None
