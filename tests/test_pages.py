"""The pages of the service, used as a person uses them."""

from __future__ import annotations

import json
import os
import re
import shutil
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from agent.check import FactChecker
from tests.browsing import DROP, HOSTILE
from tests.fake_embedder import WordEmbedder
from tests.hostile_pages import Trial, answering, listed
from tests.hostile_texts import read
from tests.sample_report import sample_report
from tests.serving import (
    ARTICLE,
    complaints_of,
    held_after,
    list_of_checks,
    serving,
    submit,
    visiting,
)

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page, Route

ATTACKS = Path(os.environ.get("ASSAY_ATTACKS") or "no-attacks") / "xss.jsonl"


@pytest.fixture(scope="module")
def address(
    word_template: Path, tmp_path_factory: pytest.TempPathFactory, browser: Browser
) -> Iterator[str]:
    library = tmp_path_factory.mktemp("service") / "library"
    shutil.copytree(word_template, library)
    with serving(library, WordEmbedder()) as address:
        yield address


@pytest.fixture(scope="module")
def visit(browser: Browser, address: str) -> Iterator[tuple[Page, list[str]]]:
    """One page for all tests, which spares its making, and what it complains of."""
    with visiting(browser, address) as page:
        yield page, complaints_of(page, address)


@pytest.fixture
def page(visit: tuple[Page, list[str]]) -> Iterator[Page]:
    page, complaints = visit
    yield page
    page.unroute_all()
    assert complaints == []


@pytest.fixture
def held(monkeypatch: pytest.MonkeyPatch) -> Iterator[threading.Event]:
    """Checks that have rated two claims of the sample and wait for the event."""
    release = threading.Event()
    monkeypatch.setattr(FactChecker, "acheck", held_after(2, release))
    yield release
    release.set()


# --- checks -------------------------------------------------------------------------------


def test_a_pasted_text_leads_to_its_report_and_stays_in_the_list_until_deleted(page: Page) -> None:
    submit(page, f"The pasted bridge 🌉\n\n{ARTICLE}")
    page.wait_for_url("**/report")
    assert page.locator("h1").count() == 1
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.keyboard.press("j")
    assert page.locator("#panel blockquote").first.is_visible()
    page.locator("a.claim").last.click()
    assert asked == []  # what a claim's evidence is came with the page
    links = page.locator(".pages a")
    assert links.all_inner_texts() == ["Check", "Sources", "Ask about it", "Files"]
    with page.expect_download() as saved:
        page.get_by_role("button", name="HTML").click()
    assert '<nav class="pages" aria-label' not in saved.value.path().read_text("utf-8")
    page.go_back()  # the report took the place of the page that was followed
    page.wait_for_selector("#checks .row")
    row = page.locator("#checks .row", has_text="The pasted bridge 🌉").first
    assert re.search(r"\d+ supported", row.text_content() or "")
    row.get_by_role("link", name="Files").click()
    page.wait_for_selector("#links a")
    words = ["Open the report", "JSON", "Markdown", "ClaimReview", "Ask about it"]
    assert page.locator("#links a").all_inner_texts() == words
    assert page.locator("#claims .badge").count() >= 2
    with page.expect_download() as download:
        page.get_by_role("link", name="JSON").click()
    assert json.loads(download.value.path().read_text("utf-8"))["claims"]
    page.goto("/")
    row.get_by_role("button", name="Delete").click()
    page.get_by_role("dialog").get_by_role("button", name="Cancel").click()
    assert row.count() == 1
    row.get_by_role("button", name="Delete").click()
    page.get_by_role("dialog").get_by_role("button", name="Delete").click()
    row.wait_for(state="detached")


def test_each_of_several_dropped_files_is_checked_and_what_was_not_taken_stays_chosen(
    page: Page, held: threading.Event
) -> None:
    page.goto("/")
    page.evaluate(DROP, [[f"{name}.txt", ARTICLE] for name in ("one", "two", "three")])
    assert page.inner_text("#chosen") == "3 files: one.txt, two.txt, three.txt"
    page.get_by_role("button", name="Check", exact=True).click()
    for name in ("one", "two", "three"):
        page.locator("#checks").get_by_text(f"{name}.txt", exact=True).wait_for()
    assert page.inner_text("#chosen") == "Choose files"
    busy = {"detail": "too many checks are waiting"}
    page.route("**/api/checks", lambda route: route.fulfill(status=429, json=busy))
    page.evaluate(DROP, [["four.txt", ARTICLE], ["five.txt", ARTICLE]])
    page.get_by_role("button", name="Check", exact=True).click()
    page.get_by_text("Too many checks are waiting.").first.wait_for()
    assert page.inner_text("#chosen") == "2 files: four.txt, five.txt"


