"""Pages in a real browser, and texts that try to become part of one."""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

CHROMIUM = os.environ.get("CHROMIUM") or next(
    filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None
)
ARGUMENTS = (
    "--headless --no-sandbox --disable-gpu --no-first-run --disable-background-networking "
    "--disable-component-update --disable-sync"
).split()

DROP = """files => {
    const dropped = new DataTransfer();
    for (const [name, text] of files) dropped.items.add(new File([text], name));
    document.getElementById("submit")
        .dispatchEvent(new DragEvent("drop", { dataTransfer: dropped, bubbles: true }));
}"""
"""Drops files, each a name and a text, on the form for articles."""

PWN = "window.__pwned=1"
HOSTILE = (
    f"<script>{PWN}</script>",
    f'"><img src=x onerror="{PWN}">',
    f"'><svg onload={PWN}>",
    f"</script><script>{PWN}</script>",
    f"</style><script>{PWN}</script><style>*{{display:none}}",
    f"</title></textarea><iframe srcdoc='<script>parent.{PWN}</script>'></iframe>",
    f"javascript:{PWN}",
    f'" onmouseover="{PWN}" autofocus onfocus="{PWN}" x="',
    "<!-- --><base href='https://x.example/'><meta http-equiv=refresh content='0;url=//x'>",
    f"{{{{ 7*7 }}}} {{% raw %}} &lt;script&gt;{PWN}&lt;/script&gt;",
    f"\x00<scr\x00ipt>{PWN}</script>\r\u2028\ud800",
    "\u202e<b>reversed</b>\u2066",
    "https://x.example/' onclick='alert(1)",
)


class PageVisit:
    """A page opened from a file, with everything that it complained about or asked for."""

    def __init__(self, browser: Browser, folder: Path, html: str, **options: Any) -> None:
        file = folder / "page.html"
        file.write_text(html, encoding="utf-8")
        self.page: Page = browser.new_page(**options)
        self.complaints: list[str] = []
        self.requests: list[str] = []
        self.page.on("console", lambda message: self.complaints.append(message.text))
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.page.on("dialog", lambda dialog: self.complaints.append(f"dialog {dialog.message}"))
        self.page.on("request", lambda request: self.requests.append(request.url))
        self.page.goto(file.as_uri())
        self.address = file.as_uri()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.page.close()

    def assert_quiet(self) -> None:
        """No violation, error or dialog, nothing loaded, no text of it ran."""
        assert self.complaints == []
        assert [u for u in self.requests if u not in (self.address, "data:,")] == []
        assert self.page.evaluate("window.__pwned") is None
