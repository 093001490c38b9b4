"""The page of a report as a document: what it shows, and that no text becomes markup."""

from __future__ import annotations

import base64
import hashlib
import re
from typing import Any
from urllib.parse import urlsplit

import lxml.html
from hypothesis import given, settings
from hypothesis import strategies as st

from agent.report import render
from agent.report.html import article_paragraphs
from agent.report.wording import showable
from agent.types import Excluded, Report, TextWarning
from tests.browsing import HOSTILE
from tests.sample_report import report_with, sample_report

ANY_TEXT = st.text(min_size=1, max_size=60) | st.sampled_from(HOSTILE)


def tree_of(report: Report) -> Any:
    page = render(report, "html")
    return lxml.html.document_fromstring(page.encode("utf-8"))


def shown_text(report: Report) -> str:
    return str(tree_of(report).get_element_by_id("article").text_content())


def of_class(root: Any, name: str) -> list[Any]:
    return list(root.find_class(name))


def test_the_page_holds_the_article_as_written() -> None:
    assert shown_text(sample_report()) == sample_report().article.text


@given(ANY_TEXT)
@settings(max_examples=80)
def test_any_article_is_shown_to_the_character(text: str) -> None:
    # libxml2 reads a character reference in the C1 range as Windows-1252 does; none is left.
    assert shown_text(report_with(text)) == showable(f"{text} and once more {text}")


SPANS = st.lists(st.tuples(st.integers(0, 60), st.integers(0, 60)), max_size=6)


@given(
    st.text(alphabet="ab \n.", min_size=1, max_size=60).filter(str.strip),
    SPANS,
    SPANS,
    SPANS,
)
@settings(max_examples=80)
def test_spans_may_overlap_in_any_way(
    text: str,
    claims: list[tuple[int, int]],
    excluded: list[tuple[int, int]],
    warned: list[tuple[int, int]],
) -> None:
    def within(spans: list[tuple[int, int]]) -> list[tuple[int, int]]:
        ordered = (sorted((a % (len(text) + 1), b % (len(text) + 1))) for a, b in spans)
        return [(start, end) for start, end in ordered]

    base = sample_report()
    like = base.claims[9]
    report = base.model_copy(
        update={
            "article": base.article.model_copy(
                update={
                    "text": text,
                    "warnings": [
                        TextWarning(code="machine_spun", message="x", spans=within(warned))
                    ],
                }
            ),
            "claims": [
                like.model_copy(update={"start": start, "end": end, "quote": text[start:end]})
                for start, end in within(claims)
            ],
            "excluded": [
                Excluded(quote="x", start=start, end=end, reason="opinion", detail="x")
                for start, end in within(excluded)
            ],
        }
    )
    paragraphs, after = article_paragraphs(report)
    pieces = [piece for paragraph in paragraphs for piece in paragraph.pieces]
    joined = "".join(p.before + "".join(piece.text for piece in p.pieces) for p in paragraphs)
    assert joined + after == text
    # Each claim that covers a visible character opens once and closes once.
    visible = [c for c in report.claims if c.quote.strip()]
    assert sum(len(piece.opens) for piece in pieces) == len(visible)
    assert sum(len(piece.closes) for piece in pieces) == len(visible)
    position = 0
    for paragraph in paragraphs:
        position += len(paragraph.before)
        for piece in paragraph.pieces:
            for number in piece.claims:
                claim = report.claims[number - 1]
                assert claim.start <= position < position + len(piece.text) <= claim.end
            position += len(piece.text)
    assert shown_text(report) == text


def structure(tree: Any) -> list[tuple[str, tuple[str, ...]]]:
    """Elements with their attributes' names, apart from what a text may rightly change.

    That is the number of paragraphs of the article, and whether a text is an address
    (then it is a link) or a language code.
    """
    article = tree.get_element_by_id("article")
    article.getparent().replace(article, lxml.html.Element("article"))
    for link in [*of_class(tree, "source-title"), *of_class(tree, "byline")]:
        link.getparent().replace(link, lxml.html.Element("span"))
    return [(e.tag, tuple(e.attrib)) for e in tree.iter() if isinstance(e.tag, str)]


@given(ANY_TEXT)
@settings(max_examples=30)
def test_no_element_and_no_attribute_comes_from_a_text(text: str) -> None:
    tree = tree_of(report_with(text))
    allowed = {
        *("class id href rel target title data-claims data-excluded data-outcome".split()),
        *("tabindex dir lang name content charset http-equiv role hidden focusable".split()),
        *("viewbox viewBox preserveaspectratio preserveAspectRatio x y width height".split()),
        *("aria-label aria-labelledby aria-describedby aria-hidden".split()),
        *("x1 x2 y1 y2 type data-act data-form".split()),
    }
    assert {name for e in tree.iter() for name in e.attrib} <= allowed
    assert structure(tree) == structure(tree_of(report_with("plain")))


@given(ANY_TEXT)
@settings(max_examples=60)
def test_links_lead_only_to_web_addresses_and_this_page(text: str) -> None:
    for link in tree_of(report_with(text)).iter("a"):
        address = link.get("href")
        assert address.startswith("#") or urlsplit(address).scheme.lower() in ("http", "https")
        if not address.startswith("#"):
            assert link.get("rel") == "noopener noreferrer nofollow"