def test_a_dropped_file_is_checked_under_the_title_that_was_given(page: Page) -> None:
    page.goto("/")
    page.evaluate(DROP, [["bridge.txt", ARTICLE]])
    assert page.inner_text("#chosen") == "bridge.txt"
    page.get_by_text("More about the article").click()
    page.get_by_label("Title").fill("The dropped bridge")
    page.get_by_role("button", name="Check", exact=True).click()
    page.wait_for_url("**/report")
    assert page.inner_text("h1") == "The dropped bridge"


@pytest.mark.parametrize("kind", ["text", "file"])
def test_sources_that_count_are_named_in_the_form(page: Page, kind: str) -> None:
    from playwright.sync_api import FilePayload

    page.goto("/")
    if kind == "text":
        page.get_by_label("Text of the article").fill(ARTICLE)
    else:
        page.get_by_label("File", exact=True).check()
        file = FilePayload(name="bridge.txt", mimeType="text/plain", buffer=ARTICLE.encode())
        page.locator("#file").set_input_files([file])
    page.get_by_text("Which sources count").click()
    page.get_by_label("Published since").fill("2024-06-01")
    page.get_by_label("Publishers").fill("Valley Post; Orrel Notes;")
    page.get_by_label("Languages").fill("en")
    page.get_by_label("Origins to support a claim").fill("2")
    with page.expect_request("**/api/checks") as sent:
        page.get_by_role("button", name="Check", exact=True).click()
    page.wait_for_url("**/report")
    report = page.request.get(page.url.replace("/checks", "/api/checks") + ".json").json()
    settings = report["run"]["settings"]
    assert settings["publishers"] == "Orrel Notes, Valley Post"
    assert (settings["since"], settings["languages"]) == ("2024-06-01", "en")
    assert [each["title"] for each in report["sources_left_out"]] == ["Bridge opened"]
    assert sent.value.method == "POST"


def test_an_address_that_is_not_fetched_is_told_with_what_to_do(page: Page) -> None:
    page.goto("/")
    page.get_by_label("Address", exact=True).check()
    page.get_by_label("Address of the article").fill("The council met.")
    page.keyboard.press("Enter")
    page.get_by_text("An address has no spaces.").wait_for()
    page.get_by_label("Address of the article").fill("127.0.0.1/")
    page.keyboard.press("Enter")
    page.wait_for_selector("#problem:not([hidden])")
    assert "127.0.0.1 is not on the public internet" in page.inner_text("#problem")
    assert "Save the page, give the file." in page.inner_text("#problem")
    told = list_of_checks(page)
    assert "Failed: the address https://127.0.0.1/" in told
    assert "Save the page, give the file" in told


def test_claims_show_as_they_are_rated_and_a_check_can_be_stopped(
    page: Page, held: threading.Event
) -> None:
    submit(page)
    page.wait_for_selector("#claims .row:nth-child(2)")
    sample = sample_report()
    assert sample.claims[0].text in page.inner_text("#claims")
    assert page.inner_text("#state") == f"Rating claims: 2 of {len(sample.claims)}"
    assert page.get_by_role("progressbar").get_attribute("value") == "2"
    assert "Rating claims, 2 of" in list_of_checks(page)
    page.go_back()
    page.get_by_role("button", name="Stop").click()
    page.get_by_text("This check was stopped.").wait_for()
    page.get_by_role("button", name="Stop").wait_for(state="hidden")
    page.get_by_role("button", name="Check it again").click()
    page.get_by_text("Rating claims: 2 of").wait_for()
    page.get_by_role("button", name="Check it again").wait_for(state="hidden")
    assert "Stopped" in list_of_checks(page)


def test_an_answer_older_than_the_end_does_not_bring_back_a_check_that_was_stopped(
    page: Page, held: threading.Event
) -> None:
    submit(page)
    page.wait_for_selector("#claims .row:nth-child(2)")
    late: list[Route] = []
    page.route("**/stop", lambda route: late.append(route))
    with page.expect_request("**/stop"):
        page.get_by_role("button", name="Stop").click()
    running = page.evaluate("fetch(`/api${location.pathname}`).then((answer) => answer.json())")
    page.request.post(page.url.replace("/checks", "/api/checks") + "/stop")
    page.get_by_text("This check was stopped.").wait_for()
    late[0].fulfill(json=running)
    page.wait_for_selector("#stop:not([disabled])", state="attached")
    assert not page.get_by_role("button", name="Stop").is_visible()
    page.get_by_role("button", name="Check it again").wait_for()


