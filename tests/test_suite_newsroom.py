"""The suite `newsroom` is whole, its key points at its texts, and its verdicts follow from it.

These tests look at the data alone; what a check makes of it is measured by the suite itself.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from functools import cache
from itertools import combinations, pairwise
from pathlib import Path
from typing import Any, get_args

import pytest
from rapidfuzz import fuzz

from agent.types import STANCES, VERDICTS, ClaimKind, Document, ExclusionReason
from tools.library.kinship import kinship
from tools.library.origins import copied
from tools.library.profiles import profile
from tools.readers import read_file
from tools.text.spinning import is_spun

SUITE = Path(__file__).parents[1] / "evals" / "suites" / "newsroom"
GOLD: list[dict[str, Any]] = [
    json.loads(line) for line in (SUITE / "gold.jsonl").read_text("utf-8").splitlines()
]
COPIES: dict[str, str] = json.loads((SUITE / "copies.json").read_text("utf-8"))
SOURCES = sorted(path.name for path in (SUITE / "sources").iterdir())
CLAIMS: list[dict[str, Any]] = [claim for article in GOLD for claim in article["claims"]]

ARTICLE_KEYS = ["id", "article", "claims", "excluded", "meta"]
CLAIM_KEYS = [
    "id", "quote", "start", "end", "text", "verdict", "kind", "supports", "contradicts",
    "evidence", "family", "hard", "note",
]  # fmt: skip
FAMILIES = {
    "number", "arithmetic", "date", "name", "event", "quotation", "attribution", "forecast",
    "outdated", "copy", "spun", "dispute",
}  # fmt: skip

each_article = pytest.mark.parametrize("entry", GOLD, ids=lambda entry: str(entry["id"]))


@cache
def document(path: str) -> Document:
    """An article or source, named by its path within the suite, as a check reads it."""
    return read_file(SUITE / path)


def story(source: str) -> str:
    return source.partition("-")[0]


@cache
def is_copy(a: str, b: str) -> bool:
    return copied(kinship(profile(a), profile(b)))


def copied_pairs() -> set[tuple[str, str]]:
    """All pairs of sources, in order, that the project takes for copies."""
    texts = {name: document(f"sources/{name}").text for name in SOURCES}
    return {(a, b) for a, b in combinations(SOURCES, 2) if is_copy(texts[a], texts[b])}


def test_the_suite_has_the_size_that_it_promises() -> None:
    assert len(GOLD) == 20
    assert len(SOURCES) == 60
    assert Counter(Path(name).suffix for name in SOURCES) == {".md": 55, ".html": 3, ".txt": 2}
    assert Counter(entry["meta"]["story"] for entry in GOLD) == dict.fromkeys(
        map(story, SOURCES), 2
    )
    assert set(Counter(map(story, SOURCES)).values()) == {6}


def test_the_key_covers_the_articles_that_are_there() -> None:
    named = sorted(entry["article"] for entry in GOLD)
    assert named == sorted(f"articles/{path.name}" for path in (SUITE / "articles").iterdir())
    assert [entry["id"] for entry in GOLD] == [f"newsroom-{n:02d}" for n in range(1, 21)]


def test_verdicts_are_balanced_as_promised() -> None:
    share = {v: n / len(CLAIMS) for v, n in Counter(c["verdict"] for c in CLAIMS).items()}
    assert share == pytest.approx(
        {"supported": 0.40, "conflicting": 0.26, "unverifiable": 0.33}, abs=0.03
    )


def test_no_family_but_disputes_gives_the_verdict_away() -> None:
    verdicts = {name: {c["verdict"] for c in CLAIMS if c["family"] == name} for name in FAMILIES}
    assert {c["family"] for c in CLAIMS} == FAMILIES
    assert verdicts.pop("dispute") == {"conflicting"}
    assert all(found == set(VERDICTS) for found in verdicts.values())


@each_article
def test_every_field_is_there_in_its_order(entry: dict[str, Any]) -> None:
    assert list(entry) == ARTICLE_KEYS
    for number, claim in enumerate(entry["claims"], start=1):
        assert list(claim) == CLAIM_KEYS
        assert claim["id"] == f"{entry['id']}-c{number:02d}"
        assert claim["kind"] in get_args(ClaimKind)
        assert isinstance(claim["hard"], bool)
        for evidence in claim["evidence"]:
            assert list(evidence) == ["source", "quote", "start", "end", "stance"]
            assert evidence["stance"] in STANCES
    for excluded in entry["excluded"]:
        assert list(excluded) == ["quote", "start", "end", "reason"]
        assert excluded["reason"] in get_args(ExclusionReason)


@each_article
def test_claims_and_exclusions_share_out_the_whole_article(entry: dict[str, Any]) -> None:
    text = document(entry["article"]).text
    assert 8 <= len(entry["claims"]) <= 14
    assert 150 <= len(text.split()) <= 350
    spans = []
    for part in (entry["claims"], entry["excluded"]):
        assert all(text[piece["start"] : piece["end"]] == piece["quote"] for piece in part)
        assert part == sorted(part, key=lambda piece: piece["start"])
        spans += [(piece["start"], piece["end"]) for piece in part]
    edges = [0, *(edge for span in sorted(spans) for edge in span), len(text)]
    assert edges == sorted(edges)
    between = [text[edges[i] : edges[i + 1]] for i in range(0, len(edges), 2)]
    assert "".join(between).split() == []


@each_article
def test_every_article_shows_all_verdicts(entry: dict[str, Any]) -> None:
    counts = Counter(claim["verdict"] for claim in entry["claims"])
    assert min(counts[verdict] for verdict in VERDICTS) >= 2


@each_article
def test_claims_can_be_read_alone(entry: dict[str, Any]) -> None:
    dangling = re.compile(
        r"(?:He|She|It|They|This|That|These|Those|His|Her|Its|Their|There)\b", re.IGNORECASE
    )
    assert [c["text"] for c in entry["claims"] if dangling.match(c["text"])] == []


@each_article
def test_a_verdict_follows_from_the_evidence(entry: dict[str, Any]) -> None:
    for claim in entry["claims"]:
        supports, contradicts = claim["supports"], claim["contradicts"]
        decided = "supported" if supports else "unverifiable"
        assert claim["verdict"] == ("conflicting" if contradicts else decided), claim["id"]
        named = {
            stance: [e["source"] for e in claim["evidence"] if e["stance"] == stance]
            for stance in STANCES
        }
        assert (named["supports"], named["contradicts"]) == (supports, contradicts)
        sources = supports + contradicts + named["neutral"]
        assert len(sources) == len(set(sources)), claim["id"]
        for evidence in claim["evidence"]:
            text = document(f"sources/{evidence['source']}").text
            assert text[evidence["start"] : evidence["end"]] == evidence["quote"]


def test_claims_are_decided_by_sources_of_their_own_story() -> None:
    for entry in GOLD:
        sources = {e["source"] for claim in entry["claims"] for e in claim["evidence"]}
        assert {story(source) for source in sources} == {entry["meta"]["story"]}


def test_every_source_bears_on_some_claim() -> None:
    assert {e["source"] for claim in CLAIMS for e in claim["evidence"]} == set(SOURCES)


def test_no_claim_is_made_twice() -> None:
    assert len({claim["id"] for claim in CLAIMS}) == len(CLAIMS)
    twins = [
        (a["id"], b["id"])
        for a, b in combinations(CLAIMS, 2)
        if fuzz.ratio(a["text"], b["text"], score_cutoff=92)
    ]
    assert twins == []


def test_copies_are_told_from_independent_reports() -> None:
    def origin(name: str) -> str:
        return COPIES.get(name, name)

    assert len(COPIES) == 10
    expected = {(a, b) for a, b in combinations(SOURCES, 2) if origin(a) == origin(b)}
    assert copied_pairs() == expected


def test_three_copies_are_machine_spun_and_nothing_else_is() -> None:
    spun = {name for name in SOURCES if is_spun(document(f"sources/{name}").text)}
    assert len(spun) == 3
    assert spun <= set(COPIES)
    assert not any(is_spun(document(entry["article"]).text) for entry in GOLD)


def test_no_article_copies_a_source() -> None:
    for entry in GOLD:
        article = document(entry["article"]).text
        own = [name for name in SOURCES if story(name) == entry["meta"]["story"]]
        assert not any(is_copy(article, document(f"sources/{name}").text) for name in own)


def test_texts_say_where_and_when_they_appeared() -> None:
    outlets: dict[str, set[str]] = {}
    for path in [f"sources/{name}" for name in SOURCES] + [e["article"] for e in GOLD]:
        text = document(path)
        assert text.title, path
        assert text.language == "en" or is_spun(text.text), path
        if path.startswith("sources/"):
            assert 80 <= len(text.text.split()) <= 250, path
        if not path.endswith(".txt"):
            assert text.author, path
            assert re.fullmatch(r"\d{4}-\d\d-\d\d", text.published_at or ""), path
            outlets.setdefault(str(text.url).split("/")[2], set()).add(str(text.publisher))
    assert all(len(publishers) == 1 for publishers in outlets.values())


def test_every_address_is_an_example() -> None:
    domain = re.compile(r"https?://([^/\s\"]+)|@([\w.-]+\.[a-z]{2,})|\bwww\.([\w.-]+)")
    for path in sorted(SUITE.rglob("*")):
        if path.is_file():
            for match in domain.finditer(path.read_text("utf-8")):
                host = next(filter(None, match.groups()))
                assert host.rstrip(".").endswith(".example"), (path.name, host)


def test_files_are_plain_utf8_with_line_feeds() -> None:
    for path in sorted(SUITE.rglob("*")):
        if path.is_file():
            data = path.read_bytes()
            assert b"\r" not in data
            assert data.decode("utf-8").endswith("\n")
            assert not data.endswith(b"\n\n")


def test_the_readme_counts_what_is_there() -> None:
    readme = (SUITE / "README.md").read_text("utf-8")
    rows = re.findall(r"^\| `(\w+)` \|.*\| (\d+) \| (\d+) \| (\d+) \| (\d+) \|$", readme, re.M)
    table = {name: tuple(map(int, counts)) for name, *counts in rows}
    assert set(table) == FAMILIES
    for name, (*by_verdict, total) in table.items():
        counts = Counter(c["verdict"] for c in CLAIMS if c["family"] == name)
        assert tuple(by_verdict) == tuple(counts[verdict] for verdict in VERDICTS), name
        assert total == counts.total(), name
    assert f"{len(CLAIMS)} claims" in readme


def test_articles_open_and_end_with_any_verdict() -> None:
    for position in (0, -1):
        assert {entry["claims"][position]["verdict"] for entry in GOLD} == set(VERDICTS)


def test_verdicts_do_not_run_in_long_stretches() -> None:
    for entry in GOLD:
        verdicts = [claim["verdict"] for claim in entry["claims"]]
        longest = run = 1
        for before, after in pairwise(verdicts):
            run = run + 1 if before == after else 1
            longest = max(longest, run)
        assert longest <= 3, entry["id"]
