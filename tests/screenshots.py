"""Pictures of the main screens for the documentation: `python -m tests.screenshots` or
`make screenshots`.

Shows the example that ships with the project, checked by the embedded judge, and writes
`docs/*.png`. `--dark`, `--width` and `--out` give others to look at.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import threading
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from agent.check import FactChecker, Progress
from agent.types import Report
from tests.browsing import ARGUMENTS, CHROMIUM
from tests.serving import serving, visiting
from tools.library import Library
from tools.models.embedder import MiniLMEmbedder
from tools.readers import read_file, source_files

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

ROOT = Path(__file__).parents[1]
EXAMPLE = ROOT / "evals" / "example"
ARTICLES = [EXAMPLE / "articles" / name for name in ("skarra-line.md", "harbour-line.md")]
QUESTIONS = (
    "Is it true that the motion was carried by 31 votes to 18?",
    "How much will the tram extension cost?",
)
_SHOWN = 7
"""Claims that are rated in the picture of a check under way."""


class Photographer:
    """Takes the pictures of one service, each in a fresh page.

    Args:
        browser: Chromium.
        address: of the service.
        out: folder for the pictures; made where there is none.
        options: of each page: its width, its colour scheme.
    """

    def __init__(self, browser: Browser, address: str, out: Path, options: dict[str, Any]) -> None:
        self._browser = browser
        self._address = address
        self._out = out
        self._options = options
        out.mkdir(parents=True, exist_ok=True)

    def take(self, name: str, height: int, pose: Callable[[Page], object]) -> None:
        """Writes `name`.png once `pose` has brought a page to what is to be seen."""
        viewport = {"width": self._options["width"], "height": height}
        scheme = self._options["scheme"]
        with visiting(
            self._browser,
            self._address,
            viewport=viewport,
            color_scheme=scheme,
            reduced_motion="reduce",
        ) as page:
            page.set_default_timeout(60_000)
            pose(page)
            page.evaluate("document.activeElement.blur()")
            file = self._out / f"{name}.png"
            page.screenshot(path=file)
        print(f"{file}  {file.stat().st_size // 1000} kB")


def submit(page: Page, article: Path) -> None:
    page.goto("/")
    page.get_by_label("File", exact=True).check()
    page.locator("#file").set_input_files(article)
    page.get_by_role("button", name="Check", exact=True).click()


def first_conflict(page: Page) -> None:
    """The report of the last article, at its first conflict."""
    submit(page, ARTICLES[-1])
    page.wait_for_url("**/report")
    page.locator("a.claim.conflicting").first.click()
    page.mouse.move(0, 0)
    page.evaluate("scrollTo(0, 0)")


def under_way(page: Page) -> None:
    submit(page, ARTICLES[-1])
    page.wait_for_selector(f"#claims .row:nth-child({_SHOWN})")


def home(page: Page) -> None:
    page.goto("/")
    page.wait_for_selector("#checks .row")


def sources(page: Page) -> None:
    page.goto("/sources")
    page.wait_for_selector("#list .row")
    page.locator(".copies summary").first.click()


def chat(page: Page) -> None:
    page.goto("/chat")
    for number, question in enumerate(QUESTIONS, start=1):
        page.get_by_label("Question").fill(question)
        page.get_by_role("button", name="Ask").click()
        page.wait_for_selector(f"#turns li:nth-child({number}) .made")
        page.wait_for_url("**/chat?id=*")
    page.wait_for_selector("#kept .row")
    page.evaluate("scrollTo(0, 0)")


def hold(release: threading.Event) -> None:
    """Lets checks pause after some claims until the event is set."""
    whole = FactChecker.acheck

    async def acheck(self: FactChecker, *args: Any, **known: Any) -> Report:
        tell = known.pop("on_progress")

        def watch(progress: Progress) -> None:
            tell(progress)
            while progress.stage == "rate" and progress.done == _SHOWN and not release.wait(0.05):
                tell(Progress("rate", progress.done, progress.total))

        return await whole(self, *args, on_progress=watch, **known)

    FactChecker.acheck = acheck  # type: ignore[method-assign]


def main() -> int:
    """Writes the pictures; 2 where there is no browser."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, default=ROOT / "docs")
    parser.add_argument("--width", type=int, default=1200)
    parser.add_argument("--dark", action="store_true")
    given = parser.parse_args()
    if CHROMIUM is None:
        print("No Chromium: install it, or set CHROMIUM to its path.", file=sys.stderr)
        return 2
    from playwright.sync_api import sync_playwright

    options = {"width": given.width, "scheme": "dark" if given.dark else "light"}
    release = threading.Event()
    release.set()
    hold(release)
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        library = Path(folder) / "library"
        with Library.open(library, MiniLMEmbedder(), create=True) as opened:
            for path in source_files([EXAMPLE / "sources"]).files:
                opened.add(read_file(path), path=path.name)
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        with serving(library) as address:
            camera = Photographer(browser, address, given.out, options)
            with visiting(browser, address) as page:
                submit(page, ARTICLES[0])
                page.wait_for_url("**/report", timeout=60_000)
            camera.take("report", 1250, first_conflict)
            release.clear()
            try:
                camera.take("progress", 800, under_way)
                camera.take("home", 1000, home)
            finally:
                release.set()
            camera.take("sources", 1000, sources)
            camera.take("chat", 1360, chat)
        browser.close()
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
