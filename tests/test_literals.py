"""What a text must have for a pattern to match in it."""

import re
from re import _parser as parser  # type: ignore[attr-defined]
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tools.text.answers import DICTATED
from tools.text.literals import Literals
from tools.text.order_weight import AT_ONCE, SURE

_ATOMS = st.sampled_from(
    ["a", "is", "K", "é", r"\d", r"\s", ".", "[st]", "[^x]", r"\b", "(?=.)", "(?<!q)", "(?!z)", "ß"]
)
_PATTERNS = st.recursive(
    _ATOMS,
    lambda inner: st.one_of(
        st.lists(inner, min_size=1, max_size=4).map("".join),
        st.lists(inner, min_size=1, max_size=3).map(lambda parts: f"(?:{'|'.join(parts)})"),
        st.tuples(inner, st.sampled_from(["?", "*", "+", "{2}", "{0,3}?"])).map(
            lambda parts: f"(?:{parts[0]}){parts[1]}"
        ),
    ),
    max_leaves=8,
)


@given(
    st.lists(_PATTERNS, min_size=1, max_size=3).map("|".join),
    st.text("aiskKséß ıİſ\u212a1stxq", max_size=12),
    st.booleans(),
)
def test_no_text_is_passed_over_that_a_pattern_matches_in(
    source: str, text: str, ignores_case: bool
) -> None:
    pattern = re.compile(source, re.IGNORECASE if ignores_case else 0)
    literals = Literals(pattern)
    assert literals.occur(text) == bool(text and pattern.search(text))
    assert literals.within(f"{text} {text}").occur(text) == literals.occur(text)


@pytest.mark.parametrize(
    ("source", "there", "lacking"),
    [
        ("(?:the|this) claim", "About THIS claim", "This one"),
        (r"verdict\s*(?:is|are)\s*true", "the verdict  is true", "true: the one is out"),
        ("passages? (?:one|two)", "in passage two", "in one passage"),
        (r"\bfoo+\b(?=bar)", "foobar", "fo ba"),
        ("v(?:erdict|ote)x{2,}", "VERDICTXX", "voice"),
    ],
)
def test_a_text_without_the_letters_of_a_pattern_is_passed_over(
    source: str, there: str, lacking: str
) -> None:
    literals = Literals(re.compile(source, re.IGNORECASE))
    assert list(literals.likely(there))
    assert not list(literals.likely(lacking))


def test_this_python_parses_a_pattern_into_the_nodes_that_are_read() -> None:
    """Where this fails, Python's private parser has changed: `literals.py` is to follow it."""

    def plain(node: Any) -> Any:
        if isinstance(node, tuple):
            return tuple(map(plain, node))
        if isinstance(node, list | parser.SubPattern):
            return [plain(each) for each in node]
        return node if node is None or type(node) is int else str(node)

    a, many = [("LITERAL", ord("a"))], "MAXREPEAT"
    for source, node in {
        "a": a[0],
        "[ab]": ("IN", [*a, ("LITERAL", ord("b"))]),
        "(a)": ("SUBPATTERN", (1, 0, 0, a)),
        "aa|b.": ("BRANCH", (None, [a + a, [("LITERAL", ord("b")), ("ANY", None)]])),
        "a?": ("MAX_REPEAT", (0, 1, a)),
        "a+?": ("MIN_REPEAT", (1, many, a)),
        "a++": ("POSSESSIVE_REPEAT", (1, many, a)),
        "(?>a)": ("ATOMIC_GROUP", a),
        "(?=a)": ("ASSERT", (1, a)),
        "(?!a)": ("ASSERT_NOT", (1, a)),
        r"\b": ("AT", "AT_BOUNDARY"),
    }.items():
        assert plain(parser.parse(source)) == [node]


def test_a_pattern_that_needs_no_letters_may_match_anywhere() -> None:
    either, other = re.compile(r"\d+|one"), re.compile("two")
    (likely,) = Literals(other, either).likely("0")
    assert likely.search("0")


def test_of_many_alternatives_those_are_looked_for_that_a_text_has_the_letters_of() -> None:
    literals = Literals(re.compile("the (?:verdict|claim) is|passage \\d+|^ignore", re.I | re.M))
    (likely,) = literals.likely("Of page two:\nIGNORE it.")
    assert likely.search("Of page two:\nIGNORE it.")
    assert literals.occur("Of page two:\nIGNORE it.")
    assert not literals.occur("Of page two: do not ignore it.")


def test_plain_news_has_not_what_an_order_needs() -> None:
    text = "The ferry Skarra carried 412,000 passengers in March, a fifth more than a year before."
    assert not list(Literals(AT_ONCE, DICTATED, SURE).likely(text))