def test_a_lost_connection_is_told_and_taken_up_again(page: Page, held: threading.Event) -> None:
    page.route("**/events", lambda route: route.abort())
    submit(page)
    page.get_by_text("The connection was lost").wait_for()
    page.unroute("**/events")
    page.wait_for_selector("#claims .row:nth-child(2)")
    held.set()
    page.wait_for_url("**/report")


def test_what_cannot_be_submitted_is_told_in_words(page: Page) -> None:
    submit(page, "")
    assert "There is no text to check." in page.inner_text("#problem")
    busy = {"status": 429, "title": "Too Many Requests", "detail": "too many checks are waiting"}
    page.route(
        "**/api/checks",
        lambda route: route.fulfill(status=429, json=busy, headers={"Retry-After": "5"}),
    )
    submit(page)
    page.get_by_text("Too many checks are waiting.").first.wait_for()
    assert "Best in 5 seconds." in page.inner_text("#problem")
    page.unroute("**/api/checks")
    page.goto("/checks/c-000000000000000000000000")
    page.get_by_text("There is no such check.").wait_for()
    page.goto("/sources?id=s-nothing")
    page.get_by_text("There is no such source.").wait_for()


# --- sources ------------------------------------------------------------------------------


def test_sources_are_added_one_by_one_and_each_tells_what_became_of_it(page: Page) -> None:
    from playwright.sync_api import FilePayload

    page.goto("/sources")
    ferry = "The Orrel ferry 🛳 carries 300 passengers a day."
    page.locator("#files").set_input_files(
        [
            FilePayload(name="ferry.txt", mimeType="text/plain", buffer=ferry.encode()),
            FilePayload(name="empty.txt", mimeType="text/plain", buffer=b""),
        ]
    )
    page.get_by_label("Address of a source").fill("http://10.0.0.1/")
    page.keyboard.press("Enter")
    page.locator("#queue").get_by_text("not on the public internet").wait_for()
    told = page.inner_text("#queue")
    assert re.search(r"ferry\.txt\s+Added\.", told)
    assert re.search(r"empty\.txt\s+Refused: ", told)
    page.get_by_label("Search", exact=True).fill("ferry")
    page.get_by_label("Passages").check()
    page.get_by_role("button", name="Search").click()
    page.locator("#list .name").first.click()
    page.wait_for_selector("mark")
    assert page.inner_text("#source h1") == "ferry.txt"
    assert page.inner_text("mark") == ferry
    page.get_by_role("button", name="Remove").click()
    page.get_by_role("dialog").get_by_role("button", name="Remove").click()
    page.wait_for_url("**/sources")
    page.wait_for_selector("#list .row")
    assert "ferry" not in page.inner_text("#list")
    page.goto("/sources?page=99")
    page.wait_for_selector("#list .row")


def test_a_source_is_found_by_its_publisher_and_opened_at_a_passage(page: Page) -> None:
    page.goto("/sources?q=valley+post")
    page.get_by_role("link", name="What the crossing cost").click()
    page.wait_for_selector(".source-text")
    assert "15 million euros" in page.inner_text(".source-text")
    assert "10 June 2024" in page.inner_text(".facts")
    assert "English" in page.inner_text(".facts")
    page.get_by_role("link", name="Mark passage 1").click()
    page.wait_for_selector("mark")
    assert page.inner_text("mark").startswith("Officials say")


def test_damage_is_looked_for_and_told(page: Page) -> None:
    page.goto("/sources")
    page.get_by_role("button", name="Look for damage").click()
    page.get_by_text("All is well.").wait_for()
    flaw = {"source": "s-1", "detail": "s-1: its text is not the one that was added"}
    page.route("**/verify", lambda route: route.fulfill(json={"flaws": [flaw]}))
    page.get_by_role("button", name="Look for damage").click()
    page.get_by_text("Something is damaged.").wait_for()
    assert flaw["detail"] in page.inner_text("#flaws")


def test_copies_stand_together_and_what_is_superseded_or_warned_of_is_marked(page: Page) -> None:
    sources = [
        listed(1, copies=1),
        listed(2, copies=1, origin="s-1", origin_reason="spun"),
        listed(3, superseded_by="s-1", warnings=["The text is cut short."], tags=["harbour"]),
    ]
    answer = {"sources": sources, "total": 120}
    page.route("**/api/sources?**", lambda route: route.fulfill(json=answer))
    page.goto("/sources?page=2")
    page.get_by_text("copies: 1").click()
    first, copy, third = page.locator("#list .row").all()
    assert "Source 2" in first.inner_text()
    assert "reworded" in copy.inner_text()
    assert {"superseded by a newer one", "harbour", "warning"} <= set(
        third.locator(".chip").all_inner_texts()
    )
    assert "The text is cut short." in third.inner_text()
    assert page.get_by_role("link", name="Older").get_attribute("href") == "/sources?page=3"
    assert (
        page.get_by_role("link", name="Newer", exact=True).get_attribute("href")
        == "/sources?page=1"
    )


