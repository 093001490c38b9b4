"""Markdown read as prose: markup gone, headings, paragraphs and list items kept apart."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from agent.errors import InputError
from tools.readers.html import visible_text
from tools.readers.metadata import Metadata, clean_metadata, one_line

if TYPE_CHECKING:
    from markdown_it.token import Token

_FRONT_MATTER = re.compile(r"---[ \t]*\n(.{0,20000}?\n)?(?:---|\.\.\.)[ \t]*(?:\n|\Z)", re.DOTALL)
_GROUPS = {
    f"{group}_{end}"
    for group in ("bullet_list", "ordered_list", "table")
    for end in ("open", "close")
}
_KEY = re.compile(r"\s*(?:#[^\n]*\n\s*)*[A-Za-z_][\w -]*:(?:\s|$)")


def read_markdown(markup: str, name: str) -> tuple[str, Metadata]:
    """Text and metadata of a Markdown file with or without YAML front matter.

    Links are read as their text, images and code blocks are left out, raw HTML is read as
    what it shows. The title is that of the front matter, else the first heading.

    Args:
        markup: the file's content, with `\\n` line ends.
        name: the file's name, for messages.

    Raises:
        InputError: the front matter is no valid YAML.
    """
    from markdown_it import MarkdownIt

    fields, body = _front_matter(markup, name)
    parser = MarkdownIt("commonmark").enable(["table", "strikethrough"])
    tokens = parser.parse(body)
    heading = next(
        (_prose(tokens[i + 1]) for i, token in enumerate(tokens) if token.type == "heading_open"),
        None,
    )
    return _blocks(tokens), clean_metadata(
        title=fields.get("title") or heading,
        author=fields.get("author") or fields.get("authors"),
        publisher=fields.get("publisher"),
        url=fields.get("url"),
        date=one_line(fields.get("date") or fields.get("published_at")),
    )


def _front_matter(markup: str, name: str) -> tuple[dict[str, Any], str]:
    match = _FRONT_MATTER.match(markup)
    # A rule at the head of a text is written with three dashes, too.
    if not match or not _KEY.match(match[1] or ""):
        return {}, markup
    import yaml

    try:
        # BaseLoader leaves every value as it is written: no dates, numbers or objects.
        fields = yaml.load(match[1], Loader=yaml.BaseLoader)  # noqa: S506
    except (yaml.YAMLError, RecursionError) as error:
        mark = getattr(error, "problem_mark", None)
        where = f", line {mark.line + 2}" if mark else ""
        raise InputError(
            f"the front matter of {name} is not valid YAML{where}",
            "Put values that hold a colon or begin with a sign in quotation marks",
        ) from error
    return (fields if isinstance(fields, dict) else {}), markup[match.end() :]


def _blocks(tokens: Sequence[Token]) -> str:
    """Paragraphs apart by a blank line, items of a list and rows of a table by a line end."""
    blocks: list[tuple[int, str]] = []
    depth, group = 0, 0
    cells: list[str] | None = None
    for token in tokens:
        if token.type in _GROUPS:
            group += depth == 0
            depth += token.nesting
        elif token.type == "tr_open":
            cells = []
        elif token.type == "tr_close" and cells is not None:
            blocks.append((group, " | ".join(cell for cell in cells if cell)))
            cells = None
        elif token.type == "inline" and cells is not None:
            cells.append(_prose(token))
        elif token.type == "inline":
            blocks.append((group if depth else 0, _prose(token)))
        elif token.type == "html_block":
            blocks.append((0, visible_text(token.content)))
    text, previous = "", 0
    for number, block in blocks:
        if block:
            text += ("\n" if number and number == previous else "\n\n") + block
            previous = number
    return text.strip()


def _prose(inline: Token) -> str:
    """The text of a paragraph, heading or cell, without its markup."""
    text = ""
    for token in inline.children or ():
        if token.type in ("text", "code_inline"):
            text += token.content
        elif token.type == "softbreak":
            text += " "
        elif token.type == "hardbreak":
            text += "\n"
    return text.strip()
