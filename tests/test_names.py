"""Names: what one person or body is called in an article, and whether two names may be one."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tools.people.aliases import named
from tools.people.names import abbreviates, agreement

CASES = tomllib.loads((Path(__file__).parent / "cases" / "names.toml").read_text("utf-8"))
ARTICLES = CASES["article"]
GIVEN = st.sampled_from("Tomas Ana Jon Lena Karl Pia T. J.".split())
SURNAMES = st.sampled_from("Reyk Brandt Vale Roe Ohm Müller".split())
NAMES = st.one_of(
    st.builds("{} {}".format, GIVEN, SURNAMES),
    st.builds("{} {}".format, st.sampled_from(["Mr", "Mrs", "Dr"]), SURNAMES),
    SURNAMES,
    st.sampled_from(["IBM", "Skarra Line", "SKL", "Bank of Holm", "Harrow plc", "", "the", "—"]),
    st.text(max_size=12),
)
PIECES = (
    "Tomas |Reyk|, the mayor|, |. |Mr |Skarra Line| (SKL)|SKL |the company |Bank of |Ana |’s |"
    "said |\n|“"
).split("|")
TEXTS = st.lists(st.one_of(st.sampled_from(PIECES), st.text(max_size=4)), max_size=16).map("".join)


@pytest.mark.parametrize(("left", "right", "kind"), CASES["agree"])
def test_two_names_are_compared_as_a_reader_would(left: str, right: str, kind: str) -> None:
    assert (agreement(left, right).kind, agreement(right, left).kind) == (kind, kind)


@pytest.mark.parametrize(("short", "name", "fits"), CASES["abbreviations"])
def test_an_abbreviation_has_the_letters_of_its_name_in_order(
    short: str, name: str, fits: bool
) -> None:
    assert abbreviates(short, name) is fits


@pytest.mark.parametrize(
    ("article", "words", "name"),
    [(a["text"], words, name) for a in ARTICLES for words, name in a["who"]],
)
def test_a_short_form_stands_for_whom_the_article_says(article: str, words: str, name: str) -> None:
    entity = named(article).at(article.rindex(words))
    assert (entity.name if entity else "") == name


@pytest.mark.parametrize(
    ("article", "name", "kind"), [(a["text"], *pair) for a in ARTICLES for pair in a["kinds"]]
)
def test_people_and_bodies_are_told_apart(article: str, name: str, kind: str) -> None:
    assert [e.kind for e in named(article).entities if e.name == name] == [kind]


def test_a_short_form_of_two_is_given_to_neither_and_listed() -> None:
    names = named("Lena Roe met Pia Roe in Holm. Then Roe left.")
    (unclear,) = names.unclear
    assert unclear.mention.text == "Roe"
    assert unclear.candidates == ("Lena Roe", "Pia Roe")


def test_an_article_tells_more_than_the_names_alone() -> None:
    article: dict[str, Any] = ARTICLES[0]
    names = named(article["text"])
    assert names.agreement("the mayor", "Tomas Reyk").kind == "equal"
    assert names.agreement("Reyk", "Mr Reyk").kind == "equal"
    assert names.agreement("Holm", "Reyk").kind == "different"
    two = named("Lena Roe met Pia Roe in Holm. Then Roe left.")
    assert two.agreement("Roe", "Lena Roe").kind == "not comparable"
    assert two.agreement("Pia Roe", "Lena Roe").kind == "different"


def test_an_entity_lists_its_aliases_with_the_name_first() -> None:
    entity = named(ARTICLES[1]["text"]).entities[0]
    assert entity.aliases == ("Skarra Line", "SKL", "The company")
    assert entity.roles == ("ferry company",)


@given(NAMES, NAMES)
def test_comparing_names_is_symmetric(a: str, b: str) -> None:
    assert agreement(a, b).kind == agreement(b, a).kind


@given(TEXTS)
def test_offsets_are_exact_and_nothing_is_named_twice(text: str) -> None:
    names = named(text)
    spans = [m for entity in names.entities for m in entity.mentions]
    spans += [unclear.mention for unclear in names.unclear]
    spans.sort(key=lambda mention: mention.start)
    last = 0
    for mention in spans:
        assert last <= mention.start < mention.end <= len(text)
        assert text[mention.start : mention.end] == mention.text
        last = mention.end
