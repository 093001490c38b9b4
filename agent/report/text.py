"""The report for terminals and as Markdown: one outline, written in two ways."""

from __future__ import annotations

import io
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from agent.report.wording import (
    GLYPHS,
    LATER,
    OUTCOMES,
    REPUTATIONS,
    SIDES,
    WARNINGS,
    WORDS,
    OriginGroup,
    Outcome,
    akin,
    asked_for,
    cited,
    confidence,
    count,
    covered,
    credited,
    day,
    left_out,
    likelihood,
    numbered,
    one_line,
    outcome,
    percent,
    reading,
    searched,
    share_checked,
    side,
    tally,
    warned_source,
    web_address,
)
from agent.types import CheckedClaim, Evidence, Report

if TYPE_CHECKING:
    from rich.text import Text

Role = Literal[
    "title",
    "line",
    "warning",
    "heading",
    "claim",
    "body",
    "side",
    "quote",
    "credit",
    "note",
    "item",
]


@dataclass(frozen=True)
class Block:
    """One paragraph of the outline; its text is not yet escaped."""

    role: Role
    text: str
    outcome: Outcome | None = None
    url: str | None = None
    """A `web_address` that the text may link to."""


def _outline(report: Report) -> Iterator[Block]:
    article, run = report.article, report.run
    yield Block("title", article.title or "Untitled article")
    if origin := _joined(article.author, article.publisher, day(article.published_at)):
        yield Block("line", origin, url=web_address(article.url))
    counts = [
        f"{GLYPHS[name]} {getattr(report.summary, name)} {WORDS[name].lower()}"
        for name in OUTCOMES
        if name != "failed" or report.summary.failed
    ]
    yield Block("line", f"{count(len(report.claims), 'claim')}: {', '.join(counts)}")
    sources, origins = cited(report)
    yield Block(
        "line",
        f"{percent(share_checked(report))} of the text checked against "
        f"{count(searched(report), 'source')}; {sources} quoted, of "
        f"{count(origins, 'independent origin')}. Rated by {run.model} on {day(run.created_at)}"
        + (f", as of {day(run.as_of)}." if run.as_of else "."),
    )
    if origins_wanted := asked_for(report):
        yield Block("line", f"{origins_wanted}.")
    if sentences := covered(report):
        yield Block("line", f"{sentences}.")
    numbers = numbered(report)
    searched_for_each, apart = _searched_for_most(report)
    if searched_for_each:
        unless = ", unless it says otherwise" if apart else ""
        yield Block(
            "line",
            f"For each unverifiable claim{unless}: "
            f"{searched_for_each[0].lower()}{searched_for_each[1:]}.",
        )
    for warning in article.warnings:
        yield Block("warning", f"{WARNINGS[warning.code]}: {warning.message}")
    for warned in report.source_warnings:
        named = f"{WARNINGS[warned.warning.code]} (source {warned_source(warned)})"
        yield Block("warning", f"{named}: {warned.warning.message}")
    for number, claim in enumerate(report.claims, start=1):
        yield from _claim(number, claim, numbers, searched_for_each)
    if report.excluded:
        yield Block("heading", f"{count(len(report.excluded), 'passage')} set aside")
        for excluded in report.excluded:
            reason = excluded.reason.replace("_", " ")
            why = f"{reason} ({excluded.detail.rstrip('.')})" if excluded.detail else reason
            yield Block("item", f"{why}: {_quoted(_shortened(excluded.quote))}")
    if report.sources_left_out:
        yield Block("heading", f"{count(len(report.sources_left_out), 'source')} left out")
        for source in left_out(report):
            yield Block("item", f"{source.what}: {source.reason}")


def _searched_for_most(report: Report) -> tuple[str | None, int]:
    """What was searched, which opens what is missing, where several claims have the same; and
    how many have something else."""
    openings = Counter(
        claim.missing.partition(". ")[0]
        for claim in report.claims
        if claim.verdict == "unverifiable" and claim.missing and ". " in claim.missing
    )
    opening, times = max(openings.items(), key=lambda item: item[1], default=("", 0))
    return (opening, openings.total() - times) if times > 1 else (None, 0)


