"""The page of a report in a real browser: reading, keys, small screens, paper, hostile texts."""

from __future__ import annotations

import io
import os
from pathlib import Path
from typing import Any, cast

import lxml.html
import pytest
from playwright.sync_api import Browser
from pypdf import PdfReader

from agent.report import render
from agent.types import Report
from tests.browsing import HOSTILE, PageVisit
from tests.hostile_texts import Trial, read, visit_all
from tests.sample_report import report_with, sample_report

ATTACKS = Path(os.environ.get("ASSAY_ATTACKS") or "no-attacks") / "xss.jsonl"


class Visit(PageVisit):
    """The page of a report."""

    def __init__(self, browser: Browser, folder: Path, report: Report, **options: Any) -> None:
        options = {"viewport": {"width": 1280, "height": 900}, "reduced_motion": "reduce"} | options
        super().__init__(browser, folder, render(report, "html"), **options)

    def panel(self) -> str:
        return self.page.locator("#panel").inner_text()


def test_a_click_shows_both_sides(browser: Browser, tmp_path: Path) -> None:
    with Visit(browser, tmp_path, sample_report()) as visit:
        visit.page.get_by_role("button", name="Fuel and maintenance cost the city").click()
        panel = visit.panel()
        assert "Claim 5 of 14" in panel
        assert "Conflicting" in panel
        assert "Fuel and maintenance came to 47.3 million crowns in 2025." in panel
        assert "fuel and maintenance together came to 48.39 million crowns" in panel
        marks = visit.page.locator("#panel .sides mark").all_inner_texts()
        assert len(marks) == 2
        assert visit.page.locator("#panel").get_by_role("link").count() == 2
        visit.assert_quiet()


def test_enter_opens_and_escape_gives_the_focus_back(browser: Browser, tmp_path: Path) -> None:
    with Visit(browser, tmp_path, sample_report()) as visit:
        page = visit.page
        claim = page.get_by_role("button", name="carried 3.2 million passengers")
        for key in ("Enter", " "):
            claim.focus()
            page.keyboard.press(key)
            assert claim.get_attribute("aria-expanded") == "true"
            assert page.evaluate("document.activeElement.textContent") == "Claim 4 of 14"
            page.keyboard.press("Escape")
            assert claim.get_attribute("aria-expanded") == "false"
            assert claim.evaluate("link => document.activeElement === link")
            assert "How to read the marks" in visit.panel()
        visit.assert_quiet()


def test_keys_walk_through_the_claims_in_the_order_of_the_article(
    browser: Browser, tmp_path: Path
) -> None:
    with Visit(browser, tmp_path, sample_report()) as visit:
        seen = []
        for key in ["j", "j", "j", "ArrowRight", "k", "ArrowLeft", "k", "k"]:
            visit.page.keyboard.press(key)
            seen.append(visit.page.locator("#panel .toolbar h2").inner_text())
        assert seen == [f"Claim {n} of 14" for n in (1, 2, 3, 4, 3, 2, 1, 13)]
        visit.assert_quiet()


def test_keys_reach_every_claim(browser: Browser, tmp_path: Path) -> None:
    with Visit(browser, tmp_path, sample_report()) as visit:
        seen = set()
        for _ in sample_report().claims:
            visit.page.keyboard.press("j")
            seen.add(visit.page.locator("#panel .toolbar h2").inner_text())
        assert seen == {f"Claim {n} of 14" for n in range(1, 15)}


def test_a_passage_of_two_claims_shows_both(browser: Browser, tmp_path: Path) -> None:
    with Visit(browser, tmp_path, sample_report()) as visit:
        visit.page.get_by_role("button", name="The council approved the purchase").click()
        assert "2 claims in this passage" in visit.panel()
        assert "29 votes to 12" in visit.panel()
        assert "a full agenda would decide" in visit.panel()


def test_a_filter_leaves_only_its_verdict(browser: Browser, tmp_path: Path) -> None:
    with Visit(browser, tmp_path, sample_report()) as visit:
        page = visit.page
        conflicting = page.locator(".tile.conflicting").get_by_role("button")
        conflicting.click()
        assert conflicting.get_attribute("aria-pressed") == "true"
        assert page.locator("#claims .card:visible").count() == 3
        assert page.locator("#status").inner_text() == "3 of 14 claims shown"
        for number in (4, 5, 8, 4):
            page.keyboard.press("j")
            assert f"Claim {number} of 14" in visit.panel()
        conflicting.click()
        assert page.locator("#claims .card:visible").count() == 14
        visit.assert_quiet()


