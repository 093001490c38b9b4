"""What is computed of a claim's figures says what a reader says, or leaves it open.

The cases stand in kinds with near misses: other things, times and parts than the claim's, of which
nothing follows. No network is asked.
"""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from agent.compare.checks import findings
from agent.compare.ruling import rule_of

LINES = (Path(__file__).parent / "cases" / "figures.jsonl").read_text("utf-8").splitlines()
CASES = [json.loads(line) for line in LINES]


def said(claim: str, passage: str) -> str:
    """What follows from the figures: a verdict that a rule gives, or that all figures are told."""
    found = findings(claim, passage)
    if rule := rule_of(found):
        return rule[1]
    figures = [finding for finding in found if finding.what == "figure"]
    told = bool(figures) and all(finding.relation == "same" for finding in figures)
    return "supported" if told else "undecided"


@pytest.mark.parametrize("case", CASES, ids=[f"{case['kind']}: {case['claim']}" for case in CASES])
def test_figures_decide_only_what_follows_from_them(case: dict[str, str]) -> None:
    assert said(case["claim"], case["passage"]) == case["says"]
