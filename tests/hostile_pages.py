"""Strings that try to become part of the service's pages, through every field that they show.

`python -m tests.hostile_pages FILE` tries a collection, as `tests.hostile_texts` reads it, and does
what that does for reports. It prints what is found and ends with 1 if anything is. Nothing but
the pages is asked of the service: what its API would say stands in for it. Of each page the
elements and the names of their attributes are compared with those of harmless texts.
"""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tests.browsing import ARGUMENTS, CHROMIUM
from tests.fake_embedder import WordEmbedder
from tests.hostile_texts import read
from tests.serving import complaints_of, serving

if TYPE_CHECKING:
    from playwright.sync_api import Page, Route

SHOWN = {
    "/sources": "#list .row",
    "/sources?id=s-0&at=0-1": "mark",
    "/": "#checks .row",
    "/chat?id=d-0": "#turns .answer",
}
"""The pages, each with what shows that the texts stand there."""
_HARMLESS = ("harmless", "https://harmless.example/")
"""A text, and one that is an address, which may be a link."""
_TOGETHER = 50
"""Strings that stand on one page."""
_OUTLINE = """
() => {
  const faults = [];
  for (const link of document.querySelectorAll("a[href]")) {
    if (!/^(https?|blob|data):$/.test(link.protocol)) faults.push(`href ${link.protocol}`);
  }
  if (window.__pwned !== undefined) faults.push("it ran");
  return [faults, [...document.body.querySelectorAll("*")].map(
    (e) => [e.tagName, ...[...e.attributes].map((a) => a.name)].join(" "))];
}
"""


def listed(number: int, **known: Any) -> dict[str, Any]:
    """A source, as a list of them tells of it."""
    source: dict[str, Any] = {
        "id": f"s-{number}", "title": f"Source {number}", "author": None, "publisher": None,
        "url": None, "published_at": None, "language": "en", "passages": 1,
        "origin": f"s-{number}", "origin_reason": None, "copies": 0, "superseded_by": None,
        "tags": [], "warnings": [], "added_at": "2026-03-04T05:06:07+00:00",
    }  # fmt: skip
    return source | known


def answers_with(texts: Sequence[str]) -> dict[str, Any]:
    """What the API would say where every text that it tells of is one of these."""
    whole = "\n\n".join(texts)
    sources = [
        listed(n, title=t, author=t, publisher=t, url=t, published_at=t, tags=[t], warnings=[t])
        for n, t in enumerate(texts)
    ]
    checks = [
        {"id": f"c-{n}", "state": "failed", "title": t, "created_at": t, "finished_at": None,
         "stage": None, "done": 0, "total": 0, "summary": None, "problem": {"detail": t}}
        for n, t in enumerate(texts)
    ]  # fmt: skip
    cited = [
        {"source_id": t, "title": t, "publisher": t, "url": t, "published_at": t, "quote": t,
         "start": 0, "end": 1, "also_in": []}
        for t in texts
    ]  # fmt: skip
    said = [
        {"text": t, "citations": [n], "status": "unsupported"} for n, t in enumerate(texts, start=1)
    ]
    answer = {
        "status": "answered", "text": whole, "method": "model", "model": whole, "sentences": said,
        "citations": cited, "statement": whole, "verdict": "conflicting", "explanation": whole,
        "disagreement": True, "sources_searched": 1,
    }  # fmt: skip
    turn = {"question": whole, "answer": answer}
    names = [{"name": t, "kind": "site", "sources": 1, "reputation": "trusted"} for t in texts]
    kept = [
        {"id": t, "title": t, "created_at": t, "updated_at": t, "turns": 1} for t in texts
    ]  # fmt: skip
    return {
        "**/api/sources?**": {"sources": sources, "total": len(sources)},
        "**/api/sources/s-0": sources[0]
        | {
            "text": whole,
            "cut": [{"id": "s-0:0", "start": 0, "end": 9}],
            "same_origin": sources,
            "appearances": [{"publisher": t, "published_at": t, "url": t} for t in texts],
            "goes_by": names,
        },
        "**/api/publishers?**": {"publishers": names, "total": len(names)},
        "**/api/checks": {"checks": checks},
        "**/api/conversations": {"conversations": kept},
        "**/api/conversations/d-0": {"turns": [turn]},
    }


def fulfil(answer: Any, route: Route) -> None:
    """Answers in place of the API."""
    route.fulfill(json=answer)


def answering(page: Page, texts: Sequence[str]) -> None:
    """Has the API say these texts to a page."""
    page.unroute_all()
    for path, answer in answers_with(texts).items():
        page.route(path, partial(fulfil, answer))


class Trial:
    """Holds pages that are full of strings to those with harmless ones."""

    def __init__(self, page: Page) -> None:
        self._page = page
        self._controls: dict[tuple[int, str], list[str]] = {}

    def faults(self, texts: Sequence[str]) -> Iterator[str]:
        """What strings did to the pages; where several together did anything, each by itself."""
        # The browser's protocol has no lone surrogates.
        whole = [text.encode("utf-8", "replace").decode() for text in texts]
        for start in range(0, len(whole), _TOGETHER):
            some = whole[start : start + _TOGETHER]
            if any(self._told(some)):
                for text in some:
                    yield from (f"{fault}: {text[:200]!r}" for fault in self._told([text]))

    def _told(self, texts: Sequence[str]) -> Iterator[str]:
        found, outline = self._read(texts)
        yield from found
        if all(outline != self._control(len(texts), harmless) for harmless in _HARMLESS):
            yield "another DOM"

    def _control(self, count: int, text: str) -> list[str]:
        if (count, text) not in self._controls:
            self._controls[count, text] = self._read([text] * count)[1]
        return self._controls[count, text]

    def _read(self, texts: Sequence[str]) -> tuple[list[str], list[str]]:
        faults, outline = list[str](), list[str]()
        answering(self._page, texts)
        for path, there in SHOWN.items():
            self._page.goto(path)
            self._page.wait_for_selector(f".row:nth-child({len(texts)})")
            self._page.wait_for_selector(there)
            if self._page.locator("#trust").is_visible():
                self._page.get_by_text("Whom you trust").click()
                self._page.wait_for_selector(f"#publishers .row:nth-child({len(texts)})")
            found, elements = self._page.evaluate(_OUTLINE)
            faults += [f"{path}: {each}" for each in found]
            outline += elements
        return faults, outline


def main(path: str) -> int:
    """Tries all strings of a file."""
    from playwright.sync_api import sync_playwright

    texts = read(Path(path))
    with (
        tempfile.TemporaryDirectory() as folder,
        serving(Path(folder), WordEmbedder()) as address,
        sync_playwright() as playwright,
    ):
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=list(ARGUMENTS))
        page = browser.new_context(base_url=address).new_page()
        complaints = complaints_of(page, address)
        found = [*Trial(page).faults(texts), *complaints]
        browser.close()
    print("\n".join([*found, f"{len(texts)} strings, {len(found)} faults"]))
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
