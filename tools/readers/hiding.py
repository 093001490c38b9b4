"""What a page's style keeps from being seen: told from style attributes and simple rules.

Only what an element's own style says for certain, or a rule of the page's own style sheets for a
class or an id: no cascade, no sizes of boxes, no style sheets of other files. White text on a white
page is told only where the element names both colours.
"""

from __future__ import annotations

import re
from typing import Final, NamedTuple

_NOTHING: Final = re.compile(
    r"(?:^|[;{\s])(?:display\s*:\s*none|visibility\s*:\s*(?:hidden|collapse)"
    r"|opacity\s*:\s*(?:0?\.0\d*|0)(?![.\d])|color\s*:\s*transparent"
    r"|font-size\s*:\s*(?:0|0?\.\d+|1(?:\.\d+)?(?=px|pt))(?![.\d])(?!\s*(?:r?em|%))"
    r"|clip\s*:\s*rect\(\s*0(?:px)?[\s,]+0(?:px)?[\s,]+0(?:px)?[\s,]+0(?:px)?\s*\)"
    r"|clip\s*:\s*rect\(\s*1px[\s,]+1px[\s,]+1px[\s,]+1px\s*\)"
    r"|clip-path\s*:\s*(?:inset\(\s*(?:50|100)%|circle\(\s*0|polygon\(\s*0\s+0\s*\))"
    r"|text-indent\s*:\s*-\d{3,}|transform\s*:\s*scale\(\s*0\s*[,)])",
    re.I,
)
_FONT_ZERO: Final = re.compile(r"font-size\s*:\s*0(?![.\d]*[1-9])", re.I)
_AWAY: Final = re.compile(
    r"\bposition\s*:\s*(?:absolute|fixed)\b.*?(?:^|[;\s])(?:left|top|right|bottom)\s*:\s*-\d{3,}"
    r"|(?:^|[;\s])(?:left|top|right|bottom)\s*:\s*-\d{3,}.*?\bposition\s*:\s*(?:absolute|fixed)\b",
    re.I | re.S,
)
_COLOUR: Final = re.compile(r"(?:^|[;\s])color\s*:\s*([^;]{1,40})", re.I)
_GROUND: Final = re.compile(r"(?:^|[;\s])background(?:-color)?\s*:\s*([^;]{1,40})", re.I)
_NAMED: Final = {"white": "#ffffff", "black": "#000000"}
_SIMPLE: Final = re.compile(r"(?:[a-z][a-z0-9]{0,10})?([.#])([A-Za-z_][\w-]{0,60})")
_MOST_CSS: Final = 500_000
_MOST_STYLE: Final = 2000
"""Characters that are looked at."""


class Hiding(NamedTuple):
    """Names of what style sheets hide."""

    classes: frozenset[str]
    ids: frozenset[str]


def hides(style: str) -> bool:
    """Whether a style attribute keeps its element from being seen."""
    style = style[:_MOST_STYLE]
    if _NOTHING.search(style) or _FONT_ZERO.search(style) or _AWAY.search(style):
        return True
    colour, ground = _COLOUR.search(style), _GROUND.search(style)
    return bool(colour and ground) and _hex(colour[1]) == _hex(ground[1])  # type: ignore[index]


def hidden_names(css: str) -> Hiding:
    """Classes and ids that rules of one simple selector hide: `.note`, `p.note`, `#note`."""
    names: dict[str, set[str]] = {".": set(), "#": set()}
    for rule in css[:_MOST_CSS].split("}"):
        selectors, _, style = rule.rpartition("{")
        if not hides(style):
            continue
        for selector in selectors.rpartition("{")[2].split(","):
            if simple := _SIMPLE.fullmatch(selector.strip()):
                names[simple[1]].add(simple[2])
    return Hiding(frozenset(names["."]), frozenset(names["#"]))


def _hex(colour: str) -> str:
    """A colour in one form; what is not known stays as it is written."""
    colour = colour.replace("!important", "").strip().lower()
    if re.fullmatch("#[0-9a-f]{3}", colour):
        return "#" + "".join(2 * digit for digit in colour[1:])
    if parts := re.fullmatch(r"rgba?\(\s*(\d+)[\s,]+(\d+)[\s,]+(\d+)(?:[\s,/]+1)?\s*\)", colour):
        return "#" + "".join(f"{min(int(part), 255):02x}" for part in parts.groups())
    return _NAMED.get(colour, colour)
