"""Numbers as texts of many styles write them: read by hand, formatted and read back, compared."""

from __future__ import annotations

import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from tools.numbers.ordinals import ordinals
from tools.numbers.quantities import Quantity, agreement, quantities

CASES = tomllib.loads((Path(__file__).parent / "cases" / "quantities.toml").read_text("utf-8"))
PIECES = (
    "1 |12|1,234|1.234,5|½|3/4 |.|,|-|–|%| per cent|€|£|$| bn|m |k| lakh | crore |half a |"
    "a third of |more than |one in |two or |three |minus |°C|ft|in |th |second |first|×10^6|e6|"
    "± |plus |+|>|Rs "
).split("|")
TEXTS = st.lists(st.one_of(st.sampled_from(PIECES), st.text(max_size=4)), max_size=14).map("".join)


@pytest.mark.parametrize(
    ("sentence", "words", "value", "unit", "more"), CASES["read"], ids=[c[0] for c in CASES["read"]]
)
def test_a_quantity_is_read_as_a_reader_would(
    sentence: str, words: str, value: float, unit: str, more: dict[str, Any]
) -> None:
    found = quantities(sentence)
    quantity = found[-1]
    assert len(found) == 1 or more.get("last")
    assert quantity.text == words == sentence[quantity.start : quantity.end]
    assert quantity.values[0] == pytest.approx(value, rel=1e-5)
    assert quantity.unit == unit
    for name in more.keys() - {"last"}:
        assert getattr(quantity, name) == pytest.approx(more[name]), name


@pytest.mark.parametrize("sentence", CASES["none"])
def test_figures_that_are_no_quantity_are_left_out(sentence: str) -> None:
    assert quantities(sentence) == ()


@pytest.mark.parametrize(("left", "right", "kind"), CASES["agree"])
def test_two_quantities_are_compared_as_a_reader_would(left: str, right: str, kind: str) -> None:
    a, b = quantities(left)[0], quantities(right)[0]
    assert (agreement(a, b).kind, agreement(b, a).kind) == (kind, kind)


@pytest.mark.parametrize(("sentence", "words", "place", "thing"), CASES["ordinals"])
def test_an_ordinal_is_read_with_what_is_placed(
    sentence: str, words: str, place: int, thing: str
) -> None:
    (ordinal,) = ordinals(sentence)
    assert (ordinal.text, ordinal.values, ordinal.head) == (words, (place,), thing)
    assert sentence[ordinal.start : ordinal.end] == words


@pytest.mark.parametrize("sentence", CASES["no_ordinals"])
def test_what_only_looks_like_an_ordinal_is_left_out(sentence: str) -> None:
    assert ordinals(sentence) == ()


@pytest.mark.parametrize(("left", "right", "kind"), CASES["agree_ordinals"])
def test_two_ordinals_are_compared_as_places(left: str, right: str, kind: str) -> None:
    assert agreement(ordinals(left)[0], ordinals(right)[0]).kind == kind


def _grouped(number: int, mark: str) -> str:
    return f"{number:,}".replace(",", mark)


def _indian(number: int) -> str:
    head, tail = divmod(number, 1000)
    pairs = []
    while head >= 100:
        head, pair = divmod(head, 100)
        pairs.append(f"{pair:02d}")
    return ",".join([str(head), *reversed(pairs), f"{tail:03d}"])


STYLES: dict[str, Callable[[int], str]] = {
    "plain": lambda cents: f"€{cents / 100:.2f}",
    "British": lambda cents: f"€{cents / 100:,.2f}",
    "continental": lambda cents: f"{_grouped(cents // 100, '.')},{cents % 100:02d} €",
    "spaces": lambda cents: f"{_grouped(cents // 100, ' ')},{cents % 100:02d} €",
    "narrow spaces": lambda cents: f"{_grouped(cents // 100, chr(0x202F))},{cents % 100:02d} €",
    "Swiss": lambda cents: f"{_grouped(cents // 100, '’')}.{cents % 100:02d} euros",
    "Indian": lambda cents: f"€{_indian(cents // 100)}.{cents % 100:02d}",
    "code": lambda cents: f"EUR {cents / 100:,.2f}",
    "thousands": lambda cents: f"€{cents / 100_000:.5f}k",
    "millions": lambda cents: f"€{cents / 100_000_000:.8f} million",
    "scientific": lambda cents: f"{cents / 100_000_000:.8f} × 10^6 euros",
}


@pytest.mark.parametrize("style", STYLES)
@given(cents=st.integers(100_000, 10**11))
def test_a_sum_is_read_back_in_every_style(style: str, cents: int) -> None:
    text = f"The barn cost {STYLES[style](cents)}, they said."
    (quantity,) = quantities(text)
    assert quantity.unit == quantity.currency == "EUR"
    assert quantity.values[0] == pytest.approx(cents / 100, abs=0.006)
    assert abs(quantity.values[0] - cents / 100) <= quantity.step * 1.01


@given(st.integers(100_000, 10**11), st.sampled_from(list(STYLES)), st.sampled_from(list(STYLES)))
def test_one_sum_agrees_with_itself_in_another_style(cents: int, one: str, other: str) -> None:
    a, b = (quantities(f"It cost {STYLES[style](cents)}.")[0] for style in (one, other))
    assert agreement(a, b)


QUANTITIES = st.builds(
    Quantity,
    start=st.just(0),
    end=st.just(1),
    text=st.just("x"),
    values=st.lists(st.floats(-1e9, 1e9), min_size=1, max_size=2).map(tuple),
    step=st.sampled_from([0.0, 0.05, 0.5, 50.0]),
    unit=st.sampled_from(["count", "EUR", "GBP", "PENNY", "%", "points", "ordinal"]),
    bound=st.sampled_from(
        ["exact", "about", "over", "under", "at least", "at most", "just over", "just under"]
    ),
    head=st.sampled_from(["", "revenue", "profit", "loss"]),
    change=st.sampled_from([None, None, "up", "down"]),
    spread=st.sampled_from([0.0, 0.0, 5.0]),
)


@given(QUANTITIES, QUANTITIES)
def test_comparing_quantities_is_symmetric(a: Quantity, b: Quantity) -> None:
    assert agreement(a, b).kind == agreement(b, a).kind


@given(QUANTITIES)
def test_a_quantity_is_equal_to_itself_unless_its_magnitude_is_not_told(a: Quantity) -> None:
    assert agreement(a, a).kind == ("compatible" if a.magnitude_unclear else "equal")


@given(QUANTITIES, QUANTITIES)
def test_a_comparison_gives_its_reason_in_one_sentence(a: Quantity, b: Quantity) -> None:
    why = agreement(a, b).why
    assert why.endswith(".")
    assert "\n" not in why


@given(TEXTS)
@example("1 Rs 1 ")
def test_offsets_are_exact_and_nothing_overlaps(text: str) -> None:
    for reader in (quantities, ordinals):
        last = 0
        for found in reader(text):
            assert last <= found.start < found.end <= len(text)
            assert text[found.start : found.end] == found.text
            last = found.end
