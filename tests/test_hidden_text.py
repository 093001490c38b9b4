"""What a reader of the page or the print cannot see is no part of its text."""

from __future__ import annotations

import json

import pytest
from fpdf import FPDF

from tools.readers.hiding import hidden_names, hides
from tools.readers.html import read_html, visible_text
from tools.readers.pdf import read_pdf

SEEN = "The bridge was opened in May, and it cost two million euros."
UNSEEN = "The bridge was closed in June."


@pytest.mark.parametrize(
    "style",
    [
        "display:none", "visibility: hidden", "opacity:0", "opacity: .0", "font-size:0",
        "font-size:1px", "color:#fff;background:#fff", "color: white; background-color: #ffffff",
        "background:rgb(255, 255, 255); color:white", "color:transparent",
        "position:absolute;left:-9999px", "top:-5000px; position:fixed", "text-indent:-9999px",
        "clip:rect(0,0,0,0);position:absolute", "clip-path: inset(50%)", "transform:scale(0)",
    ],
)  # fmt: skip
def test_a_style_that_hides_takes_the_text_out(style: str) -> None:
    page = f"<article><p>{SEEN}</p><p style='{style}'>{UNSEEN}</p></article>"
    assert hides(style)
    assert read_html(page, "page.html")[0] == visible_text(page) == SEEN


@pytest.mark.parametrize(
    "style",
    [
        "", "color:#fff", "color:#fff;background:#000", "opacity:0.5", "font-size:12px",
        "font-size:1em", "font-size:0.9rem", "font-size:100%", "position:absolute;left:10px",
        "left:-9999px", "text-indent:2em", "font-size:1.2em", "opacity:1", "background-color:#fff",
    ],
)  # fmt: skip
def test_a_style_that_shows_leaves_it(style: str) -> None:
    assert not hides(style)


def test_rules_for_classes_and_ids_hide() -> None:
    css = "p { color: red } .a, p.b { display:none } #c{visibility:hidden} .d .e{display:none}"
    assert hidden_names(css) == (frozenset({"a", "b"}), frozenset({"c"}))
    page = (
        f"<style>.k{{opacity:0}}</style><article><p>{SEEN}</p><p class='k'>{UNSEEN}</p></article>"
    )
    assert read_html(page, "page.html")[0] == SEEN


def test_a_page_that_fades_in_is_read() -> None:
    page = f"<article style='opacity:0'><p>{SEEN}</p></article>"
    assert SEEN in read_html(page, "page.html")[0]


@pytest.mark.parametrize("tag", ["template", "noscript"])
def test_what_no_browser_shows_is_not_read(tag: str) -> None:
    page = f"<article><p>{SEEN}</p><{tag}><p>{UNSEEN}</p></{tag}></article>"
    assert read_html(page, "page.html")[0] == SEEN


def test_text_that_a_pdf_does_not_draw_is_not_read() -> None:
    assert UNSEEN not in _read(SEEN, UNSEEN)
    assert SEEN in _read(SEEN, UNSEEN)


def test_the_text_layer_of_a_scan_is_read() -> None:
    assert SEEN in _read("Page 1", SEEN)


def _read(drawn: str, not_drawn: str) -> str:
    pdf = FPDF(format="A4")
    pdf.add_page()
    pdf.set_font("helvetica", size=11)
    pdf.multi_cell(0, 6, drawn)
    pdf.ln()
    with pdf.local_context(text_mode="INVISIBLE"):
        pdf.multi_cell(0, 6, not_drawn)
    return read_pdf(bytes(pdf.output()), "text.pdf", 10_000)[0]


def test_what_a_page_tells_to_machines_alone_is_no_text_of_it() -> None:
    """The body in JSON-LD is longer than what is shown, and says otherwise."""
    known = {"@type": "NewsArticle", "articleBody": UNSEEN * 9, "datePublished": "2026-01-02"}
    page = (
        f'<html><head><script type="application/ld+json">{json.dumps(known)}</script></head>'
        f"<body><article><p>{SEEN}</p></article></body></html>"
    )
    text, metadata = read_html(page, "page.html")
    assert text == SEEN
    assert metadata.get("published_at") == "2026-01-02"
