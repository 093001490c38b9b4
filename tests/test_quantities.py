"""Quantities: what is one, what it measures, and when two of them agree or differ."""

from __future__ import annotations

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from tools.numbers.quantities import Quantity, compare, meet, quantities

# Pieces of numbers and what stands around them.
PIECES = st.sampled_from(
    "1|5|12|300|2024|0|.|,| |-|–|%|€|$| per cent| million| bn|m|k| to | and |between |from |twenty "
    "|two thirds| one in five|half the |a dozen |minus |about | km|:|/|th|s|(|revenue of |people |"
    "cardinal |\n|．|１|²|a |points|hundred |é".split("|")
)
TEXTS = st.lists(st.one_of(PIECES, st.text(max_size=6)), max_size=16).map("".join)
UNITS = ["per cent", "million euros", "people", "km", "kg", "passengers a day", "billion dollars"]


def one(text: str) -> Quantity:
    found = quantities(text)
    assert len(found) == 1, found
    return found[0]


def told(text: str) -> list[tuple[str, float, str]]:
    """(text, value, unit) of each quantity."""
    return [(q.text, round(q.values[0], 4), q.unit) for q in quantities(text)]


def relation(claim: str, evidence: str) -> str | None:
    """How the first quantities of two texts that can be compared stand to each other."""
    for ours in quantities(claim):
        for theirs in quantities(evidence):
            if comparison := compare(ours, theirs):
                return comparison.relation
    return None


@given(TEXTS)
def test_quantities_are_verbatim_in_order_and_apart(text: str) -> None:
    last = 0
    for quantity in quantities(text):
        assert last <= quantity.start < quantity.end <= len(text)
        assert text[quantity.start : quantity.end] == quantity.text
        assert quantity.step >= 0
        last = quantity.end


@given(TEXTS)
def test_a_quantity_agrees_with_itself(text: str) -> None:
    for quantity in quantities(text):
        assert meet(quantity, quantity)
        comparison = compare(quantity, quantity)
        assert comparison is None or comparison.relation == "same"
        assert (comparison is None) == (not quantity.head)


@given(st.lists(st.sampled_from(UNITS), min_size=2, max_size=2), st.data())
def test_the_relation_of_plain_figures_is_the_same_from_both_sides(
    units: list[str], data: st.DataObject
) -> None:
    sides = []
    for unit in units:
        value = data.draw(st.one_of(st.integers(0, 500), st.decimals(0, 99, places=1)))
        change = data.draw(st.sampled_from(["Revenue was", "Costs rose by", "It had"]))
        sides.append(f"{change} {value} {unit}.")
    assert relation(*sides) == relation(*sides[::-1])


@given(st.integers(1, 999), st.integers(0, 9))
def test_an_amount_is_the_same_in_every_scale(whole: int, tenth: int) -> None:
    wording = [
        f"€{whole}.{tenth} billion", f"€{whole}.{tenth}bn", f"{whole}.{tenth} billion euros",
        f"EUR {whole}.{tenth} billion", f"€{whole}{tenth}00 million", f"{whole},{tenth} billion €",
    ]  # fmt: skip
    values = [one(f"Revenue was {text}.") for text in wording]
    assert all(value.unit == "EUR" for value in values)
    assert all(compare(values[0], value) is not None for value in values)
    assert all(meet(values[0], value) for value in values)


@given(st.integers(1, 900))
def test_units_are_converted(number: int) -> None:
    metres, kilometres = one(f"It is {number * 1000} metres long"), one(f"It is {number} km long")
    assert metres.values == kilometres.values
    assert meet(metres, kilometres)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        # digits
        ("1,250 people", ("1,250", 1250, "count")),
        ("1 250 000 people", ("1 250 000", 1250000, "count")),
        ("1\u202f250 people", ("1\u202f250", 1250, "count")),
        ("1.250.000 people", ("1.250.000", 1250000, "count")),
        ("1,5 million euros", ("1,5 million euros", 1500000, "EUR")),
        ("an index of -2.5", ("-2.5", -2.5, "count")),
        ("it is −12 degrees", ("−12 degrees", -12, "degree")),
        ("7m people", ("7m", 7e6, "count")),
        ("a wall 7m tall", ("7m", 7, "metre")),
        ("$48.39bn", ("$48.39bn", 48.39e9, "USD")),
        # currencies
        ("48 €", ("48 €", 48, "EUR")),
        ("US$5 million", ("US$5 million", 5e6, "USD")),
        ("GBP 5 million", ("GBP 5 million", 5e6, "GBP")),
        ("5 million US dollars", ("5 million US dollars", 5e6, "USD")),
        ("40 cents", ("40 cents", 40, "CENT")),
        # per cent
        ("22%", ("22%", 22, "%")),
        ("22 per cent", ("22 per cent", 22, "%")),
        ("a 22-percent rise", ("22-percent", 22, "%")),
        ("a 22-per-cent rise", ("22-per-cent", 22, "%")),
        ("3 percentage points", ("3 percentage points", 3, "points")),
        ("3 per cent points", ("3 per cent points", 3, "points")),
        # words
        ("forty ships", ("forty", 40, "count")),
        ("twenty-one per cent", ("twenty-one per cent", 21, "%")),
        ("one hundred and twenty ships", ("one hundred and twenty", 120, "count")),
        ("a million ships", ("million", 1e6, "count")),
        ("half a million ships", ("half a million", 5e5, "count")),
        ("two and a half million ships", ("two and a half million", 2.5e6, "count")),
        ("two dozen ships", ("two dozen", 24, "count")),
        # shares
        ("two thirds of the ships", ("two thirds", 66.6667, "%")),
        ("a two-thirds majority", ("two-thirds", 66.6667, "%")),
        ("a quarter of the ships", ("a quarter", 25, "%")),
        ("half of the ships", ("half", 50, "%")),
        ("one in five ships", ("one in five", 20, "%")),
        ("9 out of 10 ships", ("9 out of 10", 90, "%")),
        # ranges: the middle
        ("10 to 15 per cent", ("10 to 15 per cent", 12.5, "%")),
        ("10–15%", ("10–15%", 12.5, "%")),
        ("between five and ten ships", ("five and ten", 7.5, "count")),
        ("$10-15 billion", ("$10-15 billion", 12.5e9, "USD")),
        # after a word that only opens the sentence
        ("In 12 towns", ("12", 12, "count")),
        ("Nearly 400 people", ("400", 400, "count")),
        ("The 12 ships", ("12", 12, "count")),
    ],
)
def test_a_number_is_read_as_it_is_written(text: str, expected: tuple[str, float, str]) -> None:
    assert told(text) == [expected]


