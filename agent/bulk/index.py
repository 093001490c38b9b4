"""`index.html`: all reports of a folder on one page, with filters.

Made as the report's page is: one file that loads nothing. Its articles stand in it once, as a
data block; its script filters them and shows a page of them at a time. The Content Security
Policy admits the two inline blocks by their hashes, and the script makes text of texts only.
"""

from __future__ import annotations

from functools import cache
from importlib import resources
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from markupsafe import Markup

from agent.bulk.keeping import Form, Keeping
from agent.report.html import content_security_policy, data_block, page_style
from agent.report.wording import OUTCOMES, WORDS, Outcome, count, one_line
from agent.report.writing import write_atomically

if TYPE_CHECKING:
    from jinja2 import Template

NAME = "index.html"


def write_index(keeping: Keeping) -> None:
    """Writes the page of all that the folder has.

    Raises:
        UsageError: it cannot be written.
    """
    write_atomically(keeping.folder / NAME, to_html(keeping))


def to_html(keeping: Keeping) -> str:
    """The page."""
    wanted: tuple[Form, ...] = ("html", "json") if "html" in keeping.forms else ("json",)
    rows: list[list[Any]] = []
    totals = dict.fromkeys(OUTCOMES, 0)
    for row in keeping.rows():
        counts = [getattr(row, name) for name in OUTCOMES]
        for name, number in zip(OUTCOMES, counts, strict=True):
            totals[name] += number
        # Of what earlier runs have checked there may be no page.
        files = (keeping.path(row, form) for form in wanted)
        file = next((each for each in files if each.is_file()), None)
        rows.append(
            [
                file and f"{file.parent.name}/{quote(file.name)}",
                one_line(row.title or ""),
                one_line(row.publisher or ""),
                row.published_at,
                counts,
                row.state,
                one_line(row.reason or ""),
                one_line(row.name),
                one_line(row.lead),
                row.url,
            ]
        )
    rows += [
        [None, "", "", None, [0] * len(OUTCOMES), "failed", one_line(fault.message), one_line(name)]
        for name, row_, fault in keeping.failures()
        if row_ is None
    ]
    rows.sort(key=lambda row: (row[1] or row[7]).casefold())
    style, script = page_style() + _asset("index.css"), _asset("index.js")
    return _template().render(
        articles=len(rows),
        claims=sum(totals.values()),
        totals=totals,
        bar=_bar(totals),
        data=Markup(data_block(rows)),  # noqa: S704 - escaped there
        policy=content_security_policy(style, script),
        # Our own files, the only text that is not escaped.
        style=Markup(style),  # noqa: S704
        script=Markup(script),  # noqa: S704
    )


def _bar(totals: dict[Outcome, int]) -> list[tuple[Outcome, float, float]]:
    """Outcome, left edge and width of each part of the bar, 0..100."""
    all_, parts, left = sum(totals.values()), [], 0.0
    for name, number in totals.items():
        if number:
            width = 100 * number / all_
            parts.append((name, round(left, 3), round(width, 3)))
            left += width
    return parts


@cache
def _asset(name: str) -> str:
    return resources.files(__package__).joinpath(name).read_text("utf-8")


@cache
def _template() -> Template:
    from jinja2 import Environment, StrictUndefined

    environment = Environment(
        autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    environment.filters["count"] = count
    environment.globals |= {"OUTCOMES": OUTCOMES, "WORDS": WORDS}
    return environment.from_string(_asset("index.html.j2"))
