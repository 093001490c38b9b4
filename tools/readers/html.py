"""HTML read as its article: main text in paragraphs, and what the page says about itself.

trafilatura tells the article from menus, teasers and comments. Where it finds nothing, or
the page is too large for it, what is left is all that a reader would see.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from agent.errors import InputError
from tools.readers.hiding import hidden_names, hides
from tools.readers.metadata import Metadata, clean_metadata

if TYPE_CHECKING:
    from lxml.html import HtmlElement

_MAX_ELEMENTS = 30_000
"""A larger page is read without trafilatura, which takes some seconds for this many."""
_MAX_ATTRIBUTES = 100_000
"""Likewise: trafilatura copies the whole page several times."""
_MAX_DEPTH = 200
"""trafilatura recurses into what it is given; libxml2 stops at 256 nested elements."""

_DROPPED = frozenset(
    "script style noscript template head title nav aside footer form button select textarea "
    "svg math iframe object embed audio video canvas dialog datalist".split()
)
_BLOCKS = frozenset(
    "address article blockquote body br dd details div dl dt fieldset figcaption figure h1 h2 h3 "
    "h4 h5 h6 header hr html li main ol p pre section summary table tbody td th tr ul".split()
)
_WORDS = re.compile(r"\w+")
_RUN = 3
"""Words of a run that is looked for in what the page shows."""
_UNSEEN = frozenset({"template", "noscript"})
_HIDING = re.compile(
    r"(?:^|;)\s*(?:display\s*:\s*none|visibility\s*:\s*hidden|font-size\s*:\s*0(?![.\d]*[1-9]))",
    re.IGNORECASE,
)
# Every branch ends at the end of the text at the latest, so one pass reads any page.
_NO_TAGS = re.compile(r"<!--.*?(?:-->|\Z)|<(script|style)\b.*?(?:</\1|\Z)", re.I | re.S)
_QUOTED = re.compile(r"\"[^\"]*(?:\"|\Z)|'[^']*(?:'|\Z)")
_TAG = re.compile(rf"<[a-z](?:[^\"'>]|{_QUOTED.pattern})*+", re.I)
_MAX_TAG_ATTRIBUTES = 500
_MAX_ALL_ATTRIBUTES = 400_000
"""Of the whole page; each takes some 1.5 KB when parsed."""
_INTERNAL_SUBSET = re.compile(r"(<!doctype\b[^>\[]{0,500})\[.{0,5000}?\]\s*>", re.I | re.S)
_LIST_LINE = re.compile(r"- |\|")


def read_html(markup: str, name: str) -> tuple[str, Metadata]:
    """The article of a page and its metadata. Nothing is fetched.

    What the page hides (attribute `hidden`, `display: none` and the like in the element itself or
    in a rule for its class or id, `template`, `noscript`) is no part of the text: nobody can have
    read it.

    Args:
        markup: the decoded page.
        name: the file's name, for messages.

    Raises:
        InputError: the page cannot be parsed whole, or shows no text.
    """
    tree = _parse(markup)
    if tree is None:
        raise InputError(
            f"{name} holds no HTML that can be read, or HTML built to exhaust its reader "
            f"(tags with more than {_MAX_TAG_ATTRIBUTES} attributes, 256 elements in one another)",
            "Copy its text into a text file",
        )
    _drop_hidden(tree)
    text, metadata = "", Metadata()
    if _is_manageable(tree):
        text, metadata = _article(tree)
    if not metadata.get("title"):
        heading = next(tree.iter("title"), None)
        metadata["title"] = clean_metadata(title=_text_of(heading)).get("title")
    text = text or _visible(tree)
    if not text.strip():
        raise InputError(
            f"{name} is empty: the page shows no text",
            "If a script draws its text, save it from the browser as PDF or copy the text",
        )
    return text, metadata


def visible_text(markup: str) -> str:
    """All that a reader of this piece of HTML would see, in paragraphs."""
    tree = _parse(markup)
    if tree is None:
        return ""
    _drop_hidden(tree)
    return _visible(tree)


def _parse(markup: str) -> HtmlElement | None:
    """The page as a tree, or None where it cannot be parsed or not to its end."""
    from lxml import etree, html

    if _is_swollen(markup):
        return None
    # Bytes, because lxml refuses text that begins with an encoding declaration.
    data = _INTERNAL_SUBSET.sub(r"\1>", markup, count=1).encode("utf-8", "replace")
    parser = html.HTMLParser(
        encoding="utf-8", remove_comments=True, remove_pis=True, no_network=True, huge_tree=False
    )
    try:
        tree = html.document_fromstring(data, parser=parser)
    except etree.LxmlError:
        return None
    # libxml2 gives up at 256 nested elements; the rest of the page would be lost unnoticed.
    gave_up = any(error.type == etree.ErrorTypes.ERR_RESOURCE_LIMIT for error in parser.error_log)
    return None if gave_up else tree


def _is_swollen(markup: str) -> bool:
    """libxml2 compares each attribute of a tag with all others: 100,000 take minutes."""
    total = 0
    for tag in _TAG.finditer(_NO_TAGS.sub(" ", markup)):
        attributes = len(_QUOTED.sub("", tag[0]).split()) - 1
        total += attributes
        if attributes > _MAX_TAG_ATTRIBUTES or total > _MAX_ALL_ATTRIBUTES:
            return True
    return False


def _drop_hidden(tree: HtmlElement) -> None:
    named = hidden_names("\n".join(style.text or "" for style in tree.iter("style")))
    hidden = [
        element
        for element in tree.iter()
        # Some pages hide their whole body until a script has run.
        if isinstance(element.tag, str)
        and element.tag not in ("html", "body")
        and (
            "hidden" in element.attrib
            or element.tag in _UNSEEN
            or hides(element.get("style", ""))
            or not named.classes.isdisjoint(element.get("class", "").split())
            or element.get("id") in named.ids
        )
    ]
    whole = len(tree.text_content()) if hidden else 0
    for element in hidden:
        if element.getparent() is None:
            continue
        # Or all of their text, by a class.
        plainly = "hidden" in element.attrib or _HIDING.search(element.get("style", ""))
        if plainly or len(element.text_content()) <= whole / 2:
            element.drop_tree()


def _is_manageable(tree: HtmlElement) -> bool:
    from lxml.etree import iterwalk

    depth = elements = attributes = 0
    for event, element in iterwalk(tree, events=("start", "end")):
        if event == "end":
            depth -= 1
            continue
        depth, elements, attributes = depth + 1, elements + 1, attributes + len(element.attrib)
        if depth > _MAX_DEPTH or elements > _MAX_ELEMENTS or attributes > _MAX_ATTRIBUTES:
            return False
    return True


def _article(tree: HtmlElement) -> tuple[str, Metadata]:
    from trafilatura import bare_extraction

    # Its messages are for its own developers; without a handler Python prints them.
    logging.getLogger("trafilatura").addHandler(logging.NullHandler())
    # Dates only from metadata and markup made for them; the latest date is fixed, or the
    # result would depend on the day of reading.
    dates = {"original_date": True, "extensive_search": False, "max_date": "2100-01-01"}
    found = bare_extraction(
        tree,
        include_comments=False,
        include_tables=True,
        with_metadata=True,
        date_extraction_params=dates,
    )
    if found is None or isinstance(found, dict):
        return "", Metadata()
    return _paragraphs(_in_blocks(_shown(found.text or "", tree), tree)), clean_metadata(
        title=found.title,
        author=(found.author or "").replace("; ", ", "),
        publisher=found.sitename,
        url=found.url,
        date=found.date,
    )


def _in_blocks(text: str, tree: HtmlElement) -> str:
    """A text with an article that is one line of it in the lines that the page shows.

    Of a short page trafilatura may give the article in one piece: then a link above the first
    paragraph, or a heading without a stop, would be read as the beginning of its first sentence.
    """
    shown = map(_visible, tree.iter("article"))
    blocks = {" ".join(lines.split()): lines for lines in shown}
    return "\n".join(blocks.get(" ".join(line.split()), line) for line in text.splitlines())


def _shown(text: str, tree: HtmlElement) -> str:
    """The lines of a text that the page shows.

    Where a page has little text, trafilatura takes what is told to machines alone: the article's
    body in JSON-LD, posts in an attribute. Nobody who reads the page can see that. Most runs of
    words have to be there, not all: notes and links between them may have been left out.
    """
    parts = tree.xpath("descendant-or-self::text()[not(parent::script or parent::style)]")
    words = _WORDS.findall(" ".join(map(str, parts)))
    there = {run for size in range(1, _RUN + 1) for run in _runs(words, size)}

    def is_shown(line: str) -> bool:
        said = _WORDS.findall(line)
        runs = list(_runs(said, min(len(said), _RUN)))
        return not runs or 2 * sum(run in there for run in runs) >= len(runs)

    return "\n".join(line for line in text.splitlines() if is_shown(line))


def _runs(words: list[str], size: int) -> Iterator[tuple[str, ...]]:
    return zip(*(words[at:] for at in range(size)), strict=False)


def _paragraphs(text: str) -> str:
    """One block a line, as trafilatura gives it, as paragraphs; lists and tables stay whole."""
    joined, previous = "", False
    for line in text.splitlines():
        listed = bool(_LIST_LINE.match(line))
        line = line.removeprefix("- ").strip(" |")
        if line:
            joined += ("\n" if listed and previous else "\n\n") + line
            previous = listed
    return joined.strip()


def _visible(tree: HtmlElement) -> str:
    paragraphs = "".join(_pieces(tree)).split("\n")
    return "\n\n".join(line for line in (" ".join(part.split()) for part in paragraphs) if line)


def _pieces(tree: HtmlElement) -> Iterator[str]:
    """Text of the tree in order, with a line end at the borders of blocks. No recursion."""
    from lxml.etree import iterwalk

    walk = iterwalk(tree, events=("start", "end"))
    for event, element in walk:
        tag = element.tag if isinstance(element.tag, str) else ""
        if event == "start":
            if tag in _DROPPED:
                walk.skip_subtree()
            else:
                yield ("\n" if tag in _BLOCKS else "") + _flat(element.text)
        else:
            yield ("\n" if tag in _BLOCKS else "") + _flat(
                element.tail if element is not tree else ""
            )


def _flat(text: str | None) -> str:
    return (text or "").replace("\n", " ").replace("\r", " ")


def _text_of(element: HtmlElement | None) -> str:
    return "" if element is None else "".join(element.itertext())
