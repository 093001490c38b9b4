"""Two browsers at one service: what one of them does, the other is told."""

from __future__ import annotations

import shutil
import threading
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from agent.check import FactChecker
from tests.fake_embedder import WordEmbedder
from tests.serving import held_after, serving, visiting

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

ARTICLE = "The Tallis Bridge cost 12 million euros. The bridge is 240 metres long."
_LOOKS = "document.dispatchEvent(new Event('visibilitychange', { bubbles: true }))"
"""Somebody comes back to a window."""


def _submit(page: Page) -> None:
    page.goto("/")
    page.get_by_label("Text of the article").fill(ARTICLE)
    page.get_by_role("button", name="Check", exact=True).click()
    page.get_by_text("Rating claims: 2 of").wait_for()


def _asks(page: Page, question: str) -> None:
    page.get_by_label("Question").fill(question)
    page.keyboard.press("Enter")


@pytest.mark.scale
def test_two_windows_tell_the_same_and_a_service_that_was_restarted_loses_nothing(
    word_template: Path, tmp_path: Path, browser: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    library = Path(shutil.copytree(word_template, tmp_path / "library"))
    release = threading.Event()
    monkeypatch.setattr(FactChecker, "acheck", held_after(2, release))
    with ExitStack() as open_:
        running = open_.enter_context(ExitStack())
        address = running.enter_context(serving(library, WordEmbedder()))
        one = open_.enter_context(visiting(browser, address))
        two = open_.enter_context(visiting(browser, address))

        for page in (one, two):
            page.set_default_timeout(60_000)

        # A check is followed in both, stopped in one, and removed in one.
        _submit(one)
        two.goto(one.url)
        two.get_by_text("Rating claims: 2 of").wait_for()
        two.get_by_role("button", name="Stop").click()
        for page in (one, two):
            page.get_by_text("This check was stopped.").wait_for()
        assert two.request.delete(one.url.replace("/checks", "/api/checks")).ok
        one.get_by_role("button", name="Check it again").click()
        one.get_by_text("There is no such check.").wait_for()

        # A conversation goes on in both, and is deleted in one.
        one.goto("/chat")
        _asks(one, "How long is the Tallis Bridge?")
        one.wait_for_url("**/chat?id=*")
        one.locator("#turns .quoted").first.wait_for()
        two.goto(one.url)
        two.locator("#turns .quoted").first.wait_for()
        _asks(two, "Was the Tallis Bridge opened in May?")
        two.locator("#kept .row", has_text="2 questions").wait_for()
        _asks(one, "How much did the Tallis Bridge cost?")
        one.locator("#turns li.turn, #turns > li").nth(2).wait_for()
        two.evaluate(_LOOKS)
        two.locator("#turns > li").nth(2).wait_for()
        assert (
            one.locator("#turns h3").all_inner_texts() == two.locator("#turns h3").all_inner_texts()
        )
        one.get_by_role("button", name="Delete: How long").click()
        one.get_by_role("dialog").get_by_role("button", name="Delete").click()
        one.get_by_text("None yet.").wait_for()
        _asks(two, "How much did it cost?")
        two.get_by_text("ask again to begin another one").wait_for()
        assert two.get_by_label("Question").input_value() == "How much did it cost?"

        # A source is removed in one while the other shows it.
        for page in (one, two):
            page.goto("/sources?q=bus")
            page.locator("#list .name").first.click()
            page.locator(".source-text").wait_for()
        for page in (one, two):
            page.get_by_role("button", name="Remove from the library").click()
            page.get_by_role("dialog").get_by_role("button", name="Remove").click()
            page.wait_for_url("**/sources")
            page.wait_for_selector("#list .row")

        # The service ends and starts again while both follow a check.
        _submit(one)
        two.goto(one.url)
        two.get_by_text("Rating claims: 2 of").wait_for()
        running.close()
        for page in (one, two):
            page.get_by_text("The service does not answer.").wait_for()
        open_.enter_context(serving(library, WordEmbedder(), at=int(address.rsplit(":", 1)[1])))
        release.set()
        for page in (one, two):
            page.wait_for_url("**/report")
        one.goto("/")
        one.wait_for_selector("#checks .row")
        assert one.locator("#checks .row").count() == 1
