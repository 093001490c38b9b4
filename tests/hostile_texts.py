"""Strings that try to become part of a page, through every field of a report.

`python -m tests.hostile_texts FILE` tries a collection: a text file with one a line, or JSON Lines
with a `text` each. It prints what is found and ends with 1 if anything is. The tests do the same
with the strings of `tests.browsing`.
"""

from __future__ import annotations

import json
import re
import sys
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from agent.report import render
from agent.report.wording import showable
from agent.types import CheckedClaim, Report
from tests.browsing import ARGUMENTS, CHROMIUM, PageVisit
from tests.sample_report import report_with

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

CONTROL = "plain"
_TOGETHER = 600
"""Strings that are opened in one page."""
_SGR = re.compile(r"\x1b\[[0-9;]*m")
CONTROL_CHARACTER = re.compile(
    r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]"
)

# Every element with all of its attributes, as a browser reads the page. What a text may rightly
# change is taken out, and looked at by itself: the article's paragraphs, whether a text is an
# address (then it is a link) or a language, and which words of a quotation differ.
OUTLINE = """
(html) => {
  const page = new DOMParser().parseFromString(html, "text/html");
  const faults = [];
  const within = (root, tags, names) => {
    for (const e of root.querySelectorAll("*")) {
      if (!tags.includes(e.tagName)) faults.push(`<${e.tagName}> in ${root.className}`);
      for (const a of e.attributes) if (!names.includes(a.name)) faults.push(`${a.name}=`);
    }
  };
  for (const link of page.querySelectorAll("a")) {
    if (!/^(#|https?:\\/\\/)/i.test(link.getAttribute("href"))) faults.push(`href ${link.href}`);
  }
  const article = page.getElementById("article");
  const text = article.textContent;
  within(article, ["P", "A", "SPAN"],
    "dir class href data-claims data-excluded aria-describedby aria-hidden tabindex id".split(" "));
  article.removeAttribute("lang");
  article.replaceChildren();
  for (const place of page.querySelectorAll(".source-title, .byline")) {
    within(place, ["A", "BDI", "SPAN"], "href rel target class".split(" "));
    place.replaceChildren();
  }
  for (const version of page.querySelectorAll(".version")) {
    within(version, ["SPAN", "Q", "EM"], ["class"]);
    version.remove();
  }
  for (const words of page.querySelectorAll("mark")) {
    within(words, ["EM"], ["class"]);
    words.replaceChildren();
  }
  JSON.parse(page.getElementById("forms").textContent);
  const outline = [...page.querySelectorAll("*")].map(
    (e) => [e.tagName, ...[...e.attributes].map((a) => `${a.name}=${a.value}`)].join(" "));
  return [outline, text, faults];
}
"""


class Trial:
    """Holds the renderings of a report that is full of one string to those of a plain one."""

    def __init__(self, page: Page) -> None:
        self._page = page
        self._outline, _, _ = self._read(report_with(CONTROL))
        self._reviews = [_shape(review) for review in _reviews(report_with(CONTROL))]

    def faults(self, text: str) -> Iterator[str]:
        """What the string did to the page, the terminal's rendering and the JSON-LD."""
        report = report_with(text)
        outline, shown, found = self._read(report)
        yield from found
        if outline != self._outline:
            other = next((b for a, b in zip(self._outline, outline, strict=False) if a != b), "")
            yield f"another DOM: {other[:200]}"
        if shown != showable(report.article.text):
            yield "the article is not shown as it is"
        for color in (False, True):
            summary = render(report, "terminal", color=color)
            if CONTROL_CHARACTER.search(_SGR.sub("", summary) if color else summary):
                yield "a control character in the terminal's summary"
        written = render(report, "claimreview")
        if re.search(r"[<>&\u2028\u2029]", written):
            yield "JSON-LD that could end its element"
        if [_shape(review) for review in _reviews(report)] != self._reviews:
            yield "JSON-LD of another shape"

    def _read(self, report: Report) -> tuple[list[str], str, list[str]]:
        outline, text, faults = self._page.evaluate(OUTLINE, _unicode(render(report, "html")))
        return outline, text, faults


def visit_all(browser: Browser, folder: Path, texts: Sequence[str]) -> list[str]:
    """Opens one page that holds all of the strings and works its keys; what it complained of."""
    with PageVisit(browser, folder, render(report_of(texts), "html")) as visit:
        for key in ("j", "j", "k", "Enter", "Escape", "j"):
            visit.page.keyboard.press(key)
        visit.page.locator("#panel a").first.focus()
        visit.page.locator("#panel blockquote").first.hover()
        try:
            visit.assert_quiet()
        except AssertionError as error:
            return [*visit.complaints, *visit.requests[1:], str(error)[:500]]
    return []


def report_of(texts: Sequence[str]) -> Report:
    """A report with a claim for each string, which stands in every field of the claim."""
    base = report_with("seed")
    like = base.claims[0]
    claims: list[CheckedClaim] = []
    position = 0
    for number, text in enumerate(texts):
        named = dict.fromkeys(("title", "publisher", "url", "published_at", "note"), text)
        where = {"quote": text, "context": text, "context_start": 0, "start": 0, "end": len(text)}
        own = {"source_id": f"s{number}", "origin": f"s{number}"}
        item = like.evidence[number % 2].model_copy(update=named | where | own)
        said = dict.fromkeys(("text", "quote", "explanation", "speaker"), text)
        lists = {"context_added": [text], "unclear": [text], "linked": [], "also_at": []}
        place = {"id": f"c{number}", "start": position, "end": position + len(text)}
        claims.append(like.model_copy(update=said | lists | place | {"evidence": [item]}))
        position += len(text) + 2
    article = base.article.model_copy(update={"text": "\n\n".join(texts), "warnings": []})
    return base.model_copy(update={"claims": claims, "article": article, "excluded": []})


def _reviews(report: Report) -> list[Any]:
    reviews: list[Any] = json.loads(render(report, "claimreview"))
    return reviews


def _shape(value: Any) -> Any:
    """JSON without its texts, and without addresses: only what is one becomes a link."""
    if isinstance(value, dict):
        return {name: _shape(item) for name, item in value.items() if name != "url"}
    if isinstance(value, list):
        return [_shape(item) for item in value]
    return None if isinstance(value, str) else value


def _unicode(text: str) -> str:
    """`text` as a file holds it; the browser's protocol has no lone surrogates either."""
    return text.encode("utf-8", "replace").decode()


def read(path: Path) -> list[str]:
    """The strings of a collection."""
    lines = [line for line in path.read_text("utf-8").split("\n") if line.strip()]
    return [json.loads(line)["text"] for line in lines] if path.suffix == ".jsonl" else lines


def main(path: str) -> int:
    """Tries all strings of a file."""
    from playwright.sync_api import sync_playwright

    texts = read(Path(path))
    found = 0
    with sync_playwright() as playwright, tempfile.TemporaryDirectory() as folder:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=list(ARGUMENTS))
        trial = Trial(browser.new_page())
        for number, text in enumerate(texts):
            for fault in trial.faults(text):
                found += 1
                print(f"{number}: {fault}\n    {text[:200]!r}")
        for start in range(0, len(texts), _TOGETHER):
            for fault in visit_all(browser, Path(folder), texts[start : start + _TOGETHER]):
                found += 1
                print(f"{start}..: {fault}")
        browser.close()
    print(f"{len(texts)} strings, {found} faults")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