def parts_of(page: str) -> list[Any]:
    """Elements with attributes and texts, but for the white space between elements."""
    tree = lxml.html.document_fromstring(page.encode("utf-8"))
    return [(e.tag, sorted(e.attrib.items()), (e.text or "").strip()) for e in tree.iter()]


def test_the_other_forms_are_at_hand_without_a_server(browser: Browser, tmp_path: Path) -> None:
    report = report_with("".join(HOSTILE))
    with Visit(browser, tmp_path, report, accept_downloads=True) as visit:
        page = visit.page
        page.keyboard.press("j")
        for name, form in (
            ("HTML", "html"), ("Markdown", "markdown"), ("JSON", "json"),
            ("ClaimReview", "claimreview"),
        ):  # fmt: skip
            with page.expect_download() as started:
                page.get_by_role("button", name=name, exact=True).click()
            saved = Path(started.value.path()).read_text("utf-8")
            written = render(report, cast(Any, form))
            if form == "html":  # as a browser writes it, before anything was opened
                assert parts_of(saved) == parts_of(written)
            else:
                assert saved == written
        visit.page.evaluate("navigator.clipboard.writeText = async (text) => { window.put = text }")
        page.get_by_role("button", name="Copy as Markdown").click()
        page.get_by_role("button", name="Copied").wait_for()
        assert page.evaluate("window.put") == render(report, "markdown")
        assert [
            url for url in visit.requests if not url.startswith(("file:", "data:", "blob:"))
        ] == []
        assert visit.complaints == []


def test_an_excluded_passage_tells_its_reason_on_demand(browser: Browser, tmp_path: Path) -> None:
    with Visit(browser, tmp_path, sample_report()) as visit:
        visit.page.get_by_role("button", name="Will other cities follow?").click()
        assert "Question. Asks and does not state." in visit.panel()
        visit.page.keyboard.press("Escape")
        assert "How to read the marks" in visit.panel()
        visit.assert_quiet()


WIDE = "x" * 200


@pytest.mark.parametrize("text", [None, WIDE, f"https://x.example/{WIDE}"])
def test_a_phone_needs_no_sideways_scrolling(
    browser: Browser, tmp_path: Path, text: str | None
) -> None:
    report = report_with(text) if text else sample_report()
    size = {"width": 360, "height": 740}
    with Visit(browser, tmp_path, report, viewport=size, has_touch=True) as visit:
        width = "document.documentElement.scrollWidth"
        assert visit.page.evaluate(width) <= 360
        link = visit.page.locator("#article a.claim").first
        link.tap()
        assert visit.page.evaluate(width) <= 360
        panel = visit.page.locator("#panel")
        assert panel.evaluate("p => p.scrollWidth <= p.clientWidth")
        box = cast(Any, panel.bounding_box())
        assert box["y"] + box["height"] == pytest.approx(740, abs=1)
        # Where it fits, the claim stays in view above the sheet.
        if text is None:
            assert cast(Any, link.bounding_box())["y"] < box["y"]
        visit.page.get_by_role("button", name="Close").tap()
        assert not visit.page.locator("#panel.sheet").count()
        visit.assert_quiet()