@pytest.mark.parametrize(
    "text",
    [
        "in 2024",
        "on 12 May 2026",
        "in the fourth quarter",
        "12/05/2026",
        "at 19:30",
        "at 9.30 am",
        "won 3-1 at home",
        "a 2–0 lead",
        "version 4.2.1",
        "call 555-0199",
        "call +44 20 7946 0958",
        "call (020) 7946 0958",
        "the 3rd ship of the 21st century",
        "in the 1990s and the ’80s",
        "the 2019-20 season",
        "Llama 4",
        "Article 12",
        "the number 6 bus",
        "on line 4, platform 2",
        "an F-16 and a man in his mid-50s",
        "a 5G network",
        "#1",
        "the first half of the year",
        "the other half of the match",
        "dozens of ships, hundreds of people, millions",
        "one of them",
        "the second ship",
        "9" * 40,
    ],
)
def test_what_only_looks_like_a_quantity(text: str) -> None:
    assert told(text) == []


@pytest.mark.parametrize(
    ("text", "head", "modifiers"),
    [
        ("Revenue was €5 million", "revenue", set()),
        ("It had sales of €5 million", "revenue", set()),
        ("Net profit was €5 million", "profit", {"net"}),
        ("€5 million in ad revenue", "revenue", {"ad"}),
        ("Advertising revenue was €5 million", "revenue", {"ad"}),
        ("It lost €5 million", "", set()),
        ("The loss was €5 million", "loss", set()),
        ("The pre-tax profit was €5 million", "profit", {"tax"}),
        ("5 million passengers", "passeng", set()),
        ("forty additional drivers", "driver", {"addit"}),
        ("12 people were hurt", "peopl", set()),
        ("4.6 kilometres long", "length", set()),
        ("Turnout was 54 per cent", "turnout", set()),
    ],
)
def test_what_a_quantity_measures(text: str, head: str, modifiers: set[str]) -> None:
    quantity = one(text)
    assert (quantity.head, set(quantity.modifiers)) == (head, modifiers)


@pytest.mark.parametrize(
    ("text", "bound"),
    [
        ("about 500 people", "about"),
        ("nearly 500 people", "just under"),
        ("just over 500 people", "just over"),
        ("Some 500 people", "about"),
        ("more than 500 people", "over"),
        ("at least €5 million", "at least"),
        ("fewer than 500 people", "under"),
        ("up to 500 people", "at most"),
        ("two thirds of the people", "about"),
        ("fewer than two thirds of the people", "under"),
        ("500 people", "exact"),
    ],
)
def test_hedges(text: str, bound: str) -> None:
    assert one(text).bound == bound


@pytest.mark.parametrize(
    ("text", "change", "rate", "aspect"),
    [
        ("Revenue rose by 9 per cent", "up", None, "told"),
        ("Revenue fell 9 per cent", "down", None, "told"),
        ("Growth was -2 per cent", "down", None, "told"),
        ("21,000 passengers a day", None, "day", "told"),
        ("21,000 daily passengers", None, "day", "told"),
        ("40 cents a share", None, "share", "told"),
        ("Revenue of €5 million a year before", None, None, "earlier"),
        ("up from revenue of €5 million", None, None, "earlier"),
        ("It compares with revenue of €5 million", None, None, "earlier"),
        ("Revenue will be €5 million", None, None, "expected"),
        ("It forecast revenue of €5 million", None, None, "expected"),
        ("The line will cost €5 million", None, None, "expected"),
    ],
)
def test_change_rate_and_aspect(
    text: str, change: str | None, rate: str | None, aspect: str
) -> None:
    quantity = one(text)
    assert (quantity.change, quantity.rate, quantity.aspect) == (change, rate, aspect)


