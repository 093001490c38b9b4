"""Revenue and profit, named without a figure."""

from __future__ import annotations

import numpy as np
import pytest

from agent.compare.checks import findings
from agent.rate.windows import Pair, Reading, telling, windows_of

REVENUE = "Skarra Line had revenue of 84.6 million euros in the first quarter."
PROFIT = "The company made a net profit of 6.1 million euros."


@pytest.mark.parametrize(
    ("claim", "passage", "absent"),
    [
        ("Skarra Line made a profit.", REVENUE, True),
        ("Skarra Line made a loss.", REVENUE, True),
        ("Skarra Line took in revenue.", "Skarra Line made a profit.", True),
        ("Skarra Line made a profit.", f"{REVENUE} {PROFIT}", False),
        ("Skarra Line made a profit.", "Skarra Line made a loss.", False),
        ("Skarra Line was profitable.", "Skarra Line is in the black.", False),
        ("Skarra Line hired a captain.", REVENUE, False),
        ("Skarra Line’s revenue and profit rose.", REVENUE, False),
        ("The company’s losses widened.", REVENUE, True),
        ("Skarra Line made a loss.", f"{REVENUE} Losses narrowed.", False),
        ("Skarra Line took in revenue.", "Skarra Line earned €6 million.", True),
        ("He earned a medal in Oslo.", "Revenue officials watched him receive the medal.", False),
        ("He earned a medal in Oslo.", "His turnover of shots won the medal in Oslo.", False),
        (
            "The loss of the forest angered residents.",
            "Visitors fell; ticket revenues, too.",
            False,
        ),
        ("Ticket revenues fell.", "The loss of the forest kept visitors away.", False),
        ("The company’s revenue fell.", "Job losses at the company angered the town.", False),
    ],
)
def test_revenue_says_nothing_of_a_profit(claim: str, passage: str, absent: bool) -> None:
    assert any(finding.absent for finding in findings(claim, passage)) == absent


def test_of_a_profit_no_sentence_on_revenue_is_quoted() -> None:
    passage = f"{REVENUE} {PROFIT}"
    windows, texts = windows_of(Pair("Skarra Line made a profit.", passage))
    sure = np.log(np.array([[0.9, 0.05, 0.05] if t == REVENUE else [0.6, 0.2, 0.2] for t in texts]))
    support, _ = telling("Skarra Line made a profit.", Reading(tuple(windows), tuple(texts), sure))
    assert passage[slice(*support)] == PROFIT
