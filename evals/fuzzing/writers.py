"""Targets that write: a report full of one text, in each of its formats."""

from __future__ import annotations

import json
import re
from functools import cache
from html.parser import HTMLParser
from typing import Any

from agent.report import render
from agent.types import Report
from evals.fuzzing.seeds import texts_of
from evals.fuzzing.target import require

_CONTROL = re.compile(r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]")
_LONGEST = 200
"""Characters: a report has its text in some hundred places."""
_LINK = re.compile(r"#|https?://", re.I)


class _Outline(HTMLParser):
    """Elements and attributes of a page, and where its links lead."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.names: set[str] = set()
        self.scripts = 0
        self.links: list[str] = []
        self.feed(page)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.names |= {tag, *(f"{tag} {name}" for name, _ in attrs)}
        self.scripts += tag in ("script", "style")
        self.links += [value or "" for name, value in attrs if (tag, name) == ("a", "href")]


def _report(text: str) -> Report:
    # The report of the tests has every kind of field; it is no part of what ships.
    from tests.sample_report import report_with

    return report_with(text)


def _text(data: bytes) -> str:
    return texts_of(data)[:_LONGEST] or "plain"


@cache
def _usual() -> _Outline:
    """What a page may hold, from texts that are all a page can say: words and an address."""
    usual = _Outline(render(_report("plain"), "html"))
    for text in ("https://canal.example/w", "2026-05-04", "a\n\nb c", "en"):
        usual.names |= _Outline(render(_report(text), "html")).names
    return usual


def page(data: bytes) -> None:
    """A text never becomes an element, an attribute, a script or a link of its own kind."""
    written = render(_report(_text(data)), "html")
    require(not re.search(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]", written), "a control character")
    found = _Outline(written)
    require(found.names <= _usual().names, f"unknown markup {found.names - _usual().names}")
    require(found.scripts == _usual().scripts, "another script or style")
    require(all(_LINK.match(link) for link in found.links), "a link that is none of the web's")


def summary(data: bytes) -> None:
    """Nothing moves the cursor of a terminal; no markup of a text is markup in Markdown."""
    report = _report(_text(data))
    require(not _CONTROL.search(render(report, "terminal")), "a control character in a terminal")
    markdown = render(report, "markdown")
    require(not _CONTROL.search(markdown), "a control character in Markdown")
    require(not re.search(r"(?<!\\)<(?!https?://)", markdown), "a raw < in Markdown")


def review(data: bytes) -> None:
    """JSON-LD parses, keeps its shape and cannot end the element that it is pasted into."""
    written = render(_report(_text(data)), "claimreview")
    require(not re.search(r"[<>&\u2028\u2029]", written), "JSON-LD that could end its element")
    require(_shape(json.loads(written)) == _reviews(), "JSON-LD of another shape")


def record(data: bytes) -> None:
    """The record is JSON and UTF-8, and is read again as it was, lone surrogates aside."""
    written = render(_report(_text(data)), "json")
    again = Report.model_validate_json(written.encode())
    require(render(again, "json") == written, "a record that is read again is another one")


@cache
def _reviews() -> Any:
    return _shape(json.loads(render(_report("plain"), "claimreview")))


def _shape(value: Any) -> Any:
    """JSON without its texts, and without addresses: only what is one becomes a link."""
    if isinstance(value, dict):
        return {name: _shape(item) for name, item in value.items() if name != "url"}
    if isinstance(value, list):
        return [_shape(item) for item in value]
    return None if isinstance(value, str) else value
