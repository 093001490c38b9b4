"""What is read of a text is remembered, since a passage is found for several claims."""

import gc
from functools import _lru_cache_wrapper

import pytest

from agent.compare import corrections
from agent.compare.checks import findings
from tools.text import cleaning
from tools.text.cleaning import clean

CLAIM = "Revenue of the Skarra ferry line rose to 48 million euros in 2024, said Ana Brandt."
PASSAGES = (
    "The Skarra ferry line earned 48.2 million euros in 2024.\nRevenue had been 31 million before.",
    "“We beat the Halvern line,” said Ana Brandt. Revenue fell to 12&nbsp;million euros in 2024.",
    "We wrote that revenue was 48 million euros. That was wrong: it was 45 million.",
)


def remembering() -> list["_lru_cache_wrapper[object]"]:
    kept = [thing for thing in gc.get_objects() if isinstance(thing, _lru_cache_wrapper)]
    ours = ("tools.text", "tools.numbers", "tools.times", "agent.rate")
    return [each for each in kept if each.__module__.startswith(ours)]


def test_findings_are_the_same_when_nothing_is_remembered() -> None:
    def found() -> list[object]:
        return [findings(CLAIM, clean(passage).text, setting="Skarra") for passage in PASSAGES]

    first = found()
    assert found() == first
    for each in remembering():
        each.cache_clear()
    assert found() == first


def test_what_is_remembered_is_bounded() -> None:
    takes_texts = [each for each in remembering() if each.__wrapped__.__code__.co_argcount]
    assert takes_texts
    assert not [each.__qualname__ for each in takes_texts if each.cache_info().maxsize is None]


@pytest.mark.parametrize(
    ("read", "kept"),
    [
        (clean, cleaning._of_passage),
        (corrections.retracted, corrections._kept),
    ],
)
def test_long_texts_are_read_and_not_remembered(read, kept) -> None:  # type: ignore[no-untyped-def]
    long = "We wrote that it was 4 kilo\u00admetres. That was wrong.\n\n" * 2_500
    before = kept.cache_info().currsize
    assert read(long) == read(long)
    assert kept.cache_info().currsize == before
