"""The sample report with something changed."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

from agent.types import Report

HOSTILE = (
    "<script>window.__pwned=1</script>",
    '"><img src=x onerror=alert(1)>',
    "[click](javascript:alert(1)) ![](https://x.example/p.png) <b>b</b>",
    "# Heading\n\n- item\n1. one\n> quote\n```\ncode\n```",
    "x\n===\n\n---\n\n| a | b |\n|---|---|",
    "https://phish.example www.phish.example a@phish.example @someone #12",
    "\x1b[2J\x1b]8;;https://x.example\x07link\x1b]8;;\x07\x9b31m\x00\x08",
    "abc\u202edesrever\u2066\u061c\u200f",
    "{{ 7 * 7 }} {% raw %} ${x} &lt;b&gt; &amp;",
    "\\\\ \\` ``` ~~~ *a* _b_ $$x$$ ^1 [^1]: note",
    "line\u2028separator\u2029end",
    "]]></script></style></title><!-- -->",
)
ANY_TEXT = st.text(min_size=1, max_size=80) | st.sampled_from(HOSTILE)
MARKED = st.text(alphabet="ab1 .:/@#*_-[]()<>!&|`~+=\\\n\"'wh$^{}", min_size=1, max_size=40)


def changed(report: Report, **fields: Any) -> Report:
    return report.model_copy(update=fields)


def with_claim(report: Report, number: int, **fields: Any) -> Report:
    claims = list(report.claims)
    claims[number] = claims[number].model_copy(update=fields)
    return changed(report, claims=claims)


def with_evidence(report: Report, number: int, **fields: Any) -> Report:
    first, *rest = report.claims[number].evidence
    return with_claim(report, number, evidence=[first.model_copy(update=fields), *rest])
