"""What goes into a bulk check and what comes out: plain data that any process can be sent."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, field

from agent.types import Document, Fault, Report, Usage

_SAID = ("title", "author", "publisher", "url", "published_at")
"""What an article says of itself, and a verdict may depend on beside its text."""


@dataclass(frozen=True)
class Item:
    """One article to be checked.

    Attributes:
        key: SHA-256, in hexadecimal, of the text and of what the article says of itself; the
            same article has the same key wherever it lies.
        name: where it came from, for people: a path, or a path and the number of a text in it.
        document: the article.
    """

    key: str
    name: str
    document: Document


@dataclass(frozen=True)
class Unread:
    """What should have been an article and cannot be read.

    Attributes:
        name: as of an `Item`.
        fault: why; its kind is `input`.
    """

    name: str
    fault: Fault


@dataclass(frozen=True)
class Outcome:
    """How the check of one article ended: with a report or with a fault, never with both.

    Attributes:
        key, name: of the item.
        report: validated; claims that could not be rated are in it as failed.
        fault: why there is no report.
        seconds: on the clock.
        usage: what the language model took, of which a fault leaves no report.
    """

    key: str
    name: str
    report: Report | None = None
    fault: Fault | None = None
    seconds: float = 0.0
    usage: Usage = field(default_factory=Usage)


def item(document: Document, name: str) -> Item:
    """The item of a document that was read from `name`."""
    said = {each: getattr(document, each) for each in _SAID}
    identity = json.dumps([document.text, said], sort_keys=True)
    return Item(hashlib.sha256(identity.encode()).hexdigest(), name, document)
