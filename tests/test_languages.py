"""What is not in English is told, and English is not taken for anything else."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evals.judge.robustness import texts
from tools.text.languages import UNDETERMINED, foreign, language_name, surely_english

SHIPPED = texts()
SENTENCES = [(r["meta"]["language"], r["text"]) for r in SHIPPED if r["id"].startswith("sentence")]
PAIRS = [r for r in SHIPPED if not r["id"].startswith("sentence")]
ENGLISH = [
    "Two men sit at desks.",
    "Rain fell.",
    "Squad: Harmon Kaur, Smriti Mandal, Mithali Rao, Jemima Rodrigo, Veda Krishnan, Deepti Shah",
    "Johannes Vermeulen | Born: 4 August 1929, Mölbling, Austria",
    "Density: 1,508.52/sq km (3,907.0/sq mi)\nWater: 0.68 sq mi (1.77 km2)",
    "Il Ponte and La Repubblica are newspapers that the mayor reads.",
    "Château Lafitte-Rochard, Bordeaux",
    "São Paulo, Łódź and Århus are cities.",
    "THE BRIDGE OPENED IN MAY.",
    "12.4 | 3,000 | 2019 | 45 %",
    "Sqn Ldr, Wg Cdr, Flt Lt, AVM",
    "rhodium, nuclear magnetism, superconductivity, spin-lattice relaxation",
    "",
    " \n ",
    "…",
]


def test_sentences_in_other_languages_are_told() -> None:
    # Three words, or names and a verb, may be too few.
    missed = [text for _, text in SENTENCES if foreign(text) is None]
    assert len(missed) <= 0.04 * len(SENTENCES), missed
    assert len({language for language, _ in SENTENCES}) > 15


def test_a_language_that_is_named_is_the_right_one() -> None:
    for language, text in SENTENCES:
        assert foreign(text) in (language, UNDETERMINED, None)


@pytest.mark.parametrize("text", ENGLISH)
def test_english_names_and_tables_are_not_foreign(text: str) -> None:
    assert foreign(text) is None


def test_pairs_are_told_by_either_text() -> None:
    for row in PAIRS:
        for text in (row["claim"], *row["evidence"]):
            assert (foreign(text) is not None) == row["id"].startswith("foreign")


def test_capitals_hide_no_language() -> None:
    assert foreign("DIE BRÜCKE BLEIBT BIS ZUM HERBST GESPERRT.") == "de"


def test_a_quoted_title_makes_no_english() -> None:
    text = "Der Bürgermeister las „Beyond the Sea“ und lobte das Buch, das es seit März gibt."
    assert foreign(text) == "de"


def test_small_words_make_a_text_english_and_none_in_another_language() -> None:
    by_language: dict[str, list[str]] = {}
    for language, text in SENTENCES:
        by_language.setdefault(language, []).append(text)
    assert not any(surely_english(" ".join(texts)) for texts in by_language.values())
    passages = [" ".join(row["evidence"]) for row in PAIRS if not row["id"].startswith("foreign")]
    assert surely_english(" ".join(passages))


def test_languages_have_names() -> None:
    assert language_name("de") == "German"
    assert language_name(UNDETERMINED) == "another language"


@given(st.text(max_size=200))
def test_any_text_can_be_asked(text: str) -> None:
    told = foreign(text)
    assert told is None or 2 <= len(told) <= 3


@given(st.text(alphabet="0123456789.,:;|%€ \n-", max_size=100))
def test_figures_have_no_language(text: str) -> None:
    assert foreign(text) is None