def _claim(
    number: int, claim: CheckedClaim, numbers: dict[str, int], searched_for_each: str | None
) -> Iterator[Block]:
    how = outcome(claim)
    sure = f", {confidence(claim.confidence)}" if claim.verdict and claim.confidence else ""
    yield Block("claim", f"{number}. {GLYPHS[how]} {WORDS[how]}{sure}", how)
    text = "".join(f"[{piece}]" if added else piece for piece, added in reading(claim))
    text = _IN_BOTH.sub(r"\1", text)
    speaker = credited(claim)
    yield Block("body", f"{text} (according to {speaker})" if speaker else text)
    for what in claim.unclear:
        yield Block("note", f"Unclear: {what}")
    if claim.also_at:
        yield Block("note", f"The article says this {count(len(claim.also_at) + 1, 'time')}.")
    if claim.linked:
        others = ", ".join(f"claim {numbers[other]}" for other in claim.linked)
        yield Block("note", f"Same content: {others}")
    if claim.error:
        yield Block("note", f"{claim.error.kind}: {claim.error.message}")
    if claim.explanation:
        yield Block("note", claim.explanation)
    if claim.missing:
        missing = claim.missing.removeprefix(f"{searched_for_each}. ")
        yield Block("note", f"Missing: {missing}" if missing == claim.missing else missing)
    for stance, name in SIDES.items():
        groups = side(claim, stance)
        if groups or how == "conflicting":
            yield Block("side", f"{name}: {tally(groups)}")
        for group in groups:
            yield from _group(group)


def _group(group: OriginGroup) -> Iterator[Block]:
    lead = group.lead
    yield Block("quote", _quoted(lead.quote))
    yield Block("credit", _credit(lead), url=web_address(lead.url))
    if lead.note:
        yield Block("note", lead.note)
    copies = {item.source_id: f"{_credit(item)}{akin(item)}" for item in group.rest}
    copies.pop(lead.source_id, None)
    if copies:
        yield Block("note", f"Same origin, counted once: {'; '.join(copies.values())}")


def _credit(item: Evidence) -> str:
    title = _quoted(item.title) if item.title else item.source_id
    later = LATER if item.later else None
    return _joined(
        item.publisher,
        title,
        day(item.published_at),
        later,
        REPUTATIONS.get(item.reputation),
        likelihood(item.probability),
    )


def _quoted(text: str) -> str:
    """`text` in quotation marks, unless it brings its own."""
    return text if text[:1] in '“"«„' else f"“{text}”"


def _joined(*parts: str | None) -> str:
    return ", ".join(part for part in parts if part)


def _shortened(text: str, length: int = 160) -> str:
    flat = one_line(text)
    return flat if len(flat) <= length else flat[: length - 1].rstrip() + "…"


# --- terminal ----------------------------------------------------------------------

_IN_BOTH = re.compile(r"\((\[[^][]*\])\)")
"""An addition that the claim has in brackets, too: `on Tuesday ([10 March 2026])`."""
_COLORS: dict[Outcome, str] = {
    "supported": "green",
    "conflicting": "red",
    "unverifiable": "yellow",
    "failed": "magenta",
}
# Columns before each role, and whether an empty line stands before it.
_LAYOUT: dict[Role, tuple[int, bool]] = {
    "title": (0, False),
    "line": (0, False),
    "warning": (0, True),
    "heading": (0, True),
    "claim": (0, True),
    "body": (3, False),
    "side": (3, True),
    "quote": (5, False),
    "credit": (5, False),
    "note": (3, False),
    "item": (3, False),
}


