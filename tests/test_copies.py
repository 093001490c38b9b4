"""A copy of an article is left out; what it says otherwise is told."""

from __future__ import annotations

from pathlib import Path

import pytest

from agent import FactChecker
from agent.copies import altered
from agent.types import Document
from tests.fake_embedder import WordEmbedder
from tools.library import Library

ARTICLE = (
    "The council of Harrowby voted on Tuesday to buy twelve electric buses for 4 million euros. "
    "Mayor Ada Berg said that no jobs would be lost. The buses will replace diesel ones on the "
    "line to the hospital, which carries 900 passengers a day."
)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("4 million", "9 million"),
        ("Ada Berg", "Bo Dahl"),
        ("Tuesday", "Friday"),
        ("no jobs", "jobs"),
        ("to buy", "to sell"),
        ("twelve electric buses for 4 million", "4 million electric buses for twelve"),
    ],
)
def test_a_sentence_with_another_figure_name_or_day_or_a_denial_is_altered(
    before: str, after: str
) -> None:
    copy = ARTICLE.replace(before, after)
    ((start, end),) = altered(copy, ARTICLE)
    assert after in copy[start:end]


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("twelve", "12"),
        ("will replace", "are to replace"),
        (" for 4 million euros", ""),
        ("The council of Harrowby voted on Tuesday", "On Tuesday the council of Harrowby voted"),
        ("Mayor Ada Berg said that no jobs would be lost. ", ""),
        ("a day.", "a day. Read all 24 pages of the Herald on Sunday."),
    ],
)
def test_what_is_cut_added_or_worded_otherwise_is_not_altered(before: str, after: str) -> None:
    assert altered(ARTICLE.replace(before, after), ARTICLE) == []


def test_a_text_of_the_same_words_again_and_again_is_looked_through_in_time() -> None:
    text = " ".join(f"Bus {number} left." for number in range(400))
    assert altered(text.replace("Bus", "The bus"), text) == []


def checked(folder: Path, *copies: str) -> FactChecker:
    with Library.open(folder / "library", WordEmbedder(), create=True) as library:
        library.add(Document(text="The river Lenn is clean again, anglers say.", title="River"))
        for number, copy in enumerate(copies):
            library.add(Document(text=copy, title=f"Copy {number}"))
    return FactChecker(folder / "library", embedder=WordEmbedder(), journal=False)


def test_of_an_altered_copy_the_report_tells_what_it_says_otherwise_and_nothing_counts(
    tmp_path: Path,
) -> None:
    copy = ARTICLE.replace("4 million", "9 million").replace("no jobs", "jobs")
    report = checked(tmp_path, ARTICLE, copy).check(text=ARTICLE)
    reasons = {source.title: source.reason for source in report.sources_left_out}
    assert reasons == {
        "Copy 0": "the article itself",
        "Copy 1": "a copy of the article that says otherwise in “The council of Harrowby voted on "
        "Tuesday to buy twelve electric buses for 9 million euros.” and in 1 more",
    }
    assert {claim.verdict for claim in report.claims} == {"unverifiable"}
    assert not [item for claim in report.claims for item in claim.evidence if item.title != "River"]


def test_a_copy_that_says_the_same_is_left_out(tmp_path: Path) -> None:
    copy = ARTICLE.replace("will replace", "are to replace")
    report = checked(tmp_path, copy).check(text=ARTICLE)
    assert [source.reason for source in report.sources_left_out] == ["a copy of the article"]
