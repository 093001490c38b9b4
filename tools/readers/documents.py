"""What every reader gives and keeps to: parsed texts, refusals, limits, the stored form of text.

Nothing here needs more than the standard library, because the process that reads hostile
files imports it at each start.
"""

from __future__ import annotations

import re
import unicodedata
from pathlib import Path
from typing import NamedTuple

from tools.readers.metadata import Metadata, one_line

MAX_BYTES = 20 * 1024 * 1024
"""Largest text, Markdown, HTML, mail or feed."""
MAX_BINARY_BYTES = 100 * 1024 * 1024
"""Largest file of a kind that holds pictures (PDF, DOCX, EPUB) or many texts (tables, WARC)."""
MAX_CHARS = 2_000_000
"""Longest text after reading: a thousand pages."""
READABLE = (
    "Give text, Markdown, HTML, PDF, DOCX, EPUB, e-mail (.eml), JSON Lines, CSV, an RSS or Atom "
    "feed, or WARC"
)

_TITLE_LENGTH = 120
_LINE_END = re.compile("\r\n|[\r\x0b\x0c\x1c-\x1e\x85\u2028]")
_CONTROL = re.compile("[\x00-\x08\x0e-\x1f\x7f-\x9f]")
_SURROGATE = re.compile("[\ud800-\udfff]")
# Unicode's stream-safe format (UAX #15) allows 30 marks on one letter; normalising sorts
# them, which takes quadratic time.
_MAX_MARKS = 30
_MARKS = re.compile(rf"[^\w\s\x00-\x7f]{{{_MAX_MARKS + 1},}}")
_BLANK_LINES = re.compile(r"\n[ \t]*(?:\n[ \t]*){2,}")


class Parsed(NamedTuple):
    """One text of a file, not normalised yet."""

    text: str
    metadata: Metadata
    reader: str
    """Which reader read it: `html`, `pdf`; `mail/pdf` for what another file carried."""
    part: str = ""
    """Which part of the file it is, e.g. `line 3`; empty where the file is the text."""
    incomplete: str = ""
    """Why it is less than its author wrote, one sentence; empty where it is whole."""


class Carried(NamedTuple):
    """A file inside another: an attachment, a page of a web archive."""

    data: bytes
    name: str
    """For its kind, e.g. `report.pdf`."""
    part: str
    known: Metadata
    """What the outer file says about it, for what it does not say itself."""


class Refused(NamedTuple):
    """A file, or a part of one, that gives no text, and why."""

    name: str
    what: str
    todo: str = ""
    minor: bool = False
    """Nobody expects a text of it: a picture in a mail, style sheets in an archive."""

    def __str__(self) -> str:
        return f"{self.what}. {self.todo}".strip() if self.todo else self.what


def printable(value: Path | str) -> str:
    """A name as it may be shown: nothing in it can steer a terminal or turn a line round."""
    text = str(value)[:300].encode("utf-8", "replace").decode()
    return "".join(c if c.isprintable() else "\N{REPLACEMENT CHARACTER}" for c in text)


def normalise(text: str) -> str:
    """Text as it is stored, which offsets refer to: NFC, `\\n`, no control characters.

    Tabs and no-break spaces stay as they are; three and more empty lines become one; there
    is no white space at either end.
    """
    text = _LINE_END.sub("\n", text.removeprefix("\ufeff")).replace("\u2029", "\n\n")
    text = _SURROGATE.sub("\N{REPLACEMENT CHARACTER}", _CONTROL.sub("", text))
    text = unicodedata.normalize("NFC", _MARKS.sub(_fewer_marks, text))
    return _BLANK_LINES.sub("\n\n", text).strip()


def _fewer_marks(run: re.Match[str]) -> str:
    kept, marks = [], 0
    for character in run[0]:
        marks = marks + 1 if unicodedata.category(character)[0] == "M" else 0
        if marks <= _MAX_MARKS:
            kept.append(character)
    return "".join(kept)


def first_line_title(text: str) -> str | None:
    """The first line where it reads as a title: short, no full stop, and something follows.

    As all metadata: without marks that could turn a line round.
    """
    first, _, rest = text.partition("\n")
    first = first.strip()
    if not rest.strip() or len(first) > _TITLE_LENGTH or first.endswith((".", ",", ";", ":")):
        return None
    return one_line(first)