def to_terminal(report: Report, *, color: bool = False, width: int = 88) -> str:
    """A readable summary for a terminal; no control character but line feeds.

    With `color`, ANSI colours are added; they never stem from the report's texts.
    """
    from rich.console import Console
    from rich.padding import Padding

    console = Console(
        file=io.StringIO(),
        width=max(width, 20),
        force_terminal=color,
        color_system="standard" if color else None,
        legacy_windows=False,
        markup=False,
        highlight=False,
        emoji=False,
        _environ={},  # the result depends on the arguments alone
    )
    inside_side = False
    with console.capture() as capture:
        for block in _outline(report):
            indent, gap = _LAYOUT[block.role]
            if block.role in ("side", "claim", "heading"):
                inside_side = block.role == "side"
            if block.role == "note" and inside_side:
                indent += 2
            if gap:
                console.print()
            console.print(Padding(_styled(block), (0, 0, 0, indent), expand=False))
            if block.url:
                address = Padding(_plain(block.url, "dim"), (0, 0, 0, indent), expand=False)
                console.print(address)
    lines = (line.rstrip() for line in capture.get().splitlines())
    return "\n".join(lines) + "\n"


def _styled(block: Block) -> Text:
    styles: dict[Role, str] = {
        "title": "bold",
        "heading": "bold",
        "warning": "yellow",
        "body": "bold",
        "credit": "dim",
    }
    style = _COLORS[block.outcome] if block.outcome else styles.get(block.role, "")
    text = f"Warning. {block.text}" if block.role == "warning" else block.text
    return _plain(text, style)


def _plain(text: str, style: str) -> Text:
    from rich.text import Text

    return Text(one_line(text), style=style, overflow="fold")


# --- Markdown ----------------------------------------------------------------------

# Characters that open or close something in CommonMark or GitHub's dialect wherever
# they stand; the rest of the punctuation only matters at places that `_PLACES` names.
_ALWAYS = re.compile(r"[\\`*_\[\]<>|~&$^#{}]")
_PLACES = re.compile(
    r"""
    ^ [-+=]                        # list items, rules, underlines of headings
    | : (?= / )                    # http://, which GitHub makes a link of
    | \. (?= [^\s\d] ) | (?<! \d ) \. (?= \d )  # www.host.example
    """,
    re.VERBOSE,
)
_NUMBERED = re.compile(r"^(\d{1,9})([.)])")  # items of numbered lists
# GitHub links `name@host` and `@name` even where the sign is escaped; a word joiner
# (U+2060) after it is invisible and stops that.
_AT = re.compile(r"@(?=\w)")
_IN_TARGET = str.maketrans({"&": "&amp;", "(": "%28", ")": "%29", "[": "%5B", "]": "%5D"})


def to_markdown(report: Report) -> str:
    """The summary as Markdown; no text of the report can add a link, a heading or HTML."""
    lines: list[str] = []
    before: Role | None = None
    for block in _outline(report):
        if lines and not (block.role == before == "item"):
            quoted = before == "quote" and block.role == "credit"
            lines.append(">" if quoted else "")
        lines.append(_markdown(block))
        before = block.role
    return "\n".join(lines) + "\n"


def _markdown(block: Block) -> str:
    text = escaped(block.text)
    if block.url:
        text += f" · [link](<{block.url.translate(_IN_TARGET)}>)"
    marks: dict[Role, str] = {
        "title": f"# {text}",
        "heading": f"## {text}",
        "claim": f"## {text}",
        "warning": f"> **Warning.** {text}",
        "body": f"**{text}**",
        "side": f"### {text}",
        "quote": f"> {text}",
        "credit": f"> — {text}",
        "item": f"- {text}",
    }
    return marks.get(block.role, text)


def escaped(text: str) -> str:
    """`text` on one line, so that Markdown shows it as it is and makes nothing of it."""
    flat = _ALWAYS.sub(r"\\\g<0>", _AT.sub("@\u2060", one_line(text)))
    flat = _PLACES.sub(lambda match: "\\" + match[0], flat)
    return _NUMBERED.sub(r"\1\\\2", flat)
