"""In what a request differs from the closest one of a cassette, for people, in a few words."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from difflib import SequenceMatcher
from itertools import islice
from typing import Any

_SHOWN = 2
"""Differences that are told of a request."""
_WIDTH = 60
"""Characters of a line that are shown around where it differs."""
_NONE = object()


def closest(body: Any, recorded: Sequence[Any]) -> Any:
    """The recorded body that shares most of its lines with this one; None where there is none."""
    own = set(_lines(body))

    def shared(other: Any) -> float:
        lines = set(_lines(other))
        return len(own & lines) / max(len(own | lines), 1)

    return max(recorded, key=shared, default=None)


def difference(recorded: Any, now: Any) -> str:
    """Where two JSON values differ: at most `_SHOWN` places, texts by their first other line."""
    found = list(_differences(recorded, now, ""))
    told = "; ".join(islice(found, _SHOWN))
    more = len(found) - _SHOWN
    return f"{told}; {more} more" if more > 0 else told


def _differences(recorded: Any, now: Any, place: str) -> Iterator[str]:
    if isinstance(recorded, dict) and isinstance(now, dict):
        # The texts before all else: with another prompt mostly more is different.
        for name in sorted(recorded | now, key=lambda n: (n != "messages", n)):
            where = f"{place}.{name}" if place else name
            yield from _differences(recorded.get(name, _NONE), now.get(name, _NONE), where)
    elif isinstance(recorded, list) and isinstance(now, list):
        one = "message" if place == "messages" else place
        for number in range(max(len(recorded), len(now))):
            was, is_ = (s[number] if number < len(s) else _NONE for s in (recorded, now))
            yield from _differences(was, is_, f"{one} {number + 1}")
    elif isinstance(recorded, str) and isinstance(now, str):
        if recorded != now:
            yield f"{place}{_lines_apart(recorded, now)}"
    elif recorded != now or type(recorded) is not type(now):
        yield f"{place}: recorded {_shown(recorded)}, now {_shown(now)}"


def _lines_apart(recorded: str, now: str) -> str:
    old, new = recorded.split("\n"), now.split("\n")
    for tag, a, b, c, d in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if tag == "equal":
            continue
        was, is_ = "\n".join(old[a:b]), "\n".join(new[c:d])
        start = next(
            (i for i, pair in enumerate(zip(was, is_, strict=False)) if pair[0] != pair[1]),
            min(len(was), len(is_)),
        )
        lines = f", line {a + 1}" if b - a <= 1 else f", lines {a + 1} to {b}"
        if len(old) == len(new) == 1:
            lines = ""
        return f"{lines}: recorded {_excerpt(was, start)}, now {_excerpt(is_, start)}"
    return ": other line ends"


def _excerpt(text: str, place: int) -> str:
    if not text:
        return "nothing"
    start = max(0, place - _WIDTH // 3)
    end = start + _WIDTH
    shown = " ".join(text[start:end].split())
    return f"“{'…' if start else ''}{shown}{'…' if end < len(text) else ''}”"


def _shown(value: Any) -> str:
    if value is _NONE:
        return "nothing"
    text = json.dumps(value, ensure_ascii=False, sort_keys=True, default=str)
    return text if len(text) <= _WIDTH else text[: _WIDTH - 1] + "…"


def _lines(value: Any) -> Iterator[str]:
    """All texts of a JSON value, line by line, and its other leaves with their names."""
    if isinstance(value, str):
        yield from value.split("\n")
    elif isinstance(value, list):
        for child in value:
            yield from _lines(child)
    elif isinstance(value, dict):
        for name, child in value.items():
            if isinstance(child, str | list | dict):
                yield from _lines(child)
            else:
                yield f"{name}={child}"