def test_whom_the_user_trusts_is_said_in_the_list_and_at_a_source(page: Page) -> None:
    page.goto("/sources")
    page.get_by_text("Whom you trust").click()
    page.get_by_role("searchbox", name="Find a publisher").fill("TALLIS")
    page.locator("#publishers .row:only-child").wait_for()
    whom = page.get_by_role("group", name="Reputation of Tallis Courier")
    whom.get_by_label("Distrusted").check()
    page.get_by_text("Tallis Courier: distrusted from the next check on.").wait_for()
    page.get_by_text("distrusted by you, not counted").first.wait_for()
    submit(page)
    page.wait_for_url("**/report")
    assert "Without distrusted sources: unverifiable" in (page.text_content("body") or "")
    page.goto("/sources?q=tallis+courier")
    page.get_by_role("link", name="Bridge opened").click()
    assert whom.get_by_label("Distrusted").is_checked()
    whom.get_by_label("Neutral").check()
    page.get_by_text("Tallis Courier: neutral from the next check on.").wait_for()
    assert page.request.get("/api/reputations").json() == {"reputations": {}}


# --- questions ----------------------------------------------------------------------------


def test_an_answer_leads_to_its_source_and_the_conversation_is_kept_until_deleted(
    page: Page,
) -> None:
    page.goto("/chat")
    page.get_by_label("Question").fill("How long is the Tallis Bridge?")
    page.keyboard.press("Enter")
    page.wait_for_url("**/chat?id=*")
    page.get_by_text("Quoted from the sources, without a language model.").wait_for()
    page.reload()
    page.wait_for_selector("#turns li")
    assert "240 metres" in page.inner_text("#turns")
    assert page.inner_text("#turns .side") == "[1]"
    assert page.inner_text("#turns .credit") == "Tallis Courier · 4 May 2024 · Bridge opened"
    page.get_by_role("link", name="Bridge opened").click()
    page.wait_for_selector("mark")
    assert "240 metres" in page.inner_text("mark")
    page.go_back()
    with page.expect_download() as download:
        page.get_by_role("link", name="Export: How long").click()
    assert "240 metres" in download.value.path().read_text("utf-8")
    with page.expect_download() as download:
        page.get_by_role("link", name="JSON: How long").click()
    assert json.loads(download.value.path().read_text("utf-8"))["turns"]
    page.get_by_role("button", name="Delete: How long").click()
    page.get_by_role("dialog").get_by_role("button", name="Delete").click()
    page.get_by_text("None yet.").wait_for()


def test_quotes_for_and_against_a_statement_have_numbers_and_sides(page: Page) -> None:
    page.goto("/chat")
    page.get_by_label("Question").fill("Is it true that the Tallis Bridge is 300 metres long?")
    page.keyboard.press("Enter")
    page.get_by_text("Quoted from the sources, without a language model.").wait_for()
    assert page.inner_text("#turns .side").replace("\xa0", " ") == "[1] contradicts"


def test_a_sentence_that_nothing_backs_is_marked_and_a_fault_is_no_answer(page: Page) -> None:
    told = [
        ("step", {"tool": "search_library", "arguments": {}}),
        ("sentence", {"text": "It is <b>blue</b>.", "citations": [], "status": "uncited"}),
        ("problem", {"status": 502, "title": "Bad Gateway", "detail": "the model is gone"}),
    ]
    body = "".join(f"event: {name}\ndata: {json.dumps(data)}\n\n" for name, data in told)
    page.route("**/api/chat", lambda route: route.fulfill(body=body))
    page.goto("/chat")
    page.evaluate(
        """() => new MutationObserver(() => {
            window.seen = document.querySelector("#turns .doubtful")?.parentElement.textContent
                ?? window.seen;
        }).observe(document.getElementById("turns"), { childList: true, subtree: true })"""
    )
    page.get_by_label("Question").fill("What colour is it?")
    page.get_by_role("button", name="Ask").click()
    page.get_by_text("The model is gone.").wait_for()
    assert page.evaluate("window.seen") == "It is <b>blue</b>. cites no passage"
    assert page.locator("#turns li").count() == 0
    assert page.get_by_label("Question").input_value() == "What colour is it?"