def test_the_policy_admits_the_inline_blocks_and_nothing_else() -> None:
    page = render(sample_report(), "html")
    tree = tree_of(sample_report())
    (meta,) = tree.xpath("//meta[@http-equiv='Content-Security-Policy']")
    policy = dict(part.split(" ", 1) for part in meta.get("content").split("; "))
    for directive, tag in (("style-src", "style"), ("script-src", "script")):
        (block,) = re.findall(f"<{tag}>(.*?)</{tag}>", page, re.DOTALL)
        digest = base64.b64encode(hashlib.sha256(block.encode()).digest()).decode()
        assert policy.pop(directive) == f"'sha256-{digest}'"
    assert policy == {
        "default-src": "'none'",
        "img-src": "data:",
        "base-uri": "'none'",
        "form-action": "'none'",
    }
    # The policy must stand before what it governs.
    assert page.index("Content-Security-Policy") < page.index("<style>")


def test_the_page_needs_nothing_but_itself() -> None:
    tree = tree_of(sample_report())
    assert not tree.xpath("//@src | //@style | //@*[starts-with(name(), 'on')] | //form | //iframe")
    assert [e.get("href") for e in tree.iter("link")] == ["data:,"]
    assert "url(" not in render(sample_report(), "html")


def test_without_its_script_the_page_tells_everything() -> None:
    tree = tree_of(sample_report())
    cards = of_class(tree, "card")
    assert len(cards) == len(sample_report().claims)
    card = cards[4].text_content()
    assert "Fuel and maintenance came to 47.3 million crowns in 2025." in card
    assert "48.39 million against 47.3 million: 2.3 % apart" in card
    assert "very likely (94%) to contradict the claim" in card
    for link in of_class(tree, "claim"):
        assert tree.get_element_by_id(link.get("href")[1:]) in cards
    for number in range(1, len(cards) + 1):
        assert tree.xpath(f"//*[@id='article']//*[@id='at-{number}']")


def test_a_failure_is_never_shown_as_a_verdict() -> None:
    failed = of_class(tree_of(sample_report()), "card")[6]
    assert [e.text_content() for e in of_class(failed, "badge")] == ["Not rated"]
    assert not of_class(failed, "confidence")
    assert "That says nothing about whether it is true" in failed.text_content()


def test_every_verdict_is_told_by_more_than_colour() -> None:
    tree = tree_of(sample_report())
    for link in of_class(tree, "claim"):
        described = link.get("aria-describedby").split()
        assert described
        for name in described:
            assert tree.get_element_by_id(name).text_content().startswith("claim, ")


def test_ids_are_unique() -> None:
    for report in (sample_report(), report_with("x")):
        ids = tree_of(report).xpath("//@id")
        assert len(ids) == len(set(ids))


def test_altered_words_of_a_quotation_are_marked_in_both_versions() -> None:
    card = of_class(tree_of(sample_report()), "card")[7]
    (quote,) = card.xpath(".//blockquote")
    assert [e.text_content() for e in of_class(quote, "altered")] == ["eleven departures"]
    (version,) = of_class(card, "version")
    assert [e.text_content() for e in of_class(version, "altered")] == ["not", "a single departure"]


def test_altered_words_are_escaped_as_all_others() -> None:
    report = sample_report()
    claim = report.claims[7]
    quote = "“We will now <i>raise</i> the taxes </mark> for all,” she said."
    place = {"quote": quote, "context": quote, "start": 0, "end": len(quote), "context_start": 0}
    item = claim.evidence[0].model_copy(update=place)
    said = "“We will not <b>raise</b> the taxes </q> for all,” said Solberg."
    claim = claim.model_copy(update={"text": said, "context_added": [], "evidence": [item]})
    card = of_class(tree_of(report.model_copy(update={"claims": [claim]})), "card")[0]
    assert len(of_class(card, "altered")) > 2
    assert not list(card.iter("b", "i"))
    assert quote in card.text_content()


def test_what_was_computed_is_named_for_what_it_is() -> None:
    cards = of_class(tree_of(sample_report()), "card")
    labels = [[n[0].text_content() for n in of_class(card, "note")] for card in cards]
    assert labels[4] == ["Figures", "Figures"]
    assert labels[7] == ["Quotation"]


def test_an_origin_is_led_by_its_earliest_source() -> None:
    report = sample_report()
    claim = report.claims[2].model_copy(update={"evidence": report.claims[2].evidence[::-1]})
    turned = report.model_copy(update={"claims": [*report.claims[:2], claim, *report.claims[3:]]})
    card = of_class(tree_of(turned), "card")[2]
    assert of_class(card, "publisher")[0].text_content() == "Coastal Wire"
    assert "2 sources, 1 origin: they count once. The earliest:" in card.text_content()


def test_sources_stand_by_date_with_the_article_among_them() -> None:
    (section,) = of_class(tree_of(sample_report()), "by-date")
    rows = [" ".join(row.text_content().split()) for row in section.iter("li")]
    assert len(rows) == 8
    assert rows[2].startswith("2025 Skarvik Verft Order book 2025")
    assert rows[-1] == "14 March 2026 The article"
    assert "supports claims 2, 5, 11 contradicts claim 4" in rows[5]
    for link in section.iter("a"):
        assert tree_of(sample_report()).get_element_by_id(link.get("href")[1:]) is not None
