"""Which dates of a passage are of the claim's event."""

from __future__ import annotations

import pytest

from agent.compare.checks import findings


def differs(claim: str, passage: str) -> bool:
    return any(f.what == "date" and f.relation == "differs" for f in findings(claim, passage))


@pytest.mark.parametrize(
    ("claim", "passage", "contradicted"),
    [
        pytest.param(
            "Ada Holm was last seen in Skell in August 2013.",
            "A film about Ada Holm, last seen in Skell, was shown Jon Marsh writes for the Marl "
            "Gazette Tuesday 02 September 2014 Ada Holm has been missing.",
            False,
            id="a day below a headline",
        ),
        pytest.param(
            "Ada Holm was last seen in Skell in August 2013.",
            "Ada Holm was last seen in Skell on Tuesday 2 September 2014 Jon Marsh writes.",
            True,
            id="a day with a preposition",
        ),
        pytest.param(
            "Ada Holm was last seen in Skell in August 2013.",
            "Ada Holm was last seen in Skell in May 2014.",
            True,
            id="a month",
        ),
        pytest.param(
            "The article was published on 30 October.",
            "In September the Gazette published an article about lakes.",
            False,
            id="of which article is not told",
        ),
        pytest.param(
            "The Marl bridge was opened on 30 October.",
            "The Marl bridge was opened in September.",
            True,
            id="a thing with a name",
        ),
    ],
)
def test_a_date_contradicts_only_of_the_same_event(
    claim: str, passage: str, contradicted: bool
) -> None:
    assert differs(claim, passage) is contradicted
