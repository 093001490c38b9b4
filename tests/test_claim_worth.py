"""What is no claim and why, and how much a sentence sounds like something to check."""

from __future__ import annotations

import asyncio
import hashlib
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agent.claims.exclusions import Reason, why_excluded
from agent.claims.rules import RuleSplitter
from agent.claims.worth import PLAIN_BELOW, TALK_BELOW, is_talk
from agent.types import Article
from tools.models import CHECKWORTHINESS
from tools.readers import read_file
from tools.text.checkworthiness import FORM, check_worthiness, form, terms
from tools.training.checkworthiness import Labelled, fit, measure, without

GOLD = Path(__file__).parents[1] / "evals" / "suites" / "newsroom" / "gold.jsonl"
_CASES = Path(__file__).parent / "cases" / "not_claims.txt"


def load(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def cases() -> Iterator[tuple[str, str]]:
    """(sentence, `claim` or the reason that it is set aside with)."""
    expected = ""
    for line in _CASES.read_text(encoding="utf-8").splitlines():
        if line.startswith("== "):
            expected = line[3:].partition(":")[0]
        elif line and not line.startswith("#"):
            yield line, expected


def reason(sentence: str) -> Reason | None:
    """Why a sentence in the middle of an article is set aside, in a paragraph of its own."""
    around = "The council met on Monday to hear the report of its auditors. " * 5
    start = len(around) + 2
    whole = Article(id="a-1", text=f"{around}\n\n{sentence}\n\n{around}")
    return why_excluded(whole, start, start + len(sentence), alone=True, after=None)


@pytest.mark.parametrize(("sentence", "expected"), list(cases()))
def test_a_sentence_is_a_claim_or_set_aside_with_the_reason_that_fits(
    sentence: str, expected: str
) -> None:
    found = reason(sentence)
    assert (found.reason if found else "claim") == expected, found


def test_the_cases_are_many_and_each_stands_once() -> None:
    sentences = [sentence for sentence, _ in cases()]
    assert len(sentences) == len(set(sentences)) >= 200


def test_what_the_wording_alone_sets_aside_says_so() -> None:
    found = reason("We can do this together.")
    assert found == Reason(
        "not_checkable", "worded as talk rather than as a statement to be checked"
    )


@pytest.mark.parametrize("entry", load(GOLD), ids=lambda entry: entry["id"])
def test_wording_alone_sets_aside_no_gold_claim_of_the_newsroom(entry: dict[str, Any]) -> None:
    whole = Article(id="a-1", text=read_file(GOLD.parent / entry["article"]).text)
    split = asyncio.run(RuleSplitter().split(whole, lambda *_: None))
    lost = [
        item.quote
        for item in split.excluded
        if item.detail.startswith("worded as talk")
        and any(item.start < gold["end"] and gold["start"] < item.end for gold in entry["claims"])
    ]
    assert lost == []


# --- the prior ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("more", "less"),
    [
        ("Unemployment fell to 4 per cent in 1998.", "We can do better than that."),
        ("He voted against the bill.", "He is a good man and a friend of mine."),
        ("We cut the deficit in half.", "We are going to fight for you."),
        ("They spent $40 million on it.", "What would you do about it?"),
    ],
)
def test_a_statement_of_record_is_worth_more_than_talk(more: str, less: str) -> None:
    assert check_worthiness(more) > check_worthiness(less)


def test_a_mark_of_talk_makes_the_bar_higher() -> None:
    assert PLAIN_BELOW < TALK_BELOW
    assert is_talk("I want to talk about the future of this country.")
    assert not is_talk("The mayor opened the bridge.")


@given(st.text(max_size=300))
def test_a_worth_is_a_share_and_depends_on_the_sentence_alone(sentence: str) -> None:
    worth = check_worthiness(sentence)
    assert 0 <= worth <= 1
    assert check_worthiness(sentence) == worth


@given(st.text(max_size=100))
def test_straight_and_curly_apostrophes_and_any_figure_weigh_the_same(sentence: str) -> None:
    assert check_worthiness(sentence.replace("'", "’")) == check_worthiness(
        sentence.replace("’", "'")
    )
    assert terms("It cost 7 euros") == terms("It cost 412 euros")


@settings(max_examples=50)
@given(st.text(max_size=200))
def test_the_features_of_form_are_as_many_as_their_names(sentence: str) -> None:
    assert len(form(sentence)) == len(FORM)


# --- the weights --------------------------------------------------------------------------


def test_the_card_names_size_and_hash_of_the_weights() -> None:
    data = CHECKWORTHINESS.read_bytes()
    card = CHECKWORTHINESS.with_name("CHECKWORTHINESS.md").read_text(encoding="utf-8")
    assert len(data) < 2**20
    assert f"{len(data):,} bytes" in card
    assert hashlib.sha256(data).hexdigest() in card
    assert f"{TALK_BELOW}" in card
    assert f"{PLAIN_BELOW}" in card


_FACTS = [f"The city spent {n} million on bridges." for n in range(8)]
_TALK = [f"I thank you for that question, number {n}." for n in range(8)]


def test_training_learns_and_gives_the_same_weights_every_time() -> None:
    samples = [Labelled(text, True, 1.0) for text in _FACTS]
    samples += [Labelled(text, False, 1.0) for text in _TALK]
    fitted = fit(samples)
    assert fitted == fit(samples)
    assert measure(fitted, samples)["average precision"] == 1.0


def test_a_training_sentence_that_is_measured_on_is_left_out() -> None:
    samples = [Labelled("Thank you all!", False, 1.0), Labelled("It cost a million.", True, 1.0)]
    assert without(samples, [Labelled("thank you  ALL.", False, 1.0)]) == samples[1:]
