"""Addresses that lead to a passage and not only to its page.

Text fragments as in the WICG's draft "URL Fragment Text Directives": browsers that know them
scroll to the words and highlight them, all others open the page as ever.
"""

from __future__ import annotations

from urllib.parse import quote as percent_encoded

from agent.report.wording import showable, web_address
from agent.types import Evidence

# A text that stands in one block is found as a whole; one that is long, or that goes on over
# the end of a paragraph, by its first and its last words.
_LONGEST = 300
_ENDS = 5
_BESIDE = 3
_DIRECTIVE = ":~:"


def passage_address(item: Evidence) -> str | None:
    """The source's address with a text directive for the quote; None where it is no link.

    What stands before or after the quote is named only where the passage has its words twice.
    """
    address = web_address(item.url)
    if not address:
        return None
    words = showable(item.quote).split()
    if not words:
        return address
    if len(words) > 2 * _ENDS and (len(item.quote) > _LONGEST or "\n" in item.quote.strip()):
        terms = [" ".join(words[:_ENDS]), " ".join(words[-_ENDS:])]
    else:
        terms = [" ".join(words)]
    parts = [_encoded(term) for term in terms]
    if before := _before(item, terms[0]):
        parts.insert(0, f"{_encoded(before)}-")
    page, mark, fragment = address.partition("#")
    element = fragment.partition(_DIRECTIVE)[0] if mark else ""
    return f"{page}#{element}{_DIRECTIVE}text={','.join(parts)}"


def _before(item: Evidence, start: str) -> str:
    """The words that tell this place from an earlier one with the same words; else empty."""
    context = showable(item.context)
    before = " ".join(context[: max(item.start - item.context_start, 0)].split())
    if start.casefold() not in before.casefold():
        return ""  # the first place is the one that is found
    return " ".join(before.split()[-_BESIDE:])


def _encoded(term: str) -> str:
    """`term` for a text directive, in which a comma, an ampersand and a dash have a meaning."""
    return percent_encoded(term, safe="").replace("-", "%2D")
