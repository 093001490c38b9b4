"""What a text takes back is no evidence for it."""

from __future__ import annotations

import asyncio

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agent.compare.corrections import retracted, without_retracted
from agent.rate.embedded import EmbeddedRater
from agent.types import Claim, Evidence, Hit, Passage, Source

MISTAKE = (
    "On 10 March we wrote that the new slipway at Little Harrow would cost 6.3 million crowns."
)
NOTE = f"{MISTAKE} That was wrong. The harbour office puts its cost at 3.6 million. We apologise."


@pytest.mark.parametrize(
    ("text", "taken_back"),
    [
        (NOTE, MISTAKE),
        ("We reported that 12 boats sank. The number should have been 2.",
         "We reported that 12 boats sank."),
        ("An earlier version of this article said that Ida Fenn was 43. She is 34. We regret this.",
         "An earlier version of this article said that Ida Fenn was 43."),
        ("An earlier version of this article wrongly said that Ida Fenn was 43; she is 34.",
         "An earlier version of this article wrongly said that Ida Fenn was 43"),
        ("Our first report gave the fee as 31 crowns, which was wrong: it is 13.",
         "Our first report gave the fee as 31 crowns, which was wrong"),
    ],
)  # fmt: skip
def test_what_is_repeated_as_a_mistake_is_taken_back(text: str, taken_back: str) -> None:
    assert [text[start:end] for start, end in retracted(text)] == [taken_back]


@pytest.mark.parametrize(
    "text",
    [
        "We reported that the bridge opened in June. It should have been finished in May.",
        "We said last week that the mill was sold. It was wrong of the owner to keep it quiet.",
        "We wrote that 12 boats sank. The county has confirmed the number.",
        "We reported it first. The slipway costs 6.3 million. Work begins in May. That was wrong.",
        "The mayor had said the fee would fall. That was wrong.",
    ],
)
def test_what_is_repeated_and_stands_is_left(text: str) -> None:
    assert not retracted(text)


@settings(max_examples=30)
@given(
    st.lists(
        st.sampled_from([MISTAKE, "That was wrong.", "We wrote that;", "It is 2.", "\n", "“"])
    ).map(" ".join),
    st.integers(0, 200),
    st.integers(0, 200),
)
def test_blanks_keep_every_other_character_in_its_place(text: str, start: int, length: int) -> None:
    part = text[start : start + length]
    shown = without_retracted(text, start, start + length)
    assert len(shown) == len(part)
    assert all(a in (b, " ") for a, b in zip(shown, part, strict=True))


def rated(claim: str, text: str, end: int) -> Evidence:
    source = Source(id="s-1", text=text, added_at="2026-01-01T00:00:00Z", origin="s-1")
    passage = Passage(id="s-1:0", source_id="s-1", number=0, start=0, end=end, text=text[:end])
    asked = Claim(id="c1", text=claim, quote=claim, start=0, end=len(claim))
    hits = [Hit(passage=passage, source=source, score=0.9)]
    return asyncio.run(EmbeddedRater().rate(asked, hits))[0]


@pytest.mark.parametrize("end", [len(NOTE), len(MISTAKE)], ids=["whole", "cut-before-the-rest"])
def test_a_correction_is_no_support_for_the_mistake(end: int) -> None:
    claim = "The new slipway at Little Harrow would cost 6.3 million crowns."
    assert rated(claim, MISTAKE, len(MISTAKE)).stance == "supports"
    corrected = rated(claim, NOTE, end)
    assert corrected.stance != "supports"
    assert corrected.quote


def test_a_correction_does_not_contradict_what_it_puts_right() -> None:
    claim = "The new slipway at Little Harrow would cost 3.6 million crowns."
    assert rated(claim, NOTE, len(NOTE)).stance != "contradicts"