CONTRAST = """
() => {
  const channel = (c) => (c /= 255) <= 0.03928 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4;
  const parse = (s) => (s.match(/[\\d.]+/g) || []).map(Number);
  const light = ([r, g, b]) => 0.2126 * channel(r) + 0.7152 * channel(g) + 0.0722 * channel(b);
  const behind = (e) => {
    for (; e; e = e.parentElement) {
      const c = parse(getComputedStyle(e).backgroundColor);
      if (c.length === 3 || c[3] === 1) return c;
    }
    return [255, 255, 255];
  };
  const poor = new Set();
  let looked = 0;
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  for (let node = walker.nextNode(); node; node = walker.nextNode()) {
    const e = node.parentElement;
    if (!node.data.trim() || !e.getClientRects().length || e.closest(".hidden")) continue;
    const [a, b] = [light(parse(getComputedStyle(e).color)), light(behind(e))];
    const ratio = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
    looked += 1;
    if (ratio < 4.5) poor.add(`${e.className || e.tagName}: ${ratio.toFixed(2)}`);
  }
  return [looked, [...poor]];
}
"""


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_text_has_contrast_and_axe_finds_no_fault(
    browser: Browser, tmp_path: Path, scheme: str
) -> None:
    from axe_playwright_python.sync_playwright import Axe

    with Visit(browser, tmp_path, sample_report(), color_scheme=scheme) as visit:
        visit.page.evaluate("document.querySelectorAll('details').forEach(d => d.open = true)")
        visit.page.evaluate(
            "document.querySelectorAll('.card').forEach(c => c.style.contentVisibility = 'visible')"
        )
        for name in ("supported", "conflicting", "unverifiable", "failed"):
            visit.page.locator(f"#article a.claim.{name}").last.click()
            visit.page.locator(f".tile.{name}").get_by_role("button").click()
            looked, poor = visit.page.evaluate(CONTRAST)
            assert looked > 50
            assert poor == []
            visit.page.locator(f".tile.{name}").get_by_role("button").click()
        faults = Axe().run(visit.page).response["violations"]
        assert [(fault["id"], fault["nodes"][0]["html"]) for fault in faults] == []


def test_the_dark_scheme_is_dark(browser: Browser, tmp_path: Path) -> None:
    with Visit(browser, tmp_path, sample_report(), color_scheme="dark") as visit:
        background = visit.page.evaluate("getComputedStyle(document.documentElement).background")
        assert background.startswith("rgb(23, 23, 21)")


def test_paper_shows_every_claim_unfolded_whatever_was_open(
    browser: Browser, tmp_path: Path
) -> None:
    with Visit(browser, tmp_path, sample_report()) as visit:
        page = visit.page
        page.keyboard.press("j")
        page.locator(".tile.failed").get_by_role("button").click()
        page.emulate_media(media="print")
        assert page.locator("#claims .card:visible").count() == 14
        assert not page.locator("#panel .detail").is_visible()
        hidden = "all => all.filter(e => !e.checkVisibility({contentVisibilityAuto: true})).length"
        assert page.locator("#claims .neutral .credit").evaluate_all(hidden) == 0
        assert (
            page.locator("#claims .sides > .side > ul > li > .evidence").evaluate_all(hidden) == 0
        )
        visit.assert_quiet()


def test_on_paper_no_head_of_a_claim_stands_alone(browser: Browser, tmp_path: Path) -> None:
    report = sample_report()
    heads = [c.explanation for c in report.claims if {e.stance for e in c.evidence} - {"neutral"}]
    with Visit(browser, tmp_path, report) as visit:
        pages = PdfReader(io.BytesIO(visit.page.pdf(format="A4"))).pages
    last = [page.extract_text().strip().splitlines()[-1] for page in pages]
    assert not [line for line in last if any(head.endswith(line) for head in heads)]
    assert len(pages) < len(report.claims)


def test_the_page_works_with_scripts_off(browser: Browser, tmp_path: Path) -> None:
    with Visit(browser, tmp_path, sample_report(), java_script_enabled=False) as visit:
        visit.page.get_by_role("link", name="Fuel and maintenance cost the city").click()
        assert visit.page.url.endswith("#claim-5")
        assert visit.page.locator("#claim-5").is_visible()


@pytest.fixture(scope="module")
def trial(browser: Browser) -> Trial:
    return Trial(browser.new_page())


@pytest.mark.parametrize("text", HOSTILE)
def test_a_hostile_text_changes_nothing_but_text(trial: Trial, text: str) -> None:
    assert list(trial.faults(text)) == []


def test_hostile_texts_do_nothing_in_a_browser(browser: Browser, tmp_path: Path) -> None:
    assert visit_all(browser, tmp_path, HOSTILE) == []
    with Visit(browser, tmp_path, report_with(" ".join(HOSTILE))) as visit:
        visit.page.keyboard.press("j")
        visit.assert_quiet()


@pytest.mark.skipif(not ATTACKS.is_file(), reason="ASSAY_ATTACKS names no folder of hostile texts")
def test_collected_attacks_do_nothing(trial: Trial, browser: Browser, tmp_path: Path) -> None:
    # A sample; `python -m tests.hostile_texts FILE` tries them all.
    attacks = read(ATTACKS)[::50]
    assert not [(text, fault) for text in attacks for fault in trial.faults(text)]
    assert visit_all(browser, tmp_path, attacks) == []
