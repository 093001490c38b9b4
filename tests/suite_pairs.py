"""What holds for every shipped suite of pairs, whatever it measures.

The tests of a suite call these and add what is its own.
"""

from __future__ import annotations

import json
import math
import re
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from rapidfuzz import fuzz, process

from agent.types import VERDICTS

SUITES = Path(__file__).parents[1] / "evals" / "suites"

Row = dict[str, Any]


def lines_of(suite: str) -> list[str]:
    """The lines of a suite's file, which has to end with one line feed."""
    text = (SUITES / suite / "pairs.jsonl").read_bytes().decode("utf-8")
    assert text.endswith("\n")
    return text.removesuffix("\n").split("\n")


def rows_of(suite: str) -> list[Row]:
    return [json.loads(line) for line in lines_of(suite)]


def families(rows: list[Row]) -> dict[str, list[int]]:
    """Pairs of each family by label, in the order of `VERDICTS`, and in all."""
    table = {row["meta"]["family"]: [0] * 4 for row in rows}
    for row in rows:
        counts = table[row["meta"]["family"]]
        counts[VERDICTS.index(row["label"])] += 1
        counts[3] += 1
    return table


def promised_families(suite: str) -> dict[str, list[int]]:
    """The same as the suite's README has it: rows of a table that begin with `family`."""
    readme = (SUITES / suite / "README.md").read_text("utf-8")
    rows = re.findall(r"^\| `(\w+)` \|.*?((?: \d+ \|){4})$", readme, re.MULTILINE)
    return {family: [int(cell) for cell in re.findall(r"\d+", cells)] for family, cells in rows}


def check_form(suite: str, meta: Sequence[str] = ("family", "gold")) -> None:
    """One JSON object a line, written in one way: keys in order, NFC, plain spaces."""
    lines = lines_of(suite)
    for number, line in enumerate(lines, start=1):
        row = json.loads(line)
        assert line == json.dumps(row, ensure_ascii=False)
        assert list(row) == ["id", "claim", "evidence", "label", "meta"]
        assert list(row["meta"]) == list(meta)
        assert row["id"] == f"{suite}-{number:03d}"
        assert row["label"] in VERDICTS
        assert row["evidence"]
        for text in (row["claim"], *row["evidence"]):
            assert text == unicodedata.normalize("NFC", " ".join(text.split(" "))).strip()
            assert not re.search(r"\s\s|[\t\r\n⟦⟧]", text)


def check_gold(row: Row) -> None:
    """The words that decide are whole words of a passage; there are none where none decides."""
    gold = row["meta"]["gold"]
    assert (gold is None) == (row["label"] == "unverifiable")
    if gold is None:
        return
    assert list(gold) == ["evidence", "start", "end"]
    passage, start, end = row["evidence"][gold["evidence"]], gold["start"], gold["end"]
    assert 0 <= start < end <= len(passage)
    words = passage[start:end]
    assert words == words.strip()
    assert not re.match(r"\w", words) or not re.search(r"\w$", passage[:start])
    assert not re.search(r"\w$", words) or not re.match(r"\w", passage[end:])


def check_distinct(rows: list[Row], alike: float) -> None:
    """No two claims, and no two bodies of evidence, are `alike` (0 to 100) or more."""
    for texts in ([r["claim"] for r in rows], [" ".join(r["evidence"]) for r in rows]):
        scores = process.cdist(texts, texts, scorer=fuzz.token_sort_ratio)
        for i, row in enumerate(scores):
            near = [texts[j] for j in range(i) if row[j] >= alike]
            assert not near, (texts[i], near)


def check_invented_addresses(rows: list[Row]) -> None:
    """Every host name and every address ends in the reserved `.example`."""
    for row in rows:
        for text in (row["claim"], *row["evidence"]):
            for host in re.findall(r"(?:https?://|www\.|@)([\w.-]+\w)", text):
                assert host.endswith(".example"), (row["id"], host)
            assert not re.search(r"\b\w+\.(?:com|org|net|info|co|eu|de|uk)\b", text), row["id"]


def guessed(rows: list[Row], shown: Callable[[Row], str]) -> float:
    """Share of labels that naive Bayes over words guesses right, each row left out in turn.

    What a judge could score from `shown` alone, without comparing claim and evidence.
    """
    bags = [set(re.findall(r"\w+", shown(row).lower())) for row in rows]
    counts: dict[str, Counter[str]] = defaultdict(Counter)
    totals = Counter(row["label"] for row in rows)
    for row, bag in zip(rows, bags, strict=True):
        counts[row["label"]].update(bag)
    right = 0
    for row, bag in zip(rows, bags, strict=True):
        scores = {}
        for label in VERDICTS:
            own = int(label == row["label"])
            pairs = totals[label] - own
            # Laplace's rule of succession for each word.
            scores[label] = math.log(pairs) + sum(
                math.log((counts[label][word] - own + 1) / (pairs + 2)) for word in bag
            )
        right += max(scores, key=lambda label: scores[label]) == row["label"]
    return right / len(rows)
