"""How growth is told; `python -m evals.performance.curves` measures it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evals.performance.curves import curves, exponent, plot, table

LINES = [
    {"of": "passages", "size": 10, "adding, s": 1.0, "adding, s on the clock": 9.0},
    {"of": "passages", "size": 100, "adding, s": 10.0, "adding, s on the clock": 10.0},
    {"of": "passages", "size": 1000, "adding, s": 1000.0, "adding, s on the clock": 11.0},
    {"of": "claims", "size": 1, "memory, MiB": 300.0, "claims": 1.0},
]


@given(st.floats(min_value=-3, max_value=3), st.floats(min_value=0.01, max_value=100))
def test_the_exponent_of_a_power_is_found_whatever_its_factor(power: float, factor: float) -> None:
    sizes = [10.0, 100.0, 1000.0, 5000.0]
    found = exponent(sizes, [factor * size**power for size in sizes])
    assert found == pytest.approx(power, abs=1e-6)


@pytest.mark.parametrize(("sizes", "values"), [([1], [1]), ([2, 2], [1, 3]), ([1, 2], [0, 1])])
def test_there_is_no_exponent_of_one_size_or_of_nothing(
    sizes: list[float], values: list[float]
) -> None:
    assert exponent(sizes, values) is None


def test_the_table_has_both_exponents_and_not_the_seconds_of_the_clock() -> None:
    text = "\n".join(table(curves(LINES)))
    assert "| adding, s | 1 | 10 | 1,000 | 1.50 | 2.00 |" in text
    assert "| memory, MiB | 300 | – | – |" in text
    assert "clock" not in text


def test_the_plot_is_a_file_of_its_own_with_a_line_for_each_figure() -> None:
    drawn = plot(curves(LINES))
    assert drawn.startswith("<?xml")
    assert "adding" in drawn
    assert "memory" in drawn
