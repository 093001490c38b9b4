"""Odd and hostile articles: nothing is lost, offsets are exact."""

from __future__ import annotations

import asyncio

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from agent.claims import Split, coverage
from agent.claims.rules import RuleSplitter
from agent.types import Article, Coverage


def checked(text: str, language: str | None = None) -> tuple[Split, Coverage]:
    """The split of a text, after what holds for every text."""
    article = Article(id="a-1", text=text, language=language)
    split = asyncio.run(RuleSplitter().split(article, lambda *_: None))
    for claim in split.claims:
        assert text[claim.start : claim.end] == claim.quote != ""
        assert claim.text.strip()
        for start, end in claim.also_at:
            assert 0 <= start < end <= len(text)
    for span in split.excluded:
        assert text[span.start : span.end] == span.quote != ""
    told = coverage(article, split)  # raises where a sentence is in neither
    assert told.claimed + told.set_aside == told.sentences
    return split, told


# Any text

PIECES = st.sampled_from(
    [
        "The council said no. ", "Ana Brandt said: “We will sail.” ", "COSTS ROSE BY 4 PER CENT. ",
        "costs rose and nobody knew", "| Port | 3 | €4m |\n", "- ferries\n- 60 cars\n", "\n\n",
        "ANA: Well, no.\nBO: “Yes.”\n", "if (x == 'a') { return \"b\"; }\n", "\t", "  ", "\n",
        "the sea is grey\nand so am I,\n", "Der Rat sagte nein. ", "Она сказала «нет». ",
        "قال الرئيس إن التكاليف ارتفعت. ", "העלויות עלו ב-4%. ", "议会说不。", "「はい」と言った。",
        "👩‍👩‍👧‍👦 ", "c̷o̷u̷n̷c̷i̷l̷ ", "e\u0301\u0301", "\x00", "\u200f", "\u200b",
        "\ufeff", "\u2028", "\x1c", "\x85",
        "“", "”", "‘", "’", "'", '"', "«", "(", ")", "[…] ", "...", "?!", ";", " — ", "1,",
        "€", "%",
        "She ", "It ", "which, ", ", who ", " and ", "Mr. ", "3 March 2026 ", "on Tuesday ",
    ]
)  # fmt: skip
ODD = st.lists(PIECES | st.text(max_size=8), max_size=40).map("".join)
LANGUAGES = st.sampled_from([None, "en", "de", "ar", "zh", "xx"])


@given(ODD, LANGUAGES)
@settings(max_examples=150, suppress_health_check=[HealthCheck.too_slow])
def test_no_text_breaks_the_splitter_and_no_sentence_is_lost(
    text: str, language: str | None
) -> None:
    checked(text, language)


# Forms of text that are no news


@pytest.mark.parametrize(
    "text",
    [
        "The repair cost\x00 £5.1 million in\x00 all. It rained.\x00",
        "🎉🎉 The repair of the baths cost £5.1 million. 🎉👩‍👩‍👧‍👦",
        "قال الرئيس إن التكاليف ارتفعت. The repair of the baths cost £5.1 million.",
        "> The repair of the baths cost £5.1 million.\n>\n> It rained.",
        "ANA FERRANT: The repair of the baths cost £5.1 million.\nBO LIND: Yes.",
        "| Year | Visitors |\n|---|---|\n| 2025 | 96,000 |\n\n"
        "The repair of the baths cost £5.1 million.",
    ],
)
def test_a_statement_among_odd_things_is_still_a_claim(text: str) -> None:
    split, _ = checked(text)
    assert any("repair" in claim.quote and "5.1" in claim.quote for claim in split.claims)


@pytest.mark.parametrize(
    "text",
    ["", " \n\t ", "\x00\x00", "....", "“”“”", "🎉🎉🎉", "\u0301\u0301",
     "if (x) {\n  y();\n}\n", "| | |\n|-|-|"],
)  # fmt: skip
def test_what_says_nothing_yields_no_claim(text: str) -> None:
    split, _ = checked(text)
    assert split.claims == []
