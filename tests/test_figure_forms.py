"""One figure in several forms: words, scales, rounding, ranges and hedges."""

from __future__ import annotations

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from agent.compare.checks import findings
from tools.numbers.quantities import quantities, relate


def relations(claim: str, passage: str) -> set[str]:
    return {f.relation for f in findings(claim, passage) if f.what in ("figure", "date")}


WORDS = {3: "three", 12: "twelve", 40: "forty", 75: "seventy-five", 90: "ninety"}


@settings(max_examples=30)
@given(st.integers(1, 999), st.integers(0, 9))
def test_an_amount_agrees_with_itself_in_every_written_form(whole: int, tenth: int) -> None:
    digits = 1_000_000 * whole + 100_000 * tenth
    forms = [
        f"€{whole}.{tenth} million", f"€{whole}.{tenth}m", f"{whole}.{tenth} million euros",
        f"EUR {digits:,}", f"€{digits}", f"{digits:,} euros".replace(",", "\u202f"),
        f"{digits:,} euros", f"{digits:,} euros".replace(",", "’"),
    ]  # fmt: skip
    claim = f"The mill in Orne cost {forms[0]}."
    for form in forms:
        assert relations(claim, f"The mill in Orne cost {form}.") == {"same"}, form
        assert relations(f"The mill in Orne cost {form}.", claim) == {"same"}, form


@given(st.sampled_from(sorted(WORDS)), st.sampled_from(["", " thousand", " million"]))
def test_digits_agree_with_words(number: int, scale: str) -> None:
    claim = f"Orne has {WORDS[number]}{scale} wells."
    assert relations(claim, f"Orne has {number}{scale} wells.") == {"same"}
    assert relations(claim, f"Orne has {number + 2}{scale} wells.") == {"differs"}


@given(st.integers(1_000_000, 10**9), st.integers(0, 5))
def test_a_number_agrees_with_itself_rounded_and_not_with_another(number: int, digits: int) -> None:
    half = 10 ** (6 - digits) // 2
    assume(number % (2 * half) != half)  # a half may be rounded either way
    written = f"{number / 10**6:.{digits}f}"
    (claim,) = quantities(f"Orne has {written} million wells.")
    (exact,) = quantities(f"Orne has {number:,}.0 wells.")
    (other,) = quantities(f"Orne has {number + 2 * 10 ** (6 - digits):,}.0 wells.")
    assert relate(claim, exact) == "same"
    assert relate(claim, other) == "differs"


@given(st.integers(100, 10**6), st.integers(1, 60))
def test_hedges_allow_one_side(number: int, percent: int) -> None:
    less, more = number * (100 - percent) // 100, number * (100 + percent) // 100
    assume(less < number < more)

    def relation(claim: str, value: int) -> str | None:
        (ours,) = quantities(f"Orne has {claim} wells.")
        (theirs,) = quantities(f"Orne has {value:,}.0 wells.")
        return relate(ours, theirs)

    for hedge in (f"more than {number:,}", f"at least {number:,}"):
        assert relation(hedge, more) == "same"
        assert relation(hedge, less) != "same"
    for hedge in (f"fewer than {number:,}", f"at most {number:,}", f"up to {number:,}"):
        assert relation(hedge, less) == "same"
        assert relation(hedge, more) != "same"


@pytest.mark.parametrize(
    ("claim", "evidence", "expected"),
    [
        ("more than 30 wells", "between 40 and 50 wells", "same"),
        ("60 wells", "between 40 and 50 wells", "differs"),
        ("45 wells", "between 40 and 50 wells", None),
        ("more than 45 wells", "between 40 and 50 wells", None),
        ("40 to 50 wells", "47 wells", "same"),
        ("40 to 50 wells", "70 wells", "differs"),
        ("nearly 500 wells", "486 wells", "same"),
        ("nearly 500 wells", "530 wells", "differs"),
        ("just over 500 wells", "512 wells", "same"),
        ("just over 500 wells", "470 wells", "differs"),
        ("more than 200 wells", "more than 200 wells", "same"),
        ("more than 200 wells", "more than 150 wells", None),
        ("700 wells", "more than 200 wells", "differs"),
        ("200 or more wells", "260 wells", "same"),
    ],
)
def test_ranges_and_hedges(claim: str, evidence: str, expected: str | None) -> None:
    (ours,), (theirs,) = quantities(claim), quantities(evidence)
    assert relate(ours, theirs) == expected
