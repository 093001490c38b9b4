"""The suite `negatives` is whole, and its library covers what its claims are about.

These tests look at the data alone; what an agent makes of it is measured, not tested.
"""

from __future__ import annotations

import json
import re
import unicodedata
from collections import Counter
from itertools import groupby
from statistics import median

import pytest

from agent.types import VERDICTS
from tests.suite_pairs import (
    SUITES,
    check_distinct,
    check_gold,
    check_invented_addresses,
    families,
    promised_families,
)

FOLDER = SUITES / "negatives"
FIELDS = {
    "corpus.jsonl": ["id", "doc", "title", "text", "url"],
    "claims.jsonl": ["id", "claim", "label", "gold_ids", "meta"],
}


def lines(name: str) -> list[str]:
    """The lines of a file, which has to end with one line feed."""
    text = (FOLDER / name).read_bytes().decode("utf-8")
    assert text.endswith("\n")
    return text.removesuffix("\n").split("\n")


CORPUS = [json.loads(line) for line in lines("corpus.jsonl")]
CLAIMS = [json.loads(line) for line in lines("claims.jsonl")]
TEXT_OF = {row["id"]: row["text"] for row in CORPUS}
DOCUMENTS = {doc: list(rows) for doc, rows in groupby(CORPUS, key=lambda row: row["doc"])}


@pytest.mark.parametrize("name", FIELDS)
def test_every_line_is_written_in_the_one_form(name: str) -> None:
    for line in lines(name):
        row = json.loads(line)
        assert line == json.dumps(row, ensure_ascii=False)
        assert list(row) == FIELDS[name]
        for key in {"title", "text", "claim"} & set(row):
            assert row[key] == unicodedata.normalize("NFC", " ".join(row[key].split()))
            assert row[key]


def test_there_are_30_documents_of_150_to_300_words_in_two_to_four_rows() -> None:
    assert len(DOCUMENTS) == 30
    for doc, rows in DOCUMENTS.items():
        assert 150 <= sum(len(row["text"].split()) for row in rows) <= 300, doc
        assert 2 <= len(rows) <= 4, doc


def test_the_rows_of_a_document_follow_one_another_and_agree_on_where_it_is_from() -> None:
    assert sum(len(rows) for rows in DOCUMENTS.values()) == len(TEXT_OF) == len(CORPUS)
    for doc, rows in DOCUMENTS.items():
        assert [row["id"] for row in rows] == [f"{doc}-{n}" for n in range(1, len(rows) + 1)]
        assert len({(row["title"], row["url"]) for row in rows}) == 1
    addresses = [rows[0]["url"] for rows in DOCUMENTS.values()]
    assert len(set(addresses)) == len(addresses)


def test_every_address_is_invented() -> None:
    for row in CORPUS:
        assert re.match(r"https://[a-z-]+\.example/", row["url"]), row["id"]
    check_invented_addresses(
        [{"id": r["id"], "claim": "", "evidence": [r["text"]]} for r in CORPUS]
    )


def test_claims_are_numbered_and_80_of_100_are_open() -> None:
    assert [claim["id"] for claim in CLAIMS] == [f"negatives-{n:03d}" for n in range(1, 101)]
    expected = dict(zip(VERDICTS, (10, 10, 80), strict=True))
    assert Counter(claim["label"] for claim in CLAIMS) == expected


def test_the_readme_counts_the_families_as_they_are() -> None:
    assert promised_families("negatives") == families(CLAIMS)


def test_the_rows_and_words_that_decide_are_in_the_library() -> None:
    for claim in CLAIMS:
        assert list(claim["meta"]) == ["family", "about", "gold"]
        assert bool(claim["gold_ids"]) == (claim["label"] != "unverifiable")
        rows = DOCUMENTS[claim["meta"]["about"]]
        assert set(claim["gold_ids"]) <= {row["id"] for row in rows}
        check_gold(claim | {"evidence": [TEXT_OF[row] for row in claim["gold_ids"]]})


def test_the_library_names_what_the_claim_is_about() -> None:
    """Each name in a claim, and with it the topic, stands in the document it is about."""
    for claim in CLAIMS:
        rows = DOCUMENTS[claim["meta"]["about"]]
        document = " ".join((rows[0]["title"], *(row["text"] for row in rows)))
        names = [word for word in re.findall(r"[^\W\d_]+", claim["claim"])[1:] if word[0].isupper()]
        absent = [name for name in names if name not in document]
        # A claim may name a place of another document, which is what makes it wrong.
        wrong_place = (claim["label"], claim["meta"]["family"]) == ("conflicting", "place")
        assert len(absent) <= wrong_place, (claim["id"], absent)


def test_every_document_has_claims() -> None:
    assert {claim["meta"]["about"] for claim in CLAIMS} == set(DOCUMENTS)


def test_no_two_claims_and_no_two_documents_are_near_duplicates() -> None:
    claims = [claim["claim"] for claim in CLAIMS]
    documents = [" ".join(row["text"] for row in rows) for rows in DOCUMENTS.values()]
    for texts in (claims, documents):
        check_distinct([{"claim": text, "evidence": [text]} for text in texts], alike=75)


def test_every_family_has_open_claims_and_controls() -> None:
    """So that the style of a claim does not tell that its point is open."""
    for family, (supported, conflicting, unverifiable, _) in families(CLAIMS).items():
        assert unverifiable >= 6, family
        assert 1 <= supported + conflicting <= 2, family


def test_controls_are_as_long_as_open_claims() -> None:
    lengths = {
        is_open: median(
            len(claim["claim"]) for claim in CLAIMS if (claim["label"] == "unverifiable") == is_open
        )
        for is_open in (True, False)
    }
    assert 0.85 < lengths[True] / lengths[False] < 1.15
