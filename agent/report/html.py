"""The report as one self-contained web page.

Everything is in the file: no request leaves it. The page works without its script, which
only adds the panel beside the article, the filters and the keys. No text of the report
becomes an element or an attribute: Jinja escapes all of it, the Content Security Policy
admits nothing but the two inline blocks by their hashes, and only an address that
`web_address` accepts is made a link.
"""

from __future__ import annotations

import base64
import hashlib
import itertools
import json
import re
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any

from markupsafe import Markup

from agent.report import to_json, wording
from agent.report.claimreview import to_claimreview
from agent.report.fragments import passage_address
from agent.report.quoted import Pieces, alteration
from agent.report.text import to_markdown
from agent.report.timeline import timeline
from agent.report.wording import OUTCOMES, Outcome, outcome, showable
from agent.types import CheckedClaim, Evidence, Report
from tools.text.sentences import paragraph_spans

if TYPE_CHECKING:
    from jinja2 import Template

# Where passages of several claims overlap, the one that needs most attention shows.
_GRAVITY: tuple[Outcome, ...] = ("conflicting", "failed", "unverifiable", "supported")
_LANGUAGE = re.compile(r"[a-z]{2,3}")
# What could end a <script> element or what a parser replaces; JSON reads the escapes the same way.
_NOT_IN_DATA = re.compile(r"[<>&\x7f-\x9f\u2028\u2029\ud800-\udfff\ufdd0-\ufdef\ufffe\uffff]")


@dataclass(frozen=True)
class Piece:
    """A stretch of the article over which nothing begins or ends."""

    text: str
    claims: tuple[int, ...]
    """1-based numbers of the claims it belongs to, the shortest claim first."""
    outcomes: tuple[Outcome, ...]
    """Their outcomes, each once, gravest first."""
    opens: tuple[int, ...]
    """The claims that show here for the first time; only such pieces stop the Tab key."""
    closes: tuple[Outcome, ...]
    """Outcomes of the claims that show here for the last time."""
    excluded: int | None
    """1-based number of the excluded passage it belongs to, where no claim covers it."""
    warned: bool


@dataclass(frozen=True)
class Paragraph:
    before: str
    """White space between the paragraph before and this one."""
    pieces: tuple[Piece, ...]
    title: bool
    """Whether it repeats the article's title, as texts copied from the web often do."""


def to_html(report: Report, pages: Sequence[tuple[str, str]] = ()) -> str:
    """The page. Its text is the report's, with U+FFFD for what no page can hold.

    Args:
        report: a report that `validate` has passed.
        pages: names and addresses of what the reader can go to from here, where the report is
            shown among other pages; they are not in the page that is saved from it.
    """
    style, script = page_style(), _asset("report.js")
    paragraphs, after = article_paragraphs(report)
    sources, origins = wording.cited(report)
    language = report.article.language or ""
    page = _template().render(
        report=report,
        pages=pages,
        paragraphs=paragraphs,
        after=after,
        bar=_bar(report),
        sources=sources,
        searched=wording.searched(report),
        origins=origins,
        checked=wording.share_checked(report),
        covered=wording.covered(report),
        asked_for=wording.asked_for(report),
        numbered=wording.numbered(report),
        left_out=wording.left_out(report),
        moments=timeline(report),
        forms=Markup(_forms(report)),  # noqa: S704 - escaped there
        language=language if _LANGUAGE.fullmatch(language) else None,
        policy=content_security_policy(style, script),
        # Our own files, the only text that is not escaped.
        style=Markup(style),  # noqa: S704
        script=Markup(script),  # noqa: S704
    )
    return page.strip() + "\n"  # the template's macros leave empty lines


def page_policy() -> str:
    """The policy of every report's page, to be sent as a header, too."""
    return content_security_policy(page_style(), _asset("report.js"))


def data_block(value: Any) -> str:
    """JSON for a `<script type="application/json">`: a data block, nothing in it is executed, so
    that the Content Security Policy does not apply to it (HTML, 4.12.1.1, "prepare the script
    element"). Nothing in it can end the element, either."""
    text = json.dumps(value, ensure_ascii=False)
    return _NOT_IN_DATA.sub(lambda char: f"\\u{ord(char[0]):04x}", text)


def content_security_policy(style: str, script: str) -> str:
    """The policy of a page that holds these two inline blocks and nothing else active."""
    return "; ".join(
        (
            "default-src 'none'",
            f"style-src '{_hash(style)}'",
            f"script-src '{_hash(script)}'",
            "img-src data:",
            "base-uri 'none'",
            "form-action 'none'",
        )
    )


def article_paragraphs(report: Report) -> tuple[list[Paragraph], str]:
    """The article cut wherever a claim, an exclusion or a warning begins or ends.

    Returns:
        The paragraphs, and the white space after the last. Put together again, `before`
        and the pieces' texts give the article to the character.
    """
    text = report.article.text
    spans = paragraph_spans(text)
    pieces = _pieces(report, [offset for span in spans for offset in span])
    paragraphs, position, index = [], 0, 0
    for start, end in spans:
        while index < len(pieces) and pieces[index][0] < start:
            index += 1
        first = index
        while index < len(pieces) and pieces[index][0] < end:
            index += 1
        inside = tuple(piece for _, piece in pieces[first:index])
        title = text[start:end] == report.article.title
        paragraphs.append(Paragraph(text[position:start], inside, title))
        position = end
    return paragraphs, text[position:]


