"""A slice of what `evals.performance.linearity` tries, and that it would find what is slow."""

from __future__ import annotations

import re

import pytest

from evals.performance import linearity
from evals.performance.linearity import Reader, findings, readers, shapes

AROUND = (("The mill. You ", " claim"),)


def test_no_reader_takes_much_more_time_than_its_text_is_long() -> None:
    tried = list(readers())
    assert {"tools.text.sentences.sentence_spans", "agent.claims.clauses.clauses"} <= {
        reader.name for reader in tried
    }
    assert list(findings(tried, 2000, shapes(("\n", "*"), AROUND))) == []


def test_a_reader_that_starts_anew_from_each_place_is_found() -> None:
    slow = re.compile(r"\s*x|\s*y")
    (found, *_) = findings(
        [Reader("slow", lambda text: slow.search(text))], 4000, shapes((" ",), AROUND)
    )
    assert found.reader == "slow"
    assert found.growth > 7


def test_a_reader_without_an_end_is_ended_and_found(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(linearity, "_SECONDS", 0.05)
    slow = re.compile(r"(?:a|a)*b")
    (found, *_) = findings(
        [Reader("endless", lambda text: slow.match(text))], 100, shapes(("a",), (("", ""),))
    )
    assert found.seconds >= 0.05
