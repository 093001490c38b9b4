"""The report as Markdown and as ClaimReview."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from hypothesis import given, settings
from markdown_it import MarkdownIt
from markdown_it.token import Token

from agent.report import render
from agent.report.text import escaped
from agent.report.wording import (
    one_line,
)
from agent.types import Report
from tests.report_changes import ANY_TEXT, MARKED
from tests.sample_report import report_with, sample_report

# --- Markdown ------------------------------------------------------------------------


def tokens_of(markdown: str) -> list[Token]:
    parser = MarkdownIt("commonmark").enable(["table", "strikethrough"])
    flat = []
    for token in parser.parse(markdown):
        flat.append(token)
        flat += token.children or []
    return flat


def shape(markdown: str) -> list[tuple[str, str]]:
    """What a document is made of: the kinds and tags of its elements, texts aside."""
    return [(t.type, t.tag) for t in tokens_of(markdown) if t.type not in ("text", "inline")]


@given(ANY_TEXT | MARKED)
@settings(max_examples=400)
def test_escaped_text_is_plain_text_in_markdown(text: str) -> None:
    inline = [t for t in tokens_of(f"a {escaped(text)}") if t.type == "inline"]
    flat = one_line(text)
    shown = "".join(t.content for t in inline[0].children or [])
    assert {t.type for t in inline[0].children or []} <= {"text"}
    assert shown.replace("\u2060", "") == f"a {flat}".rstrip().replace("\u2060", "")


@given(ANY_TEXT | MARKED)
@settings(max_examples=60)
def test_no_text_changes_what_a_markdown_report_is_made_of(text: str) -> None:
    def parts(value: str) -> list[tuple[str, str]]:
        # The one link that stands for an address ending in the text may or may not be one.
        links = ("link_open", "link_close")
        return [p for p in shape(render(report_with(value), "markdown")) if p[0] not in links]

    if one_line(text):
        assert parts(text) == parts("plain")


@given(ANY_TEXT | MARKED)
@settings(max_examples=60)
def test_markdown_links_lead_only_to_sources(text: str) -> None:
    markdown = render(report_with(text), "markdown")
    for token in tokens_of(markdown):
        assert token.type not in ("html_inline", "html_block", "image", "code_inline", "fence")
        if token.type == "link_open":
            assert str(token.attrs["href"]).lower().startswith(("http://", "https://"))


@pytest.mark.parametrize(
    "text", ["www.phish.example", "https://phish.example", "a@phish.example", "@someone"]
)
def test_nothing_is_left_that_github_would_make_a_link_of(text: str) -> None:
    assert not re.search(r"www\.|(?<!\\)://|@\w", escaped(text))


@pytest.mark.parametrize("text", ["1. one", "12) x", "- x", "+ x", "# x", "===", "> x", "    x"])
def test_no_text_opens_a_block_in_markdown(text: str) -> None:
    assert shape(escaped(text)) == [("paragraph_open", "p"), ("paragraph_close", "p")]


# --- ClaimReview ---------------------------------------------------------------------


def reviews(report: Report) -> list[dict[str, Any]]:
    read = json.loads(render(report, "claimreview"))
    assert isinstance(read, list)
    return read


def test_claimreview_leaves_failed_claims_out_and_names_the_program_as_author() -> None:
    found = reviews(sample_report())
    assert len(found) == 13
    assert {json.dumps(review["author"], sort_keys=True) for review in found} == {
        '{"@type": "SoftwareApplication", "name": "Assay", "softwareVersion": "0.1.0"}'
    }
    assert not any("nine minutes" in review["claimReviewed"] for review in found)


def test_claimreview_gives_the_unverifiable_no_number() -> None:
    for review in reviews(sample_report()):
        rating = review["reviewRating"]
        rated = rating["alternateName"] in ("Supported", "Conflicting")
        assert ("ratingValue" in rating) == rated
        if rated:
            assert rating["worstRating"] <= rating["ratingValue"] <= rating["bestRating"]


def test_claimreview_names_the_article_as_where_the_claim_appears() -> None:
    review = reviews(sample_report())[6]
    assert review["itemReviewed"]["author"] == {"name": "Ingrid Solberg"}
    assert review["itemReviewed"]["appearance"]["url"] == (
        "https://harbourpost.example/ferries-one-year-on"
    )
    assert review["datePublished"] == "2026-11-02"


# The properties that https://schema.org defines for each type that is used, and what may stand
# there; a list of such values may, too. `author` of a ClaimReview is never a Person.
SCHEMA_ORG: dict[str, dict[str, Any]] = {
    "ClaimReview": {
        "claimReviewed": str, "datePublished": str, "author": {"SoftwareApplication"},
        "reviewRating": {"Rating"}, "itemReviewed": {"Claim"}, "citation": {"CreativeWork"},
    },
    "SoftwareApplication": {"name": str, "softwareVersion": str},
    "Rating": {
        "alternateName": str, "ratingExplanation": str,
        "ratingValue": int, "bestRating": int, "worstRating": int,
    },
    "Claim": {"author": {None}, "datePublished": str, "appearance": {"CreativeWork"}},
    "CreativeWork": {
        "headline": str, "url": str, "datePublished": str,
        "publisher": {"Organization"}, "author": {None},
    },
    "Organization": {"name": str},
}  # fmt: skip


def breaches(node: dict[str, Any], allowed: set[str | None]) -> list[str]:
    kind = node.get("@type")
    if kind not in allowed:
        return [f"{kind} where {allowed} may stand"]
    if kind is None:  # who said or wrote it: a person or a body, which is not known
        return [] if set(node) == {"name"} else [f"without a type: {node}"]
    found = []
    for name, value in node.items():
        may = SCHEMA_ORG[str(kind)].get(name)
        for each in value if isinstance(value, list) else [value]:
            if name in ("@type", "@context"):
                continue
            if isinstance(may, set) and isinstance(each, dict):
                found += breaches(each, may)
            elif may is None or isinstance(may, set) or not isinstance(each, may):
                found.append(f"{kind}.{name}: {each!r}")
    return found


@pytest.mark.parametrize("report", [sample_report(), report_with("text")])
def test_claimreview_is_made_of_what_schema_org_defines(report: Report) -> None:
    required = {"claimReviewed", "author", "reviewRating", "itemReviewed", "datePublished"}
    for review in reviews(report):
        assert review["@context"] == "https://schema.org"
        assert required <= set(review)
        assert breaches(review, {"ClaimReview"}) == []


@given(ANY_TEXT)
@settings(max_examples=60)
def test_claimreview_can_stand_in_a_script_element(text: str) -> None:
    shown = render(report_with(text), "claimreview")
    assert not re.search(r"[<>&\u2028\u2029]", shown)
    for review in json.loads(shown):
        for work in review["citation"]:
            assert work.get("url", "https:").lower().startswith(("http:", "https:"))