def _pieces(report: Report, cuts: list[int]) -> list[tuple[int, Piece]]:
    """The article's pieces in order, each with its offset; `cuts` are further boundaries."""
    text, claims = report.article.text, report.claims
    marks = [(c.start, c.end, ("claim", n)) for n, c in enumerate(claims, start=1)]
    marks += [(a, b, ("claim", n)) for n, c in enumerate(claims, start=1) for a, b in c.also_at]
    marks += [(e.start, e.end, ("excluded", n)) for n, e in enumerate(report.excluded, start=1)]
    warned = (span for warning in report.article.warnings for span in warning.spans)
    marks += [(start, end, ("warned", n)) for n, (start, end) in enumerate(warned)]
    opening, closing = defaultdict(list), defaultdict(list)
    for start, end, mark in marks:
        if start < end:
            opening[start].append(mark)
            closing[end].append(mark)

    active: set[tuple[str, int]] = set()
    found: list[tuple[int, str, frozenset[tuple[str, int]]]] = []
    for start, end in itertools.pairwise(sorted({0, len(text), *opening, *closing, *cuts})):
        active -= set(closing[start])
        active |= set(opening[start])
        found.append((start, text[start:end], frozenset(active)))

    # White space between paragraphs is not marked, so it is no claim's first or last place.
    last = {mark: at for at, piece, marks_here in found if piece.strip() for mark in marks_here}
    seen: set[tuple[str, int]] = set()
    pieces = []
    for at, piece, marks_here in found:
        blank = not piece.strip()
        numbers = sorted(
            (number for kind, number in marks_here if kind == "claim"),
            key=lambda n: (claims[n - 1].end - claims[n - 1].start, n),
        )
        excluded = [number for kind, number in marks_here if kind == "excluded"]
        how = {n: outcome(claims[n - 1]) for n in numbers}
        pieces.append(
            (
                at,
                Piece(
                    text=piece,
                    claims=tuple(numbers),
                    outcomes=tuple(sorted(set(how.values()), key=_GRAVITY.index)),
                    opens=() if blank else tuple(n for n in numbers if ("claim", n) not in seen),
                    closes=tuple(how[n] for n in numbers if last.get(("claim", n)) == at),
                    excluded=min(excluded) if excluded and not numbers else None,
                    warned=any(kind == "warned" for kind, _ in marks_here),
                ),
            )
        )
        if not blank:
            seen |= marks_here
    return pieces


def _bar(report: Report) -> list[tuple[Outcome, float, float]]:
    """Outcome, left edge and width of each part of the overview's bar, 0..100."""
    total = sum(getattr(report.summary, name) for name in OUTCOMES)
    parts, left = [], 0.0
    for name in OUTCOMES:
        if number := getattr(report.summary, name):
            width = round(100 * number / total, 3)
            parts.append((name, round(left, 3), width))
            left += width
    return parts


def _forms(report: Report) -> str:
    """The report's other forms, as the command line writes them, for the page to hand out."""
    return data_block(
        {
            "json": to_json(report),
            "md": to_markdown(report),
            "claimreview.json": to_claimreview(report),
        }
    )


def _around(item: Evidence) -> tuple[str, str]:
    """What stands before the evidence's quote and after it in its paragraph."""
    start, end = item.start - item.context_start, item.end - item.context_start
    spans = [span for span in paragraph_spans(item.context) if span[0] < end and span[1] > start]
    first = min(start, *(left for left, _ in spans)) if spans else start
    last = max(end, *(right for _, right in spans)) if spans else end
    return item.context[first:start], item.context[end:last]


def _altered(item: Evidence, claim: CheckedClaim) -> tuple[Pieces, Pieces]:
    """The quote in pieces, and the article's version of it, which is empty where they agree."""
    found = alteration(claim, item)
    return (found.source, found.article) if found else ([(item.quote, False)], [])


def _hash(block: str) -> str:
    """Source expression of an inline block (Content Security Policy Level 3, 2.3.1)."""
    return "sha256-" + base64.b64encode(hashlib.sha256(block.encode()).digest()).decode()


def page_style() -> str:
    """The style sheet of every report's page."""
    return _asset("tones.css") + _asset("report.css")


def load() -> None:
    """Makes what all pages have in common, so that the first one need not wait for it."""
    _template()


@cache
def _asset(name: str) -> str:
    return files(__package__).joinpath(name).read_text("utf-8")


@cache
def _template() -> Template:
    from jinja2 import Environment, StrictUndefined

    environment = Environment(
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=_finalize,
    )
    environment.filters |= {
        "altered": _altered,
        "around": _around,
        "count": wording.count,
        "credited": wording.credited,
        "day": wording.day,
        "host": wording.host,
        "passage_address": passage_address,
        "confidence": wording.confidence,
        "likelihood": wording.likelihood,
        "outcome": outcome,
        "percent": wording.percent,
        "reading": wording.reading,
        "side": wording.side,
        "tally": wording.tally,
        "warned_source": wording.warned_source,
        "web_address": wording.web_address,
    }
    environment.globals |= {
        "COMPARED": wording.COMPARED,
        "GLYPHS": wording.GLYPHS,
        "KINSHIPS": wording.KINSHIPS,
        "LATER": wording.LATER,
        "MEANINGS": wording.MEANINGS,
        "OUTCOMES": OUTCOMES,
        "REASONS": wording.REASONS,
        "REPUTATIONS": wording.REPUTATIONS,
        "SIDES": wording.SIDES,
        "TENDENCIES": wording.TENDENCIES,
        "WARNINGS": wording.WARNINGS,
        "WORDS": wording.WORDS,
    }
    return environment.from_string(_asset("report.html.j2"))


def _finalize(value: Any) -> Any:
    """Last step before escaping of everything that the template prints."""
    return showable(value) if isinstance(value, str) and not isinstance(value, Markup) else value
