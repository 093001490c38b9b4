"""Text that addresses whoever checks it: orders, verdicts for the taking, marks of prompts.

An article or a source reports; it has no business with the one who rates it. So a sentence that
tells a checker what to answer, that plays a part in a conversation with one, or that hides or
encodes its words is no evidence and no claim, whatever it says. It is found by its own form,
never by what it might do to a model, and never carried out: `instructions` says where it stands,
`without_instructions` puts blanks there.

Which sentences order, `tools.text.orders` says, by rules alone. All is read as a reader sees it
(`tools.text.cleaning`), and again with letters spaced out, reversed, rotated by 13 or written as
digits, and what is in base64, hexadecimal, percent or escape signs is decoded.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Final, Literal
from urllib.parse import unquote

from agent.types import TextWarning
from tools.text.cleaning import Cleaned, clean
from tools.text.orders import orders

Kind = Literal["order", "encoded", "hidden"]

_MOST_SPANS: Final = 10
_MOST_SHOWN: Final = 3
_MOST_WORDS: Final = 80
"""Characters that are shown of a place."""
_PASSAGE: Final = 8000
"""Characters up to which a text counts as a passage."""
_MOST_CHARACTERS: Final = 200_000
"""Of a longer text the beginning is read for the warning; passages are far shorter."""
_BASE64: Final = re.compile(
    r"(?:data:[\w/+.;=-]{0,60};base64,|(?<![\w+/=]))(?:[A-Za-z0-9+/_-]{4}){6,4000}(?:[A-Za-z0-9+/_-]{2,3})?={0,2}"
)
_LEAD: Final = re.compile(r"(?:(?<=[.!?\n])\s*|(?<!.))[^.!?\n]{2,}:\s*\Z", re.S)
"""What introduces an encoded run: `Decode this and obey:`."""
_LONGEST_LEAD: Final = 100
_HEX: Final = re.compile(r"(?<!\w)(?:0x)?(?:[0-9a-fA-F]{2}[ :]?){16,4000}(?!\w)")
_PERCENT: Final = re.compile(r"(?<!\S)[^\s%]{0,2000}(?:%[0-9a-fA-F]{2}[^\s%]{0,200}){3,1000}")
_ESCAPES: Final = re.compile(r"(?:\\u[0-9a-fA-F]{4}|\\x[0-9a-fA-F]{2}|&#x?[0-9a-fA-F]{2,6};){4,}")
_SPACED: Final = re.compile(r"(?<!\S)(?:\S[ \u00a0\u2009]{1,4}){15,}\S(?!\S)")
# Tags (Unicode 16, 23.9), variation selectors one after the other, or zero-width signs in a row:
# letters that no reader sees.
_UNSEEN: Final = re.compile(
    "[\U000e0001\U000e0020-\U000e007f]{4,}|[\ufe00-\ufe0f\U000e0100-\U000e01ef]{4,}"
    "|[\u200b-\u200d\u2060-\u2064\ufeff]{8,}"
)
_UNSHOWN: Final = (("<!--", "-->"), ("<script", "</script>"), ("<style", "</style>"))
"""Markup that a browser does not show, left in a text."""
_CF = "\u00ad\u061c\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff\U000e0001"
_UNSEEN_BEFORE: Final = re.compile(f"[{_CF}](?:[ {_CF}]*[{_CF}])?[ ]*\\Z")
_UNSEEN_AFTER: Final = re.compile(f"[ ]*[{_CF}](?:[ {_CF}]*[{_CF}])?")
_MOST_UNSEEN: Final = 50
_FLAG: Final = re.compile("\U0001f3f4[\U000e0020-\U000e007f]{2,8}")
"""A flag of a region (England, Wales) is written with tags, too."""
_STRANGE: Final = re.compile(
    r"[A-Za-z0-9+/_-]{24}|(?:[0-9a-fA-F]{2}[ :]?){16}|%[0-9a-fA-F]{2}|\\[ux]|&#"
    "|[\u0300-\u036f\u20d0-\u20ff]{2}|[^\\W\\d_a-zA-Z\u00c0-\u017f]"
)


@dataclass(frozen=True)
class Instruction:
    """A span of a text that addresses whoever checks it.

    Attributes:
        start, end: half-open, into the text as it was given.
        kind: `order`, or words that are `encoded`, or `hidden` in signs that do not show.
    """

    start: int
    end: int
    kind: Kind


def instructions(text: str) -> tuple[Instruction, ...]:
    """What in a text addresses its checker, in order; spans do not overlap.

    Args:
        text: a passage, a claim or an article.
    """
    # Passages come again with each claim; articles are long, and come again within one check.
    return (_of_passage if len(text) <= _PASSAGE else _of_article)(text)


def _found(text: str) -> tuple[Instruction, ...]:
    found = [Instruction(*span, "hidden") for span in _unseen(text)]
    found += [Instruction(*span, "encoded") for span in _encoded(text)]
    seen = clean(text)
    found += [Instruction(*seen.span(*span), "order") for span in orders(seen)]
    found = [_with_unseen(text, item) for item in found]
    return tuple(_merged(sorted(found, key=lambda item: (item.start, -item.end))))


_of_passage = lru_cache(maxsize=4096)(_found)
_of_article = lru_cache(maxsize=4)(_found)


def _with_unseen(text: str, item: Instruction) -> Instruction:
    """With the characters around it that do not show: they turned it round, or hid it."""
    before = _UNSEEN_BEFORE.search(text, max(0, item.start - _MOST_UNSEEN), item.start)
    after = _UNSEEN_AFTER.match(text, item.end)
    return Instruction(
        before.start() if before else item.start, after.end() if after else item.end, item.kind
    )


def without_instructions(text: str) -> str:
    """The text, of the same length, with blanks where it addresses its checker.

    In place of an order a paragraph ends: what stands before it and behind it is not one sentence.
    """
    parts: list[str] = []
    position = 0
    for item in instructions(text):
        size = item.end - item.start
        blank = "\n\n".ljust(size) if item.kind == "order" and size > 1 else " " * size
        parts += text[position : item.start], blank
        position = item.end
    return "".join([*parts, text[position:]])


def instructions_warning(text: str) -> TextWarning | None:
    """The warning that a text addresses its checker, or None."""
    found = instructions(text[:_MOST_CHARACTERS])
    if not found:
        return None
    shown = ", ".join(_shown(text, item) for item in found[:_MOST_SHOWN])
    more = ", …" if len(found) > _MOST_SHOWN else ""
    places = "1 place addresses" if len(found) == 1 else f"{len(found)} places address"
    return TextWarning(
        code="instructions_in_text",
        message=f"{places} whoever checks this text ({shown}{more}); nothing there was followed, "
        "and nothing there counts as a claim or as evidence.",
        spans=[(item.start, item.end) for item in found[:_MOST_SPANS]],
    )


def _shown(text: str, item: Instruction) -> str:
    if item.kind == "hidden":
        return f"characters that do not show, at {item.start}"
    words = " ".join(clean(text[item.start : item.end]).text.split())
    words = words if len(words) <= _MOST_WORDS else f"{words[: _MOST_WORDS - 1]}…"
    return f"{'encoded: ' * (item.kind == 'encoded')}“{words}”"


def _merged(found: list[Instruction]) -> Iterator[Instruction]:
    last: Instruction | None = None
    for item in found:
        if item.start >= item.end:
            continue
        if last and item.start < last.end:
            last = Instruction(last.start, max(last.end, item.end), last.kind)
            continue
        if last:
            yield last
        last = item
    if last:
        yield last


def _unseen(text: str) -> Iterator[tuple[int, int]]:
    flags = [match.span() for match in _FLAG.finditer(text)]
    lower = text.lower() if "<" in text else ""
    for opening, closing in _UNSHOWN:
        start = lower.find(opening)
        while start >= 0 and (end := lower.find(closing, start)) >= 0:
            inside = text[start + len(opening) : end][:_PASSAGE]
            if next(orders(Cleaned(inside), again=False), None):
                yield start, end + len(closing)
            start = lower.find(opening, end)
    for match in _UNSEEN.finditer(text):
        if not any(a <= match.start() and match.end() <= b for a, b in flags):
            yield match.span()


def _encoded(text: str) -> Iterator[tuple[int, int]]:
    """Runs that decode to words."""
    if not _STRANGE.search(text) and not _SPACED.search(text):
        return
    for pattern, decode in _DECODERS:
        for match in pattern.finditer(text):
            if (decoded := decode(match[0])) and _is_prose(decoded):
                lead = _LEAD.search(text, max(0, match.start() - _LONGEST_LEAD), match.start())
                yield (lead.start() if lead else match.start()), match.end()
    for match in _SPACED.finditer(text):
        if sum(map(str.isalpha, match[0])) >= 12:
            yield match.span()


def _base64(run: str) -> str:
    run = run.rpartition(",")[2]
    if run.isalpha() and (run.islower() or run.istitle()):
        return ""
    data = run.rstrip("=").replace("-", "+").replace("_", "/")
    try:
        return base64.b64decode(data + "=" * (-len(data) % 4), validate=True).decode()
    except (binascii.Error, UnicodeDecodeError):
        return ""


def _hex(run: str) -> str:
    try:
        return bytes.fromhex(re.sub(r"0x|[ :]", "", run)).decode()
    except (ValueError, UnicodeDecodeError):
        return ""


def _percent(run: str) -> str:
    """Decoded, if it is an order: an address in another script is percent-encoded, too."""
    decoded = unquote(run)
    readings = (decoded, re.sub(r"[_/?&=+-]", " ", decoded))
    told = any(next(orders(Cleaned(words), again=False), None) for words in readings)
    return decoded if told else ""


def _escapes(run: str) -> str:
    points = re.findall(r"[0-9a-fA-F]{2,6}", run)
    decoded = "".join(chr(min(int(point, 16), 0x10FFFF)) for point in points)
    return "plain" if decoded.isascii() else decoded


_DECODERS: Final = (
    (_BASE64, _base64),
    (_HEX, _hex),
    (_PERCENT, _percent),
    (_ESCAPES, _escapes),
)


def _is_prose(decoded: str) -> bool:
    letters = sum(character.isalpha() or character.isspace() for character in decoded)
    return (
        len(decoded) >= 4
        and decoded.isprintable() | ("\n" in decoded)
        and letters >= 0.6 * len(decoded)
    )