def test_the_page_names_the_report_that_is_open_and_finds_its_claims(
    page: Page, held: threading.Event
) -> None:
    held.set()
    submit(page)
    page.wait_for_url("**/report")
    page.get_by_role("link", name="Ask about it").click()
    page.get_by_text("is open. Ask, for example: Why is claim").wait_for()
    page.get_by_label("Question").fill("Which claims are conflicting?")
    page.keyboard.press("Enter")
    page.wait_for_url("**/chat?id=*")
    page.reload()
    page.get_by_text("is open. Ask, for example: Why is claim").wait_for()
    answer = page.inner_text("#turns")
    assert "claims of the report are conflicting." in answer
    assert "searched" not in answer
    page.goto("/chat?report=c-000000000000000000000000")
    page.get_by_text("The report that was open is gone.").wait_for()


def test_an_address_that_leads_nowhere_is_told_to_people_and_to_programs(page: Page) -> None:
    answer = page.goto("/nowhere")
    assert answer
    assert answer.status == 404
    assert page.get_by_role("heading").inner_text() == "There is no such page"
    told = page.request.get("/nowhere", headers={"Accept": "application/json"})
    assert (told.status, told.json()["title"]) == (404, "Not Found")


# --- everywhere ---------------------------------------------------------------------------


def test_no_text_becomes_markup(page: Page) -> None:
    """The same elements stand there as with harmless texts, and nothing of them runs."""
    assert list(Trial(page).faults(HOSTILE)) == []


@pytest.mark.skipif(not ATTACKS.is_file(), reason="ASSAY_ATTACKS names no folder of hostile texts")
def test_collected_attacks_become_no_markup(page: Page) -> None:
    # A sample; `python -m tests.hostile_pages FILE` tries them all.
    assert list(Trial(page).faults(read(ATTACKS)[::100])) == []


PAGES = {
    "/": "#checks .row",
    "/sources": "#list .row",
    "/sources?id=s-0&at=0-9": "mark",
    "/chat?id=d-0": "#turns .answer",
    "/checks/c-000000000000000000000000": "#problem:not([hidden])",
}
"""The pages, each with what shows that it has what it asked for."""
WIDE = "Donaudampfschifffahrtsgesellschaftskapitänsmützenfabrikant " * 2


def test_every_page_fits_a_phone_in_light_and_dark_and_on_paper_and_axe_finds_no_fault(
    browser: Browser, address: str
) -> None:
    from axe_playwright_python.sync_playwright import Axe

    with visiting(browser, address, viewport={"width": 360, "height": 740}) as page:
        answering(page, (WIDE, "a".join("b" * 80)))
        headings, grounds = [], set()
        for path, there in PAGES.items():
            page.goto(path)
            page.wait_for_selector(there)
            assert page.locator("nav [aria-current]").count() == (not path.startswith("/checks"))
            headings.append(page.locator("h1:visible").inner_text())
            page.evaluate("document.querySelectorAll('details').forEach(d => d.open = true)")
            assert page.evaluate("document.documentElement.scrollWidth") <= 360
            for dark in (False, True):
                page.emulate_media(color_scheme="dark" if dark else "light")
                ground = "getComputedStyle(document.documentElement).backgroundColor"
                grounds.add(page.evaluate(ground))
                colours = {"runOnly": ["color-contrast"]} if dark else None
                faults = Axe().run(page, options=colours).response["violations"]
                assert [(path, each["id"], each["nodes"][0]["html"]) for each in faults] == []
            page.emulate_media(color_scheme="light", media="print")
            assert page.locator("h1:visible").count() == 1
            assert page.evaluate("document.documentElement.scrollWidth") <= 360
            page.emulate_media(media="screen")
        assert len(set(headings)) == len(PAGES)
        assert len(grounds) == 2


def test_the_form_is_used_with_the_keyboard_alone(page: Page, held: threading.Event) -> None:
    page.goto("/")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    page.get_by_label("Text", exact=True).focus()
    page.keyboard.press("ArrowRight")
    assert page.locator("label[for=file]").is_visible()
    page.keyboard.press("ArrowLeft")
    page.keyboard.press("Tab")
    page.keyboard.type("The bridge is long.")
    for _ in ("about the article", "which sources count", "the button"):
        page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.wait_for_url("**/checks/*")


def test_without_javascript_a_page_says_what_to_do(browser: Browser, address: str) -> None:
    with visiting(browser, address, java_script_enabled=False) as page:
        page.goto("/")
        assert "These pages need JavaScript." in page.inner_text("body")
