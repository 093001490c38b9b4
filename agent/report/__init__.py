"""The verdict report, rendered: the record as JSON, and the views that people read.

JSON is the record; HTML, Markdown, the terminal's summary and ClaimReview are made
from the same `Report` and never carry more than it does.
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any, Literal, get_args

from agent.errors import UsageError
from agent.report.writing import write_atomically

if TYPE_CHECKING:
    from agent.report.validity import schema_text, validate
    from agent.types import Report

__all__ = ["FORMATS", "Format", "render", "schema_text", "to_json", "validate", "write_atomically"]

Format = Literal["terminal", "json", "html", "markdown", "claimreview"]
FORMATS: tuple[Format, ...] = get_args(Format)

_SURROGATES = re.compile(r"[\ud800-\udfff]")


def render(
    report: Report,
    format: Format,  # noqa: A002 - the name of the option on the command line
    *,
    color: bool = False,
    width: int = 88,
) -> str:
    """The report in one of `FORMATS`, ending in a newline.

    Args:
        report: a report that `validate` has passed.
        format: which rendering.
        color: whether the terminal's rendering may use ANSI colours.
        width: columns of the terminal, at least 20; other formats ignore it.

    Raises:
        UsageError: the format is not one of `FORMATS`.
    """
    # The renderers load their template engines here: `assay --help` must not wait for them,
    # nor for the types.
    if format == "json":
        return to_json(report)
    if format == "html":
        from agent.report.html import to_html

        return to_html(report)
    if format == "claimreview":
        from agent.report.claimreview import to_claimreview

        return to_claimreview(report)
    from agent.report.text import to_markdown, to_terminal

    if format == "markdown":
        return to_markdown(report)
    if format == "terminal":
        return to_terminal(report, color=color, width=width)
    raise UsageError(f"there is no report format {format!r}", f"Use one of {', '.join(FORMATS)}")


def to_json(report: Report) -> str:
    """The record: indented JSON in UTF-8, keys in the order of the types.

    Free dictionaries are sorted by key, so the same report gives the same bytes. A lone
    surrogate, which no UTF-8 file can hold, becomes U+FFFD; offsets stay.
    """
    record = report.model_dump(mode="json")
    for part, name in (("run", "prompts"), ("run", "settings"), ("usage", "seconds")):
        record[part][name] = dict(sorted(record[part][name].items()))
    text = json.dumps(record, indent=2, ensure_ascii=False, allow_nan=False)
    return _SURROGATES.sub("\ufffd", text) + "\n"


def __getattr__(name: str) -> Any:
    if name in ("schema_text", "validate"):
        from agent.report import validity

        return getattr(validity, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
