"""Links to passages, altered quotations, and the order of sources in a report."""

from __future__ import annotations

from typing import Any
from urllib.parse import unquote, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.report import validate
from agent.report.fragments import passage_address
from agent.report.quoted import alteration
from agent.report.timeline import middle, timeline
from agent.types import Evidence
from evals.performance.first_paint import repeated
from tests.sample_report import sample_report


def evidence(quote: str, context: str | None = None, **fields: Any) -> Evidence:
    context = context or quote
    base = sample_report().claims[7].evidence[0]
    start = context.rindex(quote)
    place = {"start": start, "end": start + len(quote), "context_start": 0}
    return base.model_copy(update={"quote": quote, "context": context} | place | fields)


# --- Links to the passage ------------------------------------------------------------


@pytest.mark.parametrize(
    ("url", "address"),
    [
        ("https://a.example/b", "https://a.example/b#:~:text=Nine%20cars"),
        ("https://a.example/b?c=1", "https://a.example/b?c=1#:~:text=Nine%20cars"),
        ("https://a.example/b#part", "https://a.example/b#part:~:text=Nine%20cars"),
        ("https://a.example/b#:~:text=old", "https://a.example/b#:~:text=Nine%20cars"),
        ("javascript:alert(1)", None),
        (None, None),
    ],
)
def test_a_link_leads_to_the_words(url: str | None, address: str | None) -> None:
    assert passage_address(evidence("Nine cars", url=url)) == address


def fragment(item: Evidence) -> str:
    return str(passage_address(item)).partition(":~:text=")[2]


def test_what_has_a_meaning_in_a_directive_is_encoded() -> None:
    assert fragment(evidence("a-b, c & d")) == "a%2Db%2C%20c%20%26%20d"


def test_a_long_quote_is_named_by_its_ends() -> None:
    words = [f"word{n}" for n in range(80)]
    assert fragment(evidence(" ".join(words))) == (
        "word0%20word1%20word2%20word3%20word4,word75%20word76%20word77%20word78%20word79"
    )


def test_words_that_stand_there_twice_are_told_apart_by_what_is_before() -> None:
    context = "It rained. The council said that it rained."
    assert fragment(evidence("it rained", context)) == "council%20said%20that-,it%20rained"


@given(st.text(min_size=1, max_size=400))
def test_a_link_is_an_address_whatever_is_quoted(quote: str) -> None:
    address = str(passage_address(evidence(quote, url="https://a.example/")))
    assert address.isascii() and address.isprintable() and not set(address) & set("<>\"' ")
    assert urlsplit(address).netloc == "a.example"
    terms = unquote(address.partition(":~:text=")[2]).split()
    assert not quote.split() or terms


# --- Altered quotations --------------------------------------------------------------


def marked(claim: str, quote: str) -> tuple[list[str], list[str]] | None:
    said = sample_report().claims[7].model_copy(update={"text": claim})
    found = alteration(said, evidence(quote, compared="quotation"))
    if found is None:
        return None
    assert "".join(text for text, _ in found.source) == quote
    return [t for t, altered in found.article if altered], [t for t, a in found.source if a]


@pytest.mark.parametrize(
    ("claim", "quote", "altered"),
    [
        (
            "“We will not raise taxes for it,” he said.",
            '"We will now raise taxes for it," said the mayor.',
            (["not"], ["now"]),
        ),
        (
            "“We will never raise taxes,” he said.",
            "“We will raise,” the mayor said, “taxes.”",
            (["never"], []),
        ),
        (
            "He said “the bridge is safe for all of us to use”.",
            "“If it is dry, the bridge is not safe for all of us to use, I fear.”",
            ([], ["not"]),
        ),
        ("“We will raise taxes,” he said.", "“We will raise taxes,” he said.", None),
        ("He raised taxes.", "“We will raise taxes,” he said.", None),
        ("“We will raise taxes,” he said.", "“Nobody has ever been there before,” she said.", None),
    ],
)
def test_only_altered_words_are_marked(
    claim: str, quote: str, altered: tuple[list[str], list[str]] | None
) -> None:
    assert marked(claim, quote) == altered


# --- By date -------------------------------------------------------------------------


def test_sources_come_once_in_the_order_of_their_dates() -> None:
    moments = timeline(sample_report())
    assert len({m.source.source_id for m in moments if m.source}) == len(moments) - 1
    places = [m.place for m in moments if m.place is not None]
    assert len(places) == len(moments)
    assert places[-1] == 98 and min(places) == 2


def test_what_has_no_date_comes_last_and_has_no_place() -> None:
    report = sample_report()
    article = report.article.model_copy(update={"published_at": "soon"})
    last = timeline(report.model_copy(update={"article": article}))[-1]
    assert (last.source, last.place) == (None, None)


def test_without_deciding_sources_there_is_nothing_to_order() -> None:
    report = sample_report()
    assert timeline(report.model_copy(update={"claims": [report.claims[9]]})) == []


@given(st.text(max_size=12) | st.dates().map(str))
def test_any_text_is_a_date_or_none(text: str) -> None:
    day = middle(text)
    assert day is None or 0 < day < 4_000_000


def test_a_report_can_be_made_longer_to_be_measured() -> None:
    long = repeated(sample_report(), 40)
    validate(long)
    assert len(long.claims) == 40