@pytest.mark.parametrize(
    ("claim", "evidence", "expected"),
    [
        # the same measure
        ("Revenue was $48 billion.", "Revenue reached $48.39 billion.", "same"),
        ("Revenue was $48.4 billion.", "Revenue reached $48.39 billion.", "same"),
        ("Revenue was $47.3 billion.", "Revenue reached $48.39 billion.", "differs"),
        ("Sales were €5 million.", "It had revenue of €6 million.", "differs"),
        ("It carried 21,000 passengers.", "It carried 21,340 passengers.", "same"),
        ("It carried 21,000 passengers.", "It carried 14,000 passengers.", "differs"),
        ("The line is 4.6 km long.", "The line is 4,600 metres long.", "same"),
        # another measure says nothing
        ("Revenue was $48 billion.", "Net profit was $20 billion.", None),
        ("Revenue was $48 billion.", "Ad revenue was $46 billion.", None),
        ("Net profit was €5 million.", "Operating profit was €7 million.", None),
        ("Revenue was $48 billion.", "Revenue was €45 billion.", None),
        ("Revenue was $48 billion.", "Revenue rose 22 per cent.", None),
        ("Turnout rose 3 per cent.", "Turnout rose 3 percentage points.", None),
        ("It carried 21,000 passengers.", "It carried 21,000 passengers a day.", None),
        ("It has 40 ferries.", "It has 50 captains.", None),
        # opposites
        ("It made a profit of €6 million.", "It made a loss of €6 million.", "differs"),
        ("Revenue rose 9 per cent.", "Revenue fell 9 per cent.", "differs"),
        ("Growth was 2 per cent.", "Growth was -2 per cent.", None),  # no measure is named
        # hedges and ranges
        ("About 500 people came.", "520 people came.", "same"),
        ("About 500 people came.", "600 people came.", "differs"),
        ("More than 500 people came.", "540 people came.", "same"),
        ("More than 500 people came.", "410 people came.", "differs"),
        ("Fewer than 500 people came.", "410 people came.", "same"),
        ("Fewer than 500 people came.", "540 people came.", "differs"),
        ("Turnout was 10 to 15 per cent.", "Turnout was 12 per cent.", "same"),
        ("Turnout was 10 to 15 per cent.", "Turnout was 20 per cent.", "differs"),
        ("Turnout was two thirds.", "Turnout was 66.4 per cent.", "same"),
        ("Turnout was half.", "Turnout was 61 per cent.", None),  # "half" needs "of"
        # an unclear magnitude is read as what fits
        ("Revenue was €84.6 million.", "Revenue was €84.6 cardinal.", "same"),
        ("Revenue was €84.6 billion.", "Revenue was €84.6 cardinal.", "same"),
        ("Revenue was €84.6 million.", "Revenue was €91 cardinal.", "differs"),
        # a result refutes no forecast, and this year's figure not last year's
        ("Revenue was €5 million.", "It had forecast revenue of €6 million.", None),
        ("Revenue was €5 million.", "Revenue was €4 million a year earlier.", None),
        ("Revenue was €5 million.", "It compares with revenue of €4 million.", None),
        ("The line will cost €246 million.", "The line will cost €318 million.", "differs"),
    ],
)
def test_figures_are_compared_only_where_they_measure_the_same(
    claim: str, evidence: str, expected: str | None
) -> None:
    assert relation(claim, evidence) == expected


@given(st.integers(1000, 10**6), st.integers(1000, 10**6))
def test_two_exact_counts_agree_where_their_rounding_meets(a: int, b: int) -> None:
    assume(a % 100 and b % 100)  # written to the last digit
    assert relation(f"{a} people came.", f"{b} people came.") == ("same" if a == b else "differs")


def test_the_note_says_how_far_apart() -> None:
    comparison = compare(one("Revenue was $48.39 billion"), one("Revenue was $47.3 billion"))
    assert comparison is not None
    assert comparison.note == "$48.39 billion against $47.3 billion: 2.3 % apart, beyond rounding"
    comparison = compare(one("Revenue rose 9 per cent"), one("Revenue rose 8 per cent"))
    assert comparison is not None
    assert comparison.note == "9 per cent against 8 per cent: 1 point apart, beyond rounding"
    comparison = compare(one("a profit of €6 million"), one("a loss of €6 million"))
    assert comparison is not None
    assert comparison.note == "a profit of €6 million against a loss of €6 million"


@pytest.mark.parametrize(
    ("ours", "theirs", "note"),
    [
        ("2,147,483,648 customers", "2,147,483,648 customers", "the same"),
        ("a profit of $4 million", "a profit of $4 billion", "1,000 times as much"),
        ("a profit of $3 million", "a profit of $4 million", "25 % apart"),
    ],
)
def test_large_figures_are_compared_to_their_last_digit(ours: str, theirs: str, note: str) -> None:
    comparison = compare(quantities(ours)[0], quantities(theirs)[0])
    assert comparison is not None
    assert note in comparison.note
