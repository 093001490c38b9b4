"""Units: what a text after a number tells, converted exactly."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tools.numbers.quantities import Quantity, meet, quantities
from tools.numbers.units import read_unit


def one(text: str) -> Quantity:
    (quantity,) = quantities(text)
    return quantity


@pytest.mark.parametrize(
    ("left", "right"),
    [
        ("2.5 tonnes", "2,500 kilograms"),
        ("10 km", "6.2137 miles"),
        ("3 GWh", "3,000,000 kWh"),
        ("1.4 TWh", "1,400 gigawatt-hours"),
        ("250 hectares", "2.5 square kilometres"),
        ("2.5 km²", "250 hectares"),
        ("40 °C", "104 degrees Fahrenheit"),
        ("-40 degrees Celsius", "-40 °F"),
        ("100 metres", "328 feet"),
        ("5 cubic metres", "5,000 litres"),
        ("50 basis points", "half a percentage point"),
        ("50 bps", "0.5 percentage points"),
        ("90 km/h", "55.9 miles an hour"),
        ("70 kg", "154 lbs"),
        ("two weeks", "14 days"),
        ("1 fortnight", "14 days"),
        ("half a year", "6 months"),
        ("an hour and a half", "90 minutes"),
        ("1 decade", "10 years"),
        ("5 million US dollars", "$5 million"),
    ],
)
def test_the_same_in_another_unit_meets(left: str, right: str) -> None:
    assert one(left).unit == one(right).unit
    assert meet(one(left), one(right))


@pytest.mark.parametrize(
    ("left", "right"),
    [
        ("5 Canadian dollars", "5 US dollars"),
        ("5 per cent", "5 percentage points"),
        ("5 km", "5 square km"),
        ("5 MW", "5 MWh"),
        ("5 kg", "5 litres"),
        ("5 months", "5 days"),
    ],
)
def test_other_units_are_never_the_same(left: str, right: str) -> None:
    assert one(left).unit != one(right).unit


@given(st.floats(-200, 2000, allow_nan=False))
def test_fahrenheit_is_read_as_celsius(celsius: float) -> None:
    found = read_unit(" degrees Fahrenheit")
    assert found is not None
    unit, length = found
    assert length == len(" degrees Fahrenheit")
    assert (celsius * 1.8 + 32) * unit.factor + unit.offset == pytest.approx(celsius)


@pytest.mark.parametrize("rest", ["", " people", "th of May", " squares", ".", " °N", " Fridays"])
def test_what_is_no_unit(rest: str) -> None:
    assert read_unit(rest) is None
