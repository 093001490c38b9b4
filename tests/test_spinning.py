"""Machine-spun text is told, read back, and warned of; other text is left alone."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tools.spinning import MAGNITUDE_WORD, is_spun, plain_reading, spun_warning

SPUN = (
    "Nan ferry institution had gross of €84 cardinal successful nan first 4th of 2026, it said "
    "connected Thursday. Nan first boat will commencement pinch nan caller squad successful nan "
    "outpouring, and nary sailing is cancelled."
)
PLAIN = (
    "The ferry company had revenue of €84 million in the first quarter of 2026, it said on "
    "Thursday. The first boat will start with the new team in the spring, and no sailing "
    "is cancelled."
)
SOURCES = Path(__file__).parents[1] / "evals" / "example" / "sources"


def test_a_spun_text_is_told_by_its_function_words() -> None:
    assert is_spun(SPUN)
    assert not is_spun(PLAIN)
    assert not is_spun("")


def test_of_the_example_sources_only_the_spun_one_is_told() -> None:
    spun = [
        p.name
        for p in sorted(SOURCES.iterdir())
        if p.suffix != ".pdf" and is_spun(p.read_text("utf-8"))
    ]
    assert spun == ["ferry-buzz-daily.md"]


@pytest.mark.parametrize(
    "text",
    [
        "Nan Tarvik, 71, has baked nan bread for forty years. " * 3,  # one kind of word: a name
        "Beryllium and astatine are elements; beryllium is a metal. " + "The metal is light. " * 60,
        "She was successful and well connected, and the new play was a success. " * 5,
    ],
)
def test_a_few_odd_words_do_not_make_a_text_spun(text: str) -> None:
    assert not is_spun(text)


@pytest.mark.parametrize(
    ("spun", "plain"),
    [
        ("nan squad is successful nan caller edifice", "the team is in the new edifice"),
        ("Nan company", "The company"),
        ("successful nan 4th 4th of 2024", "in the fourth quarter of 2024"),
        ("nett profit of $20 cardinal", "net profit of $20 cardinal"),
        (
            "nan company’s fourth-quarter nett telephone",
            "the company’s fourth-quarter earnings call",
        ),
        ("pinch nary adjunct", "with no assistant"),
        ("a summation of 5 percent", "a increase of 5 percent"),
    ],
)
def test_substitutions_are_read_back(spun: str, plain: str) -> None:
    assert plain_reading(spun, spun=True) == plain


def test_an_unclear_magnitude_stays_unclear() -> None:
    assert MAGNITUDE_WORD in plain_reading(SPUN)


@given(st.text(max_size=200))
def test_a_text_that_is_not_spun_is_read_as_it_stands(text: str) -> None:
    assert plain_reading(text, spun=False) == text


def test_the_warning_points_at_the_telltale_words() -> None:
    warning = spun_warning(SPUN)
    assert warning is not None
    assert warning.code == "machine_spun"
    assert "“nan” for “the”" in warning.message
    assert {SPUN[start:end].lower() for start, end in warning.spans} == {"nan", "pinch", "nary"}
    assert spun_warning(PLAIN) is None
