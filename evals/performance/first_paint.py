"""How soon a report can be read.

    python -m evals.performance.first_paint [REPORT.json] [--claims N]

Serves the report's page on loopback, opens it in headless Chromium, each time in a new context
(nothing cached), and prints medians and worst: first contentful paint, end of the page's script,
and the time from a key to a claim's evidence in the panel. `--claims` repeats the report's text
with its claims until there are that many.
"""

from __future__ import annotations

import http.server
import json
import os
import shutil
import statistics
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer

from agent.report import render
from agent.types import CheckedClaim, Report, Summary

_MEASURED = """
() => new Promise((done) => new PerformanceObserver((list, observer) => {
  const paint = list.getEntriesByName("first-contentful-paint")[0];
  if (!paint) return;
  observer.disconnect();
  const page = performance.getEntriesByType("navigation")[0];
  const began = performance.now();
  document.dispatchEvent(new KeyboardEvent("keydown", { key: "j", bubbles: true }));
  requestAnimationFrame(() => setTimeout(() => done(
    [paint.startTime, page.domContentLoadedEventEnd, performance.now() - began])));
}).observe({ type: "paint", buffered: true }))
"""


def repeated(report: Report, claims: int) -> Report:
    """The report with its text and claims over and over, until it has `claims` of them."""
    text, parts, made, times = report.article.text, [], list[CheckedClaim](), 0
    while len(made) < claims:
        shift = times * (len(text) + 2)
        for claim in report.claims[: claims - len(made)]:
            place = {"start": claim.start + shift, "end": claim.end + shift}
            own = {"id": f"c{len(made) + 1}", "also_at": [], "linked": []}
            made.append(claim.model_copy(update=place | own))
        parts.append(text)
        times += 1
    article = report.article.model_copy(update={"text": "\n\n".join(parts), "warnings": []})
    counts: Counter[str] = Counter(claim.verdict or "failed" for claim in made)
    summary = Summary.model_validate({name: counts[name] for name in Summary.model_fields})
    parted = {"article": article, "claims": made, "summary": summary, "excluded": []}
    return report.model_copy(update=parted)


@contextmanager
def served(page: bytes) -> Iterator[str]:
    """The page's address on loopback."""

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("Content-Type", "text/html; charset=utf-8")
            self.send_header("Content-Length", str(len(page)))
            self.end_headers()
            self.wfile.write(page)

        def log_message(self, *_: object) -> None:
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/"
    finally:
        server.shutdown()
        server.server_close()


def measured(page: bytes, times: int) -> dict[str, list[float]]:
    """Milliseconds of each visit."""
    from playwright.sync_api import sync_playwright

    found: dict[str, list[float]] = {"first paint": [], "script done": [], "claim opened": []}
    chromium = os.environ.get("CHROMIUM") or shutil.which("chromium")
    with served(page) as address, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium)
        for _ in range(times):
            context = browser.new_context(viewport={"width": 1280, "height": 900})
            visit = context.new_page()
            visit.goto(address)
            for name, value in zip(found, visit.evaluate(_MEASURED), strict=True):
                found[name].append(value)
            context.close()
        browser.close()
    return found


def main(
    report: Annotated[Path, typer.Argument(help="A report as JSON.", exists=True)],
    claims: Annotated[int, typer.Option(min=0, help="Repeat it to so many; 0: as it is.")] = 0,
    times: Annotated[int, typer.Option(min=1, help="Visits.")] = 10,
) -> None:
    """Measures how soon a report's page can be read."""
    read = Report.model_validate(json.loads(report.read_text("utf-8")))
    page = render(repeated(read, claims) if claims else read, "html").encode()
    print(f"{claims or len(read.claims)} claims, {len(page) / 1e6:.2f} MB, {times} visits")
    for name, values in measured(page, times).items():
        print(f"{name:>12}: median {statistics.median(values):.0f} ms, worst {max(values):.0f} ms")


if __name__ == "__main__":
    typer.run(main)
